/* SPDX-License-Identifier: MIT */
/* What the files of the Zalo Official Account adapter share. Private to adapters/zalo_oa*.c and their tests. Facts with
 * "zalo-oa.md" in a comment come from the platform's fact sheet. All ids are strings, also those that look like numbers. */
#ifndef CDSBOT_ADAPTERS_ZALO_OA_H
#define CDSBOT_ADAPTERS_ZALO_OA_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapter.h"
#include "base/macros.h"
#include "codec.h"
#include "zalo_oa_token.h"

#define ZALO_OA_TEXT_MAX 2000 /* "characters", taken as UTF-16 units: stricter than code points (zalo-oa.md §4, §10) */
#define ZALO_OA_CALL_TIMEOUT_MS 30000
#define ZALO_OA_PAGE_SURE 10 /* rows a page that surely are not too many (zalo-oa.md §6) */
#define ZALO_OA_PAGE_TRY 50 /* members are many: tried first */
#define ZALO_OA_PAGES_MAX 1000 /* a server that never ends its list must not be asked for ever */
#define ZALO_OA_HEARD_KEY "heard_ms" /* the setting that holds up to when the groups were heard */
#define ZALO_OA_FILE_MAX (INT64_C(5) * 1024 * 1024) /* zalo-oa.md §7 */
#define ZALO_OA_PICTURE_MAX (INT64_C(1) * 1024 * 1024)
/* -32 is counted by the minute: wait for the next one, with a little spread. */
#define ZALO_OA_MINUTE_SPREAD_MS 3000

struct zalo_oa_group {
	char *id, *name;
	int64_t members, members_max; /* -1 unknown */
	int64_t delete_ms;	      /* the day it dissolves, 0 none told */
	bool is_disabled;
};

/* A walk over pages, perhaps of one group after the other. */
struct zalo_oa_walk {
	guint group;
	int64_t offset;
	unsigned pages;
};

struct zalo_oa {
	char *app_id, *app_secret, *oa_secret, *oa_id;
	char *api, *oauth; /* without a slash at the end */
	char *webhook_path;
	bool takes_oa_id_signature;
	int64_t event_age_max_ms;  /* 0: not looked at */
	int64_t upkeep_every_ms, catch_up_every_ms; /* the latter 0: off */
	int64_t rejected_said_ms;  /* monotonic: when a refused event was last written to the log */

	struct zalo_oa_token token;
	struct zalo_oa_token fresh; /* from the platform, not committed yet */
	char *marker_path;	    /* zalo_oa_marker.h; NULL: not kept */
	bool is_watching;	    /* adapter_env.is_check: the marker is read, not written */
	int64_t refused_id;	    /* the token (by its id) that the platform refused, 0 none */
	int64_t unproven_id;	    /* a token that came after a refusal and has not worked yet, 0 none */
	GHashTable *used;	    /* delivery id -> id of the token its request carried */
	GHashTable *uploaded_again; /* deliveries whose upload was done anew after -100 */
	int64_t errand_token_id;    /* of the errand under way */
	int64_t refresh_not_before_ms;
	char *call_notice, *money_notice, *webhook_notice, *group_notice;

	char *oa_name;	   /* as members see it, or NULL; for mentions */
	GHashTable *names; /* user id -> display name, from member lists: events carry none */

	GPtrArray *groups, *groups_read; /* struct zalo_oa_group: known, and being read */
	struct zalo_oa_walk walk;
	const char *walk_owner; /* the errand whose pages these are: a put-off one may be overtaken by another */
	int64_t page_size;
	int64_t groups_due_ms, info_due_ms, members_due_ms, history_due_ms; /* INT64_MAX: not before another asks */
	GHashTable *members_before, *members_now; /* user ids of the group being read: at the last reading, until now; or NULL */
	int64_t members_began_ms, members_total; /* the latter as the platform counts, -1 unknown */
	int64_t heard_ms;	/* the groups' history was read up to here, 0 never */
	int64_t pass_began_ms; /* of the history pass under way */
	bool is_history_unpaid; /* the money notice is the history's: the next page that comes ends it */
	bool has_gap;		/* a group of that pass could not be read, though the bot is in it */
	GPtrArray *history;    /* struct update of one group's pages, newest first, or NULL */
	GHashTable *heard_ids; /* messages of late, by webhook or history: those are not read back again */
	GQueue heard_order;    /* the same ids, oldest first; owned by heard_ids */
	int64_t opened_ms, event_ms; /* wall time of the start; newest group message that came by webhook */
	int64_t missed_ms;	     /* newest one of this pass that only the history knows though its event is overdue */
};

