/* SPDX-License-Identifier: MIT */
/* Everything the bot says, in Vietnamese. One .def file a command family: W(NAME, "text with {named} places"). Ids are checked by the
 * compiler, places at run time (a missing one aborts in test builds). {dc} and {Dc} are the form of address ("đồng chí"). */
#ifndef CDSBOT_BOT_WORDING_WORDING_H
#define CDSBOT_BOT_WORDING_WORDING_H

#include <glib.h>
#include <stdarg.h>

enum msg {
	MSG_NONE,
#define W(name, text) MSG_##name,
#include "wording_all.def"
#undef W
	MSG_COUNT
};

/* The text with its places filled; arguments are pairs "name", "value" and a closing NULL. Values are data: they are never read as
 * places or formats. address: the form of address. Caller frees. */
char *wording_format(const char *address, enum msg id, ...) G_GNUC_NULL_TERMINATED;
char *wording_format_va(const char *address, enum msg id, va_list ap);
const char *wording_raw(enum msg id);

/* A list for people: "a, b và c"; caller frees. */
char *wording_list(char **words);

#endif
