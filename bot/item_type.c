/* SPDX-License-Identifier: MIT */
/* Knows the values, and nothing of where they are typed or stored. */
#include "item_type.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

const char *const item_types[] = { "giải pháp", "sáng kiến", "cách làm hay", "kinh nghiệm", "bài học", "mô hình", NULL };

const char *item_type_match(const char *typed)
{
	g_autofree char *want = text_fold(typed);

	for (size_t n = 0; item_types[n]; n++) {
		g_autofree char *have = text_fold(item_types[n]);

		if (strcmp(want, have) == 0)
			return item_types[n];
	}
	return NULL;
}
