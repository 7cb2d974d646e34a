/* SPDX-License-Identifier: MIT */
/* Keeps the full-text table in step with the items: one row an item, its columns the texts. While another index is being built, what that has
 * already passed is written into both. */
#include <string.h>

#include "index.h"
#include "initialism.h"
#include "rebuild.h"
#include "search.h"
#include "vocabulary.h"

/* The statements of an index; the names differ only at their end. */
struct statements {
	const char *texts, *put, *take, *doc_put, *doc_drop;
};
#define STATEMENTS(next)                                                                                                           \
	{                                                                                                                          \
		.texts = "SELECT item.title, item.body, d.labels, d.unit, d.more, d.defined FROM search_doc" next " d"                        \
			 " CROSS JOIN item ON item.id = d.item_id WHERE d.item_id = $1",                                           \
		.put = "INSERT INTO search_index" next " (rowid, title, body, labels, unit, more) VALUES ($1, $2, $3, $4, $5, $6)", \
		.take = "INSERT INTO search_index" next " (search_index" next ", rowid, title, body, labels, unit, more)"          \
			" VALUES ('delete', $1, $2, $3, $4, $5, $6)",                                                              \
		.doc_put = "INSERT OR REPLACE INTO search_doc" next " (item_id, labels, unit, more, defined) VALUES ($1, $2, $3, $4, $5)",      \
		.doc_drop = "DELETE FROM search_doc" next " WHERE item_id = $1",                                                   \
	}
static const struct statements statements[] = { [INDEX_CURRENT] = STATEMENTS(""), [INDEX_NEXT] = STATEMENTS("_next") };

/* --- reading --- */

static bool texts_read(struct db *db, enum index_which which, int64_t id, struct index_texts *ret, bool *ret_found, GError **error)
{
	struct db_stmt *st = db_prepare(db, statements[which].texts);
	enum db_step step;

	memset(ret, 0, sizeof(*ret));
	db_bind_int64(st, 1, id);
	step = db_step(st, error);
	for (unsigned i = 0; step == DB_ROW && i < INDEX_COLUMNS; i++)
		ret->column[i] = db_col_dup(st, i);
	ret->defined = step == DB_ROW ? db_col_dup(st, INDEX_COLUMNS) : NULL;
	db_finish(st);
	*ret_found = step == DB_ROW;
	return step != DB_BROKEN;
}

bool search_index_texts(struct db *db, int64_t item_id, struct index_texts *ret, bool *ret_found, GError **error)
{
	return texts_read(db, INDEX_CURRENT, item_id, ret, ret_found, error);
}

bool search_index_count(struct db *db, int64_t *ret_n, GError **error)
{
	return db_run_int64(db_prepare(db, "SELECT items FROM search_state WHERE id = 1"), 0, ret_n, error);
}

/* --- writing --- */

static bool run_with_texts(struct db *db, const char *sql, int64_t id, const struct index_texts *t, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_int64(st, 1, id);
	for (unsigned i = 0; i < INDEX_COLUMNS; i++)
		db_bind_text(st, i + 2, t->column[i]);
	return db_run(st, error);
}

static bool doc_put(struct db *db, enum index_which which, int64_t id, const struct index_texts *t, GError **error)
{
	struct db_stmt *st = db_prepare(db, statements[which].doc_put);

	db_bind_int64(st, 1, id);
	for (unsigned i = INDEX_LABELS; i < INDEX_COLUMNS; i++)
		db_bind_text(st, i, t->column[i]);
	db_bind_text(st, INDEX_COLUMNS, t->defined);
	return db_run(st, error);
}

static bool doc_drop(struct db *db, enum index_which which, int64_t id, GError **error)
{
	struct db_stmt *st = db_prepare(db, statements[which].doc_drop);

	db_bind_int64(st, 1, id);
	return db_run(st, error);
}

static bool items_add(struct db *db, enum index_which which, int n, GError **error)
{
	struct db_stmt *st = which == INDEX_CURRENT ? db_prepare(db, "UPDATE search_state SET items = items + $1 WHERE id = 1") :
						      db_prepare(db, "UPDATE search_state SET next_items = next_items + $1 WHERE id = 1");

	db_bind_int64(st, 1, n);
	return db_run(st, error);
}

static bool is_same(const struct index_texts *a, const struct index_texts *b)
{
	for (unsigned i = 0; i < INDEX_COLUMNS; i++) {
		if (g_strcmp0(a->column[i], b->column[i]) != 0)
			return false;
	}
	return g_strcmp0(a->defined, b->defined) == 0;
}

static bool texts_put(struct db *db, enum index_which which, int64_t id, const struct index_texts *t, GError **error)
{
	struct vocabulary_adding *words = vocabulary_add_begin(db, which, id);
	bool is_put = run_with_texts(db, statements[which].put, id, t, error);

	return vocabulary_add_end(words, is_put, error);
}

/* old or new may be NULL: not in the index before, or afterwards. */
static bool row_replace(struct db *db, enum index_which which, int64_t id, const struct index_texts *old, const struct index_texts *new,
			GError **error)
{
	if ((!old && !new) || (old && new && is_same(old, new)))
		return true;
	if (old && !run_with_texts(db, statements[which].take, id, old, error))
		return false;
	if (new && (!texts_put(db, which, id, new, error) || !doc_put(db, which, id, new, error) ||
		    !initialism_add(db, which, new->defined, error)))
		return false;
	/* Last: it looks which of the words are left. */
	if (old && (!vocabulary_take(db, which, id, old, error) || !initialism_take(db, which, old->defined, error)))
		return false;
	if (old && !new && !doc_drop(db, which, id, error))
		return false;
	return (old && new) || items_add(db, which, new ? 1 : -1, error);
}

static bool row_set(struct db *db, enum index_which which, int64_t id, const struct index_texts *new, GError **error)
{
	struct index_texts old;
	bool is_there, ok = texts_read(db, which, id, &old, &is_there, error) && row_replace(db, which, id, is_there ? &old : NULL, new, error);

	index_texts_clear(&old);
	return ok;
}

bool index_write(struct db *db, enum index_which which, const struct item *i, GError **error)
{
	struct index_texts new = { { NULL }, NULL };
	bool is_taken = index_takes(i->status), ok;

	ok = (!is_taken || index_texts_make(db, i, &new, error)) && row_set(db, which, i->id, is_taken ? &new : NULL, error);
	index_texts_clear(&new);
	return ok;
}

bool search_index_put(struct db *db, const struct item *i, GError **error)
{
	bool in_next;

	return rebuild_has_passed(db, i->id, &in_next, error) && index_write(db, INDEX_CURRENT, i, error) &&
	       (!in_next || index_write(db, INDEX_NEXT, i, error));
}

bool search_index_remove(struct db *db, int64_t item_id, GError **error)
{
	bool in_next;

	return rebuild_has_passed(db, item_id, &in_next, error) && row_set(db, INDEX_CURRENT, item_id, NULL, error) &&
	       (!in_next || row_set(db, INDEX_NEXT, item_id, NULL, error));
}
