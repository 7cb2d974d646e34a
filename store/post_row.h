/* SPDX-License-Identifier: MIT */
/* How a post is read from a row, for the files of store/ that join it. Others use delivery.h. */
#ifndef CDSBOT_STORE_POST_ROW_H
#define CDSBOT_STORE_POST_ROW_H

#include "delivery.h"

/* With the table named p; the first is column `first` of the query. */
#define POST_CONTENT_COLUMNS "p.text, p.spans, p.file_kind, p.file_id, p.file_unique_id, p.file_name, p.file_mime, p.file_size"
#define POST_CONTENT_TEXT 0
#define POST_CONTENT_SPANS 1
#define POST_CONTENT_FILE 2
#define POST_CONTENT_N 8

/* Spans of the stretch [start, start + len) of the text, relative to it; those that reach out of it are cut. NULL if none. */
struct span *post_spans_from_row(struct db_stmt *st, unsigned first, size_t start, size_t len, size_t *ret_n);
/* NULL: the post has no file. */
struct attachment *post_file_from_row(struct db_stmt *st, unsigned first);

#endif
