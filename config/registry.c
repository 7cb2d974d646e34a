/* SPDX-License-Identifier: MIT */
/* Builds the register snapshot from rows and lends it out. Matching of what people type is in the registry_*.c files beside it. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "config.h"
#include "csv.h"
#include "registry_impl.h"

/* What a body of a place is called before the place's name: without it the place's name alone is understood too. */
static const char *const place_words[] = { "huyen", "thanh pho", "tinh", "thi xa", "thi tran", "xa", "phuong", "quan" };

static void unit_free(gpointer data)
{
	struct unit *u = data;

	g_free(u->code);
	g_free(u->name);
	g_free(u->kind);
	g_strfreev(u->aliases);
	g_free(u);
}

static void field_free(gpointer data)
{
	struct field *f = data;

	g_free(f->code);
	g_free(f->name);
	g_free(f->pillar);
	g_strfreev(f->aliases);
	g_free(f);
}

static void abbreviation_free(gpointer data)
{
	struct abbreviation *a = data;

	g_free(a->brief);
	g_strfreev(a->expansions);
	g_free(a);
}

struct registry *registry_new(void)
{
	struct registry *r = g_new0(struct registry, 1);

	r->references = 1;
	r->units = g_ptr_array_new_with_free_func(unit_free);
	r->fields = g_ptr_array_new_with_free_func(field_free);
	r->abbreviations = g_ptr_array_new_with_free_func(abbreviation_free);
	r->unit_codes = g_hash_table_new(g_str_hash, g_str_equal);
	r->field_codes = g_hash_table_new(g_str_hash, g_str_equal);
	r->unit_names = names_new();
	r->field_names = names_new();
	r->long_exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	r->long_folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	r->briefs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	r->long_heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	r->province_tails = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	return r;
}

struct registry *registry_ref(struct registry *r)
{
	g_atomic_int_inc(&r->references);
	return r;
}

void registry_unref(struct registry *r)
{
	if (!r || !g_atomic_int_dec_and_test(&r->references))
		return;
	names_free(r->unit_names);
	names_free(r->field_names);
	g_hash_table_unref(r->unit_codes);
	g_hash_table_unref(r->field_codes);
	g_hash_table_unref(r->long_exact);
	g_hash_table_unref(r->long_folded);
	g_hash_table_unref(r->briefs);
	g_hash_table_unref(r->long_heads);
	g_ptr_array_unref(r->province_tails);
	g_ptr_array_unref(r->units);
	g_ptr_array_unref(r->fields);
	g_ptr_array_unref(r->abbreviations);
	g_free(r);
}

/* "a; b;;c" to its parts, trimmed, without empty ones. */
static char **split_list(const char *semicolons)
{
	char **parts = g_strsplit(semicolons ? semicolons : "", ";", -1), **kept = parts;

	for (char **p = parts; *p; p++) {
		g_strstrip(*p);
		if (**p)
			*kept++ = *p;
		else
			g_free(*p);
	}
	*kept = NULL;
	return parts;
}

void registry_add_unit(struct registry *r, const char *code, const char *name, const char *kind, const char *aliases_semicolons)
{
	struct unit *u = g_new0(struct unit, 1);

	g_assert(!r->is_sealed);
	u->code = g_strdup(code);
	u->name = g_strdup(name);
	u->kind = g_strdup(kind);
	u->aliases = split_list(aliases_semicolons);
	g_ptr_array_add(r->units, u);
}

void registry_add_field(struct registry *r, const char *code, const char *name, const char *pillar, const char *aliases_semicolons)
{
	struct field *f = g_new0(struct field, 1);

	g_assert(!r->is_sealed);
	f->code = g_strdup(code);
	f->name = g_strdup(name);
	f->pillar = g_strdup(pillar);
	f->aliases = split_list(aliases_semicolons);
	g_ptr_array_add(r->fields, f);
}

void registry_add_abbreviation(struct registry *r, const char *brief, const char *expansions_semicolons)
{
	struct abbreviation *a = g_new0(struct abbreviation, 1);

	g_assert(!r->is_sealed);
	a->brief = g_strdup(brief);
	a->expansions = split_list(expansions_semicolons);
	g_ptr_array_add(r->abbreviations, a);
}

