/* SPDX-License-Identifier: MIT */
/* What the parts of the codec driver share: codec_driver.c (life, alarms), codec_errand.c (one errand: its steps, lease, what it
 * stores), codec_upkeep.c (which errand when, and the sends that wait for one), codec_listen.c (polls, webhook), codec_send.c and
 * codec_prepare.c (sends). Nobody else includes it. */
#ifndef CDSBOT_ADAPTERS_CODEC_DRIVER_H
#define CDSBOT_ADAPTERS_CODEC_DRIVER_H

#include "codec.h"

/* Trouble that passes by itself within this time is not worth the operator's attention. */
#define ALARM_AFTER_MS 60000

/* Pages of one errand asked for without a pause: a codec that never comes to an end is slowed down after so many. A group of 1,000
 * members read by the platform's smallest page (5) takes 200. */
#define ERRAND_STEPS_MAX 1000
/* An errand whose lease another holder has looks again after this: a token is refreshed within a second or two. */
#define LEASE_RETRY_MS 700

enum trouble_source { TROUBLE_START, TROUBLE_POLL, TROUBLE_UPKEEP, N_TROUBLES };

struct trouble {
	int64_t since_ms; /* monotonic, 0 = all is well */
	char *alarm;	  /* said to the operator, or NULL */
};

/* One errand under way. Three can be at once: the start list's, the one a poll asked for, and upkeep's. Each step: lease, request,
 * judge, then what it brought is stored: updates, then the saved value; then the next step or the end. */
struct errand {
	struct codec_driver *driver;
	enum trouble_source source;
	const char *name; /* NULL: none */
	unsigned tries, steps;
	struct http_call *call;
	uv_timer_t timer;
	uint64_t began; /* the driver's tick when the step's request was made */
	/* Of the step that was answered: */
	bool is_answered, wants_step;
	GPtrArray *updates;
	char *save_key, *save_value;
	struct codec_token *waiting; /* for a lease, a batch or a save */
	bool is_leased;
	void (*over)(struct codec_driver *d); /* done, or failed without being fatal */
	/* Upkeep: it may give way instead of waiting; NULL: it waits by its own timer. */
	void (*put_off)(struct codec_driver *d, int64_t wait_ms);
};

/* What a callback from outside holds instead of the driver: a late answer after closing finds `driver` NULL. */
struct codec_token {
	struct codec_driver *driver;
	struct errand *errand;	/* of a lease, a save, an errand's batch */
	int64_t pause_ms;	/* of a poll's batch: before the next poll */
};

struct codec_driver {
	struct adapter *adapter;
	const struct codec_ops *ops;
	unsigned n_handles;
	bool is_listening, is_closing, is_ending;
	void (*closed)(struct adapter *a);
	struct trouble troubles[N_TROUBLES];

	struct errand start, asked;
	unsigned start_index;

	struct errand upkeep;
	const char *running; /* what upkeep is at, NULL: nothing */
	uv_timer_t upkeep_timer;
	GPtrArray *wanted;	  /* static names that a judge asked for, in order; the first may be running: sends are held */
	GHashTable *known;	  /* name -> struct upkeep_state */
	uint64_t tick;		  /* counts the ends of upkeep errands */
	const char *trouble_name; /* the errand whose trouble TROUBLE_UPKEEP is */

	uv_timer_t poll_timer;
	struct http_call *poll_call;
	uint64_t poll_began; /* tick */
	struct codec_token *batch; /* handed up and not answered yet */
	unsigned poll_tries;
	char *last_cursor;
	char *webhook_path; /* NULL: polling */
	GQueue webhook_calls; /* struct webhook_call, handed up and not answered yet */

	GQueue sends;	    /* struct codec_send with a call */
	GQueue held;	    /* struct codec_send that wait for an errand */
	GQueue ended_sends; /* to be told from `later` */
	uv_timer_t later;
};

/* 1, 2, 4 ... 60 s, each drawn from its upper half so that a crowd spreads. */
int64_t codec_backoff_ms(unsigned tries);
/* Trouble goes on; `at_once`: no waiting for ALARM_AFTER_MS. reason may be NULL. */
void codec_trouble_set(struct codec_driver *d, enum trouble_source source, const char *reason, bool at_once);
void codec_trouble_clear(struct codec_driver *d, enum trouble_source source);

void codec_errand_init(struct errand *e, struct codec_driver *d, enum trouble_source source, void (*over)(struct codec_driver *d));
void codec_errand_begin(struct errand *e, const char *name);
/* A later moment was set for the errand's next try: try now. */
void codec_errand_hurry(struct errand *e);
void codec_errand_close(struct errand *e);
void codec_errand_clear(struct errand *e);
/* env.saved becomes what is in fresh, and the codec is told. */
void codec_saved_take(struct codec_driver *d, GHashTable *fresh);

void codec_upkeep_open(struct codec_driver *d);
/* The adapter listens: what comes due is done from now on. Called again: looks again. */
void codec_upkeep_look(struct codec_driver *d);
/* Pauses of upkeep end: what is saved has changed. */
void codec_upkeep_hurry(struct codec_driver *d);
/* After every answer that a codec judged: did it set wants_errand? began: the driver's tick when what was answered was asked. */
void codec_upkeep_heed(struct codec_driver *d, uint64_t began);
/* May a send go? If not: true, and how long the errand pauses (0: it is under way). */
bool codec_upkeep_holds(const struct codec_driver *d, int64_t *ret_wait_ms);
void codec_upkeep_close(struct codec_driver *d);
void codec_upkeep_free(struct codec_driver *d);

/* Ends the closing when nothing is under way any more. */
void codec_close_check(struct codec_driver *d);

bool codec_listen_open(struct codec_driver *d, GError **error);
void codec_listen_start(struct codec_driver *d);
void codec_listen_close(struct codec_driver *d);

/* One send. Its steps before encode are codec_prepare.c's. */
struct codec_send {
	struct codec_driver *driver;
	GList link;
	struct outgoing *outgoing;
	unsigned attempt, step;
	bool is_prepared;
	bool was_held;	/* its answer asked for an errand once: that does not happen twice to the same send */
	uint64_t began; /* tick */
	struct http_response before; /* of the last step, body owned */
	struct http_call *call;
	struct send_result result;
	adapter_send_done_fn *done;
	void *arg;
};
/* True: a step was begun, or the send has ended. False: go on to encode. */
bool codec_prepare(struct codec_send *s);
void codec_send_go(struct codec_send *s);
/* A judged answer's end: told, tried again or held. Strings of s->result live in scratch. */
void codec_send_judged(struct codec_send *s, bool wants_again);
/* Ends a send without an answer, from the loop. reason is static. */
void codec_send_end(struct codec_send *s, enum send_status status, int64_t retry_ms, const char *reason);
/* The errand is over: those that waited for it go. */
void codec_send_release_held(struct codec_driver *d);
/* The errand pauses: those that waited for it go back to the courier. */
void codec_send_give_back_held(struct codec_driver *d, int64_t retry_ms);
void codec_send_close(struct codec_driver *d);

#endif
