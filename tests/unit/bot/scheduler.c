/* SPDX-License-Identifier: MIT */
/* What happens by the clock: deadlines reported once, notices that the disk refused, a clock that was set, and what is forgotten when. */
#include "kernel.h"

#include "bot/scheduler.h"
#include "store/announcement.h"
#include "store/item.h"
#include "tests/unit/store/disk.h"

struct clockwork {
	struct kernel k;
	struct scheduler *s;
	unsigned n_rows;
	int64_t author, lan;
};

static struct registry *get_registry(void *arg)
{
	return ((struct clockwork *)arg)->k.registry;
}

static struct config *get_config(void *arg)
{
	return ((struct clockwork *)arg)->k.config;
}

static void on_rows(void *arg)
{
	((struct clockwork *)arg)->n_rows++;
}

static void open_clockwork(struct clockwork *c)
{
	const struct scheduler_events ev = { .arg = c, .registry = get_registry, .config = get_config, .on_rows = on_rows };
	struct db *db;

	memset(c, 0, sizeof(*c));
	kernel_init(&c->k);
	db = kernel_begin(&c->k);
	c->author = fixture_member(db, "console", "quantri", "STTTT", NULL);
	g_assert_true(store_member_set_role(db, c->author, ROLE_ADMIN, NULL));
	c->lan = fixture_member(db, "console", "lan", "VUBAN", NULL);
	kernel_commit(db);
	c->s = scheduler_new(&c->k.loop, c->k.store, &ev);
}

static void close_clockwork(struct clockwork *c)
{
	scheduler_close(c->s, kernel_on_closed, &c->k);
	KERNEL_WAIT(&c->k, c->k.is_closed);
	kernel_release(&c->k);
}

static void look(struct clockwork *c)
{
	scheduler_look(c->s);
	kernel_settle(&c->k);
}

/* As ten minutes later. */
static void look_later(struct clockwork *c)
{
	clock_test_shift(0, SCHEDULER_EXPIRE_MS);
	look(c);
}

static void test_deadline_is_reported_once_to_whoever_can_be_reached(void)
{
	for (int parked = 0; parked < 2; parked++) {
		struct announcement a = { .text = (char *)"Gửi số liệu", .to_all = true, .due_ms = clock_wall_ms() - 1000 };
		g_autofree char *to = NULL;
		struct clockwork c;
		struct db *db;

		open_clockwork(&c);
		db = kernel_begin(&c.k);
		a.author_id = c.lan;
		g_assert_cmpint(store_announcement_add(db, &a, clock_wall_ms(), NULL), ==, STORE_OK);
		kernel_commit(db);
		if (parked)
			kernel_exec(&c.k, "UPDATE chat SET is_parked = 1 WHERE remote_id = 'lan'");
		look(&c);
		look_later(&c);
		to = kernel_text(&c.k, "SELECT group_concat(c.remote_id, ' ') FROM delivery d JOIN chat c ON c.id = d.chat_id");
		g_assert_cmpstr(to, ==, parked ? "quantri" : "lan");
		g_assert_cmpuint(c.n_rows, ==, 1);
		close_clockwork(&c);
	}
}

static void test_notice_that_the_disk_refused_is_told_later(void)
{
	struct clockwork c;

	open_clockwork(&c);
	disk_fail(SQLITE_FULL, 0);
	scheduler_tell_moderators(c.s, "có chuyện");
	KERNEL_WAIT(&c.k, c.k.n_trouble == 1);
	kernel_settle(&c.k);
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&c.k, c.k.n_well == 1);
	look(&c);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM post WHERE text = 'có chuyện'"), ==, 1);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM delivery"), ==, 1);
	close_clockwork(&c);
}

static void test_clock_put_back_holds_nothing_up(void)
{
	struct clockwork c;
	struct db *db;

	open_clockwork(&c);
	db = kernel_begin(&c.k);
	fixture_delivery(db, fixture_chat(db, "console", "lan", CHAT_PRIVATE), "x", CLASS_NOTICE, clock_wall_ms());
	kernel_commit(db);
	clock_test_shift(-2 * HOUR_MS, 0);
	kernel_hurry(&c.k);
	KERNEL_WAIT(&c.k, c.n_rows == 1);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT due_ms FROM delivery"), <=, clock_wall_ms());
	clock_test_shift(2 * HOUR_MS, 0);
	close_clockwork(&c);
}

