/* SPDX-License-Identifier: MIT */
/* One turn on its way through the store: reading, writing, retries after 1, 5 and 25 s, setting aside. Which turn is next is turns.c. */
#include "turns_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "outbox.h"
#include "store/inbox.h"

/* Disk trouble: how often a run looks whether it is over. */
#define DISK_LOOK_MS 500
/* A reading that its second of time did not suffice for gets one more, later; then the person is told to try again. */
#define READ_TIMEOUTS_MAX 2

static const int64_t retry_after_ms[TURN_RETRIES] = { 1000, 5000, 25000 };

static void run_again(struct run *r);

static void run_free(struct run *r)
{
	turn_free(r->turn);
	g_free(r->reason);
	g_free(r);
}

/* The run is over, whatever became of it. */
static void run_end(struct run *r)
{
	struct turns *t = r->turns;
	struct lane *lane = r->lane;

	g_hash_table_remove(t->known, &r->turn->inbox_id);
	run_free(r);
	if (lane)
		turns_lane_end(t, lane);
	else
		turns_recover_next(t);
}

/* --- Waiting for another try. --- */

struct retry {
	uv_timer_t timer;
	struct run *run;
};

static void retry_closed(uv_handle_t *h)
{
	g_free(h->data);
}

static void on_retry(uv_timer_t *timer)
{
	struct retry *retry = timer->data;
	struct run *r = retry->run;

	g_queue_remove(&r->turns->retries, retry);
	uv_close((uv_handle_t *)timer, retry_closed);
	run_again(r);
}

static void run_later(struct run *r, int64_t after_ms)
{
	struct retry *retry = g_new0(struct retry, 1);

	retry->run = r;
	retry->timer.data = retry;
	g_queue_push_tail(&r->turns->retries, retry);
	uv_timer_init(r->turns->loop, &retry->timer);
	uv_timer_start(&retry->timer, on_retry, r->turns->is_closing ? 0 : (uint64_t)after_ms, 0);
}

void turns_run_abandon(struct turns *t)
{
	for (GList *l = t->retries.head; l; l = l->next)
		uv_timer_start(&((struct retry *)l->data)->timer, on_retry, 0, 0);
}

/* At shutdown its row is unhandled and is found again. */
static void run_abandon(struct run *r)
{
	struct turns *t = r->turns;

	if (r->lane) {
		t->running--;
		r->lane->running = NULL;
	} else {
		t->is_recovering = false;
	}
	run_free(r);
	turns_finish_close(t);
}

static void run_again(struct run *r)
{
	struct turns *t = r->turns;

	if (t->is_closing)
		run_abandon(r);
	else if (t->is_held)
		run_later(r, DISK_LOOK_MS);
	else
		turns_run_start(r);
}

/* --- Setting aside. --- */

/* Set aside and told to the moderators in one transaction: a program that ends in between leaves neither a secret nor a false alarm. */
static bool aside_job(struct db *db, void *arg, GError **error)
{
	struct run *r = arg;
	struct turn_out out;
	unsigned written;
	bool ok;

	switch (store_inbox_set_aside(db, r->turn->inbox_id, r->reason, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return true; /* handled, or set aside before */
	}
	if (r->aside_untold)
		return true;
	turn_out_init(&out, r->turn->config);
	g_autofree char *text = wording_format(out.address, MSG_TURN_SET_ASIDE, "n", "1", NULL);
	turn_out_tell_moderators(&out, text);
	ok = outbox_write(db, &out, NULL, clock_wall_ms(), &written, error);
	turn_out_release(&out);
	return ok;
}

static void aside_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	if (end == JOB_DISK) {
		run_later(r, DISK_LOOK_MS);
		return;
	}
	if (end == JOB_FAILED && !r->aside_untold) {
		log_error("turns", "the moderators could not be told of an update set aside: %s", error->message);
		r->aside_untold = true;
		turns_run_start(r);
		return;
	}
	if (end == JOB_FAILED)
		log_error("turns", "inbox row %" G_GINT64_FORMAT " could not be set aside: %s, it is tried again at the next start",
			  r->turn->inbox_id, error->message);
	else
		r->turns->stats.aside++;
	r->turns->ev.on_aside(r->turns->ev.arg, r->turn->inbox_id, r->reason);
	run_end(r);
}

