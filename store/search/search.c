/* SPDX-License-Identifier: MIT */
/* Answers a search: an id goes straight to its item; else all words, else as many telling words as possible. Reading the query, finding,
 * ranking and snippets are the neighbours' work. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "initialism.h"
#include "query.h"
#include "rebuild.h"
#include "retrieve.h"
#include "snippet.h"
#include "spell.h"
#include "wanted.h"

#include "search.h"

/* The least share of the query's weight that an item must have to be shown at all: short queries ("loa xa") and long ones. */
#define COVERAGE_MIN 0.5
#define COVERAGE_MIN_LONG 0.25
#define LONG_WORDS 4
/* ... and the least share of the best one's score: behind a good hit the poor ones only confuse. */
#define SCORE_OF_BEST 0.4
/* ... and where something has all words, which may be all that is wanted. */
#define SCORE_BESIDE_ALL 0.5
#define COVERAGE_BESIDE_ALL 0.6
/* What may be asked for altogether before the answer is called partial: a net, no usual search comes near it. */
#define TIME_MAX_US (120 * 1000)
/* Equal scores are looked into so far; nobody turns more pages to see the most applied one. */
#define TIES_MAX 48
#define SCORE_SAME 1e-9

void search_hit_free(struct search_hit *h)
{
	if (!h)
		return;
	g_free(h->title);
	g_free(h->unit);
	g_free(h->field);
	g_free(h->ref);
	g_free(h->snippet);
	if (h->title_marks)
		g_array_unref(h->title_marks);
	if (h->snippet_marks)
		g_array_unref(h->snippet_marks);
	g_free(h);
}

void search_note_clear(struct search_note *n)
{
	g_clear_pointer(&n->meant, g_free);
}

/* Takes what the snippet holds. */
static void hit_set_snippet(struct search_hit *h, struct snippet *s)
{
	g_free(h->snippet);
	if (h->snippet_marks)
		g_array_unref(h->snippet_marks);
	h->snippet = g_steal_pointer(&s->text);
	h->snippet_marks = g_steal_pointer(&s->marks);
}

/* A snippet from the body, else from the label that has the hit; how the body begins, where the title says it all. Contacts are as little shown as
 * searched. */
static bool hit_snippet(struct db *db, struct search_hit *h, const char *body, const struct snippet_words *words, unsigned graphemes,
			GError **error)
{
	struct snippet s = { 0 };
	struct db_stmt *st;
	enum db_step step = DB_DONE;

	if (h->in_title)
		snippet_begin(body, graphemes, &s);
	else
		snippet_make(body, words, graphemes, &s);
	hit_set_snippet(h, &s);
	if (h->in_title || h->snippet_marks->len > 0)
		return true;
	st = db_prepare(db, "SELECT value FROM item_field WHERE item_id = $1 AND key <> $2 ORDER BY position");
	db_bind_int64(st, 1, h->item_id);
	db_bind_text(st, 2, ITEM_KEY_CONTACT);
	while (h->snippet_marks->len == 0 && (step = db_step(st, error)) == DB_ROW) {
		snippet_make(db_col_text(st, 0), words, graphemes, &s);
		if (s.marks->len > 0)
			hit_set_snippet(h, &s);
		snippet_clear(&s);
	}
	db_finish(st);
	return step != DB_BROKEN;
}

static void hit_mark_title(struct search_hit *h, const struct snippet_words *words)
{
	struct snippet s = { 0 };

	snippet_mark(h->title, words, &s);
	h->title_marks = g_steal_pointer(&s.marks);
	h->in_title = s.has_all;
	snippet_clear(&s);
}

