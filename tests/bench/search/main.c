/* SPDX-License-Identifier: MIT */
/* How well and how fast the search finds, beside its peers, over the corpus of Vietnamese texts. It prints figures and judges
 * nothing. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"

#include "check.h"
#include "latency.h"
#include "score.h"

/* Meson's "skipped": the corpus is not part of the repository. */
#define EXIT_SKIPPED 77

static char *arg_corpus, *arg_queries, *arg_keep;
static gboolean arg_misses, arg_json, arg_alone, arg_check, arg_cpu;

static const GOptionEntry entries[] = {
	{ "corpus", 0, 0, G_OPTION_ARG_FILENAME, &arg_corpus, "folder of corpus.jsonl.gz and queries-dev.jsonl", "DIR" },
	{ "queries", 0, 0, G_OPTION_ARG_FILENAME, &arg_queries, "other queries of the same form", "FILE" },
	{ "keep", 0, 0, G_OPTION_ARG_FILENAME, &arg_keep, "folder for the product's database; one that is there is asked, not filled; alone", "DIR" },
	{ "misses", 0, 0, G_OPTION_ARG_NONE, &arg_misses, "print the product's failures, query by query", NULL },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &arg_json, "print one JSON object instead of tables", NULL },
	{ "alone", 0, 0, G_OPTION_ARG_NONE, &arg_alone, "without the peers", NULL },
	{ "check", 0, 0, G_OPTION_ARG_NONE, &arg_check, "print the product's figures beside the wanted ones", NULL },
	{ "cpu", 0, 0, G_OPTION_ARG_NONE, &arg_cpu, "queries are timed by CPU, for a busy machine", NULL },
	{ 0 },
};

static void remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
	}
	remove(path);
}

static void check(const struct score *s)
{
	const struct kind_score *ambiguity = score_kind(s, "diacritic-ambiguity");
	double least = 1;

	for (guint i = 0; i < s->kinds->len; i++)
		least = MIN(least, ((struct kind_score *)g_ptr_array_index(s->kinds, i))->mrr);
	check_at_least("mean MRR@10 over the kinds", s->mrr, 0.95);
	check_at_least("MRR@10 of the weakest kind", least, 0.85);
	if (ambiguity)
		check_at_least("MRR@10 of diacritic-ambiguity", ambiguity->mrr, 0.99);
	check_at_most("p50, ms", latency_at(s->ms, 0.5), 1);
	check_at_most("p99, ms", latency_at(s->ms, 0.99), 10);
}

static void score_all(const char *dir, const GPtrArray *docs, const GPtrArray *queries)
{
	static const struct engine *const engines[] = {
		&engine_product, &engine_fts_and, &engine_fts_or, &engine_fts_title, &engine_xapian,
	};
	g_autoptr(cJSON) all = cJSON_CreateArray();
	g_autofree char *text = NULL;

	for (size_t i = 0; i < (arg_alone ? 1 : ARRAY_SIZE(engines)); i++) {
		const struct engine *e = engines[i];
		struct score *s;

		if (e->missing) {
			fprintf(stderr, "%s: left out, not installed: %s\n", e->name, e->missing);
			continue;
		}
		s = score_run(e, dir, docs, queries, i == 0 && arg_misses);
		if (arg_json)
			cJSON_AddItemToArray(all, score_json(s));
		else
			score_print(s);
		if (i == 0 && arg_check && !arg_json)
			check(s);
		score_free(s);
		fflush(stdout);
	}
	text = json_text(all);
	if (arg_json)
		puts(text);
}

int main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autofree char *docs_path = NULL, *dir = NULL;
	g_autoptr(GPtrArray) docs = NULL, queries = NULL;
	g_autoptr(GError) error = NULL;
	const char *source = g_getenv("CDSBOT_SOURCE");

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	if (arg_cpu)
		latency_use_cpu();
	if (!arg_corpus)
		arg_corpus = g_build_filename(source ? source : ".", "..", "shared", "data", "vi-corpus", NULL);
	if (!arg_queries)
		arg_queries = g_build_filename(arg_corpus, "queries-dev.jsonl", NULL);
	docs_path = g_build_filename(arg_corpus, "corpus.jsonl.gz", NULL);
	if (!g_file_test(docs_path, G_FILE_TEST_EXISTS)) {
		fprintf(stderr, "%s: not there; --corpus names another folder\n", docs_path);
		return EXIT_SKIPPED;
	}
	docs = corpus_docs_read(docs_path);
	queries = corpus_queries_read(arg_queries);
	if (!docs || !queries)
		return 1;
	if (arg_keep) {
		arg_alone = TRUE;
		score_all(arg_keep, docs, queries);
		return 0;
	}
	dir = g_dir_make_tmp("cdsbot-bench-XXXXXX", &error);
	g_assert_no_error(error);
	score_all(dir, docs, queries);
	remove_tree(dir);
	return 0;
}
