/* SPDX-License-Identifier: MIT */
/* Turns one part of a post into a call of the Bot API: plain text with entities instead of HTML, so nothing of what people
 * wrote needs escaping or can break the markup. Splitting long text is the core's; what is too long here is refused. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "telegram.h"

/* How a kept file is sent on. An id can only be sent by the method of its own type, so kinds that several types share carry
 * the type before the id ("audio:AgAD…"; ids themselves are base64url). */
static const struct method {
	const char *prefix;
	enum attachment_kind kind;
	const char *method, *field;
	bool has_caption;
} methods[] = {
	{ "animation:", ATTACHMENT_VIDEO, "sendAnimation", "animation", true },
	{ "audio:", ATTACHMENT_FILE, "sendAudio", "audio", true },
	{ "video_note:", ATTACHMENT_VIDEO, "sendVideoNote", "video_note", false },
	{ "", ATTACHMENT_PHOTO, "sendPhoto", "photo", true },
	{ "", ATTACHMENT_FILE, "sendDocument", "document", true },
	{ "", ATTACHMENT_VIDEO, "sendVideo", "video", true },
	{ "", ATTACHMENT_VOICE, "sendVoice", "voice", true },
	{ "", ATTACHMENT_STICKER, "sendSticker", "sticker", false },
};

static const struct method *find_method(const struct attachment *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i].kind == file->kind && g_str_has_prefix(file->file_id, methods[i].prefix))
			return &methods[i];
	return NULL;
}

static bool is_blank(const char *s)
{
	for (; *s; s = g_utf8_next_char(s))
		if (!g_unichar_isspace(g_utf8_get_char(s)))
			return false;
	return true;
}

/* Ids are numbers of at most 52 bits; anything else (`@name`) goes as it stands. */
static void add_id(cJSON *object, const char *name, const char *id)
{
	int64_t n;

	if (g_ascii_string_to_signed(id, 10, -(INT64_C(1) << 53), INT64_C(1) << 53, &n, NULL))
		json_add_int64(object, name, n);
	else
		json_add_str(object, name, id);
}

static bool is_boundary(const char *text, size_t len, size_t at)
{
	return at <= len && ((unsigned char)text[at] & 0xC0) != 0x80;
}

/* Spans in bytes to entities in UTF-16 units. A span that cannot be true is left out: its words still arrive. */
static cJSON *make_entities(const struct outgoing *m)
{
	static const char *const types[] = { [SPAN_BOLD] = "bold", [SPAN_ITALIC] = "italic", [SPAN_CODE] = "code" };
	cJSON *list = cJSON_CreateArray();
	size_t len = strlen(m->text);

	for (size_t i = 0, n = 0; i < m->n_spans && n < TELEGRAM_ENTITIES_MAX; i++) {
		const struct span *s = &m->spans[i];
		cJSON *e;

		if ((size_t)s->kind >= ARRAY_SIZE(types) || s->len == 0 || s->start > len || s->len > len - s->start ||
		    !is_boundary(m->text, len, s->start) || !is_boundary(m->text, len, s->start + s->len))
			continue;
		e = cJSON_CreateObject();
		json_add_str(e, "type", types[s->kind]);
		json_add_int64(e, "offset", (int64_t)text_len_n(m->text, s->start, TEXT_UTF16));
		json_add_int64(e, "length", (int64_t)text_len_n(m->text + s->start, s->len, TEXT_UTF16));
		cJSON_AddItemToArray(list, e);
		n++;
	}
	return list;
}

static void add_text(cJSON *body, const struct outgoing *m, const char *text_name, const char *entities_name, unsigned peel)
{
	json_add_str(body, text_name, m->text);
	if (m->n_spans > 0 && !(peel & PEEL_SPANS)) {
		cJSON *entities = make_entities(m);

		if (cJSON_GetArraySize(entities) > 0)
			cJSON_AddItemToObject(body, entities_name, entities);
		else
			cJSON_Delete(entities);
	}
}

static void add_place(cJSON *body, const struct outgoing *m, unsigned peel)
{
	int64_t n;

	add_id(body, "chat_id", m->chat_id);
	if (m->thread_id && !(peel & PEEL_THREAD) && g_ascii_string_to_signed(m->thread_id, 10, 1, INT64_MAX, &n, NULL))
		json_add_int64(body, "message_thread_id", n);
	if (m->reply_to_id && !(peel & PEEL_REPLY) && g_ascii_string_to_signed(m->reply_to_id, 10, 1, INT64_MAX, &n, NULL)) {
		cJSON *reply = cJSON_AddObjectToObject(body, "reply_parameters");

		json_add_int64(reply, "message_id", n);
		/* The question may be gone before its answer is ready. */
		cJSON_AddBoolToObject(reply, "allow_sending_without_reply", true);
	}
}

static const char *find_fault(const struct outgoing *m, const struct method *method)
{
	const char *text = m->text ? m->text : "";

	if (!m->chat_id || !*m->chat_id)
		return "thiếu nơi nhận";
	if (!g_utf8_validate(text, -1, NULL))
		return "nội dung không phải UTF-8";
	if (!m->file)
		return is_blank(text)                                   ? "tin trống"
		       : text_len(text, TEXT_UTF16) > TELEGRAM_TEXT_MAX ? "tin dài quá 4096 ký tự"
									: NULL;
	if (!method)
		return "Telegram không gửi được loại tệp này";
	if (!method->has_caption)
		return is_blank(text) ? NULL : "loại tệp này không mang được lời kèm theo";
	return text_len(text, TEXT_UTF16) > TELEGRAM_CAPTION_MAX ? "lời kèm theo tệp dài quá 1024 ký tự" : NULL;
}

bool telegram_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		     const char **ret_reason)
{
	const struct telegram *t = a->state;
	const struct method *method = m->file && m->file->file_id ? find_method(m->file) : NULL;
	unsigned peel = telegram_peeled(t, m, attempt);
	const char *fault = find_fault(m, method);
	cJSON *body;

	if (fault) {
		*ret_reason = fault;
		return false;
	}
	body = cJSON_CreateObject();
	add_place(body, m, peel);
	if (method) {
		json_add_str(body, method->field, m->file->file_id + strlen(method->prefix));
		if (method->has_caption && m->text && !is_blank(m->text))
			add_text(body, m, "caption", "caption_entities", peel);
	} else {
		add_text(body, m, "text", "entities", peel);
		cJSON_AddBoolToObject(cJSON_AddObjectToObject(body, "link_preview_options"), "is_disabled", true);
	}
	telegram_request(t, method ? method->method : "sendMessage", body, TELEGRAM_CALL_TIMEOUT_MS, ret_request);
	return true;
}
