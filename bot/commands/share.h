/* SPDX-License-Identifier: MIT */
/* Sharing an initiative: from a message to a numbered item, the summary that answers it, and the questions that complete it. Also
 * what people type, attach, edit and recall without a command, which the dispatcher offers here. */
#ifndef CDSBOT_BOT_COMMANDS_SHARE_H
#define CDSBOT_BOT_COMMANDS_SHARE_H

#include "bot/command.h"
#include "share_draft.h"

/* Owns the questions of sharing (its answer() is share_ask_answer). */
extern const struct command cmd_chiase;

/* --- For the dispatcher, where no command was read; each CMD_PASS if the message is nothing of that. --- */

/* Labelled lines ("nhân rộng: …") for the replied or the sender's open item, in private chat or in reply to a message about an
 * item; in private chat also the next part of a long text. */
enum cmd_status share_free_text(struct cmd_ctx *ctx);
/* Files without text. */
enum cmd_status share_attachment(struct cmd_ctx *ctx);
/* UPDATE_EDIT. CMD_PASS: the message is no item's. */
enum cmd_status share_edited(struct cmd_ctx *ctx);
/* UPDATE_RECALL. CMD_PASS: the message is no item's. */
enum cmd_status share_recalled(struct cmd_ctx *ctx);

/* --- For held.c. --- */

/* Goes on with one held message (held.h), as stored: ctx->member is registered by now. */
enum cmd_status share_resume(struct cmd_ctx *ctx, const char *held_data);

/* --- Between the commands of this family. --- */

/* Where a text came from: the message that is linked to the item, with its files and window. */
struct share_source {
	const struct update *u;
	int64_t chat_id;        /* row, 0 unknown */
	const char *message_id; /* linked as the item's source, or NULL */
};
/* Reads the text of a /chiase; earlier texts of the sender are its content where it brings none. */
void share_read_command(const struct update *u, const char *args, struct share_draft *ret);
/* A new item of this text, its author being the person of this turn: saved and numbered, then answered and asked about. */
enum cmd_status share_new(struct cmd_ctx *ctx, const struct share_source *from, struct share_draft *d);
/* Adds the item in the status it should have (WAITING if title and content are there and is_confirmed), with files and link. */
enum store_result share_store(struct cmd_ctx *ctx, const struct share_source *from, const struct share_draft *d,
			      const struct member *author, bool is_confirmed, struct item **ret_item);
/* The item has just become WAITING for the first time: moderators are told, the group gets its line, the author his summary. */
enum cmd_status share_submitted(struct cmd_ctx *ctx, struct item *i, const struct share_draft *unclear_or_null);
/* True, and the person was told: the text is too long, or holds a secret or an ID number. */
bool share_refuses(struct cmd_ctx *ctx, const char *text);
/* What is there and what is missing (domain §5.3). */
void share_summary(struct cmd_ctx *ctx, const struct item *i);
/* Earlier texts of the sender that came with this message, joined; "" if none. Caller frees. */
char *share_window_text(const struct update *u);
/* More than a title or an answer: several lines, or longer than SHARE_GUESSED_TITLE_MAX. */
#define SHARE_GUESSED_TITLE_MAX 80 /* of a title taken from running text: a line on a phone */
bool share_is_paste(const char *text);
/* The file's kind is worth keeping with an item (voice and stickers are not). */
bool share_is_file(const struct attachment *a);
/* Adds the message's files and those of its window to the item. *ret_n: how many. False = broken, ctx->error set. */
bool share_attach_all(struct cmd_ctx *ctx, const struct update *u, int64_t item_id, unsigned *ret_n);

/* --- Questions (share_ask.c). --- */

enum cmd_status share_ask_title(struct cmd_ctx *ctx, const struct item *item_or_null, enum msg id);
enum cmd_status share_ask_content(struct cmd_ctx *ctx, const struct item *i);
/* The summary of a complete item, what of its text was not understood, and last the first question that it raises. */
enum cmd_status share_ask_first(struct cmd_ctx *ctx, const struct item *i, const struct share_draft *unclear_or_null);
enum cmd_status share_ask_unit(struct cmd_ctx *ctx, const struct item *i); /* CMD_PASS: its unit is clear */
enum cmd_status share_ask_answer(struct cmd_ctx *ctx);

#endif
