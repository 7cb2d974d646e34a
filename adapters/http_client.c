/* SPDX-License-Identifier: MIT */
/* Outgoing HTTP: one libcurl multi handle driven by the loop, a call a transfer, and the careful answer to "was it written?".
 * It neither retries nor follows redirects, and it knows no platform. */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/macros.h"
#include "http_client.h"

#define AREA "http"

/* A dead connection is noticed after about 30 + 3 * 15 s without an answer to probes. */
#define KEEPALIVE_IDLE_S 30L
#define KEEPALIVE_INTERVAL_S 15L

struct http_client {
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t timer; /* libcurl's own timeouts */
	uv_timer_t later; /* results that must not be told inside the caller's call */
	GQueue active;	  /* struct http_call in the multi handle */
	GQueue ended;	  /* struct http_call whose result waits for `later` */
	unsigned n_handles;
	char *proxy;
	bool wants_fresh; /* a transfer timed out: do not trust the connection it used */
	bool is_closing, is_cleaned;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct http_call {
	struct http_client *client;
	GList link;
	CURL *easy; /* NULL once ended */
	struct curl_slist *headers;
	struct http_request request;
	size_t body_read;
	GString *answer;
	bool is_too_large;
	char error_text[CURL_ERROR_SIZE];
	struct http_response response; /* strings borrowed from the fields around it */
	char *reason;
	http_done_fn *done;
	void *arg;
};

/* One socket of libcurl's on the loop. */
struct socket_watch {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t fd;
};

static void results_drain(struct http_client *c);

void http_request_clear(struct http_request *r)
{
	g_free(r->url);
	g_free(r->body);
	g_free(r->content_type);
	if (r->headers)
		g_ptr_array_unref(r->headers);
	memset(r, 0, sizeof(*r));
}

/* Addresses */

static bool host_is_loopback(const char *host)
{
	struct sockaddr_in v4;

	if (g_ascii_strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return uv_ip4_addr(host, 0, &v4) == 0 && (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

bool http_url_allowed(const char *url, GError **error)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	bool is_ok = false;

	if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER)
		is_ok = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && host_is_loopback(host));
	if (!is_ok)
		g_set_error_literal(error, G_URI_ERROR, G_URI_ERROR_FAILED,
				    "address must be https, or http to loopback only (127.0.0.1, [::1], localhost)");
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(parts);
	return is_ok;
}

/* The end of a call */

static void call_free(struct http_call *call)
{
	if (call->easy)
		curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	http_request_clear(&call->request);
	g_string_free(call->answer, TRUE);
	g_free(call->reason);
	g_free(call);
}

/* Only "nothing of the request left this machine" is BEFORE_WRITE. libcurl counts bytes handed to the socket (with HTTP/2: to the
 * stream), so zero is proof; error codes alone are not: a reset can come before or after. */
static enum http_trouble trouble_classify(CURL *easy, CURLcode code)
{
	long request_size = 0, header_size = 0;
	curl_off_t uploaded = 0;

	if (code == CURLE_OK)
		return HTTP_ANSWERED;
	if (curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_size) != CURLE_OK ||
	    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded) != CURLE_OK ||
	    curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header_size) != CURLE_OK)
		return HTTP_AFTER_WRITE;
	return request_size == 0 && uploaded == 0 && header_size == 0 ? HTTP_BEFORE_WRITE : HTTP_AFTER_WRITE;
}

static void call_set_reason(struct http_call *call, const char *text)
{
	g_free(call->reason);
	call->reason = log_mask(text);
	call->response.reason = call->reason;
}

static int64_t retry_after_ms(CURL *easy)
{
	curl_off_t seconds = 0;

	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0)
		return -1;
	return (int64_t)MIN(seconds, HTTP_RETRY_AFTER_MAX_MS / SECOND_MS) * SECOND_MS;
}

/* Takes the transfer out of libcurl and fills the response; the call then belongs to nobody until it is told. */
static void call_end(struct http_call *call, CURLcode code, const char *why)
{
	struct http_client *c = call->client;
	struct http_response *r = &call->response;
	curl_off_t total_us = 0;

	r->trouble = trouble_classify(call->easy, code);
	r->retry_after_ms = -1;
	if (curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total_us) == CURLE_OK)
		r->elapsed_ms = (int64_t)(total_us / 1000);
	if (code == CURLE_OK) {
		if (curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &r->status) != CURLE_OK)
			r->status = 0;
		r->retry_after_ms = retry_after_ms(call->easy);
	} else if (why) {
		call_set_reason(call, why);
	} else if (call->is_too_large || code == CURLE_FILESIZE_EXCEEDED) {
		r->is_too_large = true;
		call_set_reason(call, "answer is too large");
	} else {
		call_set_reason(call, call->error_text[0] ? call->error_text : curl_easy_strerror(code));
	}
	r->body = call->answer->str;
	r->body_len = call->answer->len;
	if (code == CURLE_OPERATION_TIMEDOUT)
		c->wants_fresh = true;
	if (curl_multi_remove_handle(c->multi, call->easy) != CURLM_OK)
		log_warn(AREA, "a finished transfer could not be removed, ignoring");
	curl_easy_cleanup(g_steal_pointer(&call->easy));
	g_queue_unlink(&c->active, &call->link);
}

