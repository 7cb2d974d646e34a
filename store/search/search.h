/* SPDX-License-Identifier: MIT */
/* Keyword search over what is stored, as Vietnamese is typed on a phone. Everything searchable goes through this folder: folding,
 * index, query reading, ranking. Raw user text never reaches MATCH. */
#ifndef CDSBOT_STORE_SEARCH_SEARCH_H
#define CDSBOT_STORE_SEARCH_SEARCH_H

#include "config/registry.h"
#include "store/db.h"
#include "store/item.h"

struct search_query {
	const char *text;	 /* as typed, filters taken off */
	const char *unit, *field; /* codes, or NULL */
	int kind;		  /* enum item_kind, or -1 any */
	int year;		  /* 0 any */
	unsigned limit, offset;
	const struct member *viewer; /* NULL: approved items only */
};
struct search_hit {
	int64_t item_id;
	enum item_kind kind;
	int64_t number;
	char *title, *unit, *field, *ref;
	char *snippet; /* a stretch of the body around the hit, with diacritics */
	double score;  /* higher is better */
	bool all_words; /* every word of the query is there */
};
void search_hit_free(struct search_hit *h);

/* An id ("SK14", "14") goes straight to its item. Else every document with all words, or, where there is none, those with enough of them
 * (all_words false). Text without a word: nothing, or with a filter the newest that it leaves.
 * Any bytes as text: never an error but disk trouble. GPtrArray of struct search_hit, best first; *ret_total (may be NULL) the number
 * of hits found, counted up to SEARCH_COUNT_MAX. */
#define SEARCH_COUNT_MAX 1000
GPtrArray *store_search(struct db *db, const struct registry *r, const struct search_query *q, int64_t *ret_total, GError **error);

/* Initiatives whose title is nearly this one, the score says how nearly, 1 is the same (for the near-duplicate offer): visible to the viewer, without `except`; at most limit. */
GPtrArray *store_search_similar(struct db *db, const struct registry *r, const char *title, const struct member *viewer, int64_t except,
				unsigned limit, GError **error);

/* Keeps the index in step; called by store/item*.c in the same transaction. The index keeps no title and body of its own: both must be called
 * while the item's row, if it is indexed, still has those that it was indexed with. */
bool search_index_put(struct db *db, const struct item *i, GError **error);
bool search_index_remove(struct db *db, int64_t item_id, GError **error);

#endif
