/* SPDX-License-Identifier: MIT */
/* What goes out: the two calls, broken mentions, made mentions, pictures, files and what replaces them; the upload's steps. */
#include "zalo-oa-help.h"

#include "base/text.h"

#define JOINER "\xE2\x81\xA0"

static struct attachment photo = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"https://f.zdn.vn/a.jpg", .size = -1 };
static struct attachment pdf = {
	.kind = ATTACHMENT_FILE, .file_id = (char *)HELP_BASE "/f/1", .name = (char *)"mẫu \"đơn\".PDF", .size = 1000
};

static cJSON *encode(struct adapter *a, const struct outgoing *m, unsigned attempt, const char *path)
{
	struct http_request r = { 0 };
	const char *reason = NULL;
	cJSON *body;

	g_assert_true(zalo_oa_encode(a, m, attempt, &r, &reason));
	g_assert_cmpstr(r.method, ==, "POST");
	g_assert_true(g_str_has_suffix(r.url, path));
	g_assert_cmpstr(help_header(&r, "access_token"), ==, "AT-0123456789");
	g_assert_null(help_header(&r, "Authorization"));
	body = help_body(&r);
	http_request_clear(&r);
	return body;
}

static void test_the_two_calls(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = { .delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "Đã chốt sổ trực" };
	g_autoptr(cJSON) group = encode(a, &m, 0, "/v3.0/oa/group/message");
	g_autoptr(cJSON) person = NULL;

	g_assert_cmpstr(help_str(group, "recipient.group_id"), ==, HELP_GROUP);
	g_assert_cmpstr(help_str(group, "message.text"), ==, "Đã chốt sổ trực");
	m.chat_kind = CHAT_PRIVATE;
	m.chat_id = HELP_USER;
	person = encode(a, &m, 0, "/v3.0/oa/message/cs");
	g_assert_cmpstr(help_str(person, "recipient.user_id"), ==, HELP_USER); /* a string: 19 digits */
	g_assert_null(json_at(person, "recipient.group_id"));
}

static void test_mentions_in_peoples_text_are_broken(void)
{
	static const struct {
		const char *text, *expected;
	} t[] = {
		{ "không có gì", "không có gì" },
		{ "[@4a9bdemo29cec09099df] họp", "[" JOINER "@4a9bdemo29cec09099df] họp" },
		{ "[@1][@2] [@", "[" JOINER "@1][" JOINER "@2] [" JOINER "@" },
		{ "thư a@b.vn [x] @Lan [ @y]", "thư a@b.vn [x] @Lan [ @y]" },
		{ "[[@1]", "[[" JOINER "@1]" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *out = zalo_oa_neutralise(t[i].text, 2000), *seen = text_clean(out, strlen(out));

		g_assert_cmpstr(out, ==, t[i].expected);
		g_assert_null(strstr(out, "[@"));
		g_assert_cmpstr(seen, ==, t[i].text); /* a reader sees what was written */
	}
}

static void test_a_full_text_does_not_grow(void)
{
	g_autofree char *filler = g_strnfill(1996, 'x'), *full = g_strconcat("[@1]", filler, NULL),
			*out = zalo_oa_neutralise(full, 2000);

	g_assert_cmpuint(text_len(out, TEXT_UTF16), ==, 2000);
	g_assert_null(strstr(out, "[@"));
}

static void test_text_goes_out_as_nfc(void)
{
	g_autofree char *out = zalo_oa_neutralise("Ba\xCC\x81o", 2000);

	g_assert_cmpstr(out, ==, "Báo");
}

static void test_an_answer_in_a_group_mentions_its_person(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = { .delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .user_id = HELP_USER };
	g_autofree char *full = g_strnfill(2000, 'x');
	static const struct {
		const char *text, *user, *expected;
	} t[] = {
		{ "Đã nhận SK14.", HELP_USER, "[@" HELP_USER "] Đã nhận SK14." },
		{ "Lan Trần: nhắn riêng cho hệ thống.", HELP_USER, "[@" HELP_USER "]: nhắn riêng cho hệ thống." },
		{ ": nhắn riêng cho hệ thống.", HELP_USER, "[@" HELP_USER "]: nhắn riêng cho hệ thống." },
		{ "[@" HELP_GROUP "] x", HELP_USER, "[@" HELP_USER "] [" JOINER "@" HELP_GROUP "] x" },
		{ "Đã nhận.", "all] [@x", "Đã nhận." },
		{ "Đã nhận.", "", "Đã nhận." },
		{ "Đã nhận.", NULL, "Đã nhận." },
	};

	zalo_oa_remember_name(help_state(a), HELP_USER, "Lan Trần");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(cJSON) body = NULL;

		m.text = t[i].text;
		m.user_id = t[i].user;
		body = encode(a, &m, 0, "/message");
		g_assert_cmpstr(help_str(body, "message.text"), ==, t[i].expected);
	}
	m.text = full;
	m.user_id = HELP_USER;
	{
		g_autoptr(cJSON) body = encode(a, &m, 0, "/message");

		g_assert_cmpstr(help_str(body, "message.text"), ==, full);
	}
	m.chat_kind = CHAT_PRIVATE;
	m.text = "Đã nhận.";
	{
		g_autoptr(cJSON) body = encode(a, &m, 0, "/message/cs");

		g_assert_cmpstr(help_str(body, "message.text"), ==, "Đã nhận.");
	}
}

