/* SPDX-License-Identifier: MIT */
/* Items in the database: adding, reading, saving, files, source messages, lists. Decisions are in item_decide.c, imports in
 * item_import.c. Rights are checked here as well as by the dispatcher: deny is the default. */
#include <string.h>

#include "audit.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"
#include "delivery.h"
#include "item_impl.h"
#include "search/search.h"

#define ITEM_SELECT                                                                                                                \
	"SELECT id, kind, number, title, body, unit, unit_text, field, field_guessed, type, status, author_id, on_behalf, "        \
	"source, ref,"                                                                                                             \
	" reason, decided_by, decided_ms, created_ms, touched_ms, date, merged_into, version,"                                     \
	" (SELECT count(*) FROM adoption WHERE adoption.item_id = item.id) FROM item"

/* The partial indexes of the schema and the conditions of search/ write these numbers out. */
G_STATIC_ASSERT(ITEM_APPROVED == 3 && ITEM_REJECTED == 4 && ITEM_WITHDRAWN == 5 && ITEM_INITIATIVE == 0);

static void bind_id(struct db_stmt *st, unsigned n, int64_t id)
{
	if (id > 0)
		db_bind_int64(st, n, id);
	else
		db_bind_null(st, n);
}

bool item_audit(struct db *db, const struct item *i, const char *action, const char *before, const char *after,
		const struct member *actor, int64_t now_ms, GError **error)
{
	g_autofree char *subject = item_id_text(i->kind, i->number);
	struct audit a = {
		.at_ms = now_ms,
		.member_id = actor ? actor->id : 0,
		.actor = actor ? NULL : "system",
		.action = action,
		.subject = subject,
		.before = before,
		.after = after,
	};

	return store_audit_add(db, &a, error);
}

bool counter_next(struct db *db, const char *prefix, int64_t *ret_number, GError **error)
{
	/* Not RETURNING: SQLite would guard the statement by a savepoint of its own, at which FTS5 writes out what it has gathered; an
	 * import would then pay for a segment of the index an item. */
	struct db_stmt *st = db_prepare(db, "UPDATE counter SET last = last + 1 WHERE prefix = $1");

	db_bind_text(st, 1, prefix);
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "SELECT last FROM counter WHERE prefix = $1");
	db_bind_text(st, 1, prefix);
	return db_run_int64(st, 0, ret_number, error);
}

/* --- reading --- */

static struct item *item_of_row(struct db_stmt *st)
{
	struct item *i = item_new();

	i->id = db_col_int64(st, 0);
	i->kind = (enum item_kind)db_col_int64(st, 1);
	i->number = db_col_int64(st, 2);
	i->title = db_col_dup(st, 3);
	i->body = db_col_dup(st, 4);
	i->unit = db_col_dup(st, 5);
	i->unit_text = db_col_dup(st, 6);
	i->field = db_col_dup(st, 7);
	i->field_guessed = db_col_int64(st, 8) != 0;
	i->type = db_col_dup(st, 9);
	i->status = (enum item_status)db_col_int64(st, 10);
	i->author_id = db_col_int64(st, 11);
	i->on_behalf = db_col_int64(st, 12) != 0;
	i->source = db_col_dup(st, 13);
	i->ref = db_col_dup(st, 14);
	i->reason = db_col_dup(st, 15);
	i->decided_by = db_col_int64(st, 16);
	i->decided_ms = db_col_int64(st, 17);
	i->created_ms = db_col_int64(st, 18);
	i->touched_ms = db_col_int64(st, 19);
	i->date = db_col_dup(st, 20);
	i->merged_into = db_col_int64(st, 21);
	i->version = db_col_int64(st, 22);
	i->n_adopted = db_col_int64(st, 23);
	return i;
}

static bool fields_load(struct db *db, struct item *i, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT key, value FROM item_field WHERE item_id = $1 ORDER BY position");
	enum db_step step;

	db_bind_int64(st, 1, i->id);
	while ((step = db_step(st, error)) == DB_ROW)
		item_field_set(i, db_col_text(st, 0), db_col_text(st, 1));
	db_finish(st);
	return step == DB_DONE;
}

