/* SPDX-License-Identifier: MIT */
/* Abbreviations that the items explain themselves: found in the texts, counted in step with them, read in queries both ways. */
#include "domain_fixture.h"

#include "store/db_kernel.h"
#include "store/search/initials.h"
#include "store/search/rebuild.h"

static void assert_found(const char *text, const char *lines)
{
	g_autoptr(GString) list = g_string_new(NULL);

	initials_find(text, list);
	g_assert_cmpstr(list->str, ==, lines);
}

#define BHTN "bhtn\tbao hiem that nghiep\n"

static void test_definitions(void)
{
	assert_found("Về bảo hiểm thất nghiệp (BHTN).", BHTN);
	assert_found("BHTN (bảo hiểm thất nghiệp) là", BHTN);
	assert_found("Chi bảo hiểm thất nghiệp (sau đây gọi tắt là BHTN) cho", BHTN);
	assert_found("Chi bảo hiểm thất nghiệp (sau đây viết là “BHTN”) cho", BHTN);
	assert_found("BẢO HIỂM THẤT NGHIỆP (viết tắt: BHTN)", BHTN);
	assert_found("BHTN (viết tắt của bảo hiểm thất nghiệp)", BHTN);
	assert_found("ba\xcc\x89o hiê\xcc\x89m thâ\xcc\x81t nghiê\xcc\xa3p (BHTN), bảo hiểm thất nghiệp (BHTN)", BHTN);
	assert_found("Sở Khoa học và Công nghệ (KHCN)", "khcn\tkhoa hoc va cong nghe\n");
	assert_found("Sở Khoa học và Công nghệ (KH&CN)", "kh va cn\tkhoa hoc va cong nghe\n");
	assert_found("ngành Giáo dục trung học (GDTrH)", "gdtrh\tgiao duc trung hoc\n");
	assert_found("tổ cộng đồng số (TCĐS, tổ)", "tcds\tto cong dong so\n");
	assert_found("thú y xã (TYX); trạm y tế (TYT)", "tyx\tthu y xa\ntyt\ttram y te\n");
}

static void test_no_definitions(void)
{
	assert_found("Chủ tịch (UBND tỉnh) và năm (2023), nhóm (IB), vàng(III)", "");
	assert_found("Bảo hiểm xã hội (BHTN), bảo hiểm. Thất nghiệp (BHTN)", "");
	assert_found("bảo hiểm thất nghiệp (bhtn), bảo hiểm thất nghiệp (Bhtn)", "");
	assert_found("BHTN (bảo hiểm y tế), BHTN (mức bảo hiểm thất nghiệp)", "");
	assert_found("bảo hiểm thất nghiệp (theo BHTN)", "");
	assert_found("a b c (ABC)", "");
	assert_found("bảo hiểm thất nghiệp BHTN", "");
	assert_found(NULL, "");
}

/* Any bytes: neither a crash nor more than an item may have. */
static void test_hostile_texts(void)
{
	static const char *const pieces[] = { "(", ")", "((", "()", "B\xff", "BH", "\xe1\xba", "Đ", "\xcc\x81", "&", "-", " ", "ba va ha ", "VVVVVVVV", "1A2", "\n", "½ǅ", "(VVVV)", "va va va va " };
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);
	g_autoptr(GString) all = g_string_new(NULL), list = g_string_new(NULL), many = g_string_new(NULL);
	unsigned lines = 0;

	for (unsigned n = 0; n < 20000; n++) {
		g_string_truncate(all, 0);
		for (unsigned k = 0; k < 20; k++)
			g_string_append(all, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
		initials_find(all->str, list);
	}
	for (int a = 'A'; a <= 'Z'; a++) {
		for (int b = 'A'; b <= 'Z'; b++)
			g_string_append_printf(many, "%cong %cinh (%c%c)\n", a, b, a, b);
	}
	g_string_truncate(list, 0);
	initials_find(many->str, list);
	for (const char *c = list->str; (c = strchr(c, '\n')); c++)
		lines++;
	g_assert_cmpuint(lines, ==, INITIALS_MAX);
}

/* --- counted --- */

static int64_t items_of(struct fixture *f, const char *folded)
{
	struct db_stmt *st = db_prepare(f->db, "SELECT sum(items) FROM search_initialism WHERE folded = $1");
	int64_t n;

	db_bind_text(st, 1, folded);
	g_assert_true(db_run_int64(st, 0, &n, NULL));
	return n;
}

