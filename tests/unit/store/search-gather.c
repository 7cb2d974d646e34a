/* SPDX-License-Identifier: MIT */
/* What one pass inside FTS5 tells of the rows of an expression, and which rows it takes. */
#include "domain_fixture.h"
#include "store/db_kernel.h"
#include "store/search/gather.h"
#include "store/search/wanted.h"

#define EVER INT64_MAX

static GArray *rows_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct gather_row));
}

/* An approved item of lan's; the first one is 1, and so on. */
static int64_t put(struct fixture *f, const char *title, const char *body)
{
	return item_put(f, title, body, NULL, f->lan, ITEM_APPROVED);
}

static void put_many(struct fixture *f, unsigned n, const char *unit, enum item_status status)
{
	for (unsigned i = 0; i < n; i++)
		item_put(f, "Tin", "loa", unit, f->lan, status);
}

static void run(struct fixture *f, const char *match, int64_t first, int64_t last, struct gather *g)
{
	g_autoptr(GError) error = NULL;
	bool ok = gather_run(f->db, match, first, last, g, &error);

	g_assert_no_error(error);
	g_assert_true(ok);
}

/* "2:3/1/4": row 2, its bits, those of the title, the window. */
static char *told(const GArray *rows)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct gather_row *r = &g_array_index(rows, struct gather_row, i);

		g_string_append_printf(s, "%s%" G_GINT64_FORMAT ":%" G_GINT64_MODIFIER "x/%" G_GINT64_MODIFIER "x/%u", i ? " " : "", r->id, r->has,
				       r->title, r->window);
	}
	return g_string_free(s, FALSE);
}

static void assert_tells(struct fixture *f, const char *match, unsigned n_phrases, bool with_window, const char *expected)
{
	g_autoptr(GArray) rows = rows_new();
	struct gather g = { .n_phrases = n_phrases, .with_window = with_window, .most = UINT32_MAX, .deadline_us = EVER, .rows = rows };
	g_autofree char *text = NULL;

	run(f, match, 1, EVER, &g);
	text = told(rows);
	g_assert_cmpstr(text, ==, expected);
	g_assert_false(g.is_cut);
	g_assert_false(g.is_late);
}

static void test_rows_tell_their_phrases_newest_first(void)
{
	g_autoptr(item_t) labelled = draft_new("Tin", "xa", NULL, NULL, ITEM_APPROVED);
	struct fixture f;

	fixture_open(&f);
	put(&f, "Loa xã", "đài");	 /* 1 */
	put(&f, "Đài", "loa ở xóm");	 /* 2 */
	put(&f, "Họp", "không có");	 /* 3 */
	put(&f, "Loa", "loa xã");	 /* 4 */
	item_field_set(labelled, "hieuqua", "loa");
	g_assert_cmpint(store_item_add(f.db, labelled, NULL, NOW, NULL), ==, STORE_OK); /* 5 */
	assert_tells(&f, "\"loa\" OR \"xa\" OR \"dai\"", 3, false, "5:3/0/0 4:3/1/0 2:5/4/0 1:7/3/0");
	assert_tells(&f, "\"loa\" AND \"xa\"", 2, false, "5:3/0/0 4:3/1/0 1:3/3/0");
	/* The first ones of the expression are asked for; the others only choose. */
	assert_tells(&f, "(\"loa\" OR \"xa\") AND (\"dai\")", 2, false, "2:1/0/0 1:3/3/0");
	assert_tells(&f, "((\"loa\")) NOT (\"dai\")", 1, false, "5:1/0/0 4:1/1/0");
	assert_tells(&f, "\"loa\"", 0, true, "5:0/0/0 4:0/0/0 2:0/0/0 1:0/0/0");
	/* Pairs, exact words and words in a row are phrases like others. */
	assert_tells(&f, "\"loa_xa\" OR \"=đai2\" OR \"loa\" + \"o\" + \"xom\"", 3, false, "4:1/0/0 2:6/2/0 1:3/1/0");
	assert_tells(&f, "title : \"loa\"", 1, false, "4:1/1/0 1:1/1/0");
	assert_tells(&f, "\"nowhere\"", 1, true, "");
	fixture_close(&f);
}

