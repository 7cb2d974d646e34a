/* SPDX-License-Identifier: MIT */
/* /viettat: forms, roles, errors, what is stored and what the search makes of it. */
#include "commands-help.h"

#include "store/abbreviation.h"
#include "store/search/rebuild.h"
#include "store/search/search.h"

#define ABOVE_MAX 130

struct said {
	const char *who, *typed, *said;
};

static void open_dispatched(struct talk *t)
{
	talk_open(t);
	t->is_dispatched = true;
}

static void check(struct talk *t, const struct said *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_has(talk_tell(t, cases[i].who, cases[i].typed), cases[i].said);
	}
}

/* What the list holds for a spelling, or NULL; caller frees. */
static char *meaning_of(struct talk *t, const char *brief)
{
	g_autoptr(GPtrArray) rows = store_abbreviation_list(t->db, NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct abbreviation_row *r = g_ptr_array_index(rows, i);

		if (!strcmp(r->brief, brief))
			return g_strdup(r->expansions);
	}
	return NULL;
}

static guint n_rows(struct talk *t)
{
	g_autoptr(GPtrArray) rows = store_abbreviation_list(t->db, NULL);

	return rows->len;
}

#define assert_meaning(t, brief, wanted)                               \
	do {                                                           \
		g_autofree char *got_ = meaning_of((t), (brief));      \
		g_assert_cmpstr(got_, ==, (wanted));                   \
	} while (0)

