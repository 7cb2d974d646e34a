/* SPDX-License-Identifier: MIT */
/* One row per option: the loader, `cdsbot check`, reload and the example file all come from these rows. */
#ifndef CDSBOT_CONFIG_OPTION_H
#define CDSBOT_CONFIG_OPTION_H

#include <stdbool.h>
#include <stdint.h>

enum option_type {
	OPTION_STRING, OPTION_INT, OPTION_REAL, OPTION_BOOL,
	OPTION_DURATION, /* "90s", "15m", "24h", "30d", "500ms"; kept in ms */
	OPTION_CLOCK,	 /* "21:00"; kept in minutes of the day */
	OPTION_CHOICE,	 /* one of the words in `choices`, "a|b|c" */
	OPTION_URL,	 /* https, or http to loopback */
	OPTION_ADDRESS,	 /* host:port to listen on, host an IP address or localhost; "off" is kept as unset (NULL) */
	OPTION_PATH	 /* relative paths are taken from the configuration file's folder */
};
enum option_flags {
	OPTION_RELOAD = 1,    /* SIGHUP takes it over; without the flag it needs a restart and reload says so */
	OPTION_SECRET = 2,    /* masked everywhere; may also come as NAME_file = path or from the environment CDSBOT_SECTION_NAME */
	OPTION_REQUIRED = 4   /* the section cannot work without it */
};
struct option {
	const char *name; /* NULL ends the table */
	enum option_type type;
	const char *dflt; /* as typed; NULL = none */
	double min, max;  /* numbers and durations (in ms); both 0 = no limits */
	const char *choices;
	unsigned flags;
	const char *help; /* one or two sentences in Vietnamese for the example file: meaning, unit, reason of the default */
};

/* What a row's text means. text: what was typed, in its normal form (a choice as in the row, a path made absolute or relative to the
 * configuration's folder); NULL = unset. */
struct option_value {
	char *text;
	int64_t number; /* also 0/1, ms, minutes */
	double real;
};

/* Reads a typed value; dir: the configuration file's folder or NULL. False: *ret_what and *ret_advice (caller frees) say in Vietnamese
 * what is wrong and what to write instead; the value of a secret is never repeated. Results are untouched otherwise. */
bool option_parse(const struct option *o, const char *typed, const char *dir, struct option_value *ret, char **ret_what,
		  char **ret_advice);
void option_value_clear(struct option_value *v);

/* What may be written, in Vietnamese: "số nguyên từ 1 đến 600"; caller frees. */
char *option_describe(const struct option *o);

#endif
