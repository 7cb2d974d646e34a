/* SPDX-License-Identifier: MIT */
/* People: registering, being seen, being found by what is typed, roles, the one-time code; and the audit log with the settings. */
#include "fixture.h"

#include "base/macros.h"
#include "store/audit.h"

static void test_role_is_read_as_typed(void)
{
	static const struct {
		const char *typed;
		bool ok;
		enum role role;
	} t[] = {
		{ "T", true, ROLE_MEMBER },          { "Đ", true, ROLE_FOCAL },
		{ "d", true, ROLE_FOCAL },           { "đầu mối", true, ROLE_FOCAL },
		{ "Thành viên", true, ROLE_MEMBER }, { "q", true, ROLE_MODERATOR },
		{ "A", true, ROLE_ADMIN },           { "K", true, ROLE_NONE },
		{ "sếp", false, ROLE_NONE },         { "", false, ROLE_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		enum role role = ROLE_NONE;

		g_assert_cmpint(role_parse(t[i].typed, &role), ==, t[i].ok);
		g_assert_cmpint(role, ==, t[i].role);
	}
	g_assert_cmpstr(role_letter(ROLE_FOCAL), ==, "Đ");
}

static void test_registering_again_renews_and_keeps_the_role(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(member_t) a = NULL, b = NULL, none = NULL;

	g_assert_cmpint(store_member_of_user(f.db, "t", "1", &none, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_member_register(f.db, "t", "1", "Lan", "VB", NULL, "1", T0, &a, &error), ==, STORE_OK);
	g_assert_cmpint(a->role, ==, ROLE_MEMBER);
	g_assert_cmpstr(a->adapter, ==, "t");
	g_assert_true(store_member_set_role(f.db, a->id, ROLE_MODERATOR, &error));
	g_assert_cmpint(store_member_register(f.db, "t", "1", "Lan Anh", "GT", "CB", "2", T0 + 1, &b, &error), ==, STORE_OK);
	g_assert_cmpint(b->id, ==, a->id);
	g_assert_cmpint(b->role, ==, ROLE_MODERATOR);
	g_assert_cmpstr(b->unit, ==, "GT");
	g_assert_cmpstr(b->job, ==, "CB");
	g_assert_cmpint(b->consent_ms, ==, T0 + 1);
	g_assert_cmpstr(b->consent_version, ==, "2");
	FIXTURE_END(f);
}

static void test_focal_point_of_one_unit_is_none_of_the_next(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(member_t) first = NULL, same = NULL, other = NULL;

	g_assert_cmpint(store_member_register(f.db, "t", "1", "Lan", "VB", NULL, "1", T0, &first, &error), ==, STORE_OK);
	g_assert_true(store_member_set_role(f.db, first->id, ROLE_FOCAL, &error));
	g_assert_cmpint(store_member_register(f.db, "t", "1", "Lan", "VB", "CB", "1", T0 + 1, &same, &error), ==, STORE_OK);
	g_assert_cmpint(same->role, ==, ROLE_FOCAL);
	g_assert_cmpint(store_member_register(f.db, "t", "1", "Lan", "GT", "CB", "1", T0 + 2, &other, &error), ==, STORE_OK);
	g_assert_cmpint(other->role, ==, ROLE_MEMBER);
	FIXTURE_END(f);
}

static void test_seen_writes_only_news(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(member_t) m = NULL;
	int64_t chat, writes;
	const int64_t id = fixture_member(f.db, "t", "lan", "VB", &chat);

	writes = db_total_changes(f.db);
	g_assert_cmpint(store_member_seen(f.db, "t", "lan", "lan", chat, T0 + 59000, &error), ==, STORE_OK);
	g_assert_cmpint(db_total_changes(f.db), ==, writes);
	g_assert_cmpint(store_member_seen(f.db, "t", "lan", "lan", 0, T0 + 61000, &error), ==, STORE_OK);
	g_assert_cmpint(db_total_changes(f.db), >, writes);
	g_assert_cmpint(store_member_seen(f.db, "t", "lan", "Lan mới", 0, T0 + 62000, &error), ==, STORE_OK);
	g_assert_cmpint(store_member_get(f.db, id, &m, &error), ==, STORE_OK);
	g_assert_cmpstr(m->name, ==, "Lan mới");
	/* Nothing is kept of people who are not registered, but the way back through their chat. */
	g_assert_cmpint(store_member_seen(f.db, "t", "guest", "Khách", 0, T0, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM identity"), ==, 1);
	FIXTURE_END(f);
}

static void test_private_chat_is_the_open_one_last_used(const void *data)
{
	FIXTURE_BEGIN(f, data);
	int64_t chat_on_t;
	const int64_t id = fixture_member(f.db, "t", "lan", "VB", &chat_on_t),
		      chat_on_u = fixture_chat(f.db, "u", "dm", CHAT_PRIVATE);
	const int64_t guest = fixture_chat(f.db, "u", "room-7", CHAT_PRIVATE);
	g_autoptr(chat_t) a = NULL, b = NULL, c = NULL, d = NULL, e = NULL;
	struct db_stmt *st =
		db_prepare(f.db, "INSERT INTO identity (adapter, user_id, member_id, used_ms) VALUES ('u', '9', $1, 0)");

	db_bind_int64(st, 1, id);
	g_assert_true(db_run(st, &error));
	g_assert_cmpint(store_member_seen(f.db, "u", "9", "Lan", chat_on_u, T0 + 5, &error), ==, STORE_OK);
	g_assert_cmpint(store_member_private_chat(f.db, id, &a, &error), ==, STORE_OK);
	g_assert_cmpint(a->id, ==, chat_on_u);
	g_assert_true(store_chat_park(f.db, chat_on_u, "blocked", &error));
	g_assert_cmpint(store_member_private_chat(f.db, id, &b, &error), ==, STORE_OK);
	g_assert_cmpint(b->id, ==, chat_on_t);
	g_assert_true(store_chat_park(f.db, chat_on_t, "blocked", &error));
	g_assert_cmpint(store_member_private_chat(f.db, id, &c, &error), ==, STORE_NOT_FOUND);
	/* Somebody who is not registered, in a chat that is not named after them. */
	g_assert_cmpint(store_user_private_chat(f.db, "u", "guest", &d, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_member_seen(f.db, "u", "guest", "Khách", guest, T0, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_user_private_chat(f.db, "u", "guest", &d, &error), ==, STORE_OK);
	g_assert_cmpint(d->id, ==, guest);
	/* Named after them, before they were ever seen in it. */
	fixture_chat(f.db, "u", "moi", CHAT_PRIVATE);
	g_assert_cmpint(store_user_private_chat(f.db, "u", "moi", &e, &error), ==, STORE_OK);
	FIXTURE_END(f);
}

static void test_people_are_found_by_what_is_typed(const void *data)
{
	static const struct {
		const char *name, *typed, *found;
	} t[] = {
		{ "without diacritics", "hung", "Hùng VHXH Yên Lương,Nguyễn Hùng" },
		{ "all words count", "hung yen", "Hùng VHXH Yên Lương" },
		{ "whole name first", "nguyen hung", "Nguyễn Hùng" },
		{ "beginnings of words", "ngu", "Nguyễn Hùng,Nguyệt" },
		{ "user id", "u2", "Nguyễn Hùng" },
		{ "nobody", "zzz", "" },
		{ "nothing", " ", "" },
	};
	static const char *const names[] = { "Hùng VHXH Yên Lương", "Nguyễn Hùng", "Nguyệt" };
	FIXTURE_BEGIN(f, data);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		g_autofree char *user = g_strdup_printf("u%zu", i + 1);
		g_autoptr(member_t) m = NULL;

		g_assert_cmpint(store_member_register(f.db, "t", user, names[i], "VB", NULL, "1", T0, &m, &error), ==, STORE_OK);
	}
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GPtrArray) found = store_member_find(f.db, t[i].typed, 10, &error);
		g_autoptr(GString) text = g_string_new(NULL);

		g_assert_no_error(error);
		for (guint k = 0; k < found->len; k++)
			g_string_append_printf(text, "%s%s", k ? "," : "", ((struct member *)found->pdata[k])->name);
		g_test_message("%s", t[i].name);
		g_assert_cmpstr(text->str, ==, t[i].found);
	}
	FIXTURE_END(f);
}

static void test_roles_and_units(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t a = fixture_member(f.db, "t", "a", "VB", NULL), b = fixture_member(f.db, "t", "b", "VB", NULL);
	g_autoptr(GPtrArray) moderators = NULL, focal = NULL, all = NULL;
	int64_t members, units;

	fixture_member(f.db, "t", "c", "GT", NULL);
	all = store_member_of_unit(f.db, "VB", true, &error);
	g_assert_cmpuint(all->len, ==, 2); /* no focal point yet: everybody of the unit */
	g_assert_true(store_member_set_role(f.db, a, ROLE_FOCAL, &error));
	g_assert_true(store_member_set_role(f.db, b, ROLE_ADMIN, &error));
	focal = store_member_of_unit(f.db, "VB", true, &error);
	g_assert_cmpuint(focal->len, ==, 2);
	moderators = store_member_with_role(f.db, ROLE_MODERATOR, &error);
	g_assert_cmpuint(moderators->len, ==, 1);
	g_assert_cmpint(((struct member *)moderators->pdata[0])->id, ==, b);
	g_assert_true(store_member_counts(f.db, &members, &units, &error));
	g_assert_cmpint(members, ==, 3);
	g_assert_cmpint(units, ==, 2);
	FIXTURE_END(f);
}

static void test_admin_code_is_for_once_and_for_a_while(const void *data)
{
	FIXTURE_BEGIN(f, data);

	g_assert_cmpint(store_admin_code_claim(f.db, "ABC", T0, &error), ==, STORE_NOT_FOUND);
	g_assert_true(store_admin_code_set(f.db, "OLD-1", T0, &error));
	g_assert_true(store_admin_code_set(f.db, "ABC-123", T0, &error));
	g_assert_cmpint(store_admin_code_claim(f.db, "OLD-1", T0, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_admin_code_claim(f.db, " abc-123 ", T0 + 1, &error), ==, STORE_OK);
	g_assert_cmpint(store_admin_code_claim(f.db, "ABC-123", T0 + 2, &error), ==, STORE_NOT_FOUND);
	g_assert_true(store_admin_code_set(f.db, "ABC-123", T0, &error));
	g_assert_cmpint(store_admin_code_claim(f.db, "ABC-123", T0 + ADMIN_CODE_MS + 1, &error), ==, STORE_WRONG_STATE);
	g_assert_true(store_admin_code_set(f.db, "ABC-123", T0, &error));
	for (int i = 1; i < ADMIN_CODE_TRIES; i++)
		g_assert_cmpint(store_admin_code_claim(f.db, "guess", T0, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_admin_code_claim(f.db, "guess", T0, &error), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_admin_code_claim(f.db, "ABC-123", T0, &error), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

static void test_audit_lists_in_order_and_expires_from_the_old_end(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(GPtrArray) rows = NULL;
	int64_t last;
	unsigned n;

	for (int i = 0; i < 5; i++) {
		const struct audit a = {
			.at_ms = T0 + i, .member_id = i, .actor = i ? NULL : "cli", .action = "item.approve", .subject = "SK14"
		};

		g_assert_true(store_audit_add(f.db, &a, &error));
	}
	rows = store_audit_list(f.db, 0, 2, &last, &error);
	g_assert_cmpuint(rows->len, ==, 2);
	g_assert_cmpstr(rows->pdata[0], ==,
			"{\"id\":1,\"at_ms\":1700000000000,\"actor\":\"cli\",\"action\":\"item.approve\",\"subject\":\"SK14\"}");
	g_assert_cmpint(last, ==, 2);
	g_assert_true(store_audit_expire(f.db, T0 + 3, 100, &n, &error));
	g_assert_cmpuint(n, ==, 3);
	FIXTURE_END(f);
}

static void test_settings_are_set_replaced_and_removed(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(GHashTable) all = NULL;
	g_autofree char *value = NULL;

	g_assert_true(store_setting_set(f.db, "telegram", "offset", "1", &error));
	g_assert_true(store_setting_set(f.db, "telegram", "offset", "2", &error));
	g_assert_true(store_setting_set(f.db, "zalo", "offset", "9", &error));
	g_assert_cmpint(store_setting_get(f.db, "telegram", "offset", &value, &error), ==, STORE_OK);
	g_assert_cmpstr(value, ==, "2");
	all = store_setting_all(f.db, "telegram", &error);
	g_assert_cmpuint(g_hash_table_size(all), ==, 1);
	g_assert_true(store_setting_set(f.db, "telegram", "offset", NULL, &error));
	g_clear_pointer(&value, g_free);
	g_assert_cmpint(store_setting_get(f.db, "telegram", "offset", &value, &error), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/role-is-read-as-typed", test_role_is_read_as_typed);
	fixture_add("/focal-point-of-one-unit-is-none-of-the-next", test_focal_point_of_one_unit_is_none_of_the_next);
	fixture_add("/registering-again-renews-and-keeps-the-role", test_registering_again_renews_and_keeps_the_role);
	fixture_add("/seen-writes-only-news", test_seen_writes_only_news);
	fixture_add("/private-chat-is-the-open-one-last-used", test_private_chat_is_the_open_one_last_used);
	fixture_add("/people-are-found-by-what-is-typed", test_people_are_found_by_what_is_typed);
	fixture_add("/roles-and-units", test_roles_and_units);
	fixture_add("/admin-code-is-for-once-and-for-a-while", test_admin_code_is_for_once_and_for_a_while);
	fixture_add("/audit-lists-in-order-and-expires-from-the-old-end", test_audit_lists_in_order_and_expires_from_the_old_end);
	fixture_add("/settings-are-set-replaced-and-removed", test_settings_are_set_replaced_and_removed);
	return g_test_run();
}
