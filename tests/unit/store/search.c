/* SPDX-License-Identifier: MIT */
/* Tests of search over the shipped seeds: what people type in domain.md, without marks, abbreviated, hostile. */
#include "base/text.h"
#include "domain_fixture.h"
#include "store/search/fold.h"
#include "store/search/query.h"

static GPtrArray *look(struct fixture *f, const char *text, const struct member *viewer, bool *ret_all_words)
{
	struct search_query q = { .text = text, .kind = -1, .limit = 50, .viewer = viewer };
	g_autoptr(GError) error = NULL;
	GPtrArray *hits = store_search(f->db, f->registry, &q, NULL, &error);

	g_assert_no_error(error);
	if (ret_all_words)
		*ret_all_words = hits->len > 0 && ((struct search_hit *)g_ptr_array_index(hits, 0))->all_words;
	return hits;
}

static void assert_finds(struct fixture *f, const char *text, const struct member *viewer, const char *ids)
{
	g_autoptr(GPtrArray) hits = look(f, text, viewer, NULL);
	g_autofree char *found = ids_of(hits), *printable = g_strescape(text, NULL);

	g_test_message("%s", printable);
	g_assert_cmpstr(found, ==, ids);
}

static void test_fold_makes_one_token_of_all_spellings(void)
{
	static const struct {
		const char *in, *tokens;
	} t[] = {
		{ "Sở TT&TT", "so tt va tt" },
		{ "Kỹ năng, kĩ năng; lý do, lí do", "ki nang ki nang li do li do" },
		{ "Quý III quí", "qui iii qui" },
		{ "thuỷ thủy thúi tay", "thuy thuy thui tay" },
		{ "tuyến đường 4.0", "tuyen duong 4 0" },
		{ "QR-Code", "qr code" },
		{ "  \xF0\x9F\x98\x80 ! ", "" },
		{ "", "" },
		{ NULL, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *tokens = search_fold(t[i].in);

		g_assert_cmpstr(tokens, ==, t[i].tokens);
	}
}

static void test_fold_remembers_where_words_stood(void)
{
	/* Decomposed, with a sign without width inside a word: both stand in other people's texts. */
	const char *text = "– Đài  tru\xCC\xA3yền\xE2\x80\x8Bthanh, “TT&TT”";
	g_autoptr(search_text_t) t = search_text_new(text);
	const struct search_word *w;

	g_assert_cmpstr(t->tokens, ==, "dai truyenthanh tt va tt");
	w = &g_array_index(t->words, struct search_word, 0);
	g_assert_true(strncmp(text + w->start, "Đài", w->text_len) == 0);
	w = &g_array_index(t->words, struct search_word, 4);
	g_assert_true(strncmp(text + w->start, "TT”", w->text_len) == 0);
	g_assert_cmpuint(w->text_len, ==, 2);
}

/* All telling words of a line, and what the quotes and minuses want. */
static char *match_of(const struct query_plan *p, guint k)
{
	const struct query_line *l = g_ptr_array_index(p->lines, k);
	g_autoptr(GString) s = g_string_new(NULL);

	for (guint i = 0; i < l->words->len; i++) {
		const struct query_word *w = g_ptr_array_index(l->words, i);

		if (w->is_stop)
			continue;
		g_string_append(s, s->len > 0 ? " AND " : "");
		query_quote(s, w->folded);
	}
	return query_match_strict(p, s->str);
}

static void test_query_expressions_hold_quoted_tokens_alone(void)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_autoptr(registry_t) r = registry_load_csv(dir, NULL);
	static const struct {
		const char *text, *match, *other; /* the line as typed, the first of the others */
	} t[] = {
		{ "CĐS", "\"cds\"", "\"chuyen\" AND \"doi\" AND \"so\"" },
		{ "1 cua", "\"1\" AND \"cua\"", "\"mot\" AND \"cua\"" },
		{ "chuyển đổi số", "\"chuyen\" AND \"doi\" AND \"so\"", NULL }, /* what says CĐS is indexed under its long form */
		/* What stands before it may be abbreviated as well (TTr). */
		{ "thanh tra PCCC", "\"thanh\" AND \"tra\" AND \"pccc\"",
		  "\"thanh\" AND \"tra\" AND \"phong\" AND \"chay\" AND \"chua\" AND \"chay\"" },
		{ "CĐS PCCC", "\"cds\" AND \"pccc\"",
		  "\"chuyen\" AND \"doi\" AND \"so\" AND \"phong\" AND \"chay\" AND \"chua\" AND \"chay\"" },
		{ "ung dung ai", "\"ung\" AND \"dung\"", "\"ung\" AND \"dung\" AND \"tri\" AND \"tue\" AND \"nhan\" AND \"tao\"" },
		{ "Ai ký giấy này", "\"ki\" AND \"giay\"", NULL }, /* who, no AI */
		{ "giay ki cho ai", "\"giay\" AND \"ki\"", NULL },
		{ "AI ký giấy", "\"ki\" AND \"giay\"", "\"tri\" AND \"tue\" AND \"nhan\" AND \"tao\" AND \"ki\" AND \"giay\"" },
		{ "kỹ năng", "\"ki\" AND \"nang\"", NULL },
		{ "đài của xã", "\"dai\" AND \"xa\"", NULL },
		{ "của và các", "\"cua\" AND \"va\" AND \"cac\"", NULL },
		{ "a\" OR title:x* NEAR(", "\"a\" AND \"or\" AND \"title\" AND \"x\" AND \"near\"", NULL },
		{ "\"bờ ao\" loa", "(\"bo\" AND \"ao\" AND \"loa\") AND (\"bo_ao\" AND \"=bơ2\" + \"ao\")", NULL },
		{ "loa -\"bo ao ca\"", "((\"loa\")) NOT (\"bo_ao\" + \"ao_ca\")", NULL },
		{ "loa -xã", "((\"loa\")) NOT (\"=xa4\")", NULL },
		{ "khong-gian loa - xa", "\"gian\" AND \"loa\" AND \"xa\"", NULL },
		{ "đã", "\"da\"", NULL }, /* no DA, dự án: it has its mark */
		{ "", "", NULL },
	};

	registry_seal(r);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(query_plan_t) p = query_read(t[i].text, r);
		g_autofree char *match = NULL, *other = NULL;

		query_expand(p, r);
		match = match_of(p, 0);
		other = p->lines->len > 1 ? match_of(p, 1) : NULL;
		g_assert_cmpstr(match, ==, t[i].match);
		g_assert_cmpstr(other, ==, t[i].other);
	}
}

