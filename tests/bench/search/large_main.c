/* SPDX-License-Identifier: MIT */
/* The search over many items, recombined from the corpus: filling, size, memory, time a class of query, adding one more. It prints
 * figures; with --check beside the wanted ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include <glib.h>

#include "check.h"
#include "large.h"
#include "latency.h"

static char *arg_corpus, *arg_db, *arg_class;
static int arg_items = 1000000, arg_per_class = 100, arg_seed = 1;
static gboolean arg_check, arg_slow, arg_cpu, arg_alone;

static const GOptionEntry entries[] = {
	{ "corpus", 0, 0, G_OPTION_ARG_FILENAME, &arg_corpus, "folder of corpus.jsonl.gz", "DIR" },
	{ "db", 0, 0, G_OPTION_ARG_FILENAME, &arg_db, "database that is kept; if it is there, it is asked and not filled", "FILE" },
	{ "items", 0, 0, G_OPTION_ARG_INT, &arg_items, "how many (1000000)", "N" },
	{ "per-class", 0, 0, G_OPTION_ARG_INT, &arg_per_class, "queries of each class (100)", "N" },
	{ "class", 0, 0, G_OPTION_ARG_STRING, &arg_class, "ask only the classes that have this in their name", "TEXT" },
	{ "seed", 0, 0, G_OPTION_ARG_INT, &arg_seed, "another seed makes other texts and queries (1)", "N" },
	{ "slow", 0, 0, G_OPTION_ARG_NONE, &arg_slow, "print the slowest query of each class", NULL },
	{ "check", 0, 0, G_OPTION_ARG_NONE, &arg_check, "print the figures beside the wanted ones", NULL },
	{ "alone", 0, 0, G_OPTION_ARG_NONE, &arg_alone, "do not fill the peers", NULL },
	{ "cpu", 0, 0, G_OPTION_ARG_NONE, &arg_cpu, "queries are timed by CPU, for a busy machine", NULL },
	{ 0 },
};

static void step(void (*run)(const struct large_args *, struct figures *), const struct large_args *a, struct figures *f)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		run(a, f);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "a step failed\n");
		exit(1);
	}
}

static void filling_print(const char *what, const struct filling *f)
{
	printf("%-14s %8.1f s, %.1f of it merging at the end, %8.1f s of CPU, %.1f MiB of text, private memory grew by %.1f MiB\n",
	       what, f->wall_ms / 1e3, f->end_ms / 1e3, f->cpu_ms / 1e3, f->text_mib, f->rss_anon_mib);
}

/* With its merging the import has the index ready to be asked; the table alone may be left as it was filled, or be merged too. */
static double import_ratio(const struct figures *f, bool is_peer_merged)
{
	return f->product.wall_ms / (f->same.wall_ms - (is_peer_merged ? 0 : f->same.end_ms));
}

static void ratio_print(const char *what, const struct figures *f, const struct filling *peer)
{
	printf("import / %s: %.2f of the time, %.2f of the CPU\n", what, f->product.wall_ms / peer->wall_ms,
	       f->product.cpu_ms / peer->cpu_ms);
}

static void fill(const struct large_args *a, struct figures *f)
{
	printf("%u items\n", a->items);
	step(large_fill, a, f);
	filling_print("import", &f->product);
	if (arg_alone)
		return;
	step(large_fill_same, a, f);
	filling_print("its FTS5 table", &f->same);
	step(large_fill_plain, a, f);
	filling_print("plain FTS5", &f->plain);
	printf("import / its FTS5 table alone: %.2f of the time, %.2f if that is not merged\n", import_ratio(f, true),
	       import_ratio(f, false));
	ratio_print("plain FTS5", f, &f->plain);
}

static void measure(const struct large_args *a, struct figures *f)
{
	step(large_sizes, a, f);
	printf("index %.1f MiB, text %.1f MiB: %.2f times; whole file %.1f MiB\n", f->index_mib, f->text_mib,
	       f->index_mib / f->text_mib, f->file_mib);
	step(large_ask, a, f);
	printf("private memory while asking: %.1f MiB\n", f->asking_rss_anon_mib);
	step(large_add, a, f);
	printf("adding one: %.2f ms of CPU mean, %.2f p99, %.2f longest; its commit %.2f mean, %.2f p99; %u of %u found at once\n",
	       f->add_mean, f->add_p99, f->add_max, f->commit_mean, f->commit_p99, f->found, f->added);
}

static void check(const struct figures *f)
{
	if (f->same.wall_ms > 0)
		check_at_most("import against its FTS5 table alone, time", import_ratio(f, true), 1.5);
	check_at_most("index against text", f->index_mib / f->text_mib, 3);
	check_at_most("p50 of the slowest class, ms", f->worst_p50, 20);
	check_at_most("p99 of the slowest class, ms", f->worst_p99, 150);
	check_at_most("slowest query, ms", f->worst_max, 300);
	check_at_most("partial answers", f->n_partial, 0);
	check_at_most("RssAnon while asking, MiB", f->asking_rss_anon_mib, 64);
	check_at_most("adding one, mean ms of CPU", f->add_mean, 1);
	check_at_most("adding one, p99 ms of CPU", f->add_p99, 20);
	check_at_least("share found at once", (double)f->found / f->added, 1);
}

int main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	struct figures *f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *source = g_getenv("CDSBOT_SOURCE");
	g_autofree char *dir = NULL, *docs = NULL, *peer = NULL;
	g_autoptr(GError) error = NULL;
	struct large_args a;

	g_assert_true(f != MAP_FAILED);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || arg_items <= 0 || arg_per_class <= 0) {
		fprintf(stderr, "%s\n", error ? error->message : "--items and --per-class are at least 1");
		return 2;
	}
	if (arg_cpu)
		latency_use_cpu();
	if (!arg_db) {
		dir = g_dir_make_tmp("cdsbot-bench-XXXXXX", &error);
		g_assert_no_error(error);
		arg_db = g_build_filename(dir, "large.db", NULL);
	}
	docs = arg_corpus ? g_build_filename(arg_corpus, "corpus.jsonl.gz", NULL)
			  : g_build_filename(source ? source : ".", "..", "shared", "data", "vi-corpus", "corpus.jsonl.gz", NULL);
	peer = g_strconcat(arg_db, ".peer", NULL);
	a = (struct large_args){ .corpus = docs,
				 .path = arg_db,
				 .peer_path = peer,
				 .items = (unsigned)arg_items,
				 .per_class = (unsigned)arg_per_class,
				 .seed = (uint64_t)arg_seed,
				 .slow = arg_slow,
				 .only = arg_class };
	if (g_file_test(arg_db, G_FILE_TEST_EXISTS))
		printf("%s is there: not filled again\n", arg_db);
	else
		fill(&a, f);
	measure(&a, f);
	if (arg_check)
		check(f);
	munmap(f, sizeof(*f));
	if (dir) {
		remove(arg_db);
		remove(dir);
	}
	return 0;
}
