/* SPDX-License-Identifier: MIT */
/* One stored update becomes effects, replies and its "handled" mark in one transaction. turns.c orders them; this file knows no
 * loop and no thread: its two jobs run where the store runs them. */
#ifndef CDSBOT_BOT_TURN_H
#define CDSBOT_BOT_TURN_H

#include "turn_out.h"

struct turn {
	int64_t inbox_id;
	struct update *u; /* owned; NULL: the writer job loads it from the inbox row */
	struct registry *registry; /* owned references: a job keeps the snapshots it began with */
	struct config *config;

	bool say_rate_limited;	   /* this person's later messages now wait: say so politely once */
	bool is_too_slow;	   /* its reading took too long twice: say so instead of running it */

	struct turn_out out;
	bool is_read;	   /* the reading job finished: out is what the writer job stores */
	bool needs_writer; /* the reading job found a writing command: nothing was done */
	bool has_said_rate_limited; /* out holds the sentence already: a job may run twice */
	bool was_shut;	   /* the chat was unknown or parked before this update */
	bool was_handled;  /* the row had been handled before: no effect */
	unsigned n_deliveries;
};

struct turn *turn_new(int64_t inbox_id, struct update *u_taken, struct registry *r, struct config *c);
void turn_free(struct turn *t);

/* May it only read? Decided on the loop from the text alone; the reading job decides finally. */
bool turn_may_read(const struct update *u);

/* store_job_fn's, arg = struct turn. */
bool turn_read_job(struct db *db, void *arg, GError **error);
bool turn_write_job(struct db *db, void *arg, GError **error);

/* turn_dispatch.c: reads the message and runs its command; the jobs call it. read_only: must not write, sets needs_writer instead. */
bool turn_dispatch(struct turn *t, struct cmd_ctx *ctx, bool read_only, GError **error);
/* turn_event.c: what is no message: chats opened, gone, moved; people joining. */
bool turn_event(struct turn *t, struct cmd_ctx *ctx, GError **error);

#endif
