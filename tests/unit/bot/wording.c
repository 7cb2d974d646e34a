/* SPDX-License-Identifier: MIT */
/* The catalog as a whole: every sentence is clean text with places that close; and the filling of places. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/wording/wording.h"

static void test_every_sentence_is_clean(void)
{
	for (int id = MSG_NONE + 1; id < MSG_COUNT; id++) {
		const char *text = wording_raw((enum msg)id);
		g_autofree char *clean = text_clean(text, strlen(text));

		g_assert_cmpstr(text, ==, clean);
		g_assert_true(*text); /* joints like ", " begin or end with a space */
	}
}

static void test_every_place_closes_and_is_short(void)
{
	for (int id = 0; id < MSG_COUNT; id++) {
		for (const char *p = wording_raw((enum msg)id); (p = strchr(p, '{')); p++) {
			const char *end = strchr(p, '}');

			g_assert_nonnull(end);
			g_assert_cmpint(end - p, >, 1);
			g_assert_cmpint(end - p, <, 32);
			for (const char *c = p + 1; c < end; c++)
				g_assert_true(g_ascii_isalnum(*c) || *c == '_');
		}
	}
}

static void test_values_are_data(void)
{
	/* What a person typed must not be read as a place or a format. */
	g_autofree char *s = wording_format(NULL, MSG_UNKNOWN_COMMAND, "word", "/{dc}%s{word}", NULL);

	g_assert_cmpstr(s, ==, "Chưa hiểu lệnh /{dc}%s{word}. Gõ /h để xem các lệnh.");
}

static void test_form_of_address(void)
{
	g_autofree char *dflt = wording_format(NULL, MSG_ONLY_READS_TEXT, NULL);
	g_autofree char *other = wording_format("anh/chị", MSG_NOT_REGISTERED, NULL);

	g_assert_cmpstr(dflt, ==, "Hệ thống chỉ đọc được chữ; đồng chí nhắn thêm một dòng tên.");
	g_assert_true(g_str_has_prefix(other, "Anh/chị chưa đăng ký."));
}

static void test_lists(void)
{
	static const struct {
		const char *words[4], *list;
	} t[] = {
		{ { NULL }, "" }, { { "a", NULL }, "a" }, { { "a", "b", NULL }, "a và b" }, { { "a", "b", "c", NULL }, "a, b và c" }
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *list = wording_list((char **)t[i].words);

		g_assert_cmpstr(list, ==, t[i].list);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wording/every sentence is clean", test_every_sentence_is_clean);
	g_test_add_func("/wording/every place closes", test_every_place_closes_and_is_short);
	g_test_add_func("/wording/values are data", test_values_are_data);
	g_test_add_func("/wording/form of address", test_form_of_address);
	g_test_add_func("/wording/lists", test_lists);
	return g_test_run();
}
