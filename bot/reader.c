/* SPDX-License-Identifier: MIT */
/* Finds the command in what a person typed: mark, word, slips of the finger. Knows no meaning of commands; what may stand without a
 * mark is in reader_fit.c. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

/* "dữ liệu của tôi" is the longest word that people type apart. */
#define JOIN_MAX 4

/* One way to read the beginning: its first n words as one. */
struct head {
	unsigned n;
	char *joined;     /* folded */
	char *keystrokes; /* the same with Telex and VNI keystrokes folded away, or NULL */
	size_t last_len;  /* letters of the last word */
	const char *end;  /* of the words, as typed */
	const char *rest; /* what follows, after a bot's name */
	/* Where the last word is letters and then digits ("x13"): the letters, and where the digits begin. */
	char *letters;
	const char *digits;
};

struct heads {
	const char *start;
	struct head head[JOIN_MAX];
	unsigned n;
};

/* Short words that the specification leaves open, and what they may stand for. */
static const struct {
	const char *word, *commands;
} open_words[] = {
	{ "tk", "thongke tim dulieu" },
};

/* Words that are a command and the beginning of other phrases: joined only if the second word, where it is typed with its
 * diacritics, is this one, and no word of the list comes after it. */
static const struct {
	const char *joined, *second, *not_before;
} doubtful_joins[] = {
	{ "timkiem", "kiếm", "tra soat lam dinh toan dem diem ke nghiem" },
};

static bool is_unseen(gunichar c)
{
	return c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

bool reader_is_word_char(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c) || is_unseen(c) || (c >= 0x2460 && c <= 0x24FF) ||
	       (c >= 0x1F130 && c <= 0x1F189);
}

const char *reader_word_end(const char *p)
{
	while (*p && reader_is_word_char(g_utf8_get_char(p)))
		p = g_utf8_next_char(p);
	return p;
}

const char *reader_skip_blank(const char *p)
{
	while (*p && *p != '\n' && *p != '\r' && (g_unichar_isspace(g_utf8_get_char(p)) || is_unseen(g_utf8_get_char(p))))
		p = g_utf8_next_char(p);
	return p;
}

const char *reader_skip_space(const char *p)
{
	while (*p && (g_unichar_isspace(g_utf8_get_char(p)) || is_unseen(g_utf8_get_char(p))))
		p = g_utf8_next_char(p);
	return p;
}

char **reader_words(const char *text, unsigned most)
{
	g_autofree char *folded = text_fold(text);
	char **words = g_strsplit(folded, " ", 0);

	if (g_strv_length(words) <= most)
		return words;
	g_strfreev(words);
	return NULL;
}

char *reader_joined(const char *text)
{
	char *folded = text_fold(text), *to = folded;

	for (const char *p = folded; *p; p++) {
		if (*p != ' ')
			*to++ = *p;
	}
	*to = '\0';
	return folded;
}

bool reader_is_in(const char *word, const char *list)
{
	size_t len = strlen(word);

	if (len == 0 || !list)
		return false;
	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word)) {
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

char *reader_take_word(const char **p)
{
	g_autofree char *nfc = NULL;
	const char *start = *p, *end;

	while (*start && !reader_is_word_char(g_utf8_get_char(start)))
		start = g_utf8_next_char(start);
	end = reader_word_end(start);
	*p = end;
	nfc = g_utf8_normalize(start, end - start, G_NORMALIZE_NFC);
	return g_utf8_strdown(nfc ? nfc : "", -1);
}

bool reader_is_filler(const char *text)
{
	g_auto(GStrv) words = reader_words(text, 4);

	if (!words)
		return false;
	for (unsigned i = 0; words[i]; i++) {
		if (*words[i] && !reader_is_in(words[i], "a ah aj nhe nha nhes voi di the"))
			return false;
	}
	return true;
}

const struct command *reader_find(const struct command *const *commands, const char *folded, bool full_only)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		if (strcmp(c->name, folded) == 0)
			return c;
		if (!full_only && c->brief && strcmp(c->brief, folded) == 0)
			return c;
		if ((!full_only || strlen(folded) >= READER_SLIP_MIN) && reader_is_in(folded, c->words))
			return c;
	}
	return NULL;
}

