/* SPDX-License-Identifier: MIT */
/* The Zalo Bot Platform as a pure codec: its row, its options, polling and webhook. The other zalo_bot_*.c files decode, encode,
 * judge, run errands and advise; nothing here does I/O or decides what a message means. Not to be confused with the Official
 * Account. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "config/config.h"

#include "bot_account.h"
#include "secret.h"
#include "zalo_bot.h"
#include "zalo_bot_mention.h"

#define DEFAULT_WEBHOOK_PATH "/zalo-bot"
#define WEBHOOK_SECRET_MIN 8 /* zalo-bot.md §3 */
#define WEBHOOK_SECRET_MAX 256

static const struct option options[] = {
	{ .name = "token",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET | OPTION_REQUIRED,
	  .help = "Chuỗi Zalo gửi vào tin nhắn khi tạo bot, dạng 12345689:abc-xyz. Nên để trong tệp riêng (token_file)." },
	{ .name = "api_url",
	  .type = OPTION_URL,
	  .dflt = ZALO_BOT_BASE,
	  .help = "Địa chỉ gốc của Zalo Bot API. Địa chỉ cũ bot-api.zapps.me không còn dùng được." },
	{ .name = "mode",
	  .type = OPTION_CHOICE,
	  .dflt = "poll",
	  .choices = "poll|webhook",
	  .help = "poll: bot tự hỏi Zalo, không cần địa chỉ công khai; nếu máy tắt đột ngột đúng lúc vừa nhận, một tin có thể mất "
		  "vì "
		  "Zalo không cho hỏi lại. webhook: Zalo gọi tới webhook_url, không có khe hở đó; nên dùng khi chạy chính thức." },
	{ .name = "webhook_url",
	  .type = OPTION_URL,
	  .help = "Địa chỉ https công khai để Zalo gọi tới, không đi qua CDN có bước kiểm tra trình duyệt. Chỉ dùng khi mode = "
		  "webhook." },
	{ .name = "webhook_path",
	  .type = OPTION_STRING,
	  .help = "Đường dẫn mà máy chủ HTTP của bot nhận cuộc gọi; không đặt thì lấy đường dẫn của webhook_url, nếu trống là "
		  "/zalo-bot." },
	{ .name = "webhook_secret",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET,
	  .help = "Chuỗi bí mật Zalo gửi kèm mỗi cuộc gọi: 8 đến 256 ký tự A-Z a-z 0-9 _ -; tạo bằng openssl rand -hex 32." },
	{ .name = "poll_timeout",
	  .type = OPTION_DURATION,
	  .dflt = "30s",
	  .min = 1000,
	  .max = 60000,
	  .help = "Mỗi lần hỏi chờ tối đa bao lâu khi không có tin." },
	{ .name = "names",
	  .type = OPTION_STRING,
	  .help = "Tên hiện ra khi nhắc bot trong nhóm, ví dụ Bot Sổ Trực; nhiều tên cách nhau bằng dấu chấm phẩy. Cần đặt nếu tên "
		  "hiển "
		  "thị khác tên mà Zalo báo, để bot cắt đúng phần nhắc tên." },
	{ .name = "per_second",
	  .type = OPTION_REAL,
	  .dflt = "0.8",
	  .max = 10000,
	  .help = "Số tin mỗi giây tính trên mọi cuộc trò chuyện, 0 là không giới hạn. Zalo không công bố; gửi dày hơn 1,2 giây "
		  "một tin "
		  "dễ bị chặn." },
	{ .name = "flood_pause",
	  .type = OPTION_DURATION,
	  .dflt = "10m",
	  .min = 1000,
	  .max = 86400000,
	  .help = "Ngừng gửi bao lâu khi Zalo báo quá mức ba lần trong 5 phút." },
	{ .name = "month_budget",
	  .type = OPTION_INT,
	  .dflt = G_STRINGIFY(ZALO_BOT_MONTH_FREE),
	  .max = 100000000,
	  .help = "Số tin được gửi trong một tháng, 0 là không giới hạn. Gói miễn phí cho 3000 tin một tháng, tính cả nhóm và chat "
		  "riêng." },
	{ .name = "day_budget",
	  .type = OPTION_INT,
	  .dflt = "0",
	  .max = 100000000,
	  .help = "Số tin được gửi trong một ngày, 0 là không giới hạn. Đặt để một ngày bận rộn không dùng hết phần của cả "
		  "tháng." },
	{ .name = NULL },
};

