/* SPDX-License-Identifier: MIT */
/* People who are registered: identities, roles, the way to their private chat. Of others only ids in groups are kept. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "chat_row.h"
#include "member.h"

#define MEMBER_COLUMNS "m.id, m.name, m.unit, m.job, m.role, m.consent_ms, m.consent_version, m.left_ms"

void member_free(struct member *m)
{
	if (!m)
		return;
	g_free(m->name);
	g_free(m->unit);
	g_free(m->job);
	g_free(m->consent_version);
	g_free(m->adapter);
	g_free(m->user_id);
	g_free(m);
}

/* --- roles --- */

static const struct {
	enum role role;
	const char *letter;
	const char *words[6]; /* folded */
} roles[] = {
	{ ROLE_NONE, "K", { "k", "khong", "khach", "bo" } },
	{ ROLE_MEMBER, "T", { "t", "thanh vien" } },
	{ ROLE_FOCAL, "Đ", { "d", "dau moi" } },
	{ ROLE_MODERATOR, "Q", { "q", "quan tri", "thuong truc", "nguoi duyet", "kiem duyet" } },
	{ ROLE_ADMIN, "A", { "a", "admin", "quan tri cao nhat", "bo nhiem" } },
};

const char *role_letter(enum role r)
{
	return roles[r].letter;
}

bool role_parse(const char *typed, enum role *ret)
{
	g_autofree char *folded = text_fold(typed);

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		for (size_t w = 0; w < ARRAY_SIZE(roles[i].words) && roles[i].words[w]; w++)
			if (strcmp(folded, roles[i].words[w]) == 0) {
				*ret = roles[i].role;
				return true;
			}
	return false;
}

/* --- reading --- */

/* With or without the identity in columns 8 and 9. */
static struct member *from_row(struct db_stmt *st, bool has_identity)
{
	struct member *m = g_new0(struct member, 1);

	m->id = db_col_int64(st, 0);
	m->name = db_col_dup(st, 1);
	m->unit = db_col_dup(st, 2);
	m->job = db_col_dup(st, 3);
	m->role = (enum role)CLAMP(db_col_int64(st, 4), ROLE_NONE, ROLE_ADMIN);
	m->consent_ms = db_col_int64(st, 5);
	m->consent_version = db_col_dup(st, 6);
	m->has_left = !db_col_is_null(st, 7);
	if (has_identity) {
		m->adapter = db_col_dup(st, 8);
		m->user_id = db_col_dup(st, 9);
	}
	return m;
}

static enum store_result take_row(struct db_stmt *st, bool has_identity, struct member **ret, GError **error)
{
	const enum db_step step = db_step(st, error);

	if (step == DB_ROW)
		*ret = from_row(st, has_identity);
	db_finish(st);
	return step == DB_BROKEN ? STORE_BROKEN : step == DB_ROW ? STORE_OK : STORE_NOT_FOUND;
}

static GPtrArray *take_rows(struct db_stmt *st, GError **error)
{
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func((GDestroyNotify)member_free);
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(members, from_row(st, false));
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&members) : NULL;
}

enum store_result store_member_of_user(struct db *db, const char *adapter, const char *user_id, struct member **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " MEMBER_COLUMNS ", i.adapter, i.user_id FROM identity i"
					    " JOIN member m ON m.id = i.member_id WHERE i.adapter = $1 AND i.user_id = $2");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	return take_row(st, true, ret, error);
}

enum store_result store_member_get(struct db *db, int64_t id, struct member **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " MEMBER_COLUMNS " FROM member m WHERE m.id = $1");

	db_bind_int64(st, 1, id);
	return take_row(st, false, ret, error);
}

GPtrArray *store_member_with_role(struct db *db, enum role at_least, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT " MEMBER_COLUMNS " FROM member m WHERE m.role >= $1 AND m.left_ms IS NULL ORDER BY m.id");

	db_bind_int64(st, 1, at_least);
	return take_rows(st, error);
}

