/* SPDX-License-Identifier: MIT */
/* Reads what the Zalo Bot Platform answered, for sends down to one of the six outcomes. The body decides, never the HTTP status
 * alone: failures come as 200 (zalo-bot.md §2). Codes first, texts only where there is nothing else. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "zalo_bot.h"

#define REASON_GRAPHEMES_MAX 160
#define FORBIDDEN_MANY 5 /* 403 is documented as an internal error; so many in a row and somebody should look */

static bool read_code(const cJSON *json, const char *name, long *ret)
{
	g_autofree char *text = NULL;
	int64_t n;

	if (!json_id(json, name, &text) || !g_ascii_string_to_signed(text, 10, 300, 599, &n, NULL))
		return false;
	*ret = (long)n;
	return true;
}

/* "ok": false without any code: the description is all there is. */
static long guess_code(const struct zalo_bot_answer *a)
{
	if (zalo_bot_says(a, "unauthorized"))
		return 401;
	return zalo_bot_says(a, "timeout") ? 408 : 400;
}

void zalo_bot_answer_read(const struct http_response *r, struct zalo_bot_answer *ret)
{
	bool is_ok = false, has_ok;

	*ret = (struct zalo_bot_answer){ .description = "", .retry_ms = -1 };
	if (r->trouble != HTTP_ANSWERED)
		return;
	ret->code = r->status;
	ret->retry_ms = r->retry_after_ms >= 0 ? r->retry_after_ms : -1;
	ret->json = json_parse(r->body ? r->body : "", r->body ? r->body_len : 0, NULL);
	if (ret->json && !cJSON_IsObject(ret->json))
		g_clear_pointer(&ret->json, cJSON_Delete);
	if (!ret->json)
		return;
	ret->result = json_at(ret->json, "result");
	json_str(ret->json, "description", &ret->description);
	has_ok = json_bool(ret->json, "ok", &is_ok);
	ret->is_ok = has_ok && is_ok;
	if (ret->is_ok)
		ret->code = 200;
	else if (!read_code(ret->json, "error_code", &ret->code) && !read_code(ret->json, "errorCode", &ret->code) && has_ok &&
		 r->status < 300)
		ret->code = guess_code(ret);
}

void zalo_bot_answer_clear(struct zalo_bot_answer *a)
{
	cJSON_Delete(a->json);
	*a = (struct zalo_bot_answer){ 0 };
}

char *zalo_bot_answer_text(const struct zalo_bot_answer *a, const struct http_response *r)
{
	g_autofree char *clean = NULL, *brief = NULL;

	if (r->trouble != HTTP_ANSWERED)
		return g_strdup(r->reason ? r->reason : "không có trả lời");
	if (!a->json)
		return g_strdup_printf("HTTP %ld, trả lời không phải JSON", a->code);
	clean = text_clean(a->description, strlen(a->description));
	brief = text_ellipsize(clean, REASON_GRAPHEMES_MAX);
	return *brief ? g_strdup_printf("lỗi %ld: %s", a->code, brief) : g_strdup_printf("lỗi %ld", a->code);
}

bool zalo_bot_says(const struct zalo_bot_answer *a, const char *words)
{
	return a->description && strcasestr(a->description, words) != NULL;
}

int64_t zalo_bot_flood_wait(struct zalo_bot_flood *f, int64_t now_ms, int64_t platform_ms, int64_t pause_ms)
{
	int64_t wait_ms = ZALO_BOT_FLOOD_MAX_MS;

	if (f->in_a_row < 16) /* far beyond the largest wait, and no shift too far */
		wait_ms = MIN((int64_t)ZALO_BOT_FLOOD_FIRST_MS << f->in_a_row, ZALO_BOT_FLOOD_MAX_MS);
	f->in_a_row++;
	if (f->n == ZALO_BOT_FLOOD_MANY)
		memmove(f->at_ms, f->at_ms + 1, --f->n * sizeof(f->at_ms[0]));
	f->at_ms[f->n++] = now_ms;
	if (platform_ms >= 0)
		wait_ms = platform_ms;
	if (f->n == ZALO_BOT_FLOOD_MANY && now_ms - f->at_ms[0] < ZALO_BOT_FLOOD_WITHIN_MS) {
		f->n = 0; /* the pause answers these three; later ones are counted anew */
		wait_ms = MAX(wait_ms, pause_ms);
	}
	return wait_ms;
}

