/* SPDX-License-Identifier: MIT */
/* One person on two platforms: the code's life, who may use it, and what two registrations become (store/link.h). */
#include "fixture.h"

#include "base/macros.h"
#include "store/announcement.h"
#include "store/audit.h"
#include "store/item.h"
#include "store/link.h"

#define CODE "ABCD2345"

static int64_t count(struct db *db, const char *sql)
{
	int64_t n = -1;

	g_assert_true(db_run_int64(db_prepare(db, sql), -1, &n, NULL));
	return n;
}

static enum store_result check(struct db *db, const char *adapter, const char *user, const char *code, int64_t now_ms, struct link_code *ret)
{
	g_autoptr(GError) error = NULL;
	enum store_result r = store_link_code_check(db, adapter, user, code, now_ms, ret, &error);

	g_assert_no_error(error);
	return r;
}

/* Code and use in one; the member is the caller's. */
static struct member *join(struct db *db, int64_t giver, const char *adapter, const char *user, int64_t chat, struct link_outcome *o)
{
	g_autoptr(GError) error = NULL;
	struct link_code code;
	struct member *m = NULL;

	g_assert_true(store_link_code_set(db, giver, CODE, T0, &error));
	g_assert_cmpint(check(db, adapter, user, " abcd2345", T0 + 1, &code), ==, STORE_OK);
	g_assert_cmpint(store_link_join(db, &code, adapter, user, user, chat, T0 + 2, &m, o, &error), ==, STORE_OK);
	g_assert_no_error(error);
	return m;
}

