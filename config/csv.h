/* SPDX-License-Identifier: MIT */
/* Reads RFC 4180 CSV with a header line. */
#ifndef CDSBOT_CONFIG_CSV_H
#define CDSBOT_CONFIG_CSV_H

#include <glib.h>
#include <stdbool.h>

/* Called for each record with its line number and its n fields in the order of `columns` asked for (missing trailing fields: "").
 * It may write to their bytes. False stops the reading (set error). */
typedef bool csv_row_fn(void *arg, unsigned line, char **fields, GError **error);

#define CSV_COLUMNS_MAX 16
/* columns: the names wanted, at most CSV_COLUMNS_MAX, ends with NULL; a file without one of them is an error that names it. Errors carry "file:line: ". */
bool csv_read_file(const char *path, const char *const *columns, csv_row_fn *row, void *arg, GError **error);
bool csv_read_text(const char *name, const char *text, const char *const *columns, csv_row_fn *row, void *arg, GError **error);

#endif
