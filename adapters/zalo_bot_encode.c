/* SPDX-License-Identifier: MIT */
/* Turns one part of a post into a call. Text goes plain with text_styles beside it, never as markdown: there is no documented
 * escape, so what people wrote could break it. Of a file that the platform cannot carry its name is sent, so that readers know of
 * it. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

#include "zalo_bot.h"

static bool is_blank(const char *s)
{
	for (; *s; s = g_utf8_next_char(s))
		if (!g_unichar_isspace(g_utf8_get_char(s)))
			return false;
	return true;
}

static bool is_web_address(const char *s)
{
	return s && (g_str_has_prefix(s, "https://") || g_str_has_prefix(s, "http://"));
}

/* Pictures and voice travel by address, the server fetches them; nobody has shown an upload working (zalo-bot.md §3). Voice to a
 * group is answered with ok and delivered to nobody. */
bool zalo_bot_is_sendable(const struct outgoing *m)
{
	if (!m->file || !m->file->file_id)
		return false;
	switch (m->file->kind) {
	case ATTACHMENT_PHOTO:
		return is_web_address(m->file->file_id);
	case ATTACHMENT_VOICE:
		return is_web_address(m->file->file_id) && m->chat_kind == CHAT_PRIVATE;
	case ATTACHMENT_FILE:
	case ATTACHMENT_VIDEO:
	case ATTACHMENT_STICKER:
		return false;
	}
	return false;
}

static char *file_note(const struct attachment *file)
{
	static const char *const what[] = { [ATTACHMENT_PHOTO] = "Ảnh",
					    [ATTACHMENT_FILE] = "Tệp",
					    [ATTACHMENT_VIDEO] = "Video",
					    [ATTACHMENT_VOICE] = "Ghi âm",
					    [ATTACHMENT_STICKER] = "Nhãn dán" };
	g_autofree char *name = file->name && *file->name ? text_ellipsize(file->name, 100) : NULL;

	return g_strdup_printf("(%s%s%s%s không gửi qua bot Zalo được, xem ở tin gốc.)", what[file->kind], name ? " “" : "",
			       name ? name : "", name ? "”" : "");
}

/* The text with the line about the file below it, if there is room: the text is never cut for it. */
static char *with_note(const char *text, const struct attachment *file)
{
	g_autofree char *note = file_note(file), *both = NULL;

	if (is_blank(text))
		return g_steal_pointer(&note);
	both = g_strdup_printf("%s\n%s", text, note);
	return text_len(both, TEXT_UTF16) <= ZALO_BOT_TEXT_MAX ? g_steal_pointer(&both) : g_strdup(text);
}

static bool is_boundary(const char *text, size_t len, size_t at)
{
	return at <= len && ((unsigned char)text[at] & 0xC0) != 0x80;
}

/* Spans in bytes to positions in UTF-16 units. A span that cannot be true is left out: its words still arrive. There is no style
 * for code. */
static cJSON *make_styles(const struct outgoing *m)
{
	static const char *const codes[] = { [SPAN_BOLD] = "b", [SPAN_ITALIC] = "i", [SPAN_CODE] = NULL };
	cJSON *list = cJSON_CreateArray();
	size_t len = strlen(m->text);

	for (size_t i = 0; i < m->n_spans; i++) {
		const struct span *s = &m->spans[i];
		cJSON *style;

		if ((size_t)s->kind >= ARRAY_SIZE(codes) || !codes[s->kind] || s->len == 0 || s->start > len ||
		    s->len > len - s->start || !is_boundary(m->text, len, s->start) ||
		    !is_boundary(m->text, len, s->start + s->len))
			continue;
		style = cJSON_CreateObject();
		json_add_int64(style, "start", (int64_t)text_len_n(m->text, s->start, TEXT_UTF16));
		json_add_int64(style, "len", (int64_t)text_len_n(m->text + s->start, s->len, TEXT_UTF16));
		cJSON_AddItemToObject(style, "st", cJSON_CreateStringArray(&codes[s->kind], 1));
		cJSON_AddItemToArray(list, style);
	}
	return list;
}

static void add_text(cJSON *body, const struct outgoing *m, const char *text)
{
	cJSON *styles = make_styles(m);

	json_add_str(body, "text", text);
	if (cJSON_GetArraySize(styles) > 0)
		cJSON_AddItemToObject(body, "text_styles", styles);
	else
		cJSON_Delete(styles);
}

static const char *find_fault(const struct outgoing *m, bool is_sendable)
{
	if (!m->chat_id || !*m->chat_id)
		return "thiếu nơi nhận";
	if (!m->text || !g_utf8_validate(m->text, -1, NULL))
		return "nội dung không phải UTF-8";
	if (!m->file && is_blank(m->text))
		return "tin trống";
	if (text_len(m->text, TEXT_UTF16) > ZALO_BOT_TEXT_MAX)
		return "tin dài quá 2000 ký tự";
	if (is_sendable && m->file->kind == ATTACHMENT_VOICE && !is_blank(m->text))
		return "ghi âm không mang được lời kèm theo";
	return NULL;
}

bool zalo_bot_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		     const char **ret_reason)
{
	const struct zalo_bot *z = a->state;
	bool is_sendable = attempt == 0 && zalo_bot_is_sendable(m);
	const char *fault = find_fault(m, is_sendable), *method = "sendMessage";
	int64_t timeout_ms = ZALO_BOT_CALL_TIMEOUT_MS;
	cJSON *body;

	if (fault) {
		*ret_reason = fault;
		return false;
	}
	body = cJSON_CreateObject();
	json_add_str(body, "chat_id", m->chat_id);
	if (is_sendable && m->file->kind == ATTACHMENT_VOICE) {
		method = "sendVoice";
		json_add_str(body, "voice_url", m->file->file_id);
	} else if (is_sendable) {
		method = "sendPhoto";
		timeout_ms = ZALO_BOT_PHOTO_TIMEOUT_MS;
		json_add_str(body, "photo", m->file->file_id);
		if (!is_blank(m->text))
			json_add_str(body, "caption", m->text);
	} else {
		g_autofree char *text = m->file ? with_note(m->text, m->file) : g_strdup(m->text);

		add_text(body, m, text);
	}
	zalo_bot_request(z, method, body, timeout_ms, ret_request);
	return true;
}
