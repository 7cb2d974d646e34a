/* SPDX-License-Identifier: MIT */
/* Tests of CSV reading. */
#include <string.h>

#include <glib/gstdio.h>

#include "base/macros.h"
#include "config/config.h"
#include "config/csv.h"

static bool collect(void *arg, unsigned line, char **fields, GError **error)
{
	GString *out = arg;

	if (strcmp(fields[0], "refuse") == 0) {
		g_set_error(error, CONFIG_ERROR, 0, "refused");
		return false;
	}
	g_string_append_printf(out, "%u<%s|%s>", line, fields[0], fields[1]);
	return true;
}

static void test_records(void)
{
	static const char *const columns[] = { "a", "b", NULL };
	static const struct {
		const char *name, *text, *rows, *error;
	} t[] = {
		{ "plain", "a,b\n1,2\n3,4\n", "2<1|2>3<3|4>", NULL },
		{ "other order, extra column", "x,b,a\n0,2,1\n", "2<1|2>", NULL },
		{ "no last line break, CRLF, BOM", "\xEF\xBB\xBF" "a,b\r\n1,2\r\n3,4", "2<1|2>3<3|4>", NULL },
		{ "quoted comma, quote and line break", "a,b\n\"1,1\",\"x \"\"y\"\"\nz\"\n3,4\n", "2<1,1|x \"y\"\nz>4<3|4>", NULL },
		{ "missing fields are empty", "a,b\n1\n,\n", "2<1|>3<|>", NULL },
		{ "empty lines", "a,b\n\n1,2\n\n", "3<1|2>", NULL },
		{ "header alone", "a,b\n", "", NULL },
		{ "column missing", "a,c\n1,2\n", "", "t.csv:1: dòng đầu thiếu cột “b”" },
		{ "comma not quoted", "a,b\n1,2\n1,2,3\n", "2<1|2>", "t.csv:3: nhiều cột hơn" },
		{ "quote never closed", "a,b\n1,2\n\"3,4\n", "2<1|2>", "t.csv:3: thiếu dấu ngoặc" },
		{ "text after quote", "a,b\n\"1\"x,2\n", "", "t.csv:2: có chữ sau" },
		{ "empty", "", "", "t.csv:1: tệp trống" },
		{ "row refused", "a,b\n1,2\nrefuse,2\n3,4\n", "2<1|2>", "t.csv:3: refused" },
		{ "not UTF-8", "a,b\n\xFF,2\n", "", "t.csv:1: tệp không phải UTF-8" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) rows = g_string_new(NULL);
		bool ok = csv_read_text("t.csv", t[i].text, columns, collect, rows, &error);

		g_test_message("%s", t[i].name);
		g_assert_cmpint(ok, ==, t[i].error == NULL);
		g_assert_cmpstr(rows->str, ==, t[i].rows);
		if (t[i].error)
			g_assert_true(g_str_has_prefix(error->message, t[i].error));
	}
}

/* As g_strstrip does, also to a field that the line does not have. */
static bool write_to_all(void *arg, unsigned line, char **fields, GError **error)
{
	unsigned *n = arg;

	for (char **field = fields; *field; field++, (*n)++)
		(*field)[0] = '\0';
	return true;
}

static void test_a_short_line_may_be_written_to(void)
{
	static const char *const columns[] = { "a", "b", "c", NULL };
	g_autoptr(GError) error = NULL;
	unsigned n = 0;

	g_assert_true(csv_read_text("t.csv", "a,b,c\nx\nx,y\n", columns, write_to_all, &n, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(n, ==, 6);
}

static void test_missing_file_is_an_error(void)
{
	static const char *const columns[] = { "a", NULL };
	g_autoptr(GError) error = NULL;

	g_assert_false(csv_read_file("/nonexistent/x.csv", columns, collect, NULL, &error));
	g_assert_nonnull(error);
}

/* What stands behind a NUL would be passed over without a word. */
static void test_nul_byte_is_refused(void)
{
	static const char *const columns[] = { "a", "b", NULL };
	static const char text[] = "a,b\n1,2\n\0" "3,4\n";
	g_autofree char *dir = g_dir_make_tmp("cdsbot-csv-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "t.csv", NULL);
	g_autoptr(GString) rows = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(path, text, sizeof(text) - 1, NULL));
	g_assert_false(csv_read_file(path, columns, collect, rows, &error));
	g_assert_nonnull(strstr(error->message, "không phải UTF-8"));
	g_assert_cmpstr(rows->str, ==, "");
	g_unlink(path);
	g_rmdir(dir);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/csv/records", test_records);
	g_test_add_func("/csv/nul-byte-is-refused", test_nul_byte_is_refused);
	g_test_add_func("/csv/short-line", test_a_short_line_may_be_written_to);
	g_test_add_func("/csv/missing-file-is-an-error", test_missing_file_is_an_error);
	return g_test_run();
}
