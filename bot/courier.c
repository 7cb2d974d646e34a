/* SPDX-License-Identifier: MIT */
/* One route an adapter: look (reader) -> reserve (pacer) -> claim (writer) -> send at its moment -> settle (writer). The rows are the
 * truth; what is here is only the next moment's work. Settlement of results is courier_settle.c. */
#include "courier.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "courier_private.h"

#define LOOK_MAX 128	/* heads looked at in one go */
/* What quiet hours and a shutdown let through. */
#define CLASSES_ANSWERS (1u << CLASS_DIRECT | 1u << CLASS_BUNDLE)
#define FAR_MS 1000	/* a chat whose own bucket is this far away is left out of the next look */

static void route_pump(struct route *r);
static void route_look(struct route *r);

int64_t courier_quiet_until(const struct config *config, int64_t now_ms)
{
	g_autoptr(GDateTime) now = NULL;
	int64_t from, until, minute, left;

	if (!config_bool(config, "bot", "quiet_hours"))
		return 0;
	from = config_int(config, "bot", "quiet_from");
	until = config_int(config, "bot", "quiet_until");
	now = clock_local(now_ms);
	minute = g_date_time_get_hour(now) * 60 + g_date_time_get_minute(now);
	if (from == until || (from < until ? minute < from || minute >= until : minute < from && minute >= until))
		return 0;
	left = (until - minute + 24 * 60) % (24 * 60);
	return now_ms - g_date_time_get_second(now) * SECOND_MS - g_date_time_get_microsecond(now) / 1000 + left * MINUTE_MS;
}

struct courier *courier_new(uv_loop_t *loop, struct store *store, struct config *config, const struct courier_events *ev)
{
	struct courier *c = g_new0(struct courier, 1);

	c->loop = loop;
	c->store = store;
	c->config = config_ref(config);
	c->ev = *ev;
	c->routes = g_ptr_array_new();
	c->settling = g_ptr_array_new();
	return c;
}

void courier_set_config(struct courier *c, struct config *config)
{
	config_unref(c->config);
	c->config = config_ref(config);
	courier_kick(c);
}

static void on_timer(uv_timer_t *timer)
{
	struct route *r = timer->data;

	if (clock_mono_ms() >= r->look_at)
		route_look(r);
	route_pump(r);
}

void courier_add(struct courier *c, struct adapter *a)
{
	struct route *r = g_new0(struct route, 1);

	r->courier = c;
	r->adapter = a;
	r->name = a->ops->name;
	r->concurrent = a->pace.concurrent;
	r->counts = a->pace.day_budget > 0 || a->pace.month_budget > 0;
	r->pacer = pacer_new(&a->pace, clock_mono_ms());
	r->far = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	r->put_off = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	r->scheduled = g_queue_new();
	r->look_at = INT64_MAX;
	uv_timer_init(c->loop, &r->timer);
	r->timer.data = r;
	g_ptr_array_add(c->routes, r);
	route_look(r);
}

/* The earliest moment at which there is something to do. */
static void route_arm(struct route *r)
{
	const struct shipment *s = g_queue_peek_head(r->scheduled);
	int64_t now = clock_mono_ms(), at = r->look_at;

	if (s && r->flying < r->concurrent)
		at = MIN(at, s->at_ms);
	if (uv_is_closing((uv_handle_t *)&r->timer))
		return;
	if (at == INT64_MAX)
		uv_timer_stop(&r->timer);
	else
		uv_timer_start(&r->timer, on_timer, (uint64_t)MAX(at - now, 0), 0);
}

bool courier_is_idle(const struct courier *c, const struct adapter *a)
{
	for (guint i = 0; i < c->routes->len; i++) {
		const struct route *r = c->routes->pdata[i];

		if (r->adapter == a)
			return !r->looking && !r->look_again && !r->claiming && !r->scheduled->length && !r->flying && !r->unsettled &&
			       r->saw_nothing_due;
	}
	return true;
}

