/* SPDX-License-Identifier: MIT */
/* A talk with the commands without daemon, adapter or dispatcher: the demo's people and seeds in a database in memory, one message
 * a call, and what was said to whom. The open question is kept between calls as a turn keeps it. */
#ifndef CDSBOT_TESTS_COMMANDS_HELP_H
#define CDSBOT_TESTS_COMMANDS_HELP_H

#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"
#include "bot/commands/share.h"
#include "bot/demo.h"
#include "bot/turn.h"
#include "bot/turn_out.h"
#include "store/delivery.h"
#include "store/register.h"

struct talk {
	struct db *db;
	struct registry *registry;
	struct config *config;
	struct turn_out out;
	enum cmd_status status;        /* of the last message */
	const struct command *command; /* that took the last message, or NULL */
	int64_t now_ms;
	unsigned n_messages;
	char *last_id; /* of the last message */
	GString *text; /* what the last asked-for text is kept in */
	const char *adapter; /* where people write from */
	/* For the next message alone. */
	struct update *next;
	bool is_dispatched; /* through turn_dispatch itself: rights, places, unknown words; then t->status says nothing */
};

static inline void talk_person(struct talk *t, const char *id, const char *name, const char *unit, enum role role)
{
	g_autoptr(chat_t) chat = NULL;
	g_autoptr(member_t) m = NULL;

	g_assert_cmpint(store_chat_seen(t->db, "console", id, CHAT_PRIVATE, name, t->now_ms, &chat, NULL), ==, STORE_OK);
	g_assert_cmpint(store_member_register(t->db, "console", id, name, unit, NULL, "test", t->now_ms, &m, NULL), ==, STORE_OK);
	g_assert_true(store_member_set_role(t->db, m->id, role, NULL));
	g_assert_cmpint(store_member_seen(t->db, "console", id, name, chat->id, t->now_ms, NULL), ==, STORE_OK);
}

static inline void talk_open(struct talk *t)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) problems = NULL;
	struct registry *csv;
	size_t n = 0;
	unsigned changed;

	memset(t, 0, sizeof(*t));
	g_setenv("CDSBOT_DATA", dir, TRUE);
	g_setenv("CDSBOT_TEST_SEARCH_US", "60000000", TRUE); /* a busy machine does not make an answer partial */
	t->now_ms = clock_wall_ms();
	t->adapter = "console";
	t->text = g_string_new(NULL);
	while (config_core_sections[n].name)
		n++;
	t->config = config_load(NULL, config_core_sections, n, &problems);
	g_assert_nonnull(t->config);
	t->db = db_open(":memory:", DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(t->db, &error));
	csv = registry_load_csv(dir, &error);
	g_assert_no_error(error);
	registry_seal(csv);
	g_assert_true(db_begin(t->db, &error));
	g_assert_true(store_register_import(t->db, csv, &changed, &error));
	g_assert_true(db_commit(t->db, &error));
	registry_unref(csv);
	t->registry = store_register_load(t->db, &error);
	g_assert_true(demo_load(t->db, &error));
	g_assert_no_error(error);
	g_assert_true(db_begin(t->db, &error));
	talk_person(t, "ha", "Hà", "STTTT", ROLE_MODERATOR);
	talk_person(t, "nam", "Nam", "GIAOTHUY", ROLE_MEMBER);
	turn_out_init(&t->out, t->config);
	t->next = update_new(UPDATE_MESSAGE);
}

static inline void talk_close(struct talk *t)
{
	turn_out_release(&t->out);
	update_free(t->next);
	g_free(t->last_id);
	g_string_free(t->text, TRUE);
	config_unref(t->config);
	registry_unref(t->registry);
	db_rollback(t->db);
	db_close(t->db);
}

static inline void talk_keep_question(struct talk *t, const struct update *u, int64_t private_chat)
{
	if (t->out.more)
		g_assert_true(store_pending_set(t->db, u->adapter, u->user_id, PENDING_MORE, t->out.more, NULL));
	if (t->out.pending)
		g_assert_true(store_pending_set(t->db, u->adapter, u->user_id, private_chat, t->out.pending, NULL));
	else if (t->out.clear_pending)
		g_assert_true(store_pending_clear(t->db, u->adapter, u->user_id, private_chat, NULL));
}

/* The order of attempts of the dispatcher, as far as these commands need it. */
static inline enum cmd_status talk_dispatch(struct talk *t, struct cmd_ctx *ctx, struct reading *r)
{
	enum cmd_status status = CMD_PASS;

	if (ctx->u->kind == UPDATE_EDIT)
		return share_edited(ctx);
	if (ctx->u->kind == UPDATE_RECALL)
		return share_recalled(ctx);
	if (!*ctx->u->text)
		return share_attachment(ctx);
	if (ctx->pending && !(r->kind == READING_COMMAND && r->has_slash)) {
		ctx->command = command_find_any(ctx->pending->command);
		status = ctx->command->answer(ctx);
	}
	if (status == CMD_PASS && r->kind == READING_COMMAND) {
		ctx->command = r->command;
		t->out.clear_pending = ctx->pending != NULL;
		status = r->command->run(ctx);
	}
	return status == CMD_PASS ? share_free_text(ctx) : status;
}

