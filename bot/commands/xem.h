/* SPDX-License-Identifier: MIT */
/* The card of an item, for /xem and for whoever chose it from a list. */
#ifndef CDSBOT_BOT_COMMANDS_XEM_H
#define CDSBOT_BOT_COMMANDS_XEM_H

#include "bot/command.h"

/* Owns the question "Đồng chí muốn xem SK13?". */
extern const struct command cmd_xem;

/* In characters: with the lines above and below it a page fits one message on every platform (domain §5.3). */
#define XEM_PAGE_CHARS 1100

/* Shows page 1, 2 ... of the item (visibility was checked). */
enum cmd_status xem_show(struct cmd_ctx *ctx, const struct item *i, unsigned page);
/* By id text ("SK13"), e.g. from a remembered list. */
enum cmd_status xem_show_id(struct cmd_ctx *ctx, const char *id);
/* By whatever id was typed, announcements (TB7) included. */
enum cmd_status xem_show_typed(struct cmd_ctx *ctx, const char *id);

#endif