void courier_say_idle(struct route *r)
{
	if (!r->courier->closed && courier_is_idle(r->courier, r->adapter))
		r->courier->ev.on_idle(r->courier->ev.arg, r->adapter);
}

bool courier_in_flight(const struct courier *c)
{
	for (guint i = 0; i < c->routes->len; i++) {
		const struct route *r = c->routes->pdata[i];

		if (r->flying || r->claiming)
			return true;
	}
	return c->settling->len || c->under_settling;
}

void courier_hold(struct courier *c, bool hold)
{
	c->is_held = hold;
	if (!hold) {
		courier_settle_flush(c);
		courier_kick(c);
	}
}

void courier_kick(struct courier *c)
{
	for (guint i = 0; i < c->routes->len; i++)
		route_look(c->routes->pdata[i]);
}

void courier_drain(struct courier *c)
{
	c->is_draining = true;
}

const struct courier_stats *courier_get_stats(const struct courier *c)
{
	return &c->stats;
}

/* --- Look: which heads of line could go. --- */

struct look {
	struct route *route;
	unsigned classes, group_classes; /* those that may go; those that may go to groups only */
	struct budget *budget;		 /* or NULL */
	bool is_budget_held;		 /* something due waits for the budget's next period */
	bool is_notice_held;		 /* and it is more than a digest */
	GHashTable *skip;
	GPtrArray *found;
	int64_t next_due, now_ms, quiet_until;
};

static void look_free(struct look *l)
{
	g_hash_table_unref(l->skip);
	if (l->found)
		g_ptr_array_unref(l->found);
	budget_free(l->budget);
	g_free(l);
}

/* Percent of a limit that a class leaves to those before it. */
static unsigned budget_keep(unsigned class)
{
	switch ((enum delivery_class)class) {
	case CLASS_DIRECT:
		return 0;
	case CLASS_NOTICE:
	case CLASS_BUNDLE:
		return BUDGET_KEEP_FROM_NOTICES;
	case CLASS_DIGEST:
		return BUDGET_KEEP_FROM_DIGESTS;
	}
	return 0;
}

unsigned courier_budget_refuses(const struct budget *b)
{
	unsigned refused = 0;

	for (unsigned class = 0; b && class < DELIVERY_CLASSES; class++)
		if (budget_left(b, budget_keep(class)) <= 0)
			refused |= 1u << class;
	return refused;
}

/* Takes out of *classes what the budget has nothing left for. */
static bool budget_look(struct db *db, struct look *l, unsigned *classes, GError **error)
{
	unsigned refused;

	if (store_budget_get(db, l->route->name, l->now_ms, &l->budget, error) == STORE_BROKEN)
		return false;
	refused = *classes & courier_budget_refuses(l->budget);
	*classes &= ~refused;
	l->group_classes = l->budget && l->budget->limit.private_only ? refused : 0;
	l->is_budget_held = l->is_notice_held = false;
	if (!refused)
		return true;
	return store_budget_waits(db, l->budget, refused, l->now_ms, &l->is_budget_held, error) &&
	       store_budget_waits(db, l->budget, refused & ~(1u << CLASS_DIGEST), l->now_ms, &l->is_notice_held, error);
}

static bool look_job(struct db *db, void *arg, GError **error)
{
	struct look *l = arg;
	const char *name = l->route->name;
	unsigned classes = l->classes;

	g_clear_pointer(&l->found, g_ptr_array_unref);
	g_clear_pointer(&l->budget, budget_free);
	l->group_classes = 0;
	if (l->route->counts && !budget_look(db, l, &classes, error))
		return false;
	l->found = store_delivery_due(db, name, classes, l->group_classes, l->now_ms, l->skip, LOOK_MAX, error);
	return l->found && store_delivery_next_due(db, name, classes | l->group_classes, l->now_ms, &l->next_due, error);
}