static void test_a_quotation_alone_is_known(void)
{
	static const struct {
		const char *text, *quote;
	} t[] = {
		{ "\"bờ ao\"", "bo ao" }, { " “chuyển đổi số” ", "chuyen doi so" }, { "\"bờ ao\" loa", NULL }, { "bờ ao", NULL },
		{ "\"bờ\" \"ao\"", NULL }, { "\"bờ ao\" -loa", NULL },		      { "\"bờ ao", NULL },	{ "\"\"", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(query_plan_t) p = query_read(t[i].text, NULL);

		g_test_message("%s", t[i].text);
		g_assert_cmpstr(p->quote, ==, t[i].quote);
	}
}

static void test_queries_of_the_domain(void)
{
	static const struct {
		const char *text, *ids;
	} t[] = {
		{ "dai truyen thanh", "SK13 DC4" },
		{ "đài truyền thanh", "SK13 DC4" },
		{ "dai truyen thanh thong minh", "SK13 DC4" },
		{ "ĐÀI TRUYỀN THANH THÔNG MINH!", "SK13 DC4" },
		{ "thong minh thanh truyen dai", "SK13 DC4" },
		{ "ddaif truyeenf thanh", "SK13 DC4" },
		{ "d9a2i truye6n2 thanh", "SK13 DC4" },
		{ "ma qr thu tuc", "SK9" },
		{ "mã QR", "SK9" },
		{ "loa xa", "" },
		{ "loa xã", "" },
		{ "thuế", "" },
		{ "storage area", "SK6" }, /* published as "Aera" */
		{ "google map quy hoach", "SK2" },
		{ "chợ 4.0", "DC5 SK12" },
		{ "ngay thu ba khong hen", "SK11" },
		{ "\"đài truyền thanh\"", "SK13 DC4" },
		{ "\"truyền thanh đài\"", "" },
		{ "\"dài truyền thanh\"", "" }, /* the marks hold as well */
		{ "SK13", "SK13" },
		{ "sk 13", "SK13" },
		{ " SK-013 ", "SK13" },
		{ "13", "SK13" },
		{ "#13", "SK13" },
		{ "số 13", "SK13" },
		{ "so 13", "SK13" },
		{ "DC4", "DC4" },
		{ "SK130", "" },
	};
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_finds(&f, t[i].text, NULL, t[i].ids);
	fixture_close(&f);
}

static void test_abbreviations_work_both_ways(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Nộp hồ sơ DVCTT tại nhà", "Hướng dẫn từng bước", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Nộp hồ sơ dịch vụ công trực tuyến qua bưu điện", "Hướng dẫn từng bước", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Bàn hỗ trợ ở bộ phận 1 cửa", "Có đoàn viên trực", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Bàn hỗ trợ ở bộ phận một cửa", "Có đoàn viên trực", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Sổ tay TT&TT", "Sở TT và TT ban hành", NULL, f.lan, ITEM_APPROVED);
	assert_finds(&f, "dvctt", NULL, "SK2 SK1");
	assert_finds(&f, "dich vu cong truc tuyen", NULL, "SK2 SK1");
	assert_finds(&f, "1 cua", NULL, "SK4 SK3"); /* half of its title, in full words */
	assert_finds(&f, "một cửa", NULL, "SK4 SK3");
	assert_finds(&f, "thông tin và truyền thông", NULL, "SK5");
	assert_finds(&f, "so tay TTTT", NULL, "SK5");
	fixture_close(&f);
}

static void test_no_word_of_the_title_weighs_less_than_one_of_the_body(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Bảng tin điện tử ở xóm", "Loa phát thanh đặt cạnh bảng. Loa tắt lúc 21 giờ.", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Loa phát thanh ở xóm", "Bảng tin điện tử đặt cạnh loa.", NULL, f.lan, ITEM_APPROVED);
	assert_finds(&f, "loa phat thanh", NULL, "SK2 SK1");
	assert_finds(&f, "bang tin", NULL, "SK1 SK2");
	fixture_close(&f);
}

