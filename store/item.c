/* SPDX-License-Identifier: MIT */
/* The value type of an item: making, freeing, labelled lines, ids as people write them, who may see and change one.
 * It reads and writes no database; that is item_store.c and its neighbours. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "item_impl.h"

static const char *const prefixes[ITEM_KINDS] = {
	[ITEM_INITIATIVE] = "SK",
	[ITEM_STORY] = "CC",
	[ITEM_EXEMPLAR] = "DC",
	[ITEM_LESSON] = "BH",
};

const char *item_kind_prefix(enum item_kind kind)
{
	return prefixes[kind];
}

bool item_id_parse(const char *text, enum item_kind *ret_kind, int64_t *ret_number)
{
	g_autofree char *folded = text_fold(text);
	const char *digits;

	/* Folding has already made "SK-014", "sk 14" and "ＳＫ14" alike but for the space. */
	if (strlen(folded) < 3)
		return false;
	digits = folded + 2 + (folded[2] == ' ');
	if (*digits == '\0' || strlen(digits) > 12 || strspn(digits, "0123456789") != strlen(digits))
		return false;
	for (size_t k = 0; k < ARRAY_SIZE(prefixes); k++) {
		if (g_ascii_strncasecmp(folded, prefixes[k], 2) != 0)
			continue;
		*ret_kind = (enum item_kind)k;
		*ret_number = g_ascii_strtoll(digits, NULL, 10);
		return *ret_number > 0;
	}
	return false;
}

char *item_id_text(enum item_kind kind, int64_t number)
{
	return g_strdup_printf("%s%" G_GINT64_FORMAT, prefixes[kind], number);
}

static void field_free(gpointer p)
{
	struct item_field *f = p;

	g_free(f->key);
	g_free(f->value);
	g_free(f);
}

struct item *item_new(void)
{
	struct item *i = g_new0(struct item, 1);

	i->fields = g_ptr_array_new_with_free_func(field_free);
	i->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
	i->attachment_adapters = g_ptr_array_new_with_free_func(g_free);
	return i;
}

void item_free(struct item *i)
{
	if (!i)
		return;
	g_free(i->title);
	g_free(i->body);
	g_free(i->unit);
	g_free(i->unit_text);
	g_free(i->field);
	g_free(i->type);
	g_free(i->source);
	g_free(i->ref);
	g_free(i->reason);
	g_free(i->date);
	g_ptr_array_unref(i->fields);
	g_ptr_array_unref(i->attachments);
	g_ptr_array_unref(i->attachment_adapters);
	g_free(i);
}

const char *item_field_get(const struct item *i, const char *key)
{
	for (guint k = 0; k < i->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(i->fields, k);

		if (strcmp(f->key, key) == 0)
			return f->value;
	}
	return NULL;
}

void item_field_set(struct item *i, const char *key, const char *value)
{
	bool is_empty = !value || *value == '\0';
	struct item_field *f;

	for (guint k = 0; k < i->fields->len; k++) {
		f = g_ptr_array_index(i->fields, k);
		if (strcmp(f->key, key) != 0)
			continue;
		if (is_empty) {
			g_ptr_array_remove_index(i->fields, k);
		} else {
			char *copy = g_strdup(value); /* value may be the old one */

			g_free(f->value);
			f->value = copy;
		}
		return;
	}
	if (is_empty)
		return;
	f = g_new0(struct item_field, 1);
	f->key = g_strdup(key);
	f->value = g_strdup(value);
	g_ptr_array_add(i->fields, f);
}

/* Author, the unit's focal points, moderators; people who left are nobody. */
static bool is_insider(const struct item *i, const struct member *who)
{
	if (!who || who->has_left)
		return false;
	if (who->role >= ROLE_MODERATOR)
		return true;
	if (who->id > 0 && who->id == i->author_id)
		return true;
	return who->role >= ROLE_FOCAL && who->unit && i->unit && strcmp(who->unit, i->unit) == 0;
}

bool item_visible_to(const struct item *i, const struct member *viewer)
{
	return i->status == ITEM_APPROVED || is_insider(i, viewer);
}

bool item_editable_by(const struct item *i, const struct member *who)
{
	return is_insider(i, who);
}

bool item_may_move(enum item_status from, enum item_decision what)
{
	switch (what) {
	case ITEM_APPROVE:
	case ITEM_REJECT:
		return from == ITEM_WAITING || from == ITEM_RETURNED;
	case ITEM_RETURN:
		return from == ITEM_WAITING;
	case ITEM_WITHDRAW:
		return from == ITEM_DRAFT || from == ITEM_WAITING || from == ITEM_RETURNED || from == ITEM_APPROVED;
	case ITEM_RESTORE:
		return from == ITEM_WITHDRAWN;
	}
	return false;
}
