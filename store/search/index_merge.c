/* SPDX-License-Identifier: MIT */
/* Has FTS5 merge its pieces a little at a time. */
#include "index_merge.h"

/* Pages that a step writes, as long as the large pieces are at work; fewer rows than this were changed only by small ones. */
#define STEP_PAGES 1000
#define STEP_ROWS_MIN 250
/* Others wait for the lock in sleeps of a few milliseconds. */
#define PAUSE_US 5000
/* Merging writes the whole index once more: worth it where the largest piece is less than one part in ... of it. So an index that grows by many
 * imports is merged each time that it has doubled, not each time. */
#define LARGEST_SHARE 2

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

/* A row of search_index_idx is a page, about. At a million items they are read in some tens of milliseconds. */
static bool is_in_pieces(struct db *db, bool *ret_is, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT max(n) * $1 < sum(n) FROM (SELECT count(*) AS n FROM search_index_idx GROUP BY segid)");
	int64_t is;

	db_bind_int64(st, 1, LARGEST_SHARE);
	if (!db_run_int64(st, 0, &is, error))
		return false;
	*ret_is = is != 0;
	return true;
}

bool index_merge_after(struct db *db, GError **error)
{
	bool is_wanted, done;

	if (!is_in_pieces(db, &is_wanted, error))
		return false;
	done = !is_wanted;
	for (bool is_first = true; !done; is_first = false) {
		if (!step_alone(db, is_first, &done, error))
			return false;
		g_usleep(PAUSE_US);
	}
	return true;
}
