/* SPDX-License-Identifier: MIT */
/* Cuts a piece out of the original text around the place where most of the query stands together, and tells where the found words
 * are. How they are shown is the platforms' matter. */
#include <string.h>

#include "base/text.h"
#include "search.h"
#include "syllable.h"

#include "snippet.h"

/* A grapheme is rarely over eight bytes: no need to copy a whole book to cut it. */
#define GRAPHEME_BYTES 8
/* Words shown before the first hit. */
#define LEAD_WORDS 6
/* Words that a snippet shows behind them, about: a syllable and its blank are five letters. */
#define WINDOW_WORDS(graphemes) ((graphemes) > 5 * (LEAD_WORDS + 4) ? (graphemes) / 5 - LEAD_WORDS : 4)
#define ELLIPSIS "…"

/* Distinct words of a plan, of all its lines together: so many are told apart. */
#define WORDS_MAX (QUERY_LINES_MAX * QUERY_TERMS_MAX)
#define NO_WORD (-1)

/* A word of the text that the query has. */
struct spot {
	const char *start, *end;
	const char *lead; /* where the word LEAD_WORDS before it starts, NULL if there are not so many */
	guint word;       /* so many words stand before it */
	int hit;	  /* the word of snippet_words that it answers; NO_WORD: none after all */
	bool is_stop;     /* grammar in the query */
	bool is_exact;    /* with the diacritics that were typed, or none were */
};

/* A folded word of the plan: it may stand in several lines, with and without marks. */
struct wanted_word {
	uint64_t hash;
	GPtrArray *same; /* struct query_word */
};
/* A line as places in snippet_words.words. */
struct wanted_line {
	int words[QUERY_TERMS_MAX];
	bool is_stop[QUERY_TERMS_MAX];
	guint n;
};
struct snippet_words {
	struct wanted_word words[WORDS_MAX];
	guint n;
	struct wanted_line lines[QUERY_LINES_MAX];
	guint n_lines;
	uint64_t sieve; /* a filter of one word of bits: most words of a text are none of them */
};

/* --- which words are hits --- */

static uint64_t sieve_bit(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63);
}

static int word_find(const struct snippet_words *w, uint64_t hash)
{
	if (!(w->sieve & sieve_bit(hash)))
		return NO_WORD;
	for (guint i = 0; i < w->n; i++) {
		if (w->words[i].hash == hash)
			return (int)i;
	}
	return NO_WORD;
}

static int word_add(struct snippet_words *w, struct query_word *word)
{
	const uint64_t hash = syllable_hash(word->folded, strlen(word->folded));
	int at = word_find(w, hash);

	if (at == NO_WORD) {
		at = (int)w->n++;
		w->words[at] = (struct wanted_word){ .hash = hash, .same = g_ptr_array_new() };
		w->sieve |= sieve_bit(hash);
	}
	g_ptr_array_add(w->words[at].same, word);
	return at;
}

/* Words of long forms count as well as the short one. */
struct snippet_words *snippet_words_new(const struct query_plan *p)
{
	struct snippet_words *w = g_new0(struct snippet_words, 1);

	for (guint k = 0; k < p->lines->len && k < QUERY_LINES_MAX; k++) {
		const struct query_line *l = g_ptr_array_index(p->lines, k);
		struct wanted_line *to = &w->lines[w->n_lines++];

		for (; to->n < l->words->len && to->n < QUERY_TERMS_MAX; to->n++) {
			struct query_word *word = g_ptr_array_index(l->words, to->n);

			to->words[to->n] = word_add(w, word);
			to->is_stop[to->n] = word->is_stop;
		}
	}
	return w;
}

void snippet_words_free(struct snippet_words *w)
{
	if (!w)
		return;
	for (guint i = 0; i < w->n; i++)
		g_ptr_array_unref(w->words[i].same);
	g_free(w);
}

