/* SPDX-License-Identifier: MIT */
/* A small file beside the database that says which token pair was last in force here. A database restored from a backup is older
 * than its marker, one carried to another machine has none: in both cases its refresh token may be used up already, and using it
 * again could cost the running installation its grant (zalo-oa.md §11.3, §11.4). A few bytes once a day, so written at once. */
#ifndef CDSBOT_ADAPTERS_ZALO_OA_MARKER_H
#define CDSBOT_ADAPTERS_ZALO_OA_MARKER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The id in the file, -1 if there is none or it cannot be read. */
int64_t zalo_oa_marker_read(const char *path);
/* False and a line in the log if it cannot be written. */
bool zalo_oa_marker_write(const char *path, int64_t id);

#endif
