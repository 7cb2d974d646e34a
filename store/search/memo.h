/* SPDX-License-Identifier: MIT */
/* What this connection has found out of words, so as not to ask the database again: an import asks the same of the same words thousands of times.
 * It forgets, and it forgets all when somebody else writes: a "no" only means that it must be asked. */
#ifndef CDSBOT_STORE_SEARCH_MEMO_H
#define CDSBOT_STORE_SEARCH_MEMO_H

#include "store/db.h"

enum memo_fact {
	MEMO_WORD,	/* it stands in search_word */
	MEMO_WORD_NEXT, /* ... in search_word_next */
	MEMO_NO_BRIEF	/* no abbreviation of the register begins with it */
};
bool memo_knows(struct db *db, enum memo_fact fact, const char *word, size_t len);
void memo_note(struct db *db, enum memo_fact fact, const char *word, size_t len);
void memo_forget(struct db *db, enum memo_fact fact, const char *word, size_t len);

#endif