static void test_marks_as_typed_break_ties(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Bán hàng qua mạng", "Hội phụ nữ xã", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Bàn hàng qua mạng", "Hội phụ nữ xã", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Bạn hàng qua mạng", "Hội phụ nữ xã", NULL, f.lan, ITEM_APPROVED);
	assert_finds(&f, "bàn hàng", NULL, "SK2 SK3 SK1");
	assert_finds(&f, "bạn hàng", NULL, "SK3 SK2 SK1");
	fixture_close(&f);
}

static void test_some_words_are_enough_when_not_all_are_there(void)
{
	struct fixture f;
	bool all_words;

	fixture_open(&f);
	seeds_load_all(&f);
	{
		g_autoptr(GPtrArray) hits = look(&f, "làm thế nào để xây dựng đài truyền thanh ở xã tôi", NULL, &all_words);
		g_autofree char *ids = ids_of(hits);

		g_assert_true(g_str_has_prefix(ids, "SK13 DC4"));
		g_assert_false(all_words);
	}
	g_ptr_array_unref(look(&f, "đài truyền thanh", NULL, &all_words));
	g_assert_true(all_words);
	/* Grammar alone is no match. */
	assert_finds(&f, "của khoai tây được như", NULL, "");
	fixture_close(&f);
}

static void test_any_bytes_are_harmless(void)
{
	static const char *const t[] = {
		"",
		" ",
		"\"",
		"\"\"\"",
		"'; DROP TABLE item; --",
		"*",
		"a*",
		"^loa",
		"loa NEAR xa",
		"title:loa",
		"{title}:loa",
		"loa AND",
		"OR",
		"NOT loa",
		"(((((",
		")",
		"\\",
		"%",
		"\xFF\xFE\xC3",
		"\xED\xA0\x80",
		"\xC3",
		"loa\x01\x02",
		"🙂🙂",
		"…",
		"-",
		"+loa",
		"loa,xa;",
		"\xE2\x80\x8B",
		"ﬁ",
		"①②",
		"中文",
		"٣٤",
		"a\xCC\x81\xCC\x82\xCC\x83",
		"sk",
		"SK0",
		"SK999999999999999999999",
		"999999999999999999999",
		"-1",
		"1e9",
		"$1",
		"?1",
		"@x",
		":x",
		"\"loa\" OR \"xa\"",
		"rowid:1",
		"search_index",
		"ｓｋ１３",
	};
	g_autofree char *long_word = g_strnfill(100000, 'x');
	g_autoptr(GString) many = g_string_new(NULL);
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		g_ptr_array_unref(look(&f, t[i], NULL, NULL));
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(many, "tu%d ", i);
	g_ptr_array_unref(look(&f, long_word, NULL, NULL));
	g_ptr_array_unref(look(&f, many->str, NULL, NULL));
	for (int b = 1; b < 256; b++) {
		char text[4] = { (char)b, (char)(b * 7), (char)(b * 31), '\0' };

		g_ptr_array_unref(look(&f, text, NULL, NULL));
	}
	fixture_close(&f);
}

