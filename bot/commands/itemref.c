/* SPDX-License-Identifier: MIT */
/* From what was typed to an item of the store, and back to words. Changes nothing. */
#include "itemref.h"

#include <string.h>

#include "base/clock.h"

static bool kind_of_prefix(const char *prefix, enum item_kind *ret)
{
	for (int k = 0; k < ITEM_KINDS; k++) {
		if (strcmp(item_kind_prefix((enum item_kind)k), prefix) == 0) {
			*ret = (enum item_kind)k;
			return true;
		}
	}
	return false;
}

/* name, time: who decided so, and when; NULL: not for these eyes. */
static enum cmd_status say_merged(struct cmd_ctx *ctx, const struct item *i, const char *id, const char *name, const char *time)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(item_t) into = NULL;
	g_autofree char *other = NULL;

	if (store_item_by_row(ctx->db, i->merged_into, &into, &error) == STORE_BROKEN)
		return cmd_broken(ctx, g_steal_pointer(&error));
	other = into ? itemref_id(into) : g_strdup(id);
	if (!name)
		return cmd_say(ctx, MSG_HIDDEN_MERGED, "id", id, "other", other, NULL);
	return cmd_say(ctx, MSG_ALREADY_MERGED, "id", id, "other", other, "name", name, "time", time, NULL);
}

/* The item is there, but not for these eyes: why, as far as that may be told. */
static void say_hidden(struct cmd_ctx *ctx, const struct item *i, const char *id)
{
	switch (i->status) {
	case ITEM_WITHDRAWN:
		cmd_say(ctx, MSG_ITEM_HIDDEN_WITHDRAWN, "id", id, NULL);
		return;
	case ITEM_MERGED:
		say_merged(ctx, i, id, NULL, NULL);
		return;
	case ITEM_DRAFT:
	case ITEM_WAITING:
	case ITEM_RETURNED:
	case ITEM_APPROVED:
	case ITEM_REJECTED:
		break;
	}
	cmd_say(ctx, MSG_ITEM_HIDDEN, "id", id, NULL);
}

static enum itemref of_number(struct cmd_ctx *ctx, const char *prefix, int64_t number, struct item **ret_item)
{
	g_autofree char *id = g_strdup_printf("%s%" G_GINT64_FORMAT, prefix, number);
	g_autoptr(GError) error = NULL;
	g_autoptr(item_t) item = NULL;
	enum item_kind kind;

	if (!kind_of_prefix(prefix, &kind)) {
		cmd_say(ctx, MSG_NOT_AN_ITEM, "id", id, "example", wording_raw(ctx->command->example), NULL);
		return ITEMREF_TOLD;
	}
	switch (store_item_get(ctx->db, kind, number, &item, &error)) {
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
		cmd_say(ctx, MSG_NO_SUCH_ITEM, "id", id, NULL);
		return ITEMREF_TOLD;
	case STORE_DENIED:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_BROKEN:
		cmd_broken(ctx, g_steal_pointer(&error));
		return ITEMREF_BROKEN;
	}
	if (!item_visible_to(item, ctx->member)) {
		say_hidden(ctx, item, id);
		return ctx->error ? ITEMREF_BROKEN : ITEMREF_TOLD;
	}
	*ret_item = g_steal_pointer(&item);
	return ITEMREF_FOUND;
}

enum itemref itemref_find(struct cmd_ctx *ctx, const char *args, struct item **ret_item, const char **ret_rest)
{
	const char *prefix;
	int64_t number;

	*ret_rest = args;
	if (reader_id(args, ctx->command->implied, &prefix, &number, ret_rest))
		return of_number(ctx, prefix, number, ret_item);
	*ret_rest = args;
	if (ctx->replied)
		return of_number(ctx, item_kind_prefix(ctx->replied->kind), ctx->replied->number, ret_item);
	/* A reply to somebody's talk, and nothing else: he means that message, which is no item yet (domain §5.4). */
	if (ctx->u->reply_to_id && !ctx->u->replies_to_bot && !ctx->replied_announcement && !*args) {
		cmd_say(ctx, MSG_REPLY_UNKNOWN, "example", wording_raw(ctx->command->example), NULL);
		return ITEMREF_TOLD;
	}
	return ITEMREF_NONE;
}

char *itemref_id(const struct item *i)
{
	return item_id_text(i->kind, i->number);
}

const char *itemref_unit(const struct cmd_ctx *ctx, const struct item *i)
{
	const struct unit *u = i->unit ? registry_unit(ctx->registry, i->unit) : NULL;

	return u ? u->name : i->unit;
}

