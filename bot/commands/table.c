/* SPDX-License-Identifier: MIT */
/* The list of commands, in the order in which help shows them. A command is one file and one line here; everything else about it
 * is in its row. */
#include "bot/command.h"

#include <string.h>

#include "choose.h"

#define COMMANDS(C)   \
	C(trogiup) \
	C(dangky) \
	C(chiase) \
	C(tim) \
	C(xem) \
	C(tiep) \
	C(bosung) \
	C(luu) \
	C(rut) \
	C(duyet) \
	C(yeucausua) \
	C(tuchoi) \
	C(thongbao) \
	C(donvi) \
	C(linhvuc) \
	C(viettat) \
	C(huy) \
	C(lienket) \
	C(nhom) \
	C(vaitro) \
	C(nhanquyen)

#define DECLARE(name) extern const struct command cmd_##name;
COMMANDS(DECLARE)

#define ROW(name) &cmd_##name,
const struct command *const command_table[] = { COMMANDS(ROW) NULL };

const struct command *command_find(const char *name)
{
	for (size_t i = 0; command_table[i]; i++)
		if (strcmp(command_table[i]->name, name) == 0)
			return command_table[i];
	return NULL;
}

const struct command *command_find_any(const char *name)
{
	return strcmp(cmd_choose.name, name) == 0 ? &cmd_choose : command_find(name);
}
