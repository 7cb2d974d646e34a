/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include <errno.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

void owner_from_folder(const char *path)
{
	g_autofree char *dir = g_path_get_dirname(path);
	struct stat st;

	if (geteuid() != 0 || stat(dir, &st) < 0 || st.st_uid == 0)
		return;
	if (lchown(path, st.st_uid, st.st_gid) < 0)
		log_warn("owner", "%s stays root's and the service cannot open it: %s", path, g_strerror(errno));
}
