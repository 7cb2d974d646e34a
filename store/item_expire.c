/* SPDX-License-Identifier: MIT */
/* Retention of items (domain §4): drafts and refused ones go after their time, drafts not before their author was warned. Nothing that
 * was ever approved is touched. */
#include "audit.h"
#include "item_impl.h"
#include "search/search.h"

/* setting: when the author of a draft was warned, by the draft's row. A touch after that makes it void. */
#define WARNED_SCOPE "item.warned"

G_STATIC_ASSERT(ITEM_DRAFT == 0 && ITEM_APPROVED == 3 && ITEM_REJECTED == 4);

static GPtrArray *read_ids(struct db *db, struct db_stmt *st, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW) {
		const int64_t id = db_col_int64(st, 0);

		g_array_append_val(ids, id);
	}
	db_finish(st);
	if (step == DB_BROKEN)
		return NULL;
	for (guint k = 0; k < ids->len; k++) {
		struct item *i = NULL;

		if (store_item_by_row(db, g_array_index(ids, int64_t, k), &i, error) != STORE_OK)
			return NULL;
		g_ptr_array_add(items, i);
	}
	return g_steal_pointer(&items);
}

GPtrArray *store_item_fading(struct db *db, int64_t touched_before_ms, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT i.id FROM item i WHERE i.status <> 3 AND i.status = 0 AND i.touched_ms < $1"
					    " AND NOT EXISTS (SELECT 1 FROM setting s WHERE s.scope = '" WARNED_SCOPE "'"
					    "  AND s.key = CAST(i.id AS TEXT) AND CAST(s.value AS INTEGER) >= i.touched_ms)"
					    " ORDER BY i.id LIMIT $2");

	db_bind_int64(st, 1, touched_before_ms);
	db_bind_int64(st, 2, limit);
	return read_ids(db, st, error);
}

bool store_item_set_warned(struct db *db, int64_t id, int64_t now_ms, GError **error)
{
	g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, id), *value = g_strdup_printf("%" G_GINT64_FORMAT, now_ms);

	return store_setting_set(db, WARNED_SCOPE, key, value, error);
}

static bool run_for(struct db *db, const char *sql, int64_t id, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_int64(st, 1, id);
	return db_run(st, error);
}

/* What points at the row is cut off first: rows may be numbered again, and an old message must not speak of another item. */
static bool delete_item(struct db *db, const struct item *i, int64_t now_ms, GError **error)
{
	g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, i->id);

	return search_index_remove(db, i->id, error) && run_for(db, "UPDATE post SET item_id = NULL WHERE item_id = $1", i->id, error) &&
	       run_for(db, "UPDATE item SET merged_into = NULL WHERE merged_into = $1", i->id, error) &&
	       run_for(db, "DELETE FROM adoption WHERE item_id = $1", i->id, error) &&
	       run_for(db, "DELETE FROM item WHERE id = $1", i->id, error) && store_setting_set(db, WARNED_SCOPE, key, NULL, error) &&
	       item_audit(db, i, "item.expire", NULL, NULL, NULL, now_ms, error);
}

bool store_item_expire(struct db *db, int64_t drafts_before_ms, int64_t warned_before_ms, int64_t refused_before_ms, unsigned limit,
		       int64_t now_ms, unsigned *ret_n, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT i.id FROM item i WHERE i.status <> 3 AND ((i.status = 4 AND i.touched_ms < $3)"
			       " OR (i.status = 0 AND i.touched_ms < $1 AND EXISTS (SELECT 1 FROM setting s WHERE s.scope = '" WARNED_SCOPE "'"
			       "  AND s.key = CAST(i.id AS TEXT) AND CAST(s.value AS INTEGER) >= i.touched_ms"
			       "  AND CAST(s.value AS INTEGER) <= $2))) ORDER BY i.id LIMIT $4");
	g_autoptr(GPtrArray) old = NULL;

	*ret_n = 0;
	db_bind_int64(st, 1, drafts_before_ms);
	db_bind_int64(st, 2, warned_before_ms);
	db_bind_int64(st, 3, refused_before_ms);
	db_bind_int64(st, 4, limit);
	old = read_ids(db, st, error);
	for (guint k = 0; old && k < old->len; k++)
		if (!delete_item(db, old->pdata[k], now_ms, error))
			return false;
	if (old)
		*ret_n = old->len;
	return old != NULL;
}
