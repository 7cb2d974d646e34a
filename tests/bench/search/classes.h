/* SPDX-License-Identifier: MIT */
/* The classes of queries whose time is taken: made from items of the database itself, so that a large one is asked about its own
 * words. */
#ifndef CDSBOT_BENCH_SEARCH_CLASSES_H
#define CDSBOT_BENCH_SEARCH_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/registry.h"
#include "store/db.h"

struct sampler {
	struct db *db;
	const struct registry *registry;
	int64_t last_id;
	uint64_t state; /* chance_next */
};
void sampler_init(struct sampler *s, struct db *db, const struct registry *r, uint64_t seed); /* borrows both */
/* Title and body of any item; the caller frees. */
void sampler_item(struct sampler *s, char **ret_title, char **ret_body);

struct query_class {
	const char *name;
	char *(*make)(struct sampler *s); /* the caller frees */
	bool is_moderators; /* asked by a moderator, else by somebody who is not registered */
};
extern const struct query_class query_classes[];
extern const unsigned query_classes_n;

#endif
