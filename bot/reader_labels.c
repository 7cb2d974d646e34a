/* SPDX-License-Identifier: MIT */
/* Labelled lines ("ĐV: …", "hieu qua- …", "tien do 60%"). Does not judge the values. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

/* Longer beginnings of a line are sentences. */
#define LABEL_WORDS_MAX 6
#define LABEL_BYTES_MAX 120
#define UNKNOWN_WORDS_MAX 4
/* A label of so many letters may have one wrong. */
#define LABEL_SLIP_MIN 6

/* words: folded, spaces taken out, because people type "noidung" and "noi dung". has_number: "kinh phi 3tr" needs no sign between.
 */
static const struct label {
	const char *key, *name, *words;
	bool has_number;
} labels[] = {
	{ "ten", "tên sáng kiến", "ten tensk tengp tieude td tensangkien tengiaiphap tenmohinh tensangkiengiaiphap sangkien",
	  false },
	{ "noidung", "nội dung",
	  "noidung nd cachlam giaiphap mota noidunggiaiphap noidungsangkien noidungthuchien motagiaiphap cachthuchien", false },
	{ "donvi", "đơn vị", "donvi dv dvi coquan cq donviapdung donvithuchien tendonvi", false },
	{ "linhvuc", "lĩnh vực", "linhvuc lv nganh linhvucapdung", false },
	{ "loai", "loại", "loai hinhthuc", false },
	{ "tacgia", "tác giả", "tacgia nhomtacgia nguoithuchien tacgianhom", false },
	{ "diaban", "địa bàn", "diaban xa huyen noiapdung", false },
	{ "thuctrang", "thực trạng", "thuctrang hientrang vande truocday khokhan", false },
	{ "hieuqua", "hiệu quả", "hieuqua hq ketqua kq loiich hieuquamanglai hieuquadatduoc ketquadatduoc", true },
	{ "nhanrong", "khả năng nhân rộng", "nhanrong khanangnhanrong khanangapdung phamvi", false },
	{ "dieukien", "điều kiện áp dụng", "dieukien dk yeucau canco dieukienapdung", false },
	{ "chiphi", "chi phí", "chiphi kinhphi kp nguonluc chiphinguonluc", true },
	{ "tungay", "bắt đầu áp dụng", "tungay apdungtu batdau batdauapdung thoigian thoigianapdung", true },
	{ "baihoc", "bài học", "baihoc kinhnghiem rutkinhnghiem baihockinhnghiem", false },
	{ "lienhe", "liên hệ", "lienhe lh daumoi sdt daumoilienhe nguoilienhe sodienthoai dienthoai dt", true },
	{ "tailieu", "tài liệu", "tailieu link file dinhkem tailieulienket lienket", false },
	{ "nhiemvu", "nhiệm vụ", "nhiemvu nv nhiemvulienquan", true },
};

/* They open lines of content and are no labels that somebody got wrong; words between bars. */
static const char no_labels[] =
#include "reader_no_labels.def"
	;
/* "tg" is tác giả or thời gian: what follows decides. */
#define DOUBTFUL_LABEL "tg"

/* A line taken apart. */
struct label_hit {
	const char *key;
	const char *value; /* in the line */
};

struct extra_label {
	const char *key; /* interned */
	char **words;    /* without spaces */
};

static void extra_free(void *arg)
{
	struct extra_label *e = (struct extra_label *)arg;

	g_strfreev(e->words);
	g_free(e);
}

/* "key=den,gui den;key=han,han chot" */
static GPtrArray *extra_parse(const char *extra)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(extra_free);
	g_auto(GStrv) rows = g_strsplit(extra ? extra : "", ";", 0);

	for (unsigned i = 0; rows[i]; i++) {
		struct extra_label *e;
		char *eq = strchr(rows[i], '=');

		if (!eq)
			continue;
		*eq = '\0';
		e = g_new0(struct extra_label, 1);
		e->key = g_intern_string(g_strstrip(rows[i]));
		e->words = g_strsplit(eq + 1, ",", 0);
		for (unsigned k = 0; e->words[k]; k++) {
			g_autofree char *word = e->words[k];

			e->words[k] = reader_joined(word);
		}
		g_ptr_array_add(list, e);
	}
	return list;
}

static const char *find_extra(GPtrArray *extra, const char *joined)
{
	for (guint i = 0; extra && i < extra->len; i++) {
		const struct extra_label *e = extra->pdata[i];

		if (strcmp(e->key, joined) == 0 || g_strv_contains((const char *const *)e->words, joined))
			return e->key;
	}
	return NULL;
}

static const struct label *find_label(const char *joined)
{
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (reader_is_in(joined, labels[i].words))
			return &labels[i];
	}
	return NULL;
}

/* One letter wrong in a long label, but not its first ("s kinh phi" is a command before it), and only one label so near. */
static const struct label *find_slip(const char *joined)
{
	const struct label *found = NULL;

	if (strlen(joined) < LABEL_SLIP_MIN)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		g_auto(GStrv) words = g_strsplit(labels[i].words, " ", 0);

		for (unsigned k = 0; words[k]; k++) {
			if (strlen(words[k]) < LABEL_SLIP_MIN || *words[k] != *joined || text_distance(joined, words[k], 1) > 1)
				continue;
			if (found && found != &labels[i])
				return NULL;
			found = &labels[i];
		}
	}
	return found;
}

