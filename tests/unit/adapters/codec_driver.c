/* SPDX-License-Identifier: MIT */
/* Tests of the codec driver with a small made-up platform over real sockets: errands, polls, webhook, sends, closing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/codec_driver.h"
#include "base/clock.h"
#include "tests/fakes/loopback.h"

/* The platform: /who answers who we are, /unhook always works, /menu always fails, /poll gives lines of the script, /send echoes. */
struct world {
	uv_loop_t loop;
	struct loopback *platform;
	struct http_client *http;
	struct http_server *server;
	struct adapter_events events;
	struct adapter_env env;
	struct adapter *adapter;
	char *path; /* webhook, or NULL */
	unsigned n_hook_refused;

	/* platform's script */
	const char *who_remark;
	unsigned who_failures, who_status, poll_status, poll_errands;
	const char *poll_script[8]; /* "cursor id id"; after the last: hang */
	bool loops_on_last;
	int64_t poll_timeout_ms; /* what the codec asks for; 0: the usual */
	bool is_hasty;		 /* a poll's timeout runs a thousand times faster */
	int64_t last_poll_timeout_ms;
	unsigned n_polls, n_who, n_unhook, n_menu, n_sends;
	unsigned send_status;
	bool send_hangs;
	GString *asked; /* what was asked, in order */
	char *last_send;

	/* codec */
	char *position;

	/* core */
	bool holds, refuses, save_refuses, holds_save;
	struct update_batch *held;
	void (*save_done)(void *done_arg, bool committed);
	void *save_done_arg;
	unsigned n_batches, n_updates, n_saves, n_alarms;
	char *alarm;

	/* sends */
	unsigned n_done;
	struct send_result last;
	char *last_remote;
	bool is_closed;
};

static struct world *W; /* the codec's functions carry no argument of ours */

/* The linker puts this between the driver and the client (meson.build): libcurl's clock cannot be moved, its timeouts can. */
struct http_call *__real_http_client_start(struct http_client *c, struct http_request *request, http_done_fn *done, void *arg);
struct http_call *__wrap_http_client_start(struct http_client *c, struct http_request *request, http_done_fn *done, void *arg);
struct http_call *__wrap_http_client_start(struct http_client *c, struct http_request *request, http_done_fn *done, void *arg)
{
	if (strstr(request->url, "/poll")) {
		W->last_poll_timeout_ms = request->timeout_ms;
		if (W->is_hasty)
			request->timeout_ms /= 1000;
	}
	return __real_http_client_start(c, request, done, arg);
}

/* The codec */

static char *url_of(const char *path)
{
	return loopback_url(W->platform, path);
}

static bool fake_open(struct adapter *a, GError **error)
{
	a->state = W;
	return true;
}

static void fake_release(struct adapter *a)
{
	a->state = NULL;
}

static bool fake_errand(struct adapter *a, const char *name, struct http_request *ret)
{
	g_autofree char *path = g_strconcat("/", name, NULL);

	if (strcmp(name, "skip") == 0)
		return false;
	ret->method = "GET";
	ret->url = url_of(path);
	ret->timeout_ms = 2000;
	return true;
}

static void fake_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret)
{
	if (strcmp(name, "menu") == 0) {
		ret->verdict = ERRAND_FAILED;
		ret->reason = g_strdup("no menu");
	} else if (r->trouble == HTTP_ANSWERED && r->status == 200) {
		ret->verdict = ERRAND_DONE;
		if (strcmp(name, "who") == 0) {
			ret->reason = g_strdup(W->who_remark);
			ret->save_key = g_strdup("who");
			ret->save_value = g_strdup(r->body);
		}
	} else {
		ret->verdict = r->status == 401 ? ERRAND_STOP : ERRAND_LATER;
		ret->wait_ms = 20;
		ret->reason = g_strdup_printf("status %ld", r->status);
	}
}

static bool fake_next_poll(struct adapter *a, struct http_request *ret)
{
	g_autofree char *path = g_strdup_printf("/poll?offset=%s", W->position ? W->position : "");

	if (W->path)
		return false;
	ret->method = "GET";
	ret->url = url_of(path);
	ret->timeout_ms = W->poll_timeout_ms ? W->poll_timeout_ms : 5000;
	return true;
}

