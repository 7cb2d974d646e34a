/* SPDX-License-Identifier: MIT */
/* Tests of the HTTP server with raw bytes on real sockets: what the library would take wrongly, who trickles, who waits. */
#include <string.h>

#include "adapters/http_server.h"
#include "base/clock.h"
#include "tests/fakes/loopback.h"

#define HOST "Host: x\r\n"

struct world {
	uv_loop_t loop;
	struct http_server *server;
	bool is_waiting, is_closed; /* answers are held */
	GPtrArray *held;	    /* struct http_exchange */
	unsigned n_calls;
	size_t last_len;
	char *last_body, *last_secret;
};

static void on_hook(void *arg, const struct http_server_request *r)
{
	struct world *w = arg;

	w->n_calls++;
	g_free(w->last_body);
	g_free(w->last_secret);
	w->last_body = g_strndup(r->body, r->body_len);
	w->last_len = r->body_len;
	w->last_secret = g_strdup(http_server_header(r, "x-secret"));
	if (w->is_waiting)
		g_ptr_array_add(w->held, r->exchange);
	else
		http_exchange_answer(r->exchange, 200, NULL, "done", 0);
}

static void world_init(struct world *w)
{
	g_autoptr(GError) error = NULL;

	memset(w, 0, sizeof(*w));
	uv_loop_init(&w->loop);
	w->held = g_ptr_array_new();
	w->server = http_server_new(&w->loop, "127.0.0.1:0", &error);
	g_assert_no_error(error);
	g_assert_true(http_server_route(w->server, "POST", "/hook", on_hook, w, &error));
	g_assert_true(http_server_route(w->server, NULL, "/any", on_hook, w, &error));
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void world_release(struct world *w)
{
	if (w->server) {
		http_server_close(w->server, on_closed, &w->is_closed);
		loop_until(&w->loop, &w->is_closed);
	}
	loop_finish(&w->loop);
	g_ptr_array_unref(w->held);
	g_free(w->last_body);
	g_free(w->last_secret);
}

static struct raw_client *client_new(struct world *w, const char *bytes)
{
	return raw_client_new(&w->loop, http_server_port(w->server), bytes, strlen(bytes));
}

/* A world whose handler holds its answers, and a client whose request has come to it. */
static struct raw_client *waiting_client_new(struct world *w, const char *bytes)
{
	struct raw_client *c;

	world_init(w);
	w->is_waiting = true;
	c = client_new(w, bytes);
	loop_until_count(&w->loop, &w->n_calls, 1);
	return c;
}

/* Everything the server says until it closes; caller frees. */
static char *ask(struct world *w, const char *bytes)
{
	struct raw_client *c = client_new(w, bytes);
	char *got;

	loop_until(&w->loop, &c->is_over);
	got = g_strdup(c->got->str);
	raw_client_free(c);
	return got;
}

static unsigned status_of(const char *answer)
{
	return g_str_has_prefix(answer, "HTTP/1.") && strlen(answer) > 12 ? (unsigned)g_ascii_strtoull(answer + 9, NULL, 10) : 0;
}

static void test_plain_requests(void)
{
	static const struct {
		const char *request;
		unsigned status;
	} t[] = {
		{ "POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 2\r\n\r\n{}", 200 },
		{ "POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200 },
		{ "GET /any?x=1 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200 },
		{ "GET /hook HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 405 },
		{ "GET /hook/ HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 404 },
		{ "GET /ho%6fk HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 404 },
	};
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		g_autofree char *got = ask(&w, t[i].request);

		g_test_message("%s", t[i].request);
		g_assert_cmpuint(status_of(got), ==, t[i].status);
	}
	g_assert_cmpuint(w.n_calls, ==, 3);
	g_assert_cmpuint(http_server_count(w.server, 2), ==, 3);
	g_assert_cmpuint(http_server_count(w.server, 4), ==, 3);
	world_release(&w);
}

static void test_body_and_header_reach_the_handler(void)
{
	struct world w;
	g_autofree char *got = NULL;

	world_init(&w);
	got = ask(&w, "POST /hook HTTP/1.1\r\n" HOST "X-SECRET: abc\r\nConnection: close\r\nContent-Length: 7\r\n\r\na\xC3\xA0\xFF{}\n");
	g_assert_cmpuint(w.last_len, ==, 7);
	g_assert_cmpmem(w.last_body, 7, "a\xC3\xA0\xFF{}\n", 7);
	g_assert_cmpstr(w.last_secret, ==, "abc");
	g_assert_true(g_str_has_suffix(got, "done"));
	world_release(&w);
}

/* Each would let a second request be hidden inside the first one behind a proxy that reads it the other way. */
static void test_smuggling_is_refused_and_the_connection_closed(void)
{
#define HIDDEN "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
	static const struct {
		const char *name, *request;
	} t[] = {
		{ "length and chunked",
		  "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "chunked and length",
		  "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "two lengths", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 53\r\n\r\n" HIDDEN },
		{ "the same length twice", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" HIDDEN },
		{ "length with a comma", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 0, 0\r\n\r\n" HIDDEN },
		{ "length with a sign", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: +0\r\n\r\n" HIDDEN },
		{ "negative length", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n" HIDDEN },
		{ "hexadecimal length", "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 0x0\r\n\r\n" HIDDEN },
		{ "identity", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n" HIDDEN },
		{ "gzip, chunked", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "chunked, identity", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "chunked twice",
		  "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "quoted", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "empty coding", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n" HIDDEN },
		{ "space before the colon", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "coding on 1.0", "POST /hook HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "folded coding", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n , gzip\r\n\r\n0\r\n\r\n" HIDDEN },
		{ "control character", "POST /hook HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n" HIDDEN },
	};
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		g_autofree char *got = ask(&w, t[i].request); /* returns, so it was closed */

		g_test_message("%s: %s", t[i].name, got);
		g_assert_true(*got == '\0' || status_of(got) == 400);
		g_assert_cmpuint(w.n_calls, ==, 0);
	}
	world_release(&w);
}

static void test_body_over_the_limit(void)
{
	g_autofree char *body = g_strnfill(HTTP_BODY_MAX, 'b');
	g_autofree char *fits = g_strdup_printf("POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
						HTTP_BODY_MAX, body);
	g_autofree char *over = g_strdup_printf("POST /hook HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", HTTP_BODY_MAX + 1);
	g_autofree char *chunks = g_strdup_printf("POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
						  "%zx\r\n%s\r\n1\r\nx\r\n0\r\n\r\n", HTTP_BODY_MAX, body);
	const char *requests[] = { fits, over, chunks };
	const unsigned statuses[] = { 200, 413, 413 };
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		g_autofree char *got = ask(&w, requests[i]);

		g_assert_cmpuint(status_of(got), ==, statuses[i]);
	}
	g_assert_cmpuint(w.n_calls, ==, 1);
	world_release(&w);
}

/* One more than fits, none complete: so at least one is turned away, and those that fit are not. */
static void test_bodies_together_are_bounded(void)
{
	enum { N = 9 };
	g_autofree char *body = g_strnfill(HTTP_BODY_MAX - 1, 'b');
	g_autofree char *most = g_strdup_printf("POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
						HTTP_BODY_MAX, body);
	struct raw_client *clients[N];
	unsigned n_taken = 0, n_refused = 0;
	struct world w;

	g_assert_cmpuint(N, ==, HTTP_BODIES_MAX / HTTP_BODY_MAX + 1);
	world_init(&w);
	for (size_t i = 0; i < N; i++)
		clients[i] = client_new(&w, most);
	for (int i = 0; i < 20; i++) {
		clock_test_shift(0, -1000); /* slow machines: no deadline here */
		loop_for(&w.loop, 50);
	}
	for (size_t i = 0; i < N; i++)
		raw_client_send(clients[i], "b", 1);
	for (size_t i = 0; i < N; i++) {
		loop_until(&w.loop, &clients[i]->is_over);
		n_taken += status_of(clients[i]->got->str) == 200;
		n_refused += status_of(clients[i]->got->str) == 503 && strstr(clients[i]->got->str, "Retry-After: ");
		raw_client_free(clients[i]);
	}
	g_assert_cmpuint(n_taken, ==, N - 1);
	g_assert_cmpuint(n_refused, ==, 1);
	world_release(&w);
}

static void test_headers_over_the_limit(void)
{
	g_autofree char *value = g_strnfill((size_t)HTTP_MEMORY_PER_CONNECTION, 'h');
	g_autofree char *request = g_strdup_printf("GET /any HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", value);
	g_autofree char *got = NULL;
	struct world w;

	world_init(&w);
	got = ask(&w, request);
	g_assert_true(*got == '\0' || status_of(got) == 431 || status_of(got) == 413);
	g_assert_cmpuint(w.n_calls, ==, 0);
	world_release(&w);
}

/* The library's timeout starts anew with every byte; ours does not. */
static void test_drip_feeder_is_closed_at_the_deadline(void)
{
	static const char *const starts[] = {
		"",
		"POST /ho",
		"POST /hook HTTP/1.1\r\nHost: x\r\nX-A: ",
		"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
	};
	struct world w;

	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
		struct raw_client *c;

		world_init(&w);
		c = client_new(&w, starts[i]);
		for (int step = 0; step < 4; step++) {
			loop_for(&w.loop, 300); /* longer than the sweep */
			g_assert_false(c->is_over);
			raw_client_send(c, "x", 1);
			clock_test_shift(0, HTTP_REQUEST_DEADLINE_MS / 5);
		}
		clock_test_shift(0, HTTP_REQUEST_DEADLINE_MS / 5);
		loop_until(&w.loop, &c->is_over);
		g_assert_cmpuint(w.n_calls, ==, 0);
		raw_client_free(c);
		world_release(&w);
	}
}

static void test_idle_kept_connection_may_wait_longer(void)
{
	static const char request[] = "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n";
	struct world w;
	struct raw_client *c;

	world_init(&w);
	c = client_new(&w, request);
	loop_until_count(&w.loop, &w.n_calls, 1);
	loop_for(&w.loop, 50);
	clock_test_shift(0, INT64_C(2) * HTTP_REQUEST_DEADLINE_MS);
	loop_for(&w.loop, 400);
	g_assert_false(c->is_over);
	raw_client_send(c, request, strlen(request));
	loop_until_count(&w.loop, &w.n_calls, 2);
	/* ... but not its next request. */
	raw_client_send(c, request, 20);
	raw_client_send(c, "\r\n", 2);
	loop_for(&w.loop, 50);
	clock_test_shift(0, HTTP_IDLE_TIMEOUT_S * 1000 + 2 * HTTP_REQUEST_DEADLINE_MS);
	loop_until(&w.loop, &c->is_over);
	raw_client_free(c);
	world_release(&w);
}

static void test_answer_waits_for_the_handler(void)
{
	struct world w;
	struct raw_client *c;

	c = waiting_client_new(&w, "POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
	clock_test_shift(0, INT64_C(3) * HTTP_REQUEST_DEADLINE_MS); /* our slowness is not the client's fault */
	loop_for(&w.loop, 400);
	g_assert_cmpuint(c->got->len, ==, 0);
	g_assert_false(c->is_over);
	http_exchange_answer(w.held->pdata[0], 503, "application/json", "{\"a\":1}", 7);
	loop_until(&w.loop, &c->is_over);
	g_assert_cmpuint(status_of(c->got->str), ==, 503);
	g_assert_nonnull(strstr(c->got->str, "Retry-After: 7\r\n"));
	g_assert_nonnull(strstr(c->got->str, "Content-Type: application/json\r\n"));
	g_assert_true(g_str_has_suffix(c->got->str, "{\"a\":1}"));
	raw_client_free(c);
	world_release(&w);
}

static void test_client_that_left_meanwhile_harms_nobody(void)
{
	struct world w;
	struct raw_client *c;

	c = waiting_client_new(&w, "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}");
	raw_client_free(c);
	loop_for(&w.loop, 50);
	http_exchange_answer(w.held->pdata[0], 200, NULL, "", 0);
	loop_for(&w.loop, 50);
	world_release(&w);
}

static void on_hook_that_closes(void *arg, const struct http_server_request *r)
{
	struct world *w = arg;

	g_ptr_array_add(w->held, r->exchange);
	http_server_close(g_steal_pointer(&w->server), on_closed, &w->is_closed);
}

/* The request in hand is no suspended one yet when the server closes: it too gets its 503, and the late answer only frees. */
static void test_closing_inside_a_handler(void)
{
	struct world w;
	struct raw_client *c;

	world_init(&w);
	g_assert_true(http_server_route(w.server, NULL, "/close", on_hook_that_closes, &w, NULL));
	c = client_new(&w, "POST /close HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}");
	loop_until(&w.loop, &c->is_over);
	g_assert_cmpuint(status_of(c->got->str), ==, 503);
	loop_until(&w.loop, &w.is_closed);
	http_exchange_answer(w.held->pdata[0], 200, NULL, "late", 0);
	raw_client_free(c);
	world_release(&w);
}

static void test_pipelined_requests_are_answered_in_turn(void)
{
	static const char two[] = "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n1"
				  "POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 1\r\n\r\n2";
	struct world w;
	struct raw_client *c;

	c = waiting_client_new(&w, two);
	loop_for(&w.loop, 50);
	g_assert_cmpuint(w.n_calls, ==, 1);
	http_exchange_answer(w.held->pdata[0], 200, NULL, "one", 0);
	loop_until_count(&w.loop, &w.n_calls, 2);
	http_exchange_answer(w.held->pdata[1], 200, NULL, "two", 0);
	loop_until(&w.loop, &c->is_over);
	g_assert_nonnull(strstr(strstr(c->got->str, "one"), "two"));
	raw_client_free(c);
	world_release(&w);
}

static void test_three_hundred_connections(void)
{
	enum { N = 300 };
	static const char request[] = "POST /hook HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 2\r\n\r\n{}";
	struct raw_client *clients[N];
	struct world w;

	world_init(&w);
	w.is_waiting = true;
	for (int i = 0; i < N; i++)
		clients[i] = client_new(&w, request);
	loop_until_count(&w.loop, &w.n_calls, HTTP_CONNECTIONS_MAX);
	loop_for(&w.loop, 100);
	g_assert_cmpuint(w.n_calls, ==, HTTP_CONNECTIONS_MAX); /* the rest waits in the kernel's queue */
	w.is_waiting = false;
	for (guint i = 0; i < w.held->len; i++)
		http_exchange_answer(w.held->pdata[i], 200, NULL, "done", 0);
	for (int i = 0; i < N; i++) {
		loop_until(&w.loop, &clients[i]->is_over);
		g_assert_cmpuint(status_of(clients[i]->got->str), ==, 200);
		raw_client_free(clients[i]);
	}
	g_assert_cmpuint(w.n_calls, ==, N);
	world_release(&w);
}

static void test_closing_answers_those_who_wait(void)
{
	struct world w;
	struct raw_client *c;

	c = waiting_client_new(&w, "POST /hook HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}");
	http_server_close(w.server, on_closed, &w.is_closed);
	loop_until(&w.loop, &w.is_closed);
	w.server = NULL;
	loop_until(&w.loop, &c->is_over);
	g_assert_cmpuint(status_of(c->got->str), ==, 503);
	http_exchange_answer(w.held->pdata[0], 200, NULL, "late", 0); /* only frees */
	raw_client_free(c);
	world_release(&w);
}

static void test_addresses(void)
{
	static const char *const bad[] = { "", "8080", "x:80", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "[::1:80", "256.1.1.1:80" };
	static const char *const good[] = { "127.0.0.1:0", "localhost:0" };
	struct world w;

	for (size_t i = 0; i < G_N_ELEMENTS(bad) + G_N_ELEMENTS(good); i++) {
		bool is_good = i >= G_N_ELEMENTS(bad);
		g_autoptr(GError) error = NULL;

		memset(&w, 0, sizeof(w));
		uv_loop_init(&w.loop);
		w.held = g_ptr_array_new();
		w.server = http_server_new(&w.loop, is_good ? good[i - G_N_ELEMENTS(bad)] : bad[i], &error);
		g_assert_true((w.server != NULL) == is_good);
		g_assert_true((error == NULL) == is_good);
		world_release(&w);
	}
}

static void test_taken_port_and_path_are_errors(void)
{
	g_autoptr(GError) error = NULL, path_error = NULL;
	g_autofree char *address = NULL;
	struct world w;

	world_init(&w);
	address = g_strdup_printf("127.0.0.1:%u", http_server_port(w.server));
	g_assert_null(http_server_new(&w.loop, address, &error));
	g_assert_nonnull(strstr(error->message, address));
	g_assert_false(http_server_route(w.server, "POST", "/hook", on_hook, &w, &path_error));
	http_server_unroute(w.server, "/hook");
	g_assert_true(http_server_route(w.server, "POST", "/hook", on_hook, &w, NULL));
	world_release(&w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/http-server/plain-requests", test_plain_requests);
	g_test_add_func("/http-server/body-and-header-reach-the-handler", test_body_and_header_reach_the_handler);
	g_test_add_func("/http-server/smuggling-is-refused-and-the-connection-closed",
			test_smuggling_is_refused_and_the_connection_closed);
	g_test_add_func("/http-server/body-over-the-limit", test_body_over_the_limit);
	g_test_add_func("/http-server/bodies-together-are-bounded", test_bodies_together_are_bounded);
	g_test_add_func("/http-server/headers-over-the-limit", test_headers_over_the_limit);
	g_test_add_func("/http-server/drip-feeder-is-closed-at-the-deadline", test_drip_feeder_is_closed_at_the_deadline);
	g_test_add_func("/http-server/idle-kept-connection-may-wait-longer", test_idle_kept_connection_may_wait_longer);
	g_test_add_func("/http-server/answer-waits-for-the-handler", test_answer_waits_for_the_handler);
	g_test_add_func("/http-server/client-that-left-meanwhile-harms-nobody", test_client_that_left_meanwhile_harms_nobody);
	g_test_add_func("/http-server/closing-inside-a-handler", test_closing_inside_a_handler);
	g_test_add_func("/http-server/pipelined-requests-are-answered-in-turn", test_pipelined_requests_are_answered_in_turn);
	g_test_add_func("/http-server/three-hundred-connections", test_three_hundred_connections);
	g_test_add_func("/http-server/closing-answers-those-who-wait", test_closing_answers_those_who_wait);
	g_test_add_func("/http-server/addresses", test_addresses);
	g_test_add_func("/http-server/taken-port-and-path-are-errors", test_taken_port_and_path_are_errors);
	return g_test_run();
}
