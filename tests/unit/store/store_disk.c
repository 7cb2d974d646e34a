/* SPDX-License-Identifier: MIT */
/* Disk trouble: a file system layer that fails on command. Lost transactions run again one by one, nothing is called durable that
 * is not, and the store finds its way back. */
#include "daemon.h"
#include "disk.h"

#include "store/db_kernel.h"

/* --- tests --- */

static void jobs_init(struct daemon *d, struct test_job *jobs, unsigned n, unsigned *n_done)
{
	memset(jobs, 0, n * sizeof(*jobs));
	for (unsigned i = 0; i < n; i++) {
		jobs[i].d = d;
		jobs[i].n_done = n_done;
		jobs[i].letter = (char)('a' + i);
		g_snprintf(jobs[i].key, sizeof(jobs[i].key), "%u", i);
	}
}

static bool set_page_limit(struct db *db, void *arg, GError **error)
{
	return db_run(db_prepare(db, "PRAGMA max_page_count = 300"), error);
}

/* One job too large for the disk costs the others nothing but a second run. */
static void test_lost_transaction_runs_again_one_by_one(void)
{
	g_autofree char *big = g_strnfill(4000000, 'x');
	struct test_job jobs[6];
	unsigned n_done = 0, n_first = 0;
	struct daemon d;
	GMutex gate;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 6, &n_done);
	store_submit_accepted(d.store, 1, set_page_limit, NULL, NULL);
	g_mutex_init(&gate);
	g_mutex_lock(&gate);
	jobs[0].gate = &gate;
	jobs[0].n_done = &n_first;
	jobs[2].fails = true;
	jobs[4].text = big;
	for (unsigned i = 0; i < 6; i++) {
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
		if (i == 0)
			g_usleep(50000); /* the rest is one batch */
	}
	g_mutex_unlock(&gate);
	daemon_wait(&d, &n_done, 5);
	/* b ran again and is durable; c failed by itself; the disk's refusal is told before the first victim hears of it. */
	g_assert_cmpstr(d.order->str, ==, "abcd!ef");
	g_assert_cmpuint(jobs[1].n_runs, ==, 2);
	g_assert_cmpint(jobs[1].end, ==, JOB_COMMITTED);
	g_assert_cmpint(jobs[2].end, ==, JOB_FAILED);
	g_assert_cmpint(jobs[3].end, ==, JOB_COMMITTED);
	g_assert_cmpint(jobs[4].end, ==, JOB_DISK);
	g_assert_cmpuint(jobs[4].n_runs, ==, 2);
	g_assert_cmpint(jobs[5].end, ==, JOB_DISK);
	g_assert_cmpint(daemon_count(&d), ==, 3);
	/* There is room for small things: the probe finds out. */
	daemon_wait(&d, &d.n_well, 1);
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[5]);
	daemon_wait(&d, &n_done, 6);
	g_assert_cmpint(jobs[5].end, ==, JOB_COMMITTED);
	daemon_release(&d);
	g_mutex_clear(&gate);
}

static void test_trouble(const void *data)
{
	const int rc = GPOINTER_TO_INT(data);
	struct test_job jobs[9];
	unsigned n_done = 0;
	struct daemon d;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 9, &n_done);
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[0]);
	daemon_wait(&d, &n_done, 1);
	disk_fail(rc, 0);
	for (unsigned i = 1; i < 5; i++)
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	daemon_wait(&d, &n_done, 5);
	g_assert_cmpstr(d.order->str, ==, "a!bcde");
	g_assert_false(store_is_healthy(d.store));
	/* While it lasts, nothing runs. */
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[5]);
	daemon_wait(&d, &n_done, 6);
	g_assert_cmpuint(jobs[5].n_runs, ==, 0);
	for (unsigned i = 1; i < 6; i++) {
		g_assert_cmpint(jobs[i].end, ==, JOB_DISK);
		g_assert_cmpint(jobs[i].code, ==, STORE_ERROR_DISK);
	}
	g_assert_cmpint(daemon_count(&d), ==, 1);
	/* A probe that fails changes nothing and is not told again. */
	g_usleep((STORE_PROBE_MS + 1500) * 1000L);
	uv_run(&d.loop, UV_RUN_NOWAIT);
	g_assert_cmpuint(d.n_well, ==, 0);
	g_assert_cmpuint(d.n_trouble, ==, 1);
	disk_fail(SQLITE_OK, 0);
	daemon_wait(&d, &d.n_well, 1);
	g_assert_true(store_is_healthy(d.store));
	for (unsigned i = 1; i < 9; i++)
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
	daemon_wait(&d, &n_done, 14);
	g_assert_cmpint(daemon_count(&d), ==, 9);
	daemon_release(&d);
}

/* Whatever write of a commit fails, a job is either told committed and there, or told otherwise and not there. */
static void test_answer_is_true_wherever_the_disk_fails(void)
{
	for (int after = 0; after < 12; after++) {
		struct test_job jobs[3];
		unsigned n_done = 0, n_committed = 0;
		struct daemon d;

		daemon_init(&d, false, 4096);
		jobs_init(&d, jobs, 3, &n_done);
		disk_fail(SQLITE_IOERR_WRITE, after);
		for (unsigned i = 0; i < 3; i++)
			store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
		daemon_wait(&d, &n_done, 3);
		disk_fail(SQLITE_OK, 0);
		for (unsigned i = 0; i < 3; i++)
			n_committed += jobs[i].end == JOB_COMMITTED;
		g_assert_cmpint(daemon_count(&d), ==, n_committed);
		daemon_release(&d);
	}
}

static void test_commit_costs_one_sync_and_an_idle_store_none(void)
{
	struct test_job jobs[26];
	unsigned n_done = 0;
	struct daemon d;
	GMutex gate;
	int before;

	daemon_init(&d, false, 4096);
	jobs_init(&d, jobs, 26, &n_done);
	store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[0]);
	daemon_wait(&d, &n_done, 1);
	g_mutex_init(&gate);
	g_mutex_lock(&gate);
	jobs[1].gate = &gate;
	before = g_atomic_int_get(&n_syncs);
	for (unsigned i = 1; i < 26; i++) {
		store_submit_accepted(d.store, 1, test_job_run, test_job_done, &jobs[i]);
		if (i == 1)
			g_usleep(50000);
	}
	g_mutex_unlock(&gate);
	daemon_wait(&d, &n_done, 26);
	/* Two commits: the one that was held up, and the one of all who waited. */
	g_assert_cmpint(g_atomic_int_get(&n_syncs) - before, ==, 2);
	g_usleep(3500000); /* checkpoint once */
	before = g_atomic_int_get(&n_syncs);
	g_usleep(2500000);
	g_assert_cmpint(g_atomic_int_get(&n_syncs) - before, ==, 0);
	daemon_release(&d);
	g_mutex_clear(&gate);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/lost-transaction-runs-again-one-by-one", test_lost_transaction_runs_again_one_by_one);
	g_test_add_data_func("/trouble/full", GINT_TO_POINTER(SQLITE_FULL), test_trouble);
	g_test_add_data_func("/trouble/write", GINT_TO_POINTER(SQLITE_IOERR_WRITE), test_trouble);
	g_test_add_func("/answer-is-true-wherever-the-disk-fails", test_answer_is_true_wherever_the_disk_fails);
	g_test_add_func("/commit-costs-one-sync-and-an-idle-store-none", test_commit_costs_one_sync_and_an_idle_store_none);
	return g_test_run();
}
