/* SPDX-License-Identifier: MIT */
/* Proposes that one item is a part of another, folds it in, says so. What is joined to what is the store's matter (store_item_merge). */
#include "contribution.h"

#include "base/text.h"
#include "itemref.h"
#include "share_draft.h"

/* --- folding --- */

/* "Bổ sung của UBND huyện Giao Thủy (SK14): Loa ở xã", then the text. Caller frees. */
static char *text_of(struct cmd_ctx *ctx, const struct item *from)
{
	g_autofree char *id = itemref_id(from);
	const char *unit = itemref_unit(ctx, from);
	g_autofree char *head = unit ? cmd_text(ctx, MSG_CONTRIBUTION_HEAD, "unit", unit, "id", id, "title", from->title, NULL) :
				       cmd_text(ctx, MSG_CONTRIBUTION_HEAD_NO_UNIT, "id", id, "title", from->title, NULL);

	return g_strconcat(head, from->body && *from->body ? "\n" : "", from->body, NULL);
}

static void tell_folded(struct cmd_ctx *ctx, const struct item *from, const struct item *into, const char *id, const char *other)
{
	if (from->author_id && from->author_id != ctx->member->id)
		cmd_tell(ctx, from->author_id, MSG_CONTRIBUTION_TO_AUTHOR, "id", id, "other", other, NULL);
	if (into->author_id && into->author_id != ctx->member->id && into->author_id != from->author_id)
		cmd_tell(ctx, into->author_id, MSG_CONTRIBUTION_TO_OTHER, "id", id, "other", other, NULL);
}

static enum cmd_status fold(struct cmd_ctx *ctx, const struct item *from, const struct item *into, bool *ret_folded)
{
	g_autofree char *text = text_of(ctx, from), *id = itemref_id(from), *other = itemref_id(into);

	/* A longer item could not be added to any more. */
	if (text_len(into->body, TEXT_CODE_POINTS) + text_len(text, TEXT_CODE_POINTS) > SHARE_TEXT_MAX)
		return cmd_say(ctx, MSG_CONTRIBUTION_TOO_LONG, "id", id, "other", other, NULL);
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
	*ret_folded = true;
	cmd_about(ctx, into->id);
	tell_folded(ctx, from, into, id, other);
	return cmd_say(ctx, MSG_CONTRIBUTION_FOLDED, "id", id, "other", other, NULL);
}

/* It is an item of its own again. */
static enum cmd_status say_gone(struct cmd_ctx *ctx, const struct item *from, const struct item *into)
{
	g_autofree char *id = itemref_id(from), *other = itemref_id(into);

	if (from->merged_into &&
	    store_item_fold_propose(ctx->db, from->id, 0, ctx->member, ctx->now_ms, &ctx->error) == STORE_BROKEN)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	cmd_about(ctx, from->id);
	return cmd_say(ctx, MSG_CONTRIBUTION_GONE, "id", id, "other", other, "state", itemref_state(into->status), "own",
		       itemref_state(from->status), NULL);
}

enum cmd_status contribution_approve(struct cmd_ctx *ctx, const struct item *from, bool *ret_folded)
{
	g_autoptr(item_t) into = NULL;
	g_autofree char *id = itemref_id(from), *other = NULL;
	enum cmd_status said;

