/* SPDX-License-Identifier: MIT */
/* What is said of the hits of a search: shared by the first page and those that follow. */
#ifndef CDSBOT_BOT_COMMANDS_TIM_REPLY_H
#define CDSBOT_BOT_COMMANDS_TIM_REPLY_H

#include "bot/command.h"
#include "bot/search_filters.h"

/* Owns the list: its numbers and its next page. */
extern const struct command cmd_tim;

/* What was typed is said again so far. */
#define TIM_WORDS_CHARS 80

/* One page of an answer. */
struct tim_page {
	struct search_filters filters; /* with the words */
	GPtrArray *hits;	       /* struct search_hit */
	struct search_note note;
	GPtrArray *shown; /* char*: ids of the pages before, in order; their numbers stay good */
	GArray *shown_rows; /* int64_t: item_id of each */
	GPtrArray *meant; /* char*: near queries that find more, as they may be typed behind /t */
	/* Where nothing was found, what finds something, as it may be typed behind /t; each may be NULL. */
	char *other;		/* other words */
	const char *unfiltered; /* the same words without the filters */
};

/* Has any hit of the page all words? What stands first need not be it: all words in a heap may come behind some of them in a row. */
bool tim_any_with_all_words(const struct tim_page *p);
/* What is left may be more than was counted: there was no time to look, or the index lacks something. */
bool tim_is_incomplete(const struct tim_page *p);
/* ... said, each cause with its own advice. */
void tim_say_incomplete(struct cmd_ctx *ctx, const struct tim_page *p);
/* Hits with numbers, how to go on, what to say of the search as a whole. hits is not empty. */
void tim_say_hits(struct cmd_ctx *ctx, const struct tim_page *p);
/* Nothing was found: what might be. */
void tim_say_none(struct cmd_ctx *ctx, const struct tim_page *p);

#endif
