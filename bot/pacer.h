/* SPDX-License-Identifier: MIT */
/* When may the next message go? Token buckets per platform, private chat and group; pauses; back-off. Pure arithmetic on monotonic
 * milliseconds: no timer, no I/O. The courier alone uses it. */
#ifndef CDSBOT_BOT_PACER_H
#define CDSBOT_BOT_PACER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapters/adapter.h"

struct pacer;

/* Buckets start empty at start_ms: what was sent just before a restart is not known. A chat's bucket made later has filled since then. */
struct pacer *pacer_new(const struct adapter_pace *pace, int64_t start_ms);
void pacer_free(struct pacer *p);

/* Reserves the next moment for this chat, not before now and not after now + horizon: *ret_at_ms. False: nothing within the horizon;
 * *ret_at_ms is when to ask again (the earliest moment that could do). A reservation is spent, whatever the send's result. */
bool pacer_reserve(struct pacer *p, int64_t chat_row, enum chat_kind kind, int64_t now_ms, int64_t horizon_ms, int64_t *ret_at_ms);
/* The platform said wait: nothing of the adapter (chat_row 0) or of one chat and class before until_ms. Only ever extends. */
void pacer_pause(struct pacer *p, int64_t chat_row, int64_t until_ms);
int64_t pacer_paused_until(const struct pacer *p); /* whole adapter, 0 = not */
/* A chat's id changed its row, or nobody needs the bucket: idle buckets are forgotten by themselves when full. */
void pacer_forget(struct pacer *p, int64_t chat_row);
size_t pacer_buckets(const struct pacer *p);

/* Which class goes next, so that none starves: lower first, but every PACER_TURN'th choice goes to the other class that was passed over
 * longest (equally long: the highest). waiting: bit set of classes. Returns the class; 0 where none waits. */
#define PACER_TURN 8
unsigned pacer_next_class(struct pacer *p, unsigned waiting);

/* Exponential back-off with jitter: first, doubled each try (tries from 1), at most max, times 0.75..1.25. */
int64_t pacer_backoff_ms(unsigned tries, int64_t first_ms, int64_t max_ms);

#endif
