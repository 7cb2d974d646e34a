/* SPDX-License-Identifier: MIT */
/* The Telegram Bot API as a pure codec: its row, its options, long polling and webhook. The other telegram_*.c files decode,
 * encode, judge, run errands and advise; nothing here does I/O or decides what a message means. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "config/config.h"

#include "bot_account.h"
#include "secret.h"
#include "telegram.h"

#define DEFAULT_WEBHOOK_PATH "/telegram"
#define WEBHOOK_SECRET_MIN 6 /* shorter ones could not even be masked in the log */
#define WEBHOOK_SECRET_MAX 256
#define CONFLICT_WAIT_MIN_MS 5000
#define CONFLICT_WAIT_MAX_MS 30000

static const struct option options[] = {
	{ .name = "token",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET | OPTION_REQUIRED,
	  .help = "Chuỗi @BotFather cấp cho bot, dạng 123456789:AA... Nên để trong tệp riêng (token_file)." },
	{ .name = "api_url",
	  .type = OPTION_URL,
	  .dflt = "https://api.telegram.org",
	  .help = "Địa chỉ gốc của Bot API; chỉ đổi khi có máy chủ Bot API riêng." },
	{ .name = "mode",
	  .type = OPTION_CHOICE,
	  .dflt = "poll",
	  .choices = "poll|webhook",
	  .help = "poll: bot tự hỏi Telegram, không cần địa chỉ công khai. webhook: Telegram gọi tới webhook_url." },
	{ .name = "webhook_url",
	  .type = OPTION_URL,
	  .help = "Địa chỉ https công khai để Telegram gọi tới, cổng 443, 80, 88 hoặc 8443. Chỉ dùng khi mode = webhook." },
	{ .name = "webhook_path",
	  .type = OPTION_STRING,
	  .help = "Đường dẫn mà máy chủ HTTP của bot nhận cuộc gọi; không đặt thì lấy đường dẫn của webhook_url, nếu trống là "
		  "/telegram." },
	{ .name = "webhook_secret",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET,
	  .help = "Chuỗi bí mật Telegram gửi kèm mỗi cuộc gọi: 6 đến 256 ký tự A-Z a-z 0-9 _ -; tạo bằng openssl rand -hex 32." },
	{ .name = "poll_timeout",
	  .type = OPTION_DURATION,
	  .dflt = "50s",
	  .max = 50000,
	  .help = "Mỗi lần hỏi chờ tối đa bao lâu khi không có tin; Telegram cắt ở 50 giây." },
	{ .name = "per_second",
	  .type = OPTION_REAL,
	  .dflt = "25",
	  .max = 10000,
	  .help = "Số tin mỗi giây tính trên mọi cuộc trò chuyện, 0 là không giới hạn. Telegram cho khoảng 30, gửi quá bị bắt "
		  "chờ." },
	{ .name = "chat_per_second",
	  .type = OPTION_REAL,
	  .dflt = "1",
	  .max = 10000,
	  .help = "Số tin mỗi giây tới một người, 0 là không giới hạn. Telegram cho khoảng 1." },
	{ .name = "group_per_minute",
	  .type = OPTION_REAL,
	  .dflt = "18",
	  .max = 100000,
	  .help = "Số tin mỗi phút vào một nhóm, 0 là không giới hạn. Telegram cho 20." },
	{ .name = "burst",
	  .type = OPTION_INT,
	  .dflt = "3",
	  .min = 1,
	  .max = 1000,
	  .help = "Số tin được gửi dồn sau lúc nghỉ, tính trên mọi cuộc trò chuyện." },
	{ .name = "chat_burst",
	  .type = OPTION_INT,
	  .dflt = "3",
	  .min = 1,
	  .max = 1000,
	  .help = "Số tin được gửi dồn sau lúc nghỉ tới một người." },
	{ .name = "group_burst",
	  .type = OPTION_INT,
	  .dflt = "5",
	  .min = 1,
	  .max = 1000,
	  .help = "Số tin được gửi dồn sau lúc nghỉ vào một nhóm." },
	{ .name = "concurrent", .type = OPTION_INT, .dflt = "16", .min = 1, .max = 100, .help = "Số tin được gửi cùng một lúc." },
	{ .name = NULL },
};

static bool fail(GError **error, const char *key, const char *what)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "[telegram] %s: %s", key, what);
	return false;
}

/* The shape is Telegram's business: getMe tells whether it is good. */
static bool check_token(const char *token, GError **error)
{
	if (!token || !*token)
		return fail(error, "token", "chưa có; lấy từ @BotFather (/newbot hoặc /token) rồi ghi vào token hoặc token_file");
	if (!bot_token_fits_url(token))
		return fail(error, "token", "có ký tự lạ (dấu cách, xuống dòng, \"/\"...); chép lại đúng chuỗi của @BotFather");
	return true;
}

