/* SPDX-License-Identifier: MIT */
/* The single questions that a line is asked by: what they find, how much of it, and what they leave to others; and that whatever is asked keeps to
 * filters, quotes and the clock. */
#include "sums_fixture.h"

#include "store/db_kernel.h"
#include "store/search/asking.h"
#include "store/search/vocabulary.h"

/* --- one line while it is asked for --- */

struct asked {
	struct fixture f;
	struct query_plan *p;
	struct sums out;
	struct reading r;
	struct asking a;
	GArray *not_wanted; /* none */
	GError *error;
};

/* Numbers as they are in the index. */
static void words_count(struct asked *x)
{
	for (unsigned i = 0; i < x->a.l->n; i++) {
		g_assert_true(vocabulary_n(x->f.db, word_at(&x->a, i)->folded, &x->a.n[i], &x->error));
		x->a.telling |= bit(i);
	}
}

/* After the items are there. */
static void line_begin(struct asked *x, const char *text)
{
	g_clear_pointer(&x->p, query_plan_free);
	g_clear_pointer(&x->a.hits, g_array_unref);
	memset(&x->out, 0, sizeof(x->out));
	x->p = query_read(text, NULL);
	x->r = (struct reading){ .db = x->f.db, .q = &of_anyone, .p = x->p, .out = &x->out, .not_wanted = x->not_wanted, .deadline_us = G_MAXINT64,
				 .error = &x->error };
	g_assert_true(db_run_int64(db_prepare(x->f.db, "SELECT max(id) FROM item"), 0, &x->r.last_id, &x->error));
	x->a = (struct asking){ .r = &x->r, .line = g_ptr_array_index(x->p->lines, 0), .l = &x->out.lines[0] };
	x->a.hits = g_array_new(FALSE, FALSE, sizeof(struct hit));
	rank_line_init(x->a.l, x->a.line);
	words_count(x);
}

static void asked_open(struct asked *x)
{
	memset(x, 0, sizeof(*x));
	x->not_wanted = g_array_new(FALSE, FALSE, sizeof(int64_t));
	fixture_open(&x->f);
}

static void asked_close(struct asked *x)
{
	g_assert_no_error(x->error);
	query_plan_free(x->p);
	g_array_unref(x->a.hits);
	g_array_unref(x->not_wanted);
	fixture_close(&x->f);
}

/* "2:p3/1 w0/0 5": item 2, its pairs and those of the title, its words and those of the title, the window; "!": whole. */
static void assert_hits(const struct asked *x, const char *expected)
{
	g_autoptr(GString) s = g_string_new(NULL);

	for (guint i = 0; i < x->a.hits->len; i++) {
		const struct hit *h = &g_array_index(x->a.hits, struct hit, i);

		g_string_append_printf(s, "%s%d:p%x/%x w%x/%x %u%s", i ? ", " : "", (int)h->id, h->pairs, h->pairs_title, h->words, h->words_title,
				       h->window, h->is_whole ? "!" : "");
	}
	g_assert_cmpstr(s->str, ==, expected);
	g_assert_no_error(x->error);
}

/* --- which words a row must have --- */

