/* SPDX-License-Identifier: MIT */
/* The corpus and the sets of queries with judgements, as its README describes them: JSON Lines, packed with gzip or plain. */
#ifndef CDSBOT_BENCH_SEARCH_CORPUS_H
#define CDSBOT_BENCH_SEARCH_CORPUS_H

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

struct doc {
	char *id, *title, *body;
};
struct asked {
	char *qid, *text, *kind;
	char **relevant; /* ids of documents, ends with NULL */
};

/* GPtrArray of struct doc or struct asked that frees what it holds; NULL and a message on standard error. */
GPtrArray *corpus_docs_read(const char *path);
GPtrArray *corpus_queries_read(const char *path);

G_END_DECLS

#endif
