/* SPDX-License-Identifier: MIT */
/* /tuchoi: the final no to an item, with the reason for its author. The work is done in decide.c. */
#include "decide.h"

static enum cmd_status run(struct cmd_ctx *ctx)
{
	return decide_with_reason(ctx, ITEM_REJECT);
}

const struct command cmd_tuchoi = {
	.name = "tuchoi",
	.brief = "tc",
	.implied = "SK",
	.min_role = ROLE_MODERATOR,
	.flags = CMD_DECIDES,
	.summary = MSG_TUCHOI_SUMMARY,
	.syntax = MSG_TUCHOI_SYNTAX,
	.example = MSG_TUCHOI_EXAMPLE,
	.run = run,
	.answer = NULL,
};
