/* SPDX-License-Identifier: MIT */
/* Asks the index by tiers: the line as it stands, all pairs of its neighbours; where nobody wrote that, some of these pairs; rows with all words;
 * only if there is none, rows with some rare word. A list that a tenth of the items stand in is not read for its own sake. */
#include <string.h>

#include "gather.h"
#include "index.h"
#include "vocabulary.h"

#include "sums.h"

/* A word in more than this share of the items tells nothing by itself, unless the title has it... */
#define COMMON_SHARE 10
/* Words that are asked for together in any case; a common one only as long as FTS5 has not more rows than this to step over. */
#define REQUIRED_LEAST 2
#define COMMON_COST 60000
/* ... but among few items every word tells. */
#define COMMON_ROWS 300
/* In the sum, how much more a title says. */
#define TITLE_BOOST 0.5
/* ... and how much it says that all words stand together, at most. */
#define NEAR_BOOST 0.7
/* What grammar weighs, and two words of it in a row: "la gi" stands in few laws and says nothing all the same. */
#define STOP_WORD 0.2
#define STOP_PAIR 0.15
/* ... and that every pair of neighbours is there. */
#define ALL_PAIRS_WEIGHT 5
/* ... and the line as it stands, with its marks. */
#define WHOLE_WEIGHT 10
/* So many items with the line as it stands are an answer: what has the words apart is not asked for any more. */
#define ENOUGH_FULL 10
/* Longer lines are sentences: nobody has written them so. */
#define FULL_WORDS_MAX 10
/* About so many times rarer than its rarer word a pair is. */
#define PAIR_OF_WORDS 4
/* With more of them than can be read, the index itself has to tell which have the marks. */
#define FULL_MAX 24
/* Pairs that are asked for in any case; more of them up to about so many rows. */
#define PAIRS_LEAST 3
#define PAIRS_ROWS 4000
/* Rows of a pair that may be longer than PAIR_LONG, newest first; and of the line as it stands. */
#define PAIR_ROWS 2000
#define PAIR_LONG 20000
#define WHOLE_ROWS 300
/* Rows with all words: as many as are counted at all. */
#define WORDS_ROWS 1000
/* Rows of a single common word's titles. */
#define TITLE_ROWS 300
/* Rows of rare words, all of them together, and of the rarest if it alone has more. */
#define LOOSE_ROWS 2500
/* What has less than this of the best one's share is not looked at, unless it has all words. */
#define SHARE_OF_BEST 0.5
/* Rows that FTS5 may have to step over between two looks at the clock: some ten milliseconds. */
#define CHUNK_ROWS 200000
/* Beyond its time a search without any hit goes on so long. */
#define MERCY_US (120 * 1000)

/* What is known of a row in the line at hand. Bit i of pairs: word i and i + 1. */
struct hit {
	int64_t id;
	uint32_t pairs, pairs_title, words, words_title;
	unsigned window;
	bool is_whole;
};
struct reading {
	struct db *db;
	const struct query_plan *p;
	struct sums *out;
	int64_t all, last_id, deadline_us;
	bool has_found;
	GError **error;
};
/* A line of the query while it is asked for. */
struct asking {
	struct reading *r;
	const struct query_line *line;
	struct rank_line *l;
	GArray *hits; /* struct hit, by id downwards */
	int64_t n[QUERY_TERMS_MAX];	 /* items that have the word */
	uint32_t telling, common;	 /* words */
	uint32_t required;		 /* ... that a row needs to have all */
	uint32_t asked;			 /* pairs that were read for themselves */
	unsigned n_full;
	bool is_cut; /* of some pair not all rows were read */
};
/* What the phrases of an expression stand for. */
struct expression {
	GString *match;
	unsigned place[GATHER_PHRASES_MAX], n;
	enum { OF_PAIRS, OF_WORDS, OF_WHOLE } what;
	bool with_window;
	int64_t cost; /* rows that FTS5 steps over */
	unsigned most;
};

