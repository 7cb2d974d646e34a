/* SPDX-License-Identifier: MIT */
/* Cleaning of incoming text, lengths, cutting at grapheme clusters, edit distance. Folding is in text_fold.c. */
#include <string.h>
#include <unigbrk.h>

#include "base/macros.h"

#include "base/text.h"

#define ELLIPSIS "…"

static bool is_zero_width(gunichar c)
{
	return c == 0x200B || c == 0x200C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static bool is_odd_space(gunichar c)
{
	return c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* True for what NFC surely leaves alone wherever it stands: nearly all text; the rest goes through the slow road. */
static bool is_surely_nfc(gunichar c)
{
	return c < 0x0300 || (c >= 0x1E00 && c < 0x1F00) || (c >= 0x2010 && c <= 0x2064) || c == 0x200D || c == 0xFE0F ||
	       (c >= 0x1F300 && c <= 0x1FAFF);
}

/* Writes one character cleaned; true if the text must be normalised afterwards. */
static bool put_clean(GString *out, gunichar c)
{
	if (c == 0x85 || c == 0x2028 || c == 0x2029) {
		g_string_append_c(out, '\n');
	} else if (c == '\n' || c == '\t') {
		g_string_append_c(out, (char)c);
	} else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || is_zero_width(c)) {
		return false;
	} else if (is_odd_space(c)) {
		g_string_append_c(out, ' ');
	} else {
		g_string_append_unichar(out, c);
		return !is_surely_nfc(c);
	}
	return false;
}

char *text_clean(const char *bytes, size_t len)
{
	GString *out = g_string_sized_new(len + 1);
	bool needs_nfc = false;

	for (size_t i = 0; i < len;) {
		unsigned char b = (unsigned char)bytes[i];
		gunichar c;

		if (b >= 0x20 && b < 0x7F) {
			g_string_append_c(out, (char)b);
			i++;
		} else if (b == '\r') {
			g_string_append_c(out, '\n');
			i += i + 1 < len && bytes[i + 1] == '\n' ? 2 : 1;
		} else if (b < 0x80) {
			put_clean(out, b);
			i++;
		} else {
			c = g_utf8_get_char_validated(bytes + i, (gssize)(len - i));
			if (c == (gunichar)-1 || c == (gunichar)-2) {
				g_string_append(out, "\xEF\xBF\xBD");
				i++;
				continue;
			}
			needs_nfc |= put_clean(out, c);
			i += (size_t)(g_utf8_next_char(bytes + i) - (bytes + i));
		}
	}
	if (needs_nfc) {
		char *nfc = g_utf8_normalize(out->str, (gssize)out->len, G_NORMALIZE_NFC);

		g_string_free(out, TRUE);
		return nfc;
	}
	return g_string_free(out, FALSE);
}

size_t text_len_n(const char *utf8, size_t bytes, enum text_unit unit)
{
	size_t n = 0;

	if (unit == TEXT_BYTES)
		return bytes;
	for (size_t i = 0; i < bytes; i++) {
		unsigned char b = (unsigned char)utf8[i];

		if ((b & 0xC0) != 0x80)
			n += unit == TEXT_UTF16 && b >= 0xF0 ? 2 : 1;
	}
	return n;
}

size_t text_len(const char *utf8, enum text_unit unit)
{
	return text_len_n(utf8, strlen(utf8), unit);
}

/* Bytes looked at for the end of one cluster. A longer one is a letter drowned in marks and is cut there, between characters:
 * nobody's text may make us look further and further. */
#define GRAPHEME_WINDOW 256

/* Bytes of the character, if it is ASCII but no control character, or a precomposed Latin letter: U+00C0 to U+023F, U+1E00 to U+1EFF. None of
 * them extends what stands before it. Else 0. */
static size_t plain_letter(const uint8_t *s, size_t len)
{
	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] < 0x7F ? 1 : 0;
	if (s[0] >= 0xC3 && s[0] <= 0xC8 && len >= 2)
		return 2;
	return s[0] == 0xE1 && len >= 3 && s[1] >= 0xB8 && s[1] <= 0xBB ? 3 : 0;
}

