/* SPDX-License-Identifier: MIT */
/* Mends the words of a query from the index's own vocabulary. A word that somebody has written is left alone, unless the whole query was typed in
 * keystrokes. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "index.h"
#include "telex.h"
#include "vocabulary.h"

#include "spell.h"

/* A query is Telex or VNI if at least one word in this many is unknown as it stands and known once decoded. */
#define KEYSTROKES_SHARE 4
/* In a smaller group's items most syllables of the language have not been written yet: that one is unknown says nothing there. */
#define VOCABULARY_ITEMS 1000
/* Neighbours are counted up to here: more only says "often". */
#define PAIR_MOST 64
/* A longer word is no syllable with a slip; its neighbours would be thousands. Two run together may have so many more. */
#define SLIP_LETTERS_MAX 12
#define TOGETHER_LETTERS_MAX 24
/* How likely a slip is, against two letters swapped or one doubled, each of which is one of few: of a missing or another letter there are many. */
#define LIKELY_BESIDE (-0.5)
#define LIKELY_ONE_TOO_MANY (-1.0)
#define LIKELY_LEFT_OUT (-1.5)
#define LIKELY_OTHER (-3.0)
#define LIKELY_CODE 0
/* What was meant in the place of a word that exists is written in so many times as many items. */
#define DOUBT_TIMES 4
/* How much the neighbours tell, and how much the mere frequency. */
#define PAIR_WEIGHT 2.0
#define WORD_WEIGHT 0.3

static struct query_line *typed_line(const struct query_plan *p)
{
	return g_ptr_array_index(p->lines, 0);
}

static struct query_word *word_at(const struct query_plan *p, guint i)
{
	return g_ptr_array_index(typed_line(p)->words, i);
}

static bool counts_ask(struct db *db, struct query_plan *p, GError **error)
{
	for (guint i = 0; i < typed_line(p)->words->len; i++) {
		struct query_word *w = word_at(p, i);

		if (w->n < 0 && !vocabulary_n(db, w->folded, &w->n, error))
			return false;
	}
	return true;
}

/* --- keystrokes --- */

struct decoded {
	char *text[QUERY_TERMS_MAX]; /* NULL: holds no keystrokes of a known word */
	unsigned n, n_unknown;
};

static void decoded_clear(struct decoded *d)
{
	for (unsigned i = 0; i < d->n; i++)
		g_free(d->text[i]);
}

static bool decode_all(struct db *db, const struct query_plan *p, struct decoded *d, GError **error)
{
	for (; d->n < typed_line(p)->words->len; d->n++) {
		const struct query_word *w = word_at(p, d->n);
		g_autofree char *meant = w->exact ? NULL : telex_decode(w->folded), *folded = meant ? search_fold(meant) : NULL;
		int64_t n = 0;

		d->text[d->n] = NULL;
		if (!meant)
			continue;
		if (!vocabulary_n(db, folded, &n, error))
			return false;
		if (n == 0)
			continue;
		d->text[d->n] = g_steal_pointer(&meant);
		d->n_unknown += w->n == 0;
	}
	return true;
}

static bool keystrokes_read(struct db *db, struct query_plan *p, bool *ret_changed, GError **error)
{
	struct decoded d = { .n = 0 };
	bool ok = decode_all(db, p, &d, error);

	for (unsigned i = 0; ok && d.n_unknown * KEYSTROKES_SHARE >= d.n && i < d.n; i++) {
		if (!d.text[i] || d.n_unknown == 0)
			continue;
		query_replace(p, i, 1, d.text[i]);
		*ret_changed = true;
	}
	decoded_clear(&d);
	return ok && counts_ask(db, p, error);
}

/* --- a wrong letter, a missing blank --- */

struct guess {
	struct db *db;
	const char *before, *after; /* the neighbours, NULL none */
	int64_t n_least;	    /* items that a word must be in */
	bool fits_both;		    /* ... and it must stand beside both of them */
	char *best;
	double best_score;
	bool best_fits; /* it stands beside one of the neighbours somewhere */
	GError **error;
};

