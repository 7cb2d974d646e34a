/* SPDX-License-Identifier: MIT */
/* What the threads of the store share: the queues between them and who may touch what. Nobody outside store.c, store_writer.c and
 * store_reader.c includes it. */
#ifndef CDSBOT_STORE_STORE_PRIVATE_H
#define CDSBOT_STORE_STORE_PRIVATE_H

#include "store.h"
#include "store_lock.h"

#define STORE_READERS_MAX 8

/* A job on its way down, and up again with its result; or a piece of news for the loop. */
enum store_note { NOTE_JOB, NOTE_HEALTH, NOTE_FOREIGN_CHANGE };
struct job {
	struct job *next;
	enum store_note note;
	store_job_fn *run;
	store_done_fn *done;
	void *arg;
	size_t bytes;
	bool is_read;
	enum job_end end;
	GError *error;
	char *reason; /* NOTE_HEALTH: trouble began; NULL: it ended */
};
struct job_list {
	struct job *head, *tail;
};
void job_list_push(struct job_list *l, struct job *j);
struct job *job_list_pop(struct job_list *l);                    /* NULL: empty */
void job_list_append(struct job_list *l, struct job_list *more); /* empties more */

struct store {
	struct store_options o;
	struct store_events events;
	char *path, *holder;
	int lock_fd;

	/* The loop's */
	uv_async_t async;
	bool is_healthy, was_full, is_closing, is_stopping;
	unsigned open_reads, open_jobs; /* done not called yet */
	size_t open_bytes;
	void (*closed)(void *arg);
	void *closed_arg;

	/* Everybody's, under the mutex */
	GMutex mutex;
	GCond writer_wake, reader_wake;
	struct job_list waiting, reads, finished;
	bool is_last_call;  /* closing: nothing waits for a hanging tool any more */
	bool stop;          /* the threads end when their queues are empty */
	bool is_stopped;    /* the writer, last of them, has ended */
	char *read_trouble; /* a reader met disk trouble: the writer is to look */
	struct store_stats stats;

	/* The writer's */
	GThread *writer;
	struct db *db;
	bool has_trouble;
	int64_t next_probe_us, next_look_us;
	int64_t data_version;
	bool is_wal_dirty;           /* commits since the last complete checkpoint */
	unsigned checkpointed_pages; /* size of the WAL when a checkpoint was last tried */

	unsigned n_readers;
	struct reader {
		struct store *store;
		GThread *thread;
		struct db *db;
	} readers[STORE_READERS_MAX];
};

/* From any thread: hands up to the loop, in order. */
void store_post(struct store *s, struct job_list *done);
void store_post_one(struct store *s, struct job *j);
void store_post_note(struct store *s, enum store_note note, const char *reason_or_null);

void *store_writer_run(void *store);
void *store_reader_run(void *reader);

#endif
