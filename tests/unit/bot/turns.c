/* SPDX-License-Identifier: MIT */
/* The order of turns, their retries, the rate of a person, recovery, and what disk trouble does to each. */
#include "kernel.h"

#include "tests/unit/store/disk.h"

struct talk {
	struct kernel k;
	GString *done; /* row ids in the order of their end, with "!" for set aside */
	unsigned n_done, n_aside, n_recovered, n_idle;
};

static struct registry *get_registry(void *arg)
{
	return ((struct talk *)arg)->k.registry;
}

static struct config *get_config(void *arg)
{
	return ((struct talk *)arg)->k.config;
}

static void on_done(void *arg, const struct turn *turn)
{
	struct talk *t = arg;

	t->n_done++;
	g_string_append_printf(t->done, " %" G_GINT64_FORMAT, turn->inbox_id);
}

static void on_aside(void *arg, int64_t inbox_id, const char *reason)
{
	struct talk *t = arg;

	t->n_aside++;
	g_string_append_printf(t->done, " !%" G_GINT64_FORMAT, inbox_id);
}

static void on_recovered(void *arg)
{
	((struct talk *)arg)->n_recovered++;
}

static void on_idle(void *arg)
{
	((struct talk *)arg)->n_idle++;
}

static void open_turns(struct talk *t, unsigned per_minute)
{
	const struct turns_events ev = { .arg = t, .registry = get_registry, .config = get_config, .on_done = on_done,
					 .on_aside = on_aside, .on_recovered = on_recovered, .on_idle = on_idle };
	g_autoptr(GError) error = NULL;
	struct db *db;
	int64_t admin;

	memset(t, 0, sizeof(*t));
	kernel_init(&t->k);
	t->done = g_string_new(NULL);
	db = kernel_begin(&t->k);
	admin = fixture_member(db, "console", "quantri", NULL, NULL);
	g_assert_true(store_member_set_role(db, admin, ROLE_ADMIN, &error));
	kernel_commit(db);
	t->k.turns = turns_new(&t->k.loop, t->k.store, per_minute, &ev);
}

static void close_turns(struct talk *t)
{
	if (t->k.turns) {
		t->k.is_closed = false;
		turns_close(g_steal_pointer(&t->k.turns), kernel_on_closed, &t->k);
		KERNEL_WAIT(&t->k, t->k.is_closed);
	}
	g_string_free(t->done, TRUE);
	kernel_release(&t->k);
}

/* Stores it and hands it to the turns. */
static int64_t say(struct talk *t, const char *who, const char *text)
{
	struct update *u = kernel_message(who, NULL, text);
	int64_t id = kernel_row(&t->k, u);

	turns_add(t->k.turns, id, u, false);
	return id;
}

/* Direct answers break as long as this trigger is there. */
#define BREAK_ANSWERS "CREATE TRIGGER breaks BEFORE INSERT ON post WHEN NEW.class = 0 BEGIN SELECT RAISE(ABORT, 'told to'); END"

static void next_retry(uv_handle_t *h, void *arg)
{
	uint64_t *next = arg;

	if (h->type == UV_TIMER && uv_is_active(h) && uv_timer_get_due_in((uv_timer_t *)h) < *next)
		*next = uv_timer_get_due_in((uv_timer_t *)h);
}

static void test_turns_of_a_person_keep_their_order(void)
{
	struct talk t;
	g_autoptr(GString) expected = g_string_new(NULL);

	open_turns(&t, 1000);
	/* Some read, some write. */
	for (int i = 0; i < 12; i++)
		g_string_append_printf(expected, " %" G_GINT64_FORMAT, say(&t, "lan", i % 3 ? "/khongco" : "/h"));
	KERNEL_WAIT(&t.k, t.n_done == 12);
	g_assert_cmpstr(t.done->str, ==, expected->str);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery"), ==, 12);
	g_assert_cmpuint(t.n_idle, ==, 1);
	close_turns(&t);
}

static void test_broken_turn_is_tried_again_then_set_aside_and_told(void)
{
	static const uint64_t waits[] = { 1000, 5000, 25000 };
	g_autofree char *told = NULL;
	struct talk t;
	int64_t id;

	open_turns(&t, 1000);
	kernel_exec(&t.k, BREAK_ANSWERS);
	id = say(&t, "lan", "/khongco");
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		uint64_t next = UINT64_MAX;

		KERNEL_WAIT(&t.k, turns_get_stats(t.k.turns)->retried == i + 1);
		uv_walk(&t.k.loop, next_retry, &next);
		g_assert_cmpuint(next, <=, waits[i]);
		g_assert_cmpuint(next, >, waits[i] - 900);
		kernel_hurry(&t.k);
	}
	KERNEL_WAIT(&t.k, t.n_aside == 1);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT state FROM inbox"), ==, 2);
	told = kernel_text(&t.k, "SELECT group_concat(c.remote_id || ':' || p.text) FROM delivery d JOIN post p ON p.id = d.post_id"
				 " JOIN chat c ON c.id = d.chat_id");
	g_assert_true(g_str_has_prefix(told, "quantri:Có 1 tin chưa xử lý được"));
	/* Revived by another process when the fault is gone: handled. */
	kernel_exec(&t.k, "DROP TRIGGER breaks");
	kernel_exec(&t.k, "UPDATE inbox SET state = 0, tries = 0");
	turns_rescan(t.k.turns);
	KERNEL_WAIT(&t.k, t.n_done == 1);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT state FROM inbox"), ==, 1);
	g_assert_cmpint(id, >, 0);
	close_turns(&t);
}

