/* SPDX-License-Identifier: MIT */
/* How the words of a query are spelt where they were found. For showing alone. */
#include <string.h>

#include "query.h"

#include "search.h"

struct source {
	const char *text;
	struct search_text *words;
};

/* Where the n words of `run` stand in the source side by side; -1 nowhere. */
static int run_find(const struct source *s, const struct search_text *run, guint first, guint n)
{
	g_autofree char *wanted = search_text_join(run, first, n);

	for (guint i = 0; i + n <= s->words->words->len; i++) {
		g_autofree char *here = search_text_join(s->words, i, n);

		if (strcmp(here, wanted) == 0)
			return (int)i;
	}
	return -1;
}

/* The longest run of words from `first` on that stands in one of the sources; its length, 0 none. */
static guint run_longest(const struct source *sources, guint n_sources, const struct search_text *text, guint first, const struct source **ret,
			 int *ret_at)
{
	for (guint n = MIN(text->words->len, QUERY_TERMS_MAX) - first; n > 0; n--) {
		for (guint k = 0; k < n_sources; k++) {
			*ret = &sources[k];
			*ret_at = run_find(&sources[k], text, first, n);
			if (*ret_at >= 0)
				return n;
		}
	}
	return 0;
}

static void word_append(GString *s, const char *text, const struct search_text *words, guint i)
{
	const struct search_word *w = &g_array_index(words->words, struct search_word, i);
	g_autofree char *typed = g_strndup(text + w->start, w->text_len), *lower = g_utf8_strdown(typed, -1);

	g_string_append_printf(s, "%s%s", s->len > 0 ? " " : "", lower);
}

char *search_spelling(const char *text, const struct search_hit *h)
{
	g_autoptr(search_text_t) words = search_text_new(text), title = search_text_new(h->title), body = search_text_new(h->snippet);
	const struct source sources[] = { { h->title, title }, { h->snippet ? h->snippet : "", body } };
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < words->words->len && i < QUERY_TERMS_MAX;) {
		const struct source *from;
		int at;
		guint n = run_longest(sources, G_N_ELEMENTS(sources), words, i, &from, &at);

		for (guint k = 0; k < n; k++)
			word_append(s, from->text, from->words, (guint)at + k);
		if (n == 0)
			word_append(s, text, words, i);
		i += MAX(n, 1);
	}
	return g_string_free(s, FALSE);
}
