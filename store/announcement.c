/* SPDX-License-Identifier: MIT */
/* Announcements: the row, who it is for, who has answered, the report. Progress is counted from receipts and deliveries, never
 * stored. Sending is the fan-out's and the courier's. */
#include <string.h>

#include "audit.h"
#include "delivery.h"
#include "item_impl.h"

#include "announcement.h"

#define ANNOUNCEMENT_SELECT                                                                                                        \
	"SELECT id, number, text, to_all, audience_text, due_ms, author_id, created_ms, post_id, is_reported, is_closed FROM "     \
	"announcement"

/* A member who counts: registered and still here. 1 = ROLE_MEMBER. */
#define IS_MEMBER "member.role >= 1 AND member.left_ms IS NULL"
#define IS_REACHABLE                                                                                                               \
	"EXISTS (SELECT 1 FROM identity, chat WHERE identity.member_id = member.id AND chat.id = identity.private_chat_id"         \
	" AND chat.is_parked = 0)"
/* On a joined row of announcement. */
#define IN_AUDIENCE                                                                                                                \
	"(announcement.to_all = 1 OR EXISTS (SELECT 1 FROM announcement_unit au WHERE au.announcement_id = announcement.id"        \
	" AND au.unit = member.unit))"

void announcement_free(struct announcement *a)
{
	if (!a)
		return;
	g_free(a->text);
	g_strfreev(a->units);
	g_free(a->audience_text);
	g_free(a);
}

static bool announcement_audit(struct db *db, int64_t number, const char *action, const char *after, int64_t member_id,
			       int64_t now_ms, GError **error)
{
	g_autofree char *subject = g_strdup_printf("TB%" G_GINT64_FORMAT, number);

	return store_audit_add(db,
			       &(struct audit){ .at_ms = now_ms,
						.member_id = member_id,
						.actor = member_id > 0 ? NULL : "system",
						.action = action,
						.subject = subject,
						.after = after },
			       error);
}

/* --- audience --- */

static bool count_members(struct db *db, const char *unit_or_null, int64_t *ret_members, int64_t *ret_reachable, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*), coalesce(sum(CASE WHEN " IS_REACHABLE " THEN 1 ELSE 0 END), 0)"
					    " FROM member WHERE " IS_MEMBER
					    " AND ($1 IS NULL OR member.unit = $1)");
	enum db_step step;

	db_bind_text(st, 1, unit_or_null);
	step = db_step(st, error);
	if (step == DB_ROW) {
		*ret_members = db_col_int64(st, 0);
		*ret_reachable = db_col_int64(st, 1);
	}
	db_finish(st);
	return step == DB_ROW;
}

static bool audience_of_all(struct db *db, struct audience_size *ret, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "SELECT count(*), coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM member WHERE member.unit = unit.code AND " IS_MEMBER
		    ") THEN 0 ELSE 1 END), 0) FROM unit");
	enum db_step step = db_step(st, error);

	if (step == DB_ROW) {
		ret->units = db_col_int64(st, 0);
		ret->units_without_member = db_col_int64(st, 1);
	}
	db_finish(st);
	return step == DB_ROW && count_members(db, NULL, &ret->members, &ret->reachable, error);
}

bool store_audience_size(struct db *db, bool to_all, char **units, struct audience_size *ret, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	*ret = (struct audience_size){ 0 };
	if (to_all)
		return audience_of_all(db, ret, error);
	for (; units && *units; units++) {
		int64_t members, reachable;

		if (!g_hash_table_add(seen, *units))
			continue;
		if (!count_members(db, *units, &members, &reachable, error))
			return false;
		ret->units++;
		ret->members += members;
		ret->reachable += reachable;
		ret->units_without_member += members == 0;
	}
	return true;
}

