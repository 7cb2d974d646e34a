/* SPDX-License-Identifier: MIT */
/* Tests of the HTTP client against real loopback sockets: above all whether "was it written?" is answered truly. */
#include <string.h>

#include "adapters/http_client.h"
#include "base/log.h"
#include "tests/fakes/loopback.h"

enum trick {
	TRICK_ANSWER, TRICK_HANG, TRICK_RESET, TRICK_SHUT, TRICK_HALF, TRICK_HALF_HEAD, TRICK_CHUNKED, TRICK_SLOW, TRICK_HUGE, TRICK_429,
	TRICK_REDIRECT, TRICK_SECOND_SHUT, TRICK_DATE,
};

struct world {
	uv_loop_t loop;
	struct http_client *client;
	struct loopback *server;
	enum trick trick;
	struct loopback_conn *waiting;
	uv_timer_t slow;
	char *last_request;
	/* of the last call */
	bool is_done, is_closed;
	unsigned n_done;
	enum http_trouble trouble;
	long status;
	char *body, *reason;
	size_t body_len;
	int64_t retry_after_ms;
};

static void on_slow(uv_timer_t *timer)
{
	struct world *w = timer->data;

	loopback_answer(w->waiting, 200, NULL, "slow");
}

static void answer_huge(struct loopback_conn *conn)
{
	g_autofree char *half = g_strnfill(HTTP_RESPONSE_MAX / 2 + 1, 'x');
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n";

	loopback_write(conn, head, strlen(head));
	loopback_write(conn, half, strlen(half));
	loopback_write(conn, half, strlen(half));
}

static void on_request(void *arg, struct loopback_conn *conn, const char *text)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
	static const char half_head[] = "HTTP/1.1 200 OK\r\nContent-Le";
	static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nxin \r\n6\r\nch\xC3\xA0o!\r\n0\r\n\r\n";
	struct world *w = arg;

	g_free(w->last_request);
	w->last_request = g_strdup(text);
	switch (w->trick) {
	case TRICK_ANSWER:
		loopback_answer(conn, 200, NULL, "{\"ok\":true}");
		break;
	case TRICK_HANG:
		break;
	case TRICK_RESET:
		loopback_reset(conn);
		break;
	case TRICK_SHUT:
		loopback_shut(conn);
		break;
	case TRICK_HALF:
		loopback_write(conn, half, strlen(half));
		w->waiting = conn;
		break;
	case TRICK_HALF_HEAD:
		loopback_write(conn, half_head, strlen(half_head));
		break;
	case TRICK_CHUNKED:
		loopback_write(conn, chunked, strlen(chunked));
		break;
	case TRICK_SLOW:
		w->waiting = conn;
		uv_timer_start(&w->slow, on_slow, 150, 0);
		break;
	case TRICK_HUGE:
		answer_huge(conn);
		break;
	case TRICK_429:
		loopback_answer(conn, 429, "Retry-After: 17\r\n", "{}");
		break;
	case TRICK_DATE:
		loopback_answer(conn, 503, "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", "{}");
		break;
	case TRICK_REDIRECT:
		loopback_answer(conn, 302, "Location: /elsewhere\r\n", "");
		break;
	case TRICK_SECOND_SHUT:
		if (*loopback_requests(w->server) == 1)
			loopback_answer(conn, 200, NULL, "first");
		else
			loopback_shut(conn);
		break;
	}
}

static void on_done(void *arg, const struct http_response *r)
{
	struct world *w = arg;

	w->is_done = true;
	w->n_done++;
	w->trouble = r->trouble;
	w->status = r->status;
	w->retry_after_ms = r->retry_after_ms;
	g_free(w->body);
	g_free(w->reason);
	w->body = g_strndup(r->body, r->body_len);
	w->body_len = r->body_len;
	w->reason = g_strdup(r->reason);
	g_assert_true(r->body[r->body_len] == '\0');
	g_assert_true((r->trouble == HTTP_ANSWERED) == (r->reason == NULL));
}

