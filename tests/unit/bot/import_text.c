/* SPDX-License-Identifier: MIT */
/* Talk copied from other chat programs: header lines in their forms, what continues a message, and what is an initiative. */
#include <string.h>

#include "base/macros.h"
#include "bot/import_text.h"

static struct registry *load(void)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_autoptr(GError) error = NULL;
	struct registry *r = registry_load_csv(dir, &error);

	g_assert_no_error(error);
	registry_seal(r);
	return r;
}

static void test_header_lines(void)
{
	static const struct {
		const char *line, *sender, *date, *text; /* sender NULL: no header */
	} t[] = {
		{ "[10:15, 24/11/2026] Nguyễn Văn A: chào cả nhà", "Nguyễn Văn A", "2026-11-24", "chào cả nhà" },
		{ "[24/11/2026, 10:15:09] hoa nguyễn: ok", "hoa nguyễn", "2026-11-24", "ok" },
		{ "[24/11/26 10:15] Hoa: a: b", "Hoa", "2026-11-24", "a: b" },
		{ "[10:15] Hoa: ok", "Hoa", NULL, "ok" },
		{ "[10:15 24/11/2026] Hùng VHXH Yên Lương", "Hùng VHXH Yên Lương", "2026-11-24", "" },
		{ "24/11/2026, 10:15 - Nguyễn Văn A: xong", "Nguyễn Văn A", "2026-11-24", "xong" },
		{ "2026-11-24 10:15 – Trần B: xong", "Trần B", "2026-11-24", "xong" },
		{ "Nguyễn Văn A, [24.11.2026 10:15]", "Nguyễn Văn A", "2026-11-24", "" },
		{ "Nguyễn Văn A, 10:15", "Nguyễn Văn A", NULL, "" },
		{ "Nguyễn Văn A 10h15", "Nguyễn Văn A", NULL, "" },
		{ "Nguyễn Văn A:", "Nguyễn Văn A", NULL, "" },
		{ "[31/02/2026 10:15] Hoa: ok", "Hoa", NULL, "ok" },
		{ "Hôm nay, 10:15", NULL, NULL, NULL },
		{ "họp lúc 10:15", NULL, NULL, NULL },
		{ "Nội Dung:", NULL, NULL, NULL },
		{ "Hiệu quả:", NULL, NULL, NULL },
		{ "Lưu ý:", NULL, NULL, NULL },
		{ "Kết Quả:", NULL, NULL, NULL },
		{ "Hoa:", NULL, NULL, NULL },
		{ "[Hình ảnh]", NULL, NULL, NULL },
		{ "http://vd.vn:8080", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GArray) strays = NULL;
		g_autoptr(GPtrArray) m = import_text_split(t[i].line, &strays);
		const struct import_message *first = m->len ? m->pdata[0] : NULL;

		g_test_message("%s", t[i].line);
		g_assert_cmpstr(first ? first->sender : NULL, ==, t[i].sender);
		g_assert_cmpstr(first ? first->date : NULL, ==, t[i].date);
		g_assert_cmpstr(first ? first->text : NULL, ==, t[i].text);
	}
}

static void test_lines_between_headers_continue_the_message(void)
{
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) m = import_text_split("lời đầu\n\nNguyễn Văn A, 10:15\nmột\n\nhai\nhiệu quả: ba\n[10:16] Lan: bốn\n", &strays);
	const struct import_message *a, *b;
	g_autofree char *joined = import_text_joined(m);

	g_assert_cmpuint(m->len, ==, 2);
	a = m->pdata[0];
	b = m->pdata[1];
	g_assert_cmpstr(a->text, ==, "một\n\nhai\nhiệu quả: ba");
	g_assert_cmpuint(a->line, ==, 3);
	g_assert_cmpstr(b->text, ==, "bốn");
	g_assert_cmpuint(b->line, ==, 8);
	g_assert_cmpuint(strays->len, ==, 1);
	g_assert_cmpuint(g_array_index(strays, unsigned, 0), ==, 1);
	g_assert_null(import_text_sender(m));
	g_assert_cmpstr(joined, ==, "một\n\nhai\nhiệu quả: ba\nbốn");
}

/* Where the program that copied writes times, a line like "Thị Trấn Liễu Đề:" is no message of a person of that name. */
static void test_headers_with_times_make_bare_names_part_of_the_text(void)
{
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) m = import_text_split("[10:15, 24/11/2026] Nguyễn Văn A: Chợ 4.0\nThị Trấn Liễu Đề:\ndán mã ở từng quầy\n", &strays);
	const struct import_message *a;

	g_assert_cmpuint(m->len, ==, 1);
	a = m->pdata[0];
	g_assert_cmpstr(a->text, ==, "Chợ 4.0\nThị Trấn Liễu Đề:\ndán mã ở từng quầy");
}

