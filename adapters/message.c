/* SPDX-License-Identifier: MIT */
/* The vocabulary of messages: making, copying and freeing it, and the stored form of an update as one line of JSON.
 * Knows no platform and judges no content. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "message.h"

/* Written into every stored update; a reader refuses what it does not know. */
#define UPDATE_VERSION 1

static const char *const update_kind_words[] = {
	[UPDATE_MESSAGE] = "message",	      [UPDATE_EDIT] = "edit",		[UPDATE_RECALL] = "recall",
	[UPDATE_CHAT_OPEN] = "chat_open",     [UPDATE_CHAT_GONE] = "chat_gone", [UPDATE_CHAT_MOVED] = "chat_moved",
	[UPDATE_MEMBER_JOIN] = "member_join", [UPDATE_MEMBER_LEAVE] = "member_leave",
};
static const char *const chat_kind_words[] = {
	[CHAT_PRIVATE] = "private",
	[CHAT_GROUP] = "group",
	[CHAT_CHANNEL] = "channel",
};
static const char *const attachment_kind_words[] = {
	[ATTACHMENT_PHOTO] = "photo", [ATTACHMENT_FILE] = "file",	[ATTACHMENT_VIDEO] = "video",
	[ATTACHMENT_VOICE] = "voice", [ATTACHMENT_STICKER] = "sticker",
};

/* The fields that are plain text or plain flags, so that writing, reading and freeing can never disagree. */
static const struct {
	const char *name;
	size_t offset;
} update_strings[] = {
	{ "adapter", G_STRUCT_OFFSET(struct update, adapter) },
	{ "bot_id", G_STRUCT_OFFSET(struct update, bot_id) },
	{ "key", G_STRUCT_OFFSET(struct update, key) },
	{ "chat_id", G_STRUCT_OFFSET(struct update, chat_id) },
	{ "chat_title", G_STRUCT_OFFSET(struct update, chat_title) },
	{ "thread_id", G_STRUCT_OFFSET(struct update, thread_id) },
	{ "moved_to", G_STRUCT_OFFSET(struct update, moved_to) },
	{ "user_id", G_STRUCT_OFFSET(struct update, user_id) },
	{ "user_name", G_STRUCT_OFFSET(struct update, user_name) },
	{ "message_id", G_STRUCT_OFFSET(struct update, message_id) },
	{ "text", G_STRUCT_OFFSET(struct update, text) },
	{ "reply_to_id", G_STRUCT_OFFSET(struct update, reply_to_id) },
	{ "reply_text", G_STRUCT_OFFSET(struct update, reply_text) },
	{ "reply_user_id", G_STRUCT_OFFSET(struct update, reply_user_id) },
	{ "reply_user_name", G_STRUCT_OFFSET(struct update, reply_user_name) },
	{ "album_id", G_STRUCT_OFFSET(struct update, album_id) },
}, update_flags[] = {
	{ "user_is_bot", G_STRUCT_OFFSET(struct update, user_is_bot) },
	{ "mentions_bot", G_STRUCT_OFFSET(struct update, mentions_bot) },
	{ "for_other_bot", G_STRUCT_OFFSET(struct update, for_other_bot) },
	{ "is_forwarded", G_STRUCT_OFFSET(struct update, is_forwarded) },
	{ "replies_to_bot", G_STRUCT_OFFSET(struct update, replies_to_bot) },
	{ "is_withheld", G_STRUCT_OFFSET(struct update, is_withheld) },
};

static cJSON *update_to_json(const struct update *u);
static struct update *update_from_json(const cJSON *o, GError **error);

void attachment_free(struct attachment *a)
{
	if (!a)
		return;
	g_free(a->file_id);
	g_free(a->unique_id);
	g_free(a->name);
	g_free(a->mime);
	g_free(a);
}

struct attachment *attachment_copy(const struct attachment *a)
{
	struct attachment *copy = g_new0(struct attachment, 1);

	copy->kind = a->kind;
	copy->file_id = g_strdup(a->file_id);
	copy->unique_id = g_strdup(a->unique_id);
	copy->name = g_strdup(a->name);
	copy->mime = g_strdup(a->mime);
	copy->size = a->size;
	return copy;
}

static void on_attachment_free(void *attachment)
{
	attachment_free(attachment);
}

static void on_update_free(void *update)
{
	update_free(update);
}

