/* SPDX-License-Identifier: MIT */
/* How updates come in: the poll loop and the webhook's route. Both hand batches up and tell the platform only after the commit;
 * neither looks into an update. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "codec_driver.h"

/* An empty answer within this time was no long poll. */
#define POLL_EARLY_MS 1000
#define WEBHOOK_RETRY_AFTER_S 5

static void poll_start(struct codec_driver *d);

/* Polling: poll -> judge -> hand up -> committed -> next poll. At no time is there more than one of these. */

static void on_poll_timer(uv_timer_t *timer)
{
	poll_start(timer->data);
}

static void poll_wait(struct codec_driver *d, int64_t wait_ms)
{
	if (!d->is_closing)
		uv_timer_start(&d->poll_timer, on_poll_timer, (uint64_t)wait_ms, 0);
}

static void poll_back_off(struct codec_driver *d, int64_t wait_ms)
{
	if (wait_ms < 0)
		wait_ms = codec_backoff_ms(d->poll_tries);
	d->poll_tries++;
	poll_wait(d, wait_ms);
}

static void poll_advance(struct codec_driver *d, const struct update_batch *batch, int64_t pause_ms)
{
	d->ops->poll_committed(d->adapter, batch);
	d->poll_tries = 0;
	if (batch->cursor) {
		g_free(d->last_cursor);
		d->last_cursor = g_strdup(batch->cursor);
	}
	poll_wait(d, pause_ms);
}

static void on_batch_done(struct update_batch *batch, bool committed)
{
	struct codec_token *token = batch->done_arg;
	struct codec_driver *d = token->driver;
	int64_t pause_ms = token->pause_ms;

	g_free(token);
	if (!d)
		return;
	d->batch = NULL;
	if (committed)
		poll_advance(d, batch, pause_ms);
	else
		poll_back_off(d, -1); /* the position stays: the platform keeps what we could not take */
}

static void batch_hand_up(struct codec_driver *d, struct update_batch *batch, int64_t elapsed_ms)
{
	bool is_early = batch->updates->len == 0 && elapsed_ms < POLL_EARLY_MS;
	/* The same position again: the server does not take it over and would repeat itself as fast as we ask. */
	bool is_stuck = batch->cursor && g_strcmp0(batch->cursor, d->last_cursor) == 0;
	int64_t pause_ms = is_early || is_stuck ? POLL_EARLY_PAUSE_MS : 0;

	if (batch->updates->len == 0 && !batch->cursor) {
		poll_advance(d, batch, pause_ms);
		update_batch_free(batch);
		return;
	}
	d->batch = g_new0(struct codec_token, 1);
	d->batch->driver = d;
	d->batch->pause_ms = pause_ms;
	batch->done = on_batch_done;
	batch->done_arg = d->batch;
	adapter_hand_up(d->adapter, batch);
}

static void poll_apply(struct codec_driver *d, struct update_batch *batch, const struct poll_outcome *o, int64_t elapsed_ms)
{
	struct adapter *a = d->adapter;

	if (o->verdict != POLL_UPDATES) {
		update_batch_free(batch);
		a->n_poll_errors++;
	}
	switch (o->verdict) {
	case POLL_UPDATES:
		codec_trouble_clear(d, TROUBLE_POLL);
		a->last_heard_mono_ms = clock_mono_ms();
		batch_hand_up(d, batch, elapsed_ms);
		break;
	case POLL_WAIT:
		log_info(a->ops->name, "poll: %s, retrying", o->reason ? o->reason : "nothing usable");
		codec_trouble_set(d, TROUBLE_POLL, o->reason, false);
		poll_back_off(d, o->wait_ms);
		break;
	case POLL_ERRAND:
		log_info(a->ops->name, "poll: %s, running errand %s", o->reason ? o->reason : "in the way", o->errand);
		codec_trouble_set(d, TROUBLE_POLL, o->reason, false);
		codec_errand_begin(&d->asked, o->errand);
		break;
	case POLL_STOP:
		codec_trouble_set(d, TROUBLE_POLL, o->reason, true);
		poll_wait(d, POLL_STOP_RETRY_MS);
		break;
	}
}

static void on_poll_answer(void *arg, const struct http_response *response)
{
	struct codec_driver *d = arg;
	struct update_batch *batch;
	struct poll_outcome outcome = { .verdict = POLL_WAIT, .wait_ms = -1 };

	d->poll_call = NULL;
	if (d->is_closing) {
		codec_close_check(d);
		return;
	}
	batch = update_batch_new();
	d->ops->judge_poll(d->adapter, response, batch, &outcome);
	codec_upkeep_heed(d, d->poll_began);
	poll_apply(d, batch, &outcome, response->elapsed_ms);
	g_free(outcome.reason);
}

