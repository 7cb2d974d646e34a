/* SPDX-License-Identifier: MIT */
/* How the console shows what the bot says: `name> text`, further lines indented, bold on a terminal. It decides nothing about who
 * gets what. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "console_state.h"

/* On a terminal or pipe that was made non-blocking a write can be short; the console has nothing better to do than to wait. */
bool console_print(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };

			poll(&ready, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return false;
		} else if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool span_edge(const struct outgoing *m, size_t at, bool wants_start)
{
	for (size_t i = 0; i < m->n_spans; i++) {
		const struct span *s = &m->spans[i];

		if (s->kind == SPAN_BOLD && at == (wants_start ? s->start : s->start + s->len))
			return true;
	}
	return false;
}

static void text_append(const struct console *c, GString *out, const struct outgoing *m)
{
	const char *text = m->text ? m->text : "";
	size_t len = strlen(text);

	for (size_t i = 0; i <= len; i++) {
		if (c->is_tty && span_edge(m, i, false))
			g_string_append(out, "\033[0m");
		if (c->is_tty && span_edge(m, i, true))
			g_string_append(out, "\033[1m");
		if (i < len && text[i] == '\n')
			g_string_append(out, "\n    ");
		else if (i < len)
			g_string_append_c(out, text[i]);
	}
}

char *console_reply_format(const struct console *c, const struct outgoing *m)
{
	GString *out = g_string_new(NULL);

	if (m->chat_kind == CHAT_PRIVATE)
		g_string_append_printf(out, "%s> ", m->chat_id);
	else
		g_string_append_printf(out, "%s@%s> ", m->user_id ? m->user_id : CONSOLE_EVERYBODY, m->chat_id);
	text_append(c, out, m);
	if (m->file) {
		if (m->text && m->text[0])
			g_string_append(out, "\n    ");
		g_string_append_printf(out, "[%s: %s]", m->file->kind == ATTACHMENT_PHOTO ? "ảnh" : "tệp",
				       m->file->name ? m->file->name : m->file->file_id);
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}
