/* SPDX-License-Identifier: MIT */
/* "Ý đồng chí là 1) /chiase 2) /cauchuyen?": remembers the choices and what was typed, runs the chosen one. */
#ifndef CDSBOT_BOT_COMMANDS_CHOOSE_H
#define CDSBOT_BOT_COMMANDS_CHOOSE_H

#include "bot/command.h"

extern const struct command cmd_choose; /* hidden: only owns the question */

void choose_ask(struct cmd_ctx *ctx, const struct reading *r);
/* The person typed one of the offered commands instead of its number: what he had typed after the wrong word is its arguments. */
void choose_fill(const struct cmd_ctx *ctx, struct reading *r);
/* True: the word is a command of domain §5.2 that this version does not have yet, and the person was told who helps meanwhile. */
bool choose_say_planned(struct cmd_ctx *ctx, const struct reading *r);
/* True: "ok 14" in private chat, which needs its slash, and the person was told. */
bool choose_say_slash(struct cmd_ctx *ctx);

#endif
