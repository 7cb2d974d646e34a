/* SPDX-License-Identifier: MIT */
/* A text as the folded words that syllable.c cuts it into, with their places. It does not look into the register and builds no query. */
#include <string.h>

#include "base/macros.h"
#include "fold.h"
#include "syllable.h"

/* Without marks only where no telling word is spelt alike: "cua" may be cửa, "cho" chợ, "tai" tài. Read once a query. */
static const char *const stop_words[] = {
	"và",  "va",   "của",  "các",  "cac",  "là",  "ở",     "o",     "tại",   "trong", "trên", "tren", "với",
	"voi", "được", "duoc", "về",   "ve",   "này", "nay",   "đó",    "những", "nhung", "khi",  "như",  "từ",
	"đến", "theo", "thì",  "mà",   "bị",   "bởi", "để",    "đã",    "sẽ",    "se",    "đang", "có",   "thế",
	"nào", "nao",  "gì",   "gi",   "sao",  "hay", "hoặc",  "hoac",  "cùng",  "vào",   "vao",  "ra",   "nhằm",
	"rất", "rat",  "làm",  "phải", "phai", "cần", "không", "khong", "ạ",     "nhé",   "nhe",  "vậy",  "nhiêu",
	"ai",   "hãy",  "rằng", "rang",
};

struct search_text *search_text_new(const char *utf8)
{
	struct search_text *t = g_new0(struct search_text, 1);
	const char *text = utf8 ? utf8 : "";
	size_t len = strlen(text);
	GString *tokens = g_string_sized_new(len + 16);
	struct syllable s;

	t->words = g_array_new(FALSE, FALSE, sizeof(struct search_word));
	syllable_begin(&s, text, len);
	while (syllable_next(&s)) {
		struct search_word w = { .len = (uint32_t)s.folded_len,
					 .start = (uint32_t)(s.start - text),
					 .text_len = (uint32_t)(s.text - s.start) };

		if (tokens->len > 0)
			g_string_append_c(tokens, ' ');
		w.at = (uint32_t)tokens->len;
		g_string_append_len(tokens, s.folded, (gssize)s.folded_len);
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

bool search_is_stop(const char *typed)
{
	for (size_t i = 0; i < ARRAY_SIZE(stop_words); i++) {
		if (strcmp(stop_words[i], typed) == 0)
			return true;
	}
	return false;
}
