/* SPDX-License-Identifier: MIT */
/* Scores one engine. Every query is asked twice and the second time counts: the first one warms the pages, as a running daemon's
 * are. */
#include <stdio.h>
#include <string.h>

#include "latency.h"

#include "score.h"

/* Hits shown of a miss. */
#define SHOWN_MAX 3

static void kind_score_free(void *p)
{
	struct kind_score *k = p;

	g_free(k->kind);
	g_array_unref(k->ms);
	g_free(k);
}

static struct kind_score *kind_of(struct score *s, const char *kind)
{
	struct kind_score *k;

	for (guint i = 0; i < s->kinds->len; i++) {
		k = g_ptr_array_index(s->kinds, i);
		if (strcmp(k->kind, kind) == 0)
			return k;
	}
	k = g_new0(struct kind_score, 1);
	k->kind = g_strdup(kind);
	k->ms = latency_new();
	g_ptr_array_add(s->kinds, k);
	return k;
}

const struct kind_score *score_kind(const struct score *s, const char *kind)
{
	for (guint i = 0; i < s->kinds->len; i++) {
		const struct kind_score *k = g_ptr_array_index(s->kinds, i);

		if (strcmp(k->kind, kind) == 0)
			return k;
	}
	return NULL;
}

/* *ret_first is the place of the first judged document, from 1, or 0; *ret_recall the share of them that is there. */
static void judge(const struct asked *a, const GPtrArray *ids, guint *ret_first, double *ret_recall)
{
	guint found = 0;

	*ret_first = 0;
	for (guint i = 0; i < ids->len && i < HITS_MAX; i++) {
		if (!g_strv_contains((const char *const *)a->relevant, g_ptr_array_index(ids, i)))
			continue;
		found++;
		if (*ret_first == 0)
			*ret_first = i + 1;
	}
	*ret_recall = (double)found / g_strv_length(a->relevant);
}

static const char *title_of(const GPtrArray *docs, const char *id)
{
	for (guint i = 0; i < docs->len; i++) {
		const struct doc *d = g_ptr_array_index(docs, i);

		if (strcmp(d->id, id) == 0)
			return d->title;
	}
	return "?";
}

static void print_miss(const struct asked *a, const GPtrArray *ids, guint first, const GPtrArray *docs)
{
	printf("miss %s %s: %s\n", a->qid, a->kind, a->text);
	for (char **id = a->relevant; *id; id++)
		printf("  wanted %s %s\n", *id, title_of(docs, *id));
	if (first > 0)
		printf("  rank %u\n", first);
	else
		printf("  not among %u\n", ids->len);
	for (guint i = 0; i < ids->len && i < SHOWN_MAX; i++)
		printf("  %u. %s %s\n", i + 1, (char *)g_ptr_array_index(ids, i), title_of(docs, g_ptr_array_index(ids, i)));
}

static double ask(const struct engine *e, void *self, const char *text, GPtrArray *ids)
{
	const double start = latency_query_ms();

	e->ask(self, text, ids);
	return latency_query_ms() - start;
}

static void ask_all(struct score *s, void *self, const GPtrArray *docs, const GPtrArray *queries, bool misses)
{
	for (guint i = 0; i < queries->len; i++) {
		const struct asked *a = g_ptr_array_index(queries, i);
		g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
		struct kind_score *k = kind_of(s, a->kind);
		const double ms = ask(s->engine, self, a->text, ids);
		double recall;
		guint first;

		judge(a, ids, &first, &recall);
		latency_add(k->ms, ms);
		latency_add(s->ms, ms);
		k->n++;
		k->mrr += first > 0 ? 1.0 / first : 0;
		k->recall += recall;
		if (misses && first != 1)
			print_miss(a, ids, first, docs);
	}
}

struct score *score_run(const struct engine *e, const char *dir, const GPtrArray *docs, const GPtrArray *queries, bool misses)
{
	struct score *s = g_new0(struct score, 1);
	const double start = latency_now_ms();
	void *self = e->open(dir, docs);

	s->engine = e;
	s->fill_ms = latency_now_ms() - start;
	s->ms = latency_new();
	s->kinds = g_ptr_array_new_with_free_func(kind_score_free);
	for (guint i = 0; i < queries->len; i++) {
		g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
		const double ms = ask(e, self, ((struct asked *)g_ptr_array_index(queries, i))->text, ids);

		if (i == 0)
			s->first_ms = ms;
	}
	ask_all(s, self, docs, queries, misses);
	e->close(self);
	for (guint i = 0; i < s->kinds->len; i++) {
		struct kind_score *k = g_ptr_array_index(s->kinds, i);

		k->mrr /= k->n;
		k->recall /= k->n;
		s->mrr += k->mrr / s->kinds->len;
		s->recall += k->recall / s->kinds->len;
	}
	return s;
}

void score_free(struct score *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->kinds);
	g_array_unref(s->ms);
	g_free(s);
}

void score_print(const struct score *s)
{
	printf("\n%s (filled in %.1f s, first query %.2f ms)\n", s->engine->name, s->fill_ms / 1e3, s->first_ms);
	printf("%-20s %5s %7s %9s %8s %8s %8s\n", "kind", "n", "MRR@10", "recall@10", "p50 ms", "p99 ms", "max ms");
	for (guint i = 0; i < s->kinds->len; i++) {
		const struct kind_score *k = g_ptr_array_index(s->kinds, i);

		printf("%-20s %5u %7.3f %9.3f %8.2f %8.2f %8.2f\n", k->kind, k->n, k->mrr, k->recall, latency_at(k->ms, 0.5),
		       latency_at(k->ms, 0.99), latency_at(k->ms, 1));
	}
	printf("%-20s %5u %7.3f %9.3f %8.2f %8.2f %8.2f\n", "mean over the kinds", s->ms->len, s->mrr, s->recall,
	       latency_at(s->ms, 0.5), latency_at(s->ms, 0.99), latency_at(s->ms, 1));
}

static cJSON *row_json(double mrr, double recall, GArray *ms)
{
	cJSON *o = cJSON_CreateObject();

	json_add_int64(o, "n", ms->len);
	cJSON_AddNumberToObject(o, "mrr10", mrr);
	cJSON_AddNumberToObject(o, "recall10", recall);
	cJSON_AddNumberToObject(o, "p50_ms", latency_at(ms, 0.5));
	cJSON_AddNumberToObject(o, "p99_ms", latency_at(ms, 0.99));
	cJSON_AddNumberToObject(o, "max_ms", latency_at(ms, 1));
	return o;
}

cJSON *score_json(const struct score *s)
{
	cJSON *o = row_json(s->mrr, s->recall, s->ms), *kinds = cJSON_AddObjectToObject(o, "kinds");

	json_add_str(o, "engine", s->engine->name);
	cJSON_AddNumberToObject(o, "fill_ms", s->fill_ms);
	cJSON_AddNumberToObject(o, "first_ms", s->first_ms);
	for (guint i = 0; i < s->kinds->len; i++) {
		const struct kind_score *k = g_ptr_array_index(s->kinds, i);

		cJSON_AddItemToObject(kinds, k->kind, row_json(k->mrr, k->recall, k->ms));
	}
	return o;
}
