/* SPDX-License-Identifier: MIT */
/* Finds initiatives whose title is nearly a given one, for the offer to join them. It never decides that two are the same thing:
 * people do. It runs on the writer while others wait: what it reads is bounded, however many items there are. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "fold.h"
#include "gather.h"
#include "index.h"
#include "query.h"
#include "rank.h"
#include "visible.h"
#include "vocabulary.h"

#include "search.h"

/* How much two titles must share (Dice over weighted syllables) to be called near. */
#define NEAR_MIN 0.5
/* A syllable that only names the field or the unit, or that every second title begins with, says little about what is new. */
#define WEIGHT_STOCK 0.25
/* Titles that are read and compared. */
#define CANDIDATES 50
/* Rows of the index that are read of one token, newest first, and of all of them, rarest first: a token with more tells little. */
#define TOKEN_ROWS 300
#define ALL_ROWS 1500
/* Where that leaves something out, the items that have all pairs of the title: of so many entries of its rarest pair, newest first. */
#define WHOLE_ENTRIES 20000
/* ... and they are compared first: more than any tokens weigh together. */
#define WHOLE_WEIGHT 1000
/* Words of a title that are looked at; no title has more that tell. */
#define WORDS_MAX 32

static const char *const stock_phrases[] = {
	"ung dung", "ap dung",  "xay dung",   "doi moi",  "cong tac",   "giai phap", "kinh nghiem",
	"phan mem", "he thong", "mo hinh",    "cach lam", "trien khai", "thuc hien", "phat trien",
	"nang cao", "hieu qua", "tang cuong", "day manh", "cai tien",   "sang kien",
};

/* Stock phrases of the register and of titles in general: first token -> GPtrArray of phrases split into tokens (char**). Made once
 * a call. */
static void stock_add(GHashTable *stock, const char *name)
{
	g_autofree char *folded = search_fold(name);
	GPtrArray *phrases;
	char **words;

	if (*folded == '\0')
		return;
	words = g_strsplit(folded, " ", -1);
	phrases = g_hash_table_lookup(stock, words[0]);
	if (!phrases) {
		phrases = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
		g_hash_table_insert(stock, g_strdup(words[0]), phrases);
	}
	g_ptr_array_add(phrases, words);
}

static void stock_add_all(GHashTable *stock, const char *name, char **aliases)
{
	stock_add(stock, name);
	for (; aliases && *aliases; aliases++)
		stock_add(stock, *aliases);
}

static GHashTable *stock_read(const struct registry *r)
{
	GHashTable *stock = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);

	for (size_t i = 0; i < ARRAY_SIZE(stock_phrases); i++)
		stock_add(stock, stock_phrases[i]);
	for (guint i = 0; r && i < registry_units(r)->len; i++) {
		const struct unit *u = g_ptr_array_index(registry_units(r), i);

		stock_add_all(stock, u->name, u->aliases);
	}
	for (guint i = 0; r && i < registry_fields(r)->len; i++) {
		const struct field *f = g_ptr_array_index(registry_fields(r), i);

		stock_add_all(stock, f->name, f->aliases);
	}
	return stock;
}

/* Marks the phrase's words if it stands in the title from word `at` on. */
static void mark_phrase(char **title, guint n_title, GByteArray *is_stock, guint at, char **phrase)
{
	guint n = 0;

	for (; phrase[n]; n++) {
		if (at + n >= n_title || strcmp(title[at + n], phrase[n]) != 0)
			return;
	}
	memset(is_stock->data + at, 1, n);
}

/* syllable -> its weight in this title (double, owned). */
static GHashTable *title_weigh(GHashTable *stock, const char *title)
{
	GHashTable *weights = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(search_text_t) t = search_text_new(title);
	g_auto(GStrv) tokens = g_strsplit(t->tokens, " ", -1); /* of "": none, as in t->words */
	g_autoptr(GByteArray) is_stock = g_byte_array_new();

	g_byte_array_set_size(is_stock, t->words->len);
	if (t->words->len > 0)
		memset(is_stock->data, 0, t->words->len);
	for (guint i = 0; i < t->words->len; i++) {
		const GPtrArray *phrases = g_hash_table_lookup(stock, tokens[i]);

		for (guint k = 0; phrases && k < phrases->len; k++)
			mark_phrase(tokens, t->words->len, is_stock, i, g_ptr_array_index(phrases, k));
	}
	for (guint i = 0; i < t->words->len; i++) {
		const struct search_word *w = &g_array_index(t->words, struct search_word, i);
		g_autofree char *typed = g_utf8_strdown(title + w->start, w->text_len);
		double *old = g_hash_table_lookup(weights, tokens[i]), weight = is_stock->data[i] ? WEIGHT_STOCK : 1;

		if (!search_is_stop(typed) && (!old || *old < weight))
			g_hash_table_replace(weights, g_strdup(tokens[i]), g_memdup2(&weight, sizeof(weight)));
	}
	return weights;
}