static bool hit_load(struct db *db, const struct candidate *c, const struct search_query *q, const struct snippet_words *words, GPtrArray *hits,
		     GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT kind, number, title, unit, field, ref, body, status FROM item WHERE id = $1");
	g_autofree char *body = NULL;
	struct search_hit *h;
	enum db_step step;

	db_bind_int64(st, 1, c->id);
	step = db_step(st, error);
	if (step != DB_ROW) {
		db_finish(st);
		return step != DB_BROKEN;
	}
	h = g_new0(struct search_hit, 1);
	h->item_id = c->id;
	h->kind = (enum item_kind)db_col_int64(st, 0);
	h->number = db_col_int64(st, 1);
	h->title = db_col_dup(st, 2);
	h->unit = db_col_dup(st, 3);
	h->field = db_col_dup(st, 4);
	h->ref = db_col_dup(st, 5);
	h->score = c->score;
	h->all_words = c->all_words;
	body = db_col_dup(st, 6);
	h->status = (enum item_status)db_col_int64(st, 7);
	db_finish(st);
	hit_mark_title(h, words);
	g_ptr_array_add(hits, h);
	return hit_snippet(db, h, body, words, q->snippet ? q->snippet : SNIPPET_GRAPHEMES, error);
}

enum id { ID_NONE, ID_MAYBE, ID_SURE };

/* "SK14" is nothing else; nor, where no kind or the kind of the number is asked for, "#14", "số 14". "2015" alone may as well be what is written. */
static enum id id_read(const struct search_query *q, const char *text, enum item_kind *ret_kind, int64_t *ret_number)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text)), *folded = search_fold(trimmed);
	const bool has_so = g_str_has_prefix(folded, "so ");
	const char *number = has_so ? folded + strlen("so ") : folded;
	const size_t len = strlen(number);

	if (item_id_parse(trimmed, ret_kind, ret_number))
		return ID_SURE;
	if (len == 0 || len > 9 || strspn(number, "0123456789") != len || strchr(trimmed, '%'))
		return ID_NONE;
	*ret_kind = q->kind >= 0 && q->kind < ITEM_KINDS ? (enum item_kind)q->kind : ITEM_INITIATIVE;
	*ret_number = g_ascii_strtoll(number, NULL, 10);
	return has_so || *trimmed == '#' ? ID_SURE : ID_MAYBE;
}

static bool is_found(const GArray *found, int64_t id)
{
	for (guint i = 0; i < found->len; i++) {
		if (g_array_index(found, struct candidate, i).id == id)
			return true;
	}
	return false;
}

