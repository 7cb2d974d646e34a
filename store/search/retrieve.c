/* SPDX-License-Identifier: MIT */
/* Gathers candidates: the rows of each telling word and of each pair of neighbours are added up, and the rows with all words are marked. The best of
 * them are read and ranked. */
#include <string.h>

#include "index.h"
#include "rank.h"
#include "vocabulary.h"
#include "visible.h"

#include "retrieve.h"

/* Rows read of one token, newest first; a token with more tells too little to be worth more. */
#define ROWS_MAX 4000
/* A word in more than this share of the items brings no candidates of its own, unless the title has it. */
#define COMMON_SHARE 10
/* ... and of such a word so many are looked at. */
#define COMMON_ROWS 300
/* Candidates that are read and ranked; the rest keep the order of what the index said. */
#define RANKED_MAX 48
/* In the first sum, how much more a title says. */
#define TITLE_BOOST 0.5
/* ... and how much it says that all words stand together, at most. */
#define NEAR_BOOST 0.7
/* What grammar weighs, and two words of it in a row: "la gi" stands in few laws and says nothing all the same. */
#define STOP_WORD 0.2
#define STOP_PAIR 0.15
/* Rows of the line as it stands, and what it weighs: more than any word. */
#define WHOLE_ROWS 300
#define WHOLE_WEIGHT 10
/* ... and that every pair of neighbours is there. */
#define ALL_PAIRS_WEIGHT 5
#define FILTER_SQL                                                                                                                 \
	VISIBLE_SQL " AND ($5 IS NULL OR item.unit = $5) AND ($6 IS NULL OR item.field = $6) AND ($8 = 0 OR item.year = $8)"       \
		    " AND ($11 = 0 OR $11 >> item.status & 1) AND (($7 < 0 AND $9 IS NULL) OR item.kind = $7 OR item.type = $9"    \
		    " OR ($10 AND item.kind = 0 AND item.type IS NULL))"

/* A row of the index that has some token. */
struct row {
	int64_t id;
	int value; /* of a token: its first column; of all words: the window */
};
struct posting {
	GArray *rows; /* struct row */
	bool is_cut;
};
/* What is known of an item so far. */
struct sum {
	int64_t id;
	double words, pairs; /* of the line that is being added up */
	double near;	     /* 0..1: how near together all words stand */
	unsigned n_pairs;
	double best; /* of the lines before */
	bool all_words;
	bool all_in_line;
};
struct retrieval {
	struct db *db;
	const struct search_query *q;
	const struct query_plan *p;
	struct rank_line lines[QUERY_LINES_MAX];
	int64_t all;
	GHashTable *postings; /* token -> struct posting */
	GHashTable *places;   /* id -> place in sums + 1 */
	GArray *sums;	      /* struct sum */
	bool is_partial;
	bool is_cut; /* of some pair not all rows were read */
	GError **error;
};

static void posting_free(gpointer p)
{
	struct posting *posting = p;

	g_array_unref(posting->rows);
	g_free(posting);
}

static bool is_late(struct retrieval *r)
{
	r->is_partial = r->is_partial || (r->p->deadline_us && g_get_monotonic_time() > r->p->deadline_us);
	return r->is_partial;
}

/* --- reading the index --- */

enum reading { READ_COLUMN, READ_WINDOW };

static bool rows_read(struct retrieval *r, enum reading what, const char *match, unsigned most, GArray *rows, bool *ret_cut)
{
	struct db_stmt *st = what == READ_COLUMN ?
				     db_prepare(r->db, "SELECT rowid, cdsbot_column(search_index) FROM search_index"
						       " WHERE search_index MATCH $1 ORDER BY rowid DESC LIMIT $2") :
				     db_prepare(r->db, "SELECT rowid, cdsbot_window(search_index) FROM search_index"
						       " WHERE search_index MATCH $1 ORDER BY rowid DESC LIMIT $2");
	enum db_step step;

	db_bind_text(st, 1, match);
	db_bind_int64(st, 2, most);
	while ((step = db_step(st, r->error)) == DB_ROW) {
		struct row row = { .id = db_col_int64(st, 0), .value = (int)db_col_int64(st, 1) };

		g_array_append_val(rows, row);
		if (rows->len % 256 == 0 && is_late(r)) {
			step = DB_DONE;
			break;
		}
	}
	db_finish(st);
	*ret_cut = rows->len >= most;
	return step == DB_DONE;
}

