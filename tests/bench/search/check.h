/* SPDX-License-Identifier: MIT */
/* A figure beside the one that is wanted. Informative: no run fails by it. */
#ifndef CDSBOT_BENCH_SEARCH_CHECK_H
#define CDSBOT_BENCH_SEARCH_CHECK_H

void check_at_least(const char *what, double measured, double wanted);
void check_at_most(const char *what, double measured, double wanted);

#endif
