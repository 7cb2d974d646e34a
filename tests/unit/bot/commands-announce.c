/* SPDX-License-Identifier: MIT */
/* Announcements: preview and confirmation, what is asked when a line is half-right, receipts, the report and who sees it. */
#include "commands-help.h"
#include "store/announcement.h"
#include "store/budget.h"

#define TB "/tb De nghi cac don vi gui so lieu CĐS\nden: cac huyen, tp\nhan: 16h30 thu 6"

static void open_dispatched(struct talk *t)
{
	talk_open(t);
	t->is_dispatched = true;
}

static int64_t n_announcements(struct talk *t)
{
	g_autoptr(GPtrArray) all = store_announcement_list(t->db, 10, NULL);

	g_assert_nonnull(all);
	return all->len;
}

static void test_preview_then_only_agreement_sends(void)
{
	static const char *const no_agreement[] = { "ok", "có", "y", "ừ", "để xem đã" };
	struct talk t;
	const char *said;

	open_dispatched(&t);
	said = talk_tell(&t, "ha", TB);
	assert_has(said, "Xem trước thông báo:\nDe nghi cac don vi gui so lieu CĐS\nHạn: 16h30 thứ Sáu ");
	g_assert_true(g_str_has_suffix(said, "Gửi tới 10 đơn vị? Trả lời ĐỒNG Ý."));
	for (size_t n = 0; n < ARRAY_SIZE(no_agreement); n++) {
		assert_has(talk_tell(&t, "ha", no_agreement[n]), "Trả lời ĐỒNG Ý để gửi thông báo");
		g_assert_cmpint(n_announcements(&t), ==, 0);
	}
	g_assert_cmpstr(talk_tell(&t, "ha", "đồng ý ạ"), ==, "TB1 đang được gửi. Xem số đã nhận: /tb TB1");
	g_assert_cmpint(n_announcements(&t), ==, 1);
	talk_close(&t);
}

/* Of the 69 units most have nobody here: what is sent to everybody reaches the units of those who are. */
static void test_preview_for_all_counts_the_units_of_people(void)
{
	struct talk t;
	g_autofree char *want = NULL;
	int64_t members, units;

	open_dispatched(&t);
	g_assert_true(store_member_counts(t.db, &members, &units, NULL));
	g_assert_cmpint(units, <, registry_units(t.registry)->len);
	want = g_strdup_printf("Gửi tới tất cả %d thành viên thuộc %d đơn vị và các nhóm nòng cốt? Trả lời ĐỒNG Ý.", (int)members, (int)units);
	assert_has(talk_tell(&t, "ha", "/tb Mời họp\nđến: tất cả"), want);
	talk_close(&t);
}

static void test_no_means_nothing_is_sent(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "ha", TB);
	g_assert_cmpstr(talk_tell(&t, "ha", "không"), ==, "Chưa gửi thông báo nào.");
	talk_tell(&t, "ha", "đồng ý");
	g_assert_cmpint(n_announcements(&t), ==, 0);
	talk_close(&t);
}

static void test_half_right_lines_are_asked_for_and_the_text_is_kept(void)
{
	struct talk t;
	const char *said;

	open_dispatched(&t);
	assert_has(talk_tell(&t, "ha", "/tb Gửi số liệu quý\nden: cac phong\nhan: 30/2"),
		   "Chưa rõ nơi nhận “cac phong”. Có thể ghi: tất cả, các sở, các huyện, hoặc tên đơn vị.");
	assert_has(talk_tell(&t, "ha", "cac huyen, tp"), "Hạn “30/2” không đúng. Đồng chí nhập lại ngày.");
	said = talk_tell(&t, "ha", "16h30 thu 6");
	assert_has(said, "Gửi số liệu quý\nHạn: 16h30 thứ Sáu");
	assert_has(said, "Gửi tới 10 đơn vị?");
	assert_has(talk_tell(&t, "ha", "đến: so y te, vu ban"), "Nơi nhận: Sở Y tế, UBND huyện Vụ Bản\n");
	/* The preview is corrected line by line, too. */
	said = talk_tell(&t, "ha", "đến: các sở");
	assert_has(said, "Gửi số liệu quý");
	assert_has(said, "Gửi tới 15 đơn vị?");
	assert_has(talk_tell(&t, "ha", "đồng ý"), "TB1 đang được gửi.");
	talk_close(&t);
}

static void test_past_due_and_long_text_are_refused(void)
{
	struct talk t;
	g_autofree char *body = g_strnfill(10001, 'a');
	g_autofree char *text = g_strconcat("/tb ", body, NULL);

	open_dispatched(&t);
	assert_has(talk_tell(&t, "ha", "/tb Gửi số liệu\nhạn: 1/1/2020"), "Hạn “1/1/2020” đã qua.");
	assert_has(talk_tell(&t, "ha", text), "quá mức 10000");
	g_assert_cmpint(n_announcements(&t), ==, 0);
	talk_close(&t);
}

static void test_receipts_are_counted_without_a_word(void)
{
	static const struct {
		const char *who, *typed;
	} receipts[] = { { "lan", "da nhan" }, { "lan", "rõ" }, { "hoa", "ok a" } };
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "ha", TB);
	talk_tell(&t, "ha", "đồng ý");
	assert_has(talk_tell(&t, "ha", "/tb TB1"), "TB1: 0/10 đã nhận. Chưa: ");
	for (size_t n = 0; n < ARRAY_SIZE(receipts); n++)
		g_assert_cmpstr(talk_tell(&t, receipts[n].who, receipts[n].typed), ==, "");
	/* A number alone is an announcement's here; the text and its date come first. */
	assert_has(talk_tell(&t, "ha", "/tb 1"), "THÔNG BÁO TB1\nDe nghi cac don vi gui so lieu CĐS\nHạn: ");
	assert_has(talk_said(&t, REPLY_PRIVATE), "TB1: 2/10 đã nhận. Chưa: ");
	talk_close(&t);
}

