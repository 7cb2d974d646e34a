/* SPDX-License-Identifier: MIT */
/* Forgets private chats of people who are not registered (domain §5.3: nothing else of them outlives the turn). Groups and members' chats
 * stay. */
#include "chat.h"

static bool find_old(struct db *db, int64_t older_than_ms, unsigned limit, GArray *ids, GError **error)
{
	/* On most platforms a private chat is named after its person. An index finds the deliveries that a platform named; of the others
	 * only the open ones matter. */
	struct db_stmt *st = db_prepare(
		db, "SELECT c.id FROM chat c WHERE c.kind = 0 AND c.created_ms < $1"
		    " AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.private_chat_id = c.id)"
		    " AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.adapter = c.adapter AND i.user_id = coalesce(c.user_id, c.remote_id))"
		    " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.adapter = c.adapter AND p.user_id = coalesce(c.user_id, c.remote_id))"
		    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.chat_id = c.id AND d.state < 2)"
		    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.chat_id = c.id AND d.remote_id IS NOT NULL AND d.created_ms >= $1)"
		    " ORDER BY c.id LIMIT $2");
	enum db_step step;

	db_bind_int64(st, 1, older_than_ms);
	db_bind_int64(st, 2, limit);
	while ((step = db_step(st, error)) == DB_ROW) {
		const int64_t id = db_col_int64(st, 0);

		g_array_append_val(ids, id);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static bool run_for(struct db *db, const char *sql, int64_t id, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_int64(st, 1, id);
	return db_run(st, error);
}

/* The answers go with the chat, and so do their posts where nobody else had them. */
static bool delete_chat(struct db *db, int64_t id, GError **error)
{
	g_autoptr(GArray) posts = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct db_stmt *st = db_prepare(db, "SELECT DISTINCT post_id FROM delivery WHERE chat_id = $1");
	enum db_step step;

	db_bind_int64(st, 1, id);
	while ((step = db_step(st, error)) == DB_ROW) {
		const int64_t post = db_col_int64(st, 0);

		g_array_append_val(posts, post);
	}
	db_finish(st);
	if (step == DB_BROKEN || !run_for(db, "DELETE FROM delivery WHERE chat_id = $1", id, error))
		return false;
	for (guint i = 0; i < posts->len; i++)
		if (!run_for(db, "DELETE FROM post WHERE id = $1 AND announcement_id IS NULL"
				 " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = post.id)"
				 " AND NOT EXISTS (SELECT 1 FROM fanout f WHERE f.post_id = post.id)"
				 " AND NOT EXISTS (SELECT 1 FROM bundle b WHERE b.post_id = post.id)",
			     g_array_index(posts, int64_t, i), error))
			return false;
	return run_for(db, "DELETE FROM chat WHERE id = $1", id, error);
}

bool store_chat_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	*ret_n = 0;
	if (!find_old(db, older_than_ms, limit, ids, error))
		return false;
	for (guint i = 0; i < ids->len; i++)
		if (!delete_chat(db, g_array_index(ids, int64_t, i), error))
			return false;
	*ret_n = ids->len;
	return true;
}
