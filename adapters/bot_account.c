/* SPDX-License-Identifier: MIT */
#include "bot_account.h"

#include <string.h>

bool bot_token_fits_url(const char *token)
{
	for (const char *s = token; *s; s++)
		if (!g_ascii_isalnum(*s) && !strchr(":_-.~!$&'()*+,;=@", *s))
			return false;
	return true;
}

char *bot_api_base(const char *url)
{
	char *base = g_strdup(url);

	while (g_str_has_suffix(base, "/"))
		base[strlen(base) - 1] = '\0';
	return base;
}

char *bot_webhook_path(const char *path, const char *url, const char *dflt)
{
	g_autoptr(GUri) uri = NULL;

	if (path && *path)
		return g_strdup(path);
	uri = url ? g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL) : NULL;
	return g_strdup(uri && strlen(g_uri_get_path(uri)) > 1 ? g_uri_get_path(uri) : dflt);
}

bool bot_webhook_secret_fits(const char *secret, size_t least, size_t most)
{
	size_t len;

	if (!secret)
		return false;
	len = strlen(secret);
	return len >= least && len <= most &&
	       strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}
