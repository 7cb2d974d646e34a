/* SPDX-License-Identifier: MIT */
/* What answers to a send mean: the error table of the fact sheet, second tries, flood waits. */
#include "base/log.h"
#include "telegram-help.h"

#define FAIL(code, description) "{\"ok\":false,\"error_code\":" #code ",\"description\":\"" description "\"}"

static struct attachment photo = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"AgAD" };

static bool judge(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_response r, struct send_result *ret,
		  GPtrArray *scratch)
{
	return telegram_judge(a, m, attempt, &r, ret, scratch);
}

static void test_every_answer_has_its_outcome(void)
{
	static const struct {
		const char *name;
		long status;
		const char *body;
		enum send_status expected;
	} t[] = {
		{ "sent", 200, "{\"ok\":true,\"result\":{\"message_id\":6001}}", SEND_OK },
		{ "sent, with a description", 200, "{\"ok\":true,\"result\":{\"message_id\":6001},\"description\":\"x\"}",
		  SEND_OK },
		{ "test server: result null", 200, "{\"ok\":true,\"result\":null}", SEND_OK },
		{ "not modified", 400, FAIL(400, "Bad Request: message is not modified: specified new message content"), SEND_OK },
		{ "chat not found", 400, FAIL(400, "Bad Request: chat not found"), SEND_NO_TARGET },
		{ "upgraded without the new id", 400, FAIL(400, "Bad Request: group chat was upgraded to a supergroup chat"),
		  SEND_NO_TARGET },
		{ "too long", 400, FAIL(400, "Bad Request: message is too long"), SEND_REFUSED },
		{ "empty", 400, FAIL(400, "Bad Request: message text is empty"), SEND_REFUSED },
		{ "stale file", 400, FAIL(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), SEND_REFUSED },
		{ "no right to write", 400, FAIL(400, "Bad Request: not enough rights to send text messages to the chat"),
		  SEND_NO_TARGET },
		{ "write forbidden", 400, FAIL(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), SEND_NO_TARGET },
		{ "text of a later API", 400, FAIL(400, "Bad Request: the moon is full"), SEND_REFUSED },
		{ "token revoked", 401, FAIL(401, "Unauthorized"), SEND_BROKEN },
		{ "blocked", 403, FAIL(403, "Forbidden: bot was blocked by the user"), SEND_NO_TARGET },
		{ "never started", 403, FAIL(403, "Forbidden: bot can't initiate conversation with a user"), SEND_NO_TARGET },
		{ "deactivated", 403, FAIL(403, "Forbidden: user is deactivated"), SEND_NO_TARGET },
		{ "kicked", 403, FAIL(403, "Forbidden: bot was kicked from the supergroup chat"), SEND_NO_TARGET },
		{ "deleted", 403, FAIL(403, "Forbidden: the group chat was deleted"), SEND_NO_TARGET },
		{ "unknown token or method", 404, FAIL(404, "Not Found"), SEND_BROKEN },
		{ "conflict", 409, FAIL(409, "Conflict: terminated by other getUpdates request"), SEND_LATER },
		{ "too large", 413, "<html>", SEND_REFUSED },
		{ "wrong server", 421, FAIL(421, "Misdirected Request"), SEND_BROKEN },
		{ "flood without parameters", 429, FAIL(429, "Too Many Requests"), SEND_LATER },
		{ "restart", 500, FAIL(500, "Internal Server Error: restart"), SEND_UNCERTAIN },
		{ "test server: unknown method", 500, "{\"message\":\"API method /sendPhoto is not supported\"}", SEND_UNCERTAIN },
		{ "HTML from a front end", 502, "<html><h1>502 Bad Gateway</h1></html>", SEND_UNCERTAIN },
		{ "refused at the door", 503, "<html>", SEND_LATER },
		{ "gateway timeout", 504, "", SEND_UNCERTAIN },
		{ "truncated JSON", 200, "{\"ok\":true,\"result\":{\"mess", SEND_UNCERTAIN },
		{ "JSON that is no object", 200, "[1]", SEND_UNCERTAIN },
		{ "empty body", 200, "", SEND_UNCERTAIN },
		{ "a proxy's 403", 403, "<html>blocked by policy</html>", SEND_LATER },
		{ "a proxy's 401 in JSON", 401, "{\"message\":\"Unauthorized\"}", SEND_LATER },
		{ "a proxy's 403 in JSON", 403, "{\"error\":\"blocked by policy\"}", SEND_LATER },
		{ "a proxy's 404 in JSON", 404, "{\"error\":\"no route\"}", SEND_LATER },
		{ "403 without ok", 403, "{\"error_code\":403,\"description\":\"Forbidden: bot was blocked by the user\"}", SEND_NO_TARGET },
		{ "a proxy's 407", 407, "", SEND_LATER },
		{ "redirect", 302, "", SEND_UNCERTAIN },
		{ "test server: error with status 200", 200, "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}",
		  SEND_NO_TARGET },
		{ "ok is no boolean", 200, "{\"ok\":\"true\"}", SEND_REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct outgoing m = { .delivery_id = 1, .chat_id = "-100", .chat_kind = CHAT_GROUP, .text = "x" };
		struct send_result r;

		g_test_message("%s", t[i].name);
		g_assert_false(judge(a, &m, 0, help_answer(t[i].status, t[i].body), &r, scratch));
		g_assert_cmpint(r.status, ==, t[i].expected);
		g_assert_cmpint(r.reason == NULL, ==, t[i].expected == SEND_OK);
		g_assert_null(r.moved_to);
		g_assert_false(r.is_platform_wide);
	}
}

static void test_sent_gives_the_remote_id(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "1", .text = "x" };
	struct send_result r;

	judge(a, &m, 0, help_answer(200, "{\"ok\":true,\"result\":{\"message_id\":6001}}"), &r, scratch);
	g_assert_cmpstr(r.remote_id, ==, "6001");
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
	g_assert_cmpint(r.retry_ms, ==, -1);
	g_assert_cmpstr(r.reason, ==, "Could not connect");
	g_assert_false(judge(a, &m, 0, after, &r, scratch));
	g_assert_cmpint(r.status, ==, SEND_UNCERTAIN);
	g_assert_nonnull(r.reason);
}

