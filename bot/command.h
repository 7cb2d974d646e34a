/* SPDX-License-Identifier: MIT */
/* What a command is and what it may do. One file a command in commands/, one line in commands/table.c. A command does its domain work
 * through store/, and speaks through the cmd_* functions; it never sends, never waits, never knows a platform. */
#ifndef CDSBOT_BOT_COMMAND_H
#define CDSBOT_BOT_COMMAND_H

#include "adapters/message.h"
#include "config/config.h"
#include "config/registry.h"
#include "reader.h"
#include "store/chat.h"
#include "store/db.h"
#include "store/item.h"
#include "store/member.h"
#include "store/pending.h"
#include "wording/wording.h"

struct cmd_ctx;

enum cmd_status {
	CMD_DONE,
	CMD_USAGE,  /* arguments not understood: the dispatcher answers with the syntax and an example to copy */
	CMD_PASS,   /* answer() only: this message is no answer; read it as any other */
	CMD_BROKEN  /* ctx->error is set: the turn is undone and tried again */
};

enum command_flags {
	CMD_READS = 1,	   /* only reads: runs on the reader pool; its run must not write (replies and cmd_ask are fine) */
	CMD_DECIDES = 2,   /* publishes, deletes or approves: never guessed, slash needed (domain §5.1) */
	CMD_PRIVATE = 4,   /* only in private chat: elsewhere the person is told so privately */
	CMD_GROUP = 8,	   /* only in a group */
	CMD_MENU = 16,	   /* shown in the platform's command menu, and in /h after what only the reader's role has (at most eight) */
	CMD_HOLDS = 32,	   /* runs for unregistered people too: it keeps their text until they have registered */
	CMD_COLLECTS = 64, /* the sender's recent parts and files in this chat travel with it (update.window) */
	CMD_MINUS = 256,   /* its arguments may begin with a minus that means something: "-covid" */
	CMD_PASTES = 128   /* with CMD_COLLECTS, in private chat: so does the text he has pasted before it */
};

struct command {
	const char *name;   /* canonical: folded, no space */
	const char *brief;  /* short form, or NULL */
	const char *words;  /* other words, folded, separated by spaces, or NULL */
	const char *implied; /* prefix that a bare number means ("SK"), or NULL */
	enum role min_role;
	unsigned flags;
	enum msg summary; /* half a sentence for help and menus */
	enum msg syntax;  /* "/t <từ khóa> [dv: …] …" */
	enum msg example; /* one line (or message) to copy; the test-suite executes it */
	enum cmd_status (*run)(struct cmd_ctx *ctx);
	/* The next message of the person while a question of this command is open (ctx->pending). NULL: it asks nothing. */
	enum cmd_status (*answer)(struct cmd_ctx *ctx);
	/* /tiep: the page after the one that cmd_more() told of; data is what it was given. NULL: its answers have one page. */
	enum cmd_status (*more)(struct cmd_ctx *ctx, const char *data);
};

/* commands/table.c; ends with NULL. */
extern const struct command *const command_table[];
const struct command *command_find(const char *name); /* canonical name; NULL none */
/* Also the hidden ones that only own a question (commands/choose.c). */
const struct command *command_find_any(const char *name);

/* Everything a command may look at. Borrowed for the call. */
struct cmd_ctx {
	struct db *db; /* CMD_READS: a reading connection */
	const struct update *u;
	const struct reading *reading; /* args in reading->args; in answer(): the whole text is u->text */
	const struct command *command;
	struct member *member;	 /* NULL: not registered */
	struct chat *chat;	 /* where it was written */
	struct pending *pending; /* the open question in private chat, or NULL; answer(): never NULL */
	struct item *replied;	 /* the item of the message that was replied to, or NULL */
	int64_t replied_announcement; /* row, or 0 */
	const struct registry *registry;
	const struct config *config;
	int64_t now_ms;
	GError *error;
	struct turn_out *out; /* for the cmd_* functions */
};

static inline bool cmd_in_group(const struct cmd_ctx *ctx)
{
	return ctx->u->chat_kind != CHAT_PRIVATE;
}
static inline enum role cmd_role(const struct cmd_ctx *ctx)
{
	return ctx->member ? ctx->member->role : ROLE_NONE;
}

/* --- Speaking. Arguments are wording pairs ending in NULL. All return CMD_DONE, so `return cmd_say(…)` reads well. --- */

/* Details, questions, errors: to the person, privately. In a group where no private chat is open, the turn's group line (cmd_line) or,
 * failing that, one short "nhắn riêng cho hệ thống" line takes its place. Several calls in one turn become one message (joined by a
 * line break). */
