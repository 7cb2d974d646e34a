/* SPDX-License-Identifier: MIT */
/* What the Telegram adapter understands of an Update: the samples of the fact sheet and what real bots fell over. Nothing of
 * polling or of sending. */
#include "telegram-help.h"

#define FROM_LAN "\"from\":{\"id\":6200300400,\"is_bot\":false,\"first_name\":\"Lan\",\"last_name\":\"Trần\"}"
#define GROUP "\"chat\":{\"id\":-1002233445566,\"type\":\"supergroup\",\"title\":\"Tổ hướng dẫn cư trú\"}"
#define PRIVATE "\"chat\":{\"id\":6200300400,\"type\":\"private\",\"first_name\":\"Lan\"}"
#define MESSAGE(rest)                                                                                                              \
	"{\"update_id\":412000101,\"message\":{\"message_id\":5120,\"date\":1767225600," FROM_LAN "," GROUP "," rest "}}"

static GPtrArray *decode_n(struct adapter *a, const char *bytes, size_t len)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);

	g_assert_true(telegram_decode(a, bytes, len, updates, &error));
	g_assert_no_error(error);
	return updates;
}

static GPtrArray *decode(struct adapter *a, const char *json)
{
	return decode_n(a, json, strlen(json));
}

/* The one update in it. */
static struct update *decode_one(struct adapter *a, const char *json, GPtrArray **ret_updates)
{
	*ret_updates = decode(a, json);
	g_assert_cmpuint((*ret_updates)->len, ==, 1);
	return g_ptr_array_index(*ret_updates, 0);
}

static void test_text_in_a_supergroup(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(a,
				      MESSAGE("\"text\":\"/hoi@sotay_nv_bot gia hạn tạm trú mấy ngày?\","
					      "\"entities\":[{\"type\":\"bot_command\",\"offset\":0,\"length\":17}]"),
				      &updates);

	g_assert_cmpint(u->kind, ==, UPDATE_MESSAGE);
	g_assert_cmpstr(u->adapter, ==, "telegram");
	g_assert_cmpstr(u->bot_id, ==, "700100200");
	g_assert_cmpstr(u->key, ==, "412000101");
	g_assert_cmpstr(u->chat_id, ==, "-1002233445566");
	g_assert_cmpint(u->chat_kind, ==, CHAT_GROUP);
	g_assert_cmpstr(u->chat_title, ==, "Tổ hướng dẫn cư trú");
	g_assert_cmpstr(u->user_id, ==, "6200300400");
	g_assert_cmpstr(u->user_name, ==, "Lan Trần");
	g_assert_cmpstr(u->message_id, ==, "5120");
	g_assert_cmpint(u->sent_ms, ==, INT64_C(1767225600000));
	g_assert_cmpstr(u->text, ==, "/hoi gia hạn tạm trú mấy ngày?");
	g_assert_true(u->mentions_bot);
	g_assert_false(u->for_other_bot);
	g_assert_false(u->is_forwarded);
	g_assert_null(u->thread_id);
	g_assert_null(u->reply_to_id);
	g_assert_cmpuint(u->attachments->len, ==, 0);
}

