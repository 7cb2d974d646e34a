/* SPDX-License-Identifier: MIT */
/* Which errand is due when; lists of groups and members in pages; what the operator must hear of; history read back in order. */
#include "zalo-oa-help.h"

static char *ask(struct adapter *a, const char *name)
{
	struct http_request r = { 0 };
	char *path;

	if (!zalo_oa_errand(a, name, &r))
		return NULL;
	path = g_strdup(r.url + strlen(HELP_BASE));
	http_request_clear(&r);
	return path;
}

static int answer(struct adapter *a, const char *name, const char *body, GPtrArray *updates_or_null)
{
	struct errand_outcome o = { 0 };
	struct http_response r = help_answer(200, body);
	int verdict;

	zalo_oa_judge_errand(a, name, &r, &o);
	verdict = o.verdict;
	for (guint i = 0; o.updates && updates_or_null && i < o.updates->len; i++) {
		const struct update *u = o.updates->pdata[i];

		g_ptr_array_add(updates_or_null,
				g_strdup_printf("%d %s %s %s %s", u->kind, u->chat_id, u->user_id ? u->user_id : "-",
						u->user_name ? u->user_name : "-", u->key));
	}
	if (o.save_key)
		g_hash_table_replace(a->env.saved, g_steal_pointer(&o.save_key), g_steal_pointer(&o.save_value));
	if (o.updates)
		g_ptr_array_unref(o.updates);
	g_free(o.reason);
	return verdict;
}

static const char *next(struct adapter *a, int64_t *ret_due)
{
	const char *name = NULL;
	int64_t due = 0;

	g_assert_true(zalo_oa_next_errand(a, clock_wall_ms(), &name, &due));
	if (ret_due)
		*ret_due = due;
	return name;
}

#define TWO_GROUPS                                                                                                                 \
	"{\"error\":0,\"data\":{\"total\":2,\"groups\":[{\"group_id\":\"g1\",\"name\":\"Tổ "                                     \
	"CĐS\"},{\"group_id\":\"g2\",\"name\":\"Thử\"}]}}"

static void read_two_groups(struct adapter *a)
{
	g_autofree char *path = ask(a, "groups");

	g_assert_cmpstr(path, ==, "/v3.0/oa/group/getgroupsofoa?offset=0&count=10");
	g_assert_cmpint(answer(a, "groups", TWO_GROUPS, NULL), ==, ERRAND_DONE);
}

static void test_order_of_upkeep(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *info1 = NULL, *info2 = NULL;
	int64_t due, now = clock_wall_ms();

	g_assert_cmpstr(next(a, NULL), ==, "groups");
	read_two_groups(a);
	g_assert_cmpstr(next(a, NULL), ==, "info");
	info1 = ask(a, "info");
	g_assert_cmpstr(info1, ==, "/v3.0/oa/group/getgroup?group_id=g1");
	g_assert_cmpint(
		answer(a, "info",
		       "{\"error\":0,\"data\":{\"group_info\":{\"total_member\":3,\"max_member\":100,\"status\":\"enabled\"}}}",
		       NULL),
		==, ERRAND_AGAIN);
	info2 = ask(a, "info");
	g_assert_cmpstr(info2, ==, "/v3.0/oa/group/getgroup?group_id=g2");
	g_assert_cmpint(answer(a, "info", "{\"error\":0,\"data\":{}}", NULL), ==, ERRAND_DONE);
	g_assert_cmpstr(next(a, NULL), ==, "members");
	help_state(a)->members_due_ms = INT64_MAX;
	g_assert_cmpstr(next(a, NULL), ==, "history");
	help_state(a)->history_due_ms = INT64_MAX;
	g_assert_cmpstr(next(a, &due), ==, "groups");
	g_assert_cmpint(due, >=, now + DAY_MS);
	help_state(a)->token.expires_ms = now + HOUR_MS;
	g_assert_cmpstr(next(a, &due), ==, "refresh");
	g_assert_cmpint(due, ==, now + HOUR_MS - ZALO_OA_REFRESH_AHEAD_MS);
}

