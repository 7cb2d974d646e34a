/* SPDX-License-Identifier: MIT */
/* Deliveries: who may go next, claiming, settling, listing. It paces nothing and sends nothing; heads of line are kept by the
 * triggers of the schema. */
#include <string.h>

#include "post_row.h"

#define DELIVERY_COLUMNS                                                                                                           \
	"d.id, d.post_id, d.chat_id, d.class, d.part, d.parts, d.tries, d.due_ms, d.adapter, c.remote_id, d.thread_id, "           \
	"d.reply_to_id,"                                                                                                           \
	" d.user_id, c.kind, d.state, d.reason, d.created_ms, d.start, d.len, d.has_file"
#define DELIVERY_N 20 /* columns before the post's */

void delivery_free(struct delivery *d)
{
	if (!d)
		return;
	g_free(d->adapter);
	g_free(d->chat_id);
	g_free(d->thread_id);
	g_free(d->reply_to_id);
	g_free(d->user_id);
	g_free(d->text);
	g_free(d->spans);
	attachment_free(d->file);
	g_free(d->reason);
	g_free(d);
}

static GPtrArray *array_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)delivery_free);
}

static struct delivery *from_row(struct db_stmt *st)
{
	struct delivery *d = g_new0(struct delivery, 1);

	d->id = db_col_int64(st, 0);
	d->post_id = db_col_int64(st, 1);
	d->chat_row = db_col_int64(st, 2);
	d->class = (enum delivery_class)db_col_int64(st, 3);
	d->part = (unsigned)db_col_int64(st, 4);
	d->parts = (unsigned)db_col_int64(st, 5);
	d->tries = (unsigned)db_col_int64(st, 6);
	d->due_ms = db_col_int64(st, 7);
	d->adapter = db_col_dup(st, 8);
	d->chat_id = db_col_dup(st, 9);
	d->thread_id = db_col_dup(st, 10);
	d->reply_to_id = db_col_dup(st, 11);
	d->user_id = db_col_dup(st, 12);
	d->chat_kind = (enum chat_kind)db_col_int64(st, 13);
	d->state = (enum delivery_state)db_col_int64(st, 14);
	d->reason = db_col_dup(st, 15);
	d->created_ms = db_col_int64(st, 16);
	return d;
}

/* The part's own stretch of the post; the query has POST_CONTENT_COLUMNS behind the delivery's. */
static void add_content(struct delivery *d, struct db_stmt *st)
{
	const char *text = db_col_text(st, DELIVERY_N + POST_CONTENT_TEXT);
	const size_t whole = strlen(text);
	const size_t start = MIN((size_t)db_col_int64(st, 17), whole);
	const size_t len = MIN((size_t)db_col_int64(st, 18), whole - start);

	d->text = g_strndup(text + start, len);
	d->spans = post_spans_from_row(st, DELIVERY_N, start, len, &d->n_spans);
	if (db_col_int64(st, 19))
		d->file = post_file_from_row(st, DELIVERY_N);
}

static GPtrArray *take_rows(struct db_stmt *st, GError **error)
{
	g_autoptr(GPtrArray) rows = array_new();
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW) {
		g_ptr_array_add(rows, from_row(st));
		add_content(rows->pdata[rows->len - 1], st);
	}
	db_finish(st);
	return step == DB_DONE ? g_steal_pointer(&rows) : NULL;
}

/* --- making --- */

