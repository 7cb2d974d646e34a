/* SPDX-License-Identifier: MIT */
/* Tests of the vocabulary: the stored form loses nothing and takes nothing strange. */
#include <string.h>

#include "adapters/message.h"

/* Compares every field by its stored form and a few by hand, so that a field missing in both directions shows. */
static struct update *update_full(void)
{
	struct update *u = update_new(UPDATE_EDIT);
	struct attachment *a = g_new0(struct attachment, 1);

	u->adapter = g_strdup("telegram");
	u->bot_id = g_strdup("700100200");
	u->key = g_strdup("412000101");
	u->chat_id = g_strdup("-1002233445566");
	u->chat_kind = CHAT_GROUP;
	u->chat_title = g_strdup("Đội ngũ nòng cốt CĐS");
	u->thread_id = g_strdup("7");
	u->moved_to = g_strdup("-100999");
	u->user_id = g_strdup("6200300400");
	u->user_name = g_strdup("Lan \"CĐS\" \\ Trần");
	u->user_is_bot = true;
	u->message_id = g_strdup("5120");
	u->sent_ms = INT64_C(1767225600123);
	u->text = g_strdup("dòng 1\ndòng 2\t\xF0\x9F\x98\x80 </script>");
	u->mentions_bot = u->for_other_bot = u->is_forwarded = u->replies_to_bot = u->is_withheld = true;
	u->reply_to_id = g_strdup("5119");
	u->reply_text = g_strdup("câu hỏi");
	u->reply_user_id = g_strdup("1");
	u->reply_user_name = g_strdup("Nam");
	u->album_id = g_strdup("13");
	a->kind = ATTACHMENT_VOICE;
	a->file_id = g_strdup("AgAC");
	a->unique_id = g_strdup("AQAD");
	a->name = g_strdup("ảnh.jpg");
	a->mime = g_strdup("image/jpeg");
	a->size = -1;
	g_ptr_array_add(u->attachments, a);
	g_ptr_array_add(u->attachments, attachment_copy(a));
	return u;
}

static void on_update_free(void *u)
{
	update_free(u);
}

static void test_round_trip_loses_nothing(void)
{
	g_autoptr(update_t) u = update_full();
	g_autoptr(update_t) back = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *again = NULL;

	u->window = g_ptr_array_new_with_free_func(on_update_free);
	g_ptr_array_add(u->window, update_full());
	text = update_serialize(u);
	g_assert_null(strchr(text, '\n'));
	back = update_parse(text, &error);
	g_assert_no_error(error);
	again = update_serialize(back);
	g_assert_cmpstr(again, ==, text);
	g_assert_cmpint(back->kind, ==, UPDATE_EDIT);
	g_assert_cmpint(back->chat_kind, ==, CHAT_GROUP);
	g_assert_cmpint(back->sent_ms, ==, u->sent_ms);
	g_assert_cmpstr(back->text, ==, u->text);
	g_assert_cmpstr(back->user_name, ==, u->user_name);
	g_assert_cmpstr(back->album_id, ==, "13");
	g_assert_true(back->mentions_bot && back->for_other_bot && back->is_forwarded && back->replies_to_bot && back->is_withheld);
	g_assert_true(back->user_is_bot);
	g_assert_cmpuint(back->attachments->len, ==, 2);
	g_assert_cmpint(((struct attachment *)back->attachments->pdata[0])->kind, ==, ATTACHMENT_VOICE);
	g_assert_cmpint(((struct attachment *)back->attachments->pdata[0])->size, ==, -1);
	g_assert_cmpuint(back->window->len, ==, 1);
	g_assert_cmpstr(((struct update *)back->window->pdata[0])->key, ==, "412000101");
}

static void test_round_trip_keeps_absent_absent(void)
{
	g_autoptr(update_t) u = update_new(UPDATE_CHAT_GONE);
	g_autofree char *text = update_serialize(u);
	g_autoptr(update_t) back = update_parse(text, NULL);

	g_assert_nonnull(back);
	g_assert_null(back->text);
	g_assert_null(back->user_id);
	g_assert_null(back->window);
	g_assert_nonnull(back->attachments);
	g_assert_false(back->is_withheld);
}

static void test_every_kind_survives(void)
{
	for (int kind = UPDATE_MESSAGE; kind <= UPDATE_MEMBER_LEAVE; kind++) {
		g_autoptr(update_t) u = update_new((enum update_kind)kind);
		g_autofree char *text = update_serialize(u);
		g_autoptr(update_t) back = update_parse(text, NULL);

		g_assert_nonnull(back);
		g_assert_cmpint(back->kind, ==, kind);
	}
}

static void test_parse_refuses_what_it_did_not_write(void)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		"{\"v\":2,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0}",
		"{\"v\":1,\"kind\":\"nonsense\",\"chat_kind\":\"group\",\"sent_ms\":0}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":3,\"sent_ms\":0}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\"}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"text\":7}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"is_forwarded\":\"yes\"}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"attachments\":{}}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"attachments\":[{\"kind\":\"photo\"}]}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"attachments\":[{\"kind\":\"photo\",\"size\":1}]}",
		"{\"v\":1,\"kind\":\"message\",\"chat_kind\":\"group\",\"sent_ms\":0,\"window\":[1]}",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", bad[i]);
		g_assert_null(update_parse(bad[i], &error));
		g_assert_nonnull(error);
	}
}

static void test_outgoing_copy_owns_everything(void)
{
	char text[] = "xin chào", chat[] = "lan";
	struct span span = { SPAN_BOLD, 0, 3 };
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"f", .size = 4 };
	struct outgoing m = { .delivery_id = 5, .chat_id = chat, .text = text, .spans = &span, .n_spans = 1, .file = &file };
	struct outgoing *copy = outgoing_copy(&m);

	text[0] = chat[0] = '?';
	span.start = 9;
	file.size = 0;
	g_assert_cmpstr(copy->text, ==, "xin chào");
	g_assert_cmpstr(copy->chat_id, ==, "lan");
	g_assert_cmpuint(copy->spans[0].start, ==, 0);
	g_assert_cmpint(copy->file->size, ==, 4);
	g_assert_null(copy->user_id);
	outgoing_free(copy);
	outgoing_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/message/round-trip-loses-nothing", test_round_trip_loses_nothing);
	g_test_add_func("/message/round-trip-keeps-absent-absent", test_round_trip_keeps_absent_absent);
	g_test_add_func("/message/every-kind-survives", test_every_kind_survives);
	g_test_add_func("/message/parse-refuses-what-it-did-not-write", test_parse_refuses_what_it_did_not_write);
	g_test_add_func("/message/outgoing-copy-owns-everything", test_outgoing_copy_owns_everything);
	return g_test_run();
}
