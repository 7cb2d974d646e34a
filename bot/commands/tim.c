/* SPDX-License-Identifier: MIT */
/* /tim: a page of hits, then a number to read one, or /tiep for the next page. Searching itself is store/search, the words are
 * tim_reply.c's, what may be typed instead tim_offer.c's. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/command.h"
#include "tim_offer.h"
#include "tim_reply.h"
#include "xem.h"

/* One screen of a phone. */
#define TIM_HITS 5
/* A longer one is a telephone number or the like, no number of a list. */
#define NUMBER_DIGITS_MAX 2
/* Two lines of it. */
#define TIM_SNIPPET 100

/* --- what is remembered of a page: {"args": as typed, "hits": ids from the first page on, "rows": the same by item_id, "meant": near queries,
 * "end": nothing follows} --- */

static void strings_add(cJSON *data, const char *key, const GPtrArray *strings)
{
	cJSON *list = cJSON_AddArrayToObject(data, key);

	for (guint i = 0; i < strings->len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(strings->pdata[i]));
}

/* Caller unrefs. */
static GPtrArray *strings_get(const cJSON *data, const char *key)
{
	const cJSON *list = json_at(data, key), *one;
	GPtrArray *strings = g_ptr_array_new_with_free_func(g_free);

	cJSON_ArrayForEach (one, list) {
		if (cJSON_IsString(one))
			g_ptr_array_add(strings, g_strdup(one->valuestring));
	}
	return strings;
}

static void rows_add(cJSON *data, const GArray *rows)
{
	cJSON *list = cJSON_AddArrayToObject(data, "rows");

	for (guint i = 0; i < rows->len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateNumber((double)g_array_index(rows, int64_t, i)));
}

/* Caller unrefs. */
static GArray *rows_get(const cJSON *data)
{
	const cJSON *list = json_at(data, "rows"), *one;
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(int64_t));

	cJSON_ArrayForEach (one, list) {
		int64_t row = (int64_t)cJSON_GetNumberValue(one);

		g_array_append_val(rows, row);
	}
	return rows;
}

static void remember(struct cmd_ctx *ctx, const struct tim_page *p)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autoptr(GPtrArray) ids = g_ptr_array_copy(p->shown, (GCopyFunc)(void (*)(void))g_strdup, NULL);
	g_autoptr(GArray) rows = g_array_copy(p->shown_rows);
	g_autofree char *line = search_filters_line(&p->filters, p->filters.text), *text = NULL;

	g_ptr_array_set_free_func(ids, g_free);
	for (guint n = 0; n < p->hits->len; n++) {
		const struct search_hit *h = p->hits->pdata[n];

		g_ptr_array_add(ids, item_id_text(h->kind, h->number));
		g_array_append_val(rows, h->item_id);
	}
	json_add_str(data, "args", line);
	strings_add(data, "hits", ids);
	rows_add(data, rows);
	strings_add(data, "meant", p->meant);
	cJSON_AddBoolToObject(data, "end", p->note.left <= (int64_t)p->hits->len && !p->note.is_more && !tim_is_incomplete(p));
	text = json_text(data);
	cmd_ask_for(ctx, &cmd_tim, "pick", text);
	cmd_more(ctx, &cmd_tim, text);
}

/* --- searching --- */

static enum cmd_status end_say(struct cmd_ctx *ctx, const char *line)
{
	g_autofree char *words = text_ellipsize(line, TIM_WORDS_CHARS);

	cmd_line_if_closed(ctx, MSG_TIM_END, "words", words, NULL);
	return cmd_say(ctx, MSG_TIM_END, "words", words, NULL);
}

static enum cmd_status page_find(struct cmd_ctx *ctx, struct tim_page *p)
{
	struct search_query q = { .except = p->shown_rows, .limit = TIM_HITS, .snippet = TIM_SNIPPET, .viewer = ctx->member };
	g_autofree char *line = search_filters_line(&p->filters, p->filters.text);

	search_filters_query(&p->filters, &q);
	p->hits = store_search(ctx->db, ctx->registry, &q, &p->note, &ctx->error);
	if (!p->hits)
		return cmd_broken(ctx, NULL);
	if (!tim_offer_meant(ctx, p, &q))
		return cmd_broken(ctx, NULL);
	if (p->hits->len) {
		tim_say_hits(ctx, p);
	} else if (p->shown->len && tim_is_incomplete(p)) {
		cmd_line_if_closed(ctx, p->note.is_partial ? MSG_TIM_PARTIAL : MSG_TIM_REBUILDING, NULL);
		tim_say_incomplete(ctx, p);
	} else if (p->shown->len) {
		end_say(ctx, line);
	} else {
		if (!tim_offer_others(ctx, p))
			return cmd_broken(ctx, NULL);
		tim_say_none(ctx, p);
	}
	if (p->hits->len || p->shown->len || p->meant->len)
		remember(ctx, p);
	return CMD_DONE;
}

