/* SPDX-License-Identifier: MIT */
/* A made-up platform for the driver's upkeep and sends: /NAME is an errand or a step, /send a send. What each answers is set by the
 * test; what is asked is written down in order. Errands: "refresh" (exclusive), "list", "pages", "again". */
#ifndef CDSBOT_TESTS_CODEC_HELP_H
#define CDSBOT_TESTS_CODEC_HELP_H

#include <string.h>

#include "adapters/codec_driver.h"
#include "base/clock.h"
#include "tests/fakes/loopback.h"

struct world {
	uv_loop_t loop;
	struct loopback *platform;
	struct http_client *http;
	struct adapter_events events;
	struct adapter_env env;
	struct adapter *adapter;

	/* platform */
	GString *asked; /* paths, each followed by a blank */
	unsigned n_refresh, n_list, n_pages, n_sends, n_steps, n_bad_token, n_polls;
	unsigned refresh_status, list_status, pages, step_status[3];
	bool refresh_hangs, sends_hang;
	const char *good_token; /* what /send accepts; another gives 401 */
	const char *file;	/* what the first step fetches */
	struct loopback_conn *held_refresh;

	/* codec */
	char *token;
	const char *next_name;
	int64_t next_due_ms; /* 0: at once */
	unsigned n_saved_changed;
	char *sent_id;	/* upload id of the last send */
	bool asks_on_list;
	size_t step_max;

	/* core */
	bool refuses_batches, lease_denied;
	unsigned n_batches, n_updates, n_saves, n_leases, n_releases, n_alarms;
	char *alarm;
	GHashTable *lease_saved;
	GString *stored; /* b = batch, s = save, in order */

	unsigned n_done, n_ok, n_later, n_refused, n_uncertain;
	int64_t last_retry_ms;
	bool last_is_wide;
};

static struct world *W; /* the codec's functions carry no argument of ours */

static bool fake_open(struct adapter *a, GError **error)
{
	a->state = W;
	return true;
}

static void fake_release(struct adapter *a)
{
	a->state = NULL;
}

static void request_to(struct http_request *ret, const char *path)
{
	ret->method = "GET";
	ret->url = loopback_url(W->platform, path);
	ret->timeout_ms = 5000;
}

static bool fake_errand(struct adapter *a, const char *name, struct http_request *ret)
{
	g_autofree char *path = g_strconcat("/", name, NULL);

	if (!strcmp(name, "nothing"))
		return false;
	request_to(ret, path);
	return true;
}

static void update_add(GPtrArray *updates, unsigned n)
{
	struct update *u = update_new(UPDATE_MESSAGE);

	u->adapter = g_strdup("fake");
	u->key = g_strdup_printf("page-%u", n);
	g_ptr_array_add(updates, u);
}

static void fake_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret)
{
	if (r->trouble != HTTP_ANSWERED || r->status != 200) {
		ret->verdict = r->status == 401 ? ERRAND_STOP : r->status == 404 ? ERRAND_FAILED : ERRAND_LATER;
		ret->reason = g_strdup_printf("status %ld", r->status);
		ret->wait_ms = r->status == 503 ? 50 : -1;
		if (W->asks_on_list && !strcmp(name, "list"))
			a->wants_errand = "refresh";
		return;
	}
	ret->verdict = ERRAND_DONE;
	if (!strcmp(name, "refresh")) {
		ret->save_key = g_strdup("token");
		ret->save_value = g_strdup(r->body);
	} else if (!strcmp(name, "pages")) {
		ret->updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
		update_add(ret->updates, W->n_pages);
		ret->verdict = W->n_pages < W->pages ? ERRAND_AGAIN : ERRAND_DONE;
		ret->save_key = g_strdup("page");
		ret->save_value = g_strdup_printf("%u", W->n_pages);
	}
}

static bool fake_next_errand(struct adapter *a, int64_t now_ms, const char **ret_name, int64_t *ret_due_ms)
{
	*ret_name = W->next_name;
	*ret_due_ms = W->next_due_ms ? W->next_due_ms : now_ms;
	return W->next_name != NULL;
}

static bool fake_is_exclusive(struct adapter *a, const char *name)
{
	return !strcmp(name, "refresh");
}

static void fake_saved_changed(struct adapter *a)
{
	W->n_saved_changed++;
	g_free(W->token);
	W->token = g_strdup(g_hash_table_lookup(a->env.saved, "token"));
}

