/* SPDX-License-Identifier: MIT */
/* Has FTS5 merge its pieces a little at a time. */
#include "index_merge.h"

/* Pages that a step writes, as long as the large pieces are at work; fewer rows than this were changed only by small ones. */
#define STEP_PAGES 1000
#define STEP_ROWS_MIN 250
/* Others wait for the lock in sleeps of a few milliseconds. */
#define PAUSE_US 5000
/* Merging writes the whole index once more: worth it where so much of it is new, one in ... */
#define NEW_SHARE 2

bool index_merge_step(struct db *db, enum index_which which, bool is_first, bool *ret_done, GError **error)
{
	struct db_stmt *st = which == INDEX_CURRENT ?
				     db_prepare(db, "INSERT INTO search_index (search_index, rank) VALUES ('merge', $1)") :
				     db_prepare(db, "INSERT INTO search_index_next (search_index_next, rank) VALUES ('merge', $1)");
	const int64_t before = db_total_changes(db);

	/* Negative: all pieces go together, whatever their number. Again and again that would never end beside somebody who writes. */
	db_bind_int64(st, 1, is_first ? -STEP_PAGES : STEP_PAGES);
	if (!db_run(st, error))
		return false;
	*ret_done = db_total_changes(db) - before < STEP_ROWS_MIN;
	return true;
}

static bool step_alone(struct db *db, bool is_first, bool *ret_done, GError **error)
{
	if (!db_begin(db, error))
		return false;
	if (index_merge_step(db, INDEX_CURRENT, is_first, ret_done, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

bool index_merge_after(struct db *db, int64_t n_new, GError **error)
{
	int64_t all;
	bool done;

	if (!search_index_count(db, &all, error))
		return false;
	done = n_new == 0 || n_new * NEW_SHARE < all;
	for (bool is_first = true; !done; is_first = false) {
		if (!step_alone(db, is_first, &done, error))
			return false;
		g_usleep(PAUSE_US);
	}
	return true;
}