GPtrArray *store_member_of_unit(struct db *db, const char *unit, bool focal_only, GError **error)
{
	g_autoptr(GPtrArray) members = NULL;
	struct db_stmt *st = db_prepare(db, "SELECT " MEMBER_COLUMNS " FROM member m WHERE m.unit = $1 AND m.left_ms IS NULL"
					    " AND m.role >= $2 ORDER BY m.id");

	db_bind_text(st, 1, unit);
	db_bind_int64(st, 2, focal_only ? ROLE_FOCAL : ROLE_NONE);
	members = take_rows(st, error);
	if (!members || members->len || !focal_only)
		return g_steal_pointer(&members);
	g_ptr_array_unref(g_steal_pointer(&members));
	return store_member_of_unit(db, unit, false, error);
}

bool store_member_counts(struct db *db, int64_t *ret_members, int64_t *ret_units, GError **error)
{
	return db_run_int64(db_prepare(db, "SELECT count(*) FROM member WHERE left_ms IS NULL"), 0, ret_members, error) &&
	       db_run_int64(db_prepare(db, "SELECT count(DISTINCT unit) FROM member WHERE left_ms IS NULL"), 0, ret_units, error);
}

/* --- finding by what was typed --- */

/* How well a folded name answers folded words: 0 not at all, else the higher the better. Every word must begin a word of the name.
 */
static unsigned name_score(const char *folded, const char *typed, char **words)
{
	g_autofree char *padded = g_strconcat(" ", folded, NULL);
	unsigned score = 1;

	if (strcmp(folded, typed) == 0)
		return 1000;
	for (size_t i = 0; words[i]; i++) {
		g_autofree char *start = g_strconcat(" ", words[i], NULL);
		const char *at = strstr(padded, start);

		if (!at)
			return 0;
		if (at[strlen(start)] == '\0' || at[strlen(start)] == ' ')
			score += 10;
	}
	return score;
}

struct found {
	int64_t id;
	unsigned score;
};

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The typed text as an id of a member or a user counts more than any name. */
static bool find_by_id(struct db *db, const char *typed, GArray *found, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT m.id FROM member m WHERE m.left_ms IS NULL AND (CAST(m.id AS TEXT) = $1 OR m.id IN"
			       " (SELECT i.member_id FROM identity i WHERE i.user_id = $1)) ORDER BY m.id");
	enum db_step step;

	db_bind_text(st, 1, typed);
	while ((step = db_step(st, error)) == DB_ROW) {
		const struct found f = { .id = db_col_int64(st, 0), .score = 2000 };

		g_array_append_val(found, f);
	}
	db_finish(st);
	return step == DB_DONE;
}

static bool find_by_name(struct db *db, const char *typed, GArray *found, GError **error)
{
	g_autofree char *folded = text_fold(typed);
	g_auto(GStrv) words = g_strsplit(folded, " ", 0);
	const guint n_by_id = found->len;
	struct db_stmt *st;
	enum db_step step;

	if (!*folded)
		return true;
	st = db_prepare(db, "SELECT id, folded FROM member WHERE left_ms IS NULL");
	while ((step = db_step(st, error)) == DB_ROW) {
		const struct found f = { .id = db_col_int64(st, 0), .score = name_score(db_col_text(st, 1), folded, words) };
		bool is_known = f.score == 0;

		for (guint i = 0; i < n_by_id; i++)
			is_known |= g_array_index(found, struct found, i).id == f.id;
		if (!is_known)
			g_array_append_val(found, f);
	}
	db_finish(st);
	return step == DB_DONE;
}

GPtrArray *store_member_find(struct db *db, const char *typed, unsigned limit, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct found));
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func((GDestroyNotify)member_free);
	g_autofree char *trimmed = g_strstrip(g_strdup(typed));

	if (!find_by_id(db, trimmed, found, error) || !find_by_name(db, trimmed, found, error))
		return NULL;
	if (found->len)
		qsort(found->data, found->len, sizeof(struct found), compare_found);
	for (guint i = 0; i < found->len && i < limit; i++) {
		struct member *m;

		if (store_member_get(db, g_array_index(found, struct found, i).id, &m, error) != STORE_OK)
			return NULL;
		g_ptr_array_add(members, m);
	}
	return g_steal_pointer(&members);
}

