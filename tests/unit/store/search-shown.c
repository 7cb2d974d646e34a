/* SPDX-License-Identifier: MIT */
/* Tests of what is shown and offered beside the hits: snippets, found words, near queries, near titles. */
#include "domain_fixture.h"
#include "store/search/query.h"
#include "store/search/snippet.h"

static GPtrArray *look(struct fixture *f, const char *text, const struct member *viewer)
{
	struct search_query q = { .text = text, .kind = -1, .limit = 50, .viewer = viewer };
	g_autoptr(GError) error = NULL;
	GPtrArray *hits = store_search(f->db, f->registry, &q, NULL, &error);

	g_assert_no_error(error);
	return hits;
}

static void test_snippet_shows_the_hit_with_its_marks(void)
{
	struct fixture f;
	g_autoptr(item_t) i = draft_new("Phòng họp không giấy", "Đoạn đầu nói chuyện khác. ", NULL, NULL, ITEM_APPROVED);
	GString *body = g_string_new(NULL);

	fixture_open(&f);
	for (int k = 0; k < 60; k++)
		g_string_append(body, "Câu này không có gì đáng nói.\n");
	g_string_append(body, "Máy tính bảng được   cấp cho\nđại biểu Hội đồng nhân dân.");
	g_free(i->body);
	i->body = g_string_free(body, FALSE);
	item_field_set(i, "hieuqua", "Giảm hẳn tiền phô tô tài liệu");
	g_assert_cmpint(store_item_add(f.db, i, NULL, NOW, NULL), ==, STORE_OK);
	{
		g_autoptr(GPtrArray) hits = look(&f, "may tinh bang dai bieu", NULL);
		const struct search_hit *h = g_ptr_array_index(hits, 0);

		g_assert_nonnull(strstr(h->snippet, "Máy tính bảng được cấp cho đại biểu"));
		g_assert_true(g_str_has_prefix(h->snippet, "… "));
		g_assert_cmpuint(g_utf8_strlen(h->snippet, -1), <=, SNIPPET_GRAPHEMES + 1);
	}
	{
		/* The hit is in a label. */
		g_autoptr(GPtrArray) hits = look(&f, "pho to", NULL);

		g_assert_cmpstr(((struct search_hit *)g_ptr_array_index(hits, 0))->snippet, ==, "Giảm hẳn tiền phô tô tài liệu");
	}
	{
		/* No hit in the text: its beginning. */
		g_autoptr(GPtrArray) hits = look(&f, "phong hop", NULL);

		g_assert_true(g_str_has_prefix(((struct search_hit *)g_ptr_array_index(hits, 0))->snippet, "Câu này không có gì"));
	}
	{
		/* The title says it all: the body is not looked into. */
		g_autoptr(item_t) other = draft_new("Cấp máy tính bảng", "Mở đầu. Rồi đến máy tính bảng.", NULL, NULL, ITEM_APPROVED);
		g_autoptr(GPtrArray) hits = NULL;
		const struct search_hit *h;

		g_assert_cmpint(store_item_add(f.db, other, NULL, NOW, NULL), ==, STORE_OK);
		hits = look(&f, "may tinh bang", NULL);
		h = g_ptr_array_index(hits, 0);
		g_assert_true(h->in_title);
		g_assert_cmpstr(h->snippet, ==, "Mở đầu. Rồi đến máy tính bảng.");
		g_assert_cmpuint(h->snippet_marks->len, ==, 0);
		h = g_ptr_array_index(hits, 1);
		g_assert_false(h->in_title);
		g_assert_cmpuint(h->snippet_marks->len, ==, 1);
	}
	fixture_close(&f);
}

/* The marked stretches of a text, joined by "|". */
static char *marked(const char *text, const GArray *marks)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < marks->len; i++) {
		const struct search_mark *m = &g_array_index(marks, struct search_mark, i);

		g_string_append_printf(s, "%s%.*s", i ? "|" : "", (int)m->len, text + m->start);
	}
	return g_string_free(s, FALSE);
}

