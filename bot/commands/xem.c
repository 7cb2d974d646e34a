/* SPDX-License-Identifier: MIT */
/* /xem: the card and, page by page, the whole text. */
#include "xem.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/split.h"
#include "contribution.h"
#include "itemref.h"
#include "receipt.h"

/* A labelled line on the card is cut here; the whole of it stands on the later pages. */
#define XEM_LABEL_CHARS 220
/* Numbers below are never offered instead of another. */
#define NEAR_MIN 10

static void add_line(struct cmd_ctx *ctx, GString *s, enum msg id, const char *place, const char *value)
{
	g_autofree char *line = NULL;

	if (!value || !*value)
		return;
	line = cmd_text(ctx, id, place, value, NULL);
	g_string_append_printf(s, "\n%s", line);
}

static bool is_shown(const struct cmd_ctx *ctx, const struct item_field *f)
{
	return ctx->member || strcmp(f->key, ITEM_KEY_CONTACT);
}

/* Everything there is to read, as one text: pages are cut from it. */
static char *whole_text(const struct cmd_ctx *ctx, const struct item *i)
{
	GString *s = g_string_new(i->body ? i->body : "");

	for (guint n = 0; n < i->fields->len; n++) {
		const struct item_field *f = i->fields->pdata[n];
		const char *label = reader_label_name(f->key);
		g_autofree char *title = text_capitalize(label ? label : f->key);

		if (is_shown(ctx, f))
			g_string_append_printf(s, "%s%s: %s", s->len ? "\n" : "", title, f->value);
	}
	return g_string_free(s, FALSE);
}

