/* SPDX-License-Identifier: MIT */
/* From a query plan to the items that may answer it, best first; of equal ones the more applied, then the newer. */
#ifndef CDSBOT_STORE_SEARCH_RETRIEVE_H
#define CDSBOT_STORE_SEARCH_RETRIEVE_H

#include "query.h"
#include "search.h"

struct candidate {
	int64_t id;
	double score;	 /* 0..1 */
	double coverage; /* share of the query's weight that the item has */
	bool all_words;
	int64_t n_adopted; /* units that apply it; told of ranked ones only */
};
/* *ret_partial: time was up before everything was looked at. */
bool retrieve(struct db *db, const struct search_query *q, const struct query_plan *p, GArray *ret_found, bool *ret_partial,
	      GError **error);
/* Does the item pass the filters, and may the viewer find it? */
bool retrieve_is_wanted(struct db *db, const struct search_query *q, int64_t item_id, bool *ret, GError **error);
/* Filters without words: the newest of what they leave. */
bool retrieve_newest(struct db *db, const struct search_query *q, GArray *ret_found, GError **error);

#endif