static void test_marks_are_what_was_found(void)
{
	static const struct {
		const char *text, *query, *marked;
		bool has_all;
	} t[] = {
		{ "Đài truyền  thanh thông minh", "dai truyen thanh", "Đài truyền  thanh", true },
		{ "Đài, truyền thanh", "dai truyen thanh", "Đài|truyền thanh", true },
		{ "Chờ ở chợ, cho rau", "chợ", "chợ", true },		/* as typed, where it stands so */
		{ "Chờ đò", "chợ", "Chờ", true },			/* nothing stands so */
		{ "Chờ ở chợ, cho rau", "cho", "Chờ|chợ|cho", true },	/* typed without: all of them */
		{ "Chuyển đổi số và số liệu", "chuyen doi so", "Chuyển đổi số", true }, /* not the "số" of "số liệu" */
		{ "Số liệu của xã", "chuyen doi so", "Số", false },
		{ "Họp chuyển đổi số ở xã", "CĐS", "chuyển đổi số", true },
		{ "Sở TT&TT họp", "so tt&tt", "Sở TT&TT", true },
		{ "\"Đài\" (truyền)\nthanh", "dai truyen thanh", "Đài|truyền|thanh", true },
		{ "e\xCC\x82m đa\xCC\x80i e\xCC\x82m", "đài", "đa\xCC\x80i", true },   /* decomposed, as iPhones write */
		{ "xa\xCC\xB6\xCC\xB7 hội", "hoi", "hội", true },
		{ "loa\xEF\xB8\x8F\xE2\x83\xA3!", "loa", "loa\xEF\xB8\x8F\xE2\x83\xA3", true }, /* a keycap sits on the last letter */
		{ "Trạm khí tượng khi mưa", "khi tuong", "khí tượng", true }, /* "khi" alone is grammar */
		{ "của xã, đài của xã", "đài của xã", "của xã|đài của xã", true },
		{ "Điều kiện áp dụng", "sáng kiến", "", false },	/* other marks, and not beside "sáng" */
		{ "Sang kiên áp dụng", "sáng kiến", "Sang kiên", true },
		{ "không có gì", "đài", "", false },
		{ "", "đài", "", false },
		{ "loa", "", "", false },
	};
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_autoptr(registry_t) r = registry_load_csv(dir, NULL);

	registry_seal(r);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(query_plan_t) p = query_read(t[i].query, r);
		g_autofree char *in_title = NULL, *in_snippet = NULL;
		g_autoptr(snippet_words_t) words = NULL;
		struct snippet s = { 0 };

		query_expand(p, r);
		words = snippet_words_new(p);
		g_test_message("%zu %s", i, t[i].query);
		snippet_mark(t[i].text, words, &s);
		in_title = marked(s.text, s.marks);
		g_assert_cmpstr(in_title, ==, t[i].marked);
		g_assert_cmpint(s.has_all, ==, t[i].has_all);
		snippet_clear(&s);
		/* A snippet has single blanks; else the same. */
		snippet_make(t[i].text, words, SNIPPET_GRAPHEMES, &s);
		in_snippet = marked(s.text, s.marks);
		g_assert_cmpstr(in_snippet, ==, i == 0 ? "Đài truyền thanh" : i == 9 ? "Đài|truyền|thanh" : t[i].marked);
		snippet_clear(&s);
	}
}

static void test_marks_end_where_the_snippet_is_cut(void)
{
	g_autoptr(query_plan_t) p = query_read("loa", NULL);
	g_autoptr(snippet_words_t) words = snippet_words_new(p);

	for (unsigned graphemes = 1; graphemes < 40; graphemes++) {
		struct snippet s = { 0 };

		snippet_make("Loa ở xóm và loa ở xã, lôa\xCC\x81 loa", words, graphemes, &s);
		for (guint i = 0; i < s.marks->len; i++) {
			const struct search_mark *m = &g_array_index(s.marks, struct search_mark, i);

			g_assert_cmpuint(m->start + m->len, <=, strlen(s.text));
			g_assert_true(strstr(s.text + m->start, "…") != s.text + m->start);
		}
		g_assert_true(g_utf8_validate(s.text, -1, NULL));
		snippet_clear(&s);
	}
}

static void test_snippet_tells_nobody_what_is_not_searched(void)
{
	struct fixture f;
	g_autoptr(item_t) i = draft_new("Loa thông minh", "Nội dung", NULL, NULL, ITEM_APPROVED);

	fixture_open(&f);
	item_field_set(i, ITEM_KEY_CONTACT, "đồng chí Loa Thông");
	g_assert_cmpint(store_item_add(f.db, i, NULL, NOW, NULL), ==, STORE_OK);
	{
		g_autoptr(GPtrArray) hits = look(&f, "loa thong minh", f.admin);
		const struct search_hit *h = g_ptr_array_index(hits, 0);

		g_assert_cmpstr(h->snippet, ==, "Nội dung");
		g_assert_cmpuint(h->snippet_marks->len, ==, 0);
		g_assert_true(h->in_title);
	}
	fixture_close(&f);
}

static void test_near_queries(void)
{
	static const struct {
		const char *text, *meant;
	} t[] = {
		{ "dai chuyen thanh", "đài truyền thanh" }, /* what sounds alike */
		{ "quet ma qt", "" }, /* the search mends it itself */
		{ "storge area", "storage aera" },
		{ "dai truyen thanh", "" },
		{ "đài truyền thanh", "" },
		{ "loa xa", "" },
		{ "thuế", "" },
		{ "\"dai chuyen thanh\"", "" }, /* quoted: meant so */
		{ "loa -xa", "" },
		{ "", "" },
	};
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct search_query q = { .text = t[i].text, .kind = -1, .limit = 5 };
		g_autoptr(GPtrArray) meant = store_search_suggest(f.db, f.registry, &q, 1, NULL);

		g_assert_nonnull(meant);
		g_test_message("%s", t[i].text);
		g_assert_cmpstr(meant->len ? g_ptr_array_index(meant, 0) : "", ==, t[i].meant);
	}
	fixture_close(&f);
}

