/* SPDX-License-Identifier: MIT */
/* The life of a codec adapter: opening, errands with back-off, alarms, closing. What is said over the wire is the codec's. */
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "codec_driver.h"

#define BACKOFF_MIN_MS SECOND_MS
#define BACKOFF_MAX_MS (60 * SECOND_MS)

static void errand_run(struct errand *e);

int64_t codec_backoff_ms(unsigned tries)
{
	int64_t ceiling = tries < 6 ? BACKOFF_MIN_MS << tries : BACKOFF_MAX_MS;

	ceiling = MIN(ceiling, BACKOFF_MAX_MS);
	return ceiling / 2 + g_random_int_range(0, (gint32)(ceiling / 2) + 1);
}

/* Alarms */

static void alarm_refresh(struct codec_driver *d)
{
	const char *text = NULL;

	for (unsigned i = 0; i < N_TROUBLES && !text; i++)
		text = d->troubles[i].alarm;
	adapter_set_alarm(d->adapter, text);
}

void codec_trouble_set(struct codec_driver *d, enum trouble_source source, const char *reason, bool at_once)
{
	struct trouble *t = &d->troubles[source];
	int64_t now = clock_mono_ms();
	g_autofree char *masked = log_mask(reason ? reason : "không rõ lý do");

	if (t->since_ms == 0)
		t->since_ms = now;
	if (!at_once && now - t->since_ms < ALARM_AFTER_MS)
		return;
	g_free(t->alarm);
	t->alarm = g_strdup_printf("%s: %s: %s", d->adapter->ops->name,
				   source == TROUBLE_START ? "chưa kết nối được" : "không nhận được tin", masked);
	alarm_refresh(d);
}

void codec_trouble_clear(struct codec_driver *d, enum trouble_source source)
{
	d->troubles[source].since_ms = 0;
	g_clear_pointer(&d->troubles[source].alarm, g_free);
	alarm_refresh(d);
}

/* Errands */

static void on_errand_timer(uv_timer_t *timer)
{
	errand_run(timer->data);
}

static void errand_wait(struct errand *e, int64_t wait_ms)
{
	if (wait_ms < 0)
		wait_ms = codec_backoff_ms(e->tries);
	e->tries++;
	uv_timer_start(&e->timer, on_errand_timer, (uint64_t)wait_ms, 0);
}

static void errand_over(struct errand *e)
{
	e->name = NULL;
	g_clear_pointer(&e->save_key, g_free);
	g_clear_pointer(&e->save_value, g_free);
	e->over(e->driver);
}

static void on_saved(void *arg, bool committed)
{
	struct codec_token *token = arg;
	struct errand *e = token->errand;
	bool is_alive = token->driver != NULL;

	g_free(token);
	if (!is_alive)
		return;
	e->saving = NULL;
	if (committed)
		errand_over(e);
	else
		errand_wait(e, -1); /* saves again; the errand itself may be unrepeatable */
}

static void errand_save(struct errand *e)
{
	struct adapter *a = e->driver->adapter;

	e->saving = g_new0(struct codec_token, 1);
	e->saving->driver = e->driver;
	e->saving->errand = e;
	a->env.events->on_save(a->env.events->arg, a, e->save_key, e->save_value, on_saved, e->saving);
}

/* An errand that a poll asked for proves nothing about polling: only a poll does. */
static void errand_went_well(struct errand *e)
{
	if (e->source != TROUBLE_POLL)
		codec_trouble_clear(e->driver, e->source);
}

static void errand_apply(struct errand *e, struct errand_outcome *o)
{
	struct codec_driver *d = e->driver;
	const char *area = d->adapter->ops->name;

	switch (o->verdict) {
	case ERRAND_DONE:
		if (o->reason)
			log_warn(area, "%s: %s", e->name, o->reason);
		errand_went_well(e);
		e->tries = 0;
		e->save_key = g_steal_pointer(&o->save_key);
		e->save_value = g_steal_pointer(&o->save_value);
		if (e->save_key)
			errand_save(e);
		else
			errand_over(e);
		break;
	case ERRAND_LATER:
		log_info(area, "%s: %s, retrying", e->name, o->reason ? o->reason : "not now");
		codec_trouble_set(d, e->source, o->reason, false);
		errand_wait(e, o->wait_ms);
		break;
	case ERRAND_FAILED:
		log_warn(area, "%s: %s, ignoring", e->name, o->reason ? o->reason : "failed");
		errand_went_well(e);
		errand_over(e);
		break;
	case ERRAND_STOP:
		codec_trouble_set(d, e->source, o->reason, true);
		errand_wait(e, POLL_STOP_RETRY_MS);
		break;
	}
}

