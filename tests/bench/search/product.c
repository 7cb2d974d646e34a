/* SPDX-License-Identifier: MIT */
/* Fills and asks the product's database. */
#include "bot/search_filters.h"
#include "store/register.h"

#include "engine.h"
#include "product.h"

/* 10 October 2023: any fixed day will do, it makes runs comparable. */
#define IMPORTED_MS INT64_C(1696903200000)

struct registry *product_registry(void)
{
	const char *source = g_getenv("CDSBOT_SOURCE");
	g_autofree char *dir = g_build_filename(source ? source : ".", "config", NULL);
	g_autoptr(GError) error = NULL;
	struct registry *r = registry_load_csv(dir, &error);

	g_assert_no_error(error);
	registry_seal(r);
	return r;
}

struct db *product_create(const char *path)
{
	g_autoptr(registry_t) r = product_registry();
	g_autoptr(GError) error = NULL;
	struct db *db;
	unsigned changed;

	db = db_open(path, DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(db, &error));
	g_assert_true(db_begin(db, &error));
	g_assert_true(store_register_import(db, r, &changed, &error));
	product_commit(db);
	store_item_import_many(db);
	return db;
}

void product_add(struct db *db, struct item *i)
{
	g_autoptr(GError) error = NULL;
	enum item_import what = ITEM_IMPORT_NEW;

	if (!db_in_transaction(db))
		g_assert_true(db_begin(db, &error));
	if (i->status == ITEM_DRAFT)
		g_assert_cmpint(store_item_add(db, i, NULL, IMPORTED_MS, &error), ==, STORE_OK);
	else
		g_assert_cmpint(store_item_import(db, i, IMPORTED_MS, &what, &error), ==, STORE_OK);
	g_assert_no_error(error);
	g_assert_cmpint(what, ==, ITEM_IMPORT_NEW);
}

void product_import(struct db *db, const char *ref, const char *title, const char *body)
{
	g_autoptr(item_t) i = item_new();

	i->kind = ITEM_INITIATIVE;
	i->status = ITEM_APPROVED;
	i->ref = g_strdup(ref);
	i->title = g_strdup(title);
	i->body = g_strdup(body);
	product_add(db, i);
}

void product_commit(struct db *db)
{
	g_autoptr(GError) error = NULL;

	if (db_in_transaction(db))
		g_assert_true(db_commit(db, &error));
	g_assert_no_error(error);
}

void product_import_end(struct db *db)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_item_import_end(db, &error));
	g_assert_no_error(error);
}

GPtrArray *product_search(struct db *db, const struct registry *r, const struct member *viewer, const char *text, bool *ret_partial)
{
	struct search_query q = { .limit = HITS_MAX, .viewer = viewer };
	g_autofree char *unclear = NULL;
	g_autoptr(GError) error = NULL;
	struct search_note note = { 0 };
	struct search_filters f;
	GPtrArray *hits;

	if (search_filters_read(text, r, NULL, &f, &unclear)) {
		search_filters_query(&f, &q);
		/* In a snapshot, as the daemon's readers do: else each of its statements would take and leave the locks. */
		g_assert_true(db_begin(db, &error));
		hits = store_search(db, r, &q, &note, &error);
		db_rollback(db);
		g_assert_no_error(error);
	} else {
		hits = g_ptr_array_new();
	}
	if (ret_partial)
		*ret_partial = note.is_partial;
	search_note_clear(&note);
	search_filters_clear(&f);
	return hits;
}

struct product {
	struct db *db;
	struct registry *registry;
};

static void fill(const char *path, const GPtrArray *docs)
{
	struct db *db = product_create(path);

	for (guint i = 0; i < docs->len; i++) {
		const struct doc *d = g_ptr_array_index(docs, i);

		product_import(db, d->id, d->title, d->body);
		if (i % IMPORT_BATCH == IMPORT_BATCH - 1)
			product_commit(db);
	}
	product_commit(db);
	product_import_end(db);
	db_close(db);
}

static void *engine_open(const char *dir, const GPtrArray *docs)
{
	g_autofree char *path = g_build_filename(dir, "product.db", NULL);
	struct product *p = g_new0(struct product, 1);
	g_autoptr(GError) error = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		fill(path, docs);
	/* Asked over a connection that only reads, as the daemon does. */
	p->db = db_open(path, DB_READ, &error);
	g_assert_no_error(error);
	p->registry = store_register_load(p->db, &error);
	g_assert_no_error(error);
	return p;
}

static void engine_ask(void *self, const char *text, GPtrArray *ids)
{
	const struct product *p = self;
	g_autoptr(GPtrArray) hits = product_search(p->db, p->registry, NULL, text, NULL);

	for (guint i = 0; i < hits->len; i++)
		g_ptr_array_add(ids, g_strdup(((struct search_hit *)g_ptr_array_index(hits, i))->ref));
}

static void engine_close(void *self)
{
	struct product *p = self;

	registry_unref(p->registry);
	db_close(p->db);
	g_free(p);
}

const struct engine engine_product = { .name = "cdsbot", .open = engine_open, .ask = engine_ask, .close = engine_close };