static void test_everybody_looks_up(void)
{
	static const struct said cases[] = {
		{ "moi", "/viettat BHTN", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/viettat bhtn", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/Viết tắt BHTN là gì?", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/tuviettat BHTN nghĩa là gì", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/chuviettat “BHTN”", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/viettat BHTN = ?", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/viettat bao hiem that nghiep", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/viettat thất nghiệp", "BHTN: bảo hiểm thất nghiệp." },
		{ "lan", "/viettat CĐS", "CĐS: chuyển đổi số." },
		{ "lan", "/viettat chuyển đổi số", "CĐS: chuyển đổi số.\nCDS: chuyển đổi số." },
		{ "lan", "/viettat ND", "ND: nội dung; nhân dân." },
		{ "lan", "/viettat bộ công an", "BCA: bộ công an." },
		{ "lan", "/viettat CNTT - VT", "CNTT-VT: công nghệ thông tin - viễn thông." },
		{ "lan", "/viettat số", "từ khác; gõ thêm chữ để thu hẹp." },
		{ "lan", "/viettat ZQX", "“ZQX” chưa có trong bảng viết tắt.\nCần bổ sung thì đồng chí báo quản trị." },
		{ "quantri", "/viettat zqx", "Thêm vào bảng: /viettat ZQX = <nghĩa đầy đủ>" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	assert_has(talk_tell(&t, "lan", "/viettat"), "Tra từ viết tắt: /viettat BHTN");
	g_assert_null(strstr(talk_tell(&t, "lan", "/viettat"), "Xóa:"));
	assert_has(talk_tell(&t, "quantri", "/viettat"), "Xóa: /viettat bo BHTN");
	g_assert_null(strstr(talk_tell(&t, "lan", "/viettat nđ"), "ND:"));
	assert_has(talk_tell(&t, "lan", "/v"), "Chưa hiểu lệnh /v");
	assert_has(talk_tell(&t, "lan", "/h viettat"), "/viettat: tra từ viết tắt");
	talk_close(&t);
}

static void test_only_admins_change(void)
{
	static const char *const orders[] = { "/viettat ZQX = quỹ xanh", "/viettat BHTN là bình hòa", "/viettat bo BHTN", "/viettat BHTN:" };
	struct talk t;
	guint before;

	open_dispatched(&t);
	before = n_rows(&t);
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_has(talk_tell(&t, "ha", orders[i]), "Lệnh này dành cho quản trị.");
		assert_has(talk_tell(&t, "lan", orders[i]), "Lệnh này dành cho quản trị.");
		assert_has(talk_tell(&t, "moi", orders[i]), "chưa đăng ký");
	}
	g_assert_cmpuint(n_rows(&t), ==, before);
	assert_meaning(&t, "BHTN", "bảo hiểm thất nghiệp");
	talk_close(&t);
}

static void test_forms_half_right(void)
{
	static const char *const forms[] = { "ZQX = quỹ xanh", "zqx=quỹ xanh",	  "ZQX: quỹ xanh",  "ZQX là quỹ xanh", "ZQX la quỹ xanh",
					     "ZQX - quỹ xanh", "ZQX\nquỹ xanh",	  "\nZQX = quỹ xanh", "ZQX → quỹ xanh",	 "thêm ZQX = quỹ xanh",
					     "them ZQX quỹ xanh", "sửa ZQX: quỹ xanh", "“ZQX” = “quỹ xanh”.", "ZQX = quỹ xanh; Quỹ xanh;" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		g_autofree char *line = g_strconcat("/viettat ", forms[i], NULL);
		struct talk t;

		open_dispatched(&t);
		assert_has(talk_tell(&t, "quantri", line), "Đã thêm vào bảng viết tắt: ZQX = quỹ xanh.");
		assert_has(talk_said(&t, REPLY_PRIVATE), "Bỏ lại: /viettat bo ZQX");
		assert_meaning(&t, "ZQX", "quỹ xanh");
		talk_close(&t);
	}
}

static void test_changed_and_taken_back(void)
{
	static const struct said cases[] = {
		{ "quantri", "/viettat ZQX = quỹ xanh", "Đã thêm" },
		{ "quantri", "/viettat zqx = quỹ xanh", "ZQX đã có trong bảng: quỹ xanh." },
		{ "quantri", "/viettat ZQX = khu quy hoạch; quỹ lạ",
		  "Đã đổi ZQX thành: khu quy hoạch; quỹ lạ (trước đây: quỹ xanh).\nQuay lại: /viettat ZQX = quỹ xanh\n"
		  "Giữ cả hai: /viettat ZQX = quỹ xanh; khu quy hoạch; quỹ lạ" },
		{ "lan", "/viettat ZQX", "ZQX: khu quy hoạch; quỹ lạ." },
		{ "quantri", "/viettat bỏ zqx",
		  "Đã xóa ZQX khỏi bảng viết tắt (nghĩa: khu quy hoạch; quỹ lạ).\nKhôi phục: /viettat ZQX = khu quy hoạch; quỹ lạ" },
		{ "quantri", "/viettat xoa ZQX", "“ZQX” chưa có trong bảng viết tắt." },
		{ "quantri", "/viettat ZQX = khu quy hoạch; quỹ lạ", "Đã thêm" },
		{ "quantri", "/viettat xóa đói giảm nghèo", "“xóa đói giảm nghèo” chưa có trong bảng" },
		{ "quantri", "/viettat NQX = một thứ", "Đã thêm" },
		{ "quantri", "/viettat NQĐ = nghị quyết đảng", "Đã thêm" },
		{ "quantri", "/viettat NQD = nhà quản dưỡng", "Gõ không dấu thì trùng với NQĐ: nghị quyết đảng" },
		{ "quantri", "/viettat bo NQD", "Đã xóa NQD" },
	};
	struct talk t;

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	assert_meaning(&t, "ZQX", "khu quy hoạch;quỹ lạ");
	assert_meaning(&t, "NQĐ", "nghị quyết đảng");
	assert_meaning(&t, "NQD", NULL);
	talk_close(&t);
}

static void test_errors_say_what_and_how(void)
{
	static const struct said cases[] = {
		{ "quantri", "/viettat 12 = mười hai", "Chưa rõ từ viết tắt." },
		{ "quantri", "/viettat A = an", "Chưa rõ từ viết tắt." },
		{ "quantri", "/viettat ABCDEFGHIKLMNOPQRSTUV = dài", "quá dài" },
		{ "quantri", "/viettat A B C D = dài", "nhiều nhất 3 tiếng" },
		{ "quantri", "/viettat cua = cái gì đó", "“cua” là một từ thường dùng" },
		{ "quantri", "/viettat CỦA = cái gì đó", "“CỦA” là một từ thường dùng" },
		{ "quantri", "/viettat BHTN =", "Chưa có nghĩa đầy đủ của BHTN." },
		{ "quantri", "/viettat BHTN = !!!", "Chưa có nghĩa đầy đủ của BHTN." },
		{ "quantri", "/viettat ZQX = zqx", "trùng với chính từ viết tắt ZQX" },
		{ "quantri", "/viettat ZQX = a; b; c; d; e; g", "quá dài: nhiều nhất 5 nghĩa" },
		{ "quantri", "/viettat ZQX = quỹ xanh\nZQY = quỹ vàng", "Mỗi tin một từ viết tắt." },
		{ "quantri", "/viettat bo ND\n", "Đã xóa ND" },
		{ "quantri", "/vieettat ZQX = quỹ xanh", "Đồng chí gõ: /viettat ZQX = quỹ xanh" },
	};
	struct talk t;
	g_autofree char *many = g_strnfill(ABOVE_MAX, 'b'), *line = g_strconcat("/viettat ZQX = quỹ ", many, NULL);

	open_dispatched(&t);
	check(&t, cases, ARRAY_SIZE(cases));
	assert_has(talk_tell(&t, "quantri", line), "mỗi nghĩa 120 ký tự");
	assert_meaning(&t, "ZQX", NULL);
	assert_meaning(&t, "BHTN", "bảo hiểm thất nghiệp");
	talk_close(&t);
}

static void test_group_hears_one_line(void)
{
	struct talk t;

	open_dispatched(&t);
	g_assert_cmpstr(talk_group(&t, "quantri", "/viettat ZQX = quỹ xanh"), ==, "Bảng viết tắt: ZQX = quỹ xanh.");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Bỏ lại: /viettat bo ZQX");
	g_assert_cmpstr(talk_group(&t, "lan", "/viettat ZQX"), ==, "");
	g_assert_cmpstr(talk_said(&t, REPLY_PRIVATE), ==, "ZQX: quỹ xanh.");
	g_assert_cmpstr(talk_said(&t, REPLY_LINE_IF_CLOSED), ==, "ZQX: quỹ xanh.");
	g_assert_cmpstr(talk_group(&t, "quantri", "/viettat bo ZQX"), ==, "Bảng viết tắt: đã xóa ZQX.");
	g_assert_cmpstr(talk_group(&t, "lan", "/viettat ZQX = quỹ xanh"), ==, "");
	talk_close(&t);
}

static void test_open_question_stays_when_only_looked_up(void)
{
	struct talk t;

	open_dispatched(&t);
	assert_has(talk_tell(&t, "moi", "/dk ubnd h vu ban"), "Trả lời ĐỒNG Ý");
	assert_has(talk_tell(&t, "moi", "/viettat BHTN"), "BHTN: ");
	assert_has(talk_tell(&t, "moi", "đồng ý"), "Đã đăng ký");
	talk_close(&t);
}

static int64_t number(struct talk *t, const char *literal)
{
	int64_t n = -1;

	g_assert_true(db_run_int64(db_prepare(t->db, literal), -1, &n, NULL));
	return n;
}

static void rebuild_all(struct talk *t)
{
	struct rebuild_state s;

	do
		g_assert_true(rebuild_step(t->db, false, &s, NULL));
	while (s.is_wanted);
}

static bool is_found(struct talk *t, const char *text)
{
	struct search_query q = { .text = text, .kind = -1, .limit = 5 };
	g_autoptr(registry_t) r = store_register_load(t->db, NULL);
	g_autoptr(GPtrArray) hits = store_search(t->db, r, &q, NULL, NULL);

	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);

		if (h->number == 14 && h->all_words)
			return true;
	}
	return false;
}

