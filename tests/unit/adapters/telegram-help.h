/* SPDX-License-Identifier: MIT */
/* An adapter with a known bot for the tests of the Telegram codec, and answers to judge. No configuration, no network. */
#ifndef CDSBOT_TESTS_TELEGRAM_HELP_H
#define CDSBOT_TESTS_TELEGRAM_HELP_H

#include <string.h>

#include "adapters/telegram.h"
#include "base/json.h"
#include "base/macros.h"

extern const struct adapter_ops adapter_telegram;

#define HELP_TOKEN "700100200:AAfake-token_for.tests"
#define HELP_BASE "https://tg.example"

static inline struct adapter *help_adapter_new(void)
{
	struct adapter *a = g_new0(struct adapter, 1);
	struct telegram *t = g_new0(struct telegram, 1);

	a->ops = &adapter_telegram;
	a->bot_id = g_strdup("700100200");
	a->state = t;
	a->env.saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	t->token = g_strdup(HELP_TOKEN);
	t->base = g_strdup(HELP_BASE);
	t->username = g_strdup("sotay_nv_bot");
	t->poll_timeout_s = 50;
	t->peeled = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	return a;
}

static inline void help_adapter_free(struct adapter *a)
{
	a->ops->codec->release(a);
	g_hash_table_destroy(a->env.saved);
	g_free(a->bot_id);
	g_free(a);
}
typedef struct adapter adapter_t; /* for g_autoptr alone */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(adapter_t, help_adapter_free)

static inline struct http_response help_answer(long status, const char *body)
{
	return (struct http_response){
		.trouble = HTTP_ANSWERED,
		.status = status,
		.body = body,
		.body_len = strlen(body),
		.retry_after_ms = -1,
		.elapsed_ms = 20,
	};
}

static inline cJSON *help_body(const struct http_request *r)
{
	g_autoptr(GError) error = NULL;
	cJSON *json = json_parse(r->body, r->body_len, &error);

	g_assert_no_error(error);
	return json;
}

/* The compact JSON at a path, or "-" if it is missing; caller frees. */
static inline char *help_at(const cJSON *json, const char *path)
{
	const cJSON *node = json_at(json, path);

	return node ? json_text(node) : g_strdup("-");
}

#define assert_at(json, path, expected)                                                                                            \
	do {                                                                                                                       \
		g_autofree char *found_ = help_at(json, path);                                                                     \
		g_assert_cmpstr(found_, ==, expected);                                                                             \
	} while (0)

#endif
