/* SPDX-License-Identifier: MIT */
/* Looks up what the filters of a search name. What is half right is answered with what was understood and a line to copy. */
#include "search_filters.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "item_type.h"
#include "reader.h"
#include "wording/wording.h"

/* Names that are offered where the typed one is unclear. */
#define NEAR_NAMES 3

/* What `loai` may be besides the six types: a kind of item, by its folded names. */
static const struct {
	const char *names; /* separated by commas */
	enum item_kind kind;
	enum msg name;
} kinds[] = {
	{ "sang kien,sk", ITEM_INITIATIVE, MSG_KIND_INITIATIVE },
	{ "dia chi do,dc,dcd,diem sang", ITEM_EXEMPLAR, MSG_KIND_EXEMPLAR },
	{ "cau chuyen,cc,truyen,cau chuyen cds", ITEM_STORY, MSG_KIND_STORY },
	{ "bai hoc,bh,bai hoc kinh nghiem", ITEM_LESSON, MSG_KIND_LESSON },
};

#define STATUS(s) (1u << (s))
static const struct {
	const char *names; /* folded, separated by commas */
	unsigned statuses; /* 0: such items are not searched */
	enum msg name;
} states[] = {
	{ "da duyet,duyet,duyet roi,da duyet roi", STATUS(ITEM_APPROVED), MSG_STATE_APPROVED },
	{ "cho duyet,dang cho duyet,dang cho,cho", STATUS(ITEM_WAITING), MSG_STATE_WAITING },
	{ "cho bo sung,cho sua,can bo sung,can sua,tra lai,yeu cau sua,dang cho tac gia bo sung", STATUS(ITEM_RETURNED), MSG_STATE_RETURNED },
	{ "nhap,ban nhap", STATUS(ITEM_DRAFT), MSG_STATE_DRAFT },
	{ "chua duyet", STATUS(ITEM_DRAFT) | STATUS(ITEM_WAITING) | STATUS(ITEM_RETURNED), MSG_STATE_OPEN },
	{ "tu choi,da tu choi,bi tu choi,khong duyet,khong duoc duyet", 0, MSG_STATE_REJECTED },
	{ "rut,da rut,thu hoi", 0, MSG_STATE_WITHDRAWN },
	{ "gop,da gop,da gop vao muc khac", 0, MSG_STATE_MERGED },
};

/* A reading under way. */
struct reading_of_filters {
	const struct registry *registry;
	const char *address;
	const struct search_words *typed;
	struct search_filters *f;
	GString *rest; /* words behind the values */
	char *unclear;
};

/* --- looking up --- */

static bool is_listed(const char *folded, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names, ",", -1);

	return g_strv_contains((const gchar *const *)list, folded);
}

static bool look_unit(struct reading_of_filters *r, const char *value)
{
	struct unit_match m = { NULL, NULL };

	registry_match_unit(r->registry, value, &m);
	r->f->unit = m.unit;
	unit_match_clear(&m);
	return r->f->unit;
}

static bool look_field(struct reading_of_filters *r, const char *value)
{
	g_autoptr(GPtrArray) near = NULL;

	r->f->field = registry_match_field(r->registry, value, &near);
	return r->f->field;
}

/* "sáng kiến" and "bài học" are both a kind and a type: then either will do. */
static bool look_type(struct reading_of_filters *r, const char *value)
{
	g_autofree char *folded = text_fold(value);

	r->f->type = item_type_match(value);
	r->f->type_name = r->f->type;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!is_listed(folded, kinds[i].names))
			continue;
		r->f->kind = (int)kinds[i].kind;
		r->f->type_name = wording_raw(kinds[i].name);
	}
	return r->f->type_name;
}

static bool look_status(struct reading_of_filters *r, const char *value)
{
	g_autofree char *folded = text_fold(value);

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (!is_listed(folded, states[i].names))
			continue;
		r->f->statuses = states[i].statuses;
		r->f->status_name = wording_raw(states[i].name);
		return true;
	}
	return false;
}

static bool look_year(struct reading_of_filters *r, const char *value)
{
	return reader_year(value, &r->f->year);
}

/* The whole value, else as many of its first words as mean something; what follows them is looked for: "dv: vu ban loa". */
static bool look(struct reading_of_filters *r, const char *value, bool (*what)(struct reading_of_filters *r, const char *value))
{
	g_autofree char *before = g_strdup(value);

	if (what(r, value))
		return true;
	for (char *blank; (blank = strrchr(before, ' ')) && blank > before;) {
		*blank = '\0';
		if (!what(r, before))
			continue;
		g_string_append_printf(r->rest, "%s%s", r->rest->len > 0 ? " " : "", value + (blank + 1 - before));
		return true;
	}
	return false;
}

