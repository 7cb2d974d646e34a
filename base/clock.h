/* SPDX-License-Identifier: MIT */
/* The two clocks of the program and the province's calendar. Times are UTC milliseconds; they become local only for people. */
#ifndef CDSBOT_BASE_CLOCK_H
#define CDSBOT_BASE_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Wall time, UTC milliseconds since 1970. For due dates and for what people read. */
int64_t clock_wall_ms(void);

/* Monotonic milliseconds. For timeouts, buckets and back-off; never stored. */
int64_t clock_mono_ms(void);

/* Sets the zone in which people read times (IANA name). False if the system does not know it; then the old one stays.
 * Before the first call the zone is Asia/Ho_Chi_Minh. Call only before threads start. */
bool clock_set_zone(const char *iana_name);

/* The zone in force; borrowed for the life of the process. */
GTimeZone *clock_zone(void);

/* Wall time as local calendar time; caller owns (g_date_time_unref). */
GDateTime *clock_local(int64_t wall_ms);

/* When the local day after the one of this wall time begins. */
int64_t clock_next_day_ms(int64_t wall_ms);

/* `HH:MM` of a wall time in the local zone; caller frees. */
char *clock_hhmm(int64_t wall_ms);

/* Moves both clocks forward or back by so many ms for the tests (CDSBOT_TEST_HOOKS builds only; see meson option
 * `test_hooks`). In other builds the function does not exist. */
#ifdef CDSBOT_TEST_HOOKS
void clock_test_shift(int64_t wall_shift_ms, int64_t mono_shift_ms);
#endif

#endif
