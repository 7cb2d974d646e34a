/* SPDX-License-Identifier: MIT */
/* Writes the expressions, reads their rows in stretches with an eye on the clock, and joins them. */
#include <string.h>

#include "gather.h"

#include "asking.h"

/* Words that are asked for together in any case; a common one only as long as FTS5 has not more rows than this to step over. */
#define REQUIRED_LEAST 2
#define REQUIRED_COST 60000
/* Longer lines are sentences: nobody has written them so. */
#define FULL_WORDS_MAX 10
/* With more of them than can be read, the index itself has to tell which have the marks. */
#define FULL_MAX 24
/* Pairs that are asked for in any case; more of them up to about so many rows. */
#define PAIRS_LEAST 3
#define PAIRS_ROWS 4000
/* Rows of a pair that may be longer than PAIR_LONG, newest first; and of the line as it stands. */
#define PAIR_ROWS 2000
#define PAIR_LONG 20000
#define WHOLE_ROWS 300
/* Two words with marks are looked for among the newest items alone, if both are common: their pair is one without. */
#define WHOLE_CHUNKS 1
/* Rows with all words: as many as are counted at all. */
#define WORDS_ROWS 1000
/* Rows of a single common word's titles. */
#define TITLE_ROWS 300
/* Rows of rare words, all of them together; of the rarest so many if it alone has more. */
#define LOOSE_ROWS 2500
/* Rows that FTS5 may have to step over between two looks at the clock: some ten milliseconds. */
#define CHUNK_ROWS 200000
/* ... where each of them is asked for in the table of items. */
#define CHUNK_ROWS_ASKED 20000
/* Beyond its time a search without any hit goes on so long. */
#define MERCY_US (120 * 1000)

/* What the phrases of an expression stand for. */
struct expression {
	GString *match;
	unsigned place[GATHER_PHRASES_MAX], n;
	enum { OF_PAIRS, OF_WORDS, OF_WHOLE } what;
	bool with_window;
	int64_t cost; /* rows that FTS5 steps over */
	unsigned most, most_chunks; /* 0: all of them */
};

/* --- rows --- */

static struct hit hit_of(const struct expression *e, const struct gather_row *row)
{
	struct hit h = { .id = row->id, .window = row->window, .is_whole = e->what == OF_WHOLE };
	uint32_t has = 0, title = 0;

	for (unsigned i = 0; i < e->n; i++) {
		has |= row->has >> i & 1 ? bit(e->place[i]) : 0;
		title |= row->title >> i & 1 ? bit(e->place[i]) : 0;
	}
	if (e->what == OF_PAIRS) {
		h.pairs = has;
		h.pairs_title = title;
	} else {
		h.words = has;
		h.words_title = title;
	}
	return h;
}

static void hit_join(struct hit *to, const struct hit *h)
{
	to->pairs |= h->pairs;
	to->pairs_title |= h->pairs_title;
	to->words |= h->words;
	to->words_title |= h->words_title;
	to->window = h->window > 0 ? h->window : to->window;
	to->is_whole = to->is_whole || h->is_whole;
}

/* Both are in order: rows of both become one. */
static void hits_add(struct asking *a, const struct expression *e, const GArray *rows)
{
	GArray *both = g_array_sized_new(FALSE, FALSE, sizeof(struct hit), a->hits->len + rows->len);
	guint i = 0;

	for (guint k = 0; k < rows->len; k++) {
		struct hit h = hit_of(e, &g_array_index(rows, struct gather_row, k));

		for (; i < a->hits->len && g_array_index(a->hits, struct hit, i).id > h.id; i++)
			g_array_append_val(both, g_array_index(a->hits, struct hit, i));
		if (i < a->hits->len && g_array_index(a->hits, struct hit, i).id == h.id)
			hit_join(&h, &g_array_index(a->hits, struct hit, i++));
		g_array_append_val(both, h);
	}
	if (i < a->hits->len)
		g_array_append_vals(both, &g_array_index(a->hits, struct hit, i), a->hits->len - i);
	g_array_unref(a->hits);
	a->hits = both;
}

