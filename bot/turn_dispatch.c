/* SPDX-License-Identifier: MIT */
/* From a message to the command that answers it: reading, the open question, rights, place. The order of attempts is the heart of
 * "types anything half-right and gets a correct answer". Command logic is in commands/. */
#include "turn.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/macros.h"
#include "commands/choose.h"
#include "commands/luu.h"
#include "commands/receipt.h"
#include "commands/share.h"

/* The question that is open, if its command still exists. */
static const struct command *asker(const struct cmd_ctx *ctx)
{
	return ctx->pending ? command_find_any(ctx->pending->command) : NULL;
}

/* Ends a turn's command: true unless it is broken. */
static bool finish(struct cmd_ctx *ctx, enum cmd_status status, GError **error)
{
	g_autofree char *word = NULL;

	switch (status) {
	case CMD_DONE:
	case CMD_PASS:
		if (!ctx->error)
			return true;
		break; /* a helper broke on the way to the last word */
	case CMD_USAGE:
		word = g_strconcat("/", ctx->command->name, NULL);
		cmd_say(ctx, MSG_USAGE, "word", word, "syntax", wording_raw(ctx->command->syntax), "example", wording_raw(ctx->command->example),
			NULL);
		return true;
	case CMD_BROKEN:
		break;
	}
	g_propagate_error(error, g_steal_pointer(&ctx->error));
	return false;
}

static bool refused(struct cmd_ctx *ctx)
{
	const struct command *c = ctx->command;
	g_autofree char *word = g_strconcat("/", c->name, NULL);

	if (cmd_role(ctx) < c->min_role && !(c->flags & CMD_HOLDS && !ctx->member)) {
		if (!ctx->member)
			cmd_say(ctx, MSG_NOT_REGISTERED, NULL);
		else
			cmd_say(ctx, c->min_role == ROLE_ADMIN ? MSG_NOT_ALLOWED_ADMIN : MSG_NOT_ALLOWED, NULL);
		return true;
	}
	if ((c->flags & CMD_PRIVATE) && cmd_in_group(ctx)) {
		cmd_say(ctx, MSG_ONLY_PRIVATE, "word", word, NULL);
		return true;
	}
	if ((c->flags & CMD_GROUP) && !cmd_in_group(ctx)) {
		cmd_say(ctx, MSG_ONLY_GROUP, "word", word, NULL);
		return true;
	}
	return false;
}

static bool run(struct turn *t, struct cmd_ctx *ctx, const struct command *c, bool read_only, GError **error)
{
	if (read_only && !(c->flags & CMD_READS)) {
		t->needs_writer = true;
		return true;
	}
	ctx->command = c;
	/* A new command closes the open question; what it had gathered stays in its draft (domain §5.4). Looking something up is no new
	 * business: the question itself says "Đọc: /x SK9". */
	if (ctx->pending && !(c->flags & CMD_READS))
		t->out.clear_pending = true;
	return refused(ctx) || finish(ctx, c->run(ctx), error);
}

/* The open question's turn. *ret_taken: the message was its answer. */
static bool answer(struct turn *t, struct cmd_ctx *ctx, const struct command *c, bool read_only, bool *ret_taken, GError **error)
{
	enum cmd_status status;

	*ret_taken = true;
	if (read_only && !(c->flags & CMD_READS)) {
		t->needs_writer = true;
		return true;
	}
	ctx->command = c;
	status = c->answer(ctx);
	if (status == CMD_PASS) {
		*ret_taken = false;
		return true;
	}
	return finish(ctx, status, error);
}

static void say_candidates(struct cmd_ctx *ctx, const struct reading *r, const char *word)
{
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint i = 0; i < r->candidates->len; i++) {
		const struct command *c = r->candidates->pdata[i];
		g_autofree char *n = g_strdup_printf("%u", i + 1);
		g_autofree char *line = wording_format(ctx->out->address, MSG_CHOICE_LINE, "n", n, "name", c->name, NULL);

		g_string_append_printf(list, "%s%s", i ? " " : "", line);
	}
	cmd_say(ctx, r->kind == READING_UNSURE ? MSG_UNSURE_COMMAND : MSG_UNKNOWN_DID_YOU_MEAN, "word", word, "choices", list->str, NULL);
	choose_ask(ctx, r);
}

