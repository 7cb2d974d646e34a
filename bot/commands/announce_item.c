/* SPDX-License-Identifier: MIT */
/* Announces approved items. Makes the post alone: which chats get it, and when, is the fan-out's and the courier's. */
#include "announce_item.h"

#include "base/text.h"
#include "itemref.h"

/* What number, unit and "Đọc: …" leave of the line for the title, when the unit's name is of ordinary length. */
#define TITLE_MAX 120
#define UNIT_MAX 50

char *announce_item_text(const struct cmd_ctx *ctx, const struct item *i)
{
	const char *unit = itemref_unit(ctx, i);
	g_autofree char *id = itemref_id(i);
	g_autofree char *title = text_ellipsize(i->title, TITLE_MAX);
	g_autofree char *shown = unit ? text_ellipsize(unit, UNIT_MAX) : NULL;

	if (shown)
		return wording_format(NULL, MSG_ANNOUNCE_ITEM, "id", id, "title", title, "unit", shown, NULL);
	return wording_format(NULL, MSG_ANNOUNCE_ITEM_NO_UNIT, "id", id, "title", title, NULL);
}

bool announce_item(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *text = announce_item_text(ctx, i);

	cmd_about(ctx, i->id);
	return cmd_broadcast(ctx, text, true, false, NULL, 0) != 0;
}
