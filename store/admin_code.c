/* SPDX-License-Identifier: MIT */
/* The one-time code with which the first admin claims the role. Only a salted hash is stored; who may claim is the command's
 * business. */
#include <string.h>

#include "member.h"

/* As typed on a phone: case and outer spaces do not count. */
static char *code_hash(const char *salt, const char *code)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(code));
	g_autofree char *upper = g_ascii_strup(trimmed, -1);
	g_autofree char *salted = g_strconcat(salt, ":", upper, NULL);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, salted, -1);
}

/* Takes the same time wherever the first difference is. */
static bool is_same_hash(const char *a, const char *b)
{
	unsigned char differs = strlen(a) != strlen(b);

	for (size_t i = 0; a[i] && b[i]; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return !differs;
}

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
		is_right = is_same_hash(hash, db_col_text(st, 1));
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
