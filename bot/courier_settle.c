/* SPDX-License-Identifier: MIT */
/* What an answer of the platform means for the row, the chat and the pace (design §2.4, §10), stored in batches. */
#include "courier_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "store/chat.h"

/* So many remembered deliveries, then those that are no more are looked for. */
#define PUT_OFF_SWEEP 1024

/* What one settle job stores for one delivery. */
struct settled {
	struct shipment *shipment;
	struct delivery_settlement row;
	char *moved_to; /* the chat's new id */
	char *park;	/* the chat cannot be written to: why */
	bool is_unsent; /* certainly not accepted: it does not count against the message budget */
};

struct settle_batch {
	struct courier *courier;
	GPtrArray *items; /* struct settled */
};

void shipment_free(struct shipment *s)
{
	delivery_free(s->delivery);
	g_free(s);
}

static void settled_free(struct settled *s)
{
	g_free(s->row.remote_id);
	g_free(s->row.reason);
	g_free(s->moved_to);
	g_free(s->park);
	shipment_free(s->shipment);
	g_free(s);
}

static bool settle_job(struct db *db, void *arg, GError **error)
{
	const struct settle_batch *b = arg;
	int64_t now = clock_wall_ms();

	for (guint i = 0; i < b->items->len; i++) {
		const struct settled *s = b->items->pdata[i];
		const struct delivery *d = s->shipment->delivery;

		if (!store_delivery_settle(db, &s->row, now, error))
			return false;
		if (s->is_unsent && !store_budget_give_back(db, d->id, error))
			return false;
		if (s->park && !store_chat_park(db, d->chat_row, s->park, error))
			return false;
		if (s->moved_to && store_chat_move(db, d->adapter, d->chat_id, s->moved_to, error) == STORE_BROKEN)
			return false;
	}
	return true;
}

static void settled_over(struct courier *c, struct settled *s, bool stored)
{
	struct route *r = s->shipment->route;
	const struct delivery *d = s->shipment->delivery;

	r->unsettled--;
	if (stored && s->row.state == DELIVERY_ASKED)
		c->ev.on_asked(c->ev.arg, d->id, d->chat_id);
	if (stored && s->row.state == DELIVERY_SENT && d->class == CLASS_DIRECT)
		c->stats.last_direct_ms = clock_wall_ms() - d->created_ms;
	settled_free(s);
}

static void submit(struct settle_batch *b);

/* Something in the batch cannot be stored. Alone each shows whether it is the one; the one does without its consequences for the chat, so
 * that at least its own row is settled and its line goes on. */
static void settle_apart(struct settle_batch *b, const GError *error)
{
	struct courier *c = b->courier;
	struct settled *s = b->items->pdata[0];

	if (b->items->len > 1) {
		for (guint i = 0; i < b->items->len; i++) {
			struct settle_batch *one = g_new0(struct settle_batch, 1);

			one->courier = c;
			one->items = g_ptr_array_new();
			g_ptr_array_add(one->items, b->items->pdata[i]);
			submit(one);
		}
	} else if (s->park || s->moved_to) {
		log_error("courier", "what delivery %" G_GINT64_FORMAT " says about its chat could not be stored: %s", s->row.id,
			  error ? error->message : "");
		g_clear_pointer(&s->park, g_free);
		g_clear_pointer(&s->moved_to, g_free);
		g_ptr_array_add(c->settling, s);
	} else {
		log_error("courier", "the result of delivery %" G_GINT64_FORMAT " could not be stored: %s, the next start treats it as uncertain",
			  s->row.id, error ? error->message : "");
		settled_over(c, s, false);
	}
}

/* Kept and stored when the disk is well again; at shutdown the next start treats them as uncertain. */
static void settle_keep(struct settle_batch *b)
{
	struct courier *c = b->courier;

	if (c->closed)
		log_error("courier", "%u results could not be stored: disk trouble, the next start treats them as uncertain", b->items->len);
	for (guint i = 0; i < b->items->len; i++) {
		if (c->closed)
			settled_over(c, b->items->pdata[i], false);
		else
			g_ptr_array_add(c->settling, b->items->pdata[i]);
	}
}

static void settle_done(void *arg, enum job_end end, const GError *error)
{
	struct settle_batch *b = arg;
	struct courier *c = b->courier;

	c->under_settling--;
	switch (end) {
	case JOB_COMMITTED:
		for (guint i = 0; i < b->items->len; i++)
			settled_over(c, b->items->pdata[i], true);
		break;
	case JOB_FAILED:
		settle_apart(b, error);
		break;
	case JOB_DISK:
		settle_keep(b);
		break;
	}
	g_ptr_array_unref(b->items);
	g_free(b);
	if (end != JOB_DISK)
		courier_settle_flush(c);
	for (guint i = 0; i < c->routes->len; i++)
		courier_route_wake(c->routes->pdata[i]);
	courier_close_step(c);
}

static void submit(struct settle_batch *b)
{
	b->courier->under_settling++;
	store_submit_accepted(b->courier->store, 128 * b->items->len, settle_job, settle_done, b);
}

