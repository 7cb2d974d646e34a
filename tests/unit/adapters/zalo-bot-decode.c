/* SPDX-License-Identifier: MIT */
/* Events of the Zalo Bot Platform: both shapes, both picture fields, seconds and milliseconds, missing names, what gives nothing.
 */
#include "zalo-bot-help.h"

#define FROM "\"from\":{\"id\":\"6b1f0d9c8e7a6b5c4d3e\",\"display_name\":\"Nguyễn Văn An\",\"is_bot\":false}"
#define PRIVATE "\"chat\":{\"id\":\"6b1f0d9c8e7a6b5c4d3e\",\"chat_type\":\"PRIVATE\"}"
#define GROUP "\"chat\":{\"id\":\"zgr-0f3b7a9c1d2e4f5a6b7c\",\"chat_type\":\"GROUP\"}"
#define MESSAGE(fields) "\"message\":{\"message_id\":\"5a0c77e1b2d34f6a8e90\",\"date\":1795485467338," fields "}"
#define EVENT(name, fields) "{\"event_name\":\"message." name ".received\"," MESSAGE(fields) "}"

static GPtrArray *decode(struct adapter *a, const char *json)
{
	GPtrArray *updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_autoptr(GError) error = NULL;

	g_assert_true(zalo_bot_decode(a, json, strlen(json), updates, &error));
	g_assert_no_error(error);
	return updates;
}

static struct update *decode_one(struct adapter *a, const char *json, GPtrArray **ret_owner)
{
	*ret_owner = decode(a, json);
	g_assert_cmpuint((*ret_owner)->len, ==, 1);
	return g_ptr_array_index(*ret_owner, 0);
}

static void test_private_text_flat_and_wrapped(void)
{
	static const char flat[] = EVENT("text", FROM "," PRIVATE ",\"text\":\"báo cáo 14h\"");
	g_autofree char *wrapped = g_strdup_printf("{\"ok\":true,\"result\":%s}", flat);
	const char *const bodies[] = { flat, wrapped };

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = NULL;
		struct update *u = decode_one(a, bodies[i], &updates);

		g_assert_cmpint(u->kind, ==, UPDATE_MESSAGE);
		g_assert_cmpint(u->chat_kind, ==, CHAT_PRIVATE);
		g_assert_cmpstr(u->adapter, ==, "zalo-bot");
		g_assert_cmpstr(u->bot_id, ==, HELP_BOT);
		g_assert_cmpstr(u->key, ==, "5a0c77e1b2d34f6a8e90");
		g_assert_cmpstr(u->message_id, ==, "5a0c77e1b2d34f6a8e90");
		g_assert_cmpstr(u->chat_id, ==, "6b1f0d9c8e7a6b5c4d3e");
		g_assert_cmpstr(u->user_id, ==, "6b1f0d9c8e7a6b5c4d3e");
		g_assert_cmpstr(u->user_name, ==, "Nguyễn Văn An");
		g_assert_cmpint(u->sent_ms, ==, INT64_C(1795485467338));
		g_assert_cmpstr(u->text, ==, "báo cáo 14h");
		g_assert_false(u->mentions_bot || u->replies_to_bot);
	}
}

