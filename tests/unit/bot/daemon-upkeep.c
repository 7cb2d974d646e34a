/* SPDX-License-Identifier: MIT */
/* What the daemon does for an adapter's upkeep, without the rest of the daemon: leases over two daemons, settings changed beside it,
 * alarms to people elsewhere, budget words once. */
#include "kernel.h"

#include "bot/daemon_private.h"

struct upkeep {
	struct kernel k;
	struct daemon d;
	struct fake f;
	int64_t admin;
	unsigned n_done, n_granted;
	char *seen; /* setting "token" as of the last grant */
};

static struct registry *get_registry(void *arg)
{
	return ((struct upkeep *)arg)->k.registry;
}

static struct config *get_config(void *arg)
{
	return ((struct upkeep *)arg)->k.config;
}

static void on_rows(void *arg)
{
}

static void part_init(struct upkeep *u, struct daemon *d)
{
	d->store = u->k.store;
	d->config = u->k.config;
	d->adapters = g_ptr_array_new();
	daemon_lease_holder_make(d);
}

static void open_upkeep(struct upkeep *u)
{
	const struct scheduler_events se = { .arg = u, .registry = get_registry, .config = get_config, .on_rows = on_rows };
	struct db *db;

	memset(u, 0, sizeof(*u));
	kernel_init(&u->k);
	db = kernel_begin(&u->k);
	u->admin = fixture_member(db, "console", "ha", "STTTT", NULL);
	g_assert_true(store_member_set_role(db, u->admin, ROLE_ADMIN, NULL));
	kernel_commit(db);
	part_init(u, &u->d);
	u->d.scheduler = scheduler_new(&u->k.loop, u->k.store, &se);
	fake_start(&u->f, &u->k);
	u->f.adapter->env.saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_ptr_array_add(u->d.adapters, u->f.adapter);
}

static void close_upkeep(struct upkeep *u)
{
	u->k.is_closed = false;
	scheduler_close(u->d.scheduler, kernel_on_closed, &u->k);
	KERNEL_WAIT(&u->k, u->k.is_closed);
	g_hash_table_unref(u->f.adapter->env.saved);
	adapter_close(u->f.adapter, fake_on_closed, &u->f);
	KERNEL_WAIT(&u->k, u->f.is_closed);
	daemon_upkeep_release(&u->d);
	g_ptr_array_unref(u->d.adapters);
	fake_release(&u->f);
	g_free(u->seen);
	kernel_release(&u->k);
}

static void on_leased(void *arg, bool granted, GHashTable *saved)
{
	struct upkeep *u = arg;

	u->n_done++;
	u->n_granted += granted;
	g_assert_true(granted == (saved != NULL));
	if (!granted)
		return;
	g_free(u->seen);
	u->seen = g_strdup(g_hash_table_lookup(saved, "token"));
}

static void test_of_two_daemons_one_gets_the_lease(void)
{
	struct upkeep u;
	struct daemon other = { 0 };

	open_upkeep(&u);
	part_init(&u, &other);
	daemon_save(&u.d, "fake", "token", "one");
	daemon_on_lease(&u.d, u.f.adapter, "refresh", on_leased, &u);
	daemon_on_lease(&other, u.f.adapter, "refresh", on_leased, &u);
	KERNEL_WAIT(&u.k, u.n_done == 2);
	g_assert_cmpuint(u.n_granted, ==, 1);
	g_assert_cmpstr(u.seen, ==, "one");
	daemon_save(&u.d, "fake", "token", "two");
	daemon_on_release(&u.d, u.f.adapter, "refresh");
	daemon_on_lease(&other, u.f.adapter, "refresh", on_leased, &u);
	KERNEL_WAIT(&u.k, u.n_done == 3);
	g_assert_cmpuint(u.n_granted, ==, 2);
	g_assert_cmpstr(u.seen, ==, "two"); /* what the first saved before it let go */
	g_ptr_array_unref(other.adapters);
	close_upkeep(&u);
}

static int64_t n_posts(struct upkeep *u, const char *like)
{
	g_autoptr(db_t) db = kernel_db(&u->k);
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM delivery d JOIN post p ON p.id = d.post_id WHERE p.text LIKE $1");
	int64_t n;

	db_bind_text(st, 1, like);
	g_assert_true(db_run_int64(st, 0, &n, NULL));
	return n;
}

static char *alarm_setting(struct upkeep *u)
{
	return kernel_text(&u->k, "SELECT value FROM setting WHERE scope = 'alarm' AND key = 'fake'");
}

