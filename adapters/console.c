/* SPDX-License-Identifier: MIT */
/* The console adapter: people of a terminal speak to the bot, replies are printed (console.h, design §12). It reads its next line
 * only when the last one is settled, and it prints nothing but replies and answers to `>>`. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "console.h"
#include "line_reader.h"

#define AREA "console"
#define SEEN_MAX 64	  /* messages of a chat that `^` reaches */
#define RETRY_MS 100	  /* the core could not take the line */
#define MESSAGE_MAX ((size_t)1024 * 1024) /* a message of continued lines */

struct person {
	char *name, *description;
};

struct seen {
	char *id, *user, *text; /* user NULL: the bot */
};

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

struct console {
	struct adapter *adapter;
	struct line_reader *reader;
	uv_timer_t pump, retry;
	unsigned n_open; /* timers and reader */
	GPtrArray *people;
	char *who, *group; /* group NULL: private chat */
	GString *partial;  /* continued lines, or NULL */
	GHashTable *seen;  /* chat id -> GQueue of struct seen */
	char *id_prefix;
	unsigned n_ids;
	char *held; /* the last update, stored form, until it was taken */
	struct handed *handed;
	bool awaits_settled, has_ended, is_closing, is_tty;
	GQueue printed;
	void (*closed)(struct adapter *a);
};

static void on_pump(uv_timer_t *timer);

static void console_wake(struct console *c)
{
	if (!c->is_closing)
		uv_timer_start(&c->pump, on_pump, 0, 0);
}

/* Output */

/* On a terminal or pipe that was made non-blocking a write can be short; the console has nothing better to do than to wait. */
static bool out_write(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };

			poll(&ready, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return false;
		} else if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool span_edge(const struct outgoing *m, size_t at, bool wants_start)
{
	for (size_t i = 0; i < m->n_spans; i++) {
		const struct span *s = &m->spans[i];

		if (s->kind == SPAN_BOLD && at == (wants_start ? s->start : s->start + s->len))
			return true;
	}
	return false;
}

static void text_append(struct console *c, GString *out, const struct outgoing *m)
{
	const char *text = m->text ? m->text : "";
	size_t len = strlen(text);

	for (size_t i = 0; i <= len; i++) {
		if (c->is_tty && span_edge(m, i, false))
			g_string_append(out, "\033[0m");
		if (c->is_tty && span_edge(m, i, true))
			g_string_append(out, "\033[1m");
		if (i < len && text[i] == '\n')
			g_string_append(out, "\n    ");
		else if (i < len)
			g_string_append_c(out, text[i]);
	}
}

