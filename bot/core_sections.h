/* SPDX-License-Identifier: MIT */
/* The configuration's sections: the core's and one per adapter of the table. */
#ifndef CDSBOT_BOT_CORE_SECTIONS_H
#define CDSBOT_BOT_CORE_SECTIONS_H

#include <glib.h>
#include <stdio.h>

#include "config/config.h"

/* Made at the first call, for the life of the process: snapshots of the configuration point into it. */
const struct config_section *core_sections(size_t *ret_n);

/* "file:line: [section] key: what (advice)", one line a problem. */
void core_sections_print(const GPtrArray *problems, FILE *to);
void core_sections_log(const GPtrArray *problems);

#endif
