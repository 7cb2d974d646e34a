/* SPDX-License-Identifier: MIT */
/* Statements: cached by their literal, bound by number, stepped with results in two kinds (constraint, broken), read by column. It
 * begins and ends no transaction, but refuses to write outside one. */
#include <string.h>

#include "base/macros.h"
#include "db_kernel.h"
#include "db_private.h"

G_DEFINE_QUARK(cdsbot - store - error, store_error)

/* --- errors --- */

enum store_error db_error_code(const struct db *db, int rc)
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

void db_set_error(GError **error, const struct db *db, int rc, const char *what)
{
	g_set_error(error, STORE_ERROR, (int)db_error_code(db, rc), "%s: %s (SQLite %d) in: %.120s", sqlite3_errstr(rc),
		    sqlite3_errmsg(db->handle), rc, what);
}

bool db_is_disk_error(const GError *error)
{
	return g_error_matches(error, STORE_ERROR, STORE_ERROR_DISK);
}

void db_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g_logv(G_LOG_DOMAIN, G_LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	abort();
}

/* --- preparing and binding --- */

void db_stmt_free(void *arg)
{
	struct db_stmt *st = arg;

	sqlite3_finalize(st->st);
	g_free(st->message);
	g_free(st);
}

static void resolve_params(struct db_stmt *st)
{
	const int count = sqlite3_bind_parameter_count(st->st);

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(st->st, i);
		char *end = NULL;
		const guint64 n = name && name[0] == '$' ? g_ascii_strtoull(name + 1, &end, 10) : 0;

		if (n < 1 || n > PARAMS_MAX || *end)
			db_die("store: parameter %s is no $1 .. $%d in: %s", name ? name : "?", PARAMS_MAX, st->sql);
		st->index[n] = i;
		st->n_params = MAX(st->n_params, (unsigned)n);
	}
	for (unsigned n = 1; n <= st->n_params; n++)
		if (!st->index[n])
			db_die("store: $%u is missing in: %s", n, st->sql);
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
		if (db_error_code(db, st->rc) == STORE_ERROR_FAILED)
			db_die("store: %s in: %s", sqlite3_errmsg(db->handle), sql);
		st->message = g_strdup(sqlite3_errmsg(db->handle));
		return st;
	}
	if (!st->st || tail[strspn(tail, " \t\n;")])
		db_die("store: not exactly one statement: %s", sql);
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
		db_die("store: SQL is no literal: %s", sql);
	}
	if (st->is_used)
		db_die("store: used twice at a time: %s", sql);
	st->is_used = true;
	st->bound = 0;
	return st;
}

static int param(struct db_stmt *st, unsigned n)
{
	if (n < 1 || n > PARAMS_MAX || n > st->n_params)
		db_die("store: no $%u in: %s", n, st->sql);
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

void db_bind_pointer(struct db_stmt *st, unsigned n, void *pointer, const char *type)
{
	BIND(st, n, sqlite3_bind_pointer(st->st, index, pointer, type, NULL));
}

void db_bind_null(struct db_stmt *st, unsigned n)
{
	BIND(st, n, sqlite3_bind_null(st->st, index));
}

/* --- stepping --- */

static bool may_step(struct db_stmt *st, GError **error)
{
	const struct db *db = st->db;
	const uint64_t all = st->n_params == PARAMS_MAX ? UINT64_MAX : (UINT64_C(1) << st->n_params) - 1;

	if (!st->st || st->rc != SQLITE_OK) {
		g_set_error(error, STORE_ERROR, (int)db_error_code(db, st->rc), "%s: %s (SQLite %d) in: %.120s",
			    sqlite3_errstr(st->rc), st->message ? st->message : "binding", st->rc, st->sql);
		return false;
	}
	if (st->bound != all)
		db_die("store: unbound parameter in: %s", st->sql);
	if (db_is_lost(db)) {
		db_set_lost(db, error);
		return false;
	}
	if (!db->begun_file && db->mode == DB_WRITE && !sqlite3_stmt_readonly(st->st))
		db_die("store: writes outside a transaction: %s", st->sql);
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
		db_set_error(error, st->db, rc, st->sql);
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
		db_stmt_free(st);
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
		db_set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
	db_finish(st);
	return step == DB_DONE;
}

bool db_run_int64(struct db_stmt *st, int64_t dflt, int64_t *ret_value, GError **error)
{
	const enum db_step step = db_step(st, error);

	*ret_value = step == DB_ROW && !db_col_is_null(st, 0) ? db_col_int64(st, 0) : dflt;
	if (step == DB_CONSTRAINT)
		db_set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
	db_finish(st);
	return step == DB_ROW || step == DB_DONE;
}

bool db_run_text(struct db_stmt *st, char **ret_text_or_null, GError **error)
{
	const enum db_step step = db_step(st, error);

	*ret_text_or_null = step == DB_ROW ? db_col_dup(st, 0) : NULL;
	if (step == DB_CONSTRAINT)
		db_set_error(error, st->db, sqlite3_extended_errcode(st->db->handle), st->sql);
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