/* A near query is no way to learn what one may not see. */
static void test_near_queries_name_only_what_the_asker_may_see(void)
{
	struct search_query q = { .text = "camera an minh", .kind = -1, .limit = 5 };
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Camera an ninh", "Lắp ở ngõ", NULL, f.lan, ITEM_WAITING);
	for (int i = 0; i < 2; i++) {
		g_autoptr(GPtrArray) meant = NULL;

		q.viewer = i == 0 ? f.nam : f.lan;
		meant = store_search_suggest(f.db, f.registry, &q, 3, NULL);
		g_assert_cmpuint(meant->len, ==, i);
	}
	fixture_close(&f);
}

static char *similar(struct fixture *f, const char *title, const struct member *viewer, int64_t except)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hits = store_search_similar(f->db, f->registry, title, viewer, except, 5, &error);

	g_assert_no_error(error);
	return ids_of(hits);
}

static void test_near_titles(void)
{
	static const struct {
		const char *title, *ids;
	} t[] = {
		{ "Dán mã QR tra cứu thủ tục ở bộ phận 1 cửa", "SK9" },
		{ "Dan ma QR tra cuu thu tuc o 1 cua", "SK9" },
		{ "quet ma qr tra cuu thu tuc hanh chinh", "SK9" },
		{ "Xây dựng đài truyền thanh thông minh", "SK13" },
		{ "NGÀY THỨ BA KHÔNG HẸN KHÔNG GIẤY TỜ", "SK11" },
		{ "Ứng dụng Zalo trong tiếp dân", "" },
		{ "Phòng họp không giấy", "" },
		{ "Số hóa di tích đền Trần", "" },
		{ "Nâng cao hiệu quả dịch vụ công trực tuyến", "" },
		{ "", "" },
		{ "của \" OR", "" },
	};
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *ids = similar(&f, t[i].title, NULL, 0);

		g_test_message("%s", t[i].title);
		g_assert_cmpstr(ids, ==, t[i].ids);
	}
	/* The thirteen are thirteen different things. And each is its own double. */
	for (int64_t n = 1; n <= 13; n++) {
		g_autoptr(item_t) i = NULL;
		g_autofree char *others = NULL, *same = NULL, *id = item_id_text(ITEM_INITIATIVE, n);

		g_assert_cmpint(store_item_get(f.db, ITEM_INITIATIVE, n, &i, NULL), ==, STORE_OK);
		others = similar(&f, i->title, NULL, i->id);
		same = similar(&f, i->title, NULL, 0);
		g_assert_cmpstr(others, ==, "");
		g_assert_cmpstr(same, ==, id);
	}
	fixture_close(&f);
}

static void test_near_titles_name_only_what_the_asker_may_see(void)
{
	struct fixture f;
	g_autofree char *for_lan = NULL, *for_nam = NULL, *for_moderator = NULL;

	fixture_open(&f);
	item_put(&f, "Camera an ninh ở xóm", "Nội dung", NULL, f.lan, ITEM_WAITING);
	for_lan = similar(&f, "camera an ninh xom", f.lan, 0);
	for_nam = similar(&f, "camera an ninh xom", f.nam, 0);
	for_moderator = similar(&f, "camera an ninh xom", f.moderator, 0);
	g_assert_cmpstr(for_lan, ==, "SK1");
	g_assert_cmpstr(for_nam, ==, "");
	g_assert_cmpstr(for_moderator, ==, "SK1");
	fixture_close(&f);
}

/* Each pair of its words stands in more titles than are read; only it has both. */
static void test_an_old_title_of_common_words_is_near(void)
{
	struct fixture f;
	g_autofree char *ids = NULL, *none = NULL;

	fixture_open(&f);
	item_put(&f, "Xóm thông minh", "Nội dung", NULL, f.lan, ITEM_APPROVED);
	for (int i = 0; i < 520; i++) {
		g_autofree char *a = g_strdup_printf("Xóm thông thoáng sạch đẹp %d", i), *b = g_strdup_printf("Loa cũng thông minh hơn trước %d", i);

		item_put(&f, a, "Nội dung", NULL, f.lan, ITEM_APPROVED);
		item_put(&f, b, "Nội dung", NULL, f.lan, ITEM_APPROVED);
	}
	ids = similar(&f, "xom thong minh", NULL, 0);
	none = similar(&f, "xom thong minh", NULL, 1);
	g_assert_cmpstr(ids, ==, "SK1");
	g_assert_cmpstr(none, ==, "");
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/snippet", test_snippet_shows_the_hit_with_its_marks);
	g_test_add_func("/search/found-words", test_marks_are_what_was_found);
	g_test_add_func("/search/marks-cut", test_marks_end_where_the_snippet_is_cut);
	g_test_add_func("/search/snippet-hidden", test_snippet_tells_nobody_what_is_not_searched);
	g_test_add_func("/search/near-queries", test_near_queries);
	g_test_add_func("/search/near-queries-visible", test_near_queries_name_only_what_the_asker_may_see);
	g_test_add_func("/search/near", test_near_titles);
	g_test_add_func("/search/near-visible", test_near_titles_name_only_what_the_asker_may_see);
	g_test_add_func("/search/near-common", test_an_old_title_of_common_words_is_near);
	return g_test_run();
}
