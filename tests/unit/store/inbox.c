/* SPDX-License-Identifier: MIT */
/* The inbox: once by key, handled once, tries, setting aside, expiry. */
#include "fixture.h"

#include "base/macros.h"
#include "store/inbox.h"

static enum store_result add(struct db *db, const char *adapter, const char *bot, const char *key, int64_t now_ms, int64_t *ret_id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(update_t) u = update_new(UPDATE_MESSAGE);
	enum store_result result;

	u->adapter = g_strdup(adapter);
	u->bot_id = g_strdup(bot);
	u->key = g_strdup(key);
	u->text = g_strdup("/h");
	result = store_inbox_add(db, u, now_ms, ret_id, &error);
	g_assert_no_error(error);
	return result;
}

static void test_same_key_is_stored_once(const void *data)
{
	static const struct {
		const char *adapter, *bot, *key;
		enum store_result result;
	} t[] = {
		{ "telegram", "1", "k", STORE_OK }, { "telegram", "1", "k", STORE_DUPLICATE },
		{ "telegram", "2", "k", STORE_OK }, { "zalo", "1", "k", STORE_OK },
		{ "telegram", "1", "l", STORE_OK }, { "telegram", "1", "l", STORE_DUPLICATE },
		{ "console", NULL, "k", STORE_OK }, { "console", NULL, "k", STORE_DUPLICATE },
	};
	FIXTURE_BEGIN(f, data);
	int64_t id = 0, last = 0;

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_assert_cmpint(add(f.db, t[i].adapter, t[i].bot, t[i].key, T0, &id), ==, t[i].result);
		if (t[i].result == STORE_OK)
			g_assert_cmpint(id, >, last);
		last = id;
	}
	FIXTURE_END(f);
}

