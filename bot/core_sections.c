/* SPDX-License-Identifier: MIT */
/* Joins the core's option rows with those of the adapters. */
#include "core_sections.h"

#include "adapters/table.h"
#include "base/log.h"

const struct config_section *core_sections(size_t *ret_n)
{
	static GArray *all;

	if (all) {
		*ret_n = all->len;
		return (const struct config_section *)(void *)all->data;
	}
	all = g_array_new(TRUE, TRUE, sizeof(struct config_section));

	for (size_t i = 0; config_core_sections[i].name; i++)
		g_array_append_val(all, config_core_sections[i]);
	for (size_t i = 0; adapter_table[i]; i++) {
		const struct adapter_ops *ops = adapter_table[i];
		const struct config_section s = { .name = ops->name, .options = ops->options, .help = ops->help, .is_adapter = true };

		g_array_append_val(all, s);
	}
	*ret_n = all->len;
	return (const struct config_section *)(void *)all->data;
}

static char *problem_text(const struct config_problem *p)
{
	GString *s = g_string_new(NULL);

	if (p->file && p->line)
		g_string_append_printf(s, "%s:%u: ", p->file, p->line);
	else if (p->file)
		g_string_append_printf(s, "%s: ", p->file);
	if (p->section && p->key)
		g_string_append_printf(s, "[%s] %s: ", p->section, p->key);
	else if (p->section)
		g_string_append_printf(s, "[%s]: ", p->section);
	g_string_append(s, p->what);
	if (p->advice)
		g_string_append_printf(s, " (%s)", p->advice);
	return g_string_free(s, FALSE);
}

void core_sections_print(const GPtrArray *problems, FILE *to)
{
	for (guint i = 0; i < problems->len; i++) {
		const struct config_problem *p = problems->pdata[i];
		g_autofree char *text = problem_text(p);
		g_autofree char *masked = log_mask(text);

		fprintf(to, "%s: %s\n", p->is_error ? "lỗi" : "cảnh báo", masked);
	}
}

void core_sections_log(const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++) {
		g_autofree char *text = problem_text(problems->pdata[i]);

		log_error("config", "%s", text);
	}
}
