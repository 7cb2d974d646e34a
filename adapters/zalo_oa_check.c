/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` says about the Official Account and what to do in which console. It changes nothing there, above all it
 * never refreshes the token. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "finding.h"
#include "zalo_oa.h"

#define QUOTA_PREFIX "check-quota-"

const char *const zalo_oa_check_errands[] = { "check-groups",       QUOTA_PREFIX "gmf1000", QUOTA_PREFIX "gmf100",
					      QUOTA_PREFIX "gmf50", QUOTA_PREFIX "gmf10",   NULL };

bool zalo_oa_ask_check(struct adapter *a, const char *name, struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;
	cJSON *body;

	if (!z->token.access)
		return false;
	if (!strcmp(name, "check-groups")) {
		zalo_oa_request(z, "/v3.0/oa/group/getgroupsofoa?offset=0&count=10", NULL, ret_request);
		return true;
	}
	if (!g_str_has_prefix(name, QUOTA_PREFIX))
		return false;
	body = cJSON_CreateObject();
	json_add_str(body, "quota_owner", "OA");
	json_add_str(body, "product_type", name + strlen(QUOTA_PREFIX));
	json_add_str(body, "quota_type", "sub_quota");
	zalo_oa_request(z, "/v3.0/oa/quota/group", body, ret_request);
	return true;
}

static void describe_token(const struct zalo_oa *z, adapter_finding_fn *say, void *arg)
{
	int64_t left_min = (z->token.expires_ms - clock_wall_ms()) / MINUTE_MS;
	g_autofree char *until = clock_hhmm(z->token.expires_ms);

	if (!z->token.access || zalo_oa_token_is_old_copy(z)) {
		g_autofree char *first = text_capitalize(zalo_oa_token_trouble(z));

		say_finding(say, arg, FINDING_WARN,
			    "Cặp token lấy ở developers.zalo.me: Công cụ, API Explorer, chọn ứng dụng, loại OA Access Token, chọn "
			    "OA, bấm Lấy Access "
			    "Token; nhập bằng cdsbot admin zalo-oa token.",
			    "%s.", first);
	} else if (z->token.by_hand) {
		say(arg, FINDING_OK, "Token nhập bằng tay, chưa làm mới lần nào; cdsbot run sẽ làm mới ngay khi chạy.", NULL);
	} else if (left_min < 0) {
		say(arg, FINDING_NOTE, "Access token đã hết hạn; cdsbot run sẽ tự làm mới khi chạy.",
		    "Nếu bot đã tắt quá 3 tháng thì refresh token cũng hết hạn: lấy cặp mới trong API Explorer.");
	} else {
		say_finding(say, arg, FINDING_OK, NULL,
			    "Access token còn dùng %" G_GINT64_FORMAT " giờ %" G_GINT64_FORMAT " phút (đến %s), bot tự làm mới.",
			    left_min / 60, left_min % 60, until);
	}
}

void zalo_oa_describe(struct adapter *a, adapter_finding_fn *say, void *arg)
{
	const struct zalo_oa *z = a->state;

	say(arg, FINDING_NOTE,
	    "Không làm được: vào nhóm Zalo thường (chỉ nhóm GMF do OA làm chủ, thành viên phải vào lại), sửa hay thu hồi tin, nút "
	    "bấm, "
	    "trả lời trích dẫn trong nhóm, tệp ngoài pdf, doc, docx, csv.",
	    NULL);
	say(arg, FINDING_NOTE,
	    "Tin vào nhóm: miễn phí trong gói, 24/24. Tin riêng: chỉ tới người đã nhắn OA trong 7 ngày; trong 48 giờ đầu miễn phí, "
	    "sau đó trừ "
	    "vào gói.",
	    NULL);
	say(arg, FINDING_NOTE,
	    "Việc ở oa.zalo.me: OA đã xác thực, có gói trả phí và suất GMF (gmf10, gmf50, gmf100, gmf1000), đã tạo nhóm.",
	    "Suất GMF hết hạn 45 ngày thì nhóm bị giải tán; bật tự gia hạn.");
	say(arg, FINDING_NOTE,
	    "Việc ở developers.zalo.me: tạo ứng dụng, kích hoạt, thêm sản phẩm Official Account API, xác thực tên miền, liên kết "
	    "với OA, quản trị OA "
	    "cấp quyền gửi tin và quản lý nhóm.",
	    "Gói Growth chỉ cho một ứng dụng: cấp quyền cho ứng dụng khác là token của bot mất hiệu lực.");
	say_finding(say, arg, FINDING_NOTE,
		    "Bật TỪNG sự kiện: user_send_group_text, _image, _link, _file và các loại khác của nhóm; user_send_text, "
		    "_image, _file; create_group, "
		    "user_join_group, user_out_group, disperse_group; follow, unfollow. Không bật thì không có sự kiện nào tới dù "
		    "địa chỉ đã xác thực. Không bật "
		    "lọc theo dấu #. Nếu nhật ký báo chữ ký không khớp: chép lại OA secret key vào oa_secret.",
		    "Webhook: khai địa chỉ https://tên-miền-đã-xác-thực%s ở mục Webhook của ứng dụng; bot trả lời trong 2 giây.",
		    z->webhook_path);
	if (!strcmp(z->app_secret, z->oa_secret))
		say(arg, FINDING_WARN, "app_secret và oa_secret giống nhau: thường là chép nhầm, khi đó mọi sự kiện bị từ chối.",
		    "oa_secret là OA secret key ở mục Webhook; app_secret là khóa bí mật của ứng dụng ở mục Cài đặt.");
	describe_token(z, say, arg);
}

static void check_groups(struct adapter *a, const struct zalo_oa_answer *answer, adapter_finding_fn *say, void *arg)
{
	const cJSON *rows = json_at(answer->data, "groups"), *row;
	g_autoptr(GString) names = g_string_new(NULL);

	cJSON_ArrayForEach (row, rows) {
		struct zalo_oa_group g = { .id = (char *)"", .members = -1, .members_max = -1 };
		g_autofree char *worry = NULL;

		zalo_oa_group_read(&g, row);
		g_string_append_printf(names, "%s%s", names->len ? ", " : "", g.name ? g.name : "?");
		worry = zalo_oa_group_worry(&g, clock_wall_ms());
		if (worry)
			say(arg, FINDING_WARN, worry, "Xem oa.zalo.me, mục Gói dịch vụ và mục Nhóm chat.");
		g_free(g.name);
	}
	if (names->len == 0)
		say(arg, FINDING_WARN, "Token dùng được, nhưng OA chưa có nhóm GMF nào.",
		    "Tạo nhóm ở oa.zalo.me, mục Nhóm chat, bằng một suất GMF đã mua.");
	else
		say_finding(say, arg, FINDING_OK, NULL, "Token dùng được; nhóm của OA: %s.", names->str);
}

static void check_quota(const char *product, const struct zalo_oa_answer *answer, adapter_finding_fn *say, void *arg)
{
	unsigned free_ones = 0, used = 0;
	const cJSON *rows = cJSON_IsArray(answer->data) ? answer->data : json_at(answer->data, "items"), *row;
	g_autofree char *until = NULL;

	cJSON_ArrayForEach (row, rows) {
		const char *status = "";

		json_str(row, "status", &status);
		if (!strcmp(status, "available"))
			free_ones++;
		else
			used++;
		if (!until)
			json_id(row, "valid_through", &until);
	}
	if (free_ones + used > 0)
		say_finding(say, arg, FINDING_OK, NULL, "Suất nhóm %s: %u đang dùng, %u còn trống%s%s.", product, used, free_ones,
			    until ? ", hạn " : "", until ? until : "");
}

void zalo_oa_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg)
{
	struct zalo_oa_answer answer;
	g_autofree char *text = NULL;
	bool is_quota = g_str_has_prefix(name, QUOTA_PREFIX);

	zalo_oa_answer_read(r, &answer);
	text = zalo_oa_answer_text(&answer, r);
	if (answer.class == ZALO_OA_OK && is_quota)
		check_quota(name + strlen(QUOTA_PREFIX), &answer, say, arg);
	else if (answer.class == ZALO_OA_OK)
		check_groups(a, &answer, say, arg);
	else if (is_quota && answer.class == ZALO_OA_TOKEN)
		; /* the question before it has said so */
	else if (is_quota)
		say_finding(say, arg, FINDING_NOTE, answer.advice, "Không hỏi được suất nhóm %s (%s).", name + strlen(QUOTA_PREFIX),
			    text);
	else if (answer.class == ZALO_OA_TOKEN)
		say_finding(say, arg, FINDING_WARN,
			    "Nếu cdsbot run đang chạy, nó tự làm mới token; nếu báo động vẫn còn, lấy cặp token mới trong API "
			    "Explorer rồi "
			    "chạy cdsbot admin zalo-oa token.",
			    "Zalo không nhận access token (%s).", text);
	else
		say_finding(
			say, arg, FINDING_ERROR,
			answer.advice
				? answer.advice
				: "Kiểm tra mạng, tường lửa, DNS: máy phải ra được https tới openapi.zalo.me và oauth.zaloapp.com.",
			"Không hỏi được Zalo (%s).", text);
	zalo_oa_answer_clear(&answer);
}
