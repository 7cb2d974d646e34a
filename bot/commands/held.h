/* SPDX-License-Identifier: MIT */
/* What a person sent who is not registered yet: kept for a day beside his open question, so that asking for help or searching does not
 * lose it, and shared once he has registered. */
#ifndef CDSBOT_BOT_COMMANDS_HELD_H
#define CDSBOT_BOT_COMMANDS_HELD_H

#include "bot/command.h"

/* More than these wait for nobody: an unregistered person is asked to register first. */
#define HELD_MAX 5

/* Keeps this turn's message, tells the person how to go on, and asks for his unit. */
enum cmd_status held_add(struct cmd_ctx *ctx);
/* Shares all that is held: ctx->member is registered by now. Nothing held: nothing is said. */
enum cmd_status held_resume(struct cmd_ctx *ctx);
/* Plain text in private chat while something is held: see dangky_text. CMD_PASS: nothing is held. */
enum cmd_status held_free_text(struct cmd_ctx *ctx);
/* Forgets what is held. False = broken, ctx->error set. *ret_had: there was something. */
bool held_drop(struct cmd_ctx *ctx, bool *ret_had);

#endif
