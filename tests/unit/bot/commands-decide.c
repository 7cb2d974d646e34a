/* SPDX-License-Identifier: MIT */
/* Approving, rejecting, returning, withdrawing: what moderators and authors hear, who comes first, and what goes to the groups. */
#include "bot/commands/announce_item.h"
#include "commands-help.h"

#define BODY "\nthực trạng: dân chờ lâu\nnd: in mã QR theo nhóm\nhq: đỡ chờ"

static void share(struct talk *t, const char *who, const char *title)
{
	g_autofree char *text = g_strconcat("/c ", title, BODY, NULL);

	talk_tell(t, who, text);
	if (t->out.pending)
		talk_tell(t, who, "2");
}

static int64_t open_posts(struct talk *t)
{
	g_autoptr(GPtrArray) open = store_fanout_open(t->db, NULL);

	g_assert_nonnull(open);
	return open->len;
}

static void test_approval_names_what_still_waits(void)
{
	struct talk t;

	talk_open(&t);
	share(&t, "hoa", "Dán mã QR ở bộ phận một cửa");
	share(&t, "lan", "Học bạ số cho trường làng");
	share(&t, "nam", "Camera an ninh ở ngã tư");
	g_assert_cmpstr(talk_tell(&t, "ha", "/ok 14"), ==, "Đã duyệt SK14. Còn 2 mục chờ: SK15, SK16.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_APPROVED);
	assert_has(talk_said(&t, REPLY_MEMBER), "SK14 “Dán mã QR ở bộ phận một cửa” đã được duyệt");
	g_assert_cmpint(open_posts(&t), ==, 1);
	g_assert_cmpstr(talk_tell(&t, "ha", "/ok 15, sk16 luôn nhé"), ==, "Đã duyệt SK15, SK16. Không còn mục nào chờ.");
	g_assert_cmpint(open_posts(&t), ==, 3);
	talk_close(&t);
}

static void test_first_decision_stands(void)
{
	struct talk t;
	const char *said;

	talk_open(&t);
	share(&t, "hoa", "Dán mã QR");
	talk_tell(&t, "ha", "/ok 14");
	said = talk_tell(&t, "quantri", "/tc 14 thiếu hiệu quả");
	assert_has(said, "SK14 đã được đ/c Hà duyệt lúc ");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_APPROVED);
	g_assert_cmpint(open_posts(&t), ==, 1);
	talk_close(&t);
}

