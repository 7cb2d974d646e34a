/* SPDX-License-Identifier: MIT */
/* Which field a typed name means, and a guess from a whole text. The guess is only that: the caller shows it as one. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "registry_impl.h"

#define NEAR_MAX 5
/* Longest alias in words, and how many words of a text are looked at: the beginning says what it is about. */
#define ALIAS_WORDS_MAX 8
#define GUESS_WORDS_MAX 600
/* The field for what fits nowhere; its alias "khác" stands in every second text. */
#define FIELD_OTHER "khac"

static const char *const label_words[] = { "lv", "linh vuc", "ve", "nganh" };

/* The text without "lĩnh vực" in front, or NULL. Borrowed from folded. */
static const char *without_label(const char *folded)
{
	for (size_t i = 0; i < ARRAY_SIZE(label_words); i++) {
		size_t len = strlen(label_words[i]);

		if (g_str_has_prefix(folded, label_words[i]) && folded[len] == ' ')
			return folded + len + 1;
	}
	return NULL;
}

const struct field *registry_match_field(const struct registry *r, const char *typed, GPtrArray **ret_near)
{
	const GPtrArray *named = names_find(r->field_names, typed);
	g_autofree char *folded = NULL;
	g_autoptr(GPtrArray) slipped = NULL;
	const char *bare;

	*ret_near = NULL;
	if (strlen(typed) > NAMES_BYTES_MAX) {
		*ret_near = g_ptr_array_new();
		return NULL;
	}
	folded = text_fold(typed);
	bare = without_label(folded);
	if (!bare)
		bare = folded;
	if (!named)
		named = names_find(r->field_names, bare);
	if (!named) {
		slipped = names_find_slip(r->field_names, bare);
		named = slipped;
	}
	if (named->len == 1)
		return g_ptr_array_index(named, 0);
	if (named->len > 1) {
		*ret_near = g_ptr_array_new();
		for (guint i = 0; i < named->len && i < NEAR_MAX; i++)
			g_ptr_array_add(*ret_near, g_ptr_array_index(named, i));
	} else {
		*ret_near = names_near(r->field_names, bare, NEAR_MAX);
	}
	return NULL;
}

/* Lower case, single-spaced, without signs ("phòng, chống dịch" is "phòng chống dịch"), diacritics kept; caller frees. */
static char *spelling(const char *text)
{
	g_autofree char *nfc = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
	GString *out = g_string_new(NULL);
	bool gap = false;

	for (const char *p = nfc; p && *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!g_unichar_isalnum(c)) {
			gap = out->len > 0;
			continue;
		}
		if (gap)
			g_string_append_c(out, ' ');
		gap = false;
		g_string_append_unichar(out, g_unichar_tolower(c));
	}
	return g_string_free(out, FALSE);
}

/* True if some name of the field is spelled like the typed words, diacritics included. */
static bool is_spelled_so(const struct field *f, const char *typed)
{
	g_autofree char *lower = spelling(typed);

	for (char **alias = f->aliases; *alias; alias++) {
		g_autofree char *other = spelling(*alias);

		if (strcmp(other, lower) == 0)
			return true;
	}
	return false;
}

static bool is_upper(const char *text)
{
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		if (g_unichar_islower(g_utf8_get_char(p)))
			return false;
	}
	return true;
}

/* How telling these words are for the field; 0 = not at all. Longer is better; words whose diacritics say something else count half
 * ("một của" is not "một cửa"); "ai" and "san" are abbreviations only in capitals. */
static size_t telling(const struct field *f, const char *typed, size_t key_len)
{
	if (strcmp(f->code, FIELD_OTHER) == 0)
		return 0;
	if (key_len <= 3 && strpbrk(typed, "aeiouyAEIOUY") && !is_upper(typed))
		return 0;
	if (!g_str_is_ascii(typed) && !is_spelled_so(f, typed))
		return key_len / 2;
	return key_len;
}

struct word {
	const char *start, *end;
};

/* The words of a text where they lie. */
static GArray *split_words(const char *text)
{
	GArray *words = g_array_new(FALSE, FALSE, sizeof(struct word));
	const char *start = NULL;

	for (const char *p = text; words->len < GUESS_WORDS_MAX; p = g_utf8_next_char(p)) {
		gunichar c = *p ? g_utf8_get_char(p) : 0;
		bool is_word = c && (g_unichar_isalnum(c) || g_unichar_ismark(c));

		if (is_word && !start)
			start = p;
		if (!is_word && start) {
			g_array_append_vals(words, &(struct word){ start, p }, 1);
			start = NULL;
		}
		if (!c)
			break;
	}
	return words;
}

/* Each word as the index of names spells it; "và" is empty, as there. Folded once: an import guesses for 100,000 texts. */
static GPtrArray *fold_words(const GArray *words)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < words->len; i++) {
		const struct word *w = &g_array_index(words, struct word, i);
		g_autofree char *typed = g_strndup(w->start, (gsize)(w->end - w->start));
		char *folded = text_fold(typed);

		if (strcmp(folded, "va") == 0)
			folded[0] = '\0';
		g_ptr_array_add(all, folded);
	}
	g_ptr_array_add(all, NULL);
	return all;
}

const struct field *registry_guess_field(const struct registry *r, const char *text)
{
	g_autoptr(GArray) words = split_words(text);
	g_autoptr(GPtrArray) all = fold_words(words);
	char **folded = (char **)all->pdata;
	const struct field *best = NULL;
	size_t best_points = 0;

	for (guint from = 0; from < words->len; from++) {
		size_t key_len = 0;

		for (guint n = 1; n <= ALIAS_WORDS_MAX && from + n <= words->len && *folded[from]; n++) {
			const GPtrArray *owners = names_find_words(r->field_names, folded + from, (int)n);
			g_autofree char *typed = NULL;

			key_len += strlen(folded[from + n - 1]);
			if (!owners || key_len <= best_points)
				continue;
			typed = g_strndup(g_array_index(words, struct word, from).start,
					  (gsize)(g_array_index(words, struct word, from + n - 1).end -
						  g_array_index(words, struct word, from).start));
			for (guint i = 0; i < owners->len; i++) {
				size_t points = telling(g_ptr_array_index(owners, i), typed, key_len);

				if (points > best_points) {
					best_points = points;
					best = g_ptr_array_index(owners, i);
				}
			}
		}
	}
	return best;
}
