/* SPDX-License-Identifier: MIT */
/* What was typed, read into terms with their other spellings, and the MATCH expressions made of them. */
#ifndef CDSBOT_STORE_SEARCH_QUERY_H
#define CDSBOT_STORE_SEARCH_QUERY_H

#include "config/registry.h"
#include "fold.h"

/* More words than this are left unread: nobody looks for a sentence of thirty words, and each costs a posting list. */
#define QUERY_TERMS_MAX 24

struct query_term {
	char *phrase;       /* its tokens: one, or the several of an abbreviation like "1 cua" */
	char *typed;        /* lower case with its marks */
	bool is_stop;       /* grammar only, never set for all terms at once */
	GPtrArray *phrases; /* char*: phrase and what else it may stand for; a document has the term if it has one of them */
};
struct query_plan {
	GPtrArray *terms; /* struct query_term, no two with the same phrase */
	char *tokens;     /* the query as one folded line, for runs of words */
	char *accented;   /* as search_accented, or NULL if it was typed without marks */
};
/* Any bytes. registry may be NULL: no abbreviations. */
struct query_plan *query_read(const char *text, const struct registry *r);
void query_plan_free(struct query_plan *p);
typedef struct query_plan query_plan_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_plan_t, query_plan_free)

/* The term was meant to be another token ("tifm": tim): that one is looked for as well, and stands in its place in the line. */
void query_respell(struct query_plan *p, guint term, const char *token);

/* Expressions of quoted tokens alone; caller frees. All: every telling term. Any: one of the terms for which use[i] is true. */
char *query_match_all(const struct query_plan *p);
char *query_match_any(const struct query_plan *p, const bool *use);

#endif