static void test_without_a_token_only_the_token_is_asked_for(void)
{
	g_autoptr(adapter_t) a = help_adapter_with(NULL);
	int64_t due;

	g_assert_cmpstr(next(a, &due), ==, "refresh");
	g_assert_null(ask(a, "refresh"));
	g_assert_nonnull(strstr(a->alarm, "cdsbot admin zalo-oa token"));
	next(a, &due);
	g_assert_cmpint(due, >, clock_wall_ms());                                    /* no spinning */
	g_hash_table_replace(a->env.saved, g_strdup("token"), g_strdup(HELP_TOKEN)); /* given meanwhile */
	g_assert_cmpstr(next(a, NULL), ==, "groups");
	read_two_groups(a);
	g_assert_null(a->alarm);
}

static void test_pages_until_the_total(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *first = ask(a, "groups"), *second = NULL;

	g_assert_cmpint(answer(a, "groups",
			       "{\"error\":0,\"data\":{\"total\":\"2\",\"groups\":[{\"group_id\":\"g1\",\"name\":\"A\"}]}}", seen),
			==, ERRAND_AGAIN);
	second = ask(a, "groups");
	g_assert_nonnull(strstr(second, "offset=1&"));
	g_assert_cmpint(answer(a, "groups",
			       "{\"error\":0,\"data\":{\"total\":\"2\",\"groups\":[{\"group_id\":\"g1\"},{\"group_id\":\"g3\","
			       "\"status\":\"disabled\"}]}}",
			       seen),
			==, ERRAND_DONE);
	g_assert_cmpuint(help_state(a)->groups->len, ==, 2);
	g_assert_cmpuint(seen->len, ==, 1); /* the disabled one is no open chat */
	g_assert_true(g_str_has_prefix(seen->pdata[0], "3 g1"));
}

static void test_members_come_with_names_once(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *first = NULL, *second = NULL;

	read_two_groups(a);
	first = ask(a, "members");
	g_assert_cmpstr(first, ==, "/v3.0/oa/group/listmember?group_id=g1&offset=0&count=50");
	/* This server takes pages of ten only. */
	g_assert_cmpint(answer(a, "members", "{\"error\":-210,\"message\":\"count\"}", seen), ==, ERRAND_AGAIN);
	second = ask(a, "members");
	g_assert_nonnull(strstr(second, "offset=0&count=10"));
	g_assert_cmpint(answer(a, "members",
			       "{\"error\":0,\"data\":{\"members\":[{\"oa_id\":\"" HELP_OA
			       "\",\"name\":\"CĐS tỉnh\"},{\"user_id\":\"" HELP_USER "\",\"name\":\"Lan\"}]}}",
			       seen),
			==, ERRAND_AGAIN);
	g_assert_cmpint(answer(a, "members", "{\"error\":0,\"data\":{\"members\":[]}}", seen), ==, ERRAND_AGAIN); /* on to g2 */
	g_assert_cmpint(answer(a, "members", "{\"error\":-403,\"message\":\"not in group\"}", seen), !=, ERRAND_AGAIN);
	g_assert_cmpuint(seen->len, ==, 1);
	g_assert_true(g_str_has_prefix(seen->pdata[0], "6 g1 " HELP_USER " Lan join/g1/" HELP_USER "/"));
	g_assert_cmpstr(help_state(a)->oa_name, ==, "CĐS tỉnh");
	g_assert_cmpstr(g_hash_table_lookup(help_state(a)->names, HELP_USER), ==, "Lan");
}

