/* SPDX-License-Identifier: MIT */
/* Reads text into the parts of an initiative. Does not store, does not ask. */
#include "share_draft.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "bot/item_type.h"
#include "itemref.h"

/* Registered kind of the unit above all others (config/units.csv). */
#define KIND_PROVINCE "tinh"

static void item_field_free(void *data)
{
	struct item_field *f = data;

	g_free(f->key);
	g_free(f->value);
	g_free(f);
}

char *share_draft_join(const char *a, const char *b)
{
	if (!a || !*a)
		return g_strdup(b ? b : "");
	if (!b || !*b)
		return g_strdup(a);
	return g_strconcat(a, "\n", b, NULL);
}

static void join_to(char **text, const char *more)
{
	char *joined = share_draft_join(*text, more);

	g_free(*text);
	*text = joined;
}

static bool is_title(const char *line)
{
	return *line && text_len(line, TEXT_CODE_POINTS) <= SHARE_TITLE_MAX;
}

/* The first line is the title, if it is short enough; what is over is content. */
static void take_title(struct share_draft *d, const char *text)
{
	const char *end = strchrnul(text, '\n');
	g_autofree char *line = g_strstrip(g_strndup(text, (gsize)(end - text)));

	if (!is_title(line)) {
		join_to(&d->body, text);
		return;
	}
	g_free(d->title);
	d->title = g_steal_pointer(&line);
	if (*end)
		join_to(&d->body, end + 1);
}

void share_draft_add_field(struct share_draft *d, const char *key, const char *value)
{
	struct item_field *f;

	for (guint n = 0; n < d->fields->len; n++)
		if (strcmp(((const struct item_field *)d->fields->pdata[n])->key, key) == 0)
			return;
	f = g_new0(struct item_field, 1);
	f->key = g_strdup(key);
	f->value = g_strdup(value);
	g_ptr_array_add(d->fields, f);
}

static void take_field(struct share_draft *d, const struct label_value *v)
{
	if (strcmp(v->key, "ten") == 0 || strcmp(v->key, "noidung") == 0)
		return; /* taken before, in their order */
	if (strcmp(v->key, "donvi") == 0) {
		d->unit = g_strdup(v->value);
	} else if (strcmp(v->key, "linhvuc") == 0) {
		d->field = g_strdup(v->value);
	} else if (strcmp(v->key, "loai") == 0) {
		d->type = g_strdup(v->value);
	} else {
		share_draft_add_field(d, v->key, v->value);
	}
}

static void take_text(struct share_draft *d, const struct labelled *l, bool has_head)
{
	const char *name = labelled_get(l, "ten");

	if (name && *name)
		take_title(d, name);
	if (has_head && !*d->title && l->head)
		take_title(d, l->head);
	else if (has_head)
		join_to(&d->body, l->head);
	else
		join_to(&d->addition, l->head);
	join_to(has_head ? &d->body : &d->addition, l->rest);
	join_to(&d->body, labelled_get(l, "noidung"));
}

void share_draft_read(const char *text, bool has_head, struct share_draft *ret)
{
	struct labelled l = { 0 };

	memset(ret, 0, sizeof(*ret));
	ret->title = g_strdup("");
	ret->body = g_strdup("");
	ret->addition = g_strdup("");
	ret->fields = g_ptr_array_new_with_free_func(item_field_free);
	reader_labels(text, has_head, NULL, &l);
	ret->starts_unlabelled = (l.head && *l.head) || (l.rest && *l.rest);
	take_text(ret, &l, has_head);
	for (guint n = 0; l.fields && n < l.fields->len; n++) {
		const struct label_value *v = g_ptr_array_index(l.fields, n);

		if (*v->value) {
			take_field(ret, v);
			ret->has_labels = true;
		}
	}
	if (l.unknown && l.unknown->len) {
		g_autoptr(GPtrArray) words = g_ptr_array_new();

		for (guint n = 0; n < l.unknown->len; n++)
			g_ptr_array_add(words, g_ptr_array_index(l.unknown, n));
		g_ptr_array_add(words, NULL);
		ret->unknown = g_strjoinv(", ", (char **)words->pdata);
	}
	labelled_clear(&l);
}

void share_draft_clear(struct share_draft *d)
{
	g_free(d->title);
	g_free(d->body);
	g_free(d->addition);
	g_free(d->unit);
	g_free(d->field);
	g_free(d->type);
	g_free(d->unknown);
	g_free(d->source);
	if (d->fields)
		g_ptr_array_unref(d->fields);
	memset(d, 0, sizeof(*d));
}

bool share_draft_is_empty(const struct share_draft *d)
{
	return !*d->title && !*d->body && !*d->addition && !d->unit && !d->field && !d->type && !d->fields->len;
}

void share_draft_set_body(struct share_draft *d, const char *body)
{
	char *copy = g_strstrip(g_strdup(body));

	g_free(d->body);
	d->body = copy;
}

/* --- names --- */

static bool may_write_for_others(const struct cmd_ctx *ctx, const struct member *who)
{
	const struct unit *own = who->unit ? registry_unit(ctx->registry, who->unit) : NULL;

	return who->role >= ROLE_MODERATOR || (who->role == ROLE_FOCAL && own && strcmp(own->kind, KIND_PROVINCE) == 0);
}

