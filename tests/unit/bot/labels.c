/* SPDX-License-Identifier: MIT */
/* Tests of labelled lines and of the filters of a search. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/reader.h"

/* "head/key=value;key=value/rest/unknown;unknown" with line breaks as "|". */
static char *labels_as(const char *in, bool has_head, const char *extra)
{
	struct labelled l;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *clean = text_clean(in, strlen(in));

	reader_labels(clean, has_head, extra, &l);
	g_string_append_printf(out, "%s/", l.head);
	for (guint i = 0; i < l.fields->len; i++) {
		const struct label_value *v = l.fields->pdata[i];

		g_assert_cmpstr(labelled_get(&l, v->key), ==, v->value);
		g_string_append_printf(out, "%s%s=%s", i ? ";" : "", v->key, v->value);
	}
	g_string_append_printf(out, "/%s/", l.rest);
	for (guint i = 0; i < l.unknown->len; i++)
		g_string_append_printf(out, "%s%s", i ? ";" : "", (const char *)l.unknown->pdata[i]);
	labelled_clear(&l);
	return g_strdelimit(g_string_free(g_steal_pointer(&out), FALSE), "\n", '|');
}

#define ANNOUNCE "den=den,gui den,noi nhan;han=han,han chot,thoi han;tiendo=tien do,td"

