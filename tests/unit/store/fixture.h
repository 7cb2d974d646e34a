/* SPDX-License-Identifier: MIT */
/* A migrated database for a test, in memory or in a file of its own that goes away with it, and the rows nearly every test needs.
 * It holds no assertions about the store itself. */
#ifndef CDSBOT_TESTS_STORE_FIXTURE_H
#define CDSBOT_TESTS_STORE_FIXTURE_H

#include <string.h>

#include <glib/gstdio.h>

#include "store/chat.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/member.h"

#define T0 INT64_C(1700000000000)

struct fixture {
	char *dir, *path;
	struct db *db;
};

static inline void fixture_init(struct fixture *f, bool in_memory)
{
	g_autoptr(GError) error = NULL;

	f->dir = g_dir_make_tmp("cdsbot-store-XXXXXX", &error);
	g_assert_no_error(error);
	f->path = in_memory ? g_strdup(":memory:") : g_build_filename(f->dir, "cdsbot.db", NULL);
	f->db = db_open(f->path, DB_WRITE, &error);
	g_assert_no_error(error);
	g_assert_true(db_migrate(f->db, &error));
	g_assert_no_error(error);
}

static inline void fixture_remove_dir(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		g_unlink(file);
	}
	g_rmdir(path);
}

static inline void fixture_release(struct fixture *f)
{
	db_close(f->db);
	fixture_remove_dir(f->dir);
	g_free(f->dir);
	g_free(f->path);
}

/* Registers a test over both kinds of database; the function gets GINT_TO_POINTER(in memory). */
static inline void fixture_add(const char *name, GTestDataFunc func)
{
	g_autofree char *file = g_strconcat("/file", name, NULL), *memory = g_strconcat("/memory", name, NULL);

	g_test_add_data_func(file, GINT_TO_POINTER(0), func);
	g_test_add_data_func(memory, GINT_TO_POINTER(1), func);
}

/* Most tests run in one transaction: what commits is store.c's test. */
#define FIXTURE_BEGIN(f, data)                                                                                                     \
	struct fixture f;                                                                                                          \
	g_autoptr(GError) error = NULL;                                                                                            \
	fixture_init(&(f), GPOINTER_TO_INT(data) != 0);                                                                            \
	g_assert_true(db_begin((f).db, &error))
#define FIXTURE_END(f)                                                                                                             \
	g_assert_no_error(error);                                                                                                  \
	g_assert_true(db_commit((f).db, &error));                                                                                  \
	g_assert_no_error(error);                                                                                                  \
	fixture_release(&(f))

static inline int64_t fixture_chat(struct db *db, const char *adapter, const char *remote_id, enum chat_kind kind)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(chat_t) c = NULL;

	g_assert_cmpint(store_chat_seen(db, adapter, remote_id, kind, remote_id, T0, &c, &error), ==, STORE_OK);
	g_assert_no_error(error);
	return c->id;
}

/* A registered member with an open private chat named after the user. */
static inline int64_t fixture_member(struct db *db, const char *adapter, const char *user_id, const char *unit, int64_t *ret_chat)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(member_t) m = NULL;
	const int64_t chat = fixture_chat(db, adapter, user_id, CHAT_PRIVATE);

	g_assert_cmpint(store_member_register(db, adapter, user_id, user_id, unit, NULL, "1", T0, &m, &error), ==, STORE_OK);
	g_assert_cmpint(store_member_seen(db, adapter, user_id, user_id, chat, T0, &error), ==, STORE_OK);
	g_assert_no_error(error);
	if (ret_chat)
		*ret_chat = chat;
	return m->id;
}

static inline int64_t fixture_post(struct db *db, const char *text, enum delivery_class class)
{
	g_autoptr(GError) error = NULL;
	const struct post p = { .text = (char *)text, .class = class };
	int64_t id;

	g_assert_true(store_post_add(db, &p, T0, &id, &error));
	g_assert_no_error(error);
	return id;
}

/* One part, due at once; returns the post. */
static inline int64_t fixture_delivery(struct db *db, int64_t chat, const char *text, enum delivery_class class, int64_t now_ms)
{
	g_autoptr(GError) error = NULL;
	const int64_t post = fixture_post(db, text, class);
	const struct delivery_target to = { .chat_id = chat };
	const struct post_part part = { .len = strlen(text) };

	g_assert_true(store_delivery_add(db, post, &to, &part, 1, now_ms, &error));
	g_assert_no_error(error);
	return post;
}

static inline int64_t fixture_int64(struct db *db, const char *literal)
{
	g_autoptr(GError) error = NULL;
	int64_t value;

	g_assert_true(db_run_int64(db_prepare(db, literal), -1, &value, &error));
	g_assert_no_error(error);
	return value;
}

#endif
