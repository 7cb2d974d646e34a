/* SPDX-License-Identifier: MIT */
/* Keeps the full-text table in step with the items: one row an item, its columns the texts. It decides which items can be found
 * at all; who may see one is decided when it is asked for. */
#include <string.h>

#include "base/macros.h"
#include "fold.h"

#include "index.h"
#include "search.h"
#include "tokenizer.h"
#include "vocabulary.h"

/* Items of one transaction of the filling: some tens of milliseconds, so that a daemon beside it hardly waits. */
#define FILL_BATCH 200
/* Columns of the full-text table. */
#define COLUMNS 5

/* Words of the longest abbreviation ("TT và TT"). */
#define BRIEF_WORDS_MAX 3

static bool is_findable(enum item_status status)
{
	switch (status) {
	case ITEM_DRAFT:
	case ITEM_WAITING:
	case ITEM_RETURNED:
	case ITEM_APPROVED:
		return true;
	case ITEM_REJECTED:
	case ITEM_WITHDRAWN:
	case ITEM_MERGED:
		return false;
	}
	return false;
}

/* Looks like an abbreviation: two capitals, or letters that no syllable can be made of, or a number ("1 cửa"). The plain words of a
 * text, nearly all of it, are not looked up. */
static bool is_brief_like(const char *original, uint32_t text_len, const char *token, uint32_t len)
{
	unsigned capitals = 0;
	bool vowel = false;

	for (const char *c = original; c < original + text_len; c = g_utf8_next_char(c))
		capitals += ((unsigned char)*c < 0x80 ? g_ascii_isupper(*c) : g_unichar_isupper(g_utf8_get_char(c))) ? 1 : 0;
	if (capitals >= 2 || g_ascii_isdigit(token[0]))
		return true;
	for (uint32_t i = 0; i < len; i++)
		vowel = vowel || strchr("aeiouy", token[i]);
	return !vowel && len >= 2 && len <= 8;
}

/* The long form of an abbreviation that has exactly one: where it stands for several things, guessing would file the item under
 * all. */
static bool expansion_get(struct db *db, const char *folded, char **ret_tokens, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT expansions FROM abbreviation WHERE folded = $1 ORDER BY position");
	enum db_step step;

	*ret_tokens = NULL;
	db_bind_text(st, 1, folded);
	while ((step = db_step(st, error)) == DB_ROW) {
		const char *expansions = db_col_text(st, 0);
		g_autofree char *tokens = strchr(expansions, ';') ? NULL : search_fold(expansions);

		/* CĐS and CDS are two rows and one abbreviation. */
		if (!tokens || (*ret_tokens && strcmp(*ret_tokens, tokens) != 0)) {
			g_clear_pointer(ret_tokens, g_free);
			break;
		}
		g_free(*ret_tokens);
		*ret_tokens = g_steal_pointer(&tokens);
	}
	db_finish(st);
	return step == DB_ROW || step == DB_DONE;
}

static bool expand_into(struct db *db, const char *text, const struct search_text *words, GHashTable *seen, GString *more,
			GError **error)
{
	for (guint i = 0; i < words->words->len; i++) {
		const struct search_word *w = &g_array_index(words->words, struct search_word, i);

		if (!is_brief_like(text + w->start, w->text_len, words->tokens + w->at, w->len))
			continue;
		for (guint n = MIN(BRIEF_WORDS_MAX, words->words->len - i); n > 0; n--) {
			g_autofree char *tokens = NULL;
			char *brief = search_text_join(words, i, n);

			if (!g_hash_table_add(seen, brief))
				continue;
			if (!expansion_get(db, brief, &tokens, error))
				return false;
			if (tokens)
				g_string_append_printf(more, "%s%s", more->len > 0 ? " " : "", tokens);
		}
	}
	return true;
}

/* Adds the long forms of a text's abbreviations to `more`. */
static bool briefs_read(struct db *db, const char *text, GHashTable *seen, GString *more, GError **error)
{
	g_autoptr(search_text_t) words = search_text_new(text);

	return expand_into(db, text, words, seen, more, error);
}

static bool name_of(struct db *db, const char *sql_unit_or_field, const char *code, char **ret_name, GError **error)
{
	struct db_stmt *st;

	*ret_name = NULL;
	if (!code)
		return true;
	st = db_prepare(db, sql_unit_or_field);
	db_bind_text(st, 1, code);
	return db_run_text(st, ret_name, error);
}

/* One more row, or one less. */
static bool items_add(struct db *db, int n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE search_state SET items = items + $1 WHERE id = 1");

	db_bind_int64(st, 1, n);
	return db_run(st, error);
}

