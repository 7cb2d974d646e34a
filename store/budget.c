/* SPDX-License-Identifier: MIT */
/* Message budgets: rows by adapter and calendar period, in the province's calendar. */
#include "budget.h"

#include <string.h>

#include "base/clock.h"
#include "delivery.h"

void budget_free(struct budget *b)
{
	if (!b)
		return;
	g_free(b->adapter);
	g_free(b);
}

static void periods_of(int64_t now_ms, char day[11], char month[8])
{
	g_autoptr(GDateTime) local = clock_local(now_ms);
	g_autofree char *text = g_date_time_format(local, "%Y-%m-%d");

	g_strlcpy(day, text, 11);
	g_strlcpy(month, text, 8);
}

bool store_budget_set_limit(struct db *db, const char *adapter, const struct budget_limit *limit, GError **error)
{
	struct db_stmt *st;

	if (limit->day <= 0 && limit->month <= 0) {
		st = db_prepare(db, "DELETE FROM budget_limit WHERE adapter = $1");
		db_bind_text(st, 1, adapter);
		return db_run(st, error);
	}
	st = db_prepare(db, "INSERT INTO budget_limit (adapter, day_limit, month_limit, private_only) VALUES ($1, $2, $3, $4)"
			    " ON CONFLICT (adapter) DO UPDATE SET day_limit = excluded.day_limit, month_limit = excluded.month_limit,"
			    " private_only = excluded.private_only");
	db_bind_text(st, 1, adapter);
	db_bind_int64(st, 2, MAX(limit->day, 0));
	db_bind_int64(st, 3, MAX(limit->month, 0));
	db_bind_int64(st, 4, limit->private_only);
	return db_run(st, error);
}

bool store_budget_clear_limits(struct db *db, GError **error)
{
	return db_run(db_prepare(db, "DELETE FROM budget_limit"), error);
}

/* Every adapter that counts, or the one. */
static GPtrArray *load(struct db *db, const char *adapter_or_null, int64_t now_ms, GError **error)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)budget_free);
	char day[11], month[8];
	struct db_stmt *st;
	enum db_step step;

	periods_of(now_ms, day, month);
	st = db_prepare(db, "SELECT l.adapter, l.day_limit, l.month_limit, l.private_only,"
			    " coalesce((SELECT used FROM budget WHERE adapter = l.adapter AND period = $2), 0),"
			    " coalesce((SELECT used FROM budget WHERE adapter = l.adapter AND period = $3), 0)"
			    " FROM budget_limit l WHERE $1 IS NULL OR l.adapter = $1 ORDER BY l.adapter");
	db_bind_text(st, 1, adapter_or_null);
	db_bind_text(st, 2, day);
	db_bind_text(st, 3, month);
	while ((step = db_step(st, error)) == DB_ROW) {
		struct budget *b = g_new0(struct budget, 1);

		b->adapter = db_col_dup(st, 0);
		b->limit.day = db_col_int64(st, 1);
		b->limit.month = db_col_int64(st, 2);
		b->limit.private_only = db_col_int64(st, 3) != 0;
		b->day_used = db_col_int64(st, 4);
		b->month_used = db_col_int64(st, 5);
		g_strlcpy(b->day, day, sizeof(b->day));
		g_strlcpy(b->month, month, sizeof(b->month));
		g_ptr_array_add(all, b);
	}
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&all) : NULL;
}

enum store_result store_budget_get(struct db *db, const char *adapter, int64_t now_ms, struct budget **ret, GError **error)
{
	g_autoptr(GPtrArray) all = load(db, adapter, now_ms, error);

	if (!all)
		return STORE_BROKEN;
	if (!all->len)
		return STORE_NOT_FOUND;
	*ret = g_steal_pointer(&all->pdata[0]);
	return STORE_OK;
}

GPtrArray *store_budget_list(struct db *db, int64_t now_ms, GError **error)
{
	return load(db, NULL, now_ms, error);
}

static int64_t left_of(int64_t limit, int64_t used, unsigned keep_percent)
{
	return limit > 0 ? limit - limit * keep_percent / 100 - used : INT64_MAX;
}

int64_t budget_left(const struct budget *b, unsigned keep_percent)
{
	return MIN(left_of(b->limit.day, b->day_used, keep_percent), left_of(b->limit.month, b->month_used, keep_percent));
}

