/* SPDX-License-Identifier: MIT */
/* The store's threads: group commit, savepoints, order, back-pressure, readers, other processes, the lock. Disk trouble is
 * store_disk.c's. */
#include "daemon.h"

#include "store/db_kernel.h"

#define N 200

static void jobs_init(struct daemon *d, struct test_job *jobs, unsigned n, unsigned *n_done)
{
	memset(jobs, 0, n * sizeof(*jobs));
	for (unsigned i = 0; i < n; i++) {
		jobs[i].d = d;
		jobs[i].n_done = n_done;
		g_snprintf(jobs[i].key, sizeof(jobs[i].key), "%u", i);
	}
}

static void test_jobs_that_wait_share_a_commit(const void *data)
{
	struct test_job jobs[N + 1];
	struct store_stats stats;
	unsigned n_done = 0;
	struct daemon d;
	GMutex gate;

	daemon_init(&d, GPOINTER_TO_INT(data), 4096);
	jobs_init(&d, jobs, N + 1, &n_done);
	g_mutex_init(&gate);
	/* The first one holds the writer as a slow commit would. */
	g_mutex_lock(&gate);
	jobs[0].gate = &gate;
	for (unsigned i = 0; i <= N; i++) {
		g_assert_true(store_submit(d.store, 100, test_job_run, test_job_done, &jobs[i]));
		if (i == 0)
			g_usleep(20000); /* let the writer take it */
	}
	g_mutex_unlock(&gate);
	daemon_wait(&d, &n_done, N + 1);
	store_get_stats(d.store, &stats);
	g_assert_cmpuint(stats.commits, <=, 4);
	g_assert_cmpint(stats.max_batch, >=, N / 2);
	g_assert_cmpuint(stats.jobs, ==, N + 1);
	g_assert_cmpuint(stats.waiting_jobs, ==, 0);
	g_assert_cmpuint(stats.waiting_bytes, ==, 0);
	for (unsigned i = 0; i <= N; i++)
		g_assert_cmpint(jobs[i].end, ==, JOB_COMMITTED);
	daemon_release(&d);
	g_mutex_clear(&gate);
}

static void test_failing_job_undoes_only_itself(void)
{
	struct test_job jobs[N];
	unsigned n_done = 0;
	struct daemon d;
	struct store_stats stats;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, N, &n_done);
	for (unsigned i = 0; i < N; i++) {
		jobs[i].fails = i % 3 == 1;
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	}
	daemon_wait(&d, &n_done, N);
	for (unsigned i = 0; i < N; i++) {
		g_assert_cmpint(jobs[i].end, ==, i % 3 == 1 ? JOB_FAILED : JOB_COMMITTED);
		g_assert_cmpint(jobs[i].code, ==, i % 3 == 1 ? STORE_ERROR_FAILED : -1);
		g_assert_cmpuint(jobs[i].n_runs, ==, 1);
	}
	g_assert_cmpint(daemon_count(&d), ==, N - (N + 1) / 3);
	store_get_stats(d.store, &stats);
	g_assert_cmpuint(stats.jobs_failed, ==, (N + 1) / 3);
	g_assert_cmpuint(d.n_trouble, ==, 0);
	daemon_release(&d);
}

static void test_done_comes_after_the_commit_and_in_order(void)
{
	struct test_job jobs[26];
	unsigned n_done = 0;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 26, &n_done);
	for (unsigned i = 0; i < 26; i++) {
		jobs[i].letter = (char)('a' + i);
		jobs[i].fails = i == 5;
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	}
	/* Nothing is called before the loop runs; whenever something was called, another connection sees it. */
	g_usleep(50000);
	g_assert_cmpuint(n_done, ==, 0);
	while (n_done < 26) {
		uv_run(&d.loop, UV_RUN_ONCE);
		g_assert_cmpint(daemon_count(&d), >=, (int64_t)n_done - 1);
	}
	g_assert_cmpstr(d.order->str, ==, "abcdefghijklmnopqrstuvwxyz");
	daemon_release(&d);
}