#define LONG_BODY \
	"In mã theo từng nhóm thủ tục, dán ở bàn tiếp dân, người dân quét ra hướng dẫn và đường dẫn nộp hồ sơ trực tuyến. " \
	"Cán bộ không phải giải thích từng người, ai cũng làm theo được ngay tại chỗ, giảm hẳn thời gian chờ đợi."

static void test_what_is_an_initiative(void)
{
	static const struct {
		const char *text;
		enum import_text_what what;
		const char *title, *unit;
	} t[] = {
		{ "đã nhận ạ", IMPORT_TEXT_TALK, NULL, NULL },
		{ LONG_BODY, IMPORT_TEXT_TALK, NULL, NULL },
		{ "Dán mã QR ở bộ phận một cửa\n" LONG_BODY, IMPORT_TEXT_ITEM, "Dán mã QR ở bộ phận một cửa", NULL },
		{ "Dán mã QR\nND: in mã, dán ở bàn\nĐV: ubnd h. giao thuỷ", IMPORT_TEXT_ITEM, "Dán mã QR", "GIAOTHUY" },
		{ "Sáng kiến: Dán mã QR\nxã in mã, dán ở bàn", IMPORT_TEXT_ITEM, "Dán mã QR", NULL },
		{ "Mô hình: Chợ 4.0\ntiểu thương dán mã, khách quét", IMPORT_TEXT_ITEM, "Chợ 4.0", NULL },
		{ "/chiase Dán mã QR\nUBND huyện Vụ Bản in mã, dán ở bàn", IMPORT_TEXT_ITEM, "Dán mã QR", "VUBAN" },
		{ "nd: in mã, dán ở bàn", IMPORT_TEXT_NO_TITLE, NULL, NULL },
		{ "/c Dán mã QR", IMPORT_TEXT_NO_BODY, NULL, NULL },
		{ "Dán mã QR\nnd: căn cước 036099001234", IMPORT_TEXT_SENSITIVE, NULL, NULL },
		{ "MẬT\ncuộc họp", IMPORT_TEXT_SENSITIVE, NULL, NULL },
		{ "/t loa", IMPORT_TEXT_TALK, NULL, NULL },
	};
	g_autoptr(registry_t) r = load();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct import_message m = { .line = 1, .sender = (char *)"Nguyễn Văn A", .date = (char *)"2026-11-24", .text = (char *)t[i].text };
		g_autoptr(item_t) item = NULL, again = NULL;

		g_test_message("%s", t[i].text);
		g_assert_cmpint(import_text_item(&m, r, &item), ==, t[i].what);
		g_assert_cmpstr(item ? item->title : NULL, ==, t[i].title);
		g_assert_cmpstr(item ? item->unit : NULL, ==, t[i].unit);
		if (!item)
			continue;
		g_assert_cmpint(item->status, ==, ITEM_WAITING);
		g_assert_cmpstr(item_field_get(item, "tacgia"), ==, "Nguyễn Văn A");
		g_assert_cmpstr(item->source, ==, "chép từ nhóm khác");
		g_assert_cmpstr(item->date, ==, "2026-11-24");
		import_text_item(&m, r, &again);
		g_assert_cmpstr(again->ref, ==, item->ref);
		m.sender = (char *)"Trần B";
		g_clear_pointer(&again, item_free);
		import_text_item(&m, r, &again);
		g_assert_cmpstr(again->ref, !=, item->ref);
	}
}

static void test_a_text_that_names_two_units_names_none(void)
{
	g_autoptr(registry_t) r = load();

	g_assert_cmpstr(import_text_unit(r, "Xin chia sẻ từ UBND huyện Vụ Bản cách làm mới")->code, ==, "VUBAN");
	g_assert_null(import_text_unit(r, "UBND huyện Vụ Bản học UBND huyện Giao Thủy"));
	g_assert_null(import_text_unit(r, "không có đơn vị nào ở đây"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/import-text/header lines", test_header_lines);
	g_test_add_func("/import-text/lines between headers continue the message", test_lines_between_headers_continue_the_message);
	g_test_add_func("/import-text/with-times", test_headers_with_times_make_bare_names_part_of_the_text);
	g_test_add_func("/import-text/what is an initiative", test_what_is_an_initiative);
	g_test_add_func("/import-text/a text that names two units names none", test_a_text_that_names_two_units_names_none);
	return g_test_run();
}