static bool pair_count(struct guess *g, const char *a, const char *b, int64_t *ret_n)
{
	g_autofree char *pair = NULL;

	*ret_n = 0;
	if (!a || !b)
		return true;
	pair = g_strdup_printf("%s_%s", a, b);
	return vocabulary_probe(g->db, pair, PAIR_MOST, ret_n, g->error);
}

/* Weighs what may have been meant: first and last are its first and last word, the same for one word. */
static bool weigh(struct guess *g, const char *text, const char *first, const char *last, double bonus)
{
	int64_t before, after;
	double score;

	if (!pair_count(g, g->before, first, &before) || !pair_count(g, last, g->after, &after))
		return false;
	if (g->fits_both && ((g->before && before == 0) || (g->after && after == 0)))
		return true;
	score = bonus + PAIR_WEIGHT * (log1p((double)before) + log1p((double)after));
	if (!g->best || score > g->best_score) {
		g_free(g->best);
		g->best = g_strdup(text);
		g->best_score = score;
		g->best_fits = before + after > 0;
	}
	return true;
}

static bool count_stored(struct db *db, const char *word, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT n FROM search_word WHERE word = $1");

	db_bind_text(st, 1, word);
	return db_run_int64(st, 0, ret_n, error);
}

static bool try_word(struct guess *g, GHashTable *seen, const char *word, double likely)
{
	int64_t n;

	if (g_hash_table_contains(seen, word))
		return true;
	g_hash_table_add(seen, g_strdup(word));
	if (!count_stored(g->db, word, &n, g->error))
		return false;
	return n < MAX(g->n_least, 1) || weigh(g, word, word, word, likely + WORD_WEIGHT * log1p((double)n));
}

static bool are_beside(char a, char b)
{
	static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm" };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *p = strchr(rows[i], a);

		if (p && (p[1] == b || (p > rows[i] && p[-1] == b)))
			return true;
	}
	return false;
}

/* Letter i gone (a doubled one is the likelier), or it and the next one swapped. */
static bool try_without(struct guess *g, GHashTable *seen, const char *word, size_t i)
{
	char edit[SLIP_LETTERS_MAX + 2];
	size_t len = strlen(word);

	memcpy(edit, word, i);
	memcpy(edit + i, word + i + 1, len - i);
	if (len > 1 && !try_word(g, seen, edit, word[i] == word[i + 1] ? 0 : LIKELY_ONE_TOO_MANY))
		return false;
	if (i + 1 >= len)
		return true;
	edit[i] = word[i + 1];
	edit[i + 1] = word[i];
	memcpy(edit + i + 2, word + i + 2, len - i - 1);
	return try_word(g, seen, edit, 0);
}

/* Any letter before letter i, or in its place. */
static bool try_other(struct guess *g, GHashTable *seen, const char *word, size_t i)
{
	char edit[SLIP_LETTERS_MAX + 2];
	size_t len = strlen(word);

	memcpy(edit, word, i);
	for (int c = 'a'; c <= 'z'; c++) {
		edit[i] = (char)c;
		memcpy(edit + i + 1, word + i, len - i + 1);
		if (!try_word(g, seen, edit, LIKELY_LEFT_OUT))
			return false;
		if (i == len)
			continue;
		memcpy(edit + i + 1, word + i + 1, len - i);
		if (!try_word(g, seen, edit, are_beside((char)c, word[i]) ? LIKELY_BESIDE : LIKELY_OTHER))
			return false;
	}
	return true;
}

/* Every word one letter away: some hundred, each one look into the vocabulary. The likelier slips first: a word is weighed but once. */
static bool try_slips(struct guess *g, const char *word)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t len = strlen(word);

	for (size_t i = 0; i < len && len <= SLIP_LETTERS_MAX; i++) {
		if (!try_without(g, seen, word, i))
			return false;
	}
	for (size_t i = 0; i <= len && len <= SLIP_LETTERS_MAX; i++) {
		if (!try_other(g, seen, word, i))
			return false;
	}
	return true;
}

