/* SPDX-License-Identifier: MIT */
/* The left end: what is stored, what is not and what of it, when the platform is told, and what comes back after trouble. */
#include "kernel.h"

#include "bot/ingress.h"
#include "tests/unit/store/disk.h"

struct gate {
	struct kernel k;
	struct window *window;
	struct ingress *in;
	unsigned n_rows, n_done, n_committed;
	struct update *last; /* handed over */
};

static void on_row(void *arg, int64_t inbox_id, struct update *u)
{
	struct gate *g = arg;

	g->n_rows++;
	update_free(g->last);
	g->last = u;
}

static void on_batch_done(struct update_batch *batch, bool committed)
{
	struct gate *g = batch->done_arg;

	g->n_done++;
	g->n_committed += committed;
}

static void open_gate(struct gate *g)
{
	memset(g, 0, sizeof(*g));
	kernel_init(&g->k);
	g->window = window_new(15 * MINUTE_MS);
	g->in = ingress_new(g->k.store, g->window, on_row, g);
}

static void close_gate(struct gate *g)
{
	KERNEL_WAIT(&g->k, ingress_is_idle(g->in));
	ingress_free(g->in);
	window_free(g->window);
	update_free(g->last);
	kernel_release(&g->k);
}

/* Takes u. True: the platform was told that it is safe. */
static bool take(struct gate *g, struct update *u)
{
	struct update_batch *b = update_batch_new();
	unsigned done = g->n_done + 1, committed = g->n_committed;

	g_ptr_array_add(b->updates, u);
	b->done = on_batch_done;
	b->done_arg = g;
	ingress_take(g->in, b);
	KERNEL_WAIT(&g->k, g->n_done == done);
	return g->n_committed > committed;
}

static struct update *with_file(struct update *u, const char *name)
{
	struct attachment *a = g_new0(struct attachment, 1);

	a->file_id = g_strdup("f");
	a->name = g_strdup(name);
	a->size = -1;
	g_ptr_array_add(u->attachments, a);
	return u;
}

static char *stored(struct gate *g)
{
	char *text = kernel_text(&g->k, "SELECT group_concat(payload, ' ') FROM inbox");

	return text ? text : g_strdup("");
}

static void test_only_what_speaks_to_the_bot_is_stored(void)
{
	static const struct {
		const char *name, *chat, *text;
		bool mention, reply, other_bot, forwarded, from_bot, stored;
	} t[] = {
		{ "private words", NULL, "xin chào", false, false, false, false, false, true },
		{ "group talk", "g", "họp lúc 8h", false, false, false, false, false, false },
		{ "a command in a group", "g", "/t loa", false, false, false, false, false, true },
		{ "a mention", "g", "xin chào", true, false, false, false, false, true },
		{ "a reply to the bot", "g", "cảm ơn", false, true, false, false, false, true },
		{ "a receipt", "g", "đã nhận", false, false, false, false, false, true },
		{ "a command for another bot", "g", "/t loa", false, false, true, false, false, false },
		{ "a forwarded command", "g", "/t loa", false, false, false, true, false, false },
		{ "another bot", "g", "/t loa", false, false, false, false, true, false },
		{ "a date", "g", "và/hoặc 10/10", false, false, false, false, false, false },
	};
	struct gate g;

	open_gate(&g);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct update *u = kernel_message("lan", t[i].chat, t[i].text);
		unsigned rows = g.n_rows;

		g_test_message("%s", t[i].name);
		u->mentions_bot = t[i].mention;
		u->replies_to_bot = t[i].reply;
		u->for_other_bot = t[i].other_bot;
		u->is_forwarded = t[i].forwarded;
		u->user_is_bot = t[i].from_bot;
		g_assert_true(take(&g, u)); /* talk is acknowledged as well */
		g_assert_cmpuint(g.n_rows - rows, ==, t[i].stored);
	}
	close_gate(&g);
}

/* Each of these texts would leave the secret in the database; none may, whatever part of the message it stands in. */
static void test_secrets_and_id_numbers_are_nowhere_in_the_database(void)
{
	static const char *const secrets[] = { "TỐI MẬT\nkế hoạch phòng thủ", "CCCD 036085012345 của ông An" };

	for (size_t s = 0; s < ARRAY_SIZE(secrets); s++) {
		for (int place = 0; place < 7; place++) {
			struct update *u = kernel_message("lan", "g", "/c Tên\nnd: cách làm");
			g_autofree char *all = NULL;
			struct gate g;

			open_gate(&g);
			switch (place) {
			case 0: /* the text */
				g_free(u->text);
				u->text = g_strconcat("/c Tên\n", secrets[s], NULL);
				break;
			case 1: /* a caption */
				g_free(u->text);
				u->text = g_strconcat("/c Tên\n", secrets[s], NULL);
				with_file(u, "anh.jpg");
				break;
			case 2: /* an edit */
				u->kind = UPDATE_EDIT;
				g_free(u->text);
				u->text = g_strconcat("/c Tên\n", secrets[s], NULL);
				break;
			case 3: /* the text that is replied to, sent along by the platform */
				u->reply_to_id = g_strdup("77");
				u->reply_text = g_strdup(secrets[s]);
				break;
			case 4: { /* the text that is replied to, known from the window */
				struct update *before = kernel_message("nam", "g", secrets[s]);

				u->reply_to_id = g_strdup(before->message_id);
				g_assert_true(take(&g, before));
				break;
			}
			case 5: /* an earlier part of the same text */
				g_assert_true(take(&g, kernel_message("lan", "g", secrets[s])));
				break;
			case 6: { /* an earlier part that replies to it */
				struct update *before = kernel_message("lan", "g", "như trên");

				before->reply_to_id = g_strdup("77");
				before->reply_text = g_strdup(secrets[s]);
				g_assert_true(take(&g, before));
				break;
			}
			}
			g_assert_true(take(&g, u));
			g_assert_cmpuint(g.n_rows, ==, 1);
			all = stored(&g);
			g_assert_null(strstr(all, "phòng thủ"));
			g_assert_null(strstr(all, "036085012345"));
			g_assert_cmpint(g.last->is_withheld, ==, place < 3);
			close_gate(&g);
		}
	}
}

