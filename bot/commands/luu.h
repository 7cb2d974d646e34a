/* SPDX-License-Identifier: MIT */
/* What /luu offers where no command was typed. */
#ifndef CDSBOT_BOT_COMMANDS_LUU_H
#define CDSBOT_BOT_COMMANDS_LUU_H

#include "bot/command.h"

/* Copied talk: its first line says who wrote it (bot/import_text.h). It is for /luu, not for an open item or question. */
bool luu_is_talk(const char *text);
/* Instead of adding to his open items a text that seems to be one of its own: items may be empty. Only /luu or his /s decides. */
enum cmd_status luu_offer_new(struct cmd_ctx *ctx, const GPtrArray *items);
/* A member's long text in private chat that nothing else understood: he hears that /luu would save it. False: it is no such text. */
bool luu_offer(struct cmd_ctx *ctx);

#endif
