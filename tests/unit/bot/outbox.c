/* SPDX-License-Identifier: MIT */
/* Words to rows: where answers go when a private chat is open, closed or unknown, the minute's bundle, parts, files, notices. */
#include "kernel.h"

#include "bot/commands/change.h"
#include "bot/outbox.h"

struct desk {
	struct fixture f;
	struct config *config;
	struct turn_out out;
	struct chat *group;
	int64_t now_ms;
	bool is_reading; /* the turn only looked something up */
};

static void open_desk(struct desk *d)
{
	g_autoptr(GPtrArray) problems = NULL;
	const struct config_section *sections = NULL;
	size_t n;

	memset(d, 0, sizeof(*d));
	fixture_init(&d->f, true);
	g_assert_true(db_begin(d->f.db, NULL));
	sections = core_sections(&n);
	d->config = config_load(NULL, sections, n, &problems);
	turn_out_init(&d->out, d->config);
	d->now_ms = T0;
	g_assert_cmpint(store_chat_seen(d->f.db, "telegram", "g", CHAT_GROUP, "Nhóm", T0, &d->group, NULL), ==, STORE_OK);
}

static void close_desk(struct desk *d)
{
	g_assert_true(db_commit(d->f.db, NULL));
	turn_out_release(&d->out);
	chat_free(d->group);
	config_unref(d->config);
	fixture_release(&d->f);
}

/* A context for the cmd_* functions, speaking of a message in the group or in private. */
static void speak(struct desk *d, const struct update *u, struct cmd_ctx *ctx)
{
	turn_out_reset(&d->out);
	memset(ctx, 0, sizeof(*ctx));
	ctx->db = d->f.db;
	ctx->u = u;
	ctx->config = d->config;
	ctx->now_ms = d->now_ms;
	ctx->out = &d->out;
}

static struct update *message(const char *who, bool in_group)
{
	struct update *u = kernel_message(who, in_group ? "g" : NULL, "/x");

	g_free(u->adapter);
	u->adapter = g_strdup("telegram");
	u->sent_ms = 0; /* the platform names no time */
	return u;
}

static unsigned write_out(struct desk *d, const struct update *u, const struct chat *chat, int64_t actor)
{
	const struct outbox_origin origin = { .u = u, .chat = chat, .actor_id = actor, .is_reading = d->is_reading };
	g_autoptr(GError) error = NULL;
	unsigned n = 0;

	g_assert_true(outbox_write(d->f.db, &d->out, &origin, d->now_ms, &n, &error));
	g_assert_no_error(error);
	return n;
}

/* Everything that was written since the last call: "chat class: text", a line each. */
static char *written(struct desk *d)
{
	GString *s = g_string_new(NULL);
	struct db_stmt *st = db_prepare(d->f.db, "SELECT c.remote_id, d.class, coalesce(CAST(substr(CAST(p.text AS BLOB), d.start + 1, d.len) AS TEXT), '') FROM delivery d"
						 " JOIN post p ON p.id = d.post_id JOIN chat c ON c.id = d.chat_id ORDER BY d.id");

	while (db_step(st, NULL) == DB_ROW)
		g_string_append_printf(s, "%s%s %d: %s", s->len ? "\n" : "", db_col_text(st, 0), (int)db_col_int64(st, 1), db_col_text(st, 2));
	db_finish(st);
	g_assert_true(db_run(db_prepare(d->f.db, "DELETE FROM delivery"), NULL));
	return g_string_free(s, FALSE);
}

#define ASSERT_WRITTEN(d, expected)                                                                                                \
	G_STMT_START                                                                                                               \
	{                                                                                                                          \
		g_autofree char *w_ = written(d);                                                                                  \
		g_assert_cmpstr(w_, ==, expected);                                                                                 \
	}                                                                                                                          \
	G_STMT_END

