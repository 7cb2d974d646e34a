/* SPDX-License-Identifier: MIT */
/* Reads a configuration file whole and lists everything that is wrong with it. Applies nothing: the caller swaps snapshots. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/text.h"

#include "config_impl.h"

#define SECRET_FILE_SUFFIX "_file"
#define FILE_BYTES_MAX (1024L * 1024)
/* A secret is one line; a log or a device named by mistake must not be read whole. */
#define SECRET_BYTES_MAX 4096

struct loading {
	struct config *config;
	const char *file;
	GPtrArray *problems;
	GHashTable *lines; /* "section\nkey" -> its first line; "section\n" -> the header's */
	GKeyFile *raw;     /* GKeyFile merges repeats silently and gives no lines: hence the scan beside it */
	bool is_broken;    /* GKeyFile gave up at some line: what it did not reach is not missing */
	bool is_readable_by_all;
};

static void problem_add(struct loading *l, unsigned line, const char *section, const char *key, bool is_error, char *what_taken,
			char *advice_taken)
{
	struct config_problem *p = g_new0(struct config_problem, 1);

	p->file = g_strdup(l->file);
	p->line = line;
	p->section = g_strdup(section);
	p->key = g_strdup(key);
	p->what = what_taken;
	p->advice = advice_taken;
	p->is_error = is_error;
	g_ptr_array_add(l->problems, p);
}

static char *line_key(const char *section, const char *key)
{
	return g_strconcat(section, "\n", key, NULL);
}

static unsigned line_of(const struct loading *l, const char *section, const char *key)
{
	g_autofree char *name = line_key(section, key);
	const unsigned *line = g_hash_table_lookup(l->lines, name);

	return line ? *line : 0;
}

/* Remembers a first line; an earlier one is a problem. */
static void line_note(struct loading *l, unsigned line, const char *section, const char *key)
{
	char *name = line_key(section, key);
	unsigned first = line_of(l, section, key);

	if (!first) {
		g_hash_table_insert(l->lines, name, g_memdup2(&line, sizeof(line)));
		return;
	}
	problem_add(l, line, section, *key ? key : NULL, true, g_strdup_printf("đã có ở dòng %u", first),
		    g_strdup(*key ? "Xóa một trong hai dòng." : "Gộp hai mục thành một."));
	g_free(name);
}

/* "Có phải quiet_from?" or what there is. */
static char *advice_near(const char *typed, char **names)
{
	g_autofree char *all = g_strjoinv(", ", names);

	for (char **name = names; *name; name++) {
		if (text_distance(typed, *name, 2) <= 2)
			return g_strdup_printf("Có phải %s?", *name);
	}
	return g_strdup_printf("Có thể dùng: %s.", all);
}

static char **section_names(const struct config *c)
{
	char **names = g_new0(char *, c->n + 1);

	for (size_t i = 0; i < c->n; i++)
		names[i] = g_strdup(c->sections[i].section->name);
	return names;
}

static char **row_names(const struct config_values *s)
{
	char **names = g_new0(char *, s->n + 1);

	for (size_t i = 0; i < s->n; i++)
		names[i] = g_strdup(config_row(s, i)->name);
	return names;
}

static bool is_known_key(const struct config_values *s, const char *key)
{
	g_autofree char *base = NULL;
	int i;

	if (config_row_find(s, key) >= 0)
		return true;
	if (!g_str_has_suffix(key, SECRET_FILE_SUFFIX))
		return false;
	base = g_strndup(key, strlen(key) - strlen(SECRET_FILE_SUFFIX));
	i = config_row_find(s, base);
	return i >= 0 && (config_row(s, (size_t)i)->flags & OPTION_SECRET);
}

static void scan_header(struct loading *l, unsigned line, char *text, char **section)
{
	struct config_values *s;

	text[strlen(text) - 1] = '\0';
	g_free(*section);
	*section = g_strdup(text + 1);
	line_note(l, line, *section, "");
	s = config_values_find(l->config, *section);
	if (s) {
		s->is_there = true;
	} else {
		g_auto(GStrv) names = section_names(l->config);

		problem_add(l, line, *section, NULL, true, g_strdup("không có mục này"), advice_near(*section, names));
	}
}

