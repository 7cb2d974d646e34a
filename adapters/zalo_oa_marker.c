/* SPDX-License-Identifier: MIT */
#include "zalo_oa_marker.h"

#include "base/log.h"
#include "base/owner.h"

#define MARKER_BYTES_MAX 32 /* a decimal number and a line end */

int64_t zalo_oa_marker_read(const char *path)
{
	g_autofree char *text = NULL;
	gsize len = 0;
	int64_t id;

	if (!g_file_get_contents(path, &text, &len, NULL) || len > MARKER_BYTES_MAX)
		return -1;
	return g_ascii_string_to_signed(g_strstrip(text), 10, 0, INT64_MAX, &id, NULL) ? id : -1;
}

bool zalo_oa_marker_write(const char *path, int64_t id)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", id);
	g_autoptr(GError) error = NULL;

	if (g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &error)) {
		owner_from_folder(path);
		return true;
	}
	log_error("zalo-oa", "token marker: %s", error->message);
	return false;
}
