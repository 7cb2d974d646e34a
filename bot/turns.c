/* SPDX-License-Identifier: MIT */
/* Lanes, their rate and their order, on the loop. A run is turns_run.c, what a turn does is turn.c. */
#include "turns_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "store/inbox.h"

/* A person may send this many commands at once before the rate counts: a flood, not a lively talk, is slowed. */
#define RATE_BURST_MIN 5
/* Lanes of people who are silent again are looked for when so many have gathered. */
#define SWEEP_MIN 512

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
	turns_pump(timer->data);
}

struct turns *turns_new(uv_loop_t *loop, struct store *store, unsigned commands_per_minute, const struct turns_events *ev)
{
	struct turns *t = g_new0(struct turns, 1);

	t->loop = loop;
	t->store = store;
	t->ev = *ev;
	t->lanes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free);
	t->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	t->sweep_at = SWEEP_MIN;
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

/* A lane with nothing to do whose bucket is full again: forgetting it changes nothing. */
static gboolean lane_is_over(void *key, void *value, void *arg)
{
	const struct lane *lane = value;
	const struct turns *t = arg;

	return !lane->running && !lane->queue.length && !lane->is_ready &&
	       lane->tokens + (double)(clock_mono_ms() - lane->tokens_at) * t->per_ms >= t->burst;
}

/* Looking through all costs as much as there are, so it is done only after as many new ones came: constant on average. */
static void sweep(struct turns *t)
{
	if (g_hash_table_size(t->lanes) < t->sweep_at)
		return;
	g_hash_table_foreach_remove(t->lanes, lane_is_over, t);
	t->sweep_at = MAX(SWEEP_MIN, 2 * g_hash_table_size(t->lanes));
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

static void add(struct turns *t, struct lane *lane, int64_t inbox_id, struct update *u, bool is_local)
{
	struct waiting *w = g_new0(struct waiting, 1);

	g_hash_table_add(t->known, g_memdup2(&inbox_id, sizeof(inbox_id)));
	w->inbox_id = inbox_id;
	w->u = u;
	w->is_local = is_local;
	w->since_ms = clock_mono_ms();
	t->held += u != NULL;
	t->waiting++;
	g_queue_push_tail(&lane->queue, w);
	lane_make_ready(t, lane);
	turns_pump(t);
}

void turns_add(struct turns *t, int64_t inbox_id, struct update *u, bool is_local)
{
	struct lane *lane = lane_get(t, u);

	if (lane->queue.length >= LANE_HELD)
		g_clear_pointer(&u, update_free);
	add(t, lane, inbox_id, u, is_local);
}

void turns_add_row(struct turns *t, int64_t inbox_id, const struct update *who)
{
	add(t, lane_get(t, who), inbox_id, NULL, false);
}

/* What people write counts; who comes, goes or opens a chat does not. */
static bool is_counted(const struct turns *t, const struct waiting *w)
{
	return !w->is_local && t->per_ms > 0 && (!w->u || w->u->kind == UPDATE_MESSAGE || w->u->kind == UPDATE_EDIT);
}

/* Spends one command of the person's rate. False: not yet; lane->not_before says when. *ret_warn: the person is to be told, once a
 * flood: with the last one that goes at once if more wait already, else with the first one that had to wait. */
static bool lane_spend(struct turns *t, struct lane *lane, const struct waiting *w, bool *ret_warn)
{
	int64_t now = clock_mono_ms();

	*ret_warn = false;
	if (!is_counted(t, w))
		return true;
	lane->tokens = MIN(t->burst, lane->tokens + (double)(now - lane->tokens_at) * t->per_ms);
	lane->tokens_at = now;
	if (lane->tokens < 1) {
		lane->not_before = now + (int64_t)((1 - lane->tokens) / t->per_ms) + 1;
		lane->was_held = true;
		return false;
	}
	lane->tokens -= 1;
	if (lane->tokens > t->burst / 2)
		lane->was_warned = false;
	*ret_warn = !lane->was_warned && (lane->was_held || (lane->tokens < 1 && lane->queue.length > 1));
	lane->was_warned = lane->was_warned || *ret_warn;
	lane->was_held = false;
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
	r->step = RUN_TURN;
	r->turn = turn_new(w->inbox_id, g_steal_pointer(&w->u), t->ev.registry(t->ev.arg), t->ev.config(t->ev.arg));
	r->turn->say_rate_limited = warn;
	waiting_free(w);
	lane->running = r;
	t->running++;
	turns_run_start(r);
}

void turns_pump(struct turns *t)
{
	struct lane *lane;

	if (t->is_closing) {
		turns_finish_close(t);
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

void turns_lane_end(struct turns *t, struct lane *lane)
{
	t->running--;
	lane->running = NULL;
	lane_make_ready(t, lane);
	sweep(t);
	turns_pump(t);
	if (turns_is_idle(t) && !t->is_closing)
		t->ev.on_idle(t->ev.arg);
}

void turns_hold(struct turns *t, bool hold)
{
	t->is_held = hold;
	if (!hold)
		turns_pump(t);
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

void turns_finish_close(struct turns *t)
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
	turns_run_abandon(t);
	turns_finish_close(t);
}