static bool open_webhook(struct telegram *t, const struct config *c, GError **error)
{
	const char *url = config_str(c, "telegram", "webhook_url"), *secret = config_str(c, "telegram", "webhook_secret");

	if (!url || !*url)
		return fail(error, "webhook_url", "mode = webhook cần địa chỉ https công khai mà Telegram sẽ gọi tới");
	if (!bot_webhook_secret_fits(secret, WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX))
		return fail(error, "webhook_secret",
			    "mode = webhook cần chuỗi bí mật 6 đến 256 ký tự A-Z a-z 0-9 _ -; tạo bằng: openssl rand -hex 32");
	t->webhook_secret = g_strdup(secret);
	t->webhook_path = bot_webhook_path(config_str(c, "telegram", "webhook_path"), url, DEFAULT_WEBHOOK_PATH);
	if (*t->webhook_path != '/')
		return fail(error, "webhook_path", "phải bắt đầu bằng \"/\", ví dụ /telegram");
	return true;
}

/* The stored position is "offset@bot": after a change of token it would be another world's (telegram.md §10.3). */
static bool parse_cursor(const char *cursor, int64_t *ret_offset, const char **ret_bot)
{
	char *end;
	int64_t offset;

	if (!cursor || !g_ascii_isdigit(*cursor))
		return false;
	offset = g_ascii_strtoll(cursor, &end, 10);
	if (*end != '@')
		return false;
	*ret_offset = offset;
	*ret_bot = end + 1;
	return true;
}

static void open_pace(struct adapter_pace *pace, const struct config *c)
{
	pace->per_second = config_real(c, "telegram", "per_second");
	pace->chat_per_second = config_real(c, "telegram", "chat_per_second");
	pace->group_per_minute = config_real(c, "telegram", "group_per_minute");
	pace->burst = (unsigned)config_int(c, "telegram", "burst");
	pace->chat_burst = (unsigned)config_int(c, "telegram", "chat_burst");
	pace->group_burst = (unsigned)config_int(c, "telegram", "group_burst");
	pace->concurrent = (unsigned)config_int(c, "telegram", "concurrent");
}

static void telegram_release(struct adapter *a)
{
	struct telegram *t = a->state;

	if (!t)
		return;
	g_free(t->token);
	g_free(t->base);
	g_free(t->webhook_url);
	g_free(t->webhook_path);
	g_free(t->webhook_secret);
	g_free(t->username);
	g_free(t->flooded_chat);
	g_hash_table_destroy(t->peeled);
	g_free(t);
	a->state = NULL;
}

static bool telegram_open(struct adapter *a, GError **error)
{
	const struct config *c = a->env.config;
	const char *token = config_str(c, "telegram", "token");
	struct telegram *t;

	if (!check_token(token, error))
		return false;
	t = g_new0(struct telegram, 1);
	a->state = t;
	t->peeled = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	t->token = g_strdup(token);
	t->base = bot_api_base(config_str(c, "telegram", "api_url"));
	t->poll_timeout_s = config_int(c, "telegram", "poll_timeout") / SECOND_MS;
	t->webhook_url = g_strdup(config_str(c, "telegram", "webhook_url")); /* also where polling leaves it unused: check says so */
	t->is_webhook = g_strcmp0(config_str(c, "telegram", "mode"), "webhook") == 0;
	open_pace(&a->pace, c);
	if (t->is_webhook && !open_webhook(t, c, error)) {
		telegram_release(a);
		return false;
	}
	return true;
}

void telegram_request(const struct telegram *t, const char *method, cJSON *body, int64_t timeout_ms, struct http_request *ret)
{
	*ret = (struct http_request){ .method = "POST", .timeout_ms = timeout_ms };
	ret->url = g_strdup_printf("%s/bot%s/%s", t->base, t->token, method);
	ret->body = body ? json_text(body) : g_strdup("{}");
	ret->body_len = strlen(ret->body);
	ret->content_type = g_strdup("application/json");
	cJSON_Delete(body);
}

cJSON *telegram_allowed_updates(void)
{
	static const char *const kinds[] = { "message",        "edited_message", "channel_post", "edited_channel_post",
					     "my_chat_member", "chat_member" };

	return cJSON_CreateStringArray(kinds, ARRAY_SIZE(kinds));
}

static bool telegram_next_poll(struct adapter *a, struct http_request *ret_request)
{
	struct telegram *t = a->state;
	const char *cursor = a->env.saved ? g_hash_table_lookup(a->env.saved, "cursor") : NULL, *bot;
	int64_t offset;
	cJSON *body;

	if (t->is_webhook)
		return false;
	if (!t->has_offset && parse_cursor(cursor, &offset, &bot) && !strcmp(bot, a->bot_id)) {
		t->has_offset = true;
		t->offset = offset;
	}
	body = cJSON_CreateObject();
	if (t->has_offset)
		json_add_int64(body, "offset", t->offset);
	json_add_int64(body, "limit", 100);
	json_add_int64(body, "timeout", t->poll_timeout_s);
	cJSON_AddItemToObject(body, "allowed_updates", telegram_allowed_updates());
	telegram_request(t, "getUpdates", body, t->poll_timeout_s * SECOND_MS + TELEGRAM_POLL_MARGIN_MS, ret_request);
	return true;
}

