/* SPDX-License-Identifier: MIT */
/* The OA's groups: their list in pages, each one's state, and what about it the operator should hear of in time. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "zalo_oa.h"

#define ZALO_OA_PAGES_MAX 1000       /* a server that never ends its list must not be asked for ever */
#define LISTED_MAX 20000             /* remembered members: some groups of 1,000, and then enough */
#define FULL_PERCENT 95              /* of the size package: time to buy the next one */
#define GROUP_LARGEST 1000           /* gmf1000: there is no larger package to buy (zalo-oa.md §1) */
#define DELETE_WARN_MS (30 * DAY_MS) /* then again at 7 days and at one: the text changes */

void zalo_oa_group_free(struct zalo_oa_group *g)
{
	if (!g)
		return;
	g_free(g->id);
	g_free(g->name);
	g_free(g);
}

static void on_group_free(void *group)
{
	zalo_oa_group_free(group);
}

/* Asking */

bool zalo_oa_ask_groups(struct adapter *a, const char *name, struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;
	const struct zalo_oa_group *g = z->groups && z->walk.group < z->groups->len ? z->groups->pdata[z->walk.group] : NULL;
	g_autofree char *id = g ? g_uri_escape_string(g->id, NULL, false) : NULL, *query = NULL;

	if (!strcmp(name, "groups")) {
		query = g_strdup_printf("/v3.0/oa/group/getgroupsofoa?offset=%" G_GINT64_FORMAT "&count=%d", z->walk.offset,
					ZALO_OA_PAGE_SURE);
	} else if (!g) { /* no group yet */
		zalo_oa_walk_reset(z);
		*(!strcmp(name, "info") ? &z->info_due_ms : &z->members_due_ms) = INT64_MAX;
		return false;
	} else if (!strcmp(name, "info")) {
		query = g_strdup_printf("/v3.0/oa/group/getgroup?group_id=%s", id);
	} else {
		query = g_strdup_printf("/v3.0/oa/group/listmember?group_id=%s&offset=%" G_GINT64_FORMAT "&count=%" G_GINT64_FORMAT,
					id, z->walk.offset, z->page_size);
	}
	zalo_oa_request(z, query, NULL, ret_request);
	return true;
}

/* Reading */

static struct zalo_oa_group *find_group(const GPtrArray *groups, const char *id)
{
	for (guint i = 0; groups && i < groups->len; i++) {
		struct zalo_oa_group *g = groups->pdata[i];

		if (!strcmp(g->id, id))
			return g;
	}
	return NULL;
}

static char *dup_clean(const cJSON *root, const char *path)
{
	const char *s;

	return json_str(root, path, &s) ? text_clean(s, strlen(s)) : NULL;
}

int64_t zalo_oa_number(const cJSON *root, const char *path)
{
	g_autofree char *text = NULL;
	int64_t n;

	return json_id(root, path, &text) && g_ascii_string_to_signed(text, 10, 0, INT64_MAX, &n, NULL) ? n : -1;
}

/* "2026-12-31" or "31/12/2026", whatever follows. */
static GDateTime *parse_day(const char *text)
{
	g_autofree char *head = g_strndup(text, strspn(text, "0123456789-/"));
	g_auto(GStrv) parts = g_strsplit_set(head, "-/", 4);
	bool is_year_first = strchr(head, '-') != NULL;
	int64_t n[3];

	if (g_strv_length(parts) != 3)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(n); i++)
		if (!g_ascii_string_to_signed(parts[i], 10, 1, 9999, &n[i], NULL))
			return NULL;
	return g_date_time_new(clock_zone(), (int)n[is_year_first ? 0 : 2], (int)n[1], (int)n[is_year_first ? 2 : 0], 0, 0, 0);
}

/* As above, or "1795485467338", or 1795485467: the sheet names the field, not its form. */
static int64_t read_day_ms(const cJSON *root, const char *path)
{
	int64_t ms = zalo_oa_time_ms(root, path);
	g_autoptr(GDateTime) day = NULL;
	const char *text;

	if (ms > 0 || !json_str(root, path, &text))
		return ms;
	day = parse_day(text);
	return day ? g_date_time_to_unix(day) * SECOND_MS : 0;
}

void zalo_oa_group_read(struct zalo_oa_group *g, const cJSON *info)
{
	g_autofree char *name = dup_clean(info, "name");
	const char *status = "";

	if (name && *name) {
		g_free(g->name);
		g->name = g_steal_pointer(&name);
	}
	json_str(info, "status", &status);
	if (*status)
		g->is_disabled = !g_ascii_strcasecmp(status, "disabled");
	if (json_at(info, "total_member"))
		g->members = zalo_oa_number(info, "total_member");
	if (json_at(info, "max_member"))
		g->members_max = zalo_oa_number(info, "max_member");
	if (json_at(info, "auto_delete_date"))
		g->delete_ms = read_day_ms(info, "auto_delete_date");
}

