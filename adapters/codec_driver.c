/* SPDX-License-Identifier: MIT */
/* The life of a codec adapter: opening, the start list, alarms, closing. What is said over the wire is the codec's. */
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "codec_driver.h"

#define BACKOFF_MIN_MS SECOND_MS
#define BACKOFF_MAX_MS (60 * SECOND_MS)

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
	static const char *const phrases[] = { "chưa kết nối được", "không nhận được tin", "không làm được việc nền" };
	struct trouble *t = &d->troubles[source];
	int64_t now = clock_mono_ms();
	g_autofree char *masked = log_mask(reason ? reason : "không rõ lý do");

	if (t->since_ms == 0)
		t->since_ms = now;
	if (!at_once && now - t->since_ms < ALARM_AFTER_MS)
		return;
	g_free(t->alarm);
	t->alarm = g_strdup_printf("%s: %s: %s", d->adapter->ops->name, phrases[source], masked);
	alarm_refresh(d);
}

void codec_trouble_clear(struct codec_driver *d, enum trouble_source source)
{
	d->troubles[source].since_ms = 0;
	g_clear_pointer(&d->troubles[source].alarm, g_free);
	alarm_refresh(d);
}

static void listening_begin(struct codec_driver *d)
{
	if (d->is_listening)
		return;
	d->is_listening = true;
	codec_listen_start(d);
	codec_upkeep_look(d);
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

static void on_asked_over(struct codec_driver *d)
{
	/* With a pause: an errand that does not help must not make poll and errand chase each other. */
	codec_listen_start(d);
}

static void driver_free(struct codec_driver *d)
{
	for (unsigned i = 0; i < N_TROUBLES; i++)
		g_free(d->troubles[i].alarm);
	codec_errand_clear(&d->start);
	codec_errand_clear(&d->asked);
	codec_upkeep_free(d);
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
	g_queue_init(&d->webhook_calls);
	g_queue_init(&d->sends);
	g_queue_init(&d->held);
	g_queue_init(&d->ended_sends);
	if (!a->env.saved)
		a->env.saved = a->own_saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	codec_errand_init(&d->start, d, TROUBLE_START, start_next);
	codec_errand_init(&d->asked, d, TROUBLE_POLL, on_asked_over);
	codec_upkeep_open(d);
	uv_timer_init(a->env.loop, &d->poll_timer);
	uv_timer_init(a->env.loop, &d->later);
	d->poll_timer.data = d->later.data = d;
	d->n_handles = 6;
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
	uv_timer_t *timers[] = { &d->start.timer, &d->asked.timer, &d->upkeep.timer, &d->upkeep_timer, &d->poll_timer, &d->later };

	if (!d->is_closing || d->is_ending || d->poll_call || d->start.call || d->asked.call || d->upkeep.call || d->sends.length > 0 ||
	    d->ended_sends.length > 0)
		return;
	d->is_ending = true;
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		timers[i]->data = d;
		uv_close((uv_handle_t *)timers[i], on_handle_closed);
	}
}

void codec_driver_saved_changed(struct adapter *a, GHashTable *fresh)
{
	struct codec_driver *d = a->driver;

	if (d->is_closing)
		return;
	codec_saved_take(d, fresh);
	/* What an operator set right by hand must not wait for the end of a long pause. */
	codec_errand_hurry(&d->start);
	codec_upkeep_hurry(d);
}

void codec_driver_close(struct adapter *a, void (*closed)(struct adapter *a))
{
	struct codec_driver *d = a->driver;

	d->is_closing = true;
	d->closed = closed;
	codec_errand_close(&d->start);
	codec_errand_close(&d->asked);
	codec_upkeep_close(d);
	codec_listen_close(d);
	codec_send_close(d);
	codec_close_check(d);
}
