/* SPDX-License-Identifier: MIT */
/* One timer, one job at a time. Due times are rows; nothing is remembered here but the clock of the last look. */
#include "scheduler.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "commands/receipt.h"
#include "outbox.h"
#include "store/announcement.h"
#include "store/audit.h"
#include "store/delivery.h"
#include "store/inbox.h"
#include "store/pending.h"

/* A wall clock that moves this much between two looks was set by somebody (design §5). */
#define CLOCK_JUMP_MS (60 * 1000)

struct scheduler {
	struct store *store;
	struct scheduler_events ev;
	uv_timer_t timer;
	unsigned under_way;
	bool is_looking;
	int64_t last_wall, last_mono;
	void (*closed)(void *);
	void *closed_arg;
};

/* One job with its snapshots. */
struct errand {
	struct scheduler *s;
	struct registry *registry;
	struct config *config;
	char *text; /* a notice to tell, or NULL: the look */
	int64_t old_now_ms; /* the clock was set: what it would have shown */
	unsigned written;
};

static void finish_close(struct scheduler *s);

static struct errand *errand_new(struct scheduler *s, const char *text)
{
	struct errand *e = g_new0(struct errand, 1);

	e->s = s;
	e->registry = registry_ref(s->ev.registry(s->ev.arg));
	e->config = config_ref(s->ev.config(s->ev.arg));
	e->text = g_strdup(text);
	s->under_way++;
	return e;
}

static void errand_done(void *arg, enum job_end end, const GError *error)
{
	struct errand *e = arg;
	struct scheduler *s = e->s;

	if (end == JOB_FAILED)
		log_error("scheduler", "due work broke: %s, trying again in %d s", error ? error->message : "", SCHEDULER_TICK_MS / 1000);
	if (end == JOB_COMMITTED && e->written)
		s->ev.on_rows(s->ev.arg);
	if (!e->text)
		s->is_looking = false;
	registry_unref(e->registry);
	config_unref(e->config);
	g_free(e->text);
	g_free(e);
	s->under_way--;
	finish_close(s);
}

static bool report_due(struct db *db, struct errand *e, struct turn_out *out, int64_t now, GError **error)
{
	g_autoptr(GPtrArray) due = store_announcement_due(db, now, error);

	for (guint i = 0; due && i < due->len; i++) {
		const struct announcement *a = due->pdata[i];
		g_autofree char *text = receipt_report(db, e->registry, out->address, a, error);

		if (!text || !store_announcement_reported(db, a->id, error))
			return false;
		if (a->author_id)
			turn_out_tell(out, a->author_id, text);
		else
			turn_out_tell_moderators(out, text);
	}
	return due != NULL;
}

static bool expire(struct db *db, const struct config *c, int64_t now, GError **error)
{
	const unsigned n = SCHEDULER_EXPIRE_ROWS;
	unsigned gone;

	return store_inbox_expire(db, now, n, &gone, error) && store_pending_expire(db, now, n, &gone, error) &&
	       store_delivery_expire(db, now - config_int(c, "store", "keep_commands"), n, &gone, error) &&
	       store_audit_expire(db, now - config_int(c, "store", "keep_audit"), n, &gone, error);
}

static bool look_job(struct db *db, void *arg, GError **error)
{
	struct errand *e = arg;
	struct turn_out out;
	int64_t now = clock_wall_ms();
	bool ok;

	e->written = 0;
	turn_out_init(&out, e->config);
	ok = report_due(db, e, &out, now, error) && outbox_write(db, &out, NULL, now, &e->written, error) && expire(db, e->config, now, error);
	turn_out_release(&out);
	return ok;
}

static bool tell_job(struct db *db, void *arg, GError **error)
{
	struct errand *e = arg;
	struct turn_out out;
	bool ok;

	e->written = 0;
	turn_out_init(&out, e->config);
	turn_out_tell_moderators(&out, e->text);
	ok = outbox_write(db, &out, NULL, clock_wall_ms(), &e->written, error);
	turn_out_release(&out);
	return ok;
}

void scheduler_tell_moderators(struct scheduler *s, const char *text)
{
	if (!s->closed)
		store_submit_accepted(s->store, 512, tell_job, errand_done, errand_new(s, text));
}

void scheduler_look(struct scheduler *s)
{
	if (s->closed || s->is_looking || !store_is_healthy(s->store))
		return;
	s->is_looking = true;
	store_submit_accepted(s->store, 512, look_job, errand_done, errand_new(s, NULL));
}

static bool moved_job(struct db *db, void *arg, GError **error)
{
	struct errand *e = arg;

	e->written = 1; /* the courier looks again */
	return store_delivery_clock_moved(db, e->old_now_ms, clock_wall_ms(), error);
}

static void clock_moved(struct scheduler *s, int64_t old_now_ms)
{
	struct errand *e = errand_new(s, "clock");

	e->old_now_ms = old_now_ms;
	store_submit_accepted(s->store, 256, moved_job, errand_done, e);
}

static void on_tick(uv_timer_t *timer)
{
	struct scheduler *s = timer->data;
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	int64_t jump = (wall - s->last_wall) - (mono - s->last_mono);

	if (ABS(jump) > CLOCK_JUMP_MS) {
		log_warn("scheduler", "the wall clock jumped by %" G_GINT64_FORMAT " s; due times are looked at again", jump / 1000);
		clock_moved(s, wall - jump);
	}
	s->last_wall = wall;
	s->last_mono = mono;
	scheduler_look(s);
}

struct scheduler *scheduler_new(uv_loop_t *loop, struct store *store, const struct scheduler_events *ev)
{
	struct scheduler *s = g_new0(struct scheduler, 1);

	s->store = store;
	s->ev = *ev;
	s->last_wall = clock_wall_ms();
	s->last_mono = clock_mono_ms();
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	uv_timer_start(&s->timer, on_tick, SCHEDULER_TICK_MS, SCHEDULER_TICK_MS);
	return s;
}

static void timer_closed(uv_handle_t *h)
{
	struct scheduler *s = h->data;
	void (*closed)(void *) = s->closed;
	void *arg = s->closed_arg;

	g_free(s);
	closed(arg);
}

static void finish_close(struct scheduler *s)
{
	if (s->closed && !s->under_way && !uv_is_closing((uv_handle_t *)&s->timer))
		uv_close((uv_handle_t *)&s->timer, timer_closed);
}

void scheduler_close(struct scheduler *s, void (*closed)(void *arg), void *arg)
{
	s->closed = closed;
	s->closed_arg = arg;
	finish_close(s);
}
