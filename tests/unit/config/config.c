/* SPDX-License-Identifier: MIT */
/* Tests of loading, of the snapshot and of the example file. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/macros.h"
#include "config/config.h"

#define SECRET "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

static const struct option chatter_options[] = {
	{ .name = "token", .type = OPTION_STRING, .flags = OPTION_SECRET | OPTION_REQUIRED, .help = "Mã truy cập." },
	{ .name = "base_url", .type = OPTION_URL, .dflt = "https://chat.example", .help = "Địa chỉ máy chủ." },
	{ .name = "per_second",
	  .type = OPTION_REAL,
	  .dflt = "30",
	  .min = 0.1,
	  .max = 1000,
	  .flags = OPTION_RELOAD,
	  .help = "Nhịp gửi." },
	{ .name = "title", .type = OPTION_STRING, .help = "Tên hiển thị." },
	{ .name = NULL },
};
static struct config_section sections[8];
static size_t n_sections;
static char *dir, *file;

static struct config *load(const char *text, GPtrArray **ret_problems)
{
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	g_assert_cmpint(g_chmod(file, 0600), ==, 0);
	return config_load(file, sections, n_sections, ret_problems);
}

/* Loads a text that has nothing wrong. */
static struct config *load_clean(const char *text)
{
	g_autoptr(GPtrArray) problems = NULL;
	struct config *c = load(text, &problems);

	for (guint i = 0; i < problems->len; i++) {
		g_autofree char *line = config_problem_text(g_ptr_array_index(problems, i));

		g_test_message("%s", line);
	}
	g_assert_cmpuint(problems->len, ==, 0);
	g_assert_nonnull(c);
	return c;
}

static void test_defaults_alone(void)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = config_load(NULL, sections, n_sections, &problems);

	g_assert_cmpuint(problems->len, ==, 0);
	g_assert_nonnull(c);
	g_assert_cmpstr(config_str(c, "bot", "address_form"), ==, "đồng chí");
	g_assert_cmpint(config_int(c, "bot", "quiet_from"), ==, INT64_C(21) * 60);
	g_assert_cmpint(config_int(c, "bot", "quiet_until"), ==, INT64_C(6) * 60 + 30);
	g_assert_true(config_bool(c, "bot", "quiet_hours"));
	g_assert_cmpint(config_int(c, "store", "queue_bytes"), ==, 8 << 20);
	g_assert_cmpstr(config_str(c, "http", "listen"), ==, NULL);
	g_assert_cmpstr(config_str(c, "http", "status_listen"), ==, "127.0.0.1:9180");
	g_assert_cmpstr(config_str(c, "store", "path"), ==, "cdsbot.db");
	g_assert_false(config_has_section(c, "chatter"));
	g_assert_false(config_adapter_on(c, "chatter"));
}

static void test_values_are_read(void)
{
	g_autoptr(config_t) c = load_clean("\xEF\xBB\xBF# ghi chú\r\n[bot]\r\nquiet_from = 22h  \r\naddress_form=anh/chị\r\n"
					   "[chatter]\n\ttoken = " SECRET "\nper_second=0.5\nbase_url = http://localhost:81\n"
					   "[http]\nstatus_listen = off\n[store]\npath = data/x.db\n");
	g_autofree char *path = g_build_filename(dir, "data", "x.db", NULL);
	g_autofree char *masked = log_mask("token " SECRET);

	g_assert_cmpint(config_int(c, "bot", "quiet_from"), ==, INT64_C(22) * 60);
	g_assert_cmpstr(config_str(c, "bot", "address_form"), ==, "anh/chị");
	g_assert_cmpstr(config_str(c, "chatter", "token"), ==, SECRET);
	g_assert_cmpfloat(config_real(c, "chatter", "per_second"), ==, 0.5);
	g_assert_cmpstr(config_str(c, "http", "status_listen"), ==, NULL);
	g_assert_cmpstr(config_str(c, "store", "path"), ==, path);
	g_assert_true(config_has_section(c, "chatter"));
	g_assert_true(config_adapter_on(c, "chatter"));
	g_assert_false(config_has_section(c, "courier"));
	g_assert_cmpstr(masked, ==, "token ***");
}