static void world_init(struct world *w)
{
	g_autoptr(GError) error = NULL;

	memset(w, 0, sizeof(*w));
	uv_loop_init(&w->loop);
	w->client = http_client_new(&w->loop, &error);
	g_assert_no_error(error);
	w->server = loopback_new(&w->loop, on_request, w);
	uv_timer_init(&w->loop, &w->slow);
	w->slow.data = w;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void world_release(struct world *w)
{
	http_client_close(w->client, on_closed, &w->is_closed);
	loop_until(&w->loop, &w->is_closed);
	loopback_free(w->server);
	uv_close((uv_handle_t *)&w->slow, NULL);
	loop_finish(&w->loop);
	g_free(w->last_request);
	g_free(w->body);
	g_free(w->reason);
}

static struct http_call *call_start_url(struct world *w, char *url, const char *body, int64_t timeout_ms)
{
	struct http_request request = { .method = body ? "POST" : "GET", .url = url, .timeout_ms = timeout_ms };

	if (body) {
		request.body = g_strdup(body);
		request.body_len = strlen(body);
		request.content_type = g_strdup("application/json");
		request.headers = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(request.headers, g_strdup("X-Test: yes"));
	}
	w->is_done = false;
	{
		struct http_call *call = http_client_start(w->client, &request, on_done, w);

		g_assert_false(w->is_done); /* never inside the call */
		g_assert_null(request.url);
		return call;
	}
}

static struct http_call *call_start(struct world *w, enum trick trick, const char *body, int64_t timeout_ms)
{
	w->trick = trick;
	return call_start_url(w, loopback_url(w->server, "/bot/x"), body, timeout_ms);
}

static void call_run(struct world *w, enum trick trick, const char *body, int64_t timeout_ms)
{
	call_start(w, trick, body, timeout_ms);
	loop_until(&w->loop, &w->is_done);
}

static void test_post_arrives_whole(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_ANSWER, "{\"text\":\"xin chào\"}", 5000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	g_assert_cmpint(w.status, ==, 200);
	g_assert_cmpstr(w.body, ==, "{\"ok\":true}");
	g_assert_cmpint(w.retry_after_ms, ==, -1);
	g_assert_true(g_str_has_prefix(w.last_request, "POST /bot/x HTTP/1.1\r\n"));
	g_assert_nonnull(strstr(w.last_request, "\r\nContent-Type: application/json\r\n"));
	g_assert_nonnull(strstr(w.last_request, "\r\nX-Test: yes\r\n"));
	g_assert_true(g_str_has_suffix(w.last_request, "\r\n\r\n{\"text\":\"xin chào\"}"));
	g_assert_null(strstr(w.last_request, "Expect"));
	world_release(&w);
}

static void test_large_post_arrives_whole(void)
{
	g_autofree char *large = g_strnfill((size_t)3 * 1024 * 1024, 'y');
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_ANSWER, large, 15000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	g_assert_true(g_str_has_suffix(w.last_request, large));
	world_release(&w);
}

static void test_connection_is_kept(void)
{
	struct world w;

	world_init(&w);
	for (int i = 0; i < 3; i++)
		call_run(&w, TRICK_ANSWER, i == 1 ? "{}" : NULL, 5000);
	g_assert_cmpuint(*loopback_requests(w.server), ==, 3);
	g_assert_cmpuint(*loopback_connections(w.server), ==, 1);
	world_release(&w);
}

static void test_troubles_after_the_request(void)
{
	static const struct {
		const char *name;
		enum trick trick;
	} t[] = {
		{ "no answer", TRICK_HANG },	   { "reset", TRICK_RESET },	  { "closed without a word", TRICK_SHUT },
		{ "half a body", TRICK_HALF },	   { "half a head", TRICK_HALF_HEAD }, { "too large", TRICK_HUGE },
	};
	struct world w;

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		g_test_message("%s", t[i].name);
		world_init(&w);
		call_run(&w, t[i].trick, "{\"text\":\"a\"}", t[i].trick == TRICK_HUGE ? 10000 : 300);
		g_assert_cmpint(w.trouble, ==, HTTP_AFTER_WRITE);
		g_assert_cmpuint(*loopback_requests(w.server), ==, 1);
		world_release(&w);
	}
}

static void test_refused_connection_is_before_write(void)
{
	struct world w;
	char *url;

	world_init(&w);
	url = loopback_url(w.server, "/");
	loopback_free(w.server);
	call_start_url(&w, url, "{}", 3000);
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	g_assert_nonnull(w.reason);
	w.server = loopback_new(&w.loop, on_request, &w);
	world_release(&w);
}

/* A listener whose queue is never accepted from still completes the handshake; TLS to a plain server never gets to a request. */
static void test_failed_tls_is_before_write(void)
{
	struct world w;
	g_autofree char *plain = NULL;

	world_init(&w);
	plain = loopback_url(w.server, "/");
	w.trick = TRICK_HANG;
	call_start_url(&w, g_strdup_printf("https%s", strstr(plain, ":")), "{}", 700);
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	world_release(&w);
}