static void on_errand_answer(void *arg, const struct http_response *response)
{
	struct errand *e = arg;
	struct codec_driver *d = e->driver;
	struct errand_outcome outcome = { .verdict = ERRAND_LATER, .wait_ms = -1 };

	e->call = NULL;
	if (d->is_closing) {
		codec_close_check(d);
		return;
	}
	d->ops->judge_errand(d->adapter, e->name, response, &outcome);
	errand_apply(e, &outcome);
	g_free(outcome.reason);
	g_free(outcome.save_key);
	g_free(outcome.save_value);
}

static void errand_run(struct errand *e)
{
	struct codec_driver *d = e->driver;
	struct http_request request = { 0 };

	if (e->save_key) {
		errand_save(e);
		return;
	}
	if (!d->ops->errand || !d->ops->errand(d->adapter, e->name, &request)) {
		errand_over(e);
		return;
	}
	e->call = http_client_start(d->adapter->env.http, &request, on_errand_answer, e);
}

void codec_errand_begin(struct errand *e, const char *name)
{
	e->name = name;
	e->tries = 0;
	errand_run(e);
}

static void listening_begin(struct codec_driver *d)
{
	if (d->is_listening)
		return;
	d->is_listening = true;
	codec_listen_start(d);
}

/* The next of the start list. Called again by each that is over, so the depth is the length of the list at most. */
static void start_next(struct codec_driver *d)
{
	const char *name = d->ops->start_errands ? d->ops->start_errands[d->start_index] : NULL;

	if (!name) {
		listening_begin(d);
		return;
	}
	d->start_index++;
	if (g_str_equal(name, "listen")) {
		listening_begin(d);
		start_next(d);
		return;
	}
	codec_errand_begin(&d->start, name);
}

/* Opening and closing */

static void on_start(uv_timer_t *timer)
{
	start_next(((struct errand *)timer->data)->driver);
}

static void errand_init(struct errand *e, struct codec_driver *d, enum trouble_source source, void (*over)(struct codec_driver *d))
{
	e->driver = d;
	e->source = source;
	e->over = over;
	uv_timer_init(d->adapter->env.loop, &e->timer);
	e->timer.data = e;
}

static void on_asked_over(struct codec_driver *d)
{
	/* With a pause: an errand that does not help must not make poll and errand chase each other. */
	codec_listen_start(d);
}

static void driver_free(struct codec_driver *d)
{
	for (unsigned i = 0; i < N_TROUBLES; i++)
		g_free(d->troubles[i].alarm);
	g_free(d->start.save_key);
	g_free(d->start.save_value);
	g_free(d->asked.save_key);
	g_free(d->asked.save_value);
	g_free(d->last_cursor);
	g_free(d->webhook_path);
	g_free(d);
}

bool codec_driver_open(struct adapter *a, GError **error)
{
	struct codec_driver *d;

	if (!a->ops->codec->open(a, error))
		return false;
	d = g_new0(struct codec_driver, 1);
	d->adapter = a;
	d->ops = a->ops->codec;
	if (!codec_listen_open(d, error)) {
		d->ops->release(a);
		driver_free(d);
		return false;
	}
	a->driver = d;
	g_queue_init(&d->sends);
	g_queue_init(&d->ended_sends);
	errand_init(&d->start, d, TROUBLE_START, start_next);
	errand_init(&d->asked, d, TROUBLE_POLL, on_asked_over);
	uv_timer_init(a->env.loop, &d->poll_timer);
	uv_timer_init(a->env.loop, &d->later);
	d->poll_timer.data = d->later.data = d;
	d->n_handles = 4;
	uv_timer_start(&d->start.timer, on_start, 0, 0);
	return true;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct codec_driver *d = handle->data;
	struct adapter *a = d->adapter;
	void (*closed)(struct adapter *adapter) = d->closed;

	if (--d->n_handles > 0)
		return;
	d->ops->release(a);
	a->driver = NULL;
	driver_free(d);
	closed(a);
}

void codec_close_check(struct codec_driver *d)
{
	uv_timer_t *timers[] = { &d->start.timer, &d->asked.timer, &d->poll_timer, &d->later };

	if (!d->is_closing || d->is_ending || d->poll_call || d->start.call || d->asked.call || d->sends.length > 0 ||
	    d->ended_sends.length > 0)
		return;
	d->is_ending = true;
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		timers[i]->data = d;
		uv_close((uv_handle_t *)timers[i], on_handle_closed);
	}
}

static void errand_close(struct errand *e)
{
	uv_timer_stop(&e->timer);
	if (e->call)
		http_call_cancel(e->call);
	if (e->saving)
		e->saving->driver = NULL;
}

void codec_driver_close(struct adapter *a, void (*closed)(struct adapter *a))
{
	struct codec_driver *d = a->driver;

	d->is_closing = true;
	d->closed = closed;
	errand_close(&d->start);
	errand_close(&d->asked);
	codec_listen_close(d);
	codec_send_close(d);
	codec_close_check(d);
}
