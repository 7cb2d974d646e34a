/* SPDX-License-Identifier: MIT */
/* What the decisions have in common: approving, rejecting, returning, withdrawing and restoring an item, and telling those
 * concerned. */
#ifndef CDSBOT_BOT_COMMANDS_DECIDE_H
#define CDSBOT_BOT_COMMANDS_DECIDE_H

#include "bot/command.h"

/* Owns the question after a recall (its answer() is decide_recall_answer). */
extern const struct command cmd_rut;

enum decided {
	DECIDED_BROKEN = -1, /* ctx->error is set */
	DECIDED,
	DECIDED_TOLD /* not possible: the person was told why and what is */
};
/* One decision on one item. DECIDED: *ret_now is the item as it is now (caller frees). */
enum decided decide_item(struct cmd_ctx *ctx, const struct item *i, enum item_decision what, const char *reason_or_null,
			 struct item **ret_now);

/* "Còn 2 mục chờ: SK15, SK16." NULL = broken; caller frees. */
char *decide_waiting_text(struct cmd_ctx *ctx);
/* The waiting list with titles. */
enum cmd_status decide_say_waiting(struct cmd_ctx *ctx);

/* /tuchoi and /yeucausua: an id, a reason. */
enum cmd_status decide_with_reason(struct cmd_ctx *ctx, enum item_decision what);

/* "SK14 cần bổ sung: thiếu hiệu quả. Nhắn: hiệu quả: …", to its author, who is the person of this turn. */
enum cmd_status decide_say_returned(struct cmd_ctx *ctx, const struct item *i);

/* The source message of an open item was taken back: the item is withdrawn until its author has said what he wants. */
enum cmd_status decide_recalled(struct cmd_ctx *ctx, const struct item *i);
enum cmd_status decide_recall_answer(struct cmd_ctx *ctx);

#endif
