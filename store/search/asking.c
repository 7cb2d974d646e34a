/* SPDX-License-Identifier: MIT */
/* Writes the expressions, reads their rows in stretches with an eye on the clock, and joins them. */
#include <string.h>

#include "gather.h"
#include "vocabulary.h"

#include "asking.h"

/* Words that are asked for together in any case; a common one only as long as FTS5 has not more rows than this to step over. */
#define REQUIRED_LEAST 2
#define REQUIRED_COST 60000
/* Longer lines are sentences: nobody has written them so. */
#define FULL_WORDS_MAX 10
/* With more of them than can be read, the index itself has to tell which have the marks. */
#define FULL_MAX 24
/* Pairs that are asked for in any case; more of them up to about so many rows. */
#define PAIRS_LEAST 3
#define PAIRS_ROWS 4000
/* Rows of a pair that may be longer than PAIR_LONG, newest first; and of the line as it stands. */
#define PAIR_ROWS 2000
#define PAIR_ASKED 4000 /* ... of which so many, two microseconds each, may prove not to be wanted */
#define PAIR_LONG 20000
#define WHOLE_ROWS 300
/* Two words with marks are looked for among the newest items alone, if both are common: their pair is one without. */
#define WHOLE_CHUNKS 1
/* Rows with all words: as many as are counted at all; fewer, where some have the line as it stands and go before these. */
#define WORDS_ROWS SEARCH_COUNT_MAX
#define WORDS_ROWS_BESIDES 100
/* Rows of a single common word's titles. */
#define TITLE_ROWS 300
/* Rows of a word with its marks, if these are but one in so many of those that have the word without them. */
#define MARKS_ROWS 64
#define MARKS_TIMES 8
/* Rows of rare words, all of them together; of the rarest so many if it alone has more. */
#define LOOSE_ROWS 2500
/* Rows that FTS5 may have to step over between two looks at the clock: some ten milliseconds. */
#define CHUNK_ROWS 200000
/* ... where each of them is asked for in the table of items. */
#define CHUNK_ROWS_ASKED 20000
/* To ask for a row takes as long as to list a wanted item, a microsecond or two; so few are listed in any case. */
#define LISTED_LEAST 200
/* To begin at another place takes as long as to step over so many rows. */
#define LISTED_GAP_ROWS 400
/* The first stretch where there is a filter; and so many ids tell how dense the rows are. */
#define FIRST_IDS 10000
#define DENSITY_IDS 2000
/* Beyond its time a search without any hit goes on so long. */
#define MERCY_US (120 * 1000)

/* What the phrases of an expression stand for. */
struct expression {
	GString *match;
	unsigned place[GATHER_PHRASES_MAX], n;
	enum { OF_PAIRS, OF_WORDS, OF_MARKED, OF_WHOLE } what;
	bool with_window;
	int64_t cost; /* rows that FTS5 steps over */
	int64_t rows; /* ... and has to hand out, if that is known to be less; else 0 */
	unsigned most, most_chunks; /* 0: all of them */
	unsigned most_asked;	    /* rows that may be asked for in the table of items; 0: any number */
	int64_t below; /* only ids under this one; 0: any */
};

/* --- rows --- */

static struct hit hit_of(const struct expression *e, const struct gather_row *row)
{
	struct hit h = { .id = row->id, .window = row->window, .is_whole = e->what == OF_WHOLE, .is_marked = e->what == OF_MARKED };
	uint32_t has = 0, title = 0;

	for (unsigned i = 0; i < e->n; i++) {
		has |= row->has >> i & 1 ? bit(e->place[i]) : 0;
		title |= row->title >> i & 1 ? bit(e->place[i]) : 0;
	}
	if (e->what == OF_PAIRS) {
		h.pairs = has;
		h.pairs_title = title;
	} else {
		h.words = has;
		h.words_title = title;
	}
	return h;
}

static void hit_join(struct hit *to, const struct hit *h)
{
	to->pairs |= h->pairs;
	to->pairs_title |= h->pairs_title;
	to->words |= h->words;
	to->words_title |= h->words_title;
	to->window = h->window > 0 ? h->window : to->window;
	to->is_whole = to->is_whole || h->is_whole;
	to->is_marked = to->is_marked || h->is_marked;
}

/* Both are in order: rows of both become one. */
static void hits_add(struct asking *a, const struct expression *e, const GArray *rows)
{
	GArray *both = g_array_sized_new(FALSE, FALSE, sizeof(struct hit), a->hits->len + rows->len);
	guint i = 0;

	for (guint k = 0; k < rows->len; k++) {
		struct hit h = hit_of(e, &g_array_index(rows, struct gather_row, k));

		for (; i < a->hits->len && g_array_index(a->hits, struct hit, i).id > h.id; i++)
			g_array_append_val(both, g_array_index(a->hits, struct hit, i));
		if (i < a->hits->len && g_array_index(a->hits, struct hit, i).id == h.id)
			hit_join(&h, &g_array_index(a->hits, struct hit, i++));
		g_array_append_val(both, h);
	}
	if (i < a->hits->len)
		g_array_append_vals(both, &g_array_index(a->hits, struct hit, i), a->hits->len - i);
	g_array_unref(a->hits);
	a->hits = both;
}