enum cmd_status cmd_say(struct cmd_ctx *ctx, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* The same for text already composed (a card, a list). */
enum cmd_status cmd_say_text(struct cmd_ctx *ctx, const char *text);
/* The one line in the group (≤ CMD_LINE_MAX graphemes, cut at a word); ignored in private chat. Counted as a confirmation: the first four
 * in a minute go at once, later ones as one line, made from `word` ("SK15"; NULL: never bundled). Late answers: see outbox.h. */
#define CMD_LINE_MAX 200
enum cmd_status cmd_line(struct cmd_ctx *ctx, const char *word, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* The sentence itself, for texts that are composed of several; caller frees. */
char *cmd_text(const struct cmd_ctx *ctx, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* What the group sees instead of the private details when no private chat is open ("SK13 … và 1 kết quả khác; nhắn riêng /t …"). */
enum cmd_status cmd_line_if_closed(struct cmd_ctx *ctx, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* Private notice to another member (class notice). Silently nothing if he has no open private chat; returns whether there was one. */
bool cmd_tell(struct cmd_ctx *ctx, int64_t member_id, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* The same into one private chat, whoever he is by the end of the turn. */
void cmd_tell_in(struct cmd_ctx *ctx, int64_t private_chat_id, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* To every moderator but the actor, and but those who are told of the same item by cmd_tell: nobody hears of one thing twice. */
void cmd_tell_moderators(struct cmd_ctx *ctx, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* To every core group on every adapter (class notice). */
void cmd_tell_core(struct cmd_ctx *ctx, enum msg id, ...) G_GNUC_NULL_TERMINATED;
/* The turn speaks of this item: a reply to its answer finds the last one so named, a reply to a notice the one named when the notice
 * was made (if none was: the last). */
void cmd_about(struct cmd_ctx *ctx, int64_t item_id);
/* Makes a span of the next cmd_say_text bold (bytes of that text). Ignored where platforms cannot. */
void cmd_bold(struct cmd_ctx *ctx, size_t start, size_t len);
/* Sends a kept file after the private text. */
void cmd_file(struct cmd_ctx *ctx, const struct attachment *a, const char *adapter);
/* A broadcast: stores the post and its fan-out (see store/delivery.h); the daemon makes the rows in chunks. Returns the post's row, 0 =
 * broken (ctx->error set). Not for CMD_READS. */
int64_t cmd_broadcast(struct cmd_ctx *ctx, const char *text, bool core_groups, bool all_members, char **units, int64_t announcement_id);

/* --- Asking. One question per person; the next message in private chat goes to answer(). --- */
/* Opens (replaces) the question: data is the command's own JSON (copied). Lives pending_for of the configuration (24 h). */
void cmd_ask(struct cmd_ctx *ctx, const char *step, const char *data_or_null);
void cmd_ask_for(struct cmd_ctx *ctx, const struct command *owner, const char *step, const char *data_or_null);
/* This answer has pages: /tiep calls owner->more(data) (the command's own JSON, copied), for as long as a question lives. One a person: the last
 * answer counts. */
void cmd_more(struct cmd_ctx *ctx, const struct command *owner, const char *data);
/* The question is answered (answer() must call this or cmd_ask again; else it stays open). */
void cmd_asked_done(struct cmd_ctx *ctx);
/* Files that the sender posts within the window (15 min) join this item, also from the group. */
void cmd_expect_files(struct cmd_ctx *ctx, int64_t item_id);
/* The text of this earlier message of the person in this chat has found its place: /luu finds it no more. For the message of the turn
 * cmd_expect_files says that too. */
void cmd_took(struct cmd_ctx *ctx, const char *message_id);
/* Units, fields or abbreviations were changed: once the turn is stored, a new snapshot is loaded and the index looked at. */
void cmd_register_changed(struct cmd_ctx *ctx);
/* This turn of a command that may write only looked something up: as with CMD_READS an open question stays open, and what comes late in a
 * group goes unsaid. */
void cmd_looked_up(struct cmd_ctx *ctx);

/* --- Trouble. --- */
/* Broken: takes error, returns CMD_BROKEN. */
enum cmd_status cmd_broken(struct cmd_ctx *ctx, GError *error);
/* The audit row for what this turn changes outside store/item.c (which writes its own). False = broken, ctx->error set. */
bool cmd_audit(struct cmd_ctx *ctx, const char *action, const char *subject, const char *before, const char *after);

#endif
