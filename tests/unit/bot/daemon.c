/* SPDX-License-Identifier: MIT */
/* The whole daemon without adapters: its end in every phase, what it does first, and that nothing is used after it is gone (the sanitizers
 * watch). */
#include "kernel.h"

#include <signal.h>
#include <unistd.h>

#include "bot/daemon.h"
#include "store/search/tokenizer.h"
#include "store/store_lock.h"
#include "tests/unit/store/disk.h"

/* A database with one update left unhandled and one delivery left in flight. */
struct house {
	char *dir, *path;
	struct config *config;
	/* What the other thread does once the daemon has taken its lock. */
	unsigned first_ms, n_signals, every_ms; /* SIGTERMs */
	unsigned lock_ms;			/* holds the write lock of the database for so long, from before the start */
	struct db *locker;
};

static void open_house(struct house *h, const char *broken_sql)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(update_t) u = kernel_message("lan", NULL, "/khongco");
	const struct config_section *sections = NULL;
	g_autoptr(db_t) db = NULL;
	int64_t id;
	size_t n;

	memset(h, 0, sizeof(*h));
	h->dir = g_dir_make_tmp("cdsbot-daemon-XXXXXX", NULL);
	h->path = g_build_filename(h->dir, "cdsbot.db", NULL);
	sections = core_sections(&n);
	h->config = config_load(NULL, sections, n, &problems);
	g_assert_true(config_set(h->config, "store", "path", h->path, NULL));
	g_assert_true(config_set(h->config, "http", "status_listen", "off", NULL));
	db = db_open(h->path, DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(db, &error));
	g_assert_true(db_begin(db, NULL));
	g_assert_cmpint(store_inbox_add(db, u, clock_wall_ms(), &id, NULL), ==, STORE_OK);
	fixture_delivery(db, fixture_chat(db, "console", "hoa", CHAT_PRIVATE), "x", CLASS_NOTICE, T0);
	g_assert_true(db_run(db_prepare(db, "UPDATE delivery SET state = 1"), NULL));
	if (broken_sql)
		g_assert_true(db_run(db_prepare(db, broken_sql), NULL));
	g_assert_true(db_commit(db, NULL));
}

static int64_t ask(const struct house *h, const char *literal)
{
	g_autoptr(db_t) db = db_open(h->path, DB_READ, NULL);

	return fixture_int64(db, literal);
}

static void close_house(struct house *h)
{
	config_unref(h->config);
	fixture_remove_dir(h->dir);
	g_free(h->dir);
	g_free(h->path);
}

static void *interfere(void *arg)
{
	struct house *h = arg;
	g_autofree char *lock = g_strconcat(h->path, ".lock", NULL);

	while (!g_file_test(lock, G_FILE_TEST_EXISTS))
		g_usleep(1000);
	if (h->lock_ms) { /* after recovery of the deliveries, which is the start's own work */
		h->locker = db_open(h->path, DB_WRITE, NULL);
		while (fixture_int64(h->locker, "SELECT count(*) FROM delivery WHERE state = 1"))
			g_usleep(1000);
		g_assert_true(db_begin(h->locker, NULL));
	}
	g_usleep(h->first_ms * 1000UL);
	for (unsigned i = 0; i < h->n_signals; i++) {
		kill(getpid(), SIGTERM);
		g_usleep(h->every_ms * 1000UL);
	}
	if (h->locker) {
		g_usleep(h->lock_ms * 1000UL);
		db_rollback(h->locker);
		db_close(h->locker);
	}
	return NULL;
}

/* Runs it to its end; seconds it took. */
static double run(struct house *h)
{
	static const char *const none[] = { NULL };
	const struct daemon_options o = { .config = h->config, .adapters = none, .holder = "test" };
	g_autoptr(GError) error = NULL;
	int64_t from = g_get_monotonic_time();
	GThread *other = g_thread_new("other", interfere, h);

	g_assert_cmpint(daemon_run(&o, &error), ==, 0);
	g_assert_no_error(error);
	g_thread_join(other); /* takes the thread's reference, which cppcheck does not know */
	/* cppcheck-suppress memleak */
	return (double)(g_get_monotonic_time() - from) / G_TIME_SPAN_SECOND;
}

static void test_what_was_left_is_handled_and_the_end_is_quick(void)
{
	struct house h;

	open_house(&h, NULL);
	h.first_ms = 700;
	h.n_signals = 1;
	g_assert_cmpfloat(run(&h), <, 7.5);
	g_assert_cmpint(ask(&h, "SELECT state FROM inbox"), ==, 1);
	g_assert_cmpint(ask(&h, "SELECT tries FROM inbox"), ==, 1);
	/* Uncertain is sent again: queued, and so is the answer to what was left. */
	g_assert_cmpint(ask(&h, "SELECT count(*) FROM delivery WHERE state = 0"), ==, 2);
	close_house(&h);
}

static void test_uncertain_deliveries_of_the_last_run_are_asked_about(void)
{
	struct house h;
	struct db *db;
	int64_t ha;

	open_house(&h, NULL);
	g_assert_true(config_set(h.config, "bot", "uncertain", "ask", NULL));
	db = db_open(h.path, DB_WRITE, NULL);
	g_assert_true(db_begin(db, NULL));
	ha = fixture_member(db, "console", "ha", "STTTT", NULL);
	g_assert_true(store_member_set_role(db, ha, ROLE_ADMIN, NULL));
	g_assert_true(db_commit(db, NULL));
	db_close(db);
	h.first_ms = 700;
	h.n_signals = 1;
	run(&h);
	g_assert_cmpint(ask(&h, "SELECT count(*) FROM delivery WHERE state = 4"), ==, 1);
	g_assert_cmpint(ask(&h, "SELECT count(*) FROM post WHERE text LIKE 'Có 1 tin chưa rõ%'"), ==, 1);
	close_house(&h);
}

