/* SPDX-License-Identifier: MIT */
/* Turns an Update of the Telegram Bot API into the plain vocabulary: whatever it does not understand gives no update, and no
 * field is taken for granted. Whether a message concerns the bot at all is the core's decision, not made here. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "telegram.h"

#define SUFFIX_WORD_MAX 64 /* longest command before its @suffix, in bytes */

/* Accounts that stand for nobody in particular (telegram.md §3): service notices and posts of the linked channel, anonymous
 * administrators, people who write as a channel. */
static bool is_stand_in(const char *id)
{
	static const char *const ids[] = { "777000", "1087968824", "136817688" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (!strcmp(id, ids[i]))
			return true;
	return false;
}

static char *dup_clean(const cJSON *root, const char *path)
{
	const char *s;

	return json_str(root, path, &s) ? text_clean(s, strlen(s)) : NULL;
}

static char *user_display_name(const cJSON *user)
{
	g_autofree char *first = dup_clean(user, "first_name"), *last = dup_clean(user, "last_name");
	g_autofree char *both = g_strstrip(g_strconcat(first ? first : "", " ", last ? last : "", NULL));

	if (*both)
		return g_steal_pointer(&both);
	return dup_clean(user, "username");
}

/* Seconds by the documentation; a test server sends milliseconds (independent-checks.md §1), which as seconds would lie beyond
 * the year 5000. */
static int64_t read_time_ms(const cJSON *root, const char *path)
{
	int64_t t;

	if (!json_int64(root, path, &t) || t <= 0)
		return 0;
	return t > INT64_C(100000000000) ? t : t * SECOND_MS;
}

/* Byte offset of a position in UTF-16 units. False if it lies outside the text or inside a surrogate pair. */
static bool utf16_to_bytes(const char *s, int64_t units, size_t *ret_offset)
{
	const char *p = s;

	for (; units > 0 && *p; p = g_utf8_next_char(p))
		units -= g_utf8_get_char(p) > 0xFFFF ? 2 : 1;
	if (units != 0)
		return false;
	*ret_offset = (size_t)(p - s);
	return true;
}

static bool entity_range(const char *s, const cJSON *entity, size_t *ret_from, size_t *ret_to)
{
	int64_t offset, length;

	return json_int64(entity, "offset", &offset) && json_int64(entity, "length", &length) && offset >= 0 && length > 0 &&
	       length <= INT32_MAX && offset <= INT32_MAX && utf16_to_bytes(s, offset, ret_from) &&
	       utf16_to_bytes(s, offset + length, ret_to);
}

static bool is_name_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

static size_t name_len(const char *s)
{
	size_t n = 0;

	while (is_name_char(s[n]))
		n++;
	return n;
}

static bool is_own_name(const struct telegram *t, const char *name, size_t len)
{
	return t->username && strlen(t->username) == len && !g_ascii_strncasecmp(name, t->username, len);
}

/* Length of the own `@name` at s, 0 if there is none. */
static size_t own_name_len(const struct telegram *t, const char *s)
{
	size_t len = *s == '@' ? name_len(s + 1) : 0;

	return len > 0 && is_own_name(t, s + 1, len) ? len + 1 : 0;
}

/* The first text_mention of the own account: it mentions without a name. */
static bool find_own_mention(struct adapter *a, const char *text, const cJSON *entities, size_t *ret_from, size_t *ret_to)
{
	const cJSON *e;

	cJSON_ArrayForEach (e, entities) {
		g_autofree char *id = NULL;
		const char *type;

		if (json_str(e, "type", &type) && !strcmp(type, "text_mention") && json_id(e, "user.id", &id) && *a->bot_id &&
		    !strcmp(id, a->bot_id) && entity_range(text, e, ret_from, ret_to))
			return true;
	}
	return false;
}

static bool has_own_name(const struct telegram *t, const char *text)
{
	for (const char *s = strchr(text, '@'); s; s = strchr(s + 1, '@')) {
		/* An e-mail address is no mention. */
		if ((s == text || !is_name_char(s[-1])) && own_name_len(t, s) > 0)
			return true;
	}
	return false;
}

static const char *skip_spaces(const char *s, const char *also)
{
	while (*s && (g_unichar_isspace(g_utf8_get_char(s)) || strchr(also, *s)))
		s = g_utf8_next_char(s);
	return s;
}

/* The server's own opinion that a command ends at `end` of the text. */
static bool has_command_entity(const char *text, const char *start, const char *end, const cJSON *entities)
{
	const cJSON *e;

	cJSON_ArrayForEach (e, entities) {
		const char *type;
		size_t from, to;

		if (json_str(e, "type", &type) && !strcmp(type, "bot_command") && entity_range(text, e, &from, &to) &&
		    text + from == start && text + to == end)
			return true;
	}
	return false;
}

static bool is_command_start(const char *s)
{
	return *s == '/' || *s == '\\' || g_utf8_get_char(s) == 0xFF0F;
}

/* The `@name` glued to the command's word, or to its second one as in `/Chia sẻ@sotay_nv_bot`: letters with diacritics get no
 * entity from the server (telegram.md §8.1), so the text itself is read. NULL if there is none. */
static const char *find_suffix(const char *command)
{
	const char *s = command;

	for (; *s && *s != '\n' && s - command < SUFFIX_WORD_MAX; s++)
		if (*s == '@' && s > command + 1 && !g_ascii_isspace(s[-1]))
			return s;
	return NULL;
}

/* Text without the own mention at its start and without the own suffix of its command; fills the flags that come from that. */
static char *read_text(struct adapter *a, const char *text, const cJSON *entities, struct update *u)
{
	const struct telegram *t = a->state;
	const char *start = skip_spaces(text, ""), *suffix;
	g_autoptr(GString) out = NULL;
	size_t n, from, to;

	u->mentions_bot = has_own_name(t, text);
	n = own_name_len(t, start);
	if (find_own_mention(a, text, entities, &from, &to)) {
		u->mentions_bot = true;
		if (text + from == start)
			n = to - from;
	}
	if (n > 0)
		start = skip_spaces(start + n, ",:;");
	out = g_string_new(start);
	suffix = is_command_start(start) ? find_suffix(start) : NULL;
	if (suffix) {
		size_t len = name_len(suffix + 1);

		if (is_own_name(t, suffix + 1, len)) {
			u->mentions_bot = true;
			g_string_erase(out, suffix - start, (gssize)len + 1);
		} else if (t->username && !memchr(start, ' ', (size_t)(suffix - start))) {
			u->for_other_bot = has_command_entity(text, start, suffix + 1 + len, entities) ||
					   (len > 3 && !g_ascii_strncasecmp(suffix + 1 + len - 3, "bot", 3));
		}
	}
	return text_clean(out->str, out->len);
}

/* Where the meanings of one Update go. Each needs a dedupe key of its own: the update_id, then "id.1", "id.2"... */
struct sink {
	struct adapter *a;
	const char *update_id;
	GPtrArray *updates;
	guint first;
};

static void sink_add(struct sink *sink, update_t *u) /* takes */
{
	guint nth = sink->updates->len - sink->first;

	u->adapter = g_strdup(sink->a->ops->name);
	u->bot_id = g_strdup(sink->a->bot_id);
	u->key = nth == 0 ? g_strdup(sink->update_id) : g_strdup_printf("%s.%u", sink->update_id, nth);
	g_ptr_array_add(sink->updates, u);
}

static bool read_chat(const cJSON *chat, struct update *u)
{
	const char *type = "";

	if (!json_id(chat, "id", &u->chat_id))
		return false;
	json_str(chat, "type", &type);
	if (!strcmp(type, "private"))
		u->chat_kind = CHAT_PRIVATE;
	else if (!strcmp(type, "channel"))
		u->chat_kind = CHAT_CHANNEL;
	else if (*type)
		u->chat_kind = CHAT_GROUP;
	else
		u->chat_kind = *u->chat_id == '-' ? CHAT_GROUP : CHAT_PRIVATE;
	u->chat_title = dup_clean(chat, "title");
	return true;
}

/* The person behind a message, or nobody. */
static void read_sender(const cJSON *message, char **ret_id, char **ret_name)
{
	g_autofree char *id = NULL;

	if (json_at(message, "sender_chat.id") || !json_id(message, "from.id", &id) || is_stand_in(id))
		return;
	*ret_id = g_steal_pointer(&id);
	*ret_name = user_display_name(json_at(message, "from"));
}

static bool is_by_other_bot(const cJSON *message)
{
	g_autofree char *id = NULL;
	bool is_bot = false;

	/* A loop with another bot is worse than a lost message; stand-ins carry the flag too but speak for people. */
	return json_bool(message, "from.is_bot", &is_bot) && is_bot && json_id(message, "from.id", &id) && !is_stand_in(id);
}

static void read_reply(struct adapter *a, const cJSON *message, struct update *u)
{
	const cJSON *r = json_at(message, "reply_to_message");
	g_autofree char *author = NULL;
	const char *text;

	/* Inside a topic every message "answers" the one that opened the topic. */
	if (!cJSON_IsObject(r) || json_at(r, "forum_topic_created") || !json_id(r, "message_id", &u->reply_to_id))
		return;
	if (json_str(r, "text", &text) || json_str(r, "caption", &text))
		u->reply_text = text_clean(text, strlen(text));
	read_sender(r, &u->reply_user_id, &u->reply_user_name);
	u->replies_to_bot = json_id(r, "from.id", &author) && *a->bot_id && !strcmp(author, a->bot_id);
}

/* kinds whose method the attachment kind alone does not tell carry it before their id: see telegram_encode.c. */
static void add_file(const cJSON *file, enum attachment_kind kind, const char *prefix, struct update *u)
{
	g_autofree char *id = json_dup(file, "file_id", NULL);
	struct attachment *x;

	if (!id || !*id)
		return;
	x = g_new0(struct attachment, 1);
	x->kind = kind;
	x->file_id = g_strconcat(prefix, id, NULL);
	x->unique_id = json_dup(file, "file_unique_id", NULL);
	x->name = dup_clean(file, "file_name");
	x->mime = json_dup(file, "mime_type", NULL);
	if (!json_int64(file, "file_size", &x->size) || x->size < 0)
		x->size = -1;
	g_ptr_array_add(u->attachments, x);
}

static void read_attachments(const cJSON *message, struct update *u)
{
	static const struct {
		const char *field, *prefix;
		enum attachment_kind kind;
	} files[] = {
		{ "animation", "animation:", ATTACHMENT_VIDEO },
		{ "audio", "audio:", ATTACHMENT_FILE },
		{ "document", "", ATTACHMENT_FILE },
		{ "sticker", "", ATTACHMENT_STICKER },
		{ "video", "", ATTACHMENT_VIDEO },
		{ "video_note", "video_note:", ATTACHMENT_VIDEO },
		{ "voice", "", ATTACHMENT_VOICE },
	};
	const cJSON *photo = json_at(message, "photo");

	if (cJSON_IsArray(photo) && cJSON_GetArraySize(photo) > 0) /* sizes of one picture; the last is the largest */
		add_file(cJSON_GetArrayItem(photo, cJSON_GetArraySize(photo) - 1), ATTACHMENT_PHOTO, "", u);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const cJSON *file = json_at(message, files[i].field);

		if (!cJSON_IsObject(file))
			continue;
		add_file(file, files[i].kind, files[i].prefix, u);
		if (i == 0) /* an animation comes with the same file as `document`, for old clients */
			break;
	}
}

