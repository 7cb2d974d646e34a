/* SPDX-License-Identifier: MIT */
/* The register in the database. Matching names is the registry's work; here rows are only read and brought up to date. */
#include <string.h>

#include "audit.h"
#include "base/clock.h"
#include "search/fold.h"
#include "search/rebuild.h"

#include "register.h"

static bool each_row(struct db *db, struct db_stmt *st, void (*row)(struct registry *r, struct db_stmt *st), struct registry *r,
		     GError **error)
{
	enum db_step step;

	while ((step = db_step(st, error)) == DB_ROW)
		row(r, st);
	db_finish(st);
	return step == DB_DONE;
}

static void unit_row(struct registry *r, struct db_stmt *st)
{
	registry_add_unit(r, db_col_text(st, 0), db_col_text(st, 1), db_col_text(st, 2), db_col_text(st, 3));
}

static void field_row(struct registry *r, struct db_stmt *st)
{
	registry_add_field(r, db_col_text(st, 0), db_col_text(st, 1), db_col_text(st, 2), db_col_text(st, 3));
}

static void abbreviation_row(struct registry *r, struct db_stmt *st)
{
	registry_add_abbreviation(r, db_col_text(st, 0), db_col_text(st, 1));
}

struct registry *store_register_load(struct db *db, GError **error)
{
	g_autoptr(registry_t) r = registry_new();

	if (!each_row(db, db_prepare(db, "SELECT code, name, kind, aliases FROM unit ORDER BY position, code"), unit_row, r,
		      error) ||
	    !each_row(db, db_prepare(db, "SELECT code, name, pillar, aliases FROM field ORDER BY position, code"), field_row, r,
		      error) ||
	    !each_row(db, db_prepare(db, "SELECT brief, expansions FROM abbreviation ORDER BY position, brief"), abbreviation_row,
		      r, error))
		return NULL;
	registry_seal(r);
	return g_steal_pointer(&r);
}

/* RETURNING tells whether the upsert wrote. Finishes. */
static bool count_written(struct db_stmt *st, unsigned *changed, GError **error)
{
	enum db_step step = db_step(st, error);

	*changed += step == DB_ROW;
	if (step == DB_ROW)
		step = db_step(st, error);
	db_finish(st);
	return step == DB_DONE;
}

/* An upsert of a code, two words about it and a list, which touches nothing when nothing differs.
 * $4 is the list, $5 the place. */
static bool upsert(struct db_stmt *st, const char *const words[3], char **list, guint position, unsigned *changed, GError **error)
{
	g_autofree char *joined = g_strjoinv(";", list);

	for (unsigned i = 0; i < 3; i++)
		db_bind_text(st, i + 1, words[i]);
	db_bind_text(st, 4, joined);
	db_bind_int64(st, 5, position);
	return count_written(st, changed, error);
}

static bool units_import(struct db *db, const GPtrArray *units, unsigned *changed, GError **error)
{
	for (guint i = 0; i < units->len; i++) {
		const struct unit *u = g_ptr_array_index(units, i);
		struct db_stmt *st =
			db_prepare(db, "INSERT INTO unit (code, name, kind, aliases, position) VALUES ($1, $2, $3, $4, $5)"
				       " ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind,"
				       " aliases = excluded.aliases, position = excluded.position"
				       " WHERE (unit.name, unit.kind, unit.aliases, unit.position) <>"
				       " (excluded.name, excluded.kind, excluded.aliases, excluded.position) RETURNING 1");

		if (!upsert(st, (const char *const[3]){ u->code, u->name, u->kind }, u->aliases, i, changed, error))
			return false;
	}
	return true;
}

static bool fields_import(struct db *db, const GPtrArray *fields, unsigned *changed, GError **error)
{
	for (guint i = 0; i < fields->len; i++) {
		const struct field *f = g_ptr_array_index(fields, i);
		struct db_stmt *st =
			db_prepare(db, "INSERT INTO field (code, name, pillar, aliases, position) VALUES ($1, $2, $3, $4, $5)"
				       " ON CONFLICT (code) DO UPDATE SET name = excluded.name, pillar = excluded.pillar,"
				       " aliases = excluded.aliases, position = excluded.position"
				       " WHERE (field.name, field.pillar, field.aliases, field.position) <>"
				       " (excluded.name, excluded.pillar, excluded.aliases, excluded.position) RETURNING 1");

		if (!upsert(st, (const char *const[3]){ f->code, f->name, f->pillar }, f->aliases, i, changed, error))
			return false;
	}
	return true;
}

static bool abbreviations_import(struct db *db, const GPtrArray *abbreviations, unsigned *changed, GError **error)
{
	for (guint i = 0; i < abbreviations->len; i++) {
		const struct abbreviation *a = g_ptr_array_index(abbreviations, i);
		g_autofree char *expansions = g_strjoinv(";", a->expansions), *folded = search_fold(a->brief);
		struct db_stmt *st =
			db_prepare(db, "INSERT INTO abbreviation (brief, folded, expansions, position) VALUES ($1, $2, $3, $4)"
				       " ON CONFLICT (brief) DO UPDATE SET folded = excluded.folded,"
				       " expansions = excluded.expansions, position = excluded.position"
				       " WHERE (abbreviation.folded, abbreviation.expansions, abbreviation.position) <>"
				       " (excluded.folded, excluded.expansions, excluded.position) RETURNING 1");

		db_bind_text(st, 1, a->brief);
		db_bind_text(st, 2, folded);
		db_bind_text(st, 3, expansions);
		db_bind_int64(st, 4, i);
		if (!count_written(st, changed, error))
			return false;
	}
	return true;
}

bool store_register_import(struct db *db, const struct registry *r, unsigned *ret_changed, GError **error)
{
	g_autofree char *after = NULL;

	*ret_changed = 0;
	if (!units_import(db, registry_units(r), ret_changed, error) ||
	    !fields_import(db, registry_fields(r), ret_changed, error) ||
	    !abbreviations_import(db, registry_abbreviations(r), ret_changed, error))
		return false;
	if (*ret_changed == 0)
		return true;
	after = g_strdup_printf("%u", *ret_changed);
	return rebuild_register_changed(db, error) && store_audit_add(
		db, &(struct audit){ .at_ms = clock_wall_ms(), .actor = "system", .action = "register.import", .after = after },
		error);
}

bool store_register_is_empty(struct db *db, bool *ret_empty, GError **error)
{
	int64_t n;

	if (!db_run_int64(db_prepare(db, "SELECT (SELECT count(*) FROM unit) + (SELECT count(*) FROM field)"), 0, &n, error))
		return false;
	*ret_empty = n == 0;
	return true;
}
