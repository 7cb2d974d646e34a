/* SPDX-License-Identifier: MIT */
/* How well one document answers a query. FTS5 chooses the candidates and gives bm25; this looks at what bm25 does not see. */
#ifndef CDSBOT_STORE_SEARCH_RANK_H
#define CDSBOT_STORE_SEARCH_RANK_H

#include "query.h"
#include "store/item.h"

/* A candidate; strings are borrowed. */
struct rank_doc {
	enum item_kind kind;
	double bm25;                                     /* of FTS5 turned round: higher is better */
	const char *title, *body, *labels, *unit, *more; /* search tokens */
	const char *original_title, *original_body;
};
/* weights[i]: how telling term i is (rare words more), or NULL when every candidate is known to have all words. *ret_coverage is
 * the share of that weight which the document has (1 without weights). Higher is better; scores of the two ways do not compare. */
double rank_score(const struct query_plan *p, const double *weights, const struct rank_doc *d, double *ret_coverage,
		  bool *ret_all_words);

#endif
