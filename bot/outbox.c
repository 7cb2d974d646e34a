/* SPDX-License-Identifier: MIT */
/* Words to rows. Runs on the writer thread inside a turn's savepoint; knows platforms only by their capabilities. */
#include "outbox.h"

#include <string.h>

#include "adapters/table.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/text.h"
#include "split.h"
#include "store/audit.h"
#include "store/item.h"

/* "@… nhắn riêng cho hệ thống" is said at most once a day and person (domain §5.4). */
#define CLOSED_LINE_MS DAY_MS
/* A word of the bundle that begins so names a person who is to write privately; the others name what was done (ids). */
#define PERSON_MARK '@'
/* After an outage half the group may be meant: so many are named, in so many graphemes each; the others are counted. */
#define PEOPLE_NAMED_MAX 20
#define PERSON_NAME_MAX 30
/* One log line of late answers in so long, not one a message. */
#define LATE_LOG_MS MINUTE_MS

struct writer {
	struct db *db;
	const struct turn_out *o;
	const struct outbox_origin *origin;
	int64_t now_ms;
	unsigned written;
	GError **error;
};

/* Parts of a text on an adapter; NULL if it cannot be split (logged: the post then goes nowhere, visibly). */
static GArray *parts_for(const char *adapter, const char *text, const struct span *spans, size_t n_spans, const struct attachment *file)
{
	const struct adapter_ops *ops = adapter_table_find(adapter);
	g_autoptr(GError) error = NULL;
	GArray *parts = NULL;

	if (!ops)
		return NULL; /* the platform is no longer compiled in: its chats get nothing */
	if (file && (!*text || (ops->caps.caption_limit && text_len(text, ops->caps.text_unit) <= ops->caps.caption_limit))) {
		struct post_part whole = { .start = 0, .len = strlen(text), .has_file = true };

		parts = g_array_new(FALSE, TRUE, sizeof(struct post_part));
		g_array_append_val(parts, whole);
		return parts;
	}
	if (!split_text(text, spans, n_spans, ops->caps.text_limit, ops->caps.text_unit, &parts, &error)) {
		log_error("outbox", "a text cannot be split for %s: %s", adapter, error->message);
		return NULL;
	}
	if (file) {
		struct post_part alone = { .start = strlen(text), .len = 0, .has_file = true };

		g_array_append_val(parts, alone);
	}
	return parts;
}

void outbox_parts_for(void *arg, const char *adapter, const struct post *p, const struct post_part **ret_parts, size_t *ret_n)
{
	struct outbox_parts *mine = arg;

	outbox_parts_release(mine);
	mine->parts = parts_for(adapter, p->text, p->spans, p->n_spans, p->file);
	*ret_parts = mine->parts ? (const struct post_part *)(void *)mine->parts->data : NULL;
	*ret_n = mine->parts ? mine->parts->len : 0;
}

void outbox_parts_release(struct outbox_parts *p)
{
	if (p->parts)
		g_array_unref(g_steal_pointer(&p->parts));
}

static bool add_delivery(struct writer *w, int64_t post_id, const struct post *post, const struct chat *chat, const char *reply_to,
			 const char *user_id, int64_t due_ms)
{
	const struct delivery_target to = {
		.chat_id = chat->id,
		.reply_to_id = reply_to,
		.user_id = user_id,
		.thread_id = w->origin && w->origin->u && chat->id == w->origin->chat->id ? w->origin->u->thread_id : NULL,
		.due_ms = due_ms,
	};
	g_autoptr(GArray) parts = parts_for(chat->adapter, post->text, post->spans, post->n_spans, post->file);

	if (!parts)
		return true;
	if (!store_delivery_add(w->db, post_id, &to, (const struct post_part *)(void *)parts->data, parts->len, w->now_ms, w->error))
		return false;
	w->written += parts->len;
	return true;
}

static bool add_post(struct writer *w, struct post *post, int64_t *ret_id)
{
	return store_post_add(w->db, post, w->now_ms, ret_id, w->error);
}

/* One post to one chat. */
static bool post_to(struct writer *w, struct post *post, const struct chat *chat, const char *reply_to, const char *user_id)
{
	int64_t id;

	return add_post(w, post, &id) && add_delivery(w, id, post, chat, reply_to, user_id, 0);
}

