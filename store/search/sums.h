/* SPDX-License-Identifier: MIT */
/* What the index alone says of the items that the search is about: which have the neighbours and the words of a query's lines. Nothing
 * is read of the texts. */
#ifndef CDSBOT_STORE_SEARCH_SUMS_H
#define CDSBOT_STORE_SEARCH_SUMS_H

#include "rank.h"
#include "search.h"

struct sum {
	int64_t id;
	double share;	/* of what the words and pairs of the best line could give; more than 1 where the line stands there whole */
	bool all_words; /* every word is there that tells something, as far as the index was asked for it */
};
struct sums {
	struct rank_line lines[QUERY_LINES_MAX]; /* of the plan, with their weights */
	GArray *all;	/* struct sum, best first; of equal ones the newest. What has neither all words nor half of what the best has is left out */
	bool is_more;	 /* not all that has the words was read */
	bool is_partial; /* time was up before everything was looked at */
};
/* Fills in *ret, which sums_clear empties, also after an error; adds a line to the plan where nobody has written it as typed and a word is
 * doubtful (spell_doubt). The plan's deadline ends it early, a little later if nothing was found by then. */
bool sums_read(struct db *db, const struct search_query *q, struct query_plan *p, struct sums *ret, GError **error);
void sums_clear(struct sums *s);

#endif
