/* SPDX-License-Identifier: MIT */
/* /linhvuc: the fields by pillar, or those that fit the words. */
#include <string.h>

#include "base/text.h"
#include "bot/command.h"

static const struct {
	const char *code;
	enum msg name;
} pillars[] = { { "CQS", MSG_PILLAR_CQS }, { "KTS", MSG_PILLAR_KTS }, { "XHS", MSG_PILLAR_XHS }, { "NT", MSG_PILLAR_NT } };

static bool fits(const struct field *f, const char *folded)
{
	g_autofree char *name = text_fold(f->name);

	if (!*folded || strstr(name, folded))
		return true;
	for (size_t i = 0; f->aliases && f->aliases[i]; i++) {
		g_autofree char *alias = text_fold(f->aliases[i]);

		if (strstr(alias, folded))
			return true;
	}
	return false;
}

static unsigned add_pillar(struct cmd_ctx *ctx, GString *text, size_t p, const char *folded)
{
	const GPtrArray *fields = registry_fields(ctx->registry);
	unsigned n = 0;

	for (guint i = 0; i < fields->len; i++) {
		const struct field *f = fields->pdata[i];
		g_autofree char *head = NULL, *line = NULL;

		if (strcmp(f->pillar, pillars[p].code) || !fits(f, folded))
			continue;
		if (!n++) {
			head = cmd_text(ctx, MSG_LINHVUC_PILLAR, "pillar", wording_raw(pillars[p].name), NULL);
			g_string_append_printf(text, "\n%s", head);
		}
		line = cmd_text(ctx, MSG_LINHVUC_LINE, "name", f->name, NULL);
		g_string_append_printf(text, "\n%s", line);
	}
	return n;
}

static enum cmd_status linhvuc_run(struct cmd_ctx *ctx)
{
	g_autofree char *folded = text_fold(ctx->reading->args);
	g_autoptr(GString) text = g_string_new(wording_raw(MSG_LINHVUC_HEAD));
	unsigned n = 0;

	for (size_t p = 0; p < G_N_ELEMENTS(pillars); p++)
		n += add_pillar(ctx, text, p, folded);
	if (!n)
		return cmd_say(ctx, MSG_LINHVUC_NONE, "words", ctx->reading->args, NULL);
	cmd_say_text(ctx, text->str);
	return cmd_say(ctx, MSG_LINHVUC_FOOT, NULL);
}

const struct command cmd_linhvuc = {
	.name = "linhvuc",
	.words = "dslinhvuc",
	.min_role = ROLE_NONE,
	.flags = CMD_READS,
	.summary = MSG_LINHVUC_SUMMARY,
	.syntax = MSG_LINHVUC_SYNTAX,
	.example = MSG_LINHVUC_EXAMPLE,
	.run = linhvuc_run,
};