/* Where the person reads in private: the chat he wrote in, or the open one behind a group message. NULL: none is open. False = broken. */
static bool private_chat(struct writer *w, struct chat **ret)
{
	const struct outbox_origin *o = w->origin;

	*ret = NULL;
	if (o->u->chat_kind == CHAT_PRIVATE)
		return store_chat_get(w->db, o->chat->id, ret, w->error) != STORE_BROKEN;
	if (!o->u->user_id)
		return true;
	return store_user_private_chat(w->db, o->u->adapter, o->u->user_id, ret, w->error) != STORE_BROKEN;
}

static int64_t item_of(const struct writer *w, const struct reply *r)
{
	return r->item_id ? r->item_id : w->o->item_id;
}

/* All private texts of the turn as one message. */
static void join_private(const struct turn_out *o, GString *text, GArray *spans)
{
	for (guint i = 0; i < o->replies->len; i++) {
		const struct reply *r = o->replies->pdata[i];

		if (r->place != REPLY_PRIVATE || !*r->text)
			continue;
		if (text->len)
			g_string_append_c(text, '\n');
		for (guint s = 0; r->spans && s < r->spans->len; s++) {
			struct span span = g_array_index(r->spans, struct span, s);

			span.start += text->len;
			g_array_append_val(spans, span);
		}
		g_string_append(text, r->text);
	}
}

static bool write_files(struct writer *w, const struct chat *chat)
{
	for (guint i = 0; i < w->o->replies->len; i++) {
		const struct reply *r = w->o->replies->pdata[i];
		struct post post = { .text = "", .class = CLASS_DIRECT, .item_id = item_of(w, r), .file = r->file };
		g_autofree char *elsewhere = NULL;

		if (r->place != REPLY_FILE)
			continue;
		/* A file's id is worth something on its own platform only. */
		if (g_strcmp0(r->file_adapter, chat->adapter)) {
			elsewhere = wording_format(w->o->address, MSG_FILE_ELSEWHERE, "name", r->file->name ? r->file->name : "", NULL);
			post.text = elsewhere;
			post.file = NULL;
		}
		if (!post_to(w, &post, chat, NULL, NULL))
			return false;
	}
	return true;
}

/* Is this the answer to what a person wrote in a group a while ago? Without a time of the platform's, or with one of the future, it
 * is not. */
static bool is_late(const struct writer *w)
{
	const struct update *u = w->origin->u;
	bool is_from_person = u->kind == UPDATE_MESSAGE || u->kind == UPDATE_EDIT || u->kind == UPDATE_RECALL;

	return is_from_person && u->chat_kind != CHAT_PRIVATE && u->sent_ms > 0 && w->now_ms - u->sent_ms > OUTBOX_LATE_MS;
}

/* "Đã nhận thêm 3 mục …". words: NULL at the end. */
static char *done_line(const struct writer *w, const GPtrArray *words)
{
	char **all = (char **)words->pdata;
	guint n_words = words->len - 1;
	g_autofree char *list = wording_list(all), *n = g_strdup_printf("%u", n_words);
	char *text = wording_format(w->o->address, MSG_CONFIRM_BUNDLE, "n", n, "items", list, NULL);

	if (g_utf8_strlen(text, -1) <= CMD_LINE_MAX)
		return text;
	g_free(text);
	return wording_format(w->o->address, MSG_CONFIRM_BUNDLE_LONG, "n", n, "first", all[0], "last", all[n_words - 1], NULL);
}

/* "Lan, Nam: … nhắn riêng cho hệ thống". names: NULL at the end. */
static char *people_line(const struct writer *w, const GPtrArray *names)
{
	g_autoptr(GPtrArray) shown = g_ptr_array_new();
	g_autofree char *list = NULL, *more = NULL;

	for (guint i = 0; i + 1 < names->len && i < PEOPLE_NAMED_MAX; i++)
		g_ptr_array_add(shown, names->pdata[i]);
	more = g_strdup_printf("%u", names->len - 1 - shown->len);
	g_ptr_array_add(shown, NULL);
	if (names->len == shown->len) {
		list = wording_list((char **)shown->pdata);
		return wording_format(w->o->address, MSG_LATE_CLOSED, "names", list, NULL);
	}
	list = g_strjoinv(", ", (char **)shown->pdata);
	return wording_format(w->o->address, MSG_LATE_CLOSED_MORE, "names", list, "n", more, NULL);
}

