/* SPDX-License-Identifier: MIT */
/* /thongbao: read, preview, ĐỒNG Ý, then one post to its audience; the rows are made and counted elsewhere. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/command.h"
#include "receipt.h"
#include "store/announcement.h"

/* About four pages (domain §5.4): what is longer is a document. */
#define TB_TEXT_MAX 10000
#define TB_LIST 5

/* What is to be announced, typed or kept by the open question. */
struct plan {
	char *text, *audience;
	bool to_all;
	char **units; /* codes, NULL when to_all */
	int64_t due_ms;
};

static void plan_clear(struct plan *p)
{
	g_free(p->text);
	g_free(p->audience);
	g_strfreev(p->units);
}
typedef struct plan plan_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(plan_t, plan_clear)

/* "16h30 thứ Sáu 27/11/2026". Caller frees. */
static char *due_text(const struct cmd_ctx *ctx, int64_t ms)
{
	static const enum msg days[] = { MSG_WEEKDAY_1, MSG_WEEKDAY_2, MSG_WEEKDAY_3, MSG_WEEKDAY_4, MSG_WEEKDAY_5, MSG_WEEKDAY_6, MSG_WEEKDAY_7 };
	g_autoptr(GDateTime) at = clock_local(ms);
	g_autofree char *date = g_strdup_printf("%d/%d/%d", g_date_time_get_day_of_month(at), g_date_time_get_month(at), g_date_time_get_year(at));
	g_autofree char *time = g_strdup_printf("%dh%02d", g_date_time_get_hour(at), g_date_time_get_minute(at));

	return cmd_text(ctx, MSG_TB_DUE_TEXT, "time", time, "weekday", wording_raw(days[g_date_time_get_day_of_week(at) - 1]),
			      "date", date, NULL);
}

/* --- Reading. True: understood; else the person was told what is missing. --- */

static bool read_audience(struct cmd_ctx *ctx, struct plan *p, const char *typed)
{
	g_autofree char *unclear = NULL;
	g_autoptr(GPtrArray) codes = NULL;

	if (!typed || !*typed) {
		p->to_all = true;
		p->audience = g_strdup(wording_raw(MSG_TB_ALL));
		return true;
	}
	codes = registry_match_audience(ctx->registry, typed, &p->to_all, &unclear);
	if (!codes || (!p->to_all && !codes->len)) {
		cmd_say(ctx, MSG_TB_AUDIENCE_UNCLEAR, "typed", unclear ? unclear : typed, NULL);
		return false;
	}
	p->audience = g_strdup(p->to_all ? wording_raw(MSG_TB_ALL) : typed);
	if (!p->to_all) {
		p->units = g_new0(char *, codes->len + 1);
		for (guint i = 0; i < codes->len; i++)
			p->units[i] = g_strdup(codes->pdata[i]);
	}
	return true;
}

static bool read_due(struct cmd_ctx *ctx, struct plan *p, const char *typed)
{
	bool has_hour;

	if (!typed || !*typed)
		return true;
	if (!reader_date(typed, ctx->now_ms, &p->due_ms, &has_hour)) {
		cmd_say(ctx, MSG_TB_DUE_WRONG, "typed", typed, NULL);
		return false;
	}
	if (p->due_ms <= ctx->now_ms) {
		cmd_say(ctx, MSG_TB_DUE_PAST, "typed", typed, NULL);
		return false;
	}
	return true;
}

static bool read_text(struct cmd_ctx *ctx, struct plan *p, const struct labelled *l)
{
	const char *content = labelled_get(l, "noidung");
	g_autoptr(GString) text = g_string_new(l->head);
	g_autofree char *n = NULL, *max = g_strdup_printf("%d", TB_TEXT_MAX);
	const char *const more[] = { l->rest, content };

	for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
		if (more[i] && *more[i])
			g_string_append_printf(text, "%s%s", text->len ? "\n" : "", more[i]);
	p->text = g_strdup(text->str);
	if (text_len(p->text, TEXT_CODE_POINTS) <= TB_TEXT_MAX)
		return true;
	n = g_strdup_printf("%zu", text_len(p->text, TEXT_CODE_POINTS));
	cmd_say(ctx, MSG_TB_TOO_LONG, "n", n, "max", max, NULL);
	return false;
}

/* --- The open question. --- */

