/* SPDX-License-Identifier: MIT */
/* One line to one item: which keys count, what is refused and in which words. */
#include "kernel.h"

#include "bot/import_line.h"

static struct registry *registry;

static struct item *read_line(const char *line, GError **error)
{
	return import_line(line, strlen(line), ITEM_INITIATIVE, registry, error);
}

static void test_keys(void)
{
	static const struct {
		const char *name, *line, *ref, *unit, *unit_text, *field, *type;
		enum item_kind kind;
	} t[] = {
		{ "only what is needed", "{\"title\":\"A\",\"body\":\"B\"}", NULL, NULL, NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "ref wins over id", "{\"title\":\"A\",\"body\":\"B\",\"ref\":\"r\",\"id\":7}", "r", NULL, NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "id wins over seq", "{\"title\":\"A\",\"body\":\"B\",\"id\":7,\"seq\":8}", "7", NULL, NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "seq, a number as large as they come", "{\"title\":\"A\",\"body\":\"B\",\"seq\":9007199254740991}", "9007199254740991", NULL, NULL, NULL,
		  NULL, ITEM_INITIATIVE },
		{ "empty ref is none", "{\"title\":\"A\",\"body\":\"B\",\"ref\":\"\",\"id\":\"x\"}", "x", NULL, NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "unit by code", "{\"title\":\"A\",\"body\":\"B\",\"unit\":\"VUBAN\"}", NULL, "VUBAN", NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "unit by name", "{\"title\":\"A\",\"body\":\"B\",\"unit\":\"ubnd h. vu ban\"}", NULL, "VUBAN", NULL, NULL, NULL, ITEM_INITIATIVE },
		{ "unknown unit stays as text", "{\"title\":\"A\",\"body\":\"B\",\"unit\":\"Xã Không Tên\"}", NULL, NULL, "Xã Không Tên", NULL, NULL,
		  ITEM_INITIATIVE },
		{ "kind as prefix", "{\"title\":\"A\",\"body\":\"B\",\"kind\":\"dc\"}", NULL, NULL, NULL, NULL, NULL, ITEM_EXEMPLAR },
		{ "another kind is the type", "{\"title\":\"A\",\"body\":\"B\",\"kind\":\"mô hình\"}", NULL, NULL, NULL, NULL, "mô hình", ITEM_INITIATIVE },
		{ "other keys are ignored", "{\"title\":\"A\",\"body\":\"B\",\"status\":\"draft\",\"x\":[1]}", NULL, NULL, NULL, NULL, NULL,
		  ITEM_INITIATIVE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(item_t) item = read_line(t[i].line, &error);

		g_test_message("%s", t[i].name);
		g_assert_no_error(error);
		g_assert_cmpstr(item->ref, ==, t[i].ref);
		g_assert_cmpstr(item->unit, ==, t[i].unit);
		g_assert_cmpstr(item->unit_text, ==, t[i].unit_text);
		g_assert_cmpstr(item->field, ==, t[i].field);
		g_assert_cmpstr(item->type, ==, t[i].type);
		g_assert_cmpint(item->kind, ==, t[i].kind);
		g_assert_cmpint(item->status, ==, ITEM_APPROVED);
	}
}

static void test_text_is_cleaned(void)
{
	/* Decomposed letters and a control character. */
	g_autoptr(item_t) item = read_line("{\"title\":\"  Ba\\u0300i \\u0007ho\\u0323c \",\"body\":\"d\\u00f2ng 1\\ndòng 2\"}", NULL);

	g_assert_cmpstr(item->title, ==, "Bài học");
	g_assert_cmpstr(item->body, ==, "dòng 1\ndòng 2");
}

static void test_refused_lines_say_why(void)
{
	g_autofree char *long_title = g_strnfill(IMPORT_TITLE_MAX + 1, 'x');
	g_autofree char *too_long = g_strdup_printf("{\"title\":\"%s\",\"body\":\"B\"}", long_title);
	const struct {
		const char *line, *says;
	} t[] = {
		{ "no json", "JSON" },
		{ "[1]", "not a JSON object" },
		{ "{\"title\":\"A\"}", "`body` is missing" },
		{ "{\"body\":\"B\"}", "`title` is missing" },
		{ "{\"title\":\"  \",\"body\":\"B\"}", "`title` is missing" },
		{ "{\"title\":5,\"body\":\"B\"}", "`title` is missing" },
		{ too_long, "over 500" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(read_line(t[i].line, &error));
		g_assert_nonnull(strstr(error->message, t[i].says));
	}
}

int main(int argc, char **argv)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	int status;

	g_test_init(&argc, &argv, NULL);
	registry = registry_load_csv(dir, NULL);
	registry_seal(registry);
	g_test_add_func("/import-line/keys", test_keys);
	g_test_add_func("/import-line/text-is-cleaned", test_text_is_cleaned);
	g_test_add_func("/import-line/refused-lines-say-why", test_refused_lines_say_why);
	status = g_test_run();
	registry_unref(registry);
	return status;
}
