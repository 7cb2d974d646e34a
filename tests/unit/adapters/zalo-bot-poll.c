/* SPDX-License-Identifier: MIT */
/* Receiving from the Zalo Bot Platform: polls and their answers, what was not committed, the webhook's secret, errands, options. */
#include "config/config.h"
#include "zalo-bot-help.h"

struct poll {
	struct update_batch batch;
	struct poll_outcome outcome;
};

static void poll_clear(struct poll *p)
{
	g_ptr_array_unref(p->batch.updates);
	g_free(p->outcome.reason);
}

static void judge_poll(struct adapter *a, struct http_response r, struct poll *ret)
{
	*ret = (struct poll){ 0 };
	ret->batch.updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	a->ops->codec->judge_poll(a, &r, &ret->batch, &ret->outcome);
}

static void assert_keys(const struct poll *p, const char *expected)
{
	g_autoptr(GString) keys = g_string_new(NULL);

	g_assert_cmpint(p->outcome.verdict, ==, POLL_UPDATES);
	for (guint i = 0; i < p->batch.updates->len; i++)
		g_string_append_printf(keys, "%s ", ((struct update *)p->batch.updates->pdata[i])->key);
	g_assert_cmpstr(keys->str, ==, expected);
	g_assert_null(p->batch.cursor);
}

#define UPDATE(id)                                                                                                                 \
	"{\"event_name\":\"message.text.received\",\"message\":{\"message_id\":\"" #id "\",\"chat\":{\"id\":\"5\"},\"text\":"      \
										       "\"x\"}}"
#define IDLE FAIL(408, "Request timeout")

static cJSON *next_poll(struct adapter *a, int64_t expected_timeout_ms)
{
	struct http_request r = { 0 };
	cJSON *body;

	g_assert_true(a->ops->codec->next_poll(a, &r));
	g_assert_cmpstr(r.url, ==, HELP_BASE "/bot" HELP_TOKEN "/getUpdates");
	g_assert_cmpint(r.timeout_ms, ==, expected_timeout_ms);
	body = help_body(&r);
	http_request_clear(&r);
	return body;
}

static void test_poll_request(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(cJSON) body = next_poll(a, 45000);
	g_autofree char *all = json_text(body);

	g_assert_cmpstr(all, ==, "{\"timeout\":\"30\"}");
	((struct zalo_bot *)a->state)->is_webhook = true;
	{
		struct http_request r = { 0 };

		g_assert_false(a->ops->codec->next_poll(a, &r));
	}
}

