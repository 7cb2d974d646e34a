/* SPDX-License-Identifier: MIT */
/* Looks at what stands in brackets and beside them: the words must begin with the letters of the abbreviation, one by one. Nearly every
 * text is passed by memchr() alone. */
#include <string.h>

#include "syllable.h"

#include "initials.h"

/* Letters of an abbreviation; a longer one is a word in capitals. */
#define LETTERS_MIN 2
#define LETTERS_MAX 8
/* Bytes within brackets, and before them: more words than an abbreviation has letters, and the small ones between. */
#define INSIDE_MAX 200
#define BEFORE_MAX 200
#define WORDS_MAX 20
/* Small words that have no letter in the abbreviation. */
#define SKIPPED_MAX 3

/* A letter, or the beginning of a word: "GDTrH" are four. */
struct piece {
	char text[LETTERS_MAX + 1];
	size_t len;
};
struct brief {
	char folded[LETTERS_MAX + 4 * INITIALS_WORDS_MAX];
	struct piece pieces[LETTERS_MAX];
	unsigned n, n_letters, n_capitals;
};
struct word {
	char folded[SYLLABLE_BYTES_MAX + 8];
	size_t len;
};
struct words {
	struct word word[WORDS_MAX]; /* the last ones */
	unsigned n;
};

static bool is_one_of(const char *folded, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(folded, list[i]) == 0)
			return true;
	}
	return false;
}

static bool is_small(const char *folded)
{
	static const char *const small[] = { "va", "cua", "ve", "cho", "trong", "voi", "cac", "tai", "theo", "tren", "of", "and", "the", "for", "in", "on" };

	return is_one_of(folded, small, G_N_ELEMENTS(small));
}

/* What leads to the abbreviation or the long form inside the brackets. */
static bool is_lead(const char *folded)
{
	static const char *const leads[] = { "sau", "day", "goi", "viet", "tat", "la", "chung", "ten", "hay", "con", "duoc", "cum", "tu", "cua", "tuc", "nghia", "tieng", "anh" };

	return is_one_of(folded, leads, G_N_ELEMENTS(leads));
}

/* --- the abbreviation --- */

/* One word of it, letter by letter beside its folded form. */
static bool brief_word(struct brief *b, const struct syllable *s)
{
	unsigned first = b->n;
	size_t k = 0;

	for (const char *c = s->start; c < s->text; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char_validated(c, s->text - c);
		struct piece *p;

		if (u == (gunichar)-1 || u == (gunichar)-2)
			return false;
		if (g_unichar_ismark(u))
			continue;
		if (k >= s->folded_len || b->n_letters == LETTERS_MAX)
			return false;
		if (g_unichar_isupper(u) || g_unichar_isdigit(u))
			b->n++;
		else if (b->n == first)
			return false;
		b->n_capitals += g_unichar_isupper(u);
		b->n_letters++;
		p = &b->pieces[b->n - 1];
		p->text[p->len++] = s->folded[k++];
	}
	return k == s->folded_len;
}

/* All of the bytes, without a space among them, are an abbreviation. */
static bool brief_read(const char *text, size_t len, struct brief *b)
{
	struct syllable s;
	unsigned n_words = 0;

	memset(b, 0, sizeof(*b));
	for (syllable_begin(&s, text, len); syllable_next(&s); n_words++) {
		if (n_words == INITIALS_WORDS_MAX || s.folded_len > LETTERS_MAX)
			return false;
		if (n_words > 0)
			g_strlcat(b->folded, " ", sizeof(b->folded));
		if (*s.start != '&' && !brief_word(b, &s))
			return false;
		g_strlcat(b->folded, s.folded, sizeof(b->folded));
	}
	return b->n_letters >= LETTERS_MIN && b->n_capitals >= 2;
}

/* --- the long form --- */

static void words_read(const char *text, size_t len, struct words *w)
{
	struct syllable s;

	w->n = 0;
	for (syllable_begin(&s, text, len); syllable_next(&s);) {
		if (w->n == WORDS_MAX)
			memmove(w->word, w->word + 1, sizeof(w->word[0]) * --w->n);
		memcpy(w->word[w->n].folded, s.folded, s.folded_len + 1);
		w->word[w->n++].len = s.folded_len;
	}
}

/* A single y is folded as i only at the end of a syllable. */
static char same(char c)
{
	return c == 'y' ? 'i' : c;
}

static bool begins_with(const struct word *w, const struct piece *p)
{
	return w->len >= p->len && same(w->folded[0]) == same(p->text[0]) && memcmp(w->folded + 1, p->text + 1, p->len - 1) == 0;
}