static void test_group_upgraded_moves_and_sends_again(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .chat_id = "-445566", .chat_kind = CHAT_GROUP, .text = "x", .reply_to_id = "5" };
	struct send_result r;

	g_assert_false(judge(
		a, &m, 0,
		help_answer(400, "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat was upgraded to a "
				 "supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":-1002233445566}}"),
		&r, scratch));
	g_assert_cmpint(r.status, ==, SEND_LATER);
	g_assert_cmpint(r.retry_ms, ==, 0);
	g_assert_cmpstr(r.moved_to, ==, "-1002233445566");
	/* Moved to where it is: sent again at once it would be for ever. */
	m.chat_id = "-1002233445566";
	g_assert_false(judge(
		a, &m, 0,
		help_answer(400, "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat was upgraded to a "
				 "supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":-1002233445566}}"),
		&r, scratch));
	g_assert_cmpint(r.status, ==, SEND_NO_TARGET);
	g_assert_null(r.moved_to);
}

static void test_forbidden_pictures_do_not_park_the_group(void)
{
	static const char *const answers[] = { FAIL(400, "Bad Request: not enough rights to send photos to the chat"),
					       FAIL(400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN") };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct outgoing m = { .chat_id = "-100", .chat_kind = CHAT_GROUP, .text = "x", .file = &photo };
		struct send_result r;

		g_assert_false(judge(a, &m, 0, help_answer(400, answers[i]), &r, scratch));
		g_assert_cmpint(r.status, ==, SEND_REFUSED);
	}
}

static void test_flood_waits(void)
{
	static const struct {
		const char *name, *body;
		int64_t header_ms, expected_ms;
	} t[] = {
		{ "parameters", "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":17}}", -1, 17000 },
		{ "parameters before the header", "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":17}}", 5000,
		  17000 },
		{ "header only", "{\"ok\":false,\"error_code\":429}", 5000, 5000 },
		{ "header and HTML", "<html>", 5000, 5000 },
		{ "neither", "{\"ok\":false,\"error_code\":429}", -1, -1 },
		{ "no time at all", "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":0}}", -1, -1 },
		{ "nonsense", "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":-3}}", -1, -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct outgoing m = { .chat_id = "1", .text = "x" };
		struct http_response answer = help_answer(429, t[i].body);
		struct send_result r;

		g_test_message("%s", t[i].name);
		answer.retry_after_ms = t[i].header_ms;
		g_assert_false(judge(a, &m, 0, answer, &r, scratch));
		g_assert_cmpint(r.status, ==, SEND_LATER);
		if (t[i].expected_ms < 0) {
			g_assert_cmpint(r.retry_ms, ==, -1);
		} else {
			g_assert_cmpint(r.retry_ms, >=, t[i].expected_ms); /* never sooner; a little jitter on top */
			g_assert_cmpint(r.retry_ms, <, t[i].expected_ms + 1000);
		}
		g_assert_false(r.is_platform_wide);
	}
}

