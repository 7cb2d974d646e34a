/* SPDX-License-Identifier: MIT */
/* Compares the index with the items: all by number and by the abbreviations that are noted of them, some word by word, and reads every posting list
 * through to its end. FTS5's own check would be a writing statement, and hold the lock for as long as it runs. */
#include <string.h>

#include "store/db_kernel.h"
#include "syllable.h"

#include "index.h"
#include "index_check.h"

#define TRIED 50

static bool number(struct db *db, const char *literal, int64_t *ret_n, GError **error)
{
	return db_run_int64(db_prepare(db, literal), 0, ret_n, error);
}

/* 3 = ITEM_APPROVED: drafts up to approved items can be found. */
G_STATIC_ASSERT(ITEM_APPROVED == 3);

static bool count_items(struct db *db, struct index_report *r, GError **error)
{
	return number(db, "SELECT count(*) FROM item WHERE status <= 3", &r->findable, error) &&
	       number(db, "SELECT count(*) FROM item WHERE status <= 3 AND NOT EXISTS"
			  " (SELECT 1 FROM search_doc JOIN search_index_docsize ON search_index_docsize.id = item_id WHERE item_id = item.id)",
		      &r->missing, error) &&
	       number(db, "SELECT (SELECT count(*) FROM search_doc WHERE NOT EXISTS"
			  "  (SELECT 1 FROM item WHERE item.id = item_id AND status <= 3))"
			  " + (SELECT count(*) FROM search_index_docsize WHERE NOT EXISTS"
			  "  (SELECT 1 FROM search_doc WHERE item_id = search_index_docsize.id))",
		      &r->superfluous, error);
}

static bool measure(struct db *db, struct index_report *r, GError **error)
{
	/* pgsize counts only up to 2 GiB of a table; summed up, pageno is the number of pages. */
	return number(db, "SELECT sum(pageno) * (SELECT page_size FROM pragma_page_size) FROM dbstat"
			  " WHERE aggregate = TRUE AND name LIKE 'search%'", &r->bytes, error) &&
	       number(db, "SELECT sum(length(CAST(title AS BLOB)) + length(CAST(body AS BLOB))) FROM item", &r->text_bytes, error);
}

/* A broken piece of the index is met on the way. */
static bool read_through(struct db *db, struct index_report *r, GError **error)
{
	return db_exec(db, "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_tokens USING fts5vocab ('main', 'search_index', 'row')", error) &&
	       number(db, "SELECT count(*) + 0 * sum(cnt) FROM temp.search_tokens", &r->tokens, error);
}

static bool has_word(struct db *db, int64_t id, const char *word, bool *ret_has, GError **error)
{
	g_autofree char *match = g_strdup_printf("\"%s\"", word);
	struct db_stmt *st = db_prepare(db, "SELECT 1 FROM search_index WHERE search_index MATCH $1 AND rowid = $2");
	int64_t has;

	db_bind_text(st, 1, match);
	db_bind_int64(st, 2, id);
	if (!db_run_int64(st, 0, &has, error))
		return false;
	*ret_has = has != 0;
	return true;
}

static bool try_words(struct db *db, int64_t id, const struct index_texts *t, char **ret_complaint, GError **error)
{
	struct syllable s;

	for (unsigned i = 0; i < INDEX_COLUMNS; i++) {
		syllable_begin(&s, t->column[i] ? t->column[i] : "", t->column[i] ? strlen(t->column[i]) : 0);
		while (!*ret_complaint && syllable_next(&s)) {
			bool has;

			if (!has_word(db, id, s.folded, &has, error))
				return false;
			if (!has)
				*ret_complaint = g_strdup_printf("item %" G_GINT64_FORMAT " is not found by its word \"%s\"", id, s.folded);
		}
	}
	return true;
}