static void call_tell(struct http_call *call)
{
	call->done(call->arg, &call->response);
	call_free(call);
}

/* Shutdown */

static void on_handle_closed(uv_handle_t *handle)
{
	struct http_client *c = handle->data;

	if (--c->n_handles > 0)
		return;
	g_free(c->proxy);
	c->closed(c->closed_arg);
	g_free(c);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct socket_watch *w = handle->data;

	handle->data = w->client;
	on_handle_closed(handle);
	g_free(w);
}

static void client_cleanup(struct http_client *c)
{
	c->is_cleaned = true;
	if (curl_multi_cleanup(c->multi) != CURLM_OK)
		log_warn(AREA, "libcurl did not clean up, ignoring");
	c->timer.data = c->later.data = c;
	uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	uv_close((uv_handle_t *)&c->later, on_handle_closed);
}

static void on_later(uv_timer_t *timer)
{
	struct http_client *c = timer->data;
	GList *link;

	while ((link = g_queue_pop_head_link(&c->ended)))
		call_tell(link->data);
	if (c->is_closing && !c->is_cleaned && c->active.length == 0)
		client_cleanup(c);
}

static void later_wake(struct http_client *c)
{
	uv_timer_start(&c->later, on_later, 0, 0);
}

/* libcurl's callbacks */

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;

	if (call->answer->len + size * n > call->request.response_max) {
		call->is_too_large = true;
		return 0;
	}
	g_string_append_len(call->answer, bytes, (gssize)(size * n));
	return size * n;
}

/* The body is given through a callback without a way to rewind: so libcurl cannot silently write it a second time when a kept
 * connection dies after the request; it fails instead and the outbox decides. */
static size_t on_read(char *buffer, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;
	size_t part = MIN(size * n, call->request.body_len - call->body_read);

	memcpy(buffer, call->request.body + call->body_read, part);
	call->body_read += part;
	return part;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *w = poll->data;
	struct http_client *c = w->client;
	int flags = 0, running;

	if (status < 0)
		flags |= CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	if (curl_multi_socket_action(c->multi, w->fd, flags, &running) != CURLM_OK)
		log_warn(AREA, "socket action failed, ignoring");
	results_drain(c);
}

static struct socket_watch *watch_new(struct http_client *c, curl_socket_t fd)
{
	struct socket_watch *w = g_new0(struct socket_watch, 1);

	w->client = c;
	w->fd = fd;
	if (uv_poll_init_socket(c->loop, &w->poll, fd) != 0) {
		g_free(w);
		return NULL;
	}
	w->poll.data = w;
	c->n_handles++;
	return w;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watch)
{
	struct http_client *c = arg;
	struct socket_watch *w = watch;
	int events = 0;

	if (what == CURL_POLL_REMOVE) {
		if (w) {
			uv_close((uv_handle_t *)&w->poll, on_watch_closed);
			if (!c->is_cleaned)
				curl_multi_assign(c->multi, fd, NULL);
		}
		return 0;
	}
	if (!w) {
		w = watch_new(c, fd);
		if (!w || curl_multi_assign(c->multi, fd, w) != CURLM_OK)
			return -1;
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	return uv_poll_start(&w->poll, events, on_poll) == 0 ? 0 : -1;
}

static void on_timer(uv_timer_t *timer)
{
	struct http_client *c = timer->data;
	int running;

	if (curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running) != CURLM_OK)
		log_warn(AREA, "timeout action failed, ignoring");
	results_drain(c);
}

static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *arg)
{
	struct http_client *c = arg;

	if (c->is_cleaned)
		return 0;
	if (timeout_ms < 0)
		return uv_timer_stop(&c->timer);
	/* 0 means "at once", but calling back from here would recurse. */
	return uv_timer_start(&c->timer, on_timer, timeout_ms == 0 ? 1 : (uint64_t)timeout_ms, 0);
}

static void results_drain(struct http_client *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		struct http_call *call = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&call) != CURLE_OK)
			continue;
		call_end(call, code, NULL); /* msg is gone with it */
		call_tell(call);
	}
}

/* Starting */

static bool header_append(struct http_call *call, const char *line)
{
	/* libcurl writes it as it stands: a line break in a token from outside would begin a header of its own. */
	struct curl_slist *grown = strpbrk(line, "\r\n") ? NULL : curl_slist_append(call->headers, line);

	if (!grown)
		return false;
	call->headers = grown;
	return true;
}

static bool headers_build(struct http_call *call)
{
	const struct http_request *r = &call->request;
	g_autofree char *type = g_strdup_printf("Content-Type:%s%s", r->content_type ? " " : "", r->content_type ? r->content_type : "");

	/* No waiting for "100 Continue": some fakes and proxies never say it. */
	if (!header_append(call, "Expect:") || !header_append(call, type))
		return false;
	for (guint i = 0; r->headers && i < r->headers->len; i++) {
		if (!header_append(call, r->headers->pdata[i]))
			return false;
	}
	return true;
}

