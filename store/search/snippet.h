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

/* The words of a query, made ready for looking at many texts. Borrows the words of the plan. */
struct snippet_words *snippet_words_new(const struct query_plan *p);
void snippet_words_free(struct snippet_words *w);
typedef struct snippet_words snippet_words_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(snippet_words_t, snippet_words_free)

/* One line of the original, with its diacritics, around the best hit; its start, without marks, if there is no hit. */
void snippet_make(const char *text, const struct snippet_words *w, unsigned graphemes, struct snippet *ret);
/* How the text begins, without looking for hits. */
void snippet_begin(const char *text, unsigned graphemes, struct snippet *ret);
/* The text as it stands, and its marks. */
void snippet_mark(const char *text, const struct snippet_words *w, struct snippet *ret);

#endif
