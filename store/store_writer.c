/* SPDX-License-Identifier: MIT */
/* The writer thread: batches of jobs, a savepoint a job, one commit a batch; what to do when the disk takes a transaction away;
 * checkpoints and a look at other processes in between. Callbacks are the loop's business. */
#include <string.h>

#include "audit.h"
#include "db_kernel.h"
#include "store_private.h"

#define LOOK_US G_TIME_SPAN_SECOND

/* A checkpoint that a reader held up is tried again when the WAL has grown by so many pages: each try syncs. */
#define CHECKPOINT_AGAIN_PAGES 256

/* Bytes of the probe: more than the room that a nearly full disk or an old WAL has by chance. */
#define PROBE_BYTES 65536

/* --- trouble --- */

static void trouble_begin(struct store *s, const char *reason)
{
	s->next_probe_us = g_get_monotonic_time() + STORE_PROBE_MS * INT64_C(1000);
	if (s->has_trouble)
		return;
	s->has_trouble = true;
	store_post_note(s, NOTE_HEALTH, reason);
}

static bool probe_once(struct store *s, const char *value, GError **error)
{
	if (!db_begin(s->db, error))
		return false;
	if (!store_setting_set(s->db, "store", "probe", value, error)) {
		db_rollback(s->db);
		return false;
	}
	return db_commit(s->db, error);
}

static void probe(struct store *s)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strnfill(PROBE_BYTES, 'x');

	if (!probe_once(s, text, &error) || !probe_once(s, NULL, &error)) {
		s->next_probe_us = g_get_monotonic_time() + STORE_PROBE_MS * INT64_C(1000);
		return;
	}
	s->has_trouble = false;
	store_post_note(s, NOTE_HEALTH, NULL);
}

/* --- batches --- */

static bool is_last_call(struct store *s)
{
	bool is;

	g_mutex_lock(&s->mutex);
	is = s->is_last_call;
	g_mutex_unlock(&s->mutex);
	return is;
}

/* Waits as long as it takes: a command-line tool that holds the lock is no fault of any job. But the operator must hear of one that
 * hangs, and the program must be able to end beside it. */
static bool begin_patiently(struct store *s, GError **error)
{
	const int64_t patient_until_us = g_get_monotonic_time() + STORE_LOCK_PATIENCE_MS * INT64_C(1000);
	g_autoptr(GError) busy = NULL;
	bool is_told = false;

	while (!db_begin(s->db, &busy)) {
		const bool is_late = g_get_monotonic_time() > patient_until_us;

		if (!g_error_matches(busy, STORE_ERROR, STORE_ERROR_BUSY) || (is_late && is_last_call(s))) {
			g_propagate_error(error, g_steal_pointer(&busy));
			return false;
		}
		g_clear_error(&busy);
		if (is_late && !is_told)
			store_post_note(s, NOTE_HEALTH, "another program holds the lock of the database and does not let go");
		is_told = is_told || is_late;
	}
	if (is_told)
		store_post_note(s, NOTE_HEALTH, NULL);
	return true;
}

/* One job in its savepoint. False + error: the transaction is lost or not to be trusted, and with it all jobs in it. */
static bool run_job(struct db *db, struct job *j, GError **error)
{
	bool is_good;

	g_clear_error(&j->error);
	if (!db_savepoint(db, error))
		return false;
	is_good = j->run(db, j->arg, &j->error);
	db_finish_all(db);
	if (!db_in_transaction(db) || db_is_disk_error(j->error)) {
		if (j->error)
			g_propagate_error(error, g_error_copy(j->error));
		else
			g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "SQLite rolled the transaction back");
		return false;
	}
	if (is_good) {
		g_clear_error(&j->error);
		j->end = JOB_COMMITTED;
		return db_release(db, error);
	}
	if (!j->error)
		g_set_error(&j->error, STORE_ERROR, STORE_ERROR_FAILED, "the job failed without a reason");
	j->end = JOB_FAILED;
	return db_rollback_to(db, error);
}

/* The jobs of the list in one transaction, as many as the time allows: those left over go to ret_rest. */
static bool run_together(struct store *s, struct job_list *batch, struct job_list *ret_rest, unsigned *ret_n, GError **error)
{
	const int64_t start_us = g_get_monotonic_time();

	*ret_n = 0;
	if (!begin_patiently(s, error))
		return false;
	for (struct job *j = batch->head; j; j = j->next) {
		if (!run_job(s->db, j, error)) {
			db_rollback(s->db);
			return false;
		}
		++*ret_n;
		if (j->next && g_get_monotonic_time() - start_us > STORE_BATCH_MAX_MS * INT64_C(1000)) {
			ret_rest->head = j->next;
			ret_rest->tail = batch->tail;
			batch->tail = j;
			j->next = NULL;
		}
	}
	return db_commit(s->db, error);
}

static void count(struct store *s, struct job_list *batch, unsigned n, int64_t start_us)
{
	g_mutex_lock(&s->mutex);
	s->stats.commits++;
	s->stats.jobs += n;
	for (const struct job *j = batch->head; j; j = j->next)
		s->stats.jobs_failed += j->end == JOB_FAILED;
	s->stats.max_batch = MAX(s->stats.max_batch, (int64_t)n);
	s->stats.last_commit_us = g_get_monotonic_time() - start_us;
	g_mutex_unlock(&s->mutex);
	s->is_wal_dirty = true;
}

