/* SPDX-License-Identifier: MIT */
/* A time-ordered queue with two caps. It is scanned from its end: a group writes a few hundred messages in a quarter of an hour. */
#include "window.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"

struct kept {
	bool is_paste; /* window_keep_paste */
	struct update *u;
	int64_t at_ms;
	size_t bytes;
};

struct expectation {
	int64_t files_until, text_until;
};

struct window {
	GQueue *kept;		  /* struct kept, oldest first */
	GHashTable *expectations; /* sender key -> struct expectation */
	int64_t span_ms;
	size_t bytes;
};

static char *sender_key(const struct update *u)
{
	return g_strjoin("\x1f", u->adapter, u->chat_id, u->user_id ? u->user_id : "", NULL);
}

static size_t update_bytes(const struct update *u)
{
	/* The strings that can be long; the rest is about as large as a struct. */
	return sizeof(*u) + 256 + (u->text ? strlen(u->text) : 0) + (u->reply_text ? strlen(u->reply_text) : 0) + u->attachments->len * 256;
}

struct window *window_new(int64_t span_ms)
{
	struct window *w = g_new0(struct window, 1);

	w->kept = g_queue_new();
	w->expectations = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	w->span_ms = span_ms;
	return w;
}

static void kept_free(void *data)
{
	struct kept *k = data;

	update_free(k->u);
	g_free(k);
}

void window_free(struct window *w)
{
	if (!w)
		return;
	g_queue_free_full(w->kept, kept_free);
	g_hash_table_unref(w->expectations);
	g_free(w);
}

void window_set_span(struct window *w, int64_t span_ms)
{
	w->span_ms = span_ms;
}

size_t window_bytes(const struct window *w)
{
	return w->bytes;
}

static void drop_oldest(struct window *w)
{
	struct kept *k = g_queue_pop_head(w->kept);

	w->bytes -= k->bytes;
	kept_free(k);
}

static gboolean expectation_over(void *key, void *value, void *now)
{
	const struct expectation *e = value;
	const int64_t *now_ms = now;

	return e->files_until <= *now_ms && e->text_until <= *now_ms;
}

static void age(struct window *w, int64_t now)
{
	struct kept *k;

	while ((k = g_queue_peek_head(w->kept)) &&
	       (k->at_ms + w->span_ms <= now || w->kept->length > WINDOW_UPDATES_MAX || w->bytes > WINDOW_BYTES_MAX))
		drop_oldest(w);
	if (g_hash_table_size(w->expectations) > WINDOW_UPDATES_MAX / 4)
		g_hash_table_foreach_remove(w->expectations, expectation_over, &now);
}

/* Talk has no row whose key would tell a platform's repetition. */
static bool is_kept(const struct window *w, const struct update *u)
{
	for (const GList *l = w->kept->tail; l && u->message_id; l = l->prev) {
		const struct update *k = ((struct kept *)l->data)->u;

		if (!g_strcmp0(k->message_id, u->message_id) && !strcmp(k->chat_id, u->chat_id) && !strcmp(k->adapter, u->adapter))
			return true;
	}
	return false;
}

static void keep(struct window *w, struct update *u, bool is_paste, int64_t now_mono_ms)
{
	struct kept *k;

	if (!u->user_id || u->kind != UPDATE_MESSAGE || is_kept(w, u)) {
		update_free(u);
		return;
	}
	k = g_new0(struct kept, 1);
	k->u = u;
	k->is_paste = is_paste;
	k->at_ms = now_mono_ms;
	k->bytes = update_bytes(u);
	w->bytes += k->bytes;
	g_queue_push_tail(w->kept, k);
	age(w, now_mono_ms);
}

void window_keep(struct window *w, struct update *u, int64_t now_mono_ms)
{
	keep(w, u, false, now_mono_ms);
}

void window_keep_paste(struct window *w, struct update *u, int64_t now_mono_ms)
{
	keep(w, u, true, now_mono_ms);
}

