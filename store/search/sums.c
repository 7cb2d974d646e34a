/* SPDX-License-Identifier: MIT */
/* Asks the index by tiers: the line as it stands, all pairs of its neighbours; where nobody wrote that, some of these pairs; rows
 * with all words; only if there is none, rows with some rare word. A list that a tenth of the items stand in is not read for its
 * own sake. */
#include <string.h>

#include "asking.h"
#include "index.h"
#include "spell.h"
#include "vocabulary.h"

/* A word in more than this share of the items tells nothing by itself, unless the title has it... */
#define COMMON_SHARE 10
/* ... but among few items every word tells. */
#define COMMON_ROWS 300
/* In the sum, how much more a title says. */
#define TITLE_BOOST 0.5
/* ... and how much it says that all words stand together, at most. */
#define NEAR_BOOST 1.5
/* What grammar weighs, and two words of it in a row: "la gi" stands in few laws and says nothing all the same. */
#define STOP_WORD 0.2
#define STOP_PAIR 0.15
/* ... and that every pair of neighbours is there. */
#define ALL_PAIRS_WEIGHT 5
/* ... and the line as it stands, with its marks, or what has marks that few have. */
#define WHOLE_WEIGHT 10
/* So many items with the line as it stands may stand before one with the very marks that were typed, which is apart. */
#define ENOUGH_FULL 5
/* What has less than this of the best one's share is not looked at, unless it has all words. */
#define SHARE_OF_BEST 0.4

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

/* How rare a pair is that was not read for itself can but be guessed. A pair that hardly anybody wrote is as likely an accident of
 * the order in which the words were typed as a telling one: it weighs no more than its words. */
static void pairs_weigh(struct asking *a)
{
	int64_t n[QUERY_TERMS_MAX] = { 0 };

	for (guint k = 0; a->asked && k < a->hits->len; k++) {
		for (uint32_t pairs = g_array_index(a->hits, struct hit, k).pairs; pairs; pairs &= pairs - 1)
			n[__builtin_ctz(pairs)]++;
	}
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (!(a->asked & bit(i)))
			n[i] = MAX(a->n_full, pair_guess(a, i));
	}
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		bool is_grammar = word_at(a, i)->is_stop && word_at(a, i + 1)->is_stop;
		double words = rank_weight(a->n[i], a->r->all) + rank_weight(a->n[i + 1], a->r->all);

		a->l->pair_weight[i] = MIN(rank_weight(n[i], a->r->all), words) * (is_grammar ? STOP_PAIR : 1);
	}
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
	return (words_of(h) & a->telling) == a->telling;
}

static struct sum sum_of(const struct asking *a, const struct hit *h, double words, double best)
{
	uint32_t every = every_pair(a);
	struct sum s = { .id = h->id, .all_words = !a->line->is_doubt && has_all(a, h) };
	double near = 0, sum = weight_of(a->l->pair_weight, h->pairs, h->pairs_title) +
			       weight_of(a->l->word_weight, words_of(h), h->words_title | h->pairs_title | h->pairs_title << 1);

	if (every && h->pairs == every) {
		sum += ALL_PAIRS_WEIGHT;
		near = 1;
	} else if (h->window > 0) {
		near = MIN(1, (double)__builtin_popcount(h->words) / h->window);
	}
	sum += NEAR_BOOST * words * near + (h->is_whole || h->is_marked ? WHOLE_WEIGHT : 0);
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

/* All that was typed is a quotation, and ask_full has read whatever has it. */
static bool is_quote_read(const struct asking *a)
{
	g_autofree char *text = a->r->p->quote && a->is_full_read && !a->is_cut ? query_line_text(a->line) : NULL;

	return text && strcmp(text, a->r->p->quote) == 0;
}

static bool ask_line(struct asking *a)
{
	if (!words_weigh(a) || !ask_full(a))
		return false;
	if (is_quote_read(a)) {
		pairs_weigh(a);
		settle(a);
		return true;
	}
	if (a->n_full == 0 && !ask_pairs(a))
		return false;
	pairs_weigh(a);
	ask_require(a);
	a->r->out->is_more = a->r->out->is_more || a->n_full >= WORDS_ROWS_BESIDES || a->is_cut;
	if (a->line->is_doubt) { /* what was put in fits beside its neighbours: where it stands elsewhere it is as doubtful as the word typed */
		settle(a);
		return true;
	}
	if (!ask_whole(a) || (a->n_full < WORDS_ROWS_BESIDES && !ask_words(a)) || ((a->n_full >= ENOUGH_FULL || a->l->n == 1) && !ask_marks(a)))
		return false;
	if ((a->l->n == 1 && a->common && !ask_title(a)) || !ask_title_pairs(a))
		return false;
	if (!any_with_all(a) && !ask_loose(a))
		return false;
	settle(a);
	return true;
}

static bool read_line(struct reading *r, guint k, unsigned *ret_full)
{
	struct asking a = { .r = r, .line = g_ptr_array_index(r->p->lines, k), .l = &r->out->lines[k] };
	bool ok;

	rank_line_init(a.l, a.line);
	a.hits = g_array_new(FALSE, FALSE, sizeof(struct hit));
	ok = ask_line(&a);
	*ret_full = a.n_full;
	g_array_unref(a.hits);
	return ok;
}

/* Where nobody has written the line as it was typed, some word may be a slip that makes another word. */
static bool read_lines(struct reading *r, struct query_plan *p)
{
	for (guint k = 0; k < p->lines->len; k++) {
		unsigned n_full;

		if (!read_line(r, k, &n_full) || (k == 0 && n_full == 0 && !spell_doubt(r->db, p, r->error)))
			return false;
	}
	return true;
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

bool sums_read(struct db *db, const struct search_query *q, struct query_plan *p, struct sums *ret, GError **error)
{
	struct reading r = {
		.db = db, .q = q, .p = p, .out = ret, .deadline_us = p->deadline_us ? p->deadline_us : G_MAXINT64, .error = error
	};
	struct wanted_list listed;
	bool ok;

	memset(ret, 0, sizeof(*ret));
	wanted_list_init(&listed);
	r.listed = wanted_has_filter(q) ? &listed : NULL;
	ret->all = g_array_new(FALSE, FALSE, sizeof(struct sum));
	ok = search_index_count(db, &r.all, error) &&
	     db_run_int64(db_prepare(db, "SELECT max(id) FROM item"), 0, &r.last_id, error) &&
	     wanted_not(db, q, &r.not_wanted, error) && read_lines(&r, p);
	g_clear_pointer(&r.not_wanted, g_array_unref);
	wanted_list_clear(&listed);
	hopeless_drop(ret->all);
	g_array_sort(ret->all, by_share);
	return ok;
}

void sums_clear(struct sums *s)
{
	g_clear_pointer(&s->all, g_array_unref);
}
