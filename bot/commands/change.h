/* SPDX-License-Identifier: MIT */
/* Additions and changes to a stored item, from /bosung, labelled lines, files and edited messages. What may be written directly is
 * saved; what somebody wrote before is asked about; approved items get a proposal to the moderators. */
#ifndef CDSBOT_BOT_COMMANDS_CHANGE_H
#define CDSBOT_BOT_COMMANDS_CHANGE_H

#include "bot/command.h"
#include "share_draft.h"

/* Owns the questions asked here (its answer() is change_answer). */
extern const struct command cmd_bosung;

enum change_why {
	CHANGE_ADDED, /* typed as an addition: "Đã bổ sung …" */
	CHANGE_EDITED /* the source message was edited: what it says replaces what it said */
};
/* Applies the draft to the item, with the files of `u` (may be NULL). Says what became of it. */
enum cmd_status change_apply(struct cmd_ctx *ctx, struct item *i, const struct share_draft *d, const struct update *u,
			     enum change_why why);
/* Adds the files of u alone. */
enum cmd_status change_attach(struct cmd_ctx *ctx, const struct item *i, const struct update *u);

/* A labelled line of the draft says something else than the item does. */
bool change_contradicts(const struct item *i, const struct share_draft *d);
/* The person's items that an addition without an id may mean (struct item): touched within the window; if none, within a day; and
 * those returned to him. NULL = broken, ctx->error set. */
GPtrArray *change_candidates(struct cmd_ctx *ctx);
/* Asks which of the items is meant; the text (or, if NULL, the files of this message) waits in the question. */
enum cmd_status change_ask_which(struct cmd_ctx *ctx, const GPtrArray *items, const char *text_or_null);
enum cmd_status change_answer(struct cmd_ctx *ctx);

#endif
