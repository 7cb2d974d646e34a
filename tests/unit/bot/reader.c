/* SPDX-License-Identifier: MIT */
/* Tests of reading commands, ids, numbers and answers. The rows of domain §5.2 stand here whole, also those not built yet, so that
 * confusions between them show. */
#include <math.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/command.h"

static const struct command rows[] = {
	{ .name = "trogiup", .brief = "h", .words = "help huongdan giup menu ?", .flags = CMD_READS },
	{ .name = "dangky", .brief = "dk", .words = "thamgia gioithieu" },
	{ .name = "chiase", .brief = "c", .words = "cs gui sangkien guisk" },
	{ .name = "bosung", .brief = "s", .words = "bs sua capnhat themvao", .implied = "SK" },
	{ .name = "luu", .words = "ghinhan luulai" },
	{ .name = "tim", .brief = "t", .words = "timkiem tracuu kiem", .flags = CMD_READS },
	{ .name = "xem", .brief = "x", .words = "mo chitiet doc", .implied = "SK", .flags = CMD_READS },
	{ .name = "hoi", .words = "thacmac traloi", .implied = "SK" },
	{ .name = "apdung", .brief = "a", .words = "ad hoctap lamtheo thamkhao", .implied = "SK" },
	{ .name = "ketqua", .brief = "kq", .implied = "SK" },
	{ .name = "baihoc", .brief = "bh", .words = "tongket rutkinhnghiem" },
	{ .name = "diachido", .brief = "d", .words = "dcd diemsang guong", .flags = CMD_READS },
	{ .name = "thamquan", .brief = "tq", .words = "dentham hochoi", .implied = "DC" },
	{ .name = "cauchuyen", .brief = "cc", .words = "truyen t63 c63" },
	{ .name = "dangbai", .brief = "db", .words = "dangtai chialai", .implied = "CC" },
	{ .name = "chuyenmuc", .brief = "cm", .words = "trang cot" },
	{ .name = "nhiemvu", .brief = "n", .words = "nv giaoviec viec" },
	{ .name = "trienkhai", .words = "cachlam thuchien", .implied = "NV" },
	{ .name = "baocao", .brief = "b", .words = "bc xuatbaocao", .flags = CMD_READS },
	{ .name = "thongke", .brief = "k", .words = "solieu dem", .flags = CMD_READS },
	{ .name = "theodoi", .brief = "f", .words = "dangkynhan botheodoi" },
	{ .name = "bantin", .brief = "m", .words = "moi tinmoi", .flags = CMD_READS },
	{ .name = "thongbao", .brief = "tb", .words = "nhac", .flags = CMD_DECIDES },
	{ .name = "congnhan", .brief = "cn", .words = "neuguong khen", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "duyet", .brief = "ok", .words = "dongyduyet", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "tuchoi", .brief = "tc", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "yeucausua", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "xuatban", .brief = "xb", .words = "dangcong goxuong", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "rut", .words = "thuhoi xoabai", .implied = "SK", .flags = CMD_DECIDES },
	{ .name = "dulieu", .words = "dulieucuatoi xuatdulieu xoadulieu rutdongy" },
	{ .name = "donvi", .words = "dsdonvi", .flags = CMD_READS },
	{ .name = "linhvuc", .words = "dslinhvuc", .flags = CMD_READS },
	{ .name = "huy", .words = "thoi boqua" },
	{ .name = "tiep", .words = "xemtiep", .flags = CMD_READS },
	{ .name = "vaitro", .words = "phanquyen", .flags = CMD_DECIDES },
	{ .name = "nhom", .flags = CMD_DECIDES },
	{ .name = "nhanquyen", .flags = CMD_PRIVATE },
	{ .name = "lienket", .flags = CMD_PRIVATE },
};

static const struct command *table[ARRAY_SIZE(rows) + 1];

enum place { GROUP, PRIVATE, ADDRESSED, ASKED };

/* "chiase|args", "?word: a b" (unsure), "!word: a b" (unknown), "#args" (id), "-" (text), "" (empty); "~" before a corrected one.
 */
static char *read_as(const char *text, enum place place)
{
	struct reading r;
	GString *out = g_string_new(NULL);
	g_autofree char *clean = text_clean(text, strlen(text));

	reader_read(table, clean, place == PRIVATE || place == ASKED, place == ADDRESSED, place == ASKED, &r);
	g_assert_nonnull(r.args);
	switch (r.kind) {
	case READING_EMPTY:
		break;
	case READING_COMMAND:
		g_string_printf(out, "%s%s|%s", r.was_corrected ? "~" : "", r.command->name, r.args);
		break;
	case READING_UNSURE:
	case READING_UNKNOWN:
		g_string_printf(out, "%s%s:", r.kind == READING_UNSURE ? "?" : "!", r.word);
		for (guint i = 0; r.candidates && i < r.candidates->len; i++)
			g_string_append_printf(out, " %s", ((const struct command *)r.candidates->pdata[i])->name);
		break;
	case READING_ID:
		g_string_printf(out, "#%s", r.args);
		break;
	case READING_TEXT:
		g_string_append_c(out, '-');
		break;
	}
	reading_clear(&r);
	return g_string_free(out, FALSE);
}

