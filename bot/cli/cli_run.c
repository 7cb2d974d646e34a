/* SPDX-License-Identifier: MIT */
/* `run` (the service) and `chat` (the console, with or without the demo). */
#include <stdio.h>

#include "adapters/table.h"
#include "base/clock.h"
#include "base/log.h"
#include "bot/courier.h"
#include "bot/daemon.h"
#include "bot/demo.h"
#include "cli.h"
#include "store/delivery.h"

#define CONSOLE "console"

/* Names of the adapters that the configuration switches on; borrowed, NULL-terminated. */
static const char **enabled_adapters(const struct config *c, bool with_console)
{
	GPtrArray *names = g_ptr_array_new();

	for (size_t i = 0; adapter_table[i]; i++) {
		const struct adapter_ops *ops = adapter_table[i];

		if (ops->caps.is_local ? with_console : config_has_section(c, ops->name) && config_bool(c, ops->name, "enabled"))
			g_ptr_array_add(names, (void *)ops->name);
	}
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(names, FALSE);
}

static bool prepare(const struct config *c, bool demo, GError **error)
{
	g_autoptr(db_t) db = cli_db(c, error);

	return db && (!demo || demo_load(db, error));
}

static int serve(const struct cli_word *word, struct config *config, const struct cli_common *c, bool with_console, bool demo)
{
	g_autofree char *holder = g_strdup_printf("cdsbot %s %s", word->name, c->config_file ? c->config_file : c->data_dir);
	g_autofree const char **adapters = enabled_adapters(config, with_console);
	const struct daemon_options o = {
		.config_file = c->config_file,
		.config = config,
		.adapters = adapters,
		.holder = holder,
		.console_people = demo ? demo_people() : NULL,
		.ends_with_console = with_console,
	};
	g_autoptr(GError) error = NULL;
	int status;

	if (!adapters[0])
		return cli_usage(word, "no platform is configured: add a section such as [telegram], or try `cdsbot chat`");
	if (!prepare(config, demo, &error))
		return cli_fail(word, error);
	status = daemon_run(&o, &error);
	return error ? cli_fail(word, error) : status;
}

static int run_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	g_autoptr(config_t) config = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_run_word, &c, false, NULL, &argc, &argv)) {
		if (argc > 1)
			status = cli_usage(&cli_run_word, "takes no further arguments");
		else if ((config = cli_config(&cli_run_word, &c, true, &status)))
			status = serve(&cli_run_word, config, &c, false, false);
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_run_word = {
	.name = "run",
	.usage = "run --config FILE",
	.summary = "Chạy dịch vụ với các nền tảng trong tệp cấu hình.",
	.run = run_run,
};

/* What quiet hours (or a deadline) still hold when the console has ended. */
static void say_held(const struct config *config)
{
	g_autoptr(db_t) db = db_open(config_str(config, "store", "path"), DB_READ, NULL);
	const unsigned later = (1u << DELIVERY_CLASSES) - 1;
	int64_t n = 0, until = courier_quiet_until(config, clock_wall_ms());

	if (!db || !store_delivery_count_open(db, CONSOLE, later, &n, NULL) || !n)
		return;
	if (!until && (!store_delivery_next_due(db, CONSOLE, later, -1, &until, NULL) || until < 0))
		return;
	g_autofree char *at = clock_hhmm(until);

	fprintf(stderr, "%" G_GINT64_FORMAT " held until %s\n", n, at);
}

static int chat_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	gboolean demo = FALSE;
	const GOptionEntry own[] = { { "demo", 0, 0, G_OPTION_ARG_NONE, &demo, "load example initiatives and people", NULL }, { NULL } };
	g_autoptr(config_t) config = NULL;
	g_autoptr(GError) error = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_chat_word, &c, false, own, &argc, &argv)) {
		if (!c.config_file && !c.data_dir && (c.data_dir = g_dir_make_tmp("cdsbot-XXXXXX", NULL)))
			fprintf(stderr, "data in %s\n", c.data_dir);
		if (argc > 1)
			status = cli_usage(&cli_chat_word, "takes no further arguments");
		else if ((config = cli_config(&cli_chat_word, &c, true, &status))) {
			if (demo && !config_set(config, "bot", "quiet_hours", "no", &error))
				status = cli_fail(&cli_chat_word, error);
			else
				status = serve(&cli_chat_word, config, &c, true, demo);
			say_held(config);
		}
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_chat_word = {
	.name = "chat",
	.makes_data = true,
	.usage = "chat [--config FILE | --data DIR] [--demo]",
	.summary = "Trò chuyện với bot ngay trong cửa sổ lệnh; --demo nạp sáng kiến và người dùng mẫu.",
	.run = chat_run,
};
