/* SPDX-License-Identifier: MIT */
/* /lienket: one person on several platforms. A code from one of them, typed on another and confirmed there, makes both identities one
 * member (store/link.h has the rules). The confirmation names who made the code: somebody who is talked into typing a stranger's
 * code would lend him his rights. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "bot/command.h"
#include "bot/one_time_code.h"
#include "held.h"
#include "store/link.h"

static const char *unit_name(const struct cmd_ctx *ctx, const char *code)
{
	const struct unit *u = code ? registry_unit(ctx->registry, code) : NULL;

	return u ? u->name : wording_raw(MSG_UNIT_UNKNOWN_SHORT);
}

static char *minutes(void)
{
	return g_strdup_printf("%d", (int)(LINK_CODE_MS / MINUTE_MS));
}

static enum cmd_status give_code(struct cmd_ctx *ctx)
{
	g_autofree char *code = NULL, *shown = minutes();

	if (!ctx->member)
		return cmd_say(ctx, MSG_LIENKET_NOT_REGISTERED, NULL);
	code = one_time_code_make(&ctx->error);
	if (!code || !store_link_code_set(ctx->db, ctx->member->id, code, ctx->now_ms, &ctx->error))
		return CMD_BROKEN;
	return cmd_say(ctx, MSG_LIENKET_CODE, "code", code, "minutes", shown, NULL);
}

static enum cmd_status refuse(struct cmd_ctx *ctx, enum store_result why)
{
	g_autofree char *shown = minutes(), *n = g_strdup_printf("%d", LINK_TRIES);

	switch (why) {
	case STORE_NOT_FOUND:
	case STORE_OK:
		return cmd_say(ctx, MSG_LIENKET_WRONG, "minutes", shown, NULL);
	case STORE_DUPLICATE:
		return cmd_say(ctx, MSG_LIENKET_SAME, NULL);
	case STORE_WRONG_STATE:
		return cmd_say(ctx, MSG_LIENKET_SAME_PLATFORM, NULL);
	case STORE_DENIED:
		return cmd_say(ctx, MSG_LIENKET_TOO_MANY, "n", n, NULL);
	case STORE_BROKEN:
		break;
	}
	return CMD_BROKEN;
}

static enum cmd_status ask(struct cmd_ctx *ctx, const struct link_code *code)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autoptr(member_t) giver = NULL;
	g_autofree char *text = NULL;

	if (store_member_get(ctx->db, code->member_id, &giver, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, NULL);
	json_add_int64(data, "member", code->member_id);
	json_add_int64(data, "made", code->made_ms);
	text = json_text(data);
	cmd_ask(ctx, "confirm", text);
	return cmd_say(ctx, MSG_LIENKET_CONFIRM, "name", giver->name, "unit", unit_name(ctx, giver->unit), NULL);
}

static enum cmd_status lienket_run(struct cmd_ctx *ctx)
{
	const struct update *u = ctx->u;
	g_autofree char *typed = one_time_code_of(ctx->reading->args);
	struct link_code code;
	enum store_result result;

	if (!u->user_id)
		return CMD_DONE; /* a channel or an anonymous admin is nobody */
	if (cmd_in_group(ctx))
		return store_link_code_void(ctx->db, typed, &ctx->error) ? cmd_say(ctx, MSG_LIENKET_IN_GROUP, NULL) : CMD_BROKEN;
	if (!*typed)
		return *ctx->reading->args ? CMD_USAGE : give_code(ctx);
	result = store_link_code_check(ctx->db, u->adapter, u->user_id, typed, ctx->now_ms, &code, &ctx->error);
	return result == STORE_OK ? ask(ctx, &code) : refuse(ctx, result);
}

static bool load(const struct cmd_ctx *ctx, struct link_code *code)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;

	return data && json_int64(data, "member", &code->member_id) && json_int64(data, "made", &code->made_ms);
}

static enum cmd_status say_joined(struct cmd_ctx *ctx, const struct link_outcome *o)
{
	const struct member *m = ctx->member;

	cmd_say(ctx, MSG_LIENKET_DONE, "name", m->name, "unit", unit_name(ctx, m->unit), NULL);
	if (o->other_unit)
		cmd_say(ctx, MSG_LIENKET_OTHER_UNIT, "unit", unit_name(ctx, m->unit), "other", unit_name(ctx, o->other_unit), NULL);
	/* What he had sent before he was anybody. */
	return o->is_merged ? CMD_DONE : held_resume(ctx);
}

static enum cmd_status join(struct cmd_ctx *ctx, const struct link_code *code)
{
	const struct update *u = ctx->u;
	const char *name = u->user_name && *u->user_name ? u->user_name : wording_raw(MSG_DK_NO_NAME);
	g_auto(link_outcome_t) outcome = { 0 };
	g_autoptr(chat_t) other = NULL;
	struct member *m = NULL;
	enum store_result result;

	/* Before the two are one: after that, this chat is where he can be reached. */
	if (store_member_private_chat(ctx->db, code->member_id, &other, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	result = store_link_join(ctx->db, code, u->adapter, u->user_id, name, ctx->chat->id, ctx->now_ms, &m, &outcome, &ctx->error);
	if (result != STORE_OK)
		return refuse(ctx, result);
	member_free(ctx->member);
	ctx->member = m;
	if (other)
		cmd_tell_in(ctx, other->id, MSG_LIENKET_TOLD, "who", name, NULL);
	return say_joined(ctx, &outcome);
}

static enum cmd_status lienket_answer(struct cmd_ctx *ctx)
{
	struct link_code code;

	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		cmd_asked_done(ctx);
		return load(ctx, &code) ? join(ctx, &code) : refuse(ctx, STORE_NOT_FOUND);
	case ANSWER_NO:
		cmd_asked_done(ctx);
		if (load(ctx, &code) && !store_link_code_drop(ctx->db, &code, &ctx->error))
			return CMD_BROKEN;
		return cmd_say(ctx, MSG_LIENKET_REFUSED, NULL);
	case ANSWER_OTHER:
		break;
	}
	return cmd_say(ctx, MSG_LIENKET_AGAIN, NULL);
}

const struct command cmd_lienket = {
	.name = "lienket",
	.min_role = ROLE_NONE,
	.summary = MSG_LIENKET_SUMMARY,
	.syntax = MSG_LIENKET_SYNTAX,
	.example = MSG_LIENKET_EXAMPLE,
	.run = lienket_run,
	.answer = lienket_answer,
};
