/* SPDX-License-Identifier: MIT */
/* A running store on a loop, the configuration, and an adapter that answers as it is told: what tests of the kernel's parts share. */
#ifndef CDSBOT_TESTS_BOT_KERNEL_H
#define CDSBOT_TESTS_BOT_KERNEL_H

#include <uv.h>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "base/macros.h"
#include "bot/core_sections.h"
#include "bot/courier.h"
#include "bot/turns.h"
#include "store/audit.h"
#include "store/inbox.h"
#include "store/register.h"
#include "store/store.h"
#include "tests/unit/store/fixture.h"

struct kernel {
	char *dir, *path;
	uv_loop_t loop;
	uv_timer_t watchdog;
	struct store *store;
	struct config *config;
	struct registry *registry;
	struct turns *turns;	 /* set by tests that have them: they hear of disk trouble */
	struct courier *courier; /* likewise */
	unsigned n_trouble, n_well;
	bool is_closed; /* by kernel_on_closed */
};

static inline void kernel_on_health(void *arg, const char *reason)
{
	struct kernel *k = arg;

	*(reason ? &k->n_trouble : &k->n_well) += 1;
	if (k->turns)
		turns_hold(k->turns, reason != NULL);
	if (k->courier)
		courier_hold(k->courier, reason != NULL);
}

static inline void kernel_on_late(uv_timer_t *timer)
{
	g_error("the test waits for something that does not come");
}

/* A connection of its own, as another process would have it, in a transaction. */
static inline struct db *kernel_begin(const struct kernel *k)
{
	g_autoptr(GError) error = NULL;
	struct db *db = db_open(k->path, DB_WRITE, &error);

	g_assert_no_error(error);
	g_assert_true(db_begin(db, &error));
	return db;
}

static inline void kernel_commit(struct db *db)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(db_commit(db, &error));
	g_assert_no_error(error);
	db_close(db);
}

static inline void kernel_exec(const struct kernel *k, const char *literal)
{
	g_autoptr(GError) error = NULL;
	struct db *db = kernel_begin(k);

	g_assert_true(db_run(db_prepare(db, literal), &error));
	g_assert_no_error(error);
	kernel_commit(db);
}

static inline struct db *kernel_db(const struct kernel *k)
{
	g_autoptr(GError) error = NULL;
	struct db *db = db_open(k->path, DB_READ, &error);

	g_assert_no_error(error);
	return db;
}

static inline int64_t kernel_int64(const struct kernel *k, const char *literal)
{
	g_autoptr(db_t) db = kernel_db(k);

	return fixture_int64(db, literal);
}

static inline char *kernel_text(const struct kernel *k, const char *literal)
{
	g_autoptr(db_t) db = kernel_db(k);
	char *text = NULL;

	g_assert_true(db_run_text(db_prepare(db, literal), &text, NULL));
	return text;
}

static inline void kernel_set(struct kernel *k, const char *section, const char *key, const char *value)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(config_set(k->config, section, key, value, &error));
	g_assert_no_error(error);
}

static inline void kernel_init(struct kernel *k)
{
	const struct store_events ev = { .arg = k, .on_health = kernel_on_health };
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = NULL;
	const struct config_section *sections = NULL;
	size_t n;

	memset(k, 0, sizeof(*k));
	k->dir = g_dir_make_tmp("cdsbot-kernel-XXXXXX", NULL);
	k->path = g_build_filename(k->dir, "cdsbot.db", NULL);
	uv_loop_init(&k->loop);
	uv_timer_init(&k->loop, &k->watchdog);
	uv_timer_start(&k->watchdog, kernel_on_late, 60000, 0);
	sections = core_sections(&n);
	k->config = config_load(NULL, sections, n, &problems);
	kernel_set(k, "bot", "quiet_hours", "no");
	const struct store_options o = { .path = k->path, .readers = 2, .queue_jobs = 4096, .queue_bytes = 1 << 20, .holder = "test" };

	k->store = store_open(&k->loop, &o, &ev, &error);
	g_assert_no_error(error);
	db = kernel_db(k);
	k->registry = store_register_load(db, &error);
	g_assert_no_error(error);
}

