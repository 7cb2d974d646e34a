/* SPDX-License-Identifier: MIT */
/* Sharing as typed in domain §5.3 and as it goes wrong in §5.4: what is stored, and what is said to whom. Decisions have their own
 * file. */
#include "commands-help.h"

#define SHARE                                                                                                                      \
	"/Chia se Dan ma QR tra cuu thu tuc o bo phan 1 cua\nDV: ubnd h. giao thuỷ\nLV: dvctt\n"                                 \
	"Thuc trang : dân phải hỏi cán bộ từng thủ tục, mất thời gian\nND: in mã QR theo từng nhóm TTHC,\n"  \
	"dán ở bàn tiếp dân, quét ra hướng dẫn + link nộp hồ sơ\nhieu qua- đỡ mất thời gian chờ\nLH: đ/c Hoa"
#define SHORT "/c Sổ tay số cho trưởng xóm\nthực trạng: dân chờ lâu\nND: in mã QR theo nhóm thủ tục\nhiệu quả: đỡ chờ"
#define LIKE_SK9 "/c Dan ma QR tra cuu thu tuc o bo phan 1 cua\nnd: in mã QR\nthực trạng: dân chờ\nhq: nhanh"

static void test_labelled_message_is_saved_and_summed_up(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	g_assert_cmpstr(talk_group(&t, "hoa", SHARE), ==,
			"Đã nhận SK14 của UBND huyện Giao Thủy, cảm ơn đồng chí; đang chờ duyệt.");
	assert_has(talk_said(&t, REPLY_PRIVATE), "SK14 đã lưu, đang chờ bộ phận thường trực duyệt.\n"
						 "• Đơn vị: UBND huyện Giao Thủy\n"
						 "• Lĩnh vực: Dịch vụ công trực tuyến và thủ tục hành chính\n"
						 "• Đã có: thực trạng, nội dung, hiệu quả, liên hệ\n"
						 "• Chưa có (không bắt buộc): nhân rộng, chi phí, tài liệu\n"
						 "Bổ sung: nhắn \"nhân rộng: …\" hoặc gửi ảnh, tệp trong 15 phút tới.\n"
						 "Thông tin liên hệ không đưa lên Cổng khi chưa có đồng ý.");
	assert_has(talk_said(&t, REPLY_MODERATORS), "SK14");
	/* The seeds hold one that is much like it; the question comes last. */
	assert_has(talk_said(&t, REPLY_PRIVATE), "SK14 đã lưu. Tên này gần giống SK9.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->title, ==, "Dan ma QR tra cuu thu tuc o bo phan 1 cua");
	g_assert_cmpstr(i->body, ==, "in mã QR theo từng nhóm TTHC,\ndán ở bàn tiếp dân, quét ra hướng dẫn + link nộp hồ sơ");
	g_assert_cmpstr(i->unit, ==, "GIAOTHUY");
	g_assert_cmpstr(i->field, ==, "dvc");
	g_assert_cmpstr(i->type, ==, "giải pháp");
	g_assert_false(i->on_behalf);
	talk_close(&t);
}

static void test_title_alone_is_kept_and_asks_for_content(void)
{
	struct talk t;

	talk_open(&t);
	g_assert_cmpstr(talk_tell(&t, "lan", "/c Chợ không tiền mặt ở thị trấn Gôi"), ==,
			"Đã giữ tên “Chợ không tiền mặt ở thị trấn Gôi”. Đồng chí nhắn thêm vài câu về cách làm để hoàn tất; gõ "
			"/huy nếu thôi.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_DRAFT);
	g_assert_cmpstr(talk_said(&t, REPLY_MODERATORS), ==, "");
	assert_has(talk_tell(&t, "lan", "mỗi sạp hàng dán một mã QR, tổ công nghệ số hướng dẫn bà con"), "SK14 đã lưu");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	assert_has(talk_said(&t, REPLY_MODERATORS), "SK14 mới chờ duyệt");
	talk_close(&t);
}

static void test_no_title_keeps_the_content_and_asks(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	g_assert_cmpstr(talk_group(&t, "lan", "/c\nnội dung: mỗi sạp hàng dán một mã QR"), ==, "");
	g_assert_cmpstr(
		talk_said(&t, REPLY_PRIVATE), ==,
		"Tin chưa có tên sáng kiến. Đồng chí nhắn một dòng tên ngắn (dưới 200 ký tự); phần nội dung đã gửi vẫn được giữ.");
	talk_tell(&t, "lan", "Chợ không tiền mặt");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->title, ==, "Chợ không tiền mặt");
	g_assert_cmpstr(i->body, ==, "mỗi sạp hàng dán một mã QR");
	g_assert_cmpint(i->status, ==, ITEM_WAITING);
	talk_close(&t);
}

static void test_nothing_at_all_is_asked_step_by_step(void)
{
	struct talk t;

	talk_open(&t);
	assert_has(talk_tell(&t, "lan", "/c"), "nhắn tên sáng kiến trong một dòng");
	g_assert_false(talk_has_item(&t, 14));
	assert_has(talk_tell(&t, "lan", "Chợ không tiền mặt"), "Đã giữ tên “Chợ không tiền mặt”");
	talk_tell(&t, "lan", "mỗi sạp hàng dán một mã QR");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	/* The optional questions come one by one and end at "bỏ qua". */
	assert_has(talk_said(&t, REPLY_PRIVATE), "thực trạng)? Hoặc nhắn “bỏ qua”.");
	assert_has(talk_tell(&t, "lan", "bà con quen dùng tiền mặt, khó kiểm đếm"), "Đã bổ sung SK14: thực trạng.\nNếu tiện");
	assert_has(talk_tell(&t, "lan", "bỏ qua"), "Vâng.");
	g_assert_true(t.out.clear_pending);
	talk_close(&t);
}

static void test_stopping_keeps_the_draft(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "lan", "/c Chợ không tiền mặt");
	assert_has(talk_tell(&t, "lan", "thôi"), "SK14 được giữ làm bản nháp");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_DRAFT);
	assert_has(talk_tell(&t, "lan", "/s SK14 nội dung: mỗi sạp hàng dán một mã QR"), "SK14 đã lưu");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_close(&t);
}

