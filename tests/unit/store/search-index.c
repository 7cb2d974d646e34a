/* SPDX-License-Identifier: MIT */
/* The index against the items, token by token: after everything that changes an item, and during and after a rebuilding. */
#include "domain_fixture.h"

#include <glib/gstdio.h>

#include "store/abbreviation.h"
#include "store/db_kernel.h"
#include "store/search/index_check.h"
#include "store/search/index_merge.h"
#include "store/search/rebuild.h"
#include "store/search/tokenizer.h"

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

static int64_t number_of(struct db *db, const char *format, const char *next)
{
	g_autofree char *sql = g_strdup_printf("DROP TABLE IF EXISTS temp.answer; CREATE TEMP TABLE answer AS SELECT (%s) AS n;", format);
	g_auto(GStrv) parts = g_strsplit(sql, "@", -1);
	g_autofree char *all = g_strjoinv(next, parts);

	run_sql(db, all);
	return number(db, "SELECT n FROM temp.answer");
}

/* Every token of every text stands in the index at its place, and nothing else does. */
static void assert_tokens(struct db *db, const char *next)
{
	static const char format[] =
		"DROP TABLE IF EXISTS temp.want; DROP TABLE IF EXISTS temp.want_tokens; DROP TABLE IF EXISTS temp.have_tokens;"
		"CREATE VIRTUAL TABLE temp.want USING fts5 (title, body, labels, unit, more, content = '', tokenize = 'cdsbot');"
		"INSERT INTO temp.want (rowid, title, body, labels, unit, more)"
		" SELECT i.id, i.title, i.body, d.labels, d.unit, d.more FROM item i JOIN search_doc@ d ON d.item_id = i.id;"
		"CREATE VIRTUAL TABLE temp.want_tokens USING fts5vocab ('temp', 'want', 'instance');"
		"CREATE VIRTUAL TABLE temp.have_tokens USING fts5vocab ('main', 'search_index@', 'instance');"
		"INSERT INTO search_index@ (search_index@) VALUES ('integrity-check');";
	g_auto(GStrv) parts = g_strsplit(format, "@", -1);
	g_autofree char *sql = g_strjoinv(next, parts);

	run_sql(db, sql);
	g_assert_cmpint(number_of(db, "SELECT count(*) FROM (SELECT * FROM temp.want_tokens EXCEPT SELECT * FROM temp.have_tokens)", next), ==, 0);
	g_assert_cmpint(number_of(db, "SELECT count(*) FROM (SELECT * FROM temp.have_tokens EXCEPT SELECT * FROM temp.want_tokens)", next), ==, 0);
}

/* Words are tokens with neither a pair's joint nor the sign of an exact form. With so few items the counts are exact. */
static void assert_words(struct db *db, const char *next)
{
	static const char words[] = "SELECT term, doc FROM temp.have_rows WHERE term NOT GLOB '*[_=]*'";
	g_autofree char *table = g_strdup_printf("DROP TABLE IF EXISTS temp.have_rows;"
						 "CREATE VIRTUAL TABLE temp.have_rows USING fts5vocab ('main', 'search_index%s', 'row');", next);
	g_autofree char *missing = g_strdup_printf("SELECT count(*) FROM (%s EXCEPT SELECT word, n FROM search_word@)", words);
	g_autofree char *more = g_strdup_printf("SELECT count(*) FROM (SELECT word, n FROM search_word@ EXCEPT %s)", words);

	run_sql(db, table);
	g_assert_cmpint(number_of(db, missing, next), ==, 0);
	g_assert_cmpint(number_of(db, more, next), ==, 0);
}

static void assert_index(struct db *db)
{
	assert_tokens(db, "");
	assert_words(db, "");
	/* What stands in it is what can be found: 0 to 3 are drafts up to approved. */
	g_assert_cmpint(number(db, "SELECT count(*) FROM (SELECT id FROM item WHERE status <= 3 EXCEPT SELECT item_id FROM search_doc)"), ==, 0);
	g_assert_cmpint(number(db, "SELECT count(*) FROM (SELECT item_id FROM search_doc EXCEPT SELECT id FROM item WHERE status <= 3)"), ==, 0);
	/* What the rows have recorded of their abbreviations, a line each, is what is counted. */
	g_assert_cmpint(number(db, "SELECT ifnull(sum(items), 0) FROM search_initialism"), ==,
			number(db, "SELECT ifnull(sum(length(defined) - length(replace(defined, char(10), ''))), 0) FROM search_doc"));
	g_assert_cmpint(number(db, "SELECT items FROM search_state"), ==, number(db, "SELECT count(*) FROM search_doc"));
}

