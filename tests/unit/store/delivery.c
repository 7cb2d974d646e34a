/* SPDX-License-Identifier: MIT */
/* Deliveries: heads of line, claiming, settling, recovery, revival, parts and their spans, expiry. */
#include "fixture.h"

#include "base/macros.h"

#define FREE_NOW 4 /* confirmations a minute that go at once (domain §5.4) */
#define ALL_CLASSES ((1u << DELIVERY_CLASSES) - 1)

static guint ids_of(GPtrArray *rows, int64_t *ids)
{
	for (guint i = 0; i < rows->len; i++)
		ids[i] = ((struct delivery *)rows->pdata[i])->id;
	return rows->len;
}

/* The texts of what could go now, joined: "a b". */
static char *due_texts(struct db *db, const char *adapter, unsigned classes, int64_t now_ms, GHashTable *skip)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) due = store_delivery_due(db, adapter, classes, 0, now_ms, skip, 100, &error);
	GString *text = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < due->len; i++) {
		const struct delivery *d = due->pdata[i];
		g_autoptr(post_t) post = NULL;

		g_assert_null(d->text);
		g_assert_cmpint(store_post_get(db, d->post_id, &post, &error), ==, STORE_OK);
		g_string_append_printf(text, "%s%s", text->len ? " " : "", post->text);
	}
	return g_string_free(text, FALSE);
}

#define ASSERT_DUE(db, now, expected)                                                                                              \
	do {                                                                                                                       \
		g_autofree char *texts_ = due_texts((db), "t", ALL_CLASSES, (now), NULL);                                          \
		g_assert_cmpstr(texts_, ==, (expected));                                                                           \
	} while (0)

static struct delivery *claim_post(struct db *db, int64_t post)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) due = store_delivery_due(db, "t", ALL_CLASSES, 0, INT64_MAX, NULL, 100, &error);

	for (guint i = 0; i < due->len; i++) {
		const struct delivery *d = due->pdata[i];
		g_autoptr(GPtrArray) claimed = NULL;

		if (d->post_id != post)
			continue;
		claimed = store_delivery_claim(db, &d->id, 1, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(claimed->len, ==, 1);
		return g_ptr_array_steal_index(claimed, 0);
	}
	g_assert_not_reached();
}

static void settle(struct db *db, int64_t id, enum delivery_state state, int64_t due_ms, const char *remote_id)
{
	g_autoptr(GError) error = NULL;
	const struct delivery_settlement s = {
		.id = id, .state = state, .due_ms = due_ms, .remote_id = (char *)remote_id, .reason = NULL
	};

	g_assert_true(store_delivery_settle(db, &s, T0, &error));
	g_assert_no_error(error);
}

static void claim_and_settle(struct db *db, int64_t post, enum delivery_state state, int64_t due_ms)
{
	g_autoptr(delivery_t) d = claim_post(db, post);

	settle(db, d->id, state, due_ms, NULL);
}

static void test_one_at_a_time_per_chat_and_class(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP), y = fixture_chat(f.db, "t", "y", CHAT_PRIVATE);
	const int64_t other = fixture_chat(f.db, "u", "x", CHAT_GROUP);
	int64_t a, n, due;

	a = fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	fixture_delivery(f.db, x, "b", CLASS_DIRECT, T0);
	fixture_delivery(f.db, x, "n", CLASS_NOTICE, T0);
	fixture_delivery(f.db, y, "c", CLASS_DIRECT, T0 + 5);
	fixture_delivery(f.db, other, "o", CLASS_DIRECT, T0);
	ASSERT_DUE(f.db, T0, "a n");
	ASSERT_DUE(f.db, T0 + 5, "a c n");
	claim_and_settle(f.db, a, DELIVERY_SENT, T0);
	ASSERT_DUE(f.db, T0 + 5, "b c n");
	g_assert_true(store_delivery_count_open(f.db, "t", ALL_CLASSES, &n, &error));
	g_assert_cmpint(n, ==, 3);
	g_assert_true(store_delivery_count_open(f.db, NULL, 1u << CLASS_DIRECT, &n, &error));
	g_assert_cmpint(n, ==, 3);
	g_assert_true(store_delivery_next_due(f.db, "t", 1u << CLASS_DIGEST, -1, &due, &error));
	g_assert_cmpint(due, ==, -1);
	g_assert_true(store_delivery_next_due(f.db, "t", ALL_CLASSES, -1, &due, &error));
	g_assert_cmpint(due, ==, T0);
	FIXTURE_END(f);
}