char *zalo_oa_group_worry(const struct zalo_oa_group *g, int64_t now_ms)
{
	const char *name = g->name ? g->name : g->id;
	int64_t days = (g->delete_ms - now_ms + DAY_MS - 1) / DAY_MS;

	if (g->delete_ms > 0 && g->delete_ms - now_ms <= DELETE_WARN_MS) {
		g_autoptr(GDateTime) local = clock_local(g->delete_ms);
		g_autofree char *day = local ? g_date_time_format(local, "%d/%m/%Y") : g_strdup("?");
		/* Three texts, so that the alarm is said three times and not every day. */
		const char *when = days > 7 ? "trong vòng 30 ngày" : days > 1 ? "trong vòng 7 ngày" : "trong vòng một ngày";

		return g_strdup_printf(
			"nhóm “%s” sẽ bị Zalo giải tán %s (ngày %s); vào oa.zalo.me, mục Gói dịch vụ, gia hạn suất GMF của nhóm",
			name, when, day);
	}
	if (g->is_disabled)
		return g_strdup_printf("nhóm “%s” đang bị tắt vì suất GMF hết hạn; vào oa.zalo.me, mục Gói dịch vụ để gia hạn",
				       name);
	if (g->members >= 0 && g->members_max > 0 && g->members_max < GROUP_LARGEST &&
	    g->members * 100 >= g->members_max * FULL_PERCENT)
		return g_strdup_printf("nhóm “%s” sắp đầy (%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
				       " người); vào oa.zalo.me mua suất GMF lớn hơn rồi đổi "
				       "cho nhóm",
				       name, g->members, g->members_max);
	return NULL;
}

void zalo_oa_outcome_add(struct adapter *a, enum update_kind kind, const struct zalo_oa_group *g, char *key, char *user_id,
			 const char *user_name, struct errand_outcome *ret)
{
	struct update *u = update_new(kind);

	u->adapter = g_strdup(a->ops->name);
	u->bot_id = g_strdup(a->bot_id);
	u->key = key;
	u->chat_id = g_strdup(g->id);
	u->chat_kind = CHAT_GROUP;
	u->chat_title = g_strdup(g->name);
	u->user_id = user_id;
	u->user_name = g_strdup(user_name);
	u->sent_ms = clock_wall_ms();
	if (!ret->updates)
		ret->updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_ptr_array_add(ret->updates, u);
}

static void read_group_row(struct adapter *a, const cJSON *row, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	g_autofree char *id = NULL;
	struct zalo_oa_group *g;

	if ((!json_id(row, "group_id", &id) && !json_id(row, "id", &id)) || find_group(z->groups_read, id))
		return;
	g = g_new0(struct zalo_oa_group, 1);
	g->id = g_steal_pointer(&id);
	g->members = g->members_max = -1;
	zalo_oa_group_read(g, row);
	g_ptr_array_add(z->groups_read, g);
	if (!find_group(z->groups, g->id) && !g->is_disabled)
		zalo_oa_outcome_add(a, UPDATE_CHAT_OPEN, g, g_strconcat("group/", g->id, NULL), NULL, NULL, ret);
}

/* Is there another page after n rows of this one, of which so many were new? A server that does not page repeats itself. */
static bool is_more(struct zalo_oa *z, const cJSON *data, int n, guint n_new)
{
	int64_t total = zalo_oa_number(data, "total");

	z->walk.offset += n;
	z->walk.pages++;
	return n_new > 0 && z->walk.pages < ZALO_OA_PAGES_MAX && (total < 0 || z->walk.offset < total);
}

static void read_list(struct adapter *a, const cJSON *data, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	const cJSON *rows = json_at(data, "groups"), *row;
	int64_t now = clock_wall_ms();
	guint known;

	if (!z->groups_read)
		z->groups_read = g_ptr_array_new_with_free_func(on_group_free);
	known = z->groups_read->len;
	cJSON_ArrayForEach (row, rows)
		read_group_row(a, row, ret);
	if (is_more(z, data, cJSON_GetArraySize(rows), z->groups_read->len - known)) {
		ret->verdict = ERRAND_AGAIN;
		return;
	}
	if (z->groups)
		g_ptr_array_unref(z->groups);
	z->groups = g_steal_pointer(&z->groups_read);
	zalo_oa_walk_reset(z);
	z->groups_due_ms = now + z->upkeep_every_ms;
	z->info_due_ms = z->members_due_ms = now;
	if (z->history_due_ms == INT64_MAX)
		z->history_due_ms = now;
	ret->verdict = ERRAND_DONE;
}

static void worry_about_groups(struct adapter *a)
{
	struct zalo_oa *z = a->state;
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < z->groups->len; i++) {
		g_autofree char *worry = zalo_oa_group_worry(z->groups->pdata[i], clock_wall_ms());

		if (worry)
			g_string_append_printf(all, "%s%s", all->len ? "; " : "", worry);
	}
	zalo_oa_worry(a, all->len ? all->str : NULL);
}

static void read_info(struct adapter *a, struct zalo_oa_group *g, const cJSON *data, struct errand_outcome *ret)
{
	const cJSON *info = json_at(data, "group_info");

	zalo_oa_group_read(g, info ? info : data);
	zalo_oa_info_next(a, ret);
}

void zalo_oa_info_next(struct adapter *a, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;

	zalo_oa_next_group(z, ret);
	if (ret->verdict == ERRAND_AGAIN)
		return;
	zalo_oa_walk_reset(z);
	z->info_due_ms = INT64_MAX;
	worry_about_groups(a);
}

void zalo_oa_read_groups(struct adapter *a, const char *name, const struct zalo_oa_answer *answer, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	struct zalo_oa_group *g = z->groups && z->walk.group < z->groups->len ? z->groups->pdata[z->walk.group] : NULL;

	if (!strcmp(name, "groups"))
		read_list(a, answer->data, ret);
	else if (!g) /* the list was read again meanwhile */
		ret->verdict = ERRAND_DONE;
	else if (!strcmp(name, "info"))
		read_info(a, g, answer->data, ret);
	else
		zalo_oa_read_members(a, g, answer->data, ret);
}
