/* SPDX-License-Identifier: MIT */
/* An item that is meant as a part of another one (its author answered so to the near-duplicate question): it waits like any other, and approving it
 * folds it into that one. */
#ifndef CDSBOT_BOT_COMMANDS_CONTRIBUTION_H
#define CDSBOT_BOT_COMMANDS_CONTRIBUTION_H

#include "bot/command.h"

/* i is meant as a part of `other`; with `adopt` the person's unit also applies that one. What a moderator sends is folded in at once. PASS: that cannot
 * be, which was said; it is an item of its own. */
enum cmd_status contribution_propose(struct cmd_ctx *ctx, const struct item *i, const struct item *other, bool adopt);
/* What waits so is folded in and both authors told; *ret_folded. DONE as well where that could not be: then the person was told why. */
enum cmd_status contribution_approve(struct cmd_ctx *ctx, const struct item *from, bool *ret_folded);
/* "SK9": what an open item is meant for; NULL: nothing, it is an item of its own. Caller frees. */
char *contribution_target(struct cmd_ctx *ctx, const struct item *i);

#endif
