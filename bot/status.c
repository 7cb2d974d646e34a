/* SPDX-License-Identifier: MIT */
/* /healthz for the watchdog and /metrics in Prometheus text, on their own address. No personal data, no secret. */
#include "daemon_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"

static void on_health(void *arg, const struct http_server_request *request)
{
	struct daemon *d = arg;
	g_autoptr(GString) text = g_string_new(NULL);
	bool is_well = !d->disk_trouble && d->phase == DAEMON_RUNS;

	if (d->disk_trouble)
		g_string_append_printf(text, "disk: %s\n", d->disk_trouble);
	if (!d->is_recovered)
		g_string_append(text, "handling what was left unhandled; what arrives is stored and waits\n");
	if (d->phase != DAEMON_RUNS)
		g_string_append(text, "stopping\n");
	/* A deaf adapter is the operator's business, but restarting the program would not cure it: named, still 200. */
	for (guint i = 0; i < d->adapters->len; i++) {
		const struct adapter *a = d->adapters->pdata[i];

		if (a->alarm)
			g_string_append_printf(text, "%s: %s\n", a->ops->name, a->alarm);
	}
	if (is_well)
		g_string_prepend(text, "ok\n");
	g_autofree char *masked = log_mask(text->str);

	http_exchange_answer(request->exchange, is_well ? 200 : 503, NULL, masked, 0);
}

static void counter(GString *s, const char *name, const char *help, uint64_t value)
{
	g_string_append_printf(s, "# HELP cdsbot_%s %s\n# TYPE cdsbot_%s counter\ncdsbot_%s %" G_GUINT64_FORMAT "\n", name, help, name, name, value);
}

static void gauge(GString *s, const char *name, const char *help, int64_t value)
{
	g_string_append_printf(s, "# HELP cdsbot_%s %s\n# TYPE cdsbot_%s gauge\ncdsbot_%s %" G_GINT64_FORMAT "\n", name, help, name, name, value);
}

static void adapter_counters(struct daemon *d, GString *s)
{
	static const struct {
		const char *name, *help;
		size_t offset;
	} rows[] = {
		{ "updates_total", "Updates handed up.", G_STRUCT_OFFSET(struct adapter, n_updates) },
		{ "sent_total", "Messages accepted by the platform.", G_STRUCT_OFFSET(struct adapter, n_sent) },
		{ "send_later_total", "Sends the platform put off.", G_STRUCT_OFFSET(struct adapter, n_later) },
		{ "send_uncertain_total", "Sends without an answer.", G_STRUCT_OFFSET(struct adapter, n_uncertain) },
		{ "send_refused_total", "Sends refused for good.", G_STRUCT_OFFSET(struct adapter, n_refused) },
		{ "webhook_rejected_total", "Webhook calls without the right secret or signature.", G_STRUCT_OFFSET(struct adapter, n_rejected_calls) },
		{ "poll_errors_total", "Polls that failed.", G_STRUCT_OFFSET(struct adapter, n_poll_errors) },
	};

	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		g_string_append_printf(s, "# HELP cdsbot_adapter_%s %s\n# TYPE cdsbot_adapter_%s counter\n", rows[r].name, rows[r].help, rows[r].name);
		for (guint i = 0; i < d->adapters->len; i++) {
			const struct adapter *a = d->adapters->pdata[i];

			g_string_append_printf(s, "cdsbot_adapter_%s{adapter=\"%s\"} %" G_GUINT64_FORMAT "\n", rows[r].name, a->ops->name,
					       G_STRUCT_MEMBER(uint64_t, a, rows[r].offset));
		}
	}
	g_string_append(s, "# HELP cdsbot_adapter_alarm 1 while the operator must do something.\n# TYPE cdsbot_adapter_alarm gauge\n");
	for (guint i = 0; i < d->adapters->len; i++) {
		const struct adapter *a = d->adapters->pdata[i];

		g_string_append_printf(s, "cdsbot_adapter_alarm{adapter=\"%s\"} %d\n", a->ops->name, a->alarm != NULL);
	}
}

static void budget_row(GString *s, const char *name, const char *adapter, const char *period, int64_t value)
{
	g_string_append_printf(s, "cdsbot_adapter_budget_%s{adapter=\"%s\",period=\"%s\"} %" G_GINT64_FORMAT "\n", name, adapter, period, value);
}