/* The mark itself; NULL if the text does not begin with one, or with a path ("/etc/x"). */
static const char *skip_mark(const char *text)
{
	const char *p = reader_skip_space(text), *after;
	gunichar c = g_utf8_get_char(p);

	if (!*p || !strchr("/\\", *p)) {
		if (c != 0xFF0F && c != 0xFF3C && c != 0x2044 && c != 0x2215)
			return NULL;
	}
	p = reader_skip_blank(g_utf8_next_char(p));
	if (*p == '?')
		return p;
	c = g_utf8_get_char(p);
	if (!reader_is_word_char(c) || g_unichar_isdigit(c))
		return NULL;
	after = reader_word_end(p);
	if (*after && strchr("/\\", *after) && reader_is_word_char(g_utf8_get_char(after + 1)))
		return NULL;
	return p;
}

bool reader_is_marked(const char *text)
{
	return skip_mark(text) != NULL;
}

/* "@cds_bot" glued to the word. */
static const char *skip_bot_name(const char *p)
{
	if (*p != '@')
		return p;
	p++;
	while (*p && (*p == '_' || reader_is_word_char(g_utf8_get_char(p))))
		p = g_utf8_next_char(p);
	return p;
}

static void head_split_digits(struct head *h, const char *word, const char *before)
{
	const char *digits = h->end;

	while (digits > word && g_unichar_isdigit(g_utf8_get_char(g_utf8_prev_char(digits))))
		digits = g_utf8_prev_char(digits);
	if (digits > word && digits < h->end) {
		g_autofree char *typed = g_strndup(word, (gsize)(digits - word));
		g_autofree char *folded = reader_joined(typed);

		h->letters = g_strconcat(before, folded, NULL);
		h->digits = digits;
	}
}

static void heads_scan(const char *p, struct heads *ret)
{
	g_autoptr(GString) joined = g_string_new(NULL), struck = g_string_new(NULL);

	while (ret->n < JOIN_MAX) {
		struct head *h = &ret->head[ret->n];
		const char *end = reader_word_end(p);
		g_autofree char *typed = g_strndup(p, (gsize)(end - p));
		g_autofree char *folded = reader_joined(typed);
		g_autofree char *plain = NULL;
		g_autofree char *before = g_strdup(joined->str);

		if (!*folded)
			return;
		plain = text_fold_keystrokes(folded);
		g_string_append(joined, folded);
		g_string_append(struck, plain ? plain : folded);
		*h = (struct head){ .n = ++ret->n, .joined = g_strdup(joined->str), .last_len = strlen(folded), .end = end };
		h->rest = skip_bot_name(end);
		if (strcmp(joined->str, struck->str) != 0)
			h->keystrokes = g_strdup(struck->str);
		head_split_digits(h, p, before);
		if (h->rest != end)
			return;
		p = reader_skip_blank(end);
		while (*p == '_' || *p == '-')
			p = reader_skip_blank(p + 1);
	}
}

static void heads_clear(struct heads *h)
{
	for (unsigned i = 0; i < h->n; i++) {
		g_free(h->head[i].joined);
		g_free(h->head[i].keystrokes);
		g_free(h->head[i].letters);
	}
}

/* c may be NULL. */
static char *args_from(const char *rest, const struct command *c)
{
	const char *p = reader_skip_space(rest);
	bool has_minus = c && c->flags & CMD_MINUS;

	/* "/tìm: đài", "/c - Dán mã": the sign only sets the word apart. */
	for (;;) {
		if (has_minus && *p == '-' && p > rest && p[1] && !g_ascii_isspace(p[1]))
			break;
		if (*p && strchr(":=,-", *p))
			p++;
		else if (g_str_has_prefix(p, "：") || g_str_has_prefix(p, "–"))
			p += 3;
		else
			break;
		p = reader_skip_space(p);
	}
	return g_strchomp(g_strdup(p));
}

static void set_word(struct reading *r, const struct heads *h, const char *end)
{
	g_free(r->word);
	r->word = g_strndup(h->start, (gsize)(end - h->start));
}

static bool set_command(struct reading *r, const struct command *c, const struct heads *h, const char *end, const char *rest,
			bool was_corrected)
{
	r->kind = READING_COMMAND;
	r->command = c;
	r->was_corrected = was_corrected;
	set_word(r, h, end);
	g_free(r->args);
	r->args = args_from(rest, c);
	return true;
}

static bool is_doubtful(const struct heads *heads, const struct head *h)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubtful_joins); i++) {
		const char *p = heads->head[0].rest;
		g_autofree char *second = NULL, *third = NULL, *third_folded = NULL;

		if (h->n != 2 || strcmp(doubtful_joins[i].joined, h->joined) != 0)
			continue;
		second = reader_take_word(&p);
		if (!g_str_is_ascii(second))
			return strcmp(second, doubtful_joins[i].second) != 0;
		third = reader_take_word(&p);
		third_folded = text_fold(third);
		return reader_is_in(third_folded, doubtful_joins[i].not_before);
	}
	return false;
}

