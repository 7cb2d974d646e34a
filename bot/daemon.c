/* SPDX-License-Identifier: MIT */
/* Opens everything in order (store, recovery, adapters), passes word between the parts, and closes everything in reverse: intake ends,
 * turns and sends drain, the database closes last. */
#include "daemon_private.h"

#include <signal.h>
#include <string.h>

#include "adapters/table.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "core_sections.h"
#include "store/audit.h"
#include "store/register.h"

/* SIGTERM: how long what is under way may take before the adapters are closed on it (systemd gives 90 s). */
#define DRAIN_MS (8 * 1000)
#define DRAIN_LOOK_MS 20

static void drain_step(struct daemon *d);
static void settle_local(struct daemon *d);

/* --- Snapshots. --- */

static struct registry *get_registry(void *arg)
{
	return ((struct daemon *)arg)->registry;
}

static struct config *get_config(void *arg)
{
	return ((struct daemon *)arg)->config;
}

struct register_read {
	struct daemon *d;
	struct registry *fresh;
};

static bool register_job(struct db *db, void *arg, GError **error)
{
	struct register_read *q = arg;

	registry_unref(q->fresh);
	q->fresh = store_register_load(db, error);
	return q->fresh != NULL;
}

static void register_done(void *arg, enum job_end end, const GError *error)
{
	struct register_read *q = arg;
	struct daemon *d = q->d;

	d->is_reloading_register = false;
	if (end == JOB_COMMITTED) {
		registry_unref(d->registry);
		d->registry = q->fresh;
	} else {
		log_warn("daemon", "units and fields could not be read again: %s, keeping the old ones", error ? error->message : "");
		registry_unref(q->fresh);
	}
	g_free(q);
}

static void reload_register(struct daemon *d)
{
	struct register_read *q;

	if (d->is_reloading_register || d->phase != DAEMON_RUNS)
		return;
	d->is_reloading_register = true;
	q = g_new0(struct register_read, 1);
	q->d = d;
	store_read(d->store, register_job, register_done, q);
}

/* --- Word from the store. --- */

static void on_health(void *arg, const char *reason_or_null)
{
	struct daemon *d = arg;

	g_free(d->disk_trouble);
	d->disk_trouble = g_strdup(reason_or_null);
	if (reason_or_null)
		log_error("daemon", "the disk refuses to store: %s; acknowledgements and turns stop until a write succeeds", reason_or_null);
	else
		log_info("daemon", "the disk stores again");
	if (d->ingress)
		ingress_set_closed(d->ingress, reason_or_null || d->phase != DAEMON_RUNS);
	if (d->turns)
		turns_hold(d->turns, reason_or_null != NULL);
	if (d->courier)
		courier_hold(d->courier, reason_or_null != NULL);
}

static void on_foreign_change(void *arg)
{
	struct daemon *d = arg;

	if (!d->is_recovered || d->phase != DAEMON_RUNS)
		return;
	reload_register(d);
	turns_rescan(d->turns);
	broadcast_kick(d->broadcast);
	courier_kick(d->courier);
	scheduler_look(d->scheduler);
}

static void on_room(void *arg)
{
	/* Polling adapters try again by themselves within a second; webhooks are called again by the platform. */
}

/* --- Word from the turns. --- */

static const struct adapter *adapter_named(const struct daemon *d, const char *name)
{
	for (guint i = 0; i < d->adapters->len; i++) {
		const struct adapter *a = d->adapters->pdata[i];

		if (!strcmp(a->ops->name, name))
			return a;
	}
	return NULL;
}

static void on_row(void *arg, int64_t inbox_id, struct update *u)
{
	struct daemon *d = arg;
	const struct adapter *a = adapter_named(d, u->adapter);

	if (!d->turns) {
		update_free(u); /* stored while the program closes: found unhandled at the next start */
		return;
	}
	turns_add(d->turns, inbox_id, u, a && a->ops->caps.is_local);
	if (turns_is_full(d->turns))
		ingress_set_closed(d->ingress, true);
}

