/* SPDX-License-Identifier: MIT */
/* Rows of the list of abbreviations. That there is a next one to be loaded, the caller tells the daemon. */
#include "search/fold.h"
#include "search/index_briefs.h"
#include "search/index_texts.h"

#include "abbreviation.h"

void abbreviation_row_free(struct abbreviation_row *r)
{
	if (!r)
		return;
	g_free(r->brief);
	g_free(r->folded);
	g_free(r->expansions);
	g_free(r);
}

static struct abbreviation_row *row_read(struct db_stmt *st)
{
	struct abbreviation_row *r = g_new0(struct abbreviation_row, 1);

	r->brief = db_col_dup(st, 0);
	r->folded = db_col_dup(st, 1);
	r->expansions = db_col_dup(st, 2);
	return r;
}

GPtrArray *store_abbreviation_list(struct db *db, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)abbreviation_row_free);
	struct db_stmt *st = db_prepare(db, "SELECT brief, folded, expansions FROM abbreviation ORDER BY position, brief");
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(rows, row_read(st));
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&rows) : NULL;
}

static bool row_put(struct db *db, const char *brief, const char *folded, const char *expansions, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO abbreviation (brief, folded, expansions, position)"
					    " VALUES ($1, $2, $3, (SELECT coalesce(max(position), -1) + 1 FROM abbreviation))"
					    " ON CONFLICT (brief) DO UPDATE SET expansions = excluded.expansions");

	db_bind_text(st, 1, brief);
	db_bind_text(st, 2, folded);
	db_bind_text(st, 3, expansions);
	return db_run(st, error);
}

static bool row_drop(struct db *db, const char *brief, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM abbreviation WHERE brief = $1");

	db_bind_text(st, 1, brief);
	return db_run(st, error);
}

bool store_abbreviation_set(struct db *db, const char *brief, const char *expansions, GError **error)
{
	g_autofree char *folded = search_fold(brief), *before = NULL;

	return index_texts_long_form(db, folded, &before, error) && row_put(db, brief, folded, expansions, error) &&
	       index_briefs_changed(db, folded, before, error);
}

bool store_abbreviation_remove(struct db *db, const char *brief, GError **error)
{
	g_autofree char *folded = search_fold(brief), *before = NULL;

	return index_texts_long_form(db, folded, &before, error) && row_drop(db, brief, error) &&
	       index_briefs_changed(db, folded, before, error);
}