static GHashTable *far_chats(struct route *r, int64_t now)
{
	GHashTable *skip = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	GHashTableIter iter;
	void *chat, *until;

	g_hash_table_iter_init(&iter, r->far);
	while (g_hash_table_iter_next(&iter, &chat, &until)) {
		if (*(int64_t *)until <= now) {
			g_hash_table_iter_remove(&iter);
			continue;
		}
		g_hash_table_add(skip, g_memdup2(chat, sizeof(int64_t)));
		r->look_at = MIN(r->look_at, *(int64_t *)until);
	}
	return skip;
}

struct claim {
	struct route *route;
	GArray *ids;	  /* int64_t */
	GHashTable *at;	  /* id -> int64_t*: reserved moment */
	GPtrArray *found; /* struct delivery */
};

static bool claim_job(struct db *db, void *arg, GError **error)
{
	struct claim *k = arg;
	int64_t now = clock_wall_ms();

	g_clear_pointer(&k->found, g_ptr_array_unref);
	k->found = store_delivery_claim(db, (const int64_t *)(void *)k->ids->data, k->ids->len, error);
	for (guint i = 0; k->found && k->route->counts && i < k->found->len; i++)
		if (!store_budget_count(db, ((struct delivery *)k->found->pdata[i])->id, now, error))
			return false;
	return k->found != NULL;
}