const char *itemref_state(enum item_status status)
{
	switch (status) {
	case ITEM_DRAFT:
		return wording_raw(MSG_STATE_DRAFT);
	case ITEM_WAITING:
		return wording_raw(MSG_STATE_WAITING);
	case ITEM_RETURNED:
		return wording_raw(MSG_STATE_RETURNED);
	case ITEM_APPROVED:
		return wording_raw(MSG_STATE_APPROVED);
	case ITEM_REJECTED:
		return wording_raw(MSG_STATE_REJECTED);
	case ITEM_WITHDRAWN:
		return wording_raw(MSG_STATE_WITHDRAWN);
	case ITEM_MERGED:
		return wording_raw(MSG_STATE_MERGED);
	}
	g_assert_not_reached();
}

bool itemref_is_open(const struct item *i)
{
	return i->status == ITEM_DRAFT || i->status == ITEM_WAITING || i->status == ITEM_RETURNED;
}

/* Decisions made on the command line, or by somebody whose row is gone, have no name. */
static char *decider(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(member_t) m = NULL;

	/* A database error shows again when the turn writes; a name is not worth breaking the answer for. */
	if (i->decided_by && store_member_get(ctx->db, i->decided_by, &m, NULL) == STORE_OK && m->name && *m->name)
		return g_strdup(m->name);
	return g_strdup(wording_raw(MSG_SYSTEM_NAME));
}

/* "09:12", with the day where it was not today. */
static char *moment(const struct cmd_ctx *ctx, int64_t at_ms)
{
	g_autoptr(GDateTime) at = clock_local(at_ms);
	g_autoptr(GDateTime) now = clock_local(ctx->now_ms);
	bool is_today = g_date_time_get_year(at) == g_date_time_get_year(now) &&
			g_date_time_get_day_of_year(at) == g_date_time_get_day_of_year(now);

	return g_date_time_format(at, is_today ? "%H:%M" : "%H:%M %d/%m/%Y");
}

/* Whoever withdrew it may bring it back, and the moderators (store/item.h). */
static bool may_restore(const struct cmd_ctx *ctx, const struct item *i)
{
	return cmd_role(ctx) >= ROLE_MODERATOR || (ctx->member && i->decided_by == ctx->member->id);
}

enum cmd_status itemref_say_state(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);
	g_autofree char *name = decider(ctx, i);
	g_autofree char *time = moment(ctx, i->decided_ms ? i->decided_ms : i->created_ms);

	switch (i->status) {
	case ITEM_DRAFT:
		return cmd_say(ctx, MSG_STILL_DRAFT, "id", id, NULL);
	case ITEM_WAITING:
		return cmd_say(ctx, MSG_STILL_WAITING, "id", id, NULL);
	case ITEM_RETURNED:
		return cmd_say(ctx, MSG_ALREADY_RETURNED, "id", id, "name", name, "time", time, NULL);
	case ITEM_APPROVED:
		return cmd_say(ctx, MSG_ALREADY_APPROVED, "id", id, "name", name, "time", time, NULL);
	case ITEM_REJECTED:
		return cmd_say(ctx, MSG_ALREADY_REJECTED, "id", id, "name", name, "time", time, NULL);
	case ITEM_WITHDRAWN:
		if (!may_restore(ctx, i))
			return cmd_say(ctx, MSG_ALREADY_WITHDRAWN_BY, "id", id, "name", name, "time", time, NULL);
		return cmd_say(ctx, MSG_ALREADY_WITHDRAWN, "id", id, NULL);
	case ITEM_MERGED:
		return say_merged(ctx, i, id, name, time);
	}
	g_assert_not_reached();
}

const char *itemref_actor(const struct cmd_ctx *ctx)
{
	if (ctx->member && ctx->member->name && *ctx->member->name)
		return ctx->member->name;
	return ctx->u->user_name && *ctx->u->user_name ? ctx->u->user_name : wording_raw(MSG_SYSTEM_NAME);
}

char *itemref_choices(char **texts)
{
	GString *s = g_string_new(NULL);

	for (size_t n = 0; texts[n]; n++) {
		g_autofree char *number = g_strdup_printf("%zu", n + 1);
		g_autofree char *choice = wording_format(NULL, MSG_CHOICE, "n", number, "text", texts[n], NULL);

		g_string_append_printf(s, "%s%s", n ? " " : "", choice);
	}
	return g_string_free(s, FALSE);
}

char *itemref_numbers(size_t n)
{
	g_autoptr(GString) first = g_string_new("1");
	g_autofree char *last = g_strdup_printf("%zu", n);

	if (n < 2)
		return g_string_free(g_steal_pointer(&first), FALSE);
	for (size_t k = 2; k < n; k++)
		g_string_append_printf(first, ", %zu", k);
	return wording_format(NULL, MSG_CHOICE_OR, "first", first->str, "last", last, NULL);
}
