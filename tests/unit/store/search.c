/* SPDX-License-Identifier: MIT */
/* Tests of search over the shipped seeds: what people type in domain.md, without marks, abbreviated, hostile. */
#include "base/text.h"
#include "domain_fixture.h"
#include "store/search/fold.h"
#include "store/search/query.h"
#include "store/search/snippet.h"

static GPtrArray *look(struct fixture *f, const char *text, const struct member *viewer)
{
	struct search_query q = { .text = text, .kind = -1, .limit = 50, .viewer = viewer };
	g_autoptr(GError) error = NULL;
	GPtrArray *hits = store_search(f->db, f->registry, &q, NULL, &error);

	g_assert_no_error(error);
	return hits;
}

static void dump(struct fixture *f, const char *text)
{
	g_autoptr(GPtrArray) hits = look(f, text, NULL);

	g_print("# == %s\n", text);
	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);

		g_print("#   %d/%d %.2f %d %s | %s\n", h->kind, (int)h->number, h->score, h->all_words, h->title, h->snippet);
	}
}

static void test_dump(void)
{
	static const char *const q[] = { "dai truyen thanh thong minh", "dai truyen thanh", "truyen thanh", "ma qr thu tuc", "loa xa", "cds", "chuyen doi so", "1 cua", "mot cua", "dvctt",
	 "storage area", "zalo", "vu ban", "thuế", "thue", "giấy", "nam dinh", "làm thế nào để xây dựng đài truyền thanh ở xã", "SK13", "13", "#14", "ma", "mã", "ho so dien tu" };
	struct fixture f;

	fixture_open(&f);
	seeds_load_all(&f);
	for (size_t i = 0; i < ARRAY_SIZE(q); i++)
		dump(&f, q[i]);
	for (int n = 1; n <= 13; n++) {
		g_autoptr(item_t) it = NULL;
		g_autoptr(GPtrArray) hits = NULL;
		g_assert_cmpint(store_item_get(f.db, ITEM_INITIATIVE, n, &it, NULL), ==, STORE_OK);
		hits = store_search_similar(f.db, f.registry, it->title, NULL, it->id, 20, NULL);
		for (guint i = 0; i < hits->len; i++) {
			const struct search_hit *h = g_ptr_array_index(hits, i);
			g_print("# near SK%d ~ SK%d %.2f\n", n, (int)h->number, h->score);
		}
	}
	{
		static const char *const t[] = { "Dán mã QR tra cứu thủ tục ở bộ phận 1 cửa", "Dan ma QR tra cuu thu tuc o 1 cua", "dai truyen thanh thong minh", "Ứng dụng zalo trong tiếp dân" };
		for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
			g_autoptr(GPtrArray) hits = store_search_similar(f.db, f.registry, t[k], NULL, 0, 20, NULL);
			g_print("# %s\n", t[k]);
			for (guint i = 0; i < hits->len; i++) {
				const struct search_hit *h = g_ptr_array_index(hits, i);
				g_print("#   ~ SK%d %.2f\n", (int)h->number, h->score);
			}
		}
	}
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/dump", test_dump);
	return g_test_run();
}
