/* SPDX-License-Identifier: MIT */
/* Initiatives and the other numbered things of one shape. Life: draft -> waiting -> approved -> withdrawn; rejected is final.
 * Illegal moves are STORE_WRONG_STATE and change nothing. Every change writes its audit row and keeps the search index in step, in the
 * caller's transaction. */
#ifndef CDSBOT_STORE_ITEM_H
#define CDSBOT_STORE_ITEM_H

#include "adapters/message.h"
#include "db.h"
#include "member.h"

enum item_kind { ITEM_INITIATIVE /* SK */, ITEM_STORY /* CC */, ITEM_EXEMPLAR /* DC */, ITEM_LESSON /* BH */ };
#define ITEM_KINDS 4
const char *item_kind_prefix(enum item_kind kind); /* "SK" ... */
/* "SK14", "sk 14", "SK-014" -> kind and number; the whole text must be an id. Also other prefixes of domain §5.1 that are no item
 * (NV, TB, TQ): false. */
bool item_id_parse(const char *text, enum item_kind *ret_kind, int64_t *ret_number);
char *item_id_text(enum item_kind kind, int64_t number); /* "SK14"; caller frees */

enum item_status {
	ITEM_DRAFT,    /* held for its author: not complete, or captured by somebody else and not confirmed */
	ITEM_WAITING,  /* for the moderator */
	ITEM_RETURNED, /* for the author: /yeucausua */
	ITEM_APPROVED,
	ITEM_REJECTED, /* final */
	ITEM_WITHDRAWN,
	ITEM_MERGED    /* folded into another (merged_into) */
};


/* Labelled lines of domain §2.1 other than title, body, unit, field: key ("hieuqua") and value. */
struct item_field {
	char *key, *value;
};

struct item {
	int64_t id; /* row */
	enum item_kind kind;
	int64_t number;
	char *title, *body;
	char *unit;	 /* code, or NULL */
	char *unit_text; /* typed name that is not (yet) a unit, or NULL */
	char *field;	 /* code, or NULL */
	bool field_guessed;
	char *type; /* "loai": "giải pháp" ... */
	enum item_status status;
	int64_t author_id; /* member, 0 unknown */
	bool on_behalf;	   /* written by somebody of another unit: "đề xuất thay" */
	char *source, *ref; /* imported items */
	char *reason;	    /* of the last decision */
	int64_t decided_by, decided_ms;
	int64_t created_ms, touched_ms;
	char *date; /* as given by the source, or NULL: unknown is legal */
	int64_t merged_into; /* MERGED: the item that it is a part of; open: the one that it is meant for; or 0 */
	int64_t version;
	GPtrArray *fields;	/* struct item_field, never NULL */
	GPtrArray *attachments; /* struct attachment, never NULL */
	GPtrArray *attachment_adapters; /* char*: whose file_id each of them is, in the same order; never NULL */
	/* counts for the card */
	int64_t n_adopted;
};
struct item *item_new(void);
void item_free(struct item *i);
typedef struct item item_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(item_t, item_free)
const char *item_field_get(const struct item *i, const char *key);	      /* NULL none */
void item_field_set(struct item *i, const char *key, const char *value);      /* replaces; "" or NULL removes */

/* The one predicate (design §7): author, the unit's focal points, moderators; approved items: everybody. Contacts ("lienhe") are
 * shown to registered members only. viewer NULL = not registered. */
bool item_visible_to(const struct item *i, const struct member *viewer);
/* May change it: author, focal point of its unit, moderators. */
bool item_editable_by(const struct item *i, const struct member *who);

/* Adds with the next number of its kind (never reused), in the status given (DRAFT, WAITING, APPROVED). Fills id, number. */
enum store_result store_item_add(struct db *db, struct item *i, const struct member *actor, int64_t now_ms, GError **error);
enum store_result store_item_get(struct db *db, enum item_kind kind, int64_t number, struct item **ret, GError **error);
enum store_result store_item_by_row(struct db *db, int64_t id, struct item **ret, GError **error);
/* Writes title, body, unit, field, type, fields as they stand in *i (version must still be what was read, and the item not rejected,
 * withdrawn or merged: else STORE_WRONG_STATE; who may not edit it: STORE_DENIED). Same contents write nothing. A returned or draft item
 * that is complete (title and body) goes to waiting if to_waiting. *i gets the new version, status and time. */
enum store_result store_item_save(struct db *db, struct item *i, bool to_waiting, const struct member *actor, int64_t now_ms, GError **error);
/* STORE_DUPLICATE: the item has this file already. */
enum store_result store_item_attach(struct db *db, int64_t id, const struct attachment *a, const char *adapter, const struct member *actor,
				    int64_t now_ms, GError **error);