static uint32_t bit(unsigned i)
{
	return UINT32_C(1) << i;
}

static const struct query_word *word_at(const struct asking *a, unsigned i)
{
	return g_ptr_array_index(a->line->words, i);
}

/* --- rows --- */

static struct hit hit_of(const struct expression *e, const struct gather_row *row)
{
	struct hit h = { .id = row->id, .window = row->window, .is_whole = e->what == OF_WHOLE };
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

/* Newest items first, in stretches that do not take long each; nothing inside FTS5 looks at a clock. */
static bool rows_gather(struct asking *a, const char *match, const struct expression *e, struct gather *g)
{
	struct reading *r = a->r;
	int64_t chunks = 1 + e->cost / CHUNK_ROWS, step = r->last_id / chunks + 1;

	for (int64_t last = r->last_id; last > 0; last -= step) {
		if (is_late(r))
			return true;
		if (!gather_run(r->db, match, last - step + 1, last, g, r->error))
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
	struct gather g = { .n_phrases = e->what == OF_WHOLE ? 0 : e->n, .with_window = e->with_window, .most = e->most,
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

static bool words_weigh(struct asking *a)
{
	struct rank_line *l = a->l;

	for (unsigned i = 0; i < l->n; i++) {
		struct query_word *w = g_ptr_array_index(a->line->words, i);
		bool again = false;

		if (w->n < 0 && !vocabulary_n(a->r->db, w->folded, &w->n, a->r->error))
			return false;
		a->n[i] = w->n;
		for (unsigned k = 0; k < i; k++)
			again = again || l->folded[k] == l->folded[i];
		if (again) /* its repetition weighs nothing */
			continue;
		l->word_weight[i] = rank_weight(w->n, a->r->all) * (w->is_stop ? STOP_WORD : 1);
		a->telling |= w->is_stop ? 0 : bit(i);
		a->common |= w->n > COMMON_ROWS && w->n * COMMON_SHARE > a->r->all ? bit(i) : 0;
	}
	return true;
}

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

/* The words that a row must have to be said to have all: common ones only where that costs little, or else there would be too few to look for. */
static void require(struct asking *a)
{
	uint32_t rest = a->telling & a->common;
	int64_t cost = 0;

	a->required = a->telling & ~a->common;
	for (unsigned i = 0; i < a->l->n; i++)
		cost += a->required & bit(i) ? a->n[i] : 0;
	for (int i = rarest(a, rest); i >= 0; i = rarest(a, rest)) {
		cost += a->n[i];
		if (__builtin_popcount(a->required) >= REQUIRED_LEAST && (a->n_full > 0 || cost > COMMON_COST))
			return;
		a->required |= bit((unsigned)i);
		rest &= ~bit((unsigned)i);
	}
}

/* Rows that have every word that is required. */
static bool ask_words(struct asking *a)
{
	uint32_t wanted = a->required;
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, NULL);
	e.with_window = true;
	e.most = WORDS_ROWS;
	for (int i = rarest(a, wanted); i >= 0; i = rarest(a, wanted)) {
		if (a->n[i] == 0) {
			e.n = 0; /* nobody has written it */
			break;
		}
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " AND ");
		e.cost += a->n[i];
		wanted &= ~bit((unsigned)i);
	}
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

/* A line of one common word: what has it in the title. */
static bool ask_title(struct asking *a)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, "title : ");
	expression_add(&e, 0, word_at(a, 0)->folded, "");
	e.most = TITLE_ROWS;
	e.cost = a->n[0];
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

/* Rows that have some of the rarest words. */
static bool ask_loose(struct asking *a)
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

/* How many rows the pair has at most. */
static int64_t pair_most(const struct asking *a, unsigned i)
{
	return MIN(a->n[i], a->n[i + 1]);
}

static bool ask_long_pair(struct asking *a, unsigned i)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_PAIRS, NULL);
	pair_add(&e, a, i, "");
	e.most = PAIR_ROWS;
	ok = ask(a, &e, &a->is_cut);
	g_string_free(e.match, TRUE);
	return ok;
}

