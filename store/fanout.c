/* SPDX-License-Identifier: MIT */
/* Fan-out: the delivery rows of a post with an audience, made in chunks. Where it stands is read from the rows that are there, so
 * it goes on after a crash as if nothing had been. */
#include "post_row.h"

void fanout_free(struct fanout *f)
{
	if (!f)
		return;
	g_strfreev(f->units);
	g_free(f);
}

bool store_fanout_add(struct db *db, const struct fanout *f, GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO fanout (post_id, core_groups, all_members, followers, skip_chat_id)"
					    " VALUES ($1, $2, $3, $4, $5)");

	db_bind_int64(st, 1, f->post_id);
	db_bind_int64(st, 2, f->core_groups);
	db_bind_int64(st, 3, f->all_members);
	db_bind_int64(st, 4, f->followers);
	db_bind_int64(st, 5, f->skip_chat_id);
	if (!db_run(st, error))
		return false;
	for (size_t i = 0; f->units && f->units[i]; i++) {
		st = db_prepare(db, "INSERT INTO fanout_unit (post_id, unit) VALUES ($1, $2) ON CONFLICT DO NOTHING");
		db_bind_int64(st, 1, f->post_id);
		db_bind_text(st, 2, f->units[i]);
		if (!db_run(st, error))
			return false;
	}
	return true;
}

static bool load_units(struct db *db, struct fanout *f, GError **error)
{
	g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
	struct db_stmt *st = db_prepare(db, "SELECT unit FROM fanout_unit WHERE post_id = $1 ORDER BY unit");
	enum db_step step;

	db_bind_int64(st, 1, f->post_id);
	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(units, db_col_dup(st, 0));
	db_finish(st);
	if (units->len) {
		g_ptr_array_add(units, NULL);
		f->units = (char **)g_ptr_array_free(g_steal_pointer(&units), FALSE);
	}
	return step == DB_DONE;
}

GPtrArray *store_fanout_open(struct db *db, GError **error)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func((GDestroyNotify)fanout_free);
	struct db_stmt *st =
		db_prepare(db, "SELECT post_id, core_groups, all_members, followers, skip_chat_id FROM fanout ORDER BY post_id");
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW) {
		struct fanout *f = g_new0(struct fanout, 1);

		f->post_id = db_col_int64(st, 0);
		f->core_groups = db_col_int64(st, 1) != 0;
		f->all_members = db_col_int64(st, 2) != 0;
		f->followers = db_col_int64(st, 3) != 0;
		f->skip_chat_id = db_col_int64(st, 4);
		g_ptr_array_add(open, f);
	}
	db_finish(st);
	if (step != DB_DONE)
		return NULL;
	for (guint i = 0; i < open->len; i++)
		if (!load_units(db, open->pdata[i], error))
			return NULL;
	return g_steal_pointer(&open);
}

/* --- parts --- */

static bool add_part(struct db *db, int64_t post_id, const char *adapter, const struct post_part *part, size_t i, size_t n,
		     GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO fanout_part (post_id, adapter, part, parts, start, len, has_file)"
					    " VALUES ($1, $2, $3, $4, $5, $6, $7)");

	db_bind_int64(st, 1, post_id);
	db_bind_text(st, 2, adapter);
	db_bind_int64(st, 3, (int64_t)i);
	db_bind_int64(st, 4, (int64_t)n);
	db_bind_int64(st, 5, (int64_t)part->start);
	db_bind_int64(st, 6, (int64_t)part->len);
	db_bind_int64(st, 7, part->has_file);
	return db_run(st, error);
}

/* The next adapter after this name that has chats; NULL: none. One look into the index, not one per chat. */
static bool next_adapter(struct db *db, const char *after, char **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT min(adapter) FROM chat WHERE adapter > $1");

	db_bind_text(st, 1, after);
	return db_run_text(st, ret, error);
}

static bool has_parts(struct db *db, int64_t post_id, const char *adapter, bool *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM fanout_part WHERE post_id = $1 AND adapter = $2");
	int64_t n;

	db_bind_int64(st, 1, post_id);
	db_bind_text(st, 2, adapter);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	*ret = n > 0;
	return true;
}

/* Decides once how the post falls into parts on each adapter: a limit that changes meanwhile must not leave half of each. */
static bool make_parts(struct db *db, int64_t post_id, fanout_parts_fn *parts_of, void *arg, GError **error)
{
	g_autoptr(post_t) post = NULL;
	g_autofree char *adapter = g_strdup("");

	if (store_post_get(db, post_id, &post, error) != STORE_OK)
		return false;
	for (;;) {
		g_autofree char *before = g_steal_pointer(&adapter);
		const struct post_part *parts = NULL;
		bool are_known;
		size_t n = 0;

		if (!next_adapter(db, before, &adapter, error))
			return false;
		if (!adapter)
			return true;
		if (!has_parts(db, post_id, adapter, &are_known, error))
			return false;
		if (!are_known)
			parts_of(arg, adapter, post, &parts, &n);
		for (size_t i = 0; i < n; i++)
			if (!add_part(db, post_id, adapter, &parts[i], i, n, error))
				return false;
	}
}

/* How many targets make at most limit rows. */
static bool targets_for(struct db *db, int64_t post_id, unsigned limit, int64_t *ret_targets, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT max(parts) FROM fanout_part WHERE post_id = $1");
	int64_t parts;

	db_bind_int64(st, 1, post_id);
	if (!db_run_int64(st, 1, &parts, error))
		return false;
	*ret_targets = MAX(limit / parts, 1);
	return true;
}