static void test_the_window_is_the_narrowest_of_one_column(void)
{
	static const struct {
		const char *title, *body;
		unsigned window;
	} t[] = {
		{ "tin", "loa xa dai", 3 },
		{ "tin", "dai xa loa", 3 },
		{ "tin", "loa mot hai xa dai", 5 },
		{ "tin", "loa mot xa hai hai dai xa loa mot dai", 3 },
		{ "tin", "loa xa xa xa mot dai loa xa", 3 },
		{ "tin", "loa loa loa xa mot dai", 4 },
		{ "loa mot xa hai dai", "dai loa mot xa", 4 },
		{ "loa xa dai", "loa mot xa dai", 3 },
		{ "tin", "loa xa", 0 }, /* one is missing */
		{ "loa xa", "dai", 0 }, /* nobody reads across */
		{ "dai loa", "xa", 0 },
		{ "mot hai mot hai loa xa", "dai", 0 },
		{ "mot hai mot dai", "xa loa xa loa", 0 },
	};
	struct fixture f;

	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		int64_t id = put(&f, t[i].title, t[i].body);
		g_autoptr(GArray) rows = rows_new(), without = rows_new();
		struct gather g = { .n_phrases = 3, .with_window = true, .most = 9, .deadline_us = EVER, .rows = rows };

		g_test_message("%s: %s", t[i].title, t[i].body);
		run(&f, "\"loa\" OR \"xa\" OR \"dai\"", id, id, &g);
		g_assert_cmpuint(rows->len, ==, 1);
		g_assert_cmpuint(g_array_index(rows, struct gather_row, 0).window, ==, t[i].window);
		g.with_window = false;
		g.rows = without;
		run(&f, "\"loa\" OR \"xa\" OR \"dai\"", id, id, &g);
		g_assert_cmpuint(g_array_index(without, struct gather_row, 0).window, ==, 0);
		g_assert_cmpuint(g_array_index(without, struct gather_row, 0).has, ==, g_array_index(rows, struct gather_row, 0).has);
	}
	assert_tells(&f, "\"loa\" + \"xa\" + \"xa\"", 1, true, "5:1/0/1");
	fixture_close(&f);
}

static GString *words_of(const char *prefix, unsigned from, unsigned to, const char *between)
{
	GString *s = g_string_new(NULL);

	for (unsigned i = from; i < to; i++)
		g_string_append_printf(s, "%s%s%u%s", i > from ? between : "", prefix, i, *prefix == '"' ? "\"" : "");
	return s;
}

static void test_as_many_phrases_as_there_are_bits(void)
{
	g_autoptr(GString) match = words_of("\"tu", 0, GATHER_PHRASES_MAX, " OR ");
	g_autoptr(GString) all = words_of("tu", 0, GATHER_PHRASES_MAX, " "), first = words_of("tu", 0, 24, " "),
			   last = words_of("tu", 40, GATHER_PHRASES_MAX, " ");
	struct fixture f;

	fixture_open(&f);
	put(&f, "tu0 tu63", all->str);
	put(&f, "tu63", "mot");
	assert_tells(&f, match->str, GATHER_PHRASES_MAX, false, "2:8000000000000000/8000000000000000/0 1:ffffffffffffffff/8000000000000001/0");
	/* Nearness is that of the first words; as many others are no nearness of all. */
	put(&f, "mot", first->str);
	put(&f, "hai", last->str);
	assert_tells(&f, match->str, GATHER_PHRASES_MAX, true,
		     "4:ffffff0000000000/0/0 3:ffffff/0/24 2:8000000000000000/8000000000000000/0 1:ffffffffffffffff/8000000000000001/24");
	fixture_close(&f);
}

