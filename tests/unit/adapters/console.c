/* SPDX-License-Identifier: MIT */
/* Tests of the console: lines in, updates up, replies printed, through pipes, files and sockets put in place of stdin and stdout. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/console.h"
#include "adapters/line_reader.h"
#include "adapters/table.h"
#include "tests/fakes/loopback.h"

struct world {
	uv_loop_t loop;
	struct adapter_events events;
	struct adapter_env env;
	GHashTable *saved;
	struct adapter *adapter;
	GPtrArray *updates; /* struct update */
	unsigned n_updates, n_refusals, n_done;
	bool is_manual;	    /* settled is called by the test */
	bool has_ended, is_closed;
	int saved_in, saved_out, in_write, out_read;
	GString *printed;
};

static void on_batch(void *arg, struct adapter *a, struct update_batch *batch)
{
	struct world *w = arg;

	g_assert_cmpuint(batch->updates->len, ==, 1);
	g_assert_null(batch->cursor);
	if (w->n_refusals > 0) {
		w->n_refusals--;
		batch->done(batch, false);
		update_batch_free(batch);
		return;
	}
	g_ptr_array_add(w->updates, g_ptr_array_steal_index(batch->updates, 0));
	w->n_updates++;
	batch->done(batch, true);
	update_batch_free(batch);
	if (!w->is_manual)
		adapter_settled(a);
}

static void on_end(void *arg, struct adapter *a)
{
	struct world *w = arg;

	g_assert_false(w->has_ended);
	w->has_ended = true;
}

static void on_update_free(void *u)
{
	update_free(u);
}

/* in: a descriptor to read from (taken). */
static void world_open(struct world *w, int in)
{
	g_autoptr(GError) error = NULL;
	int out[2];

	w->updates = g_ptr_array_new_with_free_func(on_update_free);
	w->printed = g_string_new(NULL);
	g_assert_cmpint(pipe(out), ==, 0);
	fflush(stdout);
	w->saved_in = dup(STDIN_FILENO);
	w->saved_out = dup(STDOUT_FILENO);
	dup2(in, STDIN_FILENO);
	close(in);
	dup2(out[1], STDOUT_FILENO);
	close(out[1]);
	w->out_read = out[0];
	fcntl(w->out_read, F_SETFL, O_NONBLOCK);

	uv_loop_init(&w->loop);
	w->events = (struct adapter_events){ .arg = w, .on_batch = on_batch, .on_end = on_end };
	w->saved = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(w->saved, (char *)CONSOLE_PEOPLE, (char *)"quantri\tbộ phận thường trực\nlan\tUBND huyện Vụ Bản\nmoi\n");
	w->env = (struct adapter_env){ .loop = &w->loop, .saved = w->saved, .events = &w->events };
	w->adapter = adapter_open(adapter_table_find("console"), &w->env, &error);
	g_assert_no_error(error);
}

static void world_init(struct world *w, const char *input)
{
	int in[2];

	memset(w, 0, sizeof(*w));
	g_assert_cmpint(pipe(in), ==, 0);
	w->in_write = in[1];
	g_assert_cmpint(write(in[1], input, strlen(input)), ==, (ssize_t)strlen(input));
	world_open(w, in[0]);
}

static void world_init_file(struct world *w, const char *bytes, size_t len)
{
	g_autofree char *name = NULL;
	int in = g_file_open_tmp("console-XXXXXX", &name, NULL);

	memset(w, 0, sizeof(*w));
	g_assert_cmpint(write(in, bytes, len), ==, (ssize_t)len);
	lseek(in, 0, SEEK_SET);
	g_unlink(name);
	world_open(w, in);
}

static void input_close(struct world *w)
{
	close(w->in_write);
	w->in_write = -1;
}

static const char *printed(struct world *w)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(w->out_read, chunk, sizeof(chunk))) > 0)
		g_string_append_len(w->printed, chunk, n);
	return w->printed->str;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void world_clear(struct world *w)
{
	fflush(stdout);
	dup2(w->saved_in, STDIN_FILENO);
	dup2(w->saved_out, STDOUT_FILENO);
	close(w->saved_in);
	close(w->saved_out);
	close(w->out_read);
	if (w->in_write > 0)
		close(w->in_write);
	g_hash_table_unref(w->saved);
	g_ptr_array_unref(w->updates);
	g_string_free(w->printed, TRUE);
}

