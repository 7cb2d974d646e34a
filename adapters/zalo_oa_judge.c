/* SPDX-License-Identifier: MIT */
/* What an answer to a send means for the delivery: the classes of zalo_oa_answer.c down to the six outcomes. */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "zalo_oa.h"

#define TOKEN_RETRY_MS SECOND_MS           /* after the refresh, which holds sends by itself */
#define NO_TOKEN_RETRY_MS MINUTE_MS        /* an operator must act */
#define QUOTA_RETRY_MS HOUR_MS             /* bought or renewed: not within minutes */
#define OPERATOR_RETRY_MS (10 * MINUTE_MS) /* works again by itself once the console is right */
#define LATER_RETRY_MS (30 * SECOND_MS)
#define LONG_RETRY_MS (30 * MINUTE_MS) /* night hours, a receiver over its limit */

static const char *keep(GPtrArray *scratch, char *text) /* takes */
{
	g_ptr_array_add(scratch, text);
	return text;
}

static int64_t token_of(struct zalo_oa *z, const struct outgoing *m)
{
	const int64_t *keys = g_hash_table_lookup(z->used, &m->delivery_id);

	return keys ? keys[1] : z->token.id;
}

/* Refresh once, send again once; refused with the fresh token too, the trouble is the operator's. */
static void judge_token(struct adapter *a, int64_t used, struct send_result *ret)
{
	struct zalo_oa *z = a->state;

	ret->status = SEND_LATER;
	ret->is_platform_wide = true;
	ret->retry_ms = TOKEN_RETRY_MS;
	if (used != z->token.id)
		return; /* refreshed meanwhile */
	if (zalo_oa_token_refused(z, used)) {
		a->wants_errand = "refresh";
		return;
	}
	zalo_oa_notice(a, zalo_oa_token_trouble(z));
	if (z->unproven_id == used && used != 0)
		ret->status = SEND_BROKEN;
	else
		ret->retry_ms = NO_TOKEN_RETRY_MS;
}

static int64_t later_ms(const struct zalo_oa_answer *answer)
{
	if (answer->retry_ms >= 0)
		return answer->retry_ms;
	if (answer->code == -234 || answer->code == -218)
		return LONG_RETRY_MS;
	return answer->code != 0 ? LATER_RETRY_MS : -1;
}

/* Ids ran out between upload and send: the next try uploads anew, once. */
static void judge_stale(struct zalo_oa *z, const struct outgoing *m, struct send_result *ret)
{
	if (g_hash_table_contains(z->uploaded_again, &m->delivery_id)) {
		g_hash_table_remove(z->uploaded_again, &m->delivery_id);
		ret->status = SEND_REFUSED;
		return;
	}
	g_hash_table_add(z->uploaded_again, g_memdup2(&m->delivery_id, sizeof(m->delivery_id)));
	ret->status = SEND_LATER;
	ret->retry_ms = 0;
}

static void judge_class(struct adapter *a, const struct outgoing *m, const struct zalo_oa_answer *answer, struct send_result *ret)
{
	struct zalo_oa *z = a->state;

	switch (answer->class) {
	case ZALO_OA_OK:
	case ZALO_OA_UNCERTAIN:
		ret->status = SEND_UNCERTAIN;
		break;
	case ZALO_OA_TOKEN:
		judge_token(a, token_of(z, m), ret);
		break;
	case ZALO_OA_MINUTE:
		ret->status = SEND_LATER;
		ret->is_platform_wide = true;
		ret->retry_ms = zalo_oa_minute_wait_ms();
		break;
	case ZALO_OA_LATER:
		ret->status = SEND_LATER;
		ret->is_platform_wide = answer->status == 429;
		ret->retry_ms = later_ms(answer);
		break;
	case ZALO_OA_QUOTA: /* private messages are paid for, groups are not: each waits for itself */
		ret->status = SEND_LATER;
		ret->retry_ms = QUOTA_RETRY_MS;
		zalo_oa_money_notice(a, answer->advice);
		break;
	case ZALO_OA_STALE:
		judge_stale(z, m, ret);
		break;
	case ZALO_OA_CONTENT:
		ret->status = SEND_REFUSED;
		break;
	case ZALO_OA_NOBODY:
		ret->status = SEND_NO_TARGET;
		if (answer->advice)
			zalo_oa_notice(a, answer->advice);
		break;
	case ZALO_OA_OPERATOR:
		ret->status = SEND_LATER;
		ret->is_platform_wide = true;
		ret->retry_ms = OPERATOR_RETRY_MS;
		zalo_oa_notice(a, answer->advice);
		break;
	case ZALO_OA_DEFECT:
		ret->status = SEND_BROKEN;
		zalo_oa_notice(a, answer->advice);
		break;
	}
}

void zalo_oa_judge_failure(struct adapter *a, const struct outgoing *m, const struct zalo_oa_answer *answer,
			   const struct http_response *r, struct send_result *ret, GPtrArray *scratch)
{
	*ret = (struct send_result){ .status = SEND_UNCERTAIN, .retry_ms = -1 };
	judge_class(a, m, answer, ret);
	ret->reason = keep(scratch, zalo_oa_answer_text(answer, r));
}

bool zalo_oa_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		   struct send_result *ret, GPtrArray *ret_scratch)
{
	struct zalo_oa *z = a->state;
	struct zalo_oa_answer answer;
	bool is_again = false;

	zalo_oa_answer_read(r, &answer);
	if (answer.class == ZALO_OA_OK) {
		char *id = NULL;

		*ret = (struct send_result){ .status = SEND_OK, .retry_ms = -1 };
		if (json_id(answer.data, "message_id", &id) || json_id(answer.data, "msg_id", &id))
			ret->remote_id = keep(ret_scratch, id);
		zalo_oa_token_worked(z, token_of(z, m));
		zalo_oa_notice(a, NULL);
		if (m->chat_kind == CHAT_PRIVATE)
			zalo_oa_money_notice(a, NULL);
		g_hash_table_remove(z->uploaded_again, &m->delivery_id);
	} else {
		zalo_oa_judge_failure(a, m, &answer, r, ret, ret_scratch);
		/* A picture that Zalo does not take from its address: say at least that there is one. */
		is_again = ret->status == SEND_REFUSED && attempt == 0 && m->file && m->file->kind == ATTACHMENT_PHOTO;
	}
	g_hash_table_remove(z->used, &m->delivery_id);
	zalo_oa_answer_clear(&answer);
	return is_again;
}