/* A chat that is not there (any more): no code is documented, the text must name the chat (zalo-bot.md §8). */
static bool says_no_chat(const struct zalo_bot_answer *a)
{
	static const char *const words[] = { "chat", "recipient", "receiver" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (zalo_bot_says(a, words[i]))
			return true;
	return false;
}

/* By code alone. 500, 502, 504, 408 and garbage under 2xx are UNCERTAIN: there is no idempotency key to ask with. 503 and 429 are
 * refusals at the door. A 4xx that is no JSON is some proxy's on the way; it says nothing about chat or token. */
static enum send_status judge_code(const struct zalo_bot_answer *a)
{
	if (a->code == 429 || a->code == 503 || a->code == 409)
		return SEND_LATER;
	if (a->code == 408 || a->code < 400 || a->code >= 500)
		return SEND_UNCERTAIN;
	if (!a->json)
		return SEND_LATER;
	switch (a->code) {
	case 400:
		return says_no_chat(a) ? SEND_NO_TARGET : SEND_REFUSED;
	case 401:
		return SEND_BROKEN;
	case 403:
		return SEND_LATER;
	case 404: /* "invalid access": the method exists, so it is the chat */
	case 422: /* of 196 chats of a mass mailing 28 answered this for good */
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

static void judge_ok(struct adapter *a, const struct zalo_bot_answer *answer, struct send_result *ret, GPtrArray *scratch)
{
	struct zalo_bot *z = a->state;
	char *id = NULL;

	ret->status = SEND_OK;
	if (json_id(answer->result, "message_id", &id))
		ret->remote_id = reason_add(scratch, id);
	z->flood.in_a_row = 0;
	z->n_forbidden = 0;
	adapter_set_notice(a, NULL);
}

static void judge_failure(struct adapter *a, const struct zalo_bot_answer *answer, struct send_result *ret)
{
	struct zalo_bot *z = a->state;

	ret->status = judge_code(answer);
	if (answer->code == 429) {
		ret->retry_ms = zalo_bot_flood_wait(&z->flood, clock_mono_ms(), answer->retry_ms, z->flood_pause_ms);
		ret->is_platform_wide = true; /* burst and monthly limits are the bot's, not a chat's */
	} else if (ret->status == SEND_LATER) {
		ret->retry_ms = answer->retry_ms;
	}
	if (answer->code == 403 && answer->json && ++z->n_forbidden >= FORBIDDEN_MANY) {
		ret->status = SEND_BROKEN;
		ret->retry_ms = -1;
		adapter_set_notice(
			a, "zalo-bot: Zalo liên tục từ chối gửi (lỗi 403); xem bot còn hoạt động không trong Zalo Bot Creator, "
			   "và chạy cdsbot check");
	}
	if (answer->code == 401 && answer->json)
		adapter_set_notice(
			a,
			"zalo-bot: Zalo không nhận token của bot khi gửi; chép token mới trong Zalo Bot Creator vào cấu hình rồi "
			"khởi động lại");
}

bool zalo_bot_judge(struct adapter *a, const struct outgoing *m, unsigned attempt, const struct http_response *r,
		    struct send_result *ret, GPtrArray *ret_scratch)
{
	struct zalo_bot_answer answer;
	bool is_again = false;

	*ret = (struct send_result){ .status = SEND_UNCERTAIN, .retry_ms = -1 };
	zalo_bot_answer_read(r, &answer);
	if (r->trouble == HTTP_BEFORE_WRITE)
		ret->status = SEND_LATER;
	else if (r->trouble == HTTP_ANSWERED && answer.is_ok)
		judge_ok(a, &answer, ret, ret_scratch);
	else if (r->trouble == HTTP_ANSWERED)
		judge_failure(a, &answer, ret);
	/* The address of a picture expires: then its words and a line about it still arrive. */
	if (ret->status == SEND_REFUSED && attempt == 0 && zalo_bot_is_sendable(m)) {
		is_again = true;
		ret->status = SEND_LATER; /* also what a closing driver tells */
	}
	if (ret->status != SEND_OK)
		ret->reason = reason_add(ret_scratch, zalo_bot_answer_text(&answer, r));
	zalo_bot_answer_clear(&answer);
	return is_again;
}
