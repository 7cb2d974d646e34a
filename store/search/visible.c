/* SPDX-License-Identifier: MIT */
/* Binds a viewer to the visibility condition. It decides nothing that item_visible_to does not decide. */
#include "visible.h"

void visible_bind(struct db_stmt *st, const struct member *viewer)
{
	bool is_active = viewer && !viewer->has_left;

	db_bind_int64(st, 2, is_active && viewer->role >= ROLE_MODERATOR);
	db_bind_int64(st, 3, is_active && viewer->id > 0 ? viewer->id : -1);
	db_bind_text(st, 4, is_active && viewer->role >= ROLE_FOCAL ? viewer->unit : NULL);
}
