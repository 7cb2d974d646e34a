/* SPDX-License-Identifier: MIT */
#include "rebuild.h"

#include "wanted.h"

/* More that wait and are not to be seen cost more to list for each search, some milliseconds, than to ask for. */
#define NOT_WANTED_MAX 20000

/* Ids between two looks at the clock: where the filter leaves nearly nothing, each is looked at, a fifth of a microsecond. */
#define SLICE_IDS 100000

void wanted_bind(struct db_stmt *st, const struct search_query *q)
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

bool wanted_has_filter(const struct search_query *q)
{
	return q->unit || q->field || q->kind >= 0 || q->year || q->type || q->statuses;
}

bool wanted_not(struct db *db, const struct search_query *q, GArray **ret, GError **error)
{
	g_autoptr(GArray) ids = NULL;
	struct rebuild_state state;
	struct db_stmt *st;
	enum db_step step;

	*ret = NULL;
	if (!rebuild_get(db, &state, error))
		return false;
	if (wanted_has_filter(q) || state.is_outdated)
		return true;
	ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	st = db_prepare(db, "SELECT id FROM item INDEXED BY item_open WHERE status IN (0, 1, 2) AND status <> 3 AND (" WANTED_SQL
			    ") IS NOT TRUE ORDER BY id LIMIT $1");
	db_bind_int64(st, 1, NOT_WANTED_MAX + 1);
	wanted_bind(st, q);
	while ((step = db_step(st, error)) == DB_ROW) {
		int64_t id = db_col_int64(st, 0);

		g_array_append_val(ids, id);
	}
	db_finish(st);
	if (step == DB_DONE && ids->len <= NOT_WANTED_MAX)
		*ret = g_steal_pointer(&ids);
	return step == DB_DONE;
}

bool wanted_is(struct db *db, const struct search_query *q, int64_t item_id, bool *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT 1 FROM item INDEXED BY item_filter WHERE item.id = $1 AND " WANTED_SQL);
	int64_t wanted = 0;
	bool ok;

	db_bind_int64(st, 1, item_id);
	wanted_bind(st, q);
	ok = db_run_int64(st, 0, &wanted, error);
	*ret = wanted != 0;
	return ok;
}

static int by_id(gconstpointer a, gconstpointer b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

bool wanted_not_has(const GArray *ids, int64_t id)
{
	return g_array_binary_search((GArray *)ids, &id, by_id, NULL);
}

/* --- the list --- */

void wanted_list_init(struct wanted_list *l)
{
	l->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	l->down_to = G_MAXINT64;
}

void wanted_list_clear(struct wanted_list *l)
{
	g_clear_pointer(&l->ids, g_array_unref);
}

#define LIST_SQL(index, those)                                                                                                     \
	"SELECT item.id FROM item INDEXED BY " index " WHERE " those " AND item.id BETWEEN $12 AND $13 AND " WANTED_SQL            \
	" ORDER BY item.id DESC LIMIT $1"

/* By the filter that usually leaves the fewest. */
static struct db_stmt *list_prepare(struct db *db, const struct search_query *q)
{
	if (q->unit)
		return db_prepare(db, LIST_SQL("item_by_unit", "item.unit = $5"));
	if (q->field)
		return db_prepare(db, LIST_SQL("item_by_field", "item.field = $6"));
	if (q->statuses && !(q->statuses >> ITEM_APPROVED & 1))
		return db_prepare(db, LIST_SQL("item_open", "item.status IN (0, 1, 2) AND item.status <> 3"));
	if (q->year)
		return db_prepare(db, LIST_SQL("item_by_year", "item.year = $8"));
	if (q->kind > ITEM_INITIATIVE && !q->type)
		return db_prepare(db, LIST_SQL("item_by_kind", "item.kind = $7 AND item.kind <> 0"));
	if (q->type && q->kind < 0 && !q->type_is_default)
		return db_prepare(db, LIST_SQL("item_by_type", "item.type = $9"));
	return db_prepare(db, LIST_SQL("item_filter", "TRUE"));
}

/* One stretch of the list: *ret_n rows of at most `most`. */
static bool list_slice(struct wanted_list *l, struct db *db, const struct search_query *q, int64_t down_to, unsigned most, unsigned *ret_n,
		       GError **error)
{
	struct db_stmt *st = list_prepare(db, q);
	enum db_step step;

	*ret_n = 0;
	wanted_bind(st, q);
	db_bind_int64(st, 1, most);
	db_bind_int64(st, 12, down_to);
	db_bind_int64(st, 13, l->down_to - 1);
	while ((step = db_step(st, error)) == DB_ROW) {
		int64_t id = db_col_int64(st, 0);

		g_array_append_val(l->ids, id);
		l->down_to = id;
		(*ret_n)++;
	}
	db_finish(st);
	if (step == DB_DONE && *ret_n < most)
		l->down_to = down_to;
	return step == DB_DONE;
}

bool wanted_list_extend(struct wanted_list *l, struct db *db, const struct search_query *q, int64_t down_to, unsigned most, int64_t deadline_us,
			GError **error)
{
	if (l->down_to == G_MAXINT64 && !db_run_int64(db_prepare(db, "SELECT coalesce(max(id), 0) + 1 FROM item"), 0, &l->down_to, error))
		return false;
	while (l->down_to > down_to && most > 0) {
		unsigned n;

		if (!list_slice(l, db, q, MAX(down_to, l->down_to - SLICE_IDS), most, &n, error))
			return false;
		most -= n;
		if (g_get_monotonic_time() > deadline_us)
			return true;
	}
	return true;
}

double wanted_list_guess(const struct wanted_list *l, int64_t last_id, int64_t down_to)
{
	if (l->down_to > last_id || l->down_to <= down_to)
		return 0;
	return (double)l->ids->len / (double)(last_id - l->down_to + 1) * (double)(l->down_to - down_to);
}

guint wanted_list_at(const struct wanted_list *l, int64_t id)
{
	guint from = 0, to = l->ids->len;

	while (from < to) {
		guint middle = from + (to - from) / 2;

		if (g_array_index(l->ids, int64_t, middle) > id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}
