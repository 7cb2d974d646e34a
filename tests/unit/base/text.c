/* SPDX-License-Identifier: MIT */
/* Tests of cleaning, lengths, cutting and distance. Folding has its own file. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static void test_clean(void)
{
	static const struct {
		const char *name, *in, *out;
	} t[] = {
		{ "plain stays", "Sáng kiến số 1", "Sáng kiến số 1" },
		{ "empty", "", "" },
		{ "NFD becomes NFC", "Tie\xCC\x82\xCC\x81ng Vie\xCC\xA3\xCC\x82t", "Tiếng Việt" },
		{ "mark after zero width still composes", "e\xE2\x80\x8B\xCC\x81", "é" },
		{ "broken byte", "a\xFFz", "a\xEF\xBF\xBDz" },
		{ "cut letter at the end", "a\xE1\xBA", "a\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "CRLF and CR", "a\r\nb\rc\n", "a\nb\nc\n" },
		{ "line separator", "a\xE2\x80\xA8z", "a\nz" },
		{ "control characters", "a\x01\x1B[31m\tb\x7F", "a[31m\tb" },
		{ "no-break space", "a\xC2\xA0z\xE3\x80\x80y", "a z y" },
		{ "zero width", "\xEF\xBB\xBFz\xE2\x80\x8B\xE2\x81\xA0y", "zy" },
		{ "right-to-left override", "a\xE2\x80\xAEz", "az" },
		{ "emoji joiner stays", "👩‍💻 ❤️", "👩‍💻 ❤️" },
	};
	g_autofree char *with_nul = text_clean("a\0b", 3);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_clean(t[i].in, strlen(t[i].in));

		g_test_message("%s", t[i].name);
		g_assert_cmpstr(got, ==, t[i].out);
	}
	g_assert_cmpstr(with_nul, ==, "ab");
}

static void test_len_units(void)
{
	static const struct {
		const char *text;
		size_t bytes, points, utf16;
	} t[] = {
		{ "", 0, 0, 0 },
		{ "abc", 3, 3, 3 },
		{ "Việt", 6, 4, 4 },
		{ "a😀b", 6, 3, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_assert_cmpuint(text_len(t[i].text, TEXT_BYTES), ==, t[i].bytes);
		g_assert_cmpuint(text_len(t[i].text, TEXT_CODE_POINTS), ==, t[i].points);
		g_assert_cmpuint(text_len(t[i].text, TEXT_UTF16), ==, t[i].utf16);
	}
	g_assert_cmpuint(text_len_n("Việt", 5, TEXT_CODE_POINTS), ==, 3);
}

static void test_grapheme_is_never_split(void)
{
	static const struct {
		const char *name, *text;
		size_t first;
	} t[] = {
		{ "letter", "ab", 1 },
		{ "composed", "ếa", 3 },
		{ "letter with marks", "e\xCC\x82\xCC\x81z", 5 },
		{ "family", "👨‍👩‍👧x", 18 },
		{ "flag", "🇻🇳🇻🇳", 8 },
		{ "skin", "👍🏽x", 8 },
		{ "CR LF", "\r\nx", 2 },
		{ "last", "a", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].name);
		g_assert_cmpuint(text_next_grapheme(t[i].text, strlen(t[i].text), 0), ==, t[i].first);
	}
	g_assert_cmpuint(text_next_grapheme("abc", 3, 3), ==, 3);
	/* Vietnamese letters are told from what may follow them without looking at every rule. */
	g_assert_cmpuint(text_next_grapheme("ếa", strlen("ếa"), 0), ==, strlen("ế"));
	g_assert_cmpuint(text_next_grapheme("đế", strlen("đế"), 0), ==, strlen("đ"));
	g_assert_cmpuint(text_next_grapheme("ế", strlen("ế"), 0), ==, strlen("ế"));
	g_assert_cmpuint(text_next_grapheme("ế\xCC\xA3đ", strlen("ế\xCC\xA3đ"), 0), ==, strlen("ế\xCC\xA3"));
	g_assert_cmpuint(text_next_grapheme("đ\xE2\x80\x8D\xCC\xA3!", strlen("đ\xE2\x80\x8D\xCC\xA3!"), 0), ==, strlen("đ\xE2\x80\x8D\xCC\xA3"));
	g_assert_cmpuint(text_next_grapheme("Ư🙂", strlen("Ư🙂"), 0), ==, strlen("Ư"));
}

static void test_ellipsize(void)
{
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} t[] = {
		{ "ngắn", 4, "ngắn" },
		{ "", 3, "" },
		{ "xây dựng đài truyền thanh", 12, "xây dựng…" },
		{ "xây dựng đài", 11, "xây dựng…" },
		{ "xây dựng, đài", 10, "xây dựng…" },
		{ "mộttừrấtdàikhôngcách", 6, "mộttừ…" },
		{ "a mộttừrấtdàikhôngcách", 12, "a mộttừrấtd…" },
		{ "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 2, "👨‍👩‍👧…" },
		{ "abc", 1, "…" },
		{ "abc", 0, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_ellipsize(t[i].in, t[i].max);

		g_assert_cmpstr(got, ==, t[i].out);
	}
}

static void test_distance(void)
{
	static const struct {
		const char *a, *b;
		unsigned limit, distance;
	} t[] = {
		{ "chiase", "chiase", 1, 0 },  { "chaise", "chiase", 1, 1 }, { "thogke", "thongke", 1, 1 },
		{ "chiasse", "chiase", 1, 1 }, { "chiaze", "chiase", 1, 1 }, { "abcd", "chiase", 1, 2 },
		{ "", "ab", 2, 2 },	       { "", "", 0, 0 },	     { "duyet", "tuchoi", 2, 3 },
		{ "ca", "abc", 3, 3 },	       { "sitting", "kitten", 3, 3 },
	};
	g_autofree char *longer = g_strnfill(500, 'a');

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s %s", t[i].a, t[i].b);
		g_assert_cmpuint(text_distance(t[i].a, t[i].b, t[i].limit), ==, t[i].distance);
		g_assert_cmpuint(text_distance(t[i].b, t[i].a, t[i].limit), ==, t[i].distance);
	}
	g_assert_cmpuint(text_distance(longer, longer, 1), ==, 0);
	g_assert_cmpuint(text_distance(longer, longer + 1, 1), ==, 2);
}

static void test_capitalize(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "đơn vị", "Đơn vị" }, { "ủy ban", "Ủy ban" }, { "“abc”", "“Abc”" }, { "13 xã", "13 xã" }, { "", "" }, { "…", "…" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_capitalize(t[i].in);

		g_assert_cmpstr(got, ==, t[i].out);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/clean", test_clean);
	g_test_add_func("/text/len-units", test_len_units);
	g_test_add_func("/text/grapheme-is-never-split", test_grapheme_is_never_split);
	g_test_add_func("/text/ellipsize", test_ellipsize);
	g_test_add_func("/text/distance", test_distance);
	g_test_add_func("/text/capitalize", test_capitalize);
	return g_test_run();
}
