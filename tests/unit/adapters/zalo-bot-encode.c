/* SPDX-License-Identifier: MIT */
/* What the Zalo Bot adapter sends: plain text with styles, pictures by address, a line about files it cannot carry. */
#include "base/text.h"
#include "zalo-bot-help.h"

static cJSON *encode_ok(struct adapter *a, const struct outgoing *m, unsigned attempt, const char *method)
{
	struct http_request r = { 0 };
	const char *reason = NULL;
	g_autofree char *url = g_strdup_printf(HELP_BASE "/bot" HELP_TOKEN "/%s", method);
	cJSON *body;

	g_assert_true(zalo_bot_encode(a, m, attempt, &r, &reason));
	g_assert_cmpstr(r.method, ==, "POST");
	g_assert_cmpstr(r.url, ==, url);
	g_assert_cmpstr(r.content_type, ==, "application/json");
	g_assert_cmpint(r.timeout_ms, ==, g_str_equal(method, "sendPhoto") ? 150000 : 30000);
	body = help_body(&r);
	http_request_clear(&r);
	return body;
}

static void test_text_goes_plain(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = { .chat_id = "zgr-0f3b",
			      .chat_kind = CHAT_GROUP,
			      .thread_id = "9",
			      .reply_to_id = "5a0c",
			      .text = "SK14 **x** <b> {red}" };
	g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");
	g_autofree char *all = json_text(body);

	g_assert_cmpstr(all, ==, "{\"chat_id\":\"zgr-0f3b\",\"text\":\"SK14 **x** <b> {red}\"}");
}

static void test_spans_become_styles_in_utf16_units(void)
{
	static const struct {
		const char *text;
		struct span span;
		const char *styles;
	} t[] = {
		{ "SK14 mới", { SPAN_BOLD, 0, 4 }, "[{\"start\":0,\"len\":4,\"st\":[\"b\"]}]" },
		{ "Đã duyệt SK14", { SPAN_ITALIC, 5, 7 }, "[{\"start\":3,\"len\":5,\"st\":[\"i\"]}]" },
		{ "😀 SK14", { SPAN_BOLD, 5, 4 }, "[{\"start\":3,\"len\":4,\"st\":[\"b\"]}]" },
		{ "/tim", { SPAN_CODE, 0, 4 }, "-" },
		{ "abc", { SPAN_BOLD, 1, 0 }, "-" },
		{ "abc", { SPAN_BOLD, 2, SIZE_MAX }, "-" },
		{ "abc", { SPAN_BOLD, SIZE_MAX, 1 }, "-" },
		{ "Đ", { SPAN_BOLD, 1, 1 }, "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct outgoing m = { .chat_id = "1", .text = t[i].text, .spans = &t[i].span, .n_spans = 1 };
		g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");

		assert_at(body, "text_styles", t[i].styles);
		assert_at(body, "parse_mode", "-");
	}
}

static void test_files(void)
{
	static const struct {
		const char *name;
		enum attachment_kind kind;
		const char *file_id, *file_name;
		enum chat_kind chat;
		unsigned attempt;
		const char *text, *method, *field, *value;
	} t[] = {
		{ "picture", ATTACHMENT_PHOTO, "https://p.example/a.jpg", NULL, CHAT_GROUP, 0, "SK1", "sendPhoto", "caption",
		  "\"SK1\"" },
		{ "picture without words", ATTACHMENT_PHOTO, "https://p.example/a.jpg", NULL, CHAT_GROUP, 0, "", "sendPhoto",
		  "caption", "-" },
		{ "its address", ATTACHMENT_PHOTO, "https://p.example/a.jpg", NULL, CHAT_GROUP, 0, "", "sendPhoto", "photo",
		  "\"https://p.example/a.jpg\"" },
		{ "picture whose address was refused", ATTACHMENT_PHOTO, "https://p.example/a.jpg", NULL, CHAT_GROUP, 1, "SK1",
		  "sendMessage", "text", "\"SK1\\n(Ảnh không gửi qua bot Zalo được, xem ở tin gốc.)\"" },
		{ "picture of another platform", ATTACHMENT_PHOTO, "AgACAgUAAx", NULL, CHAT_GROUP, 0, "", "sendMessage", "text",
		  "\"(Ảnh không gửi qua bot Zalo được, xem ở tin gốc.)\"" },
		{ "document", ATTACHMENT_FILE, "https://p.example/a.pdf", "mẫu.pdf", CHAT_PRIVATE, 0, "SK1", "sendMessage", "text",
		  "\"SK1\\n(Tệp “mẫu.pdf” không gửi qua bot Zalo được, xem ở tin gốc.)\"" },
		{ "voice in private", ATTACHMENT_VOICE, "https://v.example/v.aac", NULL, CHAT_PRIVATE, 0, "", "sendVoice",
		  "voice_url", "\"https://v.example/v.aac\"" },
		{ "voice to a group is delivered to nobody", ATTACHMENT_VOICE, "https://v.example/v.aac", NULL, CHAT_GROUP, 0, "",
		  "sendMessage", "text", "\"(Ghi âm không gửi qua bot Zalo được, xem ở tin gốc.)\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct attachment file = { .kind = t[i].kind, .file_id = (char *)t[i].file_id, .name = (char *)t[i].file_name };
		struct outgoing m = { .chat_id = "1", .chat_kind = t[i].chat, .text = t[i].text, .file = &file };
		g_autoptr(cJSON) body = encode_ok(a, &m, t[i].attempt, t[i].method);

		g_test_message("%s", t[i].name);
		assert_at(body, t[i].field, t[i].value);
	}
}

static void test_the_line_about_a_file_never_costs_text(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *text = g_strnfill(ZALO_BOT_TEXT_MAX - 10, 'a');
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"x" };
	struct outgoing m = { .chat_id = "1", .text = text, .file = &file };
	g_autoptr(cJSON) body = encode_ok(a, &m, 0, "sendMessage");
	const char *sent = NULL;

	g_assert_true(json_str(body, "text", &sent));
	g_assert_cmpstr(sent, ==, text);
}

static void test_refusals(void)
{
	g_autofree char *limit = g_strnfill(ZALO_BOT_TEXT_MAX, 'a'), *over = g_strconcat(limit, "a", NULL);
	const struct {
		const char *chat, *text;
		bool is_ok;
	} t[] = {
		{ "1", limit, true }, { "1", over, false }, { "1", " \n", false },  { "1", "", false },
		{ "", "x", false },   { NULL, "x", false }, { "1", "\xFF", false }, { "1", NULL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct outgoing m = { .chat_id = t[i].chat, .text = t[i].text };
		struct http_request r = { 0 };
		const char *reason = NULL;

		g_assert_cmpint(zalo_bot_encode(a, &m, 0, &r, &reason), ==, t[i].is_ok);
		g_assert_cmpint(reason == NULL, ==, t[i].is_ok);
		http_request_clear(&r);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-encode/" #name, test_##name)
	ADD(text_goes_plain);
	ADD(spans_become_styles_in_utf16_units);
	ADD(files);
	ADD(the_line_about_a_file_never_costs_text);
	ADD(refusals);
	return g_test_run();
}
