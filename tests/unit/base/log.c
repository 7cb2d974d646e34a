/* SPDX-License-Identifier: MIT */
/* Tests of log lines and masking; stderr is caught in a file. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/macros.h"

static int stderr_saved = -1;
static FILE *caught;

static void catch_start(void)
{
	caught = tmpfile();
	g_assert_nonnull(caught);
	stderr_saved = dup(STDERR_FILENO);
	g_assert_cmpint(dup2(fileno(caught), STDERR_FILENO), >=, 0);
}

static char *catch_end(void)
{
	GString *text = g_string_new(NULL);
	char buf[4096];
	size_t n;

	g_assert_cmpint(dup2(stderr_saved, STDERR_FILENO), >=, 0);
	close(stderr_saved);
	rewind(caught);
	while ((n = fread(buf, 1, sizeof(buf), caught)) > 0)
		g_string_append_len(text, buf, (gssize)n);
	fclose(caught);
	return g_string_free(text, FALSE);
}

static void test_levels(void)
{
	enum log_level level = LOG_LEVEL_DEBUG;
	g_autofree char *text = NULL;

	g_assert_true(log_level_parse("warn", &level));
	g_assert_cmpint(level, ==, LOG_LEVEL_WARN);
	g_assert_false(log_level_parse("loud", &level));
	g_assert_cmpint(level, ==, LOG_LEVEL_WARN);
	log_set_level(LOG_LEVEL_WARN);
	catch_start();
	log_info("test", "not printed");
	log_warn("test", "printed %d", 1);
	text = catch_end();
	log_set_level(LOG_LEVEL_INFO);
	g_assert_cmpstr(text, ==, "warn test: printed 1\n");
}

static void test_secrets_never_come_out(void)
{
	g_autofree char *text = NULL;
	g_autofree char *masked = NULL;

	g_assert_false(log_secret_add("short"));
	g_assert_false(log_secret_add(NULL));
	g_assert_true(log_secret_add("110201543:AAHdqTcvCH1"));
	g_assert_true(log_secret_add("110201543:AAHdqTcvCH1"));
	g_assert_true(log_secret_add("110201543:AAHdqTcvCH1-longer"));
	catch_start();
	log_error("http", "GET /bot110201543:AAHdqTcvCH1/getMe and %s", "110201543%3AAAHdqTcvCH1 110201543%3aAAHdqTcvCH1");
	text = catch_end();
	g_assert_cmpstr(text, ==, "error http: GET /bot***/getMe and *** ***\n");
	masked = log_mask("x 110201543:AAHdqTcvCH1-longer y");
	g_assert_cmpstr(masked, ==, "x *** y");
}

static void test_a_replaced_secret_is_forgotten(void)
{
	g_autofree char *masked = NULL, *plain = NULL;

	g_assert_true(log_secret_add("replaced/one"));
	masked = log_mask("replaced/one replaced%2Fone replaced%2fone");
	g_assert_cmpstr(masked, ==, "*** *** ***");
	log_secret_forget("replaced/one");
	log_secret_forget("never added");
	log_secret_forget(NULL);
	plain = log_mask("replaced/one replaced%2Fone replaced%2fone");
	g_assert_cmpstr(plain, ==, "replaced/one replaced%2Fone replaced%2fone");
}

static void test_one_call_is_one_line(void)
{
	g_autofree char *text = NULL;
	g_autofree char *big = g_strnfill(10000, 'a');
	char **lines;

	catch_start();
	log_info("chat", "%s", "a\nb\r\x1B[2Jz \xFF “Việt” \xE2\x80\xAE");
	log_info("chat", "%s", big);
	text = catch_end();
	lines = g_strsplit(text, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 3);
	g_assert_cmpstr(lines[0], ==, "info chat: a\\nb\\x0d\\x1b[2Jz \\xff “Việt” \\u202e");
	g_assert_cmpuint(strlen(lines[1]), <=, LOG_LINE_MAX);
	g_assert_true(g_str_has_suffix(lines[1], "…"));
	g_strfreev(lines);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/log/levels", test_levels);
	g_test_add_func("/log/secrets-never-come-out", test_secrets_never_come_out);
	g_test_add_func("/log/forgotten", test_a_replaced_secret_is_forgotten);
	g_test_add_func("/log/one-call-is-one-line", test_one_call_is_one_line);
	return g_test_run();
}
