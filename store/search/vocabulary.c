/* SPDX-License-Identifier: MIT */
/* Counts words. Beyond SAMPLED_FROM items only each SAMPLE_EVERYth is counted, so many times as heavy: to count every word of every item would
 * cost more than the index itself. A word that only stands in items that were not counted is found by asking the index. */
#include <string.h>

#include "syllable.h"

#include "vocabulary.h"

#define SAMPLED_FROM 16384
#define SAMPLE_EVERY 16

static int64_t weight_of(int64_t item_id)
{
	if (item_id <= SAMPLED_FROM)
		return 1;
	return item_id % SAMPLE_EVERY == 0 ? SAMPLE_EVERY : 0;
}

static bool word_add(struct db *db, const char *word, int64_t n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO search_word (word, n) VALUES ($1, $2)"
					    " ON CONFLICT (word) DO UPDATE SET n = n + excluded.n");

	db_bind_text(st, 1, word);
	db_bind_int64(st, 2, n);
	return db_run(st, error);
}

bool vocabulary_count(struct db *db, int64_t item_id, const char *const *texts, unsigned n_texts, int sign, GError **error)
{
	g_autoptr(GHashTable) seen = NULL;
	int64_t weight = weight_of(item_id);
	struct syllable s;

	if (weight == 0)
		return true;
	seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (unsigned i = 0; i < n_texts; i++) {
		if (!texts[i])
			continue;
		syllable_begin(&s, texts[i], strlen(texts[i]));
		while (syllable_next(&s)) {
			if (g_hash_table_contains(seen, s.folded))
				continue;
			g_hash_table_add(seen, g_strdup(s.folded));
			if (!word_add(db, s.folded, sign * weight, error))
				return false;
		}
	}
	return true;
}

bool vocabulary_probe(struct db *db, const char *token, int64_t most, int64_t *ret_n, GError **error)
{
	g_autofree char *match = g_strdup_printf("\"%s\"", token);
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM (SELECT rowid FROM search_index WHERE search_index MATCH $1 LIMIT $2)");

	db_bind_text(st, 1, match);
	db_bind_int64(st, 2, most);
	return db_run_int64(st, 0, ret_n, error);
}

bool vocabulary_n(struct db *db, const char *word, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT n FROM search_word WHERE word = $1");

	db_bind_text(st, 1, word);
	if (!db_run_int64(st, 0, ret_n, error))
		return false;
	if (*ret_n > 0)
		return true;
	return vocabulary_probe(db, word, SAMPLE_EVERY, ret_n, error);
}
