/* SPDX-License-Identifier: MIT */
/* Is the index what it should be? */
#ifndef CDSBOT_STORE_SEARCH_INDEX_CHECK_H
#define CDSBOT_STORE_SEARCH_INDEX_CHECK_H

#include "store/db.h"

struct index_report {
	int64_t findable, missing, superfluous; /* items: that should be in, that are not in, that should not be in */
	int64_t tokens;				/* different ones */
	int64_t initialisms;			/* abbreviations that items explain, each with one long form */
	int64_t n_tried;			/* items whose every word was looked up */
	int64_t bytes, text_bytes;		/* of the tables of the search; of titles and bodies */
};
/* Reads the whole index, each question a snapshot of its own: it writes nothing but temporary tables and takes no lock. *ret_complaint: what is wrong
 * with it, NULL nothing; the caller frees. What is missing may be on its way: see rebuild.h. */
bool index_check(struct db *db, struct index_report *ret, char **ret_complaint, GError **error);

#endif
