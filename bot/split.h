/* SPDX-License-Identifier: MIT */
/* Splits a long text into parts in the platform's unit: at a paragraph, else a line, else a sentence, else a word, else a grapheme;
 * never inside a grapheme (libunistring) or a span. All parts or a visible failure. Pure. */
#ifndef CDSBOT_BOT_SPLIT_H
#define CDSBOT_BOT_SPLIT_H

#include "adapters/message.h"
#include "base/text.h"
#include "store/delivery.h"

/* A post in more parts than this is a mistake of ours or an attack: refused. */
#define SPLIT_PARTS_MAX 50

/* *ret_parts: struct post_part array (start, len in bytes of text; white space at the cuts belongs to no part), caller unrefs. False +
 * error: limit too small for a grapheme or span, or too many parts. limit 0 = unlimited: one part. An empty text gives one empty part. */
bool split_text(const char *text, const struct span *spans, size_t n_spans, size_t limit, enum text_unit unit, GArray **ret_parts,
		GError **error);

#endif
