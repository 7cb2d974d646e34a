/* SPDX-License-Identifier: MIT */
/* Receipts are counted without a word: 500 "đã nhận" must not make 500 answers. The report is counted from rows. */
#include "receipt.h"

#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"

/* A "đã nhận" without a reply means the newest announcement its writer was sent, if it is not older than this. */
#define RECEIPT_AGE_MS (7 * DAY_MS)
/* Units named in a report; a message of 63 names is not read. */
#define REPORT_UNITS 15

/* The announcement this text may answer, as a row; 0 = none, -1 = broken. */
static int64_t announcement_of(struct cmd_ctx *ctx)
{
	g_autoptr(announcement_t) a = NULL;

	if (ctx->replied_announcement)
		return ctx->replied_announcement;
	if (ctx->u->reply_to_id || !reader_is_receipt(ctx->u->text))
		return 0;
	switch (store_announcement_for(ctx->db, ctx->member->id, ctx->now_ms, RECEIPT_AGE_MS, &a, &ctx->error)) {
	case STORE_BROKEN:
		return -1;
	case STORE_OK:
		return a->id;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	}
	return 0;
}

enum cmd_status receipt_free_text(struct cmd_ctx *ctx)
{
	bool is_receipt = ctx->u->text && reader_is_receipt(ctx->u->text);
	int64_t id;

	/* A "rõ" that answers nothing of ours, or the second "đã nhận", wants no answer either. */
	if (!ctx->member)
		return is_receipt ? CMD_DONE : CMD_PASS;
	id = announcement_of(ctx);
	if (id < 0)
		return CMD_BROKEN;
	if (!id)
		return is_receipt ? CMD_DONE : CMD_PASS;
	if (store_receipt_add(ctx->db, id, ctx->member->id, ctx->u->text, ctx->now_ms, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	return CMD_DONE;
}

static char *missing_text(const struct registry *r, const char *address, const GPtrArray *codes)
{
	g_autoptr(GString) names = g_string_new(NULL);
	g_autofree char *more = NULL;

	for (guint i = 0; i < codes->len && i < REPORT_UNITS; i++) {
		const struct unit *u = registry_unit(r, codes->pdata[i]);

		g_string_append_printf(names, "%s%s", i ? ", " : "", u ? u->name : (const char *)codes->pdata[i]);
	}
	if (codes->len <= REPORT_UNITS)
		return g_strdup(names->str);
	more = g_strdup_printf("%u", codes->len - REPORT_UNITS);
	return wording_format(address, MSG_TB_REPORT_MORE, "units", names->str, "n", more, NULL);
}

static void add(GString *s, char *line)
{
	g_string_append_printf(s, "%s%s", s->len ? "\n" : "", line);
	g_free(line);
}

static char *number(int64_t n)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, n);
}

static char *report_text(const struct registry *r, const char *address, const struct announcement *a, const struct announcement_report *p)
{
	GString *s = g_string_new(NULL);
	g_autofree char *id = g_strdup_printf("TB%" G_GINT64_FORMAT, a->number), *units = number(p->units), *got = number(p->units_received);
	g_autofree char *members = number(p->members), *people = number(p->members_received), *sent = number(p->sent);
	g_autofree char *waiting = number(p->waiting), *failed = number(p->failed), *closed = number(p->unreachable), *missing = NULL;

	missing = p->missing->len ? missing_text(r, address, p->missing) : NULL;
	add(s, wording_format(address, missing ? MSG_TB_REPORT_MISSING : MSG_TB_REPORT, "id", id, "received", got, "units", units,
			      "missing", missing, NULL));
	add(s, wording_format(address, MSG_TB_REPORT_PEOPLE, "received", people, "members", members, NULL));
	add(s, wording_format(address, MSG_TB_REPORT_DELIVERY, "sent", sent, "waiting", waiting, "failed", failed, NULL));
	if (p->unreachable)
		add(s, wording_format(address, MSG_TB_REPORT_UNREACHABLE, "n", closed, NULL));
	return g_string_free(s, FALSE);
}

char *receipt_due_text(const char *address, int64_t due_ms)
{
	static const enum msg days[] = { MSG_WEEKDAY_1, MSG_WEEKDAY_2, MSG_WEEKDAY_3, MSG_WEEKDAY_4, MSG_WEEKDAY_5, MSG_WEEKDAY_6, MSG_WEEKDAY_7 };
	g_autoptr(GDateTime) at = clock_local(due_ms);
	g_autofree char *date = g_strdup_printf("%d/%d/%d", g_date_time_get_day_of_month(at), g_date_time_get_month(at), g_date_time_get_year(at));
	g_autofree char *time = g_strdup_printf("%dh%02d", g_date_time_get_hour(at), g_date_time_get_minute(at));

	return wording_format(address, MSG_TB_DUE_TEXT, "time", time, "weekday", wording_raw(days[g_date_time_get_day_of_week(at) - 1]),
			      "date", date, NULL);
}

char *receipt_report(struct db *db, const struct registry *r, const char *address, const struct announcement *a, GError **error)
{
	struct announcement_report p = { 0 };
	char *text;

	if (!store_announcement_report(db, a, &p, error))
		return NULL;
	text = report_text(r, address, a, &p);
	announcement_report_clear(&p);
	return text;
}

enum cmd_status receipt_say_none(struct cmd_ctx *ctx, int64_t tb_number)
{
	g_autofree char *id = g_strdup_printf("TB%" G_GINT64_FORMAT, tb_number);

	return cmd_say(ctx, cmd_role(ctx) < ROLE_MODERATOR ? MSG_TB_NONE_MEMBER : MSG_TB_NONE, "id", id, NULL);
}

/* Whom it was sent to may read it; a letter to ten units is not the other fifty's business. */
static bool is_for(const struct announcement *a, const struct member *m)
{
	return m->role >= ROLE_MODERATOR || a->to_all ||
	       (m->unit && a->units && g_strv_contains((const char *const *)a->units, m->unit));
}

enum cmd_status receipt_show(struct cmd_ctx *ctx, int64_t tb_number)
{
	const char *address = config_str(ctx->config, "bot", "address_form");
	g_autoptr(announcement_t) a = NULL;
	g_autofree char *id = g_strdup_printf("TB%" G_GINT64_FORMAT, tb_number), *text = NULL, *due = NULL;

	if (!ctx->member)
		return cmd_say(ctx, MSG_NOT_REGISTERED, NULL);
	switch (store_announcement_get(ctx->db, tb_number, &a, &ctx->error)) {
	case STORE_BROKEN:
		return CMD_BROKEN;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return receipt_say_none(ctx, tb_number);
	}
	if (!is_for(a, ctx->member))
		return receipt_say_none(ctx, tb_number);
	cmd_say(ctx, MSG_TB_POST, "id", id, "text", a->text, NULL);
	due = a->due_ms ? receipt_due_text(address, a->due_ms) : NULL;
	if (due)
		cmd_say(ctx, MSG_TB_POST_DUE, "due", due, NULL);
	/* Who has answered concerns the moderators. */
	if (cmd_role(ctx) < ROLE_MODERATOR)
		return CMD_DONE;
	text = receipt_report(ctx->db, ctx->registry, address, a, &ctx->error);
	return text ? cmd_say_text(ctx, text) : CMD_BROKEN;
}