static void test_what_is_required(void)
{
	static const struct {
		const char *text;
		int64_t n[4];
		uint32_t telling, common;
		unsigned n_full;
		uint32_t required;
	} t[] = {
		{ "khoai", { 5 }, 1, 0, 0, 1 },
		{ "khoai", { 900000 }, 1, 1, 3, 1 },				  /* it is all there is */
		{ "khoai sắn", { 900000, 800000 }, 3, 3, 3, 3 },		  /* two in any case */
		{ "khoai sắn lạc", { 50, 40000, 90 }, 7, 2, 0, 7 },		  /* a common one, where it costs little */
		{ "khoai sắn lạc", { 50, 40000, 90 }, 7, 2, 1, 5 },		  /* ... not if others have the line as it stands */
		{ "khoai sắn lạc", { 50, 40000, 90 }, 7, 0, 1, 7 },
		{ "khoai sắn lạc", { 50, 70000, 90 }, 7, 2, 0, 5 },		  /* ... nor if it costs much */
		{ "khoai sắn lạc", { 20000, 20000, 20000 }, 7, 0, 0, 7 },	  /* 60000 is not too much */
		{ "khoai sắn lạc", { 20000, 20000, 20001 }, 7, 0, 0, 3 },
		{ "khoai sắn lạc vừng", { 9, 8, 7, 6 }, 5, 0, 0, 5 },		  /* grammar need not be there */
		{ "khoai sắn lạc vừng", { 0, 8, 7, 6 }, 15, 0, 0, 15 },		  /* what nobody has is missing all the same */
		{ "khoai sắn lạc vừng", { 40000, 40000, 40000, 40000 }, 15, 0, 0, 3 }, /* of equals the first ones */
	};
	struct asked x;

	asked_open(&x);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, t[i].text);
		memcpy(x.a.n, t[i].n, sizeof(t[i].n));
		x.a.telling = t[i].telling;
		x.a.common = t[i].common;
		x.a.n_full = t[i].n_full;
		x.a.required = ~UINT32_C(0);
		ask_require(&x.a);
		g_test_message("%zu", i);
		g_assert_cmpuint(x.a.required, ==, t[i].required);
	}
	asked_close(&x);
}

/* --- neighbours --- */

static void test_all_neighbours(void)
{
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai sắn", "sắn lạc");    /* 1 */
	put(&x.f, "Tin", "khoai sắn lạc");    /* 2 */
	put(&x.f, "Khoai", "khoai sắn");      /* 3 */
	put(&x.f, "Một hai ba bốn năm sáu bảy tám chín mười mốt", "tin"); /* 4: eleven words */
	line_begin(&x, "khoai sắn lạc");
	g_assert_true(ask_full(&x.a));
	assert_hits(&x, "2:p3/0 w0/0 0, 1:p3/1 w0/0 0");
	g_assert_cmpuint(x.a.n_full, ==, 2);
	/* A word that nobody has, a word without neighbours, a sentence: there is nothing to ask. */
	line_begin(&x, "khoai sắn nowhere");
	g_assert_true(ask_full(&x.a));
	line_begin(&x, "khoai");
	g_assert_true(ask_full(&x.a));
	assert_hits(&x, "");
	line_begin(&x, "một hai ba bốn năm sáu bảy tám chín mười mốt");
	g_assert_true(ask_full(&x.a));
	assert_hits(&x, "");
	g_assert_cmpuint(x.a.n_full, ==, 0);
	line_begin(&x, "một hai ba bốn năm sáu bảy tám chín mười");
	g_assert_true(ask_full(&x.a));
	assert_hits(&x, "4:p1ff/1ff w0/0 0");
	asked_close(&x);
}

static void test_some_neighbours(void)
{
	static const struct {
		int64_t n[5];
		uint32_t asked;
		const char *hits;
	} t[] = {
		{ { 9, 9, 9, 9, 9 }, 0xf, "3:pc/0 w0/0 0, 2:p8/8 w0/0 0, 1:p1/1 w0/0 0" },
		{ { 9, 9, 0, 9, 9 }, 0x9, "3:p8/0 w0/0 0, 2:p8/8 w0/0 0, 1:p1/1 w0/0 0" },	/* nobody has the word: nor its neighbours */
		{ { 20000, 20000, 20000, 20000, 20000 }, 0x7, "3:p4/0 w0/0 0, 1:p1/1 w0/0 0" },	/* three in any case, from the front */
		{ { 9, 9, 20000, 20000, 9 }, 0xb, "3:p8/0 w0/0 0, 2:p8/8 w0/0 0, 1:p1/1 w0/0 0" }, /* the rarest ones */
		{ { 4000, 4000, 4000, 4000, 4000 }, 0xf, "3:pc/0 w0/0 0, 2:p8/8 w0/0 0, 1:p1/1 w0/0 0" }, /* together about 4000 rows */
		{ { 4004, 4004, 4004, 4004, 4004 }, 0x7, "3:p4/0 w0/0 0, 1:p1/1 w0/0 0" },	/* too many for a fourth one */
		{ { 20001, 20001, 9, 20001, 20001 }, 0xf, "3:pc/0 w0/0 0, 2:p8/8 w0/0 0, 1:p1/1 w0/0 0" }, /* long ones apart from the others */
	};
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai sắn", "tin");	     /* 1 */
	put(&x.f, "Vừng ngô", "tin");	     /* 2 */
	put(&x.f, "Tin", "lạc vừng ngô");    /* 3 */
	put(&x.f, "Tin", "ngô khoai");	     /* 4 */
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, "khoai sắn lạc vừng ngô");
		memcpy(x.a.n, t[i].n, sizeof(t[i].n));
		g_assert_true(ask_pairs(&x.a));
		g_test_message("%zu", i);
		g_assert_cmpuint(x.a.asked, ==, t[i].asked);
		assert_hits(&x, t[i].hits);
		g_assert_false(x.a.is_cut);
	}
	asked_close(&x);
}

