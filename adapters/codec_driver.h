/* SPDX-License-Identifier: MIT */
/* What the parts of the codec driver share: codec_driver.c (life, errands, alarms), codec_listen.c (polls, webhook), codec_send.c.
 * Nobody else includes it. */
#ifndef CDSBOT_ADAPTERS_CODEC_DRIVER_H
#define CDSBOT_ADAPTERS_CODEC_DRIVER_H

#include "codec.h"

/* Trouble that passes by itself within this time is not worth the operator's attention. */
#define ALARM_AFTER_MS 60000

enum trouble_source { TROUBLE_START, TROUBLE_POLL, N_TROUBLES };

struct trouble {
	int64_t since_ms; /* monotonic, 0 = all is well */
	char *alarm;	  /* said to the operator, or NULL */
};

/* One errand under way. Two can be at once: the start list's and the one a poll asked for. */
struct errand {
	struct codec_driver *driver;
	enum trouble_source source;
	const char *name; /* NULL: none */
	unsigned tries;
	struct http_call *call;
	uv_timer_t timer;
	char *save_key, *save_value;
	struct codec_token *saving;
	void (*over)(struct codec_driver *d); /* done, or failed without being fatal */
};

/* What a callback from outside holds instead of the driver: a late answer after closing finds `driver` NULL. */
struct codec_token {
	struct codec_driver *driver;
	struct errand *errand;	/* of a save */
	int64_t pause_ms;	/* of a batch: before the next poll */
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

	uv_timer_t poll_timer;
	struct http_call *poll_call;
	struct codec_token *batch; /* handed up and not answered yet */
	unsigned poll_tries;
	char *last_cursor;
	char *webhook_path; /* NULL: polling */

	GQueue sends;	    /* struct codec_send with a call */
	GQueue ended_sends; /* to be told from `later` */
	uv_timer_t later;
};

/* 1, 2, 4 ... 60 s, each drawn from its upper half so that a crowd spreads. */
int64_t codec_backoff_ms(unsigned tries);
/* Trouble goes on; `at_once`: no waiting for ALARM_AFTER_MS. reason may be NULL. */
void codec_trouble_set(struct codec_driver *d, enum trouble_source source, const char *reason, bool at_once);
void codec_trouble_clear(struct codec_driver *d, enum trouble_source source);
void codec_errand_begin(struct errand *e, const char *name);
/* Ends the closing when nothing is under way any more. */
void codec_close_check(struct codec_driver *d);

bool codec_listen_open(struct codec_driver *d, GError **error);
void codec_listen_start(struct codec_driver *d);
void codec_listen_close(struct codec_driver *d);

void codec_send_close(struct codec_driver *d);

#endif
