/* SPDX-License-Identifier: MIT */
/* "Ý đồng chí là …?": queries near the typed one that find something. It only asks; what a query means on its own is spell.c's matter. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "initialism.h"
#include "spell.h"
#include "vocabulary.h"

#include "search.h"

/* For all of it: the person waits for the answer that found little. */
#define TIME_MAX_US (60 * 1000)
/* Guesses that are tried out; each is a search. */
#define TRIED_MAX 6
/* Beside a neighbour is counted up to here. */
#define PAIR_MOST 64
/* A foreign word from this length on may have a wrong letter, and from that length on two; so many words of its first letter are looked at. */
#define FOREIGN_LETTERS_MIN 4
#define FOREIGN_LETTERS_LONG 6
#define FOREIGN_WORDS_MAX 8000

struct guess {
	char *text; /* the whole query, folded */
	double score;
};
struct suggester {
	struct db *db;
	const struct registry *registry;
	const struct search_query *q;
	struct query_plan *p;
	GArray *guesses; /* struct guess, best first */
	GError **error;
};

static void guess_clear(gpointer p)
{
	g_free(((struct guess *)p)->text);
}

static struct query_word *word_at(const struct suggester *s, guint i)
{
	const struct query_line *l = g_ptr_array_index(s->p->lines, 0);

	return i < l->words->len ? g_ptr_array_index(l->words, i) : NULL;
}

static const char *known(const struct query_word *w)
{
	return w && w->n > 0 ? w->folded : NULL;
}

/* Items in which a and b stand side by side; none if one is not there. */
static bool pair_count(struct suggester *s, const char *a, const char *b, int64_t *ret_n)
{
	g_autofree char *pair = a && b ? g_strdup_printf("%s_%s", a, b) : NULL;

	*ret_n = 0;
	return !pair || vocabulary_probe(s->db, pair, PAIR_MOST, ret_n, s->error);
}

/* Takes text. */
static void guess_add(struct suggester *s, char *text, double score)
{
	struct guess g = { .text = text, .score = score };
	guint at = 0;

	for (guint i = 0; i < s->guesses->len; i++) {
		if (strcmp(g_array_index(s->guesses, struct guess, i).text, text) == 0) {
			g_free(text);
			return;
		}
	}
	while (at < s->guesses->len && g_array_index(s->guesses, struct guess, at).score >= score)
		at++;
	g_array_insert_val(s->guesses, at, g);
}

static char *text_with(const struct suggester *s, guint at, const char *word)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; word_at(s, i); i++)
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", i == at ? word : word_at(s, i)->folded);
	return g_string_free(text, FALSE);
}

/* A word in the place of another: a guess if it stands beside one of the neighbours somewhere. */
static bool try_in_place(struct suggester *s, guint at, const char *word)
{
	int64_t n, before, after;

	if (!vocabulary_n(s->db, word, &n, s->error) || !pair_count(s, at > 0 ? known(word_at(s, at - 1)) : NULL, word, &before) ||
	    !pair_count(s, word, known(word_at(s, at + 1)), &after))
		return false;
	if (n > 0 && before + after > 0)
		guess_add(s, text_with(s, at, word), log1p((double)before) + log1p((double)after));
	return true;
}

/* --- what sounds alike --- */

/* Beginnings and endings that ears and dialects mix up; one wrong letter alone is spell.c's. */
static const char *const beginnings[][2] = {
	{ "tr", "ch" }, { "gi", "d" }, { "gi", "r" }, { "d", "r" },   { "d", "v" },  { "s", "x" },
	{ "l", "n" },	{ "ngh", "ng" }, { "gh", "g" }, { "ph", "f" }, { "qu", "w" }, { "k", "c" },
};
static const char *const endings[][2] = { { "ng", "n" }, { "nh", "n" }, { "ch", "t" }, { "c", "t" }, { "ng", "nh" } };

static bool sounds_try(struct suggester *s, guint at, const char *from, const char *to, bool is_beginning)
{
	const char *word = word_at(s, at)->folded;
	size_t len = strlen(word), n = strlen(from);
	g_autofree char *other = NULL;

	if (len <= n || !(is_beginning ? g_str_has_prefix(word, from) : g_str_has_suffix(word, from)))
		return true;
	other = is_beginning ? g_strconcat(to, word + n, NULL) : g_strdup_printf("%.*s%s", (int)(len - n), word, to);
	return !text_is_syllable(other) || try_in_place(s, at, other);
}

static bool sounds_all(struct suggester *s, guint at)
{
	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		if (!sounds_try(s, at, beginnings[i][0], beginnings[i][1], true) ||
		    !sounds_try(s, at, beginnings[i][1], beginnings[i][0], true))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
		if (!sounds_try(s, at, endings[i][0], endings[i][1], false) || !sounds_try(s, at, endings[i][1], endings[i][0], false))
			return false;
	}
	return true;
}

/* --- what is written alike --- */

static bool is_letters(const char *word)
{
	return word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] == '\0' && word[0] && word[1];
}

static bool slip_try(struct suggester *s, guint at)
{
	g_autoptr(query_plan_t) p = NULL;
	g_autofree char *text = text_with(s, at, word_at(s, at)->folded);
	bool changed;

	p = query_read(text, NULL);
	for (guint i = 0; word_at(s, i); i++)
		((struct query_word *)g_ptr_array_index(((struct query_line *)g_ptr_array_index(p->lines, 0))->words, i))->n = word_at(s, i)->n;
	if (!spell_force(s->db, p, at, &changed, s->error))
		return false;
	if (changed)
		guess_add(s, query_line_text(g_ptr_array_index(p->lines, 0)), 0);
	return true;
}

