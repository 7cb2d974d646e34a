/* SPDX-License-Identifier: MIT */
/* What goes out: a post is stored once, a delivery is post x chat x part. Progress and "finished" are counted from these rows. */
#ifndef CDSBOT_STORE_DELIVERY_H
#define CDSBOT_STORE_DELIVERY_H

#include "adapters/message.h"
#include "chat.h"
#include "db.h"

/* Answers; announcements and notices; digests; the line that collects a group's confirmations (answers too, but due only at the end of
 * their minute: in a line of its own it keeps no answer waiting). */
enum delivery_class { CLASS_DIRECT, CLASS_NOTICE, CLASS_DIGEST, CLASS_BUNDLE };
#define DELIVERY_CLASSES 4

/* Any statement may set a state: triggers of the schema move the next of the line up. */
enum delivery_state {
	DELIVERY_QUEUED,
	DELIVERY_INFLIGHT, /* claimed, the adapter has it or had it when the process died */
	DELIVERY_SENT,
	DELIVERY_DEAD,	   /* refused, no target, or out of tries: visible, revivable */
	DELIVERY_ASKED,	   /* uncertain and the policy is to ask: held until an admin decides */
	DELIVERY_CANCELLED
};

struct post {
	int64_t id;
	char *text; /* NFC, whole */
	struct span *spans;
	size_t n_spans;
	enum delivery_class class;
	int64_t item_id;	 /* 0 none: what a reply to it speaks of */
	int64_t announcement_id; /* 0 none */
	struct attachment *file; /* or NULL: sent as the last part, text (if within the caption limit) as its caption */
	int64_t created_ms;
};
void post_free(struct post *p);
typedef struct post post_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(post_t, post_free)

/* A part's place in the post's text, bytes. With file: the part carries the post's file. */
struct post_part {
	size_t start, len;
	bool has_file;
};

/* Where one delivery goes. */
struct delivery_target {
	int64_t chat_id;	 /* row of chat */
	const char *reply_to_id; /* platform message, or NULL */
	const char *user_id;	 /* person spoken to in a group, or NULL */
	const char *thread_id;	 /* or NULL */
	int64_t due_ms;		 /* not before; 0 = now */
};

/* A delivery with all that a send needs; owned. */
struct delivery {
	int64_t id, post_id, chat_row;
	enum delivery_class class;
	unsigned part, parts, tries;
	int64_t due_ms;
	char *adapter, *chat_id, *thread_id, *reply_to_id, *user_id;
	enum chat_kind chat_kind;
	char *text; /* the part's */
	struct span *spans; /* relative to text */
	size_t n_spans;
	struct attachment *file; /* or NULL */
	enum delivery_state state; /* in listings */
	char *reason;		   /* last trouble */
	int64_t created_ms;
};
void delivery_free(struct delivery *d);
typedef struct delivery delivery_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(delivery_t, delivery_free)

bool store_post_add(struct db *db, const struct post *p, int64_t now_ms, int64_t *ret_id, GError **error);
enum store_result store_post_get(struct db *db, int64_t id, struct post **ret, GError **error);
/* One row per part, in order. */
bool store_delivery_add(struct db *db, int64_t post_id, const struct delivery_target *to, const struct post_part *parts, size_t n,
			int64_t now_ms, GError **error);

/* Confirmations in a group: the first `free_now` in a rolling minute go at once, later ones as one line at its end (domain §5.4).
 * *ret_now: go at once (caller adds an ordinary post). Else the words (e.g. "SK15") joined the chat's bundle: *ret_words lists all of
 * it (NULL-terminated, caller g_strfreev), *ret_post the bundle's post whose text the caller now sets with store_post_set_text
 * (or 0: the caller adds a post due at *ret_due_ms and names it with store_bundle_set_post). */
#define BUNDLE_WINDOW_MS (INT64_C(60) * 1000)
bool store_bundle_add(struct db *db, int64_t chat_id, const char *word, unsigned free_now, int64_t now_ms, bool *ret_now, char ***ret_words,
		      int64_t *ret_post, int64_t *ret_due_ms, GError **error);
bool store_bundle_set_post(struct db *db, int64_t chat_id, int64_t post_id, GError **error);
/* Only while its one part is queued (else nothing happens); its spans go. */
bool store_post_set_text(struct db *db, int64_t post_id, const char *text, GError **error);

/* Heads of line that could go now: per (chat, class) the oldest unsettled delivery, if it is queued and due. classes: bit set of
 * 1 << class (quiet hours leave direct answers only); group_classes: further classes of which only those to groups are taken (a budget
 * that private chats have used up). Lower class first, then the longest due, then age; at most limit. Chats in
 * `skip` (set of int64_t* row ids, or NULL) are left out. Parked chats are left out. struct delivery without text,
 * spans and file, which a claim brings. Its cost does not grow with what waits behind heads, in parked chats or for later. */
