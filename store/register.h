/* SPDX-License-Identifier: MIT */
/* Units, fields and abbreviations in the database: loaded into a registry snapshot, filled from CSV. */
#ifndef CDSBOT_STORE_REGISTER_H
#define CDSBOT_STORE_REGISTER_H

#include "config/registry.h"
#include "db.h"

/* A sealed snapshot of what is stored. */
struct registry *store_register_load(struct db *db, GError **error);
/* Adds or changes rows so that the database holds what the registry holds; rows it does not name stay (people may have added them).
 * *ret_changed counts. */
bool store_register_import(struct db *db, const struct registry *r, unsigned *ret_changed, GError **error);
bool store_register_is_empty(struct db *db, bool *ret_empty, GError **error);

#endif
