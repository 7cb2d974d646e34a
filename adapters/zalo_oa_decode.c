/* SPDX-License-Identifier: MIT */
/* Turns a webhook event, or a row of a group's history, into the plain vocabulary. Sources disagree about many names, so several
 * are accepted for each thing (zalo-oa.md §8); what is not understood gives no update. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "zalo_oa.h"

#define HEARD_MAX 8192  /* remembered message ids: a busy group's hour and more, far beyond what the history reads twice */
#define NAMES_MAX 20000 /* remembered display names: some groups of 1,000, and then enough */

static char *dup_clean(const cJSON *root, const char *path)
{
	const char *s;

	return json_str(root, path, &s) ? text_clean(s, strlen(s)) : NULL;
}

/* The first of the paths (ends with NULL) that holds an id. */
static char *first_id(const cJSON *root, const char *const *paths)
{
	char *id = NULL;

	for (; *paths && !id; paths++)
		json_id(root, *paths, &id);
	return id;
}

int64_t zalo_oa_time_ms(const cJSON *root, const char *path)
{
	g_autofree char *text = NULL;
	int64_t t;

	if (!json_id(root, path, &text) || !g_ascii_string_to_signed(text, 10, 1, JSON_INT_MAX, &t, NULL))
		return 0;
	return t > INT64_C(100000000000) ? t : t * SECOND_MS;
}

void zalo_oa_remember_name(struct zalo_oa *z, const char *user_id, const char *name)
{
	if (*name && (g_hash_table_size(z->names) < NAMES_MAX || g_hash_table_contains(z->names, user_id)))
		g_hash_table_replace(z->names, g_strdup(user_id), g_strdup(name));
}

bool zalo_oa_hear(struct zalo_oa *z, const char *message_id)
{
	char *id;

	if (g_hash_table_contains(z->heard_ids, message_id))
		return false;
	if (z->heard_order.length >= HEARD_MAX)
		g_hash_table_remove(z->heard_ids, g_queue_pop_head(&z->heard_order));
	id = g_strdup(message_id);
	g_hash_table_add(z->heard_ids, id);
	g_queue_push_tail(&z->heard_order, id);
	return true;
}

void zalo_oa_unhear(struct adapter *a, const GPtrArray *updates)
{
	struct zalo_oa *z = a->state;

	for (guint i = 0; i < updates->len; i++) {
		const struct update *u = updates->pdata[i];
		GList *at = u->message_id ? g_queue_find_custom(&z->heard_order, u->message_id, (GCompareFunc)strcmp) : NULL;

		if (!at)
			continue;
		g_queue_delete_link(&z->heard_order, at);
		g_hash_table_remove(z->heard_ids, u->message_id);
	}
}

static void set_user(const struct zalo_oa *z, struct update *u, char *id) /* takes */
{
	g_free(u->user_id);
	u->user_id = id;
	if (!u->user_name && id)
		u->user_name = g_strdup(g_hash_table_lookup(z->names, id));
}

static void finish(struct adapter *a, struct update *u, char *key) /* takes key */
{
	u->adapter = g_strdup(a->ops->name);
	u->bot_id = g_strdup(a->bot_id);
	u->key = key;
}

/* Text */

/* Bytes of the own "@Name" at s, 0 if there is none. Events do not mark mentions: the name is all there is. */
static size_t own_mention_len(const struct zalo_oa *z, const char *s)
{
	g_autofree char *name = NULL, *head = NULL, *here = NULL;
	size_t len;

	if (*s != '@' || !z->oa_name || !*z->oa_name)
		return 0;
	len = strlen(z->oa_name);
	if (strlen(s + 1) < len || ((unsigned char)s[1 + len] & 0xC0) == 0x80)
		return 0;
	name = g_utf8_casefold(z->oa_name, -1);
	head = g_strndup(s + 1, len);
	if (!g_utf8_validate(head, -1, NULL))
		return 0;
	here = g_utf8_casefold(head, -1);
	return strcmp(name, here) == 0 && !g_unichar_isalnum(g_utf8_get_char(s + 1 + len)) ? len + 1 : 0;
}

