/* SPDX-License-Identifier: MIT */
/* Events of the webhook and rows of the history, in every shape the sources name. */
#include "zalo-oa-help.h"

#define ENVELOPE "\"timestamp\":\"1795485467338\",\"app_id\":\"" HELP_APP "\",\"sender\":{\"id\":\"" HELP_USER "\"}"

static GPtrArray *decode(struct adapter *a, const char *body)
{
	GPtrArray *updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_autoptr(GError) error = NULL;

	g_assert_true(zalo_oa_decode(a, body, strlen(body), updates, &error));
	g_assert_no_error(error);
	return updates;
}

static void test_text_in_a_group(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) list =
		decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_group_text\",\"recipient\":{\"id\":\"" HELP_GROUP
			  "\"},\"message\":{\"text\":\"/t truye\xCC\x82\xCC\x80n thanh\",\"msg_id\":\"96d3\"}}");
	const struct update *u;

	g_assert_cmpuint(list->len, ==, 1);
	u = list->pdata[0];
	g_assert_cmpint(u->kind, ==, UPDATE_MESSAGE);
	g_assert_cmpstr(u->adapter, ==, "zalo-oa");
	g_assert_cmpstr(u->bot_id, ==, HELP_OA);
	g_assert_cmpstr(u->key, ==, "96d3");
	g_assert_cmpstr(u->message_id, ==, "96d3");
	g_assert_cmpstr(u->chat_id, ==, HELP_GROUP);
	g_assert_cmpint(u->chat_kind, ==, CHAT_GROUP);
	g_assert_cmpstr(u->user_id, ==, HELP_USER);
	g_assert_null(u->user_name);
	g_assert_cmpstr(u->text, ==, "/t truyền thanh");
	g_assert_cmpint(u->sent_ms, ==, INT64_C(1795485467338));
}

/* Numbers may come as text of any length; what cannot be stored and read back is not taken for a number. */
static void test_numbers_beyond_what_is_kept(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) list = decode(
		a, "{\"timestamp\":\"9223372036854775\",\"app_id\":\"" HELP_APP "\",\"sender\":{\"id\":\"" HELP_USER
		   "\"},\"event_name\":\"user_send_group_file\",\"recipient\":{\"id\":\"" HELP_GROUP
		   "\"},\"message\":{\"msg_id\":\"96d4\",\"attachments\":[{\"type\":\"file\",\"payload\":{\"url\":\"https://f/u\","
		   "\"size\":\"9223372036854775807\"}}]}}");
	const struct update *u;
	const struct attachment *x;
	g_autofree char *stored = NULL;
	g_autoptr(update_t) back = NULL;

	g_assert_cmpuint(list->len, ==, 1);
	u = list->pdata[0];
	x = u->attachments->pdata[0];
	g_assert_cmpint(u->sent_ms, ==, 0);
	g_assert_cmpint(x->size, ==, -1);
	stored = update_serialize(u);
	back = update_parse(stored, NULL);
	g_assert_nonnull(back);
}

static void test_the_groups_id_at_every_place(void)
{
	static const char *const places[] = {
		"\"recipient\":{\"id\":\"G\"}",
		"\"recipient\":{\"group_id\":\"G\"}",
		"\"group_id\":\"G\"",
		"\"conversation\":{\"id\":\"G\"}",
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		g_autofree char *body = g_strdup_printf(
			"{" ENVELOPE ",\"event_name\":\"user_send_group_text\",%s,\"message\":{\"text\":\"x\",\"msg_id\":\"1\"}}",
			places[i]);
		g_autoptr(GPtrArray) list = decode(a, body);

		g_assert_cmpuint(list->len, ==, 1);
		g_assert_cmpstr(((struct update *)list->pdata[0])->chat_id, ==, "G");
	}
}

static void test_private_text_and_names_from_lists(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) list = NULL;
	const struct update *u;

	zalo_oa_remember_name(help_state(a), HELP_USER, "Lan Trần");
	list = decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_text\",\"recipient\":{\"id\":\"" HELP_OA
			 "\"},\"message\":{\"text\":\"/h\",\"msg_id\":\"7\"}}");
	u = list->pdata[0];
	g_assert_cmpint(u->chat_kind, ==, CHAT_PRIVATE);
	g_assert_cmpstr(u->chat_id, ==, HELP_USER);
	g_assert_cmpstr(u->user_name, ==, "Lan Trần");
}

