/* SPDX-License-Identifier: MIT */
/* Reads "các huyện, tp; Sở Y tế" into units. Does not know members: whom a unit's announcement reaches is the store's matter. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "registry_impl.h"

/* Names such as "Sở Văn hóa, Thể thao và Du lịch" run over so many pieces. */
#define RUN_MAX 4
/* A list longer than this is no list of units. */
#define PIECES_MAX 200

static const char *const all_words[] = {
	"all",
	"tat ca",
	"toan bo",
	"tat ca don vi",
	"tat ca cac don vi",
	"toan bo don vi",
	"toan bo cac don vi",
	"cac don vi",
	"moi don vi",
	"tat ca thanh vien",
	"moi thanh vien",
	"cac thanh vien",
	"moi nguoi",
	"tat ca moi nguoi",
	"ca nhom",
	"toan nhom",
	"toan tinh",
	"ca tinh",
};
/* Words in front of a group's name. */
static const char *const group_openers[] = { "tat ca", "toan bo", "cac", "moi", "ubnd" };
/* Collective names that are no kind themselves. A kind's own name ("so", "huyen", "thanh pho") needs no row. */
static const struct {
	const char *words, *kinds;
} groups[] = {
	{ "huyen thanh pho", "huyen;thanh_pho" },
	{ "huyen thi xa thanh pho", "huyen;thanh_pho" },
	{ "dia phuong", "huyen;thanh_pho" },
	{ "cap huyen", "huyen;thanh_pho" },
	{ "nganh", "thanh_tra;van_phong;ban_quan_ly;nganh_doc" },
	{ "ban nganh", "thanh_tra;van_phong;ban_quan_ly;nganh_doc" },
	{ "so nganh", "so;thanh_tra;van_phong;ban_quan_ly;nganh_doc" },
	{ "so ban nganh", "so;thanh_tra;van_phong;ban_quan_ly;nganh_doc" },
	{ "doan the", "doan_the" },
	{ "co quan dang", "dang" },
	{ "ban dang", "dang" },
	{ "luc luong vu trang", "luc_luong" },
	{ "co quan bao chi", "truyen_thong" },
	{ "bao dai", "truyen_thong" },
};

enum pick_flags {
	PICK_SLIP = 1, /* one wrong letter is forgiven */
	PICK_RUN = 2,  /* several pieces: only a listed name counts, "Vụ Bản, Nam Định" is no long form of Vụ Bản */
	PICK_DRY = 4   /* mark nothing, only say */
};

struct reading {
	const struct registry *r;
	GHashTable *picked; /* const struct unit* */
	bool is_plural;     /* a "các" was read: it carries over to the next pieces ("các sở, ban, ngành") */
};

static bool is_all(const char *text)
{
	g_auto(GStrv) words = names_words(text);
	g_autofree char *joined = g_strjoinv(" ", words);

	for (size_t i = 0; i < ARRAY_SIZE(all_words); i++) {
		if (strcmp(joined, all_words[i]) == 0)
			return true;
	}
	return false;
}

/* Kinds that a group's name means, NULL-terminated; NULL if it is none. */
static char **group_kinds(const struct registry *r, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (strcmp(name, groups[i].words) == 0)
			return g_strsplit(groups[i].kinds, ";", -1);
	}
	for (guint i = 0; i < r->units->len; i++) {
		const struct unit *u = g_ptr_array_index(r->units, i);
		g_autofree char *kind = g_strdelimit(g_strdup(u->kind), "_", ' ');

		if (strcmp(kind, name) == 0)
			return g_strsplit(u->kind, ";", -1);
	}
	return NULL;
}

/* The group's name without "các" and its like; *ret_plural if there was one. Caller frees. */
static char *group_name(const char *text, bool *ret_plural)
{
	g_auto(GStrv) words = names_words(text);
	g_autofree char *joined = g_strjoinv(" ", words);
	const char *p = joined;
	bool is_cut = true;

	while (is_cut) {
		is_cut = false;
		for (size_t i = 0; i < ARRAY_SIZE(group_openers); i++) {
			size_t len = strlen(group_openers[i]);

			if (g_str_has_prefix(p, group_openers[i]) && p[len] == ' ') {
				*ret_plural |= strcmp(group_openers[i], "ubnd") != 0;
				p += len + 1;
				is_cut = true;
			}
		}
		/* "9 huyện" */
		if (g_ascii_isdigit(*p) && strchr(p, ' ')) {
			p = strchr(p, ' ') + 1;
			*ret_plural = is_cut = true;
		}
	}
	return g_strdup(p);
}

/* A group that may be named without "các": nobody means anything else by these. */
static bool is_plain_group(const char *name)
{
	return strcmp(name, "so") == 0 || strcmp(name, "huyen") == 0 || strcmp(name, "thanh pho") == 0 ||
	       g_str_has_prefix(name, "huyen thanh pho") || g_str_has_prefix(name, "so ban") || g_str_has_prefix(name, "so nganh");
}

