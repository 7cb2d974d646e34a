/* SPDX-License-Identifier: MIT */
/* Any bytes as a query: random ones, pieces of MATCH and SQL syntax, spoilt words, marks upon marks, very long ones. None is an error, none
 * finds what may not be seen, none changes the database. The same seed makes the same queries; --seed of GLib's test programs makes
 * others. */
#include "base/text.h"
#include "domain_fixture.h"

#define ROUNDS 100
#define ROUNDS_SLOW 5000 /* with -m slow */
#define PIECES_MAX 24
#define LONG_BYTES 8000
#define LIMIT 10

/* Pieces that mean something to FTS5, to SQL, to the query reader, to Unicode. */
static const char *const pieces[] = {
	"\"", "\"\"", "'", "''", "*", "^", ":", "(", ")", "{", "}", "+", "-", ",", ";", "\\", "%", "_", "?1", "$1", "@x", "--", "/*", "*/",
	" AND ", " OR ", " NOT ", " NEAR(", "NEAR/3", "title:", "{title body}:", "- title:", "rank", "rowid", "search_index",
	"MATCH", "'; DROP TABLE item; --", "UNION SELECT 1", "dv:", "lv:", "nam:", "năm:", "loai:", "tt:", "nam:99999999999999999999", "dv:\"",
	"SK1", "sk 0", "SK-99999999999999999999", "14", "-1", "1e999", "0x41", "122/KH-UBND", "QĐ 922/QĐ-BTTTT", "CĐS", "TT&TT", "1 cửa",
	"đài", "truyền", "thanh", "ddaif", "truye6n2", "d9", "ươưươ", "kĩ", "hoà", "của", "và", "a", "x",
	"\xCC\x81", "\xCC\xA3", "\xCC\x9B", "e\xCC\x82\xCC\x81\xCC\xA3\xCC\x81", "\xE2\x80\x8B", "\xE2\x80\x8F", "\xEF\xBB\xBF", "\xC2\xA0",
	"\xFF", "\xC3", "\xE1\xBA", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\x80", "🙂", "ﬁ", "①", "İ", "ß", "ｓｋ１", "中文", "\n", "\t", "\r",
	"\x01", "\x7F", " ", " ", " ",
};

/* In order, within the text, never inside a grapheme. */
static void assert_marks(const char *text, const GArray *marks)
{
	size_t len = strlen(text), boundary = 0, from = 0;

	for (guint i = 0; i < marks->len; i++) {
		const struct search_mark *m = &g_array_index(marks, struct search_mark, i);

		g_assert_true(m->start >= from && m->len > 0 && m->start + m->len <= len);
		while (boundary < m->start)
			boundary = text_next_grapheme(text, len, boundary);
		g_assert_cmpuint(boundary, ==, m->start);
		while (boundary < m->start + m->len)
			boundary = text_next_grapheme(text, len, boundary);
		g_assert_cmpuint(boundary, ==, m->start + m->len);
		from = m->start + m->len;
	}
}

