/* SPDX-License-Identifier: MIT */
/* Cuts any text into its words, each in the two forms that the index knows: folded, and exact but for the spelling of it. One pass, no
 * allocation: it reads every text that is stored, and the candidates of every query. */
#ifndef CDSBOT_STORE_SEARCH_SYLLABLE_H
#define CDSBOT_STORE_SEARCH_SYLLABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word is cut here: no syllable is longer than seven letters, no sensible code than this; what is behind it tells nobody anything. */
#define SYLLABLE_BYTES_MAX 64

/* Set text and end, the rest zero; each syllable_next() fills in one word. NFC and NFD give the same forms. */
struct syllable {
	const char *text, *end; /* what is left to be read */
	const char *start;	/* the word as written: start to text */
	/* "hoà", "hòa", "HÒA" -> "hoa"; "kỹ", "kĩ" -> "ki"; "đ" -> "d"; "&" -> "va". */
	char folded[SYLLABLE_BYTES_MAX + 8]; /* room for a letter copied whole */
	size_t folded_len;
	/* With its vowels and the tone as a digit behind it, wherever the mark sits: "hoà", "hòa" -> "hoa2"; "kỹ", "kĩ" -> "ki4"; "đường" ->
	 * "đương2". Without any mark it equals the folded form. */
	char exact[SYLLABLE_BYTES_MAX + 8];
	size_t exact_len;
	bool has_marks;
	unsigned n_capitals; /* letters written large */
};
void syllable_begin(struct syllable *s, const char *text, size_t len);
bool syllable_next(struct syllable *s);

/* Another word may be spelt alike with marks: its letters and length are those of a syllable. */
bool syllable_takes_marks(const struct syllable *s);

/* A hash of a form, for comparing many words with few. */
uint64_t syllable_hash(const char *form, size_t len);

#endif
