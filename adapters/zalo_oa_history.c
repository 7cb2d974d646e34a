/* SPDX-License-Identifier: MIT */
/* What was written in the groups while the webhook did not reach the bot: read back from the conversation call, newest page first,
 * up to what was heard before, and handed up in the order it was written. Events that came by webhook too have the same key and are
 * found by it (zalo-oa.md §6). */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "zalo_oa.h"

#define PAGE_ROWS 10 /* zalo-oa.md §6: documented for the 1-to-1 twin */
/* 3,000 messages of one group: some days of it. Older ones than that are not worth an answer any more. */
#define PAGES_MAX 300
/* Rows may appear late and clocks differ: so much is read again each time. */
#define OVERLAP_MS (10 * MINUTE_MS)
/* An event that has not come by then is overdue; less than OVERLAP_MS, so that each message is looked at when it is. */
#define EVENT_OVERDUE_MS (5 * MINUTE_MS)
/* So long a group that cannot be read makes the others be read from where it was last heard; then it is left behind, or each pass would be
 * longer than the one before. */
#define GAP_MAX_MS DAY_MS

bool zalo_oa_ask_history(struct adapter *a, struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;
	g_autofree char *query = NULL, *id = NULL;

	if (!z->groups || z->walk.group >= z->groups->len) {
		zalo_oa_walk_reset(z);
		z->history_due_ms = clock_wall_ms() + z->catch_up_every_ms;
		return false;
	}
	if (!z->history) {
		z->history = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
		if (z->walk.group == 0) {
			z->pass_began_ms = clock_wall_ms();
			z->missed_ms = 0;
			z->has_gap = false;
		}
	}
	id = g_uri_escape_string(((struct zalo_oa_group *)z->groups->pdata[z->walk.group])->id, NULL, false);
	query = g_strdup_printf("/v3.0/oa/group/conversation?group_id=%s&offset=%" G_GINT64_FORMAT "&count=%d", id, z->walk.offset,
				PAGE_ROWS);
	zalo_oa_request(z, query, NULL, ret_request);
	return true;
}

/* True: behind this page is nothing to read. The first time ever nothing older is taken: it is nobody's open question. Nor is a row
 * without a time: it may be years old. */
static bool read_rows(struct adapter *a, const char *group_id, const cJSON *rows)
{
	struct zalo_oa *z = a->state;
	int64_t known = z->heard_ms > 0 ? z->heard_ms - OVERLAP_MS : z->pass_began_ms;
	bool is_reached = false, has_fresh = false;
	const cJSON *row;

	cJSON_ArrayForEach (row, rows) {
		struct update *u;
		int64_t at = zalo_oa_time_ms(row, "time");

		if (at < known) {
			is_reached |= at > 0;
			continue;
		}
		has_fresh = true;
		u = zalo_oa_decode_row(a, group_id, row);
		if (!u)
			continue;
		if (at < z->pass_began_ms - EVENT_OVERDUE_MS)
			z->missed_ms = MAX(z->missed_ms, at);
		g_ptr_array_add(z->history, u);
	}
	return is_reached || !has_fresh;
}

/* Messages that only the history knows: the platform switches a webhook off after too many failures and says nothing. */
static void judge_webhook(struct adapter *a)
{
	const struct zalo_oa *z = a->state;

	if (z->missed_ms > MAX(z->event_ms, z->opened_ms))
		zalo_oa_webhook_notice(a,
				       "trong nhóm có tin mà Zalo không gửi sự kiện nào tới (bot đang đọc bù từ lịch sử nhóm, chậm "
				       "hơn); vào developers.zalo.me, mục "
				       "Webhook của ứng dụng: kiểm tra địa chỉ, bật lại webhook và từng sự kiện user_send_group_*");
	else if (z->event_ms > z->opened_ms)
		zalo_oa_webhook_notice(a, NULL);
}

static int by_time(const void *a, const void *b)
{
	const struct update *x = *(struct update *const *)a, *y = *(struct update *const *)b;

	return x->sent_ms < y->sent_ms ? -1 : x->sent_ms > y->sent_ms;
}

/* Pages are newest first: turned round before the stable sort, so that equal times keep their order. What came by webhook is not said
 * twice: talk that was dropped has no key to be found by. Only here does a row count as heard: a pass that is broken off begins anew,
 * and must find again what it had read. */
static void hand_out(struct zalo_oa *z, struct errand_outcome *ret)
{
	GPtrArray *pages = g_steal_pointer(&z->history), *list = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);

	g_ptr_array_set_free_func(pages, NULL);
	for (guint i = pages->len; i-- > 0;) {
		struct update *u = pages->pdata[i];

		if (zalo_oa_hear(z, u->message_id))
			g_ptr_array_add(list, u);
		else
			update_free(u);
	}
	g_ptr_array_unref(pages);
	g_ptr_array_sort(list, by_time);
	if (list->len > 0)
		ret->updates = list;
	else
		g_ptr_array_unref(list);
}

static const cJSON *find_rows(const struct zalo_oa_answer *answer)
{
	static const char *const names[] = { "messages", "conversation", "conversations", "items" };

	if (cJSON_IsArray(answer->data))
		return answer->data;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const cJSON *rows = json_at(answer->data, names[i]);

		if (cJSON_IsArray(rows))
			return rows;
	}
	return NULL;
}

void zalo_oa_read_history(struct adapter *a, const struct zalo_oa_answer *answer, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	const cJSON *rows = find_rows(answer);
	const struct zalo_oa_group *g = z->groups && z->walk.group < z->groups->len ? z->groups->pdata[z->walk.group] : NULL;
	int n = cJSON_GetArraySize(rows);

	if (!g || !z->history) { /* the list of groups was read again meanwhile */
		ret->verdict = ERRAND_DONE;
		return;
	}
	z->walk.offset += n;
	z->walk.pages++;
	if (!read_rows(a, g->id, rows) && n > 0 && z->walk.pages < PAGES_MAX) {
		ret->verdict = ERRAND_AGAIN;
		return;
	}
	if (z->walk.pages >= PAGES_MAX)
		log_warn(a->ops->name, "history of a group is longer than %d pages, older messages are left out", PAGES_MAX);
	zalo_oa_history_next(a, ret);
}

/* Up to where every group was heard. The first pass ever reads nothing older than itself, so there is nothing to go back for. */
static bool move_heard(struct adapter *a)
{
	struct zalo_oa *z = a->state;

	if (z->has_gap && z->heard_ms > 0) {
		if (z->pass_began_ms - z->heard_ms < GAP_MAX_MS)
			return false;
		log_warn(a->ops->name, "history of a group cannot be read for a day, older messages are left out");
	}
	z->heard_ms = z->pass_began_ms;
	return true;
}

void zalo_oa_history_next(struct adapter *a, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;

	if (z->history)
		hand_out(z, ret);
	zalo_oa_next_group(z, ret);
	if (ret->verdict == ERRAND_AGAIN)
		return;
	zalo_oa_walk_reset(z);
	judge_webhook(a);
	z->history_due_ms = clock_wall_ms() + z->catch_up_every_ms;
	if (!move_heard(a))
		return;
	ret->save_key = g_strdup(ZALO_OA_HEARD_KEY);
	ret->save_value = g_strdup_printf("%" G_GINT64_FORMAT, z->heard_ms);
}
