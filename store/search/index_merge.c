/* SPDX-License-Identifier: MIT */
#include "index_merge.h"

/* Pages that a step writes. */
#define STEP_PAGES 1000
/* Others wait for the lock in sleeps of a few milliseconds. */
#define PAUSE_US 5000
/* Merging writes the whole index once more: worth it where so much of it is new, one in ... */
#define NEW_SHARE 2

bool index_merge_step(struct db *db, enum index_which which, bool *ret_done, GError **error)
{
	/* Negative: of all pieces, whatever their number. */
	struct db_stmt *st = which == INDEX_CURRENT ?
				     db_prepare(db, "INSERT INTO search_index (search_index, rank) VALUES ('merge', $1)") :
				     db_prepare(db, "INSERT INTO search_index_next (search_index_next, rank) VALUES ('merge', $1)");
	const int64_t before = db_total_changes(db);

	db_bind_int64(st, 1, -STEP_PAGES);
	if (!db_run(st, error))
		return false;
	/* So FTS5's documentation: the statement itself counts as one. */
	*ret_done = db_total_changes(db) - before < 2;
	return true;
}

static bool step_alone(struct db *db, bool *ret_done, GError **error)
{
	if (!db_begin(db, error))
		return false;
	if (index_merge_step(db, INDEX_CURRENT, ret_done, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

bool index_merge_after(struct db *db, int64_t n_new, GError **error)
{
	bool done = false;
	int64_t all;

	if (!search_index_count(db, &all, error))
		return false;
	while (!done && n_new > 0 && n_new * NEW_SHARE >= all) {
		if (!step_alone(db, &done, error))
			return false;
		g_usleep(PAUSE_US);
	}
	return true;
}