static void test_who_is_spoken_to(void)
{
	static const struct {
		const char *name, *text, *entities, *expected;
		bool mentions, other;
	} t[] = {
		{ "plain talk", "Chào cả nhà", "", "Chào cả nhà", false, false },
		{ "bare command", "/tim loa", "", "/tim loa", false, false },
		{ "own suffix in other case", "/Tim@SoTay_NV_Bot loa", "", "/Tim loa", true, false },
		{ "own suffix after a word with diacritics", "/tạm_trú@sotay_nv_bot mấy ngày", "", "/tạm_trú mấy ngày", true,
		  false },
		{ "own suffix after the second word", "/Chia sẻ@sotay_nv_bot Tên", "", "/Chia sẻ Tên", true, false },
		{ "full-width slash", "／tim@sotay_nv_bot loa", "", "／tim loa", true, false },
		{ "own suffix and a new line", "/chiase@sotay_nv_bot\\nDV: x", "", "/chiase\nDV: x", true, false },
		{ "other bot by entity", "/hoi@Other_helper x", "{\"type\":\"bot_command\",\"offset\":0,\"length\":17}",
		  "/hoi@Other_helper x", false, true },
		{ "other bot by name", "/hoi@Other_bot x", "", "/hoi@Other_bot x", false, true },
		{ "other bot whose name begins like ours", "/hoi@sotay_nv_bot2bot x", "", "/hoi@sotay_nv_bot2bot x", false, true },
		{ "address glued to a command is no bot", "/dk@ubnd x", "", "/dk@ubnd x", false, false },
		{ "mention of another bot in the text of a command", "/hoi SK3 hỏi @Other_bot", "", "/hoi SK3 hỏi @Other_bot",
		  false, false },
		{ "mention at the start", "@sotay_nv_bot tìm loa", "{\"type\":\"mention\",\"offset\":0,\"length\":13}", "tìm loa",
		  true, false },
		{ "mention with a comma and a command", " @SOTAY_NV_BOT, /tim loa", "", "/tim loa", true, false },
		{ "mention and suffix", "@sotay_nv_bot /tim@sotay_nv_bot loa", "", "/tim loa", true, false },
		{ "mention in the middle stays", "nhờ @sotay_nv_bot tìm loa", "", "nhờ @sotay_nv_bot tìm loa", true, false },
		{ "mention only", "@sotay_nv_bot", "", "", true, false },
		{ "e-mail address is no mention", "thu@sotay_nv_bot", "", "thu@sotay_nv_bot", false, false },
		{ "longer name is another's", "@sotay_nv_bot_2 ơi", "", "@sotay_nv_bot_2 ơi", false, false },
		{ "mention by number, after an emoji of two units", "😀 Sổ tay ơi",
		  "{\"type\":\"text_mention\",\"offset\":3,\"length\":6,\"user\":{\"id\":700100200}}", "😀 Sổ tay ơi", true, false },
		{ "mention by number at the start", "Sổ tay, /tim loa",
		  "{\"type\":\"text_mention\",\"offset\":0,\"length\":6,\"user\":{\"id\":700100200}}", "/tim loa", true, false },
		{ "mention by number that holds an emoji of two units", "😀 Sổ tay/tim loa",
		  "{\"type\":\"text_mention\",\"offset\":0,\"length\":9,\"user\":{\"id\":700100200}}", "/tim loa", true, false },
		{ "mention by number, NFD text", "So\u0302\u0309 tay /tim loa",
		  "{\"type\":\"text_mention\",\"offset\":0,\"length\":8,\"user\":{\"id\":700100200}}", "/tim loa", true, false },
		{ "mention of another person by number", "Lan ơi",
		  "{\"type\":\"text_mention\",\"offset\":0,\"length\":3,\"user\":{\"id\":7001002001}}", "Lan ơi", false, false },
		{ "entity beyond the text", "Lan",
		  "{\"type\":\"text_mention\",\"offset\":0,\"length\":30,\"user\":{\"id\":700100200}}", "Lan", false, false },
		{ "entity inside a surrogate pair", "😀",
		  "{\"type\":\"text_mention\",\"offset\":1,\"length\":1,\"user\":{\"id\":700100200}}", "😀", false, false },
		{ "entities that are none", "Lan", "7,null,{\"type\":3},{\"type\":\"text_mention\",\"offset\":-1,\"length\":1e300}",
		  "Lan", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		g_autofree char *rest = g_strdup_printf("\"text\":\"%s\",\"entities\":[%s]", t[i].text, t[i].entities);
		g_autofree char *json = g_strdup_printf(
			"{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN "," GROUP ",%s}}", rest);
		struct update *u = decode_one(a, json, &updates);

		g_test_message("%s", t[i].name);
		g_assert_cmpstr(u->text, ==, t[i].expected);
		g_assert_cmpint(u->mentions_bot, ==, t[i].mentions);
		g_assert_cmpint(u->for_other_bot, ==, t[i].other);
	}
}

static void test_own_name_not_known_yet_is_nobodys(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct telegram *t = a->state;
	struct update *u;

	g_clear_pointer(&t->username, g_free);
	u = decode_one(a, MESSAGE("\"text\":\"/hoi@sotay_nv_bot x\""), &updates);
	g_assert_false(u->for_other_bot);
	g_assert_false(u->mentions_bot);
}

static void test_nfd_text_arrives_as_nfc(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(a, MESSAGE("\"text\":\"ta\u0323m tru\u0301\""), &updates);

	g_assert_cmpstr(u->text, ==, "tạm trú");
}