static void test_names_of_files_are_screened_too(void)
{
	g_autofree char *all = NULL;
	struct gate g;

	open_gate(&g);
	g_assert_true(take(&g, with_file(kernel_message("lan", NULL, ""), "CCCD 036085012345.jpg")));
	all = stored(&g);
	g_assert_null(strstr(all, "036085012345"));
	g_assert_cmpuint(g.last->attachments->len, ==, 1);
	close_gate(&g);
}

static void test_same_key_is_one_row_and_acknowledged_again(void)
{
	struct update *u = kernel_message("lan", NULL, "/h"), *again = kernel_message("lan", NULL, "/h");
	struct gate g;

	g_free(again->key);
	again->key = g_strdup(u->key);
	open_gate(&g);
	g_assert_true(take(&g, u));
	g_assert_true(take(&g, again));
	g_assert_cmpuint(g.n_rows, ==, 1);
	g_assert_cmpuint(ingress_get_stats(g.in)->duplicates, ==, 1);
	close_gate(&g);
}

static void test_closed_pushes_back(void)
{
	struct gate g;

	open_gate(&g);
	ingress_set_closed(g.in, true);
	g_assert_false(take(&g, kernel_message("lan", NULL, "/h")));
	g_assert_cmpuint(g.n_rows, ==, 0);
	ingress_set_closed(g.in, false);
	g_assert_true(take(&g, kernel_message("lan", NULL, "/h")));
	close_gate(&g);
}

static void test_update_without_key_does_not_block_the_others(void)
{
	struct update_batch *b = update_batch_new();
	struct gate g;

	open_gate(&g);
	g_ptr_array_add(b->updates, kernel_message("lan", NULL, "/h"));
	g_clear_pointer(&((struct update *)b->updates->pdata[0])->key, g_free);
	g_ptr_array_add(b->updates, kernel_message("lan", NULL, "/h"));
	b->done = on_batch_done;
	b->done_arg = &g;
	ingress_take(g.in, b);
	KERNEL_WAIT(&g.k, g.n_done == 1);
	g_assert_cmpuint(g.n_committed, ==, 1);
	g_assert_cmpuint(g.n_rows, ==, 1);
	close_gate(&g);
}

/* The platform keeps what the disk refused; when it comes again, the parts that came before it are still there. */
static void test_parts_survive_a_batch_that_the_disk_refused(void)
{
	struct update *part = kernel_message("lan", "g", "phần một của cách làm"), *u = kernel_message("lan", "g", "/c Tên");
	struct update *again = kernel_message("lan", "g", "/c Tên");
	struct gate g;

	open_gate(&g);
	g_assert_true(take(&g, part));
	disk_fail(SQLITE_FULL, 0);
	g_assert_false(take(&g, u));
	disk_fail(SQLITE_OK, 0);
	KERNEL_WAIT(&g.k, g.k.n_well == 1);
	g_assert_true(take(&g, again));
	g_assert_nonnull(g.last->window);
	g_assert_cmpuint(g.last->window->len, ==, 1);
	close_gate(&g);
}

static void test_position_is_stored_with_the_rows_or_not_at_all(void)
{
	struct gate g;

	open_gate(&g);
	for (int i = 0; i < 2; i++) {
		struct update_batch *b = update_batch_new();
		g_autofree char *cursor = NULL;

		disk_fail(i ? SQLITE_OK : SQLITE_FULL, 0);
		if (i)
			KERNEL_WAIT(&g.k, g.k.n_well == 1);
		g_ptr_array_add(b->updates, kernel_message("lan", NULL, "/h"));
		b->cursor = g_strdup("42");
		b->done = on_batch_done;
		b->done_arg = &g;
		ingress_take(g.in, b);
		KERNEL_WAIT(&g.k, g.n_done == i + 1u);
		cursor = kernel_text(&g.k, "SELECT value FROM setting WHERE scope = 'console' AND key = 'cursor'");
		g_assert_cmpstr(cursor, ==, i ? "42" : NULL);
	}
	close_gate(&g);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	disk_install();
	g_test_add_func("/ingress/only-what-speaks-to-the-bot-is-stored", test_only_what_speaks_to_the_bot_is_stored);
	g_test_add_func("/ingress/secrets-and-id-numbers-are-nowhere-in-the-database", test_secrets_and_id_numbers_are_nowhere_in_the_database);
	g_test_add_func("/ingress/names-of-files-are-screened-too", test_names_of_files_are_screened_too);
	g_test_add_func("/ingress/same-key-is-one-row-and-acknowledged-again", test_same_key_is_one_row_and_acknowledged_again);
	g_test_add_func("/ingress/closed-pushes-back", test_closed_pushes_back);
	g_test_add_func("/ingress/update-without-key-does-not-block-the-others", test_update_without_key_does_not_block_the_others);
	g_test_add_func("/ingress/parts-survive-a-batch-that-the-disk-refused", test_parts_survive_a_batch_that_the_disk_refused);
	g_test_add_func("/ingress/position-is-stored-with-the-rows-or-not-at-all", test_position_is_stored_with_the_rows_or_not_at_all);
	return g_test_run();
}
