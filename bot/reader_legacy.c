/* SPDX-License-Identifier: MIT */
/* Text written with the fonts of before Unicode: TCVN3 (ABC) bytes or VNI pairs that arrive as Latin-1 letters. Converts only what
 * is plainly such; a few odd letters are left alone. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

/* So many words must show it, and at least every so-manyth word. */
#define WORDS_MIN 3
#define WORDS_SHARE 4

#define TCVN3_FIRST 0xA1
/* Unicode of the TCVN3 code points 0xA1 to 0xFE (TCVN 5712:1993); 0 = a mark without a letter. */
static const gunichar2 tcvn3[] = {
	0x0102, 0x00C2, 0x00CA, 0x00D4, 0x01A0, 0x01AF, 0x0110, 0x0103, 0x00E2, 0x00EA, 0x00F4, 0x01A1, 0x01B0, 0x0111,
	0x1EB0, 0,      0,      0,      0,      0,      0x00E0, 0x1EA3, 0x00E3, 0x00E1, 0x1EA1, 0x1EB2, 0x1EB1, 0x1EB3,
	0x1EB5, 0x1EAF, 0x1EB4, 0x1EAE, 0x1EA6, 0x1EA8, 0x1EAA, 0x1EA4, 0x1EC0, 0x1EB7, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EA5,
	0x1EAD, 0x00E8, 0x1EC2, 0x1EBB, 0x1EBD, 0x00E9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0x00EC, 0x1EC9,
	0x1EC4, 0x1EBE, 0x1ED2, 0x0129, 0x00ED, 0x1ECB, 0x00F2, 0x1ED4, 0x1ECF, 0x00F5, 0x00F3, 0x1ECD, 0x1ED3, 0x1ED5,
	0x1ED7, 0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0x00F9, 0x1ED6, 0x1EE7, 0x0169, 0x00FA, 0x1EE5,
	0x1EEB, 0x1EED, 0x1EEF, 0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0x00FD, 0x1EF5,
};

/* VNI: the letter, then a letter for its mark. Lower case; capitals are made from these. */
static const struct {
	const char *base, *marks, *letters;
} vni_pairs[] = {
	{ "a", "ùøûõïâáàåãäêéèúüë", "áàảãạâấầẩẫậăắằẳẵặ" },
	{ "e", "ùøûõïâáàåãä", "éèẻẽẹêếềểễệ" },
	{ "o", "ùøûõïâáàåãä", "óòỏõọôốồổỗộ" },
	{ "ô", "ùøûõï", "ớờởỡợ" },
	{ "u", "ùøûõï", "úùủũụ" },
	{ "ö", "ùøûõï", "ứừửữự" },
	{ "y", "ùøûõ", "ýỳỷỹ" },
};
/* VNI letters that stand alone. */
static const char vni_alone[] = "ñôöæóòîíì", vni_alone_letters[] = "đơưỉĩịỵíì";
/* Marks that ordinary Vietnamese never has after a vowel, and letters that it never has. */
static const char vni_sure_marks[] = "ùøûõïåäëü", vni_sure_letters[] = "ñöæî";

/* The n-th character of a list; 0 past its end. */
static gunichar nth(const char *list, glong n)
{
	return n >= 0 && n < g_utf8_strlen(list, -1) ? g_utf8_get_char(g_utf8_offset_to_pointer(list, n)) : 0;
}

static glong place_of(const char *list, gunichar c)
{
	const char *p = g_utf8_strchr(list, -1, c);

	return p ? g_utf8_pointer_to_offset(list, p) : -1;
}

static bool is_in(const char *list, gunichar c)
{
	return g_utf8_strchr(list, -1, c) != NULL;
}

/* Letters of Vietnamese that Latin-1 does not have: then the text is Unicode already. */
static bool is_unicode_vietnamese(const char *text)
{
	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		if (c == 0x0102 || c == 0x0103 || c == 0x0110 || c == 0x0111 || c == 0x01A0 || c == 0x01A1 || c == 0x01AF ||
		    c == 0x01B0 || (c >= 0x1EA0 && c <= 0x1EF9))
			return true;
	}
	return false;
}