static void test_private_chat(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(
		a, "{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN "," PRIVATE ",\"text\":\"dk ubnd\"}}",
		&updates);

	g_assert_cmpint(u->chat_kind, ==, CHAT_PRIVATE);
	g_assert_cmpstr(u->chat_id, ==, u->user_id);
}

static void test_edited_message_is_an_edit(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(
		a,
		"{\"update_id\":7,\"edited_message\":{\"message_id\":5120,\"date\":1767225600,\"edit_date\":1767225660," FROM_LAN
		"," GROUP ",\"text\":\"mới\"}}",
		&updates);

	g_assert_cmpint(u->kind, ==, UPDATE_EDIT);
	g_assert_cmpstr(u->message_id, ==, "5120");
	g_assert_cmpint(u->sent_ms, ==, INT64_C(1767225660000));
}

static void test_channel_post_without_from(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u =
		decode_one(a,
			   "{\"update_id\":412000104,\"channel_post\":{\"message_id\":88,\"sender_chat\":{\"id\":-1009988776655,"
			   "\"type\":\"channel\",\"title\":\"Thông báo\"},\"chat\":{\"id\":-1009988776655,\"type\":\"channel\","
			   "\"title\":\"Thông báo\"},\"date\":1767225800,\"text\":\"Mẫu CT01 bản mới\"}}",
			   &updates);

	g_assert_cmpint(u->chat_kind, ==, CHAT_CHANNEL);
	g_assert_null(u->user_id);
	g_assert_cmpstr(u->text, ==, "Mẫu CT01 bản mới");
}

static void test_stand_ins_are_nobody_and_bots_are_ignored(void)
{
	static const struct {
		const char *name, *from;
		bool is_there;
	} t[] = {
		{ "anonymous administrator",
		  "\"from\":{\"id\":1087968824,\"is_bot\":true,\"first_name\":\"Group\"},\"sender_chat\":{\"id\":-1002233445566}",
		  true },
		{ "linked channel", "\"from\":{\"id\":777000,\"is_bot\":false,\"first_name\":\"Telegram\"}", true },
		{ "person writing as a channel",
		  "\"from\":{\"id\":136817688,\"is_bot\":true},\"sender_chat\":{\"id\":-1005,\"type\":\"channel\"}", true },
		{ "another bot", "\"from\":{\"id\":88,\"is_bot\":true,\"first_name\":\"Other\"}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json = g_strdup_printf(
			"{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," GROUP ",\"text\":\"x\",%s}}", t[i].from);
		g_autoptr(GPtrArray) updates = decode(a, json);

		g_test_message("%s", t[i].name);
		g_assert_cmpuint(updates->len, ==, t[i].is_there ? 1 : 0);
		if (t[i].is_there) {
			struct update *u = g_ptr_array_index(updates, 0);

			g_assert_null(u->user_id);
			g_assert_null(u->user_name);
		}
	}
}

static void test_topics(void)
{
	static const struct {
		const char *name, *rest, *thread, *reply;
	} t[] = {
		{ "topic",
		  "\"message_thread_id\":9,\"is_topic_message\":true,\"reply_to_message\":{\"message_id\":9,"
		  "\"forum_topic_created\":{\"name\":\"Hỏi\"}}",
		  "9", NULL },
		{ "answer inside a topic",
		  "\"message_thread_id\":9,\"is_topic_message\":true,\"reply_to_message\":{\"message_id\":12,"
		  "\"text\":\"y\"}",
		  "9", "12" },
		{ "reply thread of an ordinary group",
		  "\"message_thread_id\":9,\"reply_to_message\":{\"message_id\":9,\"text\":\"y\"}", NULL, "9" },
		{ "flag false", "\"message_thread_id\":9,\"is_topic_message\":false", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		g_autofree char *json = g_strdup_printf("{\"update_id\":1,\"message\":{\"message_id\":20,\"date\":3," FROM_LAN
							"," GROUP ",\"text\":\"x\",%s}}",
							t[i].rest);
		struct update *u = decode_one(a, json, &updates);

		g_test_message("%s", t[i].name);
		g_assert_cmpstr(u->thread_id, ==, t[i].thread);
		g_assert_cmpstr(u->reply_to_id, ==, t[i].reply);
	}
}

static void test_replies(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) to_person = NULL, to_bot = NULL;
	struct update *u =
		decode_one(a,
			   MESSAGE("\"text\":\"/luu\",\"reply_to_message\":{\"message_id\":5000,\"date\":1,\"from\":{\"id\":55,"
				   "\"first_name\":\"Hoa\"}," GROUP ",\"caption\":\"Sáng kiến cu\u0309a tôi\"}"),
			   &to_person);

	g_assert_cmpstr(u->reply_to_id, ==, "5000");
	g_assert_cmpstr(u->reply_text, ==, "Sáng kiến của tôi");
	g_assert_cmpstr(u->reply_user_id, ==, "55");
	g_assert_cmpstr(u->reply_user_name, ==, "Hoa");
	g_assert_false(u->replies_to_bot);

	u = decode_one(
		a,
		MESSAGE("\"text\":\"đã nhận\",\"reply_to_message\":{\"message_id\":5001,\"from\":{\"id\":700100200,\"is_bot\":true,"
			"\"first_name\":\"Sổ tay\"},\"text\":\"TB7\"}"),
		&to_bot);
	g_assert_true(u->replies_to_bot);
	g_assert_cmpstr(u->reply_text, ==, "TB7");
}