static void spot_judge(struct spot *spot, const struct syllable *s, const struct snippet_words *w)
{
	const GPtrArray *words;

	spot->hit = word_find(w, syllable_hash(s->folded, s->folded_len));
	if (spot->hit == NO_WORD)
		return;
	words = w->words[spot->hit].same;
	spot->is_stop = true;
	for (guint i = 0; i < words->len; i++) {
		const struct query_word *word = g_ptr_array_index(words, i);

		spot->is_stop = spot->is_stop && word->is_stop;
		spot->is_exact = spot->is_exact || !word->exact || strcmp(word->exact + 1, s->exact) == 0;
	}
}

/* "chợ" is not "cho": where a word stands as it was typed, what only folds to the same is no hit. */
static void spots_settle(GArray *spots)
{
	bool is_exact[WORDS_MAX] = { false };

	for (guint i = 0; i < spots->len; i++) {
		const struct spot *s = &g_array_index(spots, struct spot, i);

		is_exact[s->hit] = is_exact[s->hit] || s->is_exact;
	}
	for (guint i = 0; i < spots->len; i++) {
		struct spot *s = &g_array_index(spots, struct spot, i);

		if (!s->is_exact && is_exact[s->hit])
			s->hit = NO_WORD;
	}
}

static bool is_hit(const GArray *spots, guint i)
{
	return i < spots->len && g_array_index(spots, struct spot, i).hit != NO_WORD;
}

/* Both are hits and stand side by side. */
static bool is_run(const GArray *spots, guint i)
{
	return is_hit(spots, i) && is_hit(spots, i + 1) &&
	       g_array_index(spots, struct spot, i).word + 1 == g_array_index(spots, struct spot, i + 1).word;
}

/* Does the query have these two hits side by side? */
static bool is_pair(const GArray *spots, guint i, const struct snippet_words *w)
{
	const struct spot *a = &g_array_index(spots, struct spot, i), *b = a + 1;

	if (!is_run(spots, i) || (a->is_stop && b->is_stop))
		return false;
	for (guint k = 0; k < w->n_lines; k++) {
		const struct wanted_line *l = &w->lines[k];

		for (guint x = 0; x + 1 < l->n; x++) {
			if (l->words[x] == a->hit && l->words[x + 1] == b->hit)
				return true;
		}
	}
	return false;
}

/* Grammar is a hit only beside the word that it was typed with: the "khi" of "khi tuong"; so is what has other marks than were typed: with "sáng kiến"
 * not the "kiện" of "điều kiện". */
static void weak_settle(GArray *spots, const struct snippet_words *w)
{
	const bool is_alone = w->n == 1; /* "chợ" finds what nobody has written otherwise than "chờ" */
	bool is_paired = false;

	for (guint i = 0; i < spots->len; i++) {
		struct spot *s = &g_array_index(spots, struct spot, i);
		bool next = is_pair(spots, i, w);

		if ((s->is_stop || (!s->is_exact && !is_alone)) && !next && !is_paired)
			s->hit = NO_WORD;
		is_paired = next;
	}
}

static GArray *spots_of(const char *text, const struct snippet_words *w)
{
	GArray *spots = g_array_new(FALSE, FALSE, sizeof(struct spot));
	const char *starts[LEAD_WORDS] = { NULL }; /* of the last words */
	struct syllable s;

	syllable_begin(&s, text, strlen(text));
	for (guint word = 0; syllable_next(&s); word++) {
		struct spot spot = { .start = s.start, .end = s.text, .word = word, .lead = starts[word % LEAD_WORDS] };

		starts[word % LEAD_WORDS] = s.start;
		spot_judge(&spot, &s, w);
		if (spot.hit != NO_WORD)
			g_array_append_val(spots, spot);
	}
	spots_settle(spots);
	weak_settle(spots, w);
	return spots;
}

static bool has_all(const GArray *spots, const struct snippet_words *w)
{
	bool is_there[WORDS_MAX] = { false };

	for (guint i = 0; i < spots->len; i++) {
		if (is_hit(spots, i))
			is_there[g_array_index(spots, struct spot, i).hit] = true;
	}
	for (guint k = 0; k < w->n_lines; k++) {
		const struct wanted_line *l = &w->lines[k];
		guint telling = 0, found = 0;

		for (guint i = 0; i < l->n; i++) {
			telling += !l->is_stop[i];
			found += !l->is_stop[i] && is_there[l->words[i]];
		}
		if (telling > 0 && found == telling)
			return true;
	}
	return false;
}