static void world_release(struct world *w)
{
	adapter_close(w->adapter, on_closed, &w->is_closed);
	loop_until(&w->loop, &w->is_closed);
	loop_finish(&w->loop);
	world_clear(w);
}

static const struct update *update_at(struct world *w, guint i)
{
	g_assert_cmpuint(i, <, w->updates->len);
	return w->updates->pdata[i];
}

static void run_to_end(struct world *w, const char *input)
{
	world_init(w, input);
	input_close(w);
	loop_until(&w->loop, &w->has_ended);
}

static void test_lines_become_messages_of_the_person_in_charge(void)
{
	static const struct {
		const char *who, *chat, *text;
		enum chat_kind kind;
	} t[] = {
		{ "quantri", "quantri", "/h", CHAT_PRIVATE },
		{ "lan", "group", "/tim đài truyền thanh", CHAT_GROUP },
		{ "lan", "group", "hai dòng\nmột tin\nba", CHAT_GROUP },
		{ "hoa", "khac", "nói ngay", CHAT_GROUP },
		{ "lan", "lan", "> trích dẫn", CHAT_PRIVATE },
		{ "lan", "lan", "cuối không xuống dòng", CHAT_PRIVATE },
	};
	struct world w;

	run_to_end(&w, "/h\n"
		       ">lan@group\n\n   \n"
		       "/tim đài truyền thanh\r\n"
		       "hai dòng\\\nmột tin\\\nba\n"
		       ">hoa@khac nói ngay\n"
		       ">lan\n> trích dẫn\ncuối không xuống dòng");
	g_assert_cmpuint(w.updates->len, ==, G_N_ELEMENTS(t));
	for (guint i = 0; i < G_N_ELEMENTS(t); i++) {
		const struct update *u = update_at(&w, i);

		g_assert_cmpint(u->kind, ==, UPDATE_MESSAGE);
		g_assert_cmpstr(u->adapter, ==, "console");
		g_assert_cmpstr(u->user_id, ==, t[i].who);
		g_assert_cmpstr(u->chat_id, ==, t[i].chat);
		g_assert_cmpint(u->chat_kind, ==, t[i].kind);
		g_assert_cmpstr(u->text, ==, t[i].text);
		g_assert_cmpstr(u->key, ==, u->message_id);
		g_assert_cmpint(u->sent_ms, >, 0);
		if (i > 0)
			g_assert_cmpstr(u->key, !=, update_at(&w, i - 1)->key);
	}
	g_assert_cmpstr(printed(&w), ==, "");
	world_release(&w);
}

static void test_next_line_waits_until_the_last_is_settled(void)
{
	struct world w;

	world_init(&w, "một\nhai\n");
	input_close(&w);
	w.is_manual = true;
	loop_until_count(&w.loop, &w.n_updates, 1);
	loop_for(&w.loop, 50);
	g_assert_cmpuint(w.n_updates, ==, 1);
	adapter_settled(w.adapter);
	loop_until_count(&w.loop, &w.n_updates, 2);
	loop_for(&w.loop, 50);
	g_assert_false(w.has_ended); /* not before the last line is settled too */
	adapter_settled(w.adapter);
	loop_until(&w.loop, &w.has_ended);
	world_release(&w);
}

static void test_refused_line_is_handed_up_again(void)
{
	struct world w;

	world_init(&w, "một\nhai\n");
	w.n_refusals = 2;
	loop_until_count(&w.loop, &w.n_updates, 2);
	g_assert_cmpstr(update_at(&w, 0)->text, ==, "một");
	g_assert_cmpstr(update_at(&w, 1)->text, ==, "hai");
	g_assert_false(w.has_ended);
	world_release(&w);
}

static void on_sent(void *arg, const struct send_result *r)
{
	struct world *w = arg;

	g_assert_cmpint(r->status, ==, SEND_OK);
	g_assert_nonnull(r->remote_id);
	w->n_done++;
}

