/* SPDX-License-Identifier: MIT */
/* Reads an answer of the OpenAPI: HTTP 200 says nothing, `error` does. The table is the fact sheet's (zalo-oa.md §9). */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "zalo_oa.h"

#define REASON_GRAPHEMES_MAX 160

#define ADVICE_APP                                                                                                                                            \
	"vào developers.zalo.me: ứng dụng phải được kích hoạt, thêm sản phẩm Official Account API, và OA phải cấp quyền cho ứng " \
	"dụng"
#define ADVICE_PACKAGE "gói dịch vụ của OA không đủ quyền; vào oa.zalo.me, mục Gói dịch vụ để nâng gói hoặc mua gói GMF"
#define ADVICE_ASSET "suất nhóm GMF đã hết hạn hoặc bị khóa; vào oa.zalo.me, mục Gói dịch vụ để gia hạn, rồi gắn lại cho nhóm"

static const struct {
	int64_t code;
	enum zalo_oa_class class;
	const char *advice;
} rows[] = {
	{ -32, ZALO_OA_MINUTE, NULL },
	{ -100, ZALO_OA_STALE, NULL },
	{ -200, ZALO_OA_LATER, NULL },
	{ -201, ZALO_OA_CONTENT, NULL },
	{ -204, ZALO_OA_DEFECT, "OA đã bị khóa; liên hệ Zalo" },
	{ -205, ZALO_OA_DEFECT, "OA không còn; kiểm tra oa_id" },
	{ -209, ZALO_OA_OPERATOR, ADVICE_APP },
	{ -210, ZALO_OA_CONTENT, NULL },
	{ -211, ZALO_OA_QUOTA, "hết hạn mức tin nhắn; vào oa.zalo.me, mục Gói dịch vụ để mua thêm, hoặc đợi kỳ sau" },
	{ -212, ZALO_OA_OPERATOR, ADVICE_APP },
	{ -213, ZALO_OA_NOBODY, NULL },
	{ -216, ZALO_OA_TOKEN, NULL },
	{ -217, ZALO_OA_NOBODY, NULL },
	{ -218, ZALO_OA_LATER, NULL },
	{ -219, ZALO_OA_DEFECT, "ứng dụng đã bị gỡ hoặc bị khóa; tạo hoặc mở lại ở developers.zalo.me" },
	{ -220, ZALO_OA_TOKEN, NULL },
	{ -221, ZALO_OA_OPERATOR, "OA chưa xác thực; vào oa.zalo.me nộp hồ sơ xác thực" },
	{ -223, ZALO_OA_OPERATOR,
	  "OA chưa cấp quyền này cho ứng dụng; vào oa.zalo.me, mục Cài đặt, Quyền của ứng dụng, cấp lại quyền gửi tin và quản lý "
	  "nhóm" },
	{ -224, ZALO_OA_OPERATOR, ADVICE_PACKAGE },
	{ -227, ZALO_OA_NOBODY, NULL },
	{ -230, ZALO_OA_NOBODY, NULL },
	{ -232, ZALO_OA_NOBODY, NULL },
	{ -233, ZALO_OA_CONTENT, NULL },
	{ -234, ZALO_OA_LATER, NULL },
	{ -235, ZALO_OA_OPERATOR, "loại OA này không dùng được chức năng; xem điều kiện ở oa.zalo.me" },
	{ -237, ZALO_OA_NOBODY, ADVICE_ASSET },
	{ -238, ZALO_OA_OPERATOR, ADVICE_ASSET },
	{ -240, ZALO_OA_DEFECT, "bản cdsbot này gọi chức năng Zalo đã bỏ; cập nhật cdsbot" },
	{ -241, ZALO_OA_OPERATOR, ADVICE_ASSET },
	{ -242, ZALO_OA_DEFECT, "kiểm tra app_secret" },
	{ -244, ZALO_OA_NOBODY, NULL },
	{ -248, ZALO_OA_CONTENT, NULL },
	{ -320, ZALO_OA_QUOTA, "chưa có tài khoản Zalo Cloud; mở và nạp tiền tại Zalo Cloud" },
	{ -321, ZALO_OA_QUOTA, "tài khoản Zalo Cloud hết tiền; nạp thêm" },
	{ -403, ZALO_OA_NOBODY, "OA không còn trong nhóm này; nhóm phải do OA làm chủ (GMF)" },
	{ -501, ZALO_OA_OPERATOR, "Zalo chỉ nhận lời gọi từ địa chỉ mạng ở Việt Nam; chạy cdsbot trên máy ở Việt Nam" },
};

