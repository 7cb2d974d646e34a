/* SPDX-License-Identifier: MIT */
/* The inbox: what arrived, once by key, and whether it was handled. It does not read the updates, it keeps them. */
#include "inbox.h"

enum inbox_state { INBOX_UNHANDLED, INBOX_HANDLED, INBOX_ASIDE };

void inbox_row_free(struct inbox_row *r)
{
	if (!r)
		return;
	g_free(r->payload);
	g_free(r->reason);
	g_free(r);
}

enum store_result store_inbox_add(struct db *db, const struct update *u, int64_t now_ms, int64_t *ret_id, GError **error)
{
	g_autofree char *payload = update_serialize(u);
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO inbox (adapter, bot, key, payload, received_ms) VALUES ($1, $2, $3, $4, $5)"
			       " ON CONFLICT DO NOTHING");

	db_bind_text(st, 1, u->adapter);
	db_bind_text(st, 2, u->bot_id ? u->bot_id : "");
	db_bind_text(st, 3, u->key);
	db_bind_text(st, 4, payload);
	db_bind_int64(st, 5, now_ms);
	if (!db_run(st, error))
		return STORE_BROKEN;
	if (db_changes(db) == 0)
		return STORE_DUPLICATE;
	*ret_id = db_last_id(db);
	return STORE_OK;
}

/* Result of an UPDATE of one row that must be in a certain state. */
static enum store_result run_one(struct db *db, struct db_stmt *st, GError **error)
{
	if (!db_run(st, error))
		return STORE_BROKEN;
	return db_changes(db) ? STORE_OK : STORE_WRONG_STATE;
}

enum store_result store_inbox_handled(struct db *db, int64_t id, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE inbox SET state = 1, payload = '', reason = NULL WHERE id = $1 AND state <> 1");

	db_bind_int64(st, 1, id);
	return run_one(db, st, error);
}

enum store_result store_inbox_payload(struct db *db, int64_t id, char **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT payload FROM inbox WHERE id = $1 AND state <> 1");
	char *payload;

	db_bind_int64(st, 1, id);
	if (!db_run_text(st, &payload, error))
		return STORE_BROKEN;
	if (!payload)
		return STORE_NOT_FOUND;
	*ret = payload;
	return STORE_OK;
}

enum store_result store_inbox_try(struct db *db, int64_t id, unsigned *ret_tries, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE inbox SET tries = tries + 1 WHERE id = $1 AND state = 0");
	enum store_result result;
	int64_t tries;

	db_bind_int64(st, 1, id);
	result = run_one(db, st, error);
	if (result != STORE_OK)
		return result;
	st = db_prepare(db, "SELECT tries FROM inbox WHERE id = $1");
	db_bind_int64(st, 1, id);
	if (!db_run_int64(st, 0, &tries, error))
		return STORE_BROKEN;
	*ret_tries = (unsigned)tries;
	return STORE_OK;
}

enum store_result store_inbox_set_aside(struct db *db, int64_t id, const char *reason, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE inbox SET state = 2, reason = $2 WHERE id = $1 AND state = 0");

	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, reason);
	return run_one(db, st, error);
}

static GPtrArray *list(struct db *db, enum inbox_state state, int64_t after, unsigned limit, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)inbox_row_free);
	/* state <> 1 again, so that the index of open rows serves. */
	struct db_stmt *st = db_prepare(db, "SELECT id, tries, payload, reason, received_ms FROM inbox"
					    " WHERE state = $1 AND state <> 1 AND id > $2 ORDER BY id LIMIT $3");
	enum db_step step;

	db_bind_int64(st, 1, state);
	db_bind_int64(st, 2, after);
	db_bind_int64(st, 3, limit);
	while ((step = db_step(st, error)) == DB_ROW) {
		struct inbox_row *r = g_new0(struct inbox_row, 1);

		r->id = db_col_int64(st, 0);
		r->tries = (unsigned)db_col_int64(st, 1);
		r->payload = db_col_dup(st, 2);
		r->reason = db_col_dup(st, 3);
		r->received_ms = db_col_int64(st, 4);
		g_ptr_array_add(rows, r);
	}
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *store_inbox_unhandled(struct db *db, int64_t after, unsigned limit, GError **error)
{
	return list(db, INBOX_UNHANDLED, after, limit, error);
}

GPtrArray *store_inbox_aside(struct db *db, unsigned limit, GError **error)
{
	return list(db, INBOX_ASIDE, 0, limit, error);
}

bool store_inbox_revive(struct db *db, int64_t id, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE inbox SET state = 0, tries = 0, reason = NULL"
					    " WHERE state = 2 AND state <> 1 AND ($1 = 0 OR id = $1)");

	db_bind_int64(st, 1, id);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

/* The newest row stays whatever its age: ids would begin again, and whoever remembers "up to id N" would miss rows. Rows lie in the
 * order of their age, so the look stops at the first young one. One from further ahead than any key is kept came while the clock was
 * wrong: it goes as well, else the look would stop at it until that day. */
bool store_inbox_expire(struct db *db, int64_t now_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT id, received_ms FROM inbox WHERE state = 1 AND id < (SELECT max(id) FROM inbox)"
					    " ORDER BY id LIMIT $1");
	const int64_t limit_ms = now_ms - INBOX_KEY_KEEP_MS, ahead_ms = now_ms + INBOX_KEY_KEEP_MS;
	enum db_step step;
	int64_t last = 0;

	*ret_n = 0;
	db_bind_int64(st, 1, limit);
	while ((step = db_step(st, error)) == DB_ROW && (db_col_int64(st, 1) < limit_ms || db_col_int64(st, 1) > ahead_ms))
		last = db_col_int64(st, 0);
	db_finish(st);
	if (step == DB_BROKEN)
		return false;
	if (!last)
		return true;
	st = db_prepare(db, "DELETE FROM inbox WHERE id <= $1 AND state = 1 AND (received_ms < $2 OR received_ms > $3)");
	db_bind_int64(st, 1, last);
	db_bind_int64(st, 2, limit_ms);
	db_bind_int64(st, 3, ahead_ms);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

bool store_inbox_expire_aside(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = 2 AND state <> 1"
					    " AND received_ms < $1 AND id < (SELECT max(id) FROM inbox) ORDER BY id LIMIT $2)");

	db_bind_int64(st, 1, older_than_ms);
	db_bind_int64(st, 2, limit);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

bool store_inbox_counts(struct db *db, int64_t *ret_unhandled, int64_t *ret_aside, GError **error)
{
	return db_run_int64(db_prepare(db, "SELECT count(*) FROM inbox WHERE state = 0 AND state <> 1"), 0, ret_unhandled, error) &&
	       db_run_int64(db_prepare(db, "SELECT count(*) FROM inbox WHERE state = 2 AND state <> 1"), 0, ret_aside, error);
}
