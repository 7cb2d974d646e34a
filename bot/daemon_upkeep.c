/* SPDX-License-Identifier: MIT */
/* What an adapter needs kept and said while it runs: leases, settings that change beside the daemon, the operator's alarms, the message
 * budget's words. Everything that is stored goes through the writer, in order with the adapter's own saves. */
#include "daemon_private.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "store/audit.h"
#include "store/budget.h"
#include "store/errand.h"

/* --- Leases. --- */

struct lease {
	struct daemon *d;
	char *adapter, *errand;
	bool is_granted;
	GHashTable *saved; /* as of the grant */
	void (*done)(void *, bool, GHashTable *);
	void *done_arg;
};

static struct lease *lease_new(struct daemon *d, const struct adapter *a, const char *errand)
{
	struct lease *l = g_new0(struct lease, 1);

	l->d = d;
	l->adapter = g_strdup(a->ops->name);
	l->errand = g_strdup(errand);
	return l;
}

static void lease_free(struct lease *l)
{
	if (l->saved)
		g_hash_table_unref(l->saved);
	g_free(l->adapter);
	g_free(l->errand);
	g_free(l);
}

static bool lease_job(struct db *db, void *arg, GError **error)
{
	struct lease *l = arg;
	enum store_result r = store_errand_take(db, l->adapter, l->errand, l->d->lease_holder, ERRAND_LEASE_MS, clock_wall_ms(), error);

	g_clear_pointer(&l->saved, g_hash_table_unref);
	l->is_granted = r == STORE_OK;
	if (l->is_granted)
		l->saved = store_setting_all(db, l->adapter, error);
	return r != STORE_BROKEN && (!l->is_granted || l->saved);
}

static void lease_done(void *arg, enum job_end end, const GError *error)
{
	struct lease *l = arg;
	bool is_granted = end == JOB_COMMITTED && l->is_granted;

	if (end != JOB_COMMITTED)
		log_warn(l->adapter, "the lease of `%s` could not be taken: %s", l->errand, error ? error->message : "disk trouble");
	l->done(l->done_arg, is_granted, is_granted ? l->saved : NULL);
	lease_free(l);
}

void daemon_on_lease(void *arg, struct adapter *a, const char *errand, void (*done)(void *, bool, GHashTable *), void *done_arg)
{
	struct daemon *d = arg;
	struct lease *l = lease_new(d, a, errand);

	l->done = done;
	l->done_arg = done_arg;
	store_submit_accepted(d->store, 256, lease_job, lease_done, l);
}

static bool release_job(struct db *db, void *arg, GError **error)
{
	const struct lease *l = arg;

	return store_errand_release(db, l->adapter, l->errand, l->d->lease_holder, error);
}

static void release_done(void *arg, enum job_end end, const GError *error)
{
	lease_free(arg); /* one that could not be given back ends by itself */
}

void daemon_on_release(void *arg, struct adapter *a, const char *errand)
{
	struct daemon *d = arg;

	store_submit_accepted(d->store, 256, release_job, release_done, lease_new(d, a, errand));
}

void daemon_lease_holder_make(struct daemon *d)
{
	g_snprintf(d->lease_holder, sizeof(d->lease_holder), "%d-%08x%08x", (int)getpid(), g_random_int(), g_random_int());
}

/* --- Settings that another process changed. --- */

struct saved_read {
	struct daemon *d;
	struct adapter *adapter;
	char *name;
	GHashTable *fresh;
};

static bool saved_job(struct db *db, void *arg, GError **error)
{
	struct saved_read *q = arg;

	g_clear_pointer(&q->fresh, g_hash_table_unref);
	q->fresh = store_setting_all(db, q->name, error);
	return q->fresh != NULL;
}

