/* SPDX-License-Identifier: MIT */
/* Vietnamese text as people type it: cleaning, NFC, folding for comparison, lengths in the platforms' units.
 * Knows nothing of commands, of search or of any platform. */
#ifndef CDSBOT_BASE_TEXT_H
#define CDSBOT_BASE_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a platform counts when it says "characters". */
enum text_unit { TEXT_BYTES, TEXT_CODE_POINTS, TEXT_UTF16 };

/* Any bytes to clean text: invalid UTF-8 becomes U+FFFD, NFC, CRLF and CR become \n, NUL and control characters other than
 * \n and \t go, zero-width and direction characters (U+200B, U+FEFF, U+2060, U+202E...) go, no-break and other odd spaces become plain ones.
 * The soft hyphen U+00AD stays: in TCVN3, an old Vietnamese encoding, it is the letter ư (bot/reader_legacy.c). Emoji joiners (U+200D) and variation selectors stay. Caller frees. This is where text enters the program. */
char *text_clean(const char *bytes, size_t len);

/* The one folding for comparison, command words and search: NFC, lower case, no diacritics, đ to d, `&` to " va ", every
 * other character that is no letter or digit to one space; trimmed, single-spaced. "Sở TT&TT" -> "so tt va tt". Caller frees. */
char *text_fold(const char *utf8);

/* As text_fold, but keeps everything that is no letter as it is (punctuation, spaces, line breaks), so that positions of
 * words relate: for labels and dates. Lower case, no diacritics, đ to d. Caller frees. */
char *text_fold_keep(const char *utf8);

/* Telex or VNI keystrokes of one syllable folded away ("tifm" and "tim2" -> "tim", "ddawng" -> "dang"). Input: one folded
 * word. NULL if the word holds no such keystrokes; else caller frees. */
char *text_fold_keystrokes(const char *folded_word);

/* Spelt like a Vietnamese syllable. Input: one folded word. */
bool text_is_syllable(const char *folded_word);

/* Length in a unit; the text must be valid UTF-8. */
size_t text_len(const char *utf8, enum text_unit unit);
size_t text_len_n(const char *utf8, size_t bytes, enum text_unit unit);

/* A copy of at most max_chars grapheme clusters; if it was longer, it ends at a word with "…" (counted). Caller frees. */
char *text_ellipsize(const char *utf8, size_t max_graphemes);

/* Byte offset of the end of the grapheme cluster that starts at offset `from` (libunistring). */
size_t text_next_grapheme(const char *utf8, size_t len, size_t from);

/* Number of single-letter edits (insert, delete, replace, swap of neighbours) between two folded words, counted only up to
 * `limit`: more than limit is returned as limit + 1. Works on bytes: folded words are ASCII but for foreign letters. */
unsigned text_distance(const char *a, const char *b, unsigned limit);

/* Upper-cases the first letter, leaves the rest; caller frees. */
char *text_capitalize(const char *utf8);

#endif
