/* SPDX-License-Identifier: MIT */
/* Reads lines through the handle that fits the descriptor: libuv cannot poll files, and its streams cannot read them.
 * It does not judge or clean what it reads. */
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "line_reader.h"

#define CHUNK 16384

struct line_reader {
	uv_loop_t *loop;
	int fd; /* ours; -1 once a stream owns it */
	int original_fd, original_flags;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tty_t tty;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} u;
	bool is_stream; /* else a file */
	uv_fs_t read;
	bool is_reading, is_at_end, is_closing;
	char chunk[CHUNK];
	GString *buffer;
	void (*on_ready)(void *arg);
	void *arg;
	void (*closed)(void *arg);
	void *closed_arg;
};

static bool stream_open(struct line_reader *r)
{
	switch (uv_guess_handle(r->fd)) {
	case UV_TTY:
		return uv_tty_init(r->loop, &r->u.tty, r->fd, 0) == 0;
	case UV_NAMED_PIPE:
		return uv_pipe_init(r->loop, &r->u.pipe, 0) == 0 && uv_pipe_open(&r->u.pipe, r->fd) == 0;
	case UV_TCP:
		return uv_tcp_init(r->loop, &r->u.tcp) == 0 && uv_tcp_open(&r->u.tcp, r->fd) == 0;
	/* A file, or what only behaves like one. */
	case UV_FILE:
	case UV_UNKNOWN_HANDLE:
	case UV_ASYNC:
	case UV_CHECK:
	case UV_FS_EVENT:
	case UV_FS_POLL:
	case UV_HANDLE:
	case UV_IDLE:
	case UV_POLL:
	case UV_PREPARE:
	case UV_PROCESS:
	case UV_STREAM:
	case UV_TIMER:
	case UV_UDP:
	case UV_SIGNAL:
	case UV_HANDLE_TYPE_MAX:
		break;
	}
	return false;
}

struct line_reader *line_reader_new(uv_loop_t *loop, int fd, void (*on_ready)(void *arg), void *arg)
{
	struct line_reader *r = g_new0(struct line_reader, 1);

	r->loop = loop;
	r->original_fd = fd;
	r->original_flags = fcntl(fd, F_GETFL);
	r->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	r->on_ready = on_ready;
	r->arg = arg;
	r->buffer = g_string_new(NULL);
	if (r->fd < 0) {
		r->is_at_end = true; /* nothing to read from: started without an input */
	} else if (stream_open(r)) {
		r->is_stream = true;
		r->u.handle.data = r;
		r->fd = -1;
	}
	return r;
}

static bool has_line(const struct line_reader *r)
{
	return r->buffer->len > LINE_MAX_BYTES || memchr(r->buffer->str, '\n', r->buffer->len);
}

static void reader_free(struct line_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	/* Streams make the open file non-blocking, which the shell shares with us. */
	if (r->original_flags >= 0)
		fcntl(r->original_fd, F_SETFL, r->original_flags);
	g_string_free(r->buffer, TRUE);
	r->closed(r->closed_arg);
	g_free(r);
}

static void on_handle_closed(uv_handle_t *handle)
{
	reader_free(handle->data);
}

/* What came, or how reading ended (n <= 0). */
static void reader_feed(struct line_reader *r, ssize_t n, const char *why)
{
	if (n > 0) {
		g_string_append_len(r->buffer, r->chunk, n);
	} else {
		if (n < 0 && n != UV_EOF)
			log_warn("console", "input: %s, taking it for the end", why);
		r->is_at_end = true;
	}
	r->on_ready(r->arg);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
	struct line_reader *r = handle->data;

	*ret = uv_buf_init(r->chunk, sizeof(r->chunk));
}

static void on_stream_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct line_reader *r = stream->data;

	if (n == 0)
		return; /* "would block" */
	uv_read_stop(stream);
	r->is_reading = false;
	reader_feed(r, n, n < 0 ? uv_strerror((int)n) : NULL);
}

static void on_file_read(uv_fs_t *request)
{
	struct line_reader *r = request->data;
	ssize_t n = request->result;

	uv_fs_req_cleanup(request);
	r->is_reading = false;
	if (r->is_closing)
		reader_free(r);
	else
		reader_feed(r, n, n < 0 ? uv_strerror((int)n) : NULL);
}

static void read_more(struct line_reader *r)
{
	uv_buf_t buf = uv_buf_init(r->chunk, sizeof(r->chunk));
	int err;

	if (r->is_reading)
		return;
	r->is_reading = true;
	r->read.data = r;
	err = r->is_stream ? uv_read_start(&r->u.stream, on_alloc, on_stream_read) :
			     uv_fs_read(r->loop, &r->read, r->fd, &buf, 1, -1, on_file_read);
	if (err != 0) {
		log_warn("console", "input cannot be read: %s, taking it for the end", uv_strerror(err));
		r->is_reading = false;
		r->is_at_end = true;
	}
}

/* Where a piece of an overlong line ends: not inside a letter. */
static size_t piece_len(const GString *buffer)
{
	size_t len = LINE_MAX_BYTES;

	if (buffer->len <= LINE_MAX_BYTES)
		return buffer->len;
	while (len > LINE_MAX_BYTES - 4 && ((unsigned char)buffer->str[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static char *line_cut(struct line_reader *r)
{
	const char *newline = memchr(r->buffer->str, '\n', r->buffer->len);
	size_t len = newline ? (size_t)(newline - r->buffer->str) : piece_len(r->buffer), n = 0;
	char *line = g_malloc(len + 1);

	for (size_t i = 0; i < len; i++) {
		if (r->buffer->str[i]) /* a NUL is no text, and what stands behind it must not be lost */
			line[n++] = r->buffer->str[i];
	}
	line[n] = '\0';
	g_string_erase(r->buffer, 0, (gssize)(len + (newline ? 1 : 0)));
	return line;
}

enum line_result line_reader_take(struct line_reader *r, char **ret_line)
{
	if (!has_line(r) && !r->is_at_end)
		read_more(r);
	if (has_line(r) || (r->is_at_end && r->buffer->len > 0)) {
		*ret_line = line_cut(r);
		return LINE_TAKEN;
	}
	return r->is_at_end ? LINE_END : LINE_WAIT;
}

static void on_timer_closed(uv_handle_t *handle)
{
	g_free(handle);
}

/* A file without a read under way has no handle whose closing could be waited for: this timer is it. */
static void on_file_closing(uv_timer_t *timer)
{
	struct line_reader *r = timer->data;

	uv_close((uv_handle_t *)timer, on_timer_closed);
	reader_free(r);
}

void line_reader_close(struct line_reader *r, void (*closed)(void *arg), void *arg)
{
	uv_timer_t *timer;

	r->is_closing = true;
	r->closed = closed;
	r->closed_arg = arg;
	if (r->is_stream) {
		uv_close(&r->u.handle, on_handle_closed);
		return;
	}
	if (r->is_reading)
		return; /* on_file_read ends it */
	timer = g_new0(uv_timer_t, 1);
	uv_timer_init(r->loop, timer);
	timer->data = r;
	uv_timer_start(timer, on_file_closing, 0, 0);
}
