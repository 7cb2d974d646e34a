/* SPDX-License-Identifier: MIT */
/* Confirmations in a group: which go at once and which wait for the minute's one line. The line's words in a language are the
 * caller's. */
#include <string.h>

#include "delivery.h"

/* The open bundle of a chat: one whose post is still to be sent, or still to be made. */
static bool find_open(struct db *db, int64_t chat_id, char **ret_words, int64_t *ret_post, int64_t *ret_due_ms, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT b.words, b.post_id, b.due_ms FROM bundle b WHERE b.chat_id = $1 AND (b.post_id IS NULL OR"
			       " EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = b.post_id AND d.state = 0))");
	enum db_step step;

	*ret_words = NULL;
	db_bind_int64(st, 1, chat_id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		*ret_words = db_col_dup(st, 0);
		*ret_post = db_col_int64(st, 1);
		*ret_due_ms = db_col_int64(st, 2);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static bool write_bundle(struct db *db, int64_t chat_id, const char *words, int64_t post_id, int64_t due_ms, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO bundle (chat_id, words, post_id, due_ms) VALUES ($1, $2, $3, $4)"
			       " ON CONFLICT (chat_id) DO UPDATE SET words = excluded.words, post_id = excluded.post_id,"
			       " due_ms = excluded.due_ms");

	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, words);
	if (post_id)
		db_bind_int64(st, 3, post_id);
	else
		db_bind_null(st, 3);
	db_bind_int64(st, 4, due_ms);
	return db_run(st, error);
}

/* How many went at once within the last minute, and when the first of them did. */
static bool count_recent(struct db *db, int64_t chat_id, int64_t now_ms, int64_t *ret_n, int64_t *ret_first_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM confirmation WHERE chat_id = $1 AND (at_ms <= $2 OR at_ms > $3)");

	/* Those of the future go as well: the clock was put back. */
	db_bind_int64(st, 1, chat_id);
	db_bind_int64(st, 2, now_ms - BUNDLE_WINDOW_MS);
	db_bind_int64(st, 3, now_ms);
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "SELECT count(*) FROM confirmation WHERE chat_id = $1");
	db_bind_int64(st, 1, chat_id);
	if (!db_run_int64(st, 0, ret_n, error))
		return false;
	st = db_prepare(db, "SELECT min(at_ms) FROM confirmation WHERE chat_id = $1");
	db_bind_int64(st, 1, chat_id);
	return db_run_int64(st, now_ms, ret_first_ms, error);
}

static bool note_now(struct db *db, int64_t chat_id, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO confirmation (chat_id, at_ms) VALUES ($1, $2)");

	db_bind_int64(st, 1, chat_id);
	db_bind_int64(st, 2, now_ms);
	return db_run(st, error);
}

bool store_bundle_add(struct db *db, int64_t chat_id, const char *word, unsigned free_now, int64_t now_ms, bool *ret_now, char ***ret_words,
		      int64_t *ret_post, int64_t *ret_due_ms, GError **error)
{
	g_autofree char *old = NULL, *words = NULL, *clean = g_strdelimit(g_strdup(word), "\n", ' ');
	int64_t n, first_ms;

	*ret_now = false;
	*ret_post = *ret_due_ms = 0;
	if (!find_open(db, chat_id, &old, ret_post, ret_due_ms, error))
		return false;
	if (!old) {
		if (!count_recent(db, chat_id, now_ms, &n, &first_ms, error))
			return false;
		if (n < free_now) {
			*ret_now = true;
			return note_now(db, chat_id, now_ms, error);
		}
		*ret_due_ms = first_ms + BUNDLE_WINDOW_MS;
	}
	words = old ? g_strconcat(old, "\n", clean, NULL) : g_strdup(clean);
	if (!write_bundle(db, chat_id, words, *ret_post, *ret_due_ms, error))
		return false;
	*ret_words = g_strsplit(words, "\n", 0);
	return true;
}

bool store_bundle_set_post(struct db *db, int64_t chat_id, int64_t post_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE bundle SET post_id = $2 WHERE chat_id = $1");

	db_bind_int64(st, 1, chat_id);
	db_bind_int64(st, 2, post_id);
	return db_run(st, error);
}
