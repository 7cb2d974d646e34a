/* SPDX-License-Identifier: MIT */
/* What answers to a send mean: every row of the fact sheet's error table, the token's second chance, quota, stale uploads. */
#include "zalo-oa-help.h"

#define FAIL(code) "{\"error\":" #code ",\"message\":\"why\"}"

static struct attachment photo = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"https://f.zdn.vn/a.jpg" };

static bool judge_as(struct adapter *a, struct outgoing m, unsigned attempt, struct http_response r, struct send_result *ret)
{
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct http_request request = { 0 };
	const char *reason = NULL;
	bool again;

	g_assert_true(zalo_oa_encode(a, &m, attempt, &request, &reason));
	http_request_clear(&request);
	again = zalo_oa_judge(a, &m, attempt, &r, ret, scratch);
	g_assert_cmpint(ret->reason == NULL, ==, ret->status == SEND_OK);
	ret->reason = NULL;
	ret->remote_id = ret->remote_id ? g_intern_string(ret->remote_id) : NULL;
	return again;
}

static const struct outgoing in_group = { .delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "x" };

static struct send_result judge(struct adapter *a, long status, const char *body)
{
	struct send_result ret;

	g_assert_false(judge_as(a, in_group, 0, help_answer(status, body), &ret));
	return ret;
}

/* Groups are free: that they go on says nothing about the money. */
static void test_only_a_private_message_shows_that_there_is_money_again(void)
{
	static const struct outgoing private = { .delivery_id = 2, .chat_id = HELP_USER, .chat_kind = CHAT_PRIVATE, .text = "x" };
	g_autoptr(adapter_t) a = help_adapter_new();
	struct send_result ret;

	judge_as(a, private, 0, help_answer(200, FAIL(-321)), &ret);
	g_assert_cmpint(ret.status, ==, SEND_LATER);
	g_assert_false(ret.is_platform_wide);
	judge(a, 200, "{\"error\":0,\"data\":{\"message_id\":\"1\"}}");
	g_assert_nonnull(strstr(a->alarm, "hết tiền"));
	judge_as(a, private, 0, help_answer(200, "{\"error\":0,\"data\":{\"message_id\":\"2\"}}"), &ret);
	g_assert_null(a->alarm);
}