static void test_lines(void)
{
	static const struct {
		const char *in, *out;
		bool has_head;
		const char *extra;
	} t[] = {
		/* domain §5.3 */
		{ "Dan ma QR tra cuu thu tuc o bo phan 1 cua\nDV: ubnd h. giao thuỷ\nLV: dvctt\n"
		  "Thuc trang : dân phải hỏi cán bộ từng thủ tục, mất thời gian\nND: in mã QR theo từng nhóm TTHC,\n"
		  "dán ở bàn tiếp dân, quét ra hướng dẫn + link nộp hồ sơ\nhieu qua- đỡ mất thời gian chờ\nLH: đ/c Hoa",
		  "Dan ma QR tra cuu thu tuc o bo phan 1 cua/donvi=ubnd h. giao thuỷ;linhvuc=dvctt;thuctrang=dân phải hỏi cán bộ "
		  "từng thủ tục, "
		  "mất thời gian;noidung=in mã QR theo từng nhóm TTHC,|dán ở bàn tiếp dân, quét ra hướng dẫn + link nộp hồ "
		  "sơ;hieuqua=đỡ mất thời "
		  "gian chờ;lienhe=đ_c Hoa//",
		  true, NULL },
		{ "kinh phi: 3tr in an\nnhan rong: xã nào cũng làm được", "/chiphi=3tr in an;nhanrong=xã nào cũng làm được//", true,
		  NULL },
		{ "quy 3\nket qua: 5 to cnscd\nbai hoc: phai co can bo tre", "quy 3/hieuqua=5 to cnscd;baihoc=phai co can bo tre//",
		  true, NULL },
		{ "De nghi cac don vi gui so lieu CĐS\nden: cac huyen, tp\nhan: 16h30 thu 6",
		  "De nghi cac don vi gui so lieu CĐS/den=cac huyen, tp;han=16h30 thu 6//", true, ANNOUNCE },
		{ "moi xom 1 tuyen duong 4.0, doan tn phu trach\ntien do 60%",
		  "moi xom 1 tuyen duong 4.0, doan tn phu trach/tiendo=60%//", true, ANNOUNCE },
		/* separators */
		{ "x\nDV：Vụ Bản", "x/donvi=Vụ Bản//", true, NULL },
		{ "x\nDV = Vụ Bản", "x/donvi=Vụ Bản//", true, NULL },
		{ "x\nhieu qua - đỡ", "x/hieuqua=đỡ//", true, NULL },
		{ "x\nhieu qua -đỡ", "x/hieuqua=đỡ//", true, NULL },
		{ "x\nhiệu quả – đỡ", "x/hieuqua=đỡ//", true, NULL },
		{ "x\nhiệu quả-đỡ", "x//hiệu quả-đỡ/", true, NULL },
		{ "x\nkinh phí 3tr", "x/chiphi=3tr//", true, NULL },
		{ "x\nSĐT 0912 345 678", "x/lienhe=0912 345 678//", true, NULL },
		{ "x\nxã 12 hộ nghèo", "x//xã 12 hộ nghèo/", true, NULL },
		{ "x\nhiệu quả rất tốt", "x//hiệu quả rất tốt/", true, NULL },
		/* order, continuation, bullets, empty lines */
		{ "ND: a\n- b\n\n+ c\nĐV: d\ne", "/noidung=a|- b||+ c;donvi=d|e//", true, NULL },
		{ "Tên: Dán mã\nND: a", "/ten=Dán mã;noidung=a//", true, NULL },
		{ "ND: a\nten sk: Dán mã", "/noidung=a;ten=Dán mã//", true, NULL },
		{ "Dán mã\nlàm thế này\n- rồi thế kia\nDV: x", "Dán mã/donvi=x/làm thế này|- rồi thế kia/", true, NULL },
		{ "Dán mã\nlàm thế này",
		  "/"
		  "/Dán mã|làm thế này/",
		  false, NULL },
		{ "ND:\na\nb", "/noidung=a|b//", true, NULL },
		{ "ND: a\nDV: x\nnội dung: b", "/noidung=a|b;donvi=x//", true, NULL },
		{ "ND: a\nND:", "/noidung=a//", true, NULL },
		{ "x\n- Đơn vị: Vụ Bản\n1. Lĩnh vực: y tế\nb) Nội dung: c\n• HQ: d",
		  "x/donvi=Vụ Bản;linhvuc=y tế;noidung=c;hieuqua=d//", true, NULL },
		{ "x\n- Đơn vị - Vụ Bản", "x/donvi=Vụ Bản//", true, NULL },
		{ "\n\n  x  \n\nDV: y\n\n", "x/donvi=y//", true, NULL },
		{ "", "///", true, NULL },
		/* labels as people write them */
		{ "x\nNội  Dung giải pháp: a", "x/noidung=a//", true, NULL },
		{ "x\nnoidung: a", "x/noidung=a//", true, NULL },
		{ "x\n𝐍𝐃: a", "x/noidung=a//", true, NULL },
		{ "x\n*ĐV*: a", "x/donvi=a//", true, NULL },
		{ "x\nTác giả / nhóm: a", "x/tacgia=a//", true, NULL },
		{ "x\nChi phí, nguồn lực: a", "x/chiphi=a//", true, NULL },
		{ "x\nĐK: có mạng", "x/dieukien=có mạng//", true, NULL },
		{ "x\nhieu qa: tot", "x/hieuqua=tot//", true, NULL },
		{ "x\nnoi dugn: in", "x/noidung=in//", true, NULL },
		{ "x\ntg: tháng 3/2022", "x/tungay=tháng 3_2022//", true, NULL },
		{ "x\ntg: Nguyễn Văn A", "x/tacgia=Nguyễn Văn A//", true, NULL },
		{ "x\ntg: nhóm A\nkinh phí: 5tr", "x/tacgia=nhóm A;chiphi=5tr//", true, NULL },
		{ "x\nThời gian áp dụng: 2022", "x/tungay=2022//", true, NULL },
		{ "x\nlink: https://a.vn/b?c=d", "x/tailieu=https:__a.vn_b?c=d//", true, NULL },
		/* no labels */
		{ "x\nhttps://a.vn/b", "x//https:__a.vn_b/", true, NULL },
		{ "x\n16:30 họp", "x//16:30 họp/", true, NULL },
		{ "x\nhọp lúc 16:30", "x//họp lúc 16:30/", true, NULL },
		{ "x\nLưu ý: gửi sớm", "x//Lưu ý: gửi sớm/", true, NULL },
		{ "x\nBước 1: in mã", "x//Bước 1: in mã/", true, NULL },
		{ "Dán mã QR: cách làm hay\nND: a", "Dán mã QR: cách làm hay/noidung=a//", true, NULL },
		/* unknown labels are kept and told */
		{ "x\nGhi âm: có\nND: a\nMàu sắc: đỏ", "x/noidung=a|Màu sắc: đỏ/Ghi âm: có/Ghi âm;Màu sắc", true, NULL },
		{ "x\nCác đơn vị đã làm tốt việc này gồm có: a", "x//Các đơn vị đã làm tốt việc này gồm có: a/", true, NULL },
		/* a command's own labels come first */
		{ "x\ntd: 60%", "x/tiendo=60%//", true, ANNOUNCE },
		{ "x\ntd: Dán mã", "x/ten=Dán mã//", true, NULL },
		{ "x\nGửi đến: các sở\nthoi han: mai", "x/den=các sở;han=mai//", true, ANNOUNCE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = labels_as(t[i].in, t[i].has_head, t[i].extra);
		g_autofree char *wanted = g_strdup(t[i].out);

		g_test_message("%s", t[i].in);
		/* "_" stands for a slash inside a value, because "/" parts the pieces. */
		for (char *a = got, *b = wanted; *a && *b; a++, b++) {
			if (*b == '_' && *a == '/')
				*b = '/';
		}
		g_assert_cmpstr(got, ==, wanted);
	}
}

static void test_every_synonym(void)
{
	static const struct {
		const char *key, *words;
	} t[] = {
		{ "ten", "Tên sáng kiến,ten,ten sk,ten gp,tieu de,td" },
		{ "noidung", "Nội dung giải pháp,noi dung,nd,cach lam,giai phap,mo ta" },
		{ "donvi", "Đơn vị,don vi,dv,dvi,co quan,cq" },
		{ "linhvuc", "Lĩnh vực,linh vuc,lv,nganh" },
		{ "loai", "Loại,loai,hinh thuc" },
		{ "tacgia", "Tác giả / nhóm,tac gia,nhom tac gia,nguoi thuc hien" },
		{ "diaban", "Địa bàn,dia ban,xa,huyen,noi ap dung" },
		{ "thuctrang", "Thực trạng,thuc trang,hien trang,van de,truoc day,kho khan" },
		{ "hieuqua", "Hiệu quả,hieu qua,hq,ket qua,kq,loi ich" },
		{ "nhanrong", "Khả năng nhân rộng,nhan rong,kha nang ap dung,pham vi" },
		{ "dieukien", "Điều kiện áp dụng,dieu kien,dk,yeu cau,can co" },
		{ "chiphi", "Chi phí, nguồn lực|chi phi,kinh phi,kp,nguon luc" },
		{ "tungay", "Bắt đầu áp dụng,tu ngay,ap dung tu,bat dau" },
		{ "baihoc", "Bài học kinh nghiệm,bai hoc,kinh nghiem,rut kinh nghiem" },
		{ "lienhe", "Đầu mối liên hệ,lien he,lh,dau moi,sdt" },
		{ "tailieu", "Tài liệu, liên kết|tai lieu,link,file,dinh kem" },
		{ "nhiemvu", "Nhiệm vụ liên quan,nhiem vu,nv" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_auto(GStrv) words = g_strsplit(t[i].words, strchr(t[i].words, '|') ? "|" : ",", 0);

		g_assert_nonnull(reader_label_name(t[i].key));
		for (unsigned k = 0; words[k]; k++) {
			g_auto(GStrv) more = g_strsplit(k > 0 && strchr(t[i].words, '|') ? words[k] : "", ",", 0);
			g_autofree char *line = g_strdup_printf("%s: x", more[0] ? more[0] : words[k]);
			struct labelled l;

			reader_labels(line, true, NULL, &l);
			g_test_message("%s", line);
			g_assert_cmpstr(labelled_get(&l, t[i].key), ==, "x");
			labelled_clear(&l);
		}
	}
	g_assert_null(reader_label_name("den"));
	g_assert_cmpstr(reader_label_name("hieuqua"), ==, "hiệu quả");
}

static void test_search_words(void)
{
	static const struct {
		const char *in, *text, *unit, *field, *year, *type, *status;
	} t[] = {
		{ "dai truyen thanh", "dai truyen thanh", NULL, NULL, NULL, NULL, NULL },
		{ "ma qr dv: vu ban", "ma qr", "vu ban", NULL, NULL, NULL, NULL },
		{ "ma qr ĐV: UBND h. Vụ Bản lĩnh vực: y tế năm: 2023", "ma qr", "UBND h. Vụ Bản", "y tế", "2023", NULL, NULL },
		{ "ma qr nam: 2023 thu tuc", "ma qr thu tuc", NULL, NULL, "2023", NULL, NULL },
		{ "dv: vu ban, ma qr", "ma qr", "vu ban", NULL, NULL, NULL, NULL },
		{ "ma qr\ndv: vu ban\nlv: dvc", "ma qr", "vu ban", "dvc", NULL, NULL, NULL },
		{ "đơn vị = Vụ Bản", "", "Vụ Bản", NULL, NULL, NULL, NULL },
		{ "ma qr năm 2023", "ma qr năm 2023", NULL, NULL, NULL, NULL, NULL },
		{ "don vi hanh chinh", "don vi hanh chinh", NULL, NULL, NULL, NULL, NULL },
		{ "ma qr nam: xx", "ma qr nam: xx", NULL, NULL, NULL, NULL, NULL },
		{ "nam: xx", "", NULL, NULL, "xx", NULL, NULL },
		{ "dv: vu ban nam: xx", "", "vu ban", NULL, "xx", NULL, NULL },
		{ "dv: vu ban, loa nam: xx", "loa nam: xx", "vu ban", NULL, NULL, NULL, NULL },
		{ "Hà Nam: 5 bài học", "Hà Nam: 5 bài học", NULL, NULL, NULL, NULL, NULL },
		{ "Hà Nam: 20 xã nam: 23", "Hà Nam: 20 xã", NULL, NULL, "23", NULL, NULL },
		{ "Hà Nam: 5000 hộ dân", "Hà Nam: 5000 hộ dân", NULL, NULL, NULL, NULL, NULL },
		{ "Việt Nam: cơ hội và thách thức", "Việt Nam: cơ hội và thách thức", NULL, NULL, NULL, NULL, NULL },
		{ "Loa Nam: 2023", "Loa", NULL, NULL, "2023", NULL, NULL },
		{ "LOA NAM: 23", "LOA", NULL, NULL, "23", NULL, NULL },
		{ "Nam: 23 loa", "loa", NULL, NULL, "23", NULL, NULL },
		{ "loa Nam: 23", "loa", NULL, NULL, "23", NULL, NULL },
		{ "122/KH-UBND", "122/KH-UBND", NULL, NULL, NULL, NULL, NULL },
		{ "", "", NULL, NULL, NULL, NULL, NULL },
		{ "dv:", "", "", NULL, NULL, NULL, NULL },
		{ "loa loai: mo hinh", "loa", NULL, NULL, NULL, "mo hinh", NULL },
		{ "Loại : mô hình; tt: chờ duyệt, loa", "loa", NULL, NULL, NULL, "mô hình", "chờ duyệt" },
		{ "tình trạng：đã duyệt hình thức=kinh nghiệm", "", NULL, NULL, NULL, "kinh nghiệm", "đã duyệt" },
		{ "tt:cho duyet nam:2023 loai:sk lv:ytedv:x", "", NULL, "ytedv:x", "2023", "sk", "cho duyet" },
		{ "loa dv: “Vụ Bản”", "loa", "Vụ Bản", NULL, NULL, NULL, NULL },
		{ "loai loa tinh trang ngap", "loai loa tinh trang ngap", NULL, NULL, NULL, NULL, NULL },
		{ "dv: a dv: b", "", "b", NULL, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct search_words w;

		g_test_message("%s", t[i].in);
		reader_search_words(t[i].in, &w);
		g_assert_cmpstr(w.text, ==, t[i].text);
		g_assert_cmpstr(w.unit, ==, t[i].unit);
		g_assert_cmpstr(w.field, ==, t[i].field);
		g_assert_cmpstr(w.year, ==, t[i].year);
		g_assert_cmpstr(w.type, ==, t[i].type);
		g_assert_cmpstr(w.status, ==, t[i].status);
		search_words_clear(&w);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/labels/lines", test_lines);
	g_test_add_func("/labels/every-synonym", test_every_synonym);
	g_test_add_func("/labels/search-words", test_search_words);
	return g_test_run();
}
