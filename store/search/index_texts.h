/* SPDX-License-Identifier: MIT */
/* The texts that an item is found by: its own, and what is known of it besides. They are made from the item and the register; where they are
 * kept is index.c's matter. */
#ifndef CDSBOT_STORE_SEARCH_INDEX_TEXTS_H
#define CDSBOT_STORE_SEARCH_INDEX_TEXTS_H

#include "store/db.h"
#include "store/item.h"

/* The columns of the full-text table, in its order. */
enum index_column {
	INDEX_TITLE,
	INDEX_BODY,
	INDEX_LABELS, /* values of the labelled lines, one a line */
	INDEX_UNIT,   /* its name, or what was typed for it */
	INDEX_MORE    /* long forms of abbreviations, the field's name */
};
#define INDEX_COLUMNS 5

struct index_texts {
	char *column[INDEX_COLUMNS]; /* NULL: none */
	char *defined; /* what it says its abbreviations stand for (initials.h), if everybody may read it; NULL: nothing */
};
void index_texts_clear(struct index_texts *t);
/* Fills *ret, whose columns are NULL; the caller clears it, also after an error. */
bool index_texts_make(struct db *db, const struct item *i, struct index_texts *ret, GError **error);
/* What an abbreviation (its folded words) is written out as in the texts: its tokens, if the register knows exactly one long form, else NULL. Caller
 * frees. */
bool index_texts_long_form(struct db *db, const char *folded, char **ret_tokens, GError **error);
/* Whether an item of this status is in the index at all; who may see it is asked when it is found. */
bool index_takes(enum item_status status);

#endif
