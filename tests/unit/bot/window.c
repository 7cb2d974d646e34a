/* SPDX-License-Identifier: MIT */
/* The memory of unaddressed talk: what joins whom, how long, how much. */
#include "kernel.h"

#include "bot/window.h"

#define SPAN (15 * MINUTE_MS)

static struct update *file(const char *who, const char *name)
{
	struct update *u = kernel_message(who, "g", "");
	struct attachment *a = g_new0(struct attachment, 1);

	a->file_id = g_strdup(name);
	a->size = -1;
	g_ptr_array_add(u->attachments, a);
	return u;
}

static void test_own_texts_of_two_minutes_and_files_of_the_span_join(void)
{
	static const struct {
		const char *name, *who, *text;
		bool is_file, joins;
		int64_t age_ms;
	} t[] = {
		{ "a text a minute old", "lan", "phần một", false, true, MINUTE_MS },
		{ "a text three minutes old", "lan", "phần cũ", false, false, 3 * MINUTE_MS },
		{ "a file ten minutes old", "lan", "tep", true, true, 10 * MINUTE_MS },
		{ "a file beyond the span", "lan", "tep", true, false, 15 * MINUTE_MS },
		{ "somebody else's text", "hoa", "của hoa", false, false, MINUTE_MS },
		{ "somebody else's file", "hoa", "tep", true, false, MINUTE_MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct window *w = window_new(SPAN);
		g_autoptr(update_t) u = kernel_message("lan", "g", "/c Tên");

		g_test_message("%s", t[i].name);
		window_keep(w, t[i].is_file ? file(t[i].who, t[i].text) : kernel_message(t[i].who, "g", t[i].text), 1000000 - t[i].age_ms);
		window_join(w, u, 1000000);
		g_assert_cmpuint(u->window ? u->window->len : 0, ==, t[i].joins);
		/* Taken is taken. */
		if (t[i].joins)
			g_assert_cmpuint(window_bytes(w), ==, 0);
		window_free(w);
	}
}

static void test_repeated_message_is_kept_once(void)
{
	struct window *w = window_new(SPAN);
	g_autoptr(update_t) u = kernel_message("lan", "g", "/c Tên");
	struct update *one = kernel_message("lan", "g", "phần một"), *again = kernel_message("lan", "g", "phần một");

	g_free(again->message_id);
	again->message_id = g_strdup(one->message_id);
	window_keep(w, one, 1);
	window_keep(w, again, 2);
	window_join(w, u, 3);
	g_assert_cmpuint(u->window->len, ==, 1);
	window_free(w);
}

static void test_caps_hold(void)
{
	struct window *w = window_new(SPAN);
	g_autofree char *big = g_strnfill(WINDOW_BYTES_MAX / 10, 'x');

	for (int i = 0; i < 30; i++)
		window_keep(w, kernel_message("lan", "g", big), i);
	g_assert_cmpuint(window_bytes(w), <=, WINDOW_BYTES_MAX);
	g_assert_cmpuint(window_bytes(w), >, WINDOW_BYTES_MAX / 2);
	window_free(w);
}

static void test_replied_text_is_found(void)
{
	struct window *w = window_new(SPAN);
	g_autoptr(update_t) u = kernel_message("lan", "g", "/luu"), other = kernel_message("lan", "g2", "/luu");
	struct update *post = kernel_message("nam", "g", "cách làm hay");

	u->reply_to_id = g_strdup(post->message_id);
	other->reply_to_id = g_strdup(post->message_id);
	window_keep(w, post, 1);
	window_find_reply(w, other, 2);
	g_assert_null(other->reply_text);
	window_find_reply(w, u, 2);
	g_assert_cmpstr(u->reply_text, ==, "cách làm hay");
	g_assert_cmpstr(u->reply_user_id, ==, "nam");
	window_free(w);
}

static void test_expectations_end(void)
{
	struct window *w = window_new(SPAN);
	g_autoptr(update_t) u = kernel_message("lan", "g", "x"), other = kernel_message("hoa", "g", "x");

	window_expect(w, u, true, true, 0);
	g_assert_true(window_expects_files(w, u, SPAN - 1));
	g_assert_false(window_expects_files(w, u, SPAN));
	g_assert_true(window_expects_text(w, u, WINDOW_PARTS_MS - 1));
	g_assert_false(window_expects_text(w, u, WINDOW_PARTS_MS));
	g_assert_false(window_expects_files(w, other, 1));
	window_free(w);
}

static void test_paste_waits_for_its_own_word(void)
{
	struct window *w = window_new(SPAN);
	g_autoptr(update_t) share = kernel_message("lan", "p", "/c Tên"), save = kernel_message("lan", "p", "/luu"),
			    late = kernel_message("lan", "p", "/luu");

	window_keep_paste(w, kernel_message("lan", "p", "cũ"), 0);
	window_keep_paste(w, kernel_message("hoa", "p", "của hoa"), 5 * MINUTE_MS);
	window_keep_paste(w, kernel_message("lan", "p", "phần một"), 5 * MINUTE_MS);
	window_keep_paste(w, kernel_message("lan", "p", "phần hai"), 6 * MINUTE_MS);
	window_join(w, share, 6 * MINUTE_MS);
	g_assert_null(share->window);
	window_join_paste(w, save, 14 * MINUTE_MS);
	g_assert_cmpuint(save->window->len, ==, 2);
	g_assert_cmpstr(((const struct update *)save->window->pdata[0])->text, ==, "phần một");
	g_assert_cmpstr(((const struct update *)save->window->pdata[1])->text, ==, "phần hai");
	window_join_paste(w, late, SPAN);
	g_assert_null(late->window);
	window_free(w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/window/own-texts-of-two-minutes-and-files-of-the-span-join", test_own_texts_of_two_minutes_and_files_of_the_span_join);
	g_test_add_func("/window/repeated-message-is-kept-once", test_repeated_message_is_kept_once);
	g_test_add_func("/window/caps-hold", test_caps_hold);
	g_test_add_func("/window/replied-text-is-found", test_replied_text_is_found);
	g_test_add_func("/window/expectations-end", test_expectations_end);
	g_test_add_func("/window/paste-waits-for-its-own-word", test_paste_waits_for_its_own_word);
	return g_test_run();
}
