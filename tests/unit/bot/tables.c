/* SPDX-License-Identifier: MIT */
/* The tables that documents are made of: the example configuration is the one of the option rows, and the command table keeps its own
 * rules. */
#include "kernel.h"

#include "bot/command.h"

/* Telegram's rule, the strictest so far (fact sheet: setMyCommands). */
#define MENU_NAME_MAX 32
#define MENU_MAX 8

static void test_example_configuration_is_that_of_the_rows(void)
{
	g_autofree char *path = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", "cdsbot.conf.example", NULL);
	g_autofree char *file = NULL, *rows = NULL;
	const struct config_section *sections = NULL;
	g_autoptr(GError) error = NULL;
	size_t n;

	sections = core_sections(&n);
	rows = config_example(sections, n);
	g_assert_true(g_file_get_contents(path, &file, NULL, &error));
	/* Differs? Write it anew: cdsbot check --example > config/cdsbot.conf.example */
	g_assert_cmpstr(file, ==, rows);
}

static void add_word(GHashTable *words, const char *word, const struct command *c)
{
	g_autofree char *folded = text_fold(word);

	/* Typed words are folded; a word that is not would never be met. */
	g_assert_cmpstr(folded, ==, word);
	if (g_hash_table_contains(words, word))
		g_error("`%s` means both /%s and /%s", word, ((const struct command *)g_hash_table_lookup(words, word))->name, c->name);
	g_hash_table_insert(words, g_strdup(word), (void *)c);
}

static void test_every_word_means_one_command(void)
{
	g_autoptr(GHashTable) words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];
		g_auto(GStrv) others = g_strsplit(c->words ? c->words : "", " ", -1);

		add_word(words, c->name, c);
		if (c->brief)
			add_word(words, c->brief, c);
		for (size_t w = 0; others[w]; w++)
			if (*others[w] && strcmp(others[w], "?"))
				add_word(words, others[w], c);
		g_assert_true(command_find(c->name) == c);
	}
}

static void test_every_row_can_be_explained_and_run(void)
{
	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];

		g_assert_cmpint(strlen(wording_raw(c->summary)), >, 0);
		g_assert_cmpint(strlen(wording_raw(c->syntax)), >, 0);
		g_assert_cmpint(strlen(wording_raw(c->example)), >, 0);
		g_assert_nonnull(c->run);
		g_assert_false((c->flags & CMD_PRIVATE) && (c->flags & CMD_GROUP));
		g_assert_false((c->flags & CMD_READS) && (c->flags & CMD_DECIDES));
		/* Whoever may publish or delete is somebody; the first admin shows a code instead. */
		g_assert_true(!(c->flags & CMD_DECIDES) || c->min_role > ROLE_NONE || !strcmp(c->name, "nhanquyen"));
	}
}

static void test_menu_fits_the_platforms(void)
{
	unsigned n = 0;

	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];

		n += (c->flags & CMD_MENU) != 0;
		g_assert_cmpuint(strlen(c->name), <=, MENU_NAME_MAX);
		g_assert_cmpuint(strspn(c->name, "abcdefghijklmnopqrstuvwxyz0123456789_"), ==, strlen(c->name));
	}
	g_assert_cmpuint(n, >, 0);
	g_assert_cmpuint(n, <=, MENU_MAX);
}

static void test_examples_read_as_their_command(void)
{
	for (size_t i = 0; command_table[i]; i++) {
		const struct command *c = command_table[i];
		bool in_private = !(c->flags & CMD_GROUP);
		struct reading r;

		reader_read(command_table, wording_raw(c->example), in_private, false, false, &r);
		g_assert_cmpint(r.kind, ==, READING_COMMAND);
		g_assert_cmpstr(r.command->name, ==, c->name);
		g_assert_false(r.was_corrected);
		reading_clear(&r);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tables/example-configuration-is-that-of-the-rows", test_example_configuration_is_that_of_the_rows);
	g_test_add_func("/tables/every-word-means-one-command", test_every_word_means_one_command);
	g_test_add_func("/tables/every-row-can-be-explained-and-run", test_every_row_can_be_explained_and_run);
	g_test_add_func("/tables/menu-fits-the-platforms", test_menu_fits_the_platforms);
	g_test_add_func("/tables/examples-read-as-their-command", test_examples_read_as_their_command);
	return g_test_run();
}