/* g1 holds these; g2 nobody. */
static void list_members(struct adapter *a, const char *rows, GPtrArray *seen)
{
	static const char nobody[] = "{\"error\":0,\"data\":{\"total\":0,\"members\":[]}}";
	g_autofree char *body = g_strdup_printf("{\"error\":0,\"data\":{\"total\":1,\"members\":[%s]}}", rows);

	g_free(ask(a, "members"));
	answer(a, "members", body, seen);
	if (*rows) { /* `total` is not believed: one row short would put a person out */
		g_free(ask(a, "members"));
		g_assert_cmpint(answer(a, "members", body, seen), ==, ERRAND_AGAIN); /* the last page again: nobody new */
	}
	g_free(ask(a, "members"));
	g_assert_cmpint(answer(a, "members", nobody, seen), ==, ERRAND_DONE);
}

static void test_joins_and_leaves_are_found_also_over_a_restart(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(adapter_t) again = NULL;
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);

	read_two_groups(a);
	list_members(a, "{\"user_id\":\"2\"},{\"user_id\":\"1\"},{\"user_id\":\"2\"}", seen);
	g_assert_cmpuint(seen->len, ==, 2);
	g_assert_cmpstr(g_hash_table_lookup(a->env.saved, "members.g1"), ==, "1 2");
	g_assert_null(g_hash_table_lookup(a->env.saved, "members.g2"));
	list_members(a, "{\"user_id\":\"1\"},{\"user_id\":\"2\"}", seen);
	g_assert_cmpuint(seen->len, ==, 2); /* nothing new */
	list_members(a, "", seen);
	g_assert_cmpuint(seen->len, ==, 2); /* an answer without sense empties no group */

	again = help_adapter_new();
	g_hash_table_insert(again->env.saved, g_strdup("members.g1"), g_strdup("1 2"));
	read_two_groups(again);
	list_members(again, "{\"user_id\":\"2\"},{\"user_id\":\"3\"}", seen);
	g_assert_cmpuint(seen->len, ==, 4);
	g_assert_true(g_str_has_prefix(seen->pdata[2], "6 g1 3 - join/g1/3/"));
	g_assert_true(g_str_has_prefix(seen->pdata[3], "7 g1 1 - leave/g1/1/"));
	g_assert_cmpstr(g_hash_table_lookup(again->env.saved, "members.g1"), ==, "2 3");
}

static void test_a_refused_token_comes_first(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *path = ask(a, "groups");

	g_assert_cmpint(answer(a, "groups", "{\"error\":-216,\"message\":\"x\"}", NULL), ==, ERRAND_FAILED);
	g_assert_cmpstr(a->wants_errand, ==, "refresh");
	g_assert_cmpstr(next(a, NULL), ==, "refresh");
	path = (g_free(path), ask(a, "refresh"));
	g_assert_cmpstr(path, ==, "/v4/oa/access_token");
}

static void test_a_console_fault_is_an_alarm_until_it_works(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *path = ask(a, "groups");
	int64_t due;

	g_assert_cmpint(answer(a, "groups", "{\"error\":-224,\"message\":\"x\"}", NULL), ==, ERRAND_FAILED);
	g_assert_nonnull(strstr(a->alarm, "gói dịch vụ"));
	g_assert_cmpstr(next(a, &due), ==, "groups");
	g_assert_cmpint(due, >, clock_wall_ms() + MINUTE_MS);
	read_two_groups(a);
	g_assert_null(a->alarm);
}

