/* SPDX-License-Identifier: MIT */
/* Tests of the splitter: where it cuts, and what must hold for any text. */
#include <string.h>
#include <unigbrk.h>

#include "base/macros.h"
#include "bot/split.h"

#define FAMILY "👨‍👩‍👧‍👦"

static char *joined_by_bar(const char *text, GArray *parts)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < parts->len; i++) {
		const struct post_part *part = &g_array_index(parts, struct post_part, i);

		if (i > 0)
			g_string_append_c(out, '|');
		g_string_append_len(out, text + part->start, (gssize)part->len);
	}
	return g_string_free(out, FALSE);
}

static void test_places(void)
{
	static const struct {
		const char *name, *in, *out;
		size_t limit;
		enum text_unit unit;
	} t[] = {
		{ "fits exactly", "abc", "abc", 3, TEXT_UTF16 },
		{ "unlimited", "abc def", "abc def", 0, TEXT_UTF16 },
		{ "empty", "", "", 3, TEXT_UTF16 },
		{ "fitting white space stays", " a \n", " a \n", 4, TEXT_UTF16 },
		{ "emoji counts as two", "a😀b", "a|😀|b", 2, TEXT_UTF16 },
		{ "emoji counts as one", "a😀b", "a😀|b", 2, TEXT_CODE_POINTS },
		{ "bytes", "đđđ", "đ|đ|đ", 3, TEXT_BYTES },
		{ "paragraph before line", "một hai\n\nba\nbốn năm sáu", "một hai|ba\nbốn năm sáu", 18, TEXT_UTF16 },
		{ "line before sentence", "một hai\nba. bốn năm sáu", "một hai|ba. bốn năm sáu", 17, TEXT_UTF16 },
		{ "sentence before word", "Một hai. Ba bốn năm sáu", "Một hai.|Ba bốn năm sáu", 16, TEXT_UTF16 },
		{ "short word's dot is no sentence", "UBND h. Giao Thuỷ báo", "UBND h. Giao|Thuỷ báo", 15, TEXT_UTF16 },
		{ "sentence in quotes", "Hỏi “ai?” Đáp lại rằng có", "Hỏi “ai?”|Đáp lại rằng có", 17, TEXT_UTF16 },
		{ "word", "một hai ba", "một hai|ba", 8, TEXT_UTF16 },
		{ "space just beyond the limit", "một hai ba", "một hai|ba", 7, TEXT_UTF16 },
		{ "long word", "abcdefgh", "abc|def|gh", 3, TEXT_UTF16 },
		{ "run of white space is one place", "a      \n\n    b", "a|b", 3, TEXT_UTF16 },
		{ "ends are trimmed when cut", "  \nabc def\n ", "abc|def", 4, TEXT_UTF16 },
		{ "nothing but white space", "          ", "", 4, TEXT_UTF16 },
		{ "tiny first paragraph does not waste a part", "A\n\nmột hai ba bốn năm sáu bảy",
		  "A\n\nmột hai ba|bốn năm sáu bảy", 16, TEXT_UTF16 },
		{ "NFD stays whole",
		  "e\xCC\x82\xCC\x81"
		  "e\xCC\x82\xCC\x81",
		  "e\xCC\x82\xCC\x81|e\xCC\x82\xCC\x81", 4, TEXT_UTF16 },
		{ "family stays whole", "a" FAMILY "b", "a|" FAMILY "|b", 11, TEXT_UTF16 },
		{ "flags stay whole", "🇻🇳🇻🇳🇻🇳", "🇻🇳|🇻🇳|🇻🇳", 7, TEXT_UTF16 },
		{ "space with a mark is no place",
		  "ab \xCC\x81"
		  "cd",
		  "ab \xCC\x81|cd", 4, TEXT_UTF16 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GArray) parts = NULL;
		g_autoptr(GError) error = NULL;
		g_autofree char *got = NULL;

		g_test_message("%s", t[i].name);
		g_assert_true(split_text(t[i].in, NULL, 0, t[i].limit, t[i].unit, &parts, &error));
		g_assert_no_error(error);
		got = joined_by_bar(t[i].in, parts);
		g_assert_cmpstr(got, ==, t[i].out);
	}
}

static void test_spans(void)
{
	const char *text = "Một hai ba bốn năm sáu";
	struct span name = { SPAN_BOLD, 5, 12 }; /* "hai ba bốn" is inside */
	struct span line_break = { SPAN_BOLD, 0, 4 };
	g_autoptr(GArray) parts = NULL, lines = NULL, none = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *got = NULL, *got_lines = NULL;

	name.start = (size_t)(strstr(text, "hai") - text);
	name.len = strlen("hai ba bốn");
	g_assert_true(split_text(text, &name, 1, 10, TEXT_UTF16, &parts, &error));
	got = joined_by_bar(text, parts);
	g_assert_cmpstr(got, ==, "Một|hai ba bốn|năm sáu");

	/* A span that ends in the white space keeps it. */
	g_assert_true(split_text("abc\ndef", &line_break, 1, 4, TEXT_UTF16, &lines, &error));
	got_lines = joined_by_bar("abc\ndef", lines);
	g_assert_cmpstr(got_lines, ==, "abc\n|def");

	g_assert_false(split_text(text, &name, 1, 9, TEXT_UTF16, &none, &error));
	g_assert_error(error, SPLIT_ERROR, SPLIT_ERROR_LIMIT);
	g_assert_null(none);
}

