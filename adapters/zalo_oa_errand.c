/* SPDX-License-Identifier: MIT */
/* Upkeep: which errand is due when, and what failures of any of them mean. Order: a usable token first, then the list of groups,
 * then what is asked of each group. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "zalo_oa.h"

#define REFRESH_PAUSE_MS MINUTE_MS /* between two looks at a token that cannot be refreshed */
#define OLD_COPY_PAUSE_MS (10 * MINUTE_MS)
#define TOKEN_PAUSE_MS (5 * SECOND_MS) /* the refresh goes first */
#define OPERATOR_PAUSE_MS (10 * MINUTE_MS)
#define REFUSED_PAUSE_MS HOUR_MS

static bool has_usable_token(const struct zalo_oa *z)
{
	return z->token.access && z->refused_id != z->token.id;
}

void zalo_oa_saved_changed(struct adapter *a)
{
	struct zalo_oa *z = a->state;
	const char *text = a->env.saved ? g_hash_table_lookup(a->env.saved, ZALO_OA_TOKEN_KEY) : NULL;
	struct zalo_oa_token t = { 0 };

	if (!zalo_oa_token_parse(text, &t))
		return;
	if (z->fresh.access && t.id == z->fresh.id)
		zalo_oa_token_commit(z);
	else
		zalo_oa_token_load(z, text);
	if (t.id == z->token.id && has_usable_token(z) && z->groups_due_ms == INT64_MAX)
		z->groups_due_ms = 0;
	zalo_oa_token_clear(&t);
}

static int64_t refresh_due_ms(const struct zalo_oa *z, int64_t now_ms)
{
	int64_t due = !has_usable_token(z) ? now_ms : z->token.expires_ms - ZALO_OA_REFRESH_AHEAD_MS;

	return MAX(due, z->refresh_not_before_ms);
}

bool zalo_oa_next_errand(struct adapter *a, int64_t now_ms, const char **ret_name, int64_t *ret_due_ms)
{
	struct zalo_oa *z = a->state;

	zalo_oa_saved_changed(a);
	*ret_name = "refresh";
	*ret_due_ms = refresh_due_ms(z, now_ms);
	/* A refresh that is due goes first; one that fails leaves the others its pause (REFRESH_PAUSE_MS). */
	if (has_usable_token(z) && *ret_due_ms > now_ms) {
		const struct {
			const char *name;
			int64_t due_ms;
		} others[] = {
			{ "groups", z->groups_due_ms },
			{ "info", z->info_due_ms },
			{ "members", z->members_due_ms },
			{ "history", z->catch_up_every_ms > 0 ? z->history_due_ms : INT64_MAX },
		};

		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			if (others[i].due_ms < *ret_due_ms) {
				*ret_name = others[i].name;
				*ret_due_ms = others[i].due_ms;
			}
	}
	return true;
}

bool zalo_oa_errand_is_exclusive(struct adapter *a, const char *name)
{
	return !strcmp(name, "refresh");
}

void zalo_oa_walk_reset(struct zalo_oa *z)
{
	z->walk = (struct zalo_oa_walk){ 0 };
	z->walk_owner = NULL;
	g_clear_pointer(&z->history, g_ptr_array_unref);
	g_clear_pointer(&z->groups_read, g_ptr_array_unref);
	zalo_oa_members_forget(z);
}

static bool ask_refresh(struct adapter *a, struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;
	int64_t now = clock_wall_ms();

	z->refresh_not_before_ms = now + REFRESH_PAUSE_MS;
	if (!z->token.refresh) {
		zalo_oa_notice(a, zalo_oa_token_trouble(z));
		return false;
	}
	if (!zalo_oa_token_is_due(z, now)) /* another process did it while this one waited for the lease */
		return false;
	if (zalo_oa_token_is_old_copy(z)) {
		z->refresh_not_before_ms = now + OLD_COPY_PAUSE_MS;
		zalo_oa_notice(a, zalo_oa_token_trouble(z));
		return false;
	}
	zalo_oa_token_mark_first(z);
	zalo_oa_token_request(z, ret_request);
	return true;
}

bool zalo_oa_errand(struct adapter *a, const char *name, struct http_request *ret_request)
{
	struct zalo_oa *z = a->state;

	zalo_oa_saved_changed(a);
	z->errand_token_id = z->token.id;
	if (!strcmp(name, "refresh"))
		return ask_refresh(a, ret_request);
	if (g_str_has_prefix(name, "check-"))
		return zalo_oa_ask_check(a, name, ret_request);
	if (g_strcmp0(z->walk_owner, name) != 0) {
		zalo_oa_walk_reset(z);
		z->walk_owner = name;
	}
	if (!strcmp(name, "history"))
		return zalo_oa_ask_history(a, ret_request);
	if (!strcmp(name, "groups") || !strcmp(name, "info") || !strcmp(name, "members"))
		return zalo_oa_ask_groups(a, name, ret_request);
	return false;
}

