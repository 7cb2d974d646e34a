/* SPDX-License-Identifier: MIT */
/* Rights that one process at a time has over a database: open file description locks on files beside it, which also say who holds them. They end
 * with the process, however that ends. */
#ifndef CDSBOT_STORE_STORE_LOCK_H
#define CDSBOT_STORE_STORE_LOCK_H

#include <glib.h>

enum store_right {
	STORE_RIGHT_DAEMON, /* `<db>.lock`: to be the daemon of this database */
	STORE_RIGHT_INDEX   /* `<db>.index-lock`: to rebuild its search index */
};
/* A descriptor for store_unlock, or -1 + STORE_ERROR_LOCKED (the message says who holds it) or _DISK. */
int store_lock(const char *db_path, enum store_right right, const char *holder, GError **error);
void store_unlock(int fd);

#endif
