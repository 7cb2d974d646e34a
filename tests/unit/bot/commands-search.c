/* SPDX-License-Identifier: MIT */
/* Searching and reading as typed in domain §5.3: what is found, what is offered instead, and who may read what. */
#include "commands-help.h"
#include "store/search/rebuild.h"
#include "store/search/search.h"

#define SHARE_TEXT "/c Chợ không tiền mặt\nthực trạng: khó\nnd: mỗi sạp dán một mã\nhq: nhanh\nlh: đ/c Lan, 0912 345 678"

static void open_dispatched(struct talk *t)
{
	talk_open(t);
	t->is_dispatched = true;
}

static void test_hits_are_numbered_and_a_number_opens_one(void)
{
	struct talk t;

	open_dispatched(&t);
	g_assert_cmpstr(talk_tell(&t, "lan", "/t dai truyen thanh thong minh"), ==,
			"2 kết quả cho “đài truyền thanh thông minh”:\n"
			"1. SK13 Kinh nghiệm xây dựng đài truyền thanh thông minh ở Trực Ninh\n"
			"2. DC4 UBND huyện Trực Ninh (địa chỉ đỏ)\n"
			"Gõ 1, 2 để xem.");
	assert_has(talk_tell(&t, "lan", "2"), "DC4 ");
	assert_has(talk_tell(&t, "lan", "1."), "SK13 ");
	/* The list stays open, and other things may be asked meanwhile. */
	assert_has(talk_tell(&t, "lan", "x9"), "SK9 ");
	talk_close(&t);
}