/* Signs that are letters in TCVN3 and nothing like a letter elsewhere, beside a letter; and a capital after a small letter, which
 * stands for a small one there. */
static bool shows_tcvn3(const char *p, const char *word)
{
	gunichar c = g_utf8_get_char(p), before = p > word ? g_utf8_get_char(g_utf8_prev_char(p)) : 0;
	bool is_sign =
		(c >= 0xA1 && c <= 0xBE && c != 0xAD && c != 0xB0 && c != 0xB2 && c != 0xB3 && c != 0xB4) || c == 0xD7 || c == 0xF7;

	if (is_sign)
		return g_unichar_isalpha(before) || g_unichar_isalpha(g_utf8_get_char(g_utf8_next_char(p)));
	return c >= 0xC0 && c <= 0xDE && before < 0x80 && g_ascii_islower((gchar)before);
}

/* The letter of a VNI pair, or 0. */
static gunichar vni_pair(gunichar base, gunichar mark)
{
	bool is_upper = g_unichar_isupper(base);

	for (size_t i = 0; i < ARRAY_SIZE(vni_pairs); i++) {
		gunichar letter;

		if (g_utf8_get_char(vni_pairs[i].base) != g_unichar_tolower(base))
			continue;
		letter = nth(vni_pairs[i].letters, place_of(vni_pairs[i].marks, g_unichar_tolower(mark)));
		if (letter)
			return is_upper ? g_unichar_toupper(letter) : letter;
	}
	return 0;
}

static bool shows_vni(const char *p, const char *word)
{
	gunichar c = g_unichar_tolower(g_utf8_get_char(p)), before;

	if (p == word)
		return is_in(vni_sure_letters, c) && g_ascii_isalpha(*g_utf8_next_char(p));
	before = g_unichar_tolower(g_utf8_get_char(g_utf8_prev_char(p)));
	return is_in(vni_sure_letters, c) || (is_in(vni_sure_marks, c) && vni_pair(before, c));
}

static bool is_plain(const char *text, bool (*shows)(const char *p, const char *word))
{
	unsigned words = 0, shown = 0;

	while (*(text = reader_skip_space(text))) {
		const char *word = text;
		bool is_shown = false, has_letter = false;

		for (; *text && !g_unichar_isspace(g_utf8_get_char(text)); text = g_utf8_next_char(text)) {
			is_shown = is_shown || shows(text, word);
			has_letter = has_letter || g_unichar_isalpha(g_utf8_get_char(text));
		}
		words += has_letter;
		shown += is_shown;
	}
	return shown >= WORDS_MIN && shown * WORDS_SHARE >= words;
}

static char *convert_tcvn3(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		gunichar to = c >= TCVN3_FIRST && c < TCVN3_FIRST + ARRAY_SIZE(tcvn3) ? tcvn3[c - TCVN3_FIRST] : 0;

		g_string_append_unichar(out, to ? to : c);
	}
	return g_string_free(out, FALSE);
}

static char *convert_vni(const char *text)
{
	GString *out = g_string_new(NULL);

	while (*text) {
		const char *next = g_utf8_next_char(text);
		gunichar c = g_utf8_get_char(text), to = *next ? vni_pair(c, g_utf8_get_char(next)) : 0;

		if (to) {
			next = g_utf8_next_char(next);
		} else {
			to = nth(vni_alone_letters, place_of(vni_alone, g_unichar_tolower(c)));
			if (to && g_unichar_isupper(c))
				to = g_unichar_toupper(to);
		}
		g_string_append_unichar(out, to ? to : c);
		text = next;
	}
	return g_string_free(out, FALSE);
}

char *reader_convert_legacy(const char *text)
{
	if (g_str_is_ascii(text) || is_unicode_vietnamese(text))
		return NULL;
	if (is_plain(text, shows_tcvn3))
		return convert_tcvn3(text);
	if (is_plain(text, shows_vni))
		return convert_vni(text);
	return NULL;
}