/* Heads of lines only, as in store_delivery_due: the index holds no others. */
static bool class_waits(struct db *db, const struct budget *b, int class, int64_t now_ms, bool *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT d.id FROM delivery d CROSS JOIN chat c WHERE c.id = d.chat_id AND d.adapter = $1"
					    " AND d.class = $2 AND d.state = 0 AND d.is_head = 1 AND d.is_held = 0 AND d.due_ms <= $3"
					    " AND (c.kind = 0 OR $4 = 0) LIMIT 1");
	int64_t id;

	db_bind_text(st, 1, b->adapter);
	db_bind_int64(st, 2, class);
	db_bind_int64(st, 3, now_ms);
	db_bind_int64(st, 4, b->limit.private_only);
	if (!db_run_int64(st, 0, &id, error))
		return false;
	*ret = id != 0;
	return true;
}

bool store_budget_waits(struct db *db, const struct budget *b, unsigned classes, int64_t now_ms, bool *ret, GError **error)
{
	*ret = false;
	for (int class = 0; classes >> class && !*ret; class ++)
		if (classes & 1u << class && !class_waits(db, b, class, now_ms, ret, error))
			return false;
	return true;
}

/* `state < 2` is what the index of open lines holds: the look costs as much as there is open. */
bool store_budget_queued(struct db *db, const struct budget *b, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM delivery d JOIN chat c ON c.id = d.chat_id WHERE d.state < 2 AND d.state = 0"
					    " AND d.is_held = 0 AND d.adapter = $1 AND d.class <> $2 AND (c.kind = 0 OR $3 = 0)");

	db_bind_text(st, 1, b->adapter);
	db_bind_int64(st, 2, CLASS_DIGEST);
	db_bind_int64(st, 3, b->limit.private_only);
	return db_run_int64(st, 0, ret_n, error);
}

static bool add(struct db *db, int64_t delivery_id, const char *period, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO budget (adapter, period, used) SELECT d.adapter, $2, 1 FROM delivery d WHERE d.id = $1"
					    " ON CONFLICT (adapter, period) DO UPDATE SET used = used + 1");

	db_bind_int64(st, 1, delivery_id);
	db_bind_text(st, 2, period);
	return db_run(st, error);
}

bool store_budget_count(struct db *db, int64_t delivery_id, int64_t now_ms, GError **error)
{
	char day[11], month[8];
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET counted_day = $2 WHERE id = $1 AND EXISTS (SELECT 1 FROM budget_limit l, chat c"
					    " WHERE l.adapter = delivery.adapter AND c.id = delivery.chat_id AND (l.private_only = 0 OR c.kind = 0))");

	periods_of(now_ms, day, month);
	db_bind_int64(st, 1, delivery_id);
	db_bind_text(st, 2, day);
	if (!db_run(st, error))
		return false;
	return !db_changes(db) || (add(db, delivery_id, day, error) && add(db, delivery_id, month, error));
}

bool store_budget_give_back(struct db *db, int64_t delivery_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE budget SET used = max(used - 1, 0) WHERE (adapter, period) IN"
					    " (SELECT adapter, counted_day FROM delivery WHERE id = $1 AND counted_day IS NOT NULL"
					    " UNION ALL SELECT adapter, substr(counted_day, 1, 7) FROM delivery WHERE id = $1 AND counted_day IS NOT NULL)");

	db_bind_int64(st, 1, delivery_id);
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "UPDATE delivery SET counted_day = NULL WHERE id = $1 AND counted_day IS NOT NULL");
	db_bind_int64(st, 1, delivery_id);
	return db_run(st, error);
}

enum store_result store_budget_say(struct db *db, const char *adapter, const char *period, enum budget_word word, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO budget (adapter, period, used, said) VALUES ($1, $2, 0, $3)"
					    " ON CONFLICT (adapter, period) DO UPDATE SET said = said | excluded.said WHERE said & excluded.said = 0");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, period);
	db_bind_int64(st, 3, word);
	if (!db_run(st, error))
		return STORE_BROKEN;
	return db_changes(db) == 1 ? STORE_OK : STORE_DUPLICATE;
}

bool store_budget_expire(struct db *db, const char *before_period, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM budget WHERE period < $1");

	db_bind_text(st, 1, before_period);
	return db_run(st, error);
}