static void fake_update_add(GPtrArray *updates, const char *key)
{
	struct update *u = update_new(UPDATE_MESSAGE);

	u->adapter = g_strdup("fake");
	u->key = g_strdup(key);
	g_ptr_array_add(updates, u);
}

static void fake_judge_poll(struct adapter *a, const struct http_response *r, struct update_batch *batch, struct poll_outcome *ret)
{
	g_auto(GStrv) words = g_strsplit(r->body, " ", -1);

	ret->wait_ms = 20;
	ret->reason = r->status == 200 ? NULL : g_strdup_printf("status %ld", r->status);
	if (r->status == 401) {
		ret->verdict = POLL_STOP;
	} else if (r->status == 409) {
		ret->verdict = POLL_ERRAND;
		ret->errand = "unhook";
	} else if (r->status != 200) {
		ret->verdict = POLL_WAIT;
	} else {
		ret->verdict = POLL_UPDATES;
		batch->cursor = words[0] && words[0][0] ? g_strdup(words[0]) : NULL;
		for (size_t i = 1; words[0] && words[i]; i++)
			fake_update_add(batch->updates, words[i]);
	}
}

static void fake_poll_committed(struct adapter *a, const struct update_batch *batch)
{
	if (!batch->cursor)
		return;
	g_free(W->position);
	W->position = g_strdup(batch->cursor);
}

static const char *fake_webhook_path(struct adapter *a)
{
	return W->path;
}

static enum webhook_verdict fake_verify(struct adapter *a, const struct http_server_request *r)
{
	if (r->body_len == 0)
		return WEBHOOK_PROBE;
	return g_strcmp0(http_server_header(r, "X-Secret"), "right") == 0 ? WEBHOOK_GENUINE : WEBHOOK_FORGED;
}

static bool fake_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error)
{
	if (bytes[0] != '{') {
		g_set_error_literal(error, G_URI_ERROR, 0, "no object");
		return false;
	}
	if (len > 2)
		fake_update_add(updates, "hook");
	return true;
}

static void fake_webhook_refused(struct adapter *a, const GPtrArray *updates)
{
	g_assert_cmpuint(updates->len, ==, 1);
	W->n_hook_refused++;
}

static bool fake_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret, const char **ret_reason)
{
	if (strcmp(m->text, "cannot") == 0) {
		*ret_reason = "cannot be said";
		return false;
	}
	ret->method = "POST";
	ret->url = url_of("/send");
	ret->body = g_strdup_printf("%u %s %s", attempt, m->chat_id, m->text);
	ret->body_len = strlen(ret->body);
	ret->timeout_ms = 5000;
	return true;
}

static bool fake_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		       struct send_result *ret, GPtrArray *scratch)
{
	if (r->trouble != HTTP_ANSWERED) {
		ret->status = r->trouble == HTTP_BEFORE_WRITE ? SEND_LATER : SEND_UNCERTAIN;
		return false;
	}
	if (r->status == 200) {
		char *id = g_strdup(r->body);

		g_ptr_array_add(scratch, id);
		ret->status = SEND_OK;
		ret->remote_id = id;
		return false;
	}
	ret->status = r->status == 400 ? SEND_REFUSED : SEND_LATER;
	ret->reason = "refused";
	return r->status == 400;
}

static const char *const fake_errands[] = { "who", "skip", "listen", "menu", NULL };

static const struct codec_ops fake_codec = {
	.open = fake_open,
	.release = fake_release,
	.start_errands = fake_errands,
	.errand = fake_errand,
	.judge_errand = fake_judge_errand,
	.next_poll = fake_next_poll,
	.judge_poll = fake_judge_poll,
	.poll_committed = fake_poll_committed,
	.webhook_path = fake_webhook_path,
	.verify = fake_verify,
	.decode = fake_decode,
	.webhook_refused = fake_webhook_refused,
	.encode = fake_encode,
	.judge = fake_judge,
};

static const struct adapter_ops fake_ops = {
	.name = "fake",
	.caps = { .polls = true, .webhook = true, .groups = true, .direct = true },
	.codec = &fake_codec,
};

/* The platform */

