/* SPDX-License-Identifier: MIT */
/* Fills the places of the bot's sentences. Values are data and are copied as they are; what is said, and when, is decided by the
 * commands. */
#include "wording.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

/* Longest name of a place; the catalog's test checks it. */
#define PLACE_MAX 32
/* Most places in one sentence. */
#define PAIRS_MAX 16

static const char *const texts[MSG_COUNT] = {
	[MSG_NONE] = "",
#define W(name, text) [MSG_##name] = (text),
#include "wording_all.def"
#undef W
};

struct pair {
	const char *name, *value;
};

const char *wording_raw(enum msg id)
{
	if (id < 0 || id >= MSG_COUNT)
		abort(); /* no message: memory is not what it was */
	return texts[id];
}

/* The form of address of a place, or NULL if the place is none: {dc} inside a sentence, {Dc} at its beginning. Caller frees. */
static char *address_form(const char *address, const char *place)
{
	const char *form = address && *address ? address : "đồng chí";

	if (strcmp(place, "dc") == 0)
		return g_strdup(form);
	if (strcmp(place, "Dc") == 0)
		return text_capitalize(form);
	return NULL;
}

static void fill(GString *out, const char *address, const char *place, const struct pair *pairs, size_t n)
{
	g_autofree char *form = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(pairs[i].name, place) == 0) {
			g_string_append(out, pairs[i].value ? pairs[i].value : "");
			return;
		}
	}
	form = address_form(address, place);
	if (form) {
		g_string_append(out, form);
		return;
	}
	/* A caller that forgot a value: a bug that the tests must see, and that must not take the daemon down. */
#ifdef CDSBOT_TEST_HOOKS
	g_error("wording: no value for {%s}", place);
#else
	g_string_append(out, "…");
#endif
}

char *wording_format_va(const char *address, enum msg id, va_list ap)
{
	GString *out = g_string_new(NULL);
	struct pair pairs[PAIRS_MAX];
	size_t n = 0;
	const char *name;

	while ((name = va_arg(ap, const char *))) {
		if (n == PAIRS_MAX)
			abort(); /* a call with more values than any sentence has places */
		pairs[n].name = name;
		pairs[n++].value = va_arg(ap, const char *);
	}
	for (const char *p = wording_raw(id); *p;) {
		size_t plain = strcspn(p, "{");
		const char *end;
		char place[PLACE_MAX];

		g_string_append_len(out, p, (gssize)plain);
		p += plain;
		if (!*p)
			break;
		end = strchr(p, '}');
		if (!end || end - p > PLACE_MAX)
			abort(); /* a broken sentence: the unit test of the catalogue finds it first */
		memcpy(place, p + 1, (size_t)(end - p - 1));
		place[end - p - 1] = '\0';
		fill(out, address, place, pairs, n);
		p = end + 1;
	}
	return g_string_free(out, FALSE);
}

char *wording_format(const char *address, enum msg id, ...)
{
	va_list ap;
	char *text;

	va_start(ap, id);
	text = wording_format_va(address, id, ap);
	va_end(ap);
	return text;
}

char *wording_list(char **words)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; words && words[i]; i++) {
		if (i)
			g_string_append(out, words[i + 1] ? ", " : " và ");
		g_string_append(out, words[i]);
	}
	return g_string_free(out, FALSE);
}
