/* SPDX-License-Identifier: MIT */
/* Which errand runs when, while the adapter runs: what comes due (next_errand) and what a judge asked for (wants_errand). One at a
 * time; what was asked for goes first, and sends wait for it. A put-off errand gives way to others; nothing is asked in a loop. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "codec_driver.h"

/* The wall clock may jump and timers do not follow it: due times are looked at again after this at the latest. */
#define UPKEEP_LOOK_MS (60 * SECOND_MS)

/* What is remembered of an errand by its name. */
struct upkeep_state {
	int64_t not_before_ms; /* monotonic: put off or slowed down until then */
	unsigned tries;	       /* put off so many times in a row */
	unsigned repeats;      /* was due again as soon as it was over, so many times in a row */
	uint64_t ended;	       /* tick of its last end */
};

static struct upkeep_state *state_of(struct codec_driver *d, const char *name)
{
	struct upkeep_state *s = g_hash_table_lookup(d->known, name);

	if (!s) {
		s = g_new0(struct upkeep_state, 1);
		g_hash_table_insert(d->known, g_strdup(name), s);
	}
	return s;
}

static const char *first_wanted(const struct codec_driver *d)
{
	return d->wanted->len > 0 ? d->wanted->pdata[0] : NULL;
}

static bool is_wanted(const struct codec_driver *d, const char *name)
{
	for (guint i = 0; i < d->wanted->len; i++)
		if (strcmp(d->wanted->pdata[i], name) == 0)
			return true;
	return false;
}

/* Looking */

static void on_look(uv_timer_t *timer);

static void look_in(struct codec_driver *d, int64_t wait_ms)
{
	if (!d->is_closing)
		uv_timer_start(&d->upkeep_timer, on_look, (uint64_t)CLAMP(wait_ms, 0, UPKEEP_LOOK_MS), 0);
}

void codec_upkeep_look(struct codec_driver *d)
{
	look_in(d, 0);
}

/* Starts it now, or looks again when its pause is over. */
static void begin_or_wait(struct codec_driver *d, const char *name)
{
	struct upkeep_state *s = state_of(d, name);
	int64_t pause_ms = s->not_before_ms - clock_mono_ms();

	if (pause_ms > 0) {
		if (pause_ms > HOLD_MAX_MS)
			codec_send_give_back_held(d, pause_ms);
		look_in(d, pause_ms);
		return;
	}
	if (-pause_ms > UPKEEP_LOOK_MS)
		s->repeats = 0;
	d->running = name;
	codec_errand_begin(&d->upkeep, name);
}

static void on_look(uv_timer_t *timer)
{
	struct codec_driver *d = timer->data;
	int64_t now = clock_wall_ms(), due_ms = now;
	const char *name = first_wanted(d);

	if (d->is_closing || d->upkeep.name)
		return; /* its end looks again */
	if (name) {
		begin_or_wait(d, name);
		return;
	}
	/* What a judge asked for is done at any time; what comes due only once the adapter knows who it is. */
	if (!d->is_listening || !d->ops->next_errand || !d->ops->next_errand(d->adapter, now, &name, &due_ms)) {
		if (d->is_listening && d->ops->next_errand)
			look_in(d, UPKEEP_LOOK_MS);
		return;
	}
	if (due_ms > now) {
		state_of(d, name)->repeats = 0;
		look_in(d, due_ms - now);
		return;
	}
	begin_or_wait(d, name);
}

/* Ends */

static void wanted_forget(struct codec_driver *d, const char *name)
{
	for (guint i = 0; i < d->wanted->len; i++)
		if (strcmp(d->wanted->pdata[i], name) == 0) {
			g_ptr_array_remove_index(d->wanted, i);
			break;
		}
	if (d->wanted->len == 0)
		codec_send_release_held(d);
}

static void on_upkeep_over(struct codec_driver *d)
{
	struct upkeep_state *s = state_of(d, d->running);

	s->ended = ++d->tick;
	s->tries = 0;
	/* Should it come due again at once, it waits: once a second at first, once a minute in the end. */
	s->not_before_ms = clock_mono_ms() + codec_backoff_ms(s->repeats++);
	wanted_forget(d, g_steal_pointer(&d->running));
	codec_upkeep_look(d);
}

static void on_upkeep_put_off(struct codec_driver *d, int64_t wait_ms)
{
	struct upkeep_state *s = state_of(d, d->running);
	bool is_held_for = is_wanted(d, d->running);

	if (wait_ms < 0)
		wait_ms = codec_backoff_ms(s->tries);
	s->tries++;
	s->not_before_ms = clock_mono_ms() + wait_ms;
	codec_errand_clear(&d->upkeep);
	d->upkeep.name = d->running = NULL;
	if (is_held_for && wait_ms > HOLD_MAX_MS)
		codec_send_give_back_held(d, wait_ms);
	if (d->wanted->len > 1) /* the others need not wait for it */
		g_ptr_array_add(d->wanted, g_ptr_array_steal_index(d->wanted, 0));
	codec_upkeep_look(d);
}

/* What judges ask for */

static bool is_under_way(const struct codec_driver *d, const char *name)
{
	return g_strcmp0(d->start.name, name) == 0 || g_strcmp0(d->asked.name, name) == 0;
}

void codec_upkeep_heed(struct codec_driver *d, uint64_t began)
{
	const char *name = g_steal_pointer(&d->adapter->wants_errand);

	if (!name || d->is_closing || is_wanted(d, name) || is_under_way(d, name))
		return;
	/* Asked before the errand's last end: it complains of what that errand has replaced. */
	if (began < state_of(d, name)->ended)
		return;
	log_info(d->adapter->ops->name, "%s is needed: sends wait for it", name);
	/* If it runs already, that run is the one; it only gets those that wait for it. */
	g_ptr_array_insert(d->wanted, g_strcmp0(d->running, name) == 0 ? 0 : -1, (void *)name);
	codec_upkeep_look(d);
}

bool codec_upkeep_holds(const struct codec_driver *d, int64_t *ret_wait_ms)
{
	const char *name = first_wanted(d);
	const struct upkeep_state *s = name ? g_hash_table_lookup(d->known, name) : NULL;

	*ret_wait_ms = s && !d->running ? MAX(s->not_before_ms - clock_mono_ms(), 0) : 0;
	return name != NULL;
}

/* Life */

void codec_upkeep_hurry(struct codec_driver *d)
{
	GHashTableIter iter;
	void *state;

	g_hash_table_iter_init(&iter, d->known);
	while (g_hash_table_iter_next(&iter, NULL, &state))
		((struct upkeep_state *)state)->not_before_ms = 0;
	codec_errand_hurry(&d->upkeep);
	codec_upkeep_look(d);
}

void codec_upkeep_open(struct codec_driver *d)
{
	codec_errand_init(&d->upkeep, d, TROUBLE_UPKEEP, on_upkeep_over);
	d->upkeep.put_off = on_upkeep_put_off;
	uv_timer_init(d->adapter->env.loop, &d->upkeep_timer);
	d->upkeep_timer.data = d;
	d->wanted = g_ptr_array_new();
	d->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void codec_upkeep_close(struct codec_driver *d)
{
	uv_timer_stop(&d->upkeep_timer);
	codec_errand_close(&d->upkeep);
}

void codec_upkeep_free(struct codec_driver *d)
{
	codec_errand_clear(&d->upkeep);
	if (d->wanted)
		g_ptr_array_unref(d->wanted);
	if (d->known)
		g_hash_table_unref(d->known);
}
