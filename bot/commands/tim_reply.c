/* SPDX-License-Identifier: MIT */
/* A list of hits that fits a phone. Decides nothing about what is found. */
#include "tim_reply.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "itemref.h"

/* What a reply may hold in all (domain §2.5), less the lines above and below the hits. */
#define LIST_CHARS_MAX 1400
/* A title is cut here; those of the bot's own items are shorter. */
#define TITLE_CHARS_MAX 200
#define SNIPPET_INDENT "   "
/* A longer stretch is not made bold: no message may be cut within one, and a letter may carry any number of marks. */
#define BOLD_BYTES_MAX 600

/* n of the hits, or all: where counting stopped n is only the least. */
static char *count_text(struct cmd_ctx *ctx, const struct tim_page *p, int64_t n)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, n);

	return p->note.is_more ? cmd_text(ctx, MSG_TIM_COUNT_MORE, "n", text, NULL) : g_strdup(text);
}

/* What was typed, with the diacritics of the first title that holds these words ("dai truyen thanh" -> "đài truyền thanh"): people see that
 * they were understood. Caller frees. */
static char *with_diacritics(const char *typed, const char *title)
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

/* --- the head --- */

/* " theo đơn vị …", " (đồng chí gõ “…”)": what belongs to the words. Caller frees. */
static char *words_note(struct cmd_ctx *ctx, const struct tim_page *p, bool is_mended)
{
	g_autofree char *filters = search_filters_name(&p->filters, config_str(ctx->config, "bot", "address_form"));
	g_autofree char *typed = text_ellipsize(p->filters.text, TIM_WORDS_CHARS);
	g_autofree char *by = *filters ? cmd_text(ctx, MSG_TIM_NOTE_FILTERS, "filters", filters, NULL) : g_strdup("");
	g_autofree char *mended = is_mended ? cmd_text(ctx, MSG_TIM_NOTE_MENDED, "typed", typed, NULL) : g_strdup("");

	return g_strconcat(mended, by, NULL);
}

/* Marks that were typed are as they were: "sổ đỏ" is no "sơ đồ", even where nothing better was found. */
static bool is_kept(const char *typed, const char *spelt)
{
	g_auto(GStrv) from = g_strsplit(typed, " ", -1), to = g_strsplit(spelt, " ", -1);

	for (guint i = 0; from[i] && to[i]; i++) {
		g_autofree char *lower = g_utf8_strdown(from[i], -1);

		if (!g_str_is_ascii(lower) && strcmp(lower, to[i]) != 0)
			return false;
	}
	return true;
}

/* The first hit of a later page need not have the words in its title. */
static char *words_spelt(const struct tim_page *p)
{
	g_autofree char *spelt = NULL;
	const struct search_hit *best = p->hits->pdata[0];
	const char *typed = p->filters.text;

	if (p->note.meant)
		return search_spelling(p->note.meant, best);
	if (p->shown->len && g_str_is_ascii(typed) && !strpbrk(typed, "\"-"))
		return search_spelling(typed, best);
	spelt = with_diacritics(typed, best->title);
	return is_kept(typed, spelt) ? g_steal_pointer(&spelt) : g_strdup(typed);
}

static char *words_shown(const struct tim_page *p)
{
	g_autofree char *words = words_spelt(p);

	return text_ellipsize(words, TIM_WORDS_CHARS);
}

bool tim_any_with_all_words(const struct tim_page *p)
{
	for (guint i = 0; i < p->hits->len; i++) {
		if (((const struct search_hit *)p->hits->pdata[i])->all_words)
			return true;
	}
	return false;
}

static void say_head(struct cmd_ctx *ctx, const struct tim_page *p, int64_t total)
{
	g_autofree char *n = count_text(ctx, p, total), *from = g_strdup_printf("%u", p->shown->len + 1);
	g_autofree char *to = g_strdup_printf("%u", p->shown->len + p->hits->len);
	g_autofree char *filters = search_filters_name(&p->filters, config_str(ctx->config, "bot", "address_form"));
	g_autofree char *words = *p->filters.text ? words_shown(p) : NULL, *note = words_note(ctx, p, p->note.meant);

	if (!words && p->shown->len)
		cmd_say(ctx, MSG_TIM_FOUND_PAGE_FILTERS, "from", from, "to", to, "n", n, "filters", filters, NULL);
	else if (!words)
		cmd_say(ctx, MSG_TIM_FOUND_FILTERS, "n", n, "filters", filters, NULL);
	else if (p->shown->len)
		cmd_say(ctx, MSG_TIM_FOUND_PAGE, "from", from, "to", to, "n", n, "words", words, "note", note, NULL);
	else
		cmd_say(ctx, tim_any_with_all_words(p) ? MSG_TIM_FOUND : MSG_TIM_FOUND_SOME, "n", n, "words", words, "note", note, NULL);
}

