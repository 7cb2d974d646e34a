/* SPDX-License-Identifier: MIT */
/* Each document takes its length from one real document, its sentences from three, its title from the halves of two. */
#include <string.h>

#include "recombine.h"

#define SOURCES 3

struct source {
	char **title_words;
	GPtrArray *sentences; /* char * */
	size_t body_len;
};

struct recombine {
	GArray *sources; /* struct source */
	uint64_t seed;
};

uint64_t chance_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

unsigned chance_below(uint64_t *state, unsigned n)
{
	return (unsigned)(chance_next(state) % n);
}

/* A sentence ends at a line break or at ". ". */
static GPtrArray *sentences_of(const char *body)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	const char *from = body;

	for (const char *c = body; *c; c++) {
		if (*c != '\n' && !(c[0] == '.' && c[1] == ' '))
			continue;
		if (c - from > 1)
			g_ptr_array_add(all, g_strndup(from, (gsize)(c - from + (*c == '.'))));
		from = c + 1;
	}
	if (*from || all->len == 0)
		g_ptr_array_add(all, g_strdup(from));
	return all;
}

static void source_clear(void *p)
{
	struct source *s = p;

	g_strfreev(s->title_words);
	g_ptr_array_unref(s->sentences);
}

struct recombine *recombine_new(const GPtrArray *docs, uint64_t seed)
{
	struct recombine *r = g_new0(struct recombine, 1);

	r->seed = seed;
	r->sources = g_array_new(FALSE, FALSE, sizeof(struct source));
	g_array_set_clear_func(r->sources, source_clear);
	for (guint i = 0; i < docs->len; i++) {
		const struct doc *d = g_ptr_array_index(docs, i);
		struct source s = {
			.title_words = g_strsplit(d->title, " ", -1),
			.sentences = sentences_of(d->body),
			.body_len = strlen(d->body),
		};

		g_array_append_val(r->sources, s);
	}
	return r;
}

void recombine_free(struct recombine *r)
{
	if (!r)
		return;
	g_array_unref(r->sources);
	g_free(r);
}

static const struct source *pick(const struct recombine *r, uint64_t *state)
{
	return &g_array_index(r->sources, struct source, chance_below(state, r->sources->len));
}

static void title_make(const struct source *head, const struct source *tail, GString *title)
{
	const guint n_head = g_strv_length(head->title_words), n_tail = g_strv_length(tail->title_words);

	g_string_truncate(title, 0);
	for (guint i = 0; i < (n_head + 1) / 2; i++)
		g_string_append_printf(title, "%s%s", i ? " " : "", head->title_words[i]);
	for (guint i = n_tail / 2; i < n_tail; i++)
		g_string_append_printf(title, " %s", tail->title_words[i]);
}

void recombine_make(const struct recombine *r, uint64_t n, GString *ret_title, GString *ret_body)
{
	uint64_t state = r->seed ^ (n * UINT64_C(0xD1342543DE82EF95));
	const size_t len = pick(r, &state)->body_len;
	const struct source *from[SOURCES];

	for (int i = 0; i < SOURCES; i++)
		from[i] = pick(r, &state);
	title_make(from[0], from[1], ret_title);
	g_string_truncate(ret_body, 0);
	/* Ends: every document has a sentence, and an empty one still adds its space. */
	while (ret_body->len < len) {
		const struct source *s = from[chance_below(&state, SOURCES)];

		g_string_append(ret_body, g_ptr_array_index(s->sentences, chance_below(&state, s->sentences->len)));
		g_string_append_c(ret_body, chance_below(&state, 4) ? ' ' : '\n');
	}
}
