/* SPDX-License-Identifier: MIT */
/* Leases of errands, one row each. */
#include "errand.h"

enum store_result store_errand_take(struct db *db, const char *adapter, const char *name, const char *holder, int64_t lease_ms, int64_t now_ms,
				    GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "INSERT INTO errand (adapter, name, holder, until_ms, taken_ms) VALUES ($1, $2, $3, $4, $5)"
		    " ON CONFLICT (adapter, name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms,"
		    " taken_ms = excluded.taken_ms"
		    " WHERE errand.holder IS NULL OR errand.holder = excluded.holder OR errand.until_ms <= excluded.taken_ms"
		    " OR errand.until_ms > excluded.until_ms");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, name);
	db_bind_text(st, 3, holder);
	db_bind_int64(st, 4, now_ms + lease_ms);
	db_bind_int64(st, 5, now_ms);
	if (!db_run(st, error))
		return STORE_BROKEN;
	return db_changes(db) == 1 ? STORE_OK : STORE_DENIED;
}

bool store_errand_release(struct db *db, const char *adapter, const char *name, const char *holder, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE errand SET holder = NULL WHERE adapter = $1 AND name = $2 AND holder = $3");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, name);
	db_bind_text(st, 3, holder);
	return db_run(st, error);
}
