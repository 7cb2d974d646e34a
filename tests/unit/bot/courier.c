/* SPDX-License-Identifier: MIT */
/* The courier against an adapter that answers as told: what each answer means for the row and the chat, order, pace, quiet hours, disk
 * trouble, and the end. */
#include "kernel.h"

#include "tests/unit/store/disk.h"

struct post_office {
	struct kernel k;
	struct fake f;
	unsigned n_idle, n_asked;
};

static void on_idle(void *arg, struct adapter *a)
{
	((struct post_office *)arg)->n_idle++;
}

static void on_asked(void *arg, int64_t delivery_id, const char *chat)
{
	((struct post_office *)arg)->n_asked++;
}

static void open_office(struct post_office *o, const struct adapter_pace *pace, struct script *scripts, unsigned n)
{
	memset(o, 0, sizeof(*o));
	kernel_init(&o->k);
	if (pace)
		o->f.pace = *pace;
	o->f.scripts = scripts;
	o->f.n_scripts = n;
	fake_start(&o->f, &o->k);
}

/* After the rows are there: the courier looks at once. */
static void start(struct post_office *o)
{
	const struct courier_events ev = { .arg = o, .on_idle = on_idle, .on_asked = on_asked };

	o->k.courier = courier_new(&o->k.loop, o->k.store, o->k.config, &ev);
	courier_add(o->k.courier, o->f.adapter);
}

static void stop(struct post_office *o)
{
	o->k.is_closed = false;
	courier_close(g_steal_pointer(&o->k.courier), kernel_on_closed, &o->k);
	adapter_close(o->f.adapter, fake_on_closed, &o->f);
	KERNEL_WAIT(&o->k, o->k.is_closed && o->f.is_closed);
}

static void close_office(struct post_office *o)
{
	if (o->k.courier)
		stop(o);
	fake_release(&o->f);
	kernel_release(&o->k);
}

/* A delivery to a chat named so ("g…" is a group), due at once or later. */
static void queue(struct post_office *o, const char *chat, const char *text, enum delivery_class class, int64_t after_ms)
{
	struct db *db = kernel_begin(&o->k);
	int64_t row = fixture_chat(db, "fake", chat, *chat == 'g' ? CHAT_GROUP : CHAT_PRIVATE);
	const struct delivery_target to = { .chat_id = row, .due_ms = clock_wall_ms() + after_ms };
	const struct post_part part = { .len = strlen(text) };

	g_assert_true(store_delivery_add(db, fixture_post(db, text, class), &to, &part, 1, clock_wall_ms(), NULL));
	kernel_commit(db);
	if (o->k.courier)
		courier_kick(o->k.courier);
}

static bool is_idle(struct post_office *o)
{
	return courier_is_idle(o->k.courier, o->f.adapter);
}

static int64_t count(struct post_office *o, enum delivery_state state)
{
	g_autoptr(db_t) db = kernel_db(&o->k);
	struct delivery_counts n;

	g_assert_true(store_delivery_counts(db, "fake", &n, NULL));
	switch (state) {
	case DELIVERY_QUEUED:
		return n.queued;
	case DELIVERY_INFLIGHT:
		return n.inflight;
	case DELIVERY_SENT:
		return n.sent;
	case DELIVERY_DEAD:
		return n.dead;
	case DELIVERY_ASKED:
		return n.asked;
	case DELIVERY_CANCELLED:
		return n.cancelled;
	}
	return -1;
}

/* The first answer to "x"; retry: the platform's wait, -1 none. */
#define ANSWER(s, retry, ...)                                                                                                      \
	{                                                                                                                          \
		.text = "x", .n = 1, .results = { { .status = (s), .retry_ms = (retry), .reason = "because", __VA_ARGS__ } }       \
	}