static bool fake_next_poll(struct adapter *a, struct http_request *ret)
{
	request_to(ret, "/poll");
	return true;
}

static void fake_judge_poll(struct adapter *a, const struct http_response *r, struct update_batch *batch, struct poll_outcome *ret)
{
	ret->verdict = POLL_WAIT;
}

static void fake_poll_committed(struct adapter *a, const struct update_batch *batch)
{
}

/* Step 0 fetches, step 1 gives what was fetched to the platform. */
static bool fake_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *before, struct http_request *ret)
{
	g_assert_true((step == 0) == (before == NULL));
	if (step > 1)
		return false;
	request_to(ret, step == 0 ? "/fetch" : "/upload");
	ret->response_max = W->step_max;
	if (step == 1) {
		ret->method = "POST";
		ret->body = g_memdup2(before->body, before->body_len);
		ret->body_len = before->body_len;
	}
	return true;
}

static bool fake_judge_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *r, char **ret_upload_id,
			       struct send_result *ret, GPtrArray *scratch)
{
	if (r->trouble == HTTP_ANSWERED && r->status == 200) {
		if (step == 1)
			*ret_upload_id = g_strdup(r->body);
		return true;
	}
	if (r->status == 401)
		a->wants_errand = "refresh";
	ret->status = r->is_too_large || r->status == 404 ? SEND_REFUSED : SEND_LATER;
	ret->reason = "step failed";
	return false;
}

static bool fake_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret, const char **ret_reason)
{
	g_autofree char *path = g_strdup_printf("/send?%s", W->token ? W->token : "");

	request_to(ret, path);
	ret->method = "POST";
	g_free(W->sent_id);
	W->sent_id = g_strdup(m->upload_id);
	return true;
}

static bool fake_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r, struct send_result *ret,
		       GPtrArray *scratch)
{
	if (r->trouble != HTTP_ANSWERED) {
		ret->status = r->trouble == HTTP_BEFORE_WRITE ? SEND_LATER : SEND_UNCERTAIN;
	} else if (r->status == 401) {
		a->wants_errand = "refresh";
		ret->status = SEND_LATER;
	} else {
		ret->status = SEND_OK;
	}
	return false;
}

static const struct codec_ops fake_codec = {
	.open = fake_open,
	.release = fake_release,
	.errand = fake_errand,
	.judge_errand = fake_judge_errand,
	.next_errand = fake_next_errand,
	.errand_is_exclusive = fake_is_exclusive,
	.saved_changed = fake_saved_changed,
	.next_poll = fake_next_poll,
	.judge_poll = fake_judge_poll,
	.poll_committed = fake_poll_committed,
	.prepare = fake_prepare,
	.judge_prepare = fake_judge_prepare,
	.encode = fake_encode,
	.judge = fake_judge,
};
static const struct adapter_ops fake_ops = {
	.name = "fake",
	.caps = { .polls = true, .groups = true, .direct = true, .files = true },
	.codec = &fake_codec,
};

static void on_platform(void *arg, struct loopback_conn *conn, const char *text)
{
	struct world *w = arg;
	const char *path = strchr(text, ' ') + 1;
	g_autofree char *send = w->good_token ? g_strconcat("/send?", w->good_token, " ", NULL) : NULL;

	g_string_append_len(w->asked, path, (gssize)strcspn(path, " ?"));
	g_string_append_c(w->asked, ' ');
	if (g_str_has_prefix(path, "/refresh")) {
		w->n_refresh++;
		if (w->refresh_hangs)
			w->held_refresh = conn;
		else
			loopback_answer(conn, w->refresh_status ? w->refresh_status : 200, NULL, "new");
	} else if (g_str_has_prefix(path, "/list")) {
		w->n_list++;
		loopback_answer(conn, w->list_status ? w->list_status : 200, NULL, "");
	} else if (g_str_has_prefix(path, "/pages")) {
		w->n_pages++;
		loopback_answer(conn, 200, NULL, "");
	} else if (g_str_has_prefix(path, "/fetch") || g_str_has_prefix(path, "/upload")) {
		unsigned step = g_str_has_prefix(path, "/upload"), status = w->step_status[step];

		w->n_steps++;
		if (step == 1 && w->file)
			g_assert_cmpstr(strstr(text, "\r\n\r\n") + 4, ==, w->file);
		if (status)
			w->step_status[step] = 0; /* fails once */
		loopback_answer(conn, status ? status : 200, status == 302 ? "Location: /elsewhere\r\n" : NULL,
				step == 1 ? "id-7" : w->file ? w->file : "bytes");
	} else if (g_str_has_prefix(path, "/send")) {
		w->n_sends++;
		if (send && !g_str_has_prefix(path, send)) {
			w->n_bad_token++;
			loopback_answer(conn, 401, NULL, "");
		} else if (!w->sends_hang) {
			loopback_answer(conn, 200, NULL, "77");
		}
	} else {
		w->n_polls++; /* hangs */
	}
}

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	struct world *w = arg;

	w->n_batches++;
	if (!w->refuses_batches) {
		w->n_updates += batch->updates->len;
		g_string_append_c(w->stored, 'b');
	}
	batch->done(batch, !w->refuses_batches);
	update_batch_free(batch);
}

