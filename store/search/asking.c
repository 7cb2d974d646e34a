/* SPDX-License-Identifier: MIT */
/* Writes the expressions of a line and joins what is read of them. */
#include "vocabulary.h"

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
#define PAIR_ASKED 400 /* ... of which so many are asked for, two microseconds each: they may prove not to be wanted */
#define PAIR_SEEN 20000	/* ... and met, where a filter leaves few of them */
#define PAIR_LONG 20000
#define WHOLE_ROWS 300
/* Two words with marks are looked for in the rows of their pair, which knows none; among the newest items alone, if it has very many. Each row is
 * found in three lists. */
#define WHOLE_CHUNKS 1
#define WHOLE_LISTS 3
/* Rows with all words: as many as are counted at all; fewer, where some have the line as it stands and go before these. */
#define WORDS_ROWS SEARCH_COUNT_MAX
/* ... and of a single common word where a filter leaves few items: each may be a seek of its own, a tenth of a millisecond. */
#define WORDS_ROWS_LISTED 200
/* Rows that are looked at where some of the line's words were left out for being common: having the others tells little. */
#define WORDS_SEEN 10000
#define WORDS_ASKED 1000
/* ... and where a filter leaves few of the rows that have them all: a third of a microsecond each. */
#define WORDS_SEEN_LISTED 60000
/* Rows of a single common word's titles. */
#define TITLE_ROWS 300
/* Titles that have pairs of a line of so many words, so many of those that tell most: who asks adds words ("hướng dẫn …") that no title has. */
#define TITLE_PAIR_WORDS 3
#define TITLE_PAIRS 6
#define TITLE_PAIR_ROWS 600
/* ... as long as FTS5 has not many more rows than this to look through: it steps over each of a pair's, wherever it stands. */
#define TITLE_PAIR_COST 100000
/* Rows of a word with its marks, if these are but one in so many of those that have the word without them. */
#define MARKS_ROWS 64
#define MARKS_TIMES 8
/* Rows of rare words, all of them together; of the rarest so many if it alone has more. */
#define LOOSE_ROWS 2500

/* --- rows --- */

static struct hit hit_of(const struct expression *e, const struct gather_row *row)
{
	struct hit h = { .id = row->id, .window = row->window, .is_whole = e->what == OF_WHOLE, .is_marked = e->what == OF_MARKED };
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
	to->is_marked = to->is_marked || h->is_marked;
}

static struct hit *hit_at(const GArray *hits, guint i)
{
	return &g_array_index(hits, struct hit, i);
}

/* Both are in order: rows of both become one. */
static void hits_add(struct asking *a, const struct expression *e, const GArray *rows)
{
	GArray *both = g_array_sized_new(FALSE, FALSE, sizeof(struct hit), a->hits->len + rows->len);
	guint i = 0;

	for (guint k = 0; k < rows->len; k++) {
		struct hit h = hit_of(e, &g_array_index(rows, struct gather_row, k));

		for (; i < a->hits->len && hit_at(a->hits, i)->id > h.id; i++)
			g_array_append_val(both, *hit_at(a->hits, i));
		if (i < a->hits->len && hit_at(a->hits, i)->id == h.id)
			hit_join(&h, hit_at(a->hits, i++));
		g_array_append_val(both, h);
	}
	if (i < a->hits->len)
		g_array_append_vals(both, hit_at(a->hits, i), a->hits->len - i);
	g_array_unref(a->hits);
	a->hits = both;
}

/* --- asking --- */

/* *ret_cut, which may be NULL, stays true. */
static bool ask(struct asking *a, const struct expression *e, bool *ret_cut)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct gather_row));
	bool is_cut;

	if (!expression_read(e, a->r, rows, &is_cut))
		return false;
	if (ret_cut)
		*ret_cut = *ret_cut || is_cut;
	hits_add(a, e, rows);
	return true;
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
		cost += a->n[i];
		if (__builtin_popcount(a->required) >= REQUIRED_LEAST && (cost > REQUIRED_COST || (a->n_full > 0 && a->common & bit((unsigned)i))))
			return;
		a->required |= bit((unsigned)i);
		rest &= ~bit((unsigned)i);
	}
}

static bool is_common_alone(const struct asking *a)
{
	return a->l->n == 1 && a->common;
}