static bool attachments_load(struct db *db, struct item *i, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "SELECT kind, file_id, unique_id, name, mime, size, adapter FROM attachment WHERE item_id = $1 ORDER BY id");
	enum db_step step;

	db_bind_int64(st, 1, i->id);
	while ((step = db_step(st, error)) == DB_ROW) {
		struct attachment *a = g_new0(struct attachment, 1);

		a->kind = (enum attachment_kind)db_col_int64(st, 0);
		a->file_id = db_col_dup(st, 1);
		a->unique_id = db_col_dup(st, 2);
		a->name = db_col_dup(st, 3);
		a->mime = db_col_dup(st, 4);
		a->size = db_col_int64(st, 5);
		g_ptr_array_add(i->attachments, a);
		g_ptr_array_add(i->attachment_adapters, db_col_dup(st, 6));
	}
	db_finish(st);
	return step == DB_DONE;
}

/* Takes a bound statement that begins with ITEM_SELECT. */
static GPtrArray *items_read(struct db *db, struct db_stmt *st, GError **error)
{
	g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		g_ptr_array_add(items, item_of_row(st));
	db_finish(st);
	if (step != DB_DONE)
		return NULL;
	for (guint k = 0; k < items->len; k++) {
		struct item *i = g_ptr_array_index(items, k);

		if (!fields_load(db, i, error) || !attachments_load(db, i, error))
			return NULL;
	}
	return g_steal_pointer(&items);
}

static enum store_result item_read(struct db *db, struct db_stmt *st, struct item **ret, GError **error)
{
	g_autoptr(GPtrArray) items = items_read(db, st, error);

	if (!items)
		return STORE_BROKEN;
	if (items->len == 0)
		return STORE_NOT_FOUND;
	*ret = g_ptr_array_steal_index(items, 0);
	return STORE_OK;
}

enum store_result store_item_get(struct db *db, enum item_kind kind, int64_t number, struct item **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, ITEM_SELECT " WHERE kind = $1 AND number = $2");

	db_bind_int64(st, 1, kind);
	db_bind_int64(st, 2, number);
	return item_read(db, st, ret, error);
}

enum store_result store_item_by_row(struct db *db, int64_t id, struct item **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, ITEM_SELECT " WHERE id = $1");

	db_bind_int64(st, 1, id);
	return item_read(db, st, ret, error);
}

GPtrArray *store_item_waiting(struct db *db, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(db, ITEM_SELECT " WHERE status <> 3 AND status = $1 ORDER BY id LIMIT $2");

	db_bind_int64(st, 1, ITEM_WAITING);
	db_bind_int64(st, 2, limit);
	return items_read(db, st, error);
}

bool store_item_count(struct db *db, enum item_kind kind, enum item_status status, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM item WHERE kind = $1 AND status = $2");

	db_bind_int64(st, 1, kind);
	db_bind_int64(st, 2, status);
	return db_run_int64(st, 0, ret_n, error);
}

GPtrArray *store_item_open_of(struct db *db, int64_t author_id, int64_t since_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, ITEM_SELECT " WHERE author_id = $1 AND touched_ms >= $2 AND status IN ($3, $4, $5)"
							" ORDER BY touched_ms DESC, id DESC");

	db_bind_int64(st, 1, author_id);
	db_bind_int64(st, 2, since_ms);
	db_bind_int64(st, 3, ITEM_DRAFT);
	db_bind_int64(st, 4, ITEM_WAITING);
	db_bind_int64(st, 5, ITEM_RETURNED);
	return items_read(db, st, error);
}

GPtrArray *store_item_list(struct db *db, int64_t after, bool approved_only, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(db, ITEM_SELECT " WHERE id > $1 AND (status = 3 OR $2 = 0) ORDER BY id LIMIT $3");

	db_bind_int64(st, 1, after);
	db_bind_int64(st, 2, approved_only);
	db_bind_int64(st, 3, limit);
	return items_read(db, st, error);
}

