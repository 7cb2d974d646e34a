/* SPDX-License-Identifier: MIT */
/* "BHTN = bảo hiểm thất nghiệp", "BHTN: …", "BHTN là …", "bỏ BHTN", "BHTN là gì": an abbreviation and what is wanted of it. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "store/search/fold.h"

#include "abbreviation.h"

/* --- the list --- */

static char *plain(const char *text)
{
	g_autofree char *nfc = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);

	return g_utf8_casefold(nfc ? nfc : "", -1);
}

bool abbreviation_is_spelt(const struct abbreviation_row *r, const char *typed)
{
	g_autofree char *a = plain(r->brief), *b = plain(typed);

	return !strcmp(a, b);
}

const struct abbreviation_row *abbreviation_spelt(const GPtrArray *rows, const char *typed)
{
	for (guint i = 0; i < rows->len; i++)
		if (abbreviation_is_spelt(g_ptr_array_index(rows, i), typed))
			return g_ptr_array_index(rows, i);
	return NULL;
}

GPtrArray *abbreviation_reading(const GPtrArray *rows, const char *typed)
{
	GPtrArray *found = g_ptr_array_new();
	g_autofree char *folded = search_fold(typed);
	const struct abbreviation_row *spelt = g_str_is_ascii(typed) ? NULL : abbreviation_spelt(rows, typed);

	if (spelt)
		g_ptr_array_add(found, (void *)spelt);
	for (guint i = 0; !spelt && i < rows->len; i++) {
		const struct abbreviation_row *r = g_ptr_array_index(rows, i);

		if (!strcmp(r->folded, folded))
			g_ptr_array_add(found, (void *)r);
	}
	return found;
}

static bool is_meant(const struct abbreviation_row *r, const char *folded, bool in_part)
{
	g_auto(GStrv) meanings = g_strsplit(r->expansions, ";", -1);

	for (char **m = meanings; *m; m++) {
		g_autofree char *long_form = search_fold(*m), *padded = g_strdup_printf(" %s ", long_form),
				*wanted = g_strdup_printf(" %s ", folded);

		if (in_part ? strstr(padded, wanted) != NULL : !strcmp(long_form, folded))
			return true;
	}
	return false;
}

static GPtrArray *find_long(const GPtrArray *rows, const char *typed, bool in_part)
{
	GPtrArray *found = g_ptr_array_new();
	g_autofree char *folded = search_fold(typed);

	for (guint i = 0; *folded && i < rows->len; i++)
		if (is_meant(g_ptr_array_index(rows, i), folded, in_part))
			g_ptr_array_add(found, g_ptr_array_index(rows, i));
	return found;
}

GPtrArray *abbreviation_find(const GPtrArray *rows, const char *typed)
{
	GPtrArray *found = abbreviation_reading(rows, typed);

	for (unsigned in_part = 0; !found->len && in_part < 2; in_part++) {
		g_ptr_array_unref(found);
		found = find_long(rows, typed, in_part);
	}
	return found;
}

static bool is_brief(const GPtrArray *rows, const char *typed)
{
	g_autoptr(GPtrArray) found = abbreviation_reading(rows, typed);

	return found->len > 0;
}

static bool is_long(const GPtrArray *rows, const char *typed)
{
	g_autoptr(GPtrArray) found = find_long(rows, typed, false);

	return found->len > 0;
}

/* --- what was typed --- */

/* Without blanks, quotation marks and full stops around it; blanks inside are single. Caller frees. */
static char *tidy(const char *text, size_t len)
{
	g_autofree char *part = g_strndup(text, len);
	g_auto(GStrv) words = g_strsplit_set(part, " \t", -1);
	g_autoptr(GString) s = g_string_new(NULL);
	static const char *const around[] = { "\"", "'", "“", "”", "‘", "’", ".", ",", ";", "\n", " " };
	bool again = true;

	for (char **w = words; *w; w++)
		if (**w)
			g_string_append_printf(s, "%s%s", s->len ? " " : "", *w);
	while (again) {
		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(around); i++) {
			if (g_str_has_prefix(s->str, around[i]))
				again = g_string_erase(s, 0, (gssize)strlen(around[i])) != NULL;
			if (g_str_has_suffix(s->str, around[i]))
				again = g_string_truncate(s, s->len - strlen(around[i])) != NULL;
		}
	}
	return g_strdup(s->str);
}

