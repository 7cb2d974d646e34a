/* SPDX-License-Identifier: MIT */
/* What daemon.c, the daemon_*.c and status.c share; nobody else includes it. */
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
#include "store/search/rebuild.h"
#include "store/store.h"
#include "turns.h"
#include "window.h"

/* daemon_index.c's. One job of it is under way at most. */
struct daemon_index {
	uv_timer_t timer; /* the pause between two steps, or the wait for the next look */
	struct rebuild_state state; /* what the last job found */
	bool is_busy, look_again, has_right, is_failing;
	int right; /* of store_lock() */
};

struct daemon {
	const struct daemon_options *options;
	uv_loop_t loop;
	uv_signal_t on_term, on_int, on_hup;
	uv_timer_t drain;
	struct config *config;
	struct config *adapter_config; /* the one the adapters were opened with: they borrow it */
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
	bool console_ended, is_recovered;
	bool has_missed_change; /* another process wrote during recovery */
	bool is_reloading_register, reload_register_again;
	struct daemon_index index;
	char lease_holder[40];
	GHashTable *told_alarms;  /* adapter -> what the admins were told */
	GHashTable *budget_words; /* words on budgets given to the scheduler */
	GHashTable *budgets;	  /* adapter -> struct budget, as of the courier's last look */
	unsigned n_left_asked; /* deliveries that the start found uncertain and holds for the admins */
	int64_t asked_quiet_until; /* mono: no further notice about uncertain deliveries before */
	int exit_status;
	/* shutdown */
	enum { DAEMON_RUNS, DAEMON_DRAINS, DAEMON_CLOSES } phase;
	unsigned closing;
	int64_t drain_until;
};

/* daemon_events.c: the parts and who hears of what. */
struct store_events daemon_store_events(struct daemon *d);
struct adapter_events daemon_adapter_events(struct daemon *d);
void daemon_open_parts(struct daemon *d);
void daemon_catch_up(struct daemon *d); /* look again at everything that another process may have changed */
void daemon_reload_register(struct daemon *d);
/* A local adapter (the console) reads on when everything its last line caused has been handled and delivered; at the end of its input
 * the program ends with it. */
void daemon_settle_local(struct daemon *d);

/* Keeps a setting in the writer's order; value NULL removes. */
void daemon_save(struct daemon *d, const char *scope, const char *key, const char *value);

/* daemon_index.c: begins to rebuild the search index if it has to be. Its timer is open from the start; closed once no job can come any more. */
void daemon_index_open(struct daemon *d);
void daemon_index_look(struct daemon *d);
void daemon_index_close(struct daemon *d);

/* daemon_upkeep.c */
void daemon_lease_holder_make(struct daemon *d);
void daemon_on_lease(void *daemon, struct adapter *a, const char *errand, void (*done)(void *done_arg, bool granted, GHashTable *saved),
		     void *done_arg);
void daemon_on_release(void *daemon, struct adapter *a, const char *errand);
void daemon_on_alarm(void *daemon, struct adapter *a, const char *text_or_null);
void daemon_on_budget(void *daemon, struct adapter *a, const struct budget *b, bool is_held);
void daemon_reload_saved(struct daemon *d);
bool daemon_budget_open(struct daemon *d, const struct adapter *a, GError **error);
void daemon_upkeep_release(struct daemon *d);

/* daemon.c: recovery is over, the adapters may open. */
void daemon_on_recovered(void *daemon);

/* daemon_close.c: intake, turns and sends, adapters, courier, servers, store. Called again: does not wait any longer. */
void daemon_drain(struct daemon *d, const char *why);
/* Without draining: the start failed. */
void daemon_close(struct daemon *d);

/* Adds /healthz and /metrics to the status server. */
bool status_open(struct daemon *d, GError **error);

#endif
