/* SPDX-License-Identifier: MIT */
/* The turn's frame: guard against a second handling, load who and where, dispatch, store the words. Holds no command logic. */
#include "turn.h"

#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "outbox.h"
#include "store/announcement.h"
#include "store/audit.h"
#include "store/delivery.h"
#include "store/inbox.h"

struct turn *turn_new(int64_t inbox_id, struct update *u_taken, struct registry *r, struct config *c)
{
	struct turn *t = g_new0(struct turn, 1);

	t->inbox_id = inbox_id;
	t->u = u_taken;
	t->registry = registry_ref(r);
	t->config = config_ref(c);
	turn_out_init(&t->out, c);
	return t;
}

void turn_free(struct turn *t)
{
	if (!t)
		return;
	update_free(t->u);
	registry_unref(t->registry);
	config_unref(t->config);
	turn_out_release(&t->out);
	g_free(t);
}

static void reset_out(struct turn *t)
{
	turn_out_reset(&t->out);
	t->has_said_rate_limited = false;
}

bool turn_may_read(const struct update *u)
{
	struct reading r;
	bool may;

	if (u->kind != UPDATE_MESSAGE || u->is_withheld || !u->text || !*u->text)
		return false;
	reader_read(command_table, u->text, u->chat_kind == CHAT_PRIVATE, u->mentions_bot, false, &r);
	/* A private text without a command may answer a question; only the database knows, so the reading job looks first. */
	may = r.kind == READING_COMMAND ? (r.command->flags & CMD_READS) != 0
					: r.kind == READING_ID || (r.kind == READING_TEXT && u->chat_kind == CHAT_PRIVATE && strlen(u->text) < 16);
	reading_clear(&r);
	return may;
}

static void ctx_init(struct cmd_ctx *ctx, struct turn *t, struct db *db)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->db = db;
	ctx->u = t->u;
	ctx->registry = t->registry;
	ctx->config = t->config;
	ctx->now_ms = clock_wall_ms();
	ctx->out = &t->out;
}

static void ctx_release(struct cmd_ctx *ctx)
{
	member_free(ctx->member);
	chat_free(ctx->chat);
	pending_free(ctx->pending);
	item_free(ctx->replied);
	g_clear_error(&ctx->error);
}

/* Who wrote, which question is open, what the replied message speaks of. Private questions live under chat 0: one dialogue a person. */
static bool ctx_load(struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = ctx->u;

	if (u->user_id) {
		if (store_member_of_user(ctx->db, u->adapter, u->user_id, &ctx->member, error) == STORE_BROKEN)
			return false;
		if (u->chat_kind == CHAT_PRIVATE &&
		    store_pending_get(ctx->db, u->adapter, u->user_id, 0, ctx->now_ms, &ctx->pending, error) == STORE_BROKEN)
			return false;
	}
	if (u->reply_to_id && ctx->chat->id) {
		int64_t item_id = 0;

		if (store_item_of_message(ctx->db, ctx->chat->id, u->reply_to_id, &ctx->replied, error) == STORE_BROKEN ||
		    store_post_of_message(ctx->db, ctx->chat->id, u->reply_to_id, &item_id, &ctx->replied_announcement, error) == STORE_BROKEN)
			return false;
	}
	return true;
}

static bool handle(struct turn *t, struct cmd_ctx *ctx, bool read_only, GError **error)
{
	switch (t->u->kind) {
	case UPDATE_MESSAGE:
	case UPDATE_EDIT:
	case UPDATE_RECALL:
		return ctx_load(ctx, error) && turn_dispatch(t, ctx, read_only, error);
	case UPDATE_CHAT_OPEN:
	case UPDATE_CHAT_GONE:
	case UPDATE_CHAT_MOVED:
	case UPDATE_MEMBER_JOIN:
	case UPDATE_MEMBER_LEAVE:
		return turn_event(t, ctx, error);
	}
	return true;
}

