/* SPDX-License-Identifier: MIT */
/* The Official Account's signature check on any header and body: a line each of header, timestamp and secret, then the body. What
 * anybody can send must not pass by chance. */
#include "fuzz.h"

#include "adapters/zalo_oa_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	char *at = text, *part[3];

	for (size_t i = 0; i < G_N_ELEMENTS(part); i++) {
		char *end = strchr(at, '\n');

		if (!end)
			return 0;
		*end = '\0';
		part[i] = at;
		at = end + 1;
	}
	zalo_oa_signature_fits(part[0], "app", at, size - (size_t)(at - text), part[1], part[2]);
	g_assert_false(zalo_oa_signature_fits("mac=", "app", at, size - (size_t)(at - text), part[1], part[2]));
	return 0;
}
