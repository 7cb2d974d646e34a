/* SPDX-License-Identifier: MIT */
/* The front of every adapter: capabilities checked, calls and results traced and counted, alarms said once, and `check`.
 * It paces nothing and retries nothing; that is the courier's and the outbox's. */
#include <string.h>

#include "adapter.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec.h"
#include "config/config.h"

/* One send on its way through the front. */
struct front_send {
	struct adapter *adapter;
	adapter_send_done_fn *done;
	void *arg;
	int64_t delivery_id;
	const char *refusal; /* static; refused by the front itself, told from the timer */
	uv_timer_t timer;
};

struct update_batch *update_batch_new(void)
{
	struct update_batch *b = g_new0(struct update_batch, 1);

	b->updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	return b;
}

void update_batch_free(struct update_batch *b)
{
	if (!b)
		return;
	g_ptr_array_unref(b->updates);
	g_free(b->cursor);
	g_free(b);
}

/* Opening and closing */

static struct adapter *adapter_new(const struct adapter_ops *ops, const struct adapter_env *env)
{
	struct adapter *a = g_new0(struct adapter, 1);

	a->ops = ops;
	a->env = *env;
	a->bot_id = g_strdup("");
	a->pace.burst = a->pace.chat_burst = a->pace.group_burst = a->pace.concurrent = 1;
	return a;
}

static void adapter_free(struct adapter *a)
{
	g_free(a->bot_id);
	g_free(a->alarm);
	g_free(a->notice);
	if (a->own_saved)
		g_hash_table_unref(a->own_saved);
	g_free(a);
}

struct adapter *adapter_open(const struct adapter_ops *ops, const struct adapter_env *env, GError **error)
{
	struct adapter *a = adapter_new(ops, env);

	if (!(ops->codec ? codec_driver_open(a, error) : ops->open(a, error))) {
		g_prefix_error(error, "%s: ", ops->name);
		adapter_free(a);
		return NULL;
	}
	return a;
}

static void adapter_finish_if_gone(struct adapter *a)
{
	void (*closed)(void *arg) = a->on_closed;
	void *arg = a->on_closed_arg;

	if (!a->is_gone || a->n_pending > 0)
		return;
	adapter_free(a);
	closed(arg);
}

static void on_gone(struct adapter *a)
{
	a->is_gone = true;
	adapter_finish_if_gone(a);
}

void adapter_close(struct adapter *a, void (*closed)(void *arg), void *arg)
{
	a->on_closed = closed;
	a->on_closed_arg = arg;
	if (a->ops->codec)
		codec_driver_close(a, on_gone);
	else
		a->ops->close(a, on_gone);
}

void adapter_settled(struct adapter *a)
{
	if (a->ops->settled)
		a->ops->settled(a);
}

void adapter_saved_changed(struct adapter *a, GHashTable *fresh)
{
	if (a->ops->codec)
		codec_driver_saved_changed(a, fresh);
}

/* Upward */

void adapter_set_alarm(struct adapter *a, const char *text_or_null)
{
	if (!text_or_null)
		text_or_null = a->notice;
	if (g_strcmp0(a->alarm, text_or_null) == 0)
		return;
	g_free(a->alarm);
	a->alarm = g_strdup(text_or_null);
	if (a->env.events && a->env.events->on_alarm)
		a->env.events->on_alarm(a->env.events->arg, a, a->alarm);
}

void adapter_set_notice(struct adapter *a, const char *text_or_null)
{
	bool is_shown = g_strcmp0(a->alarm, a->notice) == 0; /* both NULL, or the notice itself */

	g_free(a->notice);
	a->notice = g_strdup(text_or_null);
	if (is_shown)
		adapter_set_alarm(a, NULL);
}

void adapter_hand_up(struct adapter *a, struct update_batch *batch)
{
	a->n_updates += batch->updates->len;
	a->env.events->on_batch(a->env.events->arg, a, batch);
}

/* Sending */

static void result_count(struct adapter *a, const struct send_result *r)
{
	switch (r->status) {
	case SEND_OK:
		a->n_sent++;
		break;
	case SEND_LATER:
		a->n_later++;
		break;
	case SEND_UNCERTAIN:
		a->n_uncertain++;
		break;
	case SEND_REFUSED:
	case SEND_NO_TARGET:
		a->n_refused++;
		break;
	case SEND_BROKEN:
		break; /* says nothing about a message; the alarm shows it */
	}
}

static void on_sent(void *arg, const struct send_result *result)
{
	struct front_send *s = arg;
	struct adapter *a = s->adapter;

	result_count(a, result);
	log_debug(a->ops->name, "send %" G_GINT64_FORMAT ": %s%s%s", s->delivery_id, send_status_name(result->status),
		  result->reason ? ": " : "", result->reason ? result->reason : "");
	s->done(s->arg, result);
	g_free(s);
	a->n_pending--;
	adapter_finish_if_gone(a);
}

static void on_refusal_closed(uv_handle_t *handle)
{
	struct front_send *s = handle->data;
	struct send_result result = { .status = SEND_REFUSED, .retry_ms = -1, .reason = s->refusal };

	on_sent(s, &result);
}

static void on_refusal(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, on_refusal_closed);
}

static const char *refusal_of(const struct adapter_caps *caps, const struct outgoing *m)
{
	if (m->file && !caps->files)
		return "this platform takes no files";
	if (m->chat_kind == CHAT_PRIVATE && !caps->direct)
		return "this platform has no private chats";
	if (m->chat_kind != CHAT_PRIVATE && !caps->groups)
		return "this platform has no groups";
	return NULL;
}

