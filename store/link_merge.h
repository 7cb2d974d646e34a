/* SPDX-License-Identifier: MIT */
/* Two member rows become one: the rules are in link.h. */
#ifndef CDSBOT_STORE_LINK_MERGE_H
#define CDSBOT_STORE_LINK_MERGE_H

#include "member.h"

/* giver made the code, joiner typed it. *ret_id: the row that stays. *ret_lead: giver or joiner, whose unit and role hold. */
bool link_merge(struct db *db, const struct member *giver, const struct member *joiner, int64_t now_ms, int64_t *ret_id,
		const struct member **ret_lead, GError **error);

#endif
