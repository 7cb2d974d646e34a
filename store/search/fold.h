/* SPDX-License-Identifier: MIT */
/* Text to search tokens. The index and the queries both go through here, so that they can only agree. */
#ifndef CDSBOT_STORE_SEARCH_FOLD_H
#define CDSBOT_STORE_SEARCH_FOLD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A token and the stretch of the original that it came from; bytes. */
struct search_word {
	uint32_t at, len;         /* in search_text.tokens */
	uint32_t start, text_len; /* in the original */
};
struct search_text {
	char *tokens;  /* single-spaced: what the index stores */
	GArray *words; /* struct search_word, in order */
};
/* utf8 is borrowed for the call; NULL reads as "". */
struct search_text *search_text_new(const char *utf8);
void search_text_free(struct search_text *t);
typedef struct search_text search_text_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(search_text_t, search_text_free)

/* The tokens alone; caller frees. */
char *search_fold(const char *utf8);
/* Tokens n words long from word `first` on, single-spaced; caller frees. */
char *search_text_join(const struct search_text *t, guint first, guint n);
/* Words that carry the grammar and not the matter ("của", "các", "ở"): accented as typed, or without marks where nothing else is
 * spelt so. typed: one word in lower case. */
bool search_is_stop(const char *typed);

#endif
