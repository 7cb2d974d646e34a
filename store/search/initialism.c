/* SPDX-License-Identifier: MIT */
/* Counts definitions, and asks for them while a query is read. */
#include <string.h>

#include "base/text.h"
#include "initials.h"

#include "initialism.h"

/* Words of a long form that is looked for in a query. */
#define LONG_WORDS_MAX 10
/* Long forms of an abbreviation that are asked for, each with at least one in so many of its definitions: one odd text does not outweigh many. */
#define MEANINGS_MAX "2"
#define SHARE_MIN "4"
/* Places of one query that are read so: each is another line to ask for. */
#define PLACES_MAX 2

/* The statements of an index; the names differ only at their end. */
struct statements {
	const char *add, *take, *drop;
};
#define STATEMENTS(next)                                                                                                           \
	{                                                                                                                          \
		.add = "INSERT INTO search_initialism" next " (folded, expansion, items) VALUES ($1, $2, 1)"                       \
		       " ON CONFLICT (folded, expansion) DO UPDATE SET items = items + 1",                                         \
		.take = "UPDATE search_initialism" next " SET items = items - 1 WHERE folded = $1 AND expansion = $2",            \
		.drop = "DELETE FROM search_initialism" next " WHERE folded = $1 AND expansion = $2 AND items <= 0",              \
	}
static const struct statements statements[] = { [INDEX_CURRENT] = STATEMENTS(""), [INDEX_NEXT] = STATEMENTS("_next") };

static bool run(struct db *db, const char *sql, char **pair, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_text(st, 1, pair[0]);
	db_bind_text(st, 2, pair[1]);
	return db_run(st, error);
}

/* sql_after may be NULL. */
static bool run_each(struct db *db, const char *sql, const char *sql_after, const char *defined, GError **error)
{
	g_auto(GStrv) lines = defined ? g_strsplit(defined, "\n", -1) : NULL;

	for (char **l = lines; l && *l; l++) {
		g_auto(GStrv) pair = g_strsplit(*l, "\t", 2);

		if (g_strv_length(pair) == 2 && (!run(db, sql, pair, error) || (sql_after && !run(db, sql_after, pair, error))))
			return false;
	}
	return true;
}

bool initialism_add(struct db *db, enum index_which which, const char *defined, GError **error)
{
	return run_each(db, statements[which].add, NULL, defined, error);
}

bool initialism_take(struct db *db, enum index_which which, const char *defined, GError **error)
{
	return run_each(db, statements[which].take, statements[which].drop, defined, error);
}

/* --- queries --- */

static const struct query_word *word_at(const struct query_line *l, guint i)
{
	return g_ptr_array_index(l->words, i);
}

/* Vowel marks make it a word; a syllable is meant as such unless it is in capitals. */
static bool may_be_brief(const struct query_word *w)
{
	for (const char *c = w->exact ? w->exact + 1 : ""; *c; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);

		if ((u >= 0x80 && u != 0x0111) || g_ascii_isdigit(*c))
			return false;
	}
	return w->is_capital || !text_is_syllable(w->folded);
}

/* First column of the rows, best first; caller unrefs. NULL + error. */
static GPtrArray *ask(struct db *db, const char *sql, const char *text, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	struct db_stmt *st = db_prepare(db, sql);
	enum db_step step;

	db_bind_text(st, 1, text);
	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(found, db_col_dup(st, 0));
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&found) : NULL;
}

static GPtrArray *meanings_of(struct db *db, const char *brief, GError **error)
{
	return ask(db, "SELECT expansion FROM search_initialism WHERE folded = $1 AND items * " SHARE_MIN " >="
		       " (SELECT sum(items) FROM search_initialism WHERE folded = $1) ORDER BY items DESC, expansion LIMIT " MEANINGS_MAX, brief, error);
}

static GPtrArray *brief_of(struct db *db, const char *meaning, GError **error)
{
	return ask(db, "SELECT a.folded FROM search_initialism AS a WHERE a.expansion = $1 AND a.items * " SHARE_MIN " >="
		       " (SELECT sum(b.items) FROM search_initialism AS b WHERE b.folded = a.folded) ORDER BY a.items DESC, a.folded LIMIT 1",
		   meaning, error);
}

