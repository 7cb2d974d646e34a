/* SPDX-License-Identifier: MIT */
/* Chats: seen, parked, moved to a new id with everything that hangs on them. Dialogues, which hang on a chat, are tested here as
 * well. */
#include "fixture.h"

#include "base/macros.h"
#include "store/pending.h"

static void test_chat_is_one_row_and_keeps_its_title(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(chat_t) a = NULL, b = NULL, c = NULL;
	int64_t writes;

	g_assert_cmpint(store_chat_seen(f.db, "t", "1", CHAT_GROUP, "Nòng cốt", T0, &a, &error), ==, STORE_OK);
	writes = db_total_changes(f.db);
	g_assert_cmpint(store_chat_seen(f.db, "t", "1", CHAT_GROUP, NULL, T0, &b, &error), ==, STORE_OK);
	g_assert_cmpint(db_total_changes(f.db), ==, writes);
	g_assert_cmpint(b->id, ==, a->id);
	g_assert_cmpstr(b->title, ==, "Nòng cốt");
	g_assert_true(store_chat_park(f.db, a->id, "removed", &error));
	g_assert_cmpint(store_chat_seen(f.db, "t", "1", CHAT_GROUP, "Mới", T0, &c, &error), ==, STORE_OK);
	g_assert_false(c->is_parked);
	g_assert_cmpstr(c->title, ==, "Mới");
	FIXTURE_END(f);
}

static void test_core_groups_that_can_be_written_to(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t a = fixture_chat(f.db, "t", "a", CHAT_GROUP), b = fixture_chat(f.db, "u", "b", CHAT_GROUP);
	g_autoptr(GPtrArray) core = NULL;

	fixture_chat(f.db, "t", "c", CHAT_GROUP);
	g_assert_true(store_chat_set_core(f.db, a, true, &error));
	g_assert_true(store_chat_set_core(f.db, b, true, &error));
	g_assert_true(store_chat_park(f.db, b, "gone", &error));
	core = store_chat_core(f.db, &error);
	g_assert_cmpuint(core->len, ==, 1);
	g_assert_cmpint(((struct chat *)core->pdata[0])->id, ==, a);
	FIXTURE_END(f);
}

static void pending_set(struct db *db, int64_t chat, const char *step)
{
	g_autoptr(GError) error = NULL;
	const struct pending p = { .command = (char *)"chiase", .step = (char *)step, .asked_ms = T0, .expires_ms = T0 + HOUR_MS };

	g_assert_true(store_pending_set(db, "t", "u", chat, &p, &error));
	g_assert_no_error(error);
}

/* All that a chat has: flag, unit, a queued delivery that replies, a dialogue, a member in it. */
static int64_t furnish(struct db *db, const char *remote_id)
{
	g_autoptr(GError) error = NULL;
	const int64_t id = fixture_chat(db, "t", remote_id, CHAT_GROUP);
	const struct delivery_target to = { .chat_id = id, .reply_to_id = "5" };
	const struct post_part part = { .len = 1 };

	g_assert_true(store_delivery_add(db, fixture_post(db, remote_id, CLASS_NOTICE), &to, &part, 1, T0, &error));
	pending_set(db, id, remote_id);
	g_assert_true(store_group_member(db, id, "u", true, T0, &error));
	g_assert_true(store_group_member(db, id, remote_id, true, T0, &error));
	g_assert_no_error(error);
	return id;
}

