/* SPDX-License-Identifier: MIT */
/* Turns one part of a post into a call: text, picture by its upload or address, file by its upload's token. A mention is written into the text
 * here and nowhere else: "[@" in what people wrote is broken first, or it would call whoever it names (zalo-oa.md §4). */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "zalo_oa.h"

#define BREAKER "\xE2\x81\xA0"    /* U+2060 word joiner: no width, no break */
#define LOOK_ALIKE "\xEF\xBC\xA0" /* U+FF20, a full-width @ */

static char *break_mentions(const char *nfc, const char *bracket_at)
{
	g_auto(GStrv) parts = g_strsplit(nfc, "[@", -1);

	return g_strjoinv(bracket_at, parts);
}

char *zalo_oa_neutralise(const char *text, size_t max_units)
{
	g_autofree char *nfc = g_utf8_normalize(text, -1, G_NORMALIZE_NFC), *broken = NULL;

	if (!nfc)
		return g_strdup("");
	broken = break_mentions(nfc, "[" BREAKER "@");
	if (text_len(broken, TEXT_UTF16) <= max_units)
		return g_steal_pointer(&broken);
	return break_mentions(nfc, "[" LOOK_ALIKE); /* no longer than it was */
}

static bool is_blank(const char *s)
{
	for (; *s; s = g_utf8_next_char(s))
		if (!g_unichar_isspace(g_utf8_get_char(s)))
			return false;
	return true;
}

/* Ids of people are decimal; anything else would not be a mention but text that looks odd. */
static bool is_mentionable(const char *user_id)
{
	size_t n = strlen(user_id);

	return n > 0 && n <= 32 && strspn(user_id, "0123456789") == n;
}

/* Groups have no reply: who an answer is for is said by a mention in front, which also tells their phone. Left out when the text is
 * full. A name that already stands in front ("Lan: nhắn riêng…") becomes the mention. */
static char *with_mention(const struct zalo_oa *z, const struct outgoing *m, char *text) /* takes text */
{
	const char *name = m->user_id ? g_hash_table_lookup(z->names, m->user_id) : NULL, *rest = text;
	g_autofree char *kept = text, *both = NULL;

	if (!m->user_id || m->chat_kind == CHAT_PRIVATE || !is_mentionable(m->user_id))
		return g_steal_pointer(&kept);
	if (name && g_str_has_prefix(text, name) && text[strlen(name)] == ':')
		rest = text + strlen(name);
	else if (*text == ':') /* the core did not know the name */
		rest = text;
	both = g_strdup_printf("[@%s]%s%s", m->user_id, *rest == ':' ? "" : " ", rest);
	return text_len(both, TEXT_UTF16) <= ZALO_OA_TEXT_MAX ? g_steal_pointer(&both) : g_steal_pointer(&kept);
}

static char *file_substitute(const struct attachment *file)
{
	static const char *const what[] = { [ATTACHMENT_PHOTO] = "Ảnh",
					    [ATTACHMENT_FILE] = "Tệp",
					    [ATTACHMENT_VIDEO] = "Video",
					    [ATTACHMENT_VOICE] = "Ghi âm",
					    [ATTACHMENT_STICKER] = "Nhãn dán" };
	g_autofree char *name = file->name && *file->name ? g_strdup_printf(" “%s”", file->name) : g_strdup("");
	g_autofree char *text =
		g_strdup_printf("%s%s: chưa chuyển được qua Zalo OA (chỉ nhận ảnh, và tệp pdf, doc, docx, csv đến 5 MB). "
				"Xem ở tin gốc.",
				what[file->kind], name);

	return text_ellipsize(text, ZALO_OA_TEXT_MAX / 4); /* a grapheme may be several units */
}

/* By what the upload gave, or else by its address; never both (zalo-oa.md §4). */
static void add_media(cJSON *message, const char *upload_id, const char *url)
{
	cJSON *attachment = cJSON_AddObjectToObject(message, "attachment"), *payload, *element;

	json_add_str(attachment, "type", "template");
	payload = cJSON_AddObjectToObject(attachment, "payload");
	json_add_str(payload, "template_type", "media");
	element = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(payload, "elements"), element);
	json_add_str(element, "media_type", "image");
	json_add_str(element, upload_id ? "attachment_id" : "url", upload_id ? upload_id : url);
}

static cJSON *make_message(const struct zalo_oa *z, const struct outgoing *m, unsigned attempt)
{
	const struct attachment *file = m->file;
	cJSON *message = cJSON_CreateObject();
	g_autofree char *words = NULL, *own = NULL;

	if (file && file->kind != ATTACHMENT_PHOTO && m->upload_id) {
		cJSON *attachment = cJSON_AddObjectToObject(message, "attachment");

		json_add_str(attachment, "type", "file");
		json_add_str(cJSON_AddObjectToObject(attachment, "payload"), "token", m->upload_id);
		return message;
	}
	if (file && file->kind == ATTACHMENT_PHOTO && attempt == 0 && g_str_has_prefix(file->file_id, "http"))
		add_media(message, m->upload_id, file->file_id);
	else if (file && is_blank(m->text))
		own = file_substitute(file); /* with the file's name in it, which people give */
	words = zalo_oa_neutralise(own ? own : m->text, ZALO_OA_TEXT_MAX);
	if (!is_blank(words)) {
		words = with_mention(z, m, g_steal_pointer(&words));
		json_add_str(message, "text", words);
	}
	return message;
}

static const char *find_fault(const struct outgoing *m)
{
	if (!m->chat_id || !*m->chat_id)
		return "thiếu nơi nhận";
	if (!m->text || !g_utf8_validate(m->text, -1, NULL))
		return "nội dung không phải UTF-8";
	if (!m->file && is_blank(m->text))
		return "tin trống";
	if (m->file && !m->file->file_id)
		return "tệp không có địa chỉ";
	if (m->file && m->file->kind != ATTACHMENT_PHOTO && !is_blank(m->text))
		return "loại tệp này không mang được lời kèm theo";
	return text_len(m->text, TEXT_UTF16) > ZALO_OA_TEXT_MAX ? "tin dài quá 2000 ký tự" : NULL;
}

bool zalo_oa_encode(struct adapter *a, const struct outgoing *m, unsigned attempt, struct http_request *ret_request,
		    const char **ret_reason)
{
	struct zalo_oa *z = a->state;
	const char *fault = find_fault(m);
	bool is_group = m->chat_kind != CHAT_PRIVATE;
	cJSON *body;

	if (fault) {
		*ret_reason = fault;
		return false;
	}
	body = cJSON_CreateObject();
	json_add_str(cJSON_AddObjectToObject(body, "recipient"), is_group ? "group_id" : "user_id", m->chat_id);
	cJSON_AddItemToObject(body, "message", make_message(z, m, attempt));
	zalo_oa_request(z, is_group ? "/v3.0/oa/group/message" : "/v3.0/oa/message/cs", body, ret_request);
	zalo_oa_mark_used(z, m->delivery_id);
	return true;
}
