/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` says about the Telegram bot and what to do in @BotFather or in the group. It changes nothing there. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "finding.h"
#include "telegram.h"

#define PENDING_MANY 100
#define WEBHOOK_SECRET_GOOD 16

static const char official_base[] = "https://api.telegram.org";

static const char advice_privacy[] = "Nếu bot là quản trị viên của nhóm thì không cần làm gì. Nếu không: 1) mở chat với "
				     "@BotFather, gõ /setprivacy; 2) chọn bot này; "
				     "3) bấm Disable; 4) xóa bot khỏi nhóm rồi thêm lại (không thêm lại thì nhóm cũ vẫn như "
				     "trước). Cách khác: cho bot làm quản trị viên "
				     "của nhóm, có tác dụng ngay.";
static const char advice_token[] = "Mở @BotFather, gõ /mybots, chọn bot, bấm API Token (hoặc /revoke để cấp token mới), ghi vào "
				   "[telegram] token hoặc token_file.";

static void describe_webhook(const struct telegram *t, adapter_finding_fn *say, void *arg)
{
	g_autoptr(GUri) uri = g_uri_parse(t->webhook_url, G_URI_FLAGS_ENCODED, NULL);
	int port = uri ? g_uri_get_port(uri) : -1;

	say_finding(say, arg, FINDING_NOTE, NULL, "Nhận tin: webhook tại %s (đường dẫn nội bộ %s).", t->webhook_url,
		    t->webhook_path);
	if (strcmp(t->base, official_base) != 0)
		return;
	if (!g_str_has_prefix(t->webhook_url, "https://") ||
	    (port != -1 && port != 443 && port != 80 && port != 88 && port != 8443))
		say(arg, FINDING_ERROR, "Telegram chỉ gọi webhook qua https, cổng 443, 80, 88 hoặc 8443.",
		    "Sửa [telegram] webhook_url, hoặc đặt mode = poll (không cần địa chỉ công khai).");
	if (strlen(t->webhook_secret) < WEBHOOK_SECRET_GOOD)
		say(arg, FINDING_WARN, "webhook_secret ngắn, dễ bị dò.", "Tạo chuỗi mới bằng: openssl rand -hex 32");
}

void telegram_describe(struct adapter *a, adapter_finding_fn *say, void *arg)
{
	const struct telegram *t = a->state;

	say(arg, FINDING_NOTE, "Bot Telegram được tạo và cài đặt trong chat với @BotFather.",
	    "Chưa có bot: gõ /newbot, đặt tên, nhận token. Để bot vào nhóm: /setjoingroups phải là Enable, rồi thêm bot vào nhóm "
	    "như thêm "
	    "thành viên.");
	say(arg, FINDING_NOTE,
	    "Không làm được: nhắn riêng trước cho người chưa mở bot và bấm Start, thấy tin gửi trước khi bot vào nhóm, lấy danh "
	    "sách thành "
	    "viên; vào một nhóm chỉ khoảng 20 tin mỗi phút.",
	    "Dặn mọi người mở bot, bấm Start một lần thì mới nhận được trả lời và thông báo riêng.");
	if (strcmp(t->base, official_base) != 0)
		say_finding(say, arg, FINDING_NOTE, NULL, "Máy chủ Bot API: %s.", t->base);
	if (t->is_webhook)
		describe_webhook(t, say, arg);
	else
		say_finding(say, arg, FINDING_NOTE, NULL,
			    "Nhận tin: hỏi Telegram (getUpdates), mỗi lần chờ tối đa %" G_GINT64_FORMAT " giây.",
			    t->poll_timeout_s);
	if (!t->is_webhook && t->webhook_url)
		say(arg, FINDING_WARN, "Có webhook_url nhưng mode = poll nên địa chỉ ấy không được dùng.",
		    "Muốn Telegram gọi tới: đặt mode = webhook. Không thì xóa dòng webhook_url.");
	if (a->pace.per_second > 30 || a->pace.group_per_minute > 20 || a->pace.per_second <= 0 || a->pace.group_per_minute <= 0)
		say(arg, strcmp(t->base, official_base) == 0 ? FINDING_WARN : FINDING_NOTE,
		    "Nhịp gửi đặt cao hơn mức Telegram cho phép (30 tin một giây, 20 tin một phút mỗi nhóm).",
		    "Telegram sẽ bắt chờ lâu dần. Nên đặt per_second = 25 và group_per_minute = 18.");
}

static void check_me(const cJSON *me, adapter_finding_fn *say, void *arg)
{
	g_autofree char *id = NULL, *name = json_dup(me, "first_name", ""), *username = json_dup(me, "username", "?");
	bool flag;

	if (!json_id(me, "id", &id)) {
		say(arg, FINDING_WARN, "getMe trả lời lạ: không có số hiệu của bot.", "Kiểm tra api_url.");
		return;
	}
	say_finding(say, arg, FINDING_OK, NULL, "Token dùng được: bot là @%s (%s, số hiệu %s).", username, name, id);
	if (json_bool(me, "can_join_groups", &flag) && !flag)
		say(arg, FINDING_WARN, "Bot không được phép vào nhóm.",
		    "Mở @BotFather, gõ /setjoingroups, chọn bot này, bấm Enable.");
	if (!json_bool(me, "can_read_all_group_messages", &flag))
		return;
	if (flag)
		say(arg, FINDING_OK, "Chế độ riêng tư đã tắt: bot thấy mọi tin trong nhóm.", NULL);
	else
		say(arg, FINDING_WARN,
		    "Chế độ riêng tư đang bật: trong nhóm bot chỉ thấy lệnh và tin trả lời nó; không thấy câu chỉ nhắc tên, không "
		    "thấy ảnh và tệp "
		    "gửi trước hay sau lệnh.",
		    advice_privacy);
}

static void check_webhook_error(const cJSON *info, adapter_finding_fn *say, void *arg)
{
	g_autofree char *message = json_dup(info, "last_error_message", NULL), *when = NULL, *clean = NULL;
	g_autoptr(GDateTime) local = NULL;
	int64_t date;

	if (!message || !json_int64(info, "last_error_date", &date) || date <= 0 || date > INT64_C(100000000000))
		return;
	local = clock_local(date * SECOND_MS);
	when = local ? g_date_time_format(local, "%H:%M ngày %d/%m/%Y") : g_strdup("?");
	clean = text_clean(message, strlen(message));
	say_finding(
		say, arg, FINDING_WARN,
		"Xem lúc đó máy chủ có chạy không, chứng chỉ https còn hạn không, tường lửa có cho Telegram vào không. Lỗi 401: "
		"webhook_secret đã đổi mà chưa khởi động lại bot.",
		"Lần lỗi gần nhất khi Telegram gọi webhook: %s (%s).", clean, when);
}

static void check_webhook(struct adapter *a, const cJSON *info, adapter_finding_fn *say, void *arg)
{
	const struct telegram *t = a->state;
	g_autofree char *url = json_dup(info, "url", ""), *clean = text_clean(url, strlen(url));
	int64_t pending = 0;

	if (!t->is_webhook && *url)
		say_finding(say, arg, FINDING_WARN,
			    "Khi khởi động, cdsbot run sẽ tự gỡ webhook này (giữ lại tin đang chờ). Nếu một hệ thống khác đang "
			    "dùng bot, hãy tạo bot "
			    "riêng bằng /newbot trong @BotFather, vì một token chỉ phục vụ được một nơi.",
			    "Đang có webhook (%s) trong khi cấu hình là mode = poll: bot không nghe được gì.", clean);
	else if (t->is_webhook && !*url)
		say(arg, FINDING_WARN, "Chưa đặt webhook ở Telegram.",
		    "cdsbot run sẽ tự đặt khi khởi động; nếu đang chạy, xem nhật ký vì sao chưa đặt được.");
	else if (t->is_webhook && strcmp(url, t->webhook_url) != 0)
		say_finding(say, arg, FINDING_ERROR,
			    "Khởi động lại cdsbot run để đặt lại. Nếu lại bị đổi: có nơi khác dùng chung token, đổi token bằng "
			    "/revoke trong @BotFather.",
			    "Webhook ở Telegram là %s, khác với webhook_url trong cấu hình.", clean);
	else
		say(arg, FINDING_OK, t->is_webhook ? "Webhook đúng như cấu hình." : "Không có webhook nào cản việc hỏi tin.", NULL);
	if (t->is_webhook)
		check_webhook_error(info, say, arg);
	if (json_int64(info, "pending_update_count", &pending) && pending > 0)
		say_finding(say, arg, pending >= PENDING_MANY ? FINDING_WARN : FINDING_NOTE,
			    "Telegram giữ tin tối đa 24 giờ. Chạy cdsbot run; nếu đang chạy mà số này không giảm, xem nhật ký.",
			    "Telegram đang giữ %" G_GINT64_FORMAT " tin chưa giao cho bot.", pending);
}

void telegram_judge_check(struct adapter *a, const char *name, const struct http_response *r, adapter_finding_fn *say, void *arg)
{
	struct telegram_answer answer;
	g_autofree char *text = NULL;

	telegram_answer_read(r, &answer);
	text = telegram_answer_text(&answer, r);
	if (answer.is_ok && !strcmp(name, "get-me"))
		check_me(answer.result, say, arg);
	else if (answer.is_ok)
		check_webhook(a, answer.result, say, arg);
	else if (answer.json && answer.code == 401)
		say_finding(say, arg, FINDING_ERROR, advice_token, "Telegram không nhận token (%s).", text);
	else if (answer.json && answer.code == 404 && !strcmp(name, "get-me"))
		say_finding(say, arg, FINDING_ERROR, advice_token, "Telegram không biết token này, hoặc api_url sai (%s).", text);
	else if (answer.code == 429)
		say_finding(say, arg, FINDING_WARN, "Đợi rồi chạy lại cdsbot check.", "Telegram đang bắt chờ (%s).", text);
	else if (answer.code >= 400 && answer.json && strcmp(name, "get-me") != 0)
		say_finding(say, arg, FINDING_NOTE, NULL, "Máy chủ này không cho biết tình trạng webhook (%s).", text);
	else
		say_finding(say, arg, FINDING_ERROR,
			    "Kiểm tra mạng, tường lửa, DNS của máy chủ và api_url: máy phải ra được https tới api.telegram.org.",
			    "Không hỏi được Telegram (%s).", text);
	telegram_answer_clear(&answer);
}
