/* SPDX-License-Identifier: MIT */
/* Ids and numbers as typed. Whether such an item exists is not known here. */
#include <math.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

/* More digits are no id of ours. */
#define ID_DIGITS_MAX 9
#define NUMBER_DIGITS_MAX 15

static const char *const prefixes[] = { "SK", "DC", "CC", "NV", "TB", "TQ", "BH" };

static const char *known_prefix(const char *folded)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (g_ascii_strcasecmp(prefixes[i], folded) == 0)
			return prefixes[i];
	}
	return NULL;
}

/* Folded letters at p ("sk", "so"), at most a few; *ret_end past them. */
static char *take_letters(const char *p, const char **ret_end)
{
	const char *end = p;
	g_autofree char *typed = NULL;

	while (*end && reader_is_word_char(g_utf8_get_char(end)) && !g_unichar_isdigit(g_utf8_get_char(end)))
		end = g_utf8_next_char(end);
	typed = g_strndup(p, (gsize)(end - p));
	*ret_end = end;
	return text_fold(typed);
}

/* Up to `most` digits, of whatever script or decoration; -1 if there are none or more. */
static int64_t take_digits(const char **p, unsigned most)
{
	int64_t n = 0;
	unsigned digits = 0;

	for (; g_unichar_isdigit(g_utf8_get_char(*p)); *p = g_utf8_next_char(*p)) {
		n = n * 10 + g_unichar_digit_value(g_utf8_get_char(*p));
		if (++digits > most)
			return -1;
	}
	return digits > 0 ? n : -1;
}

/* "14h", "15/11", "1.200", "60%" and the like are other numbers. */
static bool ends_as_id(const char *p, bool is_bare)
{
	if (*p && reader_is_word_char(g_utf8_get_char(p)))
		return false;
	if (!is_bare || !*p)
		return true;
	return *p != '%' && !(strchr("/:.,-", *p) && g_unichar_isdigit(g_utf8_get_char(p + 1)));
}

static const char *skip_signs(const char *p)
{
	for (;;) {
		p = reader_skip_blank(p);
		if (*p && strchr(".:,;-=", *p))
			p++;
		else if (g_str_has_prefix(p, "–") || g_str_has_prefix(p, "：") || g_str_has_prefix(p, "—"))
			p += 3;
		else
			return reader_skip_space(p);
	}
}

/* After the kind's letters: "14", " 14", "-014", ".14", "#14", " số 14". */
static const char *skip_to_number(const char *p)
{
	const char *end;
	g_autofree char *so = NULL;

	p = reader_skip_blank(p);
	while (*p && strchr("-._#", *p))
		p = reader_skip_blank(p + 1);
	so = take_letters(p, &end);
	return strcmp(so, "so") == 0 ? reader_skip_blank(end) : p;
}

bool reader_id(const char *args, const char *implied, const char **ret_prefix, int64_t *ret_number, const char **ret_rest)
{
	const char *p = reader_skip_space(args), *end;
	g_autofree char *letters = take_letters(p, &end);
	const char *prefix = known_prefix(letters);
	bool is_bare = !prefix;
	int64_t number;

	if (prefix)
		p = skip_to_number(end);
	else if (strcmp(letters, "so") == 0)
		p = reader_skip_blank(end);
	else if (*letters)
		return false;
	else if (*p == '#')
		p = reader_skip_blank(p + 1);
	if (is_bare) {
		prefix = implied ? known_prefix(implied) : NULL;
		if (!prefix)
			return false;
	}
	number = take_digits(&p, ID_DIGITS_MAX);
	if (number <= 0 || !ends_as_id(p, is_bare))
		return false;
	*ret_prefix = prefix;
	*ret_number = number;
	*ret_rest = skip_signs(p);
	return true;
}

/* A comma stands before what reader_id has left. */
static bool is_behind_comma(const char *rest)
{
	while (g_ascii_isspace(rest[-1]))
		rest--;
	return rest[-1] == ',' || rest[-1] == ';';
}

const char *reader_id_next(const char *rest, const char *implied)
{
	const char *p = reader_skip_space(rest), *end, *prefix, *after;
	g_autofree char *word = take_letters(p, &end);
	bool is_next = is_behind_comma(rest);
	int64_t number;

	if (strcmp(word, "va") == 0 || *p == '&' || *p == '+') {
		is_next = true;
		p = reader_skip_space(*word ? end : p + 1);
	}
	return reader_id(p, is_next || *p == '#' ? implied : NULL, &prefix, &number, &after) ? p : NULL;
}

static double scale_of(const char *folded_word)
{
	static const struct {
		const char *words;
		double scale;
	} t[] = {
		{ "k ng ngan nghin", 1e3 },
		{ "tr trieu cu", 1e6 },
		{ "ty ti", 1e9 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		if (reader_is_in(folded_word, t[i].words))
			return t[i].scale;
	}
	return 0;
}

/* How many digits stand at p. */
static unsigned digits_at(const char *p)
{
	unsigned n = 0;

	while (g_ascii_isdigit(p[n]))
		n++;
	return n;
}

/* Digits with "." and ",": groups of three are thousands ("1.200", also "1,200"), anything else after a sign are decimals ("1,5").
 */
static bool take_number(const char **p, double *ret)
{
	unsigned n = digits_at(*p), total = n;
	double value;
	char group = 0;

	if (n == 0 || n > NUMBER_DIGITS_MAX)
		return false;
	value = 0;
	for (; n > 0; n--)
		value = value * 10 + (*(*p)++ - '0');
	while (**p && strchr(".,", **p) && digits_at(*p + 1) > 0) {
		char sign = **p;
		unsigned next = digits_at(*p + 1);
		bool is_group = next == 3 && total <= NUMBER_DIGITS_MAX && value != 0 && (group ? sign == group : total <= 3);

		if (!is_group && next > NUMBER_DIGITS_MAX)
			return false;
		(*p)++;
		if (!is_group) {
			double part = 0;

			for (unsigned i = 0; i < next; i++)
				part = part * 10 + (*(*p)++ - '0');
			value += part / pow(10, next);
			break;
		}
		for (unsigned i = 0; i < 3; i++)
			value = value * 10 + (*(*p)++ - '0');
		total += 3;
		group = sign;
	}
	*ret = value;
	return true;
}

bool reader_number(const char *text, double *ret_value, const char **ret_rest)
{
	const char *p = reader_skip_space(text), *unit, *end;
	g_autofree char *word = NULL;
	double value, scale;

	if (!take_number(&p, &value))
		return false;
	unit = reader_skip_blank(p);
	word = take_letters(unit, &end);
	scale = scale_of(word);
	if (scale > 0) {
		unsigned n = digits_at(end);

		value *= scale;
		/* "5tr2", "1tr200": what follows is the part after the comma. */
		if (n > 0 && n <= 3) {
			value += g_ascii_strtod(end, NULL) / pow(10, n) * scale;
			end += n;
		}
		p = end;
	}
	*ret_value = value;
	*ret_rest = reader_skip_space(p);
	return true;
}
