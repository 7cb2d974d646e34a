/* SPDX-License-Identifier: MIT */
/* The token pair: stored form, what an operator types, the refresh and its failures, and the copies that must not refresh. */
#include "zalo-oa-help.h"

#include <glib/gstdio.h>

#include "adapters/zalo_oa_marker.h"
#include "base/log.h"

static struct errand_outcome judge(struct adapter *a, long status, const char *body)
{
	struct errand_outcome out = { 0 };
	struct http_response r = help_answer(status, body);

	zalo_oa_token_judge(a->state, &r, INT64_C(1795485467338), &out);
	return out;
}

static void outcome_clear(struct errand_outcome *o)
{
	g_free(o->reason);
	g_free(o->save_key);
	g_free(o->save_value);
}

static void test_expiry_in_every_form(void)
{
	static const struct {
		const char *field;
		int64_t seconds;
	} t[] = {
		{ ",\"expires_in\":\"90000\"", 90000 },
		{ ",\"expires_in\":3600", 3600 },
		{ "", 90000 },
		{ ",\"expires_in\":\"x\"", 90000 },
		{ ",\"expires_in\":null", 90000 },
		{ ",\"expires_in\":0", 90000 },
		{ ",\"expires_in\":1", 60 },
		{ ",\"expires_in\":1795485467338", 90000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autofree char *body =
			g_strdup_printf("{\"access_token\":\"AT-newnewnew\",\"refresh_token\":\"RT-newnewnew\"%s}", t[i].field);
		struct errand_outcome o = judge(a, 200, body);
		struct zalo_oa_token saved = { 0 };

		g_assert_cmpint(o.verdict, ==, ERRAND_DONE);
		g_assert_cmpstr(o.save_key, ==, "token");
		g_assert_true(zalo_oa_token_parse(o.save_value, &saved));
		g_assert_cmpint(saved.expires_ms - INT64_C(1795485467338), ==, t[i].seconds * SECOND_MS);
		g_assert_cmpstr(saved.refresh, ==, "RT-newnewnew");
		g_assert_cmpstr(help_state(a)->token.access, ==, "AT-0123456789"); /* not in force before it is committed */
		zalo_oa_token_clear(&saved);
		outcome_clear(&o);
	}
}

static void test_failures(void)
{
	static const struct {
		long status;
		const char *body;
		int verdict;
		const char *says;
	} t[] = {
		{ 200, "{\"error\":-14020,\"error_name\":\"Invalid refresh token\",\"error_reason\":\"\"}", ERRAND_STOP,
		  "cdsbot admin zalo-oa token" },
		{ 200, "{\"error\":\"-14004\",\"error_name\":\"x\"}", ERRAND_STOP, "app_secret" },
		{ 200, "{\"error\":-14002}", ERRAND_STOP, "app_id" },
		{ 200, "{\"error_name\":\"Something\"}", ERRAND_STOP, "Something" },
		{ 200, "{\"access_token\":\"AT-newnewnew\"}", ERRAND_STOP, "API Explorer" },
		{ 200, "{\"access_token\":\"\",\"refresh_token\":\"\"}", ERRAND_STOP, "API Explorer" },
		{ 400, "{\"message\":\"no\"}", ERRAND_STOP, "API Explorer" },
		{ 429, "{}", ERRAND_LATER, "429" },
		{ 500, "{}", ERRAND_LATER, "500" },
		{ 502, "<html>", ERRAND_LATER, "502" },
		{ 200, "<html>", ERRAND_LATER, "200" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct errand_outcome o = judge(a, t[i].status, t[i].body);

		g_test_message("%s", t[i].body);
		g_assert_cmpint(o.verdict, ==, t[i].verdict);
		g_assert_nonnull(strstr(o.reason, t[i].says));
		g_assert_null(o.save_key);
		g_assert_null(help_state(a)->fresh.access);
		outcome_clear(&o);
	}
}

static void test_the_request(void)
{
	g_autoptr(adapter_t) a =
		help_adapter_with("{\"access\":\"AT-0123456789\",\"refresh\":\"RT+0/12&3=\",\"expires_ms\":1,\"id\":1000}");
	struct http_request r = { 0 };

	zalo_oa_token_request(a->state, &r);
	g_assert_cmpstr(r.method, ==, "POST");
	g_assert_cmpstr(r.url, ==, HELP_BASE "/v4/oa/access_token");
	g_assert_cmpstr(r.content_type, ==, "application/x-www-form-urlencoded");
	g_assert_cmpstr(help_header(&r, "secret_key"), ==, "appsecret0123456789ab");
	g_assert_cmpstr(r.body, ==, "refresh_token=RT%2B0%2F12%263%3D&app_id=" HELP_APP "&grant_type=refresh_token");
	http_request_clear(&r);
}

static void test_what_an_operator_types(void)
{
	static const char *const good[] = {
		"AT-0123456789 RT-0123456789",
		"  AT-0123456789\n\nRT-0123456789\n",
		"{\"access_token\":\"AT-0123456789\",\"refresh_token\":\"RT-0123456789\",\"expires_in\":\"90000\"}",
	};
	static const char *const bad[] = {
		"",
		"AT-0123456789",
		"AT-0123456789 RT-0123456789 x",
		"AT RT",
		"AT-0123456789 AT-0123456789",
		"{\"access_token\":\"AT-0123456789\"}",
		"{}",
		"AT-0123456789, RT-0123456789",
	};
	const char *what;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		g_autofree char *text = zalo_oa_token_typed(good[i], 5000, &what);
		struct zalo_oa_token t = { 0 };

		g_assert_true(zalo_oa_token_parse(text, &t));
		g_assert_cmpstr(t.access, ==, "AT-0123456789");
		g_assert_cmpstr(t.refresh, ==, "RT-0123456789");
		g_assert_true(t.by_hand);
		g_assert_cmpint(t.id, ==, 5000);
		g_assert_cmpint(t.expires_ms, ==, 0); /* how old it is nobody knows: refreshed at once */
		zalo_oa_token_clear(&t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		what = NULL;
		g_assert_null(zalo_oa_token_typed(bad[i], 5000, &what));
		g_assert_nonnull(what);
	}
}

static void test_due_ahead_of_its_end(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;

	z->token.expires_ms = 10 * DAY_MS;
	g_assert_false(zalo_oa_token_is_due(z, 10 * DAY_MS - ZALO_OA_REFRESH_AHEAD_MS - 1));
	g_assert_true(zalo_oa_token_is_due(z, 10 * DAY_MS - 5 * MINUTE_MS));
}

static char *marker_path(void)
{
	g_autofree char *dir = g_dir_make_tmp("cdsbot-marker-XXXXXX", NULL);

	return g_build_filename(dir, "db.zalo-oa-token", NULL);
}

static void marker_remove(const char *path)
{
	g_autofree char *dir = g_path_get_dirname(path);

	g_remove(path);
	g_rmdir(dir);
}

static void test_an_old_copy_does_not_refresh(void)
{
	g_autoptr(adapter_t) a = help_adapter_new(); /* its token has id 1000 */
	struct zalo_oa *z = a->state;
	struct http_request r = { 0 };
	char *path = marker_path();

	g_free(z->marker_path);
	z->marker_path = path;
	z->token.expires_ms = 1;                     /* due */
	g_assert_true(zalo_oa_token_is_old_copy(z)); /* brought from another machine: no marker here */
	g_assert_false(zalo_oa_errand(a, "refresh", &r));
	g_assert_nonnull(strstr(a->alarm, "bản sao lưu"));
	z->token.by_hand = true;
	g_assert_false(zalo_oa_token_is_old_copy(z)); /* the first pair ever */
	z->token.by_hand = false;
	g_assert_true(zalo_oa_marker_write(path, 1000));
	g_assert_false(zalo_oa_token_is_old_copy(z));
	g_assert_true(zalo_oa_marker_write(path, 1001)); /* a later pair was in force here: this database was restored */
	g_assert_true(zalo_oa_token_is_old_copy(z));
	g_assert_false(zalo_oa_token_refused(z, 1000)); /* no refresh to hope for */
	g_assert_true(zalo_oa_marker_write(path, 1000));
	z->refresh_not_before_ms = 0;
	g_assert_true(zalo_oa_errand(a, "refresh", &r));
	http_request_clear(&r);
	marker_remove(path);
}

static void test_the_marker_follows_the_commit(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	char *path = marker_path();
	struct errand_outcome o;

	g_free(z->marker_path);
	z->marker_path = path;
	g_assert_true(zalo_oa_marker_write(path, 1000));
	o = judge(a, 200, "{\"access_token\":\"AT-newnewnew\",\"refresh_token\":\"RT-newnewnew\"}");
	zalo_oa_saved_changed(a); /* the database still holds the old pair */
	g_assert_cmpint(z->token.id, ==, 1000);
	g_assert_cmpint(zalo_oa_marker_read(path), ==, 1000);
	g_hash_table_replace(a->env.saved, g_steal_pointer(&o.save_key), g_steal_pointer(&o.save_value));
	zalo_oa_saved_changed(a);
	g_assert_cmpint(z->token.id, ==, INT64_C(1795485467338));
	g_assert_cmpint(zalo_oa_marker_read(path), ==, INT64_C(1795485467338));
	g_assert_null(z->fresh.access);
	outcome_clear(&o);
	marker_remove(path);
}

/* The program ended between the commit and the marker: the database is newer, which is well. */
static void test_a_newer_database_moves_the_marker(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	char *path = marker_path();

	g_free(z->marker_path);
	z->marker_path = path;
	g_assert_true(zalo_oa_marker_write(path, 1000));
	zalo_oa_token_load(z, "{\"access\":\"AT-xxxxxxxxxx\",\"refresh\":\"RT-xxxxxxxxxx\",\"expires_ms\":2,\"id\":2000}");
	g_assert_cmpint(zalo_oa_marker_read(path), ==, 2000);
	zalo_oa_token_load(z, HELP_TOKEN); /* older: not taken back */
	g_assert_cmpint(z->token.id, ==, 2000);
	marker_remove(path);
}

/* The program may end between the commit of the first refreshed pair and its marker: without one it would take its own pair for a copy. */
static void test_the_first_refresh_leaves_a_marker_before_it(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	struct http_request r = { 0 };
	char *path = marker_path();

	g_free(z->marker_path);
	z->marker_path = path;
	z->token.by_hand = true;
	z->token.expires_ms = 0;
	g_assert_true(zalo_oa_errand(a, "refresh", &r));
	http_request_clear(&r);
	g_assert_cmpint(zalo_oa_marker_read(path), ==, 1000);
	zalo_oa_token_load(z, "{\"access\":\"AT-xxxxxxxxxx\",\"refresh\":\"RT-xxxxxxxxxx\",\"expires_ms\":2,\"id\":2000}");
	g_assert_false(zalo_oa_token_is_old_copy(z));
	marker_remove(path);
}

/* What a platform answers and what the transport says is written to the log and into rows. */
static void test_both_tokens_are_masked(void)
{
	g_autoptr(adapter_t) a = help_adapter_with("{\"access\":\"AT-nobody-sees\",\"refresh\":\"RT-nobody-sees\",\"expires_ms\":1,\"id\":1000}");
	struct errand_outcome o = judge(a, 200, "{\"access_token\":\"AT-fresh-one\",\"refresh_token\":\"RT-fresh-one\"}");
	g_autofree char *masked = log_mask("AT-nobody-sees RT-nobody-sees AT-fresh-one RT-fresh-one");

	g_assert_cmpstr(masked, ==, "*** *** *** ***");
	outcome_clear(&o);
}

#define FUTURE "4102444800000" /* 2100 */
#define OF_WRONG_CLOCK "{\"access\":\"AT-wrongclock\",\"refresh\":\"RT-wrongclock\",\"expires_ms\":2,\"id\":" FUTURE "}"
#define BY_HAND "{\"access\":\"AT-byhand0000\",\"refresh\":\"RT-byhand0000\",\"id\":5000,\"by_hand\":true}"

/* The clock was once ahead: what an operator gives since is in force all the same, at once and after a start. */
static void test_a_pair_by_hand_outranks_one_of_a_wrong_clock(void)
{
	g_autofree char *path = marker_path();

	for (int after_start = 0; after_start < 2; after_start++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		struct zalo_oa *z = a->state;

		g_free(z->marker_path);
		z->marker_path = g_strdup(path);
		g_assert_true(zalo_oa_marker_write(path, g_ascii_strtoll(FUTURE, NULL, 10)));
		if (!after_start) {
			zalo_oa_token_load(z, OF_WRONG_CLOCK);
			/* A pair of the platform never takes the place of a newer one. */
			zalo_oa_token_load(z, HELP_TOKEN);
			g_assert_cmpstr(z->token.access, ==, "AT-wrongclock");
		}
		zalo_oa_token_load(z, BY_HAND);
		g_assert_cmpstr(z->token.access, ==, "AT-byhand0000");
		g_assert_false(zalo_oa_token_is_old_copy(z));
		g_assert_cmpint(zalo_oa_marker_read(path), ==, 5000);
	}
	marker_remove(path);
}

static void test_a_check_writes_no_marker(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	g_autofree char *path = marker_path();

	g_free(z->marker_path);
	z->marker_path = g_strdup(path);
	z->is_watching = true;
	g_assert_true(zalo_oa_marker_write(path, 1));
	zalo_oa_token_load(z, BY_HAND);
	g_assert_cmpint(zalo_oa_marker_read(path), ==, 1);
	g_assert_false(zalo_oa_token_is_old_copy(z));
	marker_remove(path);
}

static void test_a_second_refresher_finds_nothing_to_do(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	struct http_request r = { 0 };

	z->token.expires_ms = clock_wall_ms() + MINUTE_MS;
	g_assert_true(zalo_oa_errand_is_exclusive(a, "refresh"));
	g_assert_true(zalo_oa_errand(a, "refresh", &r));
	http_request_clear(&r);
	/* While it waited for the lease the other one saved its pair. */
	g_hash_table_replace(a->env.saved, g_strdup("token"),
			     g_strdup("{\"access\":\"AT-of-the-other\",\"refresh\":\"RT-of-the-other\",\"expires_ms\":"
				      "4102444800000,\"id\":2000}"));
	zalo_oa_saved_changed(a);
	g_assert_false(zalo_oa_errand(a, "refresh", &r));
	g_assert_cmpstr(z->token.access, ==, "AT-of-the-other");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/token/expiry", test_expiry_in_every_form);
	g_test_add_func("/zalo-oa/token/failures", test_failures);
	g_test_add_func("/zalo-oa/token/request", test_the_request);
	g_test_add_func("/zalo-oa/token/typed", test_what_an_operator_types);
	g_test_add_func("/zalo-oa/token/due", test_due_ahead_of_its_end);
	g_test_add_func("/zalo-oa/token/old-copy", test_an_old_copy_does_not_refresh);
	g_test_add_func("/zalo-oa/token/marker", test_the_marker_follows_the_commit);
	g_test_add_func("/zalo-oa/token/newer", test_a_newer_database_moves_the_marker);
	g_test_add_func("/zalo-oa/token/first", test_the_first_refresh_leaves_a_marker_before_it);
	g_test_add_func("/zalo-oa/token/masked", test_both_tokens_are_masked);
	g_test_add_func("/zalo-oa/token/second", test_a_second_refresher_finds_nothing_to_do);
	g_test_add_func("/zalo-oa/token/wrong-clock", test_a_pair_by_hand_outranks_one_of_a_wrong_clock);
	g_test_add_func("/zalo-oa/token/check", test_a_check_writes_no_marker);
	return g_test_run();
}
