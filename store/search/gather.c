/* SPDX-License-Identifier: MIT */
/* An auxiliary function of FTS5 that stands in the WHERE and says no to every row: the rows end up in the struct. What the phrases mean, the
 * caller knows. */
#include "gather.h"

#define POINTER_TYPE "cdsbot_gather"
/* Rows between two looks at the clock. */
#define CLOCK_ROWS 256
/* Places of two columns are further apart than those of one column can be. */
#define COLUMN_STEP (INT64_C(1) << 32)
#define WINDOW_MAX (INT64_C(1) << 31)
/* Phrases whose nearness is measured: more words are not typed near together. */
#define WINDOW_PHRASES 24

/* Where a phrase stands in the row, one hit after the other. FTS5 counts each on from the one before: column and offset are the phrase's own. */
struct places {
	Fts5PhraseIter it;
	int column, offset;
	int64_t at; /* -1: no more */
};

static int64_t place_of(int column, int offset)
{
	return column < 0 ? -1 : column * COLUMN_STEP + offset;
}

static void places_next(const Fts5ExtensionApi *api, Fts5Context *fts, struct places *p)
{
	api->xPhraseNext(fts, &p->it, &p->column, &p->offset);
	p->at = place_of(p->column, p->offset);
}

/* The narrowest range with a hit of every phrase: the foremost one moves on until one of them ends. */
static unsigned narrowest(const Fts5ExtensionApi *api, Fts5Context *fts, struct places *p, unsigned n)
{
	int64_t best = WINDOW_MAX;

	for (;;) {
		unsigned foremost = 0;
		int64_t last = 0;

		for (unsigned i = 0; i < n; i++) {
			if (p[i].at < 0)
				return best < WINDOW_MAX ? (unsigned)best : 0;
			last = MAX(last, p[i].at);
			foremost = p[i].at < p[foremost].at ? i : foremost;
		}
		best = MIN(best, last - p[foremost].at + 1);
		places_next(api, fts, &p[foremost]);
	}
}

static int row_read(const Fts5ExtensionApi *api, Fts5Context *fts, const struct gather *g, struct gather_row *row)
{
	struct places places[WINDOW_PHRASES];
	unsigned n = 0;

	for (unsigned i = 0; i < g->n_phrases; i++) {
		Fts5PhraseIter it;
		int column = -1, offset = -1, rc = api->xPhraseFirst(fts, (int)i, &it, &column, &offset);

		if (rc != SQLITE_OK)
			return rc;
		if (column < 0)
			continue;
		row->has |= UINT64_C(1) << i;
		row->title |= column == 0 ? UINT64_C(1) << i : 0;
		if (g->with_window && i < WINDOW_PHRASES)
			places[n++] = (struct places){ .it = it, .column = column, .offset = offset, .at = place_of(column, offset) };
	}
	if (n > 0 && n == MIN(g->n_phrases, WINDOW_PHRASES))
		row->window = narrowest(api, fts, places, n);
	return SQLITE_OK;
}

/* Rows come in the list's order. */
static bool is_listed(struct gather *g, int64_t id)
{
	const GArray *ids = g->only->ids;

	while (g->only_at < ids->len && g_array_index(ids, int64_t, g->only_at) > id)
		g->only_at++;
	return g->only_at < ids->len && g_array_index(ids, int64_t, g->only_at) == id;
}

static bool is_left_out(struct gather *g, int64_t id, bool is_wanted)
{
	return !is_wanted || (g->only && !is_listed(g, id)) || (g->not_wanted && wanted_not_has(g->not_wanted, id));
}

static void take(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
	struct gather *g = n_args >= 1 ? sqlite3_value_pointer(args[0], POINTER_TYPE) : NULL;
	struct gather_row row = { .id = api->xRowid(fts) };
	int rc;

	if (g) {
		g->n_asked += n_args > 1;
		g->is_cut = ++g->n_seen == g->most_seen || (n_args > 1 && g->n_asked == g->most_asked);
	}
	if (g && is_left_out(g, row.id, n_args == 1 || sqlite3_value_int(args[1]))) {
		sqlite3_result_int(ctx, g->is_cut);
		return;
	}
	rc = g ? row_read(api, fts, g, &row) : SQLITE_MISUSE;
	if (rc != SQLITE_OK) {
		sqlite3_result_error_code(ctx, rc);
		return;
	}
	g_array_append_val(g->rows, row);
	g->is_cut = --g->most == 0 || g->is_cut;
	g->is_late = g->rows->len % CLOCK_ROWS == 0 && g_get_monotonic_time() > g->deadline_us;
	/* A row that is handed out ends the reading. */
	sqlite3_result_int(ctx, g->is_cut || g->is_late);
}

bool gather_run(struct db *db, const char *match, int64_t first, int64_t last, struct gather *g, GError **error)
{
	bool is_asked = g->wanted && !g->only;
	struct db_stmt *st =
		is_asked ? db_prepare(db, "SELECT 1 FROM search_index WHERE search_index MATCH $1 AND rowid BETWEEN $12 AND $13"
					" AND cdsbot_gather(search_index, $14, EXISTS (SELECT 1 FROM item INDEXED BY item_filter"
				    " WHERE item.id = search_index.rowid AND " WANTED_SQL ")) ORDER BY rowid DESC") :
			 db_prepare(db, "SELECT 1 FROM search_index WHERE search_index MATCH $1 AND rowid BETWEEN $2 AND $3"
					" AND cdsbot_gather(search_index, $4) ORDER BY rowid DESC");
	unsigned next = 2; /* parameter */
	enum db_step step;

	g->is_cut = g->is_late = false;
	g->only_at = g->only ? wanted_list_at(g->only, last) : 0;
	if (g->most == 0) {
		db_finish(st);
		return true;
	}
	db_bind_text(st, 1, match);
	if (is_asked) {
		wanted_bind(st, g->wanted);
		next = 12;
	}
	db_bind_int64(st, next, first);
	db_bind_int64(st, next + 1, last);
	db_bind_pointer(st, next + 2, g, POINTER_TYPE);
	step = db_step(st, error);
	db_finish(st);
	return step != DB_BROKEN;
}

int gather_register(fts5_api *api)
{
	return api->xCreateFunction(api, "cdsbot_gather", NULL, take, NULL);
}
