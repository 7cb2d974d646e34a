/* SPDX-License-Identifier: MIT */
/* The few macros that every folder may use. */
#ifndef CDSBOT_BASE_MACROS_H
#define CDSBOT_BASE_MACROS_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

#endif
