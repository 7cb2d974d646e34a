/* SPDX-License-Identifier: MIT */
/* Log lines on stderr: `level area: what happened: why (ids)`. Registered secrets never come out, whoever logs them. */
#ifndef CDSBOT_BASE_LOG_H
#define CDSBOT_BASE_LOG_H

#include <glib.h>
#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* "error", "warn", "info", "debug". False if the word is none of them. */
bool log_level_parse(const char *word, enum log_level *ret_level);
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* From now on this text is printed as `***` wherever it occurs in a line (also percent-encoded). Strings shorter than
 * LOG_SECRET_MIN are refused (false): masking "a" would make every line useless. Thread-safe. */
#define LOG_SECRET_MIN 6
bool log_secret_add(const char *secret);
/* It is worth nothing any more (a token that was replaced): the list must not grow for years. NULL and unknown ones are ignored. */
void log_secret_forget(const char *secret);

/* The text with every registered secret masked; caller frees. For what is printed elsewhere (check, metrics). */
char *log_mask(const char *text);

/* area: the folder or adapter that speaks. Control characters in the text are printed escaped, one call is one line.
 * Lines are cut at LOG_LINE_MAX bytes. Thread-safe; timestamps are left to the journal unless stderr is a terminal. */
#define LOG_LINE_MAX 2048
void log_error(const char *area, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void log_warn(const char *area, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void log_info(const char *area, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void log_debug(const char *area, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

#endif