static char *bundle_text(const struct writer *w, char **words)
{
	g_autoptr(GPtrArray) done = g_ptr_array_new(), people = g_ptr_array_new();
	GString *text = g_string_new(NULL);

	for (guint i = 0; words[i]; i++)
		if (words[i][0] == PERSON_MARK)
			g_ptr_array_add(people, words[i] + 1);
		else
			g_ptr_array_add(done, words[i]);
	g_ptr_array_add(done, NULL);
	g_ptr_array_add(people, NULL);
	if (done->len > 1) {
		g_autofree char *line = done_line(w, done);

		g_string_append(text, line);
	}
	if (people->len > 1) {
		g_autofree char *line = people_line(w, people);

		g_string_append_printf(text, "%s%s", text->len ? "\n" : "", line);
	}
	return g_string_free(text, FALSE);
}

/* Into the chat's line of this minute, unless fewer than at_once of the minute have gone: then *ret_now, and nothing is written. */
static bool write_bundled(struct writer *w, const char *word, unsigned at_once, bool *ret_now)
{
	struct post post = { .class = CLASS_BUNDLE };
	g_auto(GStrv) words = NULL;
	g_autofree char *text = NULL;
	int64_t post_id = 0, due = 0;

	if (!store_bundle_add(w->db, w->origin->chat->id, word, at_once, w->now_ms, ret_now, &words, &post_id, &due, w->error))
		return false;
	if (*ret_now)
		return true;
	text = bundle_text(w, words);
	if (post_id)
		return store_post_set_text(w->db, post_id, text, w->error);
	post.text = text;
	return add_post(w, &post, &post_id) && store_bundle_set_post(w->db, w->origin->chat->id, post_id, w->error) &&
	       add_delivery(w, post_id, &post, w->origin->chat, NULL, NULL, due);
}

/* A confirmation in a group: at once, or into the minute's bundle; a late one never at once. */
static bool write_line(struct writer *w, const struct reply *r)
{
	const struct update *u = w->origin->u;
	struct post post = { .text = r->text, .class = CLASS_DIRECT, .item_id = item_of(w, r) };
	bool now = true;

	if (r->word && !write_bundled(w, r->word, is_late(w) ? 0 : w->o->confirmations, &now))
		return false;
	return !now || post_to(w, &post, w->origin->chat, u->message_id, u->user_id);
}

