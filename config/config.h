/* SPDX-License-Identifier: MIT */
/* The configuration as an immutable, counted snapshot. Parsed whole, with every problem listed, before anything uses it. */
#ifndef CDSBOT_CONFIG_CONFIG_H
#define CDSBOT_CONFIG_CONFIG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "option.h"

struct config;

/* A section and its rows. `[bot]`, `[store]`, `[http]`, `[courier]`... are the core's (config/core_options.c); each adapter brings
 * its own. An adapter's section being there (with enabled = yes, the default) switches the adapter on. */
struct config_section {
	const char *name;
	const struct option *options;
	const char *help; /* in Vietnamese, for the example file */
	bool is_adapter;  /* then it has `enabled` (yes) without a row of its own */
};
extern const struct config_section config_core_sections[]; /* ends with a row whose name is NULL */

/* One thing wrong: where and what to do, in Vietnamese sentences. */
struct config_problem {
	char *file;
	unsigned line; /* 0: not about a line */
	char *section, *key; /* or NULL */
	char *what, *advice;
	bool is_error; /* else a warning */
};
void config_problem_free(struct config_problem *p);
/* "file:12: [bot] quiet_from: what. Advice"; caller frees. */
char *config_problem_text(const struct config_problem *p);

#define CONFIG_ERROR config_error_quark()
GQuark config_error_quark(void);

/* Reads a file against the sections (array of n). Returns the snapshot (reference 1) or NULL if there is any error; *ret_problems
 * (struct config_problem, caller unrefs) lists all of them either way, by line. file NULL: defaults alone. Values of secret options are
 * registered with the logger; the environment wins over the file. Unknown sections and keys and repeated keys are errors with their
 * line. The sections are borrowed for the life of the snapshot. */
struct config *config_load(const char *file, const struct config_section *sections, size_t n, GPtrArray **ret_problems);
struct config *config_ref(struct config *c);
void config_unref(struct config *c);
typedef struct config config_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config_t, config_unref)

/* Sets one value in a snapshot that nobody shares yet (command line and tests). False + error as in a file. */
bool config_set(struct config *c, const char *section, const char *key, const char *value, GError **error);

/* Asking for an option that has no row, or as another type, is a bug and aborts. Strings are borrowed; unset = NULL. */
bool config_has_section(const struct config *c, const char *section); /* written in the file or set */
bool config_knows_section(const struct config *c, const char *section); /* has rows of it, written or not: tests may load a few sections */
bool config_adapter_on(const struct config *c, const char *section);  /* has the section, and it is not `enabled = no` */
const char *config_str(const struct config *c, const char *section, const char *key);
int64_t config_int(const struct config *c, const char *section, const char *key); /* also durations (ms), clock (minutes) */
double config_real(const struct config *c, const char *section, const char *key);
bool config_bool(const struct config *c, const char *section, const char *key);

/* Names ("section.key") of the options that differ between two snapshots of the same sections and need a restart; "section.enabled"
 * for an adapter that came or went. Caller unrefs. */
GPtrArray *config_restart_needed(const struct config *old, const struct config *fresh);

/* The example file, generated from the rows; caller frees. */
char *config_example(const struct config_section *sections, size_t n);

#endif
