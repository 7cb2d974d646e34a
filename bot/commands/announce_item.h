/* SPDX-License-Identifier: MIT */
/* An approved item is made known: one line to the core groups of every adapter. */
#ifndef CDSBOT_BOT_COMMANDS_ANNOUNCE_ITEM_H
#define CDSBOT_BOT_COMMANDS_ANNOUNCE_ITEM_H

#include "bot/command.h"

/* False = broken, ctx->error set. */
bool announce_item(struct cmd_ctx *ctx, const struct item *i);
/* The line itself, at most CMD_LINE_MAX graphemes; caller frees. */
char *announce_item_text(const struct cmd_ctx *ctx, const struct item *i);

#endif
