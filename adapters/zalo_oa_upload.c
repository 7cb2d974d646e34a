/* SPDX-License-Identifier: MIT */
/* A kept file or picture on its way back to Zalo: its bytes are fetched from where the event said they are and uploaded for an id, each
 * time anew (ids run out after 7 days, zalo-oa.md §7, §11.10). A file that cannot be uploaded goes as a line of text, a picture by its
 * address (zalo_oa_encode.c). */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "zalo_oa.h"

#define DOWNLOAD_TIMEOUT_MS (60 * SECOND_MS)
#define BOUNDARY_TRIES 8

/* The types the platform takes, with what a multipart part calls them. Files are told by their name, pictures by their first bytes: they
 * come without a name. */
static const struct {
	const char *ending, *mime;
} types[] = {
	{ ".pdf", "application/pdf" },
	{ ".doc", "application/msword" },
	{ ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ ".csv", "text/csv" },
};

static const char *mime_of(const char *name)
{
	g_autofree char *lower = name ? g_ascii_strdown(name, -1) : NULL;

	for (size_t i = 0; lower && i < ARRAY_SIZE(types); i++)
		if (g_str_has_suffix(lower, types[i].ending))
			return types[i].mime;
	return NULL;
}

static const struct picture_type {
	const char *begins, *mime, *name;
} picture_types[] = {
	{ "\xFF\xD8\xFF", "image/jpeg", "anh.jpg" },
	{ "\x89PNG\r\n\x1A\n", "image/png", "anh.png" },
};

static const struct picture_type *picture_type_of(const char *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(picture_types); i++) {
		size_t n = strlen(picture_types[i].begins);

		if (len > n && !memcmp(bytes, picture_types[i].begins, n))
			return &picture_types[i];
	}
	return NULL;
}

static bool is_picture(const struct attachment *file)
{
	return file->kind == ATTACHMENT_PHOTO;
}

static size_t size_max(const struct attachment *file)
{
	return (size_t)(is_picture(file) ? ZALO_OA_PICTURE_MAX : ZALO_OA_FILE_MAX);
}

/* Addresses come in signed events, yet nothing on this machine's own network may be asked for by one: https only, but where the
 * whole API is a loopback server of the tests. */
static bool is_fetchable(const struct zalo_oa *z, const char *url)
{
	return g_str_has_prefix(url, "https://") || (g_str_has_prefix(z->api, "http://") && http_url_allowed(url, NULL));
}

static bool is_uploadable(const struct zalo_oa *z, const struct attachment *file)
{
	return file && file->file_id && (is_picture(file) || (file->kind == ATTACHMENT_FILE && mime_of(file->name))) &&
	       file->size <= (int64_t)size_max(file) && is_fetchable(z, file->file_id);
}

static bool holds(const char *bytes, size_t len, const char *needle)
{
	return memmem(bytes, len, needle, strlen(needle)) != NULL;
}

static char *pick_boundary(const char *bytes, size_t len)
{
	for (int i = 0; i < BOUNDARY_TRIES; i++) {
		g_autofree char *b = g_strdup_printf("cdsbot-%08x%08x", g_random_int(), g_random_int());

		if (!holds(bytes, len, b))
			return g_steal_pointer(&b);
	}
	return NULL; /* never: 64 random bits eight times in one file */
}

/* A name inside a quoted header value. */
static char *header_name(const char *name)
{
	char *safe = text_clean(name, strlen(name));

	g_strdelimit(safe, "\"\\\r\n\t", '_');
	return safe;
}

static bool ask_upload(struct zalo_oa *z, const struct outgoing *m, const struct http_response *before, struct http_request *ret)
{
	const struct picture_type *picture = is_picture(m->file) ? picture_type_of(before->body, before->body_len) : NULL;
	g_autofree char *boundary = pick_boundary(before->body, before->body_len),
			*name = header_name(picture ? picture->name : m->file->name ? m->file->name : "");
	g_autoptr(GString) body = g_string_sized_new(before->body_len + 512);

	if (!boundary || (is_picture(m->file) && !picture))
		return false;
	g_string_append_printf(body,
			       "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
			       boundary, name, picture ? picture->mime : mime_of(m->file->name));
	g_string_append_len(body, before->body, (gssize)before->body_len);
	g_string_append_printf(body, "\r\n--%s--\r\n", boundary);
	zalo_oa_request(z, picture ? "/v2.0/oa/upload/image" : "/v2.0/oa/upload/file", NULL, ret);
	zalo_oa_mark_used(z, m->delivery_id);
	ret->method = "POST";
	ret->timeout_ms = DOWNLOAD_TIMEOUT_MS;
	ret->body_len = body->len;
	ret->body = g_string_free(g_steal_pointer(&body), FALSE);
	ret->content_type = g_strdup_printf("multipart/form-data; boundary=%s", boundary);
	return true;
}

bool zalo_oa_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *before,
		     struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;

	if (!is_uploadable(z, m->file))
		return false;
	if (step == 0) {
		*ret_request = (struct http_request){ .method = "GET",
						      .timeout_ms = DOWNLOAD_TIMEOUT_MS,
						      .response_max = size_max(m->file),
						      .url = g_strdup(m->file->file_id) };
		return true;
	}
	if (step == 1 && before && before->trouble == HTTP_ANSWERED && before->status == 200 && before->body_len > 0 &&
	    before->body_len <= size_max(m->file))
		return ask_upload(z, m, before, ret_request);
	return false;
}

/* The address does not answer now: later. It answers anything else but the file (gone, too large): the line of text instead. */
static bool judge_download(const struct http_response *r, struct send_result *ret)
{
	bool is_passing =
		r->trouble == HTTP_BEFORE_WRITE || (r->trouble == HTTP_ANSWERED && (r->status == 429 || r->status >= 500));

	if (!is_passing)
		return true;
	*ret = (struct send_result){ .status = SEND_LATER, .retry_ms = r->retry_after_ms, .reason = "chưa tải được tệp từ Zalo" };
	return false;
}

bool zalo_oa_judge_prepare(struct adapter *a, const struct outgoing *m, unsigned step, const struct http_response *r,
			   char **ret_upload_id, struct send_result *ret, GPtrArray *ret_scratch)
{
	struct zalo_oa_answer answer;
	bool goes_on;

	if (step == 0)
		return is_picture(m->file) || judge_download(r, ret);
	zalo_oa_answer_read(r, &answer);
	if (answer.class == ZALO_OA_OK)
		json_id(answer.data, is_picture(m->file) ? "attachment_id" : "token", ret_upload_id);
	/* A file that Zalo does not want, or no token for it: the line of text instead. A picture has its address. */
	goes_on = answer.class == ZALO_OA_OK || answer.class == ZALO_OA_CONTENT ||
		  (is_picture(m->file) && answer.class != ZALO_OA_TOKEN && answer.class != ZALO_OA_MINUTE);
	if (!goes_on) {
		zalo_oa_judge_failure(a, m, &answer, r, ret, ret_scratch);
		if (ret->status == SEND_UNCERTAIN) /* nothing was said in the chat yet: an upload may be done twice */
			ret->status = SEND_LATER;
		g_hash_table_remove(((struct zalo_oa *)a->state)->used, &m->delivery_id);
	}
	zalo_oa_answer_clear(&answer);
	return goes_on;
}
