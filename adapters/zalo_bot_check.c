/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` says about the Zalo bot: what it can and cannot do, and what to do in which console. It changes nothing
 * there. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "finding.h"
#include "zalo_bot.h"

#define WEBHOOK_SECRET_GOOD 16
#define OUTCOME_GRAPHEMES_MAX 60

static const char advice_token[] =
	"Mở Zalo, vào OA \"Zalo Bot Manager\", mở Zalo Bot Creator: token nằm trong tin nhắn Zalo gửi khi tạo bot; mất thì "
	"bấm đặt lại token (token cũ hết hiệu lực). Ghi vào [" ZALO_BOT_SECTION "] token hoặc token_file.";
static const char advice_network[] =
	"Kiểm tra mạng, tường lửa, DNS của máy chủ và api_url: máy phải ra được https tới bot-api.zaloplatforms.com.";

const char *zalo_bot_outcome_advice(const char *outcome)
{
	static const struct {
		const char *outcome, *advice;
	} t[] = {
		{ "webhook.http.403",
		  "có gì đó đứng trước máy chủ đã chặn. Zalo gọi bằng chương trình Java (User-Agent Java/1.8), CDN hay tường lửa "
		  "web có bước "
		  "kiểm tra trình duyệt sẽ chặn: tắt bước đó cho đường dẫn webhook, hoặc trỏ tên miền thẳng vào máy chủ" },
		{ "webhook.http.404",
		  "sai đường dẫn: webhook_path của bot và đường dẫn trong webhook_url (sau khi qua proxy) phải khớp nhau" },
		{ "webhook.http.5xx",
		  "proxy đứng trước không gọi được bot: xem bot có đang chạy và [http] listen có đúng cổng không" },
		{ "webhook.http.other",
		  "địa chỉ trả lời mã lạ (chuyển hướng, đòi đăng nhập...): webhook_url phải dẫn thẳng tới bot" },
		{ "webhook.err.tls",
		  "chứng chỉ https không hợp lệ hoặc thiếu chứng chỉ trung gian: cấp lại chứng chỉ đúng tên miền, nạp đủ chuỗi" },
		{ "webhook.err.dns", "không tra được tên miền: kiểm tra bản ghi DNS của tên miền trong webhook_url" },
		{ "webhook.err.timeout",
		  "máy chủ trả lời quá chậm hoặc tường lửa bỏ gói: mở cổng 443 từ ngoài vào, xem tải của máy" },
		{ "webhook.err.conn", "không kết nối được: mở cổng 443 từ ngoài vào, kiểm tra proxy đứng trước có đang chạy" },
		{ "webhook.err.unreachable", "không có đường tới máy chủ: địa chỉ phải công khai, mở được từ mạng ngoài" },
		{ "webhook.err.blocked",
		  "Zalo không gọi địa chỉ nội bộ (localhost, 127.x, 10.x, 192.168.x): cần tên miền và địa chỉ công khai, hoặc đặt "
		  "mode = poll" },
		{ "webhook.err.proxy", "lỗi ở phía proxy của Zalo: đợi ít phút rồi thử lại" },
	};

	if (!strcmp(outcome, "webhook.ok"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		if (!strcmp(outcome, t[i].outcome))
			return t[i].advice;
	return "kiểm tra từ một máy ở mạng ngoài: mở webhook_url bằng https phải tới được bot";
}

/* Names that never lead to a server the platform would call. */
static bool is_private_host(const char *url)
{
	static const char *const heads[] = { "localhost", "127.", "10.", "192.168.", "169.254.", "[" };
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	if (!host)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (g_str_has_prefix(host, heads[i]))
			return true;
	if (g_str_has_prefix(host, "172.")) {
		guint64 second = g_ascii_strtoull(host + 4, NULL, 10);

		return second >= 16 && second <= 31;
	}
	return strchr(host, ':') != NULL;
}

static void describe_webhook(const struct zalo_bot *z, adapter_finding_fn *say, void *arg)
{
	say_finding(say, arg, FINDING_NOTE, NULL, "Nhận tin: webhook tại %s (đường dẫn nội bộ %s).", z->webhook_url,
		    z->webhook_path);
	if (strcmp(z->base, ZALO_BOT_BASE) != 0)
		return;
	if (!g_str_has_prefix(z->webhook_url, "https://") || is_private_host(z->webhook_url))
		say(arg, FINDING_ERROR, "Zalo chỉ gọi webhook qua https, tới địa chỉ công khai.",
		    "Sửa [" ZALO_BOT_SECTION "] webhook_url, hoặc đặt mode = poll (không cần địa chỉ công khai).");
	if (strlen(z->webhook_secret) < WEBHOOK_SECRET_GOOD)
		say(arg, FINDING_WARN, "webhook_secret ngắn, dễ bị dò.", "Tạo chuỗi mới bằng: openssl rand -hex 32");
}

static void describe_pace(const struct adapter *a, adapter_finding_fn *say, void *arg)
{
	if (a->pace.per_second <= 0 || a->pace.per_second > 0.84) /* 1 / 1.2 s */
		say(arg, FINDING_WARN, "Nhịp gửi đặt nhanh hơn 1,2 giây một tin.", "Zalo dễ chặn bot. Nên đặt per_second = 0.8.");
	if (a->pace.month_budget == 0 || a->pace.month_budget > ZALO_BOT_MONTH_FREE)
		say(arg, FINDING_NOTE, "Số tin một tháng đặt cao hơn 3000 của gói miễn phí.",
		    "Nếu không mua gói cao hơn, đặt month_budget = " G_STRINGIFY(
			    ZALO_BOT_MONTH_FREE) " để bot tự dè, thay vì bị Zalo chặn giữa tháng.");
	else
		say_finding(say, arg, FINDING_NOTE, NULL,
			    "Hạn mức: %" G_GINT64_FORMAT " tin một tháng (khoảng %" G_GINT64_FORMAT
			    " tin một ngày) tính cả nhóm và chat riêng.",
			    a->pace.month_budget, MAX(a->pace.month_budget / 30, 1));
}

void zalo_bot_describe(struct adapter *a, adapter_finding_fn *say, void *arg)
{
	const struct zalo_bot *z = a->state;

	say(arg, FINDING_NOTE, "Bot Zalo tạo từ tài khoản Zalo cá nhân: OA \"Zalo Bot Manager\", mục tạo bot, mở Zalo Bot Creator.",
	    "Chưa có bot: đặt tên bắt đầu bằng chữ Bot; token đến bằng tin nhắn Zalo. Thêm vào nhóm: tìm tên bot ở mục thêm thành "
	    "viên, hoặc lấy "
	    "liên kết mời trong Zalo Bot Creator để trưởng nhóm xác nhận.");
	say(arg, FINDING_NOTE,
	    "Trong nhóm, Zalo chỉ báo cho bot tin có nhắc tên bot (@Bot ...) và tin trả lời tin của bot; ảnh phải nhắc tên trong "
	    "lời kèm ảnh.",
	    "Dặn mọi người: gõ @ chọn tên bot rồi mới gõ lệnh. /luu tin của người khác và tệp gửi kèm không dùng được trong nhóm; "
	    "dùng chat riêng.");
	say(arg, FINDING_NOTE,
	    "Về tệp: chỉ chuyển được ảnh, tệp khác chỉ báo tên. Không làm được: sửa, thu hồi tin đã gửi, nút bấm, trả lời trích "
	    "dẫn, danh sách "
	    "thành viên; không nhắn trước cho người chưa nhắn bot.",
	    "Gói miễn phí: 50 người dùng, 3 nhóm mỗi bot (nhóm đang thử nghiệm). Nhóm đông hơn: dùng Zalo OA.");
	if (strcmp(z->base, ZALO_BOT_BASE) != 0)
		say_finding(say, arg, FINDING_NOTE, NULL, "Máy chủ Zalo Bot API: %s.", z->base);
	if (z->is_webhook)
		describe_webhook(z, say, arg);
	else
		say_finding(say, arg, FINDING_NOTE, "Chạy chính thức nên đặt mode = webhook.",
			    "Nhận tin: hỏi Zalo (getUpdates), mỗi lần chờ tối đa %" G_GINT64_FORMAT
			    " giây; máy tắt đột ngột đúng lúc nhận có thể mất một tin.",
			    z->poll_timeout_s);
	if (!z->is_webhook && z->webhook_url)
		say(arg, FINDING_WARN, "Có webhook_url nhưng mode = poll nên địa chỉ ấy không được dùng.",
		    "Muốn Zalo gọi tới: đặt mode = webhook. Không thì xóa dòng webhook_url.");
	describe_pace(a, say, arg);
}

static void check_me(struct zalo_bot *z, const cJSON *me, adapter_finding_fn *say, void *arg)
{
	g_autofree char *id = NULL, *name = json_dup(me, "account_name", "?"), *type = json_dup(me, "account_type", "?"),
			*clean_name = text_clean(name, strlen(name)), *clean_type = text_clean(type, strlen(type)), *names = NULL;

	if (!json_id(me, "id", &id)) {
		say(arg, FINDING_WARN, "getMe trả lời lạ: không có số hiệu của bot.", "Kiểm tra api_url.");
		return;
	}
	say_finding(say, arg, FINDING_OK, NULL, "Token dùng được: bot là %s (gói %s, số hiệu %s).", clean_name, clean_type, id);
	zalo_bot_learn_names(z, me);
	g_ptr_array_add(z->names, NULL);
	names = g_strjoinv(", @", (char **)z->names->pdata);
	g_ptr_array_set_size(z->names, (gint)z->names->len - 1);
	say_finding(say, arg, z->n_own_names > 0 ? FINDING_OK : FINDING_NOTE,
		    z->n_own_names > 0 ? NULL
				       : "Nếu khi nhắc bot trong nhóm hiện tên khác, ghi tên đó vào [" ZALO_BOT_SECTION "] names.",
		    "Tên bot nhận ra khi được nhắc: @%s.", names);
}

static void check_webhook(const struct zalo_bot *z, const cJSON *info, adapter_finding_fn *say, void *arg)
{
	g_autofree char *url = json_dup(info, "url", ""), *clean = text_clean(url, strlen(url));

	if (!z->is_webhook && *url)
		say_finding(say, arg, FINDING_WARN,
			    "Khi khởi động, cdsbot run sẽ tự gỡ webhook này. Nếu một hệ thống khác đang dùng bot, hãy tạo bot "
			    "riêng trong Zalo Bot "
			    "Creator, vì một token chỉ phục vụ được một nơi.",
			    "Đang có webhook (%s) trong khi cấu hình là mode = poll: bot không nghe được gì.", clean);
	else if (z->is_webhook && !*url)
		say(arg, FINDING_WARN, "Chưa đặt webhook ở Zalo.",
		    "cdsbot run sẽ tự đặt khi khởi động; nếu đang chạy, xem nhật ký vì sao chưa đặt được.");
	else if (z->is_webhook && strcmp(url, z->webhook_url) != 0)
		say_finding(say, arg, FINDING_ERROR,
			    "Khởi động lại cdsbot run để đặt lại. Nếu lại bị đổi: có nơi khác dùng chung token, đặt lại token "
			    "trong Zalo Bot "
			    "Creator.",
			    "Webhook ở Zalo là %s, khác với webhook_url trong cấu hình.", clean);
	else
		say(arg, FINDING_OK, z->is_webhook ? "Webhook đúng như cấu hình." : "Không có webhook nào cản việc hỏi tin.", NULL);
}

static void check_trial(const cJSON *result, adapter_finding_fn *say, void *arg)
{
	g_autofree char *outcome = json_dup(result, "outcome", "?"), *hint = json_dup(result, "hint", ""), *clean = NULL,
			*brief = NULL, *advice = NULL;
	const char *what = zalo_bot_outcome_advice(outcome);
	bool is_ok = !strcmp(outcome, "webhook.ok");

	json_bool(result, "ok", &is_ok);
	if (is_ok) {
		say(arg, FINDING_OK, "Zalo gọi thử webhook thành công.", NULL);
		return;
	}
	clean = text_clean(hint, strlen(hint));
	brief = text_ellipsize(outcome, OUTCOME_GRAPHEMES_MAX);
	advice = g_strdup_printf("Cách sửa: %s.%s%s", what ? what : "chạy lại cdsbot check", *clean ? " Zalo gợi ý: " : "", clean);
	say_finding(say, arg, FINDING_ERROR, advice, "Zalo gọi thử webhook không được (%s).", brief);
}

static void check_refused(const char *name, const struct zalo_bot_answer *answer, const char *text, adapter_finding_fn *say,
			  void *arg)
{
	bool is_me = !strcmp(name, "get-me"), is_trial = !strcmp(name, "test-webhook");

	if (answer->json && answer->code == 401)
		say_finding(say, arg, FINDING_ERROR, advice_token, "Zalo không nhận token (%s).", text);
	else if (answer->json && answer->code == 404 && is_me)
		say_finding(say, arg, FINDING_ERROR, advice_token, "Zalo không biết token này, hoặc api_url sai (%s).", text);
	else if (is_trial && answer->code == 426)
		say(arg, FINDING_NOTE, "Hôm nay đã hết lượt gọi thử webhook.", "Chạy lại cdsbot check vào ngày mai.");
	else if (answer->code == 429)
		say_finding(say, arg, FINDING_WARN, "Đợi rồi chạy lại cdsbot check.", "Zalo đang bắt chờ (%s).", text);
	else if (answer->json && !is_me)
		say_finding(say, arg, FINDING_NOTE, NULL,
			    is_trial ? "Zalo không cho gọi thử webhook (%s)." : "Zalo không cho biết tình trạng webhook (%s).",
			    text);
	else
		say_finding(say, arg, FINDING_ERROR, advice_network, "Không hỏi được Zalo (%s).", text);
}

void zalo_bot_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg)
{
	struct zalo_bot_answer answer;
	g_autofree char *text = NULL;

	zalo_bot_answer_read(r, &answer);
	text = zalo_bot_answer_text(&answer, r);
	if (answer.is_ok && !strcmp(name, "get-me"))
		check_me(a->state, answer.result, say, arg);
	else if (answer.is_ok && !strcmp(name, "test-webhook"))
		check_trial(answer.result, say, arg);
	else if (answer.is_ok || (answer.json && answer.code == 404 && !strcmp(name, "get-webhook")))
		check_webhook(a->state, answer.result, say, arg);
	else
		check_refused(name, &answer, text, say, arg);
	zalo_bot_answer_clear(&answer);
}
