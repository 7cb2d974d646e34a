/* SPDX-License-Identifier: MIT */
/* The audit log, to which rows are only added, and the settings in which adapters and versions keep their state. */
#include "audit.h"

#include "base/json.h"

static void bind_id(struct db_stmt *st, unsigned n, int64_t id)
{
	if (id)
		db_bind_int64(st, n, id);
	else
		db_bind_null(st, n);
}

bool store_audit_add(struct db *db, const struct audit *a, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO audit (at_ms, member_id, actor, action, subject, before, after, chat_id)"
					    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

	db_bind_int64(st, 1, a->at_ms);
	bind_id(st, 2, a->member_id);
	db_bind_text(st, 3, a->actor);
	db_bind_text(st, 4, a->action);
	db_bind_text(st, 5, a->subject);
	db_bind_text(st, 6, a->before);
	db_bind_text(st, 7, a->after);
	bind_id(st, 8, a->chat_id);
	return db_run(st, error);
}

static char *row_json(struct db_stmt *st)
{
	static const char *const texts[] = { "actor", "action", "subject", "before", "after" };
	g_autoptr(cJSON) o = cJSON_CreateObject();

	json_add_int64(o, "id", db_col_int64(st, 0));
	json_add_int64(o, "at_ms", db_col_int64(st, 1));
	if (!db_col_is_null(st, 2))
		json_add_int64(o, "member", db_col_int64(st, 2));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		json_add_str(o, texts[i], db_col_text(st, 3 + i));
	if (!db_col_is_null(st, 8))
		json_add_int64(o, "chat", db_col_int64(st, 8));
	return json_text(o);
}

GPtrArray *store_audit_list(struct db *db, int64_t after, unsigned limit, int64_t *ret_last, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	struct db_stmt *st = db_prepare(db, "SELECT id, at_ms, member_id, actor, action, subject, before, after, chat_id FROM audit"
					    " WHERE id > $1 ORDER BY id LIMIT $2");
	enum db_step step;

	*ret_last = after;
	db_bind_int64(st, 1, after);
	db_bind_int64(st, 2, limit);
	while ((step = db_step(st, error)) == DB_ROW) {
		g_ptr_array_add(rows, row_json(st));
		*ret_last = db_col_int64(st, 0);
	}
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&rows) : NULL;
}

bool store_audit_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	/* Rows lie in the order of their age: one look at the oldest tells whether there is work. */
	struct db_stmt *st =
		db_prepare(db, "DELETE FROM audit WHERE at_ms < $1 AND id IN (SELECT id FROM audit ORDER BY id LIMIT $2)");

	db_bind_int64(st, 1, older_than_ms);
	db_bind_int64(st, 2, limit);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

bool store_setting_set(struct db *db, const char *scope, const char *key, const char *value, GError **error)
{
	struct db_stmt *st;

	if (value) {
		st = db_prepare(db, "INSERT INTO setting (scope, key, value) VALUES ($1, $2, $3)"
				    " ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value");
		db_bind_text(st, 3, value);
	} else {
		st = db_prepare(db, "DELETE FROM setting WHERE scope = $1 AND key = $2");
	}
	db_bind_text(st, 1, scope);
	db_bind_text(st, 2, key);
	return db_run(st, error);
}

enum store_result store_setting_get(struct db *db, const char *scope, const char *key, char **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT value FROM setting WHERE scope = $1 AND key = $2");
	char *value;

	db_bind_text(st, 1, scope);
	db_bind_text(st, 2, key);
	if (!db_run_text(st, &value, error))
		return STORE_BROKEN;
	if (!value)
		return STORE_NOT_FOUND;
	*ret = value;
	return STORE_OK;
}

GHashTable *store_setting_all(struct db *db, const char *scope, GError **error)
{
	g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct db_stmt *st = db_prepare(db, "SELECT key, value FROM setting WHERE scope = $1");
	enum db_step step;

	db_bind_text(st, 1, scope);
	while ((step = db_step(st, error)) == DB_ROW)
		g_hash_table_replace(all, db_col_dup(st, 0), db_col_dup(st, 1));
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&all) : NULL;
}

bool store_setting_expire(struct db *db, const char *scope_prefix, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM setting WHERE (scope, key) IN (SELECT scope, key FROM setting"
					    " WHERE substr(scope, 1, length($1)) = $1 AND CAST(value AS INTEGER) < $2 LIMIT $3)");

	db_bind_text(st, 1, scope_prefix);
	db_bind_int64(st, 2, older_than_ms);
	db_bind_int64(st, 3, limit);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}
