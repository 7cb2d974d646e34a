/* SPDX-License-Identifier: MIT */
/* Sends of a codec adapter: encode, call, judge, and the few immediate second tries the codec asks for. Everything later than
 * "at once" is the outbox's. */
#include "codec_driver.h"

/* Sends before the start errands are done come back soon: they usually take a second. */
#define NOT_READY_RETRY_MS 1000

struct codec_send {
	struct codec_driver *driver;
	GList link;
	struct outgoing *outgoing;
	unsigned attempt;
	struct http_call *call;
	struct send_result result;
	adapter_send_done_fn *done;
	void *arg;
};

static void send_tell(struct codec_send *s)
{
	s->done(s->arg, &s->result);
	outgoing_free(s->outgoing);
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

/* Ends a send without an answer, from the loop. reason is static. */
static void send_end(struct codec_send *s, enum send_status status, int64_t retry_ms, const char *reason)
{
	struct codec_driver *d = s->driver;

	s->result = (struct send_result){ .status = status, .retry_ms = retry_ms, .reason = reason };
	s->result.is_platform_wide = status == SEND_LATER;
	g_queue_push_tail_link(&d->ended_sends, &s->link);
	uv_timer_start(&d->later, on_later, 0, 0);
}

static void on_send_answer(void *arg, const struct http_response *response);

static void send_try(struct codec_send *s)
{
	struct codec_driver *d = s->driver;
	struct http_request request = { 0 };
	const char *reason = NULL;

	if (!d->ops->encode(d->adapter, s->outgoing, s->attempt, &request, &reason)) {
		http_request_clear(&request);
		send_end(s, SEND_REFUSED, -1, reason ? reason : "cannot be sent here");
		return;
	}
	g_queue_push_tail_link(&d->sends, &s->link);
	s->call = http_client_start(d->adapter->env.http, &request, on_send_answer, s);
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
	if (wants_again && !d->is_closing && s->attempt + 1 < CODEC_ATTEMPTS_MAX) {
		s->attempt++;
		send_try(s);
		return;
	}
	send_tell(s);
	codec_close_check(d);
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
		send_end(s, SEND_LATER, -1, "closing");
	else if (!d->is_listening)
		send_end(s, SEND_LATER, NOT_READY_RETRY_MS, "not connected yet");
	else
		send_try(s);
}

void codec_send_close(struct codec_driver *d)
{
	/* Each cancelled call's answer comes from the loop: LATER or UNCERTAIN by whether it was written. */
	for (GList *l = d->sends.head; l; l = l->next)
		http_call_cancel(((struct codec_send *)l->data)->call);
}