static void test_what_an_answer_means_for_the_row(void)
{
	static const struct {
		const char *name, *uncertain;
		struct script script;
		enum delivery_state state;
		int64_t tries, due_from_ms, due_to_ms, parked;
	} t[] = {
		{ "ok", "resend", { .text = "x" }, DELIVERY_SENT, 1, 0, 0, 0 },
		{ "later, own back-off", "resend", ANSWER(SEND_LATER, -1), DELIVERY_QUEUED, 1, 1400, 2600, 0 },
		{ "later, the platform's wait is law and no try", "resend", ANSWER(SEND_LATER, 7000), DELIVERY_QUEUED, 0, 6900, 7100, 0 },
		{ "uncertain, sent again", "resend", ANSWER(SEND_UNCERTAIN, -1), DELIVERY_QUEUED, 1, 1400, 2600, 0 },
		{ "uncertain, asked", "ask", ANSWER(SEND_UNCERTAIN, -1), DELIVERY_ASKED, 1, 0, 0, 0 },
		{ "refused", "resend", ANSWER(SEND_REFUSED, -1), DELIVERY_DEAD, 1, 0, 0, 0 },
		{ "no target", "resend", ANSWER(SEND_NO_TARGET, -1), DELIVERY_DEAD, 1, 0, 0, 1 },
		{ "broken credentials", "resend", ANSWER(SEND_BROKEN, -1), DELIVERY_QUEUED, 0, 59000, 60500, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct script script = t[i].script;
		struct post_office o;
		int64_t from = clock_wall_ms(), due;

		g_test_message("%s", t[i].name);
		open_office(&o, NULL, &script, 1);
		kernel_set(&o.k, "bot", "uncertain", t[i].uncertain);
		queue(&o, "a", "x", CLASS_DIRECT, 0);
		start(&o);
		KERNEL_WAIT(&o.k, script.n_sent == 1 && is_idle(&o));
		g_assert_cmpint(kernel_int64(&o.k, "SELECT state FROM delivery"), ==, t[i].state);
		g_assert_cmpint(kernel_int64(&o.k, "SELECT tries FROM delivery"), ==, t[i].tries);
		g_assert_cmpint(kernel_int64(&o.k, "SELECT is_parked FROM chat"), ==, t[i].parked);
		g_assert_cmpint(kernel_int64(&o.k, "SELECT remote_id IS NOT NULL FROM delivery"), ==, t[i].state == DELIVERY_SENT);
		g_assert_cmpuint(o.n_asked, ==, t[i].state == DELIVERY_ASKED);
		due = kernel_int64(&o.k, "SELECT due_ms FROM delivery") - from;
		if (t[i].due_to_ms) {
			g_assert_cmpint(due, >=, t[i].due_from_ms);
			g_assert_cmpint(due, <, t[i].due_to_ms + 2000);
		}
		g_assert_cmpuint(o.n_idle, >, 0);
		close_office(&o);
	}
}

static void test_out_of_tries_is_dead_and_visible(void)
{
	struct script script = { .text = "x", .n = 2, .results = { { .status = SEND_LATER, .retry_ms = -1, .reason = "no" },
								   { .status = SEND_UNCERTAIN, .retry_ms = -1, .reason = "hm" } } };
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	kernel_set(&o.k, "courier", "max_tries", "2");
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	start(&o);
	while (count(&o, DELIVERY_DEAD) == 0) {
		clock_test_shift(3000, 3000);
		kernel_hurry(&o.k);
		kernel_settle(&o.k);
	}
	g_assert_cmpuint(script.n_sent, ==, 2);
	close_office(&o);
}

/* It may have waited for days for its budget or for the program: only the platform's own putting off ends in death. */
static void test_put_off_for_too_long_is_counted_from_the_first_time(void)
{
	struct script script = { .text = "x", .n = 2, .results = { { .status = SEND_LATER, .retry_ms = 50, .reason = "flood" },
								   { .status = SEND_LATER, .retry_ms = 50, .reason = "flood" } } };
	const int64_t while_ms = COURIER_AGE_MAX_MS + MINUTE_MS;
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	queue(&o, "a", "x", CLASS_NOTICE, 0);
	kernel_exec(&o.k, "UPDATE delivery SET created_ms = created_ms - 400000000");
	start(&o);
	KERNEL_WAIT(&o.k, script.n_sent == 1 && !courier_in_flight(o.k.courier));
	g_assert_cmpint(count(&o, DELIVERY_QUEUED), ==, 1);
	clock_test_shift(while_ms, while_ms);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, script.n_sent == 2 && !courier_in_flight(o.k.courier));
	g_assert_cmpint(count(&o, DELIVERY_DEAD), ==, 1);
	clock_test_shift(-while_ms, -while_ms);
	close_office(&o);
}

static void test_moved_chat_gets_it_at_once_under_its_new_name(void)
{
	struct script script = ANSWER(SEND_LATER, -1, .moved_to = "gnew");
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	queue(&o, "gold", "x", CLASS_NOTICE, 0);
	queue(&o, "gold", "y", CLASS_NOTICE, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3 && is_idle(&o));
	g_assert_cmpstr(o.f.sent->str, ==, "x@gold x@gnew y@gnew");
	close_office(&o);
}