static void test_a_picture_goes_by_its_address(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = {
		.delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "Lễ ra quân [@1]", .file = &photo
	};
	g_autoptr(cJSON) body = encode(a, &m, 0, "/group/message");
	g_autoptr(cJSON) bare = NULL;
	g_autoptr(cJSON) again = NULL;

	g_assert_cmpstr(help_str(body, "message.text"), ==, "Lễ ra quân [" JOINER "@1]");
	g_assert_cmpstr(help_str(body, "message.attachment.type"), ==, "template");
	g_assert_cmpstr(help_str(body, "message.attachment.payload.template_type"), ==, "media");
	g_assert_cmpstr(help_str(body, "message.attachment.payload.elements[0].media_type"), ==, "image");
	g_assert_cmpstr(help_str(body, "message.attachment.payload.elements[0].url"), ==, photo.file_id);
	g_assert_null(json_at(body, "message.attachment.payload.elements[0].attachment_id"));
	m.text = "";
	bare = encode(a, &m, 0, "/group/message");
	g_assert_null(json_at(bare, "message.text"));
	again = encode(a, &m, 1, "/group/message");
	g_assert_null(json_at(again, "message.attachment"));
	g_assert_true(g_str_has_prefix(help_str(again, "message.text"), "Ảnh: chưa chuyển được"));
}

/* People name files as they like. */
static void test_the_name_of_a_file_calls_nobody(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct attachment zip = { .kind = ATTACHMENT_FILE, .file_id = (char *)"https://f.zdn.vn/a", .name = (char *)"[@" HELP_GROUP "].zip", .size = 10 };
	struct outgoing m = { .delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "", .file = &zip };
	g_autoptr(cJSON) body = encode(a, &m, 0, "/group/message");

	g_assert_nonnull(strstr(help_str(body, "message.text"), "[" JOINER "@" HELP_GROUP "].zip"));
	g_assert_null(strstr(help_str(body, "message.text"), "[@"));
}

static void test_a_file_goes_by_its_upload(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct outgoing m = {
		.delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "", .file = &pdf, .upload_id = "UT-1"
	};
	g_autoptr(cJSON) body = encode(a, &m, 0, "/group/message");
	cJSON *without;

	g_assert_cmpstr(help_str(body, "message.attachment.type"), ==, "file");
	g_assert_cmpstr(help_str(body, "message.attachment.payload.token"), ==, "UT-1");
	m.upload_id = NULL;
	without = encode(a, &m, 0, "/group/message");
	g_assert_null(json_at(without, "message.attachment"));
	g_assert_nonnull(strstr(help_str(without, "message.text"), "mẫu \"đơn\".PDF"));
	cJSON_Delete(without);
}

static void test_what_cannot_be_sent_is_refused(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *long_text = g_strnfill(2001, 'x');
	const struct outgoing t[] = {
		{ .chat_id = "", .text = "x" },
		{ .chat_id = "1", .text = " \n" },
		{ .chat_id = "1", .text = long_text },
		{ .chat_id = "1", .text = "\xff" },
		{ .chat_id = "1", .text = "lời", .file = &pdf },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct http_request r = { 0 };
		const char *reason = NULL;

		g_assert_false(zalo_oa_encode(a, &t[i], 0, &r, &reason));
		g_assert_nonnull(reason);
	}
}

/* Upload */

static bool begins(struct adapter *a, const struct attachment *file)
{
	const struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "", .file = file };
	struct http_request r = { 0 };
	bool yes = zalo_oa_prepare(a, &m, 0, NULL, &r);

	if (yes) {
		g_assert_cmpstr(r.method, ==, "GET");
		g_assert_cmpstr(r.url, ==, file->file_id);
		g_assert_null(r.headers); /* the token is nobody else's business */
		/* more could not be uploaded */
		g_assert_cmpuint(r.response_max, ==, file->kind == ATTACHMENT_PHOTO ? ZALO_OA_PICTURE_MAX : ZALO_OA_FILE_MAX);
	}
	http_request_clear(&r);
	return yes;
}