static unsigned words_most(const struct asking *a)
{
	if (a->n_full > 0)
		return MIN(WORDS_ROWS, WORDS_ROWS_BESIDES + reading_n_shown(a->r));
	return is_common_alone(a) && a->r->listed ? MIN(WORDS_ROWS, WORDS_ROWS_LISTED + reading_n_shown(a->r)) : WORDS_ROWS;
}

bool ask_words(struct asking *a)
{
	uint32_t wanted = a->required;
	struct expression e;
	bool is_cut = false, ok;

	expression_begin(&e, OF_WORDS, NULL);
	e.with_window = true;
	e.most = words_most(a);
	/* Who turns pages has the time. */
	if (a->required != a->telling && reading_n_shown(a->r) == 0) {
		e.most_seen = WORDS_SEEN;
		e.most_asked = WORDS_ASKED;
	} else if (a->r->listed && reading_n_shown(a->r) == 0) {
		e.most_seen = WORDS_SEEN_LISTED;
	}
	for (int i = rarest(a, wanted); i >= 0; i = rarest(a, wanted)) {
		if (a->n[i] == 0) {
			e.n = 0; /* nobody has written it */
			break;
		}
		expression_add(&e, (unsigned)i, word_at(a, (unsigned)i)->folded, " AND ");
		expression_narrow(&e, a->n[i]);
		wanted &= ~bit((unsigned)i);
	}
	ok = ask(a, &e, &is_cut);
	/* Of those that were asked for by some of the words only, the texts have to tell: not all of them are read. */
	a->r->out->is_more = a->r->out->is_more || is_cut || (a->required != a->telling && a->hits->len > a->n_full);
	if (is_cut && a->hits->len > 0)
		a->words_below = hit_at(a->hits, a->hits->len - 1)->id;
	expression_clear(&e);
	return ok;
}

/* Of the telling words with marks the one whose marks few items have, against those that have the word at all; -1 none. */
static bool rare_marks(struct asking *a, int *ret_i)
{
	int64_t least = MARKS_ROWS;

	*ret_i = -1;
	for (unsigned i = 0; i < a->l->n; i++) {
		const struct query_word *w = word_at(a, i);
		int64_t n;

		if (!w->exact || !(a->telling & bit(i)) || a->n[i] < MARKS_TIMES)
			continue;
		if (!vocabulary_probe(a->r->db, w->exact, least, &n, a->r->error))
			return false;
		if (n == 0 || n >= least || n * MARKS_TIMES > a->n[i])
			continue;
		least = n;
		*ret_i = (int)i;
	}
	return true;
}

/* "lương": what has it so, and not "lượng"; titles as well, however old. */
static bool ask_single_marks(struct asking *a, const char *prefix)
{
	struct expression e;
	bool ok;

	expression_begin(&e, OF_MARKED, prefix);
	expression_add(&e, 0, word_at(a, 0)->exact, "");
	e.with_window = true;
	e.most = TITLE_ROWS;
	e.cost = a->n[0];
	ok = ask(a, &e, NULL);
	expression_clear(&e);
	return ok;
}

bool ask_marks(struct asking *a)
{
	struct expression e;
	int marked;
	bool ok;

	if (a->l->n == 1)
		return !word_at(a, 0)->exact || a->n[0] == 0 || (ask_single_marks(a, NULL) && ask_single_marks(a, "title : "));
	if (!rare_marks(a, &marked))
		return false;
	if (marked < 0)
		return true;
	expression_begin(&e, OF_MARKED, NULL);
	expression_add(&e, (unsigned)marked, word_at(a, (unsigned)marked)->exact, "");
	for (unsigned i = 0; i < a->l->n; i++) {
		if (a->telling & bit(i) && i != (unsigned)marked && a->n[i] > 0)
			expression_add(&e, i, word_at(a, i)->folded, " AND ");
	}
	e.with_window = true;
	e.most = MARKS_ROWS;
	e.cost = MARKS_ROWS * e.n;
	ok = ask(a, &e, NULL);
	expression_clear(&e);
	return ok;
}

