/* SPDX-License-Identifier: MIT */
/* /trogiup: at most eight commands with one example each, or one command whole. Made from the rows of the table. */
#include <string.h>

#include "base/text.h"
#include "bot/command.h"

/* domain §5.3: a phone's screen holds about eight. */
#define HELP_LINES 8

static void first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

static enum cmd_status help_all(struct cmd_ctx *ctx)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned shown = 0;

	g_string_append(text, wording_raw(MSG_HELP_HEAD));
	for (size_t i = 0; command_table[i] && shown < HELP_LINES; i++) {
		const struct command *c = command_table[i];
		g_autofree char *example = g_strdup(wording_raw(c->example));
		g_autofree char *line = NULL;

		if (!(c->flags & CMD_MENU) || (c->min_role > ROLE_MEMBER && cmd_role(ctx) < c->min_role))
			continue;
		first_line(example);
		line = cmd_text(ctx, MSG_HELP_LINE, "summary", wording_raw(c->summary), "example", example, NULL);
		g_string_append_printf(text, "\n%s", line);
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
	else
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
