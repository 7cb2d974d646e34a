/* SPDX-License-Identifier: MIT */
/* The console adapter: one terminal plays all the people (design §12 "Console contract"). One line is one message; a line that ends
 * in `\` goes on in the next. Lines that are no message:
 *
 *	>lan		from now on Lan writes, in private chat
 *	>lan@group	from now on Lan writes in the group of that name (`group` is the core group)
 *	>lan text	switches, and says the text there
 *	>>		lists who is there and this help
 *
 * and two prefixes of a message, in this order:
 *
 *	^ text		answers the last message seen in this chat, ^3 the third last
 *	+path text	attaches a file by its name; the text is its caption (a path holds a dot or a slash: "+1" is a message)
 *
 * The people are told by the core: adapter_env.saved, key CONSOLE_PEOPLE, lines of `name TAB description`. */
#ifndef CDSBOT_ADAPTERS_CONSOLE_H
#define CDSBOT_ADAPTERS_CONSOLE_H

#define CONSOLE_PEOPLE "people"
#define CONSOLE_GROUP "group"
#define CONSOLE_BOT "bot" /* "@bot" in a group speaks to the bot */
/* Who writes when no people are told. */
#define CONSOLE_NOBODY "toi"
/* What a reply that speaks to everybody in a group is addressed to. */
#define CONSOLE_EVERYBODY "moinguoi"

#endif
