/* SPDX-License-Identifier: MIT */
/* Reads what the Bot API answered, for sends down to one of the six outcomes. Codes and parameters decide first, texts only where
 * there is nothing else: they may change without notice. Nothing is retried here but what the platform named as the obstacle. */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/text.h"

#include "telegram.h"

#define REASON_GRAPHEMES_MAX 160
#define JITTER_MAX_MS 500
#define FLOODED_CHATS_MAX 3 /* so many different chats refused in a row: the flood is the bot's, not theirs */

static bool has_envelope(const cJSON *json)
{
	return json_at(json, "ok") || json_at(json, "error_code");
}

void telegram_answer_read(const struct http_response *r, struct telegram_answer *ret)
{
	bool is_ok = false;
	int64_t n;

	*ret = (struct telegram_answer){ .description = "", .retry_ms = -1 };
	if (r->trouble != HTTP_ANSWERED)
		return;
	ret->code = r->status;
	ret->retry_ms = r->retry_after_ms >= 0 ? r->retry_after_ms : -1;
	ret->json = json_parse(r->body ? r->body : "", r->body ? r->body_len : 0, NULL);
	/* A 4xx without Telegram's envelope is a proxy's on the way: it says nothing about chat or token, in JSON or not. */
	if (ret->json && (!cJSON_IsObject(ret->json) || (r->status >= 400 && r->status < 500 && !has_envelope(ret->json)))) {
		cJSON_Delete(ret->json);
		ret->json = NULL;
	}
	if (!ret->json)
		return;
	ret->result = json_at(ret->json, "result");
	json_str(ret->json, "description", &ret->description);
	json_id(ret->json, "parameters.migrate_to_chat_id", &ret->migrate_to);
	if (json_int64(ret->json, "parameters.retry_after", &n) && n > 0)
		ret->retry_ms = MIN(n, HTTP_RETRY_AFTER_MAX_MS / SECOND_MS) * SECOND_MS;
	ret->is_ok = json_bool(ret->json, "ok", &is_ok) && is_ok && r->status < 400;
	if (ret->is_ok)
		ret->code = 200;
	else if (json_int64(ret->json, "error_code", &n) && n >= 300 && n < 600)
		ret->code = (long)n;
	else if (r->status < 300) /* a test server reports errors with status 200 */
		ret->code = json_at(ret->json, "ok") ? 400 : r->status;
}

void telegram_answer_clear(struct telegram_answer *a)
{
	cJSON_Delete(a->json);
	g_free(a->migrate_to);
	*a = (struct telegram_answer){ 0 };
}

char *telegram_answer_text(const struct telegram_answer *a, const struct http_response *r)
{
	g_autofree char *clean = NULL, *masked = NULL, *brief = NULL;

	if (r->trouble != HTTP_ANSWERED)
		return g_strdup(r->reason ? r->reason : "không có trả lời");
	if (!a->json)
		return g_strdup_printf("HTTP %ld, trả lời không phải của Telegram", a->code);
	clean = text_clean(a->description, strlen(a->description));
	masked = log_mask(clean); /* before it is cut: half a secret is not recognised any more */
	brief = text_ellipsize(masked, REASON_GRAPHEMES_MAX);
	return *brief ? g_strdup_printf("HTTP %ld: %s", a->code, brief) : g_strdup_printf("HTTP %ld", a->code);
}

int64_t telegram_retry_ms(const struct telegram_answer *a)
{
	return a->retry_ms < 0 ? -1 : a->retry_ms + g_random_int_range(0, JITTER_MAX_MS);
}

bool telegram_says(const struct telegram_answer *a, const char *words)
{
	return a->description && strcasestr(a->description, words) != NULL;
}

static bool says_any(const struct telegram_answer *a, const char *const *words)
{
	for (; *words; words++)
		if (telegram_says(a, *words))
			return true;
	return false;
}

unsigned telegram_peeled(const struct telegram *t, const struct outgoing *m, unsigned attempt)
{
	const struct telegram_peeled *p = attempt > 0 ? g_hash_table_lookup(t->peeled, &m->delivery_id) : NULL;

	return p ? p->bits : 0;
}

