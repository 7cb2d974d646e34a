/* SPDX-License-Identifier: MIT */
/* What happens on a platform without being a message: the bot is let in or put out, a chat gets a new id, people come and go. */
#include "turn.h"

#include "base/log.h"
#include "store/audit.h"

static bool on_open(const struct turn *t, struct cmd_ctx *ctx, GError **error)
{
	if (!store_chat_park(ctx->db, ctx->chat->id, NULL, error))
		return false;
	/* A group hears one line when the bot comes in, not when its rights change; a private chat is greeted by /h when its owner presses
	 * Start. */
	if (cmd_in_group(ctx) && t->was_shut)
		cmd_line(ctx, NULL, MSG_GREETING_GROUP, NULL);
	return true;
}

static bool on_moved(struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = ctx->u;
	const struct audit a = { .at_ms = ctx->now_ms, .actor = "system", .action = "chat.move", .subject = u->adapter,
				 .before = u->chat_id, .after = u->moved_to };

	switch (store_chat_move(ctx->db, u->adapter, u->chat_id, u->moved_to, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		return store_audit_add(ctx->db, &a, error);
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break; /* said before, by another of the platform's signals */
	}
	return true;
}

bool turn_event(struct turn *t, struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = t->u;

	switch (u->kind) {
	case UPDATE_CHAT_OPEN:
		return on_open(t, ctx, error);
	case UPDATE_CHAT_GONE:
		return store_chat_park(ctx->db, ctx->chat->id, "the platform says the bot was removed or blocked", error);
	case UPDATE_CHAT_MOVED:
		return !u->moved_to || on_moved(ctx, error);
	case UPDATE_MEMBER_JOIN:
	case UPDATE_MEMBER_LEAVE:
		return !u->user_id ||
		       store_group_member(ctx->db, ctx->chat->id, u->user_id, u->kind == UPDATE_MEMBER_JOIN, ctx->now_ms, error);
	case UPDATE_MESSAGE:
	case UPDATE_EDIT:
	case UPDATE_RECALL:
		break;
	}
	return true;
}
