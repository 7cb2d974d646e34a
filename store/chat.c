/* SPDX-License-Identifier: MIT */
/* Chats: finding, flags, parking, and the move to a new id. Who is in them is member.c's, what goes out to them delivery.c's. */
#include "chat.h"

#include "chat_row.h"

enum store_result store_chat_get(struct db *db, int64_t id, struct chat **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " CHAT_COLUMNS " FROM chat c WHERE c.id = $1");

	db_bind_int64(st, 1, id);
	return chat_take_row(st, ret, error);
}

enum store_result store_chat_find(struct db *db, const char *adapter, const char *remote_id, struct chat **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " CHAT_COLUMNS " FROM chat c WHERE c.adapter = $1 AND c.remote_id = $2");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, remote_id);
	return chat_take_row(st, ret, error);
}

static bool add(struct db *db, const char *adapter, const char *remote_id, enum chat_kind kind, const char *title, int64_t now_ms,
		GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO chat (adapter, remote_id, kind, title, created_ms) VALUES ($1, $2, $3, $4, $5)");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, remote_id);
	db_bind_int64(st, 3, kind);
	db_bind_text(st, 4, title);
	db_bind_int64(st, 5, now_ms);
	return db_run(st, error);
}

/* Nearly every message changes nothing: then nothing is written. */
static bool refresh(struct db *db, struct chat *c, enum chat_kind kind, const char *title, GError **error)
{
	struct db_stmt *st;

	if (!c->is_parked && c->kind == kind && (!title || g_strcmp0(title, c->title) == 0))
		return true;
	if (title && g_strcmp0(title, c->title) != 0) {
		g_free(c->title);
		c->title = g_strdup(title);
	}
	c->kind = kind;
	c->is_parked = false;
	g_clear_pointer(&c->parked_reason, g_free);
	st = db_prepare(db, "UPDATE chat SET kind = $2, title = $3, is_parked = 0, parked_reason = NULL WHERE id = $1");
	db_bind_int64(st, 1, c->id);
	db_bind_int64(st, 2, c->kind);
	db_bind_text(st, 3, c->title);
	return db_run(st, error);
}

enum store_result store_chat_seen(struct db *db, const char *adapter, const char *remote_id, enum chat_kind kind,
				  const char *title_or_null, int64_t now_ms, struct chat **ret, GError **error)
{
	g_autoptr(chat_t) c = NULL;

	switch (store_chat_find(db, adapter, remote_id, &c, error)) {
	case STORE_OK:
		if (!refresh(db, c, kind, title_or_null, error))
			return STORE_BROKEN;
		*ret = g_steal_pointer(&c);
		return STORE_OK;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	case STORE_BROKEN:
		return STORE_BROKEN;
	}
	if (!add(db, adapter, remote_id, kind, title_or_null, now_ms, error))
		return STORE_BROKEN;
	return store_chat_get(db, db_last_id(db), ret, error);
}

bool store_chat_set_core(struct db *db, int64_t id, bool is_core, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE chat SET is_core = $2 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, is_core);
	return db_run(st, error);
}

bool store_chat_set_unit(struct db *db, int64_t id, const char *unit_or_null, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE chat SET unit = $2 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, unit_or_null);
	return db_run(st, error);
}

bool store_chat_park(struct db *db, int64_t id, const char *reason_or_null, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE chat SET is_parked = $2, parked_reason = $3 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, reason_or_null != NULL);
	db_bind_text(st, 3, reason_or_null);
	return db_run(st, error);
}

GPtrArray *store_chat_core(struct db *db, GError **error)
{
	g_autoptr(GPtrArray) chats = g_ptr_array_new_with_free_func((GDestroyNotify)chat_free);
	struct db_stmt *st =
		db_prepare(db, "SELECT " CHAT_COLUMNS " FROM chat c WHERE c.is_core = 1 AND c.is_parked = 0 ORDER BY c.id");
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(chats, chat_from_row(st));
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&chats) : NULL;
}

/* --- the move --- */

/* Everything that points at a chat goes from chat $2 to chat $1; what the first has already stays, the second's copy is dropped. A
 * table that refers to chat gets its lines here: the foreign key makes a forgotten one fail loudly. (Where $1 has no part in a
 * statement, `$1 <> $2` names it all the same.) */
