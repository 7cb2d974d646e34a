/* SPDX-License-Identifier: MIT */
/* A disk that fails on command, wrapped round the real one: for tests of what a full or broken disk does. One per program. */
#ifndef CDSBOT_TESTS_STORE_DISK_H
#define CDSBOT_TESTS_STORE_DISK_H

#include <glib.h>
#include <stdbool.h>

#include <sqlite3.h>

/* SQLite has one table of methods for the database and another for its side files. */
static struct {
	const sqlite3_io_methods *real;
	sqlite3_io_methods ours;
} methods[2];
static sqlite3_vfs disk;
static sqlite3_vfs *real_disk;
static int fails_with;  /* atomic; SQLITE_OK: well */
static int fails_after; /* atomic; writes that still succeed */
static int n_syncs;     /* atomic */

static inline bool disk_is_failing(void)
{
	if (g_atomic_int_get(&fails_with) == SQLITE_OK)
		return false;
	return g_atomic_int_add(&fails_after, -1) <= 0;
}

static inline const sqlite3_io_methods *disk_real_of(sqlite3_file *f)
{
	return methods[f->pMethods == &methods[0].ours ? 0 : 1].real;
}

static inline int disk_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	return disk_is_failing() ? g_atomic_int_get(&fails_with) : disk_real_of(f)->xWrite(f, bytes, n, at);
}

static inline int disk_sync(sqlite3_file *f, int flags)
{
	g_atomic_int_inc(&n_syncs);
	return disk_real_of(f)->xSync(f, flags);
}

static inline int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	const int rc = real_disk->xOpen(real_disk, name, f, flags, out);

	if (rc != SQLITE_OK || !f->pMethods)
		return rc;
	for (int i = 0; i < 2; i++) {
		if (!methods[i].real) {
			methods[i].real = f->pMethods;
			methods[i].ours = *f->pMethods;
			methods[i].ours.xWrite = disk_write;
			methods[i].ours.xSync = disk_sync;
		}
		if (methods[i].real == f->pMethods) {
			f->pMethods = &methods[i].ours;
			return rc;
		}
	}
	g_assert_not_reached();
}

static inline void disk_install(void)
{
	real_disk = sqlite3_vfs_find(NULL);
	disk = *real_disk;
	disk.zName = "failing";
	disk.xOpen = disk_open;
	g_assert_cmpint(sqlite3_vfs_register(&disk, 1), ==, SQLITE_OK);
}

static inline void disk_fail(int rc, int after)
{
	g_atomic_int_set(&fails_after, after);
	g_atomic_int_set(&fails_with, rc);
}

#endif