static void test_end_during_recovery_leaves_the_row_for_the_next_start(void)
{
	struct house h;

	open_house(&h, "CREATE TRIGGER breaks BEFORE INSERT ON post WHEN NEW.class = 0 BEGIN SELECT RAISE(ABORT, 'told to'); END");
	h.first_ms = 300;
	h.n_signals = 2;
	h.every_ms = 200;
	g_assert_cmpfloat(run(&h), <, 6.0); /* no waiting for the retries, since it was told twice */
	g_assert_cmpint(ask(&h, "SELECT state FROM inbox"), ==, 0);
	close_house(&h);
}

/* Jobs come back after their parts are gone: the store waits for another process's lock all the while. */
static void test_end_while_another_process_holds_the_database(void)
{
	struct house h;

	open_house(&h, NULL);
	h.lock_ms = 1500;
	h.first_ms = 300;
	h.n_signals = 3;
	h.every_ms = 100;
	run(&h);
	g_assert_cmpint(ask(&h, "SELECT count(*) FROM inbox WHERE state IN (0, 1)"), ==, 1);
	close_house(&h);
}

static void *break_disk(void *arg)
{
	struct house *h = arg;
	g_autofree char *lock = g_strconcat(h->path, ".lock", NULL);
	g_autoptr(db_t) db = NULL;

	while (!g_file_test(lock, G_FILE_TEST_EXISTS))
		g_usleep(1000);
	db = db_open(h->path, DB_READ, NULL);
	while (fixture_int64(db, "SELECT count(*) FROM delivery WHERE state = 1"))
		g_usleep(1000);
	disk_fail(SQLITE_FULL, 0);
	g_usleep(700000);
	kill(getpid(), SIGTERM);
	g_usleep(100000);
	kill(getpid(), SIGTERM);
	return NULL;
}

static void test_end_during_disk_trouble_comes(void)
{
	static const char *const none[] = { NULL };
	struct house h;
	GThread *other;
	int64_t from;

	open_house(&h, NULL);
	const struct daemon_options o = { .config = h.config, .adapters = none, .holder = "test" };

	from = g_get_monotonic_time();
	other = g_thread_new("other", break_disk, &h);
	g_assert_cmpint(daemon_run(&o, NULL), ==, 0);
	g_thread_join(other);
	disk_fail(SQLITE_OK, 0);
	g_assert_cmpint(g_get_monotonic_time() - from, <, 6 * G_TIME_SPAN_SECOND);
	close_house(&h);
}

/* Another process that rebuilds the index and ends without a commit. */
static void *rebuild_elsewhere(void *arg)
{
	const struct house *h = arg;
	g_autofree char *lock = g_strconcat(h->path, ".lock", NULL);
	g_autoptr(db_t) db = NULL;
	int64_t until;
	int right;

	while (!g_file_test(lock, G_FILE_TEST_EXISTS))
		g_usleep(1000);
	right = store_lock(h->path, STORE_RIGHT_INDEX, "test", NULL);
	g_assert_cmpint(right, >=, 0);
	db = db_open(h->path, DB_WRITE, NULL);
	while (fixture_int64(db, "SELECT count(*) FROM delivery WHERE state = 1"))
		g_usleep(1000);
	g_assert_true(db_begin(db, NULL));
	g_assert_true(db_run(db_prepare(db, "UPDATE search_state SET tokenizer = 999"), NULL));
	g_assert_true(db_commit(db, NULL));
	g_usleep(2500000); /* it is told of the commit within a second or so, and looks */
	g_assert_cmpint(fixture_int64(db, "SELECT tokenizer FROM search_state"), ==, 999);
	store_unlock(right);
	until = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
	while (fixture_int64(db, "SELECT tokenizer FROM search_state") == 999 && g_get_monotonic_time() < until)
		g_usleep(20000);
	kill(getpid(), SIGTERM);
	return NULL;
}

static void test_index_is_taken_over_from_a_dead_process(void)
{
	static const char *const none[] = { NULL };
	struct house h;
	GThread *other;

	open_house(&h, NULL);
	const struct daemon_options o = { .config = h.config, .adapters = none, .holder = "test" };

	other = g_thread_new("other", rebuild_elsewhere, &h);
	g_assert_cmpint(daemon_run(&o, NULL), ==, 0);
	g_thread_join(other);
	g_assert_cmpint(ask(&h, "SELECT tokenizer FROM search_state"), ==, TOKENIZER_VERSION);
	close_house(&h);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/daemon/what-was-left-is-handled-and-the-end-is-quick", test_what_was_left_is_handled_and_the_end_is_quick);
	g_test_add_func("/daemon/uncertain-deliveries-of-the-last-run-are-asked-about", test_uncertain_deliveries_of_the_last_run_are_asked_about);
	g_test_add_func("/daemon/end-during-recovery-leaves-the-row-for-the-next-start",
			test_end_during_recovery_leaves_the_row_for_the_next_start);
	g_test_add_func("/daemon/end-while-another-process-holds-the-database", test_end_while_another_process_holds_the_database);
	g_test_add_func("/daemon/end-during-disk-trouble-comes", test_end_during_disk_trouble_comes);
	g_test_add_func("/daemon/index-is-taken-over-from-a-dead-process", test_index_is_taken_over_from_a_dead_process);
	return g_test_run();
}
