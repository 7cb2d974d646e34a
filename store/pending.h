/* SPDX-License-Identifier: MIT */
/* The one unfinished dialogue per person and chat: which command waits, for what, with what it already knows. */
#ifndef CDSBOT_STORE_PENDING_H
#define CDSBOT_STORE_PENDING_H

#include "db.h"

struct pending {
	char *command; /* canonical name of the command that asked */
	char *step;    /* its own word for the question */
	char *data;    /* its own JSON, or NULL */
	int64_t asked_ms, expires_ms;
};
void pending_free(struct pending *p);
typedef struct pending pending_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pending_t, pending_free)

/* Beside the question: what a person not yet registered has sent, until he is (bot/commands/held.h). */
#define PENDING_HELD (-1)
/* ... what /tiep goes on with: the last answer that had pages. It is read in private chat, so there is one a person. */
#define PENDING_MORE (-2)
/* chat_id: a chat's row; 0 = the person's private dialogue, wherever it is held; PENDING_HELD or PENDING_MORE. STORE_NOT_FOUND: none, or expired. */
enum store_result store_pending_get(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, int64_t now_ms,
				    struct pending **ret, GError **error);
bool store_pending_set(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, const struct pending *p, GError **error);
bool store_pending_clear(struct db *db, const char *adapter, const char *user_id, int64_t chat_id, GError **error);
bool store_pending_expire(struct db *db, int64_t now_ms, unsigned limit, unsigned *ret_n, GError **error);

#endif
