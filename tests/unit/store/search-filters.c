/* SPDX-License-Identifier: MIT */
/* Tests of filters: whichever way the items that they leave are looked up (listed beforehand, or each match asked for), the answer is what going
 * through all items one by one gives. */
#include "domain_fixture.h"
#include "store/search/gather.h"
#include "store/search/wanted.h"

#define ITEMS 1200
/* An answer that is not complete has so many items. */
#define MORE_THAN 40

/* Of the last one there are few against what a filter may leave. */
enum word { WORD_NONE, WORD_WELL = 1, WORD_DITCH = 2, WORD_BOAT = 4 };

struct many {
	struct fixture f;
	GPtrArray *items; /* struct item, the oldest first */
};

/* What item n is: a unit with a few that stand far apart, one with some, one with many; an old year at the beginning. */
static struct item *item_nth(const struct fixture *f, unsigned n)
{
	struct item *i = item_new();

	i->title = g_strdup_printf("Việc %u%s%s", n, n % 3 == 0 ? " bên giếng" : "", n % 40 == 9 ? " qua ghe" : "");
	i->body = g_strdup_printf("Người dân cùng làm%s.", n % 7 < 5 ? " dưới mương" : "");
	i->unit = g_strdup(n % 400 == 0 ? "VPCP" : n % 20 == 1 ? "VUBAN" : n % 2 == 0 ? "GIAOTHUY" : NULL);
	i->field = g_strdup(n % 10 == 3 ? "y-te" : n % 5 == 0 ? NULL : "giao-duc");
	i->type = g_strdup(n % 4 == 0 ? "mô hình" : n % 4 == 1 ? "giải pháp" : NULL);
	i->kind = n % 25 == 6 ? ITEM_STORY : ITEM_INITIATIVE;
	i->status = n % 28 == 2 ? ITEM_WAITING : n % 45 == 6 ? ITEM_DRAFT : ITEM_APPROVED;
	i->author_id = n % 56 == 2 ? f->lan->id : 0;
	i->date = g_strdup(n < 60 ? "2018-05-02" : "2023-05-02");
	return i;
}

static void many_open(struct many *m)
{
	fixture_open(&m->f);
	m->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	for (unsigned n = 0; n < ITEMS; n++) {
		struct item *i = item_nth(&m->f, n);

		g_assert_cmpint(store_item_add(m->f.db, i, NULL, NOW, NULL), ==, STORE_OK);
		g_ptr_array_add(m->items, i);
	}
}

static void many_close(struct many *m)
{
	g_ptr_array_unref(m->items);
	fixture_close(&m->f);
}

/* --- one by one --- */

static bool leaves(const struct search_query *q, const struct item *i)
{
	bool is_kind = q->kind >= 0 && (int)i->kind == q->kind;
	bool is_type = q->type && (g_strcmp0(i->type, q->type) == 0 || (q->type_is_default && !i->type && i->kind == ITEM_INITIATIVE));

	return item_visible_to(i, q->viewer) && (!q->unit || g_strcmp0(i->unit, q->unit) == 0) &&
	       (!q->field || g_strcmp0(i->field, q->field) == 0) && (!q->year || strtol(i->date, NULL, 10) == q->year) &&
	       (!q->statuses || q->statuses >> i->status & 1) && ((q->kind < 0 && !q->type) || is_kind || is_type);
}

static bool has(const struct item *i, unsigned words)
{
	return (!(words & WORD_WELL) || strstr(i->title, "giếng")) && (!(words & WORD_DITCH) || strstr(i->body, "mương")) &&
	       (!(words & WORD_BOAT) || strstr(i->title, "ghe"));
}

static GArray *expected(const struct many *m, const struct search_query *q, unsigned words, unsigned but)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint n = m->items->len; n > 0 && ids->len < SEARCH_COUNT_MAX; n--) {
		const struct item *i = g_ptr_array_index(m->items, n - 1);

		if (leaves(q, i) && has(i, words) && !(but && has(i, but)))
			g_array_append_val(ids, i->id);
	}
	return ids;
}

static int downwards(gconstpointer a, gconstpointer b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x > y ? -1 : x < y;
}

