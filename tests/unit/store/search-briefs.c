/* SPDX-License-Identifier: MIT */
/* An abbreviation is changed and the index follows: at once where few items hold it, by a rebuilding where many do. What it is afterwards is held
 * against an index that was built anew. */
#include "domain_fixture.h"

#include "store/abbreviation.h"
#include "store/db_kernel.h"
#include "store/search/rebuild.h"

/* As index_briefs.c. */
#define ITEMS_MAX 100
#define BYTES_MAX (256 * 1024)

static void run_sql(struct db *db, const char *sql)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(db_exec(db, sql, &error));
	g_assert_no_error(error);
}

static int64_t number(struct db *db, const char *literal)
{
	g_autoptr(GError) error = NULL;
	int64_t n;

	g_assert_true(db_run_int64(db_prepare(db, literal), -1, &n, &error));
	g_assert_no_error(error);
	return n;
}

static struct rebuild_state state_of(struct fixture *f)
{
	struct rebuild_state s;

	g_assert_true(rebuild_get(f->db, &s, NULL));
	return s;
}

static struct rebuild_state step(struct fixture *f, bool is_asked)
{
	g_autoptr(GError) error = NULL;
	struct rebuild_state s;

	g_assert_true(rebuild_step(f->db, is_asked, &s, &error));
	g_assert_no_error(error);
	return s;
}

static void rebuild_to_the_end(struct fixture *f, bool is_asked)
{
	struct rebuild_state s = step(f, is_asked);

	while (s.is_wanted)
		s = step(f, false);
}

static void set(struct fixture *f, const char *brief, const char *meaning)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_abbreviation_set(f->db, brief, meaning, &error));
	g_assert_no_error(error);
}

static void drop(struct fixture *f, const char *brief)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_abbreviation_remove(f->db, brief, &error));
	g_assert_no_error(error);
}

static int64_t put(struct fixture *f, const char *title, const char *body)
{
	return item_put(f, title, body, "GIAOTHUY", f->nam, ITEM_APPROVED);
}

static void put_many(struct fixture *f, unsigned n, const char *body)
{
	for (unsigned k = 0; k < n; k++)
		put(f, "Xóm thông minh", body);
}

/* What has all the words, in the order of the numbers; the register as it is now. */
static char *found(struct fixture *f, const char *text)
{
	const struct search_query q = { .text = text, .kind = -1, .limit = 9, .viewer = f->moderator };
	g_autoptr(registry_t) r = store_register_load(f->db, NULL);
	g_autoptr(GPtrArray) hits = store_search(f->db, r, &q, NULL, NULL);
	int64_t numbers = 0;
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);

		g_assert_cmpint(h->number, <, 60);
		numbers |= h->all_words ? INT64_C(1) << h->number : 0;
	}
	for (unsigned n = 0; n < 60; n++) {
		if (numbers & (INT64_C(1) << n))
			g_string_append_printf(s, "%sSK%u", s->len ? " " : "", n);
	}
	return g_string_free(s, FALSE);
}

#define assert_finds(f, text, ids)                        \
	do {                                              \
		g_autofree char *ids_ = found(f, text);   \
		g_assert_cmpstr(ids_, ==, ids);           \
	} while (0)

#define COPY(name)                                                                                                                    \
	"DROP TABLE IF EXISTS temp.tokens_" name "; DROP TABLE IF EXISTS temp.docs_" name "; DROP TABLE IF EXISTS temp.words_" name ";" \
	"CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocab USING fts5vocab ('main', 'search_index', 'instance');"                         \
	"CREATE TEMP TABLE tokens_" name " AS SELECT * FROM temp.vocab;"                                                              \
	"CREATE TEMP TABLE docs_" name " AS SELECT * FROM search_doc;"                                                                \
	"CREATE TEMP TABLE words_" name " AS SELECT word, n FROM search_word;"
#define DIFFERENCES(table)                                                                                                            \
	"SELECT (SELECT count(*) FROM (SELECT * FROM temp." table "_was EXCEPT SELECT * FROM temp." table "_built))"                  \
	" + (SELECT count(*) FROM (SELECT * FROM temp." table "_built EXCEPT SELECT * FROM temp." table "_was))"

/* Every token at its place, every text, every count. */
static void assert_as_built_anew(struct fixture *f)
{
	g_assert_false(state_of(f).is_wanted);
	run_sql(f->db, COPY("was"));
	rebuild_to_the_end(f, true);
	run_sql(f->db, COPY("built"));
	g_assert_cmpint(number(f->db, "SELECT count(*) FROM temp.tokens_was"), >, 0);
	g_assert_cmpint(number(f->db, DIFFERENCES("tokens")), ==, 0);
	g_assert_cmpint(number(f->db, DIFFERENCES("docs")), ==, 0);
	g_assert_cmpint(number(f->db, DIFFERENCES("words")), ==, 0);
}

