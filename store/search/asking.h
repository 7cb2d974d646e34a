/* SPDX-License-Identifier: MIT */
/* One line of a query while the index is asked for it: each ask_ reads one list, or several at once, and adds what it found to the hits. Which
 * are asked in which order, and what they weigh, is sums.c's matter. */
#ifndef CDSBOT_STORE_SEARCH_ASKING_H
#define CDSBOT_STORE_SEARCH_ASKING_H

#include "expression.h"
#include "sums.h"

/* Items that have a line's words, but apart, are read up to so many where others have it as it stands; not at all where as many have. */
#define WORDS_ROWS_BESIDES 50

/* What is known of a row in the line at hand. Bit i of pairs: word i and i + 1. */
struct hit {
	int64_t id;
	uint32_t pairs, pairs_title, words, words_title;
	unsigned window;
	bool is_whole, is_marked; /* ask_whole, ask_marks found it */
};
/* A line of the query while it is asked for. */
struct asking {
	struct reading *r;
	const struct query_line *line;
	struct rank_line *l;
	GArray *hits; /* struct hit, by id downwards */
	int64_t n[QUERY_TERMS_MAX];	 /* items that have the word */
	uint32_t telling, common;	 /* words */
	uint32_t required;		 /* ... that a row needs to have all */
	uint32_t asked;			 /* pairs that were read for themselves */
	unsigned n_full;
	bool is_full_read; /* ask_full has asked: it does so for lines of some length */
	bool is_cut; /* not all were read */
	int64_t words_below; /* of a line of one word the rows under this id were not read; 0: all were */
};

static inline uint32_t bit(unsigned i)
{
	return UINT32_C(1) << i;
}

static inline const struct query_word *word_at(const struct asking *a, unsigned i)
{
	return g_ptr_array_index(a->line->words, i);
}

static inline uint32_t every_pair(const struct asking *a)
{
	return a->l->n > 1 ? bit(a->l->n - 1) - 1 : 0;
}

/* How many rows the pair has at most. */
static inline int64_t pair_most(const struct asking *a, unsigned i)
{
	return MIN(a->n[i], a->n[i + 1]);
}

/* About so many times rarer than its rarer word a pair is. */
#define PAIR_OF_WORDS 4
static inline int64_t pair_guess(const struct asking *a, unsigned i)
{
	return pair_most(a, i) / PAIR_OF_WORDS;
}

/* Each is false + error on disk trouble. Rows with every pair of neighbours; sets n_full. */
bool ask_full(struct asking *a);
/* Rows with some pair, the rarest ones: the others are looked for in the texts of what these find. Sets asked. */
bool ask_pairs(struct asking *a);
/* Where more items have every pair of neighbours than can be read: which have them in one row, and with these marks. */
bool ask_whole(struct asking *a);
/* Sets required: the words that a row must have to be read; common ones only where that costs little, or else there would be too few to look
 * for. Then rows that have every one of them. */
void ask_require(struct asking *a);
bool ask_words(struct asking *a);
/* "dôi thời hạn", where others have "đổi thời hạn" as it stands: what has the word whose marks tell most, with these, and the other
 * words anywhere. Of a single word with marks: what has it with these. */
bool ask_marks(struct asking *a);
/* What has pairs of a longer line in the title, wherever its other words are. */
bool ask_title_pairs(struct asking *a);
/* A line of one common word: what has it in the title, beyond what ask_words has read, which tells of titles as well. */
bool ask_title(struct asking *a);
/* Rows that have some of the rarest words. */
bool ask_loose(struct asking *a);

#endif