/* The words after a prefix of whole words, or NULL. */
static char **words_after(char **words, const char *prefix)
{
	g_auto(GStrv) first = g_strsplit(prefix, " ", -1);

	for (char **w = first; *w; w++, words++) {
		if (g_strcmp0(*words, *w) != 0)
			return NULL;
	}
	return words;
}

/* "UBND huyện Giao Thủy" also bears "huyện Giao Thủy", "UBND Giao Thủy" and "Giao Thủy", even if nobody listed them. */
static void seal_place(struct registry *r, const struct unit *u)
{
	g_auto(GStrv) words = names_words(u->name);
	char **place = words_after(words, "ubnd"), **bare = NULL;
	g_autofree char *place_name = NULL;
	g_autofree char *bare_name = NULL;
	g_autofree char *with_ubnd = NULL;

	for (size_t i = 0; place && !bare && i < ARRAY_SIZE(place_words); i++)
		bare = words_after(place, place_words[i]);
	if (!bare || !*bare)
		return;
	place_name = g_strjoinv(" ", place);
	bare_name = g_strjoinv(" ", bare);
	with_ubnd = g_strconcat("ubnd ", bare_name, NULL);
	names_add(r->unit_names, u, place_name);
	names_add(r->unit_names, u, bare_name);
	names_add(r->unit_names, u, with_ubnd);
	if (strcmp(place[0], "tinh") == 0) {
		g_ptr_array_add(r->province_tails, g_strsplit(place_name, " ", -1));
		g_ptr_array_add(r->province_tails, g_strsplit(bare_name, " ", -1));
		g_ptr_array_add(r->province_tails, g_strsplit("tinh", " ", -1));
	}
}

/* Adds to the table's list under this key what is not there yet. Takes nothing. */
static void merge_into(GHashTable *table, const char *key, char **expansions)
{
	char **old = g_hash_table_lookup(table, key);
	GPtrArray *all = g_ptr_array_new();

	for (char **e = old; e && *e; e++)
		g_ptr_array_add(all, g_strdup(*e));
	for (char **e = expansions; *e; e++) {
		if (!old || !g_strv_contains((const char *const *)old, *e))
			g_ptr_array_add(all, g_strdup(*e));
	}
	g_ptr_array_add(all, NULL);
	g_hash_table_replace(table, g_strdup(key), g_ptr_array_free(all, FALSE));
}

/* y and i are one letter here: kỹ is also spelt kĩ, and the search folds them together. */
static char *long_key(const char *text)
{
	char *key = text_fold(text);

	for (char *c = key; *c; c++)
		*c = *c == 'y' ? 'i' : *c;
	return key;
}

/* The first two words, or the only one; caller frees. */
static char *first_two(const char *words)
{
	const char *second = strchr(words, ' '), *third = second ? strchr(second + 1, ' ') : NULL;

	return third ? g_strndup(words, (gsize)(third - words)) : g_strdup(words);
}

static void seal_briefs(struct registry *r, const struct abbreviation *a)
{
	char *briefs[] = { a->brief, NULL };

	for (char **e = a->expansions; *e; e++) {
		g_autofree char *key = long_key(*e);

		merge_into(r->briefs, key, briefs);
		g_hash_table_add(r->long_heads, first_two(key));
	}
}

static char *lower_nfc(const char *text)
{
	g_autofree char *nfc = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);

	return nfc ? g_utf8_strdown(nfc, -1) : g_strdup("");
}

void registry_seal(struct registry *r)
{
	for (guint i = 0; i < r->units->len; i++) {
		struct unit *u = g_ptr_array_index(r->units, i);

		g_hash_table_insert(r->unit_codes, u->code, u);
		names_add(r->unit_names, u, u->code);
		names_add(r->unit_names, u, u->name);
		for (char **alias = u->aliases; *alias; alias++)
			names_add(r->unit_names, u, *alias);
		seal_place(r, u);
	}
	for (guint i = 0; i < r->fields->len; i++) {
		struct field *f = g_ptr_array_index(r->fields, i);

		g_hash_table_insert(r->field_codes, f->code, f);
		names_add(r->field_names, f, f->code);
		names_add(r->field_names, f, f->name);
		for (char **alias = f->aliases; *alias; alias++)
			names_add(r->field_names, f, *alias);
	}
	for (guint i = 0; i < r->abbreviations->len; i++) {
		struct abbreviation *a = g_ptr_array_index(r->abbreviations, i);
		g_autofree char *folded = text_fold(a->brief);

		g_hash_table_insert(r->long_exact, lower_nfc(a->brief), a->expansions);
		merge_into(r->long_folded, folded, a->expansions);
		seal_briefs(r, a);
	}
	r->is_sealed = true;
}

