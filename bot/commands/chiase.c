/* SPDX-License-Identifier: MIT */
/* /chiase: an initiative in one message, labelled or not. The work is done in share.c, the questions are asked in share_ask.c. */
#include "held.h"
#include "share.h"

static enum cmd_status run(struct cmd_ctx *ctx)
{
	const struct share_source from = { .u = ctx->u,
					   .chat_id = ctx->chat ? ctx->chat->id : 0,
					   .message_id = ctx->u->message_id };
	g_autofree char *before = share_window_text(ctx->u);
	g_autofree char *all = share_draft_join(before, ctx->reading->args);
	g_auto(share_draft_t) d = { 0 };

	if (!ctx->u->user_id)
		return CMD_DONE; /* a channel or an anonymous admin is nobody: there is no author and nobody to ask */
	if (share_refuses(ctx, *ctx->reading->args ? ctx->reading->args : all))
		return CMD_DONE;
	share_read_command(ctx->u, ctx->reading->args, &d);
	if (share_refuses(ctx, d.body))
		return CMD_DONE;
	if (!ctx->member && share_draft_is_empty(&d))
		return cmd_say(ctx, MSG_NOT_REGISTERED, NULL);
	if (!ctx->member)
		return held_add(ctx);
	return share_new(ctx, &from, &d);
}

const struct command cmd_chiase = {
	.name = "chiase",
	.brief = "c",
	.words = "cs gui sangkien guisk",
	.min_role = ROLE_MEMBER,
	.flags = CMD_MENU | CMD_HOLDS | CMD_COLLECTS,
	.summary = MSG_CHIASE_SUMMARY,
	.syntax = MSG_CHIASE_SYNTAX,
	.example = MSG_CHIASE_EXAMPLE,
	.run = run,
	.answer = share_ask_answer,
};