static void ask(struct cmd_ctx *ctx, const struct plan *p)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autofree char *text = NULL;

	json_add_str(data, "text", p->text);
	json_add_str(data, "audience", p->audience);
	json_add_int64(data, "due", p->due_ms);
	cJSON_AddBoolToObject(data, "all", p->to_all);
	if (p->units) {
		cJSON *list = cJSON_AddArrayToObject(data, "units");

		for (size_t i = 0; p->units[i]; i++)
			cJSON_AddItemToArray(list, cJSON_CreateString(p->units[i]));
	}
	text = json_text(data);
	cmd_ask(ctx, "confirm", text);
}

static bool plan_load(const struct cmd_ctx *ctx, struct plan *p)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const cJSON *list = data ? json_at(data, "units") : NULL, *code;
	int n = 0;

	if (!data || !json_bool(data, "all", &p->to_all))
		return false;
	p->text = json_dup(data, "text", "");
	p->audience = json_dup(data, "audience", "");
	json_int64(data, "due", &p->due_ms);
	if (!cJSON_IsArray(list))
		return p->to_all;
	p->units = g_new0(char *, (gsize)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(code, list) if (cJSON_IsString(code)) p->units[n++] = g_strdup(code->valuestring);
	return true;
}

static enum cmd_status preview(struct cmd_ctx *ctx, const struct plan *p)
{
	struct audience_size size;
	g_autofree char *due = p->due_ms ? due_text(ctx, p->due_ms) : NULL, *members = NULL, *units = NULL, *reach = NULL, *empty = NULL;

	if (!store_audience_size(ctx->db, p->to_all, p->units, &size, &ctx->error))
		return CMD_BROKEN;
	members = g_strdup_printf("%" G_GINT64_FORMAT, size.members);
	units = g_strdup_printf("%" G_GINT64_FORMAT, size.units);
	reach = g_strdup_printf("%" G_GINT64_FORMAT, size.reachable);
	empty = g_strdup_printf("%" G_GINT64_FORMAT, size.units_without_member);
	cmd_say(ctx, MSG_TB_PREVIEW, "text", p->text, NULL);
	if (due)
		cmd_say(ctx, MSG_TB_PREVIEW_DUE, "due", due, NULL);
	cmd_say(ctx, MSG_TB_PREVIEW_TO, "audience", p->audience, NULL);
	cmd_say(ctx, MSG_TB_PREVIEW_REACH, "members", members, "reachable", reach, NULL);
	if (!p->to_all && size.units_without_member)
		cmd_say(ctx, MSG_TB_PREVIEW_EMPTY, "n", empty, NULL);
	ask(ctx, p);
	return cmd_say(ctx, p->to_all ? MSG_TB_PREVIEW_ASK_ALL : MSG_TB_PREVIEW_ASK, "members", members, "units", units, NULL);
}

/* --- Sending. --- */

static char *post_text(const struct cmd_ctx *ctx, const struct plan *p, const char *id)
{
	g_autofree char *head = cmd_text(ctx, MSG_TB_POST, "id", id, "text", p->text, NULL);
	g_autofree char *due = p->due_ms ? due_text(ctx, p->due_ms) : NULL;
	g_autofree char *due_line = due ? cmd_text(ctx, MSG_TB_POST_DUE, "due", due, NULL) : NULL;
	g_autofree char *foot = cmd_text(ctx, MSG_TB_POST_FOOT, NULL);

	return g_strconcat(head, due_line ? "\n" : "", due_line ? due_line : "", "\n", foot, NULL);
}

static enum cmd_status send(struct cmd_ctx *ctx, const struct plan *p)
{
	struct announcement a = { .text = p->text, .to_all = p->to_all, .units = p->units, .audience_text = p->audience, .due_ms = p->due_ms,
				  .author_id = ctx->member->id };
	g_autofree char *id = NULL, *text = NULL;
	int64_t post_id;

	if (store_announcement_add(ctx->db, &a, ctx->now_ms, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, NULL);
	id = g_strdup_printf("TB%" G_GINT64_FORMAT, a.number);
	text = post_text(ctx, p, id);
	/* The core groups hear what is for everybody; a letter to ten units is not the other fifty's business. */
	post_id = cmd_broadcast(ctx, text, p->to_all, p->to_all, p->units, a.id);
	if (!post_id || !store_announcement_set_post(ctx->db, a.id, post_id, &ctx->error) ||
	    !cmd_audit(ctx, "announcement.send", id, NULL, p->audience))
		return CMD_BROKEN;
	return cmd_say(ctx, MSG_TB_SENT, "id", id, NULL);
}

static enum cmd_status thongbao_answer(struct cmd_ctx *ctx)
{
	g_auto(plan_t) p = { 0 };

	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		cmd_asked_done(ctx);
		/* The right may have gone since the preview. */
		if (cmd_role(ctx) < ROLE_MODERATOR)
			return cmd_say(ctx, MSG_NOT_ALLOWED, NULL);
		return plan_load(ctx, &p) ? send(ctx, &p) : cmd_say(ctx, MSG_CHOICE_STALE, NULL);
	case ANSWER_NO:
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_TB_NOT_SENT, NULL);
	case ANSWER_OTHER:
		break;
	}
	return cmd_say(ctx, MSG_TB_ASK_AGAIN, NULL);
}

