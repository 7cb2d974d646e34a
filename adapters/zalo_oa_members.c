/* SPDX-License-Identifier: MIT */
/* Who is in a group, read in pages and compared with who was in it at the last reading: so joins and leaves are found that no event
 * told of. The last reading is kept in the database: it must survive a restart, or everybody would join anew each time. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "zalo_oa.h"

#define SAVED_PREFIX "members." /* the setting of a group: ids with spaces between */

static GHashTable *set_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static char *saved_key(const struct zalo_oa_group *g)
{
	return g_strconcat(SAVED_PREFIX, g->id, NULL);
}

static GHashTable *saved_set(struct adapter *a, const struct zalo_oa_group *g)
{
	g_autofree char *key = saved_key(g);
	const char *text = a->env.saved ? g_hash_table_lookup(a->env.saved, key) : NULL;
	g_auto(GStrv) ids = g_strsplit(text ? text : "", " ", -1);
	GHashTable *set = set_new();

	for (char **id = ids; *id; id++)
		if (**id)
			g_hash_table_add(set, g_strdup(*id));
	return set;
}

/* A person may come and go within the life of a dedupe key, so the key holds the time of the reading. */
static char *change_key(const struct zalo_oa *z, const char *what, const struct zalo_oa_group *g, const char *user)
{
	return g_strdup_printf("%s/%s/%s/%" G_GINT64_FORMAT, what, g->id, user, z->members_began_ms);
}

static void read_member(struct adapter *a, const struct zalo_oa_group *g, const cJSON *row, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	g_autofree char *user = NULL, *oa = NULL, *name = NULL;
	const char *raw;

	if (json_str(row, "name", &raw))
		name = text_clean(raw, strlen(raw));
	if (json_id(row, "oa_id", &oa)) {
		if (name && !strcmp(oa, z->oa_id)) {
			g_free(z->oa_name);
			z->oa_name = g_steal_pointer(&name);
		}
		return;
	}
	if (!json_id(row, "user_id", &user) || strchr(user, ' '))
		return;
	if (name)
		zalo_oa_remember_name(z, user, name);
	if (!g_hash_table_add(z->members_now, g_strdup(user)) || g_hash_table_contains(z->members_before, user))
		return;
	zalo_oa_outcome_add(a, UPDATE_MEMBER_JOIN, g, change_key(z, "join", g, user), g_strdup(user), name, ret);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *set_text(GHashTable *set)
{
	guint n = 0;
	g_autofree char **ids = (char **)g_hash_table_get_keys_as_array(set, &n);

	qsort(ids, n, sizeof(ids[0]), by_text);
	return g_strjoinv(" ", ids);
}

/* The whole list was read: who is missing has left. An empty list is no group without people but an answer without sense. */
static void compare(struct adapter *a, const struct zalo_oa_group *g, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	g_autofree char *text = NULL, *old = NULL;
	GHashTableIter iter;
	void *user;

	if (g_hash_table_size(z->members_now) == 0)
		return;
	g_hash_table_iter_init(&iter, z->members_before);
	while (g_hash_table_iter_next(&iter, &user, NULL))
		if (!g_hash_table_contains(z->members_now, user))
			zalo_oa_outcome_add(a, UPDATE_MEMBER_LEAVE, g, change_key(z, "leave", g, user), g_strdup(user), NULL, ret);
	text = set_text(z->members_now);
	old = set_text(z->members_before);
	if (strcmp(text, old) != 0) {
		ret->save_key = saved_key(g);
		ret->save_value = g_steal_pointer(&text);
	}
}

void zalo_oa_members_forget(struct zalo_oa *z)
{
	g_clear_pointer(&z->members_before, g_hash_table_unref);
	g_clear_pointer(&z->members_now, g_hash_table_unref);
}

void zalo_oa_read_members(struct adapter *a, const struct zalo_oa_group *g, const cJSON *data, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	const cJSON *rows = json_at(data, "members"), *row;
	guint known;

	if (z->walk.offset == 0) {
		zalo_oa_members_forget(z);
		z->members_before = saved_set(a, g);
		z->members_now = set_new();
		z->members_began_ms = clock_wall_ms();
		z->members_total = -1;
	}
	z->members_total = MAX(z->members_total, zalo_oa_number(data, "total"));
	known = g_hash_table_size(z->members_now);
	cJSON_ArrayForEach (row, rows)
		read_member(a, g, row, ret);
	/* To the page that brings nobody new, whatever `total` counts (with the OA or without?): one row short would put a person
	 * out. */
	z->walk.offset += cJSON_GetArraySize(rows);
	z->walk.pages++;
	if ((g_hash_table_size(z->members_now) > known || (z->walk.pages == 1 && cJSON_GetArraySize(rows) > 0)) &&
	    z->walk.pages < ZALO_OA_PAGES_MAX) {
		ret->verdict = ERRAND_AGAIN;
		return;
	}
	/* Short of the total by more than the OA itself: a page was empty that should not have been. */
	if (z->walk.pages < ZALO_OA_PAGES_MAX && z->members_total <= (int64_t)g_hash_table_size(z->members_now) + 1)
		compare(a, g, ret);
	zalo_oa_members_next(z, ret);
}

void zalo_oa_members_next(struct zalo_oa *z, struct errand_outcome *ret)
{
	zalo_oa_members_forget(z);
	zalo_oa_next_group(z, ret);
	if (ret->verdict == ERRAND_AGAIN)
		return;
	zalo_oa_walk_reset(z);
	z->members_due_ms = INT64_MAX;
}
