/* SPDX-License-Identifier: MIT */
/* Walks the adapter table: what every row must look like, whatever its platform. The pure and the talking part are in codecs.c
 * and traffic.c. */
#include <string.h>

#include "adapters/table.h"
#include "config/config.h"
#include "tests/conformance/suite.h"

static void test_operations_fit_the_capabilities(const void *arg)
{
	const struct adapter_ops *ops = arg;
	const struct adapter_caps *caps = &ops->caps;
	const struct codec_ops *codec = ops->codec;

	g_assert_true(ops->name && *ops->name);
	g_assert_true(adapter_table_find(ops->name) == ops);
	g_assert_cmpuint(caps->text_limit, >, 0);
	g_assert_true(caps->groups || caps->direct);
	if (caps->caption_limit)
		g_assert_true(caps->files);
	if (!codec) {
		g_assert_true(ops->open && ops->close && ops->send);
		g_assert_false(caps->polls || caps->webhook);
		return;
	}
	g_assert_true(!ops->open && !ops->close && !ops->send && !ops->settled);
	g_assert_true(codec->open && codec->release && codec->encode && codec->judge);
	g_assert_true(caps->polls || caps->webhook);
	g_assert_true(caps->polls == (codec->next_poll != NULL));
	g_assert_true(caps->polls == (codec->judge_poll != NULL));
	g_assert_true(caps->polls == (codec->poll_committed != NULL));
	g_assert_true(caps->webhook == (codec->webhook_path != NULL));
	g_assert_true(caps->webhook == (codec->verify != NULL));
	g_assert_true(caps->webhook == (codec->decode != NULL));
	if (codec->start_errands || codec->check_errands)
		g_assert_nonnull(codec->errand);
	if (codec->start_errands)
		g_assert_nonnull(codec->judge_errand);
	if (codec->check_errands)
		g_assert_nonnull(codec->judge_check);
	if (codec->next_errand)
		g_assert_true(codec->errand && codec->judge_errand);
	if (codec->errand_is_exclusive) /* what another holder saved must be taken over */
		g_assert_nonnull(codec->saved_changed);
	g_assert_true((codec->prepare != NULL) == (codec->judge_prepare != NULL));
	if (codec->prepare)
		g_assert_true(caps->files);
}

static void test_admin_settings_are_sound(const void *arg)
{
	const struct adapter_ops *ops = arg;

	for (const struct adapter_admin_setting *s = ops->admin_settings; s && s->name; s++) {
		static const char *const rubbish[] = { "", " ", "\n\n", "\xc2\xa0" };

		g_assert_cmpuint(strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen(s->name));
		g_assert_true(s->help && g_utf8_validate(s->help, -1, NULL) && strlen(s->help) > 10);
		for (size_t i = 0; i < G_N_ELEMENTS(rubbish); i++) {
			g_autoptr(GError) error = NULL;
			char *key = NULL, *value = NULL;

			g_assert_false(s->parse(rubbish[i], &key, &value, &error));
			g_assert_nonnull(error);
			g_assert_true(!key && !value);
		}
	}
}

static void option_check(const struct adapter_ops *ops, struct config *c, const struct option *o)
{
	g_autoptr(GError) error = NULL;

	g_test_message("option %s", o->name);
	g_assert_cmpuint(strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789_"), ==, strlen(o->name));
	g_assert_cmpstr(o->name, !=, "enabled"); /* the loader's own */
	g_assert_true(o->help && g_utf8_validate(o->help, -1, NULL) && strlen(o->help) > 10);
	g_assert_true((o->type == OPTION_CHOICE) == (o->choices != NULL));
	g_assert_cmpfloat(o->min, <=, o->max);
	g_assert_false((o->flags & OPTION_REQUIRED) && o->dflt);
	if (o->flags & OPTION_SECRET)
		g_assert_null(o->dflt);
	if (o->dflt) {
		config_set(c, ops->name, o->name, o->dflt, &error);
		g_assert_no_error(error);
	}
}

static void test_options_are_sound(const void *arg)
{
	const struct adapter_ops *ops = arg;
	const struct config_section section = { .name = ops->name, .options = ops->options, .help = "", .is_adapter = true };
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = config_load(NULL, &section, 1, &problems);
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	g_assert_nonnull(ops->options);
	for (const struct option *o = ops->options; o->name; o++) {
		g_assert_true(g_hash_table_add(names, (char *)o->name));
		option_check(ops, c, o);
	}
}

/* Without what it requires a codec does not open; it says why and leaks nothing. */
static void test_open_without_required_options_says_so(const void *arg)
{
	const struct adapter_ops *ops = arg;
	const struct config_section section = { .name = ops->name, .options = ops->options, .help = "", .is_adapter = true };
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(config_t) c = config_load(NULL, &section, 1, &problems);
	g_autoptr(GError) error = NULL;
	struct adapter a = { .ops = ops, .env = { .config = c } };
	bool needs_some = false;

	if (!ops->codec)
		return;
	a.bot_id = g_strdup("");
	for (const struct option *o = ops->options; o->name; o++)
		needs_some |= (o->flags & OPTION_REQUIRED) != 0;
	if (ops->codec->open(&a, &error)) {
		g_assert_false(needs_some);
		ops->codec->release(&a);
	} else {
		g_assert_true(error && *error->message);
	}
	g_free(a.bot_id);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; adapter_table[i]; i++) {
		suite_add(adapter_table[i], "operations-fit-the-capabilities", test_operations_fit_the_capabilities);
		suite_add(adapter_table[i], "options-are-sound", test_options_are_sound);
		suite_add(adapter_table[i], "admin-settings-are-sound", test_admin_settings_are_sound);
		suite_add(adapter_table[i], "open-without-required-options-says-so", test_open_without_required_options_says_so);
		suite_pure_add(adapter_table[i]);
		suite_traffic_add(adapter_table[i]);
	}
	return g_test_run();
}