bool turn_read_job(struct db *db, void *arg, GError **error)
{
	struct turn *t = arg;
	struct cmd_ctx ctx;
	bool ok;

	reset_out(t);
	t->is_read = t->needs_writer = false;
	ctx_init(&ctx, t, db);
	switch (store_chat_find(db, t->u->adapter, t->u->chat_id, &ctx.chat, error)) {
	case STORE_BROKEN:
		ctx_release(&ctx);
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		t->needs_writer = true; /* a chat never seen: the writer makes its row first */
		ctx_release(&ctx);
		return true;
	}
	ok = handle(t, &ctx, true, error);
	if (t->needs_writer)
		reset_out(t);
	else
		t->is_read = ok;
	ctx_release(&ctx);
	return ok;
}

static bool store_pending(struct turn *t, const struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = t->u;

	if (!u->user_id)
		return true;
	if (t->out.more && !store_pending_set(ctx->db, u->adapter, u->user_id, PENDING_MORE, t->out.more, error))
		return false;
	if (t->out.pending)
		return store_pending_set(ctx->db, u->adapter, u->user_id, 0, t->out.pending, error);
	return !t->out.clear_pending || store_pending_clear(ctx->db, u->adapter, u->user_id, 0, error);
}

static bool see(struct turn *t, struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = t->u;
	g_autoptr(chat_t) before = NULL;
	int64_t private_chat;

	if (store_chat_find(ctx->db, u->adapter, u->chat_id, &before, error) == STORE_BROKEN)
		return false;
	t->was_shut = !before || before->is_parked;
	if (store_chat_seen(ctx->db, u->adapter, u->chat_id, u->chat_kind, u->chat_title, ctx->now_ms, &ctx->chat, error) == STORE_BROKEN)
		return false;
	private_chat = u->chat_kind == CHAT_PRIVATE ? ctx->chat->id : 0;
	return !u->user_id || !u->user_name ||
	       store_member_seen(ctx->db, u->adapter, u->user_id, u->user_name, private_chat, ctx->now_ms, error) != STORE_BROKEN;
}

static bool load_update(struct turn *t, struct db *db, GError **error)
{
	g_autofree char *payload = NULL;

	if (t->u)
		return true;
	switch (store_inbox_payload(db, t->inbox_id, &payload, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		t->was_handled = true;
		return true;
	}
	t->u = update_parse(payload, error);
	return t->u != NULL;
}

static bool write_turn(struct turn *t, struct cmd_ctx *ctx, GError **error)
{
	const struct update *u = t->u;
	bool is_move = u->kind == UPDATE_CHAT_MOVED;

	/* A moved chat's old id must not be made again by looking at it. */
	if (!is_move && !see(t, ctx, error))
		return false;
	if (t->is_too_slow)
		cmd_say(ctx, MSG_TOO_SLOW, NULL);
	else if (!t->is_read && !handle(t, ctx, false, error))
		return false;
	if (is_move)
		return true;
	if (t->say_rate_limited && !t->has_said_rate_limited) {
		t->has_said_rate_limited = true;
		cmd_say(ctx, MSG_RATE_LIMITED, NULL);
	}
	const struct outbox_origin origin = {
		.u = u,
		.chat = ctx->chat,
		.actor_id = ctx->member ? ctx->member->id : 0,
		.is_reading = t->is_read || t->out.only_looked_up || (ctx->command && (ctx->command->flags & CMD_READS)),
	};

	return store_pending(t, ctx, error) && outbox_write(ctx->db, &t->out, &origin, ctx->now_ms, &t->n_deliveries, error);
}

bool turn_write_job(struct db *db, void *arg, GError **error)
{
	struct turn *t = arg;
	struct cmd_ctx ctx;
	bool ok;

	if (!t->is_read)
		reset_out(t);
	t->was_handled = t->needs_writer = false;
	t->n_deliveries = 0;
	if (!load_update(t, db, error))
		return false;
	if (t->was_handled)
		return true;
	switch (store_inbox_handled(db, t->inbox_id, clock_wall_ms(), error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		t->was_handled = true;
		return true;
	}
	ctx_init(&ctx, t, db);
	ok = write_turn(t, &ctx, error);
	ctx_release(&ctx);
	return ok;
}
