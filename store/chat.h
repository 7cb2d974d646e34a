/* SPDX-License-Identifier: MIT */
/* Chats the bot has met: private ones, groups, whether it can write there. The core group is a flag on any number of chats. */
#ifndef CDSBOT_STORE_CHAT_H
#define CDSBOT_STORE_CHAT_H

#include "adapters/message.h"
#include "db.h"

struct chat {
	int64_t id;
	char *adapter, *remote_id;
	enum chat_kind kind;
	char *title;
	bool is_core;
	char *unit; /* code of the unit whose own group it is, or NULL */
	bool is_parked; /* the bot cannot write there (removed, blocked); parked_reason */
	char *parked_reason;
};
void chat_free(struct chat *c);
typedef struct chat chat_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(chat_t, chat_free)

/* Finds or makes the row; a new title is taken over; a message from a parked chat opens it. */
enum store_result store_chat_seen(struct db *db, const char *adapter, const char *remote_id, enum chat_kind kind,
				  const char *title_or_null, int64_t now_ms, struct chat **ret, GError **error);
enum store_result store_chat_get(struct db *db, int64_t id, struct chat **ret, GError **error);
enum store_result store_chat_find(struct db *db, const char *adapter, const char *remote_id, struct chat **ret, GError **error);
bool store_chat_set_core(struct db *db, int64_t id, bool is_core, GError **error);
bool store_chat_set_unit(struct db *db, int64_t id, const char *unit_or_null, GError **error);
/* Parks (reason) or opens (NULL). Parking leaves queued deliveries queued: they wait for the chat. */
bool store_chat_park(struct db *db, int64_t id, const char *reason_or_null, GError **error);
/* The platform gave the chat a new id: flags, queued deliveries, pending dialogues move with it, in this transaction. If the new id
 * has a row already, the two become one. STORE_NOT_FOUND if the old id is unknown and nothing was to do. Idempotent. */
enum store_result store_chat_move(struct db *db, const char *adapter, const char *old_id, const char *new_id, GError **error);
/* struct chat of all core groups that are not parked. */
GPtrArray *store_chat_core(struct db *db, GError **error);
/* Deletes private chats made before then whose person is not registered and with whom nothing is open (no question, no delivery on its
 * way) or recent. With them go the answers they were sent. Each costs a look through the deliveries: few at a time. */
bool store_chat_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error);

#endif