static void test_flood_in_chat_after_chat_is_the_whole_bots(void)
{
	static const struct {
		const char *chat;
		bool is_flood, is_wide;
	} t[] = {
		{ "1", true, false }, { "1", true, false },  { "2", true, false }, { "2", true, false },
		{ "3", true, true },  { "4", false, false }, { "1", true, false }, { "2", true, false },
	};
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct outgoing m = { .delivery_id = (int64_t)i, .chat_id = t[i].chat, .text = "x" };
		struct send_result r;

		judge(a, &m, 0, t[i].is_flood ? help_answer(429, FAIL(429, "x")) : help_answer(200, "{\"ok\":true,\"result\":{}}"),
		      &r, scratch);
		g_assert_cmpint(r.is_platform_wide, ==, t[i].is_wide);
	}
}

/* The second try leaves out exactly what was complained of, and keeps leaving it out. */
static void test_second_tries(void)
{
	static const struct {
		const char *name, *answers[3];
		bool again[3];
		enum send_status last;
		bool has_reply, has_thread, has_entities; /* of the last request */
	} t[] = {
		{ "question deleted",
		  { FAIL(400, "Bad Request: message to be replied not found") },
		  { true },
		  SEND_OK,
		  false,
		  true,
		  true },
		{ "topic gone", { FAIL(400, "Bad Request: message thread not found") }, { true }, SEND_OK, true, false, true },
		{ "topic closed", { FAIL(400, "Bad Request: TOPIC_CLOSED") }, { true }, SEND_OK, true, false, true },
		{ "markup",
		  { FAIL(400, "Bad Request: can't parse entities: Can't find end") },
		  { true },
		  SEND_OK,
		  true,
		  true,
		  false },
		{ "question, then topic",
		  { FAIL(400, "Bad Request: message to be replied not found"), FAIL(400, "Bad Request: message thread not found") },
		  { true, true },
		  SEND_OK,
		  false,
		  false,
		  true },
		{ "the same complaint twice",
		  { FAIL(400, "Bad Request: message to be replied not found"),
		    FAIL(400, "Bad Request: message to be replied not found") },
		  { true, false },
		  SEND_REFUSED,
		  false,
		  true,
		  true },
		{ "kicked on the second try",
		  { FAIL(400, "Bad Request: TOPIC_CLOSED"), FAIL(403, "Forbidden: bot was kicked from the supergroup chat") },
		  { true, false },
		  SEND_NO_TARGET,
		  true,
		  false,
		  true },
		{ "three complaints end",
		  { FAIL(400, "Bad Request: message to be replied not found"), FAIL(400, "Bad Request: message thread not found"),
		    FAIL(400, "Bad Request: can't parse entities") },
		  { true, true, false },
		  SEND_REFUSED,
		  false,
		  false,
		  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct telegram *state = a->state;
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct span span = { SPAN_BOLD, 0, 2 };
		struct outgoing m = { .delivery_id = 77,
				      .chat_id = "-100",
				      .thread_id = "9",
				      .reply_to_id = "5",
				      .text = "SK14",
				      .spans = &span,
				      .n_spans = 1 };
		struct send_result r = { 0 };
		bool again = true;

		g_test_message("%s", t[i].name);
		for (unsigned attempt = 0; again; attempt++) {
			struct http_request request = { 0 };
			const char *reason = NULL, *answer = attempt < 3 ? t[i].answers[attempt] : NULL;
			g_autoptr(cJSON) body = NULL;

			g_assert_cmpuint(attempt, <, CODEC_ATTEMPTS_MAX);
			g_assert_true(telegram_encode(a, &m, attempt, &request, &reason));
			body = help_body(&request);
			http_request_clear(&request);
			again = judge(a, &m, attempt,
				      answer ? help_answer(400, answer) : help_answer(200, "{\"ok\":true,\"result\":{}}"), &r,
				      scratch);
			g_assert_cmpint(again, ==, answer && t[i].again[attempt]);
			if (!again) {
				g_assert_cmpint(json_at(body, "reply_parameters") != NULL, ==, t[i].has_reply);
				g_assert_cmpint(json_at(body, "message_thread_id") != NULL, ==, t[i].has_thread);
				g_assert_cmpint(json_at(body, "entities") != NULL, ==, t[i].has_entities);
			}
		}
		g_assert_cmpint(r.status, ==, t[i].last);
		g_assert_cmpuint(g_hash_table_size(state->peeled), ==, 0);
	}
}

static void test_complaint_about_what_was_not_sent_is_final(void)
{
	static const char *const answers[] = { FAIL(400, "Bad Request: message to be replied not found"),
					       FAIL(400, "Bad Request: message thread not found"),
					       FAIL(400, "Bad Request: can't parse entities") };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		struct outgoing m = { .delivery_id = 5, .chat_id = "1", .text = "x" };
		struct send_result r;

		g_assert_false(judge(a, &m, 0, help_answer(400, answers[i]), &r, scratch));
		g_assert_cmpint(r.status, ==, SEND_REFUSED);
	}
}

