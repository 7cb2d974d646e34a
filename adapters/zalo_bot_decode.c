/* SPDX-License-Identifier: MIT */
/* Turns an event of the Zalo Bot Platform into the plain vocabulary, flat or wrapped, by poll or by webhook (zalo-bot.md §6).
 * Whatever it does not understand gives no update. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "zalo_bot.h"
#include "zalo_bot_mention.h"

#define GROUP_PREFIX "zgr-"
#define MS_FROM INT64_C(1000000000000) /* a smaller date is in seconds */

static char *dup_clean(const cJSON *root, const char *path)
{
	char *clean = NULL;
	const char *s;

	if (json_str(root, path, &s))
		clean = text_clean(s, strlen(s));
	if (clean && !*clean)
		g_clear_pointer(&clean, g_free);
	return clean;
}

static int64_t read_time_ms(const cJSON *message)
{
	int64_t t;

	if (!json_int64(message, "date", &t) || t <= 0)
		return 0;
	return t < MS_FROM ? t * SECOND_MS : t;
}

static bool read_chat(const cJSON *message, struct update *u)
{
	const char *type = "";

	if (!json_id(message, "chat.id", &u->chat_id))
		return false;
	json_str(message, "chat.chat_type", &type);
	if (g_ascii_strcasecmp(type, "GROUP") == 0)
		u->chat_kind = CHAT_GROUP;
	else if (g_ascii_strcasecmp(type, "PRIVATE") == 0)
		u->chat_kind = CHAT_PRIVATE;
	else
		u->chat_kind = g_str_has_prefix(u->chat_id, GROUP_PREFIX) ? CHAT_GROUP : CHAT_PRIVATE;
	return true;
}

static char *read_name(const cJSON *from)
{
	static const char *const fields[] = { "display_name", "name", "first_name" };
	char *name = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(fields) && !name; i++)
		name = dup_clean(from, fields[i]);
	return name;
}

static void add_attachment(struct update *u, enum attachment_kind kind, const char *file_id)
{
	struct attachment *x = g_new0(struct attachment, 1);

	x->kind = kind;
	x->file_id = g_strdup(file_id);
	x->size = -1;
	g_ptr_array_add(u->attachments, x);
}

/* The address of a picture is what sends it on; `photo_url` is the live field, `photo` the documented one (zalo-bot.md §6). Only
 * web addresses: they come from outside. */
static void read_attachments(const cJSON *message, struct update *u)
{
	static const struct {
		const char *field;
		enum attachment_kind kind;
	} addresses[] = { { "photo_url", ATTACHMENT_PHOTO }, { "photo", ATTACHMENT_PHOTO }, { "voice_url", ATTACHMENT_VOICE } };
	const char *s;

	for (size_t i = 0; i < ARRAY_SIZE(addresses) && u->attachments->len == 0; i++)
		if (json_str(message, addresses[i].field, &s) &&
		    (g_str_has_prefix(s, "https://") || g_str_has_prefix(s, "http://")))
			add_attachment(u, addresses[i].kind, s);
	if (u->attachments->len == 0 && json_str(message, "sticker", &s) && *s)
		add_attachment(u, ATTACHMENT_STICKER, s);
}

/* Nothing of the kind is documented, one adapter in the field guesses the name (zalo-bot.md §6): read if present. */
static void read_reply(struct adapter *a, const cJSON *message, struct update *u)
{
	const cJSON *reply = json_at(message, "reply_to_message");
	bool is_bot = false;

	if (!json_id(reply, "message_id", &u->reply_to_id))
		return;
	u->reply_text = dup_clean(reply, "text");
	json_id(reply, "from.id", &u->reply_user_id);
	u->reply_user_name = read_name(json_at(reply, "from"));
	json_bool(reply, "from.is_bot", &is_bot);
	u->replies_to_bot |= is_bot || (u->reply_user_id && *a->bot_id && !strcmp(u->reply_user_id, a->bot_id));
}

/* A group tells a bot of two things only: it was mentioned, or somebody answered a message of its own (zalo-bot.md §1). */
static void read_address(struct adapter *a, const char *text, struct update *u)
{
	const struct zalo_bot *z = a->state;
	bool is_mentioned = false;

	u->text = zalo_bot_mention_strip(text, z->names, z->commands, &is_mentioned);
	u->mentions_bot = is_mentioned;
	if (u->chat_kind == CHAT_GROUP && !is_mentioned)
		u->replies_to_bot = true;
}

enum event { EVENT_MESSAGE, EVENT_UNSUPPORTED, EVENT_UNKNOWN };

/* A missing name (an old sample of the documentation lacks it) is inferred: what carries something readable is a message. Of the
 * unknown ones only those that carry text are worth reading: `message.link.received` was seen in a client's test. */
static enum event read_event(const cJSON *event, const cJSON *message)
{
	static const char *const known[] = { "message.text.received", "message.image.received", "message.sticker.received",
					     "message.voice.received", "message.link.received" };
	const char *name;

	if (!json_str(event, "event_name", &name) || !*name)
		return EVENT_MESSAGE;
	if (strcmp(name, "message.unsupported.received") == 0)
		return EVENT_UNSUPPORTED;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(name, known[i]) == 0)
			return EVENT_MESSAGE;
	return EVENT_UNKNOWN;
}

/* What the platform withholds (protected senders, files, links, places): no content comes. The sender hears in private that only
 * text can be read, as with a sticker; a group stays silent. */
static bool read_content(struct adapter *a, enum event event, const cJSON *message, struct update *u)
{
	const char *text = "";

	if (event == EVENT_UNSUPPORTED) {
		if (u->chat_kind == CHAT_GROUP)
			return false;
		u->text = g_strdup("");
		add_attachment(u, ATTACHMENT_STICKER, "unsupported");
		return true;
	}
	if (!json_str(message, "text", &text) || !*text)
		json_str(message, "caption", &text);
	read_address(a, text, u);
	read_attachments(message, u);
	return *text || u->attachments->len > 0;
}

void zalo_bot_decode_event(struct adapter *a, const cJSON *json, GPtrArray *updates)
{
	const cJSON *message = json_at(json, "message");
	g_autoptr(update_t) u = NULL;
	enum event event;
	bool is_bot = false;

	if (!cJSON_IsObject(message) || (json_bool(message, "from.is_bot", &is_bot) && is_bot))
		return;
	event = read_event(json, message);
	if (event == EVENT_UNKNOWN)
		return;
	u = update_new(UPDATE_MESSAGE);
	/* Without its id a repetition could not be told. */
	if (!read_chat(message, u) || !json_id(message, "message_id", &u->message_id))
		return;
	json_id(message, "from.id", &u->user_id);
	u->user_name = read_name(json_at(message, "from"));
	u->sent_ms = read_time_ms(message);
	if (!read_content(a, event, message, u))
		return;
	read_reply(a, message, u);
	u->adapter = g_strdup(a->ops->name);
	u->bot_id = g_strdup(a->bot_id);
	u->key = g_strdup(u->message_id);
	g_ptr_array_add(updates, g_steal_pointer(&u));
}

bool zalo_bot_decode(struct adapter *a, const char *bytes, size_t len, GPtrArray *updates, GError **error)
{
	g_autoptr(cJSON) json = json_parse(bytes, len, error);
	const cJSON *result;
	bool is_ok = false;

	if (!json)
		return false;
	result = json_at(json, "result");
	if (json_bool(json, "ok", &is_ok) && is_ok && cJSON_IsObject(result))
		zalo_bot_decode_event(a, result, updates);
	else
		zalo_bot_decode_event(a, json, updates);
	return true;
}
