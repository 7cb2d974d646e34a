/* SPDX-License-Identifier: MIT */
/* Which items a search is about: the condition in SQL against the same in plain C, over items and askers of every sort. */
#include "domain_fixture.h"
#include "store/search/rebuild.h"
#include "store/search/wanted.h"

/* What the condition looks at, of one item. */
struct sort {
	int64_t id, author_id;
	int status, kind, year;
	const char *unit, *field, *type;
};
#define STATUSES (ITEM_MERGED + 1)

/* --- the items --- */

static void sort_put(struct fixture *f, GArray *items, struct sort s)
{
	struct db_stmt *st = db_prepare(f->db, "INSERT INTO item (kind, number, title, body, unit, field, type, status, author_id, year, created_ms,"
					       " touched_ms, version) VALUES ($1, $2, 'a', 'b', $3, $4, $5, $6, $7, $8, 1, 1, 1)");
	g_autoptr(GError) error = NULL;

	db_bind_int64(st, 1, s.kind);
	db_bind_int64(st, 2, items->len + 1);
	db_bind_text(st, 3, s.unit);
	db_bind_text(st, 4, s.field);
	db_bind_text(st, 5, s.type);
	db_bind_int64(st, 6, s.status);
	if (s.author_id > 0)
		db_bind_int64(st, 7, s.author_id);
	else
		db_bind_null(st, 7);
	if (s.year > 0)
		db_bind_int64(st, 8, s.year);
	else
		db_bind_null(st, 8);
	g_assert_true(db_run(st, &error));
	g_assert_no_error(error);
	s.id = db_last_id(f->db);
	g_array_append_val(items, s);
}

/* Every status with every owner, kind and type, field, year. */
static GArray *sorts_put(struct fixture *f)
{
	static const struct {
		int kind;
		const char *type;
	} kinds[] = { { ITEM_INITIATIVE, NULL }, { ITEM_INITIATIVE, "giải pháp" }, { ITEM_INITIATIVE, "bài học" }, { ITEM_LESSON, NULL } };
	const struct {
		const struct member *author;
		const char *unit;
	} owners[] = { { NULL, NULL }, { f->lan, NULL }, { f->lan, "VUBAN" }, { f->nam, "GIAOTHUY" }, { f->hoa, "VUBAN" }, { NULL, "GIAOTHUY" } };
	static const char *const fields[] = { NULL, "dvc" };
	static const int years[] = { 0, 2022, 2023 };
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct sort));

	for (unsigned n = 0; n < STATUSES * ARRAY_SIZE(kinds) * ARRAY_SIZE(owners) * ARRAY_SIZE(fields) * ARRAY_SIZE(years); n++) {
		unsigned rest = n / STATUSES, kind = rest % ARRAY_SIZE(kinds), owner, field;

		rest /= ARRAY_SIZE(kinds);
		owner = rest % ARRAY_SIZE(owners);
		rest /= ARRAY_SIZE(owners);
		field = rest % ARRAY_SIZE(fields);
		rest /= ARRAY_SIZE(fields);
		sort_put(f, items, (struct sort){ .status = (int)(n % STATUSES), .kind = kinds[kind].kind, .type = kinds[kind].type,
						  .author_id = owners[owner].author ? owners[owner].author->id : 0, .unit = owners[owner].unit,
						  .field = fields[field], .year = years[rest] });
	}
	return items;
}

/* --- the askers --- */

#define ASKERS 9
static void askers_set(struct fixture *f, struct member *ret[ASKERS])
{
	ret[0] = NULL;
	ret[1] = f->lan;
	ret[2] = f->nam;
	ret[3] = f->hoa;
	ret[4] = f->moderator;
	ret[5] = f->admin;
	ret[6] = person_add(f->db, "đã đi", "GIAOTHUY", ROLE_FOCAL);
	ret[7] = person_add(f->db, "không đơn vị", NULL, ROLE_FOCAL);
	ret[8] = person_add(f->db, "đã đi, từng duyệt", "STTTT", ROLE_MODERATOR);
	ret[6]->has_left = ret[8]->has_left = true;
}

