/* SPDX-License-Identifier: MIT */
/* Files that root makes in the folder of a service's account. */
#ifndef CDSBOT_BASE_OWNER_H
#define CDSBOT_BASE_OWNER_H

/* Call it right after path has been made. Where root runs and the folder of path is somebody else's, the file becomes his, as SQLite does
 * with its side files: what an operator makes by hand (`cdsbot admin` before the first start) is otherwise closed to the service. Does
 * nothing for anybody but root; failure is a warning in the log. A symbolic link is not followed. */
void owner_from_folder(const char *path);

#endif