void adapter_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg)
{
	struct front_send *s = g_new0(struct front_send, 1);

	s->adapter = a;
	s->done = done;
	s->arg = arg;
	s->delivery_id = m->delivery_id;
	s->refusal = refusal_of(&a->ops->caps, m);
	a->n_pending++;
	log_debug(a->ops->name, "send %" G_GINT64_FORMAT " to %s", m->delivery_id, m->chat_id);
	if (s->refusal) {
		uv_timer_init(a->env.loop, &s->timer);
		s->timer.data = s;
		uv_timer_start(&s->timer, on_refusal, 0, 0);
	} else if (a->ops->codec) {
		codec_driver_send(a, m, on_sent, s);
	} else {
		a->ops->send(a, m, on_sent, s);
	}
}

/* cdsbot check */

struct check {
	struct adapter *adapter;
	adapter_finding_fn *say;
	void *say_arg;
	void (*done)(void *arg);
	void *done_arg;
	const char *const *next; /* names still to ask */
	bool is_open, has_error; /* an error in the answer at hand: what is asked after it would only say it again */
	uv_timer_t timer;
};

static void check_step(struct check *c);

static void on_check_closed(uv_handle_t *handle)
{
	struct check *c = handle->data;

	if (c->is_open)
		c->adapter->ops->codec->release(c->adapter);
	adapter_free(c->adapter);
	c->done(c->done_arg);
	g_free(c);
}

static void on_answer_finding(void *arg, enum finding_level level, const char *text, const char *advice_or_null)
{
	struct check *c = arg;

	c->has_error = c->has_error || level == FINDING_ERROR;
	c->say(c->say_arg, level, text, advice_or_null);
}

static void on_check_answer(void *arg, const struct http_response *response)
{
	struct check *c = arg;
	const char *name = *c->next++;

	c->adapter->ops->codec->judge_check(c->adapter, name, response, on_answer_finding, c);
	if (c->has_error)
		c->next = NULL;
	check_step(c);
}

static void check_step(struct check *c)
{
	const struct codec_ops *codec = c->adapter->ops->codec;
	struct http_request request = { 0 };

	for (; codec && c->is_open && c->adapter->env.http && c->next && *c->next; c->next++) {
		if (codec->errand(c->adapter, *c->next, &request)) {
			http_client_start(c->adapter->env.http, &request, on_check_answer, c);
			return;
		}
	}
	uv_close((uv_handle_t *)&c->timer, on_check_closed);
}

static const char *unit_word(enum text_unit unit)
{
	switch (unit) {
	case TEXT_BYTES:
		return "byte";
	case TEXT_CODE_POINTS:
	case TEXT_UTF16: /* as people count: a letter is one, also with its diacritics */
		return "ký tự";
	}
	return "?";
}

static void caps_say(const struct adapter_caps *caps, adapter_finding_fn *say, void *arg)
{
	g_autoptr(GString) text = g_string_new("làm được:");
	const struct {
		bool is_on;
		const char *word;
	} words[] = {
		{ caps->direct, "chat riêng" },	   { caps->groups, "nhóm" },		{ caps->polls, "nhận tin bằng hỏi định kỳ" },
		{ caps->webhook, "nhận tin bằng webhook" }, { caps->files, "gửi tệp" }, { caps->rich_text, "chữ đậm" },
		{ caps->menu, "bảng lệnh" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (words[i].is_on)
			g_string_append_printf(text, "%s %s", text->str[text->len - 1] == ':' ? "" : ",", words[i].word);
	}
	if (caps->text_limit > 0)
		g_string_append_printf(text, "; mỗi tin tối đa %zu %s, dài hơn thì tự chia", caps->text_limit, unit_word(caps->text_unit));
	say(arg, FINDING_OK, text->str, NULL);
}

/* A service whose webhook has nowhere to listen ends at its start. */
static void check_listen(struct check *c)
{
	struct adapter *a = c->adapter;
	const char *path = a->ops->codec->webhook_path ? a->ops->codec->webhook_path(a) : NULL;
	g_autofree char *text = NULL;

	if (!path || !config_knows_section(a->env.config, "http") || config_str(a->env.config, "http", "listen"))
		return;
	text = g_strdup_printf("Nhận tin qua webhook (%s) mà chưa đặt [http] listen: dịch vụ sẽ không chạy được.", path);
	c->say(c->say_arg, FINDING_ERROR, text,
	       "Thêm vào mục [http] dòng listen = 127.0.0.1:8080, rồi cho máy chủ HTTPS đứng trước chuyển cuộc gọi tới đó.");
}

static void on_check_start(uv_timer_t *timer)
{
	struct check *c = timer->data;
	struct adapter *a = c->adapter;
	g_autoptr(GError) error = NULL;

	caps_say(&a->ops->caps, c->say, c->say_arg);
	if (a->ops->codec) {
		c->is_open = a->ops->codec->open(a, &error);
		if (!c->is_open)
			c->say(c->say_arg, FINDING_ERROR, error->message, "sửa mục này trong tệp cấu hình");
		else if (a->ops->codec->describe)
			a->ops->codec->describe(a, c->say, c->say_arg);
		if (c->is_open)
			check_listen(c);
		c->next = a->ops->codec->check_errands;
	}
	check_step(c);
}

void adapter_check(const struct adapter_ops *ops, const struct adapter_env *env, adapter_finding_fn *say, void *say_arg,
		   void (*done)(void *arg), void *done_arg)
{
	struct check *c = g_new0(struct check, 1);

	c->adapter = adapter_new(ops, env);
	c->say = say;
	c->say_arg = say_arg;
	c->done = done;
	c->done_arg = done_arg;
	uv_timer_init(env->loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_check_start, 0, 0);
}
