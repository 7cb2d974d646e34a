/* SPDX-License-Identifier: MIT */
/* /viettat: what an abbreviation stands for, and the reverse; admins add, change and remove. The list is read from the database and not from the
 * snapshot: who has just changed a row sees it. */
#include <string.h>

#include "abbreviation.h"
#include "base/text.h"
#include "bot/command.h"
#include "store/abbreviation.h"
#include "store/search/fold.h"
#include "store/search/rebuild.h"

/* A phone's screen. */
#define VIETTAT_LINES 10

/* --- looking up --- */

static void add_row(struct cmd_ctx *ctx, GString *lines, const struct abbreviation_row *r)
{
	g_autofree char *meaning = abbreviation_shown(r->expansions);
	g_autofree char *line = cmd_text(ctx, MSG_VIETTAT_ROW, "brief", r->brief, "meaning", meaning, NULL);

	g_string_append_printf(lines, "%s%s", lines->len ? "\n" : "", line);
}

static enum cmd_status say_rows(struct cmd_ctx *ctx, const GPtrArray *found)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autofree char *n = g_strdup_printf("%u", found->len > VIETTAT_LINES ? found->len - VIETTAT_LINES : 0);
	const struct abbreviation_row *first = g_ptr_array_index(found, 0);
	g_autofree char *meaning = abbreviation_shown(first->expansions);

	for (guint i = 0; i < MIN(found->len, VIETTAT_LINES); i++)
		add_row(ctx, lines, g_ptr_array_index(found, i));
	cmd_line_if_closed(ctx, MSG_VIETTAT_ROW, "brief", first->brief, "meaning", meaning, NULL);
	cmd_say_text(ctx, lines->str);
	return found->len > VIETTAT_LINES ? cmd_say(ctx, MSG_VIETTAT_MORE, "n", n, NULL) : CMD_DONE;
}

static enum cmd_status say_none(struct cmd_ctx *ctx, const char *words)
{
	g_autofree char *shown = text_ellipsize(words, ABBREVIATION_MEANING_MAX), *brief = abbreviation_as_brief(words);

	cmd_line_if_closed(ctx, MSG_VIETTAT_NONE, "words", shown, NULL);
	cmd_say(ctx, MSG_VIETTAT_NONE, "words", shown, NULL);
	if (cmd_role(ctx) < ROLE_ADMIN)
		return cmd_say(ctx, MSG_VIETTAT_NONE_OTHERS, NULL);
	return cmd_say(ctx, MSG_VIETTAT_NONE_ADMIN, "brief", abbreviation_fits(brief) == ABBREVIATION_FITS ? brief : "BHTN", NULL);
}

static enum cmd_status look(struct cmd_ctx *ctx, const GPtrArray *rows, const char *words)
{
	g_autoptr(GPtrArray) found = abbreviation_find(rows, words);

	cmd_looked_up(ctx);
	return found->len ? say_rows(ctx, found) : say_none(ctx, words);
}

static enum cmd_status help(struct cmd_ctx *ctx, const GPtrArray *rows)
{
	g_autofree char *n = g_strdup_printf("%u", rows->len);

	cmd_looked_up(ctx);
	cmd_say(ctx, MSG_VIETTAT_HELP, "n", n, NULL);
	return cmd_role(ctx) < ROLE_ADMIN ? CMD_DONE : cmd_say(ctx, MSG_VIETTAT_HELP_ADMIN, NULL);
}

/* --- changing --- */

/* True: he may not, and has been told. */
static bool is_refused(struct cmd_ctx *ctx)
{
	g_autofree char *line = NULL;

	if (cmd_role(ctx) < ROLE_ADMIN) {
		cmd_say(ctx, ctx->member ? MSG_NOT_ALLOWED_ADMIN : MSG_NOT_REGISTERED, NULL);
		return true;
	}
	if (!ctx->reading->was_corrected)
		return false;
	line = g_strdup_printf("/viettat %s", ctx->reading->args);
	cmd_say(ctx, MSG_VIETTAT_TYPE_WHOLE, "line", line, NULL);
	return true;
}

static bool audit(struct cmd_ctx *ctx, const char *action, const char *brief, const char *before, const char *after)
{
	g_autofree char *subject = g_strconcat("abbreviation ", brief, NULL);

	cmd_register_changed(ctx);
	return cmd_audit(ctx, action, subject, before, after);
}

