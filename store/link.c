/* SPDX-License-Identifier: MIT */
/* Codes of /lienket and their use. What two members become is link_merge.c's. */
#include "link.h"

#include "audit.h"
#include "code_hash.h"
#include "link_merge.h"

void link_outcome_clear(struct link_outcome *o)
{
	g_free(o->other_unit);
	*o = (struct link_outcome){ 0 };
}

bool store_link_code_set(struct db *db, int64_t member_id, const char *code, int64_t now_ms, GError **error)
{
	g_autofree char *salt = g_uuid_string_random();
	g_autofree char *hash = code_hash(salt, code);
	struct db_stmt *st = db_prepare(db, "INSERT INTO link_code (member_id, salt, hash, made_ms) VALUES ($1, $2, $3, $4)"
					    " ON CONFLICT (member_id) DO UPDATE SET salt = excluded.salt, hash = excluded.hash,"
					    " made_ms = excluded.made_ms");

	db_bind_int64(st, 1, member_id);
	db_bind_text(st, 2, salt);
	db_bind_text(st, 3, hash);
	db_bind_int64(st, 4, now_ms);
	return db_run(st, error);
}

static bool void_of_member(struct db *db, int64_t member_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM link_code WHERE member_id = $1");

	db_bind_int64(st, 1, member_id);
	return db_run(st, error);
}

/* The rows are few: members who asked for a code within ten minutes. */
static enum store_result find(struct db *db, const char *code, struct link_code *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT member_id, made_ms, salt, hash FROM link_code");
	enum store_result result = STORE_NOT_FOUND;
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW) {
		g_autofree char *hash = code_hash(db_col_text(st, 2), code);

		if (!code_hash_is_same(hash, db_col_text(st, 3)))
			continue;
		*ret = (struct link_code){ .member_id = db_col_int64(st, 0), .made_ms = db_col_int64(st, 1) };
		result = STORE_OK;
	}
	db_finish(st);
	return step == DB_DONE ? result : STORE_BROKEN;
}

bool store_link_code_void(struct db *db, const char *code, GError **error)
{
	struct link_code found;

	switch (find(db, code, &found, error)) {
	case STORE_OK:
		return void_of_member(db, found.member_id, error);
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return true;
	case STORE_BROKEN:
		break;
	}
	return false;
}

bool store_link_expire(struct db *db, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM link_code WHERE made_ms <= $1 OR made_ms > $2");

	db_bind_int64(st, 1, now_ms - LINK_CODE_MS);
	db_bind_int64(st, 2, now_ms + LINK_CODE_MS); /* the clock was set back: nobody waits for it */
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "DELETE FROM link_try WHERE first_ms <= $1 OR first_ms > $2");
	db_bind_int64(st, 1, now_ms - LINK_TRIES_MS);
	db_bind_int64(st, 2, now_ms + LINK_TRIES_MS);
	return db_run(st, error);
}

static bool tries_of(struct db *db, const char *adapter, const char *user_id, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT tries FROM link_try WHERE adapter = $1 AND user_id = $2");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	return db_run_int64(st, 0, ret_n, error);
}

static bool count_wrong_try(struct db *db, const char *adapter, const char *user_id, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO link_try (adapter, user_id, first_ms, tries) VALUES ($1, $2, $3, 1)"
					    " ON CONFLICT (adapter, user_id) DO UPDATE SET tries = link_try.tries + 1");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	db_bind_int64(st, 3, now_ms);
	return db_run(st, error);
}

/* Would the member have two accounts on one adapter? joiner_id 0: the one who joins has this identity alone. */
static bool shares_adapter(struct db *db, int64_t member_id, int64_t joiner_id, const char *adapter, int64_t *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM identity i WHERE i.member_id = $1 AND (i.adapter = $3 OR EXISTS"
					    " (SELECT 1 FROM identity o WHERE o.member_id = $2 AND o.adapter = i.adapter))");

	db_bind_int64(st, 1, member_id);
	db_bind_int64(st, 2, joiner_id);
	db_bind_text(st, 3, adapter);
	return db_run_int64(st, 0, ret, error);
}

/* May this identity become that member's? *ret_joiner: the member it has now, or NULL. */
static enum store_result may_join(struct db *db, int64_t member_id, const char *adapter, const char *user_id, struct member **ret_joiner,
				  GError **error)
{
	int64_t n;

	if (store_member_of_user(db, adapter, user_id, ret_joiner, error) == STORE_BROKEN)
		return STORE_BROKEN;
	if (*ret_joiner && (*ret_joiner)->id == member_id)
		return STORE_DUPLICATE;
	if (!shares_adapter(db, member_id, *ret_joiner ? (*ret_joiner)->id : 0, adapter, &n, error))
		return STORE_BROKEN;
	return n ? STORE_WRONG_STATE : STORE_OK;
}

