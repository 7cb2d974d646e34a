/* SPDX-License-Identifier: MIT */
/* Reads the hits of an expression in one pass inside FTS5: of each row which words are there, which in its title, how near together. Handing
 * the rows out one by one and asking for each of these apart takes several times as long. */
#ifndef CDSBOT_STORE_SEARCH_GATHER_H
#define CDSBOT_STORE_SEARCH_GATHER_H

#include <sqlite3.h>

#include "wanted.h"

/* Phrases of an expression that are told apart: one bit each. */
#define GATHER_PHRASES_MAX 64

struct gather_row {
	int64_t id;
	uint64_t has, title; /* bits of the phrases that are there, in the title */
	unsigned window;     /* words of the narrowest stretch of one column with all phrases; 0: none, or not asked for */
};
struct gather {
	/* Set before: */
	unsigned n_phrases;	/* the first ones of the expression */
	bool with_window;
	unsigned most;		/* rows, the newest first */
	int64_t deadline_us;	/* of g_get_monotonic_time */
	const struct search_query *wanted; /* NULL: each row is taken... */
	const GArray *not_wanted; /* ... but these (wanted_not()), or NULL */
	unsigned most_seen;  /* so many rows are met and no more; 0: any number */
	unsigned most_asked; /* so many rows are asked whether they are wanted, and no more; 0: any number */
	const struct wanted_list *only; /* these alone are taken, which are listed down to `first`; wanted is not asked then. NULL: no list */
	GArray *rows;		/* struct gather_row; added to */
	/* While it runs: */
	guint only_at; /* the place in the list of the row before */
	unsigned n_seen; /* rows that were met, taken or not; added to */
	unsigned n_asked; /* ... of them that were asked for in the table of items; added to */
	/* Told afterwards: */
	bool is_cut, is_late;	/* there may be more rows: that many were read; time was up */
};
/* match is an expression of quoted tokens; rows with first <= id <= last. Only rows that are taken look at the clock. */
bool gather_run(struct db *db, const char *match, int64_t first, int64_t last, struct gather *g, GError **error);

/* On every connection, for gather_run. Returns an SQLite code. */
int gather_register(fts5_api *api);

#endif
