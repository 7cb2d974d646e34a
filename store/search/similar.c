/* SPDX-License-Identifier: MIT */
/* Finds initiatives whose title is nearly a given one, for the offer to join them. It never decides that two are the same thing:
 * people do. */
#include <string.h>

#include "base/macros.h"
#include "query.h"
#include "snippet.h"
#include "visible.h"

#include "search.h"

/* How much two titles must share (Dice over weighted syllables) to be called near. */
#define NEAR_MIN 0.5
/* A syllable that only names the field or the unit, or that every second title begins with, says little about what is new. */
#define WEIGHT_STOCK 0.25
#define CANDIDATES 50
#define TERMS 12

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

/* Titles that share a telling word, best first by bm25; only where a title has none, the words of its field and unit are used. */
static char *title_match(GHashTable *weights)
{
	GString *s = g_string_new(NULL);
	GHashTableIter iter;
	gpointer key, value;
	unsigned n = 0;

	for (double least = 1; s->len == 0 && least > 0; least -= 1 - WEIGHT_STOCK) {
		g_hash_table_iter_init(&iter, weights);
		while (g_hash_table_iter_next(&iter, &key, &value) && n < TERMS) {
			if (*(double *)value < least)
				continue;
			g_string_append_printf(s, "%s\"%s\"", n++ ? " OR " : "title : (", (char *)key);
		}
	}
	if (s->len > 0)
		g_string_append_c(s, ')');
	return g_string_free(s, FALSE);
}

static struct search_hit *hit_of(struct db_stmt *st, const struct query_plan *p, double nearness)
{
	struct search_hit *h = g_new0(struct search_hit, 1);

	h->item_id = db_col_int64(st, 0);
	h->kind = ITEM_INITIATIVE;
	h->number = db_col_int64(st, 1);
	h->title = db_col_dup(st, 2);
	h->unit = db_col_dup(st, 3);
	h->field = db_col_dup(st, 4);
	h->ref = db_col_dup(st, 5);
	h->snippet = snippet_make(db_col_text(st, 6), p, NULL);
	h->score = nearness;
	h->all_words = nearness >= 1;
	return h;
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
	g_autoptr(query_plan_t) p = query_read(title, NULL);
	g_autofree char *match = title_match(weights);
	struct db_stmt *st;
	enum db_step step;

	if (*match == '\0')
		return g_steal_pointer(&hits);
	st = db_prepare(db, "SELECT item.id, item.number, item.title, item.unit, item.field, item.ref, item.body"
			    " FROM search_index CROSS JOIN item ON item.id = search_index.rowid"
			    " WHERE search_index MATCH $1 AND " VISIBLE_SQL " AND item.kind = 0 AND item.id <> $5"
			    " ORDER BY bm25(search_index), item.id LIMIT $6");
	db_bind_text(st, 1, match);
	visible_bind(st, viewer);
	db_bind_int64(st, 5, except);
	db_bind_int64(st, 6, CANDIDATES);
	while ((step = db_step(st, error)) == DB_ROW) {
		g_autoptr(GHashTable) other = title_weigh(stock, db_col_text(st, 2));
		double nearness = title_nearness(weights, other);

		if (nearness >= NEAR_MIN)
			g_ptr_array_add(hits, hit_of(st, p, nearness));
	}
	db_finish(st);
	if (step != DB_DONE)
		return NULL;
	g_ptr_array_sort(hits, by_score);
	if (hits->len > limit)
		g_ptr_array_set_size(hits, (int)limit);
	return g_steal_pointer(&hits);
}
