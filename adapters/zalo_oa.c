/* SPDX-License-Identifier: MIT */
/* The Zalo Official Account and its group chats (GMF) as a pure codec: its row, its options, its state. It hears by webhook alone;
 * the other zalo_oa_*.c files verify, decode, encode, judge, keep the token and the groups up, and advise. */
#include "zalo_oa.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "config/config.h"

#define SECTION "zalo-oa"
#define MARKER_ENDING ".zalo-oa-token"

static const struct option options[] = {
	{ .name = "app_id",
	  .type = OPTION_STRING,
	  .flags = OPTION_REQUIRED,
	  .help = "Số của ứng dụng ở developers.zalo.me (mục Cài đặt, ID ứng dụng)." },
	{ .name = "app_secret",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET | OPTION_REQUIRED,
	  .help = "Khóa bí mật của ứng dụng (mục Cài đặt, khoảng 20 chữ và số), dùng để làm mới token. Nên để trong tệp riêng "
		  "(app_secret_file)." },
	{ .name = "oa_id",
	  .type = OPTION_STRING,
	  .flags = OPTION_REQUIRED,
	  .help = "Số của Official Account (oa.zalo.me, mục Thông tin tài khoản)." },
	{ .name = "oa_secret",
	  .type = OPTION_STRING,
	  .flags = OPTION_SECRET | OPTION_REQUIRED,
	  .help = "OA secret key ở mục Webhook của ứng dụng, dùng để kiểm tra chữ ký của sự kiện; KHÁC với khóa bí mật của ứng "
		  "dụng. Nên để trong "
		  "tệp riêng (oa_secret_file)." },
	{ .name = "webhook_path",
	  .type = OPTION_STRING,
	  .dflt = "/zalo-oa",
	  .help = "Đường dẫn nhận sự kiện trên máy chủ HTTP của bot; địa chỉ khai ở mục Webhook là https://tên-miền cộng đường dẫn "
		  "này." },
	{ .name = "max_event_age",
	  .type = OPTION_DURATION,
	  .dflt = "3h",
	  .max = 3.0 * DAY_MS,
	  .help = "Sự kiện cũ hơn mức này bị từ chối (chống phát lại); Zalo gửi lại sự kiện lỗi trong khoảng 2 giờ. 0s là không "
		  "kiểm tra." },
	{ .name = "accept_oa_id_signature",
	  .type = OPTION_BOOL,
	  .dflt = "no",
	  .help = "yes: nhận cả chữ ký tính từ số OA thay cho số ứng dụng. Chỉ bật khi nhật ký báo mọi chữ ký đều không khớp dù "
		  "khóa đúng." },
	{ .name = "upkeep_every",
	  .type = OPTION_DURATION,
	  .dflt = "24h",
	  .min = 1000,
	  .max = 7.0 * DAY_MS,
	  .help = "Bao lâu đọc lại danh sách nhóm, hạn dùng của nhóm và thành viên một lần." },
	{ .name = "catch_up_every",
	  .type = OPTION_DURATION,
	  .dflt = "15m",
	  .max = 1.0 * DAY_MS,
	  .help = "Bao lâu đọc lại lịch sử nhóm một lần để không sót tin khi webhook gián đoạn; mỗi lần một lượt gọi cho mỗi nhóm. "
		  "0s là tắt." },
	{ .name = "per_minute",
	  .type = OPTION_REAL,
	  .dflt = "90",
	  .max = 100000,
	  .help = "Số tin mỗi phút, 0 là không giới hạn. Gói Growth cho 100 lượt gọi mỗi phút; chừa 10 cho việc đọc nhóm. Gói cao "
		  "hơn đặt cao hơn "
		  "(Comprehensive đến 2000)." },
	{ .name = "chat_per_second",
	  .type = OPTION_REAL,
	  .dflt = "1",
	  .max = 10000,
	  .help = "Số tin mỗi giây tới một người, 0 là không giới hạn." },
	{ .name = "group_per_minute",
	  .type = OPTION_REAL,
	  .dflt = "60",
	  .max = 100000,
	  .help = "Số tin mỗi phút vào một nhóm, 0 là không giới hạn. Zalo không nêu mức riêng cho nhóm." },
	{ .name = "burst",
	  .type = OPTION_INT,
	  .dflt = "10",
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
	  .dflt = "10",
	  .min = 1,
	  .max = 1000,
	  .help = "Số tin được gửi dồn sau lúc nghỉ vào một nhóm." },
	{ .name = "concurrent", .type = OPTION_INT, .dflt = "8", .min = 1, .max = 100, .help = "Số tin được gửi cùng một lúc." },
	{ .name = "private_per_month",
	  .type = OPTION_INT,
	  .dflt = "2000",
	  .max = 10000000,
	  .help = "Số tin riêng tối đa trong một tháng, 0 là không giới hạn; tin vào nhóm không tính. Đếm mọi tin riêng, kể cả tin "
		  "miễn phí (trả lời trong "
		  "48 giờ); tin sau 48 giờ trừ vào gói (Growth 500 tin) rồi tính 55-72 đồng, nên 2000 giữ chi phí dưới khoảng "
		  "150.000 đồng." },
	{ .name = "api_url",
	  .type = OPTION_URL,
	  .dflt = "https://openapi.zalo.me",
	  .help = "Địa chỉ gốc của OpenAPI; không cần đổi." },
	{ .name = "oauth_url",
	  .type = OPTION_URL,
	  .dflt = "https://oauth.zaloapp.com",
	  .help = "Địa chỉ gốc của máy chủ cấp token; không cần đổi." },
	{ .name = NULL },
};