static bool is_forward(const cJSON *message)
{
	static const char *const marks[] = { "forward_origin", "forward_date", "forward_from", "forward_from_chat",
					     "forward_sender_name" };
	bool is_automatic = false;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (json_at(message, marks[i]))
			return true;
	return json_bool(message, "is_automatic_forward", &is_automatic) && is_automatic;
}

/* Old and new chat each get a service message and either may be missing (telegram.md §8.3): both say the same here. */
static bool decode_migration(struct sink *sink, const cJSON *message)
{
	g_autofree char *here = NULL, *to = NULL, *from = NULL;
	g_autoptr(update_t) u = NULL;

	if (!json_id(message, "chat.id", &here))
		return false;
	if (!json_id(message, "migrate_to_chat_id", &to) && !json_id(message, "migrate_from_chat_id", &from))
		return false;
	u = update_new(UPDATE_CHAT_MOVED);
	u->chat_id = from ? g_steal_pointer(&from) : g_strdup(here);
	u->moved_to = to ? g_steal_pointer(&to) : g_strdup(here);
	u->chat_kind = CHAT_GROUP;
	u->chat_title = dup_clean(message, "chat.title");
	u->sent_ms = read_time_ms(message, "date");
	sink_add(sink, g_steal_pointer(&u));
	return true;
}

