/* SPDX-License-Identifier: MIT */
/* The other lines of a query that the register's abbreviations give. What items themselves explain is initialism.c's matter. */
#include "base/text.h"

#include "query.h"

/* Words of the longest long form that is looked for in a query. */
#define LONG_WORDS_MAX 9
/* Places of one query that are read so: there is room for QUERY_LINES_MAX lines in any case. */
#define PLACES_MAX 4

/* A stretch of the line as typed, and what may stand for it. */
struct place {
	guint at, n;
	char **texts;  /* the register's */
	bool is_brief; /* ... long forms of what was typed; else abbreviations of it */
};

/* What stands for exactly one thing is indexed under its long form as well (index_texts.c): there is nothing more to look for. The index knows no
 * marks: where NĐ and ND are two things it has neither. */
static bool is_indexed_long(const struct registry *r, const char *brief)
{
	g_autofree char *folded = text_fold(brief);
	char **texts = registry_expansions(r, folded);

	return texts && g_strv_length(texts) == 1;
}

static bool is_any_to_ask(const struct registry *r, char **briefs)
{
	for (; briefs && *briefs; briefs++) {
		if (!is_indexed_long(r, *briefs))
			return true;
	}
	return false;
}

/* The longest abbreviation, or else the longest long form, that begins there. */
static bool place_read(const struct query_line *l, guint at, const struct registry *r, struct place *ret)
{
	const guint left = l->words->len - at;
	g_autofree char *head = query_line_join(l, at, MIN(2, left));
	const bool is_long = left > 1 && registry_begins_long(r, head);

	for (guint n = MIN(is_long ? LONG_WORDS_MAX : QUERY_BRIEF_WORDS_MAX, left); n > 0; n--) {
		g_autofree char *folded = is_long ? query_line_join(l, at, n) : NULL;
		char **long_forms = n <= QUERY_BRIEF_WORDS_MAX ? query_expansions(r, l, at, n) : NULL;
		char **briefs = is_long && !long_forms && n > 1 ? registry_briefs(r, folded) : NULL;

		*ret = (struct place){ .at = at, .n = n, .texts = long_forms ? long_forms : briefs, .is_brief = long_forms != NULL };
		if (long_forms || is_any_to_ask(r, briefs))
			return true;
	}
	return false;
}

static unsigned places_read(const struct query_line *l, const struct registry *r, struct place places[PLACES_MAX])
{
	unsigned n = 0;

	for (guint at = 0; at < l->words->len && n < PLACES_MAX;) {
		bool is_place = place_read(l, at, r, &places[n]);

		at += is_place ? places[n].n : 1;
		n += is_place;
	}
	return n;
}

/* Each abbreviation written out in its first meaning, the one at `other` as texts[k]. From the last place to the first, so that the ones before it
 * stay where they are. */
static void add_written_out(struct query_plan *p, const struct place *places, unsigned n, unsigned other, guint k)
{
	struct query_line *line = NULL;

	for (unsigned i = n; i-- > 0;) {
		const struct query_line *from = line ? line : g_ptr_array_index(p->lines, 0);
		struct query_line *next;

		if (!places[i].is_brief)
			continue;
		next = query_line_with(from, places[i].at, places[i].n, places[i].texts[i == other ? k : 0]);
		if (line)
			query_line_free(line);
		line = next;
	}
	if (line && p->lines->len < QUERY_LINES_MAX)
		g_ptr_array_add(p->lines, line);
	else if (line)
		query_line_free(line);
}

/* Where a long form was typed: what says but its abbreviation, if the index has that under no other words. */
static void add_abbreviated(struct query_plan *p, const struct place *place, const struct registry *r)
{
	for (char **text = place->texts; *text; text++) {
		if (!is_indexed_long(r, *text))
			query_add_line(p, g_ptr_array_index(p->lines, 0), place->at, place->n, *text);
	}
}

void query_expand(struct query_plan *p, const struct registry *r)
{
	struct place places[PLACES_MAX] = { 0 };
	unsigned n = r ? places_read(g_ptr_array_index(p->lines, 0), r, places) : 0;

	add_written_out(p, places, n, n, 0);
	for (unsigned i = 0; i < n; i++) {
		for (guint k = 1; places[i].is_brief && places[i].texts[k]; k++)
			add_written_out(p, places, n, i, k);
	}
	for (unsigned i = 0; i < n; i++) {
		if (!places[i].is_brief)
			add_abbreviated(p, &places[i], r);
	}
}
