/* SPDX-License-Identifier: MIT */
/* What an item is besides its text: unit, field, date, kind, type, status. Some are frequent and some rare, as a province's are. Of item n
 * of a seed always the same; its text has no part in it. */
#ifndef CDSBOT_BENCH_SEARCH_VARIETY_H
#define CDSBOT_BENCH_SEARCH_VARIETY_H

#include <stdint.h>

#include "config/registry.h"
#include "store/item.h"

#define VARIETY_YEAR_FIRST 2018
#define VARIETY_YEAR_LAST 2026

struct variety;
/* Of n_items altogether: the first ones are mostly the oldest. Borrows r. */
struct variety *variety_new(const struct registry *r, uint64_t seed, uint64_t n_items);
void variety_free(struct variety *v);
/* Sets all but the texts. */
void variety_set(const struct variety *v, uint64_t n, struct item *i);

/* The units that have but one item in VARIETY_RARE. */
#define VARIETY_RARE_UNITS 4
#define VARIETY_RARE 20000
const struct unit *variety_rare_unit(const struct registry *r, unsigned which_below_rare_units);

#endif
