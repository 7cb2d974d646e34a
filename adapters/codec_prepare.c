/* SPDX-License-Identifier: MIT */
/* The steps of a send before its message: a file's bytes are fetched and given to the platform. Until the last of them nothing has
 * been said to anybody, so each may be done again, and the end of the program is simply "later". */
#include <string.h>

#include "codec_driver.h"

/* The answer is kept for the next step, where it is what was fetched. */
static void before_keep(struct codec_send *s, const struct http_response *r)
{
	g_free((char *)s->before.body);
	s->before = *r;
	s->before.body = NULL;
	s->before.reason = NULL; /* borrowed from the call */
	if (r->body) {
		char *body = g_malloc(r->body_len + 1);

		memcpy(body, r->body, r->body_len);
		body[r->body_len] = '\0';
		s->before.body = body;
	}
}

static void step_done(struct codec_send *s, const struct http_response *r, char *upload_id)
{
	if (upload_id) {
		g_free((char *)s->outgoing->upload_id);
		s->outgoing->upload_id = upload_id;
	}
	before_keep(s, r);
	s->step++;
	codec_send_go(s);
}

static void on_step_answer(void *arg, const struct http_response *response)
{
	struct codec_send *s = arg;
	struct codec_driver *d = s->driver;
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	char *upload_id = NULL;

	s->call = NULL;
	g_queue_unlink(&d->sends, &s->link);
	if (d->is_closing) {
		codec_send_end(s, SEND_LATER, -1, "closing");
		return;
	}
	s->result = (struct send_result){ .status = SEND_LATER, .retry_ms = -1 };
	if (d->ops->judge_prepare(d->adapter, s->outgoing, s->step, response, &upload_id, &s->result, scratch)) {
		codec_upkeep_heed(d, s->began);
		step_done(s, response, upload_id);
		return;
	}
	g_free(upload_id);
	codec_send_judged(s, false);
}

static void request_limit(struct http_request *request)
{
	if (request->response_max == 0 || request->response_max > CODEC_FILE_MAX)
		request->response_max = CODEC_FILE_MAX;
	if (request->timeout_ms <= 0 || request->timeout_ms > CODEC_STEP_TIMEOUT_MS)
		request->timeout_ms = CODEC_STEP_TIMEOUT_MS;
}

bool codec_prepare(struct codec_send *s)
{
	struct codec_driver *d = s->driver;
	struct http_request request = { 0 };

	if (!s->outgoing->file || !d->ops->prepare || s->is_prepared)
		return false;
	if (s->step >= CODEC_STEPS_MAX) {
		codec_send_end(s, SEND_REFUSED, -1, "too many steps");
		return true;
	}
	if (!d->ops->prepare(d->adapter, s->outgoing, s->step, s->step > 0 ? &s->before : NULL, &request)) {
		http_request_clear(&request);
		s->is_prepared = true;
		g_free((char *)g_steal_pointer(&s->before.body)); /* up to CODEC_FILE_MAX that nobody needs any more */
		return false;
	}
	request_limit(&request);
	s->began = d->tick;
	g_queue_push_tail_link(&d->sends, &s->link);
	s->call = http_client_start(d->adapter->env.http, &request, on_step_answer, s);
	return true;
}
