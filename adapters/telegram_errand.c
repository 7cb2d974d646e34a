/* SPDX-License-Identifier: MIT */
/* Upkeep of the Telegram bot: who am I, webhook off or on, command menu. Each is safe to repeat; nothing here sends messages. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "telegram.h"

#define MENU_DESCRIPTION_MAX 256
#define MENU_KEY "menu_hash"
/* A refused webhook address does not mend itself, but a certificate or a name server may. */
#define WEBHOOK_RETRY_MS (5 * MINUTE_MS)

/* getMe comes first: the own id and name decide what is addressed to the bot. The webhook is set when the route is open. */
const char *const telegram_start_errands[] = { "get-me", "remove-webhook", "listen", "set-webhook", "set-menu", NULL };
const char *const telegram_check_errands[] = { "get-me", "get-webhook", NULL };

static bool is_command_name(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 32 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* NULL if there is nothing to show: an empty list would wipe the menu. */
static cJSON *make_menu(const GPtrArray *menu)
{
	cJSON *body, *list;

	body = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(body, "commands");
	for (guint i = 0, n = 0; menu && i < menu->len && n < TELEGRAM_COMMANDS_MAX; i++) {
		const struct menu_entry *e = g_ptr_array_index(menu, i);
		g_autofree char *description = NULL;
		cJSON *one;

		if (!is_command_name(e->name) || !e->description || !*e->description)
			continue;
		description = text_ellipsize(e->description, MENU_DESCRIPTION_MAX);
		one = cJSON_CreateObject();
		json_add_str(one, "command", e->name);
		json_add_str(one, "description", description);
		cJSON_AddItemToArray(list, one);
		n++;
	}
	if (cJSON_GetArraySize(list) == 0) {
		cJSON_Delete(body);
		return NULL;
	}
	return body;
}

/* The bot's id is part of it: a new token means a bot without a menu. */
static char *menu_hash(const struct adapter *a, const cJSON *menu)
{
	g_autofree char *text = json_text(menu), *all = g_strdup_printf("%s\n%s", a->bot_id, text);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
}

static bool request_menu(struct adapter *a, struct http_request *ret_request)
{
	cJSON *menu = make_menu(a->env.menu);
	const char *saved = a->env.saved ? g_hash_table_lookup(a->env.saved, MENU_KEY) : NULL;
	g_autofree char *hash = NULL;

	if (!menu)
		return false;
	hash = menu_hash(a, menu);
	if (g_strcmp0(hash, saved) == 0) {
		cJSON_Delete(menu);
		return false;
	}
	telegram_request(a->state, "setMyCommands", menu, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
	return true;
}

static void request_webhook(const struct telegram *t, struct http_request *ret_request)
{
	cJSON *body = cJSON_CreateObject();

	json_add_str(body, "url", t->webhook_url);
	json_add_str(body, "secret_token", t->webhook_secret);
	cJSON_AddItemToObject(body, "allowed_updates", telegram_allowed_updates());
	telegram_request(t, "setWebhook", body, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
}

bool telegram_errand(struct adapter *a, const char *name, struct http_request *ret_request)
{
	const struct telegram *t = a->state;

	if (!strcmp(name, "set-menu"))
		return request_menu(a, ret_request);
	if (!strcmp(name, "get-me")) {
		telegram_request(t, "getMe", NULL, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
	} else if (!strcmp(name, "get-webhook")) {
		telegram_request(t, "getWebhookInfo", NULL, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
	} else if (!strcmp(name, "remove-webhook") && !t->is_webhook) {
		cJSON *body = cJSON_CreateObject();

		/* What was asked while the bot was away must not be lost (telegram.md §10.16). */
		cJSON_AddBoolToObject(body, "drop_pending_updates", false);
		telegram_request(t, "deleteWebhook", body, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
	} else if (!strcmp(name, "set-webhook") && t->is_webhook) {
		request_webhook(t, ret_request);
	} else {
		return false;
	}
	return true;
}

static void judge_me(struct adapter *a, const struct telegram_answer *answer, struct errand_outcome *ret)
{
	struct telegram *t = a->state;
	char *id = NULL;
	bool sees_all = true;

	if (!json_id(answer->result, "id", &id)) {
		ret->reason = g_strdup("Telegram không cho biết bot là ai (getMe trả lời lạ)");
		return;
	}
	g_free(a->bot_id);
	a->bot_id = id;
	g_free(t->username);
	t->username = json_dup(answer->result, "username", NULL);
	ret->verdict = ERRAND_DONE;
	/* Not known here: an administrator sees all in spite of it. So it is said, not held against the adapter. */
	if (json_bool(answer->result, "can_read_all_group_messages", &sees_all) && !sees_all)
		ret->reason = g_strdup_printf(
			"bot @%s đang bật chế độ riêng tư: nhóm nào bot không làm quản trị viên thì chỉ nghe được lệnh và "
			"tin trả lời nó, nên /luu và tệp gửi kèm có thể không dùng được; cách sửa: cdsbot check",
			t->username ? t->username : "?");
}

static void judge_done(struct adapter *a, const char *name, const struct telegram_answer *answer, struct errand_outcome *ret)
{
	if (!strcmp(name, "get-me")) {
		judge_me(a, answer, ret);
		return;
	}
	ret->verdict = ERRAND_DONE;
	if (!strcmp(name, "set-menu")) {
		g_autoptr(cJSON) menu = make_menu(a->env.menu);

		if (menu) {
			ret->save_key = g_strdup(MENU_KEY);
			ret->save_value = menu_hash(a, menu);
		}
	}
}

/* A server that lacks a method says 404, or 500 without Telegram's envelope. The bot works without a menu, and a poll tells if a
 * webhook is in the way: only these two may fail. */
static bool is_dispensable(const char *name, const struct telegram_answer *answer)
{
	if (strcmp(name, "set-menu") != 0 && strcmp(name, "remove-webhook") != 0)
		return false;
	return answer->json && answer->code != 429 && ((answer->code >= 400 && answer->code < 500) || !json_at(answer->json, "ok"));
}

void telegram_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret)
{
	struct telegram_answer answer;
	g_autofree char *text = NULL;

	*ret = (struct errand_outcome){ .verdict = ERRAND_LATER, .wait_ms = -1 };
	telegram_answer_read(r, &answer);
	text = telegram_answer_text(&answer, r);
	if (answer.is_ok) {
		judge_done(a, name, &answer, ret);
	} else if (answer.json && (answer.code == 401 || (answer.code == 404 && !strcmp(name, "get-me")))) {
		ret->verdict = ERRAND_STOP;
		ret->reason = g_strdup_printf(
			"Telegram không nhận token của bot (%s); lấy token trong @BotFather bằng /token, ghi vào [telegram] "
			"token rồi khởi động lại; nếu dùng máy chủ riêng, kiểm tra api_url",
			text);
	} else if (is_dispensable(name, &answer)) {
		ret->verdict = ERRAND_FAILED;
		ret->reason = g_steal_pointer(&text);
	} else if (answer.code == 400 && !strcmp(name, "set-webhook")) {
		ret->wait_ms = WEBHOOK_RETRY_MS;
		ret->reason = g_strdup_printf(
			"Telegram không nhận webhook_url (%s); cần https, cổng 443, 80, 88 hoặc 8443, tên miền trỏ về máy chủ "
			"có chứng chỉ hợp lệ",
			text);
	} else {
		ret->wait_ms = telegram_retry_ms(&answer);
		ret->reason = g_steal_pointer(&text);
	}
	telegram_answer_clear(&answer);
}