static bool fail(GError **error, const char *key, const char *what)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "[" ZALO_BOT_SECTION "] %s: %s", key, what);
	return false;
}

static const char *opt(const struct config *c, const char *name)
{
	return config_str(c, ZALO_BOT_SECTION, name);
}

/* Whether it is good, getMe tells. */
static bool check_token(const char *token, GError **error)
{
	if (!token || !*token)
		return fail(
			error, "token",
			"chưa có; mở OA \"Zalo Bot Manager\" trong Zalo, vào Zalo Bot Creator tạo bot, token đến bằng tin nhắn; "
			"ghi vào token hoặc token_file");
	if (!bot_token_fits_url(token))
		return fail(error, "token", "có ký tự lạ (dấu cách, xuống dòng, \"/\"...); chép lại đúng chuỗi Zalo đã gửi");
	return true;
}

static bool open_webhook(struct zalo_bot *z, const struct config *c, GError **error)
{
	const char *url = opt(c, "webhook_url"), *secret = opt(c, "webhook_secret");

	if (!url || !*url)
		return fail(error, "webhook_url", "mode = webhook cần địa chỉ https công khai mà Zalo sẽ gọi tới");
	if (!bot_webhook_secret_fits(secret, WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX))
		return fail(error, "webhook_secret",
			    "mode = webhook cần chuỗi bí mật 8 đến 256 ký tự A-Z a-z 0-9 _ -; tạo bằng: openssl rand -hex 32");
	z->webhook_secret = g_strdup(secret);
	z->webhook_path = bot_webhook_path(opt(c, "webhook_path"), url, DEFAULT_WEBHOOK_PATH);
	if (*z->webhook_path != '/')
		return fail(error, "webhook_path", "phải bắt đầu bằng \"/\", ví dụ " DEFAULT_WEBHOOK_PATH);
	return true;
}

static void open_names(struct adapter *a, const char *list)
{
	struct zalo_bot *z = a->state;
	g_auto(GStrv) names = g_strsplit(list ? list : "", ";", -1);

	for (char **name = names; *name; name++)
		zalo_bot_mention_add(z->names, *name);
	z->n_own_names = z->names->len;
	for (guint i = 0; a->env.menu && i < a->env.menu->len; i++)
		g_ptr_array_add(z->commands, (void *)((struct menu_entry *)a->env.menu->pdata[i])->name);
}

/* One send at a time and no bursts: 196 messages within two seconds brought 136 refusals (zalo-bot.md §8). */
static void open_pace(struct adapter_pace *pace, const struct config *c)
{
	pace->per_second = config_real(c, ZALO_BOT_SECTION, "per_second");
	pace->burst = pace->chat_burst = pace->group_burst = pace->concurrent = 1;
	pace->month_budget = config_int(c, ZALO_BOT_SECTION, "month_budget");
	pace->day_budget = config_int(c, ZALO_BOT_SECTION, "day_budget");
}

static void zalo_bot_release(struct adapter *a)
{
	struct zalo_bot *z = a->state;

	if (!z)
		return;
	g_free(z->token);
	g_free(z->base);
	g_free(z->webhook_url);
	g_free(z->webhook_path);
	g_free(z->webhook_secret);
	g_free(z->seen_url);
	g_ptr_array_unref(z->names);
	g_ptr_array_unref(z->commands);
	g_ptr_array_unref(z->unstored);
	g_free(z);
	a->state = NULL;
}

static bool zalo_bot_open(struct adapter *a, GError **error)
{
	const struct config *c = a->env.config;
	const char *token = opt(c, "token");
	struct zalo_bot *z;

	if (!check_token(token, error))
		return false;
	z = g_new0(struct zalo_bot, 1);
	a->state = z;
	z->names = g_ptr_array_new_with_free_func(g_free);
	z->commands = g_ptr_array_new();
	z->unstored = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	z->token = g_strdup(token);
	z->base = bot_api_base(opt(c, "api_url"));
	z->poll_timeout_s = config_int(c, ZALO_BOT_SECTION, "poll_timeout") / SECOND_MS;
	z->flood_pause_ms = config_int(c, ZALO_BOT_SECTION, "flood_pause");
	z->webhook_url = g_strdup(opt(c, "webhook_url")); /* also where polling leaves it unused: check says so */
	z->is_webhook = g_strcmp0(opt(c, "mode"), "webhook") == 0;
	open_names(a, opt(c, "names"));
	open_pace(&a->pace, c);
	if (z->is_webhook && !open_webhook(z, c, error)) {
		zalo_bot_release(a);
		return false;
	}
	return true;
}

