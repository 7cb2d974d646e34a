/* SPDX-License-Identifier: MIT */
/* One errand from its first request to its end: steps, back-off, the lease of an exclusive one, and the storing of what a step
 * brought before the next begins. Which errand runs when is not decided here. */
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "codec_driver.h"

static void errand_run(struct errand *e);

static void on_errand_timer(uv_timer_t *timer)
{
	errand_run(timer->data);
}

void codec_errand_init(struct errand *e, struct codec_driver *d, enum trouble_source source, void (*over)(struct codec_driver *d))
{
	e->driver = d;
	e->source = source;
	e->over = over;
	uv_timer_init(d->adapter->env.loop, &e->timer);
	e->timer.data = e;
}

void codec_errand_clear(struct errand *e)
{
	g_clear_pointer(&e->save_key, g_free);
	g_clear_pointer(&e->save_value, g_free);
	g_clear_pointer(&e->updates, g_ptr_array_unref);
	e->is_answered = e->wants_step = false;
}

static void lease_give_back(struct errand *e)
{
	const struct adapter_events *ev = e->driver->adapter->env.events;

	if (!e->is_leased)
		return;
	e->is_leased = false;
	if (ev->on_release)
		ev->on_release(ev->arg, e->driver->adapter, e->name);
}

/* Waits inside the errand: nothing else of its kind runs meanwhile. */
static void errand_wait(struct errand *e, int64_t wait_ms)
{
	if (wait_ms < 0)
		wait_ms = codec_backoff_ms(e->tries);
	e->tries++;
	uv_timer_start(&e->timer, on_errand_timer, (uint64_t)wait_ms, 0);
}

static void errand_put_off(struct errand *e, int64_t wait_ms)
{
	lease_give_back(e); /* another holder may do better meanwhile */
	if (e->put_off)
		e->put_off(e->driver, wait_ms);
	else
		errand_wait(e, wait_ms);
}

static void errand_over(struct errand *e)
{
	lease_give_back(e);
	codec_errand_clear(e);
	e->name = NULL;
	e->over(e->driver);
}

static struct codec_token *token_new(struct errand *e)
{
	struct codec_token *token = g_new0(struct codec_token, 1);

	token->driver = e->driver;
	token->errand = e;
	return token;
}

/* The errand that waits with this token, or NULL: the adapter is closed. The token is spent. */
static struct errand *token_take(struct codec_token *token)
{
	struct errand *e = token->driver ? token->errand : NULL;

	g_free(token);
	if (e)
		e->waiting = NULL;
	return e;
}

/* What a step brought */

void codec_saved_take(struct codec_driver *d, GHashTable *fresh)
{
	GHashTable *saved = d->adapter->env.saved;
	GHashTableIter iter;
	void *key, *value;

	g_hash_table_iter_init(&iter, saved);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!g_hash_table_contains(fresh, key))
			g_hash_table_iter_remove(&iter);
	g_hash_table_iter_init(&iter, fresh);
	while (g_hash_table_iter_next(&iter, &key, &value))
		g_hash_table_replace(saved, g_strdup(key), g_strdup(value));
	if (d->ops->saved_changed)
		d->ops->saved_changed(d->adapter);
}

static void errand_store(struct errand *e);

static void on_saved(void *arg, bool committed)
{
	struct errand *e = token_take(arg);
	struct codec_driver *d;

	if (!e)
		return;
	if (!committed) {
		errand_wait(e, -1); /* saves again; the errand itself may be unrepeatable */
		return;
	}
	d = e->driver;
	if (e->save_value)
		g_hash_table_replace(d->adapter->env.saved, g_steal_pointer(&e->save_key), g_steal_pointer(&e->save_value));
	else
		g_hash_table_remove(d->adapter->env.saved, e->save_key);
	g_clear_pointer(&e->save_key, g_free);
	if (d->ops->saved_changed)
		d->ops->saved_changed(d->adapter);
	errand_store(e);
}