static void test_moved_chat_takes_everything_with_it(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t id = furnish(f.db, "old");
	g_autoptr(chat_t) moved = NULL;
	g_autoptr(GPtrArray) due = NULL;

	g_assert_true(store_chat_set_core(f.db, id, true, &error));
	g_assert_true(store_chat_park(f.db, id, "400", &error));
	g_assert_cmpint(store_chat_move(f.db, "t", "old", "new", &error), ==, STORE_OK);
	g_assert_cmpint(store_chat_find(f.db, "t", "new", &moved, &error), ==, STORE_OK);
	g_assert_cmpint(moved->id, ==, id);
	g_assert_true(moved->is_core);
	g_assert_false(moved->is_parked);
	due = store_delivery_due(f.db, "t", 7, 0, T0, NULL, 10, &error);
	g_assert_cmpuint(due->len, ==, 1);
	g_assert_cmpstr(((struct delivery *)due->pdata[0])->chat_id, ==, "new");
	g_assert_null(((struct delivery *)due->pdata[0])->reply_to_id);
	/* Said again it does nothing. */
	g_assert_cmpint(store_chat_move(f.db, "t", "old", "new", &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_chat_move(f.db, "t", "new", "new", &error), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

static void test_two_rows_become_one(const void *data)
{
	for (int is_new_first = 0; is_new_first < 2; is_new_first++) {
		FIXTURE_BEGIN(f, data);
		const int64_t first = furnish(f.db, is_new_first ? "new" : "old"),
			      second = furnish(f.db, is_new_first ? "old" : "new");
		const int64_t to_both = fixture_post(f.db, "both", CLASS_NOTICE);
		const struct post_part part = { .len = 4 };
		struct delivery_target to = { .chat_id = first };
		g_autoptr(GPtrArray) due = NULL, core = NULL;
		struct db_stmt *st;
		int64_t n;

		g_assert_true(store_delivery_add(f.db, to_both, &to, &part, 1, T0, &error));
		to.chat_id = second;
		g_assert_true(store_delivery_add(f.db, to_both, &to, &part, 1, T0, &error));
		st = db_prepare(f.db, "UPDATE delivery SET state = 2 WHERE post_id = $1 AND chat_id = $2");
		db_bind_int64(st, 1, to_both);
		db_bind_int64(st, 2, second);
		g_assert_true(db_run(st, &error));
		g_assert_true(store_chat_set_core(f.db, second, true, &error));

		g_assert_cmpint(store_chat_move(f.db, "t", "old", "new", &error), ==, STORE_OK);
		core = store_chat_core(f.db, &error);
		g_assert_cmpuint(core->len, ==, 1);
		g_assert_cmpint(((struct chat *)core->pdata[0])->id, ==, first);
		g_assert_cmpstr(((struct chat *)core->pdata[0])->remote_id, ==, "new");
		g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM chat"), ==, 1);
		g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM group_member"), ==, 3);
		g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM pending"), ==, 1);
		/* What the group has had is not sent to it again; the lines became one line. */
		g_assert_cmpint(fixture_int64(f.db, "SELECT state FROM delivery WHERE post_id = 3"), ==, DELIVERY_SENT);
		g_assert_true(store_delivery_count_open(f.db, NULL, 7, &n, &error));
		g_assert_cmpint(n, ==, 2);
		due = store_delivery_due(f.db, "t", 7, 0, T0, NULL, 10, &error);
		g_assert_cmpuint(due->len, ==, 1);
		FIXTURE_END(f);
	}
}

static void test_one_dialogue_per_person_and_chat(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t a = fixture_chat(f.db, "t", "a", CHAT_PRIVATE), b = fixture_chat(f.db, "t", "b", CHAT_GROUP);
	g_autoptr(pending_t) p = NULL, none = NULL;
	unsigned n;

	pending_set(f.db, a, "one");
	pending_set(f.db, a, "two");
	pending_set(f.db, b, "other");
	g_assert_cmpint(store_pending_get(f.db, "t", "u", a, T0, &p, &error), ==, STORE_OK);
	g_assert_cmpstr(p->command, ==, "chiase");
	g_assert_cmpstr(p->step, ==, "two");
	g_assert_null(p->data);
	g_assert_cmpint(store_pending_get(f.db, "t", "v", a, T0, &none, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_pending_get(f.db, "t", "u", a, T0 + HOUR_MS, &none, &error), ==, STORE_NOT_FOUND);
	g_assert_true(store_pending_clear(f.db, "t", "u", a, &error));
	g_assert_cmpint(store_pending_get(f.db, "t", "u", a, T0, &none, &error), ==, STORE_NOT_FOUND);
	g_assert_true(store_pending_expire(f.db, T0, 10, &n, &error));
	g_assert_cmpuint(n, ==, 0);
	g_assert_true(store_pending_expire(f.db, T0 + HOUR_MS, 10, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/chat-is-one-row-and-keeps-its-title", test_chat_is_one_row_and_keeps_its_title);
	fixture_add("/core-groups-that-can-be-written-to", test_core_groups_that_can_be_written_to);
	fixture_add("/moved-chat-takes-everything-with-it", test_moved_chat_takes_everything_with_it);
	fixture_add("/two-rows-become-one", test_two_rows_become_one);
	fixture_add("/one-dialogue-per-person-and-chat", test_one_dialogue_per_person_and_chat);
	return g_test_run();
}
