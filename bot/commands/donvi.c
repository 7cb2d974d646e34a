/* SPDX-License-Identifier: MIT */
/* /donvi: what units are called, so that /dk and đến: are typed right. */
#include <string.h>

#include "base/text.h"
#include "bot/command.h"

#define DONVI_LINES 12

/* Kinds of units.csv as people say them. */
static const struct {
	const char *kind;
	enum msg name;
} kinds[] = {
	{ "tinh", MSG_KIND_TINH },
	{ "ban_chi_dao", MSG_KIND_BAN_CHI_DAO },
	{ "van_phong", MSG_KIND_VAN_PHONG },
	{ "thanh_tra", MSG_KIND_THANH_TRA },
	{ "so", MSG_KIND_SO },
	{ "ban_quan_ly", MSG_KIND_BAN_QUAN_LY },
	{ "don_vi", MSG_KIND_DON_VI },
	{ "dang", MSG_KIND_DANG },
	{ "doan_the", MSG_KIND_DOAN_THE },
	{ "luc_luong", MSG_KIND_LUC_LUONG },
	{ "nganh_doc", MSG_KIND_NGANH_DOC },
	{ "truyen_thong", MSG_KIND_TRUYEN_THONG },
	{ "doanh_nghiep", MSG_KIND_DOANH_NGHIEP },
	{ "thanh_pho", MSG_KIND_THANH_PHO },
	{ "huyen", MSG_KIND_HUYEN },
	{ "bo", MSG_KIND_BO },
};

static const char *kind_name(const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return wording_raw(kinds[i].name);
	return kind;
}

static enum cmd_status say_kinds(struct cmd_ctx *ctx)
{
	const GPtrArray *units = registry_units(ctx->registry);
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autoptr(GHashTable) count = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	g_autofree char *n = g_strdup_printf("%u", units->len);

	for (guint i = 0; i < units->len; i++) {
		const struct unit *u = units->pdata[i];
		guint so_far = GPOINTER_TO_UINT(g_hash_table_lookup(count, u->kind));

		if (!so_far)
			g_ptr_array_add(order, u->kind);
		g_hash_table_insert(count, u->kind, GUINT_TO_POINTER(so_far + 1));
	}
	for (guint i = 0; i < order->len; i++) {
		g_autofree char *k = g_strdup_printf("%u", GPOINTER_TO_UINT(g_hash_table_lookup(count, order->pdata[i])));
		g_autofree char *line = cmd_text(ctx, MSG_DONVI_KIND_LINE, "kind", kind_name(order->pdata[i]), "n", k, NULL);

		g_string_append_printf(lines, "%s%s", i ? "\n" : "", line);
	}
	return cmd_say(ctx, MSG_DONVI_KINDS, "n", n, "lines", lines->str, NULL);
}

/* Every word of the query stands in the unit's name, kind or one of its aliases. */
static bool fits(const struct unit *u, char **words)
{
	g_autofree char *kind = text_fold(kind_name(u->kind)), *name = text_fold(u->name);
	g_autoptr(GString) all = g_string_new(name);

	g_string_append_printf(all, " %s", kind);
	for (size_t i = 0; u->aliases && u->aliases[i]; i++) {
		g_autofree char *alias = text_fold(u->aliases[i]);

		g_string_append_printf(all, " %s", alias);
	}
	for (size_t i = 0; words[i]; i++)
		if (!strstr(all->str, words[i]))
			return false;
	return true;
}

static void add_unit(struct cmd_ctx *ctx, GString *lines, const struct unit *u)
{
	g_autofree char *alias = NULL, *line = NULL;
	const char *shortest = NULL;

	for (size_t i = 0; u->aliases && u->aliases[i]; i++)
		if (!shortest || strlen(u->aliases[i]) < strlen(shortest))
			shortest = u->aliases[i];
	if (shortest && *shortest)
		alias = cmd_text(ctx, MSG_DONVI_ALIAS, "alias", shortest, NULL);
	line = cmd_text(ctx, MSG_DONVI_LINE, "name", u->name, "alias", alias ? alias : "", NULL);
	g_string_append_printf(lines, "%s%s", lines->len ? "\n" : "", line);
}

static GPtrArray *find(struct cmd_ctx *ctx, const char *typed)
{
	GPtrArray *found = g_ptr_array_new();
	const GPtrArray *units = registry_units(ctx->registry);
	g_autofree char *folded = text_fold(typed);
	g_auto(GStrv) words = g_strsplit(folded, " ", -1);
	struct unit_match m;

	registry_match_unit(ctx->registry, typed, &m);
	if (m.unit)
		g_ptr_array_add(found, (void *)m.unit);
	for (guint i = 0; *folded && !m.unit && i < units->len; i++)
		if (fits(units->pdata[i], words))
			g_ptr_array_add(found, units->pdata[i]);
	for (guint i = 0; !found->len && m.near && i < m.near->len; i++)
		g_ptr_array_add(found, m.near->pdata[i]);
	unit_match_clear(&m);
	return found;
}

static enum cmd_status donvi_run(struct cmd_ctx *ctx)
{
	const char *typed = ctx->reading->args;
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autofree char *n = NULL, *more = NULL;

	if (!*typed)
		return say_kinds(ctx);
	found = find(ctx, typed);
	if (!found->len)
		return cmd_say(ctx, MSG_DONVI_NONE, "words", typed, NULL);
	for (guint i = 0; i < MIN(found->len, DONVI_LINES); i++)
		add_unit(ctx, lines, found->pdata[i]);
	n = g_strdup_printf("%u", found->len);
	cmd_say(ctx, MSG_DONVI_FOUND, "n", n, "words", typed, "lines", lines->str, NULL);
	if (found->len > DONVI_LINES) {
		more = g_strdup_printf("%u", found->len - DONVI_LINES);
		cmd_say(ctx, MSG_DONVI_MORE, "n", more, NULL);
	}
	return CMD_DONE;
}

const struct command cmd_donvi = {
	.name = "donvi",
	.words = "dsdonvi",
	.min_role = ROLE_NONE,
	.flags = CMD_READS,
	.summary = MSG_DONVI_SUMMARY,
	.syntax = MSG_DONVI_SYNTAX,
	.example = MSG_DONVI_EXAMPLE,
	.run = donvi_run,
};