static void askers_clear(struct member *askers[ASKERS])
{
	for (unsigned i = 6; i < ASKERS; i++)
		member_free(askers[i]);
}

/* --- the same in plain C --- */

static bool may_see(const struct sort *s, const struct member *who)
{
	if (s->status == ITEM_APPROVED)
		return true;
	if (!who || who->has_left)
		return false;
	if (who->role == ROLE_MODERATOR || who->role == ROLE_ADMIN)
		return true;
	if (s->author_id != 0 && s->author_id == who->id)
		return true;
	return who->role == ROLE_FOCAL && who->unit && s->unit && strcmp(who->unit, s->unit) == 0;
}

static bool is_of_kind(const struct sort *s, const struct search_query *q)
{
	if (q->kind < 0 && !q->type)
		return true;
	if (s->kind == q->kind)
		return true;
	if (q->type && s->type)
		return strcmp(q->type, s->type) == 0;
	return q->type && q->type_is_default && s->kind == ITEM_INITIATIVE;
}

static bool is_wanted(const struct sort *s, const struct search_query *q)
{
	if (s->status > ITEM_APPROVED || !may_see(s, q->viewer) || !is_of_kind(s, q))
		return false;
	if (q->unit && g_strcmp0(q->unit, s->unit) != 0)
		return false;
	if (q->field && g_strcmp0(q->field, s->field) != 0)
		return false;
	if (q->year != 0 && q->year != s->year)
		return false;
	return q->statuses == 0 || (q->statuses & 1u << s->status) != 0;
}

/* --- comparing --- */

/* What the SQL says of all items, in one reading. */
static void assert_sql_agrees(struct fixture *f, const GArray *items, const struct search_query *q, guint *n_wanted)
{
	struct db_stmt *st = db_prepare(f->db, "SELECT item.id FROM item WHERE item.id > $1 AND " WANTED_SQL " ORDER BY item.id");
	g_autoptr(GError) error = NULL;
	enum db_step step;

	db_bind_int64(st, 1, 0);
	wanted_bind(st, q);
	step = db_step(st, &error);
	for (guint i = 0; i < items->len; i++) {
		const struct sort *s = &g_array_index(items, struct sort, i);
		bool has = step == DB_ROW && db_col_int64(st, 0) == s->id;

		if (has != is_wanted(s, q))
			g_error("SQL says %d of: status %d, kind %d, type %s, unit %s, field %s, year %d, author %d", has, s->status, s->kind, s->type,
				s->unit, s->field, s->year, (int)s->author_id);
		if (has) {
			step = db_step(st, &error);
			++*n_wanted;
		}
	}
	g_assert_no_error(error);
	g_assert_cmpint(step, ==, DB_DONE);
	db_finish(st);
}

/* wanted_is() of each item; with a step of more than 1, of some, others for each `first`. */
static void assert_is_agrees(struct fixture *f, const GArray *items, const struct search_query *q, guint first, guint step)
{
	for (guint i = first % step; i < items->len; i += step) {
		const struct sort *s = &g_array_index(items, struct sort, i);
		g_autoptr(GError) error = NULL;
		bool is;

		g_assert_true(wanted_is(f->db, q, s->id, &is, &error));
		g_assert_no_error(error);
		g_assert_cmpint(is, ==, is_wanted(s, q));
	}
}

/* --- the tests --- */

