/* SPDX-License-Identifier: MIT */
/* What root makes in a folder becomes the folder's owner's; nothing else changes hands. */
#include "base/owner.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOMEBODY 64321

static char *make_in(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert_true(g_file_set_contents(path, "x", 1, NULL));
	return path;
}

static void remove_all(const char *dir, const char *path)
{
	g_unlink(path);
	g_rmdir(dir);
}

static void test_a_file_follows_its_folder(void)
{
	g_autofree char *dir = g_dir_make_tmp("cdsbot-owner-XXXXXX", NULL), *path = make_in(dir, "file");
	struct stat st;

	if (geteuid() != 0) {
		remove_all(dir, path);
		g_test_skip("only root can give a file away");
		return;
	}
	owner_from_folder(path);
	g_assert_cmpint(lstat(path, &st), ==, 0);
	g_assert_cmpint(st.st_uid, ==, 0); /* root's folder */
	g_assert_cmpint(chown(dir, SOMEBODY, SOMEBODY + 1), ==, 0);
	owner_from_folder(path);
	g_assert_cmpint(lstat(path, &st), ==, 0);
	g_assert_cmpint(st.st_uid, ==, SOMEBODY);
	g_assert_cmpint(st.st_gid, ==, SOMEBODY + 1);
	remove_all(dir, path);
}

/* The folder's owner could point it at anything. */
static void test_a_link_is_not_followed(void)
{
	g_autofree char *dir = g_dir_make_tmp("cdsbot-owner-XXXXXX", NULL), *link = g_build_filename(dir, "link", NULL);
	g_autofree char *aim_dir = g_dir_make_tmp("cdsbot-owner-XXXXXX", NULL), *aim = make_in(aim_dir, "aim");
	struct stat before, after;

	g_assert_cmpint(symlink(aim, link), ==, 0);
	g_assert_cmpint(stat(aim, &before), ==, 0);
	if (geteuid() == 0)
		g_assert_cmpint(chown(dir, SOMEBODY, SOMEBODY), ==, 0);
	owner_from_folder(link);
	g_assert_cmpint(stat(aim, &after), ==, 0);
	g_assert_cmpint(after.st_uid, ==, before.st_uid);
	remove_all(dir, link);
	remove_all(aim_dir, aim);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/owner/folder", test_a_file_follows_its_folder);
	g_test_add_func("/owner/link", test_a_link_is_not_followed);
	return g_test_run();
}