static void test_short_command_is_no_answer_to_an_optional_question(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_tell(&t, "lan", "/c Chợ không tiền mặt\nnd: mỗi sạp hàng dán một mã QR");
	g_assert_nonnull(t.out.pending);
	talk_tell(&t, "lan", "cảm ơn nhé");
	talk_tell(&t, "lan", "SK 14");
	i = talk_item(&t, 14);
	g_assert_null(item_field_get(i, "thuctrang"));
	talk_close(&t);
}

static void test_same_text_again_is_one_item(void)
{
	struct talk t;

	talk_open(&t);
	talk_group(&t, "hoa", SHORT);
	assert_has(talk_tell(&t, "hoa", SHORT), "Tin này đã là SK14");
	g_assert_false(talk_has_item(&t, 15));
	talk_close(&t);
}

static void test_unclear_unit_is_asked_by_number(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;
	const char *said;

	talk_open(&t);
	said = talk_tell(&t, "quantri", SHORT "\ndv: truc");
	assert_has(said, "Chưa rõ đơn vị “truc”. 1) ");
	assert_has(said, "UBND huyện Trực Ninh");
	assert_has(said, "UBND huyện Nam Trực");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	assert_has(talk_tell(&t, "quantri", "tỉnh nào đó"), "Trả lời 1");
	assert_has(talk_tell(&t, "quantri", "huyện Trực Ninh"), "Đã ghi đơn vị của SK14: UBND huyện Trực Ninh.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->unit, ==, "TRUCNINH");
	g_assert_null(i->unit_text);
	talk_close(&t);
}

static void test_writing_for_another_unit(void)
{
	static const struct {
		const char *who;
		bool on_behalf;
	} people[] = { { "lan", true }, { "nam", true }, { "hoa", true }, { "ha", false }, { "quantri", false } };

	for (size_t n = 0; n < ARRAY_SIZE(people); n++) {
		struct talk t;
		g_autoptr(item_t) i = NULL;

		talk_open(&t);
		talk_tell(&t, people[n].who, SHORT "\nđơn vị: huyện Ý Yên");
		i = talk_item(&t, 14);
		g_assert_cmpstr(i->unit, ==, "YYEN");
		g_assert_cmpint(i->on_behalf, ==, people[n].on_behalf);
		g_assert_cmpint(strstr(talk_said(&t, REPLY_PRIVATE), "đề xuất thay") != NULL, ==, people[n].on_behalf);
		talk_close(&t);
	}
}

static void test_guessed_field_is_shown_as_a_guess(void)
{
	struct talk t;

	talk_open(&t);
	assert_has(talk_tell(&t, "lan", "/c Chợ 4.0 ở thị trấn\nnd: dán mã ở sạp hàng"), "(hệ thống đoán; sửa: lĩnh vực: …)");
	assert_has(talk_tell(&t, "lan", "/c Việc khác\nnd: làm khác\nlĩnh vực: chăn trâu trên mây"),
		   "Chưa nhận ra lĩnh vực “chăn trâu trên mây”");
	talk_close(&t);
}

/* Nobody reads what is meant as a part before a moderator says so; until then it is an item like others. */
static void test_a_part_of_another_waits_for_a_moderator(void)
{
	static const struct {
		const char *decision, *said, *told, *then;
		enum item_status status;
	} cases[] = {
		{ "/ok 14", "Đã gộp SK14 vào SK9 làm phần bổ sung. Đọc: /x SK9\nKhông còn mục nào chờ.",
		  "Phần bổ sung SK14 của đồng chí đã được duyệt và gộp vào SK9", "\nkhách khỏi đợi", ITEM_MERGED },
		{ "/tc 14 trùng", "Đã từ chối SK14; đã báo tác giả. Không còn mục nào chờ.", "SK14 không được duyệt: trùng.", "", ITEM_REJECTED },
		{ "/yeucausua 14 thiếu chi phí", "Đã yêu cầu tác giả bổ sung SK14. Không còn mục nào chờ.", "SK14 cần bổ sung: thiếu chi phí.", "",
		  ITEM_RETURNED },
	};

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct talk t;

		talk_open(&t);
		talk_tell(&t, "lan", LIKE_SK9 "\nhq: khách khỏi đợi");
		talk_tell(&t, "lan", "1");
		g_assert_null(strstr(talk_tell(&t, "moi", "/x 9"), "khỏi đợi"));
		assert_has(talk_tell(&t, "lan", "/x 14"), "\n• Tình trạng: đang chờ duyệt\n• Bổ sung cho: SK9\n");
		assert_has(talk_tell(&t, "quantri", "/ok"), "), bổ sung cho SK9\n");
		g_assert_cmpstr(talk_tell(&t, "quantri", cases[n].decision), ==, cases[n].said);
		assert_has(talk_said(&t, REPLY_MEMBER), cases[n].told);
		g_assert_cmpint(talk_status(&t, 14), ==, cases[n].status);
		assert_has(talk_tell(&t, "moi", "/x 9"), cases[n].then);
		g_assert_cmpint(strstr(talk_said(&t, REPLY_PRIVATE), "khỏi đợi") != NULL, ==, n == 0);
		if (n == 0)
			assert_has(talk_tell(&t, "quantri", "/tc 14 trùng"), "SK14 đã được đ/c Quản trị gộp vào SK9 lúc ");
		talk_close(&t);
	}
}

/* Where the other is gone meanwhile; and what a moderator sends needs no other. */
static void test_a_part_of_what_is_gone(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "lan", LIKE_SK9);
	talk_tell(&t, "lan", "1");
	talk_tell(&t, "quantri", "/rut 9");
	g_assert_cmpstr(talk_tell(&t, "quantri", "/ok 14"), ==,
			"SK9 đã rút nên không gộp được SK14; SK14 là mục riêng, đang chờ duyệt.\nDuyệt: /ok SK14 · Từ chối: /tc SK14 <lý do>");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_tell(&t, "quantri", "/rut 9 hoàn");
	assert_has(talk_tell(&t, "quantri", "/ok 14"), "Đã duyệt SK14.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_APPROVED);
	talk_close(&t);
	/* Before it was answered. */
	talk_open(&t);
	talk_tell(&t, "lan", LIKE_SK9);
	talk_tell(&t, "quantri", "/rut 9");
	assert_has(talk_tell(&t, "lan", "3"), "SK9 đã rút nên không gộp được SK14; SK14 là mục riêng, đang chờ duyệt.");
	g_assert_null(strstr(talk_said(&t, REPLY_PRIVATE), "áp dụng"));
	talk_close(&t);
	talk_open(&t);
	talk_tell(&t, "quantri", LIKE_SK9);
	g_assert_cmpstr(talk_tell(&t, "quantri", "1"), ==, "Đã gộp SK14 vào SK9 làm phần bổ sung. Đọc: /x SK9");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_MERGED);
	talk_close(&t);
}