const GPtrArray *registry_units(const struct registry *r)
{
	return r->units;
}

const GPtrArray *registry_fields(const struct registry *r)
{
	return r->fields;
}

const GPtrArray *registry_abbreviations(const struct registry *r)
{
	return r->abbreviations;
}

const struct unit *registry_unit(const struct registry *r, const char *code)
{
	return g_hash_table_lookup(r->unit_codes, code);
}

const struct field *registry_field(const struct registry *r, const char *code)
{
	return g_hash_table_lookup(r->field_codes, code);
}

char **registry_expansions(const struct registry *r, const char *word)
{
	g_autofree char *folded = NULL;

	if (!g_str_is_ascii(word)) {
		g_autofree char *lower = lower_nfc(word);
		char **exact = g_hash_table_lookup(r->long_exact, lower);

		if (exact)
			return exact;
	}
	folded = text_fold(word);
	return g_hash_table_lookup(r->long_folded, folded);
}

char **registry_briefs(const struct registry *r, const char *long_form)
{
	g_autofree char *key = long_key(long_form);

	return g_hash_table_lookup(r->briefs, key);
}

bool registry_begins_long(const struct registry *r, const char *two_words)
{
	g_autofree char *key = long_key(two_words);

	return g_hash_table_contains(r->long_heads, key);
}

/* A row of one of the three files: which columns must not be empty, and how it is added. */
struct csv_sink {
	struct registry *registry;
	GHashTable *seen; /* codes */
	guint n_needed;
	void (*add)(struct registry *r, char **fields);
};

static void add_unit_row(struct registry *r, char **fields)
{
	registry_add_unit(r, fields[0], fields[1], fields[2], fields[3]);
}

static void add_field_row(struct registry *r, char **fields)
{
	registry_add_field(r, fields[0], fields[1], fields[2], fields[3]);
}

static void add_abbreviation_row(struct registry *r, char **fields)
{
	registry_add_abbreviation(r, fields[0], fields[1]);
}

static bool on_row(void *arg, unsigned line, char **fields, GError **error)
{
	struct csv_sink *sink = arg;

	for (guint i = 0; i < sink->n_needed; i++) {
		if (!*g_strstrip(fields[i])) {
			g_set_error(error, CONFIG_ERROR, 0, "cột %u không được để trống", i + 1);
			return false;
		}
	}
	if (!g_hash_table_add(sink->seen, g_strdup(fields[0]))) {
		g_set_error(error, CONFIG_ERROR, 0, "mã “%s” đã có ở dòng trước", fields[0]);
		return false;
	}
	sink->add(sink->registry, fields);
	return true;
}

static bool load_one(struct registry *r, const char *dir, const char *base_name, const char *const *columns, guint n_needed,
		     void (*add)(struct registry *r, char **fields), GError **error)
{
	g_autofree char *path = g_build_filename(dir, base_name, NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct csv_sink sink = { .registry = r, .seen = seen, .n_needed = n_needed, .add = add };

	return csv_read_file(path, columns, on_row, &sink, error);
}

struct registry *registry_load_csv(const char *dir, GError **error)
{
	static const char *const unit_columns[] = { "code", "name", "kind", "aliases", NULL };
	static const char *const field_columns[] = { "code", "name", "pillar", "aliases", NULL };
	static const char *const abbreviation_columns[] = { "short", "expansion", NULL };
	g_autoptr(registry_t) r = registry_new();

	if (!load_one(r, dir, "units.csv", unit_columns, 3, add_unit_row, error) ||
	    !load_one(r, dir, "fields.csv", field_columns, 3, add_field_row, error) ||
	    !load_one(r, dir, "abbreviations.csv", abbreviation_columns, 2, add_abbreviation_row, error))
		return NULL;
	return g_steal_pointer(&r);
}
