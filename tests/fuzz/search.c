/* SPDX-License-Identifier: MIT */
/* Search for any bytes over the demo's items: raw text never breaks the query (store/search/search.h). The first byte picks filters. */
#include <string.h>

#include "fuzz.h"

#include "base/text.h"
#include "bot/demo.h"
#include "store/register.h"
#include "store/search/search.h"

struct world {
	struct db *db;
	struct registry *registry;
};

static struct world *world(void)
{
	static struct world w;
	g_autofree char *dir = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(registry_t) csv = NULL;
	unsigned n;

	if (w.db)
		return &w;
	dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_setenv("CDSBOT_DATA", dir, TRUE);
	csv = registry_load_csv(dir, &error);
	g_assert_no_error(error);
	registry_seal(csv);
	w.db = db_open(":memory:", DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(w.db, &error) && db_begin(w.db, &error) && store_register_import(w.db, csv, &n, &error) &&
		      db_commit(w.db, &error));
	w.registry = store_register_load(w.db, &error);
	g_assert_true(demo_load(w.db, &error));
	g_assert_no_error(error);
	return &w;
}

/* In order, within the text, between whole characters. */
static void marks_check(const char *text, const GArray *marks)
{
	size_t at = 0;

	for (guint i = 0; i < marks->len; i++) {
		const struct search_mark *m = &g_array_index(marks, struct search_mark, i);

		g_assert_true(m->start >= at && m->len > 0 && m->start + m->len <= strlen(text));
		g_assert_true(((unsigned char)text[m->start] & 0xC0) != 0x80 && ((unsigned char)text[m->start + m->len] & 0xC0) != 0x80);
		at = m->start + m->len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = world();
	g_autoptr(GError) error = NULL;
	struct search_note note = { 0 };

	if (!size)
		return 0;
	g_autofree char *bytes = fuzz_text(data + 1, size - 1);
	g_autofree char *text = text_clean(bytes, size - 1);
	g_autoptr(GArray) shown = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int64_t first = 1;

	g_array_append_val(shown, first);
	const struct search_query q = { .text = text,
					.unit = data[0] & 1 ? "VUBAN" : NULL,
					.field = data[0] & 2 ? "DVC" : NULL,
					.kind = data[0] & 4 ? ITEM_EXEMPLAR : -1,
					.year = data[0] & 8 ? 2023 : 0,
					.type = data[0] & 32 ? "giải pháp" : NULL,
					.type_is_default = true,
					.statuses = data[0] & 64 ? 1u << ITEM_APPROVED : 0,
					.except = data[0] & 16 ? shown : NULL,
					.limit = 5 };
	g_autoptr(GPtrArray) hits = store_search(w->db, w->registry, &q, &note, &error);
	g_autoptr(GPtrArray) near = NULL, meant = NULL;

	g_assert_no_error(error);
	g_assert_nonnull(hits);
	g_assert_cmpuint(hits->len, <=, 5);
	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = hits->pdata[i];

		g_assert_true(g_utf8_validate(h->snippet, -1, NULL));
		marks_check(h->snippet, h->snippet_marks);
		marks_check(h->title, h->title_marks);
	}
	search_note_clear(&note);
	meant = store_search_suggest(w->db, w->registry, &q, 3, &error);
	g_assert_no_error(error);
	near = store_search_similar(w->db, w->registry, text, NULL, 0, 3, &error);
	g_assert_no_error(error);
	return 0;
}
