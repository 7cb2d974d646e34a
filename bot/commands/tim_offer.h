/* SPDX-License-Identifier: MIT */
/* What may be typed instead, where little or nothing was found. Only what finds something is offered. */
#ifndef CDSBOT_BOT_COMMANDS_TIM_OFFER_H
#define CDSBOT_BOT_COMMANDS_TIM_OFFER_H

#include "tim_reply.h"

/* Both are false + ctx->error on disk trouble. Adds near queries to p->meant; nothing where a hit has all words. q: what the page was asked with. */
bool tim_offer_meant(struct cmd_ctx *ctx, struct tim_page *p, const struct search_query *q);
/* Of a page without hits: sets other and unfiltered. */
bool tim_offer_others(struct cmd_ctx *ctx, struct tim_page *p);

#endif
