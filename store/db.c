/* SPDX-License-Identifier: MIT */
/* The thin layer over SQLite: cached statements bound by number, results in two kinds (constraint, broken), transactions that know
 * where they were begun and notice when SQLite has taken them away. It knows no table and keeps no thread. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/macros.h"
#include "db.h"
#include "db_kernel.h"
#include "search/tokenizer.h"

/* Parameters of one statement: one bit each tells which are bound. */
#define PARAMS_MAX 64

/* VM instructions between two looks at the deadline: about 50 µs. */
#define DEADLINE_OPS 2000

struct db_stmt {
	struct db *db;
	sqlite3_stmt *st;          /* NULL: could not be prepared for the disk's sake; rc and message say why */
	const char *sql;           /* the caller's literal, the key of the cache */
	int index[PARAMS_MAX + 1]; /* $n -> SQLite's number of it */
	unsigned n_params;
	uint64_t bound;
	bool is_used;
	int rc;
	char *message;
};

struct db {
	sqlite3 *handle;
	enum db_mode mode;
	GHashTable *statements; /* const char * (by address) -> struct db_stmt */
	const char *begun_file; /* where the open transaction was begun, NULL: none */
	int begun_line;
	int64_t deadline_us;
	unsigned wal_pages;
	unsigned page_size;
};

G_DEFINE_QUARK(cdsbot - store - error, store_error)

/* --- errors --- */

static enum store_error error_code(const struct db *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_ERROR_BUSY;
	case SQLITE_INTERRUPT:
		return STORE_ERROR_TIMEOUT;
	case SQLITE_READONLY:
		/* On a reader it is not the disk but the job, which tries to write. */
		return db->mode == DB_READ ? STORE_ERROR_FAILED : STORE_ERROR_DISK;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
	case SQLITE_NOMEM:
		return STORE_ERROR_DISK;
	default: /* not an enum: SQLite's numbers */
		return STORE_ERROR_FAILED;
	}
}

static void set_error(GError **error, const struct db *db, int rc, const char *what)
{
	g_set_error(error, STORE_ERROR, (int)error_code(db, rc), "%s: %s (SQLite %d) in: %.120s", sqlite3_errstr(rc),
		    sqlite3_errmsg(db->handle), rc, what);
}

bool db_is_disk_error(const GError *error)
{
	return g_error_matches(error, STORE_ERROR, STORE_ERROR_DISK);
}

static G_GNUC_PRINTF(1, 2) G_NORETURN void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g_logv(G_LOG_DOMAIN, G_LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	abort();
}

/* --- opening --- */

/* SQLite's own handler sleeps up to 100 ms between looks: beside a busy writer, whose lock is free for microseconds only, it would
 * starve. Short sleeps find the gap. */
static int on_busy(void *arg, int n_before)
{
	const struct db *db = arg;
	const int pause_ms = n_before < 10 ? 1 : 4;

	if (10 + (n_before - 10) * 4 > DB_BUSY_TIMEOUT_MS)
		return 0;
	if (db->deadline_us && g_get_monotonic_time() > db->deadline_us)
		return 0;
	g_usleep((gulong)pause_ms * 1000);
	return 1;
}

static int on_progress(void *arg)
{
	const struct db *db = arg;

	return db->deadline_us && g_get_monotonic_time() > db->deadline_us;
}

static int on_wal(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = arg;

	db->wal_pages = (unsigned)pages;
	return SQLITE_OK;
}

static void stmt_free(void *arg)
{
	struct db_stmt *st = arg;

	sqlite3_finalize(st->st);
	g_free(st->message);
	g_free(st);
}

static bool is_memory(const char *path)
{
	return strcmp(path, ":memory:") == 0;
}

/* The database holds personal data: made for the owner alone, whatever the umask. SQLite gives its side files the same mode.
 * An existing file is not even opened here: closing a descriptor of it would drop the locks that this process's other connections
 * hold, and then another process would take the database for unused and remove its log. */
static bool make_file(const char *path, GError **error)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "cannot open database %s: %s", path, g_strerror(errno));
		return false;
	}
	if (fd >= 0)
		close(fd);
	return true;
}

static bool read_pragma(struct db *db, const char *sql, int64_t *ret_value, GError **error)
{
	return db_run_int64(db_prepare(db, sql), 0, ret_value, error);
}

