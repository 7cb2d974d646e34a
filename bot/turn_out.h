/* SPDX-License-Identifier: MIT */
/* What a turn wants to say and ask, collected while a command runs; written as rows by outbox.c in the same transaction as the turn's
 * effects. Also the cmd_* speaking functions of command.h. */
#ifndef CDSBOT_BOT_TURN_OUT_H
#define CDSBOT_BOT_TURN_OUT_H

#include "command.h"

enum reply_place {
	REPLY_PRIVATE,	      /* details: the person's private chat */
	REPLY_LINE,	      /* the group's one line */
	REPLY_LINE_IF_CLOSED, /* the group's line only when no private chat is open */
	REPLY_MEMBER,	      /* private notice to member_id */
	REPLY_MODERATORS,     /* private notice to every moderator but the actor and who has one of his own (REPLY_MEMBER) about the same item */
	REPLY_CORE,	      /* every core group */
	REPLY_FILE	      /* a kept file to the person's private chat */
};

struct reply {
	enum reply_place place;
	char *text;
	GArray *spans; /* struct span, or NULL */
	char *word;    /* REPLY_LINE: what the bundle lists */
	int64_t member_id;
	int64_t chat_id; /* REPLY_MEMBER: this private chat; 0 = that of the identity member_id last used */
	int64_t item_id; /* what was spoken of when it was said; 0: the turn's last */
	struct attachment *file;
	char *file_adapter;
	char *not_adapter; /* REPLY_MODERATORS: on another adapter; NULL: wherever the person was last */
	bool may_be_there; /* there too, if the person is on no other */
};

struct turn_out {
	char *address; /* form of address in force */
	unsigned confirmations; /* lines a minute that go into a group at once */
	GPtrArray *replies;
	GArray *bold; /* spans for the next text */
	int64_t item_id;
	bool clear_pending;
	struct pending *pending; /* to set; wins over clear_pending */
	struct pending *more;	 /* cmd_more: what /tiep goes on with, to set */
	int64_t files_item_id;	 /* cmd_expect_files */
	char *taken_id;		 /* cmd_took, or NULL */
	bool has_fanout;	 /* a broadcast was stored: the daemon makes its rows */
	bool register_changed;	 /* units, fields or abbreviations changed: load a new snapshot */
	bool only_looked_up;	 /* cmd_looked_up */
};

void turn_out_init(struct turn_out *o, const struct config *c);
void turn_out_reset(struct turn_out *o); /* as after init: a job that is run again starts clean */
void turn_out_release(struct turn_out *o);

/* Notices outside a turn (the scheduler's report, alarms) are collected the same way. */
void turn_out_tell(struct turn_out *o, int64_t member_id, const char *text);
void turn_out_tell_moderators(struct turn_out *o, const char *text);
/* To the moderators who can be reached on another adapter; may_be_there: to the others on this one. */
void turn_out_tell_elsewhere(struct turn_out *o, const char *text, const char *not_adapter, bool may_be_there);

#endif