/* --- few --- */

static void test_few_follow_at_once(void)
{
	struct fixture f;
	g_autoptr(item_t) labelled = NULL;

	fixture_open(&f);
	seeds_load_all(&f);
	run_sql(f.db, "UPDATE counter SET last = 20 WHERE prefix = 'SK'");
	put(&f, "Mô hình ZQX", "ở xã");			     /* SK21 */
	put(&f, "Mô hình khác", "mỗi thôn một zqx, đặt ở đình"); /* SK22 */
	labelled = draft_new("Mô hình có nhãn", "ở thôn", "GIAOTHUY", f.nam, ITEM_APPROVED); /* SK23 */
	item_field_set(labelled, "hieuqua", "thu hút qua ZQX");
	g_assert_cmpint(store_item_add(f.db, labelled, f.nam, NOW, NULL), ==, STORE_OK);
	put(&f, "Quỹ xanh lá", "viết đủ"); /* SK24 */
	put(&f, "Mô hình ZQ X", "hai chữ rời"); /* SK25 */
	assert_finds(&f, "quỹ xanh lá", "SK24");
	set(&f, "ZQX", "quỹ xanh lá");
	g_assert_false(state_of(&f).is_wanted);
	assert_finds(&f, "quỹ xanh lá", "SK21 SK22 SK23 SK24");
	assert_finds(&f, "zqx", "SK21 SK22 SK23 SK24");
	assert_as_built_anew(&f);
	set(&f, "ZQX", "quả vàng óng");
	g_assert_false(state_of(&f).is_wanted);
	assert_finds(&f, "quỹ xanh lá", "SK24");
	assert_finds(&f, "quả vàng óng", "SK21 SK22 SK23");
	assert_as_built_anew(&f);
	/* Of several meanings none is written into the items. */
	set(&f, "ZQX", "quả vàng óng;quả đỏ au");
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qua vang ong%'"), ==, 0);
	assert_finds(&f, "quả vàng óng", "SK21 SK22 SK23");
	assert_as_built_anew(&f);
	set(&f, "ZQX", "quả vàng óng");
	drop(&f, "ZQX");
	g_assert_false(state_of(&f).is_wanted);
	assert_finds(&f, "quả vàng óng", "");
	assert_finds(&f, "zqx", "SK21 SK22 SK23");
	assert_as_built_anew(&f);
	fixture_close(&f);
}

/* What is searched says so of itself: it is whole. */
static void test_nobody_hears_of_a_gap(void)
{
	const struct search_query q = { .text = "quỹ xanh lá", .kind = -1, .limit = 9 };
	struct search_note note;
	struct fixture f;

	fixture_open(&f);
	put(&f, "Mô hình ZQX", "ở xã");
	for (unsigned few = 0; few < 2; few++) {
		set(&f, few ? "ZQX" : "KHÔNGAICÓ", "quỹ xanh lá");
		g_ptr_array_unref(store_search(f.db, f.registry, &q, &note, NULL));
		g_assert_false(note.is_outdated);
		search_note_clear(&note);
	}
	put_many(&f, ITEMS_MAX, "ZQX");
	set(&f, "ZQX", "quỹ xanh lá cây");
	g_ptr_array_unref(store_search(f.db, f.registry, &q, &note, NULL));
	g_assert_true(note.is_outdated);
	search_note_clear(&note);
	fixture_close(&f);
}

static void test_rows_that_read_alike(void)
{
	struct fixture f;
	int64_t written;

	fixture_open(&f);
	put(&f, "Mô hình ZQĐ", "ở xã");
	put(&f, "Mô hình ZQD", "ở xã");
	set(&f, "ZQĐ", "quỹ xanh lá");
	assert_finds(&f, "quỹ xanh lá", "SK1 SK2");
	/* The same by another spelling: nothing is written. */
	written = db_total_changes(f.db);
	set(&f, "ZQD", "Quĩ xanh lá");
	g_assert_cmpint(db_total_changes(f.db) - written, ==, 1);
	assert_as_built_anew(&f);
	/* Now it is two things, and an item may mean either. */
	set(&f, "ZQD", "quả vàng óng");
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%xanh%' OR more LIKE '%vang%'"), ==, 0);
	assert_finds(&f, "quỹ xanh lá", "SK1 SK2");
	assert_finds(&f, "quả vàng óng", "SK1 SK2");
	assert_as_built_anew(&f);
	drop(&f, "ZQĐ");
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qua vang ong%'"), ==, 2);
	assert_as_built_anew(&f);
	drop(&f, "ZQD");
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qua vang ong%'"), ==, 0);
	assert_as_built_anew(&f);
	/* None is there: nothing is written. */
	written = db_total_changes(f.db);
	drop(&f, "ZQD");
	g_assert_cmpint(db_total_changes(f.db), ==, written);
	g_assert_false(state_of(&f).is_wanted);
	fixture_close(&f);
}

