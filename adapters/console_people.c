/* SPDX-License-Identifier: MIT */
/* The cast of the console and who of them speaks, in private or in a group (console.h). It reads no messages. */
#include <string.h>

#include "base/log.h"
#include "console_state.h"

#define AREA "console"

struct person {
	char *name, *description;
};

static void on_person_free(void *person)
{
	struct person *p = person;

	g_free(p->name);
	g_free(p->description);
	g_free(p);
}

static GPtrArray *people_read(const char *text)
{
	GPtrArray *people = g_ptr_array_new_with_free_func(on_person_free);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		const char *tab = strchr(lines[i], '\t');
		struct person *p;

		if (!lines[i][0])
			continue;
		p = g_new0(struct person, 1);
		p->name = tab ? g_strndup(lines[i], (gsize)(tab - lines[i])) : g_strdup(lines[i]);
		p->description = g_strdup(tab ? tab + 1 : "");
		g_ptr_array_add(people, p);
	}
	return people;
}

void console_people_open(struct console *c, const char *text_or_null)
{
	c->people = people_read(text_or_null);
	c->who = g_strdup(c->people->len > 0 ? ((struct person *)c->people->pdata[0])->name : CONSOLE_NOBODY);
}

void console_people_free(struct console *c)
{
	g_ptr_array_unref(c->people);
	g_free(c->who);
	g_free(c->group);
}

char *console_people_text(const struct console *c)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < c->people->len; i++) {
		const struct person *p = c->people->pdata[i];

		g_string_append_printf(out, ">> %s%s%s\n", p->name, p->description[0] ? ": " : "", p->description);
	}
	g_string_append_printf(out, ">> đang là %s, %s%s\n", c->who, c->group ? "nhóm " : "chat riêng", c->group ? c->group : "");
	g_string_append(out, ">> đổi người: >tên hoặc >tên@" CONSOLE_GROUP "; trả lời tin gần nhất: ^ nội dung (tin thứ ba từ dưới: ^3);"
			     " gửi tệp: +đường/dẫn chú thích; dòng kết thúc bằng \\ còn tiếp dòng sau\n");
	return g_string_free(out, FALSE);
}

bool console_people_switch(struct console *c, const char **text)
{
	const char *name = *text + 1, *rest;
	g_autofree char *who = NULL;
	size_t len, group_len;

	if ((*text)[0] != '>' || name[0] == '>')
		return false;
	len = strcspn(name, " \t\n@");
	group_len = name[len] == '@' ? strcspn(name + len + 1, " \t\n@") : 0;
	rest = name + len + (name[len] == '@' ? 1 + group_len : 0);
	if (len == 0 || (name[len] == '@' && group_len == 0) || *rest == '@')
		return false;
	who = g_strndup(name, len);
	*text = rest + strspn(rest, " \t\n");
	if (strcmp(who, CONSOLE_GROUP) == 0) {
		log_warn(AREA, "\"%s\" is the name of the group, ignoring (>name@%s)", CONSOLE_GROUP, CONSOLE_GROUP);
		return true;
	}
	g_free(c->who);
	g_free(c->group);
	c->who = g_steal_pointer(&who);
	c->group = group_len > 0 ? g_strndup(name + len + 1, group_len) : NULL;
	return true;
}
