/* SPDX-License-Identifier: MIT */
/* Orders candidates by what bm25 does not see: neighbouring words that stay neighbours, marks that agree, how much of the query is
 * there. It reads no database. */
#include <string.h>

#include "rank.h"

/* Neighbours in the title tell more than in the body; agreeing marks decide between documents that are otherwise alike. */
#define TITLE_RUN 0.6
#define BODY_RUN 0.4
#define MARKS 0.5
/* Of an initiative and the exemplar made of it, the initiative is what can be copied. */
#define OTHER_KIND 0.8

/* Documents are read as one line, " a b c | d e ": the bars keep phrases from reaching across the columns, the spaces at the ends
 * spare a question. Tokens are parted by spaces; in the original, which is looked at for its marks, everything that is no letter
 * parts words. */
static bool is_parted(const char *before, const char *after)
{
	return !g_ascii_isalnum(*before) && (unsigned char)*before < 0x80 && !g_ascii_isalnum(*after) &&
	       (unsigned char)*after < 0x80;
}

static bool has_phrase(const char *doc, const char *phrase)
{
	size_t len = strlen(phrase);

	for (const char *p = doc; (p = strstr(p, phrase)) != NULL; p++) {
		if (is_parted(p - 1, p + len))
			return true;
	}
	return false;
}

static bool has_term(const char *doc, const struct query_term *t)
{
	for (guint i = 0; i < t->phrases->len; i++) {
		if (has_phrase(doc, g_ptr_array_index(t->phrases, i)))
			return true;
	}
	return false;
}

/* The share of the line's neighbouring pairs that are neighbours in the document; of a single word, whether it is there. */
static double run_share(const char *doc, const char *line)
{
	const char *a = line, *b = strchr(line, ' ');
	unsigned pairs = 0, found = 0;

	if (!b)
		return has_phrase(doc, line) ? 1 : 0;
	while (b && pairs < QUERY_TERMS_MAX) {
		const char *end = strchr(b + 1, ' ');
		g_autofree char *pair = end ? g_strndup(a, (gsize)(end - a)) : g_strdup(a);

		pairs++;
		found += has_phrase(doc, pair) ? 1 : 0;
		a = b + 1;
		b = end;
	}
	return (double)found / pairs;
}

static double marks_share(const struct query_plan *p, const struct rank_doc *d)
{
	g_autofree char *line = NULL, *original = NULL, *lower = NULL;

	if (!p->accented)
		return 0;
	line = g_strstrip(g_strdup(p->accented));
	original = g_strdup_printf(" %s | %s ", d->original_title, d->original_body);
	lower = g_utf8_strdown(original, -1);
	return run_share(lower, line);
}

double rank_score(const struct query_plan *p, const double *weights, const struct rank_doc *d, double *ret_coverage,
		  bool *ret_all_words)
{
	g_autofree char *title = g_strdup_printf(" %s ", d->title);
	g_autofree char *doc = g_strdup_printf(" %s | %s | %s | %s | %s ", d->title, d->body, d->labels, d->unit, d->more);
	double sum = 0, has = 0, runs;

	*ret_all_words = true;
	*ret_coverage = 1;
	runs = TITLE_RUN * run_share(title, p->tokens) + BODY_RUN * run_share(doc, p->tokens) + MARKS * marks_share(p, d);
	/* A word that stands in half of the documents has no bm25 to speak of; the one is for it. */
	if (!weights)
		return (1 + d->bm25) * (1 + runs) * (d->kind == ITEM_INITIATIVE ? 1 : OTHER_KIND);
	for (guint i = 0; i < p->terms->len; i++) {
		const struct query_term *t = g_ptr_array_index(p->terms, i);
		bool is_there = has_term(doc, t);

		sum += weights[i];
		has += is_there ? weights[i] : 0;
		*ret_all_words = *ret_all_words && (is_there || t->is_stop);
	}
	*ret_coverage = sum > 0 ? has / sum : 0;
	return 10 * *ret_coverage + runs + d->bm25 / (d->bm25 + 10);
}