static void test_later_holds_its_line_and_dead_lets_the_next_go(const void *data)
{
	static const struct {
		enum delivery_state state;
		int64_t due;
		const char *now, *later;
	} t[] = {
		{ DELIVERY_SENT, T0, "b", "n b" },
		{ DELIVERY_QUEUED, T0 + 9000, "", "n a" },
		{ DELIVERY_DEAD, T0, "b", "n b" },
		{ DELIVERY_ASKED, T0, "b", "n b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		FIXTURE_BEGIN(f, data);
		const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
		const int64_t a = fixture_delivery(f.db, x, "a", CLASS_NOTICE, T0);
		g_autofree char *texts = NULL;

		fixture_delivery(f.db, x, "b", CLASS_NOTICE, T0);
		fixture_delivery(f.db, x, "n", CLASS_DIRECT, T0);
		claim_and_settle(f.db, a, t[i].state, t[i].due);
		texts = due_texts(f.db, "t", 1u << CLASS_NOTICE, T0, NULL);
		g_assert_cmpstr(texts, ==, t[i].now);
		ASSERT_DUE(f.db, T0 + 9000, t[i].later);
		FIXTURE_END(f);
	}
}

static void test_inflight_holds_its_line_and_unclaim_counts_no_try(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
	const int64_t a = fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	g_autoptr(delivery_t) d = NULL, again = NULL;
	g_autoptr(GPtrArray) none = NULL;

	fixture_delivery(f.db, x, "b", CLASS_DIRECT, T0);
	d = claim_post(f.db, a);
	g_assert_cmpuint(d->tries, ==, 1);
	ASSERT_DUE(f.db, T0, "");
	none = store_delivery_claim(f.db, &d->id, 1, &error);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_true(store_delivery_unclaim(f.db, d->id, &error));
	ASSERT_DUE(f.db, T0, "a");
	again = claim_post(f.db, a);
	g_assert_cmpuint(again->tries, ==, 1);
	FIXTURE_END(f);
}

static void test_parked_and_skipped_chats_are_left_out(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP), y = fixture_chat(f.db, "t", "y", CHAT_GROUP);
	g_autoptr(GHashTable) skip = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autofree char *texts = NULL;
	int64_t due;

	fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	g_assert_true(store_chat_park(f.db, x, "removed", &error));
	fixture_delivery(f.db, x, "b", CLASS_NOTICE, T0);
	fixture_delivery(f.db, y, "c", CLASS_DIRECT, T0 + 7);
	ASSERT_DUE(f.db, T0 + 7, "c");
	g_assert_true(store_delivery_next_due(f.db, "t", ALL_CLASSES, -1, &due, &error));
	g_assert_cmpint(due, ==, T0 + 7);
	g_assert_true(store_delivery_next_due(f.db, "t", ALL_CLASSES, T0 + 7, &due, &error));
	g_assert_cmpint(due, ==, -1);
	/* They waited for the chat: a message from it opens it. */
	fixture_chat(f.db, "t", "x", CHAT_GROUP);
	ASSERT_DUE(f.db, T0 + 7, "a c b");
	g_hash_table_add(skip, (void *)&x);
	texts = due_texts(f.db, "t", ALL_CLASSES, T0 + 7, skip);
	g_assert_cmpstr(texts, ==, "c");
	FIXTURE_END(f);
}