/* The words outside the filters and those behind a value; caller frees. */
static char *words_all(const struct reading_of_filters *r)
{
	return g_strdup_printf("%s%s%s", r->typed->text, *r->typed->text && r->rest->len > 0 ? " " : "", r->rest->str);
}

/* --- what is said of a value that means nothing --- */

/* A value ends at a comma: then the code stands for the name. */
static const char *value_of(const char *name, const char *code)
{
	return strpbrk(name, ",;") ? code : name;
}

/* The first few names; caller frees. NULL: none is near. */
static char *names_join(const GPtrArray *near, const char *(*name)(gconstpointer))
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; near && i < near->len && i < NEAR_NAMES; i++)
		g_ptr_array_add(names, (gpointer)name(near->pdata[i]));
	if (!names->len)
		return NULL;
	g_ptr_array_add(names, NULL);
	return g_strjoinv("; ", (char **)names->pdata);
}

static const char *unit_name(gconstpointer unit)
{
	return ((const struct unit *)unit)->name;
}

static const char *field_name(gconstpointer field)
{
	return ((const struct field *)field)->name;
}

/* How one filter is spoken of. */
struct speech {
	const char *sign; /* "dv:" */
	enum msg name;	  /* "đơn vị" */
	enum msg example; /* a value */
	enum msg choice;  /* where to look, or what there is */
};
static const struct speech about_unit = { "dv:", MSG_FILTER_UNIT, MSG_FILTER_UNIT_EXAMPLE, MSG_FILTER_UNIT_CHOICE };
static const struct speech about_field = { "lv:", MSG_FILTER_FIELD, MSG_FILTER_FIELD_EXAMPLE, MSG_FILTER_FIELD_CHOICE };
static const struct speech about_type = { "loai:", MSG_FILTER_TYPE, MSG_FILTER_TYPE_EXAMPLE, MSG_FILTER_TYPE_CHOICE };
static const struct speech about_status = { "tt:", MSG_FILTER_STATUS, MSG_FILTER_STATUS_EXAMPLE, MSG_FILTER_STATUS_CHOICE };
static const struct speech about_year = { "nam:", MSG_FILTER_YEAR, MSG_FILTER_YEAR_EXAMPLE, MSG_FILTER_YEAR_CHOICE };

/* Says that a value is missing or means nothing: what there is instead, a line to copy with all the rest that was typed, and what was understood. */
static void say_unclear(struct reading_of_filters *r, const struct speech *s, const char *value, const char *names, const char *first)
{
	g_autofree char *others = search_filters_line(r->f, ""), *name = search_filters_name(r->f, r->address);
	g_autofree char *words = words_all(r);
	const char *example = first ? first : wording_raw(s->example);
	g_autofree char *line = g_strdup_printf("/t %s%s%s %s%s%s", words, *words ? " " : "", s->sign, example, *others ? " " : "", others);
	g_autofree char *near = names ? wording_format(r->address, MSG_FILTER_NEAR, "names", names, NULL) : NULL;
	g_autofree char *choice = g_strconcat(near ? near : "", near ? " " : "", wording_raw(s->choice), NULL);
	g_autofree char *text = NULL, *more = NULL;

	if (*value)
		text = wording_format(r->address, MSG_FILTER_UNCLEAR, "name", wording_raw(s->name), "typed", value, "sign", s->sign,
				      "choice", choice, "line", line, NULL);
	else
		text = wording_format(r->address, MSG_FILTER_MISSING, "name", wording_raw(s->name), "sign", s->sign, "choice", choice,
				      "line", line, NULL);
	if (*name)
		more = wording_format(r->address, MSG_FILTER_UNDERSTOOD, "filters", name, NULL);
	r->unclear = g_strconcat(text, more, NULL);
}

static void say_unit(struct reading_of_filters *r, const char *value)
{
	struct unit_match m = { NULL, NULL };
	g_autofree char *names = NULL;
	const char *first = NULL;

	registry_match_unit(r->registry, value, &m);
	names = names_join(m.near, unit_name);
	if (names)
		first = value_of(((const struct unit *)m.near->pdata[0])->name, ((const struct unit *)m.near->pdata[0])->code);
	say_unclear(r, &about_unit, value, names, first);
	unit_match_clear(&m);
}

