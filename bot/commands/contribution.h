/* SPDX-License-Identifier: MIT */
/* A moderator's decision on what was folded into an approved item: by the number that it had before. */
#ifndef CDSBOT_BOT_COMMANDS_CONTRIBUTION_H
#define CDSBOT_BOT_COMMANDS_CONTRIBUTION_H

#include "bot/command.h"

/* from: an item that is merged. Its text becomes a part of the other; both authors are told. */
enum cmd_status contribution_take(struct cmd_ctx *ctx, const struct item *from);
/* It is left out; its author is told why. */
enum cmd_status contribution_refuse(struct cmd_ctx *ctx, const struct item *from, const char *reason);
/* The list of what waits so, for moderators; says nothing if there is nothing. */
enum cmd_status contribution_say_waiting(struct cmd_ctx *ctx);

#endif
