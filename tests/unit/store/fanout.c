/* SPDX-License-Identifier: MIT */
/* Fan-out: everybody of the audience once, in chunks, going on after a crash; who is left out and why. */
#include "fixture.h"

#include "base/macros.h"

struct parts {
	unsigned n_asked;
	struct post_part parts[2];
};

/* Adapter "t" takes the post whole, "u" in two parts, "off" not at all. */
static void parts_of(void *arg, const char *adapter, const struct post *p, const struct post_part **ret_parts, size_t *ret_n)
{
	struct parts *mine = arg;
	const size_t half = strlen(p->text) / 2;

	mine->n_asked++;
	mine->parts[0] = (struct post_part){ 0, strcmp(adapter, "u") == 0 ? half : strlen(p->text), false };
	mine->parts[1] = (struct post_part){ half, strlen(p->text) - half, false };
	*ret_parts = mine->parts;
	*ret_n = strcmp(adapter, "off") == 0 ? 0 : strcmp(adapter, "u") == 0 ? 2 : 1;
}

/* Steps until nothing is made; returns the number of rows. */
static unsigned run(struct db *db, const struct fanout *f, unsigned limit, struct parts *parts)
{
	g_autoptr(GError) error = NULL;
	unsigned made, sum = 0;

	do {
		g_assert_true(store_fanout_step(db, f, parts_of, parts, limit, T0, &made, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(made, <=, MAX(limit, 2));
		sum += made;
	} while (made);
	return sum;
}

static void test_each_member_once_on_the_identity_last_used(const void *data)
{
	FIXTURE_BEGIN(f, data);
	struct fanout fo = { .all_members = true };
	struct parts parts = { 0 };
	g_autoptr(chat_t) chat = NULL;
	int64_t chat_on_t = 0, chat_on_u, member, closed, left;
	struct db_stmt *st;

	/* One member on two platforms: the later used is on "off", which takes nothing, then "u". */
	member = fixture_member(f.db, "t", "lan", "A", &chat_on_t);
	chat_on_u = fixture_chat(f.db, "u", "lan-u", CHAT_PRIVATE);
	st = db_prepare(
		f.db,
		"INSERT INTO identity (adapter, user_id, member_id, private_chat_id, used_ms) VALUES ('u', 'lan-u', $1, $2, $3),"
		" ('off', 'lan-o', $1, $4, $3 + 1)");
	db_bind_int64(st, 1, member);
	db_bind_int64(st, 2, chat_on_u);
	db_bind_int64(st, 3, T0 + 1000);
	db_bind_int64(st, 4, fixture_chat(f.db, "off", "lan-o", CHAT_PRIVATE));
	g_assert_true(db_run(st, &error));
	/* One whose chat is closed, one who has left. */
	fixture_member(f.db, "t", "closed", "A", &closed);
	g_assert_true(store_chat_park(f.db, closed, "blocked", &error));
	left = fixture_member(f.db, "t", "left", "A", NULL);
	st = db_prepare(f.db, "UPDATE member SET left_ms = 1 WHERE id = $1");
	db_bind_int64(st, 1, left);
	g_assert_true(db_run(st, &error));
	/* One who is no member any more (K): the announcement's report does not count them either. */
	g_assert_true(store_member_set_role(f.db, fixture_member(f.db, "t", "guest", "A", NULL), ROLE_NONE, &error));
	fo.post_id = fixture_post(f.db, "0123456789", CLASS_NOTICE);
	g_assert_true(store_fanout_add(f.db, &fo, &error));
	g_assert_cmpuint(run(f.db, &fo, 100, &parts), ==, 2);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(DISTINCT chat_id) FROM delivery"), ==, 1);
	g_assert_cmpint(fixture_int64(f.db, "SELECT min(chat_id) FROM delivery"), ==, chat_on_u);
	g_assert_cmpint(fixture_int64(f.db, "SELECT min(member_id) FROM delivery"), ==, member);
	g_assert_cmpint(fixture_int64(f.db, "SELECT sum(start * 100 + len) FROM delivery"), ==, 5 + 505);
	FIXTURE_END(f);
}

static void test_chunks_go_on_after_a_crash(const void *data)
{
	FIXTURE_BEGIN(f, data);
	struct fanout fo = { .all_members = true, .core_groups = true };
	struct parts parts = { 0 };
	g_autoptr(GPtrArray) open = NULL, none = NULL;
	const unsigned n = 57;
	unsigned made, again;

	for (unsigned i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("m%u", i);

		fixture_member(f.db, i % 2 ? "t" : "u", name, "A", NULL);
	}
	fo.post_id = fixture_post(f.db, "hello", CLASS_NOTICE);
	g_assert_true(store_fanout_add(f.db, &fo, &error));
	for (int i = 0; i < 3; i++) {
		g_assert_true(store_fanout_step(f.db, &fo, parts_of, &parts, 10, T0, &made, &error));
		g_assert_cmpuint(made, >, 0);
		g_assert_cmpuint(made, <=, 10);
	}
	/* Another process would find it open and know where it stands from the rows alone. */
	open = store_fanout_open(f.db, &error);
	g_assert_cmpuint(open->len, ==, 1);
	g_assert_true(((struct fanout *)open->pdata[0])->all_members);
	run(f.db, open->pdata[0], 10, &parts);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(DISTINCT member_id) FROM delivery"), ==, n);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM delivery"), ==, 28 + 2 * 29);
	g_assert_cmpuint(parts.n_asked, ==, 2);
	none = store_fanout_open(f.db, &error);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_true(store_fanout_step(f.db, &fo, parts_of, &parts, 10, T0, &again, &error));
	g_assert_cmpuint(again, ==, 0);
	FIXTURE_END(f);
}