/* The rows of a token; the same token of several lines is read once. NULL: broken. */
static const struct posting *posting_get(struct retrieval *r, enum reading what, const char *match, unsigned most)
{
	struct posting *posting = g_hash_table_lookup(r->postings, match);

	if (posting)
		return posting;
	posting = g_new0(struct posting, 1);
	posting->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
	g_hash_table_insert(r->postings, g_strdup(match), posting);
	/* The first is always read: late or not, there is something to show. */
	if (g_hash_table_size(r->postings) > 1 && is_late(r))
		return posting;
	return rows_read(r, what, match, most, posting->rows, &posting->is_cut) ? posting : NULL;
}

static struct sum *sum_of(struct retrieval *r, int64_t id)
{
	guint place = GPOINTER_TO_UINT(g_hash_table_lookup(r->places, (gpointer)(gintptr)id));

	if (place == 0) {
		struct sum s = { .id = id };

		g_array_append_val(r->sums, s);
		place = r->sums->len;
		g_hash_table_insert(r->places, (gpointer)(gintptr)id, GUINT_TO_POINTER(place));
	}
	return &g_array_index(r->sums, struct sum, place - 1);
}

static void add_rows(struct retrieval *r, const struct posting *posting, double weight, bool is_pair)
{
	for (guint i = 0; i < posting->rows->len; i++) {
		const struct row *row = &g_array_index(posting->rows, struct row, i);
		struct sum *s = sum_of(r, row->id);
		double gain = weight * (row->value == 0 ? 1 + TITLE_BOOST : 1);

		if (is_pair) {
			s->pairs += gain;
			s->n_pairs++;
		} else {
			s->words += gain;
		}
	}
}

/* --- the sums of a line --- */

static bool add_pair(struct retrieval *r, struct rank_line *l, const struct query_line *line, guint i)
{
	const struct query_word *a = g_ptr_array_index(line->words, i), *b = g_ptr_array_index(line->words, i + 1);
	g_autoptr(GString) match = g_string_new(NULL);
	g_autofree char *pair = g_strdup_printf("%s_%s", a->folded, b->folded);
	const struct posting *posting;

	query_quote(match, pair);
	posting = posting_get(r, READ_COLUMN, match->str, ROWS_MAX);
	if (!posting)
		return false;
	r->is_cut = r->is_cut || posting->is_cut;
	l->pair_weight[i] = rank_weight(posting->rows->len, r->all) * (a->is_stop && b->is_stop ? STOP_PAIR : 1);
	add_rows(r, posting, l->pair_weight[i], true);
	return true;
}

static bool add_word(struct retrieval *r, struct rank_line *l, const struct query_line *line, guint i)
{
	struct query_word *w = g_ptr_array_index(line->words, i);
	g_autoptr(GString) match = g_string_new(NULL);
	const struct posting *posting;
	bool is_common;

	if (w->n < 0 && !vocabulary_n(r->db, w->folded, &w->n, r->error))
		return false;
	for (guint k = 0; k < i; k++) {
		if (l->folded[k] == l->folded[i])
			return true; /* its repetition weighs nothing */
	}
	l->word_weight[i] = rank_weight(w->n, r->all) * (w->is_stop ? STOP_WORD : 1);
	if (w->is_stop)
		return true;
	is_common = w->n > ROWS_MAX || (w->n > COMMON_ROWS && w->n * COMMON_SHARE > r->all);
	if (is_common && line->words->len > 1)
		return true;
	query_quote(match, w->folded);
	if (is_common)
		g_string_prepend(match, "title : ");
	posting = posting_get(r, READ_COLUMN, match->str, is_common ? COMMON_ROWS : ROWS_MAX);
	if (!posting)
		return false;
	add_rows(r, posting, l->word_weight[i], false);
	return true;
}