/* Every kind of mistake, each with its line and a way out. */
static void test_problems(void)
{
	static const struct {
		const char *name, *text;
		unsigned line;
		const char *key, *what, *advice;
		bool is_error;
	} t[] = {
		{ "unknown key", "[bot]\nquiet_form = 21:00\n", 2, "quiet_form", "không có tham số", "Có phải quiet_from?", true },
		{ "unknown key, nothing near", "[http]\nxyz = 1\n", 2, "xyz", "không có tham số", "listen, status_listen", true },
		{ "unknown section", "[bots]\n", 1, NULL, "không có mục", "Có phải bot?", true },
		{ "repeated key", "[bot]\nwindow = 15m\n\nwindow = 20m\n", 4, "window", "đã có ở dòng 2", "Xóa", true },
		{ "repeated section", "[bot]\n[http]\n[bot]\n", 3, NULL, "đã có ở dòng 1", "Gộp", true },
		{ "bad value", "[bot]\n# x\nwindow = 15\n", 3, "window", "“15”", "từ 1m đến 2h", true },
		{ "inline comment", "[bot]\nwindow = 15m # nhớ\n", 2, "window", "15m # nhớ", "dòng riêng", true },
		{ "inline comment in free text", "[bot]\nstanding_unit = STTTT # Sở\n", 2, "standing_unit", "sau dấu #",
		  "dòng riêng", false },
		{ "key before any section", "window = 15m\n", 1, "window", "đứng trước", "[bot]", true },
		{ "no pair", "[bot]\nwindow 15m\n", 2, NULL, "không đọc được dòng", "tên = giá trị", true },
		{ "semicolon comment", "[bot]\n; ghi chú\n", 2, NULL, "không đọc được dòng", "#", true },
		{ "broken header", "[bot\n", 1, NULL, "không đọc được dòng", "[mục]", true },
		{ "not UTF-8", "[bot]\nwindow = \xFF\n", 2, NULL, "UTF-8", "UTF-8", true },
		{ "required is missing", "[bot]\n[chatter]\n", 2, "token", "chưa có giá trị", "CDSBOT_CHATTER_TOKEN", true },
		{ "required is empty", "[chatter]\ntoken =\n", 1, "token", "chưa có giá trị", "token_file", true },
		{ "two sources of a secret", "[chatter]\ntoken = " SECRET "\ntoken_file = x\n", 3, "token_file", "đã có token",
		  "một trong hai", true },
		{ "secret file missing", "[chatter]\ntoken_file = nowhere\n", 2, "token_file", "không đọc được tệp bí mật",
		  "Tạo tệp", true },
		{ "secret with quotes", "[chatter]\ntoken = \"" SECRET "\"\n", 2, "token", "không dùng được", "ngoặc kép", true },
		{ "_file only for secrets", "[chatter]\ntoken = " SECRET "\ntitle_file = x\n", 3, "title_file", "không có tham số",
		  "Có thể", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GPtrArray) problems = NULL;
		g_autoptr(config_t) c = load(t[i].text, &problems);
		const struct config_problem *p;
		g_autofree char *text = NULL;

		g_test_message("%s", t[i].name);
		g_assert_cmpuint(problems->len, >=, 1);
		p = g_ptr_array_index(problems, 0);
		text = config_problem_text(p);
		g_test_message("%s", text);
		g_assert_cmpint(p->is_error, ==, t[i].is_error);
		for (guint k = 1; k < problems->len; k++) {
			g_autofree char *more = config_problem_text(g_ptr_array_index(problems, k));

			g_test_message("and %s", more);
		}
		g_assert_true((c == NULL) == t[i].is_error);
		g_assert_cmpuint(p->line, ==, t[i].line);
		g_assert_cmpstr(p->key, ==, t[i].key);
		g_assert_nonnull(strstr(p->what, t[i].what));
		g_assert_nonnull(strstr(p->advice, t[i].advice));
		g_assert_null(strstr(text, "AAHdqTcv"));
	}
}