static bool set_up(struct db *db, GError **error)
{
	int64_t page_size;
	int rc;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, on_busy, db);
	sqlite3_progress_handler(db->handle, DEADLINE_OPS, on_progress, db);
	rc = tokenizer_register(db->handle);
	if (rc != SQLITE_OK) {
		set_error(error, db, rc, "registering the tokenizer");
		return false;
	}
	if (!db_exec(db, "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;", error))
		return false;
	/* The size limit cuts an overgrown WAL (a long import) when it starts again, never under way. */
	if (db->mode == DB_WRITE && !db_exec(db,
					     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
					     "PRAGMA journal_size_limit = 67108864;",
					     error))
		return false;
	if (db->mode == DB_READ && !db_exec(db, "PRAGMA query_only = ON;", error))
		return false;
	db_set_cache_kib(db, DB_CACHE_KIB);
	if (!read_pragma(db, "PRAGMA page_size", &page_size, error))
		return false;
	db->page_size = (unsigned)page_size;
	return true;
}

static bool open_handle(struct db *db, const char *path, GError **error)
{
	/* A reader opens for writing too: it may have to make the -shm file. query_only keeps it honest. */
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (db->mode == DB_WRITE ? SQLITE_OPEN_CREATE : 0);
	int rc;

	if (db->mode == DB_WRITE && !is_memory(path) && !make_file(path, error))
		return false;
	rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (rc != SQLITE_OK) {
		g_set_error(error, STORE_ERROR, (int)error_code(db, rc), "cannot open database %s: %s", path,
			    db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc));
		return false;
	}
	if (set_up(db, error))
		return true;
	g_prefix_error(error, "cannot open database %s: ", path);
	return false;
}

struct db *db_open(const char *path, enum db_mode mode, GError **error)
{
	struct db *db = g_new0(struct db, 1);

	db->mode = mode;
	db->statements = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, stmt_free);
	if (open_handle(db, path, error))
		return db;
	db_close(db);
	return NULL;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->begun_file && db->handle)
		db_rollback(db);
	g_hash_table_unref(db->statements);
	if (sqlite3_close(db->handle) != SQLITE_OK)
		die("store: database closed with open statements");
	g_free(db);
}

void db_set_cache_kib(struct db *db, unsigned kib)
{
	g_autofree char *sql = g_strdup_printf("PRAGMA cache_size = -%u", kib);

	/* A cache of another size is no reason to stop. */
	(void)sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

void db_set_deadline(struct db *db, int64_t mono_us)
{
	db->deadline_us = mono_us;
}

void db_own_checkpoints(struct db *db)
{
	sqlite3_wal_hook(db->handle, on_wal, db); /* takes the place of the automatic checkpoint */
}

unsigned db_wal_pages(const struct db *db)
{
	return db->wal_pages;
}

unsigned db_page_size(const struct db *db)
{
	return db->page_size;
}

bool db_checkpoint(struct db *db, bool *ret_all, GError **error)
{
	int log = 0, done = 0;
	const int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &done);

	*ret_all = false;
	/* Somebody else is at it: it will be done without us. */
	if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return true;
	if (rc != SQLITE_OK) {
		set_error(error, db, rc, "checkpoint");
		return false;
	}
	*ret_all = log >= 0 && log == done;
	return true;
}

bool db_exec(struct db *db, const char *sql, GError **error)
{
	const int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		return true;
	set_error(error, db, rc, sql);
	return false;
}

/* --- statements --- */

static void resolve_params(struct db_stmt *st)
{
	const int count = sqlite3_bind_parameter_count(st->st);

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(st->st, i);
		char *end = NULL;
		const guint64 n = name && name[0] == '$' ? g_ascii_strtoull(name + 1, &end, 10) : 0;

		if (n < 1 || n > PARAMS_MAX || *end)
			die("store: parameter %s is no $1 .. $%d in: %s", name ? name : "?", PARAMS_MAX, st->sql);
		st->index[n] = i;
		st->n_params = MAX(st->n_params, (unsigned)n);
	}
	for (unsigned n = 1; n <= st->n_params; n++)
		if (!st->index[n])
			die("store: $%u is missing in: %s", n, st->sql);
}

static struct db_stmt *stmt_new(struct db *db, const char *sql)
{
	struct db_stmt *st = g_new0(struct db_stmt, 1);
	const char *tail = NULL;

	st->db = db;
	st->sql = sql;
	st->rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->st, &tail);
	if (st->rc != SQLITE_OK) {
		/* Preparing reads the schema: what goes wrong with the disk then is no bug of the statement. */
		if (error_code(db, st->rc) == STORE_ERROR_FAILED)
			die("store: %s in: %s", sqlite3_errmsg(db->handle), sql);
		st->message = g_strdup(sqlite3_errmsg(db->handle));
		return st;
	}
	if (!st->st || tail[strspn(tail, " \t\n;")])
		die("store: not exactly one statement: %s", sql);
	resolve_params(st);
	return st;
}

struct db_stmt *db_prepare(struct db *db, const char *sql)
{
	struct db_stmt *st = g_hash_table_lookup(db->statements, sql);