struct reading_case {
	const char *in, *out;
};

static void assert_readings(const struct reading_case *t, size_t n, enum place place)
{
	for (size_t i = 0; i < n; i++) {
		g_autofree char *got = read_as(t[i].in, place);

		if (strcmp(got, t[i].out) != 0)
			g_test_message("read: %s", t[i].in);
		g_assert_cmpstr(got, ==, t[i].out);
	}
}

#define SHARE_BODY                                                                                                                 \
	"DV: ubnd h. giao thuỷ\nLV: dvctt\nThuc trang : dân phải hỏi cán bộ từng thủ tục, mất thời gian\n"     \
	"ND: in mã QR theo từng nhóm TTHC,\ndán ở bàn tiếp dân, quét ra hướng dẫn + link nộp hồ sơ\n"        \
	"hieu qua- đỡ mất thời gian chờ\nLH: đ/c Hoa"

/* Every message of domain §5.3 as typed there. */
static void test_examples_of_the_specification(void)
{
	static const struct reading_case t[] = {
		{ "/Chia se Dan ma QR tra cuu thu tuc o bo phan 1 cua\n" SHARE_BODY,
		  "chiase|Dan ma QR tra cuu thu tuc o bo phan 1 cua\n" SHARE_BODY },
		{ "/Chia se Dan ma QR tra cuu thu tuc o 1 cua\nDV: ubnd h. giao thuỷ\nND: in mã QR theo từng nhóm TTHC",
		  "chiase|Dan ma QR tra cuu thu tuc o 1 cua\nDV: ubnd h. giao thuỷ\nND: in mã QR theo từng nhóm TTHC" },
		{ "/dk <tên đơn vị>", "dangky|<tên đơn vị>" },
		{ "/huy", "huy|" },
		{ "/hoi SK14", "hoi|SK14" },
		{ "/luu", "luu|" },
		{ "/t dai truyen thanh", "tim|dai truyen thanh" },
		{ "/tim dai truyen thanh thong minh", "tim|dai truyen thanh thong minh" },
		{ "/t ma qr thu tuc", "tim|ma qr thu tuc" },
		{ "/t truyền thanh", "tim|truyền thanh" },
		{ "/linhvuc", "linhvuc|" },
		{ "/x sk 13", "xem|sk 13" },
		{ "/x SK13 2", "xem|SK13 2" },
		{ "/hoi sk13 mua loa cua hang nao, bao nhieu tien a", "hoi|sk13 mua loa cua hang nao, bao nhieu tien a" },
		{ "/a 12 ap dung o xa minh", "apdung|12 ap dung o xa minh" },
		{ "/s SK12", "bosung|SK12" },
		{ "/kq SK12 …", "ketqua|SK12 …" },
		{ "/kq 12 da lam 3 tuyen, 40 ho quet qr", "ketqua|12 da lam 3 tuyen, 40 ho quet qr" },
		{ "/bh quy 3\nket qua: 5 to cnscd\nbai hoc: phai co can bo tre",
		  "baihoc|quy 3\nket qua: 5 to cnscd\nbai hoc: phai co can bo tre" },
		{ "/bh tháng 9", "baihoc|tháng 9" },
		{ "/d truyen thanh", "diachido|truyen thanh" },
		{ "/tq DC4 <ngày> <số người>", "thamquan|DC4 <ngày> <số người>" },
		{ "/tq dc4 15/11 8 nguoi xem phong dieu khien", "thamquan|dc4 15/11 8 nguoi xem phong dieu khien" },
		{ "/cc https://c63.example/x\ntom tat: xã dùng zalo phát lịch tiêm",
		  "cauchuyen|https://c63.example/x\ntom tat: xã dùng zalo phát lịch tiêm" },
		{ "/db CC5 https://x.example", "dangbai|CC5 https://x.example" },
		{ "/db cc5 https://x.example", "dangbai|cc5 https://x.example" },
		{ "/x CC2", "xem|CC2" },
		{ "/cm vuban.namdinh.example/chuyen-doi-so", "chuyenmuc|vuban.namdinh.example/chuyen-doi-so" },
		{ "/cm thieu", "chuyenmuc|thieu" },
		{ "/n giao Moi xa 1 mo hinh thanh toan so\ndv: cac huyen, tp\nmuc tieu: 226 mo hinh\nhan: 15/12",
		  "nhiemvu|giao Moi xa 1 mo hinh thanh toan so\ndv: cac huyen, tp\nmuc tieu: 226 mo hinh\nhan: 15/12" },
		{ "/n", "nhiemvu|" },
		{ "/trienkhai nv3 moi xom 1 tuyen duong 4.0, doan tn phu trach\ntien do 60%",
		  "trienkhai|nv3 moi xom 1 tuyen duong 4.0, doan tn phu trach\ntien do 60%" },
		{ "/x NV3", "xem|NV3" },
		{ "/k quy 3 lv", "thongke|quy 3 lv" },
		{ "/k tháng 9", "thongke|tháng 9" },
		{ "/k 2023", "thongke|2023" },
		{ "/f lv dvc", "theodoi|lv dvc" },
		{ "/f bỏ dvc", "theodoi|bỏ dvc" },
		{ "/f dv vu ban", "theodoi|dv vu ban" },
		{ "/f", "theodoi|" },
		{ "/tb De nghi cac don vi gui so lieu CĐS\nden: cac huyen, tp\nhan: 16h30 thu 6",
		  "thongbao|De nghi cac don vi gui so lieu CĐS\nden: cac huyen, tp\nhan: 16h30 thu 6" },
		{ "/ok 14", "duyet|14" },
		{ "/tc SK14 thieu hieu qua", "tuchoi|SK14 thieu hieu qua" },
		{ "/yeucausua SK14 thieu hieu qua", "yeucausua|SK14 thieu hieu qua" },
		{ "/cn sk7 bo bo tttt", "congnhan|sk7 bo bo tttt" },
		{ "/cn SK7 văn bản …", "congnhan|SK7 văn bản …" },
		{ "/xb sk14", "xuatban|sk14" },
		{ "/xb go SK14 sai ten", "xuatban|go SK14 sai ten" },
		{ "/rut sk14 gui nham", "rut|sk14 gui nham" },
		{ "/rut SK14 hoàn", "rut|SK14 hoàn" },
		{ "/dulieu xoa", "dulieu|xoa" },
		{ "/h", "trogiup|" },
		{ "/cahi", "!cahi: chiase cauchuyen" },
		{ "/bc thang 9", "baocao|thang 9" },
		{ "/bantin", "bantin|" },
		{ "/m tuan", "bantin|tuan" },
		{ "/vaitro hoa Đ", "vaitro|hoa Đ" },
		{ "/nhom donvi vu ban", "nhom|donvi vu ban" },
		{ "/nhanquyen 7F3K-2M", "nhanquyen|7F3K-2M" },
	};
	static const struct reading_case in_private[] = {
		{ "dk ubnd h vu ban, can bo vhxh", "dangky|ubnd h vu ban, can bo vhxh" },
		{ "x13", "xem|13" },
		{ "kinh phi: 3tr in an\nnhan rong: xã nào cũng làm được", "-" },
		{ "nhân rộng: xã nào cũng làm được", "-" },
		{ "hiệu quả: đỡ chờ", "-" },
		{ "ĐỒNG Ý", "-" },
		{ "đã nhận", "-" },
		{ "1", "-" },
	};

	assert_readings(t, ARRAY_SIZE(t), GROUP);
	assert_readings(t, ARRAY_SIZE(t), PRIVATE);
	assert_readings(t, ARRAY_SIZE(t), ASKED);
	assert_readings(in_private, ARRAY_SIZE(in_private), PRIVATE);
}