struct sign {
	const char *at;
	size_t len;
};

/* The first of these signs, or NULL in at. */
static struct sign sign_find(const char *text, const char *const *signs, size_t n)
{
	struct sign first = { NULL, 0 };

	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(text, signs[i]);

		if (at && (!first.at || at < first.at))
			first = (struct sign){ at, strlen(signs[i]) };
	}
	return first;
}

/* Longer ones before their parts. A sign may also be a word or a dash, where the whole is not something of the list anyhow. */
static struct sign sign_of(const GPtrArray *rows, const char *text)
{
	static const char *const hard[] = { "=>", "->", "=", "＝", "：", ":", "→", "\n" };
	static const char *const soft[] = { " là ", " la ", " Là ", " LÀ ", " - ", " – ", " — " };
	struct sign s = sign_find(text, hard, ARRAY_SIZE(hard));

	if (s.at || is_brief(rows, text) || is_long(rows, text))
		return s;
	return sign_find(text, soft, ARRAY_SIZE(soft));
}

/* One of these words begins the text: what is behind it, else NULL. */
static const char *after_word(const char *text, const char *const *folded, size_t n)
{
	const char *space = strpbrk(text, " \n");
	g_autofree char *word = space ? g_strndup(text, (gsize)(space - text)) : NULL, *plain_word = word ? text_fold(word) : NULL;

	for (size_t i = 0; plain_word && i < n; i++)
		if (!strcmp(plain_word, folded[i]))
			return space + 1;
	return NULL;
}

/* "BHTN là gì", "BHTN nghĩa là gì?", "BHTN = ?": what is asked for; else NULL. Caller frees. */
static char *asked_for(const char *text)
{
	static const char *const ends[] = { "?", " la gi", " nghia", " viet tat", " =", " :" };
	g_autofree char *left = g_strdup(text);
	bool is_asked = false, again = true;

	while (again) {
		g_autofree char *folded = text_fold_keep(g_strchomp(left));

		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(ends) && !again; i++) {
			glong rest = g_utf8_strlen(left, -1) - g_utf8_strlen(ends[i], -1);

			if (rest < 0 || !g_str_has_suffix(folded, ends[i]) || (i > 1 && !is_asked))
				continue;
			*g_utf8_offset_to_pointer(left, rest) = '\0';
			is_asked = again = true;
		}
	}
	return is_asked ? tidy(left, strlen(left)) : NULL;
}

/* "bỏ BHTN"; but "xóa đói giảm nghèo" and "bộ công an" are long forms. */
static bool read_remove(const GPtrArray *rows, const char *text, struct abbreviation_ask *ret)
{
	static const char *const words[] = { "bo", "xoa" };
	const char *rest = after_word(text, words, ARRAY_SIZE(words));
	struct sign s = { NULL, 0 };
	g_autofree char *brief = NULL;

	if (!rest)
		return false;
	s = sign_of(rows, rest);
	brief = tidy(rest, s.at ? (size_t)(s.at - rest) : strlen(rest));
	if (!is_brief(rows, brief) && (is_long(rows, text) || strchr(brief, ' ')))
		return false;
	ret->what = ABBREVIATION_REMOVE;
	ret->brief = g_steal_pointer(&brief);
	return true;
}

void abbreviation_read(const GPtrArray *rows, const char *args, struct abbreviation_ask *ret)
{
	static const char *const words[] = { "them", "sua" };
	g_autofree char *text = tidy(args, strlen(args)), *asked = asked_for(text);
	const char *rest = after_word(text, words, ARRAY_SIZE(words)), *start;
	struct sign s;

	*ret = (struct abbreviation_ask){ .what = *text ? ABBREVIATION_LOOK : ABBREVIATION_HELP };
	if (asked && *asked) {
		ret->brief = g_steal_pointer(&asked);
		return;
	}
	if (read_remove(rows, text, ret))
		return;
	start = rest ? rest : text;
	s = sign_of(rows, start);
	/* "thêm BHTN bảo hiểm thất nghiệp" */
	if (!s.at && rest && strchr(rest, ' '))
		s = (struct sign){ strchr(rest, ' '), 1 };
	if (!s.at) {
		ret->brief = g_steal_pointer(&text);
		return;
	}
	ret->what = ABBREVIATION_SET;
	ret->brief = tidy(start, (size_t)(s.at - start));
	ret->meaning = g_strdup(s.at + s.len);
}