/* Every set of filters; n counts through them. False: that was all. */
static bool query_of(unsigned n, struct search_query *ret)
{
	static const char *const units[] = { NULL, "VUBAN", "NOSUCH" }, *const fields[] = { NULL, "dvc" };
	static const int years[] = { 0, 2022 }, kinds[] = { -1, ITEM_INITIATIVE, ITEM_LESSON, ITEM_STORY };
	static const unsigned statuses[] = { 0, 1u << ITEM_APPROVED, 1u << ITEM_DRAFT | 1u << ITEM_RETURNED,
					     1u << ITEM_REJECTED | 1u << ITEM_WITHDRAWN | 1u << ITEM_MERGED };
	static const struct {
		const char *type;
		bool is_default;
	} types[] = { { NULL, false }, { NULL, true }, { "giải pháp", false }, { "giải pháp", true }, { "bài học", false } };

	*ret = (struct search_query){ .unit = units[n % ARRAY_SIZE(units)] };
	n /= ARRAY_SIZE(units);
	ret->field = fields[n % ARRAY_SIZE(fields)];
	n /= ARRAY_SIZE(fields);
	ret->year = years[n % ARRAY_SIZE(years)];
	n /= ARRAY_SIZE(years);
	ret->kind = kinds[n % ARRAY_SIZE(kinds)];
	n /= ARRAY_SIZE(kinds);
	ret->type = types[n % ARRAY_SIZE(types)].type;
	ret->type_is_default = types[n % ARRAY_SIZE(types)].is_default;
	n /= ARRAY_SIZE(types);
	ret->statuses = statuses[n % ARRAY_SIZE(statuses)];
	return n < ARRAY_SIZE(statuses);
}

static void test_sql_and_plain_c_say_the_same(void)
{
	struct member *askers[ASKERS];
	struct search_query q;
	struct fixture f;
	GArray *items;
	guint n_wanted = 0, n_asked = 0;

	fixture_open(&f);
	items = sorts_put(&f);
	askers_set(&f, askers);
	for (unsigned n = 0; query_of(n, &q); n++) {
		/* A third of the askers each: with every unit, and of the other filters with a third of what goes together. */
		for (unsigned i = n / 3 % 3; i < ASKERS; i += 3) {
			q.viewer = askers[i];
			assert_sql_agrees(&f, items, &q, &n_wanted);
			assert_is_agrees(&f, items, &q, n_asked++, 53);
		}
	}
	g_assert_cmpuint(n_asked, ==, 3u * 2 * 2 * 4 * 5 * 4 * ASKERS / 3);
	g_assert_cmpuint(n_wanted, >, n_asked); /* there was something to say yes to */
	g_array_unref(items);
	askers_clear(askers);
	fixture_close(&f);
}

static void test_who_sees_what_without_a_filter(void)
{
	/* 144 items of a status, 24 of an owner. All that are approved; of three other statuses the author's, for the focal point those of the
	 * unit as well. */
	static const guint n_seen[ASKERS] = { 144, 144 + 3 * 48, 144 + 3 * 24, 144 + 3 * (24 + 48), 4 * 144, 4 * 144, 144, 144, 144 };
	struct member *askers[ASKERS];
	struct fixture f;
	GArray *items;

	fixture_open(&f);
	items = sorts_put(&f);
	askers_set(&f, askers);
	for (unsigned i = 0; i < ASKERS; i++) {
		const struct search_query q = { .kind = -1, .viewer = askers[i] };
		guint n = 0;

		assert_sql_agrees(&f, items, &q, &n);
		g_assert_cmpuint(n, ==, n_seen[i]);
		assert_is_agrees(&f, items, &q, 0, 1);
	}
	g_array_unref(items);
	askers_clear(askers);
	fixture_close(&f);
}

