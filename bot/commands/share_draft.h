/* SPDX-License-Identifier: MIT */
/* What a message says about an initiative, before or beside the stored item: labelled text read into title, content and fields,
 * names of units and fields resolved against the register. */
#ifndef CDSBOT_BOT_COMMANDS_SHARE_DRAFT_H
#define CDSBOT_BOT_COMMANDS_SHARE_DRAFT_H

#include "bot/command.h"

/* In code points. A title is one line on a phone; a text of 10,000 is about four pages (domain §5.4). */
#define SHARE_TITLE_MAX 200
#define SHARE_TEXT_MAX 10000

struct share_draft {
	char *title;               /* one line, or "" */
	char *body;                /* content, or "" */
	char *addition;            /* unlabelled text where no title was expected: joins the content, replaces nothing; or "" */
	char *unit, *field, *type; /* as typed, or NULL */
	GPtrArray *fields;         /* struct item_field: everything else */
	char *unknown;             /* labels that are none, "a, b"; or NULL */
	char *source;              /* where it was copied from, for people; or NULL */
	bool has_labels;
	bool starts_unlabelled; /* before the first label stands a line of its own, perhaps a title */
	bool is_unit_guessed;  /* unit stands for what the text seems to name */
	bool is_title_guessed; /* taken from running text by whoever read it */
};
/* has_head: the first line may be the title. A title over SHARE_TITLE_MAX becomes content. */
void share_draft_read(const char *text, bool has_head, struct share_draft *ret);
void share_draft_clear(struct share_draft *d);
typedef struct share_draft share_draft_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(share_draft_t, share_draft_clear)
bool share_draft_is_empty(const struct share_draft *d);
void share_draft_set_body(struct share_draft *d, const char *body);
/* Sets a labelled line where the text has none of it. */
void share_draft_add_field(struct share_draft *d, const char *key, const char *value);

/* Takes a typed unit into the item. False: not one unit; then it stays as unit_text. Sets on_behalf: the author's unit is another,
 * and he is no moderator and no focal point of the parent unit (UBND tỉnh: the register knows no other hierarchy). who: the author,
 * may be NULL. */
bool share_draft_unit(const struct cmd_ctx *ctx, struct item *i, const char *typed, const struct member *who);
/* Units that an unclear name may mean (const char* codes), or NULL where there is nothing to choose from. */
GPtrArray *share_draft_units_near(const struct cmd_ctx *ctx, const struct item *i);
/* Takes a typed field (false: not recognised), or guesses one from the text where none is set or it was only guessed. */
bool share_draft_field(const struct cmd_ctx *ctx, struct item *i, const char *typed);
void share_draft_guess(const struct cmd_ctx *ctx, struct item *i);
/* One of the six kinds of domain §1 no. 32. False: not recognised, default taken. */
bool share_draft_type(struct item *i, const char *typed_or_null);
bool share_draft_type_is_told(const struct item *i); /* it is not the default one */
/* Says what was not recognised; nothing if all was. */
bool share_draft_is_unclear(const struct cmd_ctx *ctx, const struct share_draft *d); /* share_draft_say_unclear has something to say */
void share_draft_say_unclear(struct cmd_ctx *ctx, const struct share_draft *d, const struct item *i);

/* Joins two texts with a line break; either may be empty. Caller frees. */
char *share_draft_join(const char *a, const char *b);
/* Code points of title, content and fields. */
size_t share_draft_item_len(const struct item *i);

#endif
