/* SPDX-License-Identifier: MIT */
/* The courier under a message budget: which classes stop first, groups that are free, what is given back, the turn of the period, and
 * that a process killed in the middle never counts too few. */
#include "kernel.h"

struct office {
	struct kernel k;
	struct fake f;
	unsigned n_looks;
	bool is_held;
	struct budget last;
};

static void on_idle(void *arg, struct adapter *a)
{
}

static void on_budget(void *arg, struct adapter *a, const struct budget *b, bool is_held)
{
	struct office *o = arg;

	o->n_looks++;
	o->is_held = is_held;
	o->last = *b;
}

static void open_office(struct office *o, int64_t day, bool private_only, struct script *scripts, unsigned n)
{
	const struct budget_limit limit = { .day = day, .private_only = private_only };
	struct db *db;

	memset(o, 0, sizeof(*o));
	kernel_init(&o->k);
	o->f.pace.day_budget = day;
	o->f.pace.budget_private = private_only;
	o->f.scripts = scripts;
	o->f.n_scripts = n;
	fake_start(&o->f, &o->k);
	db = kernel_begin(&o->k);
	g_assert_true(store_budget_set_limit(db, "fake", &limit, NULL));
	kernel_commit(db);
}

static void start(struct office *o)
{
	const struct courier_events ev = { .arg = o, .on_idle = on_idle, .on_budget = on_budget };

	o->k.courier = courier_new(&o->k.loop, o->k.store, o->k.config, &ev);
	courier_add(o->k.courier, o->f.adapter);
}

static void stop(struct office *o)
{
	o->k.is_closed = false;
	courier_close(g_steal_pointer(&o->k.courier), kernel_on_closed, &o->k);
	adapter_close(o->f.adapter, fake_on_closed, &o->f);
	KERNEL_WAIT(&o->k, o->k.is_closed && o->f.is_closed);
}

static void close_office(struct office *o)
{
	if (o->k.courier)
		stop(o);
	fake_release(&o->f);
	kernel_release(&o->k);
}

static void queue(struct office *o, const char *chat, const char *text, enum delivery_class class)
{
	struct db *db = kernel_begin(&o->k);

	fixture_delivery(db, fixture_chat(db, "fake", chat, *chat == 'g' ? CHAT_GROUP : CHAT_PRIVATE), text, class, clock_wall_ms());
	kernel_commit(db);
}

static int64_t n_sent(struct office *o, enum delivery_class class)
{
	g_autoptr(db_t) db = kernel_db(&o->k);
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM delivery WHERE state = 2 AND class = $1");
	int64_t n;

	db_bind_int64(st, 1, class);
	g_assert_true(db_run_int64(st, 0, &n, NULL));
	return n;
}

static void settle(struct office *o)
{
	courier_kick(o->k.courier);
	kernel_settle(&o->k);
	KERNEL_WAIT(&o->k, !courier_in_flight(o->k.courier) && courier_is_idle(o->k.courier, o->f.adapter));
}

static int64_t used(struct office *o)
{
	return kernel_int64(&o->k, "SELECT coalesce(max(used), 0) FROM budget WHERE length(period) = 10");
}

static void test_digests_stop_first_then_notices_then_answers(void)
{
	struct office o;

	open_office(&o, 20, false, NULL, 0);
	for (unsigned i = 0; i < 30; i++) {
		g_autofree char *chat = g_strdup_printf("p%u", i);

		queue(&o, chat, "digest", CLASS_DIGEST);
	}
	start(&o);
	settle(&o);
	g_assert_cmpint(n_sent(&o, CLASS_DIGEST), ==, 14); /* 30 of 100 are kept from them */
	g_assert_false(o.is_held);
	for (unsigned i = 0; i < 30; i++) {
		g_autofree char *chat = g_strdup_printf("p%u", i);

		queue(&o, chat, "notice", CLASS_NOTICE);
	}
	settle(&o);
	g_assert_cmpint(n_sent(&o, CLASS_NOTICE), ==, 4); /* 18 of 20 */
	g_assert_true(o.is_held);
	for (unsigned i = 0; i < 5; i++) {
		g_autofree char *chat = g_strdup_printf("p%u", i);

		queue(&o, chat, "answer", CLASS_DIRECT);
	}
	settle(&o);
	g_assert_cmpint(n_sent(&o, CLASS_DIRECT), ==, 2);
	g_assert_cmpint(used(&o), ==, 20);
	/* Nothing is dropped: all wait. */
	g_assert_cmpint(kernel_int64(&o.k, "SELECT count(*) FROM delivery WHERE state = 0"), ==, 65 - 20);
	close_office(&o);
}