static void test_nothing_searchable_finds_nothing(void)
{
	static const char *const t[] = { "", "   ", "!!! ???", "\"", "🙂", "\xFF" };
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_finds(&f, t[i], NULL, "");
	fixture_close(&f);
}

/* What is not asked for, or not to be seen, takes no place from what is. */
static void test_filters_come_before_the_limits(void)
{
	struct search_query of_year = { .text = "chuyển đổi số", .kind = -1, .year = 2019, .limit = 9 };
	struct search_query of_unit = { .text = "tưới nhỏ giọt tự động", .unit = "VUBAN", .kind = -1, .limit = 9 };
	struct search_query anyone = { .text = "tưới nhỏ giọt tự động", .kind = -1, .limit = 9 };
	g_autoptr(item_t) old = draft_new("Chuyển đổi số ở xã", "Cách làm", NULL, NULL, ITEM_APPROVED);
	g_autofree char *by_year = NULL, *by_unit = NULL, *by_anyone = NULL;
	g_autoptr(GPtrArray) hits = NULL;
	struct fixture f;

	fixture_open(&f);
	old->date = g_strdup("2019");
	g_assert_cmpint(store_item_add(f.db, old, NULL, NOW, NULL), ==, STORE_OK); /* SK1 */
	for (int i = 0; i < 1200; i++)
		item_put(&f, "Chuyển đổi số", "Cách làm chuyển đổi số", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Tưới nhỏ giọt", "Cách làm ở xã", "VUBAN", f.lan, ITEM_APPROVED); /* SK1202: some of the words */
	hits = store_search(f.db, f.registry, &of_year, NULL, NULL);
	by_year = ids_of(hits);
	g_assert_cmpstr(by_year, ==, "SK1");
	g_clear_pointer(&hits, g_ptr_array_unref);
	hits = store_search(f.db, f.registry, &anyone, NULL, NULL);
	by_anyone = ids_of(hits);
	g_assert_cmpstr(by_anyone, ==, "SK1202");
	g_clear_pointer(&hits, g_ptr_array_unref);
	g_clear_pointer(&by_anyone, g_free);
	/* One with all words that waits for approval changes nothing for a stranger; one of another unit nothing for the filter. */
	item_put(&f, "Tưới nhỏ giọt tự động", "Hệ thống tưới nhỏ giọt tự động", "TRUCNINH", f.lan, ITEM_WAITING);
	hits = store_search(f.db, f.registry, &anyone, NULL, NULL);
	by_anyone = ids_of(hits);
	g_assert_cmpstr(by_anyone, ==, "SK1202");
	g_clear_pointer(&hits, g_ptr_array_unref);
	item_put(&f, "Tưới nhỏ giọt tự động", "Hệ thống tưới nhỏ giọt tự động", "TRUCNINH", f.lan, ITEM_APPROVED);
	hits = store_search(f.db, f.registry, &of_unit, NULL, NULL);
	by_unit = ids_of(hits);
	g_assert_cmpstr(by_unit, ==, "SK1202");
	fixture_close(&f);
}

static void test_the_end_of_a_long_text_is_found(void)
{
	g_autoptr(GString) body = g_string_new(NULL);
	struct fixture f;

	fixture_open(&f);
	for (int i = 0; i < 5000; i++)
		g_string_append(body, "xã ");
	g_string_append(body, "máy sấy thăng hoa");
	item_put(&f, "Báo cáo dài", body->str, NULL, f.lan, ITEM_APPROVED);
	assert_finds(&f, "may say thang hoa", NULL, "SK1");
	assert_finds(&f, "thăng hoa", NULL, "SK1");
	fixture_close(&f);
}

/* What only has all words in a heap stands behind the titles that are nearly the line. */
static void test_nearly_exact_titles_go_first(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Đăng ký kết hôn", "Ở xã", NULL, f.lan, ITEM_APPROVED);				/* SK1 */
	item_put(&f, "Thủ tục đăng ký kết hôn", "Ở xã", NULL, f.lan, ITEM_APPROVED);			/* SK2 */
	item_put(&f, "Báo cáo", "hôn một kết hai đăng ba ký bốn tục năm thủ", NULL, f.lan, ITEM_APPROVED); /* SK3 */
	assert_finds(&f, "cho tôi hỏi về đăng ký kết hôn", NULL, "SK1 SK2 SK3");
	fixture_close(&f);
}

/* Each exclusion is read with each expression. */
static void test_quotes_and_minuses_are_bounded(void)
{
	g_autoptr(GString) text = g_string_new("thanh");
	g_autoptr(query_plan_t) p = NULL;
	struct fixture f;

	for (int i = 0; i < 2000; i++)
		g_string_append_printf(text, " -w%d \"q%d w\"", i % 50, i);
	p = query_read(text->str, NULL);
	g_assert_cmpuint(p->excluded->len, ==, QUERY_PHRASES_MAX);
	g_assert_cmpuint(p->phrases->len, ==, QUERY_PHRASES_MAX);
	fixture_open(&f);
	seeds_load_all(&f);
	assert_finds(&f, text->str, NULL, "");
	assert_finds(&f, "thanh -minh -MINH -minh -minh", NULL, "DC1 DC2 SK7 SK8");
	fixture_close(&f);
}

static void test_filters(void)
{
	static const struct {
		const char *text, *unit, *field;
		int kind, year;
		const char *ids;
	} t[] = {
		{ "xay dung", NULL, NULL, ITEM_EXEMPLAR, 0, "DC1 DC5" },
		{ "truyen thanh", NULL, NULL, ITEM_EXEMPLAR, 0, "DC4" },
		{ "dai truyen thanh", "TRUCNINH", NULL, -1, 0, "SK13 DC4" },
		{ "dai truyen thanh", "VUBAN", NULL, -1, 0, "" },
		{ "4.0", NULL, "cong-dong-so", ITEM_INITIATIVE, 0, "SK12" },
		{ "", "VUBAN", NULL, -1, 0, "DC3 SK11" }, /* no words: the newest of the unit */
		{ "", NULL, "dvc", -1, 0, "SK9 SK7 SK4" },
		{ "ban hang", NULL, NULL, -1, 2022, "SK14" },
		{ "ban hang", NULL, NULL, -1, 2023, "SK15" },
		{ "dai truyen thanh", NULL, NULL, -1, 2023, "" }, /* imported without a date: the year is unknown */
		{ "13", NULL, NULL, ITEM_EXEMPLAR, 0, "" },
		{ "4", NULL, NULL, ITEM_EXEMPLAR, 0, "DC4 DC5" }, /* by its number, and because of "4.0" */
	};
	struct fixture f;
	g_autoptr(item_t) old = draft_new("Bán hàng trực tuyến", "Hội phụ nữ", NULL, NULL, ITEM_APPROVED);

	fixture_open(&f);
	seeds_load_all(&f);
	old->date = g_strdup("quý 3/2022");
	g_assert_cmpint(store_item_add(f.db, old, NULL, NOW, NULL), ==, STORE_OK);
	item_put(&f, "Bán hàng trực tuyến", "Hội phụ nữ", NULL, f.lan, ITEM_APPROVED);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct search_query q = {
			.text = t[i].text, .unit = t[i].unit, .field = t[i].field, .kind = t[i].kind, .year = t[i].year, .limit = 9
		};
		g_autoptr(GPtrArray) hits = store_search(f.db, f.registry, &q, NULL, NULL);
		g_autofree char *ids = ids_of(hits);

		g_test_message("%zu %s", i, t[i].text);
		g_assert_cmpstr(ids, ==, t[i].ids);
	}
	fixture_close(&f);
}