static void card_head(struct cmd_ctx *ctx, const struct item *i, GString *s, const char *id)
{
	const struct field *f = i->field ? registry_field(ctx->registry, i->field) : NULL;
	const char *unit = itemref_unit(ctx, i);
	g_autofree char *head = cmd_text(ctx, MSG_XEM_HEAD, "id", id, "title", i->title, NULL);
	g_autofree char *other = contribution_target(ctx, i);
	g_autofree char *adopted = i->n_adopted ? g_strdup_printf("%" G_GINT64_FORMAT, i->n_adopted) : NULL;

	g_string_append(s, head);
	cmd_bold(ctx, 0, s->len);
	if (i->status != ITEM_APPROVED)
		add_line(ctx, s, MSG_XEM_STATE, "state", itemref_state(i->status));
	add_line(ctx, s, MSG_XEM_FOLD, "other", other);
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
	g_autofree char *more = g_strdup_printf("{\"args\":\"%s %s\"}", id, next);
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
	if (pages->len > 1)
		cmd_more(ctx, &cmd_xem, more);
	if (i->status == ITEM_MERGED)
		itemref_say_state(ctx, i);
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

/* The item of this number, if there is one that the person may see; NULL also where the database broke (the next statement says so). */
static struct item *visible(struct cmd_ctx *ctx, enum item_kind kind, int64_t number)
{
	g_autoptr(item_t) i = NULL;

	if (number < NEAR_MIN || store_item_get(ctx->db, kind, number, &i, NULL) != STORE_OK || !item_visible_to(i, ctx->member))
		return NULL;
	return g_steal_pointer(&i);
}

/* What a thumb makes of a number: two digits swapped ("31"), or one too many ("130", "113"). Below ten every number is near every other:
 * nothing is offered. */
static struct item *near_number(struct cmd_ctx *ctx, enum item_kind kind, int64_t number)
{
	struct item *i = NULL;

	for (int64_t ten = 1; !i && ten * 10 <= number; ten *= 10) {
		int64_t low = number / ten % 10, high = number / (ten * 10) % 10;

		i = visible(ctx, kind, number + (low - high) * ten * 9);
	}
	for (int64_t ten = 1; !i && ten <= number; ten *= 10)
		i = visible(ctx, kind, number / (ten * 10) * ten + number % ten);
	return i;
}

/* True: there is no such item, and the person was told, with the one that was probably meant. */
static bool told_missing(struct cmd_ctx *ctx, const char *args)
{
	const char *prefix, *rest;
	g_autoptr(item_t) there = NULL, near = NULL;
	g_autofree char *id = NULL, *near_id = NULL, *data = NULL;
	enum item_kind kind = 0;
	int64_t number;

	if (!reader_id(args, cmd_xem.implied, &prefix, &number, &rest))
		return false;
	while (kind < ITEM_KINDS && strcmp(item_kind_prefix(kind), prefix))
		kind++;
	id = g_strdup_printf("%s%" G_GINT64_FORMAT, prefix, number);
	if (kind == ITEM_KINDS) {
		cmd_say(ctx, MSG_XEM_KIND_NONE, "id", id, NULL);
		return true;
	}
	if (store_item_get(ctx->db, kind, number, &there, NULL) != STORE_NOT_FOUND || !(near = near_number(ctx, kind, number)))
		return false;
	near_id = itemref_id(near);
	data = g_strdup_printf("{\"id\":\"%s\"}", near_id);
	cmd_ask_for(ctx, &cmd_xem, "near", data);
	cmd_say(ctx, MSG_XEM_NEAR, "id", id, "near", near_id, NULL);
	return true;
}

static enum cmd_status without_number(struct cmd_ctx *ctx, const char *typed)
{
	g_autofree char *words = g_strstrip(text_ellipsize(typed, 60));

	g_strdelimit(words, "\n", ' ');
	return *words ? cmd_say(ctx, MSG_XEM_WORDS, "words", words, NULL) : CMD_USAGE;
}

/* "13, 12": two items and no page. */
static bool is_list(const char *args)
{
	const char *prefix, *rest;
	int64_t number;

	return reader_id(args, cmd_xem.implied, &prefix, &number, &rest) && reader_id_next(rest, cmd_xem.implied);
}

enum cmd_status xem_show_id(struct cmd_ctx *ctx, const char *id)
{
	g_autoptr(item_t) i = NULL;
	const char *rest;

	if (told_missing(ctx, id))
		return CMD_DONE;
	switch (itemref_find(ctx, id, &i, &rest)) {
	case ITEMREF_BROKEN:
		return CMD_BROKEN;
	case ITEMREF_FOUND:
		return show_rest(ctx, i, is_list(id) ? "" : rest);
	case ITEMREF_NONE:
		return without_number(ctx, rest);
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

/* "SK13, SK12 và SK9": one after the other, each is a screen or more. */
static void say_others(struct cmd_ctx *ctx, const char *args)
{
	g_autoptr(GString) ids = g_string_new(NULL);
	const char *id = args, *prefix, *rest;
	int64_t number;

	while (id && ids->len < CMD_LINE_MAX && reader_id(id, cmd_xem.implied, &prefix, &number, &rest)) {
		if (id != args)
			g_string_append_printf(ids, "%s%s%" G_GINT64_FORMAT, ids->len ? ", " : "", prefix, number);
		id = reader_id_next(rest, cmd_xem.implied);
	}
	if (ids->len)
		cmd_say(ctx, MSG_XEM_NEXT_ID, "ids", ids->str, NULL);
}

enum cmd_status xem_show_typed(struct cmd_ctx *ctx, const char *id)
{
	int64_t number;
	enum cmd_status status = is_announcement(id, &number) ? receipt_show(ctx, number) : xem_show_id(ctx, id);

	if (status == CMD_DONE)
		say_others(ctx, id);
	return status;
}

static enum cmd_status xem_run(struct cmd_ctx *ctx)
{
	return xem_show_typed(ctx, ctx->reading->kind == READING_ID ? ctx->u->text : ctx->reading->args);
}

/* data: {"args": "SK13 2"}, as typed behind /xem. */
static enum cmd_status xem_more(struct cmd_ctx *ctx, const char *data)
{
	g_autoptr(cJSON) page = json_parse(data, strlen(data), NULL);
	const char *args;

	return page && json_str(page, "args", &args) ? xem_show_id(ctx, args) : CMD_PASS;
}

/* "Không có SK130. Đồng chí muốn xem SK13?" */
static enum cmd_status xem_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const char *id;

	if (!data || !json_str(data, "id", &id))
		return CMD_PASS;
	switch (reader_yes_no(ctx->u->text)) {
	case ANSWER_YES:
		cmd_asked_done(ctx);
		return xem_show_id(ctx, id);
	case ANSWER_NO:
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_XEM_NEAR_NO, NULL);
	case ANSWER_OTHER:
		break;
	}
	if (reader_choice(ctx->u->text, 1) != 1)
		return CMD_PASS;
	cmd_asked_done(ctx);
	return xem_show_id(ctx, id);
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
	.answer = xem_answer,
	.more = xem_more,
};
