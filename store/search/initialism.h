/* SPDX-License-Identifier: MIT */
/* What the approved items say their abbreviations stand for, and in how many of them: for those that the register does not know. */
#ifndef CDSBOT_STORE_SEARCH_INITIALISM_H
#define CDSBOT_STORE_SEARCH_INITIALISM_H

#include "index.h"
#include "query.h"

/* Counts an item's definitions (index_texts.defined, or NULL), or takes them off again. */
bool initialism_add(struct db *db, enum index_which which, const char *defined, GError **error);
bool initialism_take(struct db *db, enum index_which which, const char *defined, GError **error);

/* Marks the words of the line as typed that are such an abbreviation, before a slip is looked for. A syllable is one only in capitals. */
bool initialism_mark(struct db *db, struct query_plan *p, GError **error);
/* Adds the lines that the items' own abbreviations give, both ways, where the register (may be NULL) knows neither form; after query_expand(). */
bool initialism_expand(struct db *db, struct query_plan *p, const struct registry *r, GError **error);

#endif
