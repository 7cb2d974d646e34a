/* SPDX-License-Identifier: MIT */
/* How a chat is read from a row, for the files of store/ whose queries end in one. Others use chat.h. */
#ifndef CDSBOT_STORE_CHAT_ROW_H
#define CDSBOT_STORE_CHAT_ROW_H

#include "chat.h"

/* With the table named c. */
#define CHAT_COLUMNS "c.id, c.adapter, c.remote_id, c.kind, c.title, c.is_core, c.unit, c.is_parked, c.parked_reason"

struct chat *chat_from_row(struct db_stmt *st);
/* Steps once and finishes. */
enum store_result chat_take_row(struct db_stmt *st, struct chat **ret, GError **error);

#endif