	if (!st) {
		st = stmt_new(db, sql);
		/* One that the disk refused is not kept: it is tried again next time. db_finish frees it. */
		if (st->st)
			g_hash_table_insert(db->statements, (gpointer)sql, st);
	} else if (strcmp(sqlite3_sql(st->st), sql) != 0) {
		die("store: SQL is no literal: %s", sql);
	}
	if (st->is_used)
		die("store: used twice at a time: %s", sql);
	st->is_used = true;
	st->bound = 0;
	return st;
}

static int param(struct db_stmt *st, unsigned n)
{
	if (n < 1 || n > PARAMS_MAX || n > st->n_params)
		die("store: no $%u in: %s", n, st->sql);
	st->bound |= UINT64_C(1) << (n - 1);
	return st->index[n];
}

/* Binding a statement that could not be prepared waits for db_step to say so; allocation failure shows there as well. */
#define BIND(st, n, call)                                                                                                          \
	do {                                                                                                                       \
		if (!(st)->st)                                                                                                     \
			return;                                                                                                    \
		const int index = param((st), (n));                                                                                \
		const int rc = (call);                                                                                             \
		if (rc != SQLITE_OK)                                                                                               \
			(st)->rc = rc;                                                                                             \
	} while (0)

void db_bind_int64(struct db_stmt *st, unsigned n, int64_t value)
{
	BIND(st, n, sqlite3_bind_int64(st->st, index, value));
}

void db_bind_real(struct db_stmt *st, unsigned n, double value)
{
	BIND(st, n, sqlite3_bind_double(st->st, index, value));
}

void db_bind_text(struct db_stmt *st, unsigned n, const char *text_or_null)
{
	if (text_or_null)
		BIND(st, n, sqlite3_bind_text64(st->st, index, text_or_null, strlen(text_or_null), SQLITE_TRANSIENT, SQLITE_UTF8));
	else
		db_bind_null(st, n);
}

void db_bind_null(struct db_stmt *st, unsigned n)
{
	BIND(st, n, sqlite3_bind_null(st->st, index));
}

static bool is_lost(const struct db *db)
{
	return db->begun_file && sqlite3_get_autocommit(db->handle);
}

static bool may_step(struct db_stmt *st, GError **error)
{
	const struct db *db = st->db;
	const uint64_t all = st->n_params == PARAMS_MAX ? UINT64_MAX : (UINT64_C(1) << st->n_params) - 1;

	if (!st->st || st->rc != SQLITE_OK) {
		g_set_error(error, STORE_ERROR, (int)error_code(db, st->rc), "%s: %s (SQLite %d) in: %.120s",
			    sqlite3_errstr(st->rc), st->message ? st->message : "binding", st->rc, st->sql);
		return false;
	}
	if (st->bound != all)
		die("store: unbound parameter in: %s", st->sql);
	if (is_lost(db)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK,
			    "the transaction of %s:%d was rolled back by SQLite before: %.120s", db->begun_file, db->begun_line,
			    st->sql);
		return false;
	}
	if (!db->begun_file && db->mode == DB_WRITE && !sqlite3_stmt_readonly(st->st))
		die("store: writes outside a transaction: %s", st->sql);
	return true;
}

enum db_step db_step(struct db_stmt *st, GError **error)
{
	int rc;

	if (!may_step(st, error))
		return DB_BROKEN;
	rc = sqlite3_step(st->st);
	switch (rc) {
	case SQLITE_ROW:
		return DB_ROW;
	case SQLITE_DONE:
		return DB_DONE;
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
	case SQLITE_CONSTRAINT_CHECK:
		return DB_CONSTRAINT;
	default: /* not an enum: SQLite's numbers */
		set_error(error, st->db, rc, st->sql);
		return DB_BROKEN;
	}
}

int64_t db_col_int64(struct db_stmt *st, unsigned n)
{
	return sqlite3_column_int64(st->st, (int)n);
}

double db_col_real(struct db_stmt *st, unsigned n)
{
	return sqlite3_column_double(st->st, (int)n);
}

const char *db_col_text(struct db_stmt *st, unsigned n)
{
	return (const char *)sqlite3_column_text(st->st, (int)n);
}

char *db_col_dup(struct db_stmt *st, unsigned n)
{
	return g_strdup(db_col_text(st, n));
}

bool db_col_is_null(struct db_stmt *st, unsigned n)
{
	return sqlite3_column_type(st->st, (int)n) == SQLITE_NULL;
}

void db_finish(struct db_stmt *st)
{
	if (!st)
		return;
	if (!st->st) {
		stmt_free(st);
		return;
	}
	/* Both repeat the error that db_step has reported. */
	(void)sqlite3_reset(st->st);
	(void)sqlite3_clear_bindings(st->st);
	st->rc = SQLITE_OK;
	st->is_used = false;
}

