/* SPDX-License-Identifier: MIT */
/* Comparison of a secret with what a stranger sent. */
#ifndef CDSBOT_ADAPTERS_SECRET_H
#define CDSBOT_ADAPTERS_SECRET_H

#include <stdbool.h>

/* Takes the same time wherever the first difference lies; only the length of what was sent shows. An empty secret equals nothing.
 */
bool secret_is_equal(const char *secret, const char *given);

#endif