static void test_marks_and_letters(void)
{
	static const struct reading_case t[] = {
		{ "/Chia sẻ Dán mã QR", "chiase|Dán mã QR" },
		{ "/ chiase Dán mã QR", "chiase|Dán mã QR" },
		{ "/chia_se Dán", "chiase|Dán" },
		{ "/chia-sẻ Dán", "chiase|Dán" },
		{ "\\chiase Dán", "chiase|Dán" },
		{ "／chiase Dán", "chiase|Dán" },
		{ "／ ｃｈｉａｓｅ Dán", "chiase|Dán" },
		{ "  \n/CHIA SẺ Dán", "chiase|Dán" },
		{ "/chia_se@cds_nd_bot Dán", "chiase|Dán" },
		{ "/t@cdsbot dai", "tim|dai" },
		{ "/chiase: Dán mã QR", "chiase|Dán mã QR" },
		{ "/chia sẻ - Dán mã QR", "chiase|Dán mã QR" },
		{ "/chiase\nDán mã QR\nND: x", "chiase|Dán mã QR\nND: x" },
		{ "/chia\xC2\xA0s\xE1\xBA\xBB Dán", "chiase|Dán" },
		{ "/chi\xE2\x80\x8B"
		  "ase Dán",
		  "chiase|Dán" },
		{ "/chia se\xCC\x89 Da\xCC\x81n", "chiase|Dán" },
		{ "/𝐜𝐡𝐢𝐚𝐬𝐞 Dán", "chiase|Dán" },
		{ "/𝓽𝓲𝓶 đài", "tim|đài" },
		{ "/ⓧ 13", "xem|13" },
		{ "/Đăng Ký ubnd", "dangky|ubnd" },
		{ "/đk ubnd", "dangky|ubnd" },
		{ "/?", "trogiup|" },
		{ "/tim kiem x", "tim|x" },
		{ "/tìm kiếm mã QR", "tim|mã QR" },
		{ "/tìm kiểm tra hồ sơ", "tim|kiểm tra hồ sơ" },
		{ "/tim kiem tra ho so", "tim|kiem tra ho so" },
		{ "/t kiem tra", "tim|kiem tra" },
		{ "/rut kinh nghiem quy 3", "baihoc|quy 3" },
		{ "/rút đồng ý", "dulieu|" },
		{ "/du lieu cua toi", "dulieu|" },
		{ "/dữ liệu xóa", "dulieu|xóa" },
		{ "/dong y duyet 14", "duyet|14" },
		{ "/tu choi SK14 thieu", "tuchoi|SK14 thieu" },
		{ "/dia chi do truyen thanh", "diachido|truyen thanh" },
		{ "/dang ky nhan tin", "theodoi|tin" },
		{ "/gui sk Dán mã", "chiase|Dán mã" },
		{ "/gui Dán mã", "chiase|Dán mã" },
		{ "/xem tiep", "tiep|" },
		{ "/don vi vu ban", "donvi|vu ban" },
		{ "/t63", "cauchuyen|" },
		/* The word never reaches over the line's end. */
		{ "/c\ns", "chiase|s" },
		{ "/t\nim", "tim|im" },
		/* No command marks. */
		{ "và/hoặc", "-" },
		{ "10/ngày", "-" },
		{ "/etc/passwd", "-" },
		{ "/10/2023", "-" },
		{ "https://x.vn/tim", "-" },
		{ "/-heart", "-" },
		{ "chia se x", "-" },
		{ "x13", "-" },
		{ "SK14", "-" },
		{ " \n ", "" },
		{ "👍", "" },
		{ "/", "" },
	};

	assert_readings(t, ARRAY_SIZE(t), GROUP);
}

