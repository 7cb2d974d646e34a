/* SPDX-License-Identifier: MIT */
/* /dangky: unit, then the notice and an explicit ĐỒNG Ý (domain §4: silence is no consent). Carries on what an unregistered person had
 * already sent. */
#include <string.h>

#include "base/json.h"
#include "bot/command.h"
#include "enroll.h"
#include "itemref.h"
#include "share.h"

#define JOB_MAX 100 /* characters: "phó trưởng phòng văn hóa - thông tin huyện" */

/* What the open question knows. */
struct form {
	char *unit, *job, *held;
	GPtrArray *choices; /* char*: unit codes offered, or NULL */
};

static void form_clear(struct form *f)
{
	g_free(f->unit);
	g_free(f->job);
	g_free(f->held);
	if (f->choices)
		g_ptr_array_unref(f->choices);
}
typedef struct form form_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(form_t, form_clear)

static void ask(struct cmd_ctx *ctx, const char *step, const struct form *f)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autofree char *text = NULL;

	json_add_str(data, "unit", f->unit);
	json_add_str(data, "job", f->job);
	json_add_str(data, "held", f->held);
	if (f->choices) {
		cJSON *list = cJSON_AddArrayToObject(data, "choices");

		for (guint i = 0; i < f->choices->len; i++)
			cJSON_AddItemToArray(list, cJSON_CreateString(f->choices->pdata[i]));
	}
	text = json_text(data);
	cmd_ask(ctx, step, text);
}

static void form_load(const struct cmd_ctx *ctx, struct form *f)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const cJSON *list, *code;

	if (!data)
		return;
	f->unit = json_dup(data, "unit", NULL);
	f->job = json_dup(data, "job", NULL);
	f->held = json_dup(data, "held", NULL);
	list = json_at(data, "choices");
	if (!cJSON_IsArray(list))
		return;
	f->choices = g_ptr_array_new_with_free_func(g_free);
	cJSON_ArrayForEach(code, list) if (cJSON_IsString(code)) g_ptr_array_add(f->choices, g_strdup(code->valuestring));
}

static char *unit_and_job(const struct cmd_ctx *ctx, const struct form *f)
{
	const struct unit *u = registry_unit(ctx->registry, f->unit);
	const char *name = u ? u->name : f->unit;

	if (!f->job || !*f->job)
		return g_strdup(name);
	return cmd_text(ctx, MSG_DK_UNIT_JOB, "unit", name, "job", f->job, NULL);
}

static enum cmd_status confirm(struct cmd_ctx *ctx, struct form *f, const struct unit *u)
{
	g_autofree char *text = NULL;

	g_free(f->unit);
	f->unit = g_strdup(u->code);
	text = unit_and_job(ctx, f);
	ask(ctx, "confirm", f);
	return cmd_say(ctx, MSG_DK_CONFIRM, "unit", text, NULL);
}

static enum cmd_status offer_near(struct cmd_ctx *ctx, struct form *f, const char *typed, const GPtrArray *near)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *choices = NULL;

	if (f->choices)
		g_ptr_array_unref(g_steal_pointer(&f->choices));
	if (!near || !near->len) {
		ask(ctx, "unit", f);
		return cmd_say(ctx, MSG_DK_UNIT_UNKNOWN, "typed", typed, NULL);
	}
	f->choices = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < near->len; i++) {
		const struct unit *u = near->pdata[i];

		g_ptr_array_add(f->choices, g_strdup(u->code));
		g_ptr_array_add(names, u->name);
	}
	g_ptr_array_add(names, NULL);
	choices = itemref_choices((char **)names->pdata);
	ask(ctx, "unit", f);
	return cmd_say(ctx, MSG_DK_UNIT_NEAR, "typed", typed, "choices", choices, NULL);
}

