/* SPDX-License-Identifier: MIT */
/* How many messages a platform still lets the bot send today and this month. A delivery is counted in the transaction that claims it,
 * before it is sent, so that a crash never counts too few; one that was certainly not accepted is taken off again where it is settled. */
#ifndef CDSBOT_STORE_BUDGET_H
#define CDSBOT_STORE_BUDGET_H

#include "db.h"

struct budget_limit {
	int64_t day, month; /* 0 none */
	bool private_only;  /* groups are free */
};
/* What an adapter's options say, for everybody who asks later. No limit at all: the row goes, what was used stays. */
bool store_budget_set_limit(struct db *db, const char *adapter, const struct budget_limit *limit, GError **error);

/* Before the adapters open, each of which says its own: one that is no longer used counts nothing. */
bool store_budget_clear_limits(struct db *db, GError **error);

struct budget {
	char *adapter;
	struct budget_limit limit;
	int64_t day_used, month_used;
	char day[11], month[8]; /* the periods: 2026-11-24, 2026-11 */
};
void budget_free(struct budget *b);
typedef struct budget budget_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(budget_t, budget_free)
/* Where it stands at this wall time. STORE_NOT_FOUND: the adapter does not count. */
enum store_result store_budget_get(struct db *db, const char *adapter, int64_t now_ms, struct budget **ret, GError **error);
GPtrArray *store_budget_list(struct db *db, int64_t now_ms, GError **error); /* struct budget, every adapter that counts */

/* What is left in both periods after `keep_percent` of each limit has been set aside; INT64_MAX: no limit. May be negative. */
int64_t budget_left(const struct budget *b, unsigned keep_percent);

/* Does something due of these classes (bit set) wait that counts against the budget? */
bool store_budget_waits(struct db *db, const struct budget *b, unsigned classes, int64_t now_ms, bool *ret, GError **error);

/* How many deliveries wait that will count against it, digests apart: those give way. */
bool store_budget_queued(struct db *db, const struct budget *b, int64_t *ret_n, GError **error);

/* The claimed delivery counts from now on, if its adapter counts and its chat does. Again for one that is counted already: its last
 * claim may have gone out, so it counts twice. */
bool store_budget_count(struct db *db, int64_t delivery_id, int64_t now_ms, GError **error);
/* Certainly not accepted: taken off the periods in which it was counted. */
bool store_budget_give_back(struct db *db, int64_t delivery_id, GError **error);

/* Words to the admins that are said once a period, over restarts. */
enum budget_word { BUDGET_SAID_LOW = 1, BUDGET_SAID_HELD = 2 };
/* STORE_OK: not said before, counts as said now. STORE_DUPLICATE: was said. */
enum store_result store_budget_say(struct db *db, const char *adapter, const char *period, enum budget_word word, GError **error);

bool store_budget_expire(struct db *db, const char *before_period, GError **error); /* rows of periods that sort before it */

#endif