static void read_text(const struct zalo_oa *z, struct update *u, const char *raw)
{
	g_autofree char *text = text_clean(raw, strlen(raw));
	const char *start = text;
	size_t n;

	for (const char *at = strchr(text, '@'); at && !u->mentions_bot; at = strchr(at + 1, '@'))
		u->mentions_bot = own_mention_len(z, at) > 0;
	while (g_ascii_isspace(*start))
		start++;
	n = own_mention_len(z, start);
	if (n > 0) {
		start += n;
		start += strspn(start, " \n\t,:;");
	}
	g_free(u->text);
	u->text = text_clean(start, strlen(start));
}

static void read_quote(const struct zalo_oa *z, const cJSON *message, struct update *u)
{
	static const char *const ids[] = { "quote_msg.msg_id", "quote_msg.message_id", "quote_msg_id", "quote.msg_id", NULL };

	u->reply_to_id = first_id(message, ids);
	if (!u->reply_to_id)
		return;
	u->reply_text = dup_clean(message, "quote_msg.text");
	if (!json_id(message, "quote_msg.sender.id", &u->reply_user_id))
		json_id(message, "quote_msg.sender", &u->reply_user_id);
	u->replies_to_bot = g_strcmp0(u->reply_user_id, z->oa_id) == 0;
	if (u->reply_user_id && !u->replies_to_bot)
		u->reply_user_name = g_strdup(g_hash_table_lookup(z->names, u->reply_user_id));
}

/* Attachments */

static bool kind_of(const char *type, enum attachment_kind *ret)
{
	static const struct {
		const char *type;
		enum attachment_kind kind;
	} kinds[] = {
		{ "image", ATTACHMENT_PHOTO }, { "photo", ATTACHMENT_PHOTO },     { "gif", ATTACHMENT_PHOTO },
		{ "file", ATTACHMENT_FILE },   { "video", ATTACHMENT_VIDEO },     { "audio", ATTACHMENT_VOICE },
		{ "voice", ATTACHMENT_VOICE }, { "sticker", ATTACHMENT_STICKER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!g_ascii_strcasecmp(kinds[i].type, type)) {
			*ret = kinds[i].kind;
			return true;
		}
	return false;
}

static int64_t read_size(const cJSON *payload)
{
	g_autofree char *text = NULL;
	int64_t n;

	if (json_id(payload, "size", &text) && g_ascii_string_to_signed(text, 10, 0, JSON_INT_MAX, &n, NULL))
		return n;
	return -1;
}

/* A shared link is text: what it points to is what the person said. */
static void add_link(const cJSON *payload, struct update *u)
{
	g_autofree char *url = dup_clean(payload, "url"), *old = NULL;

	if (!url || !*url || (u->text && strstr(u->text, url)))
		return;
	old = u->text;
	u->text = old && *old ? g_strconcat(old, "\n", url, NULL) : g_strdup(url);
}

static void read_attachments(const cJSON *list, struct update *u)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, list) {
		const cJSON *payload = json_at(one, "payload");
		const char *type = "", *url = NULL;
		struct attachment *x;
		enum attachment_kind kind;

		json_str(one, "type", &type);
		if (!g_ascii_strcasecmp(type, "link")) {
			add_link(payload, u);
			continue;
		}
		if (!kind_of(type, &kind))
			continue;
		if ((!json_str(payload, "url", &url) || !*url) && (!json_str(payload, "thumbnail", &url) || !*url))
			continue;
		x = g_new0(struct attachment, 1);
		x->kind = kind;
		x->file_id = g_strdup(url);
		json_id(payload, "checksum", &x->unique_id);
		x->name = dup_clean(payload, "name");
		x->size = read_size(payload);
		g_ptr_array_add(u->attachments, x);
	}
}

/* Messages */

/* The group's id stands at several places; recipient.id is it only in events named `_group_` (zalo-oa.md §8, §11.8). */
static char *read_group_id(const cJSON *json, const char *event)
{
	static const char *const in_messages[] = { "recipient.id",    "recipient.group_id",
						   "group_id",        "message.conversation_id",
						   "conversation.id", NULL };
	static const char *const in_others[] = {
		"group_id",      "recipient.group_id", "group.id", "group.group_id", "message.conversation_id", "conversation.id",
		"data.group_id", "recipient.id",       NULL
	};

	return first_id(json, strstr(event, "_group_") ? in_messages : in_others);
}