static void test_worries_about_a_group(void)
{
	static const struct {
		const char *info, *says;
	} t[] = {
		{ "{\"auto_delete_date\":\"1795485467338\"}", "trong vòng 30 ngày" }, /* 20 days on */
		{ "{\"auto_delete_date\":1794275867}", "trong vòng 7 ngày" },         /* seconds, 6 days on */
		{ "{\"auto_delete_date\":\"2026-11-05\"}", "trong vòng một ngày" },
		{ "{\"auto_delete_date\":\"05/11/2026\"}", "trong vòng một ngày" },
		{ "{\"auto_delete_date\":\"2027-11-05\"}", NULL },
		{ "{\"auto_delete_date\":\"2026-11-05T00:00:00+07:00\"}", "trong vòng một ngày" },
		{ "{\"auto_delete_date\":\"2026-13-45\"}", NULL },
		{ "{\"auto_delete_date\":\"soon\"}", NULL },
		{ "{\"auto_delete_date\":\"\"}", NULL },
		{ "{\"auto_delete_date\":0}", NULL },
		{ "{\"status\":\"disabled\"}", "đang bị tắt" },
		{ "{\"status\":\"enabled\",\"total_member\":96,\"max_member\":\"100\"}", "sắp đầy (96/100" },
		{ "{\"status\":\"enabled\",\"total_member\":90,\"max_member\":100}", NULL },
		{ "{\"total_member\":1000,\"max_member\":1000}", NULL }, /* no larger package exists */
		{ "{\"total_member\":\"x\",\"max_member\":[]}", NULL },
		{ "{}", NULL },
	};
	const int64_t now = INT64_C(1793757467338);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(cJSON) info = cJSON_Parse(t[i].info);
		struct zalo_oa_group g = { .id = (char *)"g1", .members = -1, .members_max = -1 };
		g_autofree char *worry = NULL;

		zalo_oa_group_read(&g, info);
		worry = zalo_oa_group_worry(&g, now);
		g_test_message("%s: %s", t[i].info, worry ? worry : "-");
		if (t[i].says)
			g_assert_true(worry && strstr(worry, t[i].says) && strstr(worry, "g1"));
		else
			g_assert_null(worry);
		g_free(g.name);
	}
}

static void test_a_worry_is_the_alarm(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *path = NULL;

	read_two_groups(a);
	path = ask(a, "info");
	answer(a, "info", "{\"error\":0,\"data\":{\"group_info\":{\"status\":\"disabled\"}}}", NULL);
	answer(a, "info", "{\"error\":0,\"data\":{\"group_info\":{\"status\":\"enabled\"}}}", NULL);
	g_assert_nonnull(strstr(a->alarm, "“Tổ CĐS” đang bị tắt"));
}

/* History */

static char *rows(int64_t newest, int n, int first_id)
{
	GString *s = g_string_new("{\"error\":0,\"data\":[");

	for (int i = 0; i < n; i++)
		g_string_append_printf(s,
				       "%s{\"src\":1,\"time\":%" G_GINT64_FORMAT
				       ",\"type\":\"text\",\"message\":\"/t %d\",\"message_id\":\"m%d\",\"from_id\":\"7\"}",
				       i ? "," : "", newest - i * 1000, first_id - i, first_id - i);
	g_string_append(s, "]}");
	return g_string_free(s, FALSE);
}

static void test_history_up_to_what_was_heard_in_order(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	int64_t now = clock_wall_ms();
	g_autofree char *page1 = rows(now - 1000, 10, 20), *page2 = rows(now - 11000, 10, 10), *old = rows(now - 2 * HOUR_MS, 3, 3),
			*path1 = NULL, *path2 = NULL;

	read_two_groups(a);
	z->heard_ms = now - 40 * MINUTE_MS;
	path1 = ask(a, "history");
	g_assert_cmpstr(path1, ==, "/v3.0/oa/group/conversation?group_id=g1&offset=0&count=10");
	g_assert_cmpint(answer(a, "history", page1, seen), ==, ERRAND_AGAIN);
	g_assert_cmpuint(seen->len, ==, 0); /* newest first: not before all are here */
	path2 = ask(a, "history");
	g_assert_nonnull(strstr(path2, "group_id=g1&offset=10&"));
	g_assert_cmpint(answer(a, "history", page2, seen), ==, ERRAND_AGAIN);
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", old, seen), ==, ERRAND_AGAIN); /* reached: on to g2 */
	g_assert_cmpuint(seen->len, ==, 20);
	for (guint i = 0; i < 20; i++) {
		g_autofree char *end = g_strdup_printf(" m%u", i + 1);

		g_assert_true(g_str_has_suffix(seen->pdata[i], end));
	}
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", "{\"error\":0,\"data\":{\"messages\":[]}}", seen), ==, ERRAND_DONE);
	g_assert_cmpint(g_ascii_strtoll(g_hash_table_lookup(a->env.saved, "heard_ms"), NULL, 10), >=, now);
	g_assert_cmpint(z->history_due_ms, >, now + MINUTE_MS);
}

