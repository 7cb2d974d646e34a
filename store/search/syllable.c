/* SPDX-License-Identifier: MIT */
/* Reads words letter by letter. Vietnamese letters are looked up in a table, whatever else people write goes through base/text. It
 * knows no register and builds no query. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"

#include "syllable.h"

#define LATIN_FIRST 0x00C0
#define LATIN_END 0x0250
#define VIET_FIRST 0x1E00
#define VIET_END 0x1F00

/* "nghiêng" */
#define SYLLABLE_LETTERS_MAX 7

/* Letters are copied at this width, longer than any of them, into forms that have room for it behind SYLLABLE_BYTES_MAX. */
#define LETTER_BYTES 8

/* A letter without its tone: what it is folded to, how it is written, and the tone ('0' none). folded[0] 0: no letter. */
struct letter {
	char folded[LETTER_BYTES];
	char shape[LETTER_BYTES];
	uint8_t folded_len, shape_len;
	bool is_capital;
	char tone;
};

static struct letter latin[LATIN_END - LATIN_FIRST], viet[VIET_END - VIET_FIRST];
/* The small letter or digit of an ASCII one, else 0. */
static char ascii[0x80];
static pthread_once_t letters_once = PTHREAD_ONCE_INIT;

/* The digits of VNI: sắc, huyền, hỏi, ngã, nặng. */
static char tone_of(gunichar mark)
{
	switch (mark) {
	case 0x0301:
	case 0x0341:
		return '1';
	case 0x0300:
	case 0x0340:
		return '2';
	case 0x0309:
		return '3';
	case 0x0303:
		return '4';
	case 0x0323:
		return '5';
	default: /* not an enum: code points */
		return '\0';
	}
}

static void letter_fill(struct letter *l, gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH], shape;
	char utf8[7] = "";
	g_autofree char *folded = NULL;
	gsize n;

	if (!g_unichar_isalnum(c))
		return;
	utf8[g_unichar_to_utf8(c, utf8)] = '\0';
	folded = text_fold(utf8);
	if (strlen(folded) >= sizeof(l->folded) || strchr(folded, ' '))
		return;
	l->is_capital = g_unichar_isupper(c);
	c = g_unichar_tolower(c);
	/* Old keyboards gave the Icelandic letter for đ. */
	if (c == 0x00F0 || c == 0x0256)
		c = 0x0111;
	n = g_unichar_fully_decompose(c, FALSE, parts, G_N_ELEMENTS(parts));
	shape = parts[0];
	for (gsize i = 1; i < n; i++) {
		if (tone_of(parts[i]))
			l->tone = tone_of(parts[i]);
		else
			(void)g_unichar_compose(shape, parts[i], &shape);
	}
	l->shape_len = (uint8_t)g_unichar_to_utf8(shape, l->shape);
	l->shape[l->shape_len] = '\0';
	l->folded_len = (uint8_t)g_strlcpy(l->folded, folded, sizeof l->folded);
}

static void letters_fill(void)
{
	for (char c = 0; c < 0x7F; c++)
		ascii[(unsigned char)c] = g_ascii_isalnum(c) ? g_ascii_tolower(c) : '\0';
	for (gunichar c = LATIN_FIRST; c < LATIN_END; c++)
		letter_fill(&latin[c - LATIN_FIRST], c);
	for (gunichar c = VIET_FIRST; c < VIET_END; c++)
		letter_fill(&viet[c - VIET_FIRST], c);
}

static const struct letter *letter_of(gunichar c)
{
	const struct letter *l = NULL;

	if (c >= LATIN_FIRST && c < LATIN_END)
		l = &latin[c - LATIN_FIRST];
	else if (c >= VIET_FIRST && c < VIET_END)
		l = &viet[c - VIET_FIRST];
	return l && l->folded[0] ? l : NULL;
}

/* A broken byte is a character of its own that is no letter. */
static gunichar char_at(const char *p, const char *end, const char **ret_after)
{
	const unsigned char *b = (const unsigned char *)p;
	gunichar c;

	if (b[0] < 0x80) {
		*ret_after = p + 1;
		return b[0];
	}
	/* The letters of Vietnamese, without a detour: they are a third of every text. */
	if (b[0] >= 0xC3 && b[0] < 0xE0 && end - p >= 2 && (b[1] & 0xC0) == 0x80) {
		*ret_after = p + 2;
		return (gunichar)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
	}
	if (b[0] == 0xE1 && end - p >= 3 && (b[1] & 0xC0) == 0x80 && (b[2] & 0xC0) == 0x80) {
		*ret_after = p + 3;
		return (gunichar)0x1000 | (gunichar)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
	}
	c = g_utf8_get_char_validated(p, end - p);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*ret_after = p + 1;
		return 0xFFFD;
	}
	*ret_after = g_utf8_next_char(p);
	return c;
}

/* Signs without width inside a word do not end it. */
static bool is_inside(gunichar c)
{
	return g_unichar_ismark(c) || c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F);
}

/* The form is closed by finish(). */
static void put(char *form, size_t *len, const char *bytes, size_t n)
{
	if (*len + n > SYLLABLE_BYTES_MAX)
		return;
	memcpy(form + *len, bytes, n);
	*len += n;
}

static void put_letter(char *form, size_t *len, const char *letter, size_t n)
{
	if (*len + n > SYLLABLE_BYTES_MAX)
		return;
	memcpy(form + *len, letter, LETTER_BYTES);
	*len += n;
}

