/* SPDX-License-Identifier: MIT */
/* Words to rows: turns what a turn said into posts and deliveries, split to each platform's limit, in the turn's own transaction.
 * Etiquette of groups (design §8) is decided here; pace and quiet hours are the courier's. */
#ifndef CDSBOT_BOT_OUTBOX_H
#define CDSBOT_BOT_OUTBOX_H

#include "base/macros.h"
#include "store/delivery.h"
#include "turn_out.h"

/* What was written in a group longer ago than this (by the platform's time) is answered late: after an outage, a crash, a platform that
 * delivered again much later. Its effect is the same, but the group has moved on: the answer goes to the person's private chat alone, with
 * a clause that says so; where none is open, the group's bundle names what was done, and who has something to see or to finish (a person once
 * a day); what was only looked up goes unsaid. Notices go as ever. Longer
 * than a restart, than clocks usually differ and than the first tries of a platform's delivery take; shorter than people wait before they
 * go on to something else. */
#define OUTBOX_LATE_MS (5 * MINUTE_MS)

/* What an answer needs to know of the message it answers; NULL for notices outside a turn. */
struct outbox_origin {
	const struct update *u;
	const struct chat *chat;
	int64_t actor_id; /* member, 0 none: does not get moderators' notices */
	bool is_reading;  /* something was looked up, no more: not worth a line when it is late */
};

/* Writes all replies. *ret_written: number of deliveries. */
bool outbox_write(struct db *db, const struct turn_out *o, const struct outbox_origin *origin, int64_t now_ms, unsigned *ret_written,
		  GError **error);

/* Stores a broadcast's post and fan-out. 0 = broken. */
int64_t outbox_broadcast(struct db *db, const struct turn_out *o, const char *text, bool core_groups, bool all_members, char **units,
			 int64_t announcement_id, int64_t now_ms, GError **error);

/* fanout_parts_fn: a post's parts for an adapter. arg: struct outbox_parts, zeroed by the caller, released after the last use. */
struct outbox_parts {
	GArray *parts;
};
void outbox_parts_for(void *arg, const char *adapter, const struct post *p, const struct post_part **ret_parts, size_t *ret_n);
void outbox_parts_release(struct outbox_parts *p);

#endif
