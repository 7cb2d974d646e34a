/* SPDX-License-Identifier: MIT */
/* Answers a search: an id goes straight to its item; else all words, else as many telling words as possible. Reading the query, finding,
 * ranking and snippets are the neighbours' work. */
#include <string.h>

#include "base/text.h"
#include "query.h"
#include "retrieve.h"
#include "snippet.h"
#include "spell.h"

#include "search.h"

/* The least share of the query's weight that an item must have to be shown at all: short queries ("loa xa") and long ones. */
#define COVERAGE_MIN 0.5
#define COVERAGE_MIN_LONG 0.25
#define LONG_WORDS 4
/* ... and the least share of the best one's score: behind a good hit the poor ones only confuse. */
#define SCORE_OF_BEST 0.4

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

/* A snippet from the body, else from the label that has the hit. */
static bool hit_snippet(struct db *db, struct search_hit *h, const char *body, const struct query_plan *p, GError **error)
{
	struct db_stmt *st;
	enum db_step step = DB_DONE;
	bool is_hit;

	h->snippet = snippet_make(body, p, &is_hit);
	if (is_hit)
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

/* Where something has all words, what has not is shown only if it stands before all of that; else what is near the best. */
static void poor_drop(const struct query_plan *p, GArray *found)
{
	const struct query_line *line = g_ptr_array_index(p->lines, 0);
	double least = line->words->len >= LONG_WORDS ? COVERAGE_MIN_LONG : COVERAGE_MIN, best = 0;
	bool any_all = false;
	guint kept = 0;

	for (guint i = 0; i < found->len; i++) {
		const struct candidate *c = &g_array_index(found, struct candidate, i);
		bool keep;

		best = MAX(best, c->score);
		any_all = any_all || c->all_words;
		keep = c->all_words || (!any_all && c->coverage >= least && c->score >= SCORE_OF_BEST * best);
		if (keep)
			g_array_index(found, struct candidate, kept++) = *c;
	}
	g_array_set_size(found, kept);
}

static bool search_words(struct db *db, const struct registry *r, const struct search_query *q, struct query_plan *p, GArray *found,
			 GError **error)
{
	bool changed, partial;

	if (!spell_fix(db, p, &changed, error))
		return false;
	query_expand(p, r);
	if (!retrieve(db, q, p, found, &partial, error))
		return false;
	poor_drop(p, found);
	return true;
}

static bool search_all(struct db *db, const struct registry *r, const struct search_query *q, GPtrArray *hits, int64_t *ret_total,
		       GError **error)
{
	g_autofree char *text = text_clean(q->text ? q->text : "", q->text ? strlen(q->text) : 0);
	g_autoptr(query_plan_t) p = query_read(text, r);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	bool has_filter = q->unit || q->field || q->kind >= 0 || q->year != 0, ok;

	ok = find_id(db, q, text, found, error);
	if (ok && found->len == 0 && ((struct query_line *)g_ptr_array_index(p->lines, 0))->words->len > 0)
		ok = search_words(db, r, q, p, found, error);
	else if (ok && found->len == 0 && has_filter)
		ok = retrieve_newest(db, q, found, error);
	if (ret_total)
		*ret_total = found->len;
	for (guint i = q->offset; ok && i < found->len && hits->len < q->limit; i++)
		ok = hit_load(db, &g_array_index(found, struct candidate, i), p, hits, error);
	return ok;
}

GPtrArray *store_search(struct db *db, const struct registry *r, const struct search_query *q, int64_t *ret_total, GError **error)
{
	g_autoptr(GPtrArray) hits = g_ptr_array_new_with_free_func((GDestroyNotify)search_hit_free);
	bool begun, ok = db_snapshot_begin(db, &begun, error) && search_all(db, r, q, hits, ret_total, error);

	db_snapshot_end(db, begun);
	return ok ? g_steal_pointer(&hits) : NULL;
}
