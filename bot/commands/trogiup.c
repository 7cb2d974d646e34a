/* SPDX-License-Identifier: MIT */
/* /trogiup: at most eight commands with one example each, or one command whole. Made from the rows of the table. */
#include <string.h>

#include "base/text.h"
#include "bot/command.h"
#include "choose.h"

/* domain §5.3: a phone's screen holds about eight. */
#define HELP_LINES 8
#define HELP_ROUNDS 3

extern const struct command cmd_trogiup, cmd_dangky;

static void first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

/* Which rows help shows in which round: first what only this role has, then the menu, then the rest. Who is registered needs no
 * registration, and who reads help knows how to ask for it. */
static bool is_shown(const struct cmd_ctx *ctx, const struct command *c, unsigned round)
{
	enum role role = cmd_role(ctx);
	bool is_of_role = c->min_role > ROLE_FOCAL, is_menu = (c->flags & CMD_MENU) != 0;

	if (c == &cmd_trogiup || (c == &cmd_dangky && ctx->member) || role < c->min_role) {
		/* What holds an unregistered person's text is his first step, too. */
		if (!(c->flags & CMD_HOLDS) || ctx->member)
			return false;
	}
	switch (round) {
	case 0:
		return is_of_role;
	case 1:
		return !is_of_role && is_menu;
	default:
		return !is_of_role && !is_menu && !(c->flags & (CMD_PRIVATE | CMD_GROUP));
	}
}

static void add_line(struct cmd_ctx *ctx, GString *text, const struct command *c)
{
	g_autofree char *example = g_strdup(wording_raw(c->example));
	g_autofree char *line = NULL;

	first_line(example);
	line = cmd_text(ctx, MSG_HELP_LINE, "summary", wording_raw(c->summary), "example", example, NULL);
	g_string_append_printf(text, "\n%s", line);
}

static enum cmd_status help_all(struct cmd_ctx *ctx)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned shown = 0;

	g_string_append(text, wording_raw(MSG_HELP_HEAD));
	for (unsigned round = 0; round < HELP_ROUNDS; round++)
		for (size_t i = 0; command_table[i] && shown < HELP_LINES; i++) {
			if (!is_shown(ctx, command_table[i], round))
				continue;
			add_line(ctx, text, command_table[i]);
			shown++;
		}
	g_string_append_printf(text, "\n%s", wording_raw(MSG_HELP_FOOT));
	cmd_line_if_closed(ctx, MSG_HELP_GROUP, NULL);
	return cmd_say_text(ctx, text->str);
}

static void help_one(struct cmd_ctx *ctx, const struct command *c)
{
	g_autofree char *words = NULL;

	cmd_say(ctx, MSG_HELP_ONE, "name", c->name, "summary", wording_raw(c->summary), "syntax", wording_raw(c->syntax), "example",
		wording_raw(c->example), NULL);
	if (!c->brief)
		return;
	words = g_strconcat("/", c->brief, NULL);
	cmd_say(ctx, MSG_HELP_SHORT, "words", words, NULL);
}

static enum cmd_status trogiup_run(struct cmd_ctx *ctx)
{
	const char *word = ctx->reading->args;
	g_autofree char *typed = NULL;
	struct reading r;

	if (!*word)
		return help_all(ctx);
	typed = strchr("/\\", *word) ? g_strdup(word) : g_strconcat("/", word, NULL);
	reader_read(command_table, typed, true, true, false, &r);
	if (r.kind == READING_COMMAND)
		help_one(ctx, r.command);
	else if (!choose_say_planned(ctx, &r))
		cmd_say(ctx, MSG_HELP_NONE, "word", word, NULL);
	reading_clear(&r);
	return CMD_DONE;
}

const struct command cmd_trogiup = {
	.name = "trogiup",
	.brief = "h",
	/* "start" is what platforms send when a person opens the chat. */
	.words = "help huongdan giup menu start ?",
	.min_role = ROLE_NONE,
	.flags = CMD_READS | CMD_MENU,
	.summary = MSG_TROGIUP_SUMMARY,
	.syntax = MSG_TROGIUP_SYNTAX,
	.example = MSG_TROGIUP_EXAMPLE,
	.run = trogiup_run,
};
