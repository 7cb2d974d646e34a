/* SPDX-License-Identifier: MIT */
/* What the two rooms of the database layer share: db.c (connection, transactions) and db_stmt.c (statements, columns, errors). Nobody
 * else includes it. */
#ifndef CDSBOT_STORE_DB_PRIVATE_H
#define CDSBOT_STORE_DB_PRIVATE_H

#include <sqlite3.h>

#include "db.h"

/* Parameters of one statement: one bit each tells which are bound. */
#define PARAMS_MAX 64

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
	void *memo;
	uint64_t epoch;
	int64_t data_version; /* at the last begin */
};

/* What an SQLite result means to the callers of db.h. */
enum store_error db_error_code(const struct db *db, int rc);
void db_set_error(GError **error, const struct db *db, int rc, const char *what);
/* A bug of the program: says so and aborts. */
void db_die(const char *fmt, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

void db_stmt_free(void *stmt);

/* SQLite has taken the open transaction away (full disk, I/O error); db_set_lost says where it was begun. */
bool db_is_lost(const struct db *db);
void db_set_lost(const struct db *db, GError **error);

#endif