static void test_pages_and_total(void)
{
	g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct search_query q = { .text = "xom thong minh", .kind = -1, .limit = 10, .except = seen };
	struct fixture f;
	struct search_note note;

	fixture_open(&f);
	for (int i = 0; i < 130; i++) {
		g_autofree char *title = g_strdup_printf("Xóm thông minh số %d", i);

		item_put(&f, title, "Cách làm", NULL, f.lan, ITEM_APPROVED);
	}
	for (guint n = 0; n <= 130; n += 10) {
		g_autoptr(GPtrArray) hits = store_search(f.db, f.registry, &q, &note, NULL);

		g_assert_cmpint(note.total, ==, 130);
		g_assert_cmpint(note.left, ==, 130 - n);
		search_note_clear(&note);
		g_assert_cmpuint(hits->len, ==, n < 130 ? 10 : 0);
		for (guint i = 0; i < hits->len; i++) {
			int64_t id = ((const struct search_hit *)g_ptr_array_index(hits, i))->item_id;

			for (guint k = 0; k < seen->len; k++)
				g_assert_cmpint(g_array_index(seen, int64_t, k), !=, id);
			g_array_append_val(seen, id);
		}
	}
	fixture_close(&f);
}

/* The SQL of the condition and the predicate in C must say the same of every status and every viewer. */
static void test_who_may_find_what(void)
{
	struct fixture f;
	g_autoptr(item_t) gone = NULL;
	const struct member *viewers[7];

	fixture_open(&f);
	viewers[0] = NULL;
	viewers[1] = f.lan;
	viewers[2] = f.hoa;
	viewers[3] = f.nam;
	viewers[4] = f.moderator;
	viewers[5] = f.admin;
	viewers[6] = person_add(f.db, "cũ", "GIAOTHUY", ROLE_FOCAL);
	((struct member *)viewers[6])->has_left = true;
	for (int author = 0; author < 2; author++) {
		for (int s = ITEM_DRAFT; s <= ITEM_APPROVED; s++) {
			int64_t id = item_put(&f, "Thí điểm chữ ký số", "Nội dung", author ? "GIAOTHUY" : NULL,
					      author ? f.nam : f.lan, ITEM_WAITING);
			struct db_stmt *st = db_prepare(f.db, "UPDATE item SET status = $2 WHERE id = $1");

			db_bind_int64(st, 1, id);
			db_bind_int64(st, 2, s);
			g_assert_true(db_run(st, NULL));
		}
	}
	for (size_t v = 0; v < ARRAY_SIZE(viewers); v++) {
		g_autoptr(GPtrArray) hits = look(&f, "chu ky so", viewers[v], NULL);
		guint expected = 0;

		for (int64_t n = 1; n <= 8; n++) {
			g_autoptr(item_t) i = NULL;
			g_autofree char *id = item_id_text(ITEM_INITIATIVE, n);
			g_autoptr(GPtrArray) direct = look(&f, id, viewers[v], NULL);

			g_assert_cmpint(store_item_get(f.db, ITEM_INITIATIVE, n, &i, NULL), ==, STORE_OK);
			expected += item_visible_to(i, viewers[v]);
			g_assert_cmpuint(direct->len, ==, item_visible_to(i, viewers[v]));
		}
		g_assert_cmpuint(hits->len, ==, expected);
	}
	member_free((struct member *)viewers[6]);
	fixture_close(&f);
}

