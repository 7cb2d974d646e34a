/* SPDX-License-Identifier: MIT */
/* What the index alone says of a question: which items come, in which order, and what their share is made of. */
#include <math.h>

#include "domain_fixture.h"
#include "store/db_kernel.h"
#include "store/search/sums.h"

/* More items than this with all neighbours, and the index itself is asked which has the line as it stands. */
#define MANY_FULL 30
/* Up to so many items every word tells. */
#define FEW_ITEMS 300
#define NEAR_ZERO 1e-9

static int64_t put(struct fixture *f, const char *title, const char *body)
{
	return item_put(f, title, body, NULL, f->lan, ITEM_APPROVED);
}

static void put_many(struct fixture *f, unsigned n, const char *title, const char *body)
{
	for (unsigned i = 0; i < n; i++)
		put(f, title, body);
}

static const struct search_query of_anyone = { .kind = -1 };

/* Of a plan; the caller clears it. */
static struct sums read_plan(struct fixture *f, const struct search_query *q, const struct query_plan *p)
{
	g_autoptr(GError) error = NULL;
	struct sums s;

	g_assert_true(sums_read(f->db, q, p, &s, &error));
	g_assert_no_error(error);
	return s;
}

static struct sums read_text(struct fixture *f, const char *text)
{
	g_autoptr(query_plan_t) p = query_read(text, NULL);

	return read_plan(f, &of_anyone, p);
}

/* "3 1 -2": what comes, best first; a minus has not all words. */
static char *told(const struct sums *s)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < s->all->len; i++) {
		const struct sum *sum = &g_array_index(s->all, struct sum, i);

		g_string_append_printf(text, "%s%s%d", i ? " " : "", sum->all_words ? "" : "-", (int)sum->id);
	}
	return g_string_free(text, FALSE);
}

static void assert_tells(struct fixture *f, const char *text, const struct search_query *q, const char *expected)
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
static double share_of(const struct sums *s, int64_t id)
{
	for (guint i = 0; i < s->all->len; i++) {
		const struct sum *sum = &g_array_index(s->all, struct sum, i);

		if (sum->id == id)
			return sum->share;
	}
	return NAN;
}

/* --- the order --- */

static void test_nothing_is_found_where_nothing_is(void)
{
	struct fixture f;

	fixture_open(&f);
	assert_tells(&f, "khoai sắn", &of_anyone, "");
	put(&f, "Lạc", "vừng");
	assert_tells(&f, "khoai", &of_anyone, "");
	assert_tells(&f, "khoai sắn", &of_anyone, "");
	assert_tells(&f, "khoai sắn ngô", &of_anyone, "");
	fixture_close(&f);
}

static void test_neighbours_go_before_words(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai sắn", "tin");			  /* 1 */
	put(&f, "Tin", "khoai sắn");			  /* 2 */
	put(&f, "Sắn khoai", "tin");			  /* 3: the words, near together, in the title */
	put(&f, "Tin", "sắn khoai");			  /* 4 */
	put(&f, "Tin", "sắn một hai ba bốn năm khoai");	  /* 5 */
	put(&f, "Tin", "khoai sắn");			  /* 6: as 2, and newer */
	put(&f, "Tin", "khoai");			  /* 7 */
	assert_tells(&f, "khoai sắn", &of_anyone, "1 6 2 3 4 5");
	assert_tells(&f, "KHOAI sắn!", &of_anyone, "1 6 2 3 4 5");
	fixture_close(&f);
}

static void test_the_title_says_more_and_of_equals_the_newer_goes_first(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai", "tin");
	put(&f, "Khoai", "tin");
	put(&f, "Tin", "khoai");
	put(&f, "Tin", "khoai");
	put(&f, "Khoai tin", "khoai khoai");
	assert_tells(&f, "khoai", &of_anyone, "5 2 1 4 3");
	fixture_close(&f);
}

