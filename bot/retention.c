/* SPDX-License-Identifier: MIT */
/* Calls the store's expiry operations with the configured times. Decides no time itself but those of retention.h. */
#include "retention.h"

#include "base/clock.h"
#include "base/macros.h"
#include "store/audit.h"
#include "store/budget.h"
#include "store/delivery.h"
#include "store/inbox.h"
#include "store/link.h"

/* Each of these costs a look through all deliveries. */
#define CHATS_MAX 5
#define ITEMS_MAX 20

static bool warn_of_drafts(struct db *db, const struct config *c, struct turn_out *out, int64_t now_ms, unsigned *ret_n, GError **error)
{
	g_autoptr(GPtrArray) fading = store_item_fading(db, now_ms - config_int(c, "store", "keep_drafts") + RETENTION_WARN_MS, ITEMS_MAX, error);

	for (guint k = 0; fading && k < fading->len; k++) {
		const struct item *i = fading->pdata[k];
		g_autofree char *id = item_id_text(i->kind, i->number), *text = NULL, *day = NULL;
		g_autoptr(GDateTime) end = clock_local(MAX(i->touched_ms + config_int(c, "store", "keep_drafts"), now_ms + RETENTION_WARN_MS));

		day = g_date_time_format(end, "%d/%m/%Y");
		text = wording_format(out->address, MSG_DRAFT_FADES, "id", id, "title", i->title, "day", day, NULL);
		if (i->author_id)
			turn_out_tell(out, i->author_id, text);
		if (!store_item_set_warned(db, i->id, now_ms, error))
			return false;
	}
	if (fading)
		*ret_n = fading->len;
	return fading != NULL;
}

bool retention_run(struct db *db, const struct config *c, struct turn_out *out, unsigned n, int64_t now_ms, bool *ret_more, GError **error)
{
	const int64_t commands_before = now_ms - config_int(c, "store", "keep_commands"), audit_before = now_ms - config_int(c, "store", "keep_audit");
	const int64_t drafts_before = now_ms - config_int(c, "store", "keep_drafts");
	const int64_t refused_before = now_ms - config_int(c, "store", "keep_refused");
	g_autoptr(GDateTime) long_ago = clock_local(now_ms - RETENTION_BUDGET_MS);
	g_autofree char *budget_before = g_date_time_format(long_ago, "%Y-%m");
	unsigned inbox, aside, pending, deliveries, audit, warned, items, chats, settings;

	if (!store_inbox_expire(db, now_ms, n, &inbox, error) || !store_inbox_expire_aside(db, commands_before, n, &aside, error) ||
	    !store_pending_expire(db, now_ms, n, &pending, error) || !store_delivery_expire(db, commands_before, n, &deliveries, error) ||
	    !store_audit_expire(db, audit_before, n, &audit, error) || !warn_of_drafts(db, c, out, now_ms, &warned, error) ||
	    !store_item_expire(db, drafts_before, now_ms - RETENTION_WARN_MS, refused_before, ITEMS_MAX, now_ms, &items, error) ||
	    !store_budget_expire(db, budget_before, error) || !store_chat_expire(db, now_ms - RETENTION_STRANGER_MS, CHATS_MAX, &chats, error) ||
	    !store_link_expire(db, now_ms, error) || !store_setting_expire(db, "closed.", now_ms - RETENTION_CLOSED_MS, n, &settings, error))
		return false;
	*ret_more = inbox >= n || aside >= n || pending >= n || deliveries >= n || audit >= n || settings >= n || warned >= ITEMS_MAX ||
		    items >= ITEMS_MAX || chats >= CHATS_MAX;
	return true;
}
