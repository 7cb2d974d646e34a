/* SPDX-License-Identifier: MIT */
/* What the store can do on this disk: durable inbox rows a second, one a commit against group commit, and the courier's questions
 * with 100,000 deliveries waiting. It prints figures and judges nothing. */
#include <stdio.h>
#include <string.h>

#include "../unit/store/fixture.h"
#include "store/inbox.h"
#include "store/store.h"

#define RECIPIENTS 100000
#define RUN_US (2 * G_TIME_SPAN_SECOND)

struct run {
	uv_loop_t loop;
	struct store *store;
	uint64_t n_submitted, n_done;
	unsigned width; /* how many are under way at a time */
	int64_t end_us;
};

struct insert {
	struct run *run;
	struct update *u;
};

static bool insert_job(struct db *db, void *arg, GError **error)
{
	struct insert *i = arg;
	int64_t id;

	return store_inbox_add(db, i->u, T0, &id, error) != STORE_BROKEN;
}

static void submit_next(struct run *r);

static void on_inserted(void *arg, enum job_end end, const GError *error)
{
	struct insert *i = arg;
	struct run *r = i->run;

	g_assert_cmpint(end, ==, JOB_COMMITTED);
	r->n_done++;
	update_free(i->u);
	g_free(i);
	if (g_get_monotonic_time() < r->end_us)
		submit_next(r);
}

static void submit_next(struct run *r)
{
	struct insert *i = g_new0(struct insert, 1);

	i->run = r;
	i->u = update_new(UPDATE_MESSAGE);
	i->u->adapter = g_strdup("telegram");
	i->u->bot_id = g_strdup("1");
	i->u->key = g_strdup_printf("%" G_GUINT64_FORMAT, r->n_submitted++);
	i->u->text = g_strdup("/tim đài truyền thanh thông minh");
	store_submit_accepted(r->store, 300, insert_job, on_inserted, i);
}

static double inserts_per_second(const char *dir, unsigned width)
{
	g_autofree char *path = g_strdup_printf("%s/width-%u.db", dir, width);
	const struct store_options o = {
		.path = path, .readers = 1, .queue_jobs = 4096, .queue_bytes = 8 << 20, .holder = "bench"
	};
	const struct store_events ev = { 0 };
	g_autoptr(GError) error = NULL;
	struct run r = { .width = width };
	int64_t start_us;
	double rate;

	uv_loop_init(&r.loop);
	r.store = store_open(&r.loop, &o, &ev, &error);
	g_assert_no_error(error);
	start_us = g_get_monotonic_time();
	r.end_us = start_us + RUN_US;
	for (unsigned i = 0; i < width; i++)
		submit_next(&r);
	while (r.n_done < r.n_submitted)
		uv_run(&r.loop, UV_RUN_ONCE);
	rate = (double)r.n_done * 1e6 / (double)(g_get_monotonic_time() - start_us);
	store_close(r.store, NULL, NULL);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	return rate;
}

static void parts_of(void *arg, const char *adapter, const struct post *p, const struct post_part **ret_parts, size_t *ret_n)
{
	static struct post_part part;

	part.len = strlen(p->text);
	*ret_parts = &part;
	*ret_n = 1;
}

static double ms_since(int64_t start_us)
{
	return (double)(g_get_monotonic_time() - start_us) / 1000;
}

static void time_due(struct db *db, const char *what)
{
	g_autoptr(GError) error = NULL;
	const int64_t start_us = g_get_monotonic_time();
	int64_t due;

	for (int i = 0; i < 100; i++) {
		g_autoptr(GPtrArray) rows = store_delivery_due(db, "t", 7, 0, T0 + 1, NULL, 30, &error);

		g_assert_no_error(error);
		g_assert_true(store_delivery_next_due(db, "t", 15, -1, &due, &error));
	}
	printf("what could go now, %s: %.3f ms\n", what, ms_since(start_us) / 100);
}

static void time_deliveries(const char *dir)
{
	g_autofree char *path = g_strdup_printf("%s/deliveries.db", dir);
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = db_open(path, DB_WRITE, &error);
	struct fanout f = { .all_members = true };
	double worst = 0, sum = 0, making = 0;
	unsigned made, steps = 0;
	int64_t group;

	g_assert_true(db_migrate(db, &error));
	g_assert_true(db_begin(db, &error));
	for (unsigned i = 0; i < RECIPIENTS; i++) {
		g_autofree char *name = g_strdup_printf("m%u", i);

		fixture_member(db, "t", name, "A", NULL);
	}
	f.post_id = fixture_post(db, "Đề nghị các đơn vị gửi số liệu", CLASS_NOTICE);
	g_assert_true(store_fanout_add(db, &f, &error));
	g_assert_true(db_commit(db, &error));
	do {
		const int64_t start_us = g_get_monotonic_time();

		g_assert_true(db_begin(db, &error));
		g_assert_true(store_fanout_step(db, &f, parts_of, NULL, 500, T0, &made, &error));
		making += ms_since(start_us);
		g_assert_true(db_commit(db, &error));
		worst = MAX(worst, ms_since(start_us));
		sum += ms_since(start_us);
		steps++;
	} while (made);
	printf("fan-out to %d: %.0f ms without the syncs, %.0f ms with them, in %u steps, longest %.1f ms\n", RECIPIENTS, making,
	       sum, steps, worst);
	time_due(db, "100,000 due");
	g_assert_true(db_begin(db, &error));
	g_assert_true(db_run(db_prepare(db, "UPDATE delivery SET due_ms = due_ms + 3600000"), &error));
	group = fixture_chat(db, "t", "group", CHAT_GROUP);
	for (int i = 0; i < 1000; i++)
		fixture_delivery(db, group, "x", CLASS_NOTICE, T0);
	time_due(db, "100,000 for later and 1,000 behind one head");
	g_assert_true(db_run(db_prepare(db, "UPDATE chat SET is_parked = 1 WHERE id % 2 = 0"), &error));
	time_due(db, "half of the chats parked");
	g_assert_true(db_commit(db, &error));
	g_assert_no_error(error);
}

int main(void)
{
	g_autofree char *dir = g_dir_make_tmp("cdsbot-bench-XXXXXX", NULL);
	const double alone = inserts_per_second(dir, 1), together = inserts_per_second(dir, 128);

	printf("durable updates a second: %.0f one a commit, %.0f with 128 under way: %.1f times\n", alone, together,
	       together / alone);
	time_deliveries(dir);
	fixture_remove_dir(dir);
	return 0;
}