static void test_order_holds_within_chat_and_class(void)
{
	struct script script = ANSWER(SEND_LATER, 5000);
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	queue(&o, "a", "y", CLASS_DIRECT, 0);
	queue(&o, "a", "n", CLASS_NOTICE, 0);
	queue(&o, "b", "z", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3);
	kernel_settle(&o.k);
	g_assert_nonnull(strstr(o.f.sent->str, "n@a"));
	g_assert_nonnull(strstr(o.f.sent->str, "z@b"));
	g_assert_null(strstr(o.f.sent->str, "y@a"));
	clock_test_shift(5001, 5001);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 5);
	g_assert_true(g_str_has_suffix(o.f.sent->str, "x@a y@a"));
	close_office(&o);
}

static void test_parts_go_one_after_the_other(void)
{
	struct script script = { .text = "one", .n = 1, .results = { { .status = SEND_LATER, .retry_ms = 3000 } } };
	const struct post_part parts[] = { { .start = 0, .len = 3 }, { .start = 3, .len = 3 } };
	struct post_office o;
	struct db *db;
	int64_t chat;

	open_office(&o, NULL, &script, 1);
	db = kernel_begin(&o.k);
	chat = fixture_chat(db, "fake", "a", CHAT_PRIVATE);
	const struct delivery_target to = { .chat_id = chat };

	g_assert_true(store_delivery_add(db, fixture_post(db, "onetwo", CLASS_DIRECT), &to, parts, 2, clock_wall_ms(), NULL));
	kernel_commit(db);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	kernel_settle(&o.k);
	clock_test_shift(3001, 3001);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3);
	g_assert_cmpstr(o.f.sent->str, ==, "one@a one@a two@a");
	close_office(&o);
}

static void test_dead_one_lets_the_next_go_but_not_in_a_parked_chat(void)
{
	struct script scripts[] = { ANSWER(SEND_REFUSED, -1), { .text = "gone", .n = 1, .results = { { .status = SEND_NO_TARGET, .retry_ms = -1 } } } };
	struct post_office o;

	open_office(&o, NULL, scripts, 2);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	queue(&o, "a", "y", CLASS_DIRECT, 0);
	queue(&o, "b", "gone", CLASS_DIRECT, 0);
	queue(&o, "b", "after", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3);
	kernel_settle(&o.k);
	g_assert_null(strstr(o.f.sent->str, "after"));
	queue(&o, "b", "news", CLASS_DIRECT, 0); /* fixture_chat has seen the chat: it is open again */
	KERNEL_WAIT(&o.k, o.f.n_sent == 5);
	g_assert_true(g_str_has_suffix(o.f.sent->str, "after@b news@b"));
	close_office(&o);
}

static void test_platforms_pause_holds_all_chats(void)
{
	struct script script = ANSWER(SEND_LATER, 4000, .is_platform_wide = true);
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1 && is_idle(&o));
	queue(&o, "b", "y", CLASS_DIRECT, 0);
	kernel_settle(&o.k);
	kernel_hurry(&o.k);
	kernel_settle(&o.k);
	g_assert_cmpuint(o.f.n_sent, ==, 1);
	clock_test_shift(4001, 4001);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3);
	close_office(&o);
}

static void set_quiet(struct post_office *o, int from_minutes, int until_minutes)
{
	g_autofree char *from = clock_hhmm(clock_wall_ms() + from_minutes * MINUTE_MS);
	g_autofree char *until = clock_hhmm(clock_wall_ms() + until_minutes * MINUTE_MS);

	kernel_set(&o->k, "bot", "quiet_hours", "yes");
	kernel_set(&o->k, "bot", "quiet_from", from);
	kernel_set(&o->k, "bot", "quiet_until", until);
}

static void test_quiet_hours_let_only_answers_through(void)
{
	struct post_office o;

	open_office(&o, NULL, NULL, 0);
	set_quiet(&o, -60, 60);
	queue(&o, "a", "digest", CLASS_DIGEST, 0);
	queue(&o, "a", "notice", CLASS_NOTICE, 0);
	queue(&o, "a", "answer", CLASS_DIRECT, 0);
	queue(&o, "g", "bundle", CLASS_BUNDLE, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 2 && is_idle(&o));
	g_assert_null(strstr(o.f.sent->str, "notice"));
	clock_test_shift(HOUR_MS + MINUTE_MS, HOUR_MS + MINUTE_MS);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 4);
	close_office(&o);
}

