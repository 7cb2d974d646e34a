/* SPDX-License-Identifier: MIT */
/* Incoming HTTP: libmicrohttpd with its epoll descriptor polled by the loop. A webhook's connection is suspended until its update
 * is committed. Refuses what the library takes wrongly (design §4) and closes drip-feeders after a total deadline. */
#ifndef CDSBOT_ADAPTERS_HTTP_SERVER_H
#define CDSBOT_ADAPTERS_HTTP_SERVER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct http_server;
struct http_exchange;

/* Limits and their reasons. */
#define HTTP_BODY_MAX ((size_t)1024 * 1024)	  /* the largest update seen is a few KiB; 1 MiB is what the platforms name */
#define HTTP_BODIES_MAX (8 * HTTP_BODY_MAX) /* of all requests being received together; more get 503 */
#define HTTP_CONNECTIONS_MAX 256	  /* Telegram opens at most 100 */
#define HTTP_REQUEST_DEADLINE_MS 10000	  /* whole request, whatever trickles in */
#define HTTP_IDLE_TIMEOUT_S 75		  /* keep-alive between requests */
#define HTTP_MEMORY_PER_CONNECTION (24 * 1024) /* headers */

/* Borrowed for the handler's call. */
struct http_server_request {
	const char *method, *path;
	const char *body; /* NUL-terminated */
	size_t body_len;
	struct http_exchange *exchange;
};
/* A request header's value, case-insensitive, or NULL. Valid during the handler. */
const char *http_server_header(const struct http_server_request *r, const char *name);

/* Must lead to exactly one http_exchange_answer, at once or later on the loop (also after the server was closed: it then has
 * answered 503 by itself, and the late answer only frees the exchange). */
typedef void http_handler_fn(void *arg, const struct http_server_request *request);

/* Listens on `address` ("127.0.0.1:8080", "[::1]:0"; port 0 = any). */
struct http_server *http_server_new(uv_loop_t *loop, const char *address, GError **error);
unsigned http_server_port(const struct http_server *s);
/* Routes match the path exactly. method NULL = any. The path must not be taken yet. */
bool http_server_route(struct http_server *s, const char *method, const char *path, http_handler_fn *handler, void *arg, GError **error);
void http_server_unroute(struct http_server *s, const char *path);
/* content_type NULL = text/plain; charset=utf-8. retry_after_s 0 = none. body is copied. */
void http_exchange_answer(struct http_exchange *x, unsigned status, const char *content_type, const char *body, unsigned retry_after_s);
/* Refuses new requests (503), answers the suspended ones with 503, then closed. */
void http_server_close(struct http_server *s, void (*closed)(void *arg), void *arg);

/* Requests answered, by status class (2, 4, 5), for /metrics. */
uint64_t http_server_count(const struct http_server *s, unsigned status_class);

#endif