static void say_field(struct reading_of_filters *r, const char *value)
{
	g_autoptr(GPtrArray) near = NULL;
	g_autofree char *names = NULL;
	const char *first = NULL;

	(void)registry_match_field(r->registry, value, &near); /* it names none: that is why we are here */
	names = names_join(near, field_name);
	if (names)
		first = value_of(((const struct field *)near->pdata[0])->name, ((const struct field *)near->pdata[0])->code);
	say_unclear(r, &about_field, value, names, first);
}

/* --- all of it --- */

static void read_all(struct reading_of_filters *r)
{
	const struct search_words *w = r->typed;
	bool unit = !w->unit || look(r, w->unit, look_unit), field = !w->field || look(r, w->field, look_field);
	bool type = !w->type || look(r, w->type, look_type), status = !w->status || look(r, w->status, look_status);
	bool year = !w->year || look_year(r, w->year);

	if (w->has_minus)
		r->unclear = wording_format(r->address, MSG_FILTER_MINUS, NULL);
	else if (!unit)
		say_unit(r, w->unit);
	else if (!field)
		say_field(r, w->field);
	else if (!type)
		say_unclear(r, &about_type, w->type, NULL, NULL);
	else if (!status)
		say_unclear(r, &about_status, w->status, NULL, NULL);
	else if (!year)
		say_unclear(r, &about_year, w->year, NULL, NULL);
	else if (r->f->status_name && !r->f->statuses)
		r->unclear = wording_format(r->address, MSG_FILTER_STATUS_GONE, "state", r->f->status_name, NULL);
}

bool search_filters_read(const char *typed, const struct registry *registry, const char *address, struct search_filters *f, char **ret_unclear)
{
	struct search_words words;
	g_autoptr(GString) rest = g_string_new(NULL);
	struct reading_of_filters r = { .registry = registry, .address = address, .typed = &words, .f = f, .rest = rest };

	memset(f, 0, sizeof(*f));
	f->kind = -1;
	reader_search_words(typed, &words);
	read_all(&r);
	f->text = words_all(&r);
	search_words_clear(&words);
	*ret_unclear = r.unclear;
	return !r.unclear;
}

void search_filters_clear(struct search_filters *f)
{
	g_clear_pointer(&f->text, g_free);
}

bool search_filters_any(const struct search_filters *f)
{
	return f->unit || f->field || f->type_name || f->status_name || f->year;
}

void search_filters_query(const struct search_filters *f, struct search_query *q)
{
	q->text = f->text;
	q->unit = f->unit ? f->unit->code : NULL;
	q->field = f->field ? f->field->code : NULL;
	q->kind = f->kind;
	q->type = f->type;
	q->type_is_default = f->type == item_types[0];
	q->statuses = f->statuses;
	q->year = f->year;
}

/* Takes name. */
static void part_add(GPtrArray *parts, const char *address, enum msg what, char *name)
{
	g_ptr_array_add(parts, wording_format(address, MSG_FILTER_PART, "what", wording_raw(what), "name", name, NULL));
	g_free(name);
}

char *search_filters_name(const struct search_filters *f, const char *address)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

	if (f->unit)
		part_add(parts, address, MSG_FILTER_UNIT, g_strdup(f->unit->name));
	if (f->field)
		part_add(parts, address, MSG_FILTER_FIELD, g_strdup(f->field->name));
	if (f->type_name)
		part_add(parts, address, MSG_FILTER_TYPE, g_strdup(f->type_name));
	if (f->status_name)
		part_add(parts, address, MSG_FILTER_STATUS, g_strdup(f->status_name));
	if (f->year)
		part_add(parts, address, MSG_FILTER_YEAR, g_strdup_printf("%d", f->year));
	g_ptr_array_add(parts, NULL);
	return g_strjoinv(", ", (char **)parts->pdata);
}

char *search_filters_line(const struct search_filters *f, const char *words)
{
	GString *s = g_string_new(words);

	if (f->unit)
		g_string_append_printf(s, " dv: %s", value_of(f->unit->name, f->unit->code));
	if (f->field)
		g_string_append_printf(s, " lv: %s", value_of(f->field->name, f->field->code));
	if (f->type_name)
		g_string_append_printf(s, " loai: %s", f->type_name);
	if (f->status_name)
		g_string_append_printf(s, " tt: %s", f->status_name);
	if (f->year)
		g_string_append_printf(s, " nam: %d", f->year);
	return g_strstrip(g_string_free(s, FALSE));
}
