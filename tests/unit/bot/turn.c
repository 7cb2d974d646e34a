/* SPDX-License-Identifier: MIT */
/* One update through its writing job: handled once, starting clean when it is run again, and what is no message. */
#include "kernel.h"

#include "bot/turn.h"
#include "store/announcement.h"

struct stage {
	struct fixture f;
	struct registry *registry;
	struct config *config;
};

static void open_stage(struct stage *s)
{
	g_autoptr(GPtrArray) problems = NULL;
	const struct config_section *sections = NULL;
	size_t n;

	fixture_init(&s->f, true);
	g_assert_true(db_begin(s->f.db, NULL));
	s->registry = store_register_load(s->f.db, NULL);
	sections = core_sections(&n);
	s->config = config_load(NULL, sections, n, &problems);
}

static void close_stage(struct stage *s)
{
	g_assert_true(db_commit(s->f.db, NULL));
	registry_unref(s->registry);
	config_unref(s->config);
	fixture_release(&s->f);
}

static struct turn *turn_of(struct stage *s, struct update *u)
{
	g_autoptr(GError) error = NULL;
	int64_t id = 0;

	g_assert_cmpint(store_inbox_add(s->f.db, u, T0, &id, &error), ==, STORE_OK);
	g_assert_no_error(error);
	return turn_new(id, u, s->registry, s->config);
}

static void run(struct stage *s, struct turn *t)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(turn_write_job(s->f.db, t, &error));
	g_assert_no_error(error);
}

static int64_t count_posts(struct stage *s)
{
	return fixture_int64(s->f.db, "SELECT count(*) FROM post");
}

static void happen(struct stage *s, enum update_kind kind)
{
	struct update *u = kernel_message("lan", "g", NULL);
	struct turn *t;

	u->kind = kind;
	if (kind == UPDATE_CHAT_OPEN || kind == UPDATE_CHAT_GONE)
		g_clear_pointer(&u->user_id, g_free);
	t = turn_of(s, u);
	run(s, t);
	turn_free(t);
}

static void test_group_is_greeted_when_the_bot_comes_in_and_not_again(void)
{
	static const struct {
		enum update_kind kind;
		int64_t greetings; /* in all, afterwards */
	} t[] = {
		{ UPDATE_CHAT_OPEN, 1 }, /* put into the group */
		{ UPDATE_CHAT_OPEN, 1 }, /* made an administrator */
		{ UPDATE_CHAT_GONE, 1 }, { UPDATE_CHAT_OPEN, 2 }, { UPDATE_CHAT_OPEN, 2 },
	};
	struct stage s;

	open_stage(&s);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		happen(&s, t[i].kind);
		g_assert_cmpint(count_posts(&s), ==, t[i].greetings);
		g_assert_cmpint(fixture_int64(s.f.db, "SELECT is_parked FROM chat"), ==, t[i].kind == UPDATE_CHAT_GONE);
	}
	close_stage(&s);
}

static void test_handled_update_has_no_second_effect(void)
{
	struct turn *t;
	struct stage s;

	open_stage(&s);
	t = turn_of(&s, kernel_message("lan", NULL, "/khongco"));
	run(&s, t);
	g_assert_false(t->was_handled);
	g_assert_cmpint(count_posts(&s), ==, 1);
	run(&s, t);
	g_assert_true(t->was_handled);
	g_assert_cmpint(count_posts(&s), ==, 1);
	close_stage(&s);
	turn_free(t);
}

/* After a lost transaction a job runs from the start, with what its first run left in memory. */
static void test_job_that_is_run_again_says_nothing_twice(void)
{
	static const char *const texts[] = { "/h", "/khongco" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		g_autofree char *first = NULL, *second = NULL;
		struct turn *t;
		struct stage s;

		open_stage(&s);
		fixture_chat(s.f.db, "console", "lan", CHAT_PRIVATE);
		t = turn_of(&s, kernel_message("lan", NULL, texts[i]));
		t->say_rate_limited = true;
		if (turn_may_read(t->u))
			g_assert_true(turn_read_job(s.f.db, t, NULL));
		g_assert_true(db_savepoint(s.f.db, NULL));
		run(&s, t);
		g_assert_true(db_run_text(db_prepare(s.f.db, "SELECT text FROM post"), &first, NULL));
		g_assert_true(db_rollback_to(s.f.db, NULL));
		run(&s, t);
		g_assert_true(db_run_text(db_prepare(s.f.db, "SELECT text FROM post"), &second, NULL));
		g_assert_cmpstr(first, ==, second);
		close_stage(&s);
		turn_free(t);
	}
}