static const char *doubtful_key(const char *value)
{
	g_autofree char *line = g_strndup(value, strcspn(value, "\n")); /* the next lines speak of other things */
	g_autofree char *folded = text_fold(line);
	g_auto(GStrv) words = g_strsplit(folded, " ", 0);

	for (unsigned i = 0; words[i]; i++) {
		if (strpbrk(words[i], "0123456789") || reader_is_in(words[i], "tu thang nam quy ngay"))
			return "tungay";
	}
	return "tacgia";
}

static const char *key_of(const char *text, size_t len, GPtrArray *extra, const char *value)
{
	g_autofree char *typed = g_strndup(text, len), *joined = NULL;
	const struct label *l;
	const char *key;

	if (len == 0 || len > LABEL_BYTES_MAX)
		return NULL;
	joined = reader_joined(typed);
	if (!*joined)
		return NULL;
	key = find_extra(extra, joined);
	if (key)
		return key;
	if (strcmp(joined, DOUBTFUL_LABEL) == 0)
		return doubtful_key(value);
	l = find_label(joined);
	if (!l)
		l = find_slip(joined);
	return l ? l->key : NULL;
}

/* "- ", "+ ", "* ", "• ", "1. ", "a) " before a label. */
static const char *skip_bullet(const char *line)
{
	const char *p = reader_skip_blank(line), *word = p;

	if (g_str_has_prefix(p, "•") || g_str_has_prefix(p, "–") || g_str_has_prefix(p, "—") || g_str_has_prefix(p, "▪"))
		return reader_skip_blank(g_utf8_next_char(p));
	if (*p && strchr("-+*", *p))
		return reader_skip_blank(p + 1);
	while (g_ascii_isdigit(*word))
		word++;
	if (word == p && g_ascii_isalpha(*word))
		word++;
	if (word > p && word - p <= 2 && (*word == '.' || *word == ')'))
		return reader_skip_blank(word + 1);
	return p;
}

/* A colon or equals sign that may end a label: not that of "http://" or "16:30". */
static const char *find_sign(const char *line, const char *end, const char **ret_value)
{
	for (const char *p = line; p < end; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c != ':' && c != '=' && c != 0xFF1A && c != 0xFE55 && c != 0x2236)
			continue;
		*ret_value = g_utf8_next_char(p);
		if (c == ':' && (*ret_value)[0] == '/' && (*ret_value)[1] == '/')
			return NULL;
		if (p > line && g_ascii_isdigit(p[-1]) && g_ascii_isdigit(**ret_value))
			return NULL;
		return p;
	}
	return NULL;
}

static bool is_dash(gunichar c)
{
	return c == '-' || c == 0x2013 || c == 0x2014 || c == 0x2012;
}

/* A dash with a space on either side. */
static const char *find_dash(const char *line, const char *end, const char **ret_value)
{
	for (const char *p = line; p < end; p = g_utf8_next_char(p)) {
		if (!is_dash(g_utf8_get_char(p)))
			continue;
		*ret_value = g_utf8_next_char(p);
		if ((p > line && g_ascii_isspace(p[-1])) || *ret_value >= end || g_ascii_isspace(**ret_value))
			return p;
	}
	return NULL;
}

/* "tien do 60%": the label is all that stands before the number. */
static bool hit_number(const char *line, const char *end, GPtrArray *extra, struct label_hit *ret)
{
	const char *p = line, *label_end;
	g_autofree char *typed = NULL, *joined = NULL;
	const struct label *l;

	while (p < end && !g_ascii_isdigit(*p))
		p++;
	label_end = p;
	while (label_end > line && g_ascii_isspace(label_end[-1]))
		label_end--;
	if (p == end || label_end == p || label_end == line || label_end - line > LABEL_BYTES_MAX)
		return false;
	typed = g_strndup(line, (gsize)(label_end - line));
	joined = reader_joined(typed);
	ret->value = p;
	ret->key = find_extra(extra, joined);
	if (ret->key)
		return true;
	l = find_label(joined);
	ret->key = l && l->has_number ? l->key : NULL;
	return ret->key != NULL;
}

static bool find_signed_hit(const char *line, const char *end, GPtrArray *extra, struct label_hit *ret)
{
	const char *begins[] = { line, skip_bullet(line) };

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		const char *begin = begins[i], *value = NULL, *sign = find_sign(begin, end, &value);

		if (sign && (ret->key = key_of(begin, (size_t)(sign - begin), extra, value))) {
			ret->value = value;
			return true;
		}
		sign = find_dash(begin, end, &value);
		if (sign && (ret->key = key_of(begin, (size_t)(sign - begin), extra, value))) {
			ret->value = value;
			return true;
		}
	}
	return false;
}