static void test_so_many_rows_and_no_more(void)
{
	static const struct {
		unsigned most;
		const char *rows;
		bool is_cut;
	} t[] = {
		{ 0, "", false },
		{ 1, "5:1/0/0", true },
		{ 3, "5:1/0/0 4:1/0/0 3:1/0/0", true },
		{ 5, "5:1/0/0 4:1/0/0 3:1/0/0 2:1/0/0 1:1/0/0", true }, /* there might be one more */
		{ 6, "5:1/0/0 4:1/0/0 3:1/0/0 2:1/0/0 1:1/0/0", false },
	};
	struct fixture f;

	fixture_open(&f);
	put_many(&f, 5, NULL, ITEM_APPROVED);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GArray) rows = rows_new();
		/* What an earlier run said is gone. */
		struct gather g = { .n_phrases = 1, .most = t[i].most, .deadline_us = EVER, .rows = rows, .is_cut = true, .is_late = true };
		g_autofree char *text = NULL;

		run(&f, "\"loa\"", 1, EVER, &g);
		text = told(rows);
		g_assert_cmpstr(text, ==, t[i].rows);
		g_assert_cmpint(g.is_cut, ==, t[i].is_cut);
		g_assert_false(g.is_late);
	}
	fixture_close(&f);
}

static void test_stretches_add_up(void)
{
	g_autoptr(GArray) rows = rows_new();
	struct gather g = { .n_phrases = 1, .most = 5, .deadline_us = EVER, .rows = rows };
	const struct gather_row of_others = { .id = 99 };
	g_autofree char *newest = NULL, *both = NULL, *all = NULL;
	struct fixture f;

	g_array_append_val(rows, of_others);
	fixture_open(&f);
	put_many(&f, 9, NULL, ITEM_APPROVED);
	run(&f, "\"loa\"", 7, 8, &g);
	newest = told(rows);
	g_assert_cmpstr(newest, ==, "99:0/0/0 8:1/0/0 7:1/0/0");
	g_assert_false(g.is_cut);
	run(&f, "\"loa\"", 5, 6, &g);
	both = told(rows);
	g_assert_cmpstr(both, ==, "99:0/0/0 8:1/0/0 7:1/0/0 6:1/0/0 5:1/0/0");
	g_assert_false(g.is_cut);
	run(&f, "\"loa\"", 20, 30, &g); /* nothing there */
	g_assert_cmpuint(rows->len, ==, 5);
	run(&f, "\"loa\"", -5, 4, &g);
	all = told(rows);
	g_assert_cmpstr(all, ==, "99:0/0/0 8:1/0/0 7:1/0/0 6:1/0/0 5:1/0/0 4:1/0/0"); /* the limit is that of all of these */
	g_assert_true(g.is_cut);
	fixture_close(&f);
}

