/* SPDX-License-Identifier: MIT */
/* Answers a search: an id goes straight to its item; else all words, else as many telling words as possible. Reading the query,
 * ranking and snippets are the neighbours' work. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "query.h"
#include "rank.h"
#include "snippet.h"
#include "visible.h"

#include "search.h"

/* How many candidates are read and ranked; the rest keep the order of bm25. */
#define RANKED_MAX 80
/* When not all words need be there, more is read: what shares too little is dropped only then. */
#define RANKED_ANY_MAX 150
/* The least share of the query's weight that a document must have to be shown at all: short queries ("loa xa") and long ones. */
#define COVERAGE_MIN 0.5
#define COVERAGE_MIN_LONG 0.4
#define LONG_TERMS 4
/* ... and the least share of what the best one has: behind a good hit the poor ones only confuse. */
#define COVERAGE_OF_BEST 0.6
/* In the second way a word that stands in more than this share of the documents brings no candidates, unless it is among the
 * rarest. */
#define COMMON_SHARE 0.05
#define RAREST 3

#define FILTER_SQL                                                                                                                 \
	VISIBLE_SQL " AND ($5 IS NULL OR item.unit = $5) AND ($6 IS NULL OR item.field = $6) AND ($7 < 0 OR item.kind = $7)"       \
		    " AND ($8 = 0 OR item.year = $8)"

struct candidate {
	int64_t id;
	double score;
	double coverage; /* share of the query's weight, 1 where all words are there */
	bool all_words;
};

void search_hit_free(struct search_hit *h)
{
	if (!h)
		return;
	g_free(h->title);
	g_free(h->unit);
	g_free(h->field);
	g_free(h->ref);
	g_free(h->snippet);
	g_free(h);
}

static void bind_filters(struct db_stmt *st, const struct search_query *q)
{
	visible_bind(st, q->viewer);
	db_bind_text(st, 5, q->unit);
	db_bind_text(st, 6, q->field);
	db_bind_int64(st, 7, q->kind);
	db_bind_int64(st, 8, q->year);
}

static bool candidates_read(struct db_stmt *st, GArray *into, GError **error)
{
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW) {
		struct candidate c = { .id = db_col_int64(st, 0), .score = -db_col_real(st, 1), .coverage = 1, .all_words = true };

		g_array_append_val(into, c);
	}
	db_finish(st);
	return step == DB_DONE;
}

static bool candidates_match(struct db *db, const struct search_query *q, const char *match, unsigned limit, GArray *into,
			     GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT search_index.rowid, bm25(search_index, 6.0, 1.0, 1.0, 1.5, 0.5) AS score"
			       " FROM search_index CROSS JOIN item INDEXED BY item_filter ON item.id = search_index.rowid"
			       " WHERE search_index MATCH $1 AND " FILTER_SQL " ORDER BY score, item.id DESC LIMIT $9");

	db_bind_text(st, 1, match);
	bind_filters(st, q);
	db_bind_int64(st, 9, limit);
	return candidates_read(st, into, error);
}

/* Filters without words: the newest of what they leave. $1 keeps the numbers of the shared condition. */
static bool candidates_newest(struct db *db, const struct search_query *q, GArray *into, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT item.id, 0.0 FROM item WHERE item.status < $1 AND item.status <> 4 AND " FILTER_SQL
			       " ORDER BY item.id DESC LIMIT $9");

	db_bind_int64(st, 1, ITEM_WITHDRAWN);
	bind_filters(st, q);
	db_bind_int64(st, 9, SEARCH_COUNT_MAX);
	return candidates_read(st, into, error);
}

