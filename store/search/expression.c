/* SPDX-License-Identifier: MIT */
/* Walks from the newest item to the oldest in stretches. Where a filter leaves few items, these are listed and only there the index is read; else
 * each row is asked for in the table of items. What the rows mean, asking.c knows. */
#include <string.h>

#include "expression.h"

/* Rows that FTS5 may have to step over between two looks at the clock: some ten milliseconds. */
#define CHUNK_ROWS 200000
/* ... where each of them is asked for in the table of items. */
#define CHUNK_ROWS_ASKED 20000
/* To ask for a row takes as long as to list a wanted item, a microsecond or two; so few are listed in any case. */
#define LISTED_LEAST 200
/* To begin at another place takes as long as to step over so many rows. */
#define LISTED_GAP_ROWS 400
/* ... so often: FTS5 finds the place step by step from the newest item on, a third of a millisecond at 1,000,000. Then what was found of a
 * single word is enough; else all the rows between are stepped over. */
#define LISTED_RUNS 40
/* The first stretch where there is a filter; and so many ids tell how dense the rows are. */
#define FIRST_IDS 10000
#define DENSITY_IDS 2000
/* Beyond its time a search without any hit goes on so long. */
#define MERCY_US (120 * 1000)

/* Late or not, there should be something to show. */
static bool is_late(struct reading *r)
{
	int64_t late_us = g_get_monotonic_time() - r->deadline_us;

	r->out->is_partial = r->out->is_partial || late_us > (r->has_found ? 0 : MERCY_US);
	return r->out->is_partial;
}

/* An expression on its way from the newest item to the oldest. */
struct walk {
	const char *match;
	const struct expression *e;
	struct gather *g;
	int64_t n_ids; /* that were looked at */
	unsigned n_runs; /* from one wanted item to the next */
};

/* How many rows an expression can have, about. */
static int64_t rows_guess(const struct expression *e)
{
	return e->rows ? e->rows : e->cost;
}

/* Between two wanted items that stand farther apart than this it is cheaper to begin anew: each phrase begins for itself. */
static int64_t gap_of(const struct walk *w, int64_t last_id)
{
	int64_t steps = w->e->rows ? w->e->rows * w->e->n : w->e->cost;

	return (int64_t)((double)LISTED_GAP_ROWS * w->e->n * (double)last_id / (double)MAX(steps, 1));
}

unsigned reading_n_shown(const struct reading *r)
{
	return r->q->except ? r->q->except->len : 0;
}

/* Only where wanted items stand. */
static bool listed_gather(struct reading *r, struct walk *w, int64_t first, int64_t last)
{
	const GArray *ids = r->listed->ids;
	const unsigned most = LISTED_RUNS + reading_n_shown(r);
	int64_t gap = w->n_runs < most ? gap_of(w, r->last_id) : G_MAXINT64 / 2;
	guint i = wanted_list_at(r->listed, last);

	while (i < ids->len && g_array_index(ids, int64_t, i) >= first && !is_late(r)) {
		int64_t newest = g_array_index(ids, int64_t, i), oldest = newest;

		for (i++; i < ids->len && g_array_index(ids, int64_t, i) >= MAX(first, oldest - gap); i++)
			oldest = g_array_index(ids, int64_t, i);
		if (!gather_run(r->db, w->match, oldest, newest, w->g, r->error))
			return false;
		if (++w->n_runs == most && w->e->n == 1 && w->g->rows->len > 0)
			w->g->is_cut = w->g->is_cut || i < ids->len || r->listed->down_to > 1;
		else if (w->n_runs == most)
			gap = G_MAXINT64 / 2;
		if (w->g->is_cut || w->g->is_late)
			return true;
		w->n_ids += newest - oldest + 1;
	}
	return true;
}