/* Marks the units of a piece. False if it is neither a unit nor a group. */
static bool pick(struct reading *w, const char *piece, unsigned flags)
{
	const GPtrArray *named = flags & PICK_RUN ? names_find(w->r->unit_names, piece) : registry_units_named(w->r, piece);
	bool is_dry = flags & PICK_DRY;
	bool is_plural = w->is_plural;
	g_autofree char *name = group_name(piece, &is_plural);
	g_auto(GStrv) kinds = group_kinds(w->r, name);
	const struct unit *slipped;
	struct unit_match m;

	if (named && named->len == 1) {
		if (!is_dry)
			g_hash_table_add(w->picked, g_ptr_array_index(named, 0));
		return true;
	}
	if (kinds && (is_plural || is_plain_group(name))) {
		for (guint i = 0; i < w->r->units->len && !is_dry; i++) {
			struct unit *u = g_ptr_array_index(w->r->units, i);

			if (g_strv_contains((const char *const *)kinds, u->kind))
				g_hash_table_add(w->picked, u);
		}
		if (!is_dry)
			w->is_plural = is_plural;
		return true;
	}
	if (named || !(flags & PICK_SLIP))
		return false;
	registry_match_unit(w->r, piece, &m);
	slipped = m.unit;
	unit_match_clear(&m);
	if (slipped && !is_dry)
		g_hash_table_add(w->picked, (gpointer)slipped);
	return slipped != NULL;
}

/* A piece of the list and where it lies in the text. */
struct piece {
	const char *start, *end;
};

static void piece_add(GArray *pieces, const char *start, const char *end)
{
	while (start < end && g_ascii_isspace(*start))
		start++;
	while (end > start && g_ascii_isspace(end[-1]))
		end--;
	if (end > start)
		g_array_append_vals(pieces, &(struct piece){ start, end }, 1);
}

/* Length of a separator at p: a sign, or the word "và" between spaces; 0 if there is none. */
static size_t separator_len(const char *text, const char *p)
{
	static const char *const ands[] = { "và ", "va ", "Và ", "VÀ ", "VA ", "va\xCC\x80 " };

	if (strchr(",;/+\n", *p))
		return 1;
	if (p == text || !g_ascii_isspace(p[-1]))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(ands); i++) {
		if (g_str_has_prefix(p, ands[i]))
			return strlen(ands[i]) - 1;
	}
	return 0;
}

static GArray *split_pieces(const char *text)
{
	GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	const char *start = text, *p = text;

	while (*p) {
		size_t n = separator_len(text, p);

		if (n > 0) {
			piece_add(pieces, start, p);
			p += n;
			start = p;
		} else {
			p = g_utf8_next_char(p);
		}
	}
	piece_add(pieces, start, p);
	return pieces;
}

static char *span(const GArray *pieces, guint from, guint to)
{
	const char *start = g_array_index(pieces, struct piece, from).start, *end = g_array_index(pieces, struct piece, to).end;

	return g_strndup(start, (gsize)(end - start));
}

static bool is_each_clear(struct reading *w, const GArray *pieces, guint from, guint to)
{
	for (guint i = from; i <= to; i++) {
		g_autofree char *one = span(pieces, i, i);

		if (!pick(w, one, PICK_DRY))
			return false;
	}
	return true;
}

/* Marks what begins at piece `from`; the number of pieces used, 0 if it is not understood. Runs go first, because names contain
 * commas and "và"; but not over pieces that mean something each. */
static guint pick_run(struct reading *w, const GArray *pieces, guint from)
{
	g_autofree char *one = span(pieces, from, from);

	for (guint n = MIN(RUN_MAX, pieces->len - from); n > 1; n--) {
		g_autofree char *run = span(pieces, from, from + n - 1);

		if (!is_each_clear(w, pieces, from, from + n - 1) && pick(w, run, PICK_RUN))
			return n;
	}
	return pick(w, one, PICK_SLIP) ? 1 : 0;
}

static GPtrArray *codes_in_order(const struct reading *w, bool everybody)
{
	GPtrArray *codes = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < w->r->units->len; i++) {
		const struct unit *u = g_ptr_array_index(w->r->units, i);

		if (everybody || g_hash_table_contains(w->picked, u))
			g_ptr_array_add(codes, g_strdup(u->code));
	}
	return codes;
}

GPtrArray *registry_match_audience(const struct registry *r, const char *typed, bool *ret_all, char **ret_unclear)
{
	g_autoptr(GHashTable) picked = g_hash_table_new(NULL, NULL);
	struct reading w = { .r = r, .picked = picked };
	g_autoptr(GArray) pieces = split_pieces(typed);
	g_autofree char *trimmed = g_strstrip(g_strdup(typed));

	*ret_all = is_all(trimmed);
	*ret_unclear = NULL;
	if (*ret_all)
		return codes_in_order(&w, true);
	if (pieces->len == 0 || pieces->len > PIECES_MAX) {
		*ret_unclear = text_ellipsize(trimmed, 60);
		return NULL;
	}
	for (guint i = 0; i < pieces->len;) {
		g_autofree char *one = span(pieces, i, i);
		guint used;

		if (is_all(one)) {
			*ret_all = true;
			return codes_in_order(&w, true);
		}
		used = pick_run(&w, pieces, i);
		if (used == 0) {
			*ret_unclear = text_ellipsize(one, 60);
			return NULL;
		}
		i += used;
	}
	return codes_in_order(&w, false);
}