static void test_of_several_words(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Phòng QX&ZV", "dời trụ sở");	    /* SK1 */
	put(&f, "Phòng chung", "gồm QX và ZV cũ"); /* SK2 */
	put(&f, "QX ở đây", "và ZV ở kia");	    /* SK3: the words in a row, but not in one text */
	put(&f, "ZV và QX", "đổi chỗ");	    /* SK4 */
	put(&f, "Phòng QX", "1 zn ở trên");	    /* SK5 */
	set(&f, "QX&ZV", "quê xanh và vườn zích");
	assert_finds(&f, "quê xanh vườn zích", "SK1 SK2");
	assert_as_built_anew(&f);
	set(&f, "1 ZN", "một zăn nhỏ");
	assert_finds(&f, "zăn nhỏ", "SK5");
	assert_as_built_anew(&f);
	/* More words than an abbreviation is read in. */
	set(&f, "ZV VA QX DOI CHO", "bốn chữ");
	set(&f, "…", "không chữ nào");
	g_assert_false(state_of(&f).is_wanted);
	assert_as_built_anew(&f);
	drop(&f, "QX&ZV");
	assert_finds(&f, "quê xanh vườn zích", "");
	assert_as_built_anew(&f);
	fixture_close(&f);
}

/* No item has written it yet, and each of its letters is one away from a word that stands beside the next. */
static void test_of_several_words_is_no_slip(void)
{
	static const char *const typed[] = { "QX&ZV", "qx & zv", "qx va zv", "phòng QX&ZV" };
	struct search_note note;
	struct fixture f;

	fixture_open(&f);
	put(&f, "Phòng quê xanh và vườn zích", "dời trụ sở"); /* SK1 */
	put(&f, "Quà và bánh", "phòng qua và zve");
	set(&f, "QX&ZV", "quê xanh và vườn zích");
	for (size_t i = 0; i < ARRAY_SIZE(typed); i++) {
		const struct search_query q = { .text = typed[i], .kind = -1, .limit = 9 };
		g_autoptr(registry_t) r = store_register_load(f.db, NULL);
		g_autoptr(GPtrArray) hits = store_search(f.db, r, &q, &note, NULL);
		g_autofree char *ids = ids_of(hits);

		g_assert_cmpstr(ids, ==, "SK1");
		g_assert_cmpstr(note.meant, ==, NULL);
		search_note_clear(&note);
	}
	fixture_close(&f);
}

static void test_it_is_undone_with_its_turn(void)
{
	g_autoptr(GError) error = NULL;
	struct fixture f;

	fixture_open(&f);
	put(&f, "Mô hình ZQX", "ở xã");
	g_assert_true(db_savepoint(f.db, &error));
	set(&f, "ZQX", "quỹ xanh lá");
	assert_finds(&f, "quỹ xanh lá", "SK1");
	g_assert_true(db_rollback_to(f.db, &error));
	g_assert_no_error(error);
	assert_finds(&f, "quỹ xanh lá", "");
	assert_as_built_anew(&f);
	fixture_close(&f);
}

/* --- many --- */

static void test_many_are_left_to_a_rebuilding(void)
{
	struct fixture f;

	fixture_open(&f);
	put_many(&f, ITEMS_MAX, "có ZQX");
	set(&f, "ZQX", "quỹ xanh lá");
	g_assert_false(state_of(&f).is_wanted);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qui xanh la%'"), ==, ITEMS_MAX);
	put(&f, "Thêm một", "có ZQX");
	set(&f, "ZQX", "quả vàng óng");
	g_assert_true(state_of(&f).is_outdated);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qui xanh la%'"), ==, ITEMS_MAX + 1);
	/* As long as it is not begun all that changes is left to it. */
	put(&f, "Mô hình ZNK", "ở xã");
	set(&f, "ZNK", "nhà kính");
	g_assert_true(state_of(&f).is_outdated);
	rebuild_to_the_end(&f, false);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qua vang ong%'"), ==, ITEMS_MAX + 1);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%nha kinh%'"), ==, 1);
	assert_as_built_anew(&f);
	fixture_close(&f);
}

