/* SPDX-License-Identifier: MIT */
/* Counts chats and parts as the fan-out will, and sets them against what the budget leaves for notices: what waits already (for the
 * morning, for its turn) is spoken for. */
#include "forecast.h"

#include "bot/courier.h"
#include "bot/outbox.h"
#include "store/announcement.h"
#include "store/budget.h"

static size_t parts_on(const char *adapter, const char *text)
{
	const struct post post = { .text = (char *)text, .class = CLASS_NOTICE };
	struct outbox_parts parts = { NULL };
	const struct post_part *first;
	size_t n;

	outbox_parts_for(&parts, adapter, &post, &first, &n);
	outbox_parts_release(&parts);
	return n;
}

/* The period that ends the notices first. */
static bool is_month_tighter(const struct budget *b)
{
	struct budget day = *b;

	day.limit.month = 0;
	return b->limit.month > 0 && budget_left(b, BUDGET_KEEP_FROM_NOTICES) < budget_left(&day, BUDGET_KEEP_FROM_NOTICES);
}

static void say_one(struct cmd_ctx *ctx, const struct budget *b, int64_t queued, int64_t need)
{
	int64_t left = MAX(budget_left(b, 0) - queued, 0), for_notices = MAX(budget_left(b, BUDGET_KEEP_FROM_NOTICES) - queued, 0);
	int64_t free_now = MIN(for_notices, need);
	g_autofree char *need_text = g_strdup_printf("%" G_GINT64_FORMAT, need), *left_text = g_strdup_printf("%" G_GINT64_FORMAT, left);
	g_autofree char *now_text = g_strdup_printf("%" G_GINT64_FORMAT, free_now);
	g_autofree char *rest_text = g_strdup_printf("%" G_GINT64_FORMAT, need - free_now);
	g_autofree char *keep_text = g_strdup_printf("%" G_GINT64_FORMAT, MAX(left - for_notices, 0));

	if (free_now >= need)
		cmd_say(ctx, MSG_TB_PREVIEW_BUDGET, "adapter", b->adapter, "need", need_text, "left", left_text, NULL);
	else
		cmd_say(ctx, MSG_TB_PREVIEW_BUDGET_SHORT, "adapter", b->adapter, "need", need_text, "left", left_text, "keep", keep_text, "now",
			now_text, "rest", rest_text, "next", wording_raw(is_month_tighter(b) ? MSG_BUDGET_NEXT_MONTH : MSG_BUDGET_NEXT_DAY), NULL);
}

bool forecast_say(struct cmd_ctx *ctx, const char *text, bool to_all, char **units)
{
	g_autoptr(GPtrArray) budgets = store_budget_list(ctx->db, ctx->now_ms, &ctx->error);

	for (guint i = 0; budgets && i < budgets->len; i++) {
		const struct budget *b = budgets->pdata[i];
		int64_t private_chats, groups, queued, need;

		if (!store_audience_chats(ctx->db, to_all, units, b->adapter, &private_chats, &groups, &ctx->error) ||
		    !store_budget_queued(ctx->db, b, &queued, &ctx->error))
			return false;
		need = (private_chats + (b->limit.private_only ? 0 : groups)) * (int64_t)parts_on(b->adapter, text);
		if (need > 0)
			say_one(ctx, b, queued, need);
	}
	return budgets != NULL;
}
