/* SPDX-License-Identifier: MIT */
/* Opens everything in order: store, what the last process left under way, recovery, adapters. Who hears of what is daemon_events.c, the
 * end daemon_close.c. */
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

/* --- Signals. --- */

static void on_stop_signal(uv_signal_t *h, int number)
{
	daemon_drain(h->data, number == SIGTERM ? "SIGTERM" : "SIGINT");
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
	daemon_reload_register(d);
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
	struct adapter_env env = { .loop = &d->loop, .config = d->adapter_config, .http = d->http, .server = d->server, .menu = d->menu, .events = &d->events };
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
	if (!daemon_budget_open(d, a, error))
		return false;
	daemon_save(d, DAEMON_ALARM_SCOPE, name, NULL); /* the last run's; this one says its own */
	courier_add(d->courier, a);
	return true;
}

static bool open_adapters(struct daemon *d)
{
	g_autoptr(GError) error = NULL;

	d->adapter_config = config_ref(d->config);
	for (size_t i = 0; d->options->adapters[i]; i++) {
		if (open_adapter(d, d->options->adapters[i], &error))
			continue;
		log_error("daemon", "%s cannot be opened: %s", d->options->adapters[i], error->message);
		return false;
	}
	log_info("daemon", "ready: %u adapter(s)", d->adapters->len);
	return true;
}

/* Intake and sends open at once; only turns wait until what a dead process left has been handled. */
static void start(struct daemon *d)
{
	if (open_adapters(d)) {
		turns_recover(d->turns);
		return;
	}
	d->exit_status = 1;
	d->is_recovered = true; /* nothing was begun */
	daemon_drain(d, "cannot go on");
}

void daemon_on_recovered(void *arg)
{
	struct daemon *d = arg;

	d->is_recovered = true;
	if (d->phase != DAEMON_RUNS)
		return; /* told to stop meanwhile */
	broadcast_kick(d->broadcast);
	daemon_index_look(d);
	if (d->has_missed_change)
		daemon_catch_up(d);
	daemon_settle_local(d);
}

/* resend: they go again; else they are held for the admins, and counted. */
static bool recover_deliveries(struct daemon *d, bool resend, GError **error)
{
	g_autoptr(db_t) db = db_open(config_str(d->config, "store", "path"), DB_WRITE, error);
	unsigned n = 0;

	if (!db || !db_begin(db, error))
		return false;
	if (!store_delivery_recover(db, resend, &n, error) || !store_budget_clear_limits(db, error)) {
		db_rollback(db);
		return false;
	}
	if (n)
		log_warn("daemon", "%u deliveries were under way when the program ended: %s", n,
			 resend ? "sent again" : "held for the admins (cdsbot deliveries --dead)");
	d->n_left_asked = resend ? 0 : n;
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
	const struct store_events ev = daemon_store_events(d);
	g_autoptr(db_t) db = NULL;

	if (!(d->store = store_open(&d->loop, &so, &ev, error)))
		return false;
	/* Under the store's lock, before any adapter: nobody else sends. */
	if (!recover_deliveries(d, g_strcmp0(config_str(c, "bot", "uncertain"), "ask") != 0, error))
		return false;
	db = db_open(path, DB_READ, error);
	return db && (d->registry = store_register_load(db, error));
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

static void release(struct daemon *d)
{
	ingress_free(d->ingress);
	window_free(d->window);
	broadcast_free(d->broadcast);
	registry_unref(d->registry);
	config_unref(d->config);
	if (d->adapter_config)
		config_unref(d->adapter_config);
	g_ptr_array_unref(d->adapters);
	g_ptr_array_unref(d->saved);
	if (d->menu)
		g_ptr_array_unref(d->menu);
	daemon_upkeep_release(d);
	g_free(d->disk_trouble);
}

int daemon_run(const struct daemon_options *o, GError **error)
{
	struct daemon d = { .options = o, .config = config_ref(o->config), .adapters = g_ptr_array_new(),
			    .saved = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref) };
	bool ok;

	daemon_lease_holder_make(&d);
	uv_loop_init(&d.loop);
	open_signals(&d);
	daemon_index_open(&d);
	ok = open_store(&d, error);
	if (ok) {
		daemon_open_parts(&d);
		d.events = daemon_adapter_events(&d);
		d.menu = menu_make();
		ok = open_servers(&d, error);
	}
	if (ok) {
		start(&d);
	} else {
		d.exit_status = 1;
		daemon_close(&d);
	}
	uv_run(&d.loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&d.loop) != 0)
		log_error("daemon", "handles were left open on the loop");
	release(&d);
	return d.exit_status;
}
