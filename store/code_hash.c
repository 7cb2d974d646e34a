/* SPDX-License-Identifier: MIT */
/* The hash of one-time codes. It stores nothing. */
#include "code_hash.h"

#include <string.h>

#include <glib.h>

char *code_hash(const char *salt, const char *code)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(code));
	g_autofree char *upper = g_ascii_strup(trimmed, -1);
	g_autofree char *salted = g_strconcat(salt, ":", upper, NULL);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, salted, -1);
}

bool code_hash_is_same(const char *a, const char *b)
{
	unsigned char differs = strlen(a) != strlen(b);

	for (size_t i = 0; a[i] && b[i]; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return !differs;
}
