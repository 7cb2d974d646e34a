/* SPDX-License-Identifier: MIT */
/* The index as a whole: its filling at first and after a change of the tokenizer. What keeps it in step with single items is in search.h. */
#ifndef CDSBOT_STORE_SEARCH_INDEX_H
#define CDSBOT_STORE_SEARCH_INDEX_H

#include "store/db.h"

/* Fills an index that was made by another tokenizer or never filled, in short transactions; where there is nothing to do it reads one row. */
bool search_index_bring_up(struct db *db, GError **error);
/* Items in the index. */
bool search_index_count(struct db *db, int64_t *ret_n, GError **error);

#endif