static bool add_part(struct db *db, int64_t post_id, const struct delivery_target *to, const struct post_part *part, size_t i,
		     size_t n, int64_t now_ms, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "INSERT INTO delivery (post_id, chat_id, part, parts, start, len, has_file, adapter, class, due_ms,"
			       " thread_id, reply_to_id, user_id, created_ms)"
			       " SELECT p.id, c.id, $3, $4, $5, $6, $7, c.adapter, p.class, $8, $9, $10, $11, $12"
			       " FROM post p, chat c WHERE p.id = $1 AND c.id = $2");

	db_bind_int64(st, 1, post_id);
	db_bind_int64(st, 2, to->chat_id);
	db_bind_int64(st, 3, (int64_t)i);
	db_bind_int64(st, 4, (int64_t)n);
	db_bind_int64(st, 5, (int64_t)part->start);
	db_bind_int64(st, 6, (int64_t)part->len);
	db_bind_int64(st, 7, part->has_file);
	db_bind_int64(st, 8, MAX(to->due_ms, now_ms));
	db_bind_text(st, 9, to->thread_id);
	db_bind_text(st, 10, to->reply_to_id);
	db_bind_text(st, 11, to->user_id);
	db_bind_int64(st, 12, now_ms);
	if (!db_run(st, error))
		return false;
	if (db_changes(db) == 1)
		return true;
	g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "no post %" G_GINT64_FORMAT " or no chat %" G_GINT64_FORMAT, post_id,
		    to->chat_id);
	return false;
}

bool store_delivery_add(struct db *db, int64_t post_id, const struct delivery_target *to, const struct post_part *parts, size_t n,
			int64_t now_ms, GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (!add_part(db, post_id, to, &parts[i], i, n, now_ms, error))
			return false;
	return true;
}

/* --- going --- */

/* Adds the ready heads of one class; stops at limit. CROSS JOIN keeps the order of the tables: the index gives order and end. */
static bool add_due(struct db *db, const char *adapter, enum delivery_class class, bool groups_only, int64_t now_ms, GHashTable *skip,
		    unsigned limit, GPtrArray *rows, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "SELECT " DELIVERY_COLUMNS " FROM delivery d CROSS JOIN chat c WHERE c.id = d.chat_id"
			       " AND d.adapter = $1 AND d.class = $2 AND d.state = 0 AND d.is_head = 1 AND d.is_held = 0"
			       " AND d.due_ms <= $3 AND (c.kind <> 0 OR $4 = 0) ORDER BY d.due_ms, d.id");
	enum db_step step = DB_DONE;

	db_bind_text(st, 1, adapter);
	db_bind_int64(st, 2, class);
	db_bind_int64(st, 3, now_ms);
	db_bind_int64(st, 4, groups_only);
	while (rows->len < limit && (step = db_step(st, error)) == DB_ROW) {
		const int64_t chat_row = db_col_int64(st, 2);

		if (!skip || !g_hash_table_contains(skip, &chat_row))
			g_ptr_array_add(rows, from_row(st));
	}
	db_finish(st);
	return step != DB_BROKEN;
}

GPtrArray *store_delivery_due(struct db *db, const char *adapter, unsigned classes, unsigned group_classes, int64_t now_ms,
			      GHashTable *skip, unsigned limit, GError **error)
{
	g_autoptr(GPtrArray) rows = array_new();

	for (int class = 0; class < DELIVERY_CLASSES; class ++) {
		const unsigned bit = 1u << class;

		if ((classes | group_classes) & bit &&
		    !add_due(db, adapter, (enum delivery_class) class, !(classes & bit), now_ms, skip, limit, rows, error))
			return NULL;
	}
	return g_steal_pointer(&rows);
}

bool store_delivery_next_due(struct db *db, const char *adapter, unsigned classes, int64_t after_ms, int64_t *ret_due_ms, GError **error)
{
	*ret_due_ms = -1;
	for (int class = 0; class < DELIVERY_CLASSES; class ++) {
		struct db_stmt *st;
		int64_t due;

		if (!(classes & 1u << class))
			continue;
		st = db_prepare(db, "SELECT due_ms FROM delivery WHERE adapter = $1 AND class = $2 AND state = 0 AND is_head = 1"
				    " AND is_held = 0 AND due_ms > $3 ORDER BY due_ms LIMIT 1");
		db_bind_text(st, 1, adapter);
		db_bind_int64(st, 2, class);
		db_bind_int64(st, 3, after_ms);
		if (!db_run_int64(st, -1, &due, error))
			return false;
		if (due >= 0 && (*ret_due_ms < 0 || due < *ret_due_ms))
			*ret_due_ms = due;
	}
	return true;
}

