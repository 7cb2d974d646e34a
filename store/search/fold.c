/* SPDX-License-Identifier: MIT */
/* Cuts text into folded words and remembers where each stood. Beyond base/text it only makes y and i one letter where Vietnamese
 * spells the same syllable both ways; it does not look into the register and builds no query. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "fold.h"

/* Without marks only where no telling word is spelt alike: "cua" may be cửa, "cho" chợ, "tai" tài. Read once a query. */
static const char *const stop_words[] = {
	"và",  "va",   "của",  "các",  "cac",  "là",  "ở",     "o",     "tại",   "trong", "trên", "tren", "với",
	"voi", "được", "duoc", "về",   "ve",   "này", "nay",   "đó",    "những", "nhung", "khi",  "như",  "từ",
	"đến", "theo", "thì",  "mà",   "bị",   "bởi", "để",    "đã",    "sẽ",    "se",    "đang", "có",   "thế",
	"nào", "nao",  "gì",   "gi",   "sao",  "hay", "hoặc",  "hoac",  "cùng",  "vào",   "vao",  "ra",   "nhằm",
	"rất", "rat",  "làm",  "phải", "phai", "cần", "không", "khong", "ạ",     "nhé",   "nhe",  "vậy",  "nhiêu",
};

/* Consonant + y at the end of a syllable is also spelt i (kỹ, kĩ); after a vowel they differ (tay, tai), but for quy. */
static void fold_y(char *token, size_t len)
{
	if (len < 2 || len > 4 || token[len - 1] != 'y')
		return;
	if (!strchr("bcdfghjklmnpqrstvwxz", token[len - 2]) && !(len == 3 && token[0] == 'q' && token[1] == 'u'))
		return;
	token[len - 1] = 'i';
}

/* Signs without width inside a word do not end it; folding takes them off. */
static bool is_inside(gunichar c)
{
	return g_unichar_ismark(c) || c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F);
}

static bool is_word_char(const char *s)
{
	unsigned char b = (unsigned char)*s;

	return b < 0x80 ? g_ascii_isalnum(b) : g_unichar_isalnum(g_utf8_get_char(s));
}

static bool is_word_part(const char *s)
{
	return is_word_char(s) || ((unsigned char)*s >= 0x80 && is_inside(g_utf8_get_char(s)));
}

/* Finds the next word at or after *p: its start, and *p behind it. "&" is a word ("và"). False at the end. */
static bool word_next(const char **p, const char **ret_start, bool *ret_and)
{
	const char *s = *p;

	for (; *s; s = g_utf8_next_char(s)) {
		if (*s == '&' || is_word_char(s))
			break;
	}
	if (*s == '\0')
		return false;
	*ret_start = s;
	*ret_and = *s == '&';
	s = g_utf8_next_char(s);
	if (!*ret_and) {
		while (*s && is_word_part(s))
			s = g_utf8_next_char(s);
	}
	*p = s;
	return true;
}

/* The folded copy has the same words in the same order as the original: the two are walked side by side. */
struct search_text *search_text_new(const char *utf8)
{
	struct search_text *t = g_new0(struct search_text, 1);
	const char *text = utf8 ? utf8 : "", *original = text, *in_original = text;
	g_autofree char *folded = text_fold_keep(text);
	const char *p = folded, *start;
	GString *tokens = g_string_sized_new(strlen(folded) + 16);
	bool is_and, same = g_utf8_validate(text, -1, NULL), ignored;

	t->words = g_array_new(FALSE, FALSE, sizeof(struct search_word));
	while (word_next(&p, &start, &is_and)) {
		struct search_word w = { 0 };

		if (tokens->len > 0)
			g_string_append_c(tokens, ' ');
		w.at = (uint32_t)tokens->len;
		if (is_and)
			g_string_append(tokens, "va");
		else
			g_string_append_len(tokens, start, p - start);
		w.len = (uint32_t)(tokens->len - w.at);
		fold_y(tokens->str + w.at, w.len);
		/* A text whose copy has more words than it has itself (no known one) keeps its last place. */
		same = same && word_next(&original, &in_original, &ignored);
		w.start = (uint32_t)(in_original - text);
		w.text_len = (uint32_t)(same ? original - in_original : 0);
		g_array_append_val(t->words, w);
	}
	t->tokens = g_string_free(tokens, FALSE);
	return t;
}

void search_text_free(struct search_text *t)
{
	if (!t)
		return;
	g_free(t->tokens);
	g_array_unref(t->words);
	g_free(t);
}

char *search_fold(const char *utf8)
{
	struct search_text *t = search_text_new(utf8);
	char *tokens = g_steal_pointer(&t->tokens);

	search_text_free(t);
	return tokens;
}

char *search_text_join(const struct search_text *t, guint first, guint n)
{
	const struct search_word *a = &g_array_index(t->words, struct search_word, first);
	const struct search_word *b = &g_array_index(t->words, struct search_word, first + n - 1);

	return g_strndup(t->tokens + a->at, b->at + b->len - a->at);
}

char *search_accented(const char *utf8, const struct search_text *t)
{
	g_autofree char *lower = NULL;
	GString *s = g_string_new(" ");

	for (guint i = 0; i < t->words->len; i++) {
		const struct search_word *w = &g_array_index(t->words, struct search_word, i);

		g_string_append_len(s, utf8 + w->start, w->text_len);
		g_string_append_c(s, ' ');
	}
	lower = g_string_free(s, FALSE);
	return g_utf8_strdown(lower, -1);
}

bool search_is_stop(const char *typed)
{
	for (size_t i = 0; i < ARRAY_SIZE(stop_words); i++) {
		if (strcmp(stop_words[i], typed) == 0)
			return true;
	}
	return false;
}
