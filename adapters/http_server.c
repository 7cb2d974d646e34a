/* SPDX-License-Identifier: MIT */
/* Incoming HTTP: libmicrohttpd's epoll descriptor polled by the loop, routes, limits, suspended answers. It authenticates nobody
 * and knows no platform; TLS is the front proxy's. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "http_server.h"

#define AREA "http"

#define SWEEP_MS 250
#define RETRY_AFTER_S 5
/* How long closing waits for the last answers to leave, and how often it looks. */
#define CLOSE_GRACE_MS 1500
#define CLOSE_STEP_MS 20

struct http_server {
	uv_loop_t *loop;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;	  /* the daemon's epoll descriptor */
	uv_timer_t timer; /* the daemon's next timeout, also "look again at once" */
	uv_timer_t sweep; /* deadlines; runs while there are connections */
	unsigned n_handles;
	GHashTable *routes; /* path -> struct route */
	GQueue conns;	    /* struct conn */
	GQueue exchanges;   /* struct http_exchange the daemon still holds */
	size_t body_bytes;  /* of all requests being received */
	uint64_t counts[6]; /* by status class */
	bool needs_pump;
	bool is_closing;
	int64_t close_by_ms;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct route {
	char *method; /* or NULL */
	http_handler_fn *handler;
	void *arg;
};

/* One TCP connection. The library's own timeout starts anew with every byte, so the total one is ours. */
struct conn {
	GList link;
	int fd;
	int64_t deadline_ms; /* monotonic; INT64_MAX while it waits for us */
};

/* One request. Freed when both the library and the handler (if it was ever asked) have let go. */
struct http_exchange {
	GList link;
	struct http_server *server; /* NULL once the library has let go */
	struct MHD_Connection *connection;
	struct conn *conn;
	GString *body;
	unsigned refusal; /* status to refuse with once the body has been read over, or 0 */
	bool is_begun;	  /* headers were looked at */
	bool handler_owes;
	bool is_suspended;
	bool is_answered;
	unsigned status, retry_after_s;
	char *content_type, *answer;
};

/* Exchanges */

static void exchange_body_drop(struct http_exchange *x)
{
	if (!x->body)
		return;
	x->server->body_bytes -= x->body->len;
	g_string_free(g_steal_pointer(&x->body), TRUE);
}

static void exchange_free_if_done(struct http_exchange *x)
{
	if (x->server || x->handler_owes)
		return;
	g_free(x->content_type);
	g_free(x->answer);
	g_free(x);
}

static void answer_set(struct http_exchange *x, unsigned status, const char *content_type, const char *body, unsigned retry_after_s)
{
	x->status = status;
	x->retry_after_s = retry_after_s;
	x->content_type = g_strdup(content_type ? content_type : "text/plain; charset=utf-8");
	x->answer = g_strdup(body ? body : "");
	x->is_answered = true;
}

/* Gives the answer to the library. `doomed`: the connection's further bytes cannot be trusted. */
static enum MHD_Result answer_queue(struct http_exchange *x, bool doomed)
{
	struct http_server *s = x->server;
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(x->answer), x->answer, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	x->conn->deadline_ms = clock_mono_ms() + HTTP_REQUEST_DEADLINE_MS;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type);
	if (doomed || s->is_closing)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (x->retry_after_s > 0) {
		g_autofree char *seconds = g_strdup_printf("%u", x->retry_after_s);

		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	result = MHD_queue_response(x->connection, x->status, response);
	MHD_destroy_response(response);
	if (result == MHD_YES && x->status / 100 < ARRAY_SIZE(s->counts))
		s->counts[x->status / 100]++;
	return result;
}

static enum MHD_Result refuse(struct http_exchange *x, unsigned status, const char *text)
{
	answer_set(x, status, NULL, text, status == MHD_HTTP_SERVICE_UNAVAILABLE ? RETRY_AFTER_S : 0);
	return answer_queue(x, true);
}

static void exchange_resume(struct http_exchange *x)
{
	x->is_suspended = false;
	MHD_resume_connection(x->connection);
	x->server->needs_pump = true;
}

static void on_timer(uv_timer_t *timer);

void http_exchange_answer(struct http_exchange *x, unsigned status, const char *content_type, const char *body, unsigned retry_after_s)
{
	g_return_if_fail(x->handler_owes);
	x->handler_owes = false;
	if (!x->server || x->is_answered) {
		exchange_free_if_done(x); /* closing has answered meanwhile */
		return;
	}
	answer_set(x, status, content_type, body, retry_after_s);
	if (x->is_suspended) {
		exchange_resume(x);
		uv_timer_start(&x->server->timer, on_timer, 0, 0);
	}
}

/* What the library takes wrongly */

struct header_check {
	unsigned n_length, n_coding;
	bool is_chunked, is_malformed;
	guint64 length;
};

static bool is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!g_ascii_isalnum(s[i]) && !(s[i] && strchr("!#$%&'*+-.^_`|~", s[i])))
			return false;
	}
	return len > 0;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
			return true;
	}
	return false;
}

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value,
				 size_t value_len)
{
	struct header_check *check = arg;

	/* "Transfer-Encoding : chunked" is another name to the library and the same one to a lax proxy in front. */
	if (!is_token(name, name_len) || has_control(value ? value : "", value_len)) {
		check->is_malformed = true;
	} else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		check->n_length++;
		if (!g_ascii_string_to_unsigned(value ? value : "", 10, 0, G_MAXUINT64, &check->length, NULL))
			check->is_malformed = true;
	} else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		check->n_coding++;
		check->is_chunked = value && g_ascii_strcasecmp(value, "chunked") == 0;
	}
	return MHD_YES;
}