/* The words as the index has them: "mypham" is "mi pham" there. */
static bool try_split(struct guess *g, const char *word, size_t at)
{
	g_autofree char *typed = g_strndup(word, at), *a = search_fold(typed), *b = search_fold(word + at), *text = g_strdup_printf("%s %s", a, b);
	int64_t n_a, n_b = 0, pair = 0;

	if (!count_stored(g->db, a, &n_a, g->error) || (n_a > 0 && !count_stored(g->db, b, &n_b, g->error)) ||
	    (n_b > 0 && !pair_count(g, a, b, &pair)))
		return false;
	return pair == 0 || weigh(g, text, a, b, PAIR_WEIGHT * log1p((double)pair));
}

static bool is_digits(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

/* "NQ57": a code is written in more than one order, its parts need not stand side by side. */
static bool try_code(struct guess *g, const char *word)
{
	const size_t n_letters = strcspn(word, "0123456789");
	g_autofree char *letters = g_strndup(word, n_letters), *text = g_strdup_printf("%s %s", letters, word + n_letters);
	int64_t n_a, n_b;

	if (n_letters == 0 || !is_digits(word + n_letters) || word[n_letters] == '\0')
		return true;
	if (!count_stored(g->db, letters, &n_a, g->error) || !count_stored(g->db, word + n_letters, &n_b, g->error))
		return false;
	return n_a <= 0 || n_b <= 0 || weigh(g, text, letters, word + n_letters, LIKELY_CODE);
}

/* Three words: each known, and the two pairs of them written somewhere. */
static bool try_three(struct guess *g, const char *word, size_t first, size_t second)
{
	g_autofree char *a = g_strndup(word, first), *b = g_strndup(word + first, second - first);
	const char *c = word + second;
	g_autofree char *text = g_strdup_printf("%s %s %s", a, b, c);
	int64_t n, before, after;

	if (!text_is_syllable(a) || !text_is_syllable(b) || !text_is_syllable(c))
		return true;
	if (!count_stored(g->db, b, &n, g->error))
		return false;
	if (n <= 0)
		return true;
	if (!pair_count(g, a, b, &before))
		return false;
	if (before == 0)
		return true;
	if (!pair_count(g, b, c, &after))
		return false;
	return after == 0 || weigh(g, text, a, c, PAIR_WEIGHT * (log1p((double)before) + log1p((double)after)));
}

static bool try_splits(struct guess *g, const char *word)
{
	const size_t len = strlen(word);

	for (size_t i = 1; i < len; i++) {
		if (!try_split(g, word, i))
			return false;
	}
	if (!g->best && !try_code(g, word))
		return false;
	for (size_t i = 1; !g->best && i + 1 < len; i++) {
		for (size_t k = i + 1; k < len; k++) {
			if (!try_three(g, word, i, k))
				return false;
		}
	}
	return true;
}

static bool is_letters(const char *word)
{
	for (; *word; word++) {
		if (!g_ascii_islower(*word))
			return false;
	}
	return true;
}

static const char *known_neighbour(const struct query_plan *p, guint i, bool is_there)
{
	return is_there && word_at(p, i)->n > 0 ? word_at(p, i)->folded : NULL;
}

static bool word_mend(struct db *db, struct query_plan *p, guint i, bool must_fit, bool *ret_changed, GError **error)
{
	const struct query_word *w = word_at(p, i);
	guint n = typed_line(p)->words->len;
	g_autofree char *keys = w->exact ? NULL : telex_decode(w->folded), *folded = keys ? search_fold(keys) : NULL;
	struct guess g = { .db = db,
			   .before = known_neighbour(p, i - 1, i > 0),
			   .after = known_neighbour(p, i + 1, i + 1 < n),
			   .error = error };
	bool ok;
	int64_t n_keys = 0;

	if (folded && !count_stored(db, folded, &n_keys, error))
		return false;
	ok = (n_keys <= 0 || weigh(&g, keys, folded, folded, WORD_WEIGHT * log1p((double)n_keys))) &&
	     (!is_letters(w->folded) || try_slips(&g, w->folded)) && try_splits(&g, w->folded);
	if (ok && g.best && (g.best_fits || !must_fit)) {
		query_replace(p, i, 1, g.best);
		*ret_changed = true;
	}
	g_free(g.best);
	return ok;
}

/* Nobody has written it, and it is none of the words that just have not come up. */
static bool is_slip(const struct query_word *w, int64_t n_items)
{
	size_t len = strlen(w->folded);

	if (w->n > 0 || w->is_brief || len < 2 || len > TOGETHER_LETTERS_MAX || !g_str_is_ascii(w->folded) || is_digits(w->folded))
		return false;
	return n_items >= VOCABULARY_ITEMS || !text_is_syllable(w->folded);
}

bool spell_fix(struct db *db, struct query_plan *p, bool *ret_changed, GError **error)
{
	int64_t n_items;

	*ret_changed = false;
	if (!counts_ask(db, p, error) || !keystrokes_read(db, p, ret_changed, error) || !search_index_count(db, &n_items, error))
		return false;
	for (guint i = 0; i < typed_line(p)->words->len; i++) {
		/* Among few words some is always one letter away: then it must also stand where it would be put. */
		bool must_fit = n_items < VOCABULARY_ITEMS && typed_line(p)->words->len > 1;

		if (is_slip(word_at(p, i), n_items) &&
		    (!word_mend(db, p, i, must_fit, ret_changed, error) || !counts_ask(db, p, error)))
			return false;
	}
	return true;
}

/* --- words that somebody has written, elsewhere --- */

/* Whether words i and i + 1 stand side by side in any item; of the line's ends, and of a word that nobody has written, that is not to be known. */
enum beside { BESIDE_UNKNOWN, BESIDE_NEVER, BESIDE_SOMEWHERE };

static bool beside_ask(struct db *db, const struct query_plan *p, guint i, enum beside *ret, GError **error)
{
	const char *a = known_neighbour(p, i, i < typed_line(p)->words->len), *b = known_neighbour(p, i + 1, i + 1 < typed_line(p)->words->len);
	g_autofree char *pair = a && b ? g_strdup_printf("%s_%s", a, b) : NULL;
	int64_t n;

	*ret = BESIDE_UNKNOWN;
	if (!pair)
		return true;
	if (!vocabulary_probe(db, pair, 1, &n, error))
		return false;
	*ret = n > 0 ? BESIDE_SOMEWHERE : BESIDE_NEVER;
	return true;
}

static bool may_be_doubted(const struct query_word *w)
{
	size_t len = strlen(w->folded);

	return w->n > 0 && !w->is_stop && !w->is_brief && len >= 2 && len <= SLIP_LETTERS_MAX && is_letters(w->folded);
}

static bool doubt_try(struct db *db, struct query_plan *p, guint i, GError **error)
{
	const struct query_word *w = word_at(p, i);
	guint n = typed_line(p)->words->len;
	struct guess g = { .db = db,
			   .before = known_neighbour(p, i - 1, i > 0),
			   .after = known_neighbour(p, i + 1, i + 1 < n),
			   .n_least = w->n * DOUBT_TIMES,
			   .fits_both = true,
			   .error = error };
	bool ok = try_slips(&g, w->folded);

	if (ok && g.best)
		query_add_doubt(p, i, g.best);
	g_free(g.best);
	return ok;
}

bool spell_doubt(struct db *db, struct query_plan *p, GError **error)
{
	const guint n = typed_line(p)->words->len;
	enum beside before = BESIDE_UNKNOWN, after;
	int rarest = -1;

	for (guint i = 0; n > 1 && i < n; i++, before = after) {
		bool is_doubtful;

		if (!beside_ask(db, p, i, &after, error))
			return false;
		is_doubtful = before != BESIDE_SOMEWHERE && after != BESIDE_SOMEWHERE && (before == BESIDE_NEVER || after == BESIDE_NEVER);
		if (is_doubtful && may_be_doubted(word_at(p, i)) && (rarest < 0 || word_at(p, i)->n < word_at(p, (guint)rarest)->n))
			rarest = (int)i;
	}
	return rarest < 0 || doubt_try(db, p, (guint)rarest, error);
}

bool spell_force(struct db *db, struct query_plan *p, guint i, bool *ret_changed, GError **error)
{
	*ret_changed = false;
	return strlen(word_at(p, i)->folded) > TOGETHER_LETTERS_MAX || word_mend(db, p, i, true, ret_changed, error);
}