static double title_nearness(GHashTable *a, GHashTable *b)
{
	double sum = 0, shared = 0;
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, a);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const double *other = g_hash_table_lookup(b, key);

		sum += *(double *)value;
		if (other)
			shared += *(double *)value + *other;
	}
	g_hash_table_iter_init(&iter, b);
	while (g_hash_table_iter_next(&iter, &key, &value))
		sum += *(double *)value;
	return sum > 0 ? shared / sum : 0;
}

/* --- candidates --- */

/* A word of the title, or a pair of neighbours, as the index knows it. */
struct token {
	char *text;
	int64_t n; /* items that have it, at most */
	bool is_pair;
};
/* An item that has some of them in its title. */
struct near {
	int64_t id;
	double sum;
};

static void token_clear(gpointer p)
{
	g_free(((struct token *)p)->text);
}

static int by_rarity(gconstpointer a, gconstpointer b)
{
	const struct token *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

/* Pairs, and the words that are rare enough to be read whole: rarest first. NULL: broken. */
static GArray *tokens_of(struct db *db, const char *title, GError **error)
{
	g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(struct token));
	g_autoptr(search_text_t) t = search_text_new(title);
	g_autofree char *before = NULL;
	int64_t n_before = 0;

	g_array_set_clear_func(tokens, token_clear);
	for (guint i = 0; i < t->words->len && i < WORDS_MAX; i++) {
		char *word = search_text_join(t, i, 1);
		int64_t n;

		if (!vocabulary_n(db, word, &n, error)) {
			g_free(word);
			return NULL;
		}
		if (n > 0 && n <= TOKEN_ROWS)
			g_array_append_vals(tokens, &(struct token){ g_strdup(word), n, false }, 1);
		if (before && n > 0 && n_before > 0)
			g_array_append_vals(tokens, &(struct token){ g_strdup_printf("%s_%s", before, word), MIN(n, n_before), true }, 1);
		g_free(before);
		before = word;
		n_before = n;
	}
	g_array_sort(tokens, by_rarity);
	return g_steal_pointer(&tokens);
}

static void near_add(GHashTable *nears, int64_t id, double weight)
{
	struct near *n = g_hash_table_lookup(nears, &id);

	if (!n) {
		n = g_new0(struct near, 1);
		n->id = id;
		g_hash_table_insert(nears, &n->id, n);
	}
	n->sum += weight;
}

/* Adds what a token's rows tell; *rows_left goes down by what was read. *ret_cut: there may be more. */
static bool token_read(struct db *db, const char *token, int64_t all, unsigned *rows_left, GHashTable *nears, bool *ret_cut,
		       GError **error)
{
	g_autoptr(GString) match = g_string_new(NULL);
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct gather_row));
	struct gather g = { .n_phrases = 1, .most = MIN(TOKEN_ROWS, *rows_left), .deadline_us = G_MAXINT64, .rows = rows };

	query_quote(match, token);
	if (!gather_run(db, match->str, 1, G_MAXINT64, &g, error))
		return false;
	*rows_left -= rows->len;
	*ret_cut = *ret_cut || g.is_cut;
	for (guint i = 0; i < rows->len; i++) {
		const struct gather_row *row = &g_array_index(rows, struct gather_row, i);

		if (row->title)
			near_add(nears, row->id, rank_weight(rows->len, all));
	}
	return true;
}

/* Adds the newest items whose titles have all pairs of this one. tokens: rarest first. */
static bool whole_read(struct db *db, const GArray *tokens, GHashTable *nears, GError **error)
{
	g_autoptr(GString) match = g_string_new(NULL);
	int64_t rarest = 0, last;
	struct db_stmt *st;
	enum db_step step;

	for (guint i = 0; i < tokens->len; i++) {
		const struct token *t = &g_array_index(tokens, struct token, i);

		if (!t->is_pair)
			continue;
		rarest = rarest ? rarest : t->n;
		g_string_append(match, match->len > 0 ? " AND " : "title : (");
		query_quote(match, t->text);
	}
	if (match->len == 0)
		return true;
	g_string_append_c(match, ')');
	if (!db_run_int64(db_prepare(db, "SELECT max(id) FROM item"), 0, &last, error))
		return false;
	st = db_prepare(db, "SELECT rowid FROM search_index WHERE search_index MATCH $1 AND rowid > $2 ORDER BY rowid DESC LIMIT $3");
	db_bind_text(st, 1, match->str);
	db_bind_int64(st, 2, rarest > WHOLE_ENTRIES ? (int64_t)((double)last * (1 - (double)WHOLE_ENTRIES / (double)rarest)) : 0);
	db_bind_int64(st, 3, CANDIDATES);
	while ((step = db_step(st, error)) == DB_ROW)
		near_add(nears, db_col_int64(st, 0), WHOLE_WEIGHT);
	db_finish(st);
	return step == DB_DONE;
}