static void test_the_first_history_is_nobodys_question(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *old = rows(clock_wall_ms() - MINUTE_MS, 10, 10);

	read_two_groups(a);
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", old, seen), ==, ERRAND_AGAIN); /* g2 */
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", old, seen), ==, ERRAND_DONE);
	g_assert_cmpuint(seen->len, ==, 0);
	g_assert_nonnull(g_hash_table_lookup(a->env.saved, "heard_ms"));
}

static GPtrArray *event(struct adapter *a, const char *id, int64_t at)
{
	g_autofree char *body = g_strdup_printf("{\"event_name\":\"user_send_group_text\",\"sender\":{\"id\":\"7\"},\"recipient\":{"
						"\"id\":\"g1\"},\"message\":{\"text\":\"x\","
						"\"msg_id\":\"%s\"},\"timestamp\":\"%" G_GINT64_FORMAT "\"}",
						id, at);
	GPtrArray *updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);

	g_assert_true(zalo_oa_decode(a, body, strlen(body), updates, NULL));
	g_assert_cmpuint(updates->len, ==, 1);
	return updates;
}

static void pass(struct adapter *a, const char *page, GPtrArray *seen)
{
	static const char nothing[] = "{\"error\":0,\"data\":[]}";

	g_free(ask(a, "history"));
	answer(a, "history", page, seen);
	g_free(ask(a, "history"));
	answer(a, "history", nothing, seen); /* the end of g1 */
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", nothing, seen), ==, ERRAND_DONE);
}

static void test_what_the_webhook_brought_is_not_read_back(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	int64_t now = clock_wall_ms();
	g_autofree char *page = rows(now - 1000, 3, 3);

	read_two_groups(a);
	help_state(a)->heard_ms = now - MINUTE_MS;
	g_ptr_array_unref(event(a, "m2", now - 2000));
	pass(a, page, seen);
	g_assert_cmpuint(seen->len, ==, 2);
	g_assert_true(g_str_has_suffix(seen->pdata[0], " m1") && g_str_has_suffix(seen->pdata[1], " m3"));
	pass(a, page, seen);
	g_assert_cmpuint(seen->len, ==, 2); /* nor is what the last pass brought */
}

static void test_a_dead_webhook_is_an_alarm_until_an_event_comes(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	int64_t now = clock_wall_ms();
	g_autofree char *fresh = rows(now - MINUTE_MS, 1, 1), *overdue = rows(now - 6 * MINUTE_MS, 1, 2);

	read_two_groups(a);
	z->heard_ms = now - MINUTE_MS;
	pass(a, overdue, NULL);
	g_assert_null(a->alarm); /* from before the start: an outage of ours */
	z->opened_ms = now - HOUR_MS;
	pass(a, fresh, NULL);
	g_assert_null(a->alarm); /* its event may be on the way */
	pass(a, overdue, NULL);
	g_assert_nonnull(strstr(a->alarm, "Webhook"));
	g_ptr_array_unref(event(a, "m9", now));
	pass(a, fresh, NULL);
	g_assert_null(a->alarm);
}

#define EMPTY_PAGE "{\"error\":0,\"data\":[]}"

