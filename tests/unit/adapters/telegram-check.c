/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` says about a Telegram bot: the level of each finding, and that trouble comes with advice. */
#include "telegram-help.h"

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
		  "{\"ok\":true,\"result\":{\"id\":7,\"first_name\":\"Sổ tay\",\"username\":\"a_bot\",\"can_join_groups\":true,"
		  "\"can_read_all_group_messages\":true}}",
		  0, 0, "@a_bot" },
		{ "privacy mode", false, "get-me", 200,
		  "{\"ok\":true,\"result\":{\"id\":7,\"username\":\"a_bot\",\"can_read_all_group_messages\":false}}", 1, 0,
		  "/setprivacy" },
		{ "not allowed in groups", false, "get-me", 200,
		  "{\"ok\":true,\"result\":{\"id\":7,\"username\":\"a_bot\",\"can_join_groups\":false}}", 1, 0, "/setjoingroups" },
		{ "test server says little", false, "get-me", 200,
		  "{\"ok\":true,\"result\":{\"id\":666,\"username\":\"TestNameBot\"}}", 0, 0, "TestNameBot" },
		{ "token refused", false, "get-me", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", 0, 1,
		  "@BotFather" },
		{ "token unknown", false, "get-me", 404, "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}", 0, 1,
		  "api_url" },
		{ "front end down", false, "get-me", 502, "<html>", 0, 1, "tường lửa" },
		{ "flooded", false, "get-me", 429, "{\"ok\":false,\"error_code\":429}", 1, 0, "Đợi" },
		{ "webhook in the way of polling", false, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"https://x.example/\",\"pending_update_count\":3}}", 1, 0,
		  "https://x.example/" },
		{ "no webhook, none wanted", false, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"\",\"pending_update_count\":0}}", 0, 0, "" },
		{ "webhook as configured", true, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"https://cds.example/telegram\"}}", 0, 0, "đúng" },
		{ "webhook missing", true, "get-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"\"}}", 1, 0, "cdsbot run" },
		{ "webhook elsewhere", true, "get-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"https://x.example/\"}}", 0, 1,
		  "/revoke" },
		{ "webhook with errors and a queue", true, "get-webhook", 200,
		  "{\"ok\":true,\"result\":{\"url\":\"https://cds.example/"
		  "telegram\",\"pending_update_count\":150,\"last_error_date\":1767225600,"
		  "\"last_error_message\":\"Wrong response from the webhook: 401 Unauthorized\"}}",
		  2, 0, "401 Unauthorized (07:00 ngày 01/01/2026)" },
		{ "server without getWebhookInfo", false, "get-webhook", 500, "{\"message\":\"API method is not supported\"}", 0, 0,
		  "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct telegram *state = a->state;
		struct findings f = { .text = g_string_new(NULL) };
		struct http_response r = help_answer(t[i].status, t[i].body);

		state->is_webhook = t[i].is_webhook;
		if (t[i].is_webhook) {
			state->webhook_url = g_strdup("https://cds.example/telegram");
			state->webhook_secret = g_strdup("bi-mat_123");
			state->webhook_path = g_strdup("/telegram");
		}
		telegram_judge_check(a, t[i].errand, &r, say, &f);
		g_test_message("%s: %s", t[i].name, f.text->str);
		g_assert_cmpuint(f.n[FINDING_WARN], ==, t[i].warnings);
		g_assert_cmpuint(f.n[FINDING_ERROR], ==, t[i].errors);
		g_assert_nonnull(strstr(f.text->str, t[i].words));
		g_string_free(f.text, TRUE);
	}
}

static void test_description_of_a_webhook_that_telegram_would_never_call(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct telegram *t = a->state;
	struct findings f = { .text = g_string_new(NULL) };

	g_free(t->base);
	t->base = g_strdup("https://api.telegram.org");
	t->is_webhook = true;
	t->webhook_url = g_strdup("https://cds.example:9999/telegram");
	t->webhook_path = g_strdup("/telegram");
	t->webhook_secret = g_strdup("bi-mat_123");
	a->pace.per_second = 1000;
	a->pace.group_per_minute = 18;
	telegram_describe(a, say, &f);
	g_assert_cmpuint(f.n[FINDING_ERROR], ==, 1);
	g_assert_cmpuint(f.n[FINDING_WARN], ==, 2); /* short secret, pace */
	g_assert_null(strstr(f.text->str, "bi-mat_123"));
	g_string_free(f.text, TRUE);
}

static void test_description_of_a_plain_poller(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct findings f = { .text = g_string_new(NULL) };

	a->pace.per_second = 25;
	a->pace.group_per_minute = 18;
	telegram_describe(a, say, &f);
	g_assert_cmpuint(f.n[FINDING_ERROR] + f.n[FINDING_WARN], ==, 0);
	g_assert_nonnull(strstr(f.text->str, "/newbot"));
	g_assert_null(strstr(f.text->str, HELP_TOKEN));
	g_string_free(f.text, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/telegram-check/" #name, test_##name)
	ADD(findings);
	ADD(description_of_a_webhook_that_telegram_would_never_call);
	ADD(description_of_a_plain_poller);
	return g_test_run();
}