static void test_replies_are_printed_with_who_they_are_for(void)
{
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"/tmp/a b.pdf", .name = (char *)"a b.pdf" };
	struct span bold = { SPAN_BOLD, 0, 4 };
	const struct outgoing m[] = {
		{ .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "SK13 đài", .spans = &bold, .n_spans = 1 },
		{ .chat_id = "group", .chat_kind = CHAT_GROUP, .user_id = "hoa", .text = "Đã ghi nhận SK14\nxin cảm ơn\n\nhết" },
		{ .chat_id = "group", .chat_kind = CHAT_GROUP, .text = "Thông báo" },
		{ .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "", .file = &file },
		{ .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "chú thích", .file = &file },
	};
	struct world w;

	world_init(&w, "");
	for (size_t i = 0; i < G_N_ELEMENTS(m); i++) {
		adapter_send(w.adapter, &m[i], on_sent, &w);
		g_assert_cmpuint(w.n_done, ==, 0); /* never inside send */
	}
	loop_until_count(&w.loop, &w.n_done, G_N_ELEMENTS(m));
	g_assert_cmpstr(printed(&w), ==,
			"lan> SK13 đài\n"
			"hoa@group> Đã ghi nhận SK14\n    xin cảm ơn\n    \n    hết\n"
			"moinguoi@group> Thông báo\n"
			"lan> [tệp: a b.pdf]\n"
			"lan> chú thích\n    [tệp: a b.pdf]\n");
	g_assert_cmpuint(w.adapter->n_sent, ==, G_N_ELEMENTS(m));
	world_release(&w);
}

static void test_answering_an_earlier_message(void)
{
	const struct outgoing m = { .chat_id = "group", .chat_kind = CHAT_GROUP, .text = "Đã có SK1" };
	struct world w;

	world_init(&w, ">hoa@group\nbài dài của hoa\n>lan@group\n^ /luu\n");
	loop_until_count(&w.loop, &w.n_updates, 2);
	g_assert_cmpstr(update_at(&w, 1)->text, ==, "/luu");
	g_assert_cmpstr(update_at(&w, 1)->reply_to_id, ==, update_at(&w, 0)->message_id);
	g_assert_cmpstr(update_at(&w, 1)->reply_text, ==, "bài dài của hoa");
	g_assert_cmpstr(update_at(&w, 1)->reply_user_id, ==, "hoa");
	g_assert_false(update_at(&w, 1)->replies_to_bot);
	adapter_send(w.adapter, &m, on_sent, &w);
	loop_until_count(&w.loop, &w.n_done, 1);
	{
		static const char more[] = "^ đã nhận\n^4 đúng rồi\n^99 không có\n^^ cười\n>quantri\n^ chưa có gì ở đây\nhết\n";

		g_assert_cmpint(write(w.in_write, more, strlen(more)), ==, (ssize_t)strlen(more));
	}
	loop_until_count(&w.loop, &w.n_updates, 5);
	g_assert_true(update_at(&w, 2)->replies_to_bot);
	g_assert_cmpstr(update_at(&w, 2)->reply_text, ==, "Đã có SK1");
	g_assert_cmpstr(update_at(&w, 3)->reply_text, ==, "bài dài của hoa");
	g_assert_cmpstr(update_at(&w, 3)->text, ==, "đúng rồi");
	g_assert_cmpstr(update_at(&w, 4)->text, ==, "^^ cười");
	loop_until_count(&w.loop, &w.n_updates, 6);
	g_assert_cmpstr(update_at(&w, 5)->text, ==, "hết");
	world_release(&w);
}

