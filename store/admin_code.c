/* SPDX-License-Identifier: MIT */
/* The one-time code with which the first admin claims the role. Only a salted hash is stored; who may claim is the command's
 * business. */
#include "code_hash.h"
#include "member.h"

bool store_admin_code_set(struct db *db, const char *code, int64_t now_ms, GError **error)
{
	g_autofree char *salt = g_uuid_string_random();
	g_autofree char *hash = code_hash(salt, code);
	struct db_stmt *st = db_prepare(db, "INSERT INTO admin_code (id, salt, hash, made_ms, tries) VALUES (1, $1, $2, $3, 0)"
					    " ON CONFLICT (id) DO UPDATE SET salt = excluded.salt, hash = excluded.hash,"
					    " made_ms = excluded.made_ms, tries = 0");

	db_bind_text(st, 1, salt);
	db_bind_text(st, 2, hash);
	db_bind_int64(st, 3, now_ms);
	return db_run(st, error);
}

static bool void_code(struct db *db, GError **error)
{
	return db_run(db_prepare(db, "DELETE FROM admin_code"), error);
}

static bool count_wrong_try(struct db *db, GError **error)
{
	return db_run(db_prepare(db, "UPDATE admin_code SET tries = tries + 1"), error);
}

enum store_result store_admin_code_claim(struct db *db, const char *code, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT salt, hash, made_ms, tries FROM admin_code");
	g_autofree char *hash = NULL;
	int64_t age_ms = 0, tries = 0;
	bool is_right = false;
	const enum db_step step = db_step(st, error);

	if (step == DB_ROW) {
		hash = code_hash(db_col_text(st, 0), code);
		is_right = code_hash_is_same(hash, db_col_text(st, 1));
		age_ms = now_ms - db_col_int64(st, 2);
		tries = db_col_int64(st, 3);
	}
	db_finish(st);
	if (step == DB_BROKEN)
		return STORE_BROKEN;
	if (step != DB_ROW)
		return STORE_NOT_FOUND;
	if (age_ms > ADMIN_CODE_MS || age_ms < -ADMIN_CODE_MS || (!is_right && tries + 1 >= ADMIN_CODE_TRIES))
		return void_code(db, error) ? STORE_WRONG_STATE : STORE_BROKEN;
	if (is_right)
		return void_code(db, error) ? STORE_OK : STORE_BROKEN;
	return count_wrong_try(db, error) ? STORE_NOT_FOUND : STORE_BROKEN;
}
