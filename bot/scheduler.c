/* SPDX-License-Identifier: MIT */
/* One timer, one job at a time of each kind. Due times are rows; nothing is remembered here but the clock of the last look and notices
 * that the disk refused. What expires is retention.c. */
#include "scheduler.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "commands/receipt.h"
#include "outbox.h"
#include "retention.h"
#include "store/announcement.h"
#include "store/delivery.h"

/* A wall clock that moves this much between two looks was set by somebody (design §5). */
#define CLOCK_JUMP_MS (60 * 1000)

enum errand_kind { ERRAND_REPORT, ERRAND_EXPIRE, ERRAND_TELL, ERRAND_CLOCK };
#define ERRAND_KINDS 4

struct scheduler {
	struct store *store;
	struct scheduler_events ev;
	uv_timer_t timer;
	unsigned under_way[ERRAND_KINDS];
	GQueue refused; /* struct errand: notices and moves of the clock that the disk refused; they go again */
	int64_t last_wall, last_mono, expire_at; /* expire_at: mono */
	void (*closed)(void *);
	void *closed_arg;
};

/* One job with its snapshots. */
struct errand {
	struct scheduler *s;
	enum errand_kind kind;
	struct registry *registry;
	struct config *config;
	char *text;	    /* ERRAND_TELL */
	char *not_adapter;  /* ERRAND_TELL: rather or only on another; NULL: anywhere */
	char *period;	    /* ERRAND_TELL: of the budget of not_adapter, once for each word; NULL: no budget */
	enum budget_word word;
	int64_t old_now_ms; /* ERRAND_CLOCK: what the clock would have shown */
	unsigned written;
	bool is_more; /* ERRAND_EXPIRE: there is more to do */
};

static void finish_close(struct scheduler *s);

static struct errand *errand_new(struct scheduler *s, enum errand_kind kind)
{
	struct errand *e = g_new0(struct errand, 1);

	e->s = s;
	e->kind = kind;
	e->registry = registry_ref(s->ev.registry(s->ev.arg));
	e->config = config_ref(s->ev.config(s->ev.arg));
	return e;
}

static void errand_free(struct errand *e)
{
	registry_unref(e->registry);
	config_unref(e->config);
	g_free(e->text);
	g_free(e->not_adapter);
	g_free(e->period);
	g_free(e);
}

static bool report_due(struct db *db, struct errand *e, struct turn_out *out, int64_t now, GError **error)
{
	g_autoptr(GPtrArray) due = store_announcement_due(db, now, error);

	for (guint i = 0; due && i < due->len; i++) {
		const struct announcement *a = due->pdata[i];
		g_autofree char *text = receipt_report(db, e->registry, out->address, a, error);
		g_autoptr(chat_t) chat = NULL;

		if (!text || !store_announcement_reported(db, a->id, error))
			return false;
		if (a->author_id && store_member_private_chat(db, a->author_id, &chat, error) == STORE_BROKEN)
			return false;
		if (chat)
			turn_out_tell(out, a->author_id, text);
		else /* nobody, or nobody who can be reached: the report must not be lost */
			turn_out_tell_moderators(out, text);
	}
	return due != NULL;
}

static bool tell(struct db *db, struct errand *e, struct turn_out *out, GError **error)
{
	switch (e->period ? store_budget_say(db, e->not_adapter, e->period, e->word, error) : STORE_OK) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		if (e->not_adapter)
			turn_out_tell_elsewhere(out, e->text, e->not_adapter, e->period != NULL);
		else
			turn_out_tell_moderators(out, e->text);
		return true;
	case STORE_DUPLICATE: /* said before the restart */
	case STORE_NOT_FOUND:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	}
	return true;
}

static bool run(struct db *db, struct errand *e, struct turn_out *out, int64_t now, GError **error)
{
	switch (e->kind) {
	case ERRAND_REPORT:
		return report_due(db, e, out, now, error);
	case ERRAND_EXPIRE:
		return retention_run(db, e->config, out, SCHEDULER_EXPIRE_ROWS, now, &e->is_more, error);
	case ERRAND_TELL:
		return tell(db, e, out, error);
	case ERRAND_CLOCK:
		return store_delivery_clock_moved(db, e->old_now_ms, now, error);
	}
	return true;
}

static bool errand_job(struct db *db, void *arg, GError **error)
{
	struct errand *e = arg;
	struct turn_out out;
	int64_t now = clock_wall_ms();
	bool ok;

	e->written = 0;
	turn_out_init(&out, e->config);
	ok = run(db, e, &out, now, error) && outbox_write(db, &out, NULL, now, &e->written, error);
	turn_out_release(&out);
	return ok;
}

