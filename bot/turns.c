/* SPDX-License-Identifier: MIT */
/* Lanes and retries on the loop. What a turn does is turn.c; where its jobs run is the store's. */
#include "turns.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "store/inbox.h"

/* A person may send this many commands at once before the rate counts: a flood, not a lively talk, is slowed. */
#define RATE_BURST_MIN 5

static const int64_t retry_after_ms[TURN_RETRIES] = { 1000, 5000, 25000 };

struct waiting {
	int64_t inbox_id;
	struct update *u; /* NULL: loaded from its row when it runs */
	int64_t since_ms;
	bool is_local;
};

struct lane {
	char *key;
	GQueue queue; /* struct waiting */
	struct run *running;
	bool is_ready;	     /* in turns.ready */
	int64_t not_before;  /* mono; 0 = now */
	double tokens;
	int64_t tokens_at;
	bool was_warned;
};

struct run {
	struct turns *turns;
	struct lane *lane; /* NULL: recovery */
	struct turn *turn;
	unsigned failures;
	int64_t since_ms;
	bool is_local;
	char *reason;	   /* set aside: why */
	unsigned tries;	   /* recovery: after tries + 1 */
};

struct turns {
	uv_loop_t *loop;
	struct store *store;
	struct turns_events ev;
	GHashTable *lanes; /* key -> struct lane */
	GQueue ready;	   /* struct lane */
	GQueue delayed;	   /* struct lane waiting for its time; few */
	uv_timer_t timer;
	unsigned running;
	size_t held, waiting;
	double per_ms, burst;
	bool is_held, is_closing, is_recovering;
	void (*closed)(void *);
	void *closed_arg;
	GHashTable *known; /* int64_t row ids waiting or running: what a rescan must leave alone */
	bool is_rescanning;
	/* recovery */
	GQueue found; /* struct inbox_row */
	int64_t found_after;
	struct turns_stats stats;
};

static void pump(struct turns *t);
static void run_turn(struct run *r);
static void recover_next(struct turns *t);

static void waiting_free(struct waiting *w)
{
	update_free(w->u);
	g_free(w);
}

static void lane_free(void *data)
{
	struct lane *lane = data;
	struct waiting *w;

	while ((w = g_queue_pop_head(&lane->queue)))
		waiting_free(w);
	g_free(lane->key);
	g_free(lane);
}

static void on_timer(uv_timer_t *timer)
{
	pump(timer->data);
}

struct turns *turns_new(uv_loop_t *loop, struct store *store, unsigned commands_per_minute, const struct turns_events *ev)
{
	struct turns *t = g_new0(struct turns, 1);

	t->loop = loop;
	t->store = store;
	t->ev = *ev;
	t->lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free);
	t->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	turns_set_rate(t, commands_per_minute);
	uv_timer_init(loop, &t->timer);
	t->timer.data = t;
	return t;
}

void turns_set_rate(struct turns *t, unsigned commands_per_minute)
{
	t->per_ms = commands_per_minute / (double)MINUTE_MS;
	t->burst = MAX(commands_per_minute, RATE_BURST_MIN);
}

const struct turns_stats *turns_get_stats(const struct turns *t)
{
	return &t->stats;
}

bool turns_is_full(const struct turns *t)
{
	return t->held >= TURNS_HELD_MAX;
}

bool turns_is_idle(const struct turns *t)
{
	return !t->running && !t->waiting && !t->is_recovering;
}

size_t turns_waiting(const struct turns *t)
{
	return t->waiting;
}

static char *lane_key(const struct update *u)
{
	return u->user_id ? g_strjoin("\x1f", u->adapter, u->user_id, NULL) : g_strjoin("\x1f", u->adapter, "", u->chat_id, NULL);
}

static struct lane *lane_get(struct turns *t, const struct update *u)
{
	g_autofree char *key = lane_key(u);
	struct lane *lane = g_hash_table_lookup(t->lanes, key);

	if (lane)
		return lane;
	lane = g_new0(struct lane, 1);
	lane->key = g_steal_pointer(&key);
	lane->tokens = t->burst;
	lane->tokens_at = clock_mono_ms();
	g_hash_table_insert(t->lanes, lane->key, lane);
	return lane;
}

/* A lane whose bucket is full again and that has nothing to do is forgotten. */
static void lane_drop_if_idle(struct turns *t, struct lane *lane)
{
	double tokens = lane->tokens + (double)(clock_mono_ms() - lane->tokens_at) * t->per_ms;

	if (lane->running || lane->queue.length || lane->is_ready || tokens < t->burst - 1)
		return;
	g_hash_table_remove(t->lanes, lane->key);
}

