/* SPDX-License-Identifier: MIT */
/* What happens by the clock: an announcement's deadline, expiry of what must not be kept (domain §4). */
#ifndef CDSBOT_BOT_SCHEDULER_H
#define CDSBOT_BOT_SCHEDULER_H

#include <uv.h>

#include "config/config.h"
#include "config/registry.h"
#include "store/budget.h"
#include "store/store.h"

struct scheduler;

struct scheduler_events {
	void *arg;
	struct registry *(*registry)(void *arg);
	struct config *(*config)(void *arg);
	void (*on_rows)(void *arg); /* deliveries were written */
};

/* Deadlines are looked at this often; people give them to the minute. */
#define SCHEDULER_TICK_MS (15 * 1000)
/* Retention runs this often, in small bites so that it never stalls the writer; with more to do at the next tick. */
#define SCHEDULER_EXPIRE_MS (10 * 60 * 1000)
#define SCHEDULER_EXPIRE_ROWS 500

struct scheduler *scheduler_new(uv_loop_t *loop, struct store *store, const struct scheduler_events *ev);
/* A notice to all moderators, outside any turn (an alarm, an update set aside). text is copied. */
void scheduler_tell_moderators(struct scheduler *s, const char *text);
/* An alarm of an adapter, to every moderator who can be reached on another one: what is deaf cannot tell. */
void scheduler_tell_elsewhere(struct scheduler *s, const char *text, const char *not_adapter);
/* A word on a message budget, once a period: on another adapter where possible. */
void scheduler_tell_budget(struct scheduler *s, const char *text, const char *adapter, const char *period, enum budget_word word);
void scheduler_look(struct scheduler *s); /* now, e.g. after a foreign change */
void scheduler_close(struct scheduler *s, void (*closed)(void *arg), void *arg);

#endif
