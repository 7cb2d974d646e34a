/* SPDX-License-Identifier: MIT */
/* item_visible_to() of store/item.h as SQL over a joined row of item, on $2, $3 and $4. The two must say the same; a test compares
 * them. */
#ifndef CDSBOT_STORE_SEARCH_VISIBLE_H
#define CDSBOT_STORE_SEARCH_VISIBLE_H

#include "store/member.h"

/* 3 = ITEM_APPROVED. */
#define VISIBLE_SQL "(item.status = 3 OR $2 = 1 OR item.author_id = $3 OR item.unit = $4)"
void visible_bind(struct db_stmt *st, const struct member *viewer_or_null);

#endif