static gboolean lane_is_over(void *key, void *value, void *arg)
{
	const struct lane *lane = value;
	const struct turns *t = arg;

	return !lane->running && !lane->queue.length && !lane->is_ready &&
	       lane->tokens + (double)(clock_mono_ms() - lane->tokens_at) * t->per_ms >= t->burst - 1;
}

static void lane_make_ready(struct turns *t, struct lane *lane)
{
	if (lane->is_ready || lane->running || !lane->queue.length)
		return;
	lane->is_ready = true;
	if (lane->not_before > clock_mono_ms())
		g_queue_push_tail(&t->delayed, lane);
	else
		g_queue_push_tail(&t->ready, lane);
}

void turns_add(struct turns *t, int64_t inbox_id, struct update *u, bool is_local)
{
	struct lane *lane = lane_get(t, u);
	struct waiting *w = g_new0(struct waiting, 1);

	g_hash_table_add(t->known, g_memdup2(&inbox_id, sizeof(inbox_id)));
	w->inbox_id = inbox_id;
	w->is_local = is_local;
	w->since_ms = clock_mono_ms();
	if (lane->queue.length < LANE_HELD) {
		w->u = u;
		t->held++;
	} else {
		update_free(u);
	}
	t->waiting++;
	g_queue_push_tail(&lane->queue, w);
	lane_make_ready(t, lane);
	pump(t);
}

/* Spends one command of the person's rate. False: not yet; lane->not_before says when. *ret_warn: the rest waits now. */
static bool lane_spend(struct turns *t, struct lane *lane, const struct waiting *w, bool *ret_warn)
{
	int64_t now = clock_mono_ms();

	*ret_warn = false;
	if (w->is_local || t->per_ms <= 0)
		return true;
	lane->tokens = MIN(t->burst, lane->tokens + (double)(now - lane->tokens_at) * t->per_ms);
	lane->tokens_at = now;
	if (lane->tokens < 1) {
		lane->not_before = now + (int64_t)((1 - lane->tokens) / t->per_ms) + 1;
		return false;
	}
	lane->tokens -= 1;
	if (lane->tokens < 1 && lane->queue.length > 1 && !lane->was_warned)
		*ret_warn = lane->was_warned = true;
	else if (lane->tokens > t->burst / 2)
		lane->was_warned = false;
	return true;
}

static void wake_delayed(struct turns *t)
{
	int64_t now = clock_mono_ms(), next = -1;
	GList *l, *after;

	for (l = t->delayed.head; l; l = after) {
		struct lane *lane = l->data;

		after = l->next;
		if (lane->not_before <= now) {
			g_queue_delete_link(&t->delayed, l);
			g_queue_push_tail(&t->ready, lane);
		} else if (next < 0 || lane->not_before < next) {
			next = lane->not_before;
		}
	}
	if (next >= 0)
		uv_timer_start(&t->timer, on_timer, (uint64_t)(next - now), 0);
}

static void lane_start(struct turns *t, struct lane *lane)
{
	struct waiting *w = g_queue_peek_head(&lane->queue);
	struct run *r;
	bool warn;

	if (!lane_spend(t, lane, w, &warn)) {
		lane->is_ready = true;
		g_queue_push_tail(&t->delayed, lane);
		return;
	}
	g_queue_pop_head(&lane->queue);
	t->waiting--;
	if (w->u)
		t->held--;
	r = g_new0(struct run, 1);
	r->turns = t;
	r->lane = lane;
	r->since_ms = w->since_ms;
	r->is_local = w->is_local;
	r->turn = turn_new(w->inbox_id, g_steal_pointer(&w->u), t->ev.registry(t->ev.arg), t->ev.config(t->ev.arg));
	r->turn->say_rate_limited = warn;
	waiting_free(w);
	lane->running = r;
	t->running++;
	run_turn(r);
}

static void finish_close(struct turns *t);

static void pump(struct turns *t)
{
	struct lane *lane;

	if (t->is_closing) {
		finish_close(t);
		return;
	}
	if (t->is_held || t->is_recovering)
		return;
	wake_delayed(t);
	while (t->running < TURNS_RUNNING_MAX && (lane = g_queue_pop_head(&t->ready))) {
		lane->is_ready = false;
		lane_start(t, lane);
	}
	if (t->delayed.length)
		wake_delayed(t);
}

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
	if (!lane) {
		recover_next(t);
		return;
	}
	t->running--;
	lane->running = NULL;
	lane_make_ready(t, lane);
	lane_drop_if_idle(t, lane);
	if (g_hash_table_size(t->lanes) > TURNS_HELD_MAX)
		g_hash_table_foreach_remove(t->lanes, lane_is_over, t);
	pump(t);
	if (turns_is_idle(t) && !t->is_closing)
		t->ev.on_idle(t->ev.arg);
}

