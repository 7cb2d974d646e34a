/* SPDX-License-Identifier: MIT */
/* Says what has become of a contribution. The texts are joined in the store (store_item_contribution_decide). */
#include "contribution.h"

#include "base/text.h"
#include "itemref.h"

/* So many stand in the list. */
#define LISTED_MAX 10
#define TITLE_CHARS 80

/* "Bổ sung của UBND huyện Giao Thủy (SK14): Loa ở xã", then the text. Caller frees. */
static char *text_of(struct cmd_ctx *ctx, const struct item *from)
{
	g_autofree char *id = itemref_id(from);
	const char *unit = itemref_unit(ctx, from);
	g_autofree char *head = unit ? cmd_text(ctx, MSG_CONTRIBUTION_HEAD, "unit", unit, "id", id, "title", from->title, NULL) :
				       cmd_text(ctx, MSG_CONTRIBUTION_HEAD_NO_UNIT, "id", id, "title", from->title, NULL);

	return g_strconcat(head, from->body && *from->body ? "\n" : "", from->body, NULL);
}

static enum cmd_status decide(struct cmd_ctx *ctx, const struct item *from, const char *text, const char *reason, struct item **ret_into)
{
	switch (store_item_contribution_decide(ctx->db, from->id, text, reason, ctx->member, ctx->now_ms, ret_into, &ctx->error)) {
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
	cmd_about(ctx, (*ret_into)->id);
	return CMD_DONE;
}

enum cmd_status contribution_take(struct cmd_ctx *ctx, const struct item *from)
{
	g_autofree char *text = text_of(ctx, from), *id = itemref_id(from), *other = NULL;
	g_autoptr(item_t) into = NULL;
	enum cmd_status status = decide(ctx, from, text, NULL, &into);

	if (status != CMD_DONE || !into)
		return status;
	other = itemref_id(into);
	if (from->author_id && from->author_id != ctx->member->id)
		cmd_tell(ctx, from->author_id, MSG_CONTRIBUTION_TAKEN_TO_AUTHOR, "id", id, "other", other, NULL);
	if (into->author_id && into->author_id != ctx->member->id && into->author_id != from->author_id)
		cmd_tell(ctx, into->author_id, MSG_CONTRIBUTION_TAKEN_TO_OTHER, "id", id, "other", other, NULL);
	return cmd_say(ctx, MSG_CONTRIBUTION_TAKEN, "id", id, "other", other, NULL);
}

enum cmd_status contribution_refuse(struct cmd_ctx *ctx, const struct item *from, const char *reason)
{
	g_autofree char *id = itemref_id(from), *other = NULL;
	g_autoptr(item_t) into = NULL;
	enum cmd_status status = decide(ctx, from, NULL, reason, &into);
	bool told;

	if (status != CMD_DONE || !into)
		return status;
	other = itemref_id(into);
	told = from->author_id && from->author_id != ctx->member->id &&
	       cmd_tell(ctx, from->author_id, MSG_CONTRIBUTION_REFUSED_TO_AUTHOR, "id", id, "other", other, "reason", reason, NULL);
	return cmd_say(ctx, told ? MSG_CONTRIBUTION_REFUSED : MSG_CONTRIBUTION_REFUSED_UNTOLD, "id", id, "other", other, NULL);
}

enum cmd_status contribution_say_waiting(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) items = store_item_contributions(ctx->db, LISTED_MAX, &ctx->error);

	if (!items)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (!items->len)
		return CMD_DONE;
	cmd_say(ctx, MSG_CONTRIBUTION_WAITING, NULL);
	for (guint k = 0; k < items->len; k++) {
		const struct item *from = g_ptr_array_index(items, k);
		g_autofree char *id = itemref_id(from), *other = NULL, *title = text_ellipsize(from->title, TITLE_CHARS);
		g_autoptr(item_t) into = NULL;

		if (store_item_by_row(ctx->db, from->merged_into, &into, &ctx->error) != STORE_OK)
			return cmd_broken(ctx, g_steal_pointer(&ctx->error));
		other = itemref_id(into);
		cmd_say(ctx, MSG_CONTRIBUTION_ITEM, "id", id, "other", other, "title", title, NULL);
	}
	return cmd_say(ctx, MSG_CONTRIBUTION_HOW, NULL);
}