static char *reply_format(struct console *c, const struct outgoing *m)
{
	GString *out = g_string_new(NULL);

	if (m->chat_kind == CHAT_PRIVATE)
		g_string_append_printf(out, "%s> ", m->chat_id);
	else
		g_string_append_printf(out, "%s@%s> ", m->user_id ? m->user_id : CONSOLE_EVERYBODY, m->chat_id);
	text_append(c, out, m);
	if (m->file) {
		if (m->text && m->text[0])
			g_string_append(out, "\n    ");
		g_string_append_printf(out, "[%s: %s]", m->file->kind == ATTACHMENT_PHOTO ? "ảnh" : "tệp",
				       m->file->name ? m->file->name : m->file->file_id);
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* What was seen in a chat */

static void on_seen_free(void *seen)
{
	struct seen *s = seen;

	g_free(s->id);
	g_free(s->user);
	g_free(s->text);
	g_free(s);
}

static void on_chat_free(void *chat)
{
	g_queue_free_full(chat, on_seen_free);
}

static void seen_add(struct console *c, const char *chat_id, const char *id, const char *user, const char *text)
{
	GQueue *chat = g_hash_table_lookup(c->seen, chat_id);
	struct seen *s = g_new0(struct seen, 1);

	s->id = g_strdup(id);
	s->user = g_strdup(user);
	s->text = g_strdup(text ? text : "");
	if (!chat) {
		chat = g_queue_new();
		g_hash_table_insert(c->seen, g_strdup(chat_id), chat);
	}
	g_queue_push_head(chat, s);
	if (chat->length > SEEN_MAX)
		on_seen_free(g_queue_pop_tail(chat));
}

/* Unique beyond this run, so that the same data directory can be used again. */
static char *id_next(struct console *c)
{
	return g_strdup_printf("%s-%u", c->id_prefix, ++c->n_ids);
}

static void console_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg)
{
	struct console *c = a->state;
	g_autofree char *line = reply_format(c, m);
	struct printed *p = g_new0(struct printed, 1);

	p->done = done;
	p->arg = arg;
	if (out_write(line, strlen(line))) {
		p->id = id_next(c);
		seen_add(c, m->chat_id, p->id, NULL, m->text);
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

/* From a line to an update */

static void people_list(struct console *c)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < c->people->len; i++) {
		const struct person *p = c->people->pdata[i];

		g_string_append_printf(out, ">> %s%s%s\n", p->name, p->description[0] ? ": " : "", p->description);
	}
	g_string_append_printf(out, ">> đang là %s, %s%s\n", c->who, c->group ? "nhóm " : "chat riêng", c->group ? c->group : "");
	g_string_append(out, ">> đổi người: >tên hoặc >tên@" CONSOLE_GROUP "; trả lời tin gần nhất: ^ nội dung (tin thứ ba từ dưới: ^3);"
			     " gửi tệp: +đường/dẫn chú thích; dòng kết thúc bằng \\ còn tiếp dòng sau\n");
	if (!out_write(out->str, out->len))
		log_warn(AREA, "standard output is closed, ignoring");
}

/* `>name@group rest`: true if it was a switch; *text is then the rest. */
static bool person_switch(struct console *c, const char **text)
{
	const char *name = *text + 1, *rest;
	g_autofree char *who = NULL;
	size_t len, group_len;

	if ((*text)[0] != '>' || name[0] == '>')
		return false;
	len = strcspn(name, " \t\n@");
	group_len = name[len] == '@' ? strcspn(name + len + 1, " \t\n@") : 0;
	rest = name + len + (name[len] == '@' ? 1 + group_len : 0);
	if (len == 0 || (name[len] == '@' && group_len == 0) || *rest == '@')
		return false;
	who = g_strndup(name, len);
	*text = rest + strspn(rest, " \t\n");
	if (strcmp(who, CONSOLE_GROUP) == 0) {
		log_warn(AREA, "\"%s\" is the name of the group, ignoring (>name@%s)", CONSOLE_GROUP, CONSOLE_GROUP);
		return true;
	}
	g_free(c->who);
	g_free(c->group);
	c->who = g_steal_pointer(&who);
	c->group = group_len > 0 ? g_strndup(name + len + 1, group_len) : NULL;
	return true;
}

/* `^3 rest`: fills the reply; false if there is no such message. */
static bool reply_take(struct console *c, struct update *u, const char **text)
{
	const struct seen *s;
	const char *end;
	GQueue *chat;
	guint64 n = 1;

	if ((*text)[0] != '^')
		return true;
	end = *text + 1 + strspn(*text + 1, "0123456789");
	if (*end && *end != ' ')
		return true;
	if (end > *text + 1)
		n = g_ascii_strtoull(*text + 1, NULL, 10);
	chat = g_hash_table_lookup(c->seen, u->chat_id);
	s = chat && n >= 1 && n <= chat->length ? g_queue_peek_nth(chat, (guint)n - 1) : NULL;
	if (!s) {
		log_warn(AREA, "there is no such message here to answer, ignoring");
		return false;
	}
	*text = end + strspn(end, " ");
	u->reply_to_id = g_strdup(s->id);
	u->reply_text = g_strdup(s->text);
	u->reply_user_id = g_strdup(s->user ? s->user : CONSOLE_BOT);
	u->reply_user_name = g_strdup(u->reply_user_id);
	u->replies_to_bot = s->user == NULL;
	return true;
}

static bool is_picture(const char *name)
{
	static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".webp" };
	g_autofree char *lower = g_ascii_strdown(name, -1);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		if (g_str_has_suffix(lower, endings[i]))
			return true;
	}
	return false;
}

/* `+path rest` */
static void attachment_take(struct update *u, const char **text)
{
	size_t len = strcspn(*text, " \n");
	g_autofree char *path = len > 1 ? g_strndup(*text + 1, len - 1) : NULL;
	struct attachment *a;
	struct stat st;

	if ((*text)[0] != '+' || !path || !strpbrk(path, "./"))
		return;
	a = g_new0(struct attachment, 1);
	a->name = g_path_get_basename(path);
	a->kind = is_picture(a->name) ? ATTACHMENT_PHOTO : ATTACHMENT_FILE;
	a->size = stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
	a->unique_id = g_strdup(path);
	a->file_id = g_steal_pointer(&path);
	g_ptr_array_add(u->attachments, a);
	*text += len + strspn(*text + len, " \n");
}

