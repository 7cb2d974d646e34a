/* SPDX-License-Identifier: MIT */
/* Compares hashes of words: each word of the text becomes a set of the places of the query that it fills; neighbours and windows are read from
 * these sets. */
#include <math.h>
#include <string.h>

#include "syllable.h"

#include "rank.h"

/* Longer texts are read so far: what matters of a report stands in front. */
#define WORDS_MAX 4000
/* Words of a usual text, against which long ones count less. */
#define WORDS_USUAL 200.0

/* The parts of the score, each times the weight of its word or pair. What each is worth on the development queries tells
 * tests/bench/search/steps.mjs; those of the marks stand in for one another, and that a word stands there often tells nothing on that corpus. */
#define WORD_THERE 0.7
#define WORD_OFTEN 0.3
#define WORD_TITLE 0.3
#define WORD_MARKS 0.2
#define PAIR_THERE 1.0
#define PAIR_TITLE 0.5
#define PAIR_NEAR 0.5 /* in this order, with one to so many others between them: people leave words out */
#define NEAR_WORDS 3
#define PAIR_MARKS 0.9
#define PAIR_LITERAL 0.3 /* both as typed, also where no mark was typed beside one with marks */
/* One or two words alone are told from others by their marks only: there these count so many times, and "tín hiệu qua vệ tinh" is no "hiệu quả". */
#define MARKS_OF_ONE 5
#define MARKS_OF_TWO 2
#define PAIR_LITERAL_OF_TWO 1.2
#define NEARNESS 1.5
/* The whole title is in the question: "X là gì?" is what X is called. */
#define TITLE_COVERED 1.5
#define LINE_WHOLE 1.2 /* it stands there as it was typed: a title that has most of it goes behind */
#define TITLE_MOST 0.7 /* ... or so much of it */
/* What was typed goes before what else it may mean. */
#define OTHER_LINE 0.97
#define DOUBT_LINE 0.6

typedef uint32_t places; /* QUERY_TERMS_MAX bits */
#define PLACES 32

static unsigned lowest(places p)
{
	return (unsigned)__builtin_ctz(p) % PLACES;
}

struct text_words {
	uint64_t folded[WORDS_MAX], exact[WORDS_MAX];
	unsigned n, n_title;
};

/* What a text has of a line. */
struct traces {
	places folded, title, exact, pairs, near_pairs, title_pairs, exact_pairs, literal_pairs;
	unsigned count[PLACES], n_title; /* words of the title that are in the line */
	unsigned window; /* words of the narrowest stretch with all of `folded` */
};

double rank_weight(int64_t n, int64_t all)
{
	return log(1 + (double)MAX(all, 1) / (double)MAX(n, 1));
}

void rank_line_init(struct rank_line *l, const struct query_line *line)
{
	memset(l, 0, sizeof(*l));
	l->is_doubt = line->is_doubt;
	for (guint i = 0; i < line->words->len && l->n < QUERY_TERMS_MAX; i++, l->n++) {
		const struct query_word *w = g_ptr_array_index(line->words, i);

		l->folded[i] = syllable_hash(w->folded, strlen(w->folded));
		l->exact[i] = w->exact ? syllable_hash(w->exact + 1, strlen(w->exact + 1)) : l->folded[i];
		l->has_marks[i] = w->exact != NULL;
		l->is_stop[i] = w->is_stop;
	}
}

/* Hashes of what no line has: the marks of such words are not looked at. */
static bool is_in(uint64_t sieve, uint64_t folded)
{
	return sieve >> (folded & 63) & 1;
}

/* Between two texts: neighbours do not reach across. No word's hash. */
#define GAP 0

static void words_read(struct text_words *t, const char *text, uint64_t sieve)
{
	struct syllable s;

	if (!text)
		return;
	if (t->n > 0 && t->n < WORDS_MAX) {
		t->folded[t->n] = t->exact[t->n] = GAP;
		t->n++;
	}
	syllable_begin(&s, text, strlen(text));
	while (t->n < WORDS_MAX && syllable_next(&s)) {
		uint64_t folded = syllable_hash(s.folded, s.folded_len);

		t->folded[t->n] = folded;
		t->exact[t->n] = s.has_marks && is_in(sieve, folded) ? syllable_hash(s.exact, s.exact_len) : folded;
		t->n++;
	}
}

