/* SPDX-License-Identifier: MIT */
/* What becomes of an item: decisions, the folding of one into another, adoption. It tells nobody; that is the commands' part. */
#include <string.h>

#include "item_impl.h"
#include "search/search.h"

static const char *decision_action(enum item_decision what)
{
	switch (what) {
	case ITEM_APPROVE:
		return "item.approve";
	case ITEM_REJECT:
		return "item.reject";
	case ITEM_RETURN:
		return "item.return";
	case ITEM_WITHDRAW:
		return "item.withdraw";
	case ITEM_RESTORE:
		return "item.restore";
	}
	return NULL;
}

static bool may_decide(const struct item *i, enum item_decision what, const struct member *actor)
{
	if (!actor)
		return true;
	if (actor->has_left)
		return false;
	switch (what) {
	case ITEM_APPROVE:
	case ITEM_REJECT:
	case ITEM_RETURN:
		return actor->role >= ROLE_MODERATOR;
	case ITEM_WITHDRAW:
		return item_editable_by(i, actor);
	case ITEM_RESTORE:
		return actor->role >= ROLE_MODERATOR || (item_editable_by(i, actor) && i->decided_by == actor->id);
	}
	return false;
}

static bool status_before(struct db *db, const struct item *i, enum item_status *ret, GError **error)
{
	struct db_stmt *st = db_prepare(db, "SELECT status_before FROM item WHERE id = $1");
	int64_t status;

	db_bind_int64(st, 1, i->id);
	if (!db_run_int64(st, ITEM_WAITING, &status, error))
		return false;
	*ret = (enum item_status)status;
	return true;
}

static bool status_after(struct db *db, const struct item *i, enum item_decision what, enum item_status *ret, GError **error)
{
	switch (what) {
	case ITEM_APPROVE:
		*ret = ITEM_APPROVED;
		break;
	case ITEM_REJECT:
		*ret = ITEM_REJECTED;
		break;
	case ITEM_RETURN:
		*ret = ITEM_RETURNED;
		break;
	case ITEM_WITHDRAW:
		*ret = ITEM_WITHDRAWN;
		break;
	case ITEM_RESTORE:
		return status_before(db, i, ret, error);
	}
	return true;
}

static bool decision_write(struct db *db, const struct item *i, enum item_status status, const char *reason,
			   const struct member *actor, int64_t now_ms, GError **error)
{
	struct db_stmt *st =
		db_prepare(db, "UPDATE item SET status_before = status, status = $2, reason = $3, decided_by = $4, decided_ms = $5,"
			       " touched_ms = $5, version = version + 1 WHERE id = $1");

	db_bind_int64(st, 1, i->id);
	db_bind_int64(st, 2, status);
	db_bind_text(st, 3, reason);
	if (actor && actor->id > 0)
		db_bind_int64(st, 4, actor->id);
	else
		db_bind_null(st, 4);
	db_bind_int64(st, 5, now_ms);
	return db_run(st, error);
}

enum store_result store_item_decide(struct db *db, enum item_kind kind, int64_t number, enum item_decision what, const char *reason,
				    const struct member *actor, int64_t now_ms, struct item **ret_item, GError **error)
{
	g_autoptr(item_t) i = NULL, now = NULL;
	enum store_result r = store_item_get(db, kind, number, &i, error);
	enum item_status status = ITEM_WAITING;

	if (r != STORE_OK)
		return r;
	if (!may_decide(i, what, actor)) {
		*ret_item = g_steal_pointer(&i);
		return STORE_DENIED;
	}
	if (!item_may_move(i->status, what) || (what == ITEM_RESTORE && now_ms - i->decided_ms > ITEM_RESTORE_MS)) {
		*ret_item = g_steal_pointer(&i);
		return STORE_WRONG_STATE;
	}
	if (!status_after(db, i, what, &status, error) || !decision_write(db, i, status, reason, actor, now_ms, error))
		return STORE_BROKEN;
	r = store_item_by_row(db, i->id, &now, error);
	if (r != STORE_OK)
		return r;
	if (!search_index_put(db, now, error) || !item_audit(db, now, decision_action(what), NULL, reason, actor, now_ms, error))
		return STORE_BROKEN;
	*ret_item = g_steal_pointer(&now);
	return STORE_OK;
}

/* --- merge --- */

/* Who and where is said of `from` alone: under the other it would be taken for that one's. */
static bool is_its_own(const char *key)
{
	static const char *const keys[] = { ITEM_KEY_CONTACT, "tacgia", "diaban" };

	for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
		if (strcmp(keys[k], key) == 0)
			return true;
	}
	return false;
}

/* Whole lines of the value that the label has already are not joined again. */
static bool label_has(const char *label, const char *value)
{
	g_autofree char *all = g_strconcat("\n", label, "\n", NULL), *one = g_strconcat("\n", value, "\n", NULL);

	return strstr(all, one);
}

static void labels_join(struct item *into, const struct item *from)
{
	for (guint k = 0; k < from->fields->len; k++) {
		const struct item_field *f = g_ptr_array_index(from->fields, k);
		const char *old = item_field_get(into, f->key);
		g_autofree char *joined = old ? g_strconcat(old, "\n", f->value, NULL) : g_strdup(f->value);

		if (!is_its_own(f->key) && (!old || !label_has(old, f->value)))
			item_field_set(into, f->key, joined);
	}
}

static void body_add(struct item *into, const char *text)
{
	const bool is_empty = !into->body || !*into->body;
	char *body = g_strconcat(is_empty ? "" : into->body, is_empty ? "" : "\n\n", text, NULL);

	g_free(into->body);
	into->body = body;
}