static void test_each_filter_alone(void)
{
	static const struct {
		struct search_query q;
		bool is_filter;
		const char *ids;
	} t[] = {
		{ { .kind = -1 }, false, "1 2 3 4 5" },
		{ { .kind = -1, .text = "loa", .limit = 5, .snippet = 9, .type_is_default = true }, false, "1 2 3 4 5" },
		{ { .kind = -1, .unit = "VUBAN" }, true, "2" },
		{ { .kind = -1, .field = "dvc" }, true, "3" },
		{ { .kind = -1, .year = 2022 }, true, "4" },
		{ { .kind = ITEM_LESSON }, true, "5" },
		{ { .kind = ITEM_INITIATIVE }, true, "1 2 3 4" }, /* 0 is a kind */
		{ { .kind = -1, .type = "mô hình" }, true, "2" },
		{ { .kind = -1, .type = "mô hình", .type_is_default = true }, true, "1 2 4" },
		{ { .kind = ITEM_LESSON, .type = "mô hình" }, true, "2 5" },
		{ { .kind = -1, .statuses = 1u << ITEM_WAITING }, true, "3" },
		{ { .kind = -1, .statuses = 1u << ITEM_WAITING | 1u << ITEM_DRAFT }, true, "3 4" },
		{ { .kind = -1, .statuses = 1u << ITEM_REJECTED }, true, "" }, /* 6 is not to be found, even if asked for */
	};
	struct fixture f;
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct sort));

	fixture_open(&f);
	sort_put(&f, items, (struct sort){ .status = ITEM_APPROVED, .kind = ITEM_INITIATIVE });
	sort_put(&f, items, (struct sort){ .status = ITEM_APPROVED, .kind = ITEM_INITIATIVE, .unit = "VUBAN", .type = "mô hình" });
	sort_put(&f, items, (struct sort){ .status = ITEM_WAITING, .kind = ITEM_INITIATIVE, .field = "dvc", .type = "giải pháp" });
	sort_put(&f, items, (struct sort){ .status = ITEM_DRAFT, .kind = ITEM_INITIATIVE, .year = 2022 });
	sort_put(&f, items, (struct sort){ .status = ITEM_RETURNED, .kind = ITEM_LESSON });
	sort_put(&f, items, (struct sort){ .status = ITEM_REJECTED, .kind = ITEM_INITIATIVE });
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct search_query q = t[i].q;
		g_autoptr(GString) ids = g_string_new(NULL);

		q.viewer = f.moderator;
		for (int64_t id = 1; id <= 7; id++) { /* 7: there is none */
			bool is = true;

			g_assert_true(wanted_is(f.db, &q, id, &is, NULL));
			if (is)
				g_string_append_printf(ids, "%s%d", ids->len > 0 ? " " : "", (int)id);
		}
		g_test_message("%zu", i);
		g_assert_cmpstr(ids->str, ==, t[i].ids);
		g_assert_cmpint(wanted_has_filter(&q), ==, t[i].is_filter);
	}
	g_array_unref(items);
	fixture_close(&f);
}

static GArray *not_wanted(struct fixture *f, const struct search_query *q)
{
	g_autoptr(GError) error = NULL;
	GArray *ids = (GArray *)f; /* nothing that was there before stays */

	g_assert_true(wanted_not(f->db, q, &ids, &error));
	g_assert_no_error(error);
	return ids;
}

static void test_the_rest_is_listed(void)
{
	struct member *askers[ASKERS];
	struct fixture f;
	GArray *items;

	fixture_open(&f);
	items = sorts_put(&f);
	askers_set(&f, askers);
	for (unsigned i = 0; i < ASKERS; i++) {
		const struct search_query q = { .kind = -1, .viewer = askers[i] };
		g_autoptr(GArray) ids = not_wanted(&f, &q);
		guint n = 0;

		g_assert_nonnull(ids);
		for (guint k = 0; k < items->len; k++) {
			const struct sort *s = &g_array_index(items, struct sort, k);
			bool is_listed = s->status <= ITEM_APPROVED && !is_wanted(s, &q); /* the others are not in the index */

			g_assert_cmpint(wanted_not_has(ids, s->id), ==, is_listed);
			if (is_listed) {
				g_assert_cmpuint(n, <, ids->len);
				g_assert_cmpint(g_array_index(ids, int64_t, n), ==, s->id); /* ascending */
				n++;
			}
		}
		g_assert_cmpuint(n, ==, ids->len);
		g_assert_false(wanted_not_has(ids, 0));
		g_assert_false(wanted_not_has(ids, INT64_MAX));
	}
	g_array_unref(items);
	askers_clear(askers);
	fixture_close(&f);
}