static void test_full_queue_refuses_and_tells_when_there_is_room(void)
{
	struct test_job jobs[12];
	unsigned n_done = 0;
	struct daemon d;
	GMutex gate;

	daemon_init(&d, false, 10);
	jobs_init(&d, jobs, 12, &n_done);
	g_mutex_init(&gate);
	g_mutex_lock(&gate);
	jobs[0].gate = &gate;
	for (unsigned i = 0; i < 10; i++)
		g_assert_true(store_submit(d.store, 1, test_job_run, test_job_done, &jobs[i]));
	g_assert_true(store_is_full(d.store));
	g_assert_false(store_submit(d.store, 1, test_job_run, test_job_done, &jobs[10]));
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[11]);
	g_assert_cmpuint(d.n_room, ==, 0);
	g_mutex_unlock(&gate);
	daemon_wait(&d, &d.n_room, 1);
	daemon_wait(&d, &n_done, 11);
	g_assert_false(store_is_full(d.store));
	g_assert_cmpuint(jobs[10].n_runs, ==, 0);
	g_assert_cmpuint(d.n_room, ==, 1);
	/* Bytes count as well; one job alone is taken however large. */
	g_assert_true(store_submit(d.store, 1 << 21, test_job_run, test_job_done, &jobs[10]));
	g_assert_false(store_submit(d.store, 1, test_job_run, test_job_done, &jobs[9]));
	daemon_wait(&d, &n_done, 12);
	daemon_release(&d);
	g_mutex_clear(&gate);
}

/* --- reading --- */

struct test_read {
	struct daemon *d;
	struct test_job *write; /* read what this one wrote, once it is done */
	int64_t seen;
	enum job_end end;
	int code;
	unsigned *n_done;
};

static bool read_count(struct db *db, void *arg, GError **error)
{
	struct test_read *r = arg;

	return db_run_int64(db_prepare(db, "SELECT count(*) FROM setting WHERE scope = 'test'"), 0, &r->seen, error);
}

static void read_done(void *arg, enum job_end end, const GError *error)
{
	struct test_read *r = arg;

	r->end = end;
	r->code = error ? error->code : -1;
	++*r->n_done;
}

static void write_done_then_read(void *arg, enum job_end end, const GError *error)
{
	struct test_read *r = arg;

	g_assert_cmpint(end, ==, JOB_COMMITTED);
	store_read(r->d->store, read_count, read_done, r);
}

static bool write_for_read(struct db *db, void *arg, GError **error)
{
	return test_job_run(db, ((struct test_read *)arg)->write, error);
}

static void test_reading_sees_what_was_committed_before(const void *data)
{
	struct test_job jobs[N];
	struct test_read reads[N];
	unsigned n_done = 0;
	struct daemon d;

	daemon_init(&d, GPOINTER_TO_INT(data), 4096);
	jobs_init(&d, jobs, N, &n_done);
	for (unsigned i = 0; i < N; i++) {
		reads[i] = (struct test_read){ .d = &d, .write = &jobs[i], .n_done = &n_done };
		store_submit_accepted(d.store, 1, write_for_read, write_done_then_read, &reads[i]);
	}
	daemon_wait(&d, &n_done, N);
	for (unsigned i = 0; i < N; i++) {
		g_assert_cmpint(reads[i].end, ==, JOB_COMMITTED);
		g_assert_cmpint(reads[i].seen, >=, i + 1);
	}
	daemon_release(&d);
}

static bool read_for_ever(struct db *db, void *arg, GError **error)
{
	int64_t n;

	return db_run_int64(db_prepare(db, "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000000000)"
					   " SELECT count(*) FROM c"),
			    0, &n, error);
}

static bool read_and_write(struct db *db, void *arg, GError **error)
{
	return store_setting_set(db, "test", "reader", "v", error);
}

static void test_slow_or_writing_reader_is_stopped_and_holds_nobody_up(void)
{
	struct test_job jobs[1];
	struct test_read slow, writes;
	unsigned n_done = 0, n_written = 0;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 1, &n_written);
	slow = writes = (struct test_read){ .d = &d, .n_done = &n_done };
	store_read(d.store, read_for_ever, read_done, &slow);
	store_read(d.store, read_and_write, read_done, &writes);
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[0]);
	daemon_wait(&d, &n_written, 1);
	g_assert_cmpuint(n_done, <=, 1); /* the slow one still reads */
	daemon_wait(&d, &n_done, 2);
	g_assert_cmpint(slow.end, ==, JOB_FAILED);
	g_assert_cmpint(writes.end, ==, JOB_FAILED);
	g_assert_cmpint(writes.code, ==, STORE_ERROR_FAILED);
	g_assert_cmpint(daemon_count(&d), ==, 1);
	daemon_release(&d);
}

