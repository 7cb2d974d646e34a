/* SPDX-License-Identifier: MIT */
/* Rows that no lane knows: what a dead process left unhandled (one at a time, each after its own committed tries + 1, while what arrives
 * meanwhile waits in the lanes), and what another process revived. Runs nothing itself. */
#include "turns_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/inbox.h"

#define RECOVER_CHUNK 64
#define RECOVER_AGAIN_MS 1000

struct found_read {
	struct turns *t;
	int64_t after;
	GPtrArray *rows;
	uv_timer_t timer; /* recovery alone: after trouble */
};

static bool found_job(struct db *db, void *arg, GError **error)
{
	struct found_read *q = arg;

	g_clear_pointer(&q->rows, g_ptr_array_unref);
	q->rows = store_inbox_unhandled(db, q->after, RECOVER_CHUNK, error);
	return q->rows != NULL;
}

static void found_free(struct found_read *q)
{
	if (q->rows)
		g_ptr_array_unref(q->rows);
	g_free(q);
}

/* --- Recovery. --- */

static void recover_over(struct turns *t)
{
	t->is_recovering = false;
	if (t->is_closing) {
		turns_finish_close(t);
		return;
	}
	t->ev.on_recovered(t->ev.arg);
	turns_pump(t);
}

static void timer_closed(uv_handle_t *h)
{
	struct found_read *q = h->data;
	struct turns *t = q->t;

	found_free(q);
	turns_recover_next(t);
}

static void on_timer(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, timer_closed);
}

/* Trouble while reading: nothing may overtake what is there, so the lanes wait until it could be read. */
static void recover_read_later(struct found_read *q, const GError *error)
{
	log_error("turns", "unhandled updates could not be read: %s, trying again", error ? error->message : "");
	uv_timer_init(q->t->loop, &q->timer);
	q->timer.data = q;
	uv_timer_start(&q->timer, on_timer, q->t->is_closing ? 0 : RECOVER_AGAIN_MS, 0);
}

static void recover_read_done(void *arg, enum job_end end, const GError *error)
{
	struct found_read *q = arg;
	struct turns *t = q->t;

	if (end != JOB_COMMITTED) {
		recover_read_later(q, error);
		return;
	}
	/* A chunk that holds nothing but rows of this process's own lanes is the end: what was left has lower ids. */
	while (q->rows->len) {
		struct inbox_row *row = g_ptr_array_steal_index(q->rows, 0);

		t->found_after = row->id;
		if (g_hash_table_contains(t->known, &row->id))
			inbox_row_free(row);
		else
			g_queue_push_tail(&t->found, row);
	}
	found_free(q);
	if (!t->found.length)
		recover_over(t);
	else
		turns_recover_next(t);
}

static void recover_read(struct turns *t)
{
	struct found_read *q = g_new0(struct found_read, 1);

	q->t = t;
	q->after = t->found_after;
	store_read(t->store, found_job, recover_read_done, q);
}

static void recover_row(struct turns *t, const struct inbox_row *row)
{
	g_autoptr(GError) error = NULL;
	struct run *r = g_new0(struct run, 1);

	r->turns = t;
	r->since_ms = clock_mono_ms();
	r->step = RUN_TRY;
	r->turn = turn_new(row->id, update_parse(row->payload, &error), t->ev.registry(t->ev.arg), t->ev.config(t->ev.arg));
	if (!r->turn->u)
		turns_run_set_aside(r, error->message);
	else if (row->tries >= INBOX_TRIES_MAX)
		turns_run_set_aside(r, "the program ended three times while it was being handled");
	else
		turns_run_start(r);
}

void turns_recover_next(struct turns *t)
{
	struct inbox_row *row;

	if (t->is_closing) {
		recover_over(t);
		return;
	}
	row = g_queue_pop_head(&t->found);
	if (!row) {
		recover_read(t);
		return;
	}
	recover_row(t, row);
	inbox_row_free(row);
}

void turns_recover(struct turns *t)
{
	t->is_recovering = true;
	t->found_after = 0;
	turns_recover_next(t);
}

/* --- Rescan. --- */

static void rescan_read(struct turns *t, int64_t after);

/* One that cannot be parsed gets a lane of its own, fails there and is set aside again. */
static struct update *parse_any(const struct inbox_row *row)
{
	struct update *u = update_parse(row->payload, NULL);

	if (u)
		return u;
	u = update_new(UPDATE_MESSAGE);
	u->adapter = g_strdup("");
	u->chat_id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
	return u;
}

static void rescan_add(struct turns *t, const struct inbox_row *row)
{
	g_autoptr(update_t) u = NULL;

	if (g_hash_table_contains(t->known, &row->id))
		return;
	u = parse_any(row);
	if (*u->adapter)
		turns_add(t, row->id, g_steal_pointer(&u), false);
	else
		turns_add_row(t, row->id, u);
}

static void rescan_done(void *arg, enum job_end end, const GError *error)
{
	struct found_read *q = arg;
	struct turns *t = q->t;
	int64_t after = 0;

	if (end != JOB_COMMITTED)
		log_warn("turns", "unhandled updates could not be read: %s, looking again at the next change", error ? error->message : "");
	for (guint i = 0; end == JOB_COMMITTED && !t->is_closing && i < q->rows->len; i++) {
		const struct inbox_row *row = q->rows->pdata[i];

		after = row->id;
		rescan_add(t, row);
	}
	found_free(q);
	if (!t->is_closing && (after || t->rescan_again)) {
		if (!after)
			t->rescan_again = false;
		rescan_read(t, after);
		return;
	}
	t->is_rescanning = false;
	turns_finish_close(t);
}

static void rescan_read(struct turns *t, int64_t after)
{
	struct found_read *q = g_new0(struct found_read, 1);

	q->t = t;
	q->after = after;
	store_read(t->store, found_job, rescan_done, q);
}

void turns_rescan(struct turns *t)
{
	if (t->is_recovering || t->is_closing)
		return;
	if (t->is_rescanning) {
		t->rescan_again = true;
		return;
	}
	t->is_rescanning = true;
	rescan_read(t, 0);
}
