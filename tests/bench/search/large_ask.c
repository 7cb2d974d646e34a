/* SPDX-License-Identifier: MIT */
/* Asks a large database by class of query, and adds single items to it. */
#include <stdio.h>
#include <string.h>

#include "store/register.h"

#include "classes.h"
#include "large.h"
#include "latency.h"
#include "product.h"

/* Items added one by one, each its own commit. They stay in a database that is kept. */
#define ADDED 200
#define ADDED_MS INT64_C(1700000000000)

/* Sees what waits. */
static const struct member moderator = { .id = 1, .role = ROLE_MODERATOR };

static void class_ask(const struct large_args *a, const struct query_class *c, struct sampler *s, const struct registry *r,
		      struct figures *f)
{
	g_autoptr(GArray) ms = latency_new();
	g_autofree char *slowest = NULL;
	double longest = -1;
	unsigned n_hits = 0, n_partial = 0;

	for (unsigned i = 0; i < a->per_class; i++) {
		g_autofree char *text = c->make(s);
		const double start = latency_query_ms();
		bool is_partial;
		g_autoptr(GPtrArray) hits = product_search(s->db, r, c->is_moderators ? &moderator : NULL, text, &is_partial);
		const double took = latency_query_ms() - start;

		latency_add(ms, took);
		n_partial += is_partial;
		n_hits += hits->len > 0;
		if (took > longest) {
			longest = took;
			g_free(slowest);
			slowest = g_strdup(text);
		}
	}
	printf("%-32s %5u %9u %9u %9.2f %9.2f %9.2f\n", c->name, ms->len, n_hits, n_partial, latency_at(ms, 0.5), latency_at(ms, 0.99),
	       latency_at(ms, 1));
	if (a->slow)
		printf("  slowest: %s\n", slowest);
	fflush(stdout);
	f->worst_p50 = MAX(f->worst_p50, latency_at(ms, 0.5));
	f->worst_p99 = MAX(f->worst_p99, latency_at(ms, 0.99));
	f->worst_max = MAX(f->worst_max, latency_at(ms, 1));
	f->n_partial += n_partial;
	f->asking_rss_anon_mib = MAX(f->asking_rss_anon_mib, rss_anon_mib());
}

void large_ask(const struct large_args *a, struct figures *f)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(a->path, DB_READ, &error);
	g_autoptr(registry_t) r = db ? store_register_load(db, &error) : NULL;
	struct sampler s;

	g_assert_no_error(error);
	sampler_init(&s, db, r, a->seed);
	/* Statements are prepared at the first search. */
	g_ptr_array_unref(product_search(db, r, NULL, "sáng kiến", NULL));
	printf("\n%-32s %5s %9s %9s %9s %9s %9s\n", "class", "n", "with hits", "partial", "p50 ms", "p99 ms", "max ms");
	for (unsigned i = 0; i < query_classes_n; i++) {
		if (!a->only || strstr(query_classes[i].name, a->only))
			class_ask(a, &query_classes[i], &s, r, f);
	}
}

/* An item like the others with a word that no other has. */
static struct item *item_like(struct sampler *s, const char *word)
{
	g_autofree char *title = NULL;
	struct item *i = item_new();

	sampler_item(s, &title, &i->body);
	i->kind = ITEM_INITIATIVE;
	i->status = ITEM_APPROVED;
	i->title = g_strdup_printf("%s %s", title, word);
	return i;
}

static bool is_found(struct db *db, const struct registry *r, const char *word, int64_t id)
{
	g_autoptr(GPtrArray) hits = product_search(db, r, NULL, word, NULL);

	for (guint i = 0; i < hits->len; i++) {
		if (((struct search_hit *)g_ptr_array_index(hits, i))->item_id == id)
			return true;
	}
	return false;
}

void large_add(const struct large_args *a, struct figures *f)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(a->path, DB_WRITE, &error);
	g_autoptr(registry_t) r = db ? store_register_load(db, &error) : NULL;
	g_autoptr(GArray) adding = latency_new(), committing = latency_new();
	struct sampler s;

	g_assert_no_error(error);
	sampler_init(&s, db, r, a->seed + 1);
	for (int64_t n = 1; n <= ADDED; n++) {
		g_autofree char *word = g_strdup_printf("moc%" G_GINT64_FORMAT "bench", s.last_id + n);
		g_autoptr(item_t) i = item_like(&s, word);
		double start;

		g_assert_true(db_begin(db, &error));
		start = latency_cpu_ms();
		g_assert_cmpint(store_item_add(db, i, NULL, ADDED_MS, &error), ==, STORE_OK);
		latency_add(adding, latency_cpu_ms() - start);
		start = latency_cpu_ms();
		g_assert_true(db_commit(db, &error));
		latency_add(committing, latency_cpu_ms() - start);
		f->added++;
		f->found += is_found(db, r, word, i->id);
	}
	f->add_mean = latency_mean(adding);
	f->add_p99 = latency_at(adding, 0.99);
	f->add_max = latency_at(adding, 1);
	f->commit_mean = latency_mean(committing);
	f->commit_p99 = latency_at(committing, 0.99);
}
