/* SPDX-License-Identifier: MIT */
/* What the files of the reader share among themselves. Nobody else includes it. */
#ifndef CDSBOT_BOT_READER_IMPL_H
#define CDSBOT_BOT_READER_IMPL_H

#include "command.h"
#include "reader.h"

/* A letter, a digit, or what belongs to one: combining marks, decorated letters, signs without width. */
bool reader_is_word_char(gunichar c);
const char *reader_word_end(const char *p);
/* Past blanks of the line (not past its end) and signs without width. */
const char *reader_skip_blank(const char *p);
/* Past all white space. */
const char *reader_skip_space(const char *p);

/* The folded words of a text, at most `most` (more: NULL). Caller g_strfreev. */
char **reader_words(const char *text, unsigned most);
/* All of it folded into one word: "Nội dung" -> "noidung". Caller frees. */
char *reader_joined(const char *text);
/* Is the word one of the list's, which are separated by spaces? */
bool reader_is_in(const char *word, const char *list);
/* The next word from p on as typed, but lower case and NFC; "" at the end. *p moves past it. Caller frees. */
char *reader_take_word(const char **p);
/* Nothing but "ạ", "nhé" and the like, or nothing at all? */
bool reader_is_filler(const char *text);

/* The command that has exactly this folded word; full_only: its name or another word of four letters and more. */
const struct command *reader_find(const struct command *const *commands, const char *folded, bool full_only);

/* Shorter words must be right to the letter. */
#define READER_SLIP_MIN 4
/* The commands that one wrong, missing, surplus or swapped letter away have this word (typed may be NULL); caller unrefs. */
GPtrArray *reader_slips(const struct command *const *commands, const char *typed);
/* For "ý đồng chí là …": the few nearest by their beginnings, best first; NULL if none is near. Caller unrefs. */
GPtrArray *reader_nearest(const struct command *const *commands, const char *typed);

/* How the word of a command was typed without a mark. */
enum typed_as { TYPED_NAME, TYPED_BRIEF, TYPED_OTHER };
/* A text without a command mark begins with a command's word; does what follows show that the command was meant? (domain §5.1) */
bool reader_fits(const struct command *const *commands, const struct command *c, enum typed_as as, const char *word,
		 const char *args);

/* Does the text begin with a known label ("kinh phi: …")? Does any line of it? */
bool reader_begins_with_label(const char *text);
bool reader_has_label(const char *text);

#endif
