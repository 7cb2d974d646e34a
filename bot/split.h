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

#define SPLIT_ERROR split_error_quark()
GQuark split_error_quark(void);
enum split_error {
	SPLIT_ERROR_LIMIT, /* one grapheme or span is longer than the limit */
	SPLIT_ERROR_PARTS  /* more than SPLIT_PARTS_MAX */
};

/* *ret_parts: struct post_part array (start, len in bytes of text), caller unrefs. White space at the cuts, and at both ends of a text
 * that needs cutting, belongs to no part. False + SPLIT_ERROR otherwise. limit 0 = unlimited: one part. An empty text gives one empty
 * part. */
bool split_text(const char *text, const struct span *spans, size_t n_spans, size_t limit, enum text_unit unit, GArray **ret_parts,
		GError **error);

#endif
