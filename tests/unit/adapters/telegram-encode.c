/* SPDX-License-Identifier: MIT */
/* What the Telegram adapter sends: text with entities, replies, topics, kept files. What the answers mean is tested in
 * telegram-judge.c. */
#include "telegram-help.h"

static cJSON *encode_ok(struct adapter *a, const struct outgoing *m, unsigned attempt, const char *method)
{
	struct http_request r = { 0 };
	const char *reason = NULL;
	g_autofree char *url = g_strdup_printf(HELP_BASE "/bot" HELP_TOKEN "/%s", method);
	cJSON *body;

	g_assert_true(telegram_encode(a, m, attempt, &r, &reason));
	g_assert_cmpstr(r.method, ==, "POST");
	g_assert_cmpstr(r.url, ==, url);
	g_assert_cmpstr(r.content_type, ==, "application/json");
	g_assert_cmpuint(r.body_len, ==, strlen(r.body));
	g_assert_cmpint(r.timeout_ms, >, 0);
	body = help_body(&r);
	http_request_clear(&r);
	return body;
}

static void test_text_with_reply_and_topic(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = { .chat_id = "-1002233445566",
			      .chat_kind = CHAT_GROUP,
			      .thread_id = "9",
			      .reply_to_id = "5120",
			      .text = "SK14 <Điều 5> & \"mã QR\"" };
	g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");

	assert_at(body, "chat_id", "-1002233445566");
	assert_at(body, "text", "\"SK14 <Điều 5> & \\\"mã QR\\\"\"");
	assert_at(body, "message_thread_id", "9");
	assert_at(body, "reply_parameters", "{\"message_id\":5120,\"allow_sending_without_reply\":true}");
	assert_at(body, "link_preview_options", "{\"is_disabled\":true}");
	assert_at(body, "parse_mode", "-");
	assert_at(body, "entities", "-");
}