static const struct command *find_exact(const struct command *const *commands, const struct heads *heads, const struct head *h)
{
	const struct command *c = reader_find(commands, h->joined, h->n > 1);

	return c && is_doubtful(heads, h) ? NULL : c;
}

static bool read_exact(const struct command *const *commands, const struct heads *heads, struct reading *r)
{
	for (unsigned i = heads->n; i-- > 0;) {
		const struct head *h = &heads->head[i];
		const struct command *c = find_exact(commands, heads, h);

		if (c)
			return set_command(r, c, heads, h->end, h->rest, false);
	}
	return false;
}

/* "/x13", "/ok14", "/ap dung12". */
static const struct head *find_glued(const struct command *const *commands, const struct heads *heads, const struct command **ret)
{
	for (unsigned i = heads->n; i-- > 0;) {
		const struct head *h = &heads->head[i];

		*ret = h->letters ? reader_find(commands, h->letters, h->n > 1) : NULL;
		if (*ret)
			return h;
	}
	return NULL;
}

static const struct head *find_keystrokes(const struct command *const *commands, const struct heads *heads,
					  const struct command **ret)
{
	for (unsigned i = heads->n; i-- > 0;) {
		const struct head *h = &heads->head[i];

		*ret = h->keystrokes && strlen(h->keystrokes) >= READER_SLIP_MIN - 1 ? reader_find(commands, h->keystrokes, false)
										     : NULL;
		if (*ret && !((*ret)->flags & CMD_DECIDES) && !((*ret)->brief && strcmp((*ret)->brief, h->keystrokes) == 0))
			return h;
	}
	return NULL;
}

/* A digit after the word is an id's number or a tone key: an id only where the command takes one and none follows. */
static bool read_digits_and_keystrokes(const struct command *const *commands, const struct heads *heads, struct reading *r)
{
	const struct command *glued, *struck;
	const struct head *g = find_glued(commands, heads, &glued), *k = find_keystrokes(commands, heads, &struck);
	const char *prefix, *rest;
	int64_t number;

	if (k && (!g || !glued->implied || reader_id(k->rest, glued->implied, &prefix, &number, &rest)))
		return set_command(r, struck, heads, k->end, k->rest, true);
	if (g)
		return set_command(r, glued, heads, g->digits, g->digits, false);
	return false;
}

static bool take_slips(struct reading *r, GPtrArray *found, const struct heads *heads, const char *end, const char *rest)
{
	const struct command *first = found->len ? found->pdata[0] : NULL;

	if (found->len == 1 && !(first->flags & CMD_DECIDES)) {
		g_ptr_array_unref(found);
		return set_command(r, first, heads, end, rest, true);
	}
	if (found->len == 0) {
		g_ptr_array_unref(found);
		return false;
	}
	/* What publishes, deletes or approves is named to the person, but must be typed. */
	r->kind = found->len == 1 ? READING_UNKNOWN : READING_UNSURE;
	r->candidates = found;
	set_word(r, heads, end);
	g_free(r->args);
	r->args = args_from(rest, NULL);
	return true;
}

static bool read_slips(const struct command *const *commands, const struct heads *heads, struct reading *r)
{
	for (unsigned i = heads->n; i-- > 0;) {
		const struct head *h = &heads->head[i];

		/* A lone letter after the word is rather an argument than the word's last letter. */
		if (h->n > 1 && h->last_len < 2)
			continue;
		if (take_slips(r, reader_slips(commands, h->joined), heads, h->end, h->rest))
			return true;
		if (take_slips(r, reader_slips(commands, h->letters), heads, h->digits, h->digits))
			return true;
	}
	return false;
}

static bool read_open_word(const struct command *const *commands, const struct heads *heads, struct reading *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_words); i++) {
		if (strcmp(open_words[i].word, heads->head[0].joined) != 0)
			continue;
		r->candidates = g_ptr_array_new();
		for (size_t k = 0; commands[k]; k++) {
			if (reader_is_in(commands[k]->name, open_words[i].commands))
				g_ptr_array_add(r->candidates, (gpointer)commands[k]);
		}
		r->kind = r->candidates->len > 1 ? READING_UNSURE : READING_UNKNOWN;
		set_word(r, heads, heads->head[0].end);
		g_free(r->args);
		r->args = args_from(heads->head[0].rest, NULL);
		return true;
	}
	return false;
}

