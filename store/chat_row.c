/* SPDX-License-Identifier: MIT */
/* A chat from a row of a query with CHAT_COLUMNS. The queries are elsewhere. */
#include "chat_row.h"

void chat_free(struct chat *c)
{
	if (!c)
		return;
	g_free(c->adapter);
	g_free(c->remote_id);
	g_free(c->title);
	g_free(c->unit);
	g_free(c->parked_reason);
	g_free(c);
}

struct chat *chat_from_row(struct db_stmt *st)
{
	struct chat *c = g_new0(struct chat, 1);

	c->id = db_col_int64(st, 0);
	c->adapter = db_col_dup(st, 1);
	c->remote_id = db_col_dup(st, 2);
	c->kind = (enum chat_kind)db_col_int64(st, 3);
	c->title = db_col_dup(st, 4);
	c->is_core = db_col_int64(st, 5) != 0;
	c->unit = db_col_dup(st, 6);
	c->is_parked = db_col_int64(st, 7) != 0;
	c->parked_reason = db_col_dup(st, 8);
	return c;
}

enum store_result chat_take_row(struct db_stmt *st, struct chat **ret, GError **error)
{
	const enum db_step step = db_step(st, error);

	if (step == DB_ROW)
		*ret = chat_from_row(st);
	db_finish(st);
	return step == DB_BROKEN ? STORE_BROKEN : step == DB_ROW ? STORE_OK : STORE_NOT_FOUND;
}
