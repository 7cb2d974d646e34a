/* SPDX-License-Identifier: MIT */
/* Takes the filters ("dv: …", "lv: …", "nam: …", "loai: …", "tt: …") out of the words of a search. Does not look up what they name. */
#include <string.h>

#include "base/macros.h"

#include "reader_impl.h"

/* Items are no older than the first computers of a province's offices, and none is from the next century. */
#define YEAR_MIN 1990
#define YEAR_MAX 2100
#define YEAR_DIGITS 4
#define YEAR_DIGITS_BRIEF 2

enum filter { FILTER_NONE, FILTER_UNIT, FILTER_FIELD, FILTER_YEAR, FILTER_TYPE, FILTER_STATUS };

/* A text as it is read. */
struct source {
	const char *begin;
	bool only_years; /* "nam:" before anything else is no filter */
};

bool reader_year(const char *text, int *ret)
{
	size_t len = strlen(text);
	guint64 year;

	if ((len != YEAR_DIGITS && len != YEAR_DIGITS_BRIEF) || !g_ascii_string_to_unsigned(text, 10, 0, YEAR_MAX, &year, NULL))
		return false;
	if (len == YEAR_DIGITS_BRIEF)
		year += 2000;
	if (year < YEAR_MIN)
		return false;
	*ret = (int)year;
	return true;
}

/* "Hà Nam", "Việt Nam": at p the second part of a name. */
static bool is_in_name(const struct source *s, const char *p)
{
	const char *at = p;

	while (at > s->begin && at[-1] == ' ')
		at--;
	if (at == p || !g_str_has_prefix(p, "Nam"))
		return false;
	for (const char *before; (before = g_utf8_find_prev_char(s->begin, at)) && reader_is_word_char(g_utf8_get_char(before));)
		at = before;
	return g_unichar_isupper(g_utf8_get_char(at));
}

/* At p stands "nam:" with this value. Behind a name two digits are a number of things: "Hà Nam: 20 xã". */
static bool is_year(const struct source *s, const char *p, const char *value)
{
	const char *start = reader_skip_blank(value), *end = reader_word_end(start);
	g_autofree char *typed = g_strndup(start, (gsize)(end - start));
	int year;

	return reader_year(typed, &year) && (end - start == YEAR_DIGITS || !is_in_name(s, p));
}

/* A filter of a search at p: its kind, and where its value begins. */
static enum filter filter_at(const struct source *s, const char *p, const char **ret_value)
{
	static const struct {
		const char *words;
		enum filter filter;
		unsigned n_words;
	} t[] = {
		{ "dv dvi donvi coquan", FILTER_UNIT, 1 },
		{ "donvi coquan", FILTER_UNIT, 2 },
		{ "lv linhvuc", FILTER_FIELD, 1 },
		{ "linhvuc", FILTER_FIELD, 2 },
		{ "nam", FILTER_YEAR, 1 },
		{ "loai hinhthuc", FILTER_TYPE, 1 },
		{ "hinhthuc", FILTER_TYPE, 2 },
		{ "tt tinhtrang trangthai", FILTER_STATUS, 1 },
		{ "tinhtrang trangthai", FILTER_STATUS, 2 },
	};
	const char *ends[2];

	ends[0] = reader_word_end(p);
	ends[1] = reader_word_end(reader_skip_blank(ends[0]));
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *end = ends[t[i].n_words - 1], *sign = reader_skip_blank(end);
		g_autofree char *typed = g_strndup(p, (gsize)(end - p)), *joined = reader_joined(typed);

		if (!reader_is_in(joined, t[i].words))
			continue;
		if (*sign == ':' || *sign == '=')
			*ret_value = sign + 1;
		else if (g_str_has_prefix(sign, "："))
			*ret_value = sign + strlen("：");
		else
			continue;
		return t[i].filter == FILTER_YEAR && s->only_years && !is_year(s, p, *ret_value) ? FILTER_NONE : t[i].filter;
	}
	return FILTER_NONE;
}