static void test_units_groups_and_core_groups(const void *data)
{
	static const struct {
		const char *name;
		bool core, all;
		const char *units[3];
		unsigned rows;
	} t[] = {
		{ "core groups alone", true, false, { NULL }, 1 },
		{ "one unit: its group and its members", false, false, { "A", NULL }, 3 },
		{ "two units and the core group, repeated", true, false, { "A", "B", NULL }, 5 },
		{ "everybody", false, true, { NULL }, 4 },
		{ "everybody and the core group", true, true, { NULL }, 5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		FIXTURE_BEGIN(f, data);
		struct parts parts = { 0 };
		struct fanout fo = { .core_groups = t[i].core,
				     .all_members = t[i].all,
				     .units = t[i].units[0] ? (char **)(void *)t[i].units : NULL };
		const int64_t core = fixture_chat(f.db, "t", "core", CHAT_GROUP),
			      parked = fixture_chat(f.db, "t", "parked", CHAT_GROUP);
		const int64_t own = fixture_chat(f.db, "t", "own", CHAT_GROUP), skip = fixture_chat(f.db, "t", "skip", CHAT_GROUP);

		g_test_message("%s", t[i].name);
		store_chat_set_core(f.db, core, true, &error);
		store_chat_set_core(f.db, parked, true, &error);
		store_chat_set_core(f.db, skip, true, &error);
		store_chat_park(f.db, parked, "gone", &error);
		store_chat_set_unit(f.db, own, "A", &error);
		fixture_member(f.db, "t", "a1", "A", NULL);
		fixture_member(f.db, "t", "a2", "A", NULL);
		fixture_member(f.db, "t", "b1", "B", NULL);
		fixture_member(f.db, "t", "c1", "C", NULL);
		fo.skip_chat_id = skip;
		fo.post_id = fixture_post(f.db, "hello", CLASS_NOTICE);
		g_assert_true(store_fanout_add(f.db, &fo, &error));
		g_assert_cmpuint(run(f.db, &fo, 2, &parts), ==, t[i].rows);
		FIXTURE_END(f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/each-member-once-on-the-identity-last-used", test_each_member_once_on_the_identity_last_used);
	fixture_add("/chunks-go-on-after-a-crash", test_chunks_go_on_after_a_crash);
	fixture_add("/units-groups-and-core-groups", test_units_groups_and_core_groups);
	return g_test_run();
}
