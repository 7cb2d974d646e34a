/* SPDX-License-Identifier: MIT */
/* The folded words of what is stored, and in how many items each stands: to tell a word from a slip and a telling word from a common one. */
#ifndef CDSBOT_STORE_SEARCH_VOCABULARY_H
#define CDSBOT_STORE_SEARCH_VOCABULARY_H

#include "index.h"

/* Adds the words of an item's texts: those that are put into the full-text table between begin and end, which the tokenizer shows it. is_put
 * false: it came to nothing. At most one at a time in a thread. */
struct vocabulary_adding *vocabulary_add_begin(struct db *db, enum index_which which, int64_t item_id);
bool vocabulary_add_end(struct vocabulary_adding *a, bool is_put, GError **error);
/* Takes off what was added under this id. After the texts were taken out of the full-text table. */
bool vocabulary_take(struct db *db, enum index_which which, int64_t item_id, const struct index_texts *t, GError **error);
/* Items that have this word: exact up to some thousand items, an estimate beyond, but never 0 while one has it. */
bool vocabulary_n(struct db *db, const char *word, int64_t *ret_n, GError **error);
/* Items that have the index token (a pair "chuyen_doi", an exact word "=chuyên3"), counted up to most. */
bool vocabulary_probe(struct db *db, const char *token, int64_t most, int64_t *ret_n, GError **error);

#endif
