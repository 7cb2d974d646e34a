/* SPDX-License-Identifier: MIT */
/* What was meant by words that nobody has written: keystrokes, a wrong letter, two syllables run together. */
#ifndef CDSBOT_STORE_SEARCH_SPELL_H
#define CDSBOT_STORE_SEARCH_SPELL_H

#include "query.h"
#include "store/db.h"

/* Asks for the counts of the words and puts what was meant into the line as typed. *ret_changed tells whether it did. */
bool spell_fix(struct db *db, struct query_plan *p, bool *ret_changed, GError **error);

/* "sở gao dịch": of the words of the line as typed that stand beside none of their neighbours anywhere, the rarest one may be a slip that
 * makes another word. Adds a line with what fits in its place. After spell_fix; to no purpose where somebody has written the whole line
 * side by side. */
bool spell_doubt(struct db *db, struct query_plan *p, GError **error);

/* Puts the best guess for word i of the line as typed, though somebody may have written it: only what stands beside its neighbours somewhere. */
bool spell_force(struct db *db, struct query_plan *p, guint i, bool *ret_changed, GError **error);

#endif