static void test_forwards(void)
{
	static const char *const marks[] = { "\"forward_origin\":{\"type\":\"user\",\"date\":1}", "\"forward_date\":5",
					     "\"forward_sender_name\":\"A\"", "\"is_automatic_forward\":true" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		g_autofree char *json = g_strdup_printf("{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN
							"," GROUP ",\"text\":\"/ok 14\",%s}}",
							marks[i]);

		g_assert_true(decode_one(a, json, &updates)->is_forwarded);
	}
}

static void test_attachments(void)
{
	static const struct {
		const char *json;
		enum attachment_kind kind;
		const char *file_id, *unique_id, *name, *mime;
		int64_t size;
	} t[] = {
		{ "\"photo\":[{\"file_id\":\"small\",\"file_unique_id\":\"u1\",\"file_size\":100},{\"file_id\":\"large\","
		  "\"file_unique_id\":\"u2\",\"file_size\":9000}]",
		  ATTACHMENT_PHOTO, "large", "u2", NULL, NULL, 9000 },
		{ "\"document\":{\"file_id\":\"d\",\"file_unique_id\":\"ud\",\"file_name\":\"Kê\u0301 hoạch.pdf\",\"mime_type\":"
		  "\"application/pdf\",\"file_size\":5000000000}",
		  ATTACHMENT_FILE, "d", "ud", "Kế hoạch.pdf", "application/pdf", INT64_C(5000000000) },
		{ "\"video\":{\"file_id\":\"v\"}", ATTACHMENT_VIDEO, "v", NULL, NULL, NULL, -1 },
		{ "\"voice\":{\"file_id\":\"vo\",\"mime_type\":\"audio/ogg\"}", ATTACHMENT_VOICE, "vo", NULL, NULL, "audio/ogg",
		  -1 },
		{ "\"audio\":{\"file_id\":\"au\"}", ATTACHMENT_FILE, "audio:au", NULL, NULL, NULL, -1 },
		{ "\"video_note\":{\"file_id\":\"vn\"}", ATTACHMENT_VIDEO, "video_note:vn", NULL, NULL, NULL, -1 },
		{ "\"animation\":{\"file_id\":\"an\"},\"document\":{\"file_id\":\"an\"}", ATTACHMENT_VIDEO, "animation:an", NULL,
		  NULL, NULL, -1 },
		{ "\"sticker\":{\"file_id\":\"st\"}", ATTACHMENT_STICKER, "st", NULL, NULL, NULL, -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		g_autofree char *json = g_strdup_printf(
			"{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN "," GROUP ",%s}}", t[i].json);
		struct update *u = decode_one(a, json, &updates);
		struct attachment *x;

		g_assert_cmpstr(u->text, ==, "");
		g_assert_cmpuint(u->attachments->len, ==, 1);
		x = g_ptr_array_index(u->attachments, 0);
		g_assert_cmpint(x->kind, ==, t[i].kind);
		g_assert_cmpstr(x->file_id, ==, t[i].file_id);
		g_assert_cmpstr(x->unique_id, ==, t[i].unique_id);
		g_assert_cmpstr(x->name, ==, t[i].name);
		g_assert_cmpstr(x->mime, ==, t[i].mime);
		g_assert_cmpint(x->size, ==, t[i].size);
	}
}