static bool add_chats(struct db *db, const char *unit_or_null, const char *adapter, int64_t *private, int64_t *groups, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM (SELECT (SELECT c.adapter FROM identity i JOIN chat c ON c.id = i.private_chat_id"
					    " WHERE i.member_id = member.id AND c.is_parked = 0 ORDER BY i.used_ms DESC LIMIT 1) AS place"
					    " FROM member WHERE " IS_MEMBER " AND ($1 IS NULL OR member.unit = $1)) AS p WHERE p.place = $2");
	int64_t n;

	db_bind_text(st, 1, unit_or_null);
	db_bind_text(st, 2, adapter);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	*private += n;
	st = db_prepare(db, "SELECT count(*) FROM chat WHERE adapter = $2 AND kind <> 0 AND is_parked = 0"
			    " AND (($1 IS NULL AND is_core = 1) OR unit = $1)");
	db_bind_text(st, 1, unit_or_null);
	db_bind_text(st, 2, adapter);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	*groups += n;
	return true;
}

bool store_audience_chats(struct db *db, bool to_all, char **units, const char *adapter, int64_t *ret_private, int64_t *ret_groups, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	*ret_private = *ret_groups = 0;
	if (to_all)
		return add_chats(db, NULL, adapter, ret_private, ret_groups, error);
	for (; units && *units; units++)
		if (g_hash_table_add(seen, *units) && !add_chats(db, *units, adapter, ret_private, ret_groups, error))
			return false;
	return true;
}

/* --- rows --- */

static bool units_write(struct db *db, const struct announcement *a, GError **error)
{
	for (guint i = 0; a->units && a->units[i]; i++) {
		struct db_stmt *st =
			db_prepare(db, "INSERT INTO announcement_unit (announcement_id, position, unit) VALUES ($1, $2, $3)"
				       " ON CONFLICT DO NOTHING");

		db_bind_int64(st, 1, a->id);
		db_bind_int64(st, 2, i);
		db_bind_text(st, 3, a->units[i]);
		if (!db_run(st, error))
			return false;
	}
	return true;
}

static bool units_load(struct db *db, struct announcement *a, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT unit FROM announcement_unit WHERE announcement_id = $1 ORDER BY position");
	g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
	enum db_step step;

	db_bind_int64(st, 1, a->id);
	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(units, db_col_dup(st, 0));
	db_finish(st);
	if (step != DB_DONE)
		return false;
	if (units->len > 0) {
		g_ptr_array_add(units, NULL);
		a->units = (char **)g_ptr_array_steal(units, NULL);
	}
	return true;
}

static struct announcement *announcement_of_row(struct db_stmt *st)
{
	struct announcement *a = g_new0(struct announcement, 1);

	a->id = db_col_int64(st, 0);
	a->number = db_col_int64(st, 1);
	a->text = db_col_dup(st, 2);
	a->to_all = db_col_int64(st, 3) != 0;
	a->audience_text = db_col_dup(st, 4);
	a->due_ms = db_col_int64(st, 5);
	a->author_id = db_col_int64(st, 6);
	a->created_ms = db_col_int64(st, 7);
	a->post_id = db_col_int64(st, 8);
	a->is_reported = db_col_int64(st, 9) != 0;
	a->is_closed = db_col_int64(st, 10) != 0;
	return a;
}

static GPtrArray *announcements_read(struct db *db, struct db_stmt *st, GError **error)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)announcement_free);
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(all, announcement_of_row(st));
	db_finish(st);
	if (step != DB_DONE)
		return NULL;
	for (guint i = 0; i < all->len; i++) {
		if (!units_load(db, g_ptr_array_index(all, i), error))
			return NULL;
	}
	return g_steal_pointer(&all);
}

static enum store_result announcement_read(struct db *db, struct db_stmt *st, struct announcement **ret, GError **error)
{
	g_autoptr(GPtrArray) all = announcements_read(db, st, error);

	if (!all)
		return STORE_BROKEN;
	if (all->len == 0)
		return STORE_NOT_FOUND;
	*ret = g_ptr_array_steal_index(all, 0);
	return STORE_OK;
}

enum store_result store_announcement_add(struct db *db, struct announcement *a, int64_t now_ms, GError **error)
{
	struct db_stmt *st;

	if (!counter_next(db, "TB", &a->number, error))
		return STORE_BROKEN;
	a->created_ms = now_ms;
	st = db_prepare(db, "INSERT INTO announcement (number, text, to_all, audience_text, due_ms, author_id, created_ms)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7)");
	db_bind_int64(st, 1, a->number);
	db_bind_text(st, 2, a->text);
	db_bind_int64(st, 3, a->to_all);
	db_bind_text(st, 4, a->audience_text);
	if (a->due_ms > 0)
		db_bind_int64(st, 5, a->due_ms);
	else
		db_bind_null(st, 5);
	if (a->author_id > 0)
		db_bind_int64(st, 6, a->author_id);
	else
		db_bind_null(st, 6);
	db_bind_int64(st, 7, now_ms);
	if (!db_run(st, error))
		return STORE_BROKEN;
	a->id = db_last_id(db);
	if (!units_write(db, a, error) ||
	    !announcement_audit(db, a->number, "announcement.add", a->audience_text, a->author_id, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

bool store_announcement_set_post(struct db *db, int64_t id, int64_t post_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE announcement SET post_id = $2 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, post_id);
	return db_run(st, error);
}

enum store_result store_announcement_get(struct db *db, int64_t number, struct announcement **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, ANNOUNCEMENT_SELECT " WHERE number = $1");

	db_bind_int64(st, 1, number);
	return announcement_read(db, st, ret, error);
}

enum store_result store_announcement_by_row(struct db *db, int64_t id, struct announcement **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, ANNOUNCEMENT_SELECT " WHERE id = $1");

