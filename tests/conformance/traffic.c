/* SPDX-License-Identifier: MIT */
/* The talking part of the suite: each adapter through its front, a codec through the driver and real loopback sockets against the
 * answers of its samples. Direct adapters read an empty input and write to nowhere. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "tests/conformance/suite.h"
#include "tests/fakes/loopback.h"

struct world {
	const struct adapter_ops *ops;
	cJSON *samples;
	uv_loop_t loop;
	struct loopback *platform;
	struct http_client *http;
	struct http_server *server;
	struct config *config;
	GHashTable *saved;
	struct adapter_events events;
	struct adapter_env env;
	struct adapter *adapter;
	int kept_in, kept_out;

	const cJSON *send_sample; /* how sends are answered; NULL: not at all */
	bool polls_are_answered, idle_is_answered; /* the first poll with updates, the second with silence */
	unsigned n_polls, n_sends;
	char *last_poll;
	unsigned n_batches, n_updates, n_findings, n_done;
	bool refuses, is_closed, is_checked;
	enum send_status last_status;
	int64_t last_retry_ms;
};

/* Platform */

static void sample_answer(struct loopback_conn *conn, const cJSON *sample)
{
	g_autofree char *body = suite_body(sample);
	const char *headers = NULL;
	int64_t status = 200;

	json_int64(sample, "status", &status);
	json_str(sample, "headers", &headers);
	loopback_answer(conn, (unsigned)status, headers, body);
}

static void idle_answer(const struct world *w, struct loopback_conn *conn)
{
	g_autofree char *body = json_text(json_at(w->samples, "poll.idle"));

	loopback_answer(conn, 200, NULL, body);
}

static bool is_match(const cJSON *sample, const char *line)
{
	const char *part;

	return json_str(sample, "match", &part) && strstr(line, part) != NULL;
}

static void on_platform(void *arg, struct loopback_conn *conn, const char *text)
{
	struct world *w = arg;
	g_autofree char *line = g_strndup(text, strcspn(text, "\r\n"));
	const cJSON *sample;

	if (is_match(json_at(w->samples, "poll"), line)) {
		w->n_polls++;
		g_free(w->last_poll);
		w->last_poll = g_strdup(text);
		if (w->polls_are_answered && w->n_polls == 1)
			sample_answer(conn, json_at(w->samples, "poll"));
		else if (w->idle_is_answered && w->n_polls == 2)
			idle_answer(w, conn);
		return; /* later ones wait, as a long poll does */
	}
	cJSON_ArrayForEach(sample, json_at(w->samples, "platform")) {
		if (is_match(sample, line)) {
			sample_answer(conn, sample);
			return;
		}
	}
	w->n_sends++;
	if (w->send_sample)
		sample_answer(conn, w->send_sample);
}

/* Core */

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	struct world *w = arg;

	w->n_batches++;
	for (guint i = 0; i < batch->updates->len; i++) {
		suite_update_check(w->ops, batch->updates->pdata[i]);
		g_assert_cmpstr(((struct update *)batch->updates->pdata[i])->bot_id, ==, a->bot_id);
		g_assert_true(*a->bot_id);
	}
	w->n_updates += batch->updates->len;
	batch->done(batch, !w->refuses);
	update_batch_free(batch);
}