static bool fail(GError **error, const char *key, const char *what)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "[" SECTION "] %s: %s", key, what);
	return false;
}

static bool is_word(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=") == n;
}

static bool check_options(const struct config *c, GError **error)
{
	const char *app_secret = config_str(c, SECTION, "app_secret"), *oa_secret = config_str(c, SECTION, "oa_secret");
	const char *path = config_str(c, SECTION, "webhook_path");

	if (!is_word(config_str(c, SECTION, "app_id")))
		return fail(error, "app_id", "chưa có hoặc có ký tự lạ; chép ID ứng dụng ở developers.zalo.me, mục Cài đặt");
	if (!is_word(app_secret))
		return fail(error, "app_secret",
			    "chưa có hoặc có ký tự lạ; chép khóa bí mật của ứng dụng ở developers.zalo.me, mục Cài đặt");
	if (!is_word(config_str(c, SECTION, "oa_id")))
		return fail(error, "oa_id", "chưa có hoặc có ký tự lạ; chép số OA ở oa.zalo.me, mục Thông tin tài khoản");
	if (!oa_secret || !*oa_secret)
		return fail(error, "oa_secret", "chưa có; chép OA secret key ở developers.zalo.me, mục Webhook của ứng dụng");
	if (!path || *path != '/')
		return fail(error, "webhook_path", "phải bắt đầu bằng \"/\", ví dụ /zalo-oa");
	return true;
}

static char *dup_base(const struct config *c, const char *key)
{
	char *base = g_strdup(config_str(c, SECTION, key));

	while (g_str_has_suffix(base, "/"))
		base[strlen(base) - 1] = '\0';
	return base;
}

static void open_pace(struct adapter_pace *pace, const struct config *c)
{
	pace->per_second = config_real(c, SECTION, "per_minute") / 60;
	pace->chat_per_second = config_real(c, SECTION, "chat_per_second");
	pace->group_per_minute = config_real(c, SECTION, "group_per_minute");
	pace->burst = (unsigned)config_int(c, SECTION, "burst");
	pace->chat_burst = (unsigned)config_int(c, SECTION, "chat_burst");
	pace->group_burst = (unsigned)config_int(c, SECTION, "group_burst");
	pace->concurrent = (unsigned)config_int(c, SECTION, "concurrent");
	pace->month_budget = config_int(c, SECTION, "private_per_month");
	pace->budget_private = true;
}