/* Where more have the neighbours than are read, the one that has the line itself is told by the index. */
static void test_the_line_as_it_stands_goes_first(void)
{
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put(&f, "Tin", "khoai sắn");		 /* 1: with these marks, but in the body, and the oldest */
	put(&f, "Tin", "lạc vừng ngô");		 /* 2 */
	put(&f, "Tin", "mía đường phên");	 /* 3: fewer have these */
	put_many(&f, MANY_FULL, "Khoai sán", "Lạc vừng. Một vừng ngô"); /* 4... */
	put_many(&f, 4, "Mía đường", "đường phên");
	s = read_text(&f, "khoai sắn");
	g_assert_cmpint(g_array_index(s.all, struct sum, 0).id, ==, 1);
	g_assert_cmpuint(s.all->len, ==, MANY_FULL + 1);
	g_assert_cmpfloat(share_of(&s, 1), >, 1);
	g_assert_cmpfloat(share_of(&s, 1), >, 1.5 * share_of(&s, 5));
	sums_clear(&s);
	s = read_text(&f, "lạc vừng ngô");
	g_assert_cmpint(g_array_index(s.all, struct sum, 0).id, ==, 2);
	g_assert_cmpfloat(share_of(&s, 2), >, 1.5 * share_of(&s, 5));
	sums_clear(&s);
	fixture_close(&f);
}

static void test_far_worse_ones_are_left_out(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai sắn lạc", "tin");	/* 1 */
	put(&f, "Tin", "khoai sắn lạc");	/* 2 */
	put(&f, "Khoai", "sắn lạc");		/* 3 */
	put(&f, "Tin", "lạc");			/* 4 */
	put(&f, "Lạc", "vừng");			/* 5 */
	assert_tells(&f, "khoai sắn lạc vừng", &of_anyone, "-1 -2 -3");
	/* Whoever has all words stays, however far apart they stand. */
	put(&f, "Tin", "vừng một lạc hai sắn ba khoai");	 /* 6 */
	put_many(&f, 4, "Khoai sắn lạc vừng", "khoai sắn lạc vừng"); /* 7 to 10 */
	assert_tells(&f, "khoai sắn lạc vừng", &of_anyone, "10 9 8 7 6");
	fixture_close(&f);
}

/* --- words that a tenth of the items have --- */

static void test_common_words_need_not_be_there(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai sắn chung", "tin");	     /* 1 */
	put(&f, "Khoai", "sắn");		     /* 2: all but the common one */
	put(&f, "Khoai", "chung");		     /* 3: a telling one is missing */
	put_many(&f, FEW_ITEMS - 2, "Tin", "chung"); /* 300 have it: among so few every word tells */
	assert_tells(&f, "khoai sắn chung", &of_anyone, "1");
	put(&f, "Tin", "chung");
	assert_tells(&f, "khoai sắn chung", &of_anyone, "1 2");
	/* Two words are asked for whatever they are. */
	assert_tells(&f, "sắn chung", &of_anyone, "1");
	fixture_close(&f);
}

static void test_a_common_word_alone_is_nothing(void)
{
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put_many(&f, FEW_ITEMS - 50, "Khoai", "tin");
	put_many(&f, FEW_ITEMS + 1, "Tin", "chung");
	put_many(&f, 20, "Chung", "chung");
	s = read_text(&f, "chung khoai");
	g_assert_cmpuint(s.all->len, ==, FEW_ITEMS - 50);
	for (guint i = 0; i < s.all->len; i++) {
		g_assert_cmpint(g_array_index(s.all, struct sum, i).id, ==, FEW_ITEMS - 50 - i);
		g_assert_false(g_array_index(s.all, struct sum, i).all_words);
	}
	sums_clear(&s);
	fixture_close(&f);
}

/* Of a word that more have than are counted the newest come, and whoever has it in the title. */
static void test_one_common_word_is_looked_for_in_titles(void)
{
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put(&f, "Chung", "tin");
	put(&f, "Tin", "chung");
	put_many(&f, SEARCH_COUNT_MAX, "Tin", "chung");
	s = read_text(&f, "chung");
	g_assert_cmpuint(s.all->len, ==, SEARCH_COUNT_MAX + 1);
	g_assert_cmpint(g_array_index(s.all, struct sum, 0).id, ==, 1);
	g_assert_cmpint(g_array_index(s.all, struct sum, 1).id, ==, SEARCH_COUNT_MAX + 2);
	g_assert_true(isnan(share_of(&s, 2)));
	g_assert_false(s.is_partial);
	sums_clear(&s);
	fixture_close(&f);
}

/* --- lines --- */

