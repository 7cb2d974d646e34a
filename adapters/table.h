/* SPDX-License-Identifier: MIT */
/* The list of platforms. To add one: its file, one line in table.c, one in meson.build. */
#ifndef CDSBOT_ADAPTERS_TABLE_H
#define CDSBOT_ADAPTERS_TABLE_H

#include "adapter.h"

/* Ends with NULL. */
extern const struct adapter_ops *const adapter_table[];

const struct adapter_ops *adapter_table_find(const char *name); /* NULL if there is none */

#endif
