/* SPDX-License-Identifier: MIT */
/* The console adapter (console.h, design §12): its life, its input, its sends. It reads its next line only when the last one is
 * settled, and it prints nothing but replies and answers to `>>`. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "console_state.h"
#include "line_reader.h"

#define AREA "console"
#define RETRY_MS 100	  /* the core could not take the line */
#define MESSAGE_MAX ((size_t)1024 * 1024) /* a message of continued lines */

/* A batch on its way; detached when the console closes first. */
struct handed {
	struct console *console;
};

/* A send whose result is to be told. */
struct printed {
	adapter_send_done_fn *done;
	void *arg;
	char *id; /* NULL: it could not be printed */
};

static void on_pump(uv_timer_t *timer);

static void console_wake(struct console *c)
{
	if (!c->is_closing)
		uv_timer_start(&c->pump, on_pump, 0, 0);
}

static void console_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg)
{
	struct console *c = a->state;
	g_autofree char *line = console_reply_format(c, m);
	struct printed *p = g_new0(struct printed, 1);

	p->done = done;
	p->arg = arg;
	if (console_print(line, strlen(line))) {
		p->id = console_id_next(c);
		console_seen_add(c, m->chat_id, p->id, NULL, m->text);
	}
	g_queue_push_tail(&c->printed, p);
	console_wake(c);
}

static void printed_tell(struct console *c)
{
	struct printed *p;

	while ((p = g_queue_pop_head(&c->printed))) {
		struct send_result result = { .status = p->id ? SEND_OK : SEND_BROKEN,
					      .retry_ms = -1,
					      .remote_id = p->id,
					      .reason = p->id ? NULL : "standard output is closed" };

		p->done(p->arg, &result);
		g_free(p->id);
		g_free(p);
	}
}

/* Handing up */

static void on_retry(uv_timer_t *timer);

static void on_batch_done(struct update_batch *batch, bool committed)
{
	struct handed *h = batch->done_arg;
	struct console *c = h->console;

	g_free(h);
	if (!c)
		return;
	c->handed = NULL;
	if (committed) {
		g_clear_pointer(&c->held, g_free);
		console_wake(c);
	} else if (!c->is_closing) {
		uv_timer_start(&c->retry, on_retry, RETRY_MS, 0);
	}
}

static void held_hand_up(struct console *c)
{
	struct update_batch *batch = update_batch_new();
	struct update *u = update_parse(c->held, NULL);

	g_assert(u); /* it was serialized here */
	g_ptr_array_add(batch->updates, u);
	c->handed = g_new0(struct handed, 1);
	c->handed->console = c;
	batch->done = on_batch_done;
	batch->done_arg = c->handed;
	c->awaits_settled = true;
	adapter_hand_up(c->adapter, batch);
}

static void on_retry(uv_timer_t *timer)
{
	held_hand_up(timer->data);
}

static void people_print(const struct console *c)
{
	g_autofree char *text = console_people_text(c);

	if (!console_print(text, strlen(text)))
		log_warn(AREA, "standard output is closed, ignoring");
}

static void message_take(struct console *c, const char *raw)
{
	g_autofree char *clean = text_clean(raw, strlen(raw));
	const char *text = clean;
	g_autoptr(update_t) u = NULL;

	if (strcmp(g_strchomp(clean), ">>") == 0) {
		people_print(c);
		return;
	}
	if (console_people_switch(c, &text) && !*text)
		return;
	if (!text[strspn(text, " \t\n")])
		return;
	u = console_update_new(c, text);
	if (!u)
		return;
	c->held = update_serialize(u);
	held_hand_up(c);
}

/* One line of input; a message may need several. */
static void line_take(struct console *c, char *line)
{
	size_t len = strlen(line);

	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (!c->partial)
		c->partial = g_string_new(NULL);
	if (len > 0 && line[len - 1] == '\\' && c->partial->len < MESSAGE_MAX) {
		g_string_append_len(c->partial, line, (gssize)len - 1);
		g_string_append_c(c->partial, '\n');
		return;
	}
	g_string_append_len(c->partial, line, (gssize)len);
	{
		g_autofree char *message = g_string_free(g_steal_pointer(&c->partial), FALSE);

		message_take(c, message);
	}
}