static void poll_answer(struct world *w, struct loopback_conn *conn)
{
	const char *line = NULL;

	if (w->n_polls < G_N_ELEMENTS(w->poll_script))
		line = w->poll_script[w->n_polls];
	if (!line && w->loops_on_last)
		for (unsigned i = 0; i < G_N_ELEMENTS(w->poll_script) && w->poll_script[i]; i++)
			line = w->poll_script[i];
	w->n_polls++;
	if (w->poll_errands > 0) {
		w->poll_errands--;
		loopback_answer(conn, 409, NULL, "");
	} else if (w->poll_status) {
		loopback_answer(conn, w->poll_status, NULL, "");
	} else if (line) {
		loopback_answer(conn, 200, NULL, line);
	}
}

static void on_platform(void *arg, struct loopback_conn *conn, const char *text)
{
	struct world *w = arg;
	const char *path = strchr(text, ' ') + 1;

	g_string_append_len(w->asked, path, (gssize)strcspn(path, " "));
	g_string_append_c(w->asked, ' ');
	if (g_str_has_prefix(path, "/who")) {
		w->n_who++;
		if (w->who_failures > 0) {
			w->who_failures--;
			loopback_answer(conn, w->who_status ? w->who_status : 502, NULL, "<html>");
		} else {
			loopback_answer(conn, 200, NULL, "me");
		}
	} else if (g_str_has_prefix(path, "/unhook")) {
		w->n_unhook++;
		loopback_answer(conn, 200, NULL, "ok");
	} else if (g_str_has_prefix(path, "/menu")) {
		w->n_menu++;
		loopback_answer(conn, 500, NULL, "");
	} else if (g_str_has_prefix(path, "/poll")) {
		poll_answer(w, conn);
	} else {
		w->n_sends++;
		g_free(w->last_send);
		w->last_send = g_strdup(strstr(text, "\r\n\r\n") + 4);
		if (!w->send_hangs)
			loopback_answer(conn, w->send_status ? w->send_status : 200, NULL, "77");
	}
}

/* The core */

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	struct world *w = arg;

	w->n_batches++;
	if (w->holds) {
		w->held = batch;
		return;
	}
	if (!w->refuses)
		w->n_updates += batch->updates->len;
	batch->done(batch, !w->refuses);
	update_batch_free(batch);
}

static void held_finish(struct world *w, bool committed)
{
	struct update_batch *batch = g_steal_pointer(&w->held);

	batch->done(batch, committed);
	update_batch_free(batch);
}

static void on_save(void *arg, struct adapter *a, const char *key, const char *value, void (*done)(void *done_arg, bool committed),
		    void *done_arg)
{
	struct world *w = arg;

	w->n_saves++;
	g_assert_cmpstr(key, ==, "who");
	g_assert_cmpstr(value, ==, "me");
	if (w->holds_save) {
		w->save_done = done;
		w->save_done_arg = done_arg;
		return;
	}
	done(done_arg, !w->save_refuses);
	w->save_refuses = false;
}

static void on_alarm(void *arg, struct adapter *a, const char *text_or_null)
{
	struct world *w = arg;

	w->n_alarms++;
	g_free(w->alarm);
	w->alarm = g_strdup(text_or_null);
}

static void world_init(struct world *w)
{
	g_autoptr(GError) error = NULL;

	memset(w, 0, sizeof(*w));
	W = w;
	uv_loop_init(&w->loop);
	w->asked = g_string_new(NULL);
	w->platform = loopback_new(&w->loop, on_platform, w);
	w->http = http_client_new(&w->loop, &error);
	g_assert_no_error(error);
	w->server = http_server_new(&w->loop, "127.0.0.1:0", &error);
	g_assert_no_error(error);
	w->events = (struct adapter_events){ .arg = w, .on_batch = on_batch, .on_save = on_save, .on_alarm = on_alarm };
	w->env = (struct adapter_env){ .loop = &w->loop, .http = w->http, .server = w->server, .events = &w->events };
}

