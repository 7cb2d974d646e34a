/* SPDX-License-Identifier: MIT */
/* Tests of the clocks and of the zone. */
#include "base/clock.h"
#include "base/macros.h"

static void test_zone_is_vietnam_until_told(void)
{
	/* 2023-10-15T14:05:00.250Z */
	const int64_t ms = INT64_C(1697378700250);
	g_autofree char *hhmm = clock_hhmm(ms);
	g_autoptr(GDateTime) local = clock_local(ms);

	g_assert_cmpstr(hhmm, ==, "21:05");
	g_assert_cmpint(g_date_time_get_microsecond(local), ==, 250000);
}

static void test_unknown_zone_leaves_the_old_one(void)
{
	g_autofree char *before = clock_hhmm(0);
	g_autofree char *after = NULL;

	g_assert_false(clock_set_zone("Mars/Olympus"));
	g_assert_false(clock_set_zone(""));
	g_assert_false(clock_set_zone(NULL));
	after = clock_hhmm(0);
	g_assert_cmpstr(after, ==, before);
	g_assert_true(clock_set_zone("UTC"));
	g_free(after);
	after = clock_hhmm(0);
	g_assert_cmpstr(after, ==, "00:00");
}

static void test_absurd_times_give_a_date(void)
{
	static const int64_t t[] = { INT64_MIN, -1, 0, INT64_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GDateTime) local = clock_local(t[i]);

		g_assert_nonnull(local);
	}
}

static void test_clocks_run(void)
{
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();

	g_assert_cmpint(wall, >, INT64_C(1600000000000));
	g_assert_cmpint(clock_mono_ms(), >=, mono);
#ifdef CDSBOT_TEST_HOOKS
	clock_test_shift(DAY_MS, HOUR_MS);
	g_assert_cmpint(clock_wall_ms(), >=, wall + DAY_MS);
	g_assert_cmpint(clock_mono_ms(), >=, mono + HOUR_MS);
	g_assert_cmpint(clock_mono_ms(), <, mono + DAY_MS);
#endif
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/clock/zone-is-vietnam-until-told", test_zone_is_vietnam_until_told);
	g_test_add_func("/clock/unknown-zone-leaves-the-old-one", test_unknown_zone_leaves_the_old_one);
	g_test_add_func("/clock/absurd-times-give-a-date", test_absurd_times_give_a_date);
	g_test_add_func("/clock/clocks-run", test_clocks_run);
	return g_test_run();
}
