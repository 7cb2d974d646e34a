/* SPDX-License-Identifier: MIT */
/* What the parts of the console share: console.c (life, input, handing up), console_people.c (who speaks, where),
 * console_message.c (a line becomes an update), console_print.c (a reply becomes lines). Nobody else includes it. */
#ifndef CDSBOT_ADAPTERS_CONSOLE_STATE_H
#define CDSBOT_ADAPTERS_CONSOLE_STATE_H

#include "adapter.h"
#include "console.h"

struct line_reader;
struct handed; /* a batch on its way, console.c */

struct console {
	struct adapter *adapter;
	struct line_reader *reader;
	uv_timer_t pump, retry;
	unsigned n_open; /* timers and reader */
	GPtrArray *people;
	char *who, *group; /* group NULL: private chat */
	GString *partial;  /* continued lines, or NULL */
	GHashTable *seen;  /* chat id -> GQueue of struct seen */
	char *id_prefix;
	unsigned n_ids;
	char *held; /* the last update, stored form, until it was taken */
	struct handed *handed;
	bool awaits_settled, has_ended, is_closing, is_tty;
	GQueue printed;
	void (*closed)(struct adapter *a);
};

/* console_people.c */
/* The people as the core tells them, lines of `name TAB description`; NULL = none. */
void console_people_open(struct console *c, const char *text_or_null);
void console_people_free(struct console *c);
/* What `>>` shows; caller frees. */
char *console_people_text(const struct console *c);
/* `>name@group rest`: true if it was a switch; *text is then the rest. */
bool console_people_switch(struct console *c, const char **text);

/* console_message.c */
void console_message_open(struct console *c);
void console_message_free(struct console *c);
/* A new message id of this console; caller frees. */
char *console_id_next(struct console *c);
/* Remembers a message of a chat, so that `^` reaches it. user NULL: the bot's. */
void console_seen_add(struct console *c, const char *chat_id, const char *id, const char *user, const char *text);
/* The update that a typed text makes, or NULL if it answers a message that is not there (said in the log). */
struct update *console_update_new(struct console *c, const char *text);

/* console_print.c */
/* Writes all of it to stdout. False: nobody reads it any more. */
bool console_print(const char *bytes, size_t len);
/* The lines of a reply; caller frees. */
char *console_reply_format(const struct console *c, const struct outgoing *m);

#endif
