/* SPDX-License-Identifier: MIT */
/* How long the near-duplicate offer of /chiase takes: titles that are there, typed without diacritics and shortened, asked of the corpus or of a
 * database that bench-search-large has kept. It prints figures and judges nothing. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/register.h"

#include "corpus.h"
#include "latency.h"
#include "product.h"

static char *arg_corpus, *arg_db;
static int arg_titles = 300;

static const GOptionEntry entries[] = {
	{ "corpus", 0, 0, G_OPTION_ARG_FILENAME, &arg_corpus, "folder of corpus.jsonl.gz", "DIR" },
	{ "db", 0, 0, G_OPTION_ARG_FILENAME, &arg_db, "database that bench-search-large has kept", "FILE" },
	{ "titles", 0, 0, G_OPTION_ARG_INT, &arg_titles, "how many (300)", "N" },
	{ 0 },
};

static struct db *filled(const char *path)
{
	const char *source = g_getenv("CDSBOT_SOURCE");
	g_autofree char *file = arg_corpus ? g_build_filename(arg_corpus, "corpus.jsonl.gz", NULL) :
					     g_build_filename(source ? source : ".", "..", "shared", "data", "vi-corpus", "corpus.jsonl.gz", NULL);
	g_autoptr(GPtrArray) docs = corpus_docs_read(file);
	struct db *db;

	g_assert_nonnull(docs);
	db = product_create(path);
	for (guint i = 0; i < docs->len; i++) {
		const struct doc *d = g_ptr_array_index(docs, i);

		product_import(db, d->id, d->title, d->body);
	}
	product_commit(db);
	return db;
}

/* id and title of `most` items, evenly spread. */
static GPtrArray *titles_of(struct db *db, GArray *ids, int most)
{
	GPtrArray *titles = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	int64_t last;

	g_assert_true(db_run_int64(db_prepare(db, "SELECT max(id) FROM item"), 0, &last, &error));
	for (int k = 1; k <= most; k++) {
		struct db_stmt *st = db_prepare(db, "SELECT id, title FROM item WHERE id >= $1 ORDER BY id LIMIT 1");

		db_bind_int64(st, 1, last * k / (most + 1));
		if (db_step(st, &error) == DB_ROW) {
			g_array_append_vals(ids, &(int64_t){ db_col_int64(st, 0) }, 1);
			g_ptr_array_add(titles, db_col_dup(st, 1));
		}
		db_finish(st);
	}
	return titles;
}

/* Without diacritics, and without its last word. */
static char *as_typed(const char *title)
{
	char *folded = text_fold(title), *last = strrchr(folded, ' ');

	if (last && strchr(folded, ' ') != last)
		*last = '\0';
	return folded;
}

static void ask(struct db *db, const struct registry *r, const char *what, GPtrArray *titles, const GArray *ids)
{
	g_autoptr(GArray) ms = latency_new();
	unsigned found = 0;

	for (guint i = 0; i < titles->len; i++) {
		g_autoptr(GError) error = NULL;
		double at = latency_cpu_ms();
		g_autoptr(GPtrArray) hits = store_search_similar(db, r, titles->pdata[i], NULL, 0, 3, &error);
		bool there = false;

		latency_add(ms, latency_cpu_ms() - at);
		g_assert_no_error(error);
		/* Itself, or another of the very same title: recombined texts have those. */
		for (guint k = 0; k < hits->len; k++) {
			const struct search_hit *h = hits->pdata[k];

			there = there || h->item_id == g_array_index(ids, int64_t, i) || h->all_words;
		}
		found += there;
	}
	printf("%-22s %4u titles, %4u found; CPU p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", what, titles->len, found, latency_at(ms, 0.5),
	       latency_at(ms, 0.99), latency_at(ms, 1));
}

int main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GPtrArray) titles = NULL, typed = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GError) error = NULL;
	g_autoptr(registry_t) r = NULL;
	struct db *db;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	db = arg_db ? db_open(arg_db, DB_READ, &error) : filled(":memory:");
	g_assert_no_error(error);
	r = store_register_load(db, &error);
	g_assert_no_error(error);
	titles = titles_of(db, ids, arg_titles);
	for (guint i = 0; i < titles->len; i++)
		g_ptr_array_add(typed, as_typed(titles->pdata[i]));
	ask(db, r, "as they stand", titles, ids);
	ask(db, r, "typed on a phone", typed, ids);
	db_close(db);
	return 0;
}