static void test_only_what_zalo_takes_is_uploaded(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct attachment f = pdf;

	g_assert_true(begins(a, &f));
	f.size = -1;
	g_assert_true(begins(a, &f));
	f.size = ZALO_OA_FILE_MAX + 1;
	g_assert_false(begins(a, &f));
	f.size = 10;
	f.name = (char *)"a.zip";
	g_assert_false(begins(a, &f));
	f.name = NULL;
	g_assert_false(begins(a, &f));
	f = pdf;
	f.file_id = (char *)"file:///etc/passwd";
	g_assert_false(begins(a, &f));
	f.file_id = (char *)"http://10.0.0.1/x";
	g_assert_false(begins(a, &f));
	g_free(help_state(a)->api);
	help_state(a)->api = g_strdup("https://openapi.zalo.me");
	f.file_id = (char *)"http://127.0.0.1:8081/metrics"; /* an event must not make the bot look around in its own house */
	g_assert_false(begins(a, &f));
	f = photo;
	g_assert_true(begins(a, &f));
	f.size = ZALO_OA_PICTURE_MAX + 1;
	g_assert_false(begins(a, &f)); /* by its address */
	f.size = -1;
	f.file_id = (char *)"http://f.zdn.vn/a.jpg";
	g_assert_false(begins(a, &f));
	g_assert_false(begins(a, NULL));
}

static void test_the_upload_carries_the_bytes(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	const struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "", .file = &pdf };
	static const char bytes[] = "%PDF-1.4\0\r\n--\xff";
	const struct http_response before = {
		.trouble = HTTP_ANSWERED, .status = 200, .body = bytes, .body_len = sizeof(bytes) - 1
	};
	struct http_request r = { 0 };
	const char *boundary;
	g_autofree char *end = NULL;

	g_assert_true(zalo_oa_prepare(a, &m, 1, &before, &r));
	g_assert_cmpstr(r.method, ==, "POST");
	g_assert_true(g_str_has_suffix(r.url, "/v2.0/oa/upload/file"));
	g_assert_cmpstr(help_header(&r, "access_token"), ==, "AT-0123456789");
	boundary = strstr(r.content_type, "boundary=") + strlen("boundary=");
	g_assert_true(g_str_has_prefix(r.body, "--") && g_str_has_prefix(r.body + 2, boundary));
	g_assert_nonnull(strstr(r.body, "name=\"file\"; filename=\"mẫu _đơn_.PDF\"\r\nContent-Type: application/pdf\r\n\r\n"));
	g_assert_nonnull(memmem(r.body, r.body_len, bytes, sizeof(bytes) - 1));
	end = g_strdup_printf("\r\n--%s--\r\n", boundary);
	g_assert_cmpint(memcmp(r.body + r.body_len - strlen(end), end, strlen(end)), ==, 0);
	http_request_clear(&r);
	g_assert_false(zalo_oa_prepare(a, &m, 2, &before, &r));
}

static void test_a_picture_is_uploaded_by_its_bytes(void)
{
	static const struct {
		const char *bytes, *mime;
	} t[] = {
		{ "\xFF\xD8\xFF\xE0rest", "filename=\"anh.jpg\"\r\nContent-Type: image/jpeg\r\n" },
		{ "\x89PNG\r\n\x1A\nrest", "filename=\"anh.png\"\r\nContent-Type: image/png\r\n" },
		{ "GIF89a", NULL }, /* by its address */
		{ "<html>", NULL },
		{ "", NULL },
	};
	g_autoptr(adapter_t) a = help_adapter_new();
	const struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "", .file = &photo };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct http_response before = help_answer(200, t[i].bytes);
		struct http_request r = { 0 };

		g_assert_cmpint(zalo_oa_prepare(a, &m, 1, &before, &r), ==, t[i].mime != NULL);
		if (t[i].mime) {
			g_assert_true(g_str_has_suffix(r.url, "/v2.0/oa/upload/image"));
			g_assert_nonnull(strstr(r.body, t[i].mime));
		}
		http_request_clear(&r);
	}
}

static bool judge_step(struct adapter *a, unsigned step, struct http_response r, char **id, struct send_result *ret)
{
	const struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "", .file = &pdf };
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);

	return zalo_oa_judge_prepare(a, &m, step, &r, id, ret, scratch);
}