static void on_batch_done(struct update_batch *batch, bool committed)
{
	struct errand *e = token_take(batch->done_arg);

	if (!e)
		return;
	if (committed) {
		errand_store(e);
		return;
	}
	e->updates = g_ptr_array_ref(batch->updates); /* handed up again; the step itself may be unrepeatable */
	errand_wait(e, -1);
}

static void errand_hand_up(struct errand *e)
{
	struct update_batch *batch = update_batch_new();

	g_ptr_array_unref(batch->updates);
	batch->updates = g_steal_pointer(&e->updates);
	e->waiting = token_new(e);
	batch->done = on_batch_done;
	batch->done_arg = e->waiting;
	adapter_hand_up(e->driver->adapter, batch);
}

/* The next thing to store, or on. Called again by each that is stored. */
static void errand_store(struct errand *e)
{
	struct adapter *a = e->driver->adapter;

	if (e->updates && e->updates->len > 0) {
		errand_hand_up(e);
	} else if (e->save_key) {
		e->waiting = token_new(e);
		a->env.events->on_save(a->env.events->arg, a, e->save_key, e->save_value, on_saved, e->waiting);
	} else if (e->wants_step) {
		codec_errand_clear(e);
		e->tries = 0;
		/* Through the loop: a thousand pages must not be a thousand calls deep. */
		uv_timer_start(&e->timer, on_errand_timer, ++e->steps < ERRAND_STEPS_MAX ? 0 : SECOND_MS, 0);
	} else {
		e->tries = 0;
		errand_over(e);
	}
}

/* What an answer means */

/* An errand that a poll asked for proves nothing about polling: only a poll does. Upkeep's trouble is one errand's. */
static void errand_went_well(struct errand *e)
{
	struct codec_driver *d = e->driver;

	if (e->source == TROUBLE_POLL || (e->source == TROUBLE_UPKEEP && g_strcmp0(d->trouble_name, e->name) != 0))
		return;
	d->trouble_name = e->source == TROUBLE_UPKEEP ? NULL : d->trouble_name;
	codec_trouble_clear(d, e->source);
}

static void errand_in_trouble(struct errand *e, const char *reason, bool at_once)
{
	struct codec_driver *d = e->driver;

	if (e->source == TROUBLE_UPKEEP) {
		/* One at a time: refused credentials push aside what is only slow, never the other way round. */
		if (d->trouble_name && g_strcmp0(d->trouble_name, e->name) != 0 && !at_once)
			return;
		d->trouble_name = e->name;
	}
	codec_trouble_set(d, e->source, reason, at_once);
}

static void errand_accept(struct errand *e, struct errand_outcome *o)
{
	errand_went_well(e);
	e->is_answered = true;
	e->wants_step = o->verdict == ERRAND_AGAIN;
	e->updates = g_steal_pointer(&o->updates);
	e->save_key = g_steal_pointer(&o->save_key);
	e->save_value = g_steal_pointer(&o->save_value);
	errand_store(e);
}

static void outcome_clear(struct errand_outcome *o)
{
	g_free(o->reason);
	g_free(o->save_key);
	g_free(o->save_value);
	if (o->updates)
		g_ptr_array_unref(o->updates);
}

static void errand_apply(struct errand *e, struct errand_outcome *o)
{
	const char *area = e->driver->adapter->ops->name;

	switch (o->verdict) {
	case ERRAND_DONE:
	case ERRAND_AGAIN:
		if (o->reason)
			log_warn(area, "%s: %s", e->name, o->reason);
		errand_accept(e, o);
		break;
	case ERRAND_LATER:
		log_info(area, "%s: %s, retrying", e->name, o->reason ? o->reason : "not now");
		errand_in_trouble(e, o->reason, false);
		errand_put_off(e, o->wait_ms);
		break;
	case ERRAND_FAILED:
		log_warn(area, "%s: %s, ignoring", e->name, o->reason ? o->reason : "failed");
		errand_accept(e, o);
		break;
	case ERRAND_STOP:
		errand_in_trouble(e, o->reason, true);
		errand_put_off(e, POLL_STOP_RETRY_MS);
		break;
	}
}