static void test_set_aside_even_if_nobody_can_be_told(void)
{
	struct talk t;

	open_turns(&t, 1000);
	kernel_exec(&t.k, "CREATE TRIGGER breaks BEFORE INSERT ON post BEGIN SELECT RAISE(ABORT, 'told to'); END");
	say(&t, "lan", "/khongco");
	while (!t.n_aside) {
		kernel_hurry(&t.k);
		uv_run(&t.k.loop, UV_RUN_ONCE);
	}
	g_assert_cmpint(kernel_int64(&t.k, "SELECT state FROM inbox"), ==, 2);
	close_turns(&t);
}

static void test_disk_trouble_is_no_fault_of_the_turn(void)
{
	struct talk t;

	open_turns(&t, 1000);
	turns_hold(t.k.turns, true);
	say(&t, "lan", "/khongco");
	say(&t, "lan", "/h");
	say(&t, "hoa", "/khongco");
	disk_fail(SQLITE_FULL, 0);
	turns_hold(t.k.turns, false);
	KERNEL_WAIT(&t.k, t.k.n_trouble == 1);
	kernel_settle(&t.k);
	g_assert_cmpuint(t.n_done, ==, 0);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&t.k, t.n_done == 3);
	g_assert_cmpuint(turns_get_stats(t.k.turns)->retried, ==, 0);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery"), ==, 3);
	close_turns(&t);
}

static void test_rows_left_unhandled_run_first_each_after_its_try(void)
{
	g_autofree char *expected = NULL;
	struct talk t;
	int64_t a, killer, garbage, b, late;

	open_turns(&t, 1000);
	{
		g_autoptr(update_t) one = kernel_message("lan", NULL, "/h"), two = kernel_message("lan", NULL, "/khongco");
		g_autoptr(update_t) three = kernel_message("hoa", NULL, "/h"), four = kernel_message("lan", NULL, "/h");

		a = kernel_row(&t.k, one);
		killer = kernel_row(&t.k, two);
		garbage = kernel_row(&t.k, three);
		b = kernel_row(&t.k, four);
	}
	kernel_exec(&t.k, "UPDATE inbox SET tries = 3 WHERE key = (SELECT key FROM inbox ORDER BY id LIMIT 1 OFFSET 1)");
	kernel_exec(&t.k, "UPDATE inbox SET payload = '{' WHERE key = (SELECT key FROM inbox ORDER BY id LIMIT 1 OFFSET 2)");
	turns_recover(t.k.turns);
	late = say(&t, "lan", "/h");
	KERNEL_WAIT(&t.k, t.n_recovered && turns_is_idle(t.k.turns));
	g_assert_cmpuint(turns_get_stats(t.k.turns)->repeated, ==, 0); /* the late one was left to its lane */
	expected = g_strdup_printf(" %" G_GINT64_FORMAT " !%" G_GINT64_FORMAT " !%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, a,
				   killer, garbage, b, late);
	g_assert_cmpstr(t.done->str, ==, expected);
	g_assert_cmpuint(t.n_recovered, ==, 1);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM inbox WHERE state = 1 AND tries = 1"), ==, 2);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM inbox WHERE state = 2"), ==, 2);
	close_turns(&t);
}

static void test_killer_row_is_not_run_when_setting_it_aside_meets_a_full_disk(void)
{
	g_autoptr(update_t) u = kernel_message("lan", NULL, "/khongco");
	struct talk t;

	open_turns(&t, 1000);
	kernel_row(&t.k, u);
	kernel_exec(&t.k, "UPDATE inbox SET tries = 3");
	disk_fail(SQLITE_FULL, 0);
	turns_recover(t.k.turns);
	KERNEL_WAIT(&t.k, t.k.n_trouble == 1);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&t.k, t.n_recovered == 1);
	g_assert_cmpuint(t.n_aside, ==, 1);
	g_assert_cmpuint(t.n_done, ==, 0);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT state FROM inbox"), ==, 2);
	close_turns(&t);
}

