/* SPDX-License-Identifier: MIT */
/* Brings a database to the newest schema, a step a transaction. The steps themselves are the schema_N files; user_version says how
 * many a database has had. */
#include "base/macros.h"
#include "db.h"
#include "db_kernel.h"
#include "schema.h"
#include "search/rebuild.h"

/* "cdsb": marks the file as ours, so that another program's database is never filled with our tables. */
#define APPLICATION_ID 0x63647362

/* Append only: a released row is never edited, removed or moved. func recomputes in C what SQL cannot; either may be NULL. */
static const struct {
	const char *sql;
	bool (*func)(struct db *db, GError **error);
} migrations[] = {
	{ schema_1_kernel, NULL },
	{ schema_2_domain, NULL },
	{ schema_3_errand, NULL },
	{ schema_4_link, NULL },
	{ schema_5_search, NULL },
	{ schema_6_wanted, NULL },
	{ schema_7_fold, NULL },
};

int db_schema_newest(void)
{
	return ARRAY_SIZE(migrations);
}

int db_schema_version(struct db *db)
{
	int64_t version;

	return db_run_int64(db_prepare(db, "PRAGMA user_version"), 0, &version, NULL) ? (int)version : -1;
}

bool db_is_ours(struct db *db, GError **error)
{
	int64_t id, tables;

	if (!db_run_int64(db_prepare(db, "PRAGMA application_id"), 0, &id, error) ||
	    !db_run_int64(db_prepare(db, "SELECT count(*) FROM sqlite_schema"), 0, &tables, error))
		return false;
	if (id == APPLICATION_ID || (id == 0 && tables == 0))
		return true;
	g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "the file is a database of another program");
	return false;
}

static bool step(struct db *db, int version, GError **error)
{
	g_autofree char *stamp =
		g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID, version + 1);

	if (!db_begin(db, error))
		return false;
	/* Another process may have been here between the look and the lock. */
	if (db_schema_version(db) != version) {
		db_rollback(db);
		return true;
	}
	if ((migrations[version].sql && !db_exec(db, migrations[version].sql, error)) ||
	    (migrations[version].func && !migrations[version].func(db, error)) || !db_exec(db, stamp, error)) {
		db_rollback(db);
		return false;
	}
	return db_commit(db, error);
}

bool db_migrate_to(struct db *db, int version, GError **error)
{
	int have;

	if (!db_is_ours(db, error))
		return false;
	while ((have = db_schema_version(db)) < version) {
		if (have < 0) {
			g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "cannot read the version of the database");
			return false;
		}
		if (!step(db, have, error)) {
			g_prefix_error(error, "bringing the database from version %d to %d: ", have, have + 1);
			return false;
		}
	}
	if (have <= db_schema_newest())
		return true;
	g_set_error(error, STORE_ERROR, STORE_ERROR_TOO_NEW,
		    "the database has version %d, this program knows versions up to %d: install the newer program again", have,
		    db_schema_newest());
	return false;
}

bool db_migrate(struct db *db, GError **error)
{
	/* The index is filled by the newest code from the newest tables: no step has to know both. */
	return db_migrate_to(db, db_schema_newest(), error) && rebuild_small(db, error);
}
