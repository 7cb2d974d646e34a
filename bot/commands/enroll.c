/* SPDX-License-Identifier: MIT */
/* Registration itself; the dialogue around it is its callers'. */
#include "enroll.h"

bool enroll(struct cmd_ctx *ctx, const char *unit, const char *job_or_null)
{
	const struct update *u = ctx->u;
	const char *name = u->user_name && *u->user_name ? u->user_name : wording_raw(MSG_DK_NO_NAME);
	struct member *m = NULL;

	if (store_member_register(ctx->db, u->adapter, u->user_id, name, unit, job_or_null, ENROLL_CONSENT_VERSION, ctx->now_ms, &m,
				  &ctx->error) != STORE_OK)
		return cmd_broken(ctx, NULL) == CMD_DONE;
	member_free(ctx->member);
	ctx->member = m;
	if (u->chat_kind == CHAT_PRIVATE &&
	    store_member_seen(ctx->db, u->adapter, u->user_id, name, ctx->chat->id, ctx->now_ms, &ctx->error) == STORE_BROKEN)
		return false;
	return cmd_audit(ctx, "member.register", m->name, NULL, unit);
}
