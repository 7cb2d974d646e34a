/* SPDX-License-Identifier: MIT */
/* What only the store's own threads and the migrations need of the database layer. Domain code stays with db.h. */
#ifndef CDSBOT_STORE_DB_KERNEL_H
#define CDSBOT_STORE_DB_KERNEL_H

#include "db.h"

/* Statements without values: schema and pragmas. Several may be separated by semicolons. */
bool db_exec(struct db *db, const char *sql, GError **error);

/* Page cache, as a bound on memory. Default DB_CACHE_KIB. */
#define DB_CACHE_KIB 2048
void db_set_cache_kib(struct db *db, unsigned kib);

/* From now on what runs past this point of g_get_monotonic_time is interrupted (STORE_ERROR_TIMEOUT). 0: never. */
void db_set_deadline(struct db *db, int64_t mono_us);

/* Resets statements that a caller forgot to finish: they would hold the snapshot. Each is warned of. */
void db_finish_all(struct db *db);

/* Turns SQLite's own checkpoints off, so that they happen between batches only. */
void db_own_checkpoints(struct db *db);
/* Pages in the WAL after the last commit of this connection. */
unsigned db_wal_pages(const struct db *db);
/* PASSIVE: never waits for readers. *ret_all tells whether the whole WAL is in the database now. */
bool db_checkpoint(struct db *db, bool *ret_all, GError **error);
unsigned db_page_size(const struct db *db);

/* False + STORE_ERROR_FAILED: the file holds another program's tables. An empty one is ours. */
bool db_is_ours(struct db *db, GError **error);
/* Migrates as far as this version; db_migrate goes to the newest. */
bool db_migrate_to(struct db *db, int version, GError **error);

/* True for the errors that are the disk's fault. */
bool db_is_disk_error(const GError *error);

#endif
