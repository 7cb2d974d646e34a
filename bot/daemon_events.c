/* SPDX-License-Identifier: MIT */
/* Passes word between the parts. During the shutdown parts are gone one by one while results still come up: each word looks whether its
 * hearer is there. Decides nothing itself. */
#include "daemon_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "store/audit.h"
#include "store/register.h"

/* Uncertain deliveries that are held (uncertain = ask) are told about once in this time: the notice may be uncertain itself, and must not
 * breed notices. */
#define ASKED_QUIET_MS (10 * MINUTE_MS)

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
	if (d->reload_register_again)
		daemon_reload_register(d);
	else
		daemon_settle_local(d);
}

void daemon_reload_register(struct daemon *d)
{
	struct register_read *q;

	if (d->phase != DAEMON_RUNS)
		return;
	/* The reading under way may have begun before the change. */
	d->reload_register_again = d->is_reloading_register;
	if (d->is_reloading_register)
		return;
	d->is_reloading_register = true;
	q = g_new0(struct register_read, 1);
	q->d = d;
	store_read(d->store, register_job, register_done, q);
}

/* --- Intake. --- */

static void intake_set(struct daemon *d)
{
	if (d->ingress)
		ingress_set_closed(d->ingress, d->phase != DAEMON_RUNS || d->disk_trouble || (d->turns && turns_is_full(d->turns)));
}

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

	if (!d->turns) { /* stopping: the row is found at the next start */
		update_free(u);
		return;
	}
	turns_add(d->turns, inbox_id, u, a && a->ops->caps.is_local);
	intake_set(d);
}

/* --- Word from the store. --- */

void daemon_catch_up(struct daemon *d)
{
	daemon_reload_register(d);
	daemon_reload_saved(d);
	turns_rescan(d->turns);
	broadcast_kick(d->broadcast);
	courier_kick(d->courier);
	scheduler_look(d->scheduler);
	daemon_index_look(d);
}

static void on_health(void *arg, const char *reason_or_null)
{
	struct daemon *d = arg;

	g_free(d->disk_trouble);
	d->disk_trouble = g_strdup(reason_or_null);
	if (reason_or_null)
		log_error("daemon", "the disk refuses to store: %s; acknowledgements and turns stop until a write succeeds", reason_or_null);
	else
		log_info("daemon", "the disk stores again");
	intake_set(d);
	if (d->turns)
		turns_hold(d->turns, reason_or_null != NULL);
	if (d->courier)
		courier_hold(d->courier, reason_or_null != NULL);
	/* Rows that were being made when the trouble came. */
	if (!reason_or_null && d->broadcast && d->phase == DAEMON_RUNS)
		broadcast_kick(d->broadcast);
	if (!reason_or_null && d->is_recovered)
		daemon_index_look(d);
}

static void on_foreign_change(void *arg)
{
	struct daemon *d = arg;

	if (d->is_recovered && d->phase == DAEMON_RUNS)
		daemon_catch_up(d);
	else
		d->has_missed_change = true;
}

static void on_room(void *arg)
{
	/* Polling adapters try again by themselves within a second; webhooks are called again by the platform. */
}

struct store_events daemon_store_events(struct daemon *d)
{
	const struct store_events ev = { .arg = d, .on_health = on_health, .on_foreign_change = on_foreign_change, .on_room = on_room };

	return ev;
}

/* --- Word from the turns, the courier, broadcasts and the scheduler. --- */

static void on_rows(void *arg)
{
	struct daemon *d = arg;

	if (d->courier)
		courier_kick(d->courier);
}

static void on_turn_done(void *arg, const struct turn *t)
{
	struct daemon *d = arg;

	if (t->out.files_item_id && t->u)
		window_expect(d->window, t->u, true, false, clock_mono_ms());
	if (t->out.files_item_id && t->u && t->u->attachments->len)
		window_forget(d->window, t->u);
	if (t->out.register_changed) {
		daemon_reload_register(d);
		daemon_index_look(d);
	}
	if (t->out.has_fanout)
		broadcast_kick(d->broadcast);
	if (t->n_deliveries)
		on_rows(d);
	intake_set(d);
}

static void on_aside(void *arg, int64_t inbox_id, const char *reason)
{
	on_rows(arg); /* the notice to the moderators was written with it */
	intake_set(arg);
}

static void on_turns_idle(void *arg)
{
	intake_set(arg);
	daemon_settle_local(arg);
}

static void on_courier_idle(void *arg, struct adapter *a)
{
	daemon_settle_local(arg);
}