static bool peel(struct telegram *t, const struct outgoing *m, unsigned attempt, enum telegram_peel what, bool is_there)
{
	unsigned done = telegram_peeled(t, m, attempt);
	struct telegram_peeled *p;

	if (!is_there || (done & what) || attempt + 1 >= CODEC_ATTEMPTS_MAX)
		return false;
	p = g_new0(struct telegram_peeled, 1);
	p->delivery_id = m->delivery_id;
	p->bits = done | what;
	g_hash_table_replace(t->peeled, &p->delivery_id, p);
	return true;
}

/* True: the complaint is about something that can be left out, so send again without it. */
static bool judge_complaint(struct telegram *t, const struct outgoing *m, unsigned attempt, const struct telegram_answer *a)
{
	static const char *const reply[] = { "message to be replied not found", "replied message not found",
					     "message to reply not found", "REPLY_MESSAGE_ID_INVALID", NULL };
	static const char *const thread[] = {
		"message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED", "topic closed", "MESSAGE_THREAD_ID_INVALID", NULL
	};
	static const char *const spans[] = { "can't parse entities", "can't parse entity", "ENTITY_BOUNDS_INVALID",
					     "ENTITIES_TOO_LONG", NULL };

	return (says_any(a, reply) && peel(t, m, attempt, PEEL_REPLY, m->reply_to_id != NULL)) ||
	       (says_any(a, thread) && peel(t, m, attempt, PEEL_THREAD, m->thread_id != NULL)) ||
	       (says_any(a, spans) && peel(t, m, attempt, PEEL_SPANS, m->n_spans > 0));
}

/* Descriptions of the same code 400 that differ in what they mean (telegram.md §6). */
static const char *const words_gone[] = { "chat not found",
					  "PEER_ID_INVALID",
					  "user not found",
					  "group chat was upgraded",
					  "group chat was deactivated",
					  "group is deactivated",
					  "chat was deleted",
					  "user is deactivated",
					  "USER_DEACTIVATED",
					  "USER_IS_BLOCKED",
					  "bot was blocked",
					  "bot was kicked",
					  "bot is not a member",
					  "CHANNEL_PRIVATE",
					  "CHAT_ID_INVALID",
					  NULL };
static const char *const words_rights[] = { "not enough rights",         "have no rights",
					    "need administrator rights", "CHAT_WRITE_FORBIDDEN",
					    "CHAT_RESTRICTED",           "CHAT_ADMIN_REQUIRED",
					    "CHAT_GUEST_SEND_FORBIDDEN", "CHAT_SEND_PLAIN_FORBIDDEN",
					    "USER_BANNED_IN_CHANNEL",    NULL };
static const char *const words_file_rights[] = { "CHAT_SEND_PHOTOS_FORBIDDEN",   "CHAT_SEND_DOCS_FORBIDDEN",
						 "CHAT_SEND_VIDEOS_FORBIDDEN",   "CHAT_SEND_AUDIOS_FORBIDDEN",
						 "CHAT_SEND_VOICES_FORBIDDEN",   "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN",
						 "CHAT_SEND_STICKERS_FORBIDDEN", "CHAT_SEND_GIFS_FORBIDDEN",
						 "CHAT_SEND_MEDIA_FORBIDDEN",    NULL };

static enum send_status judge_400(const struct telegram_answer *a, const struct outgoing *m)
{
	if (telegram_says(a, "message is not modified"))
		return SEND_OK;
	if (says_any(a, words_gone))
		return SEND_NO_TARGET;
	/* A group that forbids pictures still takes text: only this post is refused, the group is not parked. */
	if (says_any(a, words_file_rights) ||
	    (m->file && telegram_says(a, "not enough rights to send") && !telegram_says(a, "text messages")))
		return SEND_REFUSED;
	return says_any(a, words_rights) ? SEND_NO_TARGET : SEND_REFUSED;
}

