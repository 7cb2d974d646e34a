/* SPDX-License-Identifier: MIT */
/* The webhook's signature. The sums were made by two other implementations (openssl dgst -sha256, Node's crypto) over
 * app id + body + timestamp + secret; the first is the fact sheet's own vector. */
#include "zalo-oa-help.h"

#include "adapters/zalo_oa_signature.h"

#define TIME "1795485467338"
#define SHEET                                                                                                                      \
	"{\"app_id\":\"1234567890123456789\",\"event_name\":\"user_send_group_text\",\"sender\":{\"id\":\"5510000000000000001\"}," \
	"\"recipient\":{\"id\":\"4a9bdemo29cec09099df\"},\"message\":{\"text\":\"Báo cáo "                                       \
	"ngày\",\"msg_id\":\"96d3demo0150460909\"},"                                                                              \
	"\"timestamp\":\"" TIME "\"}"
#define SHEET_MAC "f3c9a405d504dab7d78cb47eecc3e8dc959b32719d20451bcf39804f643ef1a1"
#define SHEET_MAC_UPPER "F3C9A405D504DAB7D78CB47EECC3E8DC959B32719D20451BCF39804F643EF1A1"
#define SHEET_MAC_OA_FIRST "f2ccacdf031c1ff5f5b0e997b412025fb9598894f855963b4af3586a276f10d0"
#define SPACES "{ \"event_name\" : \"user_send_text\", \"message\": { \"text\": \"x\" }, \"timestamp\": \"" TIME "\" }"
#define ESCAPES "{\"event_name\":\"user_send_text\",\"message\":{\"text\":\"B\\u00e1o c\\u00e1o\"},\"timestamp\":\"" TIME "\"}"
#define NFD                                                                                                                        \
	"{\"event_name\":\"user_send_text\",\"message\":{\"text\":\"Ba\xCC\x81o ca\xCC\x81o nga\xCC\x80y\"},\"timestamp\":\"" TIME \
	"\"}"
#define NO_TIME "{\"event_name\":\"user_send_text\",\"message\":{\"text\":\"x\"}}"
#define OTHER_TIME "{\"event_name\":\"user_send_text\",\"message\":{\"text\":\"x\"},\"timestamp\":\"1795485467000\"}"
#define NUMBER "{\"event_name\":\"user_send_text\",\"message\":{\"text\":\"x\"},\"timestamp\":1795485467338}"

static enum webhook_verdict verify(struct adapter *a, const char *body, const char *signature, const char *timestamp)
{
	/* Exactly as long as told: reading past it shows under ASan. */
	g_autofree char *copy = g_memdup2(body, strlen(body));
	const struct zalo_oa_event e = { .signature = signature, .timestamp = timestamp, .body = copy, .len = strlen(body) };

	return zalo_oa_verify_event(a->state, &e);
}

static void test_the_sheets_vector(void)
{
	g_assert_cmpuint(strlen(SHEET), ==, 243);
	g_assert_true(zalo_oa_signature_fits("mac=" SHEET_MAC, HELP_APP, SHEET, strlen(SHEET), TIME, HELP_SECRET));
	g_assert_false(zalo_oa_signature_fits("mac=" SHEET_MAC, HELP_APP, SHEET, strlen(SHEET), TIME, "oa-secret-demp"));
	g_assert_false(zalo_oa_signature_fits("mac=" SHEET_MAC, HELP_APP, SHEET, strlen(SHEET) - 1, TIME, HELP_SECRET));
	g_assert_false(zalo_oa_signature_fits("mac=" SHEET_MAC, HELP_APP, SHEET, strlen(SHEET), "1795485467339", HELP_SECRET));
	g_assert_false(zalo_oa_signature_fits("mac=" SHEET_MAC, HELP_OA, SHEET, strlen(SHEET), TIME, HELP_SECRET));
}

