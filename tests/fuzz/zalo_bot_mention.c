/* SPDX-License-Identifier: MIT */
/* Stripping of own mentions from any text; the first line is the bot's name. What is left is clean and no longer than what came. */
#include "fuzz.h"

#include "adapters/zalo_bot_mention.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *bytes = fuzz_text(data, size), *clean = text_clean(bytes, size), *stripped = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free), commands = g_ptr_array_new();
	char *end = strchr(clean, '\n');
	const char *text = end ? end + 1 : clean;
	bool is_mentioned = false;

	if (end)
		*end = '\0';
	zalo_bot_mention_add(names, clean);
	g_ptr_array_add(commands, (void *)"tim");
	stripped = zalo_bot_mention_strip(text, names, commands, &is_mentioned);
	g_assert_nonnull(stripped);
	g_assert_true(g_utf8_validate(stripped, -1, NULL));
	g_assert_cmpuint(strlen(stripped), <=, strlen(text));
	return 0;
}
