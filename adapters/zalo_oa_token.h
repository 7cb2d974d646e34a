/* SPDX-License-Identifier: MIT */
/* The Official Account's token pair: its stored form, its refresh, and who may refresh it. The refresh token works once; a lost
 * answer or two refreshers cost the operator a new consent (zalo-oa.md §2, §11). Hence: one refresher under the lease, committed
 * before use, and never from a copy that may be old (zalo_oa_marker.h). */
#ifndef CDSBOT_ADAPTERS_ZALO_OA_TOKEN_H
#define CDSBOT_ADAPTERS_ZALO_OA_TOKEN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec.h"

#define ZALO_OA_TOKEN_KEY "token" /* the setting that holds the pair */
#define ZALO_OA_TOKEN_LIFE_S 90000 /* when the answer does not say: 25 hours */
#define ZALO_OA_REFRESH_AHEAD_MS (INT64_C(15) * 60 * 1000)

struct zalo_oa;

struct zalo_oa_token {
	char *access, *refresh; /* NULL: none */
	int64_t expires_ms;	/* wall time the access token ends; 0 unknown */
	int64_t id;		/* wall time it was obtained: grows with every pair */
	bool by_hand;		/* given by the operator, never refreshed yet */
};
void zalo_oa_token_clear(struct zalo_oa_token *t);
/* The stored form (JSON) and back. False: no pair in it. */
char *zalo_oa_token_text(const struct zalo_oa_token *t);
bool zalo_oa_token_parse(const char *text_or_null, struct zalo_oa_token *ret);
/* What the operator typed ("ACCESS REFRESH", or the JSON that the console's API Explorer shows) in its stored form; NULL and *ret_what
 * (Vietnamese, static) if it is no pair. Caller frees. */
char *zalo_oa_token_typed(const char *typed, int64_t now_ms, const char **ret_what);

/* Takes over what the database holds if it is newer than what is in force. */
void zalo_oa_token_load(struct zalo_oa *z, const char *text_or_null);
/* The platform's pair is committed: it is in force now, and the marker says so. */
void zalo_oa_token_commit(struct zalo_oa *z);
/* The database is older than the marker says, or was brought from another machine: its refresh token may be used up. */
bool zalo_oa_token_is_old_copy(const struct zalo_oa *z);
/* Before a refresh: the first marker. From then on only a newer pair is at home here, also if the program ends before it is marked. */
void zalo_oa_token_mark_first(const struct zalo_oa *z);
/* Should it be refreshed now? */
bool zalo_oa_token_is_due(const struct zalo_oa *z, int64_t now_ms);
/* A call that carried the token of this id was refused. True: there is (or soon will be) another to try with; false: also the one
 * fetched after a refusal was refused, or none can be fetched. */
bool zalo_oa_token_refused(struct zalo_oa *z, int64_t id);
void zalo_oa_token_worked(struct zalo_oa *z, int64_t id);

void zalo_oa_token_request(const struct zalo_oa *z, struct http_request *ret_request);
void zalo_oa_token_judge(struct zalo_oa *z, const struct http_response *r, int64_t now_ms, struct errand_outcome *ret);

/* What the operator must do when there is no usable token; static Vietnamese. */
const char *zalo_oa_token_trouble(const struct zalo_oa *z);

#endif
