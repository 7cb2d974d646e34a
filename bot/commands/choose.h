/* SPDX-License-Identifier: MIT */
/* "Ý đồng chí là 1) /chiase 2) /cauchuyen?": remembers the choices and what was typed, runs the chosen one. */
#ifndef CDSBOT_BOT_COMMANDS_CHOOSE_H
#define CDSBOT_BOT_COMMANDS_CHOOSE_H

#include "bot/command.h"

extern const struct command cmd_choose; /* hidden: only owns the question */

void choose_ask(struct cmd_ctx *ctx, const struct reading *r);
/* Is this word a command of domain §5.2 that this version does not have yet? word as typed, with its mark. */
bool choose_is_planned(const char *word);

#endif