/* --- the hits --- */

/* Makes the found words of the next text bold; `len` bytes of what they belong to are shown, `at` in that text. */
static void bold_marks(struct cmd_ctx *ctx, const GArray *marks, size_t at, size_t len)
{
	for (guint i = 0; i < marks->len; i++) {
		const struct search_mark *m = &g_array_index(marks, struct search_mark, i);

		if (m->start + m->len <= len && m->len <= BOLD_BYTES_MAX)
			cmd_bold(ctx, at + m->start, m->len);
	}
}

/* Returns the characters said. */
static size_t say_hit(struct cmd_ctx *ctx, const struct search_hit *h, unsigned number)
{
	const struct unit *u = h->unit ? registry_unit(ctx->registry, h->unit) : NULL;
	g_autofree char *id = item_id_text(h->kind, h->number), *i = g_strdup_printf("%u", number);
	g_autofree char *title = text_ellipsize(h->title, TITLE_CHARS_MAX), *line = NULL;
	bool is_whole = strcmp(title, h->title) == 0;

	if (h->kind == ITEM_EXEMPLAR && u) {
		line = cmd_text(ctx, MSG_TIM_HIT_EXEMPLAR, "i", i, "id", id, "unit", u->name, NULL);
	} else {
		line = cmd_text(ctx, MSG_TIM_HIT, "i", i, "id", id, "title", title, NULL);
		bold_marks(ctx, h->title_marks, strlen(line) - strlen(title), is_whole ? strlen(title) : strlen(title) - strlen("…"));
	}
	if (h->status != ITEM_APPROVED) {
		g_autofree char *plain = g_steal_pointer(&line);

		line = cmd_text(ctx, MSG_TIM_HIT_STATE, "hit", plain, "state", itemref_state(h->status), NULL);
	}
	cmd_say_text(ctx, line);
	return text_len(line, TEXT_CODE_POINTS);
}

/* Where the title does not say why it was found. */
static size_t say_snippet(struct cmd_ctx *ctx, const struct search_hit *h, size_t room)
{
	g_autofree char *line = g_strconcat(SNIPPET_INDENT, h->snippet, NULL);
	size_t len = text_len(line, TEXT_CODE_POINTS);

	if (h->in_title || h->snippet_marks->len == 0 || len > room)
		return 0;
	bold_marks(ctx, h->snippet_marks, strlen(SNIPPET_INDENT), strlen(h->snippet));
	cmd_say_text(ctx, line);
	return len;
}

static void say_list(struct cmd_ctx *ctx, const struct tim_page *p)
{
	size_t n = 0;

	for (guint i = 0; i < p->hits->len; i++) {
		n += say_hit(ctx, p->hits->pdata[i], p->shown->len + i + 1);
		n += say_snippet(ctx, p->hits->pdata[i], LIST_CHARS_MAX - MIN(n, LIST_CHARS_MAX));
	}
}

/* --- the foot --- */

bool tim_is_incomplete(const struct tim_page *p)
{
	return p->note.is_partial || p->note.is_outdated;
}

void tim_say_incomplete(struct cmd_ctx *ctx, const struct tim_page *p)
{
	if (p->note.is_partial)
		cmd_say(ctx, MSG_TIM_PARTIAL, NULL);
	if (p->note.is_outdated)
		cmd_say(ctx, MSG_TIM_REBUILDING, NULL);
}

static void say_foot(struct cmd_ctx *ctx, const struct tim_page *p, int64_t total)
{
	g_autoptr(GString) numbers = g_string_new(NULL);
	guint last = p->shown->len + p->hits->len;
	g_autofree char *more = count_text(ctx, p, total - last);

	for (guint n = p->shown->len + 1; n <= last; n++)
		g_string_append_printf(numbers, "%s%u", numbers->len ? ", " : "", n);
	if (total > last)
		cmd_say(ctx, MSG_TIM_FOOT_MORE, "numbers", numbers->str, "n", more, NULL);
	else if (p->note.is_more)
		cmd_say(ctx, MSG_TIM_FOOT_MAYBE, "numbers", numbers->str, NULL);
	else
		cmd_say(ctx, p->shown->len && !tim_is_incomplete(p) ? MSG_TIM_FOOT_LAST : MSG_TIM_FOOT, "numbers", numbers->str, NULL);
	tim_say_incomplete(ctx, p);
}