/* is_in_order: the answer is to stand newest first; else any order will do. */
static guint assert_answer(const struct many *m, struct search_query q, const char *text, unsigned words, unsigned but, bool is_in_order)
{
	g_autoptr(GArray) want = expected(m, &q, words, but), ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GPtrArray) hits = NULL;
	g_autoptr(GError) error = NULL;
	struct search_note note;

	q.text = text;
	q.limit = SEARCH_COUNT_MAX;
	hits = store_search(m->f.db, m->f.registry, &q, &note, &error);
	g_assert_no_error(error);
	g_assert_false(note.is_partial);
	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);

		/* Where nothing has all words, the answer may be what has some. */
		if (h->all_words)
			g_array_append_val(ids, h->item_id);
	}
	if (!is_in_order)
		g_array_sort(ids, downwards);
	/* Of a single common word the newest are enough, if that is said. */
	if (note.is_more && want->len < SEARCH_COUNT_MAX) {
		g_assert_null(strchr(text, ' '));
		g_assert_cmpuint(ids->len, >=, MORE_THAN);
		g_array_set_size(want, ids->len);
	}
	g_assert_cmpmem(ids->data, ids->len * sizeof(int64_t), want->data, want->len * sizeof(int64_t));
	search_note_clear(&note);
	return want->len;
}

#define ANY .kind = -1
static const struct search_query filters[] = {
	{ ANY, .unit = "VPCP" },
	{ ANY, .unit = "VUBAN" },
	{ ANY, .unit = "GIAOTHUY" },
	{ ANY, .field = "y-te" },
	{ ANY, .field = "giao-duc" },
	{ ANY, .year = 2018 },
	{ ANY, .year = 2023 },
	{ .kind = ITEM_STORY },
	{ ANY, .type = "mô hình" },
	{ ANY, .type = "giải pháp", .type_is_default = true },
	{ .kind = ITEM_STORY, .type = "mô hình" },
	{ ANY, .statuses = 1 << ITEM_WAITING },
	{ ANY, .statuses = 1 << ITEM_DRAFT | 1 << ITEM_WAITING },
	{ ANY, .statuses = 1 << ITEM_APPROVED },
	{ ANY, .statuses = 1 << ITEM_APPROVED | 1 << ITEM_WAITING },
	{ ANY, .unit = "VUBAN", .year = 2018 },
	{ ANY, .unit = "GIAOTHUY", .field = "y-te" },
	{ ANY, .unit = "GIAOTHUY", .statuses = 1 << ITEM_WAITING },
	{ ANY, .unit = "VPCP", .year = 2018, .field = "giao-duc", .type = "mô hình" },
	{ ANY, .field = "y-te", .year = 2018, .type = "giải pháp" },
};

static guint assert_answers(const struct many *m, const char *text, unsigned words, unsigned but, bool is_in_order)
{
	const struct member *viewers[] = { NULL, m->f.moderator, m->f.hoa, m->f.lan };
	guint n = 0;

	for (size_t k = 0; k < ARRAY_SIZE(filters); k++) {
		for (size_t v = 0; v < ARRAY_SIZE(viewers); v++) {
			struct search_query q = filters[k];

			q.viewer = viewers[v];
			n += assert_answer(m, q, text, words, but, is_in_order);
		}
	}
	return n;
}

static void test_filters_leave_what_they_name(void)
{
	struct many m;

	many_open(&m);
	g_assert_cmpuint(assert_answers(&m, "gieng", WORD_WELL, WORD_NONE, false), >, 1000);
	g_assert_cmpuint(assert_answers(&m, "ghe", WORD_BOAT, WORD_NONE, false), >, 100);
	g_assert_cmpuint(assert_answers(&m, "giếng mương", WORD_WELL | WORD_DITCH, WORD_NONE, false), >, 1000);
	g_assert_cmpuint(assert_answers(&m, "giếng -mương", WORD_WELL, WORD_DITCH, false), >, 500);
	g_assert_cmpuint(assert_answers(&m, "\"dưới mương\" giếng", WORD_WELL | WORD_DITCH, WORD_NONE, false), >, 1000);
	many_close(&m);
}

static void test_filters_alone_show_the_newest_first(void)
{
	struct many m;

	many_open(&m);
	g_assert_cmpuint(assert_answers(&m, "", WORD_NONE, WORD_NONE, true), >, 5000);
	many_close(&m);
}

/* What is not approved is left out of a search without filters, and shown to those who may see it. */
static void test_what_waits_is_left_out_without_filters(void)
{
	const struct search_query q = { ANY };
	struct search_query own = q;
	struct many m;

	many_open(&m);
	own.viewer = m.f.moderator;
	g_assert_cmpuint(assert_answer(&m, q, "gieng", WORD_WELL, WORD_NONE, false), <,
			 assert_answer(&m, own, "gieng", WORD_WELL, WORD_NONE, false));
	many_close(&m);
}

