/* SPDX-License-Identifier: MIT */
/* The peers inside SQLite: FTS5 as one would set it up without knowing Vietnamese. */
#include <string.h>

#include <sqlite3.h>

#include "engine.h"

struct fts {
	sqlite3 *db;
	sqlite3_stmt *ask;
	const char *between; /* the words of a query */
};

static void must(const struct fts *f, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		g_error("peer: %s", sqlite3_errmsg(f->db));
}

static void *fts_open(const char *dir, const GPtrArray *docs, const char *create, const char *ask, const char *between)
{
	struct fts *f = g_new0(struct fts, 1);
	g_autofree char *path = g_build_filename(dir, "fts.db", NULL);
	sqlite3_stmt *st;

	f->between = between;
	must(f, sqlite3_open(path, &f->db));
	must(f, sqlite3_exec(f->db, "PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS d;", NULL, NULL, NULL));
	must(f, sqlite3_exec(f->db, create, NULL, NULL, NULL));
	must(f, sqlite3_exec(f->db, "BEGIN", NULL, NULL, NULL));
	must(f, sqlite3_prepare_v2(f->db, "INSERT INTO d (id, title, body) VALUES (?, ?, ?)", -1, &st, NULL));
	for (guint i = 0; i < docs->len; i++) {
		const struct doc *d = g_ptr_array_index(docs, i);

		sqlite3_bind_text(st, 1, d->id, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, d->title, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 3, d->body, -1, SQLITE_STATIC);
		must(f, sqlite3_step(st));
		must(f, sqlite3_reset(st));
	}
	sqlite3_finalize(st);
	must(f, sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL));
	must(f, sqlite3_prepare_v2(f->db, ask, -1, &f->ask, NULL));
	return f;
}

/* Every word quoted: the tokenizer does the rest. */
static char *match_of(const char *text, const char *between)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
	GString *match = g_string_new(NULL);

	for (char **w = words; *w; w++) {
		if (**w == '\0')
			continue;
		g_strdelimit(*w, "\"", ' ');
		g_string_append_printf(match, "%s\"%s\"", match->len > 0 ? between : "", *w);
	}
	return g_string_free(match, FALSE);
}

static void fts_ask(void *self, const char *text, GPtrArray *ids)
{
	const struct fts *f = self;
	g_autofree char *match = match_of(text, f->between);

	sqlite3_bind_text(f->ask, 1, match, -1, SQLITE_STATIC);
	sqlite3_bind_int(f->ask, 2, HITS_MAX);
	while (sqlite3_step(f->ask) == SQLITE_ROW)
		g_ptr_array_add(ids, g_strdup((const char *)sqlite3_column_text(f->ask, 0)));
	must(f, sqlite3_reset(f->ask));
}

static void fts_close(void *self)
{
	struct fts *f = self;

	sqlite3_finalize(f->ask);
	sqlite3_close(f->db);
	g_free(f);
}

#define CREATE_DEFAULT "CREATE VIRTUAL TABLE d USING fts5 (id UNINDEXED, title, body)"
#define CREATE_FOLDED "CREATE VIRTUAL TABLE d USING fts5 (id UNINDEXED, title, body, tokenize = 'unicode61 remove_diacritics 2')"
#define ASK "SELECT id FROM d WHERE d MATCH ?1 ORDER BY rank LIMIT ?2"
#define ASK_TITLE "SELECT id FROM d WHERE d MATCH ?1 ORDER BY bm25(d, 0.0, 5.0, 1.0) LIMIT ?2"

static void *open_and(const char *dir, const GPtrArray *docs)
{
	return fts_open(dir, docs, CREATE_DEFAULT, ASK, " AND ");
}

static void *open_or(const char *dir, const GPtrArray *docs)
{
	return fts_open(dir, docs, CREATE_DEFAULT, ASK, " OR ");
}

static void *open_title(const char *dir, const GPtrArray *docs)
{
	return fts_open(dir, docs, CREATE_FOLDED, ASK_TITLE, " OR ");
}

const struct engine engine_fts_and = { .name = "FTS5 AND", .open = open_and, .ask = fts_ask, .close = fts_close };
const struct engine engine_fts_or = { .name = "FTS5 OR", .open = open_or, .ask = fts_ask, .close = fts_close };
const struct engine engine_fts_title = {
	.name = "FTS5 rd2 OR, title 5", .open = open_title, .ask = fts_ask, .close = fts_close
};
