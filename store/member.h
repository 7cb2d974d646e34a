/* SPDX-License-Identifier: MIT */
/* People: members, their identities on platforms, roles, consent. Only what the purpose needs (domain §4). */
#ifndef CDSBOT_STORE_MEMBER_H
#define CDSBOT_STORE_MEMBER_H

#include "db.h"
#include "chat.h"

/* domain §5: K not registered, T member, Đ focal point of a unit, Q moderator, A moderator who may appoint. Ordered. */
enum role { ROLE_NONE, ROLE_MEMBER, ROLE_FOCAL, ROLE_MODERATOR, ROLE_ADMIN };
const char *role_letter(enum role r);			/* "K", "T", "Đ", "Q", "A" */
bool role_parse(const char *typed, enum role *ret);	/* letters, also "d" for Đ, and the words "thanh vien", "dau moi", ... folded */

struct member {
	int64_t id;
	char *name; /* display name */
	char *unit; /* code, or NULL */
	char *job;  /* as typed at /dk, or NULL */
	enum role role;
	int64_t consent_ms;
	char *consent_version;
	bool has_left;
	/* the identity through which it was found, if any */
	char *adapter, *user_id;
};
void member_free(struct member *m);
typedef struct member member_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(member_t, member_free)

enum store_result store_member_of_user(struct db *db, const char *adapter, const char *user_id, struct member **ret, GError **error);
enum store_result store_member_get(struct db *db, int64_t id, struct member **ret, GError **error);
/* Makes (or renews: same identity registers again) a member with consent given now. */
enum store_result store_member_register(struct db *db, const char *adapter, const char *user_id, const char *name, const char *unit,
					const char *job_or_null, const char *consent_version, int64_t now_ms, struct member **ret,
					GError **error);
/* Makes or renews an identity of this member, used just now. private_chat_id 0: unknown, what is known stays. */
bool store_member_identity(struct db *db, const char *adapter, const char *user_id, int64_t member_id, const char *name_or_null,
			   int64_t private_chat_id, int64_t now_ms, GError **error);
bool store_member_set_role(struct db *db, int64_t id, enum role role, GError **error);
/* The identity was used just now, from this chat (private_chat_id 0: a group). Keeps display name and last use current; unknown
 * identities are not stored (STORE_NOT_FOUND). Writes only when something changed or the last use is older than a minute. */
enum store_result store_member_seen(struct db *db, const char *adapter, const char *user_id, const char *name, int64_t private_chat_id,
				    int64_t now_ms, GError **error);
/* Members whose name, id ("12"), or user id matches what was typed (folded, all words), best first, at most limit. */
GPtrArray *store_member_find(struct db *db, const char *typed, unsigned limit, GError **error);
/* struct member with at least this role who have not left, by id. */
GPtrArray *store_member_with_role(struct db *db, enum role at_least, GError **error);
/* Focal points of a unit, else its members. */
GPtrArray *store_member_of_unit(struct db *db, const char *unit, bool focal_only, GError **error);
/* The open private chat to reach a member by: the identity last used. STORE_NOT_FOUND: none open. */
enum store_result store_member_private_chat(struct db *db, int64_t member_id, struct chat **ret, GError **error);
/* The same among the identities on other adapters than this one (NULL: all). */
enum store_result store_member_private_chat_elsewhere(struct db *db, int64_t member_id, const char *not_adapter, struct chat **ret,
						      GError **error);
/* The open private chat with a user of this adapter, registered or not. */
enum store_result store_user_private_chat(struct db *db, const char *adapter, const char *user_id, struct chat **ret, GError **error);
bool store_member_counts(struct db *db, int64_t *ret_members, int64_t *ret_units, GError **error);

/* A person joined or left a group: remembered for counts of reach, without a name for people who are not registered. */
bool store_group_member(struct db *db, int64_t chat_id, const char *user_id, bool is_in, int64_t now_ms, GError **error);

/* The one-time code of `cdsbot admin code`: only its hash is stored, one at a time, valid ADMIN_CODE_MS. Claim: STORE_NOT_FOUND wrong or
 * no code, STORE_WRONG_STATE too late or too many wrong tries (ADMIN_CODE_TRIES: then the code is void). */
#define ADMIN_CODE_MS (INT64_C(15) * 60 * 1000)
#define ADMIN_CODE_TRIES 5
bool store_admin_code_set(struct db *db, const char *code, int64_t now_ms, GError **error);
enum store_result store_admin_code_claim(struct db *db, const char *code, int64_t now_ms, GError **error);

#endif
