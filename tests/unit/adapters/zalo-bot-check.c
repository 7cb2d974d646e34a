/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` says about a Zalo bot: the level of each finding, and that trouble comes with advice. */
#include "zalo-bot-help.h"

struct findings {
	unsigned n[FINDING_ERROR + 1];
	GString *text;
};

static void say(void *arg, enum finding_level level, const char *text, const char *advice)
{
	struct findings *f = arg;

	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_true(!advice || g_utf8_validate(advice, -1, NULL));
	f->n[level]++;
	g_string_append_printf(f->text, "%s\n%s\n", text, advice ? advice : "");
	if (level >= FINDING_WARN)
		g_assert_nonnull(advice);
}

#define TRIAL(outcome) "{\"ok\":true,\"result\":{\"ok\":false,\"outcome\":\"" outcome "\",\"hint\":\"(free text)\"}}"

static void test_findings(void)
{
	static const struct {
		const char *name;
		bool is_webhook;
		const char *errand;
		long status;
		const char *body;
		unsigned warnings, errors;
		const char *words;
	} t[] = {
		{ "all well", false, "get-me", 200,
		  "{\"ok\":true,\"result\":{\"id\":\"77\",\"account_name\":\"bot.SoTruc\",\"account_type\":\"BASIC\",\"can_join_"
		  "groups\":false}}",
		  0, 0, "@bot.SoTruc" },
		{ "odd answer", false, "get-me", 200, "{\"ok\":true,\"result\":7}", 1, 0, "api_url" },
		{ "token refused", false, "get-me", 200, FAIL(401, "Unauthorized"), 0, 1, "Zalo Bot Creator" },
		{ "token unknown", false, "get-me", 200, FAIL(404, "Not found"), 0, 1, "api_url" },
		{ "front end down", false, "get-me", 502, "<html>", 0, 1, "tường lửa" },
		{ "flooded", false, "get-me", 200, FAIL(429, "Quota exceeded"), 1, 0, "Đợi" },
		{ "webhook in the way of polling", false, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"https://x.example/\"}}", 1, 0, "https://x.example/" },
		{ "no webhook, none wanted", false, "get-webhook", 200, FAIL(404, "Not found"), 0, 0, "Không có webhook" },
		{ "no webhook, said by an empty address", false, "get-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"\"}}", 0,
		  0, "Không có webhook" },
		{ "webhook as configured", true, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"https://cds.example/zalo-bot\"}}", 0, 0, "đúng" },
		{ "webhook missing", true, "get-webhook", 200, FAIL(404, "Not found"), 1, 0, "cdsbot run" },
		{ "webhook elsewhere", true, "get-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"https://x.example/\"}}", 0, 1,
		  "token" },
		{ "server without the call", false, "get-webhook", 200, FAIL(400, "Bad request"), 0, 0, "" },
		{ "trial good", true, "test-webhook", 200, "{\"ok\":true,\"result\":{\"ok\":true,\"outcome\":\"webhook.ok\"}}", 0,
		  0, "thành công" },
		{ "trial good, said by the outcome alone", true, "test-webhook", 200,
		  "{\"ok\":true,\"result\":{\"outcome\":\"webhook.ok\"}}", 0, 0, "thành công" },
		{ "a CDN blocks Java", true, "test-webhook", 200, TRIAL("webhook.http.403"), 0, 1, "Java" },
		{ "wrong path", true, "test-webhook", 200, TRIAL("webhook.http.404"), 0, 1, "webhook_path" },
		{ "certificate", true, "test-webhook", 200, TRIAL("webhook.err.tls"), 0, 1, "chứng chỉ" },
		{ "name", true, "test-webhook", 200, TRIAL("webhook.err.dns"), 0, 1, "DNS" },
		{ "private address", true, "test-webhook", 200, TRIAL("webhook.err.blocked"), 0, 1, "địa chỉ nội bộ" },
		{ "slow", true, "test-webhook", 200, TRIAL("webhook.err.timeout"), 0, 1, "chậm" },
		{ "new outcome", true, "test-webhook", 200, TRIAL("webhook.err.moon"), 0, 1, "mạng ngoài" },
		{ "the platform's own hint", true, "test-webhook", 200, TRIAL("webhook.err.conn"), 0, 1, "(free text)" },
		{ "no more trials today", true, "test-webhook", 200, "{\"ok\":false,\"errorCode\":426}", 0, 0, "ngày mai" },
		{ "trial call is gone", true, "test-webhook", 200, FAIL(404, "Not found"), 0, 0, "không cho gọi thử" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct findings f = { .text = g_string_new(NULL) };
		struct http_response r = help_answer(t[i].status, t[i].body);

		if (t[i].is_webhook)
			help_webhook(a);
		zalo_bot_judge_check(a, t[i].errand, &r, say, &f);
		g_test_message("%s: %s", t[i].name, f.text->str);
		g_assert_cmpuint(f.n[FINDING_WARN], ==, t[i].warnings);
		g_assert_cmpuint(f.n[FINDING_ERROR], ==, t[i].errors);
		g_assert_nonnull(strstr(f.text->str, t[i].words));
		g_string_free(f.text, TRUE);
	}
}

static void test_description_of_a_webhook_that_zalo_would_never_call(void)
{
	static const char *const urls[] = { "http://127.0.0.1/z",    "https://localhost/z",  "https://10.1.2.3/z",
					    "https://192.168.1.2/z", "https://172.20.1.1/z", "http://cds.example/z",
					    "https://[::1]/z" };

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct zalo_bot *z = a->state;
		struct findings f = { .text = g_string_new(NULL) };

		help_webhook(a);
		g_free(z->base);
		z->base = g_strdup(ZALO_BOT_BASE);
		g_free(z->webhook_url);
		z->webhook_url = g_strdup(urls[i]);
		a->pace.per_second = 25;
		zalo_bot_describe(a, say, &f);
		g_test_message("%s", urls[i]);
		g_assert_cmpuint(f.n[FINDING_ERROR], ==, 1);
		g_assert_cmpuint(f.n[FINDING_WARN], ==, 1); /* pace */
		g_assert_null(strstr(f.text->str, z->webhook_secret));
		g_string_free(f.text, TRUE);
	}
}

static void test_description_of_a_plain_poller(void)
{
	static const char *const words[] = {
		"Zalo Bot Manager", "bắt đầu bằng chữ Bot", "3000", "50 người", "3 nhóm", "@Bot", "liên kết mời", "webhook"
	};
	g_autoptr(adapter_t) a = help_adapter_new();
	struct findings f = { .text = g_string_new(NULL) };

	a->pace.per_second = 0.8;
	a->pace.month_budget = 3000;
	zalo_bot_describe(a, say, &f);
	g_assert_cmpuint(f.n[FINDING_ERROR] + f.n[FINDING_WARN], ==, 0);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		g_assert_nonnull(strstr(f.text->str, words[i]));
	g_assert_null(strstr(f.text->str, HELP_TOKEN));
	g_string_free(f.text, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-check/" #name, test_##name)
	ADD(findings);
	ADD(description_of_a_webhook_that_zalo_would_never_call);
	ADD(description_of_a_plain_poller);
	return g_test_run();
}
