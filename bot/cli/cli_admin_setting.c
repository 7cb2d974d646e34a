/* SPDX-License-Identifier: MIT */
/* `admin PLATFORM SETTING`: what an adapter wants given by hand. Knows no platform: name, help and reading are the adapter's row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "cli.h"
#include "store/audit.h"

/* A pair of tokens is a few hundred bytes; a wrong file must not be read whole. */
#define SETTING_BYTES_MAX 16384

static int say_settings(const struct cli_word *word, const struct adapter_ops *ops)
{
	if (!ops->admin_settings || !ops->admin_settings->name)
		return cli_usage(word, "this platform has no settings to give by hand");
	fprintf(stderr, "cdsbot admin %s SETTING [--file FILE]\n", ops->name);
	for (const struct adapter_admin_setting *s = ops->admin_settings; s->name; s++)
		fprintf(stderr, "  %-12s %s\n", s->name, s->help);
	return CLI_USAGE;
}

static const struct adapter_admin_setting *setting_find(const struct adapter_ops *ops, const char *name)
{
	for (const struct adapter_admin_setting *s = ops->admin_settings; s && s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

/* Overwritten before it is freed: it is a secret. */
static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

/* The whole input. NULL + error: too long, no UTF-8, unreadable. */
static char *read_all(FILE *from, GError **error)
{
	char *text = g_malloc0(SETTING_BYTES_MAX + 1);
	size_t n = fread(text, 1, SETTING_BYTES_MAX + 1, from);
	const char *what = NULL;

	if (ferror(from))
		what = g_strerror(errno);
	else if (n > SETTING_BYTES_MAX)
		what = "nội dung quá dài";
	else if (memchr(text, '\0', n) || !g_utf8_validate(text, (gssize)n, NULL))
		what = "nội dung không phải văn bản UTF-8";
	if (!what)
		return text;
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, what);
	explicit_bzero(text, SETTING_BYTES_MAX + 1);
	g_free(text);
	return NULL;
}

static char *read_input(const struct adapter_admin_setting *s, const char *file, GError **error)
{
	FILE *from = file ? fopen(file, "r") : stdin;
	char *text;

	if (!from) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", file, g_strerror(errno));
		return NULL;
	}
	if (!file && isatty(STDIN_FILENO))
		fprintf(stderr, "%s\nDán vào đây, kết thúc bằng Enter rồi Ctrl+D:\n", s->help);
	text = read_all(from, error);
	if (file)
		fclose(from);
	return text;
}

static bool store(struct db *db, const struct adapter_ops *ops, const struct adapter_admin_setting *s, const char *key, const char *value,
		  GError **error)
{
	g_autofree char *subject = g_strconcat(ops->name, ".", s->name, NULL);
	const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "adapter.setting", .subject = subject };

	if (!db_begin(db, error))
		return false;
	if (store_setting_set(db, ops->name, key, value, error) && store_audit_add(db, &a, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

static int give(const struct cli_word *word, struct config *config, const struct adapter_ops *ops, const struct adapter_admin_setting *s,
		const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = NULL;
	char *text = read_input(s, file, &error), *key = NULL, *value = NULL;
	bool ok = text && s->parse(text, &key, &value, &error) && (db = cli_db(config, &error)) && store(db, ops, s, key, value, &error);

	if (ok)
		printf("Đã lưu %s của %s. Dịch vụ đang chạy sẽ dùng ngay; kiểm tra: cdsbot check\n", s->name, ops->name);
	wipe(text);
	wipe(value);
	g_free(key);
	return ok ? CLI_DONE : cli_fail(word, error);
}

int cli_admin_setting(const struct cli_word *word, const struct cli_common *c, const struct adapter_ops *ops, const char *setting_or_null,
		      const char *file_or_null)
{
	const struct adapter_admin_setting *s = setting_or_null ? setting_find(ops, setting_or_null) : NULL;
	g_autoptr(config_t) config = NULL;
	int status;

	if (!s)
		return say_settings(word, ops);
	config = cli_config(word, c, false, &status);
	return config ? give(word, config, ops, s, file_or_null) : status;
}
