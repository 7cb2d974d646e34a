/* SPDX-License-Identifier: MIT */
/* Adapters that speak HTTP + JSON are pure codecs: no I/O, no clock, no store. codec_driver.c does the talking for all of them:
 * poll loop, webhook route, sends, start-up errands. */
#ifndef CDSBOT_ADAPTERS_CODEC_H
#define CDSBOT_ADAPTERS_CODEC_H

#include "adapter.h"
#include "http_client.h"
#include "http_server.h"

/* What the driver does after a poll's answer. */
struct poll_outcome {
	enum {
		POLL_UPDATES, /* updates (maybe none) were decoded into the batch; poll on at once */
		POLL_WAIT,    /* nothing usable: wait wait_ms (-1: the driver's back-off), then poll on */
		POLL_ERRAND,  /* run `errand` (e.g. remove a foreign webhook), then poll on */
		POLL_STOP     /* credentials refused: alarm, try again only after POLL_STOP_RETRY_MS */
	} verdict;
	int64_t wait_ms;
	const char *errand; /* static name */
	char *reason;	    /* for the alarm; owned by the outcome */
};

/* What one answer to an errand means. */
struct errand_outcome {
	enum {
		ERRAND_DONE,   /* reason, if any, is a remark for the log */
		ERRAND_AGAIN,  /* one step of several is done (a page was read, updates may be in it): ask for the next at once */
		ERRAND_LATER,  /* try again after wait_ms (-1: back-off) */
		ERRAND_FAILED, /* not fatal: say so and go on */
		ERRAND_STOP    /* credentials refused: as POLL_STOP */
	} verdict;
	int64_t wait_ms;
	char *reason; /* also with ERRAND_DONE: something worth a line in the log */
	char *save_key, *save_value; /* committed through on_save before the errand counts as done, or NULL */
	GPtrArray *updates;	     /* struct update (history read again, members of a list), stored before the errand goes on, or NULL */
	/* save_* and updates count with DONE, AGAIN and FAILED (updates are stored first); with LATER and STOP they are dropped: the codec
	 * reads the same again. */
};

enum webhook_verdict {
	WEBHOOK_GENUINE, /* decode and store, then 200 */
	WEBHOOK_PROBE,	 /* the platform's harmless empty probe: 200, no effect */
	WEBHOOK_FORGED	 /* 401, only counted */
};

struct codec_ops {
	/* Reads its options into a->state and a->pace. Pure: no network. */
	bool (*open)(struct adapter *a, GError **error);
	void (*release)(struct adapter *a);

	/* The errands to run in this order at start (static names, ends with NULL); the driver retries each with back-off. Polling
	 * and sending start when those before the entry "listen" are done. */
	const char *const *start_errands;
	/* False: nothing to do for this errand (already so). */
	bool (*errand)(struct adapter *a, const char *name, struct http_request *ret_request);
	void (*judge_errand)(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret);
	/* Optional upkeep while running (refresh a token ahead of its end, read the group list every day): the next errand's static
	 * name and the wall time it is due, or false: none. Asked again after every errand, when a->wants_errand was set, when what is
	 * saved changed, and at least once a minute (clocks jump). Where several are due it names the most important first: one that
	 * was put off (LATER) is skipped only if the codec names another. One that is due again as soon as it is over is slowed down. */
	bool (*next_errand)(struct adapter *a, int64_t now_ms, const char **ret_name, int64_t *ret_due_ms);
	/* Optional: this errand must be run by one holder at a time among all processes on the database (a single-use refresh token).
	 * The driver first takes the errand's lease (on_lease); what another holder saved meanwhile is in env.saved by then and
	 * saved_changed has been called, so that errand() may find that nothing is left to do. The lease is asked for before every
	 * step and given back with the errand's end or when it is put off. saved_changed is also called when the errand's own
	 * save_key has been committed (env.saved has it then) and when an operator changed a setting by hand. */
	bool (*errand_is_exclusive)(struct adapter *a, const char *name);
	void (*saved_changed)(struct adapter *a);

