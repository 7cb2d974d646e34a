/* SPDX-License-Identifier: MIT */
/* Makes one member of two, row by row of every table that names a member. A new table with such a column gets its line here. */
#include "link_merge.h"

#include "base/macros.h"
#include "base/text.h"
#include "delivery.h"

static const char drop_later_receipts[] =
	"DELETE FROM receipt WHERE member_id IN ($1, $2) AND EXISTS (SELECT 1 FROM receipt o WHERE"
	" o.announcement_id = receipt.announcement_id AND o.member_id IN ($1, $2) AND (o.at_ms < receipt.at_ms"
	" OR (o.at_ms = receipt.at_ms AND o.member_id < receipt.member_id)))";

/* $1: the row that stays, $2: the one that goes. Each is a literal of its own: db_prepare knows statements by their address. The last
 * but one looks through all deliveries; linking is rare, and a further index would cost every delivery. */
static const char *const moves[] = {
	"UPDATE identity SET member_id = $1 WHERE member_id = $2",
	"UPDATE item SET author_id = $1 WHERE author_id = $2",
	"UPDATE item SET decided_by = $1 WHERE decided_by = $2",
	"UPDATE adoption SET member_id = $1 WHERE member_id = $2",
	"UPDATE announcement SET author_id = $1 WHERE author_id = $2",
	drop_later_receipts,
	"UPDATE receipt SET member_id = $1 WHERE member_id = $2",
	"UPDATE delivery SET member_id = $1 WHERE member_id = $2",
	"DELETE FROM member WHERE id = $2 AND id <> $1",
};

static bool move_rows(struct db *db, int64_t to, int64_t from, GError **error)
{
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		struct db_stmt *st = db_prepare(db, moves[i]);

		db_bind_int64(st, 1, to);
		db_bind_int64(st, 2, from);
		if (!db_run(st, error))
			return false;
	}
	return true;
}

/* What still waits for `who` and will reach, or has reached, the same person as `other`, as far as nothing of that has failed. */
static bool cancel_doubles(struct db *db, int64_t who, int64_t other, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET state = $4, settled_ms = $3 WHERE state < 2 AND state = $5 AND member_id = $1"
					    " AND EXISTS (SELECT 1 FROM delivery o WHERE o.post_id = delivery.post_id AND o.member_id = $2)"
					    " AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.post_id = delivery.post_id"
					    " AND o.member_id = $2 AND o.state > $6)");

	db_bind_int64(st, 1, who);
	db_bind_int64(st, 2, other);
	db_bind_int64(st, 3, now_ms);
	db_bind_int64(st, 4, DELIVERY_CANCELLED);
	db_bind_int64(st, 5, DELIVERY_QUEUED);
	db_bind_int64(st, 6, DELIVERY_SENT);
	return db_run(st, error);
}

static bool write_standing(struct db *db, int64_t id, const struct member *lead, const struct member *other, GError **error)
{
	const struct member *agreed = other->consent_ms > lead->consent_ms ? other : lead;
	const struct member *placed = lead->unit ? lead : other;
	g_autofree char *folded = text_fold(lead->name);
	struct db_stmt *st = db_prepare(db, "UPDATE member SET name = $2, folded = $3, unit = $4, job = $5, role = $6, consent_ms = $7,"
					    " consent_version = $8, left_ms = CASE WHEN $9 = 1 THEN left_ms END WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, lead->name);
	db_bind_text(st, 3, folded);
	db_bind_text(st, 4, placed->unit);
	db_bind_text(st, 5, placed->job);
	db_bind_int64(st, 6, lead->role);
	db_bind_int64(st, 7, agreed->consent_ms);
	db_bind_text(st, 8, agreed->consent_version);
	db_bind_int64(st, 9, lead->has_left && other->has_left);
	return db_run(st, error);
}

bool link_merge(struct db *db, const struct member *giver, const struct member *joiner, int64_t now_ms, int64_t *ret_id,
		const struct member **ret_lead, GError **error)
{
	const int64_t stays = MIN(giver->id, joiner->id), goes = MAX(giver->id, joiner->id);
	const struct member *lead = joiner->role > giver->role ? joiner : giver;

	*ret_id = stays;
	*ret_lead = lead;
	/* The second looks at what is left after the first: of two that wait, one stays. */
	return cancel_doubles(db, goes, stays, now_ms, error) && cancel_doubles(db, stays, goes, now_ms, error) &&
	       write_standing(db, stays, lead, lead == giver ? joiner : giver, error) && move_rows(db, stays, goes, error);
}