/* --- other processes --- */

static void test_foreign_commit_is_noticed_once_and_own_never(void)
{
	struct test_job jobs[20];
	unsigned n_done = 0;
	g_autoptr(GError) error = NULL;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 20, &n_done);
	for (unsigned i = 0; i < 20; i++) {
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
		daemon_wait(&d, &n_done, i + 1);
	}
	g_usleep(2500000); /* two looks and a checkpoint */
	uv_run(&d.loop, UV_RUN_NOWAIT);
	g_assert_cmpuint(d.n_foreign, ==, 0);
	{
		g_autoptr(db_t) tool = db_open(d.path, DB_WRITE, &error);

		g_assert_true(db_begin(tool, &error));
		g_assert_true(store_setting_set(tool, "tool", "k", "v", &error));
		g_assert_true(db_commit(tool, &error));
		g_assert_no_error(error);
		daemon_wait(&d, &d.n_foreign, 1);
	}
	g_usleep(2500000);
	uv_run(&d.loop, UV_RUN_NOWAIT);
	g_assert_cmpuint(d.n_foreign, ==, 1);
	daemon_release(&d);
}

static void test_foreign_lock_is_waited_for(void)
{
	struct test_job jobs[3];
	unsigned n_done = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) tool = NULL;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 3, &n_done);
	tool = db_open(d.path, DB_WRITE, &error);
	g_assert_true(db_begin(tool, &error));
	for (unsigned i = 0; i < 3; i++)
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	/* Longer than the busy timeout: still nobody's failure. */
	g_usleep((DB_BUSY_TIMEOUT_MS + 1500) * 1000L);
	uv_run(&d.loop, UV_RUN_NOWAIT);
	g_assert_cmpuint(n_done, ==, 0);
	db_rollback(tool);
	daemon_wait(&d, &n_done, 3);
	for (unsigned i = 0; i < 3; i++)
		g_assert_cmpint(jobs[i].end, ==, JOB_COMMITTED);
	g_assert_cmpuint(d.n_trouble, ==, 0);
	g_clear_pointer(&tool, db_close);
	daemon_release(&d);
}

/* A tool that hangs with the lock: the operator hears of it, work goes on once it lets go, and the program can end beside it. */
static void test_foreign_lock_that_stays_is_told(void)
{
	struct test_job jobs[2];
	unsigned n_done = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) tool = NULL;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 2, &n_done);
	tool = db_open(d.path, DB_WRITE, &error);
	g_assert_true(db_begin(tool, &error));
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[0]);
	daemon_wait(&d, &d.n_trouble, 1);
	g_assert_cmpuint(n_done, ==, 0);
	db_rollback(tool);
	daemon_wait(&d, &n_done, 1);
	daemon_wait(&d, &d.n_well, 1);
	g_assert_cmpint(jobs[0].end, ==, JOB_COMMITTED);

	g_assert_true(db_begin(tool, &error));
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[1]);
	daemon_release(&d); /* ends although nobody lets go */
	g_assert_cmpint(jobs[1].end, ==, JOB_DISK);
}

/* A tool must get its turn beside a daemon that commits without a pause. */
static void resubmit(void *arg, enum job_end end, const GError *error)
{
	struct test_job *j = arg;

	test_job_done(arg, end, error);
	if (!j->d->n_well) /* used as "enough" here */
		store_submit_accepted(j->d->store, 1, test_job_run, resubmit, j);
}

static void *tool_writes(void *arg)
{
	const char *path = arg;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) tool = db_open(path, DB_WRITE, &error);

	for (int i = 0; i < 20 && !error; i++)
		if (db_begin(tool, &error))
			db_commit(tool, &error);
	return g_steal_pointer(&error);
}

