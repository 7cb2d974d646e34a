/* SPDX-License-Identifier: MIT */
/* Looks for what must not be stored (secrecy stamps, citizens' ID numbers) and what wants a warning (phones, bank cards). Removes
 * nothing itself. Marks and spaces are judged, not meanings: a stamp is a line, a number is its digits. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

#define ID_DIGITS 12
#define CARD_DIGITS 16
/* Digits of one number, however they are grouped; longer ones are read as several. */
#define DIGITS_MAX 32
#define GROUPS_MAX 12
/* A stamp is a short line. */
#define STAMP_BYTES_MAX 160

static const char *const stamps[] = { "tốimật",          "tuyệtmật",           "mật", "lưuhànhnộibộ", "tàiliệumật", "tàiliệutốimật",
				      "tàiliệutuyệtmật", "tàiliệulưuhànhnộibộ" };
/* Without diacritics only what is no other word: "mat" is also a face, "toi mat" is also "I lost". */
static const char *const plain_stamps[] = { "tuyetmat",   "luuhanhnoibo",  "tailieuluuhanhnoibo",
					    "tailieumat", "tailieutoimat", "tailieutuyetmat" };
static const char *const plain_capital_stamps[] = { "MAT", "TOIMAT" };
/* Urgency and copy marks may stand beside a stamp. */
#define BESIDE "khẩn thượng hỏa hoả tốc hẹn giờ khan thuong hoa toc độ"

static bool is_one_of(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

/* The line's letters without spaces and signs, NFC; words that may stand beside a stamp left out. */
static char *letters_of(const char *line, bool lower)
{
	GString *out = g_string_new(NULL);
	const char *p = line;

	while (*p) {
		const char *start;
		g_autofree char *word = NULL, *low = NULL;

		while (*p && !reader_is_word_char(g_utf8_get_char(p)))
			p = g_utf8_next_char(p);
		start = p;
		p = reader_word_end(p);
		word = g_utf8_normalize(start, p - start, G_NORMALIZE_ALL_COMPOSE);
		low = word ? g_utf8_strdown(word, -1) : NULL;
		if (low && !reader_is_in(low, BESIDE))
			g_string_append(out, lower ? low : word);
	}
	return g_string_free(out, FALSE);
}

static bool is_stamp_line(const char *line)
{
	g_autofree char *low = NULL, *typed = NULL;

	if (strlen(line) > STAMP_BYTES_MAX)
		return false;
	low = letters_of(line, true);
	typed = letters_of(line, false);
	return is_one_of(stamps, ARRAY_SIZE(stamps), low) || is_one_of(plain_stamps, ARRAY_SIZE(plain_stamps), low) ||
	       is_one_of(plain_capital_stamps, ARRAY_SIZE(plain_capital_stamps), typed);
}

/* "Độ mật: Tối mật", also inside a line; "Độ mật: không" is none. */
static bool has_secrecy_field(const char *line)
{
	g_autofree char *folded = text_fold_keep(line);

	for (const char *p = strstr(folded, "do mat"); p; p = strstr(p + 1, "do mat")) {
		const char *value = p + strlen("do mat");
		g_auto(GStrv) words = NULL;

		value += strspn(value, " \t");
		if ((p > folded && g_ascii_isalnum(p[-1])) ||
		    !(*value == ':' || *value == '=' || *value == '-' || g_str_has_prefix(value, "：")))
			continue;
		words = reader_words(value, UINT_MAX);
		if (words[0] && (reader_is_in(words[0], "mat") ||
				 (words[1] && reader_is_in(words[0], "toi tuyet") && strcmp(words[1], "mat") == 0)))
			return true;
		if (words[0] && words[1] && words[2] && strcmp(words[0], "luu") == 0 && strcmp(words[1], "hanh") == 0 &&
		    strcmp(words[2], "noi") == 0)
			return true;
	}
	return false;
}

static bool has_stamp(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);

	for (unsigned i = 0; lines[i]; i++) {
		if (is_stamp_line(lines[i]) || has_secrecy_field(lines[i]))
			return true;
	}
	return false;
}

/* A number as typed: its digits and how they were grouped. */
struct digits {
	char all[DIGITS_MAX + 1];
	unsigned n;
	unsigned group[GROUPS_MAX]; /* digits of each group */
	unsigned n_groups;
	bool has_plus;
};

