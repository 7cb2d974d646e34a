/* SPDX-License-Identifier: MIT */
/* Receiving from Telegram: poll requests and their answers, the webhook's secret, start-up errands, options. */
#include "config/config.h"

#include "telegram-help.h"

static const char *sent_secret;

/* The server's own function needs a live connection; the codec asks for this one header. */
const char *http_server_header(const struct http_server_request *r, const char *name)
{
	return g_ascii_strcasecmp(name, "x-telegram-bot-api-secret-token") == 0 ? sent_secret : NULL;
}

static cJSON *next_poll(struct adapter *a)
{
	struct http_request r = { 0 };
	cJSON *body;

	g_assert_true(a->ops->codec->next_poll(a, &r));
	g_assert_cmpstr(r.url, ==, HELP_BASE "/bot" HELP_TOKEN "/getUpdates");
	g_assert_cmpint(r.timeout_ms, >, INT64_C(50000));
	g_assert_cmpint(r.timeout_ms, <, INT64_C(120000));
	body = help_body(&r);
	http_request_clear(&r);
	return body;
}

struct poll {
	struct update_batch batch;
	struct poll_outcome outcome;
};

static void poll_clear(struct poll *p)
{
	g_ptr_array_unref(p->batch.updates);
	g_free(p->batch.cursor);
	g_free(p->outcome.reason);
}

static void judge_poll(struct adapter *a, struct http_response r, struct poll *ret)
{
	*ret = (struct poll){ 0 };
	ret->batch.updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	a->ops->codec->judge_poll(a, &r, &ret->batch, &ret->outcome);
}

#define UPDATE(id)                                                                                                                 \
	"{\"update_id\":" #id ",\"message\":{\"message_id\":1,\"date\":3,\"chat\":{\"id\":5,\"type\":\"private\"},\"text\":\"x\"}" \
	"}"

static void test_poll_always_says_what_it_wants(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(cJSON) body = next_poll(a);

	assert_at(body, "offset", "-");
	assert_at(body, "limit", "100");
	assert_at(body, "timeout", "50");
	assert_at(body, "allowed_updates",
		  "[\"message\",\"edited_message\",\"channel_post\",\"edited_channel_post\",\"my_chat_member\",\"chat_member\"]");
}

static void test_position_moves_when_committed_not_before(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct poll p;

	judge_poll(
		a,
		help_answer(200, "{\"ok\":true,\"result\":[" UPDATE(101) "," UPDATE(103) ",{\"update_id\":102,\"telepathy\":{}}]}"),
		&p);
	g_assert_cmpint(p.outcome.verdict, ==, POLL_UPDATES);
	g_assert_cmpuint(p.batch.updates->len, ==, 2);
	g_assert_cmpstr(p.batch.cursor, ==, "104@700100200");
	{
		g_autoptr(cJSON) before = next_poll(a);

		assert_at(before, "offset", "-");
	}
	a->ops->codec->poll_committed(a, &p.batch);
	{
		g_autoptr(cJSON) after = next_poll(a);

		assert_at(after, "offset", "104");
	}
	poll_clear(&p);
}

static void test_ids_that_begin_anew_lower_are_taken(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct telegram *t = a->state;
	struct poll p;

	t->has_offset = true;
	t->offset = 412000200;
	judge_poll(a, help_answer(200, "{\"ok\":true,\"result\":[" UPDATE(7) "]}"), &p);
	g_assert_cmpuint(p.batch.updates->len, ==, 1);
	a->ops->codec->poll_committed(a, &p.batch);
	g_assert_cmpint(t->offset, ==, 8);
	poll_clear(&p);
}

static void test_empty_answers_keep_the_position(void)
{
	static const char *const answers[] = { "{\"ok\":true,\"result\":[]}", "{\"ok\":true,\"result\":null}", "{\"ok\":true}" };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct telegram *t = a->state;
		struct poll p;

		t->has_offset = true;
		t->offset = 50;
		judge_poll(a, help_answer(200, answers[i]), &p);
		g_assert_cmpint(p.outcome.verdict, ==, POLL_UPDATES);
		g_assert_null(p.batch.cursor);
		a->ops->codec->poll_committed(a, &p.batch);
		g_assert_cmpint(t->offset, ==, 50);
		poll_clear(&p);
	}
}

static void test_update_that_is_no_update_does_not_block_the_rest(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct poll p;

	judge_poll(a,
		   help_answer(200,
			       "{\"ok\":true,\"result\":[null,7,{\"update_id\":3,\"message\":7}," UPDATE(4) ",{\"update_id\":5}]}"),
		   &p);
	g_assert_cmpuint(p.batch.updates->len, ==, 1);
	g_assert_cmpstr(p.batch.cursor, ==, "6@700100200");
	poll_clear(&p);
}

