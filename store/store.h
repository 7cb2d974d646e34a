/* SPDX-License-Identifier: MIT */
/* The daemon's store: one writer thread with group commit, a small pool of readers. Jobs go down, results come up on the loop. The
 * loop thread itself never touches SQLite. Command-line tools use db.h directly, beside a running daemon. */
#ifndef CDSBOT_STORE_STORE_H
#define CDSBOT_STORE_STORE_H

#include <uv.h>

#include "db.h"

struct store;

struct store_options {
	const char *path;	/* ":memory:": no lock, and reading jobs run on the writer */
	unsigned readers;	/* 1..8 */
	unsigned queue_jobs;	/* cap of waiting jobs: beyond it store_submit says full */
	size_t queue_bytes;	/* cap of their declared sizes */
	const char *holder;	/* for the lock's sentence: "run, config FILE" */
};
/* All on the loop. */
struct store_events {
	void *arg;
	/* Disk trouble began (reason) or ended (NULL): acknowledgements and turns stop meanwhile. */
	void (*on_health)(void *arg, const char *reason_or_null);
	/* Another process committed (PRAGMA data_version): look again. At most about once a second. */
	void (*on_foreign_change)(void *arg);
	/* The queue fell below half of its caps after having been full: polling may go on. */
	void (*on_room)(void *arg);
};

/* Who runs on the database, as its lock says ("pid 12: cdsbot run FILE"). NULL: nobody, or the lock is not to be read. Takes and changes
 * nothing. Caller frees. */
char *store_holder(const char *db_path);
/* Opens or creates, takes the one-daemon lock (STORE_ERROR_LOCKED says who holds it), migrates, starts the threads. Blocking;
 * called once at start. The folder must exist. */
struct store *store_open(uv_loop_t *loop, const struct store_options *o, const struct store_events *ev, GError **error);
/* Runs what was accepted, then stops; closed on the loop, then the pointer is dead. */
void store_close(struct store *s, void (*closed)(void *arg), void *arg);

/* How a job ended. */
enum job_end {
	JOB_COMMITTED, /* its effects are durable (or, for a reading job, it ran) */
	JOB_FAILED,    /* it returned false; only it was undone; error says why */
	JOB_DISK       /* nothing of it is durable: disk trouble, try again when on_health(NULL) came */
};
/* Runs on the writer thread inside a savepoint. May be run again from the start (design §5: after a lost transaction), so it first
 * resets what it writes through arg. False + error undoes it. No network, no callback, no waiting inside. */
typedef bool store_job_fn(struct db *db, void *arg, GError **error);
/* Runs on the loop, exactly once, only after the commit's result. error is borrowed. */
typedef void store_done_fn(void *arg, enum job_end end, const GError *error);

/* Queues a writing job; bytes = what it keeps in memory, about. False: the queue is full, nothing was taken; the caller pushes back.
 * Jobs run in the order of submission. done may be NULL. */
bool store_submit(struct store *s, size_t bytes, store_job_fn *run, store_done_fn *done, void *arg);
/* As store_submit, but for what was already accepted (turns, settlements): never refused. */
void store_submit_accepted(struct store *s, size_t bytes, store_job_fn *run, store_done_fn *done, void *arg);
/* Queues a reading job on the pool: a snapshot that holds every commit whose done has been called. Never refused (bounded by what
 * the callers have open). A reader leaves its snapshot after STORE_SNAPSHOT_MAX_MS: long readers go in chunks. */
#define STORE_SNAPSHOT_MAX_MS 1000
void store_read(struct store *s, store_job_fn *run, store_done_fn *done, void *arg);

bool store_is_full(const struct store *s);
bool store_is_healthy(const struct store *s);

/* For /metrics; read on the loop. */
struct store_stats {
	uint64_t commits, jobs, jobs_failed, reads;
	unsigned waiting_jobs;
	size_t waiting_bytes;
	int64_t last_commit_us, max_batch;
};
void store_get_stats(const struct store *s, struct store_stats *ret);

/* Most jobs in one commit. A batch holds the write lock; 256 jobs of about 100 µs keep a foreign tool's wait under its busy timeout. */
#define STORE_BATCH_MAX 256
#define STORE_BATCH_MAX_MS 50 /* and longest that one goes on taking jobs, for jobs that cost more */
#define STORE_WAL_CHECKPOINT_BYTES (INT64_C(4) * 1024 * 1024)
/* How long a tool may hold the lock before it counts as hanging: longer than any batch of ours, which ends after a second at most. */
#define STORE_LOCK_PATIENCE_MS 8000
#define STORE_PROBE_MS 2000 /* disk trouble: how often a probe write is tried */

#endif
