/* SPDX-License-Identifier: MIT */
/* The steps of the rebuilding. It knows the tables of FTS5 by name, as clearing one at once would hold everybody up for seconds. */
#include <string.h>

#include "store/db_kernel.h"
#include "store/item.h"
#include "index.h"
#include "index_merge.h"
#include "tokenizer.h"

#include "rebuild.h"

/* One step of filling, ended by whichever comes first: some tens of milliseconds for items as people write them, a few hundred for the longest, so
 * that a turn beside it hardly waits. */
#define STEP_ITEMS 100
#define STEP_BYTES (1024 * 1024)
/* Items that are read at once: of long ones hardly more than a step takes. */
#define READ_ITEMS 10
/* Rows of one step of clearing: at most a page each. At 200,000 items, beside other load, 2000 pages took 130 ms (once 300), 2000 rows
 * of the rest 2 ms. */
#define STEP_ROWS 1000
/* With so many items it is done before the program begins: a second or so. */
#define SMALL_ITEMS 2000

struct state {
	struct rebuild_state s;
	int64_t after;
	int64_t register_done, register_now, next_tokenizer, next_register;
};

static bool state_read(struct db *db, struct state *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT tokenizer, register, items, register_now, phase, after, next_tokenizer, next_register,"
					    " next_items FROM search_state WHERE id = 1");
	enum db_step step = db_step(st, error);

	if (step == DB_ROW) {
		*ret = (struct state){ .s = { .phase = (enum rebuild_phase)db_col_int64(st, 4), .items = db_col_int64(st, 2),
					      .done = db_col_int64(st, 8), .tokenizer = (int)db_col_int64(st, 0) },
				       .register_done = db_col_int64(st, 1), .register_now = db_col_int64(st, 3), .after = db_col_int64(st, 5),
				       .next_tokenizer = db_col_int64(st, 6), .next_register = db_col_int64(st, 7) };
		ret->s.is_outdated = ret->s.tokenizer != TOKENIZER_VERSION || ret->register_done != ret->register_now;
		ret->s.is_wanted = ret->s.is_outdated || ret->s.phase != REBUILD_NONE;
	} else if (step == DB_DONE) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "the state of the search index is missing");
	}
	db_finish(st);
	return step == DB_ROW;
}

bool rebuild_get(struct db *db, struct rebuild_state *ret, GError **error)
{
	struct state state;

	if (!state_read(db, &state, error))
		return false;
	*ret = state.s;
	return true;
}

bool rebuild_has_passed(struct db *db, int64_t item_id, bool *ret_passed, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT (phase = $2 AND after >= $1) OR phase = $3 FROM search_state WHERE id = 1");
	int64_t passed;

	db_bind_int64(st, 1, item_id);
	db_bind_int64(st, 2, REBUILD_BUILD);
	db_bind_int64(st, 3, REBUILD_BUILD_MERGE);
	if (!db_run_int64(st, 0, &passed, error))
		return false;
	*ret_passed = passed != 0;
	return true;
}

/* Of what is being built. */
static bool is_still_right(const struct state *state)
{
	return state->next_tokenizer == TOKENIZER_VERSION && state->next_register == state->register_now;
}

bool rebuild_follows(struct db *db, bool *ret_follows, GError **error)
{
	struct state state;

	if (!state_read(db, &state, error))
		return false;
	*ret_follows = !state.s.is_outdated ||
		       (state.s.tokenizer == TOKENIZER_VERSION && is_still_right(&state) &&
			(state.s.phase == REBUILD_BUILD || state.s.phase == REBUILD_BUILD_MERGE));
	return true;
}

bool rebuild_register_changed(struct db *db, GError **error)
{
	db_epoch_next(db); /* what memo.c knows to be no abbreviation may be one now */
	/* Of no items no text is made. */
	return db_run(db_prepare(db, "UPDATE search_state SET register_now = register_now + 1,"
				     " register = CASE WHEN items = 0 THEN register_now + 1 ELSE register END WHERE id = 1"),
		      error);
}

/* --- steps --- */

static bool phase_set(struct db *db, enum rebuild_phase phase, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE search_state SET phase = $1, after = 0, next_tokenizer = $2, next_register = register_now"
					    " WHERE id = 1");

	db_bind_int64(st, 1, phase);
	db_bind_int64(st, 2, TOKENIZER_VERSION);
	return db_run(st, error);
}