/* The rows that have every telling word: they are what is counted and shown. */
static bool mark_all(struct retrieval *r, const struct query_line *line)
{
	g_autofree char *match = query_match_all(r->p, line);
	unsigned n_telling = 0;
	const struct posting *posting = *match ? posting_get(r, READ_WINDOW, match, SEARCH_COUNT_MAX) : NULL;

	if (!posting)
		return *match == '\0';
	for (guint i = 0; i < line->words->len; i++)
		n_telling += !((struct query_word *)g_ptr_array_index(line->words, i))->is_stop;
	for (guint i = 0; i < posting->rows->len; i++) {
		const struct row *row = &g_array_index(posting->rows, struct row, i);
		struct sum *s = sum_of(r, row->id);

		s->all_words = s->all_in_line = true;
		s->near = row->value > 0 ? (double)n_telling / row->value : 0;
	}
	return true;
}

/* Where more items have every pair of neighbours than can be read, the index itself has to tell which have them in one row, and with these marks. */
static bool add_whole(struct retrieval *r, const struct rank_line *l, const struct query_line *line)
{
	g_autoptr(GString) match = g_string_new(NULL);
	const struct posting *posting;
	unsigned n_full = 0;

	for (guint i = 0; i < r->sums->len; i++) {
		struct sum *s = &g_array_index(r->sums, struct sum, i);

		if (s->n_pairs + 1 < l->n)
			continue;
		s->pairs += ALL_PAIRS_WEIGHT;
		n_full++;
	}
	if (l->n < 2 || (n_full <= RANKED_MAX && !r->is_cut))
		return true;
	for (guint i = 0; i < line->words->len; i++) {
		const struct query_word *w = g_ptr_array_index(line->words, i);

		if (i > 0)
			g_string_append(match, " + ");
		query_quote(match, w->exact ? w->exact : w->folded);
	}
	posting = posting_get(r, READ_COLUMN, match->str, WHOLE_ROWS);
	if (posting)
		add_rows(r, posting, WHOLE_WEIGHT, true);
	return posting != NULL;
}

/* Closes a line: what it gave an item, as a share of what it could give. */
static void settle(struct retrieval *r, const struct rank_line *l)
{
	double words = 0, pairs = 0, best;

	for (unsigned i = 0; i < l->n; i++) {
		words += l->word_weight[i];
		pairs += i + 1 < l->n ? l->pair_weight[i] : 0;
	}
	best = (words + pairs) * (1 + TITLE_BOOST) + NEAR_BOOST * words;
	for (guint i = 0; i < r->sums->len; i++) {
		struct sum *s = &g_array_index(r->sums, struct sum, i);
		double sum = s->pairs + (s->all_in_line ? MAX(words, s->words) : s->words) + NEAR_BOOST * words * MIN(s->near, 1);

		if (best > 0)
			s->best = MAX(s->best, sum / best);
		s->words = s->pairs = s->near = 0;
		s->n_pairs = 0;
		s->all_in_line = false;
	}
}

static bool is_strict(const struct query_plan *p)
{
	return p->phrases->len > 0 || p->excluded->len > 0;
}

static bool add_line(struct retrieval *r, guint k)
{
	const struct query_line *line = g_ptr_array_index(r->p->lines, k);
	struct rank_line *l = &r->lines[k];

	rank_line_init(l, line);
	for (guint i = 0; i < l->n; i++) {
		if (!add_word(r, l, line, i) || (i + 1 < l->n && !add_pair(r, l, line, i)))
			return false;
	}
	if (!mark_all(r, line) || !add_whole(r, l, line))
		return false;
	settle(r, l);
	return true;
}

/* --- who may see what --- */

static void bind_filters(struct db_stmt *st, const struct search_query *q)
{
	visible_bind(st, q->viewer);
	db_bind_text(st, 5, q->unit);
	db_bind_text(st, 6, q->field);
	db_bind_int64(st, 7, q->kind);
	db_bind_int64(st, 8, q->year);
	db_bind_text(st, 9, q->type);
	db_bind_int64(st, 10, q->type && q->type_is_default);
	db_bind_int64(st, 11, q->statuses);
}

