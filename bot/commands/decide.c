/* SPDX-License-Identifier: MIT */
/* Decisions on items. The first one stands (store/item.h); what the later one hears is said by itemref_say_state. Announcing an
 * approved item is announce_item.c. */
#include "decide.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "contribution.h"
#include "itemref.h"

/* Ids named after a decision, and items in the list: more would not be read on a phone. */
#define NAMED_MAX 10

enum decided decide_item(struct cmd_ctx *ctx, const struct item *i, enum item_decision what, const char *reason_or_null,
			 struct item **ret_now)
{
	g_autoptr(item_t) now = NULL;
	g_autofree char *id = itemref_id(i);

	switch (store_item_decide(ctx->db, i->kind, i->number, what, reason_or_null, ctx->member, ctx->now_ms, &now, &ctx->error)) {
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
		cmd_say(ctx, MSG_NO_SUCH_ITEM, "id", id, NULL);
		return DECIDED_TOLD;
	case STORE_DENIED:
		if (what == ITEM_RESTORE && i->status == ITEM_WITHDRAWN)
			itemref_say_state(ctx, i);
		else
			cmd_say(ctx, MSG_NOT_ALLOWED, NULL);
		return DECIDED_TOLD;
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
		if (what == ITEM_RESTORE && i->status == ITEM_WITHDRAWN)
			cmd_say(ctx, MSG_RESTORE_TOO_LATE, "id", id, NULL);
		else
			itemref_say_state(ctx, now ? now : i);
		return DECIDED_TOLD;
	case STORE_BROKEN:
		cmd_broken(ctx, g_steal_pointer(&ctx->error));
		return DECIDED_BROKEN;
	}
	cmd_about(ctx, i->id);
	if (now) {
		*ret_now = g_steal_pointer(&now);
	} else if (store_item_by_row(ctx->db, i->id, ret_now, &ctx->error) != STORE_OK) {
		cmd_broken(ctx, g_steal_pointer(&ctx->error));
		return DECIDED_BROKEN;
	}
	return DECIDED;
}

/* --- What waits --- */

static bool count_waiting(struct cmd_ctx *ctx, int64_t *ret_n)
{
	*ret_n = 0;
	for (int k = 0; k < ITEM_KINDS; k++) {
		int64_t n;

		if (!store_item_count(ctx->db, (enum item_kind)k, ITEM_WAITING, &n, &ctx->error))
			return false;
		*ret_n += n;
	}
	return true;
}

char *decide_waiting_text(struct cmd_ctx *ctx)
{
	g_autoptr(GPtrArray) items = store_item_waiting(ctx->db, NAMED_MAX, &ctx->error);
	g_autoptr(GString) ids = g_string_new(NULL);
	g_autofree char *count = NULL;
	int64_t n;

	if (!items || !count_waiting(ctx, &n))
		return NULL;
	if (!n)
		return g_strdup(wording_raw(MSG_WAITING_NONE));
	for (guint k = 0; k < items->len; k++) {
		g_autofree char *id = itemref_id(g_ptr_array_index(items, k));

		g_string_append_printf(ids, "%s%s", k ? ", " : "", id);
	}
	count = g_strdup_printf("%" G_GINT64_FORMAT, n);
	return wording_format(NULL, n > items->len ? MSG_WAITING_LEFT_MORE : MSG_WAITING_LEFT, "n", count, "ids", ids->str, NULL);
}

enum cmd_status decide_say_waiting(struct cmd_ctx *ctx)
{
	g_autofree char *head = decide_waiting_text(ctx);
	g_autoptr(GPtrArray) items = head ? store_item_waiting(ctx->db, NAMED_MAX, &ctx->error) : NULL;

	if (!items)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	cmd_say_text(ctx, head);
	for (guint k = 0; k < items->len; k++) {
		const struct item *i = g_ptr_array_index(items, k);
		const char *unit = itemref_unit(ctx, i);
		g_autofree char *id = itemref_id(i), *other = contribution_target(ctx, i);
		g_autofree char *title = text_ellipsize(i->title, 80);

		cmd_say(ctx, other ? MSG_WAITING_ITEM_FOLD : MSG_WAITING_ITEM, "id", id, "title", title, "unit",
			unit ? unit : wording_raw(MSG_UNIT_UNKNOWN_SHORT), "other", other ? other : "", NULL);
	}
	return items->len ? cmd_say(ctx, MSG_WAITING_HOW, NULL) : CMD_DONE;
}

/* --- Rejecting and returning --- */

/* The label that the reason speaks of ("thiếu hiệu quả" -> "hiệu quả"), so that the author has a line to copy. */
static const char *label_in(const char *reason)
{
	static const char *const keys[] = { "hieuqua", "thuctrang", "nhanrong", "dieukien", "chiphi", "baihoc",
					    "lienhe",  "tailieu",   "donvi",    "linhvuc",  "diaban", "tungay" };
	g_autofree char *said = text_fold(reason);

	for (size_t n = 0; n < ARRAY_SIZE(keys); n++) {
		const char *label = reader_label_name(keys[n]);
		g_autofree char *folded = text_fold(label ? label : "");

		if (*folded && strstr(said, folded))
			return label;
	}
	return reader_label_name("noidung");
}