static void test_attachments_and_mentions(void)
{
	static const struct {
		const char *line, *text, *file, *name;
		enum attachment_kind kind;
		bool mentions, other;
	} t[] = {
		{ "+/tmp/x/anh.JPG đài truyền thanh", "đài truyền thanh", "/tmp/x/anh.JPG", "anh.JPG", ATTACHMENT_PHOTO, false, false },
		{ "+mau.pdf", "", "mau.pdf", "mau.pdf", ATTACHMENT_FILE, false, false },
		{ "+1 đồng ý", "+1 đồng ý", NULL, NULL, ATTACHMENT_FILE, false, false },
		{ "@bot tìm giúp", "tìm giúp", NULL, NULL, ATTACHMENT_FILE, true, false },
		{ "@bot, /tim đài", "/tim đài", NULL, NULL, ATTACHMENT_FILE, true, false },
		{ "@BOT: tìm giúp", "tìm giúp", NULL, NULL, ATTACHMENT_FILE, true, false },
		{ "@bott tìm giúp", "@bott tìm giúp", NULL, NULL, ATTACHMENT_FILE, false, false },
		{ "nhờ @bot xem", "nhờ @bot xem", NULL, NULL, ATTACHMENT_FILE, true, false },
		{ "/tim@bot đài", "/tim đài", NULL, NULL, ATTACHMENT_FILE, true, false },
		{ "/tim@botkhac đài", "/tim@botkhac đài", NULL, NULL, ATTACHMENT_FILE, false, true },
		{ "thư a@bot.vn", "thư a@bot.vn", NULL, NULL, ATTACHMENT_FILE, false, false },
	};
	g_autoptr(GString) input = g_string_new(">lan@group\n");
	struct world w;

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++)
		g_string_append_printf(input, "%s\n", t[i].line);
	run_to_end(&w, input->str);
	for (guint i = 0; i < G_N_ELEMENTS(t); i++) {
		const struct update *u = update_at(&w, i);

		g_assert_cmpstr(u->text, ==, t[i].text);
		g_assert_cmpint(u->mentions_bot, ==, t[i].mentions);
		g_assert_cmpint(u->for_other_bot, ==, t[i].other);
		g_assert_cmpuint(u->attachments->len, ==, t[i].file ? 1 : 0);
		if (t[i].file) {
			const struct attachment *a = u->attachments->pdata[0];

			g_assert_cmpstr(a->file_id, ==, t[i].file);
			g_assert_cmpstr(a->name, ==, t[i].name);
			g_assert_cmpint(a->kind, ==, t[i].kind);
		}
	}
	world_release(&w);
}

static void test_who_is_there(void)
{
	struct world w;

	run_to_end(&w, ">lan@group\n>>\n");
	g_assert_cmpuint(w.n_updates, ==, 0);
	g_assert_true(g_str_has_prefix(printed(&w), ">> quantri: bộ phận thường trực\n>> lan: UBND huyện Vụ Bản\n>> moi\n"
						    ">> đang là lan, nhóm group\n>> "));
	world_release(&w);
}

static void test_name_of_the_group_is_no_person(void)
{
	struct world w;

	run_to_end(&w, ">group\nai đây\n");
	g_assert_cmpuint(w.n_updates, ==, 1);
	g_assert_cmpstr(update_at(&w, 0)->user_id, ==, "quantri");
	world_release(&w);
}

static void test_input_from_a_file_and_a_socket(void)
{
	for (int kind = 0; kind < 3; kind++) {
		struct world w;
		int in = -1, pair[2];

		memset(&w, 0, sizeof(w));
		if (kind == 0) {
			g_autofree char *name = NULL;

			in = g_file_open_tmp("console-XXXXXX", &name, NULL);
			g_assert_cmpint(write(in, "một\nhai", 9), ==, 9);
			lseek(in, 0, SEEK_SET);
			g_unlink(name);
		} else if (kind == 1) {
			g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
			g_assert_cmpint(write(pair[0], "một\nhai", 9), ==, 9);
			close(pair[0]);
			in = pair[1];
		} else {
			in = open("/dev/null", O_RDONLY);
		}
		world_open(&w, in);
		loop_until(&w.loop, &w.has_ended);
		g_assert_cmpuint(w.n_updates, ==, kind < 2 ? 2 : 0);
		if (kind < 2)
			g_assert_cmpstr(update_at(&w, 1)->text, ==, "hai");
		world_release(&w);
	}
}

static void test_input_is_left_as_it_was_found(void)
{
	struct world w;
	int flags;

	world_init(&w, "một\n");
	loop_until_count(&w.loop, &w.n_updates, 1);
	{
		int copy = dup(STDIN_FILENO);

		world_release(&w);
		flags = fcntl(copy, F_GETFL);
		close(copy);
	}
	g_assert_false(flags & O_NONBLOCK);
}

static void test_very_long_line_is_bounded(void)
{
	g_autofree char *line = g_strnfill((size_t)600 * 1024, 'a');
	struct world w;

	world_init_file(&w, line, strlen(line));
	loop_until(&w.loop, &w.has_ended);
	g_assert_cmpuint(w.n_updates, ==, 3);
	world_release(&w);
}

