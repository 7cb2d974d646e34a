/* SPDX-License-Identifier: MIT */
/* Announcements (TB): audience, deadline, receipts by member and by unit, the report. */
#ifndef CDSBOT_STORE_ANNOUNCEMENT_H
#define CDSBOT_STORE_ANNOUNCEMENT_H

#include "db.h"
#include "member.h"

struct announcement {
	int64_t id, number; /* TB7 */
	char *text;
	bool to_all;
	char **units;	    /* codes when not to_all */
	char *audience_text; /* as understood, for people: "các huyện, thành phố" */
	int64_t due_ms;	    /* 0 none */
	int64_t author_id, created_ms, post_id;
	bool is_reported, is_closed;
};
void announcement_free(struct announcement *a);
typedef struct announcement announcement_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(announcement_t, announcement_free)

/* How many the audience is, for the preview: members (with an open private chat), and units. */
struct audience_size {
	int64_t members, reachable, units, units_without_member;
};
/* How many chats of one adapter such an announcement goes to, for a forecast: private chats (each member where he was last), and groups. */
bool store_audience_chats(struct db *db, bool to_all, char **units, const char *adapter, int64_t *ret_private, int64_t *ret_groups, GError **error);
bool store_audience_size(struct db *db, bool to_all, char **units, struct audience_size *ret, GError **error);

enum store_result store_announcement_add(struct db *db, struct announcement *a, int64_t now_ms, GError **error); /* fills id, number */
bool store_announcement_set_post(struct db *db, int64_t id, int64_t post_id, GError **error);
enum store_result store_announcement_get(struct db *db, int64_t number, struct announcement **ret, GError **error);
enum store_result store_announcement_by_row(struct db *db, int64_t id, struct announcement **ret, GError **error);
/* The newest announcement that this member was sent and has not answered, younger than max_age. */
enum store_result store_announcement_for(struct db *db, int64_t member_id, int64_t now_ms, int64_t max_age_ms, struct announcement **ret,
					 GError **error);
/* Counts silently; STORE_DUPLICATE: already counted. */
enum store_result store_receipt_add(struct db *db, int64_t announcement_id, int64_t member_id, const char *text, int64_t now_ms, GError **error);

struct announcement_report {
	int64_t members, members_received;   /* members of the audience; answered */
	int64_t units, units_received;	     /* a unit has received it when one of its members answered */
	int64_t sent, waiting, failed;	     /* deliveries */
	int64_t unreachable;		     /* members without an open private chat */
	GPtrArray *missing;		     /* char*: codes of units without an answer */
};
void announcement_report_clear(struct announcement_report *r);
bool store_announcement_report(struct db *db, const struct announcement *a, struct announcement_report *ret, GError **error);
/* Announcements whose deadline has come and that were not reported: struct announcement. And the mark. */
GPtrArray *store_announcement_due(struct db *db, int64_t now_ms, GError **error);
bool store_announcement_reported(struct db *db, int64_t id, GError **error);
bool store_announcement_next_due(struct db *db, int64_t *ret_due_ms, GError **error); /* -1 none */
/* Pause, resume, cancel and progress work from the delivery rows: cancel queued ones (number in *ret_n) and close it: it gets no report
 * and takes no more "đã nhận" by itself. An unknown id does nothing. actor NULL: the system. */
bool store_announcement_cancel(struct db *db, int64_t id, const struct member *actor, int64_t now_ms, unsigned *ret_n, GError **error);
GPtrArray *store_announcement_list(struct db *db, unsigned limit, GError **error); /* newest first */

#endif