static void test_filters_and_eyes_come_before_the_limit(void)
{
	const struct search_query of_unit = { .unit = "VUBAN", .kind = -1 }, of_anyone = { .kind = -1 };
	struct search_query of_moderator = { .kind = -1 };
	g_autoptr(GArray) rows = rows_new(), visible = rows_new(), for_moderator = rows_new();
	struct gather g = { .n_phrases = 1, .most = 1, .deadline_us = EVER, .rows = rows, .wanted = &of_unit };
	g_autofree char *a = NULL, *b = NULL, *c = NULL;
	struct fixture f;

	fixture_open(&f);
	put(&f, "Họp", "loa");
	item_put(&f, "Họp", "loa", "VUBAN", f.lan, ITEM_APPROVED); /* 2 */
	put_many(&f, 5, "TRUCNINH", ITEM_APPROVED);
	put_many(&f, 5, "TRUCNINH", ITEM_WAITING);
	put(&f, "Họp", "không");
	run(&f, "\"loa\"", 1, EVER, &g);
	a = told(rows);
	g_assert_cmpstr(a, ==, "2:1/0/0");
	g = (struct gather){ .n_phrases = 1, .most = 2, .deadline_us = EVER, .rows = visible, .wanted = &of_anyone };
	run(&f, "\"loa\"", 1, 6, &g); /* the bounds hold for filters as well */
	b = told(visible);
	g_assert_cmpstr(b, ==, "6:1/0/0 5:1/0/0");
	g_assert_true(g.is_cut);
	g_array_set_size(visible, 0);
	g.most = 1;
	run(&f, "\"loa\"", 1, EVER, &g);
	g_assert_cmpint(g_array_index(visible, struct gather_row, 0).id, ==, 7); /* 8 to 12 wait */
	of_moderator.viewer = f.moderator;
	g = (struct gather){ .n_phrases = 1, .most = 1, .deadline_us = EVER, .rows = for_moderator, .wanted = &of_moderator };
	run(&f, "\"loa\"", 1, EVER, &g);
	c = told(for_moderator);
	g_assert_cmpstr(c, ==, "12:1/0/0");
	fixture_close(&f);
}

/* What was asked for and is not wanted takes no place, but its time. */
static void test_so_many_are_asked_for(void)
{
	const struct search_query of_unit = { .unit = "VUBAN", .kind = -1 };
	static const struct {
		unsigned most_asked;
		const char *rows;
		bool is_cut;
	} t[] = {
		{ 0, "8:1/0/0 1:1/0/0", false }, { 1, "8:1/0/0", true }, { 7, "8:1/0/0", true }, { 8, "8:1/0/0 1:1/0/0", true },
		{ 9, "8:1/0/0 1:1/0/0", false },
	};
	struct fixture f;

	fixture_open(&f);
	put_many(&f, 1, "VUBAN", ITEM_APPROVED);
	put_many(&f, 6, "TRUCNINH", ITEM_APPROVED);
	put_many(&f, 1, "VUBAN", ITEM_APPROVED);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GArray) rows = rows_new();
		struct gather g = { .n_phrases = 1, .most = 9, .most_asked = t[i].most_asked, .deadline_us = EVER, .rows = rows, .wanted = &of_unit };
		g_autofree char *text = NULL;

		run(&f, "\"loa\"", 1, EVER, &g);
		text = told(rows);
		g_assert_cmpstr(text, ==, t[i].rows);
		g_assert_cmpint(g.is_cut, ==, t[i].is_cut);
	}
	fixture_close(&f);
}

static void test_what_is_not_wanted_takes_no_place(void)
{
	static const int64_t ids[] = { 2, 4, 5 };
	g_autoptr(GArray) rows = rows_new(), not_wanted = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct gather g = { .n_phrases = 1, .most = 2, .deadline_us = EVER, .rows = rows, .not_wanted = not_wanted };
	g_autofree char *text = NULL, *all = NULL;
	struct fixture f;

	g_array_append_vals(not_wanted, ids, ARRAY_SIZE(ids));
	fixture_open(&f);
	put_many(&f, 6, NULL, ITEM_APPROVED);
	run(&f, "\"loa\"", 1, EVER, &g);
	text = told(rows);
	g_assert_cmpstr(text, ==, "6:1/0/0 3:1/0/0");
	g_assert_true(g.is_cut);
	g_array_set_size(rows, 0);
	g.most = 4;
	run(&f, "\"loa\"", 1, EVER, &g);
	all = told(rows);
	g_assert_cmpstr(all, ==, "6:1/0/0 3:1/0/0 1:1/0/0");
	g_assert_false(g.is_cut);
	fixture_close(&f);
}