/* The status to refuse this request with before its body is read, or 0. */
static unsigned headers_judge(struct http_exchange *x, const char *version)
{
	struct header_check check = { 0 };

	MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_header, &check);
	if (check.is_malformed || check.n_length > 1 || check.n_coding > 1 || (check.n_length > 0 && check.n_coding > 0))
		return MHD_HTTP_BAD_REQUEST;
	if (check.n_coding > 0 && (!check.is_chunked || strcmp(version, MHD_HTTP_VERSION_1_1) != 0))
		return MHD_HTTP_BAD_REQUEST;
	if (check.length > HTTP_BODY_MAX)
		return MHD_HTTP_CONTENT_TOO_LARGE;
	return 0;
}

/* Requests */

const char *http_server_header(const struct http_server_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->exchange->connection, MHD_HEADER_KIND, name);
}

/* Too much is read over (the library can only answer at the end), kept nowhere and bounded by the deadline. */
static void body_add(struct http_exchange *x, const char *bytes, size_t len)
{
	struct http_server *s = x->server;

	if (x->refusal)
		return;
	if (x->body->len + len > HTTP_BODY_MAX)
		x->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
	else if (s->body_bytes + len > HTTP_BODIES_MAX)
		x->refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
	if (x->refusal) {
		exchange_body_drop(x);
		return;
	}
	g_string_append_len(x->body, bytes, (gssize)len);
	s->body_bytes += len;
}

static enum MHD_Result dispatch(struct http_exchange *x, const char *method, const char *path)
{
	struct http_server *s = x->server;
	const struct route *found = g_hash_table_lookup(s->routes, path);
	struct http_server_request request = { .method = method, .path = path, .exchange = x };
	struct route route; /* the handler may take its own route away */

