/* SPDX-License-Identifier: MIT */
/* From a query plan to the items that may answer it, best first; of equal ones the more applied, then the newer. */
#ifndef CDSBOT_STORE_SEARCH_RETRIEVE_H
#define CDSBOT_STORE_SEARCH_RETRIEVE_H

#include "query.h"
#include "search.h"

struct candidate {
	int64_t id;
	double score;	 /* 0..1 of ranked ones, who stand first; of the others the share of struct sum */
	double coverage; /* share of the query's weight that the item has */
	bool all_words, all_doubt; /* as in struct rank_result */
	int64_t n_adopted; /* units that apply it; told of ranked ones only */
};
/* Sets is_more and is_partial of the note. */
bool retrieve(struct db *db, const struct search_query *q, struct query_plan *p, GArray *ret_found, struct search_note *note,
	      GError **error);
/* Filters without words: the newest of what they leave. Sets is_partial. */
bool retrieve_newest(struct db *db, const struct search_query *q, int64_t deadline_us, GArray *ret_found, struct search_note *note, GError **error);

#endif
