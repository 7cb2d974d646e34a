/* SPDX-License-Identifier: MIT */
/* Reads a query: words, their repetition, abbreviations and their long forms. Raw text never reaches MATCH: expressions are built
 * from search tokens, each phrase in quotes. It runs no query. */
#include <string.h>

#include "base/text.h"
#include "query.h"

/* Words of the longest abbreviation ("TT và TT"). */
#define BRIEF_WORDS_MAX 3

static void term_free(gpointer p)
{
	struct query_term *t = p;

	g_free(t->phrase);
	g_free(t->typed);
	g_ptr_array_unref(t->phrases);
	g_free(t);
}

static bool has_phrase(const GPtrArray *phrases, const char *phrase)
{
	for (guint i = 0; i < phrases->len; i++) {
		if (strcmp(g_ptr_array_index(phrases, i), phrase) == 0)
			return true;
	}
	return false;
}

static void add_phrase(GPtrArray *phrases, char *phrase)
{
	if (*phrase == '\0' || has_phrase(phrases, phrase))
		g_free(phrase);
	else
		g_ptr_array_add(phrases, phrase);
}

static void term_add(struct query_plan *p, const char *text, const struct search_text *words, guint first, guint n,
		     char **expansions)
{
	const struct search_word *a = &g_array_index(words->words, struct search_word, first);
	const struct search_word *b = &g_array_index(words->words, struct search_word, first + n - 1);
	g_autofree char *original = g_strndup(text + a->start, b->start + b->text_len - a->start);
	struct query_term *t;
	char *phrase = search_text_join(words, first, n);

	for (guint i = 0; i < p->terms->len; i++) {
		if (strcmp(((struct query_term *)g_ptr_array_index(p->terms, i))->phrase, phrase) == 0) {
			g_free(phrase);
			return;
		}
	}
	t = g_new0(struct query_term, 1);
	t->phrase = phrase;
	t->typed = g_utf8_strdown(original, -1);
	t->is_stop = n == 1 && search_is_stop(t->typed);
	t->phrases = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(t->phrases, g_strdup(phrase));
	for (; expansions && *expansions; expansions++)
		add_phrase(t->phrases, search_fold(*expansions));
	g_ptr_array_add(p->terms, t);
}

/* Long forms of the n words from `first` on, as they stand in the text. A word with vowel marks is a word, no abbreviation: "đã" is
 * not DA (dự án); đ alone says nothing, "đcđ" is ĐCĐ. */
static char **expansions_of(const struct registry *r, const char *text, const struct search_text *words, guint first, guint n)
{
	const struct search_word *a = &g_array_index(words->words, struct search_word, first);
	const struct search_word *b = &g_array_index(words->words, struct search_word, first + n - 1);
	g_autofree char *original = g_strndup(text + a->start, b->start + b->text_len - a->start);

	for (const char *c = original; n == 1 && *c; c = g_utf8_next_char(c)) {
		gunichar u = g_unichar_tolower(g_utf8_get_char(c));

		if (u >= 0x80 && u != 0x0111)
			return NULL;
	}
	return r ? registry_expansions(r, original) : NULL;
}

/* If every term is grammar, it is all the same what was asked for: then they count. */
static void stops_settle(struct query_plan *p)
{
	for (guint i = 0; i < p->terms->len; i++) {
		if (!((struct query_term *)g_ptr_array_index(p->terms, i))->is_stop)
			return;
	}
	for (guint i = 0; i < p->terms->len; i++)
		((struct query_term *)g_ptr_array_index(p->terms, i))->is_stop = false;
}

struct query_plan *query_read(const char *bytes, const struct registry *r)
{
	struct query_plan *p = g_new0(struct query_plan, 1);
	g_autofree char *text = text_clean(bytes ? bytes : "", bytes ? strlen(bytes) : 0);
	g_autoptr(search_text_t) words = search_text_new(text);
	guint n = words->words->len;
	g_autofree char *accented = search_accented(text, words);

	p->terms = g_ptr_array_new_with_free_func(term_free);
	p->tokens = g_strdup(words->tokens);
	for (guint i = 0; i < n && p->terms->len < QUERY_TERMS_MAX;) {
		guint len = MIN(BRIEF_WORDS_MAX, n - i);
		char **expansions = NULL;

		for (; len > 0; len--) {
			expansions = expansions_of(r, text, words, i, len);
			if (expansions || len == 1)
				break;
		}
		term_add(p, text, words, i, len, expansions);
		i += len;
	}
	stops_settle(p);
	for (const char *c = accented; *c; c++) {
		if ((unsigned char)*c >= 0x80) {
			p->accented = g_steal_pointer(&accented);
			break;
		}
	}
	return p;
}

void query_plan_free(struct query_plan *p)
{
	if (!p)
		return;
	g_ptr_array_unref(p->terms);
	g_free(p->tokens);
	g_free(p->accented);
	g_free(p);
}

void query_respell(struct query_plan *p, guint term, const char *token)
{
	struct query_term *t = g_ptr_array_index(p->terms, term);
	GString *line = g_string_new(NULL);

	add_phrase(t->phrases, g_strdup(token));
	g_free(t->phrase);
	t->phrase = g_strdup(token);
	for (guint i = 0; i < p->terms->len; i++)
		g_string_append_printf(line, "%s%s", i ? " " : "", ((struct query_term *)g_ptr_array_index(p->terms, i))->phrase);
	g_free(p->tokens);
	p->tokens = g_string_free(line, FALSE);
}

/* Tokens hold letters and digits alone; the doubling is the belt to those braces. */
static void append_quoted(GString *s, const char *phrase)
{
	g_string_append_c(s, '"');
	for (; *phrase; phrase++) {
		if (*phrase == '"')
			g_string_append_c(s, '"');
		g_string_append_c(s, *phrase);
	}
	g_string_append_c(s, '"');
}

static void append_term(GString *s, const struct query_term *t, const char *joint)
{
	if (s->len > 0)
		g_string_append(s, joint);
	g_string_append_c(s, '(');
	for (guint i = 0; i < t->phrases->len; i++) {
		if (i > 0)
			g_string_append(s, " OR ");
		append_quoted(s, g_ptr_array_index(t->phrases, i));
	}
	g_string_append_c(s, ')');
}

char *query_match_all(const struct query_plan *p)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < p->terms->len; i++) {
		const struct query_term *t = g_ptr_array_index(p->terms, i);

		if (!t->is_stop)
			append_term(s, t, " AND ");
	}
	return g_string_free(s, FALSE);
}

char *query_match_any(const struct query_plan *p, const bool *use)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < p->terms->len; i++) {
		if (use[i])
			append_term(s, g_ptr_array_index(p->terms, i), " OR ");
	}
	return g_string_free(s, FALSE);
}