static void test_list_goes_down_as_far_as_it_is_asked(void)
{
	const struct search_query q = { ANY, .unit = "VUBAN" };
	g_autoptr(GArray) want = NULL;
	struct wanted_list l;
	struct many m;
	int64_t third;

	many_open(&m);
	want = expected(&m, &q, WORD_NONE, WORD_NONE);
	g_assert_cmpuint(want->len, >, 20);
	third = g_array_index(want, int64_t, 2);
	wanted_list_init(&l);
	g_assert_cmpuint(wanted_list_at(&l, 5), ==, 0);
	/* As many as are allowed: of what is below nothing is known. */
	g_assert_true(wanted_list_extend(&l, m.f.db, &q, 1, 3, G_MAXINT64, NULL));
	g_assert_cmpuint(l.ids->len, ==, 3);
	g_assert_cmpint(l.down_to, ==, third);
	/* It is known already. */
	g_assert_true(wanted_list_extend(&l, m.f.db, &q, third + 1, 3, G_MAXINT64, NULL));
	g_assert_cmpuint(l.ids->len, ==, 3);
	/* There are none down to the next but one id. */
	g_assert_true(wanted_list_extend(&l, m.f.db, &q, third - 2, 3, G_MAXINT64, NULL));
	g_assert_cmpuint(l.ids->len, ==, 3);
	g_assert_cmpint(l.down_to, ==, third - 2);
	g_assert_true(wanted_list_extend(&l, m.f.db, &q, 1, ITEMS, G_MAXINT64, NULL));
	g_assert_cmpint(l.down_to, ==, 1);
	g_assert_cmpmem(l.ids->data, l.ids->len * sizeof(int64_t), want->data, want->len * sizeof(int64_t));
	g_assert_cmpuint(wanted_list_at(&l, G_MAXINT64), ==, 0);
	g_assert_cmpuint(wanted_list_at(&l, third), ==, 2);
	g_assert_cmpuint(wanted_list_at(&l, third + 1), ==, 2);
	g_assert_cmpuint(wanted_list_at(&l, third - 1), ==, 3);
	g_assert_cmpuint(wanted_list_at(&l, 0), ==, l.ids->len);
	wanted_list_clear(&l);
	many_close(&m);
}

/* Rows from `first` to `last` that are in the list, and no others: also where the list begins above and ends below. */
static void test_gather_takes_only_what_is_listed(void)
{
	const struct search_query q = { ANY, .unit = "VUBAN" };
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct gather_row)), want = NULL;
	const int64_t first = 100, last = 900;
	struct gather g = { .n_phrases = 1, .most = G_MAXUINT, .deadline_us = G_MAXINT64, .rows = rows, .wanted = &q };
	struct wanted_list l;
	struct many m;
	guint n = 0;

	many_open(&m);
	wanted_list_init(&l);
	g_assert_true(wanted_list_extend(&l, m.f.db, &q, 1, ITEMS, G_MAXINT64, NULL));
	g.only = &l;
	g_assert_true(gather_run(m.f.db, "\"gieng\"", first, last, &g, NULL));
	want = expected(&m, &q, WORD_WELL, WORD_NONE);
	for (guint i = 0; i < want->len; i++) {
		int64_t id = g_array_index(want, int64_t, i);

		if (id < first || id > last)
			continue;
		g_assert_cmpuint(n, <, rows->len);
		g_assert_cmpint(g_array_index(rows, struct gather_row, n).id, ==, id);
		n++;
	}
	g_assert_cmpuint(n, ==, rows->len);
	g_assert_cmpuint(n, >, 5);
	g_assert_cmpuint(n, <, want->len);
	wanted_list_clear(&l);
	many_close(&m);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/filters/what-they-name", test_filters_leave_what_they_name);
	g_test_add_func("/search/filters/alone", test_filters_alone_show_the_newest_first);
	g_test_add_func("/search/filters/none", test_what_waits_is_left_out_without_filters);
	g_test_add_func("/search/filters/list", test_list_goes_down_as_far_as_it_is_asked);
	g_test_add_func("/search/filters/gather", test_gather_takes_only_what_is_listed);
	return g_test_run();
}