static void decode_member(struct sink *sink, const cJSON *message, const cJSON *user, enum update_kind kind)
{
	g_autoptr(update_t) u = update_new(kind);
	bool is_bot = false;

	json_bool(user, "is_bot", &is_bot);
	if (is_bot || !json_id(user, "id", &u->user_id) || is_stand_in(u->user_id) || !strcmp(u->user_id, sink->a->bot_id) ||
	    !read_chat(json_at(message, "chat"), u))
		return;
	u->user_name = user_display_name(user);
	u->sent_ms = read_time_ms(message, "date");
	sink_add(sink, g_steal_pointer(&u));
}

/* True: the message was about members and says nothing else. */
static bool decode_members(struct sink *sink, const cJSON *message)
{
	const cJSON *joined = json_at(message, "new_chat_members"), *left = json_at(message, "left_chat_member"), *user;

	if (!cJSON_IsArray(joined) && !cJSON_IsObject(left))
		return false;
	if (cJSON_IsArray(joined)) {
		cJSON_ArrayForEach (user, joined)
			decode_member(sink, message, user, UPDATE_MEMBER_JOIN);
	}
	if (cJSON_IsObject(left))
		decode_member(sink, message, left, UPDATE_MEMBER_LEAVE);
	return true;
}

static void decode_message(struct sink *sink, const cJSON *message, enum update_kind kind)
{
	g_autoptr(update_t) u = update_new(kind);
	const char *text = NULL;
	bool is_topic = false;

	if (!cJSON_IsObject(message) || decode_migration(sink, message) || decode_members(sink, message) ||
	    is_by_other_bot(message) || !read_chat(json_at(message, "chat"), u))
		return;
	if (json_str(message, "text", &text))
		u->text = read_text(sink->a, text, json_at(message, "entities"), u);
	else if (json_str(message, "caption", &text))
		u->text = read_text(sink->a, text, json_at(message, "caption_entities"), u);
	else
		u->text = g_strdup("");
	read_attachments(message, u);
	if (!text && u->attachments->len == 0) /* pins, titles, polls, places: nothing the bot could keep */
		return;
	read_sender(message, &u->user_id, &u->user_name);
	json_id(message, "message_id", &u->message_id);
	u->sent_ms = read_time_ms(message, json_at(message, "edit_date") ? "edit_date" : "date");
	/* Reply threads of ordinary groups carry a message_thread_id too; only a topic's may be sent back. */
	if (json_bool(message, "is_topic_message", &is_topic) && is_topic)
		json_id(message, "message_thread_id", &u->thread_id);
	u->is_forwarded = is_forward(message);
	json_id(message, "media_group_id", &u->album_id);
	read_reply(sink->a, message, u);
	sink_add(sink, g_steal_pointer(&u));
}

