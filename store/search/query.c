/* SPDX-License-Identifier: MIT */
/* Reads a query and writes its expressions. It asks no database: what is a slip, and what is common, others know. */
#include <string.h>

#include "base/text.h"
#include "syllable.h"

#include "query.h"

static void word_free(gpointer p)
{
	struct query_word *w = p;

	g_free(w->folded);
	g_free(w->exact);
	g_free(w->literal);
	g_free(w);
}

void query_line_free(struct query_line *l)
{
	g_ptr_array_unref(l->words);
	g_free(l);
}

static struct query_line *line_new(void)
{
	struct query_line *l = g_new0(struct query_line, 1);

	l->words = g_ptr_array_new_with_free_func(word_free);
	return l;
}

static struct query_word *word_at(const struct query_line *l, guint i)
{
	return g_ptr_array_index(l->words, i);
}

static struct query_word *word_copy(const struct query_word *w)
{
	struct query_word *copy = g_memdup2(w, sizeof(*w));

	copy->folded = g_strdup(w->folded);
	copy->exact = g_strdup(w->exact);
	copy->literal = g_strdup(w->literal);
	return copy;
}

/* Two letters or more, none of them small. */
static bool is_in_capitals(const char *typed, const char *lower)
{
	g_autofree char *upper = strcmp(typed, lower) == 0 ? NULL : g_utf8_strup(typed, -1);

	return upper && strcmp(typed, upper) == 0 && g_utf8_strlen(typed, -1) >= 2;
}

static void words_read(GPtrArray *words, const char *text, size_t len)
{
	struct syllable s;

	syllable_begin(&s, text, len);
	while (words->len < QUERY_TERMS_MAX && syllable_next(&s)) {
		struct query_word *w = g_new0(struct query_word, 1);
		g_autofree char *typed = g_strndup(s.start, (gsize)(s.text - s.start)), *nfc = g_utf8_normalize(typed, -1, G_NORMALIZE_NFC),
				*lower = g_utf8_strdown(nfc ? nfc : typed, -1);

		w->folded = g_strdup(s.folded);
		w->exact = s.has_marks ? g_strconcat("=", s.exact, NULL) : NULL;
		w->literal = s.has_marks || syllable_takes_marks(&s) ? g_strconcat("=", s.exact, NULL) : NULL;
		w->is_stop = search_is_stop(lower);
		w->is_capital = is_in_capitals(nfc ? nfc : typed, lower);
		w->n = -1;
		g_ptr_array_add(words, w);
	}
}

/* How questions are put: these words ask, they do not say what for. Folded. */
static const char *const frames[] = {
	"duoc qui dinh nhu the nao", "qui dinh nhu the nao", "toi muon tim hieu ve", "muon tim hieu ve", "muon tim hieu", "tim hieu ve",
	"tim giup toi", "tim giup", "bai noi ve", "bai viet ve", "co thong tin gi ve", "xin cho biet", "cho toi biet", "cho biet", "can biet",
	"thi xem o dau", "xem o dau", "nghia la gi", "gom nhung gi", "ra sao", "noi gi ve", "hai gioi thieu ve", "gioi thieu ve", "cho toi hoi ve",
	"cho toi hoi", "cho em hoi", "cho hoi ve", "cho hoi", "xin hoi", "toi muon biet", "muon biet", "nhu the nao", "lam the nao", "lam sao",
	"the nao", "bao nhieu", "bao lau", "bao gio", "khi nao", "luc nao", "o dau", "tu dau", "tai sao", "vi sao", "la gi", "la ai", "nhung gi",
	"dieu gi", "cho ai", "nam nao", "co phai", "hay khong", "khong a", "ai da", "ai la", "cho toi xem", "cho em xem", "giup toi",
	"co don vi nao", "don vi nao", "co noi nao", "noi nao", "dia phuong nao",
};
/* What people ask for, with "nào" or "về" behind it: "có sáng kiến nào về camera không?" */
static const char *const asked_kinds[] = {
	"sang kien", "giai phap", "mo hinh", "cach lam hay", "cach lam", "kinh nghiem", "bai hoc", "dia chi do", "cau chuyen", "tai lieu",
};
/* ... with their marks, as exact tokens have them: "vé", "vệ", "não" are other words. */
static const struct {
	const char *folded, *exact;
} asked_tails[] = {
	{ "nao hay ve", "nao2 hay vê2" }, { "nao ve", "nao2 vê2" }, { "nao", "nao2" }, { "gi ve", "gi2 vê2" },
	{ "lien quan den", "liên quan đên1" }, { "ve", "vê2" },
};
/* What makes another word of a "ve" without marks: "vệ sinh", "vệ tinh", "vé điện tử", "vé xe", "vé tháng". */
static const char *const not_about[] = { "sinh", "tinh", "dien", "xe", "thang" };