static void test_recovered_row_never_runs_without_its_committed_try(void)
{
	g_autoptr(update_t) u = kernel_message("lan", NULL, "/khongco");
	struct talk t;

	open_turns(&t, 1000);
	kernel_row(&t.k, u);
	disk_fail(SQLITE_FULL, 0);
	turns_recover(t.k.turns);
	KERNEL_WAIT(&t.k, t.k.n_trouble == 1);
	kernel_settle(&t.k);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&t.k, t.n_done == 1);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT tries FROM inbox"), ==, 1);
	close_turns(&t);
}

static int64_t count_polite(struct talk *t)
{
	return kernel_int64(&t->k, "SELECT count(*) FROM post WHERE text LIKE '%gửi nhiều lệnh liền nhau%'");
}

static void test_flood_waits_and_is_told_once(void)
{
	struct talk t;

	open_turns(&t, 5);
	for (int i = 0; i < 9; i++)
		say(&t, "lan", "/khongco");
	say(&t, "hoa", "/khongco"); /* nobody else waits */
	KERNEL_WAIT(&t.k, t.n_done == 6);
	kernel_settle(&t.k);
	g_assert_cmpuint(t.n_done, ==, 6);
	g_assert_cmpuint(turns_waiting(t.k.turns), ==, 4);
	g_assert_cmpint(count_polite(&t), ==, 1);
	for (unsigned i = 0; i < 4; i++) {
		clock_test_shift(12001, 12001);
		kernel_hurry(&t.k);
		KERNEL_WAIT(&t.k, t.n_done == 7 + i);
		kernel_settle(&t.k);
		g_assert_cmpuint(t.n_done, ==, 7 + i);
	}
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM inbox WHERE state = 1"), ==, 10);
	g_assert_cmpint(count_polite(&t), ==, 1);
	close_turns(&t);
}

static void test_who_is_held_alone_is_told_too(void)
{
	struct talk t;

	open_turns(&t, 5);
	for (unsigned i = 0; i < 5; i++) {
		say(&t, "lan", "/h");
		KERNEL_WAIT(&t.k, t.n_done == i + 1);
	}
	g_assert_cmpint(count_polite(&t), ==, 0);
	for (unsigned i = 0; i < 2; i++) {
		say(&t, "lan", "/h");
		kernel_settle(&t.k);
		g_assert_cmpuint(t.n_done, ==, 5 + i);
		clock_test_shift(12001, 12001);
		kernel_hurry(&t.k);
		KERNEL_WAIT(&t.k, t.n_done == 6 + i);
		g_assert_cmpint(count_polite(&t), ==, 1);
	}
	close_turns(&t);
}

static void test_coming_and_going_costs_no_rate(void)
{
	struct talk t;

	open_turns(&t, 5);
	for (int i = 0; i < 20; i++) {
		struct update *u = kernel_message("lan", "g", NULL);

		u->kind = i % 2 ? UPDATE_MEMBER_LEAVE : UPDATE_MEMBER_JOIN;
		turns_add(t.k.turns, kernel_row(&t.k, u), u, false);
	}
	KERNEL_WAIT(&t.k, t.n_done == 20);
	close_turns(&t);
}

static void test_long_lane_is_loaded_from_its_rows(void)
{
	struct talk t;

	open_turns(&t, 1000);
	turns_hold(t.k.turns, true);
	for (int i = 0; i < 3 * LANE_HELD; i++)
		say(&t, "lan", "/h");
	g_assert_cmpuint(turns_waiting(t.k.turns), ==, 3 * LANE_HELD);
	turns_hold(t.k.turns, false);
	KERNEL_WAIT(&t.k, t.n_done == 3 * LANE_HELD);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery"), ==, 3 * LANE_HELD);
	close_turns(&t);
}

static void test_rescan_finds_all_rows_behind_those_that_wait(void)
{
	struct talk t;

	open_turns(&t, 5);
	for (int i = 0; i < 100; i++)
		say(&t, "lan", "/h"); /* nearly all of them wait for their rate */
	KERNEL_WAIT(&t.k, t.n_done == 5);
	for (int i = 0; i < 3; i++) {
		g_autofree char *who = g_strdup_printf("p%d", i);
		g_autoptr(update_t) u = kernel_message(who, NULL, "/h");

		kernel_row(&t.k, u);
	}
	turns_rescan(t.k.turns);
	KERNEL_WAIT(&t.k, t.n_done == 8);
	g_assert_cmpuint(turns_waiting(t.k.turns), ==, 95);
	close_turns(&t);
}

