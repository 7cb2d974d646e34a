/* SPDX-License-Identifier: MIT */
/* Tests of folding and of keystroke residue. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static void test_fold(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "Sở TT&TT", "so tt va tt" },
		{ "Sở TT & TT", "so tt va tt" },
		{ "  Đài   TRUYỀN\tthanh ", "dai truyen thanh" },
		{ "UBND H. Giao Thuỷ", "ubnd h giao thuy" },
		{ "UBND huyện Giao Thu\xCC\x89y", "ubnd huyen giao thuy" },
		{ "Tie\xCC\x82\xCC\x81ng Vie\xCC\xA3\xCC\x82t", "tieng viet" },
		{ "ƯỚC ƠN ưng ơ Ữ Ợ", "uoc on ung o u o" },
		{ "Ðảng ủy", "dang uy" },
		{ "chợ 4.0, xã/phường", "cho 4 0 xa phuong" },
		{ "đ/c Hoa", "d c hoa" },
		{ "", "" },
		{ "…!?", "" },
		{ "&", "va" },
		{ "ｃｈｉａｓｅ １２", "chiase 12" },
		{ "𝓢á𝐧𝐠 𝐤𝐢ế𝐧", "sang kien" },
		{ "Ⓐ① ", "a1" },
		{ "mã QR 👍🏽 tốt", "ma qr tot" },
		{ "1️⃣ một", "1 mot" },
		{ "sáng\xE2\x80\x8Bkiến", "sangkien" },
		{ "sáng\xC2\xA0kiến", "sang kien" },
		{ "Straße Über Ñandú Łódź", "straße uber nandu lodz" },
		{ "3×4÷2", "3 4 2" },
		{ "a\xFFz", "a z" },
		{ "a\xE1\xBA", "a" },
		{ "Ελλάς и й", "ελλας и и" },
		{ "한글 日本が", "한글 日本か" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_fold(t[i].in);
		g_autofree char *nfd_out = g_utf8_normalize(t[i].out, -1, G_NORMALIZE_NFC);
		g_autofree char *nfc_got = g_utf8_normalize(got, -1, G_NORMALIZE_NFC);

		g_assert_cmpstr(nfc_got, ==, nfd_out);
	}
}

/* Every letter of the alphabet with every tone, composed and decomposed, in both cases. */
static void test_fold_knows_the_whole_alphabet(void)
{
	static const struct {
		const char *letters, *plain;
	} t[] = {
		{ "aàáảãạăằắẳẵặâầấẩẫậAÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ", "a" },
		{ "eèéẻẽẹêềếểễệEÈÉẺẼẸÊỀẾỂỄỆ", "e" },
		{ "iìíỉĩịIÌÍỈĨỊ", "i" },
		{ "oòóỏõọôồốổỗộơờớởỡợOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ", "o" },
		{ "uùúủũụưừứửữựUÙÚỦŨỤƯỪỨỬỮỰ", "u" },
		{ "yỳýỷỹỵYỲÝỶỸỴ", "y" },
		{ "đĐ", "d" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		for (const char *p = t[i].letters; *p; p = g_utf8_next_char(p)) {
			g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));
			g_autofree char *nfd = g_utf8_normalize(one, -1, G_NORMALIZE_NFD);
			g_autofree char *a = text_fold(one);
			g_autofree char *b = text_fold(nfd);
			g_autofree char *c = text_fold_keep(nfd);

			g_assert_cmpstr(a, ==, t[i].plain);
			g_assert_cmpstr(b, ==, t[i].plain);
			g_assert_cmpstr(c, ==, t[i].plain);
		}
	}
}

static void test_fold_keep(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "Hiệu quả- đỡ mất\n • Tốt", "hieu qua- do mat\n • tot" },
		{ "ND： 16h30, 10/10", "nd： 16h30, 10/10" },
		{ "TT&TT", "tt&tt" },
		{ " 2½ ", " 2½ " },
		{ "１２/3", "12/3" },
		{ "👍 ok", "👍 ok" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_fold_keep(t[i].in);

		g_assert_cmpstr(got, ==, t[i].out);
	}
}

static void test_keystrokes(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "tifm", "tim" },	{ "tim2", "tim" },	{ "ti2m", "tim" },	{ "ddawng", "dang" },	{ "d9ang8", "dang" },
		{ "dangwd", "dang" },	{ "tieengs", "tieng" }, { "tie6ng1", "tieng" }, { "vieetj", "viet" },	{ "truyeenf", "truyen" },
		{ "thuowngf", "thuong" }, { "nhwng", "nhung" }, { "quyeets", "quyet" }, { "khoor", "kho" },	{ "ddoongf", "dong" },
		{ "giuwowngf", "giuong" }, { "tieesngs", "tieng" },
		/* no residue, or no syllable left: untouched */
		{ "tim", NULL },	{ "truyen", NULL },	{ "t63", NULL },	{ "sk14", NULL },	{ "x13", NULL },
		{ "tb7", NULL },	{ "bh6", NULL },	{ "api2", NULL },	{ "zalo", NULL },	{ "qr", NULL },
		{ "a", NULL },		{ "", NULL },		{ "khongbietchu", NULL }, { "tim23", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = text_fold_keystrokes(t[i].in);

		g_test_message("%s", t[i].in);
		g_assert_cmpstr(got, ==, t[i].out);
	}
}

/* An import folds 100,000 items of 1 KB: a tenth of a second a thousand would already be far too slow. */
static void test_fold_is_fast_enough_for_an_import(void)
{
	GString *text = g_string_new(NULL);
	gint64 start;

	while (text->len < 1024)
		g_string_append(text, "Kinh nghiệm xây dựng đài truyền thanh thông minh ở Trực Ninh, 4.0. ");
	start = g_get_monotonic_time();
	for (int i = 0; i < 1000; i++)
		g_free(text_fold(text->str));
	g_test_message("%.1f µs a KB", (double)(g_get_monotonic_time() - start) / 1000);
	g_assert_cmpint(g_get_monotonic_time() - start, <, INT64_C(2) * G_USEC_PER_SEC);
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text-fold/fold", test_fold);
	g_test_add_func("/text-fold/whole-alphabet", test_fold_knows_the_whole_alphabet);
	g_test_add_func("/text-fold/keep", test_fold_keep);
	g_test_add_func("/text-fold/keystrokes", test_keystrokes);
	g_test_add_func("/text-fold/fast-enough-for-an-import", test_fold_is_fast_enough_for_an_import);
	return g_test_run();
}
