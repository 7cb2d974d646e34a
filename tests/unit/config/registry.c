/* SPDX-License-Identifier: MIT */
/* Tests of the register and of the matching of names, against the CSV files that are shipped. */
#include <glib/gstdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "config/registry.h"

static struct registry *shipped;

static void load_shipped(void)
{
	g_autofree char *dir = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", NULL);
	g_autoptr(GError) error = NULL;

	shipped = registry_load_csv(dir, &error);
	g_assert_no_error(error);
	registry_seal(shipped);
}

static char *codes_near(const GPtrArray *near)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < near->len; i++)
		g_string_append_printf(out, "%s%s", i ? " " : "", ((const struct unit *)g_ptr_array_index(near, i))->code);
	return g_string_free(out, FALSE);
}

static void test_unit_names(void)
{
	static const struct {
		const char *typed, *code;
	} t[] = {
		{ "ubnd h. giao thuỷ", "GIAOTHUY" },
		{ "UBND huyện Giao Thủy", "GIAOTHUY" },
		{ "giaothuy", "GIAOTHUY" },
		{ "Giao Thu\xCC\x89y", "GIAOTHUY" },
		{ "giao thui", "GIAOTHUY" },
		{ "Giao Thuyr", "GIAOTHUY" },
		{ "Uỷ ban nhân dân huyện Vụ Bản", "VUBAN" },
		{ "ub h vu ban", "VUBAN" },
		{ "VUBAN", "VUBAN" },
		{ "huyen Y Yen", "YYEN" },
		{ "xuan trung", "XUANTRUONG" },
		{ "h.Trực Ninh", "TRUCNINH" },
		{ "TP Nam Định", "TPND" },
		{ "tp nam dinh", "TPND" },
		{ "tp", "TPND" },
		{ "UBND tỉnh", "UBNDT" },
		{ "tỉnh Nam Định", "UBNDT" },
		{ "Sở TT&TT", "STTTT" },
		{ "so tt va tt", "STTTT" },
		{ "so thong tin truyen thong", "STTTT" },
		{ "Sở Y tế tỉnh Nam Định", "SYT" },
		{ "so y te nam dinh", "SYT" },
		{ "sở y tế tỉnh", "SYT" },
		{ "sở văn hoá, thể thao & du lịch", "SVHTTDL" },
		{ "Bộ TT&TT", "BTTTT" },
		{ "bo tttt", "BTTTT" },
		{ "so giao ducc", "SGDDT" },
		{ "vp ubnd tinh", "VPUBND" },
		{ "  STTTT. ", "STTTT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct unit_match m;

		g_test_message("%s", t[i].typed);
		registry_match_unit(shipped, t[i].typed, &m);
		g_assert_nonnull(m.unit);
		g_assert_null(m.near);
		g_assert_cmpstr(m.unit->code, ==, t[i].code);
		unit_match_clear(&m);
	}
}

static void test_unclear_unit_is_never_picked(void)
{
	static const struct {
		const char *typed, *near; /* how the list begins; NULL: empty */
	} t[] = {
		{ "truc", "TRUCNINH NAMTRUC" },
		{ "Nam Định", "UBNDT TPND" },
		{ "nam dinh", "UBNDT TPND" },
		{ "phong vhtt", "SVHTTDL" },
		{ "vu bam", "VUBAN" },
		{ "y te", "SYT" },
		{ "giao thuy abc", "GIAOTHUY" },
		{ "", NULL },
		{ "&", NULL },
		{ "qwertyuiop", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct unit_match m;
		g_autofree char *near = NULL;

		g_test_message("%s", t[i].typed);
		registry_match_unit(shipped, t[i].typed, &m);
		g_assert_null(m.unit);
		g_assert_nonnull(m.near);
		g_assert_cmpuint(m.near->len, <=, 5);
		near = codes_near(m.near);
		g_test_message("near: %s", near);
		if (t[i].near)
			g_assert_true(g_str_has_prefix(near, t[i].near));
		else
			g_assert_cmpstr(near, ==, "");
		unit_match_clear(&m);
	}
}

static void test_two_fitting_units_are_both_listed(void)
{
	struct unit_match m;

	registry_match_unit(shipped, "truc", &m);
	g_assert_cmpuint(m.near->len, ==, 2);
	unit_match_clear(&m);
	registry_match_unit(shipped, "Nam Định", &m);
	g_assert_cmpuint(m.near->len, ==, 2);
	unit_match_clear(&m);
}

/* Every name in the file leads to its unit, or the file itself is ambiguous. */
static void test_every_listed_name_is_found(void)
{
	const GPtrArray *units = registry_units(shipped);

	for (guint i = 0; i < units->len; i++) {
		const struct unit *u = g_ptr_array_index(units, i);

		g_assert_true(registry_unit(shipped, u->code) == u);
		for (char **alias = u->aliases; *alias; alias++) {
			struct unit_match m;

			registry_match_unit(shipped, *alias, &m);
			if (m.unit != u)
				g_error("%s: “%s” is not clear", u->code, *alias);
			unit_match_clear(&m);
		}
	}
	g_assert_null(registry_unit(shipped, "NOWHERE"));
}

static void test_unit_prefix(void)
{
	static const struct {
		const char *typed, *code, *rest;
	} t[] = {
		{ "ubnd h vu ban, can bo vhxh", "VUBAN", "can bo vhxh" },
		{ "ubnd h vu ban can bo vhxh", "VUBAN", "can bo vhxh" },
		{ "UBND H. Giao Thuỷ - chuyên viên", "GIAOTHUY", "chuyên viên" },
		{ "Sở Văn hóa, Thể thao và Du lịch, văn thư", "SVHTTDL", "văn thư" },
		{ "Sở Văn hóa, chuyên viên", "SVHTTDL", "chuyên viên" },
		{ "Sở Y tế tỉnh Nam Định, phó phòng", "SYT", "phó phòng" },
		{ "so giao ducc, can bo", "SGDDT", "can bo" },
		{ "vu ban", "VUBAN", "" },
		{ "vu ban,", "VUBAN", "" },
		{ "Trực Ninh\ncán bộ", "TRUCNINH", "cán bộ" },
		{ "tp nam dinh, ld phong", "TPND", "ld phong" },
		{ "Nam Định, cán bộ", NULL, NULL },
		{ "phong vhtt, can bo", NULL, NULL },
		{ "Văn phòng UBND huyện Vụ Bản", NULL, NULL },
		{ "truc, can bo", NULL, NULL },
		{ "", NULL, NULL },
		{ ", ,", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *rest = NULL;
		const struct unit *u = registry_unit_prefix(shipped, t[i].typed, &rest);

		g_test_message("%s", t[i].typed);
		g_assert_cmpstr(u ? u->code : NULL, ==, t[i].code);
		g_assert_cmpstr(rest, ==, t[i].rest);
	}
}

static void test_audience(void)
{
	static const struct {
		const char *typed;
		guint n;
		const char *first, *last;
	} t[] = {
		{ "cac huyen, tp", 10, "TPND", "HAIHAU" },
		{ "các huyện, thành phố", 10, "TPND", "HAIHAU" },
		{ "UBND các huyện, thành phố", 10, "TPND", "HAIHAU" },
		{ "các huyện và thành phố", 10, "TPND", "HAIHAU" },
		{ "cac huyen/tp", 10, "TPND", "HAIHAU" },
		{ "các địa phương", 10, "TPND", "HAIHAU" },
		{ "9 huyện", 9, "MYLOC", "HAIHAU" },
		{ "các huyện", 9, "MYLOC", "HAIHAU" },
		{ "các sở", 15, "STTTT", "SYT" },
		{ "sở", 15, "STTTT", "SYT" },
		{ "các sở; UBND tỉnh", 16, "UBNDT", "SYT" },
		{ "các sở, các huyện, tp", 25, "STTTT", "HAIHAU" },
		{ "vu ban, y yen va truc ninh, vu ban", 3, "VUBAN", "TRUCNINH" },
		{ "Sở TT và TT", 1, "STTTT", "STTTT" },
		{ "Sở Văn hóa, Thể thao và Du lịch; Sở Y tế", 2, "SVHTTDL", "SYT" },
		{ "Sở Văn hóa, Sở Y tế", 2, "SVHTTDL", "SYT" },
		{ "sở y tế + giao thui", 2, "SYT", "GIAOTHUY" },
		{ "các đoàn thể", 6, "MTTQ", "HCCB" },
		{ "Đài PT&TH\nBáo Nam Định", 2, "BAOND", "DPTTH" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool all = true;
		g_autofree char *unclear = NULL;
		g_autoptr(GPtrArray) codes = registry_match_audience(shipped, t[i].typed, &all, &unclear);

		g_test_message("%s", t[i].typed);
		g_assert_cmpstr(unclear, ==, NULL);
		g_assert_nonnull(codes);
		g_assert_false(all);
		g_assert_cmpuint(codes->len, ==, t[i].n);
		g_assert_cmpstr(g_ptr_array_index(codes, 0), ==, t[i].first);
		g_assert_cmpstr(g_ptr_array_index(codes, codes->len - 1), ==, t[i].last);
	}
}

static void test_audience_everybody(void)
{
	static const char *const t[] = { "tất cả", "Tat ca cac don vi", "các đơn vị", "mọi người", "vu ban, tất cả" };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool all = false;
		g_autofree char *unclear = NULL;
		g_autoptr(GPtrArray) codes = registry_match_audience(shipped, t[i], &all, &unclear);

		g_assert_true(all);
		g_assert_cmpuint(codes->len, ==, registry_units(shipped)->len);
	}
}

static void test_audience_says_what_is_unclear(void)
{
	static const struct {
		const char *typed, *unclear;
	} t[] = {
		{ "cac phong", "cac phong" },
		{ "các sở, cac phong ", "cac phong" },
		{ "vu ban, Nam Định", "Nam Định" },
		{ "truc", "truc" },
		{ "", "" },
		{ " , ", "," },
		{ "tất cả trừ vu ban", "tất cả trừ vu ban" },
		{ "bo", "bo" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool all = true;
		g_autofree char *unclear = NULL;
		g_autoptr(GPtrArray) codes = registry_match_audience(shipped, t[i].typed, &all, &unclear);

		g_test_message("%s", t[i].typed);
		g_assert_null(codes);
		g_assert_false(all);
		g_assert_cmpstr(unclear, ==, t[i].unclear);
	}
}

static void test_field_names(void)
{
	static const struct {
		const char *typed, *code, *near;
	} t[] = {
		{ "dvctt", "dvc", NULL },
		{ "DVC", "dvc", NULL },
		{ "lv dvc", "dvc", NULL },
		{ "dịch vụ công trực tuyến", "dvc", NULL },
		{ "lĩnh vực: y tế", "y-te", NULL },
		{ "truyen thanh", "truyen-thanh", NULL },
		{ "thong minh", NULL, "truyen-thanh" },
		{ "truyen thanh thong minh", "truyen-thanh", NULL },
		{ "truyen thanh thong mihn", "truyen-thanh", NULL },
		{ "chợ 4.0", "cong-dong-so", NULL },
		{ "thuế", "tai-chinh", NULL },
		{ "GD & ĐT", "giao-duc", NULL },
		{ "khác", "khac", NULL },
		{ "", NULL, NULL },
		{ "zzz", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GPtrArray) near = NULL;
		const struct field *f = registry_match_field(shipped, t[i].typed, &near);

		g_test_message("%s", t[i].typed);
		g_assert_cmpstr(f ? f->code : NULL, ==, t[i].code);
		g_assert_cmpint(near != NULL, ==, f == NULL);
		if (near && t[i].near) {
			g_assert_cmpuint(near->len, >, 0);
			g_assert_cmpstr(((const struct field *)g_ptr_array_index(near, 0))->code, ==, t[i].near);
		} else if (near) {
			g_assert_cmpuint(near->len, ==, 0);
		}
	}
}

static void test_every_listed_field_name_is_found(void)
{
	const GPtrArray *fields = registry_fields(shipped);

	for (guint i = 0; i < fields->len; i++) {
		const struct field *f = g_ptr_array_index(fields, i);

		g_assert_true(registry_field(shipped, f->code) == f);
		for (char **alias = f->aliases; *alias; alias++) {
			g_autoptr(GPtrArray) near = NULL;

			if (registry_match_field(shipped, *alias, &near) != f)
				g_error("%s: “%s” is not clear", f->code, *alias);
		}
	}
}

static void test_guess_field(void)
{
	static const struct {
		const char *text, *code;
	} t[] = {
		{ "Kinh nghiệm xây dựng đài truyền thanh thông minh ở Trực Ninh", "truyen-thanh" },
		{ "Dan ma QR tra cuu thu tuc hanh chinh o bo phan 1 cua", "dvc" },
		{ "mô hình chợ 4.0, tuyến đường 4.0", "cong-dong-so" },
		{ "nop ho so dvc tai nha", "dvc" },
		{ "Trợ giúp bằng AI", "ai" },
		{ "ai cũng làm được", NULL },
		{ "các xã khác", NULL },
		{ "", NULL },
		{ "một của các thôn", "mot-cua" }, /* half the points, but nothing else is there: only a guess */
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct field *f = registry_guess_field(shipped, t[i].text);

		g_test_message("%s", t[i].text);
		g_assert_cmpstr(f ? f->code : NULL, ==, t[i].code);
	}
}

/* The thirteen published titles carry fields that people chose: the guess from the title and text must agree mostly. */
static void test_guess_agrees_with_the_seeds(void)
{
	g_autofree char *path = g_build_filename(g_getenv("CDSBOT_SOURCE"), "config", "demo", "seed-initiatives.jsonl", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned right = 0, n = 0;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line && **line; line++) {
		g_autoptr(cJSON) root = json_parse(*line, strlen(*line), NULL);
		g_autofree char *title = json_dup(root, "title", "");
		g_autofree char *field = json_dup(root, "field", "");
		const struct field *f = registry_guess_field(shipped, title);

		g_test_message("%s: %s, guessed %s", title, field, f ? f->code : "-");
		n++;
		right += f && strcmp(f->code, field) == 0;
	}
	g_assert_cmpuint(n, ==, 13);
	g_assert_cmpuint(right, >=, 10);
}

static void test_expansions(void)
{
	static const struct {
		const char *word, *joined;
	} t[] = {
		{ "CĐS", "chuyển đổi số" },
		{ "cds", "chuyển đổi số" },
		{ "tt&tt", "thông tin và truyền thông" },
		{ "1 cửa", "một cửa" },
		{ "NĐ", "nghị định|Nam Định" },
		{ "nd", "nghị định|Nam Định|nội dung|nhân dân" },
		{ "đ/c", "đồng chí" },
		{ "chuyển", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char **found = registry_expansions(shipped, t[i].word);
		g_autofree char *joined = found ? g_strjoinv("|", found) : NULL;

		g_test_message("%s", t[i].word);
		g_assert_cmpstr(joined, ==, t[i].joined);
	}
}

/* A unit added by command comes with its name alone. */
static void test_unit_without_aliases(void)
{
	g_autoptr(registry_t) r = registry_new();
	struct unit_match m;

	registry_add_unit(r, "T1", "UBND tỉnh Ninh Bình", "tinh", "");
	registry_add_unit(r, "X1", "UBND xã Yên Lương", "xa", NULL);
	registry_add_unit(r, "X2", "UBND phường Trường Thi", "phuong", " ; ;P.TT");
	registry_add_field(r, "f", "Lĩnh vực", "NT", "");
	registry_add_abbreviation(r, "YL", "Yên Lương");
	registry_seal(r);
	registry_match_unit(r, "yen luong", &m);
	g_assert_nonnull(m.unit);
	g_assert_cmpstr(m.unit->code, ==, "X1");
	registry_match_unit(r, "xã yên luong, tỉnh ninh bình", &m);
	g_assert_nonnull(m.unit);
	registry_match_unit(r, "p tt", &m);
	g_assert_nonnull(m.unit);
	g_assert_cmpstr(m.unit->code, ==, "X2");
	g_assert_cmpuint(registry_abbreviations(r)->len, ==, 1);
}

static void test_bad_csv_names_file_and_line(void)
{
	static const struct {
		const char *units, *error;
	} t[] = {
		{ "code,name,kind,aliases\nA,Sở A,so,\nA,Sở B,so,\n", "units.csv:3: mã “A” đã có" },
		{ "code,name,kind,aliases\nA,,so,\n", "units.csv:2: cột 2 không được để trống" },
		{ "code,name,aliases\n", "units.csv:1: dòng đầu thiếu cột “kind”" },
	};
	g_autofree char *dir = g_dir_make_tmp("cdsbot-registry-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "units.csv", NULL);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_true(g_file_set_contents(path, t[i].units, -1, NULL));
		g_assert_null(registry_load_csv(dir, &error));
		g_assert_nonnull(strstr(error->message, t[i].error));
	}
	g_remove(path);
	g_rmdir(dir);
}

static void test_long_and_odd_texts(void)
{
	g_autofree char *longer = g_strnfill(100000, 'a');
	g_autofree char *commas = g_strnfill(1000, ',');
	g_autoptr(GPtrArray) near = NULL;
	g_autofree char *unclear = NULL;
	const char *rest = NULL;
	struct unit_match m;
	bool all;

	registry_match_unit(shipped, longer, &m);
	g_assert_null(m.unit);
	unit_match_clear(&m);
	g_assert_null(registry_unit_prefix(shipped, longer, &rest));
	g_assert_null(registry_match_field(shipped, longer, &near));
	g_assert_null(registry_guess_field(shipped, longer));
	g_assert_null(registry_match_audience(shipped, commas, &all, &unclear));
	g_clear_pointer(&unclear, g_free);
	g_assert_null(registry_match_audience(shipped, longer, &all, &unclear));
	g_assert_cmpuint(text_len(unclear, TEXT_CODE_POINTS), <=, 60);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	load_shipped();
	g_test_add_func("/registry/unit-names", test_unit_names);
	g_test_add_func("/registry/unclear-unit-is-never-picked", test_unclear_unit_is_never_picked);
	g_test_add_func("/registry/two-fitting-units-are-both-listed", test_two_fitting_units_are_both_listed);
	g_test_add_func("/registry/every-listed-name-is-found", test_every_listed_name_is_found);
	g_test_add_func("/registry/unit-prefix", test_unit_prefix);
	g_test_add_func("/registry/audience", test_audience);
	g_test_add_func("/registry/audience-everybody", test_audience_everybody);
	g_test_add_func("/registry/audience-says-what-is-unclear", test_audience_says_what_is_unclear);
	g_test_add_func("/registry/field-names", test_field_names);
	g_test_add_func("/registry/every-listed-field-name-is-found", test_every_listed_field_name_is_found);
	g_test_add_func("/registry/guess-field", test_guess_field);
	g_test_add_func("/registry/guess-agrees-with-the-seeds", test_guess_agrees_with_the_seeds);
	g_test_add_func("/registry/expansions", test_expansions);
	g_test_add_func("/registry/unit-without-aliases", test_unit_without_aliases);
	g_test_add_func("/registry/bad-csv-names-file-and-line", test_bad_csv_names_file_and_line);
	g_test_add_func("/registry/long-and-odd-texts", test_long_and_odd_texts);
	status = g_test_run();
	registry_unref(shipped);
	return status;
}
