/* SPDX-License-Identifier: MIT */
/* What a broadcast takes from the platforms that count messages, said before it is sent. */
#ifndef CDSBOT_BOT_COMMANDS_FORECAST_H
#define CDSBOT_BOT_COMMANDS_FORECAST_H

#include "bot/command.h"

/* One line for each platform with a limit that the broadcast reaches. False: broken (ctx->error). */
bool forecast_say(struct cmd_ctx *ctx, const char *text, bool to_all, char **units);

#endif