bool store_delivery_clock_moved(struct db *db, int64_t old_now_ms, int64_t now_ms, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET due_ms = $2 WHERE state < 2 AND due_ms > $2 AND due_ms <= $1");

	db_bind_int64(st, 1, old_now_ms);
	db_bind_int64(st, 2, now_ms);
	return db_run(st, error);
}

static int compare_ids(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool claim_one(struct db *db, int64_t id, GPtrArray *rows, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET state = 1, tries = tries + 1 WHERE id = $1 AND state = 0");
	enum db_step step;

	/* Counted before the send: a crash inside it must not look like a first try. */
	db_bind_int64(st, 1, id);
	if (!db_run(st, error))
		return false;
	if (db_changes(db) == 0)
		return true;
	st = db_prepare(db, "SELECT " DELIVERY_COLUMNS ", " POST_CONTENT_COLUMNS " FROM delivery d JOIN chat c ON c.id = d.chat_id"
			    " JOIN post p ON p.id = d.post_id WHERE d.id = $1");
	db_bind_int64(st, 1, id);
	step = db_step(st, error);
	if (step == DB_ROW) {
		g_ptr_array_add(rows, from_row(st));
		add_content(rows->pdata[rows->len - 1], st);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

GPtrArray *store_delivery_claim(struct db *db, const int64_t *ids, size_t n, GError **error)
{
	g_autoptr(GPtrArray) rows = array_new();
	g_autofree int64_t *sorted = g_memdup2(ids, n * sizeof(*ids));

	if (n)
		qsort(sorted, n, sizeof(*sorted), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (!claim_one(db, sorted[i], rows, error))
			return NULL;
	return g_steal_pointer(&rows);
}

bool store_delivery_unclaim(struct db *db, int64_t id, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET state = 0, tries = CASE WHEN tries > 0 THEN tries - 1 ELSE 0 END"
					    " WHERE id = $1 AND state = 1");

	db_bind_int64(st, 1, id);
	return db_run(st, error);
}

bool store_delivery_settle(struct db *db, const struct delivery_settlement *s, int64_t now_ms, GError **error)
{
	/* That it was sent is true whatever the row says meanwhile. */
	struct db_stmt *st =
		db_prepare(db, "UPDATE delivery SET state = $2, due_ms = $3, remote_id = coalesce($4, remote_id), reason = $5,"
			       " settled_ms = $6, tries = max(tries - $7, 0) WHERE id = $1 AND (state = 1 OR $2 = 2)");

	db_bind_int64(st, 1, s->id);
	db_bind_int64(st, 2, s->state);
	db_bind_int64(st, 3, s->due_ms);
	db_bind_text(st, 4, s->remote_id);
	db_bind_text(st, 5, s->reason);
	db_bind_int64(st, 7, s->is_uncounted);
	if (s->state == DELIVERY_QUEUED)
		db_bind_null(st, 6);
	else
		db_bind_int64(st, 6, now_ms);
	return db_run(st, error);
}

bool store_delivery_recover(struct db *db, bool resend, unsigned *ret_n, GError **error)
{
	/* state < 2 again, so that the index of unsettled rows serves. */
	struct db_stmt *st = db_prepare(db, "UPDATE delivery SET state = $1, reason = $2 WHERE state = 1 AND state < 2");

	db_bind_int64(st, 1, resend ? DELIVERY_QUEUED : DELIVERY_ASKED);
	db_bind_text(st, 2, "uncertain: the program ended while this was being sent");
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

/* --- looking --- */

bool store_delivery_count_open(struct db *db, const char *adapter_or_null, unsigned classes, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM delivery WHERE state < 2 AND ($1 IS NULL OR adapter = $1)"
					    " AND (($2 >> class) & 1) = 1");

	db_bind_text(st, 1, adapter_or_null);
	db_bind_int64(st, 2, classes);
	return db_run_int64(st, 0, ret_n, error);
}

GPtrArray *store_delivery_list(struct db *db, bool dead_only, int64_t after, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT " DELIVERY_COLUMNS ", " POST_CONTENT_COLUMNS
					    " FROM delivery d JOIN chat c ON c.id = d.chat_id"
					    " JOIN post p ON p.id = d.post_id WHERE d.id > $1 AND d.state <> 2"
					    " AND ($2 = 0 OR d.state IN (3, 4)) ORDER BY d.id LIMIT $3");

	db_bind_int64(st, 1, after);
	db_bind_int64(st, 2, dead_only);
	db_bind_int64(st, 3, limit);
	return take_rows(st, error);
}

bool store_delivery_counts(struct db *db, const char *adapter_or_null, struct delivery_counts *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT state, count(*) FROM delivery WHERE $1 IS NULL OR adapter = $1 GROUP BY state");
	int64_t *const by_state[] = { &ret->queued, &ret->inflight, &ret->sent, &ret->dead, &ret->asked, &ret->cancelled };
	enum db_step step;

	memset(ret, 0, sizeof(*ret));
	db_bind_text(st, 1, adapter_or_null);
	while ((step = db_step(st, error)) == DB_ROW) {
		const int64_t state = db_col_int64(st, 0);

		if (state >= 0 && state < (int64_t)G_N_ELEMENTS(by_state))
			*by_state[state] = db_col_int64(st, 1);
	}
	db_finish(st);
	return step == DB_DONE;
}

/* --- upkeep --- */

bool store_delivery_revive(struct db *db, int64_t id, int64_t now_ms, unsigned *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE chat SET is_parked = 0, parked_reason = NULL WHERE is_parked = 1 AND id IN"
					    " (SELECT chat_id FROM delivery WHERE state IN (3, 4) AND ($1 = 0 OR id = $1))");

	db_bind_int64(st, 1, id);
	if (!db_run(st, error))
		return false;
	st = db_prepare(db, "UPDATE delivery SET state = 0, tries = 0, due_ms = $2, settled_ms = NULL"
			    " WHERE state IN (3, 4) AND ($1 = 0 OR id = $1)");
	db_bind_int64(st, 1, id);
	db_bind_int64(st, 2, now_ms);
	if (!db_run(st, error))
		return false;
	*ret_n = (unsigned)db_changes(db);
	return true;
}

/* Rows lie in the order of their age: the look ends at the first young one. */
static bool find_old(struct db *db, int64_t older_than_ms, unsigned limit, GArray *ids, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT id, created_ms FROM delivery WHERE state IN (2, 5) ORDER BY id LIMIT $1");
	enum db_step step;

	db_bind_int64(st, 1, limit);
	while ((step = db_step(st, error)) == DB_ROW && db_col_int64(st, 1) < older_than_ms) {
		const int64_t id = db_col_int64(st, 0);

		g_array_append_val(ids, id);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static bool expire_posts(struct db *db, int64_t older_than_ms, unsigned limit, GError **error)
{
	struct db_stmt *st = db_prepare(
		db, "DELETE FROM post WHERE id IN (SELECT p.id FROM post p WHERE p.created_ms < $1 AND p.id <"
		    " coalesce((SELECT y.id FROM post y WHERE y.created_ms >= $1 ORDER BY y.id LIMIT 1), 9223372036854775807)"
		    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post_id = p.id)"
		    " AND NOT EXISTS (SELECT 1 FROM fanout f WHERE f.post_id = p.id)"
		    " AND NOT EXISTS (SELECT 1 FROM bundle b WHERE b.post_id = p.id) ORDER BY p.id LIMIT $2)");

	db_bind_int64(st, 1, older_than_ms);
	db_bind_int64(st, 2, limit);
	return db_run(st, error);
}

bool store_delivery_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	*ret_n = 0;
	if (!find_old(db, older_than_ms, limit, ids, error))
		return false;
	for (guint i = 0; i < ids->len; i++) {
		struct db_stmt *st = db_prepare(db, "DELETE FROM delivery WHERE id = $1");

		db_bind_int64(st, 1, g_array_index(ids, int64_t, i));
		if (!db_run(st, error))
			return false;
	}
	*ret_n = ids->len;
	return expire_posts(db, older_than_ms, limit, error);
}