/* One job in a transaction of its own, after it was lost with others. */
static void run_alone(struct store *s, struct job *j)
{
	struct job_list one = { .head = j, .tail = j }, rest = { 0 };
	const int64_t start_us = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;
	unsigned n;

	j->next = NULL;
	if (run_together(s, &one, &rest, &n, &error)) {
		count(s, &one, n, start_us);
	} else if (error->code == STORE_ERROR_FAILED) {
		j->end = JOB_FAILED;
		g_clear_error(&j->error);
		j->error = g_steal_pointer(&error);
	} else {
		trouble_begin(s, error->message);
		j->end = JOB_DISK;
		g_clear_error(&j->error);
		j->error = g_steal_pointer(&error);
	}
	store_post_one(s, j);
}

static void run_one_by_one(struct store *s, struct job_list *batch)
{
	struct job *j;

	while ((j = job_list_pop(batch))) {
		if (!s->has_trouble) {
			run_alone(s, j);
			continue;
		}
		g_clear_error(&j->error);
		g_set_error(&j->error, STORE_ERROR, STORE_ERROR_DISK, "not run: the disk has trouble");
		j->end = JOB_DISK;
		store_post_one(s, j);
	}
}

static void put_back(struct store *s, struct job_list *rest)
{
	g_mutex_lock(&s->mutex);
	job_list_append(rest, &s->waiting);
	s->waiting = *rest;
	g_mutex_unlock(&s->mutex);
}

static void run_batch(struct store *s, struct job_list *batch)
{
	const int64_t start_us = g_get_monotonic_time();
	struct job_list rest = { 0 };
	g_autoptr(GError) error = NULL;
	bool is_committed = false;
	unsigned n;

	if (!s->has_trouble)
		is_committed = run_together(s, batch, &rest, &n, &error);
	if (error && g_error_matches(error, STORE_ERROR, STORE_ERROR_BUSY)) /* waited for once, not once a job */
		trouble_begin(s, error->message);
	if (rest.head)
		put_back(s, &rest);
	if (is_committed) {
		count(s, batch, n, start_us);
		store_post(s, batch);
	} else {
		run_one_by_one(s, batch);
	}
}

/* --- between batches --- */

static void look_at_others(struct store *s)
{
	const int64_t version = db_data_version(s->db);

	s->next_look_us = g_get_monotonic_time() + LOOK_US;
	if (version < 0 || version == s->data_version)
		return;
	s->data_version = version;
	store_post_note(s, NOTE_FOREIGN_CHANGE, NULL);
}

static void checkpoint(struct store *s, bool is_idle)
{
	const unsigned pages = db_wal_pages(s->db);
	const bool is_big = (int64_t)pages * db_page_size(s->db) > STORE_WAL_CHECKPOINT_BYTES;
	g_autoptr(GError) error = NULL;
	bool is_all;

	if (pages < s->checkpointed_pages)
		s->checkpointed_pages = 0; /* the WAL began again */
	if (!s->is_wal_dirty || (!is_idle && !(is_big && pages - s->checkpointed_pages >= CHECKPOINT_AGAIN_PAGES)))
		return;
	s->checkpointed_pages = pages;
	if (!db_checkpoint(s->db, &is_all, &error))
		trouble_begin(s, error->message);
	else if (is_all)
		s->is_wal_dirty = false;
}

static void do_chores(struct store *s, bool is_idle)
{
	g_autofree char *read_trouble = NULL;

	g_mutex_lock(&s->mutex);
	read_trouble = g_steal_pointer(&s->read_trouble);
	g_mutex_unlock(&s->mutex);
	if (read_trouble)
		trouble_begin(s, read_trouble);
	if (s->has_trouble && g_get_monotonic_time() >= s->next_probe_us)
		probe(s);
	if (s->has_trouble)
		return;
	if (g_get_monotonic_time() >= s->next_look_us)
		look_at_others(s);
	checkpoint(s, is_idle);
}

/* --- the thread --- */

/* Whatever waits, up to the cap; empty after a second in which nothing came. False: the end. */
static bool take_batch(struct store *s, struct job_list *ret_batch)
{
	const int64_t until_us = g_get_monotonic_time() + LOOK_US;
	bool is_end;

	g_mutex_lock(&s->mutex);
	while (!s->waiting.head && !s->stop && !s->read_trouble)
		if (!g_cond_wait_until(&s->writer_wake, &s->mutex, until_us))
			break;
	for (unsigned n = 0; n < STORE_BATCH_MAX && s->waiting.head; n++)
		job_list_push(ret_batch, job_list_pop(&s->waiting));
	is_end = s->stop && !ret_batch->head;
	g_mutex_unlock(&s->mutex);
	return !is_end;
}

void *store_writer_run(void *store)
{
	struct store *s = store;
	struct job_list batch = { 0 };

	s->data_version = db_data_version(s->db);
	s->next_look_us = g_get_monotonic_time() + LOOK_US;
	while (take_batch(s, &batch)) {
		const bool is_idle = !batch.head;

		if (batch.head)
			run_batch(s, &batch);
		batch = (struct job_list){ 0 };
		do_chores(s, is_idle);
	}
	/* The last connection to close brings the WAL home: let it be this one. */
	for (unsigned i = 0; i < s->n_readers; i++)
		g_thread_join(g_steal_pointer(&s->readers[i].thread));
	db_close(s->db);
	s->db = NULL;
	store_unlock(s->lock_fd);
	s->lock_fd = -1;
	g_mutex_lock(&s->mutex);
	s->is_stopped = true;
	uv_async_send(&s->async);
	g_mutex_unlock(&s->mutex);
	return NULL;
}
