/* SPDX-License-Identifier: MIT */
/* Makes queries of each class. */
#include <string.h>

#include "base/macros.h"
#include "bot/item_type.h"
#include "bot/search_filters.h"

#include "classes.h"
#include "recombine.h"
#include "variety.h"

void sampler_init(struct sampler *s, struct db *db, const struct registry *r, uint64_t seed)
{
	g_autoptr(GError) error = NULL;

	*s = (struct sampler){ .db = db, .registry = r, .state = seed };
	g_assert_true(db_run_int64(db_prepare(db, "SELECT max(id) FROM item"), 0, &s->last_id, &error));
	g_assert_cmpint(s->last_id, >, 0);
}

void sampler_item(struct sampler *s, char **ret_title, char **ret_body)
{
	g_autoptr(GError) error = NULL;
	enum db_step step;

	do {
		struct db_stmt *st = db_prepare(s->db, "SELECT title, body FROM item WHERE id = $1");

		db_bind_int64(st, 1, 1 + (int64_t)(chance_next(&s->state) % (uint64_t)s->last_id));
		step = db_step(st, &error);
		g_assert_no_error(error);
		if (step == DB_ROW) {
			*ret_title = db_col_dup(st, 0);
			*ret_body = db_col_dup(st, 1);
		}
		db_finish(st);
	} while (step != DB_ROW);
}

/* Lower case, cut at whatever is no letter and no digit. */
static GPtrArray *words_of(const char *text)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *lower = g_utf8_strdown(text, -1);
	const char *from = NULL, *c;

	for (c = lower; *c; c = g_utf8_next_char(c)) {
		const bool is_word = g_unichar_isalnum(g_utf8_get_char(c)) || g_unichar_ismark(g_utf8_get_char(c));

		if (is_word && !from)
			from = c;
		if (!is_word && from) {
			g_ptr_array_add(all, g_strndup(from, (gsize)(c - from)));
			from = NULL;
		}
	}
	if (from)
		g_ptr_array_add(all, g_strdup(from));
	return all;
}

/* least to most words that stand together in some body; fewer where the body has fewer. */
static GPtrArray *run_of(struct sampler *s, unsigned least, unsigned most)
{
	g_autofree char *title = NULL, *body = NULL;
	unsigned n = least + chance_below(&s->state, most - least + 1), at;
	GPtrArray *all;

	sampler_item(s, &title, &body);
	all = words_of(body);
	n = MIN(n, all->len);
	at = chance_below(&s->state, all->len - n + 1);
	g_ptr_array_remove_range(all, at + n, all->len - at - n);
	if (at > 0)
		g_ptr_array_remove_range(all, 0, at);
	return all;
}

static char *join(const GPtrArray *words)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < words->len; i++)
		g_string_append_printf(s, "%s%s", i ? " " : "", (char *)g_ptr_array_index(words, i));
	return g_string_free(s, FALSE);
}

static bool is_tone(gunichar u)
{
	return u == 0x300 || u == 0x301 || u == 0x303 || u == 0x309 || u == 0x323;
}

static char telex_key(gunichar tone)
{
	static const struct {
		gunichar tone;
		char key;
	} keys[] = { { 0x300, 'f' }, { 0x301, 's' }, { 0x309, 'r' }, { 0x303, 'x' }, { 0x323, 'j' } };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].tone == tone)
			return keys[i].key;
	}
	return '\0';
}

/* Without marks, or as keys of Telex with the tone at the end of the word. */
static char *retype(const char *word, bool telex)
{
	g_autofree char *apart = g_utf8_normalize(word, -1, G_NORMALIZE_NFD);
	GString *out = g_string_new(NULL);
	char late = '\0';

	for (const char *c = apart; c && *c; c = g_utf8_next_char(c)) {
		const gunichar u = g_utf8_get_char(c);

		if (u == 0x111)
			g_string_append(out, telex ? "dd" : "d");
		else if (!g_unichar_ismark(u))
			g_string_append_unichar(out, u);
		else if (telex && is_tone(u))
			late = telex_key(u);
		else if (telex && out->len > 0)
			g_string_append_c(out, u == 0x302 ? out->str[out->len - 1] : 'w');
	}
	if (late)
		g_string_append_c(out, late);
	return g_string_free(out, FALSE);
}

static char *retyped_run(struct sampler *s, bool telex)
{
	g_autoptr(GPtrArray) words = run_of(s, 3, 6);

	for (guint i = 0; i < words->len; i++) {
		char *word = retype(g_ptr_array_index(words, i), telex);

		g_free(g_ptr_array_index(words, i));
		g_ptr_array_index(words, i) = word;
	}
	return join(words);
}

