/* SPDX-License-Identifier: MIT */
/* What the accounts of bots have in common where a platform took over the shape of Telegram's Bot API: a token that stands in the URL, a webhook
 * with a secret in a header. */
#ifndef CDSBOT_ADAPTERS_BOT_ACCOUNT_H
#define CDSBOT_ADAPTERS_BOT_ACCOUNT_H

#include <glib.h>
#include <stdbool.h>

/* Any token that can stand in a URL's path; whether it is good, only the platform knows. */
bool bot_token_fits_url(const char *token);
/* An address without slashes at its end; caller frees. */
char *bot_api_base(const char *url);
/* Our own path for the webhook: the one given, else that of the public address, else dflt. Caller frees. */
char *bot_webhook_path(const char *path_or_null, const char *url_or_null, const char *dflt);
/* A-Z a-z 0-9 _ - and of such a length: all that both platforms take (telegram.md, zalo-bot.md §3). */
bool bot_webhook_secret_fits(const char *secret_or_null, size_t least, size_t most);

#endif
