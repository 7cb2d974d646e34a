/* SPDX-License-Identifier: MIT */
/* The list of abbreviations as people edit it, row by row. What is searched with is the registry snapshot (register.h) that is loaded
 * after a change. */
#ifndef CDSBOT_STORE_ABBREVIATION_H
#define CDSBOT_STORE_ABBREVIATION_H

#include "db.h"

struct abbreviation_row {
	char *brief;	  /* as written: QLVB&ĐH */
	char *folded;	  /* its search tokens */
	char *expansions; /* what it stands for; of several things "a;b" */
};
void abbreviation_row_free(struct abbreviation_row *r);
typedef struct abbreviation_row abbreviation_row_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(abbreviation_row_t, abbreviation_row_free)

/* All rows: struct abbreviation_row, in the order of the list, owned. */
GPtrArray *store_abbreviation_list(struct db *db, GError **error);
/* Adds a row at the end of the list, or gives the one of this spelling other long forms. The search index follows, at once where few
 * items hold it, else the daemon is to look (rebuild.h); and it is to load a new snapshot. */
bool store_abbreviation_set(struct db *db, const char *brief, const char *expansions, GError **error);
/* Of this very spelling; none there: nothing happens. */
bool store_abbreviation_remove(struct db *db, const char *brief, GError **error);

#endif
