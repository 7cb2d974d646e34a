/* SPDX-License-Identifier: MIT */
/* What answers to a send mean: the error table of the fact sheet, whatever the HTTP status; second tries; flood waits. */
#include "zalo-bot-help.h"

static bool judge(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_response r, struct send_result *ret,
		  GPtrArray *scratch)
{
	return zalo_bot_judge(a, m, attempt, &r, ret, scratch);
}

static void test_every_answer_has_its_outcome(void)
{
	static const struct {
		const char *name;
		long status;
		const char *body;
		enum send_status expected;
	} t[] = {
		{ "sent", 200, "{\"ok\":true,\"result\":{\"message_id\":\"9c\",\"date\":1}}", SEND_OK },
		{ "sent, nothing more said", 200, "{\"ok\":true}", SEND_OK },
		{ "ok in a body under another status", 500, "{\"ok\":true,\"result\":{}}", SEND_OK },
		{ "bad request", 200, FAIL(400, "Bad request"), SEND_REFUSED },
		{ "bad request, other spelling", 200, "{\"ok\":false,\"errorCode\":400}", SEND_REFUSED },
		{ "code as text", 200, "{\"ok\":false,\"error_code\":\"401\"}", SEND_BROKEN },
		{ "unknown chat", 200, FAIL(400, "Chat not found"), SEND_NO_TARGET },
		{ "unknown recipient", 200, FAIL(400, "invalid recipient"), SEND_NO_TARGET },
		{ "token invalid", 200, FAIL(401, "Unauthorized"), SEND_BROKEN },
		{ "token invalid with its own status", 401, FAIL(401, "Unauthorized"), SEND_BROKEN },
		{ "no code at all", 200, "{\"ok\":false,\"description\":\"Unauthorized\"}", SEND_BROKEN },
		{ "internal error as 403", 200, FAIL(403, "Internal server error"), SEND_LATER },
		{ "not found", 200, FAIL(404, "Not found"), SEND_NO_TARGET },
		{ "timeout", 200, FAIL(408, "Request timeout"), SEND_UNCERTAIN },
		{ "timeout of a gateway", 408, "", SEND_UNCERTAIN },
		{ "permanent for this chat", 200, FAIL(422, "Unprocessable"), SEND_NO_TARGET },
		{ "server error", 500, FAIL(500, "oops"), SEND_UNCERTAIN },
		{ "front end down", 502, "<html>", SEND_UNCERTAIN },
		{ "turned away", 503, "", SEND_LATER },
		{ "rubbish", 200, "<html>", SEND_UNCERTAIN },
		{ "cut", 200, "{\"ok\":tr", SEND_UNCERTAIN },
		{ "an array", 200, "[]", SEND_UNCERTAIN },
		{ "a proxy", 403, "<html>", SEND_LATER },
		{ "a proxy that wants a login", 407, "", SEND_LATER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct outgoing m = { .delivery_id = 1, .chat_id = "zgr-1", .chat_kind = CHAT_GROUP, .text = "x" };
		struct send_result r;

		g_test_message("%s", t[i].name);
		g_assert_false(judge(a, &m, 0, help_answer(t[i].status, t[i].body), &r, scratch));
		g_assert_cmpint(r.status, ==, t[i].expected);
		g_assert_cmpint(r.reason == NULL, ==, t[i].expected == SEND_OK);
		g_assert_false(r.is_platform_wide);
	}
}

static void test_remote_id(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct send_result r;

	judge(a, &m, 0, help_answer(200, "{\"ok\":true,\"result\":{\"message_id\":\"9c01\"}}"), &r, scratch);
	g_assert_cmpstr(r.remote_id, ==, "9c01");
	judge(a, &m, 0, help_answer(200, "{\"ok\":true,\"result\":null}"), &r, scratch);
	g_assert_null(r.remote_id);
}

static void test_transport_trouble(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct http_response before = { .trouble = HTTP_BEFORE_WRITE, .retry_after_ms = -1, .reason = "Could not connect" };
	struct http_response after = { .trouble = HTTP_AFTER_WRITE, .retry_after_ms = -1 };
	struct send_result r;

	g_assert_false(judge(a, &m, 0, before, &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_LATER);
	g_assert_false(judge(a, &m, 0, after, &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_UNCERTAIN);
}

/* 2, 4 s, then three within five minutes: the long pause. */
static void test_too_many_holds_the_whole_bot(void)
{
	static const int64_t waits[] = { 2000, 4000, 600000, 16000, 32000, 600000 };
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct send_result r;

	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		judge(a, &m, 0, help_answer(200, FAIL(429, "Quota exceeded")), &r, scratch);
		g_assert_cmpint(r.status, ==, SEND_LATER);
		g_assert_true(r.is_platform_wide);
		g_assert_cmpint(r.retry_ms, ==, waits[i]);
	}
	judge(a, &m, 0, help_answer(200, "{\"ok\":true}"), &r, scratch);
	judge(a, &m, 0, help_answer(200, FAIL(429, "Quota exceeded")), &r, scratch);
	g_assert_cmpint(r.retry_ms, ==, 2000); /* a success begins anew */
}

static void test_flood_arithmetic(void)
{
	struct zalo_bot_flood f = { 0 };
	int64_t now = 1000, expected = ZALO_BOT_FLOOD_FIRST_MS;

	for (int i = 0; i < 100; i++, now += ZALO_BOT_FLOOD_WITHIN_MS) { /* never three within the time */
		g_assert_cmpint(zalo_bot_flood_wait(&f, now, -1, 600000), ==, expected);
		expected = MIN(expected * 2, ZALO_BOT_FLOOD_MAX_MS);
	}
	f = (struct zalo_bot_flood){ 0 };
	g_assert_cmpint(zalo_bot_flood_wait(&f, 0, 7000, 600000), ==, 7000); /* the platform's own word counts */
	g_assert_cmpint(zalo_bot_flood_wait(&f, 10, 7000, 600000), ==, 7000);
	g_assert_cmpint(zalo_bot_flood_wait(&f, 20, 900000, 600000), ==, 900000); /* and is never cut short */
}

static void test_retry_after_is_honoured(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct http_response answer = help_answer(429, "");
	struct send_result r;

	answer.retry_after_ms = 7000;
	judge(a, &m, 0, answer, &r, scratch);
	g_assert_cmpint(r.retry_ms, ==, 7000);
}

static void test_403_again_and_again_stops_and_tells(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct send_result r;

	for (int i = 0; i < 4; i++) {
		judge(a, &m, 0, help_answer(200, FAIL(403, "Internal server error")), &r, scratch);
		g_assert_cmpint(r.status, ==, SEND_LATER);
		g_assert_null(a->alarm);
	}
	judge(a, &m, 0, help_answer(200, FAIL(403, "Internal server error")), &r, scratch);
	g_assert_cmpint(r.status, ==, SEND_BROKEN);
	g_assert_nonnull(strstr(a->alarm, "403"));
	judge(a, &m, 0, help_answer(200, "{\"ok\":true}"), &r, scratch);
	g_assert_null(a->alarm);
	judge(a, &m, 0, help_answer(200, FAIL(403, "Internal server error")), &r, scratch);
	g_assert_cmpint(r.status, ==, SEND_LATER);
}

static void test_a_refused_picture_is_tried_as_text(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct attachment photo = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"https://p.example/gone.jpg" };
	struct outgoing m = { .chat_id = "1", .text = "SK1", .file = &photo };
	struct send_result r;

	g_assert_true(judge(a, &m, 0, help_answer(200, FAIL(400, "Cannot fetch image")), &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_LATER);
	g_assert_false(judge(a, &m, 1, help_answer(200, FAIL(400, "Bad request")), &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_REFUSED);
	g_assert_false(judge(a, &m, 0, help_answer(200, FAIL(400, "chat not found")), &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_NO_TARGET);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-judge/" #name, test_##name)
	ADD(every_answer_has_its_outcome);
	ADD(remote_id);
	ADD(transport_trouble);
	ADD(too_many_holds_the_whole_bot);
	ADD(flood_arithmetic);
	ADD(retry_after_is_honoured);
	ADD(403_again_and_again_stops_and_tells);
	ADD(a_refused_picture_is_tried_as_text);
	return g_test_run();
}
