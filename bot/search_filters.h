/* SPDX-License-Identifier: MIT */
/* What the filters of a search mean: one reading for chat and command line. */
#ifndef CDSBOT_BOT_SEARCH_FILTERS_H
#define CDSBOT_BOT_SEARCH_FILTERS_H

#include "config/registry.h"
#include "store/search/search.h"

struct search_filters {
	char *text; /* the words; also those that stood behind a filter's value ("dv: vu ban loa") */
	const struct unit *unit;   /* the registry's, or NULL */
	const struct field *field; /* the registry's, or NULL */
	int kind;	  /* enum item_kind, or -1 */
	const char *type; /* one of item_types, or NULL */
	const char *type_name; /* kind and type for people, or NULL: "địa chỉ đỏ" */
	unsigned statuses; /* as in search_query */
	const char *status_name; /* for people, or NULL */
	int year; /* 0 none */
};
/* Reads what was typed behind the command word. False: a filter was not understood, *ret_unclear says which, what was understood and what may be
 * typed (caller frees). f is to be cleared in any case. address: the form of address, NULL the usual. */
bool search_filters_read(const char *typed, const struct registry *r, const char *address, struct search_filters *f, char **ret_unclear);
void search_filters_clear(struct search_filters *f);

bool search_filters_any(const struct search_filters *f);
/* Borrows from f. Sets text and filters, leaves the rest. */
void search_filters_query(const struct search_filters *f, struct search_query *q);
/* "đơn vị UBND huyện Trực Ninh, năm 2023"; caller frees. */
char *search_filters_name(const struct search_filters *f, const char *address);
/* A line that reads as these words with the filters of f; caller frees. */
char *search_filters_line(const struct search_filters *f, const char *words);

#endif
