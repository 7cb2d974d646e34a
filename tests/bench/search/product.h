/* SPDX-License-Identifier: MIT */
/* The product's database as its own commands make it: migrated, with the shipped register, filled through the import operation. */
#ifndef CDSBOT_BENCH_SEARCH_PRODUCT_H
#define CDSBOT_BENCH_SEARCH_PRODUCT_H

#include "store/db.h"
#include "store/search/search.h"

/* As `cdsbot import` makes its batches. */
#define IMPORT_BATCH 500

/* All abort with the reason when something fails. */
struct db *product_create(const char *path);
void product_import(struct db *db, const char *ref, const char *title, const char *body);
void product_commit(struct db *db);
void product_import_end(struct db *db);
/* A search by somebody who is not registered, without filters. */
GPtrArray *product_search(struct db *db, const struct registry *r, const char *text);

#endif
