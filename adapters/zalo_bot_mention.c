/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "zalo_bot_mention.h"

#define FALLBACK_WORDS_MAX 10 /* a bot's name is shorter; what stands further back is no command of this message */

static bool is_word_char(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(const char *s)
{
	return is_blank(*s) || *s == '\n';
}

/* "@" as typed on any keyboard: its length, 0 if there is none. */
static size_t at_len(const char *s)
{
	if (*s == '@')
		return 1;
	return g_str_has_prefix(s, "\xEF\xBC\xA0") ? 3 : 0; /* U+FF20 */
}

static bool is_command_mark(const char *s)
{
	return *s == '/' || *s == '\\' || g_str_has_prefix(s, "\xEF\xBC\x8F"); /* U+FF0F */
}

static const char *skip_blanks(const char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* Between the mention and what is said: "@Bot Sổ Trực: điểm danh", "@Bot Sổ Trực - /tim". */
static const char *skip_separators(const char *s)
{
	static const gunichar marks[] = { ',', ':', ';', '.', '!', '-', 0x2013, 0x2014 };

	for (; *s; s = g_utf8_next_char(s)) {
		gunichar c = g_utf8_get_char(s);
		bool is_mark = false;

		for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
			is_mark |= c == marks[i];
		if (!is_mark && !g_unichar_isspace(c))
			break;
	}
	return s;
}

static char *single_spaced(const char *clean)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *s = clean; *s; s++) {
		if (!is_space(s))
			g_string_append_c(out, *s);
		else if (out->len > 0 && !is_blank(out->str[out->len - 1]))
			g_string_append_c(out, ' ');
	}
	return g_strchomp(g_string_free(g_steal_pointer(&out), FALSE));
}

static void add_once(GPtrArray *names, char *name) /* takes */
{
	if (*name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
		g_ptr_array_add(names, name);
	else
		g_free(name);
}

void zalo_bot_mention_add(GPtrArray *names, const char *name_or_null)
{
	g_autofree char *clean = name_or_null ? text_clean(name_or_null, strlen(name_or_null)) : NULL, *spaced = NULL;
	const char *name, *end;

	if (!clean)
		return;
	spaced = single_spaced(clean);
	name = skip_blanks(spaced + at_len(spaced));
	add_once(names, g_strdup(name));
	for (end = name + strlen(name); end > name; end = g_utf8_prev_char(end))
		if (is_word_char(g_utf8_get_char(g_utf8_prev_char(end))))
			break;
	add_once(names, g_strndup(name, (gsize)(end - name)));
}

/* Length of the name at s, 0 if it is not there. Letters without case; one space of the name is any run of spaces of the text. */
static size_t name_len(const char *s, const char *name)
{
	const char *p = s;
	gunichar last = 0;

	while (*name) {
		if (is_blank(*name)) {
			if (!is_blank(*p))
				return 0;
			p = skip_blanks(p);
			name++;
			continue;
		}
		last = g_utf8_get_char(name);
		if (!*p || g_unichar_tolower(g_utf8_get_char(p)) != g_unichar_tolower(last))
			return 0;
		p = g_utf8_next_char(p);
		name = g_utf8_next_char(name);
	}
	/* "@Bot Sổ" is not in "@Bot Sổng". */
	return is_word_char(last) && *p && is_word_char(g_utf8_get_char(p)) ? 0 : (size_t)(p - s);
}

/* Length of the own mention at s with its "@", 0 if there is none. */
static size_t mention_len(const char *s, const GPtrArray *names)
{
	size_t at = at_len(s), longest = 0;

	for (guint i = 0; at > 0 && i < names->len; i++)
		longest = MAX(longest, name_len(s + at, names->pdata[i]));
	return longest > 0 ? at + longest : 0;
}

/* End of the command's word in front ("/tim@Bot Sổ Trực"), or the text's start if there is none. */
static const char *command_end(const char *text)
{
	return is_command_mark(text) ? text + strcspn(text, " \t\n") : text;
}

/* Is there an "@" that may begin a mention? Not that of an address ("an@bot.vn"); but that of a command's word is one. */
static bool may_begin(const char *text, const char *end_of_command, const char *s)
{
	return at_len(s) > 0 && (s <= end_of_command || s == text || !is_word_char(g_utf8_get_char(g_utf8_prev_char(s))));
}

/* Names of bots begin with "Bot" by rule (zalo-bot.md §1): so does a mention of the own one under a name that nobody told us. */
static bool is_bot_like(const char *s)
{
	size_t at = at_len(s);

	return at > 0 && g_ascii_strncasecmp(s + at, "bot", 3) == 0;
}

static bool holds_bot_like(const char *text)
{
	const char *end = command_end(text);

	for (const char *s = text; *s; s = g_utf8_next_char(s))
		if (is_bot_like(s) && may_begin(text, end, s))
			return true;
	return false;
}

/* The first bytes of s, folded and glued as command names are ("chia sẻ" = "chiase"); caller frees. */
static char *glued(const char *s, size_t len)
{
	g_autofree char *part = g_strndup(s, len), *folded = text_fold(part);
	g_auto(GStrv) words = g_strsplit(folded, " ", -1);

	return g_strjoinv("", words);
}

/* Is the word at s, or that with the next, a command? */
static bool is_command(const char *s, const GPtrArray *commands)
{
	size_t one = strcspn(s, " \t\n");
	const char *next = skip_blanks(s + one);
	g_autofree char *first = glued(s, one), *both = glued(s, (size_t)(next - s) + strcspn(next, " \t\n"));

	for (guint i = 0; commands && i < commands->len; i++)
		if (g_str_equal(first, commands->pdata[i]) || g_str_equal(both, commands->pdata[i]))
			return true;
	return false;
}

/* Where the message begins behind a mention whose name is not known; NULL: cannot be told. */
static const char *find_command(const char *text, const GPtrArray *commands)
{
	const char *s = text;

	for (unsigned n = 0; n < FALLBACK_WORDS_MAX; n++) {
		s += strcspn(s, " \t\n");
		while (is_space(s))
			s++;
		if (!*s)
			return NULL;
		if (is_command_mark(s) || is_command(s, commands))
			return s;
	}
	return NULL;
}

/* Takes one mention out of the middle: what stood around it is parted by one space, or by what else parts it. */
static const char *join_around(GString *out, const char *rest)
{
	const char *next = skip_blanks(rest);

	while (out->len > 0 && is_blank(out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	if (*next && *next != '\n' && !strchr(",.;:!?)", *next) && out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, ' ');
	return next;
}

char *zalo_bot_mention_strip(const char *text, const GPtrArray *names, const GPtrArray *commands, bool *ret_is_mentioned)
{
	g_autofree char *clean = text_clean(text, strlen(text));
	g_autoptr(GString) out = g_string_new(NULL);
	const char *s = clean, *end = command_end(clean), *command;
	bool is_known = false;

	while (is_space(s))
		s++;
	for (size_t len; (len = mention_len(s, names)) > 0; is_known = true)
		s = skip_separators(s + len);
	if (!is_known && is_bot_like(s) && (command = find_command(s, commands)))
		s = command;
	while (*s) {
		const char *next = g_utf8_next_char(s);
		size_t len = may_begin(clean, end, s) ? mention_len(s, names) : 0;

		if (len > 0) {
			is_known = true;
			s = join_around(out, s + len);
			continue;
		}
		g_string_append_len(out, s, next - s);
		s = next;
	}
	*ret_is_mentioned = is_known || holds_bot_like(clean);
	return text_clean(out->str, out->len); /* what was parted may compose now */
}
