/* SPDX-License-Identifier: MIT */
/* The scripted server, the raw client and the loop helpers of the tests. Understands just enough HTTP to know where a request ends;
 * it judges nothing. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/fakes/loopback.h"

#define PATIENCE_MS 20000
#define TICK_MS 5

struct loopback {
	uv_tcp_t tcp;
	uv_loop_t *loop;
	loopback_fn *on_request;
	void *arg;
	unsigned port, n_requests, n_connections;
	GQueue conns;
	bool is_closed;
};

struct loopback_conn {
	uv_tcp_t tcp;
	struct loopback *server;
	GList link;
	GString *in;
	bool is_closing;
};

struct written {
	uv_write_t request;
	char *bytes;
};

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
	ret->base = g_malloc(wanted);
	ret->len = wanted;
}

static void on_written(uv_write_t *request, int status)
{
	struct written *w = request->data;

	g_free(w->bytes);
	g_free(w);
}

static void bytes_write(uv_stream_t *stream, const char *bytes, size_t len)
{
	struct written *w = g_new0(struct written, 1);
	uv_buf_t buf;

	w->bytes = g_memdup2(bytes, len);
	w->request.data = w;
	buf = uv_buf_init(w->bytes, (unsigned)len);
	if (uv_write(&w->request, stream, &buf, 1, on_written) != 0) {
		g_free(w->bytes);
		g_free(w);
	}
}

/* Server */

static void on_conn_closed(uv_handle_t *handle)
{
	struct loopback_conn *c = handle->data;

	g_queue_unlink(&c->server->conns, &c->link);
	g_string_free(c->in, TRUE);
	g_free(c);
}

void loopback_shut(struct loopback_conn *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	uv_close((uv_handle_t *)&c->tcp, on_conn_closed);
}

void loopback_reset(struct loopback_conn *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	g_assert_cmpint(uv_tcp_close_reset(&c->tcp, on_conn_closed), ==, 0);
}

void loopback_write(struct loopback_conn *c, const char *bytes, size_t len)
{
	if (!c->is_closing)
		bytes_write((uv_stream_t *)&c->tcp, bytes, len);
}

void loopback_answer(struct loopback_conn *c, unsigned status, const char *extra_headers, const char *body)
{
	g_autofree char *head = g_strdup_printf("HTTP/1.1 %u Status\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
						status, strlen(body), extra_headers ? extra_headers : "");
	g_autofree char *all = g_strconcat(head, body, NULL);

	loopback_write(c, all, strlen(all));
}

static bool request_cut(GString *in, char **ret_text)
{
	const char *end = strstr(in->str, "\r\n\r\n");
	g_autofree char *head = NULL;
	const char *length;
	size_t total;

	if (!end)
		return false;
	total = (size_t)(end - in->str) + 4;
	head = g_ascii_strdown(in->str, (gssize)total);
	length = strstr(head, "\r\ncontent-length:");
	if (length)
		total += strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	if (in->len < total)
		return false;
	*ret_text = g_strndup(in->str, total);
	g_string_erase(in, 0, (gssize)total);
	return true;
}

static void on_conn_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct loopback_conn *c = stream->data;
	char *text;

	if (n > 0)
		g_string_append_len(c->in, buf->base, n);
	g_free(buf->base);
	if (n < 0) {
		loopback_shut(c);
		return;
	}
	while (!c->is_closing && request_cut(c->in, &text)) {
		c->server->n_requests++;
		c->server->on_request(c->server->arg, c, text);
		g_free(text);
	}
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct loopback *l = stream->data;
	struct loopback_conn *c = g_new0(struct loopback_conn, 1);

	g_assert_cmpint(status, ==, 0);
	l->n_connections++;
	c->server = l;
	c->link.data = c;
	c->in = g_string_new(NULL);
	g_queue_push_tail_link(&l->conns, &c->link);
	uv_tcp_init(l->loop, &c->tcp);
	c->tcp.data = c;
	g_assert_cmpint(uv_accept(stream, (uv_stream_t *)&c->tcp), ==, 0);
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_conn_read);
}

struct loopback *loopback_new(uv_loop_t *loop, loopback_fn *on_request, void *arg)
{
	struct loopback *l = g_new0(struct loopback, 1);
	struct sockaddr_in address;
	int len = sizeof(address);

	l->loop = loop;
	l->on_request = on_request;
	l->arg = arg;
	g_queue_init(&l->conns);
	uv_tcp_init(loop, &l->tcp);
	l->tcp.data = l;
	uv_ip4_addr("127.0.0.1", 0, &address);
	g_assert_cmpint(uv_tcp_bind(&l->tcp, (const struct sockaddr *)&address, 0), ==, 0);
	g_assert_cmpint(uv_listen((uv_stream_t *)&l->tcp, 128, on_connection), ==, 0);
	g_assert_cmpint(uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&address, &len), ==, 0);
	l->port = ntohs(address.sin_port);
	return l;
}

unsigned loopback_port(const struct loopback *l)
{
	return l->port;
}

char *loopback_url(const struct loopback *l, const char *path)
{
	return g_strdup_printf("http://127.0.0.1:%u%s", l->port, path);
}