static void run_again(struct run *r);

static bool aside_job(struct db *db, void *arg, GError **error)
{
	struct run *r = arg;

	return store_inbox_set_aside(db, r->turn->inbox_id, r->reason, error) != STORE_BROKEN;
}

static void aside_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	if (end == JOB_DISK) {
		run_again(r);
		return;
	}
	if (end == JOB_FAILED)
		log_error("turns", "inbox row %" G_GINT64_FORMAT " could not be set aside: %s, it is tried again at the next start",
			  r->turn->inbox_id, error ? error->message : "");
	r->turns->stats.aside++;
	r->turns->ev.on_aside(r->turns->ev.arg, r->turn->inbox_id, r->reason);
	run_end(r);
}

static void set_aside(struct run *r, const char *reason)
{
	log_error("turns", "inbox row %" G_GINT64_FORMAT " is set aside: %s", r->turn->inbox_id, reason);
	g_free(r->reason);
	r->reason = g_strdup(reason);
	store_submit_accepted(r->turns->store, 128, aside_job, aside_done, r);
}

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

	uv_close((uv_handle_t *)timer, retry_closed);
	run_again(r);
}

static void run_later(struct run *r, int64_t after_ms)
{
	struct retry *retry = g_new0(struct retry, 1);

	retry->run = r;
	retry->timer.data = retry;
	uv_timer_init(r->turns->loop, &retry->timer);
	uv_timer_start(&retry->timer, on_retry, (uint64_t)after_ms, 0);
}

/* Abandoned at shutdown: its row is unhandled and is found again. */
static void run_again(struct run *r)
{
	struct turns *t = r->turns;

	if (t->is_closing) {
		t->running -= r->lane != NULL;
		if (r->lane)
			r->lane->running = NULL;
		else
			t->is_recovering = false;
		run_free(r);
		finish_close(t);
		return;
	}
	if (t->is_held) {
		run_later(r, 500);
		return;
	}
	run_turn(r);
}

static void on_failed(struct run *r, const GError *error)
{
	struct turns *t = r->turns;
	const char *why = error ? error->message : "unknown";

	if (r->failures >= TURN_RETRIES) {
		set_aside(r, why);
		return;
	}
	log_warn("turns", "turn of inbox row %" G_GINT64_FORMAT " broke: %s, retrying in %d s", r->turn->inbox_id, why,
		 (int)(retry_after_ms[r->failures] / SECOND_MS));
	t->stats.retried++;
	r->turn->is_read = false;
	run_later(r, retry_after_ms[r->failures++]);
}

static bool read_job(struct db *db, void *arg, GError **error)
{
	return turn_read_job(db, ((struct run *)arg)->turn, error);
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
		run_again(r);
		return;
	}
}

static void read_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	if (end == JOB_FAILED) {
		on_failed(r, error);
		return;
	}
	if (end == JOB_DISK) {
		run_again(r);
		return;
	}
	r->turns->stats.read += r->turn->is_read;
	store_submit_accepted(r->turns->store, 1024, write_job, write_done, r);
}

static void run_turn(struct run *r)
{
	struct turn *turn = r->turn;

	turn->is_read = false;
	if (turn->u && turn_may_read(turn->u))
		store_read(r->turns->store, read_job, read_done, r);
	else
		store_submit_accepted(r->turns->store, 1024, write_job, write_done, r);
}

/* --- Recovery: before the adapters open, one row at a time. --- */

#define RECOVER_CHUNK 64

struct recovery_read {
	struct turns *t;
	GPtrArray *rows;
};

static bool recover_read_job(struct db *db, void *arg, GError **error)
{
	struct recovery_read *q = arg;

	g_clear_pointer(&q->rows, g_ptr_array_unref);
	q->rows = store_inbox_unhandled(db, q->t->found_after, RECOVER_CHUNK, error);
	return q->rows != NULL;
}

static void recover_over(struct turns *t)
{
	t->is_recovering = false;
	if (t->is_closing) {
		finish_close(t);
		return;
	}
	t->ev.on_recovered(t->ev.arg);
	pump(t);
}

