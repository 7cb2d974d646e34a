/* SPDX-License-Identifier: MIT */
/* Takes what the index found in its order, as far as the asker may see it, and ranks the best by their texts. */
#include <string.h>

#include "index_texts.h"
#include "sums.h"
#include "visible.h"

#include "retrieve.h"

/* Candidates whose texts are read at most; the rest keep the order of what the index said. */
#define RANKED_MAX 24
/* One with less than this of the best one's share is not read: the texts do not turn that round. */
#define RANKED_SHARE 0.6

#define FILTER_SQL                                                                                                                 \
	VISIBLE_SQL " AND ($5 IS NULL OR item.unit = $5) AND ($6 IS NULL OR item.field = $6) AND ($8 = 0 OR item.year = $8)"       \
		    " AND ($11 = 0 OR $11 >> item.status & 1) AND (($7 < 0 AND $9 IS NULL) OR item.kind = $7 OR item.type = $9"    \
		    " OR ($10 AND item.kind = 0 AND item.type IS NULL))"

/* As index_takes(): an index of older rules may still have what was taken out of it. */
#define WANTED_SQL "item.id = $1 AND item.status <= 3 AND " FILTER_SQL

struct choosing {
	struct db *db;
	const struct search_query *q;
	const struct query_plan *p;
	const struct sums *sums;
	GArray *ranked, *rest; /* struct candidate */
	GError **error;
};

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

bool retrieve_is_wanted(struct db *db, const struct search_query *q, int64_t item_id, bool *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT 1 FROM item INDEXED BY item_filter WHERE " WANTED_SQL);
	int64_t wanted = 0;
	bool ok;

	db_bind_int64(st, 1, item_id);
	bind_filters(st, q);
	ok = db_run_int64(st, 0, &wanted, error);
	*ret = wanted != 0;
	return ok;
}

/* --- the best ones --- */

static int by_score(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->n_adopted != y->n_adopted)
		return x->n_adopted > y->n_adopted ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

static void rank_in(struct choosing *ch, const struct candidate *c)
{
	guint at = ch->ranked->len;

	while (at > 0 && by_score(c, &g_array_index(ch->ranked, struct candidate, at - 1)) < 0)
		at--;
	g_array_insert_val(ch->ranked, at, *c);
}

/* Reads the item, if it may be seen, and puts it where it belongs. */
static bool rank_one(struct choosing *ch, struct candidate *c)
{
	struct db_stmt *st = db_prepare(ch->db, "SELECT item.title, item.body, d.labels, d.unit, d.more,"
						" (SELECT count(*) FROM adoption WHERE item_id = item.id)"
						" FROM item CROSS JOIN search_doc d ON d.item_id = item.id WHERE " WANTED_SQL);
	struct rank_result result;
	const char *texts[INDEX_COLUMNS];
	enum db_step step;

	db_bind_int64(st, 1, c->id);
	bind_filters(st, ch->q);
	step = db_step(st, ch->error);
	if (step == DB_ROW) {
		for (unsigned i = 0; i < INDEX_COLUMNS; i++)
			texts[i] = db_col_text(st, i);
		result = rank_texts(ch->sums->lines, ch->p->lines->len, texts, INDEX_COLUMNS);
		c->score = result.score;
		c->coverage = result.coverage;
		c->all_words = result.all_words;
		c->n_adopted = db_col_int64(st, INDEX_COLUMNS);
		rank_in(ch, c);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static bool take_unread(struct choosing *ch, const struct candidate *c)
{
	bool is_wanted;

	if (!retrieve_is_wanted(ch->db, ch->q, c->id, &is_wanted, ch->error))
		return false;
	if (is_wanted)
		g_array_append_val(ch->rest, *c);
	return true;
}

/* Beyond the ranked ones only what has all words is shown. */
static bool choose(struct choosing *ch)
{
	double least = ch->sums->all->len > 0 ? g_array_index(ch->sums->all, struct sum, 0).share * RANKED_SHARE : 0;

	for (guint i = 0; i < ch->sums->all->len && ch->ranked->len + ch->rest->len < SEARCH_COUNT_MAX; i++) {
		const struct sum *s = &g_array_index(ch->sums->all, struct sum, i);
		struct candidate c = { .id = s->id, .score = s->share, .coverage = s->share, .all_words = s->all_words };
		bool ok = true;

		if (ch->ranked->len < RANKED_MAX && s->share >= least)
			ok = rank_one(ch, &c);
		else if (s->all_words)
			ok = take_unread(ch, &c);
		if (!ok)
			return false;
	}
	return true;
}

bool retrieve(struct db *db, const struct search_query *q, const struct query_plan *p, GArray *found, bool *ret_partial, GError **error)
{
	g_autoptr(GArray) ranked = g_array_new(FALSE, FALSE, sizeof(struct candidate)), rest = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	struct sums sums;
	struct choosing ch = { .db = db, .q = q, .p = p, .sums = &sums, .ranked = ranked, .rest = rest, .error = error };
	bool ok = sums_read(db, p, &sums, error) && choose(&ch);

	if (ok) {
		g_array_append_vals(found, ranked->data, ranked->len);
		g_array_append_vals(found, rest->data, rest->len);
	}
	*ret_partial = sums.is_partial;
	sums_clear(&sums);
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
