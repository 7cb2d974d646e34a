/* SPDX-License-Identifier: MIT */
/* Decodes single words. Whether a query was typed so at all is spell.c's question. */
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#include "telex.h"

#define LETTERS_MAX 12

struct letters {
	gunichar c[LETTERS_MAX];
	unsigned n;
	gunichar tone; /* combining mark, 0 none */
};

static void push(struct letters *l, gunichar c)
{
	if (l->n < LETTERS_MAX)
		l->c[l->n++] = c;
}

static bool is_vowel(gunichar c)
{
	return c >= 0x80 ? c != 0x0111 : strchr("aeiouy", (int)c) != NULL;
}

static bool has_vowel(const struct letters *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (is_vowel(l->c[i]))
			return true;
	}
	return false;
}

/* Changes the last such letter; false if there is none. */
static bool change(struct letters *l, gunichar from, gunichar to)
{
	for (unsigned i = l->n; i > 0; i--) {
		if (l->c[i - 1] == from) {
			l->c[i - 1] = to;
			return true;
		}
	}
	return false;
}

static bool circumflex(struct letters *l, gunichar of)
{
	return (of == 'a' && change(l, 'a', 0x00E2)) || (of == 'e' && change(l, 'e', 0x00EA)) || (of == 'o' && change(l, 'o', 0x00F4));
}

/* w and 7: "uo" becomes "ươ" as a whole, "ua" is "ưa", "oa" is "oă". */
static bool horn(struct letters *l, bool with_breve)
{
	for (unsigned i = 0; i + 1 < l->n; i++) {
		if (l->c[i] == 'u' && l->c[i + 1] == 'o') {
			l->c[i] = 0x01B0;
			l->c[i + 1] = 0x01A1;
			return true;
		}
		/* Typed letter by letter: the ư is there already. */
		if (l->c[i] == 0x01B0 && l->c[i + 1] == 'o') {
			l->c[i + 1] = 0x01A1;
			return true;
		}
		if (with_breve && l->c[i] == 'u' && l->c[i + 1] == 'a' && (i == 0 || l->c[i - 1] != 'q')) {
			l->c[i] = 0x01B0;
			return true;
		}
	}
	if (with_breve && change(l, 'a', 0x0103))
		return true;
	return change(l, 'o', 0x01A1) || change(l, 'u', 0x01B0);
}

static bool tone(struct letters *l, gunichar c, const char *keys)
{
	static const gunichar marks[] = { 0x0301, 0x0300, 0x0309, 0x0303, 0x0323, 0 };
	const char *at = c < 0x80 && c ? strchr(keys, (int)c) : NULL;

	if (!at || !has_vowel(l))
		return false;
	l->tone = marks[at - keys];
	return true;
}

static bool take_telex(struct letters *l, gunichar c)
{
	if (c == 'd' && l->n > 0 && l->c[0] == 'd') {
		l->c[0] = 0x0111;
		return true;
	}
	if (c == 'w') {
		if (!horn(l, true))
			push(l, 0x01B0);
		return true;
	}
	return circumflex(l, c) || tone(l, c, "sfrxjz");
}

static bool take_vni(struct letters *l, gunichar c)
{
	switch (c) {
	case '6':
		return circumflex(l, 'a') || circumflex(l, 'e') || circumflex(l, 'o');
	case '7':
		return horn(l, false);
	case '8':
		return change(l, 'a', 0x0103);
	case '9':
		return l->n > 0 && change(l, 'd', 0x0111);
	default: /* not an enum: keys */
		return tone(l, c, "123450");
	}
}

char *telex_decode(const char *word)
{
	g_autofree char *plain = text_fold_keystrokes(word), *again = NULL;
	struct letters l = { .n = 0 };
	bool is_vni = false;
	GString *s;

	if (!plain)
		return NULL;
	for (const char *p = word; *p; p++)
		is_vni = is_vni || g_ascii_isdigit(*p);
	for (const char *p = word; *p; p++) {
		gunichar c = (unsigned char)*p;

		if (!(is_vni ? take_vni(&l, c) : take_telex(&l, c)))
			push(&l, c);
	}
	s = g_string_new(NULL);
	for (unsigned i = 0; i < l.n; i++)
		g_string_append_unichar(s, l.c[i]);
	if (l.tone)
		g_string_append_unichar(s, l.tone);
	/* Keys in an order that only the folding understands: then its marks are unknown. */
	again = text_fold(s->str);
	if (strcmp(again, plain) != 0)
		g_string_assign(s, plain);
	return g_string_free(s, FALSE);
}
