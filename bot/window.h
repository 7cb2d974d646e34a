/* SPDX-License-Identifier: MIT */
/* The last quarter of an hour of unaddressed talk, in memory only, capped, owned by the loop: serves /luu, texts in several parts and
 * files that come before their text. Nothing of it is ever stored unless a message takes it along. Empty after a restart. */
#ifndef CDSBOT_BOT_WINDOW_H
#define CDSBOT_BOT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/message.h"

/* More than a busy group writes in the window; with the byte cap it bounds the memory, not the service. */
#define WINDOW_UPDATES_MAX 4000
#define WINDOW_BYTES_MAX (2 * 1024 * 1024)
/* Texts that follow one another within this time are one text (domain §5.4). */
#define WINDOW_PARTS_MS (2 * 60 * 1000)
/* A text this long may have been cut by its writer's app: only then does the next one continue it. Apps cut at 2,000 and 4,096. */
#define WINDOW_LONG_CHARS 1500

struct window;

struct window *window_new(int64_t span_ms);
void window_free(struct window *w);
void window_set_span(struct window *w, int64_t span_ms);

/* Takes u: keeps or drops it (a message that is there already). */
void window_keep(struct window *w, struct update *u, int64_t now_mono_ms);
/* Moves what belongs to this message out of the window into u->window: the sender's files of the whole span, his texts of the last
 * WINDOW_PARTS_MS, oldest first. */
void window_join(struct window *w, struct update *u, int64_t now_mono_ms);
/* A text in private chat that is no command: it goes its own way, and for the span a copy waits here in case it was pasted to be
 * saved. window_join leaves it alone; window_join_paste takes the sender's last one, with what he had sent within WINDOW_PARTS_MS
 * before it, oldest first. */
void window_keep_paste(struct window *w, struct update *u, int64_t now_mono_ms);
void window_join_paste(struct window *w, struct update *u, int64_t now_mono_ms);
/* What this message of u's sender in u's chat brought (files, a paste) has found its item: no later message takes it again. */
void window_forget(struct window *w, const struct update *u, const char *message_id);
/* Fills u->reply_text (and who wrote it) from the window where the platform did not send it. */
void window_find_reply(struct window *w, struct update *u, int64_t now_mono_ms);

/* The sender's next files (and, after a long text, his next text at once) in this chat belong to what he just shared. */
void window_expect(struct window *w, const struct update *u, bool files, bool text, int64_t now_mono_ms);
bool window_expects_files(struct window *w, const struct update *u, int64_t now_mono_ms);
bool window_expects_text(struct window *w, const struct update *u, int64_t now_mono_ms);

size_t window_bytes(const struct window *w);

#endif