static void test_what_search_says(void)
{
	static const struct {
		const char *typed, *said;
	} cases[] = {
		{ "/t loa xa", "Chưa thấy nội dung phù hợp với “loa xa”. Thử: /t truyền thanh, hoặc /linhvuc để xem danh mục." },
		{ "/t dai truyen thanh nam: 2019", "theo năm 2019. Thử: /t truyền thanh thông minh, hoặc /linhvuc để xem danh mục." },
		{ "/t dv: truc ninh", "2 kết quả theo đơn vị UBND huyện Trực Ninh:\n1. " },
		{ "/t dv: truc ninh nam: 2019", "Chưa có nội dung nào theo đơn vị UBND huyện Trực Ninh, năm 2019." },
		{ "/t loa dv: truc", "Chưa rõ đơn vị “truc” sau dv:. Gần nhất: UBND huyện Trực Ninh; UBND huyện Nam Trực. Danh mục: /donvi <từ trong tên>. Ví dụ: /t loa dv: " },
		{ "/t dv: zzzzz", "Chưa rõ đơn vị “zzzzz” sau dv:. Danh mục: /donvi <từ trong tên>. Ví dụ: /t dv: Vụ Bản" },
		{ "/t loa lv: chăn trâu trên mây", "Danh mục: /linhvuc. Ví dụ: /t loa lv: " },
		{ "/t loa lv: dich vu nam: 23", "Chưa rõ lĩnh vực “dich vu” sau lv:. Gần nhất: Dịch vụ công trực tuyến và thủ tục hành chính; " },
		{ "/t loa lv: dich vu nam: 23", " Ví dụ: /t loa lv: Dịch vụ công trực tuyến và thủ tục hành chính nam: 2023\nĐã hiểu: năm 2023." },
		{ "/t loa dv:", "Chưa có đơn vị sau dv:. Danh mục: /donvi <từ trong tên>. Ví dụ: /t loa dv: Vụ Bản" },
		{ "/t loai: xyz", "Chưa rõ loại “xyz” sau loai:. Có: giải pháp, sáng kiến, " },
		{ "/t tt: xyz", "Chưa rõ tình trạng “xyz” sau tt:. Có: đã duyệt, chờ duyệt, " },
		{ "/t tt: đã rút", "Mục đã rút không có trong tìm kiếm; đọc theo số, ví dụ: /x SK13" },
		{ "/t loa nam: 20a", "“loa nam: 20a”" },
		{ "/t nam: 20a", "Chưa rõ năm “20a” sau nam:. Năm có bốn chữ số. Ví dụ: /t nam: 2023" },
		{ "/t dv: truc ninh nam:", "Chưa có năm sau nam:. Năm có bốn chữ số. Ví dụ: /t nam: 2023 dv: UBND huyện Trực Ninh\nĐã hiểu: đơn vị UBND huyện Trực Ninh." },
		{ "/t Chuyển đổi số ở Việt Nam: cơ hội và thách thức", "“Chuyển đổi số ở Việt Nam: cơ hội và thách thức”" },
		{ "/t Hà Nam: 5 bài học", "“Hà Nam: 5 bài học”" },
		{ "/t dv: truc ninh, loa nam: 23", "“loa” theo đơn vị UBND huyện Trực Ninh, năm 2023" },
		{ "/t dv: truc ninh loa thong minh lv: abc", "Ví dụ: /t loa thong minh lv: dịch vụ công dv: UBND huyện Trực Ninh" },
		{ "/t SK13 nam: 2019", "Chưa thấy nội dung phù hợp với “SK13” theo năm 2019." },
		{ "/t SK13 nam: 2019", "Không kể bộ lọc thì có kết quả: /t SK13" },
		{ "/t 13 dv: vu ban", "Chưa thấy nội dung phù hợp với “13” theo đơn vị UBND huyện Vụ Bản." },
		{ "/t SK13 dv: truc ninh", "1 kết quả cho “SK13” theo đơn vị UBND huyện Trực Ninh:\n1. SK13 " },
		{ "/t SK13 loai: bai hoc", "Chưa thấy nội dung phù hợp với “SK13” theo loại bài học." },
		{ "/t dv: truc ninh loa truyen thanh", "“loa truyen thanh” theo đơn vị UBND huyện Trực Ninh" },
		{ "/t loai: dia chi do dai truyen thanh", "1 kết quả cho “đài truyền thanh” theo loại địa chỉ đỏ:\n1. DC4 " },
		{ "/t Loại: GIẢI PHÁP, đài truyền thanh", "1 kết quả cho “đài truyền thanh” theo loại giải pháp:\n1. SK13 " },
		{ "/t hinh thuc: sk đài truyen thanh", "1 kết quả cho “đài truyền thanh” theo loại sáng kiến:\n1. SK13 " },
		{ "/t dai truyen thanh tt: da duyet", "2 kết quả cho “đài truyền thanh” theo tình trạng đã duyệt:\n1. SK13 " },
		{ "/t tt: chờ duyệt", "Mục chưa duyệt chỉ tác giả, đầu mối đơn vị và bộ phận thường trực tìm được." },
		{ "/t google map dv: truc ninh", "Không kể bộ lọc thì có kết quả: /t google map" },
		{ "/t", "Chưa đủ thông tin cho lệnh /tim.\nCách gõ: /t <từ khóa>" },
		{ "/t \"AND NOT *", "Chưa thấy nội dung phù hợp" },
		/* A minus at the beginning is none of the signs that set the command apart. */
		{ "/t -covid tuyên truyền", "3 kết quả cho “-covid tuyên truyền”:\n1. SK10 " },
		{ "/t - dai truyen thanh", "2 kết quả cho “đài truyền thanh”:\n1. SK13 " },
		{ "/t zalo -dv: truc ninh", "Dấu trừ chỉ bỏ bớt được từ, chưa bỏ bớt được theo bộ lọc." },
		/* What was typed with marks is said so, and no page of it. */
		{ "/t đai truyen thanh", " kết quả cho “đai truyen thanh”" },
		{ "/t truyen thanh zalo thong minh dai truyen thanh thong minh truc ninh nam dinh huyen nghia hung giao thuy", "truc ninh nam dinh…”. " },
		{ "/t daitruyenthanh", "2 kết quả cho “đài truyền thanh” (đồng chí gõ “daitruyenthanh”):\n1. SK13 " },
		/* How it is asked for is not looked for. */
		{ "/t có sáng kiến nào về đài truyền thanh không?", "2 kết quả cho “" },
		{ "/t co mo hinh nao ve dai truyen thanh khong", "2 kết quả cho “" },
		{ "/t tìm giúp tôi kinh nghiệm về đài truyền thanh ạ", "2 kết quả cho “" },
		{ "/t đơn vị nào làm đài truyền thanh", "2 kết quả cho “" },
		{ "/t giải pháp vé tháng", "Chưa" }, /* no "về" */
		{ "/t giai phap ve sinh", "Chưa" },
		{ "/t dia chi do truyen thanh", "1 kết quả cho “dia chi do truyen thanh”:\n1. DC4 " },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "moi", cases[n].typed), cases[n].said);
	g_assert_cmpstr(talk_tell(&t, "moi", "/t nam: 7"), ==, "Chưa rõ năm “7” sau nam:. Năm có bốn chữ số. Ví dụ: /t nam: 2023");
	talk_close(&t);
}

static void test_what_found_nothing_is_not_offered(void)
{
	struct talk t;

	open_dispatched(&t);
	registry_unref(t.registry);
	t.registry = registry_new();
	registry_add_field(t.registry, "ke-toan", "Kế toán", "CQS", "kế toán;ke toan");
	registry_seal(t.registry);
	assert_has(talk_tell(&t, "moi", "/t ke toan"), "Chưa thấy nội dung phù hợp với “ke toan”. Gõ /linhvuc để xem danh mục.");
	assert_has(talk_tell(&t, "moi", "/t ke toan quy"), "Chưa thấy nội dung phù hợp với “ke toan quy”. Gõ /linhvuc để xem danh mục.");
	talk_close(&t);
}