size_t text_next_grapheme(const char *utf8, size_t len, size_t from)
{
	const uint8_t *s = (const uint8_t *)utf8 + from;
	char is_break[GRAPHEME_WINDOW];
	size_t window;

	if (from >= len)
		return len;
	/* Two plain letters side by side never belong together, be they Vietnamese; CR LF does. */
	window = plain_letter(s, len - from);
	if (window > 0 && (window == len - from || plain_letter(s + window, len - from - window) > 0))
		return from + window;
	window = len - from;
	/* Short windows first: the usual cluster is one letter. */
	for (size_t size = 32; size <= GRAPHEME_WINDOW; size *= 2) {
		size_t n = MIN(window, size);

		while (n > 1 && n < window && (s[n] & 0xC0) == 0x80)
			n--;
		/* Not u8_grapheme_next: it compares neighbours only and splits joined emoji and flags. */
		u8_grapheme_breaks(s, n, is_break);
		for (size_t i = 1; i < n; i++) {
			if (is_break[i])
				return from + i;
		}
		if (n == window || size == GRAPHEME_WINDOW)
			return from + n;
	}
	return len;
}

char *text_ellipsize(const char *utf8, size_t max_graphemes)
{
	size_t len = strlen(utf8), at = 0, room = 0, word_end = 0;

	for (size_t n = 0; n < max_graphemes && at < len; n++) {
		if (n + 1 == max_graphemes)
			room = at; /* where the "…" goes if something is left over */
		at = text_next_grapheme(utf8, len, at);
	}
	if (at == len)
		return g_strdup(utf8);
	if (max_graphemes == 0)
		return g_strdup("");
	for (size_t i = room; i > 0 && word_end == 0; i--) {
		if (g_ascii_isspace(utf8[i]))
			word_end = i;
	}
	/* A word longer than half of the room is cut inside: better than hardly any text. */
	if (word_end < room / 2)
		word_end = room;
	while (word_end > 0 && strchr(" \t\n,;:-", utf8[word_end - 1]))
		word_end--;
	return g_strdup_printf("%.*s" ELLIPSIS, (int)word_end, utf8);
}

/* Rows of the distance table kept on the stack up to this length; longer words are rare and never commands. */
#define DISTANCE_WORD_MAX 63

unsigned text_distance(const char *a, const char *b, unsigned limit)
{
	unsigned rows[3][DISTANCE_WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	size_t la = strlen(a), lb = strlen(b);

	if ((la > lb ? la - lb : lb - la) > limit)
		return limit + 1;
	if (la > DISTANCE_WORD_MAX || lb > DISTANCE_WORD_MAX)
		return strcmp(a, b) == 0 ? 0 : limit + 1;
	for (size_t j = 0; j <= lb; j++)
		above[j] = (unsigned)j;
	memset(rows[0], 0, sizeof(rows[0]));
	for (size_t i = 1; i <= la; i++) {
		unsigned best, *spare;

		best = row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned d = above[j - 1] + (a[i - 1] != b[j - 1]);

			d = MIN(d, MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = MIN(d, before[j - 2] + 1);
			row[j] = d;
			best = MIN(best, d);
		}
		if (best > limit)
			return limit + 1;
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return MIN(above[lb], limit + 1);
}

char *text_capitalize(const char *utf8)
{
	const char *p = utf8;
	GString *out;

	while (*p && !g_unichar_isalnum(g_utf8_get_char(p)))
		p = g_utf8_next_char(p);
	out = g_string_new_len(utf8, p - utf8);
	if (*p) {
		g_string_append_unichar(out, g_unichar_toupper(g_utf8_get_char(p)));
		g_string_append(out, g_utf8_next_char(p));
	}
	return g_string_free(out, FALSE);
}