static uint32_t every_pair(const struct asking *a)
{
	return a->l->n > 1 ? bit(a->l->n - 1) - 1 : 0;
}

/* Rows with every pair of neighbours. */
static bool ask_full(struct asking *a)
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
		e.cost += pair_most(a, i) / PAIR_OF_WORDS;
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

/* Rows with some pair, the rarest ones; the others are looked for in the texts of what these find. */
static bool ask_pairs(struct asking *a)
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
		if (e.n >= PAIRS_LEAST && e.cost + most / PAIR_OF_WORDS > PAIRS_ROWS)
			break;
		a->asked |= bit((unsigned)i);
		e.cost += most / PAIR_OF_WORDS;
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

/* How rare a pair is that was not read for itself can but be guessed. */
static void pairs_weigh(struct asking *a)
{
	int64_t n[QUERY_TERMS_MAX] = { 0 };

	for (guint k = 0; a->asked && k < a->hits->len; k++) {
		for (uint32_t pairs = g_array_index(a->hits, struct hit, k).pairs; pairs; pairs &= pairs - 1)
			n[__builtin_ctz(pairs)]++;
	}
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (!(a->asked & bit(i)))
			n[i] = MAX(a->n_full, pair_most(a, i) / PAIR_OF_WORDS);
	}
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		bool is_grammar = word_at(a, i)->is_stop && word_at(a, i + 1)->is_stop;

		a->l->pair_weight[i] = rank_weight(n[i], a->r->all) * (is_grammar ? STOP_PAIR : 1);
	}
}

/* Where more items have every pair of neighbours than can be read: which have them in one row, and with these marks. */
static bool ask_whole(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || (a->n_full <= FULL_MAX && !a->is_cut))
		return true;
	expression_begin(&e, OF_WHOLE, NULL);
	for (unsigned i = 0; i < a->l->n; i++) {
		const struct query_word *w = word_at(a, i);

		expression_add(&e, i, w->exact ? w->exact : w->folded, " + ");
		e.cost += a->n[i];
	}
	e.most = WHOLE_ROWS;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

/* --- the sum of a line --- */

static double weight_of(const double *weights, uint32_t has, uint32_t title)
{
	double sum = 0;

	for (; has; has &= has - 1) {
		unsigned i = (unsigned)__builtin_ctz(has);

		sum += weights[i] * (title >> i & 1 ? 1 + TITLE_BOOST : 1);
	}
	return sum;
}

static uint32_t words_of(const struct hit *h)
{
	return h->words | h->pairs | h->pairs << 1;
}

static bool has_all(const struct asking *a, const struct hit *h)
{
	return (words_of(h) & a->required) == a->required;
}

static struct sum sum_of(const struct asking *a, const struct hit *h, double words, double best)
{
	uint32_t every = every_pair(a);
	struct sum s = { .id = h->id, .all_words = has_all(a, h) };
	double near = 0, sum = weight_of(a->l->pair_weight, h->pairs, h->pairs_title) +
			       weight_of(a->l->word_weight, words_of(h), h->words_title | h->pairs_title | h->pairs_title << 1);

	if (every && h->pairs == every) {
		sum += ALL_PAIRS_WEIGHT;
		near = 1;
	} else if (h->window > 0) {
		near = MIN(1, (double)__builtin_popcount(h->words) / h->window);
	}
	sum += NEAR_BOOST * words * near + (h->is_whole ? WHOLE_WEIGHT : 0);
	s.share = best > 0 ? sum / best : 0;
	return s;
}

