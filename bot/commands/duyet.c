/* SPDX-License-Identifier: MIT */
/* /duyet: approves one or several items, announces each or folds it into another, names what still waits. Without an id it shows the waiting list. */
#include <string.h>

#include "base/text.h"

#include "announce_item.h"
#include "contribution.h"
#include "decide.h"
#include "itemref.h"

/* "/ok 14, 15, 16": more in one message is a paste gone wrong. */
#define IDS_MAX 20

/* is_apart: although its author means it as a part of another. */
static bool approve(struct cmd_ctx *ctx, const struct item *i, bool is_apart, GString *approved, bool *folded)
{
	g_autofree char *id = itemref_id(i);
	g_autoptr(item_t) now = NULL;

	if (i->merged_into && item_may_move(i->status, ITEM_APPROVE) && !is_apart)
		return contribution_approve(ctx, i, folded) != CMD_BROKEN;
	if (is_apart && itemref_is_open(i) && store_item_fold_propose(ctx->db, i->id, 0, ctx->member, ctx->now_ms, &ctx->error) == STORE_BROKEN)
		return false;
	switch (decide_item(ctx, i, ITEM_APPROVE, NULL, &now)) {
	case DECIDED:
		break;
	case DECIDED_TOLD:
		return true;
	case DECIDED_BROKEN:
		return false;
	}
	g_string_append_printf(approved, "%s%s", approved->len ? ", " : "", id);
	if (now->author_id && now->author_id != ctx->member->id)
		cmd_tell(ctx, now->author_id, MSG_APPROVED_TO_AUTHOR, "id", id, "title", now->title, NULL);
	return announce_item(ctx, now);
}

/* What may stand between two ids: "14, 15", "14 và 15", "14 15". */
static const char *skip_separator(const char *p)
{
	p += strspn(p, " ,;&+\n");
	if (g_str_has_prefix(p, "va ") || g_str_has_prefix(p, "và "))
		p = strchr(p, ' ') + 1;
	return p + strspn(p, " ,;&+\n");
}

/* ids empty: what was approved was folded in, which was said. */
static enum cmd_status say_approved(struct cmd_ctx *ctx, const char *ids)
{
	g_autofree char *left = decide_waiting_text(ctx);

	if (!left)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	return *ids ? cmd_say(ctx, MSG_APPROVED, "ids", ids, "left", left, NULL) : cmd_say_text(ctx, left);
}

/* Whether one more id follows; a word after the ids ("luôn nhé") is no reason to look at the replied message again. */
static bool has_id(const struct cmd_ctx *ctx, const char *p)
{
	const char *prefix, *rest;
	int64_t number;

	return reader_id(p, ctx->command->implied, &prefix, &number, &rest);
}

/* "14 riêng": moves past the word. */
static bool takes_apart(const char **p)
{
	const size_t len = strcspn(*p, " ,;\n");
	g_autofree char *word = g_strndup(*p, len), *folded = text_fold(word);

	if (strcmp(folded, "rieng") != 0)
		return false;
	*p += len;
	return true;
}

static enum cmd_status run(struct cmd_ctx *ctx)
{
	g_autoptr(GString) approved = g_string_new(NULL);
	const char *p = ctx->reading->args;
	unsigned n = 0;
	bool folded = false;

	do {
		g_autoptr(item_t) i = NULL;

		switch (itemref_find(ctx, p, &i, &p)) {
		case ITEMREF_FOUND:
			if (!approve(ctx, i, takes_apart(&p), approved, &folded))
				return CMD_BROKEN;
			break;
		case ITEMREF_NONE:
			return *p ? CMD_USAGE : decide_say_waiting(ctx);
		case ITEMREF_TOLD:
			break;
		case ITEMREF_BROKEN:
			return CMD_BROKEN;
		}
		p = skip_separator(p);
	} while (++n < IDS_MAX && has_id(ctx, p));
	return approved->len || folded ? say_approved(ctx, approved->str) : CMD_DONE;
}

const struct command cmd_duyet = {
	.name = "duyet",
	.brief = "ok",
	.words = "dongyduyet",
	.implied = "SK",
	.min_role = ROLE_MODERATOR,
	.flags = CMD_DECIDES,
	.summary = MSG_DUYET_SUMMARY,
	.syntax = MSG_DUYET_SYNTAX,
	.example = MSG_DUYET_EXAMPLE,
	.run = run,
	.answer = NULL,
};
