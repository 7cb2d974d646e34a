/* SPDX-License-Identifier: MIT */
/* /luu: makes an item of a message that is there already: the replied one, the sender's last ones, or pasted text. A colleague's
 * message becomes a draft, and its author is asked; `/luu SK15` is his (or a moderator's) yes. Who wrote a paste is read from its
 * header lines (bot/import_text.h), and then the same rules hold as for a reply. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/import_text.h"
#include "itemref.h"
#include "luu.h"
#include "share.h"

/* Namesakes beyond these are as good as many. */
#define NAMESAKES_MAX 5
/* Of the people of a paste, in an answer. */
#define SENDERS_SHOWN 3

/* Reads the captured text; a title that nobody typed is its first line, shown as a guess. */
static void read_captured(const char *text, const char *title, struct share_draft *d)
{
	g_autofree char *line = NULL;

	share_draft_read(text, !*title, d);
	if (*title) {
		g_free(d->title);
		d->title = text_ellipsize(title, SHARE_TITLE_MAX);
	} else if (!*d->title || !*d->body) {
		/* One line, or a long first one: it is the content, its beginning names it. */
		line = g_strndup(text, strcspn(text, "\n"));
		g_free(d->title);
		d->title = text_ellipsize(g_strstrip(line), SHARE_GUESSED_TITLE_MAX);
		d->is_title_guessed = true;
	}
	if (!*d->body)
		share_draft_set_body(d, *d->addition ? d->addition : text);
}

static enum cmd_status save_own(struct cmd_ctx *ctx, const char *text, const char *title, const char *message_id)
{
	const struct share_source from = { .u = ctx->u, .chat_id = ctx->chat ? ctx->chat->id : 0, .message_id = message_id };
	g_auto(share_draft_t) d = { 0 };

	if (share_refuses(ctx, text))
		return CMD_DONE;
	read_captured(text, title, &d);
	return share_new(ctx, &from, &d);
}

/* In a group the draft is worth one line, elsewhere a sentence. */
static enum cmd_status say_drafted(struct cmd_ctx *ctx, const char *id, const char *name, bool is_asked)
{
	enum msg msg = is_asked ? MSG_LUU_FROM_OTHER : MSG_LUU_FROM_OTHER_CLOSED;

	if (cmd_in_group(ctx))
		return cmd_line(ctx, id, msg, "id", id, "name", name, NULL);
	return cmd_say(ctx, msg, "id", id, "name", name, NULL);
}

/* Somebody else's message. */
struct capture {
	const char *text, *title;
	const char *name;            /* of its author */
	const struct member *author; /* NULL: not registered */
	const char *message_id;      /* in this chat, or NULL: a paste */
};

/* A paste says where it comes from, and who wrote it where the member's row cannot. */
static void note_origin(struct cmd_ctx *ctx, const struct capture *c, struct share_draft *d)
{
	const struct unit *u;

	if (c->message_id)
		return;
	d->source = g_strdup(wording_raw(MSG_LUU_SOURCE));
	if (c->author)
		return;
	share_draft_add_field(d, "tacgia", c->name);
	u = d->unit ? NULL : import_text_unit(ctx->registry, c->text);
	d->unit = u ? g_strdup(u->name) : d->unit;
	d->is_unit_guessed = u != NULL;
}

/* CMD_PASS: it is not there yet. */
static enum cmd_status captured_before(struct cmd_ctx *ctx, const struct capture *c, const struct share_draft *d)
{
	g_autoptr(item_t) same = NULL;
	g_autofree char *id = NULL;

	if (!c->author)
		return CMD_PASS;
	if (store_item_same(ctx->db, c->author->id, d->title, d->body, ctx->now_ms, &same, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!same)
		return CMD_PASS;
	id = itemref_id(same);
	return cmd_say(ctx, MSG_LUU_ALREADY, "id", id, NULL);
}

static enum cmd_status tell_captured(struct cmd_ctx *ctx, const struct capture *c, const struct share_draft *d, const struct item *i)
{
	g_autofree char *id = itemref_id(i);
	bool is_asked = c->author && cmd_tell(ctx, c->author->id, MSG_LUU_ASK_AUTHOR, "name", itemref_actor(ctx), "id", id, "title", i->title, NULL);

	cmd_tell_moderators(ctx, MSG_LUU_TO_MODERATORS, "name", itemref_actor(ctx), "id", id, "title", i->title, "author", c->name, NULL);
	if (item_editable_by(i, ctx->member))
		share_draft_say_unclear(ctx, d, i);
	return say_drafted(ctx, id, c->name, is_asked);
}

static enum cmd_status save_colleagues(struct cmd_ctx *ctx, const struct capture *c)
{
	/* No files: those of this message are the capturer's, not the author's. */
	g_autoptr(update_t) bare = update_new(UPDATE_MESSAGE);
	const struct share_source from = { .u = bare, .chat_id = ctx->chat ? ctx->chat->id : 0, .message_id = c->message_id };
	g_autoptr(item_t) i = NULL;
	g_auto(share_draft_t) d = { 0 };
	enum cmd_status before;

