/* SPDX-License-Identifier: MIT */
/* Help, registration, lists, giving up, roles, and words that are no command: what unregistered people, members, moderators and
 * admins hear (domain §5.1 to §5.3). */
#include "commands-help.h"

#define EXAMPLE_LINES_MAX 8

static void open_dispatched(struct talk *t)
{
	talk_open(t);
	t->is_dispatched = true;
}

/* What people type in one row, and what they hear. */
struct said {
	const char *who, *typed, *said;
};

static void check(struct talk *t, const struct said *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *heard = talk_tell(t, cases[i].who, cases[i].typed);

		if (*cases[i].said)
			assert_has(heard, cases[i].said);
		else
			g_assert_cmpstr(heard, ==, "");
	}
}

/* --- help --- */

static unsigned n_examples(const char *help)
{
	unsigned n = 0;

	for (const char *p = help; (p = strstr(p, "\n• ")); p += 3)
		n++;
	return n;
}

static void test_help_shows_the_role_its_own_commands_first(void)
{
	static const struct {
		const char *who, *first, *not;
	} cases[] = {
		{ "moi", "đăng ký đơn vị, làm một lần\n   /dk UBND huyện Vụ Bản", "/ok" },
		{ "lan", "chia sẻ sáng kiến, giải pháp, cách làm hay\n   /c Dán mã QR", "/dk UBND" },
		{ "hoa", "chia sẻ sáng kiến", "/ok" },
		{ "ha", "duyệt mục đang chờ; không ghi số thì xem danh sách chờ\n   /ok SK14", "/vaitro" },
		{ "quantri", "duyệt mục đang chờ", "/dk UBND" },
	};
	struct talk t;

	open_dispatched(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		g_autofree char *help = g_strdup(talk_tell(&t, cases[n].who, "/h"));
		const char *first = strstr(help, "\n• ");

		g_assert_nonnull(first);
		g_assert_true(g_str_has_prefix(first + strlen("\n• "), cases[n].first));
		g_assert_null(strstr(help, cases[n].not));
		g_assert_cmpuint(n_examples(help), <=, EXAMPLE_LINES_MAX);
		g_assert_cmpuint(n_examples(help), >, 4);
		assert_has(help, "\n   /t đài truyền thanh");
	}
	assert_has(talk_tell(&t, "quantri", "/h"), "/vaitro Hoa Đ");
	talk_close(&t);
}