/* How many words of the line the phrase takes from `at` on; 0: it is not there. exact, which may be NULL: the same with marks, which hold where
 * marks were typed. */
static guint phrase_len(const struct query_line *l, guint at, const char *phrase, const char *exact)
{
	guint i = at;

	for (; i < l->words->len && *phrase; i++) {
		const struct query_word *w = word_at(l, i);
		size_t len = strlen(w->folded), exact_len = exact ? strcspn(exact, " ") : 0;

		if (strncmp(phrase, w->folded, len) != 0 || (phrase[len] != ' ' && phrase[len] != '\0'))
			return 0;
		if (exact && w->exact && (strlen(w->exact + 1) != exact_len || strncmp(w->exact + 1, exact, exact_len) != 0))
			return 0;
		phrase += len + (phrase[len] == ' ');
		exact = exact ? exact + exact_len + (exact[exact_len] == ' ') : NULL;
	}
	return *phrase ? 0 : i - at;
}

static guint longest_len(const struct query_line *l, guint at, const char *const *phrases, size_t n)
{
	guint longest = 0;

	for (size_t k = 0; k < n; k++)
		longest = MAX(longest, phrase_len(l, at, phrases[k], NULL));
	return longest;
}

static guint tail_len(const struct query_line *l, guint at)
{
	guint longest = 0, after;

	for (size_t k = 0; k < G_N_ELEMENTS(asked_tails); k++)
		longest = MAX(longest, phrase_len(l, at, asked_tails[k].folded, asked_tails[k].exact));
	after = at + longest;
	if (longest == 1 && strcmp(word_at(l, at)->folded, "ve") == 0 && !word_at(l, at)->exact &&
	    longest_len(l, after, not_about, G_N_ELEMENTS(not_about)) > 0)
		return 0;
	return longest;
}

static guint asked_kind_len(const struct query_line *l, guint at)
{
	const guint before = phrase_len(l, at, "co", NULL), kind = longest_len(l, at + before, asked_kinds, G_N_ELEMENTS(asked_kinds));
	const guint tail = kind ? tail_len(l, at + before + kind) : 0;

	return tail ? before + kind + tail : 0;
}

static guint frame_len(const struct query_line *l, guint at)
{
	return MAX(longest_len(l, at, frames, G_N_ELEMENTS(frames)), asked_kind_len(l, at));
}

/* What stands before a word that asks. */
static bool is_before_asking(const char *folded)
{
	static const char *const words[] = { "cua", "cho", "do", "voi", "boi", "la", "nhung" };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(words[i], folded) == 0)
			return true;
	}
	return false;
}

/* "Ai là tác giả …", "… của ai": no AI (trí tuệ nhân tạo), which also is typed so. */
static bool is_asking(const struct query_line *l, guint at)
{
	const struct query_word *w = word_at(l, at);
	bool any_marks = false;

	if (w->is_capital || strcmp(w->folded, "ai") != 0 || l->words->len < 2)
		return false;
	for (guint i = 0; i < l->words->len; i++)
		any_marks = any_marks || word_at(l, i)->exact;
	return frame_len(l, at) > 1 || (at == 0 && any_marks) || (at > 0 && is_before_asking(word_at(l, at - 1)->folded));
}

/* A word with vowel marks is a word, no abbreviation: "đã" is not DA (dự án); đ alone says nothing, "đcđ" is ĐCĐ. */
char **query_expansions(const struct registry *r, const struct query_line *l, guint first, guint n)
{
	g_autoptr(GString) typed = g_string_new(NULL);

	if (n == 1 && is_asking(l, first))
		return NULL;
	for (guint i = first; i < first + n; i++) {
		const struct query_word *w = word_at(l, i);
		const char *form = n == 1 && w->exact ? w->exact + 1 : w->folded;

		for (const char *c = form; n == 1 && w->exact && *c; c = g_utf8_next_char(c)) {
			gunichar u = g_utf8_get_char(c);

			if ((u >= 0x80 && u != 0x0111) || g_ascii_isdigit(*c))
				return NULL;
		}
		g_string_append_printf(typed, "%s%s", i > first ? " " : "", form);
	}
	return registry_expansions(r, typed->str);
}

static void frames_mark(struct query_line *l)
{
	for (guint i = 0; i < l->words->len;) {
		guint n = frame_len(l, i);

		for (guint k = i; k < i + n; k++)
			word_at(l, k)->is_stop = true;
		i += MAX(n, 1);
	}
}