static void test_stored_position_counts_for_its_own_bot_only(void)
{
	static const struct {
		const char *saved, *offset;
	} t[] = {
		{ "104@700100200", "104" }, { "104@999", "-" }, { "104", "-" }, { "x@700100200", "-" }, { "", "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(cJSON) body = NULL;

		g_hash_table_insert(a->env.saved, g_strdup("cursor"), g_strdup(t[i].saved));
		body = next_poll(a);
		assert_at(body, "offset", t[i].offset);
	}
}

static void test_poll_trouble(void)
{
	static const struct {
		const char *name;
		long status;
		const char *body;
		int verdict;
	} t[] = {
		{ "token revoked", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", POLL_STOP },
		{ "unknown token", 404, "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}", POLL_STOP },
		{ "a proxy's 404", 404, "<html>", POLL_WAIT },
		{ "webhook set", 409,
		  "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: can't use getUpdates method while webhook is "
		  "active\"}",
		  POLL_ERRAND },
		{ "webhook set meanwhile", 409,
		  "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by setWebhook request\"}", POLL_ERRAND },
		{ "other poller", 409,
		  "{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by other getUpdates request\"}",
		  POLL_WAIT },
		{ "HTML 502", 502, "<html>", POLL_WAIT },
		{ "truncated", 200, "{\"ok\":true,\"result\":[{", POLL_WAIT },
		{ "test server's 500", 500, "{\"message\":\"API method is not supported\"}", POLL_WAIT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct poll p;

		g_test_message("%s", t[i].name);
		judge_poll(a, help_answer(t[i].status, t[i].body), &p);
		g_assert_cmpint((int)p.outcome.verdict, ==, t[i].verdict);
		g_assert_nonnull(p.outcome.reason);
		g_assert_cmpuint(p.batch.updates->len, ==, 0);
		g_assert_null(p.batch.cursor);
		if (t[i].verdict == POLL_ERRAND)
			g_assert_cmpstr(p.outcome.errand, ==, "remove-webhook");
		poll_clear(&p);
	}
}

static void test_two_pollers_back_off_with_jitter(void)
{
	static const char conflict[] =
		"{\"ok\":false,\"error_code\":409,\"description\":\"Conflict: terminated by other getUpdates request\"}";
	g_autoptr(adapter_t) a = help_adapter_new();
	int64_t least = INT64_MAX, most = 0;
	struct poll p;

	for (int i = 0; i < 100; i++) {
		judge_poll(a, help_answer(409, conflict), &p);
		g_assert_cmpint(p.outcome.wait_ms, >=, 5000);
		g_assert_cmpint(p.outcome.wait_ms, <=, 30000);
		least = MIN(least, p.outcome.wait_ms);
		most = MAX(most, p.outcome.wait_ms);
		poll_clear(&p);
	}
	g_assert_cmpint(most - least, >, 5000);
}

static void test_flooded_poll_makes_the_sends_wait_too(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	static const char flood[] = "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":4}}";
	struct http_response answer = help_answer(429, flood);
	struct send_result r;
	struct poll p;

	judge_poll(a, answer, &p);
	g_assert_cmpint(p.outcome.verdict, ==, POLL_WAIT);
	g_assert_cmpint(p.outcome.wait_ms, >=, 4000);
	poll_clear(&p);
	telegram_judge(a, &m, 0, &answer, &r, scratch);
	g_assert_true(r.is_platform_wide);
	judge_poll(a, help_answer(200, "{\"ok\":true,\"result\":[]}"), &p);
	poll_clear(&p);
	telegram_judge(a, &m, 0, &answer, &r, scratch);
	g_assert_false(r.is_platform_wide);
}

static void test_webhook_without_the_right_secret_is_forged(void)
{
	static const struct {
		const char *sent;
		enum webhook_verdict expected;
	} t[] = {
		{ "bi-mat_123", WEBHOOK_GENUINE }, { "bi-mat_124", WEBHOOK_FORGED },
		{ "bi-mat_12", WEBHOOK_FORGED },   { "bi-mat_123bi-mat_123", WEBHOOK_FORGED },
		{ "BI-MAT_123", WEBHOOK_FORGED },  { "", WEBHOOK_FORGED },
		{ NULL, WEBHOOK_FORGED },
	};
	g_autoptr(adapter_t) a = help_adapter_new();
	struct telegram *state = a->state;
	struct http_server_request r = { .method = "POST", .path = "/telegram", .body = "{}", .body_len = 2 };

	sent_secret = "x";
	g_assert_cmpint(a->ops->codec->verify(a, &r), ==, WEBHOOK_FORGED); /* none configured */
	state->webhook_secret = g_strdup("bi-mat_123");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		sent_secret = t[i].sent;
		g_assert_cmpint(a->ops->codec->verify(a, &r), ==, t[i].expected);
	}
}

