/* SPDX-License-Identifier: MIT */
/* /vaitro: gives a member a role. The last admin cannot be unmade. */
#include <string.h>

#include "base/json.h"
#include "bot/command.h"
#include "itemref.h"

#define VAITRO_CHOICES 5

static const char *role_word(enum role r)
{
	switch (r) {
	case ROLE_FOCAL:
		return wording_raw(MSG_ROLE_NAME_D);
	case ROLE_MODERATOR:
		return wording_raw(MSG_ROLE_NAME_Q);
	case ROLE_ADMIN:
		return wording_raw(MSG_ROLE_NAME_A);
	case ROLE_MEMBER:
	case ROLE_NONE:
		break;
	}
	return wording_raw(MSG_ROLE_NAME_T);
}

static const char *unit_of(const struct cmd_ctx *ctx, const struct member *m)
{
	const struct unit *u = m->unit ? registry_unit(ctx->registry, m->unit) : NULL;

	return u ? u->name : wording_raw(MSG_UNIT_UNKNOWN_SHORT);
}

/* -1 broken, else whether m is the only admin. */
static int is_last_admin(struct cmd_ctx *ctx, const struct member *m)
{
	g_autoptr(GPtrArray) admins = store_member_with_role(ctx->db, ROLE_ADMIN, &ctx->error);

	if (!admins)
		return -1;
	return admins->len == 1 && ((struct member *)admins->pdata[0])->id == m->id;
}

static enum cmd_status give(struct cmd_ctx *ctx, const struct member *m, enum role role)
{
	g_autofree char *subject = g_strdup_printf("member %" G_GINT64_FORMAT, m->id);
	int last;

	if (m->role == role)
		return cmd_say(ctx, MSG_VAITRO_SAME, "name", m->name, "unit", unit_of(ctx, m), "role", role_word(role), NULL);
	last = m->role == ROLE_ADMIN ? is_last_admin(ctx, m) : 0;
	if (last < 0)
		return cmd_broken(ctx, NULL);
	if (last)
		return cmd_say(ctx, MSG_VAITRO_LAST, "name", m->name, NULL);
	if (!store_member_set_role(ctx->db, m->id, role, &ctx->error) ||
	    !cmd_audit(ctx, "member.role", subject, role_letter(m->role), role_letter(role)))
		return CMD_BROKEN;
	if (!ctx->member || m->id != ctx->member->id)
		cmd_tell(ctx, m->id, MSG_VAITRO_TOLD, "role", role_word(role), NULL);
	return cmd_say(ctx, MSG_VAITRO_DONE, "name", m->name, "unit", unit_of(ctx, m), "role", role_word(role), NULL);
}

static enum cmd_status ask_which(struct cmd_ctx *ctx, const char *typed, const GPtrArray *found, enum role role)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	cJSON *ids = cJSON_AddArrayToObject(data, "members");
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = NULL, *choices = NULL, *n = g_strdup_printf("%u", found->len);

	json_add_int64(data, "role", role);
	for (guint i = 0; i < found->len; i++) {
		const struct member *m = found->pdata[i];

		cJSON_AddItemToArray(ids, cJSON_CreateNumber((double)m->id));
		g_ptr_array_add(names, g_strdup_printf("%s, %s", m->name, unit_of(ctx, m)));
	}
	g_ptr_array_add(names, NULL);
	choices = itemref_choices((char **)names->pdata);
	text = json_text(data);
	cmd_ask(ctx, "which", text);
	return cmd_say(ctx, MSG_VAITRO_MANY, "n", n, "words", typed, "choices", choices, NULL);
}

static enum cmd_status vaitro_run(struct cmd_ctx *ctx)
{
	const char *args = ctx->reading->args, *last = strchr(args, ' ');
	g_autofree char *who = NULL;
	g_autoptr(GPtrArray) found = NULL;
	enum role role = ROLE_NONE;

	/* The longest end that is a role: "Lan kiểm duyệt". */
	while (last && !role_parse(last + 1, &role) && strchr(last + 1, ' '))
		last = strchr(last + 1, ' ');
	if (!last)
		return CMD_USAGE;
	who = g_strstrip(g_strndup(args, (gsize)(last - args)));
	if (role == ROLE_NONE)
		return cmd_say(ctx, MSG_VAITRO_ROLE_UNCLEAR, "typed", last + 1, "who", who, NULL);
	found = store_member_find(ctx->db, who, VAITRO_CHOICES, &ctx->error);
	if (!found)
		return cmd_broken(ctx, NULL);
	if (!found->len)
		return cmd_say(ctx, MSG_VAITRO_NONE, "words", who, NULL);
	return found->len == 1 ? give(ctx, found->pdata[0], role) : ask_which(ctx, who, found, role);
}

static enum cmd_status vaitro_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const cJSON *ids = data ? json_at(data, "members") : NULL;
	unsigned n = cJSON_IsArray(ids) ? reader_choice(ctx->u->text, (unsigned)cJSON_GetArraySize(ids)) : 0;
	g_autoptr(member_t) m = NULL;
	int64_t role;

	if (!n || !json_int64(data, "role", &role))
		return CMD_PASS;
	cmd_asked_done(ctx);
	/* The right to appoint may have gone since the question. */
	if (cmd_role(ctx) < ROLE_ADMIN)
		return cmd_say(ctx, MSG_NOT_ALLOWED_ADMIN, NULL);
	if (store_member_get(ctx->db, (int64_t)cJSON_GetArrayItem(ids, (int)n - 1)->valuedouble, &m, &ctx->error) != STORE_OK)
		return ctx->error ? CMD_BROKEN : cmd_say(ctx, MSG_CHOICE_STALE, NULL);
	return give(ctx, m, (enum role)role);
}

const struct command cmd_vaitro = {
	.name = "vaitro",
	.words = "phanquyen",
	.min_role = ROLE_ADMIN,
	.flags = CMD_DECIDES,
	.summary = MSG_VAITRO_SUMMARY,
	.syntax = MSG_VAITRO_SYNTAX,
	.example = MSG_VAITRO_EXAMPLE,
	.run = vaitro_run,
	.answer = vaitro_answer,
};
