/* SPDX-License-Identifier: MIT */
/* The order of turns: one lane a person (or chat without a person), one turn of a lane at a time, many lanes at once. Retries broken
 * turns after 1, 5 and 25 s, then sets them aside; disk trouble is never a turn's fault. Paces a person's flood without losing it. */
#ifndef CDSBOT_BOT_TURNS_H
#define CDSBOT_BOT_TURNS_H

#include <uv.h>

#include "store/store.h"
#include "turn.h"

struct turns;

struct turns_events {
	void *arg;
	/* Snapshots for a turn that begins: new references for the callee's caller to release are taken by turn_new. */
	struct registry *(*registry)(void *arg);
	struct config *(*config)(void *arg);
	/* A turn is committed; t dies after the call. */
	void (*on_done)(void *arg, const struct turn *t);
	/* An update was set aside after its last try, and a notice to the moderators written. */
	void (*on_aside)(void *arg, int64_t inbox_id, const char *reason);
	/* Recovery is over (once), or nothing is waiting or running any more. */
	void (*on_recovered)(void *arg);
	void (*on_idle)(void *arg);
};

/* Updates held in memory: beyond it ingress is told to push back. A lane keeps LANE_HELD updates; of the rest only the row's id. */
#define TURNS_HELD_MAX 4096
#define LANE_HELD 16
/* Turns under way in the store at once: one batch of the writer. */
#define TURNS_RUNNING_MAX 128
#define TURN_RETRIES 3 /* after 1, 5, 25 s */

struct turns *turns_new(uv_loop_t *loop, struct store *store, unsigned commands_per_minute, const struct turns_events *ev);
void turns_set_rate(struct turns *t, unsigned commands_per_minute);
/* Takes u. is_local: no rate limit (the console). */
void turns_add(struct turns *t, int64_t inbox_id, struct update *u, bool is_local);
/* Runs what a dead process left unhandled, one at a time, each after its own committed tries + 1 (design §2); then on_recovered. */
void turns_recover(struct turns *t);
/* Another process may have revived set-aside rows: runs unhandled rows that are not in memory. */
void turns_rescan(struct turns *t);
/* Disk trouble: no turn starts; begun ones that came back go again afterwards. */
void turns_hold(struct turns *t, bool hold);
bool turns_is_full(const struct turns *t);
bool turns_is_idle(const struct turns *t);
size_t turns_waiting(const struct turns *t);
/* Frees when idle or abandoned at shutdown (rows stay unhandled and are found again); closed on the loop. */
void turns_close(struct turns *t, void (*closed)(void *arg), void *arg);

struct turns_stats {
	uint64_t done, read, retried, aside, repeated;
	int64_t last_ms; /* from arrival in memory to commit */
};
const struct turns_stats *turns_get_stats(const struct turns *t);

#endif