static void test_group_text_is_for_the_bot_by_mention_or_reply(void)
{
	static const struct {
		const char *text, *expected;
		bool mentions, replies;
	} t[] = {
		{ "@Bot Sổ Trực điểm danh", "điểm danh", true, false },
		{ "@Bot So\u0302\u0309 Tru\u031B\u0323c /tim lo", "/tim lo", true, false },
		{ "@Bot Sổ Trực", "", true, false },
		{ "đã nhận", "đã nhận", false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json = g_strdup_printf(EVENT("text", FROM "," GROUP ",\"text\":\"%s\""), t[i].text);
		g_autoptr(GPtrArray) updates = NULL;
		struct update *u = decode_one(a, json, &updates);

		g_assert_cmpint(u->chat_kind, ==, CHAT_GROUP);
		g_assert_cmpstr(u->text, ==, t[i].expected);
		g_assert_cmpint(u->mentions_bot, ==, t[i].mentions);
		g_assert_cmpint(u->replies_to_bot, ==, t[i].replies);
	}
}

static void test_kind_of_chat(void)
{
	static const struct {
		const char *chat;
		enum chat_kind kind;
	} t[] = {
		{ "\"id\":\"zgr-1\",\"chat_type\":\"group\"", CHAT_GROUP },
		{ "\"id\":\"1\",\"chat_type\":\"Group\"", CHAT_GROUP },
		{ "\"id\":\"zgr-1\",\"chat_type\":\"PRIVATE\"", CHAT_PRIVATE },
		{ "\"id\":\"zgr-1\"", CHAT_GROUP },
		{ "\"id\":\"6b1f\"", CHAT_PRIVATE },
		{ "\"id\":\"zgr-1\",\"chat_type\":7", CHAT_GROUP },
		{ "\"id\":\"6b1f\",\"chat_type\":\"CHANNEL\"", CHAT_PRIVATE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json = g_strdup_printf(EVENT("text", FROM ",\"chat\":{%s},\"text\":\"x\""), t[i].chat);
		g_autoptr(GPtrArray) updates = NULL;

		g_assert_cmpint(decode_one(a, json, &updates)->chat_kind, ==, t[i].kind);
	}
}

static void test_time_in_seconds_or_milliseconds(void)
{
	static const struct {
		const char *date;
		int64_t ms;
	} t[] = {
		{ "1795485467338", INT64_C(1795485467338) },
		{ "1795485467", INT64_C(1795485467000) },
		{ "0", 0 },
		{ "-5", 0 },
		{ "\"x\"", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json = g_strdup_printf(
			"{\"message\":{\"message_id\":\"1\",\"date\":%s,\"chat\":{\"id\":\"2\"},\"text\":\"x\"}}", t[i].date);
		g_autoptr(GPtrArray) updates = NULL;

		g_assert_cmpint(decode_one(a, json, &updates)->sent_ms, ==, t[i].ms);
	}
}

static void test_names_of_people(void)
{
	static const struct {
		const char *from, *name;
	} t[] = {
		{ "\"display_name\":\"An\",\"name\":\"B\"", "An" },
		{ "\"name\":\"Bình\"", "Bình" },
		{ "\"first_name\":\"Chi\"", "Chi" },
		{ "\"display_name\":\"\",\"name\":\"Bình\"", "Bình" },
		{ "\"display_name\":7", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *json =
			g_strdup_printf(EVENT("text", "\"from\":{\"id\":\"1\",%s}," PRIVATE ",\"text\":\"x\""), t[i].from);
		g_autoptr(GPtrArray) updates = NULL;

		g_assert_cmpstr(decode_one(a, json, &updates)->user_name, ==, t[i].name);
	}
}

static void test_files(void)
{
	static const struct {
		const char *event, *fields;
		enum attachment_kind kind;
		const char *file_id, *text;
	} t[] = {
		{ "image", "\"photo_url\":\"https://p.example/a.jpg\",\"caption\":\"hiện trường\"", ATTACHMENT_PHOTO,
		  "https://p.example/a.jpg", "hiện trường" },
		{ "image", "\"photo\":\"https://p.example/b.jpg\"", ATTACHMENT_PHOTO, "https://p.example/b.jpg", "" },
		{ "image", "\"photo\":\"https://p.example/b.jpg\",\"photo_url\":\"https://p.example/a.jpg\"", ATTACHMENT_PHOTO,
		  "https://p.example/a.jpg", "" },
		{ "sticker", "\"sticker\":\"abcdef0123456789abcd\",\"url\":\"https://s.example/s.png\"", ATTACHMENT_STICKER,
		  "abcdef0123456789abcd", "" },
		{ "voice", "\"voice_url\":\"https://v.example/v.aac\"", ATTACHMENT_VOICE, "https://v.example/v.aac", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		for (int is_named = 0; is_named < 2; is_named++) {
			g_autoptr(adapter_t) a = help_adapter_new();
			g_autofree char *name = g_strdup_printf("\"event_name\":\"message.%s.received\",", t[i].event);
			g_autofree char *json =
				g_strdup_printf("{%s" MESSAGE(FROM "," PRIVATE ",%s") "}", is_named ? name : "", t[i].fields);
			g_autoptr(GPtrArray) updates = NULL;
			struct update *u = decode_one(a, json, &updates);
			struct attachment *x;

			g_assert_cmpuint(u->attachments->len, ==, 1);
			x = u->attachments->pdata[0];
			g_assert_cmpint(x->kind, ==, t[i].kind);
			g_assert_cmpstr(x->file_id, ==, t[i].file_id);
			g_assert_cmpint(x->size, ==, -1);
			g_assert_cmpstr(u->text, ==, t[i].text);
		}
	}
}

/* As with a sticker: the core says in private that it reads text only. */
static void test_unsupported_is_answered_in_private_alone(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) in_private = NULL, in_group = decode(a, EVENT("unsupported", FROM "," GROUP));
	struct update *u = decode_one(a, EVENT("unsupported", FROM "," PRIVATE), &in_private);

	g_assert_cmpuint(in_group->len, ==, 0);
	g_assert_cmpstr(u->text, ==, "");
	g_assert_cmpuint(u->attachments->len, ==, 1);
	g_assert_cmpint(((struct attachment *)u->attachments->pdata[0])->kind, ==, ATTACHMENT_STICKER);
}

static void test_reply_is_read_if_it_comes(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u = decode_one(
		a,
		EVENT("text", FROM "," GROUP ",\"text\":\"đã nhận\",\"reply_to_message\":{\"message_id\":\"9c01\",\"text\":\"TB3\","
				   "\"from\":{\"id\":\"" HELP_BOT "\",\"display_name\":\"Bot\",\"is_bot\":true}}"),
		&updates);

	g_assert_cmpstr(u->reply_to_id, ==, "9c01");
	g_assert_cmpstr(u->reply_text, ==, "TB3");
	g_assert_cmpstr(u->reply_user_name, ==, "Bot");
	g_assert_true(u->replies_to_bot);
}

static void test_what_gives_nothing(void)
{
	static const char *const samples[] = {
		"{}",
		"[]",
		"null",
		"7",
		"{\"ok\":true}",
		"{\"ok\":true,\"result\":null}",
		"{\"ok\":true,\"result\":{}}",
		"{\"ok\":true,\"result\":[]}",
		FAIL(408, "Request timeout"),
		"{\"event_name\":\"message.text.received\"}",
		"{\"event_name\":\"message.text.received\",\"message\":7}",
		EVENT("text", "\"from\":{\"id\":\"1\",\"is_bot\":true}," GROUP ",\"text\":\"/tim loa\""),
		EVENT("text", FROM ",\"text\":\"x\""),
		EVENT("text", FROM "," PRIVATE),
		EVENT("text", FROM "," PRIVATE ",\"text\":\"\""),
		EVENT("text", FROM "," PRIVATE ",\"text\":7"),
		EVENT("image", FROM "," PRIVATE ",\"photo_url\":\"javascript:x\""),
		EVENT("image", FROM "," PRIVATE ",\"photo_url\":\"\""),
		EVENT("reaction", FROM "," PRIVATE ",\"text\":\"x\""),
		"{\"event_name\":\"user.joined\",\"message\":{\"message_id\":\"1\",\"chat\":{\"id\":\"2\"},\"text\":\"x\"}}",
		"{\"event_name\":\"message.text.received\",\"message\":{\"chat\":{\"id\":\"2\"},\"text\":\"no id\"}}",
		"{\"event_name\":\"message.text.received\",\"message\":{\"message_id\":\"1\",\"chat\":{\"id\":\"\"},\"text\":\"x\"}"
		"}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) updates = decode(a, samples[i]);

		g_test_message("%s", samples[i]);
		g_assert_cmpuint(updates->len, ==, 0);
	}
}

static void test_long_ids_are_exact(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) updates = NULL;
	struct update *u =
		decode_one(a,
			   "{\"message\":{\"message_id\":\"9223372036854775807\",\"chat\":{\"id\":\"1234567890123456789\"},"
			   "\"from\":{\"id\":\"1234567890123456789\"},\"text\":\"x\"}}",
			   &updates);

	g_assert_cmpstr(u->key, ==, "9223372036854775807");
	g_assert_cmpstr(u->chat_id, ==, "1234567890123456789");
}

static void test_any_cut_is_an_error(void)
{
	static const char body[] = EVENT("text", FROM "," GROUP ",\"text\":\"@Bot Sổ Trực /tim 😀\"");
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t len = 0; len < sizeof(body) - 1; len++) {
		g_autoptr(GPtrArray) updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
		g_autoptr(GError) error = NULL;
		g_autofree char *cut = g_memdup2(body, len + 1);

		g_assert_false(zalo_bot_decode(a, cut, len, updates, &error));
		g_assert_nonnull(error);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zalo-bot-decode/" #name, test_##name)
	ADD(private_text_flat_and_wrapped);
	ADD(group_text_is_for_the_bot_by_mention_or_reply);
	ADD(kind_of_chat);
	ADD(time_in_seconds_or_milliseconds);
	ADD(names_of_people);
	ADD(files);
	ADD(unsupported_is_answered_in_private_alone);
	ADD(reply_is_read_if_it_comes);
	ADD(what_gives_nothing);
	ADD(long_ids_are_exact);
	ADD(any_cut_is_an_error);
	return g_test_run();
}