	db_bind_int64(st, 1, id);
	return announcement_read(db, st, ret, error);
}

enum store_result store_announcement_for(struct db *db, int64_t member_id, int64_t now_ms, int64_t max_age_ms,
					 struct announcement **ret, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, ANNOUNCEMENT_SELECT
		" WHERE created_ms > $2 AND is_closed = 0 AND post_id IS NOT NULL AND EXISTS"
		" (SELECT 1 FROM member WHERE member.id = $1 AND " IS_MEMBER " AND " IN_AUDIENCE ")"
		" AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.announcement_id = announcement.id AND receipt.member_id = $1)"
		" ORDER BY id DESC LIMIT 1");

	db_bind_int64(st, 1, member_id);
	db_bind_int64(st, 2, now_ms - max_age_ms);
	return announcement_read(db, st, ret, error);
}

enum store_result store_receipt_add(struct db *db, int64_t announcement_id, int64_t member_id, const char *text, int64_t now_ms,
				    GError **error)
{
	g_autoptr(announcement_t) a = NULL;
	enum store_result r = store_announcement_by_row(db, announcement_id, &a, error);
	struct db_stmt *st;
	enum db_step step;

	if (r != STORE_OK)
		return r;
	st = db_prepare(db, "INSERT INTO receipt (announcement_id, member_id, text, at_ms) VALUES ($1, $2, $3, $4)"
			    " ON CONFLICT DO NOTHING RETURNING member_id");
	db_bind_int64(st, 1, announcement_id);
	db_bind_int64(st, 2, member_id);
	db_bind_text(st, 3, text);
	db_bind_int64(st, 4, now_ms);
	step = db_step(st, error);
	db_finish(st);
	if (step == DB_DONE)
		return STORE_DUPLICATE;
	if (step != DB_ROW || !announcement_audit(db, a->number, "announcement.receipt", NULL, member_id, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

/* --- report --- */

void announcement_report_clear(struct announcement_report *r)
{
	if (r->missing)
		g_ptr_array_unref(r->missing);
	*r = (struct announcement_report){ 0 };
}

static bool report_members(struct db *db, int64_t id, struct announcement_report *r, GError **error)
{
	struct db_stmt *st = db_prepare(
		db,
		"SELECT count(*), coalesce(sum(CASE WHEN " IS_REACHABLE " THEN 0 ELSE 1 END), 0), coalesce(sum(CASE WHEN EXISTS"
		" (SELECT 1 FROM receipt WHERE receipt.announcement_id = announcement.id AND receipt.member_id = member.id)"
		" THEN 1 ELSE 0 END), 0)"
		" FROM announcement, member WHERE announcement.id = $1 AND " IS_MEMBER " AND " IN_AUDIENCE);
	enum db_step step;

	db_bind_int64(st, 1, id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		r->members = db_col_int64(st, 0);
		r->unreachable = db_col_int64(st, 1);
		r->members_received = db_col_int64(st, 2);
	}
	db_finish(st);
	return step == DB_ROW;
}

/* A unit has received it when one of its members answered; also one who has left the province's service since. */
#define UNIT_ANSWERED                                                                                                              \
	"EXISTS (SELECT 1 FROM receipt, member WHERE receipt.announcement_id = $1 AND member.id = receipt.member_id AND "          \
	"member.unit = code)"

static bool report_units(struct db *db, const struct announcement *a, struct announcement_report *r, GError **error)
{
	struct db_stmt *st =
		a->to_all
			? db_prepare(db, "SELECT code, " UNIT_ANSWERED " FROM unit WHERE $1 = $1 ORDER BY position, code")
			: db_prepare(db,
				     "SELECT unit AS code, EXISTS (SELECT 1 FROM receipt, member WHERE receipt.announcement_id = $1"
				     " AND member.id = receipt.member_id AND member.unit = au.unit)"
				     " FROM announcement_unit au WHERE announcement_id = $1 ORDER BY position");
	enum db_step step;

	db_bind_int64(st, 1, a->id);
	while ((step = db_step(st, error)) == DB_ROW) {
		r->units++;
		if (db_col_int64(st, 1))
			r->units_received++;
		else
			g_ptr_array_add(r->missing, db_col_dup(st, 0));
	}
	db_finish(st);
	return step == DB_DONE;
}

/* A target counts once, however many parts the text has: failed if one part is dead, sent when all are. Cancelled ones do not
 * count. */
static bool report_deliveries(struct db *db, int64_t post_id, struct announcement_report *r, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT coalesce(sum(CASE WHEN dead > 0 THEN 1 ELSE 0 END), 0),"
			       " coalesce(sum(CASE WHEN dead = 0 AND sent = parts THEN 1 ELSE 0 END), 0),"
			       " coalesce(sum(CASE WHEN dead = 0 AND sent < parts THEN 1 ELSE 0 END), 0)"
			       " FROM (SELECT count(*) AS parts, sum(CASE WHEN state = $2 THEN 1 ELSE 0 END) AS dead,"
			       " sum(CASE WHEN state = $3 THEN 1 ELSE 0 END) AS sent FROM delivery WHERE post_id = $1 AND state <> $4"
			       " GROUP BY chat_id) AS target");
	enum db_step step;

	db_bind_int64(st, 1, post_id);
	db_bind_int64(st, 2, DELIVERY_DEAD);
	db_bind_int64(st, 3, DELIVERY_SENT);
	db_bind_int64(st, 4, DELIVERY_CANCELLED);
	step = db_step(st, error);
	if (step == DB_ROW) {
		r->failed = db_col_int64(st, 0);
		r->sent = db_col_int64(st, 1);
		r->waiting = db_col_int64(st, 2);
	}
	db_finish(st);
	return step == DB_ROW;
}

bool store_announcement_report(struct db *db, const struct announcement *a, struct announcement_report *ret, GError **error)
{
	struct announcement_report r = { .missing = g_ptr_array_new_with_free_func(g_free) };

	if (!report_members(db, a->id, &r, error) || !report_units(db, a, &r, error) ||
	    (a->post_id > 0 && !report_deliveries(db, a->post_id, &r, error))) {
		announcement_report_clear(&r);
		return false;
	}
	*ret = r;
	return true;
}

/* --- deadlines, cancelling, lists --- */

GPtrArray *store_announcement_due(struct db *db, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, ANNOUNCEMENT_SELECT
					" WHERE is_reported = 0 AND due_ms IS NOT NULL AND due_ms <= $1 AND is_closed = 0"
					" ORDER BY due_ms, id");

	db_bind_int64(st, 1, now_ms);
	return announcements_read(db, st, error);
}

bool store_announcement_reported(struct db *db, int64_t id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE announcement SET is_reported = 1 WHERE id = $1");

	db_bind_int64(st, 1, id);
	return db_run(st, error);
}

bool store_announcement_next_due(struct db *db, int64_t *ret_due_ms, GError **error)
{
	return db_run_int64(
		db_prepare(db, "SELECT coalesce(min(due_ms), -1) FROM announcement WHERE is_reported = 0 AND due_ms IS NOT NULL"
			       " AND is_closed = 0"),
		-1, ret_due_ms, error);
}

/* What is queued is not sent any more, and no more is made; what is in flight or uncertain ends by itself. */
static bool deliveries_cancel(struct db *db, int64_t post_id, int64_t now_ms, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET state = $2, settled_ms = $4 WHERE post_id = $1 AND state = $3");

	db_bind_int64(st, 1, post_id);
	db_bind_int64(st, 2, DELIVERY_CANCELLED);
	db_bind_int64(st, 3, DELIVERY_QUEUED);
	db_bind_int64(st, 4, now_ms);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	st = db_prepare(db, "DELETE FROM fanout WHERE post_id = $1");
	db_bind_int64(st, 1, post_id);
	return db_run(st, error);
}

bool store_announcement_cancel(struct db *db, int64_t id, const struct member *actor, int64_t now_ms, unsigned *ret_n,
			       GError **error)
{
	g_autoptr(announcement_t) a = NULL;
	g_autofree char *after = NULL;
	struct db_stmt *st;

	*ret_n = 0;
	switch (store_announcement_by_row(db, id, &a, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return true;
	}
	if (a->post_id > 0 && !deliveries_cancel(db, a->post_id, now_ms, ret_n, error))
		return false;
	st = db_prepare(db, "UPDATE announcement SET is_closed = 1 WHERE id = $1");
	db_bind_int64(st, 1, id);
	after = g_strdup_printf("%u", *ret_n);
	return db_run(st, error) &&
	       announcement_audit(db, a->number, "announcement.cancel", after, actor ? actor->id : 0, now_ms, error);
}

GPtrArray *store_announcement_list(struct db *db, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(db, ANNOUNCEMENT_SELECT " ORDER BY id DESC LIMIT $1");

	db_bind_int64(st, 1, limit);
	return announcements_read(db, st, error);
}
