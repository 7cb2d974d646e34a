/* SPDX-License-Identifier: MIT */
#include "zalo_oa_token.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "zalo_oa.h"
#include "zalo_oa_marker.h"

#define TOKEN_LIFE_MAX_S (30 * DAY_MS / SECOND_MS) /* longer is a wrong unit */
#define TOKEN_LIFE_MIN_S 60
#define REFRESH_RETRY_MS (30 * SECOND_MS)

void zalo_oa_token_clear(struct zalo_oa_token *t)
{
	g_free(t->access);
	g_free(t->refresh);
	*t = (struct zalo_oa_token){ 0 };
}

char *zalo_oa_token_text(const struct zalo_oa_token *t)
{
	g_autoptr(cJSON) o = cJSON_CreateObject();

	json_add_str(o, "access", t->access);
	json_add_str(o, "refresh", t->refresh);
	json_add_int64(o, "expires_ms", t->expires_ms);
	json_add_int64(o, "id", t->id);
	cJSON_AddBoolToObject(o, "by_hand", t->by_hand);
	return json_text(o);
}

bool zalo_oa_token_parse(const char *text_or_null, struct zalo_oa_token *ret)
{
	g_autoptr(cJSON) o = text_or_null ? json_parse(text_or_null, strlen(text_or_null), NULL) : NULL;
	struct zalo_oa_token t = { 0 };

	if (!o || !json_int64(o, "id", &t.id) || t.id <= 0)
		return false;
	t.access = json_dup(o, "access", NULL);
	t.refresh = json_dup(o, "refresh", NULL);
	json_int64(o, "expires_ms", &t.expires_ms);
	json_bool(o, "by_hand", &t.by_hand);
	if (!t.access || !*t.access || !t.refresh || !*t.refresh) {
		zalo_oa_token_clear(&t);
		return false;
	}
	*ret = t;
	return true;
}

/* Tokens go into a header line: anything else in them is a mistake of copying. */
static bool is_token(const char *s)
{
	size_t n = 0;

	for (; s[n]; n++)
		if (!g_ascii_isgraph(s[n]) || s[n] == '"' || s[n] == '{' || s[n] == ',')
			return false;
	return n >= 10;
}

char *zalo_oa_token_typed(const char *typed, int64_t now_ms, const char **ret_what)
{
	g_autoptr(cJSON) o = json_parse(typed, strlen(typed), NULL);
	g_auto(GStrv) words = g_strsplit_set(typed, " \t\r\n", -1);
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	struct zalo_oa_token t = { .id = now_ms, .by_hand = true };
	const char *access = NULL, *refresh = NULL;

	for (char **w = words; *w; w++)
		if (**w)
			g_ptr_array_add(found, *w);
	if (cJSON_IsObject(o)) {
		json_str(o, "access_token", &access);
		json_str(o, "refresh_token", &refresh);
	} else if (found->len == 2) {
		access = found->pdata[0];
		refresh = found->pdata[1];
	}
	if (!access || !refresh || !is_token(access) || !is_token(refresh)) {
		*ret_what = "cần hai chuỗi cách nhau một dấu cách: access_token rồi refresh_token, hoặc cả khối JSON mà API "
			    "Explorer hiện ra";
		return NULL;
	}
	if (!strcmp(access, refresh)) {
		*ret_what = "access_token và refresh_token phải là hai chuỗi khác nhau";
		return NULL;
	}
	t.access = (char *)access;
	t.refresh = (char *)refresh;
	return zalo_oa_token_text(&t);
}

/* In force */

static void hide(const struct zalo_oa_token *t)
{
	log_secret_add(t->access);
	log_secret_add(t->refresh);
}

static void take_over(struct zalo_oa *z, struct zalo_oa_token *t) /* takes its strings */
{
	log_secret_forget(z->token.access);
	log_secret_forget(z->token.refresh);
	hide(t);
	zalo_oa_token_clear(&z->token);
	z->token = *t;
	*t = (struct zalo_oa_token){ 0 };
	z->refused_id = 0;
	z->refresh_not_before_ms = 0; /* another pair, another chance */
}

static int64_t marker_of(const struct zalo_oa *z)
{
	return z->marker_path ? zalo_oa_marker_read(z->marker_path) : -1;
}