static void test_refusals(void)
{
	g_autoptr(GArray) parts = NULL, full = NULL;
	g_autoptr(GError) grapheme = NULL, many = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	g_assert_false(split_text("ab" FAMILY, NULL, 0, 10, TEXT_UTF16, &parts, &grapheme));
	g_assert_error(grapheme, SPLIT_ERROR, SPLIT_ERROR_LIMIT);
	for (int i = 0; i < SPLIT_PARTS_MAX; i++)
		g_string_append(text, "abcd ");
	g_assert_true(split_text(text->str, NULL, 0, 4, TEXT_UTF16, &full, &many));
	g_assert_cmpuint(full->len, ==, SPLIT_PARTS_MAX);
	g_string_append(text, "x");
	g_assert_false(split_text(text->str, NULL, 0, 4, TEXT_UTF16, &parts, &many));
	g_assert_error(many, SPLIT_ERROR, SPLIT_ERROR_PARTS);
	g_assert_null(parts);
}

static const char *const pieces[] = { "sáng",
				      "kiến",
				      "chuyển",
				      "Tiê\xCC\x81ng",
				      "Vie\xCC\xA3\xCC\x82t",
				      "đổi",
				      "số",
				      "a",
				      "UBND",
				      FAMILY,
				      "👍🏽",
				      "🇻🇳",
				      "1️⃣",
				      "❤️",
				      "h.",
				      "x",
				      "(1)",
				      "“ạ?”",
				      "nghiêng",
				      " ",
				      "  ",
				      "\n",
				      "\n\n",
				      ". ",
				      "! ",
				      "… ",
				      "\t" };

/* Words mostly apart, as people write; sometimes glued, as they also do. */
static char *random_text(void)
{
	GString *s = g_string_new(NULL);
	int n = g_test_rand_int_range(1, 70); /* 25 bytes and a space at most each */

	for (int i = 0; i < n; i++) {
		g_string_append(s, pieces[g_test_rand_int_range(0, ARRAY_SIZE(pieces))]);
		if (g_test_rand_int_range(0, 4))
			g_string_append_c(s, ' ');
	}
	return g_string_free(s, FALSE);
}

static bool is_white(const char *s, size_t n)
{
	return strspn(s, " \t\n") >= n;
}

/* Up to three spans of whole grapheme clusters, short enough for every limit used. */
static size_t random_spans(const char *breaks, size_t len, struct span *spans)
{
	size_t n = 0, at = 0;

	while (n < 3 && at < len) {
		size_t end;

		at += (size_t)g_test_rand_int_range(1, 60);
		while (at < len && !breaks[at])
			at++;
		end = at + 1;
		while (end < len && !(breaks[end] && (end - at > 6 || g_test_rand_bit())))
			end++;
		if (at < len && end - at < 24)
			spans[n++] = (struct span){ SPAN_BOLD, at, end - at };
		at = end;
	}
	return n;
}

static void assert_parts(const char *text, const char *breaks, GArray *parts, const struct span *spans, size_t n_spans,
			 size_t limit, enum text_unit unit)
{
	size_t len = strlen(text), at = 0;

	for (guint i = 0; i < parts->len; i++) {
		const struct post_part *part = &g_array_index(parts, struct post_part, i);

		g_assert_cmpuint(part->start, >=, at);
		g_assert_true(is_white(text + at, part->start - at));
		at = part->start + part->len;
		g_assert_cmpuint(at, <=, len);
		g_assert_true(part->start == len || breaks[part->start]);
		g_assert_true(at == len || breaks[at]);
		g_assert_cmpuint(text_len_n(text + part->start, part->len, unit), <=, limit);
		g_assert_true(part->len > 0 || parts->len == 1);
	}
	g_assert_true(is_white(text + at, len - at));
	for (size_t k = 0; k < n_spans; k++) {
		bool is_whole = is_white(text + spans[k].start, spans[k].len);

		for (guint i = 0; i < parts->len; i++) {
			const struct post_part *part = &g_array_index(parts, struct post_part, i);

			is_whole = is_whole ||
				   (spans[k].start >= part->start && spans[k].start + spans[k].len <= part->start + part->len);
		}
		g_assert_true(is_whole);
	}
}

static void test_any_text(void)
{
	int cut = 0;

	for (int round = 0; round < 1500; round++) {
		/* At the ends white space is dropped, and with it a span that reaches into it: those texts come without spans. */
		bool has_spans = g_test_rand_bit();
		g_autofree char *text = has_spans ? g_strstrip(random_text()) : random_text();
		size_t len = strlen(text), n_spans, limit = (size_t)g_test_rand_int_range(40, 200);
		enum text_unit unit = (enum text_unit)g_test_rand_int_range(TEXT_BYTES, TEXT_UTF16 + 1);
		char breaks[2048];
		struct span spans[3];
		g_autoptr(GArray) parts = NULL, again = NULL;
		g_autoptr(GError) error = NULL;

		g_assert_cmpuint(len, <=, sizeof(breaks));
		u8_grapheme_breaks((const uint8_t *)text, len, breaks);
		n_spans = has_spans ? random_spans(breaks, len, spans) : 0;
		if (!split_text(text, spans, n_spans, limit, unit, &parts, &error)) {
			g_assert_error(error, SPLIT_ERROR, SPLIT_ERROR_PARTS);
			continue;
		}
		assert_parts(text, breaks, parts, spans, n_spans, limit, unit);
		g_assert_true(split_text(text, spans, n_spans, limit, unit, &again, &error));
		g_assert_cmpuint(parts->len, ==, again->len);
		g_assert_cmpmem(parts->data, parts->len * sizeof(struct post_part), again->data,
				again->len * sizeof(struct post_part));
		cut += parts->len > 1;
	}
	g_assert_cmpint(cut, >, 500);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/split/places", test_places);
	g_test_add_func("/split/spans-stay-whole", test_spans);
	g_test_add_func("/split/refused-visibly", test_refusals);
	g_test_add_func("/split/any-text-comes-out-whole", test_any_text);
	return g_test_run();
}