/* A part of what is not approved itself waits until it is; a moderator may let it stand alone. */
static void test_a_part_comes_after_the_whole(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "lan", "/c Bảng điện tử hiển thị lịch tiếp dân ở trụ sở xã\nnd: treo bảng");
	talk_tell(&t, "lan", "/c Bảng điện tử hiển thị lịch tiếp dân ở trụ sở xã, xóm\nnd: thêm loa");
	assert_has(talk_tell(&t, "lan", "1"), "SK15 là phần bổ sung cho SK14");
	assert_has(talk_tell(&t, "quantri", "/ok 15"), "SK14 đang chờ duyệt nên chưa gộp được SK15. Duyệt SK14 trước: /ok SK14, SK15.");
	assert_has(talk_tell(&t, "quantri", "/ok SK14, SK15"), "Đã gộp SK15 vào SK14 làm phần bổ sung.");
	assert_has(talk_tell(&t, "lan", "/c Bảng điện tử hiển thị lịch tiếp dân ở trụ sở xã, làng\nnd: thêm màn"), "gần giống SK14");
	talk_tell(&t, "lan", "1");
	assert_has(talk_tell(&t, "quantri", "/ok 16 riêng"), "Đã duyệt SK16.");
	g_assert_cmpint(talk_status(&t, 16), ==, ITEM_APPROVED);
	assert_has(talk_tell(&t, "lan", "/c Bảng điện tử hiển thị lịch tiếp dân ở trụ sở xã, xóm\nnd: thêm loa"), "gộp vào SK14 lúc");
	talk_close(&t);
}

static void test_near_duplicate_is_saved_first_and_offered(void)
{
	static const struct {
		const char *answer, *said;
		enum item_status status;
		int64_t adopted;
	} cases[] = {
		{ "1", "SK14 là phần bổ sung cho SK9, cảm ơn đồng chí; sẽ hiện ở SK9 sau khi bộ phận thường trực duyệt.", ITEM_WAITING, 0 },
		{ "2", "SK14 là sáng kiến riêng", ITEM_WAITING, 0 },
		{ "3", "Đã ghi nhận: đơn vị đồng chí áp dụng SK9", ITEM_WAITING, 1 },
	};

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct talk t;
		g_autoptr(item_t) other = NULL;
		const char *said;

		talk_open(&t);
		said = talk_tell(&t, "lan", LIKE_SK9);
		assert_has(said, "Đọc: /x SK9");
		g_assert_nonnull(strstr(said,
					"SK14 đã lưu. Tên này gần giống SK9. Trả lời 1: bổ sung vào SK9; 2: đây là sáng kiến khác; "
					"3: đơn vị tôi áp dụng SK9."));
		g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
		assert_has(talk_tell(&t, "lan", cases[n].answer), cases[n].said);
		g_assert_cmpint(talk_status(&t, 14), ==, cases[n].status);
		other = talk_item(&t, 9);
		g_assert_cmpint(other->n_adopted, ==, cases[n].adopted);
		talk_close(&t);
	}
}

static void test_answer_after_the_decision_folds_nothing(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "lan", LIKE_SK9);
	talk_tell(&t, "ha", "/ok 14");
	g_assert_cmpstr(talk_tell(&t, "lan", "1"), ==, "SK14 đã duyệt nên không cần trả lời câu hỏi này nữa.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_APPROVED);
	g_assert_true(t.out.clear_pending);
	talk_close(&t);
}

static void test_near_duplicate_of_a_hidden_item_is_not_named(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	g_assert_null(strstr(talk_tell(&t, "lan", SHORT " hơn nhiều"), "gần giống"));
	talk_close(&t);
}

static void test_unregistered_text_is_held_until_registration(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	g_assert_cmpstr(
		talk_tell(&t, "moi", SHORT), ==,
		"Nội dung được giữ tạm 24 giờ rồi xóa. Đồng chí đăng ký một lần: /dk <tên đơn vị>, sau đó hệ thống lưu tiếp.");
	g_assert_false(talk_has_item(&t, 14));
	assert_has(talk_tell(&t, "moi", "/dk vu ban, can bo vhxh"), "Hệ thống hiểu: UBND huyện Vụ Bản, cán bộ VHXH. Sẽ lưu:");
	assert_has(talk_tell(&t, "moi", "đồng ý ạ"), "SK14 đã lưu");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->title, ==, "Sổ tay số cho trưởng xóm");
	g_assert_cmpstr(i->unit, ==, "VUBAN");
	talk_close(&t);
}

static void test_held_text_survives_other_commands_and_questions(void)
{
	static const char *const between[] = { "/h", "/t loa xa", "/t truyền thanh", "1", "/x SK130", "gì vậy", "/donvi vụ bản" };
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "moi", SHORT);
	for (size_t n = 0; n < ARRAY_SIZE(between); n++)
		talk_tell(&t, "moi", between[n]);
	/* A second one does not take the first one's place; a unit's name alone goes on. */
	talk_tell(&t, "moi", "/c Chợ không tiền mặt\nnd: dán mã QR ở sạp");
	assert_has(talk_tell(&t, "moi", "huyện vụ bản"), "Hệ thống hiểu: UBND huyện Vụ Bản.");
	talk_tell(&t, "moi", "ĐỒNG Ý");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	g_assert_cmpint(talk_status(&t, 15), ==, ITEM_WAITING);
	talk_close(&t);
}