static bool is_wanted(struct retrieval *r, int64_t id, bool *ret_wanted)
{
	struct db_stmt *st = db_prepare(r->db, "SELECT 1 FROM item INDEXED BY item_filter WHERE item.id = $1 AND " FILTER_SQL);
	int64_t wanted;

	db_bind_int64(st, 1, id);
	bind_filters(st, r->q);
	if (!db_run_int64(st, 0, &wanted, r->error))
		return false;
	*ret_wanted = wanted != 0;
	return true;
}

/* --- the best ones --- */

static int by_sum(gconstpointer a, gconstpointer b)
{
	const struct sum *x = a, *y = b;

	if (x->best != y->best)
		return x->best > y->best ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

static int by_score(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

static bool rank_one(struct retrieval *r, struct candidate *c)
{
	struct db_stmt *st = db_prepare(r->db, "SELECT title, body, labels, unit, more FROM search_index WHERE rowid = $1");
	struct rank_result result;
	const char *texts[5];
	enum db_step step;

	db_bind_int64(st, 1, c->id);
	step = db_step(st, r->error);
	if (step == DB_ROW) {
		for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
			texts[i] = db_col_text(st, i);
		result = rank_texts(r->lines, r->p->lines->len, texts, G_N_ELEMENTS(texts));
		c->score = result.score;
		c->coverage = result.coverage;
		c->all_words = c->all_words || result.all_words;
	}
	db_finish(st);
	return step != DB_BROKEN;
}

/* Takes the sums in their order as far as they may be seen, and ranks the best. */
static bool choose(struct retrieval *r, GArray *found)
{
	g_array_sort(r->sums, by_sum);
	for (guint i = 0; i < r->sums->len && found->len < SEARCH_COUNT_MAX; i++) {
		const struct sum *s = &g_array_index(r->sums, struct sum, i);
		struct candidate c = { .id = s->id, .score = s->best, .coverage = s->best, .all_words = s->all_words };
		bool wanted;

		/* Beyond the ranked ones only what has all words is shown. */
		if (!s->all_words && (found->len >= RANKED_MAX || is_strict(r->p)))
			continue;
		if (!is_wanted(r, s->id, &wanted))
			return false;
		if (!wanted)
			continue;
		if (found->len < RANKED_MAX && !rank_one(r, &c))
			return false;
		g_array_append_val(found, c);
	}
	if (found->len > 0)
		qsort(found->data, MIN(found->len, RANKED_MAX), sizeof(struct candidate), by_score);
	return true;
}

bool retrieve(struct db *db, const struct search_query *q, const struct query_plan *p, GArray *found, bool *ret_partial, GError **error)
{
	struct retrieval r = { .db = db, .q = q, .p = p, .error = error };
	bool ok;

	r.postings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, posting_free);
	r.places = g_hash_table_new(NULL, NULL);
	r.sums = g_array_new(FALSE, FALSE, sizeof(struct sum));
	ok = search_index_count(db, &r.all, error);
	for (guint k = 0; ok && k < p->lines->len; k++)
		ok = add_line(&r, k);
	ok = ok && choose(&r, found);
	*ret_partial = r.is_partial;
	g_hash_table_unref(r.postings);
	g_hash_table_unref(r.places);
	g_array_unref(r.sums);
	return ok;
}

bool retrieve_newest(struct db *db, const struct search_query *q, GArray *found, GError **error)
{
	/* $1 keeps the numbers of the shared condition. */
	struct db_stmt *st = db_prepare(db, "SELECT item.id FROM item WHERE item.status < $1 AND item.status <> 4 AND " FILTER_SQL
					    " ORDER BY item.id DESC LIMIT $12");
	enum db_step step;

	db_bind_int64(st, 1, ITEM_WITHDRAWN);
	bind_filters(st, q);
	db_bind_int64(st, 12, SEARCH_COUNT_MAX);
	while ((step = db_step(st, error)) == DB_ROW) {
		struct candidate c = { .id = db_col_int64(st, 0), .coverage = 1, .all_words = true };

		g_array_append_val(found, c);
	}
	db_finish(st);
	return step == DB_DONE;
}
