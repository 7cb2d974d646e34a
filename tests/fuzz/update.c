/* SPDX-License-Identifier: MIT */
/* The inbox's own form of an update: what parses is written and parsed again to the same. */
#include "fuzz.h"

#include "adapters/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(update_t) u = update_parse(text, &error), again = NULL;
	g_autofree char *once = NULL, *twice = NULL;

	g_assert_true((u == NULL) == (error != NULL));
	if (!u)
		return 0;
	once = update_serialize(u);
	again = update_parse(once, &error);
	g_assert_no_error(error);
	twice = update_serialize(again);
	g_assert_cmpstr(once, ==, twice);
	return 0;
}