static void test_held_text_goes_when_the_person_gives_up(void)
{
	static const char *const ends[][2] = { { "/huy", "xóa nội dung giữ tạm" }, { "không", "hệ thống không lưu gì" } };

	for (size_t n = 0; n < ARRAY_SIZE(ends); n++) {
		struct talk t;

		talk_open(&t);
		talk_tell(&t, "moi", SHORT);
		assert_has(talk_tell(&t, "moi", ends[n][0]), ends[n][1]);
		talk_tell(&t, "moi", "/dk vu ban");
		assert_has(talk_tell(&t, "moi", "đồng ý"), "Đã đăng ký");
		g_assert_false(talk_has_item(&t, 14));
		talk_close(&t);
	}
}

static void test_sixth_held_text_is_refused_aloud(void)
{
	struct talk t;

	talk_open(&t);
	for (unsigned n = 1; n <= 6; n++) {
		g_autofree char *text = g_strdup_printf("/c Mục thứ %u của xã\nnd: nội dung %u", n, n);

		assert_has(talk_tell(&t, "moi", text), n <= 5 ? "được giữ tạm 24 giờ" : "đang giữ tạm 5 tin");
	}
	talk_close(&t);
}

static void test_secrets_and_citizen_numbers_are_not_stored(void)
{
	static const char *const texts[] = { SHORT "\nĐộ mật: MẬT", SHORT "\nliên hệ: 036090012345" };

	for (size_t n = 0; n < ARRAY_SIZE(texts); n++) {
		struct talk t;

		talk_open(&t);
		assert_has(talk_tell(&t, "lan", texts[n]), "Hệ thống không lưu.");
		g_assert_false(talk_has_item(&t, 14));
		g_assert_null(strstr(talk_said(&t, REPLY_MODERATORS), "QR"));
		talk_close(&t);
	}
}

static void test_too_long_text_is_refused_whole(void)
{
	struct talk t;
	g_autofree char *body = g_strnfill(SHARE_TEXT_MAX, 'a');
	g_autofree char *text = g_strconcat("/c Tên\nnd: ", body, NULL);

	talk_open(&t);
	assert_has(talk_tell(&t, "lan", text), "quá mức 10.000");
	g_assert_false(talk_has_item(&t, 14));
	talk_close(&t);
}

/* --- Additions --- */

static void test_addition_by_reply(void)
{
	struct talk t;
	g_autofree char *source = NULL;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_group(&t, "hoa", SHORT);
	source = g_strdup(t.last_id);
	t.next->reply_to_id = g_strdup(source);
	g_assert_cmpstr(talk_group(&t, "hoa", "/s kinh phi: 3tr in\nnhan rong: xã nào cũng làm được"), ==,
			"Đã bổ sung SK14: chi phí, khả năng nhân rộng.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(item_field_get(i, "chiphi"), ==, "3tr in");
	g_assert_cmpstr(item_field_get(i, "nhanrong"), ==, "xã nào cũng làm được");
	talk_close(&t);
}

static void test_labelled_line_joins_the_open_item(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	g_assert_cmpstr(talk_tell(&t, "hoa", "nhân rộng: xã nào cũng làm được"), ==, "Đã bổ sung SK14: khả năng nhân rộng.");
	talk_message(&t, "hoa", false, "chúc mừng năm mới cả nhà");
	g_assert_cmpint(t.status, ==, CMD_PASS);
	talk_message(&t, "nam", false, "hôm nay họp lúc mấy giờ");
	g_assert_cmpint(t.status, ==, CMD_PASS);
	talk_close(&t);
}

#define PASTED "Loa thông minh báo lịch cấp nước\nND: hẹn giờ phát theo từng xóm"

/* A title over a labelled content is an item of its own: nothing of it is written into the one that is open. */
static void test_pasted_item_leaves_the_open_one_alone(void)
{
	static const char *const pasted[] = {
		PASTED,
		"Loa thông minh báo lịch cấp nước\nThực trạng: nước cấp thất thường",
		"Loa thông minh báo lịch cấp nước\nđơn vị: ubnd huyện vụ bản\nnhân rộng: mọi xã",
		"[10:15, 24/11/2026] Nam: Loa thông minh\nnhân rộng: mọi xã",
	};

	for (size_t n = 0; n < ARRAY_SIZE(pasted); n++) {
		struct talk t;
		g_autoptr(item_t) before = NULL, after = NULL;

		talk_open(&t);
		t.is_dispatched = true;
		talk_tell(&t, "hoa", SHORT);
		before = talk_item(&t, 14);
		assert_has(talk_tell(&t, "hoa", pasted[n]), "gõ /luu trong 15 phút tới");
		after = talk_item(&t, 14);
		g_assert_cmpint(after->version, ==, before->version);
		g_assert_cmpstr(after->body, ==, before->body);
		g_assert_null(t.out.pending);
		talk_close(&t);
	}
}

static void test_offer_for_a_pasted_item_says_what_it_was_kept_from(void)
{
	struct talk t;

	talk_open(&t);
	t.is_dispatched = true;
	g_assert_cmpstr(talk_tell(&t, "hoa", PASTED), ==, "Tin này giống một sáng kiến. Muốn lưu thì gõ /luu trong 15 phút tới.");
	talk_tell(&t, "hoa", SHORT);
	assert_has(talk_tell(&t, "hoa", PASTED), "nên chưa ghi vào SK14. Lưu thành sáng kiến mới: gõ /luu");
	talk_close(&t);
}

static void test_own_content_is_replaced_only_when_he_says_so(void)
{
	static const struct {
		const char *answer, *body;
	} cases[] = { { "1", "phát sổ tay in" }, { "2", "in mã QR theo nhóm thủ tục\nphát sổ tay in" }, { "3", "in mã QR theo nhóm thủ tục" } };

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct talk t;
		g_autoptr(item_t) i = NULL;

		talk_open(&t);
		talk_tell(&t, "hoa", SHORT);
		assert_has(talk_tell(&t, "hoa", "nội dung: phát sổ tay in"), "Ghi đè?");
		talk_tell(&t, "hoa", cases[n].answer);
		i = talk_item(&t, 14);
		g_assert_cmpstr(i->body, ==, cases[n].body);
		/* What got its place is no paste any more; what was turned down still may become an item. */
		g_assert_cmpint(t.out.taken_id != NULL, ==, n < 2);
		talk_close(&t);
	}
}

