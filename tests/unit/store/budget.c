/* SPDX-License-Identifier: MIT */
/* Message budgets: what counts, what is given back and to which period, the turn of day and month, words said once. */
#include "fixture.h"

#include "base/clock.h"
#include "store/budget.h"

/* 2026-11-30 23:30 in Viet Nam (16:30 UTC): half an hour before a new day and month. */
#define LATE INT64_C(1796056200000)
#define HALF_HOUR INT64_C(1800000)

static void limit(struct db *db, int64_t day, int64_t month, bool private_only)
{
	const struct budget_limit l = { .day = day, .month = month, .private_only = private_only };

	g_assert_true(store_budget_set_limit(db, "t", &l, NULL));
}

static int64_t delivery(struct db *db, const char *chat, enum chat_kind kind)
{
	fixture_delivery(db, fixture_chat(db, "t", chat, kind), "x", CLASS_NOTICE, T0);
	return fixture_int64(db, "SELECT max(id) FROM delivery");
}

static void assert_used(struct db *db, int64_t now, int64_t day, int64_t month)
{
	g_autoptr(budget_t) b = NULL;

	g_assert_cmpint(store_budget_get(db, "t", now, &b, NULL), ==, STORE_OK);
	g_assert_cmpint(b->day_used, ==, day);
	g_assert_cmpint(b->month_used, ==, month);
}

