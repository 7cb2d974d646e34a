/* SPDX-License-Identifier: MIT */
/* The store as the loop sees it: opening, queues with caps, results, closing. The work is done in store_writer.c and
 * store_reader.c; nothing here but store_open touches SQLite. */
#include <string.h>

#include "base/macros.h"
#include "db_kernel.h"
#include "store_private.h"

/* --- lists --- */

void job_list_push(struct job_list *l, struct job *j)
{
	j->next = NULL;
	if (l->tail)
		l->tail->next = j;
	else
		l->head = j;
	l->tail = j;
}

struct job *job_list_pop(struct job_list *l)
{
	struct job *j = l->head;

	if (!j)
		return NULL;
	l->head = j->next;
	if (!l->head)
		l->tail = NULL;
	j->next = NULL;
	return j;
}

void job_list_append(struct job_list *l, struct job_list *more)
{
	if (!more->head)
		return;
	if (l->tail)
		l->tail->next = more->head;
	else
		l->head = more->head;
	l->tail = more->tail;
	*more = (struct job_list){ 0 };
}

static void job_free(struct job *j)
{
	g_clear_error(&j->error);
	g_free(j->reason);
	g_free(j);
}

/* --- from the threads up --- */

void store_post(struct store *s, struct job_list *done)
{
	g_mutex_lock(&s->mutex);
	job_list_append(&s->finished, done);
	uv_async_send(&s->async);
	g_mutex_unlock(&s->mutex);
}

void store_post_one(struct store *s, struct job *j)
{
	struct job_list one = { .head = j, .tail = j };

	store_post(s, &one);
}

void store_post_note(struct store *s, enum store_note note, const char *reason_or_null)
{
	struct job *j = g_new0(struct job, 1);

	j->note = note;
	j->reason = g_strdup(reason_or_null);
	store_post_one(s, j);
}

/* --- on the loop --- */

bool store_is_full(const struct store *s)
{
	return s->open_jobs >= s->o.queue_jobs || s->open_bytes >= s->o.queue_bytes;
}

bool store_is_healthy(const struct store *s)
{
	return s->is_healthy;
}

static void deliver(struct store *s, struct job *j)
{
	switch (j->note) {
	case NOTE_JOB:
		if (j->is_read) {
			s->open_reads--;
		} else {
			s->open_jobs--;
			s->open_bytes -= j->bytes;
		}
		if (j->done)
			j->done(j->arg, j->end, j->error);
		break;
	case NOTE_HEALTH:
		s->is_healthy = !j->reason;
		if (s->events.on_health)
			s->events.on_health(s->events.arg, j->reason);
		break;
	case NOTE_FOREIGN_CHANGE:
		if (s->events.on_foreign_change)
			s->events.on_foreign_change(s->events.arg);
		break;
	}
	job_free(j);
}

static void look_for_room(struct store *s)
{
	if (!s->was_full || s->open_jobs > s->o.queue_jobs / 2 || s->open_bytes > s->o.queue_bytes / 2)
		return;
	s->was_full = false;
	if (s->events.on_room)
		s->events.on_room(s->events.arg);
}

static void store_free(struct store *s)
{
	for (unsigned i = 0; i < s->n_readers; i++)
		db_close(s->readers[i].db);
	db_close(s->db);
	store_unlock(s->lock_fd);
	g_free(s->read_trouble);
	g_free(s->path);
	g_free(s->holder);
	g_mutex_clear(&s->mutex);
	g_cond_clear(&s->writer_wake);
	g_cond_clear(&s->reader_wake);
	g_free(s);
}

static void on_async_closed(uv_handle_t *handle)
{
	struct store *s = handle->data;
	void (*closed)(void *arg) = s->closed;
	void *arg = s->closed_arg;

	store_free(s);
	if (closed)
		closed(arg);
}

/* Closing waits until every done was called, since a done may submit more; then the threads end, the writer last. */
static void go_on_closing(struct store *s, bool is_stopped)
{
	if (is_stopped && s->writer) {
		g_thread_join(g_steal_pointer(&s->writer));
		uv_close((uv_handle_t *)&s->async, on_async_closed);
		return;
	}
	if (!s->is_closing || s->is_stopping || s->open_jobs || s->open_reads)
		return;
	s->is_stopping = true;
	g_mutex_lock(&s->mutex);
	s->stop = true;
	g_cond_broadcast(&s->writer_wake);
	g_cond_broadcast(&s->reader_wake);
	g_mutex_unlock(&s->mutex);
}