static bool is_outdated(struct talk *t)
{
	struct rebuild_state s;

	g_assert_true(rebuild_get(t->db, &s, NULL));
	return s.is_outdated;
}

/* The snapshot is asked for, the change is in the log, and the index follows in both directions, before the next word is said. */
static void test_search_follows(void)
{
	struct talk t;

	open_dispatched(&t);
	talk_tell(&t, "lan", "/c Mô hình ZQX ở xã\nnd: làm ở xóm\nthực trạng: khó\nhq: nhanh");
	talk_tell(&t, "ha", "/ok 14");
	g_assert_false(t.out.register_changed);
	g_assert_false(is_found(&t, "quỹ xanh lá"));
	assert_has(talk_tell(&t, "quantri", "/viettat ZQX = quỹ xanh lá"), "Khi tìm, gõ cách nào cũng ra.");
	g_assert_false(is_outdated(&t));
	g_assert_true(t.out.register_changed);
	g_assert_cmpint(number(&t, "SELECT count(*) FROM audit WHERE action = 'abbreviation.set' AND subject = 'abbreviation ZQX'"
				   " AND before IS NULL AND after = 'quỹ xanh lá'"), ==, 1);
	g_assert_true(is_found(&t, "quỹ xanh lá"));
	g_assert_true(is_found(&t, "quy xanh la"));
	talk_tell(&t, "quantri", "/viettat bo ZQX");
	g_assert_true(t.out.register_changed);
	g_assert_cmpint(number(&t, "SELECT count(*) FROM audit WHERE action = 'abbreviation.remove' AND before = 'quỹ xanh lá'"), ==, 1);
	g_assert_false(is_found(&t, "quỹ xanh lá"));
	g_assert_false(is_outdated(&t));
	talk_tell(&t, "lan", "/viettat BHTN");
	g_assert_false(t.out.register_changed);
	talk_close(&t);
}