static int64_t add_item(struct clockwork *c, const char *title, enum item_status status)
{
	struct db *db = kernel_begin(&c->k);
	g_autoptr(item_t) i = item_new(), decided = NULL;

	i->kind = ITEM_INITIATIVE;
	i->title = g_strdup(title);
	i->body = g_strdup("cách làm");
	i->author_id = c->lan;
	i->status = status == ITEM_REJECTED ? ITEM_WAITING : status;
	g_assert_cmpint(store_item_add(db, i, NULL, clock_wall_ms(), NULL), ==, STORE_OK);
	if (status == ITEM_REJECTED)
		g_assert_cmpint(store_item_decide(db, i->kind, i->number, ITEM_REJECT, "trùng", NULL, clock_wall_ms(), &decided, NULL), ==, STORE_OK);
	kernel_commit(db);
	return i->id;
}

static char *items_left(struct clockwork *c)
{
	char *text = kernel_text(&c->k, "SELECT group_concat(title, ' ') FROM (SELECT title FROM item ORDER BY id)");

	return text ? text : g_strdup("");
}

static int64_t warnings(struct clockwork *c)
{
	return kernel_int64(&c->k, "SELECT count(*) FROM post WHERE text LIKE 'Bản nháp SK1 %'");
}

static void days(int64_t n)
{
	clock_test_shift(n * DAY_MS, 0);
}

static void test_drafts_fade_after_a_warning_and_refused_ones_after_half_a_year(void)
{
	g_autofree char *a = NULL, *b = NULL, *e = NULL;
	struct clockwork c;

	open_clockwork(&c);
	add_item(&c, "nháp", ITEM_DRAFT);
	add_item(&c, "từ-chối", ITEM_REJECTED);
	add_item(&c, "duyệt", ITEM_APPROVED);
	add_item(&c, "chờ", ITEM_WAITING);
	days(74);
	look(&c);
	g_assert_cmpint(warnings(&c), ==, 0);
	days(2);
	look_later(&c);
	look_later(&c);
	g_assert_cmpint(warnings(&c), ==, 1);
	days(14);
	look_later(&c);
	a = items_left(&c);
	g_assert_cmpstr(a, ==, "nháp từ-chối duyệt chờ");
	days(2);
	look_later(&c);
	b = items_left(&c);
	g_assert_cmpstr(b, ==, "từ-chối duyệt chờ");
	days(90);
	look_later(&c);
	e = items_left(&c);
	g_assert_cmpstr(e, ==, "duyệt chờ");
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM search_index"), ==, kernel_int64(&c.k, "SELECT count(*) FROM item"));
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM audit WHERE action = 'item.expire'"), ==, 2);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM setting WHERE scope = 'item.warned'"), ==, 0);
	days(-182);
	close_clockwork(&c);
}

static void test_touched_draft_is_warned_about_anew_and_a_long_sleep_warns_first(void)
{
	struct clockwork c;

	open_clockwork(&c);
	add_item(&c, "nháp", ITEM_DRAFT);
	days(100); /* the program was off */
	look(&c);
	g_assert_cmpint(warnings(&c), ==, 1);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM item"), ==, 1);
	struct db *db = kernel_begin(&c.k);
	struct db_stmt *st = db_prepare(db, "UPDATE item SET touched_ms = $1");

	db_bind_int64(st, 1, clock_wall_ms() + 1);
	g_assert_true(db_run(st, NULL));
	kernel_commit(db);
	days(80);
	look_later(&c);
	g_assert_cmpint(warnings(&c), ==, 2);
	days(11);
	look_later(&c); /* 91 days untouched, but warned only 11 days ago */
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM item"), ==, 1);
	days(5);
	look_later(&c);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM item"), ==, 0);
	days(-196);
	close_clockwork(&c);
}

