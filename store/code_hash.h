/* SPDX-License-Identifier: MIT */
/* How one-time codes are kept: as a salted SHA-256, compared in constant time. */
#ifndef CDSBOT_STORE_CODE_HASH_H
#define CDSBOT_STORE_CODE_HASH_H

#include <stdbool.h>

/* Of the code as typed on a phone: case and outer spaces do not count. Caller frees. */
char *code_hash(const char *salt, const char *code);
/* Takes the same time wherever the first difference is. */
bool code_hash_is_same(const char *a, const char *b);

#endif