bool ask_title(struct asking *a)
{
	unsigned n_titles = 0;
	struct expression e;
	bool ok;

	for (guint i = 0; i < a->hits->len; i++)
		n_titles += hit_at(a->hits, i)->words_title != 0;
	if (!a->words_below || n_titles >= TITLE_ROWS || a->r->listed)
		return true;
	expression_begin(&e, OF_WORDS, "title : ");
	expression_add(&e, 0, word_at(a, 0)->folded, "");
	e.with_window = true; /* as ask_words(): or else any body that has it would go before these titles */
	e.below = a->words_below;
	e.most = TITLE_ROWS - n_titles;
	e.cost = a->n[0];
	ok = ask(a, &e, NULL);
	expression_clear(&e);
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
	e.most_asked = WORDS_ASKED;
	ok = ask(a, &e, NULL);
	expression_clear(&e);
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
	e.rows = pair_guess(a, i);
	e.most = PAIR_ROWS;
	e.most_seen = PAIR_SEEN;
	e.most_asked = PAIR_ASKED;
	ok = ask(a, &e, NULL);
	expression_clear(&e);
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
		expression_narrow(&e, pair_guess(a, i));
	}
	ok = ask(a, &e, &a->is_cut);
	a->is_full_read = !a->r->out->is_partial;
	a->n_full = a->hits->len;
	expression_clear(&e);
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
	expression_clear(&e);
	return ok;
}

/* Of the pairs in `from` the one that tells most (after pairs were weighed); -1 none. */
static int heaviest_pair(const struct asking *a, uint32_t from)
{
	int best = -1;

	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		if (from & bit(i) && (best < 0 || a->l->pair_weight[i] > a->l->pair_weight[best]))
			best = (int)i;
	}
	return best;
}

/* A title has the whole line: what others have of it is no nearer. */
static bool any_title_has_full(const struct asking *a)
{
	for (guint i = 0; i < a->hits->len; i++) {
		if (hit_at(a->hits, i)->pairs_title == every_pair(a))
			return true;
	}
	return false;
}

/* ask_pairs has read all of its rows, with their titles. */
static bool is_pair_read(const struct asking *a, unsigned i)
{
	return a->asked & bit(i) && pair_most(a, i) <= PAIR_LONG;
}

bool ask_title_pairs(struct asking *a)
{
	uint32_t from = every_pair(a);
	unsigned n_pairs = 0;
	struct expression e;
	bool ok;

	/* Of a quotation that very many have, what else has it costs a look at each of them. */
	if (a->l->n < TITLE_PAIR_WORDS || any_title_has_full(a) || (a->is_cut && a->r->p->phrases->len > 0))
		return true;
	expression_begin(&e, OF_PAIRS, "title : (");
	for (int i = heaviest_pair(a, from); i >= 0 && n_pairs < TITLE_PAIRS; i = heaviest_pair(a, from)) {
		from &= ~bit((unsigned)i);
		if (pair_most(a, (unsigned)i) == 0 || !(a->telling >> i & 3))
			continue;
		n_pairs++;
		if (is_pair_read(a, (unsigned)i))
			continue;
		if (e.n > 0 && e.cost + pair_guess(a, (unsigned)i) > TITLE_PAIR_COST)
			break;
		e.cost += pair_guess(a, (unsigned)i);
		pair_add(&e, a, (unsigned)i, " OR ");
	}
	g_string_append_c(e.match, ')');
	e.most = TITLE_PAIR_ROWS;
	ok = ask(a, &e, NULL);
	expression_clear(&e);
	return ok;
}

/* "khoai sắn": only the rows of their pair are looked into. Beside a word with marks one without is meant so. */
static void whole_of_two(struct asking *a, struct expression *e)
{
	pair_add(e, a, 0, "");
	for (unsigned i = 0; i < 2; i++) {
		const struct query_word *w = word_at(a, i);

		expression_add(e, i, w->literal ? w->literal : w->folded, i == 0 ? " AND " : " + ");
	}
	e->cost = WHOLE_LISTS * pair_guess(a, 0);
	e->most_chunks = WHOLE_CHUNKS;
}

static void whole_of_many(struct asking *a, struct expression *e)
{
	for (unsigned i = 0; i + 1 < a->l->n; i++) {
		pair_add(e, a, i, " + ");
		e->cost += pair_guess(a, i);
	}
}

bool ask_whole(struct asking *a)
{
	struct expression e;
	bool ok;

	if (a->l->n < 2 || a->l->n > FULL_WORDS_MAX || a->n_full == 0 || (a->n_full <= FULL_MAX && !a->is_cut))
		return true;
	if (a->l->n == 2 && !word_at(a, 0)->exact && !word_at(a, 1)->exact)
		return true; /* their pair is the line */
	expression_begin(&e, OF_WHOLE, NULL);
	if (a->l->n == 2)
		whole_of_two(a, &e);
	else
		whole_of_many(a, &e);
	e.most = WHOLE_ROWS;
	ok = ask(a, &e, NULL);
	expression_clear(&e);
	return ok;
}
