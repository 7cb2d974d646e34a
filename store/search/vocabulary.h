/* SPDX-License-Identifier: MIT */
/* The folded words of what is stored, and in how many items each stands: to tell a word from a slip and a telling word from a common one. */
#ifndef CDSBOT_STORE_SEARCH_VOCABULARY_H
#define CDSBOT_STORE_SEARCH_VOCABULARY_H

#include "store/db.h"

/* Adds the words of an item's texts (sign +1), or takes them off (-1). The same id with the same texts must be given both times. */
bool vocabulary_count(struct db *db, int64_t item_id, const char *const *texts, unsigned n_texts, int sign, GError **error);
/* Items that have this word: exact up to some thousand items, an estimate beyond. 0: nobody has written it. */
bool vocabulary_n(struct db *db, const char *word, int64_t *ret_n, GError **error);
/* Items that have the index token (a pair "chuyen_doi", an exact word "=chuyên3"), counted up to most. */
bool vocabulary_probe(struct db *db, const char *token, int64_t most, int64_t *ret_n, GError **error);

#endif
