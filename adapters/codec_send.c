/* SPDX-License-Identifier: MIT */
/* Sends of a codec adapter: encode, call, judge, and the few immediate second tries the codec asks for. Everything later than
 * "at once" is the outbox's. */
#include "codec_driver.h"

/* Sends before the start errands are done come back soon: they usually take a second. */
#define NOT_READY_RETRY_MS 1000

static void send_tell(struct codec_send *s)
{
	s->done(s->arg, &s->result);
	outgoing_free(s->outgoing);
	g_free((char *)s->before.body);
	g_free(s);
}

static void on_later(uv_timer_t *timer)
{
	struct codec_driver *d = timer->data;
	GList *link;

	while ((link = g_queue_pop_head_link(&d->ended_sends)))
		send_tell(link->data);
	codec_close_check(d);
}

void codec_send_end(struct codec_send *s, enum send_status status, int64_t retry_ms, const char *reason)
{
	struct codec_driver *d = s->driver;

	s->result = (struct send_result){ .status = status, .retry_ms = retry_ms, .reason = reason };
	s->result.is_platform_wide = status == SEND_LATER;
	g_queue_push_tail_link(&d->ended_sends, &s->link);
	uv_timer_start(&d->later, on_later, 0, 0);
}

/* Waits for the errand that a judge asked for; where that pauses, back to the courier. True: it does not go now. */
static bool send_hold(struct codec_send *s)
{
	int64_t wait_ms;

	if (!codec_upkeep_holds(s->driver, &wait_ms))
		return false;
	if (wait_ms > HOLD_MAX_MS)
		codec_send_end(s, SEND_LATER, wait_ms, "waits for the connection to be put right");
	else
		g_queue_push_tail_link(&s->driver->held, &s->link);
	return true;
}

void codec_send_judged(struct codec_send *s, bool wants_again)
{
	struct codec_driver *d = s->driver;
	bool asks = d->adapter->wants_errand != NULL && !s->was_held && (wants_again || s->result.status == SEND_LATER);

	codec_upkeep_heed(d, s->began);
	if (d->is_closing) {
		send_tell(s);
		codec_close_check(d);
	} else if (asks) {
		/* Certainly not accepted, for a reason that the errand removes: the same again after it, at once if it is done. */
		s->was_held = true;
		codec_send_go(s);
	} else if (wants_again && s->attempt + 1 < CODEC_ATTEMPTS_MAX) {
		s->attempt++;
		codec_send_go(s);
	} else {
		send_tell(s);
	}
}

static void on_send_answer(void *arg, const struct http_response *response)
{
	struct codec_send *s = arg;
	struct codec_driver *d = s->driver;
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	bool wants_again;

	s->call = NULL;
	g_queue_unlink(&d->sends, &s->link);
	s->result = (struct send_result){ .status = SEND_LATER, .retry_ms = -1 };
	wants_again = d->ops->judge(d->adapter, s->outgoing, s->attempt, response, &s->result, scratch);
	codec_send_judged(s, wants_again);
}

static void send_encode(struct codec_send *s)
{
	struct codec_driver *d = s->driver;
	struct http_request request = { 0 };
	const char *reason = NULL;

	if (!d->ops->encode(d->adapter, s->outgoing, s->attempt, &request, &reason)) {
		http_request_clear(&request);
		codec_send_end(s, SEND_REFUSED, -1, reason ? reason : "cannot be sent here");
		return;
	}
	s->began = d->tick;
	g_queue_push_tail_link(&d->sends, &s->link);
	s->call = http_client_start(d->adapter->env.http, &request, on_send_answer, s);
}

void codec_send_go(struct codec_send *s)
{
	if (!send_hold(s) && !codec_prepare(s))
		send_encode(s);
}

void codec_driver_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg)
{
	struct codec_driver *d = a->driver;
	struct codec_send *s = g_new0(struct codec_send, 1);

	s->driver = d;
	s->link.data = s;
	s->outgoing = outgoing_copy(m);
	s->done = done;
	s->arg = arg;
	if (d->is_closing)
		codec_send_end(s, SEND_LATER, -1, "closing");
	else if (!d->is_listening)
		codec_send_end(s, SEND_LATER, NOT_READY_RETRY_MS, "not connected yet");
	else
		codec_send_go(s);
}

void codec_send_release_held(struct codec_driver *d)
{
	GQueue held = d->held;
	GList *link;

	g_queue_init(&d->held); /* one that asks again waits for the next time */
	while ((link = g_queue_pop_head_link(&held)))
		codec_send_go(link->data);
}

void codec_send_give_back_held(struct codec_driver *d, int64_t retry_ms)
{
	GList *link;

	while ((link = g_queue_pop_head_link(&d->held)))
		codec_send_end(link->data, SEND_LATER, retry_ms, "waits for the connection to be put right");
}

void codec_send_close(struct codec_driver *d)
{
	/* Each cancelled call's answer comes from the loop: LATER or UNCERTAIN by whether it was written. */
	for (GList *l = d->sends.head; l; l = l->next)
		http_call_cancel(((struct codec_send *)l->data)->call);
	codec_send_give_back_held(d, -1);
}