/* If every word is grammar, it is all the same what was asked for: then they count. */
static void stops_settle(struct query_line *l)
{
	frames_mark(l);
	for (guint i = 0; i < l->words->len; i++) {
		if (!word_at(l, i)->is_stop)
			return;
	}
	for (guint i = 0; i < l->words->len; i++)
		word_at(l, i)->is_stop = false;
}

/* Where all was typed in capitals they tell nothing, but for a single word. */
static void capitals_settle(struct query_line *l)
{
	bool all = l->words->len > 1;

	for (guint i = 0; i < l->words->len; i++)
		all = all && (word_at(l, i)->is_capital || g_ascii_isdigit(word_at(l, i)->folded[0]));
	for (guint i = 0; all && i < l->words->len; i++)
		word_at(l, i)->is_capital = false;
}

/* Of "KH&CN" each word. */
static void briefs_mark(struct query_line *l, const struct registry *r)
{
	for (guint i = 0; r && i < l->words->len; i++) {
		for (guint n = MIN(QUERY_BRIEF_WORDS_MAX, l->words->len - i); n > 0; n--) {
			if (!query_expansions(r, l, i, n))
				continue;
			for (guint k = i; k < i + n; k++)
				word_at(l, k)->is_brief = true;
			break;
		}
	}
}

/* "a_b" + "b_c" AND "=a" + "b" + "=c": these words in a row. Their pairs say so at a tenth of the cost, but know no marks. NULL if
 * there is no word. */
static char *phrase_of(const char *text, size_t len)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(word_free);
	g_autoptr(GString) exact = g_string_new(NULL);
	GString *pairs = g_string_new(NULL);
	bool has_marks = false;

	words_read(words, text, len);
	for (guint i = 0; i < words->len; i++) {
		const struct query_word *w = g_ptr_array_index(words, i);

		has_marks = has_marks || w->exact;
		g_string_append(exact, i > 0 ? " + " : "");
		query_quote(exact, w->exact ? w->exact : w->folded);
		if (i + 1 < words->len) {
			g_autofree char *pair = g_strconcat(w->folded, "_", ((struct query_word *)g_ptr_array_index(words, i + 1))->folded, NULL);

			g_string_append(pairs, i > 0 ? " + " : "");
			query_quote(pairs, pair);
		}
	}
	if (words->len == 1 || has_marks)
		g_string_append_printf(pairs, "%s%s", pairs->len > 0 ? " AND " : "", exact->str);
	return g_string_free(pairs, words->len == 0);
}

/* A quotation's inside; NULL if p opens none. Phones type curly quotes. */
static const char *quoted(const char *p, const char **ret_end, const char **ret_after)
{
	static const char *const pairs[][2] = { { "\"", "\"" }, { "“", "”" }, { "«", "»" } };

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		size_t len = strlen(pairs[i][0]);

		if (strncmp(p, pairs[i][0], len) != 0)
			continue;
		*ret_end = strstr(p + len, pairs[i][1]);
		if (!*ret_end)
			return NULL;
		*ret_after = *ret_end + strlen(pairs[i][1]);
		return p + len;
	}
	return NULL;
}

/* What a minus takes: the quotation or the word behind it. */
static const char *minus_end(const char *p)
{
	const char *end, *after;

	if (quoted(p, &end, &after))
		return after;
	while (*p && !g_ascii_isspace(*p))
		p++;
	return p;
}

static void add_phrase(GPtrArray *into, const char *text, size_t len)
{
	char *phrase = into->len < QUERY_PHRASES_MAX ? phrase_of(text, len) : NULL;

	if (phrase && !g_ptr_array_find_with_equal_func(into, phrase, g_str_equal, NULL))
		g_ptr_array_add(into, phrase);
	else
		g_free(phrase);
}

/* Takes quotations and exclusions out of the text; quoted words stay, they are looked for as well. Returns what is left; caller frees.
 * *ret_only: it is a quotation and nothing else. */
static char *marks_take(struct query_plan *p, const char *text, bool *ret_only)
{
	GString *rest = g_string_new(NULL);
	bool at_word = true, is_bare = false;

	while (*text) {
		const char *end, *after, *inside = quoted(text, &end, &after);

		if (at_word && *text == '-' && text[1] && !g_ascii_isspace(text[1]) && text[1] != '-') {
			end = minus_end(text + 1);
			add_phrase(p->excluded, text + 1, (size_t)(end - text - 1));
			text = end;
			continue;
		}
		if (inside) {
			add_phrase(p->phrases, inside, (size_t)(end - inside));
			g_string_append_printf(rest, " %.*s ", (int)(end - inside), inside);
			text = after;
			continue;
		}
		at_word = g_ascii_isspace(*text);
		is_bare = is_bare || !at_word;
		g_string_append_c(rest, *text++);
	}
	*ret_only = p->phrases->len == 1 && p->excluded->len == 0 && !is_bare;
	return g_string_free(rest, FALSE);
}