static void test_contacts_are_not_searchable(void)
{
	struct fixture f;
	g_autoptr(item_t) i = draft_new("Loa thông minh", "Nội dung", NULL, NULL, ITEM_APPROVED);

	fixture_open(&f);
	item_field_set(i, "lienhe", "đồng chí Thắng 0912345678");
	item_field_set(i, "hieuqua", "tiết kiệm ba mươi triệu");
	g_assert_cmpint(store_item_add(f.db, i, NULL, NOW, NULL), ==, STORE_OK);
	assert_finds(&f, "0912345678", f.admin, "");
	assert_finds(&f, "dong chi thang", f.admin, "");
	assert_finds(&f, "tiet kiem", NULL, "SK1");
	fixture_close(&f);
}

static void test_of_equals_the_more_applied_then_the_newer_goes_first(void)
{
	struct fixture f;
	int64_t id[4];

	fixture_open(&f);
	for (int i = 0; i < 4; i++)
		id[i] = item_put(&f, "Camera an ninh", "Lắp ở ngõ", NULL, f.lan, ITEM_APPROVED);
	assert_finds(&f, "camera an ninh", NULL, "SK4 SK3 SK2 SK1");
	g_assert_cmpint(store_item_adopt(f.db, id[1], f.hoa, NULL, NULL, NOW, NULL), ==, STORE_OK);
	assert_finds(&f, "camera an ninh", NULL, "SK2 SK4 SK3 SK1");
	g_assert_cmpint(store_item_adopt(f.db, id[0], f.hoa, NULL, NULL, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_adopt(f.db, id[0], f.lan, NULL, NULL, NOW, NULL), ==, STORE_OK);
	assert_finds(&f, "camera an ninh", NULL, "SK1 SK2 SK4 SK3");
	fixture_close(&f);
}

static void test_type_and_status_filters(void)
{
	static const struct {
		const char *text;
		int kind;
		const char *type;
		bool is_default;
		unsigned statuses;
		const char *ids;
	} t[] = {
		{ "loa", -1, NULL, false, 0, "SK4 SK3 SK2 SK1 BH1" },
		{ "loa", -1, "mô hình", false, 0, "SK2" },
		{ "loa", -1, "giải pháp", true, 0, "SK3 SK1" },
		{ "loa", -1, "giải pháp", false, 0, "SK3" },
		{ "loa", ITEM_LESSON, "bài học", false, 0, "SK4 BH1" }, /* either the kind or the type */
		{ "", ITEM_LESSON, "bài học", false, 0, "SK4 BH1" },
		{ "", -1, "mô hình", false, 0, "SK2" },
		{ "loa", -1, NULL, false, 1u << ITEM_WAITING, "SK4" },
		{ "", -1, NULL, false, 1u << ITEM_WAITING | 1u << ITEM_DRAFT, "SK4" },
		{ "loa", -1, NULL, false, 1u << ITEM_APPROVED, "SK3 SK2 SK1 BH1" },
		{ "loa", -1, NULL, false, 1u << ITEM_REJECTED, "" },
	};
	static const char *const types[] = { NULL, "mô hình", "giải pháp", "bài học" };
	struct fixture f;
	g_autoptr(item_t) lesson = draft_new("Loa", "Bài học", NULL, NULL, ITEM_APPROVED);

	fixture_open(&f);
	lesson->kind = ITEM_LESSON;
	g_assert_cmpint(store_item_add(f.db, lesson, NULL, NOW, NULL), ==, STORE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		g_autoptr(item_t) item = draft_new("Loa", "Phát tin", NULL, f.lan, i == 3 ? ITEM_WAITING : ITEM_APPROVED);

		item->type = g_strdup(types[i]);
		g_assert_cmpint(store_item_add(f.db, item, f.lan, NOW, NULL), ==, STORE_OK);
	}
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct search_query q = { .text = t[i].text, .kind = t[i].kind, .type = t[i].type, .type_is_default = t[i].is_default,
						.statuses = t[i].statuses, .limit = 9, .viewer = f.moderator };
		g_autoptr(GPtrArray) hits = store_search(f.db, f.registry, &q, NULL, NULL);
		g_autofree char *ids = ids_of(hits);

		g_test_message("%zu", i);
		g_assert_cmpstr(ids, ==, t[i].ids);
	}
	fixture_close(&f);
}

