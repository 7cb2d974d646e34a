/* SPDX-License-Identifier: MIT */
/* Upkeep of the Zalo bot: who am I, webhook off or on. Each is safe to repeat; nothing here sends messages. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "zalo_bot.h"

#define OUTCOME_GRAPHEMES_MAX 60
#define WEBHOOK_KEY "webhook_hash"
/* setWebhook seems limited per day (zalo-bot.md §3): a check that failed is repeated once soon, in case only the own server was
 * slow to start, then seldom. */
#define WEBHOOK_SOON_MS (2 * MINUTE_MS)
#define WEBHOOK_SELDOM_MS (30 * MINUTE_MS)
#define WEBHOOK_LIMITED_MS HOUR_MS

/* getMe comes first: the own names decide what is addressed to the bot. Polling works only without a webhook (zalo-bot.md §5.5).
 * The webhook is set when the route is open, and only if it is not so already. */
const char *const zalo_bot_start_errands[] = { "get-me", "remove-webhook", "look-webhook", "listen", "set-webhook", NULL };
const char *const zalo_bot_check_errands[] = { "get-me", "get-webhook", "test-webhook", NULL };

/* What was last set and found working. The bot's id is part of it: a new token means a bot without a webhook. */
static char *webhook_hash(const struct adapter *a)
{
	const struct zalo_bot *z = a->state;
	g_autofree char *all = g_strdup_printf("%s\n%s\n%s", a->bot_id, z->webhook_url, z->webhook_secret);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
}

static bool request_webhook(struct adapter *a, struct http_request *ret_request)
{
	const struct zalo_bot *z = a->state;
	const char *saved = a->env.saved ? g_hash_table_lookup(a->env.saved, WEBHOOK_KEY) : NULL;
	g_autofree char *hash = webhook_hash(a);
	cJSON *body;

	if (g_strcmp0(z->seen_url, z->webhook_url) == 0 && g_strcmp0(saved, hash) == 0)
		return false;
	body = cJSON_CreateObject();
	json_add_str(body, "url", z->webhook_url);
	json_add_str(body, "secret_token", z->webhook_secret);
	zalo_bot_request(z, "setWebhook", body, ZALO_BOT_CALL_TIMEOUT_MS, ret_request);
	return true;
}

bool zalo_bot_errand(struct adapter *a, const char *name, struct http_request *ret_request)
{
	const struct zalo_bot *z = a->state;
	const char *method;

	if (!strcmp(name, "set-webhook"))
		return z->is_webhook && request_webhook(a, ret_request);
	if (!strcmp(name, "get-me"))
		method = "getMe";
	else if (!strcmp(name, "get-webhook") || (!strcmp(name, "look-webhook") && z->is_webhook))
		method = "getWebhookInfo";
	else if (!strcmp(name, "remove-webhook") && !z->is_webhook)
		method = "deleteWebhook";
	else if (!strcmp(name, "test-webhook") && z->is_webhook)
		method = "testWebhook";
	else
		return false;
	zalo_bot_request(z, method, NULL, ZALO_BOT_CALL_TIMEOUT_MS, ret_request);
	return true;
}

static void judge_me(struct adapter *a, const struct zalo_bot_answer *answer, struct errand_outcome *ret)
{
	char *id = NULL;

	if (!json_id(answer->result, "id", &id)) {
		ret->reason = g_strdup("Zalo không cho biết bot là ai (getMe trả lời lạ)");
		return;
	}
	g_free(a->bot_id);
	a->bot_id = id;
	zalo_bot_learn_names(a->state, answer->result);
	/* can_join_groups is false in the documentation's own sample while its price page promises groups (zalo-bot.md §10.7): no
	 * reason to complain. */
	ret->verdict = ERRAND_DONE;
}