static void test_own_mention_goes_from_the_front(void)
{
	static const struct {
		const char *text, *expected;
		bool mentions;
	} t[] = {
		{ "@CĐS tỉnh /t loa", "/t loa", true },
		{ "@cđs\xC2\xA0TỈNH: /t loa", "/t loa", true },
		{ "@CDS tỉnh /t loa", "@CDS tỉnh /t loa", false },
		{ "nhờ @CĐS tỉnh tìm", "nhờ @CĐS tỉnh tìm", true },
		{ "@CĐS tỉnhA", "@CĐS tỉnhA", false },
		{ "@CĐS", "@CĐS", false },
		{ "@CĐS tỉnh", "", true },
		{ "thư a@b.vn", "thư a@b.vn", false },
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	help_state(a)->oa_name = g_strdup("CĐS tỉnh");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *body = g_strdup_printf(
			"{" ENVELOPE
			",\"event_name\":\"user_send_group_text\",\"recipient\":{\"id\":\"G\"},\"message\":{\"text\":\"%s\","
			"\"msg_id\":\"1\",\"attachments\":[{\"type\":\"image\",\"payload\":{\"url\":\"https://x/y.jpg\"}}]}}",
			t[i].text);
		g_autoptr(GPtrArray) list = decode(a, body);
		const struct update *u = list->pdata[0];

		g_test_message("%s", t[i].text);
		g_assert_cmpstr(u->text, ==, t[i].expected);
		g_assert_cmpint(u->mentions_bot, ==, t[i].mentions);
	}
}

static void test_attachments(void)
{
	static const struct {
		const char *type, *payload;
		enum attachment_kind kind;
		const char *name;
		int64_t size;
	} t[] = {
		{ "image", "{\"url\":\"https://f/u\",\"thumbnail\":\"https://f/t\"}", ATTACHMENT_PHOTO, NULL, -1 },
		{ "gif", "{\"url\":\"https://f/u\"}", ATTACHMENT_PHOTO, NULL, -1 },
		{ "file", "{\"url\":\"https://f/u\",\"name\":\"mẫu.pdf\",\"size\":\"3000000000\",\"type\":\"pdf\"}",
		  ATTACHMENT_FILE, "mẫu.pdf", 3000000000 },
		{ "file", "{\"url\":\"https://f/u\",\"name\":\"a.csv\",\"size\":12}", ATTACHMENT_FILE, "a.csv", 12 },
		{ "video", "{\"thumbnail\":\"https://f/u\"}", ATTACHMENT_VIDEO, NULL, -1 },
		{ "audio", "{\"url\":\"https://f/u\"}", ATTACHMENT_VOICE, NULL, -1 },
		{ "sticker", "{\"id\":\"12\",\"url\":\"https://f/u\"}", ATTACHMENT_STICKER, NULL, -1 },
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *body = g_strdup_printf(
			"{" ENVELOPE
			",\"event_name\":\"user_send_group_%s\",\"recipient\":{\"id\":\"G\"},\"message\":{\"msg_id\":\"1\","
			"\"attachments\":[{\"type\":\"%s\",\"payload\":%s}]}}",
			t[i].type, t[i].type, t[i].payload);
		g_autoptr(GPtrArray) list = decode(a, body);
		const struct update *u;
		const struct attachment *x;

		g_assert_cmpuint(list->len, ==, 1);
		u = list->pdata[0];
		g_assert_cmpstr(u->text, ==, "");
		g_assert_cmpuint(u->attachments->len, ==, 1);
		x = u->attachments->pdata[0];
		g_assert_cmpint(x->kind, ==, t[i].kind);
		g_assert_cmpstr(x->file_id, ==, "https://f/u");
		g_assert_cmpstr(x->name, ==, t[i].name);
		g_assert_cmpint(x->size, ==, t[i].size);
	}
}

static void test_a_link_is_text(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) list =
		decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_group_link\",\"recipient\":{\"id\":\"G\"},\"message\":{\"msg_"
			  "id\":\"1\",\"text\":\"/cc\","
			  "\"attachments\":[{\"type\":\"link\",\"payload\":{\"url\":\"https://congbao.vn/1\"}}]}}");

	g_assert_cmpstr(((struct update *)list->pdata[0])->text, ==, "/cc\nhttps://congbao.vn/1");
}

