/* SPDX-License-Identifier: MIT */
/* Which copied message is an initiative, and what it says. Splitting is import_text.c's. */
#include "import_text.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "command.h"
#include "commands/share_draft.h"
#include "reader.h"

/* Units stand near the start, if at all; further on others are only mentioned. */
#define UNIT_LOOK_BYTES 600
/* "TP Nam Định", not "sở". */
#define UNIT_MIN_BYTES 8
/* Hex digits of the text's hash in a ref: 64 bits. */
#define REF_DIGITS 16
/* Head words that announce an initiative and are no label of domain §2.1, folded. */
static const char *const heads[] = { "mo hinh", "cach lam hay", "chia se" };

const struct unit *import_text_unit(const struct registry *r, const char *text)
{
	const struct unit *found = NULL;
	const char *end = text + MIN(strlen(text), UNIT_LOOK_BYTES), *rest;

	for (const char *p = text; p < end; p++) {
		const struct unit *u;

		if (p > text && !g_ascii_isspace(p[-1]) && !strchr("(,;:.-", p[-1]))
			continue;
		u = registry_unit_prefix(r, p, &rest);
		if (!u || rest - p < UNIT_MIN_BYTES || !memchr(p, ' ', (size_t)(rest - p)))
			continue;
		if (found && found != u)
			return NULL;
		found = u;
		p = MAX(p, rest - 1);
	}
	return found;
}

/* "Mô hình: Dán mã QR": the rest of the line is the title. NULL: it is none of these. */
static const char *after_head(const char *text)
{
	const char *colon = strpbrk(text, ":\n");
	g_autofree char *word = NULL, *folded = NULL;

	if (!colon || *colon != ':')
		return NULL;
	word = g_strndup(text, (gsize)(colon - text));
	folded = text_fold(word);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (!strcmp(folded, heads[i]))
			return colon + 1 + strspn(colon + 1, " \t");
	return NULL;
}

static bool has_label(const char *text, const char *key)
{
	struct labelled l = { 0 };
	bool has;

	reader_labels(text, true, NULL, &l);
	has = labelled_get(&l, key) != NULL;
	labelled_clear(&l);
	return has;
}

/* A line of its own that is no sentence, and enough below it. */
static bool is_titled(const char *text)
{
	const char *end = strchr(text, '\n');
	g_autofree char *line = end ? g_strstrip(g_strndup(text, (gsize)(end - text))) : NULL;

	return line && *line && !strchr(".,;?", line[strlen(line) - 1]) && text_len(line, TEXT_CODE_POINTS) <= SHARE_TITLE_MAX &&
	       text_len(text, TEXT_CODE_POINTS) >= IMPORT_TEXT_LONG;
}

/* What of the message is the initiative; NULL: talk. Caller frees. */
static char *initiative_of(const char *text)
{
	struct reading r = { 0 };
	const char *rest = after_head(text);
	char *found = NULL;

	reader_read(command_table, text, false, false, false, &r);
	if (r.kind == READING_COMMAND && r.command == command_find("chiase"))
		found = g_strdup(r.args);
	else if (r.kind == READING_TEXT || r.kind == READING_ID)
		found = rest ? g_strdup(rest) : has_label(text, "noidung") || has_label(text, "ten") || is_titled(text) ? g_strdup(text) : NULL;
	reading_clear(&r);
	return found;
}

static char *ref_of(const struct import_message *m)
{
	g_autofree char *whole = g_strdup_printf("%s\n%s", m->sender, m->text);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, whole, -1);

	return g_strdup_printf("text-%.*s", REF_DIGITS, hash);
}

static void set_unit(struct item *i, const struct share_draft *d, const struct registry *r, const char *text)
{
	struct unit_match match = { 0 };
	const struct unit *u = NULL;

	if (d->unit) {
		registry_match_unit(r, d->unit, &match);
		u = match.unit;
		unit_match_clear(&match);
		i->unit_text = u ? NULL : g_strdup(d->unit);
	} else {
		u = import_text_unit(r, text);
	}
	i->unit = u ? g_strdup(u->code) : NULL;
}

static void set_field(struct item *i, const struct share_draft *d, const struct registry *r)
{
	g_autoptr(GPtrArray) near = NULL;
	const struct field *f = d->field ? registry_match_field(r, d->field, &near) : NULL;

	if (!f) {
		f = registry_guess_field(r, i->title);
		f = f ? f : registry_guess_field(r, i->body);
		i->field_guessed = f != NULL;
	}
	i->field = f ? g_strdup(f->code) : NULL;
}

static struct item *item_of(const struct import_message *m, const struct share_draft *d, const struct registry *r)
{
	struct item *i = item_new();

	i->kind = ITEM_INITIATIVE;
	i->status = ITEM_WAITING;
	i->title = g_strdup(d->title);
	i->body = g_strdup(d->body);
	set_unit(i, d, r, m->text);
	set_field(i, d, r);
	share_draft_type(i, d->type);
	for (guint n = 0; n < d->fields->len; n++) {
		const struct item_field *f = d->fields->pdata[n];

		item_field_set(i, f->key, f->value);
	}
	if (!item_field_get(i, "tacgia"))
		item_field_set(i, "tacgia", m->sender);
	i->source = g_strdup(wording_raw(MSG_LUU_SOURCE));
	i->date = g_strdup(m->date);
	i->ref = ref_of(m);
	return i;
}

enum import_text_what import_text_item(const struct import_message *m, const struct registry *r, struct item **ret_item)
{
	g_autofree char *text = initiative_of(m->text);
	g_auto(share_draft_t) d = { 0 };

	if (!text)
		return reader_sensitive(m->text) == SENSITIVE_NONE ? IMPORT_TEXT_TALK : IMPORT_TEXT_SENSITIVE;
	if (reader_sensitive(m->text) != SENSITIVE_NONE)
		return IMPORT_TEXT_SENSITIVE;
	if (text_len(text, TEXT_CODE_POINTS) > SHARE_TEXT_MAX)
		return IMPORT_TEXT_TOO_LONG;
	share_draft_read(text, true, &d);
	if (!*d.title)
		return IMPORT_TEXT_NO_TITLE;
	if (!*d.body)
		return IMPORT_TEXT_NO_BODY;
	*ret_item = item_of(m, &d, r);
	return IMPORT_TEXT_ITEM;
}
