/* SPDX-License-Identifier: MIT */
/* Makes the texts that an item is found by. */
#include <string.h>

#include "base/macros.h"
#include "fold.h"
#include "initials.h"
#include "memo.h"
#include "syllable.h"

#include "index_texts.h"

/* Words of the longest abbreviation ("TT và TT"). */
#define BRIEF_WORDS_MAX 3

void index_texts_clear(struct index_texts *t)
{
	for (unsigned i = 0; i < INDEX_COLUMNS; i++)
		g_clear_pointer(&t->column[i], g_free);
	g_clear_pointer(&t->defined, g_free);
}

/* Conditions of the search write it as status <= 3. */
G_STATIC_ASSERT(ITEM_DRAFT < ITEM_WAITING && ITEM_WAITING < ITEM_RETURNED && ITEM_RETURNED < ITEM_APPROVED && ITEM_APPROVED == 3);

bool index_takes(enum item_status status)
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
static bool is_brief_like(const struct syllable *w)
{
	if (w->n_capitals >= 2 || g_ascii_isdigit(w->folded[0]))
		return true;
	return w->folded_len >= 2 && w->folded_len <= 8 && !strpbrk(w->folded, "aeiouy");
}

/* Of several things, guessing would file the item under all. */
bool index_texts_long_form(struct db *db, const char *folded, char **ret_tokens, GError **error)
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

/* Whether there is an abbreviation whose first word this is. Of nearly all numbers and codes there is none. */
static bool is_begin(struct db *db, const char *word, size_t len, bool *ret_is, GError **error)
{
	struct db_stmt *st;
	int64_t is;

	*ret_is = false;
	if (memo_knows(db, MEMO_NO_BRIEF, word, len))
		return true;
	/* '!' comes after the space. */
	st = db_prepare(db, "SELECT EXISTS (SELECT 1 FROM abbreviation WHERE folded = $1 OR (folded > $1 || ' ' AND folded < $1 || '!'))");
	db_bind_text(st, 1, word);
	if (!db_run_int64(st, 0, &is, error))
		return false;
	if (!is)
		memo_note(db, MEMO_NO_BRIEF, word, len);
	*ret_is = is != 0;
	return true;
}

/* Looks up the one, two, three words from this one on; the longest first. */
static bool expand_at(struct db *db, const struct syllable *first, GHashTable *seen, GString *more, GError **error)
{
	g_autoptr(GString) words = g_string_new(first->folded);
	gsize ends[BRIEF_WORDS_MAX] = { words->len };
	struct syllable w = *first;
	unsigned n = 1;

	for (; n < BRIEF_WORDS_MAX && syllable_next(&w); n++) {
		g_string_append_printf(words, " %s", w.folded);
		ends[n] = words->len;
	}
	for (; n > 0; n--) {
		g_autofree char *tokens = NULL;
		char *brief = g_strndup(words->str, ends[n - 1]);

		if (!g_hash_table_add(seen, brief))
			continue;
		if (!index_texts_long_form(db, brief, &tokens, error))
			return false;
		if (tokens)
			g_string_append_printf(more, "%s%s", more->len > 0 ? " " : "", tokens);
	}
	return true;
}

/* Adds the long forms of a text's abbreviations to `more`. */
static bool briefs_read(struct db *db, const char *text, GHashTable *seen, GString *more, GError **error)
{
	struct syllable w;

	for (syllable_begin(&w, text ? text : "", text ? strlen(text) : 0); syllable_next(&w);) {
		bool begins;

		if (!is_brief_like(&w))
			continue;
		if (!is_begin(db, w.folded, w.folded_len, &begins, error) || (begins && !expand_at(db, &w, seen, more, error)))
			return false;
	}
	return true;
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

/* Only of what everybody may read: a query of anybody is read by it. */
static char *defined_of(const struct item *i, const char *labels)
{
	g_autoptr(GString) list = NULL;

	if (i->status != ITEM_APPROVED)
		return NULL;
	list = g_string_new(NULL);
	initials_find(i->title, list);
	initials_find(i->body, list);
	initials_find(labels, list);
	return list->len > 0 ? g_strdup(list->str) : NULL;
}

/* What people call such an item when they look for one: "địa chỉ đỏ truyền thanh". */
static const char *kind_words(enum item_kind kind)
{
	switch (kind) {
	case ITEM_INITIATIVE:
		return "sáng kiến";
	case ITEM_EXEMPLAR:
		return "địa chỉ đỏ";
	case ITEM_STORY:
		return "câu chuyện";
	case ITEM_LESSON:
		return "bài học";
	}
	return "";
}

bool index_texts_make(struct db *db, const struct item *i, struct index_texts *ret, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GString) labels = g_string_new(NULL);
	g_autoptr(GString) more = g_string_new(NULL);
	g_autofree char *field_name = NULL;

	for (guint k = 0; k < i->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(i->fields, k);

		/* Contacts are for registered members: no search may tell that a telephone number is somewhere. */
		if (strcmp(f->key, ITEM_KEY_CONTACT) != 0)
			g_string_append_printf(labels, "%s\n", f->value);
	}
	if (!briefs_read(db, i->title, seen, more, error) || !briefs_read(db, i->body, seen, more, error) ||
	    !briefs_read(db, labels->str, seen, more, error) ||
	    !name_of(db, "SELECT name FROM unit WHERE code = $1", i->unit, &ret->column[INDEX_UNIT], error) ||
	    !name_of(db, "SELECT name FROM field WHERE code = $1", i->field, &field_name, error))
		return false;
	if (field_name)
		g_string_append_printf(more, "\n%s", field_name);
	g_string_append_printf(more, "\n%s", kind_words(i->kind));
	if (!ret->column[INDEX_UNIT])
		ret->column[INDEX_UNIT] = g_strdup(i->unit_text);
	ret->column[INDEX_TITLE] = g_strdup(i->title ? i->title : "");
	ret->column[INDEX_BODY] = g_strdup(i->body ? i->body : "");
	ret->defined = defined_of(i, labels->str);
	if (labels->len > 0)
		ret->column[INDEX_LABELS] = g_strdup(labels->str);
	if (more->len > 0)
		ret->column[INDEX_MORE] = g_strdup(more->str);
	return true;
}
