/* SPDX-License-Identifier: MIT */
/* Asks the search for what it may offer. The words of the offer are tim_reply.c's. */
#include <string.h>

#include "base/text.h"
#include "tim_offer.h"

/* Near queries that are offered where nothing was found; where something was, only the best. */
#define MEANT_MAX 3
/* Other words of a field that are tried: the first ones are its usual names. */
#define OTHERS_MAX 4

/* Has anything all of these words? What a search offers of itself it would not take for found. */
static bool finds(struct cmd_ctx *ctx, const struct search_query *q, bool *ret_finds)
{
	g_autoptr(GPtrArray) hits = store_search(ctx->db, ctx->registry, q, NULL, &ctx->error);

	*ret_finds = hits && hits->len && ((const struct search_hit *)hits->pdata[0])->all_words;
	return hits != NULL;
}

/* "loa phường" is a name of a field: its items, whatever words these have. */
static bool meant_field(struct cmd_ctx *ctx, struct tim_page *p)
{
	g_autoptr(GPtrArray) near = NULL;
	const struct field *f = p->filters.field ? NULL : registry_match_field(ctx->registry, p->filters.text, &near);
	struct search_query q = { .kind = -1, .limit = 1, .viewer = ctx->member };
	struct search_filters with = p->filters; /* borrows all but the line */
	g_autofree char *line = NULL;
	bool is_found = false;

	if (!f)
		return true;
	with.field = f;
	with.text = NULL;
	search_filters_query(&with, &q);
	if (!finds(ctx, &q, &is_found))
		return false;
	with.field = NULL;
	line = g_strdup_printf("lv: %s", p->filters.text);
	if (is_found)
		g_ptr_array_add(p->meant, search_filters_line(&with, line));
	return true;
}

bool tim_offer_meant(struct cmd_ctx *ctx, struct tim_page *p, const struct search_query *q)
{
	const unsigned most = p->hits->len ? 1 : MEANT_MAX;
	g_autoptr(GPtrArray) texts = NULL;

	if (tim_any_with_all_words(p) || p->shown->len || p->note.is_partial || !*p->filters.text)
		return true;
	texts = store_search_suggest(ctx->db, ctx->registry, q, most, &ctx->error);
	for (guint i = 0; texts && i < texts->len; i++)
		g_ptr_array_add(p->meant, search_filters_line(&p->filters, texts->pdata[i]));
	return texts && (p->meant->len >= most || meant_field(ctx, p));
}

static bool find_unfiltered(struct cmd_ctx *ctx, struct tim_page *p)
{
	const struct search_query q = { .text = p->filters.text, .kind = -1, .limit = 1, .viewer = ctx->member };
	g_autoptr(GPtrArray) hits = NULL;

	if (!*p->filters.text || !search_filters_any(&p->filters))
		return true;
	hits = store_search(ctx->db, ctx->registry, &q, NULL, &ctx->error);
	if (hits && hits->len)
		p->unfiltered = p->filters.text;
	return hits != NULL;
}

/* Other words of the field that was probably meant, or the usual ones; not those that have just found nothing. */
static bool find_other(struct cmd_ctx *ctx, struct tim_page *p)
{
	const struct field *f = registry_guess_field(ctx->registry, p->filters.text);
	const char *const usual[] = { wording_raw(MSG_TIM_OTHER), NULL };
	const char *const *others = f && f->aliases && f->aliases[0] ? (const char *const *)f->aliases : usual;
	g_autofree char *folded = text_fold(p->filters.text);
	bool is_found = false;

	for (guint i = 0; i < OTHERS_MAX && others[i] && !is_found; i++) {
		const struct search_query q = { .text = others[i], .kind = -1, .limit = 1, .viewer = ctx->member };
		g_autofree char *other = text_fold(others[i]);

		if (strcmp(other, folded) == 0)
			continue;
		if (!finds(ctx, &q, &is_found))
			return false;
		if (is_found)
			p->other = g_strdup(others[i]);
	}
	return true;
}

bool tim_offer_others(struct cmd_ctx *ctx, struct tim_page *p)
{
	return find_unfiltered(ctx, p) && find_other(ctx, p);
}