static void input_end(struct console *c)
{
	if (c->partial) {
		g_autofree char *message = g_string_free(g_steal_pointer(&c->partial), FALSE);

		message_take(c, message); /* "\" on the very last line */
		console_wake(c);
		return;
	}
	if (c->has_ended)
		return;
	c->has_ended = true;
	if (c->adapter->env.events->on_end)
		c->adapter->env.events->on_end(c->adapter->env.events->arg, c->adapter);
}

static bool is_busy(const struct console *c)
{
	return c->held || c->awaits_settled || c->has_ended || c->is_closing;
}

static void lines_take(struct console *c)
{
	while (!is_busy(c)) {
		g_autofree char *line = NULL;

		switch (line_reader_take(c->reader, &line)) {
		case LINE_WAIT:
			return;
		case LINE_TAKEN:
			line_take(c, line);
			break;
		case LINE_END:
			input_end(c);
			return;
		}
	}
}

/* Life */

static void console_free(struct console *c)
{
	console_people_free(c);
	console_message_free(c);
	if (c->partial)
		g_string_free(c->partial, TRUE);
	g_free(c->held);
	g_free(c);
}

static void on_part_closed(struct console *c)
{
	struct adapter *a = c->adapter;
	void (*closed)(struct adapter *adapter) = c->closed;

	if (--c->n_open > 0)
		return;
	console_free(c);
	a->state = NULL;
	closed(a);
}

static void on_handle_closed(uv_handle_t *handle)
{
	on_part_closed(handle->data);
}

static void on_reader_closed(void *arg)
{
	on_part_closed(arg);
}

static void on_pump(uv_timer_t *timer)
{
	struct console *c = timer->data;

	printed_tell(c);
	if (!c->is_closing) {
		lines_take(c);
		return;
	}
	uv_close((uv_handle_t *)&c->pump, on_handle_closed);
	uv_close((uv_handle_t *)&c->retry, on_handle_closed);
	line_reader_close(c->reader, on_reader_closed, c);
}

static void console_close(struct adapter *a, void (*closed)(struct adapter *a))
{
	struct console *c = a->state;

	c->is_closing = true;
	c->closed = closed;
	if (c->handed)
		c->handed->console = NULL;
	uv_timer_stop(&c->retry);
	uv_timer_start(&c->pump, on_pump, 0, 0);
}

static void console_settled(struct adapter *a)
{
	struct console *c = a->state;

	c->awaits_settled = false;
	console_wake(c);
}

static void on_input(void *arg)
{
	console_wake(arg);
}

static bool console_open(struct adapter *a, GError **error)
{
	struct console *c = g_new0(struct console, 1);

	a->state = c;
	c->adapter = a;
	g_free(a->bot_id);
	a->bot_id = g_strdup("console");
	a->pace.concurrent = 16;
	console_people_open(c, a->env.saved ? g_hash_table_lookup(a->env.saved, CONSOLE_PEOPLE) : NULL);
	console_message_open(c);
	c->is_tty = isatty(STDOUT_FILENO) == 1;
	g_queue_init(&c->printed);
	uv_timer_init(a->env.loop, &c->pump);
	uv_timer_init(a->env.loop, &c->retry);
	c->pump.data = c->retry.data = c;
	c->reader = line_reader_new(a->env.loop, STDIN_FILENO, on_input, c);
	c->n_open = 3;
	console_wake(c);
	return true;
}

static const struct option console_options[] = {
	{ NULL },
};

extern const struct adapter_ops adapter_console;
const struct adapter_ops adapter_console = {
	.name = "console",
	.caps = {
		.groups = true,
		.direct = true,
		.files = true,
		.rich_text = true, /* bold on a terminal, nothing elsewhere */
		.is_local = true,
		.text_limit = 10000,
		.text_unit = TEXT_CODE_POINTS,
		.caption_limit = 10000,
	},
	.options = console_options,
	.open = console_open,
	.close = console_close,
	.send = console_send,
	.settled = console_settled,
};
