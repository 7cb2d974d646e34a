/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "secret.h"

bool secret_is_equal(const char *secret, const char *given)
{
	size_t n = strlen(secret), len = strlen(given);
	size_t diff = n ^ len;

	if (n == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		diff |= (unsigned char)(given[i] ^ secret[i % n]);
	return diff == 0;
}
