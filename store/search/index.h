/* SPDX-License-Identifier: MIT */
/* What the search reads of the index beside MATCH, and the writing of single rows for the rebuilding. What keeps it in step with the items is in
 * search.h. */
#ifndef CDSBOT_STORE_SEARCH_INDEX_H
#define CDSBOT_STORE_SEARCH_INDEX_H

#include "index_texts.h"

/* Items in the index. */
bool search_index_count(struct db *db, int64_t *ret_n, GError **error);
/* The texts of an item as they are indexed. *ret_found false: it is not in the index. The caller clears *ret, whatever is returned. */
bool search_index_texts(struct db *db, int64_t item_id, struct index_texts *ret, bool *ret_found, GError **error);

/* The index that is asked, and the one that is being built. */
enum index_which { INDEX_CURRENT, INDEX_NEXT };
/* Indexes an item, or brings it up to date. It still reads the item's row as it was indexed. */
bool index_write(struct db *db, enum index_which which, const struct item *i, GError **error);

#endif