static void world_open(struct world *w)
{
	g_autoptr(GError) error = NULL;

	w->adapter = adapter_open(&fake_ops, &w->env, &error);
	g_assert_no_error(error);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void adapter_end(struct world *w)
{
	w->is_closed = false;
	adapter_close(w->adapter, on_closed, &w->is_closed);
	g_assert_false(w->is_closed);
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
	g_string_free(w->asked, TRUE);
	g_free(w->last_send);
	g_free(w->last_remote);
	g_free(w->position);
	g_free(w->path);
	g_free(w->alarm);
}

/* Start */

static void test_start_errands_run_in_order_and_polls_wait_for_them(void)
{
	struct world w;

	world_init(&w);
	w.who_failures = 2;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_polls, 1);
	loop_until_count(&w.loop, &w.n_menu, 1);
	g_assert_true(g_str_has_prefix(w.asked->str, "/who /who /who "));
	g_assert_nonnull(strstr(w.asked->str, "/menu"));
	g_assert_nonnull(strstr(w.asked->str, "/poll?offset= "));
	g_assert_cmpuint(w.n_saves, ==, 1);
	g_assert_cmpuint(w.n_alarms, ==, 0); /* trouble that passes is nobody's business */
	world_release(&w);
}

static void test_what_an_errand_saves_is_committed_first(void)
{
	struct world w;

	world_init(&w);
	w.holds_save = true;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_saves, 1);
	loop_for(&w.loop, 50);
	g_assert_cmpuint(w.n_polls, ==, 0);
	w.holds_save = false;
	w.save_done(w.save_done_arg, false); /* disk trouble: saved again, not asked again */
	loop_until_count(&w.loop, &w.n_saves, 2);
	loop_until_count(&w.loop, &w.n_polls, 1);
	g_assert_cmpuint(w.n_who, ==, 1);
	world_release(&w);
}

static void test_remark_of_an_errand_is_said_once(void)
{
	g_autofree char *log = NULL;
	FILE *caught = tmpfile();
	int kept = dup(STDERR_FILENO);
	struct world w;
	const char *said;

	dup2(fileno(caught), STDERR_FILENO);
	world_init(&w);
	w.who_remark = "privacy mode is on";
	world_open(&w);
	loop_until_count(&w.loop, &w.n_polls, 1);
	world_release(&w);
	dup2(kept, STDERR_FILENO);
	close(kept);
	log = g_malloc0(65536);
	rewind(caught);
	g_assert_cmpuint(fread(log, 1, 65535, caught), >, 0);
	fclose(caught);
	said = strstr(log, "privacy mode is on");
	g_assert_nonnull(said);
	g_assert_null(strstr(said + 1, "privacy mode is on"));
}

static void test_refused_credentials_alarm_at_once(void)
{
	struct world w;

	world_init(&w);
	w.who_failures = 1;
	w.who_status = 401;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_alarms, 1);
	g_assert_nonnull(strstr(w.alarm, "status 401"));
	loop_for(&w.loop, 100);
	g_assert_cmpuint(w.n_who, ==, 1);
	world_release(&w);
}

static void test_lasting_trouble_alarms_once_and_ends(void)
{
	struct world w;

	world_init(&w);
	w.who_failures = 1000;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_who, 2);
	g_assert_cmpuint(w.n_alarms, ==, 0);
	clock_test_shift(0, ALARM_AFTER_MS + 1);
	loop_until_count(&w.loop, &w.n_alarms, 1);
	g_assert_nonnull(w.alarm);
	loop_until_count(&w.loop, &w.n_who, w.n_who + 2);
	g_assert_cmpuint(w.n_alarms, ==, 1);
	w.who_failures = 0;
	loop_until_count(&w.loop, &w.n_alarms, 2);
	g_assert_null(w.alarm);
	world_release(&w);
}

/* Polls */

static void test_next_poll_only_after_the_commit(void)
{
	struct world w;

	world_init(&w);
	w.poll_script[0] = "5 a b c";
	w.holds = true;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_batches, 1);
	loop_for(&w.loop, 100);
	g_assert_cmpuint(w.n_polls, ==, 1);
	g_assert_null(w.position);
	g_assert_cmpuint(w.held->updates->len, ==, 3);
	g_assert_cmpstr(w.held->cursor, ==, "5");
	held_finish(&w, true);
	loop_until_count(&w.loop, &w.n_polls, 2);
	g_assert_true(g_str_has_suffix(w.asked->str, "/poll?offset=5 "));
	g_assert_cmpuint(w.adapter->n_updates, ==, 3);
	g_assert_cmpint(w.adapter->last_heard_mono_ms, >, 0);
	world_release(&w);
}