static void scan_pair(struct loading *l, unsigned line, char *text, const char *section)
{
	const struct config_values *s = section ? config_values_find(l->config, section) : NULL;
	char *equals = strchr(text, '=');

	*equals = '\0';
	g_strchomp(text);
	if (!section) {
		problem_add(l, line, NULL, text, true, g_strdup("đứng trước mọi mục"),
			    g_strdup("Thêm dòng [tên mục] ở trên, ví dụ [bot]."));
		return;
	}
	line_note(l, line, section, text);
	if (s && !is_known_key(s, text)) {
		g_auto(GStrv) names = row_names(s);

		problem_add(l, line, section, text, true, g_strdup("không có tham số này"), advice_near(text, names));
	}
}

static void scan(struct loading *l, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *section = NULL;

	for (unsigned i = 0; lines[i]; i++) {
		char *line = g_strstrip(lines[i]);
		size_t len = strlen(line);

		if (len == 0 || line[0] == '#')
			continue;
		if (line[0] == '[' && line[len - 1] == ']')
			scan_header(l, i + 1, line, &section);
		else if (strchr(line, '=') && line[0] != '[' && line[0] != '=' && line[0] != ';')
			scan_pair(l, i + 1, line, section);
		else
			problem_add(l, i + 1, NULL, NULL, true, g_strdup("không đọc được dòng này"),
				    g_strdup("Mỗi dòng là [mục], tên = giá trị, hoặc chú thích bắt đầu bằng #."));
	}
}

/* Whole contents, or a problem. */
static char *read_file(struct loading *l)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	const char *end;
	gsize len;
	struct stat st;

	if (stat(l->file, &st) == 0) {
		l->is_readable_by_all = st.st_mode & S_IROTH;
		if (st.st_size > FILE_BYTES_MAX) {
			problem_add(l, 0, NULL, NULL, true, g_strdup("tệp lớn hơn 1 MiB, không phải tệp cấu hình"),
				    g_strdup("Kiểm tra lại --config."));
			return NULL;
		}
	}
	if (!g_file_get_contents(l->file, &text, &len, &error)) {
		problem_add(l, 0, NULL, NULL, true,
			    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
				    ? g_strdup("không đọc được tệp: không có tệp này")
				    : g_strdup_printf("không đọc được tệp: %s", error->message),
			    g_strdup("Kiểm tra đường dẫn sau --config và quyền đọc."));
		return NULL;
	}
	if (!g_utf8_validate(text, (gssize)len, &end)) {
		unsigned line = 1;

		for (const char *p = text; p < end; p++)
			line += *p == '\n';
		problem_add(l, line, NULL, NULL, true, g_strdup("dòng này không phải UTF-8"),
			    g_strdup("Lưu lại tệp với mã UTF-8."));
		return NULL;
	}
	/* Notepad begins UTF-8 files with a mark. */
	return g_strdup(g_str_has_prefix(text, "\xEF\xBB\xBF") ? text + 3 : text);
}

static char *env_name(const char *section, const char *key)
{
	g_autofree char *joined = g_strconcat("CDSBOT_", section, "_", key, NULL);

	for (char *p = joined; *p; p++)
		*p = g_ascii_isalnum(*p) ? g_ascii_toupper(*p) : '_';
	return g_steal_pointer(&joined);
}

static void complain_secret_file(struct loading *l, unsigned line, const char *section, const char *key_file, const char *path,
				 const GError *error)
{
	const char *why = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)   ? "không có tệp này"
			  : g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? "tài khoản đang chạy không có quyền đọc"
										     : error->message;
	const bool is_closed = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES);

	problem_add(l, line, section, key_file, true, g_strdup_printf("không đọc được tệp bí mật %s: %s", path, why),
		    is_closed ? g_strdup_printf("Chạy: chown root:cdsbot %s && chmod 640 %s (cdsbot là tài khoản chạy dịch vụ; cả thư mục "
						"chứa tệp cũng phải mở được).",
						path, path)
			      : g_strdup("Tạo tệp chỉ chứa giá trị bí mật, tài khoản chạy cdsbot đọc được."));
}

