/* SPDX-License-Identifier: MIT */
/* Broadcasts: all rows in steps, on after disk trouble, and one that cannot be made holds up no other. */
#include "kernel.h"

#include "bot/broadcast.h"
#include "tests/unit/store/disk.h"

struct tower {
	struct kernel k;
	struct broadcast *b;
	unsigned n_rows, n_idle;
};

static void on_rows(void *arg)
{
	((struct tower *)arg)->n_rows++;
}

static void on_idle(void *arg)
{
	((struct tower *)arg)->n_idle++;
}

static void open_tower(struct tower *t, unsigned members)
{
	struct db *db;

	memset(t, 0, sizeof(*t));
	kernel_init(&t->k);
	db = kernel_begin(&t->k);
	for (unsigned i = 0; i < members; i++) {
		g_autofree char *who = g_strdup_printf("p%u", i);

		fixture_member(db, "console", who, "VUBAN", NULL);
	}
	kernel_commit(db);
	t->b = broadcast_new(t->k.store, on_rows, on_idle, t);
}

static void close_tower(struct tower *t)
{
	broadcast_stop(t->b);
	KERNEL_WAIT(&t->k, broadcast_is_idle(t->b));
	kernel_release(&t->k);
	broadcast_free(t->b);
}

static int64_t announce(struct tower *t, const char *text)
{
	struct db *db = kernel_begin(&t->k);
	struct fanout f = { .post_id = fixture_post(db, text, CLASS_NOTICE), .all_members = true };

	g_assert_true(store_fanout_add(db, &f, NULL));
	kernel_commit(db);
	return f.post_id;
}

static void test_all_rows_are_made_in_steps(void)
{
	struct tower t;

	open_tower(&t, 2 * BROADCAST_STEP + 10);
	announce(&t, "Đề nghị gửi số liệu");
	broadcast_kick(t.b);
	broadcast_kick(t.b);
	KERNEL_WAIT(&t.k, t.n_idle);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery"), ==, 2 * BROADCAST_STEP + 10);
	g_assert_cmpuint(t.n_rows, ==, 3);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM fanout"), ==, 0);
	close_tower(&t);
}

static void test_goes_on_after_disk_trouble(void)
{
	struct tower t;

	open_tower(&t, 20);
	announce(&t, "Đề nghị gửi số liệu");
	disk_fail(SQLITE_FULL, 0);
	broadcast_kick(t.b);
	KERNEL_WAIT(&t.k, t.n_idle == 1);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&t.k, t.k.n_well == 1);
	broadcast_kick(t.b); /* as the daemon does when it hears of it */
	KERNEL_WAIT(&t.k, t.n_idle == 2);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery"), ==, 20);
	close_tower(&t);
}

static void test_one_that_breaks_holds_up_no_other(void)
{
	struct tower t;

	open_tower(&t, 3);
	g_assert_cmpint(announce(&t, "hỏng"), ==, 1);
	announce(&t, "lành");
	kernel_exec(&t.k, "CREATE TRIGGER breaks BEFORE INSERT ON delivery WHEN NEW.post_id = 1 BEGIN SELECT RAISE(ABORT, 'told to'); END");
	broadcast_kick(t.b);
	KERNEL_WAIT(&t.k, t.n_idle == 1);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery WHERE post_id = 2"), ==, 3);
	kernel_exec(&t.k, "DROP TRIGGER breaks");
	broadcast_kick(t.b);
	KERNEL_WAIT(&t.k, t.n_idle == 2);
	g_assert_cmpint(kernel_int64(&t.k, "SELECT count(*) FROM delivery WHERE post_id = 1"), ==, 3);
	close_tower(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/broadcast/all-rows-are-made-in-steps", test_all_rows_are_made_in_steps);
	g_test_add_func("/broadcast/goes-on-after-disk-trouble", test_goes_on_after_disk_trouble);
	g_test_add_func("/broadcast/one-that-breaks-holds-up-no-other", test_one_that_breaks_holds_up_no_other);
	return g_test_run();
}
