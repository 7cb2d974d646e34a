/* SPDX-License-Identifier: MIT */
/* /lienket as two platforms hear it: code, confirmation, refusal, and what follows for the person. */
#include "commands-help.h"

static void open_two(struct talk *t)
{
	talk_open(t);
	t->is_dispatched = true;
}

static const char *on(struct talk *t, const char *adapter, const char *who, const char *text)
{
	t->adapter = adapter;
	return talk_tell(t, who, text);
}

/* What /lienket says to this person of the console; caller frees. */
static char *code_for(struct talk *t, const char *who)
{
	const char *said = on(t, "console", who, "/lienket"), *code = strstr(said, "/lienket ");

	assert_has(said, "Mã liên kết: ");
	g_assert_nonnull(code);
	return g_strndup(code, strlen("/lienket ABCD2345"));
}

static void test_a_stranger_becomes_the_member_and_loses_nothing(void)
{
	struct talk t;
	g_autofree char *code = NULL;
	g_autoptr(member_t) there = NULL, here = NULL;

	open_two(&t);
	assert_has(on(&t, "other", "88", "/lienket"), "gõ /lienket ở đó để lấy mã");
	on(&t, "other", "88", "/c Nhắc lịch họp qua tin nhắn\nnd: gửi tin trước một ngày");
	code = code_for(&t, "nam");
	assert_has(on(&t, "other", "88", code), "Mã này do Nam (UBND huyện Giao Thủy) tạo ở nền tảng khác.");
	assert_has(on(&t, "other", "88", "sao cơ"), "Trả lời ĐỒNG Ý nếu chính");
	assert_has(on(&t, "other", "88", "đồng ý"), "Đã liên kết. Nam (UBND huyện Giao Thủy) là một thành viên");
	/* What he had sent before is shared now, and the other place hears of it. */
	assert_has(talk_said(&t, REPLY_PRIVATE), "SK14 đã lưu");
	assert_has(talk_said(&t, REPLY_MEMBER), "Tài khoản “88” ở nền tảng khác vừa được liên kết");
	g_assert_cmpint(store_member_of_user(t.db, "other", "88", &there, NULL), ==, STORE_OK);
	g_assert_cmpint(store_member_of_user(t.db, "console", "nam", &here, NULL), ==, STORE_OK);
	g_assert_cmpint(there->id, ==, here->id);
	assert_has(on(&t, "other", "88", code), "Mã không đúng, đã dùng hoặc đã quá 10 phút.");
	talk_close(&t);
}

static void test_both_registered_with_different_units(void)
{
	struct talk t;
	g_autofree char *code = NULL;

	open_two(&t);
	on(&t, "other", "88", "/dk ubnd h vu ban");
	assert_has(on(&t, "other", "88", "đồng ý"), "Đã đăng ký");
	on(&t, "other", "88", "/c Nhắc lịch họp qua tin nhắn\nnd: gửi tin trước một ngày");
	code = code_for(&t, "nam");
	on(&t, "other", "88", code);
	assert_has(on(&t, "other", "88", "đồng ý"), "hệ thống giữ UBND huyện Giao Thủy, bỏ UBND huyện Vụ Bản");
	/* His item is his from both sides. */
	assert_has(on(&t, "console", "nam", "/s SK14 hiệu quả: không ai quên họp"), "Đã bổ sung SK14");
	talk_close(&t);
}

static void test_refusals_are_clear(void)
{
	struct talk t;
	g_autofree char *code = NULL, *own = NULL, *leaked = NULL;

	open_two(&t);
	own = code_for(&t, "nam");
	assert_has(on(&t, "console", "nam", own), "Tài khoản này đã được liên kết rồi");
	assert_has(on(&t, "console", "lan", own), "ở cùng một nền tảng");
	/* Talked into typing somebody's code: the name gives him away, and the code dies. */
	code = code_for(&t, "nam");
	assert_has(on(&t, "other", "boss", code), "Mã này do Nam");
	assert_has(on(&t, "other", "boss", "không"), "Không liên kết; mã đã bị hủy.");
	assert_has(on(&t, "other", "88", code), "Mã không đúng");
	/* Everybody can read it: it is void. */
	leaked = code_for(&t, "nam");
	t.adapter = "other";
	talk_message(&t, "88", true, leaked);
	assert_has(talk_said(&t, REPLY_PRIVATE), "Mã gõ trong nhóm thì nhiều người thấy");
	assert_has(on(&t, "other", "88", leaked), "Mã không đúng");
	for (int i = 0; i < 3; i++)
		assert_has(on(&t, "other", "88", "/lienket SAISAISAI"), "Mã không đúng");
	assert_has(on(&t, "other", "88", "/lienket SAISAISAI"), "nhập sai mã quá 5 lần");
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/link/a stranger becomes the member and loses nothing", test_a_stranger_becomes_the_member_and_loses_nothing);
	g_test_add_func("/link/both registered with different units", test_both_registered_with_different_units);
	g_test_add_func("/link/refusals are clear", test_refusals_are_clear);
	return g_test_run();
}