/* Only where more have all neighbours than are read, or not all of a pair's were. */
static void test_the_line_as_it_stands(void)
{
	static const struct {
		const char *text;
		unsigned n_full;
		bool is_cut;
		const char *hits;
	} t[] = {
		{ "khoai sắn", 25, false, "3:p0/0 w0/0 0!, 1:p0/0 w0/0 0!" },
		{ "khoai sắn", 24, false, "" },
		{ "khoai sắn", 1, true, "3:p0/0 w0/0 0!, 1:p0/0 w0/0 0!" },
		{ "khoai sắn", 0, true, "" }, /* nobody has its neighbours side by side */
		{ "khoai san", 25, false, "" }, /* typed without marks: their pair is the line */
		{ "khoai sắn lạc", 25, false, "1:p0/0 w0/0 0!" },			  /* in a row, not only in pairs */
		{ "khoai", 25, true, "" },
	};
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai sắn lạc", "tin");	    /* 1 */
	put(&x.f, "Khoai sán", "tin");		    /* 2 */
	put(&x.f, "Khoai sắn. Một sắn lạc", "tin"); /* 3 */
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, t[i].text);
		x.a.n_full = t[i].n_full;
		x.a.is_cut = t[i].is_cut;
		g_assert_true(ask_whole(&x.a));
		g_test_message("%zu", i);
		assert_hits(&x, t[i].hits);
	}
	/* Beside a word with marks one without is meant so. */
	put(&x.f, "Sắn lác", "tin"); /* 4 */
	put(&x.f, "Sắn lac", "tin"); /* 5 */
	line_begin(&x, "sắn lac");
	x.a.n_full = 25;
	g_assert_true(ask_whole(&x.a));
	assert_hits(&x, "5:p0/0 w0/0 0!");
	/* Two that stand together in very many items: among the newest. */
	put(&x.f, "Khoai sắn", "tin"); /* 6 */
	line_begin(&x, "khoai sắn");
	x.a.n_full = 25;
	x.a.n[0] = x.a.n[1] = 300000;
	g_assert_true(ask_whole(&x.a));
	assert_hits(&x, "6:p0/0 w0/0 0!, 3:p0/0 w0/0 0!");
	asked_close(&x);
}

/* --- words --- */

