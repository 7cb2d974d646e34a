/* SPDX-License-Identifier: MIT */
/* /nhom: what the group is for: core group, a unit's own group, or nothing in particular. */
#include <string.h>

#include "base/text.h"
#include "bot/command.h"
#include "store/chat.h"

static enum cmd_status set(struct cmd_ctx *ctx, bool core, const struct unit *u)
{
	const char *after = core ? "core" : u ? u->code : "none";
	const char *before = ctx->chat->is_core ? "core" : ctx->chat->unit;
	g_autofree char *subject = g_strdup_printf("chat %" G_GINT64_FORMAT, ctx->chat->id);

	if (!store_chat_set_core(ctx->db, ctx->chat->id, core, &ctx->error) ||
	    !store_chat_set_unit(ctx->db, ctx->chat->id, u ? u->code : NULL, &ctx->error) || !cmd_audit(ctx, "chat.role", subject, before, after))
		return CMD_BROKEN;
	if (core)
		return cmd_line(ctx, NULL, MSG_NHOM_CORE, NULL);
	if (u)
		return cmd_line(ctx, NULL, MSG_NHOM_UNIT, "unit", u->name, NULL);
	return cmd_line(ctx, NULL, MSG_NHOM_OFF, NULL);
}

static enum cmd_status nhom_run(struct cmd_ctx *ctx)
{
	g_autofree char *folded = text_fold(ctx->reading->args);
	const char *typed = strchr(ctx->reading->args, ' ');
	struct unit_match m;
	enum cmd_status status;

	if (!strcmp(folded, "nongcot") || !strcmp(folded, "nong cot"))
		return set(ctx, true, NULL);
	if (!strcmp(folded, "bo"))
		return set(ctx, false, NULL);
	if (!g_str_has_prefix(folded, "donvi ") && !g_str_has_prefix(folded, "don vi "))
		return CMD_USAGE;
	if (g_str_has_prefix(folded, "don vi ") && typed)
		typed = strchr(typed + 1, ' ');
	registry_match_unit(ctx->registry, typed ? typed : "", &m);
	status = m.unit ? set(ctx, false, m.unit) : cmd_say(ctx, MSG_DK_UNIT_UNKNOWN, "typed", typed ? typed + 1 : "", NULL);
	unit_match_clear(&m);
	return status;
}

const struct command cmd_nhom = {
	.name = "nhom",
	.min_role = ROLE_ADMIN,
	.flags = CMD_GROUP | CMD_DECIDES,
	.summary = MSG_NHOM_SUMMARY,
	.syntax = MSG_NHOM_SYNTAX,
	.example = MSG_NHOM_EXAMPLE,
	.run = nhom_run,
};
