/* SPDX-License-Identifier: MIT */
/* Own mentions inside the text of the Zalo Bot Platform. The platform sends no entities: "@Bot Sổ Trực điểm danh" is all there is
 * (zalo-bot.md §6), with spaces in the name, perhaps decomposed letters and no-break spaces. Pure; any bytes. */
#ifndef CDSBOT_ADAPTERS_ZALO_BOT_MENTION_H
#define CDSBOT_ADAPTERS_ZALO_BOT_MENTION_H

#include <glib.h>
#include <stdbool.h>

/* Adds a name in the form that matching needs (clean, without "@", single spaces), and beside a name that ends with punctuation
 * the name without it. Blank names are left out. names: owned strings. */
void zalo_bot_mention_add(GPtrArray *names, const char *name_or_null);

/* The text, cleaned, without the own mentions wherever they stand: in a group of this platform a mention is how the bot is called,
 * never part of what is said. The longest name that fits counts. Where a mention is in front but its name is not known, everything
 * up to the first command mark or word of `commands` (folded names, or NULL) goes. Caller frees. */
char *zalo_bot_mention_strip(const char *text, const GPtrArray *names, const GPtrArray *commands, bool *ret_is_mentioned);

#endif
