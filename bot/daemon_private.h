/* SPDX-License-Identifier: MIT */
/* What daemon.c and status.c share; nobody else includes it. */
#ifndef CDSBOT_BOT_DAEMON_PRIVATE_H
#define CDSBOT_BOT_DAEMON_PRIVATE_H

#include <uv.h>

#include "adapters/adapter.h"
#include "adapters/http_client.h"
#include "adapters/http_server.h"
#include "broadcast.h"
#include "courier.h"
#include "daemon.h"
#include "ingress.h"
#include "scheduler.h"
#include "store/delivery.h"
#include "store/store.h"
#include "turns.h"
#include "window.h"

struct daemon {
	const struct daemon_options *options;
	uv_loop_t loop;
	uv_signal_t on_term, on_int, on_hup;
	uv_timer_t drain;
	struct config *config;
	struct registry *registry;
	struct store *store;
	struct window *window;
	struct ingress *ingress;
	struct turns *turns;
	struct courier *courier;
	struct broadcast *broadcast;
	struct scheduler *scheduler;
	struct http_client *http;
	struct http_server *server; /* webhooks, or NULL */
	struct http_server *status; /* /healthz and /metrics, or NULL */
	GPtrArray *adapters;	    /* struct adapter */
	GPtrArray *saved;	    /* GHashTable: what each adapter had stored, for as long as it lives */
	GPtrArray *menu;	    /* struct menu_entry */
	struct adapter_events events;
	char *disk_trouble;	    /* or NULL */
	bool console_ended, is_recovered, is_reloading_register;
	int exit_status;
	/* shutdown */
	enum { DAEMON_RUNS, DAEMON_DRAINS, DAEMON_CLOSES } phase;
	unsigned closing;
	int64_t drain_until;
};

/* Adds /healthz and /metrics to the status server. */
bool status_open(struct daemon *d, GError **error);

#endif
