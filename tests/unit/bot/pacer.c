/* SPDX-License-Identifier: MIT */
/* Tests of the pacer in simulated time. Nothing waits. */
#include "base/macros.h"
#include "bot/pacer.h"

#define START 1000000

static const struct adapter_pace telegram_like = { .per_second = 30,
						   .chat_per_second = 1,
						   .group_per_minute = 20,
						   .burst = 1,
						   .chat_burst = 3,
						   .group_burst = 3,
						   .concurrent = 8 };

static int by_time(gconstpointer a, gconstpointer b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Over every window that begins and ends at a reservation: at most rate * t + burst. */
static void assert_within(GArray *times, double per_ms, double burst)
{
	g_array_sort(times, by_time);
	for (guint i = 0; i < times->len; i++) {
		for (guint j = i; j < times->len; j++) {
			int64_t t = g_array_index(times, int64_t, j) - g_array_index(times, int64_t, i);

			g_assert_cmpfloat((double)(j - i + 1), <=, per_ms * (double)t + burst + 1e-6);
		}
	}
}

static void test_empty_at_start(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	int64_t at;

	/* Nothing is known of what was sent just before: the first token has to grow. */
	g_assert_false(pacer_reserve(p, 1, CHAT_PRIVATE, START, 0, &at));
	g_assert_cmpint(at, ==, START + 1000);
	g_assert_true(pacer_reserve(p, 1, CHAT_PRIVATE, START, 1000, &at));
	g_assert_cmpint(at, ==, START + 1000);
	pacer_free(p);
}

static void test_later_chat_is_full(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	int64_t at, now = START + 10 * SECOND_MS;

	/* Burst of three in the chat, one after the other as the platform's bucket allows, then one a second. */
	for (int i = 0; i < 3; i++) {
		g_assert_true(pacer_reserve(p, 1, CHAT_PRIVATE, now, 1000, &at));
		g_assert_cmpint(at, ==, now + 34 * (int64_t)i);
	}
	g_assert_false(pacer_reserve(p, 1, CHAT_PRIVATE, now, 500, &at));
	g_assert_cmpint(at, ==, now + 1000);
	pacer_free(p);
}

static void test_unlimited(void)
{
	const struct adapter_pace pace = { .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 1 };
	struct pacer *p = pacer_new(&pace, START);
	int64_t at;

	for (int i = 0; i < 1000; i++) {
		g_assert_true(pacer_reserve(p, i % 3, i % 2 ? CHAT_PRIVATE : CHAT_GROUP, START, 0, &at));
		g_assert_cmpint(at, ==, START);
	}
	g_assert_cmpuint(pacer_buckets(p), ==, 0);
	pacer_free(p);
}

/* A courier that asks for whatever can go within a second, several hundred chats waiting. */
static void test_thirty_a_second_is_reached(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int chat = 0;
	guint in_time = 0;
	int64_t begin = START + SECOND_MS; /* every chat has its first token by then */

	for (int64_t now = begin; now < begin + 20 * SECOND_MS; now += 137) {
		int64_t at;

		while (pacer_reserve(p, 1 + chat, CHAT_PRIVATE, now, 1000, &at)) {
			g_assert_cmpint(at, >=, now);
			g_assert_cmpint(at, <=, now + 1000);
			g_array_append_val(times, at);
			chat = (chat + 1) % 400;
		}
		g_assert_cmpint(at, >, now + 1000);
	}
	for (guint i = 0; i < times->len; i++)
		in_time += g_array_index(times, int64_t, i) < begin + 20 * SECOND_MS;
	g_assert_cmpuint(in_time, >=, 580);
	assert_within(times, telegram_like.per_second / SECOND_MS, telegram_like.burst);
	g_array_unref(times);
	pacer_free(p);
}

/* Reservations of slow chats lie ahead; others must fill the gaps before them without breaking the platform's rate. */
static void test_slow_chats_do_not_hold_others(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int64_t now = START + 60 * SECOND_MS, at, first_of_other;

	for (int i = 0; i < 4; i++) {
		g_assert_true(pacer_reserve(p, 1, CHAT_PRIVATE, now, 1000, &at));
		g_array_append_val(times, at);
	}
	g_assert_cmpint(at, ==, now + 1000);
	g_assert_true(pacer_reserve(p, 2, CHAT_PRIVATE, now, 1000, &first_of_other));
	g_assert_cmpint(first_of_other, <, now + 200);
	g_array_append_val(times, first_of_other);
	for (int64_t chat = 3; pacer_reserve(p, chat, CHAT_PRIVATE, now, 1000, &at); chat++)
		g_array_append_val(times, at);
	g_assert_cmpuint(times->len, >=, 29);
	assert_within(times, telegram_like.per_second / SECOND_MS, telegram_like.burst);
	g_array_unref(times);
	pacer_free(p);
}

static void test_group_bucket_holds(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (int64_t now = START; now < START + 5 * MINUTE_MS; now += 250) {
		int64_t at;

		while (pacer_reserve(p, 7, CHAT_GROUP, now, 1000, &at))
			g_array_append_val(times, at);
		while (pacer_reserve(p, 8 + now % 90, CHAT_PRIVATE, now, 300, &at))
			;
	}
	g_assert_cmpuint(times->len, >=, 95);
	g_assert_cmpuint(times->len, <=, 103);
	assert_within(times, telegram_like.group_per_minute / MINUTE_MS, telegram_like.group_burst);
	g_array_unref(times);
	pacer_free(p);
}

/* Random rates, bursts, chats and steps of time: the promise holds for the platform and for each chat. */
static void test_never_above_rate_and_burst(void)
{
	for (int round = 0; round < 20; round++) {
		const struct adapter_pace pace = { .per_second = g_test_rand_double_range(0.5, 200),
						   .chat_per_second = g_test_rand_double_range(0.1, 20),
						   .group_per_minute = g_test_rand_double_range(5, 600),
						   .burst = (unsigned)g_test_rand_int_range(1, 20),
						   .chat_burst = (unsigned)g_test_rand_int_range(1, 5),
						   .group_burst = (unsigned)g_test_rand_int_range(1, 5),
						   .concurrent = 1 };
		struct pacer *p = pacer_new(&pace, START);
		GArray *all = g_array_new(FALSE, FALSE, sizeof(int64_t)), *chats[6];
		int64_t now = START;

		for (size_t i = 0; i < ARRAY_SIZE(chats); i++)
			chats[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
		for (int i = 0; i < 600; i++) {
			int chat = g_test_rand_int_range(0, ARRAY_SIZE(chats));
			int64_t at, again;

			if (pacer_reserve(p, 1 + chat, chat % 2 ? CHAT_GROUP : CHAT_PRIVATE, now, 800, &at)) {
				g_array_append_val(all, at);
				g_array_append_val(chats[chat], at);
			} else if (g_test_rand_bit()) {
				/* "When to ask again" is a moment that does. */
				g_assert_true(
					pacer_reserve(p, 1 + chat, chat % 2 ? CHAT_GROUP : CHAT_PRIVATE, now, at - now, &again));
				g_assert_cmpint(again, ==, at);
				g_array_append_val(all, again);
				g_array_append_val(chats[chat], again);
			}
			now += g_test_rand_int_range(0, 60);
		}
		assert_within(all, pace.per_second / SECOND_MS, pace.burst);
		for (size_t i = 0; i < ARRAY_SIZE(chats); i++) {
			assert_within(chats[i], i % 2 ? pace.group_per_minute / MINUTE_MS : pace.chat_per_second / SECOND_MS,
				      i % 2 ? pace.group_burst : pace.chat_burst);
			g_array_unref(chats[i]);
		}
		g_array_unref(all);
		pacer_free(p);
	}
}

static void test_pause_holds_and_only_extends(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	int64_t now = START + 10 * SECOND_MS, at;

	pacer_pause(p, 5, now + 4000);
	pacer_pause(p, 5, now + 2000);
	g_assert_cmpint(pacer_paused_until(p), ==, 0);
	g_assert_false(pacer_reserve(p, 5, CHAT_PRIVATE, now, 1000, &at));
	g_assert_cmpint(at, ==, now + 4000);
	g_assert_true(pacer_reserve(p, 6, CHAT_PRIVATE, now, 1000, &at));
	g_assert_cmpint(at, ==, now);

	pacer_pause(p, 0, now + 9000);
	pacer_pause(p, 0, now + 1);
	g_assert_cmpint(pacer_paused_until(p), ==, now + 9000);
	g_assert_false(pacer_reserve(p, 6, CHAT_PRIVATE, now + 100, 1000, &at));
	g_assert_cmpint(at, ==, now + 9000);
	g_assert_true(pacer_reserve(p, 5, CHAT_PRIVATE, now + 9000, 1000, &at));
	g_assert_cmpint(at, ==, now + 9000);

	/* A chat that was paused before anything went there still has its own limit. */
	for (int i = 0; i < 2; i++)
		g_assert_true(pacer_reserve(p, 5, CHAT_PRIVATE, now + 9000, 1000, &at));
	g_assert_false(pacer_reserve(p, 5, CHAT_PRIVATE, now + 9000, 500, &at));
	pacer_free(p);
}

static void test_idle_buckets_are_forgotten(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	const struct adapter_pace unlimited = { .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 1 };
	int64_t at;

	for (int64_t chat = 1; chat <= 20000; chat++) {
		pacer_reserve(p, chat, chat % 10 ? CHAT_PRIVATE : CHAT_GROUP, START + chat * 40, 1000, &at);
		g_assert_cmpuint(pacer_buckets(p), <=, 1000);
	}
	pacer_forget(p, 20000);
	pacer_free(p);

	p = pacer_new(&unlimited, START);
	for (int64_t chat = 1; chat <= 20000; chat++) {
		pacer_pause(p, chat, START + chat * 40 + 1000);
		pacer_reserve(p, chat, CHAT_PRIVATE, START + chat * 40, 1000, &at);
		g_assert_cmpuint(pacer_buckets(p), <=, 1000);
	}
	pacer_free(p);
}

static void test_forgotten_bucket_gives_no_second_burst(void)
{
	const struct adapter_pace pace = { .per_second = 1000,
					   .chat_per_second = 0.01,
					   .group_per_minute = 20,
					   .burst = 100,
					   .chat_burst = 2,
					   .group_burst = 3,
					   .concurrent = 1 };
	struct pacer *p = pacer_new(&pace, START);
	int64_t now = START + HOUR_MS, at;

	g_assert_true(pacer_reserve(p, 1, CHAT_PRIVATE, now, 0, &at));
	g_assert_true(pacer_reserve(p, 1, CHAT_PRIVATE, now, 0, &at));
	for (int64_t chat = 2; chat < 2000; chat++)
		pacer_reserve(p, chat, CHAT_PRIVATE, now + chat, 0, &at);
	g_assert_false(pacer_reserve(p, 1, CHAT_PRIVATE, now + 2000, 0, &at));
	pacer_free(p);
}

static void test_no_class_starves(void)
{
	struct pacer *p = pacer_new(&telegram_like, START);
	unsigned counts[3] = { 0 };

	for (int i = 1; i <= 80; i++)
		g_assert_cmpuint(pacer_next_class(p, 1u << 0 | 1u << 1), ==, i % PACER_TURN == 0 ? 1 : 0);
	for (int i = 0; i < 160; i++)
		counts[pacer_next_class(p, 7)]++;
	g_assert_cmpuint(counts[0], ==, 140);
	g_assert_cmpuint(counts[1], ==, 10);
	g_assert_cmpuint(counts[2], ==, 10);
	for (int i = 0; i < 20; i++)
		g_assert_cmpuint(pacer_next_class(p, 1u << 2), ==, 2);
	g_assert_cmpuint(pacer_next_class(p, 0), ==, 0);
	pacer_free(p);
}

static void test_backoff(void)
{
	static const struct {
		unsigned tries;
		int64_t first, max, middle;
	} t[] = {
		{ 0, 1000, 60000, 1000 },  { 1, 1000, 60000, 1000 },
		{ 2, 1000, 60000, 2000 },  { 6, 1000, 60000, 32000 },
		{ 7, 1000, 60000, 60000 }, { 4000000000u, 1000, 60000, 60000 },
		{ 1, 9000, 5000, 5000 },   { 70, 1000, INT64_MAX / 4, INT64_MAX / 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool differs = false;
		int64_t first = pacer_backoff_ms(t[i].tries, t[i].first, t[i].max);

		for (int k = 0; k < 200; k++) {
			int64_t wait = pacer_backoff_ms(t[i].tries, t[i].first, t[i].max);

			g_assert_cmpfloat((double)wait, >=, (double)t[i].middle * 0.75 - 1);
			g_assert_cmpfloat((double)wait, <=, (double)t[i].middle * 1.25);
			differs = differs || wait != first;
		}
		g_assert_true(differs);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pacer/nothing-goes-at-once-after-start", test_empty_at_start);
	g_test_add_func("/pacer/chat-made-later-is-full", test_later_chat_is_full);
	g_test_add_func("/pacer/unlimited", test_unlimited);
	g_test_add_func("/pacer/thirty-a-second-is-reached", test_thirty_a_second_is_reached);
	g_test_add_func("/pacer/slow-chats-do-not-hold-others", test_slow_chats_do_not_hold_others);
	g_test_add_func("/pacer/group-bucket-holds", test_group_bucket_holds);
	g_test_add_func("/pacer/never-above-rate-and-burst", test_never_above_rate_and_burst);
	g_test_add_func("/pacer/pause-holds-and-only-extends", test_pause_holds_and_only_extends);
	g_test_add_func("/pacer/idle-buckets-are-forgotten", test_idle_buckets_are_forgotten);
	g_test_add_func("/pacer/forgotten-bucket-gives-no-second-burst", test_forgotten_bucket_gives_no_second_burst);
	g_test_add_func("/pacer/no-class-starves", test_no_class_starves);
	g_test_add_func("/pacer/backoff", test_backoff);
	return g_test_run();
}
