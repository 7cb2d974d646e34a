/* SPDX-License-Identifier: MIT */
/* /rut: takes an item back, at any time; `/rut SK14 hoàn` within 30 days brings it back as it was. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "decide.h"
#include "itemref.h"

static bool is_restore(const char *rest)
{
	static const char *const words[] = { "hoan", "hoan lai", "hoan tac", "khoi phuc", "hoan nguyen" };
	g_autofree char *said = text_fold(rest);

	for (size_t n = 0; n < ARRAY_SIZE(words); n++)
		if (strcmp(said, words[n]) == 0)
			return true;
	return false;
}

static enum cmd_status say_withdrawn(struct cmd_ctx *ctx, const struct item *i, const char *reason)
{
	g_autofree char *id = itemref_id(i);
	const char *name = itemref_actor(ctx);
	bool has_reason = *reason;

	cmd_tell_moderators(ctx, has_reason ? MSG_WITHDRAWN_TO_MODERATORS_WHY : MSG_WITHDRAWN_TO_MODERATORS, "name", name, "id", id,
			    "title", i->title, "reason", reason, NULL);
	if (i->author_id && i->author_id != ctx->member->id)
		cmd_tell(ctx, i->author_id, has_reason ? MSG_WITHDRAWN_TO_AUTHOR_WHY : MSG_WITHDRAWN_TO_AUTHOR, "id", id, "name",
			 name, "reason", reason, NULL);
	return cmd_say(ctx, MSG_WITHDRAWN, "id", id, NULL);
}

static enum cmd_status say_restored(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);

	cmd_tell_moderators(ctx, MSG_RESTORED_TO_MODERATORS, "name", itemref_actor(ctx), "id", id, "title", i->title, "state",
			    itemref_state(i->status), NULL);
	if (i->author_id && i->author_id != ctx->member->id)
		cmd_tell(ctx, i->author_id, MSG_RESTORED_TO_AUTHOR, "id", id, "name", itemref_actor(ctx), "state", itemref_state(i->status),
			 NULL);
	return cmd_say(ctx, MSG_RESTORED, "id", id, "state", itemref_state(i->status), NULL);
}

static enum cmd_status decide(struct cmd_ctx *ctx, const struct item *i, const char *rest)
{
	g_autofree char *id = itemref_id(i);
	g_autofree char *reason = g_strstrip(g_strdup(rest));
	g_autoptr(item_t) now = NULL;
	bool restore = is_restore(rest);
	size_t len = strlen(reason);

	if (!item_editable_by(i, ctx->member))
		return cmd_say(ctx, MSG_WITHDRAW_NOT_YOURS, "id", id, NULL);
	if (len && reason[len - 1] == '.')
		reason[len - 1] = '\0';
	switch (decide_item(ctx, i, restore ? ITEM_RESTORE : ITEM_WITHDRAW, restore || !*reason ? NULL : reason, &now)) {
	case DECIDED:
		return restore ? say_restored(ctx, now) : say_withdrawn(ctx, now, reason);
	case DECIDED_TOLD:
		return CMD_DONE;
	case DECIDED_BROKEN:
		return CMD_BROKEN;
	}
	g_assert_not_reached();
}

static enum cmd_status run(struct cmd_ctx *ctx)
{
	g_autoptr(item_t) i = NULL;
	const char *rest;

	switch (itemref_find(ctx, ctx->reading->args, &i, &rest)) {
	case ITEMREF_FOUND:
		return decide(ctx, i, rest);
	case ITEMREF_NONE:
		return CMD_USAGE;
	case ITEMREF_TOLD:
		return CMD_DONE;
	case ITEMREF_BROKEN:
		return CMD_BROKEN;
	}
	g_assert_not_reached();
}

const struct command cmd_rut = {
	.name = "rut",
	.words = "thuhoi xoabai",
	.implied = "SK",
	.min_role = ROLE_MEMBER,
	.flags = CMD_DECIDES,
	.summary = MSG_RUT_SUMMARY,
	.syntax = MSG_RUT_SYNTAX,
	.example = MSG_RUT_EXAMPLE,
	.run = run,
	.answer = decide_recall_answer,
};