/* A name of a field that no item has written: other names of it, and what is filed under it. */
static void test_names_of_fields_are_offered(void)
{
	struct talk t;

	open_dispatched(&t);
	g_assert_cmpstr(talk_tell(&t, "moi", "/t loa phuong"), ==,
			"Chưa thấy nội dung phù hợp với “loa phuong”. Thử: /t đài truyền thanh, hoặc /linhvuc để xem danh mục.\n"
			"Ý đồng chí là “lv: loa phuong”? Trả lời 1 để tìm.");
	assert_has(talk_tell(&t, "moi", "1"), " kết quả theo lĩnh vực Truyền thanh thông minh và thông tin cơ sở:\n1. ");
	assert_has(talk_tell(&t, "moi", "/t loa phuong nam: 2019"), "theo năm 2019");
	g_assert_null(strstr(talk_said(&t, REPLY_PRIVATE), "Ý đồng chí"));
	talk_close(&t);
}

/* "6" of five, "1, 2": no search and no riddle. */
static void test_other_numbers_are_answered(void)
{
	static const char *const numbers[] = { "3", "0", "1, 2", "1 và 2", "1 2", "99." };
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "lan", "/t dai truyen thanh");
	for (size_t n = 0; n < ARRAY_SIZE(numbers); n++)
		g_assert_cmpstr(talk_tell(&t, "lan", numbers[n]), ==, "Danh sách đánh số từ 1 đến 2. Đồng chí gõ mỗi lần một số, ví dụ: 1");
	assert_has(talk_tell(&t, "lan", "2"), "DC4 ");
	talk_tell(&t, "lan", "/t google map");
	g_assert_cmpstr(talk_tell(&t, "lan", "2"), ==, "Danh sách chỉ có một mục. Gõ 1 để xem.");
	g_assert_null(strstr(talk_tell(&t, "lan", "0912345678"), "Danh sách"));
	g_assert_null(strstr(talk_tell(&t, "lan", "091 234 567"), "Danh sách"));
	g_assert_null(strstr(talk_tell(&t, "lan", "15.000"), "Danh sách"));
	talk_close(&t);
}

static void test_several_ids(void)
{
	static const struct {
		const char *typed, *said;
	} cases[] = {
		{ "/t SK13, SK12", "2 kết quả cho “SK13, SK12”:\n1. SK13 " },
		{ "/t sk12 và sk12", "1 kết quả cho “sk12 và sk12”:\n1. SK12 " },
		{ "/t cho tôi xem SK13", "1. SK13 " },
		{ "SK13, SK12 và DC4", "SK13 Kinh nghiệm" },
		{ "#13, #12", "\nĐọc tiếp: /x SK12" },
		{ "SK13, 12", "\nĐọc tiếp: /x SK12" },
		{ "SK13, SK12 và DC4", "\nĐọc tiếp: /x SK12, DC4" },
		{ "/t SK13 sk013", "1 kết quả cho “" },
		{ "/x 13 12", "SK13 chỉ có 1 trang." }, /* the second one is a page */
		{ "/x 13, 12", "\nĐọc tiếp: /x SK12" },
		{ "/x 13 và 12", "\nĐọc tiếp: /x SK12" },
		{ "sk999, sk13", "Đọc tiếp: /x SK13" },
		{ "và SK12", "chưa hiểu" },
		{ "/x sk13 sk12", "\nĐọc tiếp: /x SK12" },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "lan", cases[n].typed), cases[n].said);
	g_assert_null(strstr(talk_tell(&t, "lan", "SK13"), "Đọc tiếp"));
	talk_close(&t);
}

/* The bold stretches of the last answer, joined by "|". */
static char *bold_of(struct talk *t)
{
	GString *s = g_string_new(NULL);

	for (guint n = 0; n < t->out.replies->len; n++) {
		const struct reply *r = g_ptr_array_index(t->out.replies, n);

		for (guint i = 0; r->spans && i < r->spans->len; i++) {
			const struct span *span = &g_array_index(r->spans, struct span, i);

			g_assert_cmpuint(span->start + span->len, <=, strlen(r->text));
			g_string_append_printf(s, "%s%.*s", s->len ? "|" : "", (int)span->len, r->text + span->start);
		}
	}
	return g_string_free(s, FALSE);
}

static void test_found_words_are_bold(void)
{
	static const struct {
		const char *typed, *bold;
	} cases[] = {
		{ "/t dai truyen thanh", "đài truyền thanh" }, /* DC4 shows its unit, not its title */
		{ "/t quet ma qr thu tuc", "Quét mã QR|thủ tục" },
		{ "/t ddon giarn hoas quy trinhf", "đơn giản hóa quy trình|đơn giản hóa quy trình" }, /* not the "đơn" of "đơn vị": "đon" was typed */
		{ "/t dv: truc ninh", "" },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		g_autofree char *bold = NULL;

		talk_tell(&t, "lan", cases[n].typed);
		bold = bold_of(&t);
		g_assert_cmpstr(bold, ==, cases[n].bold);
	}
	talk_close(&t);
}