static void test_slips(void)
{
	static const struct reading_case t[] = {
		{ "/chaise Dán", "~chiase|Dán" },       /* swapped */
		{ "/thogke quy 3", "~thongke|quy 3" },  /* missing */
		{ "/thongle quy 3", "~thongke|quy 3" }, /* wrong */
		{ "/chiasse Dán", "~chiase|Dán" },      /* too many */
		{ "/chia sr Dán", "~chiase|Dán" },
		{ "/dang ki ubnd h vu ban", "~dangky|ubnd h vu ban" },
		{ "/huong dn", "~trogiup|" },
		{ "/apdugn12", "~apdung|12" },
		{ "/tro giu", "~trogiup|" },
		/* Under four letters nothing is guessed. */
		{ "/tmi dai", "!tmi: tim trienkhai" },
		{ "/xme 13", "!xme: xem" },
		{ "/q x", "!q:" },
		/* Two fit. */
		{ "/kiep x", "?kiep: tim tiep" },
		{ "/tochoi 14", "?tochoi: thamquan tuchoi" },
		/* What decides is never guessed. */
		{ "/duyt SK14", "!duyt: duyet" },
		{ "/duyetj 14", "!duyetj: duyet" },
		{ "/tuchio 14 x", "!tuchio: tuchoi" },
		{ "/thogbao x", "!thogbao: thongbao" },
		{ "/xaobai 14", "!xaobai: rut" },
		{ "/tk x", "?tk: tim thongke dulieu" },
		{ "/tt", "!tt:" },
		{ "/v", "!v:" },
		{ "/xyzwvu", "!xyzwvu:" },
	};

	assert_readings(t, ARRAY_SIZE(t), GROUP);
}

static void test_keystrokes(void)
{
	static const struct reading_case t[] = {
		{ "/tifm dai", "~tim|dai" },
		{ "/timf dai", "~tim|dai" },
		{ "/tim2 dai", "~tim|dai" },
		{ "/chia ser Dan", "~chiase|Dan" },
		{ "/chia se3 Dan", "~chiase|Dan" },
		{ "/ddawng kys ubnd", "~dangky|ubnd" },
		{ "/d9ang8 ky1 ubnd", "~dangky|ubnd" },
		{ "/hoir sk13 x", "~hoi|sk13 x" },
		{ "/hoi3 sk13 x", "~hoi|sk13 x" },
		{ "/xem2", "xem|2" },
		{ "/duyeetj 14", "!duyeetj: duyet" },
	};

	assert_readings(t, ARRAY_SIZE(t), GROUP);
}

