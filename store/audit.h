/* SPDX-License-Identifier: MIT */
/* Append-only: who changed what, when, where. One row for everything that changes something. And adapter state (`setting`). */
#ifndef CDSBOT_STORE_AUDIT_H
#define CDSBOT_STORE_AUDIT_H

#include "db.h"

struct audit {
	int64_t at_ms;
	int64_t member_id;   /* 0: the system or the command line */
	const char *actor;   /* "cli", "system", or NULL = the member */
	const char *action;  /* "item.approve" */
	const char *subject; /* "SK14", "chat 3", ... */
	const char *before, *after; /* short texts or NULL; never a secret */
	int64_t chat_id;     /* where, 0 none */
};
bool store_audit_add(struct db *db, const struct audit *a, GError **error);
/* Rows as JSON objects in text form (char *), oldest first, id > after; *ret_last is the last one's id, or after. */
GPtrArray *store_audit_list(struct db *db, int64_t after, unsigned limit, int64_t *ret_last, GError **error);
bool store_audit_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error);

/* Settings: adapter state and versions. Value NULL removes. */
bool store_setting_set(struct db *db, const char *scope, const char *key, const char *value, GError **error);
enum store_result store_setting_get(struct db *db, const char *scope, const char *key, char **ret, GError **error);
/* Deletes those of the scopes that begin so whose value is a time (ms) before older_than_ms. */
bool store_setting_expire(struct db *db, const char *scope_prefix, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error);
GHashTable *store_setting_all(struct db *db, const char *scope, GError **error); /* key -> value, owned */

#endif