static char *find(struct fixture *f, const char *text)
{
	const struct search_query q = { .text = text, .kind = -1, .limit = 9, .viewer = f->moderator };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hits = store_search(f->db, f->registry, &q, NULL, &error);

	g_assert_no_error(error);
	return ids_of(hits);
}

static void assert_finds(struct fixture *f, const char *text, const char *ids)
{
	g_autofree char *found = find(f, text);

	g_assert_cmpstr(found, ==, ids);
}

static struct item *item_of(struct fixture *f, int64_t id)
{
	struct item *i = NULL;

	g_assert_cmpint(store_item_by_row(f->db, id, &i, NULL), ==, STORE_OK);
	return i;
}

static void rename_item(struct fixture *f, int64_t id, const char *title)
{
	g_autoptr(item_t) i = item_of(f, id);

	g_free(i->title);
	i->title = g_strdup(title);
	g_assert_cmpint(store_item_save(f->db, i, false, NULL, NOW, NULL), ==, STORE_OK);
}

static void decide(struct fixture *f, int64_t id, enum item_decision what)
{
	g_autoptr(item_t) i = item_of(f, id), now = NULL;

	g_assert_cmpint(store_item_decide(f->db, i->kind, i->number, what, NULL, NULL, NOW, &now, NULL), ==, STORE_OK);
}

static void register_change(struct fixture *f)
{
	g_autoptr(registry_t) r = registry_new();
	unsigned changed;

	registry_add_unit(r, "GIAOTHUY", "UBND xã Giao Thủy mới", "xa", "");
	registry_add_abbreviation(r, "XTM", "xóm thông minh");
	registry_seal(r);
	g_assert_true(store_register_import(f->db, r, &changed, NULL));
	g_assert_cmpuint(changed, ==, 2);
}

/* --- in step --- */

static void test_edits_and_decisions(void)
{
	struct fixture f;
	int64_t id, other;

	fixture_open(&f);
	seeds_load_all(&f);
	assert_index(f.db);
	id = item_put(&f, "Xóm thông minh", "CĐS ở xóm, TTHC tại nhà", "GIAOTHUY", f.nam, ITEM_WAITING);
	other = item_put(&f, "Loa truyền thanh độcnhất", "Phát qua mạng", NULL, f.lan, ITEM_WAITING);
	assert_index(f.db);
	rename_item(&f, id, "Thôn xóm zqxw điện tử");
	assert_index(f.db);
	decide(&f, id, ITEM_RETURN);
	decide(&f, id, ITEM_APPROVE);
	assert_index(f.db);
	decide(&f, id, ITEM_WITHDRAW);
	assert_index(f.db);
	assert_finds(&f, "zqxw", "");
	decide(&f, id, ITEM_RESTORE);
	assert_index(f.db);
	g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'docnhat'"), ==, 1);
	decide(&f, other, ITEM_REJECT);
	assert_index(f.db);
	g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'docnhat'"), ==, -1);
	fixture_close(&f);
}

