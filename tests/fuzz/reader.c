/* SPDX-License-Identifier: MIT */
/* The command reader and what stands around it: commands, labels, dates, ids, screening. The first byte says how the message came. */
#include "fuzz.h"

#include "base/text.h"
#include "bot/command.h"
#include "bot/reader.h"

static void read_arguments(const char *text)
{
	struct labelled labels = { 0 };
	struct search_words words = { 0 };
	const char *prefix, *rest;
	int64_t number, ms;
	bool has_hour;
	double value;
	g_autofree char *legacy = reader_convert_legacy(text);

	reader_labels(text, true, "den=den,gui den;han=han,han chot", &labels);
	for (guint i = 0; i < labels.fields->len; i++)
		g_assert_true(g_utf8_validate(((const struct label_value *)labels.fields->pdata[i])->value, -1, NULL));
	labelled_clear(&labels);
	reader_search_words(text, &words);
	search_words_clear(&words);
	if (reader_id(text, "SK", &prefix, &number, &rest))
		g_assert_true(number >= 0 && rest >= text);
	reader_date(text, INT64_C(1763942400000), &ms, &has_hour);
	reader_number(text, &value, &rest);
	reader_sensitive(text);
	reader_has_phone(text);
	reader_is_marked(text);
	reader_is_receipt(text);
	reader_yes_no(text);
	g_assert_cmpuint(reader_choice(text, 9), <=, 9);
	g_assert_true(!legacy || g_utf8_validate(legacy, -1, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading r;

	if (!size)
		return 0;
	g_autofree char *bytes = fuzz_text(data + 1, size - 1);
	g_autofree char *text = text_clean(bytes, size - 1);

	g_assert_true(g_utf8_validate(text, -1, NULL));
	reader_read(command_table, text, data[0] & 1, data[0] & 2, data[0] & 4, &r);
	g_assert_true(r.args && g_utf8_validate(r.args, -1, NULL));
	g_assert_true((r.kind == READING_COMMAND) == (r.command != NULL));
	if (r.kind == READING_COMMAND && !r.has_slash)
		g_assert_false(r.command->flags & CMD_DECIDES);
	reading_clear(&r);
	read_arguments(text);
	return 0;
}