static void test_revived_row_that_nobody_can_read_is_set_aside_again(void)
{
	g_autoptr(update_t) u = kernel_message("lan", NULL, "/h");
	struct talk t;

	open_turns(&t, 1000);
	kernel_row(&t.k, u);
	kernel_exec(&t.k, "UPDATE inbox SET payload = 'x'");
	turns_rescan(t.k.turns);
	while (!t.n_aside) {
		kernel_hurry(&t.k);
		uv_run(&t.k.loop, UV_RUN_ONCE);
	}
	g_assert_cmpint(kernel_int64(&t.k, "SELECT state FROM inbox"), ==, 2);
	close_turns(&t);
}

static void test_shutdown_does_not_wait_for_a_retry(void)
{
	int64_t from = g_get_monotonic_time();
	struct talk t;

	open_turns(&t, 1000);
	kernel_exec(&t.k, BREAK_ANSWERS);
	say(&t, "lan", "/khongco");
	say(&t, "lan", "/h");
	KERNEL_WAIT(&t.k, turns_get_stats(t.k.turns)->retried == 1);
	kernel_hurry(&t.k);
	KERNEL_WAIT(&t.k, turns_get_stats(t.k.turns)->retried == 2); /* the next try is 5 s away */
	t.k.is_closed = false;
	turns_close(g_steal_pointer(&t.k.turns), kernel_on_closed, &t.k);
	KERNEL_WAIT(&t.k, t.k.is_closed);
	g_assert_cmpint(g_get_monotonic_time() - from, <, 4 * G_TIME_SPAN_SECOND);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM inbox WHERE state = 0"), ==, 2);
	close_turns(&t);
}

static void test_reading_that_takes_too_long_is_answered(void)
{
	g_autofree char *said = NULL;
	struct talk t;

	open_turns(&t, 1000);
	say(&t, "lan", "/h"); /* his chat is known from here on: what only reads runs on the readers */
	KERNEL_WAIT(&t.k, t.n_done == 1);
	/* Looking for the open question now takes for ever. */
	kernel_exec(&t.k, "ALTER TABLE pending RENAME TO pending_rows");
	kernel_exec(&t.k, "CREATE VIEW pending AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
			  " SELECT 'console' AS adapter, 'lan' AS user_id, 0 AS chat_id, 'x' AS command, 'x' AS step, '' AS data,"
			  " 0 AS asked_ms, max(i) AS expires_ms FROM n");
	say(&t, "lan", "/t loa");
	while (t.n_done < 2) {
		kernel_hurry(&t.k);
		uv_run(&t.k.loop, UV_RUN_ONCE);
	}
	said = kernel_text(&t.k, "SELECT text FROM post ORDER BY id DESC LIMIT 1");
	g_assert_true(g_str_has_prefix(said, "Hệ thống đang bận"));
	g_assert_cmpuint(t.n_aside, ==, 0);
	close_turns(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/turns/turns-of-a-person-keep-their-order", test_turns_of_a_person_keep_their_order);
	g_test_add_func("/turns/broken-turn-is-tried-again-then-set-aside-and-told", test_broken_turn_is_tried_again_then_set_aside_and_told);
	g_test_add_func("/turns/set-aside-even-if-nobody-can-be-told", test_set_aside_even_if_nobody_can_be_told);
	g_test_add_func("/turns/disk-trouble-is-no-fault-of-the-turn", test_disk_trouble_is_no_fault_of_the_turn);
	g_test_add_func("/turns/rows-left-unhandled-run-first-each-after-its-try", test_rows_left_unhandled_run_first_each_after_its_try);
	g_test_add_func("/turns/killer-row-is-not-run-when-setting-it-aside-meets-a-full-disk",
			test_killer_row_is_not_run_when_setting_it_aside_meets_a_full_disk);
	g_test_add_func("/turns/recovered-row-never-runs-without-its-committed-try", test_recovered_row_never_runs_without_its_committed_try);
	g_test_add_func("/turns/flood-waits-and-is-told-once", test_flood_waits_and_is_told_once);
	g_test_add_func("/turns/who-is-held-alone-is-told-too", test_who_is_held_alone_is_told_too);
	g_test_add_func("/turns/coming-and-going-costs-no-rate", test_coming_and_going_costs_no_rate);
	g_test_add_func("/turns/long-lane-is-loaded-from-its-rows", test_long_lane_is_loaded_from_its_rows);
	g_test_add_func("/turns/rescan-finds-all-rows-behind-those-that-wait", test_rescan_finds_all_rows_behind_those_that_wait);
	g_test_add_func("/turns/revived-row-that-nobody-can-read-is-set-aside-again",
			test_revived_row_that_nobody_can_read_is_set_aside_again);
	g_test_add_func("/turns/shutdown-does-not-wait-for-a-retry", test_shutdown_does_not_wait_for_a_retry);
	g_test_add_func("/turns/reading-that-takes-too-long-is-answered", test_reading_that_takes_too_long_is_answered);
	return g_test_run();
}
