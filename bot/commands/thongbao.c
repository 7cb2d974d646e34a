/* SPDX-License-Identifier: MIT */
/* /thongbao: read, preview, ĐỒNG Ý, then one post to its audience; the rows are made and counted elsewhere. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/command.h"
#include "forecast.h"
#include "receipt.h"
#include "store/announcement.h"

/* About four pages (domain §5.4): what is longer is a document. */
#define TB_TEXT_MAX 10000
#define TB_LIST 5
#define TB_NAMED 5

extern const struct command cmd_thongbao;

/* What is to be announced, typed or kept by the open question. */
struct plan {
	char *text, *audience;
	char *to, *due; /* as typed, or NULL */
	bool to_all;
	char **units; /* codes, NULL when to_all */
	int64_t due_ms;
};

static void plan_clear(struct plan *p)
{
	g_free(p->text);
	g_free(p->audience);
	g_free(p->to);
	g_free(p->due);
	g_strfreev(p->units);
}

static void ask(struct cmd_ctx *ctx, const char *step, const struct plan *p);

/* --- Reading. True: understood; else the person was told and asked; what was understood is kept. --- */

/* A few units by their full names, so that a wrong guess is seen before it is sent; many as they were typed. Caller frees. */
static char *understood(const struct cmd_ctx *ctx, const GPtrArray *codes, const char *typed)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	if (codes->len > TB_NAMED)
		return g_strdup(typed);
	for (guint i = 0; i < codes->len; i++) {
		const struct unit *u = registry_unit(ctx->registry, codes->pdata[i]);

		g_ptr_array_add(names, u ? u->name : codes->pdata[i]);
	}
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}

static bool read_audience(struct cmd_ctx *ctx, struct plan *p)
{
	const char *typed = p->to;
	g_autofree char *unclear = NULL;
	g_autoptr(GPtrArray) codes = NULL;

	if (!typed || !*typed) {
		p->to_all = true;
		p->audience = g_strdup(wording_raw(MSG_TB_ALL));
		return true;
	}
	codes = registry_match_audience(ctx->registry, typed, &p->to_all, &unclear);
	if (!codes || (!p->to_all && !codes->len)) {
		ask(ctx, "to", p);
		cmd_say(ctx, MSG_TB_AUDIENCE_UNCLEAR, "typed", unclear ? unclear : typed, NULL);
		cmd_say(ctx, MSG_TB_AUDIENCE_HOW, NULL);
		return false;
	}
	p->audience = p->to_all ? g_strdup(wording_raw(MSG_TB_ALL)) : understood(ctx, codes, typed);
	if (!p->to_all) {
		p->units = g_new0(char *, codes->len + 1);
		for (guint i = 0; i < codes->len; i++)
			p->units[i] = g_strdup(codes->pdata[i]);
	}
	return true;
}

