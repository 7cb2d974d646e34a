/* SPDX-License-Identifier: MIT */
/* Codes that are read from one screen and typed on a phone: the first admin's, and those of /lienket. */
#ifndef CDSBOT_BOT_ONE_TIME_CODE_H
#define CDSBOT_BOT_ONE_TIME_CODE_H

#include <glib.h>

/* Without 0/O and 1/I. 8 of 32 letters are 40 bits, for a handful of tries in the minutes that a code lives. */
#define ONE_TIME_CODE_LEN 8
/* From the kernel's random numbers; NULL sets error. Caller frees. */
char *one_time_code_make(GError **error);
/* Letters and digits of what was typed, in upper case, whatever the phone made of it. Caller frees. */
char *one_time_code_of(const char *typed);

#endif