static void test_a_quote_is_a_reply(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) full = decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_group_text\",\"recipient\":{\"id\":\"G\"},"
					      "\"message\":{\"msg_id\":\"1\",\"text\":\"/luu\","
					      "\"quote_msg\":{\"msg_id\":\"0\",\"text\":\"cách làm\",\"sender\":\"77\"}}}");
	g_autoptr(GPtrArray) brief = decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_group_text\",\"recipient\":{\"id\":\"G\"},"
					       "\"message\":{\"msg_id\":\"2\",\"text\":\"/luu\","
					       "\"quote_msg_id\":\"0\"}}");
	g_autoptr(GPtrArray) own = decode(a, "{" ENVELOPE ",\"event_name\":\"user_send_group_text\",\"recipient\":{\"id\":\"G\"},"
					     "\"message\":{\"msg_id\":\"3\",\"text\":\"rõ\","
					     "\"quote_msg\":{\"msg_id\":\"0\",\"sender\":{\"id\":\"" HELP_OA "\"}}}}");
	const struct update *u = full->pdata[0];

	g_assert_cmpstr(u->reply_to_id, ==, "0");
	g_assert_cmpstr(u->reply_text, ==, "cách làm");
	g_assert_cmpstr(u->reply_user_id, ==, "77");
	g_assert_false(u->replies_to_bot);
	g_assert_cmpstr(((struct update *)brief->pdata[0])->reply_to_id, ==, "0");
	g_assert_true(((struct update *)own->pdata[0])->replies_to_bot);
}

static void test_events_around_groups(void)
{
	static const struct {
		const char *event, *rest;
		guint n;
		enum update_kind kind;
		const char *chat, *user;
	} t[] = {
		{ "create_group", "\"group_id\":\"G\"", 1, UPDATE_CHAT_OPEN, "G", HELP_USER },
		{ "create_group", "\"recipient\":{\"id\":\"G\"}", 1, UPDATE_CHAT_OPEN, "G", HELP_USER },
		{ "user_join_group", "\"group_id\":\"G\"", 1, UPDATE_MEMBER_JOIN, "G", HELP_USER },
		{ "user_join_group", "\"group_id\":\"G\",\"user_id\":\"88\"", 1, UPDATE_MEMBER_JOIN, "G", "88" },
		{ "user_join_group", "\"group_id\":\"G\",\"members\":[{\"user_id\":\"88\"},{\"id\":\"89\"},\"90\",7]", 3,
		  UPDATE_MEMBER_JOIN, "G", "88" },
		{ "react_request_join_group_accept", "\"group_id\":\"G\"", 1, UPDATE_MEMBER_JOIN, "G", HELP_USER },
		{ "react_request_join_group_reject", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "reject_request_join_group", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "user_request_join_group", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "user_out_group", "\"group_id\":\"G\"", 1, UPDATE_MEMBER_LEAVE, "G", HELP_USER },
		{ "user_leave_group", "\"recipient\":{\"group_id\":\"G\"}", 1, UPDATE_MEMBER_LEAVE, "G", HELP_USER },
		{ "disperse_group", "\"group_id\":\"G\"", 1, UPDATE_CHAT_GONE, "G", HELP_USER },
		{ "delete_group", "\"group_id\":\"G\"", 1, UPDATE_CHAT_GONE, "G", HELP_USER },
		{ "add_group_admin", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "update_group_info", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "follow", "\"follower\":{\"id\":\"66\"},\"oa_id\":\"" HELP_OA "\"", 1, UPDATE_CHAT_OPEN, "66", "66" },
		{ "unfollow", "\"follower\":{\"id\":\"66\"},\"oa_id\":\"" HELP_OA "\"", 1, UPDATE_CHAT_GONE, "66", "66" },
		{ "user_seen_message", "\"recipient\":{\"id\":\"" HELP_OA "\"}", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "user_received_message", "\"message\":{\"msg_id\":\"1\"}", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "user_reacted_message", "\"message\":{\"msg_id\":\"1\"}", 0, UPDATE_MESSAGE, NULL, NULL },
		{ "oa_send_group_text", "\"recipient\":{\"id\":\"G\"},\"message\":{\"msg_id\":\"1\",\"text\":\"x\"}", 0,
		  UPDATE_MESSAGE, NULL, NULL },
		{ "oa_send_text", "\"recipient\":{\"id\":\"5\"},\"message\":{\"msg_id\":\"1\",\"text\":\"x\"}", 0, UPDATE_MESSAGE,
		  NULL, NULL },
		{ "user_send_group_text", "\"recipient\":{\"id\":\"G\"},\"message\":{\"text\":\"no id\"}", 0, UPDATE_MESSAGE, NULL,
		  NULL },
		{ "user_send_location", "\"message\":{\"msg_id\":\"1\",\"attachments\":[{\"type\":\"location\",\"payload\":{}}]}",
		  0, UPDATE_MESSAGE, NULL, NULL },
		{ "of a later day", "\"group_id\":\"G\"", 0, UPDATE_MESSAGE, NULL, NULL },
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *body = g_strdup_printf("{" ENVELOPE ",\"event_name\":\"%s\",%s}", t[i].event, t[i].rest);
		g_autoptr(GPtrArray) list = decode(a, body), again = decode(a, body);
		const struct update *u;

		g_test_message("%s", body);
		g_assert_cmpuint(list->len, ==, t[i].n);
		if (t[i].n == 0)
			continue;
		u = list->pdata[0];
		g_assert_cmpint(u->kind, ==, t[i].kind);
		g_assert_cmpstr(u->chat_id, ==, t[i].chat);
		g_assert_cmpstr(u->user_id, ==, t[i].user);
		g_assert_cmpstr(u->key, ==, ((struct update *)again->pdata[0])->key); /* a retry */
		if (t[i].n > 1)
			g_assert_cmpstr(u->key, !=, ((struct update *)list->pdata[1])->key);
	}
}