/* What it says its abbreviations stand for is read again. */
static bool try_defined(struct db *db, int64_t id, const struct index_texts *t, char **ret_complaint, GError **error)
{
	g_autoptr(item_t) item = NULL;
	struct index_texts now = { { NULL }, NULL };
	enum store_result r = *ret_complaint ? STORE_NOT_FOUND : store_item_by_row(db, id, &item, error);
	bool ok = r != STORE_OK || index_texts_make(db, item, &now, error);

	if (ok && r == STORE_OK && g_strcmp0(now.defined, t->defined) != 0)
		*ret_complaint = g_strdup_printf("item %" G_GINT64_FORMAT " explains other abbreviations than are noted of it", id);
	index_texts_clear(&now);
	return ok && r != STORE_BROKEN;
}

/* Rows spread over all of them. */
static bool nth_id(struct db *db, unsigned n, int64_t *ret_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT item_id FROM search_doc WHERE item_id >="
					    " (SELECT max(item_id) FROM search_doc) * $1 / $2 ORDER BY item_id LIMIT 1");

	db_bind_int64(st, 1, n);
	db_bind_int64(st, 2, TRIED);
	return db_run_int64(st, 0, ret_id, error);
}

static bool try_some(struct db *db, struct index_report *r, char **ret_complaint, GError **error)
{
	int64_t id, last = 0;

	for (unsigned n = 0; n < TRIED && !*ret_complaint; n++) {
		struct index_texts t;
		bool begun, is_there, ok;

		if (!nth_id(db, n, &id, error))
			return false;
		if (id <= last)
			continue;
		last = id;
		if (!db_snapshot_begin(db, &begun, error))
			return false;
		ok = search_index_texts(db, id, &t, &is_there, error) && (!is_there || (try_words(db, id, &t, ret_complaint, error) && try_defined(db, id, &t, ret_complaint, error)));
		db_snapshot_end(db, begun);
		index_texts_clear(&t);
		if (!ok)
			return false;
		r->n_tried += is_there;
	}
	return true;
}

/* What the rows have noted of their abbreviations, a line each, against what is counted (initialism.c): one that differs. One statement, as items are
 * written meanwhile. */
static bool compare_initialisms(struct db *db, struct index_report *r, char **ret_complaint, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "WITH RECURSIVE line (one, rest) AS (SELECT NULL, defined FROM search_doc WHERE defined IS NOT NULL UNION ALL"
		    "  SELECT substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1) FROM line"
		    "  WHERE instr(rest, char(10)) > 0),"
		    " pair (folded, expansion, said, counted) AS ("
		    "  SELECT substr(one, 1, instr(one, char(9)) - 1), substr(one, instr(one, char(9)) + 1), 1, 0 FROM line"
		    "  WHERE instr(one, char(9)) > 0 UNION ALL SELECT folded, expansion, 0, items FROM search_initialism)"
		    " SELECT folded, expansion, sum(said), sum(counted) FROM pair GROUP BY folded, expansion"
		    " HAVING sum(said) <> sum(counted) OR sum(said) = 0 LIMIT 1");
	enum db_step step = db_step(st, error);

	if (step == DB_ROW && !*ret_complaint)
		*ret_complaint = g_strdup_printf("abbreviation \"%s\" (%s): items that explain it %" G_GINT64_FORMAT ", counted %" G_GINT64_FORMAT,
						 db_col_text(st, 0), db_col_text(st, 1), db_col_int64(st, 2), db_col_int64(st, 3));
	db_finish(st);
	return step != DB_BROKEN && number(db, "SELECT count(*) FROM search_initialism", &r->initialisms, error);
}

bool index_check(struct db *db, struct index_report *ret, char **ret_complaint, GError **error)
{
	g_autoptr(GError) broken = NULL;

	memset(ret, 0, sizeof(*ret));
	*ret_complaint = NULL;
	if (!count_items(db, ret, error) || !measure(db, ret, error))
		return false;
	if (!read_through(db, ret, &broken) || !try_some(db, ret, ret_complaint, &broken) ||
	    !compare_initialisms(db, ret, ret_complaint, &broken)) {
		g_free(*ret_complaint);
		*ret_complaint = g_strdup(broken->message);
	} else if (!*ret_complaint && ret->superfluous > 0) {
		*ret_complaint = g_strdup_printf("%" G_GINT64_FORMAT " rows too many", ret->superfluous);
	}
	return true;
}
