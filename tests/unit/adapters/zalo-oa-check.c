/* SPDX-License-Identifier: MIT */
/* What `cdsbot check` and `cdsbot admin zalo-oa token` say to the operator. */
#include "zalo-oa-help.h"

struct heard {
	GString *text;
	unsigned levels[4];
};

static void on_finding(void *arg, enum finding_level level, const char *text, const char *advice_or_null)
{
	struct heard *h = arg;

	h->levels[level]++;
	g_string_append_printf(h->text, "%s\n%s\n", text, advice_or_null ? advice_or_null : "");
}

static char *describe(struct adapter *a)
{
	struct heard h = { .text = g_string_new(NULL) };

	zalo_oa_describe(a, on_finding, &h);
	return g_string_free(h.text, FALSE);
}

static char *judge(struct adapter *a, const char *name, struct http_response r, enum finding_level expected)
{
	struct heard h = { .text = g_string_new(NULL) };

	zalo_oa_judge_check(a, name, &r, on_finding, &h);
	g_assert_cmpuint(h.levels[expected], >, 0);
	return g_string_free(h.text, FALSE);
}

static void test_the_console_work_is_named(void)
{
	static const char *const words[] = {
		"Official Account API", "GMF",    "xác thực tên miền",    "/zalo-oa", "user_send_group_text",
		"OA secret key",        "7 ngày", "Access token còn dùng"
	};
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *text = describe(a);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		g_test_message("%s", words[i]);
		g_assert_nonnull(strstr(text, words[i]));
	}
	g_assert_null(strstr(text, "giống nhau"));
	g_assert_null(strstr(text, HELP_SECRET));
	g_assert_null(strstr(text, "AT-0123456789"));
}

static void test_the_same_secret_twice_is_a_mistake(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *text = NULL;

	g_free(help_state(a)->oa_secret);
	help_state(a)->oa_secret = g_strdup(help_state(a)->app_secret);
	text = describe(a);
	g_assert_nonnull(strstr(text, "giống nhau"));
}

static void test_no_token_and_what_to_do(void)
{
	g_autoptr(adapter_t) a = help_adapter_with(NULL);
	g_autofree char *text = describe(a);
	struct http_request r = { 0 };

	g_assert_nonnull(strstr(text, "cdsbot admin zalo-oa token"));
	g_assert_false(zalo_oa_errand(a, "check-groups", &r));
}

static void test_answers(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *groups = judge(
		a, "check-groups",
		help_answer(
			200,
			"{\"error\":0,\"data\":{\"groups\":[{\"group_id\":\"g1\",\"name\":\"Tổ CĐS\",\"status\":\"enabled\"}]}}"),
		FINDING_OK);
	g_autofree char *disabled = judge(
		a, "check-groups",
		help_answer(200,
			    "{\"error\":0,\"data\":{\"groups\":[{\"group_id\":\"g1\",\"name\":\"Tổ\",\"status\":\"disabled\"}]}}"),
		FINDING_WARN);
	g_autofree char *none = judge(a, "check-groups", help_answer(200, "{\"error\":0,\"data\":{\"groups\":[]}}"), FINDING_WARN);
	g_autofree char *expired = judge(a, "check-groups", help_answer(200, "{\"error\":-216,\"message\":\"bad\"}"), FINDING_WARN);
	g_autofree char *package =
		judge(a, "check-groups", help_answer(200, "{\"error\":-224,\"message\":\"low\"}"), FINDING_ERROR);
	g_autofree char *down = judge(
		a, "check-groups",
		(struct http_response){ .trouble = HTTP_BEFORE_WRITE, .reason = "refused", .retry_after_ms = -1 }, FINDING_ERROR);
	g_autofree char *quota = judge(a, "check-quota-gmf1000",
				       help_answer(200, "{\"error\":0,\"data\":[{\"status\":\"used\",\"valid_through\":\"31/12/"
							"2026\"},{\"status\":\"available\"}]}"),
				       FINDING_OK);

	g_assert_nonnull(strstr(groups, "Tổ CĐS"));
	g_assert_nonnull(strstr(disabled, "đang bị tắt"));
	g_assert_nonnull(strstr(none, "chưa có nhóm"));
	g_assert_nonnull(strstr(expired, "làm mới"));
	g_assert_nonnull(strstr(package, "Gói dịch vụ"));
	g_assert_nonnull(strstr(down, "tường lửa"));
	g_assert_nonnull(strstr(quota, "gmf1000: 1 đang dùng, 1 còn trống, hạn 31/12/2026"));
}

static void test_the_checks_refresh_nothing(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	help_state(a)->token.expires_ms = 1;
	for (size_t i = 0; zalo_oa_check_errands[i]; i++) {
		struct http_request r = { 0 };

		g_assert_true(zalo_oa_errand(a, zalo_oa_check_errands[i], &r));
		g_assert_null(strstr(r.url, "access_token"));
		http_request_clear(&r);
	}
}

static void test_a_token_given_by_hand(void)
{
	const struct adapter_admin_setting *s = adapter_zalo_oa.admin_settings;
	g_autofree char *key = NULL, *value = NULL;
	g_autoptr(GError) error = NULL;
	struct zalo_oa_token t = { 0 };

	g_assert_cmpstr(s->name, ==, "token");
	g_assert_true(s->parse("AT-0123456789\nRT-0123456789\n", &key, &value, &error));
	g_assert_cmpstr(key, ==, "token");
	g_assert_true(zalo_oa_token_parse(value, &t));
	g_assert_true(t.by_hand);
	zalo_oa_token_clear(&t);
	g_assert_false(s->parse("AT-0123456789", &key, &value, &error));
	g_assert_null(strstr(error->message, "0123456789"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/check/console", test_the_console_work_is_named);
	g_test_add_func("/zalo-oa/check/same-secret", test_the_same_secret_twice_is_a_mistake);
	g_test_add_func("/zalo-oa/check/no-token", test_no_token_and_what_to_do);
	g_test_add_func("/zalo-oa/check/answers", test_answers);
	g_test_add_func("/zalo-oa/check/no-refresh", test_the_checks_refresh_nothing);
	g_test_add_func("/zalo-oa/check/by-hand", test_a_token_given_by_hand);
	return g_test_run();
}
