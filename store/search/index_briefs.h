/* SPDX-License-Identifier: MIT */
/* What a change of one abbreviation means for the index: the long forms stand in the texts of the items that hold it. */
#ifndef CDSBOT_STORE_SEARCH_INDEX_BRIEFS_H
#define CDSBOT_STORE_SEARCH_INDEX_BRIEFS_H

#include "store/db.h"

/* Rows of the register that read so (folded) have changed; in the transaction that changes them. before: what index_texts_long_form() said of it
 * until then, or NULL. If few items hold it they are brought up to date here and now, else the index is outdated from now on (rebuild.h). */
bool index_briefs_changed(struct db *db, const char *folded, const char *before, GError **error);

#endif