static bool find_hit(const char *line, const char *end, GPtrArray *extra, struct label_hit *ret)
{
	return find_signed_hit(line, end, extra, ret) || hit_number(line, end, extra, ret) ||
	       hit_number(skip_bullet(line), end, extra, ret);
}

/* What stands before a colon and looks like a label that somebody meant as one; NULL if not. */
static char *unknown_label(const char *line, const char *end)
{
	const char *value = NULL, *begin = skip_bullet(line), *sign = find_sign(begin, end, &value);
	g_autofree char *typed = NULL, *folded = NULL, *listed = NULL;
	g_auto(GStrv) words = NULL;

	if (!sign || sign == begin || sign - begin > LABEL_BYTES_MAX || *sign == '=' || reader_skip_blank(value) >= end)
		return NULL;
	typed = g_strstrip(g_strndup(begin, (gsize)(sign - begin)));
	for (const char *p = typed; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!reader_is_word_char(c) && c != ' ' && c != '/')
			return NULL;
		if (g_unichar_isdigit(c))
			return NULL;
	}
	folded = text_fold(typed);
	words = g_strsplit(folded, " ", 0);
	listed = g_strconcat("|", folded, "|", NULL);
	if (!*folded || g_strv_length(words) > UNKNOWN_WORDS_MAX || strstr(no_labels, listed))
		return NULL;
	return g_steal_pointer(&typed);
}

static void value_free(void *arg)
{
	struct label_value *v = (struct label_value *)arg;

	g_free(v->value);
	g_free(v);
}

/* Trims white lines and blanks at both ends. */
static char *trimmed(GString *s)
{
	return g_strchomp(g_strdup(reader_skip_space(s->str)));
}

static struct label_value *field_get(struct labelled *l, const char *key)
{
	for (guint i = 0; i < l->fields->len; i++) {
		struct label_value *v = l->fields->pdata[i];

		if (strcmp(v->key, key) == 0)
			return v;
	}
	return NULL;
}

static void field_add(struct labelled *l, const char *key, GString *text)
{
	struct label_value *v = field_get(l, key);
	g_autofree char *value = trimmed(text);

	if (!v) {
		v = g_new0(struct label_value, 1);
		v->key = key;
		v->value = g_steal_pointer(&value);
		g_ptr_array_add(l->fields, v);
	} else if (*value) {
		char *both = *v->value ? g_strconcat(v->value, "\n", value, NULL) : g_strdup(value);

		g_free(v->value);
		v->value = both;
	}
}

void reader_labels(const char *args, bool has_head, const char *extra, struct labelled *ret)
{
	g_autoptr(GPtrArray) extras = extra_parse(extra);
	g_autoptr(GString) rest = g_string_new(NULL), field = g_string_new(NULL);
	const char *key = NULL;

	*ret = (struct labelled){ .fields = g_ptr_array_new_with_free_func(value_free),
				  .unknown = g_ptr_array_new_with_free_func(g_free) };
	for (const char *line = reader_skip_space(args), *end; *line; line = *end ? end + 1 : end) {
		struct label_hit hit = { 0 };
		GString *to = key ? field : rest;
		char *unknown;

		end = line + strcspn(line, "\n");
		if (find_hit(line, end, extras, &hit)) {
			if (key)
				field_add(ret, key, field);
			key = hit.key;
			g_string_truncate(field, 0);
			g_string_append_len(field, hit.value, MAX(end - hit.value, 0));
			continue;
		}
		if (has_head && !ret->head && !key) {
			ret->head = g_strstrip(g_strndup(line, (gsize)(end - line)));
			continue;
		}
		unknown = unknown_label(line, end);
		if (unknown)
			g_ptr_array_add(ret->unknown, unknown);
		if (to->len > 0)
			g_string_append_c(to, '\n');
		g_string_append_len(to, line, end - line);
	}
	if (key)
		field_add(ret, key, field);
	if (!ret->head)
		ret->head = g_strdup("");
	ret->rest = trimmed(rest);
}

void labelled_clear(struct labelled *l)
{
	g_free(l->head);
	g_free(l->rest);
	g_ptr_array_unref(l->fields);
	g_ptr_array_unref(l->unknown);
	memset(l, 0, sizeof(*l));
}

const char *labelled_get(const struct labelled *l, const char *key)
{
	for (guint i = 0; i < l->fields->len; i++) {
		const struct label_value *v = l->fields->pdata[i];

		if (strcmp(v->key, key) == 0)
			return v->value;
	}
	return NULL;
}

const char *reader_label_name(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (strcmp(labels[i].key, key) == 0)
			return labels[i].name;
	}
	return NULL;
}

bool reader_begins_with_label(const char *text)
{
	struct label_hit hit;
	const char *line = reader_skip_space(text), *end = line + strcspn(line, "\n");

	/* "kq 12 …" is rather the command than the label without a sign. */
	return find_signed_hit(line, end, NULL, &hit);
}

bool reader_has_label(const char *text)
{
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		struct label_hit hit;

		end = line + strcspn(line, "\n");
		if (find_hit(line, end, NULL, &hit))
			return true;
	}
	return false;
}
