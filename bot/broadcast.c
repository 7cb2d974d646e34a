/* SPDX-License-Identifier: MIT */
/* One step at a time through the open fan-outs. Splitting is outbox.c's, the SQL is store/'s. */
#include "broadcast.h"

#include "base/clock.h"
#include "base/log.h"
#include "outbox.h"
#include "store/delivery.h"

struct broadcast {
	struct store *store;
	void (*on_rows)(void *);
	void (*on_idle)(void *);
	void *arg;
	bool is_running, again, is_stopped;
	unsigned made; /* by the last step */
	bool is_over;  /* the last step found nothing open */
	int64_t trying;	     /* the post whose rows the step was making */
	GHashTable *failing; /* int64_t posts whose step broke: the others go on without them until the next occasion */
};

struct broadcast *broadcast_new(struct store *store, void (*on_rows)(void *arg), void (*on_idle)(void *arg), void *arg)
{
	struct broadcast *b = g_new0(struct broadcast, 1);

	b->store = store;
	b->on_rows = on_rows;
	b->on_idle = on_idle;
	b->arg = arg;
	b->failing = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return b;
}

/* The first open fan-out with something left to make takes one step; fan-outs that are complete close themselves. */
static bool step_job(struct db *db, void *arg, GError **error)
{
	struct broadcast *b = arg;
	g_autoptr(GPtrArray) open = store_fanout_open(db, error);
	struct outbox_parts parts = { NULL };
	bool ok = open != NULL;

	b->made = 0;
	b->trying = 0;
	b->is_over = true;
	for (guint i = 0; ok && i < open->len && !b->made; i++) {
		b->trying = ((struct fanout *)open->pdata[i])->post_id;
		if (g_hash_table_contains(b->failing, &b->trying))
			continue;
		ok = store_fanout_step(db, open->pdata[i], outbox_parts_for, &parts, BROADCAST_STEP, clock_wall_ms(), &b->made, error);
		b->is_over = b->is_over && !b->made;
	}
	outbox_parts_release(&parts);
	return ok;
}

static void run_step(struct broadcast *b);

static void step_done(void *arg, enum job_end end, const GError *error)
{
	struct broadcast *b = arg;
	bool goes_on = end == JOB_COMMITTED && !b->is_over;

	b->is_running = false;
	if (end == JOB_FAILED) {
		log_error("broadcast", "rows of post %" G_GINT64_FORMAT " could not be made: %s, trying again at the next occasion", b->trying,
			  error->message);
		goes_on = g_hash_table_add(b->failing, g_memdup2(&b->trying, sizeof(b->trying)));
	}
	if (end == JOB_COMMITTED && b->made)
		b->on_rows(b->arg);
	if (b->again)
		broadcast_kick(b);
	else if (goes_on && !b->is_stopped)
		run_step(b);
	if (!b->is_running)
		b->on_idle(b->arg);
}

static void run_step(struct broadcast *b)
{
	b->is_running = true;
	store_submit_accepted(b->store, 256, step_job, step_done, b);
}

void broadcast_kick(struct broadcast *b)
{
	b->again = b->is_running;
	if (b->is_running || b->is_stopped)
		return;
	g_hash_table_remove_all(b->failing);
	run_step(b);
}

bool broadcast_is_idle(const struct broadcast *b)
{
	return !b->is_running;
}

void broadcast_stop(struct broadcast *b)
{
	b->is_stopped = true;
}

void broadcast_free(struct broadcast *b)
{
	if (!b)
		return;
	g_hash_table_unref(b->failing);
	g_free(b);
}