static int by_sum(gconstpointer a, gconstpointer b)
{
	const struct near *x = *(const struct near *const *)a, *y = *(const struct near *const *)b;

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	return x->id > y->id ? -1 : x->id < y->id;
}

/* id -> struct near, of the titles that share the most telling tokens. NULL: broken. */
static GHashTable *nears_find(struct db *db, const char *title, GError **error)
{
	g_autoptr(GHashTable) nears = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	g_autoptr(GArray) tokens = tokens_of(db, title, error);
	unsigned rows_left = ALL_ROWS;
	bool is_cut = false;
	int64_t all;

	if (!tokens || !search_index_count(db, &all, error))
		return NULL;
	for (guint i = 0; i < tokens->len && rows_left > 0; i++) {
		if (!token_read(db, g_array_index(tokens, struct token, i).text, all, &rows_left, nears, &is_cut, error))
			return NULL;
	}
	if (is_cut && !whole_read(db, tokens, nears, error))
		return NULL;
	return g_steal_pointer(&nears);
}

static GPtrArray *nears_sort(GHashTable *nears)
{
	GPtrArray *best = g_ptr_array_new();
	GHashTableIter iter;
	gpointer near;

	g_hash_table_iter_init(&iter, nears);
	while (g_hash_table_iter_next(&iter, NULL, &near))
		g_ptr_array_add(best, near);
	g_ptr_array_sort(best, by_sum);
	return best;
}

/* --- comparing --- */

struct comparison {
	struct db *db;
	GHashTable *stock, *weights; /* of the title */
	const struct member *viewer;
	int64_t except;
};

/* Compares one candidate: *ret_seen whether it may be seen at all. */
static bool near_compare(const struct comparison *c, int64_t id, GPtrArray *hits, bool *ret_seen, GError **error)
{
	struct db_stmt *st = db_prepare(c->db, "SELECT number, title, unit, field, ref FROM item"
					       " WHERE item.id = $1 AND " VISIBLE_SQL " AND item.kind = 0 AND item.id <> $5");
	enum db_step step;

	db_bind_int64(st, 1, id);
	visible_bind(st, c->viewer);
	db_bind_int64(st, 5, c->except);
	step = db_step(st, error);
	*ret_seen = step == DB_ROW;
	if (step == DB_ROW) {
		g_autoptr(GHashTable) other = title_weigh(c->stock, db_col_text(st, 1));
		double nearness = title_nearness(c->weights, other);

		if (nearness >= NEAR_MIN) {
			struct search_hit *h = g_new0(struct search_hit, 1);

			h->item_id = id;
			h->kind = ITEM_INITIATIVE;
			h->number = db_col_int64(st, 0);
			h->title = db_col_dup(st, 1);
			h->unit = db_col_dup(st, 2);
			h->field = db_col_dup(st, 3);
			h->ref = db_col_dup(st, 4);
			h->score = nearness;
			h->all_words = nearness >= 1;
			g_ptr_array_add(hits, h);
		}
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static int by_score(gconstpointer a, gconstpointer b)
{
	const struct search_hit *x = *(const struct search_hit *const *)a, *y = *(const struct search_hit *const *)b;

	if (x->score > y->score)
		return -1;
	if (x->score < y->score)
		return 1;
	return x->item_id < y->item_id ? -1 : x->item_id > y->item_id;
}

GPtrArray *store_search_similar(struct db *db, const struct registry *r, const char *title, const struct member *viewer,
				int64_t except, unsigned limit, GError **error)
{
	g_autoptr(GPtrArray) hits = g_ptr_array_new_with_free_func((GDestroyNotify)search_hit_free);
	g_autoptr(GHashTable) stock = stock_read(r);
	g_autoptr(GHashTable) weights = title_weigh(stock, title);
	const struct comparison c = { .db = db, .stock = stock, .weights = weights, .viewer = viewer, .except = except };
	g_autoptr(GHashTable) nears = nears_find(db, title, error);
	g_autoptr(GPtrArray) best = NULL;

	if (!nears)
		return NULL;
	best = nears_sort(nears);
	for (guint i = 0, n = 0; i < best->len && n < CANDIDATES; i++) {
		bool seen;

		if (!near_compare(&c, ((const struct near *)g_ptr_array_index(best, i))->id, hits, &seen, error))
			return NULL;
		n += seen;
	}
	g_ptr_array_sort(hits, by_score);
	if (hits->len > limit)
		g_ptr_array_set_size(hits, (int)limit);
	return g_steal_pointer(&hits);
}
