/* SPDX-License-Identifier: MIT */
/* Samples, configurations and the common checks of the conformance suite. Knows no platform. */
#include <string.h>

#include "config/config.h"
#include "tests/conformance/suite.h"

static struct config_section sections_of(const struct adapter_ops *ops)
{
	return (struct config_section){ .name = ops->name, .options = ops->options, .help = "", .is_adapter = true };
}

cJSON *suite_samples(const struct adapter_ops *ops)
{
	g_autofree char *path = g_strdup_printf("%s/tests/conformance/samples/%s.json", g_getenv("CDSBOT_SOURCE"), ops->name);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize len;
	cJSON *samples;

	if (!ops->codec)
		return NULL;
	g_file_get_contents(path, &text, &len, &error);
	g_assert_no_error(error); /* a new adapter needs its samples */
	samples = cJSON_ParseWithLength(text, len);
	g_assert_nonnull(samples);
	return samples;
}

static void values_set(struct config *c, const char *section, const cJSON *values, const char *base)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, values) {
		g_auto(GStrv) parts = g_strsplit(value->valuestring, "@BASE@", 2);
		g_autofree char *text = g_strjoinv(base ? base : "http://127.0.0.1:9", parts);
		g_autoptr(GError) error = NULL;

		config_set(c, section, value->string, text, &error);
		g_assert_no_error(error);
	}
}

struct config *suite_config(const struct adapter_ops *ops, const cJSON *samples, const char *base, bool with_webhook)
{
	static struct config_section section; /* outlives the snapshot, which keeps pointing at it */
	g_autoptr(GPtrArray) problems = NULL;
	struct config *c;

	section = sections_of(ops);
	c = config_load(NULL, &section, 1, &problems);
	g_assert_nonnull(c);
	values_set(c, ops->name, json_at(samples, "options"), base);
	if (with_webhook)
		values_set(c, ops->name, json_at(samples, "webhook"), base);
	return c;
}

struct adapter *suite_codec_open(const struct adapter_ops *ops, const cJSON *samples)
{
	struct adapter *a = g_new0(struct adapter, 1);
	g_autoptr(GError) error = NULL;

	a->ops = ops;
	a->bot_id = g_strdup("");
	a->env.config = suite_config(ops, samples, NULL, false);
	g_assert_true(ops->codec->open(a, &error));
	g_assert_no_error(error);
	return a;
}

void suite_codec_close(struct adapter *a)
{
	a->ops->codec->release(a);
	config_unref((struct config *)a->env.config);
	g_free(a->bot_id);
	g_free(a->alarm);
	g_free(a->notice);
	g_free(a);
}

static void text_check(const char *text)
{
	g_autofree char *clean = NULL;

	if (!text)
		return;
	g_assert_true(g_utf8_validate(text, -1, NULL));
	clean = text_clean(text, strlen(text));
	g_assert_cmpstr(text, ==, clean);
}

void suite_update_check(const struct adapter_ops *ops, const struct update *u)
{
	g_autofree char *stored = update_serialize(u), *again = NULL;
	g_autoptr(update_t) back = update_parse(stored, NULL);

	g_assert_cmpstr(u->adapter, ==, ops->name);
	g_assert_nonnull(u->bot_id);
	g_assert_true(u->key && *u->key);
	g_assert_true(u->chat_id && *u->chat_id);
	g_assert_nonnull(u->attachments);
	g_assert_false(u->is_withheld);
	g_assert_null(u->window);
	if (u->kind == UPDATE_MESSAGE || u->kind == UPDATE_EDIT)
		g_assert_nonnull(u->text);
	g_assert_true(!u->message_id || *u->message_id);
	if (u->kind == UPDATE_CHAT_MOVED)
		g_assert_true(u->moved_to && *u->moved_to);
	if (u->kind == UPDATE_MEMBER_JOIN || u->kind == UPDATE_MEMBER_LEAVE)
		g_assert_nonnull(u->user_id);
	for (guint i = 0; i < u->attachments->len; i++)
		g_assert_nonnull(((struct attachment *)u->attachments->pdata[i])->file_id);
	text_check(u->text);
	text_check(u->reply_text);
	text_check(u->user_name);
	text_check(u->chat_title);
	g_assert_nonnull(back);
	again = update_serialize(back);
	g_assert_cmpstr(again, ==, stored);
}

char *suite_body(const cJSON *sample)
{
	const cJSON *body = json_at(sample, "body");

	if (!body)
		return g_strdup("");
	return cJSON_IsString(body) ? g_strdup(body->valuestring) : json_text(body);
}

void suite_add(const struct adapter_ops *ops, const char *name, void (*test)(const void *ops))
{
	g_autofree char *path = g_strdup_printf("/conformance/%s/%s", ops->name, name);

	g_test_add_data_func(path, ops, test);
}
