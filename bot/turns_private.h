/* SPDX-License-Identifier: MIT */
/* What turns.c (lanes), turns_run.c (one run and its retries) and turns_recover.c (rows without a lane) share; nobody else includes it. */
#ifndef CDSBOT_BOT_TURNS_PRIVATE_H
#define CDSBOT_BOT_TURNS_PRIVATE_H

#include "turns.h"

struct waiting {
	int64_t inbox_id;
	struct update *u; /* NULL: loaded from its row when it runs */
	int64_t since_ms;
	bool is_local;
};

struct lane {
	char *key;
	GQueue queue; /* struct waiting */
	struct run *running;
	bool is_ready;	    /* in turns.ready or turns.delayed */
	int64_t not_before; /* mono; 0 = now */
	double tokens;
	int64_t tokens_at;
	bool was_held;	 /* the rate made its first one wait */
	bool was_warned; /* and its person was told */
};

/* What a run is at: after disk trouble it goes on from here. */
enum run_step { RUN_TRY /* recovery: tries + 1 */, RUN_TURN, RUN_ASIDE };

struct run {
	struct turns *turns;
	struct lane *lane; /* NULL: recovery */
	struct turn *turn;
	enum run_step step;
	unsigned failures;
	unsigned timeouts; /* readings that took too long */
	int64_t since_ms;
	char *reason;	/* set aside: why */
	bool aside_untold; /* telling the moderators broke: without it then */
	unsigned tries; /* recovery: after tries + 1 */
};

struct turns {
	uv_loop_t *loop;
	struct store *store;
	struct turns_events ev;
	GHashTable *lanes; /* key -> struct lane */
	guint sweep_at;
	GQueue ready;	   /* struct lane */
	GQueue delayed;	   /* struct lane waiting for its time; few */
	GQueue retries;	   /* struct retry: runs that wait for another try */
	uv_timer_t timer;
	unsigned running;
	size_t held, waiting;
	double per_ms, burst;
	bool is_held, is_closing, is_recovering;
	void (*closed)(void *);
	void *closed_arg;
	GHashTable *known; /* int64_t row ids waiting or running: what a rescan must leave alone */
	bool is_rescanning, rescan_again;
	GQueue found; /* recovery: struct inbox_row */
	int64_t found_after;
	struct turns_stats stats;
};

/* turns.c */
void turns_pump(struct turns *t);
void turns_finish_close(struct turns *t);
/* As turns_add, for a row whose update is loaded when it runs; who names the lane, borrowed. */
void turns_add_row(struct turns *t, int64_t inbox_id, const struct update *who);
/* The lane's run is over: the next of the lane may go. */
void turns_lane_end(struct turns *t, struct lane *lane);

/* turns_run.c: run_start takes r from here on; it ends by itself. */
void turns_run_start(struct run *r);
void turns_run_set_aside(struct run *r, const char *reason);
/* At shutdown: those that wait for another try are abandoned at once. */
void turns_run_abandon(struct turns *t);

/* turns_recover.c */
void turns_recover_next(struct turns *t);

#endif