/* Given by hand while the other id lies in the future: that one is of a clock that was ahead, and would outrank every pair typed since. */
static bool outranks_wrong_clock(const struct zalo_oa_token *t, int64_t other_id)
{
	int64_t now_ms = clock_wall_ms();

	return t->by_hand && t->id <= now_ms && other_id > now_ms;
}

/* The marker follows the pair in force: it is newer (given by hand, or the program ended between the commit and the marker), or the
 * marker is of a wrong clock. */
static void mark(const struct zalo_oa *z)
{
	int64_t marker = marker_of(z);

	if (z->is_watching || marker < 0)
		return;
	if (marker < z->token.id || outranks_wrong_clock(&z->token, marker))
		zalo_oa_marker_write(z->marker_path, z->token.id);
}

void zalo_oa_token_load(struct zalo_oa *z, const char *text_or_null)
{
	struct zalo_oa_token t = { 0 };

	if (!zalo_oa_token_parse(text_or_null, &t))
		return;
	if (t.id > z->token.id || outranks_wrong_clock(&t, z->token.id)) {
		z->unproven_id = 0;
		take_over(z, &t);
		mark(z);
	}
	zalo_oa_token_clear(&t);
}

void zalo_oa_token_commit(struct zalo_oa *z)
{
	bool was_refused;

	if (!z->fresh.access)
		return;
	was_refused = z->refused_id != 0 && z->refused_id == z->token.id;
	take_over(z, &z->fresh);
	z->unproven_id = was_refused ? z->token.id : 0;
	if (z->marker_path)
		zalo_oa_marker_write(z->marker_path, z->token.id);
}

bool zalo_oa_token_is_old_copy(const struct zalo_oa *z)
{
	int64_t marker;

	if (!z->marker_path || !z->token.refresh)
		return false;
	marker = marker_of(z);
	if (marker < 0)
		return !z->token.by_hand;
	return z->token.id < marker && !outranks_wrong_clock(&z->token, marker);
}

void zalo_oa_token_mark_first(const struct zalo_oa *z)
{
	if (z->marker_path && marker_of(z) < 0)
		zalo_oa_marker_write(z->marker_path, z->token.id);
}

bool zalo_oa_token_is_due(const struct zalo_oa *z, int64_t now_ms)
{
	if (!z->token.refresh)
		return false;
	return z->refused_id == z->token.id || now_ms >= z->token.expires_ms - ZALO_OA_REFRESH_AHEAD_MS;
}

bool zalo_oa_token_refused(struct zalo_oa *z, int64_t id)
{
	if (id != z->token.id)
		return true;
	if (z->token.id == 0 || z->unproven_id == id || zalo_oa_token_is_old_copy(z))
		return false;
	z->refused_id = id;
	return true;
}

void zalo_oa_token_worked(struct zalo_oa *z, int64_t id)
{
	if (z->unproven_id == id)
		z->unproven_id = 0;
}

const char *zalo_oa_token_trouble(const struct zalo_oa *z)
{
	if (!z->token.access)
		return "chưa có token của OA: vào developers.zalo.me, mục API Explorer, lấy cặp access token và refresh token, rồi "
		       "chạy "
		       "cdsbot admin zalo-oa token";
	if (zalo_oa_token_is_old_copy(z))
		return "token trong cơ sở dữ liệu là bản cũ (khôi phục từ bản sao lưu, hoặc chép từ máy khác) nên không được tự "
		       "làm mới; tắt "
		       "bản cdsbot kia nếu còn chạy, lấy cặp token mới trong API Explorer rồi chạy cdsbot admin zalo-oa token";
	return "Zalo không nhận token của OA, kể cả token vừa làm mới; kiểm tra quyền của ứng dụng trong trang quản trị OA, lấy "
	       "cặp token mới "
	       "trong API Explorer rồi chạy cdsbot admin zalo-oa token";
}

/* Refreshing */

void zalo_oa_token_request(const struct zalo_oa *z, struct http_request *ret_request)
{
	g_autofree char *refresh = g_uri_escape_string(z->token.refresh, NULL, false);
	g_autofree char *app = g_uri_escape_string(z->app_id, NULL, false);

	*ret_request = (struct http_request){ .method = "POST", .timeout_ms = ZALO_OA_CALL_TIMEOUT_MS };
	ret_request->url = g_strdup_printf("%s/v4/oa/access_token", z->oauth);
	ret_request->body = g_strdup_printf("refresh_token=%s&app_id=%s&grant_type=refresh_token", refresh, app);
	ret_request->body_len = strlen(ret_request->body);
	ret_request->content_type = g_strdup("application/x-www-form-urlencoded");
	ret_request->headers = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(ret_request->headers, g_strdup_printf("secret_key: %s", z->app_secret));
}

