/* SPDX-License-Identifier: MIT */
/* The stretch of a text that shows why it was found. */
#ifndef CDSBOT_STORE_SEARCH_SNIPPET_H
#define CDSBOT_STORE_SEARCH_SNIPPET_H

#include "query.h"

#define SNIPPET_GRAPHEMES 160

/* One line of the original, with its marks, around the best hit; its start if there is no hit (*ret_hit, may be NULL, tells).
 * Caller frees. */
char *snippet_make(const char *text, const struct query_plan *p, bool *ret_hit);

#endif
