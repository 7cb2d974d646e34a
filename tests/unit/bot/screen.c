/* SPDX-License-Identifier: MIT */
/* Tests of what must not be stored, what wants a warning, and of texts from before Unicode; and that no reader stumbles over noise.
 */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/command.h"

static void test_stamps(void)
{
	static const struct {
		const char *in;
		enum sensitive result;
	} t[] = {
		{ "MẬT", SENSITIVE_STAMP },
		{ "Kính gửi các đồng chí\nTỐI MẬT\nnội dung", SENSITIVE_STAMP },
		{ "TUYỆT MẬT.", SENSITIVE_STAMP },
		{ "tuyệt mật", SENSITIVE_STAMP },
		{ "*** MẬT ***", SENSITIVE_STAMP },
		{ "[ Mật ]", SENSITIVE_STAMP },
		{ "M Ậ T", SENSITIVE_STAMP },
		{ "🔒 MẬT", SENSITIVE_STAMP },
		{ "MẬT - HỎA TỐC", SENSITIVE_STAMP },
		{ "lưu hành nội bộ", SENSITIVE_STAMP },
		{ "LUU HANH NOI BO", SENSITIVE_STAMP },
		{ "TÀI LIỆU LƯU HÀNH NỘI BỘ", SENSITIVE_STAMP },
		{ "TOI MAT", SENSITIVE_STAMP },
		{ "MA\xCC\xA3\xCC\x82T", SENSITIVE_STAMP },
		{ "Độ mật: Mật", SENSITIVE_STAMP },
		{ "độ mật : tối mật", SENSITIVE_STAMP },
		{ "do mat: tuyet mat", SENSITIVE_STAMP },
		{ "VB 12/UBND; Độ mật: Tối mật", SENSITIVE_STAMP },
		{ "MẬT: 2", SENSITIVE_NONE },
		{ "Độ mật: không", SENSITIVE_NONE },
		{ "Độ mật: thường", SENSITIVE_NONE },
		{ "BẢO MẬT", SENSITIVE_NONE },
		{ "BÍ MẬT", SENSITIVE_NONE },
		{ "Tăng cường BẢO MẬT thông tin cá nhân", SENSITIVE_NONE },
		{ "Không gửi tài liệu MẬT vào nhóm", SENSITIVE_NONE },
		{ "mất", SENSITIVE_NONE },
		{ "mặt", SENSITIVE_NONE },
		{ "mat", SENSITIVE_NONE },
		{ "tôi mất", SENSITIVE_NONE },
		{ "toi mat", SENSITIVE_NONE },
		{ "Mật ong", SENSITIVE_NONE },
		{ "", SENSITIVE_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].in);
		g_assert_cmpint(reader_sensitive(t[i].in), ==, t[i].result);
	}
}

static void test_id_numbers(void)
{
	static const char *const ids[] = { "036185012345",
					   "CCCD: 036185012345.",
					   "CCCD036185012345",
					   "số 036 185 012 345 cấp",
					   "036.185.012.345",
					   "0361 8501 2345",
					   "036-185-012-345",
					   "ho ten A 5 036 185 012 345",
					   "０３６１８５０１２３４５",
					   "036185012345 036185012346 036185012347 036185012348",
					   "123456789012",
					   "036185012345, 0912345678" };
	static const char *const none[] = { "0912345678",
					    "0912 345 678",
					    "+84 912 345 678",
					    "+840912345678",
					    "0228 3849 159",
					    "1036185012345", /* longer */
					    "03618501234567",
					    "36185012345", /* eleven */
					    "120.000.000.000 đồng",
					    "0912 345 678 0987 654 321",
					    "https://baonamdinh.vn/x-202310091234.htm",
					    "15/12/2023 16:30",
					    "000.00.01.H40-231010-0001",
					    "9704 3668 1234 5678",
					    "" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		g_test_message("%s", ids[i]);
		g_assert_cmpint(reader_sensitive(ids[i]), ==, SENSITIVE_ID_NUMBER);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		g_test_message("%s", none[i]);
		g_assert_cmpint(reader_sensitive(none[i]), ==, SENSITIVE_NONE);
	}
}