static void put_char(char *form, size_t *len, char c)
{
	if (*len < SYLLABLE_BYTES_MAX)
		form[(*len)++] = c;
}

/* A mark that stands by itself: a tone, or what makes the letter before it another one. */
static void put_mark(struct syllable *s, gunichar mark, char *tone)
{
	const char *last;
	gunichar shape;
	char utf8[7] = "";
	int n;

	s->has_marks = true;
	if (tone_of(mark)) {
		*tone = tone_of(mark);
		return;
	}
	last = g_utf8_find_prev_char(s->exact, s->exact + s->exact_len);
	if (!last || !g_unichar_compose(g_utf8_get_char(last), mark, &shape))
		return;
	n = g_unichar_to_utf8(shape, utf8);
	s->exact_len = (size_t)(last - s->exact);
	put(s->exact, &s->exact_len, utf8, (size_t)n);
}

static void put_rare(struct syllable *s, const char *bytes, size_t len)
{
	g_autofree char *one = g_strndup(bytes, len), *folded = text_fold(one);

	/* What folds into several words ("½") is written as one here: it stands within a word. */
	for (char *c = folded, *next; *c; c = next) {
		next = g_utf8_next_char(c);
		if (*c == ' ')
			continue;
		put(s->folded, &s->folded_len, c, (size_t)(next - c));
		put(s->exact, &s->exact_len, c, (size_t)(next - c));
	}
}

/* Consonant + y at the end of a syllable is also spelt i (kỹ, kĩ); after a vowel they differ (tay, tai), but for quy. */
static void fold_y(struct syllable *s)
{
	const char *f = s->folded;
	size_t len = s->folded_len;

	if (len < 2 || len > 4 || f[len - 1] != 'y')
		return;
	if (!strchr("bcdfghjklmnpqrstvwxz", f[len - 2]) && !(len == 3 && f[0] == 'q' && f[1] == 'u'))
		return;
	s->folded[len - 1] = 'i';
	if (s->exact_len > 0 && s->exact[s->exact_len - 1] == 'y')
		s->exact[s->exact_len - 1] = 'i';
}

static void finish(struct syllable *s, char tone)
{
	fold_y(s);
	if (tone != '0')
		put_char(s->exact, &s->exact_len, tone);
	s->folded[s->folded_len] = s->exact[s->exact_len] = '\0';
	if (!s->has_marks) {
		memcpy(s->exact, s->folded, s->folded_len + 1);
		s->exact_len = s->folded_len;
	}
}

/* One character of a word; false if it ends there. */
static inline bool take(struct syllable *s, gunichar c, const char *after, char *tone)
{
	const struct letter *l;

	if (c < 0x80) {
		if (!ascii[c])
			return false;
		put_char(s->folded, &s->folded_len, ascii[c]);
		put_char(s->exact, &s->exact_len, ascii[c]);
		s->n_capitals += c >= 'A' && c <= 'Z';
		return true;
	}
	l = letter_of(c);
	if (l) {
		put_letter(s->folded, &s->folded_len, l->folded, l->folded_len);
		put_letter(s->exact, &s->exact_len, l->shape, l->shape_len);
		if (l->tone)
			*tone = l->tone;
		s->has_marks = true;
		s->n_capitals += l->is_capital;
		return true;
	}
	if (c >= 0x0300 && c <= 0x036F) {
		put_mark(s, c, tone);
		return s->folded_len > 0;
	}
	if (!g_unichar_isalnum(c) && !(s->folded_len > 0 && is_inside(c)))
		return false;
	put_rare(s, s->text, (size_t)(after - s->text));
	s->n_capitals += g_unichar_isupper(c) ? 1 : 0;
	return true;
}

void syllable_begin(struct syllable *s, const char *text, size_t len)
{
	pthread_once(&letters_once, letters_fill);
	memset(s, 0, sizeof(*s));
	s->text = text;
	s->end = text + len;
}

static void clear_word(struct syllable *s)
{
	s->folded_len = s->exact_len = 0;
	s->folded[0] = s->exact[0] = '\0';
	s->has_marks = false;
	s->n_capitals = 0;
}

bool syllable_next(struct syllable *s)
{
	char tone = '0';
	bool in_word = false;

	clear_word(s);
	while (s->text < s->end) {
		const char *after;
		gunichar c = char_at(s->text, s->end, &after);

		if (!in_word && c == '&') {
			s->start = s->text;
			s->text = after;
			put(s->folded, &s->folded_len, "va", 2);
			finish(s, '0');
			return true;
		}
		if (take(s, c, after, &tone)) {
			if (!in_word)
				s->start = s->text;
			in_word = true;
		} else if (in_word && s->folded_len > 0) {
			break;
		} else {
			in_word = false;
			clear_word(s);
			tone = '0';
		}
		s->text = after;
	}
	if (s->folded_len == 0)
		return false;
	finish(s, tone);
	return true;
}

bool syllable_takes_marks(const struct syllable *s)
{
	bool takes = false;

	for (size_t i = 0; i < s->folded_len; i++) {
		if (s->folded[i] < 'a' || s->folded[i] > 'z')
			return false;
		takes = takes || strchr("adeiouy", s->folded[i]);
	}
	return takes && s->folded_len <= SYLLABLE_LETTERS_MAX;
}

uint64_t syllable_hash(const char *form, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)form[i]) * UINT64_C(1099511628211);
	return h;
}
