/* SPDX-License-Identifier: MIT */
/* The demo's people and the seed initiatives and exemplars: loaded once into an empty database, never into one in use. */
#ifndef CDSBOT_BOT_DEMO_H
#define CDSBOT_BOT_DEMO_H

#include "store/db.h"

/* Folder of units.csv, fields.csv, abbreviations.csv and demo/: $CDSBOT_DATA, else the source tree's config/ if the program runs from
 * a build folder, else the installed one. */
const char *demo_data_dir(void);

/* Does nothing if the database already holds an item or a member. */
bool demo_load(struct db *db, GError **error);

/* "name<TAB>description", ends with NULL. */
const char *const *demo_people(void);

#endif