static void test_with_a_filter_nothing_is_listed(void)
{
	static const struct search_query with[] = {
		{ .kind = -1, .unit = "VUBAN" },   { .kind = -1, .field = "dvc" }, { .kind = -1, .year = 2022 },
		{ .kind = ITEM_INITIATIVE },	   { .kind = -1, .type = "a" },	   { .kind = -1, .statuses = 1u << ITEM_APPROVED },
	};
	struct fixture f;

	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_SIZE(with); i++)
		g_assert_null(not_wanted(&f, &with[i]));
	fixture_close(&f);
}

/* So many that wait are listed, and no more (wanted.c). */
#define MOST 20000

static void test_too_many_are_not_listed(void)
{
	struct search_query of_anyone = { .kind = -1 }, of_moderator = { .kind = -1 };
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct sort));
	g_autoptr(GArray) most = NULL, none = NULL, of_moderator_ids = NULL;
	struct fixture f;

	fixture_open(&f);
	of_moderator.viewer = f.moderator;
	none = not_wanted(&f, &of_anyone);
	g_assert_cmpuint(none->len, ==, 0);
	for (int i = 0; i < MOST; i++)
		sort_put(&f, items, (struct sort){ .status = i % 3, .kind = ITEM_INITIATIVE });
	for (int i = 0; i < 100; i++)
		sort_put(&f, items, (struct sort){ .status = i % 2 ? ITEM_APPROVED : ITEM_REJECTED, .kind = ITEM_INITIATIVE });
	most = not_wanted(&f, &of_anyone);
	g_assert_cmpuint(most->len, ==, MOST);
	sort_put(&f, items, (struct sort){ .status = ITEM_WAITING, .kind = ITEM_INITIATIVE });
	g_assert_null(not_wanted(&f, &of_anyone));
	/* They count for whom they are hidden from. */
	of_moderator_ids = not_wanted(&f, &of_moderator);
	g_assert_nonnull(of_moderator_ids);
	g_assert_cmpuint(of_moderator_ids->len, ==, 0);
	g_array_unref(items);
	fixture_close(&f);
}

static void test_of_an_index_of_older_rules_nothing_is_listed(void)
{
	const struct search_query q = { .kind = -1 };
	g_autoptr(GArray) ids = NULL;
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Loa", "Nội dung", NULL, f.lan, ITEM_WAITING);
	ids = not_wanted(&f, &q);
	g_assert_cmpuint(ids->len, ==, 1);
	g_assert_true(rebuild_register_changed(f.db, NULL));
	g_assert_null(not_wanted(&f, &q));
	fixture_close(&f);
}

static void test_trouble_is_told(void)
{
	const struct search_query q = { .kind = -1 };
	g_autoptr(GError) error = NULL;
	struct fixture f;
	GArray *ids = (GArray *)&f;

	fixture_open(&f);
	g_assert_true(db_run(db_prepare(f.db, "DELETE FROM search_state"), NULL));
	g_assert_false(wanted_not(f.db, &q, &ids, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_DISK);
	g_assert_null(ids);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-wanted/same-in-c", test_sql_and_plain_c_say_the_same);
	g_test_add_func("/search-wanted/askers", test_who_sees_what_without_a_filter);
	g_test_add_func("/search-wanted/each-filter", test_each_filter_alone);
	g_test_add_func("/search-wanted/rest", test_the_rest_is_listed);
	g_test_add_func("/search-wanted/rest-with-filter", test_with_a_filter_nothing_is_listed);
	g_test_add_func("/search-wanted/rest-too-many", test_too_many_are_not_listed);
	g_test_add_func("/search-wanted/rest-outdated", test_of_an_index_of_older_rules_nothing_is_listed);
	g_test_add_func("/search-wanted/trouble", test_trouble_is_told);
	return g_test_run();
}