enum presence { PRESENCE_UNKNOWN, PRESENCE_OUT, PRESENCE_IN, PRESENCE_MUTE };

static enum presence read_presence(const cJSON *member)
{
	const char *status = "";
	bool is_member = false, can_send = true;

	json_str(member, "status", &status);
	if (!strcmp(status, "left") || !strcmp(status, "kicked"))
		return PRESENCE_OUT;
	if (!strcmp(status, "creator") || !strcmp(status, "administrator") || !strcmp(status, "member"))
		return PRESENCE_IN;
	if (strcmp(status, "restricted") != 0)
		return PRESENCE_UNKNOWN;
	if (json_bool(member, "is_member", &is_member) && !is_member)
		return PRESENCE_OUT;
	return json_bool(member, "can_send_messages", &can_send) && !can_send ? PRESENCE_MUTE : PRESENCE_IN;
}

static bool is_administrator(const cJSON *member)
{
	const char *status = "";

	json_str(member, "status", &status);
	return !strcmp(status, "administrator") || !strcmp(status, "creator");
}

/* The bot itself came, went, or got other rights. A promotion too counts as "open (again)": a chat where only administrators write
 * was parked before it and must come back. A demotion or a muting is neither: the sends say so themselves. */
static void decode_own_standing(struct sink *sink, const cJSON *change)
{
	const cJSON *old_member = json_at(change, "old_chat_member"), *new_member = json_at(change, "new_chat_member");
	enum presence now = read_presence(new_member);
	bool is_promoted = is_administrator(new_member) && !is_administrator(old_member);
	g_autoptr(update_t) u = NULL;

	if (now != PRESENCE_OUT && (now != PRESENCE_IN || (read_presence(old_member) == PRESENCE_IN && !is_promoted)))
		return;
	u = update_new(now == PRESENCE_IN ? UPDATE_CHAT_OPEN : UPDATE_CHAT_GONE);
	if (!read_chat(json_at(change, "chat"), u))
		return;
	read_sender(change, &u->user_id, &u->user_name);
	u->sent_ms = read_time_ms(change, "date");
	sink_add(sink, g_steal_pointer(&u));
}

