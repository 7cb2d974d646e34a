/* SPDX-License-Identifier: MIT */
/* The index of names: exact, with one slip, and nearest by telling words. Decides nothing: callers ask when two fit. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "names.h"

/* From this length on a word may hold one wrong letter (domain.md §5.1). */
#define SLIP_WORD_MIN 4

struct name {
	const void *owner;
	char **words;
	guint n_words;
};
struct names {
	GHashTable *by_key;  /* words run together -> GPtrArray of owners */
	GHashTable *by_word; /* word -> GPtrArray of owners */
	GPtrArray *all;      /* struct name */
};

/* Words that are written in many ways and mean one thing. */
static const struct {
	const char *word, *meant;
} word_forms[] = {
	{ "h", "huyen" }, { "tp", "thanh pho" }, { "ub", "ubnd" }, { "vp", "van phong" }, { "va", NULL },
};

static void name_free(gpointer data)
{
	struct name *name = data;

	g_strfreev(name->words);
	g_free(name);
}

struct names *names_new(void)
{
	struct names *n = g_new0(struct names, 1);

	n->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	n->by_word = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	n->all = g_ptr_array_new_with_free_func(name_free);
	return n;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	g_hash_table_unref(n->by_key);
	g_hash_table_unref(n->by_word);
	g_ptr_array_unref(n->all);
	g_free(n);
}