static void test_labels_merges_and_expiry(void)
{
	struct fixture f;
	g_autoptr(item_t) i = NULL;
	int64_t id, other, draft;
	unsigned n;

	fixture_open(&f);
	id = item_put(&f, "Phòng họp không giấy", "Dùng máy tính bảng", "GIAOTHUY", f.nam, ITEM_APPROVED);
	other = item_put(&f, "Họp không giấy", "Tiết kiệm giấy in", "GIAOTHUY", f.nam, ITEM_WAITING);
	i = item_of(&f, other);
	item_field_set(i, "hieuqua", "giảm ba mươi triệu đồng");
	item_field_set(i, "lienhe", "đồng chí Thắng 0912345678");
	g_assert_cmpint(store_item_save(f.db, i, false, NULL, NOW, NULL), ==, STORE_OK);
	assert_index(f.db);
	assert_finds(&f, "ba muoi trieu", "SK2");
	assert_finds(&f, "0912345678", "");
	g_assert_cmpint(store_item_merge(f.db, other, id, "Bổ sung: Tiết kiệm giấy in", NULL, NOW, NULL), ==, STORE_OK);
	assert_index(f.db);
	assert_finds(&f, "ba muoi trieu", "SK1");
	draft = item_put(&f, "Nháp zqxw để quên", "", NULL, f.lan, ITEM_DRAFT);
	assert_finds(&f, "zqxw", "SK3");
	g_assert_true(store_item_set_warned(f.db, draft, NOW, NULL));
	g_assert_true(store_item_expire(f.db, NOW + 1, NOW + 1, 0, 9, NOW, &n, NULL));
	g_assert_cmpuint(n, ==, 1);
	assert_index(f.db);
	assert_finds(&f, "zqxw", "");
	fixture_close(&f);
}

static enum item_import import(struct fixture *f, const char *body)
{
	g_autoptr(item_t) i = item_new();
	enum item_import what;

	i->title = g_strdup("Một cửa điện tử");
	i->body = g_strdup(body);
	i->ref = g_strdup("r1");
	g_assert_cmpint(store_item_import(f->db, i, NOW, &what, NULL), ==, STORE_OK);
	return what;
}

static void test_imports(void)
{
	struct fixture f;

	fixture_open(&f);
	g_assert_cmpint(import(&f, "Quét mã zqxwQR tại quầy"), ==, ITEM_IMPORT_NEW);
	assert_index(f.db);
	g_assert_cmpint(import(&f, "Quét mã zqxwQR tại quầy"), ==, ITEM_IMPORT_SAME);
	assert_index(f.db);
	g_assert_cmpint(import(&f, "Nhận diện khuôn mặt"), ==, ITEM_IMPORT_UPDATED);
	assert_index(f.db);
	assert_finds(&f, "khuon mat", "SK1");
	assert_finds(&f, "zqxwqr", "");
	fixture_close(&f);
}

/* The old texts were made of the old register: they must come out as they went in. */
static void test_edits_after_the_register_changed(void)
{
	struct fixture f;
	struct rebuild_state s;
	int64_t id;

	fixture_open(&f);
	id = item_put(&f, "Mô hình XTM", "Ở xã", "GIAOTHUY", f.nam, ITEM_APPROVED);
	register_change(&f);
	assert_index(f.db);
	g_assert_true(rebuild_get(f.db, &s, NULL));
	g_assert_true(s.is_outdated);
	rename_item(&f, id, "Mô hình XTM kiểu mẫu");
	assert_index(f.db);
	assert_finds(&f, "ubnd xa giao thuy moi", "SK1");
	fixture_close(&f);
}

/* A savepoint takes back what was noted as well as what was written. */
static void test_undone_words_are_noted_again(void)
{
	struct fixture f;
	g_autoptr(GError) error = NULL;

	fixture_open(&f);
	g_assert_true(db_savepoint(f.db, &error));
	item_put(&f, "Từ lạ zzlạ", "x", NULL, f.lan, ITEM_WAITING);
	g_assert_true(db_rollback_to(f.db, &error));
	/* Of this row a word is only noted, not counted. */
	run_sql(f.db, "INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version) VALUES (100001, 0, 7, 'x', '', 3, 0, 0, 1)");
	item_put(&f, "Từ lạ zzlạ", "x", NULL, f.lan, ITEM_WAITING);
	g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, 1);
	item_put(&f, "Từ lạ zzlạ", "y", NULL, f.lan, ITEM_WAITING);
	decide(&f, 100002, ITEM_REJECT);
	g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, 1);
	decide(&f, 100003, ITEM_REJECT);
	g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, -1);
	fixture_close(&f);
}

/* --- rebuilding --- */

static struct rebuild_state step(struct fixture *f, bool is_asked)
{
	g_autoptr(GError) error = NULL;
	struct rebuild_state s;

	g_assert_true(rebuild_step(f->db, is_asked, &s, &error));
	g_assert_no_error(error);
	return s;
}