static void test_what_was_mended_is_said(void)
{
	static const struct {
		const char *typed, *said;
	} cases[] = {
		{ "/t ddaif truyeenf thanh", "2 kết quả cho “đài truyền thanh” (đồng chí gõ “ddaif truyeenf thanh”):\n1. SK13 " },
		{ "/t d9a2i truye6n2 thanh", "2 kết quả cho “đài truyền thanh” (đồng chí gõ “d9a2i truye6n2 thanh”):" },
		{ "/t storge aera", "1 kết quả cho “storage aera” (đồng chí gõ “storge aera”):\n1. SK6 " },
		{ "/t đài truyền thanh", "2 kết quả cho “đài truyền thanh”:" },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "lan", cases[n].typed), cases[n].said);
	talk_close(&t);
}

static void test_near_queries_are_offered_and_run(void)
{
	struct talk t;

	open_dispatched(&t);
	/* Something is there, not all of it: the hits keep the numbers. */
	assert_has(talk_tell(&t, "lan", "/t dai tuyen thanh"), "Ý đồng chí là “đài truyền thanh”? Gõ: /t đài truyền thanh");
	assert_has(talk_tell(&t, "lan", "đúng rồi"), "2 kết quả cho “đài truyền thanh”:");
	/* One that is not the best has all words: to say that none has would be false, and nothing needs to be put right. */
	assert_has(talk_tell(&t, "lan", "/t dai chuyen thanh thong minh"), "2 kết quả cho “");
	g_assert_null(strstr(talk_said(&t, REPLY_PRIVATE), "Ý đồng chí"));
	/* Nothing is there: a number runs it. */
	assert_has(talk_tell(&t, "lan", "/t storge area"), "Ý đồng chí là “storage aera”? Trả lời 1 để tìm.");
	assert_has(talk_tell(&t, "lan", "1"), "1 kết quả cho “storage aera”:\n1. SK6 ");
	assert_has(talk_tell(&t, "lan", "/t storge area"), "Trả lời 1 để tìm.");
	g_assert_cmpstr(talk_tell(&t, "lan", "không"), ==, "Vâng. Đồng chí thử từ khác, hoặc /linhvuc để xem danh mục.");
	/* Nothing near, and nothing wrong. */
	g_assert_null(strstr(talk_tell(&t, "lan", "/t loa xa"), "Ý đồng chí"));
	g_assert_null(strstr(talk_tell(&t, "lan", "/t dai truyen thanh"), "Ý đồng chí"));
	talk_close(&t);
}

static void test_pages_go_on_and_numbers_too(void)
{
	struct talk t;
	const char *said;

	open_dispatched(&t);
	g_assert_cmpstr(talk_tell(&t, "lan", "/tiep"), ==, "Chưa có gì để xem tiếp. Đồng chí tìm trước, ví dụ: /t đài truyền thanh");
	said = talk_tell(&t, "lan", "/t nam dinh loai: sang kien");
	assert_has(said, "13 kết quả cho “nam định” theo loại sáng kiến:\n1. SK");
	assert_has(said, "Gõ 1, 2, 3, 4, 5 để xem; còn 8 kết quả, gõ /tiep để xem tiếp hoặc gõ thêm từ để thu hẹp.");
	/* Looking at one does not lose the place; nor does another command. */
	assert_has(talk_tell(&t, "lan", "1"), "SK");
	talk_tell(&t, "lan", "/h");
	said = talk_tell(&t, "lan", "tiếp");
	assert_has(said, "Kết quả 6–10 trong 13 cho “nam định” theo loại sáng kiến:\n6. SK");
	assert_has(said, "Gõ 6, 7, 8, 9, 10 để xem; còn 3 kết quả");
	said = talk_tell(&t, "lan", "/xem tiếp ạ");
	assert_has(said, "Kết quả 11–13 trong 13 cho");
	assert_has(said, "Gõ 11, 12, 13 để xem. Đã hết kết quả.");
	assert_has(talk_tell(&t, "lan", "12"), "SK");
	assert_has(talk_tell(&t, "lan", "2"), "SK"); /* the first page's numbers are still good */
	assert_has(talk_tell(&t, "lan", "/tiep"), "Đã hết kết quả cho “nam dinh loai: sáng kiến”.");
	/* Everybody has his own. */
	assert_has(talk_tell(&t, "nam", "/tiep"), "Chưa có gì để xem tiếp.");
	/* A new search is a new place; so is the next page of a long item. */
	talk_tell(&t, "lan", "/t dai truyen thanh");
	assert_has(talk_tell(&t, "lan", "/tiep"), "Đã hết kết quả cho “dai truyen thanh”.");
	talk_close(&t);
}