static bool read_due(struct cmd_ctx *ctx, struct plan *p)
{
	bool has_hour, is_date;

	if (!p->due || !*p->due)
		return true;
	is_date = reader_date(p->due, ctx->now_ms, &p->due_ms, &has_hour);
	if (is_date && p->due_ms > ctx->now_ms)
		return true;
	ask(ctx, "due", p);
	cmd_say(ctx, is_date ? MSG_TB_DUE_PAST : MSG_TB_DUE_WRONG, "typed", p->due, NULL);
	cmd_say(ctx, MSG_TB_DUE_HOW, NULL);
	return false;
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

static void ask(struct cmd_ctx *ctx, const char *step, const struct plan *p)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autofree char *text = NULL;

	json_add_str(data, "text", p->text);
	json_add_str(data, "audience", p->audience);
	json_add_str(data, "to_typed", p->to);
	json_add_str(data, "due_typed", p->due);
	json_add_int64(data, "due", p->due_ms);
	cJSON_AddBoolToObject(data, "all", p->to_all);
	if (p->units) {
		cJSON *list = cJSON_AddArrayToObject(data, "units");

		for (size_t i = 0; p->units[i]; i++)
			cJSON_AddItemToArray(list, cJSON_CreateString(p->units[i]));
	}
	text = json_text(data);
	cmd_ask(ctx, step, text);
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
	p->to = json_dup(data, "to_typed", NULL);
	p->due = json_dup(data, "due_typed", NULL);
	json_int64(data, "due", &p->due_ms);
	if (!cJSON_IsArray(list))
		return true;
	p->units = g_new0(char *, (gsize)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(code, list) if (cJSON_IsString(code)) p->units[n++] = g_strdup(code->valuestring);
	return true;
}

static char *post_text(const struct cmd_ctx *ctx, const struct plan *p, const char *id)
{
	g_autofree char *head = cmd_text(ctx, MSG_TB_POST, "id", id, "text", p->text, NULL);
	g_autofree char *due = p->due_ms ? receipt_due_text(config_str(ctx->config, "bot", "address_form"), p->due_ms) : NULL;
	g_autofree char *due_line = due ? cmd_text(ctx, MSG_TB_POST_DUE, "due", due, NULL) : NULL;
	g_autofree char *foot = cmd_text(ctx, MSG_TB_POST_FOOT, NULL);

	return g_strconcat(head, due_line ? "\n" : "", due_line ? due_line : "", "\n", foot, NULL);
}

/* What it takes from the platforms that count. Its number is not known yet; any of this length does. */
static bool say_forecast(struct cmd_ctx *ctx, const struct plan *p)
{
	g_autofree char *text = post_text(ctx, p, "TB1000");

	return forecast_say(ctx, text, p->to_all, p->units);
}

static enum cmd_status preview(struct cmd_ctx *ctx, const struct plan *p)
{
	struct audience_size size;
	g_autofree char *due = p->due_ms ? receipt_due_text(config_str(ctx->config, "bot", "address_form"), p->due_ms) : NULL, *members = NULL, *units = NULL, *reach = NULL, *empty = NULL;

	if (!store_audience_size(ctx->db, p->to_all, p->units, &size, &ctx->error))
		return CMD_BROKEN;
	members = g_strdup_printf("%" G_GINT64_FORMAT, size.members);
	/* The units of the people whom it reaches; a unit that was named counts without people too, and is warned of. */
	units = g_strdup_printf("%" G_GINT64_FORMAT, p->to_all ? size.units - size.units_without_member : size.units);
	reach = g_strdup_printf("%" G_GINT64_FORMAT, size.reachable);
	empty = g_strdup_printf("%" G_GINT64_FORMAT, size.units_without_member);
	cmd_say(ctx, MSG_TB_PREVIEW, "text", p->text, NULL);
	if (due)
		cmd_say(ctx, MSG_TB_PREVIEW_DUE, "due", due, NULL);
	cmd_say(ctx, MSG_TB_PREVIEW_TO, "audience", p->audience, NULL);
	cmd_say(ctx, MSG_TB_PREVIEW_REACH, "members", members, "reachable", reach, NULL);
	if (!p->to_all && size.units_without_member)
		cmd_say(ctx, MSG_TB_PREVIEW_EMPTY, "n", empty, NULL);
	if (!say_forecast(ctx, p))
		return CMD_BROKEN;
	ask(ctx, "confirm", p);
	return cmd_say(ctx, p->to_all ? MSG_TB_PREVIEW_ASK_ALL : MSG_TB_PREVIEW_ASK, "members", members, "units", units, NULL);
}

/* --- Sending. --- */

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

#define LABELS "den=den,gui den,noi nhan,gui toi;han=han,han chot,thoi han"

static void replace(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

static void plan_reset(struct plan *p)
{
	g_clear_pointer(&p->audience, g_free);
	g_clear_pointer(&p->units, g_strfreev);
	p->to_all = false;
	p->due_ms = 0;
}

static enum cmd_status consider(struct cmd_ctx *ctx, struct plan *p)
{
	return read_audience(ctx, p) && read_due(ctx, p) ? preview(ctx, p) : ctx->error ? CMD_BROKEN : CMD_DONE;
}

/* The asked-for line alone, or labelled lines ("đến: …", "hạn: …"), which also correct what was previewed. False: none of these. */
static bool take_lines(struct cmd_ctx *ctx, struct plan *p)
{
	struct labelled l;
	const char *to, *due;
	bool is_to = !strcmp(ctx->pending->step, "to"), is_due = !strcmp(ctx->pending->step, "due");

	reader_labels(ctx->u->text, true, LABELS, &l);
	to = labelled_get(&l, "den");
	due = labelled_get(&l, "han");
	if (!to && is_to && *l.head)
		to = l.head;
	if (!due && is_due && *l.head)
		due = l.head;
	if (to)
		replace(&p->to, to);
	if (due)
		replace(&p->due, due);
	is_to = to || due;
	labelled_clear(&l);
	if (is_to)
		plan_reset(p);
	return is_to;
}

/* Only the words that were asked for send a letter to everybody: "ok" may be meant for something else. */
static bool is_agreed(const char *text)
{
	g_autofree char *said = text_fold(text);

	return reader_yes_no(text) == ANSWER_YES && g_str_has_prefix(said, "dong y");
}

static enum cmd_status answer_plan(struct cmd_ctx *ctx, struct plan *p)
{
	bool is_confirming = !strcmp(ctx->pending->step, "confirm");

	if (!plan_load(ctx, p)) {
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_CHOICE_STALE, NULL);
	}
	if (is_confirming && is_agreed(ctx->u->text)) {
		cmd_asked_done(ctx);
		return send(ctx, p);
	}
	if (take_lines(ctx, p))
		return consider(ctx, p);
	return cmd_say(ctx, is_confirming ? MSG_TB_ASK_AGAIN : !strcmp(ctx->pending->step, "to") ? MSG_TB_AUDIENCE_HOW : MSG_TB_DUE_HOW,
		       NULL);
}

static enum cmd_status thongbao_answer(struct cmd_ctx *ctx)
{
	struct plan p = { 0 };
	enum cmd_status status;

	if (reader_yes_no(ctx->u->text) == ANSWER_NO) {
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_TB_NOT_SENT, NULL);
	}
	/* The right may have gone since the preview. */
	if (cmd_role(ctx) < ROLE_MODERATOR) {
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_NOT_ALLOWED, NULL);
	}
	status = answer_plan(ctx, &p);
	plan_clear(&p);
	return status;
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
		return ctx->error ? CMD_BROKEN : receipt_say_none(ctx, tb_number);
	if (!store_announcement_cancel(ctx->db, a->id, ctx->member, ctx->now_ms, &n, &ctx->error))
		return CMD_BROKEN;
	count = g_strdup_printf("%u", n);
	return cmd_say(ctx, MSG_TB_CANCELLED, "id", id, "n", count, NULL);
}

