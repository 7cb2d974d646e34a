/* SPDX-License-Identifier: MIT */
/* Counts words. Beyond COUNTED_UP_TO items only each SAMPLE_EVERYth is counted, so many times as heavy: to count every word of every item would
 * cost as much as the index itself. That a word is there at all is noted of every item. */
#include <string.h>

#include "memo.h"
#include "tokenizer.h"

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

/* --- adding --- */

struct vocabulary_adding {
	struct db *db;
	const struct statements *s;
	int64_t weight;
	GHashTable *words; /* those to be written */
};

/* What is only noted, the memo keeps apart as well as a set of their own. */
static void hear(void *ctx, const struct syllable *word)
{
	struct vocabulary_adding *a = ctx;

	if (a->weight == 0 && memo_knows(a->db, a->s->fact, word->folded, word->folded_len))
		return;
	if (g_hash_table_contains(a->words, word->folded))
		return;
	g_hash_table_add(a->words, g_strdup(word->folded));
}

struct vocabulary_adding *vocabulary_add_begin(struct db *db, enum index_which which, int64_t item_id)
{
	struct vocabulary_adding *a = g_new0(struct vocabulary_adding, 1);

	a->db = db;
	a->s = &statements[which];
	a->weight = weight_of(item_id);
	a->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	tokenizer_listen(hear, a);
	return a;
}

static bool words_write(struct vocabulary_adding *a, GError **error)
{
	GHashTableIter iter;
	gpointer word;

	g_hash_table_iter_init(&iter, a->words);
	while (g_hash_table_iter_next(&iter, &word, NULL)) {
		if (!(a->weight > 0 ? run_count(a->db, a->s->count, word, a->weight, error) : run_word(a->db, a->s->note, word, error)))
			return false;
		memo_note(a->db, a->s->fact, word, strlen(word));
	}
	return true;
}

bool vocabulary_add_end(struct vocabulary_adding *a, bool is_put, GError **error)
{
	bool ok;

	tokenizer_listen(NULL, NULL);
	ok = is_put && words_write(a, error);
	g_hash_table_unref(a->words);
	g_free(a);
	return ok;
}

/* --- taking off --- */

/* Each word once. */
static GHashTable *words_of(const struct index_texts *t)
{
	GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct syllable y;

	for (unsigned i = 0; i < INDEX_COLUMNS; i++) {
		const char *text = t->column[i] ? t->column[i] : "";

		for (syllable_begin(&y, text, strlen(text)); syllable_next(&y);)
			g_hash_table_add(words, g_strdup(y.folded));
	}
	return words;
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
	g_autoptr(GHashTable) words = words_of(t);
	const int64_t weight = weight_of(item_id);
	GHashTableIter iter;
	gpointer word;

	g_hash_table_iter_init(&iter, words);
	while (g_hash_table_iter_next(&iter, &word, NULL)) {
		if (!take_one(db, &statements[which], word, weight, error))
			return false;
	}
	return true;
}

/* --- asking --- */

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