static void test_glued_numbers_and_ids(void)
{
	static const struct reading_case t[] = {
		{ "/x13", "xem|13" },
		{ "/ok14", "duyet|14" },
		{ "/xem13", "xem|13" },
		{ "/a12 hoc tap", "apdung|12 hoc tap" },
		{ "/kq12 xong", "ketqua|12 xong" },
		{ "/ap dung12", "apdung|12" },
		{ "/sk14", "#sk14" },
		{ "/SK 14", "#SK 14" },
		{ "/tb 7", "thongbao|7" },
		{ "/nv 3", "nhiemvu|3" },
		{ "/x１３", "xem|１３" },
	};
	static const struct reading_case in_private[] = {
		{ "tb 7", "#tb 7" },       { "nv 3", "#nv 3" },     { "cc 5", "#cc 5" },  { "bh6", "#bh6" }, { "SK14", "#SK14" },
		{ "sk-014", "#sk-014" },   { "SK14 ạ", "#SK14 ạ" }, { "#14", "##14" },    { "14", "-" },     { "số 14", "-" },
		{ "tb 7 chưa xong", "-" }, { "ab 7", "-" },         { "/x13", "xem|13" },
	};

	assert_readings(t, ARRAY_SIZE(t), GROUP);
	assert_readings(in_private, ARRAY_SIZE(in_private), PRIVATE);
	assert_readings(in_private, ARRAY_SIZE(in_private), ADDRESSED);
}

static void test_private_chat_without_slash(void)
{
	static const struct reading_case t[] = {
		{ "t ma qr", "tim|ma qr" },
		{ "t dang ky khai sinh", "tim|dang ky khai sinh" },
		{ "t chợ 4.0", "tim|chợ 4.0" },
		{ "tim dai truyen thanh", "tim|dai truyen thanh" },
		{ "Tìm kiếm mã QR", "tim|mã QR" },
		{ "tra cuu ma qr", "tim|ma qr" },
		{ "x 13", "xem|13" },
		{ "x sk 13", "xem|sk 13" },
		{ "x SK13 2", "xem|SK13 2" },
		{ "Xem 13 ạ", "xem|13 ạ" },
		{ "chi tiet sk13", "xem|sk13" },
		{ "h", "trogiup|" },
		{ "h tim", "trogiup|tim" },
		{ "h chia sẻ", "trogiup|chia sẻ" },
		{ "huong dan", "trogiup|" },
		{ "trợ giúp ạ", "trogiup|" },
		{ "?", "trogiup|" },
		{ "chia se Dan ma QR\nDV: vu ban", "chiase|Dan ma QR\nDV: vu ban" },
		{ "c Dan ma QR\nDV: vu ban\nND: in ma", "chiase|Dan ma QR\nDV: vu ban\nND: in ma" },
		{ "sang kien Dan ma QR\nND: in ma", "chiase|Dan ma QR\nND: in ma" },
		{ "dang ky so y te", "dangky|so y te" },
		{ "a 12", "apdung|12" },
		{ "a 12 hoc tap", "apdung|12 hoc tap" },
		{ "a sk12 o xa minh", "apdung|sk12 o xa minh" },
		{ "ap dung 12", "apdung|12" },
		{ "kq 12 da lam 3 tuyen, 40 ho quet qr", "ketqua|12 da lam 3 tuyen, 40 ho quet qr" },
		{ "s kinh phi: 3tr", "bosung|kinh phi: 3tr" },
		{ "s sk14 kinh phi: 3tr", "bosung|sk14 kinh phi: 3tr" },
		{ "bo sung sk14 kinh phi: 3tr", "bosung|sk14 kinh phi: 3tr" },
		{ "hoi sk13 mua loa o dau?", "hoi|sk13 mua loa o dau?" },
		{ "k quy 3 lv", "thongke|quy 3 lv" },
		{ "thong ke", "thongke|" },
		{ "d truyen thanh", "diachido|truyen thanh" },
		{ "don vi vu ban", "donvi|vu ban" },
		{ "lĩnh vực", "linhvuc|" },
		{ "f lv dvc", "theodoi|lv dvc" },
		{ "cc https://x.example/1", "cauchuyen|https://x.example/1" },
		{ "huy", "huy|" },
		{ "thôi", "huy|" },
		{ "tiep", "tiep|" },
		{ "du lieu", "dulieu|" },
		{ "nhanquyen 7F3K2M", "nhanquyen|7F3K2M" },
		/* Ordinary sentences. */
		{ "h này họp ở đâu", "-" },
		{ "a oi", "-" },
		{ "a ơi cho e hỏi", "-" },
		{ "a 5 phút nữa gọi lại", "-" },
		{ "a 12h họp nhé", "-" },
		{ "A12", "-" },
		{ "k có gì", "-" },
		{ "k", "-" },
		{ "k biết", "-" },
		{ "c ơi gửi e file", "-" },
		{ "c gửi lại giúp em nhé", "-" },
		{ "t đang bận", "-" },
		{ "t ko biết", "-" },
		{ "s vậy", "-" },
		{ "b ơi", "-" },
		{ "m ơi", "-" },
		{ "n bảo thế", "-" },
		{ "d chị", "-" },
		{ "x", "-" },
		{ "dk rồi ạ", "-" },
		{ "dk k a", "-" },
		{ "đăng ký thế nào ạ?", "-" },
		{ "cn này họp", "-" },
		{ "bh mới xong", "-" },
		{ "cm anh", "-" },
		{ "nv bên em báo", "-" },
		{ "Đơn vị em chưa có ai", "-" },
		{ "Đơn vị: UBND huyện Vụ Bản", "-" },
		{ "Kết quả 5 hộ đã nộp", "-" },
		{ "Kết quả: tốt", "-" },
		{ "Bài học kinh nghiệm rút ra", "-" },
		{ "Báo cáo anh em làm xong", "-" },
		{ "Hỏi dân từng nhà", "-" },
		{ "Tìm hiểu nhu cầu người dân", "-" },
		{ "áp dụng 12 mô hình", "-" },
		{ "Xem xét lại", "-" },
		{ "gửi anh file", "-" },
		{ "mới xong", "-" },
		{ "trang bị máy tính", "-" },
		{ "sửa giúp em", "-" },
		{ "lưu ý: gửi trước 16h", "-" },
		{ "dem", "-" },
		{ "chào bot", "-" },
		{ "thogke quy 3", "-" }, /* no guessing without a mark */
		/* What decides wants its slash. */
		{ "ok 14", "-" },
		{ "ok14", "-" },
		{ "duyet SK14", "-" },
		{ "tc sk14 thieu", "-" },
		{ "tb Họp lúc 8h", "-" },
		{ "rut sk14", "-" },
		{ "xb sk14", "-" },
	};

	assert_readings(t, ARRAY_SIZE(t), PRIVATE);
	assert_readings(t, ARRAY_SIZE(t), ADDRESSED);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *in_group = read_as(t[i].in, GROUP), *while_asked = read_as(t[i].in, ASKED);

		g_assert_cmpstr(in_group, ==, "-");
		g_assert_cmpstr(while_asked, ==, "-");
	}
}

