/* SPDX-License-Identifier: MIT */
/* What people send without a command and what happens to messages afterwards: labelled lines, further parts, files, edits, recalls.
 * The dispatcher decides when to ask here; each function says CMD_PASS to what is not sharing. */
#include "share.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "change.h"
#include "decide.h"
#include "held.h"
#include "itemref.h"
#include "luu.h"

/* A text that a phone or platform cut: the next message within two minutes goes on (domain §5.4). After a short text nothing was
 * cut, and a few words are talk. */
#define PART_MS (2 * MINUTE_MS)
#define PART_BEFORE_MIN 1500
#define PART_CHARS_MIN 40
/* Shorter is a greeting or a number. */
#define REMIND_CHARS_MIN 12

/* The item whose title the text begins with: the author sends it again, with more in it. NULL: none. */
static struct item *sent_again(const GPtrArray *items, const struct share_draft *whole)
{
	g_autofree char *title = text_fold(whole->title);

	for (guint n = 0; n < items->len; n++) {
		struct item *i = g_ptr_array_index(items, n);
		g_autofree char *had = text_fold(i->title);

		if (*title && strcmp(title, had) == 0)
			return i;
	}
	return NULL;
}

/* A title line over labels that only a whole item has, or that say something else than the one it would be added to. */
static bool seems_new(const struct share_draft *d, const GPtrArray *items)
{
	if (!d->starts_unlabelled)
		return false;
	return *d->title || *d->body || d->unit || d->field || d->type ||
	       (items->len == 1 && change_contradicts(g_ptr_array_index(items, 0), d));
}

static enum cmd_status add_text(struct cmd_ctx *ctx, const struct share_draft *d)
{
	g_autoptr(GPtrArray) items = change_candidates(ctx);
	g_auto(share_draft_t) whole = { 0 };
	struct item *again;

	if (!items)
		return CMD_BROKEN;
	share_draft_read(ctx->u->text, true, &whole);
	again = d->starts_unlabelled ? sent_again(items, &whole) : NULL;
	if (again)
		return change_apply(ctx, again, &whole, ctx->u, CHANGE_ADDED);
	if (seems_new(d, items))
		return luu_offer_new(ctx, items);
	if (!items->len)
		return cmd_say(ctx, MSG_CHANGE_NO_OPEN, NULL);
	if (items->len > 1)
		return change_ask_which(ctx, items, ctx->u->text);
	return change_apply(ctx, g_ptr_array_index(items, 0), d, ctx->u, CHANGE_ADDED);
}

/* The next part of a long text whose item was made a moment ago. */
static enum cmd_status add_part(struct cmd_ctx *ctx, const struct share_draft *d)
{
	g_autoptr(GPtrArray) items = NULL;

	if (text_len(ctx->u->text, TEXT_CODE_POINTS) < PART_CHARS_MIN)
		return CMD_PASS;
	items = store_item_open_of(ctx->db, ctx->member->id, ctx->now_ms - PART_MS, &ctx->error);
	if (!items)
		return CMD_BROKEN;
	if (items->len != 1 || share_draft_item_len(g_ptr_array_index(items, 0)) < PART_BEFORE_MIN)
		return CMD_PASS;
	return change_apply(ctx, g_ptr_array_index(items, 0), d, ctx->u, CHANGE_ADDED);
}

/* Words without a label while an item of his waits for him: he hears what it lacks and how to write it. */
static enum cmd_status remind_returned(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) items = NULL;
	const struct item *only = NULL;
	unsigned n = 0;

	if (text_len(ctx->u->text, TEXT_CODE_POINTS) < REMIND_CHARS_MIN)
		return CMD_PASS;
	items = store_item_open_of(ctx->db, ctx->member->id, 0, &ctx->error);
	if (!items)
		return CMD_BROKEN;
	for (guint k = 0; k < items->len; k++) {
		const struct item *i = g_ptr_array_index(items, k);

		if (i->status == ITEM_RETURNED && i->author_id == ctx->member->id && i->reason) {
			only = i;
			n++;
		}
	}
	return n == 1 ? decide_say_returned(ctx, only) : CMD_PASS;
}

enum cmd_status share_free_text(struct cmd_ctx *ctx)
{
	g_auto(share_draft_t) d = { 0 };
	bool may_go_on = ctx->u->is_continuation || (!cmd_in_group(ctx) && !ctx->replied);

	if (!ctx->member)
		return held_free_text(ctx);
	if (!ctx->u->text || !*ctx->u->text || !(may_go_on || ctx->replied))
		return CMD_PASS;
	if (!cmd_in_group(ctx) && !ctx->replied && luu_is_talk(ctx->u->text))
		return CMD_PASS;
	share_draft_read(ctx->u->text, false, &d);
	if (!d.has_labels || ctx->u->is_continuation) {
		enum cmd_status status = may_go_on ? add_part(ctx, &d) : CMD_PASS;

		return status == CMD_PASS && !cmd_in_group(ctx) && !ctx->replied ? remind_returned(ctx) : status;
	}
	if (share_refuses(ctx, ctx->u->text))
		return CMD_DONE;
	if (ctx->replied)
		return change_apply(ctx, ctx->replied, &d, ctx->u, CHANGE_ADDED);
	return add_text(ctx, &d);
}

