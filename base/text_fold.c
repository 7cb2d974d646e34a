/* SPDX-License-Identifier: MIT */
/* Folding for comparison: lower case, no diacritics, đ to d, decorative letters to plain ones; keystrokes of Telex and VNI.
 * Knows no commands and builds no search index. */
#include <pthread.h>
#include <string.h>

#include "base/macros.h"

#include "base/text.h"

#define LATIN_FIRST 0x00C0
#define LATIN_END 0x0250
#define VIET_FIRST 0x1E00
#define VIET_END 0x1F00

/* Plain lower-case letter of each letter of the two Latin blocks that Vietnamese uses; 0 for what is no letter there. */
static guint16 latin[LATIN_END - LATIN_FIRST];
static guint16 viet[VIET_END - VIET_FIRST];

/* Letters whose stroke is no combining mark. Ð is what old keyboards gave for Đ. */
static const struct {
	gunichar from, to;
} strokes[] = {
	{ 0x00D0, 'd' }, { 0x00F0, 'd' }, { 0x0110, 'd' }, { 0x0111, 'd' }, { 0x0189, 'd' }, { 0x00D8, 'o' }, { 0x00F8, 'o' },
	{ 0x0141, 'l' }, { 0x0142, 'l' }, { 0x0131, 'i' }, { 0x0126, 'h' }, { 0x0127, 'h' }, { 0x0166, 't' }, { 0x0167, 't' },
};

static gunichar plain_letter(gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];

	if (!g_unichar_isalpha(c))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(strokes); i++) {
		if (strokes[i].from == c)
			return strokes[i].to;
	}
	g_unichar_fully_decompose(c, FALSE, parts, ARRAY_SIZE(parts));
	return g_unichar_tolower(parts[0]);
}

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void tables_fill(void)
{
	for (gunichar c = LATIN_FIRST; c < LATIN_END; c++)
		latin[c - LATIN_FIRST] = (guint16)plain_letter(c);
	for (gunichar c = VIET_FIRST; c < VIET_END; c++)
		viet[c - VIET_FIRST] = (guint16)plain_letter(c);
}

/* Marks that sit on Latin letters, and signs without width; other scripts' vowel signs are part of their words. */
static bool is_dropped(gunichar c)
{
	return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) ||
	       (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE20 && c <= 0xFE2F) || c == 0x3099 || c == 0x309A || c == 0x00AD ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
	       (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

/* Fullwidth, circled and mathematical letters are letters that somebody decorated. */
static bool is_decorated(gunichar c)
{
	return (c >= 0x2460 && c <= 0x24FF) || (c >= 0xFF01 && c <= 0xFF5E);
}

/* Writes folded text; `keep` leaves everything that is no letter in place. */
struct folder {
	GString *out;
	bool keep;
	bool gap; /* a separator is due before the next letter */
};

static void put_letter(struct folder *f, gunichar c)
{
	if (f->gap) {
		if (f->out->len > 0)
			g_string_append_c(f->out, ' ');
		f->gap = false;
	}
	if (c < 0x80)
		g_string_append_c(f->out, (char)c);
	else
		g_string_append_unichar(f->out, c);
}

static void put_other(struct folder *f, gunichar c)
{
	if (f->keep) {
		g_string_append_unichar(f->out, c);
	} else if (c == '&') {
		f->gap = true;
		put_letter(f, 'v');
		put_letter(f, 'a');
		f->gap = true;
	} else {
		f->gap = true;
	}
}

static void put_rare(struct folder *f, gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
	gsize n;

	if (is_dropped(c))
		return;
	if (!g_unichar_isalnum(c) && !g_unichar_ismark(c) && !is_decorated(c)) {
		put_other(f, c);
		return;
	}
	if (f->keep && !g_unichar_isalpha(c) && !g_unichar_isdigit(c) && !g_unichar_ismark(c)) {
		put_other(f, c);
		return;
	}
	n = g_unichar_fully_decompose(c, TRUE, parts, ARRAY_SIZE(parts));
	for (gsize i = 0; i < n; i++) {
		gunichar part = g_unichar_tolower(parts[i]);

		if (is_dropped(part))
			continue;
		if (part >= LATIN_FIRST && part < LATIN_END && latin[part - LATIN_FIRST])
			part = latin[part - LATIN_FIRST];
		if (g_unichar_isalnum(part) || g_unichar_ismark(part))
			put_letter(f, part);
		else
			put_other(f, part);
	}
}

/* Reads one character; a broken byte counts as U+FFFD. Two- and three-byte forms are read in place: they are half of the text. */
static gunichar next_char(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	gunichar c;

	if (s[0] >= 0xC2 && s[0] <= 0xDF && (s[1] & 0xC0) == 0x80) {
		*p += 2;
		return (gunichar)((s[0] & 0x1F) << 6 | (s[1] & 0x3F));
	}
	if (s[0] == 0xE1 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
		*p += 3;
		return (gunichar)(0x1000 | (s[1] & 0x3F) << 6 | (s[2] & 0x3F));
	}
	c = g_utf8_get_char_validated(*p, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*p += 1;
		return 0xFFFD;
	}
	*p = g_utf8_next_char(*p);
	return c;
}

static char *fold(const char *utf8, bool keep)
{
	size_t len = strlen(utf8);
	struct folder f = { .out = g_string_sized_new(len + 16), .keep = keep };
	const char *p = utf8;

	pthread_once(&tables_once, tables_fill);
	while (*p) {
		unsigned char b = (unsigned char)*p;
		gunichar c;

		if (b < 0x80) {
			p++;
			if (g_ascii_isalnum(b))
				put_letter(&f, (gunichar)g_ascii_tolower((gchar)b));
			else
				put_other(&f, b);
			continue;
		}
		c = next_char(&p);
		if (c >= VIET_FIRST && c < VIET_END && viet[c - VIET_FIRST])
			put_letter(&f, viet[c - VIET_FIRST]);
		else if (c >= LATIN_FIRST && c < LATIN_END && latin[c - LATIN_FIRST])
			put_letter(&f, latin[c - LATIN_FIRST]);
		else
			put_rare(&f, c);
	}
	return g_string_free(f.out, FALSE);
}

char *text_fold(const char *utf8)
{
	return fold(utf8, false);
}

char *text_fold_keep(const char *utf8)
{
	return fold(utf8, true);
}

/* Keystrokes. What remains must be a Vietnamese syllable, or the word is left alone: "t63" and "api2" are no slips. */
static const char *const initials[] = { "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "b", "c", "d",
					"g",   "h",  "k",  "l",  "m",  "n",  "p",  "q",  "r",  "s",  "t", "v", "x" };
static const char *const nuclei[] = { "a",   "e",   "i",   "o",   "u",   "y",   "ai",  "ao",  "au",  "ay",
				      "eo",  "eu",  "ia",  "ie",  "iu",  "oa",  "oe",  "oi",  "ua",  "ue",
				      "ui",  "uo",  "uy",  "uu",  "ye",  "ieu", "oai", "oao", "oay", "oeo",
				      "uai", "uao", "uay", "ueo", "uoi", "uou", "uya", "uye", "uyu", "yeu" };
static const char *const finals[] = { "", "c", "ch", "m", "n", "ng", "nh", "p", "t" };

static bool is_vowel(char c)
{
	return c && strchr("aeiouy", c);
}

static bool is_listed(const char *const *list, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
			return true;
	}
	return false;
}