static void test_absurd_wait_is_capped(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "x" };
	struct http_response r = help_answer(
		429, "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":2147483646}}");
	struct send_result result;

	judge(a, &m, 0, r, &result, scratch);
	g_assert_cmpint(result.status, ==, SEND_LATER);
	g_assert_cmpint(result.retry_ms, >=, DAY_MS);
	g_assert_cmpint(result.retry_ms, <, DAY_MS + SECOND_MS);
}

/* A front end may name the path that it did not find, and the token stands in the path. */
static void test_reason_never_holds_the_token(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "x" };
	struct send_result result;

	g_assert_true(log_secret_add(HELP_TOKEN));
	/* so many words before it that a cut to a short text would fall inside the token */
	for (int before = 0; before < 160; before += 8) {
		g_autofree char *words = g_strnfill((gsize)before, 'x');
		g_autofree char *body = g_strdup_printf(
			"{\"ok\":false,\"error_code\":404,\"description\":\"%s /bot%s/sendMessage not found\"}", words, HELP_TOKEN);

		judge(a, &m, 0, help_answer(404, body), &result, scratch);
		g_assert_cmpint(result.status, ==, SEND_BROKEN);
		g_assert_null(strstr(result.reason, "/bot7"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/telegram-judge/" #name, test_##name)
	ADD(every_answer_has_its_outcome);
	ADD(sent_gives_the_remote_id);
	ADD(transport_trouble);
	ADD(group_upgraded_moves_and_sends_again);
	ADD(forbidden_pictures_do_not_park_the_group);
	ADD(flood_waits);
	ADD(flood_in_chat_after_chat_is_the_whole_bots);
	ADD(second_tries);
	ADD(complaint_about_what_was_not_sent_is_final);
	ADD(absurd_wait_is_capped);
	ADD(reason_never_holds_the_token);
	return g_test_run();
}