static void test_all_problems_are_listed_at_once(void)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = load("[bot]\nwindow = x\nbla = 1\n[nope]\na = 1\n[courier]\nmax_tries = 0\n", &problems);
	unsigned last = 0;

	g_assert_null(c);
	g_assert_cmpuint(problems->len, ==, 4);
	for (guint i = 0; i < problems->len; i++) {
		const struct config_problem *p = g_ptr_array_index(problems, i);

		g_assert_cmpuint(p->line, >=, last);
		last = p->line;
	}
}

/* One broken line must not make every later option look missing. */
static void test_broken_line_is_the_only_complaint(void)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = load("[bot]\nwindow 15m\n[chatter]\ntoken = " SECRET "\n", &problems);

	g_assert_null(c);
	g_assert_cmpuint(problems->len, ==, 1);
}

static void test_missing_file_is_one_problem(void)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = config_load("/nonexistent/cdsbot.conf", sections, n_sections, &problems);
	g_autofree char *text = NULL;

	g_assert_null(c);
	g_assert_cmpuint(problems->len, ==, 1);
	text = config_problem_text(g_ptr_array_index(problems, 0));
	g_assert_true(g_str_has_prefix(text, "/nonexistent/cdsbot.conf: không đọc được tệp"));
}

static void test_secret_from_a_file(void)
{
	g_autofree char *path = g_build_filename(dir, "token", NULL);
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = NULL;

	g_assert_true(g_file_set_contents(path, "  file-secret-1\n", -1, NULL));
	g_assert_cmpint(g_chmod(path, 0600), ==, 0);
	c = load_clean("[chatter]\ntoken_file = token\n");
	g_assert_cmpstr(config_str(c, "chatter", "token"), ==, "file-secret-1");
	config_unref(c);
	/* readable by everybody: a warning, not an error */
	g_assert_cmpint(g_chmod(path, 0644), ==, 0);
	c = load("[chatter]\ntoken_file = token\n", &problems);
	g_assert_nonnull(c);
	g_assert_cmpuint(problems->len, ==, 1);
	g_assert_false(((const struct config_problem *)g_ptr_array_index(problems, 0))->is_error);
	config_unref(c);
	/* two lines are no secret */
	g_ptr_array_unref(problems);
	g_assert_true(g_file_set_contents(path, "a-secret\nanother\n", -1, NULL));
	c = load("[chatter]\ntoken_file = token\n", &problems);
	g_assert_null(c);
	g_assert_cmpuint(problems->len, ==, 1);
	g_remove(path);
	/* what has no end is not read to it */
	g_ptr_array_unref(problems);
	c = load("[chatter]\ntoken_file = /dev/zero\n", &problems);
	g_assert_null(c);
	g_assert_cmpuint(problems->len, ==, 1);
}

static void test_secret_in_a_file_that_everybody_reads_is_warned_of(void)
{
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = NULL;

	g_assert_true(g_file_set_contents(file, "[chatter]\ntoken = " SECRET "\n", -1, NULL));
	g_assert_cmpint(g_chmod(file, 0644), ==, 0);
	c = config_load(file, sections, n_sections, &problems);
	g_assert_nonnull(c);
	g_assert_cmpuint(problems->len, ==, 1);
	g_assert_false(((const struct config_problem *)g_ptr_array_index(problems, 0))->is_error);
}

static void test_secret_from_the_environment_wins(void)
{
	g_autoptr(config_t) c = NULL;
	g_autofree char *masked = NULL;

	g_setenv("CDSBOT_CHATTER_TOKEN", "environment-secret", TRUE);
	c = load_clean("[chatter]\ntoken = " SECRET "\n");
	g_unsetenv("CDSBOT_CHATTER_TOKEN");
	g_assert_cmpstr(config_str(c, "chatter", "token"), ==, "environment-secret");
	masked = log_mask("environment-secret");
	g_assert_cmpstr(masked, ==, "***");
}