static unsigned occurrences(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

static void test_batch_that_was_not_taken_is_polled_again(void)
{
	struct world w;

	world_init(&w);
	w.poll_script[0] = "5 a";
	w.poll_script[1] = "5 a";
	w.refuses = true;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_batches, 1);
	loop_for(&w.loop, 200);
	g_assert_cmpuint(w.n_polls, ==, 1); /* paused */
	g_assert_null(w.position);
	w.refuses = false;
	loop_until_count(&w.loop, &w.n_updates, 1);
	loop_until_count(&w.loop, &w.n_polls, 3);
	g_assert_cmpuint(occurrences(w.asked->str, "/poll?offset= "), ==, 2);
	g_assert_true(g_str_has_suffix(w.asked->str, "/poll?offset=5 "));
	world_release(&w);
}

static void test_servers_that_answer_at_once_are_not_spun_on(void)
{
	static const char *const scripts[] = { "", "5 a", "5" };

	for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
		struct world w;

		world_init(&w);
		w.poll_script[0] = scripts[i];
		w.loops_on_last = true;
		world_open(&w);
		loop_until_count(&w.loop, &w.n_polls, 2);
		loop_for(&w.loop, 5 * POLL_EARLY_PAUSE_MS);
		g_assert_cmpuint(w.n_polls, <=, 2 + 6);
		g_assert_cmpuint(w.n_polls, >=, 3);
		world_release(&w);
	}
}

static void test_updates_that_keep_coming_are_not_slowed(void)
{
	uint64_t start;
	struct world w;

	world_init(&w);
	for (unsigned i = 0; i < 6; i++)
		w.poll_script[i] = (const char *[]){ "1 a", "2 b", "3 c", "4 d", "5 e", "6 f" }[i];
	world_open(&w);
	loop_until_count(&w.loop, &w.n_polls, 1);
	start = uv_hrtime();
	loop_until_count(&w.loop, &w.n_updates, 6);
	/* Five pauses would have taken longer on any machine. */
	g_assert_cmpuint((uv_hrtime() - start) / 1000000, <, UINT64_C(5) * POLL_EARLY_PAUSE_MS);
	world_release(&w);
}

/* The server takes the poll and never answers, and the codec's own timeout is none or absurd. */
static void test_watchdog_ends_a_poll_that_is_never_answered(void)
{
	static const int64_t timeouts[] = { -1, POLL_WATCHDOG_MS + 1, 1000 * POLL_WATCHDOG_MS };

	for (size_t i = 0; i < G_N_ELEMENTS(timeouts); i++) {
		struct world w;

		world_init(&w);
		w.is_hasty = true;
		w.poll_timeout_ms = timeouts[i];
		w.poll_script[1] = "8 a b"; /* nothing for the first poll; the second is answered */
		world_open(&w);
		loop_until_count(&w.loop, &w.n_polls, 1);
		g_assert_cmpint(w.last_poll_timeout_ms, ==, POLL_WATCHDOG_MS);
		loop_until_count(&w.loop, &w.n_updates, 2);
		g_assert_cmpuint(w.n_polls, >=, 2);
		g_assert_cmpuint(w.adapter->n_poll_errors, >=, 1);
		g_assert_cmpuint(*loopback_connections(w.platform), >=, 2); /* not on the connection that hung */
		world_release(&w);
	}
}

/* A shorter timeout of the codec's stays as it is. */
static void test_watchdog_leaves_shorter_polls_alone(void)
{
	struct world w;

	world_init(&w);
	w.poll_timeout_ms = POLL_WATCHDOG_MS - 1;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_polls, 1);
	g_assert_cmpint(w.last_poll_timeout_ms, ==, POLL_WATCHDOG_MS - 1);
	world_release(&w);
}

