/* SPDX-License-Identifier: MIT */
/* Any number of new documents put together from the sentences of real ones: words, their frequencies and the lengths stay as they are.
 * Document n of a seed is always the same one. */
#ifndef CDSBOT_BENCH_SEARCH_RECOMBINE_H
#define CDSBOT_BENCH_SEARCH_RECOMBINE_H

#include <stdint.h>

#include "corpus.h"

/* splitmix64: one number is a whole generator. */
uint64_t chance_next(uint64_t *state);
unsigned chance_below(uint64_t *state, unsigned n);

struct recombine;
struct recombine *recombine_new(const GPtrArray *docs_borrowed, uint64_t seed);
void recombine_free(struct recombine *r);
void recombine_make(const struct recombine *r, uint64_t n, GString *ret_title, GString *ret_body);

#endif
