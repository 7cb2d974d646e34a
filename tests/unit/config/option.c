/* SPDX-License-Identifier: MIT */
/* Tests of reading one value by its row. */
#include <glib.h>
#include <string.h>

#include "base/macros.h"
#include "config/option.h"

static const struct option o_string = { .name = "s", .type = OPTION_STRING };
static const struct option o_secret = { .name = "s", .type = OPTION_STRING, .flags = OPTION_SECRET };
static const struct option o_int = { .name = "i", .type = OPTION_INT, .min = 1, .max = 600 };
static const struct option o_any_int = { .name = "i", .type = OPTION_INT };
static const struct option o_real = { .name = "r", .type = OPTION_REAL, .min = 0.5, .max = 30 };
static const struct option o_bool = { .name = "b", .type = OPTION_BOOL };
static const struct option o_duration = { .name = "d", .type = OPTION_DURATION, .min = 1000, .max = 86400000.0 * 30 };
static const struct option o_clock = { .name = "c", .type = OPTION_CLOCK };
static const struct option o_choice = { .name = "w", .type = OPTION_CHOICE, .choices = "đồng chí|anh/chị" };
static const struct option o_url = { .name = "u", .type = OPTION_URL };
static const struct option o_address = { .name = "a", .type = OPTION_ADDRESS };
static const struct option o_path = { .name = "p", .type = OPTION_PATH };

static void test_good_values(void)
{
	static const struct {
		const struct option *o;
		const char *typed, *text;
		int64_t number;
	} t[] = {
		{ &o_string, "Nhóm #1", "Nhóm #1", 0 },
		{ &o_string, "", NULL, 0 },
		{ &o_secret, "123:abcdef", "123:abcdef", 0 },
		{ &o_int, "600", "600", 600 },
		{ &o_any_int, "-7", "-7", -7 },
		{ &o_bool, "yes", "yes", 1 },
		{ &o_bool, "Không", "Không", 0 },
		{ &o_bool, "off", "off", 0 },
		{ &o_duration, "90s", "90s", 90000 },
		{ &o_duration, "15m", "15m", 900000 },
		{ &o_duration, "24 h", "24 h", 86400000 },
		{ &o_duration, "30d", "30d", INT64_C(2592000000) },
		{ &o_duration, "1500ms", "1500ms", 1500 },
		{ &o_clock, "21:00", "21:00", 1260 },
		{ &o_clock, "6:30", "6:30", 390 },
		{ &o_clock, "21h", "21h", 1260 },
		{ &o_clock, "16h30", "16h30", 990 },
		{ &o_clock, "00:00", "00:00", 0 },
		{ &o_choice, "đồng chí", "đồng chí", 0 },
		{ &o_choice, "ANH/CHI", "anh/chị", 0 },
		{ &o_url, "https://api.telegram.org", "https://api.telegram.org", 0 },
		{ &o_url, "http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x", 0 },
		{ &o_url, "http://localhost:9000", "http://localhost:9000", 0 },
		{ &o_address, "127.0.0.1:9180", "127.0.0.1:9180", 0 },
		{ &o_address, "[::1]:0", "[::1]:0", 0 },
		{ &o_address, "localhost:80", "localhost:80", 0 },
		{ &o_address, "off", NULL, 0 },
		{ &o_path, "data/x.db", "/etc/cdsbot/data/x.db", 0 },
		{ &o_path, "/var/x.db", "/var/x.db", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct option_value v = { 0 };
		char *what = NULL, *advice = NULL;

		g_test_message("%s", t[i].typed);
		g_assert_true(option_parse(t[i].o, t[i].typed, "/etc/cdsbot", &v, &what, &advice));
		g_assert_cmpstr(v.text, ==, t[i].text);
		g_assert_cmpint(v.number, ==, t[i].number);
		option_value_clear(&v);
	}
}

static void test_bad_values_say_what_to_write(void)
{
	static const struct {
		const struct option *o;
		const char *typed, *advice;
	} t[] = {
		{ &o_int, "0", "từ 1 đến 600" },
		{ &o_int, "601", "từ 1 đến 600" },
		{ &o_int, "1.5", "số nguyên" },
		{ &o_int, "", "số nguyên" },
		{ &o_int, "99999999999999999999", "số nguyên" },
		{ &o_int, "20 # mỗi phút", "dòng riêng" },
		{ &o_real, "0,5", "dấu chấm" },
		{ &o_real, "nan", "dấu chấm" },
		{ &o_bool, "maybe", "yes hoặc no" },
		{ &o_duration, "15", "từ 1s đến 30d" },
		{ &o_duration, "31d", "từ 1s đến 30d" },
		{ &o_duration, "-5m", "từ 1s đến 30d" },
		{ &o_duration, "15 phút", "từ 1s đến 30d" },
		{ &o_duration, "9223372036854775807d", "từ 1s đến 30d" },
		{ &o_clock, "24:00", "21:00" },
		{ &o_clock, "21:60", "21:00" },
		{ &o_clock, "21:0", "21:00" },
		{ &o_clock, "21:", "21:00" },
		{ &o_clock, "h30", "21:00" },
		{ &o_choice, "bạn", "đồng chí, anh/chị" },
		{ &o_url, "http://example.com", "https://" },
		{ &o_url, "http://127.example.com", "https://" }, /* a name that only looks like this machine */
		{ &o_url, "http://127.0.0.1.example.com/x", "https://" },
		{ &o_url, "example.com", "https://" },
		{ &o_url, "https://", "https://" },
		{ &o_url, "https://example.com/bot?x=1", "không có ? và #" },
		{ &o_url, "https://example.com/#", "không có ? và #" },
		{ &o_address, "9180", "IP:cổng" },
		{ &o_address, "example.com:80", "IP:cổng" },
		{ &o_address, "127.0.0.1:70000", "IP:cổng" },
		{ &o_string, "\"abc\"", "ngoặc kép" },
		{ &o_secret, "123:abcdef # của nhóm", "dòng riêng" },
		{ &o_secret, "abc", "ít nhất 6" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct option_value v = { .number = -1 };
		g_autofree char *what = NULL;
		g_autofree char *advice = NULL;

		g_test_message("%s", t[i].typed);
		g_assert_false(option_parse(t[i].o, t[i].typed, NULL, &v, &what, &advice));
		g_assert_nonnull(strstr(advice, t[i].advice));
		g_assert_cmpint(v.number, ==, -1);
		if (t[i].o == &o_secret)
			g_assert_null(strstr(what, "abc"));
	}
}

static void test_real(void)
{
	struct option_value v = { 0 };
	char *what = NULL, *advice = NULL;

	g_assert_true(option_parse(&o_real, "0.5", NULL, &v, &what, &advice));
	g_assert_cmpfloat(v.real, ==, 0.5);
	option_value_clear(&v);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/option/good-values", test_good_values);
	g_test_add_func("/option/bad-values-say-what-to-write", test_bad_values_say_what_to_write);
	g_test_add_func("/option/real", test_real);
	return g_test_run();
}