struct update *update_new(enum update_kind kind)
{
	struct update *u = g_new0(struct update, 1);

	u->kind = kind;
	u->attachments = g_ptr_array_new_with_free_func(on_attachment_free);
	return u;
}

void update_free(struct update *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(update_strings); i++)
		g_free(G_STRUCT_MEMBER(char *, u, update_strings[i].offset));
	g_ptr_array_unref(u->attachments);
	if (u->window)
		g_ptr_array_unref(u->window);
	g_free(u);
}

/* Writing */

static cJSON *attachment_to_json(const struct attachment *a)
{
	cJSON *o = cJSON_CreateObject();

	json_add_str(o, "kind", attachment_kind_words[a->kind]);
	json_add_str(o, "file_id", a->file_id);
	json_add_str(o, "unique_id", a->unique_id);
	json_add_str(o, "name", a->name);
	json_add_str(o, "mime", a->mime);
	json_add_int64(o, "size", a->size);
	return o;
}

static cJSON *update_to_json(const struct update *u)
{
	cJSON *o = cJSON_CreateObject();

	json_add_str(o, "kind", update_kind_words[u->kind]);
	json_add_str(o, "chat_kind", chat_kind_words[u->chat_kind]);
	json_add_int64(o, "sent_ms", u->sent_ms);
	for (size_t i = 0; i < ARRAY_SIZE(update_strings); i++)
		json_add_str(o, update_strings[i].name, G_STRUCT_MEMBER(char *, u, update_strings[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(update_flags); i++) {
		if (G_STRUCT_MEMBER(bool, u, update_flags[i].offset))
			cJSON_AddTrueToObject(o, update_flags[i].name);
	}
	if (u->attachments->len > 0) {
		cJSON *list = cJSON_AddArrayToObject(o, "attachments");

		for (guint i = 0; i < u->attachments->len; i++)
			cJSON_AddItemToArray(list, attachment_to_json(u->attachments->pdata[i]));
	}
	if (u->window) {
		cJSON *list = cJSON_AddArrayToObject(o, "window");

		for (guint i = 0; i < u->window->len; i++)
			cJSON_AddItemToArray(list, update_to_json(u->window->pdata[i]));
	}
	return o;
}

char *update_serialize(const struct update *u)
{
	g_autoptr(cJSON) o = update_to_json(u);

	cJSON_AddNumberToObject(o, "v", UPDATE_VERSION);
	return json_text(o);
}

/* Reading */

static bool parse_failed(GError **error, const char *what)
{
	g_set_error(error, JSON_ERROR, 0, "stored update: %s", what);
	return false;
}

static bool word_read(const cJSON *o, const char *name, const char *const *words, size_t n, unsigned *ret, GError **error)
{
	const char *word;

	if (!json_str(o, name, &word))
		return parse_failed(error, name);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i], word) == 0) {
			*ret = (unsigned)i;
			return true;
		}
	}
	return parse_failed(error, name);
}

/* Absent is fine (NULL); present with another type is not ours. */
static bool string_read(const cJSON *o, const char *name, char **ret, GError **error)
{
	const char *value;

	if (!cJSON_HasObjectItem(o, name))
		return true;
	if (!json_str(o, name, &value))
		return parse_failed(error, name);
	g_free(*ret);
	*ret = g_strdup(value);
	return true;
}

static struct attachment *attachment_from_json(const cJSON *o, GError **error)
{
	struct attachment *a = g_new0(struct attachment, 1);
	unsigned kind = 0;

	if (word_read(o, "kind", attachment_kind_words, ARRAY_SIZE(attachment_kind_words), &kind, error) &&
	    string_read(o, "file_id", &a->file_id, error) && string_read(o, "unique_id", &a->unique_id, error) &&
	    (a->file_id || parse_failed(error, "file_id")) && string_read(o, "name", &a->name, error) && string_read(o, "mime", &a->mime, error) &&
	    (json_int64(o, "size", &a->size) || parse_failed(error, "size"))) {
		a->kind = (enum attachment_kind)kind;
		return a;
	}
	attachment_free(a);
	return NULL;
}