static void test_poll_that_needs_an_errand(void)
{
	struct world w;

	world_init(&w);
	w.poll_errands = 1;
	w.poll_script[1] = "9 a";
	world_open(&w);
	loop_until_count(&w.loop, &w.n_updates, 1);
	g_assert_cmpuint(w.n_unhook, ==, 1);
	g_assert_cmpuint(w.adapter->n_poll_errors, ==, 1);
	world_release(&w);
}

static void test_poll_trouble_is_retried_and_stop_alarms(void)
{
	struct world w;

	world_init(&w);
	w.poll_status = 502;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_polls, 3);
	g_assert_cmpuint(w.n_alarms, ==, 0);
	w.poll_status = 401;
	loop_until_count(&w.loop, &w.n_alarms, 1);
	g_assert_nonnull(strstr(w.alarm, "status 401"));
	{
		unsigned n = w.n_polls;

		loop_for(&w.loop, 100);
		g_assert_cmpuint(w.n_polls, ==, n);
	}
	world_release(&w);
}

static void test_back_off_grows_to_a_ceiling(void)
{
	for (unsigned tries = 0; tries < 40; tries++) {
		int64_t ceiling = tries < 6 ? 1000 << tries : 60000;

		for (int i = 0; i < 20; i++) {
			int64_t ms = codec_backoff_ms(tries);

			g_assert_cmpint(ms, <=, MIN(ceiling, 60000));
			g_assert_cmpint(ms, >=, MIN(ceiling, 60000) / 2);
		}
	}
}

/* Webhook */

static struct raw_client *hook_call(struct world *w, const char *secret, const char *body)
{
	g_autofree char *request =
		g_strdup_printf("POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Secret: %s\r\nContent-Length: %zu\r\n\r\n%s",
				secret, strlen(body), body);

	return raw_client_new(&w->loop, http_server_port(w->server), request, strlen(request));
}

static unsigned hook_status(struct world *w, struct raw_client *c)
{
	unsigned status;

	loop_until(&w->loop, &c->is_over);
	status = (unsigned)g_ascii_strtoull(c->got->str + 9, NULL, 10);
	if (status == 503)
		g_assert_nonnull(strstr(c->got->str, "Retry-After: "));
	raw_client_free(c);
	return status;
}

static void test_webhook(void)
{
	struct world w;
	struct raw_client *c;

	world_init(&w);
	w.path = g_strdup("/hook");
	w.holds_save = true;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_saves, 1);
	g_assert_cmpuint(hook_status(&w, hook_call(&w, "right", "{\"a\":1}")), ==, 503); /* does not know yet who it is */
	g_assert_cmpuint(hook_status(&w, hook_call(&w, "wrong", "{\"a\":1}")), ==, 401);
	w.save_done(w.save_done_arg, true);

	g_assert_cmpuint(hook_status(&w, hook_call(&w, "wrong", "{\"a\":1}")), ==, 401);
	g_assert_cmpuint(w.adapter->n_rejected_calls, ==, 2);
	g_assert_cmpuint(w.n_batches, ==, 0);
	g_assert_cmpuint(hook_status(&w, hook_call(&w, "wrong", "")), ==, 200);	      /* probe */
	g_assert_cmpuint(hook_status(&w, hook_call(&w, "right", "rubbish")), ==, 200); /* must not come back for a day */
	g_assert_cmpuint(hook_status(&w, hook_call(&w, "right", "{}")), ==, 200);      /* nothing in it */
	g_assert_cmpuint(w.n_batches, ==, 0);

	w.holds = true;
	c = hook_call(&w, "right", "{\"a\":1}");
	loop_until_count(&w.loop, &w.n_batches, 1);
	loop_for(&w.loop, 100);
	g_assert_cmpuint(c->got->len, ==, 0); /* not before the commit */
	held_finish(&w, true);
	g_assert_cmpuint(hook_status(&w, c), ==, 200);
	g_assert_cmpuint(w.n_hook_refused, ==, 0);

	c = hook_call(&w, "right", "{\"a\":1}");
	loop_until_count(&w.loop, &w.n_batches, 2);
	held_finish(&w, false);
	g_assert_cmpuint(hook_status(&w, c), ==, 503);
	g_assert_cmpuint(w.n_hook_refused, ==, 1);

	g_assert_cmpuint(w.n_polls, ==, 0);
	world_release(&w);
}