/* What the server returns is taken, also when its ids are lower than the offset asked for: after a quiet week they begin anew at
 * random (telegram.md §10.3). Repetitions are found by the stored keys, never by order. */
static void read_updates(struct adapter *a, const cJSON *result, struct update_batch *batch)
{
	int64_t highest = -1, id;
	const cJSON *one;

	cJSON_ArrayForEach (one, result) {
		telegram_decode_update(a, one, batch->updates);
		if (json_int64(one, "update_id", &id) && id > highest)
			highest = id;
	}
	if (highest >= 0)
		batch->cursor = g_strdup_printf("%" G_GINT64_FORMAT "@%s", highest + 1, a->bot_id);
}

/* The driver turns a reason that lasts into an alarm: the own aborted poll counts as another poller until the server lets go of
 * it, so the first minute is no cause for worry. */
static void judge_conflict(const struct telegram_answer *answer, struct poll_outcome *ret)
{
	if (telegram_says(answer, "webhook")) {
		ret->verdict = POLL_ERRAND;
		ret->errand = "remove-webhook";
		ret->reason = g_strdup(
			"nơi khác đã đặt webhook cho bot này; nếu cứ lặp lại, tìm và tắt chương trình dùng chung token, hoặc đổi "
			"token bằng /revoke trong @BotFather");
		return;
	}
	ret->wait_ms = g_random_int_range(CONFLICT_WAIT_MIN_MS, CONFLICT_WAIT_MAX_MS + 1);
	ret->reason = g_strdup(
		"chương trình khác đang nhận tin của bot này (hai nơi dùng chung một token); tắt bản kia, hoặc đổi token bằng "
		"/revoke trong @BotFather rồi ghi token mới vào cấu hình");
}

static void telegram_judge_poll(struct adapter *a, const struct http_response *r, struct update_batch *batch,
				struct poll_outcome *ret)
{
	struct telegram *t = a->state;
	struct telegram_answer answer;

	*ret = (struct poll_outcome){ .verdict = POLL_WAIT, .wait_ms = -1 };
	telegram_answer_read(r, &answer);
	t->is_poll_flooded = answer.code == 429;
	if (answer.is_ok) {
		ret->verdict = POLL_UPDATES;
		read_updates(a, answer.result, batch);
	} else if (answer.json && (answer.code == 401 || answer.code == 404)) {
		ret->verdict = POLL_STOP;
		ret->reason = g_strdup(
			"Telegram không nhận token của bot (sai, đã thu hồi, hoặc api_url sai); lấy token trong @BotFather bằng "
			"/token, ghi vào [telegram] token rồi khởi động lại");
	} else if (answer.code == 409) {
		judge_conflict(&answer, ret);
	} else {
		ret->wait_ms = telegram_retry_ms(&answer);
		ret->reason = telegram_answer_text(&answer, r);
	}
	telegram_answer_clear(&answer);
}

static void telegram_poll_committed(struct adapter *a, const struct update_batch *batch)
{
	struct telegram *t = a->state;
	const char *bot;
	int64_t offset;

	if (parse_cursor(batch->cursor, &offset, &bot)) {
		t->offset = offset;
		t->has_offset = true;
	}
}

static const char *telegram_webhook_path(struct adapter *a)
{
	return ((struct telegram *)a->state)->webhook_path;
}

static enum webhook_verdict telegram_verify(struct adapter *a, const struct http_server_request *r)
{
	const struct telegram *t = a->state;
	const char *given = http_server_header(r, "X-Telegram-Bot-Api-Secret-Token");

	return t->webhook_secret && given && secret_is_equal(t->webhook_secret, given) ? WEBHOOK_GENUINE : WEBHOOK_FORGED;
}

static const struct codec_ops codec = {
	.open = telegram_open,
	.release = telegram_release,
	.start_errands = telegram_start_errands,
	.errand = telegram_errand,
	.judge_errand = telegram_judge_errand,
	.next_poll = telegram_next_poll,
	.judge_poll = telegram_judge_poll,
	.poll_committed = telegram_poll_committed,
	.webhook_path = telegram_webhook_path,
	.verify = telegram_verify,
	.decode = telegram_decode,
	.encode = telegram_encode,
	.judge = telegram_judge,
	.check_errands = telegram_check_errands,
	.describe = telegram_describe,
	.judge_check = telegram_judge_check,
};

extern const struct adapter_ops adapter_telegram; /* table.c */
const struct adapter_ops adapter_telegram = {
	.name = "telegram",
	.caps = {
		.polls = true,
		.webhook = true,
		.groups = true,
		.direct = true,
		.files = true,
		.menu = true,
		.rich_text = true,
		.text_limit = TELEGRAM_TEXT_MAX,
		.text_unit = TEXT_UTF16,
		.caption_limit = TELEGRAM_CAPTION_MAX,
	},
	.options = options,
	.codec = &codec,
};