static void test_only_what_has_a_limit_counts(const void *data)
{
	g_autoptr(budget_t) b = NULL;
	int64_t person, group;

	FIXTURE_BEGIN(f, data);
	person = delivery(f.db, "lan", CHAT_PRIVATE);
	group = delivery(f.db, "g", CHAT_GROUP);
	g_assert_true(store_budget_count(f.db, person, LATE, &error));
	g_assert_cmpint(store_budget_get(f.db, "t", LATE, &b, &error), ==, STORE_NOT_FOUND);
	limit(f.db, 10, 0, true);
	g_assert_true(store_budget_count(f.db, person, LATE, &error));
	g_assert_true(store_budget_count(f.db, group, LATE, &error));
	assert_used(f.db, LATE, 1, 1);
	limit(f.db, 10, 0, false);
	g_assert_true(store_budget_count(f.db, group, LATE, &error));
	assert_used(f.db, LATE, 2, 2);
	limit(f.db, 0, 0, false);
	g_assert_cmpint(store_budget_get(f.db, "t", LATE, &b, &error), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

static void test_day_and_month_turn_in_local_time(const void *data)
{
	int64_t id;

	FIXTURE_BEGIN(f, data);
	limit(f.db, 10, 100, false);
	id = delivery(f.db, "lan", CHAT_PRIVATE);
	g_assert_true(store_budget_count(f.db, id, LATE, &error));
	assert_used(f.db, LATE, 1, 1);
	g_assert_cmpint(clock_next_day_ms(LATE), ==, LATE + HALF_HOUR);
	assert_used(f.db, LATE + HALF_HOUR - 1, 1, 1);
	assert_used(f.db, LATE + HALF_HOUR, 0, 0);
	assert_used(f.db, LATE - INT64_C(86400000), 0, 1);
	g_assert_true(store_budget_expire(f.db, "2026-12", &error));
	assert_used(f.db, LATE, 0, 0);
	FIXTURE_END(f);
}

static void test_given_back_to_the_period_that_counted_it_and_once(const void *data)
{
	int64_t id, other;

	FIXTURE_BEGIN(f, data);
	limit(f.db, 10, 100, false);
	id = delivery(f.db, "lan", CHAT_PRIVATE);
	other = delivery(f.db, "hoa", CHAT_PRIVATE);
	g_assert_true(store_budget_count(f.db, id, LATE, &error));
	g_assert_true(store_budget_count(f.db, other, LATE + HALF_HOUR, &error));
	g_assert_true(store_budget_give_back(f.db, id, &error)); /* settled after midnight */
	assert_used(f.db, LATE, 0, 0);
	assert_used(f.db, LATE + HALF_HOUR, 1, 1);
	g_assert_true(store_budget_give_back(f.db, id, &error));
	assert_used(f.db, LATE + HALF_HOUR, 1, 1);
	FIXTURE_END(f);
}

static void test_uncertain_and_sent_again_counts_twice(const void *data)
{
	int64_t id;
	unsigned n;

	FIXTURE_BEGIN(f, data);
	limit(f.db, 10, 100, false);
	id = delivery(f.db, "lan", CHAT_PRIVATE);
	g_ptr_array_unref(store_delivery_claim(f.db, &id, 1, &error));
	g_assert_true(store_budget_count(f.db, id, LATE, &error));
	g_assert_true(store_delivery_recover(f.db, true, &n, &error)); /* the process died: it may have gone out */
	assert_used(f.db, LATE, 1, 1);
	g_ptr_array_unref(store_delivery_claim(f.db, &id, 1, &error));
	g_assert_true(store_budget_count(f.db, id, LATE, &error));
	assert_used(f.db, LATE, 2, 2);
	g_assert_true(store_budget_give_back(f.db, id, &error)); /* the second was refused; of the first nobody knows */
	assert_used(f.db, LATE, 1, 1);
	FIXTURE_END(f);
}

static void test_what_is_spoken_for(const void *data)
{
	struct budget b = { .adapter = (char *)"t" };
	int64_t n, id;

	FIXTURE_BEGIN(f, data);
	id = delivery(f.db, "lan", CHAT_PRIVATE);
	delivery(f.db, "lan", CHAT_PRIVATE);
	delivery(f.db, "g", CHAT_GROUP);
	fixture_delivery(f.db, fixture_chat(f.db, "t", "mai", CHAT_PRIVATE), "x", CLASS_DIGEST, T0);
	fixture_delivery(f.db, fixture_chat(f.db, "u", "lan", CHAT_PRIVATE), "x", CLASS_NOTICE, T0);
	g_assert_true(store_budget_queued(f.db, &b, &n, &error));
	g_assert_cmpint(n, ==, 3);
	b.limit.private_only = true;
	g_assert_true(store_budget_queued(f.db, &b, &n, &error));
	g_assert_cmpint(n, ==, 2);
	g_ptr_array_unref(store_delivery_claim(f.db, &id, 1, &error)); /* counted by now */
	g_assert_true(store_budget_queued(f.db, &b, &n, &error));
	g_assert_cmpint(n, ==, 1);
	FIXTURE_END(f);
}

static void test_left(void)
{
	struct budget b = { .limit = { .day = 100, .month = 1000 }, .day_used = 60, .month_used = 880 };

	g_assert_cmpint(budget_left(&b, 0), ==, 40);
	g_assert_cmpint(budget_left(&b, 10), ==, 20); /* the month is tighter: 900 - 880 */
	g_assert_cmpint(budget_left(&b, 30), ==, -180);
	b.limit.month = 0;
	g_assert_cmpint(budget_left(&b, 30), ==, 10);
	b.limit.day = 0;
	g_assert_cmpint(budget_left(&b, 30), ==, INT64_MAX);
}

static void test_words_are_said_once_a_period(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_assert_cmpint(store_budget_say(f.db, "t", "2026-11", BUDGET_SAID_LOW, &error), ==, STORE_OK);
	g_assert_cmpint(store_budget_say(f.db, "t", "2026-11", BUDGET_SAID_LOW, &error), ==, STORE_DUPLICATE);
	g_assert_cmpint(store_budget_say(f.db, "t", "2026-11", BUDGET_SAID_HELD, &error), ==, STORE_OK);
	g_assert_cmpint(store_budget_say(f.db, "t", "2026-12", BUDGET_SAID_LOW, &error), ==, STORE_OK);
	g_assert_cmpint(store_budget_say(f.db, "u", "2026-11", BUDGET_SAID_LOW, &error), ==, STORE_OK);
	FIXTURE_END(f);
}

static void test_what_waits_for_the_budget(const void *data)
{
	struct budget b = { .adapter = (char *)"t" };
	bool waits;

	FIXTURE_BEGIN(f, data);
	delivery(f.db, "g", CHAT_GROUP);
	g_assert_true(store_budget_waits(f.db, &b, 1u << CLASS_NOTICE, T0, &waits, &error));
	g_assert_true(waits);
	g_assert_true(store_budget_waits(f.db, &b, 1u << CLASS_DIGEST, T0, &waits, &error));
	g_assert_false(waits);
	b.limit.private_only = true;
	g_assert_true(store_budget_waits(f.db, &b, 1u << CLASS_NOTICE, T0, &waits, &error));
	g_assert_false(waits);
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/budget/only-what-has-a-limit-counts", test_only_what_has_a_limit_counts);
	fixture_add("/budget/day-and-month-turn-in-local-time", test_day_and_month_turn_in_local_time);
	fixture_add("/budget/given-back-to-the-period-that-counted-it", test_given_back_to_the_period_that_counted_it_and_once);
	fixture_add("/budget/uncertain-and-sent-again-counts-twice", test_uncertain_and_sent_again_counts_twice);
	g_test_add_func("/budget/left", test_left);
	fixture_add("/budget/words-are-said-once-a-period", test_words_are_said_once_a_period);
	fixture_add("/budget/what-waits", test_what_waits_for_the_budget);
	fixture_add("/budget/what-waits-spoken-for", test_what_is_spoken_for);
	return g_test_run();
}