static void test_chat_ids_are_exact(void)
{
	static const struct {
		const char *id, *json;
	} t[] = {
		{ "-1002233445566", "-1002233445566" },
		{ "4503599627370495", "4503599627370495" },
		{ "6200300400", "6200300400" },
		{ "@kenh_cds", "\"@kenh_cds\"" },
		{ "18446744073709551615", "\"18446744073709551615\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct outgoing m = { .chat_id = t[i].id, .text = "x" };
		g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");

		assert_at(body, "chat_id", t[i].json);
	}
}

static void test_foreign_reply_ids_are_left_out(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = { .chat_id = "1", .text = "x", .reply_to_id = "abc", .thread_id = "0" };
	g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");

	assert_at(body, "reply_parameters", "-");
	assert_at(body, "message_thread_id", "-");
}

static void test_spans_become_entities_in_utf16_units(void)
{
	static const struct {
		const char *name, *text;
		struct span span;
		const char *entities;
	} t[] = {
		{ "plain", "SK14 mới", { SPAN_BOLD, 0, 4 }, "[{\"type\":\"bold\",\"offset\":0,\"length\":4}]" },
		{ "Vietnamese letters are one unit",
		  "Đã duyệt SK14",
		  { SPAN_ITALIC, 5, 7 },
		  "[{\"type\":\"italic\",\"offset\":3,\"length\":5}]" },
		{ "an emoji before is two", "😀 SK14", { SPAN_CODE, 5, 4 }, "[{\"type\":\"code\",\"offset\":3,\"length\":4}]" },
		{ "an emoji inside is two", "a😀b", { SPAN_BOLD, 0, 6 }, "[{\"type\":\"bold\",\"offset\":0,\"length\":4}]" },
		{ "combining marks are units", "a\u0323b", { SPAN_BOLD, 3, 1 }, "[{\"type\":\"bold\",\"offset\":2,\"length\":1}]" },
		{ "empty", "abc", { SPAN_BOLD, 1, 0 }, "-" },
		{ "beyond the end", "abc", { SPAN_BOLD, 2, 5 }, "-" },
		{ "overflowing", "abc", { SPAN_BOLD, 2, SIZE_MAX }, "-" },
		{ "starts far outside", "abc", { SPAN_BOLD, SIZE_MAX, 1 }, "-" },
		{ "cuts a letter", "Đ", { SPAN_BOLD, 1, 1 }, "-" },
		{ "ends inside a letter", "Đ", { SPAN_BOLD, 0, 1 }, "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct outgoing m = { .chat_id = "1", .text = t[i].text, .spans = &t[i].span, .n_spans = 1 };
		g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");

		g_test_message("%s", t[i].name);
		assert_at(body, "entities", t[i].entities);
	}
}

static void test_at_most_a_hundred_entities(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct span spans[150];
	g_autofree char *text = g_strnfill(150, 'a');
	struct outgoing m = { .chat_id = "1", .text = text, .spans = spans, .n_spans = ARRAY_SIZE(spans) };
	g_autoptr(cJSON) body = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
		spans[i] = (struct span){ SPAN_BOLD, i, 1 };
	body = encode_ok(a, &m, 0, "sendMessage");
	g_assert_cmpint(cJSON_GetArraySize(json_at(body, "entities")), ==, 100);
}

static void test_files_are_sent_on_by_the_method_of_their_type(void)
{
	static const struct {
		enum attachment_kind kind;
		const char *file_id, *method, *field, *sent;
		bool has_caption;
	} t[] = {
		{ ATTACHMENT_PHOTO, "AgAD", "sendPhoto", "photo", "\"AgAD\"", true },
		{ ATTACHMENT_FILE, "BQAD", "sendDocument", "document", "\"BQAD\"", true },
		{ ATTACHMENT_FILE, "audio:CQAD", "sendAudio", "audio", "\"CQAD\"", true },
		{ ATTACHMENT_VIDEO, "BAAD", "sendVideo", "video", "\"BAAD\"", true },
		{ ATTACHMENT_VIDEO, "animation:CgAD", "sendAnimation", "animation", "\"CgAD\"", true },
		{ ATTACHMENT_VIDEO, "video_note:DQAD", "sendVideoNote", "video_note", "\"DQAD\"", false },
		{ ATTACHMENT_VOICE, "AwAD", "sendVoice", "voice", "\"AwAD\"", true },
		{ ATTACHMENT_STICKER, "CAAD", "sendSticker", "sticker", "\"CAAD\"", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct attachment file = { .kind = t[i].kind, .file_id = (char *)t[i].file_id };
		struct span span = { SPAN_BOLD, 0, 4 };
		struct outgoing m = {
			.chat_id = "1", .text = t[i].has_caption ? "SK14" : "", .file = &file, .spans = &span, .n_spans = 1
		};
		g_autoptr(cJSON) body = encode_ok(a, &m, 0, t[i].method);

		assert_at(body, t[i].field, t[i].sent);
		assert_at(body, "caption", t[i].has_caption ? "\"SK14\"" : "-");
		assert_at(body, "caption_entities", t[i].has_caption ? "[{\"type\":\"bold\",\"offset\":0,\"length\":4}]" : "-");
		assert_at(body, "text", "-");
	}
}

static char *repeat(const char *s, size_t n)
{
	GString *out = g_string_new(NULL);

	while (n--)
		g_string_append(out, s);
	return g_string_free(out, FALSE);
}

static void test_lengths_are_counted_in_utf16_units(void)
{
	static const struct {
		const char *name, *piece, *tail;
		size_t n;
		bool is_caption, is_ok;
	} t[] = {
		{ "4096 letters", "ạ", "", 4096, false, true },
		{ "4097 letters", "ạ", "", 4097, false, false },
		{ "2048 emoji", "😀", "", 2048, false, true },
		{ "an emoji across the border", "ạ", "😀", 4095, false, false },
		{ "an emoji up to the border", "ạ", "😀", 4094, false, true },
		{ "caption of 1024", "ạ", "", 1024, true, true },
		{ "caption of 1025", "ạ", "", 1025, true, false },
	};
	struct attachment file = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"AgAD" };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *most = repeat(t[i].piece, t[i].n), *text = g_strconcat(most, t[i].tail, NULL);
		struct outgoing m = { .chat_id = "1", .text = text, .file = t[i].is_caption ? &file : NULL };
		struct http_request r = { 0 };
		const char *reason = NULL;

		g_test_message("%s", t[i].name);
		g_assert_cmpint(telegram_encode(a, &m, 0, &r, &reason), ==, t[i].is_ok);
		g_assert_cmpint(reason == NULL, ==, t[i].is_ok);
		http_request_clear(&r);
	}
}

static void test_what_cannot_be_sent_is_refused_with_a_reason(void)
{
	struct attachment sticker = { .kind = ATTACHMENT_STICKER, .file_id = (char *)"CAAD" };
	struct attachment nothing = { .kind = ATTACHMENT_PHOTO, .file_id = NULL };
	const struct outgoing t[] = {
		{ .chat_id = "1", .text = "" },
		{ .chat_id = "1", .text = " \n\t" },
		{ .chat_id = "1", .text = NULL },
		{ .chat_id = "1", .text = "a\xFF" },
		{ .chat_id = "", .text = "a" },
		{ .chat_id = "1", .text = "lời", .file = &sticker },
		{ .chat_id = "1", .text = "", .file = &nothing },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct http_request r = { 0 };
		const char *reason = NULL;

		g_assert_false(telegram_encode(a, &t[i], 0, &r, &reason));
		g_assert_nonnull(reason);
		g_assert_null(r.url);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/telegram-encode/" #name, test_##name)
	ADD(text_with_reply_and_topic);
	ADD(chat_ids_are_exact);
	ADD(foreign_reply_ids_are_left_out);
	ADD(spans_become_entities_in_utf16_units);
	ADD(at_most_a_hundred_entities);
	ADD(files_are_sent_on_by_the_method_of_their_type);
	ADD(lengths_are_counted_in_utf16_units);
	ADD(what_cannot_be_sent_is_refused_with_a_reason);
	return g_test_run();
}