static void test_weights(void)
{
	struct fixture f;
	struct sums s;
	const struct rank_line *l;

	fixture_open(&f);
	put(&f, "Khoai sắn", "của tin là gì");
	put(&f, "Khoai", "của tin là gì");
	put(&f, "Khoai", "tin là gì");
	put(&f, "Lạc", "tin");
	s = read_text(&f, "của khoai sắn khoai là gì");
	l = &s.lines[0];
	g_assert_cmpuint(l->n, ==, 6);
	g_assert_cmpfloat_with_epsilon(l->word_weight[1], rank_weight(3, 4), NEAR_ZERO);
	g_assert_cmpfloat_with_epsilon(l->word_weight[2], rank_weight(1, 4), NEAR_ZERO); /* the rarer, the more */
	g_assert_cmpfloat(l->word_weight[2], >, l->word_weight[1]);
	g_assert_cmpfloat(l->word_weight[3], ==, 0); /* again */
	g_assert_cmpfloat(l->word_weight[0], >, 0);
	g_assert_cmpfloat(l->word_weight[0], <, rank_weight(2, 4) / 2); /* grammar */
	g_assert_cmpfloat_with_epsilon(l->pair_weight[1], rank_weight(1, 4), NEAR_ZERO); /* one has "khoai sắn" */
	g_assert_cmpfloat(l->pair_weight[4], >, 0);
	g_assert_cmpfloat(l->pair_weight[4], <, rank_weight(3, 4) / 2); /* "là gì" */
	/* A pair that nobody wrote weighs no more than its words. */
	g_assert_cmpfloat(l->pair_weight[2], <=, rank_weight(1, 4) + rank_weight(3, 4));
	g_assert_cmpuint(s.lines[1].n, ==, 0);
	sums_clear(&s);
	fixture_close(&f);
}

static void test_of_several_lines_the_best_counts(void)
{
	g_autoptr(query_plan_t) both = query_read("khoai", NULL), one = query_read("khoai", NULL), other = query_read("sắn lạc", NULL);
	struct sums of_one, of_other, s;
	g_autofree char *ids = NULL;
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai", "tin");	    /* 1 */
	put(&f, "Sắn lạc", "tin");	    /* 2 */
	put(&f, "Tin", "sắn lạc khoai");    /* 3: better by the second line */
	put(&f, "Khoai", "sắn");	    /* 4: has all words of the first alone */
	put(&f, "Tin", "vừng");		    /* 5 */
	put(&f, "Lạc sắn. Khoai", "tin");    /* 6: better by the first */
	query_add_line(both, g_ptr_array_index(both->lines, 0), 0, 1, "sắn lạc");
	of_one = read_plan(&f, &of_anyone, one);
	of_other = read_plan(&f, &of_anyone, other);
	s = read_plan(&f, &of_anyone, both);
	g_assert_cmpuint(s.lines[0].n, ==, 1);
	g_assert_cmpuint(s.lines[1].n, ==, 2);
	g_assert_cmpfloat(s.lines[0].word_weight[0], ==, of_one.lines[0].word_weight[0]);
	g_assert_cmpfloat(s.lines[1].pair_weight[0], ==, of_other.lines[0].pair_weight[0]);
	g_assert_cmpfloat(share_of(&of_one, 6), >, share_of(&of_other, 6));
	g_assert_cmpfloat(share_of(&of_one, 3), <, share_of(&of_other, 3));
	g_assert_cmpfloat(share_of(&s, 1), ==, share_of(&of_one, 1));
	g_assert_cmpfloat(share_of(&s, 2), ==, share_of(&of_other, 2));
	g_assert_cmpfloat(share_of(&s, 3), ==, share_of(&of_other, 3));
	g_assert_cmpfloat(share_of(&s, 6), ==, share_of(&of_one, 6));
	ids = told(&s);
	g_assert_cmpstr(ids, ==, "2 3 6 4 1");
	sums_clear(&of_one);
	sums_clear(&of_other);
	sums_clear(&s);
	fixture_close(&f);
}

static char *numbered(unsigned n)
{
	GString *s = g_string_new(NULL);

	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(s, "%stu%u", i ? " " : "", i);
	return g_string_free(s, FALSE);
}