static void on_save(void *arg, struct adapter *a, const char *key, const char *value, void (*done)(void *, bool), void *done_arg)
{
	struct world *w = arg;

	w->n_saves++;
	g_string_append_c(w->stored, 's');
	done(done_arg, true);
}

static void on_lease(void *arg, struct adapter *a, const char *errand, void (*done)(void *, bool, GHashTable *), void *done_arg)
{
	struct world *w = arg;

	g_assert_cmpstr(errand, ==, "refresh");
	w->n_leases++;
	done(done_arg, !w->lease_denied, w->lease_denied ? NULL : w->lease_saved);
}

static void on_release(void *arg, struct adapter *a, const char *errand)
{
	((struct world *)arg)->n_releases++;
}

static void on_alarm(void *arg, struct adapter *a, const char *text_or_null)
{
	struct world *w = arg;

	w->n_alarms++;
	g_free(w->alarm);
	w->alarm = g_strdup(text_or_null);
}

static void world_open(struct world *w)
{
	g_autoptr(GError) error = NULL;

	uv_loop_init(&w->loop);
	W = w;
	w->asked = g_string_new(NULL);
	w->stored = g_string_new(NULL);
	w->lease_saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(w->lease_saved, g_strdup("token"), g_strdup("old"));
	w->token = g_strdup("old");
	w->platform = loopback_new(&w->loop, on_platform, w);
	w->http = http_client_new(&w->loop, &error);
	g_assert_no_error(error);
	w->events = (struct adapter_events){ .arg = w, .on_batch = on_batch, .on_save = on_save, .on_lease = on_lease,
					     .on_release = on_release, .on_alarm = on_alarm };
	w->env = (struct adapter_env){ .loop = &w->loop, .http = w->http, .events = &w->events };
	w->adapter = adapter_open(&fake_ops, &w->env, &error);
	g_assert_no_error(error);
	loop_until_count(&w->loop, &w->n_polls, 1);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void adapter_end(struct world *w)
{
	bool closed = false;

	adapter_close(w->adapter, on_closed, &closed);
	loop_until(&w->loop, &closed);
	w->adapter = NULL;
}

static void world_close(struct world *w)
{
	bool closed = false;

	if (w->adapter)
		adapter_end(w);
	g_assert_cmpuint(w->n_leases, >=, w->n_releases);
	http_client_close(w->http, on_closed, &closed);
	loop_until(&w->loop, &closed);
	loopback_free(w->platform);
	loop_finish(&w->loop);
	g_string_free(w->asked, TRUE);
	g_string_free(w->stored, TRUE);
	g_hash_table_unref(w->lease_saved);
	g_free(w->token);
	g_free(w->sent_id);
	g_free(w->alarm);
}

static void on_sent(void *arg, const struct send_result *r)
{
	struct world *w = arg;

	w->n_done++;
	w->n_ok += r->status == SEND_OK;
	w->n_later += r->status == SEND_LATER;
	w->n_refused += r->status == SEND_REFUSED;
	w->n_uncertain += r->status == SEND_UNCERTAIN;
	w->last_retry_ms = r->retry_ms;
	w->last_is_wide = r->is_platform_wide;
}

static void send_text(struct world *w)
{
	const struct outgoing m = { .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "a" };

	adapter_send(w->adapter, &m, on_sent, w);
}

#endif
