/* SPDX-License-Identifier: MIT */
/* The database layer: binding by number, constraints apart from breakage, transactions that know when they are gone, refusal of
 * misuse. Threads are store.c's test. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/audit.h"
#include "store/db_kernel.h"

static void test_parameters_are_bound_by_their_number(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autofree char *text = NULL;
	struct db_stmt *st = db_prepare(f.db, "SELECT $2 || $1 || $2 || coalesce($3, '-')");

	db_bind_text(st, 1, "b");
	db_bind_text(st, 2, "a");
	db_bind_text(st, 3, NULL);
	g_assert_true(db_run_text(st, &text, &error));
	g_assert_cmpstr(text, ==, "aba-");
	FIXTURE_END(f);
}

static void test_constraint_is_no_breakage(const void *data)
{
	static const char sql[] = "INSERT INTO chat (id, adapter, remote_id, kind, created_ms) VALUES ($1, 'a', $2, 0, 0)";
	FIXTURE_BEGIN(f, data);
	struct db_stmt *st;

	for (int i = 0; i < 2; i++) {
		st = db_prepare(f.db, sql);
		db_bind_int64(st, 1, 7);
		db_bind_text(st, 2, "x");
		g_assert_cmpint(db_step(st, &error), ==, i ? DB_CONSTRAINT : DB_DONE);
		db_finish(st);
		g_assert_no_error(error);
	}
	/* A foreign key is a bug of the program, not an answer. */
	st = db_prepare(f.db, "INSERT INTO group_member (chat_id, user_id, since_ms) VALUES (99, 'u', 0)");
	g_assert_cmpint(db_step(st, &error), ==, DB_BROKEN);
	db_finish(st);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
	g_clear_error(&error);
	FIXTURE_END(f);
}

static void test_savepoint_undoes_only_itself(const void *data)
{
	FIXTURE_BEGIN(f, data);

	g_assert_true(store_setting_set(f.db, "s", "before", "1", &error));
	g_assert_true(db_savepoint(f.db, &error));
	g_assert_true(store_setting_set(f.db, "s", "inside", "1", &error));
	g_assert_true(db_rollback_to(f.db, &error));
	g_assert_true(db_in_transaction(f.db));
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM setting WHERE scope = 's'"), ==, 1);
	FIXTURE_END(f);
}

/* What a full disk does: SQLite rolls back the whole transaction, and ROLLBACK TO finds no savepoint. */
static void test_lost_transaction_is_noticed(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autofree char *big = g_strnfill(2000000, 'x');

	g_assert_true(db_commit(f.db, &error));
	g_assert_true(db_exec(f.db, "PRAGMA max_page_count = 200", &error));
	g_assert_true(db_begin(f.db, &error));
	g_assert_true(store_setting_set(f.db, "s", "before", "1", &error));
	g_assert_true(db_savepoint(f.db, &error));
	g_assert_false(store_setting_set(f.db, "s", "big", big, &error));
	g_assert_true(db_is_disk_error(error));
	g_clear_error(&error);
	g_assert_false(db_in_transaction(f.db));
	/* A job that goes on regardless must not write outside a transaction, nor open one behind db_begin's back. */
	g_assert_false(db_savepoint(f.db, &error));
	g_assert_true(db_is_disk_error(error));
	g_clear_error(&error);
	g_assert_false(db_in_transaction(f.db));
	g_assert_false(store_setting_set(f.db, "s", "after", "1", &error));
	g_assert_true(db_is_disk_error(error));
	g_clear_error(&error);
	g_assert_false(db_rollback_to(f.db, &error));
	g_clear_error(&error);
	g_assert_false(db_commit(f.db, &error));
	g_clear_error(&error);
	g_assert_true(db_begin(f.db, &error));
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM setting WHERE scope = 's'"), ==, 0);
	FIXTURE_END(f);
}

