/* SPDX-License-Identifier: MIT */
/* The left end: decides what concerns the bot, stores it, and only then lets the platform be told. Ordinary group talk ends here and is
 * never stored (domain §4); texts with a secrecy stamp or an ID number are stored without their text. */
#ifndef CDSBOT_BOT_INGRESS_H
#define CDSBOT_BOT_INGRESS_H

#include "adapters/adapter.h"
#include "store/store.h"
#include "window.h"

struct ingress;
/* A new row is committed; takes u. On the loop, in the order of arrival. */
typedef void ingress_row_fn(void *arg, int64_t inbox_id, struct update *u);

struct ingress *ingress_new(struct store *store, struct window *window, ingress_row_fn *on_row, void *arg);
void ingress_free(struct ingress *i); /* only when ingress_is_idle */
/* adapter_events.on_batch. Takes the batch. */
void ingress_take(struct ingress *i, struct update_batch *batch);
/* Closed: every batch with something to store is answered "not committed" (shutdown, too many turns waiting, disk trouble). */
void ingress_set_closed(struct ingress *i, bool closed);
bool ingress_is_idle(const struct ingress *i);

struct ingress_stats {
	uint64_t stored, duplicates, dropped_talk, withheld, pushed_back;
};
const struct ingress_stats *ingress_get_stats(const struct ingress *i);

#endif
