/* SPDX-License-Identifier: MIT */
/* Unfinished dialogues, one per person and chat. What the question was is the command's business. */
#include "pending.h"

void pending_free(struct pending *p)
{
	if (!p)
		return;
	g_free(p->command);
	g_free(p->step);
	g_free(p->data);
	g_free(p);
}

static void bind_who(struct db_stmt *st, const char *adapter, const char *user_id, int64_t chat_id)
{
	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	db_bind_int64(st, 3, chat_id);
}

enum store_result store_pending_get(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, int64_t now_ms,
				    struct pending **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT command, step, data, asked_ms, expires_ms FROM pending"
					    " WHERE adapter = $1 AND user_id = $2 AND chat_id = $3 AND expires_ms > $4");
	enum store_result result = STORE_NOT_FOUND;

	bind_who(st, adapter, user_id, chat_id);
	db_bind_int64(st, 4, now_ms);
	switch (db_step(st, error)) {
	case DB_ROW:
		*ret = g_new0(struct pending, 1);
		(*ret)->command = db_col_dup(st, 0);
		(*ret)->step = db_col_dup(st, 1);
		(*ret)->data = db_col_dup(st, 2);
		(*ret)->asked_ms = db_col_int64(st, 3);
		(*ret)->expires_ms = db_col_int64(st, 4);
		result = STORE_OK;
		break;
	case DB_DONE:
	case DB_CONSTRAINT:
		break;
	case DB_BROKEN:
		result = STORE_BROKEN;
		break;
	}
	db_finish(st);
	return result;
}

bool store_pending_set(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, const struct pending *p,
		       GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO pending (adapter, user_id, chat_id, command, step, data, asked_ms, expires_ms)"
			       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
			       " ON CONFLICT (adapter, user_id, chat_id) DO UPDATE SET command = excluded.command,"
			       " step = excluded.step, data = excluded.data, asked_ms = excluded.asked_ms,"
			       " expires_ms = excluded.expires_ms");

	bind_who(st, adapter, user_id, chat_id);
	db_bind_text(st, 4, p->command);
	db_bind_text(st, 5, p->step);
	db_bind_text(st, 6, p->data);
	db_bind_int64(st, 7, p->asked_ms);
	db_bind_int64(st, 8, p->expires_ms);
	return db_run(st, error);
}

bool store_pending_clear(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM pending WHERE adapter = $1 AND user_id = $2 AND chat_id = $3");

	bind_who(st, adapter, user_id, chat_id);
	return db_run(st, error);
}

bool store_pending_expire(struct db *db, int64_t now_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM pending WHERE (adapter, user_id, chat_id) IN"
					    " (SELECT adapter, user_id, chat_id FROM pending WHERE expires_ms <= $1 LIMIT $2)");

	db_bind_int64(st, 1, now_ms);
	db_bind_int64(st, 2, limit);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}