static void test_who_may_see_an_announcement(void)
{
	static const struct {
		const char *who, *typed, *said;
	} cases[] = {
		{ "lan", "/x tb1", "THÔNG BÁO TB1\n" },
		{ "lan", "tb 1", "THÔNG BÁO TB1\n" },
		{ "lan", "/x TB9", "Không có TB9 gửi tới đồng chí." },
		{ "ha", "/x TB9", "Không có TB9. Gõ /tb để xem các thông báo gần đây." },
		{ "moi", "/x TB1", "Đồng chí chưa đăng ký." },
		{ "lan", "/tb TB1", "Lệnh này dành cho bộ phận thường trực." },
		{ "huong", "/x TB1", "Không có TB1 gửi tới đồng chí." },
	};
	struct talk t;

	open_dispatched(&t);
	talk_person(&t, "huong", "Hương", "SYT", ROLE_MEMBER);
	talk_tell(&t, "ha", TB);
	talk_tell(&t, "ha", "đồng ý");
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		assert_has(talk_tell(&t, cases[n].who, cases[n].typed), cases[n].said);
	g_assert_null(strstr(talk_tell(&t, "lan", "/x TB1"), "đã nhận."));
	talk_close(&t);
}

static void test_list_and_stop(void)
{
	struct talk t;

	open_dispatched(&t);
	assert_has(talk_tell(&t, "ha", "/tb"), "Cách gõ: /tb <nội dung>");
	talk_tell(&t, "ha", TB);
	talk_tell(&t, "ha", "đồng ý");
	assert_has(talk_tell(&t, "ha", "/tb"), "Thông báo gần đây:\n• TB1 (");
	assert_has(talk_tell(&t, "ha", "/tb dừng 1"), "Đã dừng TB1: ");
	talk_close(&t);
}

/* A delivery to a private chat; its id. */
static int64_t fixture_private(struct talk *t, unsigned n)
{
	g_autofree char *name = g_strdup_printf("khach%u", n);
	const struct post post = { .text = (char *)"x", .class = CLASS_DIRECT };
	const struct post_part part = { .len = 1 };
	g_autoptr(chat_t) chat = NULL;
	int64_t post_id, id;

	g_assert_cmpint(store_chat_seen(t->db, "console", name, CHAT_PRIVATE, name, t->now_ms, &chat, NULL), ==, STORE_OK);
	g_assert_true(store_post_add(t->db, &post, t->now_ms, &post_id, NULL));
	g_assert_true(store_delivery_add(t->db, post_id, &(struct delivery_target){ .chat_id = chat->id }, &part, 1, t->now_ms, NULL));
	g_assert_true(db_run_int64(db_prepare(t->db, "SELECT max(id) FROM delivery"), 0, &id, NULL));
	return id;
}

static void all_sent(struct talk *t)
{
	g_assert_true(db_run(db_prepare(t->db, "UPDATE delivery SET state = 2 WHERE state < 2"), NULL));
}

static void test_preview_says_what_the_budget_allows(void)
{
	const struct budget_limit plenty = { .month = 1000 }, tight = { .day = 10 };
	struct talk t;
	const char *said;

	open_dispatched(&t);
	g_assert_null(strstr(talk_tell(&t, "ha", "/tb Họp giao ban\nden: tat ca"), "Hạn mức"));
	talk_tell(&t, "ha", "không");
	g_assert_true(store_budget_set_limit(t.db, "console", &plenty, NULL));
	all_sent(&t);
	said = talk_tell(&t, "ha", "/tb Họp giao ban\nden: tat ca");
	assert_has(said, "Hạn mức console: cần ");
	assert_has(said, " tin, còn 1000.");
	talk_tell(&t, "ha", "không");
	all_sent(&t);
	for (unsigned i = 0; i < 3; i++) /* for the morning: spoken for */
		fixture_private(&t, i);
	assert_has(talk_tell(&t, "ha", "/tb Họp giao ban\nden: tat ca"), " tin, còn 997.");
	talk_tell(&t, "ha", "không");
	for (unsigned i = 0; i < 8; i++) { /* of ten: two left, one of them kept for answers */
		int64_t chat = fixture_private(&t, i);

		g_assert_true(store_budget_count(t.db, chat, t.now_ms, NULL));
	}
	all_sent(&t);
	g_assert_true(store_budget_set_limit(t.db, "console", &tight, NULL));
	said = talk_tell(&t, "ha", "/tb Họp giao ban\nden: tat ca");
	assert_has(said, " tin, còn 2, phải giữ 1 tin cho trả lời riêng: 1 tin gửi ngay, ");
	assert_has(said, " tin chờ, gửi tiếp từ 0 giờ ngày mai. Không tin nào bị bỏ.");
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/announce/preview for all", test_preview_for_all_counts_the_units_of_people);
	g_test_add_func("/announce/only agreement sends", test_preview_then_only_agreement_sends);
	g_test_add_func("/announce/no means no", test_no_means_nothing_is_sent);
	g_test_add_func("/announce/half-right lines", test_half_right_lines_are_asked_for_and_the_text_is_kept);
	g_test_add_func("/announce/past due and long text", test_past_due_and_long_text_are_refused);
	g_test_add_func("/announce/receipts", test_receipts_are_counted_without_a_word);
	g_test_add_func("/announce/who may see it", test_who_may_see_an_announcement);
	g_test_add_func("/announce/list and stop", test_list_and_stop);
	g_test_add_func("/announce/preview-says-what-the-budget-allows", test_preview_says_what_the_budget_allows);
	return g_test_run();
}
