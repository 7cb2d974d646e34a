/* SPDX-License-Identifier: MIT */
/* What must not be kept (domain §4), one bite a call: command texts, keys, answered questions, old drafts and refused items, the log,
 * and what is known of people who are not registered. Also the warning before a draft goes. */
#ifndef CDSBOT_BOT_RETENTION_H
#define CDSBOT_BOT_RETENTION_H

#include "turn_out.h"

/* Used budgets of past months, for who asks how much a month took. */
#define RETENTION_BUDGET_MS (INT64_C(100) * 24 * 3600 * 1000)

/* A draft's author hears of it so long before. */
#define RETENTION_WARN_MS (INT64_C(15) * 24 * 3600 * 1000)
/* Private chats of people who are not registered are forgotten after this time without a word. */
#define RETENTION_STRANGER_MS (INT64_C(24) * 3600 * 1000)
/* "Nhắn riêng" lines are said once in this time; after it the note that one was said is nothing but a trace of a person. */
#define RETENTION_CLOSED_MS (INT64_C(24) * 3600 * 1000)

/* At most n rows of each kind; notices go to out. *ret_more: a bite was full, there is more. */
bool retention_run(struct db *db, const struct config *c, struct turn_out *out, unsigned n, int64_t now_ms, bool *ret_more, GError **error);

#endif