static void test_lines_of_any_length(void)
{
	static const unsigned lengths[] = { 1, 2, 10, 11, QUERY_TERMS_MAX, 32 };
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		g_autofree char *text = numbered(lengths[i]), *rest = g_strdup_printf("tu%u", QUERY_TERMS_MAX), *ids = NULL;
		unsigned n = MIN(lengths[i], QUERY_TERMS_MAX);
		struct sums s;

		g_test_message("%u", lengths[i]);
		fixture_open(&f);
		put(&f, "Tin", text);
		put(&f, text, "tin");
		put(&f, "Tin", rest); /* what stands behind is not read */
		s = read_text(&f, text);
		ids = told(&s);
		g_assert_cmpstr(ids, ==, "2 1");
		g_assert_cmpuint(s.lines[0].n, ==, n);
		for (unsigned k = 0; k < n; k++) {
			g_assert_cmpfloat(s.lines[0].word_weight[k], >, 0);
			g_assert_true(k + 1 == n || s.lines[0].pair_weight[k] > 0);
		}
		sums_clear(&s);
		fixture_close(&f);
	}
}

/* --- what is wanted --- */

/* Rows of every way of asking: neighbours, words, some words, a title. */
static void test_filters_and_eyes_hold_for_every_way_of_asking(void)
{
	static const char *const t[] = { "khoai sắn", "sắn khoai", "khoai sắn lạc", "khoai vừng", "khoai" };
	static const bool has_all[] = { true, true, false, false, true };
	struct search_query of_moderator = { .kind = -1 }, of_waiting = of_moderator, of_unit = { .kind = -1, .unit = "VUBAN" };
	struct fixture f;

	fixture_open(&f);
	of_moderator.viewer = of_waiting.viewer = f.moderator;
	of_waiting.statuses = 1u << ITEM_WAITING;
	item_put(&f, "Khoai sắn", "ngô", "VUBAN", f.lan, ITEM_APPROVED);
	item_put(&f, "Khoai sắn", "ngô", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Khoai sắn", "ngô", NULL, f.lan, ITEM_WAITING);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		assert_tells(&f, t[i], &of_anyone, has_all[i] ? "2 1" : "-2 -1");
		assert_tells(&f, t[i], &of_moderator, has_all[i] ? "3 2 1" : "-3 -2 -1");
		assert_tells(&f, t[i], &of_waiting, has_all[i] ? "3" : "-3");
		assert_tells(&f, t[i], &of_unit, has_all[i] ? "1" : "-1");
	}
	fixture_close(&f);
}

static void test_quotes_and_minuses_hold_for_every_way_of_asking(void)
{
	static const struct {
		const char *text, *ids;
	} t[] = {
		{ "khoai sắn", "1 3 2" },
		{ "khoai sắn -ngô", "1" },
		{ "khoai -\"khoai sắn\"", "4 2" },
		{ "khoai -\"sắn khoai\" -ngô", "4 1" },
		{ "\"khoai sắn\"", "1 3" },
		{ "\"sắn khoai\"", "2" },
		{ "khoai \"sắn\"", "1 3 2" },
		{ "khoai \"sán\"", "" }, /* in quotes the marks count */
		{ "sắn \"khoai\" -\"khoai sắn\"", "2" },
		{ "khoai vừng -sắn", "-4" },
		{ "khoai \"vừng\"", "" },
		{ "khoai \"lạc\" \"ngô\"", "" },
		{ "khoai \"sắn\" \"ngô\"", "3 2" },
		{ "lạc khoai -nowhere", "4" },
	};
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai sắn", "tin");  /* 1 */
	put(&f, "Tin", "sắn khoai. Ngô"); /* 2 */
	put(&f, "Tin", "khoai sắn. Ngô"); /* 3 */
	put(&f, "Khoai", "lạc");	  /* 4 */
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_tells(&f, t[i].text, &of_anyone, t[i].ids);
	fixture_close(&f);
}

/* --- time and trouble --- */

#define SURELY_OVER_US (10 * G_USEC_PER_SEC)
/* So late a search without a hit is still going on. */
#define SURELY_NOT_OVER_US (50 * 1000)

static void test_time_ends_it(void)
{
	g_autoptr(query_plan_t) p = query_read("khoai sắn lạc", NULL);
	g_autofree char *all = NULL;
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put_many(&f, 3, "Khoai sắn", "ngô");
	p->deadline_us = g_get_monotonic_time() - SURELY_OVER_US;
	s = read_plan(&f, &of_anyone, p);
	g_assert_true(s.is_partial);
	g_assert_cmpuint(s.all->len, ==, 0);
	sums_clear(&s);
	p->deadline_us = g_get_monotonic_time() + 600 * G_USEC_PER_SEC;
	s = read_plan(&f, &of_anyone, p);
	all = told(&s);
	g_assert_cmpstr(all, ==, "-3 -2 -1");
	g_assert_false(s.is_partial);
	sums_clear(&s);
	fixture_close(&f);
}

