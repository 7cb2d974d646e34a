/* SPDX-License-Identifier: MIT */
/* How well one text answers a line of a query: which words and which neighbours are there, in the title or below it, how near together, with the
 * marks that were typed. It reads no database. */
#ifndef CDSBOT_STORE_SEARCH_RANK_H
#define CDSBOT_STORE_SEARCH_RANK_H

#include "query.h"

/* A line made ready for comparing. */
struct rank_line {
	unsigned n;
	bool is_doubt; /* of the query_line */
	uint64_t folded[QUERY_TERMS_MAX], exact[QUERY_TERMS_MAX];
	bool has_marks[QUERY_TERMS_MAX], is_stop[QUERY_TERMS_MAX];
	double word_weight[QUERY_TERMS_MAX]; /* how telling each is: rare ones more; 0 for a word's repetition */
	double pair_weight[QUERY_TERMS_MAX]; /* of word i with i + 1 */
};
/* Weights are left to the caller. */
void rank_line_init(struct rank_line *l, const struct query_line *line);
/* The weight of what stands in n of all items. */
double rank_weight(int64_t n, int64_t all);

struct rank_result {
	double score;	 /* 0..1: 1 is the line itself as a title */
	double coverage; /* share of the words' weight that is there */
	bool all_words;	 /* every telling word of a line is there */
	bool all_doubt;	 /* ... of a doubtful line alone (query_line.is_doubt); then all_words is false */
	bool is_cut;	 /* the texts were too long: what is said is true of their first part */
};
/* texts: the title first; NULL is no text. Of several lines the best counts. */
struct rank_result rank_texts(const struct rank_line *lines, unsigned n_lines, const char *const *texts, unsigned n_texts);

#endif
