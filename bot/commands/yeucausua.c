/* SPDX-License-Identifier: MIT */
/* /yeucausua: back to the author with what is missing; his next labelled line sends it on again. The work is done in decide.c. */
#include "decide.h"

static enum cmd_status run(struct cmd_ctx *ctx)
{
	return decide_with_reason(ctx, ITEM_RETURN);
}

const struct command cmd_yeucausua = {
	.name = "yeucausua",
	.implied = "SK",
	.min_role = ROLE_MODERATOR,
	.flags = CMD_DECIDES,
	.summary = MSG_YEUCAUSUA_SUMMARY,
	.syntax = MSG_YEUCAUSUA_SYNTAX,
	.example = MSG_YEUCAUSUA_EXAMPLE,
	.run = run,
	.answer = NULL,
};