void zalo_oa_next_group(struct zalo_oa *z, struct errand_outcome *ret)
{
	z->walk = (struct zalo_oa_walk){ .group = z->walk.group + 1 };
	ret->verdict = z->groups && z->walk.group < z->groups->len ? ERRAND_AGAIN : ERRAND_DONE;
}

static int64_t *due_of(struct zalo_oa *z, const char *name)
{
	return !strcmp(name, "groups")    ? &z->groups_due_ms
	       : !strcmp(name, "info")    ? &z->info_due_ms
	       : !strcmp(name, "members") ? &z->members_due_ms
					  : &z->history_due_ms;
}

/* Gives up this round; the next begins at the first page. */
static void put_off(struct zalo_oa *z, const char *name, int64_t wait_ms, struct errand_outcome *ret)
{
	zalo_oa_walk_reset(z);
	*due_of(z, name) = clock_wall_ms() + wait_ms;
	ret->verdict = ERRAND_FAILED;
}

static void judge_token(struct adapter *a, const char *name, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;

	put_off(z, name, TOKEN_PAUSE_MS, ret);
	if (z->errand_token_id != z->token.id)
		return;
	if (zalo_oa_token_refused(z, z->errand_token_id)) {
		a->wants_errand = "refresh";
		return;
	}
	*due_of(z, name) += OPERATOR_PAUSE_MS;
	zalo_oa_notice(a, zalo_oa_token_trouble(z));
}

/* This group cannot be asked; the others can. */
static void skip_group(struct adapter *a, const char *name, struct errand_outcome *ret)
{
	if (!strcmp(name, "info"))
		zalo_oa_info_next(a, ret);
	else if (!strcmp(name, "members"))
		zalo_oa_members_next(a->state, ret);
	else
		zalo_oa_history_next(a, ret);
}

static void judge_failure(struct adapter *a, const char *name, const struct zalo_oa_answer *answer, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;

	switch (answer->class) {
	case ZALO_OA_TOKEN:
		judge_token(a, name, ret);
		break;
	case ZALO_OA_MINUTE:
		ret->wait_ms = zalo_oa_minute_wait_ms();
		break;
	case ZALO_OA_OPERATOR:
	case ZALO_OA_DEFECT:
		put_off(z, name, OPERATOR_PAUSE_MS, ret);
		zalo_oa_notice(a, answer->advice);
		break;
	case ZALO_OA_QUOTA:
		if (!strcmp(name, "history")) { /* all groups alike; what was written waits until it is paid for */
			put_off(z, name, OPERATOR_PAUSE_MS, ret);
			z->is_history_unpaid = true;
			zalo_oa_money_notice(a, answer->advice);
			break;
		}
		G_GNUC_FALLTHROUGH;
	case ZALO_OA_CONTENT:
	case ZALO_OA_NOBODY:
	case ZALO_OA_STALE:
		z->has_gap |= answer->class != ZALO_OA_NOBODY;
		if (strcmp(name, "groups") != 0 && z->groups && z->walk.group < z->groups->len)
			skip_group(a, name, ret);
		else
			put_off(z, name, REFUSED_PAUSE_MS, ret);
		break;
	case ZALO_OA_OK:
	case ZALO_OA_LATER:
	case ZALO_OA_UNCERTAIN: /* reading twice does no harm: by the driver's back-off */
		ret->wait_ms = answer->retry_ms;
		break;
	}
}

void zalo_oa_judge_errand(struct adapter *a, const char *name, const struct http_response *r, struct errand_outcome *ret)
{
	struct zalo_oa *z = a->state;
	struct zalo_oa_answer answer;

	*ret = (struct errand_outcome){ .verdict = ERRAND_LATER, .wait_ms = -1 };
	if (!strcmp(name, "refresh")) {
		zalo_oa_token_judge(z, r, clock_wall_ms(), ret);
		return;
	}
	zalo_oa_answer_read(r, &answer);
	if (answer.class == ZALO_OA_OK) {
		zalo_oa_token_worked(z, z->errand_token_id);
		zalo_oa_notice(a, NULL);
		if (!strcmp(name, "history")) {
			if (z->is_history_unpaid)
				zalo_oa_money_notice(a, NULL);
			z->is_history_unpaid = false;
			zalo_oa_read_history(a, &answer, ret);
		} else {
			zalo_oa_read_groups(a, name, &answer, ret);
		}
	} else {
		ret->reason = zalo_oa_answer_text(&answer, r);
		if (!strcmp(name, "members") && answer.class == ZALO_OA_CONTENT && z->page_size > ZALO_OA_PAGE_SURE) {
			z->page_size = ZALO_OA_PAGE_SURE; /* pages of this size are refused here; begin this group anew */
			z->walk.offset = 0;
			ret->verdict = ERRAND_AGAIN;
		} else {
			judge_failure(a, name, &answer, ret);
		}
	}
	zalo_oa_answer_clear(&answer);
}
