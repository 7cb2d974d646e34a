/* SPDX-License-Identifier: MIT */
/* Times of many calls and what is said of them. */
#ifndef CDSBOT_BENCH_SEARCH_LATENCY_H
#define CDSBOT_BENCH_SEARCH_LATENCY_H

#include <glib.h>

/* Milliseconds, GArray of double. */
GArray *latency_new(void);
void latency_add(GArray *all, double ms);
/* Sorts; share 0.5 is the median, 1 the longest. 0 where nothing was measured. */
double latency_at(GArray *all, double share);
double latency_mean(const GArray *all);

double latency_now_ms(void); /* the clock on the wall, monotonic */
double latency_cpu_ms(void); /* of this thread, user and system */
/* What a query is measured with: the wall, or after the call the CPU, for a machine that is busy with other things. */
double latency_query_ms(void);
void latency_use_cpu(void);

#endif
