/* SPDX-License-Identifier: MIT */
/* Writes the example file from the option rows. Every line that can be changed is there, commented out, at its default. */
#include <string.h>

#include "base/text.h"

#include "config_impl.h"

#define EXAMPLE_WIDTH 110

static void append_comment(GString *out, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	size_t width = 1;

	g_string_append_c(out, '#');
	for (char **word = words; *word; word++) {
		size_t n = text_len(*word, TEXT_CODE_POINTS) + 1;

		if (width > 1 && width + n > EXAMPLE_WIDTH) {
			g_string_append(out, "\n#");
			width = 1;
		}
		g_string_append_printf(out, " %s", *word);
		width += n;
	}
	g_string_append_c(out, '\n');
}

static void append_row(GString *out, const struct config_section *section, const struct option *o)
{
	g_autofree char *allowed = option_describe(o);
	GString *note = g_string_new(o->help);

	g_string_append_printf(note, " Giá trị: %s.", allowed);
	if (o->flags & OPTION_REQUIRED)
		g_string_append(note, " Bắt buộc.");
	if (!(o->flags & OPTION_RELOAD))
		g_string_append(note, " Đổi xong phải khởi động lại.");
	if (o->flags & OPTION_SECRET) {
		g_autofree char *env = g_strdup_printf("CDSBOT_%s_%s", section->name, o->name);
		g_autofree char *upper = g_ascii_strup(g_strdelimit(env, "-", '_'), -1);

		g_string_append_printf(note, " Bí mật: nên để trong tệp riêng, hoặc trong biến môi trường %s.", upper);
		append_comment(out, note->str);
		g_string_append_printf(out, "#%s_file =\n\n", o->name);
	} else {
		append_comment(out, note->str);
		g_string_append_printf(out, "#%s =%s%s\n\n", o->name, o->dflt ? " " : "", o->dflt ? o->dflt : "");
	}
	g_string_free(note, TRUE);
}

char *config_example(const struct config_section *sections, size_t n)
{
	struct config *c = config_new(sections, n, NULL);
	GString *out = g_string_new(NULL);

	append_comment(out, "Tệp cấu hình mẫu của cdsbot. Chép thành cdsbot.conf, bỏ dấu # ở đầu dòng cần đổi.");
	append_comment(out, "Chú thích phải ở dòng riêng; giá trị không đặt trong ngoặc kép. Kiểm tra bằng: cdsbot check");
	append_comment(out, "Tệp này được sinh từ bảng tham số trong mã nguồn, không sửa tay.");
	g_string_append_c(out, '\n');
	for (size_t i = 0; i < n; i++) {
		const struct config_values *s = &c->sections[i];

		append_comment(out, s->section->help ? s->section->help : s->section->name);
		if (s->section->is_adapter)
			append_comment(out, "Có mục này là nền tảng được bật.");
		g_string_append_printf(out, "%s[%s]\n\n", s->section->is_adapter ? "#" : "", s->section->name);
		for (size_t row = 0; row < s->n; row++)
			append_row(out, s->section, config_row(s, row));
	}
	config_unref(c);
	/* The last row's empty line would be the file's last. */
	g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}