static void on_turn_done(void *arg, const struct turn *t)
{
	struct daemon *d = arg;

	/* A turn that ended after its time to drain: the parts it would wake are closing already. */
	if (d->phase == DAEMON_CLOSES)
		return;
	if (t->out.files_item_id && t->u)
		window_expect(d->window, t->u, true, false, clock_mono_ms());
	if (t->out.files_item_id && t->u && t->u->attachments->len)
		window_forget(d->window, t->u);
	if (t->out.register_changed)
		reload_register(d);
	if (t->out.has_fanout)
		broadcast_kick(d->broadcast);
	if (t->n_deliveries)
		courier_kick(d->courier);
	if (!turns_is_full(d->turns) && !d->disk_trouble && d->phase == DAEMON_RUNS)
		ingress_set_closed(d->ingress, false);
}

static void on_aside(void *arg, int64_t inbox_id, const char *reason)
{
	struct daemon *d = arg;
	g_autofree char *text = wording_format(config_str(d->config, "bot", "address_form"), MSG_TURN_SET_ASIDE, "n", "1", NULL);

	if (d->scheduler)
		scheduler_tell_moderators(d->scheduler, text);
}

static void on_turns_idle(void *arg)
{
	settle_local(arg);
}

/* --- Word from the courier and the broadcasts. --- */

static void on_courier_idle(void *arg, struct adapter *a)
{
	settle_local(arg);
}

static void on_asked(void *arg, int64_t delivery_id, const char *chat)
{
	struct daemon *d = arg;
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, delivery_id);
	g_autofree char *text = wording_format(config_str(d->config, "bot", "address_form"), MSG_DELIVERY_ASKED, "id", id, "chat", chat, NULL);

	if (d->scheduler)
		scheduler_tell_moderators(d->scheduler, text);
}

static void on_rows(void *arg)
{
	struct daemon *d = arg;

	if (d->courier)
		courier_kick(d->courier);
}

static void on_broadcast_idle(void *arg)
{
	settle_local(arg);
}

/* --- Word from the adapters. --- */

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	ingress_take(((struct daemon *)arg)->ingress, batch);
	settle_local(arg);
}

struct save {
	char *scope, *key, *value;
	void (*done)(void *, bool);
	void *done_arg;
};

static bool save_job(struct db *db, void *arg, GError **error)
{
	const struct save *s = arg;

	return store_setting_set(db, s->scope, s->key, s->value, error);
}

static void save_done(void *arg, enum job_end end, const GError *error)
{
	struct save *s = arg;

	if (end != JOB_COMMITTED)
		log_warn(s->scope, "state `%s` could not be stored: %s", s->key, error ? error->message : "disk trouble");
	if (s->done)
		s->done(s->done_arg, end == JOB_COMMITTED);
	g_free(s->scope);
	g_free(s->key);
	g_free(s->value);
	g_free(s);
}

static void on_save(void *arg, struct adapter *a, const char *key, const char *value, void (*done)(void *, bool), void *done_arg)
{
	struct daemon *d = arg;
	struct save *s = g_new0(struct save, 1);

	s->scope = g_strdup(a->ops->name);
	s->key = g_strdup(key);
	s->value = g_strdup(value);
	s->done = done;
	s->done_arg = done_arg;
	store_submit_accepted(d->store, 256 + (value ? strlen(value) : 0), save_job, save_done, s);
}

static void on_alarm(void *arg, struct adapter *a, const char *text_or_null)
{
	if (text_or_null)
		log_error(a->ops->name, "%s", text_or_null);
	else
		log_info(a->ops->name, "well again");
}

static void on_end(void *arg, struct adapter *a)
{
	struct daemon *d = arg;

	d->console_ended = true;
	settle_local(d);
}

/* A local adapter (the console) reads on when everything its last line caused has been handled and delivered; at the end of its input
 * the program ends with it. */