static void open_texts(struct zalo_oa *z, const struct config *c)
{
	const char *database = config_knows_section(c, "store") ? config_str(c, "store", "path") : NULL;

	z->app_id = g_strdup(config_str(c, SECTION, "app_id"));
	z->app_secret = g_strdup(config_str(c, SECTION, "app_secret"));
	z->oa_id = g_strdup(config_str(c, SECTION, "oa_id"));
	z->oa_secret = g_strdup(config_str(c, SECTION, "oa_secret"));
	z->webhook_path = g_strdup(config_str(c, SECTION, "webhook_path"));
	z->api = dup_base(c, "api_url");
	z->oauth = dup_base(c, "oauth_url");
	z->marker_path = database ? g_strconcat(database, MARKER_ENDING, NULL) : NULL;
}

static void release(struct adapter *a)
{
	struct zalo_oa *z = a->state;

	if (!z)
		return;
	zalo_oa_walk_reset(z);
	zalo_oa_token_clear(&z->token);
	zalo_oa_token_clear(&z->fresh);
	g_free(z->app_id);
	g_free(z->app_secret);
	g_free(z->oa_id);
	g_free(z->oa_secret);
	g_free(z->webhook_path);
	g_free(z->api);
	g_free(z->oauth);
	g_free(z->marker_path);
	g_free(z->oa_name);
	g_free(z->call_notice);
	g_free(z->money_notice);
	g_free(z->webhook_notice);
	g_free(z->group_notice);
	g_queue_clear(&z->heard_order);
	g_hash_table_destroy(z->heard_ids);
	g_hash_table_destroy(z->used);
	g_hash_table_destroy(z->uploaded_again);
	g_hash_table_destroy(z->names);
	if (z->groups)
		g_ptr_array_unref(z->groups);
	g_free(z);
	a->state = NULL;
}

static bool open_adapter(struct adapter *a, GError **error)
{
	const struct config *c = a->env.config;
	struct zalo_oa *z;
	const char *heard = a->env.saved ? g_hash_table_lookup(a->env.saved, ZALO_OA_HEARD_KEY) : NULL;

	if (!check_options(c, error))
		return false;
	z = g_new0(struct zalo_oa, 1);
	a->state = z;
	z->used = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	z->uploaded_again = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	z->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	z->heard_ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_queue_init(&z->heard_order);
	z->opened_ms = clock_wall_ms();
	open_texts(z, c);
	open_pace(&a->pace, c);
	z->takes_oa_id_signature = config_bool(c, SECTION, "accept_oa_id_signature");
	z->event_age_max_ms = config_int(c, SECTION, "max_event_age");
	z->upkeep_every_ms = config_int(c, SECTION, "upkeep_every");
	z->catch_up_every_ms = config_int(c, SECTION, "catch_up_every");
	z->page_size = ZALO_OA_PAGE_TRY;
	z->is_watching = a->env.is_check;
	z->info_due_ms = z->members_due_ms = z->history_due_ms = INT64_MAX;
	if (heard)
		z->heard_ms = g_ascii_strtoll(heard, NULL, 10);
	/* The OA's own number: keys of two OAs never meet. */
	g_free(a->bot_id);
	a->bot_id = g_strdup(z->oa_id);
	zalo_oa_saved_changed(a);
	return true;
}

void zalo_oa_mark_used(struct zalo_oa *z, int64_t delivery_id)
{
	int64_t *pair = g_new(int64_t, 2);

	pair[0] = delivery_id;
	pair[1] = z->token.id;
	g_hash_table_replace(z->used, &pair[0], pair);
}

void zalo_oa_request(struct zalo_oa *z, const char *path_and_query, cJSON *body, struct http_request *ret)
{
	*ret = (struct http_request){ .method = body ? "POST" : "GET", .timeout_ms = ZALO_OA_CALL_TIMEOUT_MS };
	ret->url = g_strconcat(z->api, path_and_query, NULL);
	ret->headers = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(ret->headers, g_strdup_printf("access_token: %s", z->token.access ? z->token.access : "none"));
	if (body) {
		ret->body = json_text(body);
		ret->body_len = strlen(ret->body);
		ret->content_type = g_strdup("application/json");
		cJSON_Delete(body);
	}
}