static inline void kernel_on_closed(void *arg)
{
	((struct kernel *)arg)->is_closed = true;
}

#define KERNEL_WAIT(k, condition)                                                                                                  \
	while (!(condition))                                                                                                       \
	uv_run(&(k)->loop, UV_RUN_ONCE)

/* Everything that was begun, but no timer that is far away. */
static inline void kernel_settle(struct kernel *k)
{
	struct store_stats st;

	do {
		g_usleep(2000);
		uv_run(&k->loop, UV_RUN_NOWAIT);
		store_get_stats(k->store, &st);
	} while (st.waiting_jobs);
	for (int i = 0; i < 20; i++) {
		g_usleep(1000);
		uv_run(&k->loop, UV_RUN_NOWAIT);
	}
}

static inline void kernel_hurry_one(uv_handle_t *h, void *watchdog)
{
	uv_timer_t *timer = (uv_timer_t *)h;

	if (h->type == UV_TIMER && h != watchdog && uv_is_active(h) && !uv_is_closing(h))
		uv_timer_start(timer, timer->timer_cb, 0, uv_timer_get_repeat(timer));
}

/* All timers of the loop run out at once. */
static inline void kernel_hurry(struct kernel *k)
{
	uv_walk(&k->loop, kernel_hurry_one, &k->watchdog);
}

static inline void kernel_release(struct kernel *k)
{
	k->is_closed = false;
	store_close(k->store, kernel_on_closed, k);
	KERNEL_WAIT(k, k->is_closed);
	uv_close((uv_handle_t *)&k->watchdog, NULL);
	uv_run(&k->loop, UV_RUN_DEFAULT);
	g_assert_cmpint(uv_loop_close(&k->loop), ==, 0);
	fixture_remove_dir(k->dir);
	config_unref(k->config);
	registry_unref(k->registry);
	g_free(k->dir);
	g_free(k->path);
}

/* --- messages --- */

/* A private message on the console, or one in a group if chat is given. */
static inline struct update *kernel_message(const char *who, const char *chat_or_null, const char *text)
{
	static unsigned n;
	struct update *u = update_new(UPDATE_MESSAGE);

	u->adapter = g_strdup("console");
	u->bot_id = g_strdup("bot");
	u->key = g_strdup_printf("k%u", ++n);
	u->message_id = g_strdup_printf("m%u", n);
	u->user_id = g_strdup(who);
	u->user_name = g_strdup(who);
	u->chat_id = g_strdup(chat_or_null ? chat_or_null : who);
	u->chat_kind = chat_or_null ? CHAT_GROUP : CHAT_PRIVATE;
	u->text = g_strdup(text);
	u->sent_ms = clock_wall_ms();
	return u;
}

/* Its row, as the inbox has it; the update stays the caller's. */
static inline int64_t kernel_row(const struct kernel *k, const struct update *u)
{
	struct db *db = kernel_begin(k);
	g_autoptr(GError) error = NULL;
	int64_t id = 0;

	g_assert_cmpint(store_inbox_add(db, u, clock_wall_ms(), &id, &error), ==, STORE_OK);
	g_assert_no_error(error);
	kernel_commit(db);
	return id;
}

/* --- the adapter --- */

/* What becomes of the sends of one text, in order; after the last: ok. hold: no answer before the adapter closes (then uncertain). */
struct script {
	const char *text;
	struct send_result results[4];
	unsigned n, n_sent;
	bool hold;
};

struct fake_send {
	uv_timer_t timer;
	struct fake *fake;
	struct send_result result;
	char *remote_id;
	adapter_send_done_fn *done;
	void *arg;
};