static void test_parts_carry_their_text_spans_and_file(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
	struct span spans[] = { { SPAN_BOLD, 0, 3 }, { SPAN_CODE, 2, 6 } };
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"F", .name = (char *)"a.pdf", .size = 12 };
	const struct post p = {
		.text = (char *)"đỏabc", .spans = spans, .n_spans = 2, .class = CLASS_NOTICE, .item_id = 5, .file = &file
	};
	const struct post_part parts[] = { { 0, 5, false }, { 5, 3, true } };
	const struct delivery_target to = { .chat_id = x, .reply_to_id = "77", .user_id = "u", .thread_id = "9", .due_ms = T0 + 3 };
	g_autoptr(delivery_t) first = NULL, second = NULL;
	int64_t post, item, announcement;

	g_assert_true(store_post_add(f.db, &p, T0, &post, &error));
	g_assert_true(store_delivery_add(f.db, post, &to, parts, 2, T0, &error));
	ASSERT_DUE(f.db, T0, "");
	first = claim_post(f.db, post);
	g_assert_cmpstr(first->text, ==, "đỏ");
	g_assert_cmpuint(first->n_spans, ==, 2);
	g_assert_cmpint(first->spans[1].kind, ==, SPAN_CODE);
	g_assert_cmpuint(first->spans[1].start, ==, 2);
	g_assert_cmpuint(first->spans[1].len, ==, 3);
	g_assert_null(first->file);
	g_assert_cmpuint(first->parts, ==, 2);
	g_assert_cmpstr(first->chat_id, ==, "x");
	g_assert_cmpstr(first->reply_to_id, ==, "77");
	g_assert_cmpstr(first->user_id, ==, "u");
	g_assert_cmpstr(first->thread_id, ==, "9");
	g_assert_cmpint(first->chat_kind, ==, CHAT_GROUP);
	g_assert_cmpint(first->due_ms, ==, T0 + 3);
	settle(f.db, first->id, DELIVERY_SENT, T0, "m1");
	second = claim_post(f.db, post);
	g_assert_cmpstr(second->text, ==, "abc");
	g_assert_cmpuint(second->n_spans, ==, 1);
	g_assert_cmpuint(second->spans[0].start, ==, 0);
	g_assert_cmpuint(second->spans[0].len, ==, 3);
	g_assert_cmpstr(second->file->file_id, ==, "F");
	g_assert_cmpint(second->file->size, ==, 12);
	g_assert_null(second->file->mime);
	/* And a reply to the bot's message finds what it spoke of. */
	g_assert_cmpint(store_post_of_message(f.db, x, "m1", &item, &announcement, &error), ==, STORE_OK);
	g_assert_cmpint(item, ==, 5);
	g_assert_cmpint(announcement, ==, 0);
	g_assert_cmpint(store_post_of_message(f.db, x, "m2", &item, &announcement, &error), ==, STORE_NOT_FOUND);
	FIXTURE_END(f);
}

static void test_what_was_in_flight_at_a_crash_is_uncertain(const void *data)
{
	for (int resend = 0; resend < 2; resend++) {
		FIXTURE_BEGIN(f, data);
		const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
		const int64_t a = fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
		g_autoptr(delivery_t) d = NULL;
		struct delivery_counts counts;
		unsigned n;

		fixture_delivery(f.db, x, "b", CLASS_DIRECT, T0);
		d = claim_post(f.db, a);
		g_assert_cmpstr(d->text, ==, "a");
		g_assert_true(store_delivery_recover(f.db, resend, &n, &error));
		g_assert_cmpuint(n, ==, 1);
		ASSERT_DUE(f.db, T0, resend ? "a" : "b");
		g_assert_true(store_delivery_counts(f.db, NULL, &counts, &error));
		g_assert_cmpint(counts.asked, ==, !resend);
		g_assert_cmpint(counts.queued, ==, 1 + resend);
		g_assert_cmpint(counts.inflight, ==, 0);
		FIXTURE_END(f);
	}
}