static void test_item_sent_again_with_more_is_the_same_item(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	g_assert_cmpstr(talk_tell(&t, "hoa", "Sổ tay số cho Trưởng xóm\nND: in mã QR theo nhóm thủ tục\nnhân rộng: mọi xã"), ==,
			"Đã bổ sung SK14: khả năng nhân rộng.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->body, ==, "in mã QR theo nhóm thủ tục");
	g_assert_cmpint(t.out.files_item_id, ==, i->id);
	talk_close(&t);
}

/* Copied talk is nobody's answer. */
static void test_copied_talk_does_not_answer_a_question(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	t.is_dispatched = true;
	assert_has(talk_tell(&t, "lan", "/c Chợ không tiền mặt\nnd: mỗi sạp hàng dán một mã QR"), "thực trạng)?");
	assert_has(talk_tell(&t, "lan", "[10:15, 24/11/2026] Nam: Loa thông minh\nhẹn giờ phát theo từng xóm"), "gõ /luu trong 15 phút tới");
	i = talk_item(&t, 14);
	g_assert_null(item_field_get(i, "thuctrang"));
	talk_close(&t);
}

static void test_two_open_items_are_asked_about(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	talk_tell(&t, "hoa", "/c Loa thông minh ở xóm\nthực trạng: loa cũ\nnd: loa qua sim 4G\nhq: rẻ");
	talk_tell(&t, "hoa", "2");
	assert_has(talk_tell(&t, "hoa", "nhân rộng: xã nào cũng làm được"),
		   "Bổ sung vào mục nào? 1) SK15 Loa thông minh ở xóm 2) SK14");
	assert_has(talk_tell(&t, "hoa", "2"), "Đã bổ sung SK14: khả năng nhân rộng.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(item_field_get(i, "nhanrong"), ==, "xã nào cũng làm được");
	talk_close(&t);
}

/* A text that a question kept is /luu's again unless an item took it, also when one question leads to the next. */
static void test_text_behind_a_question_is_taken_only_when_it_is_written(void)
{
	static const struct {
		const char *name, *before_which, *before_overwrite, *overwrite;
		bool is_taken;
	} cases[] = {
		{ "a conflict writes nothing yet", NULL, NULL, NULL, false },
		{ "the old text stays", NULL, NULL, "3", false },
		{ "the new text is written", NULL, NULL, "1", true },
		{ "refused before the item was named", "/tc 14 đã có", NULL, NULL, false },
		{ "refused before the conflict was settled", NULL, "/tc 14 đã có", "1", false },
	};

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		g_autofree char *pasted = NULL;
		struct talk t;

		g_test_message("%s", cases[n].name);
		talk_open(&t);
		talk_tell(&t, "hoa", SHORT);
		talk_tell(&t, "hoa", "/s 14 chi phí: 3tr");
		talk_tell(&t, "hoa", "/c Loa thông minh ở xóm\nthực trạng: loa cũ\nnd: loa qua sim 4G\nhq: rẻ");
		talk_tell(&t, "hoa", "2");
		assert_has(talk_tell(&t, "hoa", "hiệu quả: chờ 5 phút"), "Bổ sung vào mục nào? 1) SK15 Loa thông minh ở xóm 2) SK14");
		pasted = g_strdup(t.last_id);
		g_assert_null(t.out.taken_id);
		if (cases[n].before_which) {
			talk_tell(&t, "ha", cases[n].before_which);
			talk_tell(&t, "hoa", "2");
		} else {
			assert_has(talk_tell(&t, "hoa", "2"), "Ghi đè?");
			g_assert_null(t.out.taken_id);
		}
		if (cases[n].before_overwrite)
			talk_tell(&t, "ha", cases[n].before_overwrite);
		if (cases[n].overwrite)
			talk_tell(&t, "hoa", cases[n].overwrite);
		g_assert_cmpstr(t.out.taken_id, ==, cases[n].is_taken ? pasted : NULL);
		talk_close(&t);
	}
}

static void test_other_units_member_is_told_who_manages(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	talk_tell(&t, "ha", "/ok 14");
	g_assert_cmpstr(talk_tell(&t, "lan", "/s SK14 hiệu quả: chưa rõ"), ==,
			"SK14 do UBND huyện Giao Thủy quản lý. Đồng chí có thể góp ý bằng /hoi SK14.");
	talk_close(&t);
}

static void test_what_somebody_else_wrote_is_not_overwritten_silently(void)
{
	static const struct {
		const char *answer, *value;
	} cases[] = { { "1", "chờ 5 phút" }, { "2", "đỡ chờ\nchờ 5 phút" }, { "3", "đỡ chờ" } };

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct talk t;
		g_autoptr(item_t) i = NULL;
		const char *said;

		talk_open(&t);
		talk_tell(&t, "nam", SHORT);
		said = talk_tell(&t, "hoa", "/s 14 hiệu quả: chờ 5 phút\nchi phí: 3tr");
		assert_has(said, "Đã bổ sung SK14: chi phí.");
		assert_has(said, "SK14 đã có hiệu quả: “đỡ chờ”. Tin mới: “chờ 5 phút”.");
		assert_has(said, "Ghi đè?");
		talk_tell(&t, "hoa", cases[n].answer);
		i = talk_item(&t, 14);
		g_assert_cmpstr(item_field_get(i, "hieuqua"), ==, cases[n].value);
		g_assert_cmpstr(item_field_get(i, "chiphi"), ==, "3tr");
		talk_close(&t);
	}
}

static void test_approved_item_gets_a_proposal(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	talk_tell(&t, "ha", "/ok 14");
	assert_has(talk_tell(&t, "hoa", "/s 14 hiệu quả: chờ 5 phút"), "đã được chuyển bộ phận thường trực");
	assert_has(talk_said(&t, REPLY_MODERATORS), "đang là “đỡ chờ”:\n/s SK14 hiệu quả: chờ 5 phút");
	i = talk_item(&t, 14);
	g_assert_cmpstr(item_field_get(i, "hieuqua"), ==, "đỡ chờ");
	talk_close(&t);
}

/* --- Files --- */

static struct attachment *file_new(enum attachment_kind kind, const char *id)
{
	struct attachment *a = g_new0(struct attachment, 1);

	a->kind = kind;
	a->file_id = g_strdup(id);
	a->size = -1;
	return a;
}

