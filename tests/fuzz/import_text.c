/* SPDX-License-Identifier: MIT */
/* Copied talk: splitting it and reading what of it is an initiative. */
#include "fuzz.h"

#include "base/text.h"
#include "bot/import_text.h"

static struct registry *registry(void)
{
	static struct registry *r;
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);

	if (!r) {
		r = registry_load_csv(dir, NULL);
		g_assert_nonnull(r);
		registry_seal(r);
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *bytes = fuzz_text(data, size), *text = text_clean(bytes, size);
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) messages = import_text_split(text, &strays);
	g_autofree char *joined = import_text_joined(messages);

	g_assert_true(g_utf8_validate(joined, -1, NULL));
	g_assert_true(messages->len || !import_text_sender(messages));
	for (guint i = 0; i < messages->len; i++) {
		const struct import_message *m = messages->pdata[i];
		g_autoptr(item_t) item = NULL;

		g_assert_true(*m->sender && g_utf8_validate(m->sender, -1, NULL) && m->line > 0);
		if (import_text_item(m, registry(), &item) == IMPORT_TEXT_ITEM)
			g_assert_true(*item->title && *item->body && item->status == ITEM_WAITING);
		else
			g_assert_null(item);
	}
	return 0;
}