static void settle_local(struct daemon *d)
{
	if (d->phase != DAEMON_RUNS || !d->is_recovered || !ingress_is_idle(d->ingress) || !turns_is_idle(d->turns) ||
	    !broadcast_is_idle(d->broadcast))
		return;
	for (guint i = 0; i < d->adapters->len; i++) {
		struct adapter *a = d->adapters->pdata[i];

		if (!a->ops->caps.is_local || !courier_is_idle(d->courier, a))
			continue;
		if (!d->console_ended)
			adapter_settled(a);
		else if (d->options->ends_with_console) {
			d->phase = DAEMON_DRAINS;
			d->drain_until = clock_mono_ms() + DRAIN_MS;
			drain_step(d);
			return;
		}
	}
}

/* --- Signals. --- */

static void begin_drain(struct daemon *d, const char *why)
{
	if (d->phase != DAEMON_RUNS) {
		d->drain_until = 0; /* asked twice: do not wait */
		return;
	}
	log_info("daemon", "%s: draining", why);
	d->phase = DAEMON_DRAINS;
	d->drain_until = clock_mono_ms() + DRAIN_MS;
	drain_step(d);
}

static void on_stop_signal(uv_signal_t *h, int number)
{
	begin_drain(h->data, number == SIGTERM ? "SIGTERM" : "SIGINT");
}

static void on_hup_signal(uv_signal_t *h, int number)
{
	struct daemon *d = h->data;
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GPtrArray) restart = NULL;
	const struct config_section *sections = NULL;
	struct config *fresh;
	enum log_level level;
	size_t n;

	if (!d->options->config_file || d->phase != DAEMON_RUNS)
		return;
	sections = core_sections(&n);
	fresh = config_load(d->options->config_file, sections, n, &problems);
	if (!fresh) {
		core_sections_log(problems);
		log_error("daemon", "reload refused: the configuration has errors, keeping the old one");
		return;
	}
	restart = config_restart_needed(d->config, fresh);
	for (guint i = 0; i < restart->len; i++)
		log_warn("daemon", "%s changed: takes effect at the next start", (const char *)restart->pdata[i]);
	config_unref(d->config);
	d->config = fresh;
	if (log_level_parse(config_str(fresh, "bot", "log_level"), &level))
		log_set_level(level);
	courier_set_config(d->courier, fresh);
	turns_set_rate(d->turns, (unsigned)config_int(fresh, "bot", "commands_per_minute"));
	window_set_span(d->window, config_int(fresh, "bot", "window"));
	reload_register(d);
	log_info("daemon", "configuration reloaded");
}

/* --- Opening. --- */

static GPtrArray *menu_make(void)
{
	GPtrArray *menu = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];
		struct menu_entry *e;

		if (!(c->flags & CMD_MENU))
			continue;
		e = g_new0(struct menu_entry, 1);
		e->name = c->name;
		e->description = wording_raw(c->summary);
		g_ptr_array_add(menu, e);
	}
	return menu;
}

static bool open_servers(struct daemon *d, GError **error)
{
	const char *listen_at = config_str(d->config, "http", "listen");
	const char *status_at = config_str(d->config, "http", "status_listen");

	if (!(d->http = http_client_new(&d->loop, error)))
		return false;
	if (listen_at && !(d->server = http_server_new(&d->loop, listen_at, error)))
		return false;
	/* `chat` is for trying things: it listens nowhere. */
	if (d->options->ends_with_console || !status_at || !strcmp(status_at, "off"))
		return true;
	d->status = http_server_new(&d->loop, status_at, error);
	return d->status && status_open(d, error);
}

/* What was stored under each adapter's name, read before the threads of the store are the only ones at it. */
static GHashTable *saved_state(const char *path, const char *adapter, GError **error)
{
	g_autoptr(db_t) db = db_open(path, DB_READ, error);

	return db ? store_setting_all(db, adapter, error) : NULL;
}

static char *people_text(const char *const *people)
{
	return people ? g_strjoinv("\n", (char **)people) : g_strdup("");
}

static bool open_adapter(struct daemon *d, const char *name, GError **error)
{
	const struct adapter_ops *ops = adapter_table_find(name);
	struct adapter_env env = { .loop = &d->loop, .config = d->config, .http = d->http, .server = d->server, .menu = d->menu, .events = &d->events };
	struct adapter *a;

	env.saved = saved_state(config_str(d->config, "store", "path"), name, error);
	if (!env.saved)
		return false;
	if (ops->caps.is_local)
		g_hash_table_replace(env.saved, g_strdup("people"), people_text(d->options->console_people));
	g_ptr_array_add(d->saved, env.saved);
	a = adapter_open(ops, &env, error);
	if (!a)
		return false;
	g_ptr_array_add(d->adapters, a);
	courier_add(d->courier, a);
	return true;
}

