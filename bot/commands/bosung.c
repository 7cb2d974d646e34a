/* SPDX-License-Identifier: MIT */
/* /bosung: labelled lines, text or files for an item, by number, by reply, or the sender's open one. The work is done in change.c.
 */
#include "change.h"
#include "itemref.h"
#include "share.h"

/* Id and nothing else: what is there and what is missing, so that the next message knows what to say. */
static enum cmd_status show(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);

	if (!item_editable_by(i, ctx->member))
		return cmd_say(ctx, MSG_CHANGE_LACKS_TEXT, "id", id, NULL);
	cmd_about(ctx, i->id);
	if (itemref_is_open(i))
		cmd_expect_files(ctx, i->id);
	share_summary(ctx, i);
	return CMD_DONE;
}

static enum cmd_status without_id(struct cmd_ctx *ctx, const struct share_draft *d)
{
	g_autoptr(GPtrArray) items = NULL;

	if (share_draft_is_empty(d) && !ctx->u->attachments->len)
		return CMD_USAGE;
	items = change_candidates(ctx);
	if (!items)
		return CMD_BROKEN;
	if (!items->len)
		return cmd_say(ctx, MSG_CHANGE_NO_OPEN, NULL);
	if (items->len > 1)
		return change_ask_which(ctx, items, share_draft_is_empty(d) ? NULL : ctx->reading->args);
	return change_apply(ctx, g_ptr_array_index(items, 0), d, ctx->u, CHANGE_ADDED);
}

static enum cmd_status run(struct cmd_ctx *ctx)
{
	g_auto(share_draft_t) d = { 0 };
	g_autoptr(item_t) i = NULL;
	const char *rest;
	enum itemref found = itemref_find(ctx, ctx->reading->args, &i, &rest);

	if (found == ITEMREF_BROKEN)
		return CMD_BROKEN;
	if (found == ITEMREF_TOLD || share_refuses(ctx, rest))
		return CMD_DONE;
	share_draft_read(rest, false, &d);
	if (found == ITEMREF_NONE)
		return without_id(ctx, &d);
	if (!share_draft_is_empty(&d))
		return change_apply(ctx, i, &d, ctx->u, CHANGE_ADDED);
	return ctx->u->attachments->len ? change_attach(ctx, i, ctx->u) : show(ctx, i);
}

const struct command cmd_bosung = {
	.name = "bosung",
	.brief = "s",
	.words = "bs sua capnhat themvao",
	.implied = "SK",
	.min_role = ROLE_MEMBER,
	.flags = CMD_MENU | CMD_COLLECTS,
	.summary = MSG_BOSUNG_SUMMARY,
	.syntax = MSG_BOSUNG_SYNTAX,
	.example = MSG_BOSUNG_EXAMPLE,
	.run = run,
	.answer = change_answer,
};
