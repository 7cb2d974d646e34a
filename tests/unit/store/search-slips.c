/* SPDX-License-Identifier: MIT */
/* What was meant by a slip of the fingers: which of the words that are one letter away, words run together, and slips that make another word. */
#include "domain_fixture.h"

static void assert_first(struct fixture *f, const char *text, const char *id, const char *meant)
{
	const struct search_query q = { .text = text, .kind = -1, .limit = 10 };
	g_autoptr(GError) error = NULL;
	struct search_note note;
	g_autoptr(GPtrArray) hits = store_search(f->db, f->registry, &q, &note, &error);
	g_autofree char *found = NULL;

	g_assert_no_error(error);
	g_test_message("%s", text);
	g_assert_cmpuint(hits->len, >, 0);
	found = item_id_text(ITEM_INITIATIVE, ((struct search_hit *)g_ptr_array_index(hits, 0))->number);
	g_assert_cmpstr(found, ==, id);
	g_assert_cmpstr(note.meant, ==, meant);
	search_note_clear(&note);
}

static void put(struct fixture *f, const char *title, const char *body)
{
	item_put(f, title, body, NULL, f->lan, ITEM_APPROVED);
}

static void test_words_run_together(void)
{
	struct fixture f;

	fixture_open(&f);
	put(&f, "Bán mỹ phẩm trên mạng", "chị em phụ nữ");		       /* SK1 */
	put(&f, "Ngày hội 26 tháng 10", "ngày hội của xã");		       /* SK2 */
	put(&f, "Giải world football challenge", "đội bóng của tỉnh");	       /* SK3 */
	put(&f, "Phẩm màu, mỹ thuật", "không có hai chữ ấy cạnh nhau");	       /* SK4 */
	assert_first(&f, "mypham", "SK1", "mi pham");
	assert_first(&f, "26thang 10", "SK2", "26 thang 10");
	assert_first(&f, "footballchallenge", "SK3", "football challenge");
	/* Three of them; a code, written in whatever order. */
	put(&f, "Đài truyền thanh ở xóm", "loa");		       /* SK5 */
	put(&f, "Nghị quyết 57-NQ/TW", "khoa học và công nghệ");       /* SK6 */
	assert_first(&f, "daitruyenthanh", "SK5", "dai truyen thanh");
	assert_first(&f, "nq57", "SK6", "nq 57");
	/* A code stays one. */
	put(&f, "Quyết định 922qđbtttt", "tin"); /* SK7 */
	assert_first(&f, "922qdbtttt", "SK7", NULL);
	fixture_close(&f);
}

/* Of words that fit alike the one whose slip is the likelier: fingers swap letters, double them or hit the key beside. */
static void test_likelier_slips(void)
{
	static const struct {
		const char *text, *likely, *other, *meant;
	} t[] = {
		{ "ohi truong", "Hội trường của xã", "Chỉ trường hợp ấy", "hoi truong" }, /* swapped, against another letter */
		{ "ttin truong", "Tin trường học", "Ttino trường học", "tin truong" }, /* one too many, against one left out */
		{ "ttrong truong", "Trong trường học", "Rtrong trường học", "trong truong" }, /* doubled, against the key beside */
		{ "yrong truong", "Trong trường học", "Vrong trường học", "trong truong" }, /* t is beside y */
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct fixture f;

		fixture_open(&f);
		put(&f, t[i].likely, "tin");
		put(&f, t[i].other, "tin");
		assert_first(&f, t[i].text, "SK1", t[i].meant);
		fixture_close(&f);
	}
}

static void test_slip_that_makes_another_word(void)
{
	struct fixture f;

	fixture_open(&f);
	for (int i = 0; i < 4; i++)
		put(&f, "Mua bán ở sở giao dịch hàng hóa", "tin"); /* SK1 to SK4 */
	put(&f, "Kho gạo ở xã", "cho mượn, trả sau mùa dịch, có sở thu mua"); /* SK5 has all of the words, apart */
	assert_first(&f, "sở gao dịch", "SK4", NULL); /* ... so that nothing need be said of it */
	/* Nothing has all of it as typed: that it was read otherwise is said. */
	assert_first(&f, "sở gao dịch hàng", "SK4", "so giao dich hang");
	/* It stands there beside the other one. */
	assert_first(&f, "kho gao", "SK5", NULL);
	/* Nothing one letter away fits beside both. */
	assert_first(&f, "mua gao dịch", "SK5", NULL);
	/* What was put in its place is not much more usual. */
	for (int i = 0; i < 3; i++)
		put(&f, "Gạo", "gạo"); /* SK6 to SK8 */
	assert_first(&f, "sở gao dịch", "SK5", NULL);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-slips/together", test_words_run_together);
	g_test_add_func("/search-slips/likelier", test_likelier_slips);
	g_test_add_func("/search-slips/another-word", test_slip_that_makes_another_word);
	return g_test_run();
}