static void test_update_is_handled_once_and_its_text_goes(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autofree char *payload = NULL;
	g_autoptr(update_t) u = NULL;
	int64_t id, unhandled, aside;

	g_assert_cmpint(add(f.db, "a", "b", "k", T0, &id), ==, STORE_OK);
	g_assert_cmpint(store_inbox_payload(f.db, id, &payload, &error), ==, STORE_OK);
	u = update_parse(payload, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(u->text, ==, "/h");
	g_assert_cmpint(store_inbox_handled(f.db, id, T0, &error), ==, STORE_OK);
	g_assert_cmpint(store_inbox_handled(f.db, id, T0, &error), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_inbox_payload(f.db, id, &payload, &error), ==, STORE_NOT_FOUND);
	g_assert_cmpint(fixture_int64(f.db, "SELECT sum(length(payload)) FROM inbox"), ==, 0);
	g_assert_cmpint(add(f.db, "a", "b", "k", T0, &id), ==, STORE_DUPLICATE);
	g_assert_true(store_inbox_counts(f.db, &unhandled, &aside, &error));
	g_assert_cmpint(unhandled + aside, ==, 0);
	FIXTURE_END(f);
}

static void test_set_aside_row_is_listed_and_revived(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_autoptr(GPtrArray) rows = NULL, aside = NULL;
	int64_t ids[3], n_unhandled, n_aside;
	unsigned n;

	for (int i = 0; i < 3; i++) {
		g_autofree char *key = g_strdup_printf("%d", i);

		add(f.db, "a", "b", key, T0, &ids[i]);
	}
	for (unsigned i = 1; i <= INBOX_TRIES_MAX; i++) {
		g_assert_cmpint(store_inbox_try(f.db, ids[1], &n, &error), ==, STORE_OK);
		g_assert_cmpuint(n, ==, i);
	}
	g_assert_cmpint(store_inbox_set_aside(f.db, ids[1], "breaks", &error), ==, STORE_OK);
	g_assert_cmpint(store_inbox_try(f.db, ids[1], &n, &error), ==, STORE_WRONG_STATE);
	rows = store_inbox_unhandled(f.db, 0, 10, &error);
	g_assert_cmpuint(rows->len, ==, 2);
	g_assert_cmpint(((struct inbox_row *)rows->pdata[0])->id, ==, ids[0]);
	g_assert_cmpint(((struct inbox_row *)rows->pdata[1])->id, ==, ids[2]);
	g_clear_pointer(&rows, g_ptr_array_unref);
	rows = store_inbox_unhandled(f.db, ids[0], 10, &error);
	g_assert_cmpuint(rows->len, ==, 1);
	aside = store_inbox_aside(f.db, 10, &error);
	g_assert_cmpuint(aside->len, ==, 1);
	g_assert_cmpstr(((struct inbox_row *)aside->pdata[0])->reason, ==, "breaks");
	g_assert_nonnull(strstr(((struct inbox_row *)aside->pdata[0])->payload, "/h"));
	g_assert_true(store_inbox_revive(f.db, 0, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	g_assert_true(store_inbox_counts(f.db, &n_unhandled, &n_aside, &error));
	g_assert_cmpint(n_unhandled, ==, 3);
	g_assert_cmpint(n_aside, ==, 0);
	g_assert_cmpint(store_inbox_try(f.db, ids[1], &n, &error), ==, STORE_OK);
	g_assert_cmpuint(n, ==, 1);
	FIXTURE_END(f);
}

static void test_old_keys_go_and_ids_never_begin_again(const void *data)
{
	const int64_t later = T0 + INBOX_KEY_KEEP_MS + 1000;
	FIXTURE_BEGIN(f, data);
	int64_t ids[6], id;
	unsigned n;

	for (int i = 0; i < 6; i++) {
		g_autofree char *key = g_strdup_printf("%d", i);

		add(f.db, "a", "b", key, T0, &ids[i]);
		if (i != 2)
			store_inbox_handled(f.db, ids[i], T0, &error);
	}
	g_assert_true(store_inbox_expire(f.db, T0 + 1000, 100, &n, &error));
	g_assert_cmpuint(n, ==, 0);
	g_assert_true(store_inbox_expire(f.db, later, 2, &n, &error));
	g_assert_cmpuint(n, ==, 2);
	g_assert_true(store_inbox_expire(f.db, later, 100, &n, &error));
	g_assert_cmpuint(n, ==, 2); /* the unhandled and the newest stay */
	g_assert_cmpint(add(f.db, "a", "b", "0", later, &id), ==, STORE_OK);
	g_assert_cmpint(id, >, ids[5]);
	g_assert_true(store_inbox_expire(f.db, later, 100, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM inbox"), ==, 2);
	FIXTURE_END(f);
}

/* A machine that started with a clock far ahead must not keep everything that came afterwards until that day. */
static void test_keys_of_a_clock_that_ran_ahead_hold_nothing_up(const void *data)
{
	const int64_t later = T0 + INBOX_KEY_KEEP_MS + 1000;
	FIXTURE_BEGIN(f, data);
	int64_t id;
	unsigned n;

	for (int i = 0; i < 5; i++) {
		g_autofree char *key = g_strdup_printf("%d", i);

		add(f.db, "a", "b", key, i < 2 ? T0 + 10 * 365 * DAY_MS : T0, &id);
		g_assert_cmpint(store_inbox_handled(f.db, id, T0, &error), ==, STORE_OK);
	}
	g_assert_true(store_inbox_expire(f.db, T0 + 1000, 100, &n, &error));
	g_assert_cmpuint(n, ==, 2);
	g_assert_true(store_inbox_expire(f.db, later, 100, &n, &error));
	g_assert_cmpuint(n, ==, 2);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM inbox"), ==, 1);
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/same-key-is-stored-once", test_same_key_is_stored_once);
	fixture_add("/update-is-handled-once-and-its-text-goes", test_update_is_handled_once_and_its_text_goes);
	fixture_add("/set-aside-row-is-listed-and-revived", test_set_aside_row_is_listed_and_revived);
	fixture_add("/keys-of-a-clock-that-ran-ahead-hold-nothing-up", test_keys_of_a_clock_that_ran_ahead_hold_nothing_up);
	fixture_add("/old-keys-go-and-ids-never-begin-again", test_old_keys_go_and_ids_never_begin_again);
	return g_test_run();
}