static void test_the_next_day_they_go(void)
{
	struct office o;
	int64_t turn;

	open_office(&o, 10, false, NULL, 0);
	for (unsigned i = 0; i < 12; i++) {
		g_autofree char *chat = g_strdup_printf("p%u", i);

		queue(&o, chat, "notice", CLASS_NOTICE);
	}
	start(&o);
	settle(&o);
	g_assert_cmpint(n_sent(&o, CLASS_NOTICE), ==, 9);
	turn = clock_next_day_ms(clock_wall_ms()) - clock_wall_ms();
	clock_test_shift(turn, turn);
	kernel_hurry(&o.k); /* its own timer, set for the turn */
	KERNEL_WAIT(&o.k, n_sent(&o, CLASS_NOTICE) == 12);
	close_office(&o);
}

static void test_groups_are_free_where_only_private_chats_count(void)
{
	struct office o;

	open_office(&o, 1, true, NULL, 0);
	queue(&o, "a", "answer", CLASS_DIRECT);
	queue(&o, "b", "answer", CLASS_DIRECT);
	for (unsigned i = 0; i < 5; i++) {
		g_autofree char *chat = g_strdup_printf("g%u", i);

		queue(&o, chat, "notice", CLASS_NOTICE);
	}
	start(&o);
	settle(&o);
	g_assert_cmpint(n_sent(&o, CLASS_NOTICE), ==, 5);
	g_assert_cmpint(n_sent(&o, CLASS_DIRECT), ==, 1);
	g_assert_cmpint(used(&o), ==, 1);
	close_office(&o);
}

static void test_what_is_certainly_not_accepted_is_given_back(void)
{
	static const struct {
		enum send_status status;
		int64_t used;
	} t[] = { { SEND_OK, 1 }, { SEND_LATER, 0 }, { SEND_UNCERTAIN, 1 }, { SEND_REFUSED, 0 }, { SEND_NO_TARGET, 0 }, { SEND_BROKEN, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct script script = { .text = "x", .n = 1, .results = { { .status = t[i].status, .retry_ms = -1, .reason = "because" } } };
		struct office o;

		open_office(&o, 10, false, &script, 1);
		queue(&o, "a", "x", CLASS_DIRECT);
		start(&o);
		KERNEL_WAIT(&o.k, script.n_sent == 1 && courier_is_idle(o.k.courier, o.f.adapter));
		g_assert_cmpint(used(&o), ==, t[i].used);
		close_office(&o);
	}
}

static void test_killed_in_the_middle_is_counted(void)
{
	struct script script = { .text = "x", .hold = true };
	struct office o;

	open_office(&o, 10, false, &script, 1);
	queue(&o, "a", "x", CLASS_DIRECT);
	queue(&o, "b", "x", CLASS_DIRECT);
	start(&o);
	KERNEL_WAIT(&o.k, script.n_sent == 2);
	/* What a kill would leave: both in flight, both counted before they were sent. */
	g_assert_cmpint(kernel_int64(&o.k, "SELECT count(*) FROM delivery WHERE state = 1"), ==, 2);
	g_assert_cmpint(used(&o), ==, 2);
	close_office(&o);
}

static void test_unsent_claims_of_a_shutdown_are_given_back(void)
{
	struct script script = { .text = "x", .hold = true };
	struct office o;

	open_office(&o, 10, false, &script, 1);
	o.f.adapter->pace.concurrent = 1; /* the second is claimed and waits */
	queue(&o, "a", "x", CLASS_DIRECT);
	queue(&o, "b", "x", CLASS_DIRECT);
	start(&o);
	KERNEL_WAIT(&o.k, script.n_sent == 1 && used(&o) == 2);
	stop(&o);
	g_assert_cmpuint(script.n_sent, ==, 1);
	g_assert_cmpint(used(&o), ==, 1);
	close_office(&o);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/courier-budget/digests-then-notices-then-answers", test_digests_stop_first_then_notices_then_answers);
	g_test_add_func("/courier-budget/the-next-day-they-go", test_the_next_day_they_go);
	g_test_add_func("/courier-budget/groups-are-free", test_groups_are_free_where_only_private_chats_count);
	g_test_add_func("/courier-budget/given-back", test_what_is_certainly_not_accepted_is_given_back);
	g_test_add_func("/courier-budget/killed-in-the-middle", test_killed_in_the_middle_is_counted);
	g_test_add_func("/courier-budget/unsent-claims-of-a-shutdown", test_unsent_claims_of_a_shutdown_are_given_back);
	return g_test_run();
}
