/* SPDX-License-Identifier: MIT */
/* Takes what the index found in its order and ranks the best by their texts. */
#include <string.h>

#include "index_texts.h"
#include "sums.h"
#include "wanted.h"

#include "retrieve.h"

/* Candidates whose texts are read at most; the rest keep the order of what the index said. */
#define RANKED_MAX 24
/* One with less than this of the best one's share is not read: the texts do not turn that round. */
#define RANKED_SHARE 0.6
/* ... but so many are in any case: beside the line as it stands there may be little else. */
#define RANKED_LEAST 8

struct choosing {
	struct db *db;
	const struct query_plan *p;
	const struct sums *sums;
	GArray *ranked, *rest; /* struct candidate */
	unsigned n_shown;      /* on the pages before */
	GError **error;
};

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

/* Reads the item and puts it where it belongs. */
static bool rank_one(struct choosing *ch, struct candidate *c)
{
	struct db_stmt *st = db_prepare(ch->db, "SELECT item.title, item.body, d.labels, d.unit, d.more,"
						" (SELECT count(*) FROM adoption WHERE item_id = item.id)"
						" FROM item CROSS JOIN search_doc d ON d.item_id = item.id WHERE item.id = $1");
	struct rank_result result;
	const char *texts[INDEX_COLUMNS];
	enum db_step step;

	db_bind_int64(st, 1, c->id);
	step = db_step(st, ch->error);
	if (step == DB_ROW) {
		for (unsigned i = 0; i < INDEX_COLUMNS; i++)
			texts[i] = db_col_text(st, i);
		result = rank_texts(ch->sums->lines, ch->p->lines->len, texts, INDEX_COLUMNS);
		c->score = result.score;
		/* What stands behind the part that was read, only the index knows. */
		c->coverage = result.is_cut ? MAX(result.coverage, c->coverage) : result.coverage;
		c->all_doubt = result.all_doubt;
		c->all_words = result.all_words || (result.is_cut && c->all_words);
		c->n_adopted = db_col_int64(st, INDEX_COLUMNS);
		rank_in(ch, c);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

/* Beyond the ranked ones only what has all words is shown. */
static bool choose(struct choosing *ch)
{
	const unsigned most = RANKED_MAX + ch->n_shown;
	double least = ch->sums->all->len > 0 ? g_array_index(ch->sums->all, struct sum, 0).share * RANKED_SHARE : 0;

	for (guint i = 0; i < ch->sums->all->len && ch->ranked->len + ch->rest->len < SEARCH_COUNT_MAX; i++) {
		const struct sum *s = &g_array_index(ch->sums->all, struct sum, i);
		struct candidate c = { .id = s->id, .score = s->share, .coverage = s->share, .all_words = s->all_words };

		if (ch->ranked->len >= most || (s->share < least && ch->ranked->len >= RANKED_LEAST)) {
			if (s->all_words)
				g_array_append_val(ch->rest, c);
		} else if (!rank_one(ch, &c)) {
			return false;
		}
	}
	return true;
}

bool retrieve(struct db *db, const struct search_query *q, struct query_plan *p, GArray *found, struct search_note *note,
	      GError **error)
{
	g_autoptr(GArray) ranked = g_array_new(FALSE, FALSE, sizeof(struct candidate)), rest = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	struct sums sums;
	struct choosing ch = { .db = db, .p = p, .sums = &sums, .ranked = ranked, .rest = rest, .n_shown = q->except ? q->except->len : 0,
			       .error = error };
	bool ok = sums_read(db, q, p, &sums, error) && choose(&ch);

	if (ok) {
		g_array_append_vals(found, ranked->data, ranked->len);
		g_array_append_vals(found, rest->data, rest->len);
	}
	note->is_partial = sums.is_partial;
	note->is_more = sums.is_more;
	sums_clear(&sums);
	return ok;
}

bool retrieve_newest(struct db *db, const struct search_query *q, int64_t deadline_us, GArray *found, struct search_note *note, GError **error)
{
	struct wanted_list listed;
	bool ok;

	wanted_list_init(&listed);
	ok = wanted_list_extend(&listed, db, q, 1, SEARCH_COUNT_MAX, deadline_us, error);
	note->is_partial = listed.down_to > 1 && listed.ids->len < SEARCH_COUNT_MAX;
	for (guint i = 0; ok && i < listed.ids->len; i++) {
		struct candidate c = { .id = g_array_index(listed.ids, int64_t, i), .coverage = 1, .all_words = true };

		g_array_append_val(found, c);
	}
	wanted_list_clear(&listed);
	return ok;
}
