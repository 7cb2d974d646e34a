/* SPDX-License-Identifier: MIT */
/* Which commands may have been meant by a word that is none. Decides nothing: what may be done with a guess is the reader's to say.
 */
#include <string.h>

#include "base/text.h"

#include "reader_impl.h"

#define UNSURE_MAX 4
#define NEAREST_MAX 2

static bool is_slip_of(const struct command *c, const char *typed)
{
	g_auto(GStrv) words = g_strsplit(c->words ? c->words : "", " ", 0);

	if (strlen(typed) < READER_SLIP_MIN)
		return false;
	if (strlen(c->name) >= READER_SLIP_MIN && text_distance(typed, c->name, 1) <= 1)
		return true;
	for (unsigned i = 0; words[i]; i++) {
		if (strlen(words[i]) >= READER_SLIP_MIN && text_distance(typed, words[i], 1) <= 1)
			return true;
	}
	return false;
}

GPtrArray *reader_slips(const struct command *const *commands, const char *typed)
{
	GPtrArray *found = g_ptr_array_new();

	for (size_t i = 0; typed && commands[i] && found->len < UNSURE_MAX; i++) {
		if (is_slip_of(commands[i], typed))
			g_ptr_array_add(found, (gpointer)commands[i]);
	}
	return found;
}

/* How far the typed word is from the beginning of a command's word; above 2 = too far. */
static unsigned distance_to_start(const char *typed, const char *word)
{
	size_t len = strlen(typed);
	unsigned best = 3;

	for (size_t n = len > 1 ? len - 1 : 1; n <= len + 1 && n <= strlen(word); n++) {
		g_autofree char *start = g_strndup(word, n);

		best = MIN(best, text_distance(typed, start, 2));
	}
	return MIN(best, text_distance(typed, word, 2));
}

static unsigned common_start(const char *a, const char *b)
{
	unsigned n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* Smaller is nearer; 0 = not near. The command's own name counts more than its other words, a common beginning decides ties. */
static unsigned nearness(const struct command *c, const char *typed)
{
	g_auto(GStrv) words = g_strsplit(c->words ? c->words : "", " ", 0);
	unsigned limit = strlen(typed) < READER_SLIP_MIN ? 1 : 2, d = distance_to_start(typed, c->name), best = UINT_MAX;

	if (d <= limit)
		best = 100 * (d + 1) - common_start(typed, c->name);
	for (unsigned i = 0; words[i] && strlen(typed) >= READER_SLIP_MIN; i++) {
		d = distance_to_start(typed, words[i]);
		if (d <= limit && strlen(words[i]) >= READER_SLIP_MIN)
			best = MIN(best, 100 * (d + 2) - common_start(typed, words[i]));
	}
	return best == UINT_MAX ? 0 : best;
}

GPtrArray *reader_nearest(const struct command *const *commands, const char *typed)
{
	GPtrArray *found = g_ptr_array_new();

	while (strlen(typed) > 2 && found->len < NEAREST_MAX) {
		const struct command *best = NULL;
		unsigned best_value = UINT_MAX;

		for (size_t i = 0; commands[i]; i++) {
			unsigned value = nearness(commands[i], typed);

			if (value > 0 && value < best_value && !g_ptr_array_find(found, commands[i], NULL)) {
				best = commands[i];
				best_value = value;
			}
		}
		if (!best)
			break;
		g_ptr_array_add(found, (gpointer)best);
	}
	if (found->len > 0)
		return found;
	g_ptr_array_unref(found);
	return NULL;
}