/* --- asking --- */

/* Late or not, there should be something to show. */
static bool is_late(struct reading *r)
{
	int64_t late_us = g_get_monotonic_time() - r->deadline_us;

	r->out->is_partial = r->out->is_partial || late_us > (r->has_found ? 0 : MERCY_US);
	return r->out->is_partial;
}

/* An expression on its way from the newest item to the oldest. */
struct walk {
	const char *match;
	const struct expression *e;
	struct gather *g;
	int64_t n_ids; /* that were looked at */
};

/* How many rows an expression can have, about. */
static int64_t rows_guess(const struct expression *e)
{
	return e->rows ? e->rows : e->cost;
}

/* Between two wanted items that stand farther apart than this it is cheaper to begin anew: each phrase begins for itself. */
static int64_t gap_of(const struct walk *w, int64_t last_id)
{
	int64_t steps = w->e->rows ? w->e->rows * w->e->n : w->e->cost;

	return (int64_t)((double)LISTED_GAP_ROWS * w->e->n * (double)last_id / (double)MAX(steps, 1));
}

/* Only where wanted items stand. */
static bool listed_gather(struct asking *a, struct walk *w, int64_t first, int64_t last)
{
	const GArray *ids = a->r->listed->ids;
	const int64_t gap = gap_of(w, a->r->last_id);
	guint i = wanted_list_at(a->r->listed, last);

	while (i < ids->len && g_array_index(ids, int64_t, i) >= first && !is_late(a->r)) {
		int64_t newest = g_array_index(ids, int64_t, i), oldest = newest;

		for (i++; i < ids->len && g_array_index(ids, int64_t, i) >= MAX(first, oldest - gap); i++)
			oldest = g_array_index(ids, int64_t, i);
		if (!gather_run(a->r->db, w->match, oldest, newest, w->g, a->r->error))
			return false;
		if (w->g->is_cut || w->g->is_late)
			return true;
		w->n_ids += newest - oldest + 1;
	}
	return true;
}

/* Where the wanted items are few against the rows to be expected, these are listed first; else each row is asked for. */
static bool stretch_gather(struct asking *a, struct walk *w, int64_t first, int64_t last)
{
	struct reading *r = a->r;
	bool is_seen = w->n_ids >= DENSITY_IDS, ok;
	int64_t n_ids = last - first + 1;
	const double rows = (double)(is_seen ? w->g->n_seen : rows_guess(w->e)) / (double)(is_seen ? w->n_ids : r->last_id) * (double)n_ids;

	w->g->only = NULL;
	if (r->listed && wanted_list_guess(r->listed, r->last_id, first) <= LISTED_LEAST + rows &&
	    !wanted_list_extend(r->listed, r->db, r->q, first, LISTED_LEAST + (unsigned)rows, r->error))
		return false;
	if (!r->listed || r->listed->down_to > first) {
		w->n_ids += n_ids;
		return gather_run(r->db, w->match, first, last, w->g, r->error);
	}
	w->g->only = r->listed;
	ok = listed_gather(a, w, first, last);
	w->g->only = NULL;
	return ok;
}

/* Nothing was met yet. Wherever it is to begin, FTS5 looks for the newest row of all first: what has few rows is better read in one go. */
static bool is_sparse(const struct walk *w)
{
	return w->n_ids >= DENSITY_IDS && w->g->n_seen == 0;
}

/* Newest items first, in stretches that do not take long each; nothing inside FTS5 looks at a clock. With a filter they begin short: how much it leaves
 * shows on the way. */
static bool rows_gather(struct asking *a, const char *match, const struct expression *e, struct gather *g)
{
	struct reading *r = a->r;
	int64_t chunks = 1 + e->cost / (r->not_wanted ? CHUNK_ROWS : CHUNK_ROWS_ASKED), longest = r->last_id / chunks + 1;
	int64_t step = r->listed ? MIN(longest, FIRST_IDS) : longest, end = e->most_chunks ? r->last_id - e->most_chunks * longest : 0;
	struct walk w = { .match = match, .e = e, .g = g };

	for (int64_t last = e->below ? e->below - 1 : r->last_id, first; last > MAX(end, 0); last = first - 1, step = MIN(step * 2, longest)) {
		first = MAX(is_sparse(&w) ? end : last - step, MAX(end, 0)) + 1;
		if (is_late(r))
			return true;
		if (!stretch_gather(a, &w, first, last))
			return false;
		r->has_found = r->has_found || g->rows->len > 0;
		r->out->is_partial = r->out->is_partial || g->is_late;
		if (g->is_cut)
			return true;
	}
	return true;
}