static void test_every_code_has_its_outcome(void)
{
	static const struct {
		const char *body;
		enum send_status expected;
		bool wide, alarm;
	} t[] = {
		{ "{\"error\":0,\"data\":{\"message_id\":\"705e\",\"group_id\":\"4a9b\"}}", SEND_OK, false, false },
		{ "{\"error\":\"0\",\"message\":\"Success\"}", SEND_OK, false, false },
		{ FAIL(-32), SEND_LATER, true, false },
		{ FAIL(-100), SEND_LATER, false, false },
		{ FAIL(-200), SEND_LATER, false, false },
		{ FAIL(-201), SEND_REFUSED, false, false },
		{ FAIL(-204), SEND_BROKEN, false, true },
		{ FAIL(-205), SEND_BROKEN, false, true },
		{ FAIL(-209), SEND_LATER, true, true },
		{ FAIL(-210), SEND_REFUSED, false, false },
		{ FAIL(-211), SEND_LATER, false, true },
		{ FAIL(-212), SEND_LATER, true, true },
		{ FAIL(-213), SEND_NO_TARGET, false, false },
		{ FAIL(-216), SEND_LATER, true, false },
		{ FAIL(-217), SEND_NO_TARGET, false, false },
		{ FAIL(-218), SEND_LATER, false, false },
		{ FAIL(-219), SEND_BROKEN, false, true },
		{ FAIL(-220), SEND_LATER, true, false },
		{ FAIL(-221), SEND_LATER, true, true },
		{ FAIL(-223), SEND_LATER, true, true },
		{ FAIL(-224), SEND_LATER, true, true },
		{ FAIL(-227), SEND_NO_TARGET, false, false },
		{ FAIL(-230), SEND_NO_TARGET, false, false },
		{ FAIL(-232), SEND_NO_TARGET, false, false },
		{ FAIL(-233), SEND_REFUSED, false, false },
		{ FAIL(-234), SEND_LATER, false, false },
		{ FAIL(-235), SEND_LATER, true, true },
		{ FAIL(-237), SEND_NO_TARGET, false, true },
		{ FAIL(-238), SEND_LATER, true, true },
		{ FAIL(-240), SEND_BROKEN, false, true },
		{ FAIL(-241), SEND_LATER, true, true },
		{ FAIL(-242), SEND_BROKEN, false, true },
		{ FAIL(-244), SEND_NO_TARGET, false, false },
		{ FAIL(-248), SEND_REFUSED, false, false },
		{ FAIL(-320), SEND_LATER, false, true }, /* no money for private messages: groups are free and go on */
		{ FAIL(-321), SEND_LATER, false, true },
		{ FAIL(-403), SEND_NO_TARGET, false, true },
		{ FAIL(-501), SEND_LATER, true, true },
		{ FAIL(-9999), SEND_REFUSED, false, false },
		{ "{\"error\":\"-213\"}", SEND_NO_TARGET, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct send_result r = judge(a, 200, t[i].body);

		g_test_message("%s", t[i].body);
		g_assert_cmpint(r.status, ==, t[i].expected);
		g_assert_cmpint(r.is_platform_wide, ==, t[i].wide);
		g_assert_cmpint(a->alarm != NULL, ==, t[i].alarm);
		g_assert_cmpuint(g_hash_table_size(help_state(a)->used), ==, 0);
	}
}

static void test_http_alone(void)
{
	static const struct {
		long status;
		const char *body;
		enum send_status expected;
	} t[] = {
		{ 401, "{\"message\":\"Unauthorized\"}", SEND_LATER },
		{ 401, "<html>proxy</html>", SEND_LATER },
		{ 403, "<html>proxy</html>", SEND_LATER },
		{ 404, "{\"message\":\"no such path\"}", SEND_REFUSED },
		{ 413, "", SEND_REFUSED },
		{ 429, "", SEND_LATER },
		{ 500, "{\"message\":\"no\"}", SEND_UNCERTAIN },
		{ 502, "<html>", SEND_UNCERTAIN },
		{ 503, "", SEND_LATER },
		{ 504, "", SEND_UNCERTAIN },
		{ 200, "", SEND_UNCERTAIN },
		{ 200, "<html>login</html>", SEND_UNCERTAIN },
		{ 200, "[]", SEND_UNCERTAIN },
		{ 200, "{\"data\":{}}", SEND_UNCERTAIN },
		{ 500, "{\"error\":0}", SEND_UNCERTAIN },
		{ 400, FAIL(-230), SEND_NO_TARGET },
		{ 302, "", SEND_UNCERTAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();

		g_test_message("%ld %s", t[i].status, t[i].body);
		g_assert_cmpint(judge(a, t[i].status, t[i].body).status, ==, t[i].expected);
	}
}

static void test_a_bad_token_by_http_status_is_refreshed_too(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	judge(a, 401, "{\"message\":\"Unauthorized\"}");
	g_assert_cmpstr(a->wants_errand, ==, "refresh");
}

static void test_sent_gives_the_remote_id(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	g_assert_cmpstr(judge(a, 200, "{\"data\":{\"message_id\":\"705edemo665a0d03544c\"},\"error\":0}").remote_id, ==,
			"705edemo665a0d03544c");
}

static void test_over_the_minute_waits_for_the_next(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct send_result r = judge(a, 200, FAIL(-32));

	g_assert_cmpint(r.retry_ms, >=, 1);
	g_assert_cmpint(r.retry_ms, <=, MINUTE_MS + ZALO_OA_MINUTE_SPREAD_MS);
}

/* Another token comes into force, as if the refresh had been committed. */
static void refresh(struct adapter *a)
{
	struct zalo_oa *z = a->state;
	struct errand_outcome out = { 0 };
	struct http_response r =
		help_answer(200, "{\"access_token\":\"AT-second-99\",\"refresh_token\":\"RT-second-99\",\"expires_in\":\"90000\"}");

	zalo_oa_token_judge(z, &r, clock_wall_ms(), &out);
	g_assert_cmpint(out.verdict, ==, ERRAND_DONE);
	g_hash_table_replace(a->env.saved, out.save_key, out.save_value);
	zalo_oa_saved_changed(a);
	g_assert_cmpstr(z->token.access, ==, "AT-second-99");
	a->wants_errand = NULL;
}

static void test_refused_refreshes_once_and_then_stops(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	g_assert_cmpint(judge(a, 200, FAIL(-216)).status, ==, SEND_LATER);
	g_assert_cmpstr(a->wants_errand, ==, "refresh");
	refresh(a);
	g_assert_cmpint(judge(a, 200, FAIL(-216)).status, ==, SEND_BROKEN);
	g_assert_null(a->wants_errand);
	g_assert_nonnull(a->alarm);
}

static void test_a_token_that_worked_has_its_chance_again(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	judge(a, 200, FAIL(-220));
	refresh(a);
	g_assert_cmpint(judge(a, 200, "{\"error\":0}").status, ==, SEND_OK);
	g_assert_cmpint(judge(a, 200, FAIL(-216)).status, ==, SEND_LATER);
	g_assert_cmpstr(a->wants_errand, ==, "refresh");
}

/* Answers to requests that were on their way with the old token say nothing about the new one. */
static void test_a_late_refusal_does_not_discredit_the_new_token(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = in_group;
	struct http_request request = { 0 };
	struct http_response r = help_answer(200, FAIL(-216));
	struct send_result ret;
	const char *reason;

	m.delivery_id = 2;
	g_assert_true(zalo_oa_encode(a, &m, 0, &request, &reason));
	http_request_clear(&request);
	judge(a, 200, FAIL(-216));
	refresh(a);
	zalo_oa_judge(a, &m, 0, &r, &ret, scratch);
	g_assert_cmpint(ret.status, ==, SEND_LATER);
	g_assert_null(a->wants_errand);
	g_assert_null(a->alarm);
}

static void test_without_a_token_sends_wait_and_the_operator_hears(void)
{
	g_autoptr(adapter_t) a = help_adapter_with(NULL);
	struct send_result r = judge(a, 200, FAIL(-216));

	g_assert_cmpint(r.status, ==, SEND_LATER);
	g_assert_cmpint(r.retry_ms, >=, MINUTE_MS);
	g_assert_nonnull(strstr(a->alarm, "cdsbot admin zalo-oa token"));
}

static void test_an_alarm_ends_with_the_first_success(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	judge(a, 200, FAIL(-224));
	g_assert_nonnull(a->alarm);
	judge(a, 200, "{\"error\":0}");
	g_assert_null(a->alarm);
}

static void test_a_stale_upload_is_done_again_once(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct send_result r = judge(a, 200, FAIL(-100));

	g_assert_cmpint(r.status, ==, SEND_LATER);
	g_assert_cmpint(r.retry_ms, ==, 0);
	g_assert_cmpint(judge(a, 200, FAIL(-100)).status, ==, SEND_REFUSED);
	g_assert_cmpuint(g_hash_table_size(help_state(a)->uploaded_again), ==, 0);
}

static void test_a_refused_picture_becomes_a_line(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = in_group;
	struct send_result r;

	m.file = &photo;
	m.text = "";
	g_assert_true(judge_as(a, m, 0, help_answer(200, FAIL(-201)), &r));
	g_assert_false(judge_as(a, m, 1, help_answer(200, FAIL(-201)), &r));
	g_assert_cmpint(r.status, ==, SEND_REFUSED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/judge/codes", test_every_code_has_its_outcome);
	g_test_add_func("/zalo-oa/judge/money", test_only_a_private_message_shows_that_there_is_money_again);
	g_test_add_func("/zalo-oa/judge/http", test_http_alone);
	g_test_add_func("/zalo-oa/judge/401", test_a_bad_token_by_http_status_is_refreshed_too);
	g_test_add_func("/zalo-oa/judge/sent", test_sent_gives_the_remote_id);
	g_test_add_func("/zalo-oa/judge/minute", test_over_the_minute_waits_for_the_next);
	g_test_add_func("/zalo-oa/judge/token-twice", test_refused_refreshes_once_and_then_stops);
	g_test_add_func("/zalo-oa/judge/token-again", test_a_token_that_worked_has_its_chance_again);
	g_test_add_func("/zalo-oa/judge/token-late", test_a_late_refusal_does_not_discredit_the_new_token);
	g_test_add_func("/zalo-oa/judge/no-token", test_without_a_token_sends_wait_and_the_operator_hears);
	g_test_add_func("/zalo-oa/judge/alarm-ends", test_an_alarm_ends_with_the_first_success);
	g_test_add_func("/zalo-oa/judge/stale", test_a_stale_upload_is_done_again_once);
	g_test_add_func("/zalo-oa/judge/picture", test_a_refused_picture_becomes_a_line);
	return g_test_run();
}
