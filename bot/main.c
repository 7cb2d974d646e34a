/* SPDX-License-Identifier: MIT */
/* cdsbot: reads the first word and hands over. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "cli/cli.h"

static const struct cli_word *const words[] = {
	&cli_run_word,	  &cli_chat_word,	&cli_check_word, &cli_search_word, &cli_import_word,
	&cli_export_word, &cli_index_word,	&cli_deliveries_word, &cli_admin_word,
};

static void help(FILE *to)
{
	fprintf(to, "cdsbot %s: bộ nhớ và loa của nhóm chuyển đổi số\n\n", CDSBOT_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		fprintf(to, "  cdsbot %s\n      %s\n", words[i]->usage, words[i]->summary);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2) {
		help(stderr);
		return CLI_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help(stdout);
		return CLI_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("cdsbot %s\n", CDSBOT_VERSION);
		return CLI_DONE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(argv[1], words[i]->name))
			return words[i]->run(argc - 1, argv + 1);
	fprintf(stderr, "cdsbot: there is no `%s`\n", argv[1]);
	help(stderr);
	return CLI_USAGE;
}