/* Whether the search goes by the list as it is now, or will when the index has been rebuilt. False only when broken. */
static bool is_in_step(struct cmd_ctx *ctx, bool *ret_is)
{
	struct rebuild_state s;

	if (!rebuild_get(ctx->db, &s, &ctx->error))
		return false;
	*ret_is = !s.is_outdated;
	return true;
}

/* False: what is wrong has been said. */
static bool is_good(struct cmd_ctx *ctx, const struct abbreviation_ask *ask, const char *brief, char **ret_meaning)
{
	g_autofree char *most = g_strdup_printf("%d", ABBREVIATION_MEANINGS_MAX), *letters = g_strdup_printf("%d", ABBREVIATION_MEANING_MAX),
			*brief_words = g_strdup_printf("%d", ABBREVIATION_WORDS_MAX), *brief_letters = g_strdup_printf("%d", ABBREVIATION_BRIEF_MAX);
	g_autofree char *shown = text_ellipsize(brief, ABBREVIATION_MEANING_MAX);
	enum abbreviation_fit fit = abbreviation_fits(brief);

	if (fit == ABBREVIATION_FITS)
		fit = abbreviation_meaning(brief, ask->meaning, ret_meaning);
	switch (fit) {
	case ABBREVIATION_FITS:
		return true;
	case ABBREVIATION_NO_BRIEF:
		cmd_say(ctx, MSG_VIETTAT_NO_BRIEF, NULL);
		break;
	case ABBREVIATION_BRIEF_LONG:
		cmd_say(ctx, MSG_VIETTAT_BRIEF_LONG, "brief", shown, "words", brief_words, "letters", brief_letters, NULL);
		break;
	case ABBREVIATION_BRIEF_WORD:
		cmd_say(ctx, MSG_VIETTAT_BRIEF_WORD, "brief", shown, NULL);
		break;
	case ABBREVIATION_NO_MEANING:
		cmd_say(ctx, MSG_VIETTAT_NO_MEANING, "brief", shown, NULL);
		break;
	case ABBREVIATION_MEANING_LONG:
		cmd_say(ctx, MSG_VIETTAT_MEANING_LONG, "brief", shown, "most", most, "letters", letters, NULL);
		break;
	case ABBREVIATION_MEANING_SAME:
		cmd_say(ctx, MSG_VIETTAT_MEANING_SAME, "brief", shown, NULL);
		break;
	case ABBREVIATION_SEVERAL:
		cmd_say(ctx, MSG_VIETTAT_ONE_AT_A_TIME, NULL);
		break;
	}
	return false;
}

/* Another spelling that reads the same without diacritics and means something else. */
static void say_other(struct cmd_ctx *ctx, const GPtrArray *rows, const char *brief, const char *meaning)
{
	g_autofree char *folded = search_fold(brief);

	for (guint i = 0; i < rows->len; i++) {
		const struct abbreviation_row *r = g_ptr_array_index(rows, i);
		g_autofree char *shown = abbreviation_shown(r->expansions);

		if (strcmp(r->folded, folded) || abbreviation_is_spelt(r, brief) || !strcmp(r->expansions, meaning))
			continue;
		cmd_say(ctx, MSG_VIETTAT_OTHER, "brief", r->brief, "meaning", shown, NULL);
		return;
	}
}

/* old: the row before, or NULL. */
static void say_set(struct cmd_ctx *ctx, const struct abbreviation_row *old, const char *brief, const char *meaning, bool in_step)
{
	g_autofree char *before = old ? abbreviation_shown(old->expansions) : NULL;

	if (!old) {
		cmd_say(ctx, in_step ? MSG_VIETTAT_ADDED : MSG_VIETTAT_ADDED_LATER, "brief", brief, "meaning", meaning, NULL);
		return;
	}
	cmd_say(ctx, MSG_VIETTAT_CHANGED, "brief", brief, "meaning", meaning, "before", before, NULL);
	if (!in_step)
		cmd_say(ctx, MSG_VIETTAT_LATER, NULL);
}