static void test_revived_one_is_head_of_its_line_again(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
	const int64_t a = fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	const int64_t b = fixture_delivery(f.db, x, "b", CLASS_DIRECT, T0);
	g_autoptr(GPtrArray) dead = NULL, all = NULL;
	int64_t ids[8];
	unsigned n;

	fixture_delivery(f.db, x, "c", CLASS_DIRECT, T0);
	claim_and_settle(f.db, a, DELIVERY_DEAD, T0);
	claim_and_settle(f.db, b, DELIVERY_ASKED, T0);
	ASSERT_DUE(f.db, T0, "c");
	dead = store_delivery_list(f.db, true, 0, 10, &error);
	g_assert_cmpint(ids_of(dead, ids), ==, 2);
	g_assert_cmpint(((struct delivery *)dead->pdata[0])->state, ==, DELIVERY_DEAD);
	g_assert_cmpstr(((struct delivery *)dead->pdata[0])->text, ==, "a");
	all = store_delivery_list(f.db, false, ids[0], 10, &error);
	g_assert_cmpuint(all->len, ==, 2);
	g_assert_true(store_chat_park(f.db, x, "gone", &error));
	g_assert_true(store_delivery_revive(f.db, ids[0], T0 + 50, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	ASSERT_DUE(f.db, T0 + 50, "a");
	g_assert_true(store_delivery_revive(f.db, 0, T0 + 50, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	ASSERT_DUE(f.db, T0 + 50, "a");
	claim_and_settle(f.db, a, DELIVERY_SENT, T0);
	ASSERT_DUE(f.db, T0 + 50, "b");
	claim_and_settle(f.db, b, DELIVERY_SENT, T0);
	ASSERT_DUE(f.db, T0 + 50, "c");
	FIXTURE_END(f);
}

static void test_cancelled_ones_let_the_next_go(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
	struct db_stmt *st;

	fixture_delivery(f.db, x, "a", CLASS_NOTICE, T0);
	fixture_delivery(f.db, x, "b", CLASS_NOTICE, T0);
	fixture_delivery(f.db, x, "c", CLASS_NOTICE, T0);
	/* By whatever statement: the triggers keep the heads. */
	st = db_prepare(f.db, "UPDATE delivery SET state = 5 WHERE post_id < $1");
	db_bind_int64(st, 1, 3);
	g_assert_true(db_run(st, &error));
	ASSERT_DUE(f.db, T0, "c");
	FIXTURE_END(f);
}

static void test_clock_put_back_delays_nothing_that_was_due(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP), y = fixture_chat(f.db, "t", "y", CHAT_GROUP);
	const int64_t back = T0 - HOUR_MS;
	const struct delivery_target tomorrow = { .chat_id = y, .due_ms = T0 + DAY_MS };
	const struct post_part part = { .len = 1 };

	fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	g_assert_true(store_delivery_add(f.db, fixture_post(f.db, "z", CLASS_NOTICE), &tomorrow, &part, 1, T0, &error));
	ASSERT_DUE(f.db, back, "");
	g_assert_true(store_delivery_clock_moved(f.db, T0, back, &error));
	ASSERT_DUE(f.db, back, "a");
	ASSERT_DUE(f.db, T0 + DAY_MS - 1, "a");
	FIXTURE_END(f);
}

static void test_old_settled_rows_and_their_posts_go(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP);
	const int64_t a = fixture_delivery(f.db, x, "a", CLASS_DIRECT, T0);
	const int64_t b = fixture_delivery(f.db, x, "b", CLASS_DIRECT, T0);
	unsigned n;

	fixture_delivery(f.db, x, "c", CLASS_DIRECT, T0);
	claim_and_settle(f.db, a, DELIVERY_SENT, T0);
	claim_and_settle(f.db, b, DELIVERY_DEAD, T0);
	g_assert_true(store_delivery_expire(f.db, T0, 10, &n, &error));
	g_assert_cmpuint(n, ==, 0);
	g_assert_true(store_delivery_expire(f.db, T0 + 1, 10, &n, &error));
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM delivery"), ==, 2);
	g_assert_cmpint(fixture_int64(f.db, "SELECT count(*) FROM post"), ==, 2);
	FIXTURE_END(f);
}

/* --- bundles --- */

static void test_fifth_confirmation_of_a_minute_waits_for_one_line(const void *data)
{
	FIXTURE_BEGIN(f, data);
	const int64_t x = fixture_chat(f.db, "t", "x", CHAT_GROUP), y = fixture_chat(f.db, "t", "y", CHAT_GROUP);
	const struct post_part part = { .len = 4 };
	struct delivery_target to = { .chat_id = x };
	g_autoptr(delivery_t) d = NULL;
	int64_t post, due, mine;
	bool now;
	char **words;

	for (int i = 0; i < FREE_NOW; i++) {
		g_assert_true(store_bundle_add(f.db, x, "SK1", FREE_NOW, T0 + i * INT64_C(1000), &now, &words, &post, &due, &error));
		g_assert_true(now);
	}
	g_assert_true(store_bundle_add(f.db, x, "SK5", FREE_NOW, T0 + 10000, &now, &words, &post, &due, &error));
	g_assert_false(now);
	g_assert_cmpint(post, ==, 0);
	g_assert_cmpint(due, ==, T0 + BUNDLE_WINDOW_MS);
	g_assert_cmpuint(g_strv_length(words), ==, 1);
	g_strfreev(words);
	mine = fixture_post(f.db, "+SK5", CLASS_DIRECT);
	to.due_ms = due;
	g_assert_true(store_delivery_add(f.db, mine, &to, &part, 1, T0, &error));
	g_assert_true(store_bundle_set_post(f.db, x, mine, &error));
	/* Another group has its own minute. */
	g_assert_true(store_bundle_add(f.db, y, "SK9", FREE_NOW, T0 + 10000, &now, &words, &post, &due, &error));
	g_assert_true(now);
	g_assert_true(store_bundle_add(f.db, x, "SK6", FREE_NOW, T0 + 20000, &now, &words, &post, &due, &error));
	g_assert_false(now);
	g_assert_cmpint(post, ==, mine);
	g_assert_cmpstr(words[0], ==, "SK5");
	g_assert_cmpstr(words[1], ==, "SK6");
	g_assert_null(words[2]);
	g_strfreev(words);
	g_assert_true(store_post_set_text(f.db, mine, "+SK5, SK6", &error));
	ASSERT_DUE(f.db, T0 + BUNDLE_WINDOW_MS - 1, "");
	d = claim_post(f.db, mine);
	g_assert_cmpstr(d->text, ==, "+SK5, SK6");
	/* On its way it is closed: what comes now is counted afresh, and its text stays. */
	g_assert_true(store_post_set_text(f.db, mine, "too late", &error));
	g_assert_true(store_bundle_add(f.db, x, "SK7", FREE_NOW, T0 + BUNDLE_WINDOW_MS + 5000, &now, &words, &post, &due, &error));
	g_assert_true(now);
	settle(f.db, d->id, DELIVERY_QUEUED, T0, NULL);
	delivery_free(g_steal_pointer(&d));
	d = claim_post(f.db, mine);
	g_assert_cmpstr(d->text, ==, "+SK5, SK6");
	FIXTURE_END(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	fixture_add("/one-at-a-time-per-chat-and-class", test_one_at_a_time_per_chat_and_class);
	fixture_add("/later-holds-its-line-and-dead-lets-the-next-go", test_later_holds_its_line_and_dead_lets_the_next_go);
	fixture_add("/inflight-holds-its-line-and-unclaim-counts-no-try", test_inflight_holds_its_line_and_unclaim_counts_no_try);
	fixture_add("/parked-and-skipped-chats-are-left-out", test_parked_and_skipped_chats_are_left_out);
	fixture_add("/parts-carry-their-text-spans-and-file", test_parts_carry_their_text_spans_and_file);
	fixture_add("/what-was-in-flight-at-a-crash-is-uncertain", test_what_was_in_flight_at_a_crash_is_uncertain);
	fixture_add("/revived-one-is-head-of-its-line-again", test_revived_one_is_head_of_its_line_again);
	fixture_add("/cancelled-ones-let-the-next-go", test_cancelled_ones_let_the_next_go);
	fixture_add("/clock-put-back-delays-nothing-that-was-due", test_clock_put_back_delays_nothing_that_was_due);
	fixture_add("/old-settled-rows-and-their-posts-go", test_old_settled_rows_and_their_posts_go);
	fixture_add("/fifth-confirmation-of-a-minute-waits-for-one-line", test_fifth_confirmation_of_a_minute_waits_for_one_line);
	return g_test_run();
}
