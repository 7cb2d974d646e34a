/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. A target is one file: any bytes in, no crash, no leak, no undefined behaviour, and what its asserts
 * say. Its corpus is tests/fuzz/corpus/NAME. */
#ifndef CDSBOT_TESTS_FUZZ_H
#define CDSBOT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a C string that ends exactly where they do: reading past it shows. Caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = g_malloc(size + 1);

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