static void test_reader_cannot_write(void)
{
	FIXTURE_BEGIN(f, NULL);
	g_autoptr(db_t) reader = db_open(f.path, DB_READ, &error);

	g_assert_no_error(error);
	g_assert_false(store_setting_set(reader, "s", "k", "v", &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
	g_clear_error(&error);
	g_clear_pointer(&reader, db_close);
	FIXTURE_END(f);
}

static void test_deadline_interrupts_a_long_query(const void *data)
{
	FIXTURE_BEGIN(f, data);
	int64_t n;

	db_set_deadline(f.db, g_get_monotonic_time() + 20000);
	g_assert_false(db_run_int64(
		db_prepare(f.db, "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000000000)"
				 " SELECT count(*) FROM c"),
		0, &n, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_TIMEOUT);
	g_clear_error(&error);
	db_set_deadline(f.db, 0);
	FIXTURE_END(f);
}

static void test_database_is_private_and_sound(void)
{
	FIXTURE_BEGIN(f, NULL);
	g_autofree char *complaint = NULL;
	struct stat st;

	g_assert_cmpint(stat(f.path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	g_assert_true(db_check(f.db, &complaint, &error));
	g_assert_null(complaint);
	FIXTURE_END(f);
}

static void test_missing_folder_is_a_disk_error(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(db_open("/nonexistent/cdsbot.db", DB_WRITE, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_DISK);
}

/* --- misuse ends the program, with the place --- */

static void misuse(int what)
{
	FIXTURE_BEGIN(f, GINT_TO_POINTER(1));
	g_autofree char *made = g_strdup("SELECT 1");
	struct db_stmt *st;

	switch (what) {
	case 0:
		db_prepare(f.db, "SELECT $1, $3");
		break;
	case 1:
		db_prepare(f.db, "SELEKT 1");
		break;
	case 2:
		db_begin(f.db, &error);
		break;
	case 3:
		db_step(db_prepare(f.db, "SELECT $1"), &error);
		break;
	case 4:
		db_prepare(f.db, "SELECT 2");
		db_prepare(f.db, "SELECT 1; SELECT 2");
		break;
	case 5:
		db_commit(f.db, &error);
		store_setting_set(f.db, "s", "k", "v", &error);
		break;
	case 6:
		db_finish(db_prepare(f.db, made));
		made[7] = '2';
		db_prepare(f.db, made);
		break;
	default:
		st = db_prepare(f.db, "SELECT $1");
		db_bind_int64(st, 2, 1);
		break;
	}
}

static void test_misuse(const void *data)
{
	static const char *const says[] = { "*$2 is missing in: SELECT $1, $3*",
					    "*SELEKT*",
					    "*begun at*inside that of*db.c*",
					    "*unbound parameter*",
					    "*not exactly one statement*",
					    "*writes outside a transaction*",
					    "*SQL is no literal*",
					    "*no $2 in*" };
	const int what = GPOINTER_TO_INT(data);
	g_autofree char *path = g_strdup_printf("/misuse/%d/subprocess", what);

	g_test_trap_subprocess(path, 0, 0);
	g_test_trap_assert_failed();
	g_test_trap_assert_stderr(says[what]);
}

/* A page that the disk gave back otherwise than it was written: the check says so, and does not call itself broken. */
static void test_damaged_page_is_complained_of(void)
{
	FIXTURE_BEGIN(f, NULL);
	g_autofree char *complaint = NULL, *text = NULL;
	const int64_t root = fixture_int64(f.db, "SELECT rootpage FROM sqlite_schema WHERE name = 'chat_unit'");
	const unsigned page = db_page_size(f.db);
	gsize n;

	g_assert_true(db_commit(f.db, &error));
	db_close(f.db);
	g_assert_true(g_file_get_contents(f.path, &text, &n, NULL));
	g_assert_cmpuint(n, >=, (gsize)root * page);
	memset(text + (root - 1) * page, 0xAB, page);
	g_assert_true(g_file_set_contents(f.path, text, (gssize)n, NULL));
	f.db = db_open(f.path, DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_check(f.db, &complaint, &error));
	g_assert_nonnull(complaint);
	g_assert_true(db_begin(f.db, &error));
	FIXTURE_END(f);
}

static void test_misuse_subprocess(const void *data)
{
	misuse(GPOINTER_TO_INT(data));
}

/* Whether another process finds the file locked where SQLite's connections keep their shared lock. */
static bool is_locked_for_others(const char *path)
{
	int status = -1;
	pid_t child = fork();

	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		struct flock look = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510 };
		int fd = open(path, O_RDWR | O_CLOEXEC);

		_exit(fd < 0 || fcntl(fd, F_GETLK, &look) != 0 ? 2 : look.l_type != F_UNLCK);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), !=, 2);
	return WEXITSTATUS(status) == 1;
}

/* The log of a running daemon was deleted by `cdsbot admin code`: what was committed afterwards was lost at the end. */
static void test_second_connection_drops_no_lock(void)
{
	g_autofree char *dir = g_dir_make_tmp("cdsbot-lock-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "a.db", NULL);
	g_autofree char *command = g_strdup_printf("rm -rf %s", dir);
	g_autoptr(GError) error = NULL;
	struct db *first = db_open(path, DB_WRITE, &error);

	g_assert_no_error(error);
	g_assert_true(db_migrate(first, &error));
	g_assert_true(is_locked_for_others(path));
	for (int mode = DB_WRITE; mode <= DB_READ; mode++) {
		struct db *second = db_open(path, (enum db_mode)mode, &error);

		g_assert_no_error(error);
		g_assert_true(is_locked_for_others(path));
		db_close(second);
		g_assert_true(is_locked_for_others(path));
	}
	db_close(first);
	g_assert_cmpint(system(command), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/second-connection-drops-no-lock", test_second_connection_drops_no_lock);
	fixture_add("/parameters-are-bound-by-their-number", test_parameters_are_bound_by_their_number);
	fixture_add("/constraint-is-no-breakage", test_constraint_is_no_breakage);
	fixture_add("/savepoint-undoes-only-itself", test_savepoint_undoes_only_itself);
	fixture_add("/lost-transaction-is-noticed", test_lost_transaction_is_noticed);
	fixture_add("/deadline-interrupts-a-long-query", test_deadline_interrupts_a_long_query);
	g_test_add_func("/reader-cannot-write", test_reader_cannot_write);
	g_test_add_func("/database-is-private-and-sound", test_database_is_private_and_sound);
	g_test_add_func("/damaged-page-is-complained-of", test_damaged_page_is_complained_of);
	g_test_add_func("/missing-folder-is-a-disk-error", test_missing_folder_is_a_disk_error);
	for (int i = 0; i < 8; i++) {
		g_autofree char *name = g_strdup_printf("/misuse/%d", i), *sub = g_strdup_printf("/misuse/%d/subprocess", i);

		g_test_add_data_func(name, GINT_TO_POINTER(i), test_misuse);
		g_test_add_data_func(sub, GINT_TO_POINTER(i), test_misuse_subprocess);
	}
	return g_test_run();
}