#define SET(option, value)                                                     \
	do {                                                                   \
		if (curl_easy_setopt(call->easy, (option), (value)) != CURLE_OK) \
			return false;                                          \
	} while (0)

static bool options_set_method(struct http_call *call)
{
	if (strcmp(call->request.method, "GET") == 0) {
		SET(CURLOPT_HTTPGET, 1L);
		return true;
	}
	SET(CURLOPT_POST, 1L);
	if (strcmp(call->request.method, "POST") != 0)
		SET(CURLOPT_CUSTOMREQUEST, call->request.method);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->request.body_len);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, call);
	return true;
}

static bool options_set(struct http_call *call)
{
	struct http_client *c = call->client;

	SET(CURLOPT_URL, call->request.url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, c->proxy ? c->proxy : "");
	/* All of the loopback: what http_url_allowed() lets through in the clear must stay on this machine. */
	SET(CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_USERAGENT, "cdsbot/" CDSBOT_VERSION);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)call->request.timeout_ms);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)call->request.response_max); /* announced sizes; on_body sees to the others */
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	SET(CURLOPT_FRESH_CONNECT, c->wants_fresh ? 1L : 0L);
	SET(CURLOPT_ERRORBUFFER, call->error_text);
	SET(CURLOPT_HTTPHEADER, call->headers);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, call);
	SET(CURLOPT_PRIVATE, call);
	return options_set_method(call);
}
#undef SET

/* NULL, or why the call cannot even begin. */
static const char *call_prepare(struct http_call *call)
{
	struct http_client *c = call->client;

	if (c->is_closing)
		return "closing";
	if (!call->request.url || !http_url_allowed(call->request.url, NULL))
		return "address is not allowed (https, or http to loopback)";
	if (call->request.timeout_ms <= 0) /* to libcurl 0 means "for ever" */
		return "request has no timeout";
	call->easy = curl_easy_init();
	if (!call->easy || !headers_build(call) || !options_set(call) || curl_multi_add_handle(c->multi, call->easy) != CURLM_OK)
		return "request could not be prepared";
	return NULL;
}

struct http_call *http_client_start(struct http_client *c, struct http_request *request, http_done_fn *done, void *arg)
{
	struct http_call *call = g_new0(struct http_call, 1);
	const char *trouble;

	call->client = c;
	call->link.data = call;
	call->request = *request;
	memset(request, 0, sizeof(*request));
	if (call->request.response_max == 0)
		call->request.response_max = HTTP_RESPONSE_MAX;
	call->answer = g_string_new(NULL);
	call->done = done;
	call->arg = arg;
	call->response.retry_after_ms = -1;
	trouble = call_prepare(call);
	if (!trouble) {
		c->wants_fresh = false;
		g_queue_push_tail_link(&c->active, &call->link);
		return call;
	}
	if (call->easy)
		curl_easy_cleanup(g_steal_pointer(&call->easy));
	call->response.trouble = HTTP_BEFORE_WRITE;
	call->response.body = call->answer->str;
	call_set_reason(call, trouble);
	g_queue_push_tail_link(&c->ended, &call->link);
	later_wake(c);
	return call;
}

void http_call_cancel(struct http_call *call)
{
	struct http_client *c = call->client;

	if (!call->easy)
		return; /* has ended; its result is on the way */
	call_end(call, CURLE_ABORTED_BY_CALLBACK, "cancelled");
	g_queue_push_tail_link(&c->ended, &call->link);
	later_wake(c);
}

struct http_client *http_client_new(uv_loop_t *loop, GError **error)
{
	struct http_client *c;
	CURLM *multi;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(multi = curl_multi_init())) {
		g_set_error_literal(error, G_URI_ERROR, G_URI_ERROR_FAILED, "libcurl does not start");
		return NULL;
	}
	/* CURLOPT_NOSIGNAL also keeps libcurl from guarding TLS writes to a closed peer: without this one would end the process. */
	signal(SIGPIPE, SIG_IGN);
	c = g_new0(struct http_client, 1);
	c->loop = loop;
	c->multi = multi;
	g_queue_init(&c->active);
	g_queue_init(&c->ended);
	uv_timer_init(loop, &c->timer);
	uv_timer_init(loop, &c->later);
	c->timer.data = c->later.data = c;
	c->n_handles = 2;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, c);
	return c;
}

void http_client_set_proxy(struct http_client *c, const char *url_or_null)
{
	g_free(c->proxy);
	c->proxy = g_strdup(url_or_null);
}

void http_client_close(struct http_client *c, void (*closed)(void *arg), void *arg)
{
	c->is_closing = true;
	c->closed = closed;
	c->closed_arg = arg;
	while (c->active.head)
		http_call_cancel(c->active.head->data);
	later_wake(c);
}