static const char *const common[] = { "số", "quy", "định", "và", "công", "người", "nhà", "pháp", "thông", "quản" };

static char *make_one_common(struct sampler *s)
{
	return g_strdup(common[chance_below(&s->state, ARRAY_SIZE(common))]);
}

static char *make_two_common(struct sampler *s)
{
	const unsigned a = chance_below(&s->state, ARRAY_SIZE(common));
	const unsigned b = (a + 1 + chance_below(&s->state, ARRAY_SIZE(common) - 1)) % ARRAY_SIZE(common);

	return g_strdup_printf("%s %s", common[a], common[b]);
}

/* Words of one body that do not stand together. */
static char *make_question(struct sampler *s)
{
	g_autoptr(GPtrArray) words = run_of(s, 24, 24);

	for (guint i = words->len; i > 0 && words->len > 6; i--) {
		if (i % 4 != 1)
			g_ptr_array_remove_index(words, i - 1);
	}
	return join(words);
}

static char *make_prefix(struct sampler *s)
{
	g_autofree char *title = NULL, *body = NULL, *text = NULL;
	g_autoptr(GPtrArray) words = NULL;

	sampler_item(s, &title, &body);
	words = words_of(title);
	if (words->len > 3)
		g_ptr_array_set_size(words, 3);
	text = join(words);
	/* The last word is not finished. */
	return g_utf8_substring(text, 0, MAX(g_utf8_strlen(text, -1) - 1, 1));
}

static char *make_title(struct sampler *s)
{
	g_autofree char *body = NULL;
	char *title;

	sampler_item(s, &title, &body);
	return title;
}

static char *make_no_marks(struct sampler *s)
{
	return retyped_run(s, false);
}

static char *make_telex(struct sampler *s)
{
	return retyped_run(s, true);
}

/* A letter too few in one of the words. */
static char *make_typo(struct sampler *s)
{
	g_autoptr(GPtrArray) words = run_of(s, 3, 5);
	char **longest = NULL;

	for (guint i = 0; i < words->len; i++) {
		char **w = (char **)&g_ptr_array_index(words, i);

		if (!longest || strlen(*w) > strlen(*longest))
			longest = w;
	}
	if (longest && g_utf8_strlen(*longest, -1) > 2) {
		char *at = g_utf8_offset_to_pointer(*longest, 1);

		memmove(at, g_utf8_next_char(at), strlen(g_utf8_next_char(at)) + 1);
	}
	return join(words);
}

static char *make_abbreviation(struct sampler *s)
{
	static const char *const briefs[] = { "CĐS", "UBND tỉnh", "dvctt", "HĐND", "csdl", "TTHC", "bhxh", "CNTT" };
	g_autoptr(GPtrArray) words = run_of(s, 1, 2);
	g_autofree char *rest = join(words);

	return g_strdup_printf("%s %s", briefs[chance_below(&s->state, ARRAY_SIZE(briefs))], rest);
}

/* --- with filters --- */

/* The words with the filters behind them, as a line to copy has them; takes the words. */
static char *filtered(char *words, const struct search_filters *f)
{
	char *line = search_filters_line(f, words);

	g_free(words);
	return line;
}

static const struct unit *any_unit(struct sampler *s)
{
	const GPtrArray *all = registry_units(s->registry);

	return g_ptr_array_index(all, chance_below(&s->state, all->len));
}

static const struct field *any_field(struct sampler *s)
{
	const GPtrArray *all = registry_fields(s->registry);

	return g_ptr_array_index(all, chance_below(&s->state, all->len));
}

static int any_year(struct sampler *s)
{
	return VARIETY_YEAR_FIRST + (int)chance_below(&s->state, VARIETY_YEAR_LAST - VARIETY_YEAR_FIRST + 1);
}

static void type_take(struct sampler *s, struct search_filters *f)
{
	static const struct {
		const char *name;
		int kind;
	} kinds[] = { { "câu chuyện", ITEM_STORY }, { "địa chỉ đỏ", ITEM_EXEMPLAR }, { NULL, -1 } };
	const unsigned at = chance_below(&s->state, ARRAY_SIZE(kinds));

	f->kind = kinds[at].kind;
	f->type_name = kinds[at].name ? kinds[at].name : item_types[chance_below(&s->state, g_strv_length((char **)item_types))];
}