/* Length of the consonants that open the syllable. In "gi" the i belongs to them only before another vowel. */
static size_t initial_len(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(initials); i++) {
		size_t len = strlen(initials[i]);

		if (strncmp(word, initials[i], len) != 0)
			continue;
		if (strcmp(initials[i], "gi") == 0 && !is_vowel(word[2]))
			continue;
		return len;
	}
	return 0;
}

bool text_is_syllable(const char *word)
{
	size_t start = initial_len(word), vowels = 0;

	while (is_vowel(word[start + vowels]))
		vowels++;
	return is_listed(nuclei, ARRAY_SIZE(nuclei), word + start, vowels) &&
	       is_listed(finals, ARRAY_SIZE(finals), word + start + vowels, strlen(word + start + vowels));
}

/* True if the letter only marks the vowel before it: tone letters, w, and the doubling of a, e, o (also typed at the end). */
static bool is_telex_mark(const GString *done, size_t start, char c)
{
	if (strchr("sfrxjzw", c))
		return true;
	if (c == 'd')
		return done->str[0] == 'd';
	return strchr("aeo", c) && strchr(done->str + start, c);
}

char *text_fold_keystrokes(const char *folded_word)
{
	size_t len = strlen(folded_word), start;
	const char *p = folded_word;
	GString *out;
	unsigned tones = 0, shapes = 0;

	/* The longest syllable is seven letters; with its keystrokes hardly more than eleven. */
	if (len < 2 || len > 12)
		return NULL;
	out = g_string_sized_new(len + 1);
	if (p[0] == 'd' && (p[1] == 'd' || p[1] == '9')) {
		g_string_append_c(out, 'd');
		p += 2;
		start = 1;
	} else {
		start = initial_len(p);
		g_string_append_len(out, p, (gssize)start);
		p += start;
	}
	if (*p == 'w') {
		g_string_append_c(out, 'u');
		p++;
	}
	for (; *p; p++) {
		bool has_vowel = out->len > start;

		if (has_vowel && *p >= '0' && *p <= '5')
			tones++;
		else if (has_vowel && *p >= '6' && *p <= '9')
			shapes++;
		else if (!has_vowel || !is_telex_mark(out, start, *p))
			g_string_append_c(out, *p);
	}
	if (tones > 1 || shapes > 2 || strcmp(out->str, folded_word) == 0 || !text_is_syllable(out->str)) {
		g_string_free(out, TRUE);
		return NULL;
	}
	return g_string_free(out, FALSE);
}