/* At most SECRET_BYTES_MAX + 1 bytes of the file, with a NUL behind them. */
static bool read_small(const char *path, char *into, gsize *ret_len, GError **error)
{
	FILE *f = fopen(path, "re");
	int trouble = f ? 0 : errno;

	*ret_len = f ? fread(into, 1, SECRET_BYTES_MAX + 1, f) : 0;
	into[*ret_len] = '\0';
	if (f && ferror(f))
		trouble = errno ? errno : EIO;
	if (f)
		fclose(f);
	if (trouble)
		g_set_error_literal(error, G_FILE_ERROR, (gint)g_file_error_from_errno(trouble), g_strerror(trouble));
	return !trouble;
}

/* The secret in the file that KEY_file names; NULL after a problem. */
static char *read_secret(struct loading *l, const char *section, const char *key_file, const char *named)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	unsigned line = line_of(l, section, key_file);
	char text[SECRET_BYTES_MAX + 2];
	struct stat st;
	gsize len = 0;

	path = l->config->dir && !g_path_is_absolute(named) ? g_build_filename(l->config->dir, named, NULL) : g_strdup(named);
	if (!read_small(path, text, &len, &error)) {
		complain_secret_file(l, line, section, key_file, path, error);
		return NULL;
	}
	if (len > SECRET_BYTES_MAX || strlen(text) != len || !g_utf8_validate(text, (gssize)len, NULL) || strchr(g_strstrip(text), '\n') || !*text) {
		problem_add(l, line, section, key_file, true, g_strdup_printf("tệp %s phải chứa đúng một dòng chữ", path),
			    g_strdup("Ghi vào tệp chỉ giá trị bí mật, không có gì khác."));
		return NULL;
	}
	if (stat(path, &st) == 0 && (st.st_mode & S_IROTH))
		problem_add(l, line, section, key_file, false, g_strdup_printf("mọi người trong máy đọc được %s", path),
			    g_strdup_printf("Chạy: chmod o-r %s", path));
	return g_strdup(text);
}

/* The raw text of an option and where it came from; NULL if nobody wrote it. *ret_line is 0 for the environment. */
static char *find_raw(struct loading *l, const char *section, const struct option *o, unsigned *ret_line)
{
	bool is_secret = o->flags & OPTION_SECRET;
	g_autofree char *key_file = g_strconcat(o->name, SECRET_FILE_SUFFIX, NULL);
	g_autofree char *in_place = l->raw ? g_key_file_get_value(l->raw, section, o->name, NULL) : NULL;
	g_autofree char *named = l->raw && is_secret ? g_key_file_get_value(l->raw, section, key_file, NULL) : NULL;

	*ret_line = 0;
	if (is_secret) {
		g_autofree char *name = env_name(section, o->name);
		const char *value = g_getenv(name);

		if (value && *value)
			return g_strstrip(g_strdup(value));
	}
	if (in_place && named)
		problem_add(l, line_of(l, section, key_file), section, key_file, true,
			    g_strdup_printf("đã có %s ở dòng %u", o->name, line_of(l, section, o->name)),
			    g_strdup("Chỉ giữ một trong hai; nên giữ tệp bí mật."));
	if (named) {
		*ret_line = line_of(l, section, key_file);
		return read_secret(l, section, key_file, g_strstrip(named));
	}
	if (!in_place)
		return NULL;
	*ret_line = line_of(l, section, o->name);
	if (is_secret && l->is_readable_by_all)
		problem_add(l, *ret_line, section, o->name, false, g_strdup("mọi người trong máy đọc được giá trị bí mật này"),
			    g_strdup_printf("Chạy: chmod o-r %s", l->file));
	return g_strdup(g_strstrip(in_place));
}

/* A value that was there but wrong has had its complaint: one an option is enough. */
static bool has_complaint(const struct loading *l, const char *section, const char *key)
{
	g_autofree char *key_file = g_strconcat(key, SECRET_FILE_SUFFIX, NULL);

	for (guint i = 0; i < l->problems->len; i++) {
		const struct config_problem *p = g_ptr_array_index(l->problems, i);

		if (p->is_error && g_strcmp0(p->section, section) == 0 &&
		    (g_strcmp0(p->key, key) == 0 || g_strcmp0(p->key, key_file) == 0))
			return true;
	}
	return false;
}