/* --- writing --- */

/* The same message sent again hashes alike, however its spaces, capitals and marks came out. */
static char *sent_hash(const char *title, const char *body)
{
	g_autofree char *t = text_fold(title ? title : ""), *b = text_fold(body ? body : "");
	g_autofree char *line = g_strconcat(t, "\n", b, NULL);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, line, -1);
}

/* The year that a date as given speaks of: the first number of four digits that begins with 19 or 20. 0 none. */
static int year_of_date(const char *date)
{
	for (const char *p = date; p && *p;) {
		size_t n = strspn(p, "0123456789");

		if (n == 4 && (strncmp(p, "19", 2) == 0 || strncmp(p, "20", 2) == 0))
			return (int)strtol(p, NULL, 10);
		p += n ? n : 1;
	}
	return 0;
}

static int year_of(const struct item *i)
{
	int year = year_of_date(i->date);

	if (year == 0 && !i->source && !i->ref) {
		g_autoptr(GDateTime) local = clock_local(i->created_ms);

		year = g_date_time_get_year(local);
	}
	return year;
}

bool item_fields_write(struct db *db, const struct item *i, GError **error)
{
	struct db_stmt *st = db_prepare(db, "DELETE FROM item_field WHERE item_id = $1");

	db_bind_int64(st, 1, i->id);
	if (!db_run(st, error))
		return false;
	for (guint k = 0; k < i->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(i->fields, k);

		st = db_prepare(db, "INSERT INTO item_field (item_id, position, key, value) VALUES ($1, $2, $3, $4)");
		db_bind_int64(st, 1, i->id);
		db_bind_int64(st, 2, k);
		db_bind_text(st, 3, f->key);
		db_bind_text(st, 4, f->value);
		if (!db_run(st, error))
			return false;
	}
	return true;
}

/* What a new and a changed item have in common: $2 to $14. */
static void bind_content(struct db_stmt *st, const struct item *i, int64_t touched_ms)
{
	db_bind_text(st, 2, i->title ? i->title : "");
	db_bind_text(st, 3, i->body ? i->body : "");
	db_bind_text(st, 4, i->unit);
	db_bind_text(st, 5, i->unit_text);
	db_bind_text(st, 6, i->field);
	db_bind_int64(st, 7, i->field_guessed);
	db_bind_text(st, 8, i->type);
	db_bind_int64(st, 9, i->status);
	db_bind_int64(st, 10, i->on_behalf);
	db_bind_text(st, 11, i->source);
	db_bind_text(st, 12, i->date);
	bind_id(st, 13, year_of(i));
	db_bind_int64(st, 14, touched_ms);
}

bool item_insert(struct db *db, struct item *i, const char *hash, GError **error)
{
	struct db_stmt *st;

	if (!counter_next(db, item_kind_prefix(i->kind), &i->number, error))
		return false;
	i->version = 1;
	st = db_prepare(db, "INSERT INTO item (kind, title, body, unit, unit_text, field, field_guessed, type, status, on_behalf,"
			    " source, date, year, touched_ms, number, author_id, ref, created_ms, sent_hash, version)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1)");
	bind_content(st, i, i->touched_ms);
	db_bind_int64(st, 1, i->kind);
	db_bind_int64(st, 15, i->number);
	bind_id(st, 16, i->author_id);
	db_bind_text(st, 17, i->ref);
	db_bind_int64(st, 18, i->created_ms);
	db_bind_text(st, 19, hash);
	if (!db_run(st, error))
		return false;
	i->id = db_last_id(db);
	return (i->fields->len == 0 || item_fields_write(db, i, error)) && search_index_put(db, i, error);
}

enum store_result store_item_add(struct db *db, struct item *i, const struct member *actor, int64_t now_ms, GError **error)
{
	g_autofree char *hash = NULL;

