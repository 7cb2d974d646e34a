/* SPDX-License-Identifier: MIT */
/* A connection: opening and its settings, checkpoints, transactions that know where they were begun and notice when SQLite has taken
 * them away. Statements are db_stmt.c's. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/owner.h"
#include "db_kernel.h"
#include "db_private.h"
#include "search/tokenizer.h"

/* VM instructions between two looks at the deadline: about 50 µs. */
#define DEADLINE_OPS 2000

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
	if (fd >= 0) {
		close(fd);
		owner_from_folder(path);
	}
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
		db_set_error(error, db, rc, "registering the tokenizer");
		return false;
	}
	if (!db_exec(db, "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;", error))
		return false;
	/* Before the first word that writes: another program's file stays as it is. */
	if (!db_is_ours(db, error))
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
		g_set_error(error, STORE_ERROR, (int)db_error_code(db, rc), "cannot open database %s: %s", path,
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
	db->statements = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, db_stmt_free);
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
		db_die("store: database closed with open statements");
	g_free(db->memo);
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
		db_set_error(error, db, rc, "checkpoint");
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
	db_set_error(error, db, rc, sql);
	return false;
}

/* --- transactions --- */

bool db_is_lost(const struct db *db)
{
	return db->begun_file && sqlite3_get_autocommit(db->handle);
}

void db_set_lost(const struct db *db, GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "the transaction of %s:%d was rolled back by SQLite", db->begun_file,
		    db->begun_line);
}

/* Transaction control goes past the check of db_step: it is what that check asks about. */
static bool control(struct db *db, const char *sql, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);
	bool ok = false;

	if (!st->st) {
		g_set_error(error, STORE_ERROR, (int)db_error_code(db, st->rc), "%s in: %s", st->message, sql);
	} else {
		const int rc = sqlite3_step(st->st);

		ok = rc == SQLITE_DONE;
		if (!ok)
			db_set_error(error, db, rc, sql);
	}
	db_finish(st);
	return ok;
}

/* What a writer has found out holds on as long as nobody else writes. Asked within the transaction, when nobody else can; of a reader it
 * would take the snapshot too early. */
static void epoch_begin(struct db *db)
{
	int64_t version = 0;

	if (db->mode == DB_READ || !db_run_int64(db_prepare(db, "PRAGMA data_version"), 0, &version, NULL) || version != db->data_version)
		db->epoch++;
	db->data_version = version;
}

bool db_begin_at(struct db *db, const char *file, int line, GError **error)
{
	if (db->begun_file)
		db_die("store: transaction begun at %s:%d inside that of %s:%d", file, line, db->begun_file, db->begun_line);
	if (!control(db, db->mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error))
		return false;
	db->begun_file = file;
	db->begun_line = line;
	epoch_begin(db);
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
		db_die("store: commit without a transaction");
	if (db_is_lost(db)) {
		db_set_lost(db, error);
		db->begun_file = NULL;
		db->epoch++;
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
	db->epoch++;
	db->deadline_us = 0; /* an interrupted rollback would leave the transaction open */
	if (sqlite3_get_autocommit(db->handle))
		return;
	/* ROLLBACK itself cannot fail for good: SQLite forgets the transaction even if it cannot read the journal. */
	if (!control(db, "ROLLBACK", &error) && !sqlite3_get_autocommit(db->handle))
		db_die("store: cannot roll back: %s", error->message);
}

bool db_in_transaction(const struct db *db)
{
	return db->begun_file && !sqlite3_get_autocommit(db->handle);
}

bool db_savepoint(struct db *db, GError **error)
{
	/* Outside a transaction SAVEPOINT would begin one. */
	if (db_is_lost(db)) {
		db_set_lost(db, error);
		return false;
	}
	return control(db, "SAVEPOINT job", error);
}

bool db_release(struct db *db, GError **error)
{
	return control(db, "RELEASE job", error);
}

bool db_rollback_to(struct db *db, GError **error)
{
	db->epoch++;
	if (db_is_lost(db)) {
		db_set_lost(db, error);
		return false;
	}
	return control(db, "ROLLBACK TO job", error) && control(db, "RELEASE job", error);
}

void *db_memo(struct db *db, size_t size)
{
	if (!db->memo)
		db->memo = g_malloc0(size);
	return db->memo;
}

uint64_t db_epoch(const struct db *db)
{
	return db->epoch;
}

void db_epoch_next(struct db *db)
{
	db->epoch++;
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
