/* SPDX-License-Identifier: MIT */
/* What arrived: one row per update, unique by (adapter, bot, key), handled once. */
#ifndef CDSBOT_STORE_INBOX_H
#define CDSBOT_STORE_INBOX_H

#include "adapters/message.h"
#include "db.h"

/* Keys are kept this long: Telegram's ids restart at random after a quiet week, so none is kept for ever (design §2). */
#define INBOX_KEY_KEEP_MS (72 * INT64_C(3600) * 1000)
#define INBOX_TRIES_MAX 3

struct inbox_row {
	int64_t id;
	unsigned tries;
	char *payload; /* update_serialize */
	char *reason;  /* set-aside rows */
	int64_t received_ms;
};
void inbox_row_free(struct inbox_row *r);

/* STORE_DUPLICATE: the key is known, nothing written. */
enum store_result store_inbox_add(struct db *db, const struct update *u, int64_t now_ms, int64_t *ret_id, GError **error);
/* Marks handled and empties the payload. STORE_WRONG_STATE if it is handled already: the turn must then have no effect. */
enum store_result store_inbox_handled(struct db *db, int64_t id, int64_t now_ms, GError **error);
/* The stored update of an unhandled row; caller frees. STORE_NOT_FOUND: handled or gone. */
enum store_result store_inbox_payload(struct db *db, int64_t id, char **ret, GError **error);
/* Adds one to tries, returns the new number. */
enum store_result store_inbox_try(struct db *db, int64_t id, unsigned *ret_tries, GError **error);
enum store_result store_inbox_set_aside(struct db *db, int64_t id, const char *reason, GError **error);
/* Unhandled rows (not set aside) with id > after, oldest first, at most limit (struct inbox_row; caller unrefs). NULL + error. */
GPtrArray *store_inbox_unhandled(struct db *db, int64_t after, unsigned limit, GError **error);
GPtrArray *store_inbox_aside(struct db *db, unsigned limit, GError **error);
/* Set-aside rows (id, or 0 = all) back to unhandled with tries 0; number in *ret_n. */
bool store_inbox_revive(struct db *db, int64_t id, unsigned *ret_n, GError **error);
/* Deletes handled rows whose key is older than INBOX_KEY_KEEP_MS, at most limit. */
bool store_inbox_expire(struct db *db, int64_t now_ms, unsigned limit, unsigned *ret_n, GError **error);
/* Deletes updates set aside that came before then: what people wrote is not kept for ever because nobody looked at it. */
bool store_inbox_expire_aside(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error);
bool store_inbox_counts(struct db *db, int64_t *ret_unhandled, int64_t *ret_aside, GError **error);

#endif
