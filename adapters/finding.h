/* SPDX-License-Identifier: MIT */
/* What the adapters' checks say, written with a format. */
#ifndef CDSBOT_ADAPTERS_FINDING_H
#define CDSBOT_ADAPTERS_FINDING_H

#include "adapter.h"

/* say(arg, ...) with the text made from fmt. advice may be NULL. */
G_GNUC_PRINTF(5, 6)
void say_finding(adapter_finding_fn *say, void *arg, enum finding_level level, const char *advice, const char *fmt, ...);

#endif