static void on_save(void *arg, struct adapter *a, const char *key, const char *value, void (*done)(void *done_arg, bool committed),
		    void *done_arg)
{
	struct world *w = arg;

	g_hash_table_replace(w->saved, g_strdup(key), g_strdup(value));
	done(done_arg, true);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void env_fill(struct world *w, bool with_webhook)
{
	g_autofree char *base = loopback_url(w->platform, "");
	g_autoptr(GError) error = NULL;
	const cJSON *kept;

	w->http = http_client_new(&w->loop, &error);
	g_assert_no_error(error);
	w->server = http_server_new(&w->loop, "127.0.0.1:0", &error);
	g_assert_no_error(error);
	w->config = suite_config(w->ops, w->samples, base, with_webhook);
	w->saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	cJSON_ArrayForEach(kept, json_at(w->samples, "saved")) {
		g_hash_table_insert(w->saved, g_strdup(kept->string), cJSON_IsString(kept) ? g_strdup(kept->valuestring) : json_text(kept));
	}
	w->events = (struct adapter_events){ .arg = w, .on_batch = on_batch, .on_save = on_save };
	w->env = (struct adapter_env){
		.loop = &w->loop,
		.config = w->config,
		.http = w->http,
		.server = w->server,
		.saved = w->saved,
		.events = &w->events,
	};
}

static void world_init(struct world *w, const struct adapter_ops *ops, bool with_webhook)
{
	int nothing = open("/dev/null", O_RDWR);

	memset(w, 0, sizeof(*w));
	w->ops = ops;
	w->samples = suite_samples(ops);
	w->last_status = SEND_BROKEN;
	uv_loop_init(&w->loop);
	w->platform = loopback_new(&w->loop, on_platform, w);
	env_fill(w, with_webhook);
	fflush(stdout);
	w->kept_in = dup(STDIN_FILENO);
	w->kept_out = dup(STDOUT_FILENO);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	close(nothing);
}

/* Open, and wait until it may send: its first poll, or the end of its errands. */
static void world_open(struct world *w)
{
	g_autoptr(GError) error = NULL;

	w->adapter = adapter_open(w->ops, &w->env, &error);
	g_assert_no_error(error);
	if (w->ops->codec && w->ops->caps.polls)
		loop_until_count(&w->loop, &w->n_polls, 1);
	else
		loop_for(&w->loop, 300);
}

static void adapter_end(struct world *w)
{
	w->is_closed = false;
	adapter_close(w->adapter, on_closed, &w->is_closed);
	loop_until(&w->loop, &w->is_closed);
	w->adapter = NULL;
}

static void world_release(struct world *w)
{
	bool http_closed = false, server_closed = false;

	if (w->adapter)
		adapter_end(w);
	http_client_close(w->http, on_closed, &http_closed);
	http_server_close(w->server, on_closed, &server_closed);
	loop_until(&w->loop, &http_closed);
	loop_until(&w->loop, &server_closed);
	loopback_free(w->platform);
	loop_finish(&w->loop);
	fflush(stdout);
	dup2(w->kept_in, STDIN_FILENO);
	dup2(w->kept_out, STDOUT_FILENO);
	close(w->kept_in);
	close(w->kept_out);
	config_unref(w->config);
	g_hash_table_unref(w->saved);
	cJSON_Delete(w->samples);
	g_free(w->last_poll);
}

/* Sends */

static void on_sent(void *arg, const struct send_result *r)
{
	struct world *w = arg;

	w->n_done++;
	w->last_status = r->status;
	w->last_retry_ms = r->retry_ms;
}

static void send_one(struct world *w)
{
	char chat[] = "1001";
	const struct outgoing m = { .delivery_id = 3, .chat_id = chat, .chat_kind = CHAT_PRIVATE, .text = "Xin chào đồng chí" };
	unsigned before = w->n_done;

	adapter_send(w->adapter, &m, on_sent, w);
	g_assert_cmpuint(w->n_done, ==, before); /* never inside send */
	memset(chat, 'z', sizeof(chat) - 1);	 /* borrowed for the call only */
}

static enum send_status status_parse(const char *word)
{
	for (int status = SEND_OK; status <= SEND_BROKEN; status++) {
		if (strcmp(send_status_name((enum send_status)status), word) == 0)
			return (enum send_status)status;
	}
	g_error("unknown outcome %s", word);
}

static void send_sample_run(const struct adapter_ops *ops, int index, unsigned *seen)
{
	struct world w;
	const char *expect = NULL, *name = "?";
	int64_t least = -1, most = -1;

	world_init(&w, ops, false);
	w.send_sample = cJSON_GetArrayItem(json_at(w.samples, "sends"), index);
	world_open(&w);
	send_one(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	loop_for(&w.loop, 20);
	json_str(w.send_sample, "name", &name);
	g_assert_true(json_str(w.send_sample, "expect", &expect));
	g_test_message("%s: %s", name, send_status_name(w.last_status));
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_cmpint(w.last_status, ==, status_parse(expect));
	if (json_int64(w.send_sample, "retry_ms[0]", &least) && json_int64(w.send_sample, "retry_ms[1]", &most)) {
		g_assert_cmpint(w.last_retry_ms, >=, least);
		g_assert_cmpint(w.last_retry_ms, <=, most);
	}
	*seen |= 1u << w.last_status;
	world_release(&w);
}

static void test_answers_to_sends_mean_what_the_samples_say(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	int n = cJSON_GetArraySize(json_at(samples, "sends"));
	unsigned seen = 1u << SEND_UNCERTAIN;

	for (int i = 0; i < n; i++)
		send_sample_run(ops, i, &seen);
	g_assert_cmphex(seen, ==, (1u << (SEND_BROKEN + 1)) - 1); /* the samples know every outcome */
}

static void test_closing_ends_a_pending_send_once(const void *arg)
{
	const struct adapter_ops *ops = arg;
	struct world w;

	world_init(&w, ops, false);
	world_open(&w);
	send_one(&w);
	if (ops->codec)
		loop_until_count(&w.loop, &w.n_sends, 1);
	adapter_end(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	if (ops->codec)
		g_assert_cmpint(w.last_status, ==, SEND_UNCERTAIN); /* it was written */
	world_release(&w);
}

static void test_closing_right_after_opening(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(GError) error = NULL;
	struct world w;

	world_init(&w, ops, false);
	w.adapter = adapter_open(ops, &w.env, &error);
	g_assert_no_error(error);
	send_one(&w);
	adapter_end(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	world_release(&w);
}

static void test_platform_that_is_down_is_no_error(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(GError) error = NULL;
	struct world w;

	world_init(&w, ops, false);
	loopback_free(w.platform);
	w.adapter = adapter_open(ops, &w.env, &error);
	g_assert_no_error(error);
	loop_for(&w.loop, 100);
	send_one(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpint(w.last_status, ==, SEND_LATER);
	w.platform = loopback_new(&w.loop, on_platform, &w);
	world_release(&w);
}

/* Polls */

static char *request_body(const char *text)
{
	const char *line = strchr(text, ' ');

	return g_strdup_printf("%.*s%s", (int)strcspn(line, "\r\n"), line, strstr(text, "\r\n\r\n"));
}

/* A platform that forgets what it answered: what was not committed is handed up again by the adapter itself, once. */
static void test_poll_without_position_loses_nothing_refused(const void *arg)
{
	struct world w;
	int64_t count = 0;

	world_init(&w, arg, false);
	w.polls_are_answered = w.idle_is_answered = w.refuses = true;
	g_assert_true(json_int64(w.samples, "poll.count", &count));
	world_open(&w);
	loop_until_count(&w.loop, &w.n_batches, 1);
	w.refuses = false;
	loop_until_count(&w.loop, &w.n_batches, 2);
	g_assert_cmpint(w.n_updates, ==, 2 * count);
	loop_until_count(&w.loop, &w.n_polls, 3);
	g_assert_cmpuint(w.n_batches, ==, 2);
	world_release(&w);
}

static void test_poll_position_moves_only_with_the_commit(const void *arg)
{
	for (int refuses = 0; refuses < 2; refuses++) {
		g_autofree char *first = NULL, *second = NULL;
		struct world w;
		int64_t count = 0;

		world_init(&w, arg, false);
		w.polls_are_answered = true;
		w.refuses = refuses == 1;
		g_assert_true(json_int64(w.samples, "poll.count", &count));
		world_open(&w);
		first = request_body(w.last_poll);
		loop_until_count(&w.loop, &w.n_batches, 1);
		g_assert_cmpint(w.n_updates, ==, count);
		loop_until_count(&w.loop, &w.n_polls, 2);
		second = request_body(w.last_poll);
		if (w.refuses)
			g_assert_cmpstr(second, ==, first);
		else
			g_assert_cmpstr(second, !=, first);
		world_release(&w);
	}
}

/* Webhook */

static unsigned webhook_call(struct world *w, const char *spoiled, const char *spoiled_value)
{
	const cJSON *call = json_at(w->samples, "webhook_call"), *header;
	g_autofree char *body = suite_body(call);
	g_autoptr(GString) text = g_string_new(NULL);
	const char *path = NULL;
	struct raw_client *c;
	unsigned status;

	g_assert_true(json_str(call, "path", &path));
	g_string_append_printf(text, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n", path, strlen(body));
	cJSON_ArrayForEach(header, json_at(call, "headers")) {
		const char *value = header->valuestring;

		if (spoiled && strcmp(spoiled, header->string) == 0)
			value = spoiled_value;
		if (value)
			g_string_append_printf(text, "%s: %s\r\n", header->string, value);
	}
	g_string_append_printf(text, "\r\n%s", body);
	c = raw_client_new(&w->loop, http_server_port(w->server), text->str, text->len);
	loop_until(&w->loop, &c->is_over);
	status = strlen(c->got->str) > 12 ? (unsigned)g_ascii_strtoull(c->got->str + 9, NULL, 10) : 0;
	raw_client_free(c);
	return status;
}

static void test_webhook_takes_the_genuine_and_refuses_the_forged(const void *arg)
{
	struct world w;
	const cJSON *header;
	int64_t count = 0;
	unsigned n_forged = 0;

	world_init(&w, arg, true);
	w.adapter = adapter_open(w.ops, &w.env, NULL);
	g_assert_nonnull(w.adapter);
	loop_for(&w.loop, 300);
	g_assert_cmpuint(w.n_polls, ==, 0);
	cJSON_ArrayForEach(header, json_at(w.samples, "webhook_call.headers")) {
		g_autofree char *changed = g_strdup(header->valuestring), *longer = g_strconcat(changed, "0", NULL);

		changed[strlen(changed) - 1] ^= 1;
		g_assert_cmpuint(webhook_call(&w, header->string, NULL), ==, 401);
		g_assert_cmpuint(webhook_call(&w, header->string, ""), ==, 401);
		g_assert_cmpuint(webhook_call(&w, header->string, changed), ==, 401);
		g_assert_cmpuint(webhook_call(&w, header->string, longer), ==, 401);
		n_forged += 4;
	}
	g_assert_cmpuint(n_forged, >, 0);
	g_assert_cmpuint(w.adapter->n_rejected_calls, ==, n_forged);
	g_assert_cmpuint(w.n_batches, ==, 0);

	g_assert_true(json_int64(w.samples, "webhook_call.count", &count));
	g_assert_cmpuint(webhook_call(&w, NULL, NULL), ==, 200);
	g_assert_cmpint(w.n_updates, ==, count);
	w.refuses = true;
	g_assert_cmpuint(webhook_call(&w, NULL, NULL), ==, 503);
	world_release(&w);
}

/* Check */

static void on_finding(void *arg, enum finding_level level, const char *text, const char *advice_or_null)
{
	struct world *w = arg;

	g_assert_false(w->is_checked);
	g_assert_true(text && *text && g_utf8_validate(text, -1, NULL));
	if (level == FINDING_ERROR)
		g_assert_true(advice_or_null && *advice_or_null);
	w->n_findings++;
}

static void test_check_says_something_and_ends(const void *arg)
{
	for (int is_online = 0; is_online < 2; is_online++) {
		struct world w;

		world_init(&w, arg, false);
		w.env.events = NULL;
		if (!is_online)
			w.env.http = NULL;
		adapter_check(w.ops, &w.env, on_finding, &w, on_closed, &w.is_checked);
		g_assert_false(w.is_checked);
		loop_until(&w.loop, &w.is_checked);
		g_assert_cmpuint(w.n_findings, >, 0);
		g_assert_cmpuint(w.n_sends, ==, 0);
		world_release(&w);
	}
}

static bool has_position(const struct adapter_ops *ops)
{
	g_autoptr(cJSON) samples = suite_samples(ops);
	bool has = true;

	json_bool(samples, "poll.has_position", &has);
	return has;
}

void suite_traffic_add(const struct adapter_ops *ops)
{
	suite_add(ops, "closing-ends-a-pending-send-once", test_closing_ends_a_pending_send_once);
	suite_add(ops, "closing-right-after-opening", test_closing_right_after_opening);
	suite_add(ops, "check-says-something-and-ends", test_check_says_something_and_ends);
	if (!ops->codec)
		return;
	suite_add(ops, "answers-to-sends-mean-what-the-samples-say", test_answers_to_sends_mean_what_the_samples_say);
	suite_add(ops, "platform-that-is-down-is-no-error", test_platform_that_is_down_is_no_error);
	if (ops->caps.polls && has_position(ops))
		suite_add(ops, "poll-position-moves-only-with-the-commit", test_poll_position_moves_only_with_the_commit);
	else if (ops->caps.polls)
		suite_add(ops, "poll-without-position-loses-nothing-refused", test_poll_without_position_loses_nothing_refused);
	if (ops->caps.webhook)
		suite_add(ops, "webhook-takes-the-genuine-and-refuses-the-forged",
			  test_webhook_takes_the_genuine_and_refuses_the_forged);
}
