/* SPDX-License-Identifier: MIT */
/* RFC 4180 with a header line. Knows nothing of what the columns mean. */
#include <string.h>

#include "config.h"
#include "csv.h"

/* Where the reader stands. */
struct csv {
	const char *name;
	const char *p;
	unsigned line;       /* of p */
	unsigned first_line; /* of the record being read: a quoted field may span lines */
};

static bool fail(const struct csv *c, GError **error, const char *what)
{
	g_set_error(error, CONFIG_ERROR, 0, "%s:%u: %s", c->name, c->first_line, what);
	return false;
}

static bool read_quoted(struct csv *c, GString *field, GError **error)
{
	for (c->p++;; c->p++) {
		if (*c->p == '\0')
			return fail(c, error, "thiếu dấu ngoặc kép đóng");
		if (*c->p == '"' && *++c->p != '"')
			break;
		if (*c->p == '\n')
			c->line++;
		g_string_append_c(field, *c->p);
	}
	if (!strchr(",\r\n", *c->p))
		return fail(c, error, "có chữ sau dấu ngoặc kép đóng; dấu ngoặc kép bên trong phải viết hai lần");
	return true;
}

/* Fields of the next record (char*), or NULL at the end (or with error). Empty lines are passed over. */
static GPtrArray *read_record(struct csv *c, GError **error)
{
	g_autoptr(GPtrArray) fields = NULL;

	while (*c->p == '\n' || *c->p == '\r') {
		if (*c->p++ == '\n')
			c->line++;
	}
	if (*c->p == '\0')
		return NULL;
	c->first_line = c->line;
	fields = g_ptr_array_new_with_free_func(g_free);
	for (;;) {
		g_autoptr(GString) field = g_string_new(NULL);

		if (*c->p == '"') {
			if (!read_quoted(c, field, error))
				return NULL;
		} else {
			size_t n = strcspn(c->p, ",\r\n");

			g_string_append_len(field, c->p, (gssize)n);
			c->p += n;
		}
		g_ptr_array_add(fields, g_strdup(field->str));
		if (*c->p != ',')
			break;
		c->p++;
	}
	return g_steal_pointer(&fields);
}

/* Index of each wanted column in the header. */
static bool map_columns(const struct csv *c, const GPtrArray *header, const char *const *columns, guint *ret_map, GError **error)
{
	for (guint i = 0; columns[i]; i++) {
		guint at = 0;

		while (at < header->len && strcmp(g_strstrip(g_ptr_array_index(header, at)), columns[i]) != 0)
			at++;
		if (at == header->len) {
			g_set_error(error, CONFIG_ERROR, 0, "%s:%u: dòng đầu thiếu cột “%s”", c->name, c->first_line, columns[i]);
			return false;
		}
		ret_map[i] = at;
	}
	return true;
}

bool csv_read_text(const char *name, const char *text, const char *const *columns, csv_row_fn *row, void *arg, GError **error)
{
	struct csv c = { .name = name, .p = text, .line = 1, .first_line = 1 };
	guint n = g_strv_length((char **)columns);
	guint map[CSV_COLUMNS_MAX] = { 0 };
	char *wanted[CSV_COLUMNS_MAX + 1] = { NULL };
	g_autoptr(GPtrArray) header = NULL;
	GError *broken = NULL;

	g_assert(n <= CSV_COLUMNS_MAX);
	if (!g_utf8_validate(text, -1, NULL))
		return fail(&c, error, "tệp không phải UTF-8");
	if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
		c.p += 3;
	header = read_record(&c, &broken);
	if (!header && !broken)
		return fail(&c, error, "tệp trống");
	if (header)
		map_columns(&c, header, columns, map, &broken);
	while (!broken) {
		g_autoptr(GPtrArray) fields = read_record(&c, &broken);
		char nothing[] = ""; /* not a literal: the row may be written to */

		if (!fields)
			break;
		if (fields->len > header->len) {
			fail(&c, &broken, "nhiều cột hơn dòng đầu; giá trị có dấu phẩy phải đặt trong ngoặc kép");
			break;
		}
		for (guint i = 0; i < n; i++)
			wanted[i] = map[i] < fields->len ? g_ptr_array_index(fields, map[i]) : nothing;
		if (!row(arg, c.first_line, wanted, &broken)) {
			g_prefix_error(&broken, "%s:%u: ", name, c.first_line);
			break;
		}
	}
	if (!broken)
		return true;
	g_propagate_error(error, broken);
	return false;
}

bool csv_read_file(const char *path, const char *const *columns, csv_row_fn *row, void *arg, GError **error)
{
	g_autofree char *text = NULL;
	gsize len;

	if (!g_file_get_contents(path, &text, &len, error))
		return false;
	/* A NUL byte would end the text before the file does. */
	if (!g_utf8_validate(text, (gssize)len, NULL)) {
		const struct csv c = { .name = path, .first_line = 1 };

		return fail(&c, error, "tệp không phải UTF-8");
	}
	return csv_read_text(path, text, columns, row, arg, error);
}