/* Nothing but ids: "tb 7", "SK14", "#14"; "SK13, SK14", "SK13, 14". */
static bool read_id(const char *text, struct reading *r)
{
	const char *id = text, *implied = *text == '#' ? "SK" : NULL, *prefix, *rest;
	int64_t number;

	while (id && reader_id(id, implied, &prefix, &number, &rest)) {
		if (reader_is_filler(rest)) {
			r->kind = READING_ID;
			return true;
		}
		implied = strcmp(prefix, "SK") == 0 ? prefix : NULL;
		id = reader_id_next(rest, implied);
	}
	return false;
}

static void read_marked(const struct command *const *commands, const char *p, struct reading *r)
{
	struct heads heads = { .start = p };

	r->has_slash = true;
	if (*p == '?') {
		const struct command *help = reader_find(commands, "?", false);

		if (help)
			set_command(r, help, &heads, p + 1, p + 1, false);
		return;
	}
	heads_scan(p, &heads);
	if (heads.n > 0 && !read_exact(commands, &heads, r) && !read_digits_and_keystrokes(commands, &heads, r)) {
		if (read_id(p, r)) {
			g_free(r->args);
			r->args = g_strchomp(g_strdup(p));
		} else if (!read_open_word(commands, &heads, r) && !read_slips(commands, &heads, r)) {
			r->kind = READING_UNKNOWN;
			set_word(r, &heads, heads.head[0].end);
			g_free(r->args);
			r->args = args_from(heads.head[0].rest, NULL);
			r->candidates = reader_nearest(commands, heads.head[0].joined);
		}
	}
	heads_clear(&heads);
}

static enum typed_as typed_as(const struct command *c, const char *folded)
{
	if (strcmp(c->name, folded) == 0)
		return TYPED_NAME;
	return c->brief && strcmp(c->brief, folded) == 0 ? TYPED_BRIEF : TYPED_OTHER;
}

static bool try_unmarked(const struct command *const *commands, const struct command *c, const char *folded, const char *rest)
{
	g_autofree char *args = args_from(rest, c);

	return c && !(c->flags & CMD_DECIDES) && reader_fits(commands, c, typed_as(c, folded), folded, args);
}

static void read_unmarked(const struct command *const *commands, const char *p, struct reading *r)
{
	struct heads heads = { .start = p };
	const struct command *c = reader_find(commands, "?", false);

	if (read_id(p, r) || reader_begins_with_label(p))
		return;
	if (c && p[strspn(p, "? ")] == '\0') {
		set_command(r, c, &heads, p + strlen(p), p + strlen(p), false);
		return;
	}
	heads_scan(p, &heads);
	for (unsigned i = heads.n; i-- > 0 && r->kind == READING_TEXT;) {
		const struct head *h = &heads.head[i];

		c = find_exact(commands, &heads, h);
		if (try_unmarked(commands, c, h->joined, h->rest)) {
			set_command(r, c, &heads, h->end, h->rest, false);
			if (reader_is_filler(r->args))
				*r->args = '\0';
		}
		/* Glued only where a misreading does no harm: "A12" is a room. */
		c = h->n == 1 && h->letters && r->kind == READING_TEXT ? reader_find(commands, h->letters, false) : NULL;
		if (c && (c->flags & CMD_READS) && try_unmarked(commands, c, h->letters, h->digits))
			set_command(r, c, &heads, h->digits, h->digits, false);
	}
	heads_clear(&heads);
}

static bool is_readable(const char *text)
{
	g_autofree char *folded = text_fold(text);

	return *folded || strchr(text, '?');
}

void reader_read(const struct command *const *commands, const char *text, bool in_private, bool is_addressed, bool slash_only,
		 struct reading *ret)
{
	const char *p = reader_skip_space(text), *word = skip_mark(p);

	memset(ret, 0, sizeof(*ret));
	ret->kind = is_readable(p) ? READING_TEXT : READING_EMPTY;
	ret->args = g_strchomp(g_strdup(p));
	if (ret->kind == READING_EMPTY)
		return;
	if (word)
		read_marked(commands, word, ret);
	else if ((in_private || is_addressed) && !slash_only)
		read_unmarked(commands, p, ret);
}

void reading_clear(struct reading *r)
{
	g_free(r->word);
	g_free(r->args);
	if (r->candidates)
		g_ptr_array_unref(r->candidates);
	memset(r, 0, sizeof(*r));
}