static void test_files_after_the_text_join_it(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	g_ptr_array_add(t.next->attachments, file_new(ATTACHMENT_PHOTO, "p1"));
	g_assert_cmpstr(talk_group(&t, "hoa", ""), ==, "Đã thêm 1 tệp vào SK14.");
	/* The same file again is no second one. */
	g_ptr_array_add(t.next->attachments, file_new(ATTACHMENT_PHOTO, "p1"));
	g_assert_cmpstr(talk_group(&t, "hoa", ""), ==, "");
	i = talk_item(&t, 14);
	g_assert_cmpuint(i->attachments->len, ==, 1);
	talk_close(&t);
}

static void test_files_before_the_text_come_with_it(void)
{
	struct talk t;
	struct update *before = update_new(UPDATE_MESSAGE);
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	before->adapter = g_strdup("console");
	before->text = g_strdup("");
	g_ptr_array_add(before->attachments, file_new(ATTACHMENT_FILE, "f1"));
	t.next->window = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_ptr_array_add(t.next->window, before);
	talk_group(&t, "hoa", SHORT);
	i = talk_item(&t, 14);
	g_assert_cmpuint(i->attachments->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(i->attachment_adapters, 0), ==, "console");
	talk_close(&t);
}

static void test_voice_and_sticker_are_not_read(void)
{
	static const enum attachment_kind kinds[] = { ATTACHMENT_VOICE, ATTACHMENT_STICKER, ATTACHMENT_PHOTO };

	for (size_t n = 0; n < ARRAY_SIZE(kinds); n++) {
		struct talk t;

		talk_open(&t);
		g_ptr_array_add(t.next->attachments, file_new(kinds[n], "x"));
		g_assert_cmpstr(talk_tell(&t, "lan", ""), ==, "Hệ thống chỉ đọc được chữ; đồng chí nhắn thêm một dòng tên.");
		g_ptr_array_add(t.next->attachments, file_new(kinds[n], "x"));
		talk_group(&t, "lan", "");
		g_assert_cmpuint(t.out.replies->len, ==, 0);
		talk_close(&t);
	}
}

/* --- Edits and recalls --- */

static void edit(struct talk *t, const char *who, const char *message_id, const char *text)
{
	t->next->kind = UPDATE_EDIT;
	t->next->message_id = g_strdup(message_id);
	talk_message(t, who, true, text);
}

static void test_edit_while_waiting_is_read_again(void)
{
	struct talk t;
	g_autofree char *source = NULL;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	talk_group(&t, "hoa", SHORT);
	source = g_strdup(t.last_id);
	/* Only spaces and capitals: nothing happened. */
	edit(&t, "hoa", source,
	     "/c Sổ tay  số cho Trưởng xóm\nthực trạng: dân chờ lâu\nND: in mã QR theo nhóm thủ tục\nhiệu quả: đỡ chờ.");
	g_assert_cmpuint(t.out.replies->len, ==, 0);
	edit(&t, "hoa", source, "/c Sổ tay số cho trưởng xóm\nND: in mã QR theo nhóm thủ tục\nhiệu quả: chờ 5 phút");
	g_assert_cmpstr(talk_said(&t, REPLY_LINE), ==, "Đã cập nhật SK14 theo tin vừa sửa: hiệu quả.");
	i = talk_item(&t, 14);
	g_assert_cmpstr(item_field_get(i, "hieuqua"), ==, "chờ 5 phút");
	g_assert_cmpstr(item_field_get(i, "thuctrang"), ==, "dân chờ lâu");
	talk_close(&t);
}

static void test_edit_after_approval_is_a_proposal(void)
{
	struct talk t;
	g_autofree char *source = NULL;

	talk_open(&t);
	talk_group(&t, "hoa", SHORT);
	source = g_strdup(t.last_id);
	talk_tell(&t, "ha", "/ok 14");
	edit(&t, "hoa", source, SHORT " hơn trước");
	assert_has(talk_said(&t, REPLY_MODERATORS), "/s SK14 hiệu quả: đỡ chờ hơn trước");
	talk_close(&t);
}

static void test_edit_of_ordinary_talk_is_passed_on(void)
{
	struct talk t;

	talk_open(&t);
	edit(&t, "hoa", "m77", "họp lúc 3 giờ");
	g_assert_cmpint(t.status, ==, CMD_PASS);
	talk_close(&t);
}

static void recall(struct talk *t, const char *who, const char *message_id)
{
	t->next->kind = UPDATE_RECALL;
	t->next->message_id = g_strdup(message_id);
	talk_message(t, who, true, "");
}

static void test_recall_of_a_waiting_item_asks_its_author(void)
{
	static const struct {
		const char *answer;
		enum item_status status;
	} cases[] = { { "1", ITEM_WITHDRAWN }, { "2", ITEM_WAITING } };

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		struct talk t;
		g_autofree char *source = NULL;

		talk_open(&t);
		talk_group(&t, "hoa", SHORT);
		source = g_strdup(t.last_id);
		recall(&t, "hoa", source);
		assert_has(talk_said(&t, REPLY_PRIVATE), "Trả lời 1: rút hẳn; 2: giữ lại SK14.");
		/* Frozen meanwhile: nobody approves what its author took back. */
		assert_has(talk_tell(&t, "ha", "/ok 14"), "SK14 đã rút.");
		talk_tell(&t, "hoa", cases[n].answer);
		g_assert_cmpint(talk_status(&t, 14), ==, cases[n].status);
		talk_close(&t);
	}
}

static void test_recall_after_approval_changes_nothing(void)
{
	struct talk t;
	g_autofree char *source = NULL;

	talk_open(&t);
	talk_group(&t, "hoa", SHORT);
	source = g_strdup(t.last_id);
	talk_tell(&t, "ha", "/ok 14");
	recall(&t, "hoa", source);
	assert_has(talk_said(&t, REPLY_MODERATORS), "Tin gốc của SK14");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_APPROVED);
	talk_close(&t);
}

/* --- Capturing --- */