/* As of the courier's last look; limits alone, where there is one. */
static void budget_gauges(struct daemon *d, GString *s)
{
	GHashTableIter iter;
	void *value;

	if (!d->budgets)
		return;
	g_string_append(s, "# HELP cdsbot_adapter_budget_used Messages counted in the period.\n# TYPE cdsbot_adapter_budget_used gauge\n");
	g_hash_table_iter_init(&iter, d->budgets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct budget *b = value;

		budget_row(s, "used", b->adapter, "day", b->day_used);
		budget_row(s, "used", b->adapter, "month", b->month_used);
	}
	g_string_append(s, "# HELP cdsbot_adapter_budget_limit Messages allowed in the period, 0 none said.\n"
			   "# TYPE cdsbot_adapter_budget_limit gauge\n");
	g_hash_table_iter_init(&iter, d->budgets);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct budget *b = value;

		budget_row(s, "limit", b->adapter, "day", b->limit.day);
		budget_row(s, "limit", b->adapter, "month", b->limit.month);
	}
}

static void core_counters(struct daemon *d, GString *s)
{
	const struct ingress_stats *in = ingress_get_stats(d->ingress);
	const struct turns_stats *t = turns_get_stats(d->turns);
	const struct courier_stats *c = courier_get_stats(d->courier);
	struct store_stats st;

	store_get_stats(d->store, &st);
	counter(s, "inbox_stored_total", "Updates stored.", in->stored);
	counter(s, "inbox_duplicates_total", "Updates known before.", in->duplicates);
	counter(s, "inbox_dropped_talk_total", "Messages not for the bot, never stored.", in->dropped_talk);
	counter(s, "inbox_withheld_total", "Messages stored without their text (secrecy stamp, ID number).", in->withheld);
	counter(s, "inbox_pushed_back_total", "Batches the platform was told to keep.", in->pushed_back);
	counter(s, "turns_total", "Turns committed.", t->done);
	counter(s, "turns_read_total", "Turns answered from the reader pool.", t->read);
	counter(s, "turns_retried_total", "Turns that broke and were tried again.", t->retried);
	counter(s, "turns_aside_total", "Updates set aside.", t->aside);
	gauge(s, "turns_waiting", "Updates stored and not yet handled.", (int64_t)turns_waiting(d->turns));
	gauge(s, "turn_last_ms", "The last turn: arrival to commit.", t->last_ms);
	counter(s, "deliveries_claimed_total", "Deliveries claimed.", c->claimed);
	counter(s, "deliveries_sent_total", "Deliveries settled as sent.", c->sent);
	counter(s, "deliveries_later_total", "Deliveries put off.", c->later);
	counter(s, "deliveries_uncertain_total", "Deliveries without an answer.", c->uncertain);
	counter(s, "deliveries_dead_total", "Deliveries given up.", c->dead);
	gauge(s, "answer_last_ms", "The last direct answer: row to accepted.", c->last_direct_ms);
	counter(s, "store_commits_total", "Commits of the writer.", st.commits);
	counter(s, "store_jobs_total", "Writing jobs.", st.jobs);
	counter(s, "store_jobs_failed_total", "Writing jobs undone.", st.jobs_failed);
	counter(s, "store_reads_total", "Reading jobs.", st.reads);
	gauge(s, "store_waiting_jobs", "Writing jobs that wait.", st.waiting_jobs);
	gauge(s, "store_last_commit_us", "The last commit.", st.last_commit_us);
	gauge(s, "store_healthy", "0 during disk trouble.", !d->disk_trouble);
	gauge(s, "window_bytes", "Unaddressed talk kept in memory.", (int64_t)window_bytes(d->window));
}

static void on_metrics(void *arg, const struct http_server_request *request)
{
	struct daemon *d = arg;
	g_autoptr(GString) text = g_string_new(NULL);

	if (d->phase != DAEMON_RUNS) {
		http_exchange_answer(request->exchange, 503, NULL, "stopping\n", 0);
		return;
	}
	core_counters(d, text);
	adapter_counters(d, text);
	budget_gauges(d, text);
	http_exchange_answer(request->exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text->str, 0);
}

bool status_open(struct daemon *d, GError **error)
{
	return http_server_route(d->status, "GET", "/healthz", on_health, d, error) &&
	       http_server_route(d->status, "GET", "/metrics", on_metrics, d, error);
}