static const struct unit *match_whole(const struct cmd_ctx *ctx, const char *typed)
{
	struct unit_match m = { 0 };
	const struct unit *u;

	registry_match_unit(ctx->registry, typed, &m);
	u = m.unit;
	unit_match_clear(&m);
	return u;
}

/* The unit that the whole text names, else the one before a comma ("ubnd h. giao thuy, phòng VHTT"). */
static const struct unit *match_unit(const struct cmd_ctx *ctx, const char *typed)
{
	const struct unit *u = match_whole(ctx, typed);
	const char *comma = strpbrk(typed, ",;\n");
	g_autofree char *first = NULL;

	if (u || !comma)
		return u;
	first = g_strndup(typed, (gsize)(comma - typed));
	return match_whole(ctx, first);
}

bool share_draft_unit(const struct cmd_ctx *ctx, struct item *i, const char *typed, const struct member *who)
{
	const struct unit *u = match_unit(ctx, typed);

	g_clear_pointer(&i->unit, g_free);
	g_clear_pointer(&i->unit_text, g_free);
	i->on_behalf = false;
	if (!u) {
		i->unit_text = g_strdup(typed);
		return false;
	}
	i->unit = g_strdup(u->code);
	i->on_behalf = who && g_strcmp0(who->unit, u->code) != 0 && !may_write_for_others(ctx, who);
	return true;
}

GPtrArray *share_draft_units_near(const struct cmd_ctx *ctx, const struct item *i)
{
	GPtrArray *codes = NULL;
	struct unit_match m = { 0 };

	if (i->unit || !i->unit_text)
		return NULL;
	registry_match_unit(ctx->registry, i->unit_text, &m);
	if (!m.unit && m.near && m.near->len) {
		codes = g_ptr_array_new();
		for (guint n = 0; n < m.near->len; n++)
			g_ptr_array_add(codes, ((const struct unit *)g_ptr_array_index(m.near, n))->code);
	}
	unit_match_clear(&m);
	return codes;
}

void share_draft_guess(const struct cmd_ctx *ctx, struct item *i)
{
	const struct field *f;

	if (i->field && !i->field_guessed)
		return;
	/* The title says best what it is about; the content only where the title is silent. */
	f = registry_guess_field(ctx->registry, i->title);
	if (!f)
		f = registry_guess_field(ctx->registry, i->body);
	g_free(i->field);
	i->field = f ? g_strdup(f->code) : NULL;
	i->field_guessed = f != NULL;
}

bool share_draft_field(const struct cmd_ctx *ctx, struct item *i, const char *typed)
{
	g_autoptr(GPtrArray) near = NULL;
	const struct field *f = registry_match_field(ctx->registry, typed, &near);

	if (!f) {
		share_draft_guess(ctx, i);
		return false;
	}
	g_free(i->field);
	i->field = g_strdup(f->code);
	i->field_guessed = false;
	return true;
}

bool share_draft_type(struct item *i, const char *typed_or_null)
{
	const char *type = typed_or_null ? item_type_match(typed_or_null) : NULL;

	if (type || !i->type) {
		g_free(i->type);
		i->type = g_strdup(type ? type : item_types[0]);
	}
	return type || !typed_or_null;
}

bool share_draft_type_is_told(const struct item *i)
{
	return i->type && strcmp(i->type, item_types[0]) != 0;
}

bool share_draft_is_unclear(const struct cmd_ctx *ctx, const struct share_draft *d)
{
	g_autoptr(GPtrArray) near = NULL;

	return d->unknown || (d->type && !item_type_match(d->type)) || (d->field && !registry_match_field(ctx->registry, d->field, &near));
}

void share_draft_say_unclear(struct cmd_ctx *ctx, const struct share_draft *d, const struct item *i)
{
	g_autofree char *id = itemref_id(i);
	g_autoptr(GPtrArray) near = NULL;

	if (d->is_title_guessed)
		cmd_say(ctx, MSG_LUU_TITLE_GUESSED, "id", id, "title", i->title, NULL);
	if (d->is_unit_guessed)
		cmd_say(ctx, MSG_LUU_UNIT_GUESSED, "id", id, "unit", d->unit, NULL);
	if (d->field && !registry_match_field(ctx->registry, d->field, &near))
		cmd_say(ctx, MSG_FIELD_UNKNOWN, "typed", d->field, "id", id, NULL);
	if (d->type && !item_type_match(d->type)) {
		g_autofree char *all = wording_list((char **)item_types);

		cmd_say(ctx, MSG_TYPE_UNKNOWN, "typed", d->type, "type", i->type, "types", all, NULL);
	}
	if (d->unknown)
		cmd_say(ctx, MSG_LABELS_UNKNOWN, "labels", d->unknown, NULL);
}

size_t share_draft_item_len(const struct item *i)
{
	size_t n = text_len(i->title, TEXT_CODE_POINTS) + text_len(i->body, TEXT_CODE_POINTS);

	for (guint k = 0; k < i->fields->len; k++)
		n += text_len(((const struct item_field *)g_ptr_array_index(i->fields, k))->value, TEXT_CODE_POINTS);
	return n;
}
