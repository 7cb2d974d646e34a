/* SPDX-License-Identifier: MIT */
/* Turns words into tokens for FTS5. What a word is, and its forms, is syllable.c's matter. */
#include <string.h>

#include "gather.h"

#include "tokenizer.h"

typedef int (*token_func)(void *ctx, int flags, const char *token, int len, int start, int end);

/* A word waits for the next one: the pair of them stands at its position. */
struct word {
	char folded[SYLLABLE_BYTES_MAX + 8], exact[SYLLABLE_BYTES_MAX + 9];
	size_t folded_len, exact_len;
	int start, end;
	bool has_exact;
};

/* FTS5 calls the tokenizer within the statement that writes: in the thread that listens. */
static __thread struct {
	tokenizer_listener *func;
	void *ctx;
} listener;

void tokenizer_listen(tokenizer_listener *func, void *ctx)
{
	listener.func = func;
	listener.ctx = ctx;
}

static int create(void *ctx, const char **args, int n_args, Fts5Tokenizer **ret)
{
	*ret = ctx; /* it has no state; any pointer but NULL */
	return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *t)
{
	/* Nothing was made. */
}

static void word_take(struct word *w, const struct syllable *s, const char *text)
{
	memcpy(w->folded, s->folded, s->folded_len + 1);
	w->folded_len = s->folded_len;
	w->exact[0] = '=';
	memcpy(w->exact + 1, s->exact, s->exact_len + 1);
	w->exact_len = s->exact_len + 1;
	w->start = (int)(s->start - text);
	w->end = (int)(s->text - text);
	w->has_exact = s->has_marks || syllable_takes_marks(s);
}

static int emit(const struct word *w, const struct word *next, void *ctx, token_func token)
{
	char pair[2 * SYLLABLE_BYTES_MAX + 20];
	int rc = token(ctx, 0, w->folded, (int)w->folded_len, w->start, w->end);

	if (rc == SQLITE_OK && w->has_exact)
		rc = token(ctx, FTS5_TOKEN_COLOCATED, w->exact, (int)w->exact_len, w->start, w->end);
	if (rc != SQLITE_OK || !next)
		return rc;
	memcpy(pair, w->folded, w->folded_len);
	pair[w->folded_len] = '_';
	memcpy(pair + w->folded_len + 1, next->folded, next->folded_len);
	return token(ctx, FTS5_TOKEN_COLOCATED, pair, (int)(w->folded_len + 1 + next->folded_len), w->start, w->end);
}

static int tokenize(Fts5Tokenizer *t, void *ctx, int flags, const char *text, int len, token_func token)
{
	struct syllable s;
	struct word words[2];
	unsigned n = 0;
	int rc = SQLITE_OK;

	if (len <= 0 || !text)
		return SQLITE_OK;
	if (flags & FTS5_TOKENIZE_QUERY)
		return token(ctx, 0, text, len, 0, len);
	syllable_begin(&s, text, (size_t)len);
	while (rc == SQLITE_OK && syllable_next(&s)) {
		if (listener.func)
			listener.func(listener.ctx, &s);
		word_take(&words[n % 2], &s, text);
		if (n > 0)
			rc = emit(&words[(n - 1) % 2], &words[n % 2], ctx, token);
		n++;
	}
	return rc == SQLITE_OK && n > 0 ? emit(&words[(n - 1) % 2], NULL, ctx, token) : rc;
}

static int api_of(sqlite3 *handle, fts5_api **ret)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &st, NULL);

	*ret = NULL;
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_pointer(st, 1, ret, "fts5_api_ptr", NULL);
	(void)sqlite3_step(st);
	rc = sqlite3_finalize(st);
	return rc == SQLITE_OK && !*ret ? SQLITE_ERROR : rc;
}

int tokenizer_register(sqlite3 *handle)
{
	static fts5_tokenizer methods = { create, destroy, tokenize };
	fts5_api *api;
	int rc = api_of(handle, &api);

	if (rc == SQLITE_OK)
		rc = api->xCreateTokenizer(api, "cdsbot", &methods, &methods, NULL);
	return rc == SQLITE_OK ? gather_register(api) : rc;
}