/* --- rows --- */

#define INSERT_DELIVERIES                                                                                                          \
	"INSERT INTO delivery (post_id, chat_id, member_id, part, parts, start, len, has_file, adapter, class, due_ms, "           \
	"created_ms)"                                                                                                              \
	" SELECT p.id, t.chat_id, t.member_id, fp.part, fp.parts, fp.start, fp.len, fp.has_file, fp.adapter, p.class, $2, $2 "     \
	"FROM "
#define JOIN_PARTS                                                                                                                 \
	" t JOIN chat c ON c.id = t.chat_id JOIN fanout_part fp ON fp.post_id = $1 AND fp.adapter = c.adapter"                     \
	" JOIN post p ON p.id = $1"

static bool run_step(struct db *db, struct db_stmt *st, const struct fanout *f, int64_t now_ms, int64_t targets, unsigned *ret_made,
		     GError **error)
{
	db_bind_int64(st, 1, f->post_id);
	db_bind_int64(st, 2, now_ms);
	db_bind_int64(st, 3, f->skip_chat_id);
	db_bind_int64(st, 4, targets);
	if (!db_run(st, error))
		return false;
	*ret_made = (unsigned)db_changes(db);
	return true;
}

/* Core groups and the units' own groups. */
static bool step_groups(struct db *db, const struct fanout *f, int64_t now_ms, int64_t targets, unsigned *ret_made, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, INSERT_DELIVERIES
		"(SELECT g.id AS chat_id, NULL AS member_id FROM chat g WHERE g.kind <> 0 AND g.is_parked = 0 AND g.id <> $3"
		"  AND ((g.is_core = 1 AND $5 = 1) OR g.unit IN (SELECT u.unit FROM fanout_unit u WHERE u.post_id = $1))"
		"  AND EXISTS (SELECT 1 FROM fanout_part o WHERE o.post_id = $1 AND o.adapter = g.adapter)"
		"  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = $1 AND d.chat_id = g.id)"
		"  ORDER BY g.id LIMIT $4)" JOIN_PARTS " ORDER BY t.chat_id, fp.part");

	db_bind_int64(st, 5, f->core_groups);
	return run_step(db, st, f, now_ms, targets, ret_made, error);
}

/* Members in the order of their ids, from the last one that has a row: each once, whatever identity they change to meanwhile. Two
 * members behind one private chat get one delivery. */
static bool step_members(struct db *db, const struct fanout *f, int64_t now_ms, int64_t targets, unsigned *ret_made, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, INSERT_DELIVERIES
		"(SELECT x.member_id, x.chat_id FROM"
		"  (SELECT m.id AS member_id, (SELECT i.private_chat_id FROM identity i JOIN chat o ON o.id = i.private_chat_id"
		"    WHERE i.member_id = m.id AND o.is_parked = 0"
		"    AND EXISTS (SELECT 1 FROM fanout_part q WHERE q.post_id = $1 AND q.adapter = o.adapter)"
		"    ORDER BY i.used_ms DESC LIMIT 1) AS chat_id"
		"   FROM member m WHERE m.left_ms IS NULL AND m.role >= 1" /* ROLE_MEMBER, as the report counts */
		"   AND m.id > coalesce((SELECT max(l.member_id) FROM delivery l WHERE l.post_id = $1 AND l.member_id IS NOT "
		"NULL), 0)"
		"   AND ($5 = 1 OR m.unit IN (SELECT u.unit FROM fanout_unit u WHERE u.post_id = $1))) x"
		"  WHERE x.chat_id IS NOT NULL AND x.chat_id <> $3"
		"  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = $1 AND d.chat_id = x.chat_id)"
		"  ORDER BY x.member_id LIMIT $4)" JOIN_PARTS " WHERE true ORDER BY t.member_id, fp.part ON CONFLICT DO NOTHING");

	db_bind_int64(st, 5, f->all_members);
	return run_step(db, st, f, now_ms, targets, ret_made, error);
}

static bool is_open(struct db *db, int64_t post_id, bool *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM fanout WHERE post_id = $1");
	int64_t n;

	db_bind_int64(st, 1, post_id);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	*ret = n > 0;
	return true;
}

static bool close_fanout(struct db *db, int64_t post_id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM fanout WHERE post_id = $1");

	db_bind_int64(st, 1, post_id);
	return db_run(st, error);
}

bool store_fanout_step(struct db *db, const struct fanout *f, fanout_parts_fn *parts_of, void *arg, unsigned limit, int64_t now_ms,
		       unsigned *ret_made, GError **error)
{
	int64_t targets;
	bool is_open_still;

	*ret_made = 0;
	if (!is_open(db, f->post_id, &is_open_still, error))
		return false;
	if (!is_open_still)
		return true; /* cancelled, or finished by an earlier step */
	if (!make_parts(db, f->post_id, parts_of, arg, error) || !targets_for(db, f->post_id, limit, &targets, error))
		return false;
	if ((f->core_groups || f->units) && !step_groups(db, f, now_ms, targets, ret_made, error))
		return false;
	if (*ret_made)
		return true;
	if ((f->all_members || f->units) && !step_members(db, f, now_ms, targets, ret_made, error))
		return false;
	return *ret_made || close_fanout(db, f->post_id, error);
}