static void test_steps_go_on_or_end_the_send(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	const struct outgoing m = { .delivery_id = 1, .chat_id = "1", .text = "", .file = &pdf };
	struct http_response gone = help_answer(404, "gone"), down = help_answer(503, "");
	struct http_request r = { 0 };
	struct send_result ret = { 0 };
	g_autofree char *id = NULL;

	g_assert_true(judge_step(a, 0, help_answer(200, "bytes"), &id, &ret));
	g_assert_true(judge_step(a, 0, gone, &id, &ret));
	g_assert_false(zalo_oa_prepare(a, &m, 1, &gone, &r)); /* no upload: the line of text */
	g_assert_false(judge_step(a, 0, down, &id, &ret));
	g_assert_cmpint(ret.status, ==, SEND_LATER);
	g_assert_null(id);
	g_assert_true(judge_step(a, 1, help_answer(200, "{\"error\":-201,\"message\":\"file is invalid\"}"), &id, &ret));
	g_assert_null(id);
	g_assert_false(judge_step(a, 1, help_answer(200, "{\"error\":-216,\"message\":\"x\"}"), &id, &ret));
	g_assert_cmpint(ret.status, ==, SEND_LATER);
	g_assert_cmpstr(a->wants_errand, ==, "refresh");
	g_assert_false(judge_step(a, 1, help_answer(502, "<html>"), &id, &ret));
	g_assert_cmpint(ret.status, ==, SEND_LATER); /* nothing was said in the chat yet */
	g_assert_true(judge_step(a, 1, help_answer(200, "{\"error\":0,\"data\":{\"token\":\"UT-9\"}}"), &id, &ret));
	g_assert_cmpstr(id, ==, "UT-9");
}

static void test_a_picture_that_cannot_be_uploaded_goes_by_its_address(void)
{
	static const struct {
		long status;
		const char *body;
		bool goes_on;
		const char *id;
	} t[] = {
		{ 200, "{\"error\":0,\"data\":{\"attachment_id\":\"ATT-1\"}}", true, "ATT-1" },
		{ 200, "{\"error\":0,\"data\":{}}", true, NULL },
		{ 200, "{\"error\":-211,\"message\":\"uploads of the month\"}", true, NULL },
		{ 502, "<html>", true, NULL },
		{ 200, "{\"error\":-216,\"message\":\"x\"}", false, NULL },
		{ 200, "{\"error\":-32,\"message\":\"x\"}", false, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(cJSON) body = NULL;
		struct outgoing m = { .delivery_id = 1, .chat_id = HELP_GROUP, .chat_kind = CHAT_GROUP, .text = "", .file = &photo };
		struct http_response r = help_answer(t[i].status, t[i].body), gone = help_answer(404, "<html>");
		struct send_result ret = { .status = SEND_LATER };
		g_autofree char *id = NULL;

		g_assert_true(zalo_oa_judge_prepare(a, &m, 0, &gone, &id, &ret, scratch));
		zalo_oa_mark_used(a->state, m.delivery_id);
		g_assert_cmpint(zalo_oa_judge_prepare(a, &m, 1, &r, &id, &ret, scratch), ==, t[i].goes_on);
		g_assert_cmpstr(id, ==, t[i].id);
		g_assert_cmpuint(g_hash_table_size(help_state(a)->used), ==, t[i].goes_on); /* one that ends here leaves nothing behind */
		m.upload_id = id;
		body = encode(a, &m, 0, "/group/message");
		g_assert_cmpstr(help_str(body, "message.attachment.payload.elements[0].attachment_id"), ==, id ? id : "-");
		g_assert_cmpstr(help_str(body, "message.attachment.payload.elements[0].url"), ==, id ? "-" : photo.file_id);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/encode/calls", test_the_two_calls);
	g_test_add_func("/zalo-oa/encode/broken-mentions", test_mentions_in_peoples_text_are_broken);
	g_test_add_func("/zalo-oa/encode/full-text", test_a_full_text_does_not_grow);
	g_test_add_func("/zalo-oa/encode/nfc", test_text_goes_out_as_nfc);
	g_test_add_func("/zalo-oa/encode/mention", test_an_answer_in_a_group_mentions_its_person);
	g_test_add_func("/zalo-oa/encode/picture", test_a_picture_goes_by_its_address);
	g_test_add_func("/zalo-oa/encode/picture-upload", test_a_picture_is_uploaded_by_its_bytes);
	g_test_add_func("/zalo-oa/encode/picture-steps", test_a_picture_that_cannot_be_uploaded_goes_by_its_address);
	g_test_add_func("/zalo-oa/encode/file-name", test_the_name_of_a_file_calls_nobody);
	g_test_add_func("/zalo-oa/encode/file", test_a_file_goes_by_its_upload);
	g_test_add_func("/zalo-oa/encode/refused", test_what_cannot_be_sent_is_refused);
	g_test_add_func("/zalo-oa/upload/types", test_only_what_zalo_takes_is_uploaded);
	g_test_add_func("/zalo-oa/upload/multipart", test_the_upload_carries_the_bytes);
	g_test_add_func("/zalo-oa/upload/steps", test_steps_go_on_or_end_the_send);
	return g_test_run();
}
