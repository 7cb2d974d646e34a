/* SPDX-License-Identifier: MIT */
/* Makes and reads one-time codes; keeping them is the store's business. */
#include "one_time_code.h"

#include <errno.h>
#include <sys/random.h>

#include "store/db.h"

static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

char *one_time_code_make(GError **error)
{
	unsigned char random[ONE_TIME_CODE_LEN];
	char *code;

	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "no random numbers: %s", g_strerror(errno));
		return NULL;
	}
	code = g_malloc0(ONE_TIME_CODE_LEN + 1);
	for (size_t i = 0; i < ONE_TIME_CODE_LEN; i++)
		code[i] = letters[random[i] % (sizeof(letters) - 1)];
	return code;
}

char *one_time_code_of(const char *typed)
{
	GString *s = g_string_new(NULL);

	for (const char *p = typed; *p; p++)
		if (g_ascii_isalnum(*p))
			g_string_append_c(s, g_ascii_toupper(*p));
	return g_string_free(s, FALSE);
}