/* Two pages are read, then the token is refused, or another errand goes first: the next pass brings all of it. */
static void test_a_history_that_was_broken_off_loses_nothing(void)
{
	for (int is_overtaken = 0; is_overtaken < 2; is_overtaken++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
		int64_t now = clock_wall_ms();
		g_autofree char *page = rows(now - 1000, 10, 10);

		read_two_groups(a);
		help_state(a)->heard_ms = now - 40 * MINUTE_MS;
		g_free(ask(a, "history"));
		g_assert_cmpint(answer(a, "history", page, seen), ==, ERRAND_AGAIN);
		if (is_overtaken)
			read_two_groups(a);
		else
			answer(a, "history", "{\"error\":-216,\"message\":\"x\"}", seen);
		g_assert_cmpuint(seen->len, ==, 0);
		pass(a, page, seen);
		g_assert_cmpuint(seen->len, ==, 10);
	}
}

/* What a group's call answered decides whether its backlog is read later or given up. */
static void test_history_is_not_heard_past_a_group_that_was_not_read(void)
{
	static const struct {
		const char *name, *answer;
		int64_t heard_ago_ms;
		bool is_heard, is_put_off;
	} t[] = {
		{ "messages used up", "{\"error\":-211,\"message\":\"x\"}", HOUR_MS, false, true },
		{ "no money", "{\"error\":-321,\"message\":\"x\"}", HOUR_MS, false, true },
		{ "the request refused", "{\"error\":-201,\"message\":\"x\"}", HOUR_MS, false, false },
		{ "stale", "{\"error\":-100,\"message\":\"x\"}", HOUR_MS, false, false },
		{ "no group of ours", "{\"error\":-403,\"message\":\"x\"}", HOUR_MS, true, false },
		{ "refused for a day", "{\"error\":-201,\"message\":\"x\"}", DAY_MS + HOUR_MS, true, false },
		{ "the first pass ever", "{\"error\":-201,\"message\":\"x\"}", -1, true, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(adapter_t) a = help_adapter_new();
		g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
		struct zalo_oa *z = a->state;
		int64_t now = clock_wall_ms(), heard = t[i].heard_ago_ms < 0 ? 0 : now - t[i].heard_ago_ms;
		g_autofree char *page = rows(now - 30 * MINUTE_MS, 3, 3);

		g_test_message("%s", t[i].name);
		read_two_groups(a);
		z->heard_ms = heard;
		g_free(ask(a, "history"));
		g_assert_cmpint(answer(a, "history", t[i].answer, seen), ==, t[i].is_put_off ? ERRAND_FAILED : ERRAND_AGAIN);
		if (t[i].is_put_off) {
			g_assert_nonnull(a->alarm);
			g_assert_cmpint(z->history_due_ms, >, now + MINUTE_MS);
		} else {
			g_free(ask(a, "history"));
			g_assert_cmpint(answer(a, "history", EMPTY_PAGE, seen), ==, ERRAND_DONE);
		}
		if (t[i].is_heard) {
			g_assert_cmpint(z->heard_ms, >=, now);
			continue;
		}
		g_assert_cmpint(z->heard_ms, ==, heard);
		pass(a, page, seen); /* it can be read again: nothing is lost, and the platform has nothing to say */
		g_assert_cmpuint(seen->len, ==, 3);
		g_assert_cmpint(z->heard_ms, >=, now);
		g_assert_null(z->money_notice);
	}
}

static void test_what_the_core_refused_is_read_back(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) refused = NULL;
	int64_t now = clock_wall_ms();
	g_autofree char *page = rows(now - 1000, 1, 1);

	read_two_groups(a);
	help_state(a)->heard_ms = now - MINUTE_MS;
	refused = event(a, "m1", now - 1000);
	a->ops->codec->webhook_refused(a, refused); /* 503: the platform may give up on it */
	pass(a, page, seen);
	g_assert_cmpuint(seen->len, ==, 1);
}