static void on_async(uv_async_t *async)
{
	struct store *s = async->data;
	struct job_list finished;
	struct job *j;
	bool is_stopped;

	g_mutex_lock(&s->mutex);
	finished = s->finished;
	s->finished = (struct job_list){ 0 };
	is_stopped = s->is_stopped;
	g_mutex_unlock(&s->mutex);
	while ((j = job_list_pop(&finished)))
		deliver(s, j);
	look_for_room(s);
	go_on_closing(s, is_stopped);
}

static struct job *job_new(store_job_fn *run, store_done_fn *done, void *arg, size_t bytes)
{
	struct job *j = g_new0(struct job, 1);

	j->note = NOTE_JOB;
	j->run = run;
	j->done = done;
	j->arg = arg;
	j->bytes = bytes;
	return j;
}

void store_submit_accepted(struct store *s, size_t bytes, store_job_fn *run, store_done_fn *done, void *arg)
{
	if (s->is_stopping)
		g_error("store: submitted after it was closed");
	s->open_jobs++;
	s->open_bytes += bytes;
	s->was_full |= store_is_full(s);
	g_mutex_lock(&s->mutex);
	job_list_push(&s->waiting, job_new(run, done, arg, bytes));
	g_cond_signal(&s->writer_wake);
	g_mutex_unlock(&s->mutex);
}

bool store_submit(struct store *s, size_t bytes, store_job_fn *run, store_done_fn *done, void *arg)
{
	/* One job alone always fits, however large: else it could never be taken. */
	if (s->is_closing || store_is_full(s) || (s->open_jobs && bytes > s->o.queue_bytes - s->open_bytes)) {
		s->was_full = true;
		return false;
	}
	store_submit_accepted(s, bytes, run, done, arg);
	return true;
}

void store_read(struct store *s, store_job_fn *run, store_done_fn *done, void *arg)
{
	struct job *j;

	if (s->is_stopping)
		g_error("store: read after it was closed");
	if (!s->n_readers) {
		store_submit_accepted(s, 0, run, done, arg);
		return;
	}
	j = job_new(run, done, arg, 0);
	j->is_read = true;
	s->open_reads++;
	g_mutex_lock(&s->mutex);
	job_list_push(&s->reads, j);
	g_cond_signal(&s->reader_wake);
	g_mutex_unlock(&s->mutex);
}

void store_get_stats(const struct store *s, struct store_stats *ret)
{
	GMutex *mutex = (GMutex *)&s->mutex; /* const for the caller: nothing of it changes */

	g_mutex_lock(mutex);
	*ret = s->stats;
	g_mutex_unlock(mutex);
	ret->waiting_jobs = s->open_jobs;
	ret->waiting_bytes = s->open_bytes;
}

/* --- opening and closing --- */

static bool open_databases(struct store *s, GError **error)
{
	const bool is_memory = strcmp(s->path, ":memory:") == 0;

	if (!is_memory && (s->lock_fd = store_lock(s->path, STORE_RIGHT_DAEMON, s->holder, error)) < 0)
		return false;
	s->db = db_open(s->path, DB_WRITE, error);
	if (!s->db || !db_migrate(s->db, error))
		return false;
	db_own_checkpoints(s->db);
	/* A database in memory belongs to one connection. */
	for (unsigned i = 0; !is_memory && i < CLAMP(s->o.readers, 1, STORE_READERS_MAX); i++) {
		struct reader *r = &s->readers[i];

		r->store = s;
		r->db = db_open(s->path, DB_READ, error);
		if (!r->db)
			return false;
		s->n_readers++;
	}
	return true;
}

struct store *store_open(uv_loop_t *loop, const struct store_options *o, const struct store_events *ev, GError **error)
{
	struct store *s = g_new0(struct store, 1);

	s->o = *o;
	s->events = *ev;
	s->path = g_strdup(o->path);
	s->holder = g_strdup(o->holder);
	s->o.path = s->path;
	s->o.holder = s->holder;
	s->lock_fd = -1;
	s->is_healthy = true;
	g_mutex_init(&s->mutex);
	g_cond_init(&s->writer_wake);
	g_cond_init(&s->reader_wake);
	if (!open_databases(s, error)) {
		store_free(s);
		return NULL;
	}
	if (uv_async_init(loop, &s->async, on_async) != 0)
		g_error("store: no async handle");
	s->async.data = s;
	for (unsigned i = 0; i < s->n_readers; i++)
		s->readers[i].thread = g_thread_new("store-reader", store_reader_run, &s->readers[i]);
	s->writer = g_thread_new("store-writer", store_writer_run, s);
	return s;
}

void store_close(struct store *s, void (*closed)(void *arg), void *arg)
{
	s->is_closing = true;
	g_mutex_lock(&s->mutex);
	s->is_last_call = true;
	g_mutex_unlock(&s->mutex);
	s->closed = closed;
	s->closed_arg = arg;
	go_on_closing(s, false);
}