static void on_recovered(void *arg)
{
	struct daemon *d = arg;
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; d->options->adapters[i]; i++) {
		if (open_adapter(d, d->options->adapters[i], &error))
			continue;
		log_error("daemon", "%s cannot be opened: %s", d->options->adapters[i], error->message);
		d->exit_status = 1;
		d->is_recovered = true;
		begin_drain(d, "cannot go on");
		return;
	}
	d->is_recovered = true;
	log_info("daemon", "ready: %u adapter(s)", d->adapters->len);
	broadcast_kick(d->broadcast);
	settle_local(d);
}

struct recover {
	bool resend;
	unsigned n;
};

static bool recover_deliveries(const char *path, bool resend, GError **error)
{
	g_autoptr(db_t) db = db_open(path, DB_WRITE, error);
	unsigned n = 0;

	if (!db || !db_begin(db, error))
		return false;
	if (!store_delivery_recover(db, resend, &n, error)) {
		db_rollback(db);
		return false;
	}
	if (n)
		log_warn("daemon", "%u deliveries were under way when the program ended: %s", n,
			 resend ? "sent again" : "held for the admins (cdsbot deliveries --dead)");
	return db_commit(db, error);
}

static bool open_store(struct daemon *d, GError **error)
{
	const struct config *c = d->config;
	const char *path = config_str(c, "store", "path");
	const struct store_options so = {
		.path = path,
		.readers = (unsigned)config_int(c, "store", "readers"),
		.queue_jobs = (unsigned)config_int(c, "store", "queue_jobs"),
		.queue_bytes = (size_t)config_int(c, "store", "queue_bytes"),
		.holder = d->options->holder,
	};
	const struct store_events ev = { .arg = d, .on_health = on_health, .on_foreign_change = on_foreign_change, .on_room = on_room };
	g_autoptr(db_t) db = NULL;

	if (!(d->store = store_open(&d->loop, &so, &ev, error)))
		return false;
	/* Under the store's lock, before any adapter: nobody else sends. */
	if (!recover_deliveries(path, g_strcmp0(config_str(c, "bot", "uncertain"), "ask") != 0, error))
		return false;
	db = db_open(path, DB_READ, error);
	return db && (d->registry = store_register_load(db, error));
}

static void open_parts(struct daemon *d)
{
	const struct turns_events te = { .arg = d, .registry = get_registry, .config = get_config, .on_done = on_turn_done,
					 .on_aside = on_aside, .on_recovered = on_recovered, .on_idle = on_turns_idle };
	const struct courier_events ce = { .arg = d, .on_idle = on_courier_idle, .on_asked = on_asked };
	const struct scheduler_events se = { .arg = d, .registry = get_registry, .config = get_config, .on_rows = on_rows };

	d->events = (struct adapter_events){ .arg = d, .on_batch = on_batch, .on_save = on_save, .on_alarm = on_alarm, .on_end = on_end };
	d->window = window_new(config_int(d->config, "bot", "window"));
	d->ingress = ingress_new(d->store, d->window, on_row, d);
	d->turns = turns_new(&d->loop, d->store, (unsigned)config_int(d->config, "bot", "commands_per_minute"), &te);
	d->courier = courier_new(&d->loop, d->store, d->config, &ce);
	d->broadcast = broadcast_new(d->store, on_rows, on_broadcast_idle, d);
	d->scheduler = scheduler_new(&d->loop, d->store, &se);
	d->menu = menu_make();
}