/* "@bot" as a word of its own. */
static bool names_bot(const char *text)
{
	for (const char *at = text; (at = strstr(at, "@" CONSOLE_BOT)); at++) {
		char after = at[1 + strlen(CONSOLE_BOT)];

		if ((at == text || g_ascii_isspace(at[-1])) && (!after || g_ascii_isspace(after) || strchr(",:;?!", after)))
			return true;
	}
	return false;
}

/* "@bot" before the text (also "@bot,"), "@name" after a command. */
static char *mention_take(struct update *u, const char *text)
{
	size_t word = strcspn(text, " \n");
	const char *at = memchr(text, '@', word);
	size_t name = at ? strcspn(at, " \n,:;") : 0;
	bool is_ours = at && name == 1 + strlen(CONSOLE_BOT) && g_ascii_strncasecmp(at + 1, CONSOLE_BOT, strlen(CONSOLE_BOT)) == 0;

	if (is_ours && at == text) {
		u->mentions_bot = true;
		return g_strdup(text + name + strspn(text + name, " \n,:;"));
	}
	if (at && text[0] == '/') {
		u->mentions_bot = is_ours;
		u->for_other_bot = !is_ours;
		if (is_ours)
			return g_strdup_printf("%.*s%s", (int)(at - text), text, at + name);
	}
	u->mentions_bot |= names_bot(text);
	return g_strdup(text);
}

static struct update *update_make(struct console *c, const char *text)
{
	g_autoptr(update_t) u = update_new(UPDATE_MESSAGE);

	u->adapter = g_strdup(c->adapter->ops->name);
	u->bot_id = g_strdup(c->adapter->bot_id);
	u->message_id = id_next(c);
	u->key = g_strdup(u->message_id);
	u->chat_kind = c->group ? CHAT_GROUP : CHAT_PRIVATE;
	u->chat_id = g_strdup(c->group ? c->group : c->who);
	u->chat_title = g_strdup(c->group);
	u->user_id = g_strdup(c->who);
	u->user_name = g_strdup(c->who);
	u->sent_ms = clock_wall_ms();
	if (!reply_take(c, u, &text))
		return NULL;
	attachment_take(u, &text);
	u->text = mention_take(u, text);
	seen_add(c, u->chat_id, u->message_id, u->user_id, u->text);
	return g_steal_pointer(&u);
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

static void message_take(struct console *c, const char *raw)
{
	g_autofree char *clean = text_clean(raw, strlen(raw));
	const char *text = clean;
	g_autoptr(update_t) u = NULL;

	if (strcmp(g_strchomp(clean), ">>") == 0) {
		people_list(c);
		return;
	}
	if (person_switch(c, &text) && !*text)
		return;
	if (!text[strspn(text, " \t\n")])
		return;
	u = update_make(c, text);
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
	g_ptr_array_unref(c->people);
	g_free(c->who);
	g_free(c->group);
	if (c->partial)
		g_string_free(c->partial, TRUE);
	g_hash_table_unref(c->seen);
	g_free(c->id_prefix);
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

static void on_person_free(void *person)
{
	struct person *p = person;

	g_free(p->name);
	g_free(p->description);
	g_free(p);
}

static GPtrArray *people_read(const char *text)
{
	GPtrArray *people = g_ptr_array_new_with_free_func(on_person_free);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		const char *tab = strchr(lines[i], '\t');
		struct person *p;

		if (!lines[i][0])
			continue;
		p = g_new0(struct person, 1);
		p->name = tab ? g_strndup(lines[i], (gsize)(tab - lines[i])) : g_strdup(lines[i]);
		p->description = g_strdup(tab ? tab + 1 : "");
		g_ptr_array_add(people, p);
	}
	return people;
}

static bool console_open(struct adapter *a, GError **error)
{
	struct console *c = g_new0(struct console, 1);

	a->state = c;
	c->adapter = a;
	g_free(a->bot_id);
	a->bot_id = g_strdup("console");
	a->pace.concurrent = 16;
	c->people = people_read(a->env.saved ? g_hash_table_lookup(a->env.saved, CONSOLE_PEOPLE) : NULL);
	c->who = g_strdup(c->people->len > 0 ? ((struct person *)c->people->pdata[0])->name : CONSOLE_NOBODY);
	c->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, on_chat_free);
	c->id_prefix = g_strdup_printf("c%" G_GINT64_FORMAT, clock_wall_ms());
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
