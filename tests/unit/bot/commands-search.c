/* SPDX-License-Identifier: MIT */
/* Searching and reading as typed in domain §5.3: what is found, what is offered instead, and who may read what. */
#include "commands-help.h"

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
		{ "/t loa nam: 20a", "Chưa rõ năm “20a” sau nam:. Năm có bốn chữ số. Ví dụ: /t loa nam: 2023" },
		{ "/t dv: truc ninh loa truyen thanh", "“loa truyen thanh” theo đơn vị UBND huyện Trực Ninh" },
		{ "/t loai: dia chi do dai truyen thanh", "1 kết quả cho “đài truyền thanh” theo loại địa chỉ đỏ:\n1. DC4 " },
		{ "/t Loại: GIẢI PHÁP, đài truyền thanh", "1 kết quả cho “đài truyền thanh” theo loại giải pháp:\n1. SK13 " },
		{ "/t hinh thuc: sk đài truyen thanh", "1 kết quả cho “đài truyền thanh” theo loại sáng kiến:\n1. SK13 " },
		{ "/t dai truyen thanh tt: da duyet", "2 kết quả cho “đài truyền thanh” theo tình trạng đã duyệt:\n1. SK13 " },
		{ "/t tt: chờ duyệt", "Mục chưa duyệt chỉ tác giả, đầu mối đơn vị và bộ phận thường trực tìm được." },
		{ "/t truyen thanh dv: vu ban", "Không kể bộ lọc thì có kết quả: /t truyen thanh" },
		{ "/t", "Chưa đủ thông tin cho lệnh /tim.\nCách gõ: /t <từ khóa>" },
		{ "/t \"AND NOT *", "Chưa thấy nội dung phù hợp" },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "moi", cases[n].typed), cases[n].said);
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
	g_test_add_func("/search/one line in a group", test_group_gets_one_short_line_for_a_closed_private_chat);
	g_test_add_func("/search/looking up keeps the question", test_looking_something_up_keeps_the_open_question);
	g_test_add_func("/search/hidden items", test_hidden_items_are_neither_found_nor_read);
	g_test_add_func("/view/mistyped number", test_mistyped_number_offers_the_one_that_was_meant);
	g_test_add_func("/view/hidden item is not offered", test_hidden_item_is_not_offered);
	g_test_add_func("/view/reply to talk", test_reply_to_talk_that_is_no_item);
	g_test_add_func("/view/pages", test_long_item_is_read_page_by_page);
	return g_test_run();
}