static void test_secret_is_told_to_its_writer_and_to_moderators_without_the_content(void)
{
	struct update *u = kernel_message("lan", NULL, "");
	g_autofree char *all = NULL;
	struct turn *t;
	struct stage s;
	int64_t ha;

	open_stage(&s);
	ha = fixture_member(s.f.db, "console", "ha", "STTTT", NULL);
	g_assert_true(store_member_set_role(s.f.db, ha, ROLE_MODERATOR, NULL));
	u->is_withheld = true;
	t = turn_of(&s, u);
	run(&s, t);
	g_assert_true(db_run_text(db_prepare(s.f.db, "SELECT group_concat(c.remote_id, ' ') FROM delivery d JOIN chat c ON c.id = d.chat_id"), &all,
				  NULL));
	g_assert_cmpstr(all, ==, "lan ha");
	close_stage(&s);
	turn_free(t);
}

/* Nobody's text is held, refused or asked about in silence; what was only looked up is not worth a line after so long. */
static void test_late_group_message_of_a_stranger_names_him(void)
{
	static const struct {
		const char *text;
		bool is_withheld, is_named;
	} cases[] = {
		{ "/c Chợ 4.0\nnd: tiểu thương dán mã QR", false, true },
		{ NULL, true, true },
		{ "/duyet SK1", false, true },
		{ "/h", false, false },
		{ "/t chợ", false, false },
		{ "nói chuyện", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct update *u = kernel_message("moi", "g", cases[i].text);
		g_autofree char *said = NULL;
		struct turn *t;
		struct stage s;

		g_test_message("%s", cases[i].text ? cases[i].text : "a secret");
		open_stage(&s);
		u->is_withheld = cases[i].is_withheld;
		u->sent_ms -= HOUR_MS;
		t = turn_of(&s, u);
		run(&s, t);
		g_assert_true(db_run_text(db_prepare(s.f.db, "SELECT coalesce(group_concat(p.text), '') FROM post p JOIN delivery d ON d.post_id = p.id"),
					  &said, NULL));
		g_assert_cmpstr(said, ==, cases[i].is_named ? "moi: tin gửi trong nhóm được đọc muộn; nhắn riêng cho hệ thống để xem và hoàn tất." : "");
		close_stage(&s);
		turn_free(t);
	}
}

static void test_moved_chat_keeps_its_row(void)
{
	struct update *u = kernel_message("lan", "g", NULL);
	g_autoptr(chat_t) chat = NULL;
	struct turn *t;
	struct stage s;
	int64_t row;

	open_stage(&s);
	row = fixture_chat(s.f.db, "console", "g", CHAT_GROUP);
	u->kind = UPDATE_CHAT_MOVED;
	u->moved_to = g_strdup("g-moi");
	t = turn_of(&s, u);
	run(&s, t);
	g_assert_cmpint(store_chat_find(s.f.db, "console", "g-moi", &chat, NULL), ==, STORE_OK);
	g_assert_cmpint(chat->id, ==, row);
	g_assert_cmpint(fixture_int64(s.f.db, "SELECT count(*) FROM chat"), ==, 1);
	close_stage(&s);
	turn_free(t);
}

static void test_what_may_only_read(void)
{
	static const struct {
		const char *chat, *text;
		bool may;
	} t[] = {
		{ NULL, "/t loa", true },	{ NULL, "/x SK13", true }, { NULL, "x13", true }, { NULL, "1", true },
		{ NULL, "/c Tên\nnd: x", false }, { "g", "/t loa", true },   { "g", "SK13", false }, { NULL, "/khongco", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(update_t) u = kernel_message("lan", t[i].chat, t[i].text);

		g_test_message("%s", t[i].text);
		if (turn_may_read(u) != t[i].may)
			g_test_fail();
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/turn/group-is-greeted-when-the-bot-comes-in-and-not-again", test_group_is_greeted_when_the_bot_comes_in_and_not_again);
	g_test_add_func("/turn/handled-update-has-no-second-effect", test_handled_update_has_no_second_effect);
	g_test_add_func("/turn/job-that-is-run-again-says-nothing-twice", test_job_that_is_run_again_says_nothing_twice);
	g_test_add_func("/turn/secret-is-told-to-its-writer-and-to-moderators", test_secret_is_told_to_its_writer_and_to_moderators_without_the_content);
	g_test_add_func("/turn/late-stranger", test_late_group_message_of_a_stranger_names_him);
	g_test_add_func("/turn/moved-chat-keeps-its-row", test_moved_chat_keeps_its_row);
	g_test_add_func("/turn/what-may-only-read", test_what_may_only_read);
	return g_test_run();
}
