/* SPDX-License-Identifier: MIT */
/* Asks an engine a set of queries with judgements: MRR@10 and recall@10 a kind, and the time a query takes. */
#ifndef CDSBOT_BENCH_SEARCH_SCORE_H
#define CDSBOT_BENCH_SEARCH_SCORE_H

#include "base/json.h"
#include "engine.h"

struct kind_score {
	char *kind;
	unsigned n;
	double mrr, recall; /* means once scored */
	GArray *ms;	    /* latency.h */
};
struct score {
	const struct engine *engine;
	GPtrArray *kinds; /* struct kind_score, in the order of the file */
	double mrr, recall; /* means over the kinds */
	double fill_ms, first_ms; /* filling the database; the first query of the process */
	GArray *ms;
};

/* misses: prints each query whose best judged document is not first. */
struct score *score_run(const struct engine *e, const char *dir, const GPtrArray *docs, const GPtrArray *queries, bool misses);
void score_free(struct score *s);
const struct kind_score *score_kind(const struct score *s, const char *kind); /* NULL none */
void score_print(const struct score *s);
cJSON *score_json(const struct score *s);

#endif
