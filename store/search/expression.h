/* SPDX-License-Identifier: MIT */
/* One expression for FTS5, and how its rows are read: the newest first, as many as are worth their time, with an eye on filters and on the clock. */
#ifndef CDSBOT_STORE_SEARCH_EXPRESSION_H
#define CDSBOT_STORE_SEARCH_EXPRESSION_H

#include "gather.h"
#include "sums.h"

/* One search, while the index is asked. */
struct reading {
	struct db *db;
	const struct search_query *q;
	GArray *not_wanted; /* wanted_not() */
	struct wanted_list *listed; /* NULL: there is no filter */
	const struct query_plan *p;
	struct sums *out;
	int64_t all, last_id, deadline_us;
	bool has_found;
	GError **error;
};
/* Whoever turns pages gets behind the ones before: so many were shown. */
unsigned reading_n_shown(const struct reading *r);

enum expression_of { OF_PAIRS, OF_WORDS, OF_MARKED, OF_WHOLE };
/* What the phrases of an expression stand for. */
struct expression {
	GString *match;
	unsigned place[GATHER_PHRASES_MAX], n;
	enum expression_of what;
	bool with_window;
	int64_t cost; /* rows that FTS5 steps over */
	int64_t rows; /* ... and has to hand out, if that is known to be less; else 0 */
	unsigned most;		    /* rows; 0: none */
	unsigned most_chunks;	    /* stretches between two looks at the clock; 0: all of them */
	unsigned most_seen;	    /* rows that may be met; 0: any number */
	unsigned most_asked;	    /* rows that may be asked for in the table of items; 0: any number */
	int64_t below; /* only ids under this one; 0: any */
};

void expression_begin(struct expression *e, enum expression_of what, const char *prefix);
void expression_clear(struct expression *e);
/* operator: what stands before any but the first one. */
void expression_add(struct expression *e, unsigned place, const char *token, const char *operator);
/* After it was added: of an AND with one more list of so many rows, the cost. */
void expression_narrow(struct expression *e, int64_t n);
/* Appends struct gather_row; nothing for an expression without tokens. *ret_cut: there may be more. False + error of the reading. */
bool expression_read(const struct expression *e, struct reading *r, GArray *rows, bool *ret_cut);

#endif
