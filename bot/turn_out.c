/* SPDX-License-Identifier: MIT */
/* Collects a turn's words. Decides nothing about platforms, chats or pace: that is outbox.c and the courier. */
#include "turn_out.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "outbox.h"
#include "store/audit.h"

static void reply_free(void *data)
{
	struct reply *r = data;

	g_free(r->text);
	if (r->spans)
		g_array_unref(r->spans);
	g_free(r->word);
	attachment_free(r->file);
	g_free(r->file_adapter);
	g_free(r->not_adapter);
	g_free(r);
}

void turn_out_init(struct turn_out *o, const struct config *c)
{
	memset(o, 0, sizeof(*o));
	o->address = g_strdup(config_str(c, "bot", "address_form"));
	o->confirmations = (unsigned)config_int(c, "courier", "confirmations_per_minute");
	o->replies = g_ptr_array_new_with_free_func(reply_free);
	o->bold = g_array_new(FALSE, FALSE, sizeof(struct span));
}

void turn_out_reset(struct turn_out *o)
{
	g_ptr_array_set_size(o->replies, 0);
	g_array_set_size(o->bold, 0);
	pending_free(g_steal_pointer(&o->pending));
	g_clear_pointer(&o->taken_id, g_free);
	pending_free(g_steal_pointer(&o->more));
	o->item_id = o->files_item_id = 0;
	o->clear_pending = o->has_fanout = o->register_changed = o->only_looked_up = false;
}

void turn_out_release(struct turn_out *o)
{
	turn_out_reset(o);
	g_ptr_array_unref(o->replies);
	g_array_unref(o->bold);
	g_free(o->address);
}

/* Takes text. */
static struct reply *add(struct turn_out *o, enum reply_place place, char *text)
{
	struct reply *r = g_new0(struct reply, 1);

	r->place = place;
	r->text = text;
	r->item_id = o->item_id;
	g_ptr_array_add(o->replies, r);
	return r;
}

void turn_out_tell(struct turn_out *o, int64_t member_id, const char *text)
{
	add(o, REPLY_MEMBER, g_strdup(text))->member_id = member_id;
}

void turn_out_tell_moderators(struct turn_out *o, const char *text)
{
	add(o, REPLY_MODERATORS, g_strdup(text));
}

void turn_out_tell_elsewhere(struct turn_out *o, const char *text, const char *not_adapter, bool may_be_there)
{
	struct reply *r = add(o, REPLY_MODERATORS, g_strdup(text));

	r->not_adapter = g_strdup(not_adapter);
	r->may_be_there = may_be_there;
}

static char *format(struct cmd_ctx *ctx, enum msg id, va_list ap)
{
	return wording_format_va(ctx->out->address, id, ap);
}

/* One line, at most CMD_LINE_MAX graphemes: a group of 500 reads every one of them. */
static char *one_line(char *text)
{
	char *cut;

	g_strdelimit(text, "\n\t", ' ');
	cut = text_ellipsize(text, CMD_LINE_MAX);
	g_free(text);
	return cut;
}

enum cmd_status cmd_say(struct cmd_ctx *ctx, enum msg id, ...)
{
	va_list ap;

	va_start(ap, id);
	add(ctx->out, REPLY_PRIVATE, format(ctx, id, ap));
	va_end(ap);
	return CMD_DONE;
}

char *cmd_text(const struct cmd_ctx *ctx, enum msg id, ...)
{
	char *text;
	va_list ap;

	va_start(ap, id);
	text = wording_format_va(ctx->out->address, id, ap);
	va_end(ap);
	return text;
}

enum cmd_status cmd_say_text(struct cmd_ctx *ctx, const char *text)
{
	struct reply *r = add(ctx->out, REPLY_PRIVATE, g_strdup(text));

	if (ctx->out->bold->len) {
		r->spans = ctx->out->bold;
		ctx->out->bold = g_array_new(FALSE, FALSE, sizeof(struct span));
	}
	return CMD_DONE;
}

enum cmd_status cmd_line(struct cmd_ctx *ctx, const char *word, enum msg id, ...)
{
	va_list ap;

	if (!cmd_in_group(ctx))
		return CMD_DONE;
	va_start(ap, id);
	add(ctx->out, REPLY_LINE, one_line(format(ctx, id, ap)))->word = g_strdup(word);
	va_end(ap);
	return CMD_DONE;
}

enum cmd_status cmd_line_if_closed(struct cmd_ctx *ctx, enum msg id, ...)
{
	va_list ap;

	if (!cmd_in_group(ctx))
		return CMD_DONE;
	va_start(ap, id);
	add(ctx->out, REPLY_LINE_IF_CLOSED, one_line(format(ctx, id, ap)));
	va_end(ap);
	return CMD_DONE;
}