static void test_reason_is_needed_and_reaches_the_author(void)
{
	struct talk t;

	talk_open(&t);
	share(&t, "hoa", "Dán mã QR");
	g_assert_cmpstr(talk_tell(&t, "ha", "/tc SK14"), ==, "Cần ghi lý do để tác giả sửa. Ví dụ: /tc SK14 thiếu hiệu quả.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	assert_has(talk_tell(&t, "ha", "/tc SK14 thiếu hiệu quả."), "Đã từ chối SK14; đã báo tác giả.");
	g_assert_cmpstr(talk_said(&t, REPLY_MEMBER), ==, "SK14 không được duyệt: thiếu hiệu quả.");
	assert_has(talk_tell(&t, "ha", "/ok 14"), "từ chối là quyết định cuối");
	assert_has(talk_tell(&t, "hoa", "/s 14 hiệu quả: đỡ chờ 5 phút"), "từ chối là quyết định cuối");
	talk_close(&t);
}

/* A moderator who decides on what he shared himself hears it once, as the answer. */
static void test_own_item_is_decided_in_one_message(void)
{
	static const struct {
		const char *command, *answer;
	} t[] = {
		{ "/ok 14", "Đã duyệt SK14. Không còn mục nào chờ." },
		{ "/tc 14 thiếu hiệu quả", "Đã từ chối SK14 do đồng chí gửi: thiếu hiệu quả. Không còn mục nào chờ." },
		{ "/yeucausua 14 thiếu hiệu quả",
		  "SK14 do đồng chí gửi cần bổ sung: thiếu hiệu quả. Nhắn: hiệu quả: … Không còn mục nào chờ." },
		{ "/rut 14", "Đã rút SK14. Bộ phận thường trực đã được báo; khôi phục trong 30 ngày: /rut SK14 hoàn." },
	};

	for (size_t n = 0; n < ARRAY_SIZE(t); n++) {
		struct talk talk;

		talk_open(&talk);
		share(&talk, "ha", "Dán mã QR");
		g_assert_cmpstr(talk_tell(&talk, "ha", t[n].command), ==, t[n].answer);
		g_assert_cmpstr(talk_said(&talk, REPLY_MEMBER), ==, "");
		talk_close(&talk);
	}
}

static void test_returned_item_comes_back_by_one_line(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "hoa", "/c Dán mã QR\nnd: in mã QR");
	talk_tell(&t, "hoa", "bỏ qua");
	assert_has(talk_tell(&t, "ha", "/yeucausua SK14 thieu hieu qua"),
		   "Đã yêu cầu tác giả bổ sung SK14. Không còn mục nào chờ.");
	g_assert_cmpstr(talk_said(&t, REPLY_MEMBER), ==, "SK14 cần bổ sung: thieu hieu qua. Nhắn: hiệu quả: …");
	/* Days later, without an id. */
	t.now_ms += 3 * DAY_MS;
	assert_has(talk_tell(&t, "hoa", "hiệu quả: dân chờ 5 phút"), "Đã bổ sung SK14: hiệu quả.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	assert_has(talk_said(&t, REPLY_MODERATORS), "SK14 đã được bổ sung, chờ duyệt lại");
	talk_close(&t);
}

static void test_no_id_shows_the_waiting_list(void)
{
	struct talk t;
	const char *said;

	talk_open(&t);
	g_assert_cmpstr(talk_tell(&t, "ha", "/ok"), ==, "Không còn mục nào chờ.");
	share(&t, "hoa", "Dán mã QR");
	said = talk_tell(&t, "ha", "/ok");
	assert_has(said, "• SK14 Dán mã QR (UBND huyện Giao Thủy)");
	talk_close(&t);
}

static void test_wrong_ids(void)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "/ok 130", "Không có SK130." },
		{ "/ok TB7", "TB7 không phải sáng kiến. Ví dụ: /ok SK14" },
		{ "/tc 130 sai", "Không có SK130." },
		{ "/rut 99", "Không có SK99." },
	};
	struct talk t;

	talk_open(&t);
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, "ha", cases[n].text), cases[n].said);
	talk_message(&t, "ha", false, "/rut");
	g_assert_cmpint(t.status, ==, CMD_USAGE);
	talk_close(&t);
}

static void test_withdrawing_and_restoring(void)
{
	struct talk t;

	talk_open(&t);
	share(&t, "hoa", "Dán mã QR");
	assert_has(talk_tell(&t, "lan", "/rut 14"), "SK14 chưa được duyệt nên chỉ tác giả");
	g_assert_cmpstr(talk_tell(&t, "hoa", "/rut sk14 gui nham"), ==,
			"Đã rút SK14. Bộ phận thường trực đã được báo; khôi phục trong 30 ngày: /rut SK14 hoàn.");
	assert_has(talk_said(&t, REPLY_MODERATORS), "đã rút SK14 “Dán mã QR”: gui nham.");
	assert_has(talk_tell(&t, "ha", "/ok 14"), "SK14 đã rút. Có thể khôi phục");
	g_assert_cmpstr(talk_tell(&t, "hoa", "/rut SK14 hoàn"), ==, "Đã khôi phục SK14 (đang chờ duyệt).");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_tell(&t, "hoa", "/rut 14");
	t.now_ms += 31 * DAY_MS;
	assert_has(talk_tell(&t, "hoa", "/rut 14 hoan"), "đã rút quá 30 ngày");
	talk_close(&t);
}

static void test_draft_is_not_approved_over_its_author(void)
{
	struct talk t;

	talk_open(&t);
	talk_tell(&t, "lan", "/c Chợ không tiền mặt");
	assert_has(talk_tell(&t, "ha", "/ok 14"), "SK14 còn là bản nháp");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_DRAFT);
	talk_close(&t);
}