static enum cmd_status set(struct cmd_ctx *ctx, const GPtrArray *rows, const struct abbreviation_ask *ask)
{
	const struct abbreviation_row *old = abbreviation_spelt(rows, ask->brief);
	g_autofree char *brief = old ? g_strdup(old->brief) : abbreviation_as_brief(ask->brief), *meaning = NULL, *shown = NULL;
	bool in_step;

	if (is_refused(ctx) || !is_good(ctx, ask, brief, &meaning))
		return CMD_DONE;
	shown = abbreviation_shown(meaning);
	if (old && !strcmp(old->expansions, meaning))
		return cmd_say(ctx, MSG_VIETTAT_SAME, "brief", brief, "meaning", shown, NULL);
	if (!store_abbreviation_set(ctx->db, brief, meaning, &ctx->error) || !is_in_step(ctx, &in_step) ||
	    !audit(ctx, "abbreviation.set", brief, old ? old->expansions : NULL, meaning))
		return CMD_BROKEN;
	cmd_line(ctx, NULL, MSG_VIETTAT_LINE_SET, "brief", brief, "meaning", shown, NULL);
	say_set(ctx, old, brief, shown, in_step);
	say_other(ctx, rows, brief, meaning);
	return CMD_DONE;
}

static enum cmd_status say_which(struct cmd_ctx *ctx, const char *words, const GPtrArray *found)
{
	const struct abbreviation_row *first = g_ptr_array_index(found, 0);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *briefs = NULL;

	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(names, ((const struct abbreviation_row *)g_ptr_array_index(found, i))->brief);
	g_ptr_array_add(names, NULL);
	briefs = wording_list((char **)names->pdata);
	return cmd_say(ctx, MSG_VIETTAT_WHICH, "words", words, "briefs", briefs, "first", first->brief, NULL);
}

static enum cmd_status take_away(struct cmd_ctx *ctx, const GPtrArray *rows, const char *typed)
{
	const struct abbreviation_row *row = abbreviation_spelt(rows, typed);
	g_autoptr(GPtrArray) found = NULL;
	g_autofree char *meaning = NULL, *shown = text_ellipsize(typed, ABBREVIATION_MEANING_MAX);
	bool in_step;

	if (is_refused(ctx))
		return CMD_DONE;
	if (!row) {
		found = abbreviation_reading(rows, typed);
		if (found->len > 1)
			return say_which(ctx, typed, found);
		row = found->len ? g_ptr_array_index(found, 0) : NULL;
	}
	if (!row)
		return cmd_say(ctx, MSG_VIETTAT_NONE, "words", shown, NULL);
	if (!store_abbreviation_remove(ctx->db, row->brief, &ctx->error) || !is_in_step(ctx, &in_step) ||
	    !audit(ctx, "abbreviation.remove", row->brief, row->expansions, NULL))
		return CMD_BROKEN;
	meaning = abbreviation_shown(row->expansions);
	cmd_line(ctx, NULL, MSG_VIETTAT_LINE_REMOVED, "brief", row->brief, NULL);
	cmd_say(ctx, MSG_VIETTAT_REMOVED, "brief", row->brief, "meaning", meaning, NULL);
	return in_step ? CMD_DONE : cmd_say(ctx, MSG_VIETTAT_LATER, NULL);
}

static enum cmd_status viettat_run(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) rows = store_abbreviation_list(ctx->db, &ctx->error);
	struct abbreviation_ask ask;
	enum cmd_status status = CMD_BROKEN;

	if (!rows)
		return CMD_BROKEN;
	abbreviation_read(rows, ctx->reading->args, &ask);
	switch (ask.what) {
	case ABBREVIATION_HELP:
		status = help(ctx, rows);
		break;
	case ABBREVIATION_LOOK:
		status = look(ctx, rows, ask.brief);
		break;
	case ABBREVIATION_SET:
		status = set(ctx, rows, &ask);
		break;
	case ABBREVIATION_REMOVE:
		status = take_away(ctx, rows, ask.brief);
		break;
	}
	abbreviation_ask_clear(&ask);
	return status;
}

const struct command cmd_viettat = {
	.name = "viettat",
	.words = "chuviettat tuviettat",
	.min_role = ROLE_NONE,
	.summary = MSG_VIETTAT_SUMMARY,
	.syntax = MSG_VIETTAT_SYNTAX,
	.example = MSG_VIETTAT_EXAMPLE,
	.run = viettat_run,
};