	if (i->status != ITEM_DRAFT && i->status != ITEM_WAITING && i->status != ITEM_APPROVED)
		return STORE_WRONG_STATE;
	if (i->author_id > 0)
		hash = sent_hash(i->title, i->body);
	i->created_ms = i->touched_ms = now_ms;
	if (!item_insert(db, i, hash, error) || !item_audit(db, i, "item.add", NULL, i->title, actor, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

bool item_update(struct db *db, struct item *i, int64_t now_ms, GError **error)
{
	struct db_stmt *st;

	/* Before the row: the index takes out the title and body that stand there. */
	if (!search_index_put(db, i, error))
		return false;
	st = db_prepare(db, "UPDATE item SET title = $2, body = $3, unit = $4, unit_text = $5, field = $6, field_guessed = $7,"
			    " type = $8, status = $9, on_behalf = $10, source = $11, date = $12, year = $13, touched_ms = $14,"
			    " version = version + 1 WHERE id = $1");
	bind_content(st, i, now_ms);
	db_bind_int64(st, 1, i->id);
	if (!db_run(st, error))
		return false;
	i->version++;
	i->touched_ms = now_ms;
	return item_fields_write(db, i, error);
}

static void diff_line(GString *s, const char *key, const char *value)
{
	g_autofree char *brief = NULL;

	if (!value)
		return;
	/* A contact is somebody's telephone number: the log tells that it changed, not what it was. */
	brief = strcmp(key, ITEM_KEY_CONTACT) == 0 ? g_strdup("…") : text_ellipsize(value, ITEM_AUDIT_GRAPHEMES);
	g_string_append_printf(s, "%s%s: %s", s->len > 0 ? "\n" : "", key, brief);
}

static void diff_value(GString *before, GString *after, const char *key, const char *old, const char *new)
{
	if (g_strcmp0(old, new) == 0)
		return;
	diff_line(before, key, old ? old : "");
	diff_line(after, key, new ? new : "");
}

void item_diff(const struct item *old, const struct item *new, char **ret_before, char **ret_after)
{
	g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);

	diff_value(before, after, "ten", old->title ? old->title : "", new->title ? new->title : "");
	diff_value(before, after, "noidung", old->body ? old->body : "", new->body ? new->body : "");
	diff_value(before, after, "donvi", old->unit, new->unit);
	diff_value(before, after, "donvi_ghi", old->unit_text, new->unit_text);
	diff_value(before, after, "linhvuc", old->field, new->field);
	diff_value(before, after, "linhvuc_doan", old->field_guessed ? "1" : NULL, new->field_guessed ? "1" : NULL);
	diff_value(before, after, "loai", old->type, new->type);
	diff_value(before, after, "nguon", old->source, new->source);
	diff_value(before, after, "ngay", old->date, new->date);
	diff_value(before, after, "viet_thay", old->on_behalf ? "1" : NULL, new->on_behalf ? "1" : NULL);
	for (guint k = 0; k < new->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(new->fields, k);

		diff_value(before, after, f->key, item_field_get(old, f->key), f->value);
	}
	for (guint k = 0; k < old->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(old->fields, k);

		if (!item_field_get(new, f->key))
			diff_value(before, after, f->key, f->value, NULL);
	}
	*ret_before = before->len > 0 || after->len > 0 ? g_string_free(g_steal_pointer(&before), FALSE) : NULL;
	*ret_after = *ret_before ? g_string_free(g_steal_pointer(&after), FALSE) : NULL;
}

static bool is_open(enum item_status status)
{
	return status == ITEM_DRAFT || status == ITEM_WAITING || status == ITEM_RETURNED || status == ITEM_APPROVED;
}

static bool is_complete(const struct item *i)
{
	return i->title && *i->title && i->body && *i->body;
}

enum store_result store_item_save(struct db *db, struct item *i, bool to_waiting, const struct member *actor, int64_t now_ms,
				  GError **error)
{
	g_autoptr(item_t) old = NULL;
	g_autofree char *before = NULL, *after = NULL;
	enum store_result r = store_item_by_row(db, i->id, &old, error);
	bool moves;

	if (r != STORE_OK)
		return r;
	if (actor && !item_editable_by(old, actor))
		return STORE_DENIED;
	if (!is_open(old->status) || old->version != i->version)
		return STORE_WRONG_STATE;
	moves = to_waiting && is_complete(i) && (old->status == ITEM_DRAFT || old->status == ITEM_RETURNED);
	i->status = moves ? ITEM_WAITING : old->status;
	item_diff(old, i, &before, &after);
	if (!before && !moves)
		return STORE_OK;
	if (!item_update(db, i, now_ms, error) ||
	    !item_audit(db, i, moves ? "item.submit" : "item.save", before, after, actor, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

static bool item_touch(struct db *db, int64_t id, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE item SET touched_ms = $2 WHERE id = $1");

	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, now_ms);
	return db_run(st, error);
}

enum store_result store_item_attach(struct db *db, int64_t id, const struct attachment *a, const char *adapter,
				    const struct member *actor, int64_t now_ms, GError **error)
{
	g_autoptr(item_t) i = NULL;
	enum store_result r = store_item_by_row(db, id, &i, error);
	struct db_stmt *st;
	enum db_step step;

	if (r != STORE_OK)
		return r;
	if (actor && !item_editable_by(i, actor))
		return STORE_DENIED;
	if (!is_open(i->status))
		return STORE_WRONG_STATE;
	st = db_prepare(db, "INSERT INTO attachment (item_id, adapter, kind, file_id, same, unique_id, name, mime, size)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id");
	db_bind_int64(st, 1, id);
	db_bind_text(st, 2, adapter);
	db_bind_int64(st, 3, a->kind);
	db_bind_text(st, 4, a->file_id);
	db_bind_text(st, 5, a->unique_id ? a->unique_id : a->file_id);
	db_bind_text(st, 6, a->unique_id);
	db_bind_text(st, 7, a->name);
	db_bind_text(st, 8, a->mime);
	db_bind_int64(st, 9, a->size);
	step = db_step(st, error);
	db_finish(st);
	if (step == DB_DONE)
		return STORE_DUPLICATE;
	if (step != DB_ROW || !item_touch(db, id, now_ms, error) ||
	    !item_audit(db, i, "item.attach", NULL, a->name ? a->name : a->file_id, actor, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

/* --- messages --- */

bool store_item_link_message(struct db *db, int64_t item_id, int64_t chat_id, const char *message_id, const char *role,
			     GError **error)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO item_message (chat_id, message_id, item_id, role) VALUES ($1, $2, $3, $4)"
					    " ON CONFLICT DO NOTHING");

	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, message_id);
	db_bind_int64(st, 3, item_id);
	db_bind_text(st, 4, role);
	return db_run(st, error);
}

enum store_result store_item_of_message(struct db *db, int64_t chat_id, const char *message_id, struct item **ret, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "SELECT item_id FROM item_message WHERE chat_id = $1 AND message_id = $2 ORDER BY item_id DESC LIMIT 1");
	int64_t item_id = 0, ignored = 0;

	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, message_id);
	if (!db_run_int64(st, 0, &item_id, error))
		return STORE_BROKEN;
	if (item_id == 0 && store_post_of_message(db, chat_id, message_id, &item_id, &ignored, error) == STORE_BROKEN)
		return STORE_BROKEN;
	return item_id > 0 ? store_item_by_row(db, item_id, ret, error) : STORE_NOT_FOUND;
}

enum store_result store_item_same(struct db *db, int64_t author_id, const char *title, const char *body, int64_t now_ms,
				  struct item **ret, GError **error)
{
	g_autofree char *hash = sent_hash(title, body);
	struct db_stmt *st = db_prepare(
		db, ITEM_SELECT " WHERE author_id = $1 AND touched_ms > $3 AND created_ms > $3 AND sent_hash = $2 AND status <> 5"
				" ORDER BY id LIMIT 1");

	db_bind_int64(st, 1, author_id);
	db_bind_text(st, 2, hash);
	db_bind_int64(st, 3, now_ms - DAY_MS);
	return item_read(db, st, ret, error);
}
