/* SPDX-License-Identifier: MIT */
/* Tests of upkeep: what comes due, what a judge asks for and the sends that wait for it, leases, steps, pauses. */
#include "codec-help.h"

static void test_due_errand_runs_and_never_in_a_loop(void)
{
	struct world w = { .next_name = "list" }; /* always due */
	unsigned n;

	world_open(&w);
	loop_until_count(&w.loop, &w.n_list, 1);
	loop_for(&w.loop, 3000);
	n = w.n_list;
	g_assert_cmpuint(n, >=, 2);
	g_assert_cmpuint(n, <=, 5); /* after 0.5..1 s, then 1..2 s, then 2..4 s */
	world_close(&w);
}

static void test_errand_with_nothing_to_do_does_not_spin(void)
{
	struct world w = { .next_name = "nothing" };
	unsigned turns = 0;

	world_open(&w);
	loop_for(&w.loop, 50);
	for (uint64_t until = uv_hrtime() + 300 * 1000000u; uv_hrtime() < until; turns++)
		uv_run(&w.loop, UV_RUN_ONCE);
	g_assert_cmpuint(turns, <, 50);
	world_close(&w);
}

static void test_due_time_is_wall_time_that_may_jump(void)
{
	struct world w = { .next_name = "list", .next_due_ms = clock_wall_ms() + 24 * 3600 * 1000 };
	GHashTable *fresh = g_hash_table_new(g_str_hash, g_str_equal);

	world_open(&w);
	loop_for(&w.loop, 100);
	g_assert_cmpuint(w.n_list, ==, 0);
	clock_test_shift(25 * 3600 * 1000, 0);
	adapter_saved_changed(w.adapter, fresh); /* looks again, as it would within a minute */
	loop_until_count(&w.loop, &w.n_list, 1);
	clock_test_shift(-25 * 3600 * 1000, 0);
	g_hash_table_unref(fresh);
	world_close(&w);
}

static void test_pages_are_stored_each_before_the_next(void)
{
	struct world w = { .next_name = "pages", .pages = 3 };

	world_open(&w);
	loop_until_count(&w.loop, &w.n_saves, 3);
	g_assert_cmpstr(w.stored->str, ==, "bsbsbs");
	g_assert_cmpuint(w.n_updates, ==, 3);
	g_assert_cmpstr(g_hash_table_lookup(w.adapter->env.saved, "page"), ==, "3");
	world_close(&w);
}

static void test_page_that_is_not_taken_is_handed_up_again_not_asked_again(void)
{
	struct world w = { .next_name = "pages", .pages = 2, .refuses_batches = true };

	world_open(&w);
	loop_until_count(&w.loop, &w.n_batches, 2);
	g_assert_cmpuint(w.n_pages, ==, 1);
	g_assert_cmpuint(w.n_saves, ==, 0);
	w.refuses_batches = false;
	loop_until_count(&w.loop, &w.n_saves, 2);
	g_assert_cmpuint(w.n_updates, ==, 2);
	world_close(&w);
}

static void test_hundred_sends_cost_one_errand(void)
{
	struct world w = { .good_token = "new" };

	world_open(&w);
	for (unsigned i = 0; i < 60; i++)
		send_text(&w);
	loop_until_count(&w.loop, &w.n_bad_token, 1);
	for (unsigned i = 0; i < 40; i++)
		send_text(&w);
	loop_until_count(&w.loop, &w.n_done, 100);
	g_assert_cmpuint(w.n_ok, ==, 100);
	g_assert_cmpuint(w.n_refresh, ==, 1);
	loop_for(&w.loop, 1200); /* nor one that was only put behind */
	g_assert_cmpuint(w.n_refresh, ==, 1);
	g_assert_cmpuint(w.n_leases, ==, 1);
	g_assert_cmpuint(w.n_releases, ==, 1);
	world_close(&w);
}

static void test_sends_wait_while_it_runs_and_late_complaints_are_old(void)
{
	struct world w = { .good_token = "new", .refresh_hangs = true };
	unsigned sent;

	world_open(&w);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_refresh, 1);
	sent = w.n_sends;
	for (unsigned i = 0; i < 5; i++)
		send_text(&w);
	w.adapter->wants_errand = "refresh";
	codec_upkeep_heed(w.adapter->driver, 0); /* a judge asks while it runs */
	loop_for(&w.loop, 100);
	g_assert_cmpuint(w.n_sends, ==, sent);
	g_assert_cmpuint(w.n_done, ==, 0);
	loopback_answer(w.held_refresh, 200, NULL, "new");
	loop_until_count(&w.loop, &w.n_ok, 6);
	w.adapter->wants_errand = "refresh";
	codec_upkeep_heed(w.adapter->driver, 0); /* the answer to a request from before */
	loop_for(&w.loop, 1200);
	g_assert_cmpuint(w.n_refresh, ==, 1);
	world_close(&w);
}

static void test_refresh_that_does_not_help_ends_each_send_once(void)
{
	struct world w = { .good_token = "never" };

	world_open(&w);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpuint(w.n_later, ==, 1);
	g_assert_cmpuint(w.n_sends, ==, 2);
	world_close(&w);
}