static void test_paste_after_a_bare_luu_is_saved(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	t.is_dispatched = true;
	talk_tell(&t, "hoa", SHORT);
	assert_has(talk_tell(&t, "hoa", "/luu"), "Hãy dán tin cần lưu");
	assert_has(talk_tell(&t, "hoa", "nhân rộng: mọi xã\nchi phí: 3tr"), "Đã bổ sung SK14");
	assert_has(talk_tell(&t, "hoa", PASTED), "SK15 đã lưu");
	i = talk_item(&t, 15);
	g_assert_cmpstr(i->title, ==, "Loa thông minh báo lịch cấp nước");
	g_assert_cmpstr(i->body, ==, "hẹn giờ phát theo từng xóm");
	g_assert_cmpint(t.out.files_item_id, ==, i->id);
	/* An hour later nobody remembers the question. */
	talk_tell(&t, "nam", "/luu");
	t.now_ms += 60 * MINUTE_MS;
	assert_has(talk_tell(&t, "nam", "Xe buýt đưa cán bộ đi học\nmỗi tuần một chuyến"), "gõ /luu trong 15 phút tới");
	g_assert_false(talk_has_item(&t, 16));
	talk_close(&t);
}

static void reply_to(struct talk *t, const char *id, const char *user, const char *name, const char *text)
{
	t->next->reply_to_id = g_strdup(id);
	t->next->reply_user_id = g_strdup(user);
	t->next->reply_user_name = g_strdup(name);
	t->next->reply_text = g_strdup(text);
}

static void test_capture_of_a_colleagues_message_waits_for_him(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	reply_to(&t, "x1", "nam", "Nam", "Xã mình phát lịch tiêm qua Zalo\nai cũng nhận được, đỡ loa");
	g_assert_cmpstr(talk_group(&t, "lan", "/luu"), ==, "Đã tạo nháp SK14 từ tin của đ/c Nam; đã hỏi ý kiến tác giả.");
	assert_has(talk_said(&t, REPLY_MEMBER), "Đồng ý thì nhắn: /luu SK14.");
	i = talk_item(&t, 14);
	g_assert_cmpint(i->status, ==, ITEM_DRAFT);
	g_assert_cmpstr(i->title, ==, "Xã mình phát lịch tiêm qua Zalo");
	g_assert_cmpstr(i->unit, ==, "GIAOTHUY");
	assert_has(talk_tell(&t, "lan", "/luu SK14"), "SK14 chưa được duyệt nên chỉ tác giả");
	assert_has(talk_tell(&t, "nam", "/luu SK14"), "SK14 đã gửi duyệt");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_close(&t);
}

static void test_capture_of_own_message(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	reply_to(&t, "x1", "lan", "Lan", "phát lịch tiêm qua Zalo, ai cũng nhận được");
	assert_has(talk_group(&t, "lan", "/luu Dùng Zalo phát lịch tiêm chủng"), "Đã nhận SK14");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->title, ==, "Dùng Zalo phát lịch tiêm chủng");
	g_assert_cmpstr(i->body, ==, "phát lịch tiêm qua Zalo, ai cũng nhận được");
	talk_close(&t);
}

static void test_capture_refusals(void)
{
	struct talk t;

	talk_open(&t);
	g_assert_cmpstr(talk_group(&t, "lan", "/luu"), ==, "");
	g_assert_cmpstr(talk_said(&t, REPLY_PRIVATE), ==, "Hãy trả lời (reply) đúng tin cần lưu rồi gõ /luu.");
	reply_to(&t, "x1", "la", "Ông Lạ", "một tin hay của người chưa đăng ký");
	talk_group(&t, "lan", "/luu");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Đ/c Ông Lạ chưa đăng ký");
	g_assert_false(talk_has_item(&t, 14));
	reply_to(&t, "x2", "nam", "Nam", NULL);
	talk_group(&t, "lan", "/luu");
	g_assert_cmpstr(talk_said(&t, REPLY_PRIVATE), ==, "Hệ thống không còn giữ tin đó; xin dán lại nội dung.");
	talk_close(&t);
}

static void test_paste_is_captured_under_the_rules_of_a_reply(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL, j = NULL, k = NULL;

	talk_open(&t);
	/* One's own, with the header that the other program put above it. */
	assert_has(talk_tell(&t, "nam", "/luu [10:15, 24/11/2026] Nam: Nhắc họp qua tin nhắn\ngửi trước một ngày"), "SK14 đã lưu");
	i = talk_item(&t, 14);
	g_assert_cmpstr(i->title, ==, "Nhắc họp qua tin nhắn");
	g_assert_cmpstr(i->body, ==, "gửi trước một ngày");
	/* A colleague's: he is asked. */
	assert_has(talk_tell(&t, "ha", "/luu Nam, 10:15\nXe buýt đưa cán bộ đi học\nmỗi tuần một chuyến"), "Đã tạo nháp SK15 từ tin của đ/c Nam");
	assert_has(talk_said(&t, REPLY_MEMBER), "Đồng ý thì nhắn: /luu SK15");
	j = talk_item(&t, 15);
	g_assert_cmpint(j->status, ==, ITEM_DRAFT);
	g_assert_cmpstr(j->unit, ==, "GIAOTHUY");
	g_assert_cmpstr(j->source, ==, "chép từ nhóm khác");
	assert_has(talk_tell(&t, "ha", "/luu Nam, 10:15\nXe buýt đưa cán bộ đi học\nmỗi tuần một chuyến"), "Tin này đã là SK15");
	/* A stranger's: a moderator's business alone, with the name and a guess of the unit. */
	assert_has(talk_tell(&t, "nam", "/luu Ông Lạ:\nChợ 4.0\ntiểu thương UBND huyện Vụ Bản dán mã"), "Đ/c Ông Lạ chưa đăng ký");
	g_assert_false(talk_has_item(&t, 16));
	assert_has(talk_tell(&t, "ha", "/luu Ông Lạ:\nChợ 4.0\ntiểu thương UBND huyện Vụ Bản dán mã"), "Đơn vị do hệ thống đoán từ nội dung: UBND huyện Vụ Bản");
	k = talk_item(&t, 16);
	g_assert_cmpstr(item_field_get(k, "tacgia"), ==, "Ông Lạ");
	g_assert_cmpint(k->author_id, ==, 0);
	g_assert_cmpstr(k->unit, ==, "VUBAN");
	/* Several people's: no words under another's name. */
	assert_has(talk_tell(&t, "ha", "/luu Ông Lạ:\nhay quá\nNam, 10:16\nđúng vậy"), "tin của nhiều người (Ông Lạ và Nam)");
	assert_has(talk_tell(&t, "ha", "/luu Nam, 10:15\nĐộ mật: MẬT\nchuyện kín"), "Hệ thống không lưu");
	assert_has(talk_tell(&t, "ha", "/luu"), "Hãy dán tin cần lưu ngay sau chữ /luu");
	g_assert_false(talk_has_item(&t, 17));
	talk_close(&t);
}