/* A query is no error, gives no more than asked for, and says of each hit who it is. */
static void ask(struct fixture *f, const char *text)
{
	const struct search_query q = { .text = text, .kind = -1, .limit = LIMIT };
	g_autofree char *printable = g_strescape(text, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hits = NULL, near = NULL, meant = NULL;
	struct search_note note = { .total = -1 };

	if (strlen(printable) < 400)
		g_test_message("%s", printable);
	hits = store_search(f->db, f->registry, &q, &note, &error);
	g_assert_no_error(error);
	g_assert_nonnull(hits);
	g_assert_cmpuint(hits->len, <=, LIMIT);
	g_assert_cmpint(note.total, >=, hits->len);
	for (guint i = 0; i < hits->len; i++) {
		const struct search_hit *h = g_ptr_array_index(hits, i);

		g_assert_cmpstr(h->title, !=, NULL);
		g_assert_null(strstr(h->title, "mật"));
		g_assert_true(g_utf8_validate(h->snippet, -1, NULL));
		assert_marks(h->snippet, h->snippet_marks);
		assert_marks(h->title, h->title_marks);
	}
	search_note_clear(&note);
	meant = store_search_suggest(f->db, f->registry, &q, LIMIT, &error);
	g_assert_no_error(error);
	g_assert_nonnull(meant);
	near = store_search_similar(f->db, f->registry, text, NULL, 0, LIMIT, &error);
	g_assert_no_error(error);
	g_assert_nonnull(near);
}

/* Asked outside a transaction: one that wrote would abort. */
static void open_with_secret(struct fixture *f)
{
	fixture_open(f);
	seeds_load_all(f);
	item_put(f, "Điều bí mật", "đài truyền thanh a x của và 14", NULL, f->lan, ITEM_WAITING);
	g_assert_true(db_commit(f->db, NULL));
}

static void close_with_secret(struct fixture *f)
{
	g_assert_true(db_begin(f->db, NULL));
	fixture_close(f);
}

static int rounds(void)
{
	return g_test_slow() ? ROUNDS_SLOW : ROUNDS;
}

static void test_random_bytes(void)
{
	struct fixture f;

	open_with_secret(&f);
	for (int i = 0; i < rounds(); i++) {
		char text[64];
		const int n = g_test_rand_int_range(0, sizeof(text));

		for (int k = 0; k < n; k++)
			text[k] = (char)g_test_rand_int_range(1, 256);
		text[n] = '\0';
		ask(&f, text);
	}
	close_with_secret(&f);
}

static void test_pieces_of_syntax(void)
{
	struct fixture f;
	int64_t before;

	open_with_secret(&f);
	before = db_total_changes(f.db);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		ask(&f, pieces[i]);
	for (int i = 0; i < rounds(); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		const int n = g_test_rand_int_range(1, PIECES_MAX);

		for (int k = 0; k < n; k++)
			g_string_append(text, pieces[g_test_rand_int_range(0, ARRAY_SIZE(pieces))]);
		ask(&f, text->str);
	}
	g_assert_cmpint(db_total_changes(f.db), ==, before);
	close_with_secret(&f);
}

/* A good query with a few bytes changed, cut or put in. */
static void test_spoilt_words(void)
{
	static const char *const good[] = { "đài truyền thanh thông minh", "ddaif truyeenf thanh", "mã QR ở bộ phận 1 cửa",
					    "\"truyền thanh\" -loa dv:vuban nam:2023", "to\xCC\x82i muo\xCC\x82\xCC\x81n" };
	struct fixture f;

	open_with_secret(&f);
	for (int i = 0; i < rounds(); i++) {
		g_autoptr(GString) text = g_string_new(good[i % (int)ARRAY_SIZE(good)]);

		for (int k = g_test_rand_int_range(1, 5); k > 0; k--) {
			const int at = g_test_rand_int_range(0, (int)text->len);

			if (g_test_rand_bit())
				text->str[at] = (char)g_test_rand_int_range(1, 256);
			else if (g_test_rand_bit())
				g_string_insert(text, at, pieces[g_test_rand_int_range(0, ARRAY_SIZE(pieces))]);
			else if (text->len > 1)
				g_string_erase(text, at, 1);
		}
		ask(&f, text->str);
	}
	close_with_secret(&f);
}

/* Each piece again and again: nesting, marks on one letter, a word without an end, thousands of words. */
static void test_long_ones(void)
{
	struct fixture f;

	open_with_secret(&f);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		g_autoptr(GString) text = g_string_new("a");

		while (text->len < LONG_BYTES)
			g_string_append(text, pieces[i]);
		ask(&f, text->str);
	}
	close_with_secret(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/search-bytes/random", test_random_bytes);
	g_test_add_func("/store/search-bytes/pieces", test_pieces_of_syntax);
	g_test_add_func("/store/search-bytes/spoilt", test_spoilt_words);
	g_test_add_func("/store/search-bytes/long", test_long_ones);
	return g_test_run();
}
