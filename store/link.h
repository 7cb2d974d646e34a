/* SPDX-License-Identifier: MIT */
/* One person on several platforms (/lienket): a one-time code made by a member on one of them, typed on another, makes both identities
 * one member.
 *
 * What becomes of two people who turn out to be one (decided here, once):
 * - Whoever types the code and is not registered joins the member as he is: unit, role and consent are the member's. His ĐỒNG Ý to the
 *   linking covers the one thing that is new, his display name and account id there.
 * - Two registered ones: the row with the lower id stays, the other is deleted. (A fan-out that is under way goes up by member id: so
 *   nobody gets its post a second time.)
 * - The role is the higher one. Name, unit and job come with the role, since a focal point's rights are those over one unit; with
 *   equal roles they are those of the member who made the code. A unit is never lost: where one has none, it is the other's.
 * - Consent is the later one. He has left only if both have.
 * - Identities (with their private chats and times of last use), items, decisions, adoptions, announcements and deliveries move over.
 *   Of two receipts for one announcement the earlier stays. A post that waits for both is cancelled for one. Open questions and
 *   what is held belong to an identity and stay where they were asked. The audit log is never rewritten: its row "member.link" says
 *   which member a number became.
 * - Two accounts on one adapter are not linked: one person has one account per platform, and a second would make "the identity last
 *   used" a matter of chance. */
#ifndef CDSBOT_STORE_LINK_H
#define CDSBOT_STORE_LINK_H

#include "member.h"

/* Long enough to change over to the other app and find the bot there. */
#define LINK_CODE_MS (INT64_C(10) * 60 * 1000)
/* Wrong codes per identity and hour. The code has 40 bits: five guesses are nothing to a thief, and enough for a slip of the thumb. */
#define LINK_TRIES 5
#define LINK_TRIES_MS (INT64_C(60) * 60 * 1000)

/* Only a salted hash is stored, one code a member: a new one replaces the last. */
bool store_link_code_set(struct db *db, int64_t member_id, const char *code, int64_t now_ms, GError **error);
/* A code that has become known to others (typed in a group) is void. */
bool store_link_code_void(struct db *db, const char *code, GError **error);

/* A valid code: whose, and when it was made (both name it in store_link_join, so the code itself need not be kept). */
struct link_code {
	int64_t member_id, made_ms;
};
/* Looks at a typed code without using it up. STORE_NOT_FOUND: wrong or too old, counted; STORE_DENIED: too many wrong ones within the
 * hour, not looked at; STORE_DUPLICATE: this identity is that member's already; STORE_WRONG_STATE: both have an account on the
 * same adapter. */
enum store_result store_link_code_check(struct db *db, const char *adapter, const char *user_id, const char *code, int64_t now_ms,
					struct link_code *ret, GError **error);

/* Not the person's own after all: the code is void, if it is still that one. */
bool store_link_code_drop(struct db *db, const struct link_code *code, GError **error);

struct link_outcome {
	bool is_merged;	  /* both were registered */
	char *other_unit; /* code of the unit that was given up, or NULL: they had the same, or one had none */
};
void link_outcome_clear(struct link_outcome *o);
typedef struct link_outcome link_outcome_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(link_outcome_t, link_outcome_clear)

/* Uses the code up and makes both one, with the audit rows. *ret: the member, found through the identity given. STORE_NOT_FOUND: the
 * code is used, replaced or too old; STORE_DUPLICATE, STORE_WRONG_STATE: as above. */
enum store_result store_link_join(struct db *db, const struct link_code *code, const char *adapter, const char *user_id, const char *name,
				  int64_t private_chat_id, int64_t now_ms, struct member **ret, struct link_outcome *ret_outcome,
				  GError **error);
/* Forgets codes that are too old and tries of the last hour but one. */
bool store_link_expire(struct db *db, int64_t now_ms, GError **error);

#endif
