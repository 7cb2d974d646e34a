/* SPDX-License-Identifier: MIT */
/* A running store on a loop of its own for a test: opens, counts what comes up, waits for it, closes. */
#ifndef CDSBOT_TESTS_STORE_DAEMON_H
#define CDSBOT_TESTS_STORE_DAEMON_H

#include "fixture.h"

#include "store/audit.h"
#include "store/store.h"

struct daemon {
	char *dir, *path;
	uv_loop_t loop;
	struct store *store;
	unsigned n_trouble, n_well, n_foreign, n_room;
	GString *order; /* what came up, a letter each */
	bool is_closed;
};

static inline void daemon_on_health(void *arg, const char *reason)
{
	struct daemon *d = arg;

	g_string_append_c(d->order, reason ? '!' : '=');
	*(reason ? &d->n_trouble : &d->n_well) += 1;
}

static inline void daemon_on_foreign(void *arg)
{
	((struct daemon *)arg)->n_foreign++;
}

static inline void daemon_on_room(void *arg)
{
	((struct daemon *)arg)->n_room++;
}

static inline struct store *daemon_open_store(struct daemon *d, unsigned queue_jobs, GError **error)
{
	const struct store_options o = {
		.path = d->path, .readers = 2, .queue_jobs = queue_jobs, .queue_bytes = 1 << 20, .holder = "test"
	};
	const struct store_events ev = {
		.arg = d, .on_health = daemon_on_health, .on_foreign_change = daemon_on_foreign, .on_room = daemon_on_room
	};

	return store_open(&d->loop, &o, &ev, error);
}

static inline void daemon_init(struct daemon *d, bool in_memory, unsigned queue_jobs)
{
	g_autoptr(GError) error = NULL;

	memset(d, 0, sizeof(*d));
	d->order = g_string_new(NULL);
	d->dir = g_dir_make_tmp("cdsbot-store-XXXXXX", NULL);
	d->path = in_memory ? g_strdup(":memory:") : g_build_filename(d->dir, "cdsbot.db", NULL);
	uv_loop_init(&d->loop);
	d->store = daemon_open_store(d, queue_jobs, &error);
	g_assert_no_error(error);
}

static inline void daemon_on_closed(void *arg)
{
	((struct daemon *)arg)->is_closed = true;
}

static inline void daemon_close(struct daemon *d)
{
	d->is_closed = false;
	store_close(d->store, daemon_on_closed, d);
	while (!d->is_closed)
		uv_run(&d->loop, UV_RUN_ONCE);
	d->store = NULL;
}

static inline void daemon_release(struct daemon *d)
{
	if (d->store)
		daemon_close(d);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	g_assert_cmpint(uv_loop_close(&d->loop), ==, 0);
	fixture_remove_dir(d->dir);
	g_string_free(d->order, TRUE);
	g_free(d->dir);
	g_free(d->path);
}

/* Runs the loop until the counter is there; a watchdog of the test runner ends a wait without end. */
static inline void daemon_wait(struct daemon *d, const unsigned *counter, unsigned n)
{
	while (*counter < n)
		uv_run(&d->loop, UV_RUN_ONCE);
}

/* A job that writes one setting, and may be told to do something else. */
struct test_job {
	struct daemon *d;
	char key[16];
	char letter;         /* appended to the order when done */
	const char *text;    /* what it writes; NULL "v" */
	bool fails, forgets; /* after writing: returns false; goes away without finishing a statement */
	unsigned n_runs;
	GMutex *gate; /* waits for it, to hold the writer up */
	unsigned *n_done;
	enum job_end end;
	int code; /* of the error; -1 none */
};

static inline bool test_job_run(struct db *db, void *arg, GError **error)
{
	struct test_job *j = arg;

	j->n_runs++;
	if (j->gate) {
		g_mutex_lock(j->gate);
		g_mutex_unlock(j->gate);
	}
	if (!store_setting_set(db, "test", j->key, j->text ? j->text : "v", error))
		return false;
	if (j->fails)
		g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "told to");
	return !j->fails;
}

static inline void test_job_done(void *arg, enum job_end end, const GError *error)
{
	struct test_job *j = arg;

	j->end = end;
	j->code = error ? error->code : -1;
	if (j->letter)
		g_string_append_c(j->d->order, j->letter);
	++*j->n_done;
}

/* How many settings of the tests a connection of its own sees. */
static inline int64_t daemon_count(const struct daemon *d)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(d->path, DB_READ, &error);

	g_assert_no_error(error);
	return fixture_int64(db, "SELECT count(*) FROM setting WHERE scope = 'test'");
}

#endif