/* "thiếu hiệu quả." -> "thiếu hiệu quả": the sentence around it has its own full stop. */
static char *clean_reason(const char *rest)
{
	char *reason = g_strstrip(g_strdup(rest));
	size_t len = strlen(reason);

	while (len && strchr(".,;:", reason[len - 1]))
		reason[--len] = '\0';
	for (len = 0; reason[len] && strchr(",;:- ", reason[len]); len++)
		;
	memmove(reason, reason + len, strlen(reason + len) + 1);
	return reason;
}

enum cmd_status decide_say_returned(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);

	return cmd_say(ctx, MSG_RETURNED_TO_AUTHOR, "id", id, "reason", i->reason, "label", label_in(i->reason), NULL);
}

static bool tell_author(struct cmd_ctx *ctx, const struct item *i, bool is_rejected, const char *id, const char *reason)
{
	if (!i->author_id)
		return false;
	if (is_rejected)
		return cmd_tell(ctx, i->author_id, MSG_REJECTED_TO_AUTHOR, "id", id, "reason", reason, NULL);
	return cmd_tell(ctx, i->author_id, MSG_RETURNED_TO_AUTHOR, "id", id, "reason", reason, "label", label_in(reason), NULL);
}

enum cmd_status decide_with_reason(struct cmd_ctx *ctx, enum item_decision what)
{
	bool is_rejected = what == ITEM_REJECT;
	g_autoptr(item_t) i = NULL, now = NULL;
	g_autofree char *id = NULL, *reason = NULL, *left = NULL;
	const char *rest;
	bool told;

	switch (itemref_find(ctx, ctx->reading->args, &i, &rest)) {
	case ITEMREF_FOUND:
		break;
	case ITEMREF_NONE:
		return CMD_USAGE;
	case ITEMREF_TOLD:
		return CMD_DONE;
	case ITEMREF_BROKEN:
		return CMD_BROKEN;
	}
	id = itemref_id(i);
	reason = clean_reason(rest);
	if (!*reason)
		return cmd_say(ctx, is_rejected ? MSG_REASON_MISSING_REJECT : MSG_REASON_MISSING_RETURN, "id", id, NULL);
	switch (decide_item(ctx, i, what, reason, &now)) {
	case DECIDED:
		break;
	case DECIDED_TOLD:
		return CMD_DONE;
	case DECIDED_BROKEN:
		return CMD_BROKEN;
	}
	left = decide_waiting_text(ctx);
	if (!left)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	/* His own: the answer is the notice. */
	if (now->author_id == ctx->member->id)
		return cmd_say(ctx, is_rejected ? MSG_REJECTED_OWN : MSG_RETURNED_OWN, "id", id, "reason", reason, "label",
			       label_in(reason), "left", left, NULL);
	told = tell_author(ctx, now, is_rejected, id, reason);
	if (is_rejected)
		return cmd_say(ctx, told ? MSG_REJECTED : MSG_REJECTED_UNTOLD, "id", id, "left", left, NULL);
	return cmd_say(ctx, told ? MSG_RETURNED : MSG_RETURNED_UNTOLD, "id", id, "left", left, NULL);
}

/* --- A recalled source --- */

enum cmd_status decide_recalled(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);
	g_autoptr(item_t) now = NULL;
	g_autoptr(member_t) author = NULL;
	g_autofree char *data = NULL;

	/* A recall may come without its person: the message was the author's, so is the wish. */
	if (!ctx->member && i->author_id && store_member_get(ctx->db, i->author_id, &author, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (store_item_decide(ctx->db, i->kind, i->number, ITEM_WITHDRAW, NULL, ctx->member ? ctx->member : author, ctx->now_ms,
			      &now, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	cmd_about(ctx, i->id);
	if (!ctx->member || ctx->member->id != i->author_id) {
		cmd_tell(ctx, i->author_id, MSG_RECALLED_TELL, "id", id, NULL);
		return CMD_DONE;
	}
	data = g_strdup_printf("{\"item\":%" G_GINT64_FORMAT "}", i->id);
	cmd_ask_for(ctx, &cmd_rut, "recalled", data);
	return cmd_say(ctx, MSG_RECALLED_ASK, "id", id, NULL);
}

enum cmd_status decide_recall_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = json_parse(ctx->pending->data, strlen(ctx->pending->data), &ctx->error);
	g_autoptr(item_t) i = NULL, now = NULL;
	g_autofree char *id = NULL;
	unsigned choice = reader_choice(ctx->u->text ? ctx->u->text : "", 2);
	int64_t row = 0;

	if (!data)
		return CMD_BROKEN;
	json_int64(data, "item", &row);
	if (store_item_by_row(ctx->db, row, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i || i->status != ITEM_WITHDRAWN) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	id = itemref_id(i);
	if (!choice)
		return cmd_say(ctx, MSG_RECALLED_ASK_AGAIN, "id", id, NULL);
	cmd_asked_done(ctx);
	if (choice == 1)
		return cmd_say(ctx, MSG_RECALLED_GONE, "id", id, NULL);
	switch (decide_item(ctx, i, ITEM_RESTORE, NULL, &now)) {
	case DECIDED:
		return cmd_say(ctx, MSG_RECALLED_KEPT, "id", id, "state", itemref_state(now->status), NULL);
	case DECIDED_TOLD:
		return CMD_DONE;
	case DECIDED_BROKEN:
		return CMD_BROKEN;
	}
	g_assert_not_reached();
}