/* Replaces the candidate's bm25 by its rank. */
static bool candidate_rank(struct db *db, const struct query_plan *p, const double *weights, struct candidate *c, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "SELECT s.title, s.body, s.labels, s.unit, s.more, i.title, i.body, i.kind FROM search_index s, item i"
		    " WHERE s.rowid = $1 AND i.id = $1");
	enum db_step step;

	c->coverage = 0;
	db_bind_int64(st, 1, c->id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		struct rank_doc d = {
			.kind = (enum item_kind)db_col_int64(st, 7),
			.bm25 = c->score,
			.title = db_col_text(st, 0),
			.body = db_col_text(st, 1),
			.labels = db_col_text(st, 2),
			.unit = db_col_text(st, 3),
			.more = db_col_text(st, 4),
			.original_title = db_col_text(st, 5),
			.original_body = db_col_text(st, 6),
		};

		c->score = rank_score(p, weights, &d, &c->coverage, &c->all_words);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static int by_score(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = a, *y = b;

	if (x->score > y->score)
		return -1;
	if (x->score < y->score)
		return 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The best ones by rank, the same number whichever page is asked for: else pages would overlap. What was not read keeps its place
 * behind. */
static bool rank_all(struct db *db, const struct query_plan *p, GArray *found, GError **error)
{
	guint n = MIN(found->len, RANKED_MAX);

	for (guint i = 0; i < n; i++) {
		if (!candidate_rank(db, p, NULL, &g_array_index(found, struct candidate, i), error))
			return false;
	}
	if (n > 0)
		qsort(found->data, n, sizeof(struct candidate), by_score);
	return true;
}

static bool token_count(struct db *db, const char *token, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT doc FROM search_terms WHERE term = $1");

	db_bind_text(st, 1, token);
	return db_run_int64(st, 0, ret_n, error);
}

/* How many documents have a term: of its spellings the most frequent, of a phrase its rarest word. */
static bool term_count(struct db *db, const struct query_term *t, int64_t *ret_n, GError **error)
{
	*ret_n = 0;
	for (guint i = 0; i < t->phrases->len; i++) {
		g_auto(GStrv) words = g_strsplit(g_ptr_array_index(t->phrases, i), " ", -1);
		int64_t rarest = INT64_MAX;

		for (char **w = words; *w; w++) {
			int64_t n;

			if (!token_count(db, *w, &n, error))
				return false;
			rarest = MIN(rarest, n);
		}
		*ret_n = MAX(*ret_n, rarest == INT64_MAX ? 0 : rarest);
	}
	return true;
}

/* Keystrokes that the phone did not turn into a letter: only where nobody has written the word as it stands ("mas" is no name
 * here). */
static bool keystrokes_read(struct db *db, struct query_plan *p, GError **error)
{
	for (guint i = 0; i < p->terms->len; i++) {
		const struct query_term *t = g_ptr_array_index(p->terms, i);
		g_autofree char *meant = strchr(t->phrase, ' ') ? NULL : text_fold_keystrokes(t->phrase);
		g_autofree char *token = meant ? search_fold(meant) : NULL;
		int64_t n;

		if (!token)
			continue;
		if (!token_count(db, t->phrase, &n, error))
			return false;
		if (n == 0)
			query_respell(p, i, token);
	}
	return true;
}

struct term_use {
	guint term;
	int64_t n;
};

static int by_count(gconstpointer a, gconstpointer b)
{
	const struct term_use *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

/* Weighs the terms (rare ones more; unknown ones as the rarest: they are what the person asked for) and picks those that bring
 * candidates. *ret_any is false when none is in the index. */
static bool terms_weigh(struct db *db, const struct query_plan *p, double *weights, bool *use, bool *ret_any, GError **error)
{
	struct term_use known[QUERY_TERMS_MAX];
	guint n_known = 0;
	int64_t all;

	/* Numbers are given out once, so their sum is the number of items, near enough for a logarithm. */
	if (!db_run_int64(db_prepare(db, "SELECT sum(last) FROM counter WHERE prefix <> 'TB'"), 1, &all, error))
		return false;
	for (guint i = 0; i < p->terms->len; i++) {
		const struct query_term *t = g_ptr_array_index(p->terms, i);
		int64_t n;

		if (!term_count(db, t, &n, error))
			return false;
		weights[i] = t->is_stop ? 0.1 : log(1 + (double)MAX(all, n) / (double)MAX(n, 1));
		if (n > 0 && !t->is_stop)
			known[n_known++] = (struct term_use){ i, n };
	}
	if (n_known > 0)
		qsort(known, n_known, sizeof(known[0]), by_count);
	for (guint i = 0; i < n_known; i++)
		use[known[i].term] = i < RAREST || (double)known[i].n <= COMMON_SHARE * (double)all;
	*ret_any = n_known > 0;
	return true;
}

static bool search_any(struct db *db, const struct search_query *q, const struct query_plan *p, GArray *found, GError **error)
{
	double weights[QUERY_TERMS_MAX] = { 0 };
	bool use[QUERY_TERMS_MAX] = { false };
	g_autofree char *match = NULL;
	double least = p->terms->len >= LONG_TERMS ? COVERAGE_MIN_LONG : COVERAGE_MIN;
	bool any;

	if (p->terms->len < 2)
		return true;
	if (!terms_weigh(db, p, weights, use, &any, error))
		return false;
	if (!any)
		return true;
	match = query_match_any(p, use);
	if (!candidates_match(db, q, match, RANKED_ANY_MAX, found, error))
		return false;
	for (guint i = 0; i < found->len; i++) {
		struct candidate *c = &g_array_index(found, struct candidate, i);

		if (!candidate_rank(db, p, weights, c, error))
			return false;
		least = MAX(least, COVERAGE_OF_BEST * c->coverage);
	}
	for (guint i = found->len; i > 0; i--) {
		if (g_array_index(found, struct candidate, i - 1).coverage < least)
			g_array_remove_index(found, i - 1);
	}
	if (found->len > 0)
		qsort(found->data, found->len, sizeof(struct candidate), by_score);
	return true;
}

/* A snippet from the body, else from the label that has the hit. */
static bool hit_snippet(struct db *db, struct search_hit *h, const char *body, const struct query_plan *p, GError **error)
{
	struct db_stmt *st;
	enum db_step step = DB_DONE;
	bool is_hit;

	h->snippet = snippet_make(body, p, &is_hit);
	if (is_hit || p->terms->len == 0)
		return true;
	st = db_prepare(db, "SELECT value FROM item_field WHERE item_id = $1 AND key <> 'lienhe' ORDER BY position");
	db_bind_int64(st, 1, h->item_id);
	while (!is_hit && (step = db_step(st, error)) == DB_ROW) {
		g_autofree char *snippet = snippet_make(db_col_text(st, 0), p, &is_hit);

		if (is_hit) {
			g_free(h->snippet);
			h->snippet = g_steal_pointer(&snippet);
		}
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static bool hit_load(struct db *db, const struct candidate *c, const struct query_plan *p, GPtrArray *hits, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT kind, number, title, unit, field, ref, body FROM item WHERE id = $1");
	g_autofree char *body = NULL;
	struct search_hit *h;
	enum db_step step;

	db_bind_int64(st, 1, c->id);
	step = db_step(st, error);
	if (step != DB_ROW) {
		db_finish(st);
		return step != DB_BROKEN;
	}
	h = g_new0(struct search_hit, 1);
	h->item_id = c->id;
	h->kind = (enum item_kind)db_col_int64(st, 0);
	h->number = db_col_int64(st, 1);
	h->title = db_col_dup(st, 2);
	h->unit = db_col_dup(st, 3);
	h->field = db_col_dup(st, 4);
	h->ref = db_col_dup(st, 5);
	h->score = c->score;
	h->all_words = c->all_words;
	body = db_col_dup(st, 6);
	db_finish(st);
	g_ptr_array_add(hits, h);
	return hit_snippet(db, h, body, p, error);
}

/* "SK14", and "14" alone where no kind or the kind of the number is asked for. */
static bool is_id(const struct search_query *q, const char *text, enum item_kind *ret_kind, int64_t *ret_number)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	size_t len = strlen(trimmed);

	if (item_id_parse(trimmed, ret_kind, ret_number))
		return true;
	if (len == 0 || len > 9 || strspn(trimmed, "0123456789") != len)
		return false;
	*ret_kind = q->kind >= 0 && q->kind < ITEM_KINDS ? (enum item_kind)q->kind : ITEM_INITIATIVE;
	*ret_number = g_ascii_strtoll(trimmed, NULL, 10);
	return true;
}

static bool find_id(struct db *db, const struct search_query *q, const char *text, GArray *found, GError **error)
{
	g_autoptr(item_t) i = NULL;
	enum item_kind kind;
	int64_t number;

	if (!is_id(q, text, &kind, &number))
		return true;
	switch (store_item_get(db, kind, number, &i, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		if (item_visible_to(i, q->viewer)) {
			struct candidate c = { .id = i->id, .score = 100, .coverage = 1, .all_words = true };

			g_array_append_val(found, c);
		}
		return true;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	}
	return true;
}

static bool search_words(struct db *db, const struct search_query *q, struct query_plan *p, GArray *found, GError **error)
{
	g_autofree char *match = NULL;

	if (!keystrokes_read(db, p, error))
		return false;
	match = query_match_all(p);
	if (!candidates_match(db, q, match, SEARCH_COUNT_MAX, found, error))
		return false;
	if (found->len > 0)
		return rank_all(db, p, found, error);
	return search_any(db, q, p, found, error);
}

GPtrArray *store_search(struct db *db, const struct registry *r, const struct search_query *q, int64_t *ret_total, GError **error)
{
	g_autofree char *text = text_clean(q->text ? q->text : "", q->text ? strlen(q->text) : 0);
	g_autoptr(query_plan_t) p = query_read(text, r);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	g_autoptr(GPtrArray) hits = g_ptr_array_new_with_free_func((GDestroyNotify)search_hit_free);
	bool has_filter = q->unit || q->field || q->kind >= 0 || q->year != 0, ok;

	ok = find_id(db, q, text, found, error);
	if (ok && found->len == 0 && p->terms->len > 0)
		ok = search_words(db, q, p, found, error);
	else if (ok && found->len == 0 && has_filter)
		ok = candidates_newest(db, q, found, error);
	if (ret_total)
		*ret_total = found->len;
	for (guint i = q->offset; ok && i < found->len && hits->len < q->limit; i++)
		ok = hit_load(db, &g_array_index(found, struct candidate, i), p, hits, error);
	return ok ? g_steal_pointer(&hits) : NULL;
}
