/* SPDX-License-Identifier: MIT */
/* /nhanquyen: the first admin claims the role with the code that `cdsbot admin code` printed (design §11). */
#include "bot/command.h"
#include "bot/one_time_code.h"
#include "enroll.h"

static enum cmd_status make_admin(struct cmd_ctx *ctx)
{
	g_autofree char *subject = g_strdup_printf("member %" G_GINT64_FORMAT, ctx->member->id);

	if (!store_member_set_role(ctx->db, ctx->member->id, ROLE_ADMIN, &ctx->error) ||
	    !cmd_audit(ctx, "member.role", subject, role_letter(ctx->member->role), role_letter(ROLE_ADMIN)))
		return CMD_BROKEN;
	return cmd_say(ctx, MSG_NHANQUYEN_DONE, "name", ctx->member->name, NULL);
}

static enum cmd_status ask_consent(struct cmd_ctx *ctx)
{
	const char *code = config_str(ctx->config, "bot", "standing_unit");
	const struct unit *u = code ? registry_unit(ctx->registry, code) : NULL;

	cmd_ask(ctx, "consent", NULL);
	return cmd_say(ctx, MSG_NHANQUYEN_CONFIRM, "unit", u ? u->name : code ? code : "", NULL);
}

static enum cmd_status nhanquyen_run(struct cmd_ctx *ctx)
{
	g_autofree char *code = one_time_code_of(ctx->reading->args);

	if (!*code)
		return CMD_USAGE;
	switch (store_admin_code_claim(ctx->db, code, ctx->now_ms, &ctx->error)) {
	case STORE_BROKEN:
		return CMD_BROKEN;
	case STORE_OK:
		return ctx->member ? make_admin(ctx) : ask_consent(ctx);
	case STORE_WRONG_STATE:
		return cmd_say(ctx, MSG_NHANQUYEN_LATE, NULL);
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_DENIED:
		break;
	}
	return cmd_say(ctx, MSG_NHANQUYEN_WRONG, NULL);
}

static enum cmd_status nhanquyen_answer(struct cmd_ctx *ctx)
{
	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		cmd_asked_done(ctx);
		return enroll(ctx, config_str(ctx->config, "bot", "standing_unit"), NULL) ? make_admin(ctx) : CMD_BROKEN;
	case ANSWER_NO:
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_DK_NO, NULL);
	case ANSWER_OTHER:
		break;
	}
	return ask_consent(ctx);
}

const struct command cmd_nhanquyen = {
	.name = "nhanquyen",
	.min_role = ROLE_NONE,
	.flags = CMD_PRIVATE | CMD_DECIDES,
	.summary = MSG_NHANQUYEN_SUMMARY,
	.syntax = MSG_NHANQUYEN_SYNTAX,
	.example = MSG_NHANQUYEN_EXAMPLE,
	.run = nhanquyen_run,
	.answer = nhanquyen_answer,
};
