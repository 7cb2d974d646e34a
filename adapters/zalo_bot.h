/* SPDX-License-Identifier: MIT */
/* What the files of the Zalo Bot Platform adapter share: the codec's state and how an answer is read. Private to
 * adapters/zalo_bot*.c and their tests. Facts with "zalo-bot.md" in a comment come from the platform's fact sheet.
 *
 * The one window in which a message can be lost: getUpdates has neither position nor acknowledgement, the server forgets an update
 * the moment it answers (zalo-bot.md §5.2). The codec keeps every answer until it is committed, hands it up again when the core
 * refused it and asks for no other meanwhile. So only the end of the process (or of the connection) between the server's answer and
 * the commit loses something: a few milliseconds per message, or one answer for as long as the disk refuses to store. By webhook there
 * is no such window: 200 is said after the commit. */
#ifndef CDSBOT_ADAPTERS_ZALO_BOT_H
#define CDSBOT_ADAPTERS_ZALO_BOT_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapter.h"
#include "codec.h"

#define ZALO_BOT_SECTION "zalo-bot"
#define ZALO_BOT_BASE "https://bot-api.zaloplatforms.com" /* the older bot-api.zapps.me answers 404 to polls (zalo-bot.md §2) */
#define ZALO_BOT_TEXT_MAX 2000 /* the unit is not stated; UTF-16 units of NFC text satisfy every reading (zalo-bot.md §4) */
#define ZALO_BOT_CALL_TIMEOUT_MS 30000
#define ZALO_BOT_PHOTO_TIMEOUT_MS 150000 /* the server downloads the picture before it answers (zalo-bot.md §9) */
#define ZALO_BOT_POLL_MARGIN_MS 15000 /* what a long poll may take beyond its own timeout: giving up first would lose its update   \
				       */
#define ZALO_BOT_MONTH_FREE 3000      /* messages a month of the free package (zalo-bot.md §1) */

/* Refused for "too many": how long to wait (zalo-bot.md §8, learnt in the field by a mass mailing). */
#define ZALO_BOT_FLOOD_FIRST_MS 2000 /* then 4 s, 8 s, ... */
#define ZALO_BOT_FLOOD_MAX_MS 120000
#define ZALO_BOT_FLOOD_MANY 3 /* so many within the time below: the long pause */
#define ZALO_BOT_FLOOD_WITHIN_MS 300000

struct zalo_bot_flood {
	unsigned in_a_row; /* since the last accepted message */
	unsigned n;        /* entries of at_ms, oldest first */
	int64_t at_ms[ZALO_BOT_FLOOD_MANY];
};
/* One more refusal at a monotonic time: how long to hold everything. platform_ms: what the platform asked for, or -1. */
int64_t zalo_bot_flood_wait(struct zalo_bot_flood *f, int64_t now_ms, int64_t platform_ms, int64_t pause_ms);

struct zalo_bot {
	char *token, *base; /* base: api_url without a slash at its end */
	bool is_webhook;
	char *webhook_url, *webhook_path, *webhook_secret; /* NULL when polling */
	int64_t poll_timeout_s, flood_pause_ms;

	GPtrArray *names;    /* char*: what a mention of the bot may read, see zalo_bot_mention_add */
	guint n_own_names;   /* of these, from the option; those behind come from getMe */
	GPtrArray *commands; /* char*: names of the menu, borrowed from env.menu */

	GPtrArray *unstored; /* struct update: handed up and not committed yet, handed up again if refused */
	struct zalo_bot_flood flood;
	unsigned n_forbidden;   /* answers 403 in a row */
	unsigned webhook_tries; /* setWebhook calls whose check failed */
	char *seen_url;         /* the webhook the platform had at start, "" none, NULL unknown */
};

/* One answer, read by its body whatever the HTTP status (zalo-bot.md §2): failures come as 200. */
struct zalo_bot_answer {
	cJSON *json;
	bool is_ok;
	long code;               /* 0: no answer at all; 200: ok; else error_code or errorCode, else the HTTP status */
	const char *description; /* "" if none */
	const cJSON *result;     /* may be NULL */
	int64_t retry_ms;        /* from the header, else -1 */
};
void zalo_bot_answer_read(const struct http_response *r, struct zalo_bot_answer *ret);
void zalo_bot_answer_clear(struct zalo_bot_answer *a);
/* "lỗi 401: Unauthorized", short and clean, or the transport's reason; caller frees. */
char *zalo_bot_answer_text(const struct zalo_bot_answer *a, const struct http_response *r);
bool zalo_bot_says(const struct zalo_bot_answer *a, const char *words); /* description contains, without case */

/* POST to a method with a JSON body (takes it; NULL = "{}"). */
void zalo_bot_request(const struct zalo_bot *z, const char *method, cJSON *body, int64_t timeout_ms, struct http_request *ret);
/* The names that mean the bot: those of the options, then those that getMe gave (may be NULL). */
void zalo_bot_learn_names(struct zalo_bot *z, const cJSON *me);

/* A webhook call by the secret it brought and its body. The platform's trial call has no body and perhaps no secret (zalo-bot.md
 * §3): nothing in it could do harm. */
enum webhook_verdict zalo_bot_verdict(const struct zalo_bot *z, const char *given_or_null, const char *body, size_t len);

/* zalo_bot_decode.c: one event (flat or wrapped) to none or one update; what it does not understand gives none. */
void zalo_bot_decode_event(struct adapter *a, const cJSON *json, GPtrArray *updates);
bool zalo_bot_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error);

/* zalo_bot_encode.c */
bool zalo_bot_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		     const char **ret_reason);
/* Is this file sent as what it is (and not as a line of text about it)? */
bool zalo_bot_is_sendable(const struct outgoing *m);
/* zalo_bot_judge.c */
bool zalo_bot_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		    struct send_result *ret, GPtrArray *ret_scratch);

/* zalo_bot_errand.c */
extern const char *const zalo_bot_start_errands[], *const zalo_bot_check_errands[];
bool zalo_bot_errand(struct adapter *a, const char *name, struct http_request *ret_request);
void zalo_bot_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret);

/* zalo_bot_check.c */
void zalo_bot_describe(struct adapter *a, adapter_finding_fn *say, void *arg);
void zalo_bot_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg);
/* What is wrong with the webhook by the platform's own trial call ("webhook.http.403"), and what to do, in Vietnamese; NULL if all
 * is well. Static. */
const char *zalo_bot_outcome_advice(const char *outcome);

#endif