static void test_flags_and_word(void)
{
	struct reading r;

	reader_read(table, "/Chia sẻ x", false, false, false, &r);
	g_assert_true(r.has_slash);
	g_assert_false(r.was_corrected);
	g_assert_cmpstr(r.word, ==, "Chia sẻ");
	reading_clear(&r);
	reader_read(table, "t ma qr", true, false, false, &r);
	g_assert_false(r.has_slash);
	g_assert_cmpstr(r.word, ==, "t");
	reading_clear(&r);
	reader_read(table, "  chào bot  ", true, false, false, &r);
	g_assert_cmpstr(r.args, ==, "chào bot");
	reading_clear(&r);
	reading_clear(&r);
}

static void test_is_marked(void)
{
	static const struct {
		const char *in;
		bool is_marked;
	} t[] = {
		{ "/t x", true },      { " /t x", true },   { "\\t", true },      { "／ đk", true },
		{ "/?", true },        { "/x13", true },    { "/ngày", true },    { "10/ngày", false },
		{ "/10/2023", false }, { "/etc/x", false }, { "và/hoặc", false }, { "/-heart", false },
		{ "/", false },        { "", false },       { "t x", false },     { "/\nt", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].in);
		g_assert_cmpint(reader_is_marked(t[i].in), ==, t[i].is_marked);
	}
}