	/* False: this adapter is configured for a webhook. */
	bool (*next_poll)(struct adapter *a, struct http_request *ret_request);
	/* Decodes into batch->updates and sets batch->cursor. The codec moves its own position only in poll_committed. */
	void (*judge_poll)(struct adapter *a, const struct http_response *r, struct update_batch *batch, struct poll_outcome *ret);
	void (*poll_committed)(struct adapter *a, const struct update_batch *batch);

	/* Path under which the webhook listens, from the options; NULL = polling. Constant-time comparison of the secret. */
	const char *(*webhook_path)(struct adapter *a);
	enum webhook_verdict (*verify)(struct adapter *a, const struct http_server_request *r);
	/* Pure, tolerant: any bytes. False + error only if it is no JSON at all; what it does not understand gives no update. */
	bool (*decode)(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error);
	/* Optional: a call's updates (struct update) were not stored, and the platform hears so; it may not bring them again. */
	void (*webhook_refused)(struct adapter *a, const GPtrArray *updates);

	/* Optional steps before encode, for a file whose bytes the platform wants (download, upload): step counts from 0; false = no
	 * (further) step. judge_prepare: true = go on (next step, then encode, which finds *ret_upload_id in m->upload_id); false =
	 * the send ends with ret. A step's response body stays the driver's and is at hand in the next step as `before`. */
	bool (*prepare)(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *before,
			struct http_request *ret_request);
	bool (*judge_prepare)(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *r,
			      char **ret_upload_id, struct send_result *ret, GPtrArray *ret_scratch);
	/* prepare is called only for an outgoing with a file. A request without response_max or timeout_ms gets CODEC_FILE_MAX and
	 * CODEC_STEP_TIMEOUT_MS; larger ones are cut to these. Redirects are not followed. */

	/* False: this cannot be sent here (ret_reason static): SEND_REFUSED. attempt counts the driver's own immediate second tries
	 * for the same delivery that `judge` asked for (without reply, without formatting). */
	bool (*encode)(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		       const char **ret_reason);
	/* Fills ret (strings by g_intern_string or owned in *ret_scratch, freed by the driver). True: encode again with attempt + 1
	 * at once (at most CODEC_ATTEMPTS_MAX; the answer was certainly "not accepted"). */
	bool (*judge)(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		      struct send_result *ret, GPtrArray *ret_scratch);

	/* check: names of requests to ask (ends with NULL) and what their answers mean. */
	const char *const *check_errands;
	void (*describe)(struct adapter *a, adapter_finding_fn *say, void *arg); /* offline: capabilities, console advice */
	void (*judge_check)(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg);
};

#define CODEC_ATTEMPTS_MAX 3
/* The largest file that a step may fetch: what Telegram lets a bot download (20 MB), more than any of the platforms takes back. It is
 * kept in memory for the next step, once for each send under way. */
#define CODEC_FILE_MAX ((size_t)20 * 1024 * 1024)
#define CODEC_STEP_TIMEOUT_MS INT64_C(60000) /* such a file over a line of 3 Mbit/s */
#define CODEC_STEPS_MAX 8		     /* steps before one send; more is a codec that does not end */
/* While an errand that a judge asked for runs, sends wait in the driver; where it has to pause longer than this they go back to the
 * courier (LATER, platform-wide, with the pause as their wait). */
#define HOLD_MAX_MS 2000
#define POLL_STOP_RETRY_MS INT64_C(300000)
/* An empty poll that came back sooner than it should is followed by this pause: servers without long poll must not be spun on
 * (independent-checks.md §1). */
#define POLL_EARLY_PAUSE_MS 200
/* No finished poll within this time: drop the connection and begin again (telegram.md §10.4). */
#define POLL_WATCHDOG_MS INT64_C(120000)

/* The driver, used by adapter.c. */
bool codec_driver_open(struct adapter *a, GError **error);
void codec_driver_close(struct adapter *a, void (*closed)(struct adapter *a));
void codec_driver_saved_changed(struct adapter *a, GHashTable *fresh);
void codec_driver_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg);

#endif
