/* SPDX-License-Identifier: MIT */
/* Fills the product's database and, for comparison, its bare FTS5 table and a plain one, with the same documents in the same
 * batches. */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "large.h"
#include "latency.h"
#include "product.h"
#include "recombine.h"
#include "variety.h"

double rss_anon_mib(void)
{
	g_autofree char *status = NULL;
	const char *line;

	g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
	line = strstr(status, "\nRssAnon:");
	return line ? (double)g_ascii_strtoll(line + strlen("\nRssAnon:"), NULL, 10) / 1024 : 0;
}

struct clocks {
	double wall, cpu;
};

static void clocks_start(struct clocks *c)
{
	c->wall = latency_now_ms();
	c->cpu = latency_cpu_ms();
}

static void clocks_stop(const struct clocks *c, struct filling *into)
{
	into->wall_ms += latency_now_ms() - c->wall;
	into->cpu_ms += latency_cpu_ms() - c->cpu;
}

/* The texts that an item is found by, as far as they need no more than to be copied. */
static void insert_into(struct db *db, const char *sql, const struct registry *r, const struct item *i)
{
	const struct unit *unit = i->unit ? registry_unit(r, i->unit) : NULL;
	const struct field *field = i->field ? registry_field(r, i->field) : NULL;
	g_autoptr(GError) error = NULL;
	struct db_stmt *st;

	if (!db_in_transaction(db))
		g_assert_true(db_begin(db, &error));
	st = db_prepare(db, sql);
	db_bind_text(st, 1, i->title);
	db_bind_text(st, 2, i->body);
	db_bind_text(st, 3, unit ? unit->name : NULL);
	db_bind_text(st, 4, field ? field->name : NULL);
	g_assert_true(db_run(st, &error));
}

static void product_insert(struct db *db, const struct registry *r, struct item *i)
{
	product_add(db, i);
}

static void same_insert(struct db *db, const struct registry *r, struct item *i)
{
	insert_into(db, "INSERT INTO search_index (title, body, unit, more) VALUES ($1, $2, $3, $4)", r, i);
}

static void plain_insert(struct db *db, const struct registry *r, struct item *i)
{
	insert_into(db, "INSERT INTO plain (title, body, unit, field) VALUES ($1, $2, $3, $4)", r, i);
}

static struct item *make(const struct recombine *rec, const struct variety *v, unsigned n)
{
	g_autoptr(GString) title = g_string_new(NULL), body = g_string_new(NULL);
	struct item *i = item_new();

	recombine_make(rec, n, title, body);
	i->title = g_strdup(title->str);
	i->body = g_strdup(body->str);
	i->ref = g_strdup_printf("bench-%u", n);
	variety_set(v, n, i);
	return i;
}

static void fill(const struct large_args *a, struct db *db, void (*insert)(struct db *, const struct registry *, struct item *),
		 struct filling *f)
{
	g_autoptr(GPtrArray) docs = corpus_docs_read(a->corpus);
	g_autoptr(registry_t) r = product_registry();
	struct recombine *rec = docs ? recombine_new(docs, a->seed) : NULL;
	struct variety *v = variety_new(r, a->seed, a->items);
	double rss;

	g_assert_nonnull(rec);
	rss = rss_anon_mib();
	for (unsigned n = 0; n < a->items; n++) {
		g_autoptr(item_t) i = make(rec, v, n);
		struct clocks c;

		f->text_mib += (double)(strlen(i->title) + strlen(i->body)) / (1 << 20);
		clocks_start(&c);
		insert(db, r, i);
		if (n % IMPORT_BATCH == IMPORT_BATCH - 1 || n == a->items - 1)
			product_commit(db);
		clocks_stop(&c, f);
	}
	f->rss_anon_mib = rss_anon_mib() - rss;
	variety_free(v);
	recombine_free(rec);
}

void large_fill(const struct large_args *a, struct figures *f)
{
	/* A run that is stopped half way must not leave a database that looks finished. */
	g_autofree char *part = g_strconcat(a->path, ".part", NULL);
	struct clocks c;
	struct db *db;

	remove(part);
	db = product_create(part);
	fill(a, db, product_insert, &f->product);
	clocks_start(&c);
	product_import_end(db);
	f->product.end_ms = latency_now_ms() - c.wall;
	db_close(db);
	clocks_stop(&c, &f->product);
	g_assert_cmpint(rename(part, a->path), ==, 0);
}

static void close_peer(struct db *db, const char *path, struct filling *f)
{
	struct clocks c;

	clocks_start(&c);
	db_close(db);
	clocks_stop(&c, f);
	remove(path);
}

/* The very table of the product, as its migrations make it, and nothing but it; its pieces merged as the product does. */
void large_fill_same(const struct large_args *a, struct figures *f)
{
	struct clocks c;
	struct db *db;

	remove(a->peer_path);
	db = product_create(a->peer_path);
	fill(a, db, same_insert, &f->same);
	clocks_start(&c);
	product_import_end(db);
	f->same.end_ms = latency_now_ms() - c.wall;
	clocks_stop(&c, &f->same);
	close_peer(db, a->peer_path, &f->same);
}

void large_fill_plain(const struct large_args *a, struct figures *f)
{
	g_autoptr(GError) error = NULL;
	struct db *db;

	remove(a->peer_path);
	db = db_open(a->peer_path, DB_WRITE, &error);
	g_assert_no_error(error);
	store_item_import_many(db); /* no peer has less memory */
	g_assert_true(db_begin(db, &error));
	g_assert_true(db_run(db_prepare(db, "CREATE VIRTUAL TABLE plain USING fts5 (title, body, unit, field,"
					    " tokenize = 'unicode61 remove_diacritics 2')"),
			     &error));
	product_commit(db);
	fill(a, db, plain_insert, &f->plain);
	close_peer(db, a->peer_path, &f->plain);
}

static double one_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	double n = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		g_error("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_double(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* Everything of the search bears its name: the tables of FTS5 and what stands beside them. */
void large_sizes(const struct large_args *a, struct figures *f)
{
	const double mib = 1 << 20;
	double page_mib;
	sqlite3 *db;

	if (sqlite3_open_v2(a->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		g_error("%s: %s", a->path, sqlite3_errmsg(db));
	/* pgsize counts only up to 2 GiB of a table; summed up, pageno is the number of pages. */
	page_mib = one_number(db, "PRAGMA page_size") / mib;
	f->index_mib = one_number(db, "SELECT sum(pageno) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'search%'") * page_mib;
	f->file_mib = one_number(db, "SELECT sum(pageno) FROM dbstat WHERE aggregate = TRUE") * page_mib;
	f->text_mib = one_number(db, "SELECT sum(length(CAST(title AS BLOB)) + length(CAST(body AS BLOB))) FROM item") / mib;
	sqlite3_close(db);
}
