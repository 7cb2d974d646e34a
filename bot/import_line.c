/* SPDX-License-Identifier: MIT */
/* Reads a line; stores nothing. */
#include "import_line.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "item_type.h"

static char *clean_text(const cJSON *line, const char *key)
{
	const char *s;

	if (!json_str(line, key, &s))
		return NULL;
	char *clean = text_clean(s, strlen(s));

	return g_strstrip(clean);
}

static char *ref_of(const cJSON *line)
{
	static const char *const keys[] = { "ref", "id", "seq" };
	char *ref;

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (json_id(line, keys[i], &ref)) {
			if (*ref)
				return ref;
			g_free(ref);
		}
	return NULL;
}

static void set_unit(struct item *i, char *typed, const struct registry *r)
{
	struct unit_match m = { NULL, NULL };
	const struct unit *u;

	if (!typed || !*typed)
		return;
	u = registry_unit(r, typed);
	if (!u) {
		registry_match_unit(r, typed, &m);
		u = m.unit;
	}
	if (u)
		i->unit = g_strdup(u->code);
	else
		i->unit_text = g_strdup(typed);
	unit_match_clear(&m);
}

static void set_field(struct item *i, char *typed, const struct registry *r)
{
	const struct field *f;
	GPtrArray *near = NULL;

	if (!typed || !*typed)
		return;
	f = registry_field(r, typed);
	if (!f)
		f = registry_match_field(r, typed, &near);
	if (f)
		i->field = g_strdup(f->code);
	if (near)
		g_ptr_array_unref(near);
}

static void set_kind(struct item *i, char *typed, enum item_kind dflt)
{
	i->kind = dflt;
	for (unsigned k = 0; typed && k < ITEM_KINDS; k++)
		if (!g_ascii_strcasecmp(typed, item_kind_prefix((enum item_kind)k))) {
			i->kind = (enum item_kind)k;
			return;
		}
	if (typed && *typed) {
		const char *type = item_type_match(typed);

		/* As it is searched for (loai: …); what is none of the six is kept as it was written. */
		i->type = g_strdup(type ? type : typed);
	}
}

struct item *import_line(const char *text, size_t len, enum item_kind dflt, const struct registry *r, GError **error)
{
	g_autoptr(cJSON) line = json_parse(text, len, error);
	g_autoptr(item_t) i = NULL;

	if (!line)
		return NULL;
	if (!cJSON_IsObject(line)) {
		g_set_error(error, JSON_ERROR, 0, "not a JSON object");
		return NULL;
	}
	i = item_new();
	i->title = clean_text(line, "title");
	i->body = clean_text(line, "body");
	if (!i->title || !*i->title || !i->body || !*i->body) {
		g_set_error(error, JSON_ERROR, 0, "`%s` is missing, empty or no text", i->title && *i->title ? "body" : "title");
		return NULL;
	}
	if (strlen(i->title) > IMPORT_TITLE_MAX * 4 || text_len(i->title, TEXT_CODE_POINTS) > IMPORT_TITLE_MAX ||
	    strlen(i->body) > IMPORT_BODY_MAX * 4) {
		g_set_error(error, JSON_ERROR, 0, "title over %d or body over %d characters", IMPORT_TITLE_MAX, IMPORT_BODY_MAX);
		return NULL;
	}
	g_autofree char *kind = clean_text(line, "kind");
	g_autofree char *unit = clean_text(line, "unit");
	g_autofree char *field = clean_text(line, "field");

	set_kind(i, kind, dflt);
	set_unit(i, unit, r);
	set_field(i, field, r);
	i->ref = ref_of(line);
	i->date = clean_text(line, "date");
	i->source = clean_text(line, "source");
	i->status = ITEM_APPROVED;
	return g_steal_pointer(&i);
}