/* --- Looking back. --- */

static enum cmd_status say_recent(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) recent = store_announcement_list(ctx->db, TB_LIST, &ctx->error);

	if (!recent)
		return cmd_broken(ctx, NULL);
	if (!recent->len)
		return CMD_USAGE;
	cmd_say(ctx, MSG_TB_LIST_HEAD, NULL);
	for (guint i = 0; i < recent->len; i++) {
		const struct announcement *a = recent->pdata[i];
		g_autoptr(GDateTime) at = clock_local(a->created_ms);
		g_autofree char *id = g_strdup_printf("TB%" G_GINT64_FORMAT, a->number), *text = text_ellipsize(a->text, 60);
		g_autofree char *date = g_date_time_format(at, "%d/%m/%Y");

		g_strdelimit(text, "\n", ' ');
		cmd_say(ctx, MSG_TB_LIST_LINE, "id", id, "date", date, "text", text, NULL);
	}
	return CMD_DONE;
}

/* "dừng TB7" */
static enum cmd_status cancel(struct cmd_ctx *ctx, int64_t tb_number)
{
	g_autoptr(announcement_t) a = NULL;
	g_autofree char *id = g_strdup_printf("TB%" G_GINT64_FORMAT, tb_number), *count = NULL;
	unsigned n;

	if (store_announcement_get(ctx->db, tb_number, &a, &ctx->error) != STORE_OK)
		return ctx->error ? CMD_BROKEN : cmd_say(ctx, MSG_TB_NONE, "id", id, NULL);
	if (!store_announcement_cancel(ctx->db, a->id, ctx->member, ctx->now_ms, &n, &ctx->error))
		return CMD_BROKEN;
	count = g_strdup_printf("%u", n);
	return cmd_say(ctx, MSG_TB_CANCELLED, "id", id, "n", count, NULL);
}

/* "TB7" alone, or "dừng TB7". */
static bool about_old(const char *args, bool *ret_stop, int64_t *ret_number)
{
	const char *prefix, *rest, *after = args;
	g_autofree char *folded = text_fold_keep(args);

	*ret_stop = g_str_has_prefix(folded, "dung ") || g_str_has_prefix(folded, "huy ");
	if (*ret_stop && (after = strchr(args, ' ')))
		while (*after == ' ')
			after++;
	return after && reader_id(after, NULL, &prefix, ret_number, &rest) && !strcmp(prefix, "TB") && !*rest;
}

static enum cmd_status thongbao_run(struct cmd_ctx *ctx)
{
	struct plan p = { 0 };
	struct labelled l;
	enum cmd_status status = CMD_DONE;
	int64_t number;
	bool stop;

	if (!*ctx->reading->args)
		return say_recent(ctx);
	if (about_old(ctx->reading->args, &stop, &number))
		return stop ? cancel(ctx, number) : receipt_show(ctx, number);
	reader_labels(ctx->reading->args, true, "den=den,gui den,noi nhan,gui toi;han=han,han chot,thoi han", &l);
	if (read_text(ctx, &p, &l) && read_audience(ctx, &p, labelled_get(&l, "den")) && read_due(ctx, &p, labelled_get(&l, "han")))
		status = *p.text ? preview(ctx, &p) : CMD_USAGE;
	labelled_clear(&l);
	plan_clear(&p);
	return status;
}

const struct command cmd_thongbao = {
	.name = "thongbao",
	.brief = "tb",
	.words = "nhac",
	.min_role = ROLE_MODERATOR,
	.flags = CMD_DECIDES | CMD_MENU,
	.summary = MSG_THONGBAO_SUMMARY,
	.syntax = MSG_THONGBAO_SYNTAX,
	.example = MSG_THONGBAO_EXAMPLE,
	.run = thongbao_run,
	.answer = thongbao_answer,
};