static void many_put(struct fixture *f, int n)
{
	for (int k = 0; k < n; k++) {
		g_autofree char *title = g_strdup_printf("Xóm thông minh bài%d", k);

		item_put(f, title, "CĐS ở xóm, bảng tin xóm (BTX)", "GIAOTHUY", f->nam, ITEM_APPROVED);
	}
}

/* Finds at each step what must be found, whatever is changed in front of and behind the place where the builder stands. */
static void test_rebuild_beside_writing(void)
{
	struct fixture f;
	struct rebuild_state s;
	unsigned n_build = 0, n_end = 0;

	fixture_open(&f);
	many_put(&f, 350);
	s = step(&f, false);
	g_assert_cmpint(s.phase, ==, REBUILD_NONE); /* nobody asked */
	for (s = step(&f, true); s.phase != REBUILD_NONE; s = step(&f, false)) {
		const unsigned n = n_build + n_end;
		g_autofree char *word = g_strdup_printf("Lần%u", n), *kept = g_strdup_printf("bai%u", 200 + n),
			       *id = g_strdup_printf("SK%u", 201 + n);

		n_build += s.phase == REBUILD_BUILD;
		n_end += s.phase == REBUILD_CLEAR || s.phase == REBUILD_BUILD_MERGE;
		rename_item(&f, 1 + n, word);
		rename_item(&f, 300 + n, word);
		decide(&f, 50 + n, ITEM_WITHDRAW);
		item_put(&f, "Mới thêm vào", "x", NULL, f.lan, ITEM_WAITING);
		assert_finds(&f, kept, id);
		assert_index(f.db);
		if (s.phase == REBUILD_BUILD || s.phase == REBUILD_BUILD_MERGE)
			assert_tokens(f.db, "_next");
	}
	g_assert_cmpuint(n_build, >, 3);
	g_assert_cmpuint(n_end, >, 0);
	assert_index(f.db);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_index_next_data WHERE id > 10"), ==, 0);
	g_assert_cmpint(number(f.db, "SELECT (SELECT count(*) FROM search_doc_next) + (SELECT count(*) FROM search_word_next) +"
			       " (SELECT count(*) FROM search_initialism_next)"), ==, 0);
	g_assert_cmpint(number(f.db, "SELECT items FROM search_initialism WHERE folded = 'btx'"), >, 250);
	fixture_close(&f);
}

static void test_register_change_starts_it_over(void)
{
	struct fixture f;
	struct rebuild_state s;

	fixture_open(&f);
	many_put(&f, 250);
	(void)step(&f, true);
	s = step(&f, false);
	g_assert_cmpint(s.done, >, 0);
	register_change(&f);
	s = step(&f, false);
	g_assert_cmpint(s.phase, ==, REBUILD_CLEAR);
	for (int n = 0; s.is_wanted; n++) {
		g_assert_cmpint(n, <, 20);
		s = step(&f, false);
	}
	g_assert_false(s.is_outdated);
	assert_index(f.db);
	/* The new name of the unit is in every text now. */
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE unit = 'UBND xã Giao Thủy mới'"), ==, 250);
	fixture_close(&f);
}

static void abbreviation_set(struct fixture *f, const char *meaning)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(meaning ? store_abbreviation_set(f->db, "CĐS", meaning, &error) : store_abbreviation_remove(f->db, "CĐS", &error));
	g_assert_no_error(error);
}

/* However often it is edited, and wherever the builder stands: what it ends with is made of the last edit. */
static void test_abbreviation_edited_while_it_is_built(void)
{
	struct fixture f;
	struct rebuild_state s;
	unsigned n_edits = 0, n_merge = 0;

	fixture_open(&f);
	run_sql(f.db, "DELETE FROM abbreviation WHERE brief = 'CDS'"); /* reads the same */
	many_put(&f, 250);
	abbreviation_set(&f, "nghĩa đầu");
	for (unsigned n = 0; n < 200 && n_edits < 8; n++) {
		s = step(&f, false);
		n_merge += s.phase == REBUILD_BUILD_MERGE;
		/* In the middle of filling, while it is merged, while the old one is cleared. */
		if ((n_edits % 3 == 0 && s.done > 100) || (n_edits % 3 == 1 && s.phase == REBUILD_BUILD_MERGE) ||
		    (n_edits % 3 == 2 && s.phase == REBUILD_CLEAR)) {
			g_autofree char *meaning = g_strdup_printf("nghĩa thứ lần%u", ++n_edits);

			abbreviation_set(&f, n_edits == 4 ? NULL : meaning);
			item_put(&f, "Bài thêm lúc sửa", "CĐS ở thôn", NULL, f.nam, ITEM_APPROVED);
		}
	}
	g_assert_cmpuint(n_edits, ==, 8);
	g_assert_cmpuint(n_merge, >, 0);
	for (unsigned n = 0; s.is_wanted; n++) {
		g_assert_cmpuint(n, <, 100);
		s = step(&f, false);
	}
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%nghia thu lan8%'"), ==, 258);
	assert_index(f.db);
	abbreviation_set(&f, NULL);
	do
		s = step(&f, false);
	while (s.is_wanted);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%nghia%'"), ==, 0);
	assert_index(f.db);
	fixture_close(&f);
}