static void errand_done(void *arg, enum job_end end, const GError *error)
{
	struct errand *e = arg;
	struct scheduler *s = e->s;
	bool is_kept = end == JOB_DISK && !s->closed && (e->kind == ERRAND_TELL || e->kind == ERRAND_CLOCK);

	s->under_way[e->kind]--;
	if (end == JOB_FAILED)
		log_error("scheduler", "due work broke: %s", error->message);
	if (end == JOB_COMMITTED && (e->written || e->kind == ERRAND_CLOCK))
		s->ev.on_rows(s->ev.arg);
	if (e->kind == ERRAND_EXPIRE)
		s->expire_at = clock_mono_ms() + (end == JOB_COMMITTED && e->is_more ? 0 : SCHEDULER_EXPIRE_MS);
	if (is_kept)
		g_queue_push_tail(&s->refused, e);
	else
		errand_free(e);
	finish_close(s);
}

static void submit(struct scheduler *s, struct errand *e)
{
	s->under_way[e->kind]++;
	store_submit_accepted(s->store, 512, errand_job, errand_done, e);
}

static struct errand *tell_new(struct scheduler *s, const char *text, const char *not_adapter)
{
	struct errand *e = errand_new(s, ERRAND_TELL);

	e->text = g_strdup(text);
	e->not_adapter = g_strdup(not_adapter);
	return e;
}

void scheduler_tell_moderators(struct scheduler *s, const char *text)
{
	if (!s->closed)
		submit(s, tell_new(s, text, NULL));
}

void scheduler_tell_elsewhere(struct scheduler *s, const char *text, const char *not_adapter)
{
	if (!s->closed)
		submit(s, tell_new(s, text, not_adapter));
}

void scheduler_tell_budget(struct scheduler *s, const char *text, const char *adapter, const char *period, enum budget_word word)
{
	struct errand *e;

	if (s->closed)
		return;
	e = tell_new(s, text, adapter);
	e->period = g_strdup(period);
	e->word = word;
	submit(s, e);
}

void scheduler_look(struct scheduler *s)
{
	struct errand *e;

	if (s->closed || !store_is_healthy(s->store))
		return;
	while ((e = g_queue_pop_head(&s->refused)))
		submit(s, e);
	if (!s->under_way[ERRAND_REPORT])
		submit(s, errand_new(s, ERRAND_REPORT));
	if (!s->under_way[ERRAND_EXPIRE] && clock_mono_ms() >= s->expire_at)
		submit(s, errand_new(s, ERRAND_EXPIRE));
}

static void clock_moved(struct scheduler *s, int64_t old_now_ms)
{
	struct errand *e = errand_new(s, ERRAND_CLOCK);

	e->old_now_ms = old_now_ms;
	submit(s, e);
}

static void on_tick(uv_timer_t *timer)
{
	struct scheduler *s = timer->data;
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	int64_t jump = (wall - s->last_wall) - (mono - s->last_mono);

	if (s->closed)
		return;
	if (ABS(jump) > CLOCK_JUMP_MS) {
		log_warn("scheduler", "the wall clock jumped by %" G_GINT64_FORMAT " s; due times are looked at again", jump / 1000);
		clock_moved(s, wall - jump);
	}
	s->last_wall = wall;
	s->last_mono = mono;
	scheduler_look(s);
}

struct scheduler *scheduler_new(uv_loop_t *loop, struct store *store, const struct scheduler_events *ev)
{
	struct scheduler *s = g_new0(struct scheduler, 1);

	s->store = store;
	s->ev = *ev;
	s->last_wall = clock_wall_ms();
	s->last_mono = clock_mono_ms();
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	uv_timer_start(&s->timer, on_tick, SCHEDULER_TICK_MS, SCHEDULER_TICK_MS);
	return s;
}

static void timer_closed(uv_handle_t *h)
{
	struct scheduler *s = h->data;
	void (*closed)(void *) = s->closed;
	void *arg = s->closed_arg;
	struct errand *e;

	while ((e = g_queue_pop_head(&s->refused)))
		errand_free(e);
	g_free(s);
	closed(arg);
}

static void finish_close(struct scheduler *s)
{
	unsigned n = 0;

	for (unsigned k = 0; k < ERRAND_KINDS; k++)
		n += s->under_way[k];
	if (s->closed && !n && !uv_is_closing((uv_handle_t *)&s->timer))
		uv_close((uv_handle_t *)&s->timer, timer_closed);
}

void scheduler_close(struct scheduler *s, void (*closed)(void *arg), void *arg)
{
	s->closed = closed;
	s->closed_arg = arg;
	finish_close(s);
}