/* A group whose package has ended cannot be asked; it must not keep the others from being heard, nor hide their end. */
static void test_a_group_that_cannot_be_asked_holds_up_nothing(void)
{
	static const char gone[] = "{\"error\":-237,\"message\":\"group disabled\"}";
	g_autoptr(adapter_t) a = help_adapter_new();
	struct zalo_oa *z = a->state;
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	int64_t now = clock_wall_ms();
	g_autofree char *page = rows(now - 1000, 10, 10);

	read_two_groups(a);
	g_free(ask(a, "info"));
	answer(a, "info", "{\"error\":0,\"data\":{\"group_info\":{\"status\":\"disabled\"}}}", NULL);
	g_free(ask(a, "info"));
	g_assert_cmpint(answer(a, "info", gone, NULL), ==, ERRAND_DONE);
	g_assert_nonnull(strstr(a->alarm, "“Tổ CĐS” đang bị tắt"));

	z->heard_ms = now - MINUTE_MS;
	g_free(ask(a, "history"));
	answer(a, "history", EMPTY_PAGE, seen);
	g_free(ask(a, "history"));
	answer(a, "history", page, seen);
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", gone, seen), ==, ERRAND_DONE); /* in the middle of g2 */
	g_assert_cmpuint(seen->len, ==, 10);
	g_assert_cmpint(z->heard_ms, >=, now);
	g_assert_cmpint(z->history_due_ms, <=, clock_wall_ms() + z->catch_up_every_ms);
	g_assert_nonnull(g_hash_table_lookup(a->env.saved, "heard_ms"));
}

/* Rows without a time cannot be told from what is years old: none of it is done again. */
static void test_rows_without_a_time_are_nobodys_question(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autofree char *next_page = NULL;
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);

	read_two_groups(a);
	g_free(ask(a, "history"));
	g_assert_cmpint(answer(a, "history", "{\"error\":0,\"data\":[{\"message\":\"/t x\",\"message_id\":\"m1\",\"from_id\":\"7\"}]}", seen), ==,
			ERRAND_AGAIN);
	next_page = ask(a, "history");
	g_assert_nonnull(strstr(next_page, "group_id=g2"));
	g_assert_cmpuint(seen->len, ==, 0);
}

static void test_half_a_list_puts_nobody_out(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);

	g_hash_table_insert(a->env.saved, g_strdup("members.g1"), g_strdup("1 2 3 4"));
	read_two_groups(a);
	g_free(ask(a, "members"));
	answer(a, "members", "{\"error\":0,\"data\":{\"total\":5,\"members\":[{\"oa_id\":\"1\"},{\"user_id\":\"1\"},{\"user_id\":\"2\"}]}}", seen);
	g_free(ask(a, "members"));
	answer(a, "members", "{\"error\":0,\"data\":{}}", seen); /* success without sense in the middle */
	g_assert_cmpuint(seen->len, ==, 0);
	g_assert_cmpstr(g_hash_table_lookup(a->env.saved, "members.g1"), ==, "1 2 3 4");
}

static void test_the_own_messages_coming_back_begin_no_upkeep(void)
{
	static const char *const echoes[] = { "oa_send_group_text", "oa_send_group_image", "oa_send_text" };
	g_autoptr(adapter_t) a = help_adapter_new();

	read_two_groups(a);
	for (size_t i = 0; i < ARRAY_SIZE(echoes); i++) {
		g_autofree char *body = g_strdup_printf("{\"event_name\":\"%s\",\"sender\":{\"id\":\"" HELP_OA
							"\"},\"recipient\":{\"id\":\"g1\"},\"message\":{\"text\":\"x\",\"msg_id\":\"e\"}}",
							echoes[i]);
		g_autoptr(GPtrArray) updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);

		g_assert_true(zalo_oa_decode(a, body, strlen(body), updates, NULL));
		g_assert_cmpuint(updates->len, ==, 0);
		g_assert_cmpint(help_state(a)->groups_due_ms, >, clock_wall_ms() + HOUR_MS);
	}
}