static void test_variants(void)
{
	static const struct {
		const char *name, *body, *signature, *timestamp;
		enum webhook_verdict expected;
	} t[] = {
		{ "as documented", SHEET, "mac=" SHEET_MAC, NULL, WEBHOOK_GENUINE },
		{ "without prefix", SHEET, SHEET_MAC, NULL, WEBHOOK_GENUINE },
		{ "upper case", SHEET, "MAC=" SHEET_MAC_UPPER, NULL, WEBHOOK_GENUINE },
		{ "header repeats the time", SHEET, "mac=" SHEET_MAC, TIME, WEBHOOK_GENUINE },
		{ "header has another time", SHEET, "mac=" SHEET_MAC, "1", WEBHOOK_GENUINE },
		{ "spaces", SPACES, "mac=0ca840919a6571b7849626bd78d7bc86f3f2ce25ab6be045d0b7f2779d620d5b", NULL, WEBHOOK_GENUINE },
		{ "escapes", ESCAPES, "mac=148e51a8abf6334f0d8ad33803fbaa432c64b8c642525e085190cae61767a82a", NULL,
		  WEBHOOK_GENUINE },
		{ "NFD", NFD, "mac=dd6fecbfdbb31cc429c0152d7615051465ff7d812ede786d3a572ded774b8430", NULL, WEBHOOK_GENUINE },
		{ "time as a number", NUMBER, "mac=0a4ed418a5d7d95e3565e457eefc80322fdf2a70d27b1e8203373adca8b8bdfe", NULL,
		  WEBHOOK_GENUINE },
		{ "time in the header alone", NO_TIME, "mac=a3c6a57e8e997c269b983b5e671bbfcf4971222796831f883dcc3c096e89daf5", TIME,
		  WEBHOOK_GENUINE },
		{ "time of the header signed", OTHER_TIME, "mac=4c93d9325d9a22ffe310d6e8851e4e0a6e78438b716e1fd667bbe7738b3911e8",
		  TIME, WEBHOOK_GENUINE },
		{ "no time anywhere", NO_TIME, "mac=a3c6a57e8e997c269b983b5e671bbfcf4971222796831f883dcc3c096e89daf5", NULL,
		  WEBHOOK_FORGED },
		{ "another body", SPACES, "mac=" SHEET_MAC, NULL, WEBHOOK_FORGED },
		{ "no signature", SHEET, NULL, NULL, WEBHOOK_FORGED },
		{ "empty signature", SHEET, "", NULL, WEBHOOK_FORGED },
		{ "prefix alone", SHEET, "mac=", NULL, WEBHOOK_FORGED },
		{ "too short", SHEET, "mac=f3c9a405", NULL, WEBHOOK_FORGED },
		{ "too long", SHEET, "mac=" SHEET_MAC "0", NULL, WEBHOOK_FORGED },
		{ "OA id first, not allowed", SHEET, "mac=" SHEET_MAC_OA_FIRST, NULL, WEBHOOK_FORGED },
		{ "the console's probe", "{}", NULL, NULL, WEBHOOK_PROBE },
		{ "a probe with a signature", "{}", "mac=" SHEET_MAC, NULL, WEBHOOK_FORGED },
		{ "a probe with a space", "{ }", NULL, NULL, WEBHOOK_FORGED },
		{ "nothing", "", NULL, NULL, WEBHOOK_FORGED },
		{ "no JSON", "mac", "mac=" SHEET_MAC, TIME, WEBHOOK_FORGED },
	};
	g_autoptr(adapter_t) a = help_adapter_new();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_test_message("%s", t[i].name);
		g_assert_cmpint(verify(a, t[i].body, t[i].signature, t[i].timestamp), ==, t[i].expected);
	}
}

static void test_oa_id_first_needs_the_switch(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	help_state(a)->takes_oa_id_signature = true;
	g_assert_cmpint(verify(a, SHEET, "mac=" SHEET_MAC_OA_FIRST, NULL), ==, WEBHOOK_GENUINE);
	g_assert_cmpint(verify(a, SHEET, "mac=" SHEET_MAC, NULL), ==, WEBHOOK_GENUINE);
}

static enum webhook_verdict verify_aged(struct adapter *a, int64_t age_ms)
{
	g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT, clock_wall_ms() - age_ms);
	g_autofree char *body = g_strdup_printf("{\"event_name\":\"follow\",\"timestamp\":\"%s\"}", time);
	g_autofree char *all = g_strconcat(HELP_APP, body, time, HELP_SECRET, NULL);
	g_autofree char *mac = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);

	return verify(a, body, mac, NULL);
}

static void test_a_retry_is_taken_and_a_replay_is_not(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();

	help_state(a)->event_age_max_ms = 3 * HOUR_MS;
	g_assert_cmpint(verify_aged(a, 0), ==, WEBHOOK_GENUINE);
	g_assert_cmpint(verify_aged(a, 2 * HOUR_MS + 10 * MINUTE_MS), ==, WEBHOOK_GENUINE);
	g_assert_cmpint(verify_aged(a, -5 * MINUTE_MS), ==, WEBHOOK_GENUINE);
	g_assert_cmpint(verify_aged(a, 4 * HOUR_MS), ==, WEBHOOK_FORGED);
	g_assert_cmpint(verify_aged(a, -HOUR_MS), ==, WEBHOOK_FORGED);
	help_state(a)->event_age_max_ms = 0;
	g_assert_cmpint(verify_aged(a, 100 * DAY_MS), ==, WEBHOOK_GENUINE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/signature/sheet", test_the_sheets_vector);
	g_test_add_func("/zalo-oa/signature/variants", test_variants);
	g_test_add_func("/zalo-oa/signature/oa-id-first", test_oa_id_first_needs_the_switch);
	g_test_add_func("/zalo-oa/signature/age", test_a_retry_is_taken_and_a_replay_is_not);
	return g_test_run();
}