static void show_notices(struct adapter *a)
{
	const struct zalo_oa *z = a->state;
	const char *by_weight[] = { z->call_notice, z->money_notice, z->webhook_notice, z->group_notice }, *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(by_weight) && !first; i++)
		first = by_weight[i];
	adapter_set_notice(a, first);
}

static void set_notice(struct adapter *a, char **notice, const char *text_or_null)
{
	if (g_strcmp0(*notice, text_or_null) == 0)
		return;
	g_free(*notice);
	*notice = g_strdup(text_or_null);
	show_notices(a);
}

void zalo_oa_notice(struct adapter *a, const char *text_or_null)
{
	set_notice(a, &((struct zalo_oa *)a->state)->call_notice, text_or_null);
}

void zalo_oa_money_notice(struct adapter *a, const char *text_or_null)
{
	set_notice(a, &((struct zalo_oa *)a->state)->money_notice, text_or_null);
}

void zalo_oa_webhook_notice(struct adapter *a, const char *text_or_null)
{
	set_notice(a, &((struct zalo_oa *)a->state)->webhook_notice, text_or_null);
}

void zalo_oa_worry(struct adapter *a, const char *text_or_null)
{
	set_notice(a, &((struct zalo_oa *)a->state)->group_notice, text_or_null);
}

static const char *webhook_path(struct adapter *a)
{
	return ((struct zalo_oa *)a->state)->webhook_path;
}

static bool parse_token(const char *text, char **ret_key, char **ret_value, GError **error)
{
	const char *what = NULL;
	char *value = zalo_oa_token_typed(text, clock_wall_ms(), &what);

	if (!value) {
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, what);
		return false;
	}
	*ret_key = g_strdup(ZALO_OA_TOKEN_KEY);
	*ret_value = value;
	return true;
}

static const struct adapter_admin_setting admin_settings[] = {
	{ .name = "token",
	  .help = "access token và refresh token của OA, cách nhau một dấu cách hoặc xuống dòng (hay cả khối JSON); lấy ở "
		  "developers.zalo.me, Công cụ, "
		  "API Explorer, loại OA Access Token.",
	  .parse = parse_token },
	{ .name = NULL },
};

/* Events are taken at once: nothing has to be known first. Everything else comes when it is due. */
static const char *const start_errands[] = { "listen", NULL };

static const struct codec_ops codec = {
	.open = open_adapter,
	.release = release,
	.start_errands = start_errands,
	.errand = zalo_oa_errand,
	.judge_errand = zalo_oa_judge_errand,
	.next_errand = zalo_oa_next_errand,
	.errand_is_exclusive = zalo_oa_errand_is_exclusive,
	.saved_changed = zalo_oa_saved_changed,
	.webhook_path = webhook_path,
	.verify = zalo_oa_verify,
	.decode = zalo_oa_decode,
	.webhook_refused = zalo_oa_unhear,
	.prepare = zalo_oa_prepare,
	.judge_prepare = zalo_oa_judge_prepare,
	.encode = zalo_oa_encode,
	.judge = zalo_oa_judge,
	.check_errands = zalo_oa_check_errands,
	.describe = zalo_oa_describe,
	.judge_check = zalo_oa_judge_check,
};

extern const struct adapter_ops adapter_zalo_oa; /* table.c */
const struct adapter_ops adapter_zalo_oa = {
	.name = SECTION,
	.help = "Official Account và nhóm chat GMF của nó (đến 1.000 người).",
	.caps = {
		.webhook = true,
		.groups = true,
		.direct = true,
		.files = true,
		.member_list = true,
		.text_limit = ZALO_OA_TEXT_MAX,
		.text_unit = TEXT_UTF16,
	},
	.options = options,
	.codec = &codec,
	.admin_settings = admin_settings,
};