GPtrArray *store_delivery_due(struct db *db, const char *adapter, unsigned classes, unsigned group_classes, int64_t now_ms,
			      GHashTable *skip, unsigned limit, GError **error);
/* queued -> inflight, tries + 1; ids that are no longer queued are left out. Result: struct delivery, in the order of ids. */
GPtrArray *store_delivery_claim(struct db *db, const int64_t *ids, size_t n, GError **error);
/* inflight -> queued without counting a try: claimed but never handed to the adapter (shutdown). */
bool store_delivery_unclaim(struct db *db, int64_t id, GError **error);

struct delivery_settlement {
	int64_t id;
	enum delivery_state state; /* SENT, QUEUED (again at due_ms), DEAD, ASKED */
	int64_t due_ms;
	char *remote_id, *reason;
	bool is_uncounted; /* not the delivery's fault: this try does not count */
};
bool store_delivery_settle(struct db *db, const struct delivery_settlement *s, int64_t now_ms, GError **error);
/* At start: every inflight row was in flight when the process died = uncertain. resend: back to queued at once (at least once); else
 * ASKED. Number in *ret_n. */
bool store_delivery_recover(struct db *db, bool resend, unsigned *ret_n, GError **error);

/* Earliest due time later than after_ms (-1: any) of a queued head of line of this adapter and these classes (parked chats left out), or
 * -1. What stands behind an inflight one does not count: its settlement is the signal. */
bool store_delivery_next_due(struct db *db, const char *adapter, unsigned classes, int64_t after_ms, int64_t *ret_due_ms, GError **error);
/* The wall clock jumped: what was due by old_now_ms stays due now; times set for later stay as they are. */
bool store_delivery_clock_moved(struct db *db, int64_t old_now_ms, int64_t now_ms, GError **error);
/* Queued or in flight. */
bool store_delivery_count_open(struct db *db, const char *adapter_or_null, unsigned classes, int64_t *ret_n, GError **error);

/* Listing for `cdsbot deliveries`: all that are not sent, or the dead and asked ones. Newest last. */
GPtrArray *store_delivery_list(struct db *db, bool dead_only, int64_t after, unsigned limit, GError **error);
/* dead or asked -> queued, tries 0; id 0 = all. Opens the parked chat again. */
bool store_delivery_revive(struct db *db, int64_t id, int64_t now_ms, unsigned *ret_n, GError **error);
struct delivery_counts {
	int64_t queued, inflight, sent, dead, asked, cancelled;
};
bool store_delivery_counts(struct db *db, const char *adapter_or_null, struct delivery_counts *ret, GError **error);

/* What the message that somebody replied to speaks of: 0 where nothing. */
enum store_result store_post_of_message(struct db *db, int64_t chat_id, const char *remote_id, int64_t *ret_item_id,
					int64_t *ret_announcement_id, GError **error);

/* Fan-out in chunks, so that 100,000 recipients never stall the writer. A post with an audience gets its rows by repeated steps:
 * each makes at most limit rows (INSERT ... SELECT), *ret_made = 0 when all are there. Which targets: every core group (if asked), the
 * groups of the units, and each member of the audience once, in the open private chat of the identity last used. parts_of gives the
 * parts for an adapter's name (borrowed until the next call); it is asked once per post and adapter; *ret_n = 0: nothing goes to that
 * adapter, and members are reached elsewhere if they can be. Parked chats get none. Interrupted fan-outs are found again by
 * store_fanout_open; where one stands is read from its rows. */
struct fanout {
	int64_t post_id;
	bool core_groups, all_members;
	bool followers;	      /* later: followers of the item's unit and field */
	char **units;	      /* codes, or NULL */
	int64_t skip_chat_id; /* a chat that already has it, or 0 */
};
void fanout_free(struct fanout *f);
typedef struct fanout fanout_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fanout_t, fanout_free)
bool store_fanout_add(struct db *db, const struct fanout *f, GError **error);
GPtrArray *store_fanout_open(struct db *db, GError **error); /* struct fanout */
typedef void fanout_parts_fn(void *arg, const char *adapter, const struct post *p, const struct post_part **ret_parts, size_t *ret_n);
bool store_fanout_step(struct db *db, const struct fanout *f, fanout_parts_fn *parts_of, void *arg, unsigned limit, int64_t now_ms,
		       unsigned *ret_made, GError **error);

/* Deletes sent and cancelled deliveries and their posts older than keep (a reply to an older message no longer finds its item). */
bool store_delivery_expire(struct db *db, int64_t older_than_ms, unsigned limit, unsigned *ret_n, GError **error);

#endif