bool initialism_mark(struct db *db, struct query_plan *p, GError **error)
{
	struct query_line *l = g_ptr_array_index(p->lines, 0);

	for (guint i = 0; i < l->words->len; i++) {
		struct query_word *w = g_ptr_array_index(l->words, i);
		struct db_stmt *st;
		int64_t is;

		if (w->is_brief || !may_be_brief(w))
			continue;
		st = db_prepare(db, "SELECT EXISTS (SELECT 1 FROM search_initialism WHERE folded = $1)");
		db_bind_text(st, 1, w->folded);
		if (!db_run_int64(st, 0, &is, error))
			return false;
		w->is_brief = is != 0;
	}
	return true;
}

/* What stands in a line for n words from `at` on; NULL texts: nothing. */
struct place {
	guint at, n;
	GPtrArray *texts;
};

static bool place_read(struct db *db, const struct query_line *l, const struct registry *r, struct place *place, GError **error)
{
	g_autofree char *folded = query_line_join(l, place->at, place->n);
	g_autoptr(GPtrArray) texts = NULL;

	if (r && (registry_expansions(r, folded) || registry_briefs(r, folded)))
		return true;
	if (place->n <= INITIALS_WORDS_MAX && may_be_brief(word_at(l, place->at))) {
		texts = meanings_of(db, folded, error);
		if (!texts)
			return false;
	}
	if (place->n > 1 && (!texts || texts->len == 0)) {
		g_clear_pointer(&texts, g_ptr_array_unref);
		texts = brief_of(db, folded, error);
		if (!texts)
			return false;
		/* The register means something else by it. */
		if (texts->len > 0 && r && registry_expansions(r, g_ptr_array_index(texts, 0)))
			return true;
	}
	if (texts && texts->len > 0)
		place->texts = g_steal_pointer(&texts);
	return true;
}

/* Whether a long form begins with these two words: of nearly all there is none, and the longer ones need not be looked up. */
static bool is_long_begin(struct db *db, const struct query_line *l, guint at, bool *ret_is, GError **error)
{
	g_autofree char *folded = NULL;
	struct db_stmt *st;
	int64_t is;

	*ret_is = false;
	if (at + 2 > l->words->len)
		return true;
	folded = query_line_join(l, at, 2);
	/* '!' comes after the space. */
	st = db_prepare(db, "SELECT EXISTS (SELECT 1 FROM search_initialism WHERE expansion >= $1 AND expansion < $1 || '!')");
	db_bind_text(st, 1, folded);
	if (!db_run_int64(st, 0, &is, error))
		return false;
	*ret_is = is != 0;
	return true;
}

/* The longest that begins there. */
static bool place_at(struct db *db, const struct query_line *l, guint at, const struct registry *r, struct place *place, GError **error)
{
	guint most = may_be_brief(word_at(l, at)) ? INITIALS_WORDS_MAX : 0;
	bool is_long;

	*place = (struct place){ .at = at };
	if (!is_long_begin(db, l, at, &is_long, error))
		return false;
	for (place->n = MIN(is_long ? LONG_WORDS_MAX : most, l->words->len - at); place->n > 0; place->n--) {
		if (!place_read(db, l, r, place, error))
			return false;
		if (place->texts)
			return true;
	}
	return true;
}

/* From the last place to the first, so that the places before it stay where they are: each goes on from the line that the one before has made. */
static void lines_add(struct query_plan *p, const struct query_line *base, const struct place *places, unsigned n)
{
	while (n-- > 0) {
		guint made = p->lines->len;

		for (guint i = 0; i < places[n].texts->len; i++)
			query_add_line(p, base, places[n].at, places[n].n, g_ptr_array_index(places[n].texts, i));
		if (made < p->lines->len)
			base = g_ptr_array_index(p->lines, made);
	}
}

bool initialism_expand(struct db *db, struct query_plan *p, const struct registry *r, GError **error)
{
	const struct query_line *base = g_ptr_array_index(p->lines, p->lines->len > 1 ? 1 : 0);
	struct place places[PLACES_MAX];
	unsigned n = 0;
	bool ok = true;

	for (guint at = 0; ok && at < base->words->len && n < PLACES_MAX;) {
		ok = place_at(db, base, at, r, &places[n], error);
		at += ok && places[n].texts ? places[n].n : 1;
		n += ok && places[n].texts;
	}
	if (ok)
		lines_add(p, base, places, n);
	for (unsigned i = 0; i < n; i++)
		g_ptr_array_unref(places[i].texts);
	return ok;
}
