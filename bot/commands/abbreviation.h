/* SPDX-License-Identifier: MIT */
/* Reads what is typed behind /viettat, and says whether it will do for the list. Pure: rows in, rows out. */
#ifndef CDSBOT_BOT_COMMANDS_ABBREVIATION_H
#define CDSBOT_BOT_COMMANDS_ABBREVIATION_H

#include <glib.h>
#include <stdbool.h>

#include "store/abbreviation.h"

/* What the search looks for in texts and queries (search/query.c): "TT và TT". */
#define ABBREVIATION_WORDS_MAX 3
/* Characters: twice the longest of the shipped list. */
#define ABBREVIATION_BRIEF_MAX 20
/* Characters of a meaning: the longest of the shipped list has 71; an answer must fit a phone. */
#define ABBREVIATION_MEANING_MAX 120
/* A query has six lines at most (QUERY_LINES_MAX): itself and one a meaning. */
#define ABBREVIATION_MEANINGS_MAX 5

enum abbreviation_what { ABBREVIATION_HELP, ABBREVIATION_LOOK, ABBREVIATION_SET, ABBREVIATION_REMOVE };
struct abbreviation_ask {
	enum abbreviation_what what;
	char *brief;   /* or what is looked up */
	char *meaning; /* ABBREVIATION_SET: as typed */
};
/* rows: the list, as some words are a long form of it and no order ("xóa đói giảm nghèo"). Clear *ret. */
void abbreviation_read(const GPtrArray *rows, const char *args, struct abbreviation_ask *ret);
void abbreviation_ask_clear(struct abbreviation_ask *ask);

enum abbreviation_fit {
	ABBREVIATION_FITS,
	ABBREVIATION_NO_BRIEF,
	ABBREVIATION_BRIEF_LONG,
	ABBREVIATION_BRIEF_WORD, /* an ordinary word: each search for it would be misread */
	ABBREVIATION_NO_MEANING,
	ABBREVIATION_MEANING_LONG,
	ABBREVIATION_MEANING_SAME, /* as the short form */
	ABBREVIATION_SEVERAL	   /* more lines with signs */
};
enum abbreviation_fit abbreviation_fits(const char *brief);
/* *ret: "a;b" as the list keeps it; caller frees. Untouched if it does not fit. */
enum abbreviation_fit abbreviation_meaning(const char *brief, const char *typed, char **ret);
/* "a;b" as people read and type it: "a; b". Caller frees. */
char *abbreviation_shown(const char *expansions);
/* One word typed small in capitals, else as it is. Caller frees. */
char *abbreviation_as_brief(const char *typed);

/* Spelt so, but for capitals. */
bool abbreviation_is_spelt(const struct abbreviation_row *r, const char *typed);
const struct abbreviation_row *abbreviation_spelt(const GPtrArray *rows, const char *typed); /* NULL none */
/* Rows (borrowed) of that short form without regard to diacritics; with diacritics the one spelt so alone, if there is one. Caller unrefs. */
GPtrArray *abbreviation_reading(const GPtrArray *rows, const char *typed);
/* The same; or else those of this long form; or else those that have the words in it. */
GPtrArray *abbreviation_find(const GPtrArray *rows, const char *typed);

#endif