static void test_webhook_path_that_is_taken_is_an_error(void)
{
	g_autoptr(GError) error = NULL;
	struct world w;

	world_init(&w);
	w.path = g_strdup("/hook");
	world_open(&w);
	g_assert_null(adapter_open(&fake_ops, &w.env, &error));
	g_assert_nonnull(error);
	world_release(&w);
}

static void test_batch_in_hand_outlives_the_adapter(void)
{
	struct world w;
	struct raw_client *c;

	world_init(&w);
	w.path = g_strdup("/hook");
	world_open(&w);
	loop_until_count(&w.loop, &w.n_saves, 1);
	w.holds = true;
	c = hook_call(&w, "right", "{\"a\":1}");
	loop_until_count(&w.loop, &w.n_batches, 1);
	adapter_end(&w);
	held_finish(&w, true);
	g_assert_cmpuint(hook_status(&w, c), ==, 200);
	world_release(&w);

	world_init(&w);
	w.poll_script[0] = "5 a";
	w.holds = true;
	world_open(&w);
	loop_until_count(&w.loop, &w.n_batches, 1);
	adapter_end(&w);
	held_finish(&w, true);
	g_assert_null(w.position);
	world_release(&w);
}

/* Sends */

static void on_sent(void *arg, const struct send_result *r)
{
	struct world *w = arg;

	w->n_done++;
	w->last = *r;
	g_free(w->last_remote);
	w->last_remote = g_strdup(r->remote_id);
}

static void send_text(struct world *w, const char *text)
{
	char chat[] = "lan";
	const struct outgoing m = { .chat_id = chat, .chat_kind = CHAT_PRIVATE, .text = text };
	unsigned before = w->n_done;

	adapter_send(w->adapter, &m, on_sent, w);
	g_assert_cmpuint(w->n_done, ==, before); /* never inside send */
	memset(chat, '?', sizeof(chat) - 1);	 /* borrowed for the call only */
}

static void world_open_ready(struct world *w)
{
	world_open(w);
	loop_until_count(&w->loop, &w->n_polls, 1);
}

static void test_send(void)
{
	struct world w;

	world_init(&w);
	world_open(&w);
	send_text(&w, "too early");
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpint(w.last.status, ==, SEND_LATER);
	g_assert_true(w.last.is_platform_wide);
	loop_until_count(&w.loop, &w.n_polls, 1);

	send_text(&w, "xin chào");
	loop_until_count(&w.loop, &w.n_done, 2);
	g_assert_cmpint(w.last.status, ==, SEND_OK);
	g_assert_cmpstr(w.last_remote, ==, "77");
	g_assert_cmpstr(w.last_send, ==, "0 lan xin chào");

	send_text(&w, "cannot");
	loop_until_count(&w.loop, &w.n_done, 3);
	g_assert_cmpint(w.last.status, ==, SEND_REFUSED);
	g_assert_cmpstr(w.last.reason, ==, "cannot be said");

	w.send_status = 500;
	send_text(&w, "xin chào");
	loop_until_count(&w.loop, &w.n_done, 4);
	g_assert_cmpint(w.last.status, ==, SEND_LATER);
	g_assert_cmpuint(w.adapter->n_sent, ==, 1);
	g_assert_cmpuint(w.adapter->n_later, ==, 2);
	g_assert_cmpuint(w.adapter->n_refused, ==, 1);
	world_release(&w);
}

static void test_second_tries_are_few(void)
{
	struct world w;

	world_init(&w);
	world_open_ready(&w);
	w.send_status = 400;
	send_text(&w, "xin chào");
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpint(w.last.status, ==, SEND_REFUSED);
	g_assert_cmpuint(w.n_sends, ==, CODEC_ATTEMPTS_MAX);
	g_assert_cmpstr(w.last_send, ==, "2 lan xin chào");
	world_release(&w);
}

static void test_front_refuses_what_the_platform_cannot(void)
{
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"f", .size = 1 };
	const struct outgoing with_file = { .chat_id = "lan", .text = "a", .file = &file };
	struct world w;

	world_init(&w);
	world_open_ready(&w);
	adapter_send(w.adapter, &with_file, on_sent, &w);
	g_assert_cmpuint(w.n_done, ==, 0);
	adapter_end(&w); /* waits for the refusal to be told */
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_cmpint(w.last.status, ==, SEND_REFUSED);
	world_release(&w);
}