/* 500, 502, 504 and garbage under 2xx come from a front end whose back end may have finished: uncertain. A 4xx that is no JSON is
 * some proxy's on the way and says nothing of token or chat. */
static enum zalo_oa_class class_of_status(long status, bool is_json)
{
	if (status == 429 || status == 503)
		return ZALO_OA_LATER;
	if (status == 401)
		return is_json ? ZALO_OA_TOKEN : ZALO_OA_LATER;
	if (status == 413)
		return ZALO_OA_CONTENT;
	if (status < 400 || status >= 500)
		return ZALO_OA_UNCERTAIN;
	return is_json ? ZALO_OA_CONTENT : ZALO_OA_LATER;
}

static bool read_code(const cJSON *json, int64_t *ret)
{
	g_autofree char *text = NULL;

	return json_int64(json, "error", ret) ||
	       (json_id(json, "error", &text) && g_ascii_string_to_signed(text, 10, INT32_MIN, INT32_MAX, ret, NULL));
}

/* A code that the sheet does not know: the call was certainly not carried out, and sending the same again would not help. */
static void class_of_code(struct zalo_oa_answer *a)
{
	a->class = ZALO_OA_CONTENT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == a->code) {
			a->class = rows[i].class;
			a->advice = rows[i].advice;
		}
}

void zalo_oa_answer_read(const struct http_response *r, struct zalo_oa_answer *ret)
{
	*ret = (struct zalo_oa_answer){ .class = ZALO_OA_UNCERTAIN, .message = "", .retry_ms = -1 };
	if (r->trouble != HTTP_ANSWERED) {
		if (r->trouble == HTTP_BEFORE_WRITE)
			ret->class = ZALO_OA_LATER;
		return;
	}
	ret->status = r->status;
	ret->retry_ms = r->retry_after_ms >= 0 ? r->retry_after_ms : -1;
	ret->json = json_parse(r->body ? r->body : "", r->body ? r->body_len : 0, NULL);
	if (ret->json && !cJSON_IsObject(ret->json))
		g_clear_pointer(&ret->json, cJSON_Delete);
	if (!ret->json || !read_code(ret->json, &ret->code)) {
		ret->class = class_of_status(r->status, ret->json != NULL);
		return;
	}
	json_str(ret->json, "message", &ret->message);
	ret->data = json_at(ret->json, "data");
	if (ret->code != 0)
		class_of_code(ret);
	else if (r->status >= 200 && r->status < 300)
		ret->class = ZALO_OA_OK;
	else
		ret->class = class_of_status(r->status, true);
}

void zalo_oa_answer_clear(struct zalo_oa_answer *a)
{
	cJSON_Delete(a->json);
	*a = (struct zalo_oa_answer){ 0 };
}

char *zalo_oa_answer_text(const struct zalo_oa_answer *a, const struct http_response *r)
{
	g_autofree char *clean = NULL, *brief = NULL;

	if (r->trouble != HTTP_ANSWERED)
		return g_strdup(r->reason ? r->reason : "không có trả lời");
	if (!a->json)
		return g_strdup_printf("HTTP %ld, trả lời không phải JSON", a->status);
	clean = text_clean(a->message, strlen(a->message));
	brief = text_ellipsize(clean, REASON_GRAPHEMES_MAX);
	if (a->code == 0)
		return g_strdup_printf("HTTP %ld%s%s", a->status, *brief ? ": " : "", brief);
	return g_strdup_printf("lỗi %" G_GINT64_FORMAT "%s%s", a->code, *brief ? ": " : "", brief);
}

int64_t zalo_oa_minute_wait_ms(void)
{
	return MINUTE_MS - clock_wall_ms() % MINUTE_MS + g_random_int_range(0, ZALO_OA_MINUTE_SPREAD_MS);
}
