/* SPDX-License-Identifier: MIT */
/* What courier.c and courier_settle.c share; nobody else includes it. */
#ifndef CDSBOT_BOT_COURIER_PRIVATE_H
#define CDSBOT_BOT_COURIER_PRIVATE_H

#include "courier.h"
#include "pacer.h"
#include "store/delivery.h"

struct courier {
	uv_loop_t *loop;
	struct store *store;
	struct config *config;
	struct courier_events ev;
	GPtrArray *routes;   /* struct route */
	GPtrArray *settling; /* struct settled, waiting for the next settle job */
	bool is_held, is_draining, is_ending;
	unsigned giving_back, open_routes, under_settling;
	void (*closed)(void *);
	void *closed_arg;
	struct courier_stats stats;
};

struct route {
	struct courier *courier;
	struct adapter *adapter; /* gone before the route is, once courier_close was called */
	const char *name;
	unsigned concurrent;
	bool counts; /* the adapter has a message budget */
	struct pacer *pacer;
	bool looking, look_again, claiming;
	bool saw_nothing_due;	/* the last look found nothing that could go now or is held by a bucket */
	int64_t look_at;	/* mono; INT64_MAX = only when kicked */
	GHashTable *far;	/* int64_t* chat row -> int64_t* until when its bucket is empty */
	GHashTable *put_off;	/* int64_t* delivery -> int64_t* mono: first wait in this run that the platform named */
	GQueue *scheduled;	/* struct shipment by time */
	unsigned flying, unsettled;
	uint64_t last_seq;
	uv_timer_t timer;
};

/* A claimed delivery on its way. */
struct shipment {
	struct route *route;
	struct delivery *delivery;
	int64_t at_ms;
	uint64_t seq; /* order of claims: equal moments keep it */
};
void shipment_free(struct shipment *s);

/* Takes the shipment and what became of it; stores it with the next settle job. */
void courier_settle(struct shipment *s, const struct send_result *result);
void courier_settle_flush(struct courier *c);
void courier_close_step(struct courier *c);
void courier_route_wake(struct route *r);
void courier_say_idle(struct route *r);

#endif
