/* SPDX-License-Identifier: MIT */
/* The pieces of an index. What is written at once is a piece of its own; FTS5 merges pieces of like number as they gather, but after many items were
 * written large ones are left beside the first small ones, and every few single items would then move them. */
#ifndef CDSBOT_STORE_SEARCH_INDEX_MERGE_H
#define CDSBOT_STORE_SEARCH_INDEX_MERGE_H

#include "index.h"

/* A step towards one piece, some tens of milliseconds, in the caller's transaction; is_first begins. *ret_done: what was there at the first step is
 * one piece, beside the small ones that were written since. */
bool index_merge_step(struct db *db, enum index_which which, bool is_first, bool *ret_done, GError **error);
/* After items were written in bulk: all steps, each its own transaction with a pause for others; nothing where the largest piece is most of the index
 * already. What is there decides, not what this import wrote: one that was killed before its end is made up for by the next. */
bool index_merge_after(struct db *db, GError **error);

#endif
