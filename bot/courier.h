/* SPDX-License-Identifier: MIT */
/* Carries deliveries from the store to the adapters: claims only what can go out within a moment, paces, sends concurrently, settles in
 * batches. Pacing, quiet hours, back-off and the policy for uncertain sends live here and nowhere else. */
#ifndef CDSBOT_BOT_COURIER_H
#define CDSBOT_BOT_COURIER_H

#include <uv.h>

#include "adapters/adapter.h"
#include "config/config.h"
#include "store/budget.h"
#include "store/store.h"

struct courier;

struct courier_events {
	void *arg;
	/* Nothing of this adapter is due, claimed, in flight or being settled any more. */
	void (*on_idle)(void *arg, struct adapter *a);
	/* Where the adapter's message budget stands, at every look (is_held: notices or answers wait for the next period because of it).
	 * The receiver says it to people once. Borrowed. May be NULL. */
	void (*on_budget)(void *arg, struct adapter *a, const struct budget *b, bool is_held);
	/* Deliveries ended ASKED (uncertain = ask): the admins decide. */
	void (*on_asked)(void *arg, int64_t delivery_id, const char *chat_title_or_id);
};

/* How far ahead notices are claimed: a crash makes claimed rows uncertain, and an answer that comes meanwhile waits behind them. */
#define COURIER_AHEAD_MS 250
/* An answer may be claimed this far ahead: it waits for its own chat's bucket. */
#define COURIER_AHEAD_DIRECT_MS 1000
/* Refused credentials: how long the adapter rests before the next try. */
#define COURIER_BROKEN_PAUSE_MS (60 * 1000)
/* A message budget's last shares are kept for what matters more (percent of the limit): digests can wait for another day and stop first;
 * announcements and notices stop before the answers do: a person who asks and hears nothing believes the bot is dead, while a notice
 * that waits goes out with the next period. */
#define BUDGET_KEEP_FROM_DIGESTS 30
#define BUDGET_KEEP_FROM_NOTICES 10
#define BUDGET_LOW_PERCENT 80 /* used: the admins are warned */
/* A delivery that the platform keeps putting off is dead after this long. It counts from the first time: before that it may have waited
 * for its budget's next period, or for the program. */
#define COURIER_AGE_MAX_MS (INT64_C(48) * 3600 * 1000)

struct courier *courier_new(uv_loop_t *loop, struct store *store, struct config *config, const struct courier_events *ev);
void courier_set_config(struct courier *c, struct config *config);
/* a stays the caller's; it may be closed once courier_close was called. */
void courier_add(struct courier *c, struct adapter *a);
/* New rows may be there (all adapters). Cheap; coalesces. */
void courier_kick(struct courier *c);
void courier_hold(struct courier *c, bool hold); /* disk trouble: nothing is claimed */
void courier_drain(struct courier *c); /* shutdown begins: only direct answers are claimed from now on */
bool courier_is_idle(const struct courier *c, const struct adapter *a);
/* Wall time until which quiet hours hold everything but direct answers; 0 = not now. */
int64_t courier_quiet_until(const struct config *config, int64_t now_ms);
/* Claims nothing more, gives unsent claims back, waits for what is in flight to be settled (close the adapters to end it), then
 * closed on the loop. */
void courier_close(struct courier *c, void (*closed)(void *arg), void *arg);
bool courier_in_flight(const struct courier *c);

/* Classes for which the budget has nothing left; NULL: none is kept from anything. */
unsigned courier_budget_refuses(const struct budget *b_or_null);

struct courier_stats {
	uint64_t claimed, sent, later, uncertain, dead, parked;
	int64_t last_direct_ms; /* from row to accepted, the last direct answer */
};
const struct courier_stats *courier_get_stats(const struct courier *c);

#endif