	/* The row is there: what is deleted is cut off from what was meant for it. */
	if (store_item_by_row(ctx->db, from->merged_into, &into, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	other = itemref_id(into);
	if (into->status == ITEM_APPROVED)
		return fold(ctx, from, into, ret_folded);
	if (itemref_is_open(into))
		return cmd_say(ctx, MSG_CONTRIBUTION_TOO_EARLY, "id", id, "other", other, "state", itemref_state(into->status), NULL);
	said = say_gone(ctx, from, into);
	return said == CMD_DONE ? cmd_say(ctx, MSG_CONTRIBUTION_GONE_HOW, "id", id, NULL) : said;
}

/* --- proposing --- */

static void tell_proposed(struct cmd_ctx *ctx, const struct item *i, const struct item *other, bool is_adopted)
{
	g_autofree char *id = itemref_id(i), *other_id = itemref_id(other);

	cmd_tell_moderators(ctx, is_adopted ? MSG_SIMILAR_ADOPTED_TO_MODERATORS : MSG_SIMILAR_TO_MODERATORS, "name", itemref_actor(ctx), "id", id,
			    "other", other_id, "title", i->title, NULL);
	if (other->author_id && other->author_id != ctx->member->id)
		cmd_tell(ctx, other->author_id, is_adopted ? MSG_SIMILAR_ADOPTED_TO_OTHERS : MSG_SIMILAR_TO_OTHERS, "name", itemref_actor(ctx),
			 "other", other_id, NULL);
}

/* *ret_said: what of the adoption is to be said. */
static bool adopt_it(struct cmd_ctx *ctx, const struct item *other, enum msg *ret_said)
{
	if (!ctx->member->unit) {
		*ret_said = MSG_SIMILAR_NO_UNIT;
		return true;
	}
	if (g_strcmp0(ctx->member->unit, other->unit) == 0) {
		*ret_said = MSG_SIMILAR_OWN_UNIT;
		return true;
	}
	switch (store_item_adopt(ctx->db, other->id, ctx->member, "apdung", NULL, ctx->now_ms, &ctx->error)) {
	case STORE_OK:
	case STORE_DUPLICATE: /* it applies it already, which is what was wanted */
		*ret_said = MSG_SIMILAR_ADOPTED;
		return true;
	case STORE_NOT_FOUND:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return true;
	case STORE_BROKEN:
		break;
	}
	return false;
}

static enum cmd_status propose(struct cmd_ctx *ctx, const struct item *i, const struct item *other, bool is_adopted)
{
	g_autofree char *id = itemref_id(i), *other_id = itemref_id(other);

	switch (store_item_fold_propose(ctx->db, i->id, other->id, ctx->member, ctx->now_ms, &ctx->error)) {
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return cmd_say(ctx, MSG_SIMILAR_NOT_FOLDED, "id", id, NULL);
	case STORE_BROKEN:
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	}
	cmd_about(ctx, i->id);
	tell_proposed(ctx, i, other, is_adopted);
	return cmd_say(ctx, MSG_SIMILAR_FOLDED, "id", id, "other", other_id, NULL);
}

enum cmd_status contribution_propose(struct cmd_ctx *ctx, const struct item *i, const struct item *other, bool adopt)
{
	g_autoptr(item_t) whole = NULL;
	g_autofree char *other_id = NULL;
	enum msg adopted = MSG_SIMILAR_FOLDED;
	bool folded;

	/* What has become a part since the question was put: of what it is a part. */
	if (other->status == ITEM_MERGED && store_item_by_row(ctx->db, other->merged_into, &whole, &ctx->error) == STORE_BROKEN)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	other = whole ? whole : other;
	if (other->status != ITEM_APPROVED && !itemref_is_open(other)) {
		enum cmd_status said = say_gone(ctx, i, other);

		return said == CMD_DONE ? CMD_PASS : said;
	}
	if (adopt && !adopt_it(ctx, other, &adopted))
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	other_id = itemref_id(other);
	if (adopted != MSG_SIMILAR_FOLDED)
		cmd_say(ctx, adopted, "other", other_id, NULL);
	if (ctx->member->role >= ROLE_MODERATOR && other->status == ITEM_APPROVED)
		return fold(ctx, i, other, &folded);
	return propose(ctx, i, other, adopted == MSG_SIMILAR_ADOPTED);
}

char *contribution_target(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(item_t) into = NULL;

	/* A database error shows again when the turn writes. */
	if (!i->merged_into || !itemref_is_open(i) || store_item_by_row(ctx->db, i->merged_into, &into, NULL) != STORE_OK)
		return NULL;
	return itemref_id(into);
}