static void test_words(void)
{
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai", "khoai sắn một khoai");    /* 1 */
	put(&x.f, "Tin", "lạc khoai một hai ba sắn"); /* 2 */
	put(&x.f, "Khoai", "sắn");		     /* 3: never in one column */
	put(&x.f, "Khoai", "lạc");		     /* 4 */
	line_begin(&x, "khoai sắn lạc");
	x.a.required = 3;
	g_assert_true(ask_words(&x.a));
	assert_hits(&x, "3:p0/0 w3/1 0, 2:p0/0 w3/0 5, 1:p0/0 w3/1 2");
	/* What was found before is joined to it. */
	x.a.required = 4;
	g_assert_true(ask_words(&x.a));
	assert_hits(&x, "4:p0/0 w4/0 1, 3:p0/0 w3/1 0, 2:p0/0 w7/0 5, 1:p0/0 w3/1 2");
	g_assert_true(ask_pairs(&x.a));
	assert_hits(&x, "4:p0/0 w4/0 1, 3:p0/0 w3/1 0, 2:p0/0 w7/0 5, 1:p1/0 w3/1 2");
	line_begin(&x, "khoai nowhere");
	x.a.required = 3;
	g_assert_true(ask_words(&x.a));
	assert_hits(&x, "");
	/* All that has the word was read, and its titles with it. */
	line_begin(&x, "khoai");
	g_assert_true(ask_title(&x.a));
	assert_hits(&x, "");
	/* Older titles than what was read. */
	x.a.words_below = 4;
	g_assert_true(ask_title(&x.a));
	assert_hits(&x, "3:p0/0 w1/1 1, 1:p0/0 w1/1 1");
	asked_close(&x);
}

/* Where some have the line as it stands, the others are not read to the last. Who turns pages gets behind those he saw. */
static void test_words_besides_the_line(void)
{
	g_autoptr(GArray) except = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct search_query turning = of_anyone;
	static const struct {
		unsigned n_full, n_seen, n_hits;
		bool is_more;
	} t[] = { { 0, 0, 150, false }, { 1, 0, 50, true }, { 1, 20, 70, true }, { 1, 100, 150, true }, { 1, 101, 150, false } };
	struct asked x;

	asked_open(&x);
	put_many(&x.f, 150, "Khoai", "một sắn");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, "khoai sắn");
		g_array_set_size(except, t[i].n_seen);
		turning.except = except;
		x.r.q = &turning;
		x.a.required = 3;
		x.a.n_full = t[i].n_full;
		g_assert_true(ask_words(&x.a));
		g_test_message("%zu", i);
		g_assert_cmpuint(x.a.hits->len, ==, t[i].n_hits);
		g_assert_cmpint(x.out.is_more, ==, t[i].is_more);
	}
	asked_close(&x);
}

/* Marks that one in eight of the items has, or fewer, which have the word; the other words anywhere. */
static void test_marks_that_few_have(void)
{
	static const struct {
		const char *text;
		int64_t n;
		const char *hits;
	} t[] = {
		{ "sán khoai", 16, "2:p0/0 w3/2 0, 1:p0/0 w3/0 3" },
		{ "sán khoai", 15, "" },    /* too many have these marks */
		{ "san khoai", 100, "" },   /* typed without */
		{ "sàn khoai", 100, "" },   /* nobody has written it */
		{ "sán", 100, "2:p0/0 w1/0 1, 1:p0/0 w1/0 1" }, /* alone: that is all there is to tell it by */
		{ "san", 100, "" },
		{ "sán ngô", 100, "" },	    /* the other word is there in none of them */
	};
	struct asked x;

	asked_open(&x);
	put(&x.f, "Tin", "sán ở khoai"); /* 1 */
	put(&x.f, "Khoai", "một sán");	 /* 2 */
	put(&x.f, "Khoai sắn", "tin");	 /* 3 */
	put(&x.f, "Tin", "ngô");	 /* 4 */
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, t[i].text);
		x.a.n[0] = t[i].n;
		g_assert_true(ask_marks(&x.a));
		g_test_message("%zu", i);
		assert_hits(&x, t[i].hits);
	}
	asked_close(&x);
}

