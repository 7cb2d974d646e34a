/* SPDX-License-Identifier: MIT */
/* Talk copied or exported from another chat group, as text: who wrote what, and which of it is an initiative. For groups where the bot
 * cannot be a member (domain §2.5). Nothing is stored here. */
#ifndef CDSBOT_BOT_IMPORT_TEXT_H
#define CDSBOT_BOT_IMPORT_TEXT_H

#include "config/registry.h"
#include "store/item.h"

/* Running talk without labels is taken for an initiative only from this length on, under a title line of its own. */
#define IMPORT_TEXT_LONG 200

struct import_message {
	unsigned line; /* of its header, from 1 */
	char *sender;
	char *date;    /* "2026-11-24" where the header names a day, else NULL */
	char *text;    /* trimmed; may be "" */
};
void import_message_free(struct import_message *m);

/* Splits at header lines; lines between them continue the message above. Read are the forms in which chat programs copy and export:
 *   [10:15, 24/11/2026] Nguyễn Văn A: text     (either order, with seconds, a space for the comma; the text may begin on the next line)
 *   24/11/2026, 10:15 - Nguyễn Văn A: text
 *   Nguyễn Văn A, [24.11.2026 10:15]           Nguyễn Văn A, 10:15           Nguyễn Văn A 10:15
 *   Nguyễn Văn A:                              (alone on its line, not behind one with brackets or a dash)
 * A name without brackets before it must look like one: every word with a capital, and no label of domain §2.1. text: cleaned.
 * Returns struct import_message in order. *ret_strays (unsigned, caller unrefs): lines before the first header that are not empty. */
GPtrArray *import_text_split(const char *text, GArray **ret_strays);

/* The one sender of all, borrowed, or NULL: none or several. */
const char *import_text_sender(const GPtrArray *messages);
/* All texts, joined by empty lines; caller frees. */
char *import_text_joined(const GPtrArray *messages);

/* The one unit that a text names with two words or more, or NULL: none, or several. */
const struct unit *import_text_unit(const struct registry *r, const char *text);

enum import_text_what {
	IMPORT_TEXT_TALK,      /* nothing to keep */
	IMPORT_TEXT_ITEM,
	IMPORT_TEXT_SENSITIVE, /* secrecy stamp or ID number: not kept */
	IMPORT_TEXT_NO_TITLE,  /* labelled, but there is no title */
	IMPORT_TEXT_NO_BODY,
	IMPORT_TEXT_TOO_LONG
};
/* An initiative is a /chiase command, a text with a label for its content or title ("ND:", "Sáng kiến:"), or IMPORT_TEXT_LONG
 * characters under a title line. The item waits for approval, names its sender as author, and its ref is made from the text: the
 * same message is known again. */
enum import_text_what import_text_item(const struct import_message *m, const struct registry *r, struct item **ret_item);

#endif