static const char *const repoint_sql[] = {
	"UPDATE item_message SET chat_id = $1 WHERE chat_id = $2 AND NOT EXISTS (SELECT 1 FROM item_message o"
	" WHERE o.chat_id = $1 AND o.message_id = item_message.message_id AND o.item_id = item_message.item_id)",
	"DELETE FROM item_message WHERE chat_id = $2 AND $1 <> $2",
	"UPDATE pending SET chat_id = $1 WHERE chat_id = $2 AND NOT EXISTS (SELECT 1 FROM pending o"
	" WHERE o.chat_id = $1 AND o.adapter = pending.adapter AND o.user_id = pending.user_id)",
	"DELETE FROM pending WHERE chat_id = $2 AND $1 <> $2",
	"UPDATE group_member SET chat_id = $1 WHERE chat_id = $2 AND NOT EXISTS (SELECT 1 FROM group_member o"
	" WHERE o.chat_id = $1 AND o.user_id = group_member.user_id)",
	"DELETE FROM group_member WHERE chat_id = $2 AND $1 <> $2",
	"UPDATE identity SET private_chat_id = $1 WHERE private_chat_id = $2",
	"UPDATE confirmation SET chat_id = $1 WHERE chat_id = $2",
	"UPDATE bundle SET chat_id = $1 WHERE chat_id = $2 AND NOT EXISTS (SELECT 1 FROM bundle o WHERE o.chat_id = $1)",
	"DELETE FROM bundle WHERE chat_id = $2 AND $1 <> $2",
	"UPDATE fanout SET skip_chat_id = $1 WHERE skip_chat_id = $2",
	/* A post that was on its way to both is read once: of two copies of a part the one stays that the platform has had. */
	"DELETE FROM delivery WHERE chat_id = $1 AND state NOT IN (1, 2) AND EXISTS (SELECT 1 FROM delivery o"
	" WHERE o.chat_id = $2 AND o.post_id = delivery.post_id AND o.part = delivery.part AND o.state IN (1, 2))",
	"DELETE FROM delivery WHERE chat_id = $2 AND EXISTS (SELECT 1 FROM delivery o"
	" WHERE o.chat_id = $1 AND o.post_id = delivery.post_id AND o.part = delivery.part)",
	"UPDATE delivery SET chat_id = $1 WHERE chat_id = $2",
};

static bool merge(struct db *db, const struct chat *keep, const struct chat *drop, GError **error)
{
	struct db_stmt *st;

	for (size_t i = 0; i < G_N_ELEMENTS(repoint_sql); i++) {
		st = db_prepare(db, repoint_sql[i]);
		db_bind_int64(st, 1, keep->id);
		db_bind_int64(st, 2, drop->id);
		if (!db_run(st, error))
			return false;
	}
	st = db_prepare(db, "DELETE FROM chat WHERE id = $1");
	db_bind_int64(st, 1, drop->id);
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "UPDATE chat SET is_core = $2, unit = $3 WHERE id = $1");
	db_bind_int64(st, 1, keep->id);
	db_bind_int64(st, 2, keep->is_core || drop->is_core);
	db_bind_text(st, 3, keep->unit ? keep->unit : drop->unit);
	return db_run(st, error);
}

/* Message ids are the old chat's: in the new one they name nothing, or something else. */
static bool forget_reply_ids(struct db *db, int64_t chat_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET reply_to_id = NULL WHERE chat_id = $1 AND state < 2");

	db_bind_int64(st, 1, chat_id);
	return db_run(st, error);
}

enum store_result store_chat_move(struct db *db, const char *adapter, const char *old_id, const char *new_id, GError **error)
{
	g_autoptr(chat_t) old = NULL, new = NULL;
	const struct chat *keep;
	struct db_stmt *st;
	enum store_result result;

	if (g_strcmp0(old_id, new_id) == 0)
		return STORE_NOT_FOUND;
	result = store_chat_find(db, adapter, old_id, &old, error);
	if (result != STORE_OK)
		return result;
	if (!forget_reply_ids(db, old->id, error) || store_chat_find(db, adapter, new_id, &new, error) == STORE_BROKEN)
		return STORE_BROKEN;
	/* The older row has the history: platforms tell of a move twice, and by then the old id may have a fresh row again. */
	keep = new &&new->id < old->id ? new : old;
	if (new && !merge(db, keep, keep == old ? new : old, error))
		return STORE_BROKEN;
	/* A chat that was parked because its old id is gone is open under the new one. */
	st = db_prepare(
		db,
		"UPDATE chat SET remote_id = $2, title = coalesce($3, title), is_parked = 0, parked_reason = NULL WHERE id = $1");
	db_bind_int64(st, 1, keep->id);
	db_bind_text(st, 2, new_id);
	db_bind_text(st, 3, new ? new->title : NULL);
	return db_run(st, error) ? STORE_OK : STORE_BROKEN;
}
