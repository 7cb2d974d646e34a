/* SPDX-License-Identifier: MIT */
/* `admin`: the first admin's code, updates set aside, members. */
#include <stdio.h>
#include <string.h>

#include "adapters/table.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "bot/one_time_code.h"
#include "cli.h"
#include "store/audit.h"
#include "store/inbox.h"
#include "store/member.h"

static bool commit(struct db *db, bool ok, GError **error)
{
	if (ok)
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

static bool admin_code(struct db *db, bool json, GError **error)
{
	const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "admin.code" };
	g_autofree char *code = one_time_code_make(error);

	if (!code)
		return false;
	if (!db_begin(db, error) || !commit(db, store_admin_code_set(db, code, clock_wall_ms(), error) && store_audit_add(db, &a, error), error))
		return false;
	if (json)
		printf("{\"code\":\"%s\",\"minutes\":%d}\n", code, (int)(ADMIN_CODE_MS / MINUTE_MS));
	else
		printf("Mã quản trị: %s\nTrong %d phút tới, nhắn riêng cho bot: /nhanquyen %s\n", code, (int)(ADMIN_CODE_MS / MINUTE_MS), code);
	return true;
}

static bool admin_inbox(struct db *db, const char *retry, bool json, GError **error)
{
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(cJSON) array = cJSON_CreateArray();
	int64_t unhandled, aside;
	unsigned n;

	if (retry) {
		const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "inbox.revive", .subject = retry };
		int64_t id = strcmp(retry, "all") ? g_ascii_strtoll(retry, NULL, 10) : 0;

		if (!db_begin(db, error) ||
		    !commit(db, store_inbox_revive(db, id, &n, error) && (!n || store_audit_add(db, &a, error)), error))
			return false;
		printf("%u tin được đưa vào xử lý lại\n", n);
		return true;
	}
	rows = store_inbox_aside(db, 1000, error);
	if (!rows || !store_inbox_counts(db, &unhandled, &aside, error))
		return false;
	for (guint i = 0; i < rows->len; i++) {
		const struct inbox_row *r = rows->pdata[i];
		cJSON *o = cJSON_CreateObject();

		json_add_int64(o, "id", r->id);
		json_add_int64(o, "received_ms", r->received_ms);
		json_add_str(o, "reason", r->reason);
		cJSON_AddItemToArray(array, o);
		if (!json)
			printf("%6" G_GINT64_FORMAT "  %s\n", r->id, r->reason ? r->reason : "");
	}
	if (json) {
		g_autofree char *text = json_text(array);

		puts(text);
	} else {
		printf("chưa xử lý %" G_GINT64_FORMAT ", để riêng %" G_GINT64_FORMAT "\n", unhandled, aside);
	}
	return true;
}

static bool admin_members(struct db *db, bool json, GError **error)
{
	g_autoptr(GPtrArray) members = store_member_with_role(db, ROLE_MEMBER, error);
	g_autoptr(cJSON) array = cJSON_CreateArray();

	if (!members)
		return false;
	for (guint i = 0; i < members->len; i++) {
		const struct member *m = members->pdata[i];
		cJSON *o = cJSON_CreateObject();

		json_add_int64(o, "id", m->id);
		json_add_str(o, "name", m->name);
		json_add_str(o, "unit", m->unit);
		json_add_str(o, "role", role_letter(m->role));
		cJSON_AddItemToArray(array, o);
		if (!json)
			printf("%5" G_GINT64_FORMAT "  %-2s %-12s %s\n", m->id, role_letter(m->role), m->unit ? m->unit : "", m->name);
	}
	if (json) {
		g_autofree char *text = json_text(array);

		puts(text);
	}
	return true;
}

static bool is_id_or_all(const char *s)
{
	guint64 id;

	return !strcmp(s, "all") || g_ascii_string_to_unsigned(s, 10, 1, G_MAXINT64, &id, NULL);
}

static int admin(struct config *config, const char *what, const char *retry, bool json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = cli_db(config, &error);
	bool ok = db != NULL;

	if (ok && !strcmp(what, "code"))
		ok = admin_code(db, json, &error);
	else if (ok && !strcmp(what, "inbox"))
		ok = admin_inbox(db, retry, json, &error);
	else if (ok)
		ok = admin_members(db, json, &error);
	return ok ? CLI_DONE : cli_fail(&cli_admin_word, error);
}

static int admin_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	g_autofree char *retry = NULL, *file = NULL;
	const GOptionEntry own[] = { { "retry", 0, 0, G_OPTION_ARG_STRING, &retry, "inbox: handle again", "ID|all" },
				     { "file", 0, 0, G_OPTION_ARG_FILENAME, &file, "a platform's setting: read it from here", "FILE" },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_admin_word, &c, true, own, &argc, &argv)) {
		const char *what = argc == 2 ? argv[1] : "";
		const struct adapter_ops *ops = argc > 1 ? adapter_table_find(argv[1]) : NULL;

		if (ops)
			status = retry ? cli_usage(&cli_admin_word, "--retry goes with inbox") : cli_admin_setting(&cli_admin_word, &c, ops, argc == 3 ? argv[2] : NULL, file);
		else if (file)
			status = cli_usage(&cli_admin_word, "--file goes with a platform's setting");
		else if (strcmp(what, "code") && strcmp(what, "inbox") && strcmp(what, "members"))
			status = cli_usage(&cli_admin_word, "one of: code, inbox, members, or a platform and its setting");
		else if (retry && strcmp(what, "inbox"))
			status = cli_usage(&cli_admin_word, "--retry goes with inbox");
		else if (retry && !is_id_or_all(retry))
			status = cli_usage(&cli_admin_word, "--retry takes an update's number or `all`");
		else if ((config = cli_config(&cli_admin_word, &c, false, &status)))
			status = admin(config, what, retry, c.json);
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_admin_word = {
	.name = "admin",
	.usage = "admin (--data DIR | --config FILE) [--json] (code | inbox [--retry ID|all] | members | PLATFORM SETTING [--file FILE])",
	.summary = "Cấp mã quản trị đầu tiên; xem tin để riêng; xem thành viên; nhập khóa của nền tảng (từ bàn phím hoặc tệp).",
	.run = admin_run,
};
