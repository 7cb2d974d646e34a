/* SPDX-License-Identifier: MIT */
/* Rebuilds the search index beside the daemon's work, step by step on the writer, where the index is not what it should be: after an update of the
 * program, after a change of units and abbreviations. Another process that does it (cdsbot index --rebuild) is left to it. */
#include "daemon_private.h"

#include <string.h>

#include "base/log.h"
#include "store/store_lock.h"

/* Between two steps the database is left to other processes, which look for its lock every few milliseconds; and so is the writer to turns. */
#define PAUSE_MS 5
/* Whoever rebuilds it elsewhere may be killed without a last commit that we would hear of; and what failed may go better then. */
#define LOOK_AGAIN_MS 3000

static void on_look_again(uv_timer_t *timer)
{
	daemon_index_look(timer->data);
}

static void look_later(struct daemon *d)
{
	if (d->phase == DAEMON_RUNS)
		uv_timer_start(&d->index.timer, on_look_again, LOOK_AGAIN_MS, 0);
}

static void end(struct daemon *d)
{
	if (d->index.has_right)
		store_unlock(d->index.right);
	d->index.has_right = d->index.is_busy = false;
	if (d->index.look_again)
		daemon_index_look(d);
}

/* A database in memory is nobody else's. */
static bool take_right(struct daemon *d)
{
	const char *path = config_str(d->config, "store", "path");
	g_autoptr(GError) error = NULL;

	if (d->index.has_right || !strcmp(path, ":memory:"))
		return true;
	d->index.right = store_lock(path, STORE_RIGHT_INDEX, d->options->holder, &error);
	d->index.has_right = d->index.right >= 0;
	if (!d->index.has_right && !g_error_matches(error, STORE_ERROR, STORE_ERROR_LOCKED))
		log_warn("daemon", "the search index cannot be rebuilt: %s", error->message);
	else if (!d->index.has_right)
		look_later(d); /* somebody is at it */
	return d->index.has_right;
}

/* It is tried for ever, but told of once. */
static void failed(struct daemon *d, const char *what, const GError *error)
{
	if (!d->index.is_failing)
		log_warn("daemon", "%s: %s; trying again", what, error ? error->message : "disk trouble");
	d->index.is_failing = true;
	look_later(d);
}

/* --- steps --- */

static bool step_job(struct db *db, void *arg, GError **error)
{
	struct daemon *d = arg;

	return rebuild_step(db, false, &d->index.state, error);
}

static void step_done(void *arg, enum job_end job_end, const GError *error);

static void on_pause_over(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	if (d->phase == DAEMON_RUNS)
		store_submit_accepted(d->store, 0, step_job, step_done, d);
	else
		end(d);
}

static void step_done(void *arg, enum job_end job_end, const GError *error)
{
	struct daemon *d = arg;

	if (job_end != JOB_COMMITTED) {
		failed(d, "rebuilding the search index stopped", error);
		end(d);
		return;
	}
	d->index.is_failing = false;
	if (d->index.state.is_wanted && d->phase == DAEMON_RUNS) {
		uv_timer_start(&d->index.timer, on_pause_over, PAUSE_MS, 0);
		return;
	}
	if (!d->index.state.is_wanted)
		log_info("daemon", "the search index is up to date: %" G_GINT64_FORMAT " items", d->index.state.items);
	end(d);
}

/* --- looking --- */

static bool look_job(struct db *db, void *arg, GError **error)
{
	return rebuild_get(db, &((struct daemon *)arg)->index.state, error);
}

static void look_done(void *arg, enum job_end job_end, const GError *error)
{
	struct daemon *d = arg;

	if (job_end == JOB_COMMITTED && !d->index.state.is_wanted)
		d->index.is_failing = false;
	if (job_end != JOB_COMMITTED) {
		failed(d, "the state of the search index cannot be read", error);
	} else if (d->index.state.is_wanted && d->phase == DAEMON_RUNS && take_right(d)) {
		if (!d->index.is_failing)
			log_info("daemon", "the search index is being rebuilt; until then the old one answers");
		store_submit_accepted(d->store, 0, step_job, step_done, d);
		return;
	}
	end(d);
}

void daemon_index_look(struct daemon *d)
{
	d->index.look_again = d->index.is_busy;
	if (d->index.is_busy || d->phase != DAEMON_RUNS)
		return;
	uv_timer_stop(&d->index.timer);
	d->index.is_busy = true;
	store_read(d->store, look_job, look_done, d);
}

/* --- opening and closing --- */

void daemon_index_open(struct daemon *d)
{
	uv_timer_init(&d->loop, &d->index.timer);
	d->index.timer.data = d;
}

void daemon_index_close(struct daemon *d)
{
	uv_close((uv_handle_t *)&d->index.timer, NULL);
	if (d->index.has_right) /* it was between two steps */
		store_unlock(d->index.right);
	d->index.has_right = false;
}