static bool same_sender(const struct update *a, const struct update *b)
{
	return !strcmp(a->adapter, b->adapter) && !strcmp(a->chat_id, b->chat_id) && !g_strcmp0(a->user_id, b->user_id);
}

/* Moves one into u->window. */
static void join(struct window *w, struct update *u, GList *l)
{
	struct kept *k = l->data;

	if (!u->window)
		u->window = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_ptr_array_add(u->window, k->u);
	w->bytes -= k->bytes;
	g_free(k);
	g_queue_delete_link(w->kept, l);
}

void window_join(struct window *w, struct update *u, int64_t now_mono_ms)
{
	GList *next;

	age(w, now_mono_ms);
	for (GList *l = w->kept->head; l; l = next) {
		const struct kept *k = l->data;
		bool is_recent = now_mono_ms - k->at_ms <= WINDOW_PARTS_MS;

		next = l->next;
		if (!k->is_paste && same_sender(k->u, u) && (k->u->attachments->len || is_recent))
			join(w, u, l);
	}
}

void window_join_paste(struct window *w, struct update *u, int64_t now_mono_ms)
{
	int64_t last = -1;
	GList *next;

	age(w, now_mono_ms);
	for (GList *l = w->kept->tail; l && last < 0; l = l->prev) {
		const struct kept *k = l->data;

		if (k->is_paste && same_sender(k->u, u))
			last = k->at_ms;
	}
	for (GList *l = w->kept->head; l && last >= 0; l = next) {
		const struct kept *k = l->data;

		next = l->next;
		if (k->is_paste && same_sender(k->u, u) && last - k->at_ms <= WINDOW_PARTS_MS)
			join(w, u, l);
	}
}

void window_forget(struct window *w, const struct update *u, const char *message_id)
{
	GList *next;

	for (GList *l = w->kept->head; l; l = next) {
		struct kept *k = l->data;

		next = l->next;
		if (!same_sender(k->u, u) || g_strcmp0(k->u->message_id, message_id))
			continue;
		w->bytes -= k->bytes;
		kept_free(k);
		g_queue_delete_link(w->kept, l);
	}
}

void window_find_reply(struct window *w, struct update *u, int64_t now_mono_ms)
{
	age(w, now_mono_ms);
	for (GList *l = w->kept->tail; l && u->reply_to_id && !u->reply_text; l = l->prev) {
		const struct update *k = ((struct kept *)l->data)->u;

		if (strcmp(k->adapter, u->adapter) || strcmp(k->chat_id, u->chat_id) || g_strcmp0(k->message_id, u->reply_to_id))
			continue;
		u->reply_text = g_strdup(k->text);
		if (!u->reply_user_id) {
			u->reply_user_id = g_strdup(k->user_id);
			g_free(u->reply_user_name);
			u->reply_user_name = g_strdup(k->user_name);
		}
	}
}

void window_expect(struct window *w, const struct update *u, bool files, bool text, int64_t now_mono_ms)
{
	char *key = sender_key(u);
	struct expectation *e = g_hash_table_lookup(w->expectations, key);

	if (!e) {
		e = g_new0(struct expectation, 1);
		g_hash_table_insert(w->expectations, g_strdup(key), e);
	}
	if (files)
		e->files_until = now_mono_ms + w->span_ms;
	if (text)
		e->text_until = now_mono_ms + WINDOW_PARTS_MS;
	g_free(key);
	age(w, now_mono_ms);
}

static const struct expectation *expectation(struct window *w, const struct update *u)
{
	g_autofree char *key = sender_key(u);

	return g_hash_table_lookup(w->expectations, key);
}

bool window_expects_files(struct window *w, const struct update *u, int64_t now_mono_ms)
{
	const struct expectation *e = expectation(w, u);

	return e && e->files_until > now_mono_ms;
}

bool window_expects_text(struct window *w, const struct update *u, int64_t now_mono_ms)
{
	const struct expectation *e = expectation(w, u);

	return e && e->text_until > now_mono_ms;
}