struct fake {
	struct kernel *k;
	struct adapter_pace pace;
	struct script *scripts;
	unsigned n_scripts;
	GString *sent; /* "text@chat" in the order of sending, separated by spaces */
	GPtrArray *held; /* struct fake_send */
	unsigned n_sent;
	int64_t last_mono_ms;
	uv_timer_t closing;
	struct adapter *adapter;
	void (*gone)(struct adapter *a);
	bool is_closed;
};
static struct fake *fake_current; /* adapter_open has no argument for it */

static inline bool fake_open(struct adapter *a, GError **error)
{
	a->state = fake_current;
	a->pace = fake_current->pace;
	return true;
}

static inline void fake_on_send_closed(uv_handle_t *h)
{
	struct fake_send *s = h->data;

	s->done(s->arg, &s->result);
	g_free(s->remote_id);
	g_free(s);
}

static inline void fake_on_answer(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, fake_on_send_closed);
}

static inline void fake_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg)
{
	struct fake *f = a->state;
	struct fake_send *s = g_new0(struct fake_send, 1);
	bool hold = false;

	s->fake = f;
	s->done = done;
	s->arg = arg;
	s->remote_id = g_strdup_printf("r%u", ++f->n_sent);
	s->result = (struct send_result){ .status = SEND_OK, .retry_ms = -1, .remote_id = s->remote_id };
	for (unsigned i = 0; i < f->n_scripts; i++) {
		struct script *t = &f->scripts[i];

		if (strcmp(t->text, m->text))
			continue;
		hold = t->hold;
		if (t->n_sent < t->n)
			s->result = t->results[t->n_sent];
		t->n_sent++;
	}
	g_string_append_printf(f->sent, "%s%s@%s", f->sent->len ? " " : "", m->text, m->chat_id);
	f->last_mono_ms = clock_mono_ms();
	uv_timer_init(&f->k->loop, &s->timer);
	s->timer.data = s;
	if (hold)
		g_ptr_array_add(f->held, s);
	else
		uv_timer_start(&s->timer, fake_on_answer, 0, 0);
}

static inline void fake_on_gone(uv_handle_t *h)
{
	struct fake *f = h->data;

	f->gone(f->adapter);
}

static inline void fake_close(struct adapter *a, void (*closed)(struct adapter *a))
{
	struct fake *f = a->state;

	f->gone = closed;
	for (guint i = 0; i < f->held->len; i++) {
		struct fake_send *s = f->held->pdata[i];

		s->result = (struct send_result){ .status = SEND_UNCERTAIN, .retry_ms = -1, .reason = "closed" };
		uv_timer_start(&s->timer, fake_on_answer, 0, 0);
	}
	g_ptr_array_set_size(f->held, 0);
	uv_timer_init(&f->k->loop, &f->closing);
	f->closing.data = f;
	uv_close((uv_handle_t *)&f->closing, fake_on_gone);
}

static const struct adapter_ops fake_ops = {
	.name = "fake",
	.caps = { .groups = true, .direct = true, .files = true, .text_limit = 100, .text_unit = TEXT_CODE_POINTS },
	.open = fake_open,
	.close = fake_close,
	.send = fake_send,
};

/* Set pace and scripts before. */
static inline void fake_start(struct fake *f, struct kernel *k)
{
	const struct adapter_env env = { .loop = &k->loop, .config = k->config };
	g_autoptr(GError) error = NULL;

	f->k = k;
	f->sent = g_string_new(NULL);
	f->held = g_ptr_array_new();
	if (!f->pace.concurrent)
		f->pace.concurrent = 4;
	if (!f->pace.burst)
		f->pace.burst = f->pace.chat_burst = f->pace.group_burst = 1;
	fake_current = f;
	f->adapter = adapter_open(&fake_ops, &env, &error);
	g_assert_no_error(error);
}

static inline void fake_on_closed(void *arg)
{
	((struct fake *)arg)->is_closed = true;
}

static inline void fake_release(struct fake *f)
{
	g_string_free(f->sent, TRUE);
	g_ptr_array_unref(f->held);
}

#endif