bool cmd_tell(struct cmd_ctx *ctx, int64_t member_id, enum msg id, ...)
{
	g_autoptr(chat_t) chat = NULL;
	va_list ap;

	/* A database error here shows again, with its own text, when the rows are written. */
	if (!member_id || store_member_private_chat(ctx->db, member_id, &chat, NULL) != STORE_OK)
		return false;
	va_start(ap, id);
	add(ctx->out, REPLY_MEMBER, format(ctx, id, ap))->member_id = member_id;
	va_end(ap);
	return true;
}

void cmd_tell_in(struct cmd_ctx *ctx, int64_t private_chat_id, enum msg id, ...)
{
	va_list ap;

	va_start(ap, id);
	add(ctx->out, REPLY_MEMBER, format(ctx, id, ap))->chat_id = private_chat_id;
	va_end(ap);
}

void cmd_tell_moderators(struct cmd_ctx *ctx, enum msg id, ...)
{
	va_list ap;

	va_start(ap, id);
	add(ctx->out, REPLY_MODERATORS, format(ctx, id, ap));
	va_end(ap);
}

void cmd_tell_core(struct cmd_ctx *ctx, enum msg id, ...)
{
	va_list ap;

	va_start(ap, id);
	add(ctx->out, REPLY_CORE, format(ctx, id, ap));
	va_end(ap);
}

void cmd_about(struct cmd_ctx *ctx, int64_t item_id)
{
	ctx->out->item_id = item_id;
}

void cmd_bold(struct cmd_ctx *ctx, size_t start, size_t len)
{
	struct span s = { .kind = SPAN_BOLD, .start = start, .len = len };

	if (len)
		g_array_append_val(ctx->out->bold, s);
}

void cmd_file(struct cmd_ctx *ctx, const struct attachment *a, const char *adapter)
{
	struct reply *r = add(ctx->out, REPLY_FILE, g_strdup(""));

	r->file = attachment_copy(a);
	r->file_adapter = g_strdup(adapter);
}

int64_t cmd_broadcast(struct cmd_ctx *ctx, const char *text, bool core_groups, bool all_members, char **units, int64_t announcement_id)
{
	int64_t post_id = outbox_broadcast(ctx->db, ctx->out, text, core_groups, all_members, units, announcement_id, ctx->now_ms, &ctx->error);

	if (post_id)
		ctx->out->has_fanout = true;
	return post_id;
}

static struct pending *pending_new(const struct cmd_ctx *ctx, const struct command *owner, const char *step, const char *data_or_null)
{
	struct pending *p = g_new0(struct pending, 1);

	p->command = g_strdup(owner->name);
	p->step = g_strdup(step);
	p->data = g_strdup(data_or_null);
	p->asked_ms = ctx->now_ms;
	p->expires_ms = ctx->now_ms + config_int(ctx->config, "bot", "pending");
	return p;
}

void cmd_ask_for(struct cmd_ctx *ctx, const struct command *owner, const char *step, const char *data_or_null)
{
	pending_free(ctx->out->pending);
	ctx->out->pending = pending_new(ctx, owner, step, data_or_null);
}

void cmd_more(struct cmd_ctx *ctx, const struct command *owner, const char *data)
{
	pending_free(ctx->out->more);
	ctx->out->more = pending_new(ctx, owner, "more", data);
}

void cmd_ask(struct cmd_ctx *ctx, const char *step, const char *data_or_null)
{
	cmd_ask_for(ctx, ctx->command, step, data_or_null);
}

void cmd_asked_done(struct cmd_ctx *ctx)
{
	ctx->out->clear_pending = true;
	pending_free(g_steal_pointer(&ctx->out->pending));
}

void cmd_expect_files(struct cmd_ctx *ctx, int64_t item_id)
{
	ctx->out->files_item_id = item_id;
}

void cmd_took(struct cmd_ctx *ctx, const char *message_id)
{
	g_free(ctx->out->taken_id);
	ctx->out->taken_id = g_strdup(message_id);
}

enum cmd_status cmd_broken(struct cmd_ctx *ctx, GError *error)
{
	if (ctx->error)
		g_clear_error(&error);
	else
		ctx->error = error;
	if (!ctx->error)
		ctx->error = g_error_new_literal(STORE_ERROR, STORE_ERROR_FAILED, "a command broke without saying why");
	return CMD_BROKEN;
}

bool cmd_audit(struct cmd_ctx *ctx, const char *action, const char *subject, const char *before, const char *after)
{
	const struct audit a = {
		.at_ms = ctx->now_ms,
		.member_id = ctx->member ? ctx->member->id : 0,
		.actor = ctx->member ? NULL : "unregistered",
		.action = action,
		.subject = subject,
		.before = before,
		.after = after,
		.chat_id = ctx->chat ? ctx->chat->id : 0,
	};

	return store_audit_add(ctx->db, &a, &ctx->error);
}

void cmd_register_changed(struct cmd_ctx *ctx)
{
	ctx->out->register_changed = true;
}

void cmd_looked_up(struct cmd_ctx *ctx)
{
	ctx->out->clear_pending = false;
	ctx->out->only_looked_up = true;
}