/* Adds the ids of the hits on a page. False: one of them was there before. */
static bool page_see(GHashTable *seen, const char *said)
{
	g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
	bool is_new = true;

	for (char **line = lines; *line; line++) {
		const char *id = strstr(*line, ". SK");

		if (id && g_ascii_isdigit(**line))
			is_new = g_hash_table_add(seen, g_strndup(id + 2, strcspn(id + 2, " "))) && is_new;
	}
	return is_new;
}

/* The pages from the second on, to the end: none shows a hit again, none is empty. Returns how many hits were seen on all pages. */
static guint pages_see(struct talk *t, GHashTable *seen)
{
	guint n;

	do {
		n = g_hash_table_size(seen);
		g_assert_true(page_see(seen, talk_tell(t, "lan", "/tiep")));
	} while (g_hash_table_size(seen) > n);
	assert_has(talk_said(t, REPLY_PRIVATE), "Đã hết kết quả cho “");
	return n;
}

static void approve_new(struct talk *t, unsigned number)
{
	static const char *const subjects[] = { "Chợ", "Loa", "Trường", "Trạm y tế", "Ruộng", "Bến xe" };
	g_autofree char *text = g_strdup_printf("/c %s thông minh\nnd: cách làm", subjects[number % ARRAY_SIZE(subjects)]);
	g_autofree char *decision = g_strdup_printf("/ok %u", number);

	talk_tell(t, "ha", text);
	talk_tell(t, "ha", decision);
}

static void test_newer_items_between_pages(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct talk t;
	const char *said;

	open_dispatched(&t);
	g_assert_true(page_see(seen, talk_tell(&t, "lan", "/t loai: sang kien")));
	for (unsigned n = 14; n < 20; n++)
		approve_new(&t, n);
	said = talk_tell(&t, "lan", "/tiep");
	assert_has(said, "Kết quả 6–10 trong 19 theo loại sáng kiến:\n6. SK");
	assert_has(said, "còn 9 kết quả, gõ /tiep");
	g_assert_true(page_see(seen, said));
	g_assert_cmpuint(pages_see(&t, seen), ==, 19);
	talk_close(&t);
}

static void test_items_withdrawn_between_pages(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct talk t;
	const char *said;

	open_dispatched(&t);
	g_assert_true(page_see(seen, talk_tell(&t, "lan", "/t loai: sang kien")));
	g_assert_true(g_hash_table_contains(seen, "SK13") && g_hash_table_contains(seen, "SK11"));
	talk_tell(&t, "ha", "/rut 13 sai số liệu");
	talk_tell(&t, "ha", "/rut 11 sai số liệu");
	said = talk_tell(&t, "lan", "/tiep");
	assert_has(said, "Kết quả 6–10 trong 13 theo loại sáng kiến:\n6. SK8 ");
	g_assert_true(page_see(seen, said));
	g_assert_cmpuint(pages_see(&t, seen), ==, 13);
	talk_close(&t);
}

/* What was not seen is withdrawn, so that the next page is empty; and all but `left` of what was. */
static void withdraw_but(struct talk *t, GHashTable *seen, unsigned left)
{
	unsigned n_left = 0;

	for (unsigned n = 1; n <= 13; n++) {
		g_autofree char *id = g_strdup_printf("SK%u", n), *line = g_strdup_printf("/rut %u sai số liệu", n);

		if (!g_hash_table_contains(seen, id) || n_left++ >= left)
			talk_tell(t, "ha", line);
	}
}

static void test_partial_page_is_not_the_end(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct talk t;

	open_dispatched(&t);
	page_see(seen, talk_tell(&t, "lan", "/t nam dinh loai: sang kien"));
	/* With so few left that have the two words side by side, it is asked for what has them apart as well, if there is time. */
	withdraw_but(&t, seen, 2);
	g_setenv("CDSBOT_TEST_SEARCH_US", "1", TRUE);
	g_assert_cmpstr(talk_tell(&t, "lan", "/tiep"), ==,
			"Kết quả chưa đầy đủ vì tìm quá lâu; gõ thêm từ hoặc bộ lọc (dv:, lv:, nam:) để thu hẹp.");
	g_setenv("CDSBOT_TEST_SEARCH_US", "60000000", TRUE);
	assert_has(talk_tell(&t, "lan", "/tiep"), "Đã hết kết quả cho “nam dinh loai: sáng kiến”.");
	talk_close(&t);
}

/* Approved items of a year that nothing else is from. */
static void many_put(struct talk *t, int n)
{
	struct db_stmt *st = db_prepare(t->db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
					       " INSERT INTO item (kind, number, title, body, status, created_ms, touched_ms, year, version)"
					       " SELECT $2, 1000 + i, 'Mục ' || i, 'Cách làm', $3, 1, 1, 2031, 1 FROM n");

	db_bind_int64(st, 1, n);
	db_bind_int64(st, 2, ITEM_INITIATIVE);
	db_bind_int64(st, 3, ITEM_APPROVED);
	g_assert_true(db_run(st, NULL));
}