/* A filter of one word of bits: most words of a text are none of the query's. */
static uint64_t sieve_of(const struct rank_line *l)
{
	uint64_t sieve = 0;

	for (unsigned i = 0; i < l->n; i++)
		sieve |= UINT64_C(1) << (l->folded[i] & 63);
	return sieve;
}

static places places_of(const struct rank_line *l, uint64_t folded, uint64_t exact, places *ret_exact, places *ret_literal)
{
	places found = 0;

	*ret_exact = *ret_literal = 0;
	for (unsigned i = 0; i < l->n && i < QUERY_TERMS_MAX; i++) {
		if (l->folded[i] != folded)
			continue;
		found |= (places)1 << i;
		if (!l->has_marks[i] || l->exact[i] == exact)
			*ret_exact |= (places)1 << i;
		if (l->exact[i] == exact)
			*ret_literal |= (places)1 << i;
	}
	return found;
}

/* Only the first place of a repeated word stands for it. */
static places distinct(const struct rank_line *l, places p)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (l->word_weight[i] <= 0)
			p &= ~((places)1 << i);
	}
	return p;
}

/* Places of the text where anything of the line stands, for the window. */
struct spots {
	unsigned at[WORDS_MAX];
	places what[WORDS_MAX];
	unsigned n;
};

static void window_find(struct traces *tr, const struct spots *s)
{
	unsigned counts[PLACES] = { 0 }, have = 0, left = 0, want = (unsigned)__builtin_popcount(tr->folded);

	tr->window = 0;
	for (unsigned right = 0; right < s->n; right++) {
		unsigned k = lowest(s->what[right]);

		have += counts[k]++ == 0;
		while (have == want) {
			unsigned width = s->at[right] - s->at[left] + 1, out = lowest(s->what[left]);

			if (tr->window == 0 || width < tr->window)
				tr->window = width;
			have -= --counts[out] == 0;
			left++;
		}
	}
}

static void trace(const struct rank_line *l, const struct text_words *t, struct spots *spots, struct traces *tr)
{
	uint64_t sieve = sieve_of(l);
	places before = 0, before_exact = 0, before_literal = 0, further[NEAR_WORDS] = { 0 };

	memset(tr, 0, sizeof(*tr));
	spots->n = 0;
	for (unsigned i = 0; i < t->n; i++) {
		places here = 0, here_exact = 0, here_literal = 0, first;

		if (t->folded[i] == GAP)
			memset(further, 0, sizeof(further));
		if (is_in(sieve, t->folded[i]))
			here = places_of(l, t->folded[i], t->exact[i], &here_exact, &here_literal);
		tr->pairs |= (before << 1) & here;
		tr->exact_pairs |= (before_exact << 1) & here_exact;
		tr->literal_pairs |= (before_literal << 1) & here_literal;
		if (i < t->n_title)
			tr->title_pairs |= (before << 1) & here;
		for (unsigned k = 0; k < NEAR_WORDS; k++)
			tr->near_pairs |= (further[k] << 1) & here;
		memmove(further + 1, further, (NEAR_WORDS - 1) * sizeof(further[0]));
		further[0] = before;
		before = here;
		before_exact = here_exact;
		before_literal = here_literal;
		first = distinct(l, here);
		tr->n_title += i < t->n_title && here;
		if (!first)
			continue;
		tr->folded |= first;
		tr->exact |= here_exact;
		if (i < t->n_title)
			tr->title |= first;
		tr->count[lowest(first)]++;
		spots->at[spots->n] = i;
		spots->what[spots->n++] = first;
	}
	window_find(tr, spots);
}

static bool has(places p, unsigned i)
{
	return p >> i & 1;
}

static double marks_weight(const struct rank_line *l, double weight)
{
	return weight * (l->n == 1 ? MARKS_OF_ONE : l->n == 2 ? MARKS_OF_TWO : 1);
}

static double words_score(const struct rank_line *l, const struct traces *tr, unsigned len, double *ret_there, double *ret_best)
{
	double score = 0, of_marks = marks_weight(l, WORD_MARKS), longness = 0.5 + 0.5 * len / WORDS_USUAL;

	for (unsigned i = 0; i < l->n; i++) {
		double w = l->word_weight[i], often = tr->count[i] / (tr->count[i] + 1.5 * longness);

		*ret_best += w * (WORD_THERE + WORD_OFTEN + WORD_TITLE + (l->has_marks[i] ? of_marks : 0));
		if (!has(tr->folded, i))
			continue;
		*ret_there += w;
		score += w * (WORD_THERE + WORD_OFTEN * often + (has(tr->title, i) ? WORD_TITLE : 0) +
			      (l->has_marks[i] && has(tr->exact, i) ? of_marks : 0));
	}
	return score;
}