	if (s->is_closing)
		return refuse(x, MHD_HTTP_SERVICE_UNAVAILABLE, "closing\n");
	if (!found)
		return refuse(x, MHD_HTTP_NOT_FOUND, "not found\n");
	if (found->method && strcmp(found->method, method) != 0)
		return refuse(x, MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed\n");
	route = *found;
	request.body = x->body->str;
	request.body_len = x->body->len;
	x->handler_owes = true;
	x->conn->deadline_ms = INT64_MAX;
	route.handler(route.arg, &request);
	exchange_body_drop(x);
	if (x->is_answered)
		return answer_queue(x, false);
	if (s->is_closing) /* since the handler ran: nobody would wake it any more */
		return refuse(x, MHD_HTTP_SERVICE_UNAVAILABLE, "closing\n");
	x->is_suspended = true;
	MHD_suspend_connection(x->connection);
	return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
				  const char *version, const char *bytes, size_t *len, void **exchange)
{
	struct http_exchange *x = *exchange;

	if (!x->is_begun) {
		unsigned status = headers_judge(x, version);

		x->is_begun = true;
		return status ? refuse(x, status, "refused\n") : MHD_YES;
	}
	if (*len > 0) {
		body_add(x, bytes, *len);
		*len = 0;
		return MHD_YES;
	}
	if (x->is_answered)
		return answer_queue(x, false);
	if (x->refusal)
		return refuse(x, x->refusal, "refused\n");
	return dispatch(x, method, path);
}

/* Connections and their deadlines */

static struct conn *conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

/* The request line is here: the first sign of a request, before its headers. */
static void *on_request_line(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct http_server *s = arg;
	struct http_exchange *x = g_new0(struct http_exchange, 1);

	x->link.data = x;
	x->server = s;
	x->connection = connection;
	x->conn = conn_of(connection);
	x->conn->deadline_ms = MIN(x->conn->deadline_ms, clock_mono_ms() + HTTP_REQUEST_DEADLINE_MS);
	x->body = g_string_new(NULL);
	g_queue_push_tail_link(&s->exchanges, &x->link);
	return x;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **exchange, enum MHD_RequestTerminationCode why)
{
	struct http_exchange *x = *exchange;

	if (!x)
		return;
	x->conn->deadline_ms = clock_mono_ms() + HTTP_IDLE_TIMEOUT_S * SECOND_MS + HTTP_REQUEST_DEADLINE_MS;
	exchange_body_drop(x);
	g_queue_unlink(&x->server->exchanges, &x->link);
	x->server = NULL;
	*exchange = NULL;
	exchange_free_if_done(x);
}

static void on_sweep(uv_timer_t *timer)
{
	struct http_server *s = timer->data;
	int64_t now = clock_mono_ms();

	for (GList *l = s->conns.head; l; l = l->next) {
		struct conn *conn = l->data;

		if (conn->deadline_ms > now)
			continue;
		conn->deadline_ms = INT64_MAX;
		shutdown(conn->fd, SHUT_RDWR); /* the library sees the end and closes; failing means it is closed already */
	}
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = arg;
	struct conn *conn = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		conn = g_new0(struct conn, 1);
		conn->link.data = conn;
		conn->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		conn->deadline_ms = clock_mono_ms() + HTTP_REQUEST_DEADLINE_MS;
		*context = conn;
		g_queue_push_tail_link(&s->conns, &conn->link);
		if (s->conns.length == 1)
			uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
		return;
	}
	g_queue_unlink(&s->conns, &conn->link);
	g_free(conn);
	*context = NULL;
	if (s->conns.length == 0)
		uv_timer_stop(&s->sweep);
	/* At the connection limit the library listens again only in a run after the one that closed something. */
	s->needs_pump = true;
}

/* Pumping and closing */

static void on_handle_closed(uv_handle_t *handle)
{
	struct http_server *s = handle->data;

	if (--s->n_handles > 0)
		return;
	g_hash_table_unref(s->routes);
	if (s->closed)
		s->closed(s->closed_arg);
	g_free(s);
}

static void server_stop(struct http_server *s)
{
	uv_poll_stop(&s->poll);
	MHD_stop_daemon(g_steal_pointer(&s->daemon));
	uv_close((uv_handle_t *)&s->poll, on_handle_closed);
	uv_close((uv_handle_t *)&s->timer, on_handle_closed);
	uv_close((uv_handle_t *)&s->sweep, on_handle_closed);
}

static void server_pump(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	bool has_timeout;

	s->needs_pump = false;
	if (MHD_run(s->daemon) != MHD_YES)
		log_error(AREA, "the library does not run, ignoring");
	has_timeout = MHD_get_timeout(s->daemon, &wait_ms) == MHD_YES;
	if (s->is_closing && (s->exchanges.length == 0 || clock_mono_ms() > s->close_by_ms)) {
		server_stop(s);
		return;
	}
	if (!has_timeout)
		wait_ms = HOUR_MS;
	if (s->is_closing)
		wait_ms = MIN(wait_ms, CLOSE_STEP_MS);
	uv_timer_start(&s->timer, on_timer, s->needs_pump ? 0 : (uint64_t)MIN(wait_ms, HOUR_MS), 0);
}

static void on_timer(uv_timer_t *timer)
{
	server_pump(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	server_pump(poll->data);
}

/* A suspended request whose handler has not answered yet; the handler's own answer will find it done. */
static void exchange_give_up(struct http_exchange *x)
{
	if (!x->is_suspended)
		return;
	answer_set(x, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "closing\n", RETRY_AFTER_S);
	exchange_resume(x);
}

void http_server_close(struct http_server *s, void (*closed)(void *arg), void *arg)
{
	MHD_socket listener;

	s->is_closing = true;
	s->close_by_ms = clock_mono_ms() + CLOSE_GRACE_MS;
	s->closed = closed;
	s->closed_arg = arg;
	listener = MHD_quiesce_daemon(s->daemon);
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
	for (GList *l = s->exchanges.head; l; l = l->next)
		exchange_give_up(l->data);
	uv_timer_start(&s->timer, on_timer, 0, 0);
}

/* Opening */

static size_t on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	return strlen(text); /* routes are compared as they came: no second spelling of a path */
}