/* A mark but no command: only the writer of it hears about that. */
static bool unknown(struct turn *t, struct cmd_ctx *ctx, const struct reading *r, bool read_only)
{
	if (read_only) {
		t->needs_writer = true;
		return true;
	}
	g_autofree char *word = g_strconcat("/", r->word, NULL);

	if (choose_say_planned(ctx, r))
		return true;
	if (r->candidates && r->candidates->len)
		say_candidates(ctx, r, word);
	else
		cmd_say(ctx, MSG_UNKNOWN_COMMAND, "word", word, NULL);
	return true;
}

/* No command at all: receipts, additions to a draft, and what is left. */
static bool plain_text(struct turn *t, struct cmd_ctx *ctx, bool read_only, GError **error)
{
	enum cmd_status status;

	if (read_only) {
		t->needs_writer = true;
		return true;
	}
	status = receipt_free_text(ctx);
	if (status == CMD_PASS)
		status = share_free_text(ctx);
	if (status != CMD_PASS)
		return finish(ctx, status, error);
	if ((!cmd_in_group(ctx) || ctx->u->mentions_bot) && !choose_say_slash(ctx) && !luu_offer(ctx))
		cmd_say(ctx, MSG_TEXT_NOT_UNDERSTOOD, NULL);
	return true;
}

static bool message(struct turn *t, struct cmd_ctx *ctx, struct reading *r, bool read_only, GError **error)
{
	const struct command *waiting = asker(ctx);
	bool taken = false;

	/* "Đã nhận" under an open question is still a receipt; only a word that may also mean yes ("ok") is left to the question. */
	if (waiting && (ctx->replied_announcement || reader_is_receipt(ctx->u->text)) && reader_yes_no(ctx->u->text) == ANSWER_OTHER)
		return plain_text(t, ctx, read_only, error);
	/* What bears a command mark beats the open question, even if the word is wrong; anything else is offered to the question first. */
	if (waiting && waiting->answer && !r->has_slash) {
		if (!answer(t, ctx, waiting, read_only, &taken, error))
			return false;
		if (taken || t->needs_writer)
			return true;
	}
	/* The question did not want it: then words without a slash are commands again ("x13" after a list of hits). */
	if (waiting && r->kind == READING_TEXT && !cmd_in_group(ctx)) {
		reading_clear(r);
		reader_read(command_table, ctx->u->text, true, false, false, r);
	}
	switch (r->kind) {
	case READING_COMMAND:
		choose_fill(ctx, r);
		return run(t, ctx, r->command, read_only, error);
	case READING_ID:
		return command_find("xem") ? run(t, ctx, command_find("xem"), read_only, error) : plain_text(t, ctx, read_only, error);
	case READING_UNSURE:
	case READING_UNKNOWN:
		return unknown(t, ctx, r, read_only);
	case READING_TEXT:
	case READING_EMPTY:
		break;
	}
	return plain_text(t, ctx, read_only, error);
}

static bool withheld(struct cmd_ctx *ctx)
{
	cmd_say(ctx, MSG_SENSITIVE_STAMP, NULL);
	cmd_tell_moderators(ctx, MSG_SENSITIVE_TO_MODERATORS, "name", ctx->u->user_name ? ctx->u->user_name : "", NULL);
	return true;
}

bool turn_dispatch(struct turn *t, struct cmd_ctx *ctx, bool read_only, GError **error)
{
	const struct update *u = ctx->u;
	struct reading r;
	bool ok;

	if (u->is_withheld)
		return withheld(ctx);
	if (u->kind == UPDATE_EDIT)
		return finish(ctx, share_edited(ctx), error);
	if (u->kind == UPDATE_RECALL)
		return finish(ctx, share_recalled(ctx), error);
	if ((!u->text || !*u->text) && u->attachments->len)
		return finish(ctx, share_attachment(ctx), error);
	reader_read(command_table, u->text ? u->text : "", !cmd_in_group(ctx), u->mentions_bot, ctx->pending != NULL, &r);
	ctx->reading = &r;
	ok = message(t, ctx, &r, read_only, error);
	ctx->reading = NULL;
	reading_clear(&r);
	return ok;
}
