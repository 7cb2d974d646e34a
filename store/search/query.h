/* SPDX-License-Identifier: MIT */
/* What was typed, read into lines of words: the line as typed, and other lines that mean the same (an abbreviation written out, a long form
 * abbreviated). Raw text never reaches MATCH: expressions are made of tokens alone. */
#ifndef CDSBOT_STORE_SEARCH_QUERY_H
#define CDSBOT_STORE_SEARCH_QUERY_H

#include "config/registry.h"
#include "fold.h"

/* More words than this are left unread: nobody looks for a sentence of thirty words, and each costs a posting list. */
#define QUERY_TERMS_MAX 24
/* A longer text is read so far: whoever pastes a page means its beginning. */
#define QUERY_BYTES_MAX 4096
/* Quotations of one query, and exclusions: each stands in every expression that is asked. More are left unread. */
#define QUERY_PHRASES_MAX 8
/* Lines of one query: of an abbreviation with many meanings the first count. */
#define QUERY_LINES_MAX 6

struct query_word {
	char *folded;
	char *exact;   /* its index token, "=…"; NULL where it was typed without marks */
	char *literal; /* ... also then; NULL where it could have none */
	bool is_stop;  /* grammar only, never set for all words of a line at once */
	bool is_brief; /* the register or an item knows it as an abbreviation: no slip of the fingers */
	bool is_capital; /* typed in capitals, beside others that were not */
	int64_t n;     /* items that have it; -1 not asked yet */
};
struct query_line {
	GPtrArray *words; /* struct query_word; the same word may stand twice */
	bool is_doubt;	  /* a word was put in the place of one that somebody has written */
};
struct query_plan {
	GPtrArray *lines;    /* struct query_line; the first is what was typed */
	GPtrArray *phrases;  /* char*: MATCH expressions of what stood in quotes: must be there */
	GPtrArray *excluded; /* char*: ... of what had a minus before it: must not */
	char *quote; /* the folded words of a quotation that is all that was typed, single-spaced; else NULL */
	int64_t deadline_us; /* of the monotonic clock: what is found by then is the answer; 0 = none */
};
/* The time `most` from now, for deadline_us. Test builds: CDSBOT_TEST_SEARCH_US in its place. */
int64_t query_deadline_us(int64_t most_us);
/* Any bytes. registry may be NULL: no abbreviations. */
struct query_plan *query_read(const char *text, const struct registry *r);
void query_plan_free(struct query_plan *p);
typedef struct query_plan query_plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_plan_t, query_plan_free)

/* A copy of the line with the words of text in the place of n words; caller frees. */
struct query_line *query_line_with(const struct query_line *from, guint first, guint n, const char *text);
void query_line_free(struct query_line *l);
/* The folded words of a line, or n of them, single-spaced; caller frees. */
char *query_line_text(const struct query_line *line);
char *query_line_join(const struct query_line *l, guint first, guint n);
/* Adds a copy of a line with the words of text in the place of n words, unless there are QUERY_LINES_MAX. */
void query_add_line(struct query_plan *p, const struct query_line *from, guint first, guint n, const char *text);
/* ... of the line as typed, where text may have been meant by its word i. */
void query_add_doubt(struct query_plan *p, guint i, const char *text);
/* In the line as typed, puts the words of text into the place of n words. */
void query_replace(struct query_plan *p, guint first, guint n, const char *text);
/* Words of the longest abbreviation ("TT và TT"). */
#define QUERY_BRIEF_WORDS_MAX 3
/* The register's long forms of the n words from `first` on, if these are an abbreviation; else NULL. Borrowed from the register. */
char **query_expansions(const struct registry *r, const struct query_line *l, guint first, guint n);
/* Adds the lines that the register's abbreviations give; after every query_replace. */
void query_expand(struct query_plan *p, const struct registry *r);

/* The expression, and what the quotes and minuses want besides; caller frees. */
char *query_match_strict(const struct query_plan *p, const char *match);
/* Appends a token as a quoted string. */
void query_quote(GString *s, const char *token);

#endif