static void test_announced_line_fits_a_group(void)
{
	struct talk t;
	g_autofree char *title = g_strnfill(SHARE_TITLE_MAX, 'a');
	g_autofree char *line = NULL;
	g_autoptr(GPtrArray) open = NULL;
	g_autoptr(item_t) i = NULL;
	struct cmd_ctx ctx;

	talk_open(&t);
	share(&t, "hoa", title);
	talk_tell(&t, "ha", "/ok 14");
	open = store_fanout_open(t.db, NULL);
	g_assert_cmpuint(open->len, ==, 1);
	g_assert_true(((const struct fanout *)g_ptr_array_index(open, 0))->core_groups);
	g_assert_false(((const struct fanout *)g_ptr_array_index(open, 0))->all_members);
	i = talk_item(&t, 14);
	ctx = (struct cmd_ctx){ .registry = t.registry };
	line = announce_item_text(&ctx, i);
	g_assert_cmpuint(text_len(line, TEXT_CODE_POINTS), <=, CMD_LINE_MAX);
	g_assert_true(g_str_has_suffix(line, "– UBND huyện Giao Thủy. Đọc: /x SK14"));
	talk_close(&t);
}

static void test_author_cannot_undo_a_moderators_withdrawal_and_is_told_who_can(void)
{
	struct talk t;

	talk_open(&t);
	share(&t, "lan", "Học bạ số cho trường làng");
	talk_tell(&t, "ha", "/ok 14");
	talk_tell(&t, "ha", "/rut 14 sai số liệu.");
	g_assert_cmpstr(talk_said(&t, REPLY_MEMBER), ==, "SK14 đã được Hà rút: sai số liệu. Cần giữ lại thì đồng chí nhắn bộ phận thường trực.");
	assert_has(talk_tell(&t, "lan", "/rut SK14 hoàn"), "nên chỉ bộ phận thường trực khôi phục được.");
	assert_has(talk_tell(&t, "lan", "/rut SK14"), "nên chỉ bộ phận thường trực khôi phục được.");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WITHDRAWN);
	g_assert_cmpstr(talk_tell(&t, "ha", "/ok 14"), ==, "SK14 đã rút. Có thể khôi phục trong 30 ngày: /rut SK14 hoàn.");
	assert_has(talk_tell(&t, "ha", "/rut SK14 hoàn"), "Đã khôi phục SK14 (đã duyệt).");
	assert_has(talk_said(&t, REPLY_MEMBER), "SK14 đã được Hà khôi phục (đã duyệt). Đọc: /x SK14");
	talk_close(&t);
}

static void test_words_for_a_returned_item_are_not_taken_for_an_old_question(void)
{
	struct talk t;
	g_autoptr(item_t) i = NULL;

	talk_open(&t);
	/* The question about thực trạng is still open when the item comes back. */
	talk_tell(&t, "lan", "/c Học bạ số cho trường làng\nnd: nhập điểm trên máy");
	talk_tell(&t, "ha", "/yeucausua 14 thiếu hiệu quả");
	g_assert_cmpstr(talk_tell(&t, "lan", "số liệu: giảm 50% thời gian"), ==, "SK14 cần bổ sung: thiếu hiệu quả. Nhắn: hiệu quả: …");
	i = talk_item(&t, 14);
	g_assert_null(item_field_get(i, "thuctrang"));
	assert_has(talk_tell(&t, "lan", "hiệu quả: giảm 50% thời gian"), "SK14 đã đủ nội dung và đã gửi duyệt");
	g_assert_cmpint(talk_status(&t, 14), ==, ITEM_WAITING);
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/decide/own-item", test_own_item_is_decided_in_one_message);
	g_test_add_func("/decide/approval names what still waits", test_approval_names_what_still_waits);
	g_test_add_func("/decide/first decision stands", test_first_decision_stands);
	g_test_add_func("/decide/reason is needed", test_reason_is_needed_and_reaches_the_author);
	g_test_add_func("/decide/returned item comes back by one line", test_returned_item_comes_back_by_one_line);
	g_test_add_func("/decide/no id shows the waiting list", test_no_id_shows_the_waiting_list);
	g_test_add_func("/decide/wrong ids", test_wrong_ids);
	g_test_add_func("/decide/withdrawing and restoring", test_withdrawing_and_restoring);
	g_test_add_func("/decide/draft is not approved", test_draft_is_not_approved_over_its_author);
	g_test_add_func("/decide/announced line fits a group", test_announced_line_fits_a_group);
	g_test_add_func("/decide/withdrawn by a moderator", test_author_cannot_undo_a_moderators_withdrawal_and_is_told_who_can);
	g_test_add_func("/decide/words for a returned item", test_words_for_a_returned_item_are_not_taken_for_an_old_question);
	return g_test_run();
}
