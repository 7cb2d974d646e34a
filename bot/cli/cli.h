/* SPDX-License-Identifier: MIT */
/* The command line: one function a word. Exit status 0 done, 1 failed, 2 wrong use. */
#ifndef CDSBOT_BOT_CLI_CLI_H
#define CDSBOT_BOT_CLI_CLI_H

#include <glib.h>
#include <stdbool.h>

#include "config/config.h"
#include "store/db.h"

enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_word {
	const char *name;
	const char *usage;   /* "search --data DIR [--json] QUERY" */
	const char *summary; /* one line, Vietnamese */
	int (*run)(int argc, char **argv);
};
extern const struct cli_word cli_run_word, cli_chat_word, cli_check_word, cli_search_word, cli_import_word, cli_export_word,
	cli_index_word, cli_deliveries_word, cli_admin_word;

/* Options that most words share: --config FILE or --data DIR (a folder that holds cdsbot.db; made if `create`). */
struct cli_common {
	char *config_file, *data_dir;
	gboolean json;
};
/* The entries for GOptionContext; borrowed statics inside c. */
GOptionEntry *cli_common_entries(struct cli_common *c, bool with_json);
void cli_common_clear(struct cli_common *c);

/* Parses argv (argv[0] is the word) with the common and the word's own entries; on wrong use prints the reason and the usage to stderr
 * and returns false: the caller returns CLI_USAGE. Remaining arguments stay in argv[1..argc-1]. */
bool cli_parse(const struct cli_word *word, struct cli_common *c, bool with_json, const GOptionEntry *own, int *argc, char ***argv);
/* Wrong use found later: prints, returns CLI_USAGE. */
int cli_usage(const struct cli_word *word, const char *what);
/* Prints "cdsbot WORD: message" with secrets masked; returns CLI_FAILED. */
int cli_fail(const struct cli_word *word, const GError *error);

/* The configuration that --config or --data mean. NULL: problems were printed; *ret_status says 2 (bad configuration). */
struct config *cli_config(const struct cli_word *word, const struct cli_common *c, bool create_dir, int *ret_status);
/* `import --text`: shows what of a copied talk is an initiative; store: keeps it, waiting for approval. file "-": standard input. */
int cli_import_text(const struct config *config, const char *file, bool json, bool store);
/* A writing connection beside a running daemon: migrated, with units, fields and abbreviations filled from the shipped CSV at first. */
struct db *cli_db(const struct config *config, GError **error);

/* `admin PLATFORM SETTING`: a setting of an adapter given by hand, stored beside a running daemon, which takes it over at once. The text
 * comes from the file, else from standard input, never from the command line; it is neither shown nor logged. setting NULL: says which
 * there are. */
struct adapter_ops;
int cli_admin_setting(const struct cli_word *word, const struct cli_common *c, const struct adapter_ops *ops, const char *setting_or_null,
		      const char *file_or_null);

#endif