	if (share_refuses(ctx, c->text))
		return CMD_DONE;
	/* Nothing of a person who has not agreed is kept at another's wish; the moderators answer for what they keep. */
	if (!c->author && cmd_role(ctx) < ROLE_MODERATOR) {
		cmd_line_if_closed(ctx, MSG_LUU_NOT_REGISTERED_LINE, NULL);
		return cmd_say(ctx, MSG_LUU_NOT_REGISTERED, "name", c->name, NULL);
	}
	read_captured(c->text, c->title, &d);
	note_origin(ctx, c, &d);
	before = captured_before(ctx, c, &d);
	if (before != CMD_PASS)
		return before;
	if (share_store(ctx, &from, &d, c->author, false, &i) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	return tell_captured(ctx, c, &d, i);
}

/* --- Pasted text --- */

/* The one member of exactly this name; NULL: none, or several. False = broken, ctx->error set. */
static bool member_named(struct cmd_ctx *ctx, const char *name, struct member **ret)
{
	g_autoptr(GPtrArray) found = store_member_find(ctx->db, name, NAMESAKES_MAX, &ctx->error);
	g_autofree char *want = text_fold(name);
	int64_t id = 0;
	unsigned n = 0;

	for (guint i = 0; found && i < found->len; i++) {
		const struct member *m = found->pdata[i];
		g_autofree char *have = text_fold(m->name);

		if (strcmp(want, have) == 0) {
			id = m->id;
			n++;
		}
	}
	if (!found)
		return false;
	return n != 1 || store_member_get(ctx->db, id, ret, &ctx->error) == STORE_OK;
}

static bool is_own_name(const struct cmd_ctx *ctx, const char *name)
{
	g_autofree char *a = text_fold(name), *b = text_fold(ctx->member->name);

	return strcmp(a, b) == 0;
}

/* Nobody's words may be stored as another's. */
static enum cmd_status refuse_many(struct cmd_ctx *ctx, const GPtrArray *messages)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL;

	for (guint i = 0; i < messages->len && names->len < SENDERS_SHOWN; i++) {
		char *sender = ((const struct import_message *)messages->pdata[i])->sender;

		if (!g_ptr_array_find_with_equal_func(names, sender, g_str_equal, NULL))
			g_ptr_array_add(names, sender);
	}
	g_ptr_array_add(names, NULL);
	list = wording_list((char **)names->pdata);
	return cmd_say(ctx, MSG_LUU_MANY, "names", list, NULL);
}

static enum cmd_status save_paste(struct cmd_ctx *ctx, const char *text, const char *title, const char *message_id)
{
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) messages = import_text_split(text, &strays);
	const char *sender = import_text_sender(messages);
	g_autofree char *body = import_text_joined(messages);
	g_autoptr(member_t) author = NULL;

	if (!messages->len || strays->len)
		return save_own(ctx, text, title, message_id);
	if (!sender)
		return refuse_many(ctx, messages);
	if (!*body)
		return cmd_say(ctx, MSG_LUU_NEEDS_REPLY, NULL);
	if (is_own_name(ctx, sender))
		return save_own(ctx, body, title, message_id);
	if (!member_named(ctx, sender, &author))
		return cmd_broken(ctx, NULL);
	return save_colleagues(ctx, &(struct capture){ .text = body, .title = title, .name = sender, .author = author });
}

bool luu_is_talk(const char *text)
{
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) messages = import_text_split(text, &strays);

	return messages->len && !strays->len;
}

enum cmd_status luu_offer_new(struct cmd_ctx *ctx, const GPtrArray *items)
{
	g_autofree char *minutes = g_strdup_printf("%d", (int)(config_int(ctx->config, "bot", "window") / MINUTE_MS));
	g_autofree char *id = items->len ? itemref_id(items->pdata[0]) : NULL;

	if (!id)
		return cmd_say(ctx, MSG_LUU_OFFER_ITEM, "minutes", minutes, NULL);
	return cmd_say(ctx, items->len == 1 ? MSG_LUU_OFFER_BESIDE : MSG_LUU_OFFER_BESIDE_MANY, "minutes", minutes, "id", id, NULL);
}

bool luu_offer(struct cmd_ctx *ctx)
{
	g_autofree char *minutes = g_strdup_printf("%d", (int)(config_int(ctx->config, "bot", "window") / MINUTE_MS));

	if (cmd_in_group(ctx) || !ctx->member || !ctx->u->text || !share_is_paste(ctx->u->text))
		return false;
	cmd_say(ctx, MSG_LUU_OFFER, "minutes", minutes, NULL);
	return true;
}

static enum cmd_status say_needs(struct cmd_ctx *ctx)
{
	g_autofree char *minutes = g_strdup_printf("%d", (int)(config_int(ctx->config, "bot", "window") / MINUTE_MS));