static void on_asked(void *arg, int64_t delivery_id, const char *chat)
{
	struct daemon *d = arg;
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, delivery_id);
	g_autofree char *text = NULL;

	log_warn("daemon", "delivery %s is uncertain and held: cdsbot deliveries --dead", id);
	if (!d->scheduler || clock_mono_ms() < d->asked_quiet_until)
		return;
	d->asked_quiet_until = clock_mono_ms() + ASKED_QUIET_MS;
	text = wording_format(config_str(d->config, "bot", "address_form"), MSG_DELIVERY_ASKED, "id", id, "chat", chat, NULL);
	scheduler_tell_moderators(d->scheduler, text);
}

static void on_broadcast_idle(void *arg)
{
	daemon_settle_local(arg);
}

/* --- Word from the adapters. --- */

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	ingress_take(((struct daemon *)arg)->ingress, batch);
	daemon_settle_local(arg);
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

static void save(struct daemon *d, const char *scope, const char *key, const char *value, void (*done)(void *, bool), void *done_arg)
{
	struct save *s = g_new0(struct save, 1);

	s->scope = g_strdup(scope);
	s->key = g_strdup(key);
	s->value = g_strdup(value);
	s->done = done;
	s->done_arg = done_arg;
	store_submit_accepted(d->store, 256 + (value ? strlen(value) : 0), save_job, save_done, s);
}

static void on_save(void *arg, struct adapter *a, const char *key, const char *value, void (*done)(void *, bool), void *done_arg)
{
	save(arg, a->ops->name, key, value, done, done_arg);
}

void daemon_save(struct daemon *d, const char *scope, const char *key, const char *value)
{
	save(d, scope, key, value, NULL, NULL);
}

static void on_end(void *arg, struct adapter *a)
{
	struct daemon *d = arg;

	d->console_ended = true;
	daemon_settle_local(d);
}

struct adapter_events daemon_adapter_events(struct daemon *d)
{
	const struct adapter_events ev = { .arg = d, .on_batch = on_batch, .on_save = on_save, .on_lease = daemon_on_lease,
					    .on_release = daemon_on_release, .on_alarm = daemon_on_alarm, .on_end = on_end };

	return ev;
}

void daemon_settle_local(struct daemon *d)
{
	if (d->phase != DAEMON_RUNS || !d->is_recovered || d->is_reloading_register || !ingress_is_idle(d->ingress) ||
	    !turns_is_idle(d->turns) || !broadcast_is_idle(d->broadcast))
		return;
	for (guint i = 0; i < d->adapters->len; i++) {
		struct adapter *a = d->adapters->pdata[i];

		if (!a->ops->caps.is_local || !courier_is_idle(d->courier, a))
			continue;
		if (!d->console_ended) {
			adapter_settled(a);
		} else if (d->options->ends_with_console) {
			daemon_drain(d, "end of input");
			return;
		}
	}
}

/* --- The parts. --- */

static void tell_left_asked(struct daemon *d)
{
	g_autofree char *n = g_strdup_printf("%u", d->n_left_asked);
	g_autofree char *text = NULL;

	if (!d->n_left_asked)
		return;
	text = wording_format(config_str(d->config, "bot", "address_form"), MSG_DELIVERIES_ASKED, "n", n, NULL);
	scheduler_tell_moderators(d->scheduler, text);
}

void daemon_open_parts(struct daemon *d)
{
	const struct turns_events te = { .arg = d, .registry = get_registry, .config = get_config, .on_done = on_turn_done,
					 .on_aside = on_aside, .on_recovered = daemon_on_recovered, .on_idle = on_turns_idle };
	const struct courier_events ce = { .arg = d, .on_idle = on_courier_idle, .on_budget = daemon_on_budget, .on_asked = on_asked };
	const struct scheduler_events se = { .arg = d, .registry = get_registry, .config = get_config, .on_rows = on_rows };

	d->window = window_new(config_int(d->config, "bot", "window"));
	d->ingress = ingress_new(d->store, d->window, on_row, d);
	d->turns = turns_new(&d->loop, d->store, (unsigned)config_int(d->config, "bot", "commands_per_minute"), &te);
	d->courier = courier_new(&d->loop, d->store, d->config, &ce);
	d->broadcast = broadcast_new(d->store, on_rows, on_broadcast_idle, d);
	d->scheduler = scheduler_new(&d->loop, d->store, &se);
	tell_left_asked(d);
}