static void test_many_are_not_counted_exactly(void)
{
	struct talk t;
	const char *said;

	open_dispatched(&t);
	many_put(&t, SEARCH_COUNT_MAX + 5);
	said = talk_tell(&t, "lan", "/t nam: 2031");
	assert_has(said, "hơn 1000 kết quả theo năm 2031:");
	assert_has(said, "còn hơn 995 kết quả");
	assert_has(talk_tell(&t, "lan", "/tiep"), "còn hơn 990 kết quả");
	talk_group(&t, "lan", "/t nam: 2031");
	assert_has(talk_said(&t, REPLY_LINE_IF_CLOSED), "hơn 999 kết quả khác");
	talk_close(&t);
}

static void test_next_page_in_a_group(void)
{
	struct talk t;
	const char *line;

	open_dispatched(&t);
	talk_group(&t, "lan", "/t nam dinh");
	assert_has(talk_said(&t, REPLY_LINE_IF_CLOSED), "kết quả khác; nhắn riêng /t nam dinh");
	g_assert_cmpstr(talk_group(&t, "lan", "/tiep"), ==, "");
	line = talk_said(&t, REPLY_LINE_IF_CLOSED);
	assert_has(line, "kết quả khác; nhắn riêng /t nam dinh");
	g_assert_cmpuint(text_len(line, TEXT_CODE_POINTS), <=, CMD_LINE_MAX);
	assert_has(talk_said(&t, REPLY_PRIVATE), "Kết quả 6–10 trong ");
	talk_close(&t);
}

static void test_next_page_of_an_item(void)
{
	struct talk t;
	g_autoptr(GString) text = g_string_new("/c Văn bản dài\nnd: ");

	open_dispatched(&t);
	for (unsigned n = 0; text->len < 5000; n++)
		g_string_append_printf(text, "Câu thứ %u của một văn bản khá dài. ", n);
	talk_tell(&t, "lan", text->str);
	assert_has(talk_tell(&t, "lan", "/x 14"), "Gõ /x SK14 2 để đọc tiếp.");
	assert_has(talk_tell(&t, "lan", "/tiep"), "Gõ /x SK14 3 để đọc tiếp.");
	for (unsigned n = 0; n < 4; n++)
		talk_tell(&t, "lan", "/tiep");
	assert_has(talk_said(&t, REPLY_PRIVATE), "SK14 chỉ có ");
	talk_close(&t);
}

static void test_an_id_is_read_at_once(void)
{
	static const char *const typed[] = { "/t SK9", "/t sk 9", "/t SK-009", "/t #9", "/t số 9" };
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(typed); n++)
		g_assert_true(g_str_has_prefix(talk_tell(&t, "lan", typed[n]), "SK9 Quét mã QR-Code"));
	assert_has(talk_tell(&t, "lan", "/t SK130"), "Không có SK130. Đồng chí muốn xem SK13?");
	assert_has(talk_tell(&t, "lan", "/t 9"), "1 kết quả cho “9”:\n1. SK9 ");
	assert_has(talk_tell(&t, "lan", "/t TB7"), "TB7");
	talk_close(&t);
}

static void test_a_partial_answer_says_so(void)
{
	struct talk t;
	const char *said;

	open_dispatched(&t);
	g_setenv("CDSBOT_TEST_SEARCH_US", "1", TRUE);
	said = talk_tell(&t, "lan", "/t dai truyen thanh");
	assert_has(said, "SK13 ");
	assert_has(said, "Kết quả chưa đầy đủ vì tìm quá lâu; gõ thêm từ hoặc bộ lọc (dv:, lv:, nam:) để thu hẹp.");
	g_setenv("CDSBOT_TEST_SEARCH_US", "60000000", TRUE);
	g_assert_null(strstr(talk_tell(&t, "lan", "/t dai truyen thanh"), "chưa đầy đủ"));
	talk_close(&t);
}

#define REBUILDING "Kho đang được sắp xếp lại, kết quả có thể còn thiếu; đồng chí tìm lại sau ít phút nhé."

