/* SPDX-License-Identifier: MIT */
/* Own mentions in text that has no entities: names with spaces, decomposed letters, no-break spaces, punctuation; in front, in the
 * middle, alone; and names that nobody told us. */
#include <string.h>

#include "adapters/zalo_bot_mention.h"
#include "base/macros.h"

#define NFD_NAME "@Bot So\u0302\u0309 Tru\u031B\u0323c" /* "Bot Sổ Trực" as Apple devices type it */
#define NBSP "\u00A0"

static GPtrArray *names_of(const char *const *list)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (; *list; list++)
		zalo_bot_mention_add(names, *list);
	return names;
}

static void test_own_names(void)
{
	static const struct {
		const char *name, *text, *expected;
		bool is_mentioned;
	} t[] = {
		{ "in front", "@Bot Sổ Trực điểm danh", "điểm danh", true },
		{ "before a command", "@Bot Sổ Trực /tim loa", "/tim loa", true },
		{ "decomposed", NFD_NAME " /tim loa", "/tim loa", true },
		{ "no-break spaces", "@Bot" NBSP "Sổ" NBSP "Trực" NBSP "/tim loa", "/tim loa", true },
		{ "two spaces", "@Bot  Sổ Trực   /tim  loa", "/tim  loa", true },
		{ "without case", "@BOT SỔ TRỰC /tim", "/tim", true },
		{ "space before it", " \n@Bot Sổ Trực /tim", "/tim", true },
		{ "comma", "@Bot Sổ Trực, /tim loa", "/tim loa", true },
		{ "colon", "@Bot Sổ Trực: /tim loa", "/tim loa", true },
		{ "dash", "@Bot Sổ Trực - /tim loa", "/tim loa", true },
		{ "next line", "@Bot Sổ Trực\n/chiase Loa\nnd: x", "/chiase Loa\nnd: x", true },
		{ "full-width at", "\uFF20Bot Sổ Trực /tim", "/tim", true },
		{ "twice", "@Bot Sổ Trực @Bot Sổ Trực /tim", "/tim", true },
		{ "alone", "@Bot Sổ Trực", "", true },
		{ "alone with a space", "@Bot Sổ Trực ", "", true },
		{ "in the middle", "/tim @Bot Sổ Trực truyền thanh", "/tim truyền thanh", true },
		{ "at the end", "/tim truyền thanh @Bot Sổ Trực", "/tim truyền thanh", true },
		{ "before punctuation", "cảm ơn @Bot Sổ Trực, tốt lắm", "cảm ơn, tốt lắm", true },
		{ "end of a line", "/chiase Loa @Bot Sổ Trực\nnd: x", "/chiase Loa\nnd: x", true },
		{ "start of a line", "/chiase Loa\n@Bot Sổ Trực nd: x", "/chiase Loa\nnd: x", true },
		{ "glued to the command", "/tim@Bot Sổ Trực loa", "/tim loa", true },
		{ "by the account's name", "@bot.SoTruc /tim", "/tim", true },
		{ "the longest name counts", "@Bot Sổ Trực Ban Đêm /tim", "/tim", true },
		{ "no mention", "điểm danh", "điểm danh", false },
		{ "another person", "@Lan /tim loa", "@Lan /tim loa", false },
		{ "the name goes on", "@Bot Sổ Trựcx /tim", "/tim", true }, /* some bot, by the rule that names begin with Bot */
		{ "an address", "gửi an@bot.SoTruc.vn nhé", "gửi an@bot.SoTruc.vn nhé", false },
		{ "only an at", "@", "@", false },
		{ "empty", "", "", false },
		{ "name without at", "Bot Sổ Trực /tim", "Bot Sổ Trực /tim", false },
	};
	static const char *const own[] = { "Bot Sổ Trực", "Bot Sổ Trực Ban Đêm", "bot.SoTruc", "Bot So", NULL };
	g_autoptr(GPtrArray) names = names_of(own);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool is_mentioned = !t[i].is_mentioned;
		g_autofree char *got = zalo_bot_mention_strip(t[i].text, names, NULL, &is_mentioned);

		g_test_message("%s: %s", t[i].name, got);
		g_assert_cmpstr(got, ==, t[i].expected);
		g_assert_cmpint(is_mentioned, ==, t[i].is_mentioned);
	}
}