static bool id_add(struct db *db, const struct search_query *q, enum item_kind kind, int64_t number, GArray *found, GError **error)
{
	g_autoptr(item_t) i = NULL;
	bool is_wanted = true;

	switch (store_item_get(db, kind, number, &i, error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		if (wanted_has_filter(q) && !wanted_is(db, q, i->id, &is_wanted, error))
			return false;
		if (is_wanted && item_visible_to(i, q->viewer) && !is_found(found, i->id)) {
			struct candidate c = { .id = i->id, .score = 100, .coverage = 1, .all_words = true };

			g_array_append_val(found, c);
		}
		return true;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		break;
	}
	return true;
}

static bool is_id(const struct query_word *w)
{
	enum item_kind kind;
	int64_t number;

	return item_id_parse(w->folded, &kind, &number);
}

/* "SK13, SK12", "cho tôi xem SK13": ids and grammar alone. */
static bool find_ids(struct db *db, const struct search_query *q, const struct query_line *l, GArray *found, GError **error)
{
	for (guint i = 0; i < l->words->len; i++) {
		const struct query_word *w = g_ptr_array_index(l->words, i);

		if (!w->is_stop && !is_id(w))
			return true;
	}
	for (guint i = 0; i < l->words->len; i++) {
		const struct query_word *w = g_ptr_array_index(l->words, i);
		enum item_kind kind;
		int64_t number;

		if (item_id_parse(w->folded, &kind, &number) && !id_add(db, q, kind, number, found, error))
			return false;
	}
	return true;
}

static bool find_id(struct db *db, const struct search_query *q, const char *text, const struct query_line *l, GArray *found, enum id *ret_id,
		    GError **error)
{
	enum item_kind kind;
	int64_t number;

	*ret_id = id_read(q, text, &kind, &number);
	return *ret_id == ID_NONE ? find_ids(db, q, l, found, error) : id_add(db, q, kind, number, found, error);
}

/* Where something has all words, what has not is shown only if it is nearly as good (a title that lacks but the "thủ tục" of the query); else what is
 * near the best. */
static void poor_drop(const struct query_plan *p, GArray *found)
{
	const struct query_line *line = g_ptr_array_index(p->lines, 0);
	double least = line->words->len >= LONG_WORDS ? COVERAGE_MIN_LONG : COVERAGE_MIN, best = 0;
	bool any_all = false;
	guint kept = 0;

	for (guint i = 0; i < found->len; i++) {
		const struct candidate *c = &g_array_index(found, struct candidate, i);
		bool keep;

		best = MAX(best, c->score);
		any_all = any_all || c->all_words;
		keep = c->all_words || (c->coverage >= (any_all ? COVERAGE_BESIDE_ALL : least) &&
					c->score >= (any_all ? SCORE_BESIDE_ALL : SCORE_OF_BEST) * best);
		if (keep)
			g_array_index(found, struct candidate, kept++) = *c;
	}
	g_array_set_size(found, kept);
}

static bool applied_count(struct db *db, int64_t item_id, int64_t *ret_n, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT count(*) FROM adoption WHERE item_id = $1");

	db_bind_int64(st, 1, item_id);
	return db_run_int64(st, 0, ret_n, error);
}

/* One item, and how many units apply it. */
struct tied {
	struct candidate c;
	int64_t applied;
};

static int by_applied(gconstpointer a, gconstpointer b)
{
	const struct tied *x = a, *y = b;

	if (x->applied != y->applied)
		return x->applied > y->applied ? -1 : 1;
	return x->c.id > y->c.id ? -1 : x->c.id < y->c.id;
}

/* Puts n candidates of one score in order: the more applied first, then the newer. */
static bool tie_settle(struct db *db, struct candidate *first, guint n, GError **error)
{
	struct tied tied[TIES_MAX] = { 0 };

	for (guint i = 0; i < n; i++) {
		tied[i].c = first[i];
		if (!applied_count(db, first[i].id, &tied[i].applied, error))
			return false;
	}
	qsort(tied, n, sizeof(tied[0]), by_applied);
	for (guint i = 0; i < n; i++)
		first[i] = tied[i].c;
	return true;
}

static bool ties_settle(struct db *db, GArray *found, GError **error)
{
	struct candidate *c = (struct candidate *)(void *)found->data;
	guint n = MIN(found->len, TIES_MAX);

	for (guint i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && fabs(c[end].score - c[i].score) < SCORE_SAME;)
			end++;
		if (end > i + 1 && !tie_settle(db, c + i, end - i, error))
			return false;
	}
	return true;
}

static struct query_line *typed_line(const struct query_plan *p)
{
	return g_ptr_array_index(p->lines, 0);
}

/* Where nothing has the words as typed, and something what was put in the place of a doubtful one, that was meant. */
static void doubt_settle(const struct query_plan *p, GArray *found, struct search_note *note)
{
	bool any_doubt = false;

	for (guint i = 0; i < found->len; i++) {
		const struct candidate *c = &g_array_index(found, struct candidate, i);

		if (c->all_words)
			return;
		any_doubt = any_doubt || c->all_doubt;
	}
	for (guint i = 0; any_doubt && i < found->len; i++)
		g_array_index(found, struct candidate, i).all_words = g_array_index(found, struct candidate, i).all_doubt;
	for (guint k = 0; any_doubt && k < p->lines->len; k++) {
		const struct query_line *l = g_ptr_array_index(p->lines, k);

		if (!l->is_doubt)
			continue;
		g_free(note->meant);
		note->meant = query_line_text(l);
	}
}