/* Where the wanted items are few against the rows to be expected, these are listed first; else each row is asked for. */
static bool stretch_gather(struct reading *r, struct walk *w, int64_t first, int64_t last)
{
	bool is_seen = w->n_ids >= DENSITY_IDS, ok;
	int64_t n_ids = last - first + 1;
	const double rows = (double)(is_seen ? w->g->n_seen : rows_guess(w->e)) / (double)(is_seen ? w->n_ids : r->last_id) * (double)n_ids;

	w->g->only = NULL;
	if (r->listed && wanted_list_guess(r->listed, r->last_id, first) <= LISTED_LEAST + rows &&
	    !wanted_list_extend(r->listed, r->db, r->q, first, LISTED_LEAST + (unsigned)rows, r->deadline_us, r->error))
		return false;
	if (!r->listed || r->listed->down_to > first) {
		w->n_ids += n_ids;
		return gather_run(r->db, w->match, first, last, w->g, r->error);
	}
	w->g->only = r->listed;
	ok = listed_gather(r, w, first, last);
	w->g->only = NULL;
	return ok;
}

/* Nothing was met yet. Wherever it is to begin, FTS5 looks for the newest row of all first: what has few rows is better read in one go. */
static bool is_sparse(const struct walk *w)
{
	return w->n_ids >= DENSITY_IDS && w->g->n_seen == 0;
}

/* So far down no row need be asked for. */
static bool is_listed_to(const struct reading *r, int64_t id)
{
	return r->listed && r->listed->down_to <= MAX(id, 1);
}

/* Newest items first, in stretches that do not take long each; nothing inside FTS5 looks at a clock. With a filter they begin short: how
 * much it leaves shows on the way. */
static bool rows_gather(struct reading *r, struct walk *w)
{
	const struct expression *e = w->e;
	const int64_t asked = r->last_id / (1 + e->cost / (r->not_wanted ? CHUNK_ROWS : CHUNK_ROWS_ASKED)) + 1;
	const int64_t listed = r->last_id / (1 + e->cost / CHUNK_ROWS) + 1;
	const int64_t end = e->most_chunks ? MAX(r->last_id - e->most_chunks * asked, 0) : 0;
	int64_t step = r->listed ? MIN(asked, FIRST_IDS) : asked, last = e->below ? e->below - 1 : r->last_id, first;

	for (; last > end; last = first - 1) {
		first = MAX(is_sparse(w) ? end : last - step, end) + 1;
		if (is_late(r))
			return true;
		if (!stretch_gather(r, w, first, last))
			return false;
		r->has_found = r->has_found || w->g->rows->len > 0;
		r->out->is_partial = r->out->is_partial || w->g->is_late;
		if (w->g->is_cut)
			return true;
		step = MIN(step * 2, is_listed_to(r, first - listed) ? listed : asked);
	}
	return true;
}

bool expression_read(const struct expression *e, struct reading *r, GArray *rows, bool *ret_cut)
{
	struct gather g = { .n_phrases = e->what == OF_WHOLE ? 0 : e->n,
			    .with_window = e->with_window,
			    .most = e->most,
			    .most_seen = e->most_seen,
			    .most_asked = e->most_asked,
			    .deadline_us = r->deadline_us,
			    .wanted = r->not_wanted ? NULL : r->q,
			    .not_wanted = r->not_wanted,
			    .rows = rows };
	g_autofree char *match = query_match_strict(r->p, e->match->str);
	struct walk w = { .match = match, .e = e, .g = &g };

	*ret_cut = false;
	if (e->n == 0)
		return true;
	if (!rows_gather(r, &w))
		return false;
	*ret_cut = g.is_cut;
	return true;
}

void expression_begin(struct expression *e, enum expression_of what, const char *prefix)
{
	memset(e, 0, sizeof(*e));
	e->what = what;
	e->match = g_string_new(prefix);
}

void expression_clear(struct expression *e)
{
	g_string_free(e->match, TRUE);
	e->match = NULL;
}

void expression_add(struct expression *e, unsigned place, const char *token, const char *operator)
{
	if (e->n > 0)
		g_string_append(e->match, operator);
	query_quote(e->match, token);
	e->place[e->n++] = place;
}

/* FTS5 goes from row to row of the shortest and looks it up in the others. */
void expression_narrow(struct expression *e, int64_t n)
{
	e->rows = e->n > 1 ? MIN(e->rows, n) : n;
	e->cost = e->rows * e->n;
}
