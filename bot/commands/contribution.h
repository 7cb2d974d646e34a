/* SPDX-License-Identifier: MIT */
/* An item that is meant as a part of another one (its author answered so to the near-duplicate question): it waits like any other, and approving it
 * folds it into that one. */
#ifndef CDSBOT_BOT_COMMANDS_CONTRIBUTION_H
#define CDSBOT_BOT_COMMANDS_CONTRIBUTION_H

#include "bot/command.h"

/* Folds it in and tells both authors. DONE as well where that could not be: then the person was told why. *ret_folded may be NULL. */
enum cmd_status contribution_fold(struct cmd_ctx *ctx, const struct item *from, const struct item *into, bool *ret_folded);
/* The same for what waits so, into what it is meant for; where that one is gone it is an item of its own again. */
enum cmd_status contribution_approve(struct cmd_ctx *ctx, const struct item *from, bool *ret_folded);
/* "SK9": what an open item is meant for; NULL: nothing, it is an item of its own. Caller frees. */
char *contribution_target(struct cmd_ctx *ctx, const struct item *i);

#endif