/* libcurl by itself sends again when a kept connection ends without a byte of answer: the platform may have done it already. */
static void test_post_is_not_silently_sent_twice_on_a_kept_connection(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_SECOND_SHUT, "{\"n\":1}", 3000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	call_run(&w, TRICK_SECOND_SHUT, "{\"n\":2}", 3000);
	g_assert_cmpuint(*loopback_requests(w.server), ==, 2);
	g_assert_cmpint(w.trouble, ==, HTTP_AFTER_WRITE);
	world_release(&w);
}

static void test_slow_and_chunked_answers_are_whole(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_SLOW, NULL, 5000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	g_assert_cmpstr(w.body, ==, "slow");
	call_run(&w, TRICK_CHUNKED, "{}", 5000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	g_assert_cmpstr(w.body, ==, "xin chào!");
	world_release(&w);
}

static void test_retry_after(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_429, "{}", 3000);
	g_assert_cmpint(w.status, ==, 429);
	g_assert_cmpint(w.retry_after_ms, ==, 17000);
	call_run(&w, TRICK_DATE, "{}", 3000);
	g_assert_cmpint(w.status, ==, 503);
	g_assert_cmpint(w.retry_after_ms, <=, 0); /* a date long past is no wait */
	world_release(&w);
}

static void test_redirects_are_not_followed(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_REDIRECT, "{}", 3000);
	g_assert_cmpint(w.status, ==, 302);
	g_assert_cmpuint(*loopback_requests(w.server), ==, 1);
	world_release(&w);
}

static void test_proxies_of_the_environment_are_ignored(void)
{
	struct world w;

	g_setenv("http_proxy", "http://127.0.0.1:9", TRUE);
	g_setenv("all_proxy", "http://127.0.0.1:9", TRUE);
	world_init(&w);
	call_run(&w, TRICK_ANSWER, "{}", 3000);
	g_assert_cmpint(w.trouble, ==, HTTP_ANSWERED);
	world_release(&w);
	g_unsetenv("http_proxy");
	g_unsetenv("all_proxy");
}

/* What goes to this machine in the clear must not be carried out of it by a proxy. */
static void test_loopback_never_goes_through_the_proxy(void)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2", "127.255.0.9", "localhost", "[::1]" };
	struct world w;
	g_autofree char *proxy = NULL;

	world_init(&w);
	proxy = loopback_url(w.server, "");
	http_client_set_proxy(w.client, proxy);
	for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
		g_test_message("%s", hosts[i]);
		/* nobody listens there; the proxy would answer */
		call_start_url(&w, g_strdup_printf("http://%s:9/bot/x", hosts[i]), "{}", 3000);
		loop_until(&w.loop, &w.is_done);
		g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	}
	g_assert_cmpuint(*loopback_requests(w.server), ==, 0);
	world_release(&w);
}

/* A token that a platform gave may hold anything: it must not become a line of its own. */
static void test_line_break_in_a_header_is_no_request(void)
{
	static const char *const lines[] = { "access_token: a\r\nX-Forged: yes", "access_token: a\nb", "access_token: a\rb" };
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct http_request request = { .method = "GET", .url = loopback_url(w.server, "/"), .timeout_ms = 3000 };

		request.headers = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(request.headers, g_strdup(lines[i]));
		w.is_done = false;
		http_client_start(w.client, &request, on_done, &w);
		loop_until(&w.loop, &w.is_done);
		g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	}
	g_assert_cmpuint(*loopback_requests(w.server), ==, 0);
	world_release(&w);
}

static void test_call_without_a_timeout_is_refused(void)
{
	struct world w;

	world_init(&w);
	call_run(&w, TRICK_ANSWER, "{}", 0);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	g_assert_cmpuint(*loopback_requests(w.server), ==, 0);
	world_release(&w);
}

static void test_cancel(void)
{
	struct world w;
	struct http_call *call;

	world_init(&w);
	call = call_start(&w, TRICK_HANG, "{}", 5000);
	http_call_cancel(call);
	g_assert_false(w.is_done);
	http_call_cancel(call); /* again: nothing */
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	g_assert_cmpuint(w.n_done, ==, 1);

	call = call_start(&w, TRICK_HANG, "{}", 5000);
	loop_until_count(&w.loop, loopback_requests(w.server), 1);
	http_call_cancel(call);
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_AFTER_WRITE);
	world_release(&w);
}

static void test_closing_ends_every_call(void)
{
	struct world w;

	world_init(&w);
	for (int i = 0; i < 5; i++)
		call_start(&w, TRICK_HANG, "{}", 5000);
	loop_until_count(&w.loop, loopback_requests(w.server), 3);
	http_client_close(w.client, on_closed, &w.is_closed);
	call_start(&w, TRICK_ANSWER, NULL, 1000); /* too late */
	g_assert_cmpuint(w.n_done, ==, 0);
	loop_until(&w.loop, &w.is_closed);
	g_assert_cmpuint(w.n_done, ==, 6);
	loopback_free(w.server);
	uv_close((uv_handle_t *)&w.slow, NULL);
	loop_finish(&w.loop);
	g_free(w.last_request);
	g_free(w.body);
	g_free(w.reason);
}