/* The poll position changes with every batch and is nobody else's. */
static bool is_same(GHashTable *a, GHashTable *b)
{
	GHashTableIter iter;
	void *key, *value;

	g_hash_table_iter_init(&iter, a);
	while (g_hash_table_iter_next(&iter, &key, &value))
		if (strcmp(key, "cursor") != 0 && g_strcmp0(value, g_hash_table_lookup(b, key)) != 0)
			return false;
	return true;
}

static void saved_done(void *arg, enum job_end end, const GError *error)
{
	struct saved_read *q = arg;

	/* Still open? The pointer may be dead. */
	if (end == JOB_COMMITTED && g_ptr_array_find(q->d->adapters, q->adapter, NULL) && q->adapter->env.saved &&
	    (!is_same(q->fresh, q->adapter->env.saved) || !is_same(q->adapter->env.saved, q->fresh))) {
		log_info(q->name, "settings were changed beside the daemon: taken over");
		adapter_saved_changed(q->adapter, q->fresh);
	}
	if (q->fresh)
		g_hash_table_unref(q->fresh);
	g_free(q->name);
	g_free(q);
}

/* Through the writer: a reader's snapshot could be older than a save of the adapter's own, and would undo it in memory. */
void daemon_reload_saved(struct daemon *d)
{
	for (guint i = 0; i < d->adapters->len; i++) {
		struct adapter *a = d->adapters->pdata[i];
		struct saved_read *q;

		if (a->ops->caps.is_local)
			continue;
		q = g_new0(struct saved_read, 1);
		q->d = d;
		q->adapter = a;
		q->name = g_strdup(a->ops->name);
		store_submit_accepted(d->store, 128, saved_job, saved_done, q);
	}
}

/* --- Alarms: log, setting (for `cdsbot check`), and the admins on another adapter. --- */

/* The same alarm is told to people again only after this time, so that one that comes and goes is no stream of messages. */
#define ALARM_AGAIN_MS (6 * HOUR_MS)

struct told_alarm {
	char *text;
	int64_t at_ms; /* mono */
	bool is_in_force;
};

static void told_free(void *arg)
{
	struct told_alarm *t = arg;

	g_free(t->text);
	g_free(t);
}

static struct told_alarm *told_of(struct daemon *d, const char *adapter)
{
	struct told_alarm *t;

	if (!d->told_alarms)
		d->told_alarms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, told_free);
	t = g_hash_table_lookup(d->told_alarms, adapter);
	if (!t) {
		t = g_new0(struct told_alarm, 1);
		g_hash_table_insert(d->told_alarms, g_strdup(adapter), t);
	}
	return t;
}

static void tell_alarm(struct daemon *d, const char *adapter, const char *text_or_null)
{
	struct told_alarm *t = told_of(d, adapter);
	const char *address = config_str(d->config, "bot", "address_form");
	int64_t now = clock_mono_ms();
	g_autofree char *text = NULL;

	if (!d->scheduler)
		return;
	if (!text_or_null) {
		if (!t->is_in_force)
			return;
		t->is_in_force = false;
		text = wording_format(address, MSG_ALARM_OVER, "adapter", adapter, NULL);
	} else {
		bool is_known = g_strcmp0(t->text, text_or_null) == 0 && now - t->at_ms < ALARM_AGAIN_MS;

		if (is_known)
			return;
		g_free(t->text);
		t->text = g_strdup(text_or_null);
		t->at_ms = now;
		t->is_in_force = true;
		text = wording_format(address, MSG_ALARM, "adapter", adapter, "text", text_or_null, NULL);
	}
	scheduler_tell_elsewhere(d->scheduler, text, adapter);
}

void daemon_on_alarm(void *arg, struct adapter *a, const char *text_or_null)
{
	struct daemon *d = arg;
	const char *name = a->ops->name;
	g_autofree char *masked = text_or_null ? log_mask(text_or_null) : NULL;
	g_autofree char *value = masked ? g_strdup_printf("%" G_GINT64_FORMAT " %s", clock_wall_ms(), masked) : NULL;

	if (masked)
		log_error(name, "%s", masked);
	else
		log_info(name, "well again");
	daemon_save(d, DAEMON_ALARM_SCOPE, name, value);
	tell_alarm(d, name, masked);
}

