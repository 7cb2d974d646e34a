/* SPDX-License-Identifier: MIT */
/* The inside of a register snapshot, shared by the files that match names against it. Nobody outside config/ includes this. */
#ifndef CDSBOT_CONFIG_REGISTRY_IMPL_H
#define CDSBOT_CONFIG_REGISTRY_IMPL_H

#include "names.h"
#include "registry.h"

struct registry {
	gint references;
	bool is_sealed;
	GPtrArray *units, *fields, *abbreviations;
	GHashTable *unit_codes, *field_codes; /* code -> row */
	struct names *unit_names, *field_names;
	GHashTable *long_exact;	 /* lower-case brief -> char** of that row, borrowed */
	GHashTable *long_folded; /* folded brief -> char** of all its rows */
	GHashTable *long_heads;	 /* the first two words of these long forms */
	GHashTable *briefs;	 /* folded long form, y as i -> char** of its abbreviations */
	GPtrArray *province_tails; /* char**: words that may follow any name of the province: "tinh nam dinh", "nam dinh", "tinh" */
};

/* Units that bear exactly this name (also with the province's name behind it, or Telex residue in it); NULL if none. Borrowed from
 * the index. */
const GPtrArray *registry_units_named(const struct registry *r, const char *text);

#endif