static int by_share(gconstpointer a, gconstpointer b)
{
	const struct sum *x = a, *y = b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

/* Of an item that several lines found, the best counts. */
static void settle(struct asking *a)
{
	GArray *all = a->r->out->all, *both = g_array_sized_new(FALSE, FALSE, sizeof(struct sum), all->len + a->hits->len);
	double words = 0, pairs = 0, best;
	guint i = 0;

	for (unsigned k = 0; k < a->l->n; k++) {
		words += a->l->word_weight[k];
		pairs += a->l->pair_weight[k];
	}
	best = (words + pairs) * (1 + TITLE_BOOST) + NEAR_BOOST * words;
	for (guint k = 0; k < a->hits->len; k++) {
		struct sum s = sum_of(a, &g_array_index(a->hits, struct hit, k), words, best);

		for (; i < all->len && g_array_index(all, struct sum, i).id > s.id; i++)
			g_array_append_val(both, g_array_index(all, struct sum, i));
		if (i < all->len && g_array_index(all, struct sum, i).id == s.id) {
			const struct sum *other = &g_array_index(all, struct sum, i++);

			s.share = MAX(s.share, other->share);
			s.all_words = s.all_words || other->all_words;
		}
		g_array_append_val(both, s);
	}
	if (i < all->len)
		g_array_append_vals(both, &g_array_index(all, struct sum, i), all->len - i);
	g_array_unref(all);
	a->r->out->all = both;
}

static bool any_with_all(const struct asking *a)
{
	for (guint i = 0; i < a->hits->len; i++) {
		if (has_all(a, &g_array_index(a->hits, struct hit, i)))
			return true;
	}
	return false;
}

static bool ask_line(struct asking *a)
{
	if (!words_weigh(a) || !ask_full(a) || (a->n_full == 0 && !ask_pairs(a)))
		return false;
	pairs_weigh(a);
	require(a);
	if (!ask_whole(a) || (a->n_full < ENOUGH_FULL && !ask_words(a)))
		return false;
	if (a->l->n == 1 && a->common && !ask_title(a))
		return false;
	if (!any_with_all(a) && !ask_loose(a))
		return false;
	settle(a);
	return true;
}

static bool read_line(struct reading *r, guint k)
{
	struct asking a = { .r = r, .line = g_ptr_array_index(r->p->lines, k), .l = &r->out->lines[k] };
	bool ok;

	rank_line_init(a.l, a.line);
	a.hits = g_array_new(FALSE, FALSE, sizeof(struct hit));
	ok = ask_line(&a);
	g_array_unref(a.hits);
	return ok;
}

static void hopeless_drop(GArray *all)
{
	double best = 0;
	guint kept = 0;

	for (guint i = 0; i < all->len; i++)
		best = MAX(best, g_array_index(all, struct sum, i).share);
	for (guint i = 0; i < all->len; i++) {
		const struct sum *s = &g_array_index(all, struct sum, i);

		if (s->all_words || s->share >= best * SHARE_OF_BEST)
			g_array_index(all, struct sum, kept++) = *s;
	}
	g_array_set_size(all, kept);
}

bool sums_read(struct db *db, const struct query_plan *p, struct sums *ret, GError **error)
{
	struct reading r = { .db = db, .p = p, .out = ret, 
			     .deadline_us = p->deadline_us ? p->deadline_us : G_MAXINT64, .error = error };

	memset(ret, 0, sizeof(*ret));
	ret->all = g_array_new(FALSE, FALSE, sizeof(struct sum));
	if (!search_index_count(db, &r.all, error) ||
	    !db_run_int64(db_prepare(db, "SELECT max(id) FROM item"), 0, &r.last_id, error))
		return false;
	for (guint k = 0; k < p->lines->len; k++) {
		if (!read_line(&r, k))
			return false;
	}
	hopeless_drop(ret->all);
	g_array_sort(ret->all, by_share);
	return true;
}

void sums_clear(struct sums *s)
{
	g_clear_pointer(&s->all, g_array_unref);
}