static void test_secret_is_masked_in_reason(void)
{
	struct world w;

	g_assert_true(log_secret_add("geheimhost"));
	world_init(&w);
	call_start_url(&w, g_strdup("https://geheimhost.invalid/x"), NULL, 4000);
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	g_assert_null(strstr(w.reason, "geheimhost"));
	world_release(&w);
}

static void test_addresses(void)
{
	static const struct {
		const char *url;
		bool is_ok;
	} t[] = {
		{ "https://api.telegram.org", true },	{ "http://127.0.0.1:8081/x", true }, { "http://127.9.9.9", true },
		{ "http://localhost:3000", true },	{ "http://[::1]:3000", true },	     { "http://api.telegram.org", false },
		{ "http://127.0.0.1.example.org", false }, { "http://localhost.example.org", false }, { "ftp://127.0.0.1", false },
		{ "file:///etc/passwd", false },	{ "api.telegram.org", false },	     { "", false },
		{ "https://user:pw@host", false },	{ "http://127.0.0.1@example.org", false }, { "http://[::2]/", false },
		/* odd spellings: what libcurl would connect to decides */
		{ "http://127.1/", true },		{ "http://2130706433/", true },	     { "http://0x7f000001/", true },
		{ "HTTP://LOCALHOST/", true },		{ "http://[0:0:0:0:0:0:0:1]/", true }, { "http://%6cocalhost/", true },
		{ "http://127.0.0.1#@example.org/", true }, { "http://127.0.0.1:80@example.org/", false }, { "http://:pw@127.0.0.1/", false },
		{ "http://127.0.0.1\\@example.org/", false }, { "http://localhost%00.example.org/", false }, { "http://0/", false },
		{ "http://[::ffff:127.0.0.1]/", false }, { "http://128.0.0.1/", false },    { "http://2147483648/", false },
		{ "https://example.org\r\nX: y/", false }, { "http://local\nhost/", false },  { "http://ⓛocalhost/", false },
	};
	struct world w;

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", t[i].url);
		g_assert_cmpint(http_url_allowed(t[i].url, &error), ==, t[i].is_ok);
		g_assert_true((error == NULL) == t[i].is_ok);
	}
	world_init(&w);
	call_start_url(&w, g_strdup("http://example.org/"), NULL, 1000);
	loop_until(&w.loop, &w.is_done);
	g_assert_cmpint(w.trouble, ==, HTTP_BEFORE_WRITE);
	world_release(&w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/http-client/post-arrives-whole", test_post_arrives_whole);
	g_test_add_func("/http-client/large-post-arrives-whole", test_large_post_arrives_whole);
	g_test_add_func("/http-client/connection-is-kept", test_connection_is_kept);
	g_test_add_func("/http-client/troubles-after-the-request", test_troubles_after_the_request);
	g_test_add_func("/http-client/refused-connection-is-before-write", test_refused_connection_is_before_write);
	g_test_add_func("/http-client/failed-tls-is-before-write", test_failed_tls_is_before_write);
	g_test_add_func("/http-client/post-is-not-silently-sent-twice-on-a-kept-connection",
			test_post_is_not_silently_sent_twice_on_a_kept_connection);
	g_test_add_func("/http-client/slow-and-chunked-answers-are-whole", test_slow_and_chunked_answers_are_whole);
	g_test_add_func("/http-client/retry-after", test_retry_after);
	g_test_add_func("/http-client/redirects-are-not-followed", test_redirects_are_not_followed);
	g_test_add_func("/http-client/proxies-of-the-environment-are-ignored", test_proxies_of_the_environment_are_ignored);
	g_test_add_func("/http-client/loopback-never-goes-through-the-proxy", test_loopback_never_goes_through_the_proxy);
	g_test_add_func("/http-client/line-break-in-a-header-is-no-request", test_line_break_in_a_header_is_no_request);
	g_test_add_func("/http-client/call-without-a-timeout-is-refused", test_call_without_a_timeout_is_refused);
	g_test_add_func("/http-client/cancel", test_cancel);
	g_test_add_func("/http-client/closing-ends-every-call", test_closing_ends_every_call);
	g_test_add_func("/http-client/secret-is-masked-in-reason", test_secret_is_masked_in_reason);
	g_test_add_func("/http-client/addresses", test_addresses);
	return g_test_run();
}