static inline enum cmd_status talk_turn(struct talk *t, struct cmd_ctx *ctx)
{
	struct turn *turn = turn_new(1, NULL, t->registry, t->config);
	g_autoptr(GError) error = NULL;
	bool ok = turn_dispatch(turn, ctx, false, &error);

	g_assert_no_error(error);
	g_assert_true(ok);
	t->out.clear_pending |= turn->out.clear_pending && !t->out.only_looked_up;
	turn_free(turn);
	return CMD_DONE;
}

/* One message: sets t->status and t->out. group: in the core group, else private. */
static inline void talk_message(struct talk *t, const char *who, bool in_group, const char *text)
{
	g_autoptr(update_t) u = g_steal_pointer(&t->next);
	g_autoptr(chat_t) chat = NULL, own = NULL;
	g_autoptr(pending_t) pending = NULL;
	g_autoptr(item_t) replied = NULL;
	struct reading r = { 0 };
	struct cmd_ctx ctx = { .db = t->db,
			       .u = u,
			       .registry = t->registry,
			       .config = t->config,
			       .now_ms = t->now_ms,
			       .out = &t->out,
			       .reading = &r };

	t->next = update_new(UPDATE_MESSAGE);
	u->adapter = g_strdup(t->adapter);
	u->bot_id = g_strdup("bot");
	u->user_id = g_strdup(who);
	u->user_name = g_strdup(who);
	u->chat_kind = in_group ? CHAT_GROUP : CHAT_PRIVATE;
	u->chat_id = g_strdup(in_group ? "group" : who);
	u->text = text_clean(text, strlen(text));
	if (!u->message_id)
		u->message_id = g_strdup_printf("m%u", ++t->n_messages);
	u->key = g_strdup(u->message_id);
	g_free(t->last_id);
	t->last_id = g_strdup(u->message_id);
	turn_out_reset(&t->out);
	g_assert_cmpint(store_chat_seen(t->db, t->adapter, u->chat_id, u->chat_kind, NULL, t->now_ms, &chat, NULL), ==, STORE_OK);
	g_assert_cmpint(store_chat_seen(t->db, t->adapter, who, CHAT_PRIVATE, NULL, t->now_ms, &own, NULL), ==, STORE_OK);
	g_assert_cmpint(store_member_of_user(t->db, t->adapter, who, &ctx.member, NULL), !=, STORE_BROKEN);
	if (store_pending_get(t->db, t->adapter, who, 0, t->now_ms, &pending, NULL) == STORE_OK && !in_group)
		ctx.pending = pending;
	if (u->reply_to_id && store_item_of_message(t->db, chat->id, u->reply_to_id, &replied, NULL) == STORE_OK)
		ctx.replied = replied;
	ctx.chat = chat;
	reader_read(command_table, u->text, !in_group, false, ctx.pending != NULL, &r);
	t->status = t->is_dispatched ? talk_turn(t, &ctx) : talk_dispatch(t, &ctx, &r);
	t->command = ctx.command;
	reading_clear(&r);
	g_assert_no_error(ctx.error);
	member_free(ctx.member); /* a registration has put another in its place */
	talk_keep_question(t, u, 0);
	t->now_ms += SECOND_MS;
}

/* What was said in one kind of place by the last message, joined by line breaks; valid until the next call. */
static inline const char *talk_said(struct talk *t, enum reply_place place)
{
	g_string_truncate(t->text, 0);
	for (guint n = 0; n < t->out.replies->len; n++) {
		const struct reply *r = g_ptr_array_index(t->out.replies, n);

		if (r->place == place)
			g_string_append_printf(t->text, "%s%s", t->text->len ? "\n" : "", r->text);
	}
	return t->text->str;
}

/* A private message and its private answer; a group message and its line. */
static inline const char *talk_tell(struct talk *t, const char *who, const char *text)
{
	talk_message(t, who, false, text);
	return talk_said(t, REPLY_PRIVATE);
}

static inline const char *talk_group(struct talk *t, const char *who, const char *text)
{
	talk_message(t, who, true, text);
	return talk_said(t, REPLY_LINE);
}

static inline struct item *talk_item(struct talk *t, int64_t number)
{
	struct item *i = NULL;

	g_assert_cmpint(store_item_get(t->db, ITEM_INITIATIVE, number, &i, NULL), ==, STORE_OK);
	return i;
}

static inline enum item_status talk_status(struct talk *t, int64_t number)
{
	g_autoptr(item_t) i = talk_item(t, number);

	return i->status;
}

static inline bool talk_has_item(struct talk *t, int64_t number)
{
	g_autoptr(item_t) i = NULL;

	return store_item_get(t->db, ITEM_INITIATIVE, number, &i, NULL) == STORE_OK;
}

#define assert_has(text, part) g_assert_cmpstr(strstr((text), (part)) ? (part) : (text), ==, (part))

#endif