void courier_settle_flush(struct courier *c)
{
	struct settle_batch *b;

	/* During disk trouble they wait, but not beyond the end of the program: the attempt tells what is to become of them. */
	if (c->under_settling || !c->settling->len || (c->is_held && !c->closed))
		return;
	b = g_new0(struct settle_batch, 1);
	b->courier = c;
	b->items = g_steal_pointer(&c->settling);
	c->settling = g_ptr_array_new();
	submit(b);
}

static bool is_out_of_tries(const struct courier *c, const struct delivery *d)
{
	return d->tries >= (unsigned)config_int(c->config, "courier", "max_tries");
}

static int64_t backoff(const struct courier *c, const struct delivery *d)
{
	return pacer_backoff_ms(d->tries, config_int(c->config, "courier", "backoff_first"), config_int(c->config, "courier", "backoff_max"));
}

static gboolean is_forgotten(void *key, void *first_ms, void *now_ms)
{
	return *(int64_t *)now_ms - *(int64_t *)first_ms > 2 * COURIER_AGE_MAX_MS; /* cancelled meanwhile */
}

/* How long the platform has been putting this delivery off. */
static int64_t put_off_for(struct route *r, int64_t delivery_id)
{
	const int64_t *first = g_hash_table_lookup(r->put_off, &delivery_id);
	int64_t now = clock_mono_ms();

	if (first)
		return now - *first;
	if (g_hash_table_size(r->put_off) % PUT_OFF_SWEEP == PUT_OFF_SWEEP - 1)
		g_hash_table_foreach_remove(r->put_off, is_forgotten, &now);
	g_hash_table_insert(r->put_off, g_memdup2(&delivery_id, sizeof(delivery_id)), g_memdup2(&now, sizeof(now)));
	return 0;
}

static void judge_later(struct courier *c, struct settled *s, const struct send_result *result)
{
	struct route *r = s->shipment->route;
	const struct delivery *d = s->shipment->delivery;
	int64_t now = clock_wall_ms(), wait = result->retry_ms >= 0 ? result->retry_ms : backoff(c, d);

	c->stats.later++;
	if (result->moved_to) {
		s->moved_to = g_strdup(result->moved_to);
		wait = 0;
	}
	if (result->is_platform_wide)
		pacer_pause(r->pacer, 0, clock_mono_ms() + wait);
	/* A wait that the platform itself names is law and no failure: it ends by age, not by tries. */
	s->row.is_uncounted = result->retry_ms >= 0;
	if (s->row.is_uncounted ? put_off_for(r, d->id) > COURIER_AGE_MAX_MS : is_out_of_tries(c, d)) {
		s->row.state = DELIVERY_DEAD;
		return;
	}
	s->row.state = DELIVERY_QUEUED;
	s->row.due_ms = now + wait;
}

static void judge_uncertain(struct courier *c, struct settled *s)
{
	const struct delivery *d = s->shipment->delivery;

	c->stats.uncertain++;
	if (!g_strcmp0(config_str(c->config, "bot", "uncertain"), "ask")) {
		s->row.state = DELIVERY_ASKED;
	} else if (is_out_of_tries(c, d)) {
		s->row.state = DELIVERY_DEAD;
	} else {
		s->row.state = DELIVERY_QUEUED;
		s->row.due_ms = clock_wall_ms() + backoff(c, d);
	}
}

static void judge_broken(struct settled *s)
{
	struct route *r = s->shipment->route;

	s->row.is_uncounted = true;
	s->row.state = DELIVERY_QUEUED;
	s->row.due_ms = clock_wall_ms() + COURIER_BROKEN_PAUSE_MS;
	pacer_pause(r->pacer, 0, clock_mono_ms() + COURIER_BROKEN_PAUSE_MS);
}

void courier_settle(struct shipment *shipment, const struct send_result *result)
{
	struct route *r = shipment->route;
	struct courier *c = r->courier;
	const struct delivery *d = shipment->delivery;
	struct settled *s = g_new0(struct settled, 1);

	s->shipment = shipment;
	s->row.id = d->id;
	s->row.reason = g_strdup(result->reason);
	s->is_unsent = r->counts && result->status != SEND_OK && result->status != SEND_UNCERTAIN;
	switch (result->status) {
	case SEND_OK:
		s->row.state = DELIVERY_SENT;
		s->row.remote_id = g_strdup(result->remote_id);
		c->stats.sent++;
		break;
	case SEND_LATER:
		judge_later(c, s, result);
		break;
	case SEND_UNCERTAIN:
		judge_uncertain(c, s);
		break;
	case SEND_REFUSED:
		s->row.state = DELIVERY_DEAD;
		break;
	case SEND_NO_TARGET:
		s->row.state = DELIVERY_DEAD;
		s->park = g_strdup(result->reason ? result->reason : "no such chat");
		c->stats.parked++;
		break;
	case SEND_BROKEN:
		judge_broken(s);
		break;
	}
	if (s->row.state == DELIVERY_DEAD)
		c->stats.dead++;
	if (result->status != SEND_OK)
		log_info(r->name, "delivery %" G_GINT64_FORMAT " to chat %s: %s: %s", d->id, d->chat_id,
			 send_status_name(result->status), result->reason ? result->reason : "");
	if (s->row.state != DELIVERY_QUEUED)
		g_hash_table_remove(r->put_off, &d->id);
	r->unsettled++;
	g_ptr_array_add(c->settling, s);
	courier_settle_flush(c);
}
