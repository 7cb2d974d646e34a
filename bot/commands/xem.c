/* SPDX-License-Identifier: MIT */
/* /xem: the card and, page by page, the whole text. */
#include "xem.h"

#include <string.h>

#include "base/text.h"
#include "bot/split.h"
#include "itemref.h"
#include "receipt.h"

/* A labelled line on the card is cut here; the whole of it stands on the later pages. */
#define XEM_LABEL_CHARS 220

static void add_line(struct cmd_ctx *ctx, GString *s, enum msg id, const char *place, const char *value)
{
	g_autofree char *line = NULL;

	if (!value || !*value)
		return;
	line = cmd_text(ctx, id, place, value, NULL);
	g_string_append_printf(s, "\n%s", line);
}

static bool is_shown(const struct cmd_ctx *ctx, const struct item *i, const struct item_field *f)
{
	/* What was folded in from another item has passed no moderator: for those who may change the item. */
	if (!strcmp(f->key, ITEM_KEY_CONTRIBUTION))
		return item_editable_by(i, ctx->member);
	return ctx->member || strcmp(f->key, ITEM_KEY_CONTACT);
}

/* Everything there is to read, as one text: pages are cut from it. */
static char *whole_text(const struct cmd_ctx *ctx, const struct item *i)
{
	GString *s = g_string_new(i->body ? i->body : "");

	for (guint n = 0; n < i->fields->len; n++) {
		const struct item_field *f = i->fields->pdata[n];
		const char *label = strcmp(f->key, ITEM_KEY_CONTRIBUTION) ? reader_label_name(f->key) : wording_raw(MSG_XEM_CONTRIBUTION);
		g_autofree char *title = text_capitalize(label ? label : f->key);

		if (is_shown(ctx, i, f))
			g_string_append_printf(s, "%s%s: %s", s->len ? "\n" : "", title, f->value);
	}
	return g_string_free(s, FALSE);
}

static void card_head(struct cmd_ctx *ctx, const struct item *i, GString *s, const char *id)
{
	const struct field *f = i->field ? registry_field(ctx->registry, i->field) : NULL;
	const char *unit = itemref_unit(ctx, i);
	g_autofree char *head = cmd_text(ctx, MSG_XEM_HEAD, "id", id, "title", i->title, NULL);
	g_autofree char *adopted = i->n_adopted ? g_strdup_printf("%" G_GINT64_FORMAT, i->n_adopted) : NULL;

	g_string_append(s, head);
	cmd_bold(ctx, 0, s->len);
	if (i->status != ITEM_APPROVED)
		add_line(ctx, s, MSG_XEM_STATE, "state", itemref_state(i));
	add_line(ctx, s, MSG_XEM_UNIT, "unit", unit ? unit : i->unit_text);
	add_line(ctx, s, MSG_XEM_FIELD, "field", f ? f->name : NULL);
	add_line(ctx, s, MSG_XEM_TYPE, "type", i->type);
	add_line(ctx, s, MSG_XEM_DATE, "date", i->date);
	add_line(ctx, s, MSG_XEM_SPREAD, "n", adopted);
}

static void send_files(struct cmd_ctx *ctx, const struct item *i)
{
	for (guint n = 0; n < i->attachments->len; n++)
		cmd_file(ctx, i->attachments->pdata[n], i->attachment_adapters->pdata[n]);
}

enum cmd_status xem_show(struct cmd_ctx *ctx, const struct item *i, unsigned page)
{
	g_autofree char *id = itemref_id(i), *text = whole_text(ctx, i);
	g_autofree char *n_pages = NULL, *next = g_strdup_printf("%u", page + 1), *n_files = g_strdup_printf("%u", i->attachments->len);
	g_autoptr(GString) s = g_string_new(NULL);
	g_autoptr(GArray) pages = NULL;
	const struct post_part *part;

	if (!split_text(text, NULL, 0, XEM_PAGE_CHARS, TEXT_CODE_POINTS, &pages, &ctx->error))
		return cmd_broken(ctx, NULL);
	n_pages = g_strdup_printf("%u", pages->len);
	if (!page || page > pages->len)
		return cmd_say(ctx, MSG_XEM_PAGE_NONE, "id", id, "n", n_pages, NULL);
	cmd_about(ctx, i->id);
	part = &g_array_index(pages, struct post_part, page - 1);
	if (page == 1)
		card_head(ctx, i, s, id);
	g_string_append_printf(s, "%s%.*s", s->len ? "\n\n" : "", (int)part->len, text + part->start);
	if (page == pages->len)
		add_line(ctx, s, MSG_XEM_SOURCE, "source", i->source);
	if (page == 1 && i->attachments->len)
		add_line(ctx, s, MSG_XEM_FILES, "n", n_files);
	cmd_say_text(ctx, s->str);
	if (page < pages->len)
		cmd_say(ctx, MSG_XEM_NEXT, "id", id, "page", next, NULL);
	if (page == 1)
		send_files(ctx, i);
	return cmd_line_if_closed(ctx, MSG_XEM_LINE, "id", id, "title", i->title, NULL);
}

static enum cmd_status show_rest(struct cmd_ctx *ctx, const struct item *i, const char *rest)
{
	g_autofree char *word = g_strstrip(g_strdup(rest));
	unsigned page = *word ? (unsigned)g_ascii_strtoull(word, NULL, 10) : 1;

	if (*word && strspn(word, "0123456789") != strlen(word))
		page = 1; /* "x13 đi ạ" means the item, not a page */
	return xem_show(ctx, i, page);
}

enum cmd_status xem_show_id(struct cmd_ctx *ctx, const char *id)
{
	g_autoptr(item_t) i = NULL;
	const char *rest;

	switch (itemref_find(ctx, id, &i, &rest)) {
	case ITEMREF_BROKEN:
		return CMD_BROKEN;
	case ITEMREF_FOUND:
		return show_rest(ctx, i, rest);
	case ITEMREF_NONE:
		return CMD_USAGE;
	case ITEMREF_TOLD:
		break;
	}
	return CMD_DONE;
}

/* TB7: what was announced, and for moderators who has received it. */
static bool is_announcement(const char *args, int64_t *ret_number)
{
	const char *prefix, *rest;

	return reader_id(args, NULL, &prefix, ret_number, &rest) && !strcmp(prefix, "TB");
}

static enum cmd_status xem_run(struct cmd_ctx *ctx)
{
	int64_t number;

	if (is_announcement(ctx->reading->kind == READING_ID ? ctx->u->text : ctx->reading->args, &number))
		return receipt_show(ctx, number);
	return xem_show_id(ctx, ctx->reading->kind == READING_ID ? ctx->u->text : ctx->reading->args);
}

const struct command cmd_xem = {
	.name = "xem",
	.brief = "x",
	.words = "mo chitiet doc",
	.implied = "SK",
	.min_role = ROLE_NONE,
	.flags = CMD_READS | CMD_MENU,
	.summary = MSG_XEM_SUMMARY,
	.syntax = MSG_XEM_SYNTAX,
	.example = MSG_XEM_EXAMPLE,
	.run = xem_run,
};
