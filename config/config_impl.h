/* SPDX-License-Identifier: MIT */
/* The inside of a snapshot, shared by the files that fill it. Nobody outside config/ includes this. */
#ifndef CDSBOT_CONFIG_CONFIG_IMPL_H
#define CDSBOT_CONFIG_CONFIG_IMPL_H

#include "config.h"

struct config_values {
	const struct config_section *section;
	size_t n;		      /* rows, `enabled` of an adapter included: it comes last */
	struct option_value *values;
	bool is_there;		      /* written in the file or set */
};

struct config {
	gint references;
	char *dir; /* of the file, for relative paths; or NULL */
	size_t n;
	struct config_values *sections;
};

/* A snapshot that holds the defaults. */
struct config *config_new(const struct config_section *sections, size_t n, const char *dir);
/* NULL if there is none. */
struct config_values *config_values_find(const struct config *c, const char *section);
const struct option *config_row(const struct config_values *s, size_t i);
/* Index of a row, or -1. */
int config_row_find(const struct config_values *s, const char *key);

#endif