/* The first of the words up to `end` that the first n pieces stand for; -1: they do not. */
static int fit(const struct words *w, unsigned end, const struct brief *b, unsigned n, unsigned skipped)
{
	const struct word *last;

	if (n == 0)
		return (int)end;
	if (end == 0)
		return -1;
	last = &w->word[end - 1];
	if (begins_with(last, &b->pieces[n - 1])) {
		int first = fit(w, end - 1, b, n - 1, skipped);

		if (first >= 0)
			return first;
	}
	return n < b->n && skipped < SKIPPED_MAX && is_small(last->folded) ? fit(w, end - 1, b, n, skipped + 1) : -1;
}

static unsigned list_len(const GString *list)
{
	unsigned n = 0;

	for (const char *c = list->str; (c = strchr(c, '\n')); c++)
		n++;
	return n;
}

static void list_add(GString *list, const struct brief *b, const struct words *w, unsigned first)
{
	g_autoptr(GString) line = g_string_new(b->folded);
	size_t letters = 0;

	for (unsigned i = first; i < w->n; i++) {
		g_string_append_printf(line, "%c%s", i == first ? '\t' : ' ', w->word[i].folded);
		letters += w->word[i].len;
	}
	g_string_append_c(line, '\n');
	/* "a b c (ABC)" says nothing. */
	if (letters < 2 * (size_t)b->n || list_len(list) == INITIALS_MAX)
		return;
	for (const char *c = list->str; *c; c = strchr(c, '\n') + 1) {
		if (g_str_has_prefix(c, line->str))
			return;
	}
	g_string_append_len(list, line->str, (gssize)line->len);
}

/* --- brackets --- */

static bool is_space(char c)
{
	return g_ascii_isspace(c);
}

/* The last run without a space in [from, *end); *end moves to its beginning. */
static const char *last_run(const char *from, const char **end, size_t *ret_len)
{
	const char *stop = *end, *start;

	while (stop > from && is_space(stop[-1]))
		stop--;
	for (start = stop; start > from && !is_space(start[-1]);)
		start--;
	*ret_len = (size_t)(stop - start);
	*end = start;
	return start;
}

/* The words of the sentence before the bracket, not too many. */
static const char *sentence_start(const char *text, const char *open)
{
	const char *p = open;

	while (p > text && open - p < BEFORE_MAX && !strchr(".;:()\n", p[-1]))
		p--;
	if (open - p >= BEFORE_MAX) {
		while (p < open && !is_space(*p))
			p++;
	}
	return p;
}

/* "bảo hiểm thất nghiệp (sau đây gọi là BHTN)" */
static bool short_inside(const char *text, const char *open, const char *inside, const char *end, GString *list)
{
	struct words w;
	struct brief b;
	size_t len;
	const char *run = last_run(inside, &end, &len);
	int first;

	if (!brief_read(run, len, &b))
		return false;
	words_read(inside, (size_t)(run - inside), &w);
	for (unsigned i = 0; i < w.n; i++) {
		if (!is_lead(w.word[i].folded))
			return false;
	}
	text = sentence_start(text, open);
	words_read(text, (size_t)(open - text), &w);
	first = fit(&w, w.n, &b, b.n, 0);
	if (first >= 0)
		list_add(list, &b, &w, (unsigned)first);
	return first >= 0;
}

/* "BHTN (bảo hiểm thất nghiệp)" */
static void long_inside(const char *text, const char *open, const char *inside, const char *end, GString *list)
{
	struct words w;
	struct brief b;
	size_t len;
	const char *stop = open, *run = last_run(open - MIN(open - text, BEFORE_MAX), &stop, &len);
	int first;

	if (!brief_read(run, len, &b))
		return;
	words_read(inside, (size_t)(end - inside), &w);
	first = fit(&w, w.n, &b, b.n, 0);
	if (first < 0)
		return;
	for (int i = 0; i < first; i++) {
		if (!is_lead(w.word[i].folded))
			return;
	}
	list_add(list, &b, &w, (unsigned)first);
}

void initials_find(const char *text, GString *list)
{
	const char *end = text ? text + strlen(text) : NULL;

	for (const char *open = text; open && (open = memchr(open, '(', (size_t)(end - open))); open++) {
		const char *inside = open + 1, *stop = inside;

		while (stop < end && stop - inside < INSIDE_MAX && !strchr("(),;\n", *stop))
			stop++;
		if (stop == end || stop - inside == INSIDE_MAX || *stop == '(' || *stop == '\n')
			continue;
		if (!short_inside(text, open, inside, stop, list))
			long_inside(text, open, inside, stop, list);
	}
}