/* zalo_oa_answer.c: one answer, read tolerantly. */
enum zalo_oa_class {
	ZALO_OA_OK,
	ZALO_OA_TOKEN,	   /* refresh once, try again once */
	ZALO_OA_MINUTE,	   /* over the calls of this minute */
	ZALO_OA_LATER,	   /* certainly not done, passes by itself */
	ZALO_OA_QUOTA,	   /* paid messages used up, or no money for them; free ones go on */
	ZALO_OA_STALE,	   /* an upload id ran out */
	ZALO_OA_CONTENT,   /* never accepted as it is */
	ZALO_OA_NOBODY,	   /* this person or group cannot be written to (until they write) */
	ZALO_OA_OPERATOR,  /* somebody must do something in a console; then it works again */
	ZALO_OA_DEFECT,	   /* the app or the OA is gone, or this program speaks wrongly: stop */
	ZALO_OA_UNCERTAIN, /* no telling whether it was done */
};
struct zalo_oa_answer {
	cJSON *json;
	enum zalo_oa_class class;
	long status;	     /* HTTP, 0 none */
	int64_t code;	     /* `error`, 0 none */
	const char *message; /* "" if none */
	const cJSON *data;   /* or NULL */
	const char *advice;  /* Vietnamese, for the operator, or NULL */
	int64_t retry_ms;
};
void zalo_oa_answer_read(const struct http_response *r, struct zalo_oa_answer *ret);
void zalo_oa_answer_clear(struct zalo_oa_answer *a);
/* "lỗi -216: Access token is invalid", short and clean; caller frees. */
char *zalo_oa_answer_text(const struct zalo_oa_answer *a, const struct http_response *r);
/* Until the next minute begins, with some spread. */
int64_t zalo_oa_minute_wait_ms(void);

/* zalo_oa.c: a call of the API with the token in force; takes query (the text after the path, may be NULL) and body (or NULL: GET). */
void zalo_oa_request(struct zalo_oa *z, const char *path_and_query, cJSON *body, struct http_request *ret);
/* Notes which token the request of a delivery carries: an answer to an older one must not discredit a newer. */
void zalo_oa_mark_used(struct zalo_oa *z, int64_t delivery_id);
/* What the operator must do, shown as the adapter's alarm: because calls fail (NULL: one succeeded), because of the groups' state. */
void zalo_oa_notice(struct adapter *a, const char *text_or_null);
void zalo_oa_worry(struct adapter *a, const char *text_or_null);
/* Private messages are not paid for; only one that goes through ends it. */
void zalo_oa_money_notice(struct adapter *a, const char *text_or_null);
void zalo_oa_webhook_notice(struct adapter *a, const char *text_or_null);
/* Remembers a message; false: it is known already. Forgets those that were not stored after all. */
bool zalo_oa_hear(struct zalo_oa *z, const char *message_id);
void zalo_oa_unhear(struct adapter *a, const GPtrArray *updates);

/* zalo_oa_signature.h: verify. zalo_oa_decode.c: an event to updates; a row of a group's history to an update (NULL: none). */
struct zalo_oa_event {
	const char *signature, *timestamp; /* headers, NULL if absent */
	const char *body;
	size_t len;
};
enum webhook_verdict zalo_oa_verify_event(struct zalo_oa *z, const struct zalo_oa_event *e);
enum webhook_verdict zalo_oa_verify(struct adapter *a, const struct http_server_request *r);
bool zalo_oa_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error);
struct update *zalo_oa_decode_row(struct adapter *a, const char *group_id, const cJSON *row);
void zalo_oa_remember_name(struct zalo_oa *z, const char *user_id, const char *name);
/* "1795485467338" or 1795485467338 or seconds; 0 if it is no time. */
int64_t zalo_oa_time_ms(const cJSON *root, const char *path);

