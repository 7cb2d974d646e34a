/* SPDX-License-Identifier: MIT */
/* Writes log lines to stderr with every registered secret masked. Keeps no files and rotates nothing: the journal does. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/macros.h"

#include "base/log.h"

static const char *const level_words[] = { "error", "warn", "info", "debug" };

static int level_now = LOG_LEVEL_INFO;

static GMutex secrets_lock;
static GPtrArray *secrets; /* char*, longest first, so that a secret inside another one does not leave its tail behind */

bool log_level_parse(const char *word, enum log_level *ret_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_words); i++) {
		if (strcmp(word, level_words[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_set_level(enum log_level level)
{
	g_atomic_int_set(&level_now, (int)level);
}

bool log_is_on(enum log_level level)
{
	return (int)level <= g_atomic_int_get(&level_now);
}

/* Takes the text. Call with the lock held. */
static void secret_insert(char *text)
{
	guint at = 0;

	if (!secrets)
		secrets = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < secrets->len; i++) {
		const char *other = g_ptr_array_index(secrets, i);

		if (strcmp(other, text) == 0) {
			g_free(text);
			return;
		}
		if (strlen(other) >= strlen(text))
			at = i + 1;
	}
	g_ptr_array_insert(secrets, (gint)at, text);
}

/* "%3A" to "%3a": both spellings occur in URLs. */
static char *hex_lower(const char *escaped)
{
	char *text = g_strdup(escaped);

	for (char *p = text; (p = strchr(p, '%')) && p[1] && p[2]; p += 3) {
		p[1] = g_ascii_tolower(p[1]);
		p[2] = g_ascii_tolower(p[2]);
	}
	return text;
}

bool log_secret_add(const char *secret)
{
	char *escaped;

	if (!secret || strlen(secret) < LOG_SECRET_MIN)
		return false;
	escaped = g_uri_escape_string(secret, NULL, FALSE);
	g_mutex_lock(&secrets_lock);
	secret_insert(g_strdup(secret));
	secret_insert(hex_lower(escaped));
	secret_insert(escaped);
	g_mutex_unlock(&secrets_lock);
	return true;
}

static void secret_remove(const char *text)
{
	for (guint i = 0; secrets && i < secrets->len; i++)
		if (strcmp(g_ptr_array_index(secrets, i), text) == 0) {
			g_ptr_array_remove_index(secrets, i);
			return;
		}
}

void log_secret_forget(const char *secret)
{
	g_autofree char *escaped = secret ? g_uri_escape_string(secret, NULL, FALSE) : NULL;
	g_autofree char *lower = escaped ? hex_lower(escaped) : NULL;

	if (!secret)
		return;
	g_mutex_lock(&secrets_lock);
	secret_remove(secret);
	secret_remove(escaped);
	secret_remove(lower);
	g_mutex_unlock(&secrets_lock);
}

char *log_mask(const char *text)
{
	GString *out = g_string_new(text);

	g_mutex_lock(&secrets_lock);
	for (guint i = 0; secrets && i < secrets->len; i++)
		g_string_replace(out, g_ptr_array_index(secrets, i), "***", 0);
	g_mutex_unlock(&secrets_lock);
	return g_string_free(out, FALSE);
}

/* One line on a terminal stays one line, whatever a stranger typed: controls and broken bytes are spelled out. */
static void append_escaped(GString *out, const char *text, size_t max)
{
	const char *p = text;

	while (*p) {
		gunichar c = g_utf8_get_char_validated(p, -1);
		size_t bytes = 1;

		if (c == (gunichar)-1 || c == (gunichar)-2 || c < 0x20 || c == 0x7f) {
			if (out->len + 4 > max)
				break;
			if (c == '\n')
				g_string_append(out, "\\n");
			else
				g_string_append_printf(out, "\\x%02x", (unsigned char)*p);
		} else {
			bytes = (size_t)(g_utf8_next_char(p) - p);
			if (out->len + 8 > max)
				break;
			if ((c >= 0x80 && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e))
				g_string_append_printf(out, "\\u%04x", c);
			else
				g_string_append_len(out, p, (gssize)bytes);
		}
		p += bytes;
	}
	if (*p)
		g_string_append(out, "…");
}

static void write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nobody left to tell */
		text += n;
		len -= (size_t)n;
	}
}

static void G_GNUC_PRINTF(3, 0) log_line(enum log_level level, const char *area, const char *fmt, va_list args)
{
	g_autofree char *raw = NULL;
	g_autofree char *masked = NULL;
	GString *line;
	size_t start;

	if (!log_is_on(level))
		return;
	raw = g_strdup_vprintf(fmt, args);
	masked = log_mask(raw);
	line = g_string_sized_new(256);
	if (isatty(STDERR_FILENO)) {
		g_autoptr(GDateTime) now = clock_local(clock_wall_ms());
		g_autofree char *stamp = g_date_time_format(now, "%H:%M:%S ");

		g_string_append(line, stamp);
	}
	start = line->len;
	g_string_append_printf(line, "%s %s: ", level_words[level], area);
	append_escaped(line, masked, start + LOG_LINE_MAX - sizeof("…\n"));
	g_string_append_c(line, '\n');
	write_all(line->str, line->len);
	g_string_free(line, TRUE);
}

void log_error(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_ERROR, area, fmt, args);
	va_end(args);
}

void log_warn(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_WARN, area, fmt, args);
	va_end(args);
}

void log_info(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_INFO, area, fmt, args);
	va_end(args);
}

void log_debug(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_DEBUG, area, fmt, args);
	va_end(args);
}
