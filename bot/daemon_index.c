/* SPDX-License-Identifier: MIT */
/* Rebuilds the search index beside the daemon's work, step by step on the writer, where the index is not what it should be: after an update of the
 * program, after a change of units and abbreviations. Another process that does it (cdsbot index --rebuild) is left to it. */
#include "daemon_private.h"

#include <string.h>

#include "base/log.h"
#include "store/store_lock.h"

struct index_job {
	struct daemon *d;
	struct rebuild_state state;
};

static void end(struct daemon *d)
{
	if (d->has_index_right)
		store_unlock(d->index_right);
	d->has_index_right = d->is_indexing = false;
}

/* A database in memory is nobody else's. */
static bool take_right(struct daemon *d)
{
	const char *path = config_str(d->config, "store", "path");
	g_autoptr(GError) error = NULL;

	if (d->has_index_right || !strcmp(path, ":memory:"))
		return true;
	d->index_right = store_lock(path, STORE_RIGHT_INDEX, d->options->holder, &error);
	d->has_index_right = d->index_right >= 0;
	/* Somebody is at it: each of his commits makes us look again. */
	if (!d->has_index_right && !g_error_matches(error, STORE_ERROR, STORE_ERROR_LOCKED))
		log_warn("daemon", "the search index cannot be rebuilt: %s", error->message);
	return d->has_index_right;
}

static bool step_job(struct db *db, void *arg, GError **error)
{
	struct index_job *j = arg;

	return rebuild_step(db, false, &j->state, error);
}

static void step_done(void *arg, enum job_end job_end, const GError *error)
{
	struct index_job *j = arg;
	struct daemon *d = j->d;

	if (job_end == JOB_COMMITTED && j->state.is_wanted && d->phase == DAEMON_RUNS) {
		store_submit_accepted(d->store, 0, step_job, step_done, j);
		return;
	}
	if (job_end != JOB_COMMITTED)
		log_warn("daemon", "rebuilding the search index stopped: %s", error ? error->message : "disk trouble");
	else if (!j->state.is_wanted)
		log_info("daemon", "the search index is up to date: %" G_GINT64_FORMAT " items", j->state.items);
	g_free(j);
	end(d);
}

static bool look_job(struct db *db, void *arg, GError **error)
{
	return rebuild_get(db, &((struct index_job *)arg)->state, error);
}

static void look_done(void *arg, enum job_end job_end, const GError *error)
{
	struct index_job *j = arg;
	struct daemon *d = j->d;

	if (job_end == JOB_COMMITTED && j->state.is_wanted && d->phase == DAEMON_RUNS && take_right(d)) {
		log_info("daemon", "the search index is being rebuilt; until then the old one answers");
		store_submit_accepted(d->store, 0, step_job, step_done, j);
		return;
	}
	g_free(j);
	end(d);
}

void daemon_index_look(struct daemon *d)
{
	struct index_job *j;

	if (d->is_indexing || d->phase != DAEMON_RUNS)
		return;
	d->is_indexing = true;
	j = g_new0(struct index_job, 1);
	j->d = d;
	store_read(d->store, look_job, look_done, j);
}