static void test_adapter_can_be_switched_off(void)
{
	g_autoptr(config_t) c = load_clean("[chatter]\nenabled = no\n"); /* and then needs no token */

	g_assert_true(config_has_section(c, "chatter"));
	g_assert_false(config_adapter_on(c, "chatter"));
}

static void test_set(void)
{
	g_autoptr(config_t) c = load_clean("");
	g_autoptr(GError) error = NULL;

	g_assert_true(config_set(c, "chatter", "token", "set-secret", &error));
	g_assert_true(config_adapter_on(c, "chatter"));
	g_assert_cmpstr(config_str(c, "chatter", "token"), ==, "set-secret");
	g_assert_true(config_set(c, "store", "path", "x.db", &error));
	g_assert_cmpstr(config_str(c, "store", "path"), ==, "x.db");
	g_assert_false(config_set(c, "store", "readers", "99", &error));
	g_assert_error(error, CONFIG_ERROR, 0);
	g_clear_error(&error);
	g_assert_cmpint(config_int(c, "store", "readers"), ==, 2);
	g_assert_false(config_set(c, "store", "nope", "1", &error));
	g_assert_error(error, CONFIG_ERROR, 0);
}

static void test_restart_needed(void)
{
	static const struct {
		const char *name, *old, *fresh, *names;
	} t[] = {
		{ "nothing", "[bot]\n", "[bot]\nquiet_from = 21h\n", "" },
		{ "reloadable", "", "[bot]\nwindow = 5m\n[courier]\nmax_tries=3\n", "" },
		{ "fixed", "", "[bot]\ntimezone = UTC\n[store]\nreaders=3\n", "bot.timezone store.readers" },
		{ "adapter comes", "", "[chatter]\ntoken = " SECRET "\ntitle = x\n", "chatter.enabled" },
		{ "adapter goes", "[chatter]\ntoken = " SECRET "\n", "[chatter]\nenabled = no\n", "chatter.enabled" },
		{ "adapter changes", "[chatter]\ntoken = " SECRET "\n", "[chatter]\ntoken = other-secret\nper_second = 1\n",
		  "chatter.token" },
		{ "adapter that is off changes", "[chatter]\nenabled = no\n", "[chatter]\nenabled = no\ntitle = x\n", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(config_t) old = load_clean(t[i].old);
		g_autoptr(config_t) fresh = load_clean(t[i].fresh);
		g_autoptr(GPtrArray) names = config_restart_needed(old, fresh);
		g_autofree char *joined = NULL;

		g_test_message("%s", t[i].name);
		g_ptr_array_add(names, NULL);
		joined = g_strjoinv(" ", (char **)names->pdata);
		g_assert_cmpstr(joined, ==, t[i].names);
	}
}

static void test_references(void)
{
	struct config *c = load_clean("");

	g_assert_true(config_ref(c) == c);
	config_unref(c);
	g_assert_true(config_bool(c, "bot", "quiet_hours"));
	config_unref(c);
	config_unref(NULL);
}

static void test_asking_for_no_row_aborts(void)
{
	if (g_test_subprocess()) {
		g_autoptr(config_t) c = load_clean("");

		config_int(c, "bot", "timezone");
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_failed();
	g_test_trap_assert_stderr("*bot.timezone has no row*");
}

/* What an operator copies must load: as it is, and with every line that has a value switched on. */
static void test_example_loads(void)
{
	g_autofree char *example = config_example(sections, n_sections);
	g_auto(GStrv) lines = g_strsplit(example, "\n", -1);
	g_autoptr(GString) all = g_string_new(NULL);
	g_autoptr(config_t) c = load_clean(example);
	g_autoptr(config_t) d = NULL;
	g_autoptr(GPtrArray) names = NULL;
	unsigned n = 0;

	g_assert_false(config_has_section(c, "chatter"));
	for (char **line = lines; *line; line++) {
		size_t len = strlen(*line);
		bool is_value = len > 3 && (*line)[0] == '#' && (*line)[1] != ' ' && (*line)[len - 1] != '=';

		n += is_value;
		g_string_append_printf(all, "%s\n", is_value ? *line + 1 : *line);
	}
	g_string_append(all, "token = " SECRET "\n");
	d = load_clean(all->str);
	g_assert_cmpuint(n, >, 15);
	names = config_restart_needed(c, d);
	g_assert_cmpuint(names->len, ==, 1); /* the adapter, now on; everything else is the default */
	g_assert_nonnull(strstr(example, "CDSBOT_CHATTER_TOKEN"));
	g_assert_null(strstr(example, "\n\n\n"));
}

/* All C text of a folder and its folders. */
static void read_sources(const char *folder, GString *all)
{
	g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
	const char *name;

	while (entries && (name = g_dir_read_name(entries))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *text = NULL;

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			read_sources(path, all);
		else if (g_str_has_suffix(name, ".c") && g_file_get_contents(path, &text, NULL, NULL))
			g_string_append(all, text);
	}
}

static void test_every_core_option_is_read_by_somebody(void)
{
	static const char *const folders[] = { "adapters", "bot", "store" };
	g_autoptr(GString) all = g_string_new(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		g_autofree char *folder = g_build_filename(g_getenv("CDSBOT_SOURCE"), folders[i], NULL);

		read_sources(folder, all);
	}
	for (const struct config_section *s = config_core_sections; s->name; s++) {
		for (const struct option *o = s->options; o->name; o++) {
			g_autofree char *use = g_strdup_printf("\"%s\", \"%s\")", s->name, o->name);

			if (!strstr(all->str, use))
				g_error("nobody reads %s.%s", s->name, o->name);
		}
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	while (config_core_sections[n_sections].name) {
		sections[n_sections] = config_core_sections[n_sections];
		n_sections++;
	}
	sections[n_sections++] = (struct config_section){ "chatter", chatter_options, "Nền tảng thử.", true };
	dir = g_dir_make_tmp("cdsbot-config-XXXXXX", NULL);
	file = g_build_filename(dir, "cdsbot.conf", NULL);
	g_test_add_func("/config/defaults-alone", test_defaults_alone);
	g_test_add_func("/config/values-are-read", test_values_are_read);
	g_test_add_func("/config/problems", test_problems);
	g_test_add_func("/config/all-problems-are-listed-at-once", test_all_problems_are_listed_at_once);
	g_test_add_func("/config/broken-line-is-the-only-complaint", test_broken_line_is_the_only_complaint);
	g_test_add_func("/config/missing-file-is-one-problem", test_missing_file_is_one_problem);
	g_test_add_func("/config/secret-from-a-file", test_secret_from_a_file);
	g_test_add_func("/config/secret-everybody-reads-is-warned-of", test_secret_in_a_file_that_everybody_reads_is_warned_of);
	g_test_add_func("/config/secret-from-the-environment-wins", test_secret_from_the_environment_wins);
	g_test_add_func("/config/adapter-can-be-switched-off", test_adapter_can_be_switched_off);
	g_test_add_func("/config/set", test_set);
	g_test_add_func("/config/restart-needed", test_restart_needed);
	g_test_add_func("/config/references", test_references);
	g_test_add_func("/config/asking-for-no-row-aborts", test_asking_for_no_row_aborts);
	g_test_add_func("/config/example-loads", test_example_loads);
	g_test_add_func("/config/every-core-option-is-read-by-somebody", test_every_core_option_is_read_by_somebody);
	status = g_test_run();
	g_remove(file);
	g_rmdir(dir);
	g_free(file);
	g_free(dir);
	return status;
}