void zalo_bot_request(const struct zalo_bot *z, const char *method, cJSON *body, int64_t timeout_ms, struct http_request *ret)
{
	*ret = (struct http_request){ .method = "POST", .timeout_ms = timeout_ms };
	ret->url = g_strdup_printf("%s/bot%s/%s", z->base, z->token, method);
	ret->body = body ? json_text(body) : g_strdup("{}");
	ret->body_len = strlen(ret->body);
	ret->content_type = g_strdup("application/json");
	cJSON_Delete(body);
}

void zalo_bot_learn_names(struct zalo_bot *z, const cJSON *me)
{
	static const char *const fields[] = { "display_name", "account_name", "name" };

	g_ptr_array_set_size(z->names, (gint)z->n_own_names);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		g_autofree char *name = json_dup(me, fields[i], NULL);

		zalo_bot_mention_add(z->names, name);
	}
}

/* Polling */

static bool zalo_bot_next_poll(struct adapter *a, struct http_request *ret_request)
{
	const struct zalo_bot *z = a->state;
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, z->poll_timeout_s);
	cJSON *body;

	if (z->is_webhook)
		return false;
	if (z->unstored->len > 0) { /* no place for what we have: the next update stays with the platform, which keeps no copy */
		zalo_bot_request(z, "getMe", NULL, ZALO_BOT_CALL_TIMEOUT_MS, ret_request);
		return true;
	}
	body = cJSON_CreateObject();
	json_add_str(body, "timeout", text); /* a string by the documentation's table */
	zalo_bot_request(z, "getUpdates", body, z->poll_timeout_s * SECOND_MS + ZALO_BOT_POLL_MARGIN_MS, ret_request);
	return true;
}

/* One object by the documentation, an array in some code, nothing at all when idle (zalo-bot.md §5.1). */
static void read_updates(struct adapter *a, const cJSON *result, GPtrArray *updates)
{
	const cJSON *one;

	if (!cJSON_IsArray(result)) {
		zalo_bot_decode_event(a, result, updates);
		return;
	}
	cJSON_ArrayForEach (one, result)
		zalo_bot_decode_event(a, one, updates);
}

/* An idle poll: failure by its form, silence by its meaning (zalo-bot.md §5.3). */
static bool is_idle(const struct zalo_bot_answer *answer)
{
	return answer->code == 408 || (answer->code == 504 && !answer->is_ok);
}

/* Neither the platform's own word for "a webhook is set" nor for "another poller" is published (zalo-bot.md §5.5). */
static bool is_conflict(const struct zalo_bot_answer *answer)
{
	return answer->code == 409 || (answer->json && answer->code < 500 && zalo_bot_says(answer, "webhook"));
}

static void judge_poll_trouble(struct zalo_bot *z, const struct zalo_bot_answer *answer, const struct http_response *r,
			       struct poll_outcome *ret)
{
	if (answer->json && (answer->code == 401 || answer->code == 404)) {
		ret->verdict = POLL_STOP;
		ret->reason = g_strdup(
			"Zalo không nhận token của bot (sai, đã đặt lại trong Zalo Bot Creator, hoặc api_url sai); chép token "
			"mới vào [" ZALO_BOT_SECTION "] token rồi khởi động lại");
	} else if (is_conflict(answer)) {
		ret->verdict = POLL_ERRAND;
		ret->errand = "remove-webhook";
		ret->reason = g_strdup(
			"nơi khác đã đặt webhook hoặc cũng đang nhận tin của bot này; nếu cứ lặp lại, tìm và tắt chương trình "
			"dùng chung token, hoặc đặt lại token trong Zalo Bot Creator");
	} else if (answer->code == 429) {
		ret->wait_ms = zalo_bot_flood_wait(&z->flood, clock_mono_ms(), answer->retry_ms, z->flood_pause_ms);
		ret->reason = zalo_bot_answer_text(answer, r);
	} else {
		ret->wait_ms = answer->retry_ms;
		ret->reason = zalo_bot_answer_text(answer, r);
	}
}

