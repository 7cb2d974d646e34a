/* SPDX-License-Identifier: MIT */
/* What a writing connection remembers of words from one transaction to the next, and when it forgets: when somebody else has written. */
#include "domain_fixture.h"

#include <glib/gstdio.h>

#include "store/abbreviation.h"
#include "store/db_kernel.h"
#include "store/search/tokenizer.h"

/* Two connections to one file; the register is in it. */
struct pair {
	char *dir, *path;
	struct db *here, *there;
	struct member *nam, *moderator;
};

static void begin(struct db *db)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(db_begin(db, &error));
	g_assert_no_error(error);
}

static void commit(struct db *db)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(db_commit(db, &error));
	g_assert_no_error(error);
}

static struct db *open_at(const char *path)
{
	g_autoptr(GError) error = NULL;
	struct db *db = db_open(path, DB_WRITE, &error);

	g_assert_no_error(error);
	return db;
}

static void pair_open(struct pair *p)
{
	g_autofree char *config = g_strconcat(g_getenv("CDSBOT_SOURCE"), "/config", (char *)NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(registry_t) r = registry_load_csv(config, &error);
	unsigned changed;

	g_assert_no_error(error);
	registry_seal(r);
	p->dir = g_dir_make_tmp("cdsbot-memo-XXXXXX", NULL);
	p->path = g_build_filename(p->dir, "a.db", NULL);
	p->here = open_at(p->path);
	g_assert_true(db_migrate(p->here, &error));
	begin(p->here);
	g_assert_true(store_register_import(p->here, r, &changed, &error));
	p->nam = person_add(p->here, "Nam", "GIAOTHUY", ROLE_MEMBER);
	p->moderator = person_add(p->here, "Hà", "STTTT", ROLE_MODERATOR);
	/* Of later rows a word is only noted, not counted. */
	g_assert_true(db_exec(p->here, "INSERT INTO item (id, kind, number, title, body, status, created_ms, touched_ms, version)"
				       " VALUES (100000, 0, 7, 'x', '', 5, 0, 0, 1)", &error));
	commit(p->here);
	p->there = open_at(p->path);
}

static void pair_close(struct pair *p)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	member_free(p->nam);
	member_free(p->moderator);
	db_close(p->there);
	db_close(p->here);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		g_autofree char *file = g_strconcat(p->path, ends[i], NULL);

		(void)g_remove(file);
	}
	g_assert_cmpint(g_rmdir(p->dir), ==, 0);
	g_free(p->dir);
	g_free(p->path);
}

static int64_t number(struct db *db, const char *literal)
{
	int64_t n;

	g_assert_true(db_run_int64(db_prepare(db, literal), -1, &n, NULL));
	return n;
}

/* In a transaction of its own. */
static int64_t item_put_alone(struct pair *p, struct db *db, const char *title)
{
	g_autoptr(item_t) i = item_new();

	begin(db);
	i->title = g_strdup(title);
	i->body = g_strdup("x");
	i->author_id = p->nam->id;
	i->status = ITEM_WAITING;
	g_assert_cmpint(store_item_add(db, i, p->nam, NOW, NULL), ==, STORE_OK);
	commit(db);
	return i->id;
}

static void reject_alone(struct pair *p, struct db *db, int64_t id)
{
	g_autoptr(item_t) i = NULL, after = NULL;

	begin(db);
	g_assert_cmpint(store_item_by_row(db, id, &i, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_decide(db, i->kind, i->number, ITEM_REJECT, "trùng", p->moderator, NOW, &after, NULL), ==, STORE_OK);
	commit(db);
}

static void test_epoch(void)
{
	struct pair p;
	uint64_t epoch;

	pair_open(&p);
	item_put_alone(&p, p.here, "một");
	epoch = db_epoch(p.here);
	item_put_alone(&p, p.here, "hai");
	g_assert_cmpuint(db_epoch(p.here), ==, epoch);

	item_put_alone(&p, p.there, "ba");
	begin(p.here);
	g_assert_cmpuint(db_epoch(p.here), !=, epoch);
	epoch = db_epoch(p.here);
	db_rollback(p.here);
	begin(p.here);
	g_assert_cmpuint(db_epoch(p.here), !=, epoch);
	epoch = db_epoch(p.here);
	g_assert_true(db_savepoint(p.here, NULL));
	g_assert_true(db_rollback_to(p.here, NULL));
	g_assert_cmpuint(db_epoch(p.here), !=, epoch);
	db_rollback(p.here);
	pair_close(&p);
}

/* The last item with the word was taken out over another connection: the word has to be noted anew. */
static void test_word_taken_elsewhere(void)
{
	struct pair p;
	int64_t id;

	pair_open(&p);
	id = item_put_alone(&p, p.here, "từ lạ zzlạ");
	g_assert_cmpint(id % 16, !=, 0);
	g_assert_cmpint(number(p.here, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, 1);
	reject_alone(&p, p.there, id);
	g_assert_cmpint(number(p.here, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, -1);
	id = item_put_alone(&p, p.here, "từ lạ zzlạ");
	g_assert_cmpint(id % 16, !=, 0);
	g_assert_cmpint(number(p.here, "SELECT n FROM search_word WHERE word = 'zzla'"), ==, 1);
	pair_close(&p);
}

static void test_abbreviation_added_elsewhere(void)
{
	struct pair p;

	pair_open(&p);
	item_put_alone(&p, p.here, "Mô hình ZQX");
	begin(p.there);
	g_assert_true(store_abbreviation_set(p.there, "ZQX", "quỹ xanh", NULL));
	commit(p.there);
	item_put_alone(&p, p.here, "Thêm mô hình ZQX");
	g_assert_cmpint(number(p.here, "SELECT count(*) FROM search_doc WHERE item_id = (SELECT max(id) FROM item) AND more LIKE '%qui xanh%'"),
			==, 1);
	pair_close(&p);
}

static void hear(void *ctx, const struct syllable *word)
{
	g_string_append_printf(ctx, "%s ", word->folded);
}

static void test_listener(void)
{
	g_autoptr(GString) heard = g_string_new(NULL);
	struct db *db = open_at(":memory:");

	begin(db);
	g_assert_true(db_exec(db, "CREATE VIRTUAL TABLE t USING fts5 (a, b, content = '', tokenize = 'cdsbot')", NULL));
	tokenizer_listen(hear, heard);
	g_assert_true(db_exec(db, "INSERT INTO t (rowid, a, b) VALUES (1, 'Chuyển đổi', 'số 12/KH')", NULL));
	tokenizer_listen(NULL, NULL);
	g_assert_true(db_exec(db, "INSERT INTO t (rowid, a, b) VALUES (2, 'xóm', NULL)", NULL));
	g_assert_cmpstr(heard->str, ==, "chuyen doi so 12 kh ");
	commit(db);
	db_close(db);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/epoch", test_epoch);
	g_test_add_func("/word-taken-elsewhere", test_word_taken_elsewhere);
	g_test_add_func("/abbreviation-added-elsewhere", test_abbreviation_added_elsewhere);
	g_test_add_func("/listener", test_listener);
	return g_test_run();
}