/* One transaction holds several turns: what was found to be no abbreviation by the first is one for the third, and in the item of the first. */
static void test_abbreviation_counts_at_once(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Mô hình ZQX", "x", NULL, f.nam, ITEM_APPROVED);
	g_assert_true(store_abbreviation_set(f.db, "ZQX", "quỹ xanh", NULL));
	item_put(&f, "Thêm mô hình ZQX", "x", NULL, f.nam, ITEM_APPROVED);
	g_assert_cmpint(number(f.db, "SELECT count(*) FROM search_doc WHERE more LIKE '%qui xanh%'"), ==, 2);
	fixture_close(&f);
}

/* The tables change their names twice, and what was noted of the words of either is no longer so. */
static void test_words_are_noted_again_after_a_swap(void)
{
	struct fixture f;

	fixture_open(&f);
	/* Of such rows a word is only noted, not counted. */
	run_sql(f.db, "INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version) VALUES (100001, 0, 7, 'x', '', 5, 0, 0, 1)");
	item_put(&f, "Từ lạ zzlạ", "x", NULL, f.lan, ITEM_APPROVED);
	for (unsigned n = 0; n < 2; n++) {
		struct rebuild_state s = step(&f, true);

		while (s.phase != REBUILD_NONE)
			s = step(&f, false);
		g_assert_cmpint(number(f.db, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, 1);
	}
	fixture_close(&f);
}

/* The last step clears at once what FTS5 keeps: it must find hardly anything. */
static void test_all_is_cleared_before_the_last_step(void)
{
	struct fixture f;
	int64_t left = -1;

	fixture_open(&f);
	many_put(&f, 120);
	for (struct rebuild_state s = step(&f, true); s.phase != REBUILD_NONE; s = step(&f, false)) {
		if (s.phase == REBUILD_CLEAR)
			left = number(f.db, "SELECT (SELECT count(*) FROM search_index_next_data WHERE id > 10) +"
					    " (SELECT count(*) FROM search_index_next_idx) + (SELECT count(*) FROM search_index_next_docsize) +"
					    " (SELECT count(*) FROM search_doc_next) + (SELECT count(*) FROM search_word_next)");
	}
	g_assert_cmpint(left, ==, 0);
	assert_index(f.db);
	fixture_close(&f);
}

static void test_long_texts_end_a_step(void)
{
	enum { ITEMS = 9, BODY_REPEATED = 40000 }; /* 400 KB: the most that an import takes */
	struct fixture f;
	struct rebuild_state s;
	g_autoptr(GString) body = g_string_new(NULL);

	for (unsigned n = 0; n < BODY_REPEATED; n++)
		g_string_append(body, "xom lang, ");
	fixture_open(&f);
	for (unsigned n = 0; n < ITEMS; n++) {
		g_autofree char *title = g_strdup_printf("Bài dài %u", n);

		item_put(&f, title, body->str, NULL, f.nam, ITEM_APPROVED);
	}
	(void)step(&f, true);
	s = step(&f, false);
	g_assert_cmpint(s.phase, ==, REBUILD_BUILD);
	g_assert_cmpint(s.done, ==, 3); /* the third is the one over 1 MiB */
	while (s.phase != REBUILD_NONE)
		s = step(&f, false);
	g_assert_cmpint(s.items, ==, ITEMS);
	fixture_close(&f);
}

static char *complaint_of(struct fixture *f, int64_t *ret_missing)
{
	g_autoptr(GError) error = NULL;
	struct index_report r;
	char *complaint;

	g_assert_true(index_check(f->db, &r, &complaint, &error));
	g_assert_no_error(error);
	g_assert_cmpint(r.tokens, >, 0);
	g_assert_cmpint(r.n_tried, >, 0);
	g_assert_cmpint(r.initialisms, ==, number(f->db, "SELECT count(*) FROM search_initialism"));
	*ret_missing = r.missing;
	return complaint;
}

static void test_check_tells_what_a_rebuild_mends(void)
{
	static const struct {
		const char *damage, *says;
		int64_t missing;
	} t[] = {
		{ "DELETE FROM search_doc WHERE item_id = 3", "rows too many", 1 },
		{ "UPDATE item SET body = 'zqxw' WHERE id = 1", "by its word \"zqxw\"", 0 },
		{ "UPDATE item SET status = 5 WHERE id = 4", "rows too many", 0 },
		/* The items' abbreviations: one is lost, one is left over, with a number or without, and each count that is too small or large. */
		{ "DELETE FROM search_initialism WHERE folded = 'btx'", "\"btx\" (bang tin xom): items that explain it 2, counted 0", 0 },
		{ "INSERT INTO search_initialism VALUES ('zqx', 'qui xanh', 3)", "\"zqx\" (qui xanh): items that explain it 0, counted 3", 0 },
		{ "INSERT INTO search_initialism VALUES ('zqx', 'qui xanh', 0)", "\"zqx\" (qui xanh): items that explain it 0, counted 0", 0 },
		{ "UPDATE search_initialism SET items = 1 WHERE folded = 'btx'", "items that explain it 2, counted 1", 0 },
		{ "UPDATE search_initialism SET items = 3 WHERE folded = 'btx'", "items that explain it 2, counted 3", 0 },
		{ "UPDATE search_initialism SET expansion = 'ban tin xa' WHERE folded = 'btx'", "\"btx\" (ban tin xa): items that explain it 0, counted 2", 0 },
		{ "UPDATE search_doc SET defined = NULL WHERE item_id = 1001", "item 1001 explains other abbreviations than are noted of it", 0 },
		{ "UPDATE search_doc SET defined = 'x' WHERE item_id = 1", "item 1 explains other abbreviations than are noted of it", 0 },
		/* One that no sample meets. */
		{ "UPDATE search_doc SET defined = 'zqx' || char(9) || 'qui xanh' || char(10) WHERE item_id = 1002",
		  "\"btx\" (bang tin xom): items that explain it 1, counted 2", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *before = NULL, *damaged = NULL, *after = NULL;
		struct fixture f;
		struct rebuild_state s;
		int64_t missing;

		fixture_open(&f);
		seeds_load_all(&f);
		/* Of far ids the first is tried word by word, the second is not. */
		run_sql(f.db, "INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version) VALUES (1000, 0, 900, 'x', '', 5, 0, 0, 1)");
		item_put(&f, "Bảng tin xóm (BTX)", "ở đình", NULL, f.nam, ITEM_APPROVED);
		item_put(&f, "Mỗi xóm một bảng tin xóm (BTX)", "ở chợ", NULL, f.nam, ITEM_APPROVED);
		before = complaint_of(&f, &missing);
		g_assert_cmpstr(before, ==, NULL);
		g_assert_cmpint(missing, ==, 0);
		run_sql(f.db, t[i].damage);
		damaged = complaint_of(&f, &missing);
		g_assert_nonnull(damaged);
		g_assert_nonnull(strstr(damaged, t[i].says));
		g_assert_cmpint(missing, ==, t[i].missing);
		for (s = step(&f, true); s.is_wanted; s = step(&f, false))
			;
		after = complaint_of(&f, &missing);
		g_assert_cmpstr(after, ==, NULL);
		g_assert_cmpint(missing, ==, 0);
		assert_index(f.db);
		fixture_close(&f);
	}
}

/* --- at the start --- */

struct disk {
	char *dir, *path;
	struct db *db;
};

static void disk_open(struct disk *d)
{
	g_autoptr(GError) error = NULL;

	d->dir = g_dir_make_tmp("cdsbot-index-XXXXXX", NULL);
	d->path = g_build_filename(d->dir, "cdsbot.db", NULL);
	d->db = db_open(d->path, DB_WRITE, &error);
	g_assert_no_error(error);
}

static void disk_close(struct disk *d)
{
	db_close(d->db);
	g_unlink(d->path);
	g_rmdir(d->dir);
	g_free(d->path);
	g_free(d->dir);
}

/* Rows as an older program left them, without an index that we can read. */
static void rows_put(struct db *db, int n)
{
	g_autofree char *sql = g_strdup_printf("WITH RECURSIVE k (k) AS (VALUES (1) UNION ALL SELECT k + 1 FROM k WHERE k < %d)"
					       " INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version)"
					       " SELECT k, 0, k, 'Xóm thông minh bài' || k, 'nội dung', 3, 0, 0, 1 FROM k;"
					       "UPDATE counter SET last = %d WHERE prefix = 'SK'", n, n);

	run_sql(db, sql);
}

static void test_few_are_filled_at_once(void)
{
	struct disk d;
	struct rebuild_state s;

	disk_open(&d);
	g_assert_true(db_migrate_to(d.db, 4, NULL));
	rows_put(d.db, 230);
	g_assert_true(db_migrate(d.db, NULL));
	g_assert_true(rebuild_get(d.db, &s, NULL));
	g_assert_false(s.is_wanted);
	g_assert_cmpint(s.items, ==, 230);
	assert_index(d.db);
	/* Another tokenizer's index is replaced by one of this. */
	run_sql(d.db, "UPDATE search_state SET tokenizer = 999");
	g_assert_true(db_migrate(d.db, NULL));
	g_assert_true(rebuild_get(d.db, &s, NULL));
	g_assert_cmpint(s.tokenizer, ==, TOKENIZER_VERSION);
	g_assert_false(s.is_wanted);
	assert_index(d.db);
	disk_close(&d);
}

static void steps_all(struct db *db, struct rebuild_state *s)
{
	g_autoptr(GError) error = NULL;

	do {
		g_assert_true(db_begin(db, &error));
		g_assert_true(rebuild_step(db, false, s, &error));
		g_assert_true(db_commit(db, &error));
		g_assert_no_error(error);
	} while (s->is_wanted);
}

/* The start does not wait for them; what is in is found. */
static void test_many_are_filled_in_place(void)
{
	struct fixture f = { 0 };
	struct disk d;
	struct rebuild_state s;

	disk_open(&d);
	f.db = d.db;
	g_assert_true(db_migrate_to(d.db, 4, NULL));
	rows_put(d.db, 2300);
	g_assert_true(db_migrate(d.db, NULL));
	g_assert_true(rebuild_get(d.db, &s, NULL));
	g_assert_true(s.is_wanted);
	g_assert_cmpint(s.items, ==, 0);
	g_assert_true(db_begin(d.db, NULL));
	item_put(&f, "Giữa chừng", "x", NULL, NULL, ITEM_APPROVED);
	(void)step(&f, false);
	(void)step(&f, false);
	rename_item(&f, 1, "Đổi tên ở trước");
	rename_item(&f, 2000, "Đổi tên ở sau");
	g_assert_true(db_commit(d.db, NULL));
	assert_finds(&f, "giua chung", "SK2301");
	assert_finds(&f, "bai77", "SK77");
	assert_finds(&f, "bai2299", "");
	steps_all(d.db, &s);
	g_assert_cmpint(s.items, ==, 2301);
	assert_finds(&f, "bai2299", "SK2299");
	assert_tokens(d.db, "");
	disk_close(&d);
}

/* A reader has prepared its statements before the tables change their names. */
static void test_readers_go_over_to_the_new_one(void)
{
	struct fixture f = { 0 };
	struct disk d;
	struct rebuild_state s;
	struct db *writer;

	disk_open(&d);
	writer = d.db;
	g_assert_true(db_migrate(writer, NULL));
	rows_put(writer, 120);
	run_sql(writer, "UPDATE search_state SET tokenizer = 0");
	g_assert_true(db_migrate(writer, NULL));
	f.db = db_open(d.path, DB_READ, NULL);
	assert_finds(&f, "bai77", "SK77");
	run_sql(writer, "UPDATE search_state SET tokenizer = 999");
	do {
		g_autoptr(db_t) other = db_open(d.path, DB_WRITE, NULL);

		/* Each step by another program, as if the last had been killed. */
		g_assert_true(db_begin(other, NULL));
		g_assert_true(rebuild_step(other, false, &s, NULL));
		g_assert_true(db_commit(other, NULL));
		assert_finds(&f, "bai77", "SK77");
	} while (s.is_wanted);
	g_assert_true(db_begin(writer, NULL));
	{
		struct fixture w = { .db = writer };

		rename_item(&w, 77, "Tên khác hẳn");
	}
	g_assert_true(db_commit(writer, NULL));
	assert_finds(&f, "ten khac han", "SK77");
	assert_finds(&f, "bai77", "");
	assert_index(writer);
	db_close(f.db);
	disk_close(&d);
}

static void import_batch(struct db *db, unsigned first, unsigned n)
{
	g_assert_true(db_begin(db, NULL));
	for (unsigned k = first; k < first + n; k++) {
		g_autoptr(item_t) i = item_new();
		enum item_import what;

		i->title = g_strdup_printf("Trạm quan trắc mốc%u", k);
		i->body = g_strdup_printf("đo độ mặn số%u", k * 7919);
		i->ref = g_strdup_printf("r%u", k);
		g_assert_cmpint(store_item_import(db, i, NOW, &what, NULL), ==, STORE_OK);
	}
	g_assert_true(db_commit(db, NULL));
}

static int64_t pieces(struct db *db)
{
	return number(db, "SELECT count(DISTINCT segid) FROM search_index_idx");
}

/* Whoever wrote them: one import, several, or one that was killed before its end. */
static void test_many_pieces_become_one_where_it_is_worth_it(void)
{
	g_autoptr(GError) error = NULL;
	struct disk d;

	disk_open(&d);
	g_assert_true(db_migrate(d.db, NULL));
	for (unsigned n = 0; n < 4; n++)
		import_batch(d.db, n * 150, 150);
	g_assert_cmpint(pieces(d.db), >=, 4);
	g_assert_true(index_merge_after(d.db, &error));
	g_assert_no_error(error);
	g_assert_cmpint(pieces(d.db), ==, 1);
	/* The smaller part. */
	import_batch(d.db, 1000, 50);
	import_batch(d.db, 2000, 50);
	g_assert_true(index_merge_after(d.db, &error));
	g_assert_cmpint(pieces(d.db), ==, 3);
	assert_index(d.db);
	disk_close(&d);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-index/edits-and-decisions", test_edits_and_decisions);
	g_test_add_func("/search-index/labels-merges-expiry", test_labels_merges_and_expiry);
	g_test_add_func("/search-index/imports", test_imports);
	g_test_add_func("/search-index/register-changed", test_edits_after_the_register_changed);
	g_test_add_func("/search-index/undone-words", test_undone_words_are_noted_again);
	g_test_add_func("/search-index/rebuild-beside-writing", test_rebuild_beside_writing);
	g_test_add_func("/search-index/rebuild-starts-over", test_register_change_starts_it_over);
	g_test_add_func("/search-index/abbreviation-edited", test_abbreviation_edited_while_it_is_built);
	g_test_add_func("/search-index/abbreviation-at-once", test_abbreviation_counts_at_once);
	g_test_add_func("/search-index/words-after-a-swap", test_words_are_noted_again_after_a_swap);
	g_test_add_func("/search-index/cleared-before-the-last-step", test_all_is_cleared_before_the_last_step);
	g_test_add_func("/search-index/long-texts-end-a-step", test_long_texts_end_a_step);
	g_test_add_func("/search-index/many-pieces", test_many_pieces_become_one_where_it_is_worth_it);
	g_test_add_func("/search-index/check-and-mend", test_check_tells_what_a_rebuild_mends);
	g_test_add_func("/search-index/few-at-once", test_few_are_filled_at_once);
	g_test_add_func("/search-index/many-in-place", test_many_are_filled_in_place);
	g_test_add_func("/search-index/readers-go-over", test_readers_go_over_to_the_new_one);
	return g_test_run();
}