static void copy_updates(const GPtrArray *from, GPtrArray *to)
{
	for (guint i = 0; i < from->len; i++) {
		g_autofree char *text = update_serialize(from->pdata[i]);

		g_ptr_array_add(to, update_parse(text, NULL));
	}
}

static void zalo_bot_judge_poll(struct adapter *a, const struct http_response *r, struct update_batch *batch,
				struct poll_outcome *ret)
{
	struct zalo_bot *z = a->state;
	struct zalo_bot_answer answer;

	*ret = (struct poll_outcome){ .verdict = POLL_WAIT, .wait_ms = -1 };
	/* Handed up until it is committed, whatever was answered meanwhile: trouble that lasts will show itself at the next poll. */
	if (z->unstored->len > 0) {
		ret->verdict = POLL_UPDATES;
		copy_updates(z->unstored, batch->updates);
		return;
	}
	zalo_bot_answer_read(r, &answer);
	if (answer.is_ok || is_idle(&answer))
		ret->verdict = POLL_UPDATES;
	else
		judge_poll_trouble(z, &answer, r, ret);
	if (answer.is_ok)
		read_updates(a, answer.result, batch->updates);
	copy_updates(batch->updates, z->unstored);
	zalo_bot_answer_clear(&answer);
}

static void zalo_bot_poll_committed(struct adapter *a, const struct update_batch *batch)
{
	g_ptr_array_set_size(((struct zalo_bot *)a->state)->unstored, 0);
}

/* Webhook */

static const char *zalo_bot_webhook_path(struct adapter *a)
{
	return ((struct zalo_bot *)a->state)->webhook_path;
}

static bool is_blank(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!g_ascii_isspace(bytes[i]))
			return false;
	return true;
}

enum webhook_verdict zalo_bot_verdict(const struct zalo_bot *z, const char *given_or_null, const char *body, size_t len)
{
	if (is_blank(body, len))
		return WEBHOOK_PROBE;
	return z->webhook_secret && given_or_null && secret_is_equal(z->webhook_secret, given_or_null) ? WEBHOOK_GENUINE
												       : WEBHOOK_FORGED;
}

static enum webhook_verdict zalo_bot_verify(struct adapter *a, const struct http_server_request *r)
{
	return zalo_bot_verdict(a->state, http_server_header(r, "X-Bot-Api-Secret-Token"), r->body, r->body_len);
}

static const struct codec_ops codec = {
	.open = zalo_bot_open,
	.release = zalo_bot_release,
	.start_errands = zalo_bot_start_errands,
	.errand = zalo_bot_errand,
	.judge_errand = zalo_bot_judge_errand,
	.next_poll = zalo_bot_next_poll,
	.judge_poll = zalo_bot_judge_poll,
	.poll_committed = zalo_bot_poll_committed,
	.webhook_path = zalo_bot_webhook_path,
	.verify = zalo_bot_verify,
	.decode = zalo_bot_decode,
	.encode = zalo_bot_encode,
	.judge = zalo_bot_judge,
	.check_errands = zalo_bot_check_errands,
	.describe = zalo_bot_describe,
	.judge_check = zalo_bot_judge_check,
};

/* No edit, no recall, no buttons, no menu, no member list: the platform has none of them (zalo-bot.md §1). `files`: pictures by
 * address are sent as such, of any other file its name (zalo_bot_encode.c). */
extern const struct adapter_ops adapter_zalo_bot; /* table.c */
const struct adapter_ops adapter_zalo_bot = {
	.name = ZALO_BOT_SECTION,
	.help = "Bot của Zalo Bot Platform (tạo từ tài khoản cá nhân): nhóm nhỏ và chat riêng; trong nhóm phải nhắc tên bot.",
	.caps = {
		.polls = true,
		.webhook = true,
		.groups = true,
		.direct = true,
		.files = true,
		.rich_text = true,
		.text_limit = ZALO_BOT_TEXT_MAX,
		.text_unit = TEXT_UTF16,
		.caption_limit = ZALO_BOT_TEXT_MAX,
	},
	.options = options,
	.codec = &codec,
};
