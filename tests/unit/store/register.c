/* SPDX-License-Identifier: MIT */
/* Tests of the register's way into the database and back. */
#include "domain_fixture.h"

static void assert_same_register(const struct registry *a, const struct registry *b)
{
	g_assert_cmpuint(registry_units(a)->len, ==, registry_units(b)->len);
	for (guint i = 0; i < registry_units(a)->len; i++) {
		const struct unit *x = g_ptr_array_index(registry_units(a), i), *y = g_ptr_array_index(registry_units(b), i);

		g_assert_cmpstr(x->code, ==, y->code);
		g_assert_cmpstr(x->name, ==, y->name);
		g_assert_cmpstr(x->kind, ==, y->kind);
		g_assert_true(g_strv_equal((const char *const *)x->aliases, (const char *const *)y->aliases));
	}
	g_assert_cmpuint(registry_fields(a)->len, ==, registry_fields(b)->len);
	for (guint i = 0; i < registry_fields(a)->len; i++) {
		const struct field *x = g_ptr_array_index(registry_fields(a), i), *y = g_ptr_array_index(registry_fields(b), i);

		g_assert_cmpstr(x->code, ==, y->code);
		g_assert_cmpstr(x->pillar, ==, y->pillar);
		g_assert_true(g_strv_equal((const char *const *)x->aliases, (const char *const *)y->aliases));
	}
	g_assert_cmpuint(registry_abbreviations(a)->len, ==, registry_abbreviations(b)->len);
	for (guint i = 0; i < registry_abbreviations(a)->len; i++) {
		const struct abbreviation *x = g_ptr_array_index(registry_abbreviations(a), i),
					  *y = g_ptr_array_index(registry_abbreviations(b), i);

		g_assert_cmpstr(x->brief, ==, y->brief);
		g_assert_true(g_strv_equal((const char *const *)x->expansions, (const char *const *)y->expansions));
	}
}

static void test_round_trip(void)
{
	struct fixture f;
	g_autoptr(registry_t) back = NULL;
	unsigned changed;

	fixture_open(&f);
	back = store_register_load(f.db, NULL);
	assert_same_register(f.registry, back);
	g_assert_cmpstr(registry_unit(back, "VUBAN")->name, ==, "UBND huyện Vụ Bản");
	g_assert_cmpstr(registry_expansions(back, "cds")[0], ==, "chuyển đổi số");
	g_assert_true(store_register_import(f.db, f.registry, &changed, NULL));
	g_assert_cmpuint(changed, ==, 0);
	fixture_close(&f);
}

static void test_import_changes_what_differs_and_keeps_what_it_does_not_name(void)
{
	struct fixture f;
	g_autoptr(registry_t) more = registry_new(), back = NULL;
	unsigned changed;

	fixture_open(&f);
	registry_add_unit(more, "UBNDT", "UBND tỉnh Ninh Bình", "tinh", "UBND tỉnh");
	registry_add_unit(more, "XMOI", "UBND xã Mới", "xa", "xã Mới");
	registry_seal(more);
	g_assert_true(store_register_import(f.db, more, &changed, NULL));
	g_assert_cmpuint(changed, ==, 2);
	back = store_register_load(f.db, NULL);
	g_assert_cmpuint(registry_units(back)->len, ==, registry_units(f.registry)->len + 1);
	g_assert_cmpstr(registry_unit(back, "UBNDT")->name, ==, "UBND tỉnh Ninh Bình");
	g_assert_cmpstr(registry_unit(back, "XMOI")->kind, ==, "xa");
	g_assert_nonnull(registry_unit(back, "VUBAN"));
	fixture_close(&f);
}

static void test_a_new_database_is_empty(void)
{
	g_autoptr(db_t) db = db_open(":memory:", DB_WRITE, NULL);
	bool empty = false;

	g_assert_true(db_migrate(db, NULL));
	g_assert_true(store_register_is_empty(db, &empty, NULL));
	g_assert_true(empty);
}

static void test_filled_is_not_empty(void)
{
	struct fixture f;
	bool empty = true;

	fixture_open(&f);
	g_assert_true(store_register_is_empty(f.db, &empty, NULL));
	g_assert_false(empty);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/register/round-trip", test_round_trip);
	g_test_add_func("/register/import", test_import_changes_what_differs_and_keeps_what_it_does_not_name);
	g_test_add_func("/register/new", test_a_new_database_is_empty);
	g_test_add_func("/register/filled", test_filled_is_not_empty);
	return g_test_run();
}