static void decode_other_standing(struct sink *sink, const cJSON *change)
{
	enum presence old = read_presence(json_at(change, "old_chat_member")),
		      now = read_presence(json_at(change, "new_chat_member"));
	bool was_in = old == PRESENCE_IN || old == PRESENCE_MUTE, is_in = now == PRESENCE_IN || now == PRESENCE_MUTE;

	if (now == PRESENCE_UNKNOWN || was_in == is_in)
		return;
	decode_member(sink, change, json_at(change, "new_chat_member.user"), is_in ? UPDATE_MEMBER_JOIN : UPDATE_MEMBER_LEAVE);
}

void telegram_decode_update(struct adapter *a, const cJSON *json, GPtrArray *updates)
{
	static const struct {
		const char *field;
		enum update_kind kind;
	} messages[] = {
		{ "message", UPDATE_MESSAGE },
		{ "edited_message", UPDATE_EDIT },
		{ "channel_post", UPDATE_MESSAGE },
		{ "edited_channel_post", UPDATE_EDIT },
	};
	g_autofree char *id = NULL;
	struct sink sink = { .a = a, .updates = updates, .first = updates->len };
	const cJSON *part;

	if (!json_id(json, "update_id", &id)) /* without it a repetition could not be told */
		return;
	sink.update_id = id;
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if ((part = json_at(json, messages[i].field)) != NULL) {
			decode_message(&sink, part, messages[i].kind);
			return;
		}
	if ((part = json_at(json, "my_chat_member")) != NULL)
		decode_own_standing(&sink, part);
	else if ((part = json_at(json, "chat_member")) != NULL)
		decode_other_standing(&sink, part);
}

bool telegram_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error)
{
	g_autoptr(cJSON) json = json_parse(bytes, len, error);

	if (!json)
		return false;
	telegram_decode_update(a, json, updates);
	return true;
}