static void test_phones(void)
{
	static const char *const phones[] = { "0912345678",          "LH 0912 345 678", "0912.345.678",  "+84912345678",
					      "+84 912 345 678",     "84912345678",     "0228.3849.159", "02283849159",
					      "4111 1111 1111 1111", "5 0912 345 678" };
	static const char *const none[] = {
		"", "091234567", "SK14", "1.200.000", "https://x.vn/0912345678", "4111 1111 1111 1112", "15/12/2023"
	};

	for (size_t i = 0; i < ARRAY_SIZE(phones); i++) {
		g_test_message("%s", phones[i]);
		g_assert_true(reader_has_phone(phones[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		g_test_message("%s", none[i]);
		g_assert_false(reader_has_phone(none[i]));
	}
}

static void test_old_encodings(void)
{
	static const struct {
		const char *name, *in, *out;
	} t[] = {
		{ "TCVN3", "Céng hoµ x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc",
		  "Cộng hoà xã hội chủ nghĩa Việt Nam Độc lập - Tự do - Hạnh phúc" },
		{ "TCVN3, short", "X· Giao H¶i ®· triÓn khai", "Xã Giao Hải đã triển khai" },
		{ "VNI", "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam Ñoäc laäp - Töï do - Haïnh phuùc",
		  "Cộng hòa xã hội chủ nghĩa Việt Nam Độc lập - Tự do - Hạnh phúc" },
		{ "VNI capitals", "ÑAÕ TRIEÅN KHAI ÔÛ XAÕ", "ĐÃ TRIỂN KHAI Ở XÃ" },
		{ "Unicode stays", "Cộng hòa xã hội", NULL },
		{ "Unicode with odd signs stays", "5 µm · đúng ® ¼ ½ ¾ a® b® c®", NULL },
		{ "letters of Latin-1 alone stay", "toà nhà hoá chú bà cô khoá", NULL },
		{ "ASCII stays", "Cong hoa xa hoi", NULL },
		{ "VNI as typed is no encoding", "Co6ng2 ho2a xa4 ho65i", NULL },
		{ "a few signs stay", "Canon® 5µm and 2·3", NULL },
		{ "French stays", "Noël naïve où déjà vu à la carte", NULL },
		{ "empty", "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = reader_convert_legacy(t[i].in);

		g_test_message("%s", t[i].name);
		g_assert_cmpstr(got, ==, t[i].out);
	}
}

static const struct command one = { .name = "tim", .brief = "t", .words = "timkiem tracuu ?", .flags = CMD_READS };
static const struct command other = { .name = "xem", .brief = "x", .words = "mo", .implied = "SK" };
static const struct command *const few[] = { &one, &other, NULL };

static char *noise(void)
{
	static const char *const pieces[] = { "/",
					      "t",
					      "x",
					      "13",
					      "sk",
					      ":",
					      "-",
					      "=",
					      "\n",
					      " ",
					      "dv",
					      "nd",
					      "ngày",
					      "mai",
					      "thứ",
					      "16h",
					      "30",
					      "/10",
					      "đã nhận",
					      "MẬT",
					      "036",
					      "0",
					      "\\",
					      "／",
					      "👍",
					      "1️⃣",
					      "e\xCC\x81",
					      "\xE2\x80\x8B",
					      "𝐜",
					      "①",
					      "#",
					      "?",
					      ".",
					      ",",
					      "+",
					      "ñ",
					      "ø",
					      "µ",
					      "999999999999",
					      "₫",
					      "🇻🇳",
					      "@",
					      "tg",
					      "http://" };
	GString *s = g_string_new(NULL);
	int n = g_test_rand_int_range(0, 40);

	for (int i = 0; i < n; i++)
		g_string_append(s, pieces[g_test_rand_int_range(0, ARRAY_SIZE(pieces))]);
	return g_string_free(s, FALSE);
}

static void test_noise(void)
{
	for (int i = 0; i < 1000; i++) {
		g_autofree char *text = noise(), *converted = reader_convert_legacy(text);
		const char *prefix, *rest;
		struct search_words words;
		struct labelled labels;
		struct reading reading;
		int64_t number;
		double value;
		bool flag;

		reader_read(few, text, true, false, false, &reading);
		g_assert_true(g_utf8_validate(reading.args, -1, NULL));
		reading_clear(&reading);
		reader_labels(text, true, "den=den,gui den", &labels);
		g_assert_true(g_utf8_validate(labels.rest, -1, NULL) && g_utf8_validate(labels.head, -1, NULL));
		labelled_clear(&labels);
		reader_search_words(text, &words);
		g_assert_true(g_utf8_validate(words.text, -1, NULL));
		search_words_clear(&words);
		reader_id(text, "SK", &prefix, &number, &rest);
		reader_number(text, &value, &rest);
		reader_date(text, INT64_C(1697599200000), &number, &flag);
		reader_is_receipt(text);
		reader_is_marked(text);
		reader_yes_no(text);
		g_assert_cmpuint(reader_choice(text, 3), <=, 3);
		reader_sensitive(text);
		reader_has_phone(text);
		g_assert_true(!converted || g_utf8_validate(converted, -1, NULL));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/screen/stamps", test_stamps);
	g_test_add_func("/screen/id-numbers", test_id_numbers);
	g_test_add_func("/screen/phones-and-cards", test_phones);
	g_test_add_func("/screen/old-encodings", test_old_encodings);
	g_test_add_func("/screen/noise-breaks-nothing", test_noise);
	return g_test_run();
}
