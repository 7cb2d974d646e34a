/* SPDX-License-Identifier: MIT */
/* What a text says its own abbreviations stand for: "bảo hiểm thất nghiệp (BHTN)", "(sau đây gọi tắt là BHTN)", "BHTN (bảo hiểm thất nghiệp)".
 * It reads texts only; where the definitions are counted is initialism.h's matter. */
#ifndef CDSBOT_STORE_SEARCH_INITIALS_H
#define CDSBOT_STORE_SEARCH_INITIALS_H

#include <glib.h>

/* Definitions of one item at most: a list of abbreviations has them all, a text made to fill the table has not. */
#define INITIALS_MAX 64
/* Words of an abbreviation as the index cuts it: "LĐ-TB&XH" are four. */
#define INITIALS_WORDS_MAX 4

/* Appends a line "bhtn\tbao hiem that nghiep\n", folded, for each definition in text (any bytes; NULL: none) that is not in the list yet. */
void initials_find(const char *text, GString *list);

#endif
