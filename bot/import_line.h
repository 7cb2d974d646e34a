/* SPDX-License-Identifier: MIT */
/* One line of JSON to one item, as `cdsbot import` and the demo's seeds have it: `title`, `body`, optionally `ref` (else `id`, else `seq`),
 * `unit`, `field`, `kind`, `date`, `source`; other keys are ignored. */
#ifndef CDSBOT_BOT_IMPORT_LINE_H
#define CDSBOT_BOT_IMPORT_LINE_H

#include "config/registry.h"
#include "store/item.h"

/* A title longer than this is a mistake in the file, not a title; a body longer than this is no initiative. */
#define IMPORT_TITLE_MAX 500
#define IMPORT_BODY_MAX 100000

/* NULL + error that says what is wrong with the line (no file name, no number). dflt: kind where the line names none of SK, CC, DC, BH
 * (another word in `kind` is the item's type). Units and fields are taken by code or name; unknown ones are kept as text. Caller frees. */
struct item *import_line(const char *line, size_t len, enum item_kind dflt, const struct registry *r, GError **error);

#endif