/* Whatever other words the line has; of its rarest pairs. */
static void test_titles_that_have_pairs(void)
{
	static const struct {
		const char *text;
		int64_t n[6];
		const char *hits;
	} t[] = {
		{ "hỏi về khoai sắn lạc", { 9, 9, 9, 9, 9 }, "3:p4/4 w0/0 0, 1:pc/c w0/0 0" },
		{ "khoai sắn", { 9, 9 }, "" },				/* two words: their pair is the line */
		{ "khoai sắn lạc", { 9, 9, 0 }, "3:p1/1 w0/0 0, 1:p1/1 w0/0 0" }, /* nobody has written the last one */
	};
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai sắn lạc", "tin");     /* 1 */
	put(&x.f, "Tin", "khoai sắn lạc");     /* 2: in the body */
	put(&x.f, "Trồng khoai sắn", "tin");   /* 3 */
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, t[i].text);
		memcpy(x.a.n, t[i].n, sizeof(t[i].n));
		g_assert_true(ask_title_pairs(&x.a));
		g_test_message("%zu", i);
		assert_hits(&x, t[i].hits);
	}
	/* Each pair costs the rows that it may have: the first one in any case. */
	line_begin(&x, "khoai sắn lạc");
	x.a.n[0] = 300000;
	x.a.n[1] = x.a.n[2] = 500000;
	g_assert_true(ask_title_pairs(&x.a));
	assert_hits(&x, "3:p1/1 w0/0 0, 1:p1/1 w0/0 0");
	/* What ask_pairs has read is not read again. */
	line_begin(&x, "khoai sắn lạc");
	memcpy(x.a.n, t[0].n, sizeof(t[0].n));
	x.a.asked = 1;
	g_assert_true(ask_title_pairs(&x.a));
	assert_hits(&x, "1:p2/2 w0/0 0");
	/* Nor anything where a title has all of the line. */
	line_begin(&x, "khoai sắn lạc");
	memcpy(x.a.n, t[0].n, sizeof(t[0].n));
	g_assert_true(ask_full(&x.a) && ask_title_pairs(&x.a));
	assert_hits(&x, "2:p3/0 w0/0 0, 1:p3/3 w0/0 0");
	asked_close(&x);
}

static void test_some_rare_words(void)
{
	static const struct {
		int64_t n[3];
		uint32_t telling, common;
		const char *hits;
	} t[] = {
		{ { 1, 1, 1 }, 7, 0, "4:p0/0 w4/0 0, 3:p0/0 w2/2 0, 2:p0/0 w1/0 0, 1:p0/0 w3/1 0" },
		{ { 1, 1, 1 }, 6, 0, "4:p0/0 w4/0 0, 3:p0/0 w2/2 0, 1:p0/0 w2/0 0" }, /* grammar finds nothing */
		{ { 1, 1, 1 }, 7, 1, "4:p0/0 w4/0 0, 3:p0/0 w2/2 0, 1:p0/0 w2/0 0" }, /* nor do common words */
		{ { 1, 1, 1 }, 7, 7, "" },
		{ { 0, 0, 0 }, 7, 0, "" },
		{ { 0, 1, 0 }, 7, 0, "3:p0/0 w2/2 0, 1:p0/0 w2/0 0" },
		{ { 2000, 1000, 1500 }, 7, 0, "4:p0/0 w4/0 0, 3:p0/0 w2/2 0, 1:p0/0 w2/0 0" }, /* 2500 rows, the rarest words first */
		{ { 2000, 1000, 1501 }, 7, 0, "3:p0/0 w2/2 0, 1:p0/0 w2/0 0" },
		{ { 9000, 9001, 9002 }, 7, 0, "2:p0/0 w1/0 0, 1:p0/0 w1/1 0" }, /* one in any case */
	};
	struct asked x;

	asked_open(&x);
	put(&x.f, "Khoai", "sắn");
	put(&x.f, "Tin", "khoai");
	put(&x.f, "Sắn", "tin");
	put(&x.f, "Tin", "lạc");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		line_begin(&x, "khoai sắn lạc");
		memcpy(x.a.n, t[i].n, sizeof(t[i].n));
		x.a.telling = t[i].telling;
		x.a.common = t[i].common;
		g_assert_true(ask_loose(&x.a));
		g_test_message("%zu", i);
		assert_hits(&x, t[i].hits);
	}
	asked_close(&x);
}

