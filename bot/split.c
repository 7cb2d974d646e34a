/* SPDX-License-Identifier: MIT */
/* Cuts a post's text into parts that a platform takes, at the best place that its limit leaves. Does not format, escape or send. */
#include <string.h>
#include <unigbrk.h>

#include "base/macros.h"

#include "split.h"

/* A part filled less than one in so many is only made when no finer place would fill it better. */
#define FILL_MIN 4

enum cut_class { CUT_GRAPHEME, CUT_WORD, CUT_SENTENCE, CUT_LINE, CUT_PARAGRAPH };
#define CUT_CLASSES (CUT_PARAGRAPH + 1)

/* A place to cut: the part ends at `end`, the next one begins at `next`; what lies between is white space. */
struct cut {
	size_t end, next;
};

struct splitter {
	const char *text;
	size_t len;
	char *breaks; /* 1 where a grapheme cluster begins */
	const struct span *spans;
	size_t n_spans;
	size_t limit;
	enum text_unit unit;
};

GQuark split_error_quark(void)
{
	return g_quark_from_static_string("split-error-quark");
}

/* The cluster that begins at `at` ends here. The whole text was looked at once: flags and joined emoji need their context. */
static size_t next_break(const struct splitter *s, size_t at)
{
	do
		at++;
	while (at < s->len && !s->breaks[at]);
	return at;
}

/* White space that stands alone: a space that carries a combining mark is a cluster of its own kind. */
static bool is_space_at(const struct splitter *s, size_t at, size_t end)
{
	for (; at < end; at++) {
		if (!strchr(" \t\n\r", s->text[at]))
			return false;
	}
	return true;
}

static bool is_allowed(const struct splitter *s, struct cut c)
{
	for (size_t i = 0; i < s->n_spans; i++) {
		size_t start = s->spans[i].start, end = start + s->spans[i].len;

		if (c.end == c.next ? start < c.end && end > c.end : start < c.next && end > c.end)
			return false;
	}
	return true;
}

static bool ends_with(const struct splitter *s, size_t from, size_t end, const char *what)
{
	size_t n = strlen(what);

	return end >= from + n && memcmp(s->text + end - n, what, n) == 0;
}

/* "h. Giao Thủy", "TP. Nam Định", "1. Mục" do not end a sentence: the dot stands after a very short word. */
static bool is_after_short_word(const struct splitter *s, size_t from, size_t dot)
{
	size_t start = dot;

	while (start > from && !strchr(" \t\n\r(", s->text[start - 1]))
		start--;
	return text_len_n(s->text + start, dot - start, TEXT_CODE_POINTS) <= 2;
}

static bool is_sentence_end(const struct splitter *s, size_t from, size_t end)
{
	static const char *const closers[] = { "\"", ")", "]", "”", "’", "»" };
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(closers); i++) {
			if (ends_with(s, from, end, closers[i])) {
				end -= strlen(closers[i]);
				again = true;
			}
		}
	}
	if (ends_with(s, from, end, "!") || ends_with(s, from, end, "?") || ends_with(s, from, end, "…"))
		return true;
	return ends_with(s, from, end, ".") && !is_after_short_word(s, from, end - 1);
}

static enum cut_class classify(const struct splitter *s, size_t from, struct cut c)
{
	unsigned lines = 0;

	for (size_t i = c.end; i < c.next; i++)
		lines += s->text[i] == '\n' || (s->text[i] == '\r' && s->text[i + 1] != '\n');
	if (lines > 1)
		return CUT_PARAGRAPH;
	if (lines == 1)
		return CUT_LINE;
	return is_sentence_end(s, from, c.end) ? CUT_SENTENCE : CUT_WORD;
}