/* The neighbours are asked for, though time is up; when they have given something, nothing more is. */
static void test_late_it_looks_for_something_to_show(void)
{
	g_autoptr(query_plan_t) p = query_read("khoai sắn", NULL), nowhere = query_read("nowhere", NULL);
	struct fixture f;
	int64_t took_us;

	fixture_open(&f);
	put(&f, "Sắn khoai", "tin");
	put(&f, "Khoai sắn", "tin");
	do { /* a machine that stood still meanwhile tells nothing */
		g_autofree char *ids = NULL;
		struct sums s;

		p->deadline_us = nowhere->deadline_us = g_get_monotonic_time() - 1;
		s = read_plan(&f, &of_anyone, p);
		ids = told(&s);
		took_us = g_get_monotonic_time() - p->deadline_us;
		if (took_us < SURELY_NOT_OVER_US) {
			g_assert_cmpstr(ids, ==, "2");
			g_assert_true(s.is_partial);
		}
		sums_clear(&s);
		s = read_plan(&f, &of_anyone, nowhere);
		took_us = g_get_monotonic_time() - p->deadline_us;
		if (took_us < SURELY_NOT_OVER_US)
			g_assert_false(s.is_partial); /* everything was looked at */
		sums_clear(&s);
	} while (took_us >= SURELY_NOT_OVER_US);
	fixture_close(&f);
}

static void test_trouble_is_told_and_nothing_leaks(void)
{
	g_autoptr(query_plan_t) p = query_read("khoai", NULL);
	g_autoptr(GError) broken = NULL, missing = NULL;
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put(&f, "Khoai", "tin");
	g_assert_true(db_commit(f.db, NULL)); /* until then FTS5 has it in memory */
	g_assert_true(db_begin(f.db, NULL));
	g_assert_true(db_exec(f.db, "DELETE FROM search_index_data WHERE id > 10", NULL));
	g_assert_false(sums_read(f.db, &of_anyone, p, &s, &broken));
	g_assert_error(broken, STORE_ERROR, STORE_ERROR_DISK);
	sums_clear(&s);
	g_assert_null(s.all);
	g_assert_true(db_exec(f.db, "DELETE FROM search_state", NULL));
	g_assert_false(sums_read(f.db, &of_anyone, p, &s, &missing));
	g_assert_error(missing, STORE_ERROR, STORE_ERROR_DISK);
	sums_clear(&s);
	sums_clear(&s);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-sums/nothing", test_nothing_is_found_where_nothing_is);
	g_test_add_func("/search-sums/neighbours", test_neighbours_go_before_words);
	g_test_add_func("/search-sums/title", test_the_title_says_more_and_of_equals_the_newer_goes_first);
	g_test_add_func("/search-sums/whole", test_the_line_as_it_stands_goes_first);
	g_test_add_func("/search-sums/far-worse", test_far_worse_ones_are_left_out);
	g_test_add_func("/search-sums/common", test_common_words_need_not_be_there);
	g_test_add_func("/search-sums/common-alone", test_a_common_word_alone_is_nothing);
	g_test_add_func("/search-sums/common-title", test_one_common_word_is_looked_for_in_titles);
	g_test_add_func("/search-sums/weights", test_weights);
	g_test_add_func("/search-sums/several-lines", test_of_several_lines_the_best_counts);
	g_test_add_func("/search-sums/lengths", test_lines_of_any_length);
	g_test_add_func("/search-sums/wanted", test_filters_and_eyes_hold_for_every_way_of_asking);
	g_test_add_func("/search-sums/quotes", test_quotes_and_minuses_hold_for_every_way_of_asking);
	g_test_add_func("/search-sums/deadline", test_time_ends_it);
	g_test_add_func("/search-sums/late", test_late_it_looks_for_something_to_show);
	g_test_add_func("/search-sums/trouble", test_trouble_is_told_and_nothing_leaks);
	return g_test_run();
}