static void test_album_of_three_is_three_parts_of_one(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	for (int i = 0; i < 3; i++) {
		g_autoptr(GPtrArray) updates = NULL;
		g_autofree char *json = g_strdup_printf(
			"{\"update_id\":%d,\"message\":{\"message_id\":%d,\"date\":3," FROM_LAN "," GROUP
			",\"media_group_id\":\"13900000000000001\",\"photo\":[{\"file_id\":\"p%d\"}]%s}}",
			100 + i, 200 + i, i, i == 1 ? ",\"caption\":\"/chiase@sotay_nv_bot Dán mã\",\"caption_entities\":[]" : "");
		struct update *u = decode_one(a, json, &updates);

		g_assert_cmpstr(u->album_id, ==, "13900000000000001");
		g_assert_cmpstr(u->text, ==, i == 1 ? "/chiase Dán mã" : "");
		g_assert_cmpint(u->mentions_bot, ==, i == 1);
	}
}

static void test_group_becomes_supergroup_told_by_either_chat(void)
{
	static const char *const samples[] = {
		"{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN
		",\"chat\":{\"id\":-445566,\"type\":\"group\",\"title\":\"T\"},"
		"\"migrate_to_chat_id\":-1002233445566}}",
		"{\"update_id\":2,\"message\":{\"message_id\":1,\"date\":3," FROM_LAN "," GROUP
		",\"migrate_from_chat_id\":-445566}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		struct update *u = decode_one(a, samples[i], &updates);

		g_assert_cmpint(u->kind, ==, UPDATE_CHAT_MOVED);
		g_assert_cmpstr(u->chat_id, ==, "-445566");
		g_assert_cmpstr(u->moved_to, ==, "-1002233445566");
	}
}