/* --- private chats --- */

enum store_result store_member_private_chat(struct db *db, int64_t member_id, struct chat **ret, GError **error)
{
	return store_member_private_chat_elsewhere(db, member_id, NULL, ret, error);
}

enum store_result store_member_private_chat_elsewhere(struct db *db, int64_t member_id, const char *not_adapter, struct chat **ret,
						      GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " CHAT_COLUMNS " FROM identity i JOIN chat c ON c.id = i.private_chat_id"
					    " WHERE i.member_id = $1 AND c.is_parked = 0 AND ($2 IS NULL OR c.adapter <> $2)"
					    " ORDER BY i.used_ms DESC LIMIT 1");

	db_bind_int64(st, 1, member_id);
	db_bind_text(st, 2, not_adapter);
	return chat_take_row(st, ret, error);
}

/* Where the chat does not know its person yet, its id is tried: on most platforms a private chat is named after the person. */
enum store_result store_user_private_chat(struct db *db, const char *adapter, const char *user_id, struct chat **ret,
					  GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT " CHAT_COLUMNS " FROM chat c WHERE c.adapter = $1 AND c.user_id = $2 AND c.kind = 0"
			       " AND c.is_parked = 0 ORDER BY c.id DESC LIMIT 1");
	enum store_result result;

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	result = chat_take_row(st, ret, error);
	if (result != STORE_NOT_FOUND)
		return result;
	st = db_prepare(db, "SELECT " CHAT_COLUMNS
			    " FROM chat c WHERE c.adapter = $1 AND c.remote_id = $2 AND c.kind = 0 AND c.is_parked = 0"
			    " AND c.user_id IS NULL");
	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	return chat_take_row(st, ret, error);
}

static bool note_person_of_chat(struct db *db, int64_t chat_id, const char *user_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM chat WHERE id = $1 AND (user_id IS NULL OR user_id <> $2)");
	int64_t is_news;

	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, user_id);
	if (!db_run_int64(st, 0, &is_news, error))
		return false;
	if (!is_news)
		return true;
	st = db_prepare(db, "UPDATE chat SET user_id = $2 WHERE id = $1");
	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, user_id);
	return db_run(st, error);
}

/* --- writing --- */

static bool add_member(struct db *db, const char *name, int64_t *ret_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO member (name, folded, role, consent_ms) VALUES ($1, '', $2, 0)");

	db_bind_text(st, 1, name);
	db_bind_int64(st, 2, ROLE_MEMBER);
	if (!db_run(st, error))
		return false;
	*ret_id = db_last_id(db);
	return true;
}

/* A renewal keeps the role, but nobody registers as less than a member. */
static bool write_member(struct db *db, int64_t id, const char *name, const char *unit, const char *job, const char *version,
			 int64_t now_ms, GError **error)
{
	g_autofree char *folded = text_fold(name);
	struct db_stmt *st =
		db_prepare(db, "UPDATE member SET name = $2, folded = $3, unit = $4, job = $5, consent_version = $6,"
			       " consent_ms = $7, left_ms = NULL, role = CASE WHEN role < $8 THEN $8 ELSE role END WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, name);
	db_bind_text(st, 3, folded);
	db_bind_text(st, 4, unit);
	db_bind_text(st, 5, job);
	db_bind_text(st, 6, version);
	db_bind_int64(st, 7, now_ms);
	db_bind_int64(st, 8, ROLE_MEMBER);
	return db_run(st, error);
}

bool store_member_identity(struct db *db, const char *adapter, const char *user_id, int64_t member_id, const char *name,
			   int64_t chat_id, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO identity (adapter, user_id, member_id, name, private_chat_id, used_ms)"
					    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (adapter, user_id) DO UPDATE SET"
					    " name = coalesce(excluded.name, identity.name),"
					    " private_chat_id = coalesce(excluded.private_chat_id, identity.private_chat_id),"
					    " used_ms = excluded.used_ms");

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	db_bind_int64(st, 3, member_id);
	db_bind_text(st, 4, name);
	if (chat_id)
		db_bind_int64(st, 5, chat_id);
	else
		db_bind_null(st, 5);
	db_bind_int64(st, 6, now_ms);
	return db_run(st, error);
}

