/* SPDX-License-Identifier: MIT */
/* A platform's setting given by hand: from a file, checked by the platform's own row, stored under its name, never shown. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bot/cli/cli.h"
#include "adapters/adapter.h"
#include "store/audit.h"
#include "tests/unit/store/fixture.h"

static bool pair_parse(const char *text, char **ret_key, char **ret_value, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

	if (!words[0] || !words[1] || !*words[1]) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cần hai dòng");
		return false;
	}
	*ret_key = g_strdup("tokens");
	*ret_value = g_strjoin(",", words[0], words[1], NULL);
	return true;
}

static const struct adapter_admin_setting settings[] = { { .name = "token", .help = "cặp khóa đầu tiên", .parse = pair_parse }, { .name = NULL } };
static const struct adapter_ops ops = { .name = "thu", .admin_settings = settings };
static const struct adapter_ops ops_none = { .name = "khong" };
static const struct cli_word word = { .name = "admin", .usage = "admin" };

struct place {
	struct fixture f;
	char *file;
	struct cli_common c;
};

static void place_init(struct place *p, const char *content, size_t len)
{
	memset(p, 0, sizeof(*p));
	fixture_init(&p->f, false);
	p->c.data_dir = p->f.dir;
	p->file = g_build_filename(p->f.dir, "input", NULL);
	g_assert_true(g_file_set_contents(p->file, content, (gssize)len, NULL));
}

static void place_release(struct place *p)
{
	g_free(p->file);
	fixture_release(&p->f);
}

static void test_stored_from_a_file(void)
{
	static const char input[] = "AT-secret\nRT-secret\n";
	g_autofree char *value = NULL;
	g_autoptr(GPtrArray) audit = NULL;
	struct place p;
	int64_t last;

	place_init(&p, input, strlen(input));
	g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, "token", p.file), ==, CLI_DONE);
	g_assert_cmpint(store_setting_get(p.f.db, "thu", "tokens", &value, NULL), ==, STORE_OK);
	g_assert_cmpstr(value, ==, "AT-secret,RT-secret");
	audit = store_audit_list(p.f.db, 0, 10, &last, NULL);
	g_assert_nonnull(strstr(audit->pdata[audit->len - 1], "thu.token")); /* before it: the register's first filling */
	g_assert_null(strstr(audit->pdata[audit->len - 1], "secret"));
	place_release(&p);
}

static void test_refused_input_stores_nothing(void)
{
	static const char zero[] = "a\0b", latin[] = "a \xff";
	g_autofree char *big = g_strnfill(20000, 'x');
	const struct {
		const char *text;
		size_t len;
	} t[] = { { "", 0 }, { "one", 3 }, { zero, 3 }, { latin, 3 }, { big, 20000 } };

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		struct place p;

		place_init(&p, t[i].text, t[i].len);
		g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, "token", p.file), ==, CLI_FAILED);
		g_assert_cmpint(fixture_int64(p.f.db, "SELECT count(*) FROM setting"), ==, 0);
		place_release(&p);
	}
}

static void test_wrong_use(void)
{
	struct place p;

	place_init(&p, "a b", 3);
	g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, "tokens", p.file), ==, CLI_USAGE);
	g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, NULL, NULL), ==, CLI_USAGE);
	g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops_none, "token", p.file), ==, CLI_USAGE);
	g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, "token", "/nowhere"), ==, CLI_FAILED);
	place_release(&p);
}

static void test_nothing_of_it_is_printed(void)
{
	if (g_test_subprocess()) {
		struct place p;

		place_init(&p, "AT-secret RT-secret", 19);
		g_assert_cmpint(cli_admin_setting(&word, &p.c, &ops, "token", p.file), ==, CLI_DONE);
		place_release(&p);
		return;
	}
	g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
	g_test_trap_assert_passed();
	g_test_trap_assert_stdout("*thu*");
	g_test_trap_assert_stdout_unmatched("*secret*");
	g_test_trap_assert_stderr_unmatched("*secret*");
}

int main(int argc, char **argv)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);

	g_test_init(&argc, &argv, NULL);
	g_setenv("CDSBOT_DATA", dir, TRUE);
	g_test_add_func("/admin-setting/stored-from-a-file", test_stored_from_a_file);
	g_test_add_func("/admin-setting/refused-input-stores-nothing", test_refused_input_stores_nothing);
	g_test_add_func("/admin-setting/wrong-use", test_wrong_use);
	g_test_add_func("/admin-setting/nothing-of-it-is-printed", test_nothing_of_it_is_printed);
	return g_test_run();
}
