/* SPDX-License-Identifier: MIT */
/* Lines of a descriptor, read on the loop whatever it is: terminal, pipe, socket or file. Reads ahead only as far as its reader
 * asks. */
#ifndef CDSBOT_ADAPTERS_LINE_READER_H
#define CDSBOT_ADAPTERS_LINE_READER_H

#include <uv.h>

struct line_reader;

/* A longer line is handed out in pieces, none of which ends inside a letter. */
#define LINE_MAX_BYTES ((size_t)256 * 1024)

enum line_result {
	LINE_WAIT, /* nothing yet: on_ready will be called, then ask again */
	LINE_TAKEN,
	LINE_END
};

/* The descriptor is duplicated; the original stays the caller's and is left as it was found. on_ready comes from the loop. */
struct line_reader *line_reader_new(uv_loop_t *loop, int fd, void (*on_ready)(void *arg), void *arg);
/* LINE_TAKEN: *ret_line without its end of line and without NUL bytes, caller frees. The last line needs no end of line. */
enum line_result line_reader_take(struct line_reader *r, char **ret_line);
/* closed runs from the loop. */
void line_reader_close(struct line_reader *r, void (*closed)(void *arg), void *arg);

#endif
