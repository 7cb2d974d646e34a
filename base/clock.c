/* SPDX-License-Identifier: MIT */
/* The two clocks and the calendar of the province. Keeps no timers: those belong to the loop. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/macros.h"

#include "base/clock.h"

#define ZONE_DEFAULT "Asia/Ho_Chi_Minh"
/* A container without tzdata still gets the right hour: Việt Nam has had no other offset since 1975. */
#define ZONE_WITHOUT_TZDATA "+07:00"

/* The years 1 to 9999, which is what GDateTime can hold; a broken time must not become a NULL. */
#define UNIX_SECONDS_MIN INT64_C(-62135596800)
#define UNIX_SECONDS_MAX INT64_C(253402214400)

#ifdef CDSBOT_TEST_HOOKS
static _Atomic int64_t test_wall_shift_ms, test_mono_shift_ms;

void clock_test_shift(int64_t wall_shift_ms, int64_t mono_shift_ms)
{
	atomic_fetch_add(&test_wall_shift_ms, wall_shift_ms);
	atomic_fetch_add(&test_mono_shift_ms, mono_shift_ms);
}
#endif

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	int64_t ms = read_ms(CLOCK_REALTIME);

#ifdef CDSBOT_TEST_HOOKS
	ms += atomic_load(&test_wall_shift_ms);
#endif
	return ms;
}

int64_t clock_mono_ms(void)
{
	int64_t ms = read_ms(CLOCK_MONOTONIC);

#ifdef CDSBOT_TEST_HOOKS
	ms += atomic_load(&test_mono_shift_ms);
#endif
	return ms;
}

/* Replaced zones are kept on purpose: clock_zone() lends them for the life of the process. */
static _Atomic(GTimeZone *) zone;
static pthread_once_t zone_once = PTHREAD_ONCE_INIT;

bool clock_set_zone(const char *iana_name)
{
	GTimeZone *fresh;

	if (!iana_name || !*iana_name)
		return false;
	fresh = g_time_zone_new_identifier(iana_name);
	if (!fresh)
		return false;
	atomic_store(&zone, fresh);
	return true;
}

static void zone_set_default(void)
{
	GTimeZone *none = NULL, *dflt = g_time_zone_new_identifier(ZONE_DEFAULT);

	if (!dflt)
		dflt = g_time_zone_new_identifier(ZONE_WITHOUT_TZDATA);
	if (!atomic_compare_exchange_strong(&zone, &none, dflt))
		g_time_zone_unref(dflt);
}

GTimeZone *clock_zone(void)
{
	pthread_once(&zone_once, zone_set_default);
	return atomic_load(&zone);
}

GDateTime *clock_local(int64_t wall_ms)
{
	int64_t seconds = wall_ms / 1000, rest_ms = wall_ms % 1000;
	g_autoptr(GDateTime) utc = NULL;
	g_autoptr(GDateTime) local = NULL;

	if (rest_ms < 0) {
		seconds--;
		rest_ms += 1000;
	}
	seconds = CLAMP(seconds, UNIX_SECONDS_MIN + DAY_MS / 1000, UNIX_SECONDS_MAX - DAY_MS / 1000);
	utc = g_date_time_new_from_unix_utc(seconds);
	local = g_date_time_to_timezone(utc, clock_zone());
	return g_date_time_add(local, rest_ms * 1000);
}

int64_t clock_next_day_ms(int64_t wall_ms)
{
	g_autoptr(GDateTime) local = clock_local(wall_ms);
	g_autoptr(GDateTime) tomorrow = g_date_time_add_days(local, 1);
	g_autoptr(GDateTime) begin = g_date_time_new(clock_zone(), g_date_time_get_year(tomorrow), g_date_time_get_month(tomorrow),
						     g_date_time_get_day_of_month(tomorrow), 0, 0, 0);

	return g_date_time_to_unix(begin) * 1000;
}

char *clock_hhmm(int64_t wall_ms)
{
	g_autoptr(GDateTime) local = clock_local(wall_ms);

	return g_date_time_format(local, "%H:%M");
}
