/* SPDX-License-Identifier: MIT */
/* What the files of the item family share; nobody else includes it. */
#ifndef CDSBOT_STORE_ITEM_IMPL_H
#define CDSBOT_STORE_ITEM_IMPL_H

#include "item.h"

/* Texts in the audit are short: enough to see what was changed. */
#define ITEM_AUDIT_GRAPHEMES 120

bool item_audit(struct db *db, const struct item *i, const char *action, const char *before, const char *after,
		const struct member *actor, int64_t now_ms, GError **error);
/* Rewrites the labelled lines of a stored item. */
bool item_fields_write(struct db *db, const struct item *i, GError **error);
/* The next number of a kind ("SK"), or of announcements ("TB"). */
bool counter_next(struct db *db, const char *prefix, int64_t *ret_number, GError **error);
/* Inserts the row and its fields, and indexes it. Fills id and number. */
bool item_insert(struct db *db, struct item *i, const char *sent_hash_or_null, GError **error);
/* Writes title, body, unit, field, type, source, date and touched_ms, fields, one more version; reindexes. */
bool item_update(struct db *db, struct item *i, int64_t now_ms, GError **error);
/* The keys whose values differ, as "key: value" lines of each side; both NULL when nothing differs. */
void item_diff(const struct item *old, const struct item *new, char **ret_before, char **ret_after);

#endif
