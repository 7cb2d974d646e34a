/* SPDX-License-Identifier: MIT */
/* Migrations: from nothing, step by step with rows in between, twice, and the databases that are refused. */
#include <sqlite3.h>

#include "fixture.h"

#include "store/audit.h"
#include "store/db_kernel.h"

struct bare {
	char *dir, *path;
};

static void bare_init(struct bare *b)
{
	b->dir = g_dir_make_tmp("cdsbot-migrate-XXXXXX", NULL);
	b->path = g_build_filename(b->dir, "cdsbot.db", NULL);
}

static void bare_release(struct bare *b)
{
	fixture_remove_dir(b->dir);
	g_free(b->dir);
	g_free(b->path);
}

static void test_fresh_database_is_newest(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(":memory:", DB_WRITE, &error);

	g_assert_cmpint(db_schema_version(db), ==, 0);
	g_assert_true(db_migrate(db, &error));
	g_assert_cmpint(db_schema_version(db), ==, db_schema_newest());
	g_assert_true(db_migrate(db, &error));
	g_assert_no_error(error);
}

static void test_rows_survive_each_step(void)
{
	g_autoptr(GError) error = NULL;
	struct bare b;

	bare_init(&b);
	for (int version = 1; version <= db_schema_newest(); version++) {
		g_autoptr(db_t) db = db_open(b.path, DB_WRITE, &error);
		g_autofree char *key = g_strdup_printf("%d", version);

		g_assert_no_error(error);
		g_assert_true(db_migrate_to(db, version, &error));
		g_assert_cmpint(db_schema_version(db), ==, version);
		g_assert_true(db_begin(db, &error));
		g_assert_true(store_setting_set(db, "step", key, "v", &error));
		g_assert_true(db_commit(db, &error));
		g_assert_cmpint(fixture_int64(db, "SELECT count(*) FROM setting WHERE scope = 'step'"), ==, version);
	}
	bare_release(&b);
}

/* What version 6 had folded in unread waits again, and can be found by those who may see it; what was folded in by a moderator stays. */
static void test_contributions_wait_as_items(void)
{
	static const char rows[] =
		"INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version, merged_into) VALUES"
		" (1, 0, 1, 'Quét mã', 'x', 3, 0, 0, 1, NULL), (2, 0, 2, 'Dán mã', 'y', 6, 0, 0, 1, 1),"
		" (3, 0, 3, 'Họp', 'z', 3, 0, 0, 1, NULL), (4, 0, 4, 'Họp số', 't', 6, 0, 0, 1, 3);"
		"INSERT INTO item_field (item_id, key, value, position) VALUES (1, 'dongop', 'SK2: Dán mã', 0), (1, 'hieuqua', 'nhanh', 1);";
	g_autoptr(GError) error = NULL;
	struct bare b;

	bare_init(&b);
	{
		g_autoptr(db_t) db = db_open(b.path, DB_WRITE, &error);

		g_assert_true(db_migrate_to(db, 6, &error));
		g_assert_true(db_exec(db, rows, &error));
		g_assert_true(db_migrate(db, &error));
		g_assert_no_error(error);
		g_assert_cmpint(fixture_int64(db, "SELECT status FROM item WHERE id = 2"), ==, 1);
		g_assert_cmpint(fixture_int64(db, "SELECT merged_into FROM item WHERE id = 2"), ==, 1);
		g_assert_cmpint(fixture_int64(db, "SELECT status FROM item WHERE id = 4"), ==, 6);
		g_assert_cmpint(fixture_int64(db, "SELECT count(*) FROM item_field"), ==, 1);
		g_assert_cmpint(fixture_int64(db, "SELECT count(*) FROM search_doc WHERE item_id = 2"), ==, 1);
		g_assert_cmpint(fixture_int64(db, "SELECT count(*) FROM search_doc"), ==, 3);
	}
	bare_release(&b);
}

static void test_refused(const char *sql, int code, const char *says)
{
	g_autoptr(GError) error = NULL;
	struct bare b;

	bare_init(&b);
	{
		g_autoptr(db_t) db = db_open(b.path, DB_WRITE, &error);

		g_assert_true(sql[0] == 'C' || db_migrate(db, &error));
		g_assert_true(db_exec(db, sql, &error));
		g_assert_no_error(error);
		g_assert_false(db_migrate(db, &error));
		g_assert_error(error, STORE_ERROR, code);
		g_assert_nonnull(strstr(error->message, says));
	}
	bare_release(&b);
}

static void test_newer_database_is_refused(void)
{
	test_refused("PRAGMA user_version = 9999", STORE_ERROR_TOO_NEW, "version 9999");
}

static void test_foreign_database_is_refused(void)
{
	test_refused("CREATE TABLE theirs (a)", STORE_ERROR_FAILED, "another program");
}

/* A wrong path must leave no trace in what is not ours: not even its journal mode. */
static void test_foreign_database_is_not_touched(void)
{
	g_autofree char *before = NULL, *after = NULL;
	g_autoptr(GError) error = NULL;
	gsize n_before, n_after;
	struct bare b;
	sqlite3 *theirs;

	bare_init(&b);
	g_assert_cmpint(sqlite3_open(b.path, &theirs), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(theirs, "CREATE TABLE theirs (a)", NULL, NULL, NULL), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_close(theirs), ==, SQLITE_OK);
	g_assert_true(g_file_get_contents(b.path, &before, &n_before, NULL));
	g_assert_null(db_open(b.path, DB_WRITE, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "another program"));
	g_assert_true(g_file_get_contents(b.path, &after, &n_after, NULL));
	g_assert_cmpmem(before, n_before, after, n_after);
	bare_release(&b);
}

static void test_file_that_is_no_database_is_refused(void)
{
	g_autoptr(GError) error = NULL;
	struct bare b;

	bare_init(&b);
	g_assert_true(g_file_set_contents(
		b.path, "this is a text and by no means a database, however long it may become in the end", -1, NULL));
	g_assert_null(db_open(b.path, DB_WRITE, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_DISK);
	bare_release(&b);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fresh-database-is-newest", test_fresh_database_is_newest);
	g_test_add_func("/rows-survive-each-step", test_rows_survive_each_step);
	g_test_add_func("/contributions-wait-as-items", test_contributions_wait_as_items);
	g_test_add_func("/newer-database-is-refused", test_newer_database_is_refused);
	g_test_add_func("/foreign-database-is-refused", test_foreign_database_is_refused);
	g_test_add_func("/foreign-database-is-not-touched", test_foreign_database_is_not_touched);
	g_test_add_func("/file-that-is-no-database-is-refused", test_file_that_is_no_database_is_refused);
	return g_test_run();
}