/* More items than are written at once: what is said is so, whether the row is added, changed or taken away. */
static void test_search_follows_later(void)
{
	enum { MANY = 101 };
	struct talk t;

	open_dispatched(&t);
	for (unsigned n = 0; n < MANY; n++) {
		g_autoptr(item_t) i = item_new();

		i->title = g_strdup_printf("Mô hình ZQX bài%u", n);
		i->status = ITEM_APPROVED;
		g_assert_cmpint(store_item_add(t.db, i, NULL, t.now_ms, NULL), ==, STORE_OK);
	}
	assert_has(talk_tell(&t, "quantri", "/viettat ZQX = quỹ xanh lá"), "Kho đang được sắp xếp lại; ít phút nữa, khi tìm, gõ cách nào cũng ra.");
	g_assert_true(is_outdated(&t));
	g_assert_false(is_found(&t, "quỹ xanh lá bài0"));
	rebuild_all(&t);
	g_assert_true(is_found(&t, "quỹ xanh lá bài0"));
	/* What the items are found by stays the same. */
	g_assert_null(strstr(talk_tell(&t, "quantri", "/viettat ZQX = Quĩ xanh lá"), "sắp xếp lại"));
	g_assert_false(is_outdated(&t));
	assert_has(talk_tell(&t, "quantri", "/viettat ZQX = quả vàng"), "(trước đây: Quĩ xanh lá)");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Kho đang được sắp xếp lại; ít phút nữa, kết quả tìm mới theo đúng bảng vừa sửa.");
	rebuild_all(&t);
	assert_has(talk_tell(&t, "quantri", "/viettat bo ZQX"), "Đã xóa ZQX");
	assert_has(talk_said(&t, REPLY_PRIVATE), "Kho đang được sắp xếp lại; ít phút nữa, kết quả tìm mới theo đúng bảng vừa sửa.");
	talk_close(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/viettat/look up", test_everybody_looks_up);
	g_test_add_func("/viettat/only admins", test_only_admins_change);
	g_test_add_func("/viettat/forms", test_forms_half_right);
	g_test_add_func("/viettat/changed and taken back", test_changed_and_taken_back);
	g_test_add_func("/viettat/errors", test_errors_say_what_and_how);
	g_test_add_func("/viettat/group", test_group_hears_one_line);
	g_test_add_func("/viettat/question stays", test_open_question_stays_when_only_looked_up);
	g_test_add_func("/viettat/search follows", test_search_follows);
	g_test_add_func("/viettat/search follows later", test_search_follows_later);
	return g_test_run();
}