/* Two different words side by side. */
static bool is_other_run(const GArray *spots, guint i)
{
	return is_run(spots, i) && g_array_index(spots, struct spot, i).hit != g_array_index(spots, struct spot, i + 1).hit;
}

/* A word that stands among its neighbours somewhere is no hit elsewhere: with "chuyển đổi số", not the "số" of "số liệu". */
static void singles_drop(GArray *spots)
{
	bool in_run[WORDS_MAX] = { false };

	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < spots->len; i++) {
			struct spot *s = &g_array_index(spots, struct spot, i);
			bool has_neighbour = is_other_run(spots, i) || (i > 0 && is_other_run(spots, i - 1));

			if (s->hit == NO_WORD)
				continue;
			if (pass == 0 && has_neighbour)
				in_run[s->hit] = true;
			else if (pass == 1 && !has_neighbour && in_run[s->hit])
				s->hit = NO_WORD;
		}
	}
}

/* --- the best place --- */

static int gain(const GArray *spots, guint i)
{
	return is_hit(spots, i) + (i > 0 && is_run(spots, i - 1) ? 1 : 0);
}

/* The first hit of the window of so many words with the most hits (neighbouring hits count once more); NULL if there is no hit. */
static const struct spot *best_place(const GArray *spots, guint window)
{
	int best_score = 0, score = 0;
	guint left = 0, best = 0;

	for (guint i = 0; i < spots->len; i++) {
		guint word = g_array_index(spots, struct spot, i).word;

		score += gain(spots, i);
		for (; word - g_array_index(spots, struct spot, left).word >= window; left++)
			score -= gain(spots, left);
		if (score > best_score) {
			best_score = score;
			best = left;
		}
	}
	while (best < spots->len && !is_hit(spots, best))
		best++;
	return best < spots->len ? &g_array_index(spots, struct spot, best) : NULL;
}

/* --- marks --- */

static void mark_add(GArray *marks, size_t start, size_t end)
{
	struct search_mark mark = { .start = start, .len = end - start };
	struct search_mark *last = marks->len > 0 ? &g_array_index(marks, struct search_mark, marks->len - 1) : NULL;

	if (last && start <= last->start + last->len)
		last->len = MAX(last->len, end - last->start);
	else if (end > start)
		g_array_append_val(marks, mark);
}

/* Neighbours with nothing but blanks between them are one mark. */
static void marks_join(GArray *marks, const char *text)
{
	g_autoptr(GArray) old = g_array_copy(marks);

	g_array_set_size(marks, 0);
	for (guint i = 0; i < old->len; i++) {
		const struct search_mark *m = &g_array_index(old, struct search_mark, i);
		size_t start = m->start;

		if (marks->len > 0) {
			const struct search_mark *last = &g_array_index(marks, struct search_mark, marks->len - 1);
			size_t gap = last->start + last->len;

			if (strspn(text + gap, " \t\n") >= m->start - gap)
				start = gap;
		}
		mark_add(marks, start, m->start + m->len);
	}
}

/* Widens the marks to whole graphemes and cuts them at the end of the text. */
static void marks_fit(GArray *marks, const char *text, size_t len)
{
	g_autoptr(GArray) old = g_array_copy(marks);
	size_t from = 0;

	g_array_set_size(marks, 0);
	for (guint i = 0; i < old->len; i++) {
		size_t start = g_array_index(old, struct search_mark, i).start,
		       end = start + g_array_index(old, struct search_mark, i).len;
		size_t next = from;

		if (start >= len)
			break;
		while (next < len && next <= start) {
			from = next;
			next = text_next_grapheme(text, len, from);
		}
		start = from;
		while (next < len && next < end)
			next = text_next_grapheme(text, len, next);
		mark_add(marks, start, next);
	}
}

/* --- cutting --- */

static bool is_space(const char *c)
{
	return (unsigned char)*c < 0x80 ? g_ascii_isspace(*c) : g_unichar_isspace(g_utf8_get_char(c));
}

