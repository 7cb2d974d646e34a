/* SPDX-License-Identifier: MIT */
/* Cuts a piece out of the original text around the place where most of the query stands together. It marks nothing up: platforms
 * differ. */
#include <string.h>

#include "base/text.h"

#include "snippet.h"

/* A grapheme is rarely over eight bytes: no need to copy a whole book to cut it. */
#define SNIPPET_BYTES ((size_t)SNIPPET_GRAPHEMES * 8)
/* Words looked at together when the best place is sought; about what a snippet shows. */
#define WINDOW_WORDS 24
/* Words shown before the first hit. */
#define LEAD_WORDS 6

/* The words that the query stands for. Words of long forms count as well as the short one. */
static GHashTable *tokens_of(const struct query_plan *p)
{
	GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint k = 0; k < p->lines->len; k++) {
		const struct query_line *l = g_ptr_array_index(p->lines, k);

		for (guint i = 0; i < l->words->len; i++) {
			const struct query_word *w = g_ptr_array_index(l->words, i);

			if (!w->is_stop)
				g_hash_table_add(set, w->folded);
		}
	}
	return set;
}

/* The first word of the window with the most different hits (neighbouring hits count once more); -1 if there is no hit. */
static int best_place(const struct search_text *t, GHashTable *wanted)
{
	guint n = t->words->len;
	g_autoptr(GByteArray) hits = g_byte_array_sized_new(n);
	const guint8 *is_hit;
	int best = -1, best_score = 0, score = 0;
	bool any = false;

	for (guint i = 0; i < n; i++) {
		g_autofree char *token = search_text_join(t, i, 1);

		guint8 hit = g_hash_table_contains(wanted, token);

		g_byte_array_append(hits, &hit, 1);
		any = any || hit;
	}
	is_hit = hits->data;
	for (guint i = 0; any && i < n; i++) {
		score += is_hit[i] + (i > 0 && is_hit[i] && is_hit[i - 1] ? 1 : 0);
		if (i >= WINDOW_WORDS) {
			guint out = i - WINDOW_WORDS;

			score -= is_hit[out] + (out > 0 && is_hit[out] && is_hit[out - 1] ? 1 : 0);
		}
		if (score > best_score) {
			best_score = score;
			best = (int)(i >= WINDOW_WORDS ? i - WINDOW_WORDS + 1 : 0);
		}
	}
	while (best >= 0 && !is_hit[best])
		best++;
	return best;
}

char *snippet_make(const char *text, const struct query_plan *p, bool *ret_hit)
{
	g_autoptr(search_text_t) t = search_text_new(text);
	g_autoptr(GHashTable) wanted = tokens_of(p);
	int hit = best_place(t, wanted);
	guint first = hit > LEAD_WORDS ? (guint)hit - LEAD_WORDS : 0;
	g_autoptr(GString) s = g_string_new(NULL);
	bool space = false;

	if (ret_hit)
		*ret_hit = hit >= 0;
	if (t->words->len == 0)
		return g_strdup("");
	if (first > 0)
		g_string_append(s, "… ");
	for (const char *c = first > 0 ? text + g_array_index(t->words, struct search_word, first).start : text;
	     *c && s->len < SNIPPET_BYTES; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);

		if (g_unichar_isspace(u)) {
			space = s->len > 0;
			continue;
		}
		if (space)
			g_string_append_c(s, ' ');
		space = false;
		g_string_append_unichar(s, u);
	}
	return text_ellipsize(s->str, SNIPPET_GRAPHEMES);
}