/* True in *ret_say if the "nhắn riêng" line was not said to this person within a day; then it counts as said. */
static bool closed_line_due(struct writer *w, bool *ret_say)
{
	const struct update *u = w->origin->u;
	g_autofree char *said = NULL, *now = g_strdup_printf("%" G_GINT64_FORMAT, w->now_ms);
	g_autofree char *scope = g_strconcat("closed.", u->adapter, NULL);

	*ret_say = true;
	switch (store_setting_get(w->db, scope, u->user_id, &said, w->error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		*ret_say = w->now_ms - g_ascii_strtoll(said, NULL, 10) >= CLOSED_LINE_MS;
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	}
	return !*ret_say || store_setting_set(w->db, scope, u->user_id, now, w->error);
}

/* Names who has an answer waiting in private that he can only be given there. What he finds when he writes: the open question, his held
 * text, or the chance to send again what was refused. */
static bool write_late_closed(struct writer *w)
{
	const struct update *u = w->origin->u;
	const char *name = u->user_name && *u->user_name ? u->user_name : wording_raw(MSG_SOMEONE);
	g_autofree char *shown = text_ellipsize(name, PERSON_NAME_MAX);
	g_autofree char *word = g_strdup_printf("%c%s", PERSON_MARK, shown);
	bool say, now;

	if (!u->user_id)
		return true;
	if (!closed_line_due(w, &say))
		return false;
	return !say || write_bundled(w, word, 0, &now);
}

/* What he has to finish, by name, if a question about it is open. NULL in *ret: nothing. */
static bool item_to_finish(struct writer *w, char **ret)
{
	g_autoptr(item_t) i = NULL;

	*ret = NULL;
	if (!w->o->item_id || !w->o->pending)
		return true;
	if (store_item_by_row(w->db, w->o->item_id, &i, w->error) == STORE_BROKEN)
		return false;
	if (i)
		*ret = item_id_text(i->kind, i->number);
	return true;
}

/* Nobody can be written to privately: the group's own line, else the command's substitute, else "nhắn riêng". */
static bool write_closed(struct writer *w, const struct reply *substitute)
{
	const struct update *u = w->origin->u;
	const char *name = u->user_name && *u->user_name ? u->user_name : wording_raw(MSG_SOMEONE);
	g_autofree char *text = NULL, *id = NULL;
	struct post post = { .class = CLASS_DIRECT, .item_id = w->o->item_id };
	bool say;

	if (substitute) {
		post.text = substitute->text;
		return post_to(w, &post, w->origin->chat, u->message_id, u->user_id);
	}
	if (!u->user_id)
		return true;
	if (!closed_line_due(w, &say))
		return false;
	if (!say)
		return true;
	if (!item_to_finish(w, &id))
		return false;
	text = id ? wording_format(w->o->address, MSG_PRIVATE_CLOSED_ITEM, "name", name, "item", id, NULL) :
		    wording_format(w->o->address, MSG_PRIVATE_CLOSED, "name", name, NULL);
	post.text = text;
	return post_to(w, &post, w->origin->chat, u->message_id, u->user_id);
}

/* late_line: what the group would have read, or NULL. */
static bool write_private(struct writer *w, const struct chat *chat, const struct reply *late_line, bool has_text)
{
	g_autofree char *clause = wording_format(w->o->address, MSG_READ_LATE, NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(struct span));

	if (is_late(w) && (late_line || has_text))
		g_string_append(text, clause);
	if (late_line)
		g_string_append_printf(text, "\n%s", late_line->text);
	join_private(w->o, text, spans);
	if (text->len) {
		struct post post = { .text = text->str,
				     .spans = (struct span *)(void *)spans->data,
				     .n_spans = spans->len,
				     .class = CLASS_DIRECT,
				     .item_id = w->o->item_id };

		if (!post_to(w, &post, chat, NULL, NULL))
			return false;
	}
	return write_files(w, chat);
}

/* The moment is over and no private chat is open: the bundle names what was done, and who has something to see or to finish. */
static bool write_late(struct writer *w, const struct reply *line, bool has_text)
{
	bool has_line = line && line->word;

	if (has_line && !write_line(w, line))
		return false;
	/* As in time: a confirmation is enough, unless a question stands open behind it. */
	return !has_text || w->origin->is_reading || (has_line && !w->o->pending) || write_late_closed(w);
}

static bool write_answers(struct writer *w)
{
	const struct reply *line = NULL, *substitute = NULL;
	g_autoptr(chat_t) chat = NULL;
	bool late = is_late(w), has_text = false, has_file = false;

	for (guint i = 0; i < w->o->replies->len; i++) {
		const struct reply *r = w->o->replies->pdata[i];

		if (r->place == REPLY_LINE)
			line = r; /* at most one line per action: the last word counts */
		if (r->place == REPLY_LINE_IF_CLOSED)
			substitute = r;
		has_text = has_text || (r->place == REPLY_PRIVATE && *r->text);
		has_file = has_file || r->place == REPLY_FILE;
	}
	if (line && !late && !write_line(w, line))
		return false;
	if (!has_text && !has_file && !substitute && !(line && late))
		return true;
	if (!private_chat(w, &chat))
		return false;
	if (chat)
		return write_private(w, chat, late ? line : NULL, has_text);
	if (late)
		return write_late(w, line, has_text);
	return line || write_closed(w, substitute);
}

/* A server's clock that is wrong makes everything late: it must be seen somewhere. */
static void log_late(const struct writer *w)
{
	static int64_t logged_ms; /* the writer thread's alone */

	if (!w->o->replies->len || !is_late(w) || (w->now_ms >= logged_ms && w->now_ms - logged_ms < LATE_LOG_MS))
		return;
	logged_ms = w->now_ms;
	log_info("outbox", "a group message on %s is answered late: it is %" G_GINT64_FORMAT " s old by this server's clock",
		 w->origin->u->adapter, (w->now_ms - w->origin->u->sent_ms) / SECOND_MS);
}

/* In the chat that the reply names, else where the identity last used can be reached. */
static bool tell_member(struct writer *w, int64_t member_id, int64_t post_id, const struct post *post, const struct reply *reply)
{
	g_autoptr(chat_t) chat = NULL;
	enum store_result r = reply->chat_id ? store_chat_get(w->db, reply->chat_id, &chat, w->error) :
					       store_member_private_chat_elsewhere(w->db, member_id, reply->not_adapter, &chat, w->error);

	if (r == STORE_NOT_FOUND && reply->not_adapter && reply->may_be_there)
		r = store_member_private_chat(w->db, member_id, &chat, w->error);
	if (r == STORE_BROKEN)
		return false;
	return r != STORE_OK || add_delivery(w, post_id, post, chat, NULL, NULL, 0);
}

/* The author of an item may be a moderator: what is said to him about it is enough. */
static bool is_told_personally(const struct writer *w, const struct reply *r, int64_t member_id)
{
	for (guint i = 0; item_of(w, r) && i < w->o->replies->len; i++) {
		const struct reply *other = w->o->replies->pdata[i];

		if (other->place == REPLY_MEMBER && other->member_id == member_id && item_of(w, other) == item_of(w, r))
			return true;
	}
	return false;
}

static bool write_notice(struct writer *w, const struct reply *r)
{
	struct post post = { .text = r->text, .class = CLASS_NOTICE, .item_id = item_of(w, r) };
	g_autoptr(GPtrArray) to = NULL;
	int64_t post_id;

	if (!add_post(w, &post, &post_id))
		return false;
	if (r->place == REPLY_MEMBER)
		return tell_member(w, r->member_id, post_id, &post, r);
	if (r->place == REPLY_CORE) {
		if (!(to = store_chat_core(w->db, w->error)))
			return false;
		for (guint i = 0; i < to->len; i++)
			if (!add_delivery(w, post_id, &post, to->pdata[i], NULL, NULL, 0))
				return false;
		return true;
	}
	if (!(to = store_member_with_role(w->db, ROLE_MODERATOR, w->error)))
		return false;
	for (guint i = 0; i < to->len; i++) {
		const struct member *m = to->pdata[i];

		if ((w->origin && m->id == w->origin->actor_id) || is_told_personally(w, r, m->id))
			continue;
		if (!tell_member(w, m->id, post_id, &post, r))
			return false;
	}
	return true;
}

bool outbox_write(struct db *db, const struct turn_out *o, const struct outbox_origin *origin, int64_t now_ms, unsigned *ret_written,
		  GError **error)
{
	struct writer w = { .db = db, .o = o, .origin = origin, .now_ms = now_ms, .error = error };

	if (origin) {
		log_late(&w);
		if (!write_answers(&w))
			return false;
	}
	for (guint i = 0; i < o->replies->len; i++) {
		const struct reply *r = o->replies->pdata[i];

		switch (r->place) {
		case REPLY_MEMBER:
		case REPLY_MODERATORS:
		case REPLY_CORE:
			if (!write_notice(&w, r))
				return false;
			break;
		case REPLY_PRIVATE:
		case REPLY_LINE:
		case REPLY_LINE_IF_CLOSED:
		case REPLY_FILE:
			break;
		}
	}
	*ret_written = w.written;
	return true;
}

int64_t outbox_broadcast(struct db *db, const struct turn_out *o, const char *text, bool core_groups, bool all_members, char **units,
			 int64_t announcement_id, int64_t now_ms, GError **error)
{
	struct post post = { .text = (char *)text,
			     .class = CLASS_NOTICE,
			     .item_id = announcement_id ? 0 : o->item_id,
			     .announcement_id = announcement_id };
	struct fanout f = { .core_groups = core_groups, .all_members = all_members, .units = units };

	if (!store_post_add(db, &post, now_ms, &f.post_id, error) || !store_fanout_add(db, &f, error))
		return 0;
	return f.post_id;
}