/* "TB7" or "7" alone, or "dừng TB7". */
static bool about_old(const char *args, bool *ret_stop, int64_t *ret_number)
{
	const char *prefix, *rest, *after = args;
	g_autofree char *folded = text_fold_keep(args);

	*ret_stop = g_str_has_prefix(folded, "dung ") || g_str_has_prefix(folded, "huy ");
	if (*ret_stop && (after = strchr(args, ' ')))
		while (*after == ' ')
			after++;
	return after && reader_id(after, cmd_thongbao.implied, &prefix, ret_number, &rest) && !strcmp(prefix, "TB") && !*rest;
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
	reader_labels(ctx->reading->args, true, LABELS, &l);
	if (read_text(ctx, &p, &l)) {
		p.to = g_strdup(labelled_get(&l, "den"));
		p.due = g_strdup(labelled_get(&l, "han"));
		status = *p.text ? consider(ctx, &p) : CMD_USAGE;
	}
	labelled_clear(&l);
	plan_clear(&p);
	return status;
}

const struct command cmd_thongbao = {
	.name = "thongbao",
	.brief = "tb",
	.words = "nhac",
	.implied = "TB",
	.min_role = ROLE_MODERATOR,
	.flags = CMD_DECIDES | CMD_MENU,
	.summary = MSG_THONGBAO_SUMMARY,
	.syntax = MSG_THONGBAO_SYNTAX,
	.example = MSG_THONGBAO_EXAMPLE,
	.run = thongbao_run,
	.answer = thongbao_answer,
};
