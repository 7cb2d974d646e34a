/* SPDX-License-Identifier: MIT */
/* Which item a command speaks of, and how an item's number, unit and state are said to people. */
#ifndef CDSBOT_BOT_COMMANDS_ITEMREF_H
#define CDSBOT_BOT_COMMANDS_ITEMREF_H

#include "bot/command.h"

enum itemref {
	ITEMREF_BROKEN = -1, /* ctx->error is set */
	ITEMREF_FOUND,
	ITEMREF_NONE, /* no id was typed, and no message about an item was replied to */
	ITEMREF_TOLD  /* no such item, or not for his eyes: the person was told */
};
/* The item of a typed id ("SK14 …", "14 …" where the command implies the kind), else of the message replied to: a typed id wins
 * (domain §5.1). *ret_rest, borrowed from args: what follows the id; set always. *ret_item on FOUND: caller frees. */
enum itemref itemref_find(struct cmd_ctx *ctx, const char *args, struct item **ret_item, const char **ret_rest);

char *itemref_id(const struct item *i);                                    /* "SK14"; caller frees */
const char *itemref_unit(const struct cmd_ctx *ctx, const struct item *i); /* the unit's name as registered, or NULL; borrowed */
const char *itemref_state(enum item_status status);                        /* "đang chờ duyệt" */
bool itemref_is_open(const struct item *i); /* draft, waiting or returned: its author may still write it */
/* Why the wanted move is not possible now, who decided and when, and which moves are. */
enum cmd_status itemref_say_state(struct cmd_ctx *ctx, const struct item *i);
/* How the person of this turn is named to others. */
const char *itemref_actor(const struct cmd_ctx *ctx);

/* "1) … 2) …" and "1, 2 hoặc 3" for a numbered choice; caller frees. */
char *itemref_choices(char **texts);
char *itemref_numbers(size_t n);

#endif
