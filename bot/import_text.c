/* SPDX-License-Identifier: MIT */
/* Splits copied talk into messages. What a message is worth is import_text_item.c's. */
#include "import_text.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "reader.h"

#define TIME "\\d{1,2}[:h]\\d{2}(?::\\d{2})?(?:\\s?[AaPpSsCc][MmAaHh]\\b)?"
#define DATE "(?:(?<d>\\d{1,2})[/.-](?<m>\\d{1,2})[/.-](?<y>\\d{4}|\\d{2})|(?<y>\\d{4})-(?<m>\\d{2})-(?<d>\\d{2}))"
#define STAMP "(?:" TIME "(?:,?\\s+" DATE ")?|" DATE "(?:,?\\s+" TIME ")?)"
/* A person's name as a display name: a few words, no sentence. */
#define NAME_MAX_CHARS 60
#define NAME_MAX_WORDS 8

/* The forms, in the order in which they are tried. */
static const struct form {
	const char *pattern;
	bool is_strict; /* nothing but the name tells it from a sentence */
	unsigned min_words;
} forms[] = {
	{ "^\\[" STAMP "\\]\\s*(?<name>[^:\\n]{1,80}?)\\s*:\\s*(?<text>.*)$", false, 1 },
	{ "^\\[" STAMP "\\]\\s*(?<name>[^:\\n]{1,80}?)\\s*(?<text>)$", true, 1 },
	{ "^" STAMP "\\s+[-–]\\s+(?<name>[^:\\n]{1,80}?)\\s*:\\s*(?<text>.*)$", false, 1 },
	{ "^(?<name>[^,:\\[\\n]{1,80}?),?\\s+\\[" STAMP "\\]\\s*:?\\s*(?<text>)$", false, 1 },
	{ "^(?<name>[^,:\\n]{1,80}?),?\\s+" STAMP "\\s*:?\\s*(?<text>)$", true, 1 },
	{ "^(?<name>[^,:\\n]{1,80}?)\\s*:\\s*(?<text>)$", true, 2 },
};

void import_message_free(struct import_message *m)
{
	if (!m)
		return;
	g_free(m->sender);
	g_free(m->date);
	g_free(m->text);
	g_free(m);
}

/* --- Header lines --- */

static GRegex *form_regex(size_t n)
{
	static GRegex *compiled[ARRAY_SIZE(forms)];
	static gsize is_ready;

	if (g_once_init_enter(&is_ready)) {
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
			compiled[i] = g_regex_new(forms[i].pattern, G_REGEX_DUPNAMES, 0, NULL);
		g_once_init_leave(&is_ready, 1);
	}
	return compiled[n];
}

/* Every word begins with a capital, a digit or a sign: "Hùng VHXH Yên Lương", not "Hôm nay" nor "Hiệu quả". */
static bool looks_like_name(const char *name, unsigned min_words)
{
	g_auto(GStrv) words = g_strsplit_set(name, " \t", -1);
	unsigned n = 0;

	for (size_t i = 0; words[i]; i++) {
		gunichar c = g_utf8_get_char(words[i]);

		if (!*words[i])
			continue;
		if (g_unichar_isalpha(c) && !g_unichar_isupper(c))
			return false;
		n += g_unichar_isalpha(c) != 0;
	}
	return n >= min_words && n <= NAME_MAX_WORDS;
}

/* "Nội Dung:" is a label however it is capitalised. */
static bool is_label(const char *name)
{
	g_autofree char *line = g_strconcat(name, ": x", NULL);
	struct labelled l = { 0 };
	bool is;

	reader_labels(line, false, NULL, &l);
	is = l.fields->len > 0;
	labelled_clear(&l);
	return is;
}

static char *date_of(const GMatchInfo *match)
{
	g_autofree char *d = g_match_info_fetch_named(match, "d");
	g_autofree char *m = g_match_info_fetch_named(match, "m");
	g_autofree char *y = g_match_info_fetch_named(match, "y");
	int year, month, day;

	if (!d || !*d)
		return NULL;
	year = (int)g_ascii_strtoll(y, NULL, 10);
	month = (int)g_ascii_strtoll(m, NULL, 10);
	day = (int)g_ascii_strtoll(d, NULL, 10);
	if (year < 100)
		year += 2000;
	return g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year) ? g_strdup_printf("%04d-%02d-%02d", year, month, day) : NULL;
}

static struct import_message *read_header(const char *line, size_t form)
{
	g_autoptr(GMatchInfo) match = NULL;
	struct import_message *m;
	g_autofree char *name = NULL;

	if (!g_regex_match(form_regex(form), line, 0, &match))
		return NULL;
	name = g_strstrip(g_match_info_fetch_named(match, "name"));
	if (!*name || text_len(name, TEXT_CODE_POINTS) > NAME_MAX_CHARS ||
	    (forms[form].is_strict && (!looks_like_name(name, forms[form].min_words) || is_label(name))))
		return NULL;
	m = g_new0(struct import_message, 1);
	m->sender = g_steal_pointer(&name);
	m->date = date_of(match);
	m->text = g_match_info_fetch_named(match, "text");
	return m;
}

/* The first of these bracket the time: a program that writes such headers writes one on every message. Behind one of them the last form,
 * which has no time, is "Thị Trấn Liễu Đề:" and no person. */
#define FORMS_SURE 4
#define FORMS_WITH_TIME (ARRAY_SIZE(forms) - 1)

/* NULL: an ordinary line. *is_sure: such a header was seen; set by the first. */
static struct import_message *header_of(const char *line, bool *is_sure)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(line));
	size_t n = *is_sure ? FORMS_WITH_TIME : ARRAY_SIZE(forms);
	struct import_message *m = NULL;

	for (size_t i = 0; i < n && !m; i++) {
		m = read_header(trimmed, i);
		*is_sure = *is_sure || (m && i < FORMS_SURE);
	}
	return m;
}

/* --- Messages --- */

static void finish(GPtrArray *messages, GString *text)
{
	struct import_message *m;

	if (messages->len) {
		m = messages->pdata[messages->len - 1];
		g_free(m->text);
		m->text = g_strstrip(g_strdup(text->str));
	}
	g_string_truncate(text, 0);
}

GPtrArray *import_text_split(const char *text, GArray **ret_strays)
{
	GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)import_message_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) body = g_string_new(NULL);
	bool is_sure = false;

	*ret_strays = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (unsigned i = 0; lines[i]; i++) {
		struct import_message *m = header_of(lines[i], &is_sure);

		if (m) {
			finish(messages, body);
			m->line = i + 1;
			g_ptr_array_add(messages, m);
			g_string_assign(body, m->text);
		} else if (messages->len) {
			g_string_append_printf(body, "\n%s", lines[i]);
		} else if (*g_strstrip(lines[i])) {
			const unsigned line = i + 1;

			g_array_append_val(*ret_strays, line);
		}
	}
	finish(messages, body);
	return messages;
}

const char *import_text_sender(const GPtrArray *messages)
{
	const char *sender = NULL;

	for (guint i = 0; i < messages->len; i++) {
		const struct import_message *m = messages->pdata[i];

		if (sender && strcmp(sender, m->sender))
			return NULL;
		sender = m->sender;
	}
	return sender;
}

char *import_text_joined(const GPtrArray *messages)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < messages->len; i++) {
		const struct import_message *m = messages->pdata[i];

		if (*m->text)
			g_string_append_printf(s, "%s%s", s->len ? "\n" : "", m->text);
	}
	return g_string_free(s, FALSE);
}