/* Reads one number at p (a digit): groups joined by the same single sign, as many as fit. Returns its end. A single group that does
 * not fit gives no digits. */
static const char *take_digits(const char *text, const char *p, struct digits *d)
{
	char sign = 0;

	memset(d, 0, sizeof(*d));
	d->has_plus = p > text && p[-1] == '+';
	for (;;) {
		size_t n = strspn(p, "0123456789");

		if (n > DIGITS_MAX - d->n || d->n_groups == GROUPS_MAX)
			return d->n_groups ? p : p + n;
		memcpy(d->all + d->n, p, n);
		d->n += (unsigned)n;
		d->group[d->n_groups++] = (unsigned)n;
		p += n;
		if (!*p || !strchr(" .-", *p) || !g_ascii_isdigit(p[1]) || (sign && *p != sign))
			return p;
		sign = *p++;
	}
}

/* Groups that an ID number is read aloud in have three digits or more; short ones before and after are other numbers. */
static bool is_grouped_id(const struct digits *d)
{
	unsigned first = 0, last = d->n_groups, skipped = 0, total = 0;

	while (first < last && d->group[first] < 3)
		skipped += d->group[first++];
	while (last > first && d->group[last - 1] < 3)
		last--;
	for (unsigned i = first; i < last; i++) {
		if (d->group[i] < 3)
			return false;
		total += d->group[i];
	}
	/* "120.000.000.000" is money: all ID numbers begin with 0. */
	return last - first > 1 && total == ID_DIGITS && d->all[skipped] == '0';
}

static bool is_id_number(const struct digits *d)
{
	if (d->has_plus)
		return false;
	for (unsigned i = 0; i < d->n_groups; i++) {
		if (d->group[i] == ID_DIGITS)
			return true;
	}
	return is_grouped_id(d);
}

static bool is_luhn(const char *digits, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned v = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2)
			v = v * 2 > 9 ? v * 2 - 9 : v * 2;
		sum += v;
	}
	return sum % 10 == 0;
}

static bool is_phone_digits(const char *s, unsigned n)
{
	if (n == 10 && s[0] == '0' && strchr("35789", s[1]))
		return true;
	return n == 11 && s[0] == '0' && s[1] == '2';
}

/* Several numbers may have been typed one after the other: every run of groups is tried. */
static bool is_phone_or_card(const struct digits *d)
{
	unsigned start = 0;

	if (g_str_has_prefix(d->all, "84") && (d->n == 11 || d->n == 12) && (d->has_plus || strchr("35789", d->all[2])))
		return d->n == 11 || (d->has_plus && (d->all[2] == '0' || d->all[2] == '2'));
	for (unsigned i = 0; i < d->n_groups; start += d->group[i++]) {
		unsigned n = 0;

		for (unsigned k = i; k < d->n_groups; k++) {
			n += d->group[k];
			if (is_phone_digits(d->all + start, n) || (n == CARD_DIGITS && is_luhn(d->all + start, n)))
				return true;
		}
	}
	return false;
}

/* Addresses hold long numbers that are nobody's. */
static const char *skip_link(const char *p)
{
	if (!g_str_has_prefix(p, "http://") && !g_str_has_prefix(p, "https://") && !g_str_has_prefix(p, "www."))
		return p;
	while (*p && !g_ascii_isspace(*p))
		p++;
	return p;
}

static bool any_number(const char *text, bool (*is_it)(const struct digits *d))
{
	g_autofree char *plain = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
	const char *start = plain ? plain : text;
	const char *p = start;

	while (*p) {
		const char *after = skip_link(p);
		struct digits d;

		if (after > p) {
			p = after;
		} else if (!g_ascii_isdigit(*p)) {
			p++;
		} else {
			p = take_digits(start, p, &d);
			if (is_it(&d))
				return true;
		}
	}
	return false;
}

enum sensitive reader_sensitive(const char *text)
{
	if (has_stamp(text))
		return SENSITIVE_STAMP;
	return any_number(text, is_id_number) ? SENSITIVE_ID_NUMBER : SENSITIVE_NONE;
}

bool reader_has_phone(const char *text)
{
	return any_number(text, is_phone_or_card);
}