static void test_a_list_that_does_not_page_ends(void)
{
	g_autoptr(adapter_t) a = help_adapter_new();
	static const char same[] = "{\"error\":0,\"data\":{\"groups\":[{\"group_id\":\"g1\"}]}}"; /* no total, whatever the offset */

	g_free(ask(a, "groups"));
	g_assert_cmpint(answer(a, "groups", same, NULL), ==, ERRAND_AGAIN);
	g_free(ask(a, "groups"));
	g_assert_cmpint(answer(a, "groups", same, NULL), ==, ERRAND_DONE);
}

static void test_rubbish_answers_end_no_process(void)
{
	static const char *const bodies[] = { "",
					      "<html>",
					      "[]",
					      "{}",
					      "{\"error\":0}",
					      "{\"error\":0,\"data\":null}",
					      "{\"error\":0,\"data\":{\"groups\":{}}}",
					      "{\"error\":0,\"data\":{\"groups\":[null,7,{}]}}",
					      "{\"error\":0,\"data\":{\"members\":[[],{\"user_id\":5}]}}",
					      "{\"error\":0,\"data\":[null,{\"time\":[]},{\"message_id\":\"x\"}]}",
					      "{\"error\":[]}" };
	static const char *const names[] = { "groups", "info", "members", "history" };

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			g_autoptr(adapter_t) a = help_adapter_new();

			read_two_groups(a);
			g_free(ask(a, names[k]));
			answer(a, names[k], bodies[i], NULL);
		}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zalo-oa/upkeep/order", test_order_of_upkeep);
	g_test_add_func("/zalo-oa/upkeep/no-token", test_without_a_token_only_the_token_is_asked_for);
	g_test_add_func("/zalo-oa/upkeep/pages", test_pages_until_the_total);
	g_test_add_func("/zalo-oa/upkeep/members", test_members_come_with_names_once);
	g_test_add_func("/zalo-oa/upkeep/joins-and-leaves", test_joins_and_leaves_are_found_also_over_a_restart);
	g_test_add_func("/zalo-oa/upkeep/token", test_a_refused_token_comes_first);
	g_test_add_func("/zalo-oa/upkeep/console", test_a_console_fault_is_an_alarm_until_it_works);
	g_test_add_func("/zalo-oa/upkeep/worries", test_worries_about_a_group);
	g_test_add_func("/zalo-oa/upkeep/worry-alarm", test_a_worry_is_the_alarm);
	g_test_add_func("/zalo-oa/upkeep/history", test_history_up_to_what_was_heard_in_order);
	g_test_add_func("/zalo-oa/upkeep/first-history", test_the_first_history_is_nobodys_question);
	g_test_add_func("/zalo-oa/upkeep/not-twice", test_what_the_webhook_brought_is_not_read_back);
	g_test_add_func("/zalo-oa/upkeep/dead-webhook", test_a_dead_webhook_is_an_alarm_until_an_event_comes);
	g_test_add_func("/zalo-oa/upkeep/group-not-read", test_history_is_not_heard_past_a_group_that_was_not_read);
	g_test_add_func("/zalo-oa/upkeep/broken-off", test_a_history_that_was_broken_off_loses_nothing);
	g_test_add_func("/zalo-oa/upkeep/refused", test_what_the_core_refused_is_read_back);
	g_test_add_func("/zalo-oa/upkeep/one-gone", test_a_group_that_cannot_be_asked_holds_up_nothing);
	g_test_add_func("/zalo-oa/upkeep/no-time", test_rows_without_a_time_are_nobodys_question);
	g_test_add_func("/zalo-oa/upkeep/half-a-list", test_half_a_list_puts_nobody_out);
	g_test_add_func("/zalo-oa/upkeep/echoes", test_the_own_messages_coming_back_begin_no_upkeep);
	g_test_add_func("/zalo-oa/upkeep/no-paging", test_a_list_that_does_not_page_ends);
	g_test_add_func("/zalo-oa/upkeep/rubbish", test_rubbish_answers_end_no_process);
	return g_test_run();
}