/* zalo_oa_encode.c */
/* People's text with every "[@" broken by an invisible character, or (if it would grow past max units) by a look-alike; NFC.
 * Caller frees. */
char *zalo_oa_neutralise(const char *text, size_t max_units);
bool zalo_oa_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		    const char **ret_reason);
/* zalo_oa_upload.c */
bool zalo_oa_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *before,
		     struct http_request *ret_request);
bool zalo_oa_judge_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *r,
			   char **ret_upload_id, struct send_result *ret, GPtrArray *ret_scratch);
/* zalo_oa_judge.c */
bool zalo_oa_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		   struct send_result *ret, GPtrArray *ret_scratch);
/* What an answer that is not OK means for a delivery; reason is filled. */
void zalo_oa_judge_failure(struct adapter *a, const struct outgoing *m, const struct zalo_oa_answer *answer,
			   const struct http_response *r, struct send_result *ret, GPtrArray *scratch);

/* zalo_oa_errand.c: which errand, when; zalo_oa_groups.c and zalo_oa_history.c: what they ask and read. */
bool zalo_oa_errand(struct adapter *a, const char *name, struct http_request *ret_request);
void zalo_oa_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret);
bool zalo_oa_next_errand(struct adapter *a, int64_t now_ms, const char **ret_name, int64_t *ret_due_ms);
bool zalo_oa_errand_is_exclusive(struct adapter *a, const char *name);
void zalo_oa_saved_changed(struct adapter *a);
/* Begins the errand's pages anew. */
void zalo_oa_walk_reset(struct zalo_oa *z);

void zalo_oa_group_free(struct zalo_oa_group *g);
bool zalo_oa_ask_groups(struct adapter *a, const char *name, struct http_request *ret_request);
void zalo_oa_read_groups(struct adapter *a, const char *name, const struct zalo_oa_answer *answer, struct errand_outcome *ret);
/* Takes key and user_id (or NULL). */
void zalo_oa_outcome_add(struct adapter *a, enum update_kind kind, const struct zalo_oa_group *g, char *key, char *user_id,
			 const char *user_name, struct errand_outcome *ret);
/* zalo_oa_members.c */
void zalo_oa_read_members(struct adapter *a, const struct zalo_oa_group *g, const cJSON *data, struct errand_outcome *ret);
void zalo_oa_members_forget(struct zalo_oa *z);
bool zalo_oa_ask_history(struct adapter *a, struct http_request *ret_request);
void zalo_oa_read_history(struct adapter *a, const struct zalo_oa_answer *answer, struct errand_outcome *ret);
/* On to the next group: AGAIN if there is one, else DONE. Each of the others does so for its errand, after this group was read or
 * could not be asked, and ends the pass behind the last. */
void zalo_oa_next_group(struct zalo_oa *z, struct errand_outcome *ret);
void zalo_oa_info_next(struct adapter *a, struct errand_outcome *ret);
void zalo_oa_members_next(struct zalo_oa *z, struct errand_outcome *ret);
void zalo_oa_history_next(struct adapter *a, struct errand_outcome *ret);
/* A count, as number or digits; -1: none. */
int64_t zalo_oa_number(const cJSON *root, const char *path);
/* A group's answer as `cdsbot check` and the alarm tell it; NULL: nothing to worry about. Caller frees. */
char *zalo_oa_group_worry(const struct zalo_oa_group *g, int64_t now_ms);
void zalo_oa_group_read(struct zalo_oa_group *g, const cJSON *info);

/* zalo_oa_check.c */
extern const char *const zalo_oa_check_errands[];
bool zalo_oa_ask_check(struct adapter *a, const char *name, struct http_request *ret_request);
void zalo_oa_describe(struct adapter *a, adapter_finding_fn *say, void *arg);
void zalo_oa_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg);

#endif
