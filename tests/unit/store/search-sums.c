/* SPDX-License-Identifier: MIT */
/* What the index alone says of a question: which items come, in which order, and what their share is made of. */
#include <math.h>

#include "sums_fixture.h"

/* More items than this with all neighbours, and the index itself is asked which has the line as it stands. */
#define MANY_FULL 30
/* Up to so many items every word tells. */
#define FEW_ITEMS 300
#define NEAR_ZERO 1e-9

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

/* Of what has all neighbours the words are not asked for: what their pairs tell of them must do. */
static void test_what_the_share_is_made_of(void)
{
	double words, pairs, best;
	const struct rank_line *l;
	struct fixture f;
	struct sums s;

	fixture_open(&f);
	put(&f, "Khoai sắn", "tin");
	put(&f, "Tin", "khoai sắn");
	put_many(&f, 4, "Tin", "Khoai. Khoai sắn");
	put_many(&f, 9, "Tin", "sắn");
	s = read_text(&f, "khoai sắn");
	l = &s.lines[0];
	words = l->word_weight[0] + l->word_weight[1];
	pairs = l->pair_weight[0];
	g_assert_cmpfloat_with_epsilon(pairs, rank_weight(6, 15), NEAR_ZERO);
	g_assert_cmpuint(s.all->len, ==, 6);
	/* Everything in the title, all near together, is the measure; it stands there whole, so the share is more than 1. */
	best = (words + pairs) * 1.5 + 1.5 * words;
	g_assert_cmpfloat_with_epsilon(share_of(&s, 1) * best, best + 5, NEAR_ZERO);
	g_assert_cmpfloat_with_epsilon((share_of(&s, 1) - share_of(&s, 2)) * best, 0.5 * (words + pairs), NEAR_ZERO);
	sums_clear(&s);
	fixture_close(&f);
}

/* --- words that a tenth of the items have --- */

static void test_common_words_count_as_well(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai sắn chung", "tin");	     /* 1 */
	put(&f, "Khoai", "sắn");		     /* 2: all but that one */
	put(&f, "Khoai", "chung");		     /* 3: a telling one is missing */
	put_many(&f, FEW_ITEMS - 2, "Tin", "chung"); /* 300 have it: among so few every word tells */
	assert_tells(&f, "khoai sắn chung", &of_anyone, "1");
	/* Where it is common it is not asked for beside the line as it stands; who lacks it does not have all words all the same. */
	put(&f, "Tin", "chung");
	assert_tells(&f, "khoai sắn chung", &of_anyone, "1");
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
	/* Nobody needs to have the grammar. */
	assert_tells(&f, "lạc của", &of_anyone, "4");
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

static void test_all_words_of_one_line_are_enough(void)
{
	static const char *const lines[][2] = { { "khoai", "sắn lạc vừng" }, { "sắn lạc vừng", "khoai" } };
	struct fixture f;

	fixture_open(&f);
	put(&f, "Khoai", "sắn lạc");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		g_autoptr(query_plan_t) p = query_read(lines[i][0], NULL);
		const struct query_line *line = g_ptr_array_index(p->lines, 0);
		g_autofree char *ids = NULL;
		struct sums s;

		query_add_line(p, line, 0, line->words->len, lines[i][1]);
		s = read_plan(&f, &of_anyone, p);
		ids = told(&s);
		g_assert_cmpstr(ids, ==, "1");
		sums_clear(&s);
	}
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-sums/nothing", test_nothing_is_found_where_nothing_is);
	g_test_add_func("/search-sums/neighbours", test_neighbours_go_before_words);
	g_test_add_func("/search-sums/title", test_the_title_says_more_and_of_equals_the_newer_goes_first);
	g_test_add_func("/search-sums/whole", test_the_line_as_it_stands_goes_first);
	g_test_add_func("/search-sums/far-worse", test_far_worse_ones_are_left_out);
	g_test_add_func("/search-sums/share", test_what_the_share_is_made_of);
	g_test_add_func("/search-sums/common", test_common_words_count_as_well);
	g_test_add_func("/search-sums/common-alone", test_a_common_word_alone_is_nothing);
	g_test_add_func("/search-sums/common-title", test_one_common_word_is_looked_for_in_titles);
	g_test_add_func("/search-sums/weights", test_weights);
	g_test_add_func("/search-sums/several-lines", test_of_several_lines_the_best_counts);
	g_test_add_func("/search-sums/one-line-enough", test_all_words_of_one_line_are_enough);
	g_test_add_func("/search-sums/lengths", test_lines_of_any_length);
	return g_test_run();
}
