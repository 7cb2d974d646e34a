/* SPDX-License-Identifier: MIT */
/* Makes the delivery rows of a broadcast in chunks between other work, so that 100,000 recipients never stall the writer. Interrupted
 * ones go on after a restart: what is left is counted from the rows. */
#ifndef CDSBOT_BOT_BROADCAST_H
#define CDSBOT_BOT_BROADCAST_H

#include "store/store.h"

/* Rows a step: about 10 ms of the writer. */
#define BROADCAST_STEP 500

struct broadcast;

/* on_rows: rows were made (kick the courier). on_idle: nothing is left to make. */
struct broadcast *broadcast_new(struct store *store, void (*on_rows)(void *arg), void (*on_idle)(void *arg), void *arg);
void broadcast_kick(struct broadcast *b); /* there may be something to make */
bool broadcast_is_idle(const struct broadcast *b);
void broadcast_stop(struct broadcast *b); /* ends after the step under way; free when idle */
void broadcast_free(struct broadcast *b);

#endif