static void test_ids(void)
{
	static const struct {
		const char *in, *implied, *prefix;
		int64_t number;
		const char *rest;
	} t[] = {
		{ "SK14", NULL, "SK", 14, "" },
		{ "sk 14 thieu", "SK", "SK", 14, "thieu" },
		{ "SK-014", NULL, "SK", 14, "" },
		{ "sk.14: thieu", NULL, "SK", 14, "thieu" },
		{ "sk#14", NULL, "SK", 14, "" },
		{ "sk số 14", NULL, "SK", 14, "" },
		{ "#14", "SK", "SK", 14, "" },
		{ "# 14 x", "SK", "SK", 14, "x" },
		{ "số 14", "SK", "SK", 14, "" },
		{ "14", "SK", "SK", 14, "" },
		{ "14.", "SK", "SK", 14, "" },
		{ "14, mua o dau", "SK", "SK", 14, "mua o dau" },
		{ "12 ap dung o xa minh", "SK", "SK", 12, "ap dung o xa minh" },
		{ "dc4 15/11 8 nguoi", "DC", "DC", 4, "15/11 8 nguoi" },
		{ "cc5", "SK", "CC", 5, "" }, /* typed letters win over the implied ones */
		{ "nv3\nx", NULL, "NV", 3, "x" },
		{ "TB7", NULL, "TB", 7, "" },
		{ "tq 4", NULL, "TQ", 4, "" },
		{ "BH 6", NULL, "BH", 6, "" },
		{ "ＳＫ１４", NULL, "SK", 14, "" },
		{ "SK13 2", NULL, "SK", 13, "2" },
		{ "4", "DC", "DC", 4, "" },
	};
	static const struct {
		const char *in, *implied;
	} none[] = {
		{ "14", NULL },         { "#14", NULL }, { "số 14", NULL }, { "", "SK" },      { "SK", "SK" },
		{ "sk0", "SK" },        { "0", "SK" },   { "14h", "SK" },   { "16:30", "SK" }, { "15/11", "SK" },
		{ "1.200 ho", "SK" },   { "60%", "SK" }, { "sk14a", "SK" }, { "3tr", "SK" },   { "xy 7", "SK" },
		{ "1234567890", "SK" }, { "-", "SK" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *prefix, *rest;
		int64_t number;

		g_test_message("%s", t[i].in);
		g_assert_true(reader_id(t[i].in, t[i].implied, &prefix, &number, &rest));
		g_assert_cmpstr(prefix, ==, t[i].prefix);
		g_assert_cmpint(number, ==, t[i].number);
		g_assert_cmpstr(rest, ==, t[i].rest);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		const char *prefix, *rest;
		int64_t number;

		g_test_message("%s", none[i].in);
		g_assert_false(reader_id(none[i].in, none[i].implied, &prefix, &number, &rest));
	}
}

static void test_numbers(void)
{
	static const struct {
		const char *in;
		double value;
		const char *rest;
	} t[] = {
		{ "1.200", 1200, "" },
		{ "1,5", 1.5, "" },
		{ "5tr", 5e6, "" },
		{ "2 tỷ", 2e9, "" },
		{ "3tr in an", 3e6, "in an" },
		{ "1.200.000 đồng", 1.2e6, "đồng" },
		{ "1,200,000", 1.2e6, "" },
		{ "1.5", 1.5, "" },
		{ "1.234,5", 1234.5, "" },
		{ "0.125", 0.125, "" },
		{ "226 mo hinh", 226, "mo hinh" },
		{ "60%", 60, "%" },
		{ "5tr5", 5.5e6, "" },
		{ "1tr200", 1.2e6, "" },
		{ "15 nghìn", 15000, "" },
		{ "20k", 20000, "" },
		{ "3 trieu rưỡi", 3e6, "rưỡi" },
		{ "7.", 7, "." },
		{ "2 tuyến", 2, "tuyến" },
		{ "1,2 tỉ", 1.2e9, "" },
	};
	static const char *const none[] = { "", "x", "tr", "-5", "1234567890123456", "," };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *rest;
		double value;

		g_test_message("%s", t[i].in);
		g_assert_true(reader_number(t[i].in, &value, &rest));
		g_assert_cmpfloat(fabs(value - t[i].value), <=, 1e-6 * t[i].value);
		g_assert_cmpstr(rest, ==, t[i].rest);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		const char *rest;
		double value;

		g_assert_false(reader_number(none[i], &value, &rest));
	}
}

static void test_receipts(void)
{
	static const char *const yes[] = { "đã nhận",
					   "da nhan",
					   "Đã nhận ạ.",
					   "ĐÃ NHẬN!",
					   "da nhan a",
					   "rõ",
					   "Rõ ạ",
					   "ok a",
					   "ok",
					   "Oke em",
					   "okie",
					   "vâng ạ",
					   "dạ rõ",
					   "dạ vâng ạ",
					   "e đã nhận ạ",
					   "em nhận rồi ạ",
					   "nhận dc rồi",
					   "Đã nhận TB7",
					   "đã nhận tb 7 ạ",
					   "đã nhận thông báo",
					   "UBND xã Giao Hải đã nhận",
					   "Sở Y tế đã nhận ạ",
					   "đã nhận 👍",
					   "👍",
					   "đã tiếp nhận",
					   "Đã nhận, cảm ơn anh",
					   "đã nhận và sẽ thực hiện",
					   "đa\xCC\x83 nha\xCC\xA3\xCC\x82n",
					   "đã rõ, cảm ơn đ/c",
					   "ok đã nhận",
					   "Nhận đủ" };
	static const char *const no[] = { "",
					  "chưa nhận",
					  "đã nhận chưa?",
					  "đã nhận được file đâu",
					  "ok 14",
					  "/ok 14",
					  "đã nhận hồ sơ của dân từ sáng",
					  "cảm ơn",
					  "a ơi",
					  "😂",
					  "không rõ",
					  "rõ ràng là chưa được",
					  "nhận xét",
					  "ok?",
					  "xã đã làm",
					  "đã nhận\nnhưng thiếu",
					  "tb 7",
					  "em chào anh" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		g_autofree char *clean = text_clean(yes[i], strlen(yes[i]));

		g_test_message("%s", clean);
		g_assert_true(reader_is_receipt(clean));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		g_test_message("%s", no[i]);
		g_assert_false(reader_is_receipt(no[i]));
	}
}

