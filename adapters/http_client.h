/* SPDX-License-Identifier: MIT */
/* Outgoing HTTP: libcurl multi on the libuv loop. No retries here: the outbox is the one retry layer. */
#ifndef CDSBOT_ADAPTERS_HTTP_CLIENT_H
#define CDSBOT_ADAPTERS_HTTP_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct http_client;
struct http_call;

/* Answers larger than this end the call (HTTP_AFTER_WRITE) where the request names no limit of its own: Telegram cuts a poll at about
 * 4 MiB. */
#define HTTP_RESPONSE_MAX ((size_t)8 * 1024 * 1024)
#define HTTP_CONNECT_TIMEOUT_MS 8000
/* A wait longer than a day is a broken clock or a joke, in a header or in a body. */
#define HTTP_RETRY_AFTER_MAX_MS INT64_C(86400000)

struct http_request {
	const char *method; /* static: "GET", "POST" */
	char *url;	    /* may hold a secret: never logged but through the masking logger */
	char *body;	    /* or NULL */
	size_t body_len;
	char *content_type;  /* or NULL */
	GPtrArray *headers;  /* "Name: value" without line breaks, or NULL */
	int64_t timeout_ms;  /* whole call; more than 0 */
	size_t response_max; /* an answer larger than this ends the call (is_too_large); 0: HTTP_RESPONSE_MAX */
};
void http_request_clear(struct http_request *r);

enum http_trouble {
	HTTP_ANSWERED,	   /* status and body are there, complete */
	HTTP_BEFORE_WRITE, /* certainly not received: resolve, connect, TLS failed */
	HTTP_AFTER_WRITE   /* request (perhaps partly) written, no complete answer */
};
struct http_response {
	enum http_trouble trouble;
	long status;
	const char *body; /* NUL-terminated, borrowed */
	size_t body_len;
	int64_t retry_after_ms; /* from Retry-After, at most HTTP_RETRY_AFTER_MAX_MS, -1 none */
	int64_t elapsed_ms;
	const char *reason; /* masked text when trouble != HTTP_ANSWERED */
	bool is_too_large;  /* HTTP_AFTER_WRITE because of response_max */
};
typedef void http_done_fn(void *arg, const struct http_response *response);

/* Also has the process ignore SIGPIPE: TLS writes to a closed peer would raise it. */
struct http_client *http_client_new(uv_loop_t *loop, GError **error);
/* The proxy for all later calls, e.g. "http://10.1.1.1:3128"; NULL = none. The environment's proxies are never honoured: a
 * forgotten variable must not see the tokens. Loopback addresses never go through it. With a proxy that fails, HTTP_AFTER_WRITE is said more often than needed. */
void http_client_set_proxy(struct http_client *c, const char *url_or_null);
/* Ends every call (HTTP_AFTER_WRITE or HTTP_BEFORE_WRITE as it stands), then calls closed when nothing is on the loop. */
void http_client_close(struct http_client *c, void (*closed)(void *arg), void *arg);

/* Starts a call; takes the contents of *request (cleared). done exactly once, never inside this function. Only http to loopback
 * and https anywhere are allowed; others end HTTP_BEFORE_WRITE with a reason. Redirects are not followed. A request whose body
 * was written is never written a second time, also not where libcurl by itself would (kept connection that turns out dead). */
struct http_call *http_client_start(struct http_client *c, struct http_request *request, http_done_fn *done, void *arg);
/* Ends one call early; its done runs from the loop. */
void http_call_cancel(struct http_call *call);

/* "https anywhere, http for loopback only"; the message of the error says so. Used for base URLs in the configuration. */
bool http_url_allowed(const char *url, GError **error);

#endif