static void index_set(struct talk *t, const char *what)
{
	g_autofree char *sql = g_strconcat("UPDATE search_state SET ", what, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(db_run(db_prepare(t->db, sql), &error));
	g_assert_no_error(error);
}

/* Only where the index that is asked lacks something, not while another one is built beside a good one; and of what needs no index, nothing. */
static void test_an_index_that_lacks_something_says_so(void)
{
	static const struct {
		const char *state;
		bool is_told;
	} t_state[] = {
		{ "tokenizer = 0, phase = 1", true },
		{ "tokenizer = 999, phase = 0", true },
		{ "tokenizer = 999, phase = 2", true },
		{ "register_now = register + 1", true },
		{ "phase = 2", false },
		{ "phase = 3", false },
		{ "phase = 0", false },
	};
	static const struct {
		const char *typed;
		bool asks_index;
	} t_typed[] = { { "/t dai truyen thanh", true }, { "/t loa xa", true }, { "/t dai dv: truc ninh", true }, { "/t dv: truc ninh", false },
			{ "/t SK13 dv: truc ninh", false } };

	for (size_t i = 0; i < ARRAY_SIZE(t_state); i++) {
		struct talk t;

		open_dispatched(&t);
		index_set(&t, t_state[i].state);
		for (size_t k = 0; k < ARRAY_SIZE(t_typed); k++) {
			const char *said = talk_tell(&t, "lan", t_typed[k].typed);

			g_test_message("%s: %s", t_state[i].state, t_typed[k].typed);
			g_assert_cmpint(strstr(said, REBUILDING) != NULL, ==, t_state[i].is_told && t_typed[k].asks_index);
		}
		(void)talk_group(&t, "lan", "/t loa xa");
		g_assert_cmpint(strcmp(talk_said(&t, REPLY_LINE_IF_CLOSED), REBUILDING) == 0, ==, t_state[i].is_told);
		talk_close(&t);
	}
}

static void test_the_end_of_an_index_that_lacks_something_is_not_the_end(void)
{
	struct rebuild_state s;
	struct talk t;

	open_dispatched(&t);
	index_set(&t, "tokenizer = 999");
	assert_has(talk_tell(&t, "lan", "/t dai truyen thanh"), "Gõ 1, 2 để xem.\n" REBUILDING);
	g_assert_cmpstr(talk_tell(&t, "lan", "/tiep"), ==, REBUILDING);
	do
		g_assert_true(rebuild_step(t.db, false, &s, NULL));
	while (s.is_wanted);
	assert_has(talk_tell(&t, "lan", "/tiep"), "Đã hết kết quả cho “dai truyen thanh”.");
	talk_close(&t);
}

static void test_group_gets_one_short_line_for_a_closed_private_chat(void)
{
	static const char *const typed[] = { "/t dai truyen thanh", "/t loa xa", "/x 13", "/h", "/t dv: truc ninh" };
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(typed); n++) {
		const char *line;

		g_assert_cmpstr(talk_group(&t, "lan", typed[n]), ==, "");
		line = talk_said(&t, REPLY_LINE_IF_CLOSED);
		g_assert_cmpuint(text_len(line, TEXT_CODE_POINTS), <=, CMD_LINE_MAX);
		g_assert_cmpstr(line, !=, "");
		g_assert_null(strchr(line, '\n'));
	}
	talk_close(&t);
}

static void test_looking_something_up_keeps_the_open_question(void)
{
	struct talk t;

	open_dispatched(&t);
	assert_has(talk_tell(&t, "lan", "/c Quét mã QR-Code để tra cứu thủ tục hành chính\nnd: in mã QR"), "Trả lời 1: bổ sung vào SK9");
	assert_has(talk_tell(&t, "lan", "/x SK9"), "SK9 ");
	talk_tell(&t, "lan", "/h");
	assert_has(talk_tell(&t, "lan", "2"), "SK14 là sáng kiến riêng");
	talk_close(&t);
}

static void test_hidden_items_are_neither_found_nor_read(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "lan", SHARE_TEXT);
	g_assert_null(strstr(talk_tell(&t, "nam", "/t chợ không tiền mặt"), "SK14"));
	g_assert_cmpstr(talk_tell(&t, "nam", "/x 14"), ==, "SK14 chưa được duyệt nên chỉ tác giả và bộ phận thường trực xem được.");
	assert_has(talk_tell(&t, "lan", "/x 14"), "• Tình trạng: đang chờ duyệt");
	talk_tell(&t, "ha", "/ok 14");
	assert_has(talk_tell(&t, "nam", "/t chợ không tiền mặt"), "SK14");
	/* Contacts are for members. */
	assert_has(talk_tell(&t, "nam", "/x 14"), "0912 345 678");
	g_assert_null(strstr(talk_tell(&t, "moi", "/x 14"), "0912"));
	talk_tell(&t, "ha", "/rut 14 sai số liệu");
	assert_has(talk_tell(&t, "nam", "/x 14"), "SK14 đã được rút nên chỉ tác giả và bộ phận thường trực xem được.");
	talk_close(&t);
}