void db_finish_all(struct db *db)
{
	GHashTableIter it;
	gpointer value;

	g_hash_table_iter_init(&it, db->statements);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		struct db_stmt *st = value;

		if (!st->is_used)
			continue;
		g_warning("store: not finished: %s", st->sql);
		db_finish(st);
	}
}

bool db_run(struct db_stmt *st, GError **error)
{
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		;
	if (step == DB_CONSTRAINT)
		set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
	db_finish(st);
	return step == DB_DONE;
}

bool db_run_int64(struct db_stmt *st, int64_t dflt, int64_t *ret_value, GError **error)
{
	const enum db_step step = db_step(st, error);

	*ret_value = step == DB_ROW && !db_col_is_null(st, 0) ? db_col_int64(st, 0) : dflt;
	if (step == DB_CONSTRAINT)
		set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
	db_finish(st);
	return step == DB_ROW || step == DB_DONE;
}

bool db_run_text(struct db_stmt *st, char **ret_text_or_null, GError **error)
{
	const enum db_step step = db_step(st, error);

	*ret_text_or_null = step == DB_ROW ? db_col_dup(st, 0) : NULL;
	if (step == DB_CONSTRAINT)
		set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
	db_finish(st);
	return step == DB_ROW || step == DB_DONE;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t db_total_changes(struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

/* --- transactions --- */

/* Transaction control goes past the check of db_step: it is what that check asks about. */
static bool control(struct db *db, const char *sql, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);
	bool ok = false;

	if (!st->st) {
		g_set_error(error, STORE_ERROR, (int)error_code(db, st->rc), "%s in: %s", st->message, sql);
	} else {
		const int rc = sqlite3_step(st->st);

		ok = rc == SQLITE_DONE;
		if (!ok)
			set_error(error, db, rc, sql);
	}
	db_finish(st);
	return ok;
}

bool db_begin_at(struct db *db, const char *file, int line, GError **error)
{
	if (db->begun_file)
		die("store: transaction begun at %s:%d inside that of %s:%d", file, line, db->begun_file, db->begun_line);
	if (!control(db, db->mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error))
		return false;
	db->begun_file = file;
	db->begun_line = line;
	return true;
}

bool db_snapshot_begin(struct db *db, bool *ret_begun, GError **error)
{
	*ret_begun = false;
	if (db->begun_file)
		return true;
	*ret_begun = control(db, "BEGIN", error);
	return *ret_begun;
}

void db_snapshot_end(struct db *db, bool begun)
{
	/* Nothing was written: that it ends is all that matters, and SQLite may have ended it on an error. */
	if (begun && !sqlite3_get_autocommit(db->handle))
		(void)control(db, "ROLLBACK", NULL);
}

bool db_commit(struct db *db, GError **error)
{
	if (!db->begun_file)
		die("store: commit without a transaction");
	if (is_lost(db)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "the transaction of %s:%d was rolled back by SQLite",
			    db->begun_file, db->begun_line);
		db->begun_file = NULL;
		return false;
	}
	if (!control(db, "COMMIT", error)) {
		db_rollback(db);
		return false;
	}
	db->begun_file = NULL;
	return true;
}

void db_rollback(struct db *db)
{
	g_autoptr(GError) error = NULL;

	db->begun_file = NULL;
	db->deadline_us = 0; /* an interrupted rollback would leave the transaction open */
	if (sqlite3_get_autocommit(db->handle))
		return;
	/* ROLLBACK itself cannot fail for good: SQLite forgets the transaction even if it cannot read the journal. */
	if (!control(db, "ROLLBACK", &error) && !sqlite3_get_autocommit(db->handle))
		die("store: cannot roll back: %s", error->message);
}

bool db_in_transaction(const struct db *db)
{
	return db->begun_file && !sqlite3_get_autocommit(db->handle);
}

bool db_savepoint(struct db *db, GError **error)
{
	return control(db, "SAVEPOINT job", error);
}

bool db_release(struct db *db, GError **error)
{
	return control(db, "RELEASE job", error);
}

bool db_rollback_to(struct db *db, GError **error)
{
	if (is_lost(db)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "the transaction of %s:%d was rolled back by SQLite",
			    db->begun_file, db->begun_line);
		return false;
	}
	return control(db, "ROLLBACK TO job", error) && control(db, "RELEASE job", error);
}

/* --- questions about the whole --- */

bool db_check(struct db *db, char **ret_complaint, GError **error)
{
	g_autofree char *text = NULL;

	*ret_complaint = NULL;
	if (!db_run_text(db_prepare(db, "PRAGMA integrity_check(1)"), &text, error))
		return false;
	if (g_strcmp0(text, "ok") != 0)
		*ret_complaint = g_strdup(text ? text : "no answer");
	return true;
}

int64_t db_data_version(struct db *db)
{
	int64_t version;

	return read_pragma(db, "PRAGMA data_version", &version, NULL) ? version : -1;
}