/* --- asking --- */

/* Late or not, there should be something to show. */
static bool is_late(struct reading *r)
{
	int64_t late_us = g_get_monotonic_time() - r->deadline_us;

	r->out->is_partial = r->out->is_partial || late_us > (r->has_found ? 0 : MERCY_US);
	return r->out->is_partial;
}

/* Newest items first, in stretches that do not take long each; nothing inside FTS5 looks at a clock. */
static bool rows_gather(struct asking *a, const char *match, const struct expression *e, struct gather *g)
{
	struct reading *r = a->r;
	int64_t chunks = 1 + e->cost / (r->not_wanted ? CHUNK_ROWS : CHUNK_ROWS_ASKED), step = r->last_id / chunks + 1, read = 0;

	for (int64_t last = r->last_id; last > 0 && (e->most_chunks == 0 || read < e->most_chunks); last -= step, read++) {
		if (is_late(r))
			return true;
		if (!gather_run(r->db, match, last - step + 1, last, g, r->error))
			return false;
		r->has_found = r->has_found || g->rows->len > 0;
		r->out->is_partial = r->out->is_partial || g->is_late;
		if (g->is_cut)
			return true;
	}
	return true;
}

static bool ask(struct asking *a, const struct expression *e, bool *ret_cut)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct gather_row));
	struct gather g = { .wanted = a->r->not_wanted ? NULL : a->r->q, .not_wanted = a->r->not_wanted,
			    .n_phrases = e->what == OF_WHOLE ? 0 : e->n, .with_window = e->with_window, .most = e->most,
			    .deadline_us = a->r->deadline_us, .rows = rows };
	g_autofree char *match = query_match_strict(a->r->p, e->match->str);

	if (e->n == 0)
		return true;
	if (!rows_gather(a, match, e, &g))
		return false;
	if (ret_cut)
		*ret_cut = *ret_cut || g.is_cut;
	hits_add(a, e, rows);
	return true;
}

static void expression_begin(struct expression *e, int what, const char *prefix)
{
	memset(e, 0, sizeof(*e));
	e->what = what;
	e->match = g_string_new(prefix);
}

static void expression_add(struct expression *e, unsigned place, const char *token, const char *operator)
{
	if (e->n > 0)
		g_string_append(e->match, operator);
	query_quote(e->match, token);
	e->place[e->n++] = place;
}

/* --- words --- */

/* Of the words in `from` the one that the fewest items have; -1 none. */
static int rarest(const struct asking *a, uint32_t from)
{
	int best = -1;

	for (unsigned i = 0; i < a->l->n; i++) {
		if (from & bit(i) && (best < 0 || a->n[i] < a->n[best]))
			best = (int)i;
	}
	return best;
}

void ask_require(struct asking *a)
{
	uint32_t rest = a->telling;
	int64_t cost = 0;

	a->required = 0;
	for (int i = rarest(a, rest); i >= 0; i = rarest(a, rest)) {
		bool is_enough = __builtin_popcount(a->required) >= REQUIRED_LEAST;

		cost += a->n[i];
		if (is_enough && (cost > REQUIRED_COST || (a->n_full > 0 && a->common & bit((unsigned)i))))
			return;
		a->required |= bit((unsigned)i);
		rest &= ~bit((unsigned)i);
	}
}

