/* SPDX-License-Identifier: MIT */
/* `check`: configuration, database, each platform; every problem with what to do. Changes nothing. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "adapters/http_client.h"
#include "adapters/table.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "cli.h"
#include "cli_check_service.h"
#include "bot/core_sections.h"
#include "bot/daemon.h"
#include "bot/demo.h"
#include "store/audit.h"
#include "store/delivery.h"
#include "store/inbox.h"
#include "store/member.h"
#include "store/register.h"

struct check {
	const struct config *config;
	unsigned n_errors, n_warnings;
	uv_loop_t loop;
	struct http_client *http;
	unsigned next; /* adapter */
	GHashTable *saved; /* the adapter's under way: it is checked after adapter_check has returned */
	bool offline;
};

static void say(void *arg, enum finding_level level, const char *text, const char *advice)
{
	static const char *const marks[] = { [FINDING_OK] = "  ổn   ", [FINDING_NOTE] = "  lưu ý", [FINDING_WARN] = "  cảnh báo", [FINDING_ERROR] = "  LỖI  " };
	struct check *c = arg;
	g_autofree char *t = log_mask(text), *a = advice ? log_mask(advice) : NULL;

	printf("%s %s\n", marks[level], t);
	if (a)
		printf("          → %s\n", a);
	c->n_errors += level == FINDING_ERROR;
	c->n_warnings += level == FINDING_WARN;
}

static void say_count(struct check *c, int64_t n, const char *what, const char *advice)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %s", n, what);

	if (n)
		say(c, FINDING_WARN, text, advice);
}

/* db_or_null: NULL before the first start, which will read the shipped CSV files. */
static void check_units(struct check *c, struct db *db_or_null)
{
	const char *code = config_str(c->config, "bot", "standing_unit");
	g_autoptr(GError) error = NULL;
	g_autoptr(registry_t) r = db_or_null ? store_register_load(db_or_null, &error) : registry_load_csv(demo_data_dir(), &error);
	g_autofree char *text = g_strdup_printf("[bot] standing_unit = %s không có trong danh mục đơn vị", code ? code : "");

	if (r && !db_or_null)
		registry_seal(r);
	if (!r)
		say(c, FINDING_ERROR, error->message, db_or_null ? NULL : "sửa danh mục (units.csv, fields.csv, abbreviations.csv), hoặc chép lại bản gốc");
	else if (!code || !registry_unit(r, code))
		say(c, FINDING_WARN, text, "ghi mã ở cột code của units.csv, ví dụ STTTT");
}

static bool check_rows(struct check *c, struct db *db, GError **error)
{
	int64_t unhandled, aside, members, units;
	struct delivery_counts n;
	g_autofree char *text = NULL;

	if (!store_inbox_counts(db, &unhandled, &aside, error) || !store_delivery_counts(db, NULL, &n, error) ||
	    !store_member_counts(db, &members, &units, error))
		return false;
	text = g_strdup_printf("%" G_GINT64_FORMAT " thành viên thuộc %" G_GINT64_FORMAT " đơn vị; %" G_GINT64_FORMAT " tin chờ gửi", members, units, n.queued);
	say(c, FINDING_OK, text, NULL);
	say_count(c, aside, "tin đến chưa xử lý được, đã để riêng", "xem: cdsbot admin inbox; xử lý lại: cdsbot admin inbox --retry all");
	say_count(c, n.dead, "tin không gửi được", "xem: cdsbot deliveries --dead; gửi lại: cdsbot deliveries --retry all");
	say_count(c, n.asked, "tin chưa rõ đã đến nơi hay chưa", "xem: cdsbot deliveries --dead; gửi lại: cdsbot deliveries --retry ID");
	if (!members)
		say(c, FINDING_WARN, "chưa có thành viên nào", "cấp quản trị đầu tiên: cdsbot admin code, rồi nhắn riêng cho bot /nhanquyen <mã>");
	return true;
}

static void check_database(struct check *c)
{
	const char *path = config_str(c->config, "store", "path");
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = NULL;
	g_autofree char *complaint = NULL;

	printf("Cơ sở dữ liệu: %s\n", path);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_autofree char *dir = g_path_get_dirname(path);

		if (g_file_test(dir, G_FILE_TEST_IS_DIR))
			say(c, FINDING_NOTE, "chưa có, sẽ được tạo khi chạy lần đầu", NULL);
		else
			say(c, FINDING_ERROR, "thư mục chứa tệp không có", "tạo thư mục đó, hoặc sửa [store] path");
		check_units(c, NULL);
		return;
	}
	db = db_open(path, DB_READ, &error);
	if (!db) {
		say(c, FINDING_ERROR, error->message, "kiểm tra quyền đọc tệp của tài khoản chạy dịch vụ");
		return;
	}
	if (db_schema_version(db) > db_schema_newest()) {
		say(c, FINDING_ERROR, "được tạo bởi phiên bản mới hơn", "dùng phiên bản cdsbot mới hơn; bản này không mở tệp đó");
		return;
	}
	if (db_schema_version(db) < db_schema_newest()) {
		say(c, FINDING_NOTE, "thuộc phiên bản cũ, sẽ được nâng cấp khi chạy", "sao lưu tệp trước khi chạy phiên bản mới");
		return;
	}
	if (!db_check(db, &complaint, &error) || complaint) {
		say(c, FINDING_ERROR, complaint ? complaint : error->message, "dừng dịch vụ và khôi phục từ bản sao lưu");
		return;
	}
	say(c, FINDING_OK, "nguyên vẹn (integrity_check)", NULL);
	if (!check_rows(c, db, &error))
		say(c, FINDING_ERROR, error->message, NULL);
	check_units(c, db);
}