static void test_a_code_lives_ten_minutes_and_is_used_once(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t lan = fixture_member(f.db, "t", "lan", "VB", NULL);
	g_autoptr(member_t) m = NULL, none = NULL;
	g_auto(link_outcome_t) o = { 0 }, no = { 0 };
	struct link_code code;

	g_assert_cmpint(check(f.db, "z", "1", CODE, T0, &code), ==, STORE_NOT_FOUND);
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM link_code WHERE hash LIKE '%ABCD%' OR salt LIKE '%ABCD%'"), ==, 0);
	g_assert_cmpint(check(f.db, "z", "1", CODE, T0 + LINK_CODE_MS - 1, &code), ==, STORE_OK);
	g_assert_cmpint(code.member_id, ==, lan);
	/* Confirmed too late. */
	g_assert_cmpint(store_link_join(f.db, &code, "z", "1", "L", 0, T0 + LINK_CODE_MS, &none, &no, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(check(f.db, "z", "1", CODE, T0 + LINK_CODE_MS, &code), ==, STORE_NOT_FOUND);
	/* A new code makes the old one void. */
	g_assert_true(store_link_code_set(f.db, lan, "WXYZ2345", T0, &error));
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(check(f.db, "z", "2", "WXYZ2345", T0, &code), ==, STORE_NOT_FOUND);
	m = join(f.db, lan, "z", "2", 0, &o);
	g_assert_cmpint(m->id, ==, lan);
	g_assert_cmpint(check(f.db, "z", "3", CODE, T0 + 3, &code), ==, STORE_NOT_FOUND);
	/* Seen by others, or refused by the one who was asked to type it. */
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_true(store_link_code_void(f.db, CODE, &error) && store_link_code_void(f.db, "NONE", &error));
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM link_code"), ==, 0);
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(check(f.db, "y", "1", CODE, T0, &code), ==, STORE_OK);
	g_assert_true(store_link_code_drop(f.db, &code, &error));
	g_assert_cmpint(check(f.db, "y", "1", CODE, T0, &code), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

static void test_wrong_codes_are_counted_for_an_hour(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t lan = fixture_member(f.db, "t", "lan", "VB", NULL);
	struct link_code code;

	for (int i = 0; i < LINK_TRIES; i++)
		g_assert_cmpint(check(f.db, "z", "thief", "WRONG234", T0, &code), ==, STORE_NOT_FOUND);
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(check(f.db, "z", "thief", CODE, T0 + 1, &code), ==, STORE_DENIED);
	g_assert_cmpint(check(f.db, "z", "other", CODE, T0 + 1, &code), ==, STORE_OK);
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0 + LINK_TRIES_MS, &error));
	g_assert_cmpint(check(f.db, "z", "thief", CODE, T0 + LINK_TRIES_MS, &code), ==, STORE_OK);
	/* Nothing of a stranger stays. */
	g_assert_true(store_link_expire(f.db, T0 + 3 * LINK_TRIES_MS, &error));
	g_assert_cmpint(count(f.db, "SELECT (SELECT count(*) FROM link_try) + (SELECT count(*) FROM link_code)"), ==, 0);
	FIXTURE_END(f);
}

static void test_own_code_and_second_account_are_refused(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t lan = fixture_member(f.db, "t", "lan", "VB", NULL), hoa = fixture_member(f.db, "z", "hoa", "GT", NULL);
	g_autoptr(member_t) m = NULL;
	g_auto(link_outcome_t) o = { 0 };
	struct link_code code;

	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(check(f.db, "t", "lan", CODE, T0, &code), ==, STORE_DUPLICATE);
	g_assert_cmpint(check(f.db, "t", "lan2", CODE, T0, &code), ==, STORE_WRONG_STATE);
	m = join(f.db, lan, "z", "lan", 0, &o);
	/* Hoa has an account where Lan has one by now; the way in between does not matter. */
	fixture_member(f.db, "y", "hoa", "GT", NULL);
	g_assert_true(store_member_identity(f.db, "x", "hoa", hoa, "Hoa", 0, T0, &error));
	g_assert_true(store_link_code_set(f.db, lan, CODE, T0, &error));
	g_assert_cmpint(check(f.db, "x", "hoa", CODE, T0, &code), ==, STORE_WRONG_STATE);
	g_assert_cmpint(check(f.db, "y", "hoa", CODE, T0, &code), ==, STORE_OK);
	FIXTURE_END(f);
}

static void test_who_is_not_registered_joins_as_the_member_he_is(const void *data)
{
	FIXTURE_BEGIN(f, data);
	int64_t t_chat, z_chat = fixture_chat(f.db, "z", "77", CHAT_PRIVATE);
	const int64_t lan = fixture_member(f.db, "t", "lan", "VB", &t_chat);
	g_autoptr(member_t) m = NULL, again = NULL;
	g_autoptr(chat_t) chat = NULL, back = NULL;
	g_auto(link_outcome_t) o = { 0 };

	g_assert_true(store_member_set_role(f.db, lan, ROLE_FOCAL, &error));
	m = join(f.db, lan, "z", "77", z_chat, &o);
	g_assert_false(o.is_merged);
	g_assert_cmpint(m->id, ==, lan);
	g_assert_cmpint(m->role, ==, ROLE_FOCAL);
	g_assert_cmpint(m->consent_ms, ==, T0);
	g_assert_cmpstr(m->unit, ==, "VB");
	g_assert_cmpstr(m->name, ==, "lan");
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM audit WHERE action = 'member.link' AND after = 'z' AND before IS NULL"), ==, 1);
	/* Reached where he was last. */
	g_assert_cmpint(store_member_private_chat(f.db, lan, &chat, &error), ==, STORE_OK);
	g_assert_cmpint(chat->id, ==, z_chat);
	g_assert_cmpint(store_member_seen(f.db, "t", "lan", "lan", t_chat, T0 + 2 * MINUTE_MS, &error), ==, STORE_OK);
	g_assert_cmpint(store_member_private_chat(f.db, lan, &back, &error), ==, STORE_OK);
	g_assert_cmpint(back->id, ==, t_chat);
	FIXTURE_END(f);
}

static void test_unit_follows_the_higher_role(const void *data)
{
	static const struct {
		enum role giver, joiner;
		const char *giver_unit, *joiner_unit, *unit, *other;
		enum role role;
	} t[] = {
		{ ROLE_MEMBER, ROLE_MEMBER, "VB", "GT", "VB", "GT", ROLE_MEMBER },
		{ ROLE_MEMBER, ROLE_FOCAL, "VB", "GT", "GT", "VB", ROLE_FOCAL },
		{ ROLE_ADMIN, ROLE_FOCAL, "VB", "GT", "VB", "GT", ROLE_ADMIN },
		{ ROLE_MODERATOR, ROLE_MEMBER, "VB", "VB", "VB", NULL, ROLE_MODERATOR },
		{ ROLE_MEMBER, ROLE_MEMBER, NULL, "GT", "GT", NULL, ROLE_MEMBER },
	};

	/* The code is made by the older registration, then by the newer one: only the number of the row differs. */
	for (size_t i = 0; i < 2 * ARRAY_SIZE(t); i++) {
		FIXTURE_BEGIN(f, data);
		const size_t k = i / 2;
		const bool newer_gives = i % 2;
		const int64_t first = fixture_member(f.db, "t", "lan", newer_gives ? t[k].joiner_unit : t[k].giver_unit, NULL);
		const int64_t second = fixture_member(f.db, "z", "lan", newer_gives ? t[k].giver_unit : t[k].joiner_unit, NULL);
		const int64_t giver = newer_gives ? second : first, joiner = newer_gives ? first : second;
		g_autoptr(member_t) m = NULL;
		g_auto(link_outcome_t) o = { 0 };

		g_assert_true(store_member_set_role(f.db, giver, t[k].giver, &error));
		g_assert_true(store_member_set_role(f.db, joiner, t[k].joiner, &error));
		m = join(f.db, giver, newer_gives ? "t" : "z", "lan", 0, &o);
		g_assert_true(o.is_merged);
		g_assert_cmpint(m->id, ==, first);
		g_assert_cmpint(m->role, ==, t[k].role);
		g_assert_cmpstr(m->unit, ==, t[k].unit);
		g_assert_cmpstr(o.other_unit, ==, t[k].other);
		g_assert_cmpint(count(f.db, "SELECT count(*) FROM member"), ==, 1);
		g_assert_cmpint(count(f.db, "SELECT count(*) FROM audit WHERE action = 'member.role' AND after <> before"), ==,
				t[k].giver != t[k].joiner);
		FIXTURE_END(f);
	}
}

static void test_work_receipts_and_deliveries_move(const void *data)
{
	FIXTURE_BEGIN(f, data);
	int64_t t_chat, z_chat;
	const int64_t old = fixture_member(f.db, "t", "lan", "VB", &t_chat), new = fixture_member(f.db, "z", "lan", "VB", &z_chat);
	const struct post_part part = { .len = 3 };
	g_autoptr(member_t) author = NULL, m = NULL;
	g_autoptr(item_t) i = item_new();
	g_auto(link_outcome_t) o = { 0 };
	int64_t both, one;

	g_assert_cmpint(store_member_get(f.db, new, &author, &error), ==, STORE_OK);
	i->title = g_strdup("Tên");
	i->body = g_strdup("Nội dung");
	i->status = ITEM_WAITING;
	i->author_id = new;
	g_assert_cmpint(store_item_add(f.db, i, author, T0, &error), ==, STORE_OK);
	for (int n = 0; n < 2; n++) {
		struct announcement a = { .text = (char *)"Họp", .to_all = true, .author_id = new };

		g_assert_cmpint(store_announcement_add(f.db, &a, T0, &error), ==, STORE_OK);
		g_assert_cmpint(store_receipt_add(f.db, a.id, n ? new : old, "rõ", T0 + 5, &error), ==, STORE_OK);
		if (!n)
			g_assert_cmpint(store_receipt_add(f.db, a.id, new, "ok", T0 + 9, &error), ==, STORE_OK);
	}
	both = fixture_post(f.db, "hai", CLASS_NOTICE);
	one = fixture_post(f.db, "một", CLASS_NOTICE);
	g_assert_true(store_delivery_add(f.db, both, &(struct delivery_target){ .chat_id = t_chat }, &part, 1, T0, &error));
	g_assert_true(store_delivery_add(f.db, both, &(struct delivery_target){ .chat_id = z_chat }, &part, 1, T0, &error));
	g_assert_true(store_delivery_add(f.db, one, &(struct delivery_target){ .chat_id = z_chat }, &part, 1, T0, &error));
	g_assert_true(db_run(db_prepare(f.db, "UPDATE delivery SET member_id = (SELECT i.member_id FROM identity i WHERE i.private_chat_id ="
					      " delivery.chat_id)"), &error));

	m = join(f.db, new, "t", "lan", t_chat, &o);
	g_assert_cmpint(m->id, ==, old);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM item WHERE author_id = (SELECT id FROM member)"), ==, 1);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM announcement WHERE author_id = (SELECT id FROM member)"), ==, 2);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM receipt"), ==, 2);
	g_assert_cmpint(count(f.db, "SELECT max(at_ms) FROM receipt"), ==, T0 + 5);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM identity WHERE member_id = (SELECT id FROM member)"), ==, 2);
	/* The post for both waits once, the other still does, in line. */
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM delivery WHERE state = 0 AND member_id = (SELECT id FROM member)"), ==, 2);
	g_assert_cmpint(count(f.db, "SELECT count(DISTINCT post_id) FROM delivery WHERE state = 0 AND is_head = 1"), ==, 2);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM delivery WHERE state = 5"), ==, 1);
	g_assert_cmpint(count(f.db, "SELECT count(*) FROM audit WHERE action = 'member.link' AND before = 'member 2' AND subject = 'member 1'"), ==, 1);
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/link/a code lives ten minutes and is used once", test_a_code_lives_ten_minutes_and_is_used_once);
	fixture_add("/link/wrong codes are counted for an hour", test_wrong_codes_are_counted_for_an_hour);
	fixture_add("/link/own code and second account are refused", test_own_code_and_second_account_are_refused);
	fixture_add("/link/who is not registered joins as the member he is", test_who_is_not_registered_joins_as_the_member_he_is);
	fixture_add("/link/unit follows the higher role", test_unit_follows_the_higher_role);
	fixture_add("/link/work receipts and deliveries move", test_work_receipts_and_deliveries_move);
	return g_test_run();
}