static bool search_words(struct db *db, const struct registry *r, const struct search_query *q, struct query_plan *p, GArray *found,
			 struct search_note *note, GError **error)
{
	struct rebuild_state state;
	bool changed;

	if (!rebuild_get(db, &state, error))
		return false;
	note->is_outdated = state.is_outdated;
	if (!initialism_mark(db, p, error) || !spell_fix(db, p, &changed, error))
		return false;
	if (changed)
		note->meant = query_line_text(typed_line(p));
	query_expand(p, r);
	if (!initialism_expand(db, p, r, error) || !retrieve(db, q, p, found, note, error))
		return false;
	doubt_settle(p, found, note);
	poor_drop(p, found);
	return ties_settle(db, found, error);
}

static bool is_left(const struct search_query *q, int64_t item_id)
{
	for (guint i = 0; q->except && i < q->except->len; i++) {
		if (g_array_index(q->except, int64_t, i) == item_id)
			return false;
	}
	return true;
}

/* Takes off what is left out, counts what remains and loads the best of it. */
static bool hits_load(struct db *db, const struct search_query *q, const struct query_plan *p, const GArray *found, GPtrArray *hits,
		      struct search_note *note, GError **error)
{
	g_autoptr(snippet_words_t) words = snippet_words_new(p);

	note->total = found->len;
	note->is_more = note->is_more || found->len >= SEARCH_COUNT_MAX;
	for (guint i = 0; i < found->len; i++) {
		const struct candidate *c = &g_array_index(found, struct candidate, i);

		if (!is_left(q, c->id))
			continue;
		note->left++;
		if (hits->len < q->limit && !hit_load(db, c, q, words, hits, error))
			return false;
	}
	return true;
}

/* The item with the number goes first, then what has the number written in it. */
static bool search_besides(struct db *db, const struct registry *r, const struct search_query *q, struct query_plan *p, GArray *found,
			   struct search_note *note, GError **error)
{
	g_autoptr(GArray) others = g_array_new(FALSE, FALSE, sizeof(struct candidate));

	if (!search_words(db, r, q, p, others, note, error))
		return false;
	for (guint i = 0; i < others->len; i++) {
		const struct candidate *c = &g_array_index(others, struct candidate, i);

		if (c->all_words && c->id != g_array_index(found, struct candidate, 0).id)
			g_array_append_val(found, *c);
	}
	return true;
}

static bool search_all(struct db *db, const struct registry *r, const struct search_query *q, GPtrArray *hits, struct search_note *note,
		       GError **error)
{
	g_autofree char *text = text_clean(q->text ? q->text : "", q->text ? strlen(q->text) : 0);
	g_autoptr(query_plan_t) p = query_read(text, r);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct candidate));
	enum id id;
	bool ok;

	p->deadline_us = query_deadline_us(TIME_MAX_US);
	ok = find_id(db, q, text, typed_line(p), found, &id, error);
	if (ok && id == ID_MAYBE && found->len > 0)
		ok = search_besides(db, r, q, p, found, note, error);
	else if (ok && found->len == 0 && typed_line(p)->words->len > 0)
		ok = search_words(db, r, q, p, found, note, error);
	else if (ok && found->len == 0 && wanted_has_filter(q))
		ok = retrieve_newest(db, q, p->deadline_us, found, note, error);
	return ok && hits_load(db, q, p, found, hits, note, error);
}

GPtrArray *store_search(struct db *db, const struct registry *r, const struct search_query *q, struct search_note *ret_note,
			GError **error)
{
	g_autoptr(GPtrArray) hits = g_ptr_array_new_with_free_func((GDestroyNotify)search_hit_free);
	struct search_note note = { 0 };
	bool begun, ok = db_snapshot_begin(db, &begun, error) && search_all(db, r, q, hits, &note, error);

	db_snapshot_end(db, begun);
	if (ret_note)
		*ret_note = note;
	else
		search_note_clear(&note);
	return ok ? g_steal_pointer(&hits) : NULL;
}
