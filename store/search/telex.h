/* SPDX-License-Identifier: MIT */
/* Telex and VNI keystrokes that a phone has not turned into letters. */
#ifndef CDSBOT_STORE_SEARCH_TELEX_H
#define CDSBOT_STORE_SEARCH_TELEX_H

/* "tieesng", "tie6ng1" -> "tiếng", its tone as a combining mark at the end (the index does not care where it sits). word: one folded word.
 * NULL if it holds no keystrokes of a Vietnamese syllable; else caller frees. */
char *telex_decode(const char *word);

#endif