	if (cmd_in_group(ctx))
		return cmd_say(ctx, MSG_LUU_NEEDS_REPLY, NULL);
	cmd_ask(ctx, "paste", NULL);
	return cmd_say(ctx, MSG_LUU_NEEDS_PASTE, "minutes", minutes, NULL);
}

/* What is pasted after a bare /luu. A short word, a line for an open item or a text of another day is none of that. */
static enum cmd_status answer_paste(struct cmd_ctx *ctx)
{
	const char *text = ctx->u->text;
	g_auto(share_draft_t) d = { 0 };

	if (ctx->now_ms - ctx->pending->asked_ms > config_int(ctx->config, "bot", "window")) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	if (!ctx->member || !text || !share_is_paste(text))
		return CMD_PASS;
	share_draft_read(text, false, &d);
	if (d.has_labels && !d.starts_unlabelled && !*d.title)
		return CMD_PASS;
	cmd_asked_done(ctx);
	return save_paste(ctx, text, "", ctx->u->message_id);
}

static enum cmd_status confirm(struct cmd_ctx *ctx, struct item *i)
{
	g_autofree char *id = itemref_id(i);
	g_autoptr(item_t) now = NULL;

	if (i->status != ITEM_DRAFT)
		return cmd_say(ctx, MSG_LUU_NOT_DRAFT, "id", id, "state", itemref_state(i->status), NULL);
	if (i->author_id != ctx->member->id && ctx->member->role < ROLE_MODERATOR)
		return cmd_say(ctx, MSG_LUU_NOT_YOURS, "id", id, NULL);
	if (!*i->title)
		return share_ask_title(ctx, i, MSG_ASK_TITLE);
	if (!*i->body)
		return share_ask_content(ctx, i);
	if (store_item_save(ctx->db, i, true, ctx->member, ctx->now_ms, &ctx->error) != STORE_OK ||
	    store_item_by_row(ctx->db, i->id, &now, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	cmd_say(ctx, MSG_LUU_CONFIRMED, "id", id, NULL);
	return share_submitted(ctx, now, NULL);
}

static enum cmd_status of_reply(struct cmd_ctx *ctx, const char *title)
{
	const struct update *u = ctx->u;
	g_autoptr(member_t) author = NULL;
	struct capture c = { .text = u->reply_text, .title = title, .message_id = u->reply_to_id };

	if (ctx->replied) {
		g_autofree char *id = itemref_id(ctx->replied);

		return cmd_say(ctx, MSG_LUU_ALREADY, "id", id, NULL);
	}
	if (!u->reply_text || !*u->reply_text)
		return cmd_say(ctx, MSG_WINDOW_EMPTY, NULL);
	if (u->replies_to_bot)
		return cmd_say(ctx, MSG_LUU_NEEDS_REPLY, NULL);
	if (u->reply_user_id && u->user_id && strcmp(u->reply_user_id, u->user_id) == 0)
		return save_own(ctx, u->reply_text, title, u->reply_to_id);
	if (u->reply_user_id && store_member_of_user(ctx->db, u->adapter, u->reply_user_id, &author, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	c.author = author;
	c.name = u->reply_user_name && *u->reply_user_name ? u->reply_user_name : wording_raw(MSG_SYSTEM_NAME);
	return save_colleagues(ctx, &c);
}

static enum cmd_status run(struct cmd_ctx *ctx)
{
	const char *args = ctx->reading->args;
	g_autofree char *before = share_window_text(ctx->u);
	const char *prefix, *rest;
	int64_t number;

	if (!ctx->u->reply_to_id && reader_id(args, ctx->command->implied, &prefix, &number, &rest) && !*rest) {
		g_autoptr(item_t) i = NULL;

		switch (itemref_find(ctx, args, &i, &rest)) {
		case ITEMREF_FOUND:
			return confirm(ctx, i);
		case ITEMREF_NONE:
			return CMD_USAGE;
		case ITEMREF_TOLD:
			return CMD_DONE;
		case ITEMREF_BROKEN:
			return CMD_BROKEN;
		}
	}
	if (ctx->u->reply_to_id)
		return of_reply(ctx, args);
	/* Pasted after the command, or before it: several lines, or more than a title would be. In a group it is his own talk. */
	if (!cmd_in_group(ctx) && share_is_paste(args))
		return save_paste(ctx, args, "", ctx->u->message_id);
	if (*before && cmd_in_group(ctx))
		return save_own(ctx, before, args, NULL);
	return *before ? save_paste(ctx, before, args, NULL) : say_needs(ctx);
}

const struct command cmd_luu = {
	.name = "luu",
	.words = "ghinhan luulai",
	.implied = "SK",
	.min_role = ROLE_MEMBER,
	.flags = CMD_COLLECTS | CMD_PASTES,
	.summary = MSG_LUU_SUMMARY,
	.syntax = MSG_LUU_SYNTAX,
	.example = MSG_LUU_EXAMPLE,
	.run = run,
	.answer = answer_paste,
};
