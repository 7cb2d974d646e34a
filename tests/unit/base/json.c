/* SPDX-License-Identifier: MIT */
/* Tests of JSON reading: paths, exact numbers, broken input. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"

static void test_paths(void)
{
	const char *text = "{\"a\":{\"b\":[{\"c\":\"x\"},{\"c\":5}]},\"n\":null,\"t\":true,\"A\":1}";
	g_autoptr(cJSON) root = json_parse(text, strlen(text), NULL);
	static const struct {
		const char *path;
		bool there;
	} t[] = {
		{ "a", true },	       { "a.b[1].c", true }, { "a.b[2].c", false }, { "a.b.c", false }, { "a[0]", false },
		{ "n.x", false },      { "n", true },	     { "A", true },	    { "b", false },	{ "", true },
		{ "a.b[x].c", false }, { "a.b[1", false },   { "a.b[99999999999]", false },
	};
	const char *str = "before";
	int64_t number = -1;
	bool is = false;

	g_assert_nonnull(root);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].path);
		g_assert_cmpint(json_at(root, t[i].path) != NULL, ==, t[i].there);
	}
	g_assert_null(json_at(NULL, "a"));
	g_assert_true(json_str(root, "a.b[0].c", &str));
	g_assert_cmpstr(str, ==, "x");
	g_assert_false(json_str(root, "a.b[1].c", &str));
	g_assert_cmpstr(str, ==, "x");
	g_assert_true(json_int64(root, "a.b[1].c", &number));
	g_assert_cmpint(number, ==, 5);
	g_assert_false(json_int64(root, "a.b[0].c", &number));
	g_assert_true(json_bool(root, "t", &is));
	g_assert_true(is);
	g_assert_false(json_bool(root, "A", &is));
}

static void test_ids_keep_every_digit(void)
{
	static const struct {
		const char *text, *id;
	} t[] = {
		{ "{\"id\":9007199254740991}", "9007199254740991" },
		{ "{\"id\":-1001234567890123}", "-1001234567890123" },
		{ "{\"id\":\"18446744073709551615\"}", "18446744073709551615" },
		{ "{\"id\":0}", "0" },
		{ "{\"id\":9007199254740993}", NULL }, /* a double would make it ...992, another id */
		{ "{\"id\":-9007199254740993}", NULL },
		{ "{\"id\":1e300}", NULL },
		{ "{\"id\":1.5}", NULL },
		{ "{\"id\":\"\"}", NULL },
		{ "{\"id\":null}", NULL },
		{ "{}", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(cJSON) root = json_parse(t[i].text, strlen(t[i].text), NULL);
		g_autofree char *id = NULL;

		g_assert_cmpint(json_id(root, "id", &id), ==, t[i].id != NULL);
		g_assert_cmpstr(id, ==, t[i].id);
	}
}

static void test_broken_text_does_not_cost_the_batch(void)
{
	static const struct {
		const char *name, *text, *value;
	} t[] = {
		{ "broken byte", "{\"s\":\"a\xFFz\"}", "a\xEF\xBF\xBDz" },
		{ "escaped NUL does not cut the string", "{\"s\":\"a\\u0000z\"}", "a\xEF\xBF\xBDz" },
		{ "half a pair", "{\"s\":\"a\\ud83dz\"}", "a\xEF\xBF\xBDz" },
		{ "second half first", "{\"s\":\"\\ude00\\ud83d\"}", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "whole pair", "{\"s\":\"\\ud83d\\ude00\"}", "😀" },
		{ "escaped backslash before u0000", "{\"s\":\"\\\\u0000\"}", "\\u0000" },
		{ "brackets in a string are no nesting",
		  "{\"s\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}",
		  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(cJSON) root = json_parse(t[i].text, strlen(t[i].text), &error);
		g_autofree char *value = NULL;

		g_test_message("%s", t[i].name);
		g_assert_no_error(error);
		value = json_dup(root, "s", NULL);
		g_assert_cmpstr(value, ==, t[i].value);
	}
}

static void test_nul_inside_a_string_does_not_cost_the_batch(void)
{
	static const char text[] = "[{\"s\":\"a\0z\"},{\"s\":\"good\"}]";
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) root = json_parse(text, sizeof(text) - 1, &error);
	const char *value = NULL;

	g_assert_no_error(error);
	g_assert_true(json_str(root, "[0].s", &value));
	g_assert_cmpstr(value, ==, "a\xEF\xBF\xBDz");
	g_assert_true(json_str(root, "[1].s", &value));
	g_assert_cmpstr(value, ==, "good");
}

static void test_no_json_is_an_error(void)
{
	g_autofree char *deep = g_strnfill(100000, '[');
	const char *t[] = { "", "{", "{\"a\":}", "{} x", "<html>502</html>", "\"a\\", "\"\\u00", deep };
	g_autoptr(GError) nul = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(json_parse(t[i], strlen(t[i]), &error));
		g_assert_error(error, JSON_ERROR, 0);
	}
	g_assert_null(json_parse("{}\0{}", 5, &nul));
	g_assert_error(nul, JSON_ERROR, 0);
}

static void test_length_bounds_the_text(void)
{
	g_autoptr(cJSON) root = json_parse("{\"a\":1}garbage", 7, NULL);

	g_assert_nonnull(root);
}

static void test_numbers_are_written_exactly(void)
{
	g_autoptr(cJSON) root = cJSON_CreateObject();
	g_autofree char *text = NULL;

	json_add_int64(root, "a", INT64_C(9007199254740991));
	json_add_int64(root, "b", -1);
	json_add_int64(root, "c", INT64_C(-1001234567890));
	json_add_str(root, "s", "“x”\n");
	json_add_str(root, "none", NULL);
	text = json_text(root);
	g_assert_cmpstr(text, ==, "{\"a\":9007199254740991,\"b\":-1,\"c\":-1001234567890,\"s\":\"“x”\\n\"}");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json/paths", test_paths);
	g_test_add_func("/json/ids-keep-every-digit", test_ids_keep_every_digit);
	g_test_add_func("/json/broken-text-does-not-cost-the-batch", test_broken_text_does_not_cost_the_batch);
	g_test_add_func("/json/nul-inside-a-string-does-not-cost-the-batch", test_nul_inside_a_string_does_not_cost_the_batch);
	g_test_add_func("/json/no-json-is-an-error", test_no_json_is_an_error);
	g_test_add_func("/json/length-bounds-the-text", test_length_bounds_the_text);
	g_test_add_func("/json/numbers-are-written-exactly", test_numbers_are_written_exactly);
	return g_test_run();
}