static void test_unknown_field_is_not_called_unchanged(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "hoa", SHORT);
	talk_tell(&t, "hoa", "bỏ qua");
	g_assert_cmpstr(talk_tell(&t, "hoa", "/s 14 lĩnh vực: chăn trâu trên mây"), ==,
			"Chưa nhận ra lĩnh vực “chăn trâu trên mây”. Danh mục: /linhvuc. Sửa: /s SK14 lĩnh vực: …");
	talk_close(&t);
}

static void test_question_comes_after_what_was_not_understood(void)
{
	struct talk t;
	const char *said;

	talk_open(&t);
	said = talk_tell(&t, "hoa", "/c Sổ tay số\nnd: phát sổ tay\nlĩnh vực: chăn trâu trên mây\nđv: truc");
	assert_has(said, "Chưa nhận ra lĩnh vực");
	g_assert_true(g_str_has_suffix(said, "Trả lời 1 hoặc 2."));
	assert_has(talk_said(&t, REPLY_MODERATORS), "chưa rõ đơn vị “truc”: Sổ tay số");
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/share/labelled message is saved and summed up", test_labelled_message_is_saved_and_summed_up);
	g_test_add_func("/share/title alone asks for content", test_title_alone_is_kept_and_asks_for_content);
	g_test_add_func("/share/no title keeps the content", test_no_title_keeps_the_content_and_asks);
	g_test_add_func("/share/nothing at all is asked step by step", test_nothing_at_all_is_asked_step_by_step);
	g_test_add_func("/share/stopping keeps the draft", test_stopping_keeps_the_draft);
	g_test_add_func("/share/short command is no answer", test_short_command_is_no_answer_to_an_optional_question);
	g_test_add_func("/share/same text again is one item", test_same_text_again_is_one_item);
	g_test_add_func("/share/unclear unit is asked by number", test_unclear_unit_is_asked_by_number);
	g_test_add_func("/share/writing for another unit", test_writing_for_another_unit);
	g_test_add_func("/share/guessed field is shown as a guess", test_guessed_field_is_shown_as_a_guess);
	g_test_add_func("/share/a part of another waits", test_a_part_of_another_waits_for_a_moderator);
	g_test_add_func("/share/a part of what is gone", test_a_part_of_what_is_gone);
	g_test_add_func("/share/a part comes after the whole", test_a_part_comes_after_the_whole);
	g_test_add_func("/share/near duplicate is saved first", test_near_duplicate_is_saved_first_and_offered);
	g_test_add_func("/share/answer after the decision", test_answer_after_the_decision_folds_nothing);
	g_test_add_func("/share/hidden near duplicate is not named", test_near_duplicate_of_a_hidden_item_is_not_named);
	g_test_add_func("/share/unregistered text is held", test_unregistered_text_is_held_until_registration);
	g_test_add_func("/share/held text survives other commands", test_held_text_survives_other_commands_and_questions);
	g_test_add_func("/share/held text goes when given up", test_held_text_goes_when_the_person_gives_up);
	g_test_add_func("/share/sixth held text is refused aloud", test_sixth_held_text_is_refused_aloud);
	g_test_add_func("/share/secrets are not stored", test_secrets_and_citizen_numbers_are_not_stored);
	g_test_add_func("/share/too long text is refused", test_too_long_text_is_refused_whole);
	g_test_add_func("/change/by reply", test_addition_by_reply);
	g_test_add_func("/change/labelled line joins the open item", test_labelled_line_joins_the_open_item);
	g_test_add_func("/change/two open items are asked about", test_two_open_items_are_asked_about);
	g_test_add_func("/change/text behind a question", test_text_behind_a_question_is_taken_only_when_it_is_written);
	g_test_add_func("/change/other unit's member is told who manages", test_other_units_member_is_told_who_manages);
	g_test_add_func("/change/no silent overwriting", test_what_somebody_else_wrote_is_not_overwritten_silently);
	g_test_add_func("/change/approved item gets a proposal", test_approved_item_gets_a_proposal);
	g_test_add_func("/files/after the text", test_files_after_the_text_join_it);
	g_test_add_func("/files/before the text", test_files_before_the_text_come_with_it);
	g_test_add_func("/files/voice and sticker are not read", test_voice_and_sticker_are_not_read);
	g_test_add_func("/edit/while waiting", test_edit_while_waiting_is_read_again);
	g_test_add_func("/edit/after approval", test_edit_after_approval_is_a_proposal);
	g_test_add_func("/edit/ordinary talk", test_edit_of_ordinary_talk_is_passed_on);
	g_test_add_func("/recall/waiting item asks its author", test_recall_of_a_waiting_item_asks_its_author);
	g_test_add_func("/recall/approved item stays", test_recall_after_approval_changes_nothing);
	g_test_add_func("/luu/colleague's message", test_capture_of_a_colleagues_message_waits_for_him);
	g_test_add_func("/luu/own message", test_capture_of_own_message);
	g_test_add_func("/luu/refusals", test_capture_refusals);
	g_test_add_func("/luu/paste", test_paste_is_captured_under_the_rules_of_a_reply);
	g_test_add_func("/change/unknown field is not called unchanged", test_unknown_field_is_not_called_unchanged);
	g_test_add_func("/share/the question comes last", test_question_comes_after_what_was_not_understood);
	g_test_add_func("/change/pasted item", test_pasted_item_leaves_the_open_one_alone);
	g_test_add_func("/change/offer", test_offer_for_a_pasted_item_says_what_it_was_kept_from);
	g_test_add_func("/change/own content", test_own_content_is_replaced_only_when_he_says_so);
	g_test_add_func("/change/sent again", test_item_sent_again_with_more_is_the_same_item);
	g_test_add_func("/change/copied talk", test_copied_talk_does_not_answer_a_question);
	g_test_add_func("/luu/bare", test_paste_after_a_bare_luu_is_saved);
	return g_test_run();
}