/* The last allowed cut of each class within the limit; end 0 = none. */
static void find_cuts(const struct splitter *s, size_t from, struct cut ret_last[CUT_CLASSES])
{
	size_t at = from, used = 0;

	memset(ret_last, 0, CUT_CLASSES * sizeof(*ret_last));
	while (at < s->len) {
		size_t next = next_break(s, at);
		struct cut c = { at, at };
		enum cut_class class = CUT_GRAPHEME;

		if (is_space_at(s, at, next)) {
			while (c.next < s->len && is_space_at(s, c.next, next_break(s, c.next)))
				c.next = next_break(s, c.next);
			class = classify(s, from, c);
		}
		if (at > from && is_allowed(s, c))
			ret_last[class] = c;
		/* A run of white space is one place, however long: it belongs to no part. */
		used += text_len_n(s->text + at, next - at, s->unit);
		at = next;
		if (class != CUT_GRAPHEME && c.next > at) {
			used += text_len_n(s->text + at, c.next - at, s->unit);
			at = c.next;
		}
		if (used > s->limit)
			return;
	}
}

static bool choose_cut(const struct splitter *s, size_t from, struct cut *ret_cut)
{
	struct cut last[CUT_CLASSES];

	find_cuts(s, from, last);
	for (int class = CUT_PARAGRAPH; class >= CUT_GRAPHEME; class --) {
		struct cut c = last[class];

		if (c.end && text_len_n(s->text + from, c.end - from, s->unit) >= s->limit / FILL_MIN) {
			*ret_cut = c;
			return true;
		}
	}
	for (int class = CUT_PARAGRAPH; class >= CUT_GRAPHEME; class --) {
		if (last[class].end) {
			*ret_cut = last[class];
			return true;
		}
	}
	return false;
}

/* White space at both ends of a text that needs several parts is dropped like that at the cuts. */
static void trim(struct splitter *s, size_t *from)
{
	size_t keep = 0;

	while (*from < s->len && is_space_at(s, *from, next_break(s, *from)))
		*from = next_break(s, *from);
	for (size_t at = *from; at < s->len;) {
		size_t next = next_break(s, at);

		if (!is_space_at(s, at, next))
			keep = next;
		at = next;
	}
	s->len = MAX(keep, *from);
}

static bool split_all(struct splitter *s, GArray *parts, GError **error)
{
	size_t from = 0;
	struct cut c;

	trim(s, &from);
	while (text_len_n(s->text + from, s->len - from, s->unit) > s->limit) {
		struct post_part part = { .start = from };

		if (!choose_cut(s, from, &c)) {
			g_set_error(error, SPLIT_ERROR, SPLIT_ERROR_LIMIT, "no place to cut within %zu from byte %zu on", s->limit,
				    from);
			return false;
		}
		part.len = c.end - from;
		g_array_append_val(parts, part);
		/* The rest of the text is one part at least. */
		if (parts->len >= SPLIT_PARTS_MAX) {
			g_set_error(error, SPLIT_ERROR, SPLIT_ERROR_PARTS, "more than %d parts", SPLIT_PARTS_MAX);
			return false;
		}
		from = c.next;
	}
	if (from < s->len || parts->len == 0)
		g_array_append_val(parts, ((struct post_part){ .start = from, .len = s->len - from }));
	return true;
}

bool split_text(const char *text, const struct span *spans, size_t n_spans, size_t limit, enum text_unit unit, GArray **ret_parts,
		GError **error)
{
	struct splitter s = { text, strlen(text), NULL, spans, n_spans, limit, unit };
	g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(struct post_part));
	bool is_done;

	if (limit == 0 || text_len_n(text, s.len, unit) <= limit) {
		g_array_append_val(parts, ((struct post_part){ .start = 0, .len = s.len }));
		*ret_parts = g_steal_pointer(&parts);
		return true;
	}
	s.breaks = g_malloc(s.len);
	u8_grapheme_breaks((const uint8_t *)text, s.len, s.breaks);
	is_done = split_all(&s, parts, error);
	g_free(s.breaks);
	if (is_done)
		*ret_parts = g_steal_pointer(&parts);
	return is_done;
}
