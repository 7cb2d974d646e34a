/* SPDX-License-Identifier: MIT */
/* Gathers items and stores them at once. It neither reads nor prints. */
#include <string.h>

#include "base/clock.h"
#include "import_batch.h"

static void entry_clear(void *entry)
{
	item_free(((struct import_entry *)entry)->item);
}

void import_batch_init(struct import_batch *b)
{
	b->entries = g_array_sized_new(FALSE, FALSE, sizeof(struct import_entry), IMPORT_BATCH_ITEMS);
	g_array_set_clear_func(b->entries, entry_clear);
	b->bytes = 0;
}

void import_batch_clear(struct import_batch *b)
{
	g_array_unref(b->entries);
}

void import_batch_empty(struct import_batch *b)
{
	g_array_set_size(b->entries, 0);
	b->bytes = 0;
}

bool import_batch_add(struct import_batch *b, struct item *item, unsigned line, const char *sender)
{
	const struct import_entry e = { .item = item, .line = line, .sender = sender, .what = ITEM_IMPORT_NEW };

	g_array_append_val(b->entries, e);
	b->bytes += strlen(item->title) + strlen(item->body);
	return b->entries->len >= IMPORT_BATCH_ITEMS || b->bytes >= IMPORT_BATCH_BYTES;
}

bool import_batch_store(struct import_batch *b, struct db *db, GError **error)
{
	if (b->entries->len == 0)
		return true;
	if (!db_begin(db, error))
		return false;
	for (guint n = 0; n < b->entries->len; n++) {
		struct import_entry *e = &g_array_index(b->entries, struct import_entry, n);

		if (store_item_import(db, e->item, clock_wall_ms(), &e->what, error) != STORE_OK) {
			db_rollback(db);
			return false;
		}
	}
	return db_commit(db, error);
}