static void open_signals(struct daemon *d)
{
	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(&d->loop, &d->on_term);
	uv_signal_init(&d->loop, &d->on_int);
	uv_signal_init(&d->loop, &d->on_hup);
	uv_timer_init(&d->loop, &d->drain);
	d->on_term.data = d->on_int.data = d->on_hup.data = d->drain.data = d;
	uv_signal_start(&d->on_term, on_stop_signal, SIGTERM);
	uv_signal_start(&d->on_int, on_stop_signal, SIGINT);
	uv_signal_start(&d->on_hup, on_hup_signal, SIGHUP);
}

/* --- Closing: intake, turns and sends, adapters, courier, servers, store. --- */

static void close_step(struct daemon *d);

static void on_drain(uv_timer_t *timer)
{
	drain_step(timer->data);
}

static void drain_step(struct daemon *d)
{
	bool is_quiet = d->is_recovered && ingress_is_idle(d->ingress) && turns_is_idle(d->turns) && broadcast_is_idle(d->broadcast) &&
			!courier_in_flight(d->courier);

	if (d->phase != DAEMON_DRAINS)
		return;
	ingress_set_closed(d->ingress, true);
	broadcast_stop(d->broadcast);
	if (!is_quiet && clock_mono_ms() < d->drain_until) {
		uv_timer_start(&d->drain, on_drain, DRAIN_LOOK_MS, 0);
		return;
	}
	d->phase = DAEMON_CLOSES;
	close_step(d);
}

static void one_closed(void *arg)
{
	struct daemon *d = arg;

	if (!--d->closing)
		close_step(d);
}

static void store_closed(void *arg)
{
	((struct daemon *)arg)->store = NULL;
	one_closed(arg);
}

static void close_middle(struct daemon *d)
{
	d->closing += 3;
	turns_close(g_steal_pointer(&d->turns), one_closed, d);
	courier_close(g_steal_pointer(&d->courier), one_closed, d);
	scheduler_close(g_steal_pointer(&d->scheduler), one_closed, d);
	while (d->adapters->len) {
		d->closing++;
		adapter_close(g_ptr_array_steal_index(d->adapters, d->adapters->len - 1), one_closed, d);
	}
}

static void close_outer(struct daemon *d)
{
	d->closing++;
	if (d->http) {
		d->closing++;
		http_client_close(g_steal_pointer(&d->http), one_closed, d);
	}
	if (d->server) {
		d->closing++;
		http_server_close(g_steal_pointer(&d->server), one_closed, d);
	}
	if (d->status) {
		d->closing++;
		http_server_close(g_steal_pointer(&d->status), one_closed, d);
	}
	one_closed(d);
}

static void close_step(struct daemon *d)
{
	if (d->turns) {
		close_middle(d);
	} else if (d->http || d->server || d->status) {
		close_outer(d);
	} else if (d->store) {
		d->closing++;
		store_close(d->store, store_closed, d);
	} else {
		uv_close((uv_handle_t *)&d->on_term, NULL);
		uv_close((uv_handle_t *)&d->on_int, NULL);
		uv_close((uv_handle_t *)&d->on_hup, NULL);
		uv_close((uv_handle_t *)&d->drain, NULL);
	}
}

static void release(struct daemon *d)
{
	ingress_free(d->ingress);
	window_free(d->window);
	broadcast_free(d->broadcast);
	registry_unref(d->registry);
	config_unref(d->config);
	g_ptr_array_unref(d->adapters);
	g_ptr_array_unref(d->saved);
	if (d->menu)
		g_ptr_array_unref(d->menu);
	g_free(d->disk_trouble);
}

int daemon_run(const struct daemon_options *o, GError **error)
{
	struct daemon d = { .options = o, .config = config_ref(o->config), .adapters = g_ptr_array_new(),
			    .saved = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref) };
	bool ok;

	uv_loop_init(&d.loop);
	open_signals(&d);
	ok = open_store(&d, error);
	if (ok) {
		open_parts(&d);
		ok = open_servers(&d, error);
	}
	if (ok) {
		turns_recover(d.turns);
	} else {
		d.exit_status = 1;
		d.phase = DAEMON_CLOSES;
		close_step(&d);
	}
	uv_run(&d.loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&d.loop) != 0)
		log_error("daemon", "handles were left open on the loop");
	release(&d);
	return d.exit_status;
}
