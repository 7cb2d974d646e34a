/* SPDX-License-Identifier: MIT */
/* The snapshot: typed access, comparison, counting. Reading a file is in config_load.c, the example file in config_example.c. */
#include <string.h>

#include "base/log.h"

#include "config_impl.h"

static const struct option enabled_row = {
	.name = "enabled",
	.type = OPTION_BOOL,
	.dflt = "yes",
	.help = "no = tạm tắt nền tảng này mà không phải xóa cả mục.",
};

GQuark config_error_quark(void)
{
	return g_quark_from_static_string("config-error-quark");
}

static size_t count_rows(const struct config_section *section)
{
	size_t n = 0;

	while (section->options && section->options[n].name)
		n++;
	return n;
}

const struct option *config_row(const struct config_values *s, size_t i)
{
	return s->section->is_adapter && i + 1 == s->n ? &enabled_row : &s->section->options[i];
}

int config_row_find(const struct config_values *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(config_row(s, i)->name, key) == 0)
			return (int)i;
	}
	return -1;
}

struct config_values *config_values_find(const struct config *c, const char *section)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->sections[i].section->name, section) == 0)
			return &c->sections[i];
	}
	return NULL;
}

static void set_default(struct config_values *s, size_t i, const char *dir)
{
	const struct option *o = config_row(s, i);
	g_autofree char *what = NULL;
	g_autofree char *advice = NULL;

	if (o->dflt && !option_parse(o, o->dflt, dir, &s->values[i], &what, &advice))
		g_error("default of %s.%s: %s", s->section->name, o->name, what);
}

struct config *config_new(const struct config_section *sections, size_t n, const char *dir)
{
	struct config *c = g_new0(struct config, 1);

	c->references = 1;
	c->dir = g_strdup(dir);
	c->n = n;
	c->sections = g_new0(struct config_values, n);
	for (size_t i = 0; i < n; i++) {
		struct config_values *s = &c->sections[i];

		s->section = &sections[i];
		s->n = count_rows(s->section) + (s->section->is_adapter ? 1 : 0);
		s->values = g_new0(struct option_value, s->n);
		for (size_t row = 0; row < s->n; row++)
			set_default(s, row, dir);
	}
	return c;
}

struct config *config_ref(struct config *c)
{
	g_atomic_int_inc(&c->references);
	return c;
}

void config_unref(struct config *c)
{
	if (!c || !g_atomic_int_dec_and_test(&c->references))
		return;
	for (size_t i = 0; i < c->n; i++) {
		for (size_t row = 0; row < c->sections[i].n; row++)
			option_value_clear(&c->sections[i].values[row]);
		g_free(c->sections[i].values);
	}
	g_free(c->sections);
	g_free(c->dir);
	g_free(c);
}

bool config_set(struct config *c, const char *section, const char *key, const char *value, GError **error)
{
	struct config_values *s = config_values_find(c, section);
	int i = s ? config_row_find(s, key) : -1;
	struct option_value fresh = { 0 };
	g_autofree char *what = NULL;
	g_autofree char *advice = NULL;

	g_assert(g_atomic_int_get(&c->references) == 1);
	if (i < 0) {
		g_set_error(error, CONFIG_ERROR, 0, "không có tham số %s.%s", section, key);
		return false;
	}
	/* Typed on a command line: relative to where the person stands, not to the configuration's folder. */
	if (!option_parse(config_row(s, (size_t)i), value, NULL, &fresh, &what, &advice)) {
		g_set_error(error, CONFIG_ERROR, 0, "%s.%s: %s. %s", section, key, what, advice);
		return false;
	}
	option_value_clear(&s->values[i]);
	s->values[i] = fresh;
	s->is_there = true;
	if (config_row(s, (size_t)i)->flags & OPTION_SECRET)
		log_secret_add(fresh.text);
	return true;
}

bool config_knows_section(const struct config *c, const char *section)
{
	return config_values_find(c, section) != NULL;
}