static void test_quiet_hours_by_the_clock(void)
{
	static const struct {
		const char *from, *until, *now, *ends;
	} t[] = {
		{ "21:00", "06:30", "20:59", NULL }, { "21:00", "06:30", "21:00", "06:30" }, { "21:00", "06:30", "06:29", "06:30" },
		{ "21:00", "06:30", "06:30", NULL }, { "12:00", "13:00", "12:59", "13:00" }, { "12:00", "13:00", "13:00", NULL },
		{ "08:00", "08:00", "08:00", NULL },
	};
	struct post_office o;

	open_office(&o, NULL, NULL, 0);
	kernel_set(&o.k, "bot", "quiet_hours", "yes");
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		/* 10 October 2023 in Vietnam. */
		int64_t midnight = INT64_C(1696870800000), now, ends;
		unsigned hour = (unsigned)g_ascii_strtoull(t[i].now, NULL, 10), minute = (unsigned)g_ascii_strtoull(t[i].now + 3, NULL, 10);

		kernel_set(&o.k, "bot", "quiet_from", t[i].from);
		kernel_set(&o.k, "bot", "quiet_until", t[i].until);
		now = midnight + hour * HOUR_MS + minute * MINUTE_MS + 30500;
		ends = courier_quiet_until(o.k.config, now);
		if (t[i].ends) {
			g_autofree char *at = clock_hhmm(ends);

			g_assert_cmpstr(at, ==, t[i].ends);
			g_assert_cmpint(ends, >, now);
			g_assert_cmpint(ends % MINUTE_MS, ==, 0);
		} else {
			g_assert_cmpint(ends, ==, 0);
		}
	}
	adapter_close(o.f.adapter, fake_on_closed, &o.f);
	KERNEL_WAIT(&o.k, o.f.is_closed);
	close_office(&o);
}

static void test_announcement_does_not_starve_behind_answers(void)
{
	const struct adapter_pace pace = { .per_second = 100, .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 1 };
	struct post_office o;
	const char *at;

	open_office(&o, &pace, NULL, 0);
	for (int i = 0; i < 30; i++) {
		g_autofree char *chat = g_strdup_printf("p%d", i);

		queue(&o, chat, "answer", CLASS_DIRECT, 0);
	}
	queue(&o, "z", "notice", CLASS_NOTICE, 0);
	queue(&o, "z", "digest", CLASS_DIGEST, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 32);
	at = strstr(o.f.sent->str, "notice");
	g_assert_nonnull(at);
	g_assert_nonnull(strstr(at, "answer"));
	close_office(&o);
}

static void test_answer_does_not_wait_for_the_minutes_line(void)
{
	struct post_office o;

	open_office(&o, NULL, NULL, 0);
	queue(&o, "g", "bundle", CLASS_BUNDLE, 40000);
	queue(&o, "g", "answer", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	g_assert_cmpstr(o.f.sent->str, ==, "answer@g");
	KERNEL_WAIT(&o.k, is_idle(&o));
	clock_test_shift(40001, 40001);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 2);
	close_office(&o);
}

static void test_group_with_an_empty_bucket_is_not_looked_at_all_the_time(void)
{
	const struct adapter_pace pace = { .group_per_minute = 10, .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 4 };
	struct store_stats before, after;
	struct post_office o;
	int64_t until;

	open_office(&o, &pace, NULL, 0);
	queue(&o, "g", "x", CLASS_NOTICE, 0);
	queue(&o, "g", "y", CLASS_NOTICE, 0);
	clock_test_shift(6000, 6000);
	start(&o);
	clock_test_shift(6001, 6001); /* buckets start empty */
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	kernel_settle(&o.k);
	store_get_stats(o.k.store, &before);
	until = g_get_monotonic_time() + 400 * G_TIME_SPAN_MILLISECOND;
	while (g_get_monotonic_time() < until) {
		uv_run(&o.k.loop, UV_RUN_NOWAIT);
		g_usleep(1000);
	}
	store_get_stats(o.k.store, &after);
	g_assert_cmpuint(after.reads - before.reads, <=, 2);
	/* Another chat is not held up by it. */
	queue(&o, "a", "z", CLASS_NOTICE, 300);
	KERNEL_WAIT(&o.k, o.f.n_sent == 2);
	g_assert_true(g_str_has_suffix(o.f.sent->str, "z@a"));
	clock_test_shift(6001, 6001);
	kernel_hurry(&o.k);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3);
	close_office(&o);
}