/* "SK14", "#14", "số 14", "TB7" and nothing else: to be read, not to be looked for. Caller frees. */
static char *id_of(const char *args)
{
	g_autofree char *folded = text_fold(args);
	const char *prefix, *rest, *implied = *args == '#' || g_str_has_prefix(folded, "so ") ? "SK" : NULL;
	int64_t number;

	if (!reader_id(args, implied, &prefix, &number, &rest) || *rest)
		return NULL;
	return g_strdup_printf("%s%" G_GINT64_FORMAT, prefix, number);
}

/* before: what is remembered of the pages before, or NULL. */
static enum cmd_status search(struct cmd_ctx *ctx, const char *args, const cJSON *before)
{
	struct tim_page p = { .shown = strings_get(before, "hits"), .shown_rows = rows_get(before), .meant = g_ptr_array_new_with_free_func(g_free) };
	g_autofree char *unclear = NULL;
	enum cmd_status status = CMD_DONE;

	if (!search_filters_read(args, ctx->registry, config_str(ctx->config, "bot", "address_form"), &p.filters, &unclear))
		cmd_say_text(ctx, unclear);
	else if (!*p.filters.text && !search_filters_any(&p.filters))
		status = CMD_USAGE;
	else
		status = page_find(ctx, &p);
	if (p.hits)
		g_ptr_array_unref(p.hits);
	g_ptr_array_unref(p.shown);
	g_array_unref(p.shown_rows);
	g_ptr_array_unref(p.meant);
	g_free(p.other);
	search_note_clear(&p.note);
	search_filters_clear(&p.filters);
	return status;
}

static enum cmd_status tim_run(struct cmd_ctx *ctx)
{
	g_autofree char *id = id_of(ctx->reading->args);

	if (id)
		return xem_show_typed(ctx, id);
	return search(ctx, ctx->reading->args, NULL);
}

static enum cmd_status tim_more(struct cmd_ctx *ctx, const char *data)
{
	g_autoptr(cJSON) page = json_parse(data, strlen(data), NULL);
	const char *args;
	bool end;

	if (!page || !json_str(page, "args", &args))
		return CMD_PASS;
	if (json_bool(page, "end", &end) && end)
		return end_say(ctx, args);
	return search(ctx, args, page);
}

/* "6", "1, 2", "1 và 2": numbers as lists have them. */
static bool is_numbers(const char *text)
{
	g_autofree char *folded = text_fold(text);
	g_auto(GStrv) words = g_strsplit_set(folded, " ,;&+", -1);
	unsigned n = 0;

	for (guint i = 0; words[i]; i++) {
		const size_t digits = strspn(words[i], "0123456789");

		if (digits > NUMBER_DIGITS_MAX || (words[i][digits] && strcmp(words[i] + digits, ".") != 0 && strcmp(words[i], "va") != 0))
			return false;
		n += digits > 0;
	}
	return n > 0 && !strchr(text, '#'); /* "#6" is an item */
}

static enum cmd_status say_numbers(struct cmd_ctx *ctx, unsigned most)
{
	g_autofree char *n = g_strdup_printf("%u", most);

	return most > 1 ? cmd_say(ctx, MSG_TIM_NUMBERS, "n", n, NULL) : cmd_say(ctx, MSG_TIM_NUMBER_ONE, NULL);
}

/* The list stays open: after reading 1 people type 2. Where nothing was found the numbers are those of the near queries. */
static enum cmd_status tim_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
	g_autoptr(GPtrArray) hits = strings_get(data, "hits"), meant = strings_get(data, "meant");
	unsigned n = reader_choice(ctx->u->text, hits->len ? hits->len : meant->len);
	enum reader_answer answer = meant->len ? reader_yes_no(ctx->u->text) : ANSWER_OTHER;

	if (n && hits->len)
		return xem_show_id(ctx, hits->pdata[n - 1]);
	if (!n && answer == ANSWER_YES)
		n = 1;
	if (n)
		return search(ctx, meant->pdata[n - 1], NULL);
	if (answer == ANSWER_NO && !hits->len) {
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_TIM_MEANT_NO, NULL);
	}
	return is_numbers(ctx->u->text) ? say_numbers(ctx, hits->len ? hits->len : meant->len) : CMD_PASS;
}

const struct command cmd_tim = {
	.name = "tim",
	.brief = "t",
	.words = "timkiem tracuu kiem",
	.min_role = ROLE_NONE,
	.flags = CMD_READS | CMD_MENU | CMD_MINUS,
	.summary = MSG_TIM_SUMMARY,
	.syntax = MSG_TIM_SYNTAX,
	.example = MSG_TIM_EXAMPLE,
	.run = tim_run,
	.answer = tim_answer,
	.more = tim_more,
};
