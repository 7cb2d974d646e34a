/* SPDX-License-Identifier: MIT */
/* Units, fields and abbreviations as an immutable counted snapshot, and the matching of names as people type them. Filled from CSV
 * (first start) or from the store; never code. */
#ifndef CDSBOT_CONFIG_REGISTRY_H
#define CDSBOT_CONFIG_REGISTRY_H

#include <glib.h>
#include <stdbool.h>

struct unit {
	char *code, *name, *kind; /* kind: tinh, so, huyen, thanh_pho, dang, doan_the ... as in units.csv */
	char **aliases;		  /* as written */
};
struct field {
	char *code, *name, *pillar; /* pillar: CQS, KTS, XHS, NT */
	char **aliases;
};
struct abbreviation {
	char *brief;
	char **expansions;
};
struct registry;

/* Building: add all, then seal; afterwards it is immutable. */
struct registry *registry_new(void);
void registry_add_unit(struct registry *r, const char *code, const char *name, const char *kind, const char *aliases_semicolons);
void registry_add_field(struct registry *r, const char *code, const char *name, const char *pillar, const char *aliases_semicolons);
void registry_add_abbreviation(struct registry *r, const char *brief, const char *expansions_semicolons);
void registry_seal(struct registry *r);
/* units.csv, fields.csv, abbreviations.csv of a folder, unsealed. NULL + error naming file and line. */
struct registry *registry_load_csv(const char *dir, GError **error);
struct registry *registry_ref(struct registry *r);
void registry_unref(struct registry *r);
typedef struct registry registry_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(registry_t, registry_unref)

/* In file order; borrowed. */
const GPtrArray *registry_units(const struct registry *r);
const GPtrArray *registry_fields(const struct registry *r);
const GPtrArray *registry_abbreviations(const struct registry *r);
const struct unit *registry_unit(const struct registry *r, const char *code);	/* NULL if none */
const struct field *registry_field(const struct registry *r, const char *code); /* NULL if none */

/* What a typed name means. Never silently picks between two (domain.md §5.4). */
struct unit_match {
	const struct unit *unit; /* the one it means, or NULL */
	GPtrArray *near;	 /* const struct unit*: best first, at most 5, may be empty, when unit is NULL; else NULL */
};
/* Whole text is a name: by code, name, alias, also without diacritics, with "h." for huyện and so on, one wrong letter in a word of
 * four or more. A lone "Nam Định" is two (tỉnh, thành phố). */
void registry_match_unit(const struct registry *r, const char *typed, struct unit_match *ret);
void unit_match_clear(struct unit_match *m);
/* Longest unit name or alias at the start of the text; *ret_rest = what follows (after a comma or space), in typed. One wrong letter is
 * forgiven only before a comma. NULL if none, if it means two ("Nam Định, ..."), or if another unit follows without a comma ("văn phòng
 * UBND huyện Vụ Bản" is not the province's office). */
const struct unit *registry_unit_prefix(const struct registry *r, const char *typed, const char **ret_rest);
/* A list ("cac huyen, tp", "các sở; UBND tỉnh", "tất cả"): unit codes (char*, the array's own), deduplicated, in register order (caller
 * unrefs), or NULL and *ret_unclear = the piece that was not understood (caller frees). *ret_all: the text means everybody; then all
 * units are listed. */
GPtrArray *registry_match_audience(const struct registry *r, const char *typed, bool *ret_all, char **ret_unclear);

/* Whole text names a field; NULL + near (const struct field*, at most 5, caller unrefs; may be empty). */
const struct field *registry_match_field(const struct registry *r, const char *typed, GPtrArray **ret_near);
/* The field whose name or aliases occur most tellingly in a text (longest alias wins), or NULL: only a guess, shown as one. */
const struct field *registry_guess_field(const struct registry *r, const char *text);

/* Long forms of an abbreviation, folded comparison: "cds" finds what CĐS and CDS stand for. Typed with diacritics, a row spelled just so
 * goes first and alone ("NĐ" is not nội dung). Borrowed, NULL-terminated, or NULL. */
char **registry_expansions(const struct registry *r, const char *word);
/* The reverse: abbreviations of a long form, without diacritics, y and i alike. Borrowed, NULL-terminated, or NULL. */
char **registry_briefs(const struct registry *r, const char *long_form);
/* Whether any of these long forms begins with these two words, or is one of them alone: else the longer ones need not be looked up. */
bool registry_begins_long(const struct registry *r, const char *two_words);

#endif