static void test_help_of_one_command(void)
{
	static const struct said cases[] = {
		{ "lan", "/h tim", "/tim: tìm sáng kiến theo từ khóa\nCách gõ: /t <từ khóa>" },
		{ "lan", "/h /ok", "Viết gọn: /ok" },
		{ "lan", "/h chia sẻ", "/chiase: " },
		{ "lan", "/h xyzzy", "Không có lệnh “xyzzy”. Gõ /h để xem các lệnh." },
		{ "lan", "/h thongke", "Lệnh /thongke chưa có trong phiên bản này" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

/* --- words that are no command --- */

static void test_unknown_and_coming_words(void)
{
	static const struct said cases[] = {
		{ "lan", "/blabla", "Chưa hiểu lệnh /blabla. Gõ /h để xem các lệnh." },
		{ "lan", "/hoi sk13 mua loa của hãng nào", "Lệnh /hoi chưa có trong phiên bản này; cần gì đồng chí nhắn bộ phận thường trực." },
		{ "lan", "/thogke", "Lệnh /thogke chưa có" },
		{ "lan", "/Nhiệm vụ giao mỗi xã một mô hình", "Lệnh /Nhiệm vụ chưa có" },
		{ "lan", "/dulieu xoa", "đồng chí nhắn bộ phận thường trực (Sở Thông tin và Truyền thông)" },
		{ "moi", "/Xóa dữ liệu", "đồng chí nhắn bộ phận thường trực (Sở Thông tin và Truyền thông)" },
		{ "ha", "/dyuet 14", "Ý đồng chí là 1) /duyet?" },
		{ "lan", "chúc cả nhà một ngày vui", "Hệ thống chưa hiểu tin này." },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

static void test_chosen_number_or_word_keeps_what_was_typed(void)
{
	static const char *const answers[] = { "1", "/chiase", "/c" };

	for (size_t n = 0; n < ARRAY_SIZE(answers); n++) {
		struct talk t;
		g_autoptr(item_t) i = NULL;

		open_dispatched(&t);
		assert_has(talk_tell(&t, "lan", "/cahi Chợ không tiền mặt\nnd: mỗi sạp dán một mã"), "Ý đồng chí là 1) /chiase");
		assert_has(talk_tell(&t, "lan", answers[n]), "SK14 đã lưu");
		i = talk_item(&t, 14);
		g_assert_cmpstr(i->title, ==, "Chợ không tiền mặt");
		talk_close(&t);
	}
}

static void test_number_decides_nothing(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "lan", "/c Chợ\nnd: mã\nthực trạng: khó\nhq: nhanh");
	talk_tell(&t, "ha", "/dyuet 14");
	assert_has(talk_tell(&t, "ha", "1"), "Ví dụ: /ok SK14");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_close(&t);
}

static void test_deciding_word_without_slash_is_shown_with_it(void)
{
	static const struct said cases[] = {
		{ "ha", "ok 14", "Lệnh này cần dấu gạch chéo ở đầu. Đồng chí gõ: /ok 14" },
		{ "ha", "duyệt SK14", "Đồng chí gõ: /duyệt SK14" },
		{ "lan", "rút SK14 gửi nhầm", "Đồng chí gõ: /rút SK14 gửi nhầm" },
		{ "lan", "rút kinh nghiệm cho lần sau", "Hệ thống chưa hiểu tin này." },
		{ "lan", "duyệt SK14", "Hệ thống chưa hiểu tin này." },
		{ "lan", "ok", "" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

static void test_who_may_not_is_told_whom_to_ask(void)
{
	static const struct said cases[] = {
		{ "moi", "/ok 1", "Đồng chí chưa đăng ký. Đăng ký một lần: /dk <tên đơn vị>." },
		{ "lan", "/ok 1", "Lệnh này dành cho bộ phận thường trực." },
		{ "hoa", "/tb Thử", "Lệnh này dành cho bộ phận thường trực." },
		{ "ha", "/vaitro lan Q", "Lệnh này dành cho quản trị." },
		{ "quantri", "/nhom nongcot", "Lệnh /nhom chỉ dùng trong nhóm." },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	/* Errors are for the one who made them: the group reads nothing. */
	g_assert_cmpstr(talk_group(&t, "lan", "/ok 1"), ==, "");
	g_assert_cmpstr(talk_group(&t, "lan", "/blabla"), ==, "");
	g_assert_cmpstr(talk_group(&t, "quantri", "/nhanquyen ABC"), ==, "");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Lệnh /nhanquyen chỉ dùng trong tin nhắn riêng.");
	talk_close(&t);
}

/* --- registration --- */

static void test_registration_needs_agreement(void)
{
	static const struct said cases[] = {
		{ "moi", "dk ubnd h vu ban, can bo vhxh",
		  "Hệ thống hiểu: UBND huyện Vụ Bản, cán bộ VHXH. Sẽ lưu: tên hiển thị, mã tài khoản, đơn vị, vai trò; dùng để tổng hợp sáng "
		  "kiến CĐS. Xem, sửa, xóa bằng /dulieu. Trả lời ĐỒNG Ý để hoàn tất hoặc KHÔNG." },
		{ "moi", "đã nhận", "" },
		{ "moi", "để mai", "Trả lời ĐỒNG Ý để đăng ký UBND huyện Vụ Bản, cán bộ VHXH, hoặc KHÔNG." },
		{ "moi", "không", "Chưa đăng ký, hệ thống không lưu gì." },
		{ "moi", "/ok 1", "Đồng chí chưa đăng ký." },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

static void test_unit_is_corrected_under_the_open_question(void)
{
	static const struct said cases[] = {
		{ "moi", "/dk", "Đồng chí công tác ở đơn vị nào?" },
		{ "moi", "phong vhtt", "Chưa nhận ra đơn vị “phong vhtt”. Gần nhất: 1) " },
		{ "moi", "Nam Định", "1) UBND tỉnh Nam Định 2) UBND thành phố Nam Định" },
		{ "moi", "2", "Hệ thống hiểu: UBND thành phố Nam Định." },
		{ "moi", "dk truc ninh, dau moi", "Hệ thống hiểu: UBND huyện Trực Ninh, đầu mối." },
		{ "moi", "huyện Ý Yên", "Hệ thống hiểu: UBND huyện Ý Yên" },
		{ "moi", "đồng ý ạ", "Đã đăng ký moi: UBND huyện Ý Yên" },
		{ "moi", "/c", "nhắn tên sáng kiến trong một dòng" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

static void test_short_commands_work_while_the_unit_is_asked_for(void)
{
	static const struct said cases[] = {
		{ "moi", "/dk", "đơn vị nào?" },
		{ "moi", "x13", "SK13 " },
		{ "moi", "/dk", "đơn vị nào?" },
		{ "moi", "t đài truyền thanh", "kết quả cho" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

/* --- lists, giving up --- */

static void test_lists(void)
{
	static const struct said cases[] = {
		{ "moi", "/donvi", "• các huyện: 9" },
		{ "moi", "/donvi vụ bản", "1 đơn vị khớp “vụ bản”:\n• UBND huyện Vụ Bản" },
		{ "moi", "/donvi xyzzy", "Không có đơn vị nào khớp “xyzzy”. Gõ /donvi để xem các khối." },
		{ "moi", "/linhvuc", "Danh mục lĩnh vực:\nChính quyền số:\n• " },
		{ "moi", "/linhvuc dich vu cong", "• Dịch vụ công trực tuyến và thủ tục hành chính\nTìm theo lĩnh vực" },
		{ "moi", "/linhvuc chăn trâu", "Không có lĩnh vực nào khớp “chăn trâu”." },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_close(&t);
}

static void test_giving_up_keeps_what_was_saved(void)
{
	struct talk t;

	open_dispatched(&t);
	g_assert_cmpstr(talk_tell(&t, "lan", "/huy"), ==, "Không có câu hỏi nào đang chờ đồng chí trả lời.");
	talk_tell(&t, "lan", "/c Chợ không tiền mặt");
	g_assert_cmpstr(talk_tell(&t, "lan", "/huy"), ==, "Đã bỏ câu hỏi đang chờ; nội dung đã lưu vẫn được giữ.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_DRAFT);
	/* The question stands in private chat; it can be given up from the group, and the group reads nothing of it. */
	talk_tell(&t, "lan", "/c Sổ tay số");
	g_assert_cmpstr(talk_group(&t, "lan", "/huy"), ==, "");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Đã bỏ câu hỏi đang chờ");
	assert_has(talk_tell(&t, "lan", "1"), "Hệ thống chưa hiểu tin này.");
	talk_close(&t);
}

/* --- roles, groups, the first admin --- */

static void test_roles_are_given_by_letter_or_name(void)
{
	static const struct said cases[] = {
		{ "quantri", "/vaitro Hà thành viên", "Đã giao Hà (Sở Thông tin và Truyền thông) vai trò thành viên." },
		{ "quantri", "/vaitro Hà Q", "Đã giao Hà (Sở Thông tin và Truyền thông) vai trò kiểm duyệt." },
		{ "quantri", "/vaitro hà q", "đang có vai trò kiểm duyệt." },
		{ "quantri", "/vaitro Hà X", "Chưa rõ vai trò “X”. Vai trò: T thành viên, Đ đầu mối đơn vị" },
		{ "quantri", "/vaitro Zzz Q", "Không có thành viên nào khớp “Zzz”." },
		{ "quantri", "/vaitro", "Cách gõ: /vaitro <tên" },
		{ "quantri", "/vaitro Quản trị T", "quản trị cuối cùng" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	talk_tell(&t, "quantri", "/vaitro Nam Đ");
	assert_has(talk_said(&t, REPLY_MEMBER), "Đồng chí được giao vai trò đầu mối đơn vị");
	talk_close(&t);
}

static void test_same_name_is_asked_by_number(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_person(&t, "nam2", "Nam", "YYEN", ROLE_MEMBER);
	assert_has(talk_tell(&t, "quantri", "/vaitro Nam Đ"), "Có 2 thành viên khớp “Nam”: 1) Nam, ");
	assert_has(talk_tell(&t, "quantri", "2"), "Đã giao Nam (");
	talk_close(&t);
}

static void test_group_is_set_with_one_line(void)
{
	struct talk t;

	open_dispatched(&t);
	g_assert_cmpstr(talk_group(&t, "quantri", "/nhom bo"), ==, "Nhóm này không còn nhận thông báo chung; các lệnh vẫn dùng được.");
	g_assert_cmpstr(talk_group(&t, "quantri", "/nhom don vi vu ban"), ==,
			"Nhóm này là nhóm của UBND huyện Vụ Bản: thông báo gửi UBND huyện Vụ Bản sẽ vào đây.");
	assert_has(talk_group(&t, "quantri", "/nhom nong cot"), "Nhóm này là nhóm nòng cốt");
	g_assert_cmpstr(talk_group(&t, "quantri", "/nhom donvi zzzzz"), ==, "");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Chưa nhận ra đơn vị “zzzzz”.");
	g_assert_cmpstr(talk_group(&t, "ha", "/nhom bo"), ==, "");
	talk_close(&t);
}

static void test_first_admin_claims_the_role_with_the_code(void)
{
	struct talk t;
	g_autoptr(GError) error = NULL;

	open_dispatched(&t);
	g_assert_true(store_admin_code_set(t.db, "ABCD2345", t.now_ms, &error));
	g_assert_no_error(error);
	assert_has(talk_tell(&t, "moi", "/nhanquyen"), "Cách gõ: /nhanquyen <mã>");
	assert_has(talk_tell(&t, "moi", "/nhanquyen XXXX2345"), "Mã không đúng.");
	assert_has(talk_tell(&t, "moi", "/nhanquyen abcd-2345"), "Mã đúng. Sẽ lưu:");
	assert_has(talk_tell(&t, "moi", "ĐỒNG Ý"), "đã là quản trị. Việc tiếp theo:");
	assert_has(talk_tell(&t, "lan", "/nhanquyen ABCD2345"), "Mã ");
	assert_has(talk_tell(&t, "lan", "/ok 1"), "Lệnh này dành cho bộ phận thường trực.");
	talk_close(&t);
}

/* --- every row's example --- */

static void test_every_example_is_read_as_its_command(void)
{
	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];
		struct reading r;

		reader_read(command_table, wording_raw(c->example), true, false, false, &r);
		g_assert_cmpint(r.kind, ==, READING_COMMAND);
		g_assert_true(r.command == c || c->name == command_find("trogiup")->name);
		g_assert_false(r.was_corrected);
		reading_clear(&r);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/help/by role", test_help_shows_the_role_its_own_commands_first);
	g_test_add_func("/help/one command", test_help_of_one_command);
	g_test_add_func("/help/every example", test_every_example_is_read_as_its_command);
	g_test_add_func("/words/unknown and coming", test_unknown_and_coming_words);
	g_test_add_func("/words/chosen number keeps the text", test_chosen_number_or_word_keeps_what_was_typed);
	g_test_add_func("/words/number decides nothing", test_number_decides_nothing);
	g_test_add_func("/words/slash is shown", test_deciding_word_without_slash_is_shown_with_it);
	g_test_add_func("/words/rights", test_who_may_not_is_told_whom_to_ask);
	g_test_add_func("/register/agreement", test_registration_needs_agreement);
	g_test_add_func("/register/correction", test_unit_is_corrected_under_the_open_question);
	g_test_add_func("/register/short commands", test_short_commands_work_while_the_unit_is_asked_for);
	g_test_add_func("/lists/units and fields", test_lists);
	g_test_add_func("/lists/giving up", test_giving_up_keeps_what_was_saved);
	g_test_add_func("/roles/letters and names", test_roles_are_given_by_letter_or_name);
	g_test_add_func("/roles/same name", test_same_name_is_asked_by_number);
	g_test_add_func("/roles/group", test_group_is_set_with_one_line);
	g_test_add_func("/roles/first admin", test_first_admin_claims_the_role_with_the_code);
	return g_test_run();
}