int64_t query_deadline_us(int64_t most_us)
{
#ifdef CDSBOT_TEST_HOOKS
	const char *typed = g_getenv("CDSBOT_TEST_SEARCH_US");

	if (typed)
		most_us = g_ascii_strtoll(typed, NULL, 10);
#endif
	return g_get_monotonic_time() + most_us;
}

struct query_plan *query_read(const char *bytes, const struct registry *r)
{
	struct query_plan *p = g_new0(struct query_plan, 1);
	g_autofree char *text = text_clean(bytes ? bytes : "", bytes ? strlen(bytes) : 0), *rest = NULL;
	struct query_line *line = line_new();
	bool is_quote;

	if (strlen(text) > QUERY_BYTES_MAX)
		*g_utf8_find_prev_char(text, text + QUERY_BYTES_MAX) = '\0';

	p->lines = g_ptr_array_new_with_free_func((GDestroyNotify)query_line_free);
	p->phrases = g_ptr_array_new_with_free_func(g_free);
	p->excluded = g_ptr_array_new_with_free_func(g_free);
	rest = marks_take(p, text, &is_quote);
	words_read(line->words, rest, strlen(rest));
	stops_settle(line);
	capitals_settle(line);
	briefs_mark(line, r);
	g_ptr_array_add(p->lines, line);
	p->quote = is_quote ? query_line_text(line) : NULL;
	return p;
}

void query_plan_free(struct query_plan *p)
{
	if (!p)
		return;
	g_ptr_array_unref(p->lines);
	g_ptr_array_unref(p->phrases);
	g_ptr_array_unref(p->excluded);
	g_free(p->quote);
	g_free(p);
}

struct query_line *query_line_with(const struct query_line *from, guint first, guint n, const char *text)
{
	struct query_line *l = line_new();

	for (guint i = 0; i < first; i++)
		g_ptr_array_add(l->words, word_copy(word_at(from, i)));
	words_read(l->words, text, strlen(text));
	for (guint i = first + n; i < from->words->len && l->words->len < QUERY_TERMS_MAX; i++)
		g_ptr_array_add(l->words, word_copy(word_at(from, i)));
	stops_settle(l);
	return l;
}

void query_replace(struct query_plan *p, guint first, guint n, const char *text)
{
	struct query_line *l = query_line_with(g_ptr_array_index(p->lines, 0), first, n, text);

	query_line_free(g_ptr_array_index(p->lines, 0));
	g_ptr_array_index(p->lines, 0) = l;
}

void query_add_line(struct query_plan *p, const struct query_line *from, guint first, guint n, const char *text)
{
	if (p->lines->len < QUERY_LINES_MAX)
		g_ptr_array_add(p->lines, query_line_with(from, first, n, text));
}

void query_add_doubt(struct query_plan *p, guint i, const char *text)
{
	guint n = p->lines->len;

	query_add_line(p, g_ptr_array_index(p->lines, 0), i, 1, text);
	if (p->lines->len > n)
		((struct query_line *)g_ptr_array_index(p->lines, n))->is_doubt = true;
}

char *query_line_join(const struct query_line *l, guint first, guint n)
{
	GString *s = g_string_new(NULL);

	for (guint i = first; i < first + n; i++)
		g_string_append_printf(s, "%s%s", i > first ? " " : "", word_at(l, i)->folded);
	return g_string_free(s, FALSE);
}

char *query_line_text(const struct query_line *line)
{
	return query_line_join(line, 0, line->words->len);
}

/* Tokens hold letters and digits alone; the doubling is the belt to those braces. */
void query_quote(GString *s, const char *token)
{
	g_string_append_c(s, '"');
	for (; *token; token++) {
		if (*token == '"')
			g_string_append_c(s, '"');
		g_string_append_c(s, *token);
	}
	g_string_append_c(s, '"');
}

char *query_match_strict(const struct query_plan *p, const char *match)
{
	GString *s = g_string_new(match);

	if (p->phrases->len + p->excluded->len == 0)
		return g_string_free(s, FALSE);
	g_string_prepend_c(s, '(');
	g_string_append_c(s, ')');
	for (guint i = 0; i < p->phrases->len; i++)
		g_string_append_printf(s, " AND (%s)", (char *)g_ptr_array_index(p->phrases, i));
	if (p->excluded->len > 0) {
		g_string_prepend_c(s, '(');
		g_string_append_c(s, ')');
	}
	for (guint i = 0; i < p->excluded->len; i++)
		g_string_append_printf(s, " NOT (%s)", (char *)g_ptr_array_index(p->excluded, i));
	return g_string_free(s, FALSE);
}
