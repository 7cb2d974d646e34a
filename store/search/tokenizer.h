/* SPDX-License-Identifier: MIT */
/* The tokenizer of the full-text table, and what reads its hits. Registered on every connection: without it the table can be
 * neither read nor written. */
#ifndef CDSBOT_STORE_SEARCH_TOKENIZER_H
#define CDSBOT_STORE_SEARCH_TOKENIZER_H

#include <sqlite3.h>

#include "syllable.h"

/* Changes whenever the tokens of some text change: an index of another version must be built anew. Letters outside the Vietnamese ones go through
 * the Unicode tables of the GLib that is installed: a newer one may cut a rare script otherwise, without a new version here. Then an item with such
 * letters may not be found by them until it is written again, or `cdsbot index --rebuild`; taking it out may leave one of its tokens behind. */
#define TOKENIZER_VERSION 2

/* Each word gives up to three tokens at one position: "chuyen", "=chuyên3" (also "=qua", for what might have had marks and has none; not of codes
 * and numbers) and "chuyen_doi" with the word behind it. In a query a quoted string is one token as it stands; phrases are made with
 * "a" + "b". Registers what gather.h needs as well. */
int tokenizer_register(sqlite3 *handle);

/* For who wants the words of what this thread is about to put into a full-text table as well: to cut the texts once more costs a twelfth of
 * an import. func is called with each word while FTS5 is at work: it must not use the database. NULL: no more. */
typedef void tokenizer_listener(void *ctx, const struct syllable *word);
void tokenizer_listen(tokenizer_listener *func, void *ctx);

#endif