static void test_tool_is_not_starved_by_a_busy_daemon(void)
{
	struct test_job jobs[8];
	unsigned n_done = 0;
	GThread *tool;
	GError *error;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 8, &n_done);
	for (unsigned i = 0; i < 8; i++)
		store_submit_accepted(d.store, 1, test_job_run, resubmit, &jobs[i]);
	tool = g_thread_new("tool", tool_writes, d.path);
	daemon_wait(&d, &n_done, 400);
	d.n_well = 1;
	error = g_thread_join(tool);
	g_assert_no_error(error);
	daemon_release(&d);
}

static void test_second_daemon_is_refused_with_the_holder(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *pid = g_strdup_printf("pid %d: test", (int)getpid());
	struct daemon d;

	daemon_init(&d, false, 16);
	g_assert_null(daemon_open_store(&d, 16, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_LOCKED);
	g_assert_nonnull(strstr(error->message, pid));
	g_clear_error(&error);
	/* And when the first has gone, it opens. */
	daemon_close(&d);
	d.store = daemon_open_store(&d, 16, &error);
	g_assert_no_error(error);
	daemon_release(&d);
}

static void test_close_runs_what_was_accepted(void)
{
	struct test_job jobs[N];
	unsigned n_done = 0;
	g_autofree char *wal = NULL;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, N, &n_done);
	for (unsigned i = 0; i < N; i++)
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	daemon_close(&d);
	g_assert_cmpuint(n_done, ==, N);
	wal = g_strconcat(d.path, "-wal", NULL);
	g_assert_false(g_file_test(wal, G_FILE_TEST_EXISTS));
	g_assert_cmpint(daemon_count(&d), ==, N);
	daemon_release(&d);
}

/* --- the WAL --- */

static void test_wal_stays_small_under_load(void)
{
	g_autofree char *text = g_strnfill(20000, 'x'), *wal = NULL;
	struct test_job jobs[8];
	unsigned n_done = 0;
	struct daemon d;
	GStatBuf st;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 8, &n_done);
	for (unsigned i = 0; i < 8; i++)
		jobs[i].text = text;
	/* 1,600 commits of some 40 KiB each: 64 MiB would pile up without checkpoints. */
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < 8; i++)
			store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
		daemon_wait(&d, &n_done, (round + 1) * 8);
	}
	wal = g_strconcat(d.path, "-wal", NULL);
	g_assert_cmpint(g_stat(wal, &st), ==, 0);
	g_assert_cmpint(st.st_size, <, 3 * STORE_WAL_CHECKPOINT_BYTES);
	g_assert_cmpint(st.st_size, >, 0); /* never truncated under load */
	daemon_release(&d);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/jobs-that-wait-share-a-commit", test_jobs_that_wait_share_a_commit);
	g_test_add_func("/failing-job-undoes-only-itself", test_failing_job_undoes_only_itself);
	g_test_add_func("/done-comes-after-the-commit-and-in-order", test_done_comes_after_the_commit_and_in_order);
	g_test_add_func("/full-queue-refuses-and-tells-when-there-is-room", test_full_queue_refuses_and_tells_when_there_is_room);
	fixture_add("/reading-sees-what-was-committed-before", test_reading_sees_what_was_committed_before);
	g_test_add_func("/slow-or-writing-reader-is-stopped-and-holds-nobody-up",
			test_slow_or_writing_reader_is_stopped_and_holds_nobody_up);
	g_test_add_func("/foreign-commit-is-noticed-once-and-own-never", test_foreign_commit_is_noticed_once_and_own_never);
	g_test_add_func("/foreign-lock-is-waited-for", test_foreign_lock_is_waited_for);
	g_test_add_func("/foreign-lock-that-stays-is-told", test_foreign_lock_that_stays_is_told);
	g_test_add_func("/tool-is-not-starved-by-a-busy-daemon", test_tool_is_not_starved_by_a_busy_daemon);
	g_test_add_func("/second-daemon-is-refused-with-the-holder", test_second_daemon_is_refused_with_the_holder);
	g_test_add_func("/close-runs-what-was-accepted", test_close_runs_what_was_accepted);
	g_test_add_func("/wal-stays-small-under-load", test_wal_stays_small_under_load);
	return g_test_run();
}
