/* SPDX-License-Identifier: MIT */
/* Takes and leaves the rights. Only who does the same thing as another asks for one: command-line tools otherwise share the database with the daemon
 * through SQLite's own locks. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "store_lock.h"

#define HOLDER_MAX 256

static bool disk_error(GError **error, const char *what, const char *path)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, "cannot %s %s: %s", what, path, g_strerror(errno));
	return false;
}

static void say_holder(GError **error, int fd, const char *db_path, enum store_right right)
{
	char text[HOLDER_MAX + 1] = "";
	const ssize_t n = pread(fd, text, HOLDER_MAX, 0);

	text[n > 0 ? n : 0] = '\0';
	g_strchomp(text);
	g_set_error(error, STORE_ERROR, STORE_ERROR_LOCKED,
		    right == STORE_RIGHT_DAEMON ? "the database %s is in use by another cdsbot (%s)" :
						  "the search index of %s is being rebuilt by another cdsbot (%s)",
		    db_path, *text ? text : "starting just now");
}

/* The lock belongs to the open file, so it ends with the process however that ends, and a second open in the same process is
 * refused. */
static bool take(int fd, const char *db_path, enum store_right right, const char *path, GError **error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return true;
	if (errno != EAGAIN && errno != EACCES)
		return disk_error(error, "lock", path);
	say_holder(error, fd, db_path, right);
	return false;
}

int store_lock(const char *db_path, enum store_right right, const char *holder, GError **error)
{
	g_autofree char *path = g_strconcat(db_path, right == STORE_RIGHT_DAEMON ? ".lock" : ".index-lock", NULL);
	g_autofree char *text = g_strdup_printf("pid %d: %.200s\n", (int)getpid(), holder ? holder : "");
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		disk_error(error, "open", path);
		return -1;
	}
	if (!take(fd, db_path, right, path, error)) {
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0) {
		disk_error(error, "write", path);
		close(fd);
		return -1;
	}
	return fd;
}

void store_unlock(int fd)
{
	if (fd < 0)
		return;
	/* The file stays, empty: removing it would race with the next one's open. Failing to empty it does no harm. */
	if (ftruncate(fd, 0) < 0)
		g_debug("store: lock file: %s", g_strerror(errno));
	close(fd);
}
