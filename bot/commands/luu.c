/* SPDX-License-Identifier: MIT */
/* /luu: makes an item of a message that is there already: the replied one, the sender's last ones, or pasted text. A colleague's
 * message becomes a draft, and its author is asked; `/luu SK15` is his (or a moderator's) yes. */
#include <string.h>

#include "base/text.h"
#include "itemref.h"
#include "share.h"

/* A title taken from running text: a line on a phone. */
#define GUESSED_TITLE_MAX 80

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
		d->title = text_ellipsize(g_strstrip(line), GUESSED_TITLE_MAX);
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

static enum cmd_status save_colleagues(struct cmd_ctx *ctx, const char *title)
{
	const struct update *u = ctx->u;
	/* No files: those of this message are the capturer's, not the author's. */
	g_autoptr(update_t) bare = update_new(UPDATE_MESSAGE);
	const struct share_source from = { .u = bare, .chat_id = ctx->chat ? ctx->chat->id : 0, .message_id = u->reply_to_id };
	const char *name = u->reply_user_name && *u->reply_user_name ? u->reply_user_name : wording_raw(MSG_SYSTEM_NAME);
	g_autoptr(member_t) author = NULL;
	g_autoptr(item_t) i = NULL;
	g_auto(share_draft_t) d = { 0 };
	g_autofree char *id = NULL;
	bool is_asked;

	if (share_refuses(ctx, u->reply_text))
		return CMD_DONE;
	if (u->reply_user_id && store_member_of_user(ctx->db, u->adapter, u->reply_user_id, &author, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	/* Nothing of a person who has not agreed is kept at another's wish; the moderators answer for what they keep. */
	if (!author && cmd_role(ctx) < ROLE_MODERATOR) {
		cmd_line_if_closed(ctx, MSG_LUU_NOT_REGISTERED_LINE, NULL);
		return cmd_say(ctx, MSG_LUU_NOT_REGISTERED, "name", name, NULL);
	}
	read_captured(u->reply_text, title, &d);
	if (share_store(ctx, &from, &d, author, false, &i) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	id = itemref_id(i);
	is_asked = author &&
		   cmd_tell(ctx, author->id, MSG_LUU_ASK_AUTHOR, "name", itemref_actor(ctx), "id", id, "title", i->title, NULL);
	cmd_tell_moderators(ctx, MSG_LUU_TO_MODERATORS, "name", itemref_actor(ctx), "id", id, "title", i->title, "author", name,
			    NULL);
	if (item_editable_by(i, ctx->member))
		share_draft_say_unclear(ctx, &d, i);
	return say_drafted(ctx, id, name, is_asked);
}

static enum cmd_status confirm(struct cmd_ctx *ctx, struct item *i)
{
	g_autofree char *id = itemref_id(i);
	g_autoptr(item_t) now = NULL;

	if (i->status != ITEM_DRAFT)
		return cmd_say(ctx, MSG_LUU_NOT_DRAFT, "id", id, "state", itemref_state(i), NULL);
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
	return save_colleagues(ctx, title);
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
	if (*before)
		return save_own(ctx, before, args, NULL);
	/* Pasted text in private chat: several lines, or more than a title would be. */
	if (!cmd_in_group(ctx) && (strchr(args, '\n') || text_len(args, TEXT_CODE_POINTS) > GUESSED_TITLE_MAX))
		return save_own(ctx, args, "", ctx->u->message_id);
	return cmd_say(ctx, MSG_LUU_NEEDS_REPLY, NULL);
}

const struct command cmd_luu = {
	.name = "luu",
	.words = "ghinhan luulai",
	.implied = "SK",
	.min_role = ROLE_MEMBER,
	.flags = CMD_COLLECTS,
	.summary = MSG_LUU_SUMMARY,
	.syntax = MSG_LUU_SYNTAX,
	.example = MSG_LUU_EXAMPLE,
	.run = run,
	.answer = NULL,
};