static void test_closing_ends_pending_sends_by_what_was_written(void)
{
	struct world w;

	world_init(&w);
	world_open_ready(&w);
	w.send_hangs = true;
	send_text(&w, "written");
	loop_until_count(&w.loop, &w.n_sends, 1);
	adapter_end(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_cmpint(w.last.status, ==, SEND_UNCERTAIN);
	world_release(&w);

	world_init(&w);
	world_open_ready(&w);
	send_text(&w, "not written");
	adapter_end(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_cmpint(w.last.status, ==, SEND_LATER);
	g_assert_cmpuint(w.n_sends, ==, 0);
	world_release(&w);
}

static void test_closing_at_any_moment(void)
{
	for (int moment = 0; moment < 4; moment++) {
		struct world w;

		world_init(&w);
		w.who_failures = moment == 1 ? 1000 : 0;
		w.holds_save = moment == 2;
		world_open(&w);
		if (moment == 1)
			loop_until_count(&w.loop, &w.n_who, 1);
		if (moment == 2)
			loop_until_count(&w.loop, &w.n_saves, 1);
		if (moment == 3)
			loop_until_count(&w.loop, &w.n_polls, 1);
		adapter_end(&w);
		if (moment == 2)
			w.save_done(w.save_done_arg, true); /* late: only frees */
		world_release(&w);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/driver/start-errands-run-in-order-and-polls-wait-for-them",
			test_start_errands_run_in_order_and_polls_wait_for_them);
	g_test_add_func("/driver/what-an-errand-saves-is-committed-first", test_what_an_errand_saves_is_committed_first);
	g_test_add_func("/driver/remark-of-an-errand-is-said-once", test_remark_of_an_errand_is_said_once);
	g_test_add_func("/driver/refused-credentials-alarm-at-once", test_refused_credentials_alarm_at_once);
	g_test_add_func("/driver/lasting-trouble-alarms-once-and-ends", test_lasting_trouble_alarms_once_and_ends);
	g_test_add_func("/driver/next-poll-only-after-the-commit", test_next_poll_only_after_the_commit);
	g_test_add_func("/driver/batch-that-was-not-taken-is-polled-again", test_batch_that_was_not_taken_is_polled_again);
	g_test_add_func("/driver/servers-that-answer-at-once-are-not-spun-on", test_servers_that_answer_at_once_are_not_spun_on);
	g_test_add_func("/driver/updates-that-keep-coming-are-not-slowed", test_updates_that_keep_coming_are_not_slowed);
	g_test_add_func("/driver/watchdog-ends-a-poll-that-is-never-answered", test_watchdog_ends_a_poll_that_is_never_answered);
	g_test_add_func("/driver/watchdog-leaves-shorter-polls-alone", test_watchdog_leaves_shorter_polls_alone);
	g_test_add_func("/driver/poll-that-needs-an-errand", test_poll_that_needs_an_errand);
	g_test_add_func("/driver/poll-trouble-is-retried-and-stop-alarms", test_poll_trouble_is_retried_and_stop_alarms);
	g_test_add_func("/driver/back-off-grows-to-a-ceiling", test_back_off_grows_to_a_ceiling);
	g_test_add_func("/driver/webhook", test_webhook);
	g_test_add_func("/driver/webhook-path-that-is-taken-is-an-error", test_webhook_path_that_is_taken_is_an_error);
	g_test_add_func("/driver/batch-in-hand-outlives-the-adapter", test_batch_in_hand_outlives_the_adapter);
	g_test_add_func("/driver/send", test_send);
	g_test_add_func("/driver/second-tries-are-few", test_second_tries_are_few);
	g_test_add_func("/driver/front-refuses-what-the-platform-cannot", test_front_refuses_what_the_platform_cannot);
	g_test_add_func("/driver/closing-ends-pending-sends-by-what-was-written", test_closing_ends_pending_sends_by_what_was_written);
	g_test_add_func("/driver/closing-at-any-moment", test_closing_at_any_moment);
	return g_test_run();
}
