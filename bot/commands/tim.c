/* SPDX-License-Identifier: MIT */
/* /tim: a list that fits a phone, then a number to read one. Searching itself is store/search. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/command.h"
#include "itemref.h"
#include "store/search/search.h"
#include "xem.h"

/* One screen of a phone. */
#define TIM_HITS 5
/* Units named where the typed one is unclear. */
#define TIM_NEAR 3

struct request {
	struct search_words words;
	const struct unit *unit;
	const struct field *field;
};

/* Names the nearest units, the first of them in a line to copy. words: what is searched for, with its blank, or "". */
static void say_unit_unclear(struct cmd_ctx *ctx, const char *typed, const char *words, const GPtrArray *near)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL;

	for (guint i = 0; near && i < near->len && i < TIM_NEAR; i++)
		g_ptr_array_add(names, ((const struct unit *)near->pdata[i])->name);
	if (!names->len) {
		cmd_say(ctx, MSG_TIM_UNIT_UNCLEAR, "typed", typed, "words", words, NULL);
		return;
	}
	g_ptr_array_add(names, NULL);
	list = g_strjoinv(", ", (char **)names->pdata);
	cmd_say(ctx, MSG_TIM_UNIT_NEAR, "typed", typed, "words", words, "names", list, "first", (const char *)names->pdata[0], NULL);
}

/* True: a filter was not understood, the person was told. */
static bool read_filters(struct cmd_ctx *ctx, struct request *q)
{
	struct unit_match m = { NULL, NULL };
	g_autofree char *words = g_strconcat(q->words.text, *q->words.text ? " " : "", NULL);
	GPtrArray *near = NULL;

	if (q->words.unit) {
		registry_match_unit(ctx->registry, q->words.unit, &m);
		q->unit = m.unit;
		if (!q->unit)
			say_unit_unclear(ctx, q->words.unit, words, m.near);
		unit_match_clear(&m);
		if (!q->unit)
			return true;
	}
	if (q->words.field) {
		q->field = registry_match_field(ctx->registry, q->words.field, &near);
		if (near)
			g_ptr_array_unref(near);
		if (!q->field) {
			cmd_say(ctx, MSG_TIM_FIELD_UNCLEAR, "typed", q->words.field, "words", words, NULL);
			return true;
		}
	}
	return false;
}

/* What was typed, with the marks of the first title that holds these words ("dai truyen thanh" -> "đài truyền thanh"): people see that
 * they were understood. Caller frees. */
static char *with_marks(const char *typed, const char *title)
{
	g_autofree char *folded = text_fold(typed);
	g_auto(GStrv) words = g_strsplit_set(title, " ,.;:()“”\"", -1);
	size_t n = g_strv_length(words);

	for (size_t from = 0; from < n && *folded; from++)
		for (size_t to = from; to < n; to++) {
			g_autofree char *piece = NULL, *piece_folded = NULL, *kept = words[to + 1];

			words[to + 1] = NULL;
			piece = g_strjoinv(" ", words + from);
			words[to + 1] = g_steal_pointer(&kept);
			piece_folded = text_fold(piece);
			if (!strcmp(piece_folded, folded))
				return g_utf8_strdown(piece, -1);
			if (strlen(piece_folded) > strlen(folded))
				break;
		}
	return g_strdup(typed);
}

static char *hit_line(struct cmd_ctx *ctx, const struct search_hit *h, unsigned number)
{
	const struct unit *u = h->unit ? registry_unit(ctx->registry, h->unit) : NULL;
	g_autofree char *id = item_id_text(h->kind, h->number), *i = g_strdup_printf("%u", number);

	if (h->kind == ITEM_EXEMPLAR && u)
		return cmd_text(ctx, MSG_TIM_HIT_EXEMPLAR, "i", i, "id", id, "unit", u->name, NULL);
	return cmd_text(ctx, MSG_TIM_HIT, "i", i, "id", id, "title", h->title, NULL);
}

static void remember(struct cmd_ctx *ctx, const GPtrArray *hits)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(data, "hits");
	g_autofree char *text = NULL;

	for (guint n = 0; n < hits->len; n++) {
		const struct search_hit *h = hits->pdata[n];
		g_autofree char *id = item_id_text(h->kind, h->number);

		cJSON_AddItemToArray(list, cJSON_CreateString(id));
	}
	text = json_text(data);
	cmd_ask(ctx, "pick", text);
}

static void say_foot(struct cmd_ctx *ctx, unsigned shown, int64_t total)
{
	g_autoptr(GString) numbers = g_string_new("1");
	g_autofree char *more = g_strdup_printf("%" G_GINT64_FORMAT, total - shown);

	for (unsigned n = 2; n <= shown; n++)
		g_string_append_printf(numbers, ", %u", n);
	if (total > shown)
		cmd_say(ctx, MSG_TIM_FOOT_MORE, "numbers", numbers->str, "n", more, NULL);
	else
		cmd_say(ctx, MSG_TIM_FOOT, "numbers", numbers->str, NULL);
}

static void say_group(struct cmd_ctx *ctx, const struct search_hit *best, int64_t total, const char *words)
{
	g_autofree char *id = item_id_text(best->kind, best->number), *more = g_strdup_printf("%" G_GINT64_FORMAT, total - 1);
	g_autofree char *title = text_ellipsize(best->title, CMD_LINE_MAX / 2);

	if (total > 1)
		cmd_line_if_closed(ctx, MSG_TIM_LINE_MORE, "id", id, "title", title, "n", more, "words", words, NULL);
	else
		cmd_line_if_closed(ctx, MSG_TIM_LINE_ONE, "id", id, "title", title, NULL);
}

