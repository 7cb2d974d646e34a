/* SPDX-License-Identifier: MIT */
/* The demo's content. The initiatives and exemplars are those of config/demo; the people are invented. */
#include "demo.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/macros.h"
#include "import_line.h"
#include "store/chat.h"
#include "store/item.h"
#include "store/member.h"
#include "store/register.h"

#define CONSOLE "console"
#define CONSENT_VERSION "demo"

static const struct person {
	const char *id, *name, *unit, *job;
	enum role role;
} people[] = {
	{ "quantri", "Quản trị", "STTTT", "bộ phận thường trực", ROLE_ADMIN },
	{ "lan", "Lan", "VUBAN", "cán bộ VHXH", ROLE_MEMBER },
	{ "hoa", "Hoa", "GIAOTHUY", "đầu mối CĐS", ROLE_FOCAL },
	{ "moi", "Mới", NULL, NULL, ROLE_NONE },
};

const char *const *demo_people(void)
{
	static const char *const lines[] = {
		"quantri\tbộ phận thường trực: duyệt, thông báo, quản trị",
		"lan\tthành viên, UBND huyện Vụ Bản",
		"hoa\tđầu mối, UBND huyện Giao Thủy",
		"moi\tchưa đăng ký",
		NULL,
	};

	return lines;
}

const char *demo_data_dir(void)
{
	static char *found;
	static const char *const near[] = { "../config", "../share/cdsbot" };
	g_autofree char *exe = NULL, *dir = NULL;

	if (found)
		return found;
	if (g_getenv("CDSBOT_DATA"))
		return found = g_strdup(g_getenv("CDSBOT_DATA"));
	exe = g_file_read_link("/proc/self/exe", NULL);
	dir = exe ? g_path_get_dirname(exe) : g_strdup(".");
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		g_autofree char *there = g_build_filename(dir, near[i], NULL);
		g_autofree char *units = g_build_filename(there, "units.csv", NULL);

		if (g_file_test(units, G_FILE_TEST_EXISTS))
			return found = g_steal_pointer(&there);
	}
	return found = g_build_filename(dir, near[1], NULL); /* the error then names where the files were looked for */
}

static bool load_file(struct db *db, const struct registry *r, const char *name, enum item_kind kind, GError **error)
{
	g_autofree char *path = g_build_filename(demo_data_dir(), "demo", name, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; lines[i]; i++) {
		g_autoptr(item_t) item = NULL;
		enum item_import what;

		if (!*lines[i])
			continue;
		item = import_line(lines[i], strlen(lines[i]), kind, r, error);
		if (!item)
			return false;
		g_free(item->ref);
		item->ref = g_strdup_printf("demo-%s-%zu", item_kind_prefix(kind), i + 1);
		if (store_item_import(db, item, clock_wall_ms(), &what, error) != STORE_OK)
			return false;
	}
	return true;
}

static bool load_person(struct db *db, const struct person *p, int64_t now, GError **error)
{
	g_autoptr(chat_t) chat = NULL;
	g_autoptr(member_t) m = NULL;

	if (store_chat_seen(db, CONSOLE, p->id, CHAT_PRIVATE, p->name, now, &chat, error) != STORE_OK)
		return false;
	if (p->role == ROLE_NONE)
		return true;
	return store_member_register(db, CONSOLE, p->id, p->name, p->unit, p->job, CONSENT_VERSION, now, &m, error) == STORE_OK &&
	       store_member_set_role(db, m->id, p->role, error) &&
	       store_member_seen(db, CONSOLE, p->id, p->name, chat->id, now, error) == STORE_OK;
}

static bool load_all(struct db *db, GError **error)
{
	g_autoptr(registry_t) r = store_register_load(db, error);
	g_autoptr(chat_t) group = NULL;
	int64_t now = clock_wall_ms();

	if (!r || !load_file(db, r, "seed-initiatives.jsonl", ITEM_INITIATIVE, error) ||
	    !load_file(db, r, "seed-exemplars.jsonl", ITEM_EXEMPLAR, error))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(people); i++)
		if (!load_person(db, &people[i], now, error))
			return false;
	return store_chat_seen(db, CONSOLE, "group", CHAT_GROUP, "Đội ngũ nòng cốt CĐS", now, &group, error) == STORE_OK &&
	       store_chat_set_core(db, group->id, true, error);
}

bool demo_load(struct db *db, GError **error)
{
	g_autoptr(GPtrArray) items = store_item_list(db, 0, false, 1, error);
	int64_t members = 0, units;

	if (!items || !store_member_counts(db, &members, &units, error))
		return false;
	if (items->len || members)
		return true;
	if (!db_begin(db, error))
		return false;
	if (!load_all(db, error)) {
		db_rollback(db);
		return false;
	}
	return db_commit(db, error);
}