enum store_result store_member_register(struct db *db, const char *adapter, const char *user_id, const char *name, const char *unit,
					const char *job_or_null, const char *consent_version, int64_t now_ms, struct member **ret,
					GError **error)
{
	g_autoptr(chat_t) private = NULL;
	struct db_stmt *st = db_prepare(db, "SELECT member_id FROM identity WHERE adapter = $1 AND user_id = $2");
	int64_t id;

	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	if (!db_run_int64(st, 0, &id, error) || (!id && !add_member(db, name, &id, error)))
		return STORE_BROKEN;
	if (store_user_private_chat(db, adapter, user_id, &private, error) == STORE_BROKEN ||
	    !write_member(db, id, name, unit, job_or_null, consent_version, now_ms, error) ||
	    !store_member_identity(db, adapter, user_id, id, name, private ? private->id : 0, now_ms, error))
		return STORE_BROKEN;
	return store_member_of_user(db, adapter, user_id, ret, error);
}

static bool rename_member(struct db *db, int64_t id, const char *name, GError **error)
{
	g_autofree char *folded = text_fold(name);
	struct db_stmt *st = db_prepare(db, "UPDATE member SET name = $2, folded = $3 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, name);
	db_bind_text(st, 3, folded);
	return db_run(st, error);
}

bool store_member_set_role(struct db *db, int64_t id, enum role role, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE member SET role = $2 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, role);
	return db_run(st, error);
}

enum store_result store_member_seen(struct db *db, const char *adapter, const char *user_id, const char *name,
				    int64_t private_chat_id, int64_t now_ms, GError **error)
{
	struct db_stmt *st;
	int64_t member_id = 0, chat_id = 0, used_ms = 0;
	bool has_new_name = false;
	enum db_step step;

	if (private_chat_id && !note_person_of_chat(db, private_chat_id, user_id, error))
		return STORE_BROKEN;
	st = db_prepare(db, "SELECT member_id, private_chat_id, used_ms, name FROM identity WHERE adapter = $1 AND user_id = $2");
	db_bind_text(st, 1, adapter);
	db_bind_text(st, 2, user_id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		member_id = db_col_int64(st, 0);
		chat_id = db_col_int64(st, 1);
		used_ms = db_col_int64(st, 2);
		has_new_name = name && g_strcmp0(db_col_text(st, 3), name) != 0;
	}
	db_finish(st);
	if (step != DB_ROW)
		return step == DB_BROKEN ? STORE_BROKEN : STORE_NOT_FOUND;
	if (!has_new_name && (!private_chat_id || private_chat_id == chat_id) && ABS(now_ms - used_ms) < MINUTE_MS)
		return STORE_OK;
	if (has_new_name && !rename_member(db, member_id, name, error))
		return STORE_BROKEN;
	return store_member_identity(db, adapter, user_id, member_id, name, private_chat_id, now_ms, error) ? STORE_OK : STORE_BROKEN;
}

bool store_group_member(struct db *db, int64_t chat_id, const char *user_id, bool is_in, int64_t now_ms, GError **error)
{
	struct db_stmt *st;

	if (is_in) {
		st = db_prepare(db,
				"INSERT INTO group_member (chat_id, user_id, since_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
		db_bind_int64(st, 3, now_ms);
	} else {
		st = db_prepare(db, "DELETE FROM group_member WHERE chat_id = $1 AND user_id = $2");
	}
	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, user_id);
	return db_run(st, error);
}
