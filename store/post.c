/* SPDX-License-Identifier: MIT */
/* Posts: what goes out, stored once however many receive it. Where it goes is delivery.c's and fanout.c's. */
#include <string.h>

#include "post_row.h"

void post_free(struct post *p)
{
	if (!p)
		return;
	g_free(p->text);
	g_free(p->spans);
	attachment_free(p->file);
	g_free(p);
}

/* --- spans: "kind:start:len kind:start:len" --- */

static char *spans_text(const struct span *spans, size_t n)
{
	GString *text;

	if (n == 0)
		return NULL;
	text = g_string_new(NULL);
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(text, "%s%u:%zu:%zu", i ? " " : "", (unsigned)spans[i].kind, spans[i].start, spans[i].len);
	return g_string_free(text, FALSE);
}

static bool parse_span(const char *text, struct span *ret)
{
	char *end;
	const guint64 kind = g_ascii_strtoull(text, &end, 10);

	if (kind > SPAN_CODE || *end != ':')
		return false;
	ret->kind = (enum span_kind)kind;
	ret->start = g_ascii_strtoull(end + 1, &end, 10);
	if (*end != ':')
		return false;
	ret->len = g_ascii_strtoull(end + 1, &end, 10);
	return *end == '\0' && ret->len > 0;
}

struct span *post_spans_from_row(struct db_stmt *st, unsigned first, size_t start, size_t len, size_t *ret_n)
{
	const char *text = db_col_text(st, first + POST_CONTENT_SPANS);
	g_auto(GStrv) words = g_strsplit(text ? text : "", " ", 0);
	g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(struct span));

	for (size_t i = 0; words[i]; i++) {
		struct span s;
		size_t end;

		if (!parse_span(words[i], &s) || s.start >= start + len || s.start + s.len <= start)
			continue;
		end = MIN(s.start + s.len, start + len) - start;
		s.start = MAX(s.start, start) - start;
		s.len = end - s.start;
		g_array_append_val(spans, s);
	}
	*ret_n = spans->len;
	if (spans->len == 0)
		return NULL;
	return (struct span *)(void *)g_array_free(g_steal_pointer(&spans), FALSE);
}

struct attachment *post_file_from_row(struct db_stmt *st, unsigned first)
{
	const unsigned at = first + POST_CONTENT_FILE;
	struct attachment *file;

	if (db_col_is_null(st, at))
		return NULL;
	file = g_new0(struct attachment, 1);
	file->kind = (enum attachment_kind)db_col_int64(st, at);
	file->file_id = db_col_dup(st, at + 1);
	file->unique_id = db_col_dup(st, at + 2);
	file->name = db_col_dup(st, at + 3);
	file->mime = db_col_dup(st, at + 4);
	file->size = db_col_int64(st, at + 5);
	return file;
}

/* --- rows --- */

static void bind_id(struct db_stmt *st, unsigned n, int64_t id)
{
	if (id)
		db_bind_int64(st, n, id);
	else
		db_bind_null(st, n);
}

static void bind_file(struct db_stmt *st, unsigned first, const struct attachment *file)
{
	if (!file) {
		for (unsigned i = 0; i < 6; i++)
			db_bind_null(st, first + i);
		return;
	}
	db_bind_int64(st, first, file->kind);
	db_bind_text(st, first + 1, file->file_id);
	db_bind_text(st, first + 2, file->unique_id);
	db_bind_text(st, first + 3, file->name);
	db_bind_text(st, first + 4, file->mime);
	db_bind_int64(st, first + 5, file->size);
}

bool store_post_add(struct db *db, const struct post *p, int64_t now_ms, int64_t *ret_id, GError **error)
{
	g_autofree char *spans = spans_text(p->spans, p->n_spans);
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO post (text, spans, class, item_id, announcement_id, created_ms, file_kind, file_id,"
			       " file_unique_id, file_name, file_mime, file_size)"
			       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");

	db_bind_text(st, 1, p->text ? p->text : "");
	db_bind_text(st, 2, spans);
	db_bind_int64(st, 3, p->class);
	bind_id(st, 4, p->item_id);
	bind_id(st, 5, p->announcement_id);
	db_bind_int64(st, 6, now_ms);
	bind_file(st, 7, p->file);
	if (!db_run(st, error))
		return false;
	*ret_id = db_last_id(db);
	return true;
}

enum store_result store_post_get(struct db *db, int64_t id, struct post **ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " POST_CONTENT_COLUMNS ", p.class, p.item_id, p.announcement_id, p.created_ms"
					    " FROM post p WHERE p.id = $1");
	enum db_step step;

	db_bind_int64(st, 1, id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		struct post *p = g_new0(struct post, 1);

		p->id = id;
		p->text = db_col_dup(st, POST_CONTENT_TEXT);
		p->spans = post_spans_from_row(st, 0, 0, strlen(p->text), &p->n_spans);
		p->file = post_file_from_row(st, 0);
		p->class = (enum delivery_class)db_col_int64(st, POST_CONTENT_N);
		p->item_id = db_col_int64(st, POST_CONTENT_N + 1);
		p->announcement_id = db_col_int64(st, POST_CONTENT_N + 2);
		p->created_ms = db_col_int64(st, POST_CONTENT_N + 3);
		*ret = p;
	}
	db_finish(st);
	return step == DB_BROKEN ? STORE_BROKEN : step == DB_ROW ? STORE_OK : STORE_NOT_FOUND;
}

bool store_post_set_text(struct db *db, int64_t post_id, const char *text, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE post SET text = $2, spans = NULL WHERE id = $1"
					    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = $1 AND d.state <> 0)");

	db_bind_int64(st, 1, post_id);
	db_bind_text(st, 2, text);
	if (!db_run(st, error))
		return false;
	if (db_changes(db) == 0)
		return true;
	st = db_prepare(db, "UPDATE delivery SET start = 0, len = $2 WHERE post_id = $1");
	db_bind_int64(st, 1, post_id);
	db_bind_int64(st, 2, (int64_t)strlen(text));
	return db_run(st, error);
}

enum store_result store_post_of_message(struct db *db, int64_t chat_id, const char *remote_id, int64_t *ret_item_id,
					int64_t *ret_announcement_id, GError **error)
{
	/* A chat that moved may have two messages of one number: the later one is meant. */
	struct db_stmt *st = db_prepare(db, "SELECT p.item_id, p.announcement_id FROM delivery d JOIN post p ON p.id = d.post_id"
					    " WHERE d.chat_id = $1 AND d.remote_id = $2 ORDER BY d.id DESC LIMIT 1");
	enum db_step step;

	*ret_item_id = *ret_announcement_id = 0;
	db_bind_int64(st, 1, chat_id);
	db_bind_text(st, 2, remote_id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		*ret_item_id = db_col_int64(st, 0);
		*ret_announcement_id = db_col_int64(st, 1);
	}
	db_finish(st);
	return step == DB_BROKEN ? STORE_BROKEN : step == DB_ROW ? STORE_OK : STORE_NOT_FOUND;
}