static void test_time_ends_the_reading(void)
{
	g_autoptr(GArray) rows = rows_new(), few = rows_new(), not_wanted = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct gather g = { .n_phrases = 1, .most = UINT32_MAX, .deadline_us = g_get_monotonic_time() - 1, .rows = rows };
	struct fixture f;

	fixture_open(&f);
	put_many(&f, 600, NULL, ITEM_APPROVED);
	run(&f, "\"loa\"", 1, EVER, &g);
	g_assert_true(g.is_late);
	g_assert_false(g.is_cut);
	g_assert_cmpuint(rows->len, >, 0);
	g_assert_cmpuint(rows->len, <, 600);
	for (guint i = 0; i < rows->len; i++) /* the newest are there */
		g_assert_cmpint(g_array_index(rows, struct gather_row, i).id, ==, 600 - i);
	g_array_set_size(rows, 0);
	g.deadline_us = EVER;
	run(&f, "\"loa\"", 1, EVER, &g);
	g_assert_false(g.is_late);
	g_assert_cmpuint(rows->len, ==, 600);
	/* What is not taken does not look at the clock. */
	for (int64_t id = 101; id <= 600; id++)
		g_array_append_val(not_wanted, id);
	g = (struct gather){ .n_phrases = 1, .most = UINT32_MAX, .deadline_us = g_get_monotonic_time() - 1, .rows = few, .not_wanted = not_wanted };
	run(&f, "\"loa\"", 1, EVER, &g);
	g_assert_false(g.is_late);
	g_assert_cmpuint(few->len, ==, 100);
	fixture_close(&f);
}

static void test_trouble_is_told(void)
{
	const struct search_query anyone = { .kind = -1 };
	static const char *const wrong[] = { "\"loa", "\"loa\" AND", "nosuch : \"loa\"", "\"loa\")", "" };
	g_autoptr(GArray) rows = rows_new();
	struct gather g = { .n_phrases = 1, .most = 9, .deadline_us = EVER, .rows = rows };
	g_autoptr(GError) broken = NULL, broken_for_filter = NULL;
	struct fixture f;

	fixture_open(&f);
	put_many(&f, 3, NULL, ITEM_APPROVED);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(gather_run(f.db, wrong[i], 1, EVER, &g, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
	}
	run(&f, "\"loa\"", 1, EVER, &g); /* the next question is none the worse */
	g_assert_cmpuint(rows->len, ==, 3);
	g_assert_true(db_commit(f.db, NULL)); /* until then FTS5 has it in memory */
	g_assert_true(db_begin(f.db, NULL));
	g_assert_true(db_exec(f.db, "DELETE FROM search_index_data WHERE id > 10", NULL)); /* its pages */
	g_assert_false(gather_run(f.db, "\"loa\"", 1, EVER, &g, &broken));
	g_assert_error(broken, STORE_ERROR, STORE_ERROR_DISK);
	g.wanted = &anyone;
	g_assert_false(gather_run(f.db, "\"loa\"", 1, EVER, &g, &broken_for_filter));
	g_assert_error(broken_for_filter, STORE_ERROR, STORE_ERROR_DISK);
	g_assert_cmpuint(rows->len, ==, 3);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-gather/phrases", test_rows_tell_their_phrases_newest_first);
	g_test_add_func("/search-gather/window", test_the_window_is_the_narrowest_of_one_column);
	g_test_add_func("/search-gather/64-phrases", test_as_many_phrases_as_there_are_bits);
	g_test_add_func("/search-gather/most", test_so_many_rows_and_no_more);
	g_test_add_func("/search-gather/stretches", test_stretches_add_up);
	g_test_add_func("/search-gather/wanted", test_filters_and_eyes_come_before_the_limit);
	g_test_add_func("/search-gather/asked", test_so_many_are_asked_for);
	g_test_add_func("/search-gather/not-wanted", test_what_is_not_wanted_takes_no_place);
	g_test_add_func("/search-gather/deadline", test_time_ends_the_reading);
	g_test_add_func("/search-gather/trouble", test_trouble_is_told);
	return g_test_run();
}