static int by_time(const void *a, const void *b, void *arg)
{
	const struct shipment *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void claim_done(void *arg, enum job_end end, const GError *error)
{
	struct claim *k = arg;
	struct route *r = k->route;

	r->claiming = false;
	if (end == JOB_FAILED)
		log_error("courier", "deliveries could not be claimed: %s, looking again in 5 s", error ? error->message : "");
	for (guint i = 0; end == JOB_COMMITTED && i < k->found->len; i++) {
		struct shipment *s = g_new0(struct shipment, 1);
		const int64_t *at;

		s->route = r;
		s->seq = ++r->last_seq;
		s->delivery = k->found->pdata[i];
		k->found->pdata[i] = NULL;
		at = g_hash_table_lookup(k->at, &s->delivery->id);
		s->at_ms = at ? *at : 0;
		g_queue_insert_sorted(r->scheduled, s, by_time, NULL);
		r->courier->stats.claimed++;
	}
	if (end == JOB_FAILED)
		r->look_at = clock_mono_ms() + 5 * SECOND_MS;
	g_array_unref(k->ids);
	g_hash_table_unref(k->at);
	if (k->found)
		g_ptr_array_unref(k->found);
	g_free(k);
	route_pump(r);
	/* More may fit: heads behind these, other chats. */
	if (end == JOB_COMMITTED)
		route_look(r);
	courier_close_step(r->courier);
}

static bool is_counted(const struct budget *b, const struct delivery *d)
{
	return b && (!b->limit.private_only || d->chat_kind == CHAT_PRIVATE);
}

/* Reserves moments for what was found, in the order of classes. Returns the claim, or NULL if nothing fits now. */
static struct claim *reserve(struct route *r, GPtrArray *found, const struct budget *budget)
{
	struct claim *k = g_new0(struct claim, 1);
	GQueue of_class[DELIVERY_CLASSES] = { G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT };
	int64_t now = clock_mono_ms();
	unsigned waiting = 0, n_far = 0;
	int64_t spent = 0;

	k->route = r;
	k->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	k->at = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	for (guint i = 0; i < found->len; i++) {
		struct delivery *d = found->pdata[i];

		g_queue_push_tail(&of_class[d->class], d);
		waiting |= 1u << d->class;
	}
	while (waiting) {
		unsigned class = pacer_next_class(r->pacer, waiting);
		const struct delivery *d = g_queue_pop_head(&of_class[class]);
		int64_t at, horizon = class == CLASS_DIRECT ? COURIER_AHEAD_DIRECT_MS : COURIER_AHEAD_MS;

		if (!of_class[class].length)
			waiting &= ~(1u << class);
		if (is_counted(budget, d) && budget_left(budget, budget_keep(d->class)) <= spent)
			continue; /* what was claimed before it took the last: the look after this claim sees it */
		if (pacer_reserve(r->pacer, d->chat_row, d->chat_kind, now, horizon, &at)) {
			g_array_append_val(k->ids, d->id);
			g_hash_table_insert(k->at, g_memdup2(&d->id, sizeof(d->id)), g_memdup2(&at, sizeof(at)));
			spent += is_counted(budget, d);
			continue;
		}
		r->look_at = MIN(r->look_at, MAX(at, now + 1));
		if (at - now > FAR_MS) {
			g_hash_table_insert(r->far, g_memdup2(&d->chat_row, sizeof(d->chat_row)), g_memdup2(&at, sizeof(at)));
			n_far++;
		}
	}
	/* Those that must wait filled the whole look: behind them may be others that need not. */
	r->look_again = r->look_again || (n_far && found->len >= LOOK_MAX);
	if (k->ids->len)
		return k;
	g_array_unref(k->ids);
	g_hash_table_unref(k->at);
	g_free(k);
	return NULL;
}

static void budget_tell(struct route *r, const struct look *l)
{
	const struct courier_events *ev = &r->courier->ev;

	if (l->budget && ev->on_budget)
		ev->on_budget(ev->arg, r->adapter, l->budget, l->is_notice_held);
}

static void look_done(void *arg, enum job_end end, const GError *error)
{
	struct look *l = arg;
	struct route *r = l->route;
	int64_t now_mono = clock_mono_ms();
	struct claim *k = NULL;

	r->looking = false;
	if (end != JOB_COMMITTED) {
		log_warn("courier", "the outbox could not be read: %s, looking again in 5 s", error ? error->message : "");
		r->look_at = now_mono + 5 * SECOND_MS;
	} else if (!r->courier->closed) {
		k = reserve(r, l->found, l->budget);
		budget_tell(r, l);
		r->saw_nothing_due = !l->found->len && !g_hash_table_size(l->skip);
		if (l->next_due >= 0)
			r->look_at = MIN(r->look_at, now_mono + MAX(l->next_due - l->now_ms, 10));
		if (l->quiet_until)
			r->look_at = MIN(r->look_at, now_mono + MAX(l->quiet_until - l->now_ms, 10));
		if (l->is_budget_held) /* the month ends with a day, too */
			r->look_at = MIN(r->look_at, now_mono + MAX(clock_next_day_ms(l->now_ms) - l->now_ms, 10));
	}
	look_free(l);
	if (k) {
		r->claiming = true;
		store_submit_accepted(r->courier->store, 256, claim_job, claim_done, k);
	} else if (r->look_again) {
		r->look_again = false;
		route_look(r);
	}
	route_arm(r);
	courier_say_idle(r);
	courier_close_step(r->courier);
}

static void route_look(struct route *r)
{
	struct courier *c = r->courier;
	struct look *l;

	if (c->closed || c->is_held || r->looking || r->claiming) {
		/* No timer meanwhile: the end of what is under way, or of the trouble, looks again. */
		r->look_again = true;
		r->look_at = INT64_MAX;
		return;
	}
	if (pacer_paused_until(r->pacer) > clock_mono_ms()) {
		r->look_at = pacer_paused_until(r->pacer);
		route_arm(r);
		return;
	}
	l = g_new0(struct look, 1);
	l->route = r;
	l->now_ms = clock_wall_ms();
	l->quiet_until = courier_quiet_until(c->config, l->now_ms);
	l->classes = l->quiet_until || c->is_draining ? CLASSES_ANSWERS : (1u << DELIVERY_CLASSES) - 1;
	l->next_due = -1;
	r->look_at = INT64_MAX;
	r->look_again = false;
	r->looking = true;
	l->skip = far_chats(r, clock_mono_ms());
	store_read(c->store, look_job, look_done, l);
}

/* --- Send. --- */

static void on_sent(void *arg, const struct send_result *result)
{
	struct shipment *s = arg;
	struct route *r = s->route;

	r->flying--;
	courier_settle(s, result);
	route_pump(r);
}

static void send_one(struct route *r, struct shipment *s)
{
	const struct delivery *d = s->delivery;
	const struct outgoing m = {
		.delivery_id = d->id,
		.chat_id = d->chat_id,
		.chat_kind = d->chat_kind,
		.thread_id = d->thread_id,
		.reply_to_id = d->part ? NULL : d->reply_to_id,
		.user_id = d->user_id,
		.text = d->text,
		.spans = d->spans,
		.n_spans = d->n_spans,
		.file = d->file,
	};

	r->flying++;
	adapter_send(r->adapter, &m, on_sent, s);
}

static void route_pump(struct route *r)
{
	int64_t now = clock_mono_ms();
	struct shipment *s;

	while (!r->courier->closed && r->flying < r->concurrent && (s = g_queue_peek_head(r->scheduled)) && s->at_ms <= now) {
		g_queue_pop_head(r->scheduled);
		send_one(r, s);
	}
	route_arm(r);
}

void courier_route_wake(struct route *r)
{
	route_look(r);
	route_arm(r);
	courier_say_idle(r); /* a pause looks at nothing, and nothing is what there is to do */
}

/* --- Close. --- */

static bool unclaim_job(struct db *db, void *arg, GError **error)
{
	const struct shipment *s = arg;

	return store_delivery_unclaim(db, s->delivery->id, error) &&
	       (!s->route->counts || store_budget_give_back(db, s->delivery->id, error));
}

static void unclaim_done(void *arg, enum job_end end, const GError *error)
{
	struct shipment *s = arg;
	struct courier *c = s->route->courier;

	if (end != JOB_COMMITTED)
		log_warn("courier", "delivery %" G_GINT64_FORMAT " stays claimed: %s, the next start treats it as uncertain", s->delivery->id,
			 error ? error->message : "");
	shipment_free(s);
	c->giving_back--;
	courier_close_step(c);
}

static void route_closed(uv_handle_t *h)
{
	struct route *r = h->data;
	struct courier *c = r->courier;

	pacer_free(r->pacer);
	g_hash_table_unref(r->far);
	g_hash_table_unref(r->put_off);
	g_queue_free(r->scheduled);
	g_free(r);
	if (--c->open_routes)
		return;
	void (*closed)(void *) = c->closed;
	void *arg = c->closed_arg;

	g_ptr_array_unref(c->routes);
	g_ptr_array_unref(c->settling);
	config_unref(c->config);
	g_free(c);
	closed(arg);
}

static void give_back(struct courier *c, struct route *r)
{
	struct shipment *s;

	while ((s = g_queue_pop_head(r->scheduled))) {
		c->giving_back++;
		store_submit_accepted(c->store, 64, unclaim_job, unclaim_done, s);
	}
}

void courier_close_step(struct courier *c)
{
	if (!c->closed || c->is_ending)
		return;
	for (guint i = 0; i < c->routes->len; i++)
		give_back(c, c->routes->pdata[i]);
	for (guint i = 0; i < c->routes->len; i++) {
		const struct route *r = c->routes->pdata[i];

		if (r->looking || r->claiming || r->flying)
			return;
	}
	if (c->giving_back || c->settling->len || c->under_settling)
		return;
	c->is_ending = true;
	c->open_routes = c->routes->len;
	if (!c->open_routes) {
		void (*closed)(void *) = c->closed;
		void *arg = c->closed_arg;

		g_ptr_array_unref(c->routes);
		g_ptr_array_unref(c->settling);
		config_unref(c->config);
		g_free(c);
		closed(arg);
		return;
	}
	for (guint i = 0; i < c->open_routes; i++) {
		struct route *r = c->routes->pdata[i];

		uv_close((uv_handle_t *)&r->timer, route_closed);
	}
}

void courier_close(struct courier *c, void (*closed)(void *arg), void *arg)
{
	c->closed = closed;
	c->closed_arg = arg;
	courier_settle_flush(c);
	courier_close_step(c);
}
