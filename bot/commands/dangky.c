/* SPDX-License-Identifier: MIT */
/* /dangky: unit, then the notice and an explicit ĐỒNG Ý (domain §4: silence is no consent). Carries on what an unregistered person had
 * already sent. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/command.h"
#include "dangky.h"
#include "enroll.h"
#include "held.h"
#include "itemref.h"

extern const struct command cmd_dangky;

#define SHOWN_MAX 60 /* of what was typed, in an answer */
#define JOB_MAX 100 /* characters: "phó trưởng phòng văn hóa - thông tin huyện" */

/* What the open question knows. */
struct form {
	char *unit, *job;
	GPtrArray *choices; /* char*: unit codes offered, or NULL */
};

static void form_clear(struct form *f)
{
	g_free(f->unit);
	g_free(f->job);
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
	if (f->choices) {
		cJSON *list = cJSON_AddArrayToObject(data, "choices");

		for (guint i = 0; i < f->choices->len; i++)
			cJSON_AddItemToArray(list, cJSON_CreateString(f->choices->pdata[i]));
	}
	text = json_text(data);
	cmd_ask_for(ctx, &cmd_dangky, step, text);
}

void dangky_ask_unit(struct cmd_ctx *ctx)
{
	const struct form f = { 0 };

	ask(ctx, "unit", &f);
}

static void form_load(const struct cmd_ctx *ctx, struct form *f)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const cJSON *list, *code;

	if (!data)
		return;
	f->unit = json_dup(data, "unit", NULL);
	f->job = json_dup(data, "job", NULL);
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

	g_autofree char *shown = text_ellipsize(typed, SHOWN_MAX);

	g_strdelimit(shown, "\n", ' ');
	if (f->choices)
		g_ptr_array_unref(g_steal_pointer(&f->choices));
	if (!near || !near->len) {
		ask(ctx, "unit", f);
		return cmd_say(ctx, MSG_DK_UNIT_UNKNOWN, "typed", shown, NULL);
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
	return cmd_say(ctx, MSG_DK_UNIT_NEAR, "typed", shown, "choices", choices, NULL);
}

/* A job typed without diacritics is shown as people write it: "can bo vhxh" -> "cán bộ VHXH". Caller frees. */
static char *with_marks(const struct cmd_ctx *ctx, const char *job)
{
	g_auto(GStrv) known = g_strsplit(wording_raw(MSG_DK_JOB_WORDS), ";", -1);
	g_auto(GStrv) words = g_strsplit(job, " ", -1);
	const GPtrArray *briefs = registry_abbreviations(ctx->registry);
	g_autoptr(GString) text = NULL;
	g_autofree char *joined = NULL;

	if (!g_str_is_ascii(job))
		return g_strdup(job);
	for (size_t i = 0; words[i]; i++)
		for (guint n = 0; n < briefs->len; n++) {
			const struct abbreviation *a = briefs->pdata[n];

			if (g_ascii_strcasecmp(a->brief, words[i]))
				continue;
			g_free(words[i]);
			words[i] = g_strdup(a->brief);
			break;
		}
	joined = g_strjoinv(" ", words);
	text = g_string_new(NULL);
	g_string_printf(text, " %s ", joined);
	for (size_t i = 0; known[i]; i++) {
		g_autofree char *folded = text_fold(known[i]), *from = g_strdup_printf(" %s ", folded);
		g_autofree char *to = g_strdup_printf(" %s ", known[i]);

		g_string_replace(text, from, to, 0);
	}
	return g_strstrip(g_strdup(text->str));
}

static void set_job(const struct cmd_ctx *ctx, struct form *f, const char *job)
{
	g_autofree char *copy = with_marks(ctx, job);

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
		set_job(ctx, f, rest);
		status = confirm(ctx, f, u);
	} else {
		if (comma)
			set_job(ctx, f, comma + 1);
		status = offer_near(ctx, f, head, before.near);
	}
	unit_match_clear(&before);
	return status;
}

static enum cmd_status dangky_run(struct cmd_ctx *ctx)
{
	g_auto(form_t) f = { 0 };

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
	return held_resume(ctx);
}

/* "không": then nothing of his is kept, as the answer says. */
static enum cmd_status give_up(struct cmd_ctx *ctx)
{
	bool had;

	cmd_asked_done(ctx);
	return held_drop(ctx, &had) ? cmd_say(ctx, MSG_DK_NO, NULL) : CMD_BROKEN;
}

/* "dk truc ninh, vhxh" or just "trực ninh" under the open question: he corrects his unit. CMD_PASS: it is neither. */
static enum cmd_status take_correction(struct cmd_ctx *ctx, struct form *f)
{
	struct unit_match m;
	struct reading r;
	bool is_unit, is_again;
	enum cmd_status status = CMD_PASS;

	registry_match_unit(ctx->registry, ctx->u->text, &m);
	is_unit = m.unit != NULL;
	unit_match_clear(&m);
	if (is_unit)
		return take_unit(ctx, f, ctx->u->text);
	reader_read(command_table, ctx->u->text, true, true, false, &r);
	is_again = r.kind == READING_COMMAND && r.command == &cmd_dangky && *r.args;
	if (is_again)
		status = take_unit(ctx, f, r.args);
	reading_clear(&r);
	return status;
}

/* Short commands need no slash while only the unit is asked for ("t loa", "x13"): a name that is no unit's may be one. */
static bool is_other_command(const struct cmd_ctx *ctx)
{
	struct reading r;
	bool is;

	reader_read(command_table, ctx->u->text, true, false, false, &r);
	is = r.kind == READING_COMMAND || r.kind == READING_ID;
	reading_clear(&r);
	return is;
}

static enum cmd_status answer_unit(struct cmd_ctx *ctx, struct form *f)
{
	unsigned n = f->choices ? reader_choice(ctx->u->text, f->choices->len) : 0;
	enum cmd_status status;

	if (n)
		return confirm(ctx, f, registry_unit(ctx->registry, f->choices->pdata[n - 1]));
	status = take_correction(ctx, f);
	if (status != CMD_PASS || is_other_command(ctx))
		return status;
	return take_unit(ctx, f, ctx->u->text);
}

enum cmd_status dangky_text(struct cmd_ctx *ctx)
{
	g_auto(form_t) f = { 0 };
	enum cmd_status status = take_correction(ctx, &f);

	if (status != CMD_PASS)
		return status;
	dangky_ask_unit(ctx);
	return cmd_say(ctx, MSG_SHARE_HELD, NULL);
}

static enum cmd_status dangky_answer(struct cmd_ctx *ctx)
{
	g_auto(form_t) f = { 0 };
	g_autofree char *text = NULL;
	enum cmd_status status;

	form_load(ctx, &f);
	if (!strcmp(ctx->pending->step, "unit") && reader_yes_no(ctx->u->text) != ANSWER_NO)
		return answer_unit(ctx, &f);
	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		return finish(ctx, &f);
	case ANSWER_NO:
		return give_up(ctx);
	case ANSWER_OTHER:
		break;
	}
	status = take_correction(ctx, &f);
	if (status != CMD_PASS)
		return status;
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