static void test_yes_no(void)
{
	static const struct {
		const char *in;
		enum reader_answer answer;
	} t[] = {
		{ "ĐỒNG Ý", ANSWER_YES },
		{ "dong y", ANSWER_YES },
		{ "đồng ý ạ", ANSWER_YES },
		{ "Tôi đồng ý.", ANSWER_YES },
		{ "em đồng ý nhé", ANSWER_YES },
		{ "ok", ANSWER_YES },
		{ "ok a", ANSWER_YES },
		{ "có", ANSWER_YES },
		{ "co a", ANSWER_YES },
		{ "y", ANSWER_YES },
		{ "vâng", ANSWER_YES },
		{ "dạ vâng ạ", ANSWER_YES },
		{ "đúng", ANSWER_YES },
		{ "đúng rồi", ANSWER_YES },
		{ "dongy", ANSWER_YES },
		{ "DONG Y", ANSWER_YES },
		{ "hoàn toàn đồng ý", ANSWER_YES },
		{ "yes", ANSWER_YES },
		{ "KHÔNG", ANSWER_NO },
		{ "khong", ANSWER_NO },
		{ "ko", ANSWER_NO },
		{ "k", ANSWER_NO },
		{ "k ạ", ANSWER_NO },
		{ "thôi", ANSWER_NO },
		{ "n", ANSWER_NO },
		{ "không đồng ý", ANSWER_NO },
		{ "ko dong y", ANSWER_NO },
		{ "dạ không ạ", ANSWER_NO },
		{ "chưa", ANSWER_NO },
		{ "đừng", ANSWER_NO },
		{ "", ANSWER_OTHER },
		{ "dạ", ANSWER_OTHER },
		{ "1", ANSWER_OTHER },
		{ "có không?", ANSWER_OTHER },
		{ "không biết", ANSWER_OTHER },
		{ "đồng ý nhưng sửa lại tên", ANSWER_OTHER },
		{ "có 5 hộ", ANSWER_OTHER },
		{ "kinh phi: 3tr", ANSWER_OTHER },
		{ "dung", ANSWER_OTHER },
		{ "a", ANSWER_OTHER },
		{ "có hay không", ANSWER_OTHER },
		{ "ok k", ANSWER_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].in);
		g_assert_cmpint(reader_yes_no(t[i].in), ==, t[i].answer);
	}
}

static void test_choices(void)
{
	static const struct {
		const char *in;
		unsigned max, choice;
	} t[] = {
		{ "1", 3, 1 },
		{ "1.", 3, 1 },
		{ "2)", 3, 2 },
		{ "(2)", 3, 2 },
		{ "so 2", 3, 2 },
		{ "số 2 ạ", 3, 2 },
		{ "chon 1", 3, 1 },
		{ "em chọn số 3 ạ", 3, 3 },
		{ "1️⃣", 3, 1 },
		{ "①", 3, 1 },
		{ "２", 3, 2 },
		{ "phương án 2", 3, 2 },
		{ "4", 3, 0 },
		{ "0", 3, 0 },
		{ "1 2", 3, 0 },
		{ "12", 3, 0 },
		{ "", 3, 0 },
		{ "một hộ", 3, 0 },
		{ "1?", 3, 0 },
		{ "-1", 3, 0 },
		{ "sk1", 3, 0 },
		{ "1 hộ", 3, 0 },
		{ "99999999999999999999", 3, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].in);
		g_assert_cmpuint(reader_choice(t[i].in, t[i].max), ==, t[i].choice);
	}
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		table[i] = &rows[i];
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reader/examples-of-the-specification", test_examples_of_the_specification);
	g_test_add_func("/reader/marks-and-letters", test_marks_and_letters);
	g_test_add_func("/reader/slips", test_slips);
	g_test_add_func("/reader/keystrokes", test_keystrokes);
	g_test_add_func("/reader/glued-numbers-and-ids", test_glued_numbers_and_ids);
	g_test_add_func("/reader/private-chat-without-slash", test_private_chat_without_slash);
	g_test_add_func("/reader/flags-and-word", test_flags_and_word);
	g_test_add_func("/reader/is-marked", test_is_marked);
	g_test_add_func("/reader/ids", test_ids);
	g_test_add_func("/reader/numbers", test_numbers);
	g_test_add_func("/reader/receipts", test_receipts);
	g_test_add_func("/reader/yes-and-no", test_yes_no);
	g_test_add_func("/reader/choices", test_choices);
	return g_test_run();
}
