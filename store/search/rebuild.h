/* SPDX-License-Identifier: MIT */
/* Building the index anew while the old one is asked: a second index is filled in short steps, items written meanwhile go into both, and at the end
 * the two change their names in one transaction. How far it has come stands in the database, so whoever is killed over it, the next one goes on.
 *
 * When: on demand, after a change of TOKENIZER_VERSION, after a change of the units, fields and abbreviations that the texts are made of, unless it
 * concerns few of them (index_briefs.h).
 * Until then the old index answers, as well as it can: of a changed abbreviation it knows the old meaning; of another tokenizer it has the tokens
 * that stayed the same. Only an index that never was filled is filled in place, so that what is in can be found. */
#ifndef CDSBOT_STORE_SEARCH_REBUILD_H
#define CDSBOT_STORE_SEARCH_REBUILD_H

#include "store/db.h"

enum rebuild_phase {
	REBUILD_NONE,
	REBUILD_FILL,  /* the index itself, for the first time */
	REBUILD_BUILD, /* the next one */
	REBUILD_CLEAR, /* what is left of the one that was replaced, or of a next one that will not do */
	REBUILD_FILL_MERGE, /* all items are in; its pieces become one (index_merge.h) */
	REBUILD_BUILD_MERGE /* ... of the next one, before it is taken */
};
struct rebuild_state {
	enum rebuild_phase phase;
	bool is_wanted;	 /* something is to be done: under way, or the index is not what it should be */
	bool is_outdated; /* the index that is asked was made by other rules, or never filled */
	int64_t items;	 /* in the index that is asked */
	int64_t done;	 /* in the one that is being built */
	int tokenizer;	 /* version of the index that is asked */
};
bool rebuild_get(struct db *db, struct rebuild_state *ret, GError **error);
/* One step, some tens of milliseconds at most, in the caller's transaction. is_asked: also where the index is what it should be.
 * *ret (may be NULL) is as it is afterwards. */
bool rebuild_step(struct db *db, bool is_asked, struct rebuild_state *ret, GError **error);
/* For a small number of items all steps at once, each its own transaction; for more nothing: the daemon does it beside its work. */
bool rebuild_small(struct db *db, GError **error);
/* Whether items that are written (search.h) keep the index, or the next one in its stead, in step with the register: the one or the other is made of
 * it as it is, and the one that is asked can be asked which items a change concerns. */
bool rebuild_follows(struct db *db, bool *ret_follows, GError **error);
/* Units, fields or abbreviations have changed, more than was written; in the transaction that changes them. */
bool rebuild_register_changed(struct db *db, GError **error);
/* An item that the next index has, or would have by now. */
bool rebuild_has_passed(struct db *db, int64_t item_id, bool *ret_passed, GError **error);

#endif
