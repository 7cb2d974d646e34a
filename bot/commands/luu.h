/* SPDX-License-Identifier: MIT */
/* What /luu offers where no command was typed. */
#ifndef CDSBOT_BOT_COMMANDS_LUU_H
#define CDSBOT_BOT_COMMANDS_LUU_H

#include "bot/command.h"

/* A member's long text in private chat that nothing else understood: he hears that /luu would save it. False: it is no such text. */
bool luu_offer(struct cmd_ctx *ctx);

#endif
