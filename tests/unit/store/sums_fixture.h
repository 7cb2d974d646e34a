/* SPDX-License-Identifier: MIT */
/* What the tests of the sums share: items by their texts, a question read, and what comes of it as a line of text. */
#ifndef CDSBOT_TESTS_SUMS_FIXTURE_H
#define CDSBOT_TESTS_SUMS_FIXTURE_H

#include <math.h>

#include "domain_fixture.h"
#include "store/search/sums.h"

static inline int64_t put(struct fixture *f, const char *title, const char *body)
{
	return item_put(f, title, body, NULL, f->lan, ITEM_APPROVED);
}

static inline void put_many(struct fixture *f, unsigned n, const char *title, const char *body)
{
	for (unsigned i = 0; i < n; i++)
		put(f, title, body);
}

static const struct search_query of_anyone = { .kind = -1 };

/* Of a plan; the caller clears it. */
static inline struct sums read_plan(struct fixture *f, const struct search_query *q, struct query_plan *p)
{
	g_autoptr(GError) error = NULL;
	struct sums s;

	g_assert_true(sums_read(f->db, q, p, &s, &error));
	g_assert_no_error(error);
	return s;
}

static inline struct sums read_text(struct fixture *f, const char *text)
{
	g_autoptr(query_plan_t) p = query_read(text, NULL);

	return read_plan(f, &of_anyone, p);
}

/* "3 1 -2": what comes, best first; a minus has not all words. */
static inline char *told(const struct sums *s)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < s->all->len; i++) {
		const struct sum *sum = &g_array_index(s->all, struct sum, i);

		g_string_append_printf(text, "%s%s%d", i ? " " : "", sum->all_words ? "" : "-", (int)sum->id);
	}
	return g_string_free(text, FALSE);
}

static inline void assert_tells(struct fixture *f, const char *text, const struct search_query *q, const char *expected)
{
	g_autoptr(query_plan_t) p = query_read(text, NULL);
	g_autofree char *ids = NULL;
	struct sums s = read_plan(f, q, p);

	g_test_message("%s", text);
	ids = told(&s);
	g_assert_cmpstr(ids, ==, expected);
	g_assert_false(s.is_partial);
	sums_clear(&s);
}

/* NAN: it does not come. */
static inline double share_of(const struct sums *s, int64_t id)
{
	for (guint i = 0; i < s->all->len; i++) {
		const struct sum *sum = &g_array_index(s->all, struct sum, i);

		if (sum->id == id)
			return sum->share;
	}
	return NAN;
}

#endif