/* The one line of a group whose writer has no private chat open. */
static void say_group(struct cmd_ctx *ctx, const struct tim_page *p, int64_t total)
{
	const struct search_hit *best = p->hits->pdata[0];
	g_autofree char *id = item_id_text(best->kind, best->number), *title = text_ellipsize(best->title, CMD_LINE_MAX / 2);
	g_autofree char *more = count_text(ctx, p, total - p->shown->len - 1), *line = search_filters_line(&p->filters, p->filters.text);

	if (total > p->shown->len + 1)
		cmd_line_if_closed(ctx, MSG_TIM_LINE_MORE, "id", id, "title", title, "n", more, "words", line, NULL);
	else
		cmd_line_if_closed(ctx, MSG_TIM_LINE_ONE, "id", id, "title", title, NULL);
}

void tim_say_hits(struct cmd_ctx *ctx, const struct tim_page *p)
{
	const struct search_hit *best = p->hits->pdata[0];
	int64_t total = p->shown->len + p->note.left; /* also what was shown and has gone since: it keeps its number */
	g_autofree char *text = NULL;

	say_head(ctx, p, total);
	say_list(ctx, p);
	say_foot(ctx, p, total);
	if (p->meant->len) {
		text = g_strdup(p->meant->pdata[0]);
		cmd_say(ctx, MSG_TIM_MEANT_ALSO, "text", text, "line", text, NULL);
	}
	say_group(ctx, p, total);
	if (p->hits->len == 1)
		cmd_about(ctx, best->item_id);
}

/* --- nothing --- */

static void say_meant(struct cmd_ctx *ctx, const GPtrArray *meant)
{
	g_autoptr(GString) choices = g_string_new(NULL), numbers = g_string_new(NULL);

	if (meant->len == 1)
		cmd_say(ctx, MSG_TIM_MEANT_ONE, "text", (const char *)meant->pdata[0], NULL);
	for (guint i = 0; meant->len > 1 && i < meant->len; i++) {
		g_autofree char *n = g_strdup_printf("%u", i + 1);
		g_autofree char *choice = cmd_text(ctx, MSG_TIM_MEANT_CHOICE, "i", n, "text", (const char *)meant->pdata[i], NULL);

		g_string_append_printf(choices, "%s%s", i ? " " : "", choice);
		g_string_append_printf(numbers, "%s%s", i ? ", " : "", n);
	}
	if (meant->len > 1)
		cmd_say(ctx, MSG_TIM_MEANT_MANY, "choices", choices->str, "numbers", numbers->str, NULL);
}

void tim_say_none(struct cmd_ctx *ctx, const struct tim_page *p)
{
	g_autofree char *words = text_ellipsize(p->filters.text, TIM_WORDS_CHARS);
	g_autofree char *filters = search_filters_name(&p->filters, config_str(ctx->config, "bot", "address_form")), *note = words_note(ctx, p, false);
	g_autofree char *line = search_filters_line(&p->filters, words);
	g_autofree char *next = p->other ? cmd_text(ctx, MSG_TIM_NONE_TRY, "other", p->other, NULL) : cmd_text(ctx, MSG_TIM_NONE_TRY_FIELDS, NULL);

	if (p->note.is_outdated)
		cmd_line_if_closed(ctx, MSG_TIM_REBUILDING, NULL);
	else
		cmd_line_if_closed(ctx, MSG_TIM_LINE_NONE, "words", line, NULL);
	if (!*words)
		cmd_say(ctx, MSG_TIM_NONE_FILTERS, "filters", filters, "next", next, NULL);
	else
		cmd_say(ctx, MSG_TIM_NONE, "words", words, "note", note, "next", next, NULL);
	tim_say_incomplete(ctx, p);
	if (p->filters.statuses & ~(1u << ITEM_APPROVED))
		cmd_say(ctx, MSG_TIM_NONE_OPEN, NULL);
	if (p->unfiltered)
		cmd_say(ctx, MSG_TIM_NONE_WITHOUT_FILTERS, "words", p->unfiltered, NULL);
	say_meant(ctx, p->meant);
}