/* What is being built stays the same. */
static bool phase_go_on(struct db *db, enum rebuild_phase phase, int64_t after, GError **error)
{
	struct db_stmt *st = db_prepare(db, "UPDATE search_state SET phase = $1, after = $2 WHERE id = 1");

	db_bind_int64(st, 1, phase);
	db_bind_int64(st, 2, after);
	return db_run(st, error);
}

struct fill {
	int64_t after;
	unsigned n_items;
	size_t bytes;
	bool all; /* surely there are none left */
};

static bool fill_few(struct db *db, enum index_which which, struct fill *f, GError **error)
{
	g_autoptr(GPtrArray) items = store_item_list(db, f->after, false, READ_ITEMS, error);

	if (!items)
		return false;
	for (guint i = 0; i < items->len && f->bytes < STEP_BYTES; i++) {
		const struct item *item = g_ptr_array_index(items, i);

		if (!index_write(db, which, item, error))
			return false;
		f->after = item->id;
		f->n_items++;
		f->bytes += (item->title ? strlen(item->title) : 0) + (item->body ? strlen(item->body) : 0);
	}
	f->all = items->len < READ_ITEMS && f->bytes < STEP_BYTES;
	return true;
}

/* Goes on with the next items; *ret_all: there are none left. That is told in the same transaction: else one could run after new items for ever. */
static bool fill_some(struct db *db, enum index_which which, int64_t after, bool *ret_all, GError **error)
{
	struct fill f = { .after = after };
	struct db_stmt *st;

	while (!f.all && f.n_items < STEP_ITEMS && f.bytes < STEP_BYTES)
		if (!fill_few(db, which, &f, error))
			return false;
	*ret_all = f.all;
	st = db_prepare(db, "UPDATE search_state SET after = $1 WHERE id = 1");
	db_bind_int64(st, 1, f.after);
	return db_run(st, error);
}

static bool fill_done(struct db *db, GError **error)
{
	return db_run(db_prepare(db, "UPDATE search_state SET tokenizer = next_tokenizer, register = next_register WHERE id = 1"), error) &&
	       phase_go_on(db, REBUILD_FILL_MERGE, 0, error);
}

/* Everybody sees the one or the other: names are part of the transaction. */
static bool swap(struct db *db, GError **error)
{
	db_epoch_next(db); /* what memo.c knows of the words of either is the other's now */
	return db_exec(db, "ALTER TABLE search_index RENAME TO search_index_old;"
			   "ALTER TABLE search_index_next RENAME TO search_index;"
			   "ALTER TABLE search_index_old RENAME TO search_index_next;"
			   "ALTER TABLE search_doc RENAME TO search_doc_old;"
			   "ALTER TABLE search_doc_next RENAME TO search_doc;"
			   "ALTER TABLE search_doc_old RENAME TO search_doc_next;"
			   "ALTER TABLE search_word RENAME TO search_word_old;"
			   "ALTER TABLE search_word_next RENAME TO search_word;"
			   "ALTER TABLE search_word_old RENAME TO search_word_next;"
			   "ALTER TABLE search_initialism RENAME TO search_initialism_old;"
			   "ALTER TABLE search_initialism_next RENAME TO search_initialism;"
			   "ALTER TABLE search_initialism_old RENAME TO search_initialism_next;", error) &&
	       db_run(db_prepare(db, "UPDATE search_state SET tokenizer = next_tokenizer, register = next_register, items = next_items"
				     " WHERE id = 1"), error) &&
	       phase_set(db, REBUILD_CLEAR, error);
}

static bool delete_some(struct db *db, const char *sql, bool *ret_any, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_int64(st, 1, STEP_ROWS);
	if (!db_run(st, error))
		return false;
	*ret_any = db_changes(db) > 0;
	return true;
}

/* What FTS5 has to find when it clears the rest: rows up to 10 of its data. */
static const char *const clearing[] = {
	"DELETE FROM search_index_next_data WHERE id IN (SELECT id FROM search_index_next_data WHERE id > 10 LIMIT $1)",
	"DELETE FROM search_index_next_idx WHERE (segid, term) IN (SELECT segid, term FROM search_index_next_idx LIMIT $1)",
	"DELETE FROM search_index_next_docsize WHERE id IN (SELECT id FROM search_index_next_docsize LIMIT $1)",
	"DELETE FROM search_doc_next WHERE item_id IN (SELECT item_id FROM search_doc_next LIMIT $1)",
	"DELETE FROM search_word_next WHERE word IN (SELECT word FROM search_word_next LIMIT $1)",
	"DELETE FROM search_initialism_next WHERE (folded, expansion) IN (SELECT folded, expansion FROM search_initialism_next LIMIT $1)",
};