/* The address is kept by the platform also when its trial call failed (zalo-bot.md §3). */
static void judge_set_webhook(struct adapter *a, const struct zalo_bot_answer *answer, struct errand_outcome *ret)
{
	struct zalo_bot *z = a->state;
	g_autofree char *outcome = NULL, *brief = NULL;
	const char *advice;
	bool is_ok = true;

	outcome = json_dup(answer->result, "verification.outcome", "?");
	brief = text_ellipsize(outcome, OUTCOME_GRAPHEMES_MAX);
	json_bool(answer->result, "verification.ok", &is_ok);
	if (is_ok) {
		ret->verdict = ERRAND_DONE;
		ret->save_key = g_strdup(WEBHOOK_KEY);
		ret->save_value = webhook_hash(a);
		return;
	}
	advice = zalo_bot_outcome_advice(outcome);
	ret->wait_ms = z->webhook_tries++ == 0 ? WEBHOOK_SOON_MS : WEBHOOK_SELDOM_MS;
	ret->reason = g_strdup_printf("Zalo gọi thử webhook_url không được (%s): %s", brief,
				      advice ? advice : "chạy cdsbot check để xem cách sửa");
}

static void judge_done(struct adapter *a, const char *name, const struct zalo_bot_answer *answer, struct errand_outcome *ret)
{
	struct zalo_bot *z = a->state;

	if (!strcmp(name, "get-me")) {
		judge_me(a, answer, ret);
	} else if (!strcmp(name, "set-webhook")) {
		judge_set_webhook(a, answer, ret);
	} else {
		ret->verdict = ERRAND_DONE;
		if (!strcmp(name, "look-webhook")) {
			g_free(z->seen_url);
			z->seen_url = json_dup(answer->result, "url", "");
		}
	}
}

/* A poll tells if a webhook is in the way, and setting one does no harm where it is set already: neither of these must hold up the
 * start. 404 says "there is none" (zalo-bot.md §3). */
static bool is_dispensable(const char *name, const struct zalo_bot_answer *answer)
{
	if (strcmp(name, "remove-webhook") != 0 && strcmp(name, "look-webhook") != 0)
		return false;
	return answer->json && answer->code >= 400 && answer->code < 500 && answer->code != 401 && answer->code != 429;
}

static void judge_refused(const char *name, const struct zalo_bot_answer *answer, char *text,
			  struct errand_outcome *ret) /* takes text */
{
	ret->wait_ms = answer->retry_ms;
	ret->reason = text;
	if (strcmp(name, "set-webhook") != 0)
		return;
	if (answer->code == 429) {
		ret->wait_ms = MAX(answer->retry_ms, WEBHOOK_LIMITED_MS);
	} else if (answer->code == 400) {
		ret->wait_ms = WEBHOOK_SELDOM_MS;
		ret->reason =
			g_strdup_printf("Zalo không nhận webhook_url (%s); cần https, tên miền công khai, chứng chỉ hợp lệ", text);
		g_free(text);
	}
}

void zalo_bot_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret)
{
	struct zalo_bot_answer answer;
	g_autofree char *text = NULL;

	*ret = (struct errand_outcome){ .verdict = ERRAND_LATER, .wait_ms = -1 };
	zalo_bot_answer_read(r, &answer);
	text = zalo_bot_answer_text(&answer, r);
	if (answer.is_ok) {
		judge_done(a, name, &answer, ret);
	} else if (answer.json && (answer.code == 401 || (answer.code == 404 && !strcmp(name, "get-me")))) {
		ret->verdict = ERRAND_STOP;
		ret->reason = g_strdup_printf(
			"Zalo không nhận token của bot (%s); chép token trong tin nhắn của Zalo Bot Manager (hoặc đặt lại trong "
			"Zalo Bot Creator) vào [" ZALO_BOT_SECTION "] token rồi khởi động lại; kiểm tra api_url",
			text);
	} else if (is_dispensable(name, &answer)) {
		ret->verdict = answer.code == 404 ? ERRAND_DONE : ERRAND_FAILED;
		if (answer.code != 404)
			ret->reason = g_steal_pointer(&text);
	} else {
		judge_refused(name, &answer, g_steal_pointer(&text), ret);
	}
	zalo_bot_answer_clear(&answer);
}
