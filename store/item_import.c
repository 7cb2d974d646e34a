/* SPDX-License-Identifier: MIT */
/* Items from elsewhere: unannounced, known again by their ref. It reads no file and makes no batches: the caller does.
 */
#include "db_kernel.h"
#include "item_impl.h"
#include "search/index_merge.h"

/* A batch and the part of the index that is merged after it fit in: else pages go to the disk and come back within one transaction. */
#define IMPORT_CACHE_KIB (16 * 1024)

void store_item_import_many(struct db *db)
{
	db_set_cache_kib(db, IMPORT_CACHE_KIB);
}

bool store_item_import_end(struct db *db, GError **error)
{
	return index_merge_after(db, error);
}

/* *ret_id = 0: nothing with this ref. */
static bool ref_find(struct db *db, const struct item *i, int64_t *ret_id, GError **error)
{
	struct db_stmt *st;

	*ret_id = 0;
	if (!i->ref)
		return true;
	st = db_prepare(db, "SELECT id FROM item WHERE kind = $1 AND ref = $2 AND ref IS NOT NULL");
	db_bind_int64(st, 1, i->kind);
	db_bind_text(st, 2, i->ref);
	return db_run_int64(st, 0, ret_id, error);
}

/* What the file says nothing about stays as people have made it: labels it does not name, the unit somebody supplied, the type. */
static void keep_what_is_not_named(struct item *i, const struct item *old)
{
	if (!i->unit && !i->unit_text) {
		i->unit = g_strdup(old->unit);
		i->unit_text = g_strdup(old->unit_text);
	}
	if (!i->field) {
		i->field = g_strdup(old->field);
		i->field_guessed = old->field_guessed;
	}
	if (!i->type)
		i->type = g_strdup(old->type);
	for (guint k = 0; k < old->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(old->fields, k);

		if (!item_field_get(i, f->key))
			item_field_set(i, f->key, f->value);
	}
}

static enum store_result import_again(struct db *db, struct item *i, int64_t old_id, int64_t now_ms, enum item_import *ret_what,
				      GError **error)
{
	g_autoptr(item_t) old = NULL;
	g_autofree char *before = NULL, *after = NULL;
	enum store_result r = store_item_by_row(db, old_id, &old, error);

	if (r != STORE_OK)
		return r;
	keep_what_is_not_named(i, old);
	i->id = old->id;
	i->number = old->number;
	i->version = old->version;
	i->author_id = old->author_id;
	i->on_behalf = old->on_behalf;
	i->created_ms = old->created_ms;
	i->touched_ms = old->touched_ms;
	i->status = old->status; /* what a moderator has taken down stays down */
	item_diff(old, i, &before, &after);
	*ret_what = before ? ITEM_IMPORT_UPDATED : ITEM_IMPORT_SAME;
	if (!before)
		return STORE_OK;
	if (!item_update(db, i, now_ms, error) || !item_audit(db, i, "item.reimport", before, after, NULL, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

enum store_result store_item_import(struct db *db, struct item *i, int64_t now_ms, enum item_import *ret_what, GError **error)
{
	int64_t old_id;

	if (!ref_find(db, i, &old_id, error))
		return STORE_BROKEN;
	if (old_id > 0 && i->status == ITEM_WAITING) {
		*ret_what = ITEM_IMPORT_SAME;
		return STORE_OK;
	}
	if (old_id > 0)
		return import_again(db, i, old_id, now_ms, ret_what, error);
	if (i->status != ITEM_WAITING)
		i->status = ITEM_APPROVED;
	i->created_ms = i->touched_ms = now_ms;
	if (!item_insert(db, i, NULL, error) || !item_audit(db, i, "item.import", NULL, i->ref, NULL, now_ms, error))
		return STORE_BROKEN;
	*ret_what = ITEM_IMPORT_NEW;
	return STORE_OK;
}