/* 429 says how long, never for whom (telegram.md §6, §10.9: sending on during a flood wait makes it longer). True: the bot's. */
static bool count_flood(struct telegram *t, const char *chat_id)
{
	if (g_strcmp0(t->flooded_chat, chat_id) != 0) {
		g_free(t->flooded_chat);
		t->flooded_chat = g_strdup(chat_id);
		t->flooded_chats++;
	}
	return t->is_poll_flooded || t->flooded_chats >= FLOODED_CHATS_MAX;
}

/* By code alone, once the answer is neither ok nor a complaint.
 * 500, 502, 504 and garbage under 2xx: UNCERTAIN. They come from a front end whose back end may have finished ("Internal Server
 * Error: restart" too is sent to queries under way when the server closes), and there is no idempotency key to ask with; by
 * default the courier sends uncertain ones again, so nothing is lost by telling the truth. 503, 409 and 429 are refusals at the
 * door: LATER. A 4xx that is no JSON is some proxy's on the way; it says nothing about chat or token: LATER as well. */
static enum send_status judge_code(const struct telegram_answer *a, const struct outgoing *m)
{
	if (a->code == 413)
		return SEND_REFUSED;
	if (a->code == 409 || a->code == 429 || a->code == 503)
		return SEND_LATER;
	if (a->code < 400 || a->code >= 500)
		return SEND_UNCERTAIN;
	if (!a->json)
		return SEND_LATER;
	switch (a->code) {
	case 400:
		return judge_400(a, m);
	case 401:
	case 404: /* the cloud says so of tokens that it does not know; else the base URL is wrong */
	case 421:
		return SEND_BROKEN;
	case 403:
		return SEND_NO_TARGET;
	default:
		return SEND_REFUSED;
	}
}

static const char *reason_add(GPtrArray *scratch, char *text) /* takes */
{
	g_ptr_array_add(scratch, text);
	return text;
}

static void judge_answer(struct telegram *t, const struct outgoing *m, const struct telegram_answer *a, struct send_result *ret,
			 GPtrArray *scratch)
{
	if (a->is_ok) {
		char *id = NULL;

		ret->status = SEND_OK;
		if (json_id(a->result, "message_id", &id)) /* a test server answers null */
			ret->remote_id = reason_add(scratch, id);
		t->flooded_chats = 0;
		g_clear_pointer(&t->flooded_chat, g_free);
		return;
	}
	if (a->code == 400 && a->migrate_to && strcmp(a->migrate_to, m->chat_id) != 0) {
		ret->status = SEND_LATER;
		ret->retry_ms = 0;
		ret->moved_to = reason_add(scratch, g_strdup(a->migrate_to));
		return;
	}
	ret->status = judge_code(a, m);
	if (ret->status == SEND_LATER) {
		ret->retry_ms = telegram_retry_ms(a);
		ret->is_platform_wide = a->code == 429 && count_flood(t, m->chat_id);
	}
}

bool telegram_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		    struct send_result *ret, GPtrArray *ret_scratch)
{
	struct telegram *t = a->state;
	struct telegram_answer answer;
	bool is_again;

	*ret = (struct send_result){ .status = SEND_UNCERTAIN, .retry_ms = -1 };
	telegram_answer_read(r, &answer);
	is_again = answer.code == 400 && !answer.migrate_to && judge_complaint(t, m, attempt, &answer);
	if (r->trouble == HTTP_BEFORE_WRITE)
		ret->status = SEND_LATER;
	else if (r->trouble == HTTP_ANSWERED)
		judge_answer(t, m, &answer, ret, ret_scratch);
	if (is_again) /* also what a closing driver tells: it was not accepted, and may be tried another day */
		ret->status = SEND_LATER;
	else
		g_hash_table_remove(t->peeled, &m->delivery_id);
	if (ret->status != SEND_OK)
		ret->reason = reason_add(ret_scratch, telegram_answer_text(&answer, r));
	telegram_answer_clear(&answer);
	return is_again;
}