static void test_private_answer_reaches_whoever_wrote(void)
{
	static const struct {
		const char *name, *user, *user_name;
	} t[] = {
		{ "an unregistered person", "moi", "Mới" },
		{ "one without a name", "vodanh", NULL },
		{ "nobody in particular", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(update_t) u = message("p", false);
		g_autoptr(chat_t) chat = NULL;
		struct cmd_ctx ctx;
		struct desk d;

		g_test_message("%s", t[i].name);
		open_desk(&d);
		g_free(u->user_id);
		u->user_id = g_strdup(t[i].user);
		g_free(u->user_name);
		u->user_name = g_strdup(t[i].user_name);
		g_assert_cmpint(store_chat_seen(d.f.db, "telegram", "p", CHAT_PRIVATE, NULL, T0, &chat, NULL), ==, STORE_OK);
		speak(&d, u, &ctx);
		cmd_say_text(&ctx, "một");
		cmd_say_text(&ctx, "hai");
		cmd_line(&ctx, NULL, MSG_GREETING_GROUP, NULL); /* not said in private */
		g_assert_cmpuint(write_out(&d, u, chat, 0), ==, 1);
		ASSERT_WRITTEN(&d, "p 0: một\nhai");
		close_desk(&d);
	}
}

static void test_group_answer_goes_to_the_open_private_chat(void)
{
	g_autoptr(update_t) u = message("lan", true);
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	fixture_member(d.f.db, "telegram", "lan", "VUBAN", NULL);
	speak(&d, u, &ctx);
	cmd_say_text(&ctx, "chi tiết");
	cmd_line_if_closed(&ctx, MSG_HELP_GROUP, NULL);
	write_out(&d, u, d.group, 0);
	ASSERT_WRITTEN(&d, "lan 0: chi tiết");
	close_desk(&d);
}

static void test_closed_private_chat_is_said_once_a_day(void)
{
	g_autoptr(update_t) u = message("lan", true);
	const char *closed = "g 0: lan: nhắn riêng cho hệ thống để xem và hoàn tất.";
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	for (int i = 0; i < 3; i++) {
		speak(&d, u, &ctx);
		cmd_say_text(&ctx, "chi tiết");
		write_out(&d, u, d.group, 0);
		ASSERT_WRITTEN(&d, i == 1 ? "" : closed);
		d.now_ms += i == 0 ? HOUR_MS : DAY_MS;
	}
	/* The command's own line says more, and one line is enough. */
	speak(&d, u, &ctx);
	cmd_say_text(&ctx, "chi tiết");
	cmd_line(&ctx, NULL, MSG_HELP_GROUP, NULL);
	write_out(&d, u, d.group, 0);
	g_autofree char *own = written(&d);
	g_assert_true(g_str_has_prefix(own, "g 0: Hướng dẫn"));
	g_assert_null(strchr(own, '\n'));
	speak(&d, u, &ctx);
	cmd_say_text(&ctx, "chi tiết");
	cmd_line_if_closed(&ctx, MSG_HELP_GROUP, NULL);
	write_out(&d, u, d.group, 0);
	g_autofree char *substitute = written(&d);
	g_assert_true(g_str_has_prefix(substitute, "g 0: Hướng dẫn"));
	close_desk(&d);
}

static void test_fifth_confirmation_of_a_minute_joins_one_line(void)
{
	struct desk d;
	g_autofree char *first = NULL, *all = NULL;

	open_desk(&d);
	for (int i = 1; i <= 7; i++) {
		g_autoptr(update_t) u = message("lan", true);
		g_autofree char *word = g_strdup_printf("SK%d", i);
		struct cmd_ctx ctx;

		speak(&d, u, &ctx);
		cmd_line(&ctx, word, MSG_HELP_GROUP, NULL);
		write_out(&d, u, d.group, 0);
		if (i == 4)
			first = written(&d);
		d.now_ms += 1000;
	}
	g_assert_nonnull(first);
	all = written(&d);
	g_assert_cmpstr(all, ==, "g 3: Đã nhận thêm 3 mục: SK5, SK6 và SK7. Cảm ơn các đồng chí.");
	close_desk(&d);
}

/* --- late answers --- */

static void test_only_what_is_dated_long_ago_is_late(void)
{
	static const struct {
		const char *name;
		int64_t sent_ms;
		enum update_kind kind;
		bool is_late;
	} t[] = {
		{ "just written", T0, UPDATE_MESSAGE, false },
		{ "as old as the limit", T0 - OUTBOX_LATE_MS, UPDATE_MESSAGE, false },
		{ "older", T0 - OUTBOX_LATE_MS - 1, UPDATE_MESSAGE, true },
		{ "an old edit", T0 - DAY_MS, UPDATE_EDIT, true },
		{ "without a time", 0, UPDATE_MESSAGE, false },
		{ "of the future", T0 + DAY_MS, UPDATE_MESSAGE, false },
		{ "no message: the bot let into a group", T0 - DAY_MS, UPDATE_CHAT_OPEN, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(update_t) u = message("lan", true);
		struct cmd_ctx ctx;
		struct desk d;

		g_test_message("%s", t[i].name);
		open_desk(&d);
		fixture_member(d.f.db, "telegram", "lan", "VUBAN", NULL);
		u->sent_ms = t[i].sent_ms;
		u->kind = t[i].kind;
		speak(&d, u, &ctx);
		cmd_line(&ctx, "SK1", MSG_SHARE_LINE_NO_UNIT, "id", "SK1", NULL);
		cmd_say_text(&ctx, "chi tiết");
		write_out(&d, u, d.group, 0);
		ASSERT_WRITTEN(&d, t[i].is_late ? "lan 0: Tin đồng chí gửi trong nhóm được đọc muộn, nay hệ thống trả lời riêng.\n"
						  "Đã nhận SK1, cảm ơn đồng chí; đang chờ duyệt.\nchi tiết" :
						  "g 0: Đã nhận SK1, cảm ơn đồng chí; đang chờ duyệt.\nlan 0: chi tiết");
		close_desk(&d);
	}
}

static void test_private_message_is_answered_late_as_ever(void)
{
	g_autoptr(update_t) u = message("lan", false);
	g_autoptr(chat_t) chat = NULL;
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	g_assert_cmpint(store_chat_seen(d.f.db, "telegram", "lan", CHAT_PRIVATE, NULL, T0, &chat, NULL), ==, STORE_OK);
	u->sent_ms = T0 - DAY_MS;
	speak(&d, u, &ctx);
	cmd_say_text(&ctx, "chi tiết");
	write_out(&d, u, chat, 0);
	ASSERT_WRITTEN(&d, "lan 0: chi tiết");
	close_desk(&d);
}

static void test_late_answer_keeps_its_bold_words(void)
{
	g_autoptr(update_t) u = message("lan", true);
	const char *clause = "Tin đồng chí gửi trong nhóm được đọc muộn, nay hệ thống trả lời riêng.\n";
	g_autofree char *spans = NULL;
	g_autofree char *expected = g_strdup_printf("%d:%zu:3", SPAN_BOLD, strlen(clause) + strlen("một "));
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	fixture_member(d.f.db, "telegram", "lan", "VUBAN", NULL);
	u->sent_ms = T0 - DAY_MS;
	speak(&d, u, &ctx);
	cmd_bold(&ctx, strlen("một "), strlen("hai"));
	cmd_say_text(&ctx, "một hai ba");
	write_out(&d, u, d.group, 0);
	g_assert_true(db_run_text(db_prepare(d.f.db, "SELECT spans FROM post"), &spans, NULL));
	g_assert_cmpstr(spans, ==, expected);
	close_desk(&d);
}

/* A backlog of people who cannot be written to: one line that names what was done, none for what was only looked up. */
static void test_late_answers_without_a_private_chat_are_one_line(void)
{
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	for (int i = 1; i <= 6; i++) {
		g_autoptr(update_t) u = message(i % 2 ? "lan" : "nam", true);
		g_autofree char *word = g_strdup_printf("SK%d", i);

		u->sent_ms = T0 - HOUR_MS;
		speak(&d, u, &ctx);
		d.is_reading = i > 3;
		if (i <= 3)
			cmd_line(&ctx, word, MSG_SHARE_LINE_NO_UNIT, "id", word, NULL);
		else if (i == 4)
			cmd_line(&ctx, NULL, MSG_NHOM_CORE, NULL);
		else if (i == 5)
			cmd_line_if_closed(&ctx, MSG_HELP_GROUP, NULL);
		cmd_say_text(&ctx, "chi tiết");
		write_out(&d, u, d.group, 0);
		d.now_ms += 1000;
	}
	g_assert_cmpint(fixture_int64(d.f.db, "SELECT due_ms FROM delivery"), ==, T0 + BUNDLE_WINDOW_MS);
	ASSERT_WRITTEN(&d, "g 3: Đã nhận thêm 3 mục: SK1, SK2 và SK3. Cảm ơn các đồng chí.");
	close_desk(&d);
}

/* Late and with no private chat: a held text, a secret not stored, a refusal, a question. */
static void late_say(struct desk *d, const char *who, const char *done_or_null, bool asks)
{
	g_autoptr(update_t) u = message(who, true);
	struct cmd_ctx ctx;

	u->sent_ms = T0 - HOUR_MS;
	if (!*who)
		g_clear_pointer(&u->user_name, g_free);
	speak(d, u, &ctx);
	if (done_or_null)
		cmd_line(&ctx, done_or_null, MSG_SHARE_LINE_NO_UNIT, "id", done_or_null, NULL);
	cmd_say(&ctx, MSG_SENSITIVE_STAMP, NULL);
	if (asks)
		cmd_ask_for(&ctx, &cmd_bosung, "which", NULL);
	write_out(d, u, d->group, 0);
	d->now_ms += 1000;
}

#define READ_LATE_IN_GROUP ": tin gửi trong nhóm được đọc muộn; nhắn riêng cho hệ thống để xem và hoàn tất."

static void test_late_answer_that_cannot_be_given_names_who_is_to_write(void)
{
	struct desk d;

	open_desk(&d);
	late_say(&d, "moi", NULL, false);
	ASSERT_WRITTEN(&d, "g 3: moi" READ_LATE_IN_GROUP);
	late_say(&d, "moi", NULL, false); /* once a day */
	ASSERT_WRITTEN(&d, "");
	late_say(&d, "lan", "SK1", false); /* a confirmation is enough */
	late_say(&d, "nam", "SK2", true);  /* unless a question is open behind it */
	late_say(&d, "", NULL, false);
	ASSERT_WRITTEN(&d, "g 3: Đã nhận thêm 2 mục: SK1 và SK2. Cảm ơn các đồng chí.\nnam và Một người chưa rõ tên" READ_LATE_IN_GROUP);
	close_desk(&d);
}

/* An outage that ends with half the group waiting is one line, however many they are. */
static void test_late_people_are_one_line_and_counted(void)
{
	g_autofree char *all = NULL;
	struct desk d;

	open_desk(&d);
	for (int i = 1; i <= 50; i++) {
		g_autofree char *who = g_strdup_printf("người số %d", i);

		late_say(&d, who, NULL, false);
	}
	g_assert_cmpint(fixture_int64(d.f.db, "SELECT count(*) FROM delivery"), ==, 1);
	all = written(&d);
	g_assert_true(g_str_has_prefix(all, "g 3: người số 1, người số 2, "));
	g_assert_true(g_str_has_suffix(all, "người số 20 và 30 đồng chí khác" READ_LATE_IN_GROUP));
	close_desk(&d);
}

static void test_closed_line_names_what_is_to_be_finished(void)
{
	g_autoptr(update_t) u = message("lan", true);
	struct item i = { .kind = ITEM_INITIATIVE, .status = ITEM_DRAFT, .title = (char *)"Chợ 4.0", .body = (char *)"" };
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	i.fields = g_ptr_array_new();
	i.attachments = g_ptr_array_new();
	g_assert_cmpint(store_item_add(d.f.db, &i, NULL, T0, NULL), ==, STORE_OK);
	for (int asks = 1; asks >= 0; asks--) {
		g_autofree char *id = item_id_text(i.kind, i.number);
		g_autofree char *finish = g_strdup_printf("g 0: lan: nhắn riêng cho hệ thống để hoàn tất %s.", id);

		speak(&d, u, &ctx);
		cmd_about(&ctx, i.id);
		cmd_say(&ctx, MSG_SENSITIVE_STAMP, NULL);
		if (asks)
			cmd_ask_for(&ctx, &cmd_bosung, "which", NULL);
		write_out(&d, u, d.group, 0);
		ASSERT_WRITTEN(&d, asks ? finish : "g 0: lan: nhắn riêng cho hệ thống để xem và hoàn tất.");
		d.now_ms += DAY_MS;
	}
	g_ptr_array_unref(i.fields);
	g_ptr_array_unref(i.attachments);
	close_desk(&d);
}

/* What the turn tells others is no late answer: it is as new to them as ever. */
static void test_late_message_has_its_notices(void)
{
	g_autoptr(update_t) u = message("ha", true);
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	g_assert_true(store_chat_set_core(d.f.db, d.group->id, true, NULL));
	fixture_member(d.f.db, "telegram", "ha", "STTTT", NULL);
	u->sent_ms = T0 - HOUR_MS;
	speak(&d, u, &ctx);
	cmd_tell_core(&ctx, MSG_ALARM_OVER, "adapter", "telegram", NULL);
	g_assert_cmpint(cmd_broadcast(&ctx, "SK1 mới", true, false, NULL, 0), !=, 0);
	write_out(&d, u, d.group, 0);
	ASSERT_WRITTEN(&d, "g 1: Nền tảng telegram đã hoạt động trở lại.");
	g_assert_cmpint(fixture_int64(d.f.db, "SELECT count(*) FROM fanout"), ==, 1);
	close_desk(&d);
}

static void test_long_answer_is_cut_into_parts_of_the_platform(void)
{
	g_autoptr(update_t) u = message("p", false);
	g_autoptr(chat_t) chat = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *all = NULL;
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	g_assert_cmpint(store_chat_seen(d.f.db, "telegram", "p", CHAT_PRIVATE, NULL, T0, &chat, NULL), ==, STORE_OK);
	for (int i = 0; i < 1500; i++)
		g_string_append(text, "một hai ba\n");
	speak(&d, u, &ctx);
	cmd_say_text(&ctx, text->str);
	g_assert_cmpuint(write_out(&d, u, chat, 0), ==, 5);
	all = written(&d);
	g_assert_nonnull(strstr(all, "một hai ba"));
	close_desk(&d);
}

static void test_file_of_another_platform_is_named(void)
{
	struct attachment a = { .file_id = (char *)"f1", .name = (char *)"bieu-mau.pdf", .size = -1 };
	g_autoptr(update_t) u = message("p", false);
	g_autoptr(chat_t) chat = NULL;
	struct cmd_ctx ctx;
	struct desk d;

	open_desk(&d);
	g_assert_cmpint(store_chat_seen(d.f.db, "telegram", "p", CHAT_PRIVATE, NULL, T0, &chat, NULL), ==, STORE_OK);
	speak(&d, u, &ctx);
	cmd_file(&ctx, &a, "console");
	cmd_file(&ctx, &a, "telegram");
	write_out(&d, u, chat, 0);
	g_assert_cmpint(fixture_int64(d.f.db, "SELECT count(*) FROM delivery WHERE has_file = 1"), ==, 1);
	ASSERT_WRITTEN(&d, "p 0: Tệp “bieu-mau.pdf” được gửi ở nền tảng khác nên không mở được ở đây.\np 0: ");
	close_desk(&d);
}

static int64_t member_with_role(struct desk *d, const char *name, enum role role)
{
	int64_t id = fixture_member(d->f.db, "telegram", name, "STTTT", NULL);

	g_assert_true(store_member_set_role(d->f.db, id, role, NULL));
	return id;
}

static void test_moderators_hear_of_it_but_not_the_actor(void)
{
	g_autoptr(update_t) u = message("ha", false);
	g_autoptr(chat_t) chat = NULL;
	struct cmd_ctx ctx;
	struct desk d;
	int64_t ha;

	open_desk(&d);
	ha = member_with_role(&d, "ha", ROLE_MODERATOR);
	member_with_role(&d, "tu", ROLE_ADMIN);
	fixture_member(d.f.db, "telegram", "lan", "VUBAN", NULL);
	g_assert_cmpint(store_chat_find(d.f.db, "telegram", "ha", &chat, NULL), ==, STORE_OK);
	speak(&d, u, &ctx);
	cmd_tell_moderators(&ctx, MSG_TURN_SET_ASIDE, "n", "2", NULL);
	g_assert_cmpuint(write_out(&d, u, chat, ha), ==, 1);
	g_autofree char *all = written(&d);
	g_assert_true(g_str_has_prefix(all, "tu 1: Có 2 tin"));
	close_desk(&d);
}

/* An author who is a moderator: told personally of his item, he needs no second notice of it; of another item he does. */
static void test_who_is_told_personally_is_not_told_again_as_a_moderator(void)
{
	g_autoptr(update_t) u = message("ha", false);
	g_autoptr(chat_t) chat = NULL;
	struct cmd_ctx ctx;
	struct desk d;
	int64_t ha, tu;

	open_desk(&d);
	ha = member_with_role(&d, "ha", ROLE_MODERATOR);
	tu = member_with_role(&d, "tu", ROLE_MODERATOR);
	g_assert_cmpint(store_chat_find(d.f.db, "telegram", "ha", &chat, NULL), ==, STORE_OK);
	speak(&d, u, &ctx);
	cmd_about(&ctx, 14);
	cmd_tell_moderators(&ctx, MSG_WITHDRAWN_TO_MODERATORS, "name", "Hà", "id", "SK14", "title", "Loa", NULL);
	cmd_tell(&ctx, tu, MSG_WITHDRAWN_TO_AUTHOR, "id", "SK14", "name", "Hà", NULL);
	cmd_about(&ctx, 15);
	cmd_tell_moderators(&ctx, MSG_WITHDRAWN_TO_MODERATORS, "name", "Hà", "id", "SK15", "title", "Chợ", NULL);
	write_out(&d, u, chat, ha);
	ASSERT_WRITTEN(&d, "tu 1: SK14 đã được Hà rút. Cần giữ lại thì đồng chí nhắn bộ phận thường trực.\ntu 1: Hà đã rút SK15 “Chợ”.");
	close_desk(&d);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/outbox/private-answer-reaches-whoever-wrote", test_private_answer_reaches_whoever_wrote);
	g_test_add_func("/outbox/group-answer-goes-to-the-open-private-chat", test_group_answer_goes_to_the_open_private_chat);
	g_test_add_func("/outbox/closed-private-chat-is-said-once-a-day", test_closed_private_chat_is_said_once_a_day);
	g_test_add_func("/outbox/fifth-confirmation-of-a-minute-joins-one-line", test_fifth_confirmation_of_a_minute_joins_one_line);
	g_test_add_func("/outbox/only-what-is-dated-long-ago-is-late", test_only_what_is_dated_long_ago_is_late);
	g_test_add_func("/outbox/private-message-is-answered-late-as-ever", test_private_message_is_answered_late_as_ever);
	g_test_add_func("/outbox/late-answer-keeps-its-bold-words", test_late_answer_keeps_its_bold_words);
	g_test_add_func("/outbox/late-answers-without-a-private-chat-are-one-line", test_late_answers_without_a_private_chat_are_one_line);
	g_test_add_func("/outbox/late-answer-names-who-is-to-write", test_late_answer_that_cannot_be_given_names_who_is_to_write);
	g_test_add_func("/outbox/late-people-are-one-line", test_late_people_are_one_line_and_counted);
	g_test_add_func("/outbox/closed-line-names-the-item", test_closed_line_names_what_is_to_be_finished);
	g_test_add_func("/outbox/late-message-has-its-notices", test_late_message_has_its_notices);
	g_test_add_func("/outbox/long-answer-is-cut-into-parts-of-the-platform", test_long_answer_is_cut_into_parts_of_the_platform);
	g_test_add_func("/outbox/file-of-another-platform-is-named", test_file_of_another_platform_is_named);
	g_test_add_func("/outbox/moderators-hear-of-it-but-not-the-actor", test_moderators_hear_of_it_but_not_the_actor);
	g_test_add_func("/outbox/who-is-told-personally-is-not-told-again", test_who_is_told_personally_is_not_told_again_as_a_moderator);
	return g_test_run();
}
