/* SPDX-License-Identifier: MIT */
/* Making a person a member with consent given now: the one way, for /dangky and /nhanquyen. */
#ifndef CDSBOT_BOT_COMMANDS_ENROLL_H
#define CDSBOT_BOT_COMMANDS_ENROLL_H

#include "bot/command.h"

/* The wording of the notice that was agreed to (MSG_DK_CONFIRM, MSG_NHANQUYEN_CONFIRM): stored with the consent (domain §4). Changes
 * with the notice. */
#define ENROLL_CONSENT_VERSION "2026-11"

/* Registers the person of this turn (in private chat), replaces ctx->member. False = broken, ctx->error set. */
bool enroll(struct cmd_ctx *ctx, const char *unit, const char *job_or_null);

#endif
