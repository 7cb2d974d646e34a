/* SPDX-License-Identifier: MIT */
/* Folds one item into another and says so. What is joined to what is the store's matter (store_item_merge). */
#include "contribution.h"

#include "itemref.h"

/* "Bổ sung của UBND huyện Giao Thủy (SK14): Loa ở xã", then the text. Caller frees. */
static char *text_of(struct cmd_ctx *ctx, const struct item *from)
{
	g_autofree char *id = itemref_id(from);
	const char *unit = itemref_unit(ctx, from);
	g_autofree char *head = unit ? cmd_text(ctx, MSG_CONTRIBUTION_HEAD, "unit", unit, "id", id, "title", from->title, NULL) :
				       cmd_text(ctx, MSG_CONTRIBUTION_HEAD_NO_UNIT, "id", id, "title", from->title, NULL);

	return g_strconcat(head, from->body && *from->body ? "\n" : "", from->body, NULL);
}

enum cmd_status contribution_fold(struct cmd_ctx *ctx, const struct item *from, const struct item *into, bool *ret_folded)
{
	g_autofree char *text = text_of(ctx, from), *id = itemref_id(from), *other = itemref_id(into);

	switch (store_item_merge(ctx->db, from->id, into->id, text, ctx->member, ctx->now_ms, &ctx->error)) {
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
		return itemref_say_state(ctx, from);
	case STORE_DENIED:
		return cmd_say(ctx, MSG_NOT_ALLOWED, NULL);
	case STORE_BROKEN:
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	}
	if (ret_folded)
		*ret_folded = true;
	cmd_about(ctx, into->id);
	if (from->author_id && from->author_id != ctx->member->id)
		cmd_tell(ctx, from->author_id, MSG_CONTRIBUTION_TO_AUTHOR, "id", id, "other", other, NULL);
	if (into->author_id && into->author_id != ctx->member->id && into->author_id != from->author_id)
		cmd_tell(ctx, into->author_id, MSG_CONTRIBUTION_TO_OTHER, "id", id, "other", other, NULL);
	return cmd_say(ctx, MSG_CONTRIBUTION_FOLDED, "id", id, "other", other, NULL);
}

static enum cmd_status say_gone(struct cmd_ctx *ctx, const struct item *from, const struct item *into)
{
	g_autofree char *id = itemref_id(from), *other = itemref_id(into);

	if (store_item_fold_propose(ctx->db, from->id, 0, ctx->member, ctx->now_ms, &ctx->error) == STORE_BROKEN)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	cmd_about(ctx, from->id);
	return cmd_say(ctx, MSG_CONTRIBUTION_GONE, "id", id, "other", other, "state", itemref_state(into->status), NULL);
}

enum cmd_status contribution_approve(struct cmd_ctx *ctx, const struct item *from, bool *ret_folded)
{
	g_autoptr(item_t) into = NULL;

	/* The row is there: what is deleted is cut off from what was meant for it. */
	if (store_item_by_row(ctx->db, from->merged_into, &into, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	return item_may_move(into->status, ITEM_WITHDRAW) ? contribution_fold(ctx, from, into, ret_folded) : say_gone(ctx, from, into);
}

char *contribution_target(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(item_t) into = NULL;

	/* A database error shows again when the turn writes. */
	if (!i->merged_into || !itemref_is_open(i) || store_item_by_row(ctx->db, i->merged_into, &into, NULL) != STORE_OK)
		return NULL;
	return itemref_id(into);
}