char **names_words(const char *text)
{
	g_autofree char *folded = text_fold(text);
	g_auto(GStrv) typed = g_strsplit(folded, " ", -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (char **word = typed; *word; word++) {
		const char *meant = *word;

		for (size_t i = 0; i < ARRAY_SIZE(word_forms); i++) {
			if (strcmp(*word, word_forms[i].word) == 0)
				meant = word_forms[i].meant;
		}
		if (!meant || !*meant)
			continue;
		if (out->len > 0)
			g_string_append_c(out, ' ');
		g_string_append(out, meant);
	}
	g_string_replace(out, "uy ban nhan dan", "ubnd", 0);
	return g_strsplit(out->str, " ", -1);
}

static void owner_add(GHashTable *table, char *key_taken, const void *owner)
{
	GPtrArray *owners = g_hash_table_lookup(table, key_taken);

	if (!owners) {
		owners = g_ptr_array_new();
		g_hash_table_insert(table, key_taken, owners);
	} else {
		g_free(key_taken);
	}
	if (!g_ptr_array_find(owners, owner, NULL))
		g_ptr_array_add(owners, (gpointer)owner);
}

void names_add(struct names *n, const void *owner, const char *text)
{
	char **words = names_words(text);
	char *key = g_strjoinv("", words);
	struct name *name;

	if (!*key) {
		g_free(key);
		g_strfreev(words);
		return;
	}
	owner_add(n->by_key, key, owner);
	name = g_new0(struct name, 1);
	name->owner = owner;
	name->words = words;
	name->n_words = g_strv_length(words);
	for (guint i = 0; i < name->n_words; i++)
		owner_add(n->by_word, g_strdup(words[i]), owner);
	g_ptr_array_add(n->all, name);
}

const GPtrArray *names_find_words(const struct names *n, char **words, int count)
{
	g_autoptr(GString) key = g_string_new(NULL);

	for (int i = 0; words[i] && (count < 0 || i < count); i++)
		g_string_append(key, words[i]);
	return key->len > 0 ? g_hash_table_lookup(n->by_key, key->str) : NULL;
}

const GPtrArray *names_find(const struct names *n, const char *text)
{
	g_auto(GStrv) words = NULL;

	if (strlen(text) > NAMES_BYTES_MAX)
		return NULL;
	words = names_words(text);
	return names_find_words(n, words, -1);
}

static bool is_one_slip(char **typed, const struct name *name)
{
	guint slips = 0;

	for (guint i = 0; i < name->n_words; i++) {
		const char *a = typed[i], *b = name->words[i];

		if (strcmp(a, b) == 0)
			continue;
		if (++slips > 1 || MAX(strlen(a), strlen(b)) < SLIP_WORD_MIN || text_distance(a, b, 1) > 1)
			return false;
	}
	return slips == 1;
}

GPtrArray *names_find_slip(const struct names *n, const char *text)
{
	GPtrArray *found = g_ptr_array_new();
	guint n_words;
	g_auto(GStrv) words = NULL;

	if (strlen(text) > NAMES_BYTES_MAX)
		return found;
	words = names_words(text);
	n_words = g_strv_length(words);
	for (guint i = 0; i < n->all->len; i++) {
		const struct name *name = g_ptr_array_index(n->all, i);

		if (name->n_words == n_words && is_one_slip(words, name) && !g_ptr_array_find(found, name->owner, NULL))
			g_ptr_array_add(found, (gpointer)name->owner);
	}
	return found;
}

/* Points of one owner for one text. */
struct score {
	const void *owner;
	double points;
	guint order; /* of adding: what is equal stays in register order */
};

static gint by_points(gconstpointer a, gconstpointer b)
{
	const struct score *s = a, *t = b;

	if (s->points != t->points)
		return s->points > t->points ? -1 : 1;
	return s->order < t->order ? -1 : s->order > t->order;
}

static void score_add(GArray *scores, const void *owner, double points)
{
	for (guint i = 0; i < scores->len; i++) {
		struct score *s = &g_array_index(scores, struct score, i);

		if (s->owner == owner) {
			s->points += points;
			return;
		}
	}
	g_array_append_vals(scores, &(struct score){ .owner = owner, .points = points }, 1);
}

/* First place of a word in any name of the owner: "truc" means Trực Ninh rather than Nam Trực. */
static guint first_place(const struct names *n, const void *owner, const char *word)
{
	guint place = G_MAXUINT16;

	for (guint i = 0; i < n->all->len; i++) {
		const struct name *name = g_ptr_array_index(n->all, i);

		for (guint k = 0; name->owner == owner && k < name->n_words && k < place; k++) {
			if (strcmp(name->words[k], word) == 0)
				place = k;
		}
	}
	return place;
}

/* A word counts the more the fewer bear it. */
static void score_word(const struct names *n, GArray *scores, const char *word, double factor)
{
	const GPtrArray *owners = g_hash_table_lookup(n->by_word, word);

	for (guint i = 0; owners && i < owners->len; i++) {
		const void *owner = g_ptr_array_index(owners, i);
		double points = factor / owners->len;

		score_add(scores, owner, points * (1 + 0.1 / (1 + first_place(n, owner, word))));
	}
}

static void score_similar(const struct names *n, GArray *scores, const char *typed)
{
	size_t len = strlen(typed);
	GHashTableIter iter;
	gpointer word;

	if (len < 2)
		return;
	g_hash_table_iter_init(&iter, n->by_word);
	while (g_hash_table_iter_next(&iter, &word, NULL)) {
		if (g_str_has_prefix(word, typed) ||
		    (len >= SLIP_WORD_MIN && strlen(word) >= SLIP_WORD_MIN && text_distance(typed, word, 1) <= 1))
			score_word(n, scores, word, 0.5);
	}
}

GPtrArray *names_near(const struct names *n, const char *text, guint max)
{
	GPtrArray *near = g_ptr_array_new();
	g_autoptr(GArray) scores = NULL;
	g_auto(GStrv) words = NULL;
	double best;

	if (strlen(text) > NAMES_BYTES_MAX)
		return near;
	scores = g_array_new(FALSE, FALSE, sizeof(struct score));
	words = names_words(text);
	for (char **word = words; *word; word++) {
		if (g_hash_table_contains(n->by_word, *word))
			score_word(n, scores, *word, 1);
		else
			score_similar(n, scores, *word);
	}
	for (guint i = 0; i < scores->len; i++) {
		struct score *s = &g_array_index(scores, struct score, i);

		for (guint k = 0; k < n->all->len; k++) {
			if (((const struct name *)g_ptr_array_index(n->all, k))->owner == s->owner) {
				s->order = k;
				break;
			}
		}
	}
	g_array_sort(scores, by_points);
	best = scores->len > 0 ? g_array_index(scores, struct score, 0).points : 0;
	for (guint i = 0; i < scores->len && near->len < max; i++) {
		const struct score *s = &g_array_index(scores, struct score, i);

		/* Below this only words like "tỉnh" are shared. */
		if (s->points >= best * 0.15)
			g_ptr_array_add(near, (gpointer)s->owner);
	}
	return near;
}