/* The adapter closes, but what an exclusive errand brings may never come again (a token that works once): it is stored as ever, and
 * nobody waits for the result. */
static void errand_keep_last(struct errand *e, const struct http_response *response)
{
	struct codec_driver *d = e->driver;
	const struct adapter_events *ev = d->adapter->env.events;
	struct errand_outcome o = { .verdict = ERRAND_LATER, .wait_ms = -1 };

	d->ops->judge_errand(d->adapter, e->name, response, &o);
	if (o.save_key && o.verdict != ERRAND_LATER && o.verdict != ERRAND_STOP)
		ev->on_save(ev->arg, d->adapter, o.save_key, o.save_value, on_saved, g_new0(struct codec_token, 1));
	outcome_clear(&o);
}

static void on_errand_answer(void *arg, const struct http_response *response)
{
	struct errand *e = arg;
	struct codec_driver *d = e->driver;
	struct errand_outcome outcome = { .verdict = ERRAND_LATER, .wait_ms = -1 };
	uint64_t began = e->began;

	e->call = NULL;
	if (d->is_closing) {
		if (e->is_leased)
			errand_keep_last(e, response);
		lease_give_back(e);
		codec_close_check(d);
		return;
	}
	d->ops->judge_errand(d->adapter, e->name, response, &outcome);
	errand_apply(e, &outcome);
	outcome_clear(&outcome);
	codec_upkeep_heed(d, began);
}

/* Asking */

static void errand_ask(struct errand *e)
{
	struct codec_driver *d = e->driver;
	struct http_request request = { 0 };

	if (!d->ops->errand || !d->ops->errand(d->adapter, e->name, &request)) {
		errand_over(e);
		return;
	}
	if (e->is_leased && (request.timeout_ms <= 0 || request.timeout_ms > ERRAND_LEASE_MS / 2))
		request.timeout_ms = ERRAND_LEASE_MS / 2;
	e->began = d->tick;
	e->call = http_client_start(d->adapter->env.http, &request, on_errand_answer, e);
}

static void on_leased(void *arg, bool granted, GHashTable *saved)
{
	struct errand *e = token_take(arg);

	if (!e)
		return; /* a lease that was granted ends by itself */
	if (!granted) {
		log_info(e->driver->adapter->ops->name, "%s: another process is at it, looking again", e->name);
		errand_in_trouble(e, "tiến trình khác đang giữ việc này", false);
		errand_put_off(e, LEASE_RETRY_MS);
		return;
	}
	e->is_leased = true;
	if (saved)
		codec_saved_take(e->driver, saved);
	errand_ask(e);
}

static void errand_run(struct errand *e)
{
	struct adapter *a = e->driver->adapter;
	const struct codec_ops *ops = e->driver->ops;

	if (e->is_answered) {
		errand_store(e);
	} else if (ops->errand_is_exclusive && ops->errand_is_exclusive(a, e->name) && a->env.events->on_lease) {
		e->waiting = token_new(e);
		a->env.events->on_lease(a->env.events->arg, a, e->name, on_leased, e->waiting);
	} else {
		errand_ask(e);
	}
}

void codec_errand_begin(struct errand *e, const char *name)
{
	e->name = name;
	e->tries = e->steps = 0;
	errand_run(e);
}

void codec_errand_hurry(struct errand *e)
{
	if (e->name && uv_is_active((uv_handle_t *)&e->timer))
		uv_timer_start(&e->timer, on_errand_timer, 0, 0);
}

void codec_errand_close(struct errand *e)
{
	uv_timer_stop(&e->timer);
	if (e->call && !e->is_leased) /* one under a lease is waited for: half a lease at most */
		http_call_cancel(e->call);
	else if (!e->call)
		lease_give_back(e);
	if (e->waiting)
		e->waiting->driver = NULL;
}
