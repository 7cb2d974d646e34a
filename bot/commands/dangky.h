/* SPDX-License-Identifier: MIT */
/* Registration's question, for whoever has to ask an unregistered person for his unit. */
#ifndef CDSBOT_BOT_COMMANDS_DANGKY_H
#define CDSBOT_BOT_COMMANDS_DANGKY_H

#include "bot/command.h"

/* The next private message is read as the unit; the caller says so. */
void dangky_ask_unit(struct cmd_ctx *ctx);
/* Plain text of a person whose content is held and who is not asked anything any more: his unit, or he hears once more what is missing. */
enum cmd_status dangky_text(struct cmd_ctx *ctx);

#endif
