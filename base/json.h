/* SPDX-License-Identifier: MIT */
/* Typed paths into a cJSON tree. Every step is checked: a missing or mistyped field is a result, never a crash. */
#ifndef CDSBOT_BASE_JSON_H
#define CDSBOT_BASE_JSON_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

/* Nesting deeper than this is refused before cJSON sees it (cJSON's own limit is 1,000 and costs stack). */
#define JSON_DEPTH_MAX 64

/* Up to here every whole number has a double of its own; the next, 2^53, is also what 2^53 + 1 would be read as. A number that is to
 * be written and read back must not lie beyond: what a platform writes as text may. */
#define JSON_INT_MAX INT64_C(9007199254740991)

/* Parses bytes that need not end in NUL. Invalid UTF-8 and NUL inside strings are replaced by U+FFFD first, so that one bad byte does
 * not cost a batch (telegram.md §1). NULL and error (JSON_ERROR) if it is no JSON. Caller frees (cJSON_Delete). */
cJSON *json_parse(const char *bytes, size_t len, GError **error);

#define JSON_ERROR json_error_quark()
GQuark json_error_quark(void);

/* A path is `name.name[3].name`. NULL if any step is missing. Borrowed from the tree. */
const cJSON *json_at(const cJSON *root, const char *path);

/* Each returns false and leaves the result alone if the field is missing or of another type.
 * json_id takes a string that is not empty or a whole number up to JSON_INT_MAX and gives its decimal text: 64-bit ids are strings here. */
bool json_str(const cJSON *root, const char *path, const char **ret_borrowed);
bool json_id(const cJSON *root, const char *path, char **ret_text);
bool json_int64(const cJSON *root, const char *path, int64_t *ret_value);
bool json_bool(const cJSON *root, const char *path, bool *ret_value);

/* Copies with a default: the string (caller frees; NULL default gives NULL), the number. */
char *json_dup(const cJSON *root, const char *path, const char *dflt);

/* Compact text of a tree; caller frees with g_free (copied out of cJSON's allocator). */
char *json_text(const cJSON *root);

/* Adds a string unless it is NULL; numbers as exact decimals (cJSON prints doubles; up to JSON_INT_MAX). */
void json_add_str(cJSON *object, const char *name, const char *value_or_null);
void json_add_int64(cJSON *object, const char *name, int64_t value);

#endif