bool ask_words(struct asking *a)
{
	uint32_t wanted = a->required;
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, NULL);
	e.with_window = true;
	e.most = WORDS_ROWS;
	for (int i = rarest(a, wanted); i >= 0; i = rarest(a, wanted)) {
		if (a->n[i] == 0) {
			e.n = 0; /* nobody has written it */
			break;
		}
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " AND ");
		e.cost += a->n[i];
		wanted &= ~bit((unsigned)i);
	}
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_title(struct asking *a)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, "title : ");
	expression_add(&e, 0, word_at(a, 0)->folded, "");
	e.with_window = true; /* as ask_words(): or else any body that has it would go before these titles */
	e.most = TITLE_ROWS;
	e.cost = a->n[0];
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_loose(struct asking *a)
{
	uint32_t from = a->telling & ~a->common;
	struct expression e;
	bool ok;

	expression_begin(&e, OF_WORDS, NULL);
	for (int i = rarest(a, from); i >= 0; i = rarest(a, from)) {
		from &= ~bit((unsigned)i);
		if (a->n[i] == 0)
			continue;
		if (e.n > 0 && e.cost + a->n[i] > LOOSE_ROWS)
			break;
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " OR ");
		e.cost += a->n[i];
	}
	e.most = LOOSE_ROWS;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

/* --- pairs --- */

static void pair_add(struct expression *e, const struct asking *a, unsigned i, const char *operator)
{
	g_autofree char *pair = g_strconcat(word_at(a, i)->folded, "_", word_at(a, i + 1)->folded, NULL);

	expression_add(e, i, pair, operator);
}

static bool ask_long_pair(struct asking *a, unsigned i)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_PAIRS, NULL);
	pair_add(&e, a, i, "");
	e.most = PAIR_ROWS;
	ok = ask(a, &e, &a->is_cut);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_full(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || a->l->n > FULL_WORDS_MAX)
		return true;
	expression_begin(&e, OF_PAIRS, NULL);
	e.most = WORDS_ROWS;
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (pair_most(a, i) == 0) {
			e.n = 0;
			break;
		}
		pair_add(&e, a, i, " AND ");
		e.cost += pair_guess(a, i);
	}
	ok = ask(a, &e, NULL);
	a->n_full = a->hits->len;
	g_string_free(e.match, TRUE);
	return ok;
}

/* Of the pairs in `from` the one that the fewest rows can have; -1 none. */
static int rarest_pair(const struct asking *a, uint32_t from)
{
	int best = -1;

	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (from & bit(i) && (best < 0 || pair_most(a, i) < pair_most(a, (unsigned)best)))
			best = (int)i;
	}
	return best;
}

bool ask_pairs(struct asking *a)
{
	uint32_t from = every_pair(a);
	struct expression e;
	bool ok = true;

	expression_begin(&e, OF_PAIRS, NULL);
	for (int i = rarest_pair(a, from); ok && i >= 0; i = rarest_pair(a, from)) {
		int64_t most = pair_most(a, (unsigned)i);

		from &= ~bit((unsigned)i);
		if (most == 0)
			continue;
		if (e.n >= PAIRS_LEAST && e.cost + pair_guess(a, (unsigned)i) > PAIRS_ROWS)
			break;
		a->asked |= bit((unsigned)i);
		e.cost += pair_guess(a, (unsigned)i);
		if (most > PAIR_LONG)
			ok = ask_long_pair(a, (unsigned)i);
		else
			pair_add(&e, a, (unsigned)i, " OR ");
	}
	e.most = UINT32_MAX;
	ok = ok && ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}

bool ask_whole(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || a->l->n > FULL_WORDS_MAX || (a->n_full <= FULL_MAX && !a->is_cut))
		return true;
	expression_begin(&e, OF_WHOLE, NULL);
	if (a->l->n == 2) {
		for (unsigned i = 0; i < 2; i++) {
			const struct query_word *w = word_at(a, i);

			expression_add(&e, i, w->exact ? w->exact : w->folded, " + ");
			e.cost += a->n[i];
		}
		e.most_chunks = WHOLE_CHUNKS;
	} else {
		for (unsigned i = 0; i + 1 < a->l->n; i++) {
			pair_add(&e, a, i, " + ");
			e.cost += pair_guess(a, i);
		}
	}
	e.most = WHOLE_ROWS;
	ok = ask(a, &e, NULL);
	g_string_free(e.match, TRUE);
	return ok;
}