static void poll_start(struct codec_driver *d)
{
	struct http_request request = { 0 };

	if (d->poll_call || d->batch || !d->ops->next_poll || !d->ops->next_poll(d->adapter, &request))
		return;
	/* The watchdog: the client ends a call at its timeout whatever the connection does. */
	if (request.timeout_ms <= 0 || request.timeout_ms > POLL_WATCHDOG_MS)
		request.timeout_ms = POLL_WATCHDOG_MS;
	d->poll_began = d->tick;
	d->poll_call = http_client_start(d->adapter->env.http, &request, on_poll_answer, d);
}

/* Webhook */

struct webhook_call {
	struct codec_driver *driver; /* NULL: closed meanwhile */
	struct http_exchange *exchange;
	GList link;
};

static void on_webhook_done(struct update_batch *batch, bool committed)
{
	struct webhook_call *call = batch->done_arg;
	struct codec_driver *d = call->driver;

	if (committed)
		http_exchange_answer(call->exchange, 200, NULL, "", 0);
	else
		http_exchange_answer(call->exchange, 503, NULL, "", WEBHOOK_RETRY_AFTER_S);
	if (d)
		g_queue_unlink(&d->webhook_calls, &call->link);
	if (d && !committed && d->ops->webhook_refused)
		d->ops->webhook_refused(d->adapter, batch->updates);
	g_free(call);
}

static void webhook_hand_up(struct codec_driver *d, struct update_batch *batch, struct http_exchange *x)
{
	struct webhook_call *call = g_new(struct webhook_call, 1);

	*call = (struct webhook_call){ .driver = d, .exchange = x, .link.data = call };
	g_queue_push_tail_link(&d->webhook_calls, &call->link);
	batch->done = on_webhook_done;
	batch->done_arg = call;
	adapter_hand_up(d->adapter, batch);
}

static void webhook_take(struct codec_driver *d, const struct http_server_request *r)
{
	struct adapter *a = d->adapter;
	struct update_batch *batch = update_batch_new();
	g_autoptr(GError) error = NULL;

	/* A body that is no JSON although the secret is right is written down and confirmed: refusing it would only bring it back
	 * and block its chat for a day (telegram.md §10.11). */
	if (!d->ops->decode(a, r->body, r->body_len, batch->updates, &error))
		log_warn(a->ops->name, "webhook: a genuine call of %zu bytes is no JSON: %s, ignoring", r->body_len,
			 error ? error->message : "no reason");
	codec_upkeep_heed(d, d->tick);
	a->last_heard_mono_ms = clock_mono_ms();
	if (batch->updates->len == 0) {
		update_batch_free(batch);
		http_exchange_answer(r->exchange, 200, NULL, "", 0);
		return;
	}
	webhook_hand_up(d, batch, r->exchange);
}

static void on_webhook(void *arg, const struct http_server_request *r)
{
	struct codec_driver *d = arg;

	switch (d->ops->verify(d->adapter, r)) {
	case WEBHOOK_FORGED:
		d->adapter->n_rejected_calls++;
		http_exchange_answer(r->exchange, 401, NULL, "", 0);
		break;
	case WEBHOOK_PROBE:
		http_exchange_answer(r->exchange, 200, NULL, "", 0);
		break;
	case WEBHOOK_GENUINE:
		if (d->is_listening)
			webhook_take(d, r);
		else /* before the start errands are done the codec does not know who it is */
			http_exchange_answer(r->exchange, 503, NULL, "", WEBHOOK_RETRY_AFTER_S);
		break;
	}
}

/* Life */

bool codec_listen_open(struct codec_driver *d, GError **error)
{
	struct adapter *a = d->adapter;
	const char *path = d->ops->webhook_path ? d->ops->webhook_path(a) : NULL;

	if (!a->env.http) {
		g_set_error_literal(error, G_URI_ERROR, G_URI_ERROR_FAILED, "needs the HTTP client");
		return false;
	}
	if (!path)
		return true;
	if (!a->env.server) {
		g_set_error_literal(error, G_URI_ERROR, G_URI_ERROR_FAILED, "nhận tin qua webhook thì phải đặt [http] listen, ví dụ 127.0.0.1:8080");
		return false;
	}
	d->webhook_path = g_strdup(path);
	return http_server_route(a->env.server, "POST", path, on_webhook, d, error);
}

void codec_listen_start(struct codec_driver *d)
{
	if (d->webhook_path || d->is_closing)
		return;
	if (d->poll_tries == 0 && d->adapter->n_poll_errors == 0)
		poll_wait(d, 0);
	else
		poll_back_off(d, -1);
}

void codec_listen_close(struct codec_driver *d)
{
	uv_timer_stop(&d->poll_timer);
	if (d->webhook_path)
		http_server_unroute(d->adapter->env.server, d->webhook_path);
	if (d->poll_call)
		http_call_cancel(d->poll_call);
	if (d->batch)
		d->batch->driver = NULL;
	for (GList *l; (l = g_queue_pop_head_link(&d->webhook_calls));)
		((struct webhook_call *)l->data)->driver = NULL;
}