/* One filter of any sort, each value as likely as the other: the rare ones are asked for as often as the frequent ones. */
static char *with_any_filter(struct sampler *s, char *words)
{
	struct search_filters f = { .kind = -1 };

	switch (chance_below(&s->state, 4)) {
	case 0:
		f.unit = any_unit(s);
		break;
	case 1:
		f.field = any_field(s);
		break;
	case 2:
		f.year = any_year(s);
		break;
	default:
		type_take(s, &f);
	}
	return filtered(words, &f);
}

static char *make_filter_common(struct sampler *s)
{
	return with_any_filter(s, make_one_common(s));
}

static char *make_filter_two_common(struct sampler *s)
{
	return with_any_filter(s, make_two_common(s));
}

static char *make_filter_question(struct sampler *s)
{
	return with_any_filter(s, make_question(s));
}

/* A unit's items of one of the early years, of one field. */
static char *make_few_common(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .unit = any_unit(s), .field = any_field(s),
					  .year = VARIETY_YEAR_FIRST + (int)chance_below(&s->state, 3) };

	return filtered(make_one_common(s), &f);
}

static char *make_rare_unit_common(struct sampler *s)
{
	const struct search_filters f = { .kind = -1,
					  .unit = variety_rare_unit(s->registry, chance_below(&s->state, VARIETY_RARE_UNITS)) };

	return filtered(make_one_common(s), &f);
}

static char *make_waiting_common(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .status_name = "chờ duyệt" };

	return filtered(make_one_common(s), &f);
}

static char *make_unit_alone(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .unit = any_unit(s) };

	return search_filters_line(&f, "");
}

static char *make_field_alone(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .field = any_field(s) };

	return search_filters_line(&f, "");
}

static char *make_year_alone(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .year = any_year(s) };

	return search_filters_line(&f, "");
}

static char *make_type_alone(struct sampler *s)
{
	struct search_filters f = { .kind = -1 };

	type_take(s, &f);
	return search_filters_line(&f, "");
}

static char *make_unit_year_alone(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .unit = any_unit(s), .year = any_year(s) };

	return search_filters_line(&f, "");
}

static char *make_waiting_alone(struct sampler *s)
{
	const struct search_filters f = { .kind = -1, .status_name = "chờ duyệt" };

	return search_filters_line(&f, "");
}

/* --- with signs --- */

static char *make_minus(struct sampler *s)
{
	g_autofree char *two = make_two_common(s);
	char **words = g_strsplit(two, " ", 2);
	char *line = g_strdup_printf("%s -%s", words[0], words[1]);

	g_strfreev(words);
	return line;
}

static char *make_quoted(struct sampler *s)
{
	g_autoptr(GPtrArray) words = run_of(s, 3, 4);
	g_autofree char *run = join(words);

	return g_strdup_printf("\"%s\"", run);
}

static char *make_nothing(struct sampler *s)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 14; i++)
		g_string_append_c(text, i % 7 == 6 ? ' ' : (char)('a' + chance_below(&s->state, 26)));
	return g_string_free(text, FALSE);
}

const struct query_class query_classes[] = {
	{ "one common syllable", make_one_common, false },
	{ "two common syllables", make_two_common, false },
	{ "six-syllable question", make_question, false },
	{ "prefix", make_prefix, false },
	{ "exact title", make_title, false },
	{ "no diacritics", make_no_marks, false },
	{ "telex", make_telex, false },
	{ "typo", make_typo, false },
	{ "abbreviation", make_abbreviation, false },
	{ "nothing found", make_nothing, false },
	{ "filter, common syllable", make_filter_common, false },
	{ "filter, two common syllables", make_filter_two_common, false },
	{ "filter, six-syllable question", make_filter_question, false },
	{ "dv: lv: nam:, common syllable", make_few_common, false },
	{ "rare dv:, common syllable", make_rare_unit_common, false },
	{ "tt: waiting, common syllable", make_waiting_common, true },
	{ "dv: alone", make_unit_alone, false },
	{ "lv: alone", make_field_alone, false },
	{ "nam: alone", make_year_alone, false },
	{ "loai: alone", make_type_alone, false },
	{ "dv: nam: alone", make_unit_year_alone, false },
	{ "tt: waiting alone", make_waiting_alone, true },
	{ "minus, common syllable", make_minus, false },
	{ "quoted phrase", make_quoted, false },
};
const unsigned query_classes_n = ARRAY_SIZE(query_classes);