static void decide(struct fixture *f, int64_t id, enum item_decision what)
{
	g_autoptr(item_t) i = NULL, now = NULL;

	g_assert_cmpint(store_item_by_row(f->db, id, &i, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_decide(f->db, i->kind, i->number, what, NULL, NULL, NOW, &now, NULL), ==, STORE_OK);
}

static void save(struct fixture *f, int64_t id, const char *key, const char *text)
{
	g_autoptr(item_t) i = NULL;

	g_assert_cmpint(store_item_by_row(f->db, id, &i, NULL), ==, STORE_OK);
	if (key) {
		item_field_set(i, key, text);
	} else {
		g_free(i->body);
		i->body = g_strdup(text);
	}
	g_assert_cmpint(store_item_save(f->db, i, false, NULL, NOW, NULL), ==, STORE_OK);
}

static void test_in_step(void)
{
	struct fixture f;
	int64_t id;

	fixture_open(&f);
	id = item_put(&f, "Chi trả", "vàng xanh đỏ tím (VXĐT)", NULL, f.nam, ITEM_WAITING);
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 0); /* nobody else may read it yet */
	decide(&f, id, ITEM_APPROVE);
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 1);
	item_put(&f, "Chi nữa", "VXĐT (vàng xanh đỏ tím)", NULL, f.nam, ITEM_APPROVED);
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 2);
	save(&f, id, NULL, "không có gì");
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 1);
	save(&f, id, "hieuqua", "vàng xanh đỏ tím (VXĐT)");
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 2);
	save(&f, id, ITEM_KEY_CONTACT, "tím đỏ xanh (TĐX)");
	g_assert_cmpint(items_of(&f, "tdx"), ==, 0);
	decide(&f, id, ITEM_WITHDRAW);
	decide(&f, 2, ITEM_WITHDRAW);
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 0);
	fixture_close(&f);
}

static void test_rebuilt(void)
{
	struct fixture f;
	struct rebuild_state s = { .phase = REBUILD_NONE };

	fixture_open(&f);
	item_put(&f, "Chi trả", "vàng xanh đỏ tím (VXĐT)", NULL, f.nam, ITEM_APPROVED);
	g_assert_true(db_exec(f.db, "UPDATE search_initialism SET items = 7;", NULL));
	for (unsigned n = 0; n < 2; n++) {
		g_assert_true(rebuild_step(f.db, true, &s, NULL));
		while (s.phase != REBUILD_NONE)
			g_assert_true(rebuild_step(f.db, false, &s, NULL));
		g_assert_cmpint(items_of(&f, "vxdt"), ==, 1);
	}
	decide(&f, 1, ITEM_WITHDRAW);
	g_assert_cmpint(items_of(&f, "vxdt"), ==, 0);
	fixture_close(&f);
}

/* --- asked --- */

static void assert_finds(struct fixture *f, const char *text, const char *ids)
{
	const struct search_query q = { .text = text, .kind = -1, .limit = 9 };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hits = store_search(f->db, f->registry, &q, NULL, &error);
	g_autofree char *found = NULL;

	g_assert_no_error(error);
	found = ids_of(hits);
	g_assert_cmpstr(found, ==, ids);
}

static void test_asked(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Mức chi", "Về vàng xanh đỏ tím hằng tháng", NULL, f.nam, ITEM_APPROVED);
	item_put(&f, "Đối tượng", "Đóng VXĐT tại xã", NULL, f.nam, ITEM_APPROVED);
	assert_finds(&f, "vxdt", "SK2");
	assert_finds(&f, "vàng xanh đỏ tím", "SK1");
	item_put(&f, "Giải thích", "vàng xanh đỏ tím (VXĐT) là", NULL, f.nam, ITEM_WAITING);
	assert_finds(&f, "vxdt", "SK2");
	decide(&f, 3, ITEM_APPROVE);
	assert_finds(&f, "vxdt hằng tháng", "SK1");
	assert_finds(&f, "đóng vàng xanh đỏ tím", "SK2");
	assert_finds(&f, "dong vang xanh do tim", "SK2");
	assert_finds(&f, "qqzz", "");
	fixture_close(&f);
}

/* A syllable is an abbreviation only where it stands out in capitals. */
static void test_syllables(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Một", "mưa nắng (MAN) mưa ấm nắng (MAN)", NULL, f.nam, ITEM_APPROVED);
	item_put(&f, "Hai", "mưa ấm nắng kéo dài", NULL, f.nam, ITEM_APPROVED);
	item_put(&f, "Ba", "dải man", NULL, f.nam, ITEM_APPROVED);
	assert_finds(&f, "dai man", "SK3");
	assert_finds(&f, "DAI MAN", "SK3"); /* all of it in capitals says nothing */
	assert_finds(&f, "dai MAN", "SK3 SK2");
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-initials/definitions", test_definitions);
	g_test_add_func("/search-initials/no-definitions", test_no_definitions);
	g_test_add_func("/search-initials/hostile-texts", test_hostile_texts);
	g_test_add_func("/search-initials/in-step", test_in_step);
	g_test_add_func("/search-initials/rebuilt", test_rebuilt);
	g_test_add_func("/search-initials/asked", test_asked);
	g_test_add_func("/search-initials/syllables", test_syllables);
	return g_test_run();
}
