/* SPDX-License-Identifier: MIT */
/* /tiep: the next page of the last answer that had pages. What a page is, the command that gave the answer knows. */
#include "bot/command.h"

static enum cmd_status nothing(struct cmd_ctx *ctx)
{
	cmd_line_if_closed(ctx, MSG_TIEP_LINE_NOTHING, NULL);
	return cmd_say(ctx, MSG_TIEP_NOTHING, NULL);
}

static enum cmd_status tiep_run(struct cmd_ctx *ctx)
{
	g_autoptr(pending_t) page = NULL;
	const struct command *owner;

	if (ctx->u->user_id && store_pending_get(ctx->db, ctx->u->adapter, ctx->u->user_id, PENDING_MORE, ctx->now_ms, &page, &ctx->error) ==
				       STORE_BROKEN)
		return cmd_broken(ctx, NULL);
	owner = page ? command_find(page->command) : NULL;
	if (!owner || !owner->more || !page->data)
		return nothing(ctx);
	ctx->command = owner;
	return owner->more(ctx, page->data);
}

const struct command cmd_tiep = {
	.name = "tiep",
	.words = "xemtiep",
	.min_role = ROLE_NONE,
	.flags = CMD_READS,
	.summary = MSG_TIEP_SUMMARY,
	.syntax = MSG_TIEP_SYNTAX,
	.example = MSG_TIEP_EXAMPLE,
	.run = tiep_run,
};