enum store_result store_link_code_check(struct db *db, const char *adapter, const char *user_id, const char *code, int64_t now_ms,
					struct link_code *ret, GError **error)
{
	g_autoptr(member_t) joiner = NULL;
	enum store_result result;
	int64_t tries;

	if (!store_link_expire(db, now_ms, error) || !tries_of(db, adapter, user_id, &tries, error))
		return STORE_BROKEN;
	if (tries >= LINK_TRIES)
		return STORE_DENIED;
	result = find(db, code, ret, error);
	if (result == STORE_NOT_FOUND)
		return count_wrong_try(db, adapter, user_id, now_ms, error) ? STORE_NOT_FOUND : STORE_BROKEN;
	return result == STORE_OK ? may_join(db, ret->member_id, adapter, user_id, &joiner, error) : result;
}

static bool is_valid(struct db *db, const struct link_code *code, int64_t now_ms, int64_t *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM link_code WHERE member_id = $1 AND made_ms = $2 AND made_ms > $3");

	db_bind_int64(st, 1, code->member_id);
	db_bind_int64(st, 2, code->made_ms);
	db_bind_int64(st, 3, now_ms - LINK_CODE_MS);
	return db_run_int64(st, 0, ret, error);
}

bool store_link_code_drop(struct db *db, const struct link_code *code, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM link_code WHERE member_id = $1 AND made_ms = $2");

	db_bind_int64(st, 1, code->member_id);
	db_bind_int64(st, 2, code->made_ms);
	return db_run(st, error);
}

/* The number of the row that went, and a role that somebody had not had before, are worth a row each. */
static bool write_audit(struct db *db, int64_t id, const struct member *giver, const struct member *joiner, const char *adapter,
			enum role role, int64_t now_ms, GError **error)
{
	const int64_t gone = joiner ? MAX(giver->id, joiner->id) : 0;
	g_autofree char *subject = g_strdup_printf("member %" G_GINT64_FORMAT, id);
	g_autofree char *before = gone ? g_strdup_printf("member %" G_GINT64_FORMAT, gone) : NULL;
	const struct audit link = { .at_ms = now_ms, .member_id = id, .action = "member.link", .subject = subject, .before = before, .after = adapter };
	const enum role lower = joiner ? MIN(giver->role, joiner->role) : role;
	const struct audit change = { .at_ms = now_ms,
				      .member_id = id,
				      .action = "member.role",
				      .subject = subject,
				      .before = role_letter(lower),
				      .after = role_letter(role) };

	return store_audit_add(db, &link, error) && (lower == role || store_audit_add(db, &change, error));
}

static void tell_outcome(struct link_outcome *o, const struct member *giver, const struct member *joiner, const struct member *lead)
{
	const struct member *other = lead == giver ? joiner : giver;

	*o = (struct link_outcome){ .is_merged = joiner != NULL };
	if (!joiner)
		return;
	if (lead->unit && other->unit && g_strcmp0(lead->unit, other->unit))
		o->other_unit = g_strdup(other->unit);
}

enum store_result store_link_join(struct db *db, const struct link_code *code, const char *adapter, const char *user_id, const char *name,
				  int64_t private_chat_id, int64_t now_ms, struct member **ret, struct link_outcome *ret_outcome,
				  GError **error)
{
	g_autoptr(member_t) giver = NULL;
	g_autoptr(member_t) joiner = NULL;
	const struct member *lead;
	enum store_result result;
	int64_t valid, id;

	if (!is_valid(db, code, now_ms, &valid, error))
		return STORE_BROKEN;
	if (!valid)
		return STORE_NOT_FOUND;
	result = may_join(db, code->member_id, adapter, user_id, &joiner, error);
	if (result != STORE_OK)
		return result;
	result = store_member_get(db, code->member_id, &giver, error);
	if (result != STORE_OK)
		return result;
	lead = giver;
	id = giver->id;
	if (!void_of_member(db, giver->id, error) || (joiner && !void_of_member(db, joiner->id, error)) ||
	    (joiner && !link_merge(db, giver, joiner, now_ms, &id, &lead, error)) ||
	    !store_member_identity(db, adapter, user_id, id, name, private_chat_id, now_ms, error) ||
	    !write_audit(db, id, giver, joiner, adapter, lead->role, now_ms, error))
		return STORE_BROKEN;
	tell_outcome(ret_outcome, giver, joiner, lead);
	return store_member_of_user(db, adapter, user_id, ret, error);
}