static void test_long_texts_are_left_to_a_rebuilding(void)
{
	static const struct {
		int64_t bytes; /* of each of two bodies */
		bool is_outdated;
	} t[] = { { BYTES_MAX / 2 - 100, false }, { BYTES_MAX / 2 + 100, true } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GString) body = g_string_new("ZQX");
		struct fixture f;

		while (body->len < (size_t)t[i].bytes)
			g_string_append(body, " đồng lúa");
		fixture_open(&f);
		put_many(&f, 2, body->str);
		set(&f, "ZQX", "quỹ xanh lá");
		g_assert_cmpint(state_of(&f).is_outdated, ==, t[i].is_outdated);
		fixture_close(&f);
	}
}

/* --- beside a rebuilding --- */

/* Wherever the builder stands, items before it and behind it follow, and it does not begin anew. */
static void follow_beside(struct fixture *f)
{
	struct rebuild_state s = state_of(f);
	unsigned n = 0, n_build = 0, n_merge = 0, n_clear = 0;

	for (; s.is_wanted; n++) {
		g_autofree char *meaning = g_strdup_printf("nghĩa thứ lần%u", n), *text = g_strdup_printf("lan%u", n);

		g_assert_cmpuint(n, <, 100);
		g_assert_false(n_clear > 0 && s.phase == REBUILD_BUILD);
		n_build += s.phase == REBUILD_BUILD;
		n_merge += s.phase == REBUILD_BUILD_MERGE;
		n_clear += s.phase == REBUILD_CLEAR;
		set(f, "ZQX", meaning);
		assert_finds(f, text, "SK1 SK2 SK3");
		s = step(f, false);
	}
	g_assert_cmpuint(n_build, >, 2);
	g_assert_cmpuint(n_merge, >, 0);
	g_assert_cmpuint(n_clear, >, 2);
	assert_as_built_anew(f);
}

static void beside_open(struct fixture *f)
{
	fixture_open(f);
	put(f, "Đầu", "có ZQX"); /* SK1, first to be built */
	put(f, "Đầu nữa", "có ZQX");
	run_sql(f->db, "UPDATE counter SET last = 100 WHERE prefix = 'SK'");
	put_many(f, 350, "có ZNK");
	run_sql(f->db, "UPDATE counter SET last = 2 WHERE prefix = 'SK'");
	put(f, "Cuối", "có ZQX"); /* SK3, the last */
}

static void test_beside_a_rebuilding_asked_for(void)
{
	struct fixture f;

	beside_open(&f);
	(void)step(&f, true);
	follow_beside(&f);
	fixture_close(&f);
}

static void test_beside_a_rebuilding_for_another_one(void)
{
	struct fixture f;

	beside_open(&f);
	set(&f, "ZNK", "nhà kính");
	g_assert_true(state_of(&f).is_outdated);
	(void)step(&f, false);
	follow_beside(&f);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%nha kinh%'"), ==, 350);
	fixture_close(&f);
}

/* Of an index that was made by other rules it cannot be asked who holds it. */
static void test_beside_a_rebuilding_for_other_rules(void)
{
	struct fixture f;
	struct rebuild_state s;

	beside_open(&f);
	run_sql(f.db, "UPDATE search_state SET tokenizer = 999");
	(void)step(&f, false);
	s = step(&f, false);
	g_assert_cmpint(s.phase, ==, REBUILD_BUILD);
	set(&f, "ZQX", "quỹ xanh lá");
	s = step(&f, false);
	g_assert_cmpint(s.phase, ==, REBUILD_CLEAR);
	while (s.is_wanted)
		s = step(&f, false);
	assert_finds(&f, "quỹ xanh lá", "SK1 SK2 SK3");
	assert_as_built_anew(&f);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-briefs/few", test_few_follow_at_once);
	g_test_add_func("/search-briefs/no-gap", test_nobody_hears_of_a_gap);
	g_test_add_func("/search-briefs/read-alike", test_rows_that_read_alike);
	g_test_add_func("/search-briefs/several-words", test_of_several_words);
	g_test_add_func("/search-briefs/no-slip", test_of_several_words_is_no_slip);
	g_test_add_func("/search-briefs/undone", test_it_is_undone_with_its_turn);
	g_test_add_func("/search-briefs/many", test_many_are_left_to_a_rebuilding);
	g_test_add_func("/search-briefs/long", test_long_texts_are_left_to_a_rebuilding);
	g_test_add_func("/search-briefs/beside-asked", test_beside_a_rebuilding_asked_for);
	g_test_add_func("/search-briefs/beside-another", test_beside_a_rebuilding_for_another_one);
	g_test_add_func("/search-briefs/beside-other-rules", test_beside_a_rebuilding_for_other_rules);
	return g_test_run();
}
