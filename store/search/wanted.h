/* SPDX-License-Identifier: MIT */
/* Which items a search is about: those that the asker may see and that its filters leave, as SQL over a row of item, on $2 to $11. */
#ifndef CDSBOT_STORE_SEARCH_WANTED_H
#define CDSBOT_STORE_SEARCH_WANTED_H

#include "search.h"
#include "visible.h"

/* The statuses are those of index_takes(). */
#define WANTED_SQL                                                                                                                 \
	"item.status <= 3 AND " VISIBLE_SQL " AND ($5 IS NULL OR item.unit = $5) AND ($6 IS NULL OR item.field = $6)"              \
	" AND ($8 = 0 OR item.year = $8) AND ($11 = 0 OR $11 >> item.status & 1)"                                                  \
	" AND (($7 < 0 AND $9 IS NULL) OR item.kind = $7 OR item.type = $9 OR ($10 AND item.kind = 0 AND item.type IS NULL))"
void wanted_bind(struct db_stmt *st, const struct search_query *q);
bool wanted_is(struct db *db, const struct search_query *q, int64_t item_id, bool *ret, GError **error);
bool wanted_has_filter(const struct search_query *q);

/* The other way round: the ids of the indexed items that are not wanted, ascending, where there are few. *ret stays NULL where each item
 * must be asked for by WANTED_SQL: there are filters, too many items that wait for approval, or an index of older rules, which may still
 * have what was taken out of it. Caller frees. False + error. */
bool wanted_not(struct db *db, const struct search_query *q, GArray **ret, GError **error);
bool wanted_not_has(const GArray *ids, int64_t id);

/* The wanted items themselves, from the newest on, listed only as far down as somebody needs them. */
struct wanted_list {
	GArray *ids;	 /* int64_t, descending */
	int64_t down_to; /* from this id on all of them are there */
};
void wanted_list_init(struct wanted_list *l);
void wanted_list_clear(struct wanted_list *l);
/* Lists on down to this id, but at most so many more and not much longer than to the deadline (of the monotonic clock): down_to tells. */
bool wanted_list_extend(struct wanted_list *l, struct db *db, const struct search_query *q, int64_t down_to, unsigned most, int64_t deadline_us,
			GError **error);
/* How many more there may be down to this id, by those that are listed. last_id: the newest item's. */
double wanted_list_guess(const struct wanted_list *l, int64_t last_id, int64_t down_to);
/* The place of the first one with this id or a lower one; ids->len: there is none. */
guint wanted_list_at(const struct wanted_list *l, int64_t id);

#endif