static int64_t read_life_s(const cJSON *json)
{
	g_autofree char *text = NULL;
	int64_t s;

	if (!json_id(json, "expires_in", &text) || !g_ascii_string_to_signed(text, 10, 1, INT64_MAX, &s, NULL) ||
	    s > TOKEN_LIFE_MAX_S)
		return ZALO_OA_TOKEN_LIFE_S;
	return MAX(s, TOKEN_LIFE_MIN_S);
}

static bool read_fresh(struct zalo_oa *z, const cJSON *json, int64_t now_ms)
{
	struct zalo_oa_token t = { 0 };

	t.access = json_dup(json, "access_token", NULL);
	t.refresh = json_dup(json, "refresh_token", NULL);
	if (!t.access || !is_token(t.access) || !t.refresh || !is_token(t.refresh)) {
		zalo_oa_token_clear(&t);
		return false;
	}
	t.expires_ms = now_ms + read_life_s(json) * SECOND_MS;
	t.id = MAX(now_ms, z->token.id + 1); /* also when the clock went back */
	hide(&t);
	zalo_oa_token_clear(&z->fresh);
	z->fresh = t;
	return true;
}

static const char *advice_for(int64_t code)
{
	switch (code) {
	case -14002:
		return "app_id sai hoặc ứng dụng chưa kích hoạt; xem developers.zalo.me, mục Cài đặt";
	case -14004:
		return "app_secret sai: chép lại \"Khóa bí mật của ứng dụng\" ở developers.zalo.me, mục Cài đặt (khoảng 20 chữ và "
		       "số, không phải "
		       "token, không phải OA secret key)";
	case -14020:
		return "refresh token đã dùng hoặc hết hạn (có thể do một bản cdsbot khác cùng dùng); tắt bản kia, lấy cặp token "
		       "mới trong API "
		       "Explorer rồi chạy cdsbot admin zalo-oa token";
	default:
		return "lấy cặp token mới trong API Explorer (developers.zalo.me) rồi chạy cdsbot admin zalo-oa token";
	}
}

static void judge_refusal(const cJSON *json, int64_t code, struct errand_outcome *ret)
{
	g_autofree char *name = json_dup(json, "error_name", ""), *clean = text_clean(name, strlen(name));

	ret->verdict = ERRAND_STOP;
	ret->reason =
		g_strdup_printf("không làm mới được token của OA (lỗi %" G_GINT64_FORMAT " %s): %s", code, clean, advice_for(code));
}

void zalo_oa_token_judge(struct zalo_oa *z, const struct http_response *r, int64_t now_ms, struct errand_outcome *ret)
{
	g_autoptr(cJSON) json = r->trouble == HTTP_ANSWERED ? json_parse(r->body, r->body_len, NULL) : NULL;
	g_autofree char *code_text = NULL, *name = NULL;
	int64_t code = 0;

	*ret = (struct errand_outcome){ .verdict = ERRAND_LATER, .wait_ms = REFRESH_RETRY_MS };
	if (r->trouble != HTTP_ANSWERED || !cJSON_IsObject(json) || r->status == 429 || r->status >= 500) {
		ret->wait_ms = MAX(ret->wait_ms, r->retry_after_ms);
		ret->reason = r->trouble != HTTP_ANSWERED ? g_strdup(r->reason ? r->reason : "không có trả lời")
							  : g_strdup_printf("máy chủ cấp token trả lời HTTP %ld", r->status);
		return;
	}
	name = json_dup(json, "error_name", "");
	if (json_id(json, "error", &code_text))
		g_ascii_string_to_signed(code_text, 10, INT64_MIN, INT64_MAX, &code, NULL);
	/* A failure may come with HTTP 200 (zalo-oa.md §2). */
	if (r->status >= 400 || code != 0 || *name || !read_fresh(z, json, now_ms)) {
		judge_refusal(json, code, ret);
		return;
	}
	ret->verdict = ERRAND_DONE;
	ret->save_key = g_strdup(ZALO_OA_TOKEN_KEY);
	ret->save_value = zalo_oa_token_text(&z->fresh);
}
