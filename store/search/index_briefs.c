/* SPDX-License-Identifier: MIT */
/* Brings the items that hold an abbreviation up to date, where they are few. */
#include <string.h>

#include "index_texts.h"
#include "rebuild.h"
#include "search.h"

#include "index_briefs.h"

/* As many as the writer's lock is held for some tens of milliseconds, as by a step of the rebuilding; each text is taken out and put in again. Up to
 * 100 usual ones took 15 to 70 ms among a million, beside other load; 250 KiB of text 60 to 90 ms among 100,000. */
#define ITEMS_MAX 100
#define BYTES_MAX (256 * 1024)

/* The texts that abbreviations are read in, asked for the words in a row. "a_b" + "b_c" and not "a" + "b" + "c": of single words one may stand in
 * nearly all items. NULL: no word. Caller frees. */
static char *match_of(const char *folded)
{
	g_auto(GStrv) words = g_strsplit(folded, " ", -1);
	GString *s = g_string_new("{title body labels} : ");

	if (!*folded) {
		g_string_free(s, TRUE);
		return NULL;
	}
	if (!words[1])
		g_string_append_printf(s, "\"%s\"", words[0]);
	for (char **w = words; w[1]; w++)
		g_string_append_printf(s, "%s\"%s_%s\"", w > words ? " + " : "", w[0], w[1]);
	return g_string_free(s, FALSE);
}

/* The items whose texts have these words, int64_t, or at least all whose long forms they may be; *ret_few: no more than can be done at once. */
static bool holders_find(struct db *db, const char *match, GArray *ids, bool *ret_few, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT item.id, length(CAST(item.title AS BLOB)) + length(CAST(item.body AS BLOB))"
					    " + length(CAST(ifnull(d.labels, '') AS BLOB)) FROM search_index"
					    " CROSS JOIN search_doc d ON d.item_id = search_index.rowid"
					    " CROSS JOIN item ON item.id = d.item_id WHERE search_index MATCH $1 LIMIT $2");
	int64_t bytes = 0;
	enum db_step step;

	db_bind_text(st, 1, match);
	db_bind_int64(st, 2, ITEMS_MAX + 1);
	while ((step = db_step(st, error)) == DB_ROW && bytes <= BYTES_MAX) {
		int64_t id = db_col_int64(st, 0);

		g_array_append_val(ids, id);
		bytes += db_col_int64(st, 1);
	}
	db_finish(st);
	*ret_few = ids->len <= ITEMS_MAX && bytes <= BYTES_MAX;
	return step != DB_BROKEN;
}

static bool write_all(struct db *db, const GArray *ids, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(item_t) item = NULL;

		switch (store_item_by_row(db, g_array_index(ids, int64_t, i), &item, error)) {
		case STORE_BROKEN:
			return false;
		case STORE_OK:
			if (!search_index_put(db, item, error))
				return false;
			break;
		case STORE_NOT_FOUND:
		case STORE_DUPLICATE:
		case STORE_WRONG_STATE:
		case STORE_DENIED:
			break;
		}
	}
	return true;
}

/* *ret_done false: nothing was done, they are too many. */
static bool follow_at_once(struct db *db, const char *folded, bool *ret_done, GError **error)
{
	g_autofree char *match = match_of(folded);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	*ret_done = true; /* what has no word stands nowhere */
	return !match || (holders_find(db, match, ids, ret_done, error) && (!*ret_done || write_all(db, ids, error)));
}

bool index_briefs_changed(struct db *db, const char *folded, const char *before, GError **error)
{
	g_autofree char *now = NULL;
	bool follows, is_done = false;

	db_epoch_next(db); /* what memo.c knows to be no abbreviation may be one now */
	if (!index_texts_long_form(db, folded, &now, error))
		return false;
	if (g_strcmp0(before, now) == 0)
		return true; /* it is read into no text, or into all that it was */
	if (!rebuild_follows(db, &follows, error) || (follows && !follow_at_once(db, folded, &is_done, error)))
		return false;
	return is_done || rebuild_register_changed(db, error);
}