/* The nearest of the words that begin alike: a name or a foreign word is spelt as people hear it. Caller frees; NULL: none is near. */
static bool foreign_find(struct suggester *s, const char *word, char **ret_best)
{
	g_autofree char *from = g_strndup(word, 1);
	unsigned most = strlen(word) >= FOREIGN_LETTERS_LONG ? 2 : 1, best = most + 1;
	struct db_stmt *st = db_prepare(s->db, "SELECT word FROM search_word WHERE word >= $1 AND word < $2 AND n > 0 LIMIT $3");
	enum db_step step;

	*ret_best = NULL;
	db_bind_text(st, 1, from);
	from[0]++; /* a letter: words that begin with a digit or with another script are not asked for */
	db_bind_text(st, 2, from);
	db_bind_int64(st, 3, FOREIGN_WORDS_MAX);
	while ((step = db_step(st, s->error)) == DB_ROW) {
		unsigned distance = text_distance(word, db_col_text(st, 0), most);

		if (distance >= best)
			continue;
		best = distance;
		g_free(*ret_best);
		*ret_best = db_col_dup(st, 0);
	}
	db_finish(st);
	return step == DB_DONE;
}

static bool is_foreign(const struct query_word *w)
{
	return w->n <= 0 && !w->is_brief && is_letters(w->folded) && strlen(w->folded) >= FOREIGN_LETTERS_MIN && !text_is_syllable(w->folded);
}

/* All foreign words at once: they stand beside each other and none of them is known. */
static bool foreign_try(struct suggester *s)
{
	g_autoptr(GString) text = g_string_new(NULL);
	bool is_any = false;

	for (guint i = 0; word_at(s, i); i++) {
		const struct query_word *w = word_at(s, i);
		g_autofree char *near = NULL;

		if (is_foreign(w) && !foreign_find(s, w->folded, &near))
			return false;
		is_any = is_any || near;
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", near ? near : w->folded);
	}
	if (is_any)
		guess_add(s, g_strdup(text->str), 0);
	return true;
}

/* --- all of it --- */

/* Nobody has written it, or not beside the words that it is asked for with. */
static bool is_out_of_place(struct suggester *s, guint at, bool *ret_out)
{
	const struct query_word *w = word_at(s, at);
	const char *before = at > 0 ? known(word_at(s, at - 1)) : NULL, *after = known(word_at(s, at + 1));
	int64_t n_before, n_after;

	*ret_out = false;
	if (w->is_brief || w->is_stop || !is_letters(w->folded))
		return true;
	if (!pair_count(s, before, w->folded, &n_before) || !pair_count(s, w->folded, after, &n_after))
		return false;
	*ret_out = w->n <= 0 || ((before || after) && n_before + n_after == 0);
	return true;
}

static bool guesses_make(struct suggester *s)
{
	for (guint i = 0; word_at(s, i) && g_get_monotonic_time() < s->p->deadline_us; i++) {
		bool is_out;

		if (!is_out_of_place(s, i, &is_out))
			return false;
		if (is_out && (!sounds_all(s, i) || !slip_try(s, i)))
			return false;
	}
	return foreign_try(s);
}

/* The guesses that find something, spelt as it is spelt there. */
static bool guesses_try(struct suggester *s, unsigned most, GPtrArray *texts)
{
	for (guint i = 0; i < s->guesses->len && i < TRIED_MAX && texts->len < most && g_get_monotonic_time() < s->p->deadline_us; i++) {
		const char *text = g_array_index(s->guesses, struct guess, i).text;
		struct search_query q = *s->q;
		g_autoptr(GPtrArray) hits = NULL;

		q.text = text;
		q.limit = 1;
		q.except = NULL;
		hits = store_search(s->db, s->registry, &q, NULL, s->error);
		if (!hits)
			return false;
		if (hits->len > 0 && ((const struct search_hit *)g_ptr_array_index(hits, 0))->all_words)
			g_ptr_array_add(texts, search_spelling(text, g_ptr_array_index(hits, 0)));
	}
	return true;
}

GPtrArray *store_search_suggest(struct db *db, const struct registry *r, const struct search_query *q, unsigned most, GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = text_clean(q->text ? q->text : "", q->text ? strlen(q->text) : 0);
	g_autoptr(query_plan_t) p = query_read(text, r);
	struct suggester s = { .db = db,
			       .registry = r,
			       .q = q,
			       .p = p,
			       .error = error };
	bool changed, ok;

	p->deadline_us = query_deadline_us(TIME_MAX_US);
	s.guesses = g_array_new(FALSE, FALSE, sizeof(struct guess));
	g_array_set_clear_func(s.guesses, guess_clear);
	/* What stood in quotes or had a minus was meant so. */
	ok = initialism_mark(db, p, error) && spell_fix(db, p, &changed, error) &&
	     (p->phrases->len + p->excluded->len > 0 || (guesses_make(&s) && guesses_try(&s, most, texts)));
	g_array_unref(s.guesses);
	return ok ? g_steal_pointer(&texts) : NULL;
}
