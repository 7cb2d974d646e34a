/* SPDX-License-Identifier: MIT */
/* Checked access to cJSON trees. Knows no platform's field names and no schema. */
#include <math.h>
#include <string.h>

#include "base/json.h"

/* cJSON prints fifteen digits and calls that equal; longer numbers are added as text. */
#define FIFTEEN_DIGITS INT64_C(1000000000000000)

/* U+FFFD, for what is no text */
#define REPLACEMENT "\xEF\xBF\xBD"

GQuark json_error_quark(void)
{
	return g_quark_from_static_string("json-error-quark");
}

/* The value of four hex digits, or -1. */
static int hex4(const char *p, size_t left)
{
	int value = 0;

	if (left < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = g_ascii_xdigit_value(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* Copies one escape that starts at the backslash and returns its length. \u0000 would cut the string in C, and half a surrogate
 * pair would make cJSON refuse the whole batch: both become U+FFFD. */
static size_t copy_escape(GString *out, const char *p, size_t left)
{
	int high, low;

	if (left < 2) {
		g_string_append_c(out, *p);
		return 1;
	}
	high = p[1] == 'u' ? hex4(p + 2, left - 2) : -1;
	if (high < 0 || (high != 0 && (high < 0xd800 || high > 0xdfff))) {
		g_string_append_len(out, p, 2);
		return 2;
	}
	low = left >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, left - 8) : -1;
	if (high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
		g_string_append_len(out, p, 12);
		return 12;
	}
	g_string_append(out, "\\ufffd");
	return 6;
}

/* Repairs what may be repaired and measures the nesting. False if it is too deep. */
static bool prepare(GString *out, const char *bytes, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)bytes[i];

		if (c >= 0x80) {
			gunichar u = g_utf8_get_char_validated(bytes + i, (gssize)(len - i));
			bool is_bad = u == (gunichar)-1 || u == (gunichar)-2;
			size_t n = is_bad ? 1 : (size_t)(g_utf8_next_char(bytes + i) - (bytes + i));

			if (is_bad)
				g_string_append(out, REPLACEMENT);
			else
				g_string_append_len(out, bytes + i, (gssize)n);
			i += n;
			continue;
		}
		if (in_string && c == '\\') {
			i += copy_escape(out, bytes + i, len - i);
			continue;
		}
		if (in_string && c == '\0') { /* would end the text in C, and the batch with it */
			g_string_append(out, REPLACEMENT);
			i++;
			continue;
		}
		if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
			return false;
		else if (!in_string && (c == ']' || c == '}'))
			depth--;
		g_string_append_c(out, (char)c);
		i++;
	}
	return true;
}

cJSON *json_parse(const char *bytes, size_t len, GError **error)
{
	GString *text = g_string_sized_new(len + 16);
	const char *end = NULL;
	cJSON *root = NULL;

	if (!prepare(text, bytes, len)) {
		g_set_error(error, JSON_ERROR, 0, "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
	} else if (!(root = cJSON_ParseWithLengthOpts(text->str, text->len, &end, 0))) {
		g_set_error(error, JSON_ERROR, 0, "no JSON at byte %zu of %zu", end ? (size_t)(end - text->str) : 0, text->len);
	} else if (end[strspn(end, " \t\r\n")] != '\0' || strlen(text->str) != text->len) {
		g_set_error(error, JSON_ERROR, 0, "something follows the JSON value at byte %zu", (size_t)(end - text->str));
		cJSON_Delete(root);
		root = NULL;
	}
	g_string_free(text, TRUE);
	return root;
}

static const cJSON *member(const cJSON *object, const char *name, size_t len)
{
	const cJSON *child;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach (child, object) {
		if (child->string && strncmp(child->string, name, len) == 0 && child->string[len] == '\0')
			return child;
	}
	return NULL;
}

const cJSON *json_at(const cJSON *root, const char *path)
{
	const cJSON *node = root;

	while (node && *path) {
		if (*path == '[') {
			guint64 index = 0;

			for (path++; g_ascii_isdigit(*path) && index < G_MAXINT; path++)
				index = index * 10 + (guint64)(*path - '0');
			if (*path != ']' || index > G_MAXINT || !cJSON_IsArray(node))
				return NULL;
			path++;
			node = cJSON_GetArrayItem(node, (int)index);
		} else {
			size_t len = strcspn(path, ".[");

			node = member(node, path, len);
			path += len;
		}
		if (*path == '.')
			path++;
	}
	return node;
}

bool json_str(const cJSON *root, const char *path, const char **ret_borrowed)
{
	const cJSON *node = json_at(root, path);

	if (!cJSON_IsString(node) || !node->valuestring)
		return false;
	*ret_borrowed = node->valuestring;
	return true;
}

static bool whole_number(const cJSON *node, int64_t *ret_value)
{
	if (!cJSON_IsNumber(node) || !(fabs(node->valuedouble) <= (double)JSON_INT_MAX) || trunc(node->valuedouble) != node->valuedouble)
		return false;
	*ret_value = (int64_t)node->valuedouble;
	return true;
}

bool json_id(const cJSON *root, const char *path, char **ret_text)
{
	const cJSON *node = json_at(root, path);
	int64_t value;

	if (cJSON_IsString(node) && node->valuestring && *node->valuestring) {
		*ret_text = g_strdup(node->valuestring);
		return true;
	}
	if (!whole_number(node, &value))
		return false;
	*ret_text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)value);
	return true;
}

bool json_int64(const cJSON *root, const char *path, int64_t *ret_value)
{
	return whole_number(json_at(root, path), ret_value);
}

bool json_bool(const cJSON *root, const char *path, bool *ret_value)
{
	const cJSON *node = json_at(root, path);

	if (!cJSON_IsBool(node))
		return false;
	*ret_value = cJSON_IsTrue(node);
	return true;
}

char *json_dup(const cJSON *root, const char *path, const char *dflt)
{
	const char *text = dflt;

	json_str(root, path, &text);
	return g_strdup(text);
}

char *json_text(const cJSON *root)
{
	char *printed = cJSON_PrintUnformatted(root);
	char *copy = g_strdup(printed ? printed : "null");

	cJSON_free(printed);
	return copy;
}

void json_add_str(cJSON *object, const char *name, const char *value_or_null)
{
	if (value_or_null)
		cJSON_AddStringToObject(object, name, value_or_null);
}

void json_add_int64(cJSON *object, const char *name, int64_t value)
{
	char text[24];

	if (value > -FIFTEEN_DIGITS && value < FIFTEEN_DIGITS) {
		cJSON_AddNumberToObject(object, name, (double)value);
		return;
	}
	g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, (gint64)value);
	cJSON_AddRawToObject(object, name, text);
}