static void decode_message(struct adapter *a, const cJSON *json, const char *event, GPtrArray *updates)
{
	static const char *const ids[] = { "message.msg_id", "message.message_id", "msg_id", NULL };
	struct zalo_oa *z = a->state;
	g_autoptr(update_t) u = update_new(UPDATE_MESSAGE);
	g_autofree char *sender = NULL;
	const char *text = "";

	u->message_id = first_id(json, ids);
	if (!u->message_id || !json_id(json, "sender.id", &sender) || !strcmp(sender, z->oa_id))
		return;
	if (g_str_has_prefix(event, "user_send_group_")) {
		u->chat_kind = CHAT_GROUP;
		u->chat_id = read_group_id(json, event);
		z->event_ms = MAX(z->event_ms, zalo_oa_time_ms(json, "timestamp"));
	} else {
		u->chat_kind = CHAT_PRIVATE;
		u->chat_id = g_strdup(sender);
	}
	if (!u->chat_id)
		return;
	if (u->chat_kind == CHAT_GROUP)
		zalo_oa_hear(z, u->message_id);
	json_str(json, "message.text", &text);
	read_text(z, u, text);
	read_attachments(json_at(json, "message.attachments"), u);
	if (!*u->text && u->attachments->len == 0) /* a place, a business card: nothing the bot could keep */
		return;
	set_user(z, u, g_steal_pointer(&sender));
	u->sent_ms = zalo_oa_time_ms(json, "timestamp");
	read_quote(z, json_at(json, "message"), u);
	finish(a, u, g_strdup(u->message_id));
	g_ptr_array_add(updates, g_steal_pointer(&u));
}

/* What happens in and around groups */

static const struct event_row {
	const char *name;
	enum update_kind kind;
	enum chat_kind chat;
} events[] = {
	{ "create_group", UPDATE_CHAT_OPEN, CHAT_GROUP },
	{ "disperse_group", UPDATE_CHAT_GONE, CHAT_GROUP },
	{ "delete_group", UPDATE_CHAT_GONE, CHAT_GROUP },
	{ "user_join_group", UPDATE_MEMBER_JOIN, CHAT_GROUP },
	{ "react_request_join_group", UPDATE_MEMBER_JOIN, CHAT_GROUP },
	{ "react_request_join_group_accept", UPDATE_MEMBER_JOIN, CHAT_GROUP },
	{ "user_out_group", UPDATE_MEMBER_LEAVE, CHAT_GROUP },
	{ "user_leave_group", UPDATE_MEMBER_LEAVE, CHAT_GROUP },
	{ "follow", UPDATE_CHAT_OPEN, CHAT_PRIVATE },
	{ "unfollow", UPDATE_CHAT_GONE, CHAT_PRIVATE },
};

/* These events have no id of their own; a retry repeats time and ids. */
static char *event_key(const cJSON *json, const char *event, const struct update *u)
{
	g_autofree char *time = NULL;

	json_id(json, "timestamp", &time);
	return g_strjoin("/", event, u->chat_id, u->user_id ? u->user_id : "", time ? time : "", NULL);
}

static void add_event(struct adapter *a, const cJSON *json, const struct event_row *row, char *user_id,
		      GPtrArray *updates) /* takes user_id */
{
	const struct zalo_oa *z = a->state;
	g_autoptr(update_t) u = update_new(row->kind);

	u->chat_kind = row->chat;
	u->chat_id = row->chat == CHAT_GROUP ? read_group_id(json, row->name) : g_strdup(user_id);
	if (user_id && !strcmp(user_id, z->oa_id))
		g_clear_pointer(&user_id, g_free);
	set_user(z, u, user_id);
	if (!u->chat_id || !strcmp(u->chat_id, z->oa_id) ||
	    (!u->user_id && row->kind != UPDATE_CHAT_OPEN && row->kind != UPDATE_CHAT_GONE))
		return;
	if (row->chat == CHAT_GROUP) {
		u->chat_title = dup_clean(json, "group_name");
		if (!u->chat_title)
			u->chat_title = dup_clean(json, "group.name");
	}
	u->sent_ms = zalo_oa_time_ms(json, "timestamp");
	finish(a, u, event_key(json, row->name, u));
	g_ptr_array_add(updates, g_steal_pointer(&u));
}