static void test_refused_credentials_give_the_sends_back_and_alarm(void)
{
	struct world w = { .good_token = "new", .refresh_status = 401 };

	world_open(&w);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_done, 1);
	g_assert_cmpuint(w.n_later, ==, 1);
	g_assert_cmpint(w.last_retry_ms, ==, POLL_STOP_RETRY_MS);
	g_assert_true(w.last_is_wide);
	g_assert_nonnull(w.alarm);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_later, 2);
	g_assert_cmpint(w.last_retry_ms, >, HOLD_MAX_MS);
	g_assert_cmpuint(w.n_refresh, ==, 1);
	/* The operator puts it right by hand: at once. */
	w.refresh_status = 0;
	adapter_saved_changed(w.adapter, w.lease_saved);
	loop_until_count(&w.loop, &w.n_refresh, 2);
	loop_until_count(&w.loop, &w.n_saves, 1);
	g_assert_null(w.alarm);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_ok, 1);
	world_close(&w);
}

static void test_lease_of_another_is_waited_for_and_its_work_taken(void)
{
	struct world w = { .good_token = "theirs", .lease_denied = true };

	world_open(&w);
	send_text(&w);
	loop_until_count(&w.loop, &w.n_leases, 2);
	g_assert_cmpuint(w.n_refresh, ==, 0);
	g_assert_cmpuint(w.n_done, ==, 0); /* short pauses keep it here */
	g_hash_table_replace(w.lease_saved, g_strdup("token"), g_strdup("theirs"));
	w.lease_denied = false;
	w.refresh_status = 404;
	loop_until_count(&w.loop, &w.n_ok, 1);
	g_assert_cmpstr(w.token, ==, "theirs");
	g_assert_cmpuint(w.n_releases, ==, 1);
	world_close(&w);
}

static void test_errand_asks_for_another(void)
{
	struct world w = { .next_name = "list", .list_status = 503, .asks_on_list = true };

	world_open(&w);
	loop_until_count(&w.loop, &w.n_refresh, 1);
	g_assert_true(g_str_has_prefix(strstr(w.asked->str, "/list"), "/list /refresh "));
	w.list_status = 0;
	loop_until_count(&w.loop, &w.n_list, 2); /* the put-off one comes again */
	world_close(&w);
}

/* A token that works once may be spent already: its answer is waited for and kept. */
static void end_with_refresh(struct world *w)
{
	bool closed = false;

	adapter_close(w->adapter, on_closed, &closed);
	loop_for(&w->loop, 100);
	g_assert_false(closed);
	loopback_answer(w->held_refresh, 200, NULL, "new");
	loop_until(&w->loop, &closed);
	w->adapter = NULL;
	g_assert_cmpuint(w->n_saves, ==, 1);
}

static void test_closing_at_any_moment(void)
{
	for (int moment = 0; moment < 3; moment++) {
		struct world w = { .good_token = "new", .refresh_hangs = moment < 2, .lease_denied = moment == 2 };

		world_open(&w);
		send_text(&w);
		if (moment == 2)
			loop_until_count(&w.loop, &w.n_leases, 1);
		else
			loop_until_count(&w.loop, &w.n_refresh, 1);
		if (moment == 1)
			send_text(&w);
		if (moment < 2)
			end_with_refresh(&w);
		else
			adapter_end(&w);
		g_assert_cmpuint(w.n_done, ==, moment == 1 ? 2 : 1);
		g_assert_cmpuint(w.n_later, ==, w.n_done);
		if (moment < 2)
			g_assert_cmpuint(w.n_releases, ==, 1);
		world_close(&w);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/upkeep/due-errand-runs-and-never-in-a-loop", test_due_errand_runs_and_never_in_a_loop);
	g_test_add_func("/upkeep/errand-with-nothing-to-do-does-not-spin", test_errand_with_nothing_to_do_does_not_spin);
	g_test_add_func("/upkeep/due-time-is-wall-time-that-may-jump", test_due_time_is_wall_time_that_may_jump);
	g_test_add_func("/upkeep/pages-are-stored-each-before-the-next", test_pages_are_stored_each_before_the_next);
	g_test_add_func("/upkeep/page-that-is-not-taken-is-handed-up-again", test_page_that_is_not_taken_is_handed_up_again_not_asked_again);
	g_test_add_func("/upkeep/hundred-sends-cost-one-errand", test_hundred_sends_cost_one_errand);
	g_test_add_func("/upkeep/sends-wait-while-it-runs", test_sends_wait_while_it_runs_and_late_complaints_are_old);
	g_test_add_func("/upkeep/refresh-that-does-not-help", test_refresh_that_does_not_help_ends_each_send_once);
	g_test_add_func("/upkeep/refused-credentials", test_refused_credentials_give_the_sends_back_and_alarm);
	g_test_add_func("/upkeep/lease-of-another", test_lease_of_another_is_waited_for_and_its_work_taken);
	g_test_add_func("/upkeep/errand-asks-for-another", test_errand_asks_for_another);
	g_test_add_func("/upkeep/closing-at-any-moment", test_closing_at_any_moment);
	return g_test_run();
}
