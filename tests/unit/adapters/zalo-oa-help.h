/* SPDX-License-Identifier: MIT */
/* An adapter with known ids for the tests of the Official Account's codec, opened as the program opens it. No network. */
#ifndef CDSBOT_TESTS_ZALO_OA_HELP_H
#define CDSBOT_TESTS_ZALO_OA_HELP_H

#include <string.h>

#include "adapters/zalo_oa.h"
#include "base/clock.h"
#include "base/json.h"
#include "config/config.h"

extern const struct adapter_ops adapter_zalo_oa;

#define HELP_APP "1234567890123456789"
#define HELP_OA "9876543210987654321"
#define HELP_GROUP "4a9bdemo29cec09099df"
#define HELP_USER "5510000000000000001"
#define HELP_SECRET "oa-secret-demo"
#define HELP_BASE "http://127.0.0.1:9"

typedef struct adapter adapter_t; /* for g_autoptr alone */

/* `saved` may hold a stored token. */
static inline struct adapter *help_adapter_with(const char *token_or_null)
{
	static const struct config_section section = { .name = "zalo-oa", .is_adapter = true };
	static struct config_section filled;
	static const char *const values[][2] = {
		{ "app_id", HELP_APP }, { "app_secret", "appsecret0123456789ab" }, { "oa_id", HELP_OA },	{ "oa_secret", HELP_SECRET },
		{ "max_event_age", "0s" }, { "api_url", HELP_BASE },		   { "oauth_url", HELP_BASE },
	};
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GError) error = NULL;
	struct adapter *a = g_new0(struct adapter, 1);
	struct config *c;

	filled = section;
	filled.options = adapter_zalo_oa.options;
	filled.help = "";
	c = config_load(NULL, &filled, 1, &problems);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		config_set(c, "zalo-oa", values[i][0], values[i][1], &error);
		g_assert_no_error(error);
	}
	a->ops = &adapter_zalo_oa;
	a->bot_id = g_strdup("");
	a->env.config = c;
	a->env.saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (token_or_null)
		g_hash_table_insert(a->env.saved, g_strdup("token"), g_strdup(token_or_null));
	g_assert_true(a->ops->codec->open(a, &error));
	g_assert_no_error(error);
	return a;
}

#define HELP_TOKEN "{\"access\":\"AT-0123456789\",\"refresh\":\"RT-0123456789\",\"expires_ms\":4102444800000,\"id\":1000}"

static inline struct adapter *help_adapter_new(void)
{
	return help_adapter_with(HELP_TOKEN);
}

static inline void help_adapter_free(struct adapter *a)
{
	a->ops->codec->release(a);
	g_hash_table_destroy(a->env.saved);
	config_unref((struct config *)a->env.config);
	g_free(a->bot_id);
	g_free(a->alarm);
	g_free(a->notice);
	g_free(a);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(adapter_t, help_adapter_free)

static inline struct zalo_oa *help_state(struct adapter *a)
{
	return a->state;
}

static inline struct http_response help_answer(long status, const char *body)
{
	return (struct http_response){
		.trouble = HTTP_ANSWERED, .status = status, .body = body, .body_len = strlen(body), .retry_after_ms = -1, .elapsed_ms = 20,
	};
}

static inline cJSON *help_body(const struct http_request *r)
{
	g_autoptr(GError) error = NULL;
	cJSON *json = json_parse(r->body, r->body_len, &error);

	g_assert_no_error(error);
	return json;
}

/* The string at a path, or "-". */
static inline const char *help_str(const cJSON *json, const char *path)
{
	const char *s = "-";

	json_str(json, path, &s);
	return s;
}

static inline const char *help_header(const struct http_request *r, const char *name)
{
	for (guint i = 0; r->headers && i < r->headers->len; i++) {
		const char *line = r->headers->pdata[i];

		if (g_str_has_prefix(line, name) && line[strlen(name)] == ':')
			return line + strlen(name) + 2;
	}
	return NULL;
}

#endif
