/* SPDX-License-Identifier: MIT */
/* What the files of the Telegram adapter share: the codec's state and how an answer of the Bot API is read. Private to
 * adapters/telegram*.c and their tests. Facts with "telegram.md" in a comment come from the platform's fact sheet. */
#ifndef CDSBOT_ADAPTERS_TELEGRAM_H
#define CDSBOT_ADAPTERS_TELEGRAM_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapter.h"
#include "codec.h"

#define TELEGRAM_TEXT_MAX 4096    /* UTF-16 units: stricter than code points, satisfies both readings (telegram.md §5.1) */
#define TELEGRAM_CAPTION_MAX 1024 /* UTF-16 units */
#define TELEGRAM_ENTITIES_MAX 100 /* further ones lose their style anyway */
#define TELEGRAM_COMMANDS_MAX 100 /* a menu */
#define TELEGRAM_CALL_TIMEOUT_MS 30000
#define TELEGRAM_POLL_MARGIN_MS 15000 /* what a long poll may take beyond its own timeout */

struct telegram {
	char *token, *base; /* base: api_url without a slash at its end */
	bool is_webhook;
	char *webhook_url, *webhook_path, *webhook_secret; /* NULL when polling */
	int64_t poll_timeout_s;

	char *username; /* without @; NULL before getMe */

	/* The next poll's offset; moved by poll_committed alone. */
	bool has_offset;
	int64_t offset;

	/* Is a flood wait one chat's or the whole bot's? The answer does not say (telegram.md §6): it is the bot's when polls get
	 * it too, or when several chats in a row got it with no success between them. */
	bool is_poll_flooded;
	unsigned flooded_chats;
	char *flooded_chat;

	GHashTable *peeled; /* struct telegram_peeled, between the judge of a try and that of the last one */
};

/* What a second try leaves out because the platform complained of it. */
enum telegram_peel { PEEL_REPLY = 1, PEEL_THREAD = 2, PEEL_SPANS = 4 };
struct telegram_peeled {
	int64_t delivery_id; /* the key */
	unsigned bits;
};
/* The bits for this try of a delivery; none for the first. */
unsigned telegram_peeled(const struct telegram *t, const struct outgoing *m, unsigned attempt);

/* One answer, read tolerantly: an error body without error_code takes the HTTP status; no JSON, and a 4xx that is not Telegram's,
 * leave json NULL. */
struct telegram_answer {
	cJSON *json;
	bool is_ok;
	long code;               /* 0: no answer at all; 200: ok */
	const char *description; /* "" if none */
	const cJSON *result;     /* may be NULL or a JSON null where a Message is expected */
	char *migrate_to;        /* or NULL */
	int64_t retry_ms;        /* from parameters, else from the header, else -1; without jitter */
};
void telegram_answer_read(const struct http_response *r, struct telegram_answer *ret);
void telegram_answer_clear(struct telegram_answer *a);
/* "HTTP 403: Forbidden: …", short, clean and masked, or the transport's reason; caller frees. */
char *telegram_answer_text(const struct telegram_answer *a, const struct http_response *r);
/* The wait with up to half a second on top, so that many waiters do not come back in one moment; -1 stays -1. */
int64_t telegram_retry_ms(const struct telegram_answer *a);
bool telegram_says(const struct telegram_answer *a, const char *words); /* description contains, without case */

/* POST to a method with a JSON body (takes it; NULL = none). */
void telegram_request(const struct telegram *t, const char *method, cJSON *body, int64_t timeout_ms, struct http_request *ret);
/* The list that every getUpdates and setWebhook must carry: the server remembers an older one (telegram.md §10.12). */
cJSON *telegram_allowed_updates(void);

/* telegram_decode.c: one Update object to none or more updates; what it does not understand gives none. */
void telegram_decode_update(struct adapter *a, const cJSON *json, GPtrArray *updates);
bool telegram_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error);

/* telegram_encode.c */
bool telegram_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		     const char **ret_reason);
/* telegram_judge.c */
bool telegram_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		    struct send_result *ret, GPtrArray *ret_scratch);

/* telegram_errand.c */
extern const char *const telegram_start_errands[], *const telegram_check_errands[];
bool telegram_errand(struct adapter *a, const char *name, struct http_request *ret_request);
void telegram_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret);

/* telegram_check.c */
void telegram_describe(struct adapter *a, adapter_finding_fn *say, void *arg);
void telegram_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg);

#endif