void turns_run_set_aside(struct run *r, const char *reason)
{
	log_error("turns", "inbox row %" G_GINT64_FORMAT " is set aside: %s", r->turn->inbox_id, reason);
	g_free(r->reason);
	r->reason = g_strdup(reason);
	r->step = RUN_ASIDE;
	turns_run_start(r);
}

/* --- Running. --- */

static void on_failed(struct run *r, const GError *error)
{
	struct turns *t = r->turns;
	const char *why = error ? error->message : "unknown";

	if (r->failures >= TURN_RETRIES) {
		turns_run_set_aside(r, why);
		return;
	}
	log_warn("turns", "turn of inbox row %" G_GINT64_FORMAT " broke: %s, retrying in %d s", r->turn->inbox_id, why,
		 (int)(retry_after_ms[r->failures] / SECOND_MS));
	t->stats.retried++;
	run_later(r, retry_after_ms[r->failures++]);
}

static bool try_job(struct db *db, void *arg, GError **error)
{
	struct run *r = arg;

	return store_inbox_try(db, r->turn->inbox_id, &r->tries, error) != STORE_BROKEN;
}

static void try_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	switch (end) {
	case JOB_COMMITTED:
		r->step = RUN_TURN;
		run_again(r);
		return;
	case JOB_FAILED:
		on_failed(r, error);
		return;
	case JOB_DISK:
		run_later(r, DISK_LOOK_MS); /* never without its committed try */
		return;
	}
}

static bool write_job(struct db *db, void *arg, GError **error)
{
	return turn_write_job(db, ((struct run *)arg)->turn, error);
}

static void write_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;
	struct turns *t = r->turns;

	switch (end) {
	case JOB_COMMITTED:
		t->stats.done++;
		t->stats.repeated += r->turn->was_handled;
		t->stats.last_ms = clock_mono_ms() - r->since_ms;
		if (!r->turn->was_handled)
			t->ev.on_done(t->ev.arg, r->turn);
		run_end(r);
		return;
	case JOB_FAILED:
		on_failed(r, error);
		return;
	case JOB_DISK:
		run_later(r, DISK_LOOK_MS);
		return;
	}
}

static void submit_write(struct run *r)
{
	store_submit_accepted(r->turns->store, 1024, write_job, write_done, r);
}

static bool read_job(struct db *db, void *arg, GError **error)
{
	return turn_read_job(db, ((struct run *)arg)->turn, error);
}

/* The machine was too slow for this question: that is neither the person's mistake nor a reason to leave him without an answer. */
static void on_read_timeout(struct run *r, const GError *error)
{
	if (++r->timeouts < READ_TIMEOUTS_MAX) {
		run_later(r, retry_after_ms[0]);
		return;
	}
	log_warn("turns", "reading for inbox row %" G_GINT64_FORMAT " took too long: %s, the person is told to try again",
		 r->turn->inbox_id, error->message);
	r->turn->is_too_slow = true;
	submit_write(r);
}

static void read_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	switch (end) {
	case JOB_COMMITTED:
		r->turns->stats.read += r->turn->is_read;
		submit_write(r);
		return;
	case JOB_FAILED:
		if (g_error_matches(error, STORE_ERROR, STORE_ERROR_TIMEOUT))
			on_read_timeout(r, error);
		else
			on_failed(r, error);
		return;
	case JOB_DISK:
		run_later(r, DISK_LOOK_MS);
		return;
	}
}

static void start_turn(struct run *r)
{
	struct turn *turn = r->turn;

	turn->is_read = false;
	if (turn->u && !turn->is_too_slow && turn_may_read(turn->u))
		store_read(r->turns->store, read_job, read_done, r);
	else
		submit_write(r);
}

void turns_run_start(struct run *r)
{
	switch (r->step) {
	case RUN_TRY:
		store_submit_accepted(r->turns->store, 128, try_job, try_done, r);
		return;
	case RUN_TURN:
		start_turn(r);
		return;
	case RUN_ASIDE:
		store_submit_accepted(r->turns->store, 128, aside_job, aside_done, r);
		return;
	}
}
