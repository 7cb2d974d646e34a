/* SPDX-License-Identifier: MIT */
/* What the words of the command line share: options, configuration, errors. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "bot/core_sections.h"
#include "bot/demo.h"
#include "store/register.h"

GOptionEntry *cli_common_entries(struct cli_common *c, bool with_json)
{
	GArray *e = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
	const GOptionEntry config = { "config", 'c', 0, G_OPTION_ARG_FILENAME, &c->config_file, "configuration file", "FILE" };
	const GOptionEntry data = { "data", 'd', 0, G_OPTION_ARG_FILENAME, &c->data_dir, "folder that holds cdsbot.db", "DIR" };
	const GOptionEntry json = { "json", 'j', 0, G_OPTION_ARG_NONE, &c->json, "output for programs", NULL };

	g_array_append_val(e, config);
	g_array_append_val(e, data);
	if (with_json)
		g_array_append_val(e, json);
	return (GOptionEntry *)(void *)g_array_free(e, FALSE);
}

void cli_common_clear(struct cli_common *c)
{
	g_clear_pointer(&c->config_file, g_free);
	g_clear_pointer(&c->data_dir, g_free);
}

int cli_usage(const struct cli_word *word, const char *what)
{
	fprintf(stderr, "cdsbot %s: %s\nusage: cdsbot %s\n", word->name, what, word->usage);
	return CLI_USAGE;
}

int cli_fail(const struct cli_word *word, const GError *error)
{
	g_autofree char *masked = log_mask(error ? error->message : "unknown trouble");

	fprintf(stderr, "cdsbot %s: %s\n", word->name, masked);
	return CLI_FAILED;
}

static void take_default(struct cli_common *c)
{
	const char *file = g_getenv("CDSBOT_CONFIG");

	if (!file || !*file)
		file = CLI_CONFIG_DEFAULT;
	if (!c->config_file && !c->data_dir && g_file_test(file, G_FILE_TEST_EXISTS))
		c->config_file = g_strdup(file);
}

bool cli_parse(const struct cli_word *word, struct cli_common *c, bool with_json, const GOptionEntry *own, int *argc, char ***argv)
{
	g_autoptr(GOptionContext) ctx = g_option_context_new(NULL);
	g_autofree GOptionEntry *common = cli_common_entries(c, with_json);
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(ctx, word->summary);
	g_option_context_add_main_entries(ctx, common, NULL);
	if (own)
		g_option_context_add_main_entries(ctx, own, NULL);
	if (!g_option_context_parse(ctx, argc, argv, &error)) {
		cli_usage(word, error->message);
		return false;
	}
	/* A "--" that ended the options is no argument. */
	if (*argc > 1 && !strcmp((*argv)[1], "--")) {
		(*argv)++;
		(*argc)--;
	}
	if (c->config_file && c->data_dir) {
		cli_usage(word, "--config and --data exclude each other");
		return false;
	}
	if (!word->makes_data)
		take_default(c);
	return true;
}

static bool make_data_dir(const char *dir, bool create, GError **error)
{
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return true;
	if (create && g_mkdir_with_parents(dir, 0700) == 0)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: %s", dir, create ? g_strerror(errno) : "no such folder");
	return false;
}

struct config *cli_config(const struct cli_word *word, const struct cli_common *c, bool create_dir, int *ret_status)
{
	const struct config_section *sections = NULL;
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	struct config *config;
	enum log_level level;
	size_t n;

	*ret_status = CLI_USAGE;
	if (!c->config_file && !c->data_dir) {
		cli_usage(word, "say where the data is: --config FILE or --data DIR (there is no " CLI_CONFIG_DEFAULT ")");
		return NULL;
	}
	sections = core_sections(&n);
	config = config_load(c->config_file, sections, n, &problems);
	core_sections_print(problems, stderr);
	if (!config)
		return NULL;
	if (c->data_dir) {
		path = g_build_filename(c->data_dir, "cdsbot.db", NULL);
		if (!make_data_dir(c->data_dir, create_dir, &error) || !config_set(config, "store", "path", path, &error)) {
			*ret_status = cli_fail(word, error);
			config_unref(config);
			return NULL;
		}
	}
	if (!clock_set_zone(config_str(config, "bot", "timezone"))) {
		fprintf(stderr, "lỗi: %s: [bot] timezone: hệ thống không biết múi giờ %s (tên theo IANA, ví dụ Asia/Ho_Chi_Minh)\n",
			c->config_file ? c->config_file : "", config_str(config, "bot", "timezone"));
		config_unref(config);
		return NULL;
	}
	if (log_level_parse(config_str(config, "bot", "log_level"), &level))
		log_set_level(level);
	*ret_status = CLI_DONE;
	return config;
}

/* First start: units, fields and abbreviations come from the CSV files that are shipped. */
static bool fill_register(struct db *db, GError **error)
{
	g_autoptr(registry_t) r = NULL;
	bool empty;
	unsigned n;

	if (!store_register_is_empty(db, &empty, error))
		return false;
	if (!empty)
		return true;
	r = registry_load_csv(demo_data_dir(), error);
	if (!r || !db_begin(db, error))
		return false;
	if (!store_register_import(db, r, &n, error)) {
		db_rollback(db);
		return false;
	}
	return db_commit(db, error);
}

struct db *cli_db(const struct config *config, GError **error)
{
	struct db *db = db_open(config_str(config, "store", "path"), DB_WRITE, error);

	if (db && (!db_migrate(db, error) || !fill_register(db, error))) {
		db_close(db);
		return NULL;
	}
	return db;
}