static void test_one_object_an_array_or_nothing(void)
{
	static const struct {
		const char *result, *keys;
	} t[] = {
		{ ",\"result\":" UPDATE(a), "a " },
		{ ",\"result\":[" UPDATE(a) "," UPDATE(b) "," UPDATE(c) "]", "a b c " },
		{ ",\"result\":[null,7," UPDATE(b) ",{}]", "b " },
		{ ",\"result\":{}", "" },
		{ ",\"result\":[]", "" },
		{ ",\"result\":null", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *body = g_strdup_printf("{\"ok\":true%s}", t[i].result);
		struct poll p;

		judge_poll(a, help_answer(200, body), &p);
		assert_keys(&p, t[i].keys);
		poll_clear(&p);
	}
}

static void test_idle_in_every_variant_is_silence(void)
{
	static const struct {
		long status;
		const char *body;
	} t[] = {
		{ 200, IDLE },
		{ 408, IDLE },
		{ 408, "" },
		{ 408, "<html>" },
		{ 504, "<html>" },
		{ 504, IDLE },
		{ 200, "{\"ok\":false,\"errorCode\":408}" },
		{ 200, "{\"ok\":false,\"description\":\"Request timeout\"}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct poll p;

		judge_poll(a, help_answer(t[i].status, t[i].body), &p);
		assert_keys(&p, "");
		g_assert_null(p.outcome.reason);
		poll_clear(&p);
	}
}

static void test_what_was_refused_comes_again_until_committed(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct poll first, second, third, last;

	judge_poll(a, help_answer(200, "{\"ok\":true,\"result\":" UPDATE(a) "}"), &first);
	assert_keys(&first, "a ");
	{
		struct http_request r = { 0 };

		/* Not another update as long as this one has no place: the platform would forget that one, too. */
		g_assert_true(a->ops->codec->next_poll(a, &r));
		g_assert_cmpstr(r.url, ==, HELP_BASE "/bot" HELP_TOKEN "/getMe");
		http_request_clear(&r);
	}
	judge_poll(a, help_answer(200, "{\"ok\":true,\"result\":{\"id\":\"7\",\"account_name\":\"bot.X\"}}"), &second);
	assert_keys(&second, "a ");
	judge_poll(a, help_answer(502, "<html>"), &third); /* also when the platform fails meanwhile */
	assert_keys(&third, "a ");
	a->ops->codec->poll_committed(a, &third.batch);
	judge_poll(a, help_answer(200, IDLE), &last);
	assert_keys(&last, "");
	{
		g_autoptr(cJSON) usual = next_poll(a, 45000);

		assert_at(usual, "timeout", "\"30\"");
	}
	poll_clear(&first);
	poll_clear(&second);
	poll_clear(&third);
	poll_clear(&last);
}

static void test_poll_trouble(void)
{
	static const struct {
		const char *name;
		long status;
		const char *body;
		int verdict;
	} t[] = {
		{ "token reset", 200, FAIL(401, "Unauthorized"), POLL_STOP },
		{ "old host", 200, FAIL(404, "Not found"), POLL_STOP },
		{ "a proxy's 404", 404, "<html>", POLL_WAIT },
		{ "webhook set", 200, FAIL(409, "Conflict"), POLL_ERRAND },
		{ "webhook set, other code", 200, FAIL(400, "Bad request: webhook is active"), POLL_ERRAND },
		{ "a bare 409", 409, "", POLL_ERRAND },
		{ "internal error as 403", 200, FAIL(403, "Internal server error"), POLL_WAIT },
		{ "front end down", 502, "<html>", POLL_WAIT },
		{ "cut", 200, "{\"ok\":true,\"result\":{", POLL_WAIT },
		{ "flooded", 200, FAIL(429, "Quota exceeded"), POLL_WAIT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct poll p;

		g_test_message("%s", t[i].name);
		judge_poll(a, help_answer(t[i].status, t[i].body), &p);
		g_assert_cmpint((int)p.outcome.verdict, ==, t[i].verdict);
		g_assert_nonnull(p.outcome.reason);
		g_assert_cmpuint(p.batch.updates->len, ==, 0);
		if (t[i].verdict == POLL_ERRAND)
			g_assert_cmpstr(p.outcome.errand, ==, "remove-webhook");
		if (strstr(t[i].body, "429"))
			g_assert_cmpint(p.outcome.wait_ms, ==, 2000);
		poll_clear(&p);
	}
}

static void test_webhook_secret(void)
{
	static const struct {
		const char *given, *body;
		enum webhook_verdict expected;
	} t[] = {
		{ "bi-mat_1234567890", "{}", WEBHOOK_GENUINE },
		{ "bi-mat_123456789", "{}", WEBHOOK_FORGED },
		{ "bi-mat_12345678901", "{}", WEBHOOK_FORGED },
		{ "bi-mat_1234567891", "{}", WEBHOOK_FORGED },
		{ "", "{}", WEBHOOK_FORGED },
		{ NULL, "{}", WEBHOOK_FORGED },
		{ NULL, "", WEBHOOK_PROBE },
		{ "wrong", " \r\n", WEBHOOK_PROBE },
		{ "bi-mat_1234567890", "", WEBHOOK_PROBE },
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	help_webhook(a);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		g_assert_cmpint(zalo_bot_verdict(a->state, t[i].given, t[i].body, strlen(t[i].body)), ==, t[i].expected);
}

static struct errand_outcome judge_errand(struct adapter *a, const char *name, long status, const char *body)
{
	struct http_response r = help_answer(status, body);
	struct errand_outcome o;

	zalo_bot_judge_errand(a, name, &r, &o);
	return o;
}

static void outcome_clear(struct errand_outcome *o)
{
	g_free(o->reason);
	g_free(o->save_key);
	g_free(o->save_value);
}

static void test_errands_and_their_answers(void)
{
	static const struct {
		const char *errand;
		long status;
		const char *body;
		int verdict;
		int64_t wait_ms;
	} t[] = {
		{ "get-me", 200, "{\"ok\":true,\"result\":{\"id\":\"77\",\"account_name\":\"bot.X\",\"can_join_groups\":false}}",
		  ERRAND_DONE, -1 },
		{ "get-me", 200, "{\"ok\":true,\"result\":{}}", ERRAND_LATER, -1 },
		{ "get-me", 200, FAIL(401, "Unauthorized"), ERRAND_STOP, -1 },
		{ "get-me", 200, FAIL(404, "Not found"), ERRAND_STOP, -1 },
		{ "get-me", 200, FAIL(403, "Internal server error"), ERRAND_LATER, -1 },
		{ "get-me", 502, "<html>", ERRAND_LATER, -1 },
		{ "remove-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"\"}}", ERRAND_DONE, -1 },
		{ "remove-webhook", 200, FAIL(404, "Not found"), ERRAND_DONE, -1 },
		{ "remove-webhook", 200, FAIL(400, "Bad request"), ERRAND_FAILED, -1 },
		{ "remove-webhook", 200, FAIL(429, "Quota exceeded"), ERRAND_LATER, -1 },
		{ "look-webhook", 200, FAIL(404, "Not found"), ERRAND_DONE, -1 },
		{ "set-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"https://cds.example/zalo-bot\",\"updated_at\":1}}",
		  ERRAND_DONE, -1 },
		{ "set-webhook", 200,
		  "{\"ok\":true,\"result\":{\"verification\":{\"ok\":false,\"outcome\":\"webhook.http.403\",\"status_code\":403}}}",
		  ERRAND_LATER, 120000 },
		{ "set-webhook", 200, FAIL(400, "Bad request"), ERRAND_LATER, 1800000 },
		{ "set-webhook", 200, FAIL(429, "Quota exceeded"), ERRAND_LATER, 3600000 },
		{ "set-webhook", 200, FAIL(401, "Unauthorized"), ERRAND_STOP, -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct errand_outcome o;

		g_test_message("%s %s", t[i].errand, t[i].body);
		help_webhook(a);
		o = judge_errand(a, t[i].errand, t[i].status, t[i].body);
		g_assert_cmpint((int)o.verdict, ==, t[i].verdict);
		g_assert_cmpint(o.verdict == ERRAND_LATER ? o.wait_ms : -1, ==, t[i].wait_ms);
		g_assert_true(o.verdict == ERRAND_DONE || o.reason);
		outcome_clear(&o);
	}
}

static void test_get_me_tells_id_and_names(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_bot *z = a->state;
	struct errand_outcome o = judge_errand(a, "get-me", 200,
					       "{\"ok\":true,\"result\":{\"id\":\"1234567890123456789\",\"account_name\":\"bot.X\","
					       "\"display_name\":\"Bot Khác\"}}");

	g_assert_cmpstr(a->bot_id, ==, "1234567890123456789");
	g_assert_cmpuint(z->names->len, ==, 3);
	g_assert_cmpstr(z->names->pdata[0], ==, "Bot Sổ Trực"); /* the option's stay */
	g_assert_cmpstr(z->names->pdata[1], ==, "Bot Khác");
	outcome_clear(&o);
	o = judge_errand(a, "get-me", 200, "{\"ok\":true,\"result\":{\"id\":\"1\"}}");
	g_assert_cmpuint(z->names->len, ==, 1);
	outcome_clear(&o);
}

/* setWebhook is limited: what is set and known to work is not set again. */
static void test_webhook_is_set_only_when_needed(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct http_request r = { 0 };
	struct errand_outcome o;

	help_webhook(a);
	g_assert_true(zalo_bot_errand(a, "set-webhook", &r));
	{
		g_autoptr(cJSON) body = help_body(&r);

		assert_at(body, "url", "\"https://cds.example/zalo-bot\"");
		assert_at(body, "secret_token", "\"bi-mat_1234567890\"");
	}
	http_request_clear(&r);
	o = judge_errand(a, "set-webhook", 200,
			 "{\"ok\":true,\"result\":{\"verification\":{\"ok\":true,\"outcome\":\"webhook.ok\"}}}");
	g_assert_nonnull(o.save_key);
	g_hash_table_insert(a->env.saved, g_strdup(o.save_key), g_strdup(o.save_value));
	outcome_clear(&o);
	o = judge_errand(a, "look-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"https://cds.example/zalo-bot\"}}");
	outcome_clear(&o);
	g_assert_false(zalo_bot_errand(a, "set-webhook", &r));
	o = judge_errand(a, "look-webhook", 200, "{\"ok\":true,\"result\":{\"url\":\"https://x.example/\"}}");
	outcome_clear(&o);
	g_assert_true(zalo_bot_errand(a, "set-webhook", &r));
	http_request_clear(&r);
	g_assert_false(zalo_bot_errand(a, "remove-webhook", &r));
}

static void test_polling_removes_a_webhook_and_sets_none(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct http_request r = { 0 };

	g_assert_true(zalo_bot_errand(a, "remove-webhook", &r));
	g_assert_true(g_str_has_suffix(r.url, "/deleteWebhook"));
	http_request_clear(&r);
	g_assert_false(zalo_bot_errand(a, "set-webhook", &r));
	g_assert_false(zalo_bot_errand(a, "look-webhook", &r));
	g_assert_false(zalo_bot_errand(a, "test-webhook", &r));
}

static struct config *load_config(const char *const *pairs)
{
	static struct config_section section = { .name = "zalo-bot", .is_adapter = true }; /* borrowed by the snapshot */
	g_autoptr(GPtrArray) problems = NULL;
	struct config *c;

	section.options = adapter_zalo_bot.options;
	c = config_load(NULL, &section, 1, &problems);
	g_assert_nonnull(c);
	for (; pairs[0]; pairs += 2) {
		g_autoptr(GError) error = NULL;

		config_set(c, "zalo-bot", pairs[0], pairs[1], &error);
		g_assert_no_error(error);
	}
	return c;
}

#define WEBHOOK "token", HELP_TOKEN, "mode", "webhook", "webhook_url"

static void test_options(void)
{
	static const struct {
		const char *name, *pairs[12], *fault; /* the key that is named, or NULL */
	} t[] = {
		{ "token alone", { "token", HELP_TOKEN }, NULL },
		{ "no token", { NULL }, "token" },
		{ "token with a slash", { "token", "12345678:a/b" }, "token" },
		{ "token with a space", { "token", "12345678:a b" }, "token" },
		{ "webhook", { WEBHOOK, "https://cds.example/z", "webhook_secret", "bi-mat_12" }, NULL },
		{ "webhook without an address",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_secret", "bi-mat_12" },
		  "webhook_url" },
		{ "webhook without a secret", { WEBHOOK, "https://cds.example/" }, "webhook_secret" },
		{ "secret of seven", { WEBHOOK, "https://cds.example/", "webhook_secret", "bi-mat1" }, "webhook_secret" },
		{ "strange secret", { WEBHOOK, "https://cds.example/", "webhook_secret", "bí mật quá đi" }, "webhook_secret" },
		{ "path without a slash",
		  { WEBHOOK, "https://c.example/", "webhook_secret", "bi-mat_12", "webhook_path", "z" },
		  "webhook_path" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(config_t) c = load_config(t[i].pairs);
		g_autoptr(GError) error = NULL;
		struct adapter a = { .ops = &adapter_zalo_bot, .env = { .config = c }, .bot_id = (char *)"" };
		bool is_open = adapter_zalo_bot.codec->open(&a, &error);

		g_test_message("%s: %s", t[i].name, error ? error->message : "ok");
		g_assert_cmpint(is_open, ==, t[i].fault == NULL);
		if (is_open)
			adapter_zalo_bot.codec->release(&a);
		else
			g_assert_true(error && strstr(error->message, t[i].fault));
		g_assert_null(a.state);
	}
}

static void test_defaults(void)
{
	static const char *const pairs[] = {
		"token", HELP_TOKEN, "api_url", "http://127.0.0.1:8099/", "names", "Bot Sổ; @Bot Khác ;;", NULL
	};
	g_autoptr(config_t) c = load_config(pairs);
	struct adapter a = { .ops = &adapter_zalo_bot, .env = { .config = c }, .bot_id = (char *)"" };
	struct http_request r = { 0 };

	g_assert_true(adapter_zalo_bot.codec->open(&a, NULL));
	g_assert_cmpfloat(1 / a.pace.per_second, >=, 1.2); /* seconds between two sends */
	g_assert_cmpuint(a.pace.burst, ==, 1);
	g_assert_cmpuint(a.pace.concurrent, ==, 1);
	g_assert_cmpint(a.pace.month_budget, ==, 3000);
	g_assert_cmpint(a.pace.day_budget, ==, 0);
	g_assert_false(a.pace.budget_private);
	g_assert_cmpuint(((struct zalo_bot *)a.state)->names->len, ==, 2);
	g_assert_null(adapter_zalo_bot.codec->webhook_path(&a));
	g_assert_true(zalo_bot_errand(&a, "get-me", &r));
	g_assert_cmpstr(r.url, ==, "http://127.0.0.1:8099/bot" HELP_TOKEN "/getMe");
	g_assert_cmpstr(r.body, ==, "{}");
	http_request_clear(&r);
	adapter_zalo_bot.codec->release(&a);
}

static void test_webhook_path_follows_the_public_address(void)
{
	static const struct {
		const char *url, *path, *expected;
	} t[] = {
		{ "https://cds.example", NULL, "/zalo-bot" },
		{ "https://cds.example/bot/z", NULL, "/bot/z" },
		{ "https://cds.example/bot/z", "/inner", "/inner" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *pairs[] = { WEBHOOK,   t[i].url, "webhook_secret", "bi-mat_12", t[i].path ? "webhook_path" : NULL,
					t[i].path, NULL };
		g_autoptr(config_t) c = load_config(pairs);
		struct adapter a = { .ops = &adapter_zalo_bot, .env = { .config = c }, .bot_id = (char *)"" };

		g_assert_true(adapter_zalo_bot.codec->open(&a, NULL));
		g_assert_cmpstr(adapter_zalo_bot.codec->webhook_path(&a), ==, t[i].expected);
		adapter_zalo_bot.codec->release(&a);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-poll/" #name, test_##name)
	ADD(poll_request);
	ADD(one_object_an_array_or_nothing);
	ADD(idle_in_every_variant_is_silence);
	ADD(what_was_refused_comes_again_until_committed);
	ADD(poll_trouble);
	ADD(webhook_secret);
	ADD(errands_and_their_answers);
	ADD(get_me_tells_id_and_names);
	ADD(webhook_is_set_only_when_needed);
	ADD(polling_removes_a_webhook_and_sets_none);
	ADD(options);
	ADD(defaults);
	ADD(webhook_path_follows_the_public_address);
	return g_test_run();
}
