/* SPDX-License-Identifier: MIT */
/* Search with filters: all that a filter or a viewer may ask of an item, without its text, by the item and by what leaves few of them
 * (store/search/wanted.c). */
#include "schema.h"

#define WANTED_COLUMNS "status, author_id, unit, field, kind, year, type"

const char schema_6_wanted[] =
	"DROP INDEX item_filter;"
	"DROP INDEX item_open;"
	"CREATE INDEX item_filter ON item (id, " WANTED_COLUMNS ");"
	"CREATE INDEX item_open ON item (status, id, " WANTED_COLUMNS ") WHERE status <> 3;" /* 3 = approved: nearly all of them */
	"CREATE INDEX item_by_unit ON item (unit, id, " WANTED_COLUMNS ") WHERE unit IS NOT NULL;"
	"CREATE INDEX item_by_field ON item (field, id, " WANTED_COLUMNS ") WHERE field IS NOT NULL;"
	"CREATE INDEX item_by_year ON item (year, id, " WANTED_COLUMNS ") WHERE year IS NOT NULL;"
	"CREATE INDEX item_by_kind ON item (kind, id, " WANTED_COLUMNS ") WHERE kind <> 0;" /* 0 = initiative: again nearly all */
	"CREATE INDEX item_by_type ON item (type, id, " WANTED_COLUMNS ") WHERE type IS NOT NULL;";