/* The value ends at a line break, a comma, a semicolon or the next filter; a year is one word. */
static const char *filter_value_end(const struct source *s, const char *value, enum filter filter)
{
	const char *p = reader_skip_blank(value), *after;

	if (filter == FILTER_YEAR)
		return reader_word_end(p);
	while (*p && !strchr(",;\n", *p)) {
		if (filter_at(s, p, &after) != FILTER_NONE)
			return p;
		after = reader_word_end(p);
		p = after > p ? after : g_utf8_next_char(p);
	}
	return p;
}

static char **filter_place(struct search_words *w, enum filter filter)
{
	switch (filter) {
	case FILTER_UNIT:
		return &w->unit;
	case FILTER_FIELD:
		return &w->field;
	case FILTER_YEAR:
		return &w->year;
	case FILTER_TYPE:
		return &w->type;
	case FILTER_STATUS:
		return &w->status;
	case FILTER_NONE:
		break;
	}
	g_assert_not_reached();
}

/* Quotes around a value say nothing more: dv: "Vụ Bản". */
static char *filter_value(const char *value, const char *end)
{
	static const char *const quotes[] = { "\"", "“", "”", "'" };
	char *text = g_strstrip(g_strndup(value, (gsize)(end - value)));

	for (size_t i = 0; i < ARRAY_SIZE(quotes); i++) {
		size_t len = strlen(quotes[i]);

		if (g_str_has_prefix(text, quotes[i]))
			memmove(text, text + len, strlen(text) - len + 1);
		if (g_str_has_suffix(text, quotes[i]))
			text[strlen(text) - len] = '\0';
	}
	return g_strstrip(text);
}

static void filter_set(struct search_words *w, enum filter filter, const char *value, const char *end)
{
	char **place = filter_place(w, filter);

	g_free(*place);
	*place = filter_value(value, end);
}

/* Single-spaced; caller frees. */
static char *words_join(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\n", 0);
	GString *s = g_string_new(NULL);

	for (unsigned i = 0; words[i]; i++) {
		if (*words[i])
			g_string_append_printf(s, "%s%s", s->len > 0 ? " " : "", words[i]);
	}
	return g_string_free(s, FALSE);
}

/* *ret_odd: "nam:" was taken for a filter before what is no year. */
static void search_words_read(const struct source *s, struct search_words *ret, bool *ret_odd)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *p = reader_skip_space(s->begin);

	memset(ret, 0, sizeof(*ret));
	*ret_odd = false;
	while (*p) {
		const char *value, *end;
		enum filter filter = filter_at(s, p, &value);

		if (filter != FILTER_NONE) {
			ret->has_minus = ret->has_minus || (text->len > 0 && text->str[text->len - 1] == '-');
			*ret_odd = *ret_odd || (filter == FILTER_YEAR && !is_year(s, p, value));
			end = filter_value_end(s, value, filter);
			filter_set(ret, filter, value, end);
			p = end + (*end == ',' || *end == ';');
			g_string_append_c(text, ' ');
			continue;
		}
		end = reader_word_end(p);
		if (end == p)
			end = g_utf8_next_char(p);
		g_string_append_len(text, p, end - p);
		p = end;
	}
	ret->text = words_join(text->str);
}

/* A mistyped year is worth a word to the person only where nothing else could be looked for. */
void reader_search_words(const char *args, struct search_words *ret)
{
	struct source s = { .begin = args };
	bool is_odd;

	search_words_read(&s, ret, &is_odd);
	if (!is_odd || !*ret->text)
		return;
	search_words_clear(ret);
	s.only_years = true;
	search_words_read(&s, ret, &is_odd);
}

void search_words_clear(struct search_words *w)
{
	g_free(w->text);
	g_free(w->unit);
	g_free(w->field);
	g_free(w->year);
	g_free(w->type);
	g_free(w->status);
	memset(w, 0, sizeof(*w));
}
