/* SPDX-License-Identifier: MIT */
/* The six values of the label `loai` (domain §1 no. 32). */
#ifndef CDSBOT_BOT_ITEM_TYPE_H
#define CDSBOT_BOT_ITEM_TYPE_H

/* As shown and stored; the first is the default of an initiative. Ends with NULL. */
extern const char *const item_types[];
/* The value that was typed, with or without diacritics; NULL: none of them. */
const char *item_type_match(const char *typed);

#endif