static bool ask(struct asking *a, const struct expression *e, bool *ret_cut)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct gather_row));
	struct gather g = { .wanted = a->r->not_wanted ? NULL : a->r->q, .not_wanted = a->r->not_wanted,
			    .n_phrases = e->what == OF_WHOLE ? 0 : e->n, .with_window = e->with_window, .most = e->most, .most_asked = e->most_asked,
			    .deadline_us = a->r->deadline_us, .rows = rows };
	g_autofree char *match = query_match_strict(a->r->p, e->match->str);

	if (e->n == 0)
		return true;
	if (!rows_gather(a, match, e, &g))
		return false;
	if (ret_cut)
		*ret_cut = *ret_cut || g.is_cut;
	hits_add(a, e, rows);
	return true;
}

static void expression_begin(struct expression *e, int what, const char *prefix)
{
	memset(e, 0, sizeof(*e));
	e->what = what;
	e->match = g_string_new(prefix);
}

static void expression_add(struct expression *e, unsigned place, const char *token, const char *operator)
{
	if (e->n > 0)
		g_string_append(e->match, operator);
	query_quote(e->match, token);
	e->place[e->n++] = place;
}

/* --- words --- */

/* Of the words in `from` the one that the fewest items have; -1 none. */
static int rarest(const struct asking *a, uint32_t from)
{
	int best = -1;

	for (unsigned i = 0; i < a->l->n; i++) {
		if (from & bit(i) && (best < 0 || a->n[i] < a->n[best]))
			best = (int)i;
	}
	return best;
}

void ask_require(struct asking *a)
{
	uint32_t rest = a->telling;
	int64_t cost = 0;

	a->required = 0;
	for (int i = rarest(a, rest); i >= 0; i = rarest(a, rest)) {
		bool is_enough = __builtin_popcount(a->required) >= REQUIRED_LEAST;

		cost += a->n[i];
		if (is_enough && (cost > REQUIRED_COST || (a->n_full > 0 && a->common & bit((unsigned)i))))
			return;
		a->required |= bit((unsigned)i);
		rest &= ~bit((unsigned)i);
	}
}

/* Whoever turns pages gets behind the ones before. */
static unsigned words_most(const struct asking *a)
{
	const GArray *except = a->r->q->except;

	return a->n_full > 0 ? MIN(WORDS_ROWS, WORDS_ROWS_BESIDES + (except ? except->len : 0)) : WORDS_ROWS;
}

bool ask_words(struct asking *a)
{
	uint32_t wanted = a->required;
	struct expression e;
	bool is_cut = false, ok;

	expression_begin(&e, OF_WORDS, NULL);
	e.with_window = true;
	e.most = words_most(a);
	for (int i = rarest(a, wanted); i >= 0; i = rarest(a, wanted)) {
		if (a->n[i] == 0) {
			e.n = 0; /* nobody has written it */
			break;
		}
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " AND ");
		e.cost += a->n[i];
		e.rows = e.rows ? MIN(e.rows, a->n[i]) : a->n[i];
		wanted &= ~bit((unsigned)i);
	}
	ok = ask(a, &e, &is_cut);
	a->r->out->is_more = a->r->out->is_more || is_cut;
	if (is_cut && a->hits->len > 0)
		a->words_below = g_array_index(a->hits, struct hit, a->hits->len - 1).id;
	g_string_free(e.match, TRUE);
	return ok;
}

/* Of the telling words with marks the one whose marks few items have, against those that have the word at all; -1 none. */
static bool rare_marks(struct asking *a, int *ret_i)
{
	int64_t least = MARKS_ROWS;

	*ret_i = -1;
	for (unsigned i = 0; i < a->l->n; i++) {
		const struct query_word *w = word_at(a, i);
		int64_t n;

		if (!w->exact || !(a->telling & bit(i)) || a->n[i] < MARKS_TIMES)
			continue;
		if (!vocabulary_probe(a->r->db, w->exact, least, &n, a->r->error))
			return false;
		if (n == 0 || n >= least || n * MARKS_TIMES > a->n[i])
			continue;
		least = n;
		*ret_i = (int)i;
	}
	return true;
}