static void test_mistyped_number_offers_the_one_that_was_meant(void)
{
	static const struct {
		const char *typed, *said;
	} cases[] = {
		{ "/x SK130", "Không có SK130. Đồng chí muốn xem SK13?" },
		{ "x213", "Không có SK213. Đồng chí muốn xem SK13?" },
		{ "/xem 31", "Không có SK31. Đồng chí muốn xem SK13?" },
		{ "/x SK99", "Không có SK99. Đồng chí kiểm tra lại số, hoặc tìm: /t <từ khóa>" },
		{ "/x NV3", "Chưa có NV3. Đọc được: " },
		{ "/x chợ quê", "“chợ quê” không phải số của mục nào. Đọc theo số: /x SK13; tìm theo từ khóa: /t chợ quê" },
		{ "/x SK13 7", "SK13 chỉ có 1 trang." },
		{ "/x", "Chưa đủ thông tin cho lệnh /xem." },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "lan", cases[n].typed), cases[n].said);
	talk_tell(&t, "lan", "/x SK130");
	assert_has(talk_tell(&t, "lan", "có ạ"), "SK13 Kinh nghiệm");
	talk_tell(&t, "lan", "/x SK130");
	assert_has(talk_tell(&t, "lan", "1"), "SK13 Kinh nghiệm");
	talk_tell(&t, "lan", "/x SK130");
	assert_has(talk_tell(&t, "lan", "không"), "Vâng.");
	talk_close(&t);
}

static void test_hidden_item_is_not_offered(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "lan", SHARE_TEXT);
	g_assert_null(strstr(talk_tell(&t, "nam", "/x 140"), "xem SK14?"));
	assert_has(talk_tell(&t, "lan", "/x 140"), "Đồng chí muốn xem SK14?");
	talk_close(&t);
}

static void test_reply_to_talk_that_is_no_item(void)
{
	struct talk t;

	open_dispatched(&t);
	t.next->reply_to_id = g_strdup("elsewhere");
	talk_message(&t, "lan", true, "/x");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Tin được trả lời chưa là mục nào. Lưu tin đó: trả lời (reply) nó rồi gõ /luu.");
	talk_close(&t);
}

static void test_long_item_is_read_page_by_page(void)
{
	struct talk t;
	g_autoptr(GString) text = g_string_new("/c Văn bản dài\nnd: ");
	const char *card;

	open_dispatched(&t);
	for (unsigned n = 0; text->len < 9000; n++)
		g_string_append_printf(text, "Câu thứ %u của một văn bản khá dài. ", n);
	talk_tell(&t, "lan", text->str);
	card = talk_tell(&t, "lan", "/x 14");
	g_assert_cmpuint(text_len(card, TEXT_CODE_POINTS), <=, 1800);
	g_assert_true(g_str_has_suffix(card, "Gõ /x SK14 2 để đọc tiếp."));
	assert_has(talk_tell(&t, "lan", "/x SK14 2"), "Gõ /x SK14 3 để đọc tiếp.");
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/a number opens a hit", test_hits_are_numbered_and_a_number_opens_one);
	g_test_add_func("/search/what it says", test_what_search_says);
	g_test_add_func("/search/names of fields", test_names_of_fields_are_offered);
	g_test_add_func("/search/other numbers", test_other_numbers_are_answered);
	g_test_add_func("/search/several ids", test_several_ids);
	g_test_add_func("/search/nothing again", test_what_found_nothing_is_not_offered);
	g_test_add_func("/search/found words are bold", test_found_words_are_bold);
	g_test_add_func("/search/what was mended is said", test_what_was_mended_is_said);
	g_test_add_func("/search/near queries", test_near_queries_are_offered_and_run);
	g_test_add_func("/search/pages", test_pages_go_on_and_numbers_too);
	g_test_add_func("/search/newer items between pages", test_newer_items_between_pages);
	g_test_add_func("/search/items withdrawn between pages", test_items_withdrawn_between_pages);
	g_test_add_func("/search/partial page", test_partial_page_is_not_the_end);
	g_test_add_func("/search/many", test_many_are_not_counted_exactly);
	g_test_add_func("/search/next page in a group", test_next_page_in_a_group);
	g_test_add_func("/search/next page of an item", test_next_page_of_an_item);
	g_test_add_func("/search/an id", test_an_id_is_read_at_once);
	g_test_add_func("/search/partial", test_a_partial_answer_says_so);
	g_test_add_func("/search/outdated", test_an_index_that_lacks_something_says_so);
	g_test_add_func("/search/outdated end", test_the_end_of_an_index_that_lacks_something_is_not_the_end);
	g_test_add_func("/search/one line in a group", test_group_gets_one_short_line_for_a_closed_private_chat);
	g_test_add_func("/search/looking up keeps the question", test_looking_something_up_keeps_the_open_question);
	g_test_add_func("/search/hidden items", test_hidden_items_are_neither_found_nor_read);
	g_test_add_func("/view/mistyped number", test_mistyped_number_offers_the_one_that_was_meant);
	g_test_add_func("/view/hidden item is not offered", test_hidden_item_is_not_offered);
	g_test_add_func("/view/reply to talk", test_reply_to_talk_that_is_no_item);
	g_test_add_func("/view/pages", test_long_item_is_read_page_by_page);
	return g_test_run();
}