enum cmd_status share_attachment(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) items = NULL;
	bool is_file = false;

	if (!ctx->u->attachments->len || (ctx->u->text && *ctx->u->text))
		return CMD_PASS;
	for (guint n = 0; n < ctx->u->attachments->len; n++)
		is_file |= share_is_file(g_ptr_array_index(ctx->u->attachments, n));
	if (is_file && ctx->member && ctx->replied)
		return change_attach(ctx, ctx->replied, ctx->u);
	if (is_file && ctx->member) {
		items = store_item_open_of(ctx->db, ctx->member->id, ctx->now_ms - config_int(ctx->config, "bot", "window"),
					   &ctx->error);
		if (!items)
			return CMD_BROKEN;
	}
	if (items && items->len == 1)
		return change_attach(ctx, g_ptr_array_index(items, 0), ctx->u);
	if (items && items->len > 1)
		return change_ask_which(ctx, items, NULL);
	/* Files stay in the window and join the text that comes within it. In a group nobody asked. */
	return cmd_in_group(ctx) ? CMD_DONE : cmd_say(ctx, MSG_ONLY_READS_TEXT, NULL);
}

/* --- Edits --- */

/* What an edited source message says now. False: nothing that would replace anything. */
static bool read_edit(struct cmd_ctx *ctx, const struct item *i, struct share_draft *d)
{
	struct reading r = { 0 };

	reader_read(command_table, ctx->u->text, !cmd_in_group(ctx), true, false, &r);
	if (r.kind == READING_COMMAND && r.command == &cmd_chiase) {
		share_draft_read(r.args, true, d);
	} else {
		/* Captured by /luu: without labels it is the content; with labels only these are sure. */
		share_draft_read(ctx->u->text, false, d);
		if (!d->has_labels && r.kind != READING_COMMAND && *i->body)
			share_draft_set_body(d, d->addition);
		g_free(d->addition);
		d->addition = g_strdup("");
	}
	reading_clear(&r);
	return !share_draft_is_empty(d);
}

/* An edited /bosung corrects its labelled lines; unlabelled text was added already and is not added twice. */
static enum cmd_status edit_addition(struct cmd_ctx *ctx)
{
	struct reading r = { 0 };
	g_auto(share_draft_t) d = { 0 };
	g_autoptr(item_t) i = NULL;
	enum item_kind kind;
	const char *prefix, *rest;
	int64_t number;
	bool is_addition;

	reader_read(command_table, ctx->u->text, !cmd_in_group(ctx), true, false, &r);
	is_addition = r.kind == READING_COMMAND && r.command == &cmd_bosung &&
		      reader_id(r.args, cmd_bosung.implied, &prefix, &number, &rest);
	if (is_addition)
		share_draft_read(rest, false, &d);
	reading_clear(&r);
	if (!is_addition || !d.has_labels)
		return CMD_PASS;
	for (kind = 0; kind < ITEM_KINDS && strcmp(item_kind_prefix(kind), prefix) != 0; kind++)
		;
	if (kind == ITEM_KINDS)
		return CMD_PASS;
	if (store_item_get(ctx->db, kind, number, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i || !item_editable_by(i, ctx->member))
		return CMD_DONE;
	g_free(d.addition);
	d.addition = g_strdup("");
	return change_apply(ctx, i, &d, NULL, CHANGE_ADDED);
}

enum cmd_status share_edited(struct cmd_ctx *ctx)
{
	g_autoptr(item_t) i = NULL;
	g_auto(share_draft_t) d = { 0 };

	if (!ctx->member || !ctx->chat || !ctx->u->message_id || !ctx->u->text)
		return CMD_PASS;
	if (store_item_of_message(ctx->db, ctx->chat->id, ctx->u->message_id, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i)
		return edit_addition(ctx);
	/* Closed items (rejected, withdrawn, merged) and other people's are left as they are, without a word. */
	if (!item_editable_by(i, ctx->member) || (!itemref_is_open(i) && i->status != ITEM_APPROVED))
		return CMD_DONE;
	if (share_refuses(ctx, ctx->u->text) || !read_edit(ctx, i, &d))
		return CMD_DONE;
	return change_apply(ctx, i, &d, NULL, CHANGE_EDITED);
}

/* --- Recalls --- */

enum cmd_status share_recalled(struct cmd_ctx *ctx)
{
	g_autoptr(item_t) i = NULL;
	g_autofree char *id = NULL;

	if (!ctx->chat || !ctx->u->message_id)
		return CMD_PASS;
	if (store_item_of_message(ctx->db, ctx->chat->id, ctx->u->message_id, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i)
		return CMD_PASS;
	id = itemref_id(i);
	if (i->status == ITEM_APPROVED) {
		cmd_tell_moderators(ctx, MSG_RECALLED_APPROVED, "id", id, "title", i->title, NULL);
		return CMD_DONE;
	}
	if (!itemref_is_open(i))
		return CMD_DONE;
	return decide_recalled(ctx, i);
}