bool ask_marks(struct asking *a)
{
	struct expression e;
	int marked;
	bool ok;

	if (a->l->n < 2 || !rare_marks(a, &marked))
		return a->l->n < 2;
	if (marked < 0)
		return true;
	expression_begin(&e, OF_MARKED, NULL);
	expression_add(&e, (unsigned)marked, word_at(a, (unsigned)marked)->exact, "");
	for (unsigned i = 0; i < a->l->n; i++) {
		if (a->telling & bit(i) && i != (unsigned)marked && a->n[i] > 0)
			expression_add(&e, i, word_at(a, i)->folded, " AND ");
	}
	e.with_window = true;
	e.most = MARKS_ROWS;
	e.cost = MARKS_ROWS * e.n;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_title(struct asking *a)
{
	unsigned n_titles = 0;
	struct expression e;
	bool ok;

	for (guint i = 0; i < a->hits->len; i++)
		n_titles += g_array_index(a->hits, struct hit, i).words_title != 0;
	if (!a->words_below || n_titles >= TITLE_ROWS)
		return true;
	expression_begin(&e, OF_WORDS, "title : ");
	expression_add(&e, 0, word_at(a, 0)->folded, "");
	e.with_window = true; /* as ask_words(): or else any body that has it would go before these titles */
	e.below = a->words_below;
	e.most = TITLE_ROWS - n_titles;
	e.cost = a->n[0];
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_loose(struct asking *a)
{
	uint32_t from = a->telling & ~a->common;
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, NULL);
	for (int i = rarest(a, from); i >= 0; i = rarest(a, from)) {
		from &= ~bit((unsigned)i);
		if (a->n[i] == 0)
			continue;
		if (e.n > 0 && e.cost + a->n[i] > LOOSE_ROWS)
			break;
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " OR ");
		e.cost += a->n[i];
	}
	e.most = LOOSE_ROWS;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

/* --- pairs --- */

static void pair_add(struct expression *e, const struct asking *a, unsigned i, const char *operator)
{
	g_autofree char *pair = g_strconcat(word_at(a, i)->folded, "_", word_at(a, i + 1)->folded, NULL);

	expression_add(e, i, pair, operator);
}

static bool ask_long_pair(struct asking *a, unsigned i)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_PAIRS, NULL);
	pair_add(&e, a, i, "");
	e.rows = pair_guess(a, i);
	e.most = PAIR_ROWS;
	e.most_asked = PAIR_ASKED;
	ok = ask(a, &e, &a->is_cut);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_full(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || a->l->n > FULL_WORDS_MAX)
		return true;
	expression_begin(&e, OF_PAIRS, NULL);
	e.most = WORDS_ROWS;
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (pair_most(a, i) == 0) {
			e.n = 0;
			break;
		}
		pair_add(&e, a, i, " AND ");
		e.cost += pair_guess(a, i);
		e.rows = e.rows ? MIN(e.rows, pair_guess(a, i)) : pair_guess(a, i);
	}
	ok = ask(a, &e, NULL);
	a->n_full = a->hits->len;
	g_string_free(e.match, TRUE);
	return ok;
}

/* Of the pairs in `from` the one that the fewest rows can have; -1 none. */
static int rarest_pair(const struct asking *a, uint32_t from)
{
	int best = -1;

	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (from & bit(i) && (best < 0 || pair_most(a, i) < pair_most(a, (unsigned)best)))
			best = (int)i;
	}
	return best;
}

bool ask_pairs(struct asking *a)
{
	uint32_t from = every_pair(a);
	struct expression e;
	bool ok = true;

	expression_begin(&e, OF_PAIRS, NULL);
	for (int i = rarest_pair(a, from); ok && i >= 0; i = rarest_pair(a, from)) {
		int64_t most = pair_most(a, (unsigned)i);

		from &= ~bit((unsigned)i);
		if (most == 0)
			continue;
		if (e.n >= PAIRS_LEAST && e.cost + pair_guess(a, (unsigned)i) > PAIRS_ROWS)
			break;
		a->asked |= bit((unsigned)i);
		e.cost += pair_guess(a, (unsigned)i);
		if (most > PAIR_LONG)
			ok = ask_long_pair(a, (unsigned)i);
		else
			pair_add(&e, a, (unsigned)i, " OR ");
	}
	e.most = UINT32_MAX;
	ok = ok && ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_whole(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || a->l->n > FULL_WORDS_MAX || (a->n_full <= FULL_MAX && !a->is_cut))
		return true;
	expression_begin(&e, OF_WHOLE, NULL);
	if (a->l->n == 2) {
		bool has_marks = word_at(a, 0)->exact || word_at(a, 1)->exact;

		for (unsigned i = 0; i < 2; i++) {
			const struct query_word *w = word_at(a, i);

			/* Beside a word with marks one without is meant so. */
			expression_add(&e, i, has_marks && w->literal ? w->literal : w->folded, " + ");
			e.cost += a->n[i];
		}
		e.most_chunks = WHOLE_CHUNKS;
	} else {
		for (unsigned i = 0; i + 1 < a->l->n; i++) {
			pair_add(&e, a, i, " + ");
			e.cost += pair_guess(a, i);
		}
	}
	e.most = WHOLE_ROWS;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}