static void test_a_search_out_of_time_says_so(void)
{
	const struct search_query q = { .text = "đài truyền thanh", .kind = -1, .limit = 9 };
	struct search_note note;
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	g_setenv("CDSBOT_TEST_SEARCH_US", "0", TRUE);
	{
		g_autoptr(GPtrArray) hits = store_search(f.db, f.registry, &q, &note, NULL);

		g_assert_true(note.is_partial);
		g_assert_cmpuint(hits->len, >, 0); /* what the first word gave */
		search_note_clear(&note);
	}
	g_setenv("CDSBOT_TEST_SEARCH_US", "60000000", TRUE);
	{
		g_autoptr(GPtrArray) hits = store_search(f.db, f.registry, &q, &note, NULL);

		g_assert_false(note.is_partial);
		g_assert_null(note.meant);
		search_note_clear(&note);
	}
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/fold", test_fold_makes_one_token_of_all_spellings);
	g_test_add_func("/search/fold-places", test_fold_remembers_where_words_stood);
	g_test_add_func("/search/query", test_query_expressions_hold_quoted_tokens_alone);
	g_test_add_func("/search/quotation-alone", test_a_quotation_alone_is_known);
	g_test_add_func("/search/domain", test_queries_of_the_domain);
	g_test_add_func("/search/abbreviations", test_abbreviations_work_both_ways);
	g_test_add_func("/search/title", test_no_word_of_the_title_weighs_less_than_one_of_the_body);
	g_test_add_func("/search/marks", test_marks_as_typed_break_ties);
	g_test_add_func("/search/some-words", test_some_words_are_enough_when_not_all_are_there);
	g_test_add_func("/search/any-bytes", test_any_bytes_are_harmless);
	g_test_add_func("/search/nothing", test_nothing_searchable_finds_nothing);
	g_test_add_func("/search/filters", test_filters);
	g_test_add_func("/search/filters-come-before-limits", test_filters_come_before_the_limits);
	g_test_add_func("/search/end-of-long-text", test_the_end_of_a_long_text_is_found);
	g_test_add_func("/search/nearly-exact-titles", test_nearly_exact_titles_go_first);
	g_test_add_func("/search/quotes-and-minuses-bounded", test_quotes_and_minuses_are_bounded);
	g_test_add_func("/search/pages", test_pages_and_total);
	g_test_add_func("/search/visible", test_who_may_find_what);
	g_test_add_func("/search/contacts", test_contacts_are_not_searchable);
	g_test_add_func("/search/ties", test_of_equals_the_more_applied_then_the_newer_goes_first);
	g_test_add_func("/search/type-and-status", test_type_and_status_filters);
	g_test_add_func("/search/partial", test_a_search_out_of_time_says_so);
	return g_test_run();
}