/* Long lists are read in stretches: it is all the same, whether one reads them or asks for each item. */
static void test_stretches_make_one_list(void)
{
	static const int64_t costs[] = { 1, 30000, 300000, 2000000, INT64_C(1) << 40 };
	struct asked x;

	asked_open(&x);
	for (int i = 0; i < 20; i++)
		put(&x.f, i % 3 ? "Khoai" : "Sắn", "tin");
	for (size_t i = 0; i < ARRAY_SIZE(costs); i++) {
		for (int listed = 0; listed < 2; listed++) {
			line_begin(&x, "khoai");
			x.r.not_wanted = listed ? x.not_wanted : NULL;
			x.a.n[0] = costs[i];
			x.a.required = 1;
			g_assert_true(ask_words(&x.a));
			g_assert_cmpuint(x.a.hits->len, ==, 13);
			for (guint k = 0; k < 13; k++)
				g_assert_cmpint(g_array_index(x.a.hits, struct hit, k).id, ==, 20 - k - (k + 1) / 2);
			g_assert_false(x.out.is_partial);
			g_assert_true(x.r.has_found);
		}
	}
	asked_close(&x);
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

/* The neighbours are asked for, though time is up, and the words if that gave nothing; when something is there, nothing more is. */
static void test_late_it_looks_for_something_to_show(void)
{
	static const struct {
		const char *text, *ids;
		bool is_partial;
	} t[] = {
		{ "khoai sắn", "2", true },  /* 1 has the words */
		{ "lạc vừng", "3", false },  /* neighbours, pairs, words */
		{ "vừng nowhere", "-3", false },
		{ "nowhere", "", false },    /* everything was looked at */
	};
	struct fixture f;
	int64_t took_us;

	fixture_open(&f);
	put(&f, "Sắn khoai", "tin");
	put(&f, "Khoai sắn", "tin");
	put(&f, "Vừng lạc", "tin");
	for (size_t i = 0; i < ARRAY_SIZE(t); i += took_us < SURELY_NOT_OVER_US) { /* a machine that stood still meanwhile tells nothing */
		g_autoptr(query_plan_t) p = query_read(t[i].text, NULL);
		g_autofree char *ids = NULL;
		struct sums s;

		p->deadline_us = g_get_monotonic_time() - 1;
		s = read_plan(&f, &of_anyone, p);
		ids = told(&s);
		took_us = g_get_monotonic_time() - p->deadline_us;
		if (took_us < SURELY_NOT_OVER_US) {
			g_assert_cmpstr(ids, ==, t[i].ids);
			g_assert_cmpint(s.is_partial, ==, t[i].is_partial);
		}
		sums_clear(&s);
	}
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
	g_test_add_func("/search-asking/required", test_what_is_required);
	g_test_add_func("/search-asking/titles", test_titles_that_have_pairs);
	g_test_add_func("/search-asking/marks", test_marks_that_few_have);
	g_test_add_func("/search-asking/all-neighbours", test_all_neighbours);
	g_test_add_func("/search-asking/some-neighbours", test_some_neighbours);
	g_test_add_func("/search-asking/whole", test_the_line_as_it_stands);
	g_test_add_func("/search-asking/words", test_words);
	g_test_add_func("/search-asking/words-besides", test_words_besides_the_line);
	g_test_add_func("/search-asking/rare-words", test_some_rare_words);
	g_test_add_func("/search-asking/stretches", test_stretches_make_one_list);
	g_test_add_func("/search-asking/wanted", test_filters_and_eyes_hold_for_every_way_of_asking);
	g_test_add_func("/search-asking/quotes", test_quotes_and_minuses_hold_for_every_way_of_asking);
	g_test_add_func("/search-asking/deadline", test_time_ends_it);
	g_test_add_func("/search-asking/late", test_late_it_looks_for_something_to_show);
	g_test_add_func("/search-asking/trouble", test_trouble_is_told_and_nothing_leaks);
	return g_test_run();
}
