/* SPDX-License-Identifier: MIT */
/* The stretch of a text that shows why it was found, and where in it the found words stand. */
#ifndef CDSBOT_STORE_SEARCH_SNIPPET_H
#define CDSBOT_STORE_SEARCH_SNIPPET_H

#include "query.h"

#define SNIPPET_GRAPHEMES 160

struct snippet {
	char *text;
	GArray *marks; /* struct search_mark (search.h), in order, never overlapping */
	bool has_all;  /* the whole text it was made from has every telling word of some line */
};
void snippet_clear(struct snippet *s);

/* One line of the original, with its diacritics, around the best hit; its start, without marks, if there is no hit. */
void snippet_make(const char *text, const struct query_plan *p, unsigned graphemes, struct snippet *ret);
/* The text as it stands, and its marks. */
void snippet_mark(const char *text, const struct query_plan *p, struct snippet *ret);

#endif
