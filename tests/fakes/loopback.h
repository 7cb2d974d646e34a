/* SPDX-License-Identifier: MIT */
/* For tests: a TCP server on the test's own loop that does to a request whatever the test says (answer, hang, reset, lie), a client
 * that sends raw bytes, and ways to run the loop until something is so. Loopback only. */
#ifndef CDSBOT_TESTS_LOOPBACK_H
#define CDSBOT_TESTS_LOOPBACK_H

#include <glib.h>
#include <stdbool.h>
#include <uv.h>

struct loopback;
struct loopback_conn;

/* text: the whole request, head and body, NUL-terminated. */
typedef void loopback_fn(void *arg, struct loopback_conn *conn, const char *text);

struct loopback *loopback_new(uv_loop_t *loop, loopback_fn *on_request, void *arg);
unsigned loopback_port(const struct loopback *l);
char *loopback_url(const struct loopback *l, const char *path);
/* Counters, to read or to wait for (loop_until_count). */
const unsigned *loopback_requests(const struct loopback *l);
const unsigned *loopback_connections(const struct loopback *l);
void loopback_free(struct loopback *l); /* runs the loop until its handles are closed */

void loopback_write(struct loopback_conn *conn, const char *bytes, size_t len);
/* status line, Content-Length and body */
void loopback_answer(struct loopback_conn *conn, unsigned status, const char *extra_headers, const char *body);
void loopback_reset(struct loopback_conn *conn); /* RST */
void loopback_shut(struct loopback_conn *conn);	 /* FIN */

/* A raw client: sends bytes, collects what comes until the other side closes. */
struct raw_client {
	uv_tcp_t tcp;
	uv_connect_t connect;
	GString *got;
	char *bytes;
	size_t len;
	bool is_connected, is_over; /* other side closed, or failed */
};
struct raw_client *raw_client_new(uv_loop_t *loop, unsigned port, const char *bytes, size_t len);
void raw_client_send(struct raw_client *c, const char *bytes, size_t len);
void raw_client_free(struct raw_client *c);

/* Runs the loop until *flag; fails the test after 20 s. */
void loop_until(uv_loop_t *loop, const bool *flag);
void loop_until_count(uv_loop_t *loop, const unsigned *n, unsigned wanted);
void loop_for(uv_loop_t *loop, unsigned ms);
/* Runs until nothing is left, then closes the loop: a forgotten handle fails the test. */
void loop_finish(uv_loop_t *loop);

#endif
