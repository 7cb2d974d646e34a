/* SPDX-License-Identifier: MIT */
/* The end of the daemon: intake ends, what is under way drains, then turns, courier, scheduler and adapters close, then the network, then
 * the database. What was not done is a row and is found at the next start. */
#include "daemon_private.h"

#include "base/clock.h"
#include "base/log.h"

/* SIGTERM: how long what is under way may take before the adapters are closed on it (systemd gives 90 s). */
#define DRAIN_MS (8 * 1000)
#define DRAIN_LOOK_MS 20

static void close_step(struct daemon *d);

static bool is_quiet(const struct daemon *d)
{
	return d->is_recovered && ingress_is_idle(d->ingress) && turns_is_idle(d->turns) && broadcast_is_idle(d->broadcast) &&
	       !courier_in_flight(d->courier);
}

static void drain_step(struct daemon *d);

static void on_drain(uv_timer_t *timer)
{
	drain_step(timer->data);
}

static void drain_step(struct daemon *d)
{
	if (d->phase != DAEMON_DRAINS)
		return;
	if (!is_quiet(d) && clock_mono_ms() < d->drain_until) {
		uv_timer_start(&d->drain, on_drain, DRAIN_LOOK_MS, 0);
		return;
	}
	d->phase = DAEMON_CLOSES;
	close_step(d);
}

void daemon_drain(struct daemon *d, const char *why)
{
	if (d->phase != DAEMON_RUNS) {
		d->drain_until = 0; /* asked twice: do not wait */
		return;
	}
	log_info("daemon", "%s: draining", why);
	d->phase = DAEMON_DRAINS;
	d->drain_until = clock_mono_ms() + DRAIN_MS;
	ingress_set_closed(d->ingress, true);
	broadcast_stop(d->broadcast);
	courier_drain(d->courier);
	drain_step(d);
}

void daemon_close(struct daemon *d)
{
	d->phase = DAEMON_CLOSES;
	close_step(d);
}

static void one_closed(void *arg)
{
	struct daemon *d = arg;

	if (!--d->closing)
		close_step(d);
}

static void store_closed(void *arg)
{
	((struct daemon *)arg)->store = NULL;
	one_closed(arg);
}

static void close_parts(struct daemon *d)
{
	d->closing += 4; /* the last one for this function: none may be the end before all have begun */
	turns_close(g_steal_pointer(&d->turns), one_closed, d);
	courier_close(g_steal_pointer(&d->courier), one_closed, d);
	scheduler_close(g_steal_pointer(&d->scheduler), one_closed, d);
	while (d->adapters->len) {
		d->closing++;
		adapter_close(g_ptr_array_steal_index(d->adapters, d->adapters->len - 1), one_closed, d);
	}
	one_closed(d);
}

static void close_network(struct daemon *d)
{
	d->closing++;
	if (d->http) {
		d->closing++;
		http_client_close(g_steal_pointer(&d->http), one_closed, d);
	}
	if (d->server) {
		d->closing++;
		http_server_close(g_steal_pointer(&d->server), one_closed, d);
	}
	if (d->status) {
		d->closing++;
		http_server_close(g_steal_pointer(&d->status), one_closed, d);
	}
	one_closed(d);
}

static void close_step(struct daemon *d)
{
	if (d->turns) {
		close_parts(d);
	} else if (d->http || d->server || d->status) {
		close_network(d);
	} else if (d->store) {
		d->closing++;
		store_close(d->store, store_closed, d);
	} else {
		daemon_index_close(d);
		uv_close((uv_handle_t *)&d->on_term, NULL);
		uv_close((uv_handle_t *)&d->on_int, NULL);
		uv_close((uv_handle_t *)&d->on_hup, NULL);
		uv_close((uv_handle_t *)&d->drain, NULL);
	}
}