static void test_own_standing(void)
{
	static const struct {
		const char *name, *chat, *old, *now;
		int kind; /* -1: nothing */
	} t[] = {
		{ "added", GROUP, "\"left\"", "\"member\"", UPDATE_CHAT_OPEN },
		{ "added as administrator", GROUP, "\"left\"", "\"administrator\"", UPDATE_CHAT_OPEN },
		{ "promoted where members may not write", GROUP, "\"member\"", "\"administrator\"", UPDATE_CHAT_OPEN },
		{ "demoted", GROUP, "\"administrator\"", "\"member\"", -1 },
		{ "other rights", GROUP, "\"administrator\"", "\"administrator\"", -1 },
		{ "kicked", GROUP, "\"member\"", "\"kicked\",\"until_date\":0", UPDATE_CHAT_GONE },
		{ "left", GROUP, "\"member\"", "\"left\"", UPDATE_CHAT_GONE },
		{ "restricted and out", GROUP, "\"member\"", "\"restricted\",\"is_member\":false", UPDATE_CHAT_GONE },
		{ "muted", GROUP, "\"member\"", "\"restricted\",\"is_member\":true,\"can_send_messages\":false", -1 },
		{ "may write again", GROUP, "\"restricted\",\"can_send_messages\":false",
		  "\"restricted\",\"is_member\":true,\"can_send_messages\":true", UPDATE_CHAT_OPEN },
		{ "blocked by a person", PRIVATE, "\"member\"", "\"kicked\"", UPDATE_CHAT_GONE },
		{ "unblocked", PRIVATE, "\"kicked\"", "\"member\"", UPDATE_CHAT_OPEN },
		{ "old status missing", GROUP, "null", "\"member\"", UPDATE_CHAT_OPEN },
		{ "status of a later API", GROUP, "\"left\"", "\"hologram\"", -1 },
		{ "status missing", GROUP, "\"left\"", "null", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json = g_strdup_printf(
			"{\"update_id\":412000103,\"my_chat_member\":{%s,\"from\":{\"id\":6200999000,\"first_name\":"
			"\"Quản trị\"},\"date\":1767225700,\"old_chat_member\":{\"status\":%s},"
			"\"new_chat_member\":{\"user\":{\"id\":700100200,\"is_bot\":true},\"status\":%s}}}",
			t[i].chat, t[i].old, t[i].now);
		g_autoptr(GPtrArray) updates = decode(a, json);
		struct update *u;

		g_test_message("%s", t[i].name);
		g_assert_cmpuint(updates->len, ==, t[i].kind < 0 ? 0 : 1);
		if (t[i].kind < 0)
			continue;
		u = g_ptr_array_index(updates, 0);
		g_assert_cmpint((int)u->kind, ==, t[i].kind);
		g_assert_cmpstr(u->user_id, ==, "6200999000");
		g_assert_cmpint(u->sent_ms, ==, INT64_C(1767225700000));
	}
}

static void test_other_peoples_standing(void)
{
	static const struct {
		const char *old, *now, *user;
		int kind;
	} t[] = {
		{ "left", "member", "\"id\":55", UPDATE_MEMBER_JOIN },
		{ "kicked", "administrator", "\"id\":55", UPDATE_MEMBER_JOIN },
		{ "member", "left", "\"id\":55", UPDATE_MEMBER_LEAVE },
		{ "creator", "kicked", "\"id\":55", UPDATE_MEMBER_LEAVE },
		{ "member", "administrator", "\"id\":55", -1 },
		{ "left", "member", "\"id\":56,\"is_bot\":true", -1 },
		{ "left", "hologram", "\"id\":55", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json =
			g_strdup_printf("{\"update_id\":9,\"chat_member\":{" GROUP "," FROM_LAN ",\"date\":3,\"old_chat_member\":"
					"{\"status\":\"%s\"},\"new_chat_member\":{\"status\":\"%s\",\"user\":{%s,"
					"\"first_name\":\"Hoa\"}}}}",
					t[i].old, t[i].now, t[i].user);
		g_autoptr(GPtrArray) updates = decode(a, json);

		g_assert_cmpuint(updates->len, ==, t[i].kind < 0 ? 0 : 1);
		if (t[i].kind >= 0) {
			struct update *u = g_ptr_array_index(updates, 0);

			g_assert_cmpint((int)u->kind, ==, t[i].kind);
			g_assert_cmpstr(u->user_id, ==, "55");
			g_assert_cmpstr(u->user_name, ==, "Hoa");
		}
	}
}

static void test_three_newcomers_in_one_message_have_keys_of_their_own(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates =
		decode(a, MESSAGE("\"new_chat_members\":[{\"id\":1,\"first_name\":\"A\"},{\"id\":700100200,\"is_bot\":true},"
				  "{\"id\":2,\"first_name\":\"B\"},{\"id\":3,\"is_bot\":true},{\"first_name\":\"no id\"},17]"));
	static const char *const keys[] = { "412000101", "412000101.1" }, *const users[] = { "1", "2" };

	g_assert_cmpuint(updates->len, ==, 2);
	for (guint i = 0; i < 2; i++) {
		struct update *u = g_ptr_array_index(updates, i);

		g_assert_cmpint(u->kind, ==, UPDATE_MEMBER_JOIN);
		g_assert_cmpstr(u->key, ==, keys[i]);
		g_assert_cmpstr(u->user_id, ==, users[i]);
	}
}

static void test_left_member(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(a, MESSAGE("\"left_chat_member\":{\"id\":77,\"first_name\":\"Hoa\"}"), &updates);

	g_assert_cmpint(u->kind, ==, UPDATE_MEMBER_LEAVE);
	g_assert_cmpstr(u->user_id, ==, "77");
}

static void test_what_gives_no_update(void)
{
	static const char *const samples[] = {
		"{}",
		"[]",
		"null",
		"7",
		"{\"update_id\":5}",
		"{\"update_id\":5,\"telepathy\":{\"text\":\"x\"}}",
		"{\"update_id\":5,\"callback_query\":{\"id\":\"1\",\"data\":\"a:1\"}}",
		"{\"update_id\":5,\"message\":null}",
		"{\"update_id\":5,\"message\":[1]}",
		"{\"update_id\":5,\"message\":{\"text\":\"no chat\"}}",
		"{\"update_id\":5,\"message\":{\"chat\":{\"id\":\"\"},\"text\":\"x\"}}",
		"{\"update_id\":5,\"message\":{\"chat\":{\"id\":1.5},\"text\":\"x\"}}",
		"{\"message\":{\"message_id\":1,\"chat\":{\"id\":5},\"text\":\"no update_id\"}}",
		MESSAGE("\"pinned_message\":{\"message_id\":1}"),
		MESSAGE("\"new_chat_title\":\"T\""),
		MESSAGE("\"poll\":{\"id\":\"1\"}"),
		MESSAGE("\"photo\":[]"),
		MESSAGE("\"photo\":[{\"width\":1}]"),
		MESSAGE("\"document\":\"x\""),
		MESSAGE("\"group_chat_created\":true"),
		"{\"update_id\":5,\"my_chat_member\":{\"new_chat_member\":{\"status\":\"member\"}}}",
		"{\"update_id\":5,\"chat_member\":7}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = decode(a, samples[i]);

		g_test_message("%s", samples[i]);
		g_assert_cmpuint(updates->len, ==, 0);
	}
}

static void test_test_servers_message(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	/* No is_bot, unknown fields, time in milliseconds. */
	struct update *u = decode_one(
		a,
		"{\"update_id\":3,\"message\":{\"botToken\":\"t\",\"from\":{\"id\":1,\"first_name\":\"Lan\"},\"chat\":{\"id\":1,"
		"\"first_name\":\"Lan\",\"type\":\"private\"},\"date\":1767225600123,\"message_id\":4,\"text\":\"/tim x\"}}",
		&updates);

	g_assert_cmpint(u->sent_ms, ==, INT64_C(1767225600123));
	g_assert_cmpstr(u->user_id, ==, "1");
}

static void test_ids_beyond_32_bits_and_a_scheduled_message(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u =
		decode_one(a,
			   "{\"update_id\":2147483647,\"message\":{\"message_id\":0,\"date\":3,\"from\":{\"id\":4503599627370495},"
			   "\"chat\":{\"id\":-4503599627370495,\"type\":\"group\"},\"text\":\"x\"}}",
			   &updates);

	g_assert_cmpstr(u->user_id, ==, "4503599627370495");
	g_assert_cmpstr(u->chat_id, ==, "-4503599627370495");
	g_assert_cmpstr(u->message_id, ==, "0");
	g_assert_null(u->user_name);
}

static void test_one_bad_byte_costs_no_message(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	static const char bad_utf8[] =
		"{\"update_id\":1,\"message\":{\"message_id\":2,\"date\":3," FROM_LAN "," GROUP ",\"text\":\"/tim lo\xFF a\"}}";
	g_autoptr(GPtrArray) first = NULL, second = NULL;
	struct update *u = decode_one(a, bad_utf8, &first);

	g_assert_cmpstr(u->text, ==, "/tim lo\uFFFD a");
	u = decode_one(a, MESSAGE("\"text\":\"/tim \\ud83d loa\""), &second);
	g_assert_cmpstr(u->text, ==, "/tim \uFFFD loa");
}

static void test_any_cut_of_a_body_is_an_error_or_nothing(void)
{
	static const char body[] =
		MESSAGE("\"text\":\"/tim 😀 loa\",\"entities\":[{\"type\":\"bot_command\",\"offset\":0,\"length\":4}]");
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t len = 0; len < sizeof(body) - 1; len++) {
		g_autoptr(GPtrArray) updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
		g_autoptr(GError) error = NULL;
		g_autofree char *cut = g_memdup2(body, len + 1); /* so that reading on is seen by the sanitizer */

		g_assert_false(telegram_decode(a, cut, len, updates, &error));
		g_assert_nonnull(error);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/telegram-decode/" #name, test_##name)
	ADD(text_in_a_supergroup);
	ADD(who_is_spoken_to);
	ADD(own_name_not_known_yet_is_nobodys);
	ADD(nfd_text_arrives_as_nfc);
	ADD(private_chat);
	ADD(edited_message_is_an_edit);
	ADD(channel_post_without_from);
	ADD(stand_ins_are_nobody_and_bots_are_ignored);
	ADD(topics);
	ADD(replies);
	ADD(forwards);
	ADD(attachments);
	ADD(album_of_three_is_three_parts_of_one);
	ADD(group_becomes_supergroup_told_by_either_chat);
	ADD(own_standing);
	ADD(other_peoples_standing);
	ADD(three_newcomers_in_one_message_have_keys_of_their_own);
	ADD(left_member);
	ADD(what_gives_no_update);
	ADD(test_servers_message);
	ADD(ids_beyond_32_bits_and_a_scheduled_message);
	ADD(one_bad_byte_costs_no_message);
	ADD(any_cut_of_a_body_is_an_error_or_nothing);
	return g_test_run();
}