static void complain_missing(struct loading *l, const char *section, const struct option *o)
{
	g_autofree char *name = env_name(section, o->name);

	problem_add(l, line_of(l, section, ""), section, o->name, true, g_strdup("chưa có giá trị"),
		    o->flags & OPTION_SECRET
			    ? g_strdup_printf("Thêm %s_file = <tệp chứa giá trị>, hoặc %s = …, hoặc biến môi trường %s.", o->name,
					      o->name, name)
			    : g_strdup_printf("Thêm dòng %s = … vào mục [%s].", o->name, section));
}

static void fill_section(struct loading *l, struct config_values *s)
{
	const char *section = s->section->name;
	int enabled = s->section->is_adapter ? config_row_find(s, "enabled") : -1;
	bool is_used;

	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = config_row(s, i);
		struct option_value fresh = { 0 };
		char *what = NULL, *advice = NULL;
		guint before = l->problems->len;
		unsigned line;
		g_autofree char *raw = find_raw(l, section, o, &line);

		if (!raw)
			continue;
		if (!option_parse(o, raw, l->config->dir, &fresh, &what, &advice)) {
			problem_add(l, line, section, o->name, true, what, advice);
			continue;
		}
		if (o->type == OPTION_STRING && !(o->flags & OPTION_SECRET) && strstr(raw, " #") && before == l->problems->len)
			problem_add(l, line, section, o->name, false, g_strdup_printf("“%s” được hiểu cả phần sau dấu #", raw),
				    g_strdup("Nếu đó là chú thích, chuyển xuống dòng riêng."));
		option_value_clear(&s->values[i]);
		s->values[i] = fresh;
		if (o->flags & OPTION_SECRET)
			log_secret_add(fresh.text);
	}
	is_used = !l->is_broken && (!s->section->is_adapter || (s->is_there && s->values[enabled].number));
	for (size_t i = 0; i < s->n && is_used; i++) {
		const struct option *o = config_row(s, i);

		if ((o->flags & OPTION_REQUIRED) && !s->values[i].text && !has_complaint(l, section, o->name))
			complain_missing(l, section, o);
	}
}

static gint by_line(gconstpointer a, gconstpointer b)
{
	const struct config_problem *p = *(struct config_problem *const *)a, *q = *(struct config_problem *const *)b;

	return p->line < q->line ? -1 : p->line > q->line;
}

static bool has_error(const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++) {
		if (((const struct config_problem *)g_ptr_array_index(problems, i))->is_error)
			return true;
	}
	return false;
}

static void load_text(struct loading *l, const char *text)
{
	g_autoptr(GError) error = NULL;

	scan(l, text);
	l->raw = g_key_file_new();
	l->is_broken = !g_key_file_load_from_data(l->raw, text, strlen(text), G_KEY_FILE_NONE, &error);
	if (l->is_broken && !has_error(l->problems))
		problem_add(l, 0, NULL, NULL, true, g_strdup_printf("không đọc được tệp: %s", error->message),
			    g_strdup("So với tệp mẫu cdsbot.conf.example."));
}

struct config *config_load(const char *file, const struct config_section *sections, size_t n, GPtrArray **ret_problems)
{
	g_autofree char *dir = file ? g_path_get_dirname(file) : NULL;
	struct loading l = {
		.config = config_new(sections, n, dir),
		.file = file,
		.problems = g_ptr_array_new_with_free_func((GDestroyNotify)config_problem_free),
		.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	};
	g_autofree char *text = file ? read_file(&l) : NULL;

	if (text)
		load_text(&l, text);
	/* Without its text every required option would be missed too: one complaint is enough. */
	if (text || !file) {
		for (size_t i = 0; i < n; i++)
			fill_section(&l, &l.config->sections[i]);
	}
	g_ptr_array_sort(l.problems, by_line);
	if (l.raw)
		g_key_file_unref(l.raw);
	g_hash_table_unref(l.lines);
	*ret_problems = l.problems;
	if (has_error(l.problems)) {
		config_unref(l.config);
		return NULL;
	}
	return l.config;
}