static bool row_put(struct db *db, int64_t id, const char *const *columns, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO search_index (rowid, title, body, labels, unit, more) VALUES ($1, $2, $3, $4, $5, $6)");

	db_bind_int64(st, 1, id);
	for (unsigned i = 0; i < COLUMNS; i++)
		db_bind_text(st, i + 2, columns[i]);
	return db_run(st, error) && vocabulary_count(db, id, columns, COLUMNS, 1, error) && items_add(db, 1, error);
}

bool search_index_put(struct db *db, const struct item *i, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GString) labels = g_string_new(NULL);
	g_autoptr(GString) more = g_string_new(NULL);
	g_autofree char *unit_name = NULL, *field_name = NULL;

	if (!search_index_remove(db, i->id, error))
		return false;
	if (!is_findable(i->status))
		return true;
	for (guint k = 0; k < i->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(i->fields, k);

		/* Contacts are for registered members: no search may tell that a telephone number is somewhere. What was folded in from
		 * another item has passed no moderator. */
		if (strcmp(f->key, ITEM_KEY_CONTACT) != 0 && strcmp(f->key, ITEM_KEY_CONTRIBUTION) != 0)
			g_string_append_printf(labels, "%s\n", f->value);
	}
	if (!briefs_read(db, i->title, seen, more, error) || !briefs_read(db, i->body, seen, more, error) ||
	    !briefs_read(db, labels->str, seen, more, error) ||
	    !name_of(db, "SELECT name FROM unit WHERE code = $1", i->unit, &unit_name, error) ||
	    !name_of(db, "SELECT name FROM field WHERE code = $1", i->field, &field_name, error))
		return false;
	if (field_name)
		g_string_append_printf(more, "\n%s", field_name);
	const char *const columns[COLUMNS] = { i->title, i->body, labels->str, unit_name ? unit_name : i->unit_text, more->str };

	return row_put(db, i->id, columns, error);
}

/* What was counted for this item is taken off again. */
static bool words_remove(struct db *db, int64_t id, bool *ret_found, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT title, body, labels, unit, more FROM search_index WHERE rowid = $1");
	char *columns[COLUMNS] = { NULL };
	enum db_step step;
	bool ok;

	db_bind_int64(st, 1, id);
	step = db_step(st, error);
	for (unsigned i = 0; step == DB_ROW && i < COLUMNS; i++)
		columns[i] = db_col_dup(st, i);
	db_finish(st);
	*ret_found = step == DB_ROW;
	ok = step != DB_BROKEN &&
	     (!*ret_found || vocabulary_count(db, id, (const char *const *)columns, COLUMNS, -1, error));
	for (unsigned i = 0; i < COLUMNS; i++)
		g_free(columns[i]);
	return ok;
}

bool search_index_remove(struct db *db, int64_t item_id, GError **error)
{
	bool is_there;
	struct db_stmt *st;

	if (!words_remove(db, item_id, &is_there, error))
		return false;
	if (!is_there)
		return true;
	st = db_prepare(db, "DELETE FROM search_index WHERE rowid = $1");
	db_bind_int64(st, 1, item_id);
	return db_run(st, error) && items_add(db, -1, error);
}

bool search_index_count(struct db *db, int64_t *ret_n, GError **error)
{
	return db_run_int64(db_prepare(db, "SELECT items FROM search_state WHERE id = 1"), 0, ret_n, error);
}

/* --- filling --- */

/* Indexes the next items after *after; *after stays where there are none left. */
static bool fill_some(struct db *db, int64_t *after, GError **error)
{
	g_autoptr(GPtrArray) items = store_item_list(db, *after, false, FILL_BATCH, error);

	if (!items)
		return false;
	for (guint i = 0; i < items->len; i++) {
		const struct item *item = g_ptr_array_index(items, i);

		if (!search_index_put(db, item, error))
			return false;
		*after = item->id;
	}
	return true;
}

static bool fill_batch(struct db *db, int64_t *after, bool *ret_done, GError **error)
{
	int64_t before = *after;

	if (!db_begin(db, error))
		return false;
	if (!fill_some(db, after, error)) {
		db_rollback(db);
		return false;
	}
	*ret_done = *after == before;
	return db_commit(db, error);
}

static bool version_set(struct db *db, GError **error)
{
	struct db_stmt *st;

	if (!db_begin(db, error))
		return false;
	st = db_prepare(db, "UPDATE search_state SET tokenizer = $1 WHERE id = 1");
	db_bind_int64(st, 1, TOKENIZER_VERSION);
	if (db_run(st, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

bool search_index_bring_up(struct db *db, GError **error)
{
	int64_t version, after = 0;
	bool done = false;

	if (!db_run_int64(db_prepare(db, "SELECT tokenizer FROM search_state WHERE id = 1"), 0, &version, error))
		return false;
	if (version == TOKENIZER_VERSION)
		return true;
	while (!done) {
		if (!fill_batch(db, &after, &done, error))
			return false;
	}
	return version_set(db, error);
}