bool config_has_section(const struct config *c, const char *section)
{
	const struct config_values *s = config_values_find(c, section);

	return s && s->is_there;
}

bool config_adapter_on(const struct config *c, const char *section)
{
	return config_has_section(c, section) && config_bool(c, section, "enabled");
}

static const struct option_value *value_of(const struct config *c, const char *section, const char *key, unsigned types)
{
	const struct config_values *s = config_values_find(c, section);
	int i = s ? config_row_find(s, key) : -1;

	if (i < 0 || !(types & 1U << config_row(s, (size_t)i)->type))
		g_error("option %s.%s has no row of the type asked for", section, key);
	return &s->values[i];
}

const char *config_str(const struct config *c, const char *section, const char *key)
{
	return value_of(c, section, key,
			1U << OPTION_STRING | 1U << OPTION_CHOICE | 1U << OPTION_URL | 1U << OPTION_ADDRESS | 1U << OPTION_PATH)
		->text;
}

int64_t config_int(const struct config *c, const char *section, const char *key)
{
	return value_of(c, section, key, 1U << OPTION_INT | 1U << OPTION_DURATION | 1U << OPTION_CLOCK)->number;
}

double config_real(const struct config *c, const char *section, const char *key)
{
	return value_of(c, section, key, 1U << OPTION_REAL)->real;
}

bool config_bool(const struct config *c, const char *section, const char *key)
{
	return value_of(c, section, key, 1U << OPTION_BOOL)->number != 0;
}

static bool is_same(const struct option *o, const struct option_value *a, const struct option_value *b)
{
	switch (o->type) {
	case OPTION_INT:
	case OPTION_BOOL:
	case OPTION_DURATION:
	case OPTION_CLOCK:
		return a->number == b->number;
	case OPTION_REAL:
		return a->real == b->real;
	case OPTION_STRING:
	case OPTION_CHOICE:
	case OPTION_URL:
	case OPTION_ADDRESS:
	case OPTION_PATH:
		return g_strcmp0(a->text, b->text) == 0;
	}
	return false;
}

GPtrArray *config_restart_needed(const struct config *old, const struct config *fresh)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < old->n; i++) {
		const struct config_values *a = &old->sections[i], *b = config_values_find(fresh, a->section->name);
		bool is_adapter = a->section->is_adapter;
		bool was_on = is_adapter && config_adapter_on(old, a->section->name);
		bool is_on = is_adapter && config_adapter_on(fresh, a->section->name);

		if (was_on != is_on)
			g_ptr_array_add(names, g_strdup_printf("%s.enabled", a->section->name));
		/* What an adapter that is off would do makes no difference. */
		if (!b || (is_adapter && !(was_on && is_on)))
			continue;
		for (size_t row = 0; row < a->n; row++) {
			const struct option *o = config_row(a, row);

			if (!(o->flags & OPTION_RELOAD) && !is_same(o, &a->values[row], &b->values[row]))
				g_ptr_array_add(names, g_strdup_printf("%s.%s", a->section->name, o->name));
		}
	}
	return names;
}

void config_problem_free(struct config_problem *p)
{
	if (!p)
		return;
	g_free(p->file);
	g_free(p->section);
	g_free(p->key);
	g_free(p->what);
	g_free(p->advice);
	g_free(p);
}

char *config_problem_text(const struct config_problem *p)
{
	GString *text = g_string_new(p->file ? p->file : "");

	if (p->file && p->line)
		g_string_append_printf(text, ":%u", p->line);
	if (p->file)
		g_string_append(text, ": ");
	if (p->section)
		g_string_append_printf(text, "[%s] ", p->section);
	if (p->key)
		g_string_append_printf(text, "%s: ", p->key);
	g_string_append_printf(text, "%s.", p->what);
	if (p->advice)
		g_string_append_printf(text, " %s", p->advice);
	return g_string_free(text, FALSE);
}
