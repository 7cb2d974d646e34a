/* SPDX-License-Identifier: MIT */
/* /huy: gives up the open question. Every new command does so too; this one says it. */
#include "bot/command.h"
#include "held.h"

static enum cmd_status huy_run(struct cmd_ctx *ctx)
{
	struct pending *open = NULL;
	bool had_held = false;
	enum store_result r = ctx->pending || !ctx->u->user_id ? STORE_NOT_FOUND
							       : store_pending_get(ctx->db, ctx->u->adapter, ctx->u->user_id, 0, ctx->now_ms,
										   &open, &ctx->error);

	/* In a group the question stands in private chat: asked there, given up from anywhere. */
	pending_free(open);
	if (r == STORE_BROKEN)
		return cmd_broken(ctx, NULL);
	cmd_asked_done(ctx);
	/* Held content belongs to a registration that he gives up. */
	if (!ctx->member && !held_drop(ctx, &had_held))
		return CMD_BROKEN;
	if (had_held)
		return cmd_say(ctx, MSG_HUY_HELD, NULL);
	return cmd_say(ctx, ctx->pending || r == STORE_OK ? MSG_HUY_DONE : MSG_HUY_NOTHING, NULL);
}

const struct command cmd_huy = {
	.name = "huy",
	.words = "thoi boqua",
	.min_role = ROLE_NONE,
	.summary = MSG_HUY_SUMMARY,
	.syntax = MSG_HUY_SYNTAX,
	.example = MSG_HUY_EXAMPLE,
	.run = huy_run,
};