/* One person, or a list of them under one of several names. */
static void decode_event(struct adapter *a, const cJSON *json, const struct event_row *row, GPtrArray *updates)
{
	static const char *const lists[] = { "members", "users", "user_ids", "member_user_ids", "data.members" };
	static const char *const one[] = { "follower.id", "member.id",       "user.id",   "user_id",
					   "member_id",   "message.user_id", "sender.id", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const cJSON *list = json_at(json, lists[i]), *item;

		if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0 || row->chat != CHAT_GROUP ||
		    row->kind == UPDATE_CHAT_OPEN || row->kind == UPDATE_CHAT_GONE)
			continue;
		cJSON_ArrayForEach (item, list) {
			g_autofree char *id = NULL;

			if (cJSON_IsString(item) && *item->valuestring)
				id = g_strdup(item->valuestring);
			else if (!json_id(item, "user_id", &id))
				json_id(item, "id", &id);
			if (id)
				add_event(a, json, row, g_steal_pointer(&id), updates);
		}
		return;
	}
	add_event(a, json, row, first_id(json, one), updates);
}

bool zalo_oa_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error)
{
	g_autoptr(cJSON) json = json_parse(bytes, len, error);
	struct zalo_oa *z = a->state;
	const char *event = "";

	if (!json)
		return false;
	json_str(json, "event_name", &event);
	if (g_str_has_prefix(event, "user_send_")) {
		decode_message(a, json, event, updates);
		return true;
	}
	if (g_str_has_prefix(event, "oa_send_")) /* the OA's own messages coming back */
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(events[i].name, event))
			decode_event(a, json, &events[i], updates);
	if (!strcmp(event, "permission_revoked"))
		zalo_oa_notice(a, "OA vừa rút quyền của ứng dụng: bot không gửi được nữa; vào oa.zalo.me, mục Cài đặt, cấp lại "
				  "quyền cho ứng dụng, "
				  "rồi lấy cặp token mới trong API Explorer và chạy cdsbot admin zalo-oa token");
	else if (strstr(event, "group")) /* created, renamed, dissolved, joined: look again soon */
		z->groups_due_ms = 0;
	return true;
}

/* History: rows as the conversation call gives them (zalo-oa.md §6) */

struct update *zalo_oa_decode_row(struct adapter *a, const char *group_id, const cJSON *row)
{
	struct zalo_oa *z = a->state;
	g_autoptr(update_t) u = update_new(UPDATE_MESSAGE);
	g_autofree char *sender = NULL;
	const char *text = "", *type = "text", *url = NULL;
	enum attachment_kind kind;

	if (!json_id(row, "message_id", &u->message_id) || !json_id(row, "from_id", &sender) || !strcmp(sender, z->oa_id))
		return NULL;
	json_str(row, "type", &type);
	json_str(row, "message", &text);
	read_text(z, u, text);
	if (kind_of(type, &kind) && (json_str(row, "url", &url) || json_str(row, "thumb", &url)) && *url) {
		struct attachment *x = g_new0(struct attachment, 1);

		x->kind = kind;
		x->file_id = g_strdup(url);
		x->name = dup_clean(row, "name");
		x->size = read_size(row);
		g_ptr_array_add(u->attachments, x);
	}
	if (!*u->text && u->attachments->len == 0)
		return NULL;
	u->chat_kind = CHAT_GROUP;
	u->chat_id = g_strdup(group_id);
	u->user_name = dup_clean(row, "from_display_name");
	if (u->user_name)
		zalo_oa_remember_name(z, sender, u->user_name);
	set_user(z, u, g_steal_pointer(&sender));
	u->sent_ms = zalo_oa_time_ms(row, "time");
	finish(a, u, g_strdup(u->message_id));
	return g_steal_pointer(&u);
}
