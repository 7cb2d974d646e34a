/* SPDX-License-Identifier: MIT */
/* The reader threads: each takes the next reading job, gives it a snapshot of its own, and leaves the snapshot after a second at
 * most. They write nothing. */
#include "db_kernel.h"
#include "store_private.h"

/* Only the recovery of a WAL keeps a reader waiting, and only for a moment. */
#define BUSY_TRIES 12

static bool run_once(struct db *db, struct job *j, GError **error)
{
	bool is_good;

	if (!db_begin(db, error))
		return false;
	db_set_deadline(db, g_get_monotonic_time() + STORE_SNAPSHOT_MAX_MS * INT64_C(1000));
	is_good = j->run(db, j->arg, error);
	db_finish_all(db);
	db_rollback(db); /* leaves the snapshot and takes the deadline off */
	if (!is_good && error && !*error)
		g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "the job failed without a reason");
	return is_good;
}

/* The writer finds out when the disk is well again. */
static void report_trouble(struct store *s, const char *reason)
{
	g_mutex_lock(&s->mutex);
	if (!s->read_trouble)
		s->read_trouble = g_strdup(reason);
	g_cond_signal(&s->writer_wake);
	g_mutex_unlock(&s->mutex);
}

static void run_read(struct reader *r, struct job *j)
{
	bool is_good = false;

	for (int tries = 0; tries < BUSY_TRIES && !is_good; tries++) {
		g_clear_error(&j->error);
		is_good = run_once(r->db, j, &j->error);
		if (!is_good && !g_error_matches(j->error, STORE_ERROR, STORE_ERROR_BUSY))
			break;
	}
	if (is_good) {
		g_clear_error(&j->error);
		j->end = JOB_COMMITTED;
		return;
	}
	j->end = JOB_FAILED;
	if (db_is_disk_error(j->error)) {
		j->end = JOB_DISK;
		report_trouble(r->store, j->error->message);
	}
}

void *store_reader_run(void *reader)
{
	struct reader *r = reader;
	struct store *s = r->store;

	for (;;) {
		struct job *j;

		g_mutex_lock(&s->mutex);
		while (!s->reads.head && !s->stop)
			g_cond_wait(&s->reader_wake, &s->mutex);
		j = job_list_pop(&s->reads);
		g_mutex_unlock(&s->mutex);
		if (!j)
			break;
		run_read(r, j);
		g_mutex_lock(&s->mutex);
		s->stats.reads++;
		g_mutex_unlock(&s->mutex);
		store_post_one(s, j);
	}
	db_close(r->db);
	r->db = NULL;
	return NULL;
}
