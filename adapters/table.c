/* SPDX-License-Identifier: MIT */
/* The list of platforms. Nothing else knows which there are. */
#include <string.h>

#include "table.h"

extern const struct adapter_ops adapter_console, adapter_telegram, adapter_zalo_bot, adapter_zalo_oa;

const struct adapter_ops *const adapter_table[] = {
	&adapter_console,
	&adapter_telegram,
	&adapter_zalo_bot,
	&adapter_zalo_oa,
	NULL,
};

const struct adapter_ops *adapter_table_find(const char *name)
{
	for (size_t i = 0; adapter_table[i]; i++) {
		if (strcmp(adapter_table[i]->name, name) == 0)
			return adapter_table[i];
	}
	return NULL;
}
