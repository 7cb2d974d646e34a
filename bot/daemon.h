/* SPDX-License-Identifier: MIT */
/* The wiring of `run` and `chat`: loop, store, adapters, and who hears of what. Decides nothing itself. */
#ifndef CDSBOT_BOT_DAEMON_H
#define CDSBOT_BOT_DAEMON_H

#include <glib.h>
#include <stdbool.h>

#include "config/config.h"

struct daemon_options {
	const char *config_file;	 /* or NULL: reload does nothing */
	struct config *config;		 /* taken reference stays the caller's */
	const char *const *adapters;	 /* names to open, ends with NULL */
	const char *holder;		 /* for the lock's sentence */
	const char *const *console_people; /* "name\tdescription" for the console, ends with NULL; or NULL */
	bool ends_with_console;		 /* chat: ends when the console has ended and what is due has gone */
};

/* Runs until SIGTERM, SIGINT or the console's end. Exit status 0 done, 1 failed (error set). */
int daemon_run(const struct daemon_options *o, GError **error);

/* Setting: adapter -> "milliseconds text", for as long as the alarm is in force. */
#define DAEMON_ALARM_SCOPE "alarm"

#endif
