/* SPDX-License-Identifier: MIT */
/* Held content lives in a row of its own beside the open question (store/pending.h): one JSON array of messages. What sharing makes of
 * them is share.c's. */
#include "held.h"

#include <string.h>

#include "base/json.h"
#include "dangky.h"
#include "share.h"

/* The array that is held, or NULL; *ret_expires_ms: until when. False = broken. */
static bool held_load(struct cmd_ctx *ctx, cJSON **ret_list, int64_t *ret_expires_ms)
{
	g_autoptr(pending_t) p = NULL;

	*ret_list = NULL;
	if (!ctx->u->user_id)
		return true;
	switch (store_pending_get(ctx->db, ctx->u->adapter, ctx->u->user_id, PENDING_HELD, ctx->now_ms, &p, &ctx->error)) {
	case STORE_BROKEN:
		return false;
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return true;
	}
	*ret_list = p->data ? json_parse(p->data, strlen(p->data), NULL) : NULL;
	*ret_expires_ms = p->expires_ms;
	return true;
}

static bool held_store(struct cmd_ctx *ctx, const cJSON *list, int64_t expires_ms)
{
	g_autofree char *data = json_text(list);
	struct pending p = { .command = (char *)cmd_chiase.name,
			     .step = (char *)"held",
			     .data = data,
			     .asked_ms = ctx->now_ms,
			     .expires_ms = expires_ms };

	return store_pending_set(ctx->db, ctx->u->adapter, ctx->u->user_id, PENDING_HELD, &p, &ctx->error);
}

enum cmd_status held_add(struct cmd_ctx *ctx)
{
	int64_t expires_ms = ctx->now_ms + config_int(ctx->config, "bot", "pending");
	g_autofree char *one = update_serialize(ctx->u);
	g_autoptr(cJSON) list = NULL;

	if (!held_load(ctx, &list, &expires_ms))
		return CMD_BROKEN;
	if (!list)
		list = cJSON_CreateArray();
	dangky_ask_unit(ctx);
	if (cJSON_GetArraySize(list) >= HELD_MAX)
		return cmd_say(ctx, MSG_SHARE_HELD_FULL, NULL);
	/* The first one's day counts: "24 giờ" is a promise. */
	cJSON_AddItemToArray(list, cJSON_CreateString(one));
	return held_store(ctx, list, expires_ms) ? cmd_say(ctx, MSG_SHARE_HELD, NULL) : CMD_BROKEN;
}

bool held_drop(struct cmd_ctx *ctx, bool *ret_had)
{
	g_autoptr(cJSON) list = NULL;
	int64_t expires_ms;

	if (!held_load(ctx, &list, &expires_ms))
		return false;
	*ret_had = list != NULL;
	return !list || store_pending_clear(ctx->db, ctx->u->adapter, ctx->u->user_id, PENDING_HELD, &ctx->error);
}

enum cmd_status held_free_text(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) list = NULL;
	int64_t expires_ms;

	if (ctx->member || cmd_in_group(ctx) || !ctx->u->text || !*ctx->u->text)
		return CMD_PASS;
	if (!held_load(ctx, &list, &expires_ms))
		return CMD_BROKEN;
	return list ? dangky_text(ctx) : CMD_PASS;
}

enum cmd_status held_resume(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) list = NULL;
	enum cmd_status status = CMD_DONE;
	int64_t expires_ms;
	const cJSON *one;
	bool had;

	if (!held_load(ctx, &list, &expires_ms) || !held_drop(ctx, &had))
		return CMD_BROKEN;
	cJSON_ArrayForEach (one, list) {
		if (cJSON_IsString(one) && status == CMD_DONE)
			status = share_resume(ctx, one->valuestring);
	}
	return status;
}