static void test_many_held_chats_do_not_hide_the_others(void)
{
	const struct adapter_pace pace = { .group_per_minute = 1, .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 64 };
	struct post_office o;
	struct db *db;

	open_office(&o, &pace, NULL, 0);
	db = kernel_begin(&o.k);
	for (int i = 0; i < 300; i++) {
		g_autofree char *chat = g_strdup_printf("g%d", i);

		fixture_delivery(db, fixture_chat(db, "fake", chat, CHAT_GROUP), "x", CLASS_DIRECT, clock_wall_ms());
	}
	fixture_delivery(db, fixture_chat(db, "fake", "a", CHAT_PRIVATE), "y", CLASS_DIRECT, clock_wall_ms());
	kernel_commit(db);
	start(&o); /* the groups' buckets are empty for a minute */
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	g_assert_cmpstr(o.f.sent->str, ==, "y@a");
	close_office(&o);
}

static void on_enough(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

static void test_disk_trouble_loses_no_result_and_burns_no_time(void)
{
	struct post_office o;
	uv_timer_t enough;
	unsigned n_turns = 0;
	bool is_enough = false;

	open_office(&o, NULL, NULL, 0);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	queue(&o, "b", "later", CLASS_DIRECT, 100);
	start(&o);
	/* The claim is committed, the result is not. */
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	disk_fail(SQLITE_IOERR_WRITE, 0);
	KERNEL_WAIT(&o.k, o.k.n_trouble == 1);
	uv_timer_init(&o.k.loop, &enough);
	enough.data = &is_enough;
	uv_timer_start(&enough, on_enough, 400, 0);
	for (; !is_enough; n_turns++)
		uv_run(&o.k.loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&enough, NULL);
	g_assert_cmpuint(n_turns, <, 50); /* the second one is due, and nobody spins because of it */
	g_assert_cmpuint(o.f.n_sent, ==, 1);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&o.k, o.k.n_well == 1 && o.f.n_sent == 2 && is_idle(&o));
	g_assert_cmpint(count(&o, DELIVERY_SENT), ==, 2);
	g_assert_cmpstr(o.f.sent->str, ==, "x@a later@b");
	close_office(&o);
}

static void test_end_during_disk_trouble_comes_and_the_next_start_sends_again(void)
{
	struct post_office o;
	struct db *db;
	unsigned n;

	open_office(&o, NULL, NULL, 0);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	disk_fail(SQLITE_IOERR_WRITE, 0);
	KERNEL_WAIT(&o.k, o.k.n_trouble == 1);
	stop(&o);
	disk_fail(SQLITE_OK, 0);
	g_assert_cmpint(count(&o, DELIVERY_INFLIGHT), ==, 1);
	db = kernel_begin(&o.k);
	g_assert_true(store_delivery_recover(db, true, &n, NULL));
	kernel_commit(db);
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpint(count(&o, DELIVERY_QUEUED), ==, 1);
	close_office(&o);
}

static void test_end_with_a_send_in_flight_is_uncertain(void)
{
	struct script script = { .text = "x", .hold = true };
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	queue(&o, "b", "y", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 2);
	g_assert_true(courier_in_flight(o.k.courier));
	stop(&o);
	g_assert_cmpint(count(&o, DELIVERY_QUEUED), ==, 1);
	g_assert_cmpint(count(&o, DELIVERY_SENT), ==, 1);
	g_assert_cmpint(count(&o, DELIVERY_INFLIGHT), ==, 0);
	close_office(&o);
}

/* Whatever was under way when the end came: no row stays claimed, nothing is used after the adapter is gone. */
static void test_end_at_any_moment_gives_claims_back(void)
{
	const struct adapter_pace pace = { .per_second = 5, .burst = 1, .chat_burst = 1, .group_burst = 1, .concurrent = 1 };

	for (unsigned turns = 0; turns < 12; turns++) {
		struct post_office o;

		open_office(&o, &pace, NULL, 0);
		for (int i = 0; i < 6; i++) {
			g_autofree char *chat = g_strdup_printf("p%d", i);

			queue(&o, chat, "x", CLASS_DIRECT, 0);
		}
		start(&o);
		clock_test_shift(0, 300);
		for (unsigned i = 0; i < turns; i++)
			uv_run(&o.k.loop, UV_RUN_ONCE);
		stop(&o);
		g_assert_cmpint(count(&o, DELIVERY_INFLIGHT), ==, 0);
		g_assert_cmpint(count(&o, DELIVERY_QUEUED) + count(&o, DELIVERY_SENT), ==, 6);
		g_assert_cmpint(count(&o, DELIVERY_SENT), ==, o.f.n_sent);
		close_office(&o);
	}
}

