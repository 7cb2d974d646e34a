/* SPDX-License-Identifier: MIT */
/* The product's database as its own commands make it: migrated, with the shipped register, filled through the import operation. */
#ifndef CDSBOT_BENCH_SEARCH_PRODUCT_H
#define CDSBOT_BENCH_SEARCH_PRODUCT_H

#include "store/db.h"
#include "store/search/search.h"

/* As `cdsbot import` makes its batches. */
#define IMPORT_BATCH 500

/* All abort with the reason when something fails. */
struct registry *product_registry(void); /* the shipped one, sealed */
struct db *product_create(const char *path);
/* An item that is a draft is added as members do, the others are imported. */
void product_add(struct db *db, struct item *i);
void product_import(struct db *db, const char *ref, const char *title, const char *body);
void product_commit(struct db *db);
void product_import_end(struct db *db);
/* A search as /tim reads it, with the filters that are typed in it; viewer NULL: somebody who is not registered. *ret_partial, which may be
 * NULL: time was up before everything was looked at. */
GPtrArray *product_search(struct db *db, const struct registry *r, const struct member *viewer, const char *text, bool *ret_partial);

#endif