static void test_closing_in_the_middle(void)
{
	const struct outgoing m = { .chat_id = "lan", .chat_kind = CHAT_PRIVATE, .text = "đang đóng" };
	struct world w;

	world_init(&w, "một\nhai\n");
	w.is_manual = true;
	loop_until_count(&w.loop, &w.n_updates, 1);
	adapter_send(w.adapter, &m, on_sent, &w);
	world_release(&w);
	g_assert_cmpuint(w.n_done, ==, 1);
	g_assert_false(w.has_ended);
}

static void on_time_to_close(uv_timer_t *timer)
{
	struct world *w = timer->data;

	uv_close((uv_handle_t *)timer, NULL);
	adapter_close(w->adapter, on_closed, &w->is_closed);
}

/* The line that could not be taken waits for its next try, and the moment of that try comes together with the closing. */
static void test_nothing_is_handed_up_once_it_closes(void)
{
	uv_timer_t timer;
	struct world w;

	world_init(&w, "một\n");
	w.n_refusals = 1;
	while (w.n_refusals > 0)
		uv_run(&w.loop, UV_RUN_ONCE);
	uv_timer_init(&w.loop, &timer);
	timer.data = &w;
	uv_timer_start(&timer, on_time_to_close, 1, 0);
	g_usleep(300 * 1000); /* both timers are due in one round of the loop */
	loop_until(&w.loop, &w.is_closed);
	g_assert_cmpuint(w.n_updates, ==, 0);
	loop_finish(&w.loop);
	world_clear(&w);
}

/* NUL bytes are no text; what stands behind one is. A piece of an overlong line never ends inside a letter. */
static void test_odd_bytes_lose_nothing(void)
{
	static const char nul[] = "một\0hai\nba\n";
	g_autoptr(GString) line = g_string_new("x");
	struct world w;
	int in[2];

	memset(&w, 0, sizeof(w));
	g_assert_cmpint(pipe(in), ==, 0);
	w.in_write = in[1];
	g_assert_cmpint(write(in[1], nul, sizeof(nul) - 1), ==, (ssize_t)sizeof(nul) - 1);
	world_open(&w, in[0]);
	input_close(&w);
	loop_until(&w.loop, &w.has_ended);
	g_assert_cmpuint(w.updates->len, ==, 2);
	g_assert_cmpstr(update_at(&w, 0)->text, ==, "mộthai");
	g_assert_cmpstr(update_at(&w, 1)->text, ==, "ba");
	world_release(&w);

	while (line->len < LINE_MAX_BYTES + 100)
		g_string_append(line, "ộ");
	world_init_file(&w, line->str, line->len);
	loop_until(&w.loop, &w.has_ended);
	g_assert_cmpuint(w.updates->len, ==, 2);
	g_assert_cmpuint(strlen(update_at(&w, 0)->text) + strlen(update_at(&w, 1)->text), ==, line->len);
	world_release(&w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/console/lines-become-messages-of-the-person-in-charge", test_lines_become_messages_of_the_person_in_charge);
	g_test_add_func("/console/next-line-waits-until-the-last-is-settled", test_next_line_waits_until_the_last_is_settled);
	g_test_add_func("/console/refused-line-is-handed-up-again", test_refused_line_is_handed_up_again);
	g_test_add_func("/console/replies-are-printed-with-who-they-are-for", test_replies_are_printed_with_who_they_are_for);
	g_test_add_func("/console/answering-an-earlier-message", test_answering_an_earlier_message);
	g_test_add_func("/console/attachments-and-mentions", test_attachments_and_mentions);
	g_test_add_func("/console/who-is-there", test_who_is_there);
	g_test_add_func("/console/name-of-the-group-is-no-person", test_name_of_the_group_is_no_person);
	g_test_add_func("/console/input-from-a-file-and-a-socket", test_input_from_a_file_and_a_socket);
	g_test_add_func("/console/input-is-left-as-it-was-found", test_input_is_left_as_it_was_found);
	g_test_add_func("/console/very-long-line-is-bounded", test_very_long_line_is_bounded);
	g_test_add_func("/console/closing-in-the-middle", test_closing_in_the_middle);
	g_test_add_func("/console/nothing-is-handed-up-once-it-closes", test_nothing_is_handed_up_once_it_closes);
	g_test_add_func("/console/odd-bytes-lose-nothing", test_odd_bytes_lose_nothing);
	return g_test_run();
}