static void test_draining_claims_answers_only(void)
{
	struct post_office o;

	open_office(&o, NULL, NULL, 0);
	start(&o);
	KERNEL_WAIT(&o.k, is_idle(&o));
	courier_drain(o.k.courier);
	queue(&o, "a", "notice", CLASS_NOTICE, 0);
	queue(&o, "b", "answer", CLASS_DIRECT, 0);
	KERNEL_WAIT(&o.k, o.f.n_sent == 1);
	kernel_settle(&o.k);
	g_assert_cmpstr(o.f.sent->str, ==, "answer@b");
	close_office(&o);
}

static void test_result_that_cannot_be_stored_spoils_no_other(void)
{
	struct script script = ANSWER(SEND_NO_TARGET, -1);
	struct post_office o;

	open_office(&o, NULL, &script, 1);
	kernel_exec(&o.k, "CREATE TRIGGER breaks BEFORE UPDATE OF is_parked ON chat WHEN NEW.is_parked = 1 BEGIN SELECT RAISE(ABORT, 'no'); END");
	queue(&o, "a", "x", CLASS_DIRECT, 0);
	queue(&o, "b", "y", CLASS_DIRECT, 0);
	queue(&o, "c", "z", CLASS_DIRECT, 0);
	start(&o);
	KERNEL_WAIT(&o.k, o.f.n_sent == 3 && is_idle(&o));
	g_assert_cmpint(count(&o, DELIVERY_SENT), ==, 2);
	g_assert_cmpint(count(&o, DELIVERY_DEAD), ==, 1);
	close_office(&o);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
#define T(name, f) g_test_add_func("/courier/" name, f)
	T("what-an-answer-means-for-the-row", test_what_an_answer_means_for_the_row);
	T("out-of-tries-is-dead-and-visible", test_out_of_tries_is_dead_and_visible);
	T("put-off-for-too-long", test_put_off_for_too_long_is_counted_from_the_first_time);
	T("moved-chat-gets-it-at-once-under-its-new-name", test_moved_chat_gets_it_at_once_under_its_new_name);
	T("order-holds-within-chat-and-class", test_order_holds_within_chat_and_class);
	T("parts-go-one-after-the-other", test_parts_go_one_after_the_other);
	T("dead-one-lets-the-next-go-but-not-in-a-parked-chat", test_dead_one_lets_the_next_go_but_not_in_a_parked_chat);
	T("platforms-pause-holds-all-chats", test_platforms_pause_holds_all_chats);
	T("quiet-hours-let-only-answers-through", test_quiet_hours_let_only_answers_through);
	T("quiet-hours-by-the-clock", test_quiet_hours_by_the_clock);
	T("announcement-does-not-starve-behind-answers", test_announcement_does_not_starve_behind_answers);
	T("answer-does-not-wait-for-the-minutes-line", test_answer_does_not_wait_for_the_minutes_line);
	T("group-with-an-empty-bucket-is-not-looked-at-all-the-time", test_group_with_an_empty_bucket_is_not_looked_at_all_the_time);
	T("many-held-chats-do-not-hide-the-others", test_many_held_chats_do_not_hide_the_others);
	T("disk-trouble-loses-no-result-and-burns-no-time", test_disk_trouble_loses_no_result_and_burns_no_time);
	T("end-during-disk-trouble-comes", test_end_during_disk_trouble_comes_and_the_next_start_sends_again);
	T("end-with-a-send-in-flight-is-uncertain", test_end_with_a_send_in_flight_is_uncertain);
	T("end-at-any-moment-gives-claims-back", test_end_at_any_moment_gives_claims_back);
	T("draining-claims-answers-only", test_draining_claims_answers_only);
	T("result-that-cannot-be-stored-spoils-no-other", test_result_that_cannot_be_stored_spoils_no_other);
	return g_test_run();
}