/* Decisions. Approve, reject and return are for moderators; withdraw is for whoever may edit, restore for moderators and for whoever
 * withdrew (else STORE_DENIED, nothing changed); actor NULL is the system or the command line and may all. First one stands:
 * STORE_WRONG_STATE leaves *ret_item as it is now (decided_by, decided_ms, status), for "đã được … duyệt". With STORE_OK and
 * STORE_DENIED *ret_item is the item as well. */
enum item_decision { ITEM_APPROVE, ITEM_REJECT, ITEM_RETURN, ITEM_WITHDRAW, ITEM_RESTORE /* within 30 days of withdrawal */ };
/* The legal moves, for refusals that list them. */
bool item_may_move(enum item_status from, enum item_decision what);
enum store_result store_item_decide(struct db *db, enum item_kind kind, int64_t number, enum item_decision what, const char *reason_or_null,
				    const struct member *actor, int64_t now_ms, struct item **ret_item, GError **error);
#define ITEM_KEY_CONTACT "lienhe"
/* `from`, which is open, is meant as a part of `into` (merged_into): nothing else changes, a moderator decides on it as on any other. The actor may
 * edit `from` and see `into`. into 0: it is not. */
enum store_result store_item_fold_propose(struct db *db, int64_t from, int64_t into, const struct member *actor, int64_t now_ms, GError **error);
/* Folds `from` into `into`, which is approved: text is put behind its body, labelled lines join the same labels (but for who and where), attachments
 * move, from becomes MERGED, and what was meant as a part of `from` is meant as one of `into`. For moderators and NULL, as approving.
 * STORE_WRONG_STATE: from is closed, or into not approved. */
enum store_result store_item_merge(struct db *db, int64_t from, int64_t into, const char *text, const struct member *actor, int64_t now_ms,
				   GError **error);
#define ITEM_RESTORE_MS (30 * INT64_C(24) * 3600 * 1000)

/* Ids waiting for a moderator, oldest first (struct item). */
GPtrArray *store_item_waiting(struct db *db, unsigned limit, GError **error);
bool store_item_count(struct db *db, enum item_kind kind, enum item_status status, int64_t *ret_n, GError **error);

/* Which messages speak of an item: its source message(s), for replies, edits and recalls. Idempotent. */
bool store_item_link_message(struct db *db, int64_t item_id, int64_t chat_id, const char *message_id, const char *role, GError **error);
/* STORE_NOT_FOUND: none. Covers source messages and (through the deliveries) the bot's own. */
enum store_result store_item_of_message(struct db *db, int64_t chat_id, const char *message_id, struct item **ret, GError **error);

/* Same sender, same folded text within 24 hours = one item (domain §5.4): the earlier one, or STORE_NOT_FOUND. */
enum store_result store_item_same(struct db *db, int64_t author_id, const char *title, const char *body, int64_t now_ms, struct item **ret,
				  GError **error);
/* The author's newest item that is still open for additions (draft, waiting, returned), touched after since_ms. */
GPtrArray *store_item_open_of(struct db *db, int64_t author_id, int64_t since_ms, GError **error);

/* Adoption in its simplest form, for answer 3 of the near-duplicate question: unit applies item. Once per unit and item (STORE_DUPLICATE).
 * STORE_WRONG_STATE: the item is the unit's own, or gone; STORE_DENIED: the member has no unit. strength NULL: apdung. */
enum store_result store_item_adopt(struct db *db, int64_t item_id, const struct member *who, const char *strength, const char *note,
				   int64_t now_ms, GError **error);

/* Import (cdsbot import): approved, unannounced, no duplicate check. Same ref with other content updates. With status WAITING the item
 * waits for a moderator; then the ref stands for its text, and what is there under it (people may have changed it) stays: SAME. */
enum item_import { ITEM_IMPORT_NEW, ITEM_IMPORT_UPDATED, ITEM_IMPORT_SAME };
enum store_result store_item_import(struct db *db, struct item *i, int64_t now_ms, enum item_import *ret_what, GError **error);
/* Says that this connection will import many: from now on it takes more memory for it. And that they are in: the index is put in order where that is
 * worth it, in transactions of its own; if it fails everything is there nevertheless. */
void store_item_import_many(struct db *db);
bool store_item_import_end(struct db *db, GError **error);
/* Retention (domain §4). Drafts untouched since then whose author was not warned of it (struct item), the mark that he was, and the
 * deletion: of drafts that were warned about before warned_before_ms, and of refused items. A touch makes a warning void. */
GPtrArray *store_item_fading(struct db *db, int64_t touched_before_ms, unsigned limit, GError **error);
bool store_item_set_warned(struct db *db, int64_t id, int64_t now_ms, GError **error);
bool store_item_expire(struct db *db, int64_t drafts_before_ms, int64_t warned_before_ms, int64_t refused_before_ms, unsigned limit,
		       int64_t now_ms, unsigned *ret_n, GError **error);
/* Export in chunks: struct item with row > after, approved only or all. */
GPtrArray *store_item_list(struct db *db, int64_t after, bool approved_only, unsigned limit, GError **error);

#endif
