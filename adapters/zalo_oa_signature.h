/* SPDX-License-Identifier: MIT */
/* The signature of the Official Account's webhook: a plain SHA-256 over the joined texts, no HMAC, over the bytes as they came
 * (zalo-oa.md §8). Pure. */
#ifndef CDSBOT_ADAPTERS_ZALO_OA_SIGNATURE_H
#define CDSBOT_ADAPTERS_ZALO_OA_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* header: "mac=<64 hex>", prefix and case as they like. Takes the same time wherever the first difference lies. */
bool zalo_oa_signature_fits(const char *header, const char *first_term, const char *body, size_t len, const char *timestamp,
			    const char *secret);

#endif
