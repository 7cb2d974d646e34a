/* SPDX-License-Identifier: MIT */
/* The steps of a run over a large database. Each is done in a process of its own, so that the memory of one is not counted as
 * another's; they leave their figures in memory that all share. */
#ifndef CDSBOT_BENCH_SEARCH_LARGE_H
#define CDSBOT_BENCH_SEARCH_LARGE_H

#include <stdbool.h>
#include <stdint.h>

struct large_args {
	const char *corpus; /* corpus.jsonl.gz */
	const char *path;   /* the database */
	const char *peer_path; /* the peers', one after the other */
	unsigned items, per_class;
	uint64_t seed;
	bool slow; /* print the slowest query of each class */
	const char *only; /* classes that have this in their name; NULL: all of them */
};

struct filling {
	double wall_ms, cpu_ms; /* in the database alone, without making the texts */
	double end_ms;		/* of wall_ms: the pieces of the index merged at the end */
	double text_mib;
	double rss_anon_mib; /* what it grew by */
};
struct figures {
	struct filling product, same, plain;
	double index_mib, file_mib, text_mib;
	double worst_p50, worst_p99, worst_max; /* ms, over the classes */
	unsigned n_partial; /* answers that were not complete */
	double asking_rss_anon_mib;
	double add_mean, add_p99, add_max, commit_mean, commit_p99; /* ms of CPU */
	unsigned added, found;
};

void large_fill(const struct large_args *a, struct figures *f);
void large_fill_same(const struct large_args *a, struct figures *f);
void large_fill_plain(const struct large_args *a, struct figures *f);
void large_sizes(const struct large_args *a, struct figures *f);
void large_ask(const struct large_args *a, struct figures *f);
void large_add(const struct large_args *a, struct figures *f);

double rss_anon_mib(void);

#endif
