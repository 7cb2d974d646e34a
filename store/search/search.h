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
	const char *type;	  /* the label `loai`, or NULL any; with a kind either will do: "bài học" is both */
	bool type_is_default;	  /* initiatives that name no type are of this one */
	unsigned statuses;	  /* set of 1 << enum item_status, 0 any; rejected, withdrawn and merged items are not searchable */
	int year;		  /* 0 any */
	unsigned limit;
	const GArray *except;	  /* int64_t: item ids that are no hits again (the pages before), or NULL */
	unsigned snippet;	  /* graphemes of a snippet at most, 0 = SNIPPET_GRAPHEMES */
	const struct member *viewer; /* NULL: approved items only */
};
/* A stretch of found words, in bytes of the text it belongs to: whole graphemes, neighbours joined. */
struct search_mark {
	size_t start, len;
};
struct search_hit {
	int64_t item_id;
	enum item_kind kind;
	enum item_status status;
	int64_t number;
	char *title, *unit, *field, *ref;
	GArray *title_marks; /* struct search_mark, in order; never NULL */
	char *snippet;	     /* a stretch of the body or of a label around the hit, with diacritics */
	GArray *snippet_marks; /* ... empty: what was found stands elsewhere (in_title: the body was not looked at), this is the beginning */
	bool in_title; /* the title has every telling word */
	double score;  /* higher is better */
	bool all_words; /* every word of the query is there */
};
void search_hit_free(struct search_hit *h);

/* What is to be said about an answer as a whole. */
struct search_note {
	int64_t total;	 /* hits found */
	bool is_more;	 /* counting stopped: there may be more, at SEARCH_COUNT_MAX or, where some have the line as it stands, earlier */
	int64_t left;	 /* ... without those of search_query.except */
	bool is_partial; /* the time limit was reached before everything was looked at */
	bool is_outdated; /* words were looked for in an index that is not filled yet or was made by other rules: something may be missing until it
			   * has been rebuilt (rebuild.h) */
	char *meant;	 /* the query was mended (keystrokes, a wrong letter): the folded words that were searched for instead; or NULL */
};
void search_note_clear(struct search_note *n);

/* An id ("SK14", "#14", "số 14") goes straight to its item, if the filters leave it; a bare number goes to it first. Else what has all
 * words, and beside that what is nearly as good without one of them; where nothing has all, what has enough of them (all_words false). Of
 * equal ones the more applied goes first, then the newer. Text without a word: nothing, or with a filter the newest that it leaves. Any
 * bytes as text: never an error but disk trouble. GPtrArray of struct search_hit, best first; ret_note may be NULL, else the caller clears
 * it (also after an error). */
#define SEARCH_COUNT_MAX 1000
GPtrArray *store_search(struct db *db, const struct registry *r, const struct search_query *q, struct search_note *ret_note,
			GError **error);

/* The words of a text, lower case, as they are spelt in a hit: "dai truyen thanh" is "đài truyền thanh" there. No more
 * words than a query has (QUERY_TERMS_MAX). Caller frees. */
char *search_spelling(const char *text, const struct search_hit *h);

/* For a query that found little or nothing: up to `most` queries (char*, spelt as they are found) one word of which was put right from what
 * is stored, each with at least one item that has all its words and that the viewer may see. A word that stands beside its neighbours
 * somewhere is left alone. */
GPtrArray *store_search_suggest(struct db *db, const struct registry *r, const struct search_query *q, unsigned most, GError **error);

/* Initiatives whose title is nearly this one, the score says how nearly, 1 is the same (for the near-duplicate offer): visible to the viewer, without
 * `except`; at most limit; hits without snippet and marks. Milliseconds, however many items there are: of what many titles share the newest are
 * looked at. */
GPtrArray *store_search_similar(struct db *db, const struct registry *r, const char *title, const struct member *viewer, int64_t except,
				unsigned limit, GError **error);

/* Keeps the index in step; called by store/item*.c in the same transaction. The index keeps no title and body of its own: both must be called
 * while the item's row, if it is indexed, still has those that it was indexed with. */
bool search_index_put(struct db *db, const struct item *i, GError **error);
bool search_index_remove(struct db *db, int64_t item_id, GError **error);

#endif
