/* SPDX-License-Identifier: MIT */
/* Which unit a typed name means, alone or at the start of a text. Never picks between two: domain.md §5.4. */
#include <string.h>

#include "base/text.h"

#include "registry_impl.h"

#define NEAR_MAX 5
/* More words than the longest official name has. */
#define PREFIX_WORDS_MAX 24

/* Without the province's name at its end, or NULL if it has none (or is nothing else). */
static const GPtrArray *find_without_tail(const struct registry *r, char **words)
{
	guint n = g_strv_length(words);

	for (guint i = 0; i < r->province_tails->len; i++) {
		char **tail = g_ptr_array_index(r->province_tails, i);
		guint n_tail = g_strv_length(tail), k = 0;

		if (n_tail >= n)
			continue;
		while (k < n_tail && strcmp(words[n - n_tail + k], tail[k]) == 0)
			k++;
		if (k == n_tail) {
			const GPtrArray *found = names_find_words(r->unit_names, words, (int)(n - n_tail));

			if (found)
				return found;
		}
	}
	return NULL;
}

const GPtrArray *registry_units_named(const struct registry *r, const char *text)
{
	g_auto(GStrv) words = NULL;
	const GPtrArray *found;
	bool is_changed = false;

	if (strlen(text) > NAMES_BYTES_MAX)
		return NULL;
	words = names_words(text);
	found = names_find_words(r->unit_names, words, -1);
	if (!found)
		found = find_without_tail(r, words);
	if (found)
		return found;
	for (char **word = words; *word; word++) {
		char *plain = text_fold_keystrokes(*word);

		if (!plain)
			continue;
		g_free(*word);
		*word = plain;
		is_changed = true;
	}
	return is_changed ? names_find_words(r->unit_names, words, -1) : NULL;
}

static GPtrArray *first_few(const GPtrArray *units)
{
	GPtrArray *few = g_ptr_array_new();

	for (guint i = 0; i < units->len && i < NEAR_MAX; i++)
		g_ptr_array_add(few, g_ptr_array_index(units, i));
	return few;
}

void registry_match_unit(const struct registry *r, const char *typed, struct unit_match *ret)
{
	const GPtrArray *named = registry_units_named(r, typed);
	g_autoptr(GPtrArray) slipped = NULL;

	ret->unit = NULL;
	ret->near = NULL;
	if (!named) {
		slipped = names_find_slip(r->unit_names, typed);
		named = slipped;
	}
	if (named->len == 1)
		ret->unit = g_ptr_array_index(named, 0);
	else
		ret->near = named->len > 1 ? first_few(named) : names_near(r->unit_names, typed, NEAR_MAX);
}

void unit_match_clear(struct unit_match *m)
{
	if (m->near)
		g_ptr_array_unref(m->near);
	m->near = NULL;
	m->unit = NULL;
}

static bool is_word_char(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

/* Ends of the words of a text, as byte offsets. */
static GArray *word_ends(const char *text, guint max)
{
	GArray *ends = g_array_new(FALSE, FALSE, sizeof(size_t));
	bool in_word = false;

	for (const char *p = text; ends->len < max; p = g_utf8_next_char(p)) {
		bool is_word = *p && is_word_char(g_utf8_get_char(p));

		if (in_word && !is_word)
			g_array_append_vals(ends, &(size_t){ (size_t)(p - text) }, 1);
		in_word = is_word;
		if (!*p)
			break;
	}
	return ends;
}

static const char *skip_separators(const char *p)
{
	while (*p && !is_word_char(g_utf8_get_char(p)))
		p = g_utf8_next_char(p);
	return p;
}

/* True if a comma, semicolon, colon or line break stands between the name and the rest. */
static bool is_set_off(const char *from, const char *rest)
{
	for (const char *p = from; p < rest; p++) {
		if (strchr(",;:\n(", *p))
			return true;
	}
	return *rest == '\0';
}

/* Longest run of words from the start that is a name; 0 if none. */
static size_t longest_name(const struct registry *r, const char *text, const GPtrArray **ret_units)
{
	g_autoptr(GArray) ends = word_ends(text, PREFIX_WORDS_MAX);

	for (guint i = ends->len; i-- > 0;) {
		size_t end = g_array_index(ends, size_t, i);
		g_autofree char *part = g_strndup(text, end);

		*ret_units = registry_units_named(r, part);
		if (*ret_units)
			return end;
	}
	return 0;
}

/* The piece before the first comma, with one wrong letter forgiven. */
static const struct unit *slipped_prefix(const struct registry *r, const char *typed, const char **ret_rest)
{
	size_t len = strcspn(typed, ",;\n");
	g_autofree char *piece = g_strndup(typed, len);
	g_autoptr(GPtrArray) found = names_find_slip(r->unit_names, piece);

	if (found->len != 1)
		return NULL;
	*ret_rest = skip_separators(typed + len);
	return g_ptr_array_index(found, 0);
}

const struct unit *registry_unit_prefix(const struct registry *r, const char *typed, const char **ret_rest)
{
	const GPtrArray *units = NULL, *others = NULL;
	size_t len = longest_name(r, typed, &units);
	const char *rest;

	if (len == 0)
		return slipped_prefix(r, typed, ret_rest);
	rest = skip_separators(typed + len);
	if (units->len != 1)
		return NULL;
	if (!is_set_off(typed + len, rest) && longest_name(r, rest, &others) > 0)
		return NULL;
	*ret_rest = rest;
	return g_ptr_array_index(units, 0);
}
