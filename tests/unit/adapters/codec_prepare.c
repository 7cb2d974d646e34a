/* SPDX-License-Identifier: MIT */
/* Tests of the steps before a send: fetch, upload, then the message with the upload's id; failures at each. */
#include "codec-help.h"

static void send_file(struct world *w)
{
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"f", .size = 1 };
	const struct outgoing m = { .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "a", .file = &file };

	adapter_send(w->adapter, &m, on_sent, w);
}

static const char *after_poll(const struct world *w)
{
	return w->asked->str + strlen("/poll ");
}

static void test_steps_then_the_message(void)
{
	struct world w = { .file = "the bytes" };

	world_open(&w);
	send_file(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpuint(w.n_ok, ==, 1);
	g_assert_cmpstr(after_poll(&w), ==, "/fetch /upload /send ");
	g_assert_cmpstr(w.sent_id, ==, "id-7");
	send_text(&w);
	loop_until_count(&w.loop, &w.n_done, 2);
	g_assert_cmpuint(w.n_steps, ==, 2); /* no steps without a file */
	g_assert_null(w.sent_id);
	world_close(&w);
}

static void test_failure_of_each_step(void)
{
	for (unsigned step = 0; step < 2; step++) {
		struct world w = { .file = "x" };

		world_open(&w);
		w.step_status[step] = 500;
		send_file(&w);
		loop_until_count(&w.loop, &w.n_done, 1);
		g_assert_cmpuint(w.n_later, ==, 1);
		w.step_status[step] = 404;
		send_file(&w);
		loop_until_count(&w.loop, &w.n_done, 2);
		g_assert_cmpuint(w.n_refused, ==, 1);
		g_assert_cmpuint(w.n_sends, ==, 0);
		send_file(&w);
		loop_until_count(&w.loop, &w.n_ok, 1);
		world_close(&w);
	}
}

static void test_step_that_needs_an_errand_goes_on_after_it(void)
{
	struct world w = { .file = "x", .good_token = "new" };

	world_open(&w);
	w.step_status[1] = 401;
	send_file(&w);
	loop_until_count(&w.loop, &w.n_ok, 1);
	g_assert_cmpstr(after_poll(&w), ==, "/fetch /upload /refresh /upload /send "); /* what was fetched is still there */
	world_close(&w);
}

static void test_file_too_large_is_refused(void)
{
	g_autofree char *big = g_strnfill(5000, 'x');
	struct world w = { .file = big, .step_max = 4999 };

	world_open(&w);
	send_file(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpuint(w.n_refused, ==, 1);
	w.step_max = 5000;
	send_file(&w);
	loop_until_count(&w.loop, &w.n_done, 2);
	g_assert_cmpuint(w.n_ok, ==, 1);
	world_close(&w);
}

static void test_redirects_are_not_followed(void)
{
	struct world w = { .file = "x" };

	world_open(&w);
	w.step_status[0] = 302;
	send_file(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpuint(w.n_ok, ==, 0);
	g_assert_null(strstr(w.asked->str, "/elsewhere"));
	world_close(&w);
}

static void test_closing_between_the_steps_is_later(void)
{
	struct world w = { .file = "x" };

	world_open(&w);
	send_file(&w);
	loop_until_count(&w.loop, &w.n_steps, 1);
	adapter_end(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_cmpuint(w.n_later, ==, 1);
	g_assert_cmpuint(w.n_sends, ==, 0);
	world_close(&w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/prepare/steps-then-the-message", test_steps_then_the_message);
	g_test_add_func("/prepare/failure-of-each-step", test_failure_of_each_step);
	g_test_add_func("/prepare/step-that-needs-an-errand", test_step_that_needs_an_errand_goes_on_after_it);
	g_test_add_func("/prepare/file-too-large", test_file_too_large_is_refused);
	g_test_add_func("/prepare/redirects-are-not-followed", test_redirects_are_not_followed);
	g_test_add_func("/prepare/closing-between-the-steps", test_closing_between_the_steps_is_later);
	return g_test_run();
}