static bool run_from_into(struct db *db, const char *sql, int64_t from, int64_t into, GError **error)
{
	struct db_stmt *st = db_prepare(db, sql);

	db_bind_int64(st, 1, from);
	db_bind_int64(st, 2, into);
	return db_run(st, error);
}

/* into 0: none. */
static bool fold_set(struct db *db, int64_t from, int64_t into, GError **error)
{
	return run_from_into(db, "UPDATE item SET merged_into = NULLIF($2, 0), version = version + 1 WHERE id = $1", from, into, error);
}

/* Files that the other has too stay behind; nobody looks for them there. Messages stay: an edit of them is none of the other. */
static bool belongings_move(struct db *db, int64_t from, int64_t into, GError **error)
{
	return run_from_into(db, "UPDATE attachment SET item_id = $2 WHERE item_id = $1 AND NOT EXISTS"
				 " (SELECT 1 FROM attachment o WHERE o.item_id = $2 AND o.adapter = attachment.adapter"
				 " AND o.same = attachment.same)", from, into, error) &&
	       run_from_into(db, "UPDATE item SET merged_into = NULLIF($2, id) WHERE merged_into = $1", from, into, error) &&
	       fold_set(db, from, into, error);
}

static enum store_result both_get(struct db *db, int64_t from_id, int64_t into_id, struct item **ret_from, struct item **ret_into, GError **error)
{
	enum store_result r = store_item_by_row(db, from_id, ret_from, error);

	return r == STORE_OK && into_id > 0 ? store_item_by_row(db, into_id, ret_into, error) : r;
}

static bool is_open(enum item_status status)
{
	return status == ITEM_DRAFT || status == ITEM_WAITING || status == ITEM_RETURNED;
}

enum store_result store_item_fold_propose(struct db *db, int64_t from_id, int64_t into_id, const struct member *actor, int64_t now_ms, GError **error)
{
	g_autoptr(item_t) from = NULL, into = NULL;
	g_autofree char *into_text = NULL;
	enum store_result r = both_get(db, from_id, into_id, &from, &into, error);

	if (r != STORE_OK)
		return r;
	if (actor && (!item_editable_by(from, actor) || (into && !item_visible_to(into, actor))))
		return STORE_DENIED;
	if (from_id == into_id || !is_open(from->status) || (into && !item_may_move(into->status, ITEM_WITHDRAW)))
		return STORE_WRONG_STATE;
	into_text = into ? item_id_text(into->kind, into->number) : NULL;
	if (!fold_set(db, from_id, into_id, error) || !item_audit(db, from, "item.fold", NULL, into_text, actor, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

enum store_result store_item_merge(struct db *db, int64_t from_id, int64_t into_id, const char *text, const struct member *actor, int64_t now_ms,
				   GError **error)
{
	g_autoptr(item_t) from = NULL, into = NULL;
	g_autofree char *into_text = NULL;
	enum store_result r = both_get(db, from_id, into_id, &from, &into, error);

	if (r != STORE_OK)
		return r;
	if (!may_decide(from, ITEM_APPROVE, actor))
		return STORE_DENIED;
	if (!into || from_id == into_id || !item_may_move(from->status, ITEM_WITHDRAW) || into->status != ITEM_APPROVED)
		return STORE_WRONG_STATE;
	into_text = item_id_text(into->kind, into->number);
	body_add(into, text);
	labels_join(into, from);
	if (!decision_write(db, from, ITEM_MERGED, NULL, actor, now_ms, error) || !belongings_move(db, from_id, into_id, error) ||
	    !search_index_remove(db, from_id, error) || !item_update(db, into, now_ms, error) ||
	    !item_audit(db, from, "item.merge", NULL, into_text, actor, now_ms, error) ||
	    !item_audit(db, into, "item.contribution", NULL, from->title, actor, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}

/* --- adoption --- */

enum store_result store_item_adopt(struct db *db, int64_t item_id, const struct member *who, const char *strength, const char *note,
				   int64_t now_ms, GError **error)
{
	g_autoptr(item_t) i = NULL;
	enum store_result r = store_item_by_row(db, item_id, &i, error);
	g_autofree char *after = NULL;
	struct db_stmt *st;
	enum db_step step;

	if (r != STORE_OK)
		return r;
	if (!item_visible_to(i, who))
		return STORE_NOT_FOUND;
	if (!who->unit)
		return STORE_DENIED;
	if (!item_may_move(i->status, ITEM_WITHDRAW) || g_strcmp0(i->unit, who->unit) == 0)
		return STORE_WRONG_STATE;
	st = db_prepare(
		db, "INSERT INTO adoption (item_id, unit, member_id, strength, note, created_ms) VALUES ($1, $2, $3, $4, $5, $6)"
		    " ON CONFLICT DO NOTHING RETURNING id");
	db_bind_int64(st, 1, item_id);
	db_bind_text(st, 2, who->unit);
	db_bind_int64(st, 3, who->id);
	db_bind_text(st, 4, strength ? strength : "apdung");
	db_bind_text(st, 5, note);
	db_bind_int64(st, 6, now_ms);
	step = db_step(st, error);
	db_finish(st);
	if (step == DB_DONE)
		return STORE_DUPLICATE;
	after = g_strdup_printf("%s %s", who->unit, strength ? strength : "apdung");
	if (step != DB_ROW || !item_audit(db, i, "item.adopt", NULL, after, who, now_ms, error))
		return STORE_BROKEN;
	return STORE_OK;
}
