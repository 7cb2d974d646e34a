/* SPDX-License-Identifier: MIT */
/* Leases: an errand (a single-use token to refresh) that one holder at a time may run, over all processes on the database. */
#ifndef CDSBOT_STORE_ERRAND_H
#define CDSBOT_STORE_ERRAND_H

#include "db.h"

/* Inside a writing transaction, which is what makes it atomic over processes. STORE_OK: holder has it until now_ms + lease_ms (taking
 * again renews). STORE_DENIED: another holder has it. A lease whose end lies further ahead than lease_ms was taken before the wall
 * clock was set back: it is void. */
enum store_result store_errand_take(struct db *db, const char *adapter, const char *name, const char *holder, int64_t lease_ms, int64_t now_ms,
				    GError **error);
/* Nothing happens if holder does not have it. */
bool store_errand_release(struct db *db, const char *adapter, const char *name, const char *holder, GError **error);

#endif
