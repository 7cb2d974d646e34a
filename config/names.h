/* SPDX-License-Identifier: MIT */
/* Names as people type them, and who bears them: one index serves units and fields. Filled once, then read by any thread. */
#ifndef CDSBOT_CONFIG_NAMES_H
#define CDSBOT_CONFIG_NAMES_H

#include <glib.h>

struct names;

/* A typed name longer than this is no name. */
#define NAMES_BYTES_MAX 400

struct names *names_new(void);
void names_free(struct names *n);
/* Owners are borrowed pointers; the same owner may have any number of names. */
void names_add(struct names *n, const void *owner, const char *text);

/* The words that are compared: folded, "h" as huyện, "tp" as thành phố, "uỷ ban nhân dân" as ubnd, without "và"; caller frees. */
char **names_words(const char *text);

/* Owners of exactly this name (spaces do not count), in order of adding; NULL if none. Borrowed. */
const GPtrArray *names_find(const struct names *n, const char *text);
/* The same for words already split; count -1 = all. */
const GPtrArray *names_find_words(const struct names *n, char **words, int count);
/* Owners of a name that differs in one letter of one word of four letters or more; caller unrefs, may be empty. */
GPtrArray *names_find_slip(const struct names *n, const char *text);
/* Owners that share telling words with the text, best first, at most max; caller unrefs, may be empty. */
GPtrArray *names_near(const struct names *n, const char *text, guint max);

#endif