static bool flags_read(struct update *u, const cJSON *o, GError **error)
{
	for (size_t i = 0; i < ARRAY_SIZE(update_flags); i++) {
		bool *flag = &G_STRUCT_MEMBER(bool, u, update_flags[i].offset);

		if (cJSON_HasObjectItem(o, update_flags[i].name) && !json_bool(o, update_flags[i].name, flag))
			return parse_failed(error, update_flags[i].name);
	}
	return true;
}

static bool lists_read(struct update *u, const cJSON *o, GError **error)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, "attachments"), *item;

	if (list && !cJSON_IsArray(list))
		return parse_failed(error, "attachments");
	cJSON_ArrayForEach(item, list) {
		struct attachment *a = attachment_from_json(item, error);

		if (!a)
			return false;
		g_ptr_array_add(u->attachments, a);
	}
	list = cJSON_GetObjectItemCaseSensitive(o, "window");
	if (!list)
		return true;
	if (!cJSON_IsArray(list))
		return parse_failed(error, "window");
	u->window = g_ptr_array_new_with_free_func(on_update_free);
	cJSON_ArrayForEach(item, list) {
		struct update *part = update_from_json(item, error);

		if (!part)
			return false;
		g_ptr_array_add(u->window, part);
	}
	return true;
}

static bool update_read(struct update *u, const cJSON *o, GError **error)
{
	unsigned kind = 0, chat_kind = 0;

	if (!cJSON_IsObject(o))
		return parse_failed(error, "no object");
	if (!word_read(o, "kind", update_kind_words, ARRAY_SIZE(update_kind_words), &kind, error) ||
	    !word_read(o, "chat_kind", chat_kind_words, ARRAY_SIZE(chat_kind_words), &chat_kind, error))
		return false;
	u->kind = (enum update_kind)kind;
	u->chat_kind = (enum chat_kind)chat_kind;
	if (!json_int64(o, "sent_ms", &u->sent_ms))
		return parse_failed(error, "sent_ms");
	for (size_t i = 0; i < ARRAY_SIZE(update_strings); i++) {
		if (!string_read(o, update_strings[i].name, &G_STRUCT_MEMBER(char *, u, update_strings[i].offset), error))
			return false;
	}
	return flags_read(u, o, error) && lists_read(u, o, error);
}

static struct update *update_from_json(const cJSON *o, GError **error)
{
	struct update *u = update_new(UPDATE_MESSAGE);

	if (update_read(u, o, error))
		return u;
	update_free(u);
	return NULL;
}

struct update *update_parse(const char *text, GError **error)
{
	g_autoptr(cJSON) o = json_parse(text, strlen(text), error);
	int64_t version = 0;

	if (!o)
		return NULL;
	if (!json_int64(o, "v", &version) || version != UPDATE_VERSION) {
		parse_failed(error, "unknown version");
		return NULL;
	}
	return update_from_json(o, error);
}

/* Outgoing */

struct outgoing *outgoing_copy(const struct outgoing *m)
{
	struct outgoing *copy = g_new0(struct outgoing, 1);

	*copy = *m;
	copy->chat_id = g_strdup(m->chat_id);
	copy->thread_id = g_strdup(m->thread_id);
	copy->reply_to_id = g_strdup(m->reply_to_id);
	copy->user_id = g_strdup(m->user_id);
	copy->text = g_strdup(m->text);
	copy->spans = m->n_spans > 0 ? g_memdup2(m->spans, m->n_spans * sizeof(m->spans[0])) : NULL;
	copy->file = m->file ? attachment_copy(m->file) : NULL;
	copy->upload_id = g_strdup(m->upload_id);
	return copy;
}

void outgoing_free(struct outgoing *copy)
{
	if (!copy)
		return;
	g_free((char *)copy->chat_id);
	g_free((char *)copy->thread_id);
	g_free((char *)copy->reply_to_id);
	g_free((char *)copy->user_id);
	g_free((char *)copy->text);
	g_free((struct span *)copy->spans);
	attachment_free((struct attachment *)copy->file);
	g_free((char *)copy->upload_id);
	g_free(copy);
}

const char *send_status_name(enum send_status status)
{
	switch (status) {
	case SEND_OK:
		return "ok";
	case SEND_LATER:
		return "later";
	case SEND_UNCERTAIN:
		return "uncertain";
	case SEND_REFUSED:
		return "refused";
	case SEND_NO_TARGET:
		return "no target";
	case SEND_BROKEN:
		return "broken";
	}
	return "unknown";
}