static void errand_outcome_clear(struct errand_outcome *o)
{
	g_free(o->reason);
	g_free(o->save_key);
	g_free(o->save_value);
}

static void test_get_me_tells_who_the_bot_is(void)
{
	static const struct {
		const char *body;
		bool has_note;
	} t[] = {
		{ "{\"ok\":true,\"result\":{\"id\":700100299,\"is_bot\":true,\"username\":\"moi_bot\",\"can_read_all_group_"
		  "messages\":true}}",
		  false },
		{ "{\"ok\":true,\"result\":{\"id\":700100299,\"is_bot\":true,\"username\":\"moi_bot\",\"can_read_all_group_"
		  "messages\":false}}",
		  true },
		{ "{\"ok\":true,\"result\":{\"id\":700100299,\"username\":\"moi_bot\"}}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct telegram *state = a->state;
		struct http_response r = help_answer(200, t[i].body);
		struct errand_outcome o;

		telegram_judge_errand(a, "get-me", &r, &o);
		g_assert_cmpint(o.verdict, ==, ERRAND_DONE);
		g_assert_cmpstr(a->bot_id, ==, "700100299");
		g_assert_cmpstr(state->username, ==, "moi_bot");
		g_assert_cmpint(o.reason != NULL, ==, t[i].has_note);
		errand_outcome_clear(&o);
	}
}

static void test_errand_answers(void)
{
	static const struct {
		const char *errand;
		long status; /* 0: no connection */
		const char *body;
		int verdict;
	} t[] = {
		{ "get-me", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", ERRAND_STOP },
		{ "get-me", 404, "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}", ERRAND_STOP },
		{ "get-me", 404, "<html>", ERRAND_LATER },
		{ "get-me", 401, "{\"message\":\"log in to the proxy first\"}", ERRAND_LATER },
		{ "get-me", 502, "<html>", ERRAND_LATER },
		{ "get-me", 429, "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":5}}", ERRAND_LATER },
		{ "get-me", 200, "{\"ok\":true,\"result\":null}", ERRAND_LATER },
		{ "get-me", 0, "", ERRAND_LATER },
		{ "remove-webhook", 200, "{\"ok\":true,\"result\":true}", ERRAND_DONE },
		{ "remove-webhook", 200, "{\"ok\":true,\"result\":null}", ERRAND_DONE },
		{ "remove-webhook", 0, "", ERRAND_LATER },
		{ "set-webhook", 200, "{\"ok\":true,\"result\":true,\"description\":\"Webhook is already set\"}", ERRAND_DONE },
		{ "set-webhook", 400, "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: bad webhook\"}",
		  ERRAND_LATER },
		{ "set-menu", 500, "{\"message\":\"API method is not supported\"}", ERRAND_FAILED },
		{ "set-menu", 502, "<html>", ERRAND_LATER },
		{ "set-menu", 500, "{\"ok\":false,\"error_code\":500,\"description\":\"Internal Server Error: restart\"}",
		  ERRAND_LATER },
		{ "set-menu", 429, "{\"ok\":false,\"error_code\":429}", ERRAND_LATER },
		{ "remove-webhook", 502, "<html>", ERRAND_LATER },
		{ "set-menu", 404, "{\"ok\":false,\"error_code\":404,\"description\":\"method not found\"}", ERRAND_FAILED },
		{ "set-menu", 400, "{\"ok\":false,\"error_code\":400,\"description\":\"BOT_COMMAND_INVALID\"}", ERRAND_FAILED },
		{ "set-menu", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", ERRAND_STOP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct http_response r = help_answer(t[i].status, t[i].body);
		struct errand_outcome o;

		if (t[i].status == 0)
			r.trouble = HTTP_BEFORE_WRITE;
		telegram_judge_errand(a, t[i].errand, &r, &o);
		g_test_message("%s %ld", t[i].errand, t[i].status);
		g_assert_cmpint((int)o.verdict, ==, t[i].verdict);
		g_assert_true(o.verdict == ERRAND_DONE || o.reason);
		errand_outcome_clear(&o);
	}
}

static void test_webhook_mode_and_poll_mode_exclude_each_other(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct telegram *t = a->state;
	struct http_request r = { 0 };
	g_autoptr(cJSON) off = NULL, on = NULL;

	g_assert_false(telegram_errand(a, "set-webhook", &r));
	g_assert_false(telegram_errand(a, "listen", &r));
	g_assert_true(telegram_errand(a, "remove-webhook", &r));
	off = help_body(&r);
	assert_at(off, "drop_pending_updates", "false");
	http_request_clear(&r);

	t->is_webhook = true;
	t->webhook_url = g_strdup("https://cds.example/telegram");
	t->webhook_secret = g_strdup("bi-mat_123");
	g_assert_false(telegram_errand(a, "remove-webhook", &r));
	g_assert_false(a->ops->codec->next_poll(a, &r));
	g_assert_true(telegram_errand(a, "set-webhook", &r));
	on = help_body(&r);
	assert_at(on, "url", "\"https://cds.example/telegram\"");
	assert_at(on, "secret_token", "\"bi-mat_123\"");
	assert_at(on, "drop_pending_updates", "-");
	g_assert_cmpint(cJSON_GetArraySize(json_at(on, "allowed_updates")), ==, 6);
	http_request_clear(&r);
}

static void test_menu_is_sent_when_it_has_changed(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct menu_entry entries[] = {
		{ "tim", "Tìm sáng kiến" }, { "Tim", "chữ hoa" }, { "tìm", "có dấu" }, { "", "trống" }, { "xem", "" },
		{ "chiase", "Chia sẻ" },
	};
	g_autoptr(GPtrArray) menu = g_ptr_array_new();
	struct http_response ok = help_answer(200, "{\"ok\":true,\"result\":true}");
	struct http_request r = { 0 };
	struct errand_outcome o;
	g_autoptr(cJSON) body = NULL;

	g_assert_false(telegram_errand(a, "set-menu", &r)); /* none: must not wipe what is there */
	a->env.menu = menu;
	g_assert_false(telegram_errand(a, "set-menu", &r));
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		g_ptr_array_add(menu, &entries[i]);
	g_assert_true(telegram_errand(a, "set-menu", &r));
	body = help_body(&r);
	assert_at(body, "commands",
		  "[{\"command\":\"tim\",\"description\":\"Tìm sáng kiến\"},{\"command\":\"chiase\",\"description\":\"Chia sẻ\"}]");
	http_request_clear(&r);

	telegram_judge_errand(a, "set-menu", &ok, &o);
	g_assert_cmpint(o.verdict, ==, ERRAND_DONE);
	g_assert_nonnull(o.save_key);
	g_hash_table_insert(a->env.saved, g_strdup(o.save_key), g_strdup(o.save_value));
	errand_outcome_clear(&o);
	g_assert_false(telegram_errand(a, "set-menu", &r)); /* already so */

	entries[0].description = "Tìm";
	g_assert_true(telegram_errand(a, "set-menu", &r));
	http_request_clear(&r);
	entries[0].description = "Tìm sáng kiến";
	g_free(a->bot_id);
	a->bot_id = g_strdup("1"); /* another bot has no menu yet */
	g_assert_true(telegram_errand(a, "set-menu", &r));
	http_request_clear(&r);
}

static struct config *load_config(const char *const *pairs)
{
	static struct config_section section = { .name = "telegram", .is_adapter = true }; /* borrowed by the snapshot */
	g_autoptr(GPtrArray) problems = NULL;
	struct config *c;

	section.options = adapter_telegram.options;
	c = config_load(NULL, &section, 1, &problems);
	g_assert_nonnull(c);
	for (; pairs[0]; pairs += 2) {
		g_autoptr(GError) error = NULL;

		config_set(c, "telegram", pairs[0], pairs[1], &error);
		g_assert_no_error(error);
	}
	return c;
}

static void test_options(void)
{
	static const struct {
		const char *name, *pairs[12], *fault; /* the key that is named, or NULL */
	} t[] = {
		{ "token alone", { "token", HELP_TOKEN }, NULL },
		{ "any token of a test server", { "token", "sometoken" }, NULL },
		{ "no token", { NULL }, "token" },
		{ "token with a slash", { "token", "123456:a/b" }, "token" },
		{ "token with a space", { "token", "123456:a b" }, "token" },
		{ "webhook",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_url", "https://cds.example/tg", "webhook_secret",
		    "bi-mat_123" },
		  NULL },
		{ "webhook without an address",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_secret", "bi-mat_123" },
		  "webhook_url" },
		{ "webhook without a secret",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_url", "https://cds.example/" },
		  "webhook_secret" },
		{ "webhook with a strange secret",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_url", "https://cds.example/", "webhook_secret", "bí mật quá" },
		  "webhook_secret" },
		{ "webhook path without a slash",
		  { "token", HELP_TOKEN, "mode", "webhook", "webhook_url", "https://c.example/", "webhook_secret", "bi-mat_123",
		    "webhook_path", "tg" },
		  "webhook_path" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(config_t) c = load_config(t[i].pairs);
		g_autoptr(GError) error = NULL;
		struct adapter a = { .ops = &adapter_telegram, .env = { .config = c }, .bot_id = (char *)"" };
		bool is_open = adapter_telegram.codec->open(&a, &error);

		g_test_message("%s: %s", t[i].name, error ? error->message : "ok");
		g_assert_cmpint(is_open, ==, t[i].fault == NULL);
		if (is_open)
			adapter_telegram.codec->release(&a);
		else
			g_assert_true(error && strstr(error->message, t[i].fault));
		g_assert_null(a.state);
	}
}

static void test_defaults_are_the_platforms_pace(void)
{
	static const char *const pairs[] = { "token", HELP_TOKEN, "api_url", "http://127.0.0.1:8081/", NULL };
	g_autoptr(config_t) c = load_config(pairs);
	struct adapter a = { .ops = &adapter_telegram, .env = { .config = c }, .bot_id = (char *)"" };
	struct http_request r = { 0 };

	g_assert_true(adapter_telegram.codec->open(&a, NULL));
	g_assert_cmpfloat(a.pace.per_second, ==, 25);
	g_assert_cmpfloat(a.pace.chat_per_second, ==, 1);
	g_assert_cmpfloat(a.pace.group_per_minute, ==, 18);
	g_assert_cmpuint(a.pace.burst, ==, 3);
	g_assert_cmpuint(a.pace.chat_burst, ==, 3);
	g_assert_cmpuint(a.pace.group_burst, ==, 5);
	g_assert_cmpuint(a.pace.concurrent, ==, 16);
	g_assert_null(adapter_telegram.codec->webhook_path(&a));
	g_assert_true(telegram_errand(&a, "get-me", &r));
	g_assert_cmpstr(r.url, ==, "http://127.0.0.1:8081/bot" HELP_TOKEN "/getMe");
	http_request_clear(&r);
	adapter_telegram.codec->release(&a);
}

static void test_webhook_path_follows_the_public_address(void)
{
	static const struct {
		const char *url, *path, *expected;
	} t[] = {
		{ "https://cds.example", NULL, "/telegram" },
		{ "https://cds.example/", NULL, "/telegram" },
		{ "https://cds.example:8443/bot/tg", NULL, "/bot/tg" },
		{ "https://cds.example/bot/tg", "/inner", "/inner" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *pairs[] = { "token",
					HELP_TOKEN,
					"mode",
					"webhook",
					"webhook_secret",
					"bi-mat_123",
					"webhook_url",
					t[i].url,
					t[i].path ? "webhook_path" : NULL,
					t[i].path,
					NULL };
		g_autoptr(config_t) c = load_config(pairs);
		struct adapter a = { .ops = &adapter_telegram, .env = { .config = c }, .bot_id = (char *)"" };

		g_assert_true(adapter_telegram.codec->open(&a, NULL));
		g_assert_cmpstr(adapter_telegram.codec->webhook_path(&a), ==, t[i].expected);
		adapter_telegram.codec->release(&a);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/telegram-poll/" #name, test_##name)
	ADD(poll_always_says_what_it_wants);
	ADD(position_moves_when_committed_not_before);
	ADD(ids_that_begin_anew_lower_are_taken);
	ADD(empty_answers_keep_the_position);
	ADD(update_that_is_no_update_does_not_block_the_rest);
	ADD(stored_position_counts_for_its_own_bot_only);
	ADD(poll_trouble);
	ADD(two_pollers_back_off_with_jitter);
	ADD(flooded_poll_makes_the_sends_wait_too);
	ADD(webhook_without_the_right_secret_is_forged);
	ADD(get_me_tells_who_the_bot_is);
	ADD(errand_answers);
	ADD(webhook_mode_and_poll_mode_exclude_each_other);
	ADD(menu_is_sent_when_it_has_changed);
	ADD(options);
	ADD(defaults_are_the_platforms_pace);
	ADD(webhook_path_follows_the_public_address);
	return g_test_run();
}