static double pairs_score(const struct rank_line *l, const struct traces *tr, double *ret_best)
{
	double score = 0, of_marks = marks_weight(l, PAIR_MARKS), of_literal = l->n <= 2 ? PAIR_LITERAL_OF_TWO : PAIR_LITERAL;

	for (unsigned i = 1; i < l->n; i++) {
		double w = l->pair_weight[i - 1];
		bool marks = l->has_marks[i] || l->has_marks[i - 1];

		*ret_best += w * (PAIR_THERE + PAIR_TITLE + (marks ? of_marks + of_literal : 0));
		if (has(tr->pairs, i))
			score += w * (PAIR_THERE + (has(tr->title_pairs, i) ? PAIR_TITLE : 0));
		else if (has(tr->near_pairs, i))
			score += w * PAIR_NEAR;
		if (marks && has(tr->exact_pairs, i))
			score += w * (of_marks + (has(tr->literal_pairs, i) ? of_literal : 0));
	}
	return score;
}

/* What the title's words weigh, the more the fewer others it has; nothing if most of it is other words. */
static double title_score(const struct rank_line *l, const struct text_words *t, const struct traces *tr)
{
	double words = 0, share = t->n_title > 0 ? (double)tr->n_title / t->n_title : 0;

	for (unsigned i = 0; i < l->n; i++)
		words += has(tr->title, i) ? l->word_weight[i] : 0;
	return share >= TITLE_MOST ? words * share * share : 0;
}

static struct rank_result score(const struct rank_line *l, const struct text_words *t, const struct traces *tr)
{
	struct rank_result r = { .all_words = true };
	double there = 0, best = 0, sum = 0, all = 0;
	unsigned n = (unsigned)__builtin_popcount(tr->folded);

	for (unsigned i = 0; i < l->n; i++) {
		all += l->word_weight[i];
		if (l->word_weight[i] > 0 && !l->is_stop[i] && !has(tr->folded, i))
			r.all_words = false;
	}
	sum = words_score(l, tr, t->n, &there, &best) + pairs_score(l, tr, &best);
	sum += TITLE_COVERED * title_score(l, t, tr);
	best += (NEARNESS + TITLE_COVERED + (l->n > 1 ? LINE_WHOLE : 0)) * all;
	if (l->n > 1 && tr->pairs == ((places)1 << l->n) - 2)
		sum += LINE_WHOLE * all;
	if (n > 0 && tr->window > 0)
		sum += NEARNESS * there * n / tr->window;
	r.coverage = all > 0 ? there / all : 0;
	r.score = best > 0 ? sum / best : 0;
	return r;
}

struct rank_result rank_texts(const struct rank_line *lines, unsigned n_lines, const char *const *texts, unsigned n_texts)
{
	static _Thread_local struct text_words t;
	static _Thread_local struct spots spots;
	struct rank_result best = { .score = -1 };
	uint64_t sieve = 0;
	bool all_words = false, all_doubt = false;

	for (unsigned k = 0; k < n_lines; k++)
		sieve |= sieve_of(&lines[k]);
	t.n = 0;
	for (unsigned i = 0; i < n_texts; i++) {
		words_read(&t, texts[i], sieve);
		if (i == 0)
			t.n_title = t.n;
	}
	for (unsigned k = 0; k < n_lines; k++) {
		struct traces tr;
		struct rank_result r;

		trace(&lines[k], &t, &spots, &tr);
		r = score(&lines[k], &t, &tr);
		r.score *= lines[k].is_doubt ? DOUBT_LINE : k > 0 ? OTHER_LINE : 1;
		all_words = all_words || (r.all_words && !lines[k].is_doubt);
		all_doubt = all_doubt || (r.all_words && lines[k].is_doubt);
		if (r.score > best.score)
			best = r;
	}
	best.all_words = all_words;
	best.all_doubt = all_doubt && !all_words;
	best.is_cut = t.n == WORDS_MAX;
	return best;
}