const unsigned *loopback_requests(const struct loopback *l)
{
	return &l->n_requests;
}

const unsigned *loopback_connections(const struct loopback *l)
{
	return &l->n_connections;
}

static void on_server_closed(uv_handle_t *handle)
{
	((struct loopback *)handle->data)->is_closed = true;
}

void loopback_free(struct loopback *l)
{
	for (GList *n = l->conns.head; n; n = n->next)
		loopback_shut(n->data);
	uv_close((uv_handle_t *)&l->tcp, on_server_closed);
	loop_until(l->loop, &l->is_closed);
	while (l->conns.length > 0)
		uv_run(l->loop, UV_RUN_NOWAIT);
	g_free(l);
}

/* Raw client */

static void on_client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct raw_client *c = stream->data;

	if (n > 0)
		g_string_append_len(c->got, buf->base, n);
	else if (n < 0)
		c->is_over = true;
	g_free(buf->base);
}

static void on_client_connected(uv_connect_t *request, int status)
{
	struct raw_client *c = request->data;

	if (status != 0) {
		c->is_over = true;
		return;
	}
	c->is_connected = true;
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_client_read);
	raw_client_send(c, c->bytes, c->len);
}

struct raw_client *raw_client_new(uv_loop_t *loop, unsigned port, const char *bytes, size_t len)
{
	struct raw_client *c = g_new0(struct raw_client, 1);
	struct sockaddr_in address;

	c->got = g_string_new(NULL);
	c->bytes = g_memdup2(bytes, len);
	c->len = len;
	uv_tcp_init(loop, &c->tcp);
	c->tcp.data = c->connect.data = c;
	uv_ip4_addr("127.0.0.1", (int)port, &address);
	g_assert_cmpint(uv_tcp_connect(&c->connect, &c->tcp, (const struct sockaddr *)&address, on_client_connected), ==, 0);
	return c;
}

void raw_client_send(struct raw_client *c, const char *bytes, size_t len)
{
	if (len > 0)
		bytes_write((uv_stream_t *)&c->tcp, bytes, len);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct raw_client *c = handle->data;

	g_string_free(c->got, TRUE);
	g_free(c->bytes);
	g_free(c);
}

void raw_client_free(struct raw_client *c)
{
	uv_close((uv_handle_t *)&c->tcp, on_client_closed);
}

/* Loop */

/* Ticks, because a run that has just set the flag from a timer would go on to wait for I/O. */
struct patience {
	uv_timer_t timer;
	unsigned n_ticks;
};

static void on_tick(uv_timer_t *timer)
{
	struct patience *p = timer->data;

	if (++p->n_ticks > PATIENCE_MS / TICK_MS)
		g_error("the loop waited too long");
}

static void patience_start(uv_loop_t *loop, struct patience *p)
{
	p->n_ticks = 0;
	uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	uv_update_time(loop);
	uv_timer_start(&p->timer, on_tick, TICK_MS, TICK_MS);
}

static void on_helper_closed(uv_handle_t *handle)
{
	*(bool *)handle->data = true;
}

static void helper_close(uv_loop_t *loop, uv_timer_t *timer)
{
	bool *is_closed = g_new0(bool, 1);

	timer->data = is_closed;
	uv_close((uv_handle_t *)timer, on_helper_closed);
	while (!*is_closed)
		uv_run(loop, UV_RUN_NOWAIT);
	g_free(is_closed);
}

void loop_until(uv_loop_t *loop, const bool *flag)
{
	struct patience p;

	patience_start(loop, &p);
	while (!*flag)
		uv_run(loop, UV_RUN_ONCE);
	helper_close(loop, &p.timer);
}

void loop_until_count(uv_loop_t *loop, const unsigned *n, unsigned wanted)
{
	struct patience p;

	patience_start(loop, &p);
	while (*n < wanted)
		uv_run(loop, UV_RUN_ONCE);
	helper_close(loop, &p.timer);
}

static void on_time_over(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

void loop_for(uv_loop_t *loop, unsigned ms)
{
	bool is_over = false;
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	timer.data = &is_over;
	uv_update_time(loop);
	uv_timer_start(&timer, on_time_over, ms, 0);
	while (!is_over)
		uv_run(loop, UV_RUN_ONCE);
	helper_close(loop, &timer);
}

static void on_left(uv_handle_t *handle, void *arg)
{
	g_test_message("left on the loop: %s", uv_handle_type_name(uv_handle_get_type(handle)));
}

void loop_finish(uv_loop_t *loop)
{
	bool is_over = false;
	uv_timer_t timer;

	/* Bounded: a forgotten active handle would run for ever. */
	uv_timer_init(loop, &timer);
	timer.data = &is_over;
	uv_update_time(loop);
	uv_timer_start(&timer, on_time_over, 5000, 0);
	uv_unref((uv_handle_t *)&timer);
	while (!is_over && uv_run(loop, UV_RUN_ONCE) != 0)
		;
	helper_close(loop, &timer);
	uv_walk(loop, on_left, NULL);
	g_assert_cmpint(uv_loop_close(loop), ==, 0);
}