void abbreviation_ask_clear(struct abbreviation_ask *ask)
{
	g_clear_pointer(&ask->brief, g_free);
	g_clear_pointer(&ask->meaning, g_free);
}

/* --- whether it will do --- */

static unsigned n_letters(const char *text)
{
	unsigned n = 0;

	for (const char *p = text; *p; p = g_utf8_next_char(p))
		n += g_unichar_isalpha(g_utf8_get_char(p));
	return n;
}

static unsigned n_capitals(const char *text)
{
	unsigned n = 0;

	for (const char *p = text; *p; p = g_utf8_next_char(p))
		n += g_unichar_isupper(g_utf8_get_char(p));
	return n;
}

/* A vowel with a mark is no letter of an abbreviation; đ is. */
static bool has_vowel_mark(const char *lower)
{
	for (const char *p = lower; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c >= 0x80 && c != 0x0111 && g_unichar_isalpha(c))
			return true;
	}
	return false;
}

/* DA and SAN are abbreviations in capitals only; CUA and CÁC not even so: whole titles are written in capitals. */
static bool is_word(const char *brief, const char *folded)
{
	g_autofree char *lower = g_utf8_strdown(brief, -1);

	if (strchr(folded, ' ') || !text_is_syllable(folded))
		return false;
	return n_capitals(brief) < 2 || search_is_stop(lower) || has_vowel_mark(lower);
}

enum abbreviation_fit abbreviation_fits(const char *brief)
{
	g_autofree char *folded = search_fold(brief);
	unsigned words = 1;

	for (const char *p = folded; *p; p++)
		words += *p == ' ';
	if (strlen(folded) < 2 || !n_letters(brief))
		return ABBREVIATION_NO_BRIEF;
	if (words > ABBREVIATION_WORDS_MAX || text_len(brief, TEXT_CODE_POINTS) > ABBREVIATION_BRIEF_MAX)
		return ABBREVIATION_BRIEF_LONG;
	return is_word(brief, folded) ? ABBREVIATION_BRIEF_WORD : ABBREVIATION_FITS;
}

char *abbreviation_as_brief(const char *typed)
{
	/* What is a word when small stays one: "cua" is not meant as CUA. */
	g_autofree char *folded = search_fold(typed);
	bool is_one_word = !strpbrk(typed, " \n");

	return is_one_word && !n_capitals(typed) && !text_is_syllable(folded) ? g_utf8_strup(typed, -1) : g_strdup(typed);
}

char *abbreviation_shown(const char *expansions)
{
	g_auto(GStrv) parts = g_strsplit(expansions, ";", -1);

	return g_strjoinv("; ", parts);
}

/* Takes meaning; one that is there already is left out. */
static void meaning_add(GPtrArray *kept, char *meaning)
{
	g_autofree char *folded = plain(meaning);

	for (guint i = 0; i < kept->len; i++) {
		g_autofree char *other = plain(g_ptr_array_index(kept, i));

		if (!strcmp(folded, other)) {
			g_free(meaning);
			return;
		}
	}
	g_ptr_array_add(kept, meaning);
}

enum abbreviation_fit abbreviation_meaning(const char *brief, const char *typed, char **ret)
{
	g_auto(GStrv) parts = g_strsplit_set(typed, ";\n", -1);
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *brief_folded = search_fold(brief);

	if (strchr(typed, '='))
		return ABBREVIATION_SEVERAL;
	for (char **p = parts; *p; p++) {
		g_autofree char *meaning = tidy(*p, strlen(*p)), *folded = search_fold(meaning);

		if (!*folded || !n_letters(meaning))
			continue;
		if (!strcmp(folded, brief_folded))
			return ABBREVIATION_MEANING_SAME;
		if (text_len(meaning, TEXT_CODE_POINTS) > ABBREVIATION_MEANING_MAX)
			return ABBREVIATION_MEANING_LONG;
		meaning_add(kept, g_steal_pointer(&meaning));
	}
	if (kept->len == 0)
		return ABBREVIATION_NO_MEANING;
	if (kept->len > ABBREVIATION_MEANINGS_MAX)
		return ABBREVIATION_MEANING_LONG;
	g_ptr_array_add(kept, NULL);
	*ret = g_strjoinv(";", (char **)kept->pdata);
	return ABBREVIATION_FITS;
}