static void next_adapter(struct check *c);

static void one_checked(void *arg)
{
	struct check *c = arg;

	g_clear_pointer(&c->saved, g_hash_table_unref);
	c->next++;
	next_adapter(c);
}

static void http_closed(void *arg)
{
}

static GHashTable *saved_of(const struct check *c, const char *name)
{
	g_autoptr(db_t) db = db_open(config_str(c->config, "store", "path"), DB_READ, NULL);
	GHashTable *saved = db && db_schema_version(db) > 0 ? store_setting_all(db, name, NULL) : NULL;

	return saved ? saved : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* What the daemon said last, if it still stands. */
static void say_alarm(struct check *c, const char *name)
{
	g_autoptr(db_t) db = db_open(config_str(c->config, "store", "path"), DB_READ, NULL);
	g_autofree char *value = NULL, *text = NULL, *date = NULL;
	g_autoptr(GDateTime) at = NULL;
	char *rest;

	if (!db || db_schema_version(db) <= 0 || store_setting_get(db, DAEMON_ALARM_SCOPE, name, &value, NULL) != STORE_OK)
		return;
	at = clock_local(g_ascii_strtoll(value, &rest, 10));
	date = g_date_time_format(at, "%H:%M %d/%m/%Y");
	text = g_strdup_printf("dịch vụ báo lúc %s:%s", date, rest);
	/* Offline is asked before a start, which may be what ends the trouble: an old complaint must not forbid it. */
	say(c, c->offline ? FINDING_WARN : FINDING_ERROR, text, "làm theo các dòng dưới đây; dịch vụ tự nối lại khi hết lỗi");
}

static void next_adapter(struct check *c)
{
	const struct adapter_ops *ops;

	while ((ops = adapter_table[c->next]) && (ops->caps.is_local || !config_has_section(c->config, ops->name) ||
						  !config_bool(c->config, ops->name, "enabled")))
		c->next++;
	if (!ops) {
		if (c->http)
			http_client_close(g_steal_pointer(&c->http), http_closed, c);
		return;
	}
	c->saved = saved_of(c, ops->name);
	const struct adapter_env env = {
		.loop = &c->loop, .config = c->config, .http = c->offline ? NULL : c->http, .saved = c->saved, .is_check = true
	};

	printf("Nền tảng %s\n", ops->name);
	say_alarm(c, ops->name);
	adapter_check(ops, &env, say, c, one_checked, c);
}

static void check_adapters(struct check *c)
{
	g_autoptr(GError) error = NULL;
	bool any = false;

	for (size_t i = 0; adapter_table[i]; i++)
		any = any || (!adapter_table[i]->caps.is_local && config_has_section(c->config, adapter_table[i]->name));
	if (!any) {
		printf("Nền tảng\n");
		say(c, FINDING_WARN, "chưa cấu hình nền tảng nào", "thêm một phần như [telegram] vào tệp cấu hình; thử không cần nền tảng: cdsbot chat --demo");
		return;
	}
	uv_loop_init(&c->loop);
	c->http = http_client_new(&c->loop, &error);
	if (c->http)
		next_adapter(c);
	else
		say(c, FINDING_ERROR, error->message, NULL);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
}

static int check_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	gboolean offline = FALSE, example = FALSE;
	const GOptionEntry own[] = { { "offline", 0, 0, G_OPTION_ARG_NONE, &offline, "do not ask the platforms", NULL },
				     { "example", 0, 0, G_OPTION_ARG_NONE, &example, "print the example configuration", NULL },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	int status = CLI_USAGE;

	if (!cli_parse(&cli_check_word, &c, false, own, &argc, &argv)) {
		cli_common_clear(&c);
		return CLI_USAGE;
	}
	if (example) {
		size_t n;
		const struct config_section *sections = core_sections(&n);
		g_autofree char *text = config_example(sections, n);

		fputs(text, stdout);
		status = CLI_DONE;
	} else if (argc > 1) {
		status = cli_usage(&cli_check_word, "takes no further arguments");
	} else if ((config = cli_config(&cli_check_word, &c, false, &status))) {
		struct check check = { .config = config, .offline = offline };

		printf("Cấu hình: %s\n", c.config_file ? c.config_file : c.data_dir);
		say(&check, FINDING_OK, "đọc được, mọi khóa đều hợp lệ", NULL);
		check_database(&check);
		printf("Dịch vụ\n");
		cli_check_service(config, offline, say, &check);
		check_adapters(&check);
		printf("%u lỗi, %u cảnh báo\n", check.n_errors, check.n_warnings);
		status = check.n_errors ? CLI_FAILED : CLI_DONE;
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_check_word = {
	.name = "check",
	.usage = "check (--config FILE | --data DIR) [--offline] | check --example",
	.summary = "Kiểm tra cấu hình, cơ sở dữ liệu và nền tảng; nói rõ cần làm gì. --example in tệp cấu hình mẫu.",
	.run = check_run,
};
