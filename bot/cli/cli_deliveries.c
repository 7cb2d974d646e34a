/* SPDX-License-Identifier: MIT */
/* `deliveries`: what has not gone out, why, and another try for it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli.h"
#include "bot/courier.h"
#include "store/audit.h"
#include "store/budget.h"
#include "store/delivery.h"

#define LIST_CHUNK 500
/* A terminal line shows the beginning of the text only. */
#define LIST_TEXT 60

static const char *state_word(enum delivery_state s)
{
	switch (s) {
	case DELIVERY_QUEUED:
		return "queued";
	case DELIVERY_INFLIGHT:
		return "inflight";
	case DELIVERY_SENT:
		return "sent";
	case DELIVERY_DEAD:
		return "dead";
	case DELIVERY_ASKED:
		return "uncertain";
	case DELIVERY_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

static cJSON *delivery_json(const struct delivery *d)
{
	cJSON *o = cJSON_CreateObject();

	json_add_int64(o, "id", d->id);
	json_add_int64(o, "post", d->post_id);
	json_add_str(o, "state", state_word(d->state));
	json_add_str(o, "adapter", d->adapter);
	json_add_str(o, "chat", d->chat_id);
	json_add_int64(o, "part", d->part + 1);
	json_add_int64(o, "parts", d->parts);
	json_add_int64(o, "tries", d->tries);
	json_add_int64(o, "due_ms", d->due_ms);
	json_add_str(o, "reason", d->reason);
	json_add_str(o, "text", d->text);
	return o;
}

static void print_delivery(const struct delivery *d)
{
	g_autofree char *text = text_ellipsize(d->text ? d->text : "", LIST_TEXT);
	g_autofree char *due = d->state == DELIVERY_QUEUED ? clock_hhmm(d->due_ms) : g_strdup("");

	g_strdelimit(text, "\n", ' ');
	printf("%6" G_GINT64_FORMAT "  %-9s %s %s  lần %u  %s  %s\n        %s\n", d->id, state_word(d->state), d->adapter, d->chat_id, d->tries, due,
	       d->reason ? d->reason : "", text);
}

/* Platforms that count: where they stand, and what waits for the next period. */
static bool print_budgets(struct db *db, GError **error)
{
	g_autoptr(GPtrArray) budgets = store_budget_list(db, clock_wall_ms(), error);

	for (guint i = 0; budgets && i < budgets->len; i++) {
		const struct budget *b = budgets->pdata[i];
		bool waits = false;

		printf("%s:", b->adapter);
		if (b->limit.day)
			printf(" hôm nay đã dùng %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " tin", b->day_used, b->limit.day);
		if (b->limit.month)
			printf("%s tháng này đã dùng %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " tin", b->limit.day ? ";" : "", b->month_used, b->limit.month);
		if (!store_budget_waits(db, b, courier_budget_refuses(b), clock_wall_ms(), &waits, error))
			return false;
		puts(waits ? "; có tin đang chờ kỳ hạn mức sau, không bị bỏ" : "");
	}
	return budgets != NULL;
}

static bool list(struct db *db, bool dead, bool json, GError **error)
{
	g_autoptr(cJSON) array = cJSON_CreateArray();
	struct delivery_counts n;
	int64_t after = 0;

	for (;;) {
		g_autoptr(GPtrArray) rows = store_delivery_list(db, dead, after, LIST_CHUNK, error);

		if (!rows)
			return false;
		for (guint i = 0; i < rows->len; i++) {
			const struct delivery *d = rows->pdata[i];

			after = d->id;
			if (json)
				cJSON_AddItemToArray(array, delivery_json(d));
			else
				print_delivery(d);
		}
		if (rows->len < LIST_CHUNK)
			break;
	}
	if (json) {
		g_autofree char *text = json_text(array);

		puts(text);
		return true;
	}
	if (!store_delivery_counts(db, NULL, &n, error))
		return false;
	printf("chờ %" G_GINT64_FORMAT ", đang gửi %" G_GINT64_FORMAT ", đã gửi %" G_GINT64_FORMAT ", không gửi được %" G_GINT64_FORMAT
	       ", chưa rõ %" G_GINT64_FORMAT ", đã hủy %" G_GINT64_FORMAT "\n",
	       n.queued, n.inflight, n.sent, n.dead, n.asked, n.cancelled);
	return print_budgets(db, error);
}

static bool retry(struct db *db, const char *what, GError **error)
{
	int64_t id = strcmp(what, "all") ? g_ascii_strtoll(what, NULL, 10) : 0;
	const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "delivery.revive", .subject = what };
	unsigned n;

	if (!db_begin(db, error))
		return false;
	if (!store_delivery_revive(db, id, clock_wall_ms(), &n, error) || (n && !store_audit_add(db, &a, error))) {
		db_rollback(db);
		return false;
	}
	if (!db_commit(db, error))
		return false;
	if (!n && id) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "không có tin số %s đang chờ quyết định", what);
		return false;
	}
	printf("%u tin được đưa vào hàng chờ gửi lại\n", n);
	return true;
}

static bool is_id_or_all(const char *s)
{
	if (!strcmp(s, "all"))
		return true;
	return *s && strspn(s, "0123456789") == strlen(s) && g_ascii_strtoll(s, NULL, 10) > 0;
}

static int deliveries_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	g_autofree char *what = NULL;
	gboolean dead = FALSE;
	const GOptionEntry own[] = { { "dead", 0, 0, G_OPTION_ARG_NONE, &dead, "only what was given up or is uncertain", NULL },
				     { "retry", 0, 0, G_OPTION_ARG_STRING, &what, "send again: one id, or all dead and uncertain ones", "ID|all" },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	g_autoptr(GError) error = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_deliveries_word, &c, true, own, &argc, &argv)) {
		if (argc > 1)
			status = cli_usage(&cli_deliveries_word, "takes no further arguments");
		else if (what && !is_id_or_all(what))
			status = cli_usage(&cli_deliveries_word, "--retry takes a delivery's number or `all`");
		else if ((config = cli_config(&cli_deliveries_word, &c, false, &status))) {
			g_autoptr(db_t) db = cli_db(config, &error);

			if (!db || !(what ? retry(db, what, &error) : list(db, dead, c.json, &error)))
				status = cli_fail(&cli_deliveries_word, error);
		}
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_deliveries_word = {
	.name = "deliveries",
	.usage = "deliveries (--data DIR | --config FILE) [--json] [--dead] [--retry ID|all]",
	.summary = "Xem tin chưa gửi được và cho gửi lại.",
	.run = deliveries_run,
};
