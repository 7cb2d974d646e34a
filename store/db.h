/* SPDX-License-Identifier: MIT */
/* The thin layer over SQLite: typed binding, cached statements, transactions that know where they were begun. All SQL lives in
 * store/. Queries use $1, $2 ... and the subset that SQLite and PostgreSQL share. */
#ifndef CDSBOT_STORE_DB_H
#define CDSBOT_STORE_DB_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_stmt;

/* Outcome of a domain operation. STORE_BROKEN sets error; with every other value error is untouched. */
enum store_result { STORE_BROKEN = -1, STORE_OK, STORE_NOT_FOUND, STORE_DUPLICATE, STORE_WRONG_STATE, STORE_DENIED };

#define STORE_ERROR store_error_quark()
GQuark store_error_quark(void);
enum store_error {
	STORE_ERROR_FAILED,	/* the statement: constraint, type, bug */
	STORE_ERROR_DISK,	/* full, I/O, read-only, corrupt: nobody's fault but the disk's */
	STORE_ERROR_BUSY,	/* another process held the lock longer than the busy timeout */
	STORE_ERROR_TOO_NEW,	/* the database was made by a newer program */
	STORE_ERROR_LOCKED,	/* another daemon has it; the message says who */
	STORE_ERROR_FULL,	/* queues are full */
	STORE_ERROR_TIMEOUT	/* a reading job was longer than STORE_SNAPSHOT_MAX_MS */
};

enum db_mode {
	DB_WRITE, /* synchronous=FULL, WAL, foreign keys; creates the file */
	DB_READ	  /* query_only */
};
/* DB_BUSY_TIMEOUT_MS: how long a command-line tool's short transaction may make the writer wait, and the reverse. */
#define DB_BUSY_TIMEOUT_MS 5000
/* STORE_ERROR_FAILED: another program's database, left as it was. */
struct db *db_open(const char *path, enum db_mode mode, GError **error);
void db_close(struct db *db);
typedef struct db db_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_t, db_close)

/* A statement, prepared once per connection and reset on the way out. sql must be a literal (it is the cache's key). SQL that does
 * not prepare is a bug and aborts with its text. One use at a time: ends with db_finish. */
struct db_stmt *db_prepare(struct db *db, const char *sql);
void db_bind_int64(struct db_stmt *st, unsigned n, int64_t value);
void db_bind_real(struct db_stmt *st, unsigned n, double value);
void db_bind_text(struct db_stmt *st, unsigned n, const char *text_or_null); /* copied */
/* For a function of our own that asks for this type (a literal); the pointer is borrowed until the next binding. */
void db_bind_pointer(struct db_stmt *st, unsigned n, void *pointer, const char *type);
void db_bind_null(struct db_stmt *st, unsigned n);
enum db_step { DB_BROKEN = -1, DB_DONE, DB_ROW, DB_CONSTRAINT };
/* DB_CONSTRAINT: a unique or check constraint refused it (error untouched). DB_BROKEN sets error. */
enum db_step db_step(struct db_stmt *st, GError **error);
/* Columns count from 0. Text is borrowed until the next step; NULL stays NULL. db_col_dup: caller frees. */
int64_t db_col_int64(struct db_stmt *st, unsigned n);
double db_col_real(struct db_stmt *st, unsigned n);
const char *db_col_text(struct db_stmt *st, unsigned n);
char *db_col_dup(struct db_stmt *st, unsigned n);
bool db_col_is_null(struct db_stmt *st, unsigned n);
void db_finish(struct db_stmt *st);
typedef struct db_stmt db_stmt_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_stmt_t, db_finish)

/* Step to the end and finish. True on DB_DONE; constraint counts as broken here. */
bool db_run(struct db_stmt *st, GError **error);
/* One value; *ret_found tells whether there was a row (may be NULL). Finishes. False only when broken. */
bool db_run_int64(struct db_stmt *st, int64_t dflt, int64_t *ret_value, GError **error);
bool db_run_text(struct db_stmt *st, char **ret_text_or_null, GError **error);

int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);
/* Counts rows written since open: lets a caller see that a job wrote nothing. */
int64_t db_total_changes(struct db *db);

/* Transactions. db_begin is BEGIN IMMEDIATE for writers; nesting aborts with both places. */
#define db_begin(db, error) db_begin_at(db, __FILE__, __LINE__, error)
bool db_begin_at(struct db *db, const char *file, int line, GError **error);
bool db_commit(struct db *db, GError **error);
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);
/* Several readings see one state, and the file is locked once for all. Inside a transaction it does nothing (*ret_begun false). What follows
 * until db_snapshot_end must not write. */
bool db_snapshot_begin(struct db *db, bool *ret_begun, GError **error);
void db_snapshot_end(struct db *db, bool begun);
bool db_savepoint(struct db *db, GError **error);
bool db_release(struct db *db, GError **error);
bool db_rollback_to(struct db *db, GError **error); /* false: the whole transaction is gone (design §5) */
/* A piece of memory of this connection, zero at first, always asked for with the same size, for what was found out in a transaction.
 * What was found out at another epoch is not to be trusted: it changes with each rollback, and with a begin after which somebody else may
 * have written. */
void *db_memo(struct db *db, size_t size);
uint64_t db_epoch(const struct db *db);
/* For who makes what was found out untrue within a transaction. */
void db_epoch_next(struct db *db);

/* Brings an opened writing connection to the newest schema, each step in its transaction. STORE_ERROR_TOO_NEW in a clear sentence. */
bool db_migrate(struct db *db, GError **error);
int db_schema_version(struct db *db); /* -1 broken */
int db_schema_newest(void);

/* PRAGMA integrity_check: true and "ok", or the first complaint in *ret_complaint (caller frees). */
bool db_check(struct db *db, char **ret_complaint, GError **error);
int64_t db_data_version(struct db *db);

#endif