/* --- Message budgets. --- */

/* A word that was given to be said needs no second job for each look of the courier. */
static bool is_new_word(struct daemon *d, const char *adapter, const char *period, enum budget_word word)
{
	g_autofree char *key = g_strdup_printf("%s %s %d", adapter, period, word);

	if (!d->budget_words)
		d->budget_words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return g_hash_table_add(d->budget_words, g_steal_pointer(&key));
}

static void budget_word(struct daemon *d, const struct budget *b, bool is_month, enum budget_word word, enum msg msg)
{
	int64_t used = is_month ? b->month_used : b->day_used, limit = is_month ? b->limit.month : b->limit.day;
	const char *period = is_month ? b->month : b->day;
	g_autofree char *used_text = g_strdup_printf("%" G_GINT64_FORMAT, used), *limit_text = g_strdup_printf("%" G_GINT64_FORMAT, limit);
	g_autofree char *text = NULL;

	if (!d->scheduler || !is_new_word(d, b->adapter, period, word))
		return;
	text = wording_format(config_str(d->config, "bot", "address_form"), msg, "adapter", b->adapter, "used", used_text, "limit", limit_text,
			      "period", wording_raw(is_month ? MSG_BUDGET_MONTH : MSG_BUDGET_DAY), "next",
			      wording_raw(is_month ? MSG_BUDGET_NEXT_MONTH : MSG_BUDGET_NEXT_DAY), NULL);
	log_warn(b->adapter, "%s", text);
	scheduler_tell_budget(d->scheduler, text, b->adapter, period, word);
}

static bool is_low(int64_t limit, int64_t used, unsigned percent)
{
	return limit > 0 && used * 100 >= limit * percent;
}

void daemon_on_budget(void *arg, struct adapter *a, const struct budget *b, bool is_held)
{
	struct daemon *d = arg;
	struct budget *last = g_memdup2(b, sizeof(*b));

	last->adapter = g_strdup(b->adapter);
	if (!d->budgets)
		d->budgets = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)budget_free);
	g_hash_table_replace(d->budgets, last->adapter, last);
	for (int is_month = 0; is_month < 2; is_month++) {
		int64_t limit = is_month ? b->limit.month : b->limit.day, used = is_month ? b->month_used : b->day_used;

		if (is_low(limit, used, BUDGET_LOW_PERCENT))
			budget_word(d, b, is_month, BUDGET_SAID_LOW, MSG_BUDGET_LOW);
		if (is_held && is_low(limit, used, 100 - BUDGET_KEEP_FROM_NOTICES))
			budget_word(d, b, is_month, BUDGET_SAID_HELD, MSG_BUDGET_HELD);
	}
}

/* Before the first look of the courier, hence not through the writer's queue. */
bool daemon_budget_open(struct daemon *d, const struct adapter *a, GError **error)
{
	const struct budget_limit limit = { .day = a->pace.day_budget, .month = a->pace.month_budget, .private_only = a->pace.budget_private };
	g_autoptr(db_t) db = NULL;

	if (!limit.day && !limit.month)
		return true; /* the row was cleared with all others at the start */
	db = db_open(config_str(d->config, "store", "path"), DB_WRITE, error);
	if (!db || !db_begin(db, error))
		return false;
	if (!store_budget_set_limit(db, a->ops->name, &limit, error)) {
		db_rollback(db);
		return false;
	}
	return db_commit(db, error);
}

void daemon_upkeep_release(struct daemon *d)
{
	g_clear_pointer(&d->told_alarms, g_hash_table_unref);
	g_clear_pointer(&d->budget_words, g_hash_table_unref);
	g_clear_pointer(&d->budgets, g_hash_table_unref);
}