static void set_job(struct form *f, const char *job)
{
	g_autofree char *copy = g_strdup(job);

	g_strstrip(copy);
	while (*copy == ',' || *copy == ';')
		memmove(copy, copy + 1, strlen(copy));
	g_strstrip(copy);
	if (!*copy)
		return;
	g_free(f->job);
	f->job = g_utf8_substring(copy, 0, MIN(g_utf8_strlen(copy, -1), JOB_MAX));
}

/* "ubnd h vu ban, can bo vhxh": the whole, else what stands before the first comma, else the longest unit at the start. */
static enum cmd_status take_unit(struct cmd_ctx *ctx, struct form *f, const char *typed)
{
	struct unit_match whole, before;
	const char *comma = strchr(typed, ','), *rest = "";
	g_autofree char *head = comma ? g_strndup(typed, (gsize)(comma - typed)) : g_strdup(typed);
	const struct unit *u;
	enum cmd_status status;

	registry_match_unit(ctx->registry, typed, &whole);
	if (whole.unit) {
		status = confirm(ctx, f, whole.unit);
		unit_match_clear(&whole);
		return status;
	}
	unit_match_clear(&whole);
	registry_match_unit(ctx->registry, head, &before);
	u = before.unit;
	if (u)
		rest = comma ? comma + 1 : "";
	else if (!before.near || !before.near->len || !comma)
		u = registry_unit_prefix(ctx->registry, typed, &rest);
	if (u) {
		set_job(f, rest);
		status = confirm(ctx, f, u);
	} else {
		if (comma)
			set_job(f, comma + 1);
		status = offer_near(ctx, f, head, before.near);
	}
	unit_match_clear(&before);
	return status;
}

static enum cmd_status dangky_run(struct cmd_ctx *ctx)
{
	g_auto(form_t) f = { 0 };

	f.held = g_strdup(share_held_data(ctx));
	if (!ctx->u->user_id)
		return CMD_DONE; /* a channel or an anonymous admin is nobody */
	if (*ctx->reading->args)
		return take_unit(ctx, &f, ctx->reading->args);
	ask(ctx, "unit", &f);
	return cmd_say(ctx, MSG_DK_ASK_UNIT, NULL);
}

static enum cmd_status finish(struct cmd_ctx *ctx, const struct form *f)
{
	g_autofree char *text = unit_and_job(ctx, f);

	cmd_asked_done(ctx);
	if (!enroll(ctx, f->unit, f->job))
		return CMD_BROKEN;
	cmd_say(ctx, MSG_DK_DONE, "name", ctx->member->name, "unit", text, NULL);
	return f->held ? share_resume(ctx, f->held) : CMD_DONE;
}

static enum cmd_status dangky_answer(struct cmd_ctx *ctx)
{
	g_auto(form_t) f = { 0 };
	g_autofree char *text = NULL;
	unsigned n;

	form_load(ctx, &f);
	if (!strcmp(ctx->pending->step, "unit") && reader_yes_no(ctx->u->text) != ANSWER_NO) {
		n = f.choices ? reader_choice(ctx->u->text, f.choices->len) : 0;
		if (!n)
			return take_unit(ctx, &f, ctx->u->text);
		return confirm(ctx, &f, registry_unit(ctx->registry, f.choices->pdata[n - 1]));
	}
	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		return finish(ctx, &f);
	case ANSWER_NO:
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_DK_NO, NULL);
	case ANSWER_OTHER:
		break;
	}
	text = unit_and_job(ctx, &f);
	return cmd_say(ctx, MSG_DK_AGAIN, "unit", text, NULL);
}

const struct command cmd_dangky = {
	.name = "dangky",
	.brief = "dk",
	.words = "thamgia gioithieu",
	.min_role = ROLE_NONE,
	.flags = CMD_MENU,
	.summary = MSG_DANGKY_SUMMARY,
	.syntax = MSG_DANGKY_SYNTAX,
	.example = MSG_DANGKY_EXAMPLE,
	.run = dangky_run,
	.answer = dangky_answer,
};