static void test_strangers_are_forgotten_after_a_day_without_a_word(void)
{
	g_autofree char *left = NULL, *later = NULL;
	const struct pending question = { .command = (char *)"chiase", .step = (char *)"x", .expires_ms = clock_wall_ms() + 30 * HOUR_MS };
	struct clockwork c;
	struct db *db;
	int64_t gone, asked, waiting;

	open_clockwork(&c);
	db = kernel_begin(&c.k);
	g_assert_true(db_run(db_prepare(db, "UPDATE chat SET created_ms = 1700000000000"), NULL));
	gone = fixture_chat(db, "console", "ke-la", CHAT_PRIVATE);
	asked = fixture_chat(db, "console", "dang-hoi", CHAT_PRIVATE);
	waiting = fixture_chat(db, "console", "dang-cho", CHAT_PRIVATE);
	fixture_chat(db, "console", "nhom", CHAT_GROUP);
	g_assert_true(store_pending_set(db, "console", "dang-hoi", 0, &question, NULL));
	fixture_delivery(db, gone, "trả lời", CLASS_DIRECT, T0);
	g_assert_true(db_run(db_prepare(db, "UPDATE delivery SET state = 2"), NULL));
	fixture_delivery(db, waiting, "chưa gửi", CLASS_DIRECT, T0);
	kernel_commit(db);
	g_assert_cmpint(asked, !=, waiting);
	look(&c);
	left = kernel_text(&c.k, "SELECT group_concat(remote_id, ' ') FROM (SELECT remote_id FROM chat ORDER BY id)");
	g_assert_cmpstr(left, ==, "quantri lan dang-hoi dang-cho nhom");
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM post WHERE text = 'trả lời'"), ==, 0);
	clock_test_shift(31 * HOUR_MS, 0);
	kernel_exec(&c.k, "UPDATE delivery SET state = 3");
	look_later(&c);
	later = kernel_text(&c.k, "SELECT group_concat(remote_id, ' ') FROM (SELECT remote_id FROM chat ORDER BY id)");
	g_assert_cmpstr(later, ==, "quantri lan nhom");
	clock_test_shift(-31 * HOUR_MS, 0);
	close_clockwork(&c);
}

static void test_traces_and_texts_go_after_their_time(void)
{
	g_autoptr(update_t) u = kernel_message("moi", NULL, "/x"), newest = kernel_message("moi", NULL, "/x");
	struct clockwork c;
	struct db *db;

	open_clockwork(&c);
	kernel_row(&c.k, u);
	kernel_exec(&c.k, "UPDATE inbox SET state = 2, reason = 'x'");
	kernel_row(&c.k, newest);
	db = kernel_begin(&c.k);
	g_assert_true(store_setting_set(db, "closed.telegram", "7", "1700000000000", NULL));
	g_assert_true(store_setting_set(db, "telegram", "cursor", "5", NULL));
	kernel_commit(db);
	days(29);
	look(&c);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM inbox"), ==, 2);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM setting WHERE scope = 'closed.telegram'"), ==, 0);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM setting WHERE scope = 'telegram'"), ==, 1);
	days(2);
	look_later(&c);
	g_assert_cmpint(kernel_int64(&c.k, "SELECT count(*) FROM inbox"), ==, 1); /* the newest is unhandled and stays anyway */
	days(-31);
	close_clockwork(&c);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/scheduler/deadline-is-reported-once-to-whoever-can-be-reached",
			test_deadline_is_reported_once_to_whoever_can_be_reached);
	g_test_add_func("/scheduler/notice-that-the-disk-refused-is-told-later", test_notice_that_the_disk_refused_is_told_later);
	g_test_add_func("/scheduler/clock-put-back-holds-nothing-up", test_clock_put_back_holds_nothing_up);
	g_test_add_func("/scheduler/drafts-fade-after-a-warning", test_drafts_fade_after_a_warning_and_refused_ones_after_half_a_year);
	g_test_add_func("/scheduler/touched-draft-is-warned-about-anew", test_touched_draft_is_warned_about_anew_and_a_long_sleep_warns_first);
	g_test_add_func("/scheduler/strangers-are-forgotten-after-a-day", test_strangers_are_forgotten_after_a_day_without_a_word);
	g_test_add_func("/scheduler/traces-and-texts-go-after-their-time", test_traces_and_texts_go_after_their_time);
	return g_test_run();
}