/* The end of what has no white space in it; at most `most` bytes and a character. */
static const char *run_end(const char *c, size_t most)
{
	const char *end = c;

	while (*end && (size_t)(end - c) < most && !is_space(end))
		end = g_utf8_next_char(end);
	return end;
}

/* Copies the text from a word on (NULL: from its start), white space as single blanks, and notes where its hits come to stand. */
static GString *line_copy(const char *text, const GArray *spots, const char *first, size_t most, GArray *marks)
{
	const char *c = first ? first : text, *end;
	GString *s = g_string_sized_new(most + sizeof(ELLIPSIS) + 1);
	guint i = 0;

	if (first)
		g_string_append(s, ELLIPSIS " ");
	while (i < spots->len && g_array_index(spots, struct spot, i).start < c)
		i++;
	for (; *c && s->len < most; c = end) {
		size_t at;

		end = run_end(c, most - s->len);
		if (end == c) {
			if (s->len > 0 && s->str[s->len - 1] != ' ')
				g_string_append_c(s, ' ');
			end = g_utf8_next_char(c);
			continue;
		}
		at = s->len;
		g_string_append_len(s, c, end - c);
		for (; i < spots->len && g_array_index(spots, struct spot, i).end <= end; i++) {
			const struct spot *spot = &g_array_index(spots, struct spot, i);

			if (spot->hit != NO_WORD)
				mark_add(marks, at + (size_t)(spot->start - c), at + (size_t)(spot->end - c));
		}
	}
	while (s->len > 0 && s->str[s->len - 1] == ' ')
		g_string_truncate(s, s->len - 1);
	return s;
}

/* As far as both texts are the same, in whole characters. */
static size_t common_prefix(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	while (n > 0 && ((unsigned char)a[n] & 0xC0) == 0x80)
		n--;
	return n;
}

void snippet_make(const char *text, const struct snippet_words *w, unsigned graphemes, struct snippet *ret)
{
	const char *from = text ? text : "";
	g_autoptr(GArray) spots = spots_of(from, w);
	g_autoptr(GString) line = NULL;
	const struct spot *hit;

	ret->marks = g_array_new(FALSE, FALSE, sizeof(struct search_mark));
	ret->has_all = has_all(spots, w);
	singles_drop(spots);
	hit = best_place(spots, WINDOW_WORDS(graphemes));
	line = line_copy(from, spots, hit && hit->word > LEAD_WORDS ? hit->lead : NULL, (size_t)graphemes * GRAPHEME_BYTES,
			 ret->marks);
	ret->text = text_ellipsize(line->str, graphemes);
	marks_join(ret->marks, line->str);
	marks_fit(ret->marks, ret->text, common_prefix(ret->text, line->str));
}

void snippet_begin(const char *text, unsigned graphemes, struct snippet *ret)
{
	g_autoptr(GArray) spots = g_array_new(FALSE, FALSE, sizeof(struct spot));
	g_autoptr(GString) line = NULL;

	ret->marks = g_array_new(FALSE, FALSE, sizeof(struct search_mark));
	ret->has_all = false;
	line = line_copy(text ? text : "", spots, NULL, (size_t)graphemes * GRAPHEME_BYTES, ret->marks);
	ret->text = text_ellipsize(line->str, graphemes);
}

void snippet_mark(const char *text, const struct snippet_words *w, struct snippet *ret)
{
	g_autoptr(GArray) spots = spots_of(text, w);

	ret->text = g_strdup(text);
	ret->marks = g_array_new(FALSE, FALSE, sizeof(struct search_mark));
	ret->has_all = has_all(spots, w);
	singles_drop(spots);
	for (guint i = 0; i < spots->len; i++) {
		const struct spot *s = &g_array_index(spots, struct spot, i);

		if (s->hit != NO_WORD)
			mark_add(ret->marks, (size_t)(s->start - text), (size_t)(s->end - text));
	}
	marks_join(ret->marks, text);
	marks_fit(ret->marks, text, strlen(text));
}

void snippet_clear(struct snippet *s)
{
	g_clear_pointer(&s->text, g_free);
	g_clear_pointer(&s->marks, g_array_unref);
}
