/* SPDX-License-Identifier: MIT */
/* Counts words. Beyond COUNTED_UP_TO items only each SAMPLE_EVERYth is counted, so many times as heavy: to count every word of every item would
 * cost as much as the index itself. That a word is there at all is noted of every item. */
#include <string.h>

#include "memo.h"
#include "syllable.h"

#include "vocabulary.h"

#define COUNTED_UP_TO 1024
#define SAMPLE_EVERY 16

/* The statements of an index; the names differ only at their end. */
struct statements {
	const char *count, *note, *take, *get, *set, *drop, *probe;
	enum memo_fact fact;
};
#define STATEMENTS(next, its_fact)                                                                                                 \
	{                                                                                                                          \
		.count = "INSERT INTO search_word" next " (word, n) VALUES ($1, $2)"                                               \
			 " ON CONFLICT (word) DO UPDATE SET n = n + excluded.n",                                                   \
		.note = "INSERT OR IGNORE INTO search_word" next " (word, n) VALUES ($1, 1)",                                      \
		.take = "UPDATE search_word" next " SET n = n - $2 WHERE word = $1",                                               \
		.get = "SELECT n FROM search_word" next " WHERE word = $1",                                                        \
		.set = "UPDATE search_word" next " SET n = 1 WHERE word = $1",                                                     \
		.drop = "DELETE FROM search_word" next " WHERE word = $1",                                                         \
		.probe = "SELECT count(*) FROM (SELECT rowid FROM search_index" next " WHERE search_index" next " MATCH $1 LIMIT $2)", \
		.fact = (its_fact),                                                                                                \
	}
static const struct statements statements[] = { [INDEX_CURRENT] = STATEMENTS("", MEMO_WORD),
						[INDEX_NEXT] = STATEMENTS("_next", MEMO_WORD_NEXT) };

static int64_t weight_of(int64_t item_id)
{
	if (item_id <= COUNTED_UP_TO)
		return 1;
	return item_id % SAMPLE_EVERY == 0 ? SAMPLE_EVERY : 0;
}

static bool run_word(struct db *db, const char *sql, const char *word, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_text(st, 1, word);
	return db_run(st, error);
}

static bool run_count(struct db *db, const char *sql, const char *word, int64_t n, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_text(st, 1, word);
	db_bind_int64(st, 2, n);
	return db_run(st, error);
}

static bool probe(struct db *db, const char *sql, const char *token, int64_t most, int64_t *ret_n, GError **error)
{
	g_autofree char *match = g_strdup_printf("\"%s\"", token);
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_text(st, 1, match);
	db_bind_int64(st, 2, most);
	return db_run_int64(st, 0, ret_n, error);
}

/* Walks through the words of the texts; the same word may come again. */
struct walk {
	const struct index_texts *t;
	unsigned column; /* the next one */
	struct syllable y;
};

static bool walk_next(struct walk *w)
{
	while (!syllable_next(&w->y)) {
		while (w->column < INDEX_COLUMNS && !w->t->column[w->column])
			w->column++;
		if (w->column == INDEX_COLUMNS)
			return false;
		syllable_begin(&w->y, w->t->column[w->column], strlen(w->t->column[w->column]));
		w->column++;
	}
	return true;
}

static void walk_begin(struct walk *w, const struct index_texts *t)
{
	*w = (struct walk){ .t = t };
	syllable_begin(&w->y, "", 0);
}

typedef bool word_func(struct db *db, const struct statements *s, const char *word, int64_t weight, GError **error);

/* Each word once. */
static bool each_word(struct db *db, const struct statements *s, const struct index_texts *t, word_func *func, int64_t weight, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct walk w;

	for (walk_begin(&w, t); walk_next(&w);) {
		if (g_hash_table_contains(seen, w.y.folded))
			continue;
		g_hash_table_add(seen, g_strdup(w.y.folded));
		if (!func(db, s, w.y.folded, weight, error))
			return false;
	}
	return true;
}

static bool count_one(struct db *db, const struct statements *s, const char *word, int64_t weight, GError **error)
{
	memo_note(db, s->fact, word, strlen(word));
	return run_count(db, s->count, word, weight, error);
}

/* As each_word(), for the many: the memo keeps the words apart as well as a set of their own. */
static bool note_all(struct db *db, const struct statements *s, const struct index_texts *t, GError **error)
{
	struct walk w;

	for (walk_begin(&w, t); walk_next(&w);) {
		if (memo_knows(db, s->fact, w.y.folded, w.y.folded_len))
			continue;
		memo_note(db, s->fact, w.y.folded, w.y.folded_len);
		if (!run_word(db, s->note, w.y.folded, error))
			return false;
	}
	return true;
}

bool vocabulary_add(struct db *db, enum index_which which, int64_t item_id, const struct index_texts *t, GError **error)
{
	const struct statements *s = &statements[which];
	int64_t weight = weight_of(item_id);

	return weight > 0 ? each_word(db, s, t, count_one, weight, error) : note_all(db, s, t, error);
}

/* What was counted is taken off. Whether a word that hardly anything is left of is still there, the full-text table knows. */
static bool take_one(struct db *db, const struct statements *s, const char *word, int64_t weight, GError **error)
{
	struct db_stmt *st;
	int64_t n;

	if (weight > 0 && !run_count(db, s->take, word, weight, error))
		return false;
	st = db_prepare(db, s->get);
	db_bind_text(st, 1, word);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	if (n > 1)
		return true;
	if (!probe(db, s->probe, word, 1, &n, error))
		return false;
	if (n > 0)
		return run_word(db, s->set, word, error);
	memo_forget(db, s->fact, word, strlen(word));
	return run_word(db, s->drop, word, error);
}

bool vocabulary_take(struct db *db, enum index_which which, int64_t item_id, const struct index_texts *t, GError **error)
{
	return each_word(db, &statements[which], t, take_one, weight_of(item_id), error);
}

bool vocabulary_probe(struct db *db, const char *token, int64_t most, int64_t *ret_n, GError **error)
{
	return probe(db, statements[INDEX_CURRENT].probe, token, most, ret_n, error);
}

bool vocabulary_n(struct db *db, const char *word, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, statements[INDEX_CURRENT].get);

	db_bind_text(st, 1, word);
	return db_run_int64(st, 0, ret_n, error);
}