static void on_library_log(void *arg, const char *fmt, va_list ap) G_GNUC_PRINTF(2, 0);
static void on_library_log(void *arg, const char *fmt, va_list ap)
{
	g_autofree char *text = g_strdup_vprintf(fmt, ap);

	log_debug(AREA, "library: %s", g_strchomp(text));
}

static bool address_parse(const char *address, struct sockaddr_storage *ret, GError **error)
{
	const char *colon = strrchr(address, ':');
	g_autofree char *host = colon ? g_strndup(address, (size_t)(colon - address)) : NULL;
	guint64 port = 0;
	size_t len = host ? strlen(host) : 0;

	memset(ret, 0, sizeof(*ret));
	if (host && g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL)) {
		if (strcmp(host, "localhost") == 0) {
			g_free(host);
			host = g_strdup("127.0.0.1");
		}
		if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
			host[len - 1] = '\0';
			if (uv_ip6_addr(host + 1, (int)port, (struct sockaddr_in6 *)ret) == 0)
				return true;
		} else if (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)ret) == 0) {
			return true;
		}
	}
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is no address to listen on (like 127.0.0.1:8080 or [::1]:8080)", address);
	return false;
}

static struct MHD_Daemon *daemon_start(struct http_server *s, const char *address, GError **error)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct sockaddr_storage where;
	struct MHD_Daemon *daemon;

	if (!address_parse(address, &where, error))
		return NULL;
	if (where.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s,
				  MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
				  MHD_OPTION_SOCK_ADDR, &where,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_TIMEOUT_S,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_PER_CONNECTION,
				  MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)HTTP_CONNECTIONS_MAX,
				  MHD_OPTION_STRICT_FOR_CLIENT, 1,
				  MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s,
				  MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
				  MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
				  MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				  MHD_OPTION_END);
	if (!daemon)
		g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "không lắng nghe được ở %s: %s", address,
			    errno == EADDRINUSE ? "cổng này đang có chương trình khác dùng" : errno ? g_strerror(errno) : "không rõ vì sao");
	return daemon;
}

static void on_route_free(void *route)
{
	struct route *r = route;

	g_free(r->method);
	g_free(r);
}

struct http_server *http_server_new(uv_loop_t *loop, const char *address, GError **error)
{
	struct http_server *s = g_new0(struct http_server, 1);
	int fd;

	s->loop = loop;
	g_queue_init(&s->conns);
	g_queue_init(&s->exchanges);
	s->daemon = daemon_start(s, address, error);
	if (!s->daemon) {
		g_free(s);
		return NULL;
	}
	s->routes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, on_route_free);
	fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	uv_timer_init(loop, &s->timer);
	uv_timer_init(loop, &s->sweep);
	if (uv_poll_init(loop, &s->poll, fd) != 0 || uv_poll_start(&s->poll, UV_READABLE, on_poll) != 0)
		g_error("epoll descriptor cannot be polled"); /* cannot happen on Linux */
	s->poll.data = s->timer.data = s->sweep.data = s;
	s->n_handles = 3;
	uv_timer_start(&s->timer, on_timer, 0, 0);
	return s;
}

unsigned http_server_port(const struct http_server *s)
{
	return MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

bool http_server_route(struct http_server *s, const char *method, const char *path, http_handler_fn *handler, void *arg, GError **error)
{
	struct route *route;

	if (path[0] != '/' || g_hash_table_contains(s->routes, path)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "path %s is taken or does not begin with a slash", path);
		return false;
	}
	route = g_new0(struct route, 1);
	route->method = g_strdup(method);
	route->handler = handler;
	route->arg = arg;
	g_hash_table_insert(s->routes, g_strdup(path), route);
	return true;
}

void http_server_unroute(struct http_server *s, const char *path)
{
	g_hash_table_remove(s->routes, path);
}

uint64_t http_server_count(const struct http_server *s, unsigned status_class)
{
	return status_class < ARRAY_SIZE(s->counts) ? s->counts[status_class] : 0;
}
