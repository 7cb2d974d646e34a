/* SPDX-License-Identifier: MIT */
/* Items on their way from a file into the database. They gather outside any transaction, as reading may wait for a pipe and printing for a pager;
 * then all are stored in one that does nothing else. */
#ifndef CDSBOT_BOT_CLI_IMPORT_BATCH_H
#define CDSBOT_BOT_CLI_IMPORT_BATCH_H

#include "store/item.h"

/* One transaction, ended by whichever comes first. 500 items of 1 KiB hold the write lock for about 150 ms, 1 MiB of text for about twice that: a turn
 * of the daemon waits for it, far below its busy timeout. */
#define IMPORT_BATCH_ITEMS 500
#define IMPORT_BATCH_BYTES (1024 * 1024)

struct import_entry {
	struct item *item;
	unsigned line;	       /* of the file, where it begins */
	const char *sender;    /* borrowed, or NULL: --text only */
	enum item_import what; /* once it is stored */
};
struct import_batch {
	GArray *entries; /* struct import_entry */
	size_t bytes;	 /* of titles and bodies */
};
void import_batch_init(struct import_batch *b);
void import_batch_clear(struct import_batch *b);
/* Forgets the entries, to go on with the next ones. */
void import_batch_empty(struct import_batch *b);
/* Takes the item; true: it is time to store. */
bool import_batch_add(struct import_batch *b, struct item *item, unsigned line, const char *sender);
/* All or none; afterwards the entries say what became of each. */
bool import_batch_store(struct import_batch *b, struct db *db, GError **error);

#endif