/* In steps, as SQLite overwrites with zeros what it deletes: each page of it goes through the log. */
static bool clear_some(struct db *db, GError **error)
{
	bool any;

	for (size_t i = 0; i < G_N_ELEMENTS(clearing); i++) {
		if (!delete_some(db, clearing[i], &any, error))
			return false;
		if (any)
			return true;
	}
	db_epoch_next(db); /* memo.c may know words of it */
	return db_run(db_prepare(db, "INSERT INTO search_index_next (search_index_next) VALUES ('delete-all')"), error) &&
	       db_run(db_prepare(db, "UPDATE search_state SET phase = 0, next_items = 0 WHERE id = 1"), error);
}

static bool begin(struct db *db, const struct state *state, GError **error)
{
	return phase_set(db, state->s.tokenizer == 0 ? REBUILD_FILL : REBUILD_BUILD, error);
}

static bool step_fill(struct db *db, const struct state *state, GError **error)
{
	bool all;

	return fill_some(db, INDEX_CURRENT, state->after, &all, error) && (!all || fill_done(db, error));
}

static bool step_build(struct db *db, const struct state *state, GError **error)
{
	bool all;

	/* What has been built is as outdated as what is there. */
	if (!is_still_right(state))
		return phase_set(db, REBUILD_CLEAR, error);
	return fill_some(db, INDEX_NEXT, state->after, &all, error) && (!all || phase_go_on(db, REBUILD_BUILD_MERGE, 0, error));
}

static bool step_fill_merge(struct db *db, const struct state *state, GError **error)
{
	bool done;

	return index_merge_step(db, INDEX_CURRENT, state->after == 0, &done, error) &&
	       phase_go_on(db, done ? REBUILD_NONE : REBUILD_FILL_MERGE, 1, error);
}

static bool step_build_merge(struct db *db, const struct state *state, GError **error)
{
	bool done;

	if (!is_still_right(state))
		return phase_set(db, REBUILD_CLEAR, error);
	if (!index_merge_step(db, INDEX_NEXT, state->after == 0, &done, error))
		return false;
	return done ? swap(db, error) : phase_go_on(db, REBUILD_BUILD_MERGE, 1, error);
}

bool rebuild_step(struct db *db, bool is_asked, struct rebuild_state *ret, GError **error)
{
	struct state state;
	bool ok = state_read(db, &state, error);

	if (!ok)
		return false;
	switch (state.s.phase) {
	case REBUILD_NONE:
		ok = !(is_asked || state.s.is_wanted) || begin(db, &state, error);
		break;
	case REBUILD_FILL:
		ok = step_fill(db, &state, error);
		break;
	case REBUILD_BUILD:
		ok = step_build(db, &state, error);
		break;
	case REBUILD_CLEAR:
		ok = clear_some(db, error);
		break;
	case REBUILD_FILL_MERGE:
		ok = step_fill_merge(db, &state, error);
		break;
	case REBUILD_BUILD_MERGE:
		ok = step_build_merge(db, &state, error);
		break;
	}
	return ok && (!ret || rebuild_get(db, ret, error));
}

static bool step_alone(struct db *db, struct rebuild_state *ret, GError **error)
{
	if (!db_begin(db, error))
		return false;
	if (rebuild_step(db, false, ret, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

bool rebuild_small(struct db *db, GError **error)
{
	struct rebuild_state s;
	struct db_stmt *st;
	int64_t n;

	if (!rebuild_get(db, &s, error))
		return false;
	if (!s.is_wanted)
		return true;
	st = db_prepare(db, "SELECT count(*) FROM (SELECT 1 FROM item LIMIT $1)");
	db_bind_int64(st, 1, SMALL_ITEMS + 1);
	if (!db_run_int64(st, 0, &n, error))
		return false;
	while (s.is_wanted && n <= SMALL_ITEMS) {
		if (!step_alone(db, &s, error))
			return false;
	}
	return true;
}