static void test_alarm_is_kept_and_told_once_on_another_adapter(void)
{
	struct upkeep u;
	g_autofree char *kept = NULL, *after = NULL;

	open_upkeep(&u);
	daemon_on_alarm(&u.d, u.f.adapter, "khóa bị từ chối");
	daemon_on_alarm(&u.d, u.f.adapter, "khóa bị từ chối");
	kernel_settle(&u.k);
	kept = alarm_setting(&u);
	g_assert_true(g_str_has_suffix(kept, " khóa bị từ chối"));
	g_assert_cmpint(g_ascii_strtoll(kept, NULL, 10), >, T0);
	g_assert_cmpint(n_posts(&u, "%khóa bị từ chối%"), ==, 1);
	daemon_on_alarm(&u.d, u.f.adapter, NULL);
	kernel_settle(&u.k);
	after = alarm_setting(&u);
	g_assert_null(after);
	g_assert_cmpint(n_posts(&u, "%hoạt động trở lại%"), ==, 1);
	/* It comes and goes: no stream of messages. */
	daemon_on_alarm(&u.d, u.f.adapter, "khóa bị từ chối");
	daemon_on_alarm(&u.d, u.f.adapter, NULL);
	kernel_settle(&u.k);
	g_assert_cmpint(n_posts(&u, "%"), ==, 2);
	close_upkeep(&u);
}

static void test_who_is_only_on_the_deaf_adapter_hears_nothing_there(void)
{
	struct upkeep u;
	struct db *db;
	int64_t chat, quan;

	open_upkeep(&u);
	db = kernel_begin(&u.k);
	quan = fixture_member(db, "fake", "quan", "STTTT", &chat);
	g_assert_true(store_member_set_role(db, quan, ROLE_MODERATOR, NULL));
	kernel_commit(db);
	daemon_on_alarm(&u.d, u.f.adapter, "điếc");
	kernel_settle(&u.k);
	g_assert_cmpint(n_posts(&u, "%điếc%"), ==, 1);
	g_assert_cmpint(kernel_int64(&u.k, "SELECT count(*) FROM delivery WHERE adapter = 'fake'"), ==, 0);
	close_upkeep(&u);
}

static void test_budget_words_once_also_after_a_restart(void)
{
	const struct budget b = { .adapter = (char *)"fake", .limit = { .month = 100 }, .month_used = 91, .day = "2026-11-24", .month = "2026-11" };
	struct upkeep u;

	open_upkeep(&u);
	daemon_on_budget(&u.d, u.f.adapter, &b, true);
	daemon_on_budget(&u.d, u.f.adapter, &b, true);
	kernel_settle(&u.k);
	g_assert_cmpint(n_posts(&u, "%91/100%tháng này%"), ==, 2); /* low; held */
	g_assert_cmpint(n_posts(&u, "%đang được giữ, gửi tiếp từ đầu tháng sau%"), ==, 1);
	daemon_upkeep_release(&u.d); /* what a restart forgets */
	daemon_on_budget(&u.d, u.f.adapter, &b, true);
	kernel_settle(&u.k);
	g_assert_cmpint(n_posts(&u, "%91/100%"), ==, 2);
	close_upkeep(&u);
}

static void test_budget_with_enough_left_says_nothing(void)
{
	const struct budget b = { .adapter = (char *)"fake", .limit = { .day = 100 }, .day_used = 79, .day = "2026-11-24", .month = "2026-11" };
	struct upkeep u;

	open_upkeep(&u);
	daemon_on_budget(&u.d, u.f.adapter, &b, false);
	kernel_settle(&u.k);
	g_assert_cmpint(n_posts(&u, "%"), ==, 0);
	close_upkeep(&u);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/daemon-upkeep/of-two-daemons-one-gets-the-lease", test_of_two_daemons_one_gets_the_lease);
	g_test_add_func("/daemon-upkeep/alarm-is-told-once-elsewhere", test_alarm_is_kept_and_told_once_on_another_adapter);
	g_test_add_func("/daemon-upkeep/nothing-on-the-deaf-adapter", test_who_is_only_on_the_deaf_adapter_hears_nothing_there);
	g_test_add_func("/daemon-upkeep/budget-words-once", test_budget_words_once_also_after_a_restart);
	g_test_add_func("/daemon-upkeep/budget-with-enough-left", test_budget_with_enough_left_says_nothing);
	return g_test_run();
}
