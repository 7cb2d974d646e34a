/* SPDX-License-Identifier: MIT */
/* The options of the core, one row each. Adapters bring their own rows in their own files. */
#include "base/macros.h"

#include "config.h"

static const struct option bot_options[] = {
	{ .name = "timezone", .type = OPTION_STRING, .dflt = "Asia/Ho_Chi_Minh",
	  .help = "Múi giờ để hiển thị và đọc ngày giờ (tên theo IANA)." },
	{ .name = "address_form", .type = OPTION_CHOICE, .dflt = "đồng chí", .choices = "đồng chí|anh/chị", .flags = OPTION_RELOAD,
	  .help = "Cách xưng hô với thành viên trong mọi câu trả lời." },
	{ .name = "standing_unit", .type = OPTION_STRING, .dflt = "STTTT", .flags = OPTION_RELOAD,
	  .help = "Mã đơn vị thường trực (cột code của units.csv): đơn vị duyệt và quản trị." },
	{ .name = "quiet_hours", .type = OPTION_BOOL, .dflt = "yes", .flags = OPTION_RELOAD,
	  .help = "Giờ yên lặng: chỉ trả lời trực tiếp các lệnh, mọi tin khác chờ đến hết giờ." },
	{ .name = "quiet_from", .type = OPTION_CLOCK, .dflt = "21:00", .flags = OPTION_RELOAD, .help = "Giờ bắt đầu yên lặng." },
	{ .name = "quiet_until", .type = OPTION_CLOCK, .dflt = "06:30", .flags = OPTION_RELOAD, .help = "Giờ hết yên lặng." },
	{ .name = "commands_per_minute", .type = OPTION_INT, .dflt = "20", .min = 1, .max = 1000, .flags = OPTION_RELOAD,
	  .help = "Số lệnh một người được xử lý trong một phút; phần vượt phải chờ, không mất." },
	{ .name = "window", .type = OPTION_DURATION, .dflt = "15m", .min = MINUTE_MS, .max = 2 * HOUR_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian nhớ tạm tin vừa gửi trong nhóm (chỉ trong bộ nhớ) để ghép tệp, ghép tin nhiều phần và dùng cho /luu." },
	{ .name = "pending", .type = OPTION_DURATION, .dflt = "24h", .min = MINUTE_MS, .max = 7 * DAY_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian giữ câu hỏi chưa trả lời và nội dung của người chưa đăng ký trong tin nhắn riêng." },
	{ .name = "uncertain", .type = OPTION_CHOICE, .dflt = "resend", .choices = "resend|ask", .flags = OPTION_RELOAD,
	  .help = "Khi không rõ một tin đã đến nơi hay chưa: resend = gửi lại (có thể trùng), ask = giữ lại và hỏi quản trị." },
	{ .name = "log_level", .type = OPTION_CHOICE, .dflt = "info", .choices = "error|warn|info|debug", .flags = OPTION_RELOAD,
	  .help = "Mức chi tiết của nhật ký." },
	{ .name = NULL },
};

static const struct option store_options[] = {
	{ .name = "path", .type = OPTION_PATH, .dflt = "cdsbot.db",
	  .help = "Tệp cơ sở dữ liệu. Đường dẫn tương đối tính từ thư mục của tệp cấu hình này; thư mục phải có sẵn." },
	{ .name = "readers", .type = OPTION_INT, .dflt = "2", .min = 1, .max = 8,
	  .help = "Số luồng đọc (tìm kiếm, báo cáo)." },
	{ .name = "queue_jobs", .type = OPTION_INT, .dflt = "4096", .min = 16, .max = 65536,
	  .help = "Số việc chờ ghi tối đa; đầy thì nền tảng được báo gửi lại sau." },
	{ .name = "queue_bytes", .type = OPTION_INT, .dflt = "8388608", .min = 65536, .max = 1073741824,
	  .help = "Bộ nhớ tối đa của các việc chờ ghi, tính bằng byte (mặc định 8 MiB)." },
	{ .name = "keep_commands", .type = OPTION_DURATION, .dflt = "30d", .min = DAY_MS, .max = 3650 * DAY_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian lưu nguyên văn lệnh." },
	{ .name = "keep_drafts", .type = OPTION_DURATION, .dflt = "90d", .min = 16 * DAY_MS, .max = 3650 * DAY_MS,
	  .flags = OPTION_RELOAD,
	  .help = "Thời gian lưu bản nháp kể từ lần sửa cuối; báo trước 15 ngày." },
	{ .name = "keep_refused", .type = OPTION_DURATION, .dflt = "180d", .min = DAY_MS, .max = 3650 * DAY_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian lưu sáng kiến không được duyệt." },
	{ .name = "keep_audit", .type = OPTION_DURATION, .dflt = "730d", .min = 30 * DAY_MS, .max = 36500 * DAY_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian lưu nhật ký ai làm gì (mặc định 24 tháng)." },
	{ .name = NULL },
};

static const struct option http_options[] = {
	{ .name = "listen", .type = OPTION_ADDRESS, .dflt = NULL,
	  .help = "Địa chỉ nhận webhook, đặt sau máy chủ HTTPS của đơn vị. Không cần khi các nền tảng đều dùng cách hỏi (polling)." },
	{ .name = "status_listen", .type = OPTION_ADDRESS, .dflt = "127.0.0.1:9180",
	  .help = "Địa chỉ của /healthz và /metrics, chỉ nên mở trong máy; off = tắt." },
	{ .name = NULL },
};

static const struct option courier_options[] = {
	{ .name = "max_tries", .type = OPTION_INT, .dflt = "20", .min = 1, .max = 100, .flags = OPTION_RELOAD,
	  .help = "Số lần gửi một tin trước khi xếp vào danh sách không gửi được (cdsbot deliveries --dead)." },
	{ .name = "backoff_first", .type = OPTION_DURATION, .dflt = "2s", .min = 1, .max = HOUR_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian chờ sau lần gửi hỏng đầu tiên; mỗi lần sau gấp đôi." },
	{ .name = "backoff_max", .type = OPTION_DURATION, .dflt = "1h", .min = 1, .max = DAY_MS, .flags = OPTION_RELOAD,
	  .help = "Thời gian chờ dài nhất giữa hai lần gửi; 20 lần gửi kéo dài khoảng chín giờ, qua được một đêm mất mạng." },
	{ .name = "confirmations_per_minute", .type = OPTION_INT, .dflt = "4", .min = 1, .max = 60, .flags = OPTION_RELOAD,
	  .help = "Số dòng xác nhận gửi ngay vào một nhóm trong một phút; các dòng sau gộp thành một." },
	{ .name = NULL },
};

const struct config_section config_core_sections[] = {
	{ .name = "bot", .options = bot_options, .help = "Cách làm việc của bot." },
	{ .name = "store", .options = store_options, .help = "Cơ sở dữ liệu và thời hạn lưu." },
	{ .name = "http", .options = http_options, .help = "Các cổng lắng nghe của chương trình." },
	{ .name = "courier", .options = courier_options, .help = "Gửi tin và gửi lại." },
	{ .name = NULL },
};