/* "đơn vị UBND huyện Trực Ninh, năm 2023": what was asked for where no words were. Caller frees. */
static char *filters_text(struct cmd_ctx *ctx, const struct request *q)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *year = g_strdup_printf("%d", q->words.year);

	if (q->unit)
		g_ptr_array_add(parts, cmd_text(ctx, MSG_TIM_FILTER_UNIT, "unit", q->unit->name, NULL));
	if (q->field)
		g_ptr_array_add(parts, cmd_text(ctx, MSG_TIM_FILTER_FIELD, "field", q->field->name, NULL));
	if (q->words.year)
		g_ptr_array_add(parts, cmd_text(ctx, MSG_TIM_FILTER_YEAR, "year", year, NULL));
	g_ptr_array_add(parts, NULL);
	return g_strjoinv(", ", (char **)parts->pdata);
}

static void say_head(struct cmd_ctx *ctx, const struct request *q, const struct search_hit *best, const char *n)
{
	g_autofree char *words = NULL;

	if (!*q->words.text) {
		words = filters_text(ctx, q);
		cmd_say(ctx, MSG_TIM_FOUND_FILTERS, "n", n, "filters", words, NULL);
		return;
	}
	words = with_marks(q->words.text, best->title);
	cmd_say(ctx, best->all_words ? MSG_TIM_FOUND : MSG_TIM_FOUND_SOME, "n", n, "words", words, NULL);
}

static enum cmd_status say_hits(struct cmd_ctx *ctx, const struct request *q, const GPtrArray *hits, int64_t total)
{
	const struct search_hit *best = hits->pdata[0];
	g_autofree char *n = NULL;

	total = MAX(total, (int64_t)hits->len);
	n = g_strdup_printf("%" G_GINT64_FORMAT, total);
	say_head(ctx, q, best, n);
	for (guint i = 0; i < hits->len; i++) {
		g_autofree char *line = hit_line(ctx, hits->pdata[i], i + 1);

		cmd_say_text(ctx, line);
	}
	say_foot(ctx, hits->len, total);
	say_group(ctx, best, total, ctx->reading->args);
	if (hits->len == 1)
		cmd_about(ctx, best->item_id);
	remember(ctx, hits);
	return CMD_DONE;
}

static enum cmd_status say_none(struct cmd_ctx *ctx, const struct request *q)
{
	const struct field *f = registry_guess_field(ctx->registry, q->words.text);
	const char *other = f && f->aliases && f->aliases[0] ? f->aliases[0] : wording_raw(MSG_TIM_OTHER);
	g_autofree char *filters = filters_text(ctx, q);

	cmd_line_if_closed(ctx, MSG_TIM_LINE_NONE, "words", ctx->reading->args, NULL);
	if (!*q->words.text)
		return cmd_say(ctx, MSG_TIM_NONE_FILTERS, "filters", filters, "other", other, NULL);
	return cmd_say(ctx, MSG_TIM_NONE, "words", q->words.text, "other", other, NULL);
}

static enum cmd_status search(struct cmd_ctx *ctx, struct request *q)
{
	struct search_query query = { .text = q->words.text, .kind = -1, .year = q->words.year, .limit = TIM_HITS, .viewer = ctx->member };
	g_autoptr(GPtrArray) hits = NULL;
	int64_t total = 0;

	if (!*q->words.text && !q->words.unit && !q->words.field && !q->words.year)
		return CMD_USAGE;
	if (read_filters(ctx, q))
		return CMD_DONE;
	query.unit = q->unit ? q->unit->code : NULL;
	query.field = q->field ? q->field->code : NULL;
	hits = store_search(ctx->db, ctx->registry, &query, &total, &ctx->error);
	if (!hits)
		return cmd_broken(ctx, NULL);
	return hits->len ? say_hits(ctx, q, hits, total) : say_none(ctx, q);
}

static enum cmd_status tim_run(struct cmd_ctx *ctx)
{
	struct request q = { 0 };
	enum cmd_status status;

	reader_search_words(ctx->reading->args, &q.words);
	status = search(ctx, &q);
	search_words_clear(&q.words);
	return status;
}

/* The list stays open: after reading 1 people type 2. */
static enum cmd_status tim_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	const cJSON *hits = data ? json_at(data, "hits") : NULL, *id;
	unsigned n = cJSON_IsArray(hits) ? reader_choice(ctx->u->text, (unsigned)cJSON_GetArraySize(hits)) : 0;

	if (!n)
		return CMD_PASS;
	id = cJSON_GetArrayItem(hits, (int)n - 1);
	return cJSON_IsString(id) ? xem_show_id(ctx, id->valuestring) : CMD_PASS;
}

const struct command cmd_tim = {
	.name = "tim",
	.brief = "t",
	.words = "timkiem tracuu kiem",
	.min_role = ROLE_NONE,
	.flags = CMD_READS | CMD_MENU,
	.summary = MSG_TIM_SUMMARY,
	.syntax = MSG_TIM_SYNTAX,
	.example = MSG_TIM_EXAMPLE,
	.run = tim_run,
	.answer = tim_answer,
};