static void recover_read_done(void *arg, enum job_end end, const GError *error)
{
	struct recovery_read *q = arg;
	struct turns *t = q->t;
	guint n = q->rows ? q->rows->len : 0;

	if (end != JOB_COMMITTED)
		log_error("turns", "unhandled updates could not be read: %s, they are found at the next start", error ? error->message : "");
	for (guint i = 0; end == JOB_COMMITTED && i < n; i++) {
		struct inbox_row *row = q->rows->pdata[i];

		t->found_after = row->id;
		g_queue_push_tail(&t->found, row);
		q->rows->pdata[i] = NULL;
	}
	if (q->rows)
		g_ptr_array_unref(q->rows);
	g_free(q);
	if (end == JOB_COMMITTED && n)
		recover_next(t);
	else
		recover_over(t);
}

static bool try_job(struct db *db, void *arg, GError **error)
{
	struct run *r = arg;

	return store_inbox_try(db, r->turn->inbox_id, &r->tries, error) != STORE_BROKEN;
}

static void try_done(void *arg, enum job_end end, const GError *error)
{
	struct run *r = arg;

	if (end == JOB_COMMITTED)
		run_turn(r);
	else if (end == JOB_DISK)
		run_later(r, 500);
	else
		on_failed(r, error);
}

static void recover_next(struct turns *t)
{
	struct inbox_row *row = g_queue_pop_head(&t->found);
	g_autoptr(GError) error = NULL;
	struct run *r;

	if (t->is_closing) {
		if (row)
			inbox_row_free(row);
		recover_over(t);
		return;
	}
	if (!row) {
		struct recovery_read *q = g_new0(struct recovery_read, 1);

		q->t = t;
		store_read(t->store, recover_read_job, recover_read_done, q);
		return;
	}
	r = g_new0(struct run, 1);
	r->turns = t;
	r->since_ms = clock_mono_ms();
	r->turn = turn_new(row->id, update_parse(row->payload, &error), t->ev.registry(t->ev.arg), t->ev.config(t->ev.arg));
	if (!r->turn->u)
		set_aside(r, error->message);
	else if (row->tries >= INBOX_TRIES_MAX)
		set_aside(r, "the program ended three times while it was being handled");
	else
		store_submit_accepted(t->store, 128, try_job, try_done, r);
	inbox_row_free(row);
}

void turns_recover(struct turns *t)
{
	t->is_recovering = true;
	t->found_after = 0;
	recover_next(t);
}

static void rescan_done(void *arg, enum job_end end, const GError *error)
{
	struct recovery_read *q = arg;
	struct turns *t = q->t;

	t->is_rescanning = false;
	for (guint i = 0; end == JOB_COMMITTED && !t->is_closing && i < q->rows->len; i++) {
		const struct inbox_row *row = q->rows->pdata[i];
		struct update *u = g_hash_table_contains(t->known, &row->id) ? NULL : update_parse(row->payload, NULL);

		if (u)
			turns_add(t, row->id, u, false);
	}
	if (q->rows)
		g_ptr_array_unref(q->rows);
	g_free(q);
	finish_close(t);
}

void turns_rescan(struct turns *t)
{
	struct recovery_read *q;

	if (t->is_rescanning || t->is_recovering || t->is_closing)
		return;
	t->is_rescanning = true;
	t->found_after = 0;
	q = g_new0(struct recovery_read, 1);
	q->t = t;
	store_read(t->store, recover_read_job, rescan_done, q);
}

void turns_hold(struct turns *t, bool hold)
{
	t->is_held = hold;
	if (!hold)
		pump(t);
}

static void timer_closed(uv_handle_t *h)
{
	struct turns *t = h->data;
	struct inbox_row *row;
	void (*closed)(void *) = t->closed;
	void *arg = t->closed_arg;

	while ((row = g_queue_pop_head(&t->found)))
		inbox_row_free(row);
	g_queue_clear(&t->ready);
	g_queue_clear(&t->delayed);
	g_hash_table_unref(t->lanes);
	g_hash_table_unref(t->known);
	g_free(t);
	closed(arg);
}

static void finish_close(struct turns *t)
{
	if (!t->closed || t->running || t->is_recovering || t->is_rescanning || uv_is_closing((uv_handle_t *)&t->timer))
		return;
	uv_close((uv_handle_t *)&t->timer, timer_closed);
}

void turns_close(struct turns *t, void (*closed)(void *arg), void *arg)
{
	t->closed = closed;
	t->closed_arg = arg;
	t->is_closing = true;
	finish_close(t);
}
