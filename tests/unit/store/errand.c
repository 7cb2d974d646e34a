/* SPDX-License-Identifier: MIT */
/* Leases: one holder, renewal, the end by time and by hand, a clock that was set back, two connections at once. */
#include "fixture.h"

#include "store/errand.h"

#define LEASE 60000

static enum store_result take(struct db *db, const char *holder, int64_t now)
{
	return store_errand_take(db, "t", "refresh", holder, LEASE, now, NULL);
}

static void test_one_holder(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_assert_cmpint(take(f.db, "a", T0), ==, STORE_OK);
	g_assert_cmpint(take(f.db, "b", T0 + 1), ==, STORE_DENIED);
	g_assert_cmpint(store_errand_take(f.db, "t", "list", "b", LEASE, T0, NULL), ==, STORE_OK); /* another errand */
	g_assert_cmpint(store_errand_take(f.db, "u", "refresh", "b", LEASE, T0, NULL), ==, STORE_OK); /* another adapter */
	g_assert_cmpint(take(f.db, "a", T0 + LEASE - 1), ==, STORE_OK); /* renewed */
	g_assert_cmpint(take(f.db, "b", T0 + 2 * LEASE - 2), ==, STORE_DENIED);
	g_assert_cmpint(take(f.db, "b", T0 + 2 * LEASE - 1), ==, STORE_OK); /* ran out */
	g_assert_cmpint(take(f.db, "a", T0 + 2 * LEASE), ==, STORE_DENIED);
	FIXTURE_END(f);
}

static void test_release(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_assert_cmpint(take(f.db, "a", T0), ==, STORE_OK);
	g_assert_true(store_errand_release(f.db, "t", "refresh", "b", &error)); /* not its own */
	g_assert_cmpint(take(f.db, "b", T0 + 1), ==, STORE_DENIED);
	g_assert_true(store_errand_release(f.db, "t", "refresh", "a", &error));
	g_assert_cmpint(take(f.db, "b", T0 + 1), ==, STORE_OK);
	FIXTURE_END(f);
}

static void test_clock_set_back_frees_it(const void *data)
{
	FIXTURE_BEGIN(f, data);
	g_assert_cmpint(take(f.db, "a", T0 + 10 * LEASE), ==, STORE_OK);
	g_assert_cmpint(take(f.db, "b", T0), ==, STORE_OK);
	FIXTURE_END(f);
}

struct racer {
	const char *path;
	char name[8];
	GThread *thread;
	enum store_result result;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(r->path, DB_WRITE, &error);

	g_assert_true(db_begin(db, &error));
	r->result = take(db, r->name, T0);
	g_assert_true(db_commit(db, &error));
	g_assert_no_error(error);
	return NULL;
}

static void test_of_many_at_once_one_wins(void)
{
	struct racer racers[8];
	struct fixture f;
	unsigned n_won = 0;

	fixture_init(&f, false);
	for (unsigned i = 0; i < G_N_ELEMENTS(racers); i++) {
		racers[i].path = f.path;
		g_snprintf(racers[i].name, sizeof(racers[i].name), "r%u", i);
		racers[i].thread = g_thread_new("racer", race, &racers[i]);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(racers); i++) {
		g_thread_join(racers[i].thread);
		n_won += racers[i].result == STORE_OK;
		g_assert_cmpint(racers[i].result, !=, STORE_BROKEN);
	}
	g_assert_cmpuint(n_won, ==, 1);
	fixture_release(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/errand/one-holder", test_one_holder);
	fixture_add("/errand/release", test_release);
	fixture_add("/errand/clock-set-back-frees-it", test_clock_set_back_frees_it);
	g_test_add_func("/errand/of-many-at-once-one-wins", test_of_many_at_once_one_wins);
	return g_test_run();
}
