/* SPDX-License-Identifier: MIT */
/* What the tests of the domain share: a database in memory with the shipped register, the seeds, and a few people. */
#ifndef CDSBOT_TESTS_DOMAIN_FIXTURE_H
#define CDSBOT_TESTS_DOMAIN_FIXTURE_H

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "store/announcement.h"
#include "store/item.h"
#include "store/register.h"
#include "store/search/search.h"

/* 10 October 2023, 09:00 in Vietnam. */
#define NOW INT64_C(1696903200000)

struct fixture {
	struct db *db;
	struct registry *registry;
	struct member *admin, *moderator, *lan, *hoa, *nam, *stranger; /* stranger: NULL */
};

static inline struct member *person_add(struct db *db, const char *name, const char *unit, enum role role)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO member (name, folded, unit, role, consent_ms) VALUES ($1, $1, $2, $3, 1)");
	struct member *m = NULL;

	db_bind_text(st, 1, name);
	db_bind_text(st, 2, unit);
	db_bind_int64(st, 3, role);
	g_assert_true(db_run(st, NULL));
	g_assert_cmpint(store_member_get(db, db_last_id(db), &m, NULL), ==, STORE_OK);
	return m;
}

/* Everything happens inside one transaction, as a turn does. */
static inline void fixture_open(struct fixture *f)
{
	g_autofree char *dir = g_strconcat(g_getenv("CDSBOT_SOURCE"), "/config", (char *)NULL);
	g_autoptr(GError) error = NULL;
	unsigned changed;

	g_setenv("CDSBOT_TEST_SEARCH_US", "60000000", TRUE); /* a busy machine does not make an answer partial */
	f->db = db_open(":memory:", DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(f->db, &error));
	f->registry = registry_load_csv(dir, &error);
	g_assert_no_error(error);
	registry_seal(f->registry);
	g_assert_true(db_begin(f->db, &error));
	g_assert_true(store_register_import(f->db, f->registry, &changed, &error));
	f->admin = person_add(f->db, "quantri", "STTTT", ROLE_ADMIN);
	f->moderator = person_add(f->db, "Hà", "STTTT", ROLE_MODERATOR);
	f->lan = person_add(f->db, "lan", "VUBAN", ROLE_MEMBER);
	f->hoa = person_add(f->db, "hoa", "GIAOTHUY", ROLE_FOCAL);
	f->nam = person_add(f->db, "Nam", "GIAOTHUY", ROLE_MEMBER);
	f->stranger = NULL;
}

static inline void fixture_close(struct fixture *f)
{
	db_rollback(f->db);
	member_free(f->admin);
	member_free(f->moderator);
	member_free(f->lan);
	member_free(f->hoa);
	member_free(f->nam);
	registry_unref(f->registry);
	db_close(f->db);
}

static inline char *seed_text(const cJSON *o, const char *key)
{
	char *s = json_dup(o, key, NULL);

	if (s && *s == '\0')
		g_clear_pointer(&s, g_free);
	return s;
}

static inline void seeds_load(struct fixture *f, const char *name, enum item_kind kind)
{
	g_autofree char *path = g_strconcat(g_getenv("CDSBOT_SOURCE"), "/config/demo/", name, (char *)NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **l = lines; *l; l++) {
		g_autoptr(cJSON) o = **l ? json_parse(*l, strlen(*l), NULL) : NULL;
		g_autoptr(item_t) i = item_new();
		enum item_import what;

		if (!o)
			continue;
		i->kind = kind;
		i->title = seed_text(o, "title");
		i->body = seed_text(o, "body");
		i->unit = seed_text(o, "unit");
		i->field = seed_text(o, "field");
		i->source = seed_text(o, "source");
		g_assert_true(json_id(o, "seq", &i->ref));
		g_assert_cmpint(store_item_import(f->db, i, NOW, &what, NULL), ==, STORE_OK);
		g_assert_cmpint(what, ==, ITEM_IMPORT_NEW);
	}
}

static inline void seeds_load_all(struct fixture *f)
{
	seeds_load(f, "seed-initiatives.jsonl", ITEM_INITIATIVE);
	seeds_load(f, "seed-exemplars.jsonl", ITEM_EXEMPLAR);
}

static inline struct item *draft_new(const char *title, const char *body, const char *unit, const struct member *author,
				     enum item_status status)
{
	struct item *i = item_new();

	i->title = g_strdup(title);
	i->body = g_strdup(body);
	i->unit = g_strdup(unit);
	i->author_id = author ? author->id : 0;
	i->status = status;
	return i;
}

static inline int64_t item_put(struct fixture *f, const char *title, const char *body, const char *unit,
			       const struct member *author, enum item_status status)
{
	g_autoptr(item_t) i = draft_new(title, body, unit, author, status);

	g_assert_cmpint(store_item_add(f->db, i, author, NOW, NULL), ==, STORE_OK);
	return i->id;
}

/* "SK13 DC4": what a search finds, best first. */
static inline char *ids_of(const GPtrArray *hits)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);
		g_autofree char *id = item_id_text(h->kind, h->number);

		g_string_append_printf(s, "%s%s", i ? " " : "", id);
	}
	return g_string_free(s, FALSE);
}

#endif