static void test_a_revoked_permission_is_an_alarm(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) list =
		decode(a, "{\"event_name\":\"permission_revoked\",\"oa_id\":\"" HELP_OA "\",\"timestamp\":\"1\"}");

	g_assert_cmpuint(list->len, ==, 0);
	g_assert_nonnull(a->alarm);
}

static void test_a_row_of_the_history_is_the_same_message(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(cJSON) row = cJSON_Parse("{\"src\":1,\"time\":1795485467338,\"type\":\"text\",\"message\":\"/t "
					   "loa\",\"message_id\":\"96d3\",\"from_id\":\"" HELP_USER
					   "\",\"from_display_name\":\"Lan Trần\",\"group_id\":\"" HELP_GROUP "\"}");
	g_autoptr(cJSON) own = cJSON_Parse(
		"{\"src\":0,\"time\":1795485467338,\"type\":\"text\",\"message\":\"x\",\"message_id\":\"1\",\"from_id\":\"" HELP_OA
		"\"}");
	g_autoptr(cJSON) picture = cJSON_Parse("{\"src\":1,\"time\":\"1795485467338\",\"type\":\"photo\",\"url\":\"https://f/"
					       "u\",\"message_id\":\"2\",\"from_id\":\"5\"}");
	g_autoptr(update_t) u = zalo_oa_decode_row(a, HELP_GROUP, row);
	g_autoptr(update_t) p = zalo_oa_decode_row(a, HELP_GROUP, picture);

	g_assert_cmpstr(u->key, ==, "96d3");
	g_assert_cmpstr(u->chat_id, ==, HELP_GROUP);
	g_assert_cmpstr(u->user_id, ==, HELP_USER);
	g_assert_cmpstr(u->user_name, ==, "Lan Trần");
	g_assert_cmpstr(u->text, ==, "/t loa");
	g_assert_cmpint(u->sent_ms, ==, INT64_C(1795485467338));
	g_assert_null(zalo_oa_decode_row(a, HELP_GROUP, own));
	g_assert_cmpuint(p->attachments->len, ==, 1);
	g_assert_cmpint(p->sent_ms, ==, INT64_C(1795485467338));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/decode/group-text", test_text_in_a_group);
	g_test_add_func("/zalo-oa/decode/numbers-beyond-what-is-kept", test_numbers_beyond_what_is_kept);
	g_test_add_func("/zalo-oa/decode/group-id", test_the_groups_id_at_every_place);
	g_test_add_func("/zalo-oa/decode/private", test_private_text_and_names_from_lists);
	g_test_add_func("/zalo-oa/decode/mention", test_own_mention_goes_from_the_front);
	g_test_add_func("/zalo-oa/decode/attachments", test_attachments);
	g_test_add_func("/zalo-oa/decode/link", test_a_link_is_text);
	g_test_add_func("/zalo-oa/decode/quote", test_a_quote_is_a_reply);
	g_test_add_func("/zalo-oa/decode/events", test_events_around_groups);
	g_test_add_func("/zalo-oa/decode/revoked", test_a_revoked_permission_is_an_alarm);
	g_test_add_func("/zalo-oa/decode/history-row", test_a_row_of_the_history_is_the_same_message);
	return g_test_run();
}