static void test_names_as_they_are_told(void)
{
	static const struct {
		const char *name, *text, *expected;
	} t[] = {
		{ "@Bot Sổ", "@Bot Sổ /t", "/t" },
		{ "  Bot" NBSP NBSP "Sổ  ", "@Bot Sổ /t", "/t" },
		{ "Bot So\u0302\u0309", "@Bot Sổ /t", "/t" },
		{ "Bot Sổ!", "@Bot Sổ! /t", "/t" },
		{ "Bot Sổ!", "@Bot Sổ /t", "/t" },
		{ "Bot Sổ (CĐS)", "@Bot Sổ (CĐS) /t", "/t" },
		{ "Bot Sổ 😀", "@Bot Sổ 😀 /t", "/t" },
	};
	static const char *const blank[] = { "", " ", "@", NULL };
	g_autoptr(GPtrArray) none = names_of(blank);

	zalo_bot_mention_add(none, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *const one[] = { t[i].name, NULL };
		g_autoptr(GPtrArray) names = names_of(one);
		bool is_mentioned = false;
		g_autofree char *got = zalo_bot_mention_strip(t[i].text, names, NULL, &is_mentioned);

		g_assert_cmpstr(got, ==, t[i].expected);
		g_assert_true(is_mentioned);
	}
}

static void test_a_name_nobody_told_us(void)
{
	static const struct {
		const char *text, *expected;
		bool is_mentioned;
	} t[] = {
		{ "@Bot Tên Lạ /tim loa", "/tim loa", true },
		{ "@Bot Tên Lạ \\tim loa", "\\tim loa", true },
		{ "@Bot Tên Lạ tìm loa", "tìm loa", true },
		{ "@Bot Tên Lạ chia sẻ Loa", "chia sẻ Loa", true },
		{ "@Bot Tên Lạ chiase Loa", "chiase Loa", true },
		{ "@Bot Tên Lạ", "@Bot Tên Lạ", true },
		{ "@Bot Tên Lạ xin chào", "@Bot Tên Lạ xin chào", true },
		{ "xin chào @Bot Tên Lạ", "xin chào @Bot Tên Lạ", true },
		{ "@Nguyễn Văn Tìm loa", "@Nguyễn Văn Tìm loa", false },
		{ "@Bot một hai ba bốn năm sáu bảy tám chín mười mười một tim loa",
		  "@Bot một hai ba bốn năm sáu bảy tám chín mười mười một tim loa", true },
	};
	g_autoptr(GPtrArray) names = g_ptr_array_new(), commands = g_ptr_array_new();

	g_ptr_array_add(commands, (void *)"tim");
	g_ptr_array_add(commands, (void *)"chiase");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool is_mentioned = !t[i].is_mentioned;
		g_autofree char *got = zalo_bot_mention_strip(t[i].text, names, commands, &is_mentioned);

		g_assert_cmpstr(got, ==, t[i].expected);
		g_assert_cmpint(is_mentioned, ==, t[i].is_mentioned);
	}
}

static void test_what_is_parted_composes(void)
{
	static const char *const own[] = { "Bot", NULL };
	g_autoptr(GPtrArray) names = names_of(own);
	bool is_mentioned = false;
	/* A combining mark right behind the mention: no boundary, so no mention; nothing breaks. */
	g_autofree char *got = zalo_bot_mention_strip("o@Bot\u0302 x", names, NULL, &is_mentioned);
	g_autofree char *nfc = g_utf8_normalize(got, -1, G_NORMALIZE_NFC);

	g_assert_cmpstr(got, ==, nfc);
}

static void test_any_bytes(void)
{
	static const char *const own[] = { "Bot Sổ", NULL };
	g_autoptr(GPtrArray) names = names_of(own);
	static const char *const samples[] = {
		"@Bot\xFF Sổ", "\xC3", "@\xEF\xBC", "@Bot Sổ\xE1\xBB", "\xEF\xBC\xA0", "@@@@Bot Sổ@@"
	};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		bool is_mentioned;
		g_autofree char *got = zalo_bot_mention_strip(samples[i], names, NULL, &is_mentioned);

		g_assert_true(g_utf8_validate(got, -1, NULL));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-mention/" #name, test_##name)
	ADD(own_names);
	ADD(names_as_they_are_told);
	ADD(a_name_nobody_told_us);
	ADD(what_is_parted_composes);
	ADD(any_bytes);
	return g_test_run();
}
