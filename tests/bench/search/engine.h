/* SPDX-License-Identifier: MIT */
/* What is compared: the product's search and its peers, filled with the same documents and asked the same queries. */
#ifndef CDSBOT_BENCH_SEARCH_ENGINE_H
#define CDSBOT_BENCH_SEARCH_ENGINE_H

#include "corpus.h"

G_BEGIN_DECLS

/* How many hits are looked at: MRR@10, recall@10. */
#define HITS_MAX 10

struct engine {
	const char *name;
	const char *missing; /* what is not installed, or NULL */
	/* Fills a database of its own under dir. Aborts with a message when that fails: a figure of half a database means nothing. */
	void *(*open)(const char *dir, const GPtrArray *docs);
	/* Adds the ids of at most HITS_MAX documents, best first; the array frees them. */
	void (*ask)(void *self, const char *text, GPtrArray *ids);
	void (*close)(void *self);
};

extern const struct engine engine_product;
extern const struct engine engine_fts_and, engine_fts_or, engine_fts_title;
extern const struct engine engine_xapian;

G_END_DECLS

#endif
